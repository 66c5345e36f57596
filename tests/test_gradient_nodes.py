"""Gradient nodes made by their own initializers, not by a training graph, against the same float64 gradients."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import apple_names
import numpy as np
import pytest
from families import CASES
from families.neuron import Neuron, neuron_descriptor
from harness import (
    Array,
    Case,
    Inputs,
    Settings,
    Values,
    assert_outputs,
    assert_same_bits,
    draw,
    engine,
    expected_training,
    image_node,
    make_graph,
    realize,
    run_graph,
)

PER_NODE = 3  # cases of each forward node

STATES = ("gradient_state", "convolution_gradient_state", "convolution_transpose_gradient_state")


@dataclass(frozen=True)
class Initializer:
    """One of Apple's initializers of a gradient node."""

    selector: str
    function: str  # in Python
    arguments: tuple[str, ...]


def initializers(class_name: str) -> list[Initializer]:
    names = apple_names.class_names(class_name)
    signatures = [names.constructor] if names.constructor else []
    signatures += [s for group in names.methods.values() for s in group if s.static]
    return [
        Initializer(selector, s.name, call)
        for s in signatures
        for selector, call in zip(s.selectors, s.calls, strict=True)
    ]


@functools.cache
def training_cases() -> dict[str, list[Case]]:
    """A few cases of each forward node that makes gradient nodes. Those of losses read labels: their own tests make them."""
    cases: dict[str, list[Case]] = {}
    for case in CASES:
        if case.trains and "Loss" not in case.name and len(cases.setdefault(case.name, [])) < PER_NODE:
            cases[case.name].append(case)
    return cases


class Forward:
    """The forward node of a case, and what a gradient node's initializers may ask for."""

    def __init__(self, case: Case, v: Values, recorded: Values) -> None:
        made: dict[int, Any] = {}
        self.case, self.values = case, v
        self.sources = [image_node(f"source{i}") for i in range(len(case.sources))]
        new = case.node(self.sources, v)
        self.node = realize(new, recorded, made)
        if hasattr(self.node, "training_style"):
            self.node.training_style = engine().MPSNNTrainingStyle.UpdateDeviceCPU
        self.weights = made.get(id(new.kwargs.get("weights")))
        self.gradient = image_node("gradient")
        self.by_training = self.node.gradient_filters_with_sources([self.gradient])

    def operand(self, index: int) -> Any:
        """What gradient node `index` reads beside the gradient: a product the other factor, a softmax its result."""
        if "SoftMax" in self.case.name:
            return self.node.result_image
        if "Multiplication" in self.case.name:
            index = 1 - index
        return self.sources[index - len(self.by_training)]

    def descriptor(self) -> Any:
        assert isinstance(self.case, Neuron)
        if "a" in self.values:
            return engine().MPSNNNeuronDescriptor.cnn_neuron_prelu_descriptor(
                self.values["a"].astype(np.float32), no_copy=False
            )
        return realize(neuron_descriptor(*self.case.constants()))

    def argument(self, name: str, index: int) -> Any:
        match name:
            case "source_gradient":
                return self.gradient
            case "source_image":
                return self.operand(index)
            case "gradient_images":
                return [self.gradient, self.operand(index)]
            case "forward_filter":
                return self.node
            case "is_secondary_source_filter":
                return index == 1
            case "weights":
                return self.weights
            case "descriptor":
                return self.descriptor()
            case "kernel_size":
                across = getattr(self.node, "kernel_size_in_feature_channels", None)
                return across or self.node.kernel_width
        return self.node.result_state if name in STATES else getattr(self.node, name)

    def direct(self, index: int, initializer: Initializer) -> Any:
        """The gradient node by its own initializer; what that does not take is set as the training graph sets it."""
        expected = self.by_training[index]
        cls = type(expected)
        function = cls if initializer.function == "__init__" else getattr(cls, initializer.function)
        given = {name: self.argument(name, index) for name in initializer.arguments}
        made = function(**given)
        assert type(made) is cls
        for owner in [cls.__name__, *apple_names.superclasses(cls.__name__)]:
            if owner == "MPSNNGradientFilterNode":
                break
            for name, member in apple_names.class_names(owner).properties.items():
                if not member["readonly"]:
                    if "forward_filter" in given:
                        assert getattr(made, name) == getattr(expected, name)
                    setattr(made, name, getattr(expected, name))
                elif name in given:
                    assert getattr(made, name) == given[name], f"{name} of {initializer.selector}"
        if hasattr(made, "training_style"):
            made.training_style = expected.training_style
        return made


def run(case: Case, v: Values, device: Any, initializer: Initializer | None = None) -> dict[str, Array]:
    """A training run; with an initializer, the gradient nodes are made by it."""
    recorded: Values = {}
    forward = Forward(case, v, recorded)
    filters = forward.by_training
    if initializer:
        filters = [forward.direct(i, initializer) for i in range(len(filters))]
    names = ["result", *(name for name in case.gradients(v, v["gradient"]) if name.startswith("source"))]
    images = dict(zip((f"source{i}" for i in range(len(case.sources))), case.source_arrays(v), strict=True))
    images["gradient"] = v["gradient"]
    graph = make_graph([forward.node.result_image, *(f.result_image for f in filters)], Settings(device))
    outputs = dict(zip(names, run_graph(graph, Inputs(images, half=False)), strict=True))
    return outputs | recorded


def gradient_classes(case: Case) -> list[str]:
    """The classes of the gradient nodes that the case's node makes, each once."""
    return list(dict.fromkeys(type(f).__name__ for f in Forward(case, draw(case), {}).by_training))


@functools.cache
def made_directly() -> dict[str, list[tuple[Case, Initializer]]]:
    """Gradient node -> the cases and initializers it is tested with."""
    table: dict[str, list[tuple[Case, Initializer]]] = {}
    for cases in training_cases().values():
        for case in cases:
            for name in gradient_classes(case):
                table.setdefault(name, []).extend((case, i) for i in initializers(name) if suits(case, name, i))
    return table


def suits(case: Case, class_name: str, initializer: Initializer) -> bool:
    """Whether the initializer's own value of what it leaves out, and nobody can set, is the case's."""
    fixed = {n for n, member in apple_names.class_names(class_name).properties.items() if member["readonly"]}
    return not fixed & set(case.attributes) - set(initializer.arguments)


def check(case: Case, initializer: Initializer, device: Any) -> None:
    v = draw(case)
    outputs = run(case, v, device, initializer)
    assert_outputs(outputs, expected_training(case, v), case, what=initializer.selector)
    assert_same_bits(outputs, run(case, v, device), "through the training graph")


@pytest.mark.parametrize(
    ("case", "initializer"),
    [pytest.param(c, i, id=f"{n}-{i.selector}-{c.id}") for n, pairs in made_directly().items() for c, i in pairs],
)
def test_made_by_its_own_initializer(case: Case, initializer: Initializer, device: Any) -> None:
    check(case, initializer, device)
