#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "mpsnn/node.hpp"
#include "mpsnn/state.hpp"
#include "mpsnn/whole_batch.hpp"

namespace mpsnn {

/// What dropout and its gradient share. A mask element of 0 drops; a stride of 0 repeats the mask along that axis.
struct MPSNN_API DropoutBaseOp : Op {
  float keep_probability = 0.5f;
  std::size_t seed = 0;
  mtl::Size mask_stride_in_pixels{1, 1, 1};
  template <class V>
  static void fields(V&& v) {
    v("keep_probability", &DropoutBaseOp::keep_probability, "Chance of an element to be kept; between 0 and 1, both excluded.");
    v("seed", &DropoutBaseOp::seed, "Seed of the random masks.");
    v("mask_stride_in_pixels", &DropoutBaseOp::mask_stride_in_pixels,
      "Whether the mask changes along x, y and channels: 1, or 0 for one element along the whole axis.");
  }
  /// The mask's extents for an image of this shape.
  ImageShape mask_shape(const ImageShape& image) const;
};

/// Each image of a batch has a mask of its own.
struct MPSNN_API DropoutOp : OpOf<DropoutOp, DropoutBaseOp>, MakesState, SeesWholeBatch {
  static constexpr const char* kKernelName = "MPSCNNDropout";
  /// The mask: a byte of 0 or 1 for each element, in the order y, x, channel.
  std::vector<StateDescriptor> states(const StateRequest& request) const override;
  std::shared_ptr<State> make_state(const StateObjectRequest& request) const override;
  bool is_state_shared_across_batch() const override { return false; }
};

/// Multiplies with the forward filter's mask; draws nothing.
struct MPSNN_API DropoutGradientOp : OpOf<DropoutGradientOp, DropoutBaseOp> {
  static constexpr const char* kKernelName = "MPSCNNDropoutGradient";
  Inferred infer(const InferRequest& request) const override;
};

/// MPSCNNDropoutGradientState: the mask of one image.
class MPSNN_API CNNDropoutGradientState final : public NNGradientState {
 public:
  using NNGradientState::NNGradientState;
  /// 0 or 1 for each mask element, in the order y, x, channel; throws while the work that draws it has not completed.
  std::vector<std::uint8_t> mask_data();
};

/// MPSCNNDropoutNode: drops elements at random and divides the others by the chance to be kept, in inference too.
class MPSNN_API CNNDropoutNode final : public NodeOf<DropoutOp> {
 public:
  explicit CNNDropoutNode(ImageNodePtr source, const DropoutOp& op = {});
  const char* class_name() const override { return "MPSCNNDropoutNode"; }

 protected:
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

/// MPSCNNDropoutGradientNode.
class MPSNN_API CNNDropoutGradientNode final : public NodeOf<DropoutGradientOp, NNGradientFilterNode> {
 public:
  CNNDropoutGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                         const DropoutGradientOp& op);
  const char* class_name() const override { return "MPSCNNDropoutGradientNode"; }
};

}  // namespace mpsnn
