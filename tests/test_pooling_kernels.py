"""Gradients of pooling kernels that the caller places: `primary_offset`, `source_size`, `secondary_offset`."""

from __future__ import annotations

from typing import Any

import mpsnn as mps
import numpy as np
import pytest
from support import blank, image, permanent, refused
from support import encoded as wait

WINDOW = {"kernel_width": 2, "kernel_height": 3, "stride_in_pixels_x": 3, "stride_in_pixels_y": 2}
CLAMP = mps.MPSImageEdgeMode.Clamp


def drawn(*shape: int, seed: int = 1) -> Any:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def pooled(name: str, x: Any, offset: tuple[int, int], clip: Any = None, size: tuple[int, int] = (3, 2)) -> Any:
    """The forward kernel, the image that it wrote and its state."""
    kernel = getattr(mps, f"MPSCNNPooling{name}")(**WINDOW)
    kernel.edge_mode, kernel.offset = CLAMP, (*offset, 0)
    if clip is not None:
        kernel.clip_rect = clip
    destination = blank(*size, x.shape[2], fill=0)
    state = kernel.result_state_for_source_image(image(x), [], destination)
    wait(lambda b: kernel.encode_to_command_buffer(b, image(x), state, destination))
    return kernel, destination, state


def max_gradient(x: Any, g: Any, left: int, top: int) -> Any:
    d = np.zeros(x.shape, np.float32)
    for i, j in np.ndindex(*g.shape[:2]):
        rows, columns = slice(top + 2 * i, top + 2 * i + 3), slice(left + 3 * j, left + 3 * j + 2)
        window = x[rows, columns]
        for c in range(x.shape[2]):
            y, z = np.unravel_index(window[..., c].argmax(), window.shape[:2])
            d[rows, columns][y, z, c] += g[i, j, c]
    return d


def test_a_made_destination_takes_its_place_from_the_state() -> None:
    """The forward kernel wrote a part of its destination, with a margin before the first window."""
    x, g = drawn(9, 8, 3), drawn(5, 4, 3, seed=2)
    _, _, state = pooled("Max", x, (3, 2), mps.MTLRegion((1, 2, 0), (2, 3, 1)), size=(5, 4))
    gradient = permanent(mps.MPSCNNPoolingMaxGradient(**WINDOW))
    made = wait(lambda b: gradient.encode_to_command_buffer(b, image(g), image(x), state))
    np.testing.assert_array_equal(made.to_numpy(), max_gradient(x, g[2:5, 1:3], 2, 1))
    assert (gradient.primary_offset.x, gradient.primary_offset.y) == (1, 2)
    assert (gradient.source_size.width, gradient.source_size.height) == (2, 3)
    assert (gradient.secondary_offset.x, gradient.secondary_offset.y) == (3, 2)
    assert gradient.secondary_edge_mode == CLAMP


def test_a_given_destination_begins_with_the_first_window() -> None:
    x, g = drawn(9, 8, 3), drawn(3, 2, 3, seed=2)
    _, _, state = pooled("Max", x, (3, 2))
    gradient = mps.MPSCNNPoolingMaxGradient(**WINDOW)
    gradient.secondary_offset, gradient.secondary_edge_mode = (3, 2, 0), CLAMP
    gradient.clip_rect = mps.MTLRegion((1, 0, 0), (6, 9, 1))
    destination = blank(9, 9, 3)
    wait(lambda b: gradient.encode_to_command_buffer(b, image(g), image(x), state, destination))
    expected = np.full((9, 9, 3), 7, np.float32)
    expected[:, 1:7] = 0
    expected[:8, 1:7] = max_gradient(x, g, 2, 1)[1:9, 2:8]
    np.testing.assert_array_equal(destination.to_numpy(), expected)


@pytest.mark.parametrize("pad", [0, 1])
def test_zeros_around_the_source_of_an_average(pad: int) -> None:
    x, g = drawn(4, 5, 2), drawn(3, 2, 2, seed=2)
    gradient = mps.MPSCNNPoolingAverageGradient(**WINDOW)
    assert gradient.zero_pad_size_x == gradient.zero_pad_size_y == 0
    gradient.zero_pad_size_x = gradient.zero_pad_size_y = pad
    gradient.secondary_edge_mode = CLAMP
    _, _, state = pooled("Average", x, (0, 0))
    destination = blank(4, 5, 2)
    wait(lambda b: gradient.encode_to_command_buffer(b, image(g), image(x), state, destination))
    expected = np.zeros((4, 5, 2))
    for i, j in np.ndindex(3, 2):
        top, left = 2 * i - 1, 3 * j - 1
        count = min(top + 3, 4 + pad) - max(top, -pad)
        count *= min(left + 2, 5 + pad) - max(left, -pad)
        expected[max(top, 0) : top + 3, max(left, 0) : left + 2] += g[i, j] / count
    np.testing.assert_allclose(destination.to_numpy(), expected, rtol=1e-5, atol=1e-6)


def test_a_part_beyond_the_source_gradient_is_refused() -> None:
    x, g = image(drawn(4, 5, 2)), image(drawn(3, 2, 2))
    _, _, state = pooled("Max", drawn(4, 5, 2), (0, 0))
    gradient = mps.MPSCNNPoolingMaxGradient(**WINDOW)
    gradient.label = "pool1"
    gradient.primary_offset = (2, 0, 0)
    with refused(mps.InvalidArgumentError, 'MPSCNNPoolingMaxGradient "pool1"', "primary_offset", "3 x 2", "column 2"):
        wait(lambda b: gradient.encode_to_command_buffer(b, g, x, state, blank(4, 5, 2)))
    gradient.primary_offset, gradient.source_size = (1, 0, 0), mps.MTLSize(1, 0, 1)
    with refused(mps.InvalidArgumentError, "source_size", "0 x 1"):
        wait(lambda b: gradient.encode_to_command_buffer(b, g, x, state, blank(4, 5, 2)))
