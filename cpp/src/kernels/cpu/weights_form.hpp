#pragma once

#include <cstddef>

#include "kernels/cpu/convolution_loops.hpp"
#include "kernels/kernel.hpp"
#include "mpsnn/buffer.hpp"
#include "nodes/scaled_weights.hpp"

namespace mpsnn::cpu {

/// Of one layer: more is memory that a program has other use for.
inline constexpr std::size_t kMostKeptBytes = std::size_t(64) << 20;

/// Whether a kernel that puts weights in order while it multiplies them does so in every run. It has to with weights that change.
/// So many others come from memory each time, in either form: where enough pixels use them, their order takes little longer, and
/// there is no second form of them to keep.
inline bool reads_as_they_are(const KernelRequest& request, std::size_t weights, const TensorDescriptor& result) {
  constexpr std::size_t kFarBytes = std::size_t(8) << 20, kFewPixels = 32;
  return request.parameters_change || (weights * sizeof(float) >= kFarBytes && result.pixels() >= kFewPixels);
}

/// What a kernel makes of its weights to read that instead. The first run has it in passing memory, which is there sooner than
/// as much memory as all kernels keep: a first answer does not wait for what only later ones need. `keep` follows.
class WeightsForm {
 public:
  /// No bytes: the weights are read as they are. A form that is not kept is made in scratch memory in every run: that of
  /// weights that change. Who multiplies takes folded weights apart and has no need of the products, which need not be there
  /// then: it makes a form of them, or reads `weights` and asks for none.
  WeightsForm(ParameterSet& parameters, std::size_t bytes, bool may_keep, bool multiplies)
      : parameters_(parameters),
        bytes_((bytes + kAlignment - 1) / kAlignment * kAlignment),
        may_keep_(may_keep),
        kept_(may_keep ? bytes_ : 0) {
    if (multiplies) scaled_ = dynamic_cast<HasScaledWeights*>(&parameters);
    if (scaled_) scaled_->add_multiplier();
  }
  ~WeightsForm() {
    if (scaled_) scaled_->remove_multiplier();
  }
  WeightsForm(const WeightsForm&) = delete;
  WeightsForm& operator=(const WeightsForm&) = delete;

  std::size_t scratch_bytes() const { return may_keep_ ? 0 : bytes_; }
  std::size_t passing_bytes() const { return may_keep_ ? bytes_ : 0; }

  /// Calls `make(weights, to)` unless the form is there. Advances `scratch`.
  template <class Make>
  const void* get(const RunArguments& arguments, std::byte*& scratch, const Make& make) {
    if (bytes_ == 0) return parameters_.parameters[0].values->data();
    if (may_keep_ && (has_run_ || !arguments.passing)) {
      keep(make);
      return kept_.data();
    }
    void* to = may_keep_ ? arguments.passing->get(bytes_) : scratch;
    if (!may_keep_) scratch += bytes_;
    make(weights(), to);
    has_run_ = true;
    return to;
  }
  ScaledWeights weights() const {
    if (scaled_) return scaled_->scaled_weights();
    return {static_cast<const float*>(parameters_.parameters[0].values->data())};
  }
  /// Makes the form in memory of its own, unless it is there.
  template <class Make>
  void keep(const Make& make) {
    if (bytes_ == 0 || !may_keep_) return;
    if (!seen_.are_new(parameters_.parameters[0]) && is_made_) return;
    is_made_ = false;
    make(weights(), kept_.data());
    is_made_ = has_run_ = true;
  }

 private:
  static constexpr std::size_t kAlignment = 64;

  ParameterSet& parameters_;
  const std::size_t bytes_;
  const bool may_keep_;
  HasScaledWeights* scaled_ = nullptr;  // the same parameters, where this multiplies
  SeenWeights seen_;
  bool has_run_ = false, is_made_ = false;
  Buffer kept_;
};

}  // namespace mpsnn::cpu
