"""Compiling Objective-C for GNUstep with Clang and GCC's runtime, as cpp/gnustep is compiled."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
INCLUDE = ROOT / "cpp" / "gnustep" / "include"
CLANG = "clang-19"
# GNUstep's headers, and those of GCC's runtime: behind Clang's own.
GNUSTEP = Path("/usr/include/GNUstep")
RUNTIMES = sorted(Path("/usr/lib/gcc").glob("*/*/include/objc/objc.h"))

FLAGS = ["-fobjc-runtime=gcc", "-fblocks", "-fobjc-exceptions", "-fconstant-string-class=NSConstantString"]
FLAGS += ["-DGNUSTEP", "-DGNUSTEP_BASE_LIBRARY=1", "-DGNUSTEP_RUNTIME=1", "-D_NATIVE_OBJC_EXCEPTIONS=1"]
WARNINGS = ["-Wall", "-Wextra", "-Werror"]
LIBRARIES = ["-lgnustep-base", "-lobjc"]


def need_gnustep() -> None:
    if not shutil.which(CLANG):
        pytest.skip(f"{CLANG} is not installed")
    if not GNUSTEP.is_dir() or not RUNTIMES:
        pytest.skip("GNUstep Base and the Objective-C runtime of GCC are not installed")


def clang(arguments: Sequence[str | Path], include: Path = INCLUDE, source: str | None = None) -> tuple[str, str]:
    """What Clang prints, and its warnings; `source` is its standard input."""
    folders: list[str | Path] = ["-I", include, "-I", GNUSTEP, "-idirafter", RUNTIMES[-1].parents[1]]
    command = [CLANG, *FLAGS, *folders, *arguments]
    done = subprocess.run(command, input=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stderr}"
    return done.stdout, done.stderr
