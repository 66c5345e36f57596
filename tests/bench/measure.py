"""Engines in processes of their own, which take turns."""

from __future__ import annotations

import gc
import multiprocessing as mp
import os
import resource
import signal
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from engines import Task, can, prepare

PAUSE = 0.02  # seconds between turns
TURN = 0.02  # seconds that a turn takes at least: a call of a small network is over before the machine is awake


@dataclass
class Measurement:
    engine: str
    answer: np.ndarray
    first: float  # seconds until the first answer, from weights in memory
    times: list[float] = field(default_factory=list)  # seconds
    megabytes: float = 0  # the most that the process held, from weights in memory on

    @property
    def median(self) -> float:
        return statistics.median(self.times)


def forget_peak() -> None:
    """What drawing weights took is nobody's. Where the system does not do it, the most of all time is reported."""
    gc.collect()
    with suppress(OSError), open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def megabytes(what: str) -> float:
    """That the process holds (VmRSS), or held at most (VmHWM). Of systems without them the most of all time."""
    with suppress(OSError), open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(what)) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def in_process(function: Callable[..., Any], *arguments: Any) -> Any:
    """The function's answer in a process of its own."""
    with ProcessPoolExecutor(1, mp.get_context("spawn")) as processes:
        return processes.submit(function, *arguments).result()


def timed_calls(run: Callable[[], Any]) -> list[float]:
    """One call, or as many as a turn has time for; the seconds of each."""
    times: list[float] = []
    while sum(times) < TURN:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return times


def serve(pipe: Connection, engine: str, task: Task, training: bool) -> None:
    """In the engine's process: makes the network, then times calls for each message, all but the first, which wakes the threads and
    brings the weights back into the caches that the others have had."""
    try:
        os.dup2(2, 1)  # what engines have to say is no part of the table
        load = prepare(engine, training, task)
        forget_peak()
        start = time.perf_counter()
        run = load()
        answer = np.asarray(run())
        pipe.send((answer, time.perf_counter() - start))
        while pipe.recv():
            run()
            pipe.send(timed_calls(run))
        pipe.send(megabytes("VmHWM"))
    except Exception as error:  # the table goes on without it
        pipe.send(error)


class Process:
    def __init__(self, engine: str, task: Task, training: bool) -> None:
        self.pipe, theirs = mp.Pipe()
        self.process = mp.get_context("spawn").Process(target=serve, args=(theirs, engine, task, training), daemon=True)
        self.process.start()
        theirs.close()
        try:
            self.measured = Measurement(engine, *self.receive())
        except Exception:
            self.process.join()
            raise
        self.stop()

    def stop(self) -> None:
        """Thread pools spin after their work, some for longer than another's turn: on a core that this would need."""
        self.send_signal("SIGSTOP")

    def resume(self) -> None:
        self.send_signal("SIGCONT")

    def send_signal(self, name: str) -> None:
        """Nothing where the system has no such signal, or the process has ended."""
        number = getattr(signal, name, None)
        with suppress(ProcessLookupError):
            if number is not None and self.process.pid is not None:
                os.kill(self.process.pid, number)

    def receive(self) -> Any:
        try:
            answer = self.pipe.recv()
        except EOFError:
            raise RuntimeError("the process ended") from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def measure(self) -> None:
        self.resume()
        self.pipe.send(True)
        self.measured.times += self.receive()
        self.stop()

    def close(self) -> None:
        self.resume()
        self.pipe.send(False)
        self.measured.megabytes = self.receive()
        self.process.join()


def take_turns(engines: list[str], task: Task, training: bool, seconds: float, least: int = 5) -> list[Measurement]:
    """A turn of each engine after the other, `least` times, and until each has had that many seconds. Engines that cannot do it are
    left out; why goes to stderr."""
    processes: list[Process] = []
    try:
        for engine in engines:
            if not can(engine, training):
                continue
            try:
                processes.append(Process(engine, task, training))
            except Exception as error:
                print(f"{engine}: {error}", file=sys.stderr)
        deadline = time.perf_counter() + seconds * len(processes)
        rounds = 0
        while time.perf_counter() < deadline or rounds < least:
            for process in processes:
                time.sleep(PAUSE)
                process.measure()
            rounds += 1
        for process in processes:
            process.close()
    finally:  # a process that is stopped could not be ended
        for process in processes:
            process.resume()
    return [p.measured for p in processes]
