#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mpsnn/data_source.hpp"
#include "mpsnn/node.hpp"
#include "mpsnn/nodes/neuron.hpp"
#include "mpsnn/state.hpp"

namespace mpsnn {

// Descriptors -------------------------------------------------------------------------------------------------------

/// MPSCNNConvolutionDescriptor: the sizes of a convolution, and what follows it in the same kernel.
class MPSNN_API CNNConvolutionDescriptor {
 public:
  /// Throws InvalidArgument for a 0.
  CNNConvolutionDescriptor(std::size_t kernel_width, std::size_t kernel_height, std::size_t input_feature_channels,
                           std::size_t output_feature_channels);
  virtual ~CNNConvolutionDescriptor();
  virtual const char* class_name() const { return "MPSCNNConvolutionDescriptor"; }
  virtual std::shared_ptr<CNNConvolutionDescriptor> copy() const;

  std::size_t kernel_width, kernel_height, input_feature_channels, output_feature_channels;
  std::size_t stride_in_pixels_x = 1, stride_in_pixels_y = 1;
  std::size_t groups = 1;
  std::size_t dilation_rate_x = 1, dilation_rate_y = 1;
  /// Applied to the result; never null, type None at first.
  const std::shared_ptr<NNNeuronDescriptor>& fused_neuron_descriptor() const { return fused_neuron_descriptor_; }
  /// PReLU with the slope of each result channel.
  void set_neuron_to_prelu_with_parameters_a(std::vector<float> a);
  /// Null stands for type None.
  void set_fused_neuron_descriptor(std::shared_ptr<NNNeuronDescriptor> descriptor);

  /// Arrays of `output_feature_channels` numbers. An empty one stands for mean 0, variance 1, gamma 1, beta 0; all empty
  /// removes the normalization.
  struct BatchNormalization {
    std::vector<float> mean, variance, gamma, beta;
    float epsilon = 0;
  };
  void set_batch_normalization_parameters_for_inference_with_mean(std::span<const float> mean, std::span<const float> variance,
                                                                  std::span<const float> gamma, std::span<const float> beta,
                                                                  float epsilon);
  const std::optional<BatchNormalization>& batch_normalization() const { return batch_normalization_; }

  /// Results for each source channel of a depthwise convolution; 0 for any other.
  virtual std::size_t channel_multiplier() const { return 0; }
  virtual std::size_t sub_pixel_scale_factor() const { return 1; }
  /// O x kH x kW x I/groups; depthwise O x kH x kW.
  std::vector<std::size_t> weights_shape() const;
  /// In words of 32 bits, for a binary filter: O x kH x kW x ceil(I/32).
  std::vector<std::size_t> binary_weights_shape() const;

 protected:
  CNNConvolutionDescriptor(const CNNConvolutionDescriptor&) = default;

 private:
  std::shared_ptr<NNNeuronDescriptor> fused_neuron_descriptor_ = std::make_shared<NNNeuronDescriptor>();
  std::optional<BatchNormalization> batch_normalization_;
};

/// MPSCNNSubPixelConvolutionDescriptor: r * r result channels become an r x r block of pixels. Inference only.
class MPSNN_API CNNSubPixelConvolutionDescriptor final : public CNNConvolutionDescriptor {
 public:
  using CNNConvolutionDescriptor::CNNConvolutionDescriptor;
  const char* class_name() const override { return "MPSCNNSubPixelConvolutionDescriptor"; }
  std::shared_ptr<CNNConvolutionDescriptor> copy() const override;
  std::size_t sub_pixel_scale_factor() const override { return scale_factor_; }
  void set_sub_pixel_scale_factor(std::size_t scale_factor) { scale_factor_ = scale_factor; }

 private:
  std::size_t scale_factor_ = 1;
};

/// MPSCNNDepthWiseConvolutionDescriptor: every source channel has filters of its own.
class MPSNN_API CNNDepthWiseConvolutionDescriptor final : public CNNConvolutionDescriptor {
 public:
  using CNNConvolutionDescriptor::CNNConvolutionDescriptor;
  const char* class_name() const override { return "MPSCNNDepthWiseConvolutionDescriptor"; }
  std::shared_ptr<CNNConvolutionDescriptor> copy() const override;
  std::size_t channel_multiplier() const override;
};

// Ops ---------------------------------------------------------------------------------------------------------------

/// What every filter of the family has: its data source's descriptor in numbers.
struct MPSNN_API ConvolutionAttributes : Op {
  std::size_t kernel_width = 1, kernel_height = 1, input_feature_channels = 1, output_feature_channels = 1;
  std::size_t stride_in_pixels_x = 1, stride_in_pixels_y = 1, dilation_rate_x = 1, dilation_rate_y = 1;
  std::size_t groups = 1;
  std::size_t channel_multiplier = 0;
  NNConvolutionAccumulatorPrecisionOption accumulator_precision = NNConvolutionAccumulatorPrecisionOption::Float;
  template <class V>
  static void fields(V&& v) {
    using A = ConvolutionAttributes;
    v("kernel_width", &A::kernel_width, "Width of a filter in taps.");
    v("kernel_height", &A::kernel_height, "Height of a filter in taps.");
    v("input_feature_channels", &A::input_feature_channels, "Channels of the source that are read.");
    v("output_feature_channels", &A::output_feature_channels, "Filters.");
    v("stride_in_pixels_x", &A::stride_in_pixels_x, "Horizontal step; the transpose enlarges by it.");
    v("stride_in_pixels_y", &A::stride_in_pixels_y, "Vertical step; the transpose enlarges by it.");
    v("dilation_rate_x", &A::dilation_rate_x, "Horizontal distance between taps.");
    v("dilation_rate_y", &A::dilation_rate_y, "Vertical distance between taps.");
    v("groups", &A::groups, "Groups of channels that do not see one another.");
    v("channel_multiplier", &A::channel_multiplier, "Depthwise: results for each source channel; 0 otherwise.");
    v("accumulator_precision", &A::accumulator_precision, "Precision of the sums.");
  }
  void visit(AttributeVisitor& visitor) override;
  Window window() const override;
  std::size_t result_channels(std::span<const ImageShape> sources) const override;

  /// Groups of channels that do not see one another, a depthwise convolution's single channels included.
  std::size_t group_count() const { return channel_multiplier ? input_feature_channels : groups; }
  std::size_t inputs_per_group() const { return input_feature_channels / group_count(); }
  std::size_t outputs_per_group() const { return output_feature_channels / group_count(); }
  std::size_t weight_count() const { return output_feature_channels * kernel_height * kernel_width * inputs_per_group(); }
};

/// Parameters of all of them: weights (O, kH, kW, I/groups), biases (O; may be absent).
struct MPSNN_API ConvolutionOp : ConvolutionAttributes, MakesState {
  std::size_t sub_pixel_scale_factor = 1;
  NNNeuronDescriptor neuron;
  /// result = neuron(convolution + sources[1]); only the planner sets it, only without sub-pixels.
  bool adds_source = false;

  const char* kernel_name() const override { return "MPSCNNConvolution"; }
  void visit(AttributeVisitor& visitor) override;
  bool is_placed_by_policy() const override { return sub_pixel_scale_factor == 1; }
  std::size_t result_channels(std::span<const ImageShape> sources) const override;
  Inferred infer(const InferRequest& request) const override;
  std::shared_ptr<State> make_state(const StateObjectRequest& request) const override;
  bool is_state_shared_across_batch() const override { return true; }
  virtual std::shared_ptr<ConvolutionOp> copy() const { return std::make_shared<ConvolutionOp>(*this); }
};

struct MPSNN_API FullyConnectedOp final : ConvolutionOp {
  const char* kernel_name() const override { return "MPSCNNFullyConnected"; }
  bool is_placed_by_policy() const override { return false; }
  Inferred infer(const InferRequest& request) const override;
  std::shared_ptr<ConvolutionOp> copy() const override { return std::make_shared<FullyConnectedOp>(*this); }
};

struct MPSNN_API ConvolutionTransposeOp final : ConvolutionOp {
  const char* kernel_name() const override { return "MPSCNNConvolutionTranspose"; }
  Window window() const override;
  Inferred infer(const InferRequest& request) const override;
  std::shared_ptr<State> make_state(const StateObjectRequest& request) const override;
  std::shared_ptr<ConvolutionOp> copy() const override { return std::make_shared<ConvolutionTransposeOp>(*this); }
};

/// Leaves the blocks [gradientForWeights, gradientForBiases]: float32 sums over the batch, in the parameters' order.
struct MPSNN_API ConvolutionGradientOp : ConvolutionAttributes {
  const char* kernel_name() const override { return "MPSCNNConvolutionGradient"; }
  Window window() const override;
  std::size_t result_channels(std::span<const ImageShape> sources) const override;
  Inferred infer(const InferRequest& request) const override;
  std::vector<StateDescriptor> states(const StateRequest& request) const override;
};

struct MPSNN_API FullyConnectedGradientOp final : ConvolutionGradientOp {
  const char* kernel_name() const override { return "MPSCNNFullyConnectedGradient"; }
};

struct MPSNN_API ConvolutionTransposeGradientOp final : ConvolutionGradientOp {
  const char* kernel_name() const override { return "MPSCNNConvolutionTransposeGradient"; }
};

// States ------------------------------------------------------------------------------------------------------------

/// MPSCNNConvolutionGradientState: the weight gradients of one batch, and the forward filter's settings.
class MPSNN_API CNNConvolutionGradientState : public NNGradientState {
 public:
  CNNConvolutionGradientState(std::shared_ptr<Buffer> gradient_for_weights, std::shared_ptr<Buffer> gradient_for_biases,
                              std::size_t source_width, std::size_t source_height, std::shared_ptr<CNNKernel> convolution);
  /// Float32, in the order of the weights: sums over all images of the batch.
  const std::shared_ptr<Buffer>& gradient_for_weights() const { return resources_[0]; }
  const std::shared_ptr<Buffer>& gradient_for_biases() const { return resources_[1]; }
  CNNConvolutionWeightsLayout gradient_for_weights_layout() const { return CNNConvolutionWeightsLayout::OHWI; }
  std::size_t source_width() const { return source_width_; }
  std::size_t source_height() const { return source_height_; }
  /// The CNNConvolution that made it, or one that shares the parameters of the graph that did, with the place of the windows in
  /// that encode; of a device's own convolutions only window and place. Null for a transposed convolution that mirrors none.
  std::shared_ptr<CNNKernel> convolution();

 private:
  friend class CNNConvolution;
  friend class CNNConvolutionTranspose;
  std::size_t source_width_, source_height_;
  std::shared_ptr<CNNKernel> convolution_;
};

/// MPSCNNConvolutionTransposeGradientState.
class MPSNN_API CNNConvolutionTransposeGradientState final : public CNNConvolutionGradientState {
 public:
  CNNConvolutionTransposeGradientState(std::shared_ptr<Buffer> gradient_for_weights, std::shared_ptr<Buffer> gradient_for_biases,
                                       std::size_t source_width, std::size_t source_height,
                                       std::shared_ptr<CNNKernel> convolution_transpose);
  /// The CNNConvolutionTranspose that made it; see `convolution`.
  std::shared_ptr<CNNKernel> convolution_transpose();

 private:
  friend class CNNConvolutionTranspose;
  std::shared_ptr<CNNKernel> convolution_transpose_;
};

/// MPSCNNConvolutionWeightsAndBiasesState: float32 weights and biases. Offsets are in bytes.
class MPSNN_API CNNConvolutionWeightsAndBiasesState final : public State {
 public:
  /// Null biases: there are none.
  explicit CNNConvolutionWeightsAndBiasesState(std::shared_ptr<Buffer> weights, std::shared_ptr<Buffer> biases = nullptr);
  /// Room for both.
  explicit CNNConvolutionWeightsAndBiasesState(const CNNConvolutionDescriptor& descriptor);
  /// Ranges of larger buffers; throws InvalidArgument where they do not fit.
  CNNConvolutionWeightsAndBiasesState(std::shared_ptr<Buffer> weights, std::size_t weights_offset, std::shared_ptr<Buffer> biases,
                                      std::size_t biases_offset, const CNNConvolutionDescriptor& descriptor);
  static std::shared_ptr<CNNConvolutionWeightsAndBiasesState> temporary_cnn_convolution_weights_and_biases_state(
      const std::shared_ptr<CommandBuffer>& command_buffer, const CNNConvolutionDescriptor& descriptor);
  const std::shared_ptr<Buffer>& weights() const { return resources_[0]; }
  std::shared_ptr<Buffer> biases() const { return resources_.size() > 1 ? resources_[1] : nullptr; }
  std::size_t weights_offset() const { return weights_offset_; }
  std::size_t biases_offset() const { return biases_offset_; }

 private:
  std::size_t weights_offset_ = 0, biases_offset_ = 0;
};

// Nodes -------------------------------------------------------------------------------------------------------------

/// MPSCNNConvolutionGradientStateNode.
class MPSNN_API CNNConvolutionGradientStateNode : public NNGradientStateNode {
 public:
  const char* class_name() const override { return "MPSCNNConvolutionGradientStateNode"; }
};

/// MPSCNNConvolutionTransposeGradientStateNode.
class MPSNN_API CNNConvolutionTransposeGradientStateNode final : public CNNConvolutionGradientStateNode {
 public:
  const char* class_name() const override { return "MPSCNNConvolutionTransposeGradientStateNode"; }
};

using ConvolutionSourcePtr = std::shared_ptr<CNNConvolutionDataSource>;

/// MPSCNNConvolutionNode. Its attributes are those of the data source's descriptor when a graph is made.
class MPSNN_API CNNConvolutionNode : public NNFilterNode, public NNTrainableNode {
 public:
  CNNConvolutionNode(ImageNodePtr source, ConvolutionSourcePtr weights);
  const char* class_name() const override { return "MPSCNNConvolutionNode"; }
  std::shared_ptr<const Op> op() const override;
  Lowered lower(const LowerRequest& request) const override;

  NNConvolutionAccumulatorPrecisionOption accumulator_precision = NNConvolutionAccumulatorPrecisionOption::Float;
  const ConvolutionSourcePtr& weights() const { return weights_; }
  /// Null for binary filters, which have no gradient.
  std::shared_ptr<CNNConvolutionGradientStateNode> convolution_gradient_state();

 protected:
  CNNConvolutionNode(ImageNodePtr source, std::vector<StateNodePtr> source_states, ConvolutionSourcePtr weights,
                     std::unique_ptr<CNNConvolutionGradientStateNode> state);
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;

 private:
  ConvolutionSourcePtr weights_;
};

/// MPSCNNFullyConnectedNode: a filter as large as the source, so that the result is one pixel.
class MPSNN_API CNNFullyConnectedNode final : public CNNConvolutionNode {
 public:
  CNNFullyConnectedNode(ImageNodePtr source, ConvolutionSourcePtr weights);
  const char* class_name() const override { return "MPSCNNFullyConnectedNode"; }
  std::shared_ptr<const Op> op() const override;

 protected:
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

/// MPSCNNConvolutionTransposeNode. A convolution's gradient state gives the result the size of that convolution's source.
class MPSNN_API CNNConvolutionTransposeNode final : public CNNConvolutionNode {
 public:
  CNNConvolutionTransposeNode(ImageNodePtr source, std::shared_ptr<CNNConvolutionGradientStateNode> convolution_gradient_state,
                              ConvolutionSourcePtr weights);
  const char* class_name() const override { return "MPSCNNConvolutionTransposeNode"; }
  std::shared_ptr<const Op> op() const override;

 protected:
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

/// MPSCNNConvolutionGradientNode. Null weights are the forward filter's.
class MPSNN_API CNNConvolutionGradientNode : public NNGradientFilterNode, public NNTrainableNode {
 public:
  CNNConvolutionGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image,
                             std::shared_ptr<CNNConvolutionGradientStateNode> convolution_gradient_state,
                             ConvolutionSourcePtr weights = nullptr);
  const char* class_name() const override { return "MPSCNNConvolutionGradientNode"; }
  std::shared_ptr<const Op> op() const override;
  Lowered lower(const LowerRequest& request) const override;
  bool updates_parameters() const override;
  const ConvolutionSourcePtr& weights() const { return weights_; }

 protected:
  virtual std::shared_ptr<ConvolutionGradientOp> make_op() const;

 private:
  ConvolutionSourcePtr weights_;
};

/// MPSCNNFullyConnectedGradientNode.
class MPSNN_API CNNFullyConnectedGradientNode final : public CNNConvolutionGradientNode {
 public:
  using CNNConvolutionGradientNode::CNNConvolutionGradientNode;
  const char* class_name() const override { return "MPSCNNFullyConnectedGradientNode"; }

 protected:
  std::shared_ptr<ConvolutionGradientOp> make_op() const override;
};

/// MPSCNNConvolutionTransposeGradientNode.
class MPSNN_API CNNConvolutionTransposeGradientNode final : public CNNConvolutionGradientNode {
 public:
  CNNConvolutionTransposeGradientNode(
      ImageNodePtr source_gradient, ImageNodePtr source_image,
      std::shared_ptr<CNNConvolutionTransposeGradientStateNode> convolution_transpose_gradient_state,
      ConvolutionSourcePtr weights = nullptr);
  const char* class_name() const override { return "MPSCNNConvolutionTransposeGradientNode"; }

 protected:
  std::shared_ptr<ConvolutionGradientOp> make_op() const override;
};

}  // namespace mpsnn
