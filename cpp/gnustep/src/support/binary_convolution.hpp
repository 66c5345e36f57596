#pragma once

#import <MetalPerformanceShaders/MPSCNNTypes.h>

#include <vector>

#include "mpsnn/nodes/binary_convolution.hpp"

// The arguments that nodes and kernels of binary filters share.

namespace mpsnn::gnustep {

inline BinaryConvolutionOp binary_op(MPSCNNBinaryConvolutionType type, MPSCNNBinaryConvolutionFlags flags) {
  BinaryConvolutionOp op;
  op.type = CNNBinaryConvolutionType(type);
  op.flags = CNNBinaryConvolutionFlags(flags);
  return op;
}

inline BinaryConvolutionOp binary_op(float scale_value, MPSCNNBinaryConvolutionType type, MPSCNNBinaryConvolutionFlags flags) {
  BinaryConvolutionOp op = binary_op(type, flags);
  op.has_terms = false;
  op.scale_value = scale_value;
  return op;
}

/// Terms may be null; the descriptor says how long they are.
inline BinaryConvolutionOp binary_op(const CNNConvolutionDescriptor &descriptor, const float *output_bias_terms,
                                     const float *output_scale_terms, const float *input_bias_terms,
                                     const float *input_scale_terms, MPSCNNBinaryConvolutionType type,
                                     MPSCNNBinaryConvolutionFlags flags) {
  const auto terms = [](const float *values, std::size_t count) {
    return values ? std::vector<float>(values, values + count) : std::vector<float>();
  };
  BinaryConvolutionOp op = binary_op(type, flags);
  op.output_bias_terms = terms(output_bias_terms, descriptor.output_feature_channels);
  op.output_scale_terms = terms(output_scale_terms, descriptor.output_feature_channels);
  op.input_bias_terms = terms(input_bias_terms, descriptor.input_feature_channels);
  op.input_scale_terms = terms(input_scale_terms, descriptor.input_feature_channels);
  return op;
}

}  // namespace mpsnn::gnustep
