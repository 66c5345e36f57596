"""How mpsnn's time and memory grow with the batch, with pixels and with layers.

    python tests/bench/growth.py
    python tests/bench/growth.py --most 8 --layers 10 20 --calls 3        # a short look

The network is a chain of layers, each a 3 x 3 convolution of 16 channels and a rectifier. Prints tables in Markdown: beside each time what
it is for an image, a pixel or a layer, relative to the first row; 1.00 all the way down is linear. Times of layers are medians of three
processes; planning is what the first run takes longer than the fastest one. Memory is what making the graph and its first run add to the
process. Prints, never fails.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from measure import forget_peak, in_process, megabytes

CHANNELS = 16


@dataclass
class Chain:
    """A chain of layers over images of `side` x `side` pixels, run and measured."""

    layers: int
    side: int
    batch: int = 1
    training: bool = False
    calls: int = 10

    def __post_init__(self) -> None:
        import mpsnn as mps

        rng = np.random.default_rng(0)
        optimizer = mps.MPSNNOptimizerStochasticGradientDescent.with_learning_rate(1e-9) if self.training else None
        d = mps.MPSCNNConvolutionDescriptor(
            kernel_width=3, kernel_height=3, input_feature_channels=CHANNELS, output_feature_channels=CHANNELS
        )
        # Layers that hand on what they get: numbers would not stay finite through thousands of others.
        weights = np.zeros((CHANNELS, 3, 3, CHANNELS), np.float32)
        weights[:, 1, 1] = np.eye(CHANNELS)
        sources = [mps.ConvolutionWeights(d, weights, optimizer=optimizer) for _ in range(self.layers)]
        images = rng.random((self.batch, self.side, self.side, CHANNELS), np.float32)
        before = megabytes("VmRSS")
        forget_peak()

        start = time.perf_counter()
        x = mps.MPSNNImageNode("source")
        for source in sources:
            x = mps.MPSCNNNeuronReLUNode(mps.MPSCNNConvolutionNode(x, weights=source).result_image, a=0).result_image
        if self.training:
            kind = mps.MPSCNNLossDescriptor(
                mps.MPSCNNLossType.MeanSquaredError, reduction_type=mps.MPSCNNReductionType.Sum
            )
            loss = mps.MPSCNNLossNode(x, loss_descriptor=kind)
            (last,) = loss.training_graph_with_source_gradient(None)
            graph = mps.MPSNNGraph(last.result_image, result_image_is_needed=False)
        else:
            graph = mps.MPSNNGraph(x)
        graph.format = mps.MPSImageFeatureChannelFormat.Float32
        self.making = time.perf_counter() - start

        run = self.step(mps, graph, images) if self.training else lambda: graph(images)
        first = timed(run)
        self.time = min([first, *(timed(run) for _ in range(self.calls))])
        self.planning = first - self.time
        self.megabytes = megabytes("VmHWM") - before

    def step(self, mps: Any, graph: Any, images: np.ndarray) -> Callable[[], None]:
        queue, source = mps.CommandQueue(), mps.MPSImage(images).batch_representation()
        labels = mps.MPSCNNLossLabels.batch(np.zeros_like(images))

        def run() -> None:
            with queue.command_buffer() as command_buffer:
                graph.encode_batch_to_command_buffer(command_buffer, [source], [labels])

        return run


def memory(layers: int, side: int) -> float:
    """In a process that has run nothing else but a small graph."""
    Chain(2, 8, calls=0)
    return Chain(layers, side, calls=0).megabytes


def layer_times(layers: int, training: bool, calls: int, threads: int) -> list[float]:
    """In a process of its own: what an earlier graph left would save the next one from touching new memory."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    Chain(2, 32, calls=1)  # what only the first graph of a process takes
    c = Chain(layers, 32, training=training, calls=calls)
    return [1e3 * c.making, 1e3 * c.planning, 1e3 * c.time]


def timed(run: Callable[[], Any]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def table(what: str, counts: list[int], columns: list[str], measure: Callable[[int], list[float]]) -> None:
    """A row for each count: each number, and what it is for one, relative to the first row."""
    print("\n| " + " | ".join([what, *columns]) + " |\n|" + "---|" * (len(columns) + 1))
    base: list[float] = []
    for count in counts:
        numbers = measure(count)
        base = base or [n / count for n in numbers]
        cells = [f"{n:.3g} ({n / count / b:.2f})" if b else f"{n:.3g}" for n, b in zip(numbers, base, strict=True)]
        print("| " + " | ".join([str(count), *cells]) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=64, help="images, and times the pixels, in the last row")
    parser.add_argument("--layers", type=int, nargs="*", default=[125, 250, 500, 1000, 2000, 4000])
    parser.add_argument("--calls", type=int, default=10, help="runs of which the least time counts")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    doubled = [2**i for i in range(options.most.bit_length())]

    def by_batch(count: int) -> list[float]:
        return [1e3 * Chain(8, 32, batch=count, calls=options.calls).time]

    def by_pixels(count: int) -> list[float]:
        return [1e3 * Chain(8, round(32 * count**0.5), calls=options.calls).time]

    def by_layers(count: int, training: bool = False) -> list[float]:
        rows: list[list[float]] = [
            in_process(layer_times, count, training, options.calls, options.threads) for _ in range(3)
        ]
        return [statistics.median(numbers) for numbers in zip(*rows, strict=True)]

    Chain(2, 32, calls=1)  # what only the first graph of a process takes
    table("images", doubled, ["run, ms"], by_batch)
    table("times 32 x 32 pixels", doubled[::2], ["run, ms"], by_pixels)
    columns = ["making nodes and graph, ms", "planning and first use, ms", "run, ms"]
    table("layers", options.layers, columns, by_layers)
    table("layers in training", options.layers, columns, lambda count: by_layers(count, True))

    side = 256
    layer = side * side * CHANNELS * 4 / 2**20
    print(
        f"\nA layer of {side} x {side} pixels takes {layer:.0f} MB, the result of the graph is one, the source is not counted."
    )
    print("\n| layers | memory, MB | with images of 8 x 8 pixels, MB | the difference, layers |\n|---|---|---|---|")
    for count in options.layers:
        if count > 1000:
            break
        large, small = (in_process(memory, count, pixels) for pixels in (side, 8))
        print(f"| {count} | {large:.0f} | {small:.0f} | {(large - small) / layer:.1f} |", flush=True)


if __name__ == "__main__":
    main()
