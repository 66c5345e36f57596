"""The YOLO loss: its result image is the gradient, the loss itself is written into the labels; loss.md 9."""

import numpy as np
from harness import Array, CaseError, Member, New, Values, draw, pairwise

from families.loss import MPSCNNLossNode, element_losses, kink_distance, smoothed

PARTS = {"xy": slice(0, 2), "wh": slice(2, 4), "confidence": slice(4, 5), "classes": slice(5, None)}


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


class MPSCNNYOLOLossNode(MPSCNNLossNode):
    """Attributes: losses (the types, in the order of PARTS), anchors, reduction_type, other properties of the descriptor,
    those of one of its losses with the part's name in front, and of the labels `weights`, `wider` and `layout`."""

    defaults = {
        "scale_xy": 10.0,
        "scale_wh": 10.0,
        "scale_no_object": 5.0,
        "scale_object": 100.0,
        "scale_class": 2.0,
        "min_iou_for_object_presence": 0.7,
        "max_iou_for_object_absence": 0.3,
        "rescore": True,
    }

    @property
    def differentiable(self):
        """The softmax cross entropy's gradient is exact for labels that add up to 1, which only classes do."""
        return "SoftMaxCrossEntropy" not in self.attributes["losses"][:3]

    def constant(self, name: str):
        return self.attributes.get(name, self.defaults[name])

    def part_attributes(self, part: str) -> dict:
        return {k.removeprefix(f"{part}_"): x for k, x in self.attributes.items() if k.startswith(f"{part}_")}

    def losses_by_part(self) -> dict[str, str]:
        return dict(zip(PARTS, self.attributes["losses"], strict=True))

    def parameters(self, rng, integers):
        h, w, c = self.sources[0]
        anchors = np.array(self.attributes["anchors"])
        shape, entries = (self.batch, h, w), c // len(anchors)
        has_object = rng.random(shape) < 0.6
        fitting = anchors[rng.integers(0, len(anchors), shape)] * rng.uniform(0.6, 1.5, (*shape, 2))
        square = rng.uniform(0.5, 1.5, (*shape, 1)) * np.ones(2)  # anchors that are each other turned round tie
        sizes = np.where(rng.random((*shape, 1)) < 0.8, fitting, square)
        classes = np.eye(entries - 5)[rng.integers(0, entries - 5, shape)]
        found = np.concatenate([rng.uniform(0, 1, (*shape, 2)), sizes, np.ones((*shape, 1)), classes], -1)
        nothing = np.concatenate([np.zeros(5), np.full(entries - 5, 1 / (entries - 5))])
        t = np.where(has_object[..., None], found, nothing)
        return self.labels_and_weights(rng, np.tile(t, len(anchors)))

    def draw_source(self, rng, index, shape):
        return rng.standard_normal(shape)  # the base's has values for its loss types

    def boxes(self, image: Array) -> Array:
        """N x H x W x anchors x entries."""
        return image[..., : self.sources[0][2]].reshape(*image.shape[:3], len(self.attributes["anchors"]), -1)

    def anchors(self, v: Values) -> Array:
        return np.array(self.attributes["anchors"], v["source0"].dtype)

    def anchor_iou(self, v: Values) -> Array:
        sizes, anchors = self.boxes(v["labels"])[..., 2:4], self.anchors(v)
        both = np.minimum(sizes, anchors).prod(-1)
        return both / (sizes.prod(-1) + anchors.prod(-1) - both)

    def masks(self, v: Values) -> tuple[Array, Array]:
        """Anchor boxes that stand for an object, and those that are to find nothing."""
        iou = self.anchor_iou(v)
        fits = (iou == iou.max(-1, keepdims=True)) | (iou > self.constant("min_iou_for_object_presence"))
        is_object = (self.boxes(v["labels"])[..., 4] == 1) & fits
        return is_object, (iou < self.constant("max_iou_for_object_absence")) & ~is_object

    def confidence(self, v: Values) -> Array:
        """What the confidences are to be."""
        y, t, is_object = self.boxes(v["source0"]), self.boxes(v["labels"]), self.masks(v)[0]
        if not self.constant("rescore"):
            return is_object.astype(y.dtype)
        centres, sizes = sigmoid(y[..., :2]), np.exp(y[..., 2:4]) * self.anchors(v)
        low = np.maximum(centres - sizes / 2, t[..., :2] - t[..., 2:4] / 2)
        high = np.minimum(centres + sizes / 2, t[..., :2] + t[..., 2:4] / 2)
        both = (high - low).clip(0).prod(-1)
        return np.where(is_object, both / (sizes.prod(-1) + t[..., 2:4].prod(-1) - both), 0)

    def predictions_and_targets(self, v: Values) -> tuple[dict[str, Array], dict[str, Array]]:
        """As the losses see them. The confidences' targets follow from the predictions but count as constants."""
        y, t = ({part: self.boxes(v[name])[..., at] for part, at in PARTS.items()} for name in ("source0", "labels"))
        y["xy"] = sigmoid(y["xy"])
        t["wh"] = np.log(t["wh"] / self.anchors(v) + 1e-5)
        t["confidence"] = self.confidence(v)[..., None]
        return y, t

    def parts(self, v: Values, targets: dict[str, Array] | None = None) -> dict[str, tuple[Array, Array, Array]]:
        """Of each part: weights of the elements, weighted losses, weighted gradients."""
        y, t = self.predictions_and_targets(v)
        t = targets or t
        is_object, finds_nothing = (mask[..., None] for mask in self.masks(v))
        factors = {
            "xy": self.constant("scale_xy") * is_object,
            "wh": self.constant("scale_wh") * is_object,
            "confidence": self.constant("scale_object") * is_object + self.constant("scale_no_object") * finds_nothing,
            "classes": self.constant("scale_class") * is_object,
        }
        found = {}
        for part, kind in self.losses_by_part().items():
            a = self.part_attributes(part)
            loss, gradient = element_losses(kind, y[part], smoothed(kind, t[part], a), a)
            slope = y[part] * (1 - y[part]) if part == "xy" else 1
            w = np.broadcast_to(factors[part].astype(loss.dtype) * a.get("weight", 1), loss.shape)
            if "weights" in v:
                w = w * self.boxes(v["weights"])[..., PARTS[part]]
            found[part] = w, w * loss, w * slope * gradient
        return found

    def together(self, parts: list[Array]) -> Array:
        """N x H x W x C."""
        whole = np.concatenate(parts, -1)
        return whole.reshape(*whole.shape[:3], -1)

    def weighted(self, v):
        w, losses, gradients = (self.together(list(p)) for p in zip(*self.parts(v).values(), strict=True))
        return w, losses, gradients

    def losses(self, v):
        """The loss images of the batch; loss.md 9.3."""
        reduction = self.attributes["reduction_type"]
        if reduction == "None_":
            return self.weighted(v)[1]
        across = self.attributes.get("reduce_across_batch", False)
        total = np.zeros(1 if across else self.batch)
        for part, (w, loss, _) in self.parts(v).items():
            sums = loss.sum((1, 2, 3, 4))
            by_box = self.losses_by_part()[part] == "SoftMaxCrossEntropy"
            counts = ((w != 0).any(-1) if by_box else (w != 0).sum(-1)).sum((1, 2, 3))
            if reduction == "Mean":
                counts = np.full(self.batch, np.prod(self.sources[0]))
            if across:
                sums, counts = sums.sum(keepdims=True), counts.sum(keepdims=True)
            total = total + (sums if reduction == "Sum" else sums / np.maximum(counts, 1))
        images = np.zeros((self.batch, 1, 1, 1), v["source0"].dtype)
        images[: len(total), 0, 0, 0] = total
        return images

    def objective(self, v, g):
        constant = self.predictions_and_targets(draw(self))[1]
        return float(sum(loss.sum() for _, loss, _ in self.parts(v, constant).values()))

    def kink_distance(self, v):
        y, t = self.predictions_and_targets(v)
        is_object, finds_nothing = self.masks(v)
        distances = [np.inf]
        for part, kind in self.losses_by_part().items():
            a, seen = self.part_attributes(part), is_object | finds_nothing if part == "confidence" else is_object
            distances.append(kink_distance(kind, y[part][seen], smoothed(kind, t[part][seen], a), a))
        iou = self.anchor_iou(v)
        from_best = iou.max(-1, keepdims=True) - iou
        distances.append(from_best[from_best > 0].min(initial=np.inf))  # ties are exact
        for threshold in ("min_iou_for_object_presence", "max_iou_for_object_absence"):
            distances.append(np.abs(iou - self.constant(threshold)).min())
        return min(distances)

    def terms(self, output):
        h, w, c = self.sources[0]
        count = 20 + 2 * c // len(self.attributes["anchors"])  # functions and overlaps, and the sum over the classes
        if output == "loss" and self.attributes["reduction_type"] != "None_":
            count += h * w * c * (self.batch if self.attributes.get("reduce_across_batch") else 1)
        return count

    def node(self, sources, v):
        a = self.attributes
        kinds = {part: Member("MPSCNNLossType", kind) for part, kind in self.losses_by_part().items()}
        reduction = Member("MPSCNNReductionType", a["reduction_type"])
        properties = {k: x for k, x in a.items() if k in {*self.defaults, "reduce_across_batch"}}
        for part, kind in kinds.items():
            if own := self.part_attributes(part):
                properties[f"{part}_loss_descriptor"] = New(
                    "MPSCNNLossDescriptor", (kind,), {"reduction_type": reduction}, own
                )
        descriptor = New(
            "MPSCNNYOLOLossDescriptor",
            (kinds["xy"],),
            {
                **{f"{part}_loss_type": kinds[part] for part in ("wh", "confidence", "classes")},
                "reduction_type": reduction,
                "anchor_boxes": np.array(a["anchors"], np.float32).ravel(),
                "number_of_anchor_boxes": len(a["anchors"]),
            },
            properties,
        )
        return New(self.name, tuple(sources), {"loss_descriptor": descriptor})


def _yolo(grid, anchors, classes, losses, batch=2, **more):
    attributes = {"losses": losses, "anchors": anchors} | more
    return MPSCNNYOLOLossNode(((*grid, len(anchors) * (5 + classes)),), attributes, batch)


def _pair(reduction, settings, parts, weights, **more):
    if weights == "elements" and "SoftMaxCrossEntropy" in more["losses"]:
        raise CaseError("its gradient is exact for weights that are equal over the classes")
    if "classes_label_smoothing" in parts:
        parts = parts | {"classes_number_of_classes": more["classes"]}
    weighted = {"weights": weights} if weights else {}
    return _yolo(**more, **reduction, **settings, **parts, **weighted)


_USUAL = ("MeanSquaredError", "Huber", "SigmoidCrossEntropy", "SoftMaxCrossEntropy")
_TURNED = ((1.0, 2.0), (2.0, 1.0))

CASES = [
    _yolo((2, 3), _TURNED, 3, _USUAL, 1, reduction_type="Sum"),
    *pairwise(
        {
            "grid": [(3, 5), (5, 4), (4, 7)],
            "anchors": [((1.5, 1.0),), _TURNED, ((0.5, 0.75), (2.0, 1.0), (3.0, 2.5), (1.0, 2.0))],
            "classes": [1, 3, 6],
            "losses": [
                _USUAL,
                ("MeanAbsoluteError", "MeanSquaredError", "Huber", "SigmoidCrossEntropy"),
                ("Log", "MeanAbsoluteError", "MeanSquaredError", "Hinge"),
                ("CategoricalCrossEntropy", "Huber", "Hinge", "KullbackLeiblerDivergence"),
            ],
            "batch": [1, 2],
            "reduction": [
                {"reduction_type": "None_"},
                {"reduction_type": "Sum", "reduce_across_batch": True},
                {"reduction_type": "Mean"},
                {"reduction_type": "Mean", "reduce_across_batch": True},
                {"reduction_type": "SumByNonZeroWeights"},
                {"reduction_type": "SumByNonZeroWeights", "reduce_across_batch": True},
            ],
            "settings": [
                {},
                {"rescore": False, "scale_xy": 3.0, "scale_wh": 2.0, "scale_class": 0.5},
                {"min_iou_for_object_presence": 0.25, "max_iou_for_object_absence": 0.6, "scale_object": 8.0},
                {"rescore": False, "scale_no_object": 0.0, "scale_object": 20.0},
            ],
            "parts": [
                {},
                {"xy_weight": 0.75, "wh_delta": 0.5, "classes_label_smoothing": 0.125},
                {
                    "xy_epsilon": 0.0625,
                    "confidence_label_smoothing": 0.25,
                    "confidence_weight": 0.5,
                    "classes_weight": 3.0,
                },
            ],
            "weights": [None, "elements", "pixels"],
        },
        _pair,
        seed=11,
    ),
    _yolo(
        (3, 4),
        _TURNED,
        5,
        ("SoftMaxCrossEntropy", "Huber", "MeanSquaredError", "MeanSquaredError"),
        reduction_type="Sum",
    ),
    _yolo((5, 3), _TURNED, 2, _USUAL, reduction_type="Mean", wider=3, layout="FeatureChannelsxHeightxWidth"),
    # More cells than are computed at a time, and than one thread adds up.
    _yolo((47, 45), _TURNED, 4, _USUAL, 2, reduction_type="SumByNonZeroWeights", weights="pixels", scale_object=5.0),
]
