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
