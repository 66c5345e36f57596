"""The Python names of Apple's classes, worked out from `tests/data/api_surface.json`.

    python tests/apple_names.py MPSCNNPoolingMaxNode MPSNNGraph    # signatures of some classes (default: all)

The rule
--------
Names
    Classes, enums and structs keep Apple's name. Members are in snake_case; a run of capitals is one word, and so
    are `UInt8` and `PReLU`. Enum members drop the type's name and keep Apple's spelling (`None_` for `None`; one
    that would start with a digit keeps the type's last word: `Type2D`). Where the members do not repeat the type's
    name, they drop what they have in common. Functions are in snake_case with their prefix,
    `mps_image_batch_increment_read_count`; constants keep Apple's spelling.
Methods
    A method is the whole first part of its selector. The words after its last preposition name the first argument;
    without a preposition it has the header's name: `appendBuffer:` is `append_buffer(size)`. A later label drops
    the preposition it begins with: `forKernel:` is `kernel`. Selectors with the same first part are one method;
    what a shorter one leaves out is optional. Selectors that do not contain each other are overloads of it.
    Arguments are positional or keyword. A nullable argument defaults to `None`, unless one without a default
    follows it.
Constructors
    `init`, `node`, `graph` and a factory named after the class are one form when their labels agree. The longest
    form, of equally long ones the first, is the constructor. Leading image nodes are positional; if there are none,
    the first argument is; the rest is by keyword. A form whose labels the constructor all has only gives defaults.
    Every other form is a static method, `with_` and the first label that the constructor lacks; forms that meet in
    one name are one method. A factory whose prefix says more than the class keeps that prefix as its name
    (`exported_node`). One whose prefix says less is a form if the class has no `init`
    (`cnnLossDescriptorWithXYLossType:` of the YOLO descriptor), else a method like any other
    (`padding_with_method`). `device` is no label: it is the last keyword and optional. An abstract class, and a
    state that only a kernel makes, has no constructor; a factory of it without an `init` twin is a static method
    (`with_descriptor`), its other forms are those of its subclasses. A list of arguments that ends in nil
    (`resourceListWithBufferSizes:`) is one sequence.
Not named
    Deprecated members, the old spelling `useNestrovMomentum`, archiving (`initWithCoder:`, `encodeWithCoder:`,
    `supportsSecureCoding`), forms that take Metal textures, `initWithParentImage:`.
Protocols
    A protocol is a class to derive from, its optional members included. A class has the required members of its
    protocols.
Structs
    The constructor takes the fields in order.
"""

from __future__ import annotations

import json
import keyword
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

SURFACE = json.loads((Path(__file__).parent / "data" / "api_surface.json").read_text())

REQUIRED: Any = object()  # the parameter has no default
COMPUTED: Any = object()  # it has one that depends on other arguments

# Classes the user cannot make; the surface does not say which they are.
ABSTRACT = {
    "MPSCNNPooling",
    "MPSCNNPoolingGradient",
    "MPSCNNArithmeticGradient",
    "MPSCNNBinaryKernel",
    "MPSCNNGradientKernel",
    "MPSCNNKernel",
    "MPSCNNMultiaryGradientKernel",
    "MPSCNNMultiaryKernel",
    "MPSCNNNeuronNode",
    "MPSCNNNormalizationNode",
    "MPSCNNPoolingGradientNode",
    "MPSCNNPoolingNode",
    "MPSCNNUpsampling",
    "MPSCNNUpsamplingGradient",
    "MPSKernel",
    "MPSNNArithmeticGradientNode",
    "MPSNNBinaryArithmeticNode",
    "MPSNNReduceBinary",
    "MPSNNReduceUnary",
    "MPSNNScaleNode",
    "MPSNNUnaryReductionNode",
}

# Made by the kernels whose forward pass they describe; MPSState's forms would give them no content.
ABSTRACT |= {
    "MPSCNNArithmeticGradientState",
    "MPSCNNBatchNormalizationState",
    "MPSCNNConvolutionGradientState",
    "MPSCNNConvolutionTransposeGradientState",
    "MPSCNNDropoutGradientState",
    "MPSCNNGroupNormalizationGradientState",
    "MPSCNNInstanceNormalizationGradientState",
    "MPSNNBinaryGradientState",
    "MPSNNGradientState",
    "MPSNNMultiaryGradientState",
}

# What a shorter form means by an argument it leaves out. `None` as a value: the argument may be left out altogether.
DEFAULTS: dict[str, dict[str, Any]] = {
    "MPSCNNConvolutionWeightsAndBiasesState": {
        "weights": None,
        "weights_offset": 0,
        "biases_offset": 0,
        "cnn_convolution_descriptor": None,
    },
    "MPSCNNDropoutNode": {"keep_probability": 0.5, "seed": 0, "mask_stride_in_pixels": COMPUTED},
    "MPSCNNLossLabels": {"loss_image_size": COMPUTED},  # MTLSize(1, 1, 1)
    "MPSCNNNeuronELUNode": {"a": 1},
    "MPSCNNNeuronExponentialNode": {"a": 1, "b": 0, "c": -1},
    "MPSCNNNeuronHardSigmoidNode": {"a": 0.2, "b": 0.5},
    "MPSCNNNeuronLinearNode": {"a": 1, "b": 0},
    "MPSCNNNeuronLogarithmNode": {"a": 1, "b": 0, "c": -1},
    "MPSCNNNeuronPowerNode": {"a": 1, "b": 0, "c": 1},
    "MPSCNNNeuronReLUNNode": {"a": 1, "b": 6},
    "MPSCNNNeuronReLUNode": {"a": 0},
    "MPSCNNNeuronSoftPlusNode": {"a": 1, "b": 1},
    "MPSCNNNeuronTanHNode": {"a": 1, "b": 1},
    "MPSCNNSpatialNormalizationNode": {"kernel_size": 5},
    "MPSCNNLocalContrastNormalizationNode": {"kernel_size": 5},
    "MPSCNNCrossChannelNormalizationNode": {"kernel_size": 5},
    "MPSCNNUpsamplingBilinearNode": {"align_corners": False},
    "MPSImageDescriptor": {"number_of_images": 1, "usage": COMPUTED},  # ShaderRead | ShaderWrite
    "MPSMatrix": {"buffer": None, "offset": 0},
    "MPSMatrixDescriptor": {"matrices": 1},
    "MPSNNForwardLossNode": {"weights": None},
    "MPSNNGramMatrixCalculationGradientNode": {"alpha": 1},
    "MPSNNGramMatrixCalculationNode": {"alpha": 1},
    "MPSNNGraph": {"result_image_is_needed": True},
    "MPSNNLossGradientNode": {"weights": None},
    "MPSNNOptimizerDescriptor": {"apply_gradient_clipping": False},  # limits: plus and minus FLT_MAX
    "MPSVector": {"buffer": None, "offset": 0},
    "MPSVectorDescriptor": {"vectors": 1},
}

ARCHIVING = {"initWithCoder", "initWithCoder:device", "encodeWithCoder", "supportsSecureCoding"}
NOT_A_FORM = ("Texture", "texture", "initWithParentImage")
PREPOSITIONS = ("With", "For", "From", "To", "At", "On", "Of", "By", "After", "at")
ONE_WORD = {"UInt8": "Uint8", "PReLU": "Prelu", "XatIndex": "XAtIndex", "YatIndex": "YAtIndex"}


def words(name: str) -> list[str]:
    for apple, ours in ONE_WORD.items():
        name = name.replace(apple, ours)
    return re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[0-9]+", name)


def snake(name: str) -> str:
    """`kernelWidth` -> `kernel_width`."""
    result = "_".join(words(name)).lower()
    return result + "_" if keyword.iskeyword(result) else result


def after_preposition(name: str) -> str:
    """`encodeToCommandBuffer` -> `CommandBuffer`; empty if there is no preposition or nothing follows it."""
    parts = words(name)
    places = [i for i, word in enumerate(parts) if word in PREPOSITIONS]
    return "".join(parts[places[-1] + 1 :]) if places else ""


@dataclass(frozen=True)
class Parameter:
    name: str
    type: str  # Apple's
    default: Any = REQUIRED
    keyword_only: bool = False

    def __str__(self) -> str:
        if self.default is REQUIRED:
            return self.name
        return f"{self.name}=..." if self.default is COMPUTED else f"{self.name}={self.default!r}"


@dataclass(frozen=True)
class Signature:
    """One Python signature, and the label lists of the Apple selectors it stands for."""

    name: str
    parameters: tuple[Parameter, ...]
    selectors: tuple[str, ...]
    calls: tuple[tuple[str, ...], ...]
    returns: str = ""
    static: bool = False
    optional: bool = False  # of a protocol

    def __str__(self) -> str:
        texts = []
        for before, parameter in zip((None, *self.parameters), self.parameters, strict=False):
            if parameter.keyword_only and (before is None or not before.keyword_only):
                texts.append("*")
            texts.append(str(parameter))
        return f"{self.name}({', '.join(texts)})"


@dataclass
class Names:
    """Everything a class has in Python, without what it inherits."""

    name: str
    kind: str
    superclass: str | None
    protocols: list[str]
    abstract: bool
    forms_from: str | None = None  # the superclass whose forms it has
    constructor: Signature | None = None
    methods: dict[str, list[Signature]] = field(default_factory=dict)  # several signatures: overloads
    properties: dict[str, dict[str, Any]] = field(default_factory=dict)


# ---- selectors ----


def labels_of(selector: str, args: list[dict[str, Any]]) -> list[str]:
    """Python names of a selector's arguments."""
    if not args:
        return []
    first, *rest = selector.rstrip(":").split(":")
    names = [after_preposition(first) or args[0]["name"]]
    for label in rest:
        head, *tail = words(label)
        names.append("".join(tail) if tail and head.capitalize() in PREPOSITIONS else label)
    return [snake(name) for name in names]


def parameters_of(member: dict[str, Any]) -> list[Parameter]:
    names = labels_of(member["selector"], member["args"])
    if member.get("variadic"):
        return [Parameter(names[0], "NSArray<NSNumber *> *")]
    return [
        Parameter(name, arg["type"], None if arg.get("nullable") else REQUIRED)
        for name, arg in zip(names, member["args"], strict=True)
    ]


def is_named(member: dict[str, Any]) -> bool:
    name = member.get("selector", member.get("name", "")).rstrip(":")
    return not (member.get("deprecated") or name in ARCHIVING or "Nestrov" in name)


def merged(name: str, members: list[dict[str, Any]], parameter_lists: list[list[Parameter]]) -> list[Signature]:
    """One signature per selector that no other one contains; the others make arguments of it optional."""
    sets = [{p.name for p in parameters} for parameters in parameter_lists]
    result = []
    for index, parameters in enumerate(parameter_lists):
        if any(sets[index] < other or (sets[index] == other and i < index) for i, other in enumerate(sets)):
            continue
        inside = [i for i, other in enumerate(sets) if other <= sets[index]]
        shared = set.intersection(*(sets[i] for i in inside))
        merged_parameters = [
            p if p.name in shared else Parameter(p.name, p.type, None if p.default is REQUIRED else p.default)
            for p in parameters
        ]
        member = members[index]
        result.append(
            Signature(
                name,
                tuple(in_legal_order(merged_parameters, shared)),
                tuple(members[i]["selector"] for i in inside),
                tuple(tuple(p.name for p in parameter_lists[i]) for i in inside),
                member.get("returns", ""),
                bool(member.get("class_method")),
                all(members[i].get("optional", False) for i in inside),
            )
        )
    return result


def in_legal_order(parameters: list[Parameter], shared: set[str]) -> list[Parameter]:
    """A nullable argument before a required one loses its default; what is left out by some selector goes last."""
    first = [p for p in parameters if p.name in shared]
    last_required = max((i for i, p in enumerate(first) if p.default is REQUIRED), default=-1)
    first = [Parameter(p.name, p.type) if i < last_required else p for i, p in enumerate(first)]
    return first + [p for p in parameters if p.name not in shared]


# ---- forms ----


def factory_prefix(selector: str) -> str:
    """`nodeWithSource:weights:` -> `node`; the part before the first preposition that is followed by an argument."""
    first, colon, _ = selector.partition(":")
    if not colon:
        return first
    return re.split(r"(?<=[a-z])(?:With|From|For)(?=[A-Z])", first)[0]


def is_short_for(prefix: str, class_name: str) -> bool:
    return class_name.lower().endswith(prefix.lower().removeprefix("cnn"))


def is_form(member: dict[str, Any], class_name: str) -> bool:
    prefix = factory_prefix(member["selector"])
    whole = re.sub("^(MPSCNN|MPSNN|MPS|MTL)", "", class_name)
    if prefix in ("init", "node", "graph") or prefix.lower().removeprefix("cnn") == whole.lower():
        return True
    without_init = "-init" in SURFACE["classes"][class_name].get("unavailable", [])
    return is_short_for(prefix, class_name) and (without_init or not member["args"])


def makes_own_class(class_name: str, member: dict[str, Any]) -> bool:
    return bool(member["class_method"]) and member.get("returns") in (f"{class_name} *", "instancetype")


def declared_forms(class_name: str) -> list[dict[str, Any]]:
    declared = SURFACE["classes"][class_name]
    forms = declared["initializers"] + [m for m in declared["methods"] if makes_own_class(class_name, m)]
    return [m for m in forms if is_named(m) and not any(word in m["selector"] for word in NOT_A_FORM)]


def form_owner(class_name: str) -> str | None:
    """The class itself or the nearest superclass that declares forms."""
    while class_name in SURFACE["classes"]:
        if declared_forms(class_name):
            return class_name
        class_name = SURFACE["classes"][class_name].get("superclass") or ""
    return None


def is_image_node(apple_type: str) -> bool:
    return apple_type in ("MPSNNImageNode *", "NSArray<MPSNNImageNode *> *")


def leading(parameters: list[Parameter]) -> int:
    """How many arguments are positional."""
    count = next((i for i, p in enumerate(parameters) if not is_image_node(p.type)), len(parameters))
    return max(count, 1)


def add_forms(names: Names) -> None:
    owner = form_owner(names.name)
    if owner is None or names.kind == "protocol":
        return
    names.forms_from = None if owner == names.name else owner
    unavailable = set(SURFACE["classes"][names.name].get("unavailable", []))
    own: list[tuple[dict[str, Any], list[Parameter], bool]] = []  # member, parameters without device, has device
    keeping: dict[str, list[tuple[dict[str, Any], list[Parameter]]]] = {}
    seen: set[tuple[str, ...]] = set()
    twins: set[tuple[str, ...]] = set()
    for member in declared_forms(owner):
        selector = member["selector"]
        if ("+" if member["class_method"] else "-") + selector in unavailable:
            continue
        parameters = parameters_of(member)
        if not is_form(member, owner):
            prefix = factory_prefix(selector)
            name = selector.split(":")[0] if is_short_for(prefix, owner) else prefix
            keeping.setdefault(snake(name), []).append((member, parameters))
            continue
        has_device = any(p.name == "device" for p in parameters)
        parameters = [p for p in parameters if p.name != "device"]
        key = tuple(p.name for p in parameters) + ("device",) * has_device
        if not member["class_method"]:
            twins.add(key)
        if key not in seen:
            seen.add(key)
            own.append((member, parameters, has_device))
    for name, group in keeping.items():
        if names.forms_from is None:
            names.methods[name] = merged(name, [m for m, _ in group], [p for _, p in group])
    if names.abstract:
        factories = [f for f in own if tuple(p.name for p in f[1]) + ("device",) * f[2] not in twins]
        if names.forms_from is None:
            add_static_forms(names, set(), factories)
    elif own:
        longest = max(own, key=lambda form: len(form[1]) + form[2])
        known = {p.name for p in longest[1]}
        names.constructor = constructor(names.name, owner, longest[1], [f for f in own if covered(f, known)])
        rest = [form for form in own if not covered(form, known)]
        if names.forms_from is None or owner in ABSTRACT:  # else they are inherited
            add_static_forms(names, known, rest)


def covered(form: tuple[dict[str, Any], list[Parameter], bool], known: set[str]) -> bool:
    return {p.name for p in form[1]} <= known


def constructor(class_name: str, owner: str, parameters: list[Parameter], forms: list[Any]) -> Signature:
    shared = set.intersection(*({p.name for p in form[1]} for form in forms))
    values = DEFAULTS.get(class_name, DEFAULTS.get(owner, {}))
    positional = leading(parameters)
    result = []
    for index, p in enumerate(parameters):
        default = p.default
        if p.name in values:
            default = values[p.name]
        elif p.name not in shared and default is REQUIRED:
            default = COMPUTED
        result.append(Parameter(p.name, p.type, default, index >= positional))
    if any(form[2] for form in forms):
        result.append(Parameter("device", "id<MTLDevice>", None, True))
    calls = tuple(tuple(p.name for p in form[1]) + ("device",) * form[2] for form in forms)
    return Signature("__init__", tuple(result), tuple(form[0]["selector"] for form in forms), calls)


def add_static_forms(names: Names, known: set[str], forms: list[Any]) -> None:
    groups: dict[str, list[Any]] = {}
    for form in forms:
        parameters = form[1]
        sources = leading(parameters) if not known else 0  # of an abstract class: all forms have them
        label = next(p.name for p in parameters[sources:] if p.name not in known)
        groups.setdefault(f"with_{label}", []).append((label, form))
    for name, group in groups.items():
        members, lists = [form[0] for _, form in group], [form[1] for _, form in group]
        for signature in merged(name, members, lists):
            parameters = list(signature.parameters)
            if parameters[0].name == group[0][0]:  # named after its first argument: the others by keyword
                positional = leading(parameters)
                parameters = [Parameter(p.name, p.type, p.default, i >= positional) for i, p in enumerate(parameters)]
            if any(form[2] for _, form in group):
                parameters.append(Parameter("device", "id<MTLDevice>", None, True))
            names.methods.setdefault(name, []).append(
                Signature(name, tuple(parameters), signature.selectors, signature.calls, "Self", True)
            )


# ---- classes ----


@cache
def class_names(class_name: str) -> Names:
    declared = SURFACE["classes"][class_name]
    names = Names(
        class_name,
        declared["kind"],
        declared.get("superclass"),
        [p for p in declared["protocols"] if p in SURFACE["classes"]],
        class_name in ABSTRACT,
    )
    add_forms(names)
    groups: dict[str, list[dict[str, Any]]] = {}
    for member in declared["methods"]:
        if is_named(member) and not makes_own_class(class_name, member):
            groups.setdefault(snake(member["selector"].split(":")[0]), []).append(member)
    for name, members in groups.items():
        names.methods[name] = merged(name, members, [parameters_of(m) for m in members])
    for member in declared["properties"]:
        if is_named(member):
            names.properties[snake(member["name"])] = member
    return names


def superclasses(class_name: str) -> Iterator[str]:
    parent = SURFACE["classes"].get(class_name, {}).get("superclass")
    while parent and parent in SURFACE["classes"]:
        yield parent
        parent = SURFACE["classes"][parent].get("superclass")


def protocol_members(class_name: str) -> Iterator[Names]:
    """The protocols a class adopts, and those they adopt."""
    for protocol in class_names(class_name).protocols:
        yield class_names(protocol)
        yield from protocol_members(protocol)


def all_members(class_name: str) -> set[str]:
    names = class_names(class_name)
    return set(names.methods) | set(names.properties)


def mentioned_types(class_name: str) -> set[str]:
    """Enums and structs in the signatures of a class."""
    names = class_names(class_name)
    signatures = [signature for group in names.methods.values() for signature in group]
    signatures += [names.constructor] if names.constructor else []
    types = [p.type for s in signatures for p in s.parameters] + [s.returns for s in signatures]
    types += [p["type"] for p in names.properties.values()]
    found = {word for text in types for word in re.findall(r"\w+", text)}
    return {name for name in found if name in SURFACE["enums"] or name in SURFACE["structs"]}


# ---- enums, structs, functions ----


def enum_cases(enum_name: str) -> dict[str, int]:
    """Members by Apple's names, in the order of `enum_members`."""
    declared = SURFACE["enums"][enum_name]
    old = set(declared.get("deprecated_cases", []))
    return {name: value for name, value in declared["cases"].items() if name not in old}


def enum_members(enum_name: str) -> dict[str, int]:
    cases = enum_cases(enum_name)
    prefix = enum_name
    if not all(name.startswith(prefix) for name in cases):
        prefix = common_prefix(list(cases))
    result = {}
    for name, value in cases.items():
        member = name[len(prefix) :]
        if member[0].isdigit():
            member = words(enum_name)[-1] + member
        result[member + "_" if keyword.iskeyword(member) else member] = value
    return result


def common_prefix(names: list[str]) -> str:
    """What all names begin with, cut between words."""
    split = [re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|_", name) for name in names]
    count = 0
    while all(len(s) > count + 1 and s[count] == split[0][count] for s in split):
        count += 1
    return "".join(split[0][:count])


def struct_fields(struct_name: str) -> list[str]:
    return [snake(f["name"]) for f in SURFACE["structs"][struct_name]["fields"] if not f["name"].startswith("_")]


def functions() -> dict[str, Signature]:
    result = {}
    for declared in SURFACE["functions"]:
        parameters = tuple(Parameter(snake(a["name"]), a["type"]) for a in declared["args"])
        names = tuple(p.name for p in parameters)
        signature = Signature(snake(declared["name"]), parameters, (declared["name"],), (names,), declared["returns"])
        result[declared["name"]] = signature
    return result


# ---- text ----


def describe(class_name: str) -> str:
    names = class_names(class_name)
    if names.kind == "protocol":
        bases = [f"protocol; {', '.join(names.protocols)}" if names.protocols else "protocol"]
    else:
        bases = [", ".join(b for b in [names.superclass or "", *names.protocols] if b and b != "NSObject")]
    lines = [f"class {class_name}({bases[0]})" if bases[0] else f"class {class_name}"]
    if names.constructor:
        text = str(names.constructor).replace("__init__", class_name)
        lines.append(f"    {text}" + (f"    # form of {names.forms_from}" if names.forms_from else ""))
    elif names.kind != "protocol":
        lines.append("    # abstract, no constructor" if names.abstract else "    # no constructor")
    inherited = {name for parent in superclasses(class_name) for name in all_members(parent)}
    for protocol in protocol_members(class_name):
        for name, signatures in protocol.methods.items():
            if name not in names.methods and name not in inherited and not signatures[0].optional:
                lines.append(f"    .{signatures[0]}    # of {protocol.name}")
        for name, member in protocol.properties.items():
            if name not in names.properties and name not in inherited and not member.get("optional"):
                lines.append(f"    .{name}: {member['type']}    # of {protocol.name}")
    for group in names.methods.values():
        for s in group:
            returns = f" -> {s.returns}" if s.returns and s.returns != "void" else ""
            notes = ["static"] * s.static + ["optional"] * s.optional
            lines.append(f"    .{s}{returns}" + (f"    # {', '.join(notes)}" if notes else ""))
    for name, member in names.properties.items():
        notes = [
            "read-only" if member["readonly"] else "read-write",
            *(note for note in ("nullable", "class", "optional") if member.get(note)),
        ]
        lines.append(f"    .{name}: {member['type']}    # {', '.join(notes)}")
    return "\n".join(lines)


def describe_enum(enum_name: str) -> str:
    kind = "IntFlag" if SURFACE["enums"][enum_name]["options"] else "IntEnum"
    members = ", ".join(f"{name}={value}" for name, value in enum_members(enum_name).items())
    return f"enum {enum_name}({kind}): {members}"


def describe_struct(struct_name: str) -> str:
    return f"struct {struct_name}({', '.join(struct_fields(struct_name))})"


def main(arguments: list[str]) -> None:
    for name in arguments or [*SURFACE["classes"], *SURFACE["structs"], *SURFACE["enums"]]:
        if name in SURFACE["classes"]:
            print(describe(name), end="\n\n")
        elif name in SURFACE["enums"]:
            print(describe_enum(name), end="\n\n")
        elif name in SURFACE["structs"]:
            print(describe_struct(name), end="\n\n")
        else:
            sys.exit(f"{name}: not in tests/data/api_surface.json")
    if not arguments:
        print("\n".join(f"function {signature}    # {name}" for name, signature in functions().items()))


if __name__ == "__main__":
    main(sys.argv[1:])
