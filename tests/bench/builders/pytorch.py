"""PyTorch's functions, over parameters made at the first call, with an image on the "meta" device."""

from __future__ import annotations

from typing import Any

import numpy as np

from builders.weights import Size, Weights, padding, pair


class Torch:
    """An image is N x C x H x W. `dtype` and `memory_format` are those of images and parameters."""

    def __init__(self, training: bool = False, dtype: Any = None, memory_format: Any = None) -> None:
        import torch

        self.torch, self.f, self.training = torch, torch.nn.functional, training
        self.dtype = dtype or torch.float32
        self.memory_format = memory_format or torch.channels_last
        self.parameters: list[Any] = []
        self.draw: Weights | None = Weights()
        self.next = 0

    def source(self, images: np.ndarray) -> Any:
        """`images` is N x H x W x C."""
        t = self.torch.from_numpy(images).to(self.dtype).permute(0, 3, 1, 2)
        return t.contiguous(memory_format=self.memory_format)

    def begin(self) -> None:
        """Every forward pass starts at the first parameter again."""
        self.next = 0

    def end(self) -> None:
        self.draw = None

    def _parameter(self, make: Any, trained: bool = True) -> Any:
        if self.draw is not None:
            t = self.torch.from_numpy(np.ascontiguousarray(make(self.draw))).to(self.dtype)
            if t.ndim == 4:
                t = t.permute(0, 3, 1, 2).contiguous(memory_format=self.memory_format)
            self.parameters.append(t.requires_grad_(self.training and trained))
            return t.to("meta")
        self.next += 1
        return self.parameters[self.next - 1]

    def _bias(self, count: int) -> Any:
        return self._parameter(lambda draw: draw.vector(count, -0.1, 0.1))

    def channels(self, x: Any) -> int:
        return x.shape[1]

    def _padded(self, x: Any, kernel: Size, stride: int, valid: bool) -> tuple[Any, Any]:
        """The image and the padding to ask for: PyTorch's own is symmetric; only maxima are asked for another here."""
        (top, bottom), (left, right) = (
            padding(n, k, stride, valid) for n, k in zip(x.shape[2:], pair(kernel), strict=True)
        )
        if (top, left) == (bottom, right):
            return x, (top, left)
        return self.f.pad(x, (left, right, top, bottom), value=float("-inf")), 0

    def convolution(
        self,
        x: Any,
        outputs: int,
        kernel: Size,
        stride: int = 1,
        groups: int = 1,
        bias: bool = True,
        valid: bool = False,
    ) -> Any:
        inputs = x.shape[1] // groups
        w = self._parameter(lambda draw: draw.convolution(outputs, kernel, inputs))
        b = self._bias(outputs) if bias else None
        x, pads = self._padded(x, kernel, stride, valid)
        return self.f.conv2d(x, w, b, stride, pads, groups=groups)

    def transposed_convolution(self, x: Any, outputs: int) -> Any:
        inputs = x.shape[1]

        def scattered(draw: Weights) -> np.ndarray:
            return draw.convolution(outputs, 2, inputs, taps=1)[:, ::-1, ::-1].transpose(3, 1, 2, 0)

        w = self._parameter(scattered)
        return self.f.conv_transpose2d(x, w, self._bias(outputs), stride=2)

    def fully_connected(self, x: Any, outputs: int) -> Any:
        shape = tuple(x.shape[2:]), x.shape[1]
        w = self._parameter(lambda draw: draw.convolution(outputs, *shape))
        flat = x.permute(0, 2, 3, 1).flatten(1)
        return self.f.linear(flat, w.permute(0, 2, 3, 1).flatten(1), self._bias(outputs))[:, :, None, None]

    def _normalization(self, channels: int, names: tuple[str, ...]) -> list[Any]:
        drawn: dict[str, Any] = {}

        def take(name: str) -> Any:
            def make(draw: Weights) -> Any:
                drawn.update(drawn or draw.normalization(channels))
                return drawn[name]

            return self._parameter(make, name in ("gamma", "beta"))

        return [take(name) for name in names]

    def batch_normalization(self, x: Any) -> Any:
        gamma, beta, mean, variance = self._normalization(x.shape[1], ("gamma", "beta", "mean", "variance"))
        return self.f.batch_norm(x, mean, variance, gamma, beta, self.training, 0.1, 1e-5)

    def instance_normalization(self, x: Any) -> Any:
        gamma, beta = self._normalization(x.shape[1], ("gamma", "beta"))
        return self.f.instance_norm(x, weight=gamma, bias=beta, eps=1e-5)

    def relu(self, x: Any, slope: float = 0) -> Any:
        return self.f.leaky_relu(x, slope) if slope else self.f.relu(x)

    def relu6(self, x: Any) -> Any:
        return self.f.relu6(x)

    def sigmoid(self, x: Any) -> Any:
        return self.torch.sigmoid(x)

    def add(self, x: Any, y: Any) -> Any:
        return x + y

    def concatenate(self, images: list[Any]) -> Any:
        return self.torch.cat(images, 1)

    def max_pool(self, x: Any, size: int, stride: int, valid: bool = False) -> Any:
        x, pads = self._padded(x, size, stride, valid)
        return self.f.max_pool2d(x, size, stride, pads)

    def average_pool(self, x: Any, size: int, stride: int, valid: bool = False) -> Any:
        x, pads = self._padded(x, size, stride, valid)
        return self.f.avg_pool2d(x, size, stride, pads, count_include_pad=False)

    def global_average(self, x: Any) -> Any:
        return self.f.adaptive_avg_pool2d(x, 1)

    def upsample(self, x: Any) -> Any:
        return self.f.interpolate(x, scale_factor=2, mode="nearest")
