#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "graph/program.hpp"
#include "runtime/runner.hpp"

namespace mpsnn {

/// Every parameter set of a program once, in execution order.
std::vector<ParameterSet*> parameter_sets(const Program& program);
/// Whether some filter of it asks its data source for updates.
bool is_trained(const Program& program);
/// Asks the data sources of all trained filters for their updates, in execution order of the gradient filters, and records the
/// reloads. Returns the updates that are part of the plan's run. `owner` keeps the program alive until the work is done.
BetweenSteps encode_updates(const std::shared_ptr<void>& owner, const Program& program, const Plan& plan, std::mutex& run_mutex,
                            const std::shared_ptr<CommandBuffer>& command_buffer, const std::map<int, StateBatch>& states);

}  // namespace mpsnn
