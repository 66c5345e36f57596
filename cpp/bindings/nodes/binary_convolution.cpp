#include "mpsnn/nodes/binary_convolution.hpp"

#include <string>
#include <utility>

#include "bind_node.hpp"

namespace mpsnn {

namespace {

using Terms = std::optional<ArrayLike>;

template <class Node, class... Base>
void bind(py::module_& m, const char* name, const char* doc) {
  const auto terms = [name](const Terms& array, const char* argument) {
    return array ? floats_from(*array, std::string(name) + ": " + argument) : std::vector<float>{};
  };
  bind_node<Node, Base...>(m, name, doc)
      .def(py::init([terms](ImageNodePtr source, ConvolutionSourcePtr weights, const Terms& output_bias_terms,
                            const Terms& output_scale_terms, const Terms& input_bias_terms, const Terms& input_scale_terms,
                            CNNBinaryConvolutionType type, CNNBinaryConvolutionFlags flags) {
             BinaryConvolutionOp op;
             op.type = type;
             op.flags = flags;
             op.output_bias_terms = terms(output_bias_terms, "output_bias_terms");
             op.output_scale_terms = terms(output_scale_terms, "output_scale_terms");
             op.input_bias_terms = terms(input_bias_terms, "input_bias_terms");
             op.input_scale_terms = terms(input_scale_terms, "input_scale_terms");
             return std::make_shared<Node>(std::move(source), std::move(weights), std::move(op));
           }),
           "source"_a.none(false), py::kw_only(), "weights"_a.none(false), "output_bias_terms"_a = py::none(),
           "output_scale_terms"_a = py::none(), "input_bias_terms"_a = py::none(), "input_scale_terms"_a = py::none(), "type"_a,
           "flags"_a,
           "Output terms have a number for each output channel, input terms for each input channel; they are copied. None stands "
           "for bias 0 and scale 1. The data source's biases are not used (Apple leaves this open).")
      .def_static(
          "with_scale_value",
          [](ImageNodePtr source, ConvolutionSourcePtr weights, float scale_value, CNNBinaryConvolutionType type,
             CNNBinaryConvolutionFlags flags) {
            BinaryConvolutionOp op;
            op.type = type;
            op.flags = flags;
            op.has_terms = false;
            op.scale_value = scale_value;
            return std::make_shared<Node>(std::move(source), std::move(weights), std::move(op));
          },
          "source"_a.none(false), "weights"_a.none(false), "scale_value"_a, "type"_a, "flags"_a,
          "Output scale scale_value for all channels, output bias from the data source, input bias 0 and scale 1.");
}

}  // namespace

void bind_binary_convolution(py::module_& m) {
  bind<CNNBinaryConvolutionNode, CNNConvolutionNode>(m, "MPSCNNBinaryConvolutionNode",
                                                     R"(Convolution with weights of one bit of an
H x W x I image to H' x W' x O:

    p = (x + input_bias[c]) * input_scale[c]
    y[i, j, o] = f(output_scale[o] * beta[i, j] * sum over ky, kx, c of term + output_bias[o])

The term of type BinaryWeights is p for a weight bit of 1 and -p for 0; that of XNOR is 1 where the bit p >= 0 is the weight bit and -1
where not; that of AND is 1 where both bits are 1, else 0. The bit of NaN is 1. f is the descriptor's activation. Windows, strides and
dilation rates are those of MPSCNNConvolutionNode. Pixels outside have p = 0: they add nothing under BinaryWeights, and have bit 1
otherwise (Apple leaves this open: avoid padding); a custom policy that sets edge_mode to Clamp gives them the p of the nearest pixel.
With the flag UseBetaScaling beta is the mean over the window's kernel_height * kernel_width pixels of the mean over channels of |p|,
pixels outside counting as 0; else it is 1 (Rastegari et al., "XNOR-Net", 2016).

`weights` gives O x kH x kW x ceil(I/32) words of 32 bits, channel c in bit c % 32 of word c / 32 (ConvolutionWeights with uint32
arrays); its data_type is not asked. groups is 1, and there is no inference batch normalisation. There is no gradient: asking for
one raises GraphError. Making a graph raises InvalidArgumentError where words or terms do not fit the descriptor; encoding raises
ShapeError where the source has too few feature channels.)");
  bind<CNNBinaryFullyConnectedNode, CNNBinaryConvolutionNode>(m, "MPSCNNBinaryFullyConnectedNode",
                                                              R"(Fully connected layer with weights of one bit, H x W x I to
1 x 1 x O: MPSCNNBinaryConvolutionNode with a window of the source's size.

kernel_height x kernel_width of the descriptor is the size of the source, else encoding raises ShapeError; strides, dilation rates and
groups are 1.)");
}

}  // namespace mpsnn
