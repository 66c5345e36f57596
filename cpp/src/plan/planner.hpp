#pragma once

#include <functional>
#include <string>
#include <vector>

#include "plan/passes.hpp"

namespace mpsnn {

/// What a padding policy of the caller's says of a step.
using PolicyAnswerOf =
    std::function<PlanRequest::PolicyAnswer(int step, const std::vector<ImageDescriptor>& sources, const ShapedStep& shaped)>;
/// Walks the program with the shapes of the request; `answer_of` speaks for the caller's policies.
ShapedProgram shape_program(const Planner& planner, const PlanRequest& request, const PolicyAnswerOf& answer_of);
/// Of a state's block for a batch.
std::size_t byte_count(const StateDescriptor& descriptor, std::size_t batch, const std::string& node);
TensorDescriptor tensor_of(const Plan& plan, int value);
/// `is_final`: the steps before have theirs, and implementations may be timed.
ChosenKernel make_kernel(const Draft& draft, const PlanStep& step, bool is_final = false);
/// A kernel for every step that computes.
void make_kernels(Draft& draft);

}  // namespace mpsnn
