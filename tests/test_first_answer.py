"""A first answer uses forms of the weights that pass; what later runs use is made after it. Nobody sees the difference."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import mpsnn as mps
import numpy as np
import pytest
from support import Convolution, python

CHANNELS, SIZE = 64, 28


def weights(seed: int, kernel: int, outputs: int = CHANNELS, stride: int = 1, groups: int = 1) -> Any:
    descriptor = mps.MPSCNNConvolutionDescriptor(
        kernel_width=kernel, kernel_height=kernel, input_feature_channels=CHANNELS, output_feature_channels=outputs
    )
    descriptor.stride_in_pixels_x = descriptor.stride_in_pixels_y = stride
    descriptor.groups = groups
    return mps.ConvolutionWeights(descriptor, seed=seed, biases=np.linspace(-1, 1, outputs, dtype=np.float32))


def normalized(x: Any, seed: int) -> Any:
    r = np.random.default_rng(seed)
    gamma, beta, mean = (r.standard_normal(CHANNELS).astype(np.float32) for _ in range(3))
    variance = r.random(CHANNELS, np.float32) + 0.5
    data = mps.BatchNormalizationWeights(CHANNELS, gamma=gamma, beta=beta, mean=mean, variance=variance)
    return mps.MPSCNNBatchNormalizationNode(x, data_source=data).result_image


FILTERS: dict[str, Callable[[Any], Any]] = {
    "1 x 1": lambda x: mps.MPSCNNConvolutionNode(x, weights=weights(1, 1)).result_image,
    "3 x 3": lambda x: mps.MPSCNNConvolutionNode(x, weights=weights(1, 3)).result_image,
    "3 x 3, stride 2": lambda x: mps.MPSCNNConvolutionNode(x, weights=weights(1, 3, stride=2)).result_image,
    "1 x 1, normalized": lambda x: normalized(FILTERS["1 x 1"](x), 2),
    "3 x 3, normalized": lambda x: normalized(FILTERS["3 x 3"](x), 2),
    "3 x 3, stride 2, normalized": lambda x: normalized(FILTERS["3 x 3, stride 2"](x), 2),
    "groups, normalized": lambda x: normalized(
        mps.MPSCNNConvolutionNode(x, weights=weights(1, 3, groups=4)).result_image, 2
    ),
    "transposed": lambda x: mps.MPSCNNConvolutionTransposeNode(x, weights=weights(1, 3, stride=2)).result_image,
    "fully connected": lambda x: (
        mps.MPSCNNFullyConnectedNode(
            mps.MPSCNNPoolingAverageNode.with_filter_size(x, SIZE, SIZE).result_image, weights=weights(1, 1)
        ).result_image
    ),
}


def graph_of(name: str, implementation: str) -> Any:
    graph = mps.MPSNNGraph(FILTERS[name](mps.MPSNNImageNode("x")))
    graph.format = mps.MPSImageFeatureChannelFormat.Float32
    graph.implementation = implementation
    return graph


def image(batch: int) -> np.ndarray:
    return np.random.default_rng(3).standard_normal((batch, SIZE, SIZE, CHANNELS)).astype(np.float32)


@pytest.mark.parametrize("batch", [1, 9])
@pytest.mark.parametrize("implementation", ["", "onednn", "pointwise", "winograd 4x4", "winograd 2x2"])
@pytest.mark.parametrize("name", list(FILTERS))
def test_the_first_answer_is_that_of_later_runs(name: str, implementation: str, batch: int) -> None:
    graph, x = graph_of(name, implementation), image(batch)
    first = np.array(graph(x))
    for _ in range(3):
        np.testing.assert_array_equal(graph(x), first)
    graph.reload_from_data_sources()
    np.testing.assert_array_equal(graph(x), first)


@pytest.mark.parametrize("name", [name for name in FILTERS if "normalized" in name])
def test_every_implementation_multiplies_the_weights_of_a_normalization(name: str) -> None:
    x = image(2)
    plain = graph_of(name, "loops")
    plain.disabled_passes = {"fold_batch_normalization"}
    expected = np.array(plain(x))
    for implementation in ("", "onednn", "pointwise", "winograd 4x4", "winograd 2x2", "loops"):
        graph = graph_of(name, implementation)
        for _ in range(2):
            np.testing.assert_allclose(graph(x), expected, atol=2e-4 * np.abs(expected).max())


def test_new_weights_between_the_answer_and_the_next() -> None:
    source = Convolution(np.random.default_rng(1).standard_normal((CHANNELS, 3, 3, CHANNELS)))
    graph = mps.MPSNNGraph(mps.MPSCNNConvolutionNode(mps.MPSNNImageNode("x"), weights=source).result_image)
    graph.format = mps.MPSImageFeatureChannelFormat.Float32
    x = image(1)
    first = np.array(graph(x))
    source.values *= 2
    graph.reload_from_data_sources()
    for _ in range(2):
        np.testing.assert_array_equal(graph(x), 2 * first)


def test_a_first_answer_keeps_nothing_of_what_fails() -> None:
    graph, x = graph_of("3 x 3, normalized", ""), image(1)
    x[0, 4, 4, 0] = np.inf
    first = np.array(graph(x))
    np.testing.assert_array_equal(graph(x), first)
    x[0, 4, 4, 0] = 1
    assert np.isfinite(graph(x)).all()


LARGE = [("pointwise", 1, 2048, 1030), ("direct", 1, 2048, 1030), ("direct", 3, 512, 456), ("", 3, 512, 456)]


@pytest.mark.parametrize(("implementation", "kernel", "inputs", "outputs"), LARGE)
def test_large_weights(implementation: str, kernel: int, inputs: int, outputs: int, capfd: Any) -> None:
    """Each run reads what the last reload left, multiplied by the normalization's factors."""
    r = np.random.default_rng(5)
    source = Convolution(r.standard_normal((outputs, kernel, kernel, inputs)) * 0.1)
    factors = r.random(outputs, np.float32) + 0.5
    data = mps.BatchNormalizationWeights(outputs, gamma=factors)
    x = r.standard_normal((1, 6, 7, inputs)).astype(np.float32)
    made = mps.MPSCNNConvolutionNode(mps.MPSNNImageNode("x"), weights=source).result_image
    made = mps.MPSCNNBatchNormalizationNode(made, data_source=data).result_image
    graph = mps.MPSNNGraph(mps.MPSCNNNeuronReLUNode(made, a=0).result_image)
    graph.format = mps.MPSImageFeatureChannelFormat.Float32
    graph.implementation, graph.options = implementation, mps.MPSKernelOptions.Verbose
    windows = np.pad(x[0], [(kernel // 2, kernel // 2)] * 2 + [(0, 0)]).astype(np.float64)
    windows = np.lib.stride_tricks.sliding_window_view(windows, (kernel, kernel), (0, 1))  # H x W x I x kH x kW
    plain = np.einsum("hwiyx,oyxi->hwo", windows, source.values.astype(np.float64), optimize=True)
    expected = np.maximum(plain * factors / np.sqrt(1 + data.epsilon()), 0)
    for scale in (1, 2, 3):
        source.values = source.values * np.float32(scale)
        expected = expected * scale
        graph.reload_from_data_sources()
        for _ in range(2):
            np.testing.assert_allclose(graph(x)[0], expected, atol=1e-5 * expected.max())
    if implementation:
        assert f"-> {implementation}" in capfd.readouterr().err


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads how much memory a process holds")
@pytest.mark.parametrize(("implementation", "kernel", "channels"), [("pointwise", 1, 2048), ("direct", 3, 672)])
def test_no_second_form_of_large_weights_is_kept(implementation: str, kernel: int, channels: int) -> None:
    """Of four filters with 16 MB each."""
    code = f"""
    import mpsnn as mps, numpy as np
    d = mps.MPSCNNConvolutionDescriptor(
        kernel_width={kernel}, kernel_height={kernel}, input_feature_channels={channels}, output_feature_channels={channels}
    )
    x = mps.MPSNNImageNode("x")
    for seed in range(4):
        x = mps.MPSCNNConvolutionNode(x, weights=mps.ConvolutionWeights(d, seed=seed)).result_image
    graph = mps.MPSNNGraph(x)
    graph.format, graph.implementation = mps.MPSImageFeatureChannelFormat.Float32, "{implementation}"
    def megabytes():
        return int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmRSS"))) / 1024
    before, images = megabytes(), np.ones((1, 6, 7, {channels}), np.float32)
    for _ in range(3):
        graph(images)
    print(megabytes() - before)
    """
    assert float(python(code).stdout) < 16
