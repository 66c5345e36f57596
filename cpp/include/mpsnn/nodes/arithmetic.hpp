#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <vector>

#include "mpsnn/node.hpp"
#include "mpsnn/state.hpp"

namespace mpsnn {

enum class ArithmeticOperation { Addition, Subtraction, Multiplication, Division, Comparison };

/// clamp(((primary_scale * p) op (secondary_scale * s)) + bias). A stride of 0 repeats the source's first element along that
/// axis.
struct MPSNN_API ArithmeticOp : OpOf<ArithmeticOp>, MakesState {
  static constexpr const char* kKernelName = "MPSCNNArithmetic";
  ArithmeticOperation operation = ArithmeticOperation::Addition;
  float primary_scale = 1, secondary_scale = 1, bias = 0;
  std::size_t primary_stride_in_pixels_x = 1, primary_stride_in_pixels_y = 1, primary_stride_in_feature_channels = 1;
  std::size_t secondary_stride_in_pixels_x = 1, secondary_stride_in_pixels_y = 1, secondary_stride_in_feature_channels = 1;
  float minimum_value = std::numeric_limits<float>::lowest(), maximum_value = std::numeric_limits<float>::max();
  template <class V>
  static void fields(V&& v) {
    using A = ArithmeticOp;
    constexpr auto set = Access::ReadWrite;
    v("operation", &A::operation, "0 addition, 1 subtraction, 2 multiplication, 3 division, 4 comparison.", Access::Internal);
    v("primary_scale", &A::primary_scale, "Factor of the left source; 1 by default.", set);
    v("secondary_scale", &A::secondary_scale, "Factor of the right source; 1 by default.", set);
    v("bias", &A::bias, "Added to the result of the operation; 0 by default.", set);
    v("primary_stride_in_pixels_x", &A::primary_stride_in_pixels_x, "1, or 0: the left source's first column serves all.", set);
    v("primary_stride_in_pixels_y", &A::primary_stride_in_pixels_y, "1, or 0: the left source's first row serves all.", set);
    v("primary_stride_in_feature_channels", &A::primary_stride_in_feature_channels,
      "1, or 0: the left source's first channel serves all.", set);
    v("secondary_stride_in_pixels_x", &A::secondary_stride_in_pixels_x, "1, or 0: the right source's first column serves all.",
      set);
    v("secondary_stride_in_pixels_y", &A::secondary_stride_in_pixels_y, "1, or 0: the right source's first row serves all.", set);
    v("secondary_stride_in_feature_channels", &A::secondary_stride_in_feature_channels,
      "1, or 0: the right source's first channel serves all.", set);
    v("minimum_value", &A::minimum_value, "Smaller results become this; the smallest float32 by default.", set);
    v("maximum_value", &A::maximum_value, "Larger results become this; the largest float32 by default.", set);
  }
  const char* kernel_name() const override;
  Inferred infer(const InferRequest& request) const override;
  /// Whether results may be clamped, so that the gradient needs to know which were.
  bool is_clamped() const;
  /// A clamped operation leaves "clamp_mask": a byte for each element of the result, 1 where minimum < value < maximum.
  std::vector<StateDescriptor> states(const StateRequest& request) const override;
  std::shared_ptr<State> make_state(const StateObjectRequest& request) const override;
  bool is_state_shared_across_batch() const override { return false; }
};

/// 1 where the comparison of p with s holds, else 0. Of the other attributes only the strides count.
struct MPSNN_API ComparisonOp final : OpOf<ComparisonOp, ArithmeticOp> {
  NNComparisonType comparison_type = NNComparisonType::Equal;
  float threshold = 0;
  template <class V>
  static void fields(V&& v) {
    ArithmeticOp::fields(v);
    v("comparison_type", &ComparisonOp::comparison_type, "Which comparison.", Access::Internal);
    v("threshold", &ComparisonOp::threshold, "Numbers that are no further apart are equal.", Access::Internal);
  }
  const char* kernel_name() const override { return "MPSNNCompare"; }
  std::vector<StateDescriptor> states(const StateRequest&) const override { return {}; }
};

/// The gradient for one operand: primary_scale * g + bias, for a multiplication (primary_scale * g) * (secondary_scale * q) +
/// bias with q the other operand, summed over the axes along which the operand was repeated. g is 0 where the forward filter
/// clamped.
struct MPSNN_API ArithmeticGradientOp final : OpOf<ArithmeticGradientOp> {
  static constexpr const char* kKernelName = "MPSCNNArithmeticGradient";
  ArithmeticOperation operation = ArithmeticOperation::Addition;
  float primary_scale = 1, secondary_scale = 1, bias = 0;
  std::size_t secondary_stride_in_pixels_x = 1, secondary_stride_in_pixels_y = 1, secondary_stride_in_feature_channels = 1;
  float minimum_value = std::numeric_limits<float>::lowest(), maximum_value = std::numeric_limits<float>::max();
  bool is_secondary_source_filter = false;
  template <class V>
  static void fields(V&& v) {
    using A = ArithmeticGradientOp;
    constexpr auto set = Access::ReadWrite;
    v("operation", &A::operation, "0 addition, 1 subtraction, 2 multiplication.", Access::Internal);
    v("primary_scale", &A::primary_scale, "Factor of the incoming gradient; 1 by default.", set);
    v("secondary_scale", &A::secondary_scale, "Factor of the source image; 1 by default. Only a multiplication has it.", set);
    v("bias", &A::bias, "Added to each element before any sum; 0 by default.", set);
    v("secondary_stride_in_pixels_x", &A::secondary_stride_in_pixels_x,
      "The forward filter's stride for the source image along x: 1 or 0.", set);
    v("secondary_stride_in_pixels_y", &A::secondary_stride_in_pixels_y,
      "The forward filter's stride for the source image along y: 1 or 0.", set);
    v("secondary_stride_in_feature_channels", &A::secondary_stride_in_feature_channels,
      "The forward filter's stride for the source image along the channels: 1 or 0.", set);
    v("minimum_value", &A::minimum_value, "Has no effect: gradients are not clamped.", set);
    v("maximum_value", &A::maximum_value, "Has no effect: gradients are not clamped.", set);
    v("is_secondary_source_filter", &A::is_secondary_source_filter, "Whether this is the gradient for the right source.");
  }
  const char* kernel_name() const override;
  Inferred infer(const InferRequest& request) const override;
};

/// MPSCNNArithmeticGradientState: which elements of one image were clamped.
class MPSNN_API CNNArithmeticGradientState final : public NNBinaryGradientState {
 public:
  using NNBinaryGradientState::NNBinaryGradientState;
};

class MPSNN_API NNArithmeticGradientStateNode final : public NNBinaryGradientStateNode {
 public:
  const char* class_name() const override { return "MPSNNArithmeticGradientStateNode"; }
};

/// MPSNNBinaryArithmeticNode: the base of the filters that combine two images element by element.
class MPSNN_API NNBinaryArithmeticNode : public NodeOf<ArithmeticOp> {
 public:
  Lowered lower(const LowerRequest& request) const override;
  /// Apple's name of the gradient class, or null where there is none.
  virtual const char* gradient_class() const = 0;
  /// There are two gradients: ask for `gradient_filters_with_sources`.
  GradientFilterNodePtr gradient_filter_with_sources(const std::vector<ImageNodePtr>& gradient_images) = delete;

 protected:
  NNBinaryArithmeticNode(ArithmeticOperation operation, std::vector<ImageNodePtr> sources);
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

class MPSNN_API NNAdditionNode final : public NNBinaryArithmeticNode {
 public:
  NNAdditionNode(ImageNodePtr left_source, ImageNodePtr right_source);
  const char* class_name() const override { return "MPSNNAdditionNode"; }
  const char* gradient_class() const override { return "MPSNNAdditionGradientNode"; }
};

class MPSNN_API NNSubtractionNode final : public NNBinaryArithmeticNode {
 public:
  NNSubtractionNode(ImageNodePtr left_source, ImageNodePtr right_source);
  const char* class_name() const override { return "MPSNNSubtractionNode"; }
  const char* gradient_class() const override { return "MPSNNSubtractionGradientNode"; }
};

class MPSNN_API NNMultiplicationNode final : public NNBinaryArithmeticNode {
 public:
  NNMultiplicationNode(ImageNodePtr left_source, ImageNodePtr right_source);
  const char* class_name() const override { return "MPSNNMultiplicationNode"; }
  const char* gradient_class() const override { return "MPSNNMultiplicationGradientNode"; }
};

class MPSNN_API NNDivisionNode final : public NNBinaryArithmeticNode {
 public:
  NNDivisionNode(ImageNodePtr left_source, ImageNodePtr right_source);
  const char* class_name() const override { return "MPSNNDivisionNode"; }
  const char* gradient_class() const override { return nullptr; }
};

class MPSNN_API NNComparisonNode final : public NNBinaryArithmeticNode {
 public:
  NNComparisonNode(ImageNodePtr left_source, ImageNodePtr right_source);
  const char* class_name() const override { return "MPSNNComparisonNode"; }
  const char* gradient_class() const override { return nullptr; }
  std::shared_ptr<const Op> op() const override;
  Lowered lower(const LowerRequest& request) const override;
  NNComparisonType comparison_type = NNComparisonType::Equal;
  float threshold = 0;  ///< of the kernel; Apple's node has none
};

/// MPSNNArithmeticGradientNode: sources are the incoming gradient and a forward source, which for a multiplication is the operand
/// that the gradient is not for.
class MPSNN_API NNArithmeticGradientNode : public NodeOf<ArithmeticGradientOp, NNGradientFilterNode> {
 public:
  Lowered lower(const LowerRequest& request) const override;
  bool is_secondary_source_filter() const { return attributes.is_secondary_source_filter; }

 protected:
  NNArithmeticGradientNode(ArithmeticOperation operation, ImageNodePtr source_gradient, ImageNodePtr source_image,
                           StateNodePtr gradient_state, bool is_secondary_source_filter);
  /// Refuses a state that no filter of the operation made.
  void check_state() const;
  template <class Node>
  static std::shared_ptr<Node> from_forward(const std::vector<ImageNodePtr>& gradient_images, const FilterNodePtr& forward_filter,
                                            bool is_secondary_source_filter, const char* class_name);

 private:
  /// Takes scales and strides from the filter that made the gradient state.
  void take_constants();
};

class MPSNN_API NNAdditionGradientNode final : public NNArithmeticGradientNode {
 public:
  NNAdditionGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                         bool is_secondary_source_filter);
  /// `gradient_images` are the incoming gradient and the forward source; scales and strides are those of `forward_filter`.
  static std::shared_ptr<NNAdditionGradientNode> with_gradient_images(const std::vector<ImageNodePtr>& gradient_images,
                                                                      const FilterNodePtr& forward_filter,
                                                                      bool is_secondary_source_filter);
  const char* class_name() const override { return "MPSNNAdditionGradientNode"; }
};

class MPSNN_API NNSubtractionGradientNode final : public NNArithmeticGradientNode {
 public:
  /// `primary_scale` is 1: the gradient for the right source wants it negative.
  NNSubtractionGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                            bool is_secondary_source_filter);
  static std::shared_ptr<NNSubtractionGradientNode> with_gradient_images(const std::vector<ImageNodePtr>& gradient_images,
                                                                         const FilterNodePtr& forward_filter,
                                                                         bool is_secondary_source_filter);
  const char* class_name() const override { return "MPSNNSubtractionGradientNode"; }
};

class MPSNN_API NNMultiplicationGradientNode final : public NNArithmeticGradientNode {
 public:
  NNMultiplicationGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                               bool is_secondary_source_filter);
  static std::shared_ptr<NNMultiplicationGradientNode> with_gradient_images(const std::vector<ImageNodePtr>& gradient_images,
                                                                            const FilterNodePtr& forward_filter,
                                                                            bool is_secondary_source_filter);
  const char* class_name() const override { return "MPSNNMultiplicationGradientNode"; }
};

}  // namespace mpsnn
