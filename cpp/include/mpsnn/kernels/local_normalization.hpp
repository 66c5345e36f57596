#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

#include "mpsnn/kernel_of.hpp"
#include "mpsnn/nodes/local_normalization.hpp"

namespace mpsnn {

/// MPSCNNCrossChannelNormalization.
class MPSNN_API CNNCrossChannelNormalization final : public KernelOf<CNNCrossChannelNormalizationNode> {
 public:
  /// Feature channels in a window.
  CNNCrossChannelNormalization(std::shared_ptr<Device> device, std::size_t kernel_size);
  std::size_t kernel_size() const { return attributes.kernel_size_in_feature_channels; }
};

/// MPSCNNCrossChannelNormalizationGradient: takes alpha, beta and delta from its own attributes, where the node takes them from
/// the forward filter.
class MPSNN_API CNNCrossChannelNormalizationGradient final
    : public KernelOf<CNNCrossChannelNormalizationGradientNode, CNNGradientKernel> {
 public:
  CNNCrossChannelNormalizationGradient(std::shared_ptr<Device> device, std::size_t kernel_size);
  std::size_t kernel_size() const { return attributes.kernel_size; }
  CNNCrossChannelNormalizationGradient(const CNNCrossChannelNormalizationGradient&) = delete;
  LocalNormalizationOp& normalization() { return forward_->attributes; }
  const LocalNormalizationOp& normalization() const { return forward_->attributes; }

 private:
  void adjust(KernelCall& call) const;
  std::shared_ptr<CNNCrossChannelNormalizationNode> forward_;
};

/// The kernel of a normalisation whose windows are pixels.
template <class Node, class Base = CNNKernel>
class WindowNormalizationKernel final : public KernelOf<Node, Base> {
 public:
  using Attributes = typename Node::Attributes;
  /// Sizes of the window in pixels.
  WindowNormalizationKernel(std::shared_ptr<Device> device, std::size_t kernel_width, std::size_t kernel_height)
      : KernelOf<Node, Base>(std::move(device), op(kernel_width, kernel_height)) {}

 private:
  static Attributes op(std::size_t kernel_width, std::size_t kernel_height) {
    Attributes op;
    op.kernel_width = kernel_width;
    op.kernel_height = kernel_height;
    if constexpr (std::is_base_of_v<LocalContrastNormalizationOp, Attributes>) op.alpha = 0;  // 1 is the node's
    return op;
  }
};

using CNNSpatialNormalization = WindowNormalizationKernel<CNNSpatialNormalizationNode>;
using CNNLocalContrastNormalization = WindowNormalizationKernel<CNNLocalContrastNormalizationNode>;
using CNNSpatialNormalizationGradient = WindowNormalizationKernel<CNNSpatialNormalizationGradientNode, CNNGradientKernel>;
using CNNLocalContrastNormalizationGradient =
    WindowNormalizationKernel<CNNLocalContrastNormalizationGradientNode, CNNGradientKernel>;

}  // namespace mpsnn
