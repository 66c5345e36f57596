"""Cross-channel, spatial and local contrast normalisation: custom policies, defaults, values at the limits, bad attributes."""

from typing import Any

import mpsnn as mps
import numpy as np
import pytest
from families.local_normalization import (
    MPSCNNLocalContrastNormalizationNode,
    MPSCNNSpatialNormalizationNode,
)
from harness import assert_close
from support import Run, graph_of, image, node, ramp, result_of

CROSS, SPATIAL, CONTRAST = (
    mps.MPSCNNCrossChannelNormalizationNode,
    mps.MPSCNNSpatialNormalizationNode,
    mps.MPSCNNLocalContrastNormalizationNode,
)
every = pytest.mark.parametrize("cls", [CROSS, SPATIAL, CONTRAST])
windows = pytest.mark.parametrize("cls", [SPATIAL, CONTRAST])
REFERENCES = {SPATIAL: MPSCNNSpatialNormalizationNode, CONTRAST: MPSCNNLocalContrastNormalizationNode}


def refuses(match: str, error: Any = None) -> Any:
    return pytest.raises(error or mps.InvalidArgumentError, match=match)


class Policy(mps.MPSNNPadding):
    """Sets properties of the kernel and the size of the result, (height, width)."""

    def __init__(self, size: Any = None, **properties: Any) -> None:
        super().__init__()
        self.size, self.properties = size, properties

    def padding_method(self):
        return mps.MPSNNPaddingMethod.Custom | mps.MPSNNPaddingMethod.SizeSame

    def destination_image_descriptor_for_source_images(self, images, states, kernel, suggested_descriptor):
        for name, value in self.properties.items():
            setattr(kernel, name, value)
        if self.size:
            suggested_descriptor.height, suggested_descriptor.width = self.size
        return suggested_descriptor


def both_results(f: Any, x: Any, g: Any) -> Any:
    """The result and the gradient of the source."""
    gradient = f.gradient_filter_with_source(node("g"))
    gradient.result_image.image_allocator = mps.MPSImage.default_allocator()
    graph = graph_of(f, gradient)
    arrays = {"x": x, "g": g}
    made = Run(graph, [[image(i) for i in arrays[h]] for h in graph.source_image_handles])
    return [np.stack([np.array(i.to_numpy()) for i in batch]) for batch in (made.result, *made.intermediates)]


@windows
@pytest.mark.parametrize("size", [(3, 2), (2, 5), (4, 3), (11, 16)])
def test_edge_mode_clamp(cls, size):
    attributes = {"kernel_height": size[0], "kernel_width": size[1], "alpha": 0.5, "beta": 0.75, "delta": 0.5}
    case = type("Clamped", (REFERENCES[cls],), {"clamp": True})(((5, 6, 3),), attributes, 2)
    rng = np.random.default_rng(0)
    x, g = rng.standard_normal((2, 2, 5, 6, 3)).astype(np.float32)
    f = cls(node("x"), kernel_size=size[1])
    for name, value in attributes.items():
        setattr(f, name, value)
    f.padding_policy = Policy(edge_mode=mps.MPSImageEdgeMode.Clamp)
    result, gradient = both_results(f, x, g)
    v = {"source0": x.astype(np.float64)}
    assert_close(result, case.forward(v), case.terms("result"))
    assert_close(gradient, case.gradients(v, g.astype(np.float64))["source0"], case.terms("source0"))


@windows
@pytest.mark.parametrize("clamp", [False, True])
@pytest.mark.parametrize("offset", [(0, 0), (2, -1), (-3, 4), (90, 0), (0, -70)])
def test_results_of_any_size_at_any_place(cls, clamp, offset):
    """Against the same windows on an image with enough pixels around it."""
    size, result_size, border = (3, 4), (4, 7), 100
    rng = np.random.default_rng(1)
    x, g = rng.standard_normal((1, 5, 6, 2)), rng.standard_normal((1, *result_size, 2))
    around = ((0, 0), (border, border), (border, border), (0, 0))

    def padded(x: Any) -> Any:
        return np.pad(x, around, mode="edge") if clamp else np.pad(x, around)

    case = REFERENCES[cls](((5, 6, 2),), {"kernel_height": 3, "kernel_width": 4, "beta": 0.75, "delta": 0.5})
    top, left = border + offset[1], border + offset[0]
    margin = 4
    cut = np.s_[:, top - margin : top + result_size[0] + margin, left - margin : left + result_size[1] + margin]
    inner = np.s_[:, margin:-margin, margin:-margin]

    def forward(x: Any) -> Any:
        return case.forward({"source0": padded(x)[cut]})[inner]

    f = cls(node("x"), kernel_size=size[1])
    f.kernel_height, f.beta, f.delta = size[0], 0.75, 0.5
    mode = mps.MPSImageEdgeMode.Clamp if clamp else mps.MPSImageEdgeMode.Zero
    f.padding_policy = Policy(result_size, edge_mode=mode, offset=(*offset, 0))
    result, gradient = both_results(f, x.astype(np.float32), g.astype(np.float32))
    assert_close(result, forward(x.astype(np.float32).astype(np.float64)), 100)
    for _ in range(4):
        direction = rng.uniform(-1, 1, x.shape)
        difference = ((forward(x + 1e-6 * direction) - forward(x - 1e-6 * direction)) * g).sum() / 2e-6
        assert (gradient * direction).sum() == pytest.approx(difference, rel=1e-5, abs=1e-5)


def test_cross_channel_windows_cannot_be_placed():
    f = CROSS(node())
    f.padding_policy = Policy((2, 2))
    with refuses("its padding policy"):
        result_of(graph_of(f), ramp(3, 3, 2))


def test_defaults():
    assert (CROSS(node()).kernel_size_in_feature_channels, CROSS(node(), kernel_size=3).alpha) == (5, 1)
    for cls, beta, delta in ((CROSS, 5, 1), (SPATIAL, 5, 1), (CONTRAST, 0.5, 2**-10)):
        f = cls(node())
        assert isinstance(f, mps.MPSCNNNormalizationNode)
        assert (f.alpha, f.beta, f.delta) == (1, beta, delta)
        if cls is not CROSS:
            assert (f.kernel_width, f.kernel_height) == (5, 5)
    f = CONTRAST(node(), kernel_size=7)
    assert (f.p0, f.pm, f.ps, f.kernel_width, f.kernel_height) == (1, 0, 1, 7, 7)
    made = mps.MPSCNNLocalContrastNormalizationGradientNode(
        node(), node(), gradient_state=f.result_state, kernel_width=3, kernel_height=2
    )
    assert (made.alpha, made.beta, made.delta, made.p0, made.pm, made.ps) == (0, 0.5, 2**-10, 1, 0, 1)
    assert (made.kernel_width, made.kernel_height) == (3, 2)
    with pytest.raises(AttributeError):
        made.kernel_width = 5
    made = mps.MPSCNNSpatialNormalizationGradientNode(
        node(), node(), gradient_state=SPATIAL(node()).result_state, kernel_size=3
    )
    assert (made.alpha, made.beta, made.delta, made.kernel_width, made.kernel_height) == (1, 5, 1, 3, 3)


def test_gradient_filters_copy_the_attributes():
    f = CONTRAST(node(), kernel_size=3)
    names = ("alpha", "beta", "delta", "p0", "pm", "ps")
    for i, name in enumerate(names):
        setattr(f, name, i + 0.5)
    f.kernel_height = 4
    gradient = f.gradient_filter_with_source(node())
    for name in (*names, "kernel_width", "kernel_height"):
        assert getattr(gradient, name) == getattr(f, name)
    f = SPATIAL(node(), kernel_size=3)
    f.alpha, f.kernel_width = 0.25, 6
    gradient = f.gradient_filter_with_source(node())
    assert (gradient.alpha, gradient.beta, gradient.kernel_width, gradient.kernel_height) == (0.25, 5, 6, 3)
    assert CROSS(node(), kernel_size=4).gradient_filter_with_source(node()).kernel_size == 4


def test_one_channel_windows():
    x = ramp(2, 3, 4) / 8
    f = CROSS(node(), kernel_size=1)
    f.beta = 0.75
    np.testing.assert_allclose(result_of(graph_of(f), x), x * (1 + x * x) ** -0.75, rtol=1e-6)


def test_contrast_on_a_large_mean():
    """A constant image has no contrast, and one far from zero has the contrast of one near zero."""
    f = CONTRAST(node("x"), kernel_size=3)
    f.padding_policy = Policy(edge_mode=mps.MPSImageEdgeMode.Clamp)
    assert np.array_equal(result_of(graph_of(f), np.full((6, 7, 3), 1000.1, np.float32)), np.zeros((6, 7, 3)))
    rng = np.random.default_rng(3)
    near = rng.integers(-8, 9, (1, 9, 8, 5)).astype(np.float32) / 8
    g = rng.standard_normal(near.shape).astype(np.float32)
    for a, b in zip(both_results(f, near, g), both_results(f, near + 4096, g), strict=True):
        np.testing.assert_allclose(a, b, rtol=0.005, atol=0.005 * np.abs(a).mean())


@pytest.mark.parametrize("beta", [0.5, 0.75, 1, 2, 5, -1.25, 0])
def test_powers(beta):
    """Rounded from a power in double, whatever the size of the base."""
    x = np.geomspace(1e-18, 1e18, 4001, dtype=np.float32).reshape(1, 4001, 1)
    f = CROSS(node(), kernel_size=1)
    f.beta, f.delta = beta, 0
    with np.errstate(under="ignore", over="ignore"):
        expected = (x.astype(np.float64) * (x * x).astype(np.float64) ** -beta).astype(np.float32)
        power = ((x * x).astype(np.float64) ** -beta).astype(np.float32)
    normal = np.isfinite(expected) & np.isfinite(power) & (power > 1e-37) & (np.abs(expected) > 1e-37)
    np.testing.assert_allclose(result_of(graph_of(f), x)[normal], expected[normal], rtol=2.5e-7)


@every
def test_not_a_number_stays_in_its_windows(cls):
    x = np.ones((12, 13, 14), np.float32)
    x[6, 7, 8] = np.nan
    result = result_of(graph_of(cls(node(), kernel_size=3)), x)
    where = np.s_[6, 7, 7:10] if cls is CROSS else np.s_[5:8, 6:9, 8]
    assert np.isnan(result[where]).all()
    result[where] = 0
    assert np.isfinite(result).all()


@every
def test_undefined_powers_do_no_harm(cls):
    f = cls(node(), kernel_size=3)
    f.delta = -1
    result_of(graph_of(f), np.zeros((3, 4, 5), np.float32))


@every
def test_bad_attributes(cls):
    name = "kernel_size_in_feature_channels" if cls is CROSS else "kernel_width"
    with refuses(f"{cls.__name__}: {name} must be positive, got 0"):
        cls(node(), kernel_size=0)
    with refuses(f"{name} is too large"):
        cls(node(), kernel_size=2**40)
    f = cls(node())
    f.label = "n"
    for bad in (-1, float("nan")):
        f.alpha = bad
        with refuses(f'{cls.__name__} "n": alpha must not be negative'):
            graph_of(f)
    f.alpha = 0
    setattr(f, name, 0)
    with refuses(f"{name} must be positive"):
        graph_of(f)


def test_bad_gradient_filters():
    state = SPATIAL(node()).result_state
    with refuses("kernel_size must be positive"):
        mps.MPSCNNCrossChannelNormalizationGradientNode(node(), node(), gradient_state=state, kernel_size=0)
    with refuses("kernel_height must be positive"):
        mps.MPSCNNLocalContrastNormalizationGradientNode(
            node(), node(), gradient_state=state, kernel_width=1, kernel_height=0
        )
    made = mps.MPSCNNCrossChannelNormalizationGradientNode(node(), node(), gradient_state=state, kernel_size=3)
    with refuses("its gradient state is that of MPSCNNSpatialNormalizationNode", mps.GraphError):
        graph_of(made)
    gradient = SPATIAL(node("x"), kernel_size=3).gradient_filter_with_source(node("g"))
    graph = graph_of(gradient)
    shapes = {"x": (3, 3, 2), "g": (3, 4, 2)}
    with refuses("the source gradient is 3 x 4 x 2", mps.ShapeError):
        Run(graph, [image(ramp(*shapes[h])) for h in graph.source_image_handles])
