"""Networks to time, each written once against a builder; see builders/ for what makes them real."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from networks import classifiers, inception, pictures


@dataclass(frozen=True)
class Network:
    build: Callable[[Any, Any], Any]
    image: tuple[int, int, int]  # H, W, C
    batches: tuple[int, ...] = (1, 8)
    training_batches: tuple[int, ...] = ()
    loss: str = "softmax"  # or "squares"


PHOTO = (224, 224, 3)

NETWORKS = {
    "digit network": Network(classifiers.digits, (28, 28, 1), (1, 16), (40, 128)),
    "MobileNet-V2": Network(classifiers.mobilenet_v2, PHOTO),
    "SqueezeNet-1.1": Network(classifiers.squeezenet, PHOTO),
    "ResNet-18": Network(classifiers.resnet_of_pairs, PHOTO, training_batches=(8,)),
    "ResNet-50": Network(classifiers.resnet_of_bottlenecks, PHOTO, training_batches=(4,)),
    "Inception-v3": Network(inception.inception_v3, (299, 299, 3)),
    "Tiny-YOLO-v2": Network(pictures.tiny_yolo, (416, 416, 3), training_batches=(2,), loss="squares"),
    "VGG-16": Network(classifiers.vgg, PHOTO),
    "U-Net": Network(pictures.unet, (256, 256, 3), training_batches=(2,)),
    "style transfer": Network(pictures.style_transfer, (256, 256, 3), training_batches=(1,), loss="squares"),
}

# Of the same families: what is done for the networks above should serve them as well.
RELATIVES = {
    "small digit network": Network(classifiers.small_digits, (28, 28, 1), (1, 16), (64,)),
    "MobileNet-V1": Network(classifiers.mobilenet_v1, PHOTO, training_batches=(8,)),
    "SqueezeNet-1.0": Network(classifiers.squeezenet_1_0, PHOTO),
    "ResNet-34": Network(partial(classifiers.resnet_of_pairs, blocks=(3, 4, 6, 3)), PHOTO, training_batches=(8,)),
    "ResNet-101": Network(
        partial(classifiers.resnet_of_bottlenecks, blocks=(3, 4, 23, 3)), PHOTO, training_batches=(4,)
    ),
    "Wide ResNet-50": Network(partial(classifiers.resnet_of_bottlenecks, width=128), PHOTO, training_batches=(4,)),
    "ResNeXt-50": Network(
        partial(classifiers.resnet_of_bottlenecks, width=128, groups=32), PHOTO, training_batches=(4,)
    ),
    "Inception-v1": Network(inception.inception_v1, PHOTO),
    "Darknet-19": Network(classifiers.darknet19, PHOTO, training_batches=(4,)),
    "VGG-11": Network(partial(classifiers.vgg, counts=(1, 1, 2, 2, 2)), PHOTO),
    "wide U-Net": Network(partial(pictures.unet, first=64), (192, 192, 3), training_batches=(2,)),
    "small style transfer": Network(
        partial(pictures.style_transfer, first=16), (256, 256, 3), training_batches=(1,), loss="squares"
    ),
}

KNOWN = NETWORKS | RELATIVES
