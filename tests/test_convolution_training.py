"""Convolutions whose weights change with every step, in blocks of channels that do not come out even."""

import mpsnn as mps
import numpy as np
import pytest
from support import Array, GPUConvolution, Run, Style, batch, convolution, graph_of, labels, loss_node, node, values

# Images, height, width, inputs, outputs.
SHAPES = [(1, 5, 6, 300, 200), (2, 4, 7, 70, 150), (1, 3, 3, 17, 40), (3, 9, 5, 64, 32), (2, 6, 6, 33, 257)]


def windows(x: Array, taps: int) -> Array:
    """N x H x W x C to N x H x W x taps x taps x C, zeros outside."""
    border = (taps // 2, taps // 2)
    wide = np.pad(x, ((0, 0), border, border, (0, 0)))
    return np.lib.stride_tricks.sliding_window_view(wide, (taps, taps), (1, 2)).transpose(0, 1, 2, 4, 5, 3)


def step(x: Array, weights: Array, biases: Array) -> tuple[Array, Array, Array, Array]:
    """The result, and for a loss that is the sum of its squares the gradients of the source, the weights and the biases."""
    taps = weights.shape[1]
    y = np.einsum("nhwvui,ovui->nhwo", windows(x, taps), weights, optimize=True) + biases
    to_source = np.einsum("nhwvuo,ovui->nhwi", windows(2 * y, taps), weights[:, ::-1, ::-1], optimize=True)
    to_weights = np.einsum("nhwvui,nhwo->ovui", windows(x, taps), 2 * y, optimize=True)
    return y, to_source, to_weights, 2 * y.sum((0, 1, 2))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(
    ("implementation", "taps"),
    [
        ("winograd 4x4", 3),
        ("winograd 2x2", 3),
        ("winograd 5x5", 5),
        ("patches", 3),
        ("patches", 5),
        ("direct", 3),
        ("direct", 5),
        ("onednn", 3),
        ("loops", 3),
        ("loops", 5),
    ],
)
def test_steps_with_weights_that_change(implementation: str, taps: int, shape: tuple[int, ...]) -> None:
    *size, inputs, outputs = shape
    rng = np.random.default_rng(outputs)
    weights = (rng.standard_normal((outputs, taps, taps, inputs)) / (taps * inputs**0.5)).astype(np.float32)
    optimizer = mps.MPSNNOptimizerStochasticGradientDescent.with_learning_rate(1 / 4096)
    source, gradients = GPUConvolution(weights, np.zeros(outputs, np.float32)), []

    def update(command_buffer, gradient_state, source_state):
        gradients.append(gradient_state)
        result = mps.MPSCNNConvolutionWeightsAndBiasesState(cnn_convolution_descriptor=source.shape)
        optimizer.encode_to_command_buffer(command_buffer, gradient_state, source_state, None, result)
        return result

    source.update = update

    def gpu(gradient, inference, inference_source, gradient_source):
        if isinstance(gradient, mps.MPSNNTrainableNode):
            gradient.training_style = Style.UpdateDeviceGPU

    made = convolution(node("x"), source)
    if implementation == "onednn" and implementation not in mps.implementations(made, "cpu"):
        pytest.skip("a build without oneDNN")
    graph = graph_of(*loss_node(made.result_image).training_graph_with_source_gradient(None, gpu))
    graph.implementation = implementation
    current, biases = weights.astype(np.float64), np.zeros(outputs)
    for _ in range(3):
        x = rng.standard_normal((*size, inputs)).astype(np.float32)
        truth = labels(np.zeros((*size, outputs), np.float32))
        found = values(Run(graph, [batch(x)], [truth]).result)
        y, to_source, to_weights, to_biases = step(x.astype(np.float64), current, biases)
        loss = sum(label.loss_image().to_numpy().sum() for label in truth)
        np.testing.assert_allclose(loss, (y**2).sum(), rtol=1e-5)
        found_for_weights = gradients[-1].gradient_for_weights.to_numpy().reshape(weights.shape)
        for a, b in [(found, to_source), (found_for_weights, to_weights)]:
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5 * abs(b).max())
        current -= to_weights / 4096
        biases -= to_biases / 4096
