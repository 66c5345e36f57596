"""Random graphs from fixed seeds: the engine against the references of the single nodes, chained in float64."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from families.arithmetic import MPSNNAdditionNode, MPSNNMultiplicationNode, MPSNNSubtractionNode
from families.concatenation import MPSNNConcatenationNode
from families.convolution import MPSCNNConvolutionNode, MPSCNNConvolutionTransposeNode
from families.dropout import MPSCNNDropoutNode
from families.loss import MPSCNNLossNode
from families.neuron import (
    MPSCNNNeuronAbsoluteNode,
    MPSCNNNeuronELUNode,
    MPSCNNNeuronReLUNode,
    MPSCNNNeuronSigmoidNode,
    MPSCNNNeuronSoftPlusNode,
    MPSCNNNeuronTanHNode,
)
from families.normalization import MPSCNNBatchNormalizationNode
from families.pooling import MPSCNNPoolingAverageNode, MPSCNNPoolingMaxNode
from families.softmax import MPSCNNLogSoftMaxNode, MPSCNNSoftMaxNode
from harness import (
    KINK_DISTANCE,
    MEMORY_PASS,
    Array,
    Case,
    Inputs,
    Padding,
    Settings,
    Shape,
    Values,
    assert_close,
    assert_same_bits,
    build_node,
    image_node,
    loss_images,
    make_graph,
    names_of_implementations,
    plan_passes,
    realize,
    run_graph,
    single,
)

SEEDS = range(40)
LARGEST = 160  # pixels of an image

# Not compared here: before a normalisation these gradients are sums that are 0, with no size to measure an error by.
SUMS_TO_ZERO = ("biases", "beta")


@dataclass
class Step:
    case: Case
    inputs: list[int]  # images by number: the graph's inputs, then the result of each step
    values: Values = field(default_factory=dict)


class RandomGraph:
    """Chains, branches and joins; the last step is the result, in every third graph followed by a loss.

    An image that may hold exact zeros or equal neighbours is not given to nodes with a kink there: `zeros`, `ties`.
    """

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.batch = int(self.rng.integers(1, 4))
        h, w, c = self.rng.permutation([5, 6, 7, 8, 9])[:3]
        self.inputs = int(self.rng.integers(1, 3))
        self.images: list[Shape] = [(int(h), int(w), int(c))] * self.inputs
        self.zeros: set[int] = set()
        self.ties: set[int] = set()
        self.steps: list[Step] = []
        for _ in range(self.rng.integers(4, 10)):
            self.grow()
        if self.inputs == 2:  # make sure the second input is used
            self.convolution(len(self.images) - 1)
            self.convolution(1)
            self.concatenation(len(self.images) - 2, len(self.images) - 1)
            self.convolution(len(self.images) - 1)
        self.loss: Step | None = None
        if seed % 3 == 0:
            attributes = {"loss_type": "MeanSquaredError", "reduction_type": "Sum", "weight": 0.25}
            self.loss = Step(MPSCNNLossNode((self.images[-1],), attributes, self.batch), [len(self.images) - 1])
        self.needed = self._needed()
        self.draw()

    # Building.

    def add(
        self, cls: type[Case], inputs: list[int], attributes: dict | None = None, padding: Padding | None = None
    ) -> int:
        case = cls(tuple(self.images[i] for i in inputs), attributes or {}, self.batch, padding)
        blank = {f"source{i}": np.zeros((self.batch, *shape)) for i, shape in enumerate(case.sources)}
        result = case.forward(blank | case.parameters(np.random.default_rng(0), False))
        self.steps.append(Step(case, inputs))
        self.images.append(result.shape[1:])
        return len(self.images) - 1

    def pick(self, *values: Any) -> Any:
        return values[self.rng.integers(len(values))]

    def grow(self) -> None:
        last = len(self.images) - 1
        x = last if self.rng.random() < 0.75 else int(self.rng.integers(len(self.images)))
        kinds = [self.convolution, self.transpose, self.neuron, self.pooling, self.normalization, self.softmax]
        self.pick(*kinds, self.dropout, self.join, self.join, self.concatenate)(x)

    def convolution(self, x: int) -> None:
        h, w, _ = self.images[x]
        kw, kh = self.pick((1, 1), (3, 2), (2, 3), (3, 3))
        attributes = {"kernel_width": kw, "kernel_height": kh, "output_feature_channels": int(self.rng.integers(2, 13))}
        if h * w > 40:
            attributes |= {"stride_in_pixels_x": 2, "stride_in_pixels_y": 1}
        attributes |= {"kernel_weights": "Float32", "label": f"step{len(self.steps)}"}
        fits = h > 4 and w > 4
        padding = self.pick(None, Padding.Same | Padding.BottomRight, Padding.Valid if fits else Padding.Full)
        self.add(MPSCNNConvolutionNode, [x], attributes, padding)

    def transpose(self, x: int) -> None:
        h, w, _ = self.images[x]
        if (h + 2) * (2 * w + 2) > LARGEST:
            return
        attributes = {"kernel_width": 3, "kernel_height": 2, "stride_in_pixels_x": 2, "stride_in_pixels_y": 1}
        attributes |= {"output_feature_channels": int(self.rng.integers(2, 9)), "kernel_weights": "Float32"}
        self.add(
            MPSCNNConvolutionTransposeNode,
            [x],
            attributes | {"label": f"step{len(self.steps)}"},
            self.pick(None, Padding.Full),
        )

    def neuron(self, x: int) -> None:
        smooth = [
            (MPSCNNNeuronTanHNode, {"a": 1.5, "b": 0.5}),
            (MPSCNNNeuronSigmoidNode, {}),
            (MPSCNNNeuronSoftPlusNode, {}),
        ]
        kinked = [
            (MPSCNNNeuronReLUNode, {"a": 0.125}),
            (MPSCNNNeuronAbsoluteNode, {}),
            (MPSCNNNeuronELUNode, {"a": 0.5}),
        ]
        cls, attributes = self.pick(*smooth, *([] if x in self.zeros else kinked))
        self.inherit(self.add(cls, [x], attributes), x)

    def pooling(self, x: int) -> None:
        attributes = {
            "kernel_width": 2,
            "kernel_height": 3,
            "stride_in_pixels_x": self.pick(1, 2),
            "stride_in_pixels_y": 1,
        }
        largest = self.pick(True, False) and x not in self.zeros | self.ties
        y = self.add(MPSCNNPoolingMaxNode if largest else MPSCNNPoolingAverageNode, [x], attributes)
        self.inherit(y, x)
        if largest:
            self.ties.add(y)

    def normalization(self, x: int) -> None:
        y = self.add(MPSCNNBatchNormalizationNode, [x], {"epsilon": 0.125, "label": f"step{len(self.steps)}"})
        self.inherit(y, x)
        self.zeros.discard(y)

    def softmax(self, x: int) -> None:
        if self.images[x][2] > 2:
            self.inherit(self.add(self.pick(MPSCNNSoftMaxNode, MPSCNNLogSoftMaxNode), [x]), x)

    def dropout(self, x: int) -> None:
        y = self.add(
            MPSCNNDropoutNode,
            [x],
            {"keep_probability": 0.75, "seed": len(self.steps), "mask_stride_in_pixels": (1, 1, 1)},
        )
        self.inherit(y, x)
        self.zeros.add(y)
        self.ties.add(y)

    def join(self, x: int) -> None:
        same = [i for i, shape in enumerate(self.images) if shape == self.images[x] and i != x]
        if not same:
            self.neuron(x)
            same = [len(self.images) - 1]
        other = self.pick(*same)
        cls = self.pick(MPSNNAdditionNode, MPSNNAdditionNode, MPSNNSubtractionNode, MPSNNMultiplicationNode)
        self.inherit(self.add(cls, [x, other], {"primary_scale": 0.75, "secondary_scale": 1.25}), x, other)

    def concatenate(self, x: int) -> None:
        same = [i for i, shape in enumerate(self.images) if shape[:2] == self.images[x][:2] and i != x]
        if same and self.images[x][2] + self.images[same[0]][2] <= 24:
            self.concatenation(x, self.pick(*same))

    def concatenation(self, x: int, other: int) -> None:
        if self.images[x][:2] != self.images[other][:2]:
            return
        y = self.add(MPSNNConcatenationNode, [x, other])
        self.zeros.add(y)  # the channels that only fill up
        self.ties.add(y)

    def inherit(self, y: int, *sources: int) -> None:
        for flags in (self.zeros, self.ties):
            if any(x in flags for x in sources):
                flags.add(y)

    # Values, away from kinks.

    def _needed(self) -> list[bool]:
        """Which steps the result depends on."""
        needed = [False] * len(self.steps)
        todo = [len(self.images) - 1]
        while todo:
            step = todo.pop() - self.inputs
            if step >= 0 and not needed[step]:
                needed[step] = True
                todo += self.steps[step].inputs
        return needed

    def draw(self) -> None:
        for _ in range(500):
            for step in self.steps:
                step.values = step.case.parameters(self.rng, False)
                if "stored" in step.values:  # keep the size of the images the same from layer to layer
                    scale = np.prod(step.values["stored"].shape[1:]) ** -0.5
                    step.values["stored"] = (step.values["stored"] * scale).astype(np.float32)
                    step.values["weights"] = step.values["stored"].astype(np.float64)
            if self.loss:
                self.loss.values = self.loss.case.parameters(self.rng, False)
            x = [self.rng.standard_normal((self.batch, *shape)) for shape in self.images[: self.inputs]]
            self.x = [a.astype(np.float32).astype(np.float64) for a in x]
            g = self.rng.standard_normal((self.batch, *self.images[-1]))
            self.g = g.astype(np.float32).astype(np.float64)
            images = self.evaluate(np.float64)
            if all(
                step.case.kink_distance(self.given(step, images, np.float64)) > KINK_DISTANCE
                for step, needed in zip(self.steps, self.needed, strict=True)
                if needed
            ):
                return
        raise AssertionError("no values away from kinks found")

    # The reference.

    def given(self, step: Step, images: list[Array], dtype: type) -> Values:
        v = dict(step.values) if dtype == np.float64 else single(step.values)
        return v | {f"source{i}": images[x] for i, x in enumerate(step.inputs)}

    def evaluate(self, dtype: type, training: bool = True) -> list[Array]:
        images = [x.astype(dtype) for x in self.x]
        for step in self.steps:
            images.append(step.case.forward(self.given(step, images, dtype), training))
        return images

    def expected(self, dtype: type, training: bool) -> dict[str, Array]:
        images = self.evaluate(dtype, training)
        outputs = {"result": images[-1]}
        g = self.g.astype(dtype)
        if self.loss:
            outputs = self.loss.case.outputs(self.given(self.loss, images, dtype))
            g = outputs["result"]
        if not training:
            return outputs
        gradients: list[Array | None] = [None] * len(images)
        gradients[-1] = g
        for number in reversed(range(len(self.steps))):
            step, incoming = self.steps[number], gradients[self.inputs + number]
            if incoming is None:
                continue
            for name, gradient in step.case.gradients(self.given(step, images, dtype), incoming).items():
                if name.startswith("source"):
                    i = step.inputs[int(name[6:])]
                    before = gradients[i]
                    gradients[i] = gradient if before is None else before + gradient
                elif name not in SUMS_TO_ZERO:
                    outputs[f"step{number}.{name}"] = gradient
        return outputs | {f"source{i}": d for i, d in enumerate(gradients[: self.inputs]) if d is not None}

    def terms(self, training: bool) -> int:
        """Numbers added on the way into a result, over all steps."""
        count = 0
        for step, needed in zip(self.steps, self.needed, strict=True):
            if needed:
                gradients = [f"source{i}" for i in range(len(step.inputs))] + [
                    p for p in ("weights", "gamma") if p in step.values
                ]
                count += sum(step.case.terms(output) for output in ["result", *(gradients if training else [])])
        return count + (self.loss.case.terms("loss") if self.loss else 0)

    # The engine.

    def build(self, recorded: Values | None) -> list[Any]:
        images = [image_node(f"source{i}") for i in range(self.inputs)]
        nodes = []
        for step in [*self.steps, *([self.loss] if self.loss else [])]:
            nodes.append(build_node(step.case, [images[i] for i in step.inputs], step.values, recorded))
            images.append(nodes[-1].result_image)
        return nodes

    def run(self, settings: Settings, training: bool) -> dict[str, Array]:
        recorded: Values | None = {} if training else None
        last = self.build(recorded)[-1]
        results, names = [last.result_image], ["result"]
        arrays = {f"source{i}": x for i, x in enumerate(self.x)}
        if training:
            gradient = None
            if self.loss is None:
                arrays["gradient"], gradient = self.g, image_node("gradient")
            ends = [node.result_image for node in last.training_graph_with_source_gradient(gradient, None)]
            results += ends
            names += [image.handle.name for image in ends]
        states = [realize(label) for label in self.loss.case.labels(self.loss.values)] if self.loss else []
        graph = make_graph(results, settings)
        outputs = dict(zip(names, run_graph(graph, Inputs(arrays, settings.half), states), strict=True))
        if states:
            outputs["loss"] = loss_images(states)
        parameters = {name: x for name, x in (recorded or {}).items() if name.split(".")[-1] not in SUMS_TO_ZERO}
        return outputs | parameters


@functools.cache
def random_graph(seed: int) -> RandomGraph:
    return RandomGraph(seed)


@functools.cache
def expected(seed: int, training: bool) -> dict[str, Array]:
    return random_graph(seed).expected(np.float64, training)


def check(seed: int, outputs: dict[str, Array], training: bool, what: object) -> None:
    answers = expected(seed, training)
    assert set(outputs) == set(answers), f"{what}: outputs {sorted(outputs)}, expected {sorted(answers)}"
    for name, answer in answers.items():
        assert_close(outputs[name], answer, random_graph(seed).terms(training), what=f"{what}: {name} of seed {seed}")


both = pytest.mark.parametrize("training", [False, True], ids=["forward", "training"])
every_seed = pytest.mark.parametrize("seed", SEEDS)


@both
@every_seed
def test_honest_float32_is_within_the_tolerance(seed: int, training: bool) -> None:
    check(seed, random_graph(seed).expected(np.float32, training), training, "float32")


@both
@every_seed
def test_engine(seed: int, training: bool, device: Any) -> None:
    graph = random_graph(seed)
    for implementation in [None, *names_of_implementations(graph.build(None), device)]:
        check(seed, graph.run(Settings(device, implementation), training), training, implementation)


@both
@every_seed
def test_passes(seed: int, training: bool, device: Any) -> None:
    """Every pass alone, and all of them, switched off."""
    graph = random_graph(seed)
    plain = graph.run(Settings(device), training)
    for name in sorted(plan_passes()):
        outputs = graph.run(Settings(device, disabled_passes=frozenset([name])), training)
        check(seed, outputs, training, f"{name} off")
        if name == MEMORY_PASS:
            assert_same_bits(outputs, plain, "memory reuse off")
    check(seed, graph.run(Settings(device, disabled_passes=plan_passes()), training), training, "all passes off")


@every_seed
def test_same_bits_twice(seed: int, device: Any) -> None:
    graph = random_graph(seed)
    assert_same_bits(graph.run(Settings(device), True), graph.run(Settings(device), True), f"seed {seed}")
