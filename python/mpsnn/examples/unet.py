"""Trains a U-Net to segment pictures that it draws itself, then tests it on pictures it has not seen.

    python -m mpsnn.examples.unet --plot patches.png

Plain, striped and chequered patches lie on top of each other, on a ground that is noisy and unevenly lit: the brightness
of a pixel says nothing about what it belongs to, and the inside of a plain patch looks like the ground. The network is a
small one of the kind of O. Ronneberger, P. Fischer and T. Brox, "U-Net: Convolutional Networks for Biomedical Image
Segmentation", 2015, with batch normalisation. Two graphs share its weights: one trains them, one segments.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

import mpsnn as mps

Array = NDArray[np.float32]
Classes = NDArray[np.intp]
Block = Callable[[mps.MPSNNImageNode], mps.MPSNNImageNode]

CLASSES = ("ground", "plain", "striped", "chequered")
SIZE = 64  # pixels, of the pictures' height and width


class Layer:
    """A convolution, batch normalisation and ReLU: their parameters, and the nodes that use them."""

    kernel, stride = 3, 1  # pixels, in both directions

    def __init__(self, label: str, inputs: int, outputs: int, optimizer: mps.MPSNNOptimizer, seed: int) -> None:
        descriptor = mps.MPSCNNConvolutionDescriptor(
            kernel_width=self.kernel,
            kernel_height=self.kernel,
            input_feature_channels=inputs,
            output_feature_channels=outputs,
        )
        descriptor.stride_in_pixels_x = descriptor.stride_in_pixels_y = self.stride
        self.weights = mps.ConvolutionWeights(descriptor, optimizer=optimizer, seed=seed, label=label)
        # The training graph keeps its running means and variances up to date, the other graph uses them.
        self.normalization = mps.BatchNormalizationWeights(outputs, optimizer=optimizer, label=label)

    def convolution(self, x: mps.MPSNNImageNode) -> mps.MPSNNFilterNode:
        return mps.MPSCNNConvolutionNode(x, weights=self.weights)

    def __call__(self, x: mps.MPSNNImageNode) -> mps.MPSNNImageNode:
        x = self.convolution(x).result_image
        x = mps.MPSCNNBatchNormalizationNode(x, data_source=self.normalization).result_image
        return mps.MPSCNNNeuronReLUNode(x, a=0).result_image


class UpLayer(Layer):
    """The same with a transposed convolution: the image becomes twice as high and twice as wide."""

    kernel, stride = 2, 2

    def convolution(self, x: mps.MPSNNImageNode) -> mps.MPSNNFilterNode:
        node = mps.MPSCNNConvolutionTransposeNode(x, weights=self.weights)
        # Of h rows the default, SizeSame, makes 2 (h - 1) + 1, SizeFull one less than a kernel more: 2 h.
        node.padding_policy = mps.MPSNNDefaultPadding.padding_with_method(mps.MPSNNPaddingMethod.SizeFull)
        return node


class UNet:
    """The layers, and how they are wired: from a picture, 64 x 64 x 1, to the scores of each pixel, 64 x 64 x 4."""

    def __init__(self, learning_rate: float = 5e-3, seed: int = 0) -> None:
        optimizer = mps.MPSNNOptimizerAdam.with_learning_rate(learning_rate)  # every data source has a copy of its own
        seeds = itertools.count(100 * seed)

        def two(label: str, inputs: int, outputs: int) -> Block:
            first = Layer(f"{label} 1", inputs, outputs, optimizer, next(seeds))
            second = Layer(f"{label} 2", outputs, outputs, optimizer, next(seeds))
            return lambda x: second(first(x))

        self.down1, self.down2, self.bottom = two("down1", 1, 16), two("down2", 16, 32), two("bottom", 32, 64)
        self.up2, self.up1 = (UpLayer(f"up{c}", 2 * c, c, optimizer, next(seeds)) for c in (32, 16))
        # What they read is a concatenation, in which every source takes up a multiple of 4 channels: of 16 and 16 it makes
        # 32, but of 18 and 18 it would make 40.
        self.merge2, self.merge1 = two("merge2", 64, 32), two("merge1", 32, 16)
        descriptor = mps.MPSCNNConvolutionDescriptor(
            kernel_width=1, kernel_height=1, input_feature_channels=16, output_feature_channels=len(CLASSES)
        )
        self.last = mps.ConvolutionWeights(descriptor, optimizer=optimizer, seed=next(seeds), label="scores")

    def scores(self, x: mps.MPSNNImageNode) -> mps.MPSNNImageNode:
        def halved(x: mps.MPSNNImageNode) -> mps.MPSNNImageNode:
            return mps.MPSCNNPoolingMaxNode.with_filter_size(x, 2, 2).result_image

        # Down the U: what there is. Up again: where it is, which the images across the U still know.
        fine = self.down1(x)  # 64 x 64 x 16
        middle = self.down2(halved(fine))  # 32 x 32 x 32
        x = self.bottom(halved(middle))  # 16 x 16 x 64
        x = mps.MPSNNConcatenationNode([middle, self.up2(x)]).result_image  # 32 x 32 x 64
        x = self.merge2(x)  # 32 x 32 x 32
        x = mps.MPSNNConcatenationNode([fine, self.up1(x)]).result_image  # 64 x 64 x 32
        x = self.merge1(x)  # 64 x 64 x 16
        return mps.MPSCNNConvolutionNode(x, weights=self.last).result_image

    def inference_graph(self) -> mps.MPSNNGraph:
        """Pictures in; out comes the number of each pixel's class, 64 x 64 x 1."""
        scores = self.scores(mps.MPSNNImageNode("pictures"))
        return mps.MPSNNGraph(mps.MPSNNReductionFeatureChannelsArgumentMaxNode(scores).result_image)

    def training_graph(self, batch_size: int) -> mps.MPSNNGraph:
        """Pictures and labels in, scores out beside; running it once is one step of training."""
        scores = self.scores(mps.MPSNNImageNode("pictures"))
        scores.export_from_graph = True
        scores.image_allocator = mps.MPSImage.default_allocator()
        # The softmax is over the channels of each pixel. The loss is a sum over pixels: the weight makes a mean of it.
        descriptor = mps.MPSCNNLossDescriptor(
            mps.MPSCNNLossType.SoftMaxCrossEntropy, reduction_type=mps.MPSCNNReductionType.Sum
        )
        descriptor.weight = 1 / (batch_size * SIZE * SIZE)
        loss = mps.MPSCNNLossNode(scores, loss_descriptor=descriptor)
        # Adds a gradient node for every node, and where an image goes two ways, down and across the U, one that adds up
        # the two gradients that come back.
        (last,) = loss.training_graph_with_source_gradient(None)
        return mps.MPSNNGraph(last.result_image, result_image_is_needed=False)


def draw(count: int, rng: np.random.Generator) -> tuple[Array, Classes]:
    """Pictures N x 64 x 64 x 1, and the class of each of their pixels, N x 64 x 64."""
    pictures, classes = np.empty((count, SIZE, SIZE, 1), np.float32), np.zeros((count, SIZE, SIZE), np.intp)
    y, x = np.mgrid[:SIZE, :SIZE] / SIZE
    for picture, truth in zip(pictures, classes, strict=True):
        tone = np.ones((SIZE, SIZE))
        for _ in range(rng.integers(3, 7)):
            kind = rng.integers(1, len(CLASSES))
            dy, dx = y - rng.uniform(0.05, 0.95), x - rng.uniform(0.05, 0.95)
            # A turned regular polygon with n sides: which side a pixel faces, and whether it is nearer than that.
            n, turn, size = rng.choice([3, 4, 5, 60]), rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.4)
            facing = (np.arctan2(dy, dx) - turn) % (2 * np.pi / n) - np.pi / n
            inside = np.hypot(dy, dx) * np.cos(facing) < size / np.sqrt(n * np.tan(np.pi / n))
            pitch = 2 * np.pi * SIZE / rng.uniform(6, 9)
            along = np.sign(np.sin(pitch * (np.cos(turn) * dx + np.sin(turn) * dy)))
            across = np.sign(np.sin(pitch * (np.cos(turn) * dy - np.sin(turn) * dx)))
            texture = (0, along, along * across)[kind - 1]
            patch = 1 + rng.choice([-1, 1]) * rng.uniform(0.2, 0.5) + 0.25 * texture
            truth[...] = np.where(inside, kind, truth)
            tone = np.where(inside, patch, tone)
        # A lamp somewhere around the picture, and noise.
        distance = np.hypot(y - rng.uniform(-0.5, 1.5), x - rng.uniform(-0.5, 1.5))
        light = rng.uniform(0.8, 1.2) / (1 + distance**2)
        picture[..., 0] = tone * light + 0.05 * rng.standard_normal((SIZE, SIZE))
    return pictures, classes


def confusion(truth: Classes, found: Classes) -> Classes:
    """4 x 4: how many pixels of one class (row) were found to be of another (column)."""
    pairs = len(CLASSES) * truth.ravel() + found.ravel()
    return np.bincount(pairs, minlength=len(CLASSES) ** 2).reshape(len(CLASSES), -1)


def intersection_over_union(confused: Classes) -> NDArray[np.float64]:
    """Of each class: pixels that rightly have it, divided by pixels that have it or should."""
    right = np.diagonal(confused)
    result: NDArray[np.float64] = right / np.maximum(confused.sum(0) + confused.sum(1) - right, 1)
    return result


def train(network: UNet, steps: int, batch_size: int, seed: int) -> tuple[list[float], list[float]]:
    """Loss of each step, the mean over its pixels, and its mean intersection over union. No picture is used twice."""
    graph = network.training_graph(batch_size)
    queue = mps.CommandQueue()
    rng = np.random.default_rng(seed)
    losses: list[float] = []
    unions: list[float] = []
    with tqdm(range(steps), desc="training", unit="batch") as progress:
        for _ in progress:
            pictures, classes = draw(batch_size, rng)
            images = mps.MPSImage(pictures).batch_representation()
            truth = mps.MPSCNNLossLabels.batch(np.eye(len(CLASSES), dtype=np.float32)[classes])
            exported: list[list[mps.MPSImage]] = []
            with queue.command_buffer() as command_buffer:  # commits and waits at its end
                graph.encode_batch_to_command_buffer(command_buffer, [images], [truth], intermediate_images=exported)
            (scores,) = exported
            losses.append(sum(float(label.loss_image().to_numpy().item()) for label in truth))
            found = np.stack([image.to_numpy().argmax(2) for image in scores])
            unions.append(float(intersection_over_union(confusion(classes, found)).mean()))
            progress.set_postfix(loss=f"{np.mean(losses[-20:]):.3f}", IoU=f"{np.mean(unions[-20:]):.3f}", refresh=False)
    return losses, unions


def segment(network: UNet, pictures: Array, batch_size: int = 20) -> Classes:
    """The class of each pixel, N x 64 x 64."""
    graph = network.inference_graph()
    parts = tqdm(range(0, len(pictures), batch_size), desc="testing", unit="batch")
    found = np.concatenate([graph(pictures[start : start + batch_size]) for start in parts])
    return found[..., 0].astype(np.intp)


def plot(path: Path, losses: list[float], unions: list[float], pictures: Array, truth: Classes, found: Classes) -> None:
    """Loss and intersection over union while training; the first test pictures, what is in them and what was found."""
    try:
        import matplotlib
    except ImportError:
        sys.exit("--plot needs matplotlib: pip install matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.patches import Patch

    figure = plt.figure(figsize=(15, 6), layout="constrained")
    grid = figure.add_gridspec(1, 2, width_ratios=(1, 2.6))
    left, right = figure.add_subfigure(grid[0]), figure.add_subfigure(grid[1])
    above, below = left.subplots(2, sharex=True)
    for axes, values in ((above, losses), (below, unions)):
        width = min(20, len(values))
        mean = np.convolve(values, np.ones(width) / width, "valid")
        axes.plot(values, color="0.8", label="each batch")
        axes.plot(np.arange(width - 1, len(values)), mean, label=f"mean of {width}")
    above.set(title="While training", ylabel="softmax cross entropy", yscale="log")
    below.set(xlabel="batch", ylabel="mean intersection over union", ylim=(0, 1))
    above.legend()
    tested = intersection_over_union(confusion(truth, found))
    right.suptitle(f"Mean intersection over union of {len(truth)} test pictures: {tested.mean():.3f}")
    colours = np.array([[232, 232, 232], [230, 159, 0], [0, 114, 178], [0, 158, 115]]) / 255
    cells = np.ravel(right.subplots(3, 7, subplot_kw={"xticks": [], "yticks": []}))
    shown: dict[str, NDArray[Any]] = {"picture": pictures, "truth": colours[truth], "found": colours[found]}
    for row, (name, images) in zip(cells.reshape(3, 7), shown.items(), strict=True):
        row[0].set_ylabel(name)
        for cell, image in zip(row, images, strict=False):
            cell.imshow(image, cmap="gray")
    names = [f"{name} {union:.3f}" for name, union in zip(CLASSES, tested, strict=True)]
    patches = [Patch(color=colour, label=name) for colour, name in zip(colours, names, strict=True)]
    right.legend(handles=patches, loc="outside lower center", ncols=len(patches))
    figure.savefig(path, dpi=100)
    print(f"wrote {path}")


def main(arguments: list[str] | None = None) -> float:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plot", type=Path, metavar="PNG", help="write a picture: curves and test pictures")
    parser.add_argument("--quick", action="store_true", help="a tenth of the training only")
    parser.add_argument("--steps", type=int, default=1200, help="batches to train with")
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--learning-rate", type=float, default=5e-3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)

    network = UNet(options.learning_rate, options.seed)
    steps = options.steps // 10 if options.quick else options.steps
    losses, unions = train(network, steps, options.batch_size, options.seed)
    pictures, truth = draw(50 if options.quick else 200, np.random.default_rng(options.seed + 1))
    found = segment(network, pictures)
    tested = intersection_over_union(confusion(truth, found))
    print(", ".join(f"{name} {union:.3f}" for name, union in zip(CLASSES, tested, strict=True)))
    print(f"mean intersection over union of {len(truth)} test pictures: {tested.mean():.3f}")
    if options.plot:
        plot(options.plot, losses, unions, pictures, truth, found)
    return float(tested.mean())


if __name__ == "__main__":
    main()
