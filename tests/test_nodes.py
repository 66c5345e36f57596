"""Every case of the table on every device, with every implementation: forward, gradient, bits."""

import contextlib
import fnmatch
import functools
from collections.abc import Iterator
from typing import Any

import mpsnn
import numpy as np
import pytest
from families import CASES
from harness import (
    MEMORY_PASS,
    Array,
    Case,
    Settings,
    Values,
    assert_outputs,
    assert_same_bits,
    device_name,
    draw,
    expected_training,
    implementations,
    plan_passes,
    prepare,
)

# What a device may refuse with UnsupportedError: patterns of case ids. A refusal that is not here fails, and so does an
# entry that is no longer refused.
UNSUPPORTED: dict[str, tuple[str, ...]] = {
    "cpu": (),
}


@contextlib.contextmanager
def supported(case: Case, device: Any) -> Iterator[None]:
    known = any(fnmatch.fnmatchcase(case.id, pattern) for pattern in UNSUPPORTED.get(device_name(device), ()))
    try:
        yield
    except mpsnn.UnsupportedError as error:
        if not known:
            raise
        pytest.skip(str(error))
    assert not known, f"{device_name(device)} supports {case.id} now: take it off the list"


def every(cases: list[Case]):
    return pytest.mark.parametrize("case", cases, ids=[case.id for case in cases])


TRAINING = [case for case in CASES if case.trains]
EXACT = [case for case in CASES if case.exact]


@functools.cache
def values(case: Case, integers: bool = False) -> Values:
    return draw(case, integers)


def frozen(answers: dict[str, Array]) -> dict[str, Array]:
    for answer in answers.values():
        answer.flags.writeable = False
    return answers


@functools.cache
def forward(case: Case, integers: bool = False) -> dict[str, Array]:
    return frozen(case.outputs(values(case, integers)))


@functools.cache
def training(case: Case, integers: bool = False) -> dict[str, Array]:
    return frozen(expected_training(case, values(case, integers)))


@every(CASES)
def test_forward(case: Case, device: Any) -> None:
    v = values(case)
    with supported(case, device):
        for implementation in [None, *implementations(case, v, device)]:
            outputs = prepare(case, v, Settings(device, implementation))()
            assert_outputs(outputs, forward(case), case, what=implementation)


@every(TRAINING)
def test_gradient(case: Case, device: Any) -> None:
    v = values(case)
    with supported(case, device):
        for implementation in [None, *implementations(case, v, device, training=True)]:
            outputs = prepare(case, v, Settings(device, implementation), training=True)()
            assert_outputs(outputs, training(case), case, what=implementation)


@every(EXACT)
def test_integers_come_out_exactly(case: Case, device: Any) -> None:
    v = values(case, integers=True)
    with supported(case, device):
        for implementation in [None, *implementations(case, v, device, case.trains)]:
            settings = Settings(device, implementation)
            assert_same_bits(prepare(case, v, settings)(), forward(case, True), f"{implementation}, forward")
            if case.trains:
                outputs = prepare(case, v, settings, training=True)()
                assert_same_bits(outputs, training(case, True), f"{implementation}, training")


@every(CASES)
def test_same_bits_twice(case: Case, device: Any) -> None:
    """The second run of a graph, and the first run of a graph built anew, give the first answer."""
    v = values(case)
    with supported(case, device):
        run = prepare(case, v, Settings(device), case.trains)
        first, second = run(), run()
        assert_same_bits(prepare(case, v, Settings(device), case.trains)(), first, "built anew")
        if case.repeats:
            assert_same_bits(second, first, "second run")
        else:
            later = case.next_run(v)
            expected = expected_training(case, later) if case.trains else case.outputs(later)
            assert_outputs(second, expected, case, what="second run")


@every(CASES)
def test_passes_do_not_change_the_answer(case: Case, device: Any) -> None:
    v = values(case)
    expected = training(case) if case.trains else forward(case)
    with supported(case, device):
        plain = prepare(case, v, Settings(device), case.trains)()
        off = prepare(case, v, Settings(device, disabled_passes=plan_passes()), case.trains)()
        assert_outputs(off, expected, case, what="all passes off")
        no_reuse = prepare(case, v, Settings(device, disabled_passes=frozenset([MEMORY_PASS])), case.trains)()
        assert_same_bits(no_reuse, plain, "memory reuse off")


@every(CASES)
def test_half_precision_images(case: Case, device: Any) -> None:
    """float16 sources and the default format: one rounding of the float32 answer."""
    v = values(case)
    with supported(case, device):
        outputs = prepare(case, v, Settings(device, half=True))()
        assert outputs["result"].dtype == np.float16
        assert_outputs(outputs, forward(case), case, np.float16)
