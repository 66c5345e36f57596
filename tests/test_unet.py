"""The U-Net example learns to segment, and draws what it did."""

import subprocess
import sys

import numpy as np
import pytest


def test_quick(tmp_path):
    image = pytest.importorskip("matplotlib.image")
    picture = tmp_path / "patches.png"
    command = [sys.executable, "-m", "mpsnn.examples.unet", "--quick", "--steps", "2400", "--plot", str(picture)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "training: 100%" in done.stderr and "IoU=" in done.stderr
    # Everything taken for the ground makes 0.16. After 120 steps it may be 0.41 or 0.63, by the order of sums; after these 240, 0.77.
    assert float(done.stdout.split("test pictures: ")[1].split()[0]) > 0.6, done.stdout
    pixels = image.imread(picture)
    assert pixels.shape == (600, 1500, 4)
    assert len(np.unique(pixels.reshape(-1, 4), axis=0)) > 100
