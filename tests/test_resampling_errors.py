"""Transform providers, edge modes, and what upsampling and scaling refuse."""

import io

import mpsnn as mps
import numpy as np
import pytest
from support import (
    Convolution,
    add,
    batch,
    convolution,
    graph_of,
    image,
    labels,
    linear,
    loss_node,
    node,
    ramp,
    result_of,
    run,
    training_graph,
    values,
)

FACTORS = {"integer_scale_factor_x": 2, "integer_scale_factor_y": 3}
SIZE = (4, 3, 1)


def refuses(match, error=mps.InvalidArgumentError):
    return pytest.raises(error, match=match)


class Provider(mps.MPSImageTransformProvider):
    """Shifts by a number for each call, and notes what it was asked for."""

    def __init__(self, *shifts, scale=1.0):
        super().__init__()
        self.shifts, self.scale = list(shifts), scale
        self.calls = []

    def transform_for_source_image(self, source_image, handle):
        self.calls.append((source_image, handle))
        return mps.MPSScaleTransform(self.scale, 1, self.shifts[(len(self.calls) - 1) % len(self.shifts)], 0)


class Edges(mps.MPSNNPadding):
    def __init__(self, edge_mode):
        super().__init__()
        self.edge_mode = edge_mode

    def padding_method(self):
        return mps.MPSNNPaddingMethod.Custom

    def destination_image_descriptor_for_source_images(self, images, states, kernel, suggested):
        kernel.edge_mode = self.edge_mode
        return suggested


def scale(source, provider=None, size=SIZE, cls=mps.MPSNNBilinearScaleNode):
    return cls(source, transform_provider=provider, output_size=size)


def row(*numbers):
    return np.array(numbers, np.float32).reshape(1, -1, 1)


# --- transform providers --------------------------------------------------------------------------------------------


def test_provider_is_asked_for_every_image_in_every_encode():
    provider = Provider(0, -1, -2)
    graph = graph_of(scale(node("photo"), provider, (2, 1, 1)))
    images = batch(np.arange(12, dtype=np.float32).reshape(3, 1, 4, 1))
    first = run_batch(graph, images)
    assert first[:, 0, :, 0].tolist() == [[0, 1], [5, 6], [10, 11]]
    assert [call[0] for call in provider.calls] == images
    assert [call[1] for call in provider.calls] == ["photo"] * 3
    provider.shifts = [-2]
    assert run_batch(graph, images)[:, 0, :, 0].tolist() == [[2, 3], [6, 7], [10, 11]]
    assert len(provider.calls) == 6


def run_batch(graph, images):
    with mps.CommandQueue().command_buffer() as command_buffer:
        result = graph.encode_batch_to_command_buffer(command_buffer, [images])
    return values(result)


def test_transforms_of_encodes_that_wait_do_not_mix():
    provider = Provider(0, -1, -2)
    graph = graph_of(scale(node(), provider, (1, 1, 1)))
    command_buffer = mps.CommandQueue().command_buffer()
    results = [graph.encode_to_command_buffer(command_buffer, [image(row(5, 6, 7))]) for _ in range(3)]
    command_buffer.commit()
    command_buffer.wait_until_completed()
    assert [float(values(r).ravel()[0]) for r in results] == [5, 6, 7]


def test_an_image_of_several_is_asked_for_once():
    provider = Provider(-1, 0)
    graph = graph_of(scale(node(), provider, (2, 1, 1)))
    source = mps.MPSImage(np.arange(6, dtype=np.float32).reshape(2, 1, 3, 1))
    assert values(run(graph, np.zeros((1, 3, 1), np.float32)).result).ravel().tolist() == [0, 0]
    provider.calls.clear()
    with mps.CommandQueue().command_buffer() as command_buffer:
        result = graph.encode_to_command_buffer(command_buffer, [source])
    assert values(result).ravel().tolist() == [1, 2, 4, 5]
    assert [call[0] for call in provider.calls] == [source]


def test_provider_sees_the_size_of_an_image_that_the_graph_makes():
    provider = Provider(0)
    made = linear(node(), a=2)
    made.result_image.handle = "doubled"
    graph = graph_of(scale(made.result_image, provider, (2, 1, 1)))
    assert result_of(graph, row(1, 2, 3)).ravel().tolist() == [2, 4]
    (seen, handle), *_ = provider.calls
    assert (seen.width, seen.height, seen.feature_channels, handle) == (3, 1, 1, "doubled")


def test_provider_sees_an_exported_image_itself():
    provider = Provider(0)
    made = linear(node(), a=2)
    made.result_image.export_from_graph = True
    made.result_image.image_allocator = mps.MPSImage.default_allocator()
    encoded = run(graph_of(scale(made.result_image, provider, (2, 1, 1))), row(1, 2, 3))
    assert provider.calls[0][0] is encoded.intermediates[0]


def test_positions_are_those_of_pixel_edges():
    """Scale 2 and translation -2 show the source from 1 to 3."""
    graph = graph_of(scale(node(), Provider(-2, scale=2.0), (4, 1, 1)))
    assert result_of(graph, row(10, 20, 40, 80)).ravel().tolist() == [17.5, 25, 35, 50]


@pytest.mark.parametrize("cls", [mps.MPSNNBilinearScaleNode, mps.MPSNNLanczosScaleNode])
def test_views_far_outside_the_image(cls):
    provider = Provider(1e300, -1e300, 1e6)
    graph = graph_of(scale(node(), provider, (2, 1, 1), cls))
    for expected in (3, 9, 3):
        assert result_of(graph, row(3, 4, 9)).ravel().tolist() == pytest.approx([expected] * 2, rel=1e-6)
    dark = scale(node(), Provider(1e300), (2, 1, 1), cls)
    dark.padding_policy = Edges(mps.MPSImageEdgeMode.Zero)
    assert result_of(graph_of(dark), row(3, 4, 9)).ravel().tolist() == [0, 0]


@pytest.mark.parametrize(
    ("transform", "message"),
    [
        ((0, 1, 0, 0), "scale_x.*must be positive and finite, got 0"),
        ((1, -1, 0, 0), "scale_y.*must be positive and finite, got -1"),
        ((float("nan"), 1, 0, 0), "scale_x.*must be positive and finite"),
        ((1, float("inf"), 0, 0), "scale_y.*must be positive and finite"),
        ((1e-9, 1, 0, 0), "scale_x.*must be 1/65536 or more"),
        ((1, 1, float("inf"), 0), "translate_x.*must be finite"),
        ((1, 1, 0, float("nan")), "translate_y.*must be finite"),
        ("no transform", "Bad.transform_for_source_image must return MPSScaleTransform"),
        (None, "Bad.transform_for_source_image must return MPSScaleTransform"),
    ],
)
def test_bad_transforms_are_refused(transform, message):
    class Bad(mps.MPSImageTransformProvider):
        answer = transform

        def transform_for_source_image(self, source_image, handle):
            return self.answer

    provider = Bad()
    filter_node = scale(node(), provider, (2, 1, 1))
    filter_node.label = "view"
    graph = graph_of(filter_node)
    with refuses(message):
        run(graph, row(1, 2, 3))
    provider.answer = (1, 1, 0, 0)  # a tuple will do; nothing was lost
    assert result_of(graph, row(1, 2, 3)).ravel().tolist() == [1, 2]


def test_providers_that_fail():
    class Failing(mps.MPSImageTransformProvider):
        def transform_for_source_image(self, source_image, handle):
            raise RuntimeError("no transform today")

    class Empty(mps.MPSImageTransformProvider):
        pass

    with refuses("no transform today", RuntimeError):
        run(graph_of(scale(node(), Failing())), row(1, 2))
    with refuses("Empty.transform_for_source_image is missing: the protocol requires it"):
        run(graph_of(scale(node(), Empty())), row(1, 2))
    with pytest.raises(TypeError):
        scale(node(), object())


def test_a_copy_asks_the_same_provider_and_a_saved_graph_cannot():
    provider = Provider(-1)
    filter_node = scale(node(), provider, (2, 1, 1))
    filter_node.label = "view"
    graph = graph_of(filter_node)
    assert result_of(graph.copy_with_zone(), row(1, 2, 3)).ravel().tolist() == [2, 3]
    assert len(provider.calls) == 1
    with refuses(
        'MPSNNBilinearScaleNode "view": its transform_provider is an object of the caller\'s and cannot be saved'
    ):
        graph.save(io.BytesIO())


# --- edges ----------------------------------------------------------------------------------------------------------


def test_edge_mode_clamp_of_bilinear_upsampling_reaches_the_gradient():
    source, incoming = node("source"), node("incoming")
    up = mps.MPSCNNUpsamplingBilinearNode(source, integer_scale_factor_x=2, integer_scale_factor_y=1)
    up.padding_policy = Edges(mps.MPSImageEdgeMode.Clamp)
    assert result_of(graph_of(up), row(4, 8)).ravel().tolist() == [4, 5, 7, 8]
    graph = graph_of(up.gradient_filter_with_source(incoming))
    arrays = {"source": row(4, 8), "incoming": row(1, 4, 16, 64)}
    result = result_of(graph, *(arrays[handle] for handle in graph.source_image_handles))
    assert result.ravel().tolist() == [1 + 3 + 4, 1 + 12 + 64]


def test_upsampling_takes_no_place_from_a_policy():
    class Moved(Edges):
        def destination_image_descriptor_for_source_images(self, images, states, kernel, suggested):
            kernel.offset = mps.MPSOffset(1, 0, 0)
            return suggested

    up = mps.MPSCNNUpsamplingNearestNode(node(), **FACTORS)
    up.padding_policy = Moved(mps.MPSImageEdgeMode.Zero)
    with refuses("MPSCNNUpsamplingNearestNode.*does not take from a policy"):
        run(graph_of(up), row(1, 2))


def test_pixels_with_weight_zero_are_not_looked_at():
    nan = float("nan")
    corners = mps.MPSCNNUpsamplingBilinearNode(
        node(), integer_scale_factor_x=2, integer_scale_factor_y=1, align_corners=True
    )
    result = result_of(graph_of(corners), row(5, nan)).ravel()
    assert result[0] == 5 and np.isnan(result[1:]).all()
    for cls in (mps.MPSNNBilinearScaleNode, mps.MPSNNLanczosScaleNode):
        x = row(1, nan, 3, float("inf"), 5)
        assert np.array_equal(result_of(graph_of(scale(node(), None, (5, 1, 1), cls)), x), x, equal_nan=True)


def test_lanczos_overshoots_in_float_formats_only():
    x = row(0, 0, 0, 1, 1, 1)
    wide = scale(node(), None, (12, 1, 1), mps.MPSNNLanczosScaleNode)
    result = result_of(graph_of(wide), x)
    assert result.max() > 1.01 and result.min() < -0.01
    kept = result_of(graph_of(wide, channel_format=mps.MPSImageFeatureChannelFormat.Unorm8), x)
    assert kept.max() == 255 and kept.min() == 0


# --- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", [mps.MPSCNNUpsamplingNearestNode, mps.MPSCNNUpsamplingBilinearNode])
def test_factors(cls):
    for axis in "xy":
        with refuses(f"{cls.__name__}: scale_factor_{axis} must be positive, got 0"):
            cls(node(), **(FACTORS | {f"integer_scale_factor_{axis}": 0}))
        with refuses(f"{cls.__name__}: scale_factor_{axis} is too large, got 4294967296"):
            cls(node(), **(FACTORS | {f"integer_scale_factor_{axis}": 2**32}))
    with refuses(f"{cls.__name__}: 2 pixels times 2147483647 are too many", mps.ShapeError):
        run(graph_of(cls(node(), integer_scale_factor_x=2**31 - 1, integer_scale_factor_y=1)), row(1, 2))
    up = cls(node(), **FACTORS)
    assert (up.scale_factor_x, up.scale_factor_y) == (2.0, 3.0)


@pytest.mark.parametrize(
    ("cls", "gradient"),
    [
        (mps.MPSCNNUpsamplingNearestNode, mps.MPSCNNUpsamplingNearestGradientNode),
        (mps.MPSCNNUpsamplingBilinearNode, mps.MPSCNNUpsamplingBilinearGradientNode),
    ],
)
def test_gradient_nodes_made_by_hand(cls, gradient):
    source = node()
    up = cls(source, **FACTORS)
    with refuses(f"{gradient.__name__}: scale_factor_y must be that of {cls.__name__}, 3, got 2.5"):
        gradient(node(), source, gradient_state=up.result_state, scale_factor_x=2, scale_factor_y=2.5)
    made = gradient(node("g"), source, gradient_state=up.result_state, scale_factor_x=2, scale_factor_y=3)
    graph = graph_of(made)
    arrays = [np.ones((3, 4, 1), np.float32) if h == "g" else row(1, 2) for h in graph.source_image_handles]
    assert result_of(graph, *arrays).sum() > 0
    with refuses(f"{gradient.__name__}: the source gradient is 4 x 3 x 1", mps.ShapeError):
        run(graph, *(a.reshape(4, 3, 1) if a.size == 12 else a for a in arrays))
    foreign = add(node(), node()).result_state
    with pytest.raises(mps.Error, match=rf"{gradient.__name__}.*state"):
        graph_of(gradient(node(), node(), gradient_state=foreign, scale_factor_x=2, scale_factor_y=3))


@pytest.mark.parametrize("cls", [mps.MPSNNBilinearScaleNode, mps.MPSNNLanczosScaleNode])
def test_scale_filters(cls):
    with refuses(f"{cls.__name__}: the width of output_size must be positive, got 0"):
        scale(node(), None, (0, 3, 1), cls)
    with refuses(f"{cls.__name__}: the height of output_size is too large, got 4294967296"):
        scale(node(), None, (1, 2**32, 1), cls)
    assert result_of(graph_of(scale(node(), None, (3, 2, 0), cls)), ramp(4, 5, 6)).shape == (2, 3, 6)
    with refuses(f"{cls.__name__}.*has no gradient", mps.GraphError):
        scale(node(), None, SIZE, cls).gradient_filter_with_source(node())
    with pytest.raises(TypeError):
        mps.MPSNNScaleNode(node(), output_size=SIZE)


def test_a_scale_filter_prepares_the_input_of_a_training_graph():
    prepared = scale(node(), Provider(-1), (2, 2, 1))
    prepared.result_image.stop_gradient = True
    source = Convolution(np.ones((1, 1, 1, 1)))
    loss = loss_node(convolution(prepared.result_image, source).result_image)
    graph = training_graph(loss)
    run(graph, ramp(1, 2, 3, 1), states=[labels(np.zeros((1, 2, 2, 1)))])
