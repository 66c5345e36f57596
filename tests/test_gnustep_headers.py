"""The headers of cpp/gnustep: that they are up to date, that they compile, and that Clang reads in them what Apple declares.

The last is worked out from Clang's dump and from the interface data, independently of the generator. Both become lines of
text, one for everything that is declared; the lines must be the same.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from apple_names import SURFACE
from objective_c import (
    GENERATOR,
    INCLUDE,
    WARNINGS,
    clang,
    contents,
    is_declared,
    is_only_named,
    need_gnustep,
    uses_left_out,
)

UMBRELLA = "#import <MetalPerformanceShaders/MetalPerformanceShaders.h>\n"
CLASSES: dict[str, Any] = SURFACE["classes"]
# What the instance variable of a class with a superclass of Foundation's is called.
IVAR = "_impl void* public"


# --- what Apple declares ----------------------------------------------------------------------------------------------


def spelled(text: str) -> str:
    """A type with no space that says nothing, and without what the data does not tell: the arguments of a block."""
    text = re.sub(r"\s*([*<>,()^])\s*", r"\1", re.sub(r"\s+", " ", text.strip()))
    text = re.sub(r"(id<\w+>_\w+) const\*", r"const \1*", text)
    if "(^" in text:
        start = text.index(")(") + 1
        text = text[:start] + re.sub(r" ?_(Nonnull|Nullable)", "", text[start:])
    return re.sub(r"\b(struct|enum) ", "", text)


def is_pointer(kind: str) -> bool:
    if kind in SURFACE["typedefs"]:
        return is_pointer(SURFACE["typedefs"][kind]["type"])
    if kind in ("id", "Class", "instancetype", "NSErrorDomain") or kind in SURFACE["block_types"]:
        return True
    return kind.endswith("*") or kind.startswith(("id<", "const id<")) or "(^)" in kind


def apple_type(kind: str, nullable: bool, inner_nullable: bool = False) -> str:
    if not is_pointer(kind):
        return spelled(kind)
    mark = "_Nullable" if nullable else "_Nonnull"
    if "(^)" in kind:
        return spelled(kind.replace("(^)", f"(^ {mark})"))
    if pointer := re.fullmatch(r"(.*\*|(?:const )?id<.*>)\s*\*", kind):
        kind = f"{pointer[1]} {'_Nullable' if inner_nullable else '_Null_unspecified'} *"
    return spelled(f"{kind} {mark}")


def apple_argument(value: dict[str, Any]) -> str:
    return apple_type(value["type"], value["nullable"], value.get("inner_nullable", False))


def apple_method(value: dict[str, Any], flags: list[str]) -> str:
    returns = value.get("returns", "instancetype")
    returns = apple_type(returns, bool(value.get("returns_nullable") or value.get("nullable")))
    arguments = [f"{apple_argument(a)} {a['name']}" for a in value["args"]]
    sign = "+" if value["class_method"] else "-"
    return " ".join([f"{sign}{value['selector']}({', '.join(arguments)}) -> {returns}", *sorted(flags)])


def apple_property(value: dict[str, Any]) -> str:
    flags = [flag for flag in ("class", "deprecated", "optional") if value.get(flag)]
    flags += ["readonly"] if value["readonly"] else ["copy"] if value.get("copy") else []
    flags += [f"getter={value['getter']}"] if "getter" in value else []
    kind = apple_type(value["type"], value["nullable"])
    return " ".join([f"@property {value['name']} {kind}", *sorted(flags)])


def forbidden(name: str, text: str) -> dict[str, Any] | None:
    """The method that a class makes unavailable: as the nearest class declares it that has it. None for one that only Foundation
    declares, whose arguments the data does not tell.
    """
    base: str | None = name
    while base in CLASSES:
        for each in [*CLASSES[base]["initializers"], *CLASSES[base]["methods"]]:
            if ("+" if each["class_method"] else "-") + each["selector"] == text:
                return {key: value for key, value in each.items() if key != "deprecated"}
        base = CLASSES[base]["superclass"]
    return None if ":" in text else {"selector": text[1:], "class_method": text[0] == "+", "args": []}


def apple_class(name: str) -> Iterator[str]:
    value = CLASSES[name]
    yield f"{value['kind']} {name}: {' '.join([value['superclass'] or '', *sorted(value['protocols'])]).strip()}"
    if value["kind"] == "class" and value["superclass"] not in CLASSES:
        yield f"{name} {IVAR}"
    for each in value["properties"]:
        if not uses_left_out(each):
            yield f"{name} {apple_property(each)}"
    for each in [*value["initializers"], *value["methods"]]:
        if not uses_left_out(each, *each["args"]):
            yield f"{name} {apple_method(each, [flag for flag in ('deprecated', 'variadic') if each.get(flag)])}"
            if value["kind"] == "protocol" and not each.get("optional"):
                yield f"{name} requires {each['selector']}"
    for text in value.get("unavailable", ()):
        each = forbidden(name, text)
        if each and not uses_left_out(each, *each["args"]):
            yield f"{name} {apple_method(each, ['unavailable'])}"


def apple_function(value: dict[str, Any]) -> str:
    returns = apple_type(value["returns"], value.get("returns_nullable", False))
    arguments = [f"{apple_argument(a)} {a['name']}" for a in value["args"]]
    return f"{value['name']}({', '.join(arguments)}) -> {returns}"


def apple_lines() -> Iterator[str]:
    for name in filter(is_declared, CLASSES):
        yield from apple_class(name)
    for name, value in SURFACE["enums"].items():
        if is_declared(name):
            yield f"enum {name}: {value['underlying']}"
            for case, number in value["cases"].items():
                mark = " deprecated" if case in value.get("deprecated_cases", ()) else ""
                yield f"{name}.{case} = {number}{mark}"
    for name, value in SURFACE["structs"].items():
        if is_declared(name):
            yield f"struct {name}: {', '.join(spelled(f['type']) + ' ' + f['name'] for f in value['fields'])}"
    for name, value in SURFACE["typedefs"].items():
        if is_declared(name):
            yield f"typedef {name}: {spelled(value['type'])}"
    for name, value in SURFACE["block_types"].items():
        if is_declared(name):
            returns = apple_type(value["returns"], value.get("returns_nullable", False))
            yield f"block {name}: {returns}(^)({','.join(map(apple_argument, value['args']))})"
    for value in SURFACE["functions"]:
        if is_declared(value["name"]):
            yield f"function {apple_function(value)}"
    for value in SURFACE["constants"]:
        if is_declared(value["name"]):
            yield f"constant {value['name']}: const {apple_type(value['type'], False)}"


# --- what Clang reads -------------------------------------------------------------------------------------------------


@dataclass
class Node:
    """A line of Clang's dump and what is indented below it."""

    kind: str
    text: str
    children: list[Node] = field(default_factory=list)

    def all(self, kind: str) -> list[Node]:
        return [child for child in self.children if child.kind == kind]

    def has(self, kind: str) -> bool:
        return bool(self.all(kind))

    @property
    def flags(self) -> list[str]:
        marks = {"DeprecatedAttr": "deprecated", "UnavailableAttr": "unavailable"}
        return [flag for kind, flag in marks.items() if self.has(kind)]

    def quoted(self) -> str:
        """The first type of the line."""
        found = re.search(r"'([^']*)'", self.text)
        assert found is not None, self.text
        return spelled(found[1])

    def name(self) -> str:
        """The name before the first type, or at the end."""
        return self.text.split(" '")[0].split()[-1]


def dump(include: Path) -> list[Node]:
    # Preprocessed first: a macro's name would stand in a type.
    source, _ = clang(["-E", "-P", "-x", "objective-c", "-"], include, UMBRELLA)
    dump_flags = [
        "-fsyntax-only",
        "-Xclang",
        "-ast-dump",
        "-fno-color-diagnostics",
        "-Wno-unused-command-line-argument",
    ]
    text, _ = clang([*dump_flags, "-x", "objective-c-cpp-output", "-"], include, source)
    root = Node("", "")
    above = [root]
    for line in text.splitlines()[1:]:
        parts = re.fullmatch(r"([|`\- ]*)([^\s:]+):? ?(.*)", line)
        assert parts is not None, line
        depth = len(parts[1]) // 2
        node = Node(parts[2], parts[3])
        del above[depth:]
        above[-1].children.append(node)
        above.append(node)
    return root.children


def read_arguments(node: Node) -> str:
    return ", ".join(f"{each.quoted()} {each.name()}" for each in node.all("ParmVarDecl"))


def read_method(node: Node) -> str | None:
    found = re.search(r" (implicit )?([-+]) (\S+) '([^']*)'(?:\:'[^']*')?( variadic)?$", node.text)
    assert found is not None, node.text
    if found[1]:
        return None  # of a property
    flags = [*node.flags, *(["variadic"] if found[5] else [])]
    return " ".join([f"{found[2]}{found[3]}({read_arguments(node)}) -> {spelled(found[4])}", *sorted(flags)])


def read_property(node: Node) -> str:
    attributes = node.text.rsplit("'", 1)[1].split()
    flags = [*node.flags, *(each for each in ("readonly", "copy", "class", "optional") if each in attributes)]
    if getter := [child for child in node.children if child.kind == "getter"]:
        flags += [f"getter={getter[0].quoted()}"]
    return " ".join([f"@property {node.name()} {node.quoted()}", *sorted(flags)])


def read_class(node: Node) -> Iterator[str]:
    kind = "class" if node.kind == "ObjCInterfaceDecl" else "protocol"
    name = node.name()
    base = [child.quoted() for child in node.all("super")]
    protocols = sorted(child.quoted() for child in node.all("ObjCProtocol"))
    yield f"{kind} {name}: {' '.join([*base, *protocols]).strip()}"
    for each in node.children:
        if each.kind == "ObjCIvarDecl":
            yield f"{name} {each.name()} {each.quoted()} {each.text.split()[-1]}"
        elif each.kind == "ObjCPropertyDecl":
            yield f"{name} {read_property(each)}"
        elif each.kind == "ObjCMethodDecl" and (line := read_method(each)):
            yield f"{name} {line}"


def number(node: Node) -> str | None:
    """The value of an enumerator."""
    if node.kind == "value":
        return node.text.split()[-1]
    return next((found for child in node.children if (found := number(child))), None)


def read(node: Node) -> Iterator[str]:
    name = node.name()
    match node.kind:
        case "EnumDecl":
            yield f"enum {name}: {node.quoted()}"
            for each in node.all("EnumConstantDecl"):
                mark = " deprecated" if each.flags else ""
                yield f"{name}.{each.name()} = {number(each)}{mark}"
        case "RecordDecl":
            fields = (f"{each.quoted()} {each.name()}" for each in node.all("FieldDecl"))
            yield f"struct {node.text.split()[-2]}: {', '.join(fields)}"
        case "TypedefDecl":
            kind = re.search(r"'([^']*)'", node.text)
            assert kind is not None
            if "(^)" in kind[1]:
                block = re.sub(r"\s*([*<>,()^])\s*", r"\1", kind[1])
                yield f"block {name}: {block}"
            elif spelled(kind[1]) != name:  # not of an enum or a struct
                yield f"typedef {name}: {spelled(kind[1])}"
        case "FunctionDecl":
            returns = spelled(node.quoted().split("(")[0])
            yield f"function {name}({read_arguments(node)}) -> {returns}"
        case "VarDecl":
            yield f"constant {name}: {node.quoted()}"
        case "ObjCInterfaceDecl" | "ObjCProtocolDecl":
            yield from read_class(node)


def declared_name(node: Node) -> str:
    return node.text.split()[-2] if node.kind == "RecordDecl" and node.text.endswith(" definition") else node.name()


def read_requirements(protocols: list[str], include: Path) -> Iterator[str]:
    """The methods that Clang misses in classes without any."""
    source = UMBRELLA
    for name in protocols:
        source += f"@interface Empty{name} : NSObject <{name}>\n@end\n@implementation Empty{name}\n@end\n"
    _, text = clang(["-fsyntax-only", "-Wno-everything", "-Wprotocol", "-x", "objective-c", "-"], include, source)
    for selector, name in re.findall(r"method '(\S+)' in protocol '(\w+)' not implemented", text):
        if name in protocols:
            yield f"{name} requires {selector}"


def read_lines(include: Path = INCLUDE) -> Iterator[str]:
    """Lines like Apple's, of everything whose name is one of Apple's."""
    found: dict[tuple[str, str], Node] = {}
    for node in dump(include):
        if node.kind.endswith("Decl") and declared_name(node).startswith(("MPS", "MTL")):
            key = (node.kind, declared_name(node))
            # Names are announced before and after a declaration, which has the most below it.
            found[key] = max(found.get(key, node), node, key=lambda each: len(each.children))
    for (kind, name), node in found.items():
        if not (kind == "ObjCInterfaceDecl" and is_only_named(name) and not node.children):
            yield from read(node)
    yield from read_requirements([name for kind, name in found if kind == "ObjCProtocolDecl"], include)


def differences(include: Path = INCLUDE) -> list[str]:
    wanted, found = set(apple_lines()), set(read_lines(include))
    return sorted([f"- {line}" for line in wanted - found] + [f"+ {line}" for line in found - wanted])


# --- tests ------------------------------------------------------------------------------------------------------------


def test_up_to_date() -> None:
    done = subprocess.run([sys.executable, GENERATOR, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("table", ["LEFT_OUT", "ONLY_NAMED", "HEADERS"])
def test_every_pattern_names_something(table: str) -> None:
    names = [
        name for section in ("classes", "enums", "structs", "typedefs", "block_types") for name in SURFACE[section]
    ]
    names += [value["name"] for section in ("functions", "constants") for value in SURFACE[section]]
    if table == "HEADERS":
        names = [name for name in names if is_declared(name)]
        lists = [patterns for titles in contents().HEADERS.values() for patterns in titles.values()]
    else:
        lists = list(getattr(contents(), table).values())
    idle = [p for patterns in lists for p in patterns.split() if not any(fnmatchcase(name, p) for name in names)]
    assert not idle


def test_each_header_compiles_alone() -> None:
    need_gnustep()
    for path in sorted(INCLUDE.glob("M*/*.h")):
        clang(["-fsyntax-only", *WARNINGS, "-x", "objective-c", "-"], source=f"#import <{path.relative_to(INCLUDE)}>\n")


@pytest.mark.parametrize("framework", ["Metal", "MetalPerformanceShaders"])
def test_compiles_as_cpp(framework: str) -> None:
    need_gnustep()
    source = f"#import <{framework}/{framework}.h>\n"
    clang(["-fsyntax-only", *WARNINGS, "-x", "objective-c++", "-std=c++20", "-"], source=source)


def test_clang_reads_what_apple_declares() -> None:
    need_gnustep()
    assert not differences()


def test_options_and_enumerations_in_cpp() -> None:
    """Options may be combined with |: in C++ they are integers, and other enumerations are types."""
    need_gnustep()
    checks = [
        f"static_assert({'!' if value['options'] else ''}std::is_enum_v<{name}>);\n"
        for name, value in SURFACE["enums"].items()
        if is_declared(name)
    ]
    source = UMBRELLA + "#include <type_traits>\n" + "".join(checks)
    clang(["-fsyntax-only", "-x", "objective-c++", "-std=c++20", "-"], source=source)


MUTATIONS = {
    "superclass": ("MPSCNNPooling", "MPSCNNPoolingMax : MPSCNNPooling", "MPSCNNPoolingMax : MPSCNNKernel"),
    "adopted protocol": ("MPSKernel", "<NSCopying, NSSecureCoding>", "<NSCopying>"),
    "class left out": ("MPSNNSlice", "@interface MPSNNSlice : MPSCNNKernel", "@interface MPSCNNKernel (Slice)"),
    "class added": (
        "MPSNNSlice",
        "@interface MPSNNSlice",
        "@interface MPSBlur : MPSKernel\n@end\n@interface MPSNNSlice",
    ),
    "instance variable": ("MPSKernel", "void *_impl;", "void *_impl, *_more;"),
    "selector": ("MPSNNGraph", "reloadFromDataSources", "reloadFromDataSource"),
    "class method": (
        "MPSImage",
        "+ (id<MPSImageAllocator>)defaultAllocator",
        "- (id<MPSImageAllocator>)defaultAllocator",
    ),
    "type of an argument": ("MPSCNNNeuron", "a:(float)a", "a:(double)a"),
    "argument that may be nil": ("MPSState", "(id<MTLResource> _Nullable)resource", "(id<MTLResource>)resource"),
    "returned type": ("MPSImage", "(NSUInteger)resourceSize", "(NSInteger)resourceSize"),
    "returned nil": ("MPSKernel", "(instancetype _Nullable)initWithCoder", "(instancetype)initWithCoder"),
    "deprecation": ("MPSState", "resource MTL_DEPRECATED;", "resource;"),
    "forbidden method": ("MPSImage", "- (instancetype)init MTL_UNAVAILABLE;", "- (instancetype)init;"),
    "arguments without end": ("MPSState", ", ... NS_REQUIRES_NIL_TERMINATION", ""),
    "type of a property": ("MPSCNNDropout", "float keepProbability", "double keepProbability"),
    "readonly": ("MPSCNNDropout", "(nonatomic, readonly) float keep", "(nonatomic) float keep"),
    "copied property": ("MPSKernel", "copy, nullable", "retain, nullable"),
    "property that may be nil": ("MPSKernel", "copy, nullable", "copy"),
    "getter": ("MTLTexture", "getter=isShareable", "getter=shareable"),
    "optional property": ("MTLTexture", "@optional\n", ""),
    "optional method": ("MPSNeuralNetworkTypes", "@optional\n", ""),
    "enumerator": ("MPSCoreTypes", "MPSImageEdgeModeClamp = 1", "MPSImageEdgeModeClamp = 5"),
    "underlying type": ("MPSCoreTypes", "NS_ENUM(uint32_t, MPSDataType)", "NS_ENUM(uint64_t, MPSDataType)"),
    "field": ("MPSCoreTypes", "NSInteger y;", "NSUInteger y;"),
    "typedef": ("MPSImage", "typedef NSArray<MPSImage *>", "typedef NSArray<NSObject *>"),
    "block": ("MPSNNGraph", "(MPSImage * _Nullable result", "(MPSImage *result"),
    "function": ("MetalPerformanceShaders", "double seconds", "float seconds"),
    "constant": ("MPSKernel", "MTLRegion const MPSRectNoClip", "MTLSize const MPSRectNoClip"),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_difference_is_found(mutation: str, tmp_path: Path) -> None:
    need_gnustep()
    title, old, new = MUTATIONS[mutation]
    include = Path(shutil.copytree(INCLUDE, tmp_path / "include"))
    path = include / ("Metal" if title.startswith("MTL") else "MetalPerformanceShaders") / f"{title}.h"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    assert differences(include)
