"""Gradients of depthwise convolutions, of images so large that threads divide them, and of what is not finite."""

from __future__ import annotations

from typing import Any

import mpsnn as mps
import numpy as np
import pytest
from support import Array, CPUConvolution, convolution, graph_of, node, result_of

TAPS = 3


def filters(weights: Array, stride: int) -> tuple[CPUConvolution, list[Any]]:
    """The source of `weights` (channels x 3 x 3 x 1), and the filters of its training: the gradient's is the last."""
    channels = len(weights)
    source = CPUConvolution(weights)
    source.shape = mps.MPSCNNDepthWiseConvolutionDescriptor(
        kernel_width=TAPS, kernel_height=TAPS, input_feature_channels=channels, output_feature_channels=channels
    )
    source.shape.stride_in_pixels_x = source.shape.stride_in_pixels_y = stride
    made = convolution(node("x"), source)
    made.training_style = mps.MPSNNTrainingStyle.UpdateDeviceCPU
    return source, [made, *made.gradient_filters_with_sources([node("gradient")])]


def reads(length: int, stride: int) -> list[tuple[int, int, int]]:
    """(result pixel, tap, source pixel) of an axis; windows that reach out by an odd number of pixels do so most at the start."""
    count = -(-length // stride)
    low = (max((count - 1) * stride + TAPS - length, 0) + 1) // 2
    all_reads = [(i, tap, i * stride + tap - low) for i in range(count) for tap in range(TAPS)]
    return [(i, tap, at) for i, tap, at in all_reads if 0 <= at < length]


def answers(x: Array, weights: Array, gradient: Array, stride: int) -> tuple[Array, Array, Array]:
    """Of the image, weights and biases, from the definition; a tap outside the image counts for nothing."""
    x, gradient, kernel = x.astype(np.float64), gradient.astype(np.float64), weights[..., 0].astype(np.float64)
    of_x, of_weights = np.zeros_like(x), np.zeros_like(kernel)
    for row, v, y in reads(x.shape[1], stride):
        for column, u, at in reads(x.shape[2], stride):
            given = gradient[:, row, column]
            of_x[:, y, at] += given * kernel[:, v, u]
            of_weights[:, v, u] += (given * x[:, y, at]).sum(0)
    return of_x, of_weights[..., None], gradient.sum((0, 1, 2))


def check(x: Array, weights: Array, gradient: Array, stride: int) -> None:
    expected = answers(x, weights, gradient, stride)
    for implementation in mps.implementations(filters(weights, stride)[1][-1], "cpu"):
        source, made = filters(weights, stride)
        graph = graph_of(made[-1])
        graph.implementation = implementation
        of_x = result_of(graph, gradient, x)
        for found, answer in zip((of_x, source.gradient, source.bias_gradient), expected, strict=True):
            largest = np.abs(answer[np.isfinite(answer)]).max()
            np.testing.assert_allclose(found, answer, rtol=1e-4, atol=1e-5 * largest, err_msg=implementation)


def drawn(shape: tuple[int, ...], stride: int) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(3)
    n, h, w, c = shape
    x = rng.standard_normal(shape).astype(np.float32)
    gradient = rng.standard_normal((n, -(-h // stride), -(-w // stride), c)).astype(np.float32)
    return x, rng.standard_normal((c, TAPS, TAPS, 1)).astype(np.float32), gradient


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize(
    "shape",
    [
        (2, 29, 31, 40),
        (3, 16, 18, 17),
        (1, 1, 333, 64),
        (1, 200, 2, 24),
        (40, 3, 1, 136),
        (1, 57, 64, 9),
        (2, 5, 6, 520),
    ],
    ids=str,
)
def test_both_gradients(shape: tuple[int, ...], stride: int) -> None:
    check(*drawn(shape, stride), stride)


@pytest.mark.filterwarnings("ignore:invalid value")  # numpy's, of the update
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("at", [(0, 0), (0, 5), (6, 0), (6, 8), (3, 4), (4, 3)], ids=str)
@np.errstate(invalid="ignore", over="ignore")
def test_what_is_not_finite_stays_within_its_windows(at: tuple[int, int], stride: int) -> None:
    for number, where in [(np.inf, 0), (np.nan, 0), (-np.inf, 2), (np.nan, 2)]:
        arrays = drawn((2, 7, 9, 19), stride)
        rows, columns = arrays[where].shape[1:3]
        arrays[where][1, min(at[0], rows - 1), min(at[1], columns - 1), 17] = number
        check(*arrays, stride)


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("tap", range(TAPS * TAPS))
@np.errstate(invalid="ignore", over="ignore")
def test_weights_that_are_not_finite(tap: int, stride: int) -> None:
    x, weights, gradient = drawn((2, 7, 9, 19), stride)
    weights[3].ravel()[tap] = np.inf
    check(x, weights, gradient, stride)
