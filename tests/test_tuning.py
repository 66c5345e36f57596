"""MPSNN_TUNING: implementations chosen by their time, which a file keeps."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
import mpsnn as mps, numpy as np

descriptor = mps.MPSCNNConvolutionDescriptor(
    kernel_width=3, kernel_height=3, input_feature_channels=32, output_feature_channels=32)
x = mps.MPSNNImageNode("x")
for seed in (1, 2):
    x = mps.MPSCNNConvolutionNode(x, weights=mps.ConvolutionWeights(descriptor, seed=seed)).result_image
pointwise = mps.MPSCNNConvolutionDescriptor(
    kernel_width=1, kernel_height=1, input_feature_channels=32, output_feature_channels=16)
x = mps.MPSCNNConvolutionNode(x, weights=mps.ConvolutionWeights(pointwise, seed=3)).result_image
graph = mps.MPSNNGraph(mps.MPSCNNPoolingMaxNode.with_filter_size(x, 2, 2).result_image)
graph.format = mps.MPSImageFeatureChannelFormat.Float32
for _ in range(2):
    y = graph(np.random.default_rng(0).standard_normal((20, 20, 32)).astype(np.float32))
sys.stdout.buffer.write(np.array(y).tobytes())
"""


def run(tuning: Path | None) -> tuple[bytes, str]:
    """What the graph computed, and the kernels that its plan has."""
    environment = os.environ | {"MPSNN_TRACE": "plan"}
    environment.pop("MPSNN_TUNING", None)
    if tuning:
        environment["MPSNN_TUNING"] = str(tuning)
    ended = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, timeout=300)
    if ended.returncode:
        raise RuntimeError(ended.stderr.decode())
    return ended.stdout, ended.stderr.decode()


def lines(file: Path) -> list[list[str]]:
    return [line.split("\t") for line in file.read_text().splitlines()]


def test_a_file_keeps_what_was_measured(tmp_path: Path) -> None:
    file = tmp_path / "tuning"
    first, plan = run(file)
    measured = lines(file)
    assert len({key for _, key in measured}) == len(measured)
    # The two equal filters are measured once; the maximum has one implementation that matters.
    assert 2 <= len(measured) <= 3
    assert all("MPSCNNConvolution" in key and "threads" in key for _, key in measured)
    for name, _ in measured:
        assert f"-> {name}" in plan
    again, same_plan = run(file)
    assert again == first and same_plan == plan
    assert lines(file) == measured


def test_what_the_file_says_is_done(tmp_path: Path) -> None:
    file = tmp_path / "tuning"
    run(file)
    file.write_text("".join(f"loops\t{key}\n" for _, key in lines(file)))
    assert "-> winograd" not in run(file)[1]
    assert {name for name, _ in lines(file)} == {"loops"}


def test_lines_that_mean_nothing_are_measured_again(tmp_path: Path) -> None:
    file = tmp_path / "tuning"
    first, plan = run(file)
    keys = [key for _, key in lines(file)]
    file.write_text("no tab\n\n" + "".join(f"no such kernel\t{key}\n" for key in keys) + "loops\tanother key\n\0\xff\n")
    run(file)
    assert [key for _, key in lines(file)[-len(keys) :]] == keys


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r'MPSNN_TUNING: cannot write ".*no folder.*" \(No such file or directory\)'):
        run(tmp_path / "no folder" / "tuning")
    with pytest.raises(RuntimeError, match="MPSNN_TUNING: cannot write"):
        run(tmp_path)


def test_choices_do_not_depend_on_time_unless_asked() -> None:
    assert run(None) == run(None)
