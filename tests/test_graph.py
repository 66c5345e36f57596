"""What a graph means: nodes, construction and encoding. Gradients and updates are in test_training_graph.py."""

import threading

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
    Status,
    Style,
    add,
    batch,
    convolution,
    descriptor,
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
    steps_of,
    temporary,
    values,
)

VALID = padding(Method.SizeValidOnly)


def weights(*shape):
    return Convolution(0.125 * ramp(*shape))


UNARY = {
    "MPSCNNConvolutionNode": lambda x: convolution(x, weights(3, 2, 2, 2)),
    "MPSCNNFullyConnectedNode": lambda x: mps.MPSCNNFullyConnectedNode(x, weights=weights(3, 4, 4, 2)),
    "MPSCNNConvolutionTransposeNode": lambda x: mps.MPSCNNConvolutionTransposeNode(x, weights=weights(3, 2, 2, 2)),
    "MPSCNNPoolingMaxNode": lambda x: mps.MPSCNNPoolingMaxNode.with_filter_size(x, 2),
    "MPSCNNPoolingAverageNode": lambda x: mps.MPSCNNPoolingAverageNode.with_filter_size(x, 2),
    "MPSCNNNeuronReLUNode": relu,
    "MPSCNNNeuronPReLUNode": lambda x: mps.MPSCNNNeuronPReLUNode(x, a_data=np.ones(2, np.float32)),
    "MPSCNNSoftMaxNode": mps.MPSCNNSoftMaxNode,
    "MPSCNNLogSoftMaxNode": mps.MPSCNNLogSoftMaxNode,
    "MPSCNNDropoutNode": mps.MPSCNNDropoutNode,
    "MPSCNNBatchNormalizationNode": lambda x: mps.MPSCNNBatchNormalizationNode(x, data_source=BatchNormalization(2)),
    "MPSCNNInstanceNormalizationNode": lambda x: mps.MPSCNNInstanceNormalizationNode(
        x, data_source=mps.InstanceNormalizationWeights(2)
    ),
    "MPSCNNGroupNormalizationNode": lambda x: mps.MPSCNNGroupNormalizationNode(
        x, data_source=mps.GroupNormalizationWeights(2, number_of_groups=1)
    ),
    "MPSCNNCrossChannelNormalizationNode": mps.MPSCNNCrossChannelNormalizationNode,
    "MPSCNNSpatialNormalizationNode": mps.MPSCNNSpatialNormalizationNode,
    "MPSCNNLocalContrastNormalizationNode": mps.MPSCNNLocalContrastNormalizationNode,
}
BINARY = {
    "MPSNNAdditionNode": mps.MPSNNAdditionNode,
    "MPSNNSubtractionNode": mps.MPSNNSubtractionNode,
    "MPSNNMultiplicationNode": mps.MPSNNMultiplicationNode,
    "MPSNNDivisionNode": mps.MPSNNDivisionNode,
    "MPSNNConcatenationNode": lambda x, y: mps.MPSNNConcatenationNode([x, y]),
}
FILTERS = (
    UNARY
    | {name: lambda x, make=make: make(x, node()) for name, make in BINARY.items()}
    | {"MPSCNNLossNode": loss_node}
)
filters = pytest.mark.parametrize("make", FILTERS.values(), ids=FILTERS.keys())
unary = pytest.mark.parametrize("make", UNARY.values(), ids=UNARY.keys())


def names(graph):
    """Class, and label where there is one, of the filters a graph runs, in order."""
    return [step.split(" = ")[1].split("(")[0] for step in steps_of(graph)]


class Source(mps.MPSNNPadding):
    """A policy of the user's own: `body(images, states, kernel, descriptor)` is called at each encode."""

    def __init__(self, body=None, method=Method.Custom | Method.SizeSame):
        super().__init__()
        self.body = body or (lambda images, states, kernel, suggested: suggested)
        self.method = method

    def padding_method(self):
        return self.method

    def destination_image_descriptor_for_source_images(
        self, source_images, source_states, kernel, suggested_descriptor
    ):
        return self.body(source_images, source_states, kernel, suggested_descriptor)


# --- 2. handles -----------------------------------------------------------------------------------------------------


def test_a_handle_is_any_object_and_comes_back_itself():
    handle = object()
    assert node(handle).handle is handle
    (back,) = graph_of(linear(node(handle))).source_image_handles
    assert back is handle


def test_one_handle_on_two_nodes_has_two_entries():
    handle = object()
    handles = graph_of(add(node(handle), node(handle))).source_image_handles
    assert len(handles) == 2
    assert all(h is handle for h in handles)


def test_an_input_without_a_handle_has_a_placeholder():
    handles = graph_of(add(node(), node("right"))).source_image_handles
    assert len(handles) == 2
    assert handles[0].label() is None
    assert handles[1] == "right"


def test_a_handle_may_be_a_subclass_of_mpshandle():
    class Handle(mps.MPSHandle):
        def label(self):
            return "mine"

    handle = Handle()
    graph = graph_of(linear(node(handle)))
    assert graph.source_image_handles[0] is handle
    assert '"mine"' in graph.debug_description


# --- 3, 4. image and state nodes ------------------------------------------------------------------------------------


def test_defaults_of_an_image_node():
    x = mps.MPSNNImageNode()
    assert x.handle is None
    assert x.format == Format.None_
    assert type(x.image_allocator) is type(mps.MPSTemporaryImage.default_allocator())
    assert (x.export_from_graph, x.synchronize_resource, x.stop_gradient) == (False, False, False)


def test_exported_node():
    x = mps.MPSNNImageNode.exported_node("h")
    assert x.export_from_graph
    assert x.handle == "h"


STATE_CLASSES = {
    "MPSCNNConvolutionNode": mps.MPSCNNConvolutionGradientStateNode,
    "MPSCNNFullyConnectedNode": mps.MPSCNNConvolutionGradientStateNode,
    "MPSCNNConvolutionTransposeNode": mps.MPSCNNConvolutionTransposeGradientStateNode,
} | dict.fromkeys(list(BINARY)[:4], mps.MPSNNArithmeticGradientStateNode)


@pytest.mark.parametrize("name", [n for n in FILTERS if n != "MPSCNNLossNode"])
def test_the_class_of_the_result_state(name):
    state = FILTERS[name](node()).result_state
    assert type(state) is STATE_CLASSES.get(name, mps.MPSNNGradientStateNode)
    assert (state.handle, state.export_from_graph, state.synchronize_resource) == (None, False, False)


def test_class_tree_of_the_state_nodes():
    assert issubclass(mps.MPSCNNConvolutionTransposeGradientStateNode, mps.MPSCNNConvolutionGradientStateNode)
    assert issubclass(mps.MPSCNNConvolutionGradientStateNode, mps.MPSNNGradientStateNode)
    assert issubclass(mps.MPSNNArithmeticGradientStateNode, mps.MPSNNBinaryGradientStateNode)
    for cls in (
        mps.MPSNNGradientStateNode,
        mps.MPSNNBinaryGradientStateNode,
        mps.MPSNNMultiaryGradientStateNode,
        mps.MPSNNLabelsNode,
    ):
        assert issubclass(cls, mps.MPSNNStateNode)
        with pytest.raises(TypeError):
            cls()


def test_the_state_of_a_convolution_under_its_own_name():
    c = convolution(node(), weights(1, 1, 1, 1))
    assert c.convolution_gradient_state is c.result_state


def test_labels_are_a_source_state_of_the_loss():
    loss = loss_node(node())
    assert isinstance(loss.input_labels, mps.MPSNNLabelsNode)
    assert loss.input_labels is loss.input_labels
    assert loss.result_state is None


# --- 5. filter nodes ------------------------------------------------------------------------------------------------


@filters
def test_result_nodes_are_the_same_objects_every_time(make):
    f = make(node())
    assert f.result_image is f.result_image
    assert f.result_state is f.result_state
    assert all(a is b for a, b in zip(f.result_states or [], f.result_states or [], strict=True))
    if f.result_state is not None:
        assert f.result_states[0] is f.result_state


def test_a_result_node_keeps_its_filter_alive():
    result = linear(linear(node("x")).result_image, a=2).result_image
    np.testing.assert_array_equal(result_of(graph_of(result), ramp(1, 2, 1)), 2 * ramp(1, 2, 1))


@filters
def test_the_label_is_none_at_first(make):
    f = make(node())
    assert f.label is None
    f.label = "name"
    assert f.label == "name"
    f.label = None
    assert f.label is None


@filters
@pytest.mark.parametrize("channel_format", [Format.None_, Format.Float32, Format.Unorm8])
def test_the_result_takes_the_format_of_the_first_source(make, channel_format):
    assert make(node(channel_format=channel_format)).result_image.format == channel_format


def test_a_format_set_after_the_filter_was_made_does_not_propagate():
    x = node()
    f = linear(x)
    x.format = Format.Float32
    assert f.result_image.format == Format.None_


@filters
def test_default_padding_policy(make):
    f = make(node())
    full = isinstance(f, mps.MPSCNNFullyConnectedNode)
    assert f.padding_policy.padding_method() == (Method.SizeValidOnly if full else Method.SizeSame)


def test_pooling_clamps_at_edges_and_other_filters_see_zeros():
    x = ramp(1, 2, 1)  # pixels 1, 2; window 3 wide, centred
    pool = mps.MPSCNNPoolingAverageNode(
        node(), kernel_width=3, kernel_height=1, stride_in_pixels_x=1, stride_in_pixels_y=1
    )
    np.testing.assert_array_equal(result_of(graph_of(pool), x).ravel(), [1.5, 1.5])
    conv = convolution(node(), Convolution(np.ones((1, 1, 3, 1))))
    np.testing.assert_array_equal(result_of(graph_of(conv), x).ravel(), [3, 3])


ABSTRACT = ["MPSNNFilterNode", "MPSNNGradientFilterNode", "MPSCNNPoolingNode", "MPSCNNNeuronNode"]
ABSTRACT += ["MPSNNBinaryArithmeticNode", "MPSNNArithmeticGradientNode", "MPSCNNPoolingGradientNode"]


@pytest.mark.parametrize("name", ABSTRACT)
def test_abstract_classes_have_no_constructor(name):
    with pytest.raises(TypeError):
        getattr(mps, name)()


# --- 1.5. properties are read when the graph is made ----------------------------------------------------------------


def test_a_graph_does_not_see_what_is_changed_after_it_was_made():
    x = node("x")
    pool = mps.MPSCNNPoolingMaxNode.with_filter_size(x, 2)
    total = add(pool.result_image, pool.result_image)
    graph = graph_of(total)
    before = result_of(graph, ramp(5, 5, 1))
    pool.padding_policy = VALID
    total.secondary_scale = 100
    pool.result_image.export_from_graph = True
    total.result_image.format = Format.Unorm8
    x.handle = "y"
    after = run(graph, ramp(5, 5, 1))
    np.testing.assert_array_equal(values(after.result), before)
    assert after.result.feature_channel_format == Float32
    assert after.intermediates == []
    assert graph.source_image_handles == ["x"]
    assert result_of(graph_of(total, channel_format=Float16), ramp(5, 5, 1)).shape == (2, 2, 1)


def test_the_training_style_is_read_when_the_graph_is_made():
    source = GPUConvolution(identity_weights(1))
    loss = loss_node(convolution(node(), source).result_image)
    (last,) = loss.training_graph_with_source_gradient()
    graph = graph_of(last, needed=[False])
    last.training_style = Style.UpdateDeviceNone
    run(graph, ramp(1, 1, 1), states=labels(ramp(1, 1, 1, 1)))
    assert source.calls().count("update_with_command_buffer") == 1


def test_a_descriptor_changed_after_the_graph_was_made_has_no_effect():
    source = Convolution(np.ones((1, 1, 1, 1)))
    graph = graph_of(convolution(node(), source))
    source.shape.stride_in_pixels_x = 2
    assert result_of(graph, ramp(2, 4, 1)).shape == (2, 4, 1)


# --- 6. the graph object --------------------------------------------------------------------------------------------


def test_defaults_of_a_graph():
    graph = mps.MPSNNGraph(linear(node("x")).result_image)
    assert graph.format == Float16
    assert graph.output_state_is_temporary is False
    assert graph.result_image_is_needed is True
    assert graph.options == mps.MPSKernelOptions.None_
    assert graph.label is None
    assert graph.device is not None
    assert graph.destination_image_allocator is not None
    assert not graph.source_state_handles
    assert not graph.intermediate_image_handles
    assert not graph.result_state_handles
    assert graph.result_handle is None
    assert isinstance(graph, mps.MPSKernel)


def test_the_result_handle_is_that_of_the_first_result():
    a, b = linear(node()).result_image, linear(node()).result_image
    a.handle, b.handle = "a", "b"
    assert graph_of(a, b).result_handle == "a"


def test_no_flags_means_that_all_results_are_needed():
    x = node()
    other = linear(x, a=3)
    other.result_image.image_allocator = mps.MPSImage.default_allocator()
    out = run(graph_of(linear(x, a=2), other), ramp(1, 1, 1))
    np.testing.assert_array_equal(values(out.result), [[[2]]])
    np.testing.assert_array_equal(values(out.intermediates[0]), [[[3]]])


def test_the_flag_of_the_first_result_is_the_graphs():
    x = node()
    graph = graph_of(linear(x), linear(x), needed=[False, True])
    assert graph.result_image_is_needed is False
    out = run(graph, ramp(1, 1, 1))
    assert out.result is None
    assert len(out.intermediates) == 1


@pytest.mark.parametrize("name", [None, "cpu"])
def test_a_device_by_name(name):
    graph = mps.MPSNNGraph(linear(node()).result_image, device=name)
    assert name in (None, graph.device.name)


# --- 7.1, 7.2. the walk, and what is dropped ------------------------------------------------------------------------


def test_a_result_may_be_inside_a_larger_network():
    inner = linear(node("x"), a=2, label="inner")
    linear(inner.result_image, label="outer")
    assert names(graph_of(inner)) == ['MPSCNNNeuronLinearNode "inner"']


def test_execution_order_is_post_order_with_sources_left_to_right():
    x = node()
    a, b = linear(x, label="a"), linear(x, label="b")
    c = linear(b.result_image, label="c")
    total = add(a.result_image, c.result_image)
    total.label = "sum"
    assert [n.split('"')[1] for n in names(graph_of(total))] == ["a", "b", "c", "sum"]


def test_a_result_that_is_an_input():
    out = run(graph_of(node("x")), ramp(2, 3, 2))
    np.testing.assert_array_equal(values(out.result), ramp(2, 3, 2))
    assert graph_of(node("x")).source_image_handles == ["x"]


def test_a_result_that_is_an_input_is_stored_in_the_format_of_results():
    out = run(graph_of(node(), channel_format=Float16), ramp(1, 1, 2))
    assert out.result.feature_channel_format == Float16


def test_a_deep_network():
    x = node()
    for _ in range(3000):
        x = linear(x, b=1).result_image
    graph = graph_of(x)
    del x
    np.testing.assert_array_equal(result_of(graph, np.zeros((1, 1, 1), np.float32)), [[[3000]]])


def test_pruned_filters_are_dropped_and_their_data_sources_left_alone():
    source = Convolution(identity_weights(1))
    graph = graph_of(linear(node("x")), convolution(node("y"), source), needed=[True, False])
    assert names(graph) == ["MPSCNNNeuronLinearNode"]
    assert graph.source_image_handles == ["x"]
    assert source.log == []


def test_rule_2_an_exported_image_is_required():
    f = linear(node("x"), a=2)
    f.result_image.export_from_graph = True
    out = run(graph_of(linear(f.result_image), needed=[False]), ramp(1, 1, 1))
    assert out.result is None
    assert len(out.intermediates) == 1


def test_rule_2_an_exported_state_is_required():
    c = convolution(node("x"), Convolution(identity_weights(1)))
    c.result_state.export_from_graph = True
    out = run(graph_of(linear(c.result_image), needed=[False]), ramp(2, 3, 1))
    assert out.result is None
    (state,) = out.states
    assert (state.source_width, state.source_height) == (3, 2)


def gradient_of_first_layer(source, style=None):
    loss = loss_node(convolution(node("x"), source).result_image)
    (last,) = loss.training_graph_with_source_gradient()
    if style is not None:
        last.training_style = style
    return last


def test_rule_3_a_gradient_filter_that_updates_is_required():
    graph = graph_of(gradient_of_first_layer(GPUConvolution(identity_weights(1))), needed=[False])
    assert names(graph) == ["MPSCNNConvolutionNode", "MPSCNNLossNode", "MPSCNNConvolutionGradientNode"]
    assert "(not needed) = MPSCNNConvolutionGradientNode" in graph.debug_description


@pytest.mark.parametrize(
    ("cls", "style"),
    [
        (GPUConvolution, Style.UpdateDeviceNone),
        (GPUConvolution, Style.UpdateDeviceCPU),
        (CPUConvolution, Style.UpdateDeviceGPU),
        (Convolution, Style.UpdateDeviceGPU),
    ],
)
def test_rule_3_needs_the_method_of_the_style(cls, style):
    graph = graph_of(gradient_of_first_layer(cls(identity_weights(1)), style), needed=[False])
    assert names(graph) == ["MPSCNNConvolutionNode", "MPSCNNLossNode"]


def test_rule_4_a_loss_is_required():
    graph = graph_of(loss_node(linear(node("x")).result_image), needed=[False])
    assert names(graph) == ["MPSCNNNeuronLinearNode", "MPSCNNLossNode"]
    truth = labels(np.zeros((1, 1, 1, 1)))
    run(graph, ramp(1, 1, 1, start=3), states=truth)
    assert losses(truth) == [9]


def test_rule_5_what_a_required_filter_reads_is_required():
    x = linear(node("x"), label="first")
    f = linear(x.result_image, label="exported")
    f.result_image.export_from_graph = True
    graph = graph_of(linear(f.result_image, label="last"), needed=[False])
    assert [n.split('"')[1] for n in names(graph)] == ["first", "exported"]


# --- 7.3, 7.4. order of inputs and outputs ---------------------------------------------------------------------------


def test_inputs_are_in_order_of_the_first_visit():
    a, b, c = node("a"), node("b"), node("c")
    left = add(linear(b).result_image, a)
    graph = graph_of(add(left.result_image, add(c, b).result_image))
    assert graph.source_image_handles == ["b", "a", "c"]


def test_inputs_of_several_results_follow_the_results():
    content, style, scale, mean = node("content"), node("style"), node("scale"), node("mean")

    def compare(x):
        difference = mps.MPSNNSubtractionNode(x, mean)
        return mps.MPSNNMultiplicationNode(difference.result_image, scale)

    assert graph_of(compare(content), compare(style)).source_image_handles == ["content", "mean", "scale", "style"]


def test_the_gradient_comes_before_the_source_image():
    pool = mps.MPSCNNPoolingMaxNode.with_filter_size(node("x"), 2)
    graph = graph_of(pool.gradient_filter_with_source(node("gradient")))
    assert graph.source_image_handles == ["gradient", "x"]


def test_inputs_of_dropped_filters_are_not_listed():
    x, unused = node("x"), node("unused")
    graph = graph_of(linear(unused), linear(x), needed=[False, True])
    assert graph.source_image_handles == ["x"]


def test_handles_tell_several_losses_apart():
    x = node("x")
    first, second = loss_node(linear(x).result_image), loss_node(linear(x, a=2).result_image)
    first.input_labels.handle, second.input_labels.handle = "first", "second"
    graph = graph_of(second, first)
    assert graph.source_state_handles == ["second", "first"]
    truth = {"first": labels(np.zeros((1, 1, 1, 1))), "second": labels(np.full((1, 1, 1, 1), 4))}
    Run(graph, [batch(ramp(1, 1, 1, 1))], [truth[h] for h in graph.source_state_handles])
    assert losses(truth["first"]) == [1]
    assert losses(truth["second"]) == [4]


def exported(f, handle):
    f.result_image.export_from_graph = True
    f.result_image.image_allocator = mps.MPSImage.default_allocator()
    f.result_image.handle = handle
    return f


def test_exported_images_come_from_the_results_backwards_and_then_further_results():
    early = exported(linear(node(), a=2), "early")
    late = exported(linear(early.result_image, a=3), "late")
    result = linear(late.result_image, a=5)
    other = linear(early.result_image, a=7)
    other.result_image.handle = "other"
    other.result_image.image_allocator = mps.MPSImage.default_allocator()
    graph = graph_of(result, other)
    assert graph.intermediate_image_handles == ["late", "early", "other"]
    out = run(graph, ramp(1, 1, 1))
    assert [float(values(i).item()) for i in out.intermediates] == [6, 2, 14]
    assert values(out.result).item() == 30


def test_a_result_that_is_also_exported_is_one_object():
    out = run(graph_of(exported(linear(node()), "r")), ramp(1, 1, 1))
    assert len(out.intermediates) == 1
    assert out.intermediates[0] is out.result


def test_one_node_twice_among_the_results_is_one_image_delivered_twice():
    f = linear(node())
    f.result_image.image_allocator = mps.MPSImage.default_allocator()
    out = run(graph_of(f, f), ramp(1, 1, 1))
    assert len(out.intermediates) == 1
    assert out.intermediates[0] is out.result


def test_further_results_that_are_not_needed_are_not_delivered():
    x = node()
    results = [linear(x, a=k) for k in (1, 2, 3)]
    for k, r in enumerate(results):
        r.result_image.handle = k
        r.result_image.image_allocator = mps.MPSImage.default_allocator()
    graph = graph_of(*results, needed=[True, False, True])
    assert graph.intermediate_image_handles == [2]
    out = run(graph, ramp(1, 1, 1))
    assert [values(i).item() for i in out.intermediates] == [3]


def test_only_exported_states_are_delivered():
    a = convolution(node("x"), Convolution(identity_weights(1)))
    b = convolution(a.result_image, Convolution(identity_weights(1)))
    b.result_state.export_from_graph = True
    b.result_state.handle = "b"
    graph = graph_of(b)
    assert graph.result_state_handles == ["b"]
    out = run(graph, ramp(2, 3, 1))
    assert len(out.states) == 1
    assert isinstance(out.states[0], mps.MPSCNNConvolutionGradientState)


def test_states_follow_the_order_of_images():
    a = convolution(node("x"), Convolution(identity_weights(1)))
    b = convolution(a.result_image, Convolution(identity_weights(1)))
    for k, c in enumerate([a, b]):
        c.result_state.export_from_graph = True
        c.result_state.handle = k
    assert graph_of(linear(b.result_image)).result_state_handles == [1, 0]


def test_a_state_of_a_filter_that_is_reached_through_its_state_only():
    c = convolution(node("x"), Convolution(identity_weights(1)))
    c.result_state.export_from_graph = True
    c.result_state.handle = "state"
    exported(c, "image")
    t = mps.MPSCNNConvolutionTransposeNode(
        node("y"), convolution_gradient_state=c.convolution_gradient_state, weights=Convolution(identity_weights(1))
    )
    graph = graph_of(t)
    assert graph.result_state_handles == ["state"]
    assert graph.intermediate_image_handles == ["image"]
    assert sorted(graph.source_image_handles) == ["x", "y"]


def test_the_result_is_permanent_and_further_results_have_their_own_allocator():
    x = node()
    graph = graph_of(linear(x), linear(x))
    others = []
    with mps.CommandQueue().command_buffer() as command_buffer:
        result = graph.encode_to_command_buffer(command_buffer, [image(ramp(1, 1, 1))], intermediate_images=others)
    assert type(result) is mps.MPSImage
    assert type(others[0]) is mps.MPSTemporaryImage


class Allocator(mps.MPSImageAllocator):
    """Notes what it is asked for."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def image_for_command_buffer(self, command_buffer, image_descriptor, kernel):
        self.asked.append((command_buffer, image_descriptor))
        return mps.MPSImage(image_descriptor)


def test_allocators_are_asked_for_what_leaves_the_graph():
    mine, inner = Allocator(), Allocator()
    f = linear(node())
    f.result_image.export_from_graph = True
    f.result_image.image_allocator = inner
    last = linear(f.result_image)
    last.result_image.image_allocator = inner  # not asked for the result
    graph = graph_of(last)
    graph.destination_image_allocator = mine
    run(graph, ramp(3, 2, 1))
    assert len(mine.asked) == len(inner.asked) == 1
    asked = mine.asked[0][1]
    assert (asked.height, asked.width, asked.feature_channels, asked.channel_format) == (3, 2, 1, Float32)
    run(graph, np.stack([ramp(3, 2, 1)] * 4))
    assert len(mine.asked) == 5


def test_an_allocator_may_make_whole_batches():
    class Whole(Allocator):
        def image_batch_for_command_buffer(self, command_buffer, image_descriptor, kernel, count):
            self.asked.append(count)
            return [mps.MPSImage(image_descriptor) for _ in range(count)]

    graph = graph_of(linear(node(), a=2))
    graph.destination_image_allocator = allocator = Whole()
    np.testing.assert_array_equal(result_of(graph, ramp(3, 1, 2, 1)), 2 * ramp(3, 1, 2, 1))
    assert allocator.asked == [3]


# --- 7.5. data sources ----------------------------------------------------------------------------------------------


def test_a_data_source_is_loaded_read_and_purged_once():
    source = Convolution(identity_weights(1), [0])
    graph = graph_of(convolution(node(), source))
    assert source.calls() == ["load", "descriptor", "weights", "bias_terms", "purge"]
    run(graph, ramp(2, 2, 1))
    run(graph, ramp(3, 3, 1))
    assert len(source.log) == 5


def test_a_training_graph_reads_a_data_source_once():
    source = GPUConvolution(identity_weights(1))
    graph_of(gradient_of_first_layer(source), needed=[False])
    assert source.calls() == ["load", "descriptor", "weights", "bias_terms", "purge"]


def test_data_sources_are_read_in_execution_order():
    log = []
    first = convolution(node(), Convolution(identity_weights(1), name="first", log=log))
    second = convolution(first.result_image, Convolution(identity_weights(1), name="second", log=log))
    graph_of(second)
    assert [name for name, method in log if method == "load"] == ["first", "second"]
    assert log.index(("first", "purge")) < log.index(("second", "load"))


def test_a_batch_normalisation_source_is_loaded_and_purged_once():
    source = BatchNormalization(2)
    graph_of(mps.MPSCNNBatchNormalizationNode(node(), data_source=source))
    assert source.calls() == ["load", "number_of_feature_channels", "gamma", "beta", "mean", "variance", "purge"]


def test_filters_that_share_a_source_have_values_of_their_own():
    source = Convolution(identity_weights(1, 3))
    first = convolution(node(), source)
    graph = graph_of(convolution(first.result_image, source))
    assert source.calls().count("load") == source.calls().count("purge") == 2
    source.values = identity_weights(1, 100)
    np.testing.assert_array_equal(result_of(graph, ramp(1, 1, 1)), [[[9]]])


def test_the_arrays_of_a_source_may_go_after_purge():
    class Fleeting(Convolution):
        def purge(self):
            super().purge()
            self.values[...] = np.nan

    graph = graph_of(convolution(node(), Fleeting(identity_weights(1, 2))))
    np.testing.assert_array_equal(result_of(graph, ramp(1, 1, 1)), [[[2]]])


def test_the_label_of_a_source_stands_in_for_the_filters():
    source = Convolution(identity_weights(1), name="weights of a")
    unnamed = convolution(node(), source)
    assert names(graph_of(unnamed)) == ['MPSCNNConvolutionNode "weights of a"']
    assert names(graph_of(convolution(node(), source, label="own"))) == ['MPSCNNConvolutionNode "own"']


# --- 7.6. fusion ----------------------------------------------------------------------------------------------------


def convolution_and_relu(policy=None):
    rng = np.random.default_rng(0)
    c = convolution(node("x"), Convolution(rng.standard_normal((4, 3, 3, 2)), rng.standard_normal(4)), label="conv")
    if policy is not None:
        c.padding_policy = policy
    return c, relu(c.result_image)


def trace(graph, capfd, array):
    """The plan's report of its steps."""
    graph.options = mps.MPSKernelOptions.Verbose
    capfd.readouterr()
    run(graph, array)
    return capfd.readouterr().err


def computed(report):
    """The number of kernels that a plan's report names."""
    return sum(" -> " in line for line in report.splitlines())


def test_results_agree_with_fusion_on_and_off():
    x = np.random.default_rng(1).standard_normal((6, 5, 2)).astype(np.float32)
    _, last = convolution_and_relu()
    graph, plain = graph_of(last), graph_of(last)
    plain.disabled_passes = set(mps.plan_passes())
    np.testing.assert_allclose(result_of(graph, x), result_of(plain, x), rtol=1e-6, atol=1e-6)


def test_a_neuron_is_fused_into_its_convolution(capfd):
    _, last = convolution_and_relu()
    assert computed(trace(graph_of(last), capfd, ramp(5, 5, 2))) == 1


def test_no_fusion_across_an_exported_image(capfd):
    c, last = convolution_and_relu()
    exported(c, "c")
    graph = graph_of(last)
    assert computed(trace(graph, capfd, ramp(5, 5, 2))) == 2
    out = run(graph, -ramp(5, 5, 2))
    assert values(out.intermediates[0]).min() < 0
    np.testing.assert_array_equal(values(out.result), np.maximum(values(out.intermediates[0]), 0))


def test_no_fusion_across_a_result(capfd):
    c, last = convolution_and_relu()
    assert computed(trace(graph_of(last, c), capfd, ramp(5, 5, 2))) == 2


def test_no_fusion_across_an_image_with_two_readers(capfd):
    c, last = convolution_and_relu()
    other = linear(c.result_image, a=2)
    assert computed(trace(graph_of(last, other), capfd, ramp(5, 5, 2))) == 3


@pytest.mark.parametrize(
    ("bits", "kernels"), [(Method.Custom, 2), (Method.Custom | Method.CustomAllowForNodeFusion, 1)]
)
def test_a_custom_policy_forbids_fusion_unless_it_allows_it(capfd, bits, kernels):
    _, last = convolution_and_relu(Source(method=bits | Method.SizeSame))
    assert computed(trace(graph_of(last), capfd, ramp(5, 5, 2))) == kernels


# --- 8.1, 8.2. forms of encode --------------------------------------------------------------------------------------


def test_one_image():
    result = run(graph_of(linear(node(), a=2)), ramp(2, 3, 4)).result
    assert isinstance(result, mps.MPSImage)
    np.testing.assert_array_equal(values(result), 2 * ramp(2, 3, 4))


def test_a_batch():
    result = run(graph_of(linear(node(), a=2)), ramp(5, 2, 3, 4)).result
    assert [i.number_of_images for i in result] == [1] * 5
    np.testing.assert_array_equal(values(result), 2 * ramp(5, 2, 3, 4))


def test_one_object_with_several_images():
    graph = graph_of(linear(node(), a=2))
    result = Run(graph, [image(ramp(5, 2, 3, 4))]).result
    assert result.number_of_images == 5
    np.testing.assert_array_equal(values(result), 2 * ramp(5, 2, 3, 4))


def test_a_batch_of_images_that_lie_anywhere_in_any_order():
    images = [image(ramp(2, 3, 1, start=10 * k)) for k in range(3)]
    result = Run(graph_of(linear(node(), a=2)), [[images[2], images[0], images[2]]]).result
    np.testing.assert_array_equal(values(result), 2 * values([images[2], images[0], images[2]]))


def test_the_batch_size_and_the_image_size_may_change_from_encode_to_encode():
    graph = graph_of(add(node(), node()))
    for shape in [(1, 2, 3, 4), (4, 2, 3, 4), (2, 5, 1, 2), (1, 2, 3, 4)]:
        np.testing.assert_array_equal(result_of(graph, ramp(*shape), ramp(*shape)), 2 * ramp(*shape))


def test_source_images_may_have_any_format():
    graph = graph_of(add(node(), node()))
    half, unorm = np.full((1, 2, 1), 0.5, np.float16), np.full((1, 2, 1), 255, np.uint8)
    np.testing.assert_array_equal(result_of(graph, half, unorm), np.full((1, 2, 1), 1.5))


def test_a_batch_equals_its_images_alone():
    x = np.random.default_rng(2).standard_normal((3, 7, 6, 2)).astype(np.float32)
    graph = graph_of(mps.MPSCNNSoftMaxNode(convolution_and_relu()[1].result_image))
    np.testing.assert_array_equal(result_of(graph, x), np.stack([result_of(graph, i) for i in x]))


def test_a_result_outlives_its_command_buffer_and_its_graph():
    graph = graph_of(linear(node(), a=2))
    result = run(graph, ramp(1, 2, 1)).result
    del graph
    run(graph_of(linear(node(), a=9)), ramp(1, 2, 1))
    np.testing.assert_array_equal(values(result), 2 * ramp(1, 2, 1))


def test_sources_may_be_dropped_after_the_encode():
    graph = graph_of(linear(node(), a=2))
    with mps.CommandQueue().command_buffer() as command_buffer:
        result = graph.encode_to_command_buffer(command_buffer, [image(ramp(64, 64, 4))])
    np.testing.assert_array_equal(values(result), 2 * ramp(64, 64, 4))


def test_several_encodes_in_one_command_buffer_run_in_order():
    graph = graph_of(linear(node(), a=2, b=1))
    with mps.CommandQueue().command_buffer() as command_buffer:
        x = image(ramp(1, 2, 1))
        for _ in range(3):
            x = graph.encode_to_command_buffer(command_buffer, [x])
    np.testing.assert_array_equal(values(x), 8 * ramp(1, 2, 1) + 7)


def test_intermediate_images_are_appended_to_the_callers_list():
    graph = graph_of(linear(exported(linear(node()), "e").result_image))
    images = ["before"]
    with mps.CommandQueue().command_buffer() as command_buffer:
        graph.encode_to_command_buffer(command_buffer, [image(ramp(1, 1, 1))], intermediate_images=images)
    assert images[0] == "before"
    assert len(images) == 2


def test_batches_of_exported_images_and_states_keep_their_nesting():
    c = exported(convolution(node(), Convolution(identity_weights(1))), "c")
    c.result_state.export_from_graph = True
    out = run(graph_of(linear(c.result_image)), ramp(3, 2, 2, 1))
    assert [len(images) for images in out.intermediates] == [3]
    assert [len(states) for states in out.states] == [3]
    assert all(s is out.states[0][0] for s in out.states[0]), "a convolution has one state for the batch"


def test_a_graph_may_be_called_with_arrays():
    x = node()
    other = linear(x, a=3)
    other.result_image.image_allocator = mps.MPSImage.default_allocator()
    two, three = graph_of(linear(x, a=2), other)(ramp(2, 1, 2, 1))
    np.testing.assert_array_equal(two, 2 * ramp(2, 1, 2, 1))
    np.testing.assert_array_equal(three, 3 * ramp(2, 1, 2, 1))


# --- 8.3. read counts -----------------------------------------------------------------------------------------------


def fill(command_buffer, target):
    """Encodes work that writes a temporary image: the graph's result goes there."""

    class Into(mps.MPSImageAllocator):
        def image_for_command_buffer(self, command_buffer, image_descriptor, kernel):
            return target

    graph = graph_of(linear(node()))
    graph.destination_image_allocator = Into()
    graph.encode_to_command_buffer(command_buffer, [image(ramp(target.height, target.width, target.feature_channels))])


def test_a_temporary_source_is_lowered_once_however_often_it_is_read():
    x = node()
    graph = graph_of(add(linear(x).result_image, x))
    assert graph.read_count_for_source_image_at_index(0) == 1
    with mps.CommandQueue().command_buffer() as command_buffer:
        source = temporary(command_buffer, 1, 2, 1)
        source.read_count = 2
        fill(command_buffer, source)
        assert source.read_count == 2
        first = graph.encode_to_command_buffer(command_buffer, [source])
        assert source.read_count == 1
        graph.encode_to_command_buffer(command_buffer, [source])
        assert source.read_count == 0
    np.testing.assert_array_equal(values(first), 2 * ramp(1, 2, 1))


def test_a_temporary_several_times_in_a_batch_is_lowered_once():
    graph = graph_of(linear(node()))
    with mps.CommandQueue().command_buffer() as command_buffer:
        source = temporary(command_buffer, 1, 2, 1)
        fill(command_buffer, source)
        graph.encode_batch_to_command_buffer(command_buffer, [[source, source, source]])
        assert source.read_count == 0


def test_a_temporary_as_two_inputs_is_lowered_for_each():
    graph = graph_of(add(node(), node()))
    with mps.CommandQueue().command_buffer() as command_buffer:
        source = temporary(command_buffer, 1, 2, 1)
        source.read_count = 2
        fill(command_buffer, source)
        graph.encode_to_command_buffer(command_buffer, [source, source])
        assert source.read_count == 0


def test_a_temporary_as_two_inputs_needs_a_count_for_each():
    graph = graph_of(add(node(), node()))
    command_buffer = mps.CommandQueue().command_buffer()
    source = temporary(command_buffer, 1, 2, 1)
    with pytest.raises(mps.InvalidArgumentError, match="read_count"):
        graph.encode_to_command_buffer(command_buffer, [source, source])
    assert source.read_count == 1


def test_read_counts_of_temporary_results():
    f = linear(node())
    f.result_image.export_from_graph = True
    graph = graph_of(linear(f.result_image))
    graph.destination_image_allocator = mps.MPSTemporaryImage.default_allocator()
    images = []
    with mps.CommandQueue().command_buffer() as command_buffer:
        result = graph.encode_to_command_buffer(command_buffer, [image(ramp(1, 1, 1))], intermediate_images=images)
    assert result.read_count == 1
    assert images[0].read_count == 1


def test_read_count_of_a_temporary_result_that_is_also_exported():
    f = linear(node())
    f.result_image.export_from_graph = True
    graph = graph_of(f)
    graph.destination_image_allocator = mps.MPSTemporaryImage.default_allocator()
    with mps.CommandQueue().command_buffer() as command_buffer:
        result = graph.encode_to_command_buffer(command_buffer, [image(ramp(1, 1, 1))], intermediate_images=[])
    assert result.read_count == 2


def test_temporary_results_feed_the_next_encode():
    first, second = graph_of(linear(node(), a=2)), graph_of(linear(node(), a=3))
    first.destination_image_allocator = mps.MPSTemporaryImage.default_allocator()
    with mps.CommandQueue().command_buffer() as command_buffer:
        between = first.encode_batch_to_command_buffer(command_buffer, [batch(ramp(2, 1, 2, 1))])
        result = second.encode_batch_to_command_buffer(command_buffer, [between])
        assert [i.read_count for i in between] == [0, 0]
    np.testing.assert_array_equal(values(result), 6 * ramp(2, 1, 2, 1))


@pytest.mark.parametrize("is_temporary", [False, True])
def test_kind_and_read_count_of_exported_states(is_temporary):
    c = convolution(node(), Convolution(identity_weights(1)))
    c.result_state.export_from_graph = True
    graph = graph_of(c)
    graph.output_state_is_temporary = is_temporary
    (state,) = run(graph, ramp(1, 1, 1)).states
    assert state.is_temporary is is_temporary
    assert state.read_count == int(is_temporary)


# --- 8.4. formats ---------------------------------------------------------------------------------------------------


def test_results_are_float16_by_default_also_for_float32_sources():
    graph = mps.MPSNNGraph(linear(node()).result_image)
    result = run(graph, np.full((1, 1, 1), 1 / 3, np.float32)).result
    assert result.feature_channel_format == Float16
    assert values(result).item() == np.float16(1 / 3)


def test_the_format_of_the_node_wins_over_the_graphs():
    f = linear(node())
    f.result_image.format = Format.Unorm8
    assert run(graph_of(f), np.ones((1, 1, 1), np.float32)).result.feature_channel_format == Format.Unorm8


def test_a_format_on_the_input_reaches_the_result():
    graph = graph_of(relu(linear(node(channel_format=Format.Unorm16)).result_image))
    assert run(graph, np.ones((1, 1, 1), np.float32)).result.feature_channel_format == Format.Unorm16


def test_the_format_of_a_custom_policy_wins():
    def body(images, states, kernel, suggested):
        suggested.channel_format = Format.Unorm8
        return suggested

    f = mps.MPSCNNPoolingMaxNode.with_filter_size(node(), 1)
    f.padding_policy = Source(body)
    f.result_image.format = Float16
    assert run(graph_of(f), np.ones((1, 1, 1), np.float32)).result.feature_channel_format == Format.Unorm8


def test_the_format_of_the_graph_may_change_between_encodes():
    graph = graph_of(linear(node()))
    for channel_format in (Float32, Float16, Format.Unorm8, Float32):
        graph.format = channel_format
        assert run(graph, np.ones((1, 1, 1), np.float32)).result.feature_channel_format == channel_format


def test_images_inside_the_graph_keep_float32_unless_storage_is_emulated():
    x = np.full((1, 1, 1), 60000, np.float32)
    big = linear(linear(node(), a=2).result_image, a=0.25)
    graph = graph_of(big, channel_format=Float16)
    assert values(run(graph, x).result).item() == 30000
    graph.emulate_storage = True
    assert np.isinf(values(run(graph, x).result).item())


# --- 8.5. asynchronous encode ---------------------------------------------------------------------------------------


def test_execute_async():
    done, given = threading.Event(), []

    def handler(result, error):
        given.extend([result, error])
        done.set()

    result = graph_of(linear(node(), a=2)).execute_async_with_source_images([image(ramp(2, 2, 1))], handler)
    assert done.wait(10)
    assert given[0] is result
    assert given[1] is None
    np.testing.assert_array_equal(values(result), 2 * ramp(2, 2, 1))


def test_execute_async_many_in_flight():
    graph = graph_of(linear(node(), a=2))
    done = threading.Semaphore(0)
    results = [
        graph.execute_async_with_source_images([image(ramp(1, 1, 1, start=k))], lambda result, error: done.release())
        for k in range(20)
    ]
    for _ in results:
        assert done.acquire(timeout=10)
    assert [values(r).item() for r in results] == [2 * k for k in range(20)]


# --- 9. reload ------------------------------------------------------------------------------------------------------


def test_reload_reads_every_data_source_again():
    log = []
    first = Convolution(identity_weights(1, 2), name="first", log=log)
    second = BatchNormalization(1, name="second", log=log, gamma=[1])
    c = convolution(node(), first)
    graph = graph_of(mps.MPSCNNBatchNormalizationNode(c.result_image, data_source=second))
    np.testing.assert_array_equal(result_of(graph, ramp(1, 1, 1)), [[[2]]])
    log.clear()
    first.values, second.arrays = identity_weights(1, 5), {"gamma": [3]}
    np.testing.assert_array_equal(result_of(graph, ramp(1, 1, 1)), [[[2]]])
    graph.reload_from_data_sources()
    np.testing.assert_array_equal(result_of(graph, ramp(1, 1, 1)), [[[15]]])
    assert first.calls() == ["load", "weights", "bias_terms", "purge"]
    assert second.calls()[0] == "load"
    assert second.calls()[-1] == "purge"


@pytest.mark.parametrize("looked_at_before", [False, True])
@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize("trainable", [False, True])
def test_graphs_keep_the_arrays_of_ready_sources_until_they_reload(looked_at_before, normalized, trainable):
    d = mps.MPSCNNConvolutionDescriptor(1, kernel_height=1, input_feature_channels=1, output_feature_channels=1)
    optimizer = mps.MPSNNOptimizerStochasticGradientDescent.with_learning_rate(1) if trainable else None
    source = mps.ConvolutionWeights(d, [2.0], [1.0], optimizer=optimizer)
    if looked_at_before:
        source.weights()[...] = 3
    filters = [convolution(node(), source) for _ in range(2)]
    if normalized:  # by 1
        numbers = mps.BatchNormalizationWeights(1)
        filters = [mps.MPSCNNBatchNormalizationNode(f.result_image, data_source=numbers) for f in filters]
    graphs = [graph_of(f) for f in filters]
    before = 4 if looked_at_before else 3
    x, batch = ramp(1, 1, 1), np.ones((3, 1, 1, 1), np.float32)

    def check(graph, expected):
        for source in (x, batch):  # a plan each
            np.testing.assert_allclose(graph(source), np.full_like(source, expected), rtol=1e-3)

    np.testing.assert_allclose(graphs[0](x), [[[before]]], rtol=1e-3)
    source.weights()[...] = 5
    source.bias_terms()[...] = 0
    for graph in graphs:
        check(graph, before)
    graphs[0].reload_from_data_sources()
    check(graphs[0], 5)
    check(graphs[1], before)
    assert source.weights().item() == 5
    del source, filters
    check(graphs[1], before)


def test_reload_leaves_the_descriptor_alone():
    source = Convolution(identity_weights(1, 2))
    graph = graph_of(convolution(node(), source))
    source.shape = mps.MPSCNNConvolutionDescriptor(
        1, kernel_height=1, input_feature_channels=1, output_feature_channels=1
    )
    source.shape.stride_in_pixels_x = 2
    graph.reload_from_data_sources()
    assert result_of(graph, ramp(1, 4, 1)).shape == (1, 4, 1)


# --- 12. concatenation ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("producers", [False, True], ids=["inputs", "filters"])
def test_concatenation_pads_every_source_to_a_multiple_of_four(producers):
    x, y = ramp(2, 3, 3), ramp(2, 3, 5, start=100)
    left, right = node("x"), node("y")
    if producers:
        left, right = linear(left).result_image, linear(right).result_image
    result = result_of(graph_of(mps.MPSNNConcatenationNode([left, right])), x, y)
    assert result.shape == (2, 3, 12)
    np.testing.assert_array_equal(result[..., :3], x)
    np.testing.assert_array_equal(result[..., 4:9], y)
    assert not result[..., 3].any()
    assert not result[..., 9:].any()


def test_convolutions_write_into_a_concatenation(capfd):
    """Also where they would have another kernel with a result of their own."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((32, 32, 32)).astype(np.float32)
    source = node()
    parts = [convolution(source, Convolution(rng.standard_normal((64, 1, 1, 32)))).result_image for _ in range(2)]
    graph, plain = (graph_of(mps.MPSNNConcatenationNode(parts)) for _ in range(2))
    plain.disabled_passes = {"concatenate_in_place"}
    assert computed(trace(graph, capfd, x)) == 2
    assert computed(trace(plain, capfd, x)) == 3
    np.testing.assert_allclose(result_of(graph, x), result_of(plain, x), rtol=1e-5, atol=1e-5)


def test_one_image_twice_in_a_concatenation():
    x = linear(node())
    result = result_of(graph_of(mps.MPSNNConcatenationNode([x.result_image, x.result_image])), ramp(1, 2, 4))
    np.testing.assert_array_equal(result, np.concatenate([ramp(1, 2, 4)] * 2, -1))


def test_an_exported_source_of_a_concatenation_has_its_own_channels():
    f = exported(linear(node("x")), "f")
    out = run(graph_of(mps.MPSNNConcatenationNode([f.result_image, node("y")])), ramp(1, 2, 3), ramp(1, 2, 4))
    np.testing.assert_array_equal(values(out.intermediates[0]), ramp(1, 2, 3))


def test_the_gradient_of_a_concatenation_is_a_slice_for_each_source():
    x, y = node("x"), node("y")
    gradients = mps.MPSNNConcatenationNode([x, y]).gradient_filters_with_source(node("g"))
    out = {}
    for k, gradient in enumerate(gradients):
        graph = graph_of(gradient)
        arrays = {"x": ramp(1, 2, 3), "y": ramp(1, 2, 5), "g": ramp(1, 2, 12)}
        out[k] = result_of(graph, *[arrays[h] for h in graph.source_image_handles])
    np.testing.assert_array_equal(out[0], ramp(1, 2, 12)[..., :3])
    np.testing.assert_array_equal(out[1], ramp(1, 2, 12)[..., 4:9])


# --- 14. modes of batch normalisation -------------------------------------------------------------------------------


def normalised(flags, trains):
    """Normalises (1, 3) with the data source's statistics mean 0, variance 4 or its own, mean 2, variance 1."""
    f = mps.MPSCNNBatchNormalizationNode(node("x"), data_source=BatchNormalization(1, mean=[0], variance=[4]))
    f.flags = flags
    results = [f]
    if trains:
        results.append(f.gradient_filter_with_source(node("g")))
    graph = graph_of(*results)
    arrays = {"x": np.array([[[[1]]], [[[3]]]], np.float32), "g": np.zeros((2, 1, 1, 1), np.float32)}
    return result_of(graph, *[arrays[h] for h in graph.source_image_handles]).ravel().tolist()


OWN, GIVEN = [-1, 1], [0.5, 1.5]
Flags = mps.MPSCNNBatchNormalizationFlags


@pytest.mark.parametrize(
    ("flags", "trains", "expected"),
    [
        (Flags.CalculateStatisticsAutomatic, False, GIVEN),
        (Flags.CalculateStatisticsAutomatic, True, OWN),
        (Flags.CalculateStatisticsAlways, False, OWN),
        (Flags.CalculateStatisticsAlways, True, OWN),
        (Flags.CalculateStatisticsNever, False, GIVEN),
        (Flags.CalculateStatisticsNever, True, GIVEN),
    ],
)
def test_which_statistics_a_batch_normalisation_uses(flags, trains, expected):
    assert normalised(flags, trains) == expected


def test_an_exported_state_of_batch_normalisation_does_not_change_the_mode():
    f = mps.MPSCNNBatchNormalizationNode(node(), data_source=BatchNormalization(1, mean=[0], variance=[4]))
    f.result_state.export_from_graph = True
    out = run(graph_of(f), np.array([[[[1]]], [[[3]]]], np.float32))
    assert values(out.result).ravel().tolist() == GIVEN


def test_absent_arrays_of_batch_normalisation():
    f = mps.MPSCNNBatchNormalizationNode(node(), data_source=BatchNormalization(1))
    np.testing.assert_array_equal(result_of(graph_of(f), ramp(1, 3, 1)), ramp(1, 3, 1))


# --- 15. copies -----------------------------------------------------------------------------------------------------


def test_a_copy_is_independent():
    source = Convolution(identity_weights(1, 2))
    c = convolution(node("x"), source)
    c.result_image.handle = "result"
    graph = graph_of(c)
    graph.label, graph.output_state_is_temporary = "mine", True
    copied = graph.copy_with_zone()
    assert copied is not graph
    assert (copied.label, copied.format, copied.output_state_is_temporary) == ("mine", Float32, True)
    assert copied.source_image_handles == ["x"]
    assert copied.result_handle == "result"
    source.values = identity_weights(1, 7)
    copied.reload_from_data_sources()
    np.testing.assert_array_equal(result_of(graph, ramp(1, 1, 1)), [[[2]]])
    np.testing.assert_array_equal(result_of(copied, ramp(1, 1, 1)), [[[7]]])


def test_a_copy_asks_data_sources_for_copies():
    class Copying(Convolution):
        def copy_with_zone(self, zone=None, device=None):
            made.append(Copying(self.values))
            return made[-1]

    made = []
    source = Copying(identity_weights(1, 2))
    copied = graph_of(convolution(node(), source)).copy_with_zone()
    assert len(made) == 1
    made[0].values = identity_weights(1, 3)
    copied.reload_from_data_sources()
    np.testing.assert_array_equal(result_of(copied, ramp(1, 1, 1)), [[[3]]])


def test_copies_in_several_threads():
    graph = graph_of(convolution_and_relu()[1])
    x = np.random.default_rng(3).standard_normal((9, 8, 2)).astype(np.float32)
    expected = result_of(graph, x)
    copies = [graph.copy_with_zone() for _ in range(3)]
    wrong = []

    def work(copied):
        for _ in range(10):
            if not np.array_equal(result_of(copied, x), expected):
                wrong.append(copied)

    threads = [threading.Thread(target=work, args=(c,)) for c in copies]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


# --- 16. diagnostics ------------------------------------------------------------------------------------------------


def test_verbose_describes_the_graph(capfd):
    c, last = convolution_and_relu()
    exported(c, "kept")
    dropped = linear(node(), label="dropped")
    graph = graph_of(last, dropped, needed=[True, False])
    report = trace(graph, capfd, ramp(6, 5, 2))
    assert 'source %0 "x"' in report
    assert "SizeSame, AlignCentered, AddRemainderToTopLeft" in report
    assert '"conv"' in report
    assert "6 x 5 x 4" in report
    assert "result" in report
    assert 'intermediate %1 "kept"' in report
    assert 'MPSCNNNeuronLinearNode "dropped"' in report, "what was left out is named"
    assert 'not fused MPSCNNNeuronReLUNode into MPSCNNConvolutionNode "conv": its image is exported' in report


def test_verbose_names_the_fusions(capfd):
    report = trace(graph_of(convolution_and_relu()[1]), capfd, ramp(6, 5, 2))
    assert any("fused" in line and "MPSCNNNeuronReLUNode" in line for line in report.splitlines())


def test_graphs_are_silent_unless_asked(capfd):
    run(graph_of(convolution_and_relu()[1]), ramp(6, 5, 2))
    out = capfd.readouterr()
    assert (out.out, out.err) == ("", "")


def test_mps_log_info_makes_new_graphs_verbose(monkeypatch):
    monkeypatch.setenv("MPS_LOG_INFO", "1")
    assert mps.MPSNNGraph(linear(node()).result_image).options == mps.MPSKernelOptions.Verbose


def test_debug_description():
    graph = graph_of(convolution_and_relu()[1])
    assert graph.debug_description == graph.debug_description
    assert names(graph) == ['MPSCNNConvolutionNode "conv"', "MPSCNNNeuronReLUNode"]


# --- 17, kernel-base 6.9. custom padding policies -------------------------------------------------------------------


def test_a_custom_policy_is_asked_once_per_encode_with_the_first_image():
    asked = []

    def body(images, states, kernel, suggested):
        asked.append((len(images), images[0].height, images[0].width, images[0].feature_channels, kernel.kernel_width))
        return suggested

    f = mps.MPSCNNPoolingMaxNode.with_filter_size(node(), 2, 1)
    f.padding_policy = Source(body)
    graph = graph_of(f)
    assert asked == []
    run(graph, ramp(3, 4, 5, 2))
    run(graph, ramp(3, 4, 5, 2))
    assert asked == [(1, 4, 5, 2, 2)] * 2


def test_a_custom_policy_sets_size_and_offset():
    def body(images, states, kernel, suggested):
        kernel.offset = (1, 1, 0)
        kernel.edge_mode = mps.MPSImageEdgeMode.Clamp
        suggested.width -= 1
        return suggested

    f = mps.MPSCNNPoolingMaxNode.with_filter_size(node(), 2, 1)
    f.padding_policy = Source(body)
    result = result_of(graph_of(f), ramp(2, 3, 1))
    np.testing.assert_array_equal(result[..., 0], [[5, 6], [5, 6]])


def test_a_custom_policy_may_answer_differently_at_each_encode():
    width = iter([2, 4, 2])

    def body(images, states, kernel, suggested):
        suggested.width = next(width)
        return suggested

    f = convolution(node(), Convolution(identity_weights(1)))
    f.padding_policy = Source(body)
    graph = graph_of(linear(f.result_image))
    assert [result_of(graph, ramp(1, 4, 1)).shape[1] for _ in range(3)] == [2, 4, 2]


def test_properties_a_custom_policy_sets_stay_but_for_the_offset():
    seen = []

    def body(images, states, kernel, suggested):
        seen.append((kernel.offset.x, kernel.edge_mode))
        kernel.offset = (7, 0, 0)
        kernel.edge_mode = mps.MPSImageEdgeMode.Clamp
        return suggested

    f = convolution(node(), Convolution(np.ones((1, 1, 3, 1))))
    f.padding_policy = Source(body)
    graph = graph_of(f)
    for _ in range(2):
        run(graph, ramp(1, 4, 1))
    assert seen == [(0, mps.MPSImageEdgeMode.Zero), (0, mps.MPSImageEdgeMode.Clamp)]


def test_a_bare_custom_policy_gets_the_valid_size_as_suggestion():
    seen = []

    def body(images, states, kernel, suggested):
        seen.append((suggested.height, suggested.width))
        return suggested

    f = mps.MPSCNNPoolingMaxNode.with_filter_size(node(), 2, 1)
    f.padding_policy = Source(body, Method.Custom)
    run(graph_of(f), ramp(4, 5, 1))
    assert seen == [(3, 4)]


# --- command buffers and graphs -------------------------------------------------------------------------------------


def test_a_graph_may_be_encoded_into_a_wrapped_command_buffer_that_is_split():
    graph = graph_of(linear(node(), a=2))
    root = mps.CommandQueue().command_buffer()
    command_buffer = mps.MPSCommandBuffer(root)
    first = graph.encode_to_command_buffer(command_buffer, [image(ramp(1, 1, 1))])
    command_buffer.commit_and_continue()
    second = graph.encode_to_command_buffer(command_buffer, [first])
    command_buffer.commit()
    command_buffer.wait_until_completed()
    assert command_buffer.status == Status.Completed
    assert values(second).item() == 4


def test_two_queues_side_by_side():
    graph = graph_of(linear(node(), a=2))
    buffers, results = [], []
    for _ in range(4):
        command_buffer = mps.CommandQueue().command_buffer()
        results.append(graph.encode_to_command_buffer(command_buffer, [image(ramp(20, 20, 4))]))
        buffers.append(command_buffer)
    for command_buffer in buffers:
        command_buffer.commit()
    for command_buffer in buffers:
        command_buffer.wait_until_completed()
    for result in results:
        np.testing.assert_array_equal(values(result), 2 * ramp(20, 20, 4))


def test_a_result_of_the_size_of_a_descriptor_from_an_allocator_of_images_in_one_object():
    graph = graph_of(linear(node(), a=2))
    graph.destination_image_allocator = allocator = Allocator()
    Run(graph, [image(ramp(3, 2, 2, 1))])
    assert allocator.asked[0][1] == descriptor(2, 2, 1, number_of_images=3)
