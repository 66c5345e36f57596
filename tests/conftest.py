"""A test with a `device` argument runs on every device of this machine, or on those that `--device` names."""

import signal

import pytest

# A shell's background jobs ignore interrupts, and pass that on to what they start; tests here interrupt themselves and programs.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--device",
        action="append",
        metavar="NAME",
        help="run only tests that take a device, on this one (may be repeated); fails where the machine has none of that name",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "device" in metafunc.fixturenames:
        import mpsnn  # here: tests without a device run without the engine
        from harness import device_name

        wanted = metafunc.config.getoption("--device")
        devices = mpsnn.devices()
        if wanted:
            present = {d.name: d for d in devices}
            devices = [present[name] for name in wanted]
        metafunc.parametrize("device", devices, ids=[device_name(d) for d in devices])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--device"):
        others = [item for item in items if "device" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if "device" in getattr(item, "fixturenames", ())]

    from native_skips import reason_on_native

    for item in items:
        callspec = getattr(item, "callspec", None)
        device = callspec.params.get("device") if callspec else None
        if device is not None and device.name == "native" and (reason := reason_on_native(item.nodeid)):
            item.add_marker(pytest.mark.skip(reason=reason))
