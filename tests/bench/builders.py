"""The builders: mpsnn's nodes, PyTorch's functions, ONNX's operators. All draw the same weights from the same seed."""

from __future__ import annotations

from typing import Any

import numpy as np


class Weights:
    """The next layer's numbers. Scaled so that a hundred layers neither explode nor die."""

    def __init__(self, seed: int = 0) -> None:
        self.rng = np.random.default_rng(seed)

    def convolution(self, outputs: int, kernel: int | tuple[int, int], inputs: int) -> np.ndarray:
        h, w = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        scale = np.float32(np.sqrt(2 / (h * w * inputs)))
        return scale * self.rng.standard_normal((outputs, h, w, inputs), dtype=np.float32)

    def vector(self, count: int, low: float, high: float) -> np.ndarray:
        return self.rng.uniform(low, high, count).astype(np.float32)

    def normalization(self, channels: int) -> dict[str, np.ndarray]:
        return {
            "gamma": self.vector(channels, 0.5, 1.0), "beta": self.vector(channels, -0.1, 0.1),
            "mean": self.vector(channels, -0.1, 0.1), "variance": self.vector(channels, 0.8, 1.2),
        }  # fmt: skip


class Nodes:
    """mpsnn. An image is (node, H, W, C)."""

    def __init__(self, optimizer: Any = None) -> None:
        import mpsnn

        self.mps, self.draw, self.optimizer = mpsnn, Weights(), optimizer

    def source(self, shape: tuple[int, int, int]) -> Any:
        return (self.mps.MPSNNImageNode("source"), *shape)

    def channels(self, x: Any) -> int:
        return x[3]

    def _weights(self, weights: np.ndarray, bias: np.ndarray | None, stride: int, groups: int) -> Any:
        o, h, w, i = weights.shape
        kind = (
            self.mps.MPSCNNDepthWiseConvolutionDescriptor if groups == o > 1 else self.mps.MPSCNNConvolutionDescriptor
        )
        d = kind(kernel_width=w, kernel_height=h, input_feature_channels=i * groups, output_feature_channels=o)
        d.stride_in_pixels_x = d.stride_in_pixels_y = stride
        if kind is self.mps.MPSCNNConvolutionDescriptor:
            d.groups = groups
        return self.mps.ConvolutionWeights(d, weights, bias, optimizer=self.optimizer)

    def convolution(
        self, x: Any, outputs: int, kernel: int, stride: int = 1, groups: int = 1, bias: bool = True
    ) -> Any:
        node, h, w, c = x
        weights = self.draw.convolution(outputs, kernel, c // groups)
        source = self._weights(weights, self.draw.vector(outputs, -0.1, 0.1) if bias else None, stride, groups)
        result = self.mps.MPSCNNConvolutionNode(node, weights=source).result_image
        return result, -(-h // stride), -(-w // stride), outputs

    def fully_connected(self, x: Any, outputs: int) -> Any:
        node, h, w, c = x
        weights = self.draw.convolution(outputs, (h, w), c)
        source = self._weights(weights, self.draw.vector(outputs, -0.1, 0.1), 1, 1)
        return self.mps.MPSCNNFullyConnectedNode(node, weights=source).result_image, 1, 1, outputs

    def batch_normalization(self, x: Any) -> Any:
        node, h, w, c = x
        source = self.mps.BatchNormalizationWeights(
            c, **self.draw.normalization(c), epsilon=1e-5, optimizer=self.optimizer
        )
        return self.mps.MPSCNNBatchNormalizationNode(node, data_source=source).result_image, h, w, c

    def relu(self, x: Any) -> Any:
        return self.mps.MPSCNNNeuronReLUNode(x[0], a=0).result_image, *x[1:]

    def relu6(self, x: Any) -> Any:
        return self.mps.MPSCNNNeuronReLUNNode(x[0], a=0, b=6).result_image, *x[1:]

    def add(self, x: Any, y: Any) -> Any:
        return self.mps.MPSNNAdditionNode(x[0], y[0]).result_image, *x[1:]

    def max_pool(self, x: Any, size: int, stride: int) -> Any:
        node, h, w, c = x
        result = self.mps.MPSCNNPoolingMaxNode.with_filter_size(node, size, stride).result_image
        return result, -(-h // stride), -(-w // stride), c

    def global_average(self, x: Any) -> Any:
        node, h, w, c = x
        pool = self.mps.MPSCNNPoolingAverageNode(
            node, kernel_width=w, kernel_height=h, stride_in_pixels_x=1, stride_in_pixels_y=1
        )
        pool.padding_policy = self.mps.MPSNNDefaultPadding.padding_with_method(
            self.mps.MPSNNPaddingMethod.SizeValidOnly
        )
        return pool.result_image, 1, 1, c


class Torch:
    """PyTorch functions over parameters made at the first call. An image is N x C x H x W, channels last in memory."""

    def __init__(self, training: bool = False) -> None:
        import torch

        self.torch, self.f, self.training = torch, torch.nn.functional, training
        self.parameters: list[Any] = []
        self.draw: Weights | None = Weights()
        self.next = 0

    def begin(self) -> None:
        """Every forward pass starts at the first parameter again."""
        self.next = 0

    def end(self) -> None:
        self.draw = None

    def _parameter(self, make: Any, trained: bool = True) -> Any:
        if self.draw is not None:
            t = self.torch.from_numpy(make(self.draw))
            if t.ndim == 4:
                t = t.permute(0, 3, 1, 2).contiguous(memory_format=self.torch.channels_last)
            self.parameters.append(t.requires_grad_(self.training and trained))
        self.next += 1
        return self.parameters[self.next - 1]

    def channels(self, x: Any) -> int:
        return x.shape[1]

    def convolution(
        self, x: Any, outputs: int, kernel: int, stride: int = 1, groups: int = 1, bias: bool = True
    ) -> Any:
        inputs = x.shape[1] // groups
        w = self._parameter(lambda draw: draw.convolution(outputs, kernel, inputs))
        b = self._parameter(lambda draw: draw.vector(outputs, -0.1, 0.1)) if bias else None
        return self.f.conv2d(x, w, b, stride, kernel // 2, groups=groups)

    def fully_connected(self, x: Any, outputs: int) -> Any:
        shape = tuple(x.shape[2:]), x.shape[1]
        w = self._parameter(lambda draw: draw.convolution(outputs, *shape))
        b = self._parameter(lambda draw: draw.vector(outputs, -0.1, 0.1))
        flat = x.permute(0, 2, 3, 1).flatten(1)
        return self.f.linear(flat, w.permute(0, 2, 3, 1).flatten(1), b)[:, :, None, None]

    def batch_normalization(self, x: Any) -> Any:
        c = x.shape[1]
        drawn: dict[str, Any] = {}

        def take(name: str) -> Any:
            def make(draw: Weights) -> Any:
                drawn.update(drawn or draw.normalization(c))
                return drawn[name]

            return self._parameter(make, name in ("gamma", "beta"))

        gamma, beta, mean, variance = (take(name) for name in ("gamma", "beta", "mean", "variance"))
        return self.f.batch_norm(x, mean, variance, gamma, beta, self.training, 0.1, 1e-5)

    def relu(self, x: Any) -> Any:
        return self.f.relu(x)

    def relu6(self, x: Any) -> Any:
        return self.f.relu6(x)

    def add(self, x: Any, y: Any) -> Any:
        return x + y

    def max_pool(self, x: Any, size: int, stride: int) -> Any:
        return self.f.max_pool2d(x, size, stride, padding=(size - 1) // 2)

    def global_average(self, x: Any) -> Any:
        return self.f.adaptive_avg_pool2d(x, 1)


class Onnx:
    """An ONNX model for the engines that read one. An image is (name, H, W, C); tensors are N x C x H x W."""

    def __init__(self) -> None:
        import onnx

        self.onnx, self.draw = onnx, Weights()
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []

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

    def convolution(
        self, x: Any, outputs: int, kernel: int, stride: int = 1, groups: int = 1, bias: bool = True
    ) -> Any:
        name, h, w, c = x
        sources = [name, self._constant(self.draw.convolution(outputs, kernel, c // groups).transpose(0, 3, 1, 2))]
        if bias:
            sources.append(self._constant(self.draw.vector(outputs, -0.1, 0.1)))
        y = self._node(
            "Conv", sources, kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[kernel // 2] * 4, group=groups
        )
        return y, -(-h // stride), -(-w // stride), outputs

    def fully_connected(self, x: Any, outputs: int) -> Any:
        name, h, w, c = x
        weights = self.draw.convolution(outputs, (h, w), c).transpose(0, 3, 1, 2)
        sources = [name, self._constant(weights), self._constant(self.draw.vector(outputs, -0.1, 0.1))]
        return self._node("Conv", sources, kernel_shape=[h, w]), 1, 1, outputs

    def batch_normalization(self, x: Any) -> Any:
        drawn = self.draw.normalization(x[3])
        sources = [self._constant(drawn[k]) for k in ("gamma", "beta", "mean", "variance")]
        return self._node("BatchNormalization", [x[0], *sources], epsilon=1e-5), *x[1:]

    def relu(self, x: Any) -> Any:
        return self._node("Relu", [x[0]]), *x[1:]

    def relu6(self, x: Any) -> Any:
        limits = [self._constant(np.array(v, np.float32)) for v in (0, 6)]
        return self._node("Clip", [x[0], *limits]), *x[1:]

    def add(self, x: Any, y: Any) -> Any:
        return self._node("Add", [x[0], y[0]]), *x[1:]

    def max_pool(self, x: Any, size: int, stride: int) -> Any:
        name, h, w, c = x
        y = self._node("MaxPool", [name], kernel_shape=[size] * 2, strides=[stride] * 2, pads=[(size - 1) // 2] * 4)
        return y, -(-h // stride), -(-w // stride), c

    def global_average(self, x: Any) -> Any:
        return self._node("GlobalAveragePool", [x[0]]), 1, 1, x[3]

    def model(self, x: Any, image: tuple[int, int, int], batch: int) -> bytes:
        helper, kind = self.onnx.helper, self.onnx.TensorProto.FLOAT
        h, w, c = image
        graph = helper.make_graph(
            self.nodes, "network", [helper.make_tensor_value_info("source", kind, [batch, c, h, w])],
            [helper.make_tensor_value_info(x[0], kind, [batch, x[3], 1, 1])], self.initializers,
        )  # fmt: skip
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()
