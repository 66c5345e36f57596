"""The kernels that take labels, made and encoded by hand: the cases of their nodes once more, and what they refuse."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import mpsnn as mps
import numpy as np
import pytest
from families import CASES
from harness import Array, Case, assert_outputs, draw, loss_images, realize
from test_kernels import batch, blank, image, refused, to_array, wait

LABELLED = [case for case in CASES if hasattr(mps, case.name.removesuffix("Node")) and case.labels(draw(case))]


def kernel_of(case: Case) -> Any:
    descriptor = realize(case.node([], draw(case)).kwargs["loss_descriptor"])
    kernel = getattr(mps, case.name.removesuffix("Node"))(descriptor)
    kernel.destination_image_allocator = mps.MPSImage.default_allocator()
    return kernel


def loss_kernel(kind: str = "MeanSquaredError", reduction: str = "Sum") -> Any:
    return mps.MPSCNNLoss(
        mps.MPSCNNLossDescriptor(
            getattr(mps.MPSCNNLossType, kind), reduction_type=getattr(mps.MPSCNNReductionType, reduction)
        )
    )


def yolo_descriptor(**properties: Any) -> Any:
    types = mps.MPSCNNLossType
    descriptor = mps.MPSCNNYOLOLossDescriptor(
        types.MeanSquaredError,
        wh_loss_type=types.Huber,
        confidence_loss_type=types.SigmoidCrossEntropy,
        classes_loss_type=types.SoftMaxCrossEntropy,
        reduction_type=mps.MPSCNNReductionType.Mean,
        anchor_boxes=np.array([1, 2, 2, 1], np.float32).tobytes(),
        number_of_anchor_boxes=2,
    )
    for name, value in properties.items():
        setattr(descriptor, name, value)
    return descriptor


def ones(count: int = 1, *shape: int) -> Sequence[Any]:
    return mps.MPSCNNLossLabels.batch(np.ones((count, *(shape or (2, 3, 4))), np.float32))


@pytest.mark.parametrize("case", LABELLED, ids=[case.id for case in LABELLED])
def test_kernel_agrees_with_the_reference(case: Case) -> None:
    v = draw(case)
    kernel, labels = kernel_of(case), [realize(label) for label in case.labels(v)]
    made = wait(lambda b: kernel.encode_batch_to_command_buffer(b, batch(v["source0"]), labels))
    assert_outputs({"result": to_array(made), "loss": loss_images(labels)}, case.outputs(v), case)


@pytest.mark.parametrize("case", LABELLED[:1] + LABELLED[-1:], ids=lambda case: case.name)
def test_forms_of_an_encode(case: Case) -> None:
    """Image by image and into images of the caller's, the losses of a batch and the gradients come out with the same bits."""
    v = draw(case)

    def run(encode: Any) -> tuple[Array, Array]:
        kernel, labels = kernel_of(case), [realize(label) for label in case.labels(v)]
        made = wait(lambda b: encode(b, kernel, batch(v["source0"]), labels))
        return to_array(made), loss_images(labels)

    def batch_into(b: Any, kernel: Any, sources: Any, labels: Any) -> Any:
        made = [blank(*case.sources[0]) for _ in sources]
        assert kernel.encode_batch_to_command_buffer(b, sources, labels, made) is None
        return made

    def one_by_one(b: Any, kernel: Any, sources: Any, labels: Any) -> Any:
        return [kernel.encode_to_command_buffer(b, x, t) for x, t in zip(sources, labels, strict=True)]

    def one_by_one_into(b: Any, kernel: Any, sources: Any, labels: Any) -> Any:
        made = [blank(*case.sources[0]) for _ in sources]
        for x, t, to in zip(sources, labels, made, strict=True):
            assert kernel.encode_to_command_buffer(b, x, t, to) is None
        return made

    gradients, losses = run(lambda b, kernel, *rest: kernel.encode_batch_to_command_buffer(b, *rest))
    for encode in (batch_into, one_by_one, one_by_one_into):
        found = run(encode)
        np.testing.assert_array_equal(found[0], gradients)
        np.testing.assert_array_equal(found[1], losses)


def test_channel_offsets_and_formats() -> None:
    x = np.random.default_rng(1).standard_normal((2, 3, 11)).astype(np.float16)
    t = np.random.default_rng(2).standard_normal((1, 2, 3, 5)).astype(np.float32)
    kernel, labels, destination = loss_kernel(), mps.MPSCNNLossLabels.batch(t), blank(2, 3, 14)
    kernel.source_feature_channel_offset = 4
    kernel.source_feature_channel_max_count = 5
    kernel.destination_feature_channel_offset = 8
    wait(lambda b: kernel.encode_to_command_buffer(b, mps.MPSImage(x), labels[0], destination))
    e = x[..., 4:9].astype(np.float32) - t[0]
    expected = np.full((2, 3, 14), 7.0)
    expected[..., 8:13] = 2 * e
    np.testing.assert_array_equal(destination.to_numpy(), expected)
    assert labels[0].loss_image().to_numpy().item() == pytest.approx((e.astype(np.float64) ** 2).sum(), rel=1e-6)


def test_the_loss_can_be_read_when_the_work_is_done() -> None:
    kernel, (labels,) = loss_kernel(), ones()
    command_buffer = mps.CommandQueue().command_buffer()
    kernel.encode_to_command_buffer(command_buffer, blank(2, 3, 4, fill=3), labels, blank(2, 3, 4))
    with refused(mps.Error, "complet"):
        labels.loss_image().to_numpy()
    command_buffer.commit()
    command_buffer.wait_until_completed()
    assert labels.loss_image().to_numpy().item() == 4 * 24


# ---- properties ----


def test_properties_are_those_of_the_descriptor() -> None:
    descriptor = mps.MPSCNNLossDescriptor(
        mps.MPSCNNLossType.SoftMaxCrossEntropy, reduction_type=mps.MPSCNNReductionType.Mean
    )
    values = {
        "weight": 0.5,
        "label_smoothing": 0.25,
        "number_of_classes": 4,
        "epsilon": 0.125,
        "delta": 2.0,
        "reduce_across_batch": True,
    }
    for name, value in values.items():
        setattr(descriptor, name, value)
    kernel = mps.MPSCNNLoss(descriptor)
    descriptor.weight = 8  # the kernel has a copy
    assert {name: getattr(kernel, name) for name in values} == values
    assert (kernel.loss_type, kernel.reduction_type) == (descriptor.loss_type, descriptor.reduction_type)
    with pytest.raises(AttributeError):
        kernel.weight = 2


def test_properties_of_the_yolo_loss() -> None:
    values = {
        "scale_xy": 1.0,
        "scale_wh": 2.0,
        "scale_no_object": 3.0,
        "scale_object": 4.0,
        "scale_class": 5.0,
        "min_iou_for_object_presence": 0.5,
        "max_iou_for_object_absence": 0.25,
        "reduce_across_batch": True,
    }
    descriptor = yolo_descriptor(**values)
    descriptor.wh_loss_descriptor.delta = 0.5
    kernel = mps.MPSCNNYOLOLoss(descriptor)
    assert {name: getattr(kernel, name) for name in values} == values
    assert kernel.number_of_anchor_boxes == 2 and kernel.reduction_type == mps.MPSCNNReductionType.Mean
    assert kernel.anchor_boxes.tolist() == descriptor.anchor_boxes.tolist() == [1, 2, 2, 1]
    losses = [kernel.loss_xy, kernel.loss_wh, kernel.loss_confidence, kernel.loss_classes]
    assert [loss.loss_type.name for loss in losses] == [
        "MeanSquaredError",
        "Huber",
        "SigmoidCrossEntropy",
        "SoftMaxCrossEntropy",
    ]
    assert kernel.loss_wh.delta == 0.5 and kernel.loss_wh is kernel.loss_wh
    for loss in losses:
        assert isinstance(loss, mps.MPSCNNLoss) and loss.reduce_across_batch
        assert loss.reduction_type == mps.MPSCNNReductionType.Mean


def test_defaults_of_the_yolo_descriptor() -> None:
    descriptor = yolo_descriptor()
    assert (descriptor.scale_xy, descriptor.scale_wh, descriptor.scale_class) == (10, 10, 2)
    assert (descriptor.scale_no_object, descriptor.scale_object) == (5, 100)
    assert descriptor.min_iou_for_object_presence == pytest.approx(0.7)
    assert descriptor.max_iou_for_object_absence == pytest.approx(0.3)
    assert descriptor.rescore and not descriptor.reduce_across_batch
    assert descriptor == yolo_descriptor() and descriptor != yolo_descriptor(rescore=False)


def test_a_copy_of_a_descriptor_is_another_one() -> None:
    descriptor = yolo_descriptor()
    copied = copy.copy(descriptor)
    copied.xy_loss_descriptor.weight = 2
    assert descriptor.xy_loss_descriptor.weight == 1 and copied != descriptor
    part = copy.copy(copied.xy_loss_descriptor)
    part.weight = 3
    assert copied.xy_loss_descriptor.weight == 2


# ---- what they refuse ----


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("offset", (1, 0, 0), "offset must be .0, 0, 0., got .1, 0, 0."),
        ("offset", (0, 0, 1), "offset must be .0, 0, 0., got .0, 0, 1."),
        ("clip_rect", mps.MTLRegion((0, 0, 0), (2, 2, 1)), "clip_rect must be MPSRectNoClip"),
    ],
)
def test_a_loss_is_of_whole_images(name: str, value: Any, words: str) -> None:
    kernel, (labels,) = loss_kernel(), ones()
    kernel.label = "errors"
    setattr(kernel, name, value)
    with refused(mps.InvalidArgumentError, f'MPSCNNLoss "errors": {words}'):
        wait(lambda b: kernel.encode_to_command_buffer(b, blank(2, 3, 4), labels, blank(2, 3, 4)))


def test_labels_and_images_that_do_not_fit() -> None:
    kernel, x = loss_kernel(), blank(2, 3, 4)

    def encode(error: type[Exception], words: str, *arguments: Any) -> None:
        with refused(error, "MPSCNNLoss", words):
            wait(lambda b: kernel.encode_batch_to_command_buffer(b, *arguments))

    encode(mps.ShapeError, "the labels are 2 x 3 x 3, the source is 2 x 3 x 4", [x], ones(1, 2, 3, 3))
    encode(mps.ShapeError, "the labels are 3 x 3 x 4, the source is 2 x 3 x 4", [x], ones(1, 3, 3, 4))
    whole = mps.MPSCNNLossLabels.batch(np.ones((1, 2, 3, 4), np.float32), loss_image_size=(3, 2, 4))
    encode(mps.ShapeError, "the loss image of the labels is 2 x 3 x 4", [x], whole)
    encode(mps.InvalidArgumentError, "2 labels for 1 images", [x], ones(2))
    encode(mps.InvalidArgumentError, "same loss image", [x, x], list(ones()) * 2)
    encode(mps.InvalidArgumentError, "entry 0 is missing", [x], [None])
    encode(mps.InvalidArgumentError, "there are no source images", [], [])
    encode(mps.InvalidArgumentError, "holds 2 images", [blank(2, 3, 4, count=2)], ones(2))
    encode(mps.ShapeError, "the result is 2 x 3 x 4, the destination is 2 x 4", [x], ones(), [blank(2, 4, 4)])
    encode(mps.ShapeError, "the destination has 3", [x], ones(), [blank(2, 3, 3)])
    encode(mps.InvalidArgumentError, "memory of a source", [x], ones(), [x])
    encode(mps.InvalidArgumentError, "1 source images, 2 destination images", [x], ones(), [blank(2, 3, 4)] * 2)
    for arguments in [(x,), (x, None), (x, blank(2, 3, 4)), (x, mps.MPSState(8))]:
        with pytest.raises(TypeError):
            wait(lambda b, a=arguments: kernel.encode_to_command_buffer(b, *a))


def test_descriptors_that_make_no_kernel() -> None:
    with refused(mps.InvalidArgumentError, "MPSCNNLoss: the cosine distance", "got 2"):
        loss_kernel("CosineDistance", "Mean")
    with refused(mps.InvalidArgumentError, "MPSCNNYOLOLoss: anchor_boxes", "2 boxes, got 2 values"):
        mps.MPSCNNYOLOLoss(yolo_descriptor(anchor_boxes=np.ones(2)))
    kernel = mps.MPSCNNYOLOLoss(yolo_descriptor())
    with refused(mps.ShapeError, "MPSCNNYOLOLoss: the source has 10 feature channels; 2 anchor boxes"):
        wait(lambda b: kernel.encode_to_command_buffer(b, image(np.ones((2, 3, 10))), ones(1, 2, 3, 10)[0]))
