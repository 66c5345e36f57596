"""What mpsnn takes besides computing: its import, a first answer, a node of a graph, the encode of a graph.

    python tests/bench/overhead.py
    python tests/bench/overhead.py --repeat 3 --calls 100 --networks SqueezeNet-1.1        # a short look

Prints a table in Markdown of the least times of several tries: what the machine does besides is not mpsnn's. Prints, never fails.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from engines import Task
from measure import take_turns
from networks import KNOWN

NODES = 100


def imports(module: str, repeat: int) -> float:
    """Seconds that the import takes in a Python of its own, beyond what Python takes to start."""
    program = f"import time; start = time.perf_counter(); import {module}; print(time.perf_counter() - start)"
    return min(float(subprocess.check_output([sys.executable, "-c", program])) for _ in range(repeat))


def first_answer(name: str, threads: int, repeat: int) -> float:
    task = Task(KNOWN[name], 1, threads)
    return min(take_turns(["mpsnn"], task, training=False, seconds=0, least=0)[0].first for _ in range(repeat))


def node_makers() -> dict[str, Callable[[Any], Any]]:
    """What makes a filter node of one pixel with four channels, by what it is."""
    import mpsnn as mps

    def weights() -> Any:
        d = mps.MPSCNNConvolutionDescriptor(
            kernel_width=1, kernel_height=1, input_feature_channels=4, output_feature_channels=4
        )
        return mps.ConvolutionWeights(d, np.eye(4, dtype=np.float32).ravel())

    return {
        "ReLU": lambda x: mps.MPSCNNNeuronReLUNode(x, a=0.5),
        "addition": lambda x: mps.MPSNNAdditionNode(x, x),
        "maximum of 3 x 3": lambda x: mps.MPSCNNPoolingMaxNode.with_filter_size(x, 3, 1),
        "soft maximum": mps.MPSCNNSoftMaxNode,
        "convolution": lambda x: mps.MPSCNNConvolutionNode(x, weights=weights()),
        "fully connected": lambda x: mps.MPSCNNFullyConnectedNode(x, weights=weights()),
    }


def graph_of(make: Callable[[Any], Any], nodes: int) -> Any:
    import mpsnn as mps

    x = mps.MPSNNImageNode("source")
    for _ in range(nodes):
        x = make(x).result_image
    graph = mps.MPSNNGraph(x)
    graph.format = mps.MPSImageFeatureChannelFormat.Float32
    return graph


def encodes(graph: Any, calls: int) -> tuple[list[float], list[float]]:
    """Seconds of every encode, and from the start of its commit to the end of the wait."""
    import mpsnn as mps

    queue, image = mps.CommandQueue(), mps.MPSImage(np.ones((1, 1, 4), np.float32))
    encoded, run = [], []
    for _ in range(calls):
        command_buffer = queue.command_buffer()
        start = time.perf_counter()
        graph.encode_to_command_buffer(command_buffer, [image])
        middle = time.perf_counter()
        command_buffer.commit()
        command_buffer.wait_until_completed()
        encoded.append(middle - start)
        run.append(time.perf_counter() - middle)
    return encoded, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="*", default=["ResNet-50"], choices=list(KNOWN), metavar="NAME")
    parser.add_argument("--repeat", type=int, default=7, help="tries of imports and first answers")
    parser.add_argument("--calls", type=int, default=2000, help="tries of encodes and runs")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    print("| what | time |\n|---|---|")

    def row(what: str, seconds: float, unit: str) -> None:
        number = seconds * {"ms": 1e3, "µs": 1e6}[unit]
        print(f"| {what} | {number:.{1 if number >= 1 else 3}f} {unit} |", flush=True)

    for module in ("numpy", "mpsnn"):
        row(f"`import {module}`", imports(module, options.repeat), "ms")
    for name in options.networks:
        row(f"first answer of {name}", first_answer(name, options.threads, options.repeat), "ms")
    for what, make in node_makers().items():
        # The whole call, all of it shared out to the nodes; and what each node more adds.
        one, many = (encodes(graph_of(make, nodes), options.calls)[1] for nodes in (1, NODES))
        row(f"graph of {NODES} nodes ({what}), for each: commit, run, wait", min(many) / NODES, "µs")
        row("- each node more", (min(many) - min(one)) / (NODES - 1), "µs")
    encoded, run = encodes(graph_of(node_makers()["ReLU"], 1), options.calls)
    row("encode of a graph of one node", min(encoded), "µs")
    row("- median", statistics.median(encoded), "µs")
    row("its commit, run and wait, median", statistics.median(run), "µs")


if __name__ == "__main__":
    main()
