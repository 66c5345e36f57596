#include "runtime/training.hpp"

#include <algorithm>
#include <set>
#include <typeinfo>
#include <unordered_map>
#include <unordered_set>

#include "mpsnn/device.hpp"
#include "runtime/recorded_work.hpp"

namespace mpsnn {

namespace {

// The sets of each data source, by its identity.
std::unordered_map<const void*, std::vector<ParameterSet*>> sets_by_source(const Program& program) {
  std::unordered_map<const void*, std::vector<ParameterSet*>> sets;
  for (ParameterSet* set : parameter_sets(program)) sets[set->source_identity()].push_back(set);
  return sets;
}

}  // namespace

std::vector<ParameterSet*> parameter_sets(const Program& program) {
  std::vector<ParameterSet*> sets;
  std::unordered_set<const ParameterSet*> seen;
  for (const ProgramStep& step : program.steps) {
    ParameterSet* set = step.lowered.parameters.get();
    if (set && seen.insert(set).second) sets.push_back(set);
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
  auto sets = sets_by_source(program);
  std::unordered_map<const void*, const CPUUpdate*> last;  // of each source
  for (const CPUUpdate& update : updates) last[update.set->source_identity()] = &update;
  const auto attempt = [&](const void* source, const auto& work) {
    try {
      work();
    } catch (...) {
      failed.insert(source);
      if (!failure) failure = std::current_exception();
    }
  };
  for (const CPUUpdate& update : updates) {
    const void* source = update.set->source_identity();
    attempt(source, [&] {
      if (update.set->update_on_cpu(update.gradients)) changed.insert(source);
    });
    if (last[source] != &update || !changed.count(source) || failed.count(source)) continue;
    attempt(source, [&] {
      for (ParameterSet* user : sets[source]) user->reload_from_data_source(run_mutex);
    });
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

bool is_trained(const Program& program) {
  return std::any_of(program.steps.begin(), program.steps.end(),
                     [](const ProgramStep& step) { return step.training_style != NNTrainingStyle::UpdateDeviceNone; });
}

BetweenSteps encode_updates(const std::shared_ptr<void>& owner, const Program& program, const Plan& plan, std::mutex& run_mutex,
                            const std::shared_ptr<CommandBuffer>& command_buffer, const std::map<int, StateBatch>& states) {
  if (!is_trained(program)) return {};
  std::unordered_map<int, int> at_once;  // by state: the step after which its gradients are taken
  for (const PlanState& made : plan.states) {
    if (made.updated_after != kNone) at_once.emplace(made.state, made.updated_after);
  }
  auto sets = sets_by_source(program);
  BetweenSteps between;
  // A source that several filters share is asked by each, and reloaded once, from its last answer: no gradient is computed with
  // half-updated values, because every gradient of this encode is recorded before.
  std::vector<std::pair<const void*, std::vector<StatePtr>>> answers;
  std::unordered_map<const void*, std::size_t> answer_of;  // by source
  std::vector<CPUUpdate> cpu_updates;
  for (const ProgramStep& step : program.steps) {
    if (step.training_style == NNTrainingStyle::UpdateDeviceNone) continue;
    ParameterSet* set = step.lowered.parameters.get();
    const int state_id = program.steps[step.forward].state;
    const StateBatch& gradients = states.at(state_id);
    if (step.training_style == NNTrainingStyle::UpdateDeviceCPU) {
      set->prepare_update_on_cpu(command_buffer, gradients);
      cpu_updates.push_back({set, gradients});
      continue;
    }
    const auto mark = command_buffer->mark();
    std::vector<StatePtr> answer = set->update_with_command_buffer(command_buffer, gradients);
    if (const auto found = at_once.find(state_id); found != at_once.end()) {
      auto update = take_recorded_since(mark, *command_buffer);
      between.emplace(found->second,
                      [update = std::move(update), answer = std::move(answer), users = sets[set->source_identity()]] {
                        if (update) update();
                        for (ParameterSet* user : users) {
                          for (const StatePtr& state : answer) user->reload(*state);
                        }
                      });
      continue;
    }
    if (answer.empty()) continue;
    const auto [at, is_new] = answer_of.emplace(set->source_identity(), answers.size());
    if (is_new) answers.push_back({set->source_identity(), {}});
    auto& states_of_source = answers[at->second].second;
    for (StatePtr& state : answer) {
      std::erase_if(states_of_source, [&mine = *state](const StatePtr& earlier) {
        const State& its = *earlier;
        return typeid(its) == typeid(mine);
      });
      states_of_source.push_back(std::move(state));
    }
  }
  if (!cpu_updates.empty()) {
    command_buffer->record_completion(
        [owner, &program, &run_mutex, updates = std::move(cpu_updates)] { update_on_cpu(program, run_mutex, updates); });
  }
  for (auto& [identity, answer] : answers) {
    command_buffer->record([owner, sets = sets[identity], answer = std::move(answer), &run_mutex] {
      std::lock_guard lock(run_mutex);
      for (ParameterSet* set : sets) {
        for (const StatePtr& state : answer) set->reload(*state);
      }
    });
  }
  return between;
}

}  // namespace mpsnn
