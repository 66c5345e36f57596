#pragma once

#include <memory>
#include <utility>

#include "mpsnn/kernel_of.hpp"
#include "mpsnn/nodes/arithmetic.hpp"

namespace mpsnn {

/// MPSCNNArithmetic: base of the kernels that combine two images element by element.
class MPSNN_API CNNArithmetic : public CNNBinaryKernel {
 public:
  using Attributes = ArithmeticOp;
  Attributes& attributes;

 protected:
  explicit CNNArithmetic(std::shared_ptr<KernelCore> core)
      : CNNBinaryKernel(std::move(core)), attributes(static_cast<NNBinaryArithmeticNode&>(node()).attributes) {}
};

template <class Node>
class CNNArithmeticOf final : public CNNArithmetic {
 public:
  CNNArithmeticOf(std::shared_ptr<Device> device, const char* class_name)
      : CNNArithmetic(make_kernel_core(std::move(device), class_name, [] {
          return std::make_shared<Node>(std::make_shared<NNImageNode>(), std::make_shared<NNImageNode>());
        })) {}
};

/// MPSNNCompare: 1 where a comparison holds, else 0. Of the attributes only the strides count.
class MPSNN_API NNCompare final : public CNNArithmetic {
 public:
  explicit NNCompare(std::shared_ptr<Device> device = nullptr)
      : CNNArithmetic(make_kernel_core(
            std::move(device), "MPSNNCompare",
            [] { return std::make_shared<NNComparisonNode>(std::make_shared<NNImageNode>(), std::make_shared<NNImageNode>()); })),
        comparison_type(static_cast<NNComparisonNode&>(node()).comparison_type),
        threshold(static_cast<NNComparisonNode&>(node()).threshold) {}
  NNComparisonType& comparison_type;
  float& threshold;  ///< numbers that are no further apart are equal
};

/// MPSCNNArithmeticGradient: base of their gradients, each with respect to one source.
class MPSNN_API CNNArithmeticGradient : public CNNGradientKernel {
 public:
  using Attributes = ArithmeticGradientOp;
  Attributes& attributes;

 protected:
  explicit CNNArithmeticGradient(std::shared_ptr<KernelCore> core)
      : CNNGradientKernel(std::move(core)), attributes(static_cast<NNArithmeticGradientNode&>(node()).attributes) {}
};

template <class Node, class Forward>
class CNNArithmeticGradientOf final : public CNNArithmeticGradient {
 public:
  CNNArithmeticGradientOf(std::shared_ptr<Device> device, const char* class_name, bool is_secondary_source_filter)
      : CNNArithmeticGradient(make_kernel_core(std::move(device), class_name, [&] {
          const auto image = [] { return std::make_shared<NNImageNode>(); };
          const auto forward = std::make_shared<Forward>(image(), image());
          return std::make_shared<Node>(image(), image(), forward->result_state(), is_secondary_source_filter);
        })) {}
};

}  // namespace mpsnn
