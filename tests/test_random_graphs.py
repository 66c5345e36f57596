"""Random graphs from fixed seeds: the engine against the references of the single nodes, chained in float64."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from harness import MEMORY_PASS, Settings, assert_same_bits, names_of_implementations, plan_passes
from random_graph import CLASSES, RandomGraph

SEEDS = range(500)
FEW = range(25)

random_graph = functools.lru_cache(maxsize=1)(RandomGraph)

every_seed = pytest.mark.parametrize("seed", SEEDS)
few_seeds = pytest.mark.parametrize("seed", FEW)


def implementations(graph: RandomGraph, device: Any) -> list[str | None]:
    return [None, *names_of_implementations(graph.build()[1], device)]


def sets_of_passes() -> list[frozenset[str]]:
    """None, each alone, all."""
    return [frozenset(), *(frozenset([name]) for name in sorted(plan_passes())), plan_passes()]


@every_seed
def test_engine(seed: int, device: Any) -> None:
    """Results, gradients and exported images; from seed to seed another implementation and other passes switched off."""
    graph = random_graph(seed)
    for turn, training in enumerate((False, True), start=seed):
        names, passes = implementations(graph, device), sets_of_passes()
        settings = Settings(device, names[turn % len(names)], passes[turn // len(names) % len(passes)])
        graph.check(settings, training)


@few_seeds
def test_implementations(seed: int, device: Any) -> None:
    graph = random_graph(seed)
    for name in implementations(graph, device):
        for training in (False, True):
            graph.check(Settings(device, name), training)


@few_seeds
def test_passes(seed: int, device: Any) -> None:
    graph = random_graph(seed)
    for training in (False, True):
        plain = graph.check(Settings(device), training)
        for passes in sets_of_passes():
            outputs = graph.check(Settings(device, disabled_passes=passes), training)
            if passes == {MEMORY_PASS}:
                assert_same_bits(outputs, plain, "memory reuse off")


@few_seeds
def test_same_bits_twice(seed: int, device: Any) -> None:
    graph = random_graph(seed)
    for training in (False, True):
        assert_same_bits(graph.run(Settings(device), training), graph.run(Settings(device), training), f"seed {seed}")


def test_every_class_has_its_turn() -> None:
    assert len(SEEDS) >= 2 * len(CLASSES)


def test_hardly_any_gradient_is_left_out() -> None:
    """Those that are nothing but rounding."""
    graphs = [random_graph(seed) for seed in FEW]
    left_out = sum(len(graph.uncompared) for graph in graphs)
    assert left_out < 0.03 * sum(len(answers) for graph in graphs for answers in graph.answers.values())
