"""Networks that say what a picture shows."""

from __future__ import annotations

from typing import Any

Builder = Any
Image = Any


def digits(b: Builder, x: Image) -> Image:
    for channels in (32, 64):
        x = b.max_pool(b.relu(b.convolution(x, channels, 5)), 2, 2)
    return b.fully_connected(b.relu(b.fully_connected(x, 1024)), 10)


def vgg16(b: Builder, x: Image) -> Image:
    for count, channels in ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)):
        for _ in range(count):
            x = b.relu(b.convolution(x, channels, 3))
        x = b.max_pool(x, 2, 2)
    for _ in range(2):
        x = b.relu(b.fully_connected(x, 4096))
    return b.fully_connected(x, 1000)


def normalised(b: Builder, x: Image, channels: int, kernel: int, stride: int = 1, groups: int = 1) -> Image:
    return b.batch_normalization(b.convolution(x, channels, kernel, stride, groups, bias=False))


def residual(b: Builder, x: Image, branch: Image, channels: int, stride: int) -> Image:
    if stride != 1 or b.channels(x) != channels:
        x = normalised(b, x, channels, 1, stride)
    return b.relu(b.add(branch, x))


def resnet_stem(b: Builder, x: Image) -> Image:
    return b.max_pool(b.relu(normalised(b, x, 64, 7, 2)), 3, 2)


def resnet18(b: Builder, x: Image) -> Image:
    x = resnet_stem(b, x)
    for stage, channels in enumerate((64, 128, 256, 512)):
        for block in range(2):
            stride = 2 if stage and not block else 1
            branch = b.relu(normalised(b, x, channels, 3, stride))
            x = residual(b, x, normalised(b, branch, channels, 3), channels, stride)
    return b.fully_connected(b.global_average(x), 1000)


def resnet50(b: Builder, x: Image) -> Image:
    x = resnet_stem(b, x)
    for stage, (blocks, channels) in enumerate(((3, 64), (4, 128), (6, 256), (3, 512))):
        for block in range(blocks):
            stride = 2 if stage and not block else 1
            branch = b.relu(normalised(b, x, channels, 1))
            branch = b.relu(normalised(b, branch, channels, 3, stride))
            x = residual(b, x, normalised(b, branch, 4 * channels, 1), 4 * channels, stride)
    return b.fully_connected(b.global_average(x), 1000)


def mobilenet_v2(b: Builder, x: Image) -> Image:
    x = b.relu6(normalised(b, x, 32, 3, 2))
    for expand, channels, count, first_stride in (
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)
    ):  # fmt: skip
        for block in range(count):
            stride = 1 if block else first_stride
            inputs, y = b.channels(x), x
            if expand != 1:
                y = b.relu6(normalised(b, y, expand * inputs, 1))
            y = b.relu6(normalised(b, y, expand * inputs, 3, stride, groups=expand * inputs))
            y = normalised(b, y, channels, 1)
            x = b.add(y, x) if stride == 1 and inputs == channels else y
    x = b.relu6(normalised(b, x, 1280, 1))
    return b.fully_connected(b.global_average(x), 1000)


def squeezenet(b: Builder, x: Image) -> Image:
    """Version 1.1: F. N. Iandola and others, "SqueezeNet", 2016."""

    def fire(x: Image, squeezed: int, expanded: int) -> Image:
        x = b.relu(b.convolution(x, squeezed, 1))
        return b.concatenate([b.relu(b.convolution(x, expanded, kernel)) for kernel in (1, 3)])

    x = b.relu(b.convolution(x, 64, 3, 2))
    for sizes in (((16, 64), (16, 64)), ((32, 128), (32, 128)), ((48, 192), (48, 192), (64, 256), (64, 256))):
        x = b.max_pool(x, 3, 2)
        for squeezed, expanded in sizes:
            x = fire(x, squeezed, expanded)
    return b.global_average(b.relu(b.convolution(x, 1000, 1)))
