"""The example mpsnn.examples.tiny_yolo: it learns, its picture is one, and its measure is right where the answer is known."""

from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from mpsnn.examples import tiny_yolo as example


def objects(*rows):
    """Rows of (centre x, centre y, width, height, class, score)."""
    table = np.array(rows, np.float32).reshape(-1, 6)
    return example.Objects(table[:, :4], table[:, 4].astype(int), table[:, 5])


def test_it_learns(tmp_path: Path) -> None:
    picture = tmp_path / "shapes.png"
    before, after = example.main(["--quick", "--plot", str(picture)])
    assert before < 0.05
    assert after > 0.3
    pixels = matplotlib.image.imread(picture)
    assert pixels.shape == (650, 1500, 4)
    assert pixels[..., :3].std() > 0.1, "more than white paper"


def test_what_the_labels_say_is_found_again() -> None:
    _, truth = example.draw_image(np.random.default_rng(3))
    t = example.labels_of([truth])[0].reshape(example.GRID, example.GRID, len(example.ANCHORS), -1)
    raw = np.full(t.shape, -10.0)
    raw[..., :2] = np.log(t[..., :2].clip(1e-6) / (1 - t[..., :2]))
    raw[..., 2:4] = np.log(t[..., 2:4].clip(1e-6) / example.ANCHORS)
    raw[t == 1] = 10
    found = example.without_repetitions(example.decode(raw))
    order, expected = np.lexsort(found.boxes.T), np.lexsort(truth.boxes.T)
    np.testing.assert_allclose(found.boxes[order], truth.boxes[expected], rtol=1e-4)
    assert np.array_equal(found.classes[order], truth.classes[expected])
    assert found.scores.min() > 0.999


def test_of_boxes_that_overlap_the_surest_stays() -> None:
    found = objects((2, 2, 2, 2, 0, 0.5), (2.2, 2, 2, 2, 0, 0.9), (2.2, 2, 2, 2, 1, 0.3), (4, 2, 2, 2, 0, 0.7))
    assert example.without_repetitions(found).scores.tolist() == pytest.approx([0.9, 0.7, 0.3])


def test_average_precision() -> None:
    """Of two objects one is found, after a wrong guess: precision 1/2 with recall 1/2. A second guess at it is wrong."""
    truth = [objects((2, 2, 2, 2, 0, 1)), objects((4, 4, 2, 2, 0, 1))]
    found = [objects((2, 2, 2, 1.8, 0, 0.8), (2, 2, 2, 2, 0, 0.7)), objects((6, 6, 2, 2, 0, 0.9))]
    assert example.average_precision(found, truth, 0, 0.5) == pytest.approx(0.25)
    assert example.average_precision(found, truth, 0, 0.95) == pytest.approx(0.5 * 1 / 3)
    assert example.average_precision(truth, truth, 0, 0.5) == 1
