"""A batch whose images take much memory passes through a graph a few images at a time: nobody sees it, but in memory."""

from __future__ import annotations

from typing import Any

import mpsnn as mps
import numpy as np
import pytest
from support import Array, BatchNormalization, Run, add, batch, graph_of, image, linear, node, relu, values

SIZE, CHANNELS = 192, 32  # 4.5 MB an image
NOTE = "images at a time"


def pictures(count: int) -> Array:
    """Integers: every sum is exact."""
    drawn = np.random.default_rng(count).integers(-8, 9, (count, SIZE, 16, CHANNELS)).astype(np.float32)
    return np.tile(drawn, (1, 1, SIZE // 16, 1))


def exported(x: Any) -> Any:
    x.export_from_graph = True
    x.image_allocator = mps.MPSImage.default_allocator()
    return x


def network() -> Any:
    """Some of the images are alive at the same time, one of them leaves the graph."""
    x = exported(relu(linear(node(), 2, 1).result_image).result_image)
    y = mps.MPSCNNPoolingMaxNode(
        x, kernel_width=3, kernel_height=3, stride_in_pixels_x=1, stride_in_pixels_y=1
    ).result_image
    return linear(add(x, y).result_image, 0.5, 3)


@pytest.mark.parametrize(
    ("count", "images_in_one", "data_type"),
    [(5, False, np.float32), (5, True, np.float16), (5, False, np.float16), (8, True, np.float32)],
)
def test_the_images_come_out_as_without(count: int, images_in_one: bool, data_type: type, capfd: Any) -> None:
    x = pictures(count).astype(data_type)
    images = [image(x)] if images_in_one else batch(x)
    chosen = images[0].feature_channel_format
    answers = []
    for disabled in (set(), {"split_batch"}):
        graph = graph_of(network(), channel_format=chosen)
        graph.disabled_passes, graph.options = disabled, mps.MPSKernelOptions.Verbose
        done = Run(graph, images if images_in_one else [images])
        assert (NOTE in capfd.readouterr().err) == (not disabled)
        answers.append([values(done.result), values(done.intermediates[0])])
    for split, whole in zip(*answers, strict=True):
        assert len(split.reshape(-1, *x.shape[1:])) == count
        np.testing.assert_array_equal(split, whole)


def alone(x: Array, made: Any, capfd: Any, note: bool) -> Array:
    graph = graph_of(made)
    graph.options = mps.MPSKernelOptions.Verbose
    answer = values(Run(graph, [batch(x)]).result)
    assert (NOTE in capfd.readouterr().err) == note
    return answer


def test_small_batches_stay_together(capfd: Any) -> None:
    alone(pictures(2)[:, :64], network(), capfd, False)


def test_statistics_are_of_the_whole_batch(capfd: Any) -> None:
    x = pictures(6)
    x[3] += 5
    made = mps.MPSCNNBatchNormalizationNode(linear(node()).result_image, data_source=BatchNormalization(CHANNELS))
    made.flags = mps.MPSCNNBatchNormalizationFlags.CalculateStatisticsAlways
    answer = alone(x, relu(made.result_image), capfd, False)
    mean, deviation = x.mean((0, 1, 2), np.float64), x.std((0, 1, 2), dtype=np.float64)
    np.testing.assert_allclose(answer, np.maximum((x - mean) / deviation, 0), rtol=1e-5, atol=1e-5)


def test_every_image_has_a_mask_of_its_own(capfd: Any) -> None:
    x = np.ones((6, SIZE, SIZE, CHANNELS), np.float32)
    answer = alone(
        x, relu(mps.MPSCNNDropoutNode(linear(node()).result_image, keep_probability=0.5).result_image), capfd, False
    )
    assert all((answer[i] != answer[k]).any() for i in range(6) for k in range(i))
