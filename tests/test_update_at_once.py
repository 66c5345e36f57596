"""Weights with an optimizer take their gradients while the plan runs: the same numbers, in less memory."""

from __future__ import annotations

import sys
from typing import Any

import mpsnn as mps
import numpy as np
import pytest
from support import GPUConvolution, Run, Style, add, batch, convolution, graph_of, labels, loss_node, node, python

PASS, NOTE = "update_at_once", "take the gradients at once"
CHANNELS = 6


def weights(seed: int, optimizer: Any) -> Any:
    descriptor = mps.MPSCNNConvolutionDescriptor(
        kernel_width=3, kernel_height=3, input_feature_channels=CHANNELS, output_feature_channels=CHANNELS
    )
    return mps.ConvolutionWeights(descriptor, seed=seed, biases=np.zeros(CHANNELS, np.float32), optimizer=optimizer)


def trained(disabled: set[str], share: bool, style: Any = Style.UpdateDeviceGPU) -> tuple[Any, list[Any]]:
    """Two filters after another, or one whose weights serve twice."""
    adam = mps.MPSNNOptimizerAdam.with_learning_rate(0.01)
    first = weights(1, adam)
    sources = [first, first] if share else [first, weights(2, adam)]
    inner = convolution(node("x"), sources[0]).result_image
    outer = convolution(inner, sources[1]).result_image
    loss = loss_node(add(outer, inner).result_image)

    def choose(gradient: Any, inference: Any, inference_source: Any, gradient_source: Any) -> None:
        if isinstance(gradient, mps.MPSNNTrainableNode):
            gradient.training_style = style

    graph = graph_of(*loss.training_graph_with_source_gradient(None, choose))
    graph.disabled_passes = disabled
    return graph, sources


def train(graph: Any, steps: int = 3) -> None:
    x = np.random.default_rng(0).standard_normal((2, 5, 4, CHANNELS)).astype(np.float32)
    for _ in range(steps):
        Run(graph, [batch(x)], [labels(np.ones(x.shape, np.float32))])


@pytest.mark.parametrize("share", [False, True])
def test_weights_become_what_they_become_after_the_run(share: bool) -> None:
    made = [trained(disabled, share) for disabled in (set(), {PASS}, set(mps.plan_passes()))]
    for graph, _ in made:
        train(graph)
    start = weights(1, None).weights()
    for pair in zip(*(sources for _, sources in made), strict=True):
        at_once, after, plain = (source.weights() for source in pair)
        assert (at_once != start).any()
        np.testing.assert_array_equal(at_once, after)
        np.testing.assert_allclose(at_once, plain, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("more", "count"), [({}, 2), ({"style": Style.UpdateDeviceCPU}, 0)])
def test_the_report_says_how_many(more: dict[str, Any], count: int, capfd: Any) -> None:
    graph, _ = trained(set(), False, **more)
    graph.options = mps.MPSKernelOptions.Verbose
    train(graph, 1)
    report = capfd.readouterr().err
    assert (f"{count} filters {NOTE}" in report) == (count > 0)
    assert (NOTE in report) == (count > 0)


def test_data_sources_of_the_callers_are_asked_after_the_run(capfd: Any) -> None:
    kept = []
    source = GPUConvolution(np.ones((1, 1, 1, 1), np.float32))
    source.update = lambda command_buffer, gradient_state, source_state: kept.append(gradient_state)
    descriptor = mps.MPSCNNConvolutionDescriptor(
        kernel_width=1, kernel_height=1, input_feature_channels=1, output_feature_channels=1
    )
    mine = mps.ConvolutionWeights(
        descriptor,
        np.ones((1, 1, 1, 1), np.float32),
        optimizer=mps.MPSNNOptimizerStochasticGradientDescent.with_learning_rate(0.5),
    )
    x = convolution(convolution(node("x"), source).result_image, mine).result_image

    def choose(gradient: Any, inference: Any, inference_source: Any, gradient_source: Any) -> None:
        if isinstance(gradient, mps.MPSNNTrainableNode):
            gradient.training_style = Style.UpdateDeviceGPU

    graph = graph_of(*loss_node(x).training_graph_with_source_gradient(None, choose))
    graph.options = mps.MPSKernelOptions.Verbose
    Run(graph, [batch(np.full((1, 1, 1, 1), 3, np.float32))], [labels(np.zeros((1, 1, 1, 1)))])
    assert f"1 filters {NOTE}" in capfd.readouterr().err
    # The loss is (3 w v)^2 with both weights 1.
    assert kept[0].gradient_for_weights.to_numpy().item() == 18
    assert mine.weights().item() == 1 - 0.5 * 18


def test_a_filter_that_is_not_trained_takes_what_one_of_the_same_weights_learns() -> None:
    """It has a copy of them, which is loaded anew after each step."""
    descriptor = mps.MPSCNNConvolutionDescriptor(
        kernel_width=1, kernel_height=1, input_feature_channels=1, output_feature_channels=1
    )
    optimizer = mps.MPSNNOptimizerStochasticGradientDescent.with_learning_rate(0.5)
    source = mps.ConvolutionWeights(descriptor, [2.0], optimizer=optimizer)
    inner = convolution(node("x"), source)
    outer = convolution(inner.result_image, source)
    styles = iter([Style.UpdateDeviceNone, Style.UpdateDeviceGPU])

    def choose(gradient: Any, *others: Any) -> None:
        if isinstance(gradient, mps.MPSNNTrainableNode):
            gradient.training_style = next(styles)

    graph = graph_of(*loss_node(outer.result_image).training_graph_with_source_gradient(None, choose))
    losses = []
    for _ in range(2):
        truth = labels(np.zeros((1, 1, 1, 1)))
        Run(graph, [batch(np.ones((1, 1, 1, 1), np.float32))], [truth])
        losses.append(truth[0].loss_image().to_numpy().item())
    # w^4, of 2, then of 2 - 0.5 * 2 w^2 * w = -6.
    assert losses == [16, 1296]
    assert source.weights().item() == -6 + 0.5 * 2 * 36 * 6


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads how much memory a process holds")
def test_gradients_share_their_memory() -> None:
    """Twelve filters with weights of 4 MB each."""
    code = """
    import mpsnn as mps, numpy as np
    from support import Run, Style, batch, graph_of, labels, loss_node, node
    x = node("x")
    descriptor = mps.MPSCNNConvolutionDescriptor(
        kernel_width=1, kernel_height=1, input_feature_channels=1024, output_feature_channels=1024
    )
    optimizer = mps.MPSNNOptimizerStochasticGradientDescent.with_learning_rate(0.01)
    for seed in range(12):
        x = mps.MPSCNNConvolutionNode(x, weights=mps.ConvolutionWeights(descriptor, seed=seed, optimizer=optimizer)).result_image
    def choose(gradient, *others):
        if isinstance(gradient, mps.MPSNNTrainableNode): gradient.training_style = Style.UpdateDeviceGPU
    termini = loss_node(x).training_graph_with_source_gradient(None, choose)
    graph = graph_of(*termini)
    graph.disabled_passes = DISABLED
    for _ in range(2):
        Run(graph, [batch(np.ones((1, 2, 2, 1024), np.float32))], [labels(np.zeros((1, 2, 2, 1024)))])
    print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmRSS")))
    """
    at_once, after = (int(python(code.replace("DISABLED", passes)).stdout) / 1024 for passes in ("set()", repr({PASS})))
    assert after - at_once > 30
