"""Saved graphs: every node and attribute comes back, training goes on bit for bit, files survive interrupts, and what
is not a saved graph is refused."""

from __future__ import annotations

import copy
import inspect
import io
import json
import os
import pickle
import signal
import stat
import subprocess
import sys
import time
import types
import zipfile
from pathlib import Path
from typing import Any

import mpsnn as mps
import numpy as np
import pytest
import support as s
from families import CASES
from harness import build, draw, image_node, realize
from mpsnn import _saved
from support import Float16, Float32, Style

# --- ways there and back ---------------------------------------------------------------------------------------------


def through_file(graph: Any) -> Any:
    stream = io.BytesIO()
    graph.save(stream)
    stream.seek(0)
    return mps.MPSNNGraph.load(stream)


def through_pickle(graph: Any) -> Any:
    return pickle.loads(pickle.dumps(graph))


WAYS = {"file": through_file, "pickle": through_pickle, "copy": copy.copy, "deepcopy": copy.deepcopy}
every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


def state_of(graph: Any) -> dict[str, Any]:
    return graph.__getstate__()


def graph_from(state: dict[str, Any]) -> Any:
    graph = mps.MPSNNGraph.__new__(mps.MPSNNGraph)
    graph.__setstate__(state)
    return graph


def same(a: Any, b: Any) -> bool:
    """Equal to the bit, types included."""
    if type(a) is not type(b):
        return False
    match a:
        case dict():
            return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
        case list() | tuple():
            return len(a) == len(b) and all(map(same, a, b))
        case np.ndarray():
            return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
        case float():
            return np.float64(a).tobytes() == np.float64(b).tobytes()
    return bool(a == b)


def everything_from(graph: Any, images: list[Any], states: list[Any]) -> list[Any]:
    """All an encode delivers: results, exported images, losses."""
    made = s.Run(graph, [s.batch(i.astype(np.float32)) for i in images], [states] if states else None)
    delivered = ([] if made.result is None else [made.result]) + made.intermediates
    return [s.values(batch) for batch in delivered] + [s.values(label.loss_image()) for label in states]


def label(handle: Any) -> Any:
    value = getattr(handle, "label", handle)
    return value() if callable(value) else value


def description(graph: Any) -> str:
    """Without the filters that were dropped when the graph was made: they are not saved."""
    return "".join(line for line in graph.debug_description.splitlines(True) if not line.startswith("dropped "))


def permanent(filter_: Any) -> Any:
    """The filter, with a result that the CPU can see."""
    filter_.result_image.image_allocator = mps.MPSImage.default_allocator()
    return filter_


def labels_of(graph: Any) -> list[list[Any]]:
    lists = (
        graph.source_image_handles,
        graph.source_state_handles,
        graph.intermediate_image_handles,
        graph.result_state_handles,
    )
    return [[label(h) for h in handles] for handles in lists]


# --- every node ------------------------------------------------------------------------------------------------------


def case_graph(case: Any, v: Any, training: bool) -> tuple[Any, dict[str, Any]]:
    node = build(case, v, {} if training else None)
    images = {f"source{i}": a for i, a in enumerate(case.source_arrays(v))}
    results = [node]
    if training:
        images["gradient"] = v["gradient"]
        results += node.gradient_filters_with_sources([image_node("gradient")])
    return s.graph_of(*map(permanent, results)), images


# A policy of the caller's is not saved.
SAVED = [case for case in CASES if "edges" not in case.attributes]


@pytest.mark.parametrize("training", [False, True], ids=["forward", "training"])
@pytest.mark.parametrize("case", SAVED, ids=[case.id for case in SAVED])
def test_every_node_comes_back(case, training):
    if training and not case.trains:
        pytest.skip("has no gradient nodes")
    v = draw(case)
    graph, images = case_graph(case, v, training)
    sources = [images[h.name] for h in graph.source_image_handles]

    def run(g: Any) -> list[Any]:
        return everything_from(g, sources, [realize(x) for x in case.labels(v)])

    run(graph)  # dropout counts encodes: what follows is the second of each graph
    loaded, copied = through_file(graph), copy.copy(graph)
    assert same(state_of(loaded), state_of(graph))
    expected = run(graph)
    for other in (loaded, copied):
        assert description(other) == description(graph)
        assert labels_of(other) == labels_of(graph)
        assert same(run(other), expected)
    assert same(state_of(copied), state_of(graph))


def concrete_nodes() -> set[str]:
    """Filter classes with a constructor."""

    def makes(cls: type) -> bool:
        return not isinstance(vars(cls)["__init__"], types.WrapperDescriptorType)  # what abstract classes have

    return {n for n, c in vars(mps).items() if inspect.isclass(c) and issubclass(c, mps.MPSNNFilterNode) and makes(c)}


def test_the_cases_have_every_node():
    met = set()
    for case in SAVED:
        v = draw(case)
        for training in (False, True) if case.trains else (False,):
            met |= {f["class_name"] for f in state_of(case_graph(case, v, training)[0])["filters"]}
    assert concrete_nodes() - met == set()


NEURONS = {
    "MPSCNNNeuronELUNode": {"a": 1.25},
    "MPSCNNNeuronHardSigmoidNode": {"a": 0.3, "b": 0.6},
    "MPSCNNNeuronLinearNode": {"a": 1.5, "b": -0.25},
    "MPSCNNNeuronReLUNNode": {"a": 0.2, "b": 1.5},
    "MPSCNNNeuronReLUNode": {"a": 0.125},
    "MPSCNNNeuronSoftPlusNode": {"a": 2.0, "b": 1.5},
    "MPSCNNNeuronTanHNode": {"a": 1.5, "b": 0.75},
    "MPSCNNNeuronExponentialNode": {"a": 0.5, "b": 0.25, "c": 2.0},
    "MPSCNNNeuronLogarithmNode": {"a": 1.5, "b": 2.5, "c": 3.0},
    "MPSCNNNeuronPowerNode": {"a": 1.5, "b": 2.5, "c": 1.25},
}


@pytest.mark.parametrize("name", NEURONS)
def test_constants_of_neurons(name):
    node = getattr(mps, name)(s.node("x"), **NEURONS[name])
    graph = s.graph_of(node)
    (filter_,) = state_of(through_file(graph))["filters"]
    for key, value in NEURONS[name].items():
        assert np.float32(filter_["attributes"][key]) == np.float32(value)


def test_attributes_that_can_be_set():
    node = mps.MPSNNMultiplicationNode(s.node("a"), s.node("b"))
    values = {
        "primary_scale": 0.5, "secondary_scale": -2.0, "bias": 0.25, "minimum_value": -3.0, "maximum_value": 7.5,
        "secondary_stride_in_pixels_x": 0, "secondary_stride_in_pixels_y": 0, "secondary_stride_in_feature_channels": 0,
        "primary_stride_in_pixels_x": 1,
    }  # fmt: skip
    for name, value in values.items():
        setattr(node, name, value)
    gradients = node.gradient_filters_with_source(s.node("g"))
    for i, gradient in enumerate(gradients):
        gradient.bias = 0.125 + i
        gradient.primary_scale = 3.0
    graph = s.graph_of(*map(permanent, [node, *gradients]))
    loaded = through_file(graph)
    assert description(loaded) == description(graph)
    a, b, g = s.ramp(3, 4, 5) / 10, s.ramp(1, 1, 1), s.ramp(3, 4, 5)
    arrays = [{"a": a, "b": b, "g": g}[h] for h in loaded.source_image_handles]
    for x, y in zip(graph(*arrays), loaded(*arrays), strict=True):
        assert same(x, y)


@pytest.mark.parametrize("flags", ["CalculateStatisticsAlways", "CalculateStatisticsNever"])
def test_batch_normalization_flags(flags):
    source = mps.BatchNormalizationWeights(
        3, mean=[1, 2, 3], variance=[4, 5, 6], gamma=[1, 2, 1], beta=[0, 1, 2], epsilon=0.5
    )
    node = mps.MPSCNNBatchNormalizationNode(s.node("x"), data_source=source)
    node.flags = mps.MPSCNNBatchNormalizationFlags[flags]
    graph = s.graph_of(node)
    loaded = through_file(graph)
    x = s.ramp(2, 3, 4, 3)
    assert same(s.result_of(graph, x), s.result_of(loaded, x))


def test_accumulator_precision():
    weights = np.linspace(-1, 1, 8, dtype=np.float32).reshape(2, 1, 1, 4)
    source = mps.ConvolutionWeights(s.descriptor_of(weights), weights, kernel_weights_data_type=mps.MPSDataType.Float16)
    node = s.convolution(s.node("x"), source, "half")
    node.accumulator_precision = mps.MPSNNConvolutionAccumulatorPrecisionOption.Half
    (filter_,) = state_of(through_file(s.graph_of(node)))["filters"]
    assert filter_["attributes"]["accumulator_precision"] == 0
    assert filter_["label"] == "half"


# --- paddings, images, properties ------------------------------------------------------------------------------------

METHODS = [0x10 | 12, 0, 0x20 | 1, 0x8000 | 0x10 | 4, 0x10 | 2 | 8, 0x2000 | 0x10]


@pytest.mark.parametrize("method", METHODS, ids=hex)
def test_padding_methods(method):
    node = mps.MPSCNNPoolingAverageNode.with_filter_size(s.node("x"), 3, 2)
    node.padding_policy = s.padding(s.Method(method))
    graph = s.graph_of(node)
    loaded = through_file(graph)
    assert description(loaded) == description(graph)
    assert same(graph(s.ramp(6, 7, 3)), loaded(s.ramp(6, 7, 3)))


@pytest.mark.parametrize(
    "name", ["padding_for_tensorflow_average_pooling", "padding_for_tensorflow_average_pooling_valid_only"]
)
def test_tensorflow_policies(name):
    node = mps.MPSCNNPoolingAverageNode.with_filter_size(s.node("x"), 3, 2)
    node.padding_policy = getattr(mps.MPSNNDefaultPadding, name)()
    graph = s.graph_of(node)
    loaded = through_file(graph)
    assert description(loaded) == description(graph)
    assert same(graph(s.ramp(6, 7, 3)), loaded(s.ramp(6, 7, 3)))


class OwnPadding(mps.MPSNNPadding):
    def padding_method(self):
        return s.Method.SizeSame

    def label(self):
        return "mine"


class OwnAllocator(mps.MPSImageAllocator):
    made = 0

    def image_for_command_buffer(self, command_buffer, image_descriptor, kernel):
        OwnAllocator.made += 1
        return mps.MPSImage.with_image_descriptor(image_descriptor)


def test_own_padding_is_refused_and_copied():
    node = mps.MPSCNNPoolingMaxNode.with_filter_size(s.node("x"), 3, 2)
    node.label = "pool1"
    node.padding_policy = OwnPadding()
    graph = s.graph_of(node)
    for save in (through_file, through_pickle):
        with pytest.raises(mps.InvalidArgumentError, match=r'MPSCNNPoolingMaxNode "pool1".*padding_policy "mine"'):
            save(graph)
    assert same(copy.copy(graph)(s.ramp(6, 7, 3)), graph(s.ramp(6, 7, 3)))


def test_own_allocators_are_refused():
    first = s.linear(s.node("x"), 2, label="first")
    first.result_image.image_allocator = OwnAllocator()
    graph = s.graph_of(s.linear(first.result_image, 3))
    with pytest.raises(mps.InvalidArgumentError, match=r'MPSCNNNeuronLinearNode "first".*image_allocator'):
        through_file(graph)
    graph = s.graph_of(s.linear(s.node("x"), 3))
    graph.destination_image_allocator = mine = OwnAllocator()
    with pytest.raises(mps.InvalidArgumentError, match="destination_image_allocator"):
        through_file(graph)
    assert copy.copy(graph).destination_image_allocator is mine


PROPERTIES = [
    "format", "label", "options", "output_state_is_temporary", "emulate_storage", "disabled_passes", "implementation",
    "destination_image_allocator", "result_handle", "result_image_is_needed",
]  # fmt: skip


def test_properties():
    x = s.node("photo", Float16)
    first = s.linear(x, 2, label="first")
    first.result_image.export_from_graph = True
    first.result_image.synchronize_resource = True
    first.result_image.handle = "half way"
    first.result_image.format = Float32
    first.result_image.image_allocator = mps.MPSImage.default_allocator()
    last = s.linear(first.result_image, 3)
    last.result_image.handle = "the end"
    graph = s.graph_of(last)
    graph.format = mps.MPSImageFeatureChannelFormat.Unorm8
    graph.label = "net ß"
    graph.options = mps.MPSKernelOptions.SkipAPIValidation | mps.MPSKernelOptions.AllowReducedPrecision
    graph.output_state_is_temporary = True
    graph.emulate_storage = True
    graph.disabled_passes = {"fuse_neuron"} & set(mps.plan_passes()) or set(mps.plan_passes()[:1])
    graph.implementation = "loops"
    graph.destination_image_allocator = mps.MPSTemporaryImage.default_allocator()
    for way in WAYS.values():
        loaded = way(graph)
        for name in PROPERTIES:
            assert getattr(loaded, name) == getattr(graph, name), name
        assert labels_of(loaded) == labels_of(graph) == [["photo"], [], ["half way"], []]
        # What the loaded graph is made of is told by saving it again.
        assert same(state_of(through_file(loaded)), state_of(graph))


def test_handles_come_back_as_labels():
    class Named:
        label = "by attribute"

    class Unnamed:
        pass

    def source(handle: Any) -> Any:
        return s.linear(s.node(handle))

    handle = Named()
    x = s.add(source(handle).result_image, source("by text").result_image).result_image
    graph = s.graph_of(s.add(x, source(Unnamed()).result_image))
    loaded = through_file(graph)
    assert loaded.source_image_handles[:2] == ["by attribute", "by text"]
    assert isinstance(loaded.source_image_handles[2], mps.MPSHandle)
    assert copy.copy(graph).source_image_handles[0] is handle


# --- what is walked, pruned and delivered ----------------------------------------------------------------------------


def test_order_of_sources_and_outputs():
    a, b, c = s.node("a"), s.node("b"), s.node("c")
    deep = permanent(s.linear(s.linear(c, 2).result_image, 3))
    deep.result_image.export_from_graph = True
    deep.result_image.handle = "deep"
    left = permanent(s.add(b, deep.result_image))
    left.result_image.export_from_graph = True
    left.result_image.handle = "left"
    total = s.add(a, left.result_image)
    total.result_image.handle = "total"
    graph = s.graph_of(total, permanent(s.add(left.result_image, total.result_image)), deep)
    loaded = through_file(graph)
    assert labels_of(loaded) == labels_of(graph)
    assert [label(h) for h in loaded.source_image_handles] == ["a", "b", "c"]
    arrays = [s.ramp(2, 3, 4, start=i) for i in (1, 50, 100)]
    ours, theirs = s.run(graph, *arrays), s.run(loaded, *arrays)
    assert len(ours.intermediates) == len(theirs.intermediates) == 4
    for x, y in zip([ours.result, *ours.intermediates], [theirs.result, *theirs.intermediates], strict=True):
        assert same(s.values(x), s.values(y))


def test_results_that_are_not_needed():
    """Filters that were pruned away do not come back, what they led to does, in the old order."""
    a, b, c = s.node("a"), s.node("b"), s.node("c")
    kept = permanent(s.linear(b, 2))
    kept.result_image.export_from_graph = True
    also = permanent(s.linear(c, 3))
    also.result_image.export_from_graph = True
    # Nobody needs this one: it must not even need its source `d`.
    pruned = s.add(s.add(also.result_image, s.node("d")).result_image, kept.result_image)
    pruned.result_image.handle = "pruned"
    needed = permanent(s.add(a, also.result_image))
    graph = s.graph_of(pruned, needed, needed=[False, True])
    loaded = through_file(graph)
    assert description(loaded) == description(graph)
    assert labels_of(loaded) == labels_of(graph)
    assert loaded.results_are_needed == graph.results_are_needed == [False, True]
    assert loaded.result_handle == "pruned"
    arrays = [s.ramp(2, 3, 4, start=i) for i in range(len(graph.source_image_handles))]
    ours, theirs = graph(*arrays), loaded(*arrays)
    assert ours[0] is theirs[0] is None
    assert same(ours[1], theirs[1])


def test_training_graph_that_ends_in_pruned_filters():
    """Gradient filters before the first trained one are not needed."""
    x = s.linear(s.node("x"), 2).result_image
    source = mps.ConvolutionWeights(s.descriptor_of(np.zeros((2, 1, 1, 3))), seed=3, optimizer=sgd())
    loss = s.loss_node(s.convolution(x, source).result_image)
    graph = s.training_graph(loss)
    loaded = through_file(graph)
    assert description(loaded) == description(graph)
    assert all("LinearGradient" not in step for step in s.steps_of(loaded))
    assert loaded.result_images
    assert loaded.results_are_needed == [False]


def test_input_as_result():
    x = s.node("x")
    graph = s.graph_of(x, permanent(s.linear(x, 2)))
    loaded = through_file(graph)
    assert labels_of(loaded) == labels_of(graph)
    assert same(list(graph(s.ramp(2, 3, 4))), list(loaded(s.ramp(2, 3, 4))))


def test_exported_states():
    node = mps.MPSCNNDropoutNode(s.node("x"), keep_probability=0.5, seed=9)
    node.result_state.export_from_graph = True
    node.result_state.handle = "mask"
    graph = s.graph_of(node)
    loaded = through_file(graph)
    assert [label(h) for h in loaded.result_state_handles] == ["mask"]
    ours, theirs = s.run(graph, s.ramp(3, 4, 5)), s.run(loaded, s.ramp(3, 4, 5))
    assert bytes(ours.states[0].mask_data()) == bytes(theirs.states[0].mask_data())


def test_nodes_that_changed_later_do_not_count():
    node = mps.MPSNNAdditionNode(s.node("a"), s.node("b"))
    node.bias = 1.0
    graph = s.graph_of(node)
    node.bias = 2.0
    node.label = "later"
    node.result_image.export_from_graph = True
    (filter_,) = state_of(graph)["filters"]
    assert filter_["attributes"]["bias"] == 1.0
    assert filter_["label"] == ""
    assert not any(image["export_from_graph"] for image in state_of(graph)["images"])


def test_a_deep_network():
    x = s.node("x")
    for _ in range(20_000):
        x = s.linear(x, 1, 0.001).result_image
    graph = s.graph_of(x)
    loaded = through_file(graph)
    assert len(s.steps_of(loaded)) == 20_000


# --- weights ---------------------------------------------------------------------------------------------------------


def test_values_in_use_are_saved():
    """Not those the source has meanwhile."""
    source = s.Convolution(s.identity_weights(3, 2), np.zeros(3))
    graph = s.graph_of(s.convolution(s.node("x"), source))
    source.values = s.identity_weights(3, 5)
    loaded = through_file(graph)
    x = s.ramp(2, 2, 3)
    assert np.array_equal(loaded(x), 2 * x)
    loaded.reload_from_data_sources()
    assert np.array_equal(loaded(x), 2 * x), "the source is frozen"
    copied = copy.copy(graph)
    assert np.array_equal(copied(x), 2 * x)
    copied.reload_from_data_sources()
    assert np.array_equal(copied(x), 5 * x), "without copy_with_zone the source is shared"


def test_a_source_that_copies_itself():
    class Copying(s.Convolution):
        def copy_with_zone(self, zone=None, device=None):
            self.copied = Copying(self.values.copy(), self.biases)
            return self.copied

    source = Copying(s.identity_weights(3, 2))
    graph = s.graph_of(s.convolution(s.node("x"), source))
    copied = copy.copy(graph)
    assert copied.data_sources == [source.copied]
    source.values = s.identity_weights(3, 5)
    copied.reload_from_data_sources()
    assert np.array_equal(copied(s.ramp(2, 2, 3)), 2 * s.ramp(2, 2, 3))


def test_inference_normalization_inside_a_convolution():
    descriptor = s.descriptor_of(np.zeros((2, 1, 1, 3)))
    descriptor.fused_neuron_descriptor = mps.MPSNNNeuronDescriptor(mps.MPSCNNNeuronType.ReLUN, a=0.1, b=4)
    descriptor.set_batch_normalization_parameters_for_inference_with_mean(
        np.float32([1, 2]), np.float32([4, 9]), np.float32([2, 1]), np.float32([0.5, -0.5]), 0.25
    )
    source = mps.ConvolutionWeights(
        descriptor, np.float32([[1, 2, 3], [-1, 1, -2]]).reshape(2, 1, 1, 3), np.float32([1, -1])
    )
    graph = s.graph_of(s.convolution(s.node("x"), source))
    loaded = through_file(graph)
    assert description(loaded) == description(graph)
    assert same(graph(s.ramp(3, 4, 3)), loaded(s.ramp(3, 4, 3)))


def test_a_copy_is_independent():
    ours = Network()
    graph, copied = ours.graph, copy.copy(ours.graph)
    before = state_of(copied)["sources"][0]["arrays"]["weights"].copy()
    ours.losses(graph, 3)
    assert same(state_of(copied)["sources"][0]["arrays"]["weights"], before)
    assert not same(state_of(graph)["sources"][0]["arrays"]["weights"], before)
    again = Network()
    assert same(again.losses(copied, 3), Network().losses(again.graph, 3))


# --- training goes on ------------------------------------------------------------------------------------------------


def settings(rate: float) -> Any:
    """No number is the default."""
    return mps.MPSNNOptimizerDescriptor(
        rate,
        gradient_rescale=0.5,
        regularization_type=mps.MPSNNRegularizationType.L2,
        regularization_scale=1e-4,
        apply_gradient_clipping=True,
        gradient_clip_max=3.0,
        gradient_clip_min=-4.0,
    )


def sgd() -> Any:
    return mps.MPSNNOptimizerStochasticGradientDescent(
        0.9, use_nesterov_momentum=False, optimizer_descriptor=settings(0.01)
    )


def nesterov() -> Any:
    return mps.MPSNNOptimizerStochasticGradientDescent(
        0.8, use_nesterov_momentum=True, optimizer_descriptor=settings(0.02)
    )


def plain() -> Any:
    return mps.MPSNNOptimizerStochasticGradientDescent.with_learning_rate(0.01)


def rmsprop() -> Any:
    return mps.MPSNNOptimizerRMSProp(0.8, epsilon=1e-6, optimizer_descriptor=settings(0.002))


def adam() -> Any:
    optimizer = mps.MPSNNOptimizerAdam(0.8, beta2=0.95, epsilon=1e-6, time_step=0, optimizer_descriptor=settings(0.003))
    optimizer.label = "adam"
    return optimizer


OPTIMIZERS = [sgd, nesterov, plain, rmsprop, adam]


class Network:
    """Convolution (one source for two filters), batch normalisation, dropout, fully connected, cross entropy."""

    shape, classes, batch = (6, 5, 3), 4, 3

    def __init__(self, optimizer: Any = adam, style: Any = Style.UpdateDeviceGPU, kernel: Any = None) -> None:
        def weights(o: int, h: int, w: int, i: int, seed: int) -> Any:
            descriptor = s.descriptor_of(np.zeros((o, h, w, i)))
            return mps.ConvolutionWeights(
                descriptor,
                biases=np.zeros(o, np.float32),
                seed=seed,
                optimizer=optimizer(),
                kernel_weights_data_type=kernel,
            )

        x = s.node("x")
        shared = weights(3, 3, 3, 3, 1)
        x = s.convolution(s.convolution(x, shared, "one").result_image, shared, "two").result_image
        self.normalization = mps.BatchNormalizationWeights(3, momentum=0.75, epsilon=1e-3, optimizer=optimizer())
        x = mps.MPSCNNBatchNormalizationNode(x, data_source=self.normalization).result_image
        x = s.relu(x).result_image
        x = mps.MPSCNNDropoutNode(x, keep_probability=0.75, seed=5).result_image
        self.scores = mps.MPSCNNFullyConnectedNode(x, weights=weights(self.classes, 6, 5, 3, 2)).result_image
        loss = s.loss_node(self.scores, "SoftMaxCrossEntropy", weight=1 / self.batch)
        self.graph = s.training_graph(loss, style)
        self.step = 0

    def losses(self, graph: Any, steps: int) -> list[Any]:
        found = []
        for _ in range(steps):
            rng = np.random.default_rng(self.step)
            self.step += 1
            x = rng.standard_normal((self.batch, *self.shape)).astype(np.float32)
            labels = s.labels(np.eye(self.classes)[rng.integers(0, self.classes, self.batch)][:, None, None])
            s.run(graph, x, states=[labels])
            found.append(s.losses(labels))
        return found


@every_way
@pytest.mark.parametrize("style", [Style.UpdateDeviceGPU, Style.UpdateDeviceCPU], ids=["gpu", "cpu"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_goes_on_bit_for_bit(optimizer, style, way):
    expected_network = Network(optimizer, style)
    expected = expected_network.losses(expected_network.graph, 10)
    network = Network(optimizer, style)
    first = network.losses(network.graph, 5)
    loaded = way(network.graph)
    assert same(first + network.losses(loaded, 5), expected)
    assert same(state_of(loaded), state_of(expected_network.graph))


@every_way
def test_training_with_weights_rounded_in_the_kernel(way):
    kernel = mps.MPSDataType.Float16
    expected_network, network = Network(kernel=kernel), Network(kernel=kernel)
    expected = expected_network.losses(expected_network.graph, 6)
    first = network.losses(network.graph, 3)
    assert same(first + network.losses(way(network.graph), 3), expected)


def test_frozen_values_do_not_train():
    """A source of the user's own has no form as data: the loaded graph has the same filters, its values stay."""
    source = s.CPUConvolution(np.ones((2, 1, 1, 3)), np.zeros(2))
    source.rate = 0.1
    graph = s.training_graph(s.loss_node(s.convolution(s.node("x"), source).result_image), Style.UpdateDeviceCPU)
    loaded = through_file(graph)
    assert description(loaded) == description(graph)
    x = s.ramp(1, 2, 2, 3)

    def loss(g: Any) -> Any:
        labels = s.labels(np.zeros((1, 2, 2, 2)))
        s.run(g, x, states=[labels])
        return s.losses(labels)

    first = loss(loaded)
    assert same(loss(loaded), first)
    assert same(loss(graph), first)
    assert not same(loss(graph), first)


def test_values_of_an_update_are_saved():
    """Those that the graph computes with since then, and not what its source says."""
    source = s.GPUConvolution(s.identity_weights(1, 2))
    answer = mps.MPSCNNConvolutionWeightsAndBiasesState(mps.Buffer(np.float32([5])))
    source.update = lambda *arguments: answer
    graph = s.training_graph(s.loss_node(s.convolution(s.node("x"), source).result_image), Style.UpdateDeviceGPU)
    x = s.ramp(1, 1, 1, 1)

    def loss(g: Any) -> float:
        labels = s.labels(np.zeros((1, 1, 1, 1)))
        s.run(g, x, states=[labels])
        return s.losses(labels).item()

    assert loss(graph) == 2**2
    loaded, copied = through_file(graph), copy.copy(graph)
    assert (loss(graph), loss(loaded), loss(copied)) == (5**2, 5**2, 5**2)


def test_work_in_flight_is_not_saved():
    network = Network()
    queue = mps.CommandQueue()
    command_buffer = queue.command_buffer()
    images = s.batch(np.zeros((3, *network.shape), np.float32))
    labels = s.labels(np.zeros((3, 1, 1, network.classes)))
    network.graph.encode_batch_to_command_buffer(command_buffer, [images], [labels])
    for way in WAYS.values():
        with pytest.raises(mps.InvalidArgumentError, match="has not completed"):
            way(network.graph)
    command_buffer.commit()
    command_buffer.wait_until_completed()
    through_file(network.graph)


def test_learning_rate_and_further_graphs_of_a_loaded_graph():
    network = Network(plain)
    network.losses(network.graph, 2)
    loaded = through_file(network.graph)
    convolution, normalization, fully_connected = loaded.data_sources
    assert isinstance(convolution, mps.ConvolutionWeights)
    assert isinstance(normalization, mps.BatchNormalizationWeights)
    assert convolution.optimizer.learning_rate == np.float32(0.01)
    for source in loaded.data_sources:
        source.optimizer.set_learning_rate(0)
    before = fully_connected.weights().copy()
    network.losses(loaded, 1)
    assert same(fully_connected.weights().copy(), before)
    s.graph_of(s.convolution(s.node("x"), convolution))(np.zeros(network.shape, np.float32))


# --- devices, subclasses ---------------------------------------------------------------------------------------------


def test_device_argument():
    stream = io.BytesIO()
    s.graph_of(s.linear(s.node("x"), 2)).save(stream)
    assert mps.MPSNNGraph.load(io.BytesIO(stream.getvalue()), device="cpu").device.name == "cpu"
    with pytest.raises(mps.InvalidArgumentError, match="no such thing"):
        mps.MPSNNGraph.load(io.BytesIO(stream.getvalue()), device="no such thing")
    state = state_of(s.graph_of(s.linear(s.node("x"), 2)))
    assert (
        graph_from(state | {"made_on": "another machine's"}).device
        == mps.MPSNNGraph.load(io.BytesIO(stream.getvalue())).device
    )


def test_subclasses():
    class Mine(mps.MPSNNGraph):
        pass

    stream = io.BytesIO()
    s.graph_of(s.linear(s.node("x"), 2)).save(stream)
    stream.seek(0)
    assert type(Mine.load(stream)) is Mine


# --- files -----------------------------------------------------------------------------------------------------------


def small_graph(factor: float = 2) -> Any:
    source = mps.ConvolutionWeights(s.descriptor_of(np.zeros((3, 1, 1, 3))), s.identity_weights(3, factor), np.zeros(3))
    node = s.convolution(s.node("x"), source, "scale")
    return s.graph_of(mps.MPSCNNNeuronPReLUNode(node.result_image, a_data=np.float32([0.5, 0.25, 0.125])))


def factor_of(graph: Any) -> float:
    return float(graph(np.ones((1, 1, 3), np.float32))[0, 0, 0])


def test_paths(tmp_path):
    path = tmp_path / "net.checkpoint"  # no extension is added
    small_graph().save(path)
    assert factor_of(mps.MPSNNGraph.load(path)) == 2
    small_graph(3).save(str(path))
    assert factor_of(mps.MPSNNGraph.load(str(path))) == 3
    assert sorted(p.name for p in tmp_path.iterdir()) == ["net.checkpoint"]
    with pytest.raises(FileNotFoundError):
        mps.MPSNNGraph.load(tmp_path / "missing")
    with pytest.raises(FileNotFoundError):
        small_graph().save(tmp_path / "no folder" / "net")
    with pytest.raises(TypeError):
        small_graph().save(path, 3)


def test_numpy_reads_the_file(tmp_path):
    small_graph(4).save(tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz", allow_pickle=False) as archive:
        document = json.loads(archive["structure"].tobytes())
        weights = archive[document["graph"]["sources"][0]["arrays"]["weights"]["$array"]]
    assert np.array_equal(weights.reshape(3, 3), 4 * np.eye(3))


def test_streams(tmp_path):
    with open(tmp_path / "net", "wb") as stream:
        small_graph().save(stream)
    with open(tmp_path / "net", "rb") as stream:
        assert factor_of(mps.MPSNNGraph.load(stream)) == 2
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as stream:
        small_graph(5).save(stream)
    with os.fdopen(reader, "rb") as stream:
        assert factor_of(mps.MPSNNGraph.load(stream)) == 5


@pytest.mark.skipif(os.name != "posix", reason="POSIX modes and links")
def test_modes_links_and_devices(tmp_path):
    path, link = tmp_path / "net", tmp_path / "link"
    old = os.umask(0o027)
    try:
        small_graph().save(path)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.chmod(0o604)
    link.symlink_to(path.name)
    small_graph(3).save(link)
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o604
    assert factor_of(mps.MPSNNGraph.load(path)) == 3
    small_graph().save("/dev/null")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    with pytest.raises(IsADirectoryError):
        small_graph().save(tmp_path)


class Stop(BaseException):
    """As KeyboardInterrupt: anything may raise it anywhere."""


STEPS = ["open", "chmod", "fsync", "replace", "write"]


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_an_interrupt_leaves_a_whole_file(tmp_path, monkeypatch, step, before):
    path = tmp_path / "net"
    small_graph(2).save(path)
    calls = []

    def interrupted(function: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            calls.append(step)
            if before:
                raise Stop
            function(*args, **kwargs)
            raise Stop

        return call

    if step == "open":
        monkeypatch.setattr(_saved, "open", interrupted(open), raising=False)
    elif step == "write":
        monkeypatch.setattr(_saved.np, "savez", interrupted(np.savez))
    else:
        monkeypatch.setattr(_saved.os, step, interrupted(getattr(os, step)))
    with pytest.raises(Stop):
        small_graph(3).save(path)
    monkeypatch.undo()
    assert calls
    replaced = step == "replace" and not before
    assert factor_of(mps.MPSNNGraph.load(path)) == (3 if replaced else 2)
    left = [p for p in tmp_path.iterdir() if p != path]
    assert left == [] or (step == "open" and not before), "the temporary file is removed"


def test_an_interrupt_inside_the_writing(tmp_path):
    path = tmp_path / "net"
    small_graph(2).save(path)
    whole = path.stat().st_size

    class Full:
        """A disk that is full after some bytes."""

        def __init__(self, stream: Any, room: int) -> None:
            self.stream, self.room = stream, room

        def write(self, data: Any) -> int:
            self.room -= len(data)
            if self.room < 0:
                raise OSError(28, "No space left on device")
            return self.stream.write(data)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.stream, name)

    for room in range(0, whole - 1, whole // 12):
        with pytest.raises(OSError, match="No space left"):
            _saved.replace(str(path), lambda stream, room=room: Full(stream, room).write(b"x" * whole))
        assert factor_of(mps.MPSNNGraph.load(path)) == 2
        assert sorted(p.name for p in tmp_path.iterdir()) == ["net"]


WRITER = """
import sys
import numpy as np
import mpsnn as mps
path = sys.argv[1]
d = mps.MPSCNNConvolutionDescriptor(1, kernel_height=1, input_feature_channels=300, output_feature_channels=300)
i = 0
while True:
    i += 1
    w = mps.ConvolutionWeights(d, np.full((300, 1, 1, 300), i, np.float32), np.full(300, i, np.float32))
    graph = mps.MPSNNGraph(mps.MPSCNNConvolutionNode(mps.MPSNNImageNode("x"), weights=w).result_image)
    graph.label = str(i)
    graph.save(path)
    print(i, flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_killed_writer_leaves_a_whole_file(tmp_path):
    path = tmp_path / "net"
    rng = np.random.default_rng(1)
    numbers = []
    for _ in range(8):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()  # it is writing now
        time.sleep(rng.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        done = process.stdout.read().split()
        process.wait()
        graph = mps.MPSNNGraph.load(path)
        (source,) = state_of(graph)["sources"]
        assert np.all(source["arrays"]["weights"] == int(graph.label))
        assert np.all(source["arrays"]["biases"] == int(graph.label))
        assert int(graph.label) >= max(map(int, done), default=1)
        numbers.append(int(graph.label))
    assert len(numbers) == 8


# --- what is refused -------------------------------------------------------------------------------------------------


def file_of(graph: Any) -> bytes:
    stream = io.BytesIO()
    graph.save(stream)
    return stream.getvalue()


def test_damaged_files(tmp_path):
    """Cut or changed anywhere: refused with the file's name, or, where the byte means nothing, the same graph."""
    graph = small_graph()
    whole = file_of(graph)
    path = tmp_path / "damaged"
    expected = state_of(graph)

    def check(data: bytes, what: str) -> bool:
        path.write_bytes(data)
        try:
            loaded, message = mps.MPSNNGraph.load(path), None
        except mps.Error as error:
            loaded, message = None, str(error)
        if message is None:
            assert same(state_of(loaded), expected), what
        else:
            assert str(path) in message, what
        return message is not None

    for length in range(0, len(whole), 7):
        assert check(whole[:length], f"cut at {length}")
    refused = 0
    rng = np.random.default_rng(2)
    positions = range(0, len(whole), 3)
    for position in positions:
        data = bytearray(whole)
        data[position] ^= int(rng.integers(1, 256))
        refused += check(bytes(data), f"byte {position}")
    assert refused > len(positions) / 2
    assert check(b"", "empty")
    assert check(os.urandom(1000), "noise")
    assert check(b"PK\x03\x04" + os.urandom(500), "noise with the mark of an archive")


class Malicious:
    """Unpickling this creates a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (Path.touch, (self.path,))


def test_no_code_runs_on_load(tmp_path):
    mark, path = tmp_path / "mark", tmp_path / "net.npz"
    evil = np.array([Malicious(mark)], dtype=object)
    path.write_bytes(pickle.dumps(Malicious(mark)))
    files = [path.read_bytes()]
    with open(path, "wb") as stream:
        np.save(stream, evil, allow_pickle=True)
    files.append(path.read_bytes())
    with open(path, "wb") as stream:
        np.savez(stream, structure=evil)
    files.append(path.read_bytes())
    # An otherwise good file whose weights are a pickle.
    with zipfile.ZipFile(io.BytesIO(file_of(small_graph()))) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            data = io.BytesIO()
            if "weights" in name:
                np.save(data, evil, allow_pickle=True)
            else:
                data.write(old.read(name))
            new.writestr(name, data.getvalue())
    files.append(path.read_bytes())
    for data in files:
        path.write_bytes(data)
        with pytest.raises(mps.InvalidArgumentError, match=r"net\.npz"):
            mps.MPSNNGraph.load(path)
        assert not mark.exists()


def test_other_archives(tmp_path):
    path = tmp_path / "other.npz"
    np.savez(path, weights=np.zeros(3))
    with pytest.raises(mps.InvalidArgumentError, match=r"other\.npz"):
        mps.MPSNNGraph.load(path)
    np.savez(path, structure=np.frombuffer(b'{"graph": {}}', np.uint8))
    with pytest.raises(mps.InvalidArgumentError, match="something else"):
        mps.MPSNNGraph.load(path)
    np.savez(path, structure=np.frombuffer(b'{"mpsnn": "graph", "graph": {}}', np.uint8))
    with pytest.raises(mps.InvalidArgumentError, match=r'other\.npz: saved graph lacks "version"'):
        mps.MPSNNGraph.load(path)
    np.savez(path, structure=np.frombuffer(b"[" * 100_000, np.uint8))
    with pytest.raises(mps.InvalidArgumentError, match=r"other\.npz"):
        mps.MPSNNGraph.load(path)


def training_state() -> dict[str, Any]:
    network = Network()
    network.losses(network.graph, 1)
    return state_of(network.graph)


def put(path: str, value: Any) -> Any:
    """A change of a state: the value at the path, or what a function makes of the old one."""

    def change(state: Any) -> None:
        *way, last = [int(p) if p.lstrip("-").isdigit() else p for p in path.split("/")]
        for part in way:
            state = state[part]
        if value is DELETE:
            del state[last]
        else:
            state[last] = value(state[last]) if callable(value) else value

    return change


DELETE = object()
CHANGES = {
    "newer version": (put("version", 2), "version is 2, this library reads versions up to 1"),
    "version 0": (put("version", 0), "version is 0"),
    "version text": (put("version", "1"), "version must be an int, got str"),
    "no filters": (put("filters", DELETE), 'lacks "filters"'),
    "unknown entry": (put("colour", 3), "has 18 entries, this version knows 17"),
    "filters no list": (put("filters", {}), "filters must be a list, got dict"),
    "filter no dict": (put("filters/0", 3), r"filters\[0\] must be a dict, got int"),
    "unknown class": (put("filters/0/class_name", "MPSCNNTelepathyNode"), 'there is no class "MPSCNNTelepathyNode"'),
    "abstract class": (put("filters/0/class_name", "MPSNNFilterNode"), 'there is no class "MPSNNFilterNode"'),
    "another class": (put("filters/0/class_name", "MPSCNNSoftMaxNode"), "there is no attribute"),
    "unknown attribute": (put("filters/4/attributes/colour", 3), 'there is no attribute "colour"'),
    "missing attribute": (put("filters/4/attributes/seed", DELETE), 'the attribute "seed" is missing'),
    "attribute of another type": (put("filters/4/attributes/seed", 1.5), '"seed" must be an integer'),
    "attribute out of range": (put("filters/4/attributes/keep_probability", 1e300), "out of range|keep_probability"),
    "keep_probability 2": (put("filters/4/attributes/keep_probability", 2.0), "keep_probability must lie between"),
    "attribute too long": (put("filters/4/attributes/seed", 2**70), "does not fit into 64 bits"),
    "another neuron": (put("filters/3/attributes/neuron_type", 2), "neuron_type must be ReLU"),
    "kernel size": (
        put("filters/0/attributes/kernel_width", 5),
        '"kernel_width" is 5, what the filter is made from says 3',
    ),
    "source image": (put("filters/0/source_images/0", 999), "there is no image 999"),
    "negative image": (put("filters/0/source_images/0", -1), "there is no image -1"),
    "two sources": (put("filters/0/source_images", [0, 0]), "needs 1 source image, got 2"),
    "no source": (put("filters/0/source_images", []), "needs 1 source image, got 0"),
    "cycle": (put("filters/0/source_images/0", lambda i: 5), "a cycle"),
    "own result": (put("filters/0/result_image", 0), "image_order lacks|made by another|a cycle|needed"),
    "result twice": (put("filters/1/result_image", 1), "is made by another filter"),
    "state twice": (put("filters/1/result_state", lambda i: 1), "is made by another filter|there is no state"),
    "no result": (put("filters/0/result_image", -1), "there is no image -1"),
    "parameters": (put("filters/0/parameters", 77), "there is no parameters 77"),
    "parameters missing": (put("filters/0/parameters", -1), "its parameters are missing"),
    "parameters of another": (put("filters/0/parameters", 2), "parameters are of another kind"),
    "training style": (put("filters/-1/training_style", 7), "there is no training_style 7"),
    "padding policy": (put("filters/0/padding_policy", "mine"), 'there is no padding policy "mine"'),
    "padding method": (put("filters/0/padding_method", 0x4000), "Custom bit"),
    "source": (put("parameters/0/source", 9), "there is no data source 9"),
    "kind": (put("sources/0/kind", "recurrent"), 'no kind of data source "recurrent"'),
    "frozen with an optimizer": (put("sources/0/kind", "frozen_convolution"), "has no optimizer"),
    "weights missing": (put("sources/0/arrays/weights", DELETE), '"weights" is missing'),
    "weights short": (
        put("sources/0/arrays/weights", lambda w: w[:-1]),
        r"weights has 80 elements, expected O\*kH\*kW\*I/groups",
    ),
    "weights empty": (put("sources/0/arrays/weights", lambda w: w[:0]), '"weights" is missing'),
    "weights double": (put("sources/0/arrays/weights", lambda w: w.astype(float)), "must be a float32 array"),
    "weights matrix": (put("sources/0/arrays/weights", lambda w: w.reshape(3, -1)), "must have one dimension, got 2"),
    "weights text": (put("sources/0/arrays/weights", "many"), "must be a float32 array, got str"),
    "moment missing": (put("sources/0/arrays/weights.1", DELETE), '"weights.1" is missing'),
    "moment short": (put("sources/0/arrays/biases.0", lambda b: b[:2]), '"biases.0" has 2 values, expected 3'),
    "further array": (put("sources/0/arrays/momentum", np.zeros(3, np.float32)), "of which 6 belong"),
    "gamma": (put("sources/1/arrays/gamma", lambda g: g[:2]), '"gamma" has 2 values, expected 3'),
    "channels": (put("sources/1/attributes/number_of_feature_channels", 2**50), '"gamma" has 3 values'),
    "groups 0": (put("sources/0/attributes/groups", 0), "weights has 81 elements, expected"),
    "descriptor": (
        put("sources/0/attributes/descriptor", "MPSCNNDescriptor"),
        'no descriptor class "MPSCNNDescriptor"',
    ),
    "optimizer": (
        put("sources/0/optimizer/class_name", "MPSNNOptimizerMagic"),
        'no optimizer class "MPSNNOptimizerMagic"',
    ),
    "another optimizer": (put("sources/0/optimizer/class_name", "MPSNNOptimizerRMSProp"), "decay|no attribute"),
    "regularization": (put("sources/0/optimizer/attributes/regularization_type", 9), "regularization_type must be"),
    "results": (put("results", []), "results is empty"),
    "result": (put("results/0/image", 1000), "there is no image 1000"),
    "image order": (put("image_order/0", 1000), "there is no image 1000"),
    "image order twice": (put("image_order", lambda o: [*o, o[0]]), "twice"),
    "image order empty": (put("image_order", []), "image_order lacks"),
    "image format": (put("images/0/format", 17), "there is no image format 17"),
    "allocator": (put("images/0/allocator", 5), "there is no allocator 5"),
    "format": (put("format", 9), "there is no image format 9"),
    "encode count": (put("encode_count", -1), "encode_count must not be negative"),
    "label no text": (put("label", 3), "label must be text, got int"),
    "flag no bool": (put("emulate_storage", 1), "emulate_storage must be True or False, got int"),
    "wrong text": (put("label", "\ud800"), "label is not valid text"),
    "filter not needed": (put("filters/-1/training_style", 0), "is not needed for what the graph delivers"),
    "values": (put("parameters/0/values", {"weights": np.zeros(3, np.float32)}), '"weights" has 3 values, expected 81'),
    "values of nothing": (put("parameters/0/values", {"nothing": np.zeros(3, np.float32)}), "of which 0 belong"),
}


@pytest.fixture(scope="module")
def good_state() -> dict[str, Any]:
    return training_state()


def test_the_good_state_loads(good_state):
    assert same(state_of(graph_from(good_state)), good_state)


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_wrong_is_named(good_state, name):
    change, message = CHANGES[name]
    state = copy.deepcopy(good_state)
    change(state)
    with pytest.raises(mps.Error, match=message):
        graph_from(state)
    stream = io.BytesIO()
    stream.name = "broken.npz"
    _saved.write(state, stream)
    stream.seek(0)
    with pytest.raises(mps.Error, match=r"broken\.npz"):
        mps.MPSNNGraph.load(stream)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Any:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from leaves(item, (*path, key))


def mutate(state: dict[str, Any], paths: list[Any], rng: Any) -> None:
    *way, last = paths[rng.integers(len(paths))] or ("version",)
    place: Any = state
    for part in way:
        place = place[part]
    odd = [-1, 0, 1, 2, 3, 7, 2**31, 2**62, -(2**63), 0.0, -1.5, float("nan"), float("inf"), 1e300, True, False, None,
           "", "weights", "MPSNNAdditionNode", "MPSCNNPoolingMaxGradientNode", [], {}, [0], [0, 1],
           np.zeros(3, np.float32), np.zeros(0, np.float32)]  # fmt: skip
    match int(rng.integers(4)):
        case 0 if isinstance(place, list):
            place.insert(last, copy.deepcopy(place[rng.integers(len(place))]))
        case 1:
            del place[last]
        case 2 if isinstance(place, list) and len(place) > 1:
            other = int(rng.integers(len(place)))
            place[last], place[other] = place[other], place[last]
        case _:
            place[last] = odd[rng.integers(len(odd))]


def fuzz(state: dict[str, Any], rounds: int, seed: int) -> int:
    """Loads damaged states; what loads also runs or is refused. Returns how many loaded."""
    rng = np.random.default_rng(seed)
    loaded = 0
    x = s.batch(np.ones((2, 6, 5, 3), np.float32))
    for _ in range(rounds):
        damaged = copy.deepcopy(state)
        for _ in range(rng.integers(1, 4)):
            try:
                mutate(damaged, list(leaves(damaged)), rng)
            except (KeyError, IndexError, TypeError):
                continue
        try:
            graph = graph_from(damaged)
        except mps.Error:
            continue
        loaded += 1
        try:
            states = [s.labels(np.zeros((2, 1, 1, 4))) for _ in graph.source_state_handles]
            s.Run(graph, [x for _ in graph.source_image_handles], states)
        except mps.Error:
            pass
    return loaded


def test_garbage_never_crashes(good_state):
    assert fuzz(good_state, 400, 7) > 10
    convolution = mps.ConvolutionWeights(s.descriptor_of(np.zeros((4, 3, 2, 3))), seed=1)
    x = mps.MPSCNNConvolutionNode(s.node("x"), weights=convolution).result_image
    x = mps.MPSCNNPoolingMaxNode.with_filter_size(x, 2, 2).result_image
    x = mps.MPSNNConcatenationNode([x, s.relu(x).result_image]).result_image
    x = mps.MPSCNNNeuronPReLUNode(x, a_data=np.ones(8, np.float32)).result_image
    last = mps.MPSCNNSoftMaxNode(s.add(x, x).result_image)
    gradients = last.training_graph_with_source_gradient(s.node("g"))
    assert fuzz(state_of(s.graph_of(last, *gradients)), 400, 8) > 10
