#pragma once

#include <string>

#include "mpsnn/nodes/binary_convolution.hpp"
#include "types.hpp"

// The arguments that nodes and kernels of binary filters share.

namespace mpsnn::binding {

using Terms = std::optional<ArrayLike>;

/// Terms are copied; `name` is for messages.
inline BinaryConvolutionOp binary_op(const char* name, const Terms& output_bias_terms, const Terms& output_scale_terms,
                                     const Terms& input_bias_terms, const Terms& input_scale_terms, CNNBinaryConvolutionType type,
                                     CNNBinaryConvolutionFlags flags) {
  const auto floats = [name](const Terms& array, const char* argument) {
    return array ? floats_from(*array, std::string(name) + ": " + argument) : std::vector<float>{};
  };
  BinaryConvolutionOp op;
  op.type = type;
  op.flags = flags;
  op.output_bias_terms = floats(output_bias_terms, "output_bias_terms");
  op.output_scale_terms = floats(output_scale_terms, "output_scale_terms");
  op.input_bias_terms = floats(input_bias_terms, "input_bias_terms");
  op.input_scale_terms = floats(input_scale_terms, "input_scale_terms");
  return op;
}

inline BinaryConvolutionOp binary_op(float scale_value, CNNBinaryConvolutionType type, CNNBinaryConvolutionFlags flags) {
  BinaryConvolutionOp op;
  op.type = type;
  op.flags = flags;
  op.has_terms = false;
  op.scale_value = scale_value;
  return op;
}

inline constexpr const char* kTerms =
    "Output terms have a number for each output channel, input terms for each input channel; they are copied. None stands for "
    "bias 0 "
    "and scale 1. The data source's biases are not used.";
inline constexpr const char* kScaleValue =
    "Output scale scale_value for all channels, output bias from the data source, input bias 0 and scale 1.";

}  // namespace mpsnn::binding
