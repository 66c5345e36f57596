"""Objects of Objective-C by class, which GNUstep counts while it is asked to."""

from __future__ import annotations

import ctypes
import ctypes.util
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


class Objects:
    """Of those made since counting began, on all threads."""

    def __init__(self, base: ctypes.CDLL) -> None:
        self._base = base

    def living(self) -> Counter[str]:
        return _counts(self._base.GSDebugAllocationList(False))

    def made(self) -> Counter[str]:
        return _counts(self._base.GSDebugAllocationListAll())


def _counts(text: bytes | None) -> Counter[str]:
    rows = (line.split() for line in (text or b"").decode().splitlines())
    return Counter({row[1]: int(row[0]) for row in rows if len(row) == 2 and row[0].isdigit()})


@contextmanager
def counted() -> Iterator[Objects]:
    library = ctypes.util.find_library("gnustep-base")
    if library is None:
        pytest.skip("only GNUstep counts its objects")
    base = ctypes.CDLL(library)
    base.GSDebugAllocationActive.argtypes = [ctypes.c_bool]
    base.GSDebugAllocationList.argtypes = [ctypes.c_bool]
    base.GSDebugAllocationList.restype = base.GSDebugAllocationListAll.restype = ctypes.c_char_p
    base.GSDebugAllocationActive(True)
    try:
        yield Objects(base)
    finally:
        base.GSDebugAllocationActive(False)
