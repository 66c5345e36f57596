#include <atomic>
#include <cmath>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "digit_network.hpp"

namespace {

using namespace mpsnn;
using digits::kClasses;
using digits::kSize;

constexpr std::size_t kBatch = 4;

ImagePtr make_images(unsigned seed, std::size_t count = kBatch) {
  ImageDescriptor d;
  d.height = d.width = kSize;
  d.number_of_images = count;
  d.channel_format = ImageFeatureChannelFormat::Float32;
  auto owner = std::make_shared<std::vector<float>>(digits::noise(count * kSize * kSize, seed));
  return Image::wrap(default_device(), d, owner->data(), owner);
}

StateBatch make_labels() {
  const auto labels = CNNLossLabels::batch(kBatch, {1, 1, kClasses}, digits::one_hot(kBatch));
  return {labels.begin(), labels.end()};
}

float loss_of(const StateBatch& labels) {
  float sum = 0;
  for (const auto& state : labels) {
    float loss = 0;
    static_cast<CNNLossLabels&>(*state).loss_image()->read_bytes(&loss, sizeof(loss), {});
    sum += loss;
  }
  return sum;
}

std::vector<float> values_of(Image& image) {
  std::vector<float> values(image.height() * image.width() * image.feature_channels());
  image.read_bytes(values.data(), values.size() * sizeof(float), {});
  return values;
}

std::vector<float> losses_of_training(NNTrainingStyle style, int steps) {
  digits::Network network;
  NNGraph graph(network.training(kBatch, style), false);
  graph.format = ImageFeatureChannelFormat::Float32;
  const auto queue = CommandQueue::make();
  const auto images = make_images(3)->batch_representation();
  std::vector<float> losses;
  for (int step = 0; step < steps; ++step) {
    const auto labels = make_labels();
    const auto command_buffer = queue->command_buffer();
    graph.encode_batch_to_command_buffer(command_buffer, {images}, {labels});
    command_buffer->commit();
    command_buffer->wait_until_completed();
    losses.push_back(loss_of(labels));
  }
  return losses;
}

TEST(training_learns_the_same_in_both_styles) {
  const auto gpu = losses_of_training(NNTrainingStyle::UpdateDeviceGPU, 8);
  const auto cpu = losses_of_training(NNTrainingStyle::UpdateDeviceCPU, 8);
  CHECK(gpu.front() > 1);
  CHECK(gpu.back() < gpu.front() / 2);
  for (std::size_t i = 0; i < gpu.size(); ++i) CHECK(std::abs(gpu[i] - cpu[i]) <= 1e-5f * gpu[0]);
}

TEST(steps_encoded_ahead) {
  // All of an epoch recorded before any of it has run: each step sees the values the one before left.
  digits::Network network;
  NNGraph graph(network.training(kBatch), false);
  graph.format = ImageFeatureChannelFormat::Float32;
  const auto queue = CommandQueue::make();
  const auto images = make_images(3)->batch_representation();
  std::vector<StateBatch> labels;
  std::vector<std::shared_ptr<CommandBuffer>> command_buffers;
  for (int step = 0; step < 5; ++step) {
    labels.push_back(make_labels());
    command_buffers.push_back(queue->command_buffer());
    graph.encode_batch_to_command_buffer(command_buffers.back(), {images}, {labels.back()});
  }
  for (auto& command_buffer : command_buffers) command_buffer->commit();
  command_buffers.back()->wait_until_completed();
  const auto expected = losses_of_training(NNTrainingStyle::UpdateDeviceGPU, 5);
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK_EQUAL(loss_of(labels[i]), expected[i]);
}

TEST(one_graph_on_two_queues) {
  digits::Network network;
  NNGraph graph(network.inference());
  graph.format = ImageFeatureChannelFormat::Float32;
  const std::shared_ptr<CommandQueue> queues[] = {CommandQueue::make(), CommandQueue::make()};
  std::vector<std::shared_ptr<CommandBuffer>> command_buffers;
  std::vector<ImagePtr> results;
  for (unsigned i = 0; i < 12; ++i) {
    command_buffers.push_back(queues[i % 2]->command_buffer());
    results.push_back(graph.encode_to_command_buffer(command_buffers.back(), {make_images(i / 2, 1)}));
    command_buffers.back()->commit();
  }
  for (auto& command_buffer : command_buffers) command_buffer->wait_until_completed();
  for (std::size_t i = 0; i < results.size(); i += 2) {
    const auto a = values_of(*results[i]), b = values_of(*results[i + 1]);
    CHECK(a == b);
    float sum = 0;
    for (float p : a) sum += p;
    CHECK(std::abs(sum - 1) < 1e-5f);
  }
  CHECK(values_of(*results[0]) != values_of(*results[2]));
}

TEST(threads_with_a_graph_each) {
  std::vector<std::vector<float>> results(4);
  std::vector<std::thread> threads;
  for (auto& result : results) {
    threads.emplace_back([&result] {
      digits::Network network;
      NNGraph graph(network.inference());
      graph.format = ImageFeatureChannelFormat::Float32;
      const auto queue = CommandQueue::make();
      const auto command_buffer = queue->command_buffer();
      const auto image = graph.encode_to_command_buffer(command_buffer, {make_images(1, 1)});
      command_buffer->commit();
      command_buffer->wait_until_completed();
      result = values_of(*image);
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& result : results) CHECK(result == results[0] && result.size() == kClasses);
}

TEST(everything_dropped_before_the_work_has_run) {
  ImagePtr result;
  std::shared_ptr<CommandBuffer> command_buffer;
  {
    digits::Network network;
    NNGraph graph(network.inference());
    const auto queue = CommandQueue::make();
    command_buffer = queue->command_buffer();
    result = graph.encode_to_command_buffer(command_buffer, {make_images(1, 1)});
    command_buffer->commit();
  }
  command_buffer->wait_until_completed();
  CHECK_EQUAL(result->feature_channels(), kClasses);
}

TEST(execute_async) {
  digits::Network network;
  NNGraph graph(network.inference());
  std::atomic<int> good{0}, done{0};
  for (unsigned i = 0; i < 4; ++i) {
    graph.execute_async_with_source_images({make_images(i, 1)}, [&](const ImagePtr& image, std::exception_ptr error) {
      good += image && !error;
      ++done;
    });
  }
  while (done < 4) std::this_thread::yield();
  CHECK_EQUAL(good.load(), 4);
}

/// Asks for more memory than there is, once the graph runs.
class Failing final : public ImageAllocator {
 public:
  ImagePtr image_for_command_buffer(const std::shared_ptr<CommandBuffer>&, const ImageDescriptor&, Kernel*) override {
    throw OutOfMemory("no image for you");
  }
};

TEST(an_encode_that_fails_records_nothing) {
  digits::Network network;
  NNGraph graph(network.inference());
  graph.destination_image_allocator = std::make_shared<Failing>();
  const auto queue = CommandQueue::make();
  const auto command_buffer = queue->command_buffer();
  CHECK_THROWS(OutOfMemory, "no image", graph.encode_to_command_buffer(command_buffer, {make_images(1, 1)}));
  graph.destination_image_allocator = Image::default_allocator();
  const auto image = graph.encode_to_command_buffer(command_buffer, {make_images(1, 1)});
  command_buffer->commit();
  command_buffer->wait_until_completed();
  CHECK(image != nullptr);
}

TEST(bad_encodes_are_refused) {
  digits::Network network;
  NNGraph graph(network.inference());
  const auto queue = CommandQueue::make();
  const auto command_buffer = queue->command_buffer();
  CHECK_THROWS(Error, "", graph.encode_to_command_buffer(command_buffer, {}));
  CHECK_THROWS(Error, "", graph.encode_to_command_buffer(command_buffer, {nullptr}));
  CHECK_THROWS(Error, "", graph.encode_to_command_buffer(nullptr, {make_images(1, 1)}));
  CHECK_THROWS(Error, "", graph.encode_batch_to_command_buffer(command_buffer, {ImageBatch{}}));
  CHECK_THROWS(Error, "number_of_images", graph.encode_batch_to_command_buffer(command_buffer, {ImageBatch{make_images(1, 2)}}));
  NNGraph training(network.training(kBatch), false);
  const auto images = make_images(1)->batch_representation();
  CHECK_THROWS(Error, "", training.encode_batch_to_command_buffer(command_buffer, {images}));
  CHECK_THROWS(Error, "", training.encode_batch_to_command_buffer(command_buffer, {images}, {StateBatch{}}));
  CHECK_THROWS(Error, "", NNGraph(std::vector<ImageNodePtr>{}));
  CHECK_THROWS(Error, "", NNGraph(std::vector<ImageNodePtr>{nullptr}));
}

TEST(long_chains_are_released_without_recursion) {
  ImageNodePtr x = std::make_shared<NNImageNode>();
  for (int i = 0; i < 200000; ++i) x = std::make_shared<CNNNeuronReLUNode>(x)->result_image();
  x.reset();
}

}  // namespace
