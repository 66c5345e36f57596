"""Images, buffers and arrays: memory is shared or refused with the reason, and lives as long as somebody looks at it."""

import gc
import weakref

import mpsnn as mps
import numpy as np
import pytest
from support import Float16, Float32, descriptor, graph_of, image, linear, node, ramp, temporary

Format = mps.MPSImageFeatureChannelFormat
FORMATS = {"float32": Float32, "float16": Float16, "uint8": Format.Unorm8, "uint16": Format.Unorm16}
SHAPES = [(2, 3, 5), (4, 2, 3, 5)]


class Array(np.ndarray):
    """An array that can be watched for its end."""


def watched(shape=(2, 3, 5)):
    array = ramp(*shape).view(Array)
    return array, weakref.ref(array)


# --- in ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("shape", SHAPES)
def test_an_image_shares_the_memory_of_an_array(shape, dtype):
    array = ramp(*shape, dtype=dtype)
    x = mps.MPSImage(array)
    assert (x.height, x.width, x.feature_channels) == shape[-3:]
    assert x.number_of_images == (4 if len(shape) == 4 else 1)
    assert x.feature_channel_format == FORMATS[dtype]
    view = x.to_numpy()
    assert np.shares_memory(view, array)
    assert view.shape == shape
    assert view.dtype == array.dtype
    array[..., -1] = 7
    view[..., 0] = 9
    assert (view[..., -1] == 7).all()
    assert (array[..., 0] == 9).all()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda a: a[:, ::2], "C order"),
        (lambda a: a.transpose(1, 0, 2), "C order"),
        (lambda a: np.broadcast_to(a[:1], a.shape), "C order|read-only"),
        (lambda a: a.astype(a.dtype, copy=False)[...].view(np.uint8)[..., 4:].view(np.float32), "C order"),
        (lambda a: _read_only(a), "read-only"),
        (lambda a: _misaligned(a), "aligned"),
        (lambda a: a.astype(np.float64), "float64"),
        (lambda a: a.astype(">f4"), ">f4"),
        (lambda a: a.tolist(), "list"),
    ],
)
def test_what_cannot_be_shared_is_refused_and_can_be_copied(spoil, reason):
    array = spoil(ramp(2, 4, 3))
    with pytest.raises(mps.InvalidArgumentError, match=reason) as error:
        mps.MPSImage(array)
    assert "copy=True" in str(error.value)
    x = mps.MPSImage(array, copy=True)
    assert x.feature_channel_format == Float32
    assert np.array_equal(x.to_numpy(), np.asarray(array))
    assert not np.shares_memory(x.to_numpy(), np.asarray(array))


def _read_only(array):
    array.flags.writeable = False
    return array


def _misaligned(array):
    memory = np.zeros(array.nbytes + 1, np.uint8)
    moved = memory[1:].view(array.dtype).reshape(array.shape)
    moved[...] = array
    return moved


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.bool_, np.complex64, "U1", object])
@pytest.mark.parametrize("copy", [False, True])
def test_other_types_are_refused_also_for_a_copy(dtype, copy):
    with pytest.raises(mps.InvalidArgumentError, match="float32, float16, uint8"):
        mps.MPSImage(np.zeros((2, 3, 4), dtype), copy=copy)


@pytest.mark.parametrize("shape", [(), (5,), (2, 3), (1, 2, 3, 4, 5), (0, 2, 3), (2, 0, 3), (2, 3, 0), (0, 1, 2, 3)])
@pytest.mark.parametrize("copy", [False, True])
def test_other_shapes_are_refused(shape, copy):
    with pytest.raises(mps.ShapeError, match="H x W x C"):
        mps.MPSImage(np.zeros(shape, np.float32), copy=copy)


def test_a_copy_has_memory_of_its_own():
    array = ramp(2, 3, 4)
    x = mps.MPSImage(array, copy=True)
    array[...] = 0
    assert np.array_equal(x.to_numpy(), ramp(2, 3, 4))


@pytest.mark.parametrize("shape", [(1, 2, 3, 5), (2, 1, 1, 1)])
def test_a_copy_of_a_batch_keeps_the_order(shape):
    assert np.array_equal(mps.MPSImage(ramp(*shape), copy=True).to_numpy().reshape(shape), ramp(*shape))


def test_a_descriptor_makes_an_image_of_zeros():
    x = mps.MPSImage(descriptor(2, 3, 5))
    assert (x.to_numpy() == 0).all()
    assert x.to_numpy().shape == (2, 3, 5)


def test_none_and_other_things_are_no_arrays():
    with pytest.raises(TypeError):
        mps.MPSImage(None)
    with pytest.raises(mps.InvalidArgumentError, match="object"):
        mps.MPSImage(object())


@pytest.mark.parametrize("chosen", ["cpu", None])
def test_the_device_is_named_or_given(chosen):
    assert mps.MPSImage(ramp(2, 3, 5), device=chosen).device is mps.MPSImage(descriptor(1, 1, 1), device=chosen).device
    with pytest.raises(mps.InvalidArgumentError, match="abacus"):
        mps.MPSImage(ramp(2, 3, 5), device="abacus")


# --- lifetimes --------------------------------------------------------------------------------------------------------


def test_an_image_keeps_its_array_and_lets_it_go():
    array, alive = watched()
    x = mps.MPSImage(array)
    del array
    gc.collect()
    assert alive() is not None
    assert np.array_equal(x.to_numpy(), ramp(2, 3, 5))
    del x
    gc.collect()
    assert alive() is None


def test_a_view_keeps_the_image():
    array, alive = watched((4, 2, 3, 5))
    x = mps.MPSImage(array)
    part = x.batch_representation()[2].sub_image_with_feature_channel_range((4, 1)).to_numpy()[1:, :, 0]
    del x, array
    gc.collect()
    assert alive() is not None
    assert np.array_equal(part, ramp(4, 2, 3, 5)[2, 1:, :, 4])
    del part
    gc.collect()
    assert alive() is None


def test_encoded_work_keeps_its_sources_until_it_has_run():
    array, alive = watched()
    graph = graph_of(linear(node(), 2, 1))
    command_buffer = mps.CommandQueue().command_buffer()
    result = graph.encode_to_command_buffer(command_buffer, [mps.MPSImage(array)])
    del array
    gc.collect()
    assert alive() is not None
    command_buffer.commit()
    command_buffer.wait_until_completed()
    assert np.array_equal(result.to_numpy(), 2 * ramp(2, 3, 5) + 1)
    gc.collect()
    assert alive() is None


def test_a_result_outlives_its_graph():
    graph = graph_of(linear(node(), 2))
    y = graph(ramp(2, 3, 5))
    del graph
    gc.collect()
    assert np.array_equal(y, 2 * ramp(2, 3, 5))


# --- out --------------------------------------------------------------------------------------------------------------


def test_no_view_while_work_is_pending():
    graph = graph_of(linear(node(), 2))
    command_buffer = mps.CommandQueue().command_buffer()
    result = graph.encode_to_command_buffer(command_buffer, [image(ramp(2, 3, 5))])
    for look in (result.to_numpy, lambda: np.asarray(result), lambda: np.from_dlpack(result)):
        with pytest.raises(mps.InvalidArgumentError, match="has not completed"):
            look()
    command_buffer.commit()
    command_buffer.wait_until_completed()
    assert np.array_equal(result.to_numpy(), 2 * ramp(2, 3, 5))


def test_no_view_of_work_that_was_dropped():
    graph = graph_of(linear(node(), 2))
    result = graph.encode_to_command_buffer(mps.CommandQueue().command_buffer(), [image(ramp(2, 3, 5))])
    with pytest.raises(mps.BackendError, match="dropped"):
        result.to_numpy()


def test_no_view_of_a_temporary_image():
    with mps.CommandQueue().command_buffer() as command_buffer:
        x = temporary(command_buffer, 2, 3, 5)
        for look in (x.to_numpy, lambda: np.asarray(x), lambda: np.from_dlpack(x)):
            with pytest.raises(mps.InvalidArgumentError, match="temporary"):
                look()


def test_numpy_takes_an_image_as_an_array():
    array = ramp(2, 3, 5)
    x = mps.MPSImage(array)
    assert np.shares_memory(np.asarray(x), array)
    assert not np.shares_memory(np.array(x), array)
    half = np.asarray(x, np.float16)
    assert half.dtype == np.float16
    assert np.array_equal(half, array)
    assert np.array_equal(np.stack([x, x]), np.stack([array, array]))


# --- DLPack -----------------------------------------------------------------------------------------------------------


def test_dlpack_out_shares():
    array = ramp(4, 2, 3, 5)
    x = mps.MPSImage(array)
    assert x.__dlpack_device__() == (1, 0)
    view = np.from_dlpack(x)
    assert np.shares_memory(view, array)
    assert view.shape == array.shape


class Exporter:
    """DLPack and nothing else."""

    def __init__(self, array, device=(1, 0)):
        self.array, self.device = array, device

    def __dlpack_device__(self):
        return self.device

    def __dlpack__(self, **arguments):
        return self.array.__dlpack__(**arguments)


class OldExporter(Exporter):
    def __dlpack__(self, stream=None):
        return self.array.__dlpack__()


@pytest.mark.parametrize("exporter", [Exporter, OldExporter])
@pytest.mark.parametrize("dtype", FORMATS)
def test_dlpack_in_shares(exporter, dtype):
    array = ramp(4, 2, 3, 5, dtype=dtype)
    x = mps.MPSImage(exporter(array))
    assert np.shares_memory(x.to_numpy(), array)
    assert x.feature_channel_format == FORMATS[dtype]


def test_dlpack_in_keeps_the_memory_and_lets_it_go():
    array, alive = watched()
    x = mps.MPSImage(Exporter(array))
    del array
    gc.collect()
    assert alive() is not None
    assert np.array_equal(x.to_numpy(), ramp(2, 3, 5))
    del x
    gc.collect()
    assert alive() is None


@pytest.mark.parametrize("answer", [None, (), (1, None), "cpu"])
def test_dlpack_from_a_device_that_is_none(answer):
    with pytest.raises(mps.InvalidArgumentError, match="__dlpack_device__ must return .*, got "):
        mps.MPSImage(Exporter(ramp(2, 3, 4), answer))


@pytest.mark.parametrize("capsule", [None, 3])
def test_dlpack_without_a_capsule(capsule):
    class Empty(Exporter):
        def __dlpack__(self, **arguments):
            return capsule

    with pytest.raises(mps.InvalidArgumentError, match=f"__dlpack__ must return a capsule, got {capsule}"):
        mps.MPSImage(Empty(None))


def test_dlpack_in_is_refused_with_the_reason():
    with pytest.raises(mps.InvalidArgumentError, match="cuda:3"):
        mps.MPSImage(Exporter(ramp(2, 3, 5), device=(2, 3)))
    with pytest.raises(mps.InvalidArgumentError, match=r"metal:0.*CPU"):
        mps.MPSImage(Exporter(ramp(2, 3, 5), device=(8, 0)), copy=True)
    with pytest.raises(mps.InvalidArgumentError, match="read-only"):
        mps.MPSImage(Exporter(_read_only(ramp(2, 3, 5))))
    with pytest.raises(mps.InvalidArgumentError, match="C order"):
        mps.MPSImage(Exporter(ramp(2, 3, 5)[:, ::2]))
    with pytest.raises(mps.InvalidArgumentError, match="int64"):
        mps.MPSImage(Exporter(np.zeros((2, 3, 5), np.int64)))


def test_torch_tensors_go_in_and_out_without_a_copy():
    torch = pytest.importorskip("torch")
    tensor = torch.arange(30, dtype=torch.float32).reshape(2, 3, 5)
    x = mps.MPSImage(tensor)
    assert x.to_numpy().ctypes.data == tensor.data_ptr()
    back = torch.from_dlpack(x)
    assert back.data_ptr() == tensor.data_ptr()
    back[0, 0, 0] = 17
    assert tensor[0, 0, 0] == 17
    assert x.to_numpy()[0, 0, 0] == 17
    del x, tensor
    gc.collect()
    assert back[1, 2, 4] == 29


def test_torch_tensors_that_do_not_fit():
    torch = pytest.importorskip("torch")
    tensor = torch.arange(30, dtype=torch.float32).reshape(2, 3, 5)
    with pytest.raises(mps.InvalidArgumentError, match="copy=True"):
        mps.MPSImage(tensor.permute(1, 0, 2))
    assert np.array_equal(mps.MPSImage(tensor.permute(1, 0, 2), copy=True).to_numpy(), tensor.permute(1, 0, 2).numpy())
    with pytest.raises(mps.InvalidArgumentError, match="bfloat16"):
        mps.MPSImage(tensor.to(torch.bfloat16))
    with pytest.raises(mps.InvalidArgumentError, match="meta|device"):
        mps.MPSImage(Exporter(tensor, device=(10, 0)))
    half = tensor.to(torch.float16)
    assert mps.MPSImage(half).feature_channel_format == Float16


def test_a_graph_runs_on_a_torch_tensor():
    torch = pytest.importorskip("torch")
    tensor = torch.arange(30, dtype=torch.float32).reshape(2, 3, 5)
    y = torch.from_dlpack(graph_of(linear(node(), 2, 1))(tensor))
    assert torch.equal(y, 2 * tensor + 1)


# --- graphs called with arrays ----------------------------------------------------------------------------------------


def test_the_result_comes_in_the_kind_of_the_sources():
    graph = graph_of(linear(node(), 2))
    a, b = ramp(2, 3, 5), ramp(4, 2, 3, 5)
    assert np.array_equal(graph(a), 2 * a)
    assert np.array_equal(graph(b), 2 * b)
    y = graph(mps.MPSImage(a))
    assert isinstance(y, mps.MPSImage)
    assert np.array_equal(y.to_numpy(), 2 * a)
    batch = graph(mps.MPSImage(b).batch_representation())
    assert [type(i) for i in batch] == [mps.MPSImage] * 4
    assert np.array_equal(np.stack(batch), 2 * b)
    several = graph(mps.MPSImage(b))
    assert several.number_of_images == 4
    assert np.array_equal(several.to_numpy(), 2 * b)


def test_a_batch_of_one_stays_a_batch():
    assert graph_of(linear(node(), 2))(ramp(1, 2, 3, 5)).shape == (1, 2, 3, 5)


def test_the_dtype_is_that_of_the_graph():
    graph = mps.MPSNNGraph(linear(node(), 2).result_image)
    assert graph(ramp(2, 3, 5)).dtype == np.float16, "Apple's default"
    graph.format = Format.Unorm8
    assert graph(np.zeros((2, 3, 5), np.float32)).dtype == np.uint8


def permanent(filter_node):
    filter_node.result_image.image_allocator = mps.MPSImage.default_allocator()
    return filter_node


def test_several_results_are_a_tuple():
    first = linear(node(), 2)
    second = permanent(linear(first.result_image, 3))
    a = ramp(2, 3, 5)
    y, z = graph_of(first, second, needed=[False, True])(a)
    assert y is None
    assert np.array_equal(z, 6 * a)
    y, z = graph_of(first, second)(np.stack([a, a]))
    assert np.array_equal(y[1], 2 * a)
    assert np.array_equal(z[0], 6 * a)


def test_exported_images_are_not_among_the_results():
    first = permanent(linear(node(), 2))
    first.result_image.export_from_graph = True
    y, z = graph_of(linear(first.result_image, 3), permanent(linear(first.result_image, 5)))(ramp(2, 3, 5))
    assert np.array_equal(y, 6 * ramp(2, 3, 5))
    assert np.array_equal(z, 10 * ramp(2, 3, 5))


def test_a_temporary_result_is_no_array():
    first = linear(node(), 2)
    with pytest.raises(mps.InvalidArgumentError, match=r"result image 1 is temporary.*default_allocator"):
        graph_of(first, linear(first.result_image, 3))(ramp(2, 3, 5))


def test_several_sources_go_in_the_order_of_the_handles():
    difference = mps.MPSNNSubtractionNode(node("a"), node("b"))
    graph = graph_of(difference)
    assert graph.source_image_handles == ["a", "b"]
    assert np.array_equal(graph(ramp(2, 3, 5, start=31), ramp(2, 3, 5)), np.full((2, 3, 5), 30, np.float32))


def test_sources_are_only_read():
    array = _read_only(ramp(2, 3, 5))
    assert np.array_equal(graph_of(linear(node(), 2))(array), 2 * array)


def test_a_call_shares_or_refuses_as_an_image_does():
    graph = graph_of(linear(node(), 2))
    array = ramp(2, 6, 5)[:, ::2]
    with pytest.raises(mps.InvalidArgumentError, match=r"source 0.*copy=True"):
        graph(array)
    assert np.array_equal(graph(array, copy=True), 2 * array)


def test_a_call_with_wrong_sources():
    graph = graph_of(mps.MPSNNAdditionNode(node(), node()))
    a, b = ramp(2, 3, 5), ramp(4, 2, 3, 5)
    with pytest.raises(mps.InvalidArgumentError, match="expected 2 sources, got 1"):
        graph(a)
    with pytest.raises(mps.InvalidArgumentError, match="one kind"):
        graph(a, b)
    with pytest.raises(mps.InvalidArgumentError, match="one kind"):
        graph(a, mps.MPSImage(a))
    with pytest.raises(mps.InvalidArgumentError, match="source 0.*str"):
        graph("a", "b")


# --- buffers ----------------------------------------------------------------------------------------------------------


def test_a_buffer_shares_the_memory_of_an_array():
    array, alive = watched()
    buffer = mps.Buffer(array)
    assert buffer.length == array.nbytes
    view = buffer.to_numpy()
    assert np.shares_memory(view, array)
    assert view.shape == (30,)
    assert np.shares_memory(np.asarray(buffer), array)
    del array, buffer
    gc.collect()
    assert alive() is not None
    assert np.array_equal(view, ramp(30))
    del view
    gc.collect()
    assert alive() is None


def test_a_buffer_of_bytes():
    buffer = mps.Buffer(10)
    assert len(buffer) == buffer.length == 10
    memory = buffer.contents()
    assert memory.nbytes == 10
    assert not any(memory)
    memory[:4] = np.float32(3).tobytes()
    assert buffer.to_numpy().tolist() == [3, 0], "as many floats as fit"
    with pytest.raises(mps.InvalidArgumentError, match="-1"):
        mps.Buffer(-1)


def test_a_buffer_refuses_or_copies():
    array = ramp(4, 6)[:, ::2]
    for spoiled in (array, _read_only(ramp(3))):
        with pytest.raises(mps.InvalidArgumentError, match="copy=True"):
            mps.Buffer(spoiled)
        assert np.array_equal(mps.Buffer(spoiled, copy=True).to_numpy(), spoiled.ravel())
    with pytest.raises(mps.InvalidArgumentError, match="str"):
        mps.Buffer("12")
