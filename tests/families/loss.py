"""The loss node: its result image is the gradient, the loss itself is written into the labels; loss.md 4 to 7."""

import numpy as np
from harness import Array, Case, CaseError, Member, New, Values, pairwise

from families.softmax import log_softmax, softmax


def element_losses(kind: str, y: Array, t: Array, a: dict) -> tuple[Array, Array]:
    """Loss of every element and its derivative with respect to y; loss.md 5. Labels come smoothed."""
    match kind:
        case "MeanAbsoluteError":
            return np.abs(y - t), np.sign(y - t)
        case "MeanSquaredError":
            return (y - t) ** 2, 2 * (y - t)
        case "SoftMaxCrossEntropy":
            return -t * log_softmax(y), softmax(y) - t
        case "SigmoidCrossEntropy":
            return np.maximum(y, 0) - y * t + np.log1p(np.exp(-np.abs(y))), 1 / (1 + np.exp(-y)) - t
        case "CategoricalCrossEntropy":
            return -t * np.log(y), -t / y
        case "Hinge":
            h = 2 * t - 1
            return np.maximum(1 - h * y, 0), np.where(1 - h * y > 0, -h, 0)
        case "Huber":
            e, d = y - t, a.get("delta", 1)
            return np.where(np.abs(e) <= d, e**2 / 2, d**2 / 2 + d * (np.abs(e) - d)), e.clip(-d, d)
        case "CosineDistance":
            return -y * t, -t  # and 1 once for the image
        case "Log":
            q = y.dtype.type(a.get("epsilon", 1e-7))
            return (
                -t * np.log(y + q) - (1 - t) * np.log(1 - y + q),
                (-2 * q * t - t + y + q) / (y * (1 - y) + q * (q + 1)),
            )
        case "KullbackLeiblerDivergence":
            return np.where(t == 0, 0, t * (np.log(np.where(t == 0, 1, t)) - y)), -t
    raise ValueError(kind)


def smoothed(kind: str, t: Array, a: dict) -> Array:
    """Labels as the two cross entropies see them; loss.md 4."""
    s = a.get("label_smoothing", 0)
    if s and kind == "SoftMaxCrossEntropy":
        return t * (1 - s) + s / a["number_of_classes"]
    return t * (1 - s) + 0.5 * s if s and kind == "SigmoidCrossEntropy" else t


def kink_distance(kind: str, y: Array, t: Array, a: dict) -> float:
    match kind:
        case "MeanAbsoluteError":
            return float(np.abs(y - t).min(initial=np.inf))
        case "Huber":
            return float(np.abs(np.abs(y - t) - a.get("delta", 1)).min(initial=np.inf))
        case "Hinge":
            return float(np.abs(1 - (2 * t - 1) * y).min(initial=np.inf))
    return np.inf


class MPSCNNLossNode(Case):
    """Attributes: loss_type, reduction_type, other properties of the descriptor, and of the labels `weights`
    ("elements" or "pixels": one weight for all channels), `wider` (channels the labels have beyond the source's)
    and `layout`."""

    starts_backward = True

    def parameters(self, rng, integers):
        kind, (h, w, c) = self.attributes["loss_type"], self.sources[0]
        shape = (self.batch, h, w, c)
        match kind:
            case "SoftMaxCrossEntropy":
                t = np.eye(c)[rng.integers(0, c, shape[:3])]
            case "CategoricalCrossEntropy" | "KullbackLeiblerDivergence":
                t = softmax(rng.standard_normal(shape))
            case "SigmoidCrossEntropy" | "Log":
                t = rng.uniform(0, 1, shape)
            case "Hinge":
                t = rng.integers(0, 2, shape)
            case "CosineDistance":
                t = rng.uniform(0.1, 1, shape)
                t = t / np.sqrt((t**2).sum((1, 2, 3), keepdims=True))
            case _:
                t = rng.standard_normal(shape)
        return self.labels_and_weights(rng, t)

    def labels_and_weights(self, rng: np.random.Generator, t: Array) -> Values:
        wider = self.attributes.get("wider", 0)
        v = {"labels": np.concatenate([t, rng.standard_normal((*t.shape[:3], wider))], -1)}
        match self.attributes.get("weights"):
            case "elements":
                v["weights"] = rng.uniform(0.5, 2, v["labels"].shape) * (rng.random(v["labels"].shape) < 0.75)
            case "pixels":
                one = rng.uniform(0.5, 2, (*t.shape[:3], 1)) * (rng.random((*t.shape[:3], 1)) < 0.75)
                v["weights"] = np.broadcast_to(one, v["labels"].shape)
        return {k: x.astype(np.float32).astype(np.float64) for k, x in v.items()}

    def draw_source(self, rng, index, shape):
        match self.attributes["loss_type"]:
            case "CategoricalCrossEntropy":
                return softmax(rng.standard_normal(shape))
            case "KullbackLeiblerDivergence":
                return log_softmax(rng.standard_normal(shape))
            case "Log":
                return rng.uniform(0.05, 0.95, shape)
            case "CosineDistance":
                y = rng.uniform(0, 1, shape)
                return y / np.sqrt((y**2).sum((1, 2, 3), keepdims=True))
        return 2 * rng.standard_normal(shape)

    def weighted(self, v: Values) -> tuple[Array, Array, Array]:
        """Weights of the elements, weighted losses, weighted gradients."""
        a, y = self.attributes, v["source0"]
        t = smoothed(a["loss_type"], v["labels"][..., : y.shape[3]], a)
        w = a.get("weight", 1) * (v["weights"][..., : y.shape[3]] if "weights" in v else np.ones_like(y))
        loss, gradient = element_losses(a["loss_type"], y, t, a)
        return w, w * loss, w * gradient

    def losses(self, v: Values) -> Array:
        """The loss images of the batch; loss.md 6."""
        a = self.attributes
        w, wl, _ = self.weighted(v)
        if a["reduction_type"] == "None_":
            return wl
        s = wl.sum((1, 2, 3), keepdims=True)
        if a["loss_type"] == "CosineDistance":
            s = a.get("weight", 1) + s
        if a.get("reduce_across_batch", False):
            s = np.concatenate([s.sum(0, keepdims=True), np.zeros_like(s[1:])])
        return (s / self.divisors(w)).astype(wl.dtype)

    def divisors(self, w: Array) -> Array:
        """What the reduction divides the loss of each image by, given the weights of its elements."""
        a = self.attributes
        by_pixel = a["loss_type"] == "SoftMaxCrossEntropy"
        one = np.ones((len(w), 1, 1, 1))
        if a["reduction_type"] in ("None_", "Sum"):
            return one
        whole = one * (w[0, ..., 0].size if by_pixel else w[0].size)
        non_zero = ((w != 0).any(-1, keepdims=True) if by_pixel else w != 0).sum((1, 2, 3), keepdims=True)
        n = whole if a["reduction_type"] == "Mean" else non_zero
        return np.maximum(one * n.sum() if a.get("reduce_across_batch", False) else n, 1)  # no weights, no loss

    def forward(self, v, training=False):
        return self.weighted(v)[2]

    def outputs(self, v, training=False):
        return {"result": self.forward(v), "loss": self.losses(v)}

    # The result is the derivative of the plain sum, whatever the reduction.

    def objective(self, v, g):
        return float(self.weighted(v)[1].sum())

    def gradients(self, v, g):
        return {"source0": self.forward(v)}

    def kink_distance(self, v):
        y = v["source0"]
        return kink_distance(self.attributes["loss_type"], y, v["labels"][..., : y.shape[3]], self.attributes)

    def terms(self, output):
        h, w, c = self.sources[0]
        count = 6 + 2 * c  # the functions, and the sum over channels of the softmax
        if output == "loss" and self.attributes["reduction_type"] != "None_":
            count += h * w * c * (self.batch if self.attributes.get("reduce_across_batch") else 1)
        return count

    def node(self, sources, v):
        a = self.attributes
        properties = {
            k: x for k, x in a.items() if k not in ("loss_type", "reduction_type", "weights", "wider", "layout")
        }
        descriptor = New(
            "MPSCNNLossDescriptor",
            (Member("MPSCNNLossType", a["loss_type"]),),
            {"reduction_type": Member("MPSCNNReductionType", a["reduction_type"])},
            properties,
        )
        return New(self.name, tuple(sources), {"loss_descriptor": descriptor})

    def pytorch_values(self, v):
        channels = self.sources[0][2]
        weights = v.get("weights", np.ones_like(v["labels"]))
        return {"labels": v["labels"][..., :channels], "weights": weights[..., :channels]}

    def labels(self, v):
        layout = self.attributes.get("layout", "HeightxWidthxFeatureChannels")
        h, w, c = self.sources[0]

        def data(image: Array) -> New:
            size = New("MTLSize", (image.shape[1], image.shape[0], image.shape[2]))
            if layout == "FeatureChannelsxHeightxWidth":
                image = image.transpose(2, 0, 1)
            flat = np.ascontiguousarray(image, np.float32)
            return New("MPSCNNLossDataDescriptor", (flat,), {"layout": Member("MPSDataLayout", layout), "size": size})

        loss_size = (w, h, c) if self.attributes["reduction_type"] == "None_" else (1, 1, 1)
        return [
            New(
                "MPSCNNLossLabels",
                (),
                {
                    "loss_image_size": New("MTLSize", loss_size),
                    "labels_descriptor": data(v["labels"][n]),
                    "weights_descriptor": data(v["weights"][n]) if "weights" in v else None,
                },
            )
            for n in range(self.batch)
        ]


def _loss(loss_type, reduction_type, shape, batch=2, **more):
    attributes = {"loss_type": loss_type, "reduction_type": reduction_type} | more
    return MPSCNNLossNode((shape,), attributes, batch)


def _pairs(loss_type, image, channels, batch, reduction, weights, weight, wider, layout):
    if weights == "elements" and loss_type == "SoftMaxCrossEntropy":
        raise CaseError("its gradient is exact for weights that are equal over the channels")
    a = {"loss_type": loss_type, "weight": weight, "layout": layout} | reduction
    a |= ({"weights": weights} if weights else {}) | ({"wider": wider} if wider else {})
    exempt = {"zeros": "weights may be 0"} if image == (1, 1) else {}
    if image == (1, 1):
        exempt["extents"] = "one pixel"
    return MPSCNNLossNode(((*image, channels),), a, batch, exempt=exempt)


_CLASSES = {"label_smoothing": 0.125, "number_of_classes": 10}

CASES = [
    *(
        _loss(kind, reduction, shape, **more)
        for kind, shape in [
            ("MeanAbsoluteError", (3, 5, 6)),
            ("MeanSquaredError", (5, 3, 7)),
            ("SoftMaxCrossEntropy", (4, 3, 10)),
            ("SigmoidCrossEntropy", (3, 4, 9)),
            ("CategoricalCrossEntropy", (3, 5, 8)),
            ("Hinge", (5, 4, 3)),
            ("Huber", (4, 7, 5)),
            ("Log", (3, 7, 4)),
            ("KullbackLeiblerDivergence", (4, 5, 6)),
        ]
        for reduction, more in [
            ("None_", {"weight": 0.75}),
            ("Sum", {"weights": "pixels", "weight": 0.5}),
            ("Mean", {"weight": -1.5}),
            ("SumByNonZeroWeights", {"weights": "pixels"}),
            ("Mean", {"reduce_across_batch": True, "weights": "pixels"}),
        ]
    ),
    _loss("MeanSquaredError", "SumByNonZeroWeights", (3, 5, 6), weights="elements", reduce_across_batch=True),
    _loss("MeanAbsoluteError", "Sum", (3, 5, 6), weights="elements", reduce_across_batch=True),
    _loss("SigmoidCrossEntropy", "Sum", (3, 4, 7), weights="elements", label_smoothing=0.25),
    _loss("Huber", "Sum", (3, 4, 6), 1, delta=0.5),
    _loss("Log", "Mean", (3, 4, 6), 1, epsilon=0.0625),
    _loss("SoftMaxCrossEntropy", "Mean", (3, 4, 10), **_CLASSES),
    _loss(
        "SoftMaxCrossEntropy", "SumByNonZeroWeights", (3, 5, 10), weights="pixels", reduce_across_batch=True, **_CLASSES
    ),
    _loss("SoftMaxCrossEntropy", "Sum", (2, 3, 10), 5, reduce_across_batch=True, weight=0.2),
    _loss("SoftMaxCrossEntropy", "Mean", (3, 4, 10), wider=2),
    _loss("MeanSquaredError", "Mean", (3, 4, 5), wider=3, weights="elements", layout="FeatureChannelsxHeightxWidth"),
    _loss("CosineDistance", "Sum", (3, 5, 4), 2),
    _loss("CosineDistance", "Sum", (5, 3, 6), 2, weights="elements", weight=0.5),
    _loss("CosineDistance", "Sum", (5, 6, 4), 3, reduce_across_batch=True),
    *pairwise(
        {
            "loss_type": [
                "MeanAbsoluteError",
                "MeanSquaredError",
                "SoftMaxCrossEntropy",
                "SigmoidCrossEntropy",
                "CategoricalCrossEntropy",
                "Hinge",
                "Huber",
                "Log",
                "KullbackLeiblerDivergence",
            ],
            "image": [(1, 1), (1, 6), (5, 7), (9, 4)],
            "channels": [2, 3, 8, 10],
            "batch": [1, 2],
            "reduction": [
                {"reduction_type": "None_"},
                {"reduction_type": "Sum"},
                {"reduction_type": "Mean"},
                {"reduction_type": "Mean", "reduce_across_batch": True},
                {"reduction_type": "SumByNonZeroWeights"},
                {"reduction_type": "SumByNonZeroWeights", "reduce_across_batch": True},
            ],
            "weights": [None, "elements", "pixels"],
            "weight": [1, -0.75],
            "wider": [0, 3],
            "layout": ["HeightxWidthxFeatureChannels", "FeatureChannelsxHeightxWidth"],
        },
        _pairs,
        seed=1,
    ),
]
