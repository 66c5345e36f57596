"""mpsnn."""

from __future__ import annotations

from typing import Any

import mpsnn as mps
import numpy as np

from builders.nodes import Nodes
from engines import Run, Task


def inference(task: Task) -> Run:
    b = Nodes()
    graph = mps.MPSNNGraph(task.network.build(b, b.source(task.network.image))[0])
    graph.format = mps.MPSImageFeatureChannelFormat.Float32
    x = task.images()
    return lambda: graph(x)


def training(task: Task) -> Run:
    b = Nodes(mps.MPSNNOptimizerStochasticGradientDescent.with_learning_rate(1e-4))
    result, *shape = task.network.build(b, b.source(task.network.image))
    height, width, channels = shape
    if task.network.loss == "softmax":
        kind, elements = mps.MPSCNNLossType.SoftMaxCrossEntropy, task.batch * height * width
        truth = np.eye(channels, dtype=np.float32)[task.labels(height, width, channels)]
    else:
        kind, elements = mps.MPSCNNLossType.MeanSquaredError, task.batch * height * width * channels
        truth = task.targets((height, width, channels))
    descriptor = mps.MPSCNNLossDescriptor(kind, reduction_type=mps.MPSCNNReductionType.Sum)
    descriptor.weight = 1 / elements
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
