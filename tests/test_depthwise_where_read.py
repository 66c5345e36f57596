"""What a depthwise convolution makes for one of a single tap need not exist as an image: nobody sees it, but in time and memory."""

from __future__ import annotations

import os
from typing import Any

import mpsnn as mps
import numpy as np
import pytest
from support import Array, Run, add, batch, convolution, graph_of, node, relu, values

PASS, NOTE = "make_where_read", "is made where"
THREADS = int(os.environ.get("OMP_NUM_THREADS") or len(os.sched_getaffinity(0)))  # more may not divide the rows evenly


def depthwise(x: Any, draw: Any, channels: int, kernel: int, stride: int, special: float) -> Any:
    descriptor = mps.MPSCNNDepthWiseConvolutionDescriptor(
        kernel_width=kernel, kernel_height=kernel, input_feature_channels=channels, output_feature_channels=channels
    )
    descriptor.stride_in_pixels_x = descriptor.stride_in_pixels_y = stride
    weights = draw.standard_normal((channels, kernel, kernel, 1), np.float32)
    weights[channels // 2, 0, 0, 0] += special
    biases = draw.standard_normal(channels, np.float32)
    return convolution(x, mps.ConvolutionWeights(descriptor, weights, biases)).result_image


def pointwise(x: Any, draw: Any, inputs: int, outputs: int) -> Any:
    descriptor = mps.MPSCNNConvolutionDescriptor(
        kernel_width=1, kernel_height=1, input_feature_channels=inputs, output_feature_channels=outputs
    )
    weights = draw.standard_normal((outputs, 1, 1, inputs), np.float32)
    return convolution(x, mps.ConvolutionWeights(descriptor, weights, np.ones(outputs, np.float32))).result_image


def block(channels: int, outputs: int, kernel: int, stride: int, adds: bool, special: float) -> Any:
    draw = np.random.default_rng(channels)
    x = node("x")
    made = relu(depthwise(x, draw, channels, kernel, stride, special)).result_image
    y = pointwise(made, draw, channels, outputs)
    return relu(add(y, x).result_image) if adds else y


def answer(made: Any, x: Array, disabled: set[str], capfd: Any, is_made: bool) -> Array:
    graph = graph_of(made)
    graph.disabled_passes, graph.options = disabled, mps.MPSKernelOptions.Verbose
    capfd.readouterr()
    done = [values(Run(graph, [batch(x)]).result) for _ in range(2)]
    noted, may_be = NOTE in capfd.readouterr().err, is_made and not disabled
    assert noted == may_be if THREADS == 2 else noted <= may_be
    np.testing.assert_array_equal(*done)
    return done[0]


@pytest.mark.parametrize("special", [0, np.inf])
@pytest.mark.parametrize(
    ("shape", "outputs", "kernel", "stride", "adds"),
    [
        ((3, 9, 12, 20), 33, 3, 1, False),
        ((2, 14, 14, 24), 40, 3, 2, False),
        ((4, 11, 10, 16), 16, 5, 1, True),
        ((2, 13, 9, 40), 70, 5, 2, False),
        ((1, 10, 60, 33), 33, 3, 1, True),
        ((5, 3, 4, 600), 20, 3, 1, False),
    ],
)
def test_the_images_come_out_as_without(
    shape: tuple[int, ...], outputs: int, kernel: int, stride: int, adds: bool, special: float, capfd: Any
) -> None:
    x = np.random.default_rng(1).standard_normal(shape, np.float32)
    made = [block(shape[-1], outputs, kernel, stride, adds, special) for _ in range(2)]
    here = answer(made[0], x, set(), capfd, True)
    plain = answer(made[1], x, {PASS}, capfd, True)
    scale = np.abs(plain[np.isfinite(plain)]).max()
    np.testing.assert_allclose(here, plain, rtol=0, atol=1e-5 * scale, equal_nan=True)


def test_the_images_come_out_as_without_where_they_are_read_twice(capfd: Any) -> None:
    draw = np.random.default_rng(0)
    x = draw.standard_normal((2, 10, 8, 16), np.float32)
    made = relu(depthwise(node("x"), draw, 16, 3, 1, 0)).result_image
    answer(add(pointwise(made, draw, 16, 16), made).result_image, x, set(), capfd, False)


def test_the_images_come_out_as_without_where_rows_cannot_be_divided(capfd: Any) -> None:
    draw = np.random.default_rng(0)
    x = draw.standard_normal((1, 1, 30, 16), np.float32)
    answer(pointwise(depthwise(node("x"), draw, 16, 3, 1, 0), draw, 16, 40), x, set(), capfd, False)
