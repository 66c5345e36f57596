// libFuzzer: graphs from damaged data are refused with an error of ours, or run.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <span>

#include "../cpp/mutation.hpp"
#include "../cpp/small_network.hpp"
#include "saved_graph_bytes.hpp"

namespace {

using namespace mpsnn;

SavedGraph decode(std::span<const std::uint8_t> bytes) {
  SavedGraph saved;
  FromBytes(bytes).visit(saved);
  return saved;
}

std::vector<std::uint8_t> encode(const SavedGraph& saved) {
  ToBytes writer;
  writer.visit(saved);
  return std::move(writer.bytes);
}

/// What the mutations start from: graphs of real networks.
const std::vector<SavedGraph>& seeds() {
  static const std::vector<SavedGraph> graphs = [] {
    std::vector<SavedGraph> made;
    for (const auto style : {NNTrainingStyle::UpdateDeviceGPU, NNTrainingStyle::UpdateDeviceCPU}) {
      made.push_back(small::training_graph(style)->save());
    }
    ImageNodePtr x = std::make_shared<NNImageNode>();
    x = std::make_shared<CNNPoolingMaxNode>(x, pooling_op<PoolingMaxOp>(2))->result_image();
    x = std::make_shared<NNConcatenationNode>(std::vector<ImageNodePtr>{x, x})->result_image();
    x = std::make_shared<CNNNeuronPReLUNode>(x, std::vector<float>(8, 0.5f))->result_image();
    const auto last = std::make_shared<CNNSoftMaxNode>(std::make_shared<NNAdditionNode>(x, x)->result_image());
    const auto ends = last->training_graph_with_source_gradient(std::make_shared<NNImageNode>());
    made.push_back(NNGraph({last->result_image(), ends[0]->result_image()}, {}).save());
    return made;
  }();
  return graphs;
}

void run(NNGraph& graph) {
  const std::size_t images = graph.source_image_handles().size(), states = graph.source_state_handles().size();
  if (images > 4 || states > 4) return;
  ImageDescriptor d;
  d.height = small::kHeight;
  d.width = small::kWidth;
  d.feature_channels = small::kChannels;
  d.number_of_images = small::kBatch;
  d.channel_format = ImageFeatureChannelFormat::Float32;
  const ImageBatch batch = std::make_shared<Image>(default_device(), d)->batch_representation();
  const auto labels =
      CNNLossLabels::batch(small::kBatch, {1, 1, small::kClasses}, std::vector<float>(small::kBatch * small::kClasses));
  const auto command_buffer = CommandQueue::make()->command_buffer();
  graph.encode_batch_to_command_buffer(command_buffer, std::vector<ImageBatch>(images, batch),
                                       std::vector<StateBatch>(states, StateBatch(labels.begin(), labels.end())));
  command_buffer->commit();
  command_buffer->wait_until_completed();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    NNGraph graph(decode({data, size}));
    const SavedGraph saved = graph.save();
    // What a graph says of itself makes the same graph.
    if (encode(NNGraph(saved).save()) != encode(saved)) std::abort();
    graph.options = KernelOptions::None;  // prints nothing
    run(graph);
  } catch (const Error&) {
  }
  return 0;
}

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t capacity);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t capacity, unsigned seed) {
  std::mt19937 random(seed);
  if (random() % 8 == 0) return LLVMFuzzerMutate(data, size, capacity);
  SavedGraph saved = size < 8 ? seeds()[random() % seeds().size()] : decode({data, size});
  for (unsigned changes = random() % 3; changes > 0; --changes) mutate(saved, random);
  const auto bytes = encode(saved);
  if (bytes.size() > capacity) return size;
  std::memcpy(data, bytes.data(), bytes.size());
  return bytes.size();
}

// Memory beyond reason is refused by the library, not by the sanitizer.
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }
