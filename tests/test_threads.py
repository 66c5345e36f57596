"""Queues, handlers and the interpreter lock: waits can be interrupted, failures arrive as themselves, nothing locks up."""

import gc
import os
import signal
import sys
import threading
import time
import weakref

import mpsnn as mps
import numpy as np
import pytest
from support import (
    Convolution,
    Status,
    convolution,
    encoded,
    graph_of,
    identity_weights,
    image,
    linear,
    node,
    permanent,
    python,
    ramp,
)

TIMEOUT = 30  # seconds until a test that locks up fails


def filled(queue=None):
    """A command buffer with a run of y = 2 x in it, and its result."""
    command_buffer = (queue or mps.CommandQueue()).command_buffer()
    return command_buffer, graph_of(linear(node(), 2)).encode_to_command_buffer(command_buffer, [image(ramp(2, 3, 5))])


# --- handlers ---------------------------------------------------------------------------------------------------------


def test_handlers_run_on_another_thread_in_order():
    seen = []
    command_buffer, result = filled()
    command_buffer.add_scheduled_handler(
        lambda cb: seen.append(("scheduled", threading.get_ident(), cb is command_buffer))
    )
    command_buffer.add_completed_handler(
        lambda cb: seen.append((cb.status, threading.get_ident(), cb is command_buffer))
    )
    command_buffer.add_completed_handler(lambda cb: seen.append(result.to_numpy()[0, 0, 0]))
    command_buffer.commit()
    command_buffer.wait_until_completed()
    assert [s[0] for s in seen[:2]] == ["scheduled", Status.Completed]
    assert seen[0][1] == seen[1][1] != threading.get_ident()
    assert seen[0][2] and seen[1][2]
    assert seen[2] == 2


class HandlerError(Exception):
    pass


def test_what_a_handler_raises_is_raised_by_every_wait():
    command_buffer, _ = filled()
    ours = HandlerError("ours")

    def handler(cb):
        raise ours

    command_buffer.add_completed_handler(handler)
    command_buffer.commit()
    for _ in range(2):
        with pytest.raises(HandlerError) as error:
            command_buffer.wait_until_completed()
        assert error.value is ours
        assert "handler" in [entry.name for entry in error.traceback]
    assert command_buffer.status == Status.Error
    assert command_buffer.error is ours


def test_all_handlers_run_and_the_first_failure_counts():
    command_buffer, _ = filled()
    ran = []
    for k in range(3):

        def handler(cb, k=k):
            ran.append(k)
            raise HandlerError(k)

        command_buffer.add_completed_handler(handler)
    with pytest.raises(HandlerError, match="0"), command_buffer:
        pass
    assert ran == [0, 1, 2]


def test_there_is_no_error_without_one():
    command_buffer, _ = filled()
    assert command_buffer.error is None
    with command_buffer:
        pass
    assert command_buffer.error is None
    assert command_buffer.status == Status.Completed


def test_what_a_handler_holds_is_let_go():
    class Held:
        pass

    held = Held()
    alive = weakref.ref(held)
    command_buffer, _ = filled()
    command_buffer.add_completed_handler(lambda cb, held=held: None)
    del held
    gc.collect()
    assert alive() is not None
    with command_buffer:
        pass
    gc.collect()
    assert alive() is None


def test_only_functions_are_handlers():
    command_buffer, _ = filled()
    for wrong in (None, 3):
        with pytest.raises(TypeError):
            command_buffer.add_completed_handler(wrong)


# --- blocks -----------------------------------------------------------------------------------------------------------


def test_a_block_commits_and_waits():
    command_buffer, result = filled()
    with command_buffer as inside:
        assert inside is command_buffer
        assert command_buffer.status == Status.NotEnqueued
    assert command_buffer.status == Status.Completed
    assert np.array_equal(result.to_numpy(), 2 * ramp(2, 3, 5))


def test_a_block_that_was_committed_inside_only_waits():
    command_buffer, result = filled()
    with command_buffer:
        command_buffer.commit()
    assert np.array_equal(result.to_numpy(), 2 * ramp(2, 3, 5))


def test_a_block_that_raises_commits_nothing():
    ran = []
    command_buffer, result = filled()
    command_buffer.add_completed_handler(ran.append)
    with pytest.raises(HandlerError), command_buffer:
        raise HandlerError
    assert command_buffer.status == Status.NotEnqueued
    del command_buffer
    gc.collect()
    with pytest.raises(mps.BackendError, match="dropped"):
        result.to_numpy()
    assert not ran


# --- interruptions ----------------------------------------------------------------------------------------------------


@pytest.fixture
def ctrl_c():
    """Presses Ctrl-C after a moment; a wait that cannot be interrupted meets the second, deadly press."""
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    yield
    timer.cancel()


@pytest.mark.parametrize("wait", ["wait_until_completed", "wait_until_scheduled"])
def test_ctrl_c_ends_the_wait_and_not_the_work(ctrl_c, wait):
    go_on = threading.Event()
    queue = mps.CommandQueue()
    blocked, _ = filled(queue)
    blocked.add_completed_handler(lambda cb: go_on.wait(TIMEOUT))
    blocked.commit()
    command_buffer, result = filled(queue)  # behind it, not even scheduled
    command_buffer.commit()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        getattr(command_buffer, wait)()
    assert time.monotonic() - start < 5
    assert not go_on.is_set()
    go_on.set()
    command_buffer.wait_until_completed()
    assert np.array_equal(result.to_numpy(), 2 * ramp(2, 3, 5))


def test_ctrl_c_at_the_end_of_a_block(ctrl_c):
    go_on = threading.Event()
    command_buffer, _ = filled()
    command_buffer.add_completed_handler(lambda cb: go_on.wait(TIMEOUT))
    with pytest.raises(KeyboardInterrupt), command_buffer:
        pass
    go_on.set()
    command_buffer.wait_until_completed()


# --- queues -----------------------------------------------------------------------------------------------------------


def test_one_queue_runs_in_order():
    order = []
    queue = mps.CommandQueue()
    buffers = [filled(queue)[0] for _ in range(20)]
    for k, command_buffer in enumerate(buffers):
        command_buffer.add_completed_handler(lambda cb, k=k: order.append(k))
    for command_buffer in buffers:
        command_buffer.commit()
    buffers[-1].wait_until_completed()
    assert order == list(range(20))


def test_two_queues_run_side_by_side():
    """Each waits for the other: one after the other they would never end."""
    met = threading.Barrier(2, timeout=TIMEOUT)
    buffers = [filled()[0] for _ in range(2)]
    for command_buffer in buffers:
        command_buffer.add_completed_handler(lambda cb: met.wait())
        command_buffer.commit()
    for command_buffer in buffers:
        command_buffer.wait_until_completed()


def test_a_dropped_queue_finishes_its_work():
    done = threading.Event()
    command_buffer, _ = filled()
    command_buffer.add_completed_handler(lambda cb: done.set())
    command_buffer.commit()
    del command_buffer
    gc.collect()
    assert done.wait(TIMEOUT)


def test_a_handler_may_use_the_library():
    """Also drop the last reference to a queue, and run another graph on a queue of its own."""
    queue = mps.CommandQueue()
    command_buffer, result = filled(queue)
    answers = []
    handed_over = [queue]
    del queue

    def handler(cb):
        handed_over.clear()
        gc.collect()
        answers.append(graph_of(linear(node(), 3))(result.to_numpy()))

    command_buffer.add_completed_handler(handler)
    with command_buffer:
        pass
    assert np.array_equal(answers[0], 6 * ramp(2, 3, 5))


def test_the_interpreter_is_free_while_a_thread_waits():
    entered, go_on = threading.Event(), threading.Event()

    def handler(cb):
        entered.set()
        go_on.wait(TIMEOUT)

    command_buffer, _ = filled()
    command_buffer.add_completed_handler(handler)
    command_buffer.commit()
    waiter = threading.Thread(target=command_buffer.wait_until_completed)
    waiter.start()
    assert entered.wait(TIMEOUT)
    time.sleep(0.1)
    assert waiter.is_alive()
    go_on.set()
    waiter.join(TIMEOUT)
    assert not waiter.is_alive()


# --- graphs on threads ------------------------------------------------------------------------------------------------


def in_threads(count, work):
    failures = []

    def guarded(k):
        try:
            work(k)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(k,)) for k in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIMEOUT)
        assert not thread.is_alive(), "locked up"
    if failures:
        raise failures[0]


def test_graphs_with_python_data_sources_are_built_and_run_on_threads():
    def work(k):
        for _ in range(5):
            source = Convolution(identity_weights(5, k + 1))
            graph = graph_of(convolution(node(), source))
            assert np.array_equal(graph(ramp(2, 3, 5)), (k + 1) * ramp(2, 3, 5))
            assert source.calls().count("load") == source.calls().count("purge") >= 1

    in_threads(4, work)


def test_threads_share_a_data_source():
    """The arrays it handed out live until the last of the balanced purges."""

    class Fresh(Convolution):
        def weights(self):
            return super().weights().copy()

    source = Fresh(identity_weights(5, 3))

    def work(k):
        for _ in range(10):
            graph = graph_of(convolution(node(), source))
            assert np.array_equal(graph(ramp(2, 3, 5)), 3 * ramp(2, 3, 5))

    in_threads(4, work)


def test_a_kernel_is_reloaded_while_threads_encode_it():
    source = Convolution(identity_weights(5, 3))
    kernel = permanent(mps.MPSCNNConvolution(source))
    new = mps.MPSCNNConvolutionWeightsAndBiasesState(weights=mps.Buffer(source.values.ravel()))

    def work(k):
        for _ in range(50):
            if k == 0:
                kernel.reload_weights_and_biases_from_data_source()
                continue

            def encode(b):
                result = kernel.encode_to_command_buffer(b, image(ramp(2, 3, 5)))
                kernel.reload_weights_and_biases_with_command_buffer(b, new)
                return result

            assert np.array_equal(encoded(encode).to_numpy(), 3 * ramp(2, 3, 5))

    in_threads(4, work)


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads in /proc")
def test_one_thread_at_a_time_has_a_team():
    """The queue's thread runs the first call, the caller the others: only one of them keeps threads for parallel loops."""
    code = """
    import os, time
    import numpy as np
    from support import graph_of, linear, node
    def threads():
        return len(os.listdir("/proc/self/task"))
    graph, x = graph_of(linear(node(), 2)), np.ones((512, 512, 4), np.float32)
    before, end = threads(), time.monotonic() + 20
    for _ in range(10):
        graph(x)
    while threads() != before + 2 and time.monotonic() < end:
        graph(x)
    print(threads() - before)
    """
    assert python(code, env=os.environ | {"OMP_NUM_THREADS": "2"}).stdout == "2\n"


@pytest.mark.skipif(sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="of two processors, on Linux")
def test_threads_of_a_team_do_not_share_a_processor():
    """One that finds itself where the caller runs goes elsewhere. The system may be faster at times, so there are some tries."""
    code = """
    import os
    import numpy as np
    from support import graph_of, linear, node
    def each_other(do):
        for thread in map(int, os.listdir("/proc/self/task")):
            try:
                if thread != main:
                    yield do(thread)
            except OSError:  # the queue's first team has ended
                pass
    allowed = os.sched_getaffinity(0)
    here, main = min(allowed), os.getpid()
    os.sched_setaffinity(main, {here})
    graph, x = graph_of(linear(node(), 2)), np.ones((256, 256, 16), np.float32)
    moved = False
    for _ in range(200):
        for processors in ({here}, allowed):
            list(each_other(lambda thread: os.sched_setaffinity(thread, processors)))
        graph(x)
        if moved := allowed - {here} in each_other(os.sched_getaffinity):
            break
    assert os.sched_getaffinity(main) == {here}
    print(moved)
    """
    done = python(code, env=os.environ | {"OMP_NUM_THREADS": "2", "GOMP_SPINCOUNT": "300000"})
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")


def test_copies_of_a_graph_run_on_threads():
    graph = graph_of(convolution(node(), Convolution(identity_weights(5, 2))))
    copies = [graph.copy_with_zone() for _ in range(4)]
    for copy in copies:
        copy.format = graph.format

    def work(k):
        for n in range(20):
            x = ramp(2, 3, 5, start=k + n)
            assert np.array_equal(copies[k](x), 2 * x)

    in_threads(4, work)


def test_what_a_data_source_raises_comes_out_as_itself():
    source = Convolution(identity_weights(5))
    source.failing["weights"] = HandlerError("no weights")
    with pytest.raises(HandlerError) as error:
        graph_of(convolution(node(), source))
    assert error.value is source.failing["weights"]


def test_a_graph_keeps_its_python_data_source():
    source = Convolution(identity_weights(5, 2))
    alive = weakref.ref(source)
    graph = graph_of(convolution(node(), source))
    del source
    gc.collect()
    assert alive() is not None
    graph.reload_from_data_sources()
    assert np.array_equal(graph(ramp(2, 3, 5)), 2 * ramp(2, 3, 5))
    del graph
    gc.collect()
    assert alive() is None


# --- execute_async ----------------------------------------------------------------------------------------------------


def test_execute_async_calls_back_with_the_result():
    answers = []
    done = threading.Event()

    def handler(result, error):
        answers.append((result, error, threading.get_ident()))
        done.set()

    graph = graph_of(linear(node(), 2))
    result = graph.execute_async_with_source_images([image(ramp(2, 3, 5))], handler)
    assert done.wait(TIMEOUT)
    assert answers[0][0] is result
    assert answers[0][1] is None
    assert answers[0][2] != threading.get_ident()
    assert np.array_equal(answers[0][0].to_numpy(), 2 * ramp(2, 3, 5))


def test_what_a_completion_handler_raises_is_reported(monkeypatch):
    reported = []
    done = threading.Event()

    def hook(unraisable):
        reported.append(str(unraisable.exc_value))
        done.set()

    def handler(result, error):
        raise HandlerError("lost")

    monkeypatch.setattr(sys, "unraisablehook", hook)
    graph_of(linear(node(), 2)).execute_async_with_source_images([image(ramp(2, 3, 5))], handler)
    assert done.wait(TIMEOUT)
    assert reported == ["lost"]


# --- the end ----------------------------------------------------------------------------------------------------------


def test_the_interpreter_waits_for_committed_work():
    program = """
        import time
        import mpsnn as mps
        command_buffer = mps.CommandQueue().command_buffer()
        def handler(cb):
            time.sleep(0.3)
            print("done", flush=True)
        command_buffer.add_completed_handler(handler)
        command_buffer.commit()
        del command_buffer
    """
    done = python(program)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


def test_the_interpreter_ends_with_work_that_was_never_committed():
    program = """
        from support import *
        command_buffer = mps.CommandQueue().command_buffer()
        command_buffer.add_completed_handler(lambda cb: print("never"))
        result = graph_of(linear(node(), 2)).encode_to_command_buffer(command_buffer, [image(ramp(2, 3, 5))])
        keep = Convolution(identity_weights(5))
        graph = graph_of(convolution(node(), keep))
    """
    done = python(program)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.skipif(sys.platform != "linux", reason="GNU's OpenMP tells its settings")
@pytest.mark.parametrize(
    ("given", "count"), [({}, "10000"), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "passive"}, "0")]
)
def test_threads_wait_awake_as_long_as_the_environment_says(given, count):
    """For 10 ms by themselves; the environment is as before when the library is there."""
    plain = {name: value for name, value in os.environ.items() if name not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    done = python(
        "import os; import mpsnn; print(os.environ.get('GOMP_SPINCOUNT'))",
        env=plain | given | {"OMP_DISPLAY_ENV": "verbose"},
    )
    assert f"GOMP_SPINCOUNT = '{count}'" in done.stderr
    assert done.stdout.strip() == given.get("GOMP_SPINCOUNT", "None")
