"""mpsnn's nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from builders.weights import Size, Weights, pair, windows


class Nodes:
    """An image is (node, H, W, C). After `rewind` nodes get the same data sources again."""

    def __init__(self, optimizer: Any = None) -> None:
        import mpsnn

        self.mps, self.draw, self.optimizer = mpsnn, Weights(), optimizer
        self.sources: list[Any] = []
        self.next = 0
        self.valid = mpsnn.MPSNNDefaultPadding.padding_with_method(mpsnn.MPSNNPaddingMethod.SizeValidOnly)
        self.full = mpsnn.MPSNNDefaultPadding.padding_with_method(mpsnn.MPSNNPaddingMethod.SizeFull)

    def rewind(self) -> Nodes:
        self.next = 0
        return self

    def _source(self, make: Callable[[], Any]) -> Any:
        if self.next == len(self.sources):
            self.sources.append(make())
        self.next += 1
        return self.sources[self.next - 1]

    def source(self, shape: tuple[int, int, int]) -> Any:
        return (self.mps.MPSNNImageNode("source"), *shape)

    def channels(self, x: Any) -> int:
        return x[3]

    def _weights(
        self, o: int, kernel: Size, i: int, bias: bool = True, stride: int = 1, groups: int = 1, taps: int = 0
    ) -> Any:
        return self._source(lambda: self._drawn_weights(o, kernel, i, bias, stride, groups, taps))

    def _drawn_weights(self, o: int, kernel: Size, i: int, bias: bool, stride: int, groups: int, taps: int) -> Any:
        (h, w), weights = pair(kernel), self.draw.convolution(o, kernel, i, taps)
        depthwise = groups == o > 1
        kind = self.mps.MPSCNNDepthWiseConvolutionDescriptor if depthwise else self.mps.MPSCNNConvolutionDescriptor
        d = kind(kernel_width=w, kernel_height=h, input_feature_channels=i * groups, output_feature_channels=o)
        d.stride_in_pixels_x = d.stride_in_pixels_y = stride
        if not depthwise:
            d.groups = groups
        biases = self.draw.vector(o, -0.1, 0.1) if bias else None
        return self.mps.ConvolutionWeights(d, weights, biases, optimizer=self.optimizer)

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
        node, h, w, c = x
        kh, kw = pair(kernel)
        source = self._weights(outputs, kernel, c // groups, bias, stride, groups)
        filter_node = self.mps.MPSCNNConvolutionNode(node, weights=source)
        if valid:
            filter_node.padding_policy = self.valid
        return filter_node.result_image, windows(h, kh, stride, valid), windows(w, kw, stride, valid), outputs

    def transposed_convolution(self, x: Any, outputs: int) -> Any:
        """Kernel and stride of 2: twice as high and wide."""
        node, h, w, c = x
        source = self._weights(outputs, 2, c, stride=2, taps=1)
        filter_node = self.mps.MPSCNNConvolutionTransposeNode(node, weights=source)
        filter_node.padding_policy = self.full
        return filter_node.result_image, 2 * h, 2 * w, outputs

    def fully_connected(self, x: Any, outputs: int) -> Any:
        node, h, w, c = x
        source = self._weights(outputs, (h, w), c)
        return self.mps.MPSCNNFullyConnectedNode(node, weights=source).result_image, 1, 1, outputs

    def batch_normalization(self, x: Any) -> Any:
        node, h, w, c = x

        def make() -> Any:
            numbers = self.draw.normalization(c)
            return self.mps.BatchNormalizationWeights(c, **numbers, epsilon=1e-5, optimizer=self.optimizer)

        source = self._source(make)
        return self.mps.MPSCNNBatchNormalizationNode(node, data_source=source).result_image, h, w, c

    def instance_normalization(self, x: Any) -> Any:
        node, h, w, c = x

        def make() -> Any:
            numbers = {k: v for k, v in self.draw.normalization(c).items() if k in ("gamma", "beta")}
            return self.mps.InstanceNormalizationWeights(c, **numbers, epsilon=1e-5, optimizer=self.optimizer)

        source = self._source(make)
        return self.mps.MPSCNNInstanceNormalizationNode(node, data_source=source).result_image, h, w, c

    def relu(self, x: Any, slope: float = 0) -> Any:
        return self.mps.MPSCNNNeuronReLUNode(x[0], a=slope).result_image, *x[1:]

    def relu6(self, x: Any) -> Any:
        return self.mps.MPSCNNNeuronReLUNNode(x[0], a=0, b=6).result_image, *x[1:]

    def sigmoid(self, x: Any) -> Any:
        return self.mps.MPSCNNNeuronSigmoidNode(x[0]).result_image, *x[1:]

    def add(self, x: Any, y: Any) -> Any:
        return self.mps.MPSNNAdditionNode(x[0], y[0]).result_image, *x[1:]

    def concatenate(self, images: list[Any]) -> Any:
        nodes = [x[0] for x in images]
        return self.mps.MPSNNConcatenationNode(nodes).result_image, *images[0][1:3], sum(x[3] for x in images)

    def max_pool(self, x: Any, size: int, stride: int, valid: bool = False) -> Any:
        return self._pool(self.mps.MPSCNNPoolingMaxNode, x, size, stride, valid)

    def average_pool(self, x: Any, size: int, stride: int, valid: bool = False) -> Any:
        """Pixels outside do not count."""
        return self._pool(self.mps.MPSCNNPoolingAverageNode, x, size, stride, valid)

    def _pool(self, kind: Any, x: Any, size: int, stride: int, valid: bool) -> Any:
        node, h, w, c = x
        filter_node = kind.with_filter_size(node, size, stride)
        if valid:
            filter_node.padding_policy = self.valid
        return filter_node.result_image, windows(h, size, stride, valid), windows(w, size, stride, valid), c

    def global_average(self, x: Any) -> Any:
        node, h, w, c = x
        pool = self.mps.MPSCNNPoolingAverageNode(
            node, kernel_width=w, kernel_height=h, stride_in_pixels_x=1, stride_in_pixels_y=1
        )
        pool.padding_policy = self.valid
        return pool.result_image, 1, 1, c

    def upsample(self, x: Any) -> Any:
        """Every pixel four times."""
        node, h, w, c = x
        filter_node = self.mps.MPSCNNUpsamplingNearestNode(node, integer_scale_factor_x=2, integer_scale_factor_y=2)
        return filter_node.result_image, 2 * h, 2 * w, c
