"""Writes the headers in include/Metal and include/MetalPerformanceShaders from Apple's interface, tests/data/api_surface.json.

python cpp/gnustep/generate_headers.py            # writes what has changed
python cpp/gnustep/generate_headers.py --check    # says what is out of date and writes nothing

header_contents.py says what they declare, header_text.py how that is written.

What GNUstep Base 1.28 has: NS_ENUM, NS_OPTIONS, NS_ASSUME_NONNULL_BEGIN, NSErrorDomain, instancetype, and element types
on NSArray, NSMutableArray, NSSet and NSDictionary. What it lacks stands in MTLDefines.h and MPSVectorTypes.h. With GCC's
runtime the instance variables are part of a class's layout, and no property makes one: classes declare the one they
have, which holds the C++ object, in their root. GNUstep includes objc/blocks_runtime.h when blocks are on, a file of
another runtime: include/objc has one.
"""

from __future__ import annotations

import argparse
import functools
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from header_contents import HEADERS, SUPPORT, Declaration, is_only_named, matches, names_in, surface, types_of
from header_text import declaration

INCLUDE = Path(__file__).resolve().parent / "include"


@functools.cache
def home(name: str) -> str:
    """The header that declares something."""
    if name == "vector_float2":
        return "MetalPerformanceShaders/MPSVectorTypes.h"
    for framework, titles in HEADERS.items():
        for title, patterns in titles.items():
            if matches(name, patterns):
                return f"{framework}/{title}.h"
    sys.exit(f"{name} is in no header: add it to HEADERS or to LEFT_OUT")


def mentioned(value: Declaration) -> list[str]:
    """The names in a declaration."""
    members = [m for part in ("initializers", "properties", "methods") for m in value.get(part, ())]
    return [name for each in [value, *members] for t in types_of(each) for name in names_in(t)]


def needed(value: Declaration, declared: dict[str, Declaration]) -> Iterator[str]:
    """What has to be known before a declaration, and not only its name."""
    yield from (base for base in [value.get("superclass"), *value.get("protocols", ())] if base in declared)
    yield from (name for name in mentioned(value) if not is_object(name, declared))


def is_object(name: str, declared: dict[str, Declaration]) -> bool:
    return is_only_named(name) or name in declared and declared[name]["what"] in ("class", "protocol")


def headers() -> dict[str, str]:
    """The text of every header, by its path in include."""
    declared = surface()
    found = {path: guarded(path, text) for path, text in SUPPORT.items()}
    known: dict[str, set[str]] = {path: set() for path in SUPPORT}  # what an import of the header declares
    above = "Metal/MTLDefines.h"
    for framework, titles in HEADERS.items():
        paths = [f"{framework}/{title}.h" for title in titles]
        for path in paths:
            here = {name: value for name, value in declared.items() if home(name) == path}
            wanted = {home(name) for value in here.values() for name in needed(value, declared)} - {path}
            if path == paths[-1]:
                wanted |= set(paths[:-1])
            if missing := wanted - set(known):
                sys.exit(f"{path} needs {', '.join(sorted(missing))}, which HEADERS lists after it")
            imports = [above, *(each for each in known if each in wanted and each not in known[above])]
            known[path] = set(here).union(*(known[each] | {each} for each in imports))
            found[path] = guarded(path, header(imports, here, declared, known[path] - set(here)))
        above = paths[-1]
    return found


def header(imports: list[str], here: dict[str, Declaration], declared: dict[str, Declaration], known: set[str]) -> str:
    lines = [f"#import <{each}>" for each in imports]
    if not here:
        return "\n".join(lines)
    forward: set[str] = set()
    for name, value in here.items():
        known = known | {name}
        forward |= {each for each in mentioned(value) if is_object(each, declared) and each not in known}
    lines += ["", "NS_ASSUME_NONNULL_BEGIN", ""]
    for name in sorted(forward):
        lines += [f"@{'protocol' if name in declared and declared[name]['what'] == 'protocol' else 'class'} {name};"]
    was_line = bool(forward)
    what = ""
    for name, value in here.items():
        text = list(declaration(name, value))
        is_line = len(text) == 1 and "\n" not in text[0]
        if lines[-1] and not (was_line and is_line and what == value["what"]):
            lines += [""]
        lines += text
        was_line, what = is_line, value["what"]
    return "\n".join([*lines, "", "NS_ASSUME_NONNULL_END"])


def guarded(path: str, text: str) -> str:
    guard = re.sub(r"\W", "_", path).upper()
    note = "// Written by cpp/gnustep/generate_headers.py. Do not edit.\n"
    return f"{note}#ifndef {guard}\n#define {guard}\n\n{text.strip()}\n\n#endif\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="say what is out of date and write nothing")
    is_check = parser.parse_args().check
    found = headers()
    present = {str(path.relative_to(INCLUDE)) for framework in HEADERS for path in (INCLUDE / framework).glob("*.h")}
    stale = [path for path, text in found.items() if path not in present or (INCLUDE / path).read_text() != text]
    stale += sorted(present - set(found))
    if is_check and stale:
        sys.exit(f"out of date: {', '.join(stale)}; run python cpp/gnustep/generate_headers.py")
    for path in stale:
        if path in found:
            (INCLUDE / path).parent.mkdir(parents=True, exist_ok=True)
            (INCLUDE / path).write_text(found[path])
        else:
            (INCLUDE / path).unlink()


if __name__ == "__main__":
    main()
