"""What the documentation says each node is in PyTorch, run: the same results, and by autograd the same gradients.

A docstring's paragraph "In PyTorch:" is followed by code; the docstring of MPSNNFilterNode says which names it may use.
Any case of tests/families finds the code by the class of the node it makes, so a new node needs no line here.
"""

import ast
import functools
import inspect
import math
import textwrap
from typing import Any

import mpsnn
import numpy as np
import pytest
from families import CASES
from families.normalization import MPSCNNBatchNormalizationNode
from harness import (
    Array,
    Case,
    New,
    Padding,
    Settings,
    Values,
    assert_outputs,
    build,
    draw,
    image_node,
    placement,
    prepare,
    realize,
)

torch = pytest.importorskip("torch", reason="PyTorch is the second witness; it is in no extra")

Names = dict[str, Any]


def code(cls: type) -> str | None:
    """The indented block behind "In PyTorch:" in the class's own docstring."""
    doc = inspect.cleandoc(cls.__doc__ or "")
    _, found, rest = doc.partition("\n\nIn PyTorch:\n\n")
    if not found:
        return None
    lines = rest.split("\n")
    end = next((i for i, line in enumerate(lines) if line and not line.startswith("    ")), len(lines))
    return textwrap.dedent("\n".join(lines[:end]))


@functools.cache
def compiled(cls: type) -> Any:
    text = code(cls)
    assert text, f"{cls.__name__} has no code behind a line `In PyTorch:`"
    return compile(text, f"<{cls.__name__}>", "exec")


@functools.cache
def functions(cls: type) -> Any:
    """The functions that the code of a node defines, for the nodes that refer to it."""
    body = [part for part in ast.parse(code(cls) or "").body if isinstance(part, ast.FunctionDef)]
    return compile(ast.Module(body, []), f"<{cls.__name__}>", "exec")


def tensor(a: Array) -> Any:
    """Images and weights of four dimensions become N x C x H x W; all numbers float64."""
    return torch.tensor(np.array(a.transpose(0, 3, 1, 2) if a.ndim == 4 else a, np.float64, order="C"))


def array(t: Any) -> Array:
    a = t.detach().numpy()
    return a.transpose(0, 2, 3, 1) if a.ndim == 4 else a


def properties(thing: Any) -> Names:
    """What a node, a descriptor or a data source has to say for itself, by Python's names."""
    found: Names = {}
    for name in dir(type(thing)):
        member = getattr(type(thing), name)
        if isinstance(member, property) and not name.startswith("_"):
            found[name] = getattr(thing, name)
    return found


def behind_the_sums(descriptor: New, names: Names) -> Any:
    """f of a convolution: the activation is the code of its own node."""
    normalization = descriptor.calls.get("set_batch_normalization_parameters_for_inference_with_mean")
    neuron = names["fused_neuron_descriptor"]
    node = mpsnn.MPSCNNNeuronNode.with_descriptor(mpsnn.MPSNNImageNode(), neuron)
    r = names.get("sub_pixel_scale_factor", 1)

    def f(x: Any) -> Any:
        if normalization is not None:
            (mean,), rest = normalization
            arrays = [tensor(a) for a in (mean, rest["variance"], rest["gamma"], rest["beta"])]
            x = torch.nn.functional.batch_norm(x, *arrays, False, 0, rest["epsilon"])
        own = names | properties(node) | {"x": x, "a_data": None if neuron.data is None else tensor(neuron.data)}
        exec(compiled(type(node)), own)
        return own["y"].unflatten(1, (r, r, -1)).permute(0, 3, 4, 1, 5, 2).flatten(4, 5).flatten(2, 3)

    return f


def windows(case: Case, node: Any, names: Names, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """(left, right, top, bottom) around an image of height x width."""
    method = Padding(int(node.padding_policy.padding_method()))
    sizes: list[int] = []
    for axis, size, length in (("x", "width", shape[1]), ("y", "height", shape[0])):
        extent = (names[f"kernel_{size}"] - 1) * names.get(f"dilation_rate_{axis}", 1) + 1
        stride = names.get(f"stride_in_pixels_{axis}", 1)
        if hasattr(case, "axis"):  # a transposed convolution: its windows slide over the enlarged source
            result, first = case.axis(axis)
            length, stride = (length - 1) * stride + 1, 1
        else:
            result, first = placement(length, extent, stride, method, axis)
        sizes += [-first, (result - 1) * stride + extent - length + first]
    return tuple(sizes)


def environment(case: Case, v: Values, node: Any, wanted: set[str]) -> tuple[Names, list[str]]:
    """The names that the code may use, and the harness's names of the node's sources. Gradients are asked for `wanted`."""
    names: Names = {k: x for k, x in vars(mpsnn).items() if not k.startswith("_")}
    names |= {"math": math, "torch": torch, "F": torch.nn.functional, "is_training": wanted != {"result"}}
    exec(functions(mpsnn.MPSCNNLossNode), names)
    written = case.node([image_node(f"source{i}") for i in range(len(case.sources))], v)
    for name, given in written.kwargs.items():
        value = realize(given)
        names |= properties(value)
        if isinstance(value, mpsnn.MPSCNNConvolutionDataSource):
            names |= properties(value.descriptor())
            names["f"] = behind_the_sums(given.args[0], names)
        elif name == "data_source":
            names["epsilon"] = value.epsilon()
        names[name] = tensor(value) if isinstance(value, np.ndarray) else value
    names |= properties(node) | {"padding_method": node.padding_policy.padding_method()}
    for name, value in (v | case.pytorch_values(v)).items():
        names[name] = tensor(value).requires_grad_(name in wanted or name.startswith("source"))
    listed = written.args[0] if isinstance(written.args[0], list) else written.args
    read = [node.handle.name for node in listed if isinstance(node, mpsnn.MPSNNImageNode)]
    sources = [names[name] for name in read]
    names |= {"x": sources[0], "left": sources[0], "right": sources[-1], "sources": sources, "g": names["gradient"]}
    if "clip_rect_source" in names:
        region = names["clip_rect_source"]
        (x, y), (w, h) = (region.origin.x, region.origin.y), (region.size.width, region.size.height)
        names["x"] = names["x"][:, :, y : min(y + h, 2**31), x : min(x + w, 2**31)]
    if "kernel_width" in names:
        names["padding"] = windows(case, node, names, tuple(sources[0].shape[2:]))
    return names, read


def answers(case: Case, v: Values, wanted: set[str]) -> Values:
    """What the documented code makes of the values, in float64: the result, and the gradients of what else is wanted."""
    node = build(case, v)
    names, read = environment(case, v, node, wanted)
    exec(compiled(type(node)), names)
    found = {"result": array(names["y"])}
    if wanted == {"result"}:
        return found
    gradients = node.gradient_filters_with_sources([image_node("gradient")])
    for source, gradient in zip(read[: len(gradients)], gradients, strict=True):  # weights of a loss have none
        exec(compiled(type(node)), names)  # anew: autograd goes through the code once
        own = names | properties(gradient) | {"x": names[source]}
        exec(compiled(type(gradient)), own)
        found |= {source: array(own["d"])}
        found |= {k: array(own[name]) for k in wanted if (name := f"gradient_for_{k}") in own}
    return found


def is_taken(case: Case) -> bool:
    """Left out: edge modes that a policy sets, which are not the node's, and normalising one number, which PyTorch refuses."""
    h, w, c = case.sources[0]
    numbers = {
        "MPSCNNBatchNormalizationNode": case.batch * h * w,
        "MPSCNNInstanceNormalizationNode": h * w,
        "MPSCNNGroupNormalizationNode": case.batch * h * w * c // case.attributes.get("number_of_groups", 1),
    }
    return "edges" not in case.attributes and numbers.get(case.name) != 1


TAKEN = [case for case in CASES if is_taken(case)]


@pytest.mark.parametrize("case", TAKEN, ids=[case.id for case in TAKEN])
def test_the_documented_code_is_true(case: Case) -> None:
    v = draw(case)
    outputs = prepare(case, v, Settings(), training=case.trains)()
    outputs.pop("loss", None)  # the code is about the result; test_nodes.py has the reductions
    assert_outputs(outputs, answers(case, v, set(outputs)), case)


@pytest.mark.parametrize("case", [case for case in TAKEN if isinstance(case, MPSCNNBatchNormalizationNode)][:3])
def test_the_code_of_batch_normalisation_without_training(case: Case) -> None:
    v = draw(case)
    assert_outputs(prepare(case, v, Settings())(), answers(case, v, {"result"}), case)
