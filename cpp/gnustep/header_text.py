"""Apple's declarations, from the interface data, as the text of Objective-C headers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from header_contents import BODIES, SURFACE, Declaration, ancestors, is_declared

WIDTH = 120  # of a line, where it can be broken


def written(kind: str, name: str = "", *, nullable: bool = False, inner_nullable: bool = False) -> str:
    """A type, with the name of what has it."""
    mark = " _Nullable" if nullable else ""
    if array := re.fullmatch(r"(.*)(\[\d+\])", kind):
        return f"{array[1]} {name}{array[2]}"
    if block := re.fullmatch(r"(.*) \(\^\)(\(.*\))", kind):
        return f"{block[1]} (^{mark}{' ' if mark and name else ''}{name}){block[2]}"
    if pointers := re.fullmatch(r"(.* \*|(?:const )?id<\w+> )\*", kind):
        # Of a pointer to a pointer, clang wants to know both.
        inner = "_Nullable" if inner_nullable else "_Null_unspecified"
        return f"{pointers[1].rstrip()} {inner} *{mark or ' _Nonnull'} {name}".rstrip()
    text = kind + mark
    return text + name if text.endswith("*") else f"{text} {name}".rstrip()


def marks(value: Declaration) -> str:
    return " MTL_DEPRECATED" if value.get("deprecated") else ""


def argument(value: Declaration, name: str = "") -> str:
    return written(value["type"], name, nullable=value["nullable"], inner_nullable=value.get("inner_nullable", False))


def call(start: str, values: list[Declaration], end: str) -> str:
    """Arguments in parentheses: in one line, or each in its own."""
    texts = [argument(a, a.get("name", "")) for a in values] or ["void"]
    line = f"{start}({', '.join(texts)}){end}"
    return line if len(line) <= WIDTH else start + "(" + f",\n{' ' * len(start)} ".join(texts) + ")" + end


def enum(name: str, value: Declaration) -> Iterator[str]:
    yield f"typedef {'NS_OPTIONS' if value['options'] else 'NS_ENUM'}({value['underlying']}, {name}) {{"
    for case, number in value["cases"].items():
        mark = " MTL_DEPRECATED" if case in value.get("deprecated_cases", ()) else ""
        yield f"  {case}{mark} = {number}{'ULL' if number >= 2**63 else ''},"
    yield "};"


def struct(name: str, value: Declaration) -> Iterator[str]:
    yield f"typedef struct {name} {{"
    for field in value["fields"]:
        yield f"  {written(field['type'], field['name'])};"
    yield f"}} {name};"


def block_type(name: str, value: Declaration) -> str:
    returns = written(value["returns"], nullable=value.get("returns_nullable", False))
    return call(f"typedef {returns} (^{name})", value["args"], ";")


def constant(name: str, value: Declaration) -> str:
    return f"MTL_EXTERN {value['type']} const {name};"


def function(name: str, value: Declaration) -> Iterator[str]:
    start = written(value["returns"], name, nullable=value.get("returns_nullable", False))
    if name in BODIES:
        yield call(f"static inline {start}", value["args"], " {")
        yield f"  {BODIES[name]}"
        yield "}"
    else:
        yield call(f"MTL_EXTERN {start}", value["args"], ";")


def prop(value: Declaration) -> str:
    is_object = re.match(r"id\b|NS\w+<.*> \*$|(NS|MPS|MTL)\w+ \*$", value["type"])
    attributes = ["class"] if value.get("class") else []
    attributes += ["nonatomic"]
    if value["readonly"]:
        attributes += ["readonly"]
    elif value.get("copy"):
        attributes += ["copy"]
    elif is_object:
        attributes += ["retain"]
    if value["nullable"]:
        attributes += ["nullable"]
    if "getter" in value:
        attributes += [f"getter={value['getter']}"]
    return f"@property ({', '.join(attributes)}) {written(value['type'], value['name'])}{marks(value)};"


def variadic(value: Declaration) -> str:
    """Lists of objects end with nil, lists of numbers with 0, for which Clang has no mark."""
    if not value.get("variadic"):
        return ""
    return ", ... NS_REQUIRES_NIL_TERMINATION" if value["args"][-1]["type"].endswith("*") else ", ..."


def method(value: Declaration, mark: str = "") -> str:
    is_nullable = bool(value.get("returns_nullable") or value.get("nullable"))
    returns = written(value.get("returns", "instancetype"), nullable=is_nullable)
    start = f"{'+' if value['class_method'] else '-'} ({returns})"
    end = f"{variadic(value)}{mark or marks(value)};"
    if not value["args"]:
        return f"{start}{value['selector']}{end}"
    names = value["selector"].split(":")
    parts = [f"{part}:({argument(a)}){a['name']}" for part, a in zip(names, value["args"], strict=False)]
    line = start + " ".join(parts) + end
    if len(line) <= WIDTH:
        return line
    # The colons stand below each other where there is room for it.
    column = len(start + names[0])
    rest = [" " * max(column - len(name), 2) + part for name, part in zip(names[1:], parts[1:], strict=False)]
    if max(map(len, rest), default=0) >= WIDTH:
        rest = ["    " + part for part in parts[1:]]
    return "\n".join([start + parts[0], *rest]) + end


def unavailable(name: str, mentioned: str) -> Declaration | None:
    """The method that a class declares in order to forbid it: as its base declares it. None for one of Foundation's."""
    is_class_method, selector = mentioned[0] == "+", mentioned[1:]
    for each in ancestors(name):
        value = SURFACE["classes"][each]
        for member in [*value["initializers"], *value["methods"]]:
            if member["selector"] == selector and member["class_method"] == is_class_method:
                return {k: v for k, v in member.items() if k != "deprecated"}
    return None if ":" in selector else {"selector": selector, "class_method": is_class_method, "args": []}


def members(name: str, value: Declaration) -> Iterator[str]:
    written_members = [(each, prop(each)) for each in value["properties"]]
    written_members += [(each, method(each)) for each in [*value["initializers"], *value["methods"]]]
    forbidden = [unavailable(name, each) for each in value.get("unavailable", ())]
    written_members += [(each, method(each, " MTL_UNAVAILABLE")) for each in forbidden if each and is_declared(each)]
    required = [text for each, text in written_members if not each.get("optional")]
    optional = [text for each, text in written_members if each.get("optional")]
    if required and optional:
        yield "@required"
    yield from required
    if optional:
        yield "@optional"
    yield from optional


def interface(name: str, value: Declaration) -> Iterator[str]:
    adopted = f" <{', '.join(value['protocols'])}>" if value["protocols"] else ""
    if value["what"] == "protocol":
        yield f"@protocol {name}{adopted}"
    elif value["superclass"] not in SURFACE["classes"]:
        yield from [f"@interface {name} : {value['superclass']}{adopted} {{", " @public", "  void *_impl;", "}"]
    else:
        yield f"@interface {name} : {value['superclass']}{adopted}"
    yield from members(name, value)
    yield "@end"


def declaration(name: str, value: Declaration) -> Iterable[str]:
    match value["what"]:
        case "enums":
            return enum(name, value)
        case "structs":
            return struct(name, value)
        case "typedefs":
            return [f"typedef {written(value['type'], name)};"]
        case "block_types":
            return [block_type(name, value)]
        case "constants":
            return [constant(name, value)]
        case "functions":
            return function(name, value)
    return interface(name, value)
