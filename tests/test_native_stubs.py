"""The native engine compiles against declarations of Apple's interface that were written apart from those of cpp/gnustep.

tests/apple_headers declares what Apple does, and nothing more: what compiles here calls what is there on a Mac.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from objective_c import ROOT, WARNINGS, clang, need_gnustep

STUBS = ROOT / "tests" / "apple_headers"
CPP = ROOT / "cpp"
SOURCES = [*sorted((CPP / "src" / "metal").rglob("*.mm")), CPP / "objc" / "try.m"]
CPP_FLAGS = ["-std=c++20", "-fexceptions", "-fno-objc-exceptions", "-I", CPP / "src", "-I", CPP / "include"]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.relative_to(CPP).as_posix())
def test_compiles(source: Path) -> None:
    need_gnustep()
    flags = CPP_FLAGS if source.suffix == ".mm" else []
    clang(["-fsyntax-only", *WARNINGS, *flags, source], include=STUBS)
