"""How long threads wait awake for the next step of a plan."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def short_waits() -> Iterator[None]:
    """GNU's OpenMP, where it is loaded inside, lets threads wait awake for some 350 microseconds, which is longer than most of what
    a program does between two calls of a small network, and asleep after that; unless the environment says how long. By itself it
    waits for ten milliseconds: beside other programs, a step may have to wait so long for a thread that cannot run because
    another waits."""
    if os.environ.keys() & {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"}:
        yield
        return
    os.environ["GOMP_SPINCOUNT"] = "10000"
    try:
        yield
    finally:
        del os.environ["GOMP_SPINCOUNT"]
