#include "mpsnn/nodes/pooling.hpp"

#include <utility>

#include "bind_node.hpp"

namespace mpsnn {

namespace {

/// An abstract class with the attributes of all pooling filters.
template <class Node, class Base>
void bind_base(py::module_& m, const char* name, const char* doc) {
  py::classh<Node, Base> cls(m, name, doc);
  PoolingOp::fields([&](const char* field, auto member, const char* sentence) {
    cls.def_property_readonly(
        field, [member](const Node& node) { return node.pooling().*member; }, sentence);
  });
}

template <class Node>
void bind_forward(py::module_& m, const char* name, const char* doc) {
  using OpType = typename Node::Attributes;
  py::classh<Node, CNNPoolingNode>(m, name, doc)
      .def(py::init([](ImageNodePtr source, std::size_t kernel_width, std::size_t kernel_height, std::size_t stride_in_pixels_x,
                       std::size_t stride_in_pixels_y) {
             return std::make_shared<Node>(
                 std::move(source), pooling_op<OpType>(kernel_width, kernel_height, stride_in_pixels_x, stride_in_pixels_y));
           }),
           "source"_a.none(false), py::kw_only(), "kernel_width"_a, "kernel_height"_a, "stride_in_pixels_x"_a,
           "stride_in_pixels_y"_a, "Sizes and strides in pixels, from 1 on; InvalidArgumentError otherwise.")
      .def_static(
          "with_filter_size",
          [](ImageNodePtr source, std::size_t filter_size, std::optional<std::size_t> stride) {
            return std::make_shared<Node>(std::move(source), pooling_op<OpType>(filter_size, stride));
          },
          "source"_a.none(false), "filter_size"_a, "stride"_a = py::none(),
          "A square window of filter_size pixels; without a stride, filter_size is the stride.");
}

template <class Node>
void bind_gradient(py::module_& m, const char* name, const char* doc) {
  using OpType = typename Node::Attributes;
  py::classh<Node, CNNPoolingGradientNode>(m, name, doc)
      .def(py::init([](ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                       std::size_t kernel_width, std::size_t kernel_height, std::size_t stride_in_pixels_x,
                       std::size_t stride_in_pixels_y, std::shared_ptr<NNPadding> padding_policy) {
             return std::make_shared<Node>(
                 std::move(source_gradient), std::move(source_image), std::move(gradient_state),
                 pooling_op<OpType>(kernel_width, kernel_height, stride_in_pixels_x, stride_in_pixels_y),
                 std::move(padding_policy));
           }),
           "source_gradient"_a.none(false), "source_image"_a.none(false), py::kw_only(), "gradient_state"_a.none(false),
           "kernel_width"_a, "kernel_height"_a, "stride_in_pixels_x"_a, "stride_in_pixels_y"_a, "padding_policy"_a = py::none(),
           "Sizes and strides are the forward filter's. Without a policy the default one stays, which decides nothing here.");
}

void bind_dilated(py::module_& m) {
  bind_node<CNNDilatedPoolingMaxNode>(m, "MPSCNNDilatedPoolingMaxNode",
                                      R"(The largest value of each window, whose taps lie apart.

The result of an h x w x c image has c channels; channels are pooled independently. Tap (j, i) of the window around source pixel
(y, x) is pixel (y + dilation_rate_y * j - (height >> 1), x + dilation_rate_x * i - (width >> 1)), where the window spans
height = (kernel_height - 1) * dilation_rate_y + 1 rows and width columns, likewise. padding_policy (SizeSame by default) decides
the result's size and where the windows lie.
The edge mode is Clamp, unless a custom policy sets Zero (Apple leaves open which): a tap outside the image has the value of the
nearest edge pixel, even where that pixel is no tap itself, or 0. A NaN in the window makes the result NaN.
Sizes, strides and rates are in pixels, from 1 on; InvalidArgumentError otherwise.)")
      .def(py::init([](ImageNodePtr source, std::size_t kernel_width, std::size_t kernel_height, std::size_t stride_in_pixels_x,
                       std::size_t stride_in_pixels_y, std::size_t dilation_rate_x, std::size_t dilation_rate_y) {
             return std::make_shared<CNNDilatedPoolingMaxNode>(
                 std::move(source),
                 dilated_pooling_op<DilatedPoolingMaxOp>(kernel_width, kernel_height, stride_in_pixels_x, stride_in_pixels_y,
                                                         dilation_rate_x, dilation_rate_y));
           }),
           "source"_a.none(false), py::kw_only(), "kernel_width"_a, "kernel_height"_a, "stride_in_pixels_x"_a,
           "stride_in_pixels_y"_a, "dilation_rate_x"_a, "dilation_rate_y"_a,
           "Sizes, strides and rates in pixels, from 1 on; InvalidArgumentError otherwise.")
      .def_static("with_filter_size", &CNNDilatedPoolingMaxNode::with_filter_size, "source"_a.none(false), "filter_size"_a,
                  "stride"_a = py::none(), "dilation_rate"_a = py::none(),
                  "A square window of filter_size taps a side. stride and dilation_rate are given together "
                  "(InvalidArgumentError otherwise); without them both are filter_size.");

  bind_node<CNNDilatedPoolingMaxGradientNode, CNNPoolingGradientNode>(m, "MPSCNNDilatedPoolingMaxGradientNode",
                                                                      R"(Gradient of dilated max pooling.

All of a window's gradient goes to the first of its largest taps in the image, row by row (the first NaN, if there is one), and
to none where only an edge pixel that stands for a tap outside, or a zero outside, is larger.)")
      .def(py::init([](ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                       std::size_t kernel_width, std::size_t kernel_height, std::size_t stride_in_pixels_x,
                       std::size_t stride_in_pixels_y, std::size_t dilation_rate_x, std::size_t dilation_rate_y) {
             return std::make_shared<CNNDilatedPoolingMaxGradientNode>(
                 std::move(source_gradient), std::move(source_image), std::move(gradient_state),
                 dilated_pooling_op<DilatedPoolingMaxGradientOp>(kernel_width, kernel_height, stride_in_pixels_x,
                                                                 stride_in_pixels_y, dilation_rate_x, dilation_rate_y));
           }),
           "source_gradient"_a.none(false), "source_image"_a.none(false), py::kw_only(), "gradient_state"_a.none(false),
           "kernel_width"_a, "kernel_height"_a, "stride_in_pixels_x"_a, "stride_in_pixels_y"_a, "dilation_rate_x"_a,
           "dilation_rate_y"_a, "Sizes, strides and rates are the forward filter's.");
}

}  // namespace

void bind_pooling(py::module_& m) {
  bind_base<CNNPoolingNode, NNFilterNode>(m, "MPSCNNPoolingNode",
                                          R"(Base of the pooling filters: one value for each window of pixels.

Channels are pooled independently. The result of an h x w x c image has c channels; padding_policy (SizeSame by default, which
gives ceil(h / stride_in_pixels_y) x ceil(w / stride_in_pixels_x)) decides its size and where the windows lie. The edge mode is
Clamp, unless a custom policy sets Zero.
Sizes and strides are in pixels, from 1 on. Raises InvalidArgumentError for 0; ShapeError, when the graph runs, for a window that
does not fit under SizeValidOnly; UnsupportedError for other edge modes than Clamp and Zero.)");
  bind_forward<CNNPoolingMaxNode>(m, "MPSCNNPoolingMaxNode", R"(The largest value of each window.

Taps outside the image take no part (edge mode Clamp) or are 0 (Zero); a window wholly outside has the value of the nearest edge
pixel, or 0. A NaN in the window makes the result NaN.)");
  bind_forward<CNNPoolingAverageNode>(m, "MPSCNNPoolingAverageNode", R"(The mean of each window.

The sum over the taps inside the image is divided by their number (edge mode Clamp) or by kernel_width * kernel_height (Zero).
With the bit ExcludeEdges in the padding method the padding on the low side counts as zeros, on both sides of the image. A
window wholly outside gives 0.)");
  bind_forward<CNNPoolingL2NormNode>(m, "MPSCNNPoolingL2NormNode", R"(The Euclidean norm of each window.

The square root of the sum of the squares; it is not divided by the window's size. A tap outside the image has the value of the
nearest edge pixel and counts as often as it is read (edge mode Clamp; Apple leaves this open), or is 0 (Zero).)");

  bind_base<CNNPoolingGradientNode, NNGradientFilterNode>(m, "MPSCNNPoolingGradientNode",
                                                          R"(Base of the gradients of pooling filters.

source_gradient: gradient with respect to the forward result, of its size. source_image: the forward source; the result has its
size. gradient_state: of the forward filter, decides where the windows lie; padding_policy has no influence.
Only taps inside the image get a gradient; pixels that no window reads get 0; windows that overlap add up.)");
  bind_gradient<CNNPoolingMaxGradientNode>(m, "MPSCNNPoolingMaxGradientNode", R"(Gradient of max pooling.

All of a window's gradient goes to the first of its largest pixels, row by row (the first NaN, if there is one), and to none where
a zero outside the image is larger.)");
  bind_gradient<CNNPoolingAverageGradientNode>(
      m, "MPSCNNPoolingAverageGradientNode",
      "Gradient of average pooling: each pixel of a window gets the window's gradient divided by the forward divisor.");
  bind_gradient<CNNPoolingL2NormGradientNode>(m, "MPSCNNPoolingL2NormGradientNode", R"(Gradient of L2-norm pooling.

Each pixel of a window gets the window's gradient * pixel / norm, and 0 where the norm is 0. Edge pixels get nothing for the taps
outside the image that they stand for (edge mode Clamp; Apple leaves this open), so that at a border this is not the derivative:
train with SizeValidOnly, or with edge mode Zero.)");
  bind_dilated(m);
}

}  // namespace mpsnn
