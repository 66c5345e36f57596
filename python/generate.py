"""Writes what is made from the built module: the stubs mpsnn/_core.pyi and the list of nodes NODES.md.

python python/generate.py            # after `pip install .`, or with PYTHONPATH=<build>/python
python python/generate.py --check    # says what is out of date and writes nothing
"""

from __future__ import annotations

import argparse
import ast
import difflib
import enum
import inspect
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
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
    text = text.replace("__all__: list = [", "__all__: list[str] = [", 1)
    return "".join(corrected_function(line) for line in text.splitlines(keepends=True)).rstrip() + "\n"


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
    # Apple gives a factory of MPSState, and the encodes of gradient and loss kernels, other arguments in subclasses.
    is_override = any((function.name, argument.arg) in OVERRIDES for argument in positional)
    return indent + ast.unparse(function).split("\n")[0] + ("  # type: ignore[override]" if is_override else "") + "\n"


OVERRIDES = {
    ("temporary_state", "number_of_feature_channels"),
    ("encode_to_command_buffer", "destination_gradient"),
    ("encode_batch_to_command_buffer", "destination_gradients"),
    ("encode_to_command_buffer", "labels"),
    ("encode_batch_to_command_buffer", "labels"),
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
    "a_data": lambda: np.ones(4, np.float32),
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
    return sorted((c for c in found if c is not mps.MPSNNFilterNode), key=lambda c: c.__name__)


def signature(function: Any) -> str | None:
    """The arguments of a function as pybind11 documents them, without `self`."""
    match = re.match(r"\w+\((?:self: [\w.]+(?:, )?)?(.*)\) -> [^()]*$", (function.__doc__ or "").split("\n")[0])
    return match[1] if match else None


def constructor(cls: type[Any]) -> str | None:
    """The arguments of the constructor, None for an abstract class."""
    return signature(vars(cls)["__init__"]) if "__init__" in vars(cls) else None


def static_forms(cls: type[Any]) -> Iterator[str]:
    for name, member in vars(cls).items():
        if isinstance(member, staticmethod) and (text := signature(member.__func__)) is not None:
            yield short_signature(f"{cls.__name__}.{name}", text)


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
        try:
            gradients = made[cls].gradient_filters_with_source(mps.MPSNNImageNode())
        except mps.GraphError:
            continue
        for gradient in gradients:
            made.setdefault(type(gradient), gradient)
    return made


def attributes(cls: type[Any], node: Any) -> Iterator[str]:
    seen: set[str] = set()
    for owner in cls.__mro__:
        if owner in (mps.MPSNNFilterNode, mps.MPSNNGradientFilterNode):
            continue  # what every node has
        for name, member in vars(owner).items():
            if isinstance(member, property) and not name.startswith("_") and name not in seen:
                seen.add(name)
                access = "read-write" if member.fset else "read-only"
                yield f"| `{name}` | {shown(getattr(node, name))} | {access} | {one_line(member.__doc__)} |"


def shown(value: Any) -> str:
    if isinstance(value, enum.Enum):
        return f"`{type(value).__name__}.{value.name}`" if value.name else f"`{value!r}`"
    if isinstance(value, bool | int | str | mps.MTLSize) or value is None:
        return f"`{value!r}`"
    if isinstance(value, float):
        return f"`{value:.6g}`"
    return f"{type(value).__name__}"


def one_line(doc: str | None) -> str:
    return " ".join((doc or "").split())


def manual() -> str:
    made = samples()
    lines = [
        "# Nodes",
        "",
        "Every filter node of the module, by Apple's name. Written by `python/generate.py`. A property's value is that of a node made",
        "with the required arguments only; implementations are the device's kernels, best first.",
        "",
    ]
    devices = mps.devices()
    for cls in node_classes():
        text = constructor(cls)
        lines += [f"## {cls.__name__}", "", inspect.cleandoc(cls.__doc__ or ""), ""]
        bases = ", ".join(f"`{base.__name__}`" for base in cls.__bases__)
        lines += [f"- Derived from {bases}"]
        if text is None:
            lines += [f"- Abstract{''.join(f'; `{form}`' for form in static_forms(cls))}", ""]
            continue
        lines += [f"- `{form}`" for form in [short_signature(cls.__name__, text), *static_forms(cls)]]
        node = made[cls]
        for device in devices:
            names = mps.implementations(node, device)
            lines += [f"- On `{device.name}`: {', '.join(f'`{name}`' for name in names) or 'none'}"]
        rows = list(attributes(cls, node))
        if rows:
            lines += ["", "| Property | Value | Access | Meaning |", "| --- | --- | --- | --- |", *rows]
        lines += [""]
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
