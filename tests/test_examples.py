"""The worked examples of `data/examples`, through the public interface, on every device and implementation.

Every example is run, or stands in `NOT_AN_OPERATION`.
What a kernel takes beyond its node's arguments (offset, edge mode, result size) comes from a padding policy written
here.
"""

from __future__ import annotations

import functools
import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from apple_names import snake
from numpy.typing import NDArray

Array = NDArray[Any]
Example = dict[str, Any]

FOLDER = Path(__file__).parent / "data" / "examples"
PAGES = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
EXAMPLES: dict[str, Example] = {e["id"]: e | {"page": page} for page, d in PAGES.items() for e in d["examples"]}

# Looked at by tests of their own, at the end of this file.
NOT_AN_OPERATION = {"philox4x32_10_vectors"}

# Device -> examples that it refuses with Unsupported. A refusal that is not listed fails, and so does one that is gone.
UNSUPPORTED: dict[str, set[str]] = {}

# Intermediate values of the definitions, which no node hands out.
NOT_HANDED_OUT = {
    "before_neuron",
    "beta",
    "clamp_mask",
    "dequantised_weights",
    "folded_bias",
    "folded_weights",
    "intermediate",
    "positions_x",
    "positions_y",
    "weights_as_float16",
}


def runnable(*pages: str) -> list[str]:
    left_out = NOT_AN_OPERATION | set(KERNELS)
    return [name for name, e in EXAMPLES.items() if e["page"] in pages and name not in left_out]


# ---- numbers ----


def numbers(value: Any, dtype: type = np.float32) -> Array:
    """A nested list, or a buffer {shape, data}, with "nan" and "inf" as strings."""
    if isinstance(value, dict):
        return np.array(value["data"], np.float64).astype(dtype).reshape(value["shape"])
    return np.array(value, dtype=object).astype(np.float64).astype(dtype)


def assert_close(actual: Array, expected: Any, page: str, what: str) -> None:
    wanted = numbers(expected, np.float64)
    assert actual.size == wanted.size, f"{what}: shape {actual.shape}, expected {wanted.shape}"
    if actual.ndim == wanted.ndim == 4:
        assert actual.shape == wanted.shape, f"{what}: shape {actual.shape}, expected {wanted.shape}"
    tolerance = PAGES[page]["tolerance"]
    np.testing.assert_allclose(
        actual.astype(np.float64).ravel(),
        wanted.ravel(),
        rtol=tolerance["relative"],
        atol=tolerance["absolute"],
        err_msg=what,
    )


# ---- the engine ----


@functools.cache
def engine() -> Any:
    import mpsnn

    return mpsnn


def implementations(nodes: list[Any], device: Any) -> list[str | None]:
    """The device's own choice first, then everything that any node of the network has."""
    return [None, *dict.fromkeys(name for node in nodes for name in engine().implementations(node, device))]


def to_array(batch: Any) -> Array:
    return np.stack([np.array(image.to_numpy()) for image in batch])


def run(network: Network, device: Any, implementation: str | None) -> list[dict[str, Array]]:
    """The outputs of each run by name. One graph, so that later runs see what earlier ones changed."""
    mpsnn = engine()
    for image in network.images.values():  # the graph's own allocator makes only the first
        image.image_allocator = mpsnn.MPSImage.default_allocator()
    graph = mpsnn.MPSNNGraph.with_result_images(list(network.images.values()), device=device)
    graph.format = mpsnn.MPSImageFeatureChannelFormat.Float32
    graph.implementation = implementation
    answers = []
    for _ in range(network.runs):
        sources = [mpsnn.MPSImage(a.copy()).batch_representation() for a in network.sources]
        labels = network.labels(device)
        states = [labels] if labels else None
        others: list[Any] = []
        with mpsnn.CommandQueue(device=device).command_buffer() as command_buffer:
            first = graph.encode_batch_to_command_buffer(command_buffer, sources, states, others)
        outputs = dict(zip(network.images, map(to_array, [first, *others]), strict=True))
        if labels:
            outputs["loss"] = to_array([label.loss_image() for label in labels])
        answers.append(outputs | network.after())
    return answers


def make_policy(size: tuple[int, int] | None, **properties: Any) -> Any:
    """A padding policy that sets kernel properties and the result's width and height."""
    mpsnn = engine()

    class Policy(mpsnn.MPSNNPadding):
        def padding_method(self) -> Any:
            return mpsnn.MPSNNPaddingMethod.Custom

        def label(self) -> str:
            return "example"

        def destination_image_descriptor_for_source_images(
            self, source_images: Any, source_states: Any, kernel: Any, suggested_descriptor: Any
        ) -> Any:
            for name, value in properties.items():
                setattr(kernel, name, value)
            if size is not None:
                suggested_descriptor.width, suggested_descriptor.height = size
            return suggested_descriptor

    return Policy()


def place(node: Any, params: dict[str, Any], destination: Any) -> Any:
    """Gives a node the example's kernel properties and result size."""
    mpsnn = engine()
    properties: dict[str, Any] = {}
    if "offset" in params:
        properties["offset"] = mpsnn.MPSOffset(*params["offset"], 0)
    if "edgeMode" in params:
        properties["edge_mode"] = getattr(mpsnn.MPSImageEdgeMode, params["edgeMode"].capitalize())
    if "kernelOffset" in params:
        properties["kernel_offset_x"], properties["kernel_offset_y"] = params["kernelOffset"]
    for name in ("zeroPadSizeX", "zeroPadSizeY"):
        if name in params:
            properties[snake(name)] = params[name]
    height, width = numbers(destination).shape[1:3]
    node.padding_policy = make_policy((width, height), **properties)
    return node


def set_properties(thing: Any, params: dict[str, Any], *names: str) -> None:
    for name in names:
        if name in params:
            setattr(thing, snake(name), params[name])


def neuron_descriptor(params: dict[str, Any]) -> Any:
    mpsnn = engine()
    if "aArray" in params:
        return mpsnn.MPSNNNeuronDescriptor.cnn_neuron_prelu_descriptor(numbers(params["aArray"]), False)
    constants = {name: params[name] for name in "abc" if params.get(name) is not None}
    return mpsnn.MPSNNNeuronDescriptor(mpsnn.MPSCNNNeuronType(params["type"]), **constants)


# ---- networks ----


def nothing() -> dict[str, Array]:
    return {}


@dataclass
class Network:
    """What an example is made of: nodes, their sources in the order a graph meets them, and what to look at."""

    sources: list[Array]
    nodes: list[Any] = field(default_factory=list)
    images: dict[str, Any] = field(default_factory=dict)  # name of an expected value -> node that computes it
    labels: Callable[[Any], list[Any]] = lambda device: []  # made for a device: states must not be used twice
    after: Callable[[], dict[str, Array]] = nothing
    runs: int = 1

    def forward(self, node: Any, name: str | None = "destination") -> Any:
        self.nodes.append(node)
        if name is not None:
            self.images[name] = node.result_image
        return node

    def backward(self, node: Any, gradient: Any, *names: str) -> Any:
        """Gradient nodes of `node`, for the incoming gradient image node; one name for each."""
        made = node.gradient_filters_with_sources([gradient])
        for gradient_node, name in zip(made, names, strict=True):
            self.nodes.append(gradient_node)
            self.images[name] = gradient_node.result_image
        return made[0]


Variant = tuple[str, Callable[[], Network], list[dict[str, Any]]]  # a name, how to build it, the answers of its runs


def image_nodes(count: int) -> list[Any]:
    return [engine().MPSNNImageNode() for _ in range(count)]


def unary(example: Example, make: Callable[[Any], Any], backward: bool = True) -> Callable[[], Network]:
    """One node with one source, and its gradient if the example has one."""

    def build() -> Network:
        inputs = example["inputs"]
        source, gradient = image_nodes(2)
        network = Network([numbers(inputs["source"])])
        node = network.forward(make(source))
        if backward and "source_gradient" in inputs:
            network.sources.append(numbers(inputs["source_gradient"]))
            network.backward(node, gradient, "destination_gradient")
        return network

    return build


# ---- convolution ----


def convolution_descriptor(example: Example) -> Any:
    mpsnn, params = engine(), example["params"]
    cls = getattr(mpsnn, example.get("descriptor", "MPSCNNConvolutionDescriptor"))
    descriptor = cls(
        params["kernelWidth"],
        kernel_height=params["kernelHeight"],
        input_feature_channels=params["inputFeatureChannels"],
        output_feature_channels=params["outputFeatureChannels"],
    )
    set_properties(descriptor, params, "strideInPixelsX", "strideInPixelsY", "dilationRateX", "dilationRateY", "groups")
    set_properties(descriptor, params, "subPixelScaleFactor")
    if "channelMultiplier" in params:
        assert descriptor.channel_multiplier == params["channelMultiplier"]
    if "fusedNeuron" in params:
        descriptor.fused_neuron_descriptor = neuron_descriptor(params["fusedNeuron"])
    if "batchNormalization" in params:
        given = dict(params["batchNormalization"])
        epsilon = given.pop("epsilon")
        arrays = {name: numbers(values) for name, values in given.items()}
        descriptor.set_batch_normalization_parameters_for_inference_with_mean(**arrays, epsilon=epsilon)
    return descriptor


def ready_weights(example: Example, kernel_type: str = "Float32") -> Any:
    """The library's own data source."""
    mpsnn, params, inputs = engine(), example["params"], example["inputs"]
    extra: dict[str, Any] = {}
    if "rangesForUInt8Kernel" in params:
        extra["ranges"] = numbers(params["rangesForUInt8Kernel"])
    if "lut" in inputs:
        extra["lookup_table"] = numbers([inputs["lut"].get(str(i), 0) for i in range(256)])
    return mpsnn.ConvolutionWeights(
        convolution_descriptor(example),
        weights=numbers(inputs["weights"], np.uint8 if params.get("dataType") == 8 else np.float32),
        biases=None if inputs["bias"] is None else numbers(inputs["bias"]),
        kernel_weights_data_type=getattr(mpsnn.MPSDataType, kernel_type),
        **extra,
    )


def own_weights(example: Example, recorded: dict[str, Array]) -> Any:
    """A data source written by the user, which notes the gradients and leaves the weights alone."""
    mpsnn, inputs = engine(), example["inputs"]
    descriptor = convolution_descriptor(example)

    class Weights(mpsnn.MPSCNNConvolutionDataSource):
        def load(self) -> bool:
            return True

        def purge(self) -> None:
            pass

        def label(self) -> str:
            return example["id"]

        def descriptor(self) -> Any:
            return descriptor

        def data_type(self) -> Any:
            return mpsnn.MPSDataType.Float32

        def kernel_weights_data_type(self) -> Any:
            return mpsnn.MPSDataType.Float32

        def weights(self) -> Array:
            return numbers(inputs["weights"])

        def bias_terms(self) -> Array | None:
            return None if inputs["bias"] is None else numbers(inputs["bias"])

        def update_with_gradient_state(self, gradient_state: Any, source_state: Any) -> bool:
            recorded["gradientForWeights"] = np.array(gradient_state.gradient_for_weights.to_numpy())
            recorded["gradientForBiases"] = np.array(gradient_state.gradient_for_biases.to_numpy())
            return False

    return Weights()


def mirrored_convolution(network: Network, params: dict[str, Any]) -> Any:
    """The state of a convolution that a transposed one is sized by."""
    mpsnn, state = engine(), params["convolutionGradientState"]
    descriptor = mpsnn.MPSCNNConvolutionDescriptor(
        params["kernelWidth"], kernel_height=params["kernelHeight"], input_feature_channels=1, output_feature_channels=1
    )
    set_properties(descriptor, params, "strideInPixelsX", "strideInPixelsY")
    weights = mpsnn.ConvolutionWeights(
        descriptor, weights=np.ones((1, params["kernelHeight"], params["kernelWidth"], 1), np.float32)
    )
    width, height = state["sourceWidth"], state["sourceHeight"]
    network.sources.append(np.ones((1, height, width, 1), np.float32))
    convolution = mpsnn.MPSCNNConvolutionNode(*image_nodes(1), weights=weights)
    convolution.padding_policy = make_policy(
        (-(-width // params["strideInPixelsX"]), -(-height // params["strideInPixelsY"])),
        offset=mpsnn.MPSOffset(*state["forwardOffset"], 0),
    )
    return network.forward(convolution, None).convolution_gradient_state


def convolution_network(example: Example, weights: Callable[[dict[str, Array]], Any]) -> Network:
    mpsnn, params, inputs, expected = engine(), example["params"], example["inputs"], example["expected"]
    recorded: dict[str, Array] = {}
    network = Network([numbers(inputs["source"])], after=lambda: dict(recorded))
    source, gradient = image_nodes(2)
    cls = getattr(mpsnn, example["kernel"] + "Node")
    state = {}
    if example["kernel"] == "MPSCNNConvolutionTranspose":
        mirrored = "convolutionGradientState" in params
        state["convolution_gradient_state"] = mirrored_convolution(network, params) if mirrored else None
    node = network.forward(cls(source, **state, weights=weights(recorded)))
    by_itself = {"convolutionGradientState", "subPixelScaleFactor"} & set(params)  # the size is the filter's business
    if "offset" in params and not by_itself:
        place(node, params, next(v for name, v in expected.items() if name.startswith("destination")))
    if "source_gradient" in inputs:
        node.training_style = mpsnn.MPSNNTrainingStyle.UpdateDeviceCPU  # its callback sees finished buffers
        network.sources.append(numbers(inputs["source_gradient"]))
        network.backward(node, gradient, "destination_gradient")
    return network


def binary_network(example: Example, is_ready: bool) -> Network:
    mpsnn, params, inputs = engine(), example["params"], example["inputs"]
    descriptor, words = convolution_descriptor(example), numbers(inputs["weights"], np.uint32)

    class Words(mpsnn.MPSCNNConvolutionDataSource):
        def load(self) -> bool:
            return True

        def purge(self) -> None:
            pass

        def label(self) -> None:
            return None

        def descriptor(self) -> Any:
            return descriptor

        def data_type(self) -> Any:
            return mpsnn.MPSDataType.UInt32

        def weights(self) -> Array:
            return words

        def bias_terms(self) -> None:
            return None

    weights = mpsnn.ConvolutionWeights(descriptor, words) if is_ready else Words()
    cls = getattr(mpsnn, example["kernel"] + "Node")
    chosen = {
        "weights": weights,
        "type": mpsnn.MPSCNNBinaryConvolutionType(params["type"]),
        "flags": mpsnn.MPSCNNBinaryConvolutionFlags(params["flags"]),
    }
    if "scaleValue" in params:
        node = cls.with_scale_value(*image_nodes(1), scale_value=params["scaleValue"], **chosen)
    else:
        names = ("outputBiasTerms", "outputScaleTerms", "inputBiasTerms", "inputScaleTerms")
        node = cls(*image_nodes(1), **chosen, **{snake(name): numbers(params[name]) for name in names})
    network = Network([numbers(inputs["source"])])
    network.forward(place(node, params, example["expected"]["destination"]) if "offset" in params else node)
    return network


def convolution(example: Example) -> Iterator[Variant]:
    expected = example["expected"]
    if example["kernel"].startswith("MPSCNNBinary"):
        for name, is_ready in (("ready data source", True), ("data source of the user's own", False)):
            yield name, functools.partial(binary_network, example, is_ready), [expected]
        return
    for kernel_type in ("Float16", "Float32"):
        answer = expected.get(f"destination_kernelWeightsDataType_{kernel_type.lower()}")
        if answer is not None:
            build = functools.partial(
                convolution_network, example, lambda recorded, t=kernel_type: ready_weights(example, t)
            )
            yield kernel_type, build, [{"destination": answer}]
    if "destination" in expected:
        kernel_type = "Float16" if "dataType" in example["params"] else "Float32"
        ready = functools.partial(convolution_network, example, lambda recorded: ready_weights(example, kernel_type))
        images = {name: value for name, value in expected.items() if name.startswith("destination")}
        yield "ready data source", ready, [images]
    if "gradientForWeights" in expected:
        own = functools.partial(convolution_network, example, lambda recorded: own_weights(example, recorded))
        yield "data source of the user's own", own, [expected]


# ---- pooling ----


def pooling(example: Example) -> Iterator[Variant]:
    mpsnn, params, expected = engine(), example["params"], example["expected"]
    if example["id"] == "sizing_table":
        for row in expected["rows"]:
            yield sizing(row)
        return

    def make(source: Any) -> Any:
        node = getattr(mpsnn, example["kernel"] + "Node")(
            source,
            kernel_width=params["kernelWidth"],
            kernel_height=params["kernelHeight"],
            stride_in_pixels_x=params["strideInPixelsX"],
            stride_in_pixels_y=params["strideInPixelsY"],
            **{snake(name): params[name] for name in ("dilationRateX", "dilationRateY") if name in params},
        )
        return place(node, params, expected["destination"])

    yield "", unary(example, make), [expected]


def sizing(row: dict[str, Any]) -> Variant:
    """One line of the table. The averages of a ramp tell which pixels each window read."""
    width, window, stride = row["source"], row["kernel"], row["stride"]
    ramp = np.arange(1, width + 1)
    answer = []
    for i in range(row["destination"]):
        first = row["firstWindowStart"] + i * stride
        inside = ramp[max(first, 0) : max(first + window, 0)]
        answer.append(inside.mean() if inside.size else 0)
    text = f"{row['size']}, remainder {row['remainder']}, {width} pixels, window {window}, stride {stride}"

    def build() -> Network:
        mpsnn = engine()
        method = mpsnn.MPSNNPaddingMethod
        size = getattr(method, "Size" + row["size"][0].upper() + row["size"][1:])
        remainder = getattr(method, "AddRemainderTo" + row["remainder"][0].upper() + row["remainder"][1:])
        bits = size | method.AlignCentered | remainder
        network = Network([ramp.reshape(1, 1, width, 1).astype(np.float32)])
        node = mpsnn.MPSCNNPoolingAverageNode(
            *image_nodes(1), kernel_width=window, kernel_height=1, stride_in_pixels_x=stride, stride_in_pixels_y=1
        )
        node.padding_policy = mpsnn.MPSNNDefaultPadding.padding_with_method(bits)
        network.forward(node)
        return network

    return text, build, [{"destination": np.array(answer).reshape(1, 1, -1, 1).tolist()}]


# ---- neurons and softmax ----


def neuron_makers(params: dict[str, Any]) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """By descriptor, and by the class of the type's name with the constants as arguments."""
    mpsnn = engine()
    yield "descriptor", lambda source: mpsnn.MPSCNNNeuronNode.with_descriptor(source, neuron_descriptor(params))
    name = mpsnn.MPSCNNNeuronType(params["type"]).name
    if name != "None_":
        cls = getattr(mpsnn, f"MPSCNNNeuron{name}Node")
        constants = {key: params[key] for key in "abc" if params.get(key) is not None}
        if "aArray" in params:
            constants = {"a_data": numbers(params["aArray"])}
        yield "class", lambda source: cls(source, **constants)


def neurons(example: Example) -> Iterator[Variant]:
    params, inputs, expected = example["params"], example["inputs"], example["expected"]
    if "rows" in expected:
        for kind, a, b, c, x, y in expected["rows"]:
            row = {"type": kind, "a": a, "b": b, "c": c}
            one = {"inputs": {"source": [[[[x]]]]}}
            for how, make in neuron_makers(row):
                yield f"{row}, {x} by {how}", unary(one, make), [{"destination": [[[[y]]]]}]
        return
    if "x" in inputs:  # flat lists: one row of pixels, an incoming gradient of ones
        shape = (1, 1, -1, 1)
        x, y, derivative = (numbers(v, np.float64).reshape(shape) for v in (inputs["x"], *expected.values()))
        inputs = {"source": x.tolist(), "source_gradient": np.ones_like(x).tolist()}
        expected = {"destination": y.tolist(), "destination_gradient": derivative.tolist()}
    for how, make in neuron_makers(params):
        yield how, unary({"inputs": inputs}, make), [expected]


def softmax(example: Example) -> Iterator[Variant]:
    mpsnn, expected = engine(), example["expected"]
    for name, cls in (("softmax", mpsnn.MPSCNNSoftMaxNode), ("logsoftmax", mpsnn.MPSCNNLogSoftMaxNode)):
        answer = {"destination": expected[name], "destination_gradient": expected[f"{name}_gradient"]}
        yield name, unary(example, cls), [answer]


# ---- batch normalization ----


def own_statistics(example: Example, recorded: dict[str, Array]) -> Any:
    """A data source written by the user, which notes what the state holds."""
    mpsnn, params, inputs = engine(), example["params"], example["inputs"]

    def optional(name: str) -> Array | None:
        return numbers(inputs[name]) if name in inputs else None

    class Statistics(mpsnn.MPSCNNBatchNormalizationDataSource):
        def load(self) -> bool:
            return True

        def purge(self) -> None:
            pass

        def label(self) -> str:
            return example["id"]

        def number_of_feature_channels(self) -> int:
            return len(inputs["gamma"])

        def gamma(self) -> Array | None:
            return optional("gamma")

        def beta(self) -> Array | None:
            return optional("beta")

        def mean(self) -> Array | None:
            return optional("mean")

        def variance(self) -> Array | None:
            return optional("variance")

        def epsilon(self) -> float:
            return params["epsilon"]

        def update_gamma_and_beta_with_batch_normalization_state(self, batch_normalization_state: Any) -> bool:
            state = batch_normalization_state
            recorded["gradientForGamma"] = np.array(state.gradient_for_gamma().to_numpy())
            recorded["gradientForBeta"] = np.array(state.gradient_for_beta().to_numpy())
            if params["statistics"] == "computed":
                recorded["mean"] = np.array(state.mean().to_numpy())
                recorded["variance"] = np.array(state.variance().to_numpy())
            return False

    return Statistics()


def normalization_network(example: Example) -> Network:
    mpsnn, params, inputs = engine(), example["params"], example["inputs"]
    recorded: dict[str, Array] = {}
    network = Network([numbers(inputs["source"])], after=lambda: dict(recorded))
    source, gradient = image_nodes(2)
    node = mpsnn.MPSCNNBatchNormalizationNode(source, data_source=own_statistics(example, recorded))
    node.training_style = mpsnn.MPSNNTrainingStyle.UpdateDeviceCPU
    if params["statistics"] == "data source" and "source_gradient" in inputs:
        node.flags = mpsnn.MPSCNNBatchNormalizationFlags.CalculateStatisticsNever
    neuron = None
    if "neuron" in params:  # the kernel's fused neuron is a node of its own in a graph
        network.nodes.append(node)
        neuron = mpsnn.MPSCNNNeuronReLUNode(node.result_image, a=params["neuron"]["a"])
    network.forward(neuron or node)
    if "source_gradient" in inputs:
        network.sources.append(numbers(inputs["source_gradient"]))
        if neuron is not None:
            gradient = neuron.gradient_filter_with_source(gradient).result_image
        network.backward(node, gradient, "destination_gradient")
    return network


def normalization(example: Example) -> Iterator[Variant]:
    if example["id"] == "bn_running_update":
        yield "ready data source", functools.partial(running_update, example), [example["expected"]]
    elif "beta" in example["params"]:
        yield from local_normalization(example)
    elif example.get("node") in IMAGE_NORMALIZATION:
        # No state hands out the statistics of an image: the result shows them.
        expected = {name: value for name, value in example["expected"].items() if name not in ("mean", "variance")}
        yield "", functools.partial(image_normalization_network, example), [expected]
    else:
        yield "", functools.partial(normalization_network, example), [example["expected"]]


def local_normalization(example: Example) -> Iterator[Variant]:
    """Cross-channel, spatial and local contrast normalisation; the gradient node as the forward node makes it, and made by hand."""
    mpsnn, params, inputs = engine(), example["params"], example["inputs"]
    expected = {name: example["expected"][name] for name in ("destination", "destination_gradient")}
    size = params.get("kernelSize", params.get("kernelWidth"))
    constants = [name for name in ("alpha", "beta", "delta", "p0", "pm", "ps") if name in params]

    def build(by_hand: bool) -> Network:
        source, gradient = image_nodes(2)
        network = Network([numbers(inputs["source"]), numbers(inputs["source_gradient"])])
        node = getattr(mpsnn, example["node"])(source, kernel_size=size)
        set_properties(node, params, "kernelWidth", "kernelHeight", *constants)
        if "edgeMode" in params:
            place(node, params, expected["destination"])
        network.forward(node)
        if not by_hand:
            network.backward(node, gradient, "destination_gradient")
            return network
        cls = getattr(mpsnn, example["node"].replace("Node", "GradientNode"))
        sizes = {"kernel_size": size}
        if "p0" in params:
            sizes = {"kernel_width": params["kernelWidth"], "kernel_height": params["kernelHeight"]}
        made = cls(gradient, source, gradient_state=node.result_state, **sizes)
        if "edgeMode" in params:
            set_properties(made, params, *constants)
        network.nodes.append(made)
        network.images["destination_gradient"] = made.result_image
        return network

    for by_hand in (False, True):
        yield "by hand" if by_hand else "", functools.partial(build, by_hand), [expected]


IMAGE_NORMALIZATION = {"MPSCNNInstanceNormalizationNode": "instance", "MPSCNNGroupNormalizationNode": "group"}


def image_normalization_network(example: Example) -> Network:
    """Instance or group normalisation with a data source of the user's own, which notes the gradients of each image."""
    mpsnn, params, inputs = engine(), example["params"], example["inputs"]
    kind = IMAGE_NORMALIZATION[example["node"]]
    recorded: dict[str, Array] = {}

    def update(self: Any, state_batch: Any) -> bool:
        for name in ("gamma", "beta"):
            gradients = [np.array(getattr(state, f"gradient_for_{name}").to_numpy()) for state in state_batch]
            recorded[f"gradientFor{name.capitalize()}"] = np.stack(gradients)
        return False

    members: dict[str, Any] = {
        "number_of_feature_channels": property(lambda self: len(inputs["gamma"])),
        "label": lambda self: example["id"],
        "gamma": lambda self: numbers(inputs["gamma"]),
        "beta": lambda self: numbers(inputs["beta"]),
        "epsilon": lambda self: params["epsilon"],
        f"update_gamma_and_beta_with_{kind}_normalization_state_batch": update,
    }
    source = type("Source", (getattr(mpsnn, f"MPSCNN{kind.capitalize()}NormalizationDataSource"),), members)()
    if "numberOfGroups" in params:
        source.number_of_groups = params["numberOfGroups"]
    image, gradient = image_nodes(2)
    network = Network([numbers(inputs["source"]), numbers(inputs["source_gradient"])], after=lambda: dict(recorded))
    node = getattr(mpsnn, example["node"])(image, data_source=source)
    node.training_style = mpsnn.MPSNNTrainingStyle.UpdateDeviceCPU
    network.forward(node)
    network.backward(node, gradient, "destination_gradient")
    return network


def running_update(example: Example) -> Network:
    """The batch statistics of this example are those of the source image of another one."""
    mpsnn, inputs = engine(), example["inputs"]
    training = EXAMPLES["bn_training_batch2"]
    for name in ("mean", "variance"):
        assert inputs[f"batch_{name}"] == training["expected"][name]
    values = training["inputs"]
    weights = mpsnn.BatchNormalizationWeights(
        len(values["gamma"]),
        gamma=numbers(values["gamma"]),
        beta=numbers(values["beta"]),
        mean=numbers(inputs["running_mean"]),
        variance=numbers(inputs["running_variance"]),
        epsilon=training["params"]["epsilon"],
        momentum=example["params"]["momentum"],
    )

    def after() -> dict[str, Array]:
        return {"running_mean": np.array(weights.mean()), "running_variance": np.array(weights.variance())}

    source, gradient = image_nodes(2)
    network = Network([numbers(values["source"]), numbers(values["source_gradient"])], after=after)
    node = mpsnn.MPSCNNBatchNormalizationNode(source, data_source=weights)
    network.nodes.append(node)
    made = node.gradient_filter_with_source(gradient)
    # Result order decides the order of the sources: forward first.
    network.forward(node, "unused destination")
    network.images["unused gradient"] = made.result_image
    return network


# ---- loss and dropout ----


def loss(example: Example) -> Iterator[Variant]:
    others = {"MPSCNNDropout": dropout, "MPSNNForwardLoss": forward_loss}
    if make := others.get(example["kernel"].split()[0]):
        yield from make(example)
        return
    if example["id"].startswith("yolo"):
        yield from yolo(example)
        return
    expected = example["expected"]
    losses = {False: expected.get("loss", expected.get("no", {})), True: expected.get("yes", {})}
    for across, reductions in losses.items():
        for reduction, values in reductions.items():
            answer = {"loss": np.reshape(values, (-1, 1, 1, 1)).tolist(), "gradient": expected["gradient"]}
            build = functools.partial(loss_network, example, reduction, across)
            yield f"{reduction}{', across the batch' if across else ''}", build, [answer]
    if "weighted_losses" in expected:
        answer = {"loss": expected["weighted_losses"], "gradient": expected["gradient"]}
        yield "none", functools.partial(loss_network, example, "none", False), [answer]


def loss_descriptor(params: dict[str, Any], reduction: str, across_batch: bool = False) -> Any:
    mpsnn = engine()
    reduction_name = "None_" if reduction == "none" else reduction[0].upper() + reduction[1:]
    descriptor = mpsnn.MPSCNNLossDescriptor(
        mpsnn.MPSCNNLossType[params["lossType"]], reduction_type=getattr(mpsnn.MPSCNNReductionType, reduction_name)
    )
    assert descriptor.loss_type == params.get("lossTypeValue", descriptor.loss_type)
    set_properties(descriptor, params, "weight", "labelSmoothing", "numberOfClasses", "epsilon", "delta")
    descriptor.reduce_across_batch = across_batch
    return descriptor


def forward_loss(example: Example) -> Iterator[Variant]:
    """A network for each reduction, or the product of two losses."""
    mpsnn, params, expected = engine(), example["params"], example["expected"]
    inputs = {name: numbers(value) for name, value in example["inputs"].items()}

    def one(reduction: str, across_batch: bool) -> Network:
        y, t, w, g = image_nodes(4)
        network = Network([inputs[name] for name in ("source", "labels", "weights", "source_gradient")])
        node = network.forward(
            mpsnn.MPSNNForwardLossNode(y, t, w, loss_descriptor=loss_descriptor(params, reduction, across_batch)),
            "loss",
        )
        gradient = node.gradient_filter_with_sources([g])
        network.nodes.append(gradient)
        network.images["destination_gradient"] = gradient.result_image
        return network

    def product() -> Network:
        network = Network([inputs[name] for name in ("source1", "labels1", "source2", "labels2")])
        losses = [
            network.forward(
                mpsnn.MPSNNForwardLossNode(
                    *image_nodes(2), loss_descriptor=loss_descriptor(params[which], params[which]["reductionType"])
                ),
                f"loss{i}",
            )
            for i, which in ((1, "first"), (2, "second"))
        ]
        whole = network.forward(mpsnn.MPSNNMultiplicationNode(*(node.result_image for node in losses)), "product")
        start = network.forward(mpsnn.MPSNNInitialGradientNode(whole.result_image), "initial_gradient")

        def handler(gradient: Any, forward: Any, source: Any, source_gradient: Any) -> None:
            network.nodes.append(gradient)
            if forward in losses and not gradient.is_labels_gradient_filter:
                number = losses.index(forward) + 1
                network.images[f"loss{number}_source_gradient"] = source_gradient
                network.images[f"destination_gradient{number}"] = gradient.result_image

        start.training_graph_with_source_gradient(None, handler)
        return network

    if "product" in expected:
        yield "", product, [expected]
        return
    for name, answer in expected.items():
        reduction, _, across = name.partition("_")
        yield name, functools.partial(one, reduction, bool(across)), [answer]


def loss_network(example: Example, reduction: str, across_batch: bool) -> Network:
    mpsnn, params, inputs = engine(), example["params"], example["inputs"]
    descriptor = loss_descriptor(params, reduction, across_batch)
    return labelled_network(inputs, reduction, lambda image: mpsnn.MPSCNNLossNode(image, loss_descriptor=descriptor))


def labelled_network(inputs: dict[str, Any], reduction: str, make: Callable[[Any], Any]) -> Network:
    """A node that takes labels."""
    mpsnn = engine()
    source = numbers(inputs["source"])
    height, width, channels = source.shape[1:]

    def data(name: str, index: int) -> Any:
        if name not in inputs:
            return None
        array = np.ascontiguousarray(numbers(inputs[name])[index])
        size = mpsnn.MTLSize(array.shape[1], array.shape[0], array.shape[2])
        layout = mpsnn.MPSDataLayout.HeightxWidthxFeatureChannels
        return mpsnn.MPSCNNLossDataDescriptor(array, layout=layout, size=size)

    def labels(device: Any) -> list[Any]:
        size = mpsnn.MTLSize(width, height, channels) if reduction == "none" else mpsnn.MTLSize(1, 1, 1)
        return [
            mpsnn.MPSCNNLossLabels(
                size, labels_descriptor=data("labels", i), weights_descriptor=data("weights", i), device=device
            )
            for i in range(len(source))
        ]

    network = Network([source], labels=labels)
    network.forward(make(*image_nodes(1)), "gradient")
    return network


YOLO_SCALES = {
    "xy": ["scaleXY"],
    "wh": ["scaleWH"],
    "confidence": ["scaleNoObject", "scaleObject"],
    "classes": ["scaleClass"],
}


def yolo(example: Example) -> Iterator[Variant]:
    """The whole loss, then each of its four parts alone. The objective that is normalised by counts has them in its scales."""
    params, expected = EXAMPLES["yolo_2x2_grid"]["params"] | example["params"], example["expected"]
    divisors, total, parts = dict.fromkeys(YOLO_SCALES, 1.0), expected.get("total"), expected
    if total is None:
        (total,), parts = expected["loss"]["sum"], expected["sub_loss"]
    else:
        objects, cells = expected["object_count"], np.prod(np.shape(example["inputs"]["source"])[:3])
        by_objects = objects + params["countEpsilon"]
        divisors = {"xy": by_objects, "wh": 2 * objects, "confidence": cells, "classes": by_objects}
    scales = {name: params[name] / divisors[part] for part, names in YOLO_SCALES.items() for name in names}
    answer = {"loss": [[[[total]]]]} | ({"gradient": expected["gradient"]} if "gradient" in expected else {})
    yield "", functools.partial(yolo_network, example, params | scales), [answer]
    for part, names in YOLO_SCALES.items():
        alone = dict.fromkeys(scales, 0) | {name: scales[name] for name in names}
        yield part, functools.partial(yolo_network, example, params | alone), [{"loss": [[[[parts[part]]]]]}]


def yolo_network(example: Example, params: dict[str, Any]) -> Network:
    mpsnn = engine()
    assert params["reductionType"] == "sum"
    xy, wh, confidence, classes = (
        getattr(mpsnn.MPSCNNLossType, params[f"{name}LossType"]) for name in ("XY", "WH", "confidence", "classes")
    )
    descriptor = mpsnn.MPSCNNYOLOLossDescriptor(
        xy,
        wh_loss_type=wh,
        confidence_loss_type=confidence,
        classes_loss_type=classes,
        reduction_type=mpsnn.MPSCNNReductionType.Sum,
        anchor_boxes=numbers(params["anchorBoxes"]).ravel(),
        number_of_anchor_boxes=params["numberOfAnchorBoxes"],
    )
    descriptor.wh_loss_descriptor.delta = params["delta"]
    set_properties(descriptor, params, *itertools.chain(*YOLO_SCALES.values()))
    set_properties(descriptor, params, "minIOUForObjectPresence", "maxIOUForObjectAbsence", "rescore")
    return labelled_network(
        example["inputs"], "sum", lambda image: mpsnn.MPSCNNYOLOLossNode(image, loss_descriptor=descriptor)
    )


def dropout(example: Example) -> Iterator[Variant]:
    mpsnn, params, inputs, expected = engine(), example["params"], example["inputs"], example["expected"]
    strides, keep = params["maskStrideInPixels"], params["keepProbability"]

    def make(seed: int, source: Any) -> Any:
        stride = mpsnn.MTLSize(*strides)
        return mpsnn.MPSCNNDropoutNode(source, keep_probability=keep, seed=seed, mask_stride_in_pixels=stride)

    if "mask_encode0" not in expected:  # a given mask: made by the seed that draws it
        yield "", unary(example, functools.partial(make, seed_of(numbers(inputs["mask"]), keep))), [expected]
        return
    masks = [numbers(expected[f"mask_encode{i}"]) for i in (0, 1)]

    def build() -> Network:
        network = Network([np.full(masks[0].shape, keep, np.float32)], runs=2)
        network.forward(make(params["seed"], *image_nodes(1)))
        return network

    yield "two encodes", build, [{"destination": mask.tolist()} for mask in masks]


def philox4x32_10(counter: Array, key: Array) -> Array:
    """Random words for an array of counters [..., 4] under one key [2]."""
    c, k = counter.astype(np.uint64), key.astype(np.uint64)
    low = np.uint64(0xFFFFFFFF)
    for _ in range(10):
        first, second = c[..., 0] * np.uint64(0xD2511F53), c[..., 2] * np.uint64(0xCD9E8D57)
        c = np.stack(
            [(second >> 32) ^ c[..., 1] ^ k[0], second & low, (first >> 32) ^ c[..., 3] ^ k[1], first & low], axis=-1
        )
        k = (k + np.array([0x9E3779B9, 0xBB67AE85], np.uint64)) & low
    return c


def uniforms(shape: tuple[int, ...], seed: int, encode: int = 0) -> Array:
    """Numbers in [0, 1) for masks N x H x W x C."""
    count = int(np.prod(shape[1:]))
    words = -(-count // 4)
    result = []
    for image in range(shape[0]):
        counter = np.zeros((words, 4), np.uint64)
        counter[:, 0], counter[:, 1], counter[:, 2] = np.arange(words), image, encode
        result.append(philox4x32_10(counter, np.array([seed % 2**32, seed // 2**32])).ravel()[:count])
    return (np.array(result) >> np.uint64(8)).reshape(shape) * 2.0**-24


def seed_of(mask: Array, keep: float) -> int:
    for seed in itertools.count(1):
        if np.array_equal(uniforms(mask.shape, seed) < np.float32(keep), mask == 1):
            return seed
        assert seed < 10_000, "no small seed draws this mask"
    raise AssertionError


# ---- one source: reductions, reshape and pad, on the page of resampling ----


def reductions(example: Example) -> Callable[[], Network]:
    mpsnn, params, expected = engine(), example["params"], example["expected"]

    def make(source: Any, kind: str) -> Any:
        node = getattr(mpsnn, f"MPSNNReduction{kind}Node")(source)
        set_properties(node, params, "weight")
        if "clipRectSource" in params:
            clip = params["clipRectSource"]
            size = mpsnn.MTLSize(clip["width"], clip["height"], 1)
            node.clip_rect_source = mpsnn.MTLRegion(mpsnn.MTLOrigin(clip["x"], clip["y"], 0), size)
        return node

    def all_of_them() -> Network:
        network = Network([numbers(example["inputs"]["source"])])
        (source,) = image_nodes(1)
        for kind in expected:
            network.forward(make(source, kind), kind)
        return network

    if "destination" not in expected:
        return all_of_them
    kind = example["kernel"].split()[0].removeprefix("MPSNNReduction").removeprefix("MPSNNReduce")
    return unary(example, lambda source: make(source, kind))


def reshape(example: Example) -> Callable[[], Network]:
    size = {snake(name): value for name, value in example["params"].items()}
    return unary(example, lambda source: engine().MPSNNReshapeNode(source, **size))


def pad(example: Example) -> Callable[[], Network]:
    mpsnn, params = engine(), example["params"]
    before, after = (mpsnn.MPSImageCoordinate(*params[f"paddingSize{which}"]) for which in ("Before", "After"))
    edge_mode = getattr(mpsnn.MPSImageEdgeMode, params["edgeMode"][0].upper() + params["edgeMode"][1:])

    def make(source: Any) -> Any:
        node = mpsnn.MPSNNPadNode(source, padding_size_before=before, padding_size_after=after, edge_mode=edge_mode)
        set_properties(node, params, "fillValue")
        return node

    return unary(example, make)


ONE_SOURCE = {"reduce": reductions, "reshape": reshape, "pad": pad}  # by the first word of the example's name


# ---- resampling, arithmetic and concatenation ----


def resampling(example: Example) -> Iterator[Variant]:
    if make := ONE_SOURCE.get(example["id"].partition("_")[0]):
        yield "", make(example), [example["expected"]]
        return
    mpsnn, params, inputs, expected = engine(), example["params"], example["inputs"], example["expected"]
    names = [name for name in inputs if name != "source_gradient"]
    gradients = [name for name in expected if "gradient" in name]

    def build() -> Network:
        *sources, gradient = image_nodes(len(names) + 1)
        network = Network([numbers(inputs[name]) for name in names])
        cls = getattr(mpsnn, example["node"])
        if example["node"] in RESAMPLERS:
            node = network.forward(RESAMPLERS[example["node"]](cls, *sources, params, expected["destination"]))
        elif example["node"] == "MPSNNConcatenationNode":
            node = network.forward(cls(sources))
        else:
            node = network.forward(cls(*sources))
            set_arithmetic(node, params)
        if gradients:
            network.sources.append(numbers(inputs["source_gradient"]))
            network.backward(node, gradient, *gradients)
        return network

    yield "", build, [expected]


def upsampled(cls: Any, source: Any, params: dict[str, Any], destination: Any) -> Any:
    corners = {"align_corners": params["alignCorners"]} if "alignCorners" in params else {}
    node = cls(
        source, integer_scale_factor_x=params["scaleFactorX"], integer_scale_factor_y=params["scaleFactorY"], **corners
    )
    return place(node, params, destination)


def scaled(cls: Any, source: Any, params: dict[str, Any], destination: Any) -> Any:
    mpsnn, transform = engine(), params["scaleTransform"]

    class Provider(mpsnn.MPSImageTransformProvider):
        def transform_for_source_image(self, source_image: Any, handle: Any) -> Any:
            return mpsnn.MPSScaleTransform(**{snake(name): value for name, value in transform.items()})

    provider = None if transform is None else Provider()
    node = cls(source, transform_provider=provider, output_size=(params["outputWidth"], params["outputHeight"], 1))
    return place(node, params, destination)


RESAMPLERS = {
    "MPSCNNUpsamplingNearestNode": upsampled,
    "MPSCNNUpsamplingBilinearNode": upsampled,
    "MPSNNBilinearScaleNode": scaled,
    "MPSNNLanczosScaleNode": scaled,
}


def set_arithmetic(node: Any, params: dict[str, Any]) -> None:
    limits = {"-FLT_MAX": float(-np.finfo(np.float32).max), "FLT_MAX": float(np.finfo(np.float32).max)}
    given = {name: limits.get(value, value) for name, value in params.items() if not isinstance(value, dict)}
    set_properties(node, given, "primaryScale", "secondaryScale", "bias", "minimumValue", "maximumValue")
    for which in ("primary", "secondary"):
        for apple, place_name in (("x", "pixels_x"), ("y", "pixels_y"), ("channel", "feature_channels")):
            setattr(node, f"{which}_stride_in_{place_name}", params[f"{which}Stride"][apple])


# ---- kernels without a node ----

Answers = Iterator[tuple[str, Array]]  # the name of an expected value, and what came of it


def encode_alone(kernel: Any, example: Example, *inputs: str) -> Array:
    kernel.destination_image_allocator = engine().MPSImage.default_allocator()
    sources = [engine().MPSImage(numbers(example["inputs"][name])[0]) for name in inputs]
    made: list[Any] = []
    encode(kernel.device, lambda cb: made.append(kernel.encode_to_command_buffer(cb, *sources)))
    result = np.array(made[0].to_numpy())
    return result if result.ndim == 4 else result[None]


def compare_all(example: Example, device: Any) -> Answers:
    """The threshold is no property of the node."""
    kernel = engine().MPSNNCompare(device=device)
    kernel.threshold = example["params"]["threshold"]
    for name, value in example["params"]["values"].items():
        kernel.comparison_type = engine().MPSNNComparisonType(value)
        yield name, encode_alone(kernel, example, "primary", "secondary")


def crop_and_resize(example: Example, device: Any) -> Answers:
    params = example["params"]
    kernel = engine().MPSNNCropAndResizeBilinear(
        params["resizeWidth"],
        resize_height=params["resizeHeight"],
        number_of_regions=params["numberOfRegions"],
        regions=[((x, y, 0), (width, height, 0)) for x, y, width, height in params["regions"]],
        device=device,
    )
    yield "destination_per_region", encode_alone(kernel, example, "source")


def grid_sample(example: Example, device: Any) -> Answers:
    kernel = engine().MPSNNGridSample(device=device)
    for answer, value in (("YES", True), ("NO", False)):
        kernel.use_grid_value_as_input_coordinate = value
        yield f"useGridValueAsInputCoordinate_{answer}", encode_alone(kernel, example, "primary", "secondary")


def local_correlation(example: Example, device: Any) -> Answers:
    values = {snake(name): value for name, value in example["params"].items()}
    kernel = engine().MPSNNLocalCorrelation(**values, device=device)
    yield "destination", encode_alone(kernel, example, "primary", "secondary")


def channels_and_weights(example: Example, device: Any) -> Answers:
    mpsnn = engine()
    kernels = {
        "sum": mpsnn.MPSNNReduceFeatureChannelsAndWeightsSum(device=device),
        "sumByNonZeroWeights": mpsnn.MPSNNReduceFeatureChannelsAndWeightsSum(True, device=device),
        "mean": mpsnn.MPSNNReduceFeatureChannelsAndWeightsMean(device=device),
    }
    for name, kernel in kernels.items():
        yield name, encode_alone(kernel, example, "primary", "weights")


def resize(example: Example, device: Any) -> Answers:
    values = {snake(name): value for name, value in example["params"].items()}
    yield "destination", encode_alone(engine().MPSNNResizeBilinear(**values, device=device), example, "source")


def slice_of_channels(example: Example, device: Any) -> Answers:
    kernel = engine().MPSNNSlice(device=device)
    set_properties(kernel, example["params"], *example["params"])
    yield "destination", encode_alone(kernel, example, "source")


def statistics_of_two_encodes(example: Example, device: Any) -> Answers:
    mpsnn, inputs = engine(), example["inputs"]
    batches = [mpsnn.MPSImage(numbers(inputs[name])).batch_representation() for name in inputs]
    kernel = mpsnn.MPSCNNBatchNormalization(mpsnn.BatchNormalizationWeights(3), device=device)
    statistics = mpsnn.MPSCNNBatchNormalizationStatistics(device=device)
    result = mpsnn.MPSImage(np.zeros((2, 2, 3), np.float32))
    state = kernel.result_state_for_source_image(batches[0][0], [], result)
    with mpsnn.CommandQueue(device=device).command_buffer() as command_buffer:
        for images in batches:
            statistics.encode_batch_to_command_buffer(command_buffer, images, state)
    yield "mean", np.array(state.mean().to_numpy())
    yield "variance", np.array(state.variance().to_numpy())


def gradient_of_a_part(example: Example, device: Any) -> Answers:
    mpsnn, params, inputs, expected = engine(), example["params"], example["inputs"], example["expected"]
    names = ("kernelWidth", "kernelHeight", "strideInPixelsX", "strideInPixelsY")
    window = {snake(name): params[name] for name in names}
    forward = mpsnn.MPSCNNPoolingMax(**window, device=device)
    gradient = mpsnn.MPSCNNPoolingMaxGradient(**window, device=device)
    forward.offset = gradient.secondary_offset = mpsnn.MPSOffset(*params["offset"], 0)
    forward.edge_mode = gradient.secondary_edge_mode = mpsnn.MPSImageEdgeMode.Clamp
    gradient.primary_offset = mpsnn.MPSOffset(*params["primaryOffset"], 0)
    gradient.source_size = mpsnn.MTLSize(*params["sourceSize"], 1)
    source, incoming = (mpsnn.MPSImage(numbers(inputs[name])[0]) for name in ("source", "source_gradient"))
    results = {name: mpsnn.MPSImage(np.zeros_like(numbers(values)[0])) for name, values in expected.items()}
    state = forward.result_state_for_source_image(source, [], results["destination"])
    with mpsnn.CommandQueue(device=device).command_buffer() as command_buffer:
        forward.encode_to_command_buffer(command_buffer, source, state, results["destination"])
        gradient.encode_to_command_buffer(command_buffer, incoming, source, state, results["destination_gradient"])
    for name, image in results.items():
        yield name, to_array([image])


KERNELS: dict[str, Callable[[Example, Any], Answers]] = {
    "bn_statistics_two_encodes": statistics_of_two_encodes,
    "compare_all": compare_all,
    "crop_and_resize_three_regions": crop_and_resize,
    "grid_sample": grid_sample,
    "local_correlation_1x0": local_correlation,
    "max_gradient_subset": gradient_of_a_part,
    "reduce_channels_and_weights": channels_and_weights,
    "resize_bilinear_3x2_to_5x3_align_corners": resize,
    "resize_bilinear_3x2_to_5x3_default": resize,
    "slice_channels_4_to_9": slice_of_channels,
}


@pytest.mark.parametrize("name", KERNELS)
def test_kernel_example(name: str, device: Any) -> None:
    example = EXAMPLES[name]
    actual = dict(KERNELS[name](example, device))
    assert set(actual) >= set(example["expected"]) - NOT_HANDED_OUT
    for which, array in actual.items():
        expected = numbers(example["expected"][which], np.float64)
        expected = expected.reshape(-1, *expected.shape[-3:])  # the images of regions one after another
        assert_close(array, expected, example["page"], f"{name}: {which}")


# ---- the tests of networks ----

BUILDERS: dict[str, Callable[[Example], Iterator[Variant]]] = {
    "convolution": convolution,
    "loss": loss,
    "neurons": neurons,
    "normalization": normalization,
    "pooling": pooling,
    "resampling": resampling,
    "softmax": softmax,
}


@pytest.mark.parametrize("name", runnable(*BUILDERS))
def test_example(name: str, device: Any) -> None:
    example = EXAMPLES[name]
    page = example["page"]
    refused = name in UNSUPPORTED.get(device.name, set())
    try:
        for variant, build, answers in BUILDERS[page](example):
            for implementation in implementations(build().nodes, device):
                for number, actual in enumerate(run(build(), device, implementation)):
                    compare(actual, answers[number], page, f"{name}, {variant}, {implementation}, run {number}")
    except engine().UnsupportedError as error:
        assert refused, f"{device.name} refuses {name}: {error}"
        return
    assert not refused, f"{device.name} runs {name} now: take it off UNSUPPORTED"


def compare(actual: dict[str, Array], expected: dict[str, Any], page: str, what: str) -> None:
    wanted = {name: value for name, value in expected.items() if name not in NOT_HANDED_OUT}
    missing = set(wanted) - set(actual)
    assert not missing, f"{what}: no {', '.join(sorted(missing))}"
    for name, value in wanted.items():
        assert_close(actual[name], value, page, f"{what}: {name}")


# ---- optimizers ----

STATE_NAMES = {  # names of the state vectors in the file -> their arguments
    "momentum": "input_momentum",
    "sumOfSquares": "input_sum_of_squares",
    "velocity": "input_velocity",
    "maximumVelocity": "maximum_velocity",
}


def make_optimizer(example: Example, device: Any) -> Any:
    mpsnn, params = engine(), example["params"]
    limit = float(np.finfo(np.float32).max)
    descriptor = mpsnn.MPSNNOptimizerDescriptor(
        params["learningRate"],
        gradient_rescale=params.get("gradientRescale", 1.0),
        apply_gradient_clipping=params.get("applyGradientClipping", False),
        gradient_clip_max=params.get("gradientClipMax", limit),
        gradient_clip_min=params.get("gradientClipMin", -limit),
        regularization_type=getattr(mpsnn.MPSNNRegularizationType, params.get("regularizationType", "None_")),
        regularization_scale=params.get("regularizationScale", 0.0),
    )
    cls = getattr(mpsnn, example["kernel"])
    arguments = {
        "MPSNNOptimizerStochasticGradientDescent": {"momentumScale": 0.0, "useNesterovMomentum": False},
        "MPSNNOptimizerRMSProp": {"decay": 0.9, "epsilon": 1e-8},
        "MPSNNOptimizerAdam": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "timeStep": 0},
    }[example["kernel"]]
    first, *rest = [(snake(name), params.get(name, default)) for name, default in arguments.items()]
    return cls(first[1], **dict(rest), optimizer_descriptor=descriptor, device=device)


def vector(values: Any) -> Any:
    return engine().MPSVector(numbers(values))


def contents(thing: Any) -> Array:
    """Of a vector, a matrix or a buffer, as a flat copy."""
    return np.array(getattr(thing, "data", thing).to_numpy()).view(np.float32).ravel()


def encode(device: Any, work: Callable[[Any], None]) -> None:
    with engine().CommandQueue(device=device).command_buffer() as command_buffer:
        work(command_buffer)


@pytest.mark.parametrize("kind", ["vector", "matrix"])
@pytest.mark.parametrize("name", [n for n in runnable("optimizers") if "steps" in EXAMPLES[n]["expected"]])
def test_optimizer_example(name: str, kind: str, device: Any) -> None:
    example = EXAMPLES[name]
    inputs = example["inputs"]
    make = vector if kind == "vector" else lambda values: engine().MPSMatrix(numbers(values).reshape(2, -1))
    optimizer = make_optimizer(example, device)
    values, result = make(inputs["values"]), make(inputs["values"])
    states = {f"{argument}_{kind}": make(inputs[s]) for s, argument in STATE_NAMES.items() if s in inputs}
    if example["kernel"] == "MPSNNOptimizerStochasticGradientDescent":
        states.setdefault(f"input_momentum_{kind}", None)
    for step, (gradient, expected) in enumerate(zip(inputs["gradients"], example["expected"]["steps"], strict=True)):
        arguments = {f"input_gradient_{kind}": make(gradient), f"input_values_{kind}": values, **states}
        arguments[f"result_values_{kind}"] = result
        encode(device, lambda cb, a=arguments: optimizer.encode_to_command_buffer(cb, **a))
        values = result  # from the second step on in place
        assert_close(contents(result), expected["values"], "optimizers", f"{name}, step {step}: values")
        for state, argument in STATE_NAMES.items():
            if state in expected:
                what = f"{name}, step {step}: {state}"
                assert_close(contents(states[f"{argument}_{kind}"]), expected[state], "optimizers", what)
        if "timeStep" in expected:
            assert optimizer.time_step == expected["timeStep"]


def test_optimizer_on_a_convolution_state(device: Any) -> None:
    """`sgd_convolution_state_weights_only`: a pixel and its gradient that give the example's weight gradients."""
    mpsnn, example = engine(), EXAMPLES["sgd_convolution_state_weights_only"]
    inputs, expected = example["inputs"], example["expected"]
    optimizer = make_optimizer(example, device)
    momentum = [vector(values) for values in inputs["momentum_vectors"]]
    weights, biases = vector(inputs["weights"]), vector(inputs["result_biases_before"])
    result = mpsnn.MPSCNNConvolutionWeightsAndBiasesState(weights.data, biases=biases.data)
    incoming = inputs["gradientForBiases"][0]
    pixel = numbers(inputs["gradientForWeights"]) / incoming
    descriptor = mpsnn.MPSCNNConvolutionDescriptor(
        1, kernel_height=1, input_feature_channels=len(pixel), output_feature_channels=1
    )
    called = []

    class Weights(mpsnn.MPSCNNConvolutionDataSource):
        def load(self) -> bool:
            return True

        def purge(self) -> None:
            pass

        def label(self) -> str:
            return example["id"]

        def descriptor(self) -> Any:
            return descriptor

        def data_type(self) -> Any:
            return mpsnn.MPSDataType.Float32

        def kernel_weights_data_type(self) -> Any:
            return mpsnn.MPSDataType.Float32

        def weights(self) -> Array:
            return numbers(inputs["weights"]).reshape(1, 1, 1, -1)

        def bias_terms(self) -> Array:
            return numbers(inputs["biases"])

        def update_with_command_buffer(self, command_buffer: Any, gradient_state: Any, source_state: Any) -> Any:
            called.append(True)
            optimizer.encode_to_command_buffer(
                command_buffer,
                convolution_gradient_state=gradient_state,
                convolution_source_state=source_state,
                input_momentum_vectors=momentum,
                result_state=result,
            )
            return None

    source, gradient = image_nodes(2)
    network = Network([pixel.reshape(1, 1, 1, -1), np.full((1, 1, 1, 1), incoming, np.float32)])
    node = network.forward(mpsnn.MPSCNNConvolutionNode(source, weights=Weights()))
    network.backward(node, gradient, "destination_gradient")
    run(network, device, None)
    assert called, "the graph must call update_with_command_buffer"
    assert_close(contents(result.weights), expected["weights"], "optimizers", "weights")
    assert_close(
        contents(result.biases), expected["result_biases_after"], "optimizers", "biases: one vector, no update"
    )
    assert_close(contents(momentum[0]), expected["momentum"], "optimizers", "momentum")


def test_optimizer_on_a_batch_normalization_state(device: Any) -> None:
    """`adam_batch_normalization_state`: with mean 0 and variance 1 the normalised pixel is the pixel."""
    mpsnn, example = engine(), EXAMPLES["adam_batch_normalization_state"]
    inputs, expected = example["inputs"], example["expected"]
    optimizer = make_optimizer(example, device)
    momentum, velocity = ([vector([0, 0]), vector([0, 0])] for _ in range(2))
    gamma, beta = vector([0, 0]), vector([0, 0])
    result = mpsnn.MPSCNNNormalizationGammaAndBetaState(gamma.data, beta=beta.data)
    incoming = numbers(inputs["gradientForBeta"])
    pixel = numbers(inputs["gradientForGamma"]) / incoming
    called = []

    class Statistics(mpsnn.MPSCNNBatchNormalizationDataSource):
        def load(self) -> bool:
            return True

        def purge(self) -> None:
            pass

        def label(self) -> str:
            return example["id"]

        def number_of_feature_channels(self) -> int:
            return 2

        def gamma(self) -> Array:
            return numbers(inputs["gamma"])

        def beta(self) -> Array:
            return numbers(inputs["beta"])

        def mean(self) -> Array:
            return np.zeros(2, np.float32)

        def variance(self) -> Array:
            return np.ones(2, np.float32)

        def update_gamma_and_beta_with_command_buffer(self, command_buffer: Any, batch_normalization_state: Any) -> Any:
            called.append(True)
            optimizer.encode_to_command_buffer(
                command_buffer,
                batch_normalization_state=batch_normalization_state,
                input_momentum_vectors=momentum,
                input_velocity_vectors=velocity,
                result_state=result,
            )
            return None

    source, gradient = image_nodes(2)
    network = Network([pixel.reshape(1, 1, 1, 2), incoming.reshape(1, 1, 1, 2)])
    node = mpsnn.MPSCNNBatchNormalizationNode(source, data_source=Statistics())
    node.flags = mpsnn.MPSCNNBatchNormalizationFlags.CalculateStatisticsNever
    network.forward(node)
    network.backward(node, gradient, "destination_gradient")
    run(network, device, None)
    assert called, "the graph must call update_gamma_and_beta_with_command_buffer"
    found = {"gamma": gamma, "beta": beta}
    for i, which in enumerate(("gamma", "beta")):
        found |= {f"{which}_momentum": momentum[i], f"{which}_velocity": velocity[i]}
    for name, thing in found.items():
        assert_close(contents(thing), expected[name], "optimizers", name)
    assert optimizer.time_step == expected["timeStep"]


# ---- the lists of this file ----


def test_every_example_is_looked_at() -> None:
    own = {"sgd_convolution_state_weights_only", "adam_batch_normalization_state"}
    optimizers = {n for n in runnable("optimizers") if "steps" in EXAMPLES[n]["expected"]}
    looked_at = set(runnable(*BUILDERS)) | optimizers | own | set(KERNELS) | NOT_AN_OPERATION
    assert looked_at == set(EXAMPLES), f"left out: {sorted(set(EXAMPLES) ^ looked_at)}"
    assert len(EXAMPLES) == sum(len(page["examples"]) for page in PAGES.values()), "two examples share an id"


def test_philox_vectors() -> None:
    """The generator used above, so that a wrong mask is the engine's."""
    example = EXAMPLES["philox4x32_10_vectors"]

    def words(text: Any) -> Array:
        return np.array([int(w, 16) for w in (re.findall(r"[0-9a-fA-F]{8}", text) if isinstance(text, str) else text)])

    for counter, key, output in zip(*example["inputs"].values(), example["expected"]["output"], strict=True):
        assert philox4x32_10(words(counter), words(key)).tolist() == words(output).tolist()
    drawn = EXAMPLES["dropout_portable_generator"]
    mask = numbers(drawn["expected"]["mask_encode0"])
    first = uniforms(mask.shape, drawn["params"]["seed"])
    np.testing.assert_allclose(first[0].ravel(), drawn["expected"]["uniform_encode0_image0"], atol=1e-9)
    second = uniforms(mask.shape, drawn["params"]["seed"], 1) < drawn["params"]["keepProbability"]
    assert np.array_equal(second, numbers(drawn["expected"]["mask_encode1"]) == 1)
