"""What pooling with the norm and with dilation refuses, and what it makes of NaN, infinity and zeros."""

import mpsnn as mps
import numpy as np
import pytest
from support import add, graph_of, node, padding, ramp, result_of

SIZES = {"kernel_width": 2, "kernel_height": 3, "stride_in_pixels_x": 1, "stride_in_pixels_y": 2}
RATES = {"dilation_rate_x": 2, "dilation_rate_y": 1}
VALID = padding(mps.MPSNNPaddingMethod.SizeValidOnly)


def refuses(match, error=mps.InvalidArgumentError):
    return pytest.raises(error, match=match)


@pytest.mark.parametrize("name", [*SIZES, *RATES])
def test_zero_is_refused(name):
    with refuses(f"MPSCNNDilatedPoolingMaxNode: {name} must be positive, got 0"):
        mps.MPSCNNDilatedPoolingMaxNode(node(), **(SIZES | RATES | {name: 0}))
    pool = mps.MPSCNNDilatedPoolingMaxNode(node(), **SIZES, **RATES)
    with refuses(f"MPSCNNDilatedPoolingMaxGradientNode: {name} must be positive, got 0"):
        mps.MPSCNNDilatedPoolingMaxGradientNode(
            node(), node(), gradient_state=pool.result_state, **(SIZES | RATES | {name: 0})
        )
    if name in SIZES:
        with refuses(f"MPSCNNPoolingL2NormNode: {name} must be positive, got 0"):
            mps.MPSCNNPoolingL2NormNode(node(), **(SIZES | {name: 0}))


def test_sizes_that_are_too_large_are_refused():
    with refuses("MPSCNNDilatedPoolingMaxNode: dilation_rate_x is too large, got 4294967296"):
        mps.MPSCNNDilatedPoolingMaxNode(node(), **SIZES, dilation_rate_x=2**32, dilation_rate_y=1)
    with refuses("MPSCNNDilatedPoolingMaxNode.*too large", mps.ShapeError):
        wide = SIZES | {"kernel_width": 2**30}
        pool = mps.MPSCNNDilatedPoolingMaxNode(node(), **wide, dilation_rate_x=4, dilation_rate_y=1)
        result_of(graph_of(pool), ramp(1, 1, 1))


def test_stride_and_rate_go_together():
    pool = mps.MPSCNNDilatedPoolingMaxNode.with_filter_size(node(), 3)
    assert {getattr(pool, name) for name in SIZES | RATES} == {3}
    pool = mps.MPSCNNDilatedPoolingMaxNode.with_filter_size(node(), 3, 1, 2)
    assert [getattr(pool, name) for name in SIZES | RATES] == [3, 3, 1, 1, 2, 2]
    for some in ({"stride": 1}, {"dilation_rate": 1}):
        with refuses("MPSCNNDilatedPoolingMaxNode: stride and dilation_rate"):
            mps.MPSCNNDilatedPoolingMaxNode.with_filter_size(node(), 3, **some)


def test_states_of_other_filters_are_refused():
    foreign = add(node(), node()).result_state
    with pytest.raises(mps.Error, match=r"MPSCNNPoolingL2NormGradientNode.*state"):
        graph_of(mps.MPSCNNPoolingL2NormGradientNode(node(), node(), gradient_state=foreign, **SIZES))
    maximum = mps.MPSCNNPoolingMaxNode(node(), **SIZES).result_state
    with pytest.raises(mps.Error, match=r"MPSCNNDilatedPoolingMaxGradientNode.*state"):
        graph_of(mps.MPSCNNDilatedPoolingMaxGradientNode(node(), node(), gradient_state=maximum, **SIZES, **RATES))


def test_dilated_windows_that_do_not_fit():
    pool = mps.MPSCNNDilatedPoolingMaxNode.with_filter_size(node(), 3, 1, 2)
    pool.padding_policy = VALID
    with refuses("MPSCNNDilatedPoolingMaxNode.*5 x 5.*4 x 6 x 1", mps.ShapeError):
        result_of(graph_of(pool), ramp(4, 6, 1))


def line(*numbers):
    return np.array(numbers, np.float32).reshape(1, -1, 1)


def pooled(cls, x, width, gradient=None, rate=None):
    """Windows of `width` pixels that lie inside the line; the result, or the gradient of `gradient`."""
    source, incoming = node("source"), node("incoming")
    rates = {} if rate is None else {"dilation_rate_x": rate, "dilation_rate_y": 1}
    pool = cls(source, kernel_width=width, kernel_height=1, stride_in_pixels_x=1, stride_in_pixels_y=1, **rates)
    pool.padding_policy = VALID
    if gradient is None:
        return result_of(graph_of(pool), x).ravel().tolist()
    graph = graph_of(pool.gradient_filter_with_source(incoming))
    arrays = {"source": x, "incoming": gradient}
    return result_of(graph, *(arrays[handle] for handle in graph.source_image_handles)).ravel().tolist()


def test_nan_in_a_dilated_window():
    nan = float("nan")
    y = pooled(mps.MPSCNNDilatedPoolingMaxNode, line(1, nan, 3, 2, 5), 2, rate=2)
    assert y[0] == 3 and np.isnan(y[1]) and y[2] == 5
    d = pooled(mps.MPSCNNDilatedPoolingMaxNode, line(1, nan, 3, 2, 5), 2, line(1, 2, 4), rate=2)
    assert d == [0, 2, 1, 0, 4]


def test_norm_of_zeros_has_no_gradient():
    assert pooled(mps.MPSCNNPoolingL2NormNode, line(0, 0, 3, 4), 2) == [0, 3, 5]
    assert pooled(mps.MPSCNNPoolingL2NormNode, line(0, 0, 3, 4), 2, line(7, 1, 5)) == [0, 0, 4, 4]


def test_nan_and_infinity_in_a_norm():
    nan, infinity = float("nan"), float("inf")
    y = pooled(mps.MPSCNNPoolingL2NormNode, line(nan, 1, 0, -infinity), 2)
    assert np.isnan(y[0]) and y[1:] == [1, infinity]
    d = pooled(mps.MPSCNNPoolingL2NormNode, line(nan, 1, 0, -infinity), 2, line(1, 1, 1))
    assert np.isnan(d[0]) and np.isnan(d[1]) and d[2] == 0 and np.isnan(d[3])
