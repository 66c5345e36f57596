#include "mpsnn/nodes/arithmetic.hpp"

#include "metal/kernels.hpp"

namespace mpsnn::metal {

namespace {

// What an op and Apple's kernel of it both have, by the same names.
template <class OpType, class Kernel>
Kernel *with_constants(const OpType &op, Kernel *kernel) {
  kernel.primaryScale = op.primary_scale;
  kernel.secondaryScale = op.secondary_scale;
  kernel.bias = op.bias;
  kernel.secondaryStrideInPixelsX = op.secondary_stride_in_pixels_x;
  kernel.secondaryStrideInPixelsY = op.secondary_stride_in_pixels_y;
  kernel.secondaryStrideInFeatureChannels = op.secondary_stride_in_feature_channels;
  kernel.minimumValue = op.minimum_value;
  kernel.maximumValue = op.maximum_value;
  return kernel;
}

MPSCNNArithmetic *with_strides(const ArithmeticOp &op, MPSCNNArithmetic *kernel) {
  kernel.primaryStrideInPixelsX = op.primary_stride_in_pixels_x;
  kernel.primaryStrideInPixelsY = op.primary_stride_in_pixels_y;
  kernel.primaryStrideInFeatureChannels = op.primary_stride_in_feature_channels;
  return with_constants(op, kernel);
}

MPSCNNArithmetic *make(ArithmeticOperation operation, id<MTLDevice> device) {
  switch (operation) {
    case ArithmeticOperation::Addition:
      return [[MPSCNNAdd alloc] initWithDevice:device];
    case ArithmeticOperation::Subtraction:
      return [[MPSCNNSubtract alloc] initWithDevice:device];
    case ArithmeticOperation::Multiplication:
      return [[MPSCNNMultiply alloc] initWithDevice:device];
    default:
      return [[MPSCNNDivide alloc] initWithDevice:device];
  }
}

MPSCNNArithmeticGradient *make_gradient(ArithmeticOperation operation, id<MTLDevice> device, BOOL is_secondary) {
  switch (operation) {
    case ArithmeticOperation::Addition:
      return [[MPSCNNAddGradient alloc] initWithDevice:device isSecondarySourceFilter:is_secondary];
    case ArithmeticOperation::Subtraction:
      return [[MPSCNNSubtractGradient alloc] initWithDevice:device isSecondarySourceFilter:is_secondary];
    default:
      return [[MPSCNNMultiplyGradient alloc] initWithDevice:device isSecondarySourceFilter:is_secondary];
  }
}

}  // namespace

void add_arithmetic_kernels(KernelMakers &makers) {
  makers.add<ArithmeticOp>(
      [](const ArithmeticOp &op, id<MTLDevice> device) { return with_strides(op, make(op.operation, device)); });
  makers.add<ComparisonOp>([](const ComparisonOp &op, id<MTLDevice> device) {
    MPSNNCompare *kernel = [[MPSNNCompare alloc] initWithDevice:device];
    kernel.comparisonType = MPSNNComparisonType(op.comparison_type);
    kernel.threshold = op.threshold;
    return with_strides(op, kernel);
  });
  makers.add<ArithmeticGradientOp>([](const ArithmeticGradientOp &op, id<MTLDevice> device) {
    return with_constants(op, make_gradient(op.operation, device, op.is_secondary_source_filter));
  });
}

}  // namespace mpsnn::metal
