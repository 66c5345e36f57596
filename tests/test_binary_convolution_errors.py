"""Binary convolutions: what they refuse, the bits of special numbers, saved graphs, kernels that agree."""

import io

import mpsnn as mps
import numpy as np
import pytest
from support import graph_of, node, ramp, result_of, run

Type, Flags = mps.MPSCNNBinaryConvolutionType, mps.MPSCNNBinaryConvolutionFlags
NODES = [mps.MPSCNNBinaryConvolutionNode, mps.MPSCNNBinaryFullyConnectedNode]


def refuses(match, error=mps.InvalidArgumentError):
    return pytest.raises(error, match=match)


def descriptor(inputs=3, outputs=2, width=1, height=1):
    return mps.MPSCNNConvolutionDescriptor(
        width, kernel_height=height, input_feature_channels=inputs, output_feature_channels=outputs
    )


def ones(shape, words=0xFFFFFFFF, **more):
    d = descriptor(**shape) if isinstance(shape, dict) else shape
    shape = (d.output_feature_channels, d.kernel_height, d.kernel_width, -(-d.input_feature_channels // 32))
    return mps.ConvolutionWeights(d, np.full(shape, words, np.uint32), **more)


def binary(source, weights, kind=Type.XNOR, flags=Flags.None_, cls=mps.MPSCNNBinaryConvolutionNode, **terms):
    return cls(source, weights=weights, type=kind, flags=flags, **terms)


class Source(mps.MPSCNNConvolutionDataSource):
    """Words whose data type is anything."""

    def __init__(self, words, shape, data_type=mps.MPSDataType.Float32, loads=True):
        super().__init__()
        self.words, self.shape, self.type, self.loads = words, shape, data_type, loads
        self.calls = []

    def load(self):
        self.calls.append("load")
        return self.loads

    def purge(self):
        self.calls.append("purge")

    def label(self):
        return "bits"

    def descriptor(self):
        self.calls.append("descriptor")
        return self.shape

    def data_type(self):
        return self.type

    def weights(self):
        self.calls.append("weights")
        if isinstance(self.words, Exception):
            raise self.words
        return self.words

    def bias_terms(self):
        self.calls.append("bias_terms")
        return None


# --- the data source ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", NODES)
def test_words_are_words_whatever_the_data_type(cls):
    source = Source(np.full((2, 1, 1, 1), 5, np.uint32), descriptor())
    result = result_of(graph_of(binary(node(), source, cls=cls)), np.array([[[1, -1, 1]]], np.float32))
    assert result.ravel().tolist() == [3, 3]
    assert source.calls == ["load", "descriptor", "weights", "bias_terms", "purge"]


@pytest.mark.parametrize("cls", NODES)
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (np.zeros((2, 1, 1, 2), np.uint32), r"weights has 16 bytes, expected O\*kH\*kW\*ceil\(I/32\) = 2 words"),
        (np.zeros((2, 1, 1, 3), np.float32), "Source.weights must return an array of uint32"),
        (np.zeros(2, np.int64), "Source.weights must return an array of uint32"),
        (None, "weights is missing"),
    ],
)
def test_weights_that_do_not_fit(cls, words, message):
    source = Source(words, descriptor())
    with refuses(message):
        graph_of(binary(node(), source, cls=cls))
    assert source.calls[-1] == "purge"


def test_data_sources_that_fail():
    with refuses("MPSCNNBinaryConvolutionNode.*load returned false"):
        graph_of(binary(node(), Source(None, descriptor(), loads=False)))
    failing = Source(RuntimeError("no bits today"), descriptor())
    with refuses("no bits today", RuntimeError):
        graph_of(binary(node(), failing))
    assert failing.calls[-1] == "purge"
    floats = mps.ConvolutionWeights(descriptor(inputs=1), np.ones((2, 1, 1, 1), np.float32))
    with refuses("ConvolutionWeights: a binary filter needs weights of type uint32"):
        graph_of(binary(node(), floats))
    with refuses("data_type must be Float32, Float16 or UInt8, got UInt32"):
        graph_of(mps.MPSCNNConvolutionNode(node(), weights=ones({})))


def test_ready_words():
    source = ones({"inputs": 40, "width": 3}, words=7)
    assert source.weights().shape == (2, 1, 3, 2) and source.weights().dtype == np.uint32
    assert source.data_type() == mps.MPSDataType.UInt32
    with refuses("weights is 2 x 1 x 3 x 1, .* 2 x 1 x 3 x 2", mps.ShapeError):
        mps.ConvolutionWeights(source.descriptor(), np.zeros((2, 1, 3, 1), np.uint32))
    with refuses(r"weights has 11 elements, expected O\*kH\*kW\*ceil\(I/32\) = 2\*1\*3\*2 = 12"):
        mps.ConvolutionWeights(source.descriptor(), np.zeros(11, np.uint32))


def test_new_words_are_read_again():
    source = ones({})
    graph = graph_of(binary(node(), source))
    x = np.ones((1, 1, 3), np.float32)
    assert result_of(graph, x).ravel().tolist() == [3, 3]
    source.weights()[1] = 0
    assert result_of(graph, x).ravel().tolist() == [3, 3]
    graph.reload_from_data_sources()
    assert result_of(graph, x).ravel().tolist() == [3, -3]


# --- descriptors, terms, shapes -------------------------------------------------------------------------------------


def test_descriptors():
    grouped = descriptor(inputs=4, outputs=2)
    grouped.groups = 2
    with refuses("MPSCNNBinaryConvolutionNode.*groups must be 1 for a binary filter, got 2"):
        graph_of(binary(node(), ones(grouped)))
    normalized = descriptor()
    normalized.set_batch_normalization_parameters_for_inference_with_mean(
        np.ones(2), variance=None, gamma=None, beta=None, epsilon=0
    )
    with refuses("a binary filter takes no batch normalization parameters"):
        graph_of(binary(node(), ones(normalized)))
    strided = descriptor()
    strided.stride_in_pixels_x = 2
    with refuses("MPSCNNBinaryFullyConnectedNode.*stride_in_pixels_x must be 1"):
        graph_of(binary(node(), ones(strided), cls=mps.MPSCNNBinaryFullyConnectedNode))
    with refuses("a sub-pixel descriptor is for convolution nodes only"):
        sub_pixel = mps.MPSCNNSubPixelConvolutionDescriptor(
            1, kernel_height=1, input_feature_channels=3, output_feature_channels=4
        )
        sub_pixel.sub_pixel_scale_factor = 2
        graph_of(binary(node(), ones(sub_pixel)))


@pytest.mark.parametrize("cls", NODES)
@pytest.mark.parametrize("name", ["output_bias_terms", "output_scale_terms", "input_bias_terms", "input_scale_terms"])
def test_lengths_of_terms(cls, name):
    which, count = ("output", 2) if name.startswith("output") else ("input", 3)
    with refuses(f"{cls.__name__}: {name} has 5 elements, {which}_feature_channels is {count}"):
        graph_of(binary(node(), ones({}), cls=cls, **{name: np.ones(5)}))
    with refuses(f"{cls.__name__}: {name}"):
        binary(node(), ones({}), cls=cls, **{name: "ones"})


@pytest.mark.parametrize("cls", NODES)
def test_sources_and_gradients(cls):
    made = binary(node(), ones({}), cls=cls)
    with refuses(f"{cls.__name__}.*2 feature channels, input_feature_channels is 3", mps.ShapeError):
        run(graph_of(made), ramp(1, 1, 2))
    with refuses(f"{cls.__name__}.*has no gradient", mps.GraphError):
        made.gradient_filter_with_source(node())
    assert made.result_state is None and made.convolution_gradient_state is None
    with pytest.raises(TypeError):
        cls(node(), weights=ones({}))


def test_fully_connected_window():
    made = binary(node(), ones({}), cls=mps.MPSCNNBinaryFullyConnectedNode)
    with refuses("MPSCNNBinaryFullyConnectedNode.*the source is 2 x 1", mps.ShapeError):
        run(graph_of(made), ramp(2, 1, 3))


# --- meaning --------------------------------------------------------------------------------------------------------


def test_bits_of_special_numbers():
    nan, infinity = float("nan"), float("inf")
    x = np.array([[[0, -0.0, nan, -nan, infinity, -infinity, 1e-45, -1e-45]]], np.float32)
    for implementation in ("popcount", "loops"):
        graph = graph_of(binary(node(), ones({"inputs": 8}), Type.AND))
        graph.implementation = implementation
        assert result_of(graph, x).ravel().tolist() == [6, 6]
    plain = graph_of(binary(node(), ones({"inputs": 8}), Type.BinaryWeights))
    assert np.isnan(result_of(plain, x)).all()


def test_more_channels_than_the_filter_reads():
    for kind, expected in ((Type.BinaryWeights, 6), (Type.XNOR, 3), (Type.AND, 3)):
        made = binary(node(), ones({}), kind, Flags.UseBetaScaling)
        result = result_of(graph_of(made), np.array([[[1, 2, 3, -9, -9]]], np.float32))
        assert result.ravel().tolist() == [expected * 2] * 2  # beta is 2


class Clamp(mps.MPSNNPadding):
    def padding_method(self):
        return mps.MPSNNPaddingMethod.Custom | mps.MPSNNPaddingMethod.SizeSame

    def destination_image_descriptor_for_source_images(self, images, states, kernel, suggested):
        kernel.edge_mode = mps.MPSImageEdgeMode.Clamp
        return suggested


@pytest.mark.parametrize("implementation", ["popcount", "loops"])
def test_edge_modes(implementation):
    x = np.array([[[-1], [1], [-1]]], np.float32)
    made = binary(node(), ones({"inputs": 1, "outputs": 1, "width": 3}), Type.AND)
    for policy, expected in ((None, [2, 1, 2]), (Clamp(), [1, 1, 1])):
        if policy:
            made.padding_policy = policy
        graph = graph_of(made)
        graph.implementation = implementation
        assert result_of(graph, x).ravel().tolist() == expected


def test_the_source_of_implementations():
    assert mps.implementations(binary(node(), ones({})), "cpu") == ["popcount", "loops"]
    graph = graph_of(binary(node(), ones({}), Type.BinaryWeights))
    graph.implementation = "popcount"
    assert result_of(graph, np.ones((1, 1, 3), np.float32)).ravel().tolist() == [3, 3]


@pytest.mark.parametrize("cls", NODES)
@pytest.mark.parametrize("kind", list(Type))
def test_saved_graphs(cls, kind):
    rng = np.random.default_rng(1)
    d = descriptor(inputs=40, outputs=3, width=2, height=1)
    d.fused_neuron_descriptor = mps.MPSNNNeuronDescriptor(mps.MPSCNNNeuronType.ReLU, a=0.5)
    words = rng.integers(0, 2**32, (3, 1, 2, 2), np.uint32)
    x = rng.standard_normal((1, 2, 40)).astype(np.float32)
    source = mps.ConvolutionWeights(d, words, rng.standard_normal(3).astype(np.float32), label="bits")
    terms = {"input_bias_terms": rng.standard_normal(40), "output_scale_terms": [1, 2, -3]}
    for made in (
        binary(node(), source, kind, Flags.UseBetaScaling, cls, **terms),
        cls.with_scale_value(node(), source, 0.75, kind, Flags.None_),
    ):
        graph = graph_of(made)
        expected = result_of(graph, x)
        file = io.BytesIO()
        graph.save(file)
        file.seek(0)
        loaded = mps.MPSNNGraph.load(file)
        assert np.array_equal(result_of(loaded, x), expected)
        assert np.array_equal(result_of(graph.copy_with_zone(), x), expected)
        loaded.reload_from_data_sources()
        assert np.array_equal(result_of(loaded, x), expected)
