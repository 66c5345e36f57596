"""Convolution, fully connected and transposed convolution; convolution.md 3 to 8.

Attributes are the descriptor's, without the channel counts that follow from the source, and
`multiplier` (depthwise), `data_type` and `kernel_weights` (types of the weights given and used), `biases`, `neuron`
(type and constants), `batch_normalization`.
"""

import functools

import numpy as np
from harness import (
    Array,
    Case,
    CaseError,
    Get,
    Member,
    New,
    Padding,
    Values,
    add_at,
    draw,
    low_side,
    pairwise,
    placement,
    read,
)

from families.neuron import distance_to_kink, neuron, neuron_descriptor

# Rounding to and from the points of Winograd's F(4 x 4, 3 x 3) and F(2 x 2, 5 x 5), 0, +-1/sqrt(2), +-sqrt(2) and infinity, adds up to
# the variance of so many times the direct sum's terms: the squares of A' times those of G and of B', summed and for each of the taps.
WINOGRAD_VARIANCE = {3: 26, 5: 31}

_STEPS = ("stride_in_pixels_x", "stride_in_pixels_y", "dilation_rate_x", "dilation_rate_y")


class Convolution(Case):
    """What the three nodes have in common: the descriptor, the weights in all their forms, neuron and normalisation."""

    weights_of = "source0"  # the source whose channels the weights meet

    @property
    def source(self):
        return self.sources[int(self.weights_of[-1])]

    @property
    def exact(self):
        plain = not any(k in self.attributes for k in ("neuron", "batch_normalization"))
        return plain and self.data_type in ("Float32", "Float16") and not self.has_winograd_form

    @property
    def has_winograd_form(self):
        a = self.attributes
        steps = [self.get(k) for k in _STEPS]
        is_square = a["kernel_width"] == a["kernel_height"] in WINOGRAD_VARIANCE
        return is_square and steps == [1] * 4 and self.get("groups") == 1

    @property
    def differentiable(self):
        # Neuron, normalisation, sub-pixel and quantised weights are for inference.
        inference = ("neuron", "batch_normalization", "sub_pixel_scale_factor")
        return not any(k in self.attributes for k in inference) and self.data_type in ("Float32", "Float16")

    @property
    def data_type(self):
        return self.attributes.get("data_type", "Float32")

    def get(self, name, default=1):
        return self.attributes.get(name, default)

    @property
    def extents(self):
        """Dilated height and width of the window."""
        height, width = self.attributes["kernel_height"], self.attributes["kernel_width"]
        return (height - 1) * self.get("dilation_rate_y") + 1, (width - 1) * self.get("dilation_rate_x") + 1

    @property
    def outputs_of_kernel(self):
        multiplier = self.get("multiplier", None)
        return self.source[2] * multiplier if multiplier else self.attributes["output_feature_channels"]

    @property
    def weights_shape(self):
        a = self.attributes
        inputs = 1 if "multiplier" in a else self.source[2] // self.get("groups")
        return self.outputs_of_kernel, a["kernel_height"], a["kernel_width"], inputs

    # The weights: what the engine is given, and the numbers they stand for.

    def parameters(self, rng, integers):
        o, *_ = self.weights_shape
        half = self.get("kernel_weights", "Float16") == "Float16"
        v: Values = {"biases": np.zeros(o)}
        if self.data_type.startswith("UInt8"):
            stored = rng.integers(0, 256, self.weights_shape).astype(np.uint8)
            if self.data_type == "UInt8 ranges":
                # Ranges in steps of 1/128, so that rounding to float16 finds the same value by any route.
                low = rng.integers(-255, 0, o) / 128
                v["ranges"] = np.stack([low, low + 255 / 128], 1).astype(np.float32)
                weights = low[:, None, None, None] + stored / 128
            else:
                v["lookup_table"] = rng.standard_normal(256).astype(np.float32)
                weights = v["lookup_table"][stored]
        else:
            if integers:
                weights = rng.integers(-3, 4, self.weights_shape)
            elif self.get("batch_normalization", False) and half:
                weights = rng.integers(-32, 33, self.weights_shape) / 32  # times a scale: still exact in float16
            else:
                weights = rng.standard_normal(self.weights_shape)
            stored = weights = weights.astype(np.float16 if self.data_type == "Float16" else np.float32)
        v["stored"] = stored
        v["weights"] = weights.astype(np.float16 if half else np.float32).astype(np.float64)
        if self.get("biases", True):
            biases = rng.integers(-3, 4, o) if integers else rng.standard_normal(o)
            v["biases"] = biases.astype(np.float32).astype(np.float64)
        if self.get("neuron", ("None",))[0] == "PReLU":
            v["slopes"] = rng.uniform(-0.5, 0.5, o).astype(np.float32).astype(np.float64)
        if self.get("batch_normalization", False):
            # gamma / sqrt(variance + 1/4) has few bits, see above.
            deviation = rng.choice([1, 2, 4], o)
            v |= {
                "gamma": rng.choice([-1.5, -0.75, 0.5, 1.25], o),
                "beta": rng.integers(-16, 17, o) / 8,
                "mean": rng.integers(-16, 17, o) / 8,
                "variance": deviation**2 - 0.25,
            }
        return v

    def data_source(self, v: Values) -> New:
        a = self.attributes
        properties = {k: a[k] for k in (*_STEPS, "groups", "sub_pixel_scale_factor") if k in a}
        calls = {}
        kind, *constants = a.get("neuron", ("None",))
        if kind == "PReLU":
            calls["set_neuron_to_prelu_with_parameters_a"] = (v["slopes"].astype(np.float32),), {}
        elif kind != "None":
            properties["fused_neuron_descriptor"] = neuron_descriptor(kind, *constants)
        if self.get("batch_normalization", False):
            mean, variance, gamma, beta = (v[k].astype(np.float32) for k in ("mean", "variance", "gamma", "beta"))
            calls["set_batch_normalization_parameters_for_inference_with_mean"] = (
                (mean,),
                {"variance": variance, "gamma": gamma, "beta": beta, "epsilon": 0.25},
            )
        kind = "DepthWise" if "multiplier" in a else "SubPixel" if "sub_pixel_scale_factor" in a else ""
        descriptor = New(
            f"MPSCNN{kind}ConvolutionDescriptor",
            (),
            {
                "kernel_width": a["kernel_width"],
                "kernel_height": a["kernel_height"],
                "input_feature_channels": self.source[2],
                "output_feature_channels": self.outputs_of_kernel,
            },
            properties,
            calls,
        )
        given = {k: v[k] for k in ("ranges", "lookup_table") if k in v}
        if self.get("biases", True):
            given["biases"] = v["biases"].astype(np.float32)
        if "label" in a:
            given["label"] = a["label"]
        kernel_weights = Member("MPSDataType", self.get("kernel_weights", "Float16"))
        return New(
            "ConvolutionWeights",
            (descriptor,),
            {"weights": v["stored"], "kernel_weights_data_type": kernel_weights} | given,
        )

    def node(self, sources, v):
        return New(self.name, tuple(sources), {"weights": self.data_source(v)}, self.properties)

    # Forward.

    def sums(self, v: Values) -> Array:
        """The weighted sums without bias."""
        raise NotImplementedError

    def normalized(self, v: Values) -> Array:
        y = self.sums(v) + v["biases"]
        if self.get("batch_normalization", False):
            y = v["gamma"] * (y - v["mean"]) / np.sqrt(v["variance"] + y.dtype.type(0.25)) + v["beta"]
        return y

    def forward(self, v, training=False):
        kind, *constants = self.get("neuron", ("None",))
        y = neuron(kind, self.normalized(v), *([v["slopes"]] if kind == "PReLU" else constants))
        r = self.get("sub_pixel_scale_factor")
        if r > 1:
            n, h, w, c = y.shape
            y = y.reshape(n, h, w, r, r, c // r**2).transpose(0, 1, 3, 2, 4, 5).reshape(n, h * r, w * r, c // r**2)
        return y

    def kink_distance(self, v):
        kind, *constants = self.get("neuron", ("None",))
        return np.inf if kind == "None" else distance_to_kink(self.normalized(v), kind, *constants)

    def groups_of(self, channels_in: int, channels_out: int):
        """The channels of the source, of the result and of the weights' first axis that belong together."""
        groups = self.get("groups") if "multiplier" not in self.attributes else self.source[2]
        for g in range(groups):
            i, o = channels_in // groups, channels_out // groups
            yield slice(g * i, (g + 1) * i), slice(g * o, (g + 1) * o)

    def terms(self, output):
        variance = WINOGRAD_VARIANCE[self.attributes["kernel_width"]] if self.has_winograd_form else 1
        return self.direct_terms(output) * variance

    def direct_terms(self, output):
        o, kh, kw, i = self.weights_shape
        if output in ("weights", "biases"):
            h, w = self.forward_size
            return self.batch * max(h * w, self.source[0] * self.source[1])
        if output == "result":
            extra = 2 * ("neuron" in self.attributes) + 2 * ("batch_normalization" in self.attributes)
            return kh * kw * i + 1 + extra  # 1: the bias
        return kh * kw * (self.attributes.get("multiplier") or o // self.get("groups"))


@functools.cache
def _drawn(case: Case) -> Array:
    return draw(case)["source0"]


class MPSCNNConvolutionNode(Convolution):
    """convolution.md 4 and 6."""

    default_padding = Padding.Same

    def grid(self):
        """Result size, and for a tap its source rows and columns."""
        h, w, _ = self.sources[0]
        padding = self.default_padding if self.padding is None else self.padding
        rows, top = placement(h, self.extents[0], self.get("stride_in_pixels_y"), padding, "y")
        columns, left = placement(w, self.extents[1], self.get("stride_in_pixels_x"), padding, "x")
        return rows, columns, top, left

    @property
    def forward_size(self):
        return self.grid()[:2]

    def taps(self):
        rows, columns, top, left = self.grid()
        for ky, kx in np.ndindex(self.attributes["kernel_height"], self.attributes["kernel_width"]):
            y = top + self.get("stride_in_pixels_y") * np.arange(rows) + self.get("dilation_rate_y") * ky
            x = left + self.get("stride_in_pixels_x") * np.arange(columns) + self.get("dilation_rate_x") * kx
            yield ky, kx, y, x

    def tap(self, v, rows, columns):
        """What one tap of every window reads. `outside` stands for the source beyond its edges."""
        x = v["source0"]
        if self.get("edges", "Zero") == "Zero":
            return read(x, rows, columns)
        h, w = x.shape[1:3]
        inside = ((rows >= 0) & (rows < h))[:, None] & ((columns >= 0) & (columns < w))
        nearest = rows.clip(0, h - 1), columns.clip(0, w - 1)
        return np.where(inside[None, ..., None], read(x, *nearest), read(v.get("outside", x), *nearest))

    def objective(self, v, g):
        """What taps outside the image read is a constant (OPEN C6)."""
        return super().objective(v | ({"outside": _drawn(self)} if "edges" in self.attributes else {}), g)

    def sums(self, v):
        x, w = v["source0"], v["weights"]
        acc = np.zeros((len(x), *self.forward_size, len(w)), x.dtype)
        for ky, kx, rows, columns in self.taps():
            tap = self.tap(v, rows, columns)
            for i, o in self.groups_of(x.shape[3], len(w)):
                acc[..., o] += tap[..., i] @ w[o, ky, kx].T
        return acc

    def gradients(self, v, g):
        x, w = v["source0"], v["weights"]
        dx, dw = np.zeros_like(x), np.zeros_like(w)
        for ky, kx, rows, columns in self.taps():
            tap = self.tap(v, rows, columns)
            for i, o in self.groups_of(x.shape[3], len(w)):
                add = np.zeros_like(tap)
                add[..., i] = g[..., o] @ w[o, ky, kx]
                add_at(dx, rows, columns, add)
                dw[o, ky, kx] = np.einsum("nyxo,nyxi->oi", g[..., o], tap[..., i])
        return {"source0": dx, "weights": dw, "biases": g.sum((0, 1, 2))}


class MPSCNNFullyConnectedNode(MPSCNNConvolutionNode):
    """convolution.md 5: the convolution whose window is the image."""

    default_padding = Padding.Valid


class MPSCNNConvolutionTransposeNode(Convolution):
    """convolution.md 8, kernel-base.md 6.6 and 6.7.

    With `mirrored` there are two sources: the first goes through a convolution with the same window and the padding
    `mirrored`, only the size of that source matters; the second has the size of that convolution's result.
    """

    @property
    def weights_of(self):
        return "source1" if "mirrored" in self.attributes else "source0"

    def axis(self, axis):
        """Result length and first expanded source index read, by one axis."""
        i = "yx".index(axis)
        length, extent, stride = self.source[i], self.extents[i], self.get(f"stride_in_pixels_{axis}")
        if "mirrored" in self.attributes:
            size = self.sources[0][i]
            expected, first = placement(size, extent, stride, self.attributes["mirrored"], axis)
            if expected != length:
                raise CaseError(f"the mirrored convolution's result has {expected} pixels, not {length}")
            offset = extent // 2 + first
            return size, -offset + (extent % 2 == 0) - extent // 2
        padding = Padding.Same if self.padding is None else self.padding
        style = ((padding & 0x30) >> 4) - 1
        result = (length - 1) * stride + 1 + style * (extent - 1)
        if result < 1:
            raise CaseError("the window does not fit")
        return result, -low_side((style + 1) * (extent - 1), padding, axis)

    @property
    def forward_size(self):
        return self.axis("y")[0], self.axis("x")[0]

    def taps(self):
        """Per tap the rows and columns of the expanded source it meets, for every result pixel."""
        (rows, top), (columns, left) = self.axis("y"), self.axis("x")
        for ky, kx in np.ndindex(self.attributes["kernel_height"], self.attributes["kernel_width"]):
            y = top + np.arange(rows) + self.get("dilation_rate_y") * ky
            x = left + np.arange(columns) + self.get("dilation_rate_x") * kx
            yield ky, kx, y, x

    def expanded(self, x):
        """The source with stride - 1 zeros between its pixels."""
        sy, sx = self.get("stride_in_pixels_y"), self.get("stride_in_pixels_x")
        n, h, w, c = x.shape
        z = np.zeros((n, (h - 1) * sy + 1, (w - 1) * sx + 1, c), x.dtype)
        z[:, ::sy, ::sx] = x
        return z

    def sums(self, v):
        z, w = self.expanded(v[self.weights_of]), v["weights"]
        acc = np.zeros((len(z), *self.forward_size, len(w)), z.dtype)
        for ky, kx, rows, columns in self.taps():
            tap = read(z, rows, columns)
            for i, o in self.groups_of(z.shape[3], len(w)):
                acc[..., o] += tap[..., i] @ w[o, ky, kx].T
        return acc

    def gradients(self, v, g):
        z, w = self.expanded(v[self.weights_of]), v["weights"]
        dz, dw = np.zeros_like(z), np.zeros_like(w)
        for ky, kx, rows, columns in self.taps():
            tap = read(z, rows, columns)
            for i, o in self.groups_of(z.shape[3], len(w)):
                add = np.zeros_like(tap)
                add[..., i] = g[..., o] @ w[o, ky, kx]
                add_at(dz, rows, columns, add)
                dw[o, ky, kx] = np.einsum("nyxo,nyxi->oi", g[..., o], tap[..., i])
        dx = dz[:, :: self.get("stride_in_pixels_y"), :: self.get("stride_in_pixels_x")]
        return {self.weights_of: dx, "weights": dw, "biases": g.sum((0, 1, 2))}

    def node(self, sources, v):
        if "mirrored" not in self.attributes:
            return super().node(sources, v)
        # The convolution computes nothing anybody reads; its state carries its geometry.
        a = {k: x for k, x in self.attributes.items() if k.startswith(("kernel_w", "kernel_h", "stride", "dilation"))}
        del a["kernel_weights"]
        forward = MPSCNNConvolutionNode(
            self.sources[:1], a | {"output_feature_channels": 2, "biases": False}, padding=self.attributes["mirrored"]
        )
        weights = np.ones(forward.weights_shape, np.float32)
        convolution = forward.node(sources[:1], {"stored": weights})
        return New(
            self.name,
            tuple(sources[1:]),
            {"convolution_gradient_state": Get(convolution, "result_state"), "weights": self.data_source(v)},
            self.properties,
        )


# --- cases -----------------------------------------------------------------------------------------------------------

_KERNELS = [(1, 1), (3, 2), (2, 3), (5, 1), (4, 3), (2, 5), (12, 9)]  # width, height; the last exceeds most images
_STRIDES = [(1, 1), (2, 1), (1, 2), (3, 2)]
_DILATIONS = [(1, 1), (2, 1), (1, 3), (3, 2)]
_IMAGES = [(1, 1), (1, 6), (7, 5), (6, 9), (4, 11)]  # height, width
_CHANNELS = [(1, 2), (3, 5), (4, 8), (5, 3), (8, 4), (13, 17)]  # in and out, per group
_TYPES = [("Float32", "Float32"), ("Float32", "Float16"), ("Float16", "Float16")]


def _attributes(kernel, stride, dilation, types):
    """Descriptor attributes without the ones at their default, and the exemptions they need."""
    a = {"kernel_width": kernel[0], "kernel_height": kernel[1]}
    if stride != (1, 1):
        a |= {"stride_in_pixels_x": stride[0], "stride_in_pixels_y": stride[1]}
    if dilation != (1, 1):
        a |= {"dilation_rate_x": dilation[0], "dilation_rate_y": dilation[1]}
    if types[0] != "Float32":
        a["data_type"] = types[0]
    a["kernel_weights"] = types[1]
    return a, {"axes": "the pointwise convolution has kernels of its own"} if kernel == (1, 1) else {}


def _one_pixel(image):
    return {"extents": "one pixel"} if image == (1, 1) else {}


def _convolution(kernel, stride, dilation, groups, channels, image, padding, edges, batch, types, biases):
    a, exempt = _attributes(kernel, stride, dilation, types)
    a |= {"output_feature_channels": groups * channels[1]}
    if groups > 1:
        a["groups"] = groups
    if not biases:
        a["biases"] = False
    a |= {"edges": edges} if edges else {}
    source = (*image, groups * channels[0])
    case = MPSCNNConvolutionNode((source,), a, batch, padding, exempt | _one_pixel(image))
    case.grid()
    return case


def _tiled(taps, channels, image, padding, batch, types, neuron, biases):
    """Windows that Winograd's kernels take; training where there is no neuron."""
    a, _ = _attributes((taps, taps), (1, 1), (1, 1), types)
    a |= {"output_feature_channels": channels[1]}
    a |= {"neuron": neuron} if neuron else {}
    a |= {} if biases else {"biases": False}
    case = MPSCNNConvolutionNode(
        ((*image, channels[0]),), a, batch, padding, _one_pixel(image) | {"axes": "Winograd's windows are square"}
    )
    case.grid()
    return case


def _depthwise(kernel, stride, dilation, multiplier, channels, image, padding, edges, batch, types):
    a, exempt = _attributes(kernel, stride, dilation, types)
    a |= {"edges": edges} if edges else {}
    case = MPSCNNConvolutionNode(
        ((*image, channels),), a | {"multiplier": multiplier}, batch, padding, exempt | _one_pixel(image)
    )
    case.grid()
    return case


def _depthwise_window(taps, stride, channels, image, padding, batch, neuron):
    """The square windows that have loops of their own."""
    a, _ = _attributes((taps, taps), (stride, stride), (1, 1), ("Float32", "Float32"))
    a |= {"neuron": neuron} if neuron else {}
    exempt = {"axes": "other shapes have no such loops; weights and images tell the axes apart"}
    return MPSCNNConvolutionNode(((*image, channels),), a | {"multiplier": 1}, batch, padding, exempt)


def _small_groups(kernel, stride, dilation, members, groups, image, padding, edges, batch, neuron):
    """As many inputs as outputs in each group, which share vectors with other groups' there."""
    a, exempt = _attributes(kernel, stride, dilation, ("Float32", "Float32"))
    channels = members * groups
    a |= {"output_feature_channels": channels, "groups": groups}
    a |= {"neuron": neuron} if neuron else {}
    a |= {"edges": edges} if edges else {}
    exempt |= {"axes": "loops of their own have square windows"} if kernel == (3, 3) else {}
    return MPSCNNConvolutionNode(((*image, channels),), a, batch, padding, exempt)


def _narrow(kernel, stride, dilation, channels, image, padding, edges, batch, neuron):
    """Few outputs of many inputs, which have loops of their own."""
    a, exempt = _attributes(kernel, stride, dilation, ("Float32", "Float32"))
    a |= {"output_feature_channels": channels[1]} | ({"neuron": neuron} if neuron else {})
    a |= {"edges": edges} if edges else {}
    return MPSCNNConvolutionNode(((*image, channels[0]),), a, batch, padding, exempt)


def _inference(kernel, stride, groups, channels, image, padding, batch, types, neuron, batch_normalization, sub_pixel):
    """Fused neurons, folded normalisation, quantised weights, sub-pixel results."""
    a, exempt = _attributes(kernel, stride, (1, 1), types)
    outputs = groups * channels[1] * sub_pixel**2
    a |= {"output_feature_channels": outputs, "neuron": neuron}
    a |= {"groups": groups} if groups > 1 else {}
    a |= {"batch_normalization": True} if batch_normalization else {}
    a |= {"sub_pixel_scale_factor": sub_pixel} if sub_pixel > 1 else {}
    if batch_normalization and types[0].startswith("UInt8"):
        raise CaseError("folded and rounded: the last bit of float16 depends on the order")
    source = (*image, groups * channels[0])
    case = MPSCNNConvolutionNode((source,), a, batch, padding, exempt | _one_pixel(image))
    case.grid()
    return case


def _transpose(kernel, stride, dilation, groups, channels, image, padding, batch, kernel_weights, biases):
    a, exempt = _attributes(kernel, stride, dilation, ("Float32", kernel_weights))
    a |= {"output_feature_channels": groups * channels[1], "biases": biases}
    a |= {"groups": groups} if groups > 1 else {}
    source = (*image, groups * channels[0])
    case = MPSCNNConvolutionTransposeNode((source,), a, batch, padding, exempt | _one_pixel(image))
    if case.forward_size == (1, 1) and image != (1, 1):
        raise CaseError("hardly anything is left")
    return case


def _mirrored(kernel, stride, dilation, groups, channels, image, mirrored, batch):
    a, exempt = _attributes(kernel, stride, dilation, ("Float32", "Float32"))
    a |= {"output_feature_channels": groups * channels[1], "mirrored": mirrored}
    a |= {"groups": groups} if groups > 1 else {}
    source = (*image, 1 if image != (1, 1) else 4)
    forward = MPSCNNConvolutionNode((source,), a, padding=mirrored)
    second = (*forward.forward_size, groups * channels[0])
    return MPSCNNConvolutionTransposeNode((source, second), a, batch, None, exempt | _one_pixel(image))


_PADDINGS = [
    None,
    Padding.Same | Padding.BottomRight,
    Padding.Same | Padding.TopRight,
    Padding.Same | Padding.BottomLeft,
    Padding.Same | Padding.AlignTopLeft,
    Padding.Same | Padding.AlignBottomRight,
    Padding.Valid,
    Padding.Valid | Padding.BottomRight,
    Padding.Full,
    Padding.Full | Padding.BottomRight,
]

_QUANTIZED = [("UInt8 ranges", "Float16"), ("UInt8 table", "Float16")]


def _fully_connected(shape, outputs, batch=1, types=("Float32", "Float32"), **more):
    h, w, _ = shape
    a, _ = _attributes((w, h), (1, 1), (1, 1), types)
    return MPSCNNFullyConnectedNode((shape,), a | {"output_feature_channels": outputs} | more, batch)


def _vectors(image, channels, outputs, batch, types, more):
    h, w = image
    a, _ = _attributes((w, h), (1, 1), (1, 1), types)
    exempt = {"extents": "one pixel", "axes": "one pixel"} if image == (1, 1) else {}
    a |= {"output_feature_channels": outputs} | more
    return MPSCNNFullyConnectedNode(((h, w, channels),), a, batch, exempt=exempt)


CASES = [
    *pairwise(
        {
            "kernel": _KERNELS,
            "stride": _STRIDES,
            "dilation": _DILATIONS,
            "groups": [1, 2, 3],
            "channels": _CHANNELS,
            "image": _IMAGES,
            "padding": _PADDINGS,
            "edges": [None, "Clamp"],
            "batch": [1, 3],
            "types": _TYPES,
            "biases": [True, False],
        },
        _convolution,
        seed=1,
    ),
    *pairwise(
        {
            "taps": [3, 5],
            "channels": [(1, 2), (3, 5), (16, 16), (33, 19), (24, 70)],
            "image": [(1, 1), (3, 2), (4, 8), (9, 13), (6, 17)],
            "padding": _PADDINGS,
            "batch": [1, 3],
            "types": _TYPES,
            "neuron": [None, ("ReLU", 0), ("ReLU", 0.25), ("TanH", 1.25, 0.5)],
            "biases": [True, False],
        },
        _tiled,
        seed=7,
    ),
    *pairwise(
        {
            "kernel": _KERNELS[1:],
            "stride": _STRIDES,
            "dilation": _DILATIONS,
            "multiplier": [1, 2],
            "channels": [3, 8, 10, 17],
            "image": _IMAGES,
            "padding": [
                None,
                Padding.Same | Padding.BottomRight,
                Padding.Same | Padding.AlignTopLeft,
                Padding.Valid,
                Padding.Full,
                Padding.Full | Padding.BottomLeft,
            ],
            "edges": [None, "Clamp"],
            "batch": [1, 2],
            "types": _TYPES[:2],
        },
        _depthwise,
        seed=2,
    ),
    *pairwise(
        {
            "taps": [3, 5],
            "stride": [1, 2],
            "channels": [8, 15, 16, 24, 37],
            "image": [(5, 4), (7, 9), (2, 10), (11, 7), (4, 3), (14, 12)],
            "padding": [
                None,
                Padding.Same | Padding.TopRight,
                Padding.Valid,
                Padding.Full,
                Padding.Full | Padding.BottomLeft,
            ],
            "batch": [1, 3],
            "neuron": [
                None,
                ("ReLU", 0),
                ("ReLU", 0.25),
                ("ReLUN", 0, 1.5),
                ("ReLUN", 0.25, 1.5),
                ("PReLU",),
                ("Sigmoid",),
            ],
        },
        _depthwise_window,
        seed=7,
    ),
    *pairwise(
        {
            "kernel": [(3, 3), (1, 1), (3, 2), (5, 5)],
            "stride": [(1, 1), (2, 2), (2, 1)],
            "dilation": [(1, 1), (1, 2)],
            "members": [2, 4, 8],
            "groups": [4, 5, 8, 9],
            "image": [(5, 4), (7, 9), (2, 10), (11, 3)],
            "padding": [None, Padding.Same | Padding.TopRight, Padding.Valid, Padding.Full],
            "edges": [None, "Clamp"],
            "batch": [1, 3],
            "neuron": [None, ("ReLU", 0.25), ("Sigmoid",)],
        },
        _small_groups,
        seed=9,
    ),
    # Three taps in a row, whose gradients have loops of their own.
    *pairwise(
        {
            "kernel": [(3, 3), (3, 1), (3, 4)],
            "stride": _STRIDES,
            "dilation": [(1, 1), (2, 1), (1, 3)],
            "members": [1, 2, 4, 8],
            "groups": [4, 6, 9, 18],
            "image": [(5, 4), (13, 11), (3, 17), (18, 2)],
            "padding": [None, Padding.Same | Padding.TopRight, Padding.Valid, Padding.Full],
            "edges": [None],
            "batch": [1, 3],
            "neuron": [None],
        },
        _small_groups,
        seed=10,
    ),
    *pairwise(
        {
            "kernel": [(1, 1), (3, 2), (2, 5), (9, 4)],
            "stride": _STRIDES,
            "dilation": [(1, 1), (2, 1), (1, 3)],
            "channels": [(32, 1), (40, 1), (40, 2), (64, 2), (48, 3), (64, 3), (24, 4), (128, 4)],
            "image": [(5, 4), (13, 11), (3, 17), (18, 2)],
            "padding": [None, Padding.Same | Padding.TopRight, Padding.Valid, Padding.Full],
            "edges": [None, "Clamp"],
            "batch": [1, 3],
            "neuron": [None, ("ReLU", 0), ("ReLUN", 0.25, 1.5), ("TanH", 1.25, 0.5)],
        },
        _narrow,
        seed=8,
    ),
    # Of nine columns that end eight apart, some are the same one and some are left out.
    _narrow((9, 4), (3, 2), (2, 1), (8, 3), (5, 9), None, "Clamp", 1, None),
    *pairwise(
        {
            "kernel": _KERNELS[:5],
            "stride": _STRIDES,
            "groups": [1, 2],
            "channels": [(3, 5), (4, 8), (6, 7)],
            "image": _IMAGES,
            "padding": [None, Padding.Same | Padding.BottomRight, Padding.Valid, Padding.Full],
            "batch": [1, 2],
            "types": [*_TYPES, *_QUANTIZED],
            "neuron": [
                ("None",),
                ("ReLU", 0),
                ("ReLU", 0.25),
                ("ReLUN", 0, 1.5),
                ("PReLU",),
                ("TanH", 1.25, 0.5),
                ("Sigmoid",),
                ("HardSigmoid", 0.25, 0.5),
                ("Linear", -1.5, 0.5),
                ("ELU", 0.75),
                ("SoftPlus", 0.5, 1.5),
                ("GeLU",),
            ],
            "batch_normalization": [False, True],
            "sub_pixel": [1, 2, 3],
        },
        _inference,
        seed=3,
    ),
    *pairwise(
        {
            "image": [(1, 1), (1, 6), (5, 3), (2, 7)],
            "channels": [1, 3, 8, 10, 17],
            "outputs": [1, 4, 6, 13, 32],
            "batch": [1, 2],
            "types": [*_TYPES, *_QUANTIZED],
            "more": [{}, {"biases": False}, {"neuron": ("TanH", 1.25, 0.5)}, {"neuron": ("ReLU", 0.125)}],
        },
        _vectors,
        seed=6,
    ),
    _fully_connected((5, 3, 4), 7),
    _fully_connected((2, 6, 10), 13, 3, ("Float32", "Float16")),
    _fully_connected((4, 5, 1), 8, 2, ("Float16", "Float16"), biases=False),
    _fully_connected((3, 2, 17), 1, 4),
    _fully_connected((3, 4, 8), 5, 2, neuron=("ReLU", 0.125), batch_normalization=True),
    _fully_connected((4, 3, 9), 11, 2, _QUANTIZED[0], neuron=("Sigmoid",)),
    _fully_connected((2, 5, 7), 6, 3, _QUANTIZED[1]),
    MPSCNNFullyConnectedNode(
        ((1, 1, 19),),
        {"kernel_width": 1, "kernel_height": 1, "kernel_weights": "Float32", "output_feature_channels": 10},
        3,
        exempt={"extents": "a vector", "axes": "a vector"},
    ),
    *pairwise(
        {
            "kernel": _KERNELS,
            "stride": _STRIDES,
            "dilation": _DILATIONS,
            "groups": [1, 2, 3],
            "channels": _CHANNELS,
            "image": [(1, 1), (1, 5), (5, 4), (3, 7)],
            "padding": [
                None,
                Padding.Same | Padding.BottomRight,
                Padding.Same | Padding.AlignTopLeft,
                Padding.Valid,
                Padding.Full,
                Padding.Full | Padding.BottomRight,
            ],
            "batch": [1, 2],
            "kernel_weights": ["Float32", "Float16"],
            "biases": [True, False],
        },
        _transpose,
        seed=4,
    ),
    *pairwise(
        {
            "kernel": [(3, 3), (3, 2)],
            "stride": [(1, 1), (2, 2)],
            "dilation": [(1, 1), (2, 1)],
            "groups": [5, 8],
            "channels": [(2, 2), (4, 4), (8, 8)],
            "image": [(5, 4), (7, 9)],
            "padding": [None, Padding.Same | Padding.BottomRight, Padding.Valid],
            "batch": [1, 2],
            "kernel_weights": ["Float32"],
            "biases": [True, False],
        },
        _transpose,
        seed=10,
    ),
    *pairwise(
        {
            "kernel": _KERNELS[1:],
            "stride": _STRIDES,
            "dilation": [(1, 1), (2, 3)],
            "groups": [1, 2],
            "channels": [(3, 5), (4, 8), (7, 2)],
            "image": [(1, 1), (1, 6), (7, 9), (6, 11), (10, 5)],
            "mirrored": [Padding.Same, Padding.Same | Padding.BottomRight, Padding.Valid, Padding.Full],
            "batch": [1, 2],
        },
        _mirrored,
        seed=5,
    ),
    # Normalisation and a neuron in the descriptor of a transposed convolution.
    MPSCNNConvolutionTransposeNode(
        ((4, 5, 3),),
        {
            "kernel_width": 3,
            "kernel_height": 2,
            "stride_in_pixels_x": 2,
            "stride_in_pixels_y": 3,
            "kernel_weights": "Float32",
            "output_feature_channels": 6,
            "neuron": ("PReLU",),
            "batch_normalization": True,
        },
        2,
        Padding.Full,
    ),
]
