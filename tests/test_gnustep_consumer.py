"""That an Objective-C program can be built on an installation: the digit classifier of cpp/gnustep/samples, against a prefix that
`cmake --install --component gnustep` filled (its path in MPSNN_GNUSTEP_PREFIX, copied first: a package must not know where it is);
and that Apple's declarations take the same sources.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import pytest
from objective_c import INCLUDE, ROOT, WARNINGS, clang, need_gnustep

SAMPLE = ROOT / "cpp" / "gnustep" / "samples" / "digits"
MNIST = ROOT / "tests" / "data" / "mnist"
PATH = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])  # pip's cmake and ninja first


def run(command: Sequence[str | Path], expected: int = 0) -> str:
    environment = os.environ | {"PATH": PATH}
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    assert result.returncode == expected, f"{' '.join(map(str, command))}\n{result.stdout}"
    return result.stdout


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program."""
    prefix = os.environ.get("MPSNN_GNUSTEP_PREFIX")
    if not prefix:
        pytest.skip("MPSNN_GNUSTEP_PREFIX does not name a folder that cmake --install --component gnustep filled")
    need_gnustep()
    if not shutil.which("cmake", path=PATH):
        pytest.skip("cmake is not installed")
    folder = tmp_path_factory.mktemp("gnustep")
    moved = shutil.copytree(prefix, folder / "moved")
    generator = ["-G", "Ninja"] if shutil.which("ninja", path=PATH) else []
    build = folder / "build"
    options = [f"-DCMAKE_PREFIX_PATH={moved}", "-DCMAKE_OBJC_FLAGS=-Werror"]
    run(["cmake", "-S", SAMPLE, "-B", build, *generator, *options])
    run(["cmake", "--build", build])
    return build / "digits"


def test_digits(digits: Path) -> None:
    output = run([digits, "--quick", "--data", MNIST])
    print(output)
    losses = [float(loss) for loss in re.findall(r"loss (\d+\.\d+)", output)]
    assert losses
    assert losses[-1] < 0.7, "the mean over the epoch; 2.3 is chance"
    match = re.search(r"(\d+\.\d+) % of 1000 test digits read correctly", output)
    assert match
    assert float(match[1]) > 93


def test_missing_data_is_said(digits: Path, tmp_path: Path) -> None:
    output = run([digits, "--data", tmp_path], expected=1)
    assert "train-images-idx3-ubyte: there is no such file" in output


def test_files_of_another_kind_are_refused(digits: Path, tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"not an IDX file")
    output = run([digits, "--data", tmp_path], expected=1)
    assert "this is not a file of the MNIST database" in output


@pytest.mark.parametrize("include", [INCLUDE, ROOT / "tests" / "apple_headers"], ids=lambda path: path.name)
@pytest.mark.parametrize("source", sorted(SAMPLE.glob("*.m")), ids=lambda path: path.name)
def test_sources_fit_the_declarations(source: Path, include: Path) -> None:
    need_gnustep()
    clang(["-fsyntax-only", "-fno-objc-arc", *WARNINGS, source], include)
