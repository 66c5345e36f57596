"""Optimizers on arrays larger than the examples': so large that they are written another way than small ones."""

from __future__ import annotations

from typing import Any

import mpsnn as mps
import numpy as np
import pytest

Array = np.ndarray
SHAPE, PART = (3, 100_003), 1_000  # more than a megabyte

SGD, Adam = mps.MPSNNOptimizerStochasticGradientDescent, mps.MPSNNOptimizerAdam

# The optimizer with a descriptor, and the arrays that it keeps.
RULES = {
    "descent": (lambda d: SGD(0.0, use_nesterov_momentum=False, optimizer_descriptor=d), []),
    "momentum": (lambda d: SGD(0.9, use_nesterov_momentum=False, optimizer_descriptor=d), ["input_momentum"]),
    "Nesterov": (lambda d: SGD(0.9, use_nesterov_momentum=True, optimizer_descriptor=d), ["input_momentum"]),
    "RMSProp": (
        lambda d: mps.MPSNNOptimizerRMSProp(0.9, epsilon=1e-8, optimizer_descriptor=d),
        ["input_sum_of_squares"],
    ),
    "Adam": (
        lambda d: Adam(0.9, beta2=0.99, epsilon=1e-8, time_step=0, optimizer_descriptor=d),
        ["input_momentum", "input_velocity"],
    ),
    "AMSGrad": (
        lambda d: Adam(0.9, beta2=0.99, epsilon=1e-8, time_step=0, optimizer_descriptor=d),
        ["input_momentum", "input_velocity", "maximum_velocity"],
    ),
}


def shifted(values: Array) -> Array:
    """A copy that begins 4 bytes after an aligned address."""
    room = np.empty(values.size + 1, np.float32)[1:].reshape(values.shape)
    room[...] = values
    return room


def descriptor(changes_gradient: bool) -> Any:
    kinds = mps.MPSNNRegularizationType
    return mps.MPSNNOptimizerDescriptor(
        0.1,
        gradient_rescale=0.5 if changes_gradient else 1.0,
        apply_gradient_clipping=changes_gradient,
        gradient_clip_min=-1.0,
        gradient_clip_max=1.0,
        regularization_type=kinds.L2 if changes_gradient else kinds.None_,
        regularization_scale=0.01,
    )


def updated(rule: str, changes_gradient: bool, gradients: list[Array], values: Array) -> Array:
    """The values after a step for each gradient, in place."""
    make, kept = RULES[rule]
    optimizer = make(descriptor(changes_gradient))
    kind, array = ("matrix", mps.MPSMatrix) if values.ndim == 2 else ("vector", mps.MPSVector)
    held = array(values)
    states = {f"{name}_{kind}": array(np.zeros_like(values)) for name in kept}
    if not kept:
        states[f"input_momentum_{kind}"] = None
    for gradient in gradients:
        arguments = {
            f"input_gradient_{kind}": array(gradient),
            f"input_values_{kind}": held,
            f"result_values_{kind}": held,
        }
        with mps.CommandQueue().command_buffer() as command_buffer:
            optimizer.encode_to_command_buffer(command_buffer, **arguments, **states)
    return np.array(held.data.to_numpy()).view(np.float32).ravel()


@pytest.mark.parametrize("changes_gradient", [False, True])
@pytest.mark.parametrize("rule", RULES)
def test_large_arrays_become_what_their_parts_become(rule: str, changes_gradient: bool) -> None:
    draw = np.random.default_rng(0)
    values, *gradients = (draw.standard_normal(SHAPE, np.float32) for _ in range(4))
    flat, flat_gradients = values.ravel(), [g.ravel() for g in gradients]
    parts = [slice(first, first + PART) for first in range(0, flat.size, PART)]
    expected = [updated(rule, changes_gradient, [g[p] for g in flat_gradients], flat[p].copy()) for p in parts]
    result = updated(rule, changes_gradient, gradients, shifted(values))
    np.testing.assert_array_equal(result, np.concatenate(expected))
    assert (result != flat).mean() > 0.9
