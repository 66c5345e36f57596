#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "kernels/cpu/convolution_kernels.hpp"
#include "kernels/cpu/neuron.hpp"
#include "mpsnn/buffer.hpp"
#include "nodes/scaled_weights.hpp"

namespace mpsnn::cpu {

/// A convolution, or the gradient of one's source, which is a convolution with the weights turned around, by a `Filter` that
/// reads the numbers that `Weights` makes of the weights. Where the filter says that it did not get it right, a plain kernel does
/// the work again.
template <class Weights, class Filter>
class PackedConvolution final : public PlanKernel {
 public:
  PackedConvolution(const KernelRequest& request, std::size_t outputs, const Weights& weights, const Filter& filter,
                    bool keeps_weights, std::unique_ptr<PlanKernel> plain = nullptr)
      : parameters_(*request.parameters),
        result_(*request.result),
        outputs_(outputs),
        weights_(weights),
        filter_(filter),
        plain_(std::move(plain)),
        kept_(keeps_weights ? weights.count() * sizeof(float) : 0) {
    if (kept_.length() > 0) scaled_ = dynamic_cast<HasScaledWeights*>(&parameters_);
    if (scaled_) scaled_->add_multiplier();
  }
  ~PackedConvolution() override {
    if (scaled_) scaled_->remove_multiplier();
  }

  /// What a convolution ends with and its gradient does not.
  void set_ending(const ConvolutionOp& op, const TensorDescriptor* addend) {
    has_biases_ = true;
    if (!ending_.rectifier.set(op.neuron)) neuron_ = op.neuron;
    if (addend) ending_.addend_stride = addend->pixel_stride;
  }

  std::size_t scratch_bytes() const override {
    const std::size_t bytes = filter_.scratch_bytes() + (kept_.length() > 0 ? 0 : weights_.count() * sizeof(float));
    return plain_ ? std::max(bytes, plain_->scratch_bytes()) : bytes;
  }

  void run(const RunArguments& arguments) override {
    const Parameter& weights = parameters_.parameters[0];
    const bool are_new = seen_.are_new(weights);
    const auto* numbers = static_cast<const float*>(weights.values ? weights.values->data() : nullptr);
    std::byte* scratch = arguments.scratch;
    if (kept_.length() > 0) {
      if (are_new) {
        weights_.make(scaled_ ? scaled_->scaled_weights() : ScaledWeights{numbers}, static_cast<float*>(kept_.data()));
      }
      numbers = static_cast<const float*>(kept_.data());
    } else if (weights_.count() > 0) {
      auto* packed = reinterpret_cast<float*>(scratch);
      scratch += weights_.count() * sizeof(float);
      weights_.make({numbers}, packed);
      numbers = packed;
    }
    FilterEnding ending = ending_;
    if (has_biases_) ending.biases = biases_of(parameters_);
    if (ending.addend_stride > 0) ending.addend = arguments.sources[1];
    if (filter_.run(arguments.sources[0], arguments.result, numbers, ending, scratch)) {
      clear_channels(arguments.result, result_, outputs_);
      if (neuron_.neuron_type != CNNNeuronType::None) {
        apply_neuron(neuron_, arguments.result, arguments.result, result_.pixels(), outputs_, result_.pixel_stride,
                     result_.pixel_stride);
      }
    } else {
      parameters_.restore_weights();
      plain_->run(arguments);
    }
    if (kept_.length() > 0) parameters_.drop_weights();
  }

 private:
  ParameterSet& parameters_;
  HasScaledWeights* scaled_ = nullptr;  // the same, where this multiplies
  const TensorDescriptor result_;
  const std::size_t outputs_;
  const Weights weights_;
  const Filter filter_;
  const std::unique_ptr<PlanKernel> plain_;  // null where the filter is always right
  NNNeuronDescriptor neuron_;                // one that is more than a rectifier
  bool has_biases_ = false;
  FilterEnding ending_;
  SeenWeights seen_;
  Buffer kept_;  // what is made of the weights; empty where they change, and with them this: it is scratch memory then
};

}  // namespace mpsnn::cpu
