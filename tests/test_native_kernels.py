"""On the native device, kernels made by hand are the framework's: GNUstep says which objects an encode makes."""

from __future__ import annotations

from typing import Any

import mpsnn as mps
import numpy as np
import pytest
from families import CASES
from harness import Case, draw, realize
from objects import counted
from support import blank, permanent
from test_kernels import batch, check_gradients, has_kernel, image_node, kernel_class, kernel_of, node_of, wait
from test_loss_kernels import kernel_of as loss_kernel_of

pytestmark = pytest.mark.skipif(mps.MPSNNSlice().device.name != "native", reason="the device of these tests is another")


def cases() -> dict[str, Case]:
    """One for each kernel, which trains where any does."""
    found: dict[str, Case] = {}
    for case in filter(has_kernel, CASES):
        name = kernel_class(node_of(case, draw(case))[0]).__name__
        if name not in found or case.trains > found[name].trains:
            found[name] = case
    return found


def is_made(kernel: type, objects: Any) -> bool:
    """Whether there was one of Apple's: of its class, or of the one that it only names more closely."""
    bases = mps.MPSCNNKernel, mps.MPSCNNBinaryKernel, mps.MPSCNNGradientKernel
    return any(objects[c.__name__] for c in kernel.__mro__ if issubclass(c, bases) and c not in bases)


BY_KERNEL = cases()


@pytest.mark.parametrize("case", BY_KERNEL.values(), ids=list(BY_KERNEL))
def test_kernel_is_the_frameworks(case: Case) -> None:
    v = draw(case)
    node, given = node_of(case, v)
    size = [given[n] for n in ("result_width", "result_height", "result_feature_channels") if n in given]
    kernels, sources, states = [kernel_class(node)], [batch(a) for a in case.source_arrays(v)], []
    if case.trains:
        kernels += [kernel_class(g) for g in node.gradient_filters_with_sources([image_node("gradient")])]
    with counted() as objects:
        before = objects.made()
        result = wait(
            lambda b: kernel_of(node, given).encode_batch_to_command_buffer(
                b, *sources, *size, destination_states=states if case.trains else None
            )
        )
        if case.trains:
            check_gradients(case, v, sources, result, states)
        made = objects.made() - before
    assert not [k.__name__ for k in kernels if not is_made(k, made)]


LABELLED = [mps.MPSCNNLossNode, mps.MPSCNNYOLOLossNode]


@pytest.mark.parametrize(
    "case", [next(c for c in CASES if c.name == n.__name__) for n in LABELLED], ids=lambda c: c.name
)
def test_kernel_with_labels_is_the_frameworks(case: Case) -> None:
    v = draw(case)
    with counted() as objects:
        before = objects.made()
        wait(
            lambda b: loss_kernel_of(case).encode_batch_to_command_buffer(
                b, batch(v["source0"]), [realize(label) for label in case.labels(v)]
            )
        )
        made = objects.made() - before
    assert made[case.name.removesuffix("Node")]
    assert made["MPSCNNLossLabels"] == len(v["source0"])


def test_kernels_of_batch_normalization_are_the_frameworks() -> None:
    x = batch(np.random.default_rng(1).random((2, 3, 4, 2), np.float32))
    forward = mps.MPSCNNBatchNormalization(mps.BatchNormalizationWeights(2))
    statistics, sums = mps.MPSCNNBatchNormalizationStatistics(), mps.MPSCNNBatchNormalizationStatisticsGradient()
    gradient = permanent(mps.MPSCNNBatchNormalizationGradient())

    def encode(b: Any) -> None:
        results = batch(np.zeros((2, 3, 4, 2), np.float32))
        state = forward.result_state_for_source_image(x[0], [], results[0])
        statistics.encode_batch_to_command_buffer(b, x, state)
        forward.encode_batch_to_command_buffer(b, x, state, results)
        sums.encode_batch_to_command_buffer(b, results, x, state)
        gradient.encode_batch_to_command_buffer(b, results, x, state)

    with counted() as objects:
        before = objects.made()
        wait(encode)
        made = objects.made() - before
    assert [made[type(kernel).__name__] for kernel in (forward, statistics, sums, gradient)] == [1] * 4
    assert made["MPSCNNBatchNormalizationState"] == 1


def test_initial_gradient_is_the_frameworks() -> None:
    with counted() as objects:
        before = objects.made()
        wait(lambda b: permanent(mps.MPSNNInitialGradient()).encode_to_command_buffer(b, blank(2, 3, 4)))
        made = objects.made() - before
    assert made["MPSNNInitialGradient"]
