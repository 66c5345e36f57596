"""What runs a network, for each engine, in three steps: `prepare(task)` puts weights and images into memory, in the form that the engine
wants from its user; the `load` that it returns makes the network; the `run` that this returns runs it once, and gives the result as
N x H x W x C numbers, or the loss of a training step.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from networks import Network

Run = Callable[[], Any]
Load = Callable[[], Run]
Prepare = Callable[["Task"], Load]


@dataclass(frozen=True)
class Task:
    network: Network
    batch: int
    threads: int

    def images(self) -> np.ndarray:
        """N x H x W x C, in 0 ... 1."""
        return np.random.default_rng(1).random((self.batch, *self.network.image), dtype=np.float32)

    def labels(self, height: int, width: int, classes: int) -> np.ndarray:
        """What every pixel of the result shows, N x H x W."""
        return np.arange(self.batch * height * width).reshape(self.batch, height, width) * 7 % classes

    def targets(self, shape: tuple[int, ...]) -> np.ndarray:
        return np.random.default_rng(2).random((self.batch, *shape), dtype=np.float32)


def planar(x: np.ndarray) -> np.ndarray:
    """N x C x H x W of N x H x W x C."""
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2))


# Engine: (module that it needs, module here, function for inference, function for training). What is in brackets is a way to use
# the engine: a table has the fastest of them.
ENGINES = {
    "mpsnn": ("mpsnn", "mpsnn_graphs", "inference", "training"),
    "PyTorch": ("torch", "pytorch", "inference", "training"),
    "PyTorch (planar)": ("torch", "pytorch", "planar_inference", "planar_training"),
    "PyTorch (compiled)": ("torch", "pytorch", "compiled_inference", "compiled_training"),
    "ONNX Runtime": ("onnxruntime", "onnx_readers", "onnxruntime_inference", None),
    "OpenVINO": ("openvino", "onnx_readers", "openvino_inference", None),
    "ncnn": ("ncnn", "onnx_readers", "ncnn_inference", None),
    "MNN": ("MNN", "onnx_readers", "mnn_inference", None),
    "float64": ("torch", "pytorch", "reference", "training_reference"),
}


def is_installed(engine: str) -> bool:
    return importlib.util.find_spec(ENGINES[engine][0]) is not None


def can(engine: str, training: bool) -> bool:
    return ENGINES[engine][2 + training] is not None


def prepare(engine: str, training: bool, task: Task) -> Load:
    _, module, *functions = ENGINES[engine]
    make: Prepare = getattr(importlib.import_module(f"engines.{module}"), functions[training])
    return make(task)
