"""Times inference and training steps of known networks on mpsnn and on other engines, interleaved in one run.

    python tests/bench/run.py                      # everything that is installed
    python tests/bench/run.py --networks ResNet-18 --training

Prints a table in Markdown: the median of each engine, relative to the best of the row, and the most memory its process held. Each
engine runs in a process of its own, so that memory is its own and thread pools do not meet; the processes take turns, one
measurement each. Prints, never fails.
"""

from __future__ import annotations

import argparse
import importlib.util
import multiprocessing as mp
import os
import resource
import statistics
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from builders import Nodes, Onnx, Torch
from networks import NETWORKS, Network

Run = Callable[[], Any]
PAUSE = 0.02  # seconds: thread pools spin for a while after their work
ENGINES = {"mpsnn": "mpsnn", "PyTorch": "torch", "ONNX Runtime": "onnxruntime", "OpenVINO": "openvino"}


def images(network: Network, batch: int) -> np.ndarray:
    return np.random.default_rng(1).random((batch, *network.image), dtype=np.float32)


def labels(network: Network, batch: int) -> np.ndarray:
    return np.arange(batch) * 7 % network.classes


def planar(x: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2))


def mpsnn_inference(network: Network, batch: int, threads: int) -> Run:
    import mpsnn as mps

    b = Nodes()
    graph = mps.MPSNNGraph(network.build(b, b.source(network.image))[0])
    graph.format = mps.MPSImageFeatureChannelFormat.Float32
    x = images(network, batch)
    return lambda: graph(x).reshape(batch, -1)


def mpsnn_training(network: Network, batch: int, threads: int) -> Run:
    import mpsnn as mps

    b = Nodes(mps.MPSNNOptimizerStochasticGradientDescent.with_learning_rate(1e-4))
    scores = network.build(b, b.source(network.image))[0]
    descriptor = mps.MPSCNNLossDescriptor(
        mps.MPSCNNLossType.SoftMaxCrossEntropy, reduction_type=mps.MPSCNNReductionType.Sum
    )
    descriptor.weight = 1 / batch
    loss = mps.MPSCNNLossNode(scores, loss_descriptor=descriptor)
    (last,) = loss.training_graph_with_source_gradient(None)
    graph = mps.MPSNNGraph(last.result_image, result_image_is_needed=False)
    queue = mps.CommandQueue()
    source = mps.MPSImage(images(network, batch)).batch_representation()
    truth = mps.MPSCNNLossLabels.batch(np.eye(network.classes, dtype=np.float32)[labels(network, batch)][:, None, None])

    def step() -> Any:
        with queue.command_buffer() as command_buffer:
            graph.encode_batch_to_command_buffer(command_buffer, [source], [truth])
        return sum(label.loss_image().to_numpy().item() for label in truth)

    return step


def torch_inference(network: Network, batch: int, threads: int) -> Run:
    import torch

    torch.set_num_threads(threads)
    b = Torch()
    x = torch.from_numpy(planar(images(network, batch))).contiguous(memory_format=torch.channels_last)

    def run() -> Any:
        b.begin()
        with torch.inference_mode():
            return network.build(b, x).flatten(1).numpy()

    run()
    b.end()
    return run


def torch_training(network: Network, batch: int, threads: int) -> Run:
    import torch

    torch.set_num_threads(threads)
    b = Torch(training=True)
    x = torch.from_numpy(planar(images(network, batch))).contiguous(memory_format=torch.channels_last)
    truth = torch.from_numpy(labels(network, batch))
    network.build(b, x)
    b.end()
    optimizer = torch.optim.SGD([p for p in b.parameters if p.requires_grad], lr=1e-4)

    def step() -> Any:
        b.begin()
        loss = torch.nn.functional.cross_entropy(network.build(b, x).flatten(1), truth)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def onnx_model(network: Network, batch: int) -> bytes:
    b = Onnx()
    return b.model(network.build(b, ("source", *network.image)), network.image, batch)


def onnxruntime_inference(network: Network, batch: int, threads: int) -> Run:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(onnx_model(network, batch), options, providers=["CPUExecutionProvider"])
    x = planar(images(network, batch))
    return lambda: session.run(None, {"source": x})[0].reshape(batch, -1)


def openvino_inference(network: Network, batch: int, threads: int) -> Run:
    import openvino

    core = openvino.Core()
    settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    request = core.compile_model(core.read_model(onnx_model(network, batch)), "CPU", settings).create_infer_request()
    x = planar(images(network, batch))
    return lambda: request.infer({0: x}, share_inputs=True)[0].reshape(batch, -1)


MAKERS = {
    ("mpsnn", False): mpsnn_inference, ("mpsnn", True): mpsnn_training,
    ("PyTorch", False): torch_inference, ("PyTorch", True): torch_training,
    ("ONNX Runtime", False): onnxruntime_inference, ("OpenVINO", False): openvino_inference,
}  # fmt: skip


def serve(pipe: Connection, engine: str, network: str, batch: int, training: bool, threads: int) -> None:
    """In the engine's process: makes the network, then times one call for each message."""
    try:
        start = time.perf_counter()
        run = MAKERS[engine, training](NETWORKS[network], batch, threads)
        answer = np.asarray(run())
        pipe.send((time.perf_counter() - start, answer))
        while pipe.recv():
            start = time.perf_counter()
            run()
            pipe.send(time.perf_counter() - start)
        pipe.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    except Exception as error:  # the table says so and goes on
        pipe.send(error)


class Engine:
    def __init__(self, name: str, *arguments: Any) -> None:
        self.name, self.times = name, []
        self.pipe, theirs = mp.Pipe()
        self.process = mp.get_context("spawn").Process(target=serve, args=(theirs, name, *arguments), daemon=True)
        self.process.start()
        self.first = self.ask(None)

    def ask(self, question: Any) -> Any:
        if question is not None:
            self.pipe.send(question)
        answer = self.pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> float:
        megabytes: float = self.ask(False)
        self.process.join()
        return megabytes


def measure(name: str, batch: int, training: bool, engines: list[str], seconds: float, threads: int) -> str:
    started = []
    for engine in engines:
        if (engine, training) not in MAKERS:
            continue
        try:
            started.append(Engine(engine, name, batch, training, threads))
        except Exception as error:
            print(f"<!-- {engine}, {name}: {error} -->")
    deadline = time.perf_counter() + seconds * len(started)
    while time.perf_counter() < deadline or len(started[0].times) < 5:
        for engine in started:
            time.sleep(PAUSE)
            engine.times.append(engine.ask(True))
    reference = started[0].first[1]
    medians = {e.name: statistics.median(e.times) for e in started}
    best = min(medians.values())
    cells = {}
    for e in started:
        error = np.abs(e.first[1] - reference).max() / np.abs(reference).max()
        note = "" if error < 1e-3 else f" (differs by {error:.0e})"
        cells[e.name] = f"{medians[e.name] / best:.2f}, {e.close():.0f} MB{note}"
    row = [
        name + (" training" if training else ""),
        str(batch),
        *(cells.get(n, "–") for n in engines),
        f"{1e3 * best:.1f} ms",
    ]
    return "| " + " | ".join(row) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="*", default=list(NETWORKS), choices=list(NETWORKS), metavar="NAME")
    parser.add_argument("--engines", nargs="*", default=list(ENGINES), choices=list(ENGINES), metavar="NAME")
    parser.add_argument("--inference", action="store_true", help="only inference")
    parser.add_argument("--training", action="store_true", help="only training")
    parser.add_argument("--seconds", type=float, default=5, help="time for each engine on each row")
    parser.add_argument(
        "--threads", type=int, default=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2
    )
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))
    engines = [e for e in options.engines if importlib.util.find_spec(ENGINES[e])]
    print("| " + " | ".join(["network", "batch", *engines, "best"]) + " |")
    print("|" + "---|" * (len(engines) + 3))
    for name in options.networks:
        network = NETWORKS[name]
        if not options.training:
            for batch in network.batches:
                print(measure(name, batch, False, engines, options.seconds, options.threads), flush=True)
        if not options.inference:
            print(measure(name, network.training_batch, True, engines, options.seconds, options.threads), flush=True)


if __name__ == "__main__":
    main()
