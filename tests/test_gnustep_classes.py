"""The library of cpp/gnustep: that every class is there, and that every declared method is answered.

The library is the one that `built_library` finds.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from apple_names import SURFACE
from objective_c import LIBRARIES, WARNINGS, built_library, clang, contents, is_declared, need_gnustep, uses_left_out

SOURCES = Path(__file__).resolve().parent / "gnustep"
CLASSES: dict[str, Any] = SURFACE["classes"]
# Of Foundation's protocols, the methods that NSObject lacks.
FOUNDATION = {
    "NSObject": [],
    "NSCopying": ["-copyWithZone:"],
    "NSSecureCoding": ["+supportsSecureCoding", "-encodeWithCoder:", "-initWithCoder:"],
}
# Protocols of Metal that no object of the library has, and why.
NOT_ADOPTED = {
    "MTLDrawable": "there is no window to draw in",
    "MTLLibrary": "there is no shader compiler",
    "MTLFunction": "there is no shader compiler",
    "MTLComputePipelineState": "there is no shader compiler",
}


# --- what to ask ------------------------------------------------------------------------------------------------------


def accessors(value: dict[str, Any]) -> Iterator[str]:
    sign = "+" if value.get("class") else "-"
    name = value["name"]
    yield sign + value.get("getter", name)
    if not value["readonly"]:
        yield f"{sign}set{name[0].upper()}{name[1:]}:"


def methods(name: str) -> Iterator[str]:
    """What a class answers, or a class that adopts a protocol."""
    value = CLASSES[name]
    for each in value["properties"]:
        if not each.get("optional") and not uses_left_out(each):
            yield from accessors(each)
    for each in [*value["initializers"], *value["methods"]]:
        if not each.get("optional") and not uses_left_out(each, *each["args"]):
            yield ("+" if each["class_method"] else "-") + each["selector"]


def questions() -> Iterator[str]:
    for name in filter(is_declared, CLASSES):
        value = CLASSES[name]
        if value["kind"] == "class":
            yield f"class {name} {value['superclass']}"
            yield from (f"adopts {name} {protocol}" for protocol in value["protocols"])
            foundation = [method for protocol in value["protocols"] for method in FOUNDATION.get(protocol, ())]
            yield from (f"answers {name} {method}" for method in [*methods(name), *foundation])
        else:
            if value["framework"] == "Metal" and name not in NOT_ADOPTED:
                yield f"some {name}"
            yield from (f"all {name} {method}" for method in methods(name))
    for value in [*SURFACE["functions"], *SURFACE["constants"]]:
        if is_declared(value["name"]) and value["name"] not in contents().BODIES:
            yield f"symbol {value['name']}"


# --- asking -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need_gnustep()
    path = tmp_path_factory.mktemp("gnustep") / "answers"
    clang([*WARNINGS, SOURCES / "answers.m", "-o", path, *LIBRARIES])
    return path


def missing(program: Path, library: Path, asked: list[str]) -> list[str]:
    done = subprocess.run([program, library], input="\n".join(asked), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def test_everything_declared_is_there(program: Path) -> None:
    assert missing(program, built_library(), list(questions())) == []


def test_what_is_missing_is_found(program: Path, tmp_path: Path) -> None:
    library = tmp_path / "libsample.so"
    clang([*WARNINGS, "-fPIC", "-shared", SOURCES / "sample.m", "-o", library, *LIBRARIES])
    answers = {
        "class Shape NSObject": [],
        "class Square Shape": [],
        "class Square NSObject": ["Square has superclass Shape, not NSObject"],
        "class Circle Shape": ["Circle is not there"],
        "adopts Square Named": [],
        "adopts Square NSCoding": ["Square does not adopt NSCoding"],
        "adopts Circle Named": ["Circle does not adopt Named"],
        "answers Square +shape": [],
        "answers Square -shape": ["Square does not answer -shape"],
        "answers Square -width": [],
        "answers Square -setWidth:": ["Square does not answer -setWidth:"],
        "answers Circle -width": ["Circle does not answer -width"],
        "some Named": [],
        "some Drawn": ["no class adopts Drawn"],
        "all Named -name": [],
        "all Named -area": ["Shape does not answer -area", "Square does not answer -area"],
        "symbol area": [],
        "symbol volume": ["volume is not exported"],
        "is Square": ["not a question: is Square"],
    }
    for question, answer in answers.items():
        assert missing(program, library, [question]) == answer, question
    assert missing(program, library, list(answers)) == [line for answer in answers.values() for line in answer]
