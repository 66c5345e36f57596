"""Arrays of every kind as images, and every transfer: refused, or what NumPy says."""

from __future__ import annotations

from typing import Any

import mpsnn as mps
import numpy as np
import pytest
from fuzzing import ODD_INTEGERS, Example, fuzz, limited_memory
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from support import CHW, HWC, Format, descriptor

pytestmark = pytest.mark.usefixtures(limited_memory.__name__)

TYPES = {Format.Unorm8: np.uint8, Format.Unorm16: np.uint16, Format.Float16: np.float16, Format.Float32: np.float32}
DTYPES = ["f4", "f2", "u1", "u2", ">f4", "f8", "i4", "c8", "?", "O", "S3", "V4", "M8[s]", "f4,f4"]


def array_of(e: Example) -> NDArray[Any]:
    """Any dtype, number of dimensions, order and strides."""
    shape = tuple(e.draw(st.integers(0 if e.chance(8) else 1, 5)) for _ in range(e.pick([3, 4, 3, 4, 2, 1, 0, 5])))
    dtype = np.dtype(e.pick(DTYPES[:4] if e.chance(2) else DTYPES))
    array = np.zeros(shape, dtype)
    if dtype.kind in "fu" and not dtype.fields:
        array = np.arange(array.size).reshape(shape).astype(dtype)
    for _ in range(e.draw(st.integers(0, 2))):
        match e.pick(["transpose", "step", "backwards", "read-only", "broadcast", "unaligned"]):
            case "transpose":
                array = array.T
            case "step" if array.ndim:
                array = array[::2]
            case "backwards" if array.ndim:
                array = array[..., ::-1]
            case "read-only":
                array = array[...]
                array.setflags(write=False)
            case "broadcast":
                array = np.broadcast_to(array, (2, *array.shape))
            case "unaligned" if not dtype.hasobject:
                memory = np.zeros(array.nbytes + 1, np.uint8)[1:]
                array = memory.view(dtype).reshape(array.shape) if array.size else array
    e.say(f"{array.dtype}, {array.shape}, strides {array.strides}, {array.flags.writeable=}")
    return array


@fuzz(400)
@given(st.data())
def test_arrays(data: st.DataObject) -> None:
    e = Example(data, odd=0)
    with e.refused_or_ends():
        array = array_of(e)
        is_copy = e.chance(2)
        image = mps.MPSImage(array, copy=is_copy)
        whole = np.asarray(array).reshape((-1, *array.shape[-3:]))
        assert (image.number_of_images, image.height, image.width, image.feature_channels) == whole.shape
        seen = image.to_numpy()
        np.testing.assert_array_equal(seen.reshape(whole.shape), whole)
        assert np.shares_memory(seen, array) != is_copy
        np.testing.assert_array_equal(np.from_dlpack(image), seen)
        graph = mps.MPSNNGraph(mps.MPSCNNNeuronAbsoluteNode(mps.MPSNNImageNode()).result_image)
        assert graph(array, copy=is_copy).shape == array.shape


class Producer:
    """An object with DLPack's protocol that is not what it says."""

    def __init__(self, capsule: Any, device: Any) -> None:
        self.capsule, self.device = capsule, device

    def __dlpack__(self, **kwargs):
        return self.capsule

    def __dlpack_device__(self):
        return self.device


@fuzz(200)
@given(st.data())
def test_dlpack(data: st.DataObject) -> None:
    """Objects that only have DLPack's protocol, honest and not."""
    e = Example(data, odd=0)
    with e.refused_or_ends():
        array = array_of(e)
        try:
            capsule = array.__dlpack__()
        except (BufferError, ValueError):
            capsule = None
        device = e.pick([(1, 0), (1, 0), (1, 0), (2, 0), (1, 7), None, (), "cpu", (1, None)])
        if e.chance(4):
            capsule = e.pick([None, 3, object(), array])
        e.say(f"{device=} {capsule=}")
        image = mps.MPSImage(Producer(capsule, device))
        np.testing.assert_array_equal(image.to_numpy().ravel(), np.asarray(array).ravel())


@fuzz(500)
@given(st.data())
def test_transfers(data: st.DataObject) -> None:
    """Random regions, channels, layouts and strides, on a sub-image maybe, against slices of an array."""
    e = Example(data, odd=data.draw(st.sampled_from([0, 0, 12])))
    with e.refused_or_ends():
        n, h, w, c = (e.draw(st.integers(1, 4)) for _ in range(4))
        c *= e.pick([1, 4, 3])
        storage = e.pick(list(TYPES))
        image = mps.MPSImage(descriptor(h, w, c, storage, number_of_images=n))
        model = np.arange(n * h * w * c).reshape(n, h, w, c).astype(TYPES[storage])
        image.to_numpy()[...] = model.reshape(image.to_numpy().shape)
        if c > 4 and e.chance(3):
            image = image.sub_image_with_feature_channel_range((4, c - 4))
            model = model[..., 4:]
            c -= 4
        layout = e.pick([HWC, CHW])
        x, y = e.integer(0, w - 1), e.integer(0, h - 1)
        first, channels = e.integer(0, (c - 1) // 4) * 4, 0
        width, height = e.integer(1, max(1, w - x)), e.integer(1, max(1, h - y))
        rest = max(1, c - first)
        channels = e.pick([rest, *range(4, rest, 4)]) if not e.is_odd() else e.pick(ODD_INTEGERS)
        index = e.integer(0, n - 1)
        count = e.integer(1, max(1, n - index))
        size = model.itemsize
        sizes = (height, width, channels) if layout == HWC else (channels, height, width)
        gaps = [e.draw(st.integers(0, 2)) * size for _ in range(3)]
        column = (channels if layout == HWC else 1) * size + gaps[0]
        row = column * width + gaps[1]
        whole = row * height * (1 if layout == HWC else channels) + gaps[2]
        needed = min(whole * count, 1 << 16)
        memory = np.zeros(max(0, needed - e.is_odd()), np.uint8)
        region = ((x, y, 0), (width, height, count))
        strides = {"bytes_per_row": row, "bytes_per_image": whole}
        e.say(f"{n} x {h} x {w} x {c} {storage!r} {layout!r} {region=} ({first}, {channels}) of {index}, {strides}")
        is_write = e.chance(2)
        if is_write:
            strides["bytes_per_column"] = column
            memory[:] = np.random.default_rng(1).integers(0, 60, memory.size)
        elif gaps[0]:
            return  # reads have no stride of columns
        before = memory.copy()
        transfer = image.write_bytes if is_write else image.read_bytes
        transfer(memory, layout, index, region=region, feature_channel_info=(first, channels), **strides)
        expected = model[index : index + count, y : y + height, x : x + width, first : first + channels]
        step = (whole, row, column, size) if layout == HWC else (whole, row * height, row, column)
        order = expected if layout == HWC else expected.transpose(0, 3, 1, 2)
        assert order.shape == (count, *sizes)
        seen = np.ndarray(order.shape, model.dtype, memory, 0, step)
        if is_write:
            order[...] = seen
            np.testing.assert_array_equal(memory, before)
            np.testing.assert_array_equal(image.to_numpy().reshape(model.shape), model)
        else:
            np.testing.assert_array_equal(seen, order)
            seen[...] = 0
            assert not memory.any(), "written between the elements"


@fuzz(200)
@given(st.data())
def test_descriptors(data: st.DataObject) -> None:
    """Sizes of every magnitude: an image, or an error at once."""
    e = Example(data, odd=3)
    with e.refused_or_ends():
        sizes = {name: e.integer(1, 5) for name in ("width", "height", "feature_channels", "number_of_images")}
        storage = e.member("MPSImageFeatureChannelFormat")
        e.say(f"{storage!r} {sizes}")
        made = mps.MPSImageDescriptor(storage, **sizes)
        if e.chance(4):
            with mps.CommandQueue().command_buffer() as command_buffer:
                mps.MPSTemporaryImage.prefetch_storage_with_command_buffer(command_buffer, [made, made])
                temporary = mps.MPSTemporaryImage(command_buffer, image_descriptor=made)
                temporary.read_count = e.integer(0, 3)
                temporary.read_count = 0
            return
        image = mps.MPSImage(made)
        assert image.to_numpy().size == np.prod([float(size) for size in sizes.values()])
        for part in ((e.integer(0, 4), e.integer(1, 4)), (0, 2**64 - 4)):
            image.batch_representation_with_sub_range(part)
