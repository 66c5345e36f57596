"""Forward losses: the loss is the result image, labels and weights are sources, gradients for predictions and labels; loss.md 8."""

import numpy as np
from harness import Array, CaseError, New, Values, pairwise

from families.loss import MPSCNNLossNode
from families.softmax import log_softmax


def label_gradients(kind: str, y: Array, t: Array, a: dict) -> Array:
    """Derivative of the loss of every element with respect to its label; loss.md 5, column gt."""
    scale = y.dtype.type(1 - a.get("label_smoothing", 0))
    match kind:
        case "MeanAbsoluteError":
            return -np.sign(y - t)
        case "MeanSquaredError":
            return -2 * (y - t)
        case "SoftMaxCrossEntropy":
            return -scale * log_softmax(y)
        case "SigmoidCrossEntropy":
            return -scale * y
        case "CategoricalCrossEntropy":
            return -np.log(y)
        case "Hinge":
            return np.where(1 - (2 * t - 1) * y > 0, -2 * y, 0)
        case "Huber":
            d = a.get("delta", 1)
            return -(y - t).clip(-d, d)
        case "CosineDistance":
            return -y
        case "Log":
            q = y.dtype.type(a.get("epsilon", 1e-7))
            return -np.log(y + q) + np.log(1 - y + q)
        case "KullbackLeiblerDivergence":
            return np.log(t) + 1 - y
    raise ValueError(kind)


class MPSNNForwardLossNode(MPSCNNLossNode):
    """Sources: predictions, labels and, for the attribute `weights`, weights. The other attributes are the descriptor's."""

    starts_backward = False

    def parameters(self, rng, integers):
        return {}

    def draw_source(self, rng, index, shape):
        if index == 0:
            return super().draw_source(rng, index, shape)
        return super().parameters(rng, False)[("labels", "weights")[index - 1]]

    def named(self, v: Values) -> Values:
        """The values by the names they have where labels are no sources."""
        sources = ["source0", "labels", "weights"][: len(self.sources)]
        return {name: v[f"source{i}"] for i, name in enumerate(sources)}

    def forward(self, v, training=False):
        return self.losses(self.named(v))

    def outputs(self, v, training=False):
        return {"result": self.forward(v)}

    def objective(self, v, g):
        return float(np.sum(g * self.forward(v)))

    def gradients(self, v, g):
        named, a = self.named(v), self.attributes
        w, _, gradient = self.weighted(named)
        is_across = a.get("reduce_across_batch", False) and a["reduction_type"] != "None_"
        incoming = ((g[:1] if is_across else g) / self.divisors(w)).astype(g.dtype)
        y = named["source0"]
        t = named["labels"][..., : y.shape[3]]
        for_labels = np.zeros_like(named["labels"])
        for_labels[..., : y.shape[3]] = incoming * w * label_gradients(a["loss_type"], y, t, a)
        return {"source0": incoming * gradient, "source1": for_labels}

    def kink_distance(self, v):
        return super().kink_distance(self.named(v))

    def terms(self, output):
        return super().terms("loss" if output == "result" else output)

    def node(self, sources, v):
        node = super().node([], v)
        return New(self.name, tuple(sources), node.kwargs)

    def pytorch_values(self, v):
        return {}

    def labels(self, v):
        return []


_LARGE = (47, 41, 9)  # more than one thread adds up on its own


def _make(kind, reduction, across, weights, weight, smoothing, constant, wider, image, batch):
    is_entropy = kind in ("SoftMaxCrossEntropy", "SigmoidCrossEntropy")
    has_kink = kind in ("MeanAbsoluteError", "Hinge", "Huber")  # some of many elements are always near it
    constants = {"Huber": {"delta": 0.5}, "Log": {"epsilon": 0.0625}}
    if (
        (kind == "CosineDistance") != (reduction == "Sum only")
        or (smoothing and not is_entropy)
        or (constant and kind not in constants)
        or (has_kink and image == _LARGE)
        or (kind == "MeanSquaredError" and reduction == "Sum" and image == _LARGE)  # more than float16 holds
        # The documented gradient is the derivative only where all channels of a pixel weigh the same.
        or (kind == "SoftMaxCrossEntropy" and (weights == "elements" or reduction == "None_"))
    ):
        raise CaseError("means nothing")
    h, w, c = image
    attributes = {"loss_type": kind, "reduction_type": reduction.removesuffix(" only")}
    attributes |= {"reduce_across_batch": True} if across else {}
    attributes |= {"weight": weight} if weight != 1 else {}
    attributes |= {"weights": weights} if weights else {}
    attributes |= {"label_smoothing": smoothing} if smoothing else {}
    attributes |= {"number_of_classes": c} if smoothing and kind == "SoftMaxCrossEntropy" else {}
    attributes |= constants[kind] if constant else {}
    attributes |= {"wider": wider} if wider else {}
    labels = (h, w, c + wider)
    return MPSNNForwardLossNode((image, labels, labels) if weights else (image, labels), attributes, batch)


CASES = pairwise(
    {
        "kind": [
            "MeanAbsoluteError",
            "MeanSquaredError",
            "SoftMaxCrossEntropy",
            "SigmoidCrossEntropy",
            "CategoricalCrossEntropy",
            "Hinge",
            "Huber",
            "CosineDistance",
            "Log",
            "KullbackLeiblerDivergence",
        ],
        "reduction": ["None_", "Sum", "Mean", "SumByNonZeroWeights", "Sum only"],
        "across": [False, True],
        "weights": [None, "pixels", "elements"],
        "weight": [1, -0.75],
        "smoothing": [0, 0.125],
        "constant": [False, True],
        "wider": [0, 3],
        "image": [(3, 4, 5), (1, 7, 10), _LARGE],
        "batch": [1, 2, 6],
    },
    _make,
    seed=7,
)
