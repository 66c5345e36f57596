"""Reductions, reshape, pad, comparison, Gram matrix, initial gradient: what they refuse, NaN and infinity, filters made
directly, images inside larger ones."""

import importlib

import mpsnn as mps
import numpy as np
import pytest
from harness import build_node, draw
from support import graph_of, linear, node, ramp, result_of, run, values

Mode, Kind = mps.MPSImageEdgeMode, mps.MPSNNComparisonType
NAN, INF = np.nan, np.inf


def refuses(match, error=None):
    return pytest.raises(error or mps.InvalidArgumentError, match=match)


def region(x, y, width, height):
    return mps.MTLRegion(mps.MTLOrigin(x, y, 0), mps.MTLSize(width, height, 1))


def pad(source, before=(0, 0, 0), after=(0, 0, 0), mode=Mode.Zero):
    return mps.MPSNNPadNode(source, padding_size_before=before, padding_size_after=after, edge_mode=mode)


def reshape(source, height, width, channels):
    return mps.MPSNNReshapeNode(source, result_width=width, result_height=height, result_feature_channels=channels)


def row(*numbers):
    return np.array(numbers, np.float32).reshape(1, 1, -1)


# --- reductions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "clip", [region(3, 0, 1, 1), region(0, 2, 9, 9), region(0, 0, 0, 1), region(2**63, 0, 2**63, 1)]
)
def test_a_region_that_holds_nothing(clip):
    reduction = mps.MPSNNReductionRowSumNode(node())
    reduction.label = "r"
    reduction.clip_rect_source = clip
    with refuses(r'MPSNNReductionRowSumNode "r": clip_rect_source.*2 x 3 x 4', mps.ShapeError):
        result_of(graph_of(reduction), ramp(2, 3, 4))


def test_the_region_is_a_property():
    reduction = mps.MPSNNReductionColumnMaxNode(node())
    assert reduction.clip_rect_source == mps.MPSRectNoClip
    reduction.clip_rect_source = region(1, 0, 2**63, 2**63)
    graph = graph_of(reduction)
    reduction.clip_rect_source = region(0, 0, 1, 1)  # after the graph was made
    x = ramp(2, 3, 4)
    assert np.array_equal(result_of(graph, x)[0], x[:, 1:].max(0))


@pytest.mark.parametrize("name", [n for n in dir(mps) if n.startswith("MPSNNReduction") and "Spatial" not in n])
def test_reductions_have_no_gradient(name):
    with refuses(f"{name}: this filter has no gradient", mps.GraphError):
        getattr(mps, name)(node()).gradient_filter_with_source(node())


@pytest.mark.parametrize("along", ["Row", "Column", "FeatureChannels"])
@pytest.mark.parametrize("length", [5, 40])
def test_nan_and_infinity_in_reductions(along, length):
    shape = {"Row": (1, length, 1), "Column": (length, 1, 1), "FeatureChannels": (1, 1, length)}[along]

    def reduced(kind, numbers):
        return result_of(graph_of(getattr(mps, f"MPSNNReduction{along}{kind}Node")(node())), numbers).item()

    for place in range(length):
        x = np.linspace(-1, 1, length, dtype=np.float32)
        x[place] = NAN
        for kind in ("Min", "Max", "Mean", "Sum"):
            assert np.isnan(reduced(kind, x.reshape(shape))), (kind, place)
        if along == "FeatureChannels":
            x[length - 1] = NAN
            assert reduced("ArgumentMax", x.reshape(shape)) == reduced("ArgumentMin", x.reshape(shape)) == place
    x = np.full(shape, INF, np.float32)
    assert reduced("Min", x) == reduced("Max", x) == reduced("Sum", x) == INF
    assert reduced("Min", -x) == reduced("Max", -x) == -INF
    if along == "FeatureChannels":
        assert reduced("ArgumentMin", x) == reduced("ArgumentMax", -x) == 0


def test_a_long_sum_keeps_its_digits():
    x = np.full((300, 300, 1), 0.1, np.float32)
    mean = result_of(graph_of(mps.MPSNNReductionSpatialMeanNode(node())), x).item()
    assert mean == np.float32(0.1)


# --- reshape and pad ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["result_width", "result_height", "result_feature_channels"])
def test_a_reshape_to_nothing(name):
    size = {"result_width": 1, "result_height": 1, "result_feature_channels": 1}
    with refuses(f"MPSNNReshapeNode: {name} must be positive, got 0"):
        mps.MPSNNReshapeNode(node(), **size | {name: 0})


@pytest.mark.parametrize("size", [(2, 3, 5), (2**32, 2**32, 24), (2**63, 1, 2)])
def test_a_reshape_to_another_number_of_numbers(size):
    with refuses("MPSNNReshapeNode: ", mps.Error):
        result_of(graph_of(reshape(node(), *size)), ramp(2, 3, 4))


def test_padding_sizes():
    for before, after in [((2**31, 0, 0), (0, 0, 0)), ((0, 0, 0), (0, 0, 2**31))]:
        with refuses("MPSNNPadNode: padding_size_.* is too large, got 2147483648"):
            pad(node(), before, after)
    with pytest.raises(TypeError):
        pad(node(), (-1, 0, 0))
    with pytest.raises(mps.Error):
        result_of(graph_of(pad(node(), (2**31 - 1, 2**31 - 1, 2**31 - 1))), ramp(1, 1, 1))


@pytest.mark.parametrize("mode", list(Mode))
def test_nan_and_infinity_are_copied(mode):
    made = pad(node(), (1, 0, 0), (1, 0, 0), mode)
    made.fill_value = NAN
    result = result_of(graph_of(made), np.array([INF, 1, NAN], np.float32).reshape(1, 3, 1)).ravel()
    edge = {Mode.Zero: (0, 0), Mode.Constant: (NAN, NAN), Mode.Mirror: (1, 1)}.get(mode, (INF, NAN))
    assert np.array_equal(result, [edge[0], INF, 1, NAN, edge[1]], equal_nan=True)


# --- comparison -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(Kind))
def test_nan_and_infinity_in_comparisons(kind):
    comparison = mps.MPSNNComparisonNode(node("left"), node("right"))
    comparison.comparison_type = kind
    left, right = row(NAN, NAN, 1, INF, -INF, INF, 0), row(NAN, 1, NAN, INF, -INF, 1, -0.0)
    expected = {
        Kind.Equal: left == right,
        Kind.NotEqual: left != right,
        Kind.Less: left < right,
        Kind.LessOrEqual: left <= right,
        Kind.Greater: left > right,
        Kind.GreaterOrEqual: left >= right,
    }[kind]
    assert np.array_equal(result_of(graph_of(comparison), left, right), expected)


def test_comparisons_that_are_none():
    comparison = mps.MPSNNComparisonNode(node(), node())
    comparison.comparison_type = Kind.Greater | Kind.Less
    with refuses("MPSNNComparisonNode: comparison_type 6 is not a comparison"):
        graph_of(comparison)


def test_a_comparison_has_no_gradient():
    comparison = mps.MPSNNComparisonNode(node(), node())
    assert comparison.gradient_class() is None
    with refuses("MPSNNComparisonNode: this filter has no gradient", mps.GraphError):
        comparison.gradient_filters_with_source(node())


def test_sources_of_a_comparison():
    with refuses("MPSNNComparisonNode: the sources are 1 x 1 x 2 and 1 x 1 x 3", mps.ShapeError):
        result_of(graph_of(mps.MPSNNComparisonNode(node(), node())), row(1, 2), row(1, 2, 3))
    with refuses("MPSNNComparisonNode: sources must be two images"):
        mps.MPSNNComparisonNode.with_sources([node()])


# --- gradients ------------------------------------------------------------------------------------------------------

FORWARD = {
    "MPSNNReshapeGradientNode": lambda x: reshape(x, 4, 3, 2),
    "MPSNNPadGradientNode": lambda x: pad(x, (1, 0, 2), (0, 2, 1), Mode.Mirror),
    "MPSNNReductionSpatialMeanGradientNode": mps.MPSNNReductionSpatialMeanNode,
    "MPSNNGramMatrixCalculationGradientNode": mps.MPSNNGramMatrixCalculationNode,
}
every_gradient = pytest.mark.parametrize("name", FORWARD)


@every_gradient
def test_a_gradient_made_directly(name):
    source, gradient = node("source"), node("gradient")
    forward = FORWARD[name](source)
    made = forward.gradient_filter_with_source(gradient)
    direct = getattr(mps, name)(gradient, source, gradient_state=forward.result_state)
    assert type(made) is type(direct)
    x = ramp(2, 3, 4)
    g = ramp(*result_of(graph_of(FORWARD[name](node())), x).shape)
    answers = []
    for one in (made, direct):
        graph = graph_of(one)
        given = {"source": x, "gradient": g}
        answers.append(result_of(graph, *(given[handle] for handle in graph.source_image_handles)))
    assert np.array_equal(*answers)


@every_gradient
def test_the_state_of_another_filter(name):
    for other in set(FORWARD) - {name}:
        with refuses(f"{name}: its gradient state is that of .*, whose gradient filter is {other}", mps.GraphError):
            graph_of(getattr(mps, name)(node(), node(), gradient_state=FORWARD[other](node()).result_state))


@every_gradient
def test_images_of_another_size(name):
    source, other, gradient = node("source"), node("other"), node("gradient")
    forward = FORWARD[name](source)
    x = ramp(2, 3, 4)
    g = ramp(*result_of(graph_of(FORWARD[name](node())), x).shape)
    graph = graph_of(getattr(mps, name)(gradient, other, gradient_state=forward.result_state))
    for wrong, match in (("other", "the source image is 1 x 1 x 5"), ("gradient", "the source gradient is 1 x 1 x 5")):
        given = {"source": x, "other": x, "gradient": g} | {wrong: ramp(1, 1, 5)}
        with refuses(f"{name}: {match}", mps.ShapeError):
            result_of(graph, *(given[handle] for handle in graph.source_image_handles))


def test_a_training_graph_from_ones():
    """The sum of 3 x + 1 over all elements of x: its gradient is 3."""
    x = node()
    last = mps.MPSNNInitialGradientNode(linear(x, 3, 1).result_image)
    with refuses("MPSNNInitialGradientNode: this filter has no gradient", mps.GraphError):
        last.gradient_filter_with_source(node())
    (end,) = last.training_graph_with_source_gradient()
    assert np.array_equal(result_of(graph_of(end), ramp(2, 3, 4)), np.full((2, 3, 4), 3, np.float32))


# --- images inside larger ones --------------------------------------------------------------------------------------

FAMILIES = ("reduction", "reshape", "pad", "gram_matrix", "initial_gradient")
GAPS = [case for family in FAMILIES for case in importlib.import_module(f"families.{family}").CASES]
GAPS += [c for c in importlib.import_module("families.arithmetic").CASES if c.name == "MPSNNComparisonNode"]


def beside(image):
    """A concatenation in whose memory the image lies, so that there are other channels between its pixels."""
    return mps.MPSNNConcatenationNode([linear(image, 2).result_image, image])


@pytest.mark.parametrize("case", GAPS, ids=[case.id for case in GAPS])
def test_channels_between_the_pixels(case):
    v = draw(case, integers=case.exact)  # sums of these are exact in any order
    arrays = {f"source{i}": x for i, x in enumerate(case.source_arrays(v))}
    sources = [linear(node(name), 3).result_image for name in arrays]
    made = build_node(case, sources, v)
    filters = [made]
    images = [made.result_image]
    if case.trains:
        gradient = linear(node("gradient"), 3).result_image
        arrays["gradient"] = v["gradient"]
        images.append(gradient)
        filters += made.gradient_filters_with_source(gradient)
        images += [f.result_image for f in filters[1:]]
    concatenations = [beside(image) for image in [*sources, *images]]
    for one in concatenations:
        one.result_image.image_allocator = mps.MPSImage.default_allocator()
    answers = []
    for disabled in (set(), {"concatenate_in_place"}):
        graph = graph_of(*concatenations)
        graph.disabled_passes = disabled
        given = [arrays[handle].astype(np.float32) for handle in graph.source_image_handles]
        made_now = run(graph, *given)
        answers.append([values(made_now.result), *map(values, made_now.intermediates)])
    for with_gaps, dense in zip(*answers, strict=True):
        np.testing.assert_array_equal(with_gaps, dense)
