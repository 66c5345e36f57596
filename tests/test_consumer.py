"""What an installation holds, and that a C++ program can be built on it: tests/consumer, against the installed wheel and
against a prefix that `cmake --install` filled (its path in MPSNN_PREFIX, copied first: a package must not know where it is).
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import pytest

CONSUMER = Path(__file__).resolve().parent / "consumer"
PATH = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])  # pip's cmake and ninja first


def run(command: Sequence[str | Path]) -> str:
    environment = os.environ | {"PATH": PATH}
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    assert result.returncode == 0, f"{' '.join(map(str, command))}\n{result.stdout}"
    return result.stdout


def installed() -> importlib.metadata.Distribution:
    try:
        return importlib.metadata.distribution("mpsnn")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("mpsnn is not installed but used from a build folder")


def build_and_train(package: Path, folder: Path) -> str:
    if not shutil.which("cmake", path=PATH):
        pytest.skip("cmake is not installed")
    generator = ["-G", "Ninja"] if shutil.which("ninja", path=PATH) else []
    run(["cmake", "-S", CONSUMER, "-B", folder, *generator, f"-Dmpsnn_DIR={package}", "-DCMAKE_BUILD_TYPE=Release"])
    run(["cmake", "--build", folder])
    return run([folder / "train"])


def test_consumer_of_the_wheel(tmp_path: Path) -> None:
    installed()
    package = Path(run([sys.executable, "-m", "mpsnn", "--cmakedir"]).strip())
    assert (package / "mpsnnConfig.cmake").is_file()
    print(build_and_train(package, tmp_path))


def test_consumer_of_a_prefix(tmp_path: Path) -> None:
    prefix = os.environ.get("MPSNN_PREFIX")
    if not prefix:
        pytest.skip("MPSNN_PREFIX does not name a folder that cmake --install filled")
    moved = shutil.copytree(prefix, tmp_path / "moved")
    (package,) = {config.parent for config in moved.rglob("mpsnnConfig.cmake")}
    print(build_and_train(package, tmp_path / "build"))


def test_wheel_holds_the_package_only() -> None:
    distribution = installed()
    files = [path.as_posix() for path in distribution.files or []]
    if not any(name.endswith("mpsnnConfig.cmake") for name in files):
        pytest.skip("mpsnn is installed for editing")
    others = [name for name in files if not name.startswith(("mpsnn/", "mpsnn-"))]
    assert not others, f"outside the package: {others}"
    data = [name for name in files if "test" in name or name.endswith((".gz", ".npz", ".png", ".cpp"))]
    assert not data, f"does not belong into a wheel: {data}"
    for name in ("_core.pyi", "py.typed", "include/mpsnn/mpsnn.hpp", "lib/cmake/mpsnn/mpsnnTargets.cmake"):
        assert f"mpsnn/{name}" in files


def test_version_is_the_projects() -> None:
    import mpsnn

    assert mpsnn.__version__ == installed().version
