#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "mpsnn/mpsnn.hpp"

namespace digits {

using namespace mpsnn;

constexpr std::size_t kSize = 28, kClasses = 10;

inline std::shared_ptr<ConvolutionWeights> weights(std::size_t kernel, std::size_t inputs, std::size_t outputs) {
  const auto descriptor = std::make_shared<CNNConvolutionDescriptor>(kernel, kernel, inputs, outputs);
  ConvolutionWeightsOptions options;
  options.optimizer = NNOptimizerAdam::with_learning_rate(1e-3f);
  return std::make_shared<ConvolutionWeights>(descriptor, std::uint64_t(inputs), std::vector<float>(outputs), options);
}

/// Apple's sample network. The seeds are fixed: two networks start alike.
struct Network {
  std::shared_ptr<ConvolutionWeights> conv1 = weights(5, 1, 32), conv2 = weights(5, 32, 64), fc1 = weights(7, 64, 1024),
                                      fc2 = weights(1, 1024, kClasses);

  /// 28 x 28 x 1 to 1 x 1 x 10.
  ImageNodePtr scores(bool dropout, NNTrainingStyle style = NNTrainingStyle::UpdateDeviceGPU) const {
    ImageNodePtr x = std::make_shared<NNImageNode>();
    const auto convolve = [&](auto node) {
      node->training_style = style;
      return node->result_image();
    };
    x = convolve(std::make_shared<CNNConvolutionNode>(x, conv1));
    x = std::make_shared<CNNNeuronReLUNode>(x)->result_image();
    x = std::make_shared<CNNPoolingMaxNode>(x, pooling_op<PoolingMaxOp>(2))->result_image();
    x = convolve(std::make_shared<CNNConvolutionNode>(x, conv2));
    x = std::make_shared<CNNNeuronReLUNode>(x)->result_image();
    x = std::make_shared<CNNPoolingMaxNode>(x, pooling_op<PoolingMaxOp>(2))->result_image();
    x = convolve(std::make_shared<CNNFullyConnectedNode>(x, fc1));
    x = std::make_shared<CNNNeuronReLUNode>(x)->result_image();
    if (dropout) x = std::make_shared<CNNDropoutNode>(x)->result_image();
    return convolve(std::make_shared<CNNFullyConnectedNode>(x, fc2));
  }

  ImageNodePtr inference() const { return std::make_shared<CNNSoftMaxNode>(scores(false))->result_image(); }

  /// The gradient of the source image, at the end of the training graph.
  ImageNodePtr training(std::size_t batch, NNTrainingStyle style = NNTrainingStyle::UpdateDeviceGPU) const {
    CNNLossDescriptor loss;
    loss.loss_type = CNNLossType::SoftMaxCrossEntropy;
    loss.reduction_type = CNNReductionType::Sum;
    loss.weight = 1.0f / float(batch);
    const auto node = std::make_shared<CNNLossNode>(scores(true, style), loss);
    return node->training_graph_with_source_gradient()[0]->result_image();
  }
};

inline std::vector<float> noise(std::size_t count, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::vector<float> values(count);
  for (float& value : values) value = float(random() >> 8) * 0x1p-24f;
  return values;
}

/// Image n shows digit n % 10.
inline std::vector<float> one_hot(std::size_t batch) {
  std::vector<float> values(batch * kClasses);
  for (std::size_t n = 0; n < batch; ++n) values[n * kClasses + n % kClasses] = 1;
  return values;
}

}  // namespace digits
