#pragma once

#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace mpsnn {

/// A plan while the passes work on it: steps without kernels yet, values by the program's indices first, then the planner's.
struct Draft {
  Plan& plan;
  const Planner& planner;
  std::vector<int> readers(int value) const;  ///< steps that read the value
  int writer(int value) const;                ///< the step that computes it, or none
  /// Only `reader` reads the value and nobody outside does: it need not exist.
  bool is_private(int value) const { return why_not_private(value).empty(); }
  /// "its image is exported", ...; empty when it is private.
  std::string why_not_private(int value) const;
  /// Writes down that `step` was merged into `into`, or why it was not.
  void note_fused(const PlanStep& step, const PlanStep& into);
  void note_refused(const PlanStep& step, const PlanStep& into, const std::string& why);
  std::vector<bool> is_visible;  ///< by value: exported, a result, or made under a custom policy
};

/// Whether result pixel (x, y) is made of source pixel (x, y), for filters of single pixels.
inline bool is_aligned(const PlanStep& step) { return step.geometry.offset_x == 0 && step.geometry.offset_y == 0; }

// Each works alone and can be left out by name; the answer is the same.
void fold_batch_normalization(Draft& draft);
void fuse_addition(Draft& draft);
void pass_gradients_on(Draft& draft);
void fuse_neuron_gradient(Draft& draft);
void keep_signs(Draft& draft);
void fuse_gradient_sum(Draft& draft);
void fuse_neuron(Draft& draft);
void concatenate_in_place(Draft& draft);
void run_in_place(Draft& draft);
/// Gives every root value and block its place in the arena.
void assign_memory(Draft& draft, bool reuse);

}  // namespace mpsnn
