"""An ONNX model, for the engines that read or convert one."""

from __future__ import annotations

from typing import Any

import numpy as np

from builders.weights import Size, Weights, padding, pair, windows


class Onnx:
    """An image is (name, H, W, C); tensors are N x C x H x W."""

    def __init__(self) -> None:
        import onnx

        self.onnx, self.draw = onnx, Weights()
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []

    def source(self, shape: tuple[int, int, int]) -> Any:
        return ("source", *shape)

    def channels(self, x: Any) -> int:
        return x[3]

    def _constant(self, array: np.ndarray) -> str:
        name = f"w{len(self.initializers)}"
        self.initializers.append(self.onnx.numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def _node(self, kind: str, sources: list[str], **attributes: Any) -> str:
        name = f"x{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(kind, sources, [name], **attributes))
        return name

    def _windows(
        self, kind: str, x: Any, outputs: int, sources: list[str], kernel: Size, stride: int, valid: bool, **more: Any
    ) -> Any:
        name, h, w, _ = x
        kh, kw = pair(kernel)
        (top, bottom), (left, right) = padding(h, kh, stride, valid), padding(w, kw, stride, valid)
        pads = [top, left, bottom, right]
        if (top, left) != (bottom, right):  # which not all engines heed; only maxima need it here
            amounts = self._constant(np.array([0, 0, top, left, 0, 0, bottom, right]))
            name, pads = self._node("Pad", [name, amounts, self._constant(np.array(-1e30, np.float32))]), [0] * 4
        y = self._node(kind, [name, *sources], kernel_shape=[kh, kw], strides=[stride] * 2, pads=pads, **more)
        return y, windows(h, kh, stride, valid), windows(w, kw, stride, valid), outputs

    def _bias(self, count: int) -> str:
        return self._constant(self.draw.vector(count, -0.1, 0.1))

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
        weights = self.draw.convolution(outputs, kernel, x[3] // groups).transpose(0, 3, 1, 2)
        sources = [self._constant(weights), *([self._bias(outputs)] if bias else [])]
        return self._windows("Conv", x, outputs, sources, kernel, stride, valid, group=groups)

    def transposed_convolution(self, x: Any, outputs: int) -> Any:
        name, h, w, c = x
        turned = self.draw.convolution(outputs, 2, c, taps=1)[:, ::-1, ::-1].transpose(3, 0, 1, 2)
        y = self._node(
            "ConvTranspose", [name, self._constant(turned), self._bias(outputs)], kernel_shape=[2, 2], strides=[2, 2]
        )
        return y, 2 * h, 2 * w, outputs

    def fully_connected(self, x: Any, outputs: int) -> Any:
        name, h, w, c = x
        weights = self.draw.convolution(outputs, (h, w), c).transpose(0, 3, 1, 2)
        y = self._node("Conv", [name, self._constant(weights), self._bias(outputs)], kernel_shape=[h, w])
        return y, 1, 1, outputs

    def batch_normalization(self, x: Any) -> Any:
        drawn = self.draw.normalization(x[3])
        sources = [self._constant(drawn[k]) for k in ("gamma", "beta", "mean", "variance")]
        return self._node("BatchNormalization", [x[0], *sources], epsilon=1e-5), *x[1:]

    def instance_normalization(self, x: Any) -> Any:
        drawn = self.draw.normalization(x[3])
        sources = [self._constant(drawn[k]) for k in ("gamma", "beta")]
        return self._node("InstanceNormalization", [x[0], *sources], epsilon=1e-5), *x[1:]

    def relu(self, x: Any, slope: float = 0) -> Any:
        y = self._node("LeakyRelu", [x[0]], alpha=slope) if slope else self._node("Relu", [x[0]])
        return y, *x[1:]

    def relu6(self, x: Any) -> Any:
        limits = [self._constant(np.array(v, np.float32)) for v in (0, 6)]
        return self._node("Clip", [x[0], *limits]), *x[1:]

    def sigmoid(self, x: Any) -> Any:
        return self._node("Sigmoid", [x[0]]), *x[1:]

    def add(self, x: Any, y: Any) -> Any:
        return self._node("Add", [x[0], y[0]]), *x[1:]

    def concatenate(self, images: list[Any]) -> Any:
        return self._node("Concat", [x[0] for x in images], axis=1), *images[0][1:3], sum(x[3] for x in images)

    def max_pool(self, x: Any, size: int, stride: int, valid: bool = False) -> Any:
        return self._windows("MaxPool", x, x[3], [], size, stride, valid)

    def average_pool(self, x: Any, size: int, stride: int, valid: bool = False) -> Any:
        return self._windows("AveragePool", x, x[3], [], size, stride, valid, count_include_pad=0)

    def global_average(self, x: Any) -> Any:
        return self._node("GlobalAveragePool", [x[0]]), 1, 1, x[3]

    def upsample(self, x: Any) -> Any:
        name, h, w, c = x
        scales = self._constant(np.array([1, 1, 2, 2], np.float32))
        y = self._node(
            "Resize",
            [name, "", scales],
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )
        return y, 2 * h, 2 * w, c

    def model(self, x: Any, image: tuple[int, int, int], batch: int) -> bytes:
        helper, kind = self.onnx.helper, self.onnx.TensorProto.FLOAT
        (h, w, c), (name, height, width, channels) = image, x
        graph = helper.make_graph(
            self.nodes, "network", [helper.make_tensor_value_info("source", kind, [batch, c, h, w])],
            [helper.make_tensor_value_info(name, kind, [batch, channels, height, width])], self.initializers,
        )  # fmt: skip
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()
