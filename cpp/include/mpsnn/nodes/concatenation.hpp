#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "mpsnn/node.hpp"

namespace mpsnn {

/// Channels an image takes up in a concatenation: its own, rounded up to a multiple of 4.
inline std::size_t padded_channels(std::size_t channels) { return (channels + 3) / 4 * 4; }
/// First channel of source `index` in the concatenation of `sources`.
MPSNN_API std::size_t concatenation_offset(std::span<const ImageShape> sources, std::size_t index);

/// Sources one after another along the channels; channels that only pad are 0.
struct MPSNN_API ConcatenationOp : OpOf<ConcatenationOp> {
  /// Not a class of Apple's: there, filters write at a channel offset of the result.
  static constexpr const char* kKernelName = "MPSNNConcatenation";
  template <class V>
  static void fields(V&&) {}
  std::size_t result_channels(std::span<const ImageShape> sources) const override;
  Inferred infer(const InferRequest& request) const override;
};

/// The channels of one source of the forward filter.
struct MPSNN_API ConcatenationGradientOp : OpOf<ConcatenationGradientOp> {
  static constexpr const char* kKernelName = "MPSNNSlice";
  std::size_t source_index = 0;
  template <class V>
  static void fields(V&& v) {
    v("source_index", &ConcatenationGradientOp::source_index, "Which source of the forward filter this gradient is for.",
      Access::Internal);
  }
  Inferred infer(const InferRequest& request) const override;
};

/// The channels, and pixels, that a kernel is told to read. No node stands for it.
struct MPSNN_API SliceOp : OpOf<SliceOp> {
  static constexpr const char* kKernelName = "MPSNNSlice";
  static constexpr std::size_t kSourceCount = 1;
  template <class V>
  static void fields(V&&) {}
  void check(const std::string&) const {}
};

/// MPSNNConcatenationNode.
class MPSNN_API NNConcatenationNode final : public NodeOf<ConcatenationOp> {
 public:
  explicit NNConcatenationNode(std::vector<ImageNodePtr> sources);
  const char* class_name() const override { return "MPSNNConcatenationNode"; }

 protected:
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

/// MPSNNConcatenationGradientNode.
class MPSNN_API NNConcatenationGradientNode final : public NodeOf<ConcatenationGradientOp, NNGradientFilterNode> {
 public:
  /// For the source of the forward filter that `source_image` is; the first of them where it is several.
  NNConcatenationGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state);
  NNConcatenationGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                              const ConcatenationGradientOp& op);
  const char* class_name() const override { return "MPSNNConcatenationGradientNode"; }
};

}  // namespace mpsnn
