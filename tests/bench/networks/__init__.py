"""Networks to time, each written once against a builder; see builders/ for what makes them real."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
    "ResNet-18": Network(classifiers.resnet18, PHOTO, training_batches=(8,)),
    "ResNet-50": Network(classifiers.resnet50, PHOTO, training_batches=(4,)),
    "Inception-v3": Network(inception.inception_v3, (299, 299, 3)),
    "Tiny-YOLO-v2": Network(pictures.tiny_yolo, (416, 416, 3), training_batches=(2,), loss="squares"),
    "VGG-16": Network(classifiers.vgg16, PHOTO),
    "U-Net": Network(pictures.unet, (256, 256, 3), training_batches=(2,)),
    "style transfer": Network(pictures.style_transfer, (256, 256, 3), training_batches=(1,), loss="squares"),
}
