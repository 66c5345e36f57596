#include "mpsnn/nodes/binary_convolution.hpp"

#include <utility>

#include "binary_convolution_op.hpp"
#include "bind_node.hpp"

namespace mpsnn {

namespace {

using binding::Terms;

template <class Node, class... Base>
void bind(py::module_& m, const char* name, const char* doc) {
  bind_node<Node, Base...>(m, name, doc)
      .def(py::init([name](ImageNodePtr source, ConvolutionSourcePtr weights, const Terms& output_bias_terms,
                           const Terms& output_scale_terms, const Terms& input_bias_terms, const Terms& input_scale_terms,
                           CNNBinaryConvolutionType type, CNNBinaryConvolutionFlags flags) {
             return std::make_shared<Node>(std::move(source), std::move(weights),
                                           binding::binary_op(name, output_bias_terms, output_scale_terms, input_bias_terms,
                                                              input_scale_terms, type, flags));
           }),
           "source"_a.none(false), py::kw_only(), "weights"_a.none(false), "output_bias_terms"_a = py::none(),
           "output_scale_terms"_a = py::none(), "input_bias_terms"_a = py::none(), "input_scale_terms"_a = py::none(), "type"_a,
           "flags"_a, binding::kTerms)
      .def_static(
          "with_scale_value",
          [](ImageNodePtr source, ConvolutionSourcePtr weights, float scale_value, CNNBinaryConvolutionType type,
             CNNBinaryConvolutionFlags flags) {
            return std::make_shared<Node>(std::move(source), std::move(weights), binding::binary_op(scale_value, type, flags));
          },
          "source"_a.none(false), "weights"_a.none(false), "scale_value"_a, "type"_a, "flags"_a, binding::kScaleValue);
}

}  // namespace

void bind_binary_convolution(py::module_& m) {
  bind<CNNBinaryConvolutionNode, CNNConvolutionNode>(m, "MPSCNNBinaryConvolutionNode",
                                                     R"(Convolution with weights of one bit.

H x W x I to H' x W' x O:

    p = (x + input_bias[c]) * input_scale[c]
    y[i, j, o] = f(output_scale[o] * beta[i, j] * sum over ky, kx, c of term + output_bias[o])

The term of type BinaryWeights is p for a weight bit of 1 and -p for 0; that of XNOR is 1 where the bit p >= 0 is the weight bit and -1
where not; that of AND is 1 where both bits are 1, else 0. The bit of NaN is 1. f is the descriptor's activation. Windows, strides and
dilation rates are those of MPSCNNConvolutionNode. A custom policy that sets edge_mode to Clamp gives pixels outside the p of the
nearest pixel. With the flag UseBetaScaling beta is the mean over the window's kernel_height * kernel_width pixels of the mean over
channels of |p|, pixels outside counting as 0; else it is 1 (Rastegari et al., "XNOR-Net", 2016).

In PyTorch:

    Type, stride = MPSCNNBinaryConvolutionType, (stride_in_pixels_y, stride_in_pixels_x)
    dilation = (dilation_rate_y, dilation_rate_x)
    p = F.pad((x + input_bias_terms.view(-1, 1, 1)) * input_scale_terms.view(-1, 1, 1), padding)
    low = -1 if type == Type.XNOR else 0
    terms = p if type == Type.BinaryWeights else torch.where(p < 0, low, 1).to(p.dtype)
    factors = bits if type == Type.AND else 2 * bits - 1
    y = F.conv2d(terms, factors, None, stride, 0, dilation)
    if flags & MPSCNNBinaryConvolutionFlags.UseBetaScaling:
        window = torch.full_like(bits[:1, :1], 1 / (kernel_height * kernel_width))
        y = y * F.conv2d(p.abs().mean(1, keepdim=True), window, None, stride, 0, dilation)
    y = f(y * output_scale_terms.view(-1, 1, 1) + output_bias_terms.view(-1, 1, 1))

where bits is O x I x kH x kW of 0 and 1. There is no gradient: asking for one raises GraphError.

Open: pixels outside the image. They have p = 0, add nothing under BinaryWeights, and have bit 1 otherwise: avoid padding.
Open: the data source's biases beside output_bias_terms. They are not used.
Open: the lifetime of the terms. They are copied.
Open: the default policy. It is SizeSame, with the odd pixel at the top and left.

output_bias_terms: a number for each output channel; None is 0. output_scale_terms: a number for each output channel; None is 1.
input_bias_terms: a number for each source channel; None is 0. input_scale_terms: a number for each source channel; None is 1.
scale_value: scale of all output channels. type: which product. flags: UseBetaScaling or None_. weights: gives
O x kH x kW x ceil(I/32) words of 32 bits, channel c in bit c % 32 of word c / 32 (ConvolutionWeights with uint32 arrays); its
data_type is not asked. groups is 1, and there is no inference batch normalisation. Raises InvalidArgumentError, when a graph is made,
where words or terms do not fit the descriptor; ShapeError, when it is encoded, where the source has too few feature channels.)");
  bind<CNNBinaryFullyConnectedNode, CNNBinaryConvolutionNode>(m, "MPSCNNBinaryFullyConnectedNode",
                                                              R"(Fully connected layer with weights of one bit.

H x W x I to 1 x 1 x O: MPSCNNBinaryConvolutionNode with a window of the source's size, so that

    y[o] = f(output_scale[o] * beta * sum over ky, kx, c of term + output_bias[o])

In PyTorch:

    Type = MPSCNNBinaryConvolutionType
    p = (x + input_bias_terms.view(-1, 1, 1)) * input_scale_terms.view(-1, 1, 1)
    low = -1 if type == Type.XNOR else 0
    terms = p if type == Type.BinaryWeights else torch.where(p < 0, low, 1).to(p.dtype)
    y = F.linear(terms.flatten(1), (bits if type == Type.AND else 2 * bits - 1).flatten(1))
    if flags & MPSCNNBinaryConvolutionFlags.UseBetaScaling:
        y = y * p.abs().mean((1, 2, 3)).view(-1, 1)
    y = f((y * output_scale_terms + output_bias_terms)[:, :, None, None])

where bits is O x I x kH x kW of 0 and 1.

kernel_height x kernel_width of the descriptor is the size of the source, else encoding raises ShapeError; strides, dilation rates and
groups are 1.)");
}

}  // namespace mpsnn
