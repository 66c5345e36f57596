"""Convolution with weights of one bit; convolution.md 9.

Attributes are the descriptor's, `type` and `beta`, `terms`: which of the terms there are, or "scale" for the form with a scale
value, and `neuron` (type and constants).
"""

import numpy as np
from harness import Array, Case, Member, New, Padding, Values, pairwise, placement, read

from families.neuron import neuron, neuron_descriptor

_STEPS = ("stride_in_pixels_x", "stride_in_pixels_y", "dilation_rate_x", "dilation_rate_y")
_TERMS = {  # name -> how the page calls it: whether it has a number for each output channel, and its neutral value
    "output_bias_terms": (True, 0),
    "output_scale_terms": (True, 1),
    "input_bias_terms": (False, 0),
    "input_scale_terms": (False, 1),
}


class MPSCNNBinaryConvolutionNode(Case):
    differentiable = False
    default_padding = Padding.Same

    @property
    def exact(self):
        return not self.get("beta", False) and "neuron" not in self.attributes

    def get(self, name, default=1):
        return self.attributes.get(name, default)

    @property
    def weights_shape(self):
        a = self.attributes
        return a["output_feature_channels"], a["kernel_height"], a["kernel_width"], self.sources[0][2]

    def parameters(self, rng, integers):
        outputs, *window, inputs = self.weights_shape
        words = rng.integers(0, 2**32, (outputs, *window, -(-inputs // 32)), np.uint32)  # unused bits are anything
        bits = words[..., np.arange(inputs) // 32] >> (np.arange(inputs, dtype=np.uint32) % 32) & 1
        v: Values = {"stored": words, "bits": bits.astype(np.int8)}

        def numbers(count):
            drawn = rng.choice([-3, -2, -1, 1, 2, 3], count) if integers else rng.standard_normal(count)
            return drawn.astype(np.float32).astype(np.float64)

        terms = self.get("terms", "all")
        v["biases"] = numbers(outputs)
        v["scale_value"] = numbers(1)
        for i, (name, (of_output, neutral)) in enumerate(_TERMS.items()):
            count = outputs if of_output else inputs
            given = terms == "all" or (terms == "even" and i % 2 == 0) or (terms == "odd" and i % 2 == 1)
            v[name] = numbers(count) if given else np.full(count, float(neutral))
            v[f"has_{name}"] = np.array(given)
        if terms == "scale":
            v["output_bias_terms"], v["output_scale_terms"] = v["biases"], v["scale_value"]
        return v

    def node(self, sources, v):
        a = self.attributes
        properties = {k: a[k] for k in _STEPS if k in a}
        if "neuron" in a:
            properties["fused_neuron_descriptor"] = neuron_descriptor(*a["neuron"])
        outputs, height, width, inputs = self.weights_shape
        channels = {"input_feature_channels": inputs, "output_feature_channels": outputs}
        sizes = {"kernel_width": width, "kernel_height": height}
        descriptor = New("MPSCNNConvolutionDescriptor", (), sizes | channels, properties)
        source = New(
            "ConvolutionWeights", (descriptor,), {"weights": v["stored"], "biases": v["biases"].astype(np.float32)}
        )
        given = {
            "weights": source,
            "type": Member("MPSCNNBinaryConvolutionType", a["type"]),
            "flags": Member("MPSCNNBinaryConvolutionFlags", "UseBetaScaling" if self.get("beta", False) else "None_"),
        }
        if self.get("terms", "all") == "scale":
            given["scale_value"] = float(v["scale_value"][0])
            return New(f"{self.name}.with_scale_value", tuple(sources), given, self.properties)
        given |= {name: v[name].astype(np.float32) for name in _TERMS if v[f"has_{name}"]}
        return New(self.name, tuple(sources), given, self.properties)

    def processed(self, v: Values) -> Array:
        return (v["source0"] + v["input_bias_terms"]) * v["input_scale_terms"]

    def taps(self):
        """For every tap its place in the window, and the source rows and columns that the result's pixels read."""
        padding = self.default_padding if self.padding is None else self.padding
        axes = []
        for axis, size, length in (("y", "height", self.sources[0][0]), ("x", "width", self.sources[0][1])):
            taps, stride = self.attributes[f"kernel_{size}"], self.get(f"stride_in_pixels_{axis}")
            step = self.get(f"dilation_rate_{axis}")
            count, first = placement(length, (taps - 1) * step + 1, stride, padding, axis)
            axes.append([first + stride * np.arange(count) + step * k for k in range(taps)])
        for ky, rows in enumerate(axes[0]):
            for kx, columns in enumerate(axes[1]):
                yield ky, kx, rows, columns

    def forward(self, v, training=False):
        p = self.processed(v)
        magnitude = np.abs(p).mean(3, keepdims=True)
        total, beta = 0, 0
        for ky, kx, rows, columns in self.taps():
            bit = v["bits"][:, ky, kx].T
            x = read(p, rows, columns)  # 0 outside, and so 1 as a bit
            if self.attributes["type"] == "BinaryWeights":
                total = total + x @ (2 * bit - 1).astype(p.dtype)
            elif self.attributes["type"] == "XNOR":
                total = total + np.where(x < 0, -1, 1).astype(p.dtype) @ (2 * bit - 1).astype(p.dtype)
            else:
                total = total + np.where(x < 0, 0, 1).astype(p.dtype) @ bit.astype(p.dtype)
            beta = beta + read(magnitude, rows, columns)
        if self.get("beta", False):
            total = total * beta / (self.weights_shape[1] * self.weights_shape[2])
        y = total * v["output_scale_terms"] + v["output_bias_terms"]
        return neuron(*(self.get("neuron", ("None",))[:1]), y, *self.get("neuron", ("None",))[1:])

    def kink_distance(self, v):
        """A bit jumps at 0."""
        return np.inf if self.attributes["type"] == "BinaryWeights" else float(np.abs(self.processed(v)).min())

    def terms(self, output):
        _, kh, kw, inputs = self.weights_shape
        return kh * kw * inputs + 4


class MPSCNNBinaryFullyConnectedNode(MPSCNNBinaryConvolutionNode):
    default_padding = Padding.Valid


def _convolutions():
    def make(image, channels, batch, kernel, stride, dilation, outputs, kind, beta, terms, padding, neuron):
        attributes = {
            "kernel_width": kernel[0],
            "kernel_height": kernel[1],
            "output_feature_channels": outputs,
            "type": kind,
            "beta": beta,
            "terms": terms,
        }
        exempt = {"axes": "1 x 1 is a common size"} if kernel == (1, 1) else {}
        if stride != (1, 1):
            attributes |= {"stride_in_pixels_x": stride[0], "stride_in_pixels_y": stride[1]}
        if dilation != (1, 1):
            attributes |= {"dilation_rate_x": dilation[0], "dilation_rate_y": dilation[1]}
        if neuron is not None:
            attributes["neuron"] = neuron
        if image == (1, 1):
            exempt["extents"] = "one pixel"
        return MPSCNNBinaryConvolutionNode(((*image, channels),), attributes, batch, padding, exempt)

    factors = {
        "image": [(1, 1), (2, 5), (6, 7), (9, 4)],
        "channels": [1, 3, 31, 32, 33, 70, 128],
        "batch": [1, 3],
        "kernel": [(1, 1), (2, 3), (3, 2), (4, 3), (5, 2), (8, 11)],
        "stride": [(1, 1), (2, 1), (1, 3)],
        "dilation": [(1, 1), (2, 1), (1, 2), (3, 2)],
        "outputs": [1, 4, 6, 13],
        "kind": ["BinaryWeights", "XNOR", "AND"],
        "beta": [False, True],
        "terms": ["all", "even", "odd", "none", "scale"],
        "padding": [
            None,
            Padding.Same | Padding.BottomRight,
            Padding.Same | Padding.TopRight,
            Padding.Same | Padding.AlignTopLeft,
            Padding.Same | Padding.AlignBottomRight,
            Padding.Valid,
            Padding.Valid | Padding.BottomRight,
            Padding.Full,
            Padding.Full | Padding.BottomLeft,
        ],
        "neuron": [None, ("ReLU", 0.25), ("Sigmoid",)],
    }
    return pairwise(factors, make, seed=1)


def _fully_connected():
    def make(image, channels, batch, outputs, kind, beta, terms):
        attributes = {
            "kernel_width": image[1],
            "kernel_height": image[0],
            "output_feature_channels": outputs,
            "type": kind,
            "beta": beta,
            "terms": terms,
        }
        exempt = {"extents": "one pixel", "axes": "one pixel"} if image == (1, 1) else {}
        return MPSCNNBinaryFullyConnectedNode(((*image, channels),), attributes, batch, None, exempt)

    factors = {
        "image": [(1, 1), (1, 4), (3, 5)],
        "channels": [7, 40, 64, 100],
        "batch": [1, 2],
        "outputs": [1, 3, 16, 21],
        "kind": ["BinaryWeights", "XNOR", "AND"],
        "beta": [False, True],
        "terms": ["all", "none", "scale"],
    }
    return pairwise(factors, make, seed=2)


CASES = [*_convolutions(), *_fully_connected()]
