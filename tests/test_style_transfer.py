"""mpsnn.examples.style_transfer: a short training, what it leaves alone, and its picture."""

import matplotlib.image
import numpy as np
from mpsnn.examples import style_transfer as example
from mpsnn.examples.pictures import painting, scene


def test_a_short_training(tmp_path):
    """The style loss falls to a fraction, and the picture shows many colours."""
    picture = tmp_path / "painted.png"
    losses = example.main(["--quick", "--plot", str(picture)])
    first, last = losses.style[0], np.mean(losses.style[-10:])
    assert last < first / 3, (first, last)
    assert len(losses.content) == len(losses.style)
    pixels = matplotlib.image.imread(picture)[..., :3]
    assert pixels.shape[0] >= 500
    assert pixels.shape[1] >= 1000
    assert pixels.std() > 0.1
    assert len(np.unique((pixels * 15).astype(int).reshape(-1, 3), axis=0)) > 200


def test_only_the_painting_network_learns():
    rng = np.random.default_rng(1)
    images = np.stack([scene(16, rng) for _ in range(3)])
    judge = example.LossNetwork(images, seed=1)
    network = example.PaintingNetwork(1e-2, seed=1)
    layers = [
        network.into,
        *network.down,
        *network.up,
        network.out,
        *(layer for pair in network.blocks for layer in pair),
    ]

    def values(sources):
        return [np.array(array) for source in sources for array in (source.weights(), source.bias_terms())]

    before = values(judge.weights), [layer[0].weights().copy() for layer in layers]
    example.train(
        network,
        judge,
        images,
        painting(24, rng),
        steps=2,
        batch_size=2,
        style_weight=1,
        seed=1,
    )
    assert all(map(np.array_equal, values(judge.weights), before[0]))
    assert not any(map(np.array_equal, [layer[0].weights() for layer in layers], before[1]))


def test_pictures_of_the_user(tmp_path):
    """Any size, with or without colours and transparency: made smaller, sides multiples of 8."""
    rng = np.random.default_rng(2)
    for shape, size in (((50, 71, 4), (48, 64, 3)), ((701, 330), (232, 104, 3))):
        path = tmp_path / "image.png"
        matplotlib.image.imsave(path, rng.random(shape), cmap="gray")
        image = example.read_image(path)
        assert image.shape == size
        assert image.dtype == np.float32
        assert 0 <= image.min() < image.max() <= 1
