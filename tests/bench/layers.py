"""What each layer of a network takes in mpsnn, and how much of the machine it uses.

    python tests/bench/layers.py ResNet-50
    python tests/bench/layers.py ResNet-18 --training --batch 8 --threads 1

Prints a table in Markdown, one line for each step of the plan: the filters fused into it, the kernel chosen, the shape of the result,
multiply-adds (of convolutions and fully connected filters), megabytes that it reads and writes at least, the median time, GFLOP/s (two
for each multiply-add) and the share of the peak, which is that of NumPy's matrix product, measured before, and GB/s. Prints, never fails.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from engines import Task
from measure import in_process
from networks import KNOWN

PREFIX = "mpsnn step\t"


@dataclass
class Step:
    """A line of MPSNN_TRACE=steps."""

    microseconds: float
    node: str
    kernel: str
    sources: list[list[int]]  # N, H, W, C
    result: list[int]  # empty where nobody reads the image
    weights: int
    state_bytes: int

    @classmethod
    def of(cls, line: str) -> Step:
        microseconds, node, kernel, sources, result, weights, states = line.split("\t")
        shapes = [[int(n) for n in shape.split("x")] for shape in sources.split(",") if shape]
        made = [int(n) for n in result.split("x")] if result else []
        return cls(float(microseconds), node, kernel, shapes, made, int(weights), int(states))

    @property
    def has_taps(self) -> bool:
        return self.node.startswith(("MPSCNNConvolution", "MPSCNNFullyConnected"))

    @property
    def multiply_adds(self) -> int:
        """Every weight once for each pixel where the windows lie, those that the border cuts off counted as well."""
        if not self.has_taps:
            return 0
        is_gradient, is_transposed = "Gradient" in self.node, "ConvolutionTranspose" in self.node
        # The sources of a gradient filter are the incoming gradient and the forward source.
        windows = self.sources[int(is_transposed)] if is_gradient else self.sources[0] if is_transposed else self.result
        if "FullyConnected" in self.node:
            windows = [windows[0], 1, 1, 0]
        halves = (bool(self.result) + bool(self.state_bytes)) if is_gradient else 1
        return halves * self.weights * math.prod(windows[:3])

    @property
    def bytes(self) -> int:
        images = sum(math.prod(shape) for shape in (*self.sources, *([self.result] if self.result else [])))
        return 4 * (images + (self.weights if self.has_taps else 0)) + self.state_bytes


@contextmanager
def standard_error(lines: list[str]) -> Iterator[None]:
    """Takes what the process writes there."""
    with tempfile.TemporaryFile("w+") as file:
        kept = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            lines += file.read().splitlines()


def steps_of(run: Callable[[], Any]) -> list[Step]:
    lines: list[str] = []
    with standard_error(lines):
        run()
    return [Step.of(line.removeprefix(PREFIX)) for line in lines if line.startswith(PREFIX)]


def peak(size: int = 1536, calls: int = 10) -> float:
    """GFLOP/s of a matrix product."""
    a, b = (np.random.default_rng(i).random((size, size), np.float32) for i in (0, 1))
    out = np.empty_like(a)
    times = []
    for _ in range(calls):
        start = time.perf_counter()
        np.matmul(a, b, out=out)
        times.append(time.perf_counter() - start)
    return 2e-9 * size**3 / min(times)


def row(node: str, kernel: str, result: str, macs: float, size: float, seconds: float, most: float) -> str:
    rate, share = "", ""
    if macs:
        rate, share = f"{2e-9 * macs / seconds:.0f}", f"{100 * 2e-9 * macs / seconds / most:.0f} %"
    cells = [node, kernel, result, f"{1e-9 * macs:.3f}" if macs else "", f"{1e-6 * size:.2f}", f"{1e3 * seconds:.3f}"]
    return "| " + " | ".join([*cells, rate, share, f"{1e-9 * size / seconds:.1f}"]) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=list(KNOWN), metavar="NETWORK", help=", ".join(KNOWN))
    parser.add_argument("--training", action="store_true", help="a training step, not inference")
    parser.add_argument("--batch", type=int, help="default: the first of those that run.py takes")
    parser.add_argument("--calls", type=int, default=20, help="calls of which the median counts")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options = parser.parse_args()
    network = KNOWN[options.network]
    batch = options.batch or ((network.training_batches if options.training else network.batches) or (1,))[0]
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    most = in_process(peak)  # NumPy counts its threads when it is imported
    os.environ["MPSNN_TRACE"] = "steps"  # read once
    from engines import mpsnn_graphs

    prepare = mpsnn_graphs.training if options.training else mpsnn_graphs.inference
    run = prepare(Task(network, batch, options.threads))()
    steps_of(run)
    calls = [steps_of(run) for _ in range(options.calls)]
    print(f"{options.network}, batch {batch}, {options.threads} threads; peak {most:.0f} GFLOP/s\n")
    print("| node | kernel | result | GMAC | MB | ms | GFLOP/s | of the peak | GB/s |\n" + "|---" * 9 + "|")
    total = 0.0
    for same in zip(*calls, strict=True):
        step, seconds = same[0], 1e-6 * statistics.median(s.microseconds for s in same)
        total += seconds
        shape = " x ".join(map(str, step.result))
        print(row(step.node, step.kernel, shape, step.multiply_adds, step.bytes, seconds, most))
    steps = calls[0]
    print(row("all", "", "", sum(s.multiply_adds for s in steps), sum(s.bytes for s in steps), total, most))


if __name__ == "__main__":
    main()
