#include "mpsnn/op.hpp"

#include <algorithm>
#include <limits>

#include "mpsnn/asks_caller.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/padding.hpp"
#include "mpsnn/placed_by_kernel.hpp"
#include "mpsnn/whole_batch.hpp"
#include "mpsnn/whole_images.hpp"
#include "nodes/lowered.hpp"
#include "nodes/scaled_weights.hpp"

namespace mpsnn {

Op::~Op() = default;
AttributeVisitor::~AttributeVisitor() = default;
MakesState::~MakesState() = default;
TakesLabels::~TakesLabels() = default;
AsksCaller::~AsksCaller() = default;
PlacedByKernel::~PlacedByKernel() = default;
TakesWholeImages::~TakesWholeImages() = default;
SeesWholeBatch::~SeesWholeBatch() = default;
ParameterSet::~ParameterSet() = default;
HasScaledWeights::~HasScaledWeights() = default;

void ParameterSet::reload_from_data_source(std::mutex& run_lock) {
  const auto use = read_data_source();
  std::lock_guard lock(run_lock);
  use();
}

std::vector<StatePtr> ParameterSet::update_with_command_buffer(const std::shared_ptr<CommandBuffer>&, const StateBatch&) {
  return {};
}
void ParameterSet::reload(State&) {}
bool ParameterSet::update_on_cpu(const StateBatch&) { return false; }

std::string to_string(const ImageShape& shape) {
  return std::to_string(shape.height) + " x " + std::to_string(shape.width) + " x " + std::to_string(shape.channels);
}

void AttributeVisitor::operator()(const char* name, mtl::Size& value) {
  const std::string prefix = name;
  (*this)((prefix + ".width").c_str(), value.width);
  (*this)((prefix + ".height").c_str(), value.height);
  (*this)((prefix + ".depth").c_str(), value.depth);
}

Inferred Op::infer(const InferRequest& request) const {
  const ImageShape& source = request.sources[0];
  const Window w = window();
  // Larger numbers would overflow the arithmetic of windows.
  constexpr std::size_t kLimit = std::numeric_limits<std::int32_t>::max();
  for (std::size_t n : {w.kernel_width, w.kernel_height, w.stride_x, w.stride_y, w.dilation_x, w.dilation_y}) {
    if (n > kLimit)
      throw InvalidArgument(request.node + ": a window, stride or dilation of " + std::to_string(n) + " is too large");
  }
  if (w.extent_x() > kLimit || w.extent_y() > kLimit || source.width > kLimit || source.height > kLimit) {
    throw ShapeError(request.node + ": a window of " + std::to_string(w.extent_y()) + " x " + std::to_string(w.extent_x()) +
                     " (height x width) on a source of " + to_string(source) + " is too large");
  }
  const AxisPlacement x = place_window(source.width, w.extent_x(), w.stride_x, w.is_backwards, request.padding, false);
  const AxisPlacement y = place_window(source.height, w.extent_y(), w.stride_y, w.is_backwards, request.padding, true);
  // A custom policy may still ask for a larger result; one that leaves it empty is refused when it has answered.
  const bool is_suggestion = (request.padding & NNPaddingMethod::Custom) == NNPaddingMethod::Custom;
  if ((x.size < 1 || y.size < 1) && !is_suggestion) {
    throw ShapeError(request.node + ": a window of " + std::to_string(w.extent_y()) + " x " + std::to_string(w.extent_x()) +
                     " (height x width) does not fit into a source of " + to_string(source) + "; the result would be empty");
  }
  Inferred inferred;
  const auto extent = [](std::ptrdiff_t size) { return std::size_t(std::max<std::ptrdiff_t>(size, 0)); };
  inferred.result = {extent(y.size), extent(x.size), result_channels(request.sources)};
  if (w.is_backwards) {
    inferred.geometry.kernel_offset_x = x.offset;
    inferred.geometry.kernel_offset_y = y.offset;
  } else {
    inferred.geometry.offset_x = x.offset;
    inferred.geometry.offset_y = y.offset;
  }
  return inferred;
}

Inferred infer_gradient(const InferRequest& request, std::size_t forward_source) {
  if (!request.forward) throw GraphError(request.node + ": the gradient state has no forward filter");
  const ForwardStep& forward = *request.forward;
  if (request.sources[0] != forward.result) {
    throw ShapeError(request.node + ": the source gradient is " + to_string(request.sources[0]) +
                     ", the result of the forward filter " + to_string(forward.result));
  }
  return {forward.sources.at(forward_source), forward.geometry};
}

}  // namespace mpsnn
