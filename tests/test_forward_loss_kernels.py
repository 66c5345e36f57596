"""MPSNNForwardLoss, MPSNNLossGradient and MPSNNInitialGradient made and encoded by hand: the cases of the table once more, the
gradient state, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpsnn as mps
import numpy as np
import pytest
from families.forward_loss import CASES
from harness import Case, Values, assert_outputs, draw, realize, to_array
from support import Float16, Float32, batch, graph_of, image, node, ramp, run, values

Y, T = ramp(2, 3, 4), ramp(2, 3, 4)[::-1].copy()
ONE = np.ones((1, 1, 1, 1), np.float32)


def descriptor(kind: str = "MeanSquaredError", reduction: str = "Sum", **more: Any) -> Any:
    made = mps.MPSCNNLossDescriptor(mps.MPSCNNLossType[kind], reduction_type=mps.MPSCNNReductionType[reduction])
    for name, value in more.items():
        setattr(made, name, value)
    return made


def kernel(cls: type[Any], *arguments: Any) -> Any:
    """A kernel whose results are permanent."""
    made = cls(*arguments)
    made.destination_image_allocator = mps.MPSImage.default_allocator()
    return made


def pair(*arguments: Any, **more: Any) -> tuple[Any, Any]:
    """The kernel of a loss and that of its gradient."""
    made = descriptor(*arguments, **more)
    return kernel(mps.MPSNNForwardLoss, made), kernel(mps.MPSNNLossGradient, made)


def wait(encode: Callable[[Any], Any]) -> Any:
    with mps.CommandQueue().command_buffer() as command_buffer:
        return encode(command_buffer)


def kernels_of(case: Case, v: Values) -> tuple[Any, Any, list[Any]]:
    made = realize(case.node([], v).kwargs["loss_descriptor"])
    sources = [batch(a) for a in map(np.float32, case.source_arrays(v))]
    return kernel(mps.MPSNNForwardLoss, made), kernel(mps.MPSNNLossGradient, made), sources


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_kernels_agree_with_the_reference(case: Case) -> None:
    """With the state and without, into images made and given."""
    v = draw(case)
    forward, gradient, sources = kernels_of(case, v)
    weights = sources[2] if len(sources) > 2 else None
    states: list[Any] = []
    result = wait(lambda b: forward.encode_batch_to_command_buffer(b, sources[0], sources[1], weights, states))
    assert_outputs({"result": to_array(result)}, {"result": case.forward(v)}, case)
    assert len({id(state) for state in states}) == case.batch
    given = batch(np.zeros_like(to_array(result)))
    wait(lambda b: forward.encode_batch_to_command_buffer(b, sources[0], sources[1], weights, None, given))
    assert np.array_equal(to_array(given), to_array(result))
    expected = case.gradients(v, v["gradient"])
    incoming = batch(np.float32(v["gradient"]))
    for i, name in enumerate(expected):
        gradient.compute_label_gradients = i == 1
        arguments = (incoming, sources[0], sources[1], weights)
        made = wait(lambda b, a=arguments: gradient.encode_batch_to_command_buffer(b, *a, states))
        assert_outputs({name: to_array(made)}, {name: expected[name]}, case)
        given = batch(np.zeros_like(to_array(made)))
        assert wait(lambda b, a=arguments, g=given: gradient.encode_batch_to_command_buffer(b, *a, None, g)) is None
        assert np.array_equal(to_array(given), to_array(made))


def test_initial_gradient() -> None:
    ones = kernel(mps.MPSNNInitialGradient)
    result = wait(lambda b: ones.encode_to_command_buffer(b, image(ramp(3, 4, 5))))
    assert np.array_equal(result.to_numpy(), np.ones((3, 4, 5)))
    given = batch(np.zeros((2, 1, 1, 1), np.float32))
    wait(lambda b: ones.encode_batch_to_command_buffer(b, batch(ramp(2, 1, 1, 1)), given))
    assert to_array(given).ravel().tolist() == [1, 1]


def test_four_numbers_can_be_set() -> None:
    forward, gradient = pair("SigmoidCrossEntropy", number_of_classes=3, reduce_across_batch=True)
    for made in (forward, gradient):
        assert (made.weight, made.label_smoothing, made.epsilon, made.delta) == (1, 0, np.float32(1e-7), 1)
        assert (made.number_of_classes, made.reduce_across_batch) == (3, True)
        assert (made.loss_type, made.reduction_type) == (
            mps.MPSCNNLossType.SigmoidCrossEntropy,
            mps.MPSCNNReductionType.Sum,
        )
        made.weight, made.label_smoothing, made.epsilon, made.delta = 2, 0.5, 0.25, 3
        assert (made.weight, made.label_smoothing, made.epsilon, made.delta) == (2, 0.5, 0.25, 3)
        with pytest.raises(AttributeError):
            made.number_of_classes = 4
    y, t = np.zeros((1, 1, 1, 1), np.float32), ONE
    result = wait(lambda b: forward.encode_batch_to_command_buffer(b, batch(y), batch(t), None, None))
    np.testing.assert_allclose(values(result).item(), 2 * np.log(2), rtol=1e-6)
    made = wait(lambda b: gradient.encode_batch_to_command_buffer(b, batch(ONE), batch(y), batch(t)))
    assert values(made).item() == 2 * (0.5 - 0.75)


def test_states_carry_the_numbers_of_their_encode() -> None:
    """Each image's own, whatever the kernels' numbers are by then."""
    forward, gradient = pair()
    y, t = batch(Y[None])[0], batch(T[None])[0]
    states: list[Any] = []
    for weight in (2, 5):
        forward.weight = weight
        wait(lambda b: forward.encode_batch_to_command_buffer(b, [y], [t], None, states))
    gradient.weight = 7
    pairs = [y, y], [t, t]
    ones = batch(np.ones((2, 1, 1, 1), np.float32))
    with_states = wait(lambda b: gradient.encode_batch_to_command_buffer(b, ones, *pairs, None, states))
    without = wait(lambda b: gradient.encode_batch_to_command_buffer(b, ones, *pairs))
    assert np.array_equal(values(with_states), [4 * (Y - T), 10 * (Y - T)])
    assert np.array_equal(values(without), [14 * (Y - T)] * 2)


def test_states_made_beforehand() -> None:
    forward, gradient = pair()
    sources, labels, losses = batch(Y[None]), batch(T[None]), batch(np.zeros((1, 1, 1, 1), np.float32))
    states = forward.result_state_batch_for_source_image(sources, None, losses)
    forward.weight = 3  # that of the encode counts
    wait(lambda b: forward.encode_batch_to_command_buffer(b, sources, labels, None, states, losses))
    made = wait(lambda b: gradient.encode_batch_to_command_buffer(b, batch(ONE), sources, labels, None, states))
    assert np.array_equal(values(made)[0], 6 * (Y - T))
    assert values(losses).item() == 3 * ((Y - T) ** 2).sum()


def test_the_state_of_a_graph_has_the_answer_of_its_callback() -> None:
    class Weight(mps.MPSNNLossCallback):
        def scalar_weight_for_source_image(self, source_image: Any, destination_image: Any) -> float:
            return 4

    loss = mps.MPSNNForwardLossNode(node("y"), node("t"), loss_descriptor=descriptor())
    loss.property_call_back = Weight()
    loss.result_state.export_from_graph = True
    states = run(graph_of(loss), Y[None], T[None]).states[0]
    _, gradient = pair()
    made = wait(
        lambda b: gradient.encode_batch_to_command_buffer(b, batch(ONE), batch(Y[None]), batch(T[None]), None, states)
    )
    assert np.array_equal(values(made)[0], 8 * (Y - T))


def test_half_precision() -> None:
    forward, _ = pair("MeanAbsoluteError", "Mean")
    y, t = (mps.MPSImage(a.astype(np.float16)) for a in (Y, T))
    (result,) = wait(lambda b: forward.encode_batch_to_command_buffer(b, [y], [t], None, None))
    assert result.feature_channel_format == Float16
    assert result.to_numpy().item() == np.abs(Y - T).mean()
    (given,) = batch(np.zeros((1, 1, 1, 1), np.float32))
    wait(lambda b: forward.encode_batch_to_command_buffer(b, [y], [t], None, None, [given]))
    assert given.feature_channel_format == Float32
    assert given.to_numpy().item() == np.abs(Y - T).mean()


def test_a_channel_range_of_the_predictions() -> None:
    x = ramp(2, 3, 12)
    forward, _ = pair()
    forward.source_feature_channel_offset = 4
    forward.source_feature_channel_max_count = 4
    (result,) = wait(lambda b: forward.encode_batch_to_command_buffer(b, [image(x)], [image(Y)], None, None))
    assert result.to_numpy().item() == ((x[..., 4:8] - Y) ** 2).sum()


# --- what is refused ------------------------------------------------------------------------------------------------


def refused(error: type[Exception], *words: str) -> Any:
    return pytest.raises(error, match="(?s)" + ".*".join(words))


PLACES: list[tuple[str, Any, Any, str]] = [
    ("offset", (0, 0, 0), (1, 0, 0), r"offset must be \(0, 0, 0\), got \(1, 0, 0\)"),
    (
        "clip_rect",
        mps.MPSRectNoClip,
        mps.MTLRegion((0, 0, 0), (1, 1, 1)),
        r"clip_rect must be MPSRectNoClip, got origin \(0, 0, 0\), size \(1, 1, 1\)",
    ),
]


@pytest.mark.parametrize(("name", "default", "value", "message"), PLACES, ids=["offset", "clip_rect"])
def test_offsets_and_clip_rectangles(name: str, default: Any, value: Any, message: str) -> None:
    y, t = batch(Y[None]), batch(T[None])
    forward, gradient = pair(reduction="None_")
    ones = kernel(mps.MPSNNInitialGradient)
    given = batch(np.zeros_like(Y[None]))
    forward.label = ones.label = gradient.label = "l"
    encodes: list[tuple[Any, str, Callable[[Any], Any]]] = [
        (forward, name, lambda b: forward.encode_batch_to_command_buffer(b, y, t, None, None, given)),
        (forward, name, lambda b: forward.encode_batch_to_command_buffer(b, y, t, None, None)),
        (ones, name, lambda b: ones.encode_batch_to_command_buffer(b, y, given)),
    ]
    places = [name] if name == "clip_rect" else ["primary_offset", "secondary_offset"]
    encodes += [
        (gradient, place, lambda b: gradient.encode_batch_to_command_buffer(b, y, y, t, None, None, given))
        for place in places
    ]
    for made, place, encode in encodes:
        setattr(made, place, value)
        with refused(mps.InvalidArgumentError, f'{type(made).__name__} "l": {message}'):
            wait(encode)
        setattr(made, place, default)
        wait(encode)


def test_sizes() -> None:
    forward, gradient = pair()
    forward.label = gradient.label = "l"
    y, t, few = batch(Y[None]), batch(T[None]), batch(Y[None, ..., :3].copy())
    large = batch(np.zeros((1, 2, 1, 1), np.float32))
    with refused(mps.ShapeError, 'MPSNNForwardLoss "l": the labels are 2 x 3 x 3'):
        wait(lambda b: forward.encode_batch_to_command_buffer(b, y, few, None, None))
    with refused(mps.ShapeError, 'MPSNNForwardLoss "l": the weights are 2 x 3 x 3'):
        wait(lambda b: forward.encode_batch_to_command_buffer(b, y, t, few, None))
    with refused(mps.ShapeError, 'MPSNNForwardLoss "l": the result is 1 x 1 x 1, the destination is 2 x 1'):
        wait(lambda b: forward.encode_batch_to_command_buffer(b, y, t, None, None, large))
    with refused(mps.ShapeError, 'MPSNNLossGradient "l": the result is 2 x 3 x 4, the destination is 1 x 3'):
        wait(lambda b: gradient.encode_batch_to_command_buffer(b, batch(ONE), y, t, None, None, batch(Y[None, :1])))
    with refused(mps.ShapeError, 'MPSNNLossGradient "l": the source gradient is 2 x 3 x 4', "needs 1 x 1 x 1"):
        wait(lambda b: gradient.encode_batch_to_command_buffer(b, y, y, t))
    ones = kernel(mps.MPSNNInitialGradient)
    with refused(mps.ShapeError, "MPSNNInitialGradient: the result is 2 x 3 x 4, the destination is 2 x 1"):
        wait(lambda b: ones.encode_batch_to_command_buffer(b, y, large))
    with refused(mps.ShapeError, 'MPSNNForwardLoss "l": the sources hold different numbers of images'):
        wait(lambda b: forward.encode_batch_to_command_buffer(b, y, [t[0], t[0]], None, None))
    states: list[Any] = []
    wait(lambda b: forward.encode_batch_to_command_buffer(b, few, few, None, states))
    with refused(mps.ShapeError, "the source image is 2 x 3 x 4, the source of the forward filter 2 x 3 x 3"):
        wait(lambda b: gradient.encode_batch_to_command_buffer(b, batch(ONE), y, t, None, states))


def test_missing_images_and_states_of_others() -> None:
    forward, gradient = pair()
    y, t, one = batch(Y[None]), batch(T[None]), batch(ONE)
    with refused(mps.InvalidArgumentError, "MPSNNForwardLoss: there are no labels"):
        wait(lambda b: forward.encode_batch_to_command_buffer(b, y, [], None, None))
    with refused(
        mps.UnsupportedError, "MPSNNForwardLoss", "there are no labels; encode_batch_to_command_buffer takes them"
    ):
        wait(lambda b: forward.encode_to_command_buffer(b, y[0]))
    with refused(
        mps.UnsupportedError, "MPSNNLossGradient", "there are no labels; encode_batch_to_command_buffer takes them"
    ):
        wait(lambda b: gradient.encode_to_command_buffer(b, one[0], y[0]))
    with refused(mps.InvalidArgumentError, "MPSNNLossGradient: there are no secondary images"):
        wait(lambda b: gradient.encode_batch_to_command_buffer(b, one, [], t))
    states: list[Any] = []
    softmax = kernel(mps.MPSCNNSoftMax)
    wait(lambda b: softmax.encode_batch_to_command_buffer(b, y, states))
    with refused(mps.InvalidArgumentError, "MPSNNLossGradient: gradient_state is that of an MPSCNNSoftMax"):
        wait(lambda b: gradient.encode_batch_to_command_buffer(b, one, y, t, None, states))
    with refused(mps.InvalidArgumentError, "MPSNNLossGradient: the gradient state was not made by a forward filter"):
        wait(lambda b: gradient.encode_batch_to_command_buffer(b, one, y, t, None, [mps.MPSState(16)]))


def test_descriptors() -> None:
    made = descriptor("CosineDistance", "Mean")
    for cls in (mps.MPSNNForwardLoss, mps.MPSNNLossGradient):
        with refused(mps.InvalidArgumentError, f"{cls.__name__}: the cosine distance", "got 2"):
            cls(made)
        with pytest.raises(TypeError):
            cls(None)
