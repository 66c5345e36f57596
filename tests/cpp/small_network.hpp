#pragma once

#include <cstddef>
#include <memory>
#include <random>
#include <vector>

#include "mpsnn/mpsnn.hpp"

// A network of every kind of layer that trains, small enough to be saved and loaded many times.

namespace small {

using namespace mpsnn;

constexpr std::size_t kBatch = 2, kHeight = 6, kWidth = 5, kChannels = 3, kClasses = 4;

inline std::vector<float> noise(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<float> values(count);
  for (float& value : values) value = float(random() >> 8) * 0x1p-24f - 0.5f;
  return values;
}

inline std::shared_ptr<ConvolutionWeights> weights(std::size_t width, std::size_t height, std::size_t inputs,
                                                   std::size_t outputs) {
  ConvolutionWeightsOptions options;
  options.optimizer = NNOptimizerAdam::with_learning_rate(1e-2f);
  options.label = "weights";
  return std::make_shared<ConvolutionWeights>(std::make_shared<CNNConvolutionDescriptor>(width, height, inputs, outputs),
                                              std::uint64_t(outputs), std::vector<float>(outputs), options);
}

/// Convolution, batch normalisation, dropout, fully connected; softmax cross entropy.
inline std::shared_ptr<NNGraph> training_graph(NNTrainingStyle style) {
  ImageNodePtr x = std::make_shared<NNImageNode>(std::make_shared<NamedHandle>("photo"));
  const auto styled = [&](auto node) {
    node->training_style = style;
    return node->result_image();
  };
  x = styled(std::make_shared<CNNConvolutionNode>(x, weights(3, 3, kChannels, 3)));
  BatchNormalizationWeightsOptions options;
  options.optimizer = NNOptimizerRMSProp::with_learning_rate(1e-2f);
  x = styled(std::make_shared<CNNBatchNormalizationNode>(x, std::make_shared<BatchNormalizationWeights>(3, options)));
  x = std::make_shared<CNNNeuronReLUNode>(x, 0.1f)->result_image();
  x = std::make_shared<CNNDropoutNode>(x)->result_image();
  x = styled(std::make_shared<CNNFullyConnectedNode>(x, weights(kWidth, kHeight, 3, kClasses)));
  CNNLossDescriptor loss;
  loss.loss_type = CNNLossType::SoftMaxCrossEntropy;
  loss.reduction_type = CNNReductionType::Sum;
  const auto node = std::make_shared<CNNLossNode>(x, loss);
  auto graph = std::make_shared<NNGraph>(node->training_graph_with_source_gradient()[0]->result_image(), false);
  graph->format = ImageFeatureChannelFormat::Float32;
  return graph;
}

/// One run; the sum of the losses.
inline float step(NNGraph& graph, unsigned number) {
  ImageDescriptor d;
  d.height = kHeight;
  d.width = kWidth;
  d.feature_channels = kChannels;
  d.number_of_images = kBatch;
  d.channel_format = ImageFeatureChannelFormat::Float32;
  auto owner = std::make_shared<std::vector<float>>(noise(kBatch * kHeight * kWidth * kChannels, number));
  const ImageBatch images = Image::wrap(default_device(), d, owner->data(), owner)->batch_representation();
  std::vector<float> truth(kBatch * kClasses);
  for (std::size_t n = 0; n < kBatch; ++n) truth[n * kClasses + (n + number) % kClasses] = 1;
  const auto labels = CNNLossLabels::batch(kBatch, {1, 1, kClasses}, truth);
  const auto command_buffer = CommandQueue::make()->command_buffer();
  graph.encode_batch_to_command_buffer(command_buffer, {images}, {StateBatch(labels.begin(), labels.end())});
  command_buffer->commit();
  command_buffer->wait_until_completed();
  float sum = 0;
  for (const auto& label : labels) {
    float loss = 0;
    label->loss_image()->read_bytes(&loss, sizeof(loss), {});
    sum += loss;
  }
  return sum;
}

}  // namespace small
