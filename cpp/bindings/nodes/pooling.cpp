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

h x w x c to h' x w' x c; channels are pooled independently. For the window around source pixel (v, u)

    y = max over j, i of x[v + dilation_rate_y * j - height // 2, u + dilation_rate_x * i - width // 2]

where the window spans height = (kernel_height - 1) * dilation_rate_y + 1 rows and width columns, likewise. padding_policy decides
the result's size and where the windows lie. A tap outside the image has the value of the nearest edge pixel (edge mode Clamp), or
0 where a custom policy sets Zero.

In PyTorch:

    size, stride = (kernel_height, kernel_width), (stride_in_pixels_y, stride_in_pixels_x)
    dilation = (dilation_rate_y, dilation_rate_x)
    y = F.max_pool2d(F.pad(x, padding, mode="replicate"), size, stride, dilation=dilation)

Open: the edge mode. It is Clamp.
Open: taps outside the image under Clamp. They read the nearest edge pixel, even where that pixel is no tap itself.
Open: NaN. One in the window makes the result NaN.
Open: the default policy. It is SizeSame, with the odd pixel at the top and left.

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
                  R"(A square window. Raises InvalidArgumentError where only one of stride and dilation_rate is given.

filter_size: taps of the window along x and along y. stride: both strides in pixels; None is filter_size. dilation_rate: both rates
in pixels; None is filter_size.)");

  bind_node<CNNDilatedPoolingMaxGradientNode, CNNPoolingGradientNode>(m, "MPSCNNDilatedPoolingMaxGradientNode",
                                                                      R"(The gradient of dilated max pooling.

h' x w' x c to h x w x c:

    d = sum of g over the windows in which the pixel is the first largest tap

In PyTorch:

    size, stride = (kernel_height, kernel_width), (stride_in_pixels_y, stride_in_pixels_x)
    dilation = (dilation_rate_y, dilation_rate_x)
    inside = F.max_pool2d(F.pad(x, padding, value=-math.inf), size, stride, dilation=dilation)
    d, = torch.autograd.grad(inside, x, g * (inside == y))

Open: which of equal taps gets the gradient. All of it goes to the first in the image, row by row (the first NaN, if there is one),
and to none where only an edge pixel that stands for a tap outside, or a zero outside, is larger.)")
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

h x w x c to h' x w' x c; channels are pooled independently. padding_policy decides the result's size and where the windows lie.
Under SizeSame h' = ceil(h / stride_in_pixels_y), w' = ceil(w / stride_in_pixels_x). The edge mode is Clamp, unless a custom policy
sets Zero. Sizes and strides are in pixels, from 1 on.

Open: the default policy. It is SizeSame, with the odd pixel at the top and left.
Open: windows that do not fill the image, under SizeValidOnly or with a stride larger than the window. The first one is moved by
half the surplus, rounded towards 0.
Open: other edge modes than Clamp and Zero. They raise UnsupportedError.

filter_size: width and height of the window in pixels. stride: both strides in pixels; None is filter_size. Raises InvalidArgumentError for 0; ShapeError, when the graph runs, for a window that
does not fit under SizeValidOnly; UnsupportedError for other edge modes than Clamp and Zero.)");
  bind_forward<CNNPoolingMaxNode>(m, "MPSCNNPoolingMaxNode", R"(The largest value of each window.

h x w x c to h' x w' x c:

    y = max over the window of x

Taps outside the image take no part (edge mode Clamp) or are 0 (Zero); a window wholly outside has the value of the nearest edge
pixel, or 0.

In PyTorch:

    size, stride = (kernel_height, kernel_width), (stride_in_pixels_y, stride_in_pixels_x)
    y = F.max_pool2d(F.pad(x, padding, value=-math.inf), size, stride)

Open: NaN. One in the window makes the result NaN.)");
  bind_forward<CNNPoolingAverageNode>(m, "MPSCNNPoolingAverageNode", R"(The mean of each window.

h x w x c to h' x w' x c:

    y = sum over the window's taps inside the image of x / n

n is the number of these taps (edge mode Clamp) or kernel_width * kernel_height (Zero). A window wholly outside gives 0.

In PyTorch:

    size, stride = (kernel_height, kernel_width), (stride_in_pixels_y, stride_in_pixels_x)
    left, right, top, bottom = padding
    low = (left, left, top, top) if padding_method & MPSNNPaddingMethod.ExcludeEdges else (0, 0, 0, 0)
    counted = F.pad(torch.ones_like(x), [max(p, 0) for p in low], value=1)
    rest = [p - max(q, 0) for p, q in zip(padding, low)]
    n = F.avg_pool2d(F.pad(counted, rest), size, stride, divisor_override=1).clamp(min=1)
    y = F.avg_pool2d(F.pad(x, padding), size, stride, divisor_override=1) / n

Where no window leaves the image this is F.avg_pool2d(x, size, stride).

Open: what the bit ExcludeEdges does. With it the padding on the low side counts in n, on both sides of the image.)");
  bind_forward<CNNPoolingL2NormNode>(m, "MPSCNNPoolingL2NormNode", R"(The Euclidean norm of each window.

h x w x c to h' x w' x c:

    y = sqrt(sum over the window of x^2)

It is not divided by the window's size. A tap outside the image has the value of the nearest edge pixel (edge mode Clamp), or is 0
(Zero).

In PyTorch:

    size, stride = (kernel_height, kernel_width), (stride_in_pixels_y, stride_in_pixels_x)
    y = F.lp_pool2d(F.pad(x, padding, mode="replicate"), 2, size, stride)

Open: taps outside the image under Clamp. Each counts as often as it is read.)");

  bind_base<CNNPoolingGradientNode, NNGradientFilterNode>(m, "MPSCNNPoolingGradientNode",
                                                          R"(Base of the gradients of pooling filters.

h' x w' x c to h x w x c. Only taps inside the image get a gradient; windows that overlap add up.

Open: pixels that no window reads. They get 0, also in front of the first window.

source_gradient: gradient with respect to the forward result, of its size. source_image: the forward source; the result has its
size. gradient_state: of the forward filter, decides where the windows lie. padding_policy: has no influence. kernel_width, kernel_height,
stride_in_pixels_x, stride_in_pixels_y: the forward filter's.)");
  bind_gradient<CNNPoolingMaxGradientNode>(m, "MPSCNNPoolingMaxGradientNode", R"(The gradient of max pooling.

h' x w' x c to h x w x c:

    d = sum of g over the windows in which the pixel is the first largest

In PyTorch:

    d, = torch.autograd.grad(y, x, g)

Open: which of equal pixels gets the gradient. All of it goes to the first, row by row (the first NaN, if there is one), and to none
where a zero outside the image is larger.)");
  bind_gradient<CNNPoolingAverageGradientNode>(m, "MPSCNNPoolingAverageGradientNode", R"(The gradient of average pooling.

h' x w' x c to h x w x c:

    d = sum of g / n over the windows that the pixel is in

with n, the divisor, of the forward filter.

In PyTorch:

    d, = torch.autograd.grad(y, x, g))");
  bind_gradient<CNNPoolingL2NormGradientNode>(m, "MPSCNNPoolingL2NormGradientNode", R"(The gradient of L2-norm pooling.

h' x w' x c to h x w x c:

    d = x * sum of g / y over the windows that the pixel is in

In PyTorch:

    size, stride = (kernel_height, kernel_width), (stride_in_pixels_y, stride_in_pixels_x)
    taps = F.pad(x, padding, mode="replicate")
    taps = torch.where(F.pad(torch.ones_like(x), padding) == 1, taps, taps.detach())
    d, = torch.autograd.grad(F.lp_pool2d(taps, 2, size, stride), x, g)

Open: windows of zeros. They give 0.
Open: edge pixels under edge mode Clamp. They get nothing for the taps outside that they stand for, so that at a border this is not
the derivative: train with SizeValidOnly, or with edge mode Zero.)");
  bind_dilated(m);
}

}  // namespace mpsnn
