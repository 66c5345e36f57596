"""Graphs that keep small integers integers: every implementation, pass, batch and copy gives the same bits."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import mpsnn as mps
import numpy as np
import pytest
from fuzzing import Example, fuzz, limited_memory
from harness import names_of_implementations
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from support import graph_of

pytestmark = pytest.mark.usefixtures(limited_memory.__name__)

LARGEST = 2**24  # integers up to here are float32 numbers
PIXELS = 200


@dataclass
class Value:
    """An image node with what is known of its contents."""

    node: Any
    shape: tuple[int, int, int]
    bound: int  # of the absolute values
    back: int  # of how much a gradient grows on the way from here to the inputs


class Integers:
    def __init__(self, example: Example) -> None:
        self.example = example
        self.filters: list[Any] = []
        shape = tuple(example.draw(st.integers(1, 6)) for _ in range(3))
        self.inputs = example.draw(st.integers(1, 2))
        self.values = [Value(mps.MPSNNImageNode(f"input{i}"), shape, 4, 1) for i in range(self.inputs)]
        for _ in range(example.draw(st.integers(1, 7))):
            example.pick(
                [self.convolution, self.convolution, self.neuron, self.pool, self.join, self.join]
                + [self.concatenate, self.enlarge, self.pad, self.reduce, self.normalize]
            )(example.pick(self.values[-2:]))

    def add(self, node: Any, shape: tuple[int, ...], bound: int, back: int, *sources: Value) -> None:
        """Keeps the filter, unless its results may be too large. Each image may be read twice: gradients add up."""
        back *= 2 * sum(s.back for s in sources)
        if bound < LARGEST and back * 4 < LARGEST and shape[0] * shape[1] <= PIXELS:
            self.example.say(
                f"x{len(self.values)} = {type(node).__name__} of {[self.values.index(s) for s in sources]}"
            )
            self.filters.append(node)
            self.values.append(Value(node.result_image, tuple(shape), bound, back))

    def integers(self, *shape: int) -> NDArray[np.float32]:
        rng = np.random.default_rng(self.example.draw(st.integers(0, 999)))
        return rng.integers(-2, 3, shape).astype(np.float32)

    def neuron_descriptor(self) -> Any:
        kind, a = self.example.pick([("ReLU", 0), ("ReLU", 2), ("Absolute", 0), ("Linear", -1)])
        return mps.MPSNNNeuronDescriptor(mps.MPSCNNNeuronType[kind], a=a)

    def convolution(self, x: Value) -> None:
        e = self.example
        h, w, c = x.shape
        kh, kw = e.draw(st.integers(1, 3)), e.draw(st.integers(1, 3))
        groups = e.pick([g for g in (1, 1, 2, 3) if c % g == 0])
        outputs = groups * e.draw(st.integers(1, 5))
        shape = mps.MPSCNNConvolutionDescriptor(
            kw, kernel_height=kh, input_feature_channels=c, output_feature_channels=outputs
        )
        shape.groups = groups
        sx, sy = e.draw(st.integers(1, 2)), e.draw(st.integers(1, 2))
        shape.stride_in_pixels_x, shape.stride_in_pixels_y = sx, sy
        shape.dilation_rate_x = e.draw(st.integers(1, 2))
        if e.chance(3):
            shape.fused_neuron_descriptor = self.neuron_descriptor()
        weights = self.integers(outputs, kh, kw, c // groups)
        source = mps.ConvolutionWeights(shape, weights, self.integers(outputs) if e.chance(2) else None)
        node = mps.MPSCNNConvolutionNode(x.node, weights=source)
        grows = 2 * 2 * kh * kw * max(c, outputs)  # the second 2 is the neuron's
        self.add(node, (-(-h // sy), -(-w // sx), outputs), x.bound * grows + 4, grows, x)

    def neuron(self, x: Value) -> None:
        node = mps.MPSCNNNeuronNode.with_descriptor(x.node, self.neuron_descriptor())
        self.add(node, x.shape, 2 * x.bound, 2, x)

    def pool(self, x: Value) -> None:
        e = self.example
        k, s = e.draw(st.integers(1, 3)), e.draw(st.integers(1, 2))
        node = mps.MPSCNNPoolingMaxNode.with_filter_size(x.node, k, s)
        self.add(node, (-(-x.shape[0] // s), -(-x.shape[1] // s), x.shape[2]), x.bound, k * k, x)

    def join(self, x: Value) -> None:
        y = self.example.pick([v for v in self.values if v.shape == x.shape])
        name = self.example.pick(["Addition", "Addition", "Subtraction", "Multiplication"])
        node = getattr(mps, f"MPSNN{name}Node")(x.node, y.node)
        largest = max(x.bound, y.bound)
        is_product = name == "Multiplication"
        self.add(node, x.shape, largest**2 if is_product else 2 * largest, largest if is_product else 1, x, y)

    def concatenate(self, x: Value) -> None:
        y = self.example.pick([v for v in self.values if v.shape[:2] == x.shape[:2]])
        channels = sum(-(-v.shape[2] // 4) * 4 for v in (x, y))
        self.add(mps.MPSNNConcatenationNode([x.node, y.node]), (*x.shape[:2], channels), max(x.bound, y.bound), 1, x, y)

    def enlarge(self, x: Value) -> None:
        node = mps.MPSCNNUpsamplingNearestNode(x.node, integer_scale_factor_x=2, integer_scale_factor_y=1)
        self.add(node, (x.shape[0], 2 * x.shape[1], x.shape[2]), x.bound, 2, x)

    def pad(self, x: Value) -> None:
        node = mps.MPSNNPadNode(
            x.node, padding_size_before=(1, 0, 0), padding_size_after=(0, 2, 0), edge_mode=mps.MPSImageEdgeMode.Constant
        )
        node.fill_value = 3
        self.add(node, (x.shape[0] + 2, x.shape[1] + 1, x.shape[2]), max(3, x.bound), 1, x)

    def reduce(self, x: Value) -> None:
        """These have no gradient."""
        name = self.example.pick(["RowMax", "ColumnSum", "FeatureChannelsMin"])
        h, w, c = x.shape
        shape = {"RowMax": (h, 1, c), "ColumnSum": (1, w, c), "FeatureChannelsMin": (h, w, 1)}[name]
        self.add(getattr(mps, f"MPSNNReduction{name}Node")(x.node), shape, x.bound * h, LARGEST // 64, x)

    def normalize(self, x: Value) -> None:
        channels = x.shape[2]
        source = mps.BatchNormalizationWeights(
            channels,
            gamma=self.integers(channels),
            beta=self.integers(channels),
            mean=self.integers(channels),
            variance=np.ones(channels, np.float32),
            epsilon=0,
        )
        node = mps.MPSCNNBatchNormalizationNode(x.node, data_source=source)
        self.add(node, x.shape, 2 * x.bound + 6, LARGEST // 64, x)  # not exact in a training graph


Outputs = list[NDArray[Any]]


def run(graph: Any, arrays: dict[str, NDArray[Any]]) -> Outputs:
    made = graph(
        *(arrays[handle if isinstance(handle, str) else handle.label()] for handle in graph.source_image_handles)
    )
    return list(made) if isinstance(made, tuple) else [made]


def ways(graph: Any, filters: list[Any]) -> Iterator[tuple[str, Any]]:
    """The graph again, to be run in another way."""

    def changed(**properties: Any) -> Any:
        other = copy.copy(graph)
        for name, value in properties.items():
            setattr(other, name, value)
        return other

    yield "once more", graph
    for name in mps.plan_passes():
        yield f"without {name}", changed(disabled_passes={name})
    for name in names_of_implementations(filters, None):
        if name in ("winograd 4x4", "winograd 5x5"):
            continue  # their points are no integers
        yield name, changed(implementation=name)


@fuzz(150)
@given(st.data())
def test_integers(data: st.DataObject) -> None:
    e = Example(data, odd=0)
    with e.refused_or_ends():
        network = Integers(e)
        if not network.filters:
            return
        last = network.values[-1]
        results, filters = [last.node], list(network.filters)
        if e.chance(2) and last.back * 4 < LARGEST // 64:
            ends = network.filters[-1].training_graph_with_source_gradient(mps.MPSNNImageNode("gradient"))
            results += [end.result_image for end in ends]
            filters += ends
        elif e.chance(2):
            results.append(e.pick(network.values).node)
        for node in results[1:]:
            node.image_allocator = mps.MPSImage.default_allocator()
        e.say(f"{len(results)} results")
        graph = graph_of(*dict.fromkeys(results))
        batch = e.draw(st.integers(1, 3))
        rng = np.random.default_rng(e.draw(st.integers(0, 999)))
        shapes = {f"input{i}": network.values[i].shape for i in range(network.inputs)} | {"gradient": last.shape}
        arrays = {n: rng.integers(-4, 5, (batch, *shape)).astype(np.float32) for n, shape in shapes.items()}
        plain = copy.copy(graph)
        plain.disabled_passes, plain.implementation = set(mps.plan_passes()), "loops"
        expected = run(plain, arrays)
        assert all(np.array_equal(x, np.round(x)) for x in expected)
        for what, other in ways(graph, filters):
            check(run(other, arrays), expected, what)
        alone = [run(graph, {n: x[i] for n, x in arrays.items()}) for i in range(batch)]
        check([np.stack(x) for x in zip(*alone, strict=True)], expected, "image by image")


def check(actual: Outputs, expected: Outputs, what: str) -> None:
    assert len(actual) == len(expected)
    for x, y in zip(actual, expected, strict=True):
        assert x.shape == y.shape, f"{what}: {x.shape}, expected {y.shape}"
        np.testing.assert_array_equal(x, y, err_msg=what)
