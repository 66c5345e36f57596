#pragma once

#include <set>
#include <string>
#include <vector>

#include "mpsnn/nodes/neuron.hpp"
#include "plan/plan.hpp"

namespace mpsnn {

/// A plan while the passes work on it: steps without kernels yet, values by the program's indices first, then the planner's.
///
/// A pass that asks for writers or removes steps calls `find_steps` first and `drop_removed` last. In between every step keeps
/// its place; one that was removed has no op.
class Draft {
 public:
  Draft(Plan& plan, const Planner& planner) : plan(plan), planner(planner) {}
  void find_steps();
  /// A value that no step of the program has.
  int add_value(const ImageShape& shape);
  int writer(int value) const { return writers_[value]; }  ///< the step that computes it, or none
  /// The steps that read it, as `find_steps` found them.
  const std::vector<int>& readers(int value) const { return readers_[value]; }
  /// Whether several steps use the parameters: one finds their gradient.
  bool are_shared(const ParameterSet* parameters) const { return shared_.count(parameters) > 0; }
  /// `into`, which makes the step's source, does its work as well and makes its result. Writes that down.
  void merge(int step, int into);
  void remove(int step);
  void drop_removed();
  /// Only one step reads the value and nobody outside does: it need not exist.
  bool is_private(int value) const { return why_not_private(value).empty(); }
  /// "its image is exported", ...; empty when it is private.
  std::string why_not_private(int value) const;
  /// Writes down that `step` was merged into `into`, or why it was not.
  void note_fused(const PlanStep& step, const PlanStep& into);
  void note_refused(const PlanStep& step, const PlanStep& into, const std::string& why);

  Plan& plan;
  const Planner& planner;
  std::vector<bool> is_visible;  ///< by value: exported, a result, or made under a custom policy

 private:
  std::vector<int> writers_;  // by value
  std::vector<std::vector<int>> readers_;
  std::set<const ParameterSet*> shared_;
};

/// Whether result pixel (x, y) is made of source pixel (x, y), for filters of single pixels.
inline bool is_aligned(const PlanStep& step) { return step.geometry.offset_x == 0 && step.geometry.offset_y == 0; }

/// Activations that cost so little that they, or their derivatives, are computed twice rather than kept.
bool is_cheap(const NNNeuronDescriptor& neuron);

// Each works alone and can be left out by name; the answer is the same.
void fold_batch_normalization(Draft& draft);
void fuse_addition(Draft& draft);
void pass_gradients_on(Draft& draft);
void fuse_neuron_gradient(Draft& draft);
void keep_signs(Draft& draft);
void fuse_gradient_sum(Draft& draft);
void fuse_neuron(Draft& draft);
void compute_again(Draft& draft);
void concatenate_in_place(Draft& draft);
void split_batch(Draft& draft);
bool makes_where_read(const PlanRequest& request);
/// The kernel that makes the step's first source, which only the step reads, if that may do without the image.
const MakesPixels* find_maker(const Draft& draft, const PlanStep& step);
/// An image that one kernel makes and another reads a block at a time need not exist.
void make_where_read(Draft& draft);
/// What a kernel adds up of an image it takes from the one that makes it, while a cache holds it.
void take_where_made(Draft& draft);
void run_in_place(Draft& draft);
/// Data sources that keep nothing of a gradient take it while the run goes on, and its memory is free for the next.
void update_at_once(Draft& draft);
/// Gives every root value and block its place in the arena.
void assign_memory(Draft& draft, bool reuse);

}  // namespace mpsnn
