"""Writes what is made from the built module: the stubs mpsnn/_core.pyi and the catalogue of nodes NODES.md.

python python/generate.py            # after `pip install .`, or with PYTHONPATH=<build>/python
python python/generate.py --check    # says what is out of date and writes nothing
"""

from __future__ import annotations

import argparse
import ast
import difflib
import enum
import functools
import inspect
import math
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
# This folder holds the sources of the package; the built one is elsewhere on the path.
sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != HERE]

import mpsnn as mps  # noqa: E402
import numpy as np  # noqa: E402
from mpsnn import _core  # noqa: E402

# --- stubs ------------------------------------------------------------------------------------------------------------

# A struct may be given as a tuple of its fields: pybind11 converts it, but does not say so in signatures.
TUPLES = {
    "MPSImageCoordinate": "tuple[int, int, int]",
    "MPSOffset": "tuple[int, int, int]",
    "MPSOrigin": "tuple[float, float, float]",
    "MPSSize": "tuple[float, float, float]",
    "MPSRegion": "tuple[MPSOrigin | tuple[float, float, float], MPSSize | tuple[float, float, float]]",
    "MTLOrigin": "tuple[int, int, int]",
    "MTLSize": "tuple[int, int, int]",
    "MTLRegion": "tuple[MTLOrigin | tuple[int, int, int], MTLSize | tuple[int, int, int]]",
    "MPSImageReadWriteParams": "tuple[int, int]",
}

# What containers hold where pybind11 does not say.
ITEMS = {
    "tuple": "typing.Any, ...",
    "list": "typing.Any",
    "dict": "str, typing.Any",
    "collections.abc.Iterator": "typing.Any",
    "collections.abc.Sequence": "typing.Any",
}


def enums() -> list[type[enum.Enum]]:
    return [c for c in vars(_core).values() if inspect.isclass(c) and issubclass(c, enum.Enum)]


def stubs() -> str:
    names = "|".join(e.__name__ for e in enums())
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pybind11_stubgen", "mpsnn._core", "--output-dir", folder, "--exit-code"]
        command += [r"--ignore-unresolved-names=collections\.abc\.Buffer"]  # newer than the oldest Python
        command += [f"--enum-class-locations=({names}):mpsnn._core"]
        # -P and the folder: nothing of the current directory is imported.
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(done.stdout + done.stderr)
        text = (Path(folder) / "mpsnn" / "_core.pyi").read_text()
        text = text.replace("collections.abc.Buffer", "typing_extensions.Buffer")
    return corrected(text)


def corrected(text: str) -> str:
    # Enum members must be assignments, or a type checker sees an enum without members.
    for e in enums():
        for name, value in e.__members__.items():
            text = re.sub(
                rf"^    {name}: typing\.ClassVar\[{e.__name__}\].*$", f"    {name} = {value.value}", text, flags=re.M
            )
    # Methods of enums are those of the base, without types.
    for e in enums():
        text = re.sub(
            rf"(^class {e.__name__}\(.*\n(?:    .*\n)*?)((?:    (?:@.*|def .*)\n(?: {{8}}.*\n)*)+)",
            r"\1",
            text,
            count=1,
            flags=re.M,
        )
    text = re.sub(
        r"^( +__hash__: typing\.ClassVar\[None\]) = None$", r"\1  # type: ignore[assignment]", text, flags=re.M
    )
    # Of every class, and object has it too.
    text = re.sub(r"^    def __reduce__\(self\) -> .*\n {8}\.\.\.\n", "", text, flags=re.M)
    text = text.replace("__all__: list = [", "__all__: list[str] = [", 1)
    return with_overrides("".join(map(corrected_function, text.splitlines(keepends=True))).rstrip() + "\n")


def with_overrides(text: str) -> str:
    """Marks functions to which Apple gives other arguments than to those of the base."""
    lines = text.splitlines(keepends=True)
    for cls in (node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)):
        if "MPSNNOptimizer" in map(ast.unparse, cls.bases):
            continue  # which has no encodes
        first: dict[str, int] = {}
        for function in (node for node in cls.body if isinstance(node, ast.FunctionDef)):
            # A type checker looks at the first line of all overloads.
            is_overload = "typing.overload" in map(ast.unparse, function.decorator_list)
            top = function.decorator_list[0] if is_overload else function
            at = first.setdefault(function.name, top.lineno - 1)
            if any((function.name, a.arg) in OVERRIDES for a in function.args.args) and "#" not in lines[at]:
                lines[at] = lines[at].rstrip() + "  # type: ignore[override]\n"
    return "".join(lines)


def corrected_function(line: str) -> str:
    if not line.lstrip().startswith("def "):
        return line
    function = ast.parse(line.strip() + " ...").body[0]
    assert isinstance(function, ast.FunctionDef)
    positional = function.args.posonlyargs + function.args.args
    defaults = [None] * (len(positional) - len(function.args.defaults)) + list(function.args.defaults)
    keyword = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    for argument, default in [*zip(positional, defaults, strict=True), *keyword]:
        if argument.annotation is None:
            continue
        text = parameter_type(own_buffer(ast.unparse(argument.annotation), is_protocol=argument.arg == "data_bytes"))
        if (
            isinstance(default, ast.Constant)
            and default.value is None
            and not re.search(r"\bNone\b|\bAny\b|\bobject\b", text)
        ):
            text += " | None"  # a null pointer, which pybind11 does not mention
        argument.annotation = ast.parse("object" if function.name == "__eq__" else text, mode="eval").body
    if function.returns is not None:
        function.returns = ast.parse(with_items(own_buffer(ast.unparse(function.returns))), mode="eval").body
    indent = line[: len(line) - len(line.lstrip())]
    return indent + ast.unparse(function).split("\n")[0] + "\n"


# Apple gives a factory of MPSState, and the encodes of some kernels, other arguments in subclasses.
OVERRIDES = {
    ("temporary_state", "number_of_feature_channels"),
    ("encode_to_command_buffer", "destination_gradient"),
    ("encode_batch_to_command_buffer", "destination_gradients"),
    ("encode_to_command_buffer", "labels"),
    ("encode_batch_to_command_buffer", "labels"),
    ("encode_to_command_buffer", "batch_normalization_state"),
    ("encode_batch_to_command_buffer", "batch_normalization_state"),
    ("encode_to_command_buffer", "convolution_gradient_state"),
    ("encode_batch_to_command_buffer", "convolution_gradient_states"),
}


def own_buffer(text: str, is_protocol: bool = False) -> str:
    """pybind11-stubgen takes our class for the buffer protocol of the same name."""
    return text if is_protocol else text.replace("typing_extensions.Buffer", "Buffer")


def parameter_type(text: str) -> str:
    """Structs may be given as tuples."""
    for name, alternative in TUPLES.items():
        text = re.sub(rf"(?<![\w.]){name}\b", f"{name} | {alternative}", text)
    return with_items(text)


def with_items(text: str) -> str:
    """Containers say what they hold."""
    for name, items in ITEMS.items():
        text = re.sub(rf"(?<![\w.]){re.escape(name)}\b(?!\[)", f"{name}[{items}]", text)
    return text


# --- nodes ------------------------------------------------------------------------------------------------------------


def descriptor() -> Any:
    return mps.MPSCNNConvolutionDescriptor(3, kernel_height=3, input_feature_channels=4, output_feature_channels=4)


# A value for every argument of a forward node's constructor that has no default.
SAMPLES: dict[str, Any] = {
    "source": mps.MPSNNImageNode,
    "left_source": mps.MPSNNImageNode,
    "right_source": mps.MPSNNImageNode,
    "labels": mps.MPSNNImageNode,
    "sources": lambda: [mps.MPSNNImageNode(), mps.MPSNNImageNode()],
    "kernel_width": lambda: 3,
    "kernel_height": lambda: 3,
    "stride_in_pixels_x": lambda: 2,
    "stride_in_pixels_y": lambda: 2,
    "result_width": lambda: 2,
    "result_height": lambda: 3,
    "result_feature_channels": lambda: 4,
    "padding_size_before": lambda: mps.MPSImageCoordinate(1, 2, 0),
    "padding_size_after": lambda: mps.MPSImageCoordinate(0, 1, 0),
    "edge_mode": lambda: mps.MPSImageEdgeMode.Clamp,
    "dilation_rate_x": lambda: 2,
    "dilation_rate_y": lambda: 2,
    "integer_scale_factor_x": lambda: 2,
    "integer_scale_factor_y": lambda: 2,
    "type": lambda: mps.MPSCNNBinaryConvolutionType.XNOR,
    "flags": lambda: mps.MPSCNNBinaryConvolutionFlags.None_,
    "output_size": lambda: mps.MTLSize(4, 3, 1),
    "a_data": lambda: np.full(4, 0.25, np.float32),
    "weights": lambda: mps.ConvolutionWeights(descriptor()),
    "data_source": lambda: mps.BatchNormalizationWeights(4),
    "MPSCNNInstanceNormalizationNode.data_source": lambda: mps.InstanceNormalizationWeights(4),
    "MPSCNNGroupNormalizationNode.data_source": lambda: mps.GroupNormalizationWeights(4, number_of_groups=2),
    "loss_descriptor": lambda: mps.MPSCNNLossDescriptor(
        mps.MPSCNNLossType.MeanSquaredError, reduction_type=mps.MPSCNNReductionType.Sum
    ),
    "MPSCNNYOLOLossNode.loss_descriptor": lambda: mps.MPSCNNYOLOLossDescriptor(
        mps.MPSCNNLossType.MeanSquaredError,
        wh_loss_type=mps.MPSCNNLossType.Huber,
        confidence_loss_type=mps.MPSCNNLossType.SigmoidCrossEntropy,
        classes_loss_type=mps.MPSCNNLossType.SoftMaxCrossEntropy,
        reduction_type=mps.MPSCNNReductionType.Sum,
        anchor_boxes=np.array([1, 2, 2, 1], np.float32),
        number_of_anchor_boxes=2,
    ),
}


def node_classes() -> list[type[Any]]:
    found = [c for c in vars(_core).values() if inspect.isclass(c) and issubclass(c, mps.MPSNNFilterNode)]
    bases = (mps.MPSNNFilterNode, mps.MPSNNGradientFilterNode)
    return sorted((c for c in found if c not in bases), key=lambda c: c.__name__)


def signature(function: Any) -> str | None:
    """The arguments of a function as pybind11 documents them, without `self`."""
    match = re.match(r"\w+\((?:self: [\w.]+(?:, )?)?(.*)\) -> [^()]*$", (function.__doc__ or "").split("\n")[0])
    return match[1] if match else None


def constructor(cls: type[Any]) -> str | None:
    """The arguments of the constructor, None for an abstract class."""
    return signature(vars(cls)["__init__"]) if "__init__" in vars(cls) else None


def arguments(text: str) -> Iterator[tuple[str, str | None]]:
    """(name, default or None) of each argument."""
    depth, start = 0, 0
    parts = []
    for i, character in enumerate(text):
        depth += (character in "[(<") - (character in "])>")
        if character == "," and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    for part in filter(None, (p.strip() for p in [*parts, text[start:]])):
        if part not in ("*", "/"):
            name, _, rest = part.partition(":")
            yield name, rest.rpartition(" = ")[2].strip() if " = " in rest else None


def short_signature(name: str, text: str) -> str:
    shown = [name if default is None else f"{name}={plain(default)}" for name, default in arguments(text)]
    if "*" in [part.strip() for part in text.split(",")]:
        shown.insert(next(i for i, part in enumerate(text.split(",")) if part.strip() == "*"), "*")
    return f"{name}({', '.join(shown)})"


def plain(default: str) -> str:
    """<MPSNNTrainingStyle.UpdateDeviceGPU: 2> is MPSNNTrainingStyle.UpdateDeviceGPU."""
    return re.sub(r"<([\w.]+): \d+>", r"\1", default)


def samples() -> dict[type[Any], Any]:
    """A node of every class that can be made, gradient nodes by their forward nodes."""
    made: dict[type[Any], Any] = {}
    for cls in node_classes():
        text = constructor(cls)
        if text is None or issubclass(cls, mps.MPSNNGradientFilterNode):
            continue
        required = {
            name: (SAMPLES.get(f"{cls.__name__}.{name}") or SAMPLES[name])()
            for name, default in arguments(text)
            if default is None
        }
        made[cls] = cls(**required)
        for gradient in gradient_nodes(made[cls]):
            made.setdefault(type(gradient), gradient)
    return made


def gradient_nodes(node: Any) -> list[Any]:
    try:
        return list(node.gradient_filters_with_source(mps.MPSNNImageNode()))
    except mps.GraphError:
        return []


def gradient_classes(made: dict[type[Any], Any]) -> dict[type[Any], type[Any]]:
    """The class of the gradient nodes by that of their forward node."""
    return {cls: type(gradient) for cls, node in made.items() for gradient in gradient_nodes(node)}


# Headings of the catalogue, and the classes that stand under them by name; the first pattern that is found counts.
TOPICS = {
    "Arithmetic": "Arithmetic|Addition|Subtraction|Multiplication|Division|Comparison",
    "Convolution": "Convolution",
    "Pooling": "Pooling",
    "Fully connected": "FullyConnected",
    "Neurons": "Neuron",
    "Softmax": "SoftMax",
    "Normalization": "Normalization",
    "Upsampling": "Upsampling",
    "Resampling": "Scale|Resize|GridSample",
    "Dropout": "Dropout",
    "Concatenation": "Concatenation",
    "Loss": "Loss|InitialGradient",
    "Reductions": "Reduction",
    "Reshape, padding, Gram matrix": "Reshape|MPSNNPad|GramMatrix",
}
BASES = "Base classes"


def topic(cls: type[Any]) -> str:
    for heading, pattern in TOPICS.items():
        if re.search(pattern, cls.__name__):
            return heading
    sys.exit(f"{cls.__name__} stands under no heading: extend TOPICS in python/generate.py")


def arranged(made: dict[type[Any], Any], gradients: dict[type[Any], type[Any]]) -> dict[str, list[type[Any]]]:
    """The classes under each heading: bases first, each gradient node behind the last of its forward nodes."""
    last = {gradient: cls for cls, gradient in sorted(gradients.items(), key=lambda pair: pair[0].__name__)}
    under: dict[str, list[type[Any]]] = {heading: [] for heading in TOPICS}
    for cls in sorted(node_classes(), key=lambda c: (c in made, issubclass(c, mps.MPSNNGradientFilterNode))):
        if cls not in last:
            under[topic(cls)] += [cls, *(gradient for gradient, forward in last.items() if forward is cls)]
    return under


# --- docstrings ---


def paragraphs(doc: str | None) -> list[str]:
    return [p for p in re.split(r"\n\n+", inspect.cleandoc(doc or "")) if p]


def summary(cls: type[Any]) -> str:
    return next(iter(paragraphs(cls.__doc__)), "")


def blocks(doc: str | None) -> Iterator[tuple[str, str]]:
    """("text" or "code", content): an indented block with blank lines in it is one."""
    kept: list[tuple[str, str]] = []
    for paragraph in paragraphs(doc):
        kind = "code" if paragraph.startswith("    ") else "text"
        if kind == "code" and kept and kept[-1][0] == "code":
            kept[-1] = (kind, f"{kept[-1][1]}\n\n{paragraph}")
        else:
            kept.append((kind, paragraph))
    yield from kept


def pytorch(cls: type[Any]) -> str:
    """The code behind "In PyTorch:", without its indent."""
    found = list(blocks(cls.__doc__))
    return next((textwrap.dedent(found[i + 1][1]) for i, block in enumerate(found) if block[1] == "In PyTorch:"), "")


def functions_of_pytorch(cls: type[Any]) -> str:
    """For the overview: the expression where it is short, else the functions that are no mere arrangement of numbers."""
    code = pytorch(cls)
    if match := re.fullmatch(r"y = (.{1,100})", code):
        return f"`{match[1]}`"
    called = dict.fromkeys(re.findall(r"\b(?:F|torch)\.\w+(?!\w|\.)", code))
    arranging = {"F.pad", "torch.where", "torch.ones_like", "torch.full_like", "torch.arange", "torch.minimum"}
    names = [f"`{name}`" for name in called if name not in arranging] or [f"`{name}`" for name in called]
    return ", ".join(names[:3] + ["..."] * (len(names) > 3)) or "see there"


def meanings(doc: str | None, names: Collection[str]) -> tuple[dict[str, str], str]:
    """What a paragraph says about arguments, as "name: sentences. name, name: sentences.", and what else it says."""
    one = "|".join(sorted({*names, *argument_names()}, key=len, reverse=True))
    found: dict[str, str] = {}
    rest = []
    for kind, text in blocks(doc):
        if kind == "text":
            before, *parts = re.split(rf"(?<![\w.])((?:{one})(?:, (?:{one}))*): ", one_line(text))
            for listed, said in zip(parts[::2], parts[1::2], strict=True):
                said, raises, error = said.partition("Raises ")
                before += raises + error
                found |= dict.fromkeys(listed.split(", "), sentence(said))
            text = before.strip() if parts else text
        if text:
            rest.append(text)
    return {name: said for name, said in found.items() if name in names}, "\n\n".join(rest)


def sentence(text: str) -> str:
    text = text.strip()
    return text if re.match(r"(?!a )\w\b|\w*[_(]", text) else text[:1].upper() + text[1:]


def forms(cls: type[Any]) -> Iterator[tuple[str, str, str]]:
    """(name, arguments, docstring) of the constructor and the static forms."""
    for name, member in vars(cls).items():
        function = member.__func__ if isinstance(member, staticmethod) else member
        text = signature(function) if name == "__init__" or isinstance(member, staticmethod) else None
        if text is not None:
            called = cls.__name__ if name == "__init__" else f"{cls.__name__}.{name}"
            yield called, text, (function.__doc__ or "").partition("\n")[2]


@functools.cache
def argument_names() -> frozenset[str]:
    """Of all nodes, but for single letters."""
    every = {name for cls in node_classes() for _, text, _ in forms(cls) for name, _ in arguments(text)}
    return frozenset(name for name in every if len(name) > 1)


def said_of(cls: type[Any], names: Collection[str]) -> dict[str, str]:
    """What is said about arguments: by the class and its forms, its properties, then by its bases."""
    found: dict[str, str] = {}
    for owner in cls.__mro__:
        docs = [owner.__doc__, *(doc for _, _, doc in forms(owner))] if issubclass(owner, mps.MPSNNFilterNode) else []
        for doc in docs:
            found = meanings(doc, names)[0] | found
        for name, member in vars(owner).items():
            if isinstance(member, property) and name in names:
                found.setdefault(name, one_line(member.__doc__))
    return found


def argument_rows(cls: type[Any]) -> Iterator[str]:
    listed: dict[str, str | None] = {}
    for _, text, _ in forms(cls):
        for name, default in arguments(text):
            listed.setdefault(name, default)
    said = said_of(cls, listed)
    for name, default in listed.items():
        yield row(f"`{name}`", "" if default is None else f"`{plain(default)}`", said.get(name, ""))


def property_rows(cls: type[Any], node: Any) -> Iterator[str]:
    """Properties that are no arguments of the constructor."""
    seen = {name for _, text, _ in forms(cls) for name, _ in arguments(text)}
    for owner in cls.__mro__:
        if owner in (mps.MPSNNFilterNode, mps.MPSNNGradientFilterNode):
            continue  # what every node has
        for name, member in vars(owner).items():
            if isinstance(member, property) and not name.startswith("_") and name not in seen:
                seen.add(name)
                access = "read-write" if member.fset else "read-only"
                yield row(f"`{name}`", shown(getattr(node, name)), access, one_line(member.__doc__))


def row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def shown(value: Any) -> str:
    if isinstance(value, enum.Enum):
        return f"`{type(value).__name__}.{value.name}`" if value.name else f"`{value!r}`"
    if isinstance(value, bool | int | str | mps.MTLSize) or value is None:
        return f"`{value!r}`"
    if isinstance(value, float):
        return f"`{value:.6g}`"
    return type(value).__name__


def one_line(doc: str | None) -> str:
    return " ".join((doc or "").split())


def prose(cls: type[Any]) -> Iterator[str]:
    """The docstring as Markdown, without what the tables have."""
    _, text = meanings(cls.__doc__, argument_names())
    is_code = False
    for kind, content in blocks(text):
        if kind == "code":
            yield from (f"```{'python' if is_code else 'text'}", textwrap.dedent(content), "```", "")
            is_code = False
        elif content == "In PyTorch:":
            is_code = True
            yield from ("In PyTorch:", "")
        elif content.startswith("Open: "):
            for point in re.split(r"\n(?=Open: )", content):
                yield "- **Open**: " + linked(one_line(point.removeprefix("Open: ")))
            yield ""
        else:
            yield from (linked(content), "")


# --- pictures ---

CURVE = range(-8, 9)  # of x; values beyond are cut off


def curve(node: Any, columns: int = 32, rows: int = 8) -> str:
    """y = f(x) in Braille, whose characters are 2 x 4 dots."""
    width, height = 2 * columns, 4 * rows
    x = np.linspace(CURVE[0], CURVE[-1], width, dtype=np.float32)
    graph = mps.MPSNNGraph(node.result_image)
    graph.format = mps.MPSImageFeatureChannelFormat.Float32
    source = np.repeat(x.reshape(1, width, 1), 4, axis=2)
    with np.errstate(invalid="ignore"):
        y = np.array(graph(source)).reshape(width, 4)[:, 0]
    seen = y[np.isfinite(y)].clip(CURVE[0], CURVE[-1])
    low, high = math.floor(min(seen.min(), 0)), math.ceil(max(seen.max(), 1))
    # A small shift, so that no rounding decides where a value on the edge of a dot goes.
    places = [math.floor((high - v) / (high - low) * (height - 1) + 0.507) if math.isfinite(v) else None for v in y]
    dots = {(i, round(high / (high - low) * (height - 1))) for i in range(0, width, 4)}
    dots |= {(width // 2, j) for j in range(0, height, 4)}
    for i, (before, place) in enumerate(zip([None, *places], places, strict=False)):
        if place is not None:
            start = place if before is None else before + (place > before) - (place < before)
            dots |= {(i, j) for j in range(min(start, place), max(start, place) + 1)}
    bits = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
    lines = []
    for top in range(0, height, 4):
        cells = [
            sum(bits[j][i] for j in range(4) for i in range(2) if (left + i, top + j) in dots)
            for left in range(0, width, 2)
        ]
        label = {0: str(high), height - 4: str(low)}.get(top, "")
        lines.append(f"{label:>4} " + "".join(chr(0x2800 + cell) for cell in cells))
    return "\n".join([*lines, f"     {CURVE[0]:<{columns - 1}}{CURVE[-1]}"])


# Places of the windows in a row of 8 pixels, for a window of 3 and a stride of 3: the first window's, and how many there are.
PLACES = {
    "SizeValidOnly": (0, 2),
    "SizeValidOnly, AddRemainderToBottomRight": (1, 2),
    "SizeSame": (-1, 3),
    "SizeSame, AddRemainderToBottomRight": (0, 3),
    "SizeFull": (-2, 4),
}


def windows() -> str:
    pixels = range(-2, 10)
    names = [chr(ord("a") + p) if 0 <= p < 8 else "." for p in pixels]
    lines = []
    for policy, (first, count) in PLACES.items():
        starts = {first + 3 * k for k in range(count)}
        cells = [
            f"{'[' if p in starts else ' '}{name}{']' if p - 2 in starts else ' '}"
            for p, name in zip(pixels, names, strict=True)
        ]
        lines.append(f"{policy:<42}{''.join(cells)}".rstrip())
    return "\n".join(lines)


# --- the catalogue ---


def implementations(node: Any) -> str:
    """The engine's own; the native device, where there is one, has the framework's for every node."""
    return f"cpu: {', '.join(f'`{name}`' for name in mps.implementations(node, 'cpu')) or 'none'}"


def link(name: str, is_short: bool = False) -> str:
    shown = re.sub(r"^MPSC?NN|Node$", "", name) if is_short else name
    return f"[{shown}](#{re.sub(r'[^a-z0-9 _-]', '', name.lower()).replace(' ', '-')})"


def linked(text: str) -> str:
    """The names of nodes in a text as links."""
    known = {cls.__name__ for cls in node_classes()}
    return re.sub(r"(?<!`)\bMPS\w+Node\b", lambda name: link(name[0]) if name[0] in known else name[0], text)


def overview(under: dict[str, list[type[Any]]], made: dict[type[Any], Any], gradients: dict[Any, Any]) -> Iterator[str]:
    yield row("Node", "What it does", "In PyTorch", "Gradient", "Implementations")
    yield row(*["---"] * 5)
    for heading, classes in under.items():
        yield row(f"**{link(heading)}**", *[""] * 4)
        for cls in classes:
            if cls in made and not issubclass(cls, mps.MPSNNGradientFilterNode):
                gradient = link(gradients[cls].__name__) if cls in gradients else "none"
                yield row(
                    link(cls.__name__), summary(cls), functions_of_pytorch(cls), gradient, implementations(made[cls])
                )


def entry(cls: type[Any], made: dict[type[Any], Any], gradients: dict[type[Any], type[Any]]) -> Iterator[str]:
    yield from (f"### {cls.__name__}", "", *prose(cls))
    if cls in made and issubclass(cls, mps.MPSCNNNeuronNode):
        constants = ", ".join(f"{name} = {default.rstrip('0').rstrip('.')}" for name, default in constants_of(cls))
        yield from (f"Over x{f' with {constants}' if constants else ''}:", "", "```text", curve(made[cls]), "```", "")
    calls = {name: (short_signature(name, text), meanings(doc, argument_names())[1]) for name, text, doc in forms(cls)}
    if calls:
        yield from ("```python", *(call for call, _ in calls.values()), "```", "")
        yield from (f"- `{name}`: {one_line(said)}" for name, (_, said) in calls.items() if said)
        yield ""
    rows = list(argument_rows(cls))
    if rows:
        yield from (row("Argument", "Default", "Meaning"), row(*["---"] * 3), *rows, "")
    if cls in made:
        rows = list(property_rows(cls, made[cls]))
        if rows:
            yield from (row("Property", "Value", "Access", "Meaning"), row(*["---"] * 4), *rows, "")
    bases = [base.__name__ for base in cls.__bases__ if issubclass(base, mps.MPSNNFilterNode | mps.MPSNNTrainableNode)]
    about = [f"Derived from {', '.join(map(link, bases))}."] if bases else []
    if cls in gradients:
        about += [f"Gradient: {link(gradients[cls].__name__)}."]
    if cls in gradients.values():
        about += [f"Gradient of {', '.join(link(c.__name__) for c, g in gradients.items() if g is cls)}."]
    about += [f"Implementations: {implementations(made[cls])}."] if cls in made else ["Abstract."]
    yield from (" ".join(about), "")


def constants_of(cls: type[Any]) -> list[tuple[str, str]]:
    return [(name, default) for name, default in arguments(constructor(cls) or "") if default is not None]


INTRODUCTION = """\
# Nodes

Every filter node of the module, by Apple's name. Written by `python/generate.py` from the docstrings, which `help()` shows as
well, and from a build with oneDNN.

- Values of properties are those of a node made with the required arguments only.
- Implementations are a device's kernels, best first: the first that can do what a graph asks for is taken. `loops` can do
  everything; `onednn` is missing in builds without oneDNN.
- Gradient nodes are made by `gradient_filter_with_source` and by `training_graph_with_source_gradient`; nobody has to write them.
- The code under "In PyTorch" runs as it stands; [MPSNNFilterNode](#mpsnnfilternode) says which names it uses. A test runs it against
  the nodes, and autograd through it against the gradient nodes.
- **Open** marks what Apple's documentation leaves open, and says what is done here.
"""

POLICIES = """\
`padding_policy` decides the size of the result and where the windows lie. A row of 8 pixels a...h, a window of 3 pixels and a
stride of 3, by the policy's bits (AlignCentered and AddRemainderToTopLeft unless named):

```text
{windows}
```

Windows may also be aligned at one side (AlignTopLeft, AlignBottomRight). A dot is outside the image; the node says what is read
there.
"""


def manual() -> str:
    made = samples()
    if not any("onednn" in mps.implementations(node, "cpu") for node in made.values()):
        sys.exit("NODES.md is written from a build with oneDNN")
    gradients = gradient_classes(made)
    under = arranged(made, gradients)
    bases: list[type[Any]] = [mps.MPSNNFilterNode, mps.MPSNNGradientFilterNode, mps.MPSNNTrainableNode]
    lines = [INTRODUCTION, "## Contents", ""]
    lines += [f"- {link('Overview')}", f"- {link('Windows and padding')}"]
    for heading, classes in {**under, BASES: bases}.items():
        lines += [f"- {link(heading)}: {', '.join(link(c.__name__, is_short=True) for c in classes)}"]
    lines += ["", "## Overview", "", *overview(under, made, gradients), ""]
    lines += ["## Windows and padding", "", POLICIES.format(windows=windows())]
    for heading, classes in under.items():
        lines += [f"## {heading}", ""]
        for cls in classes:
            lines += entry(cls, made, gradients)
    lines += [f"## {BASES}", ""]
    for cls in bases:
        lines += [f"### {cls.__name__}", "", *prose(cls)]
        rows = [
            row(f"`{name}`", "read-write" if member.fset else "read-only", one_line(member.__doc__))
            for name, member in vars(cls).items()
            if isinstance(member, property)
        ]
        if rows:
            lines += [row("Property", "Access", "Meaning"), row(*["---"] * 3), *rows, ""]
    return "\n".join(lines).rstrip() + "\n"


# --- files ------------------------------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, do not write")
    check = parser.parse_args().check
    files = {HERE / "mpsnn" / "_core.pyi": stubs(), HERE / "NODES.md": manual()}
    stale = False
    for path, text in files.items():
        before = path.read_text() if path.exists() else ""
        if before == text:
            continue
        if check:
            stale = True
            name = str(path.relative_to(HERE.parent))
            difference = difflib.unified_diff(
                before.splitlines(True), text.splitlines(True), name, "as the module is", n=1
            )
            sys.stdout.writelines(list(difference)[:60])
        else:
            path.write_text(text)
    if stale:
        sys.exit("out of date: run python python/generate.py")


if __name__ == "__main__":
    main()
