"""Upsampling, resizing, cropping and grid sampling by kernels made by hand: parts of results, places, what they refuse."""

import itertools
from typing import Any

import mpsnn as mps
import numpy as np
import pytest
from families.resampling import two_taps
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
    values,
)

Mode = mps.MPSImageEdgeMode
FACTORS = {"integer_scale_factor_y": 3}


def refuses(match: str, error: Any = mps.InvalidArgumentError) -> Any:
    return pytest.raises(error, match=match)


def drawn(*shape: int) -> Array:
    """Exact in float16."""
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(np.float16).astype(np.float32)


def separable(x: Array, rows: Array, columns: Array) -> Array:
    return np.einsum("yj,xi,...jic->...yxc", rows, columns, x.astype(np.float64))


def region(x: int, y: int, width: int, height: int, z: int = 0, depth: int = 1) -> mps.MTLRegion:
    return mps.MTLRegion((x, y, z), (width, height, depth))


# ---- upsampling ----


def upsampling_matrix(kind: str, source: int, result: int, factor: int, offset: int, clamp: bool) -> Array:
    x = np.arange(result)
    if kind == "corners":
        return two_taps(source, offset + x * (source - 1) / (source * factor - 1), clamp)
    if kind == "bilinear":
        return two_taps(source, offset + (x + 0.5) / factor - 0.5, clamp)
    return two_taps(source, offset + x // factor, clamp)


def upsampling(kind: str, gradient: bool = False) -> Any:
    """By 2 along x and 3 along y."""
    if kind == "nearest":
        return (mps.MPSCNNUpsamplingNearestGradient if gradient else mps.MPSCNNUpsamplingNearest)(2, **FACTORS)
    if gradient:
        return mps.MPSCNNUpsamplingBilinearGradient(2, **FACTORS)
    return mps.MPSCNNUpsamplingBilinear(2, **FACTORS, align_corners=kind == "corners")


KINDS = ["nearest", "bilinear", "corners"]


@pytest.mark.parametrize("mode", [Mode.Zero, Mode.Clamp])
@pytest.mark.parametrize("offset", [(0, 0), (2, -1), (-3, 4)])
@pytest.mark.parametrize("kind", KINDS)
def test_a_part_of_an_upsampled_image_and_its_gradient(kind: str, offset: tuple[int, int], mode: Any) -> None:
    x = drawn(5, 4, 6)
    kernel = permanent(upsampling(kind), offset=(*offset, 0), edge_mode=mode, clip_rect=region(1, 2, 7, 11))
    destination = blank(14, 9, 6)
    source = image(x)
    state = kernel.result_state_for_source_image(source, None, destination)
    encoded(lambda b: kernel.encode_to_command_buffer(b, source, state, destination))
    clamp = mode == Mode.Clamp
    rows = upsampling_matrix(kind, 5, 11, 3, offset[1], clamp)
    columns = upsampling_matrix(kind, 4, 7, 2, offset[0], clamp)
    result = values(destination)
    assert_close(result[2:13, 1:8], separable(x, rows, columns), 4)
    result[2:13, 1:8] = 7
    assert (result == 7).all(), "the rest is as it was"

    g = drawn(11, 7, 6)
    gradient = permanent(upsampling(kind, gradient=True))
    made = encoded(lambda b: gradient.encode_to_command_buffer(b, image(g), source, state))
    assert_close(values(made), separable(g, rows.T, columns.T), 4 * 6)


def test_properties_of_upsampling_kernels() -> None:
    for kind in KINDS:
        forward, gradient = upsampling(kind), upsampling(kind, gradient=True)
        assert isinstance(forward, mps.MPSCNNUpsampling) and isinstance(gradient, mps.MPSCNNUpsamplingGradient)
        assert (forward.scale_factor_x, forward.scale_factor_y, forward.align_corners) == (2, 3, kind == "corners")
        assert (gradient.scale_factor_x, gradient.scale_factor_y) == (2, 3)
        assert not forward.is_backwards


def test_images_within_an_image_and_channel_ranges() -> None:
    x = drawn(3, 2, 4, 8)
    kernel = permanent(mps.MPSCNNUpsamplingNearest(2, **FACTORS))
    kernel.source_feature_channel_offset = 4
    kernel.source_feature_channel_max_count = 3
    kernel.destination_feature_channel_offset = 4
    kernel.offset = (0, 0, 1)
    kernel.clip_rect = region(0, 0, 8, 6, z=2, depth=2)
    destination = blank(6, 8, 7, count=4)
    encoded(lambda b: kernel.encode_to_command_buffer(b, image(x), destination))
    expected = np.full((4, 6, 8, 7), 7.0)
    expected[2:, ..., 4:] = x[1:, ..., 4:7].repeat(3, 1).repeat(2, 2)
    np.testing.assert_array_equal(values(destination), expected)


def test_a_gradient_state_of_a_graph_has_its_edge_mode() -> None:
    class Clamp(mps.MPSNNPadding):
        def padding_method(self) -> Any:
            return mps.MPSNNPaddingMethod.Custom

        def destination_image_descriptor_for_source_images(self, images: Any, states: Any, kernel: Any, d: Any) -> Any:
            kernel.edge_mode = Mode.Clamp
            return d

    up = mps.MPSCNNUpsamplingBilinearNode(node(), integer_scale_factor_x=2, **FACTORS)
    up.padding_policy = Clamp()
    up.result_state.export_from_graph = True
    states: list[Any] = []
    x, g = drawn(3, 4, 5), drawn(9, 8, 5)
    encoded(lambda b: graph_of(up).encode_to_command_buffer(b, [image(x)], destination_states=states))
    gradient = permanent(upsampling("bilinear", gradient=True))
    made = encoded(lambda b: gradient.encode_to_command_buffer(b, image(g), image(x), states[0]))
    rows, columns = upsampling_matrix("bilinear", 3, 9, 3, 0, True), upsampling_matrix("bilinear", 4, 8, 2, 0, True)
    assert_close(values(made), separable(g, rows.T, columns.T), 4 * 6)


def test_what_upsampling_kernels_refuse() -> None:
    with refuses("MPSCNNUpsamplingNearest: scale_factor_x must be positive, got 0"):
        mps.MPSCNNUpsamplingNearest(0, integer_scale_factor_y=1)
    with refuses("MPSCNNUpsamplingBilinear: scale_factor_y is too large, got 4294967296"):
        mps.MPSCNNUpsamplingBilinear(1, integer_scale_factor_y=2**32)
    kernel = permanent(upsampling("bilinear"), label="up", edge_mode=Mode.Mirror)
    with refuses('MPSCNNUpsamplingBilinear "up": edge_mode 2; only Zero and Clamp', mps.UnsupportedError):
        encoded(lambda b: kernel.encode_to_command_buffer(b, image(drawn(2, 3, 4))))
    states: list[Any] = []
    kernel.edge_mode = Mode.Zero
    far = permanent(upsampling("nearest"), offset=(0, -(2**31), 0))
    with refuses("MPSCNNUpsamplingNearest: an offset of -2147483648 pixels is too far away"):
        encoded(lambda b: far.encode_to_command_buffer(b, image(drawn(2, 3, 4)), blank(2, 3, 4)))
    x, g = image(drawn(2, 3, 4)), image(drawn(6, 6, 4))
    encoded(lambda b: kernel.encode_to_command_buffer(b, x, states))
    other = mps.MPSCNNUpsamplingBilinearGradient(2, integer_scale_factor_y=2)
    with refuses("BilinearGradient: scale_factor_y must be that of MPSCNNUpsamplingBilinear, 3, got 2"):
        encoded(lambda b: other.encode_to_command_buffer(b, g, x, states[0]))
    nearest = upsampling("nearest", gradient=True)
    with refuses("MPSCNNUpsamplingNearestGradient: the gradient state is that of MPSCNNUpsamplingBilinear"):
        encoded(lambda b: nearest.encode_to_command_buffer(b, g, x, states[0]))


# ---- resize ----


def resize_matrix(source: int, result: int, whole: int, align_corners: bool, offset: int = 0) -> Array:
    x = np.arange(result)
    u = x * (source - 1) / max(whole - 1, 1) if align_corners else x * source / whole
    return two_taps(source, (offset + u).clip(0, source - 1), clamp=True)


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("size", [(1, 1), (2, 9), (7, 3), (13, 16), (40, 27)])
@pytest.mark.parametrize("channels", [1, 3, 8])
def test_resize(size: tuple[int, int], channels: int, align_corners: bool) -> None:
    x = drawn(2, 6, 11, channels)
    kernel = permanent(mps.MPSNNResizeBilinear(size[1], resize_height=size[0], align_corners=align_corners))
    assert (kernel.resize_height, kernel.resize_width) == size and kernel.align_corners is align_corners
    made = encoded(lambda b: kernel.encode_batch_to_command_buffer(b, batch(x)))
    expected = separable(
        x, resize_matrix(6, size[0], size[0], align_corners), resize_matrix(11, size[1], size[1], align_corners)
    )
    assert_close(values(made), expected, 4)


@pytest.mark.parametrize("align_corners", [False, True])
def test_a_part_of_a_resized_image(align_corners: bool) -> None:
    x = drawn(5, 8, 3)
    kernel = mps.MPSNNResizeBilinear(12, resize_height=7, align_corners=align_corners)
    kernel.offset, kernel.clip_rect = (3, -2, 0), region(2, 1, 6, 4)
    destination = blank(6, 9, 3)
    encoded(lambda b: kernel.encode_to_command_buffer(b, image(x), destination))
    rows, columns = resize_matrix(5, 4, 7, align_corners, -2), resize_matrix(8, 6, 12, align_corners, 3)
    assert_close(values(destination)[1:5, 2:8], separable(x, rows, columns), 4)


def test_resize_to_float16_and_back() -> None:
    x = drawn(4, 5, 6).astype(np.float16)
    kernel = permanent(mps.MPSNNResizeBilinear(3, resize_height=2, align_corners=True))
    made = values(encoded(lambda b: kernel.encode_to_command_buffer(b, image(x))))
    assert made.dtype == np.float16
    assert_close(made, separable(x, resize_matrix(4, 2, 2, True), resize_matrix(5, 3, 3, True)), 4, np.float16)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda w, h: mps.MPSNNResizeBilinear(w, resize_height=h, align_corners=False), "MPSNNResizeBilinear"),
        (lambda w, h: cropping([(0, 0, 1, 1)], w, h), "MPSNNCropAndResizeBilinear"),
    ],
)
def test_sizes_that_are_none(make: Any, name: str) -> None:
    with refuses(f"{name}: resize_width must be positive, got 0"):
        make(0, 1)
    with refuses(f"{name}: resize_height is too large, got 4294967296"):
        make(1, 2**32)


# ---- crop and resize ----

REGIONS = [
    (0, 0, 1, 1),
    (0.25, 0.5, 0.5, 0.25),
    (-0.25, 0.5, 0.75, 0.75),
    (1, 1, -1, -1),
    (0.3, 0.1, 0, 0),
    (2, 2, 1, 1),
]


def cropping(regions: list[tuple[float, ...]], width: int, height: int) -> Any:
    boxes = [((x, y, 0), (w, h, 0)) for x, y, w, h in regions]
    return mps.MPSNNCropAndResizeBilinear(width, resize_height=height, number_of_regions=len(boxes), regions=boxes)


def crop_matrix(source: int, result: int, first: float, size: float) -> Array:
    x = np.arange(result)
    along = x / (result - 1) if result > 1 else np.array([0.5])
    u = (first * (1 - along) + (first + size) * along) * (source - 1)
    matrix = two_taps(source, u.clip(0, source - 1), clamp=True)
    return matrix * ((u >= 0) & (u <= source - 1))[:, None]


def cropped(x: Array, regions: list[tuple[float, ...]], width: int, height: int) -> Array:
    """N x H x W x C to N x regions x height x width x C."""
    parts = [
        separable(x, crop_matrix(x.shape[1], height, b, h), crop_matrix(x.shape[2], width, a, w))
        for a, b, w, h in regions
    ]
    return np.stack(parts, axis=1)


@pytest.mark.parametrize("channels", [1, 5, 8])
@pytest.mark.parametrize("size", [(1, 1), (3, 4), (17, 9)])
@pytest.mark.parametrize("count", [1, 4, 6])
def test_crop_and_resize(count: int, size: tuple[int, int], channels: int) -> None:
    x, (width, height) = drawn(3, 7, 10, channels), size
    kernel = permanent(cropping(REGIONS[:count], width, height))
    assert kernel.number_of_regions == len(kernel.regions) == count
    assert kernel.regions[0] == mps.MPSRegion((0, 0, 0), (1, 1, 0))
    expected = cropped(x, REGIONS[:count], width, height)
    together = encoded(lambda b: kernel.encode_to_command_buffer(b, image(x)))
    assert together.number_of_images == 3 * count
    assert_close(values(together), expected.reshape(3 * count, height, width, channels), 4)
    made = values(encoded(lambda b: kernel.encode_batch_to_command_buffer(b, batch(x))))
    np.testing.assert_array_equal(made.reshape(expected.shape), values(together).reshape(expected.shape))


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("clip", [region(0, 0, 5, 3, z=1, depth=9), region(1, 2, 3, 2, z=1, depth=9)])
def test_where_cropped_images_are_written(clip: mps.MTLRegion, dtype: type) -> None:
    """Two of three images, three regions, from image 1 of the destination on, channels from 4 on."""
    x = drawn(3, 6, 4, 2).astype(dtype)
    kernel = cropping(REGIONS[:3], 5, 3)
    kernel.offset, kernel.clip_rect, kernel.destination_feature_channel_offset = (9, 9, 1), clip, 4
    destination = image(np.full((8, 4, 5, 7), 7, dtype))
    if clip.origin.x == 0:
        destination = image(np.full((8, 3, 5, 7), 7, dtype))
    encoded(lambda b: kernel.encode_to_command_buffer(b, image(x), destination))
    w, h = clip.size.width, clip.size.height
    made = cropped(x[1:], REGIONS[:3], 5, 3)[..., :h, :w, :].reshape(6, h, w, 2)
    result = values(destination)
    place = (slice(1, 7), slice(clip.origin.y, clip.origin.y + h), slice(clip.origin.x, clip.origin.x + w), slice(4, 6))
    assert_close(result[place], made, 4, dtype)
    result[place] = 7
    assert (result == 7).all()


def test_what_crop_and_resize_refuses() -> None:
    name = "MPSNNCropAndResizeBilinear"
    with refuses(f"{name}: number_of_regions must be positive, got 0"):
        cropping([], 2, 2)
    with refuses(f"{name}: number_of_regions is 2, there are 1 regions"):
        mps.MPSNNCropAndResizeBilinear(1, resize_height=1, number_of_regions=2, regions=[((0, 0, 0), (1, 1, 0))])
    with refuses(f"{name}: size.width of region 1 must be finite, got inf"):
        cropping([(0, 0, 1, 1), (0, 0, float("inf"), 1)], 2, 2)
    kernel, x = cropping(REGIONS[:3], 2, 2), drawn(2, 5, 4, 3)
    with refuses(f"{name}: the destination has room for 5 images, the result is 3 for each of 2", mps.ShapeError):
        encoded(lambda b: kernel.encode_to_command_buffer(b, image(x), blank(2, 2, 3, count=5)))
    with refuses(f"{name}: a batch takes single images, destinations that hold 3"):
        encoded(lambda b: kernel.encode_batch_to_command_buffer(b, batch(x), [blank(2, 2, 3) for _ in range(2)]))
    with refuses(f"{name}: the result is 2 x 2 x 3, the part of the destination.* 3 x 2 x 3", mps.ShapeError):
        encoded(lambda b: kernel.encode_to_command_buffer(b, image(x), blank(3, 2, 3, count=6)))


# ---- grid sample ----


def sampled(x: Array, u: Array, v: Array, clamp: bool) -> Array:
    result = np.empty((*u.shape, x.shape[2]))
    for place in np.ndindex(u.shape):
        row, column = two_taps(x.shape[0], v[place][None], clamp), two_taps(x.shape[1], u[place][None], clamp)
        result[place] = separable(x, row, column)[0, 0]
    return result


@pytest.mark.parametrize("absolute", [True, False])
@pytest.mark.parametrize("mode", [Mode.Zero, Mode.Clamp])
@pytest.mark.parametrize("channels", [1, 3, 10])
def test_grid_sample(channels: int, mode: Any, absolute: bool) -> None:
    rng = np.random.default_rng(channels)
    x = drawn(2, 6, 5, channels)
    grid = rng.uniform(-3, 8, (2, 9, 7, 2)).astype(np.float32)
    kernel = permanent(mps.MPSNNGridSample(), primary_edge_mode=mode, use_grid_value_as_input_coordinate=absolute)
    made = encoded(lambda b: kernel.encode_batch_to_command_buffer(b, batch(x), batch(grid)))
    j, i = (0, 0) if absolute else np.mgrid[:9, :7]
    for n in range(2):
        u, v = i + grid[n, ..., 0].astype(np.float64), j + grid[n, ..., 1].astype(np.float64)
        assert_close(values(made)[n], sampled(x[n], u, v, mode == Mode.Clamp), 4)


def test_offsets_of_a_grid_sample() -> None:
    """The secondary one chooses the part of the grid, the primary one is added to the places."""
    x = drawn(6, 5, 4)
    grid = np.random.default_rng(3).uniform(0, 4, (5, 6, 2)).astype(np.float32)
    kernel = mps.MPSNNGridSample()
    kernel.primary_offset, kernel.secondary_offset = (1, -1, 0), (2, 3, 0)
    kernel.secondary_edge_mode = Mode.Clamp
    kernel.clip_rect = region(1, 0, 3, 4)
    destination = blank(4, 5, 4)
    encoded(lambda b: kernel.encode_to_command_buffer(b, image(x), image(grid), destination))
    part = np.pad(grid, ((0, 2), (0, 0), (0, 0)), mode="edge")[3:7, 2:5].astype(np.float64)
    assert_close(values(destination)[:, 1:4], sampled(x, part[..., 0] + 1, part[..., 1] - 1, False), 4)


def test_places_that_are_far_away_or_none() -> None:
    x = np.array([[1, 2], [3, np.nan]], np.float32)[..., None]
    places = [(np.nan, 0), (0, np.nan), (1e30, 0), (-1e30, 1e30), (np.inf, -np.inf), (0, 1), (1, 0)]
    grid = np.array(places, np.float32)[None]
    expected = {
        Mode.Zero: [np.nan, np.nan, 0, 0, 0, 3, 2],
        Mode.Clamp: [np.nan, np.nan, 2, 3, 2, 3, 2],
    }
    for mode, numbers in expected.items():
        kernel = permanent(mps.MPSNNGridSample(), primary_edge_mode=mode)
        made = values(encoded(lambda b, k=kernel: k.encode_to_command_buffer(b, image(x), image(grid))))
        assert np.array_equal(made.ravel(), numbers, equal_nan=True), mode


def test_what_grid_sample_refuses() -> None:
    kernel = permanent(mps.MPSNNGridSample(), label="warp")
    x = image(drawn(4, 5, 3))
    with refuses('MPSNNGridSample "warp": the secondary image holds an x and a y.* 2 x 3 x 1', mps.ShapeError):
        encoded(lambda b: kernel.encode_to_command_buffer(b, x, image(drawn(2, 3, 1))))
    kernel.primary_edge_mode = Mode.Constant
    with refuses('MPSNNGridSample "warp": edge_mode 4', mps.UnsupportedError):
        encoded(lambda b: kernel.encode_to_command_buffer(b, x, image(drawn(2, 3, 2))))


# ---- all of them ----


@pytest.mark.parametrize(
    "kernel",
    [
        upsampling("nearest"),
        upsampling("bilinear"),
        mps.MPSNNResizeBilinear(3, resize_height=4, align_corners=True),
        cropping(REGIONS[:2], 3, 4),
        mps.MPSNNGridSample(),
    ],
)
def test_temporary_images_are_read_once(kernel: Any) -> None:
    check_that_temporaries_are_read_once(kernel, drawn(3, 4, 2))


def test_the_work_is_the_same_on_several_threads() -> None:
    """Images large enough to be split, compared pixel for pixel with small parts of them."""
    x = ramp(60, 70, 8) % 251
    whole = mps.MPSNNResizeBilinear(150, resize_height=130, align_corners=False)
    made = values(encoded(lambda b: permanent(whole).encode_to_command_buffer(b, image(x))))
    for begin, end in itertools.pairwise([0, 1, 64, 65, 130]):
        rows = resize_matrix(60, 130, 130, False)[begin:end]
        assert_close(made[begin:end], separable(x, rows, resize_matrix(70, 150, 150, False)), 4)
