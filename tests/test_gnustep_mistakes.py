"""A client's mistakes with the library of cpp/gnustep: whatever method they are made with, they crash nothing.

The library is the one that `built_library` finds.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apple_names import SURFACE
from objective_c import LIBRARIES, WARNINGS, built_library, clang, is_declared, need_gnustep, uses_left_out

PROGRAM = Path(__file__).resolve().parent / "gnustep" / "mistakes.m"
CLASSES: dict[str, Any] = SURFACE["classes"]
# Of these there are no objects to send messages to, and why.
NO_OBJECTS = {
    "<MTLDrawable>": "there is no window to draw in",
    "<MTLLibrary>": "there is no shader compiler",
    "<MTLFunction>": "there is no shader compiler",
    "<MTLComputePipelineState>": "there is no shader compiler",
    "MPSNNBinaryGradientState": "kernels make those of subclasses",
    "MPSNNMultiaryGradientState": "kernels make those of subclasses",
}
# This one waits for as long as it is told to.
WAITS = {"-waitUntilSignaledValue:timeoutMS:"}
# Of Foundation's protocols, the methods with the types of their arguments.
FOUNDATION: dict[str, list[tuple[str, list[str]]]] = {
    "NSObject": [("-description", [])],
    "NSCopying": [("-copyWithZone:", ["NSZone *"])],
    "NSSecureCoding": [("-encodeWithCoder:", ["NSKeyedArchiver *"]), ("-initWithCoder:", ["NSCoder *"])],
}


def word(declared: str) -> str:
    """What the program calls the type of an argument."""
    name = declared.removesuffix("*").strip()
    if alias := SURFACE["typedefs"].get(name):
        declared = alias["type"] + (" *" if declared.endswith("*") else "")
    if declared in SURFACE["block_types"] or "(^)" in declared:
        return "block"
    if array := re.fullmatch(r"NS(?:Mutable)?Array<(.*)> \*", declared):
        return "[" + word(array[1])
    if protocol := re.fullmatch(r"(?:id|NSObject)<(\w+)>(?: \*)?", declared):
        return f"<{protocol[1]}>"
    named = re.fullmatch(r"(\w+)(?:<.*>)? \*", declared)
    if named and (named[1] in CLASSES or re.fullmatch(r"NS(?!Zone|U?Integer)\w+", named[1])):
        return named[1]
    return "-"


def own_methods(name: str) -> Iterator[tuple[str, list[str]]]:
    """What a class or protocol declares itself: signs and selectors, with the types of the arguments."""
    value = CLASSES[name]
    for base in [value["superclass"], *value["protocols"]]:
        yield from FOUNDATION.get(base, ())
    for each in value["properties"]:
        if not uses_left_out(each):
            sign, noun = "+" if each.get("class") else "-", each["name"]
            yield sign + each.get("getter", noun), []
            if not each["readonly"]:
                yield f"{sign}set{noun[0].upper()}{noun[1:]}:", [each["type"]]
    for each in [*value["initializers"], *value["methods"]]:
        if not uses_left_out(each, *each["args"]):
            yield ("+" if each["class_method"] else "-") + each["selector"], [one["type"] for one in each["args"]]


def bases(name: str) -> Iterator[str]:
    """A class and what it inherits from, its protocols among it."""
    while name in CLASSES:
        yield name
        yield from filter(CLASSES.__contains__, CLASSES[name]["protocols"])
        name = CLASSES[name]["superclass"]


def questions() -> Iterator[str]:
    for name in filter(is_declared, CLASSES):
        value = CLASSES[name]
        if value["kind"] == "class":
            inherited = reversed([each for base in bases(name) if is_declared(base) for each in own_methods(base)])
            methods = dict(inherited)
        elif value["framework"] == "Metal":
            name, methods = f"<{name}>", dict(own_methods(name))
        else:
            continue
        for selector, types in methods.items():
            if selector not in WAITS:
                yield " ".join([name, selector, *map(word, types)])


def test_mistakes_do_not_crash(tmp_path: Path) -> None:
    need_gnustep()
    library, program = built_library(), tmp_path / "mistakes"
    clang(
        [
            *WARNINGS,
            "-fexceptions",
            PROGRAM,
            "-lBlocksRuntime",
            library,
            f"-Wl,-rpath,{library.parent}",
            "-o",
            program,
            *LIBRARIES,
        ]
    )
    done = subprocess.run([program], input="\n".join(questions()), capture_output=True, text=True, check=False)
    said = done.stderr.splitlines()[-20:]
    assert done.returncode == 0, "\n".join(said)
    untried = {line.split()[0] for line in done.stdout.splitlines() if line.endswith("has no receiver")}
    assert untried == set(NO_OBJECTS)
    assert [line for line in done.stdout.splitlines() if not line.endswith("has no receiver")] == []
