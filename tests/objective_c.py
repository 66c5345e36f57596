"""Objective-C for GNUstep: compiling it as cpp/gnustep is compiled, and which of Apple's names cpp/gnustep leaves out."""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
INCLUDE = ROOT / "cpp" / "gnustep" / "include"
GENERATOR = ROOT / "cpp" / "gnustep" / "generate_headers.py"
CLANG = "clang-19"
# GNUstep's headers, and those of GCC's runtime: behind Clang's own.
GNUSTEP = Path("/usr/include/GNUstep")
RUNTIMES = sorted(Path("/usr/lib/gcc").glob("*/*/include/objc/objc.h"))

FLAGS = ["-fobjc-runtime=gcc", "-fblocks", "-fobjc-exceptions", "-fconstant-string-class=NSConstantString"]
FLAGS += ["-DGNUSTEP", "-DGNUSTEP_BASE_LIBRARY=1", "-DGNUSTEP_RUNTIME=1", "-D_NATIVE_OBJC_EXCEPTIONS=1"]
WARNINGS = ["-Wall", "-Wextra", "-Werror"]
LIBRARIES = ["-lgnustep-base", "-lobjc"]
# A library built for a sanitizer loads into programs built for it only.
SANITIZED = re.compile(r"^MPSNN_SANITIZE:\w+=.", re.MULTILINE)


def need_gnustep() -> None:
    if not shutil.which(CLANG):
        pytest.skip(f"{CLANG} is not installed")
    if not GNUSTEP.is_dir() or not RUNTIMES:
        pytest.skip("GNUstep Base and the Objective-C runtime of GCC are not installed")


def built_library() -> Path:
    """The library of cpp/gnustep that MPSNN_GNUSTEP_LIBRARY names, or the newest of the build folders without a sanitizer."""
    if named := os.environ.get("MPSNN_GNUSTEP_LIBRARY"):
        return Path(named)
    folders = [cache.parent for cache in ROOT.glob("build/*/CMakeCache.txt") if not SANITIZED.search(cache.read_text())]
    built = [library for folder in folders for library in folder.rglob("libMetalPerformanceShaders.so")]
    if not built:
        pytest.skip("libMetalPerformanceShaders.so is not built: its path may stand in MPSNN_GNUSTEP_LIBRARY")
    return max(built, key=lambda path: path.stat().st_mtime)


def clang(arguments: Sequence[str | Path], include: Path = INCLUDE, source: str | None = None) -> tuple[str, str]:
    """What Clang prints, and its warnings; `source` is its standard input."""
    folders: list[str | Path] = ["-I", include, "-I", GNUSTEP, "-idirafter", RUNTIMES[-1].parents[1]]
    command = [CLANG, *FLAGS, *folders, *arguments]
    done = subprocess.run(command, input=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stderr}"
    return done.stdout, done.stderr


# --- what the headers leave out ---------------------------------------------------------------------------------------


@functools.cache
def contents() -> ModuleType:
    """The lists of what the headers declare."""
    spec = importlib.util.spec_from_file_location("header_contents", GENERATOR.parent / "header_contents.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def matches(name: str, lists: dict[str, str]) -> bool:
    return any(fnmatchcase(name, pattern) for patterns in lists.values() for pattern in patterns.split())


@functools.cache
def is_only_named(name: str) -> bool:
    return matches(name, contents().ONLY_NAMED)


@functools.cache
def is_left_out(name: str) -> bool:
    return not is_only_named(name) and matches(name, contents().LEFT_OUT)


def is_declared(name: str) -> bool:
    return not is_left_out(name) and not is_only_named(name)


def uses_left_out(*parts: dict[str, Any]) -> bool:
    text = " ".join(f"{part.get('type', '')} {part.get('returns', '')}" for part in parts)
    return any(map(is_left_out, re.findall(r"\w+", text)))
