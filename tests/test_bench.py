"""That the benchmarks run: the smallest network, a few calls. What they measure is nobody's business here."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parent / "bench"


def printed(script: str, *options: str) -> str:
    done = subprocess.run([sys.executable, BENCH / f"{script}.py", *options], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("network", "training"), [("digit network", ["40", "128"]), ("small digit network", ["64"])])
def test_networks(network: str, training: list[str]) -> None:
    text = printed("run", "--networks", network, "--engines", "mpsnn", "--seconds", "0")
    batches = [("", "1"), ("", "16"), *((" training", batch) for batch in training)]
    times, first = text.split("From weights in memory to the first answer:")
    row = rf"\| {network}( training)? \| (\d+) \| 1\.00%s \| [\d.]+ ms \| – \|"
    assert re.findall(row % r", \d+ MB", times) == batches, text
    assert re.findall(row % "", first) == batches, text


def test_layers() -> None:
    for training in ([], ["--training"]):
        text = printed("layers", "digit network", "--batch", "2", "--calls", "1", *training)
        rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| MPS")]
        # Two convolutions and two fully connected filters, which know what they have multiplied: the same for each half of a gradient.
        counts = [float(row[3]) for row in rows if row[3]]
        forward = [0.001, 0.020, 0.006, 0.000]
        assert counts == (forward if not training else [*forward, 0.000, 0.013, 0.040, 0.001]), text
        assert text.splitlines()[-1].startswith("| all |"), text


def test_overhead() -> None:
    text = printed("overhead", "--networks", "digit network", "--repeat", "1", "--calls", "3")
    rows = re.findall(r"\| (.+) \| ([\d.e+-]+) (?:ms|µs) \|", text)
    assert len(rows) == 18, text
    assert all(float(time) > 0 for what, time in rows if not what.startswith("- each")), text


def test_growth() -> None:
    text = printed("growth", "--most", "1", "--layers", "2", "--calls", "1")
    assert re.findall(r"^\| (\w[^|]*) \|", text, re.M) == [
        *("images", "1", "times 32 x 32 pixels", "1", "layers", "2", "layers in training", "2", "layers", "2")
    ], text
