#pragma once

#include <algorithm>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "kernels/cpu/convolution_kernels.hpp"
#include "kernels/cpu/neuron.hpp"
#include "kernels/cpu/weights_form.hpp"

namespace mpsnn::cpu {

/// For a filter that reads the weights themselves, and multiplies them where they are scaled.
struct AsTheyAre {
  std::size_t count() const { return 0; }
  void make(const ScaledWeights&, float*) const {}
};

/// The image that most filters read: it is in memory.
class ImageSource {
 public:
  explicit ImageSource(const KernelRequest&) {}

 protected:
  const float* source_of(const RunArguments& arguments, std::size_t) { return arguments.sources[0]; }
};

/// One that another kernel may make: that of filters with a `Source` of their own.
template <class Source>
class MadeSource : public ReadsPixels {
 public:
  explicit MadeSource(const KernelRequest& request) : maker_of_request_(request.maker) {}
  /// Of the request's, for which the filter is made.
  bool can_read_from(const MakesPixels& maker) const override { return maker_of_request_ == &maker; }
  void read_from(const MakesPixels& maker) override { maker_ = &maker; }

 protected:
  /// `own` sources are the kernel's, the others the maker's.
  Source source_of(const RunArguments& arguments, std::size_t own) {
    made_from_.assign(1, arguments.sources[0]);
    made_from_.insert(made_from_.end(), arguments.sources.begin() + std::ptrdiff_t(own), arguments.sources.end());
    return {maker_, made_from_};
  }

 private:
  const MakesPixels* const maker_of_request_;
  const MakesPixels* maker_ = nullptr;
  std::vector<const float*> made_from_;
};

template <class Filter>
struct SourceOf {
  using Type = ImageSource;
};
template <class Filter>
requires requires { typename Filter::Source; }
struct SourceOf<Filter> {
  using Type = MadeSource<typename Filter::Source>;
};

/// A convolution, or the gradient of one's source, which is a convolution with the weights turned around, by a `Filter` that
/// reads the numbers that `Weights` makes of the weights. Where the filter says that it did not get it right, a plain kernel does
/// the work again.
template <class Weights, class Filter>
class PackedConvolution final : public PlanKernel, public GivesPixels, public SourceOf<Filter>::Type {
 public:
  PackedConvolution(const KernelRequest& request, std::size_t outputs, const Weights& weights, const Filter& filter,
                    bool keeps_weights, std::unique_ptr<PlanKernel> plain = nullptr)
      : SourceOf<Filter>::Type(request),
        parameters_(*request.parameters),
        result_(*request.result),
        outputs_(outputs),
        weights_(weights),
        filter_(filter),
        plain_(std::move(plain)),
        form_(parameters_, weights.count() * sizeof(float), keeps_weights, true) {}

  /// What a convolution ends with and its gradient does not.
  void set_ending(const ConvolutionOp& op, const TensorDescriptor* addend) {
    has_biases_ = true;
    if (!ending_.rectifier.set(op.neuron)) neuron_ = op.neuron;
    if (addend) ending_.addend_stride = addend->pixel_stride;
  }

  auto maker() const {
    return [this](const ScaledWeights& from, void* to) { weights_.make(from, static_cast<float*>(to)); };
  }

  std::size_t scratch_bytes() const override {
    const std::size_t bytes = filter_.scratch_bytes() + form_.scratch_bytes();
    return plain_ ? std::max(bytes, plain_->scratch_bytes()) : bytes;
  }
  std::size_t part_scratch_bytes() const override {
    return std::max(filter_.part_scratch_bytes(), plain_ ? plain_->part_scratch_bytes() : 0);
  }
  std::size_t passing_bytes() const override { return form_.passing_bytes(); }

  void prepare_next(std::byte*) override { form_.keep(maker()); }

  std::vector<PixelRange> given_parts() const override {
    if constexpr (requires { filter_.given_parts(); }) {
      if (neuron_.neuron_type == CNNNeuronType::None && outputs_ == result_.c) return filter_.given_parts();
    }
    return {};
  }
  void give_to(TakesPixels& taker) override { ending_.taker = &taker; }

  void run(const RunArguments& arguments) override {
    std::byte* scratch = arguments.scratch;
    const auto numbers = numbers_of(arguments, scratch);
    FilterEnding ending = ending_;
    if (has_biases_) ending.biases = biases_of(parameters_);
    if (ending.addend_stride > 0) ending.addend = arguments.sources[1];
    const auto source = this->source_of(arguments, ending.addend ? 2 : 1);
    if (filter_.run(source, arguments.result, numbers, ending, scratch, arguments.parts)) {
      clear_channels(arguments.result, result_, outputs_);
      if (neuron_.neuron_type != CNNNeuronType::None) {
        apply_neuron(neuron_, arguments.result, arguments.result, result_.pixels(), outputs_, result_.pixel_stride,
                     result_.pixel_stride);
      }
    } else {
      parameters_.restore_weights();
      plain_->run(arguments);
      parameters_.drop_weights();
    }
  }

 private:
  auto numbers_of(const RunArguments& arguments, std::byte*& scratch) {
    if constexpr (std::is_same_v<Weights, AsTheyAre>) {
      return form_.weights();
    } else {
      return static_cast<const float*>(form_.get(arguments, scratch, maker()));
    }
  }

  ParameterSet& parameters_;
  const TensorDescriptor result_;
  const std::size_t outputs_;
  const Weights weights_;
  const Filter filter_;
  const std::unique_ptr<PlanKernel> plain_;  // null where the filter is always right
  NNNeuronDescriptor neuron_;                // one that is more than a rectifier
  bool has_biases_ = false;
  FilterEnding ending_;
  WeightsForm form_;
};

/// `forward` is null for the gradient of a source.
template <class Weights, class Filter>
std::unique_ptr<PlanKernel> make_packed(const KernelRequest& request, const ConvolutionOp* forward, std::size_t outputs,
                                        const Weights& weights, const Filter& filter, bool keeps_weights,
                                        std::unique_ptr<PlanKernel> plain = nullptr) {
  auto kernel =
      std::make_unique<PackedConvolution<Weights, Filter>>(request, outputs, weights, filter, keeps_weights, std::move(plain));
  if (forward) kernel->set_ending(*forward, forward->adds_source ? &request.sources[1] : nullptr);
  return kernel;
}

}  // namespace mpsnn::cpu
