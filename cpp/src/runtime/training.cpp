#include "runtime/training.hpp"

#include <algorithm>
#include <set>
#include <typeinfo>

#include "mpsnn/device.hpp"

namespace mpsnn {

namespace {

std::vector<ParameterSet*> sets_of_source(const Program& program, const void* identity) {
  std::vector<ParameterSet*> sets;
  for (ParameterSet* set : parameter_sets(program)) {
    if (set->source_identity() == identity) sets.push_back(set);
  }
  return sets;
}

}  // namespace

std::vector<ParameterSet*> parameter_sets(const Program& program) {
  std::vector<ParameterSet*> sets;
  for (const ProgramStep& step : program.steps) {
    ParameterSet* set = step.lowered.parameters.get();
    if (set && std::find(sets.begin(), sets.end(), set) == sets.end()) sets.push_back(set);
  }
  return sets;
}

namespace {

// A gradient step whose data source is updated on the CPU.
struct CPUUpdate {
  ParameterSet* set;
  StateBatch gradients;
};

// Asks each source in turn; the last filter that uses a source brings the new values in, for all that use it. A source that fails
// keeps its old values and does not stop the others.
void update_on_cpu(const Program& program, std::mutex& run_mutex, const std::vector<CPUUpdate>& updates) {
  std::exception_ptr failure;
  std::set<const void*> changed, failed;
  const auto attempt = [&](const void* source, const auto& work) {
    try {
      work();
    } catch (...) {
      failed.insert(source);
      if (!failure) failure = std::current_exception();
    }
  };
  for (auto update = updates.begin(); update != updates.end(); ++update) {
    const void* source = update->set->source_identity();
    attempt(source, [&] {
      if (update->set->update_on_cpu(update->gradients)) changed.insert(source);
    });
    const bool is_last =
        std::none_of(update + 1, updates.end(), [&](const CPUUpdate& later) { return later.set->source_identity() == source; });
    if (!is_last || !changed.count(source) || failed.count(source)) continue;
    attempt(source, [&] {
      for (ParameterSet* user : sets_of_source(program, source)) user->reload_from_data_source(run_mutex);
    });
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

void encode_updates(const std::shared_ptr<void>& owner, const Program& program, std::mutex& run_mutex,
                    const std::shared_ptr<CommandBuffer>& command_buffer, const std::map<int, StateBatch>& states) {
  // A source that several filters share is asked by each, and reloaded once, from its last answer: no gradient is computed with
  // half-updated values, because every gradient of this encode is recorded before.
  std::vector<std::pair<const void*, std::vector<StatePtr>>> answers;
  std::vector<CPUUpdate> cpu_updates;
  for (const ProgramStep& step : program.steps) {
    if (step.training_style == NNTrainingStyle::UpdateDeviceNone) continue;
    ParameterSet* set = step.lowered.parameters.get();
    const StateBatch& gradients = states.at(program.steps[step.forward].state);
    if (step.training_style == NNTrainingStyle::UpdateDeviceGPU) {
      std::vector<StatePtr> answer = set->update_with_command_buffer(command_buffer, gradients);
      if (answer.empty()) continue;
      auto at = std::find_if(answers.begin(), answers.end(), [&](const auto& a) { return a.first == set->source_identity(); });
      if (at == answers.end()) at = answers.insert(at, {set->source_identity(), {}});
      for (StatePtr& state : answer) {
        std::erase_if(at->second, [&mine = *state](const StatePtr& earlier) {
          const State& its = *earlier;
          return typeid(its) == typeid(mine);
        });
        at->second.push_back(std::move(state));
      }
    } else {
      set->prepare_update_on_cpu(command_buffer, gradients);
      cpu_updates.push_back({set, gradients});
    }
  }
  if (!cpu_updates.empty()) {
    command_buffer->record_completion(
        [owner, &program, &run_mutex, updates = std::move(cpu_updates)] { update_on_cpu(program, run_mutex, updates); });
  }
  for (auto& [identity, answer] : answers) {
    command_buffer->record([owner, sets = sets_of_source(program, identity), answer = std::move(answer), &run_mutex] {
      std::lock_guard lock(run_mutex);
      for (ParameterSet* set : sets) {
        for (const StatePtr& state : answer) set->reload(*state);
      }
    });
  }
}

}  // namespace mpsnn
