#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "mpsnn/asks_caller.hpp"
#include "mpsnn/node.hpp"
#include "mpsnn/nodes/loss.hpp"
#include "mpsnn/whole_batch.hpp"

namespace mpsnn {

/// MPSNNLossCallback: gives a loss its weight anew with every encode.
class MPSNN_API NNLossCallback {
 public:
  virtual ~NNLossCallback();
  /// Called once for each encode while it is recorded, on the thread that encodes, with the first image of the batch. What the
  /// graph makes has no contents yet.
  virtual float scalar_weight_for_source_image(const ImagePtr& source_image, const ImagePtr& destination_image) = 0;
};

/// What a forward loss and its gradient have in common.
struct MPSNN_API ForwardLossBaseOp : Op, AsksCaller, TakesWholeImages, SeesWholeBatch {
  CNNLossDescriptor descriptor;
  std::shared_ptr<NNLossCallback> property_call_back;  ///< its answer replaces the descriptor's weight
  void visit(AttributeVisitor& visitor) override { descriptor.visit(visitor); }
  const char* asked_property() const override { return property_call_back ? "property_call_back" : nullptr; }
  std::size_t answer_count() const override { return 1; }
  bool is_asked_once() const override { return true; }
  void ask(const Question& question, std::span<double> answer) const override;
  bool sees_whole_batch() const override { return descriptor.reduce_across_batch; }
};

/// Sources: predictions, labels (of as many channels or more), weights where there are any. The result is the loss.
struct MPSNN_API ForwardLossOp final : ForwardLossBaseOp {
  template <class V>
  static void fields(V&&) {}
  const char* kernel_name() const override { return "MPSNNForwardLoss"; }
  std::size_t result_channels(std::span<const ImageShape> sources) const override;
  Inferred infer(const InferRequest& request) const override;
  /// Weight, label smoothing, epsilon and delta of the encode.
  std::vector<StateDescriptor> states(const StateRequest& request) const override;
};

/// Sources: the incoming gradient, then the forward filter's. Where there is a gradient state, its four numbers replace the
/// descriptor's; an answer replaces the weight of both.
struct MPSNN_API LossGradientOp final : ForwardLossBaseOp {
  bool is_labels_gradient_filter = false;
  template <class V>
  static void fields(V&& v) {
    v("is_labels_gradient_filter", &LossGradientOp::is_labels_gradient_filter,
      "Whether the result is the gradient with respect to the labels instead of the predictions.");
  }
  const char* kernel_name() const override { return "MPSNNLossGradient"; }
  void visit(AttributeVisitor& visitor) override;
  std::size_t result_channels(std::span<const ImageShape> sources) const override;
  Inferred infer(const InferRequest& request) const override;
  std::size_t asked_source() const override { return 1; }
};

/// MPSNNForwardLossNode: a loss as an image, to be combined with others.
class MPSNN_API NNForwardLossNode final : public NodeOf<ForwardLossOp> {
 public:
  /// [predictions, labels] or [predictions, labels, weights].
  NNForwardLossNode(std::vector<ImageNodePtr> sources, const CNNLossDescriptor& loss_descriptor);
  const char* class_name() const override { return "MPSNNForwardLossNode"; }

 protected:
  /// For the predictions, for the labels.
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

/// MPSNNLossGradientNode.
class MPSNN_API NNLossGradientNode final : public NodeOf<LossGradientOp, NNGradientFilterNode> {
 public:
  /// [source gradient, predictions, labels] and weights where there are any. The gradient state may be null.
  NNLossGradientNode(std::vector<ImageNodePtr> sources, StateNodePtr gradient_state, const CNNLossDescriptor& loss_descriptor,
                     bool is_labels_gradient_filter);
  const char* class_name() const override { return "MPSNNLossGradientNode"; }
};

}  // namespace mpsnn
