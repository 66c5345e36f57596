"""The YOLO loss in graphs: what it refuses, which anchor boxes it looks at, and the gradient that reaches a network."""

import copy
import io

import mpsnn as mps
import numpy as np
import pytest
from support import CPUConvolution, Style, convolution, graph_of, labels, losses, node, result_of, run, training_graph

ANCHORS = np.array([[1, 2], [2, 1], [6, 6]], np.float32)
CLASSES = 2
ENTRIES = 5 + CLASSES
Types = mps.MPSCNNLossType


def descriptor(classes="SoftMaxCrossEntropy", anchors=ANCHORS, count=None, reduction="Sum", **properties):
    made = mps.MPSCNNYOLOLossDescriptor(
        Types.MeanSquaredError,
        wh_loss_type=Types.Huber,
        confidence_loss_type=Types.SigmoidCrossEntropy,
        classes_loss_type=getattr(Types, classes),
        reduction_type=getattr(mps.MPSCNNReductionType, reduction),
        anchor_boxes=np.ravel(anchors),
        number_of_anchor_boxes=len(anchors) if count is None else count,
    )
    for name, value in properties.items():
        setattr(made, name, value)
    return made


def loss_of(source, made=None, label="detector"):
    loss = mps.MPSCNNYOLOLossNode(source, loss_descriptor=made or descriptor())
    loss.label = label
    return loss


def truth(*objects, cells=2):
    """Labels of a row of cells: object i of (width, height, class) stands in the middle of cell i, the others are empty."""
    t = np.zeros((1, 1, cells, len(ANCHORS), ENTRIES), np.float32)
    t[..., 5:] = 1 / CLASSES
    for i, (width, height, kind) in enumerate(objects):
        t[0, 0, i] = [0.5, 0.5, width, height, 1, *np.eye(CLASSES)[kind]]
    return t.reshape(1, 1, cells, -1)


def gradient(predictions, t, made=None):
    """By cell, anchor box and entry."""
    return result_of(graph_of(loss_of(node(), made)), predictions, states=labels(t)).reshape(-1, len(ANCHORS), ENTRIES)


ZEROS = np.zeros((1, 2, len(ANCHORS) * ENTRIES), np.float32)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": 2}, "MPSCNNYOLOLossDescriptor: anchor_boxes must be .* 2 boxes, got 6 values"),
        ({"anchors": np.ones(0)}, "MPSCNNYOLOLossDescriptor: number_of_anchor_boxes must be positive, got 0"),
        ({"anchors": [[1, 0]]}, "MPSCNNYOLOLossDescriptor: anchor_boxes must be positive, got 0"),
        ({"anchors": [[1, np.nan]]}, "MPSCNNYOLOLossDescriptor: anchor_boxes must be positive, got nan"),
        ({"classes": "CosineDistance"}, "MPSCNNYOLOLossDescriptor: classes_loss_descriptor: the cosine distance"),
        ({"classes": "Count"}, "MPSCNNYOLOLossDescriptor: classes_loss_descriptor: loss_type 10"),
        ({"reduction": "Count"}, "MPSCNNYOLOLossDescriptor: reduction_type 4"),
    ],
)
def test_a_descriptor_that_does_not_fit_together(arguments, message):
    with pytest.raises(mps.InvalidArgumentError, match=message):
        descriptor(**arguments)


def test_a_node_looks_at_its_descriptor_again():
    made = descriptor()
    made.anchor_boxes = np.ones(4)
    with pytest.raises(mps.InvalidArgumentError, match="MPSCNNYOLOLossNode: anchor_boxes must be"):
        loss_of(node(), made)
    made = descriptor()
    made.wh_loss_descriptor.loss_type = Types.CosineDistance
    with pytest.raises(mps.InvalidArgumentError, match="MPSCNNYOLOLossNode: wh_loss_descriptor: the cosine distance"):
        loss_of(node(), made)


def test_the_descriptor_is_copied():
    made = descriptor(rescore=False)
    graph = graph_of(loss_of(node(), made))
    t = truth((1, 2, 0))
    expected = result_of(graph, ZEROS, states=labels(t))
    made.scale_object = 0
    made.xy_loss_descriptor.weight = 0
    assert np.array_equal(result_of(graph, ZEROS, states=labels(t)), expected)


@pytest.mark.parametrize("channels", [15, 20, 22])
def test_channels_that_are_no_boxes(channels):
    graph = graph_of(loss_of(node()))
    x = np.zeros((1, 2, channels), np.float32)
    message = f'MPSCNNYOLOLossNode "detector": the source has {channels} feature channels; 3 anchor boxes'
    with pytest.raises(mps.ShapeError, match=message):
        result_of(graph, x, states=labels(x[None]))


def test_labels_of_another_size():
    graph = graph_of(loss_of(node()))
    with pytest.raises(mps.ShapeError, match='MPSCNNYOLOLossNode "detector": the labels are 1 x 3 x 21'):
        result_of(graph, ZEROS, states=labels(truth(cells=3)))


def test_which_anchor_boxes_are_looked_at():
    """One fits best; one is neither good nor bad; one is bad. In an empty cell all are to find nothing."""
    found = gradient(ZEROS, truth((1, 2, 1)), descriptor(rescore=False))
    assert np.allclose(found[0, 0], [0, 0, 0, 0, -50, 1, -1], atol=1e-3), "the fitting box"
    assert not found[0, 1].any(), "an IoU of 1/3"
    assert found[0, 2].tolist() == [0, 0, 0, 0, 2.5, 0, 0], "an IoU of 1/18"
    assert (found[1] == [0, 0, 0, 0, 2.5, 0, 0]).all(), "the empty cell"


def test_boxes_that_tie_or_are_good_enough_are_objects_too():
    found = gradient(ZEROS, truth((1.5, 1.5, 0)), descriptor(rescore=False))
    assert (found[0, :2, 4] < 0).all()
    found = gradient(ZEROS, truth((1, 2, 0)), descriptor(rescore=False, min_iou_for_object_presence=0.3))
    assert (found[0, :2, 4] < 0).all()


def test_a_confidence_is_to_be_the_overlap():
    """A predicted box twice as wide as the object has an IoU of 1/2, which a confidence of sigmoid(0) already is."""
    predictions = ZEROS.copy()
    predictions[0, 0, 2] = np.log(2)
    assert gradient(predictions, truth((1, 2, 0)))[0, 0, 4] == pytest.approx(0, abs=1e-4)
    assert gradient(predictions, truth((1, 2, 0)), descriptor(rescore=False))[0, 0, 4] == pytest.approx(-50)


def test_the_gradient_trains_a_convolution():
    rng = np.random.default_rng(5)
    x = rng.standard_normal((1, 2, 3)).astype(np.float32)
    source = CPUConvolution(rng.standard_normal((len(ANCHORS) * ENTRIES, 1, 1, 3)))
    graph = training_graph(loss_of(convolution(node(), source).result_image), Style.UpdateDeviceCPU)
    t = truth((1, 2, 0))
    run(graph, x, states=labels(t))
    predictions = np.einsum("yxi,oi->yxo", x, source.values[:, 0, 0])
    expected = np.einsum("xo,xi->oi", gradient(predictions, t).reshape(2, -1), x[0])
    np.testing.assert_allclose(source.gradient[:, 0, 0], expected, rtol=1e-4, atol=1e-4)


def test_a_copy_has_the_whole_descriptor():
    made = descriptor(rescore=False, scale_wh=3, min_iou_for_object_presence=0.3, reduction="Mean")
    made.classes_loss_descriptor.label_smoothing = 0.25
    made.classes_loss_descriptor.number_of_classes = CLASSES
    made.wh_loss_descriptor.delta = 0.5
    graph = graph_of(loss_of(node(), made))
    x = np.random.default_rng(6).standard_normal(ZEROS.shape).astype(np.float32)
    answers = []
    file = io.BytesIO()
    graph.save(file)
    file.seek(0)
    for one in (graph, copy.copy(graph), mps.MPSNNGraph.load(file)):
        states = labels(truth((1, 2, 0), (3, 4, 1)))
        answers.append((result_of(one, x, states=states), losses(states)))
    for gradients, loss in answers[1:]:
        assert np.array_equal(gradients, answers[0][0])
        assert np.array_equal(loss, answers[0][1])
