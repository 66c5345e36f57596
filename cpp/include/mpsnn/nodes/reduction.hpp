#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "mpsnn/node.hpp"
#include "mpsnn/placed_by_kernel.hpp"

namespace mpsnn {

/// What becomes one: the pixels of a row, those of a column, the channels of a pixel, all pixels.
enum class ReductionAxis { Row, Column, FeatureChannels, Spatial };
enum class ReductionOperation { Min, Max, Mean, Sum, ArgumentMin, ArgumentMax };

/// "MPSNNReductionRowMinNode", ...
MPSNN_API const char* reduction_class_name(ReductionAxis axis, ReductionOperation operation);
/// "MPSNNReduceRowMin", ...
MPSNN_API const char* reduction_kernel_name(ReductionAxis axis, ReductionOperation operation);

/// Axis and operation are those of the node's class.
struct MPSNN_API ReductionOp final : Op, PlacedByKernel {
  ReductionAxis axis = ReductionAxis::Row;
  ReductionOperation operation = ReductionOperation::Min;
  mtl::Region clip_rect_source = kRectNoClip;
  float weight = 1;  ///< of a sum of channels
  template <class V>
  static void fields(V&& v) {
    v("clip_rect_source", &ReductionOp::clip_rect_source,
      "The pixels that are read, cut to the image; MPSRectNoClip, all of them, by default. z and depth have no influence.",
      Access::ReadWrite);
  }
  const char* kernel_name() const override { return reduction_kernel_name(axis, operation); }
  void visit(AttributeVisitor& visitor) override;
  Inferred infer(const InferRequest& request) const override;
  Inferred place(const PlaceRequest& request) const override { return infer(request.filter); }
  bool is_sum_of_channels() const { return axis == ReductionAxis::FeatureChannels && operation == ReductionOperation::Sum; }
  /// The part of an image that is read; without width or height where there is none.
  mtl::Region region(const ImageShape& source) const;
};

struct MPSNN_API ReductionSpatialMeanGradientOp final : OpOf<ReductionSpatialMeanGradientOp> {
  static constexpr const char* kKernelName = "MPSNNReduceSpatialMeanGradient";
  template <class V>
  static void fields(V&&) {}
  Inferred infer(const InferRequest& request) const override;
};

/// What the reductions of two images have; no nodes stand for them. The regions that are read are of one size.
struct MPSNN_API BinaryReductionOp : Op, PlacedByKernel {
  static constexpr std::size_t kSourceCount = 2;
  mtl::Region primary_source_clip_rect = kRectNoClip, secondary_source_clip_rect = kRectNoClip;
  template <class V>
  static void fields(V&& v) {
    v("primary_source_clip_rect", &BinaryReductionOp::primary_source_clip_rect,
      "The pixels of the primary source that are read, cut to the image; MPSRectNoClip, all of them, by default. z and depth "
      "have no influence.",
      Access::ReadWrite);
    v("secondary_source_clip_rect", &BinaryReductionOp::secondary_source_clip_rect,
      "The pixels of the secondary source that are read, cut to the image; MPSRectNoClip, all of them, by default. z and depth "
      "have no influence.",
      Access::ReadWrite);
  }
  void visit(AttributeVisitor& visitor) override;
  Inferred infer(const InferRequest& request) const override;
  Inferred place(const PlaceRequest& request) const override { return infer(request.filter); }
  /// The part of an image of either source that is read; without width or height where there is none.
  mtl::Region region(std::size_t source, const ImageShape& shape) const;
};

/// The sum of the products of an image's channels with those of an image of weights.
struct MPSNN_API WeightedSumOp : BinaryReductionOp {
  static constexpr const char* kKernelName = "MPSNNReduceFeatureChannelsAndWeightsSum";
  bool do_weighted_sum_by_non_zero_weights = false;
  template <class V>
  static void fields(V&& v) {
    v("do_weighted_sum_by_non_zero_weights", &WeightedSumOp::do_weighted_sum_by_non_zero_weights,
      "Whether sums are divided by the number of weights that are not 0; False by default.");
  }
  const char* kernel_name() const override { return kKernelName; }
  void visit(AttributeVisitor& visitor) override;
  std::size_t result_channels(std::span<const ImageShape>) const override { return 1; }
  void check(const std::string&) const {}
};
struct MPSNN_API WeightedMeanOp : BinaryReductionOp {
  static constexpr const char* kKernelName = "MPSNNReduceFeatureChannelsAndWeightsMean";
  template <class V>
  static void fields(V&&) {}
  const char* kernel_name() const override { return kKernelName; }
  std::size_t result_channels(std::span<const ImageShape>) const override { return 1; }
  void check(const std::string&) const {}
};

/// The products of each pixel with the pixels of a window of the other image, summed over the channels.
struct MPSNN_API LocalCorrelationOp : BinaryReductionOp {
  static constexpr const char* kKernelName = "MPSNNLocalCorrelation";
  std::size_t window_in_x = 0, window_in_y = 0, stride_in_x = 1, stride_in_y = 1;
  template <class V>
  static void fields(V&& v) {
    constexpr auto set = Access::ReadWrite;
    v("window_in_x", &LocalCorrelationOp::window_in_x, "Steps of the window to the left and to the right; 0 by default.", set);
    v("window_in_y", &LocalCorrelationOp::window_in_y, "Steps of the window up and down; 0 by default.", set);
    v("stride_in_x", &LocalCorrelationOp::stride_in_x, "Pixels of a step along x, from 1 on; 1 by default.", set);
    v("stride_in_y", &LocalCorrelationOp::stride_in_y, "Pixels of a step along y, from 1 on; 1 by default.", set);
  }
  const char* kernel_name() const override { return kKernelName; }
  void visit(AttributeVisitor& visitor) override;
  std::size_t result_channels(std::span<const ImageShape>) const override {
    return (2 * window_in_x + 1) * (2 * window_in_y + 1);
  }
  Inferred infer(const InferRequest& request) const override;
  Inferred place(const PlaceRequest& request) const override;
  void check(const std::string& name) const;
};

/// MPSNNUnaryReductionNode: base of the filters that make one number of many.
class MPSNN_API NNUnaryReductionNode : public NodeOf<ReductionOp> {
 public:
  const char* class_name() const override { return reduction_class_name(attributes.axis, attributes.operation); }

 protected:
  NNUnaryReductionNode(ImageNodePtr source, ReductionAxis axis, ReductionOperation operation);
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

template <ReductionAxis axis, ReductionOperation operation>
class NNReductionNode final : public NNUnaryReductionNode {
 public:
  static constexpr ReductionAxis kAxis = axis;
  static constexpr ReductionOperation kOperation = operation;
  explicit NNReductionNode(ImageNodePtr source) : NNUnaryReductionNode(std::move(source), axis, operation) {}
};

using NNReductionRowMinNode = NNReductionNode<ReductionAxis::Row, ReductionOperation::Min>;
using NNReductionRowMaxNode = NNReductionNode<ReductionAxis::Row, ReductionOperation::Max>;
using NNReductionRowMeanNode = NNReductionNode<ReductionAxis::Row, ReductionOperation::Mean>;
using NNReductionRowSumNode = NNReductionNode<ReductionAxis::Row, ReductionOperation::Sum>;
using NNReductionColumnMinNode = NNReductionNode<ReductionAxis::Column, ReductionOperation::Min>;
using NNReductionColumnMaxNode = NNReductionNode<ReductionAxis::Column, ReductionOperation::Max>;
using NNReductionColumnMeanNode = NNReductionNode<ReductionAxis::Column, ReductionOperation::Mean>;
using NNReductionColumnSumNode = NNReductionNode<ReductionAxis::Column, ReductionOperation::Sum>;
using NNReductionFeatureChannelsMinNode = NNReductionNode<ReductionAxis::FeatureChannels, ReductionOperation::Min>;
using NNReductionFeatureChannelsMaxNode = NNReductionNode<ReductionAxis::FeatureChannels, ReductionOperation::Max>;
using NNReductionFeatureChannelsMeanNode = NNReductionNode<ReductionAxis::FeatureChannels, ReductionOperation::Mean>;
using NNReductionFeatureChannelsSumNode = NNReductionNode<ReductionAxis::FeatureChannels, ReductionOperation::Sum>;
using NNReductionFeatureChannelsArgumentMinNode =
    NNReductionNode<ReductionAxis::FeatureChannels, ReductionOperation::ArgumentMin>;
using NNReductionFeatureChannelsArgumentMaxNode =
    NNReductionNode<ReductionAxis::FeatureChannels, ReductionOperation::ArgumentMax>;
using NNReductionSpatialMeanNode = NNReductionNode<ReductionAxis::Spatial, ReductionOperation::Mean>;

/// Calls `f(std::type_identity<Node>())` for each of them.
template <class F>
void for_each_reduction_node(const F& f) {
  const auto all = [&]<class... Node>() { (f(std::type_identity<Node>()), ...); };
  all.template operator()<
      NNReductionRowMinNode, NNReductionRowMaxNode, NNReductionRowMeanNode, NNReductionRowSumNode, NNReductionColumnMinNode,
      NNReductionColumnMaxNode, NNReductionColumnMeanNode, NNReductionColumnSumNode, NNReductionFeatureChannelsMinNode,
      NNReductionFeatureChannelsMaxNode, NNReductionFeatureChannelsMeanNode, NNReductionFeatureChannelsSumNode,
      NNReductionFeatureChannelsArgumentMinNode, NNReductionFeatureChannelsArgumentMaxNode, NNReductionSpatialMeanNode>();
}

/// MPSNNReductionSpatialMeanGradientNode: each pixel gets its share of the gradient of the mean.
class MPSNN_API NNReductionSpatialMeanGradientNode final : public NodeOf<ReductionSpatialMeanGradientOp, NNGradientFilterNode> {
 public:
  NNReductionSpatialMeanGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state);
  const char* class_name() const override { return "MPSNNReductionSpatialMeanGradientNode"; }
};

}  // namespace mpsnn
