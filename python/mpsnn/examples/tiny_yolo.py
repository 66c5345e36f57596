"""Trains a detector of shapes with the node-graph API: boxes around them, and what they are.

    python -m mpsnn.examples.tiny_yolo --plot shapes.png

The network is a small Tiny YOLO version 2: convolutions with batch normalisation and leaky ReLUs, max pools in between, and at the
end for every cell of a grid a few boxes, which the YOLO loss trains. The images, with several shapes on a cluttered background,
are drawn as they are needed.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

import mpsnn as mps

Array = NDArray[np.float32]

SIZE = 64  # pixels of an image, in height and width
CELL = 8  # pixels of a cell: the network halves the image three times
GRID = SIZE // CELL
# Width and height, in cells, of the boxes that predictions start from.
ANCHORS = np.array([[1.8, 1.8], [3.4, 1.9], [1.9, 3.4], [3.2, 3.2]], np.float32)

# Whether a point belongs to a shape, whose box goes from -1 to 1 in both directions.
SHAPES = {
    "ellipse": lambda u, v: u**2 + v**2 < 1,
    "rectangle": lambda u, v: np.maximum(abs(u), abs(v)) < 1,
    "triangle": lambda u, v: (abs(u) < (v + 1) / 2) & (v < 1),
    "cross": lambda u, v: (np.minimum(abs(u), abs(v)) < 0.35) & (np.maximum(abs(u), abs(v)) < 1),
}
CLASSES = len(SHAPES)


# --- data -------------------------------------------------------------------------------------------------------------


@dataclass
class Objects:
    """The objects in an image: boxes N x (centre x, centre y, width, height), in cells, their classes and how sure they are."""

    boxes: Array
    classes: NDArray[np.intp]
    scores: Array


def draw_image(rng: np.random.Generator) -> tuple[Array, Objects]:
    """An image of SIZE x SIZE x 3 and what is in it."""
    y, x = np.mgrid[:SIZE, :SIZE] + 0.5
    corners = rng.uniform(0, 1, (2, 2, 3))  # the background's colours
    image = np.einsum("ay,bx,abc->yxc", [1 - y[:, 0] / SIZE, y[:, 0] / SIZE], [1 - x[0] / SIZE, x[0] / SIZE], corners)
    for _ in range(rng.integers(3, 9)):  # clutter: lines across the image
        direction, at = rng.uniform(0, np.pi), rng.uniform(0, SIZE, 2)
        distance = abs((x - at[0]) * np.cos(direction) + (y - at[1]) * np.sin(direction))
        image[distance < rng.uniform(0.5, 1.5)] = rng.uniform(0, 1, 3)
    boxes: list[Array] = []
    classes = []
    for _ in range(rng.integers(1, 6)):
        size = rng.uniform(10, 30, 2)
        box = (np.array([*rng.uniform(size / 2, SIZE - size / 2), *size]) / CELL).astype(np.float32)
        if boxes and overlap(box[None], np.stack(boxes)).max() > 0.05:
            continue  # one shape would hide the other
        kind = int(rng.integers(CLASSES))
        inside = list(SHAPES.values())[kind]((x / CELL - box[0]) / box[2] * 2, (y / CELL - box[1]) / box[3] * 2)
        colour = rng.uniform(0, 1, 3)
        while abs(colour - image[inside].mean(0)).max() < 0.35:
            colour = rng.uniform(0, 1, 3)
        image[inside] = colour
        boxes.append(box)
        classes.append(kind)
    image += rng.normal(0, 0.05, image.shape)
    return image.astype(np.float32), Objects(np.stack(boxes), np.array(classes), np.ones(len(boxes), np.float32))


def draw_images(rng: np.random.Generator, count: int) -> tuple[Array, list[Objects]]:
    images, objects = zip(*(draw_image(rng) for _ in range(count)), strict=True)
    return np.stack(images), list(objects)


def labels_of(objects: list[Objects]) -> Array:
    """Labels as the YOLO loss wants them, N x GRID x GRID x anchors * (5 + CLASSES): the cell in which an object's centre lies
    has it, for every anchor."""
    labels = np.zeros((len(objects), GRID, GRID, len(ANCHORS), 5 + CLASSES), np.float32)
    labels[..., 5:] = 1 / CLASSES  # no object, no class
    for n, found in enumerate(objects):
        for box, kind in zip(found.boxes, found.classes, strict=True):
            column, row = box[:2].astype(int)
            labels[n, row, column] = [*(box[:2] % 1), *box[2:], 1, *np.eye(CLASSES)[kind]]
    return labels.reshape(len(objects), GRID, GRID, -1)


# --- network ----------------------------------------------------------------------------------------------------------


class Detector:
    """The layers' weights, and the nodes between an image of 64 x 64 x 3 and the predictions of 8 x 8 cells."""

    def __init__(self, learning_rate: float = 5e-3, seed: int = 0) -> None:
        self.learning_rate = learning_rate
        self.optimizer = mps.MPSNNOptimizerAdam.with_learning_rate(learning_rate)
        channels = [3, 16, 32, 64, 128, 128]
        self.convolutions = [
            self.weights(3, *pair, seed + i) for i, pair in enumerate(zip(channels, channels[1:], strict=False))
        ]
        self.normalizations = [
            mps.BatchNormalizationWeights(c, momentum=0.9, optimizer=self.optimizer) for c in channels[1:]
        ]
        self.head = self.weights(1, channels[-1], len(ANCHORS) * (5 + CLASSES), seed + len(channels))

    def weights(self, kernel: int, inputs: int, outputs: int, seed: int) -> mps.ConvolutionWeights:
        descriptor = mps.MPSCNNConvolutionDescriptor(
            kernel_width=kernel, kernel_height=kernel, input_feature_channels=inputs, output_feature_channels=outputs
        )
        return mps.ConvolutionWeights(descriptor, optimizer=self.optimizer, seed=seed)

    def set_learning_rate(self, rate: float) -> None:
        for convolution in [*self.convolutions, self.head]:  # each has an optimizer of its own
            convolution.optimizer.set_learning_rate(rate)
        for normalization in self.normalizations:
            normalization.optimizer.set_learning_rate(rate)

    def predictions(self, image: mps.MPSNNImageNode) -> mps.MPSNNImageNode:
        x = image
        for i, (weights, statistics) in enumerate(zip(self.convolutions, self.normalizations, strict=True)):
            x = mps.MPSCNNConvolutionNode(x, weights=weights).result_image
            x = mps.MPSCNNBatchNormalizationNode(x, data_source=statistics).result_image
            x = mps.MPSCNNNeuronReLUNode(x, a=0.1).result_image
            if i < 3:
                x = mps.MPSCNNPoolingMaxNode.with_filter_size(x, 2, 2).result_image
        return mps.MPSCNNConvolutionNode(x, weights=self.head).result_image

    def inference_graph(self) -> mps.MPSNNGraph:
        """Images in, raw predictions out."""
        graph = mps.MPSNNGraph(self.predictions(mps.MPSNNImageNode("shapes")))
        graph.format = mps.MPSImageFeatureChannelFormat.Float32  # of the predictions
        return graph

    def training_graph(self, batch_size: int) -> mps.MPSNNGraph:
        """Images and labels in; running it once is one step of training."""
        descriptor = mps.MPSCNNYOLOLossDescriptor(
            mps.MPSCNNLossType.MeanSquaredError,
            wh_loss_type=mps.MPSCNNLossType.Huber,
            confidence_loss_type=mps.MPSCNNLossType.SigmoidCrossEntropy,
            classes_loss_type=mps.MPSCNNLossType.SoftMaxCrossEntropy,
            reduction_type=mps.MPSCNNReductionType.Sum,
            anchor_boxes=ANCHORS.ravel(),
            number_of_anchor_boxes=len(ANCHORS),
        )
        # How much each part counts. Gradients are sums over the batch: the divisors make means of them.
        descriptor.scale_xy = descriptor.scale_wh = 10 / batch_size
        descriptor.scale_object = 20 / batch_size
        descriptor.scale_no_object = 2 / batch_size  # there are many more boxes without an object
        descriptor.scale_class = 8 / batch_size
        loss = mps.MPSCNNYOLOLossNode(self.predictions(mps.MPSNNImageNode("shapes")), loss_descriptor=descriptor)
        # Walks back from the loss and adds a gradient node for every node on the way; the last one ends at the image.
        (last,) = loss.training_graph_with_source_gradient(None)
        return mps.MPSNNGraph(last.result_image, result_image_is_needed=False)


def train(network: Detector, steps: int, batch_size: int, rng: np.random.Generator) -> list[float]:
    """Returns the loss of each step, the mean over its batch. The bar shows the mean of the last 50."""
    graph = network.training_graph(batch_size)
    queue = mps.CommandQueue()
    losses: list[float] = []
    with tqdm(range(steps), desc="training", unit="batch") as progress:
        for step in progress:
            # In the second half it falls, down to nothing.
            network.set_learning_rate(network.learning_rate * min(1, 2 * (1 - step / steps)))
            images, objects = draw_images(rng, batch_size)
            truth = mps.MPSCNNLossLabels.batch(labels_of(objects))
            with queue.command_buffer() as command_buffer:  # commits and waits at its end
                shapes = mps.MPSImage(images).batch_representation()
                graph.encode_batch_to_command_buffer(command_buffer, [shapes], [truth])
            losses.append(sum(float(label.loss_image().to_numpy().item()) for label in truth))
            progress.set_postfix(loss=f"{np.mean(losses[-50:]):.2f}", refresh=False)
    return losses


# --- detection --------------------------------------------------------------------------------------------------------


def overlap(a: Array, b: Array) -> Array:
    """Intersection over union of boxes: of N with M of them N x M numbers."""
    a, b = a[:, None], b[None]
    low = np.maximum(a[..., :2] - a[..., 2:] / 2, b[..., :2] - b[..., 2:] / 2)
    high = np.minimum(a[..., :2] + a[..., 2:] / 2, b[..., :2] + b[..., 2:] / 2)
    both = (high - low).clip(0).prod(-1)
    return np.asarray(both / (a[..., 2:].prod(-1) + b[..., 2:].prod(-1) - both))


def decode(predictions: Array, least_score: float = 0.01) -> Objects:
    """The boxes that raw predictions of GRID x GRID cells stand for, each with its likeliest class."""
    p = predictions.reshape(GRID, GRID, len(ANCHORS), 5 + CLASSES).astype(np.float64)
    row, column = np.mgrid[:GRID, :GRID][..., None]
    sigmoid = 1 / (1 + np.exp(-p[..., [0, 1, 4]]))
    width, height = np.moveaxis(np.exp(p[..., 2:4]) * ANCHORS, -1, 0)
    boxes = np.stack([column + sigmoid[..., 0], row + sigmoid[..., 1], width, height], -1)
    probabilities = np.exp(p[..., 5:] - p[..., 5:].max(-1, keepdims=True))
    probabilities /= probabilities.sum(-1, keepdims=True)
    scores = sigmoid[..., 2] * probabilities.max(-1)
    kept = scores > least_score
    return Objects(boxes[kept].astype(np.float32), probabilities.argmax(-1)[kept], scores[kept].astype(np.float32))


def without_repetitions(found: Objects, most_overlap: float = 0.45) -> Objects:
    """Non-maximum suppression: of boxes of one class that overlap, the surest stays. The surest come first."""
    kept: list[int] = []
    same = overlap(found.boxes, found.boxes) > most_overlap
    same &= found.classes[:, None] == found.classes
    for i in np.argsort(-found.scores, kind="stable"):
        if not same[i, kept].any():
            kept.append(int(i))
    return Objects(found.boxes[kept], found.classes[kept], found.scores[kept])


def detect(network: Detector, images: Array, batch_size: int = 50) -> list[Objects]:
    graph = network.inference_graph()
    parts = [images[start : start + batch_size] for start in range(0, len(images), batch_size)]
    progress = tqdm(parts, desc="detecting", unit="batch")
    return [without_repetitions(decode(p)) for part in progress for p in graph(part)]


def mean_average_precision(found: list[Objects], truth: list[Objects], least_overlap: float = 0.5) -> float:
    """Of each class the area under precision over recall, averaged. A box is right when it overlaps an object of its class that
    no surer box has found."""
    return float(np.mean([average_precision(found, truth, kind, least_overlap) for kind in range(CLASSES)]))


def average_precision(found: list[Objects], truth: list[Objects], kind: int, least_overlap: float) -> float:
    hits: list[tuple[float, bool]] = []
    for guess, real in zip(found, truth, strict=True):
        free = list(real.boxes[real.classes == kind])
        for box, score in zip(guess.boxes[guess.classes == kind], guess.scores[guess.classes == kind], strict=True):
            overlaps = overlap(box[None], np.stack(free))[0] if free else np.zeros(1)
            is_hit = overlaps.max() >= least_overlap
            if is_hit:
                free.pop(int(overlaps.argmax()))
            hits.append((float(score), bool(is_hit)))
    right = np.array([is_hit for _, is_hit in sorted(hits, key=lambda hit: -hit[0])], float)
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]  # the best precision with this recall or more
    return float((precision * right).sum() / sum((real.classes == kind).sum() for real in truth))


# --- command line -----------------------------------------------------------------------------------------------------


def plot(path: Path, losses: list[float], images: Array, truth: list[Objects], found: list[Objects]) -> None:
    """The loss while training, and test images with the objects in white and what was found in colours."""
    try:
        import matplotlib
    except ImportError:
        sys.exit("--plot needs matplotlib: pip install matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.patches import Rectangle

    figure = plt.figure(figsize=(15, 6.5), layout="constrained")
    grid = figure.add_gridspec(1, 2, width_ratios=(1, 2.4))
    left, right = figure.add_subfigure(grid[0]), figure.add_subfigure(grid[1])
    axes = left.subplots()
    axes.plot(losses, color="0.8", label="each batch")
    width = min(25, len(losses))
    mean = np.convolve(losses, np.ones(width) / width, "valid")
    axes.plot(np.arange(width - 1, len(losses)), mean, label=f"mean of {width}")
    axes.set(title="Loss while training", xlabel="batch", ylabel="YOLO loss", yscale="log")
    axes.legend()
    right.suptitle("Test images: objects dashed, found boxes in colour with class and score")
    for cell, image, real, guess in zip(np.ravel(right.subplots(3, 5)), images, truth, found, strict=False):
        cell.set_axis_off()
        cell.imshow(image.clip(0, 1), extent=(0, GRID, GRID, 0))
        for objects, is_found in ((real, False), (guess, True)):
            for box, kind, score in zip(objects.boxes, objects.classes, objects.scores, strict=True):
                if score < 0.5:
                    continue
                colour = f"C{kind}" if is_found else "white"
                corner = box[:2] - box[2:] / 2
                style = "solid" if is_found else "dashed"
                cell.add_patch(
                    Rectangle(tuple(corner), *box[2:], fill=False, color=colour, linestyle=style, linewidth=2)
                )
                if is_found:
                    text = f"{list(SHAPES)[kind]} {score:.2f}"
                    cell.text(*corner, text, fontsize=7, color="white", va="bottom", bbox={"color": colour, "pad": 1})
    figure.savefig(path, dpi=100)
    print(f"wrote {path}")


def main(arguments: list[str] | None = None) -> tuple[float, float]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plot", type=Path, metavar="PNG", help="write a picture: loss curve and detected shapes")
    parser.add_argument("--quick", action="store_true", help="train for a short time only")
    parser.add_argument("--steps", type=int, help="batches to train with; 1000, or 200 with --quick")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=5e-3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)

    network = Detector(options.learning_rate, options.seed)
    test_images, truth = draw_images(np.random.default_rng(options.seed + 1), 100 if options.quick else 500)
    before = mean_average_precision(detect(network, test_images), truth)
    steps = options.steps or (200 if options.quick else 1000)
    rng = np.random.default_rng(options.seed)
    losses = train(network, steps, options.batch_size, rng)
    found = detect(network, test_images)
    after = mean_average_precision(found, truth)
    print(f"mean average precision {before:.3f} before training, {after:.3f} after, of {len(truth)} test images")
    if options.plot:
        plot(options.plot, losses, test_images, truth, found)
    return before, after


if __name__ == "__main__":
    main()
