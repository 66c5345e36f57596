"""Times inference and training steps of known networks on mpsnn and on other engines, interleaved in one run.

    python tests/bench/run.py                                            # everything that is installed
    python tests/bench/run.py --networks ResNet-18 U-Net --training
    python tests/bench/run.py --relatives                                # other networks of the same families

Prints a table in Markdown: for each engine the median time, relative to the best of the row, and the most memory its process held;
then what mpsnn takes relative to the best of the others whose largest error is below 1e-4 of the largest result. A second table has
the time from weights in memory to the first answer. Each engine runs in a process of its own, so that memory is its own and thread
pools do not meet; the processes take turns, one measurement each. Prints, never fails.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import sys
from collections.abc import Iterable

import numpy as np
from engines import ENGINES, Task, is_installed
from measure import Measurement, take_turns
from networks import KNOWN, NETWORKS, RELATIVES

ERROR = 1e-4  # of the largest result: what an engine may be off to be compared with
OURS, TRUTH = "mpsnn", "float64"
NOT_ASKED = ("PyTorch (compiled)", TRUTH)  # compiling takes minutes a network


def truth(name: str, batch: int, training: bool, threads: int) -> np.ndarray | None:
    if not is_installed(TRUTH):
        return None
    (measured,) = take_turns([TRUTH], Task(KNOWN[name], batch, threads), training, seconds=0, least=0)
    return measured.answer


def error_of(answer: np.ndarray, true: np.ndarray) -> float:
    return float(np.abs(answer - true).max() / np.abs(true).max()) if answer.shape == true.shape else math.inf


def column(engine: str) -> str:
    return engine.split(" (")[0]


class Row:
    """What the engines did on one network and batch."""

    def __init__(self, title: str, batch: int, measured: Iterable[Measurement], true: np.ndarray | None) -> None:
        self.title, self.batch = title, batch
        self.measured: dict[str, Measurement] = {}
        for m in sorted(measured, key=lambda m: -m.median):  # the fastest way to use an engine comes last
            self.measured[column(m.engine)] = m
        self.errors = {k: 0.0 if true is None else error_of(m.answer, true) for k, m in self.measured.items()}

    def times(self, first: bool) -> dict[str, float]:
        return {k: m.first if first else m.median for k, m in self.measured.items()}

    def ratio(self, first: bool = False) -> float | None:
        """mpsnn's time to that of the best of the others."""
        times = self.times(first)
        others = [t for k, t in times.items() if k != OURS and self.errors[k] < ERROR]
        return times[OURS] / min(others) if others and OURS in times else None

    def markdown(self, columns: list[str], first: bool = False) -> str:
        times = self.times(first)
        best = min(times.values())
        cells = []
        for name in columns:
            if m := self.measured.get(name):
                memory = "" if first else f", {m.megabytes:.0f} MB"
                error = "" if first or self.errors[name] < ERROR else f" (error {self.errors[name]:.0e})"
                cells.append(f"{times[name] / best:.2f}{memory}{error}")
            else:
                cells.append("–")
        ratio = self.ratio(first)
        last = [f"{1e3 * best:.1f} ms", f"{ratio:.2f}" if ratio else "–"]
        return "| " + " | ".join([self.title, str(self.batch), *cells, *last]) + " |"


def geometric_mean(ratios: list[float]) -> float:
    return math.exp(statistics.fmean(math.log(r) for r in ratios))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    chosen = [e for e in ENGINES if e not in NOT_ASKED]
    parser.add_argument("--networks", nargs="*", choices=list(KNOWN), metavar="NAME")
    parser.add_argument("--relatives", action="store_true", help=", ".join(RELATIVES))
    parser.add_argument("--engines", nargs="*", default=chosen, choices=list(ENGINES), metavar="NAME")
    parser.add_argument("--inference", action="store_true", help="only inference")
    parser.add_argument("--training", action="store_true", help="only training")
    parser.add_argument("--seconds", type=float, default=5, help="time for each engine on each row")
    parser.add_argument(
        "--threads", type=int, default=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2
    )
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    names = options.networks or list(RELATIVES if options.relatives else NETWORKS)
    engines = [e for e in options.engines if is_installed(e)]
    columns = list(dict.fromkeys(column(e) for e in engines))
    if not is_installed(TRUTH):
        print("PyTorch is not installed: nobody's errors are known", file=sys.stderr)
    head = "| " + " | ".join(["network", "batch", *columns, "best", "mpsnn to the best of the others"])
    head += " |\n|" + "---|" * (len(columns) + 4)
    print(head)
    rows = []
    for training in (False, True):
        if options.inference if training else options.training:
            continue
        ratios = []
        for name in names:
            network = KNOWN[name]
            for batch in network.training_batches if training else network.batches:
                task = Task(network, batch, options.threads)
                measured = take_turns(engines, task, training, options.seconds)
                true = truth(name, batch, training, options.threads)
                row = Row(f"{name} training" if training else name, batch, measured, true)
                rows.append(row)
                print(row.markdown(columns), flush=True)
                if ratio := row.ratio():
                    ratios.append(ratio)
        if ratios:
            print(f"\n{'Training' if training else 'Inference'}: geometric mean {geometric_mean(ratios):.3f}\n")
    print(f"\nFrom weights in memory to the first answer:\n\n{head}")
    for row in rows:
        print(row.markdown(columns, first=True))


if __name__ == "__main__":
    main()
