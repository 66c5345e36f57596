"""Images, states and command buffers."""

import itertools
import threading
import time

import mpsnn as mps
import numpy as np
import pytest
from support import (
    CHW,
    HWC,
    Float16,
    Float32,
    Format,
    Status,
    batch,
    descriptor,
    graph_of,
    image,
    linear,
    node,
    ramp,
    result_of,
    run,
    temporary,
    values,
)

DTYPES = {Format.Unorm8: np.uint8, Format.Unorm16: np.uint16, Float16: np.float16, Float32: np.float32}
formats = pytest.mark.parametrize("channel_format", DTYPES, ids=lambda f: f.name)
layouts = pytest.mark.parametrize("layout", [HWC, CHW], ids=["HWC", "CHW"])


# --- 1, 2, 3. descriptors and properties ----------------------------------------------------------------------------


def test_a_descriptor():
    d = mps.MPSImageDescriptor(Float16, width=3, height=2, feature_channels=5)
    assert (d.channel_format, d.width, d.height, d.feature_channels, d.number_of_images) == (Float16, 3, 2, 5, 1)
    assert d.usage == mps.MTLTextureUsage.ShaderRead | mps.MTLTextureUsage.ShaderWrite
    assert d.pixel_format == mps.MTLPixelFormat.RGBA16Float
    assert d.storage_mode == mps.MTLStorageMode.Shared
    assert d.cpu_cache_mode == mps.MTLCPUCacheMode.DefaultCache


def test_an_image_keeps_the_descriptor_it_was_made_from():
    d = descriptor(2, 3, 5)
    x = mps.MPSImage(d)
    d.width = 100
    assert (x.height, x.width, x.feature_channels, x.number_of_images) == (2, 3, 5, 1)


PIXEL_FORMATS = {
    Format.Unorm8: ("R8Unorm", "RG8Unorm", "RGBA8Unorm"),
    Format.Unorm16: ("R16Unorm", "RG16Unorm", "RGBA16Unorm"),
    Float16: ("R16Float", "RG16Float", "RGBA16Float"),
    Float32: ("R32Float", "RG32Float", "RGBA32Float"),
}


@formats
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 9])
def test_properties_of_storage(channel_format, channels):
    size = np.dtype(DTYPES[channel_format]).itemsize
    x = mps.MPSImage(descriptor(2, 3, channels, channel_format))
    components = {1: 1, 2: 2}.get(channels, 4)
    assert x.pixel_size == size * components
    assert x.pixel_format.name == PIXEL_FORMATS[channel_format][min(channels, 3) - 1]
    assert x.texture_type == (mps.MTLTextureType.Type2D if channels <= 4 else mps.MTLTextureType.Type2DArray)
    assert x.precision == {Format.Unorm8: 8, Format.Unorm16: 16, Float16: 11, Float32: 24}[channel_format]
    assert x.resource_size() == 2 * 3 * -(-channels // 4) * size * components
    assert x.feature_channel_format == channel_format
    assert (x.label, x.parent) == (None, None)
    assert x.device is not None


def test_several_images_in_one_are_an_array():
    x = mps.MPSImage(descriptor(2, 3, 4, number_of_images=5))
    assert x.texture_type == mps.MTLTextureType.Type2DArray
    assert x.resource_size() == 5 * 2 * 3 * 16


@formats
def test_a_new_image_is_zero(channel_format):
    assert not values(mps.MPSImage(descriptor(2, 3, 5, channel_format))).any()


def test_a_label():
    x = mps.MPSImage(descriptor(1, 1, 1))
    x.label = "name"
    assert x.label == "name"
    assert "name" in repr(x)


def test_purgeable_state_changes_nothing():
    x = mps.MPSImage(descriptor(1, 1, 1))
    state = mps.MPSPurgeableState
    assert x.set_purgeable_state(state.Empty) == state.AllocationDeferred
    x.write_bytes(np.full(1, 7, np.float32), HWC, 0)
    assert x.set_purgeable_state(state.Empty) == state.NonVolatile
    assert x.set_purgeable_state(state.KeepCurrent) == state.NonVolatile
    assert values(x).item() == 7


def test_default_allocators():
    d = descriptor(1, 2, 3)
    command_buffer = mps.CommandQueue().command_buffer()
    permanent = mps.MPSImage.default_allocator().image_for_command_buffer(command_buffer, d, None)
    assert type(permanent) is mps.MPSImage
    fleeting = mps.MPSTemporaryImage.default_allocator().image_batch_for_command_buffer(command_buffer, d, None, 3)
    assert [type(i) for i in fleeting] == [mps.MPSTemporaryImage] * 3


# --- 6. reading and writing -----------------------------------------------------------------------------------------


def image_with(array, channel_format=Float32):
    """An image with the elements of N x H x W x C, written by the library's simplest method."""
    n, h, w, c = array.shape
    x = mps.MPSImage(descriptor(h, w, c, channel_format, number_of_images=n))
    for k in range(n):
        x.write_bytes(np.ascontiguousarray(array[k]), HWC, k)
    return x


def elements(*shape, channel_format=Float32):
    dtype = DTYPES[channel_format]
    return (np.arange(np.prod(shape)) % 251 + 1).astype(dtype).reshape(shape)


@formats
@layouts
@pytest.mark.parametrize("channels", [1, 3, 4, 6])
def test_whole_images_in_both_layouts(channel_format, layout, channels):
    x = elements(3, 2, 5, channels, channel_format=channel_format)
    stored = image_with(x, channel_format)
    for k in range(3):
        planes = x[k] if layout == HWC else x[k].transpose(2, 0, 1)
        out = np.zeros(planes.shape, x.dtype)
        stored.read_bytes(out, layout, k)
        np.testing.assert_array_equal(out, planes)
        other = mps.MPSImage(descriptor(2, 5, channels, channel_format, number_of_images=3))
        other.write_bytes(np.ascontiguousarray(planes), layout, k)
        np.testing.assert_array_equal(values(other)[k], x[k])


def strided(layout, d, h, w, c, columns, row, whole):
    """A byte buffer, and a view of it with the given strides in bytes: elements [d, y, x, k]; images.md 6."""
    data = np.zeros(whole * d + 64, np.uint8)
    plane = h * row if layout == CHW else 4
    view = np.lib.stride_tricks.as_strided(data.view(np.float32), (d, h, w, c), (whole, row, columns, plane))
    return data, view


STRIDES = list(itertools.product([0, 4], [0, 12], [0, 8]))  # gaps after a column, a row, an image


@layouts
@pytest.mark.parametrize(("column_gap", "row_gap", "image_gap"), STRIDES)
def test_strides_against_numpy(layout, column_gap, row_gap, image_gap):
    d, h, w, c = 2, 3, 4, 5
    column = (4 if layout == CHW else 4 * c) + column_gap
    row = w * column + row_gap
    whole = h * row * (c if layout == CHW else 1) + image_gap
    data, view = strided(layout, d, h, w, c, column, row, whole)
    view[...] = elements(d, h, w, c)
    stored = mps.MPSImage(descriptor(h, w, c, number_of_images=d))
    region = ((0, 0, 0), (w, h, d))
    stored.write_bytes(
        data, layout, 0, bytes_per_column=column, bytes_per_row=row, bytes_per_image=whole, region=region
    )
    np.testing.assert_array_equal(values(stored), elements(d, h, w, c))
    if column_gap == 0:  # reading has no column stride
        out, seen = strided(layout, d, h, w, c, column, row, whole)
        stored.read_bytes(out, layout, 0, bytes_per_row=row, bytes_per_image=whole, region=region)
        np.testing.assert_array_equal(seen, elements(d, h, w, c))
        np.testing.assert_array_equal(out, data, "gaps are not touched")


@layouts
@pytest.mark.parametrize(("first", "count"), [(0, 8), (0, 4), (0, 3), (4, 4), (4, 6), (8, 2)])
def test_regions_and_channels_against_numpy(layout, first, count):
    x = elements(4, 5, 6, 10)
    stored = image_with(x)
    inside = x[1:3, 2:4, 1:5, first : first + count]
    order = (0, 1, 2, 3) if layout == HWC else (0, 3, 1, 2)
    out = np.zeros([inside.shape[k] for k in order], np.float32)
    arguments = {"region": ((1, 2, 1), (4, 2, 2)), "feature_channel_info": (first, count)}
    stored.read_bytes(out, layout, 0, **arguments)
    np.testing.assert_array_equal(out, inside.transpose(order))
    stored.write_bytes(-out, layout, 0, **arguments)
    x[1:3, 2:4, 1:5, first : first + count] *= -1
    np.testing.assert_array_equal(values(stored), x, "only the region and the channels are written")


def test_the_image_index_adds_to_the_origin_of_the_region():
    x = elements(4, 1, 2, 1)
    out = np.zeros((1, 2, 1), np.float32)
    image_with(x).read_bytes(out, HWC, 2, region=((0, 0, 1), (2, 1, 1)))
    np.testing.assert_array_equal(out, x[3])


def test_rect_no_clip_is_the_whole_image():
    x = elements(1, 2, 3, 1)
    out = np.zeros((2, 3, 1), np.float32)
    image_with(x).read_bytes(out, HWC, 0, region=mps.MPSRectNoClip)
    np.testing.assert_array_equal(out, x[0])


def test_worked_indices():
    x = elements(1, 2, 3, 5)
    for layout in (HWC, CHW):
        out = bytearray(120)
        image_with(x).read_bytes(out, layout, 0)
        assert np.frombuffer(out, np.float32)[116 // 4] == x[0, 1, 2, 4]


def test_any_buffer_will_do():
    x = mps.MPSImage(descriptor(1, 1, 2))
    x.write_bytes(np.array([1, 2], np.float32).tobytes(), HWC, 0)
    out = bytearray(8)
    x.read_bytes(memoryview(out), HWC, 0)
    assert np.frombuffer(out, np.float32).tolist() == [1, 2]


@formats
def test_transfers_never_convert(channel_format):
    raw = np.array([[[0, 1, 250, 128]]], np.uint8).repeat(np.dtype(DTYPES[channel_format]).itemsize, -1)
    x = mps.MPSImage(descriptor(1, 1, 4, channel_format))
    x.write_bytes(raw, HWC, 0)
    out = np.zeros_like(raw)
    x.read_bytes(out, HWC, 0)
    np.testing.assert_array_equal(out, raw)


# --- 4, 5. padding channels and conversions -------------------------------------------------------------------------


def converted(array, to):
    """An array in its own format, as a graph that only copies stores it in another."""
    graph = graph_of(node(), channel_format=to)
    return result_of(graph, np.asarray(array).reshape(1, 1, -1)).ravel()


def test_unorm8_to_float():
    u = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(converted(u, Float32), u.astype(np.float32) / np.float32(255))
    assert converted(u[[0, 255]], Float32).tolist() == [0, 1]


def test_unorm16_to_float():
    u = np.arange(65536, dtype=np.uint16)
    np.testing.assert_array_equal(converted(u, Float32), u.astype(np.float32) / np.float32(65535))


def test_float16_to_float_is_exact():
    every = np.arange(65536, dtype=np.uint16).view(np.float16)
    every = every[~np.isnan(every)]
    np.testing.assert_array_equal(converted(every, Float32), every.astype(np.float32))


def awkward_floats():
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2**32, 20000, dtype=np.uint64).astype(np.uint32).view(np.float32)
    near = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float32)
    near = near[np.isfinite(near)]
    middle = (near[:-1] + near[1:]) / 2  # ties between neighbours
    x = np.concatenate([bits[~np.isnan(bits)], middle, np.nextafter(middle, np.inf), np.nextafter(middle, -np.inf)])
    return np.concatenate(
        [
            x,
            np.array(
                [65504, 65519.996, 65520, 65536, 3e38, -65520, np.inf, -np.inf, 5.96e-8, 2.98e-8, -0.0], np.float32
            ),
        ]
    )


def test_float_to_float16_rounds_to_nearest_even_and_overflows_to_infinity():
    x = awkward_floats()
    with np.errstate(over="ignore"):
        expected = x.astype(np.float16)
    np.testing.assert_array_equal(converted(x, Float16).view(np.uint16), expected.view(np.uint16))


def test_nan_stays_nan_in_floats_and_is_zero_in_unorm():
    x = np.array([np.nan, 1], np.float32)
    assert np.isnan(converted(x, Float16)[0])
    assert np.isnan(converted(x, Float32)[0])
    assert converted(x, Format.Unorm8).tolist() == [0, 255]
    assert converted(x, Format.Unorm16).tolist() == [0, 65535]


@pytest.mark.parametrize(("to", "largest"), [(Format.Unorm8, 255), (Format.Unorm16, 65535)])
def test_float_to_unorm_clamps_and_rounds_to_nearest_even(to, largest):
    k = np.arange(largest, dtype=np.float64)
    middle = ((k + 0.5) / largest).astype(np.float32)
    x = np.concatenate([middle, np.nextafter(middle, np.float32(1)), np.nextafter(middle, np.float32(0)),
                        np.array([-1, -np.inf, 0, 1, 1.5, np.inf, 0.5], np.float32)])  # fmt: skip
    expected = np.rint(np.clip(x.astype(np.float64), 0, 1) * largest)
    np.testing.assert_array_equal(converted(x, to), expected.astype(DTYPES[to]))
    assert converted(np.array([0.5], np.float32), to).item() == (largest + 1) // 2


def test_every_format_survives_a_way_through_float():
    for channel_format, dtype in DTYPES.items():
        x = np.arange(256).astype(dtype) if dtype != np.float16 else np.arange(256, dtype=np.uint16).view(np.float16)
        np.testing.assert_array_equal(converted(x, channel_format), x)


def test_channels_of_padding_are_not_seen():
    x = image(np.full((1, 1, 5), np.inf, np.float32))
    out = np.zeros(5, np.float32)
    x.read_bytes(out, HWC, 0)
    assert np.isinf(out).all()
    view = x.sub_image_with_feature_channel_range((4, 1))
    assert values(view).shape == (1, 1, 1)


# --- 7. views, batches ----------------------------------------------------------------------------------------------


def test_batch_representation_shares_memory():
    x = image_with(elements(3, 2, 2, 4))
    views = x.batch_representation()
    assert len(views) == 3
    assert all(v.parent is x and v.number_of_images == 1 and v.resource_size() == 0 for v in views)
    views[1].write_bytes(np.full((2, 2, 4), 9, np.float32), HWC, 0)
    assert (values(x)[1] == 9).all()
    x.write_bytes(np.full((2, 2, 4), 7, np.float32), HWC, 2)
    assert (values(views[2]) == 7).all()


@pytest.mark.parametrize("part", [(1, 2), range(1, 3)])
def test_batch_representation_of_a_range(part):
    x = elements(4, 1, 1, 2)
    np.testing.assert_array_equal(values(image_with(x).batch_representation_with_sub_range(part)), x[1:3])


@pytest.mark.parametrize(("first", "count"), [(0, 4), (4, 3), (4, 1), (8, 2), (0, 10)])
def test_sub_images(first, count):
    x = elements(2, 3, 2, 10)
    stored = image_with(x)
    view = stored.sub_image_with_feature_channel_range((first, count))
    assert view.parent is stored
    np.testing.assert_array_equal(values(view), x[..., first : first + count])
    view.write_bytes(np.zeros((3, 2, count), np.float32), HWC, 1)
    x[1, ..., first : first + count] = 0
    np.testing.assert_array_equal(values(stored), x)


def test_views_of_views():
    x = elements(3, 2, 2, 12)
    part = image_with(x).batch_representation()[2].sub_image_with_feature_channel_range((4, 8))
    np.testing.assert_array_equal(values(part.sub_image_with_feature_channel_range((4, 3))), x[2, ..., 8:11])


def test_a_view_keeps_the_memory_alive():
    view = image_with(elements(2, 1, 1, 8)).sub_image_with_feature_channel_range((4, 4))
    np.testing.assert_array_equal(values(view), elements(2, 1, 1, 8)[..., 4:])


@pytest.mark.parametrize("channels", [(0, 4), (4, 3)])
def test_graphs_read_and_write_views(channels):
    x = elements(2, 2, 3, 8)
    stored, target = image_with(x), image_with(np.zeros((2, 2, 3, 8), np.float32))
    views = [v.sub_image_with_feature_channel_range(channels) for v in stored.batch_representation()]
    into = [v.sub_image_with_feature_channel_range(channels) for v in target.batch_representation()]

    class Into(mps.MPSImageAllocator):
        def image_for_command_buffer(self, command_buffer, image_descriptor, kernel):
            raise AssertionError

        def image_batch_for_command_buffer(self, command_buffer, image_descriptor, kernel, count):
            return into

    graph = graph_of(linear(node(), a=2))
    graph.destination_image_allocator = Into()
    with mps.CommandQueue().command_buffer() as command_buffer:
        graph.encode_batch_to_command_buffer(command_buffer, [views])
    first, count = channels
    expected = np.zeros_like(x)
    expected[..., first : first + count] = 2 * x[..., first : first + count]
    np.testing.assert_array_equal(values(target), expected)


def test_batch_functions_look_at_each_image_once():
    a, b = image_with(elements(1, 2, 2, 1)), image_with(elements(1, 2, 2, 4))
    assert mps.mps_image_batch_resource_size([a, b, a]) == a.resource_size() + b.resource_size()
    seen = []
    mps.mps_image_batch_iterate([a, b, a, b], lambda i, index: seen.append((i, index)))
    assert seen == [(a, 0), (b, 1)]
    assert mps.mps_image_batch_iterate([a, b], lambda i, index: 7 + index) == 7
    assert mps.mps_image_batch_increment_read_count([a, a, b], 1) == 2
    mps.mps_image_batch_synchronize([a, b], mps.CommandQueue().command_buffer())


def test_an_iteration_that_is_not_stopped_visits_all_and_returns_the_smallest_integer():
    a, b = batch(ramp(2, 1, 1, 1))
    seen = []
    assert mps.mps_image_batch_iterate([a, b], lambda i, index: seen.append(index)) == -(2**63)
    assert seen == [0, 1]


# --- 8. temporary images --------------------------------------------------------------------------------------------


def test_a_new_temporary_image_may_be_read_once():
    command_buffer = mps.CommandQueue().command_buffer()
    x = temporary(command_buffer, 1, 1, 1)
    assert isinstance(x, mps.MPSImage)
    assert x.read_count == 1


def test_read_counts_of_a_batch_change_once_for_each_image():
    command_buffer = mps.CommandQueue().command_buffer()
    a, b = temporary(command_buffer, 1, 1, 1), temporary(command_buffer, 1, 1, 1)
    assert mps.mps_image_batch_increment_read_count([a, b, a], 3) == 2
    assert (a.read_count, b.read_count) == (4, 4)
    assert mps.mps_image_batch_increment_read_count([a, a], -4) == 1
    assert a.read_count == 0
    assert mps.mps_image_batch_increment_read_count([a], 5) == 1
    assert a.read_count == 0, "an image that is gone stays so"


def test_a_read_count_may_not_go_below_zero():
    x = temporary(mps.CommandQueue().command_buffer(), 1, 1, 1)
    with pytest.raises(mps.InvalidArgumentError, match="read_count 1 cannot be lowered by 2"):
        mps.mps_image_batch_increment_read_count([x], -2)
    assert x.read_count == 1


def test_a_read_count_that_is_zero_stays_zero():
    x = temporary(mps.CommandQueue().command_buffer(), 1, 1, 1)
    x.read_count = 0
    x.read_count = 0
    with pytest.raises(mps.InvalidArgumentError, match=r"read_count is 0.*3"):
        x.read_count = 3


def test_reading_at_zero_is_refused_and_nothing_is_encoded():
    graph = graph_of(linear(node()))
    command_buffer = mps.CommandQueue().command_buffer()
    x = temporary(command_buffer, 1, 1, 1)
    x.label = "gone"
    x.read_count = 0
    with pytest.raises(mps.InvalidArgumentError, match=r'"gone".*read_count 0'):
        graph.encode_to_command_buffer(command_buffer, [x])


def test_the_cpu_never_sees_a_temporary_image():
    x = temporary(mps.CommandQueue().command_buffer(), 1, 1, 1)
    for access in (
        x.to_numpy,
        lambda: np.asarray(x),
        lambda: x.read_bytes(bytearray(4), HWC, 0),
        lambda: x.write_bytes(bytes(4), HWC, 0),
        x.__dlpack__,
    ):
        with pytest.raises(mps.InvalidArgumentError, match="MPSTemporaryImage"):
            access()


def test_a_view_of_a_temporary_is_temporary_and_holds_one_read():
    command_buffer = mps.CommandQueue().command_buffer()
    x = mps.MPSTemporaryImage(command_buffer, image_descriptor=descriptor(1, 1, 8, number_of_images=2))
    x.read_count = 3
    view = x.sub_image_with_feature_channel_range((4, 4))
    assert type(view) is mps.MPSTemporaryImage
    assert view.read_count == 1
    view.read_count = 2
    assert x.read_count == 3
    view.read_count = 0
    assert x.read_count == 2
    for v in x.batch_representation():
        v.read_count = 0
    assert x.read_count == 0
    with pytest.raises(mps.InvalidArgumentError, match="read_count 0"):
        x.batch_representation()


def test_prefetching_is_a_hint():
    command_buffer = mps.CommandQueue().command_buffer()
    mps.MPSTemporaryImage.prefetch_storage_with_command_buffer(command_buffer, [descriptor(1, 1, 1)])


# --- I7. results that are not there yet -----------------------------------------------------------------------------


def test_reading_before_completion_is_refused_and_works_afterwards():
    graph = graph_of(linear(node(), a=2))
    command_buffer = mps.CommandQueue().command_buffer()
    result = graph.encode_to_command_buffer(command_buffer, [image(ramp(1, 2, 1))])
    for access in (result.to_numpy, lambda: np.asarray(result), lambda: result.read_bytes(bytearray(8), HWC, 0),
                   lambda: result.write_bytes(bytes(8), HWC, 0), result.__dlpack__):  # fmt: skip
        with pytest.raises(mps.InvalidArgumentError, match="wait_until_completed"):
            access()
    command_buffer.commit()
    command_buffer.wait_until_completed()
    np.testing.assert_array_equal(values(result), 2 * ramp(1, 2, 1))


def test_an_image_of_work_that_was_dropped_is_readable_as_a_failure():
    graph = graph_of(linear(node()))
    command_buffer = mps.CommandQueue().command_buffer()
    result = graph.encode_to_command_buffer(command_buffer, [image(ramp(1, 1, 1))])
    del command_buffer
    with pytest.raises(mps.BackendError, match="dropped before it was committed"):
        result.to_numpy()


def test_loss_images_are_pending_too():
    from support import labels, loss_node

    truth = labels(np.zeros((1, 1, 1, 1)))
    command_buffer = mps.CommandQueue().command_buffer()
    graph_of(loss_node(node())).encode_to_command_buffer(command_buffer, [image(ramp(1, 1, 1))], truth)
    with pytest.raises(mps.InvalidArgumentError, match="has not completed"):
        truth[0].loss_image().to_numpy()


# --- 9. command buffers ---------------------------------------------------------------------------------------------


def test_status_from_start_to_end():
    command_buffer = mps.CommandQueue().command_buffer()
    seen = []
    assert command_buffer.status == Status.NotEnqueued
    command_buffer.add_scheduled_handler(lambda b: seen.append(b.status))
    command_buffer.add_completed_handler(lambda b: seen.append(b.status))
    command_buffer.enqueue()
    assert command_buffer.status == Status.Enqueued
    command_buffer.commit()
    command_buffer.wait_until_completed()
    assert command_buffer.status == Status.Completed
    assert command_buffer.error is None
    assert seen == [Status.Scheduled, Status.Completed]


def test_handlers_are_called_in_order_with_the_command_buffer_on_another_thread():
    command_buffer = mps.CommandQueue().command_buffer()
    calls = []
    for k in range(3):
        command_buffer.add_completed_handler(lambda b, k=k: calls.append((k, b, threading.get_ident())))
    command_buffer.commit()
    command_buffer.wait_until_completed()
    assert [c[0] for c in calls] == [0, 1, 2]
    assert all(c[1] is command_buffer for c in calls)
    assert threading.get_ident() not in [c[2] for c in calls]


def test_a_handler_may_use_the_results_and_commit_more_work():
    queue = mps.CommandQueue()
    graph = graph_of(linear(node(), a=2))
    seen, done = [], threading.Event()

    def handler(b):
        seen.append(values(result).item())
        following = queue.command_buffer()
        following.add_completed_handler(lambda b: done.set())
        following.commit()

    command_buffer = queue.command_buffer()
    result = graph.encode_to_command_buffer(command_buffer, [image(ramp(1, 1, 1))])
    command_buffer.add_completed_handler(handler)
    command_buffer.commit()
    assert done.wait(10)
    assert seen == [2]


def test_waiting_includes_the_handlers():
    command_buffer = mps.CommandQueue().command_buffer()
    done = []

    def slow(b):
        time.sleep(0.1)
        done.append(True)

    command_buffer.add_completed_handler(slow)
    command_buffer.commit()
    command_buffer.wait_until_completed()
    assert done


def test_a_queue_runs_its_command_buffers_in_the_order_of_their_commits():
    queue = mps.CommandQueue()
    order = []
    buffers = [queue.command_buffer() for _ in range(5)]
    for k, b in enumerate(buffers):
        b.add_completed_handler(lambda b, k=k: order.append(k))
    for k in (3, 0, 4, 1, 2):
        buffers[k].commit()
    for b in buffers:
        b.wait_until_completed()
    assert order == [3, 0, 4, 1, 2]


@pytest.mark.parametrize(
    "use", ["commit", "enqueue", "encode", "add_completed_handler", "add_scheduled_handler", "commit_and_continue"]
)
def test_a_command_buffer_is_for_one_use(use):
    command_buffer = mps.CommandQueue().command_buffer()
    command_buffer.commit()
    command_buffer.wait_until_completed()
    graph = graph_of(linear(node()))
    uses = {
        "encode": lambda: graph.encode_to_command_buffer(command_buffer, [image(ramp(1, 1, 1))]),
        "add_completed_handler": lambda: command_buffer.add_completed_handler(print),
        "add_scheduled_handler": lambda: command_buffer.add_scheduled_handler(print),
    }
    with pytest.raises(mps.InvalidArgumentError, match="already committed"):
        uses.get(use, getattr(command_buffer, use, None))()


@pytest.mark.parametrize("wait", ["wait_until_completed", "wait_until_scheduled"])
def test_waiting_before_commit_is_refused(wait):
    with pytest.raises(mps.InvalidArgumentError, match=f"{wait} before commit"):
        getattr(mps.CommandQueue().command_buffer(), wait)()


def test_waiting_twice():
    command_buffer = mps.CommandQueue().command_buffer()
    command_buffer.commit()
    command_buffer.wait_until_scheduled()
    command_buffer.wait_until_completed()
    command_buffer.wait_until_completed()


def test_with_commits_and_waits():
    with mps.CommandQueue().command_buffer() as command_buffer:
        pass
    assert command_buffer.status == Status.Completed


def test_with_drops_the_work_when_the_block_raises():
    graph, command_buffer = graph_of(linear(node())), mps.CommandQueue().command_buffer()

    def block():
        with command_buffer:
            graph.encode_to_command_buffer(command_buffer, [image(ramp(1, 1, 1))])
            raise KeyError

    with pytest.raises(KeyError):
        block()
    assert command_buffer.status == Status.NotEnqueued


def test_with_accepts_a_block_that_commits_itself():
    with mps.CommandQueue().command_buffer() as command_buffer:
        command_buffer.commit()
    assert command_buffer.status == Status.Completed


def test_commit_and_continue():
    queue = mps.CommandQueue()
    command_buffer = mps.MPSCommandBuffer.with_command_queue(queue)
    graph = graph_of(linear(node(), a=2))
    graph.destination_image_allocator = mps.MPSTemporaryImage.default_allocator()
    calls = []
    between = graph.encode_to_command_buffer(command_buffer, [image(ramp(1, 1, 1))])
    command_buffer.add_completed_handler(lambda b: calls.append("first"))
    first = command_buffer.root_command_buffer
    command_buffer.commit_and_continue()
    first.wait_until_completed()
    assert calls == ["first"]
    assert first.status == Status.Completed
    assert command_buffer.status == Status.NotEnqueued
    final = graph_of(linear(node(), a=3))
    result = final.encode_to_command_buffer(command_buffer, [between])
    command_buffer.add_completed_handler(lambda b: calls.append("second"))
    command_buffer.commit()
    command_buffer.wait_until_completed()
    assert calls == ["first", "second"]
    assert values(result).item() == 6


def test_a_wrapper_and_the_wrapped_record_into_the_same_work():
    queue = mps.CommandQueue()
    inner = queue.command_buffer()
    outer = mps.MPSCommandBuffer(inner)
    assert outer.command_buffer is inner
    assert outer.command_queue is queue
    result = graph_of(linear(node(), a=2)).encode_to_command_buffer(outer, [image(ramp(1, 1, 1))])
    inner.commit()
    outer.wait_until_completed()
    assert inner.status == outer.status == Status.Completed
    assert values(result).item() == 2


def test_a_command_buffer_keeps_its_queue_alive():
    command_buffer = mps.CommandQueue().command_buffer()
    result = graph_of(linear(node(), a=2)).encode_to_command_buffer(command_buffer, [image(ramp(1, 1, 1))])
    command_buffer.commit()
    command_buffer.wait_until_completed()
    assert values(result).item() == 2


def test_an_exception_in_a_handler_is_raised_by_the_wait():
    command_buffer = mps.CommandQueue().command_buffer()
    calls = []

    def fails(b):
        raise KeyError("from the handler")

    command_buffer.add_completed_handler(fails)
    command_buffer.add_completed_handler(calls.append)
    command_buffer.commit()
    for _ in range(2):
        with pytest.raises(KeyError, match="from the handler"):
            command_buffer.wait_until_completed()
    assert calls == [command_buffer], "the other handlers are called all the same"
    assert command_buffer.status == Status.Error
    assert isinstance(command_buffer.error, KeyError)


def test_hints():
    command_buffer = mps.CommandQueue().command_buffer()
    mps.mps_hint_temporary_memory_high_water_mark(command_buffer, 1 << 20)
    mps.mps_set_heap_cache_duration(command_buffer, 1.0)


# --- 10. states -----------------------------------------------------------------------------------------------------


def test_a_permanent_state():
    state = mps.MPSState(12)
    assert (state.is_temporary, state.read_count, state.resource_count, state.resource_size()) == (False, 0, 1, 12)
    assert state.buffer_size_at_index(0) == 12
    assert state.resource_type_at_index(0) == mps.MPSStateResourceType.Buffer
    assert state.resource_at_index(0, False) is None
    assert state.resource_at_index(0, True).length == 12
    assert state.resource_at_index(0, False) is not None
    assert state.texture_info_at_index(0).width == 0


def test_a_state_of_several_buffers():
    resources = mps.MPSStateResourceList.resource_list_with_buffer_sizes([4, 8])
    resources.append_buffer(16)
    state = mps.MPSState.with_resource_list(resources)
    assert [state.buffer_size_at_index(i) for i in range(4)] == [4, 8, 16, 0]
    assert state.resource_type_at_index(3) == mps.MPSStateResourceType.None_


def test_temporary_states():
    command_buffer = mps.CommandQueue().command_buffer()
    state = mps.MPSState.temporary_state(command_buffer, buffer_size=8)
    assert (state.is_temporary, state.read_count) == (True, 1)
    state.read_count = 0
    with pytest.raises(mps.InvalidArgumentError, match="read_count"):
        state.read_count = 1
    assert not mps.MPSState.temporary_state(command_buffer).is_temporary, (
        "without a resource there is nothing temporary"
    )


def test_states_over_given_buffers():
    b = mps.Buffer(np.arange(3, dtype=np.float32))
    state = mps.MPSState.with_resources([b])
    assert state.resource_at_index(0, False) is b
    assert mps.MPSState.with_resource(None).resource_count == 0


def test_batches_of_states():
    command_buffer = mps.CommandQueue().command_buffer()
    state = mps.MPSState.temporary_state(command_buffer, buffer_size=8)
    other = mps.MPSState(4)
    assert mps.mps_state_batch_increment_read_count([state, state, other], 2) == 2
    assert (state.read_count, other.read_count) == (3, 0)
    assert mps.mps_state_batch_resource_size([state, state, other]) == 12
    assert mps.mps_state_batch_increment_read_count(None, 1) == 0
    assert mps.mps_state_batch_resource_size(None) == 0


def test_the_default_state_keeps_the_suggested_descriptor():
    state, d = mps.MPSState(4), descriptor(2, 3, 4)
    graph = graph_of(linear(node()))
    assert state.destination_image_descriptor_for_source_images([image(ramp(1, 1, 1))], None, graph, d) == d


def test_buffers():
    b = mps.Buffer(8)
    assert b.length == len(b) == 8
    assert b.to_numpy().tolist() == [0, 0]
    shared = np.arange(4, dtype=np.float32)
    b = mps.Buffer(shared)
    shared[0] = 9
    assert b.to_numpy()[0] == 9
    b.contents()[4:8] = np.float32(5).tobytes()
    assert shared[1] == 5


def test_a_run_leaves_its_sources_alone():
    x = ramp(2, 3, 4)
    source = image(x.copy())
    graph = graph_of(linear(node(), a=2))
    with mps.CommandQueue().command_buffer() as command_buffer:
        graph.encode_to_command_buffer(command_buffer, [source])
    np.testing.assert_array_equal(values(source), x)
    np.testing.assert_array_equal(values(run(graph, x).result), 2 * x)
