"""Every initializer, method and property of Apple's list at work once.

`test_structure.py` runs these tests under a recorder and fails for a member that none of them uses. What the members
compute is tested elsewhere, with every kernel. Gradient nodes are in test_gradient_nodes.py. No test here takes arguments.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable, Iterator
from typing import Any

import apple_names
import mpsnn as mps
import numpy as np
from support import (
    CHW,
    HWC,
    Float16,
    Float32,
    Method,
    Style,
    descriptor,
    graph_of,
    image,
    labels,
    padding,
    ramp,
    run,
    values,
)

SIZES = {"kernel_width": 3, "kernel_height": 2, "stride_in_pixels_x": 1, "stride_in_pixels_y": 2}


def convolution_weights() -> Any:
    shape = mps.MPSCNNConvolutionDescriptor(3, kernel_height=2, input_feature_channels=3, output_feature_channels=5)
    return mps.ConvolutionWeights(shape, ramp(5, 2, 3, 3))


def binary() -> dict[str, Any]:
    words = np.arange(5 * 2 * 3, dtype=np.uint32).reshape(5, 2, 3, 1)

    class Words(mps.MPSCNNConvolutionDataSource):
        def load(self):
            return True

        def purge(self):
            pass

        def label(self):
            return None

        def data_type(self):
            return mps.MPSDataType.UInt32

        def descriptor(self):
            return mps.MPSCNNConvolutionDescriptor(
                3, kernel_height=2, input_feature_channels=3, output_feature_channels=5
            )

        def weights(self):
            return words

        def bias_terms(self):
            return None

    return {
        "weights": Words(),
        "scale_value": 0.5,
        "type": mps.MPSCNNBinaryConvolutionType.BinaryWeights,
        "flags": mps.MPSCNNBinaryConvolutionFlags.None_,
        "output_bias_terms": ramp(5),
        "output_scale_terms": ramp(5),
        "input_bias_terms": ramp(3),
        "input_scale_terms": ramp(3),
    }


def loss() -> Any:
    return mps.MPSCNNLossDescriptor(mps.MPSCNNLossType.MeanSquaredError, reduction_type=mps.MPSCNNReductionType.Sum)


def yolo_loss() -> Any:
    kind = mps.MPSCNNLossType.MeanSquaredError
    return mps.MPSCNNYOLOLossDescriptor(
        kind,
        wh_loss_type=kind,
        confidence_loss_type=kind,
        classes_loss_type=kind,
        reduction_type=mps.MPSCNNReductionType.Sum,
        anchor_boxes=ramp(4),
        number_of_anchor_boxes=2,
    )


def transform_provider() -> Any:
    class Provider(mps.MPSImageTransformProvider):
        def transform_for_source_image(self, source_image, handle):
            return mps.MPSScaleTransform(2, 1, 0, 0)

    return Provider()


# Arguments of the initializers of the forward nodes, beside their sources.
ARGUMENTS: dict[str, Callable[[], dict[str, Any]]] = {
    "MPSCNNBatchNormalizationNode": lambda: {"data_source": mps.BatchNormalizationWeights(3)},
    "MPSCNNBinaryConvolutionNode": binary,
    "MPSCNNBinaryFullyConnectedNode": binary,
    "MPSCNNConvolutionNode": lambda: {"weights": convolution_weights()},
    "MPSCNNConvolutionTransposeNode": lambda: {
        "weights": convolution_weights(),
        "convolution_gradient_state": mps.MPSCNNConvolutionNode(
            mps.MPSNNImageNode(), weights=convolution_weights()
        ).convolution_gradient_state,
    },
    "MPSCNNCrossChannelNormalizationNode": lambda: {"kernel_size": 3},
    "MPSCNNDilatedPoolingMaxNode": lambda: {
        **SIZES,
        "dilation_rate_x": 2,
        "dilation_rate_y": 3,
        "filter_size": 2,
        "stride": 3,
        "dilation_rate": 4,
    },
    "MPSCNNDropoutNode": lambda: {"keep_probability": 0.75, "seed": 7, "mask_stride_in_pixels": (1, 0, 1)},
    "MPSCNNFullyConnectedNode": lambda: {"weights": convolution_weights()},
    "MPSCNNInstanceNormalizationNode": lambda: {"data_source": mps.InstanceNormalizationWeights(3)},
    "MPSCNNLocalContrastNormalizationNode": lambda: {"kernel_size": 3},
    "MPSCNNLossNode": lambda: {"loss_descriptor": loss()},
    "MPSCNNYOLOLossNode": lambda: {"loss_descriptor": yolo_loss()},
    "MPSCNNNeuronNode": lambda: {"descriptor": mps.MPSNNNeuronDescriptor(mps.MPSCNNNeuronType.ELU, a=0.25)},
    "MPSCNNNeuronPReLUNode": lambda: {"a_data": ramp(3)},
    "MPSCNNPoolingAverageNode": lambda: {**SIZES, "filter_size": 2, "stride": 3},
    "MPSCNNPoolingL2NormNode": lambda: {**SIZES, "filter_size": 2, "stride": 3},
    "MPSCNNPoolingMaxNode": lambda: {**SIZES, "filter_size": 2, "stride": 3},
    "MPSCNNSpatialNormalizationNode": lambda: {"kernel_size": 3},
    "MPSCNNUpsamplingBilinearNode": lambda: {
        "integer_scale_factor_x": 2,
        "integer_scale_factor_y": 3,
        "align_corners": True,
    },
    "MPSCNNUpsamplingNearestNode": lambda: {"integer_scale_factor_x": 2, "integer_scale_factor_y": 3},
    "MPSNNBilinearScaleNode": lambda: {"output_size": (6, 4, 1), "transform_provider": transform_provider()},
    "MPSNNLanczosScaleNode": lambda: {"output_size": (6, 4, 1), "transform_provider": transform_provider()},
}
CONSTANTS = {"a": 0.25, "b": 0.5, "c": 2.0}

# The properties that show what an argument was, where they have other names; arguments of which no property tells.
SHOWN_AS = {
    "filter_size": ("kernel_width", "kernel_height"),
    "stride": ("stride_in_pixels_x", "stride_in_pixels_y"),
    "dilation_rate": ("dilation_rate_x", "dilation_rate_y"),
    "integer_scale_factor_x": ("scale_factor_x",),
    "integer_scale_factor_y": ("scale_factor_y",),
}


def listed_nodes() -> Iterator[apple_names.Names]:
    for name, declared in apple_names.SURFACE["classes"].items():
        if declared.get("seed") and "MPSNNFilterNode" in apple_names.superclasses(name):
            yield apple_names.class_names(name)


def forward_nodes() -> Iterator[apple_names.Names]:
    for names in listed_nodes():
        if "MPSNNGradientFilterNode" not in [names.name, *apple_names.superclasses(names.name)]:
            yield names


def argument(class_name: str, name: str) -> Any:
    if name in ("source", "left_source", "right_source"):
        return mps.MPSNNImageNode(name)
    if name == "sources":
        return [mps.MPSNNImageNode("left_source"), mps.MPSNNImageNode("right_source")]
    return (CONSTANTS | ARGUMENTS.get(class_name, dict)())[name]


def forms(names: apple_names.Names) -> Iterator[tuple[Callable[..., Any], tuple[str, ...], apple_names.Signature]]:
    cls = getattr(mps, names.name)
    signatures = [names.constructor] if names.constructor else []
    for signature in signatures + [s for group in names.methods.values() for s in group if s.static]:
        function = cls if signature.name == "__init__" else getattr(cls, signature.name)
        for call in signature.calls:
            yield function, call, signature


def make(names: apple_names.Names) -> Any:
    """A node of the class, or of a subclass of it, by the first of its forms."""
    for candidate in forward_nodes():
        if names.name in [candidate.name, *apple_names.superclasses(candidate.name)]:
            for function, call, _ in forms(candidate):
                return function(**{name: argument(candidate.name, name) for name in call})
    raise AssertionError(f"no class of {names.name} can be made")


def test_initializers_of_forward_nodes() -> None:
    for names in forward_nodes():
        for function, call, signature in forms(names):
            given = {name: argument(names.name, name) for name in call}
            node = function(**given)
            assert isinstance(node, getattr(mps, names.name))
            assert isinstance(node.result_image, mps.MPSNNImageNode)
            for parameter in signature.parameters:
                for shown in SHOWN_AS.get(parameter.name, (parameter.name,)):
                    if not hasattr(node, shown):
                        continue
                    expected = given.get(parameter.name, parameter.default)
                    if isinstance(expected, float | int | tuple):
                        actual = getattr(node, shown)
                        actual = tuple(actual) if isinstance(expected, tuple) else np.float32(actual)
                        expected = expected if isinstance(expected, tuple) else np.float32(expected)
                        assert actual == expected, f"{shown} of {names.name}{call}"


def test_a_filter_size_is_the_stride_and_the_dilation_rate() -> None:
    for name in ("Max", "Average", "L2Norm"):
        node = getattr(mps, f"MPSCNNPooling{name}Node").with_filter_size(mps.MPSNNImageNode(), filter_size=3)
        assert (node.stride_in_pixels_x, node.stride_in_pixels_y) == (3, 3)
    node = mps.MPSCNNDilatedPoolingMaxNode.with_filter_size(mps.MPSNNImageNode(), filter_size=3)
    assert (node.stride_in_pixels_x, node.dilation_rate_x, node.dilation_rate_y) == (3, 3, 3)


def other(value: Any) -> Any:
    """A value of the same kind, not the same; a flag with one member has no other."""
    match value:
        case bool():
            return not value
        case float():
            return value + 0.25
        case int() if type(value) is int:
            return value + 2 if value > 1 else 1 - value  # strides of arithmetic are 0 or 1
        case int():
            return next((member for member in type(value) if member != value), value)
    raise AssertionError(f"no other value than {value!r}")


def test_properties_of_forward_nodes() -> None:
    for names in forward_nodes():
        for name, member in names.properties.items():
            node = make(names)
            value = getattr(node, name)
            assert getattr(node, name) == value, f"{names.name}.{name}"
            if not member["readonly"] and names.name != "MPSNNFilterNode":
                setattr(node, name, changed := other(value))
                assert getattr(node, name) == changed, f"{names.name}.{name}"


def test_filter_nodes() -> None:
    x = mps.MPSNNImageNode("x")
    node = mps.MPSCNNConvolutionNode(x, weights=convolution_weights())
    node.label = "first"
    node.padding_policy = policy = padding(Method.SizeValidOnly)
    assert (node.label, node.padding_policy) == ("first", policy)
    assert node.result_image is node.result_image
    assert node.result_states == [node.result_state] == [node.convolution_gradient_state]
    gradient = mps.MPSNNImageNode("g")
    made = [
        node.gradient_filter_with_source(gradient),
        node.gradient_filter_with_sources([gradient]),
        *node.gradient_filters_with_source(gradient),
        *node.gradient_filters_with_sources([gradient]),
    ]
    assert [type(m) for m in made] == [mps.MPSCNNConvolutionGradientNode] * 4
    made[0].training_style = Style.UpdateDeviceCPU
    assert made[0].training_style == Style.UpdateDeviceCPU
    seen: list[Any] = []
    ends = node.training_graph_with_source_gradient(gradient, lambda *nodes: seen.append(nodes))
    assert [new for new, *_ in seen] == ends
    product = mps.MPSNNMultiplicationNode(x, x)
    assert product.gradient_class() is mps.MPSNNMultiplicationGradientNode
    assert len(product.gradient_filters_with_sources(sources=[gradient])) == 2
    for node in (mps.MPSCNNLossNode(x, loss_descriptor=loss()), mps.MPSCNNYOLOLossNode(x, loss_descriptor=yolo_loss())):
        assert isinstance(node.input_labels, mps.MPSNNLabelsNode)


def test_image_nodes() -> None:
    handle = object()
    assert mps.MPSNNImageNode(handle).handle is handle
    assert mps.MPSNNImageNode.exported_node(handle).export_from_graph
    node = mps.MPSNNImageNode()
    for name, value in {
        "handle": handle,
        "format": Float16,
        "image_allocator": mps.MPSImage.default_allocator(),
        "export_from_graph": True,
        "synchronize_resource": True,
        "stop_gradient": True,
    }.items():
        assert getattr(node, name) != value
        setattr(node, name, value)
        assert getattr(node, name) == value


def test_handles_have_labels() -> None:
    class Named(mps.MPSHandle):
        def label(self):
            return "photo"

    graph = graph_of(mps.MPSCNNSoftMaxNode(mps.MPSNNImageNode(Named())))
    assert pickle.loads(pickle.dumps(graph)).source_image_handles == ["photo"]


def test_transform_providers() -> None:
    x = ramp(2, 4, 1)
    for cls in (mps.MPSNNBilinearScaleNode, mps.MPSNNLanczosScaleNode):
        node = cls(mps.MPSNNImageNode(), transform_provider=transform_provider(), output_size=(4, 2, 1))
        plain = cls(mps.MPSNNImageNode(), output_size=(4, 2, 1))
        assert not np.array_equal(graph_of(node)(x), graph_of(plain)(x))


# ---- the graph ----


def test_graphs() -> None:
    x, y = ramp(2, 3, 4), ramp(2, 3, 4, start=5)
    a, b = mps.MPSNNImageNode("a"), mps.MPSNNImageNode("b")
    total = mps.MPSNNAdditionNode(a, b)
    total.result_image.handle = "total"
    node = mps.MPSCNNLossNode(total.result_image, loss_descriptor=loss())
    total.result_image.export_from_graph = True
    total.result_image.image_allocator = mps.MPSImage.default_allocator()
    total.result_state.export_from_graph = True
    total.result_state.handle = "mask"
    node.input_labels.handle = "labels"
    graph = mps.MPSNNGraph(node.result_image, result_image_is_needed=True)
    graph.format = Float32
    graph.output_state_is_temporary = True
    allocator = graph.destination_image_allocator
    graph.destination_image_allocator = mps.MPSTemporaryImage.default_allocator()
    assert graph.destination_image_allocator is not allocator
    graph.destination_image_allocator = allocator
    assert (graph.format, graph.output_state_is_temporary) == (Float32, True)
    assert graph.result_image_is_needed and graph.result_handle is None
    assert graph.source_image_handles == ["a", "b"]
    assert graph.source_state_handles == ["labels"]
    assert graph.intermediate_image_handles == ["total"]
    assert graph.result_state_handles == ["mask"]
    assert graph.read_count_for_source_image_at_index(1) == 1
    assert graph.read_count_for_source_state_at_index(0) == 1
    truth = labels(np.zeros((1, 2, 3, 4)))
    with mps.CommandQueue().command_buffer() as command_buffer:
        images: list[Any] = []
        states: list[Any] = []
        result = graph.encode_to_command_buffer(command_buffer, [image(x), image(y)], truth, images, states)
        assert len(states) == 1
        batch = graph.encode_batch_to_command_buffer(command_buffer, [[image(x)], [image(y)]], [truth], [], [])
        again = graph.encode_batch_to_command_buffer(command_buffer, [[image(x)], [image(y)]], [truth])
    np.testing.assert_array_equal(values(images[0]), x + y)
    np.testing.assert_array_equal(values(result), values(batch[0]))
    np.testing.assert_array_equal(values(result), values(again[0]))


def test_graphs_with_several_results() -> None:
    x = mps.MPSNNImageNode()
    absolute, soft = mps.MPSCNNNeuronAbsoluteNode(x), mps.MPSCNNSoftMaxNode(x)
    graph = mps.MPSNNGraph.with_result_images(
        result_images=[absolute.result_image, soft.result_image], results_are_needed=[True, False]
    )
    graph.format = Float32
    result, unneeded = graph(-ramp(2, 3, 4))
    np.testing.assert_array_equal(result, ramp(2, 3, 4))
    assert unneeded is None


def test_graphs_encode_and_reload() -> None:
    weights = convolution_weights()
    graph = graph_of(mps.MPSCNNConvolutionNode(mps.MPSNNImageNode(), weights=weights))
    x = ramp(3, 4, 3)

    def encode() -> Any:
        with mps.CommandQueue().command_buffer() as command_buffer:
            result = graph.encode_to_command_buffer(command_buffer, [image(x)])
        return values(result)

    before = encode()
    graph.reload_from_data_sources()
    np.testing.assert_array_equal(encode(), before)
    done, given = threading.Event(), []

    def handler(result: Any, error: Any) -> None:
        given.append((result, error))
        done.set()

    result = graph.execute_async_with_source_images([image(x)], handler)
    assert done.wait(60)
    assert given == [(result, None)]
    np.testing.assert_array_equal(values(result), before)


# ---- protocols of data sources ----


def test_batch_normalization_data_sources() -> None:
    class Source(mps.MPSCNNBatchNormalizationDataSource):
        def load(self):
            return True

        def purge(self):
            pass

        def label(self):
            return "norm"

        def number_of_feature_channels(self):
            return 3

        def gamma(self):
            return ramp(3)

        def beta(self):
            return ramp(3, start=4)

        def mean(self):
            return None

        def variance(self):
            return None

        def epsilon(self):
            return 0.5

        def copy_with_zone(self, zone=None, device=None):
            return Source()

        def update_gamma_and_beta_with_command_buffer(self, command_buffer, batch_normalization_state):
            return None

        def update_mean_and_variance_with_command_buffer(self, command_buffer, batch_normalization_state):
            return None

        def update_gamma_and_beta_with_batch_normalization_state(self, batch_normalization_state):
            return False

        def update_mean_and_variance_with_batch_normalization_state(self, batch_normalization_state):
            return False

    check_data_source(Source, mps.MPSCNNBatchNormalizationNode)


def test_instance_normalization_data_sources() -> None:
    class Source(mps.MPSCNNInstanceNormalizationDataSource):
        @property
        def number_of_feature_channels(self):
            return 3

        def load(self):
            return True

        def purge(self):
            pass

        def label(self):
            return "norm"

        def gamma(self):
            return ramp(3)

        def beta(self):
            return ramp(3, start=4)

        def epsilon(self):
            return 0.5

        def copy_with_zone(self, zone=None, device=None):
            return Source()

        def update_gamma_and_beta_with_command_buffer(self, command_buffer, instance_normalization_state_batch):
            return None

        def update_gamma_and_beta_with_instance_normalization_state_batch(self, instance_normalization_state_batch):
            return False

    check_data_source(Source, mps.MPSCNNInstanceNormalizationNode)


def check_data_source(source: Any, node_class: Any) -> None:
    """Trains in both styles, then compares with the formula."""
    x = np.random.default_rng(3).standard_normal((4, 5, 3)).astype(np.float32)
    for style in (Style.UpdateDeviceGPU, Style.UpdateDeviceCPU):
        node = node_class(mps.MPSNNImageNode("x"), data_source=source())
        node.training_style = style
        gradient = node.gradient_filter_with_source(mps.MPSNNImageNode("g"))
        assert gradient.training_style == style
        graph = graph_of(node, gradient).copy_with_zone()
        assert graph.source_image_handles == ["x", "g"]
        result = run(graph, x, x[::-1]).result
        spread = x - x.mean((0, 1))
        expected = spread / np.sqrt((spread**2).mean((0, 1)) + 0.5) * ramp(3) + ramp(3, start=4)
        np.testing.assert_allclose(values(result), expected, rtol=1e-5)


# ---- images ----


def test_images() -> None:
    x = mps.MPSImage(descriptor(2, 3, 8, number_of_images=2))
    assert (x.height, x.width, x.feature_channels, x.number_of_images) == (2, 3, 8, 2)
    assert (x.feature_channel_format, x.precision, x.pixel_size) == (Float32, 24, 16)
    assert x.pixel_format == mps.MTLPixelFormat.RGBA32Float
    assert x.texture_type == mps.MTLTextureType.Type2DArray
    assert x.usage == mps.MTLTextureUsage.ShaderRead | mps.MTLTextureUsage.ShaderWrite
    assert x.device == mps.CommandQueue().device
    x.label = "photo"
    assert x.label == "photo" and x.parent is None
    assert x.resource_size() >= 0
    state = mps.MPSPurgeableState
    assert x.set_purgeable_state(state.KeepCurrent) in (state.NonVolatile, state.AllocationDeferred)
    x.to_numpy()[...] = data = ramp(2, 2, 3, 8)
    part = x.sub_image_with_feature_channel_range((4, 4))
    assert part.parent is x
    np.testing.assert_array_equal(values(part), data[..., 4:])
    np.testing.assert_array_equal(values(x.batch_representation()), data)
    np.testing.assert_array_equal(values(x.batch_representation_with_sub_range((1, 1))), data[1:])
    with mps.CommandQueue().command_buffer() as command_buffer:
        x.synchronize_on_command_buffer(command_buffer)
        temporary = mps.MPSTemporaryImage(command_buffer, image_descriptor=descriptor(1, 1, 1))
        temporary.read_count = 2
        assert temporary.read_count == 2
        temporary.read_count = 0
        mps.MPSTemporaryImage.prefetch_storage_with_command_buffer(command_buffer, [descriptor(1, 1, 1)])
    assert mps.MPSImage.default_allocator() is not mps.MPSTemporaryImage.default_allocator()


def test_transfers() -> None:
    x = mps.MPSImage(descriptor(2, 3, 8))
    data = ramp(2, 3, 8)
    x.write_bytes(data, HWC, 0)
    np.testing.assert_array_equal(values(x), data)
    whole = np.zeros((8, 2, 3), np.float32)
    x.read_bytes(whole, CHW, 0)
    np.testing.assert_array_equal(whole, data.transpose(2, 0, 1))
    part = {"region": ((1, 0, 0), (2, 2, 1)), "feature_channel_info": (4, 4)}
    rows = np.zeros((2, 4, 4), np.float32)  # two pixels a row, and room for two more
    x.read_bytes(rows, HWC, image_index=0, bytes_per_row=64, **part)
    np.testing.assert_array_equal(rows[:, :2], data[:, 1:, 4:])
    x.read_bytes(rows, HWC, image_index=0, bytes_per_row=64, bytes_per_image=128, **part)
    np.testing.assert_array_equal(rows[:, :2], data[:, 1:, 4:])
    x.write_bytes(-rows, HWC, image_index=0, bytes_per_row=64, **part)
    np.testing.assert_array_equal(values(x)[:, 1:, 4:], -data[:, 1:, 4:])
    x.write_bytes(rows, HWC, image_index=0, bytes_per_row=64, bytes_per_image=128, **part)
    np.testing.assert_array_equal(values(x), data)
    x.write_bytes(-rows, HWC, image_index=0, bytes_per_column=16, bytes_per_row=64, bytes_per_image=128, **part)
    np.testing.assert_array_equal(values(x)[:, 1:, 4:], -data[:, 1:, 4:])
    np.testing.assert_array_equal(values(x)[:, 0], data[:, 0])
