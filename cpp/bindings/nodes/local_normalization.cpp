#include "mpsnn/nodes/local_normalization.hpp"

#include <string_view>

#include "bind_node.hpp"

namespace mpsnn {

namespace {

void bind_base(py::module_& m) {
  py::classh<CNNNormalizationNode, NNFilterNode> cls(m, "MPSCNNNormalizationNode",
                                                     R"(Base of the normalisations by neighbours.

H x W x C to H x W x C. Each value is divided by

    (delta + alpha * what its neighbours are like)^beta

alpha is 0 or more, InvalidArgumentError when a graph is made otherwise. Where the base of the power is not positive the result is
undefined.)");
  LocalNormalizationOp::fields([&](const char* name, auto member, const char* sentence, Access) {
    cls.def_property(
        name, [member](CNNNormalizationNode& node) { return node.normalization().*member; },
        [member](CNNNormalizationNode& node, float value) { node.normalization().*member = value; }, sentence);
  });
}

/// The attributes that the base class lacks, and the constructor.
template <class Node, class SetSize>
void bind_forward(py::module_& m, const char* name, const char* doc, const SetSize& set_size, const char* constructor) {
  py::classh<Node, CNNNormalizationNode> cls(m, name, doc);
  Node::Attributes::fields([&](const char* field, auto member, const char* sentence, Access access) {
    const std::string_view known = field;
    if (known == "alpha" || known == "beta" || known == "delta") return;
    binding::def_attribute<Node>(cls, field, member, sentence, access);
  });
  cls.def(py::init([set_size](ImageNodePtr source, std::size_t kernel_size) {
            typename Node::Attributes op;
            set_size(op, kernel_size);
            return std::make_shared<Node>(std::move(source), op);
          }),
          "source"_a.none(false), py::kw_only(), "kernel_size"_a = 5, constructor);
}

/// What the docstrings of the filters with windows share: where they lie, and what the PyTorch terms begin with.
constexpr const char* kPlaces = R"(

padding_policy decides the size of the result and where the windows lie; by default the result has the size of the source and window
(x, y) is centred on pixel (x, y), one pixel further to the left and the top where its width or height is even. Taps outside the image
are 0 (edge mode Zero, the default) or the nearest pixel (Clamp, which a custom policy may set).

In PyTorch:

    taps, size = F.pad(x, padding), (kernel_height, kernel_width)
    mean, square = F.avg_pool2d(taps, size, 1), F.avg_pool2d(taps**2, size, 1)
    middle = taps[:, :, kernel_height // 2 :, kernel_width // 2 :][:, :, : mean.shape[2], : mean.shape[3]]
)";
constexpr const char* kOpen = R"(

Open: windows that reach beyond the image. K is kernel_width * kernel_height all the same; taps outside count as zeros (edge mode
Zero) or as the nearest pixel (Clamp).
Open: the default size. It is 5 x 5.

kernel_size: width and height of the window in pixels, from 1 on. Raises UnsupportedError for other edge modes.)";

}  // namespace

void bind_local_normalization(py::module_& m) {
  bind_base(m);

  bind_forward<CNNCrossChannelNormalizationNode>(
      m, "MPSCNNCrossChannelNormalizationNode",
      R"(Local response normalisation across the feature channels.

H x W x C to H x W x C. For each pixel and feature channel k

    y[k] = x[k] / (delta + alpha / N * sum(x[q]^2))^beta

where q runs over the N = kernel_size_in_feature_channels channels from k - N // 2 to k + (N - 1) // 2 that exist. Krizhevsky,
Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", 2012.

In PyTorch:

    y = F.local_response_norm(x, kernel_size_in_feature_channels, alpha, beta, delta)

Open: the default size. It is 5.

kernel_size: feature channels in a window, from 1 on.)",
      [](CrossChannelNormalizationOp& op, std::size_t size) { op.kernel_size_in_feature_channels = size; },
      "alpha is 1, beta 5, delta 1. InvalidArgumentError for a size of 0.");

  const auto square = [](WindowNormalizationOp& op, std::size_t size) { op.kernel_width = op.kernel_height = size; };
  bind_forward<CNNSpatialNormalizationNode>(m, "MPSCNNSpatialNormalizationNode",
                                            (std::string(R"(Normalisation by the pixels around each one.

H x W x C to H x W x C, in each feature channel:

    y = x / (delta + alpha / K * sum(t^2))^beta

where t runs over the K = kernel_width * kernel_height taps of the pixel's window.)") +
                                             kPlaces + "    y = middle / (delta + alpha * square) ** beta" + kOpen)
                                                .c_str(),
                                            square, "alpha is 1, beta 5, delta 1. InvalidArgumentError for a size of 0.");
  bind_forward<CNNLocalContrastNormalizationNode>(
      m, "MPSCNNLocalContrastNormalizationNode",
      (std::string(R"(Local contrast normalisation: the difference from the mean of the pixels around.

H x W x C to H x W x C, in each feature channel:

    y = pm + ps * (x - p0 * M) / (delta + alpha * V)^beta

where M is the mean of the K = kernel_width * kernel_height taps of the pixel's window and V their variance, divided by K.)") +
       kPlaces + "    y = pm + ps * (middle - p0 * mean) / (delta + alpha * (square - mean**2)) ** beta" + kOpen)
          .c_str(),
      square, "alpha is 1, beta 0.5, delta 1 / 1024, p0 1, pm 0, ps 1. InvalidArgumentError for a size of 0.");

  using CrossChannelGradient = CNNCrossChannelNormalizationGradientNode;
  bind_node<CrossChannelGradient, NNGradientFilterNode>(m, "MPSCNNCrossChannelNormalizationGradientNode",
                                                        R"(The gradient of cross-channel normalisation.

H x W x C to H x W x C. With L = delta + alpha / N * sum(x[q]^2) of the forward filter and g the incoming gradient, for each pixel
and feature channel k

    d[k] = g[k] * L[k]^-beta - 2 * alpha * beta / N * x[k] * sum(g[r] * x[r] * L[r]^(-beta - 1))

where r runs over the channels whose windows k is in.

In PyTorch:

    d, = torch.autograd.grad(y, x, g)

Open: the formula. It is the derivative of the forward formula; the documented one lacks the 1 / N.
Open: where alpha, beta and delta come from. From the gradient state: they are the forward filter's.)")
      .def(py::init(
               [](ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state, std::size_t kernel_size) {
                 CrossChannelNormalizationGradientOp op;
                 op.kernel_size = kernel_size;
                 return std::make_shared<CrossChannelGradient>(std::move(source_gradient), std::move(source_image),
                                                               std::move(gradient_state), op);
               }),
           "source_gradient"_a.none(false), "source_image"_a.none(false), py::kw_only(), "gradient_state"_a.none(false),
           "kernel_size"_a, "`gradient_state` and `kernel_size` are the forward filter's. InvalidArgumentError for a size of 0.");

  using SpatialGradient = CNNSpatialNormalizationGradientNode;
  bind_node<SpatialGradient, NNGradientFilterNode>(m, "MPSCNNSpatialNormalizationGradientNode",
                                                   R"(The gradient of spatial normalisation.

H' x W' x C to H x W x C. With T = delta + alpha / K * sum(t^2) of the forward filter and g the incoming gradient, for each pixel and
feature channel

    d = g * T^-beta - 2 * alpha * beta / K * x * sum(g * x * T^(-beta - 1))

summed over the pixels whose windows the pixel is in.

In PyTorch:

    d, = torch.autograd.grad(y, x, g)

Open: the formula. It is the derivative of the forward formula; the documented one takes T out of the sum and lacks the 1 / K.

kernel_size: width and height of the window in pixels. All attributes must be the forward filter's, else the result means nothing;
where the windows lie comes from the gradient state, padding_policy has no influence.)")
      .def(py::init(
               [](ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state, std::size_t kernel_size) {
                 SpatialNormalizationGradientOp op;
                 op.kernel_width = op.kernel_height = kernel_size;
                 return std::make_shared<SpatialGradient>(std::move(source_gradient), std::move(source_image),
                                                          std::move(gradient_state), op);
               }),
           "source_gradient"_a.none(false), "source_image"_a.none(false), py::kw_only(), "gradient_state"_a.none(false),
           "kernel_size"_a, "alpha is 1, beta 5, delta 1. InvalidArgumentError for a size of 0.");

  using ContrastGradient = CNNLocalContrastNormalizationGradientNode;
  bind_node<ContrastGradient, NNGradientFilterNode>(m, "MPSCNNLocalContrastNormalizationGradientNode",
                                                    R"(The gradient of local contrast normalisation.

H' x W' x C to H x W x C. With the window's mean M and T = delta + alpha * V of the forward filter, g the incoming gradient,
E = g * T^-beta and F = g * (x - p0 * M) * T^(-beta - 1), for each pixel and feature channel

    d = ps * (E - p0 / K * sum(E) - 2 * alpha * beta / K * (x * sum(F) - sum(F * M)))

summed over the pixels whose windows the pixel is in.

In PyTorch:

    d, = torch.autograd.grad(y, x, g)

Open: the formula. It is the derivative of the forward formula, which the documented one is not.

All attributes must be the forward filter's, else the result means nothing; where the windows lie comes from the gradient state,
padding_policy has no influence.)")
      .def(py::init([](ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                       std::size_t kernel_width, std::size_t kernel_height) {
             LocalContrastNormalizationGradientOp op;
             op.kernel_width = kernel_width;
             op.kernel_height = kernel_height;
             return std::make_shared<ContrastGradient>(std::move(source_gradient), std::move(source_image),
                                                       std::move(gradient_state), op);
           }),
           "source_gradient"_a.none(false), "source_image"_a.none(false), py::kw_only(), "gradient_state"_a.none(false),
           "kernel_width"_a, "kernel_height"_a,
           "Sizes of the window in pixels. alpha is 0, beta 0.5, delta 1 / 1024, p0 1, pm 0, ps 1. InvalidArgumentError for "
           "sizes of 0.");
}

}  // namespace mpsnn
