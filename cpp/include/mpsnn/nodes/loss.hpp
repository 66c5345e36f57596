#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mpsnn/image.hpp"
#include "mpsnn/node.hpp"
#include "mpsnn/state.hpp"
#include "mpsnn/whole_images.hpp"

namespace mpsnn {

/// MPSCNNLossDescriptor: a loss and how its elements become one number.
struct MPSNN_API CNNLossDescriptor {
  CNNLossType loss_type = CNNLossType::MeanAbsoluteError;
  CNNReductionType reduction_type = CNNReductionType::None;
  bool reduce_across_batch = false;   ///< loss image 0 holds the whole batch's loss, the others 0
  float weight = 1;                   ///< factor of every element
  float label_smoothing = 0;          ///< the two cross entropies
  std::size_t number_of_classes = 1;  ///< smoothing of the softmax cross entropy
  float epsilon = 1e-7f;              ///< Log
  float delta = 1;                    ///< Huber
  void visit(AttributeVisitor& visitor);
  /// What makes it unusable; empty where nothing does.
  std::string problem() const;
  bool operator==(const CNNLossDescriptor&) const = default;
};

/// MPSCNNLossDataDescriptor: float32 labels or weights of one image, to be copied.
struct MPSNN_API CNNLossDataDescriptor {
  /// Dense strides. Throws InvalidArgument when there are too few values.
  CNNLossDataDescriptor(std::vector<float> data, DataLayout layout, const mtl::Size& size);
  std::shared_ptr<const std::vector<float>> data;
  DataLayout layout;
  mtl::Size size;  ///< width, height, depth = feature channels
  /// Element (y, x, c) is at byte y * row + (x * C + c) * 4, in the planar layout at c * image + y * row + x * 4.
  std::size_t bytes_per_row = 0, bytes_per_image = 0;
  /// The values as height x width x channels, dense. Throws InvalidArgument when the strides lead beyond the data.
  void copy_to(float* values) const;
};

/// MPSCNNLossLabels: what a loss compares one image with, and where it puts the loss.
class MPSNN_API CNNLossLabels final : public State {
 public:
  /// Copies labels and weights (null: none). The loss image is 1 x 1 x 1, or of the source's size for reduction None.
  CNNLossLabels(const CNNLossDataDescriptor& labels, const CNNLossDataDescriptor* weights = nullptr,
                const mtl::Size& loss_image_size = {1, 1, 1}, std::shared_ptr<Device> device = nullptr);
  /// Keeps the images: they must hold the data when the loss runs.
  CNNLossLabels(const mtl::Size& loss_image_size, ImagePtr labels_image, ImagePtr weights_image = nullptr,
                std::shared_ptr<Device> device = nullptr);
  /// Labels for `count` images of `size`, copied from count x height x width x channels values into one allocation.
  static std::vector<std::shared_ptr<CNNLossLabels>> batch(std::size_t count, const mtl::Size& size,
                                                           std::span<const float> labels, std::span<const float> weights = {},
                                                           const mtl::Size& loss_image_size = {1, 1, 1},
                                                           std::shared_ptr<Device> device = nullptr);

  /// Float32; written by the loss.
  const ImagePtr& loss_image() const { return loss_image_; }
  const ImagePtr& labels_image() const { return labels_image_; }
  /// Null without weights.
  const ImagePtr& weights_image() const { return weights_image_; }

 private:
  void check_images() const;
  ImagePtr loss_image_, labels_image_, weights_image_;
};

/// Throws ShapeError, with `node` in front, unless the labels have the height and width of the source and at least its channels.
MPSNN_API void check_labels_fit(const ImageShape& source, const ImageShape& labels, const std::string& node);

/// Filters that take labels. Sources in a plan: predictions, labels (of as many channels or more), weights where there are any.
/// The result is the gradient.
struct MPSNN_API LossBaseOp : Op, TakesLabels, TakesWholeImages {
  virtual CNNReductionType reduction() const = 0;
  Inferred infer(const InferRequest& request) const override;
  /// "loss": one number for each image, or one for each element.
  std::vector<StateDescriptor> states(const StateRequest& request) const override;
  void check_labels(const ImageShape& source, const ImageShape& labels, const ImageShape& loss,
                    const std::string& node) const override;
};

struct MPSNN_API LossOp final : LossBaseOp {
  static constexpr const char* kKernelName = "MPSCNNLoss";
  CNNLossDescriptor descriptor;
  LossOp() = default;
  explicit LossOp(const CNNLossDescriptor& descriptor) : descriptor(descriptor) {}
  template <class V>
  static void fields(V&&) {}
  const char* kernel_name() const override { return kKernelName; }
  void visit(AttributeVisitor& visitor) override { descriptor.visit(visitor); }
  CNNReductionType reduction() const override { return descriptor.reduction_type; }
};

/// MPSNNLabelsNode: a source state of the graph; its value is one CNNLossLabels for each image.
class MPSNN_API NNLabelsNode final : public NNStateNode {
 public:
  const char* class_name() const override { return "MPSNNLabelsNode"; }
};

/// A filter that takes labels: its result already is a gradient, and it writes into the labels.
template <class LossOpType>
class LossNodeOf : public NodeOf<LossOpType> {
 public:
  std::shared_ptr<NNLabelsNode> input_labels() const { return std::static_pointer_cast<NNLabelsNode>(this->source_states()[0]); }
  bool starts_gradient() const override { return true; }
  bool has_side_effect() const override { return true; }

 protected:
  LossNodeOf(ImageNodePtr source, LossOpType op)
      : NodeOf<LossOpType>(std::move(op), std::vector<ImageNodePtr>{std::move(source)},
                           std::vector<StateNodePtr>{std::make_shared<NNLabelsNode>()}) {}
};

/// MPSCNNLossNode: the loss, written into the labels, and its gradient with respect to the source, which is the result image.
class MPSNN_API CNNLossNode final : public LossNodeOf<LossOp> {
 public:
  CNNLossNode(ImageNodePtr source, const CNNLossDescriptor& loss_descriptor);
  const char* class_name() const override { return "MPSCNNLossNode"; }
};

}  // namespace mpsnn
