"""Random graphs: cases of the table, moved onto whatever images there are, wired at random, their references chained.

Values are drawn while a graph grows: a node for which they lie near a kink, or whose result is of no use to what follows, is
not added, and another is tried.
"""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from families import CASES
from families.arithmetic import Arithmetic, MPSNNComparisonNode, MPSNNDivisionNode
from families.binary_convolution import MPSCNNBinaryFullyConnectedNode
from families.concatenation import MPSNNConcatenationNode
from families.convolution import (
    Convolution,
    MPSCNNConvolutionNode,
    MPSCNNConvolutionTransposeNode,
    MPSCNNFullyConnectedNode,
)
from families.gram_matrix import MPSNNGramMatrixCalculationNode
from families.initial_gradient import MPSNNInitialGradientNode
from families.instance_normalization import MPSCNNGroupNormalizationNode
from families.loss import MPSCNNLossNode
from families.neuron import MPSCNNNeuronSigmoidNode, Neuron
from families.normalization import MPSCNNBatchNormalizationNode
from families.reduction import (
    MPSNNReductionFeatureChannelsArgumentMaxNode,
    MPSNNReductionFeatureChannelsArgumentMinNode,
    Reduction,
)
from families.resampling import Scale
from families.reshape import MPSNNReshapeNode
from families.yolo_loss import MPSCNNYOLOLossNode
from harness import (
    KINK_DISTANCE,
    Array,
    Case,
    CaseError,
    Inputs,
    Settings,
    Shape,
    Values,
    assert_close,
    build_node,
    engine,
    handle_class,
    image_node,
    loss_images,
    make_graph,
    realize,
    run_graph,
    single,
    tolerance,
)

PIXELS, CHANNELS = 160, 40  # of an image, at most
SIZES = 0.05, 20  # of the mean number of an image, so that float32 and float16 have room
PARAMETERS = ("weights", "biases", "gamma", "beta")

# A data source that tells its own gradients from others needs a label.
LABELLED = (Convolution, MPSCNNBatchNormalizationNode, MPSCNNGroupNormalizationNode)
LOSSES = [case for case in CASES if type(case) is MPSCNNLossNode]
YOLO_LOSSES = [case for case in CASES if type(case) is MPSCNNYOLOLossNode and case.sources[0][2] <= CHANNELS]


def _steps() -> dict[str, dict[type[Case], list[Case]]]:
    """The table without what ends a graph: family -> class -> cases."""
    table: dict[str, dict[type[Case], list[Case]]] = {}
    for case in CASES:
        if not case.starts_backward:
            family = type(case).__module__.removeprefix("families.")
            table.setdefault(family, {}).setdefault(type(case), []).append(case)
    return table


STEPS = _steps()
OFTEN = {"convolution": 6, "arithmetic": 3, "neuron": 2, "pooling": 2, "normalization": 2}  # others 1
FAMILIES = [family for family in STEPS for _ in range(OFTEN.get(family, 1))]
CASES_OF = {cls: cases for classes in STEPS.values() for cls, cases in classes.items()}
CLASSES = list(CASES_OF)


@dataclass
class Step:
    case: Case
    inputs: list[int]  # images by number: the graph's sources, then the result of each step
    values: Values
    is_stopped: bool = False  # gradients reach its result and go no further
    differentiated: Sequence[int] = (0,)  # the sources with a gradient filter

    def given(self, images: Sequence[Array]) -> Values:
        """The values as the images' type has them."""
        v = single(self.values) if images[0].dtype == np.float32 else self.values
        return v | {f"source{i}": images[x] for i, x in enumerate(self.inputs)}


def scaled(case: Case, v: Values) -> Values:
    """Weights times a power of two that keeps the results of a convolution as large as its source."""
    if "weights" not in v:
        return v
    scale = np.float32(2.0 ** -round(np.log2(np.prod(v["weights"].shape[1:])) / 2))
    v = v | {name: v[name] * scale for name in ("ranges", "lookup_table") if name in v}
    if "lookup_table" in v:
        weights = v["lookup_table"][v["stored"]]
    elif v["stored"].dtype == np.uint8:
        weights = v["weights"] * scale
    else:
        weights = v["stored"] = v["stored"] * v["stored"].dtype.type(scale)
    kept = np.float16 if case.attributes.get("kernel_weights", "Float16") == "Float16" else np.float32
    return v | {"weights": weights.astype(kept).astype(np.float64)}


def usable(x: Array) -> bool:
    _, h, w, c = x.shape
    return (
        h * w <= PIXELS
        and c <= CHANNELS
        and bool(SIZES[0] < np.abs(x).mean() < SIZES[1] and np.abs(x).max() < 10 * SIZES[1])
    )


def distance_to_jump(case: Case, v: Values) -> float:
    """How far the values are from where the result or its derivative jumps, or from a division by zero."""
    match case:
        case MPSNNComparisonNode():
            return float(np.abs(case.operand(v, "primary") - case.operand(v, "secondary")).min())
        case MPSNNDivisionNode():
            return min(case.kink_distance(v), float(np.abs(case.operand(v, "secondary")).min()) / 1000)
        case MPSNNReductionFeatureChannelsArgumentMinNode() | MPSNNReductionFeatureChannelsArgumentMaxNode():
            ordered = np.sort(v["source0"] * (1 if "Min" in case.name else -1), axis=3)
            return float((ordered[..., 1] - ordered[..., 0]).min()) if ordered.shape[3] > 1 else np.inf
    return case.kink_distance(v)


class RandomGraph:
    """A graph of one seed; it has a node of the class whose turn it is in `CLASSES`.

    Its first result is the last image of a chain with branches, or the gradient that a loss or a first gradient makes of it; further
    results are all images that nothing reads. No gradient goes beyond stopped images, which those without a gradient all are.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        for attempt in range(200):
            self.rng = np.random.default_rng([seed, attempt])
            with np.errstate(all="ignore"):  # what is not finite is refused
                if self.grow() and self.find_answers():
                    return
        raise AssertionError(f"no graph found for seed {seed}")

    # Growing.

    def pick(self, values: Sequence[Any]) -> Any:
        return values[self.rng.integers(len(values))]

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def numbers(self, shape: tuple[int, ...]) -> Array:
        """Exact in float16."""
        return self.rng.standard_normal(shape).astype(np.float16).astype(np.float64)

    def shape(self, x: int) -> Shape:
        h, w, c = self.images[x].shape[1:]
        return h, w, c

    def grow(self) -> bool:
        self.batch = int(self.rng.integers(1, 4))
        h, w, c = (int(extent) for extent in self.rng.permutation([4, 5, 6, 7, 8, 9])[:3])
        shapes = [(h, w, c), *([self.pick([(h, w, c), (1, w, c), (h, w, 1), (1, 1, c)])] if self.chance(0.5) else [])]
        self.sources = [self.numbers((self.batch, *shape)) for shape in shapes]
        self.images = list(self.sources)
        self.steps: list[Step] = []
        self.last = 0  # the image that the chain goes on from
        self.end: Step | None = None
        count = int(self.rng.integers(6, 14))
        turn = int(self.rng.integers(count))
        for _ in range(40 * count):
            if len(self.steps) == count:
                break
            if len(self.steps) == turn:
                self.add_one_of(CLASSES[self.seed % len(CLASSES)])
            else:
                self.add_one_of(self.pick(list(STEPS[self.pick(FAMILIES)])))
        return len(self.steps) == count and self.last >= len(self.sources) and self.add_end()

    def add_one_of(self, cls: type[Case]) -> None:
        """The first of a few of the class's cases that fits and gives a result of use, if there is one."""
        x = self.last if self.chance(0.75) else int(self.rng.integers(len(self.images)))
        for _ in range(6):
            moved = self.moved(self.pick(CASES_OF[cls]), x)
            if moved is not None and self.add(*moved):
                break

    def add(self, case: Case, inputs: list[int]) -> bool:
        step = Step(case, inputs, scaled(case, case.parameters(self.rng, False)), not case.trains or self.chance(0.07))
        try:
            result = self.result(step, self.images)
        except CaseError:
            return False
        if result is None or not usable(result):
            return False
        if case.trains and len(inputs) > 1:
            names = case.gradients(step.given(self.images), np.zeros_like(result))
            step.differentiated = [k for k in range(len(inputs)) if f"source{k}" in names]
        self.steps.append(step)
        self.images.append(result)
        if not step.is_stopped:
            self.last = len(self.images) - 1
        return True

    def result(self, step: Step, images: Sequence[Array], training: bool = True) -> Array | None:
        """None near a kink."""
        v = step.given(images)
        return step.case.forward(v, training) if distance_to_jump(step.case, v) > KINK_DISTANCE else None

    def unread(self) -> list[int]:
        """The results of steps that no step reads."""
        read = {x for step in self.steps for x in step.inputs}
        return [x for x in range(len(self.sources), len(self.images)) if x not in read]

    def partner(self, fits: Callable[[Shape], bool]) -> int:
        """An image to go with another, rather one that nothing reads yet."""
        all_that_fit = [x for x in range(len(self.images)) if fits(self.shape(x))]
        return self.pick([x for x in self.unread() if x in all_that_fit and x != self.last] or all_that_fit)

    def moved(self, case: Case, x: int) -> tuple[Case, list[int]] | None:
        """The case with image x for its first source, and the images it reads; None where it does not fit."""
        (h, w, c), inputs, a = self.shape(x), [x], dict(case.attributes)
        match case:
            case MPSCNNConvolutionTransposeNode() if "mirrored" in a:
                mirrored = self.mirrored(case)
                if mirrored is None:
                    return None
                inputs, a = mirrored
            case MPSCNNFullyConnectedNode() | MPSCNNBinaryFullyConnectedNode():
                a |= {"kernel_width": w, "kernel_height": h}
            case Convolution():
                if c % case.get("groups"):
                    return None
            case MPSCNNGroupNormalizationNode() if "number_of_groups" in a:
                a["number_of_groups"] = self.pick([g for g in range(1, c + 1) if c % g == 0])
            case Arithmetic():
                inputs.append(
                    self.partner(lambda s: all(i == j or 1 in (i, j) for i, j in zip(s, (h, w, c), strict=True)))
                )
                a = {k: v for k, v in a.items() if "_stride_" not in k} | self.strides(*inputs)
            case MPSNNConcatenationNode():
                inputs += [self.partner(lambda s: s[:2] == (h, w)) for _ in range(self.rng.integers(3))]
            case MPSNNReshapeNode():
                sizes = self.pick([(w, h, c), (h, c, w), (c, w, h), (1, w, h * c), (h, 1, w * c), (1, 1, h * w * c)])
                a = dict(zip(("result_height", "result_width", "result_feature_channels"), sizes, strict=True))
            case Reduction():
                left, top, *_ = a.get("clip_rect_source", (0, 0))
                if left >= w or top >= h:
                    return None
            case MPSNNGramMatrixCalculationNode():
                a["alpha"] = self.pick([-1, 1]) * 2.0 ** -round(np.log2(h * w))
            case Scale():
                a["output_size"] = (*self.pick([(2, 3), (5, 4), (7, 6), (9, 12), (w + 1, h), (w, 2 * h + 1)]), 1)
            case Neuron():
                kind, slope, _, power = case.constants()
                if kind == "Logarithm" or (kind == "Power" and power != int(power)):  # real where a x + b is positive
                    a["b"] = float(np.ceil(4 - 8 * (slope * self.images[x]).min()) / 8)
            case _ if len(case.sources) > 1:
                inputs += [self.partner(lambda s: s == (h, w, c)) for _ in case.sources[1:]]
                a.pop("wider", None)
        if "number_of_classes" in a:
            a["number_of_classes"] = c
        if isinstance(case, LABELLED):
            a["label"] = f"step{len(self.steps)}"
        sources = tuple(self.shape(i) for i in inputs)
        return dataclasses.replace(case, sources=sources, attributes=a, batch=self.batch, exempt={}), inputs

    def strides(self, primary: int, secondary: int) -> dict[str, int]:
        """Strides of 0 where one of two images has one pixel, or one channel, and the other has more."""
        return {
            f"{side}_stride_in_{name}": 0
            for side, mine, other in (("primary", primary, secondary), ("secondary", secondary, primary))
            for axis, name in enumerate(("pixels_y", "pixels_x", "feature_channels"))
            if self.shape(mine)[axis] == 1 < self.shape(other)[axis]
        }

    def mirrored(self, case: Case) -> tuple[list[int], dict[str, Any]] | None:
        """A transposed convolution that undoes a convolution of the graph: its sources and attributes."""
        own = (
            "kernel_width",
            "kernel_height",
            "stride_in_pixels_x",
            "stride_in_pixels_y",
            "dilation_rate_x",
            "dilation_rate_y",
        )
        undone = [
            (i, step)
            for i, step in enumerate(self.steps)
            if type(step.case) is MPSCNNConvolutionNode
            and "sub_pixel_scale_factor" not in step.case.attributes
            and self.shape(len(self.sources) + i)[2] % case.attributes.get("groups", 1) == 0
        ]
        if not undone:
            return None
        i, step = self.pick(undone)
        a = {k: v for k, v in case.attributes.items() if k not in own}
        a |= {k: v for k, v in step.case.attributes.items() if k in own}
        a["mirrored"] = MPSCNNConvolutionNode.default_padding if step.case.padding is None else step.case.padding
        return [*step.inputs, len(self.sources) + i], a

    def add_end(self) -> bool:
        case: Case | None = None
        if self.seed % 3 == 0:
            case = self.pick(YOLO_LOSSES if self.seed % 12 == 0 else LOSSES)
            if not self.add_before(case):
                return False
            a = dict(case.attributes)
            if "number_of_classes" in a:
                a["number_of_classes"] = self.shape(self.last)[2]
            case = dataclasses.replace(case, sources=(self.shape(self.last),), attributes=a, batch=self.batch)
        elif self.seed % 6 == 1:
            case = MPSNNInitialGradientNode((self.shape(self.last),), {}, self.batch)
        if case is not None:
            self.end = Step(case, [self.last], case.parameters(self.rng, False))
        self.gradient = self.numbers(self.images[self.last].shape)
        return True

    def add_before(self, loss: Case) -> bool:
        """What makes an image of the kind that a loss is for."""
        if isinstance(loss, MPSCNNYOLOLossNode):
            label = f"step{len(self.steps)}"
            a = {"kernel_width": 1, "kernel_height": 1, "output_feature_channels": loss.sources[0][2], "label": label}
            cls = MPSCNNConvolutionNode
        elif loss.attributes["loss_type"] in ("CategoricalCrossEntropy", "Log"):
            a, cls = {}, MPSCNNNeuronSigmoidNode
        else:
            return True
        return self.add(cls((self.shape(self.last),), a, self.batch), [self.last]) and not self.steps[-1].is_stopped

    # Answers.

    def evaluate(self, dtype: type, training: bool) -> Values | None:
        """Every image by name, what the end makes, and when training all gradients; None near a kink."""
        images = [x.astype(dtype) for x in self.sources]
        for i, step in enumerate(self.steps):
            # Batch normalisation without a gradient filter behind it does not know that the graph trains.
            result = self.result(step, images, training and i in self.trained)
            if result is None:
                return None
            images.append(result)
        outputs = {f"image{x}": image for x, image in enumerate(images)}
        g = self.gradient.astype(dtype)
        if self.end:
            v = self.end.given(images)
            if self.end.case.kink_distance(v) <= KINK_DISTANCE:
                return None
            outputs |= self.end.case.outputs(v)
            g = outputs["result"]
        return outputs | (self.gradients(images, g) if training else {})

    def gradients(self, images: Sequence[Array], g: Array) -> Values:
        """Of parameters, of each source of each step alone, and of images: the sum over all that read it."""
        outputs, sums = {}, {self.last: g}
        for i in sorted(self.trained, reverse=True):
            step = self.steps[i]
            for name, gradient in step.case.gradients(step.given(images), sums[len(self.sources) + i]).items():
                outputs[f"step{i}.{name}"] = gradient
                if name.startswith("source"):
                    x = step.inputs[int(name[6:])]
                    sums[x] = sums[x] + gradient if x in sums else gradient
        return outputs | {f"gradient of image{x}": d for x, d in sums.items()}

    def find_trained(self) -> None:
        """The steps with gradient filters, and the images whose gradients go no further."""
        reached, self.trained = {self.last}, set()
        for i in reversed(range(len(self.steps))):
            if len(self.sources) + i in reached and not self.steps[i].is_stopped:
                self.trained.add(i)
                reached |= {self.steps[i].inputs[k] for k in self.steps[i].differentiated}
        self.ends = [x for x in reached if x - len(self.sources) not in self.trained]

    def find_answers(self) -> bool:
        """Chooses what the engine delivers; False where float64 is near a kink or honest float32 too far from float64, or all 0.

        Parameters before a normalisation have gradients that are sums of nothing but rounding: those are not compared.
        """
        self.find_trained()
        everything = {training: self.evaluate(np.float64, training) for training in (True, False)}
        if None in everything.values():
            return False
        self.draw_outputs()
        self.answers: dict[bool, Values] = {}
        self.uncompared = set()
        for training, outputs in everything.items():
            rounded = self.evaluate(np.float32, training)
            if rounded is None:
                return False
            names = self.names_of_outputs(training)
            if training and not all(outputs[name].any() for name in names if name.startswith(("gradient", "step"))):
                return False  # gradients that cancel: what is left of them is rounding
            good = {name for name in names if honest(rounded[name], outputs[name], self.terms(training))}
            self.uncompared |= {name for name in names - good if name.split(".")[-1] in PARAMETERS}
            if not names <= good | self.uncompared:
                return False
            self.answers[training] = {name: outputs[name] for name in good}
        images = [x for answers in self.answers.values() for name, x in answers.items() if self.is_image(name)]
        self.is_half = self.chance(0.5) and all(fits_float16(x) for x in images)
        self.formats = {x: f for x, f in self.formats.items() if f != "Float16" or self.is_half}
        return True

    def draw_outputs(self) -> None:
        """Beside the first result, the end of the chain: further results, exported images and gradients."""
        first = len(self.sources)
        self.others = [x for x in self.unread() if x != self.last]
        self.exported = [x for x in range(first, len(self.images)) if x not in self.others and self.chance(0.2)]
        self.exported_gradients = {
            f"step{i}.source{k}"
            for i in self.trained
            for k in self.steps[i].differentiated
            if self.steps[i].inputs[k] not in self.ends and self.chance(0.1)
        }
        self.formats = {
            x: self.pick(["Float16", "Float32"]) for x in (*self.others, *self.exported) if self.chance(0.5)
        }
        self.has_half_sources = self.chance(0.5)

    def names_of_outputs(self, training: bool) -> set[str]:
        names = {f"image{x}" for x in (*self.others, *self.exported)}
        names |= set(self.end.case.outputs(self.end.given(self.images))) if self.end else {f"image{self.last}"}
        if training:
            names |= {f"gradient of image{x}" for x in self.ends} | self.exported_gradients
            names |= {f"step{i}.{p}" for i in self.trained for p in PARAMETERS if p in self.steps[i].values}
        return names

    def is_image(self, name: str) -> bool:
        return name != "loss" and name.split(".")[-1] not in PARAMETERS

    def storage(self, name: str) -> type:
        """The type in which an output is kept."""
        default = "Float16" if self.is_half else "Float32"
        x = int(name[5:]) if name.startswith("image") else None
        return np.float16 if self.is_image(name) and self.formats.get(x, default) == "Float16" else np.float32

    @functools.cache  # noqa: B019
    def terms(self, training: bool) -> int:
        """Numbers added on the way into a result, over all steps: independent errors add up as their squares."""
        count = 0
        for i, step in enumerate(self.steps):
            count += step.case.terms("result")
            if training and i in self.trained:
                gradients = [f"source{k}" for k in step.differentiated] + [p for p in PARAMETERS if p in step.values]
                count += sum(step.case.terms(name) for name in gradients)
        return count + (self.end.case.terms("loss") if self.end else 0)

    # The engine.

    def build(self, recorded: Values | None = None) -> tuple[list[Any], list[Any]]:
        """Image nodes and filters; the last of the filters is the end if there is one."""
        images, filters = [image_node(f"image{x}") for x in range(len(self.sources))], []
        for step in [*self.steps, *([self.end] if self.end else [])]:
            sources = [images[x] for x in step.inputs]
            filters.append(build_node(step.case, sources, step.values, recorded if step.case.trains else None))
            images.append(filters[-1].result_image)
            images[-1].handle = handle_class()("result" if step is self.end else f"image{len(images) - 1}")
            images[-1].stop_gradient = step.is_stopped
        for x in self.exported:
            export(images[x])
        for x, name in self.formats.items():
            images[x].format = engine().MPSImageFeatureChannelFormat[name]
        return images, filters

    def run(self, settings: Settings, training: bool) -> Values:
        recorded: Values | None = {} if training else None
        images, filters = self.build(recorded)
        start = filters[-1] if self.end else filters[self.last - len(self.sources)]
        results = [start.result_image, *(images[x] for x in self.others)]
        arrays = {f"image{x}": array for x, array in enumerate(self.sources)}
        if training:
            gradient = None
            if not self.end:
                arrays["gradient"], gradient = self.gradient, image_node("gradient")
            made: list[str] = []
            ends = start.training_graph_with_source_gradient(gradient, self.node_handler(filters, made))
            results += [end.result_image for end in ends]
            self.check_filters_made(made)
        states = [realize(label) for label in self.end.case.labels(self.end.values)] if self.end else []
        graph = make_graph(results, dataclasses.replace(settings, half=self.is_half))
        delivered = run_graph(graph, Inputs(arrays, self.has_half_sources), states)
        exported = [handle.name for handle in graph.intermediate_image_handles]
        names = [image.handle.name for image in results]
        assert exported[len(exported) - len(names) + 1 :] == names[1:], "further results come last"
        if not training:
            assert exported[: len(exported) - len(names) + 1] == self.exports_in_order(), "from the results backwards"
        outputs = dict(zip([names[0], *exported], delivered, strict=True))
        if states and isinstance(self.end.case, MPSCNNLossNode):
            outputs["loss"] = loss_images(states)
        return outputs | (recorded or {})

    def node_handler(self, filters: list[Any], made: list[str]) -> Callable[..., None]:
        """Notes in `made` which gradient filters come, gives them handles and exports some."""

        def handler(gradient: Any, inference: Any, inference_source: Any, gradient_source: Any) -> None:
            name = f"gradient of {inference_source.handle.name}"
            if inference is None:
                made.append(f"sum for {name}")
            else:
                i = filters.index(inference)
                k = self.steps[i].differentiated[sum(other.startswith(f"step{i}.") for other in made)]
                made.append(f"step{i}.source{k}")
                if made[-1] in self.exported_gradients:
                    name = made[-1]
                    export(gradient.result_image)
            gradient.result_image.handle = handle_class()(name)

        return handler

    def check_filters_made(self, made: list[str]) -> None:
        """One for each differentiated source of the steps that are trained, and additions where an image has several readers."""
        readers = Counter(self.steps[i].inputs[k] for i in self.trained for k in self.steps[i].differentiated)
        readers[self.last] += 1
        expected = [f"step{i}.source{k}" for i in self.trained for k in self.steps[i].differentiated]
        expected += [f"sum for gradient of image{x}" for x, count in readers.items() for _ in range(count - 1)]
        assert sorted(made) == sorted(expected)

    def exports_in_order(self) -> list[str]:
        """The exported images from the results backwards, each filter's sources in their order."""
        order: list[int] = []

        def visit(x: int) -> None:
            if x in order:
                return
            order.append(x)
            if x >= len(self.sources):
                step = self.steps[x - len(self.sources)]
                # What mirrors a convolution reads the image of the convolution through a state, and states come last.
                for y in reversed(step.inputs) if "mirrored" in step.case.attributes else step.inputs:
                    visit(y)

        for x in (self.last, *self.others):
            visit(x)
        return [f"image{x}" for x in order if x in self.exported]

    def check(self, settings: Settings, training: bool) -> Values:
        """Runs the engine and compares; returns what it delivered."""
        outputs, answers = self.run(settings, training), self.answers[training]
        what = f"seed {self.seed}, {'training' if training else 'forward'}, {settings.implementation}, without {sorted(settings.disabled_passes)}"
        assert set(outputs) - self.uncompared == set(answers), what
        for name, answer in answers.items():
            storage = self.storage(name)
            assert outputs[name].dtype == storage, f"{what}: {name} is {outputs[name].dtype}"
            assert_close(outputs[name], answer.astype(storage), self.terms(training), storage, f"{what}: {name}")
        return outputs


def export(image: Any) -> None:
    image.export_from_graph = True
    image.image_allocator = engine().MPSImage.default_allocator()


def honest(rounded: Array, answer: Array, terms: int) -> bool:
    """Float32 arithmetic is far within the tolerance: kernels add in another order, and their functions are less exact."""
    size = np.maximum(np.abs(answer), np.abs(answer).mean())
    return bool((np.abs(rounded - answer) <= tolerance(terms) / 8 * size).all())


def fits_float16(x: Array) -> bool:
    """Large numbers do not overflow, small ones keep their bits."""
    return bool(np.abs(x).max() < 30000 and np.abs(x).mean() > 1e-3)
