#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "mpsnn/node.hpp"

namespace mpsnn {

/// What becomes one: the pixels of a row, those of a column, the channels of a pixel, all pixels.
enum class ReductionAxis { Row, Column, FeatureChannels, Spatial };
enum class ReductionOperation { Min, Max, Mean, Sum, ArgumentMin, ArgumentMax };

/// "MPSNNReductionRowMinNode", ...
MPSNN_API const char* reduction_class_name(ReductionAxis axis, ReductionOperation operation);

/// Axis and operation are those of the node's class.
struct MPSNN_API ReductionOp final : Op {
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
  const char* kernel_name() const override;
  void visit(AttributeVisitor& visitor) override;
  Inferred infer(const InferRequest& request) const override;
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
