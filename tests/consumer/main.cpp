// Trains a small network to tell in which quarter of a noisy image the bright spot is.
#include <cstdio>
#include <exception>
#include <memory>
#include <mpsnn/mpsnn.hpp>
#include <random>
#include <vector>

namespace {

constexpr std::size_t kSize = 12, kClasses = 4, kBatch = 32;
constexpr int kSteps = 40;

std::shared_ptr<mpsnn::ConvolutionWeights> weights(std::size_t kernel, std::size_t inputs, std::size_t outputs,
                                                   std::uint64_t seed) {
  const auto descriptor = std::make_shared<mpsnn::CNNConvolutionDescriptor>(kernel, kernel, inputs, outputs);
  mpsnn::ConvolutionWeightsOptions options;
  options.optimizer = mpsnn::NNOptimizerAdam::with_learning_rate(0.005f);
  return std::make_shared<mpsnn::ConvolutionWeights>(descriptor, seed, std::vector<float>(outputs), options);
}

mpsnn::NNGraph training_graph() {
  mpsnn::ImageNodePtr x = std::make_shared<mpsnn::NNImageNode>();
  x = std::make_shared<mpsnn::CNNConvolutionNode>(x, weights(3, 1, 8, 1))->result_image();  // 12 x 12 x 8
  x = std::make_shared<mpsnn::CNNNeuronReLUNode>(x)->result_image();
  x = std::make_shared<mpsnn::CNNPoolingMaxNode>(x, mpsnn::pooling_op<mpsnn::PoolingMaxOp>(2))->result_image();  // 6 x 6 x 8
  x = std::make_shared<mpsnn::CNNFullyConnectedNode>(x, weights(6, 8, kClasses, 2))->result_image();             // 1 x 1 x 4
  mpsnn::CNNLossDescriptor loss;
  loss.loss_type = mpsnn::CNNLossType::SoftMaxCrossEntropy;
  loss.reduction_type = mpsnn::CNNReductionType::Sum;
  loss.weight = 1.0f / kBatch;
  const auto last = std::make_shared<mpsnn::CNNLossNode>(x, loss)->training_graph_with_source_gradient();
  return mpsnn::NNGraph(last[0]->result_image(), false);
}

/// One step on new images; returns their mean loss.
float train(mpsnn::NNGraph& graph, const std::shared_ptr<mpsnn::CommandQueue>& queue, std::mt19937& random) {
  std::vector<float> pixels(kBatch * kSize * kSize), truth(kBatch * kClasses);
  std::normal_distribution<float> noise(0, 0.3f);
  for (float& pixel : pixels) pixel = noise(random);
  for (std::size_t n = 0; n < kBatch; ++n) {
    const std::size_t quarter = random() % kClasses;
    const std::size_t y = random() % 5 + quarter / 2 * 6, x = random() % 5 + quarter % 2 * 6;
    for (std::size_t i = 0; i < 4; ++i) pixels[(n * kSize + y + i / 2) * kSize + x + i % 2] += 2;
    truth[n * kClasses + quarter] = 1;
  }
  mpsnn::ImageDescriptor descriptor;
  descriptor.height = descriptor.width = kSize;
  descriptor.number_of_images = kBatch;
  descriptor.channel_format = mpsnn::ImageFeatureChannelFormat::Float32;
  const auto images = mpsnn::Image::wrap(queue->device(), descriptor, pixels.data(), nullptr);
  const auto labels = mpsnn::CNNLossLabels::batch(kBatch, {1, 1, kClasses}, truth);

  const auto command_buffer = queue->command_buffer();
  graph.encode_batch_to_command_buffer(command_buffer, {images->batch_representation()}, {{labels.begin(), labels.end()}});
  command_buffer->commit();
  command_buffer->wait_until_completed();
  float sum = 0;
  for (const auto& label : labels) sum += *static_cast<const float*>(label->loss_image()->view().data);
  return sum;
}

}  // namespace

int main() try {
  mpsnn::NNGraph graph = training_graph();
  const auto queue = mpsnn::CommandQueue::make();
  std::mt19937 random(1);
  std::printf("%s\n", queue->device()->description().c_str());
  float first = 0, loss = 0;
  for (int step = 0; step < kSteps; ++step) {
    loss = train(graph, queue, random);
    if (step == 0) first = loss;
    if (step % 5 == 0 || step == kSteps - 1) std::printf("step %2d  loss %.4f\n", step, loss);
  }
  mpsnn::stop_all_queues();
  if (loss < first / 4) return 0;
  std::fprintf(stderr, "the loss did not fall: %g at first, %g at last\n", first, loss);
  return 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
