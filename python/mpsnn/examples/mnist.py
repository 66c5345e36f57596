"""Trains a digit classifier with the node-graph API, then tests it.

    python -m mpsnn.examples.mnist --plot digits.png

The network is that of Apple's sample "Training a Neural Network with Metal Performance Shaders". Two graphs share its
weights: one trains them, one classifies.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

import mpsnn as mps

Array = NDArray[np.float32]
CLASSES = 10


class DigitNetwork:
    """The layers' weights, and the nodes between an image of 28 x 28 x 1 and the scores of ten digits, 1 x 1 x 10."""

    def __init__(self, learning_rate: float = 1e-3, seed: int = 0) -> None:
        def weights(label: str, kernel: int, inputs: int, outputs: int, seed: int) -> mps.ConvolutionWeights:
            descriptor = mps.MPSCNNConvolutionDescriptor(
                kernel_width=kernel,
                kernel_height=kernel,
                input_feature_channels=inputs,
                output_feature_channels=outputs,
            )
            optimizer = mps.MPSNNOptimizerAdam.with_learning_rate(learning_rate)
            return mps.ConvolutionWeights(descriptor, optimizer=optimizer, seed=seed, label=label)

        self.conv1 = weights("conv1", 5, 1, 32, seed)
        self.conv2 = weights("conv2", 5, 32, 64, seed + 1)
        self.fc1 = weights("fc1", 7, 64, 1024, seed + 2)
        self.fc2 = weights("fc2", 1, 1024, CLASSES, seed + 3)

    def scores(self, image: mps.MPSNNImageNode, dropout: bool) -> mps.MPSNNImageNode:
        x = mps.MPSCNNConvolutionNode(image, weights=self.conv1).result_image  # 28 x 28 x 32
        x = mps.MPSCNNNeuronReLUNode(x, a=0).result_image
        x = mps.MPSCNNPoolingMaxNode.with_filter_size(x, 2, 2).result_image  # 14 x 14 x 32
        x = mps.MPSCNNConvolutionNode(x, weights=self.conv2).result_image  # 14 x 14 x 64
        x = mps.MPSCNNNeuronReLUNode(x, a=0).result_image
        x = mps.MPSCNNPoolingMaxNode.with_filter_size(x, 2, 2).result_image  # 7 x 7 x 64
        x = mps.MPSCNNFullyConnectedNode(x, weights=self.fc1).result_image  # 1 x 1 x 1024
        x = mps.MPSCNNNeuronReLUNode(x, a=0).result_image
        if dropout:
            x = mps.MPSCNNDropoutNode(x, keep_probability=0.5).result_image
        return mps.MPSCNNFullyConnectedNode(x, weights=self.fc2).result_image  # 1 x 1 x 10

    def inference_graph(self) -> mps.MPSNNGraph:
        """Images in, probabilities out."""
        scores = self.scores(mps.MPSNNImageNode("digits"), dropout=False)
        return mps.MPSNNGraph(mps.MPSCNNSoftMaxNode(scores).result_image)

    def training_graph(self, batch_size: int) -> mps.MPSNNGraph:
        """Images and labels in, scores out beside; running it once is one step of training."""
        scores = self.scores(mps.MPSNNImageNode("digits"), dropout=True)
        # The scores tell how many digits were read correctly: out with them, as images that outlive the command buffer.
        scores.export_from_graph = True
        scores.image_allocator = mps.MPSImage.default_allocator()
        # The loss contains the softmax. Gradients are sums over the batch: the weight makes a mean of them.
        descriptor = mps.MPSCNNLossDescriptor(
            mps.MPSCNNLossType.SoftMaxCrossEntropy, reduction_type=mps.MPSCNNReductionType.Sum
        )
        descriptor.weight = 1 / batch_size
        loss = mps.MPSCNNLossNode(scores, loss_descriptor=descriptor)
        # Walks back from the loss and adds a gradient node for every node on the way; the last one ends at the image.
        (last,) = loss.training_graph_with_source_gradient(None)
        # Nobody needs the gradient of the image itself, only what its making does to the weights.
        return mps.MPSNNGraph(last.result_image, result_image_is_needed=False)


def batches(count: int, size: int, rng: np.random.Generator | None = None) -> Iterator[NDArray[np.intp]]:
    """Indices of one epoch; in a random order if there is a generator, and then of whole batches only."""
    order = rng.permutation(count) if rng else np.arange(count)
    for start in range(0, count - size + 1 if rng else count, size):
        yield order[start : start + size]


def train(network: DigitNetwork, images: Array, labels: NDArray[np.uint8], batch_size: int, seed: int) -> list[float]:
    """One epoch. Returns the loss of each step, the mean over its batch.

    The bar shows loss and accuracy of the last 50 batches, which the network read with half of its neurons dropped.
    """
    graph = network.training_graph(batch_size)
    queue = mps.CommandQueue()
    one_hot = np.eye(CLASSES, dtype=np.float32)[labels].reshape(-1, 1, 1, CLASSES)
    losses: list[float] = []
    accuracies: list[float] = []
    steps = list(batches(len(images), batch_size, np.random.default_rng(seed)))
    with tqdm(steps, desc="training", unit="batch") as progress:
        for chosen in progress:
            digits = mps.MPSImage(images[chosen]).batch_representation()
            truth = mps.MPSCNNLossLabels.batch(one_hot[chosen])
            exported: list[list[mps.MPSImage]] = []
            with queue.command_buffer() as command_buffer:  # commits and waits at its end
                graph.encode_batch_to_command_buffer(command_buffer, [digits], [truth], intermediate_images=exported)
            (scores,) = exported
            losses.append(sum(float(label.loss_image().to_numpy().item()) for label in truth))
            read = np.array([image.to_numpy().argmax() for image in scores])
            accuracies.append(float(np.mean(read == labels[chosen])))
            progress.set_postfix(
                loss=f"{np.mean(losses[-50:]):.3f}",
                accuracy=f"{100 * np.mean(accuracies[-50:]):.1f} %",
                refresh=False,
            )
    return losses


def classify(network: DigitNetwork, images: Array, batch_size: int = 100) -> Array:
    """Probabilities, N x 10."""
    graph = network.inference_graph()
    progress = tqdm(list(batches(len(images), batch_size)), desc="testing", unit="batch")
    return np.concatenate([graph(images[chosen]).reshape(-1, CLASSES) for chosen in progress]).astype(np.float32)


def read_idx(path: Path) -> NDArray[np.uint8]:
    """The array in a gzipped IDX file."""
    content = gzip.decompress(path.read_bytes())
    rank = content[3]
    shape = np.frombuffer(content, ">u4", rank, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


def load(folder: Path, part: str) -> tuple[Array, NDArray[np.uint8]]:
    """Images N x 28 x 28 x 1 in [0, 1], and digits N; `part` is "train" or "t10k"."""
    images = read_idx(folder / f"{part}-images-idx3-ubyte.gz")
    return (images[..., None] / 255).astype(np.float32), read_idx(folder / f"{part}-labels-idx1-ubyte.gz")


def find_data(given: Path | None) -> Path:
    """The folder with the four MNIST files: the one given, or that of a clone of the project."""
    clone = Path("tests/data/mnist")
    candidates = [given] if given else [clone, Path(__file__).resolve().parents[3] / clone]
    for folder in candidates:
        if (folder / "train-images-idx3-ubyte.gz").is_file():
            return folder
    sys.exit(
        f"The MNIST files are not in {' or '.join(str(c) for c in candidates)}.\n"
        "Run this in a clone of the project, which has them in tests/data/mnist, or download the four files\n"
        "train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz\n"
        "of the MNIST database and say where they are: --data DIR"
    )


def plot(path: Path, losses: list[float], images: Array, truth: NDArray[np.uint8], probabilities: Array) -> None:
    """The loss while training, and the digits that were misread, the surest mistakes first."""
    try:
        import matplotlib
    except ImportError:
        sys.exit("--plot needs matplotlib: pip install matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    read = probabilities.argmax(1)
    wrong = np.flatnonzero(read != truth)
    wrong = wrong[np.argsort(-probabilities[wrong, read[wrong]])][:40]
    figure = plt.figure(figsize=(12, 5), layout="constrained")
    grid = figure.add_gridspec(1, 2, width_ratios=(1, 1.4))
    left, right = figure.add_subfigure(grid[0]), figure.add_subfigure(grid[1])
    axes = left.subplots()
    axes.plot(losses, color="0.8", label="each batch")
    width = min(25, len(losses))
    axes.plot(
        np.arange(width - 1, len(losses)),
        np.convolve(losses, np.ones(width) / width, "valid"),
        label=f"mean of {width}",
    )
    axes.set(title="Loss while training", xlabel="batch", ylabel="softmax cross entropy", yscale="log")
    axes.legend()
    right.suptitle(f"{np.sum(read != truth)} of {len(truth)} misread (read, should be)")
    for cell in np.ravel(right.subplots(5, 8)):
        cell.set_axis_off()
    for cell, i in zip(right.axes, wrong, strict=False):
        cell.imshow(images[i, ..., 0], cmap="gray_r")
        cell.set_title(f"{read[i]}, {truth[i]}", fontsize=8)
    figure.savefig(path, dpi=100)
    print(f"wrote {path}")


def main(arguments: list[str] | None = None) -> float:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with the four MNIST files")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="write a picture: loss curve and misread digits")
    parser.add_argument("--quick", action="store_true", help="a tenth of the digits only")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)

    folder = find_data(options.data)
    images, labels = load(folder, "train")
    test_images, test_labels = load(folder, "t10k")
    if options.quick:
        images, labels = images[::10], labels[::10]
        test_images, test_labels = test_images[::10], test_labels[::10]

    network = DigitNetwork(options.learning_rate, options.seed)
    losses = train(network, images, labels, options.batch_size, options.seed)
    probabilities = classify(network, test_images)
    accuracy = float(np.mean(probabilities.argmax(1) == test_labels))
    print(f"{100 * accuracy:.2f} % of {len(test_labels)} test digits read correctly")
    if options.plot:
        plot(options.plot, losses, test_images, test_labels, probabilities)
    return accuracy


if __name__ == "__main__":
    main()
