"""A test with a `device` argument runs on every device of this machine."""

import signal

import pytest

# A shell's background jobs ignore interrupts, and pass that on to what they start; tests here interrupt themselves and programs.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "device" in metafunc.fixturenames:
        import mpsnn  # here: tests without a device run without the engine
        from harness import device_name

        devices = mpsnn.devices()
        metafunc.parametrize("device", devices, ids=[device_name(d) for d in devices])
