"""What the fuzz tests share: odd values of every type, and the promise that each example is refused or ends.

In CI each test makes the same few examples every time. MPSNN_FUZZ=100 makes a hundred times as many, others in each run.
A crash leaves the example in the file `TRAIL`; an example that does not end within `LIMIT` seconds ends the process.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import re
import resource
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import apple_names
import mpsnn as mps
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

ROUNDS = int(os.environ.get("MPSNN_FUZZ", "1"))
TRAIL = Path(tempfile.gettempdir()) / f"mpsnn-fuzz-{os.getpid()}.txt"
LIMIT = 60
MEMORY = 4 << 30  # for what an example may ask in addition; more is refused by the system

ODD_INTEGERS = [0, 2**16, 2**31 - 1, 2**31, 2**32 + 1, 2**40, 2**62, 2**63 - 1, 2**63, 2**64 - 1]
ODD_SIGNED = [-1, -2, 1000, -(2**31), 2**31, -(2**62), 2**62, 2**63 - 1, -(2**63)]
ODD_NUMBERS = [float("nan"), float("inf"), float("-inf"), 3e38, -3e38, 1e300, 1e-45, -0.0, 1e-20, -1e6]


def fuzz(examples: int) -> Callable[[Any], Any]:
    return settings(
        max_examples=examples * ROUNDS,
        derandomize=ROUNDS == 1,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )


@pytest.fixture(scope="module")
def limited_memory() -> Iterator[None]:
    """The system refuses memory beyond reason, instead of ending whoever uses it."""
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 0
    is_sanitized = "libasan" in os.environ.get("LD_PRELOAD", "")  # its shadow is larger than any limit
    before = resource.getrlimit(resource.RLIMIT_AS)
    if pages and not is_sanitized:
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)
    TRAIL.unlink(missing_ok=True)


class Example:
    """Draws values and writes down what is made of them."""

    def __init__(self, data: st.DataObject, odd: int) -> None:
        self._data = data
        self._odd = odd  # one value in so many is odd; 0 is none
        self._trail = TRAIL.open("w")

    def say(self, text: str) -> None:
        note(text)
        self._trail.write(text + "\n")
        self._trail.flush()

    @contextlib.contextmanager
    def refused_or_ends(self) -> Iterator[None]:
        """Lets errors of the library pass, if they say where and why, and nothing else."""
        faulthandler.dump_traceback_later(LIMIT, exit=True)
        try:
            yield
        except mps.Error as error:
            self.say(f"{type(error).__name__}: {error}")
            names = {*re.findall(r"\w+", str(error))} & {*dir(mps), "saved", "memory"}
            assert names, f"the message does not say where: {error}"
        except TypeError as error:
            # Numbers that no argument of the type can hold, None for an object.
            if not re.search("incompatible (function|constructor) arguments", str(error)):
                raise
        finally:
            faulthandler.cancel_dump_traceback_later()
            self._trail.close()

    # Values.

    def draw(self, strategy: Any) -> Any:
        return self._data.draw(strategy)

    def pick(self, values: Sequence[Any]) -> Any:
        return self.draw(st.sampled_from(values))

    def chance(self, one_in: int) -> bool:
        return bool(self.draw(st.integers(0, one_in - 1)) == one_in - 1)

    def is_odd(self) -> bool:
        return self._odd > 0 and self.chance(self._odd)

    def integer(self, low: int = 1, high: int = 3) -> int:
        return int(self.pick(ODD_INTEGERS) if self.is_odd() else self.draw(st.integers(low, high)))

    def signed(self, low: int = -2, high: int = 2) -> int:
        return int(self.pick(ODD_SIGNED) if self.is_odd() else self.draw(st.integers(low, high)))

    def number(self) -> float:
        return float(self.pick(ODD_NUMBERS) if self.is_odd() else self.pick([0.5, 1, 2, 0, -1, 0.25]))

    def numbers(self, count: int) -> NDArray[np.float32]:
        """From a seed: hypothesis is not asked for each."""
        rng = np.random.default_rng(self.draw(st.integers(0, 2**16)))
        values = rng.standard_normal(count).astype(np.float32)
        if self.is_odd() and count:
            values[rng.integers(count)] = self.pick([np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-45, -0.0])
        return values

    def member(self, name: str) -> Any:
        cls = getattr(mps, name)
        members = list(cls.__members__.values())
        if apple_names.SURFACE["enums"][name]["options"] and self.chance(3):
            return cls(int(self.pick(members)) | int(self.pick(members)))
        return self.pick(members)

    def size(self) -> tuple[int, int, int]:
        return self.integer(), self.integer(), self.integer(1, 1)

    def policy(self) -> Any:
        """A default policy by bits, those that mean nothing among them, or one of a class of the user's."""
        if self.chance(6):
            return Policy(self)
        bits = int(self.pick([0x10, 0x10, 0, 0x20, 0x30])) | int(self.pick([0, 0, 4, 8, 12, 1, 2, 3]))
        bits |= int(self.pick([0, 0, 0x8000]))
        if self.is_odd():
            bits |= int(self.pick([0x4000, 0x2000, 0x40, 0x100]))
        return mps.MPSNNDefaultPadding.padding_with_method(mps.MPSNNPaddingMethod(bits))

    def neuron(self) -> Any:
        if self.chance(5):
            return mps.MPSNNNeuronDescriptor.cnn_neuron_prelu_descriptor(self.numbers(self.pick([4, 8, 1, 0])), False)
        constants = {name: self.number() for name in "abc" if self.chance(2)}
        return mps.MPSNNNeuronDescriptor(self.member("MPSCNNNeuronType"), **constants)

    def optimizer(self) -> Any:
        name = self.pick(["StochasticGradientDescent", "RMSProp", "Adam"])
        return getattr(mps, f"MPSNNOptimizer{name}").with_learning_rate(self.number())

    def convolution_descriptor(self, channels: int) -> Any:
        name = self.pick(["MPSCNNConvolutionDescriptor"] * 4 + ["MPSCNNDepthWiseConvolutionDescriptor"])
        made = getattr(mps, name)(
            self.integer(),
            kernel_height=self.integer(),
            input_feature_channels=self.integer(channels, channels),
            output_feature_channels=self.integer(4, 8),
        )
        for attribute in ("stride_in_pixels_x", "stride_in_pixels_y", "dilation_rate_x", "dilation_rate_y"):
            if self.chance(4):
                setattr(made, attribute, self.integer())
        if self.chance(6):
            made.groups = self.pick([2, 4, 3, 0])
        if self.chance(6):
            made.fused_neuron_descriptor = self.neuron()
        return made

    def convolution_source(self, channels: int) -> Any:
        shape = self.convolution_descriptor(channels)
        more: dict[str, Any] = {"optimizer": self.optimizer()} if self.chance(3) else {}
        if self.chance(3):
            more["biases"] = self.numbers(shape.output_feature_channels if shape.output_feature_channels < 100 else 3)
        return mps.ConvolutionWeights(shape, seed=self.integer(), **more)

    def normalization_source(self, kind: str, channels: int) -> Any:
        more: dict[str, Any] = {"optimizer": self.optimizer()} if self.chance(3) else {}
        if kind == "Group":
            more["number_of_groups"] = self.integer(1, 2)
        if self.chance(2):
            more["epsilon"] = self.number()
        return getattr(mps, f"{kind}NormalizationWeights")(self.integer(channels, channels), **more)

    def loss_descriptor(self) -> Any:
        made = mps.MPSCNNLossDescriptor(
            self.member("MPSCNNLossType"), reduction_type=self.member("MPSCNNReductionType")
        )
        for name in ("weight", "label_smoothing", "epsilon", "delta"):
            if self.chance(4):
                setattr(made, name, self.number())
        made.number_of_classes = self.integer(1, 4)
        return made

    def yolo_descriptor(self) -> Any:
        kinds = [f"{part}_loss_type" for part in ("wh", "confidence", "classes")]
        boxes = self.integer(1, 2)
        return mps.MPSCNNYOLOLossDescriptor(
            self.member("MPSCNNLossType"),
            **{kind: self.member("MPSCNNLossType") for kind in kinds},
            reduction_type=self.member("MPSCNNReductionType"),
            anchor_boxes=self.numbers(2 * boxes if boxes < 100 else 3),
            number_of_anchor_boxes=boxes,
        )

    def value(self, apple_type: str, channels: int) -> Any:
        """A value for an argument or property of one of Apple's types; None for those that others know how to draw."""
        kind = apple_type.removesuffix(" *").removeprefix("id<").removesuffix(">")
        if kind in apple_names.SURFACE["enums"]:
            return self.member(kind)
        if kind.endswith("NormalizationDataSource"):
            return self.normalization_source(kind.removeprefix("MPSCNN").split("Norm")[0], channels)
        simple: dict[str, Callable[[], Any]] = {
            "NSUInteger": self.integer,
            "NSInteger": self.signed,
            "float": self.number,
            "double": lambda: float(self.integer(1, 2)) if self.chance(2) else self.number(),
            "BOOL": lambda: self.chance(2),
            "NSString": lambda: self.pick(["a", "", "\0", "ä" * 50]),
            "NSData": lambda: self.numbers(self.pick([4, 8, 1, 0])),
            "const float": lambda: self.numbers(self.pick([8, 4, 1, 0])),
            "MTLSize": self.size,
            "MPSImageCoordinate": self.size,
            "MPSOffset": lambda: (self.signed(), self.signed(), self.signed(0, 0)),
            "MTLRegion": lambda: ((self.integer(0, 2), self.integer(0, 2), self.integer(0, 0)), self.size()),
            "MPSNNNeuronDescriptor": self.neuron,
            "MPSCNNLossDescriptor": self.loss_descriptor,
            "MPSCNNYOLOLossDescriptor": self.yolo_descriptor,
            "MPSCNNConvolutionDataSource": lambda: self.convolution_source(channels),
            "MPSNNPadding": self.policy,
            "MPSImageTransformProvider": lambda: self.pick([None, Provider(self)]),
            "MPSNNGramMatrixCallback": lambda: self.pick([None, Alpha(self)]),
            "MPSImageAllocator": lambda: self.pick([mps.MPSImage, mps.MPSTemporaryImage]).default_allocator(),
        }
        return simple[kind]() if kind in simple else None


# Objects of classes of the user's. What they answer is drawn when they are made: they may be asked on another thread.


class Policy(mps.MPSNNPadding):
    def __init__(self, example: Example) -> None:
        super().__init__()
        self.change = {
            name: example.integer(1, 5)
            for name in ("width", "height", "feature_channels", "number_of_images")
            if example.chance(6)
        }
        self.offset = (example.signed(), example.signed(), 0) if example.chance(3) else None
        self.edge_mode = example.member("MPSImageEdgeMode") if example.chance(6) else None

    def padding_method(self):
        return mps.MPSNNPaddingMethod.Custom | mps.MPSNNPaddingMethod.SizeSame

    def destination_image_descriptor_for_source_images(self, images, states, kernel, suggested):
        for name, value in self.change.items():
            setattr(suggested, name, value)
        if self.offset and hasattr(kernel, "offset"):
            kernel.offset = self.offset
        if self.edge_mode is not None and hasattr(kernel, "edge_mode"):
            kernel.edge_mode = self.edge_mode
        return suggested


class Provider(mps.MPSImageTransformProvider):
    def __init__(self, example: Example) -> None:
        super().__init__()
        self.answer = mps.MPSScaleTransform(*(example.number() for _ in range(4)))

    def transform_for_source_image(self, source_image, handle):
        return self.answer


class Alpha(mps.MPSNNGramMatrixCallback):
    def __init__(self, example: Example) -> None:
        super().__init__()
        self.answer = example.number()

    def alpha_for_source_image(self, source_image, destination_image):
        return self.answer
