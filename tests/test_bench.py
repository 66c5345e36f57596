"""That the benchmarks run: the smallest network, a few calls. What they measure is nobody's business here."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parent / "bench" / "run.py"


def test_benchmarks_run() -> None:
    command = [sys.executable, BENCH, "--networks", "digit network", "--engines", "mpsnn", "--seconds", "0"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"\| digit network( training)? \| (\d+) \| 1\.00, \d+ MB \| [\d.]+ ms \| – \|", done.stdout)
    assert rows == [("", "1"), ("", "16"), (" training", "40"), (" training", "128")], done.stdout + done.stderr
