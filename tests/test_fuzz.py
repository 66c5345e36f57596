"""Graphs of arbitrary nodes, wired and run in arbitrary ways: refused with an error of ours, or an answer."""

from __future__ import annotations

import copy
import functools
import pickle
from typing import Any

import apple_names
import mpsnn as mps
import numpy as np
import pytest
from fuzzing import Example, fuzz, limited_memory
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from support import Float32, labels

pytestmark = pytest.mark.usefixtures(limited_memory.__name__)

CHANNELS = 4  # of the sources: nodes that take channels often fit

Signature = apple_names.Signature
Properties = dict[str, str]


@functools.cache
def node_classes() -> dict[str, tuple[list[Signature], Properties]]:
    """Every node that can be made: constructor and static forms, and the types of its writable properties."""
    result = {}
    for name in apple_names.SURFACE["classes"]:
        if not hasattr(mps, name) or "MPSNNFilterNode" not in apple_names.superclasses(name):
            continue
        names = apple_names.class_names(name)
        forms = [s for group in names.methods.values() for s in group if s.static]
        forms += [names.constructor] if names.constructor else []
        properties = {
            p: member["type"]
            for owner in [name, *apple_names.superclasses(name)]
            for p, member in apple_names.class_names(owner).properties.items()
            if not member["readonly"]
        }
        if forms:
            result[name] = forms, properties
    return result


class Network:
    """Nodes and what they made so far."""

    def __init__(self, example: Example) -> None:
        self.example = example
        self.images = [mps.MPSNNImageNode(f"input{i}") for i in range(example.integer(1, 2) % 8 or 1)]
        self.filters: list[Any] = []
        self.states: list[Any] = []

    def name(self, value: Any) -> str:
        for letter, pool in (("x", self.images), ("f", self.filters), ("s", self.states)):
            for i, one in enumerate(pool):
                if one is value:
                    return f"{letter}{i}"
        return f"[{', '.join(map(self.name, value))}]" if isinstance(value, list) else repr(value)

    def image(self) -> Any:
        """Mostly the latest, so that graphs get long."""
        e = self.example
        if e.is_odd():
            return e.pick([None, mps.MPSNNImageNode()])
        return self.images[-1] if e.chance(2) else e.pick(self.images)

    def argument(self, apple_type: str) -> Any:
        e = self.example
        if apple_type == "MPSNNImageNode *":
            return self.image()
        if apple_type == "NSArray<MPSNNImageNode *> *":
            return [self.image() for _ in range(e.pick([2, 2, 2, 1, 3, 0]))]
        if apple_type.endswith("StateNode *"):
            wanted = getattr(mps, apple_type.removesuffix(" *"))
            fitting = [s for s in self.states if isinstance(s, wanted)] or [None]
            return e.pick(fitting if not e.is_odd() else [*self.states, None])
        if apple_type == "MPSNNFilterNode *":
            return e.pick([*self.filters, None])
        return e.value(apple_type, CHANNELS)

    def fits(self, name: str) -> bool:
        """Whether there is a state for each of its arguments that takes one."""
        forms, _ = node_classes()[name]
        wanted = {p.type for form in forms for p in form.parameters if p.type.endswith("StateNode *")}
        return all(any(isinstance(s, getattr(mps, w.removesuffix(" *"))) for s in self.states) for w in wanted)

    def keep(self, node: Any) -> None:
        self.filters.append(node)
        self.images.append(node.result_image)
        self.states += node.result_states
        if hasattr(node, "input_labels"):
            self.states.append(node.input_labels)

    def grow(self) -> None:
        e = self.example
        odd = e.is_odd()
        name = e.pick([name for name in node_classes() if odd or self.fits(name)])
        forms, properties = node_classes()[name]
        form = forms[e.draw(st.integers(0, len(forms) - 1))]
        call = e.pick(form.calls)
        types = {p.name: p.type for p in form.parameters}
        given = {argument: self.argument(types[argument]) for argument in call if argument != "device"}
        text = ", ".join(f"{k}={self.name(v)}" for k, v in given.items())
        e.say(f"f{len(self.filters)} = {name}.{form.name}({text})")
        cls = getattr(mps, name)
        node = (cls if form.name == "__init__" else getattr(cls, form.name))(**given)
        for _ in range(e.pick([0, 0, 1, 2])):
            p = e.pick(sorted(properties))
            value = self.argument(properties[p])
            e.say(f"f{len(self.filters)}.{p} = {value!r}")
            setattr(node, p, value)
        self.keep(node)
        if e.chance(4):
            self.change(node.result_image)

    def change(self, image: Any) -> None:
        e = self.example
        p = e.pick(["format", "image_allocator", "export_from_graph", "synchronize_resource", "stop_gradient"])
        types = apple_names.class_names("MPSNNImageNode").properties
        value = e.value(types[p]["type"], CHANNELS)
        e.say(f"{self.name(image)}.{p} = {value!r}")
        setattr(image, p, value)

    def gradients(self) -> list[Any]:
        """Results of the gradient part, made by the last filter or by one filter alone."""
        e = self.example
        start = e.pick([None, None, mps.MPSNNImageNode("gradient")])
        if e.chance(2):
            e.say(f"training graph of f{len(self.filters) - 1} with {start}")
            made = self.filters[-1].training_graph_with_source_gradient(start)
        else:
            node = e.pick(self.filters)
            e.say(f"gradient filters of {self.name(node)}")
            made = node.gradient_filters_with_source(start or mps.MPSNNImageNode("gradient"))
        for node in made:
            self.keep(node)
        return [node.result_image for node in made]


def make_graph(network: Network) -> Any:
    e = network.example
    for _ in range(e.draw(st.integers(1, 6))):
        network.grow()
    results = [network.filters[-1].result_image]
    if e.chance(3):
        results += network.gradients()
    if e.chance(6):
        results.append(e.pick(network.images))
    e.say(f"graph of {network.name(results)}")
    if e.chance(3):
        needed = [e.chance(2) for _ in results]
        graph = mps.MPSNNGraph.with_result_images(results, results_are_needed=needed)
    else:
        graph = mps.MPSNNGraph.with_result_images(results)
    if e.chance(2):
        graph.format = Float32
    for p in ("format", "output_state_is_temporary", "destination_image_allocator", "emulate_storage"):
        if e.chance(8):
            types = apple_names.class_names("MPSNNGraph").properties
            setattr(graph, p, e.value(types[p]["type"] if p in types else "BOOL", CHANNELS))
    if e.chance(4):
        graph.disabled_passes = {e.pick([*mps.plan_passes(), *["no such pass"] * e.is_odd()])}
    if e.chance(4):
        graph.implementation = e.pick(["loops", "onednn", *["quantum"] * e.is_odd()])
    return graph


class Sources:
    """Images and states for a graph's inputs."""

    def __init__(self, example: Example, graph: Any) -> None:
        e = example
        self.is_batch = e.chance(3)
        count = e.pick([2, 3]) if self.is_batch else 1
        height, width = e.draw(st.integers(1, 5)), e.draw(st.integers(1, 5))
        self.images: list[Any] = []
        for _ in range(max(0, len(graph.source_image_handles) - e.is_odd())):
            shape = [count, height, width, CHANNELS]
            if e.is_odd():
                shape[e.pick([1, 2, 3])] = e.draw(st.integers(1, 9))
            array = e.numbers(int(np.prod(shape))).reshape(shape)
            array = array.astype(e.pick([np.float32, np.float32, np.float16]))
            batch = mps.MPSImage(array).batch_representation()
            self.images.append(batch if self.is_batch else batch[0])
        truth = e.numbers(count * height * width * CHANNELS).reshape(count, height, width, CHANNELS)
        self.states: list[Any] = []
        for _ in graph.source_state_handles or []:
            made = labels(truth)
            self.states.append(made if self.is_batch else made[0])
        e.say(f"{height} x {width}, {'batch of ' if self.is_batch else ''}{count}")

    def run(self, graph: Any) -> tuple[Any, list[Any]]:
        others: list[Any] = []
        encode = graph.encode_batch_to_command_buffer if self.is_batch else graph.encode_to_command_buffer
        with mps.CommandQueue().command_buffer() as command_buffer:
            result = encode(command_buffer, self.images, self.states or None, others, [])
        return result, others


def contents(result: Any) -> list[NDArray[Any]]:
    """Copies of the permanent images of a result."""
    if isinstance(result, list):
        return [array for one in result for array in contents(one)]
    is_here = result is not None and not isinstance(result, mps.MPSTemporaryImage)
    return [np.array(result.to_numpy())] if is_here else []


@fuzz(500)
@given(st.data())
def test_graphs(data: st.DataObject) -> None:
    e = Example(data, odd=data.draw(st.sampled_from([0, 40, 12])))
    with e.refused_or_ends():
        graph = make_graph(Network(e))
        sources = Sources(e, graph)
        for array in contents(list(sources.run(graph))):
            assert array.size > 0


@fuzz(150)
@given(st.data())
def test_copies_of_graphs(data: st.DataObject) -> None:
    """A copy and a graph through pickle give the bits of the graph itself."""
    e = Example(data, odd=0)
    with e.refused_or_ends():
        graph = make_graph(Network(e))
        others = [copy.copy(graph), pickle.loads(pickle.dumps(graph))]
        sources = Sources(e, graph)
        expected = contents(list(sources.run(graph)))
        for other in others:
            for actual, array in zip(contents(list(sources.run(other))), expected, strict=True):
                np.testing.assert_array_equal(actual, array)
