"""What the planner merges in training graphs: the same answer, and said in the report."""

import mpsnn as mps
import numpy as np
import pytest
from support import (
    GPUConvolution,
    Run,
    Style,
    add,
    batch,
    convolution,
    graph_of,
    labels,
    loss_node,
    node,
    ramp,
    training_graph,
    values,
)

PASSES = [
    "pass_gradients_on",
    "fuse_addition",
    "fuse_neuron_gradient",
    "keep_signs",
    "fuse_gradient_sum",
    "fuse_neuron",
    "compute_again",
    "update_at_once",
    "make_where_read",
    "take_where_made",
]


def rectifier(x, slope, limit=None):
    if limit is not None:
        return mps.MPSCNNNeuronReLUNNode(x, a=slope, b=limit).result_image
    return mps.MPSCNNNeuronReLUNode(x, a=slope).result_image


def normalized(x, channels, rng, inputs=None, side=3, flags="Automatic"):
    """A convolution and a batch normalization, both trained."""
    inputs = inputs or channels
    optimizer = mps.MPSNNOptimizerStochasticGradientDescent.with_learning_rate(0.01)
    descriptor = mps.MPSCNNConvolutionDescriptor(
        kernel_width=side, kernel_height=side, input_feature_channels=inputs, output_feature_channels=channels
    )
    weights = (rng.standard_normal((channels, side, side, inputs)) / (side * inputs**0.5)).astype(np.float32)
    source = mps.ConvolutionWeights(descriptor, weights, optimizer=optimizer)
    x = mps.MPSCNNConvolutionNode(x, weights=source).result_image
    gamma, beta = rng.uniform(0.5, 1.5, (2, channels)).astype(np.float32)
    source = mps.BatchNormalizationWeights(channels, gamma=gamma, beta=beta - 1, optimizer=optimizer)
    made = mps.MPSCNNBatchNormalizationNode(x, data_source=source)
    made.flags = getattr(mps.MPSCNNBatchNormalizationFlags, f"CalculateStatistics{flags}")
    return made.result_image


def residual(channels, slope=0.0, disabled=(), sees=None, limit=None):
    """The training graph of two filters around which the image goes, with a rectifier before, between and after; `limit` is that
    of the one between. `sees`: the normalized image that is exported."""
    rng = np.random.default_rng(channels)
    x = rectifier(node("x"), slope)
    inner = normalized(x, channels, rng)
    outer = normalized(rectifier(inner, slope, limit), channels, rng)
    if sees:
        image = {"inner": inner, "outer": outer}[sees]
        image.export_from_graph = True
        image.image_allocator = mps.MPSImage.default_allocator()
    y = rectifier(add(outer, x).result_image, slope)
    graph = graph_of(*loss_node(y).training_graph_with_source_gradient(None))
    graph.disabled_passes = set(disabled)
    return graph


def losses_and_gradient(graph, x, steps=3):
    """The losses of some steps, and the last gradient of the source."""
    losses = []
    for _ in range(steps):
        truth = labels(np.zeros(x.shape, np.float32))
        gradient = values(Run(graph, [batch(x)], [truth]).result)
        losses += [label.loss_image().to_numpy().sum() for label in truth]
    return np.array(losses), gradient


def report(graph, x, capfd):
    graph.options = mps.MPSKernelOptions.Verbose
    capfd.readouterr()
    Run(graph, [batch(x)], [labels(np.zeros(x.shape, np.float32))])
    return capfd.readouterr().err


def picture(channels):
    """With exact zeros, at which a rectifier's derivative is 1."""
    x = np.random.default_rng(1).standard_normal((2, 6, 5, channels)).astype(np.float32)
    x[:, ::2, ::2] = 0
    x[:, 1, 1] = -0.0
    return x


@pytest.mark.parametrize("limit", [None, 0.5])
@pytest.mark.parametrize("slope", [0.0, 0.25, -0.5])
@pytest.mark.parametrize("channels", [3, 8, 20, 33])
def test_a_training_step_is_the_same_without_each_pass(channels, slope, limit):
    x = picture(channels)
    losses, gradient = losses_and_gradient(residual(channels, slope, PASSES, limit=limit), x)
    for disabled in [[], *([name] for name in PASSES)]:
        found_losses, found = losses_and_gradient(residual(channels, slope, disabled, limit=limit), x)
        np.testing.assert_allclose(found_losses, losses, rtol=1e-5, err_msg=f"without {disabled}")
        np.testing.assert_allclose(
            found, gradient, rtol=1e-4, atol=1e-5 * abs(gradient).max(), err_msg=f"without {disabled}"
        )


def bottleneck(channels, slope, disabled, limit=None):
    """Filters of single pixels, with a rectifier after the first normalization and none after the second."""
    rng = np.random.default_rng(channels)
    x = node("x")
    y = rectifier(normalized(rectifier(x, 0.1), channels, rng, inputs=20, side=1), slope, limit)
    y = add(normalized(y, 20, rng, inputs=channels, side=1), x).result_image
    graph = graph_of(*loss_node(rectifier(y, slope)).training_graph_with_source_gradient(None))
    graph.disabled_passes = set(disabled)
    return graph


@pytest.mark.parametrize(("slope", "limit"), [(0.0, None), (0.25, None), (0.0, 1.0)])
@pytest.mark.parametrize("channels", [52, 64, 75, 100])
def test_gradients_that_are_made_where_they_are_read(channels, slope, limit, capfd):
    """So many pixels that each thread has several blocks of them; the last is short."""
    x = np.random.default_rng(1).standard_normal((2, 37, 61, 20)).astype(np.float32)
    losses, gradient = losses_and_gradient(bottleneck(channels, slope, ["make_where_read"], limit), x)
    found_losses, found = losses_and_gradient(bottleneck(channels, slope, [], limit), x)
    np.testing.assert_allclose(found_losses, losses, rtol=1e-5)
    np.testing.assert_allclose(found, gradient, rtol=1e-4, atol=1e-5 * abs(gradient).max())
    text = report(bottleneck(channels, slope, [], limit), x, capfd)
    for name in [
        "MPSCNNNeuronGradientNode + MPSCNNBatchNormalizationGradientNode",
        "MPSCNNBatchNormalizationGradientNode",
    ]:
        assert f"the image of {name} is made where MPSCNNConvolutionGradientNode reads it" in text


@pytest.mark.parametrize("flags", ["Automatic", "Always", "Never"])
@pytest.mark.parametrize("channels", [3, 20])
def test_images_that_are_computed_again_are_the_same(channels, flags, capfd):
    """To the bit. A rectifier without a normalization before it keeps its image, and so does what else is read only forward."""
    x = picture(channels)

    def graph(disabled):
        rng = np.random.default_rng(channels)
        y = rectifier(normalized(node("x"), channels, rng, flags=flags), 0.1)
        y = normalized(y, channels, rng)
        graph = graph_of(*loss_node(rectifier(y, 0)).training_graph_with_source_gradient(None))
        graph.disabled_passes = set(disabled)
        return graph

    losses, gradient = losses_and_gradient(graph(["compute_again"]), x)
    found_losses, found = losses_and_gradient(graph([]), x)
    np.testing.assert_array_equal(found_losses, losses)
    np.testing.assert_array_equal(found, gradient)
    name = "MPSCNNBatchNormalizationNode + MPSCNNNeuronReLUNode"
    note = f"the image of {name} is computed again for MPSCNNConvolutionGradientNode"
    assert report(graph([]), x, capfd).count(note) == 1
    assert note not in report(graph(["compute_again"]), x, capfd)


@pytest.mark.parametrize("twice", [False, True])
def test_images_are_computed_again_only_where_that_saves_memory(twice, capfd):
    """Two losses: gradients of the first come before what the second needs of the image. Or two normalizations, one after the other:
    the second one's image is made of one that is let go."""
    x = picture(8)

    def graph(disabled):
        rng = np.random.default_rng(3)
        trunk = mps.MPSCNNNeuronReLUNode(normalized(node("x"), 8, rng), a=0)
        y = trunk.result_image
        data = mps.BatchNormalizationWeights(8, gamma=rng.uniform(0.5, 1.5, 8).astype(np.float32))
        second = mps.MPSCNNBatchNormalizationNode(y, data_source=data)
        if twice:
            loss = loss_node(normalized(second.result_image, 8, rng))
            graph = graph_of(*loss.training_graph_with_source_gradient(None))
        else:
            filters = [convolution(x, GPUConvolution(ramp(8, 1, 1, 8))) for x in (y, second.result_image)]
            gradients = [f.gradient_filter_with_source(loss_node(f.result_image).result_image) for f in filters]
            gradients[1] = second.gradient_filter_with_source(gradients[1].result_image)
            total = add(*(gradient.result_image for gradient in gradients)).result_image
            graph = graph_of(*trunk.training_graph_with_source_gradient(total))
        graph.disabled_passes = set(disabled)
        return graph

    def run(graph):
        truths = [labels(np.zeros(x.shape, np.float32)) for _ in range(1 if twice else 2)]
        result = Run(graph, [batch(x)], truths).result
        return values(result), [t.loss_image().to_numpy().sum() for truth in truths for t in truth]

    kept, made = (run(graph(disabled)) for disabled in (["compute_again"], []))
    np.testing.assert_array_equal(made[0], kept[0])
    np.testing.assert_array_equal(made[1], kept[1])
    verbose = graph([])
    verbose.options = mps.MPSKernelOptions.Verbose
    capfd.readouterr()
    run(verbose)
    assert capfd.readouterr().err.count("is computed again") == 1


@pytest.mark.parametrize(
    ("channels", "height", "width"), [(52, 19, 23), (100, 19, 23), (384, 19, 23), (640, 19, 23), (384, 3, 4)]
)
def test_statistics_that_are_added_up_while_an_image_is_made(channels, height, width, capfd):
    """With few weights all panels of some pixels come together, with many one panel of many pixels, with still more after several
    sums; threads divide the panels where there are few pixels."""
    rng = np.random.default_rng(channels)
    x = (0.5 + rng.standard_normal((2, height, width, channels))).astype(np.float32)

    def graph(disabled):
        y = normalized(node("x"), channels, np.random.default_rng(2), side=1)
        graph = graph_of(*loss_node(rectifier(y, 0.1)).training_graph_with_source_gradient(None))
        graph.disabled_passes = set(disabled)
        return graph

    losses, gradient = losses_and_gradient(graph(["take_where_made"]), x, steps=1)
    found_losses, found = losses_and_gradient(graph([]), x, steps=1)
    np.testing.assert_allclose(found_losses, losses, rtol=1e-5)
    np.testing.assert_allclose(found, gradient, rtol=1e-4, atol=1e-5 * abs(gradient).max())
    text = report(graph([]), x, capfd)
    name = "MPSCNNBatchNormalizationNode + MPSCNNNeuronReLUNode"
    assert f"{name} adds up the image of MPSCNNConvolutionNode while it is made" in text


def test_sums_over_many_inputs_end_once():
    """Of so many that they are made in several steps, of which only the last adds biases."""
    channels = 1043
    rng = np.random.default_rng(9)
    x = rng.standard_normal((1, 18, 17, channels)).astype(np.float32)
    weights = (rng.standard_normal((channels, 1, 1, channels)) / channels**0.5).astype(np.float32)
    biases = rng.standard_normal(channels).astype(np.float32)
    descriptor = mps.MPSCNNConvolutionDescriptor(
        kernel_width=1, kernel_height=1, input_feature_channels=channels, output_feature_channels=channels
    )

    def loss(implementation):
        optimizer = mps.MPSNNOptimizerStochasticGradientDescent.with_learning_rate(0.01)
        source = mps.ConvolutionWeights(descriptor, weights, biases, optimizer=optimizer)
        y = mps.MPSCNNConvolutionNode(node("x"), weights=source).result_image
        graph = graph_of(*loss_node(y).training_graph_with_source_gradient(None))
        graph.implementation = implementation
        return losses_and_gradient(graph, x, steps=1)[0]

    np.testing.assert_allclose(loss("pointwise"), loss("loops"), rtol=1e-5)


@pytest.mark.parametrize("slope", [0.0, 0.25])
def test_signs_tell_zeros_infinities_and_nan_from_what_is_negative(slope):
    """Without a normalization, which would make NaN of every number of a channel."""
    x = np.array([0.0, -0.0, 1, -1, np.inf, -np.inf, np.nan, 1e-30, -1e-30, 2, -2], np.float32).reshape(1, 1, 1, 11)

    def gradient(disabled):
        y = rectifier(add(node("x"), node("y")).result_image, slope)
        graph = graph_of(*loss_node(y, "CosineDistance").training_graph_with_source_gradient(None))
        graph.disabled_passes = set(disabled)
        zeros = np.zeros_like(x)
        return values(Run(graph, [batch(x), batch(zeros)], [labels(np.full(x.shape, 3, np.float32))]).result)

    np.testing.assert_array_equal(gradient([]), gradient(["keep_signs"]))


@pytest.mark.parametrize("channels", [(3, 5), (8, 16), (1, 11), (12, 20), (4, 7)], ids=str)
@pytest.mark.parametrize(("size", "slope"), [((5, 7), 0.0), ((61, 65), 0.25)], ids=str)
def test_signs_of_images_that_are_parts_of_another(size, slope, channels):
    """Pixels that lie apart, of groups of eight channels and of others, in one thread and in several; the last number of an
    image may begin a group."""
    shapes = [(3, *size, c) for c in channels]
    rng = np.random.default_rng(5)
    images = [rng.standard_normal(shape).astype(np.float32) for shape in shapes]
    target = rng.standard_normal((3, *size, sum(-(-c // 4) * 4 for c in channels))).astype(
        np.float32
    )  # slices are whole

    def gradients(disabled):
        kept = []
        parts = [
            rectifier(normalized(node(f"x{i}"), c, np.random.default_rng(i), side=1), slope)
            for i, c in enumerate(channels)
        ]
        joined = mps.MPSNNConcatenationNode([rectifier(add(part, part).result_image, slope) for part in parts])
        graph = graph_of(*loss_node(joined.result_image).training_graph_with_source_gradient(None))
        graph.disabled_passes = set(disabled)
        for _ in range(3):  # the weights have changed by what the gradients were
            run = Run(graph, [batch(x) for x in images], [labels(target)])
            kept.append(values(run.result))
        return kept

    for found, expected in zip(gradients([]), gradients(["keep_signs"]), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_the_report_names_what_was_merged(capfd):
    text = report(residual(8), picture(8), capfd)
    assert "fused MPSCNNNeuronReLUNode into MPSCNNBatchNormalizationNode" in text
    assert "fused MPSCNNNeuronGradientNode into MPSCNNBatchNormalizationGradientNode" in text
    assert "fused MPSNNAdditionNode into MPSCNNBatchNormalizationNode" in text
    assert "MPSCNNBatchNormalizationNode + MPSNNAdditionNode + MPSCNNNeuronReLUNode -> " in text
    assert "MPSNNAdditionNode + MPSCNNNeuronGradientNode -> " in text
    assert "MPSNNAdditionGradientNode -> " not in text


@pytest.mark.parametrize("sees", ["inner", "outer"])
def test_an_image_that_is_exported_is_there(capfd, sees):
    x = picture(8)
    merged, plain = (
        Run(residual(8, sees=sees, disabled=d), [batch(x)], [labels(np.zeros(x.shape))]) for d in ([], PASSES)
    )
    for found, expected in zip(merged.intermediates, plain.intermediates, strict=True):
        np.testing.assert_allclose(values(found), values(expected), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(values(merged.result), values(plain.result), rtol=1e-4, atol=1e-5)


def test_a_state_that_is_kept_keeps_its_gradients_while_training_goes_on():
    kept = []
    source = GPUConvolution(np.ones((1, 1, 1, 1), np.float32))
    source.update = lambda command_buffer, gradient_state, source_state: kept.append(gradient_state)
    graph = training_graph(loss_node(convolution(node("x"), source).result_image), Style.UpdateDeviceGPU)
    for x in range(1, 6):
        Run(graph, [batch(np.full((1, 1, 1, 1), x, np.float32))], [labels(np.zeros((1, 1, 1, 1)))])
        if x == 3:
            del kept[1]  # its memory is used again
    assert [state.gradient_for_weights.to_numpy().item() for state in kept] == [2 * x * x for x in (1, 3, 4, 5)]
