#include <algorithm>
#include <utility>

#include "mpsnn/error.hpp"
#include "mpsnn/kernels/pooling.hpp"
#include "runtime/kernel_core.hpp"
#include "runtime/state_origin.hpp"

namespace mpsnn {

CNNPoolingGradient::CNNPoolingGradient(std::shared_ptr<KernelCore> core) : CNNGradientKernel(std::move(core)) {
  core_->copy_properties = [this](const State& state) { copy_properties(state); };
  core_->adjust = [this](KernelCall& call) { adjust(call); };
}

void CNNPoolingGradient::copy_properties(const State& gradient_state) {
  if (!gradient_state.origin) return;
  const Geometry& g = gradient_state.origin->forward.geometry;
  const mtl::Region& clip = gradient_state.origin->clip_rect;
  primary_offset.x = std::ptrdiff_t(clip.origin.x);
  primary_offset.y = std::ptrdiff_t(clip.origin.y);
  source_size = clip.size;
  secondary_offset.x = g.offset_x;
  secondary_offset.y = g.offset_y;
  secondary_edge_mode = g.edge_mode;
  zero_pad_size_x = g.zero_pad_x;
  zero_pad_size_y = g.zero_pad_y;
}

void CNNPoolingGradient::adjust(KernelCall& call) const {
  if (call.source_states.empty() || !forward_step_of(call.source_states[0])) return;
  const StateOrigin& origin = *call.source_states[0]->origin;
  const Image &gradient = *call.sources[0].images[0], &source = *call.sources[1].images[0];
  const auto [x, y, z] = primary_offset;
  const auto is_inside = [](std::ptrdiff_t at, std::size_t extent) { return at >= 0 && std::size_t(at) < extent; };
  if (!is_inside(x, gradient.width()) || !is_inside(y, gradient.height())) {
    throw InvalidArgument(call.name + ": primary_offset must lie in the source gradient of " + std::to_string(gradient.height()) +
                          " x " + std::to_string(gradient.width()) + " (height x width), got column " + std::to_string(x) +
                          ", row " + std::to_string(y));
  }
  if (source_size.width == 0 || source_size.height == 0) {
    throw InvalidArgument(call.name + ": source_size must be positive, got " + std::to_string(source_size.height) + " x " +
                          std::to_string(source_size.width) + " (height x width)");
  }
  const mtl::Size size{std::min(source_size.width, gradient.width() - std::size_t(x)),
                       std::min(source_size.height, gradient.height() - std::size_t(y)), 1};
  call.sources[0].part = mtl::Region{{std::size_t(x), std::size_t(y), 0}, size};

  // The forward step whose result is that part.
  ForwardStep step = origin.forward;
  step.sources = {{source.height(), source.width(), step.sources[0].channels}};
  step.result.width = size.width;
  step.result.height = size.height;
  step.geometry = {secondary_offset.x, secondary_offset.y, 0, 0, secondary_edge_mode, zero_pad_size_x, zero_pad_size_y};
  call.forward = make_forward_step(origin.op, step);
  if (call.destinations.empty()) return;
  // Into an image of the caller's the first pixel of the first window comes first.
  const Window window = core_->op()->window();
  call.result_x = std::size_t(std::max<std::ptrdiff_t>(0, secondary_offset.x - std::ptrdiff_t(window.extent_x() >> 1)));
  call.result_y = std::size_t(std::max<std::ptrdiff_t>(0, secondary_offset.y - std::ptrdiff_t(window.extent_y() >> 1)));
}

}  // namespace mpsnn
