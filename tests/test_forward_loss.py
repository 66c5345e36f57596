"""Forward losses beyond the cases of the table: the callback, the gradient state, training graphs, and what is refused."""

import copy
import gc
import pickle
import weakref

import mpsnn as mps
import numpy as np
import pytest
import support
from support import Float32, batch, node, ramp, result_of, run, steps_of, values

Y, T = ramp(2, 3, 4), ramp(2, 3, 4)[::-1].copy()
ERROR = float(((Y - T) ** 2).sum())
ONE = np.ones((1, 1, 1), np.float32)


def descriptor(kind="MeanSquaredError", reduction="Sum", **more):
    made = mps.MPSCNNLossDescriptor(mps.MPSCNNLossType[kind], reduction_type=mps.MPSCNNReductionType[reduction])
    for name, value in more.items():
        setattr(made, name, value)
    return made


def forward_loss(source=None, labels=None, weights=None, *, label="l", **more):
    made = mps.MPSNNForwardLossNode(
        source or node("y"), labels or node("t"), weights, loss_descriptor=descriptor(**more)
    )
    made.label = label
    return made


def graph_of(*filters):
    """All results are there for the CPU: the graph's own allocator makes only the first."""
    for made in filters:
        made.result_image.image_allocator = mps.MPSImage.default_allocator()
    return support.graph_of(*filters)


def outputs(graph, **arrays):
    """The results of a graph whose inputs have these handles."""
    result = run(graph, *(arrays[handle] for handle in graph.source_image_handles))
    return [values(result.result), *(values(image) for image in result.intermediates)]


class Weights(mps.MPSNNLossCallback):
    """Gives one number after the other and notes what it is asked with."""

    def __init__(self, *weights):
        super().__init__()
        self.weights = list(weights)
        self.asked = []

    def scalar_weight_for_source_image(self, source_image, destination_image):
        self.asked.append((source_image, destination_image))
        weight = self.weights.pop(0)
        if isinstance(weight, Exception):
            raise weight
        return weight


def with_callback(callback, **more):
    made = forward_loss(**more)
    made.property_call_back = callback
    return made


def size(image):
    return image.height, image.width, image.feature_channels, image.number_of_images


# --- properties -----------------------------------------------------------------------------------------------------

VALUES = {
    "loss_type": mps.MPSCNNLossType.SoftMaxCrossEntropy,
    "reduction_type": mps.MPSCNNReductionType.Mean,
    "reduce_across_batch": True,
    "weight": 0.5,
    "label_smoothing": 0.25,
    "number_of_classes": 4,
    "epsilon": 0.125,
    "delta": 2.0,
}


def test_properties_are_those_of_the_descriptor():
    made = descriptor()
    for name, value in VALUES.items():
        setattr(made, name, value)
    forward = mps.MPSNNForwardLossNode.with_sources([node(), node(), node()], loss_descriptor=made)
    made.weight = 7  # it was copied
    gradients = forward.gradient_filters_with_source(node())
    direct = mps.MPSNNLossGradientNode.with_sources(
        [node()] * 3, gradient_state=None, loss_descriptor=made, is_labels_gradient_filter=True
    )
    for filter_node in (forward, *gradients):
        assert {name: getattr(filter_node, name) for name in VALUES} == VALUES
        assert filter_node.property_call_back is None
    assert direct.weight == 7
    assert [g.is_labels_gradient_filter for g in (*gradients, direct)] == [False, True, True]
    assert isinstance(forward.gradient_filter_with_sources([node()]), mps.MPSNNLossGradientNode)
    assert not forward.gradient_filter_with_source(node()).is_labels_gradient_filter


# --- gradients ------------------------------------------------------------------------------------------------------


def test_gradient_nodes_made_by_hand():
    """Without a state and without the forward filter, from both initializers."""
    w = ramp(2, 3, 4, start=3)
    g = np.full((1, 1, 1), 3, np.float32)
    made = descriptor(reduction="Mean")
    for weights in (None, node("w")):
        more = [] if weights is None else [weights]
        factor = 3 / Y.size * (1 if weights is None else w)
        for is_for_labels, sign in ((False, 1), (True, -1)):
            arguments = {"loss_descriptor": made, "is_labels_gradient_filter": is_for_labels}
            sources = [node("g"), node("y"), node("t"), *more]
            for filter_node in (
                mps.MPSNNLossGradientNode(*sources, **arguments),
                mps.MPSNNLossGradientNode.with_sources(sources, gradient_state=None, **arguments),
            ):
                (result,) = outputs(graph_of(filter_node), g=g, y=Y, t=T, w=w)
                np.testing.assert_allclose(result, sign * factor * 2 * (Y - T), rtol=1e-6)


def test_the_state_replaces_four_numbers():
    y, t = np.array([[[0.5, -3, 2, 0.25]]], np.float32), np.array([[[1, 0, 0, 1]]], np.float32)
    forward = forward_loss(kind="Huber", delta=0.5, weight=3)
    other = descriptor("Huber", delta=9, weight=7)
    (plain, with_state) = (
        mps.MPSNNLossGradientNode(
            node("g"),
            node("y"),
            node("t"),
            gradient_state=state,
            loss_descriptor=other,
            is_labels_gradient_filter=False,
        )
        for state in (None, forward.result_state)
    )
    given = {"g": ONE, "y": y, "t": t}
    assert np.array_equal(outputs(graph_of(plain), **given)[0], 7 * (y - t).clip(-9, 9))
    assert np.array_equal(outputs(graph_of(with_state), **given)[0], 3 * (y - t).clip(-0.5, 0.5))


def test_softmax_gradients_of_elements():
    """With reduction None each element of p - t has its own incoming gradient and weight, as documented."""
    rng = np.random.default_rng(1)
    y, g, w = rng.standard_normal((3, 2, 3, 4)).astype(np.float32)
    t = np.eye(4, dtype=np.float32)[rng.integers(0, 4, (2, 3))]
    forward = forward_loss(weights=node("w"), kind="SoftMaxCrossEntropy", reduction="None_", weight=0.5)
    graph = graph_of(forward, *forward.gradient_filters_with_source(node("g")))
    p = np.exp(y) / np.exp(y).sum(-1, keepdims=True)
    loss, for_predictions, for_labels = outputs(graph, y=y, t=t, w=w, g=g)
    np.testing.assert_allclose(loss, -0.5 * w * t * np.log(p), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(for_predictions, 0.5 * w * g * (p - t), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(for_labels, -0.5 * w * g * np.log(p), rtol=1e-5, atol=1e-7)


def test_weights_of_zero():
    """No weight, no loss, no gradient: the number of weights is no divisor then."""
    zeros = np.zeros_like(Y)
    for more, w in (({}, zeros), ({"weight": 0}, None)):
        forward = forward_loss(weights=None if w is None else node("w"), reduction="SumByNonZeroWeights", **more)
        graph = graph_of(forward, *forward.gradient_filters_with_source(node("g")))
        loss, *gradients = outputs(graph, y=Y, t=T, w=zeros, g=ONE)
        assert loss.ravel() == [0]
        assert not np.any(gradients)


def test_training_graph_ends_at_predictions_and_labels():
    y = node("y")
    total = mps.MPSNNAdditionNode(
        forward_loss(y, node("t"), reduction="Mean").result_image,
        forward_loss(y, node("u"), weight=0.5).result_image,
    )
    start = mps.MPSNNInitialGradientNode(total.result_image)
    ends = start.training_graph_with_source_gradient(None)
    assert sorted(end.result_image.handle for end in ends) == ["t", "u", "y"]
    graph = graph_of(*ends)
    u = T + 1
    got = dict(zip((end.result_image.handle for end in ends), outputs(graph, y=Y, t=T, u=u), strict=True))
    np.testing.assert_allclose(got["t"], 2 / Y.size * (T - Y), rtol=1e-6)
    np.testing.assert_allclose(got["u"], u - Y, rtol=1e-6)
    np.testing.assert_allclose(got["y"], 2 / Y.size * (Y - T) + (Y - u), rtol=1e-6)


def test_ends_that_are_left_out_cost_nothing():
    loss = forward_loss()
    start = mps.MPSNNInitialGradientNode(loss.result_image)
    ends = start.training_graph_with_source_gradient(None)
    (for_predictions,) = (end for end in ends if end.result_image.handle == "y")
    graph = graph_of(for_predictions)
    assert sum("MPSNNLossGradient" in step for step in steps_of(graph)) == 1
    assert np.array_equal(outputs(graph, y=Y, t=T)[0], 2 * (Y - T))


def test_labels_that_the_graph_computes():
    """Gradients go through both sources; stop_gradient keeps them from the labels."""
    for stops in (False, True):
        doubled = mps.MPSCNNNeuronLinearNode(node("t"), a=2)
        doubled.result_image.stop_gradient = stops
        loss = forward_loss(node("y"), doubled.result_image)
        start = mps.MPSNNInitialGradientNode(loss.result_image)
        ends = start.training_graph_with_source_gradient(None)
        factors = [-2 * (Y - 2 * T), 2 * (Y - 2 * T)] if stops else [2 * (Y - 2 * T), -4 * (Y - 2 * T)]
        results = [outputs(graph_of(end), y=Y, t=T)[0] for end in ends]
        assert len(results) == 2
        for result in results:
            assert any(np.array_equal(result, factor) for factor in factors)


# --- the callback ---------------------------------------------------------------------------------------------------


def test_each_encode_asks():
    callback = Weights(2, np.float32(0.5), -1.0)
    graph = graph_of(with_callback(callback, weight=100))
    for weight in (2, 0.5, -1):
        assert result_of(graph, Y, T).ravel() == [weight * ERROR]
    source, destination = callback.asked[0]
    assert len(callback.asked) == 3
    assert (size(source), size(destination)) == ((2, 3, 4, 1), (1, 1, 1, 1))
    assert source.feature_channel_format == destination.feature_channel_format == Float32


def test_a_batch_asks_once():
    callback = Weights(3)
    result = result_of(graph_of(with_callback(callback)), np.stack([Y, 3 * Y]), np.stack([T, 3 * T]))
    assert result.ravel().tolist() == [3 * ERROR, 27 * ERROR]
    assert len(callback.asked) == 1


def test_encodes_on_their_way_keep_their_numbers():
    graph = graph_of(with_callback(Weights(*range(1, 6))))
    graph.destination_image_allocator = mps.MPSImage.default_allocator()
    queue = mps.CommandQueue()
    buffers = [queue.command_buffer() for _ in range(5)]
    results = [graph.encode_batch_to_command_buffer(b, [batch(Y[None]), batch(T[None])]) for b in buffers]
    for command_buffer in reversed(buffers):
        command_buffer.commit()
    for command_buffer in buffers:
        command_buffer.wait_until_completed()
    assert [values(result).item() for result in results] == [weight * ERROR for weight in range(1, 6)]


def test_gradients_have_the_answer():
    callback = Weights(2)
    forward = with_callback(callback, weight=100)
    graph = graph_of(forward, *forward.gradient_filters_with_source(node("g")))
    loss, for_predictions, for_labels = outputs(graph, y=Y, t=T, g=ONE)
    assert loss.ravel() == [2 * ERROR]
    assert np.array_equal(for_predictions, 4 * (Y - T))
    assert np.array_equal(for_labels, -4 * (Y - T))
    assert len(callback.asked) == 1


def test_gradients_may_have_a_callback_of_their_own():
    """It is asked with the predictions, and goes before the state."""
    callbacks = Weights(2), Weights(5)
    forward = with_callback(callbacks[0])
    gradient = forward.gradient_filter_with_source(node("g"))
    gradient.property_call_back = callbacks[1]
    loss, result = outputs(graph_of(forward, gradient), y=Y, t=T, g=ONE)
    assert loss.ravel() == [2 * ERROR]
    assert np.array_equal(result, 10 * (Y - T))
    assert [size(image) for image in callbacks[1].asked[0]] == [(2, 3, 4, 1)] * 2

    alone = mps.MPSNNLossGradientNode(
        node("g"), node("y"), node("t"), loss_descriptor=descriptor(), is_labels_gradient_filter=True
    )
    alone.property_call_back = Weights(3)
    assert np.array_equal(outputs(graph_of(alone), y=Y, t=T, g=ONE)[0], -6 * (Y - T))


def test_the_answer_counts_as_weight():
    """A weight of 0 counts no elements; the constant of the cosine distance has the weight."""
    graph = graph_of(with_callback(Weights(0, 2), reduction="SumByNonZeroWeights"))
    assert result_of(graph, Y, T).ravel() == [0]
    np.testing.assert_allclose(result_of(graph, Y, T).ravel(), 2 * ERROR / Y.size, rtol=1e-6)
    y = t = np.array([[[0.5, 0.25]]], np.float32)
    graph = graph_of(with_callback(Weights(4), kind="CosineDistance"))
    assert result_of(graph, y, t).ravel() == [4 * (1 - 0.3125)]


def test_a_callback_that_raises():
    graph = graph_of(with_callback(Weights(RuntimeError("no number today"), 2)))
    with mps.CommandQueue().command_buffer() as command_buffer:
        with pytest.raises(RuntimeError, match="no number today"):
            graph.encode_batch_to_command_buffer(command_buffer, [batch(Y[None]), batch(T[None])])
        result = graph.encode_batch_to_command_buffer(command_buffer, [batch(Y[None]), batch(T[None])])
    assert values(result).item() == 2 * ERROR


@pytest.mark.parametrize("answer", [None, "two", [2]])
def test_an_answer_that_is_no_number(answer):
    graph = graph_of(with_callback(Weights(answer)))
    with pytest.raises(mps.InvalidArgumentError, match=r"Weights\.scalar_weight_for_source_image must return a number"):
        result_of(graph, Y, T)


def test_a_callback_without_its_method():
    class Nothing(mps.MPSNNLossCallback):
        pass

    graph = graph_of(with_callback(Nothing()))
    with pytest.raises(mps.InvalidArgumentError, match=r"Nothing\.scalar_weight_for_source_image is missing"):
        result_of(graph, Y, T)


@pytest.mark.parametrize("make", [forward_loss, lambda: forward_loss().gradient_filter_with_source(node("g"))])
def test_the_property(make):
    made = make()
    callback = Weights(3)
    made.property_call_back = callback
    assert made.property_call_back is callback
    graph = graph_of(made)
    made.property_call_back = None  # after the graph was made
    given = {"y": Y, "t": T, "g": ONE}
    assert np.array_equal(outputs(graph, **given)[0], 3 * outputs(graph_of(made), **given)[0])
    with pytest.raises(TypeError):
        made.property_call_back = 3


def test_a_graph_keeps_its_callback():
    callback = Weights(1)
    there = weakref.ref(callback)
    graph = graph_of(with_callback(callback))
    del callback
    gc.collect()
    assert result_of(graph, Y, T).ravel() == [ERROR]
    del graph
    gc.collect()
    assert there() is None


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy])
def test_copies_share_the_callback(way):
    graph = graph_of(with_callback(Weights(2, 3)))
    other = way(graph)
    assert result_of(other, Y, T).ravel() == [2 * ERROR]
    assert result_of(graph, Y, T).ravel() == [3 * ERROR]
    gradient = forward_loss().gradient_filter_with_source(node("g"))
    gradient.property_call_back = Weights(2, 3)
    other = way(graph_of(gradient))
    assert np.array_equal(outputs(other, y=Y, t=T, g=ONE)[0], 4 * (Y - T))


def test_a_callback_cannot_be_saved():
    with pytest.raises(mps.InvalidArgumentError, match='MPSNNForwardLossNode "l": its property_call_back'):
        pickle.dumps(graph_of(with_callback(Weights())))


# --- saved ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", [False, True])
@pytest.mark.parametrize("state", [False, True])
def test_saved_with_and_without_weights_and_state(weights, state):
    forward = forward_loss(weights=node("w") if weights else None, kind="Log", epsilon=0.25, weight=0.5)
    gradient = mps.MPSNNLossGradientNode.with_sources(
        [node("g"), *(node(n) for n in ("y", "t", "w")[: 3 if weights else 2])],
        gradient_state=forward.result_state if state else None,
        loss_descriptor=descriptor("Log", weight=3),
        is_labels_gradient_filter=True,
    )
    graph = graph_of(gradient, forward)
    again = pickle.loads(pickle.dumps(graph))
    assert again.debug_description == graph.debug_description
    y = np.random.default_rng(2).uniform(0.1, 0.9, (2, 3, 4)).astype(np.float32)
    given = {"y": y, "t": T / 24, "w": ramp(2, 3, 4), "g": ONE}
    for name in ("y", "t"):
        assert graph.source_image_handles.count(name) == again.source_image_handles.count(name)
    for one, other in zip(outputs(graph, **given), outputs(again, **given), strict=True):
        assert np.array_equal(one, other)


# --- what is refused ------------------------------------------------------------------------------------------------


def refused(error, *words):
    return pytest.raises(error, match="(?s)" + ".*".join(words))


def test_numbers_of_sources():
    for count in (1, 4):
        with refused(mps.InvalidArgumentError, "MPSNNForwardLossNode: sources are predictions", f"got {count} images"):
            mps.MPSNNForwardLossNode.with_sources([node()] * count, loss_descriptor=descriptor())
    for count in (2, 5):
        with refused(mps.InvalidArgumentError, "MPSNNLossGradientNode: sources are", f"got {count} images"):
            mps.MPSNNLossGradientNode.with_sources(
                [node()] * count, gradient_state=None, loss_descriptor=descriptor(), is_labels_gradient_filter=False
            )


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"kind": "CosineDistance", "reduction": "Mean"}, ["the cosine distance", "got 2"]),
        ({"kind": "Count"}, ["loss_type 10 is not a loss"]),
        ({"reduction": "Count"}, ["reduction_type 4 is not a reduction"]),
        (
            {"kind": "SoftMaxCrossEntropy", "label_smoothing": 0.1, "number_of_classes": 0},
            ["number_of_classes", "got 0"],
        ),
    ],
)
def test_descriptors(more, words):
    with refused(mps.InvalidArgumentError, "MPSNNForwardLossNode: ", *words):
        mps.MPSNNForwardLossNode(node(), node(), loss_descriptor=descriptor(**more))
    with refused(mps.InvalidArgumentError, "MPSNNLossGradientNode: ", *words):
        mps.MPSNNLossGradientNode(
            node(), node(), node(), loss_descriptor=descriptor(**more), is_labels_gradient_filter=False
        )


def test_sizes():
    few, other = Y[..., :3].copy(), Y[:, :2].copy()
    graph = graph_of(forward_loss())
    for labels in (few, other):
        with refused(mps.ShapeError, 'MPSNNForwardLossNode "l": the labels are', "the source is 2 x 3 x 4"):
            result_of(graph, Y, labels)
    graph = graph_of(forward_loss(weights=node("w")))
    with refused(mps.ShapeError, 'MPSNNForwardLossNode "l": the weights are 2 x 3 x 3', "the labels 2 x 3 x 4"):
        outputs(graph, y=Y, t=T, w=few)
    for reduction, g in (("Sum", Y), ("None_", ONE)):
        filters = forward_loss(reduction=reduction).gradient_filters_with_source(node("g"))
        for filter_node in filters:
            with refused(
                mps.ShapeError, 'MPSNNLossGradientNode "l": the source gradient is', "reduction_type", "needs"
            ):
                outputs(graph_of(filter_node), y=Y, t=T, g=g)
    gradient = mps.MPSNNLossGradientNode(
        node("g"),
        node("z"),
        node("t"),
        gradient_state=forward_loss().result_state,
        loss_descriptor=descriptor(),
        is_labels_gradient_filter=False,
    )
    with refused(mps.ShapeError, "the source image is 2 x 3 x 3, the source of the forward filter 2 x 3 x 4"):
        outputs(graph_of(gradient), y=Y, z=few, t=T, g=ONE)


def test_the_state_of_another_filter():
    state = mps.MPSCNNSoftMaxNode(node("y")).result_state
    gradient = mps.MPSNNLossGradientNode(
        node("g"),
        node("y"),
        node("t"),
        gradient_state=state,
        loss_descriptor=descriptor(),
        is_labels_gradient_filter=False,
    )
    with refused(mps.GraphError, "MPSNNLossGradientNode", "MPSCNNSoftMaxNode"):
        graph_of(gradient)


def test_a_missing_image_or_descriptor():
    for arguments in ([None, node()], [node(), None]):
        with pytest.raises(TypeError):
            mps.MPSNNForwardLossNode(*arguments, loss_descriptor=descriptor())
    with pytest.raises(TypeError):
        mps.MPSNNForwardLossNode(node(), node(), loss_descriptor=None)
