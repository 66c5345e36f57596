#include "runtime/forward_steps.hpp"

#include "kernels/registry.hpp"
#include "plan/planner.hpp"

namespace mpsnn {

std::vector<std::shared_ptr<const ForwardStep>> forward_steps(const Program& program, const std::shared_ptr<Device>& device,
                                                              const std::vector<ImageBatch>& sources,
                                                              ImageFeatureChannelFormat format, const PlacementOf& placement_of) {
  PlanRequest request;
  for (const ImageBatch& batch : sources) {
    const Image& first = *batch.at(0);
    request.sources.push_back({{first.height(), first.width(), first.feature_channels()}, first.feature_channel_format()});
  }
  request.format = format;
  const auto answer_of = [&](int step, const auto&, const ShapedStep& unasked) {
    const auto placed = placement_of(program.steps[step]);
    if (!placed) return PlanRequest::PolicyAnswer{step, unasked.descriptor, unasked.inferred.geometry};
    return PlanRequest::PolicyAnswer{step, placed->result, placed->geometry};
  };
  std::vector<std::shared_ptr<const ForwardStep>> steps;
  for (const ShapedStep& shaped : shape_program({program, cpu::kernel_table(), device}, request, answer_of).steps) {
    steps.push_back(shaped.as_forward);
  }
  return steps;
}

}  // namespace mpsnn
