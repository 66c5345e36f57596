#pragma once

#include <memory>
#include <utility>

#include "mpsnn/kernel_of.hpp"
#include "mpsnn/nodes/dropout.hpp"

namespace mpsnn {

/// Every encode and every image draws a mask of its own.
using CNNDropout = KernelOf<CNNDropoutNode>;
class MPSNN_API CNNDropoutGradient final : public CNNGradientKernel {
 public:
  using Attributes = DropoutGradientOp;
  explicit CNNDropoutGradient(std::shared_ptr<Device> device = nullptr, const DropoutGradientOp& op = {})
      : CNNGradientKernel(make_kernel_core(std::move(device), DropoutGradientOp::kKernelName,
                                           [&] {
                                             DropoutOp forward;
                                             static_cast<DropoutBaseOp&>(forward) = op;
                                             const auto node =
                                                 std::make_shared<CNNDropoutNode>(std::make_shared<NNImageNode>(), forward);
                                             return node->gradient_filter_with_source(std::make_shared<NNImageNode>());
                                           })),
        attributes(static_cast<CNNDropoutGradientNode&>(node()).attributes) {}
  Attributes& attributes;
};

}  // namespace mpsnn
