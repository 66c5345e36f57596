#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "check.hpp"
#include "mpsnn/mpsnn.hpp"

namespace {

using namespace mpsnn;

constexpr std::size_t kBatch = 2, kHeight = 6, kWidth = 5, kChannels = 3, kClasses = 4;

std::vector<float> noise(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<float> values(count);
  for (float& value : values) value = float(random() >> 8) * 0x1p-24f - 0.5f;
  return values;
}

std::shared_ptr<ConvolutionWeights> weights(std::size_t width, std::size_t height, std::size_t inputs, std::size_t outputs) {
  ConvolutionWeightsOptions options;
  options.optimizer = NNOptimizerAdam::with_learning_rate(1e-2f);
  options.label = "weights";
  return std::make_shared<ConvolutionWeights>(std::make_shared<CNNConvolutionDescriptor>(width, height, inputs, outputs),
                                              std::uint64_t(outputs), std::vector<float>(outputs), options);
}

/// Convolution, batch normalisation, dropout, fully connected; softmax cross entropy.
std::shared_ptr<NNGraph> training_graph(NNTrainingStyle style) {
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

float step(NNGraph& graph, unsigned number) {
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

void goes_on(NNTrainingStyle style) {
  const auto expected = training_graph(style), graph = training_graph(style);
  for (unsigned i = 0; i < 4; ++i) CHECK_EQUAL(step(*graph, i), step(*expected, i));
  const auto loaded = std::make_shared<NNGraph>(graph->save());
  const auto copied = graph->copy();
  CHECK_EQUAL(loaded->debug_description(), expected->debug_description());
  CHECK_EQUAL(copied->debug_description(), expected->debug_description());
  for (unsigned i = 4; i < 8; ++i) {
    const float loss = step(*expected, i);
    CHECK(std::isfinite(loss));
    CHECK_EQUAL(step(*loaded, i), loss);
    CHECK_EQUAL(step(*copied, i), loss);
  }
  // The graph they came from has not moved meanwhile.
  CHECK_EQUAL(step(*graph, 4), step(*std::make_shared<NNGraph>([&] {
                const auto again = training_graph(style);
                for (unsigned i = 0; i < 4; ++i) step(*again, i);
                return again->save();
              }()),
                                    4));
}

TEST(training_goes_on_in_gpu_style) { goes_on(NNTrainingStyle::UpdateDeviceGPU); }
TEST(training_goes_on_in_cpu_style) { goes_on(NNTrainingStyle::UpdateDeviceCPU); }

TEST(handles_come_back_as_labels) {
  const NNGraph loaded(training_graph(NNTrainingStyle::UpdateDeviceGPU)->save());
  CHECK_EQUAL(loaded.source_image_handles().at(0)->label(), "photo");
}

TEST(data_sources) {
  const NNGraph loaded(training_graph(NNTrainingStyle::UpdateDeviceGPU)->save());
  const auto sources = loaded.data_sources();
  CHECK_EQUAL(sources.size(), 3u);
  const auto first = std::dynamic_pointer_cast<ConvolutionWeights>(sources.at(0));
  CHECK(first && first->optimizer());
  CHECK_EQUAL(sources.at(0)->label(), "weights");
}

TEST(wrong_data_is_named) {
  const SavedGraph good = training_graph(NNTrainingStyle::UpdateDeviceGPU)->save();
  const auto broken = [&](auto change) {
    SavedGraph saved = good;
    change(saved);
    NNGraph graph(saved);
  };
  CHECK_THROWS(GraphError, "version", broken([](SavedGraph& s) { s.version = SavedGraph::kVersion + 1; }));
  CHECK_THROWS(GraphError, "there is no class \"MPSNoNode\"",
               broken([](SavedGraph& s) { s.filters[0].class_name = "MPSNoNode"; }));
  CHECK_THROWS(GraphError, "there is no attribute \"b\"", broken([](SavedGraph& s) { s.filters[3].attributes["b"] = 1.0; }));
  CHECK_THROWS(GraphError, "a cycle", broken([](SavedGraph& s) { s.filters[0].source_images[0] = s.filters[2].result_image; }));
  CHECK_THROWS(GraphError, "\"weights.0\" has 1 values",
               broken([](SavedGraph& s) { s.sources[0].arrays["weights.0"] = {1.0f}; }));
  CHECK_THROWS(InvalidArgument, "weights has 1 elements", broken([](SavedGraph& s) { s.sources[0].arrays["weights"] = {1.0f}; }));
  CHECK_THROWS(GraphError, "there is no image 1234", broken([](SavedGraph& s) { s.results[0].image = 1234; }));
}

// Changes one leaf of the data, the one that `left` counts down to.
class Mutation {
 public:
  Mutation(std::size_t left, std::mt19937& random) : left_(left), random_(random) {}

  template <class T>
  requires requires {
    T::fields([](auto...) {});
  }
  void visit(T& item) {
    T::fields([&](const char*, auto member) { visit(item.*member); });
  }
  template <class T>
  void visit(std::vector<T>& items) {
    if constexpr (!std::is_same_v<T, float>) {
      for (T& item : items) visit(item);
    }
    if (!here() || items.empty()) return;
    if (random_() % 2) {
      items.pop_back();
    } else {
      items.push_back(items[random_() % items.size()]);
    }
  }
  template <class T>
  void visit(std::map<std::string, T>& items) {
    for (auto& [name, item] : items) visit(item);
    if (here() && !items.empty()) items.erase(items.begin());
  }
  template <class T>
  void visit(std::optional<T>& item) {
    if (item) visit(*item);
    if (here()) item.reset();
  }
  void visit(SavedAttribute& attribute) {
    std::visit([&](auto& value) { visit(value); }, attribute);
  }
  void visit(bool& value) {
    if (here()) value = !value;
  }
  void visit(std::int64_t& value) {
    constexpr std::int64_t kOdd[] = {-1,
                                     0,
                                     1,
                                     2,
                                     3,
                                     5,
                                     8,
                                     100,
                                     std::int64_t(1) << 31,
                                     std::numeric_limits<std::int64_t>::max(),
                                     std::numeric_limits<std::int64_t>::min()};
    if (here()) value = kOdd[random_() % std::size(kOdd)];
  }
  void visit(double& value) {
    constexpr double kOdd[] = {0, -1, 1e300, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()};
    if (here()) value = kOdd[random_() % std::size(kOdd)];
  }
  void visit(std::string& value) {
    const char* const kOdd[] = {"", "weights", "MPSNNAdditionNode", "MPSCNNPoolingMaxGradientNode", "frozen_convolution"};
    if (here()) value = kOdd[random_() % std::size(kOdd)];
  }
  template <class E>
  requires std::is_enum_v<E>
  void visit(E& value) {
    if (here()) value = E(random_() % 8 == 0 ? random_() : random_() % 8);
  }
  /// How many leaves there were before it, once it has visited everything.
  std::size_t count() const { return seen_; }

 private:
  bool here() { return seen_++ == left_; }
  std::size_t left_, seen_ = 0;
  std::mt19937& random_;
};

TEST(garbage_never_crashes) {
  std::mt19937 random(5);
  SavedGraph good = training_graph(NNTrainingStyle::UpdateDeviceCPU)->save();
  Mutation nothing(std::numeric_limits<std::size_t>::max(), random);
  nothing.visit(good);
  std::size_t loaded = 0, refused = 0;
  for (int round = 0; round < 1500; ++round) {
    SavedGraph damaged = good;
    for (unsigned changes = 1 + random() % 2; changes > 0; --changes) Mutation(random() % nothing.count(), random).visit(damaged);
    try {
      NNGraph graph(damaged);
      ++loaded;
      if (graph.source_image_handles().size() == 1 && graph.source_state_handles().size() == 1) step(graph, 1);
    } catch (const Error&) {
      ++refused;
    }
  }
  CHECK(loaded > 100);
  CHECK(refused > 300);
}

}  // namespace
