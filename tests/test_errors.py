"""Bad input gets an error that names node, property and value, and nothing is lost."""

import contextlib
import gc
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path

import mpsnn as mps
import numpy as np
import pytest
from support import (
    CHW,
    HWC,
    BatchNormalization,
    Convolution,
    CPUConvolution,
    Float32,
    Format,
    GPUConvolution,
    Method,
    Run,
    Status,
    Style,
    add,
    batch,
    convolution,
    descriptor,
    graph_of,
    identity_weights,
    image,
    labels,
    linear,
    loss_node,
    losses,
    node,
    padding,
    python,
    ramp,
    relu,
    result_of,
    run,
    temporary,
    training_graph,
    values,
)

GPU, CPU = Style.UpdateDeviceGPU, Style.UpdateDeviceCPU
ONE = ramp(1, 1, 1)


def refuses(match, error=None):
    return pytest.raises(error or mps.InvalidArgumentError, match=match)


# --- the error classes ----------------------------------------------------------------------------------------------


def raise_backend_error():
    graph = graph_of(linear(node()))
    result = graph.encode_to_command_buffer(mps.CommandQueue().command_buffer(), [image(ONE)])
    result.to_numpy()


def copy_a_kernel():
    def body(kernel, suggested):
        kernel.copy_with_zone()

    pool = mps.MPSCNNPoolingMaxNode.with_filter_size(node(), 2)
    pool.padding_policy = policy(body)
    run(graph_of(pool), ramp(2, 2, 1))


def window_too_large():
    pool = mps.MPSCNNPoolingMaxNode.with_filter_size(node(), 3)
    pool.padding_policy = padding(Method.SizeValidOnly)
    run(graph_of(pool), ONE)


RAISING = {
    "InvalidArgumentError": (ValueError, lambda: mps.MPSImage(descriptor(0, 1, 1))),
    "ShapeError": (ValueError, window_too_large),
    "GraphError": (
        ValueError,
        lambda: linear(node()).gradient_filter_with_source(node()).gradient_filter_with_source(node()),
    ),
    "UnsupportedError": (NotImplementedError, copy_a_kernel),
    "OutOfMemoryError": (MemoryError, lambda: mps.MPSImage(descriptor(1 << 20, 1 << 20, 1 << 10)).to_numpy()),
    "BackendError": (RuntimeError, raise_backend_error),
}


@pytest.mark.parametrize("name", RAISING)
def test_every_error_is_ours_and_the_built_in_one(name):
    builtin, attempt = RAISING[name]
    error = getattr(mps, name)
    with pytest.raises(error) as caught:
        attempt()
    assert isinstance(caught.value, mps.Error)
    assert isinstance(caught.value, builtin)
    assert str(caught.value)


def test_class_tree_of_the_errors():
    for name, (builtin, _) in RAISING.items():
        assert issubclass(getattr(mps, name), mps.Error)
        assert issubclass(getattr(mps, name), builtin)
    assert issubclass(mps.ShapeError, mps.InvalidArgumentError)
    assert mps.Error.__bases__ == (Exception,)


# --- images ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("extent", ["width", "height", "feature_channels", "number_of_images"])
def test_an_image_without_an_extent(extent):
    sizes = {"width": 3, "height": 2, "feature_channels": 4, "number_of_images": 1} | {extent: 0}
    with refuses(r"MPSImage: every extent must be positive, got .*\b0\b"):
        mps.MPSImage(mps.MPSImageDescriptor(Float32, **sizes))


@pytest.mark.parametrize("size", [-1, 2**64, 1.5, "3", None])
def test_an_extent_that_is_no_number_of_pixels(size):
    with pytest.raises((TypeError, ValueError, OverflowError)):
        mps.MPSImageDescriptor(Float32, width=size, height=1, feature_channels=1)


@pytest.mark.parametrize("sizes", [(2**32, 2**32, 4), (2**63, 1, 1), (2**62, 1, 1), (2**40, 2**20, 2**10)])
def test_an_image_whose_size_overflows(sizes):
    with pytest.raises(
        (mps.InvalidArgumentError, mps.OutOfMemoryError), match=r"MPSImage: the size in bytes|no memory"
    ):
        mps.MPSImage(descriptor(*sizes)).to_numpy()


def test_an_image_without_a_format():
    with refuses("channel_format None is not a storage format"):
        mps.MPSImage(descriptor(1, 1, 1, Format.None_))


@pytest.mark.parametrize(
    ("array", "error", "message"),
    [
        (np.zeros((2, 2)), mps.InvalidArgumentError, "float64"),
        (np.zeros((2, 2), np.float32), mps.ShapeError, r"shape \(2, 2\)"),
        (np.zeros((0, 2, 2), np.float32), mps.ShapeError, r"shape \(0, 2, 2\)"),
        (np.zeros((2, 2, 0), np.float32), mps.ShapeError, r"shape \(2, 2, 0\)"),
        (np.zeros((1, 2, 3, 4, 5), np.float32), mps.ShapeError, "shape"),
        (np.zeros((2, 2, 2), np.int32), mps.InvalidArgumentError, "int32"),
        (np.zeros((2, 2, 2), np.complex64), mps.InvalidArgumentError, "complex64"),
        (np.zeros((2, 2, 2), bool), mps.InvalidArgumentError, "bool"),
        (np.zeros((2, 2, 2), ">f4"), mps.InvalidArgumentError, ">f4.*copy=True"),
        (np.zeros((4, 4, 4), np.float32)[::2], mps.InvalidArgumentError, "C order.*copy=True"),
        (np.asfortranarray(np.zeros((2, 3, 4), np.float32)), mps.InvalidArgumentError, "C order.*copy=True"),
        (np.broadcast_to(np.float32(1), (2, 3, 4)), mps.InvalidArgumentError, "copy=True"),
        ([[[1.0]]], mps.InvalidArgumentError, "list.*copy=True"),
    ],
)
def test_arrays_that_cannot_be_shared(array, error, message):
    with refuses(f"MPSImage.*{message}", error):
        mps.MPSImage(array)


def test_a_read_only_array():
    array = ramp(1, 1, 1)
    array.setflags(write=False)
    with refuses("read-only.*copy=True"):
        mps.MPSImage(array)
    assert values(mps.MPSImage(array, copy=True)).item() == 1
    assert graph_of(linear(node()))(array).item() == 1, "a graph only reads its sources"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_index": 2}, "image_index 2"),
        ({"region": ((0, 0, 0), (4, 2, 1))}, r"region origin .*size \(4, 2, 1\).*width 3"),
        ({"region": ((2, 0, 0), (2, 2, 1))}, "region"),
        ({"region": ((0, 2, 0), (1, 1, 1))}, "region"),
        ({"region": ((0, 0, 0), (0, 1, 1))}, "region"),
        ({"region": ((0, 0, 0), (1, 1, 3))}, "image_index 0 with depth 3"),
        ({"region": ((0, 0, 1), (1, 1, 1)), "image_index": 1}, "image_index 2"),
        ({"region": ((2**63, 0, 0), (2**63, 1, 1))}, "region"),
        ({"region": ((0, 0, 2**64 - 1), (1, 1, 1)), "image_index": 1}, "image_index"),
        ({"feature_channel_info": (1, 4)}, r"\[1, 5\)"),
        ({"feature_channel_info": (2, 4)}, "multiple of 4"),
        ({"feature_channel_info": (4, 3)}, "multiple of 4"),
        ({"feature_channel_info": (0, 0)}, "multiple of 4"),
        ({"feature_channel_info": (8, 4)}, "within the 9"),
        ({"feature_channel_info": (0, 12)}, "within the 9"),
        ({"bytes_per_row": 0}, "bytes_per_row must be positive"),
        ({"bytes_per_row": 2**62}, "bytes"),
        ({"bytes_per_image": 2**62, "region": ((0, 0, 0), (1, 1, 2))}, "bytes"),
        ({"bytes_per_row": 2**63, "bytes_per_image": 4, "region": ((0, 0, 0), (1, 2, 1))}, "bytes"),
        ({"bytes_per_row": 2**61, "bytes_per_image": 2**61, "region": ((0, 0, 0), (1, 2, 2))}, "bytes"),
    ],
)
@pytest.mark.parametrize("layout", [HWC, CHW])
@pytest.mark.parametrize("method", ["read_bytes", "write_bytes"])
def test_transfers_outside_the_image(method, layout, arguments, message):
    x = mps.MPSImage(descriptor(2, 3, 9, number_of_images=2))
    data = bytearray(4096)
    arguments = {"image_index": 0} | arguments
    with refuses(f"MPSImage.*{message}"):
        getattr(x, method)(data, layout, **arguments)
    assert not any(data)
    assert not values(x).any()


@pytest.mark.parametrize("layout", [HWC, CHW])
def test_a_buffer_that_is_too_small(layout):
    x = mps.MPSImage(descriptor(2, 3, 5))
    with refuses("needs 120 bytes.*has 119"):
        x.read_bytes(bytearray(119), layout, 0)
    with refuses("needs 120 bytes.*has 0"):
        x.write_bytes(b"", layout, 0)


def test_buffers_that_cannot_be_used():
    x = mps.MPSImage(descriptor(1, 2, 1))
    with refuses("writable"):
        x.read_bytes(bytes(8), HWC, 0)
    with refuses("C order"):
        x.write_bytes(np.zeros((2, 4), np.float32)[:, ::2], HWC, 0)
    with pytest.raises(TypeError):
        x.write_bytes(None, HWC, 0)


@pytest.mark.parametrize("channels", [(1, 4), (2, 2), (8, 4), (4, 5), (0, 0), (2**63, 4)])
def test_sub_images_outside_the_image(channels):
    with refuses("MPSImage.*feature channels"):
        mps.MPSImage(descriptor(1, 1, 8)).sub_image_with_feature_channel_range(channels)


@pytest.mark.parametrize("part", [(0, 4), (3, 1), (4, 0), (2**63, 1)])
def test_batch_representation_outside_the_image(part):
    with refuses("sub_range"):
        mps.MPSImage(descriptor(1, 1, 8, number_of_images=3)).batch_representation_with_sub_range(part)


def test_batches_with_a_hole():
    for function in (mps.mps_image_batch_resource_size, lambda b: mps.mps_image_batch_increment_read_count(b, 1)):
        with refuses("image 1 is missing"):
            function([image(ONE), None])


def test_an_iteration_that_raises():
    def block(i, index):
        raise KeyError(index)

    with pytest.raises(KeyError):
        mps.mps_image_batch_iterate([image(ONE)], block)


# --- nodes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"kernel_width": 0}, "kernel_width must be positive, got 0"),
        ({"kernel_height": 0}, "kernel_height must be positive, got 0"),
        ({"stride_in_pixels_x": 0}, "stride_in_pixels_x must be positive, got 0"),
        ({"stride_in_pixels_y": 0}, "stride_in_pixels_y must be positive, got 0"),
    ],
)
def test_pooling_sizes(attributes, message):
    sizes = {"kernel_width": 2, "kernel_height": 2, "stride_in_pixels_x": 2, "stride_in_pixels_y": 2} | attributes
    with refuses(f"MPSCNNPoolingMaxNode: {message}"):
        mps.MPSCNNPoolingMaxNode(node(), **sizes)


@pytest.mark.parametrize("keep", [0, -0.5, 1.5, float("nan")])
def test_dropout_probability(keep):
    with refuses("MPSCNNDropoutNode.*keep_probability"):
        mps.MPSCNNDropoutNode(node(), keep_probability=keep)


def test_missing_sources():
    for attempt in (
        lambda: mps.MPSCNNSoftMaxNode(None),
        lambda: add(node(), None),
        lambda: mps.MPSNNConcatenationNode([node(), None]),
        lambda: mps.MPSNNConcatenationNode([]),
        lambda: mps.MPSCNNConvolutionNode(node(), weights=None),
        lambda: mps.MPSCNNBatchNormalizationNode(node(), data_source=None),
        lambda: mps.MPSCNNLossNode(node(), loss_descriptor=None),
        lambda: linear(node()).gradient_filter_with_source(None),
        lambda: mps.MPSNNGraph(None),
        lambda: mps.MPSNNGraph.with_result_images([None]),
    ):
        with pytest.raises((TypeError, mps.InvalidArgumentError)):
            attempt()


@pytest.mark.parametrize("sources", [0, 1, 3])
def test_the_number_of_sources_of_an_arithmetic_filter(sources):
    with refuses(f"MPSNNAdditionNode.*{sources}"):
        mps.MPSNNAdditionNode.with_sources([node() for _ in range(sources)])


def test_a_stride_of_an_arithmetic_filter():
    f = add(node(), node())
    f.label = "sum"
    f.secondary_stride_in_pixels_x = 2
    with refuses('MPSNNAdditionNode "sum".*secondary_stride_in_pixels_x must be 0 or 1, got 2'):
        graph_of(f)


def test_properties_that_must_not_be_none():
    x = node()
    for name in ("image_allocator",):
        with pytest.raises((TypeError, mps.InvalidArgumentError)):
            setattr(x, name, None)
    with pytest.raises((TypeError, mps.InvalidArgumentError)):
        linear(x).padding_policy = None
    with pytest.raises((TypeError, mps.InvalidArgumentError)):
        graph_of(linear(x)).destination_image_allocator = None


def test_read_only_properties():
    with pytest.raises(AttributeError):
        linear(node()).result_image = node()
    with pytest.raises(AttributeError):
        mps.MPSCNNDropoutNode(node()).seed = 3


def test_a_node_class_made_by_the_user_is_no_filter():
    class Mine(mps.MPSNNFilterNode):
        pass

    with pytest.raises(TypeError):
        Mine()


# --- objects that are none ------------------------------------------------------------------------------------------

CLASSES = [c for c in vars(mps).values() if isinstance(c, type) and issubclass(c, type(mps.devices()[0]).__base__)]


def test_methods_of_none():
    """pybind11 would hand a null pointer on to methods that take nothing else."""
    assert len(CLASSES) > 200
    for cls in CLASSES:
        for name, member in vars(cls).items():
            of_none = [member.fget, member.fset] if isinstance(member, property) else [member]
            for function in of_none:
                if not callable(function) or name.startswith("__"):
                    continue
                with contextlib.suppress(TypeError, mps.Error, AttributeError):
                    function(None, *[None] * (function is not of_none[0]))


def test_objects_whose_constructor_did_not_run():
    for cls in CLASSES:
        made = cls.__new__(cls)
        for name, member in vars(cls).items():
            if isinstance(member, property):
                with contextlib.suppress(TypeError, ValueError, mps.Error):
                    getattr(made, name)
    with pytest.raises(TypeError, match="its __init__ did not run"):
        mps.MPSNNGraph.__new__(mps.MPSNNGraph).format  # noqa: B018


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol_of_pickle(protocol):
    graph = graph_of(linear(node(), a=3))
    assert result_of(pickle.loads(pickle.dumps(graph, protocol)), ONE).item() == 3
    for thing in (node(), linear(node()), image(ONE), mps.CommandQueue(), Convolution(identity_weights(1))):
        with pytest.raises(TypeError, match=f"cannot pickle '.*{type(thing).__name__}' object"):
            pickle.dumps(thing, protocol)


# --- making graphs --------------------------------------------------------------------------------------------------


def test_no_results():
    with refuses("result_images is empty", mps.GraphError):
        mps.MPSNNGraph.with_result_images([])


def test_a_flag_for_each_result():
    with refuses("results_are_needed has 1 entries for 2 result images"):
        mps.MPSNNGraph.with_result_images([node(), node()], results_are_needed=[True])


def test_unknown_devices():
    with refuses("'?\"?quantum.*cpu"):
        mps.MPSNNGraph(linear(node()).result_image, device="quantum")
    with refuses("quantum"):
        mps.CommandQueue("quantum")
    with refuses("quantum"):
        mps.MPSImage(descriptor(1, 1, 1), device="quantum")


def test_a_state_that_no_filter_of_the_kind_made():
    pool = mps.MPSCNNPoolingMaxNode.with_filter_size(node(), 2)
    sizes = {"kernel_width": 2, "kernel_height": 2, "stride_in_pixels_x": 2, "stride_in_pixels_y": 2}
    foreign = linear(node()).result_state
    with pytest.raises(mps.Error, match=r"MPSCNNPoolingMaxGradientNode.*state"):
        graph_of(mps.MPSCNNPoolingMaxGradientNode(node(), pool.result_image, gradient_state=foreign, **sizes))
    with pytest.raises((TypeError, mps.Error)):
        mps.MPSCNNPoolingMaxGradientNode(node(), node(), gradient_state=None, **sizes)


def test_a_handler_that_raises():
    x = linear(node())

    def handler(*arguments):
        raise KeyError("handler")

    loss = loss_node(x.result_image)
    with pytest.raises(KeyError, match="handler"):
        loss.training_graph_with_source_gradient(None, handler)
    assert len(loss.training_graph_with_source_gradient()) == 1, "the nodes are as before"


# --- data sources ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["load", "descriptor", "weights", "bias_terms", "purge"])
def test_a_convolution_source_that_raises(method):
    source = Convolution(identity_weights(1), [0])
    source.failing[method] = KeyError(method)
    c = convolution(node(), source, label="c")
    with pytest.raises(KeyError, match=method):
        graph_of(c)
    assert source.calls().count("load") == 1
    assert source.calls().count("purge") == (method != "load"), "every load is balanced"
    source.failing.clear()
    assert result_of(graph_of(c), ONE).item() == 1


@pytest.mark.parametrize("method", ["load", "number_of_feature_channels", "gamma", "beta", "mean", "variance", "purge"])
def test_a_batch_normalisation_source_that_raises(method):
    source = BatchNormalization(1)
    source.failing[method] = KeyError(method)
    f = mps.MPSCNNBatchNormalizationNode(node(), data_source=source)
    with pytest.raises(KeyError, match=method):
        graph_of(f)
    assert source.calls().count("purge") == (method != "load")
    source.failing.clear()
    assert result_of(graph_of(f), ONE).item() == 1


@pytest.mark.parametrize("exception", [KeyboardInterrupt, SystemExit, StopIteration, MemoryError])
def test_the_exception_of_a_source_comes_through_as_it_is(exception):
    source = Convolution(identity_weights(1))
    source.failing["weights"] = exception()
    with pytest.raises(exception):
        graph_of(convolution(node(), source))
    assert source.calls()[-1] == "purge"


@pytest.mark.parametrize("exception", [None, KeyError()])
def test_arrays_are_let_go_at_purge_also_after_a_load_that_failed(exception):
    class Source(Convolution):
        answer = False

        def load(self):
            super().load()
            return self.answer

        def weights(self):
            array = identity_weights(1)
            seen.append(weakref.ref(array))
            return array

    seen = []
    source = Source(identity_weights(1))
    if exception:
        source.failing["load"] = exception
    with pytest.raises((mps.InvalidArgumentError, KeyError)):
        graph_of(convolution(node(), source))
    source.failing.clear()
    source.answer = True
    graph_of(convolution(node(), source))
    assert seen
    assert not any(r() for r in seen)


def test_a_source_that_says_no():
    class No(Convolution):
        def load(self):
            super().load()
            return False

    source = No(identity_weights(1))
    with refuses('MPSCNNConvolutionNode "c": the data source\'s load returned false'):
        graph_of(convolution(node(), source, label="c"))
    assert source.calls() == ["load"]


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.zeros((2, 3, 3, 3)), r"weights has 54 elements, expected O\*kH\*kW\*I/groups = 2\*3\*3\*4 = 72"),
        (np.zeros(0), "weights"),
        (None, "weights"),
    ],
)
def test_weights_of_the_wrong_size(weights, message):
    source = Convolution(np.zeros((2, 3, 3, 4)))
    source.values = weights
    with refuses(f'MPSCNNConvolutionNode "c".*{message}'):
        graph_of(convolution(node(), source, label="c"))
    assert source.calls()[-1] == "purge"


@pytest.mark.parametrize(
    ("method", "answer", "message"),
    [
        ("weights", "no array", "weights"),
        ("weights", np.array(["a"] * 4), "weights"),
        ("weights", np.zeros((1, 1, 2, 2), complex), "complex"),
        ("bias_terms", [0.0, 0.0, 0.0], "bias_terms has 3 elements, output_feature_channels is 2"),
        ("bias_terms", "no array", "bias_terms"),
        ("data_type", mps.MPSDataType.Int32, "data_type must be"),
        ("data_type", "Float32", "data_type must return MPSDataType"),
        ("data_type", None, "data_type must return MPSDataType"),
        ("kernel_weights_data_type", mps.MPSDataType.UInt8, "kernel_weights_data_type must be"),
        ("descriptor", None, "descriptor"),
        ("descriptor", 3, "descriptor must return MPSCNNConvolutionDescriptor, got 3"),
        ("label", 3, "label must return text or None, got 3"),
    ],
)
def test_a_convolution_source_that_returns_nonsense(method, answer, message):
    made = type("Nonsense", (Convolution,), {method: lambda self: answer})(identity_weights(2))
    with refuses(message):
        graph_of(convolution(node(), made, label="c"))
    assert "purge" in made.calls()


@pytest.mark.parametrize("method", ["load", "purge", "descriptor", "weights", "bias_terms", "data_type"])
def test_a_convolution_source_without_a_required_method(method):
    complete = {
        "load": lambda self: True,
        "purge": lambda self: None,
        "descriptor": lambda self: mps.MPSCNNConvolutionDescriptor(
            1, kernel_height=1, input_feature_channels=1, output_feature_channels=1
        ),
        "weights": lambda self: np.ones(1, np.float32),
        "bias_terms": lambda self: None,
        "data_type": lambda self: mps.MPSDataType.Float32,
    }
    assert (
        result_of(
            graph_of(convolution(node(), type("Full", (mps.MPSCNNConvolutionDataSource,), complete)())), ONE
        ).item()
        == 1
    )
    del complete[method]
    incomplete = type("Incomplete", (mps.MPSCNNConvolutionDataSource,), complete)()
    with refuses(rf"Incomplete\.{method} is missing"):
        graph_of(convolution(node(), incomplete))


def test_a_source_that_forgets_its_base_class():
    class Forgets(mps.MPSCNNConvolutionDataSource):
        def __init__(self):
            pass

    with pytest.raises(TypeError, match="__init__"):
        convolution(node(), Forgets())


@pytest.mark.parametrize("name", ["gamma", "beta", "mean", "variance"])
def test_statistics_of_the_wrong_size(name):
    source = BatchNormalization(2, **{name: [1, 2, 3]})
    f = mps.MPSCNNBatchNormalizationNode(node(), data_source=source)
    f.label = "n"
    with refuses(f'MPSCNNBatchNormalizationNode "n".*{name} has 3 values, number_of_feature_channels is 2'):
        graph_of(f)
    assert source.calls()[-1] == "purge"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stride_in_pixels_x": 0}, "stride_in_pixels_x must be positive, got 0"),
        ({"dilation_rate_y": 0}, "dilation_rate_y must be positive, got 0"),
        ({"groups": 3}, "groups 3 does not divide"),
        ({"groups": 0}, "groups must be positive, got 0"),
        ({"kernel_width": 2**40}, "kernel_width is too large"),
        (
            {"output_feature_channels": 2**31 - 1, "input_feature_channels": 2**31 - 1, "kernel_height": 2**31 - 1},
            "size of the weights",
        ),
    ],
)
def test_convolution_descriptors(change, message):
    source = Convolution(identity_weights(4))
    for name, value in change.items():
        setattr(source.shape, name, value)
    with refuses(f'MPSCNNConvolutionNode "c".*{message}'):
        graph_of(convolution(node(), source, label="c"))


def test_a_reload_that_fails_leaves_the_values():
    source = Convolution(identity_weights(1, 2), [1])
    graph = graph_of(convolution(node(), source))
    for method in ("load", "weights", "bias_terms", "purge"):
        source.values = identity_weights(1, 100)
        source.failing = {method: KeyError(method)}
        with pytest.raises(KeyError, match=method):
            graph.reload_from_data_sources()
        assert result_of(graph, ONE).item() == 3
        source.failing = {}
        graph.reload_from_data_sources()
        assert result_of(graph, ONE).item() == 101
        source.values = identity_weights(1, 2)
        graph.reload_from_data_sources()
    source.values = identity_weights(2)
    with refuses("weights has 4 elements"):
        graph.reload_from_data_sources()
    assert result_of(graph, ONE).item() == 3


@pytest.mark.parametrize("method", ["load", "weights", "bias_terms", "purge"])
def test_a_source_that_uses_its_graph_while_it_is_read(method):
    """It sees the old values; a wait there would otherwise wait for the reload that waits for it."""
    source = Convolution(identity_weights(1, 2), [0])
    graph = graph_of(convolution(node(), source))
    seen = []

    def use(again):
        source.values = identity_weights(1, 5)
        if len(seen) < 3:
            seen.append(graph(ONE).item())
            graph.reload_from_data_sources()

    note = source.note
    source.note = lambda name: (note(name), use(name) if name == method else None)
    graph.reload_from_data_sources()
    assert seen[0] == 2
    source.note = note
    graph.reload_from_data_sources()
    assert graph(ONE).item() == 5


def test_a_reload_of_several_sources_is_all_or_nothing():
    first, second = Convolution(identity_weights(1, 2)), Convolution(identity_weights(1, 3))
    graph = graph_of(convolution(convolution(node(), first).result_image, second))
    first.values = identity_weights(1, 10)
    second.failing["weights"] = KeyError("weights")
    with pytest.raises(KeyError):
        graph.reload_from_data_sources()
    assert result_of(graph, ONE).item() in (6, 30), "each filter has its old values or its new ones"


# --- encoding -------------------------------------------------------------------------------------------------------


def encode_nothing(graph, sources, match, error=None, states=None, is_batch=None):
    """An encode that must be refused, and leave the command buffer as it was."""
    command_buffer = mps.CommandQueue().command_buffer()
    is_batch = (bool(sources) and isinstance(sources[0], list)) if is_batch is None else is_batch
    encode = graph.encode_batch_to_command_buffer if is_batch else graph.encode_to_command_buffer
    images = []
    with pytest.raises(error or mps.InvalidArgumentError, match=match):
        encode(command_buffer, sources, states, intermediate_images=images)
    assert images == []
    assert command_buffer.status == Status.NotEnqueued
    command_buffer.commit()
    command_buffer.wait_until_completed()
    assert command_buffer.status == Status.Completed


def test_the_number_of_sources():
    graph = graph_of(add(node("left"), node("right")))
    for count in (0, 1, 3):
        encode_nothing(graph, [image(ONE)] * count, f'2 source images \\("left" "right"\\) are needed, got {count}')


def test_a_source_that_is_missing():
    encode_nothing(graph_of(linear(node("x"))), [None], 'source image 0 "x".*missing')
    encode_nothing(graph_of(linear(node("x"))), [[image(ONE), None]], "image 1 is missing")


def test_an_empty_batch():
    encode_nothing(graph_of(linear(node("x"))), [[]], 'source image 0 "x" is an empty batch')


def test_batches_of_different_length():
    graph = graph_of(add(node(), node("right")))
    encode_nothing(
        graph,
        [batch(ramp(3, 1, 1, 1)), batch(ramp(2, 1, 1, 1))],
        '"right" has 2 images, source image 0 has 3',
        mps.ShapeError,
    )


@pytest.mark.parametrize(
    "other",
    [ramp(2, 1, 1), ramp(1, 2, 1), ramp(1, 1, 2), np.ones((1, 1, 1), np.float16)],
    ids=["height", "width", "channels", "format"],
)
def test_images_of_a_batch_that_differ(other):
    encode_nothing(
        graph_of(linear(node())),
        [[image(ONE), image(other)]],
        "must be alike.*1 x 1 x 1 Float32, image 1 is",
        mps.ShapeError,
    )


def test_an_image_with_several_images_in_a_batch():
    encode_nothing(
        graph_of(linear(node())), [[image(ramp(2, 1, 1, 1))]], "number_of_images 2; use batch_representation"
    )


def test_wrong_types():
    graph = graph_of(linear(node()))
    command_buffer = mps.CommandQueue().command_buffer()
    for sources in ([ONE], image(ONE), [[[image(ONE)]]], [batch(ramp(1, 1, 1, 1))]):
        with pytest.raises(TypeError):
            graph.encode_to_command_buffer(command_buffer, sources)
    with pytest.raises(TypeError):
        graph.encode_batch_to_command_buffer(command_buffer, [image(ONE)])
    with pytest.raises(TypeError):
        graph.encode_to_command_buffer(None, [image(ONE)])


def test_wrong_types_of_a_call():
    graph = graph_of(linear(node()))
    for sources, message in (
        ([1, 2], "source 0 must be a list of images, got .1, 2."),
        ("x", "source 0 must be an array"),
    ):
        with pytest.raises(mps.InvalidArgumentError, match=message):
            graph(sources)
    with pytest.raises(mps.InvalidArgumentError, match="source_states must be a list of states, got .5."):
        graph(ONE, source_states=[5])


def test_shapes_that_do_not_fit():
    c = convolution(node(), Convolution(np.zeros((2, 1, 1, 4))), label="c")
    encode_nothing(
        graph_of(c), [image(ramp(1, 1, 3))], '"c".*3 feature channels, input_feature_channels is 4', mps.ShapeError
    )
    full = mps.MPSCNNFullyConnectedNode(node(), weights=Convolution(np.zeros((2, 3, 3, 1))))
    encode_nothing(graph_of(full), [image(ramp(3, 4, 1))], "MPSCNNFullyConnectedNode.*3 x 4", mps.ShapeError)
    total = add(node(), node())
    total.label = "sum"
    encode_nothing(
        graph_of(total), [image(ramp(1, 2, 1)), image(ramp(1, 3, 1))], '"sum".*1 x 2 x 1.*1 x 3 x 1', mps.ShapeError
    )
    joined = mps.MPSNNConcatenationNode([node(), node()])
    encode_nothing(
        graph_of(joined), [image(ramp(1, 2, 1)), image(ramp(1, 3, 1))], "MPSNNConcatenationNode", mps.ShapeError
    )
    normalised = mps.MPSCNNBatchNormalizationNode(node(), data_source=BatchNormalization(2))
    encode_nothing(graph_of(normalised), [image(ramp(1, 2, 3))], "MPSCNNBatchNormalizationNode.*2", mps.ShapeError)
    pool = mps.MPSCNNPoolingMaxNode.with_filter_size(node(), 3)
    pool.padding_policy = padding(Method.SizeValidOnly)
    encode_nothing(graph_of(pool), [image(ramp(2, 2, 1))], "MPSCNNPoolingMaxNode.*3 x 3.*2 x 2 x 1", mps.ShapeError)
    prelu = mps.MPSCNNNeuronPReLUNode(node(), a_data=np.ones(2, np.float32))
    encode_nothing(graph_of(prelu), [image(ramp(1, 1, 3))], "MPSCNNNeuronPReLUNode.*2.*3", mps.ShapeError)


def test_a_gradient_of_the_wrong_size():
    c = convolution(node("x"), Convolution(identity_weights(1)), label="c")
    graph = graph_of(c.gradient_filter_with_source(node("g")))
    arrays = {"x": ramp(2, 2, 1), "g": ramp(2, 3, 1)}
    encode_nothing(
        graph,
        [image(arrays[h]) for h in graph.source_image_handles],
        'MPSCNNConvolutionGradientNode "c".*2 x 3 x 1.*2 x 2 x 1',
        mps.ShapeError,
    )


@pytest.mark.parametrize("size", [2**31 - 1, 2**31, 2**62, 2**64 - 1])
@pytest.mark.parametrize("cls", [mps.MPSCNNPoolingMaxNode, mps.MPSCNNPoolingAverageNode])
def test_huge_windows(cls, size):
    def encode(**sizes):
        f = cls(
            node(),
            **({"kernel_width": 2, "kernel_height": 2, "stride_in_pixels_x": 1, "stride_in_pixels_y": 1} | sizes),
        )
        return result_of(graph_of(f), np.ones((2, 3, 1), np.float32))

    for name in ("kernel_width", "kernel_height", "stride_in_pixels_x", "stride_in_pixels_y"):
        if size < 2**31:
            assert (encode(**{name: size}) == 1).all()
        else:
            with refuses("too large", mps.Error):
                encode(**{name: size})


def test_a_result_that_would_be_too_large():
    class Huge(mps.MPSNNPadding):
        def padding_method(self):
            return Method.Custom

        def destination_image_descriptor_for_source_images(
            self, source_images, source_states, kernel, suggested_descriptor
        ):
            suggested_descriptor.width = suggested_descriptor.height = 2**31
            return suggested_descriptor

    f = convolution(node(), Convolution(np.ones((16, 1, 1, 1))), label="c")
    f.padding_policy = Huge()
    encode_nothing(graph_of(f), [image(ONE)], '"c"|memory', mps.Error)


def test_the_format_of_a_graph():
    graph = graph_of(linear(node()))
    with pytest.raises((TypeError, mps.InvalidArgumentError)):
        graph.format = 7
    graph.format = Format.None_
    encode_nothing(graph, [image(ONE)], "format None")


def test_names_of_passes():
    graph = graph_of(linear(node()))
    graph.disabled_passes = {"no_such_pass"}
    encode_nothing(graph, [image(ONE)], 'disabled_passes names "no_such_pass", the passes are .*fuse_neuron')


# --- labels ---------------------------------------------------------------------------------------------------------


def test_the_number_of_labels():
    graph = graph_of(loss_node(node(), label="loss"))
    encode_nothing(graph, [batch(ramp(3, 1, 1, 1))], "2 labels for 3 images", states=[labels(np.zeros((2, 1, 1, 1)))])
    encode_nothing(graph, [batch(ramp(3, 1, 1, 1))], "1 source states are needed, got 0")
    encode_nothing(
        graph,
        [batch(ramp(1, 1, 1, 1))],
        "1 source states are needed, got 2",
        states=[labels(np.zeros((1, 1, 1, 1)))] * 2,
    )
    encode_nothing(graph, [batch(ramp(1, 1, 1, 1))], "entry 0 is missing", states=[[None]])
    encode_nothing(graph, [batch(ramp(1, 1, 1, 1))], "not an MPSCNNLossLabels", states=[[mps.MPSState(4)]])


@pytest.mark.parametrize("shape", [(2, 3, 2), (1, 2, 2), (2, 2, 1)])
def test_labels_of_the_wrong_size(shape):
    graph = graph_of(loss_node(linear(node()).result_image, label="loss"))
    message = f'MPSCNNLossNode "loss".*{" x ".join(map(str, shape))}.*2 x 2 x 2'
    encode_nothing(graph, [batch(ramp(1, 2, 2, 2))], message, mps.ShapeError, states=[labels(np.zeros((1, *shape)))])


def test_a_loss_image_of_the_wrong_size():
    graph = graph_of(loss_node(node(), label="loss"))
    truth = mps.MPSCNNLossLabels.batch(np.zeros((1, 2, 2, 2), np.float32), loss_image_size=(2, 2, 2))
    encode_nothing(
        graph, [batch(ramp(1, 2, 2, 2))], 'MPSCNNLossNode "loss".*loss image.*2 x 2 x 2', mps.ShapeError, states=[truth]
    )


def test_labels_that_are_no_labels():
    with refuses("3 dimensions", mps.ShapeError):
        mps.MPSCNNLossLabels.batch(np.zeros((1, 1, 1)))
    with refuses("weights", mps.ShapeError):
        mps.MPSCNNLossLabels.batch(np.zeros((1, 1, 1, 2)), np.zeros((1, 1, 1, 1)))
    with refuses("size .*takes 4 values, data has 3"):
        mps.MPSCNNLossDataDescriptor(np.zeros(3, np.float32), layout=HWC, size=(2, 2, 1))


def test_labels_of_a_batch_that_differ():
    graph = graph_of(loss_node(node()))
    mixed = [*labels(np.zeros((1, 1, 1, 1))), *labels(np.zeros((1, 1, 1, 3)))]
    encode_nothing(graph, [batch(ramp(2, 1, 1, 1))], "alike", mps.ShapeError, states=[mixed])
    kinds = [
        *mps.MPSCNNLossLabels.batch(np.zeros((1, 1, 1, 1))),
        *mps.MPSCNNLossLabels.batch(np.zeros((1, 1, 1, 1)), loss_image_size=(1, 1, 2)),
    ]
    encode_nothing(graph, [batch(ramp(2, 1, 1, 1))], "loss image", mps.ShapeError, states=[kinds])


def test_weights_for_some_images_only():
    graph = graph_of(loss_node(node()))
    one = np.ones((1, 1, 1, 1), np.float32)
    mixed = [*mps.MPSCNNLossLabels.batch(one, one), *mps.MPSCNNLossLabels.batch(one)]
    encode_nothing(graph, [batch(ramp(2, 1, 1, 1))], "weights for 1 of 2 images", states=[mixed])


def test_one_label_object_for_two_images():
    graph = graph_of(loss_node(node()))
    truth = labels(np.zeros((1, 1, 1, 1)))
    encode_nothing(graph, [batch(ramp(2, 1, 1, 1))], "loss image.*twice|same", states=[truth * 2])


# --- allocators and policies ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda d: None, mps.InvalidArgumentError, "must return MPSImage, got None"),
        (lambda d: 3, mps.InvalidArgumentError, "must return MPSImage, got 3"),
        (
            lambda d: mps.MPSImage(descriptor(d.height + 1, d.width, d.feature_channels)),
            mps.ShapeError,
            "3 x 3 x 4 Float32 for 2 x 3 x 4",
        ),
        (
            lambda d: mps.MPSImage(descriptor(d.height, d.width, d.feature_channels, Format.Unorm8)),
            mps.ShapeError,
            "Unorm8.*Float32",
        ),
    ],
)
def test_an_allocator_that_returns_nonsense(make, error, message):
    class Allocator(mps.MPSImageAllocator):
        def image_for_command_buffer(self, command_buffer, image_descriptor, kernel):
            return make(image_descriptor)

    graph = graph_of(linear(node()))
    graph.destination_image_allocator = Allocator()
    encode_nothing(graph, [image(ramp(2, 3, 4))], message, error)
    encode_nothing(graph, [batch(ramp(2, 2, 3, 4))], message, error)


@pytest.mark.parametrize(("count", "message"), [(1, "2 images, got 1"), (0, "2 images, got 0"), (3, "2 images, got 3")])
def test_an_allocator_that_makes_another_number(count, message):
    class Allocator(mps.MPSImageAllocator):
        def image_for_command_buffer(self, command_buffer, image_descriptor, kernel):
            raise AssertionError

        def image_batch_for_command_buffer(self, command_buffer, image_descriptor, kernel, wanted):
            return [mps.MPSImage(image_descriptor) for _ in range(count)]

    graph = graph_of(linear(node()))
    graph.destination_image_allocator = Allocator()
    encode_nothing(graph, [batch(ramp(2, 1, 1, 1))], message)


def test_an_allocator_that_gives_one_image_twice():
    class Allocator(mps.MPSImageAllocator):
        def image_for_command_buffer(self, command_buffer, image_descriptor, kernel):
            return made.setdefault("image", mps.MPSImage(image_descriptor))

    made = {}
    graph = graph_of(linear(node()))
    graph.destination_image_allocator = Allocator()
    encode_nothing(graph, [batch(ramp(2, 1, 1, 1))], "allocator.*same image")


def test_an_allocator_that_gives_the_source():
    source = image(ramp(1, 1, 4))

    class Allocator(mps.MPSImageAllocator):
        def image_for_command_buffer(self, command_buffer, image_descriptor, kernel):
            return source

    graph = graph_of(mps.MPSCNNSoftMaxNode(linear(node()).result_image))
    graph.destination_image_allocator = Allocator()
    encode_nothing(graph, [source], "allocator.*source")


def test_an_allocator_that_raises():
    class Allocator(mps.MPSImageAllocator):
        def image_for_command_buffer(self, command_buffer, image_descriptor, kernel):
            raise KeyError("allocator")

    graph = graph_of(linear(node()))
    graph.destination_image_allocator = Allocator()
    encode_nothing(graph, [image(ONE)], "allocator", KeyError)


def policy(body, method=Method.Custom | Method.SizeSame):
    class Policy(mps.MPSNNPadding):
        def padding_method(self):
            return method

        def destination_image_descriptor_for_source_images(
            self, source_images, source_states, kernel, suggested_descriptor
        ):
            return body(kernel, suggested_descriptor)

    return Policy()


def changed(**properties):
    def body(kernel, suggested):
        for name, value in properties.items():
            setattr(suggested if hasattr(suggested, name) else kernel, name, value)
        return suggested

    return body


def failing(kernel, suggested):
    raise KeyError("policy")


@pytest.mark.parametrize(
    ("body", "error", "message"),
    [
        (failing, KeyError, "policy"),
        (lambda kernel, suggested: None, mps.InvalidArgumentError, "must return MPSImageDescriptor, got None"),
        (lambda kernel, suggested: 3, mps.InvalidArgumentError, "must return MPSImageDescriptor, got 3"),
        (changed(width=0), mps.InvalidArgumentError, '"p".*result of 2 x 0'),
        (changed(height=0), mps.InvalidArgumentError, '"p".*result of 0 x 2'),
        (changed(feature_channels=7), mps.InvalidArgumentError, '"p".*asks for 7 feature channels, the filter makes 1'),
        (changed(number_of_images=2), mps.InvalidArgumentError, '"p".*images'),
        (changed(channel_format=Format.None_), mps.InvalidArgumentError, '"p".*None'),
        (changed(edge_mode=mps.MPSImageEdgeMode.Mirror), mps.InvalidArgumentError, '"p".*edge_mode'),
        (changed(destination_feature_channel_offset=4), mps.InvalidArgumentError, '"p".*channel offset'),
        (changed(clip_rect=((0, 0, 0), (1, 1, 1))), mps.InvalidArgumentError, '"p".*clip_rect'),
    ],
)
def test_a_policy_that_raises_or_returns_nonsense(body, error, message):
    pool = mps.MPSCNNPoolingMaxNode.with_filter_size(node(), 2)
    pool.label = "p"
    pool.padding_policy = policy(body)
    encode_nothing(graph_of(pool), [image(ramp(4, 4, 1))], message, error)


@pytest.mark.parametrize("offset", [-(2**62), -1000, 1000, 2**62])
@pytest.mark.parametrize("make", [
    lambda x: mps.MPSCNNPoolingMaxNode.with_filter_size(x, 2),
    lambda x: mps.MPSCNNPoolingAverageNode.with_filter_size(x, 2),
    lambda x: convolution(x, Convolution(np.ones((1, 2, 2, 1)))),
    lambda x: mps.MPSCNNConvolutionTransposeNode(x, weights=Convolution(np.ones((1, 2, 2, 1)))),
])  # fmt: skip
def test_windows_far_outside_the_image_see_nothing(make, offset):
    f = make(node())
    f.padding_policy = policy(changed(offset=(offset, offset, 0), edge_mode=mps.MPSImageEdgeMode.Zero))
    graph = graph_of(f)
    if abs(offset) < 2**31:
        assert not result_of(graph, ramp(4, 4, 1)).any()
    else:
        encode_nothing(graph, [image(ramp(4, 4, 1))], r"offset \(.*too far away")


@pytest.mark.parametrize(
    "make",
    [
        relu,
        mps.MPSCNNSoftMaxNode,
        mps.MPSCNNDropoutNode,
        loss_node,
        lambda x: mps.MPSCNNBatchNormalizationNode(x, data_source=BatchNormalization(1)),
        lambda x: mps.MPSCNNFullyConnectedNode(x, weights=Convolution(np.ones((1, 4, 4, 1)))),
        lambda x: add(x, x),
        lambda x: mps.MPSNNConcatenationNode([x, x]),
    ],
)
@pytest.mark.parametrize("change", [{"width": 7}, {"height": 2}, {"offset": (1, 0, 0)}, {"zero_pad_size_x": 1}])
def test_a_policy_cannot_place_filters_without_windows(make, change):
    f = make(node())
    f.label = "f"
    f.padding_policy = policy(changed(**change))
    states = labels(np.zeros((1, 4, 4, 1))) if isinstance(f, mps.MPSCNNLossNode) else None
    encode_nothing(graph_of(f), [image(ramp(4, 4, 1))], '"f": its padding policy', states=states)


def test_the_policy_of_a_forward_filter_does_not_change_its_gradient():
    def body(kernel, suggested):
        kernel.offset = (1, 1, 0)
        suggested.width -= 1
        return suggested

    c = convolution(node("x"), Convolution(np.ones((1, 2, 2, 1))))
    c.padding_policy = policy(body)
    graph = graph_of(c.gradient_filter_with_source(node("g")))
    arrays = {"x": np.zeros((3, 4, 1), np.float32), "g": np.ones((3, 3, 1), np.float32)}
    result = result_of(graph, *[arrays[h] for h in graph.source_image_handles])
    assert result[..., 0].tolist() == [[1, 2, 2, 1], [2, 4, 4, 2], [2, 4, 4, 2]]


def test_a_padding_method_that_is_none():
    pool = mps.MPSCNNPoolingMaxNode.with_filter_size(node(), 2)
    pool.padding_policy = policy(changed(), method=None)
    with refuses("padding_method must return MPSNNPaddingMethod, got None"):
        run(graph_of(pool), ramp(4, 4, 1))


def test_reserved_bits_of_a_padding_method():
    pool = mps.MPSCNNPoolingMaxNode.with_filter_size(node(), 2)
    pool.label = "p"
    for bits in (Method.Size_reserved, Method.Align_reserved):
        pool.padding_policy = padding(bits)
        with refuses('"p".*reserved', mps.Error):
            run(graph_of(pool), ramp(4, 4, 1))


def test_a_default_policy_is_not_custom():
    with refuses("Custom"):
        padding(Method.Custom)


# --- read counts and command buffers --------------------------------------------------------------------------------


def test_a_temporary_read_too_often():
    graph = graph_of(linear(node("x")))
    command_buffer = mps.CommandQueue().command_buffer()
    source = temporary(command_buffer, 1, 1, 1)
    graph.encode_to_command_buffer(command_buffer, [source])
    with refuses("read_count 0"):
        graph.encode_to_command_buffer(command_buffer, [source])
    assert source.read_count == 0


def test_a_failed_encode_does_not_lower_read_counts():
    graph = graph_of(add(node(), node()))
    command_buffer = mps.CommandQueue().command_buffer()
    left, right = temporary(command_buffer, 1, 1, 1), temporary(command_buffer, 1, 2, 1)
    with refuses("1 x 1 x 1", mps.ShapeError):
        graph.encode_to_command_buffer(command_buffer, [left, right])
    assert (left.read_count, right.read_count) == (1, 1)


def test_a_read_count_index():
    graph = graph_of(linear(node()))
    for index in (1, 2**63):
        with refuses(f"source image index {index} is outside the 1"):
            graph.read_count_for_source_image_at_index(index)
    with refuses("source state index 0 is outside the 0"):
        graph.read_count_for_source_state_at_index(0)


def broken_buffer():
    command_buffer = mps.CommandQueue().command_buffer()

    def fails(b):
        raise KeyError("handler")

    command_buffer.add_scheduled_handler(fails)
    command_buffer.commit()
    with pytest.raises(KeyError):
        command_buffer.wait_until_completed()
    return command_buffer


def test_use_after_a_command_buffer_failed():
    command_buffer = broken_buffer()
    assert command_buffer.status == Status.Error
    graph = graph_of(linear(node()))
    with refuses("(?s)has failed .*handler.*make a new one"):
        graph.encode_to_command_buffer(command_buffer, [image(ONE)])
    with refuses("has failed"):
        command_buffer.commit()
    with command_buffer.command_queue.command_buffer() as following:
        result = graph.encode_to_command_buffer(following, [image(ONE)])
    assert values(result).item() == 1


@pytest.mark.parametrize("which", ["itself", "the next"])
def test_waiting_where_the_wait_would_never_end(which):
    queue = mps.CommandQueue()
    command_buffer, following = queue.command_buffer(), queue.command_buffer()

    def handler(b):
        if which == "the next":
            following.commit()
        (b if which == "itself" else following).wait_until_completed()

    command_buffer.add_completed_handler(handler)
    command_buffer.commit()
    with refuses("wait in a handler.*another queue"):
        command_buffer.wait_until_completed()
    if which == "the next":
        following.wait_until_completed()


def test_a_handler_may_wait_for_another_queue():
    graph = graph_of(linear(node(), a=2))
    seen = []
    command_buffer = mps.CommandQueue().command_buffer()
    command_buffer.add_completed_handler(lambda b: seen.append(result_of(graph, ONE).item()))
    command_buffer.commit()
    command_buffer.wait_until_completed()
    assert seen == [2]


def test_an_update_that_commits_the_command_buffer():
    source = GPUConvolution(identity_weights(1, 2))
    source.update = lambda command_buffer, gradient_state, source_state: (command_buffer.commit(), new_state(5))[1]
    graph, _ = training(source, GPU)
    command_buffer = mps.CommandQueue().command_buffer()
    sources, truth = [batch(ramp(1, 1, 1, 1))], labels(np.zeros((1, 1, 1, 1)))
    with refuses("already committed"):
        graph.encode_batch_to_command_buffer(command_buffer, sources, [truth])
    command_buffer.wait_until_completed()
    source.update = lambda *arguments: None
    assert one_step(graph) == 4


def test_an_update_that_splits_the_command_buffer():
    source = GPUConvolution(identity_weights(1, 2))
    source.update = lambda command_buffer, gradient_state, source_state: (
        command_buffer.commit_and_continue(),
        new_state(5),
    )[1]
    graph, _ = training(source, GPU)
    assert one_step(graph) == 4
    source.update = lambda *arguments: None
    assert one_step(graph) == 25


def test_an_image_whose_work_failed_says_so_until_it_is_written_again():
    graph = graph_of(linear(node(), a=2))
    fixed = mps.MPSImage(descriptor(1, 1, 1))

    class Into(mps.MPSImageAllocator):
        def image_for_command_buffer(self, command_buffer, image_descriptor, kernel):
            return fixed

    graph.destination_image_allocator = Into()
    command_buffer = mps.CommandQueue().command_buffer()
    graph.encode_to_command_buffer(command_buffer, [image(ONE)])
    del command_buffer
    with refuses("undefined.*dropped", mps.BackendError):
        fixed.to_numpy()
    run(graph, ONE)
    assert values(fixed).item() == 2


def test_asynchronous_errors():
    graph = graph_of(linear(node()))
    with refuses("needs a source image|1 source images"):
        graph.execute_async_with_source_images([], print)
    with refuses("2 x 2 x 1|Float32", mps.Error):
        graph_of(add(node(), node())).execute_async_with_source_images([image(ONE), image(ramp(2, 2, 1))], print)
    with refuses("cannot pass source states"):
        graph_of(loss_node(node())).execute_async_with_source_images([image(ONE)], print)
    with pytest.raises((TypeError, mps.InvalidArgumentError)):
        graph.execute_async_with_source_images([image(ONE)], None)


def test_an_asynchronous_handler_that_raises_is_reported(capfd, monkeypatch):
    reports, called = [], threading.Event()
    monkeypatch.setattr(sys, "unraisablehook", lambda info: (reports.append(info.exc_value), called.set()))

    def handler(result, error):
        raise KeyError("async")

    graph_of(linear(node())).execute_async_with_source_images([image(ONE)], handler)
    assert called.wait(10)
    assert isinstance(reports[0], KeyError)


# --- training: what fails loses nothing -----------------------------------------------------------------------------


def training(source, style, x="x"):
    c = convolution(node(x), source, label="c")
    return training_graph(loss_node(c.result_image), style), graph_of(c)


def one_step(graph, command_buffer=None):
    truth = labels(np.zeros((1, 1, 1, 1)))
    Run(graph, [batch(ramp(1, 1, 1, 1))], [truth])
    return losses(truth).item()


def new_state(*numbers):
    return mps.MPSCNNConvolutionWeightsAndBiasesState(mps.Buffer(np.array(numbers, np.float32)))


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (KeyError("update"), KeyError, "update"),
        (
            3,
            mps.InvalidArgumentError,
            "update_with_command_buffer must return MPSCNNConvolutionWeightsAndBiasesState or None, got 3",
        ),
        (mps.MPSState(4), mps.InvalidArgumentError, "must return MPSCNNConvolutionWeightsAndBiasesState"),
        ("short", mps.InvalidArgumentError, 'MPSCNNConvolutionNode "c".*0 weights, expected 1'),
    ],
    ids=["raises", "number", "state", "short"],
)
def test_a_gpu_update_that_fails(answer, error, message):
    def update(*arguments):
        if isinstance(answer, Exception):
            raise answer
        return mps.MPSCNNConvolutionWeightsAndBiasesState(mps.Buffer(2)) if answer == "short" else answer

    source = GPUConvolution(identity_weights(1, 2))
    graph, _ = training(source, GPU)
    assert one_step(graph) == 4
    source.update = update
    truth = [labels(np.zeros((1, 1, 1, 1)))]
    encode_nothing(graph, [batch(ramp(1, 1, 1, 1))], message, error, states=truth)
    source.update = lambda *arguments: None
    assert one_step(graph) == 4, "the weights are as they were"


def test_a_failed_encode_takes_back_the_updates_before_the_failure():
    log = []
    first, second = (GPUConvolution(identity_weights(1, 2), name=name, log=log) for name in "ab")
    graph = training_graph(loss_node(convolution(convolution(node(), first).result_image, second).result_image), GPU)
    second.update = lambda *arguments: new_state(100)
    first.failing["update_with_command_buffer"] = KeyError("a")
    encode_nothing(graph, [batch(ramp(1, 1, 1, 1))], "a", KeyError, states=[labels(np.zeros((1, 1, 1, 1)))])
    assert log[-2:] == [("b", "update_with_command_buffer"), ("a", "update_with_command_buffer")]
    first.failing.clear()
    second.update = lambda *arguments: None
    assert one_step(graph) == 16, "the new weights of b were not taken"


def test_what_was_encoded_before_a_failed_encode_still_runs():
    source = GPUConvolution(identity_weights(1, 2))
    graph, forward = training(source, GPU)
    source.failing["update_with_command_buffer"] = KeyError("update")
    with mps.CommandQueue().command_buffer() as command_buffer:
        before = forward.encode_to_command_buffer(command_buffer, [image(ONE)])
        with pytest.raises(KeyError):
            graph.encode_batch_to_command_buffer(
                command_buffer, [batch(ramp(1, 1, 1, 1))], [labels(np.zeros((1, 1, 1, 1)))]
            )
        after = forward.encode_to_command_buffer(command_buffer, [image(ramp(1, 1, 1, start=5))])
    assert (values(before).item(), values(after).item()) == (2, 10)


@pytest.mark.parametrize("method", ["update_with_gradient_state", "load", "weights", "purge"])
def test_a_cpu_update_that_fails(method):
    source = CPUConvolution(identity_weights(1, 2))
    source.rate = 0.25
    graph, _ = training(source, CPU)
    source.failing[method] = KeyError(method)
    truth = labels(np.zeros((1, 1, 1, 1)))
    command_buffer = mps.CommandQueue().command_buffer()
    graph.encode_batch_to_command_buffer(command_buffer, [batch(ramp(1, 1, 1, 1))], [truth])
    command_buffer.commit()
    with pytest.raises(KeyError, match=method):
        command_buffer.wait_until_completed()
    assert command_buffer.status == Status.Error
    assert isinstance(command_buffer.error, KeyError)
    assert losses(truth) == [4], "the work itself succeeded"
    source.failing.clear()
    source.rate = 0
    assert one_step(graph) == 4, "the weights are as they were"


def test_a_cpu_update_that_fails_does_not_stop_the_others():
    log = []
    first, second = (CPUConvolution(identity_weights(1, 2), name=name, log=log) for name in "ab")
    second.failing["update_with_gradient_state"] = KeyError("b")
    graph = training_graph(loss_node(convolution(convolution(node(), first).result_image, second).result_image), CPU)
    with pytest.raises(KeyError, match="b"):
        one_step(graph)
    second.failing.clear()
    assert one_step(graph) == 16


@pytest.mark.parametrize("style", [GPU, CPU])
def test_batch_normalisation_updates_that_fail(style):
    class Failing(BatchNormalization):
        def update_gamma_and_beta_with_command_buffer(self, command_buffer, batch_normalization_state):
            raise KeyError("gamma")

        def update_gamma_and_beta_with_batch_normalization_state(self, batch_normalization_state):
            raise KeyError("gamma")

    f = mps.MPSCNNBatchNormalizationNode(node(), data_source=Failing(1))
    graph = training_graph(loss_node(f.result_image), style)
    with pytest.raises(KeyError, match="gamma"):
        Run(graph, [batch(ramp(2, 1, 1, 1))], [labels(np.zeros((2, 1, 1, 1)))])


# --- NaN ------------------------------------------------------------------------------------------------------------


def test_nan_goes_where_the_arithmetic_takes_it():
    x = np.array([[[np.nan, 1]]], np.float32)
    for make in (linear, relu, mps.MPSCNNSoftMaxNode, lambda x: add(x, x)):
        result = result_of(graph_of(make(node())), x)
        assert np.isnan(result[0, 0, 0]), make
    assert result_of(graph_of(linear(node())), x)[0, 0, 1] == 1, "and nowhere else"


def test_nan_in_a_batch_stays_in_its_image():
    x = np.stack([ramp(3, 3, 2), np.full((3, 3, 2), np.nan, np.float32), ramp(3, 3, 2)])
    graph = graph_of(convolution(node(), Convolution(np.ones((3, 3, 3, 2)))))
    result = result_of(graph, x)
    assert np.isnan(result[1]).all()
    assert np.isfinite(result[[0, 2]]).all()
    np.testing.assert_array_equal(result[0], result_of(graph, ramp(3, 3, 2)))


def test_nan_outside_a_view_is_not_read():
    x = np.full((1, 2, 8), np.nan, np.float32)
    x[..., 4:7] = 3
    part = image(x).sub_image_with_feature_channel_range((4, 3))
    for make in (linear, mps.MPSCNNSoftMaxNode, lambda y: convolution(y, Convolution(np.ones((2, 1, 1, 3))))):
        assert np.isfinite(values(Run(graph_of(make(node())), [part]).result)).all()


def test_nan_weights_and_losses_are_no_error():
    source = CPUConvolution(identity_weights(1, np.nan))
    graph, _ = training(source, CPU)
    assert np.isnan(one_step(graph))
    source.values = identity_weights(1)


# --- life and death -------------------------------------------------------------------------------------------------


def slow_network(size=128, layers=6):
    """A graph that takes a noticeable while, and an image for it."""
    x = node()
    for _ in range(layers):
        x = convolution(x, Convolution(np.full((16, 3, 3, 16), 1e-3))).result_image
    return graph_of(x), image(np.ones((size, size, 16), np.float32))


def test_a_graph_may_go_while_its_work_is_in_flight():
    graph, x = slow_network()
    expected = values(Run(graph, [x]).result)
    command_buffer = mps.CommandQueue().command_buffer()
    result = graph.encode_to_command_buffer(command_buffer, [x])
    command_buffer.commit()
    del graph, x
    gc.collect()
    command_buffer.wait_until_completed()
    np.testing.assert_array_equal(values(result), expected)


def test_a_queue_may_go_while_its_work_is_in_flight():
    graph, x = slow_network()
    done = threading.Event()
    queue = mps.CommandQueue()
    for k in range(3):
        command_buffer = queue.command_buffer()
        graph.encode_to_command_buffer(command_buffer, [x])
        if k == 2:
            command_buffer.add_completed_handler(lambda b: done.set())
        command_buffer.commit()
    del queue, command_buffer
    gc.collect()
    assert done.wait(30)


def test_everything_may_go_inside_a_handler():
    done = threading.Event()
    kept = {}

    def handler(b):
        kept.clear()
        gc.collect()
        done.set()

    graph, x = slow_network(16, 1)
    queue = mps.CommandQueue()
    command_buffer = queue.command_buffer()
    kept.update(
        graph=graph, queue=queue, buffer=command_buffer, result=graph.encode_to_command_buffer(command_buffer, [x])
    )
    command_buffer.add_completed_handler(handler)
    command_buffer.commit()
    del graph, queue, command_buffer
    assert done.wait(10)


def test_networks_and_data_sources_are_released():
    source = GPUConvolution(identity_weights(1))
    handle = type("Handle", (), {})()
    c = convolution(node(handle), source)
    graph = training_graph(loss_node(c.result_image), GPU)
    one_step(graph)
    seen = [weakref.ref(o) for o in (source, handle, graph)]
    del source, handle, c, graph
    gc.collect()
    assert [r() for r in seen] == [None] * 3


def test_long_chains_are_released():
    x = node()
    for _ in range(100_000):
        x = relu(x).result_image
    del x


def test_interpreter_exit_with_work_in_flight():
    done = python(
        """
        import numpy as np
        import mpsnn as mps
        from test_errors import slow_network
        graph, x = slow_network(256)
        queue = mps.CommandQueue()
        for _ in range(6):
            b = queue.command_buffer()
            graph.encode_to_command_buffer(b, [x])
            b.add_completed_handler(lambda b: None)
            b.commit()
        graph.execute_async_with_source_images([x], lambda result, error: None)
        """
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_interpreter_exit_with_work_that_was_never_committed():
    done = python(
        """
        import mpsnn as mps
        from test_errors import *
        graph = graph_of(linear(node()))
        b = mps.CommandQueue().command_buffer()
        result = graph.encode_to_command_buffer(b, [image(ONE)])
        keep = [graph, b, result]
        keep.append(keep)
        """
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_interpreter_exit_from_a_callback_of_a_data_source():
    done = python(
        """
        from test_errors import *
        source = CPUConvolution(identity_weights(1, 2))
        source.failing["update_with_gradient_state"] = SystemExit(3)
        graph, _ = training(source, CPU)
        one_step(graph)
        """
    )
    assert (done.returncode, done.stderr) == (3, "")


INTERRUPTED = """
    import sys, time
    from test_errors import *
    x = node()
    for k in range(4):
        x = convolution(x, GPUConvolution(np.random.default_rng(k).standard_normal((16, 3, 3, 16)) * 0.02)).result_image
    graph = training_graph(loss_node(x), GPU)
    images = np.ones((8, 48, 48, 16), np.float32)

    def step():
        truth = labels(np.zeros((8, 48, 48, 16)))
        Run(graph, [batch(images)], [truth])
        return losses(truth).sum()

    first = step()
    try:
        print("ready", flush=True)
        start = time.monotonic()
        while time.monotonic() - start < 60:
            step()
        print("not interrupted", flush=True)
    except KeyboardInterrupt:
        print("interrupted", time.monotonic(), flush=True)
    assert step() == first
    print("trained on", flush=True)
"""


def test_an_interrupt_in_a_training_run():
    program = f"import sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\n" + "\n".join(
        line.removeprefix("    ") for line in INTERRUPTED.splitlines()
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.3)
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        word, _, at = process.stdout.readline().partition(" ")
        assert word == "interrupted"
        assert float(at) - sent < 1
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert out == "trained on\n"
    assert (process.returncode, err) == (0, "")


def test_an_interrupt_while_waiting_for_one_long_piece_of_work():
    program = """
        import _thread, threading, time
        from test_errors import *
        graph, x = slow_network(512, 12)
        b = mps.CommandQueue().command_buffer()
        for _ in range(8):
            result = graph.encode_to_command_buffer(b, [x])
        b.commit()
        threading.Timer(0.2, _thread.interrupt_main).start()
        start = time.monotonic()
        try:
            b.wait_until_completed()
            print("finished early")
        except KeyboardInterrupt:
            print(time.monotonic() - start < 1, b.status == mps.MTLCommandBufferStatus.Completed)
        b.wait_until_completed()
        print(b.status == mps.MTLCommandBufferStatus.Completed)
    """
    done = python(program)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "True False\nTrue\n"


def test_training_does_not_leak():
    done = python(
        """
        import gc
        from test_errors import *

        def resident():
            with open("/proc/self/statm") as f:
                return int(f.read().split()[1]) * 4096

        class Source(GPUConvolution):
            def update_with_command_buffer(self, command_buffer, gradient_state, source_state):
                result = mps.MPSCNNConvolutionWeightsAndBiasesState(cnn_convolution_descriptor=self.shape)
                sgd.encode_to_command_buffer(command_buffer, gradient_state, source_state, None, result)
                return result

        sgd = mps.MPSNNOptimizerStochasticGradientDescent.with_learning_rate(1e-6)
        x = node()
        for _ in range(2):
            x = convolution(x, Source(np.full((32, 3, 3, 32), 1e-3), np.zeros(32))).result_image
            x = mps.MPSCNNBatchNormalizationNode(x, data_source=BatchNormalization(32)).result_image
        graph = training_graph(loss_node(x), GPU)
        images = np.ones((2, 4, 4, 32), np.float32)

        def steps(count):
            for _ in range(count):
                Run(graph, [batch(images)], [labels(np.zeros((2, 4, 4, 32)))])
            gc.collect()
            return resident()

        steps(50)
        before = steps(50)
        print(steps(300) - before)
        """
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) < 2 << 20, "one step's states are 75 kB"


def test_failing_encodes_do_not_leak():
    done = python(
        """
        import gc
        from test_errors import *

        def resident():
            with open("/proc/self/statm") as f:
                return int(f.read().split()[1]) * 4096

        class Fails(GPUConvolution):
            def update_with_command_buffer(self, command_buffer, gradient_state, source_state):
                raise KeyError("no")

        source = Fails(np.full((32, 3, 3, 32), 1e-3))
        graph = training_graph(loss_node(convolution(node(), source).result_image), GPU)
        images, truth = batch(np.ones((4, 8, 8, 32), np.float32)), labels(np.zeros((4, 8, 8, 32)))
        command_buffer = mps.CommandQueue().command_buffer()

        def steps(count):
            for _ in range(count):
                try:
                    graph.encode_batch_to_command_buffer(command_buffer, [images], [truth])
                except KeyError:
                    continue
                raise AssertionError
            gc.collect()
            return resident()

        steps(100)
        before = steps(50)
        print(steps(300) - before)
        """
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) < 2 << 20


def test_a_default_device_that_does_not_exist():
    ended = python("import mpsnn; mpsnn.CommandQueue()", env=os.environ | {"MPSNN_DEVICE": "gpu7"})
    assert ended.returncode == 1
    assert 'device "gpu7" does not exist; there are "cpu"' in ended.stderr
    ended = python("import mpsnn; print(mpsnn.CommandQueue().device.name)", env=os.environ | {"MPSNN_DEVICE": "cpu"})
    assert (ended.stdout, ended.returncode) == ("cpu\n", 0), ended.stderr
