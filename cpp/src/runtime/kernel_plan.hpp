#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mpsnn/saved_graph.hpp"
#include "plan/plan.hpp"

namespace mpsnn {

/// A step alone, for fixed shapes.
struct KernelPlanRequest {
  std::string node;  ///< for messages
  std::shared_ptr<const Op> op;
  SavedAttributes attributes;  ///< the op's, to compare
  std::shared_ptr<ParameterSet> parameters;
  std::size_t batch = 1;
  std::vector<PlanRequest::Source> sources;
  PlanRequest::Source result;
  bool is_result_needed = true;
  Geometry geometry;
  std::shared_ptr<const ForwardStep> forward;  ///< of a gradient step
  SavedAttributes forward_attributes;
  std::vector<StateDescriptor> source_states, states;
  bool is_alike(const KernelPlanRequest& other) const;
};

/// Slots: the sources, the result where it is needed, the source states' blocks, the states' blocks.
std::shared_ptr<Plan> make_kernel_plan(const KernelTable& table, const std::shared_ptr<Device>& device, int threads,
                                       const KernelPlanRequest& request);

}  // namespace mpsnn
