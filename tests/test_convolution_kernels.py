"""Kernels of convolutions over time: when they read their data source, what reloads do, and whose states they take."""

from __future__ import annotations

from typing import Any

import mpsnn as mps
import numpy as np
import pytest
from support import (
    Array,
    Convolution,
    GPUConvolution,
    blank,
    convolution,
    encoded,
    graph_of,
    image,
    labels,
    linear,
    loss_node,
    node,
    permanent,
    refused,
    run,
    training_graph,
    values,
)

# With a window of one pixel over an image of one pixel all three are the same product.
NAMES = ["Convolution", "FullyConnected", "ConvolutionTranspose"]
Option = mps.MPSCNNConvolutionGradientOption


def drawn(*shape: int, seed: int = 1) -> Array:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def source_of(seed: int = 1) -> Convolution:
    return Convolution(drawn(3, 1, 1, 2, seed=seed), drawn(3, seed=seed + 100))


def kernels(name: str, source: Any) -> tuple[Any, Any]:
    """The kernel and its gradient kernel."""
    return tuple(permanent(getattr(mps, f"MPSCNN{name}{kind}")(source)) for kind in ("", "Gradient"))


def state_of(weights: Array, biases: Array | None = None) -> Any:
    return mps.MPSCNNConvolutionWeightsAndBiasesState(
        weights=mps.Buffer(weights.ravel()), biases=None if biases is None else mps.Buffer(biases)
    )


def product(source: Convolution, x: Array) -> Array:
    return x @ source.values[:, 0, 0].T + source.biases


def assert_close(made: Any, expected: Array) -> None:
    np.testing.assert_allclose(np.asarray(made.to_numpy()).ravel(), np.ravel(expected), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_data_sources_are_read_when_a_kernel_is_made_and_reloaded(name: str) -> None:
    source, x = source_of(), drawn(1, 1, 2, seed=2)
    forward, gradient = kernels(name, source)

    def run() -> None:
        states: list[Any] = []
        result = encoded(lambda b: forward.encode_to_command_buffer(b, image(x), destination_state=states))
        encoded(lambda b: gradient.encode_to_command_buffer(b, result, image(x), states[0]))
        assert_close(result, product(source, x))

    made = source.calls()
    assert [made.count(m) for m in ("load", "weights", "bias_terms", "purge")] == [2, 2, 2, 2]
    run()
    run()
    encoded(lambda b: forward.reload_weights_and_biases_with_command_buffer(b, state_of(source.values)))
    assert source.calls() == made, "encodes ask nothing"
    source.values = drawn(3, 1, 1, 2, seed=3)
    for kernel in (forward, gradient):
        kernel.reload_weights_and_biases_from_data_source()
    run()
    calls = source.calls()
    assert [calls.count(m) for m in ("load", "weights", "bias_terms", "purge")] == [4, 4, 4, 4]


@pytest.mark.parametrize("name", NAMES)
def test_a_kernel_has_its_data_sources_label(name: str) -> None:
    source = source_of()
    assert [kernel.label for kernel in kernels(name, source)] == [None, None]
    source.name = "layer 1"
    forward, gradient = kernels(name, source)
    assert gradient.label == "layer 1"
    forward.source_feature_channel_offset = 3
    with refused(mps.InvalidArgumentError, f'MPSCNN{name} "layer 1"', "multiple of 4"):
        encoded(lambda b: forward.encode_to_command_buffer(b, image(drawn(1, 1, 2))))
    forward.label = None
    assert forward.label is None


@pytest.mark.parametrize("name", NAMES)
def test_reloads_come_in_the_order_of_encodes(name: str) -> None:
    given, first, second = source_of(1), source_of(2), source_of(3)
    forward, gradient = kernels(name, given)
    x, g = drawn(1, 1, 2, seed=4), drawn(1, 1, 3, seed=5)

    def reload(b: Any, values: Convolution) -> None:
        for kernel in (forward, gradient):
            kernel.reload_weights_and_biases_with_command_buffer(b, state_of(values.values, values.biases))

    def encode(b: Any) -> tuple[Any, ...]:
        states: list[Any] = []
        result = forward.encode_to_command_buffer(b, image(x), destination_state=states)
        return result, gradient.encode_to_command_buffer(b, image(g), image(x), states[0])

    def work(b: Any) -> list[tuple[Any, ...]]:
        reload(b, first)  # before the first encode of all
        made = [encode(b)]
        reload(b, second)
        return [*made, encode(b), (forward.export_weights_and_biases_with_command_buffer(b, False),)]

    def check(made: tuple[Any, ...], values: Convolution) -> None:
        assert_close(made[0], product(values, x))
        assert_close(made[1], g @ values.values[:, 0, 0])

    before, after, (exported,) = encoded(work)
    check(before, first)
    check(after, second)
    assert_close(exported.weights, second.values)
    check(encoded(encode), second)
    for kernel in (forward, gradient):
        kernel.reload_weights_and_biases_from_data_source()
    check(encoded(encode), given)


@pytest.mark.parametrize("name", NAMES)
def test_states_with_new_values_must_have_all_of_them(name: str) -> None:
    for kernel in kernels(name, source_of()):
        reload = kernel.reload_weights_and_biases_with_command_buffer
        with refused(mps.InvalidArgumentError, type(kernel).__name__, "has 5 weights, expected 6"):
            encoded(lambda b, r=reload: r(b, state_of(np.zeros(5, np.float32))))
        with refused(mps.InvalidArgumentError, type(kernel).__name__, "has 2 biases, expected 3"):
            encoded(lambda b, r=reload: r(b, state_of(np.zeros(6, np.float32), np.zeros(2, np.float32))))


@pytest.mark.parametrize("name", NAMES)
def test_training_without_a_graph(name: str) -> None:
    """Several steps on one command buffer: each computes with what the step before made."""
    source = source_of()
    forward, gradient = kernels(name, source)
    optimizer = mps.MPSNNOptimizerStochasticGradientDescent.with_learning_rate(0.125)
    x, weights, biases = drawn(1, 1, 2, seed=2), source.values[:, 0, 0].copy(), source.biases.copy()

    def step(b: Any) -> Any:
        states: list[Any] = []
        result = forward.encode_to_command_buffer(b, image(x), destination_state=states)
        gradient.encode_to_command_buffer(b, result, image(x), states[0])
        new = mps.MPSCNNConvolutionWeightsAndBiasesState(cnn_convolution_descriptor=source.shape)
        optimizer.encode_to_command_buffer(
            b,
            convolution_gradient_state=states[0],
            convolution_source_state=forward.export_weights_and_biases_with_command_buffer(b, False),
            input_momentum_vectors=None,
            result_state=new,
        )
        for kernel in (forward, gradient):
            kernel.reload_weights_and_biases_with_command_buffer(b, new)
        return result

    for result in encoded(lambda b: [step(b) for _ in range(3)]):
        expected = weights @ x[0, 0] + biases
        assert_close(result, expected)
        weights -= 0.125 * np.outer(expected, x)
        biases -= 0.125 * expected


@pytest.mark.parametrize("name", NAMES)
def test_a_part_of_the_gradients(name: str) -> None:
    source, x, g = source_of(), drawn(1, 1, 2, seed=2), drawn(1, 1, 3, seed=3)
    forward, gradient = kernels(name, source)
    states: list[Any] = []
    encoded(lambda b: forward.encode_to_command_buffer(b, image(x), destination_state=states))

    def run(option: Any) -> Any:
        gradient.gradient_option = option
        destination = blank(1, 1, 2)
        encoded(lambda b: gradient.encode_to_command_buffer(b, image(g), image(x), states[0], destination))
        return destination

    assert_close(run(Option.GradientWithData), g @ source.values[:, 0, 0])
    assert not states[0].gradient_for_weights.to_numpy().any()
    assert (run(Option.GradientWithWeightsAndBias).to_numpy() == 7).all()
    assert_close(states[0].gradient_for_weights, np.outer(g, x))
    assert_close(states[0].gradient_for_biases, g)
    assert_close(run(Option.All), g @ source.values[:, 0, 0])


@pytest.mark.parametrize("name", NAMES)
def test_gradient_states_of_graphs(name: str) -> None:
    source, x, g = source_of(), drawn(1, 1, 2, seed=2), drawn(1, 1, 3, seed=3)
    filter_node = getattr(mps, f"MPSCNN{name}Node")(node(), weights=source)
    filter_node.result_state.export_from_graph = True
    graph = graph_of(filter_node)
    states: list[Any] = []
    encoded(lambda b: graph.encode_to_command_buffer(b, [image(x)], destination_states=states))
    _, gradient = kernels(name, source)
    made = encoded(lambda b: gradient.encode_to_command_buffer(b, image(g), image(x), states[0]))
    assert_close(made, g @ source.values[:, 0, 0])
    assert_close(states[0].gradient_for_weights, np.outer(g, x))


def test_a_transposed_convolution_mirrors_one_in_a_graph() -> None:
    x, g = drawn(9, 6, 2), drawn(5, 3, 3, seed=2)
    mirrored, transpose = Convolution(drawn(3, 3, 3, 2)), Convolution(drawn(4, 3, 3, 3, seed=3))
    for source in (mirrored, transpose):
        source.shape.stride_in_pixels_x = source.shape.stride_in_pixels_y = 2
    filter_node = convolution(node(), mirrored)
    filter_node.result_state.export_from_graph = True
    graph = graph_of(filter_node)
    of_graph: list[Any] = []
    of_kernel: list[Any] = []
    encoded(lambda b: graph.encode_to_command_buffer(b, [image(x)], destination_states=of_graph))
    made = permanent(mps.MPSCNNConvolution(mirrored))
    encoded(lambda b: made.encode_to_command_buffer(b, image(x), of_kernel))
    kernel = permanent(mps.MPSCNNConvolutionTranspose(transpose))
    results = [
        encoded(lambda b, s=states[0]: kernel.encode_to_command_buffer(b, image(g), s)).to_numpy()
        for states in (of_graph, of_kernel)
    ]
    assert results[0].shape == (9, 6, 4)
    np.testing.assert_array_equal(*results)


def test_what_an_update_encodes_runs_at_its_place() -> None:
    """A data source that is asked for new weights gives them to a kernel of its own, too, and looks at what that makes."""
    source, x = GPUConvolution(drawn(3, 1, 1, 2), drawn(3, seed=2)), drawn(1, 1, 2, seed=3)
    kernel, graph = permanent(mps.MPSCNNConvolution(source)), graph_of(linear(node(), 2))
    made: list[Any] = []

    def update(command_buffer: Any, gradient_state: Any, source_state: Any) -> Any:
        new = state_of(drawn(3, 1, 1, 2, seed=4), drawn(3, seed=5))
        made.append(kernel.encode_to_command_buffer(command_buffer, image(x)))
        kernel.reload_weights_and_biases_with_command_buffer(command_buffer, new)
        made.append(kernel.encode_to_command_buffer(command_buffer, image(x)))
        made.append(graph.encode_to_command_buffer(command_buffer, [image(x)]))
        return new

    source.update = update
    loss = loss_node(convolution(node(), source).result_image)
    training = training_graph(loss, mps.MPSNNTrainingStyle.UpdateDeviceGPU)
    run(training, x[None], states=[labels(np.zeros((1, 1, 1, 3)))])
    assert_close(made[0], product(source, x))
    source.values, source.biases = drawn(3, 1, 1, 2, seed=4), drawn(3, seed=5)
    assert_close(made[1], product(source, x))
    np.testing.assert_array_equal(values(made[2]), 2 * x)


@pytest.mark.parametrize("name", ["Convolution", "FullyConnected"])
def test_a_graphs_state_knows_a_kernel_with_what_the_graph_has_learned(name: str) -> None:
    source, learned = GPUConvolution(drawn(3, 1, 1, 2), drawn(3, seed=2)), source_of(7)
    source.update = lambda *_: state_of(learned.values, learned.biases)
    filter_node = getattr(mps, f"MPSCNN{name}Node")(node(), weights=source)
    filter_node.result_state.export_from_graph = True
    training = training_graph(loss_node(filter_node.result_image), mps.MPSNNTrainingStyle.UpdateDeviceGPU)
    x, truth = drawn(1, 1, 2, seed=3), labels(np.zeros((1, 1, 1, 3)))
    states: list[Any] = []
    encoded(lambda b: training.encode_batch_to_command_buffer(b, [[image(x)]], [truth], destination_states=states))
    kernel = permanent(states[0][0].convolution)
    assert isinstance(kernel, getattr(mps, f"MPSCNN{name}"))
    assert_close(encoded(lambda b: kernel.encode_to_command_buffer(b, image(x))), product(learned, x))
    source.update, learned = lambda *_: state_of(learned.values, learned.biases), source_of(8)
    encoded(lambda b: training.encode_batch_to_command_buffer(b, [[image(x)]], [truth]))
    assert_close(encoded(lambda b: kernel.encode_to_command_buffer(b, image(x))), product(learned, x))
