"""Making gradients and training graphs, and the calls to data sources that update parameters."""

import mpsnn as mps
import numpy as np
import pytest
from support import (
    BatchNormalization,
    Convolution,
    CPUConvolution,
    Float16,
    Float32,
    Format,
    GPUConvolution,
    Method,
    Run,
    Style,
    add,
    batch,
    convolution,
    graph_of,
    identity_weights,
    image,
    labels,
    linear,
    loss_node,
    losses,
    node,
    padding,
    ramp,
    relu,
    result_of,
    run,
    training_graph,
    values,
)

GPU, CPU = Style.UpdateDeviceGPU, Style.UpdateDeviceCPU


def on(graph, **arrays):
    """The result for arrays by the names of the inputs."""
    return result_of(graph, *[np.asarray(arrays[h], np.float32) for h in graph.source_image_handles])


def one(*numbers):
    """An image of one pixel."""
    return np.array(numbers, np.float32)[None, None]


# --- 10.1. gradient filters of one filter ---------------------------------------------------------------------------


def pooling(cls, **attributes):
    sizes = {"kernel_width": 3, "kernel_height": 2, "stride_in_pixels_x": 2, "stride_in_pixels_y": 1}
    return lambda x: cls(x, **sizes)


UNARY = {
    "MPSCNNConvolutionGradientNode": lambda x: convolution(x, Convolution(ramp(3, 2, 2, 2))),
    "MPSCNNFullyConnectedGradientNode": lambda x: mps.MPSCNNFullyConnectedNode(
        x, weights=Convolution(ramp(3, 4, 4, 2))
    ),
    "MPSCNNConvolutionTransposeGradientNode": lambda x: mps.MPSCNNConvolutionTransposeNode(
        x, weights=Convolution(ramp(3, 2, 2, 2))
    ),
    "MPSCNNPoolingMaxGradientNode": pooling(mps.MPSCNNPoolingMaxNode),
    "MPSCNNPoolingAverageGradientNode": pooling(mps.MPSCNNPoolingAverageNode),
    "MPSCNNNeuronGradientNode": relu,
    "MPSCNNSoftMaxGradientNode": mps.MPSCNNSoftMaxNode,
    "MPSCNNLogSoftMaxGradientNode": mps.MPSCNNLogSoftMaxNode,
    "MPSCNNDropoutGradientNode": lambda x: mps.MPSCNNDropoutNode(x, keep_probability=0.25, seed=3),
    "MPSCNNBatchNormalizationGradientNode": lambda x: mps.MPSCNNBatchNormalizationNode(
        x, data_source=BatchNormalization(2)
    ),
    "MPSCNNInstanceNormalizationGradientNode": lambda x: mps.MPSCNNInstanceNormalizationNode(
        x, data_source=mps.InstanceNormalizationWeights(2)
    ),
    "MPSCNNGroupNormalizationGradientNode": lambda x: mps.MPSCNNGroupNormalizationNode(
        x, data_source=mps.GroupNormalizationWeights(2, number_of_groups=1)
    ),
    "MPSCNNCrossChannelNormalizationGradientNode": mps.MPSCNNCrossChannelNormalizationNode,
    "MPSCNNSpatialNormalizationGradientNode": mps.MPSCNNSpatialNormalizationNode,
    "MPSCNNLocalContrastNormalizationGradientNode": mps.MPSCNNLocalContrastNormalizationNode,
}
BINARY = {
    "MPSNNAdditionGradientNode": mps.MPSNNAdditionNode,
    "MPSNNSubtractionGradientNode": mps.MPSNNSubtractionNode,
    "MPSNNMultiplicationGradientNode": mps.MPSNNMultiplicationNode,
}


@pytest.mark.parametrize("name", UNARY)
def test_a_unary_filter_has_one_gradient_filter(name):
    f = UNARY[name](node())
    gradient = f.gradient_filter_with_source(node())
    assert type(gradient) is getattr(mps, name)
    assert isinstance(gradient, mps.MPSNNGradientFilterNode)
    assert [type(g) for g in f.gradient_filters_with_source(node())] == [type(gradient)]
    assert [type(g) for g in f.gradient_filters_with_sources([node()])] == [type(gradient)]
    assert type(f.gradient_filter_with_sources([node()])) is type(gradient)


@pytest.mark.parametrize("name", BINARY)
def test_a_filter_of_two_sources_has_two_gradient_filters(name):
    f = BINARY[name](node(), node())
    primary, secondary = f.gradient_filters_with_sources([node()])
    assert type(primary) is type(secondary) is getattr(mps, name)
    assert not primary.is_secondary_source_filter
    assert secondary.is_secondary_source_filter
    assert not f.gradient_filter_with_source(node()).is_secondary_source_filter
    assert f.gradient_class() is getattr(mps, name)


@pytest.mark.parametrize("name", BINARY)
def test_the_singular_with_a_list_is_unavailable_for_two_sources(name):
    with pytest.raises((mps.GraphError, TypeError, AttributeError)):
        BINARY[name](node(), node()).gradient_filter_with_sources([node()])


def test_a_concatenation_has_a_gradient_filter_for_each_source():
    gradients = mps.MPSNNConcatenationNode([node(), node(), node()]).gradient_filters_with_source(node())
    assert [type(g) for g in gradients] == [mps.MPSNNConcatenationGradientNode] * 3


@pytest.mark.parametrize("count", [0, 2])
def test_there_is_one_gradient_image(count):
    with pytest.raises(mps.InvalidArgumentError, match=f'MPSCNNNeuronLinearNode "f".*got {count}'):
        linear(node(), label="f").gradient_filters_with_sources([node()] * count)


@pytest.mark.parametrize("name", UNARY)
def test_the_format_of_a_gradient_is_that_of_the_incoming_one(name):
    gradient = UNARY[name](node(channel_format=Float16)).gradient_filter_with_source(node(channel_format=Float32))
    assert gradient.result_image.format == Float32


@pytest.mark.parametrize(
    "make",
    [
        lambda x: UNARY["MPSCNNNeuronGradientNode"](x).gradient_filter_with_source(node()),
        lambda x: mps.MPSNNDivisionNode(x, node()),
        loss_node,
    ],
    ids=["gradient filter", "division", "loss"],
)
def test_filters_without_a_gradient(make):
    f = make(node())
    f.label = "f"
    for attempt in (f.gradient_filter_with_source, f.gradient_filters_with_source):
        with pytest.raises(mps.GraphError, match=f'{type(f).__name__} "f".*gradient'):
            attempt(node())


def test_gradient_filters_copy_the_parameters():
    pool = pooling(mps.MPSCNNPoolingMaxNode)(node())
    pool.padding_policy = padding(Method.SizeValidOnly)
    gradient = pool.gradient_filter_with_source(node())
    for name in ("kernel_width", "kernel_height", "stride_in_pixels_x", "stride_in_pixels_y"):
        assert getattr(gradient, name) == getattr(pool, name)
    drop = mps.MPSCNNDropoutNode(node(), keep_probability=0.25, seed=3, mask_stride_in_pixels=(0, 1, 1))
    gradient = drop.gradient_filter_with_source(node())
    assert (gradient.keep_probability, gradient.seed, tuple(gradient.mask_stride_in_pixels)) == (0.25, 3, (0, 1, 1))
    neuron = mps.MPSCNNNeuronHardSigmoidNode(node(), a=0.5, b=0.25).gradient_filter_with_source(node())
    assert (neuron.descriptor.neuron_type, neuron.descriptor.a, neuron.descriptor.b) == (
        mps.MPSCNNNeuronType.HardSigmoid,
        0.5,
        0.25,
    )


@pytest.mark.parametrize("style", [Style.UpdateDeviceNone, CPU, GPU])
def test_gradient_filters_copy_the_training_style(style):
    trainable = ("Convolution", "FullyConnected", "ConvolutionTranspose", "BatchNormalization")
    for name in (f"MPSCNN{family}GradientNode" for family in trainable):
        f = UNARY[name](node())
        assert f.training_style == GPU
        f.training_style = style
        gradient = f.gradient_filter_with_source(node())
        assert gradient.training_style == style
        assert isinstance(gradient, mps.MPSNNTrainableNode)


def test_constants_of_arithmetic_gradients():
    def made(cls):
        f = cls(node(), node())
        f.primary_scale, f.secondary_scale, f.bias = 2, 3, 5
        f.primary_stride_in_pixels_x, f.secondary_stride_in_pixels_y = 0, 0
        return f.gradient_filters_with_source(node())

    for cls, scale in ((mps.MPSNNAdditionNode, 3), (mps.MPSNNSubtractionNode, -3)):
        primary, secondary = made(cls)
        assert (primary.primary_scale, secondary.primary_scale) == (2, scale)
        assert primary.bias == secondary.bias == 0
        assert (primary.secondary_stride_in_pixels_x, primary.secondary_stride_in_pixels_y) == (0, 1)
        assert (secondary.secondary_stride_in_pixels_x, secondary.secondary_stride_in_pixels_y) == (1, 0)
    primary, secondary = made(mps.MPSNNMultiplicationNode)
    assert [(g.primary_scale, g.secondary_scale, g.bias) for g in (primary, secondary)] == [(2, 3, 0)] * 2
    assert (primary.secondary_stride_in_pixels_x, primary.secondary_stride_in_pixels_y) == (1, 0)
    assert (secondary.secondary_stride_in_pixels_x, secondary.secondary_stride_in_pixels_y) == (0, 1)


def test_the_gradient_has_the_size_of_the_forward_source():
    for name, make in UNARY.items():
        f = make(node("x"))
        gradient = f.gradient_filter_with_source(node("g"))
        forward = result_of(graph_of(f), np.ones((4, 4, 2), np.float32))
        assert on(graph_of(gradient), x=np.ones((4, 4, 2)), g=np.ones(forward.shape)).shape == (4, 4, 2), name


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda d: setattr(d, "fused_neuron_descriptor", mps.MPSNNNeuronDescriptor(mps.MPSCNNNeuronType.ReLU)),
            "fused neuron",
        ),
        (
            lambda d: d.set_batch_normalization_parameters_for_inference_with_mean([0.0], [1.0], [1.0], [0.0], 0.0),
            "batch normali",
        ),
    ],
)
def test_a_convolution_that_does_more_cannot_be_trained(change, message):
    source = Convolution(identity_weights(1))
    change(source.shape)
    c = convolution(node(), source, label="c")
    result_of(graph_of(c), one(1))
    with pytest.raises(mps.GraphError, match=f'MPSCNNConvolutionGradientNode "c".*{message}'):
        graph_of(c.gradient_filter_with_source(node()))


def test_a_sub_pixel_convolution_has_no_gradient():
    source = Convolution(np.ones((4, 1, 1, 1)))
    source.shape = mps.MPSCNNSubPixelConvolutionDescriptor(
        1, kernel_height=1, input_feature_channels=1, output_feature_channels=4
    )
    source.shape.sub_pixel_scale_factor = 2
    c = convolution(node(), source, label="c")
    assert result_of(graph_of(c), ramp(2, 3, 1)).shape == (4, 6, 1)
    with pytest.raises(mps.GraphError, match=r'"c".*sub-pixel'):
        graph_of(c.gradient_filter_with_source(node()))


# --- 10.2. what a gradient filter reads -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cls", "for_left", "for_right"),
    [
        (mps.MPSNNAdditionNode, 2, 3),
        (mps.MPSNNSubtractionNode, 2, -3),
        (mps.MPSNNMultiplicationNode, 2 * 3 * 7, 2 * 3 * 5),
    ],
)
def test_values_of_arithmetic_gradients(cls, for_left, for_right):
    f = cls(node("x"), node("y"))
    f.primary_scale, f.secondary_scale, f.bias = 2, 3, 11
    for gradient, factor in zip(f.gradient_filters_with_source(node("g")), (for_left, for_right), strict=True):
        assert on(graph_of(gradient), x=one(5), y=one(7), g=one(10)).item() == 10 * factor


def test_the_gradient_of_a_repeated_operand_is_summed():
    f = mps.MPSNNMultiplicationNode(node("x"), node("y"))
    f.secondary_stride_in_pixels_x = f.secondary_stride_in_pixels_y = 0
    gradient = f.gradient_filters_with_source(node("g"))[1]
    x, g = ramp(2, 3, 1), ramp(2, 3, 1, start=10)
    result = on(graph_of(gradient), x=x, y=one(2), g=g)
    assert result.shape == (1, 1, 1)
    assert result.item() == (x * g).sum()


def test_no_gradient_passes_where_an_arithmetic_filter_clamped():
    f = mps.MPSNNAdditionNode(node("x"), node("y"))
    f.minimum_value, f.maximum_value = 0, 10
    gradient = f.gradient_filter_with_source(node("g"))
    result = on(graph_of(gradient), x=one(-5, 0, 3, 10, 20), y=np.zeros((1, 1, 5)), g=np.ones((1, 1, 5)))
    assert result.ravel().tolist() == [0, 0, 1, 0, 0]


def test_the_gradient_of_softmax_reads_the_result():
    soft = mps.MPSCNNSoftMaxNode(node("x"))
    result = on(graph_of(soft.gradient_filter_with_source(node("g"))), x=one(0, 0), g=one(1, 0))
    np.testing.assert_allclose(result.ravel(), [0.25, -0.25], atol=1e-7)


# --- 10.3. backwards by hand ----------------------------------------------------------------------------------------


def test_walking_backwards_by_hand():
    layers = [linear(node("x"), a=2)]
    layers.append(linear(layers[-1].result_image, a=3))
    loss = loss_node(layers[-1].result_image)
    g = loss.result_image
    for layer in reversed(layers):
        g = layer.gradient_filter_with_source(g).result_image
    assert result_of(graph_of(g), one(1), states=labels(np.zeros((1, 1, 1, 1)))).item() == 2 * 6 * 6


# --- 10.4. the training graph ---------------------------------------------------------------------------------------


class Recorder:
    """A node handler that writes down what it is called with."""

    def __init__(self, body=None):
        self.calls = []
        self.body = body

    def __call__(self, gradient, inference, inference_source, gradient_source):
        self.calls.append((gradient, inference, inference_source, gradient_source))
        if self.body:
            self.body(*self.calls[-1])

    def labels(self):
        return [(type(g).__name__.removeprefix("MPS"), i and i.label) for g, i, _, _ in self.calls]


def test_a_chain_has_one_terminus_and_the_loss_no_gradient():
    x = node("x")
    a = linear(x, label="a")
    b = linear(a.result_image, label="b")
    loss = loss_node(b.result_image)
    recorder = Recorder()
    (last,) = loss.training_graph_with_source_gradient(None, recorder)
    assert recorder.labels() == [("CNNNeuronGradientNode", "b"), ("CNNNeuronGradientNode", "a")]
    first, second = recorder.calls
    assert first[1:] == (b, a.result_image, loss.result_image)
    assert second[1:] == (a, x, first[0].result_image)
    assert last is second[0]


def test_the_default_handler_copies_handles():
    x, a = node("x"), linear(node("y"))
    total = add(a.result_image, x)
    a.result_image.handle = "a"
    for terminus in loss_node(total.result_image).training_graph_with_source_gradient():
        assert terminus.result_image.handle in ("x", "y")
    (last, _) = loss_node(total.result_image).training_graph_with_source_gradient(None, Recorder())
    assert last.result_image.handle is None


def test_an_image_read_by_several_filters_gets_the_sum_of_their_gradients():
    x = node("x")
    a = linear(x, a=2, label="a")
    b, c, d = (linear(a.result_image, a=k, label=name) for k, name in ((3, "b"), (5, "c"), (7, "d")))
    left = mps.MPSNNAdditionNode(b.result_image, c.result_image)
    left.label = "left"
    top = mps.MPSNNAdditionNode(left.result_image, d.result_image)
    top.label = "top"
    recorder = Recorder()
    (last,) = loss_node(top.result_image).training_graph_with_source_gradient(None, recorder)
    assert recorder.labels() == [
        ("NNAdditionGradientNode", "top"),
        ("NNAdditionGradientNode", "top"),
        ("CNNNeuronGradientNode", "d"),
        ("NNAdditionGradientNode", "left"),
        ("NNAdditionGradientNode", "left"),
        ("CNNNeuronGradientNode", "c"),
        ("CNNNeuronGradientNode", "b"),
        ("NNAdditionNode", None),
        ("NNAdditionNode", None),
        ("CNNNeuronGradientNode", "a"),
    ]
    g = {i.label: gradient for gradient, i, _, _ in recorder.calls if i}
    first, second = (call for call in recorder.calls if call[1] is None)
    assert first[2] is second[2] is a.result_image
    assert first[3] is g["c"].result_image
    assert second[3] is g["b"].result_image
    assert recorder.calls[-1][3] is second[0].result_image
    result = result_of(graph_of(last), one(1), states=labels(np.zeros((1, 1, 1, 1))))
    assert result.item() == 2 * (2 * 15) * (2 * 15)


def test_a_shared_input_of_the_graph_gets_an_addition_too():
    x = node("x")
    total = add(linear(x, a=3).result_image, x)
    (last,) = loss_node(total.result_image).training_graph_with_source_gradient()
    assert type(last) is mps.MPSNNAdditionNode
    assert last.result_image.handle == "x"
    assert result_of(graph_of(last), one(1), states=labels(np.zeros((1, 1, 1, 1)))).item() == 2 * 4 * 4


def test_one_image_as_both_sources():
    x = node("x")
    (last,) = loss_node(mps.MPSNNMultiplicationNode(x, x).result_image).training_graph_with_source_gradient()
    assert result_of(graph_of(last), one(3), states=labels(np.zeros((1, 1, 1, 1)))).item() == 2 * 9 * 2 * 3


def test_there_is_a_terminus_for_each_input_in_order_of_their_first_gradient():
    x, y = node("x"), node("y")
    termini = loss_node(add(linear(x).result_image, y).result_image).training_graph_with_source_gradient()
    assert [t.result_image.handle for t in termini] == ["y", "x"]


def test_a_terminus_left_out_drops_what_only_it_needs():
    x, y = linear(node("x"), label="x"), linear(node("y"), label="y")
    termini = loss_node(add(x.result_image, y.result_image).result_image).training_graph_with_source_gradient()
    (kept,) = (t for t in termini if t.result_image.handle == "x")
    steps = graph_of(kept).debug_description
    assert steps.count("MPSCNNNeuronGradientNode") == 1
    assert steps.count("MPSNNAdditionGradientNode") == 1


def test_a_filter_that_is_no_loss_starts_with_its_own_result():
    f = linear(node("x"), a=3)
    (last,) = f.training_graph_with_source_gradient()
    assert result_of(graph_of(last), one(1)).item() == 3 * 3


def test_an_explicit_gradient_takes_the_place_of_the_result():
    f = linear(node("x"), a=3)
    (last,) = f.training_graph_with_source_gradient(node("g"))
    assert on(graph_of(last), x=one(1), g=one(10)).item() == 30
    loss = loss_node(linear(node("x"), a=5).result_image)
    (last,) = loss.training_graph_with_source_gradient(node("g"))
    graph = graph_of(last)
    assert sorted(graph.source_image_handles) == ["g", "x"]
    assert not graph.source_state_handles, "the loss itself is not part of it"
    assert on(graph, x=one(1), g=one(10)).item() == 50


def test_the_result_of_a_start_node_given_explicitly_is_the_default():
    loss = loss_node(linear(node("x"), a=2).result_image)
    (last,) = loss.training_graph_with_source_gradient(loss.result_image)
    assert result_of(graph_of(last), one(1), states=labels(np.zeros((1, 1, 1, 1)))).item() == 2 * 2 * 2


def test_a_loss_on_an_input_has_no_training_graph():
    assert not loss_node(node()).training_graph_with_source_gradient()


def test_filters_connected_through_states_only_are_not_reached():
    c = convolution(node("x"), Convolution(identity_weights(1)), label="c")
    t = mps.MPSCNNConvolutionTransposeNode(
        node("y"), convolution_gradient_state=c.convolution_gradient_state, weights=Convolution(identity_weights(1))
    )
    t.label = "t"
    recorder = Recorder()
    loss_node(t.result_image).training_graph_with_source_gradient(None, recorder)
    assert [label for _, label in recorder.labels()] == ["t"]


def test_the_handler_sets_the_properties_of_new_nodes_before_they_are_used():
    def body(gradient, inference, inference_source, gradient_source):
        gradient.result_image.format = Float32

    a = linear(node("x"), label="a")
    recorder = Recorder(body)
    (last,) = loss_node(linear(a.result_image).result_image).training_graph_with_source_gradient(None, recorder)
    assert [g.result_image.format for g, *_ in recorder.calls] == [Float32] * 2
    assert (
        run(
            graph_of(last, channel_format=Float16), one(1), states=labels(np.zeros((1, 1, 1, 1)))
        ).result.feature_channel_format
        == Float32
    )


def test_a_handler_may_export_gradients():
    def body(gradient, inference, inference_source, gradient_source):
        gradient.result_image.export_from_graph = True
        gradient.result_image.image_allocator = mps.MPSImage.default_allocator()
        gradient.result_image.handle = inference.label

    a = linear(node("x"), a=2, label="a")
    b = linear(a.result_image, a=3, label="b")
    (last,) = loss_node(b.result_image).training_graph_with_source_gradient(None, body)
    graph = graph_of(last, needed=[False])
    assert graph.intermediate_image_handles == ["a", "b"]
    out = run(graph, one(1), states=labels(np.zeros((1, 1, 1, 1))))
    assert [values(i).item() for i in out.intermediates] == [72, 36]


def test_gradients_take_the_format_of_the_loss_gradient():
    loss = loss_node(linear(linear(node("x", Format.Unorm8)).result_image).result_image)
    loss.result_image.format = Float32
    (last,) = loss.training_graph_with_source_gradient()
    assert last.result_image.format == Float32


def test_division_has_no_gradient_unless_it_is_stopped():
    def network():
        x = linear(node("x"), label="x")
        quotient = mps.MPSNNDivisionNode(x.result_image, node("y"))
        quotient.label = "q"
        return quotient, linear(quotient.result_image, a=3, label="after")

    _, last = network()
    with pytest.raises(mps.GraphError, match='MPSNNDivisionNode "q"'):
        loss_node(last.result_image).training_graph_with_source_gradient()
    quotient, last = network()
    quotient.result_image.stop_gradient = True
    recorder = Recorder()
    termini = loss_node(last.result_image).training_graph_with_source_gradient(None, recorder)
    assert [label for _, label in recorder.labels()] == ["after"]
    assert termini == [recorder.calls[0][0]]


# --- 10.5. stop_gradient --------------------------------------------------------------------------------------------


def test_stop_gradient_ends_the_training_part_at_that_image():
    source = GPUConvolution(identity_weights(1, 2))
    scale = linear(node("x"), a=0.5, label="scale")
    scale.result_image.stop_gradient = True
    scale.result_image.handle = "scaled"
    c = convolution(scale.result_image, source, label="c")
    (last,) = loss_node(c.result_image).training_graph_with_source_gradient()
    assert type(last) is mps.MPSCNNConvolutionGradientNode
    assert last.result_image.handle == "scaled"
    graph = graph_of(last, needed=[False])
    assert "NeuronGradient" not in graph.debug_description
    run(graph, one(1), states=labels(np.zeros((1, 1, 1, 1))))
    assert source.calls().count("update_with_command_buffer") == 1


def test_stop_gradient_from_the_handler():
    a = linear(node("x"), label="a")
    b = linear(a.result_image, label="b")
    c = linear(b.result_image, label="c")

    def body(gradient, inference, inference_source, gradient_source):
        if inference is c:
            inference_source.stop_gradient = True

    recorder = Recorder(body)
    (last,) = loss_node(c.result_image).training_graph_with_source_gradient(None, recorder)
    assert [label for _, label in recorder.labels()] == ["c"]
    assert last is recorder.calls[0][0]


def test_a_stopped_image_with_several_readers_gets_the_sum():
    x = linear(node("x"), a=2)
    x.result_image.stop_gradient = True
    total = add(linear(x.result_image, a=3).result_image, x.result_image)
    (last,) = loss_node(total.result_image).training_graph_with_source_gradient()
    assert type(last) is mps.MPSNNAdditionNode
    assert result_of(graph_of(last), one(1), states=labels(np.zeros((1, 1, 1, 1)))).item() == 2 * 8 * 4


# --- 11. updates: GPU style -----------------------------------------------------------------------------------------


def new_weights(array, biases=None):
    return mps.MPSCNNConvolutionWeightsAndBiasesState(
        mps.Buffer(np.asarray(array, np.float32).ravel().copy()),
        biases=None if biases is None else mps.Buffer(np.asarray(biases, np.float32)),
    )


def network(*sources, style=GPU):
    """Convolutions in a chain under a loss; the training graph, and the inference part."""
    x = node("x")
    for source in sources:
        x = convolution(x, source, label=source.name).result_image
    return training_graph(loss_node(x), style), x


def step(graph, x, target=0.0, count=1):
    """One training step on a batch of equal pixels; the loss of each image."""
    truth = labels(np.full((count, 1, 1, 1), target))
    Run(graph, [batch(np.full((count, 1, 1, 1), x, np.float32))], [truth])
    return losses(truth)


def test_gpu_callback_gets_the_command_buffer_and_unfilled_states():
    seen = {}

    def update(command_buffer, gradient_state, source_state):
        seen.update(buffer=command_buffer, gradient=gradient_state, source=source_state)
        for buffer in (
            gradient_state.gradient_for_weights,
            gradient_state.gradient_for_biases,
            source_state.weights,
            source_state.biases,
        ):
            with pytest.raises(mps.InvalidArgumentError, match="has not completed"):
                buffer.to_numpy()

    source = GPUConvolution(identity_weights(1, 2), [1])
    source.update = update
    graph, _ = network(source)
    with mps.CommandQueue().command_buffer() as command_buffer:
        graph.encode_batch_to_command_buffer(
            command_buffer, [batch(ramp(2, 1, 1, 1))], [labels(np.zeros((2, 1, 1, 1)))]
        )
        assert isinstance(seen["buffer"], mps.MPSCommandBuffer)
        assert isinstance(seen["gradient"], mps.MPSCNNConvolutionGradientState)
        assert isinstance(seen["source"], mps.MPSCNNConvolutionWeightsAndBiasesState)
    # y = 2 x + 1 for x = 1, 2: 3, 5; gradients 6, 10; sums over the batch, not means
    assert seen["gradient"].gradient_for_weights.to_numpy().tolist() == [6 * 1 + 10 * 2]
    assert seen["gradient"].gradient_for_biases.to_numpy().tolist() == [16]
    assert seen["source"].weights.to_numpy().tolist() == [2]
    assert seen["source"].biases.to_numpy().tolist() == [1]


def test_state_contents_of_a_convolution():
    source = CPUConvolution(0.125 * ramp(2, 3, 2, 4))
    c = convolution(node("x"), source)
    graph = training_graph(loss_node(c.result_image), CPU)
    run(graph, ramp(5, 6, 4), states=labels(np.zeros((1, 5, 6, 2))))
    gradient, state = source.given
    assert (gradient.source_width, gradient.source_height) == (6, 5)
    assert gradient.gradient_for_weights_layout == mps.MPSCNNConvolutionWeightsLayout.OHWI
    assert gradient.gradient_for_weights.length == 4 * 2 * 3 * 2 * 4
    assert gradient.gradient_for_biases.length == 4 * 2
    assert (gradient.convolution.kernel_width, gradient.convolution.kernel_height) == (2, 3)
    assert (state.weights_offset, state.biases_offset) == (0, 0)
    np.testing.assert_array_equal(source.in_use, 0.125 * ramp(2, 3, 2, 4))


def test_new_weights_count_from_the_next_encode_on():
    source = GPUConvolution(identity_weights(1, 2))
    source.update = lambda *arguments: new_weights([5])
    graph, _ = network(source)
    assert step(graph, 1) == [4]
    assert step(graph, 1) == [25]
    assert source.calls().count("load") == 1, "the state is the reload"


def test_new_weights_count_for_later_encodes_of_the_same_command_buffer():
    source = GPUConvolution(identity_weights(1, 2))
    source.update = lambda *arguments: new_weights([5])
    graph, _ = network(source)
    truth = [labels(np.zeros((1, 1, 1, 1))) for _ in range(2)]
    with mps.CommandQueue().command_buffer() as command_buffer:
        for t in truth:
            graph.encode_batch_to_command_buffer(command_buffer, [batch(ramp(1, 1, 1, 1))], [t])
    assert [losses(t).item() for t in truth] == [4, 25]


def test_no_result_keeps_the_weights():
    source = GPUConvolution(identity_weights(1, 2))
    graph, _ = network(source)
    assert step(graph, 1) == step(graph, 1) == [4]


def test_new_biases():
    source = GPUConvolution(identity_weights(1, 2), [0])
    source.update = lambda *arguments: new_weights([2], [10])
    graph, _ = network(source)
    step(graph, 1)
    assert step(graph, 1) == [144]


def test_the_source_state_has_the_values_in_use():
    source = GPUConvolution(identity_weights(1, 2))
    kept = []

    def update(command_buffer, gradient_state, source_state):
        kept.append(source_state)
        return new_weights([7])

    source.update = update
    graph, _ = network(source)
    step(graph, 1)
    step(graph, 1)
    assert [s.weights.to_numpy().item() for s in kept] == [2, 7]


def test_the_source_state_has_values_as_the_kernel_rounds_them():
    class Half(CPUConvolution):
        def kernel_weights_data_type(self):
            return mps.MPSDataType.Float16

    source = Half(identity_weights(1, 1 / 3))
    graph, _ = network(source, style=CPU)
    step(graph, 1)
    assert source.in_use.item() == np.float16(1 / 3)


def test_an_optimizer_in_the_gpu_callback():
    sgd = mps.MPSNNOptimizerStochasticGradientDescent.with_learning_rate(0.25)
    source = GPUConvolution(identity_weights(1, 2), [1])

    def update(command_buffer, gradient_state, source_state):
        result = mps.MPSCNNConvolutionWeightsAndBiasesState(cnn_convolution_descriptor=source.shape)
        sgd.encode_to_command_buffer(command_buffer, gradient_state, source_state, None, result)
        return result

    source.update = update
    graph, _ = network(source)
    assert step(graph, 1) == [9]  # y = 3, gradient 6 for the weight and for the bias
    assert step(graph, 1) == [0]  # weight 2 - 1.5, bias 1 - 1.5


def test_callbacks_come_last_layer_first():
    log = []
    sources = [GPUConvolution(identity_weights(1), name=name, log=log) for name in "abc"]
    graph, _ = network(*sources)
    log.clear()
    step(graph, 1)
    assert log == [(name, "update_with_command_buffer") for name in "cba"]


def test_gradients_are_computed_with_the_weights_before_the_update():
    a, b = GPUConvolution(identity_weights(1, 2), name="a"), GPUConvolution(identity_weights(1, 3), name="b")
    kept = []
    a.update = lambda command_buffer, gradient_state, source_state: kept.append(gradient_state)
    b.update = lambda *arguments: new_weights([100])
    graph, _ = network(a, b)
    step(graph, 1)
    assert kept[0].gradient_for_weights.to_numpy().item() == 2 * 6 * 3


def test_style_none_freezes_the_weights():
    source = GPUConvolution(identity_weights(1, 2), name="a")
    other = GPUConvolution(identity_weights(1, 3), name="b")
    x = convolution(node("x"), other).result_image
    c = convolution(x, source)
    c.training_style = Style.UpdateDeviceNone
    graph = training_graph(loss_node(c.result_image))
    step(graph, 1)
    assert "update_with_command_buffer" not in source.calls()
    assert "update_with_command_buffer" in other.calls()


def test_style_none_leaves_zeros_in_an_exported_state():
    c = convolution(node("x"), GPUConvolution(identity_weights(1, 2)))
    c.training_style = Style.UpdateDeviceNone
    c.result_state.export_from_graph = True
    (last,) = loss_node(c.result_image).training_graph_with_source_gradient()
    out = run(graph_of(last.result_image), one(1), states=labels(np.zeros((1, 1, 1, 1))))
    (state,) = out.states
    assert values(out.result).item() == 8, "the gradient of the source is there: 2 * (2 * 1 - 0) * 2"
    assert state.gradient_for_weights.to_numpy().item() == 0
    assert state.gradient_for_biases.to_numpy().item() == 0


@pytest.mark.parametrize(("cls", "style"), [(GPUConvolution, CPU), (CPUConvolution, GPU)])
def test_there_is_no_fall_back_to_the_other_style(cls, style):
    source = cls(identity_weights(1, 2))
    graph, _ = network(source, style=style)
    step(graph, 1)
    assert source.calls() == ["load", "descriptor", "weights", "bias_terms", "purge"]


def test_the_style_of_the_gradient_filter_counts():
    source = GPUConvolution(identity_weights(1, 2))
    c = convolution(node("x"), source)
    c.training_style = Style.UpdateDeviceNone
    graph = training_graph(loss_node(c.result_image), GPU)
    step(graph, 1)
    assert "update_with_command_buffer" in source.calls()


def test_every_encode_has_a_state_of_its_own():
    source = GPUConvolution(identity_weights(1, 2))
    kept = []
    source.update = lambda command_buffer, gradient_state, source_state: kept.append(gradient_state)
    graph, _ = network(source)
    step(graph, 1)
    step(graph, 3)
    assert kept[0] is not kept[1]
    assert [k.gradient_for_weights.to_numpy().item() for k in kept] == [4, 36]


def test_a_temporary_state_is_readable_once_in_the_callback():
    source = GPUConvolution(identity_weights(1, 2))
    counts = []

    def update(command_buffer, gradient_state, source_state):
        counts.append(gradient_state.read_count)
        gradient_state.read_count -= 1

    source.update = update
    c = convolution(node("x"), source)
    c.result_state.export_from_graph = True
    graph = training_graph(loss_node(c.result_image))
    graph.output_state_is_temporary = True
    out = run(graph, one(1), states=labels(np.zeros((1, 1, 1, 1))))
    assert counts == [2]
    assert out.states[0].read_count == 1


def test_a_temporary_state_may_be_the_answer():
    source = GPUConvolution(identity_weights(1, 2))
    made = []

    def update(command_buffer, gradient_state, source_state):
        made.append(
            mps.MPSCNNConvolutionWeightsAndBiasesState.temporary_cnn_convolution_weights_and_biases_state(
                command_buffer, source.shape
            )
        )
        return made[-1]

    source.update = update
    graph, _ = network(source)
    step(graph, 1)
    assert made[0].read_count == 0
    assert step(graph, 1) == [0], "a new state is zero"


# --- 11. a data source shared by several filters --------------------------------------------------------------------


def test_a_shared_source_is_asked_by_each_filter_and_the_last_answer_counts_for_all():
    answers = iter([new_weights([100]), new_weights([5]), None, None])
    source = GPUConvolution(identity_weights(1, 2))
    source.update = lambda *arguments: next(answers)
    graph, _ = network(source, source)
    assert step(graph, 1) == [16]
    assert source.calls().count("update_with_command_buffer") == 2
    assert step(graph, 1) == [625]


def test_no_answer_does_not_undo_an_earlier_one_of_a_shared_source():
    answers = iter([new_weights([5]), None, None, None])
    source = GPUConvolution(identity_weights(1, 2))
    source.update = lambda *arguments: next(answers)
    graph, _ = network(source, source)
    step(graph, 1)
    assert step(graph, 1) == [625]


def test_a_filter_that_is_not_trained_also_gets_the_new_weights_of_a_shared_source():
    source = GPUConvolution(identity_weights(1, 2))
    source.update = lambda *arguments: new_weights([5])
    first = convolution(node("x"), source)
    first.training_style = Style.UpdateDeviceNone
    second = convolution(first.result_image, source)
    graph = training_graph(loss_node(second.result_image))
    assert step(graph, 1) == [16]
    assert step(graph, 1) == [625]


def test_a_shared_source_of_cpu_style_is_reloaded_once_after_its_last_callback():
    source = CPUConvolution(identity_weights(1, 2))
    graph, _ = network(source, source, style=CPU)
    source.log.clear()
    step(graph, 1)
    reload = ["load", "weights", "bias_terms", "purge"]
    assert source.calls() == ["update_with_gradient_state"] * 2 + reload * 2, "one reload for each filter"


# --- 11. updates: CPU style -----------------------------------------------------------------------------------------


def test_cpu_callbacks_run_when_the_command_buffer_completes():
    source = CPUConvolution(identity_weights(1, 2))
    graph, _ = network(source, style=CPU)
    source.log.clear()
    command_buffer = mps.CommandQueue().command_buffer()
    graph.encode_batch_to_command_buffer(command_buffer, [batch(ramp(1, 1, 1, 1))], [labels(np.zeros((1, 1, 1, 1)))])
    assert source.log == []
    command_buffer.commit()
    command_buffer.wait_until_completed()
    assert source.calls() == ["update_with_gradient_state", "load", "weights", "bias_terms", "purge"]


def test_cpu_style_trains():
    source = CPUConvolution(identity_weights(1, 2))
    source.rate = 0.25
    graph, _ = network(source, style=CPU)
    assert step(graph, 1) == [4]  # gradient 4, weight 2 - 1
    assert source.gradient.item() == 4
    assert step(graph, 1) == [1]


def test_no_from_a_cpu_callback_keeps_the_weights():
    source = CPUConvolution(identity_weights(1, 2))
    source.rate, source.changes = 0.25, False
    graph, _ = network(source, style=CPU)
    assert step(graph, 1) == [4]
    assert step(graph, 1) == [4]
    assert source.calls().count("load") == 1


def test_cpu_callbacks_come_in_encode_order():
    log = []
    sources = [CPUConvolution(identity_weights(1), name=name, log=log) for name in "abc"]
    graph, _ = network(*sources, style=CPU)
    log.clear()
    step(graph, 1)
    assert [name for name, method in log if method == "update_with_gradient_state"] == ["c", "b", "a"]


def test_an_encode_before_the_cpu_callbacks_uses_the_old_weights():
    source = CPUConvolution(identity_weights(1, 2))
    source.rate = 0.25
    graph, _ = network(source, style=CPU)
    truth = [labels(np.zeros((1, 1, 1, 1))) for _ in range(2)]
    with mps.CommandQueue().command_buffer() as command_buffer:
        for t in truth:
            graph.encode_batch_to_command_buffer(command_buffer, [batch(ramp(1, 1, 1, 1))], [t])
    assert [losses(t).item() for t in truth] == [4, 4]


def test_cpu_gradients_of_several_encodes_in_flight_are_told_apart():
    gradients = []

    class Noting(CPUConvolution):
        def update_with_gradient_state(self, gradient_state, source_state):
            gradients.append(gradient_state.gradient_for_weights.to_numpy().item())
            return False

    graph, _ = network(Noting(identity_weights(1, 2)), style=CPU)
    with mps.CommandQueue().command_buffer() as command_buffer:
        for x in (1, 2, 3):
            graph.encode_batch_to_command_buffer(
                command_buffer, [batch(np.full((1, 1, 1, 1), x, np.float32))], [labels(np.zeros((1, 1, 1, 1)))]
            )
    assert gradients == [4, 16, 36]


def test_both_styles_in_one_graph():
    log = []
    a, b = (
        CPUConvolution(identity_weights(1), name="a", log=log),
        GPUConvolution(identity_weights(1), name="b", log=log),
    )
    x = convolution(node("x"), a)
    x.training_style = CPU
    graph = training_graph(loss_node(convolution(x.result_image, b).result_image))
    log.clear()
    step(graph, 1)
    assert log[:2] == [("b", "update_with_command_buffer"), ("a", "update_with_gradient_state")]


# --- 11. batch normalisation ----------------------------------------------------------------------------------------


class GPUNormalization(BatchNormalization):
    answers = None, None

    def update_gamma_and_beta_with_command_buffer(self, command_buffer, batch_normalization_state):
        self.note("update_gamma_and_beta")
        self.state = batch_normalization_state
        return self.answers[0]

    def update_mean_and_variance_with_command_buffer(self, command_buffer, batch_normalization_state):
        self.note("update_mean_and_variance")
        return self.answers[1]


class CPUNormalization(BatchNormalization):
    answers = True, True

    def update_gamma_and_beta_with_batch_normalization_state(self, batch_normalization_state):
        self.note("update_gamma_and_beta")
        names = ("gamma", "beta", "mean", "variance", "gradient_for_gamma", "gradient_for_beta")
        self.seen = {name: getattr(batch_normalization_state, name)().to_numpy().tolist() for name in names}
        return self.answers[0]

    def update_mean_and_variance_with_batch_normalization_state(self, batch_normalization_state):
        self.note("update_mean_and_variance")
        return self.answers[1]


X = np.array([[[[1]]], [[[3]]]], np.float32)


def normalisation(source, style, flags=mps.MPSCNNBatchNormalizationFlags.Default):
    f = mps.MPSCNNBatchNormalizationNode(node("x"), data_source=source)
    f.flags = flags
    return training_graph(loss_node(f.result_image), style)


def train(graph):
    truth = labels(np.zeros((2, 1, 1, 1)))
    Run(graph, [batch(X)], [truth])
    return losses(truth).tolist()


def test_order_of_the_batch_normalisation_callbacks_gpu():
    source = GPUNormalization(1, gamma=[2], beta=[5])
    graph = normalisation(source, GPU)
    source.log.clear()
    assert train(graph) == [9, 49]
    assert source.calls() == ["update_gamma_and_beta", "update_mean_and_variance"]
    assert isinstance(source.state, mps.MPSCNNBatchNormalizationState)


def test_order_and_contents_of_the_batch_normalisation_callbacks_cpu():
    source = CPUNormalization(1, gamma=[2], beta=[5], mean=[-100], variance=[100])
    graph = normalisation(source, CPU)
    source.log.clear()
    assert train(graph) == [9, 49]
    assert source.calls()[:3] == ["update_gamma_and_beta", "update_mean_and_variance", "load"]
    # x normalised: -1, 1; results 3, 7; gradients 6, 14
    assert source.seen == {
        "gamma": [2], "beta": [5], "mean": [2], "variance": [1], "gradient_for_gamma": [8], "gradient_for_beta": [20],
    }  # fmt: skip


def buffer(*numbers):
    return mps.Buffer(np.array(numbers, np.float32))


def test_gpu_answers_of_batch_normalisation():
    source = GPUNormalization(1, gamma=[2], beta=[5])
    source.answers = mps.MPSCNNNormalizationGammaAndBetaState(buffer(1), beta=buffer(0)), None
    graph = normalisation(source, GPU)
    assert train(graph) == [9, 49]
    assert train(graph) == [1, 1]


def test_gpu_statistics_count_where_the_sources_are_used():
    source = GPUNormalization(1)
    source.answers = None, mps.MPSCNNNormalizationMeanAndVarianceState(buffer(1), variance=buffer(4))
    graph = normalisation(source, GPU, mps.MPSCNNBatchNormalizationFlags.CalculateStatisticsNever)
    assert train(graph) == [1, 9]
    assert train(graph) == [0, 1]


def test_a_batch_normalisation_may_have_one_callback_only():
    class OnlyGamma(BatchNormalization):
        def update_gamma_and_beta_with_command_buffer(self, command_buffer, batch_normalization_state):
            self.note("update_gamma_and_beta")

    source = OnlyGamma(1)
    graph = normalisation(source, GPU)
    source.log.clear()
    train(graph)
    assert source.calls() == ["update_gamma_and_beta"]


def test_cpu_answers_of_batch_normalisation_reload_what_changed():
    source = CPUNormalization(1, gamma=[2], beta=[5])
    source.answers = True, False
    graph = normalisation(source, CPU)
    train(graph)
    source.arrays = {"gamma": [1], "beta": [0]}
    train(graph)
    assert train(graph) == [1, 1]


# --- the ready data sources -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", [GPU, CPU])
def test_ready_weights_train_in_both_styles(style):
    descriptor = mps.MPSCNNConvolutionDescriptor(
        1, kernel_height=1, input_feature_channels=1, output_feature_channels=1
    )
    sgd = mps.MPSNNOptimizerStochasticGradientDescent.with_learning_rate(0.25)
    source = mps.ConvolutionWeights(descriptor, np.full((1, 1, 1, 1), 2, np.float32), optimizer=sgd)
    graph = training_graph(loss_node(convolution(node("x"), source).result_image), style)
    assert [step(graph, 1).item() for _ in range(3)] == [4, 1, 0.25]


def test_an_inference_graph_sees_trained_weights_after_a_reload():
    source = CPUConvolution(identity_weights(1, 2))
    source.rate = 0.25
    graph, inference = network(source, style=CPU)
    forward = graph_of(inference)
    step(graph, 1)
    assert result_of(forward, one(1)).item() == 2
    forward.reload_from_data_sources()
    assert result_of(forward, one(1)).item() == 1


# --- 13. losses -----------------------------------------------------------------------------------------------------


def test_a_loss_node_writes_its_gradient_and_the_loss():
    truth = labels(np.array([1, 2], np.float32).reshape(2, 1, 1, 1))
    out = Run(graph_of(loss_node(node("x"), weight=0.5)), [batch(ramp(2, 1, 1, 1, start=4))], [truth])
    assert values(out.result).ravel().tolist() == [3, 3]
    assert losses(truth).tolist() == [4.5, 4.5]
    assert truth[0].loss_image().feature_channel_format == Float32


def test_two_losses_in_one_training_graph():
    source = CPUConvolution(identity_weights(1, 2))
    x = convolution(node("x"), source)
    first, second = loss_node(x.result_image), loss_node(x.result_image, weight=10)
    first.input_labels.handle, second.input_labels.handle = "first", "second"
    total = add(first.result_image, second.result_image)
    (last,) = x.training_graph_with_source_gradient(total.result_image)
    last.training_style = CPU
    graph = graph_of(last, needed=[False])
    assert graph.source_state_handles == ["first", "second"]
    Run(graph, [batch(ramp(1, 1, 1, 1))], [labels(np.zeros((1, 1, 1, 1))), labels(np.full((1, 1, 1, 1), 1))])
    assert source.gradient.item() == 2 * 2 + 10 * 2 * 1


def test_the_label_of_a_forward_filter_names_its_gradient():
    c = convolution(node(), Convolution(identity_weights(1)), label="c")
    assert c.gradient_filter_with_source(node()).label == "c"


def test_an_image_with_several_images_trains_like_a_batch():
    source = CPUConvolution(identity_weights(1, 2))
    c = convolution(node("x"), source)
    gradient = c.gradient_filter_with_source(node("g"))
    gradient.training_style = CPU
    graph = graph_of(gradient, needed=[False])
    arrays = {"x": ramp(2, 1, 1, 1), "g": ramp(2, 1, 1, 1, start=10)}
    Run(graph, [image(arrays[h]) for h in graph.source_image_handles])
    assert source.gradient.item() == 1 * 10 + 2 * 11
