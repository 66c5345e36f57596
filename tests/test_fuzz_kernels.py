"""Kernels made by hand with arbitrary attributes, offsets, clip rectangles, channel ranges and images: refused, or an answer.

Where an answer is written is known: the rest of the destination keeps its bits.
"""

from __future__ import annotations

import functools
from typing import Any

import apple_names
import mpsnn as mps
import numpy as np
import pytest
from apple_names import Signature
from fuzzing import Example, fuzz, limited_memory
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.usefixtures(limited_memory.__name__)

CHANNELS = 4


@functools.cache
def kernel_classes(base: str) -> dict[str, tuple[Signature, dict[str, str]]]:
    """Every kernel that can be made: its constructor, and the types of its writable properties."""
    result = {}
    for name in apple_names.SURFACE["classes"]:
        names = apple_names.class_names(name)
        if not hasattr(mps, name) or base not in apple_names.superclasses(name) or not names.constructor:
            continue
        properties = {
            p: member["type"]
            for owner in [name, *apple_names.superclasses(name)]
            if owner != "NSObject"
            for p, member in apple_names.class_names(owner).properties.items()
            if getattr(getattr(mps, name), p, property()).fset and not member["readonly"]
        }
        result[name] = names.constructor, properties
    return result


def make_kernel(e: Example, base: str) -> Any:
    name = e.pick(list(kernel_classes(base)))
    constructor, properties = kernel_classes(base)[name]
    call = constructor.calls[e.draw(st.integers(0, len(constructor.calls) - 1))]
    types = {p.name: p.type for p in constructor.parameters}
    given = {argument: e.value(types[argument], CHANNELS) for argument in call if argument != "device"}
    kind = name.removeprefix("MPSCNNNeuron")
    if "neuron_descriptor" in given and kind in mps.MPSCNNNeuronType.__members__ and not e.is_odd():
        given["neuron_descriptor"].neuron_type = mps.MPSCNNNeuronType[kind]
    e.say(f"{name}({given})")
    kernel = getattr(mps, name)(**given)
    for _ in range(e.pick([0, 1, 2, 4])):
        p = e.pick(sorted(properties))
        value = channel_offset(e) if p.endswith("channel_offset") else e.value(properties[p], CHANNELS)
        e.say(f"{p} = {value!r}")
        setattr(kernel, p, value)
    return kernel


def channel_offset(e: Example) -> int:
    return e.integer(0, 1) * 4


def images(e: Example, count: int, size: tuple[int, int, int]) -> Any:
    """An image, or a list where `count` is not 1, with contents."""
    values = e.numbers(count * int(np.prod(size))).reshape(count, *size).clip(-6e4, 6e4)  # of float16
    batch = mps.MPSImage(values.astype(e.pick([np.float32, np.float32, np.float16]))).batch_representation()
    return batch if count > 1 else batch[0]


def copies(image: Any) -> Any:
    return np.stack([np.array(i.to_numpy()) for i in (image if isinstance(image, list) else [image])])


def encode(kernel: Any, count: int, *arguments: Any) -> Any:
    method = kernel.encode_batch_to_command_buffer if count > 1 else kernel.encode_to_command_buffer
    with mps.CommandQueue().command_buffer() as command_buffer:
        return method(command_buffer, *arguments)


def size_of(e: Example, channels: int) -> tuple[int, int, int]:
    return e.draw(st.integers(1, 6)), e.draw(st.integers(1, 6)), channels


@fuzz(250)
@given(st.data())
def test_kernels(data: st.DataObject) -> None:
    """Into an image of the kernel's own, then into one of the caller's, then the gradient."""
    e = Example(data, odd=data.draw(st.sampled_from([0, 30, 10])))
    with e.refused_or_ends():
        base = e.pick(["MPSCNNKernel", "MPSCNNKernel", "MPSCNNBinaryKernel"])
        kernel = make_kernel(e, base)
        if e.chance(2):
            kernel.destination_image_allocator = mps.MPSImage.default_allocator()
        count = e.pick([1, 1, 2, 3])
        size = size_of(e, e.pick([4, 4, 8, 3]))
        sources = [images(e, count, size if not e.is_odd() else size_of(e, 4))]
        if base == "MPSCNNBinaryKernel" or isinstance(kernel, mps.MPSCNNGradientKernel):
            sources.append(images(e, count, size))
        before = [copies(s) for s in sources]
        e.say(f"{size}, batch of {count}")
        states: list[Any] = []
        encode(kernel, count, *sources, *([states] if not isinstance(kernel, mps.MPSCNNGradientKernel) else []))
        destination = images(e, count, size_of(e, e.pick([4, 8, 12])))
        encode(kernel, count, *sources, destination)
        for source, values in zip(sources, before, strict=True):
            np.testing.assert_array_equal(copies(source), values)


@fuzz(200)
@given(st.data())
def test_what_is_written(data: st.DataObject) -> None:
    """A filter without a window: the clipped, shifted part of the source, and nothing else."""
    e = Example(data, odd=0)
    with e.refused_or_ends():
        kernel = mps.MPSCNNNeuronLinear(mps.MPSNNNeuronDescriptor(mps.MPSCNNNeuronType.Linear, a=2, b=0))
        size, result = size_of(e, e.pick([4, 8, 5])), size_of(e, e.pick([4, 8, 12, 7]))
        x, y = e.draw(st.integers(-3, 6)), e.draw(st.integers(-3, 6))
        left, top = e.draw(st.integers(0, result[1] - 1)), e.draw(st.integers(0, result[0] - 1))
        width, height = e.draw(st.integers(1, 7)), e.draw(st.integers(1, 7))
        from_channel, to_channel = channel_offset(e), channel_offset(e)
        most = e.draw(st.integers(1, 9))
        kernel.offset = (x, y, 0)
        kernel.edge_mode = edge = e.pick([mps.MPSImageEdgeMode.Zero, mps.MPSImageEdgeMode.Clamp])
        kernel.clip_rect = mps.MTLRegion((left, top, 0), (width, height, 1))
        kernel.source_feature_channel_offset = from_channel
        kernel.source_feature_channel_max_count = most
        kernel.destination_feature_channel_offset = to_channel
        e.say(
            f"{size} to {result}, {kernel.offset}, {kernel.clip_rect}, {from_channel}, {most}, {to_channel}, {edge!r}"
        )
        count = e.pick([1, 2])
        source, destination = images(e, count, size), images(e, count, result)
        expected = copies(destination)
        encode(kernel, count, source, destination)
        channels = min(most, size[2] - from_channel)
        part = copies(source)[..., from_channel : from_channel + channels]
        border = ((0, 0), (9, 16), (9, 16), (0, 0))
        part = np.pad(part, border, mode="constant" if edge == mps.MPSImageEdgeMode.Zero else "edge")
        bottom, right = min(top + height, result[0]), min(left + width, result[1])
        part = part[:, 9 + y : 9 + y + bottom - top, 9 + x : 9 + x + right - left]
        with np.errstate(over="ignore"):
            doubled = (2 * part.astype(np.float32)).astype(expected.dtype)
        expected[:, top:bottom, left:right, to_channel : to_channel + channels] = doubled
        np.testing.assert_array_equal(copies(destination), expected)
