#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "mpsnn/node.hpp"
#include "mpsnn/padding.hpp"
#include "mpsnn/types.hpp"

// A graph as plain data: what `NNGraph::save` gives and `NNGraph(const SavedGraph&)` takes. Ids are indices into the lists of
// `SavedGraph`; -1 is none. Each struct lists its members once, in `fields`: v("name", &Struct::member).

namespace mpsnn {

using SavedAttribute = std::variant<bool, std::int64_t, double, std::string, std::vector<float>>;
using SavedAttributes = std::map<std::string, SavedAttribute>;
using SavedArrays = std::map<std::string, std::vector<float>>;

/// The handle of a node that was loaded: only the label of a handle is saved.
class MPSNN_API NamedHandle final : public Handle {
 public:
  explicit NamedHandle(std::string label) : label_(std::move(label)) {}
  std::string label() const override { return label_; }

 private:
  std::string label_;
};

/// One of the library's two image allocators.
enum class SavedAllocator : std::int64_t { Permanent = 0, Temporary = 1 };

struct SavedImage {
  std::string handle;  ///< label; empty without
  ImageFeatureChannelFormat format = ImageFeatureChannelFormat::None;
  SavedAllocator allocator = SavedAllocator::Temporary;
  bool export_from_graph = false, synchronize_resource = false;
  template <class V>
  static void fields(V&& v) {
    v("handle", &SavedImage::handle);
    v("format", &SavedImage::format);
    v("allocator", &SavedImage::allocator);
    v("export_from_graph", &SavedImage::export_from_graph);
    v("synchronize_resource", &SavedImage::synchronize_resource);
  }
};

struct SavedState {
  std::string handle;
  bool export_from_graph = false, synchronize_resource = false;
  template <class V>
  static void fields(V&& v) {
    v("handle", &SavedState::handle);
    v("export_from_graph", &SavedState::export_from_graph);
    v("synchronize_resource", &SavedState::synchronize_resource);
  }
};

/// One filter. It reads inputs of the graph and results of earlier filters.
struct SavedFilter {
  std::string class_name;  ///< Apple's
  std::string label;
  std::string padding_policy;                                  ///< "", or the name of one of the two TensorFlow policies
  NNPaddingMethod padding_method = NNPaddingMethod::SizeSame;  ///< where `padding_policy` is empty
  std::vector<std::int64_t> source_images, source_states;
  std::int64_t result_image = -1;
  std::int64_t result_state = -1;  ///< none where nobody reads it
  std::int64_t parameters = -1;
  NNTrainingStyle training_style = NNTrainingStyle::UpdateDeviceNone;  ///< None where the filter asks for no update
  SavedAttributes attributes;                                          ///< those of the filter's `Op`
  template <class V>
  static void fields(V&& v) {
    v("class_name", &SavedFilter::class_name);
    v("label", &SavedFilter::label);
    v("padding_policy", &SavedFilter::padding_policy);
    v("padding_method", &SavedFilter::padding_method);
    v("source_images", &SavedFilter::source_images);
    v("source_states", &SavedFilter::source_states);
    v("result_image", &SavedFilter::result_image);
    v("result_state", &SavedFilter::result_state);
    v("parameters", &SavedFilter::parameters);
    v("training_style", &SavedFilter::training_style);
    v("attributes", &SavedFilter::attributes);
  }
};

struct SavedOptimizer {
  std::string class_name;  ///< Apple's
  SavedAttributes attributes;
  template <class V>
  static void fields(V&& v) {
    v("class_name", &SavedOptimizer::class_name);
    v("attributes", &SavedOptimizer::attributes);
  }
};

/// A data source. `ConvolutionWeights` and the ready sources of normalisations that a graph trains are saved with all they need
/// to go on. Every other source is saved as the values in use, frozen: asked for an update, it has none.
struct SavedSource {
  /// "convolution_weights", "batch_normalization_weights", "instance_...", "group_normalization_weights", or
  /// "frozen_convolution", "frozen_binary_convolution", "frozen_batch_normalization", ...
  std::string kind;
  std::string label;
  bool is_updated = false;  ///< whether filters ask a frozen source for updates
  SavedAttributes attributes;
  /// weights, biases, or gamma, beta, mean, variance; of the optimizer "weights.0", "weights.1", ...
  SavedArrays arrays;
  std::optional<SavedOptimizer> optimizer;
  template <class V>
  static void fields(V&& v) {
    v("kind", &SavedSource::kind);
    v("label", &SavedSource::label);
    v("is_updated", &SavedSource::is_updated);
    v("attributes", &SavedSource::attributes);
    v("arrays", &SavedSource::arrays);
    v("optimizer", &SavedSource::optimizer);
  }
};

/// What one filter, and its gradient filter, compute with.
struct SavedParameters {
  std::int64_t source = -1;
  SavedArrays values;  ///< the values in use, where they are not those of the source
  template <class V>
  static void fields(V&& v) {
    v("source", &SavedParameters::source);
    v("values", &SavedParameters::values);
  }
};

struct SavedResult {
  std::int64_t image = -1;
  bool is_needed = true;
  template <class V>
  static void fields(V&& v) {
    v("image", &SavedResult::image);
    v("is_needed", &SavedResult::is_needed);
  }
};

struct SavedGraph {
  /// Of this library. Attributes that a later version adds keep their defaults when an older graph is loaded.
  static constexpr std::int64_t kVersion = 1;
  std::int64_t version = kVersion;
  std::vector<SavedImage> images;
  std::vector<SavedState> states;
  /// In the order of execution.
  std::vector<SavedFilter> filters;
  std::vector<SavedSource> sources;
  std::vector<SavedParameters> parameters;
  std::vector<SavedResult> results;
  /// Images as a walk back from the results meets them: inputs and outputs are listed in this order.
  std::vector<std::int64_t> image_order;
  std::int64_t encode_count = 0;  ///< dropout draws other masks in each encode

  std::string label;
  KernelOptions options = KernelOptions::None;
  ImageFeatureChannelFormat format = ImageFeatureChannelFormat::Float16;
  SavedAllocator destination_image_allocator = SavedAllocator::Permanent;
  bool output_state_is_temporary = false, emulate_storage = false;
  std::vector<std::string> disabled_passes;
  std::string implementation;

  template <class V>
  static void fields(V&& v) {
    v("version", &SavedGraph::version);
    v("images", &SavedGraph::images);
    v("states", &SavedGraph::states);
    v("filters", &SavedGraph::filters);
    v("sources", &SavedGraph::sources);
    v("parameters", &SavedGraph::parameters);
    v("results", &SavedGraph::results);
    v("image_order", &SavedGraph::image_order);
    v("encode_count", &SavedGraph::encode_count);
    v("label", &SavedGraph::label);
    v("options", &SavedGraph::options);
    v("format", &SavedGraph::format);
    v("destination_image_allocator", &SavedGraph::destination_image_allocator);
    v("output_state_is_temporary", &SavedGraph::output_state_is_temporary);
    v("emulate_storage", &SavedGraph::emulate_storage);
    v("disabled_passes", &SavedGraph::disabled_passes);
    v("implementation", &SavedGraph::implementation);
  }
};

}  // namespace mpsnn
