"""Small networks, recording data sources and one-line runs for the tests of the graph's meaning and of bad input."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import mpsnn as mps
import numpy as np
import pytest
from numpy.typing import NDArray

Array = NDArray[Any]

Format = mps.MPSImageFeatureChannelFormat
Float16, Float32 = Format.Float16, Format.Float32
HWC, CHW = mps.MPSDataLayout.HeightxWidthxFeatureChannels, mps.MPSDataLayout.FeatureChannelsxHeightxWidth
Method = mps.MPSNNPaddingMethod
Style = mps.MPSNNTrainingStyle
Status = mps.MTLCommandBufferStatus


# --- images ---------------------------------------------------------------------------------------------------------


def ramp(*shape: int, start: float = 1, dtype: type = np.float32) -> Array:
    """Small numbers, all different: exact in float16 up to 2048 of them."""
    return np.arange(start, start + np.prod(shape), dtype=dtype).reshape(shape)


def image(array: Array) -> Any:
    return mps.MPSImage(np.ascontiguousarray(array))


def batch(array: Array) -> list[Any]:
    """N x H x W x C as a list of images."""
    return image(array).batch_representation()


def descriptor(height: int, width: int, channels: int, channel_format: Any = Float32, **more: Any) -> Any:
    return mps.MPSImageDescriptor(channel_format, width=width, height=height, feature_channels=channels, **more)


def temporary(command_buffer: Any, height: int, width: int, channels: int, channel_format: Any = Float32) -> Any:
    """A temporary image without contents of its own."""
    return mps.MPSTemporaryImage(command_buffer, image_descriptor=descriptor(height, width, channels, channel_format))


def values(x: Any) -> Array:
    """A copy of an image, or of a list of images."""
    return np.stack([values(i) for i in x]) if isinstance(x, list) else np.array(x.to_numpy())


# --- kernels made by hand -------------------------------------------------------------------------------------------


def blank(height: int, width: int, channels: int, fill: float = 7, count: int = 1) -> Any:
    """A destination whose contents show what was not written."""
    array = np.full((count, height, width, channels), fill, np.float32)
    return image(array if count > 1 else array[0])


def encoded(encode: Callable[[Any], Any]) -> Any:
    """What `encode` returns for a command buffer, when its work is done."""
    with mps.CommandQueue().command_buffer() as command_buffer:
        return encode(command_buffer)


def permanent(kernel: Any, **properties: Any) -> Any:
    """The kernel with properties set, its results permanent images."""
    kernel.destination_image_allocator = mps.MPSImage.default_allocator()
    for name, value in properties.items():
        setattr(kernel, name, value)
    return kernel


def refused(error: type[Exception], *words: str) -> Any:
    """The error is raised, with these patterns in this order in its message."""
    return pytest.raises(error, match="(?s)" + ".*".join(words))


def check_that_temporaries_are_read_once(kernel: Any, x: Array) -> None:
    """A chain of encodes whose images lie in the command buffer's memory; a second read is refused."""
    inputs = 2 if isinstance(kernel, mps.MPSCNNBinaryKernel) else 1
    copy = mps.MPSNNSlice()
    permanent(kernel)

    def chain(b: Any) -> Any:
        sources = [copy.encode_to_command_buffer(b, image(x)) for _ in range(inputs)]
        result = kernel.encode_to_command_buffer(b, *sources)
        assert [s.read_count for s in sources] == [0] * inputs
        with pytest.raises(mps.InvalidArgumentError, match="read"):
            kernel.encode_to_command_buffer(b, *sources)
        return result

    direct = encoded(lambda b: kernel.encode_to_command_buffer(b, *(image(x) for _ in range(inputs))))
    np.testing.assert_array_equal(values(encoded(chain)), values(direct))


# --- nodes ----------------------------------------------------------------------------------------------------------


def node(handle: Any = None, channel_format: Any = None) -> Any:
    """An input of a graph; any object, such as text, is a handle."""
    made = mps.MPSNNImageNode(handle)
    if channel_format is not None:
        made.format = channel_format
    return made


def linear(x: Any, a: float = 1, b: float = 0, label: str | None = None) -> Any:
    """A filter that computes a x + b."""
    made = mps.MPSCNNNeuronLinearNode(x, a=a, b=b)
    made.label = label
    return made


def relu(x: Any) -> Any:
    return mps.MPSCNNNeuronReLUNode(x, a=0)


def add(x: Any, y: Any) -> Any:
    return mps.MPSNNAdditionNode(x, y)


def padding(method: Any) -> Any:
    return mps.MPSNNDefaultPadding.padding_with_method(method)


def loss_node(x: Any, kind: str = "MeanSquaredError", weight: float = 1, label: str | None = None) -> Any:
    """The sum of a loss over each image."""
    made = mps.MPSCNNLossDescriptor(mps.MPSCNNLossType[kind], reduction_type=mps.MPSCNNReductionType.Sum)
    made.weight = weight
    made = mps.MPSCNNLossNode(x, loss_descriptor=made)
    made.label = label
    return made


def labels(array: Array) -> list[Any]:
    """One label object for each image of N x H x W x C."""
    return mps.MPSCNNLossLabels.batch(np.ascontiguousarray(array, np.float32))


def losses(states: Sequence[Any]) -> Array:
    return np.array([float(s.loss_image().to_numpy().ravel()[0]) for s in states])


# --- data sources that write down their calls -----------------------------------------------------------------------


class Convolution(mps.MPSCNNConvolutionDataSource):
    """Weights O x kH x kW x I; every call of the library's is noted in `log` as (label, method)."""

    def __init__(
        self, weights: Array, biases: Array | None = None, *, name: str | None = None, log: Any = None
    ) -> None:
        super().__init__()
        self.values = np.asarray(weights, np.float32)
        self.biases = None if biases is None else np.asarray(biases, np.float32)
        self.name = name
        self.log = [] if log is None else log
        self.shape = descriptor_of(self.values)
        self.failing: dict[str, BaseException] = {}

    def note(self, method: str) -> None:
        self.log.append((self.name, method))
        if method in self.failing:
            raise self.failing[method]

    def calls(self) -> list[str]:
        return [method for name, method in self.log if name == self.name]

    def load(self):
        self.note("load")
        return True

    def purge(self):
        self.note("purge")

    def label(self):
        return self.name

    def descriptor(self):
        self.note("descriptor")
        return self.shape

    def data_type(self):
        return mps.MPSDataType.Float32

    def kernel_weights_data_type(self):
        return mps.MPSDataType.Float32

    def weights(self):
        self.note("weights")
        return self.values

    def bias_terms(self):
        self.note("bias_terms")
        return self.biases


def descriptor_of(weights: Array) -> Any:
    o, h, w, i = np.shape(weights)
    return mps.MPSCNNConvolutionDescriptor(w, kernel_height=h, input_feature_channels=i, output_feature_channels=o)


class GPUConvolution(Convolution):
    """`update(command_buffer, gradient_state, source_state)` gives the new values; by default there are none."""

    update: Callable[..., Any] = staticmethod(lambda *arguments: None)

    def update_with_command_buffer(self, command_buffer, gradient_state, source_state):
        self.note("update_with_command_buffer")
        return self.update(command_buffer, gradient_state, source_state)


class CPUConvolution(Convolution):
    """Plain gradient descent with rate `rate`; keeps what it was given."""

    rate = 0.0
    changes = True

    def update_with_gradient_state(self, gradient_state, source_state):
        self.note("update_with_gradient_state")
        self.given = gradient_state, source_state
        self.gradient = gradient_state.gradient_for_weights.to_numpy().reshape(self.values.shape).copy()
        self.bias_gradient = gradient_state.gradient_for_biases.to_numpy().copy()
        self.in_use = source_state.weights.to_numpy().reshape(self.values.shape).copy()
        self.values = self.in_use - np.float32(self.rate) * self.gradient
        return self.changes


class BatchNormalization(mps.MPSCNNBatchNormalizationDataSource):
    """Gamma, beta, mean and variance for `channels`; calls are noted in `log`."""

    def __init__(self, channels: int, *, name: str | None = None, log: Any = None, **arrays: Any) -> None:
        super().__init__()
        self.channels = channels
        self.arrays = arrays
        self.name = name
        self.log = [] if log is None else log
        self.failing: dict[str, BaseException] = {}

    note = Convolution.note
    calls = Convolution.calls

    def load(self):
        self.note("load")
        return True

    def purge(self):
        self.note("purge")

    def label(self):
        return self.name

    def number_of_feature_channels(self):
        self.note("number_of_feature_channels")
        return self.channels

    def gamma(self):
        self.note("gamma")
        return self.arrays.get("gamma")

    def beta(self):
        self.note("beta")
        return self.arrays.get("beta")

    def mean(self):
        self.note("mean")
        return self.arrays.get("mean")

    def variance(self):
        self.note("variance")
        return self.arrays.get("variance")

    def epsilon(self):
        return self.arrays.get("epsilon", 0.0)


def convolution(x: Any, source: Any, label: str | None = None) -> Any:
    made = mps.MPSCNNConvolutionNode(x, weights=source)
    made.label = label
    return made


def identity_weights(channels: int, scale: float = 1) -> Array:
    """1 x 1 weights that multiply each channel by `scale`."""
    return scale * np.eye(channels, dtype=np.float32)[:, None, None, :]


# --- graphs ---------------------------------------------------------------------------------------------------------


def graph_of(*results: Any, needed: Sequence[bool] | None = None, channel_format: Any = Float32, **more: Any) -> Any:
    """A graph for filters or image nodes; results are float32 unless said otherwise."""
    nodes = [r.result_image if isinstance(r, mps.MPSNNFilterNode) else r for r in results]
    if len(nodes) == 1:
        graph = mps.MPSNNGraph(nodes[0], result_image_is_needed=needed is None or needed[0], **more)
    else:
        graph = mps.MPSNNGraph.with_result_images(nodes, results_are_needed=needed, **more)
    graph.format = channel_format
    return graph


class Run:
    """One encode, committed and waited for: `result`, `intermediates` and `states` as the library gave them."""

    def __init__(self, graph: Any, sources: Sequence[Any], states: Sequence[Any] | None = None) -> None:
        self.intermediates: list[Any] = []
        self.states: list[Any] = []
        is_batch = bool(sources) and isinstance(sources[0], list)
        encode = graph.encode_batch_to_command_buffer if is_batch else graph.encode_to_command_buffer
        with mps.CommandQueue().command_buffer() as command_buffer:
            self.result = encode(
                command_buffer,
                list(sources),
                states,
                intermediate_images=self.intermediates,
                destination_states=self.states,
            )


def run(graph: Any, *arrays: Array, states: Sequence[Any] | None = None) -> Run:
    """Runs on arrays H x W x C, or N x H x W x C for a batch."""
    return Run(graph, [batch(a) if np.ndim(a) == 4 else image(a) for a in arrays], states)


def result_of(graph: Any, *arrays: Array, states: Sequence[Any] | None = None) -> Array:
    return values(run(graph, *arrays, states=states).result)


def steps_of(graph: Any) -> list[str]:
    """The filters a graph runs, in order."""
    return [line for line in graph.debug_description.splitlines() if " = " in line]


def training_graph(loss: Any, style: Any = None, **more: Any) -> Any:
    """The graph of one training step, with the same style for all its filters."""

    def handler(gradient, inference, inference_source, gradient_source):
        if style is not None and isinstance(gradient, mps.MPSNNTrainableNode):
            gradient.training_style = style

    termini = loss.training_graph_with_source_gradient(None, handler)
    return graph_of(*termini, needed=[False] * len(termini), **more)


# --- processes ------------------------------------------------------------------------------------------------------


def python(code: str, timeout: float = 60, **more: Any) -> subprocess.CompletedProcess[str]:
    """Runs code in an interpreter of its own, with this folder on the path."""
    program = f"import sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\n" + textwrap.dedent(code)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=timeout, **more)
