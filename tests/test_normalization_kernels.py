"""Kernels of the normalisations: batch normalisation, whose kernels work together, reloads, states of graphs, and refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpsnn as mps
import numpy as np
import pytest
from families import CASES
from harness import Array, Case, assert_outputs, draw, image_node, realize, to_array
from support import Run, blank, graph_of, labels, loss_node, permanent, refused, training_graph
from support import encoded as wait

BATCH_NORMALIZATION = [case for case in CASES if case.name == "MPSCNNBatchNormalizationNode"]


def numbers(buffer: Any) -> Array:
    return np.array(buffer.to_numpy())


def image(values: Any) -> Any:
    return mps.MPSImage(np.ascontiguousarray(values, np.float32))


def batch(values: Array) -> list[Any]:
    return image(values).batch_representation()


def parts(images: list[Any]) -> list[list[Any]]:
    """A batch as two: what is added up must not depend on that."""
    return [images[:1], images[1:]] if len(images) > 1 else [images]


# ---- batch normalisation: four kernels and a state ----


@pytest.mark.parametrize("case", BATCH_NORMALIZATION, ids=[case.id for case in BATCH_NORMALIZATION])
def test_batch_normalization_agrees_with_the_reference(case: Case) -> None:
    v = draw(case)
    data_source = realize(case.node([image_node("x")], v).kwargs["data_source"])
    kernel = permanent(mps.MPSCNNBatchNormalization(data_source))
    result = wait(lambda b: kernel.encode_batch_to_command_buffer(b, batch(v["source0"])))
    if case.attributes.get("flags") != "CalculateStatisticsAlways":
        assert_outputs({"result": to_array(result)}, {"result": case.forward(v)}, case)

    sources, gradients = batch(v["source0"]), batch(v["gradient"])
    results = batch(np.zeros_like(v["source0"]))
    state = kernel.result_state_for_source_image(sources[0], [], results[0])
    assert state.batch_normalization is kernel and kernel.is_result_state_reused_across_batch()
    assert state.gradient_for_gamma() is None
    statistics, sums = mps.MPSCNNBatchNormalizationStatistics(), mps.MPSCNNBatchNormalizationStatisticsGradient()
    gradient = permanent(mps.MPSCNNBatchNormalizationGradient())

    def encode(b: Any) -> Any:
        if case.batch_statistics(True):
            for images in parts(sources):
                statistics.encode_batch_to_command_buffer(b, images, state)
        kernel.encode_batch_to_command_buffer(b, sources, state, results)
        for g, x in zip(parts(gradients), parts(sources), strict=True):
            sums.encode_batch_to_command_buffer(b, g, x, state)
        return gradient.encode_batch_to_command_buffer(b, gradients, sources, state)

    made = wait(encode)
    assert_outputs({"result": to_array(results)}, {"result": case.forward(v, training=True)}, case)
    found = {"gamma": numbers(state.gradient_for_gamma()), "beta": numbers(state.gradient_for_beta())}
    assert_outputs({"source0": to_array(made)} | found, case.gradients(v, v["gradient"]), case)


def weights(channels: int = 3, **arrays: Any) -> Any:
    given = {k: np.asarray(a, np.float32) for k, a in arrays.items() if k != "epsilon"}
    return mps.BatchNormalizationWeights(channels, **given, epsilon=arrays.get("epsilon", 0.25))


def drawn(*shape: int, seed: int = 1) -> Array:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def moments(*arrays: Array) -> tuple[Array, Array]:
    pixels = np.concatenate([a.reshape(-1, a.shape[-1]) for a in arrays]).astype(np.float64)
    return pixels.mean(0), pixels.var(0)


def assert_statistics(state: Any, *arrays: Array) -> None:
    for found, expected in zip((state.mean(), state.variance()), moments(*arrays), strict=True):
        np.testing.assert_allclose(numbers(found), expected, rtol=1e-5, atol=1e-6)


def normalize(x: Array, mean: Any, variance: Any, gamma: Any = 1, beta: Any = 0, epsilon: float = 0.25) -> Array:
    return np.asarray(gamma) * (x - mean) / np.sqrt(np.asarray(variance) + epsilon) + beta


def test_statistics_add_up_until_they_are_read() -> None:
    kernel, statistics = mps.MPSCNNBatchNormalization(weights()), mps.MPSCNNBatchNormalizationStatistics()
    assert statistics.append_batch_barrier() and statistics.is_state_modified and not kernel.append_batch_barrier()
    a, b, c = drawn(4, 5, 3), drawn(2, 7, 3, seed=2) + 3, drawn(3, 3, 3, seed=3)
    state = kernel.result_state_for_source_image(image(a), [], image(a))

    def add(x: Array) -> None:
        wait(lambda cb: statistics.encode_batch_to_command_buffer(cb, [image(x)], state))

    add(a)
    add(b)  # of another size
    assert_statistics(state, a, b)
    destination = blank(4, 5, 3)
    wait(lambda cb: kernel.encode_to_command_buffer(cb, image(a), state, destination))
    np.testing.assert_allclose(destination.to_numpy(), normalize(a, *moments(a, b)), rtol=1e-4, atol=1e-5)
    add(c)
    assert_statistics(state, c)
    add(a)
    assert_statistics(state, a, c)
    state.reset()
    add(b)
    assert_statistics(state, b)


def test_gradient_sums_add_up_until_they_are_read() -> None:
    kernel, sums = mps.MPSCNNBatchNormalization(weights()), mps.MPSCNNBatchNormalizationStatisticsGradient()
    gradient = permanent(mps.MPSCNNBatchNormalizationGradient())
    assert sums.append_batch_barrier() and sums.is_state_modified and not gradient.append_batch_barrier()
    x, g = image(drawn(4, 5, 3)), drawn(4, 5, 3, seed=2)
    state = kernel.result_state_for_source_image(x, [], blank(4, 5, 3))
    with refused(
        mps.InvalidArgumentError, "MPSCNNBatchNormalizationGradient", "MPSCNNBatchNormalizationStatisticsGradient"
    ):
        wait(lambda b: gradient.encode_to_command_buffer(b, image(g), x, state))

    def add() -> Array:
        wait(lambda b: sums.encode_batch_to_command_buffer(b, [image(g)], [x], state))
        return numbers(state.gradient_for_beta()) / g.sum((0, 1))

    np.testing.assert_allclose(add(), 1, rtol=1e-5)
    np.testing.assert_allclose(add(), 2, rtol=1e-5)
    wait(lambda b: gradient.encode_to_command_buffer(b, image(g), x, state))
    np.testing.assert_allclose(add(), 1, rtol=1e-5)
    state.reset()
    assert state.gradient_for_gamma() is None and state.gradient_for_beta() is None
    np.testing.assert_allclose(add(), 1, rtol=1e-5)


def test_fused_neuron_and_its_gradient() -> None:
    leaky = mps.MPSNNNeuronDescriptor(mps.MPSCNNNeuronType.ReLU, a=0.25)
    x, g = drawn(2, 4, 5, 3), drawn(2, 4, 5, 3, seed=2)
    gamma, beta = np.array([1.5, -0.75, 2]), np.array([0.25, -0.5, 0])
    kernel = mps.MPSCNNBatchNormalization(weights(gamma=gamma, beta=beta), fused_neuron_descriptor=leaky)
    statistics = mps.MPSCNNBatchNormalizationStatistics()
    sums = mps.MPSCNNBatchNormalizationStatisticsGradient(leaky)
    gradient = permanent(mps.MPSCNNBatchNormalizationGradient(leaky))
    sources, results = batch(x), batch(np.zeros_like(x))
    state = kernel.result_state_for_source_image(sources[0], [], results[0])

    def encode(b: Any) -> Any:
        statistics.encode_batch_to_command_buffer(b, sources, state)
        kernel.encode_batch_to_command_buffer(b, sources, state, results)
        sums.encode_batch_to_command_buffer(b, batch(g), sources, state)
        return gradient.encode_batch_to_command_buffer(b, batch(g), sources, state)

    made = wait(encode)
    mean, variance = moments(x)
    z = normalize(x, mean, variance, gamma, beta)
    np.testing.assert_allclose(to_array(results), np.where(z < 0, z / 4, z), rtol=1e-4, atol=1e-5)
    s = 1 / np.sqrt(variance + 0.25)
    xh, gh = (x - mean) * s, np.where(z < 0, g / 4, g)
    for_gamma, for_beta, count = (gh * xh).sum((0, 1, 2)), gh.sum((0, 1, 2)), g[..., 0].size
    np.testing.assert_allclose(numbers(state.gradient_for_gamma()), for_gamma, rtol=1e-4)
    np.testing.assert_allclose(numbers(state.gradient_for_beta()), for_beta, rtol=1e-4)
    expected = gamma * s * (gh - for_beta / count - xh * for_gamma / count)
    np.testing.assert_allclose(to_array(made), expected, rtol=1e-3, atol=1e-5)


def test_batch_normalization_in_a_part_of_an_image() -> None:
    """Offset, clip rectangle, channel offsets, and the images within an image."""
    x = drawn(3, 4, 6, 7)
    kernel = mps.MPSCNNBatchNormalization(weights(mean=[1, 2, 3], variance=[1, 0.5, 2]))
    kernel.source_feature_channel_offset = 4
    kernel.destination_feature_channel_offset = 4
    kernel.offset = (1, 0, 1)
    kernel.clip_rect = mps.MTLRegion((2, 1, 0), (3, 2, 2))
    destination = blank(4, 6, 8, count=2)
    wait(lambda b: kernel.encode_to_command_buffer(b, image(x), destination))
    expected = np.full((2, 4, 6, 8), 7.0)
    expected[:, 1:3, 2:5, 4:7] = normalize(x[1:, 0:2, 1:4, 4:7], [1, 2, 3], [1, 0.5, 2])
    np.testing.assert_allclose(destination.to_numpy(), expected, rtol=1e-5)

    # The same with a state: the statistics of channels 4 to 6 of all images of the image.
    statistics = mps.MPSCNNBatchNormalizationStatistics()
    statistics.source_feature_channel_offset = 4
    state = kernel.result_state_for_source_image(image(x), [], destination)
    wait(lambda b: statistics.encode_batch_to_command_buffer(b, [image(x)], state))
    assert_statistics(state, x[..., 4:])
    wait(lambda b: kernel.encode_to_command_buffer(b, image(x), state, destination))
    expected[:, 1:3, 2:5, 4:7] = normalize(x[1:, 0:2, 1:4, 4:7], *moments(x[..., 4:]))
    np.testing.assert_allclose(destination.to_numpy(), expected, rtol=1e-4, atol=1e-5)


def test_read_counts_of_a_temporary_batch_normalization_state() -> None:
    kernel, statistics = mps.MPSCNNBatchNormalization(weights()), mps.MPSCNNBatchNormalizationStatistics()
    sums = mps.MPSCNNBatchNormalizationStatisticsGradient()
    gradient = permanent(mps.MPSCNNBatchNormalizationGradient())
    x = image(drawn(4, 5, 3))

    def encode(b: Any) -> Any:
        state = kernel.temporary_result_state_for_command_buffer(b, x, [], blank(4, 5, 3))
        state.read_count = 3
        statistics.encode_batch_to_command_buffer(b, [x], state)
        counts = [state.read_count]
        kernel.encode_to_command_buffer(b, x, state, blank(4, 5, 3))
        counts.append(state.read_count)
        sums.encode_batch_to_command_buffer(b, [x], [x], state)
        counts.append(state.read_count)
        gradient.encode_to_command_buffer(b, x, x, state)
        counts.append(state.read_count)
        with refused(mps.InvalidArgumentError, "MPSCNNBatchNormalizationStatistics", "read_count"):
            statistics.encode_batch_to_command_buffer(b, [x], state)
        return counts

    assert wait(encode) == [3, 2, 1, 0]


def test_batch_normalization_state_of_a_graph_serves_kernels() -> None:
    x, g = drawn(2, 4, 5, 3), drawn(2, 4, 5, 3, seed=2)
    source = weights(gamma=[2, -1, 0.5], mean=[1, 1, 1])
    node = mps.MPSCNNBatchNormalizationNode(image_node("x"), data_source=source)
    node.flags = mps.MPSCNNBatchNormalizationFlags.CalculateStatisticsAlways
    node.result_state.export_from_graph = True
    graph = mps.MPSNNGraph(node.result_image)
    graph.format = mps.MPSImageFeatureChannelFormat.Float32
    states: list[Any] = []
    result = wait(lambda b: graph.encode_batch_to_command_buffer(b, [batch(x)], destination_states=states))
    state = states[0][0]
    kernel = permanent(state.batch_normalization)
    assert kernel is state.batch_normalization and kernel.data_source is source and kernel.epsilon == 0.25
    again = batch(np.zeros_like(x))
    sums, gradient = mps.MPSCNNBatchNormalizationStatisticsGradient(), permanent(mps.MPSCNNBatchNormalizationGradient())

    def encode(b: Any) -> Any:
        kernel.encode_batch_to_command_buffer(b, batch(x), state, again)
        sums.encode_batch_to_command_buffer(b, batch(g), batch(x), state)
        return gradient.encode_batch_to_command_buffer(b, batch(g), batch(x), state)

    made = to_array(wait(encode))
    np.testing.assert_allclose(
        to_array(again), to_array(result), rtol=1e-5, atol=1e-6
    )  # its statistics are float32 now
    assert_statistics(state, x)
    np.testing.assert_allclose(made.sum((0, 1, 2)), 0, atol=1e-4)
    xh = normalize(x, *moments(x))
    np.testing.assert_allclose(numbers(state.gradient_for_gamma()), (g * xh).sum((0, 1, 2)), rtol=1e-4)


# ---- parameters ----


def pair(cls: Any, **arrays: Any) -> Any:
    return cls(**{k: mps.Buffer(np.asarray(a, np.float32)) for k, a in arrays.items()})


def test_reloads_of_batch_normalization() -> None:
    source = weights(gamma=[1, 1, 1], beta=[0, 0, 0], mean=[0, 0, 0], variance=[0.75] * 3)
    kernel = permanent(mps.MPSCNNBatchNormalization(source))
    assert kernel.data_source is source and kernel.number_of_feature_channels == 3 and kernel.epsilon == 0.25
    x = image(np.ones((2, 4, 3)))
    new = pair(mps.MPSCNNNormalizationGammaAndBetaState, gamma=[2, 3, 4], beta=[1, 1, 1])
    statistics = pair(mps.MPSCNNNormalizationMeanAndVarianceState, mean=[0, 0, 1], variance=[0.75, 3.75, 0.75])

    def encode(b: Any) -> list[Any]:
        results = [kernel.encode_to_command_buffer(b, x)]
        kernel.reload_gamma_and_beta_with_command_buffer(b, new)
        results.append(kernel.encode_to_command_buffer(b, x))
        kernel.reload_mean_and_variance_with_command_buffer(b, statistics)
        results.append(kernel.encode_to_command_buffer(b, x))
        return results

    assert [r.to_numpy()[0, 0].tolist() for r in wait(encode)] == [[1, 1, 1], [3, 4, 5], [3, 2.5, 1]]

    def now() -> list[float]:
        return wait(lambda b: kernel.encode_to_command_buffer(b, x)).to_numpy()[0, 0].tolist()

    kernel.reload_gamma_and_beta_from_data_source()
    assert now() == [1, 0.5, 0]
    kernel.reload_mean_and_variance_from_data_source()
    assert now() == [1, 1, 1]
    kernel.epsilon = 3.25
    assert now() == [0.5, 0.5, 0.5]


def test_epsilon_is_that_of_the_encode() -> None:
    kernel = permanent(mps.MPSCNNBatchNormalization(weights(variance=[0.75] * 3)))
    x = image(np.ones((2, 4, 3)))

    def encode(b: Any) -> tuple[Any, Any]:
        before = kernel.encode_to_command_buffer(b, x)
        kernel.epsilon = 3.25
        return before, kernel.encode_to_command_buffer(b, x)

    before, after = wait(encode)
    assert before.to_numpy()[0, 0, 0] == 1 and after.to_numpy()[0, 0, 0] == 0.5
    with refused(mps.InvalidArgumentError, "MPSCNNBatchNormalization", "epsilon", "-1"):
        kernel.epsilon = -1


PER_IMAGE = ["Instance", "Group"]


def ready_weights(kind: str, **more: Any) -> Any:
    groups = {"number_of_groups": 2} if kind == "Group" else {}
    return getattr(mps, f"{kind}NormalizationWeights")(4, epsilon=0.25, **groups, **more)


@pytest.mark.parametrize("kind", PER_IMAGE)
def test_reloads_and_states_of_normalization_of_an_image(kind: str) -> None:
    source = ready_weights(kind, beta=[1, 2, 3, 4])
    kernel = permanent(getattr(mps, f"MPSCNN{kind}Normalization")(source))
    assert kernel.data_source is source and kernel.epsilon == 0.25
    x = drawn(3, 5, 4)
    states: list[Any] = []

    def encode(b: Any) -> list[Any]:
        results = [kernel.encode_to_command_buffer(b, image(x), states)]
        new = pair(mps.MPSCNNNormalizationGammaAndBetaState, gamma=[0] * 4, beta=[5, 6, 7, 8])
        kernel.reload_gamma_and_beta_with_command_buffer(b, new)
        results.append(kernel.encode_to_command_buffer(b, image(x)))
        return results

    before, after = wait(encode)
    np.testing.assert_allclose(after.to_numpy(), np.broadcast_to([5.0, 6, 7, 8], x.shape))
    assert getattr(states[0], f"{kind.lower()}_normalization") is kernel
    kernel.reload_gamma_and_beta_from_data_source()
    again = wait(lambda b: kernel.encode_to_command_buffer(b, image(x)))
    np.testing.assert_array_equal(again.to_numpy(), before.to_numpy())
    kernel.epsilon = 4
    axes = (0, 1) if kind == "Instance" else (0, 1, 3)
    grouped = x.reshape(3, 5, *((4,) if kind == "Instance" else (2, 2)))
    mean, variance = grouped.mean(axes, keepdims=True), grouped.var(axes, keepdims=True)
    expected = ((grouped - mean) / np.sqrt(variance + 4)).reshape(x.shape) + [1, 2, 3, 4]
    other = wait(lambda b: kernel.encode_to_command_buffer(b, image(x)))
    np.testing.assert_allclose(other.to_numpy(), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", PER_IMAGE)
def test_state_of_a_graph_knows_a_kernel(kind: str) -> None:
    source = ready_weights(kind, gamma=[1, 2, 3, 4])
    node = getattr(mps, f"MPSCNN{kind}NormalizationNode")(image_node("x"), data_source=source)
    node.result_state.export_from_graph = True
    graph = mps.MPSNNGraph(node.result_image)
    graph.format = mps.MPSImageFeatureChannelFormat.Float32
    x, g = drawn(2, 3, 5, 4), drawn(2, 3, 5, 4, seed=2)
    states: list[Any] = []
    result = wait(lambda b: graph.encode_batch_to_command_buffer(b, [batch(x)], destination_states=states))
    kernel = permanent(getattr(states[0][0], f"{kind.lower()}_normalization"))
    assert kernel.data_source is source
    mine: list[Any] = []
    again = wait(lambda b: kernel.encode_batch_to_command_buffer(b, batch(x), mine))
    np.testing.assert_array_equal(to_array(again), to_array(result))
    gradient = permanent(getattr(mps, f"MPSCNN{kind}NormalizationGradient")())
    made = [
        wait(lambda b, s=s: gradient.encode_batch_to_command_buffer(b, batch(g), batch(x), s))
        for s in (states[0], mine)
    ]
    np.testing.assert_array_equal(to_array(made[0]), to_array(made[1]))


KINDS = ["Batch", *PER_IMAGE]


def trained_weights(kind: str, learning_rate: float) -> Any:
    return ready_weights(kind, optimizer=mps.MPSNNOptimizerStochasticGradientDescent.with_learning_rate(learning_rate))


def training_of(kind: str, learning_rate: float = 0.125) -> tuple[Any, Any]:
    """A graph that trains a normalization of 4 channels, with its source; it exports the filter's state."""
    source = trained_weights(kind, learning_rate)
    node = getattr(mps, f"MPSCNN{kind}NormalizationNode")(image_node("x"), data_source=source)
    node.result_state.export_from_graph = True
    graph = training_graph(loss_node(node.result_image), mps.MPSNNTrainingStyle.UpdateDeviceGPU)
    graph.format = mps.MPSImageFeatureChannelFormat.Float32
    return graph, source


def kernel_of_state(kind: str, state: Any) -> Any:
    return permanent(getattr(state, f"{kind.lower()}_normalization"))


def normalized(kind: str, x: Array) -> Array:
    """With the statistics of the batch, or of each image."""
    axes = {"Batch": (0, 1, 2), "Instance": (1, 2), "Group": (1, 2, 4)}[kind]
    grouped = x.reshape(*x.shape[:3], 2, 2) if kind == "Group" else x
    mean, variance = grouped.mean(axes, keepdims=True), grouped.var(axes, keepdims=True)
    return normalize(grouped, mean, variance).reshape(x.shape)


@pytest.mark.parametrize("kind", KINDS)
def test_training_by_hand_is_that_of_a_graph(kind: str) -> None:
    graph, expected = training_of(kind, 1 / 128)
    x, source = drawn(2, 3, 5, 4), trained_weights(kind, 1 / 128)
    kernel = permanent(getattr(mps, f"MPSCNN{kind}Normalization")(source))
    statistics = mps.MPSCNNBatchNormalizationStatistics()
    sums = mps.MPSCNNBatchNormalizationStatisticsGradient()
    descriptor = mps.MPSCNNLossDescriptor(
        mps.MPSCNNLossType.MeanSquaredError, reduction_type=mps.MPSCNNReductionType.Sum
    )
    loss = permanent(mps.MPSCNNLoss(descriptor))

    def step_of_batch(b: Any, sources: list[Any], truth: Any) -> Any:
        results = batch(np.zeros_like(x))
        state = kernel.result_state_for_source_image(sources[0], [], results[0])
        statistics.encode_batch_to_command_buffer(b, sources, state)
        kernel.encode_batch_to_command_buffer(b, sources, state, results)
        gradients = loss.encode_batch_to_command_buffer(b, results, truth)
        sums.encode_batch_to_command_buffer(b, gradients, sources, state)
        kernel.reload_mean_and_variance_with_command_buffer(
            b, source.update_mean_and_variance_with_command_buffer(b, state)
        )
        return state

    def step_of_images(b: Any, sources: list[Any], truth: Any) -> Any:
        states: list[Any] = []
        results = kernel.encode_batch_to_command_buffer(b, sources, states)
        gradients = loss.encode_batch_to_command_buffer(b, results, truth)
        gradient = permanent(getattr(mps, f"MPSCNN{kind}NormalizationGradient")())
        gradient.encode_batch_to_command_buffer(b, gradients, sources, states)
        return states

    def step(b: Any) -> None:
        truth = labels(np.zeros_like(x))
        left = (step_of_batch if kind == "Batch" else step_of_images)(b, batch(x), truth)
        kernel.reload_gamma_and_beta_with_command_buffer(b, source.update_gamma_and_beta_with_command_buffer(b, left))

    for _ in range(3):
        Run(graph, [batch(x)], [labels(np.zeros_like(x))])
        wait(step)
    for name in ["gamma", "beta", *(["mean", "variance"] if kind == "Batch" else [])]:
        np.testing.assert_allclose(getattr(source, name)(), getattr(expected, name)(), rtol=1e-4, atol=1e-6)
    assert np.abs(source.gamma() - 1).min() > 0.01


@pytest.mark.parametrize("kind", KINDS)
def test_kernel_of_a_state_has_what_its_graph_has_learned(kind: str) -> None:
    graph, source = training_of(kind)
    x, kernel = drawn(2, 3, 5, 4), None
    for _ in range(3):
        states = Run(graph, [batch(x)], [labels(np.zeros_like(x))]).states
        kernel = kernel or kernel_of_state(kind, states[0][0])
        result = to_array(wait(lambda b, k=kernel: k.encode_batch_to_command_buffer(b, batch(x))))
        # Without a state, batch normalization takes the statistics that were learned.
        z = normalize(x, source.mean(), source.variance()) if kind == "Batch" else normalized(kind, x)
        np.testing.assert_allclose(result, source.gamma() * z + source.beta(), rtol=1e-4, atol=1e-5)
    assert np.abs(source.gamma() - 1).min() > 0.01


@pytest.mark.parametrize("kind", KINDS)
def test_kernel_of_a_state_reads_its_source_before_its_first_encode(kind: str) -> None:
    source = ready_weights(kind)
    node = getattr(mps, f"MPSCNN{kind}NormalizationNode")(image_node("x"), data_source=source)
    node.result_state.export_from_graph = True
    x = drawn(2, 3, 5, 4)
    kernel = kernel_of_state(kind, Run(graph_of(node), [batch(x)]).states[0][0])
    source.gamma()[:], source.beta()[:] = 0, [1, 2, 3, 4]
    kernel.reload_gamma_and_beta_from_data_source()
    result = to_array(wait(lambda b: kernel.encode_batch_to_command_buffer(b, batch(x))))
    np.testing.assert_array_equal(result, np.broadcast_to([1, 2, 3, 4], x.shape))


@pytest.mark.parametrize("kind", KINDS)
def test_kernel_of_a_state_leaves_the_encodes_of_its_graph_alone(kind: str) -> None:
    source = ready_weights(kind)
    node = getattr(mps, f"MPSCNN{kind}NormalizationNode")(image_node("x"), data_source=source)
    node.result_state.export_from_graph = True
    graph = graph_of(node)
    x = drawn(2, 3, 5, 4)
    before = Run(graph, [batch(x)])
    kernel = kernel_of_state(kind, before.states[0][0])
    kernel.epsilon, kernel.offset, kernel.clip_rect = 4, (1, 1, 0), mps.MTLRegion((1, 0, 0), (2, 2, 1))
    wait(lambda b: kernel.encode_batch_to_command_buffer(b, batch(x)))
    np.testing.assert_array_equal(to_array(Run(graph, [batch(x)]).result), to_array(before.result))


def test_a_recorded_reload_keeps_its_place() -> None:
    """Whatever is set and read before it has run, also where nothing was encoded yet."""
    kernel = permanent(mps.MPSCNNBatchNormalization(weights(variance=[0.75] * 3)))
    x = image(np.ones((2, 4, 3)))
    new = pair(mps.MPSCNNNormalizationGammaAndBetaState, gamma=[2, 3, 4], beta=[1, 1, 1])

    def encode(b: Any) -> Any:
        kernel.reload_gamma_and_beta_with_command_buffer(b, new)
        kernel.reload_mean_and_variance_from_data_source()
        kernel.epsilon = 3.25
        return kernel.encode_to_command_buffer(b, x)

    for result in (wait(encode), wait(lambda b: kernel.encode_to_command_buffer(b, x))):
        assert result.to_numpy()[0, 0].tolist() == [2, 2.5, 3]


# ---- neighbours ----


def test_cross_channel_windows_end_with_the_channels_that_are_read() -> None:
    x = drawn(3, 5, 11)
    kernel = mps.MPSCNNCrossChannelNormalization(5)
    assert (kernel.alpha, kernel.beta, kernel.delta, kernel.kernel_size) == (1, 5, 1, 5)
    kernel.alpha, kernel.beta, kernel.delta = 0.5, 0.75, 2
    kernel.source_feature_channel_offset, kernel.source_feature_channel_max_count = 4, 6
    kernel.clip_rect, kernel.offset = mps.MTLRegion((1, 0, 0), (2, 3, 1)), (3, 0, 0)
    destination = blank(3, 4, 6)
    wait(lambda b: kernel.encode_to_command_buffer(b, image(x), destination))
    part = x[:, 3:5, 4:10].astype(np.float64)
    sums = np.stack([(part[..., max(0, k - 2) : k + 3] ** 2).sum(-1) for k in range(6)], -1)
    expected = np.full((3, 4, 6), 7.0)
    expected[:, 1:3] = part * (2 + 0.1 * sums) ** -0.75
    np.testing.assert_allclose(destination.to_numpy(), expected, rtol=1e-5)


def test_window_of_a_normalization_lies_at_offset() -> None:
    x = drawn(6, 7, 2)
    kernel = mps.MPSCNNSpatialNormalization(3, kernel_height=2)
    assert (kernel.alpha, kernel.beta, kernel.delta) == (1, 5, 1)
    assert (kernel.kernel_width, kernel.kernel_height) == (3, 2)
    kernel.beta = 0.5
    kernel.edge_mode = mps.MPSImageEdgeMode.Clamp
    kernel.offset = (2, 1, 0)
    destination = blank(7, 4, 2)
    wait(lambda b: kernel.encode_to_command_buffer(b, image(x), destination))
    padded = np.pad(x.astype(np.float64), ((0, 3), (0, 1), (0, 0)), mode="edge")
    rows = np.stack([padded[i : i + 2, j : j + 3] for i in range(7) for j in range(1, 5)]).reshape(7, 4, 2, 3, 2)
    expected = rows[:, :, 1, 1] * (1 + (rows**2).sum((2, 3)) / 6) ** -0.5
    np.testing.assert_allclose(destination.to_numpy(), expected, rtol=1e-5)


def test_defaults_of_local_contrast_normalization() -> None:
    for cls in (mps.MPSCNNLocalContrastNormalization, mps.MPSCNNLocalContrastNormalizationGradient):
        kernel = cls(3, kernel_height=4)
        constants = (kernel.alpha, kernel.beta, kernel.delta, kernel.p0, kernel.pm, kernel.ps)
        assert constants == (0, 0.5, 1 / 1024, 1, 0, 1)


# ---- what they refuse ----


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: mps.MPSCNNCrossChannelNormalization(0), ("MPSCNNCrossChannelNormalization", "positive, got 0")),
        (lambda: mps.MPSCNNCrossChannelNormalizationGradient(0), ("MPSCNNCrossChannelNormalizationGradient", "got 0")),
        (
            lambda: mps.MPSCNNSpatialNormalization(3, kernel_height=0),
            ("MPSCNNSpatialNormalization", "kernel_height", "0"),
        ),
        (
            lambda: mps.MPSCNNLocalContrastNormalizationGradient(0, kernel_height=2),
            ("MPSCNNLocalContrastNormalizationGradient", "kernel_width", "0"),
        ),
    ],
)
def test_constructors_name_the_kernel_and_the_value(make: Callable[[], Any], words: tuple[str, ...]) -> None:
    with refused(mps.InvalidArgumentError, *words):
        make()


def test_constants_are_looked_at_by_the_encode() -> None:
    x = image(np.ones((2, 3, 4)))
    kernel = permanent(mps.MPSCNNCrossChannelNormalization(5))
    gradient = permanent(mps.MPSCNNCrossChannelNormalizationGradient(5))
    states: list[Any] = []
    wait(lambda b: kernel.encode_to_command_buffer(b, x, states))
    for k in (kernel, gradient):
        k.label, k.alpha = "norm1", -1
    with refused(mps.InvalidArgumentError, 'MPSCNNCrossChannelNormalization "norm1"', "alpha", "-1"):
        wait(lambda b: kernel.encode_to_command_buffer(b, x))
    with refused(mps.InvalidArgumentError, 'MPSCNNCrossChannelNormalizationGradient "norm1"', "alpha", "-1"):
        wait(lambda b: gradient.encode_to_command_buffer(b, x, x, states[0]))


def test_states_must_fit() -> None:
    kernel, statistics = mps.MPSCNNBatchNormalization(weights()), mps.MPSCNNBatchNormalizationStatistics()
    x = image(np.ones((2, 4, 3)))
    state = kernel.result_state_for_source_image(x, [], blank(2, 4, 3))
    with refused(mps.ShapeError, "MPSCNNBatchNormalizationStatistics", "3 feature channels", "5"):
        wait(lambda b: statistics.encode_batch_to_command_buffer(b, [image(np.ones((2, 4, 5)))], state))
    with refused(mps.ShapeError, "MPSCNNBatchNormalization", "5 feature channels", "3"):
        wait(lambda b: kernel.encode_to_command_buffer(b, image(np.ones((2, 4, 5))), blank(2, 4, 5)))
    with refused(mps.InvalidArgumentError, "MPSCNNBatchNormalization", "8 bytes", "12"):
        short = pair(mps.MPSCNNNormalizationGammaAndBetaState, gamma=[1, 1], beta=[1, 1])
        wait(lambda b: kernel.reload_gamma_and_beta_with_command_buffer(b, short))
    instance = permanent(mps.MPSCNNInstanceNormalization(ready_weights("Instance")))
    group = permanent(mps.MPSCNNGroupNormalizationGradient())
    y, states = image(np.ones((2, 3, 4))), []
    wait(lambda b: instance.encode_to_command_buffer(b, y, states))
    with refused(mps.InvalidArgumentError, "MPSCNNGroupNormalizationGradient", "MPSCNNGroupNormalizationGradientState"):
        wait(lambda b: group.encode_to_command_buffer(b, y, y, states[0]))


def test_steps_of_batch_normalization_want_its_state() -> None:
    x, states = image(np.ones((2, 3, 4))), []
    with refused(mps.UnsupportedError, "MPSCNNBatchNormalizationStatistics", "no result image"):
        plain = mps.MPSCNNKernel.encode_to_command_buffer
        wait(lambda b: plain(permanent(mps.MPSCNNBatchNormalizationStatistics()), b, x))
    instance = permanent(mps.MPSCNNInstanceNormalization(ready_weights("Instance")))
    wait(lambda b: instance.encode_to_command_buffer(b, x, states))
    for cls in (mps.MPSCNNBatchNormalizationStatisticsGradient, mps.MPSCNNBatchNormalizationGradient):
        kernel, plain = permanent(cls()), mps.MPSCNNGradientKernel.encode_to_command_buffer
        for state in (None, states[0]):
            with refused(mps.InvalidArgumentError, cls.__name__, "must be an MPSCNNBatchNormalizationState"):
                wait(lambda b, k=kernel, s=state, e=plain: e(k, b, x, x, s))
