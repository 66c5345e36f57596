#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "check.hpp"
#include "mpsnn/mpsnn.hpp"
#include "mutation.hpp"
#include "small_network.hpp"

namespace {

using namespace mpsnn;
using namespace small;

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

TEST(garbage_never_crashes) {
  std::mt19937 random(5);
  const SavedGraph good = training_graph(NNTrainingStyle::UpdateDeviceCPU)->save();
  std::size_t loaded = 0, refused = 0;
  for (int round = 0; round < 1500; ++round) {
    SavedGraph damaged = good;
    for (unsigned changes = 1 + random() % 2; changes > 0; --changes) mutate(damaged, random);
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
