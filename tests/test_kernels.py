"""Kernels made and encoded by hand: the cases of the table once more, then offset, clip rectangle and channel offsets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpsnn as mps
import numpy as np
import pytest
from families import CASES
from harness import Array, Case, Values, assert_outputs, draw, image_node, realize
from support import blank, refused
from support import encoded as wait

FLOAT32 = mps.MPSImageFeatureChannelFormat.Float32


def image(values: Any) -> mps.MPSImage:
    return mps.MPSImage(np.ascontiguousarray(values, np.float32))


def batch(values: Array) -> list[mps.MPSImage]:
    return image(values).batch_representation()


def to_array(images: list[mps.MPSImage]) -> Array:
    return np.stack([i.to_numpy() for i in images])


def taking(*names: str) -> Callable[[Any, dict[str, Any]], dict[str, Any]]:
    """A constructor's arguments: attributes of the node, or what the node was made of."""
    return lambda node, given: {n: given[n] if n in given else getattr(node, n) for n in names}


def neuron_descriptor(node: Any, given: dict[str, Any]) -> dict[str, Any]:
    kind = getattr(mps.MPSCNNNeuronType, type(node).__name__.removeprefix("MPSCNNNeuron").removesuffix("Node"))
    return {"neuron_descriptor": mps.MPSNNNeuronDescriptor(kind, a=node.a, b=node.b, c=node.c)}


def prelu_descriptor(node: Any, given: dict[str, Any]) -> dict[str, Any]:
    return {"neuron_descriptor": mps.MPSNNNeuronDescriptor.cnn_neuron_prelu_descriptor(given["a_data"], False)}


def binary_convolution(node: Any, given: dict[str, Any]) -> dict[str, Any]:
    return {"convolution_data" if n == "weights" else n: value for n, value in given.items()}


def cross_channel(node: Any, given: dict[str, Any]) -> dict[str, Any]:
    return {"kernel_size": node.kernel_size_in_feature_channels}


SIZES = ("kernel_width", "kernel_height")
WINDOW = (*SIZES, "stride_in_pixels_x", "stride_in_pixels_y")
FACTORS = ("integer_scale_factor_x", "integer_scale_factor_y")

# How kernels are made, by the class of the node or the nearest of its bases; gradients as their forward kernels, unless
# they are here. Families that are not here take nothing.
ARGUMENTS = {
    "MPSCNNBinaryConvolutionNode": binary_convolution,
    "MPSCNNConvolutionNode": taking("weights"),
    "MPSCNNCrossChannelNormalizationGradientNode": taking("kernel_size"),
    "MPSCNNCrossChannelNormalizationNode": cross_channel,
    "MPSCNNDilatedPoolingMaxNode": taking(*WINDOW, "dilation_rate_x", "dilation_rate_y"),
    "MPSCNNDropoutNode": taking("keep_probability", "seed", "mask_stride_in_pixels"),
    "MPSCNNGroupNormalizationGradientNode": taking(),
    "MPSCNNGroupNormalizationNode": taking("data_source"),
    "MPSCNNInstanceNormalizationGradientNode": taking(),
    "MPSCNNInstanceNormalizationNode": taking("data_source"),
    "MPSCNNLocalContrastNormalizationNode": taking(*SIZES),
    "MPSCNNNeuronGradientNode": lambda node, given: {"neuron_descriptor": node.descriptor},
    "MPSCNNNeuronNode": neuron_descriptor,
    "MPSCNNNeuronPReLUNode": prelu_descriptor,
    "MPSCNNPoolingNode": taking(*WINDOW),
    "MPSCNNSpatialNormalizationNode": taking(*SIZES),
    "MPSCNNUpsamplingBilinearGradientNode": taking(*FACTORS),
    "MPSCNNUpsamplingBilinearNode": taking(*FACTORS, "align_corners"),
    "MPSCNNUpsamplingNearestNode": taking(*FACTORS),
    "MPSNNArithmeticGradientNode": taking("is_secondary_source_filter"),
    "MPSNNPadGradientNode": taking(),
    "MPSNNPadNode": taking("padding_size_before", "padding_size_after"),
}

# Kernel classes that are not named after their nodes: how the names begin.
RENAMED = {
    "MPSNNAddition": "MPSCNNAdd",
    "MPSNNComparison": "MPSNNCompare",
    "MPSNNDivision": "MPSCNNDivide",
    "MPSNNMultiplication": "MPSCNNMultiply",
    "MPSNNReduction": "MPSNNReduce",
    "MPSNNSubtraction": "MPSCNNSubtract",
}

# The result's size, where each encode of the kernel is told it.
RESHAPED = ("result_width", "result_height", "result_feature_channels")

# What gradient kernels read beside the gradient, where that is not the source they differentiate by.
READS_RESULT = ("MPSCNNSoftMaxNode", "MPSCNNLogSoftMaxNode")
READS_OTHER_SOURCE = ("MPSNNMultiplicationNode",)


def kernel_class(node: Any) -> Any:
    """The class of the kernel that a node stands for; None where there is none."""
    name = type(node).__name__.removesuffix("Node")
    for start, other in RENAMED.items():
        if name.startswith(start):
            name = other + name.removeprefix(start)
    neuron = mps.MPSCNNNeuron if isinstance(node, mps.MPSCNNNeuronNode) else None
    return getattr(mps, name, neuron)


def kernel_of(node: Any, given: dict[str, Any] | None = None) -> Any:
    """The kernel that a node stands for, with the node's attributes, its results permanent."""
    names = [n for c in type(node).__mro__ for n in (c.__name__, c.__name__.replace("Gradient", ""))]
    take = next((ARGUMENTS[n] for n in names if n in ARGUMENTS), taking())
    arguments, cls = take(node, given or {}), kernel_class(node)
    kernel = (cls.with_scale_value if "scale_value" in arguments else cls)(**arguments)
    copy_attributes(node, kernel)
    kernel.padding = node.padding_policy
    if isinstance(node, mps.MPSCNNPoolingNode | mps.MPSCNNDilatedPoolingMaxNode):
        kernel.edge_mode = mps.MPSImageEdgeMode.Clamp  # as nodes do
    if isinstance(node, mps.MPSNNPadNode):
        kernel.edge_mode = (given or {})["edge_mode"]  # an argument of the node's, a property of the kernel's
    kernel.destination_image_allocator = mps.MPSImage.default_allocator()
    return kernel


def copy_attributes(node: Any, kernel: Any) -> None:
    """What both have and the kernel lets one set."""
    for name in set(dir(node)) - {"label"}:
        if getattr(getattr(type(kernel), name, None), "fset", None):
            setattr(kernel, name, getattr(node, name))


def node_of(case: Case, v: Values) -> tuple[Any, dict[str, Any]]:
    """The case's node and the objects that it was made of."""
    described, made = case.node([image_node(f"source{i}") for i in range(len(case.sources))], v), {}
    return realize(described, made=made), {k: realize(x, made=made) for k, x in described.kwargs.items()}


def has_kernel(case: Case) -> bool:
    v = draw(case)
    node, given = node_of(case, v)
    # Tests of their own: several kernels work together, or there are labels.
    not_here = isinstance(node, mps.MPSCNNBatchNormalizationNode | mps.MPSNNForwardLossNode)
    if case.labels(v) or "convolution_gradient_state" in given or not_here:
        return False
    return kernel_class(node) is not None


def parameter_gradients(states: list[Any], names: list[str]) -> Values:
    """What gradient kernels left in the states of a batch, summed; a state that the images share counts once."""
    distinct = {id(s): s for s in states}.values()
    return {n: np.sum([np.array(getattr(s, f"gradient_for_{n}").to_numpy()) for s in distinct], axis=0) for n in names}


def check_gradients(case: Case, v: Values, sources: list[Any], result: Any, states: list[Any]) -> None:
    """The gradient kernels of a case, after the forward kernel."""
    node, given = node_of(case, v)
    expected = case.gradients(v, v["gradient"])
    gradients = node.gradient_filters_with_sources([image_node("gradient")])
    by_source = [n for n in expected if n.startswith("source")]
    made = {}
    for gradient_node, name in zip(gradients, by_source, strict=True):
        i = int(name[-1])
        read = sources[1 - i] if type(node).__name__ in READS_OTHER_SOURCE else sources[i]
        if type(node).__name__ in READS_RESULT:
            read = result
        kernel, gradient = kernel_of(gradient_node, given), batch(v["gradient"])
        copy_attributes(node, kernel)  # what gradient nodes take from their states,
        copy_attributes(gradient_node, kernel)  # what they do not
        made[name] = to_array(
            wait(lambda b, k=kernel, g=gradient, r=read: k.encode_batch_to_command_buffer(b, g, r, states))
        )
    parameters = [n for n in expected if n not in by_source]
    if parameters:
        made |= {n: a.reshape(expected[n].shape) for n, a in parameter_gradients(states, parameters).items()}
    assert_outputs(made, expected, case)


ALL = [case for case in CASES if has_kernel(case)]
MIRRORED = [case for case in CASES if "mirrored" in case.attributes]


@pytest.mark.parametrize("case", ALL, ids=[case.id for case in ALL])
def test_kernel_agrees_with_the_reference(case: Case) -> None:
    v = draw(case)
    node, given = node_of(case, v)
    kernel = kernel_of(node, given)
    sources = [batch(a) for a in case.source_arrays(v)]
    states: list[Any] | None = [] if case.trains else None
    size = [given[n] for n in RESHAPED if n in given]
    result = wait(lambda b: kernel.encode_batch_to_command_buffer(b, *sources, *size, destination_states=states))
    assert_outputs({"result": to_array(result)}, {"result": case.forward(v, case.trains)}, case)
    if states is None:
        return
    assert len(states) == case.batch, "no result state"
    is_shared = kernel.is_result_state_reused_across_batch()
    assert len({id(s) for s in states}) == (1 if is_shared else case.batch)
    check_gradients(case, v, sources, result, states)


@pytest.mark.parametrize("case", MIRRORED, ids=[case.id for case in MIRRORED])
def test_transposed_convolution_mirrors_a_convolution(case: Case) -> None:
    v = draw(case)
    inputs = [image_node(f"source{i}") for i in range(2)]
    described = case.node(inputs, v).kwargs["convolution_gradient_state"].of
    convolution = kernel_of(realize(described), {"weights": realize(described.kwargs["weights"])})
    kernel = kernel_of(*node_of(case, v))
    sources = [batch(a) for a in case.source_arrays(v)]
    mirrored: list[Any] = []
    states: list[Any] = []

    def encode(b: Any) -> Any:
        convolution.encode_batch_to_command_buffer(b, sources[0], mirrored)
        return kernel.encode_batch_to_command_buffer(b, sources[1], mirrored, destination_states=states)

    result = wait(encode)
    expected = {"result": case.forward(v)}
    assert_outputs({"result": to_array(result)}, expected, case)
    check_gradients(case, v, sources, result, states)
    # Into images of the caller's the state decides, too.
    destinations = batch(np.zeros_like(expected["result"]))
    kernel.kernel_offset_x = kernel.kernel_offset_y = 7
    wait(lambda b: kernel.encode_batch_to_command_buffer(b, sources[1], mirrored, destinations))
    assert_outputs({"result": to_array(destinations)}, expected, case)


# ---- where a kernel reads and writes ----


def softmax(x: Array) -> Array:
    e = np.exp(x.astype(np.float64) - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def test_clip_rect_and_offset_of_a_filter_without_a_window() -> None:
    x = np.random.default_rng(1).standard_normal((5, 7, 5)).astype(np.float32)
    destination = blank(6, 8, 5)
    kernel = mps.MPSCNNSoftMax()
    kernel.clip_rect = mps.MTLRegion((1, 2, 0), (4, 3, 1))
    kernel.offset = (2, 1, 0)
    wait(lambda b: kernel.encode_to_command_buffer(b, image(x), destination))
    expected = np.full((6, 8, 5), 7.0)
    expected[2:5, 1:5] = softmax(x[1:4, 2:6])
    np.testing.assert_allclose(destination.to_numpy(), expected, rtol=1e-6)


@pytest.mark.parametrize("mode", ["Zero", "Clamp"])
def test_edge_mode_beyond_the_source(mode: str) -> None:
    x = np.random.default_rng(2).standard_normal((3, 4, 4)).astype(np.float32)
    kernel = mps.MPSCNNNeuronLinear(mps.MPSNNNeuronDescriptor(mps.MPSCNNNeuronType.Linear, a=2, b=1))
    kernel.edge_mode = getattr(mps.MPSImageEdgeMode, mode)
    kernel.offset = (-1, -2, 0)
    destination = blank(7, 7, 4)
    wait(lambda b: kernel.encode_to_command_buffer(b, image(x), destination))
    padded = np.pad(x, ((2, 2), (1, 2), (0, 0)), mode="edge" if mode == "Clamp" else "constant")
    np.testing.assert_allclose(destination.to_numpy(), 2 * padded + 1, rtol=1e-6)


def test_offset_of_a_window() -> None:
    x = np.random.default_rng(3).standard_normal((9, 8, 3)).astype(np.float32)
    kernel = mps.MPSCNNPoolingMax(2, kernel_height=3, stride_in_pixels_x=2, stride_in_pixels_y=1)
    kernel.offset = (3, 2, 0)  # centres: the window's second column, its second row
    kernel.clip_rect = mps.MTLRegion((1, 1, 0), (2, 4, 1))
    destination = blank(6, 5, 3)
    wait(lambda b: kernel.encode_to_command_buffer(b, image(x), destination))
    expected = np.full((6, 5, 3), 7.0, np.float32)
    for i in range(4):
        for j in range(2):
            expected[1 + i, 1 + j] = x[1 + i : 4 + i, 2 + 2 * j : 4 + 2 * j].max((0, 1))
    np.testing.assert_array_equal(destination.to_numpy(), expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_channel_offsets(dtype: type) -> None:
    x = np.random.default_rng(4).standard_normal((3, 4, 11)).astype(dtype)
    kernel = mps.MPSCNNSoftMax()
    kernel.source_feature_channel_offset = 4
    kernel.source_feature_channel_max_count = 5
    kernel.destination_feature_channel_offset = 8
    destination = mps.MPSImage(np.full((3, 4, 14), 7, dtype))
    wait(lambda b: kernel.encode_to_command_buffer(b, mps.MPSImage(x), destination))
    expected = np.full((3, 4, 14), 7.0)
    expected[..., 8:13] = softmax(x[..., 4:9].astype(np.float32))
    np.testing.assert_allclose(destination.to_numpy(), expected, rtol=2e-3 if dtype == np.float16 else 1e-6)


def test_images_within_an_image() -> None:
    x = np.random.default_rng(5).standard_normal((4, 2, 3, 4)).astype(np.float32)
    kernel = mps.MPSCNNSoftMax()
    kernel.offset = (0, 0, 1)
    kernel.clip_rect = mps.MTLRegion((0, 0, 2), (3, 2, 2))
    destination = blank(2, 3, 4, count=5)
    wait(lambda b: kernel.encode_to_command_buffer(b, image(x), destination))
    expected = np.full((5, 2, 3, 4), 7.0)
    expected[2:4] = softmax(x[1:3])
    np.testing.assert_allclose(destination.to_numpy(), expected, rtol=1e-6)


def test_reload_export_and_gradient_option() -> None:
    descriptor = mps.MPSCNNConvolutionDescriptor(
        kernel_width=1, kernel_height=1, input_feature_channels=2, output_feature_channels=3
    )
    weights = mps.ConvolutionWeights(descriptor, np.arange(6).reshape(3, 1, 1, 2), np.ones(3))
    kernel, gradient = mps.MPSCNNConvolution(weights), mps.MPSCNNConvolutionGradient(weights)
    for k in (kernel, gradient):
        k.destination_image_allocator = mps.MPSImage.default_allocator()
    assert kernel.data_source is weights and gradient.source_gradient_feature_channels == 3
    x = np.ones((2, 2, 2), np.float32)
    new = mps.MPSCNNConvolutionWeightsAndBiasesState(
        weights=mps.Buffer(np.full(6, 2, np.float32)), biases=mps.Buffer(np.zeros(3, np.float32))
    )
    states: list[Any] = []

    def encode(b: Any) -> tuple[Any, ...]:
        before = kernel.encode_to_command_buffer(b, image(x))
        kernel.reload_weights_and_biases_with_command_buffer(b, new)
        after = kernel.encode_to_command_buffer(b, image(x), states)
        return before, after, kernel.export_weights_and_biases_with_command_buffer(b, False)

    before, after, exported = wait(encode)
    assert before.to_numpy()[0, 0].tolist() == [2, 6, 10]
    assert after.to_numpy()[0, 0].tolist() == [4, 4, 4]
    assert exported.weights.to_numpy().tolist() == [2] * 6
    kernel.reload_weights_and_biases_from_data_source()
    again = wait(lambda b: kernel.encode_to_command_buffer(b, image(x)))
    assert again.to_numpy()[0, 0].tolist() == [2, 6, 10]

    g = np.ones((2, 2, 3), np.float32)
    gradient.gradient_option = mps.MPSCNNConvolutionGradientOption.GradientWithData
    d = wait(lambda b: gradient.encode_to_command_buffer(b, image(g), image(x), states[0]))
    assert d.to_numpy()[0, 0].tolist() == [6, 9]
    assert states[0].gradient_for_weights.to_numpy().tolist() == [0] * 6
    gradient.gradient_option = mps.MPSCNNConvolutionGradientOption.GradientWithWeightsAndBias
    wait(lambda b: gradient.encode_to_command_buffer(b, image(g), image(x), states[0]))
    assert states[0].gradient_for_weights.to_numpy().tolist() == [4] * 6


def test_states_of_single_encodes_serve_a_batch() -> None:
    """Masks that do not lie side by side are gathered."""
    kernel = mps.MPSCNNDropout(0.5, seed=3, mask_stride_in_pixels=(1, 1, 1))
    gradient = mps.MPSCNNDropoutGradient(0.5, seed=3, mask_stride_in_pixels=(1, 1, 1))
    for k in (kernel, gradient):
        k.destination_image_allocator = mps.MPSImage.default_allocator()
    x = np.ones((4, 5, 3), np.float32)
    states: list[Any] = []
    results = [wait(lambda b: kernel.encode_to_command_buffer(b, image(x), states)) for _ in range(3)]
    masks = to_array(results)
    assert (masks[0] != masks[1]).any()
    made = wait(
        lambda b: gradient.encode_batch_to_command_buffer(
            b, [image(x) for _ in range(3)], [image(x) for _ in range(3)], states
        )
    )
    np.testing.assert_array_equal(to_array(made), masks)


def test_gradient_state_of_a_graph_serves_a_kernel() -> None:
    x = np.random.default_rng(6).standard_normal((5, 6, 3)).astype(np.float32)
    node = mps.MPSCNNPoolingAverageNode.with_filter_size(image_node("x"), 3, 2)
    node.result_state.export_from_graph = True
    graph = mps.MPSNNGraph(node.result_image)
    states: list[Any] = []
    result = wait(lambda b: graph.encode_to_command_buffer(b, [image(x)], destination_states=states))
    gradient = kernel_of(node.gradient_filter_with_source(image_node("gradient")))
    g = np.ones_like(result.to_numpy())
    made = wait(lambda b: gradient.encode_to_command_buffer(b, image(g), image(x), states[0]))
    assert made.to_numpy().sum() == pytest.approx(g.size, rel=1e-6)


# ---- what they refuse ----


def test_errors_name_the_kernel_and_the_value() -> None:
    with refused(mps.InvalidArgumentError, "MPSCNNPoolingMax: kernel_width must be positive, got 0"):
        mps.MPSCNNPoolingMax(0, kernel_height=1, stride_in_pixels_x=1, stride_in_pixels_y=1)
    descriptor = mps.MPSNNNeuronDescriptor(mps.MPSCNNNeuronType.Sigmoid)
    with refused(mps.InvalidArgumentError, "MPSCNNNeuronReLU", "Sigmoid", "ReLU"):
        mps.MPSCNNNeuronReLU(descriptor)
    kernel, x = mps.MPSCNNSoftMax(), image(np.ones((2, 3, 4)))
    kernel.label = "classes"
    for name, value, error, words in [
        (
            "source_feature_channel_offset",
            3,
            mps.InvalidArgumentError,
            ("source_feature_channel_offset", "multiple of 4", "3"),
        ),
        (
            "source_feature_channel_offset",
            4,
            mps.ShapeError,
            ("source_feature_channel_offset is 4", "4 feature channels"),
        ),
        ("source_feature_channel_max_count", 0, mps.InvalidArgumentError, ("max_count", "got 0")),
        ("destination_feature_channel_offset", 4, mps.ShapeError, ("destination has 4",)),
        ("clip_rect", mps.MTLRegion((3, 0, 0), (1, 1, 1)), mps.InvalidArgumentError, ("clip_rect", "2 x 3")),
        ("offset", (0, 0, 1), mps.InvalidArgumentError, ("offset.z 1",)),
        ("offset", (2**31, 0, 0), mps.InvalidArgumentError, ("offset of 2147483648 pixels is too far away",)),
        ("edge_mode", mps.MPSImageEdgeMode.Mirror, mps.UnsupportedError, ("edge_mode 2", "Zero and Clamp")),
    ]:
        before = getattr(kernel, name)
        setattr(kernel, name, value)
        with refused(error, 'MPSCNNSoftMax "classes"', *words):
            wait(lambda b: kernel.encode_to_command_buffer(b, x, blank(2, 3, 4)))
        setattr(kernel, name, before)
    with refused(mps.InvalidArgumentError, "memory of a source"):
        wait(lambda b: kernel.encode_to_command_buffer(b, x, x))
    with refused(mps.InvalidArgumentError, "there are no source images"):
        wait(lambda b: kernel.encode_batch_to_command_buffer(b, [], [blank(2, 3, 4)]))
    wait(lambda b: kernel.encode_to_command_buffer(b, x, blank(2, 3, 4)))


def test_gradient_kernels_refuse_what_no_filter_made() -> None:
    gradient, x = mps.MPSCNNSoftMaxGradient(), image(np.ones((2, 3, 4)))
    with refused(mps.InvalidArgumentError, "MPSCNNSoftMaxGradient", "was not made by a forward filter"):
        wait(lambda b: gradient.encode_to_command_buffer(b, x, x, mps.MPSState(8)))
    states: list[Any] = []
    wait(lambda b: mps.MPSCNNSoftMax().encode_to_command_buffer(b, image(np.ones((5, 3, 4))), states))
    with refused(mps.ShapeError, "MPSCNNSoftMaxGradient", "2 x 3 x 4", "5 x 3 x 4"):
        wait(lambda b: gradient.encode_to_command_buffer(b, x, x, states[0]))


def test_a_kernel_of_a_padding_policy_cannot_be_encoded() -> None:
    seen: list[Any] = []

    class Policy(mps.MPSNNPadding):
        def padding_method(self) -> Any:
            return mps.MPSNNPaddingMethod.Custom | mps.MPSNNPaddingMethod.SizeSame

        def destination_image_descriptor_for_source_images(self, images: Any, states: Any, kernel: Any, d: Any) -> Any:
            seen.append(kernel)
            return d

    node = mps.MPSCNNPoolingMaxNode.with_filter_size(image_node("x"), 2)
    node.padding_policy = Policy()
    mps.MPSNNGraph(node.result_image)(np.ones((4, 4, 4), np.float32))
    with refused(mps.UnsupportedError, "padding policy"):
        wait(lambda b: seen[0].encode_to_command_buffer(b, image(np.ones((4, 4, 4)))))
