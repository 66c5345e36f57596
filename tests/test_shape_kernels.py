"""Reductions, local correlation, comparison, pad, reshape, Gram matrix and slice by kernels made by hand: regions, places,
gradients of parts, what they refuse."""

from typing import Any

import mpsnn as mps
import numpy as np
import pytest
from harness import Array, assert_close
from support import (
    batch,
    blank,
    check_that_temporaries_are_read_once,
    encoded,
    graph_of,
    image,
    node,
    permanent,
    ramp,
    result_of,
    values,
)

Mode, Kind = mps.MPSImageEdgeMode, mps.MPSNNComparisonType


def refuses(match: str, error: Any = mps.InvalidArgumentError) -> Any:
    return pytest.raises(error, match=match)


def drawn(*shape: int) -> Array:
    """Exact in float16."""
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(np.float16).astype(np.float32)


def region(x: int, y: int, width: int, height: int, z: int = 0, depth: int = 1) -> mps.MTLRegion:
    return mps.MTLRegion((x, y, z), (width, height, depth))


# ---- reductions of one image ----

ALONG = {"Row": 1, "Column": 0, "FeatureChannels": 2}
REDUCTIONS = [
    n for n in dir(mps) if n.startswith(("MPSNNReduceRow", "MPSNNReduceColumn", "MPSNNReduceFeatureChannels"))
]
REDUCTIONS = [n for n in REDUCTIONS if "Weights" not in n]


def reduced(name: str, x: Array) -> Array:
    along = next(a for a in ALONG if name.startswith("MPSNNReduce" + a))
    kind = name.removeprefix("MPSNNReduce" + along)
    f = {"ArgumentMin": np.argmin, "ArgumentMax": np.argmax}.get(kind) or getattr(np, kind.lower())
    return f(x.astype(np.float64), axis=ALONG[along], keepdims=True)


def test_there_are_fourteen_reductions() -> None:
    assert len(REDUCTIONS) == 14
    assert all(issubclass(getattr(mps, n), mps.MPSNNReduceUnary) for n in REDUCTIONS)


@pytest.mark.parametrize("name", REDUCTIONS)
def test_region_channels_and_place_of_a_reduction(name: str) -> None:
    x = drawn(7, 9, 12)
    kernel = getattr(mps, name)()
    kernel.clip_rect_source = region(2, 1, 4, 99)
    kernel.offset = (100, 100, 0)  # of no consequence
    kernel.source_feature_channel_offset, kernel.source_feature_channel_max_count = 4, 5
    kernel.destination_feature_channel_offset = 4
    expected = reduced(name, x[1:, 2:6, 4:9])
    height, width, channels = expected.shape
    kernel.clip_rect = region(1, 2, width, height)
    destination = blank(height + 3, width + 2, channels + 4)
    encoded(lambda b: kernel.encode_to_command_buffer(b, image(x), destination))
    result = values(destination)
    place = (slice(2, 2 + height), slice(1, 1 + width), slice(4, None))
    assert_close(result[place], expected, 9)
    result[place] = 7
    assert (result == 7).all()


@pytest.mark.parametrize("shape", [(1, 6, 5), (6, 1, 5), (6, 5, 1), (1, 1, 1)])
@pytest.mark.parametrize("name", REDUCTIONS)
def test_a_source_of_the_result_s_size(name: str, shape: tuple[int, int, int]) -> None:
    """It is not taken for a filter that works pixel by pixel: the offset stays without consequence."""
    x = drawn(*shape)
    kernel = permanent(getattr(mps, name)(), offset=(1, 1, 0))
    destination = blank(*reduced(name, x).shape)
    encoded(lambda b: kernel.encode_to_command_buffer(b, image(x), destination))
    assert_close(values(destination), reduced(name, x), 6)
    larger = blank(7, 7, 5)
    with refuses(f"{name}: the result is .*, the part of the destination", mps.ShapeError):
        encoded(lambda b: kernel.encode_to_command_buffer(b, image(x), larger))


def test_images_within_an_image_are_reduced_each() -> None:
    x = drawn(4, 3, 5, 6)
    kernel = mps.MPSNNReduceFeatureChannelsSum()
    assert kernel.weight == 1
    kernel.weight = -0.5
    kernel.offset, kernel.clip_rect = (0, 0, 1), region(0, 0, 5, 3, z=3, depth=2)
    destination = blank(3, 5, 1, count=5)
    encoded(lambda b: kernel.encode_to_command_buffer(b, image(x), destination))
    assert_close(values(destination)[3:], -0.5 * x[1:3].astype(np.float64).sum(3, keepdims=True), 6)
    assert (values(destination)[:3] == 7).all()


def test_a_region_that_holds_nothing() -> None:
    kernel = permanent(mps.MPSNNReduceRowMin(), label="least", clip_rect_source=region(3, 0, 1, 1))
    with refuses('MPSNNReduceRowMin "least": clip_rect_source.* of 2 x 3 x 4', mps.ShapeError):
        encoded(lambda b: kernel.encode_to_command_buffer(b, image(drawn(2, 3, 4))))


# ---- reductions of two images ----

WEIGHTED = {
    "sum": (mps.MPSNNReduceFeatureChannelsAndWeightsSum, lambda x, w: 1),
    "by weights": (
        lambda: mps.MPSNNReduceFeatureChannelsAndWeightsSum(True),
        lambda x, w: np.maximum((w != 0).sum(-1, keepdims=True), 1),
    ),
    "mean": (mps.MPSNNReduceFeatureChannelsAndWeightsMean, lambda x, w: x.shape[-1]),
}


def weights(*shape: int) -> Array:
    """A third of them is 0, and all of some pixels'."""
    w = drawn(*shape)
    w[np.random.default_rng(1).random(shape) < 1 / 3] = 0
    w[..., ::4, 1, :] = 0
    return w


@pytest.mark.parametrize("kind", WEIGHTED)
@pytest.mark.parametrize("shape", [(5, 3, 1), (4, 6, 10), (7, 3, 64), (30, 40, 37)])
def test_weighted_reductions(kind: str, shape: tuple[int, int, int]) -> None:
    make, divisor = WEIGHTED[kind]
    x, w = drawn(2, *shape), weights(2, *shape)
    kernel = permanent(make())
    assert isinstance(kernel, mps.MPSNNReduceBinary)
    made = encoded(lambda b: kernel.encode_batch_to_command_buffer(b, batch(x), batch(w)))
    expected = (x.astype(np.float64) * w).sum(-1, keepdims=True) / divisor(x, w)
    assert_close(values(made), expected, shape[2])


@pytest.mark.parametrize("kind", WEIGHTED)
def test_regions_of_a_weighted_reduction(kind: str) -> None:
    make, divisor = WEIGHTED[kind]
    x, w = drawn(6, 8, 12), weights(7, 5, 9)
    kernel = make()
    kernel.primary_source_clip_rect, kernel.secondary_source_clip_rect = region(5, 1, 99, 4), region(2, 3, 3, 4)
    kernel.primary_source_feature_channel_offset = 4
    kernel.primary_source_feature_channel_max_count = 5
    kernel.secondary_source_feature_channel_offset = 4
    kernel.primary_offset = kernel.secondary_offset = (9, 9, 0)  # of no consequence
    destination = blank(4, 3, 1)
    encoded(lambda b: kernel.encode_to_command_buffer(b, image(x), image(w), destination))
    x, w = x[1:5, 5:, 4:9].astype(np.float64), w[3:, 2:, 4:]
    assert_close(values(destination), (x * w).sum(-1, keepdims=True) / divisor(x, w), 5)


def test_the_argument_of_the_weighted_sum() -> None:
    cls = mps.MPSNNReduceFeatureChannelsAndWeightsSum
    assert not cls().do_weighted_sum_by_non_zero_weights
    assert cls(True).do_weighted_sum_by_non_zero_weights


def test_what_reductions_of_two_images_refuse() -> None:
    kernel = permanent(mps.MPSNNReduceFeatureChannelsAndWeightsMean(), label="m")
    name = 'MPSNNReduceFeatureChannelsAndWeightsMean "m"'
    x = image(drawn(4, 5, 6))
    for other in ((4, 5, 7), (4, 6, 6)):
        with refuses(f"{name}: 4 x 5 x 6 .* are read of the primary source", mps.ShapeError):
            encoded(lambda b, o=other: kernel.encode_to_command_buffer(b, x, image(drawn(*o))))
    kernel.secondary_source_clip_rect = region(0, 4, 5, 4)
    with refuses(f"{name}: secondary_source_clip_rect.* of 4 x 5 x 6", mps.ShapeError):
        encoded(lambda b: kernel.encode_to_command_buffer(b, x, x))


# ---- local correlation ----


def correlated(a: Array, b: Array, window: tuple[int, int], stride: tuple[int, int], mode: Any, first: Any) -> Array:
    """`first` is the place in `b` of the first pixel of `a`."""
    height, width, _ = a.shape
    (wx, wy), (sx, sy) = window, stride
    reach = wy * sy + height, wx * sx + width
    around = [(r, r) for r in reach] + [(0, 0)]
    padded = np.pad(b.astype(np.float64), around, mode="edge" if mode == Mode.Clamp else "constant")
    result = np.empty((height, width, (2 * wx + 1) * (2 * wy + 1)))
    for n in range(2 * wy + 1):
        for m in range(2 * wx + 1):
            y, x = reach[0] + first[0] + (n - wy) * sy, reach[1] + first[1] + (m - wx) * sx
            result[..., n * (2 * wx + 1) + m] = (a * padded[y : y + height, x : x + width]).sum(-1)
    return result


@pytest.mark.parametrize("mode", [Mode.Zero, Mode.Clamp])
@pytest.mark.parametrize("stride", [(1, 1), (2, 1), (1, 3)])
@pytest.mark.parametrize("window", [(0, 0), (1, 0), (0, 2), (2, 1), (4, 3)])
@pytest.mark.parametrize("channels", [1, 7, 32])
def test_local_correlation(channels: int, window: tuple[int, int], stride: tuple[int, int], mode: Any) -> None:
    a, b = drawn(5, 6, channels), drawn(5, 6, channels + 1)[..., 1:]
    kernel = mps.MPSNNLocalCorrelation(window[0], window_in_y=window[1], stride_in_x=stride[0], stride_in_y=stride[1])
    permanent(kernel, secondary_edge_mode=mode)
    assert (kernel.window_in_x, kernel.window_in_y) == window
    made = encoded(lambda c: kernel.encode_to_command_buffer(c, image(a), image(b)))
    assert_close(values(made), correlated(a, b, window, stride, mode, (0, 0)), channels)


def test_properties_and_regions_of_a_local_correlation() -> None:
    a, b = drawn(2, 6, 7, 5), drawn(2, 8, 6, 5)
    kernel = permanent(mps.MPSNNLocalCorrelation())
    assert (kernel.window_in_x, kernel.window_in_y, kernel.stride_in_x, kernel.stride_in_y) == (0, 0, 1, 1)
    kernel.window_in_x, kernel.window_in_y, kernel.stride_in_x, kernel.stride_in_y = 1, 2, 3, 2
    kernel.primary_source_clip_rect, kernel.secondary_source_clip_rect = region(2, 1, 3, 4), region(1, 3, 3, 4)
    made = values(encoded(lambda c: kernel.encode_batch_to_command_buffer(c, batch(a), batch(b))))
    for n in range(2):
        assert_close(made[n], correlated(a[n, 1:5, 2:5], b[n], (1, 2), (3, 2), Mode.Zero, (3, 1)), 5)


def test_windows_and_strides_that_are_none() -> None:
    with refuses("MPSNNLocalCorrelation: stride_in_y must be positive, got 0"):
        mps.MPSNNLocalCorrelation(1, window_in_y=1, stride_in_x=1, stride_in_y=0)
    kernel = permanent(mps.MPSNNLocalCorrelation(), label="c", stride_in_x=0)
    x = image(drawn(3, 4, 5))
    with refuses('MPSNNLocalCorrelation "c": stride_in_x must be positive, got 0'):
        encoded(lambda b: kernel.encode_to_command_buffer(b, x, x))
    kernel.stride_in_x, kernel.window_in_y = 1, 2**40
    with refuses('MPSNNLocalCorrelation "c": window_in_y is too large, got 1099511627776'):
        encoded(lambda b: kernel.encode_to_command_buffer(b, x, x))


# ---- comparison ----


@pytest.mark.parametrize("kind", list(Kind))
def test_the_threshold_of_a_comparison(kind: Any) -> None:
    p, s = (
        drawn(4, 5, 6),
        drawn(4, 5, 6) + np.random.default_rng(2).choice([-0.5, 0, 0.25], (4, 5, 6)).astype(np.float32),
    )
    kernel = permanent(mps.MPSNNCompare(), comparison_type=kind, threshold=0.25)
    made = encoded(lambda b: kernel.encode_to_command_buffer(b, image(p), image(s)))
    near = np.abs(p - s) <= 0.25
    expected = {
        Kind.Equal: near,
        Kind.NotEqual: ~near,
        Kind.Less: p < s,
        Kind.LessOrEqual: p <= s,
        Kind.Greater: p > s,
        Kind.GreaterOrEqual: p >= s,
    }[kind]
    np.testing.assert_array_equal(values(made), expected)


def test_a_part_of_a_comparison() -> None:
    p, s = drawn(6, 7, 3), drawn(8, 6, 3)[:6]
    s = np.pad(s, ((0, 0), (0, 1), (0, 0)))
    kernel = permanent(mps.MPSNNCompare(), comparison_type=Kind.Less)
    kernel.primary_offset, kernel.secondary_offset, kernel.clip_rect = (2, 1, 0), (0, 3, 0), region(1, 0, 4, 2)
    destination = blank(4, 5, 3)
    encoded(lambda b: kernel.encode_to_command_buffer(b, image(p), image(s), destination))
    np.testing.assert_array_equal(values(destination)[:2, 1:], p[1:3, 2:6] < s[3:5, :4])


def test_attributes_are_looked_at_in_every_encode() -> None:
    x = image(drawn(3, 4, 5))
    compare = permanent(mps.MPSNNCompare(), label="c", comparison_type=Kind.Greater | Kind.Less)
    with refuses('MPSNNCompare "c": comparison_type 6 is not a comparison'):
        encoded(lambda b: compare.encode_to_command_buffer(b, x, x))
    add = permanent(mps.MPSCNNAdd(), primary_stride_in_pixels_x=5)
    with refuses("MPSCNNAdd: primary_stride_in_pixels_x must be 0 or 1, got 5"):
        encoded(lambda b: add.encode_to_command_buffer(b, x, x))
    with refuses("MPSCNNAdd: primary_stride_in_pixels_x must be 0 or 1, got 5"):
        add.destination_image_descriptor_for_source_images([x, x])


# ---- pad ----


def places(offset: int, source: int, result: int, mode: Any) -> Array:
    """For each pixel of the result the one of the source that it copies; -1 where there is none."""
    indices = np.arange(source)
    before, after = max(-offset, 0), max(offset + result - source, 0)
    names = {Mode.Clamp: "edge", Mode.Mirror: "reflect", Mode.MirrorWithEdge: "symmetric"}
    if mode in names:
        padded = np.pad(indices, (before, after), mode=names[mode])
    else:
        padded = np.pad(indices, (before, after), constant_values=-1)
    return padded[max(offset, 0) :][:result]


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("offset", [(0, 0), (-2, -7), (3, 1), (-9, 2)])
def test_offset_and_clip_rectangle_pad_an_image(offset: tuple[int, int], mode: Any) -> None:
    """And its gradient sums over the copies that were made."""
    x = drawn(5, 4, 3)
    channels = [(-1 if mode in (Mode.Zero, Mode.Constant) else {Mode.Mirror: 1}.get(mode, 0)), 0, 1, 2]
    kernel = permanent(mps.MPSNNPad((5, 5, 1), padding_size_after=(6, 6, 0)), offset=(*offset, 0), edge_mode=mode)
    kernel.fill_value = -1.5
    kernel.clip_rect = region(2, 1, 8, 11)
    destination = blank(14, 11, 4)
    source = image(x)
    state = kernel.result_state_for_source_image(source, None, destination)
    encoded(lambda b: kernel.encode_to_command_buffer(b, source, state, destination))
    at = np.ix_(places(offset[1], 5, 11, mode), places(offset[0], 4, 8, mode), channels)
    outside = (at[0] < 0) | (at[1] < 0) | (at[2] < 0)
    fill = -1.5 if mode == Mode.Constant else 0
    result = values(destination)
    np.testing.assert_array_equal(result[1:12, 2:10], np.where(outside, fill, x[at]))
    result[1:12, 2:10] = 7
    assert (result == 7).all()

    g = np.random.default_rng(4).integers(-4, 5, (11, 8, 4)).astype(np.float32)
    expected = np.zeros_like(x)
    np.add.at(expected, at, np.where(outside, 0, g))
    gradient = permanent(mps.MPSNNPadGradient())
    made = encoded(lambda b: gradient.encode_to_command_buffer(b, image(g), source, state))
    np.testing.assert_array_equal(values(made), expected)


def test_sizes_of_padding_are_properties() -> None:
    kernel = permanent(mps.MPSNNPad(), edge_mode=Mode.MirrorWithEdge)
    assert kernel.padding_size_before == kernel.padding_size_after == mps.MPSImageCoordinate(0, 0, 0)
    kernel.padding_size_before, kernel.padding_size_after = (1, 2, 0), (3, 0, 1)
    x = drawn(4, 5, 6)
    made = encoded(lambda b: kernel.encode_to_command_buffer(b, image(x)))
    np.testing.assert_array_equal(values(made), np.pad(x, ((2, 0), (1, 3), (0, 1)), mode="symmetric"))
    assert kernel.offset == mps.MPSOffset(-1, -2, 0)


def test_an_array_of_fill_values() -> None:
    x = drawn(2, 3, 2)
    kernel = mps.MPSNNPad((1, 0, 1), padding_size_after=(0, 1, 0), fill_value_array=[10, 20, 30, 40])
    permanent(kernel, edge_mode=Mode.Constant, fill_value=5)
    made = values(encoded(lambda b: kernel.encode_to_command_buffer(b, image(x))))
    expected = np.broadcast_to(np.float32([10, 20, 30]), (3, 4, 3)).copy()
    expected[:2, 1:, 1:] = x
    np.testing.assert_array_equal(made, expected)
    with refuses("MPSNNPad: fill_value_array holds 4 values, the result has 8 feature channels", mps.ShapeError):
        encoded(lambda b: kernel.encode_to_command_buffer(b, image(drawn(2, 3, 7))))


def test_what_pad_kernels_refuse() -> None:
    with refuses("MPSNNPad: padding_size_after is too large, got 2147483648"):
        mps.MPSNNPad((0, 0, 0), padding_size_after=(0, 2**31, 0))
    kernel = permanent(mps.MPSNNPad(), label="p", padding_size_before=(0, 0, 2**40))
    with refuses('MPSNNPad "p": padding_size_before is too large, got 1099511627776'):
        encoded(lambda b: kernel.encode_to_command_buffer(b, image(drawn(2, 3, 4))))


def test_a_policy_sees_the_padding_of_a_node() -> None:
    class Policy(mps.MPSNNPadding):
        def padding_method(self) -> Any:
            return mps.MPSNNPaddingMethod.Custom

        def destination_image_descriptor_for_source_images(self, images: Any, states: Any, kernel: Any, d: Any) -> Any:
            seen.append((kernel.offset, kernel.edge_mode))
            return d

    seen: list[Any] = []
    pad = mps.MPSNNPadNode(node(), padding_size_before=(1, 2, 0), padding_size_after=(0, 0, 0), edge_mode=Mode.Mirror)
    pad.padding_policy = Policy()
    x = drawn(4, 5, 2)
    assert np.array_equal(result_of(graph_of(pad), x), np.pad(x, ((2, 0), (1, 0), (0, 0)), mode="reflect"))
    assert set(seen) == {(mps.MPSOffset(-1, -2, 0), Mode.Mirror)}


# ---- reshape, Gram matrix, slice ----


def test_the_encodes_of_a_reshape() -> None:
    x = ramp(2, 3, 4, 5)
    kernel = permanent(mps.MPSNNReshape())
    states: list[Any] = []
    one = encoded(lambda b: kernel.encode_to_command_buffer(b, image(x[0]), 2, 10, 3))
    with_state = encoded(lambda b: kernel.encode_to_command_buffer(b, image(x[0]), 5, 6, 2, states, False))
    again = encoded(lambda b: kernel.encode_to_command_buffer(b, image(x[1])))
    assert np.array_equal(values(one), x[0].reshape(10, 2, 3))
    assert np.array_equal(values(with_state), x[0].reshape(6, 5, 2))
    assert np.array_equal(values(again), x[1].reshape(6, 5, 2)), "the size of the last encode that was told one"
    several: list[Any] = []
    made = encoded(lambda b: kernel.encode_batch_to_command_buffer(b, batch(x), 4, 15, 1))
    with_states = encoded(lambda b: kernel.encode_batch_to_command_buffer(b, batch(x), 4, 15, 1, several, False))
    assert np.array_equal(values(made), x.reshape(2, 15, 4, 1)) and np.array_equal(values(made), values(with_states))
    gradient = permanent(mps.MPSNNReshapeGradient())
    back = encoded(lambda b: gradient.encode_batch_to_command_buffer(b, made, batch(x), several))
    assert np.array_equal(values(back), x)
    assert len(states) == 1 and len(several) == 2


def test_a_reshape_to_the_size_of_the_destination() -> None:
    x = ramp(3, 4, 6)
    kernel = mps.MPSNNReshape()
    kernel.clip_rect, kernel.destination_feature_channel_offset = region(1, 2, 3, 4), 4
    destination = blank(7, 5, 10)
    encoded(lambda b: kernel.encode_to_command_buffer(b, image(x), destination))
    assert np.array_equal(values(destination)[2:6, 1:4, 4:], x.reshape(4, 3, 6))
    assert (values(destination)[..., :4] == 7).all()
    with refuses("MPSNNReshape: the source is 3 x 4 x 6, 72 numbers, the result 5 x 5 x 2, 50", mps.ShapeError):
        encoded(lambda b: mps.MPSNNReshape().encode_to_command_buffer(b, image(x), blank(5, 5, 2)))
    with refuses("MPSNNReshape: result_height must be positive, got 0"):
        encoded(lambda b: kernel.encode_to_command_buffer(b, image(x), 1, 0, 72))
    with refuses("MPSNNReshape: the source is 3 x 4 x 6, 72 numbers, the result 2 x 1 x 5, 10", mps.ShapeError):
        encoded(lambda b: kernel.encode_to_command_buffer(b, image(x), 1, 2, 5))


def test_a_gram_matrix_of_a_source_of_its_size() -> None:
    x = drawn(1, 5, 5)
    kernel = permanent(mps.MPSNNGramMatrixCalculation(2), offset=(1, 1, 0))
    assert kernel.alpha == 2 and mps.MPSNNGramMatrixCalculation().alpha == 1
    kernel.alpha = -0.5
    destination, source = blank(1, 5, 5), image(x)
    state = kernel.result_state_for_source_image(source, None, destination)
    encoded(lambda b: kernel.encode_to_command_buffer(b, source, state, destination))
    assert_close(values(destination), -0.5 * np.einsum("yxi,yxj->ij", x, x, dtype=np.float64)[None], 5)
    g = drawn(2, 5, 5)[:1]
    gradient = permanent(mps.MPSNNGramMatrixCalculationGradient(3))
    made = encoded(lambda b: gradient.encode_to_command_buffer(b, image(g), source, state))
    both = (g[0] + g[0].T).astype(np.float64)
    assert_close(values(made), 3 * np.einsum("yxj,ij->yxi", x.astype(np.float64), both), 10)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_a_slice(dtype: type) -> None:
    x = drawn(2, 5, 6, 11).astype(dtype)
    kernel = mps.MPSNNSlice()
    kernel.source_feature_channel_offset, kernel.source_feature_channel_max_count = 4, 5
    kernel.destination_feature_channel_offset = 4
    kernel.offset, kernel.clip_rect = (2, 1, 0), region(0, 1, 3, 2, depth=2)
    destination = image(np.full((2, 4, 4, 9), 7, dtype))
    encoded(lambda b: kernel.encode_to_command_buffer(b, image(x), destination))
    expected = np.full((2, 4, 4, 9), 7, dtype)
    expected[:, 1:3, :3, 4:] = x[:, 1:3, 2:5, 4:9]
    np.testing.assert_array_equal(values(destination), expected)
    kernel = permanent(mps.MPSNNSlice(), source_feature_channel_offset=8)
    np.testing.assert_array_equal(
        values(encoded(lambda b: kernel.encode_batch_to_command_buffer(b, batch(x)))), x[..., 8:]
    )


# ---- gradients and their states ----

FORWARD = {
    "MPSNNPadGradient": lambda x: mps.MPSNNPadNode(
        x, padding_size_before=(1, 0, 0), padding_size_after=(0, 2, 0), edge_mode=Mode.Mirror
    ),
    "MPSNNReshapeGradient": lambda x: mps.MPSNNReshapeNode(
        x, result_width=2, result_height=6, result_feature_channels=5
    ),
    "MPSNNGramMatrixCalculationGradient": mps.MPSNNGramMatrixCalculationNode,
}


def state_of_graph(forward: Any, x: Array) -> tuple[Any, Array]:
    forward.result_state.export_from_graph = True
    states: list[Any] = []
    result = encoded(lambda b: graph_of(forward).encode_to_command_buffer(b, [image(x)], destination_states=states))
    return states[0], values(result)


@pytest.mark.parametrize("name", FORWARD)
def test_a_state_of_a_graph_serves_a_kernel(name: str) -> None:
    x = drawn(3, 4, 5)
    state, result = state_of_graph(FORWARD[name](node()), x)
    g = ramp(*result.shape) % 7
    kernel = permanent(getattr(mps, name)())
    made = values(encoded(lambda b: kernel.encode_to_command_buffer(b, image(g), image(x), state)))
    source, incoming = node("source"), node("gradient")
    graph = graph_of(FORWARD[name](source).gradient_filter_with_source(incoming))
    given = {"source": x, "gradient": g}
    np.testing.assert_array_equal(made, result_of(graph, *(given[h] for h in graph.source_image_handles)))


@pytest.mark.parametrize("name", FORWARD)
def test_the_state_of_another_kind_of_filter(name: str) -> None:
    x = drawn(3, 4, 5)
    for other in set(FORWARD) - {name}:
        state, result = state_of_graph(FORWARD[other](node()), x)
        kernel = permanent(getattr(mps, name)())
        with refuses(f"{name}: the gradient state is that of {other.removesuffix('Gradient')}$"):
            encoded(lambda b, k=kernel, s=state, r=result: k.encode_to_command_buffer(b, image(r), image(x), s))


@pytest.mark.parametrize(
    "kernel",
    [
        mps.MPSNNReduceColumnMax(),
        mps.MPSNNReduceFeatureChannelsAndWeightsSum(),
        mps.MPSNNLocalCorrelation(1, window_in_y=0, stride_in_x=1, stride_in_y=1),
        mps.MPSNNCompare(),
        mps.MPSNNPad((1, 0, 0), padding_size_after=(0, 1, 2)),
        mps.MPSNNGramMatrixCalculation(),
        mps.MPSNNSlice(),
    ],
)
def test_temporary_images_are_read_once(kernel: Any) -> None:
    check_that_temporaries_are_read_once(kernel, drawn(3, 4, 5))
