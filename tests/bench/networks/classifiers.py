"""Networks that say what a picture shows."""

from __future__ import annotations

from typing import Any

Builder = Any
Image = Any


def digits(b: Builder, x: Image) -> Image:
    for channels in (32, 64):
        x = b.max_pool(b.relu(b.convolution(x, channels, 5)), 2, 2)
    return b.fully_connected(b.relu(b.fully_connected(x, 1024)), 10)


def small_digits(b: Builder, x: Image) -> Image:
    """LeNet-5 with ReLU: Y. LeCun and others, "Gradient-Based Learning Applied to Document Recognition", 1998."""
    for channels in (6, 16):
        x = b.max_pool(b.relu(b.convolution(x, channels, 5)), 2, 2)
    for channels in (120, 84):
        x = b.relu(b.fully_connected(x, channels))
    return b.fully_connected(x, 10)


def vgg(b: Builder, x: Image, counts: tuple[int, ...] = (2, 2, 3, 3, 3)) -> Image:
    """With 16 layers that have weights, unless `counts` says otherwise."""
    for count, channels in zip(counts, (64, 128, 256, 512, 512), strict=True):
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


def resnet_of_pairs(b: Builder, x: Image, blocks: tuple[int, ...] = (2, 2, 2, 2)) -> Image:
    """Two convolutions of 3 x 3 a block: ResNet-18, unless `blocks` says otherwise."""
    x = resnet_stem(b, x)
    for stage, (count, channels) in enumerate(zip(blocks, (64, 128, 256, 512), strict=True)):
        for block in range(count):
            stride = 2 if stage and not block else 1
            branch = b.relu(normalised(b, x, channels, 3, stride))
            x = residual(b, x, normalised(b, branch, channels, 3), channels, stride)
    return b.fully_connected(b.global_average(x), 1000)


def resnet_of_bottlenecks(
    b: Builder, x: Image, blocks: tuple[int, ...] = (3, 4, 6, 3), width: int = 64, groups: int = 1
) -> Image:
    """One of 3 x 3 between two of 1 x 1 a block: ResNet-50, unless the numbers say otherwise."""
    x = resnet_stem(b, x)
    for stage, count in enumerate(blocks):
        inner, outer = width << stage, 256 << stage
        for block in range(count):
            stride = 2 if stage and not block else 1
            branch = b.relu(normalised(b, x, inner, 1))
            branch = b.relu(normalised(b, branch, inner, 3, stride, groups))
            x = residual(b, x, normalised(b, branch, outer, 1), outer, stride)
    return b.fully_connected(b.global_average(x), 1000)


def mobilenet_v1(b: Builder, x: Image) -> Image:
    x = b.relu(normalised(b, x, 32, 3, 2))
    for channels, stride in (
        (64, 1),
        (128, 2),
        (128, 1),
        (256, 2),
        (256, 1),
        (512, 2),
        *((512, 1),) * 5,
        (1024, 2),
        (1024, 1),
    ):
        x = b.relu(normalised(b, x, b.channels(x), 3, stride, groups=b.channels(x)))
        x = b.relu(normalised(b, x, channels, 1))
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


def fire(b: Builder, x: Image, squeezed: int, expanded: int) -> Image:
    x = b.relu(b.convolution(x, squeezed, 1))
    return b.concatenate([b.relu(b.convolution(x, expanded, kernel)) for kernel in (1, 3)])


FIRST_FIRES, MIDDLE_FIRES, LAST_FIRES = ((16, 64),) * 2, ((32, 128),) * 2, ((48, 192),) * 2 + ((64, 256),) * 2


def squeezenet(b: Builder, x: Image) -> Image:
    """Version 1.1: F. N. Iandola and others, "SqueezeNet", 2016."""
    x = b.relu(b.convolution(x, 64, 3, 2))
    for sizes in (FIRST_FIRES, MIDDLE_FIRES, LAST_FIRES):
        x = b.max_pool(x, 3, 2)
        for size in sizes:
            x = fire(b, x, *size)
    return b.global_average(b.relu(b.convolution(x, 1000, 1)))


def squeezenet_1_0(b: Builder, x: Image) -> Image:
    x = b.relu(b.convolution(x, 96, 7, 2))
    for sizes in ((*FIRST_FIRES, MIDDLE_FIRES[0]), (MIDDLE_FIRES[1], *LAST_FIRES[:3]), LAST_FIRES[3:]):
        x = b.max_pool(x, 3, 2)
        for size in sizes:
            x = fire(b, x, *size)
    return b.global_average(b.relu(b.convolution(x, 1000, 1)))


def darknet19(b: Builder, x: Image) -> Image:
    """What YOLO-v2 stands on: J. Redmon and A. Farhadi, "YOLO9000", 2016."""
    for channels, count in ((32, 1), (64, 1), (128, 3), (256, 3), (512, 5), (1024, 5)):
        for k in range(count):
            x = b.relu(normalised(b, x, channels >> k % 2, 1 if k % 2 else 3), 0.1)
        if channels < 1024:
            x = b.max_pool(x, 2, 2)
    return b.global_average(b.convolution(x, 1000, 1))
