"""The case table: every module of this package is a family, its CASES are the table's part of that family."""

import importlib
import pkgutil

from harness import Case

CASES: list[Case] = [
    case
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name)
    for case in importlib.import_module(f"{__name__}.{module.name}").CASES
]
