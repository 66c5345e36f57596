"""The references themselves, without the engine: gradients against finite differences, cases worth running."""

import numpy as np
import pytest
from families import CASES
from harness import Case, assert_outputs, check_case, draw, expected_training, single

DIRECTIONS = 4
STEP = 1e-6
AGREEMENT = 1e-7  # of the finite difference; a wrong term is off by many orders more

IDS = [case.id for case in CASES]
DIFFERENTIABLE = [case for case in CASES if case.differentiable]


def test_ids_are_unique():
    assert len(set(IDS)) == len(IDS)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_case_proves_something(case: Case):
    check_case(case, draw(case))


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=[case.id for case in DIFFERENTIABLE])
def test_gradient_is_the_derivative(case: Case):
    """Central differences of the float64 reference along random directions, for every input on its own."""
    v = draw(case)
    g = v["gradient"]
    rng = case.random("directions")
    for name, gradient in case.gradients(v, g).items():
        assert gradient.shape == v[name].shape, name
        for _ in range(DIRECTIONS):
            direction = rng.uniform(-1, 1, v[name].shape)
            ahead, behind = ({**v, name: v[name] + s * STEP * direction} for s in (1, -1))
            difference = (case.objective(ahead, g) - case.objective(behind, g)) / (2 * STEP)
            size = np.abs(gradient * direction).sum() + np.abs(g).mean()
            assert abs(difference - (gradient * direction).sum()) <= AGREEMENT * size, f"{name} of {case!r}"


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_honest_float32_is_within_the_tolerance(case: Case):
    """The same formulas in float32 must pass, else no kernel could."""
    v = draw(case)
    assert_outputs(case.outputs(single(v)), case.outputs(v), case, what="forward")
    if case.trains:
        assert_outputs(expected_training(case, single(v)), expected_training(case, v), case, what="training")


EXACT = [case for case in CASES if case.exact]


@pytest.mark.parametrize("case", EXACT, ids=[case.id for case in EXACT])
def test_integer_answers_fit_float32(case: Case):
    """The exact test is exact only while every answer is a number float32 has."""
    v = draw(case, integers=True)
    answers = case.outputs(v) | (case.gradients(v, v["gradient"]) if case.differentiable else {})
    for name, answer in answers.items():
        assert np.array_equal(answer, answer.astype(np.float32)), f"{name} of {case!r}"
        assert np.abs(answer).max() < 2**20, f"{name} of {case!r}"
