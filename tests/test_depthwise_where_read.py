"""What a depthwise convolution makes for one of a single tap need not exist as an image: nobody sees it, but in time and memory."""

from __future__ import annotations

import os
from typing import Any

import mpsnn as mps
import numpy as np
import pytest
from support import Array, Convolution, Run, add, batch, convolution, graph_of, node, relu, values

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


def pointwise(x: Any, draw: Any, inputs: int, outputs: int, policy: Any = None) -> Any:
    descriptor = mps.MPSCNNConvolutionDescriptor(
        kernel_width=1, kernel_height=1, input_feature_channels=inputs, output_feature_channels=outputs
    )
    weights = draw.standard_normal((outputs, 1, 1, inputs), np.float32)
    made = convolution(x, mps.ConvolutionWeights(descriptor, weights, np.ones(outputs, np.float32)))
    if policy:
        made.padding_policy = policy
    return made.result_image


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


class Cropped(mps.MPSNNPadding):
    """A result with fewer rows and columns than the source has."""

    def padding_method(self) -> Any:
        return mps.MPSNNPaddingMethod.Custom

    def destination_image_descriptor_for_source_images(self, images, states, kernel, suggested):
        suggested.width -= 4
        suggested.height -= 2
        return suggested


def both(make: Any, x: Array, capfd: Any, is_made: bool) -> None:
    """With the pass and without it."""
    here, plain = answer(make(), x, set(), capfd, is_made), answer(make(), x, {PASS}, capfd, is_made)
    np.testing.assert_allclose(here, plain, rtol=0, atol=1e-5 * np.abs(plain).max())


def test_the_images_come_out_as_without_where_they_are_read_twice(capfd: Any) -> None:
    def make() -> Any:
        draw = np.random.default_rng(0)
        made = relu(depthwise(node("x"), draw, 16, 3, 1, 0)).result_image
        return add(pointwise(made, draw, 16, 16), made).result_image

    both(make, np.random.default_rng(1).standard_normal((2, 10, 8, 16), np.float32), capfd, False)


@pytest.mark.parametrize(
    ("shape", "inputs", "policy"),
    [
        ((1, 1, 30, 16), 16, None),  # rows cannot be divided
        ((1, 8, 16, 100), 20, None),  # the others are not read
        ((2, 8, 16, 24), 24, Cropped),
    ],
)
def test_the_images_come_out_as_without_where_they_are_made(
    shape: tuple[int, ...], inputs: int, policy: Any, capfd: Any
) -> None:
    def make() -> Any:
        draw = np.random.default_rng(0)
        made = depthwise(node("x"), draw, shape[-1], 3, 1, 0)
        return pointwise(made, draw, inputs, 40, policy and policy())

    both(make, np.random.default_rng(1).standard_normal(shape, np.float32), capfd, False)


def test_the_images_come_out_as_without_in_concatenations(capfd: Any) -> None:
    def make() -> Any:
        draw, x = np.random.default_rng(0), node("x")
        sources = mps.MPSNNConcatenationNode([x, relu(x).result_image]).result_image
        made = [pointwise(depthwise(sources, draw, 40, 3, 1, 0), draw, 40, outputs) for outputs in (24, 8)]
        return mps.MPSNNConcatenationNode(made).result_image

    both(make, np.random.default_rng(1).standard_normal((3, 8, 12, 20), np.float32), capfd, True)


def test_a_gradient_that_a_depthwise_convolution_makes() -> None:
    """Its reader asks for any pixels, not for rows."""

    def make() -> Any:
        draw = np.random.default_rng(0)
        descriptor = mps.MPSCNNConvolutionDescriptor(
            kernel_width=1, kernel_height=1, input_feature_channels=32, output_feature_channels=64
        )
        weights = draw.standard_normal((64, 1, 1, 32), np.float32)
        optimizer = mps.MPSNNOptimizerStochasticGradientDescent.with_learning_rate(0.01)
        forward = convolution(node("x"), mps.ConvolutionWeights(descriptor, weights, optimizer=optimizer))
        gradient = depthwise(node("g"), draw, 64, 3, 1, 0)
        return forward.training_graph_with_source_gradient(gradient)

    x, g = (np.random.default_rng(1).standard_normal((1, 50, 48, c), np.float32) for c in (32, 64))
    answers = []
    for disabled in (set(), {PASS}):
        graph = graph_of(*make())
        graph.disabled_passes = disabled
        given = {"x": batch(x), "g": batch(g)}
        answers.append(values(Run(graph, [given[handle] for handle in graph.source_image_handles]).result))
    np.testing.assert_allclose(*answers, rtol=0, atol=1e-4 * np.abs(answers[1]).max())


def test_new_weights_are_used() -> None:
    draw = np.random.default_rng(0)
    source = Convolution(draw.standard_normal((24, 3, 3, 1), np.float32))
    source.shape = mps.MPSCNNDepthWiseConvolutionDescriptor(
        kernel_width=3, kernel_height=3, input_feature_channels=24, output_feature_channels=24
    )
    last = Convolution(draw.standard_normal((16, 1, 1, 24), np.float32))
    graph = graph_of(convolution(convolution(node(), source).result_image, last))
    x = draw.standard_normal((2, 8, 8, 24), np.float32)
    before = values(Run(graph, [batch(x)]).result)
    source.values, last.values = 2 * source.values, 3 * last.values
    graph.reload_from_data_sources()
    np.testing.assert_allclose(values(Run(graph, [batch(x)]).result), 6 * before, rtol=1e-5, atol=1e-4)
