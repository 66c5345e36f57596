"""PyTorch: eagerly, in either of its layouts; compiled; and in float64, as what is true."""

from __future__ import annotations

from typing import Any

import torch
from builders.pytorch import Torch

from engines import Load, Run, Task


def forward(task: Task, b: Torch, compiled: bool) -> tuple[Any, tuple[int, ...]]:
    """A function of images, whose parameters have been drawn, and the shape of its result."""
    torch.set_num_threads(task.threads)

    def run(x: Any) -> Any:
        b.begin()
        return task.network.build(b, x)

    with torch.no_grad():
        shape = run(b.source(task.images()).to("meta")).shape  # computes nothing
    b.end()
    return (torch.compile(run) if compiled else run), shape


def inference_in(task: Task, b: Torch, compiled: bool = False) -> Load:
    network, _ = forward(task, b, compiled)
    x = b.source(task.images())

    def run() -> Any:
        with torch.inference_mode():
            return network(x).permute(0, 2, 3, 1).numpy()

    return lambda: run


def training_in(task: Task, b: Torch, compiled: bool = False) -> Load:
    network, (_, channels, height, width) = forward(task, b, compiled)
    x = b.source(task.images())
    labels = torch.from_numpy(task.labels(height, width, channels))
    targets = b.source(task.targets((height, width, channels)))

    def load() -> Run:
        optimizer = torch.optim.SGD([p for p in b.parameters if p.requires_grad], lr=1e-4)

        def step() -> Any:
            y = network(x)
            if task.network.loss == "softmax":
                loss = torch.nn.functional.cross_entropy(y, labels)
            else:
                loss = torch.nn.functional.mse_loss(y, targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss.item()

        return step

    return load


def inference(task: Task) -> Load:
    return inference_in(task, Torch())


def training(task: Task) -> Load:
    return training_in(task, Torch(training=True))


def planar_inference(task: Task) -> Load:
    return inference_in(task, Torch(memory_format=torch.contiguous_format))


def planar_training(task: Task) -> Load:
    return training_in(task, Torch(training=True, memory_format=torch.contiguous_format))


def compiled_inference(task: Task) -> Load:
    return inference_in(task, Torch(), compiled=True)


def compiled_training(task: Task) -> Load:
    return training_in(task, Torch(training=True), compiled=True)


def reference(task: Task) -> Load:
    return inference_in(task, Torch(dtype=torch.float64))


def training_reference(task: Task) -> Load:
    return training_in(task, Torch(training=True, dtype=torch.float64))
