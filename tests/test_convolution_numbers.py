"""NaN and infinity in convolutions: they reach the results whose windows hold them, whatever the kernel and the
fused neuron."""

from __future__ import annotations

from itertools import product
from typing import Any

import mpsnn as mps
import numpy as np
import pytest
from support import Array, BatchNormalization, Convolution, CPUConvolution, convolution, graph_of, node, result_of

# Height, width, inputs, outputs, taps of a side, stride, groups.
SHAPES = [
    (7, 6, 8, 16, 1, 1, 1),
    (1, 1, 33, 17, 1, 1, 1),
    (9, 6, 5, 33, 1, 2, 1),
    (9, 9, 3, 32, 3, 2, 1),
    (8, 8, 64, 64, 3, 1, 1),
    (7, 9, 13, 17, 3, 1, 1),
    (6, 6, 4, 8, 5, 1, 2),
    (7, 9, 13, 17, 5, 1, 1),
    (9, 8, 32, 32, 3, 1, 32),
    (9, 11, 19, 19, 5, 2, 19),
    (5, 9, 8, 16, 3, 1, 8),
    (9, 8, 18, 18, 3, 1, 9),
    (8, 7, 20, 20, 3, 2, 5),
    (5, 9, 40, 40, 3, 1, 5),
    (7, 7, 32, 32, 3, 2, 4),
    (8, 3, 16, 16, 5, 1, 4),
    (9, 13, 32, 3, 3, 1, 1),
    (7, 5, 40, 1, 5, 2, 1),
]
# Constants of ReLU, or of ReLUN.
NEURONS = [(), (0.0,), (0.25,), (0.0, 6.0), (0.25, 6.0), (0.0, -1.0)]
# Which numbers of the image and of the weights are replaced.
REPLACED = [({}, {}), ({0: np.nan}, {}), ({0: np.inf}, {}), ({0: -np.inf}, {}), ({0: np.inf, 5: -np.inf}, {}), ({}, {2: np.nan}),
            ({}, {1: np.inf}), ({}, {0: -np.inf, 9: np.inf})]  # fmt: skip


def with_replaced(x: Array, replaced: dict[int, float]) -> Array:
    """The middle of `x`, and what follows, for the numbers counted from there."""
    for index, number in replaced.items():
        x.ravel()[x.size // 2 + index] = number
    return x


def sums(x: Array, weights: Array, stride: int, groups: int) -> Array:
    """Windows centred as the default policy has them, of an odd number of pixels outside most at the start; a tap outside the image
    counts for nothing."""
    (h, w, _), (outputs, taps, _, inputs) = x.shape, weights.shape
    size = (-(-h // stride), -(-w // stride))
    low = [(max((n - 1) * stride + taps - length, 0) + 1) // 2 for n, length in zip(size, (h, w), strict=True)]
    y = np.zeros((*size, outputs))
    for row, column, v, u in product(range(size[0]), range(size[1]), range(taps), range(taps)):
        at = row * stride + v - low[0], column * stride + u - low[1]
        if 0 <= at[0] < h and 0 <= at[1] < w:
            pixel = x[at].reshape(groups, 1, inputs)
            y[row, column] += (pixel * weights[:, v, u].reshape(groups, -1, inputs)).sum(2).ravel()
    return y


def rectified(x: Array, a: float = 1, b: float = np.inf) -> Array:
    y = np.where(x < 0, a * x if a else 0, x)
    return np.where(y > b, b, y)


def network(x: Any, weights: Array, stride: int, groups: int, constants: tuple[float, ...]) -> Any:
    outputs, taps, _, inputs = weights.shape
    is_depthwise = inputs == 1 < groups
    kind = mps.MPSCNNDepthWiseConvolutionDescriptor if is_depthwise else mps.MPSCNNConvolutionDescriptor
    descriptor = kind(
        kernel_width=taps, kernel_height=taps, input_feature_channels=inputs * groups, output_feature_channels=outputs
    )
    descriptor.stride_in_pixels_x = descriptor.stride_in_pixels_y = stride
    if not is_depthwise:
        descriptor.groups = groups
    made = convolution(x, mps.ConvolutionWeights(descriptor, weights))
    if len(constants) == 1:
        return made, mps.MPSCNNNeuronReLUNode(made.result_image, a=constants[0])
    if len(constants) == 2:
        return made, mps.MPSCNNNeuronReLUNNode(made.result_image, a=constants[0], b=constants[1])
    return (made,)


@pytest.mark.parametrize("constants", NEURONS, ids=str)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@np.errstate(invalid="ignore", over="ignore")
def test_what_is_not_finite(shape: tuple[int, ...], constants: tuple[float, ...]) -> None:
    h, w, inputs, outputs, taps, stride, groups = shape
    rng = np.random.default_rng(1)
    for in_image, in_weights in REPLACED:
        x = with_replaced(rng.standard_normal((h, w, inputs)).astype(np.float32), in_image)
        weights = with_replaced(
            rng.standard_normal((outputs, taps, taps, inputs // groups)).astype(np.float32), in_weights
        )
        answer = rectified(sums(x.astype(np.float64), weights.astype(np.float64), stride, groups), *constants)
        answer = answer.astype(np.float32)
        for implementation in mps.implementations(network(node(), weights, stride, groups, constants)[0], "cpu"):
            graph = graph_of(network(node(), weights, stride, groups, constants)[-1].result_image)
            graph.implementation = implementation
            what = f"{implementation}, {in_image}, {in_weights}"
            for _ in range(2):
                np.testing.assert_allclose(result_of(graph, x), answer, rtol=1e-4, atol=1e-4, err_msg=what)
            finite = np.where(np.isfinite(x), x, 1)
            assert np.isfinite(result_of(graph, finite)).all() or in_weights, what


@np.errstate(invalid="ignore", over="ignore")
def test_what_is_not_finite_before_folded_weights() -> None:
    """The kernel that folded weights were made for has dropped them by the time it needs another to do its work."""
    rng = np.random.default_rng(3)
    h, w, inputs, outputs = 9, 7, 16, 24
    x = rng.standard_normal((h, w, inputs)).astype(np.float32)
    weights = rng.standard_normal((outputs, 3, 3, inputs)).astype(np.float32)
    gamma, beta, mean = rng.standard_normal((3, outputs)).astype(np.float32)
    statistics = {"gamma": gamma, "beta": beta, "mean": mean, "variance": np.full(outputs, 4, np.float32)}
    for implementation in mps.implementations(convolution(node(), Convolution(weights)), "cpu"):
        made = convolution(node(), Convolution(weights))
        source = BatchNormalization(outputs, **statistics)
        graph = graph_of(mps.MPSCNNBatchNormalizationNode(made.result_image, data_source=source))
        graph.implementation = implementation
        for replaced in ({}, {0: np.nan}, {}, {3: np.inf}, {0: -np.inf, 9: np.nan}, {}):
            y = with_replaced(x.copy(), replaced)
            answer = (sums(y.astype(np.float64), weights.astype(np.float64), 1, 1) - mean) / 2 * gamma + beta
            what = f"{implementation}, {replaced}"
            np.testing.assert_allclose(result_of(graph, y), answer, rtol=1e-4, atol=1e-4, err_msg=what)


@pytest.mark.parametrize("taps", [1, 3, 5])
@pytest.mark.parametrize("channels", [(1, 17), (13, 40), (64, 64)], ids=str)
def test_two_normalizations_after_a_convolution(channels: tuple[int, int], taps: int) -> None:
    """By every implementation, with the passes and without."""
    rng = np.random.default_rng(7)
    inputs, outputs = channels
    x = rng.standard_normal((7, 9, inputs)).astype(np.float32)
    weights = (rng.standard_normal((outputs, taps, taps, inputs)) / taps).astype(np.float32)
    arrays = [
        {
            "gamma": rng.uniform(0.5, 1.5, outputs),
            "beta": rng.standard_normal(outputs),
            "mean": rng.standard_normal(outputs),
            "variance": rng.uniform(0.5, 1.5, outputs),
        }
        for _ in range(2)
    ]
    answer = sums(x.astype(np.float64), weights.astype(np.float64), 1, 1)
    for a in arrays:
        answer = (answer - a["mean"]) / np.sqrt(a["variance"]) * a["gamma"] + a["beta"]
    (made,) = network(node(), weights, 1, 1, ())
    for implementation in mps.implementations(made, "cpu"):
        for disabled in (set(), {"fold_batch_normalization"}):
            (made,) = network(node(), weights, 1, 1, ())
            last = made.result_image
            for a in arrays:
                source = BatchNormalization(outputs, **{k: v.astype(np.float32) for k, v in a.items()})
                last = mps.MPSCNNBatchNormalizationNode(last, data_source=source).result_image
            graph = graph_of(last)
            graph.implementation, graph.disabled_passes = implementation, disabled
            for _ in range(2):
                np.testing.assert_allclose(result_of(graph, x), answer, rtol=1e-4, atol=1e-4, err_msg=implementation)


@pytest.mark.parametrize("taps", [1, 3, 5])
@pytest.mark.parametrize("channels", [(1, 17), (13, 40)], ids=str)
def test_folded_weights_after_a_reload(channels: tuple[int, int], taps: int) -> None:
    rng = np.random.default_rng(6)
    inputs, outputs = channels
    x = rng.standard_normal((9, 7, inputs)).astype(np.float32)
    for implementation in mps.implementations(convolution(node(), Convolution(np.zeros((1, 1, 1, 1)))), "cpu"):
        source = Convolution(np.zeros((outputs, taps, taps, inputs)))
        normalization = BatchNormalization(outputs)
        made = mps.MPSCNNBatchNormalizationNode(convolution(node(), source).result_image, data_source=normalization)
        graph = graph_of(made)
        graph.implementation = implementation
        for _ in range(2):
            source.values = rng.standard_normal((outputs, taps, taps, inputs)).astype(np.float32)
            gamma, beta, mean = rng.standard_normal((3, outputs)).astype(np.float32)
            normalization.arrays = {
                "gamma": gamma,
                "beta": beta,
                "mean": mean,
                "variance": np.full(outputs, 4, np.float32),
            }
            graph.reload_from_data_sources()
            answer = (sums(x.astype(np.float64), source.values.astype(np.float64), 1, 1) - mean) / 2 * gamma + beta
            for _ in range(2):
                np.testing.assert_allclose(result_of(graph, x), answer, rtol=1e-4, atol=1e-4, err_msg=implementation)


def gradients(x: Array, weights: Array, gradient: Array) -> tuple[Array, Array]:
    """Of the image and of the weights, for windows with a stride of 1."""
    (h, w, _), taps = x.shape, weights.shape[1]
    of_x, of_weights = np.zeros_like(x), np.zeros_like(weights)
    for row, column, v, u in product(range(h), range(w), range(taps), range(taps)):
        at = row + v - taps // 2, column + u - taps // 2
        if 0 <= at[0] < h and 0 <= at[1] < w:
            of_x[at] += (gradient[row, column, :, None] * weights[:, v, u]).sum(0)
            of_weights[:, v, u] += np.multiply.outer(gradient[row, column], x[at])
    return of_x, of_weights


@pytest.mark.filterwarnings("ignore:invalid value")  # numpy's, of the update
@pytest.mark.parametrize("taps", [1, 3, 5])
@pytest.mark.parametrize("channels", [(8, 16), (13, 17), (64, 32)], ids=str)
@np.errstate(invalid="ignore", over="ignore")
def test_gradients_of_what_is_not_finite(channels: tuple[int, int], taps: int) -> None:
    rng = np.random.default_rng(4)
    inputs, outputs = channels
    for in_image, in_gradient in [({}, {}), ({0: np.nan}, {}), ({}, {0: np.inf}), ({2: np.inf}, {2: np.nan}), ({}, {})]:
        x = with_replaced(rng.standard_normal((6, 9, inputs)).astype(np.float32), in_image)
        gradient = with_replaced(rng.standard_normal((6, 9, outputs)).astype(np.float32), in_gradient)
        weights = rng.standard_normal((outputs, taps, taps, inputs)).astype(np.float32)
        answers = gradients(*(a.astype(np.float64) for a in (x, weights, gradient)))
        names = [n for f in training_filters(CPUConvolution(weights)) for n in mps.implementations(f, "cpu")]
        for implementation in dict.fromkeys(names):
            source = CPUConvolution(weights)
            graph = graph_of(training_filters(source)[-1])
            graph.implementation = implementation
            of_x = result_of(graph, gradient, x)
            what = f"{implementation}, {in_image}, {in_gradient}"
            for made, answer in zip((of_x, source.gradient), answers, strict=True):
                np.testing.assert_allclose(made, answer, rtol=1e-4, atol=1e-4, err_msg=what)


def training_filters(source: CPUConvolution) -> list[Any]:
    made = convolution(node("x"), source)
    made.training_style = mps.MPSNNTrainingStyle.UpdateDeviceCPU
    return [made, *made.gradient_filters_with_sources([node("gradient")])]


@pytest.mark.parametrize("channels", [8, 19, 32])
@pytest.mark.parametrize("taps", [3, 5])
def test_an_addition_in_a_depthwise_convolution(taps: int, channels: int) -> None:
    """Before the neuron, from an image of its own; with and without the passes that fuse them."""
    rng = np.random.default_rng(2)
    x, added = rng.standard_normal((2, 9, 11, channels)).astype(np.float32)
    weights = rng.standard_normal((channels, taps, taps, 1)).astype(np.float32)
    answer = rectified(sums(x.astype(np.float64), weights.astype(np.float64), 1, channels) + added, 0.25, 3.0)
    for disabled in (set(), set(mps.plan_passes())):
        (made,) = network(node(), weights, 1, channels, ())
        sum_node = mps.MPSNNAdditionNode(made.result_image, node())
        graph = graph_of(mps.MPSCNNNeuronReLUNNode(sum_node.result_image, a=0.25, b=3.0))
        graph.disabled_passes = disabled
        np.testing.assert_allclose(result_of(graph, x, added), answer, rtol=1e-4, atol=1e-4)


def of_whole_slices(x: Array) -> Array:
    """Channels in fours, as a concatenation has them."""
    return np.pad(x, [(0, 0)] * 3 + [(0, -x.shape[-1] % 4)])


@pytest.mark.parametrize("size", [(1, 1, 1), (1, 3, 5), (2, 1, 7), (3, 8, 9), (1, 2, 29)], ids=str)
@pytest.mark.parametrize("outputs", [1, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 65])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize(("taps", "implementation"), [(1, "pointwise"), (3, "direct")])
def test_tails(taps: int, implementation: str, stride: int, outputs: int, size: tuple[int, int, int]) -> None:
    """Of channels and rows, with an addition and a neuron, where the result is a part of a larger image. Single pixels of 1024
    channels are copied apart first."""
    images, h, w = size
    rng = np.random.default_rng(3)
    for inputs in (1, 3, 16, 33, *([1024] if taps == 1 else [])):
        x = rng.standard_normal((images, h, w, inputs)).astype(np.float32)
        weights = rng.standard_normal((outputs, taps, taps, inputs)).astype(np.float32)
        direct = np.stack([sums(image.astype(np.float64), weights.astype(np.float64), stride, 1) for image in x])
        added = rng.standard_normal(direct.shape).astype(np.float32)
        answer = np.concatenate([of_whole_slices(y) for y in (rectified(direct + added, 0.25, 3.0), added)], axis=-1)
        for name in (implementation, "loops"):
            (made,) = network(node(), weights, stride, 1, ())
            addend = node()
            total = mps.MPSNNAdditionNode(made.result_image, addend)
            neuron = mps.MPSCNNNeuronReLUNNode(total.result_image, a=0.25, b=3.0)
            graph = graph_of(mps.MPSNNConcatenationNode([neuron.result_image, addend]))
            graph.implementation = name
            np.testing.assert_allclose(result_of(graph, x, added), answer, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("outputs", "implementation"), [(512, "winograd 4x4"), (1152, "winograd 2x2")])
def test_what_is_kept_of_weights_has_a_limit(outputs: int, implementation: str, capfd: Any) -> None:
    """Of 36 numbers for each pair of channels, or 16: 64 MB at most."""
    descriptor = mps.MPSCNNConvolutionDescriptor(
        kernel_width=3, kernel_height=3, input_feature_channels=512, output_feature_channels=outputs
    )
    graph = graph_of(mps.MPSCNNConvolutionNode(node(), weights=mps.ConvolutionWeights(descriptor)))
    graph.options = mps.MPSKernelOptions.Verbose
    graph(np.zeros((8, 13, 13, 512), np.float32))
    assert f" -> {implementation} " in capfd.readouterr().err


# Outputs, height and width: with few of either others are faster.
@pytest.mark.parametrize(("outputs", "side", "is_direct"), [(64, 24, True), (63, 24, False), (64, 14, False)])
def test_windows_that_are_no_tiles_are_direct(outputs: int, side: int, is_direct: bool, capfd: Any) -> None:
    descriptor = mps.MPSCNNConvolutionDescriptor(
        kernel_width=3, kernel_height=3, input_feature_channels=32, output_feature_channels=outputs
    )
    descriptor.stride_in_pixels_x = descriptor.stride_in_pixels_y = 2
    graph = graph_of(mps.MPSCNNConvolutionNode(node(), weights=mps.ConvolutionWeights(descriptor)))
    graph.options = mps.MPSKernelOptions.Verbose
    graph(np.zeros((1, side, side, 32), np.float32))
    assert (" -> direct " in capfd.readouterr().err) == is_direct


# Images, height, width, inputs, outputs: with tails, in several blocks of pixels and of outputs, with pixels far apart. The last
# ones have so many pixels and so few weights that both halves are made a block of pixels at a time, very many outputs, or sums over
# outputs in several steps; or pixels of which a first cache holds few at a time.
@pytest.mark.parametrize(
    "shape",
    [
        (1, 1, 1, 3, 5),
        (2, 3, 5, 33, 17),
        (3, 13, 11, 64, 96),
        (2, 16, 9, 72, 40),
        (1, 17, 16, 530, 40),
        (1, 20, 20, 24, 1200),
        (1, 33, 97, 20, 52),
        (2, 37, 61, 33, 75),
        (1, 64, 67, 600, 20),
        (3, 40, 51, 16, 600),
        (8, 1, 1, 64, 21841),
        (2, 15, 14, 155, 1203),
        (2, 9, 11, 40, 1024),
        (2, 9, 11, 300, 1024),
    ],
    ids=str,
)
@pytest.mark.parametrize("stride", [1, 2])
def test_gradients_of_single_pixels(stride: int, shape: tuple[int, ...]) -> None:
    *size, inputs, outputs = shape
    rng = np.random.default_rng(5)
    x = rng.standard_normal((*size, inputs)).astype(np.float32)
    reached = x[:, ::stride, ::stride].astype(np.float64)
    gradient = rng.standard_normal((*reached.shape[:3], outputs)).astype(np.float32)
    weights = rng.standard_normal((outputs, 1, 1, inputs)).astype(np.float32)
    of_x = np.zeros(x.shape)
    of_x[:, ::stride, ::stride] = gradient.astype(np.float64) @ weights.reshape(outputs, inputs).astype(np.float64)
    of_weights = np.einsum("nhwo,nhwi->oi", gradient.astype(np.float64), reached)
    answers = of_x, of_weights.reshape(weights.shape), gradient.sum((0, 1, 2), np.float64)
    for implementation in ("pointwise", "loops"):
        source = CPUConvolution(weights)
        source.shape.stride_in_pixels_x = source.shape.stride_in_pixels_y = stride
        graph = graph_of(training_filters(source)[-1])
        graph.implementation = implementation
        made = result_of(graph, gradient, x), source.gradient, source.bias_gradient
        for a, b in zip(made, answers, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5 * abs(b).max(), err_msg=implementation)


# The same with windows: few channels and tails, patches in several blocks of pixels and of outputs, many patches for few outputs,
# more weights than a part has there at a time.
@pytest.mark.parametrize(
    "shape",
    [
        (1, 1, 1, 3, 5),
        (2, 7, 5, 33, 17),
        (1, 30, 19, 16, 40),
        (3, 17, 9, 72, 24),
        (1, 20, 21, 5, 600),
        (2, 40, 31, 32, 7),
        (2, 9, 12, 300, 75),
        (2, 11, 8, 1, 9),
        (1, 8, 13, 2, 33),
    ],
    ids=str,
)
@pytest.mark.parametrize(("taps", "stride"), [(1, 3), (2, 1), (3, 1), (3, 2), (4, 3), (7, 2)])
def test_windows_and_their_gradients(taps: int, stride: int, shape: tuple[int, ...]) -> None:
    images, h, w, inputs, outputs = shape
    rng = np.random.default_rng(6)
    x = rng.standard_normal((images, h, w, inputs)).astype(np.float32)
    weights = rng.standard_normal((outputs, taps, taps, inputs)).astype(np.float32)
    size = (-(-h // stride), -(-w // stride))
    gradient = rng.standard_normal((images, *size, outputs)).astype(np.float32)
    # Where windows reach out by an odd number of pixels, most are at the start.
    low = [(max((n - 1) * stride + taps - length, 0) + 1) // 2 for n, length in zip(size, (h, w), strict=True)]
    wide = np.pad(x.astype(np.float64), ((0, 0), (low[0], taps + stride), (low[1], taps + stride), (0, 0)))
    reached = np.lib.stride_tricks.sliding_window_view(wide, (taps, taps), (1, 2))[:, ::stride, ::stride]
    reached = reached[:, : size[0], : size[1]]
    y = np.einsum("nhwivu,ovui->nhwo", reached, weights.astype(np.float64), optimize=True)
    of_weights = np.einsum("nhwo,nhwivu->ovui", gradient.astype(np.float64), reached, optimize=True)
    of_wide = np.zeros_like(wide)
    for v, u in np.ndindex(taps, taps):
        spread = of_wide[:, v : v + stride * size[0] : stride, u : u + stride * size[1] : stride]
        spread[:, : size[0], : size[1]] += gradient.astype(np.float64) @ weights[:, v, u]
    of_source = of_wide[:, low[0] : low[0] + h, low[1] : low[1] + w]
    for implementation in ("patches", "direct", "loops"):
        source = CPUConvolution(weights)
        source.shape.stride_in_pixels_x = source.shape.stride_in_pixels_y = stride
        forward, backward = (graph_of(training_filters(source)[i]) for i in (0, -1))
        found = []
        if implementation != "patches":
            forward.implementation = implementation
            found.append((result_of(forward, x), y))
        backward.implementation = implementation
        found.append((result_of(backward, gradient, x), of_source))
        found += (source.gradient, of_weights), (source.bias_gradient, gradient.sum((0, 1, 2), np.float64))
        for a, b in found:
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5 * abs(b).max(), err_msg=implementation)


@pytest.mark.parametrize("shape", [(2, 81, 66, 72, 80), (1, 101, 97, 136, 40), (3, 33, 41, 20, 24)], ids=str)
@pytest.mark.parametrize("implementation", ["winograd 4x4", "winograd 2x2"])
def test_gradients_of_many_tiles(implementation: str, shape: tuple[int, ...]) -> None:
    """Several blocks of tiles for each thread, the last of them shorter."""
    images, h, w, inputs, outputs = shape
    rng = np.random.default_rng(8)
    x = rng.standard_normal((images, h, w, inputs)).astype(np.float32)
    gradient = rng.standard_normal((images, h, w, outputs)).astype(np.float32)
    wide = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0))).astype(np.float64)
    of_weights = np.empty((outputs, 3, 3, inputs))
    for v in range(3):
        for u in range(3):
            reached = wide[:, v : v + h, u : u + w].reshape(-1, inputs)
            of_weights[:, v, u] = gradient.reshape(-1, outputs).astype(np.float64).T @ reached
    source = CPUConvolution(np.zeros(of_weights.shape, np.float32))
    graph = graph_of(training_filters(source)[-1])
    graph.implementation = implementation
    result_of(graph, gradient, x)
    answers = of_weights, gradient.sum((0, 1, 2), np.float64)
    for a, b in zip((source.gradient, source.bias_gradient), answers, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5 * abs(b).max())


def test_long_sums_of_a_bias() -> None:
    """Of 400,000 equal numbers, which no float adds up one after the other without losing most digits."""
    h, w = 640, 640
    for implementation in ("patches", "loops"):
        for inputs in (3, 16):
            source = CPUConvolution(np.zeros((2, 3, 3, inputs), np.float32))
            graph = graph_of(training_filters(source)[-1])
            graph.implementation = implementation
            gradient = np.full((1, h, w, 2), 0.1, np.float32)
            result_of(graph, gradient, np.ones((1, h, w, inputs), np.float32))
            answer = gradient[..., 0].sum(dtype=np.float64)
            np.testing.assert_allclose(source.bias_gradient, answer, rtol=1e-4, err_msg=f"{implementation}, {inputs}")
            np.testing.assert_allclose(source.gradient[:, 1, 1], answer, rtol=1e-4)
