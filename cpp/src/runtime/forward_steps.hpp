#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "graph/program.hpp"
#include "mpsnn/device.hpp"
#include "mpsnn/image.hpp"
#include "mpsnn/op.hpp"

namespace mpsnn {

/// What a padding policy of the caller's made of a step.
struct PlacedByPolicy {
  ImageDescriptor result;
  Geometry geometry;
};
/// Asked once for each step with such a policy, in execution order; none where nobody knows it.
using PlacementOf = std::function<std::optional<PlacedByPolicy>(const ProgramStep& step)>;

/// The program's steps as their gradient steps see them, in an encode with these images, for an engine that does not plan.
std::vector<std::shared_ptr<const ForwardStep>> forward_steps(const Program& program, const std::shared_ptr<Device>& device,
                                                              const std::vector<ImageBatch>& sources,
                                                              ImageFeatureChannelFormat format, const PlacementOf& placement_of);

}  // namespace mpsnn
