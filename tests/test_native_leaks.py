"""Training on the native engine with data sources in Python leaves nothing behind: no objects of Objective-C, no memory."""

from __future__ import annotations

import gc
import resource
from collections.abc import Callable

import mpsnn as mps
import numpy as np
import pytest
from objects import counted

native = next((d for d in mps.devices() if d.name == "native"), None)
pytestmark = pytest.mark.skipif(native is None, reason="this build has no native engine")

ENCODES = 1000


class Weights(mps.MPSCNNConvolutionDataSource):
    """A user's own class: values in NumPy, an optimizer, states that come and go."""

    def __init__(self, outputs: int, size: int, inputs: int, seed: int) -> None:
        super().__init__()
        rng = np.random.default_rng(seed)
        self.values = rng.standard_normal((outputs, size, size, inputs)).astype(np.float32) * 0.1
        self.biases = np.zeros(outputs, np.float32)
        self.made = mps.MPSCNNConvolutionDescriptor(
            kernel_width=size, kernel_height=size, input_feature_channels=inputs, output_feature_channels=outputs
        )
        self.optimizer = mps.MPSNNOptimizerStochasticGradientDescent.with_learning_rate(1e-3)

    def descriptor(self):
        return self.made

    def data_type(self):
        return mps.MPSDataType.Float32

    def kernel_weights_data_type(self):
        return mps.MPSDataType.Float32

    def weights(self):
        return self.values

    def bias_terms(self):
        return self.biases

    def load(self):
        return True

    def purge(self):
        pass

    def label(self):
        return "weights"

    def update_with_command_buffer(self, command_buffer, gradient_state, source_state):
        result = mps.MPSCNNConvolutionWeightsAndBiasesState(cnn_convolution_descriptor=self.made)
        self.optimizer.encode_to_command_buffer(
            command_buffer,
            convolution_gradient_state=gradient_state,
            convolution_source_state=source_state,
            input_momentum_vectors=None,
            result_state=result,
        )
        return result


def training_step() -> Callable[[], None]:
    first, second = Weights(4, 3, 1, seed=1), Weights(3, 8, 4, seed=2)
    x = mps.MPSNNImageNode("digits")
    y = mps.MPSCNNConvolutionNode(x, weights=first).result_image
    y = mps.MPSCNNNeuronReLUNode(y, a=0).result_image
    y = mps.MPSCNNFullyConnectedNode(y, weights=second).result_image
    descriptor = mps.MPSCNNLossDescriptor(
        mps.MPSCNNLossType.SoftMaxCrossEntropy, reduction_type=mps.MPSCNNReductionType.Sum
    )
    loss = mps.MPSCNNLossNode(y, loss_descriptor=descriptor)
    last = loss.training_graph_with_source_gradient(None)[0]
    graph = mps.MPSNNGraph(last.result_image, result_image_is_needed=False, device=native)
    rng = np.random.default_rng(5)
    images = rng.random((2, 8, 8, 1), np.float32)
    labels = np.eye(3, dtype=np.float32)[[0, 2]].reshape(2, 1, 1, 3)
    queue = mps.CommandQueue(native)

    def step() -> None:
        batch = mps.MPSImage(images).batch_representation()
        states = mps.MPSCNNLossLabels.batch(labels)
        command_buffer = queue.command_buffer()
        graph.encode_batch_to_command_buffer(command_buffer, source_images=[batch], source_states=[states])
        command_buffer.commit()
        command_buffer.wait_until_completed()

    return step


def training_step_by_hand() -> Callable[[], None]:
    """Kernels without a graph: encodes, and every way to give them new weights."""
    source = Weights(3, 2, 4, seed=3)
    forward, gradient = (make(source, device=native) for make in (mps.MPSCNNConvolution, mps.MPSCNNConvolutionGradient))
    x = np.random.default_rng(5).random((2, 5, 5, 4), np.float32)
    queue = mps.CommandQueue(native)

    def step() -> None:
        images, states = mps.MPSImage(x).batch_representation(), []
        command_buffer = queue.command_buffer()
        results = forward.encode_batch_to_command_buffer(command_buffer, images, destination_states=states)
        gradient.encode_batch_to_command_buffer(command_buffer, results, images, states)
        values = forward.export_weights_and_biases_with_command_buffer(command_buffer, False)
        new = source.update_with_command_buffer(command_buffer, states[0], values)
        for kernel in (forward, gradient):
            kernel.reload_weights_and_biases_with_command_buffer(command_buffer, new)
            kernel.reload_weights_and_biases_from_data_source()
        command_buffer.commit()
        command_buffer.wait_until_completed()
        made = mps.MPSCNNConvolution(source, device=native)
        mps.MPSCNNConvolutionGradient(source, device=native)
        command_buffer = queue.command_buffer()
        made.encode_batch_to_command_buffer(command_buffer, images)
        command_buffer.commit()
        command_buffer.wait_until_completed()

    return step


def normalization_by_hand() -> Callable[[], None]:
    """Statistics, states and new values of a batch normalization, made by hand and by a graph."""
    source = mps.BatchNormalizationWeights(
        4, optimizer=mps.MPSNNOptimizerStochasticGradientDescent.with_learning_rate(1e-3)
    )
    node = mps.MPSCNNBatchNormalizationNode(mps.MPSNNImageNode("x"), data_source=source)
    node.result_state.export_from_graph = True
    graph = mps.MPSNNGraph(node.result_image, device=native)
    forward = mps.MPSCNNBatchNormalization(source, device=native)
    statistics = mps.MPSCNNBatchNormalizationStatistics(device=native)
    sums = mps.MPSCNNBatchNormalizationStatisticsGradient(device=native)
    gradient = mps.MPSCNNBatchNormalizationGradient(device=native)
    x = np.random.default_rng(5).random((2, 5, 5, 4), np.float32)
    queue = mps.CommandQueue(native)

    def step() -> None:
        images, exported = mps.MPSImage(x).batch_representation(), []
        results = mps.MPSImage(np.zeros_like(x)).batch_representation()
        command_buffer = queue.command_buffer()
        graph.encode_batch_to_command_buffer(command_buffer, [images], destination_states=exported)
        made = forward.result_state_for_source_image(images[0], [], results[0])
        for state in (made, exported[0][0]):
            kernel = state.batch_normalization
            statistics.encode_batch_to_command_buffer(command_buffer, images, state)
            kernel.encode_batch_to_command_buffer(command_buffer, images, state, results)
            sums.encode_batch_to_command_buffer(command_buffer, results, images, state)
            gradient.encode_batch_to_command_buffer(command_buffer, results, images, state)
            new = source.update_gamma_and_beta_with_command_buffer(command_buffer, state)
            kernel.reload_gamma_and_beta_with_command_buffer(command_buffer, new)
        command_buffer.commit()
        command_buffer.wait_until_completed()
        for state in (made, exported[0][0]):
            state.batch_normalization.reload_gamma_and_beta_from_data_source()
            state.batch_normalization.reload_mean_and_variance_from_data_source()

    return step


@pytest.mark.parametrize("make_step", [training_step, training_step_by_hand, normalization_by_hand])
def test_a_thousand_encodes_leave_nothing_behind(make_step: Callable[[], Callable[[], None]]) -> None:
    step = make_step()
    for _ in range(50):
        step()
    with counted() as objects:
        for _ in range(10):
            step()
        assert objects.made()["MPSImage"], "counting counts"
        gc.collect()
        before, memory = objects.living(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(ENCODES):
            step()
        gc.collect()
        after = objects.living()
    grown = {name: count - before[name] for name, count in after.items() if count - before[name] >= 10}
    assert not grown, grown
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 4096, "KiB"
