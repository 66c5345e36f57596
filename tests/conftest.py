"""A test with a `device` argument runs on every device of this machine. `--device NAME` makes one the only one, for all tests."""

import os
import signal

import pytest

# A shell's background jobs ignore interrupts, and pass that on to what they start; tests here interrupt themselves and programs.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--device",
        metavar="NAME",
        help="the device of all tests: those that take one, and those that use the default; it must be there",
    )


def pytest_configure(config: pytest.Config) -> None:
    if name := config.getoption("--device"):
        os.environ["MPSNN_DEVICE"] = name


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "device" in metafunc.fixturenames:
        import mpsnn  # here: tests without a device run without the engine
        from harness import device_name

        name = metafunc.config.getoption("--device")
        devices = [d for d in mpsnn.devices() if name in (None, d.name)]
        assert devices, f"there is no device {name!r}"
        metafunc.parametrize("device", devices, ids=[device_name(d) for d in devices])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    from native_skips import reason_on_native

    is_native = config.getoption("--device") == "native"
    for item in items:
        callspec = getattr(item, "callspec", None)
        device = callspec.params.get("device") if callspec else None
        uses_native = device.name == "native" if hasattr(device, "name") else is_native
        if uses_native and (reason := reason_on_native(item.nodeid)):
            item.add_marker(pytest.mark.skip(reason=reason))
