#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "mpsnn/nodes/convolution.hpp"

namespace mpsnn {

/// What of the processed source p and the weight bits, which stand for -1 and 1, is added up.
enum class CNNBinaryConvolutionType : std::size_t {
  BinaryWeights = 0,  ///< p times the weight
  XNOR = 1,           ///< 1 where p >= 0 and the weight agree, -1 where not
  AND = 2,            ///< 1 where p >= 0 and the weight is 1
};
enum class CNNBinaryConvolutionFlags : std::size_t { None = 0, UseBetaScaling = 1 };

/// f(sum * output scale * beta + output bias) with p = (source + input bias) * input scale. Parameters: weights of -1 and 1 in
/// the order O, kH, kW, I; biases (O; may be absent).
struct MPSNN_API BinaryConvolutionOp : ConvolutionAttributes {
  CNNBinaryConvolutionType type = CNNBinaryConvolutionType::BinaryWeights;
  CNNBinaryConvolutionFlags flags = CNNBinaryConvolutionFlags::None;
  /// With terms, these replace the scale value and the data source's biases. An empty one stands for 0 (bias) or 1 (scale).
  bool has_terms = true;
  float scale_value = 1;
  std::vector<float> output_bias_terms, output_scale_terms, input_bias_terms, input_scale_terms;
  NNNeuronDescriptor neuron;

  const char* kernel_name() const override { return "MPSCNNBinaryConvolution"; }
  void visit(AttributeVisitor& visitor) override;
  bool is_placed_by_policy() const override { return true; }
  Inferred infer(const InferRequest& request) const override;
};

struct MPSNN_API BinaryFullyConnectedOp final : BinaryConvolutionOp {
  const char* kernel_name() const override { return "MPSCNNBinaryFullyConnected"; }
  bool is_placed_by_policy() const override { return false; }
  Inferred infer(const InferRequest& request) const override;
};

/// MPSCNNBinaryConvolutionNode. Of `op` only what the data source does not say is used. There is no gradient.
class MPSNN_API CNNBinaryConvolutionNode : public CNNConvolutionNode {
 public:
  CNNBinaryConvolutionNode(ImageNodePtr source, ConvolutionSourcePtr weights, BinaryConvolutionOp op);
  const char* class_name() const override { return "MPSCNNBinaryConvolutionNode"; }
  std::shared_ptr<const Op> op() const override;
  Lowered lower(const LowerRequest& request) const override;

 protected:
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
  virtual std::shared_ptr<BinaryConvolutionOp> make_op() const;
  const BinaryConvolutionOp& attributes() const { return attributes_; }

 private:
  void check() const;
  BinaryConvolutionOp attributes_;
};

/// MPSCNNBinaryFullyConnectedNode: a filter as large as the source, so that the result is one pixel.
class MPSNN_API CNNBinaryFullyConnectedNode final : public CNNBinaryConvolutionNode {
 public:
  CNNBinaryFullyConnectedNode(ImageNodePtr source, ConvolutionSourcePtr weights, BinaryConvolutionOp op);
  const char* class_name() const override { return "MPSCNNBinaryFullyConnectedNode"; }

 protected:
  std::shared_ptr<BinaryConvolutionOp> make_op() const override;
};

}  // namespace mpsnn
