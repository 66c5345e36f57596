"""Trains a network that repaints images in the style of a painting, and shows what it makes of new ones.

    python -m mpsnn.examples.style_transfer --plot painted.png

Fast style transfer (Johnson, Alahi and Fei-Fei, 2016): one pass of the trained network paints an image. While it learns,
a second network that never changes looks at what it paints: where its features are those of the image, the content is
kept; where their Gram matrices are those of the painting, the style is met. With pictures of your own: --content IMAGE,
--style IMAGE.

That second network usually is VGG-19 with its weights from ImageNet. Nothing is downloaded here: it is a small network of
that form whose filters nobody trained. Random filters tell textures apart well enough to paint by (Ustyuzhaninov, Brendel,
Gatys and Bethge, 2016); those of its first layer are Gabor filters, which look for strokes.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

import mpsnn as mps
from mpsnn.examples.pictures import painting, scene

Array = NDArray[np.float32]
Image = mps.MPSNNImageNode
Layer = tuple[mps.ConvolutionWeights, mps.InstanceNormalizationWeights]
CONTENT_LAYER = 1  # of the loss network
STYLE_WEIGHT = 4.0
LEARNING_RATE = 2e-3


def convolution(kernel: int, inputs: int, outputs: int, stride: int = 1) -> mps.MPSCNNConvolutionDescriptor:
    descriptor = mps.MPSCNNConvolutionDescriptor(
        kernel, kernel_height=kernel, input_feature_channels=inputs, output_feature_channels=outputs
    )
    descriptor.stride_in_pixels_x = descriptor.stride_in_pixels_y = stride
    return descriptor


def first_filters(size: int = 9) -> Array:
    """Waves of two lengths and eight directions, of light and of blue against yellow, and spots: O x H x W x 3."""
    y, x = np.mgrid[:size, :size] - size // 2
    spot = np.exp(-(x**2 + y**2) / (size / 3) ** 2)
    waves = [
        np.multiply.outer(spot * np.cos(2 * np.pi * (x * np.cos(a) + y * np.sin(a)) / length + phase), colour)
        for length in (4, 8)
        for a in np.pi * np.arange(8) / 8
        for phase in (0, np.pi / 2)
        for colour in ((1, 1, 1), (1, 1, -2))
    ]
    spots = [np.multiply.outer(sign * spot, colour) for colour in ((1, 1, 1), *np.eye(3)) for sign in (1, -1)]
    return np.array([*waves, *spots], np.float32)


class LossNetwork:
    """Four layers of filters; the responses of every filter to `images` have mean 0 and variance 1.

    The first are like those that image networks learn, the others are random and orthogonal to each other. The data
    sources have no optimizer: training goes through them and leaves them alone.
    """

    CHANNELS = (72, 64, 96, 128)

    def __init__(self, images: Array, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.weights: list[mps.ConvolutionWeights] = []
        filters = first_filters()
        for inputs, outputs in itertools.pairwise((3, *self.CHANNELS)):
            if self.weights:
                columns = np.linalg.qr(rng.standard_normal((3 * 3 * inputs, outputs)))[0]
                filters = columns.T.reshape(outputs, 3, 3, inputs)
            descriptor = convolution(filters.shape[1], inputs, outputs)
            self.weights.append(mps.ConvolutionWeights(descriptor, filters))
            (responses,) = run(images, self.responses(Image("images"))[-1])
            mean, deviation = responses.mean((0, 1, 2)), responses.std((0, 1, 2))
            scaled = filters / deviation[:, None, None, None]
            self.weights[-1] = mps.ConvolutionWeights(descriptor, scaled, -mean / deviation)

    def responses(self, image: Image) -> list[Image]:
        """What each layer's filters say, before the rectifier."""
        found: list[Image] = []
        for weights in self.weights:
            if found:
                image = mps.MPSCNNNeuronReLUNode(found[-1], a=0).result_image
                image = mps.MPSCNNPoolingAverageNode.with_filter_size(image, 2, 2).result_image
            found.append(mps.MPSCNNConvolutionNode(image, weights=weights).result_image)
        return found

    def features(self, image: Image) -> list[Image]:
        return [mps.MPSCNNNeuronReLUNode(response, a=0).result_image for response in self.responses(image)]


class PaintingNetwork:
    """The network that paints, weights and nodes: down to a quarter of the size, residual blocks, and up again."""

    def __init__(self, learning_rate: float, seed: int) -> None:
        self.optimizer = mps.MPSNNOptimizerAdam.with_learning_rate(learning_rate)
        self.seed = seed
        self.into = self.layer(5, 3, 16)
        self.down = [self.layer(3, 16, 32, stride=2), self.layer(3, 32, 48, stride=2)]
        self.blocks = [(self.layer(3, 48, 48), self.layer(3, 48, 48)) for _ in range(3)]
        self.up = [self.layer(3, 48, 32), self.layer(3, 32, 16)]
        self.out = self.layer(5, 16, 3)

    def layer(self, kernel: int, inputs: int, outputs: int, stride: int = 1) -> Layer:
        self.seed += 1
        return (
            mps.ConvolutionWeights(
                convolution(kernel, inputs, outputs, stride), optimizer=self.optimizer, seed=self.seed
            ),
            mps.InstanceNormalizationWeights(outputs, optimizer=self.optimizer),
        )

    def painted(self, image: Image) -> Image:
        def normalized(x: Image, layer: Layer) -> Image:
            """Mirrored at the edges: zeros there would tell the network where it is, and it would paint frames."""
            margin = layer[0].descriptor().kernel_width // 2
            size = mps.MPSImageCoordinate(margin, margin, 0)
            x = mps.MPSNNPadNode(
                x, padding_size_before=size, padding_size_after=size, edge_mode=mps.MPSImageEdgeMode.Mirror
            ).result_image
            filtered = mps.MPSCNNConvolutionNode(x, weights=layer[0])
            filtered.padding_policy = mps.MPSNNDefaultPadding.padding_with_method(mps.MPSNNPaddingMethod.SizeValidOnly)
            return mps.MPSCNNInstanceNormalizationNode(filtered.result_image, data_source=layer[1]).result_image

        def rectified(x: Image, layer: Layer) -> Image:
            return mps.MPSCNNNeuronReLUNode(normalized(x, layer), a=0).result_image

        x = rectified(image, self.into)
        for layer in self.down:
            x = rectified(x, layer)
        for first, second in self.blocks:
            x = mps.MPSNNAdditionNode(x, normalized(rectified(x, first), second)).result_image
        for layer in self.up:
            x = mps.MPSCNNUpsamplingNearestNode(x, integer_scale_factor_x=2, integer_scale_factor_y=2).result_image
            x = rectified(x, layer)
        # What it paints comes on top of the image, so that the content is there from the first step on.
        ground = mps.MPSCNNNeuronLinearNode(image, a=4, b=-2).result_image
        x = mps.MPSNNAdditionNode(ground, normalized(x, self.out)).result_image
        return mps.MPSCNNNeuronSigmoidNode(x).result_image


def gram_matrix(feature: Image, pixels: int) -> Image:
    """Divided by the number of pixels, so that images of different sizes can be compared."""
    return mps.MPSNNGramMatrixCalculationNode(feature, alpha=1 / pixels).result_image


def mean_squared_error(prediction: Image, labels: Image, weight: float) -> Image:
    descriptor = mps.MPSCNNLossDescriptor(
        mps.MPSCNNLossType.MeanSquaredError, reduction_type=mps.MPSCNNReductionType.Mean
    )
    descriptor.reduce_across_batch = True
    descriptor.weight = weight
    return mps.MPSNNForwardLossNode(prediction, labels, loss_descriptor=descriptor).result_image


def training_graph(network: PaintingNetwork, judge: LossNetwork, size: int, style_weight: float) -> mps.MPSNNGraph:
    """Images, their features and the painting's Gram matrices in, losses out beside; one run is one step of training."""
    features = judge.features(network.painted(Image("image")))
    content = mean_squared_error(features[CONTENT_LAYER], Image("content"), 1)
    styles = [
        mean_squared_error(gram_matrix(feature, (size >> i) ** 2), Image(f"style {i}"), style_weight)
        for i, feature in enumerate(features)
    ]
    style = styles[0]
    for further in styles[1:]:
        style = mps.MPSNNAdditionNode(style, further).result_image
    for handle, loss in (("content loss", content), ("style loss", style)):
        loss.handle = handle
        loss.format = mps.MPSImageFeatureChannelFormat.Float32
        loss.export_from_graph = True
        loss.image_allocator = mps.MPSImage.default_allocator()  # it outlives the command buffer
    total = mps.MPSNNAdditionNode(content, style).result_image
    # The gradient of the objective with respect to itself is 1; from there back to all that it depends on.
    ends = mps.MPSNNInitialGradientNode(total).training_graph_with_source_gradient(None)
    # Gradients end at the image and at what the losses compare with. The way to the image leads past all the weights.
    (last,) = (end for end in ends if end.result_image.handle == "image")
    return mps.MPSNNGraph(last.result_image, result_image_is_needed=False)


def run(images: Array, *results: Image) -> list[Array]:
    """Features and the like of images N x H x W x C, in float32."""
    for result in results:
        result.image_allocator = mps.MPSImage.default_allocator()
    graph = mps.MPSNNGraph.with_result_images(list(results))
    graph.format = mps.MPSImageFeatureChannelFormat.Float32
    found = graph(images)
    return list(found) if isinstance(found, tuple) else [found]


@dataclass
class Losses:
    """Of every step of training."""

    content: list[float] = field(default_factory=list)
    style: list[float] = field(default_factory=list)


def train(
    network: PaintingNetwork,
    judge: LossNetwork,
    images: Array,
    style: Array,
    *,
    steps: int,
    batch_size: int,
    style_weight: float,
    seed: int,
) -> Losses:
    """Teaches the network to paint images N x S x S x 3 in the style of one H x W x 3."""

    def batch(array: Array) -> list[mps.MPSImage]:
        return mps.MPSImage(array).batch_representation()

    (content,) = run(images, judge.features(Image("images"))[CONTENT_LAYER])
    height, width, _ = style.shape
    matrices = [
        gram_matrix(feature, (height >> i) * (width >> i)) for i, feature in enumerate(judge.features(Image("style")))
    ]
    fixed = {f"style {i}": batch(matrix.repeat(batch_size, 0)) for i, matrix in enumerate(run(style[None], *matrices))}
    graph = training_graph(network, judge, images.shape[1], style_weight)
    queue = mps.CommandQueue()
    rng = np.random.default_rng(seed)
    losses = Losses()
    with tqdm(range(steps), desc="training", unit="batch") as progress:
        for _ in progress:
            chosen = rng.choice(len(images), batch_size, replace=False)
            inputs = {"image": batch(images[chosen]), "content": batch(content[chosen])} | fixed
            exported: list[list[mps.MPSImage]] = []
            with queue.command_buffer() as command_buffer:  # commits and waits at its end
                graph.encode_batch_to_command_buffer(
                    command_buffer, [inputs[h] for h in graph.source_image_handles], intermediate_images=exported
                )
            # Reduced across the batch: the first image has the mean over all of them.
            found = {h: e[0].to_numpy().item() for h, e in zip(graph.intermediate_image_handles, exported, strict=True)}
            losses.content.append(found["content loss"])
            losses.style.append(found["style loss"])
            progress.set_postfix(
                content=f"{np.mean(losses.content[-20:]):.3f}",
                style=f"{np.mean(losses.style[-20:]):.3f}",
                refresh=False,
            )
    return losses


def read_image(path: Path, largest: int = 320) -> Array:
    """A picture as H x W x 3 in [0, 1], made smaller until neither side is above `largest`, sides multiples of 8."""
    from matplotlib.image import imread

    pixels = imread(path)
    image = pixels / np.float32(255 if pixels.dtype == np.uint8 else 1)
    image = image[..., None].repeat(3, 2) if image.ndim == 2 else image[..., :3]
    factor = -(-max(image.shape[:2]) // largest)
    height, width = (side // (8 * factor) * 8 for side in image.shape[:2])
    parts = image[: height * factor, : width * factor].reshape(height, factor, width, factor, 3)
    smaller: Array = parts.mean((1, 3)).astype(np.float32)
    return smaller


def plot(path: Path, style: Array, images: list[Array], painted: list[Array], losses: Losses) -> None:
    """The style, the losses while training, and images above what became of them."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(13, 6), layout="constrained")
    grid = figure.add_gridspec(1, 2, width_ratios=(1, 2))
    left, right = figure.add_subfigure(grid[0]), figure.add_subfigure(grid[1])
    top, bottom = left.subplots(2, 1)
    top.imshow(style)
    top.set(title="Style")
    top.set_axis_off()
    bottom.plot(losses.style, label="style")
    bottom.plot(losses.content, label="content")
    bottom.set(title="Losses while training", xlabel="batch", yscale="log")
    bottom.legend()
    cells = right.subplots(2, len(images), squeeze=False)
    for column, pair in enumerate(zip(images, painted, strict=True)):
        for cell, picture, title in zip(cells[:, column], pair, ("Content", "Painted"), strict=True):
            cell.imshow(picture)
            cell.set_title(title)
            cell.set_axis_off()
    figure.savefig(path, dpi=100)
    print(f"wrote {path}")


def main(arguments: list[str] | None = None) -> Losses:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--content", type=Path, metavar="IMAGE", help="a picture to repaint, beside the built-in scenes"
    )
    parser.add_argument("--style", type=Path, metavar="IMAGE", help="the painting to learn from")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="write a picture: style, losses, and what was painted")
    parser.add_argument("--quick", action="store_true", help="a few steps with small images only")
    parser.add_argument("--steps", type=int, help="steps of training")
    parser.add_argument("--style-weight", type=float, default=STYLE_WEIGHT, help="how much style counts beside content")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    if (options.content or options.style or options.plot) and not find_spec("matplotlib"):
        sys.exit("Pictures need matplotlib: pip install matplotlib")

    rng = np.random.default_rng(options.seed)
    size, count, steps = (48, 16, 60) if options.quick else (64, 64, 600)
    images = np.stack([scene(size, rng) for _ in range(count)])
    style = read_image(options.style) if options.style else painting(128, rng)
    judge = LossNetwork(images, options.seed)
    network = PaintingNetwork(LEARNING_RATE, options.seed)
    losses = train(
        network,
        judge,
        images,
        style,
        steps=options.steps or steps,
        batch_size=4,
        style_weight=options.style_weight,
        seed=options.seed,
    )
    shown = [scene(160, rng) for _ in range(3)]
    if options.content:
        shown[0] = read_image(options.content)
    painted = [run(image[None], network.painted(Image("image")))[0][0] for image in shown]
    print(f"style loss {losses.style[0]:.3f} at first, {np.mean(losses.style[-10:]):.3f} now")
    if options.plot:
        plot(options.plot, style, shown, painted, losses)
    return losses


if __name__ == "__main__":
    main()
