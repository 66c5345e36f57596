"""Inception version 3: C. Szegedy and others, "Rethinking the Inception Architecture for Computer Vision", 2015."""

from __future__ import annotations

from typing import Any

Builder = Any
Image = Any
Kernel = int | tuple[int, int]

ACROSS, DOWN = (1, 7), (7, 1)


def layers(b: Builder, x: Image, *sizes: tuple[int, Kernel]) -> Image:
    """Convolutions with batch normalisation and ReLU, one after the other: (channels, kernel)."""
    for channels, kernel in sizes:
        x = b.relu(b.batch_normalization(b.convolution(x, channels, kernel, bias=False)))
    return x


def reducing(b: Builder, x: Image, channels: int, stride: int = 2) -> Image:
    """One of 3 x 3 that keeps inside the image."""
    return b.relu(b.batch_normalization(b.convolution(x, channels, 3, stride, bias=False, valid=True)))


def pooled(b: Builder, x: Image, channels: int) -> Image:
    return layers(b, b.average_pool(x, 3, 1), (channels, 1))


def block_a(b: Builder, x: Image, channels: int) -> Image:
    return b.concatenate(
        [
            layers(b, x, (64, 1)),
            layers(b, x, (48, 1), (64, 5)),
            layers(b, x, (64, 1), (96, 3), (96, 3)),
            pooled(b, x, channels),
        ]
    )


def block_b(b: Builder, x: Image) -> Image:
    branch = reducing(b, layers(b, x, (64, 1), (96, 3)), 96)
    return b.concatenate([reducing(b, x, 384), branch, b.max_pool(x, 3, 2, valid=True)])


def block_c(b: Builder, x: Image, c: int) -> Image:
    return b.concatenate(
        [
            layers(b, x, (192, 1)),
            layers(b, x, (c, 1), (c, ACROSS), (192, DOWN)),
            layers(b, x, (c, 1), (c, DOWN), (c, ACROSS), (c, DOWN), (192, ACROSS)),
            pooled(b, x, 192),
        ]
    )


def block_d(b: Builder, x: Image) -> Image:
    first = reducing(b, layers(b, x, (192, 1)), 320)
    second = reducing(b, layers(b, x, (192, 1), (192, ACROSS), (192, DOWN)), 192)
    return b.concatenate([first, second, b.max_pool(x, 3, 2, valid=True)])


def block_e(b: Builder, x: Image) -> Image:
    def fork(x: Image) -> list[Image]:
        return [layers(b, x, (384, (1, 3))), layers(b, x, (384, (3, 1)))]

    branches = [layers(b, x, (320, 1)), *fork(layers(b, x, (384, 1))), *fork(layers(b, x, (448, 1), (384, 3)))]
    return b.concatenate([*branches, pooled(b, x, 192)])


def inception_v3(b: Builder, x: Image) -> Image:
    x = layers(b, reducing(b, reducing(b, x, 32), 32, stride=1), (64, 3))
    x = layers(b, b.max_pool(x, 3, 2, valid=True), (80, 1))
    x = b.max_pool(reducing(b, x, 192, stride=1), 3, 2, valid=True)
    for channels in (32, 64, 64):
        x = block_a(b, x, channels)
    x = block_b(b, x)
    for channels in (128, 160, 160, 192):
        x = block_c(b, x, channels)
    x = block_e(b, block_e(b, block_d(b, x)))
    return b.fully_connected(b.global_average(x), 1000)


def inception_v1(b: Builder, x: Image) -> Image:
    """GoogLeNet: C. Szegedy and others, "Going Deeper with Convolutions", 2014, with batch normalisation."""

    def block(x: Image, one: int, before3: int, three: int, before5: int, five: int, pool: int) -> Image:
        branches = [
            layers(b, x, (one, 1)),
            layers(b, x, (before3, 1), (three, 3)),
            layers(b, x, (before5, 1), (five, 5)),
        ]
        return b.concatenate([*branches, layers(b, b.max_pool(x, 3, 1), (pool, 1))])

    x = b.max_pool(b.relu(b.batch_normalization(b.convolution(x, 64, 7, 2, bias=False))), 3, 2)
    x = layers(b, x, (64, 1), (192, 3))
    for blocks in (
        ((64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64)),
        (
            (192, 96, 208, 16, 48, 64),
            (160, 112, 224, 24, 64, 64),
            (128, 128, 256, 24, 64, 64),
            (112, 144, 288, 32, 64, 64),
            (256, 160, 320, 32, 128, 128),
        ),
        ((256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128)),
    ):
        x = b.max_pool(x, 3, 2)
        for sizes in blocks:
            x = block(x, *sizes)
    return b.fully_connected(b.global_average(x), 1000)
