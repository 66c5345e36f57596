#include "runtime/training.hpp"

#include <algorithm>

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

void encode_updates(const std::shared_ptr<void>& owner, const Program& program, std::mutex& run_mutex,
                    const std::shared_ptr<CommandBuffer>& command_buffer, const std::map<int, StateBatch>& states) {
  // A source that several filters share is asked by each, and reloaded once, from its last answer: no gradient is computed with
  // half-updated values, because every gradient of this encode is recorded before.
  std::vector<std::pair<const void*, std::vector<StatePtr>>> answers;
  for (const ProgramStep& step : program.steps) {
    if (step.training_style == NNTrainingStyle::UpdateDeviceNone) continue;
    ParameterSet* set = step.lowered.parameters.get();
    const StatePtr& gradient = states.at(program.steps[step.forward].state).front();
    if (step.training_style == NNTrainingStyle::UpdateDeviceGPU) {
      std::vector<StatePtr> answer = set->update_with_command_buffer(command_buffer, gradient);
      if (answer.empty()) continue;
      const auto same = std::find_if(answers.begin(), answers.end(), [&](const auto& a) { return a.first == set->source_identity(); });
      if (same != answers.end()) answers.erase(same);
      answers.emplace_back(set->source_identity(), std::move(answer));
    } else {
      set->prepare_update_on_cpu(command_buffer, gradient);
      command_buffer->record_completion([owner, set, gradient, &program, &run_mutex] {
        if (!set->update_on_cpu(gradient)) return;
        std::lock_guard lock(run_mutex);
        for (ParameterSet* user : sets_of_source(program, set->source_identity())) user->reload_from_data_source();
      });
    }
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
