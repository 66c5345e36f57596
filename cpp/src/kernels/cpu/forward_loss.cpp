#include "mpsnn/nodes/forward_loss.hpp"

#include <algorithm>
#include <memory>
#include <numeric>
#include <vector>

#include "kernels/cpu/loss_elements.hpp"

namespace mpsnn::cpu {

namespace {

constexpr std::size_t kSettings = 4;                              // numbers in the gradient state of an image
constexpr std::size_t kForwardScratch = 3, kGradientScratch = 2;  // tiles of numbers that a worker needs

/// The descriptor of one run: what the forward filter left in the gradient state replaces its numbers, what the caller answers
/// replaces the weight.
class Settings {
 public:
  Settings(const KernelRequest& request, const CNNLossDescriptor& d)
      : d_(d), has_state_(request.forward != nullptr), has_answer_(request.source_states.size() > std::size_t(has_state_)) {}

  CNNLossDescriptor of(const RunArguments& arguments, std::size_t image) const {
    CNNLossDescriptor d = d_;
    if (has_state_) {
      const float* numbers = static_cast<const float*>(arguments.source_states[0]) + image * kSettings;
      d.weight = numbers[0];
      d.label_smoothing = numbers[1];
      d.epsilon = numbers[2];
      d.delta = numbers[3];
    }
    if (has_answer_) d.weight = float(static_cast<const double*>(arguments.source_states.back())[image]);
    return d;
  }

 private:
  const CNNLossDescriptor d_;
  const bool has_state_, has_answer_;
};

void leave_settings(const CNNLossDescriptor& d, float* state, std::size_t images) {
  const float numbers[kSettings] = {d.weight, d.label_smoothing, d.epsilon, d.delta};
  for (std::size_t n = 0; n < images; ++n) std::copy_n(numbers, kSettings, state + n * kSettings);
}

/// Predictions, labels and weights: the sources from `first` on.
class LossSources {
 public:
  LossSources(const KernelRequest& request, std::size_t first)
      : first_(first),
        has_weights_(request.sources.size() > first + 2),
        predictions_(request.sources[first]),
        labels_(request.sources[first + 1]),
        weights_(has_weights_ ? request.sources[first + 2] : TensorDescriptor()) {}

  const TensorDescriptor& predictions() const { return predictions_; }

  LossPixels pixels(const RunArguments& arguments, std::size_t at, std::size_t count) const {
    LossPixels p;
    p.count = count;
    p.channels = predictions_.c;
    p.y = arguments.sources[first_] + at * predictions_.pixel_stride;
    p.t = arguments.sources[first_ + 1] + at * labels_.pixel_stride;
    p.w = has_weights_ ? arguments.sources[first_ + 2] + at * weights_.pixel_stride : nullptr;
    p.y_stride = predictions_.pixel_stride;
    p.t_stride = labels_.pixel_stride;
    p.w_stride = weights_.pixel_stride;
    return p;
  }

 private:
  const std::size_t first_;
  const bool has_weights_;
  const TensorDescriptor predictions_, labels_, weights_;
};

void copy_pixels(const float* from, std::size_t channels, float* to, std::size_t stride, std::size_t count) {
  for (std::size_t p = 0; p < count; ++p) std::copy_n(from + p * channels, channels, to + p * stride);
}

class ForwardLossLoops final : public PlanKernel {
 public:
  ForwardLossLoops(const KernelRequest& request, const CNNLossDescriptor& d)
      : settings_(request, d),
        sources_(request, 0),
        result_(*request.result),
        is_whole_(d.reduction_type == CNNReductionType::None),
        units_(sources_.predictions(), request.threads),
        sums_(units_.count()),
        losses_(sources_.predictions().n) {}

  std::size_t scratch_bytes() const override { return units_.workers() * kForwardScratch * tile_size() * sizeof(float); }

  void run(const RunArguments& arguments) override {
    const CNNLossDescriptor d = settings_.of(arguments, 0);
    units_.run([&](const LossUnit& unit) { sums_[unit.index] = run_unit(d, arguments, unit); });
    const TensorDescriptor& y = sources_.predictions();
    if (!is_whole_) {
      reduce_losses(reduction_of(d, y.shape()), sums_, y.n, losses_.data());
      copy_pixels(losses_.data(), 1, arguments.result, result_.pixel_stride, y.n);
    }
    if (!arguments.states.empty()) leave_settings(d, static_cast<float*>(arguments.states[0]), y.n);
  }

 private:
  std::size_t tile_size() const { return units_.tile_pixels() * sources_.predictions().c; }

  LossSums run_unit(const CNNLossDescriptor& d, const RunArguments& arguments, const LossUnit& unit) const {
    float* scratch = reinterpret_cast<float*>(arguments.scratch) + unit.worker * kForwardScratch * tile_size();
    const std::size_t c = sources_.predictions().c;
    LossSums sums;
    for (std::size_t at = unit.begin; at < unit.end; at += units_.tile_pixels()) {
      LossPixels tile = sources_.pixels(arguments, at, std::min(units_.tile_pixels(), unit.end - at));
      tile.loss = scratch;
      tile.gradient = scratch + tile_size();
      tile.gradient_stride = c;
      tile.spare = scratch + 2 * tile_size();
      run_losses(d, tile);
      if (is_whole_) {
        copy_pixels(tile.loss, c, arguments.result + at * result_.pixel_stride, result_.pixel_stride, tile.count);
        continue;
      }
      sums.loss += sum_of(tile.loss, tile.count * c);
      if (d.reduction_type == CNNReductionType::SumByNonZeroWeights) sums.non_zero += double(non_zero_weights(d, tile));
    }
    return sums;
  }

  const Settings settings_;
  const LossSources sources_;
  const TensorDescriptor result_;
  const bool is_whole_;
  const LossUnits units_;
  std::vector<LossSums> sums_;
  std::vector<float> losses_;
};

// With respect to the labels ------------------------------------------------------------------------------------------------

/// Calls `use` with the derivative of an element with respect to its label. Not for the softmax cross entropy.
template <class Use>
void with_label_gradient(const CNNLossDescriptor& d, const Use& use) {
  switch (d.loss_type) {
    case CNNLossType::SigmoidCrossEntropy:
      return use([scale = label_smoothing_of(d).scale](float y, float) { return -scale * y; });
    case CNNLossType::CategoricalCrossEntropy:
      return use([](float y, float) { return -log_of(y); });
    case CNNLossType::Hinge:
      return use([](float y, float t) {
        const float v = 1.f - (2.f * t - 1.f) * y, slope = v > 0.f ? -2.f * y : 0.f;
        return v == v ? slope : v;
      });
    case CNNLossType::CosineDistance:
      return use([](float y, float) { return -y; });
    case CNNLossType::Log:
      return use([q = d.epsilon](float y, float) { return log_of((1.f - y) + q) - log_of(y + q); });
    case CNNLossType::KullbackLeiblerDivergence:
      return use([](float y, float t) { return log_of(t) + (1.f - y); });
    default:  // functions of the difference
      return with_element_loss(d, [&](const auto& f) { use([f](float y, float t) { return -f(y, t).gradient; }); });
  }
}

template <class F>
[[gnu::noinline]] void compute(const float* y, const float* t, const float* w, float weight, float* gradient, std::size_t count,
                               F f) {
  if (w) {
#pragma GCC ivdep
    for (std::size_t i = 0; i < count; ++i) gradient[i] = weight * w[i] * f(y[i], t[i]);
    return;
  }
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) gradient[i] = weight * f(y[i], t[i]);
}

/// Weighted gradients with respect to the labels; those of a softmax cross entropy are its losses for labels of 1, because it is
/// linear in them. `ones` has a number for each channel.
void run_label_gradients(CNNLossDescriptor d, const LossPixels& pixels, const float* ones) {
  if (d.loss_type == CNNLossType::SoftMaxCrossEntropy) {
    d.weight *= label_smoothing_of(d).scale;
    d.label_smoothing = 0;
    LossPixels of_ones = pixels;
    of_ones.t = ones;
    of_ones.t_stride = 0;
    run_losses(d, of_ones);
    copy_pixels(pixels.loss, pixels.channels, pixels.gradient, pixels.gradient_stride, pixels.count);
    return;
  }
  with_label_gradient(d, [&](const auto& f) {
    for (std::size_t p = 0; p < pixels.count; ++p) {
      compute(pixels.y + p * pixels.y_stride, pixels.t + p * pixels.t_stride, pixels.w ? pixels.w + p * pixels.w_stride : nullptr,
              d.weight, pixels.gradient + p * pixels.gradient_stride, pixels.channels, f);
    }
  });
}

class LossGradientLoops final : public PlanKernel {
 public:
  LossGradientLoops(const KernelRequest& request, const LossGradientOp& op)
      : d_(op.descriptor),
        is_for_labels_(op.is_labels_gradient_filter),
        settings_(request, op.descriptor),
        gradient_(request.sources[0]),
        sources_(request, 1),
        result_(*request.result),
        units_(sources_.predictions(), request.threads),
        images_(gradient_.n),
        non_zero_(units_.count()),
        ones_(sources_.predictions().c, 1.f) {}

  std::size_t scratch_bytes() const override { return units_.workers() * kGradientScratch * tile_size() * sizeof(float); }

  void run(const RunArguments& arguments) override {
    for (std::size_t n = 0; n < images_.size(); ++n) images_[n] = settings_.of(arguments, n);
    if (d_.reduction_type == CNNReductionType::SumByNonZeroWeights) count_weights(arguments);
    if (d_.reduction_type != CNNReductionType::None) {
      for (std::size_t n = 0; n < images_.size(); ++n) take_gradient(arguments.sources[0], n);
    }
    units_.run([&](const LossUnit& unit) { run_unit(arguments, unit); });
  }

 private:
  std::size_t tile_size() const { return units_.tile_pixels() * sources_.predictions().c; }
  const CNNLossDescriptor& image_of(const LossUnit& unit) const { return images_[unit.index / units_per_image()]; }
  std::size_t units_per_image() const { return units_.count() / images_.size(); }

  void count_weights(const RunArguments& arguments) {
    units_.run([&](const LossUnit& unit) {
      const LossPixels pixels = sources_.pixels(arguments, unit.begin, unit.end - unit.begin);
      non_zero_[unit.index] = double(non_zero_weights(image_of(unit), pixels));
    });
  }

  /// The incoming gradient of an image and what its loss is divided by become part of its weight.
  void take_gradient(const float* gradient, std::size_t n) {
    const bool is_across = d_.reduce_across_batch;
    double divisor = 1;
    if (d_.reduction_type == CNNReductionType::Mean) {
      divisor = reduction_of(d_, sources_.predictions().shape()).elements * double(is_across ? images_.size() : 1);
    } else if (d_.reduction_type == CNNReductionType::SumByNonZeroWeights) {
      const auto first = non_zero_.begin() + std::ptrdiff_t(is_across ? 0 : n * units_per_image());
      divisor = std::accumulate(first, is_across ? non_zero_.end() : first + std::ptrdiff_t(units_per_image()), 0.0);
    }
    const double incoming = gradient[is_across ? 0 : n * gradient_.pixel_stride];
    images_[n].weight = divisor == 0 ? 0.f : float(incoming * double(images_[n].weight) / divisor);
  }

  void run_unit(const RunArguments& arguments, const LossUnit& unit) const {
    const CNNLossDescriptor& d = image_of(unit);
    const std::size_t c = sources_.predictions().c;
    float* scratch = reinterpret_cast<float*>(arguments.scratch) + unit.worker * kGradientScratch * tile_size();
    for (std::size_t at = unit.begin; at < unit.end; at += units_.tile_pixels()) {
      LossPixels tile = sources_.pixels(arguments, at, std::min(units_.tile_pixels(), unit.end - at));
      tile.loss = scratch;
      tile.gradient = arguments.result + at * result_.pixel_stride;
      tile.gradient_stride = result_.pixel_stride;
      tile.spare = scratch + tile_size();
      is_for_labels_ ? run_label_gradients(d, tile, ones_.data()) : run_losses(d, tile);
      for (std::size_t p = 0; p < tile.count; ++p) {
        float* pixel = tile.gradient + p * result_.pixel_stride;
        if (d.reduction_type == CNNReductionType::None)
          multiply(pixel, arguments.sources[0] + (at + p) * gradient_.pixel_stride, c);
        std::fill(pixel + c, pixel + result_.c, 0.f);  // labels beyond the predictions' channels have no influence
      }
    }
  }

  static void multiply(float* numbers, const float* factors, std::size_t count) {
#pragma GCC ivdep
    for (std::size_t i = 0; i < count; ++i) numbers[i] *= factors[i];
  }

  const CNNLossDescriptor d_;
  const bool is_for_labels_;
  const Settings settings_;
  const TensorDescriptor gradient_;
  const LossSources sources_;
  const TensorDescriptor result_;
  const LossUnits units_;
  std::vector<CNNLossDescriptor> images_;
  std::vector<double> non_zero_;  ///< of each unit
  const std::vector<float> ones_;
};

std::unique_ptr<PlanKernel> make_forward_loss(KernelRequest& request) {
  if (request.sources.size() < 2) {
    request.decline("there are no labels; encode_batch_to_command_buffer takes them");
    return nullptr;
  }
  return std::make_unique<ForwardLossLoops>(request, static_cast<const ForwardLossOp&>(request.op).descriptor);
}

std::unique_ptr<PlanKernel> make_loss_gradient(KernelRequest& request) {
  if (request.sources.size() < 3) {
    request.decline("there are no labels; encode_batch_to_command_buffer takes them");
    return nullptr;
  }
  return std::make_unique<LossGradientLoops>(request, static_cast<const LossGradientOp&>(request.op));
}

}  // namespace

void register_forward_loss(KernelTable& table) {
  table.add<ForwardLossOp>("loops", make_forward_loss);
  table.add<LossGradientOp>("loops", make_loss_gradient);
}

}  // namespace mpsnn::cpu
