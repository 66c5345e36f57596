"""mpsnn."""

from __future__ import annotations

from typing import Any

import mpsnn as mps
import numpy as np
from builders.nodes import Nodes

from engines import Load, Run, Task


def drawn(task: Task, optimizer: Any = None) -> tuple[Nodes, Any]:
    """A builder whose data sources are in memory, and the network's result as it made it."""
    b = Nodes(optimizer)
    return b, task.network.build(b, b.source(task.network.image))


def inference(task: Task) -> Load:
    b = drawn(task)[0]
    x = task.images()

    def load() -> Run:
        b.rewind()
        graph = mps.MPSNNGraph(task.network.build(b, b.source(task.network.image))[0])
        graph.format = mps.MPSImageFeatureChannelFormat.Float32
        return lambda: graph(x)

    return load


def training(task: Task) -> Load:
    optimizer = mps.MPSNNOptimizerStochasticGradientDescent.with_learning_rate(1e-4)
    b, (_, height, width, channels) = drawn(task, optimizer)
    if task.network.loss == "softmax":
        kind, elements = mps.MPSCNNLossType.SoftMaxCrossEntropy, task.batch * height * width
        truth = np.eye(channels, dtype=np.float32)[task.labels(height, width, channels)]
    else:
        kind, elements = mps.MPSCNNLossType.MeanSquaredError, task.batch * height * width * channels
        truth = task.targets((height, width, channels))
    descriptor = mps.MPSCNNLossDescriptor(kind, reduction_type=mps.MPSCNNReductionType.Sum)
    descriptor.weight = 1 / elements

    def load() -> Run:
        b.rewind()
        result = task.network.build(b, b.source(task.network.image))[0]
        loss = mps.MPSCNNLossNode(result, loss_descriptor=descriptor)
        (last,) = loss.training_graph_with_source_gradient(None)
        graph = mps.MPSNNGraph(last.result_image, result_image_is_needed=False)
        queue = mps.CommandQueue()
        source = mps.MPSImage(task.images()).batch_representation()
        labels = mps.MPSCNNLossLabels.batch(truth)

        def step() -> Any:
            with queue.command_buffer() as command_buffer:
                graph.encode_batch_to_command_buffer(command_buffer, [source], [labels])
            return sum(label.loss_image().to_numpy().sum() for label in labels)

        return step

    return load
