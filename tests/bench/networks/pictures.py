"""Networks whose result is a picture, or says something of every place in one."""

from __future__ import annotations

from typing import Any

from networks.classifiers import normalised

Builder = Any
Image = Any


def tiny_yolo(b: Builder, x: Image) -> Image:
    """J. Redmon and A. Farhadi, "YOLO9000", 2016: five anchors, 20 classes."""
    for channels in (16, 32, 64, 128, 256, 512):
        x = b.relu(normalised(b, x, channels, 3), 0.1)
        x = b.max_pool(x, 2, 1 if channels == 512 else 2)
    for _ in range(2):
        x = b.relu(normalised(b, x, 1024, 3), 0.1)
    return b.convolution(x, 125, 1)


def unet(b: Builder, x: Image, first: int = 32) -> Image:
    """O. Ronneberger, P. Fischer and T. Brox, "U-Net", 2015, with borders, from `first` channels, four classes."""

    def two(x: Image, channels: int) -> Image:
        for _ in range(2):
            x = b.relu(b.convolution(x, channels, 3))
        return x

    left = []
    for channels in (first, 2 * first, 4 * first, 8 * first):
        left.append(two(x, channels))
        x = b.max_pool(left[-1], 2, 2)
    x = two(x, 16 * first)
    for across in reversed(left):
        channels = b.channels(across)
        x = two(b.concatenate([across, b.transposed_convolution(x, channels)]), channels)
    return b.convolution(x, 4, 1)


def style_transfer(b: Builder, x: Image, first: int = 32) -> Image:
    """J. Johnson, A. Alahi and L. Fei-Fei, "Perceptual Losses", 2016, with instance normalisation and enlarged pixels."""

    def layer(x: Image, channels: int, kernel: int = 3, stride: int = 1) -> Image:
        return b.instance_normalization(b.convolution(x, channels, kernel, stride))

    x = b.relu(layer(x, first, 9))
    for channels in (2 * first, 4 * first):
        x = b.relu(layer(x, channels, stride=2))
    for _ in range(5):
        x = b.add(x, layer(b.relu(layer(x, 4 * first)), 4 * first))
    for channels in (2 * first, first):
        x = b.relu(layer(b.upsample(x), channels))
    return b.sigmoid(b.convolution(x, 3, 9))
