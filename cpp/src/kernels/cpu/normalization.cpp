#include "mpsnn/nodes/normalization.hpp"

#include <algorithm>
#include <memory>

#include "kernels/cpu/neuron.hpp"
#include "kernels/cpu/neuron_rectifier.hpp"
#include "kernels/cpu/normalization_loops.hpp"
#include "kernels/kernel.hpp"
#include "nodes/batch_normalization_steps.hpp"
#include "nodes/normalization_parameters.hpp"
#include "nodes/signs.hpp"

namespace mpsnn::cpu {

namespace {

using Parameters = BatchNormalizationParameters;

float epsilon_of(const BatchNormalizationOp& op, const Parameters& parameters) {
  return op.epsilon.value_or(parameters.epsilon());
}

/// The block "moments" of a state: count, means, sums of squared differences.
void store(const Moments& moments, void* block) {
  auto* to = static_cast<double*>(block);
  *to++ = moments.count;
  to = std::copy(moments.mean.begin(), moments.mean.end(), to);
  std::copy(moments.m2.begin(), moments.m2.end(), to);
}

double count_of(const void* moments) { return *static_cast<const double*>(moments); }

/// What normalizes an image, for each lane. Forward and gradient filter make the same of the same statistics.
struct Factors {
  Lanes mean, scale, shift;
  explicit Factors(std::size_t lanes) : mean(lanes), scale(lanes), shift(lanes) {}
  void set(std::size_t channel, double m, double v, float gamma, float beta, float epsilon) {
    const double factor = double(gamma) * inverse_deviation(v, epsilon);
    mean[channel] = float(m);
    scale[channel] = float(factor);
    // What the mean loses by rounding comes back here.
    shift[channel] = float(double(beta) - (m - double(mean[channel])) * factor);
  }
  void spread(std::size_t channels) {
    for (Lanes* lanes : {&mean, &scale, &shift}) cpu::spread(*lanes, channels);
  }
};

// Forward -----------------------------------------------------------------------------------------------------------

void add_row(const float* __restrict x, float* __restrict y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) y[i] += x[i];
}

void add_image(const float* x, std::size_t x_stride, float* y, std::size_t y_stride, std::size_t pixels, std::size_t channels) {
  if (x_stride == channels && y_stride == channels) return add_row(x, y, pixels * channels);
  for (std::size_t p = 0; p < pixels; ++p) add_row(x + p * x_stride, y + p * y_stride, channels);
}

/// Statistics are those of the source, or a state's that is given, or the data source's. A second source is added before the
/// activation, which may leave the signs of what it was given.
class BatchNormalization final : public PlanKernel {
 public:
  explicit BatchNormalization(const KernelRequest& request)
      : source_(request.sources[0]),
        result_(request.result ? *request.result : request.sources[0]),
        addend_(request.sources.back()),
        op_(static_cast<const BatchNormalizationOp&>(request.op)),
        parameters_(static_cast<const Parameters&>(*request.parameters)),
        rows_(source_.pixels(), source_.c, source_.is_dense() && result_.is_dense()),
        factors_(rows_.lanes) {
    const bool is_training = op_.flags == CNNBatchNormalizationFlags::CalculateStatisticsAutomatic && !request.states.empty();
    if (is_training || op_.flags == CNNBatchNormalizationFlags::CalculateStatisticsAlways) {
      statistics_ = std::make_unique<Statistics>(rows_, request.threads);
    }
  }
  bool can_run_in_place() const override { return true; }

  void run(const RunArguments& arguments) override {
    const float* x = arguments.sources[0];
    if (statistics_) statistics_->compute(x, source_.pixel_stride);
    prepare(arguments);
    if (!arguments.result) return;
    const std::size_t x_stride = rows_.stride(source_.pixel_stride), y_stride = rows_.stride(result_.pixel_stride);
    for_rows(rows_, kGrain, [&](std::size_t pixel, std::size_t count, std::size_t lanes) {
      const bool is_tail = lanes != rows_.lanes;
      const float* from = x + pixel * source_.pixel_stride;
      float* to = arguments.result + pixel * result_.pixel_stride;
      const auto loop = from == to ? normalize<true> : normalize<false>;
      loop(from, is_tail ? source_.pixel_stride : x_stride, to, is_tail ? result_.pixel_stride : y_stride, count, lanes,
           factors_.mean.data(), factors_.scale.data(), factors_.shift.data());
      finish(arguments, pixel, count * lanes / source_.c);
    });
  }

 private:
  static constexpr std::size_t kBlocks = 3;  // of the state

  // While the numbers are in the cache.
  void finish(const RunArguments& arguments, std::size_t pixel, std::size_t pixels) const {
    float* y = arguments.result + pixel * result_.pixel_stride;
    if (arguments.sources.size() > 1) {
      add_image(arguments.sources[1] + pixel * addend_.pixel_stride, addend_.pixel_stride, y, result_.pixel_stride, pixels,
                result_.c);
    }
    if (arguments.states.size() > kBlocks) {
      rectify(op_.neuron.a, y, result_.pixel_stride, y, result_.pixel_stride,
              static_cast<std::uint8_t*>(arguments.states[kBlocks]) + pixel * sign_bytes(result_.c), pixels, result_.c);
    } else if (op_.neuron.neuron_type != CNNNeuronType::None) {
      apply_neuron(op_.neuron, y, y, pixels, source_.c, result_.pixel_stride, result_.pixel_stride);
    }
  }

  void prepare(const RunArguments& arguments) {
    const float epsilon = epsilon_of(op_, parameters_);
    const float *gamma = parameters_.values(Parameters::kGamma), *beta = parameters_.values(Parameters::kBeta);
    const float *mean = parameters_.values(Parameters::kMean), *variance = parameters_.values(Parameters::kVariance);
    if (!arguments.source_states.empty()) {
      mean = static_cast<const float*>(arguments.source_states[0]);
      variance = static_cast<const float*>(arguments.source_states[1]);
    }
    float* mean_state = arguments.states.empty() ? nullptr : static_cast<float*>(arguments.states[0]);
    float* variance_state = arguments.states.empty() ? nullptr : static_cast<float*>(arguments.states[1]);
    for (std::size_t c = 0; c < source_.c; ++c) {
      const double m = statistics_ ? statistics_->mean(c) : double(mean[c]);
      const double v = statistics_ ? statistics_->variance(c) : double(variance[c]);
      factors_.set(c, m, v, gamma[c], beta[c], epsilon);
      if (mean_state) mean_state[c] = float(m);
      if (variance_state) variance_state[c] = float(v);
    }
    factors_.spread(source_.c);
    if (!arguments.states.empty()) store(statistics_ ? statistics_->total() : none_, arguments.states[2]);
  }

  TensorDescriptor source_, result_, addend_;
  const BatchNormalizationOp& op_;
  const Parameters& parameters_;
  Rows rows_;
  std::unique_ptr<Statistics> statistics_;
  const Moments none_{source_.c};
  Factors factors_;
};

/// Adds the statistics of a batch to those in a state.
class BatchNormalizationStatistics final : public PlanKernel {
 public:
  explicit BatchNormalizationStatistics(const KernelRequest& request)
      : source_(request.sources[0]),
        is_first_(static_cast<const BatchNormalizationStatisticsOp&>(request.op).is_first),
        statistics_(Rows(source_.pixels(), source_.c, source_.is_dense()), request.threads),
        total_(source_.c) {}

  void run(const RunArguments& arguments) override {
    statistics_.compute(arguments.sources[0], source_.pixel_stride);
    total_.clear();
    if (!is_first_) {
      const auto* before = static_cast<const double*>(arguments.states[2]);
      total_.merge(before[0], before + 1, before + 1 + source_.c, source_.c);
    }
    const Moments& more = statistics_.total();
    total_.merge(more.count, more.mean.data(), more.m2.data(), source_.c);
    store(total_, arguments.states[2]);
    for (std::size_t c = 0; c < source_.c; ++c) {
      static_cast<float*>(arguments.states[0])[c] = float(total_.mean[c]);
      static_cast<float*>(arguments.states[1])[c] = float(total_.m2[c] / total_.count);
    }
  }

 private:
  TensorDescriptor source_;
  bool is_first_;
  Statistics statistics_;
  Moments total_;
};

// Gradient ----------------------------------------------------------------------------------------------------------

/// d = ((g + shift) + (x - mean) * slope) * scale
template <bool kInPlace>
void differentiate(const float* g, std::size_t g_stride, const float* x, std::size_t x_stride, float* __restrict d,
                   std::size_t d_stride, std::size_t rows, std::size_t lanes, const float* mean, const float* scale,
                   const float* shift, const float* slope) {
  for (std::size_t row = 0; row < rows; ++row) {
    float* __restrict to = d + row * d_stride;
    const float* from = kInPlace ? to : g + row * g_stride;
    const float* source = x + row * x_stride;
    for (std::size_t l = 0; l < lanes; ++l) to[l] = ((from[l] + shift[l]) + (source[l] - mean[l]) * slope[l]) * scale[l];
  }
}

/// The gradient of what the activation was given: the forward filter's arithmetic again, in memory of each part's own.
class NeuronGradientRows {
 public:
  NeuronGradientRows(const Rows& rows, std::size_t parts, const NNNeuronDescriptor& neuron, const TensorDescriptor& gradient,
                     const TensorDescriptor& source, const Factors& factors)
      : rows_(rows),
        neuron_(neuron),
        gradient_(gradient),
        source_(source),
        factors_(factors),
        rooms_(parts, std::vector<float>(rows_at_once(rows) * rows.lanes)) {}
  void bind(const float* g, const float* x) {
    g_ = g;
    x_ = x;
  }
  const float* read(std::size_t part, std::size_t pixel, std::size_t count, std::size_t lanes, std::size_t& stride) {
    float* y = rooms_[part].data();
    stride = lanes;
    normalize<false>(x_ + pixel * source_.pixel_stride,
                     lanes == rows_.lanes ? rows_.stride(source_.pixel_stride) : source_.pixel_stride, y, lanes, count, lanes,
                     factors_.mean.data(), factors_.scale.data(), factors_.shift.data());
    apply_neuron_gradient(neuron_, g_ + pixel * gradient_.pixel_stride, y, y, count * lanes / rows_.channels, rows_.channels,
                          gradient_.pixel_stride, rows_.channels, rows_.channels);
    return y;
  }

 private:
  const Rows& rows_;
  const NNNeuronDescriptor& neuron_;
  const TensorDescriptor &gradient_, &source_;
  const Factors& factors_;
  const float *g_ = nullptr, *x_ = nullptr;
  std::vector<std::vector<float>> rooms_;
};

/// Sums over the batch are computed, and left, or a state has them.
class BatchNormalizationGradient final : public PlanKernel {
 public:
  explicit BatchNormalizationGradient(const KernelRequest& request)
      : gradient_(request.sources[0]),
        source_(request.sources[1]),
        result_(request.result ? *request.result : request.sources[0]),
        forward_(static_cast<const BatchNormalizationOp&>(*request.forward->op)),
        parameters_(static_cast<const Parameters&>(*request.parameters)),
        rows_(source_.pixels(), source_.c, gradient_.is_dense() && source_.is_dense() && result_.is_dense()),
        parts_(parts_of(rows_, request.threads)),
        factors_(rows_.lanes),
        shift_(rows_.lanes),
        slope_(rows_.lanes) {
    const auto* sums = dynamic_cast<const BatchNormalizationSumsOp*>(&request.op);
    is_first_ = !sums || sums->is_first;
    const bool is_constant = forward_.flags == CNNBatchNormalizationFlags::CalculateStatisticsNever;
    const bool are_given = request.source_states.size() > kBlocks;
    if (!are_given && (!is_constant || !request.states.empty())) sums_ = std::make_unique<GradientSums>(rows_, request.threads);
    if (forward_.neuron.neuron_type != CNNNeuronType::None) {
      neuron_ = std::make_unique<NeuronGradientRows>(rows_, parts_, forward_.neuron, gradient_, source_, factors_);
    }
  }
  static constexpr std::size_t kBlocks = 3;  ///< that the forward filter leaves
  bool can_run_in_place() const override { return true; }

  void run(const RunArguments& arguments) override {
    const float *g = arguments.sources[0], *x = arguments.sources[1];
    const float epsilon = epsilon_of(forward_, parameters_);
    use_statistics(arguments, epsilon);
    if (neuron_) {
      neuron_->bind(g, x);
      run(arguments, *neuron_, epsilon);
    } else {
      const StoredGradient stored{rows_, g, gradient_.pixel_stride};
      run(arguments, stored, epsilon);
    }
  }

 private:
  template <class Gradient>
  void run(const RunArguments& arguments, Gradient& gradient, float epsilon) {
    const float* x = arguments.sources[1];
    if (sums_) sums_->compute(gradient, x, source_.pixel_stride, factors_.mean);
    if (sums_ || arguments.source_states.size() > kBlocks) use_sums(arguments, epsilon);
    if (!arguments.result) return;
    const std::size_t x_stride = rows_.stride(source_.pixel_stride), d_stride = rows_.stride(result_.pixel_stride);
    for_parts(rows_, parts_, [&](std::size_t part, std::size_t pixel, std::size_t count, std::size_t lanes) {
      const bool is_tail = lanes != rows_.lanes;
      std::size_t g_stride = 0;
      const float* from = gradient.read(part, pixel, count, lanes, g_stride);
      float* to = arguments.result + pixel * result_.pixel_stride;
      const auto loop = from == to ? differentiate<true> : differentiate<false>;
      loop(from, g_stride, x + pixel * source_.pixel_stride, is_tail ? source_.pixel_stride : x_stride, to,
           is_tail ? result_.pixel_stride : d_stride, count, lanes, factors_.mean.data(), factors_.scale.data(), shift_.data(),
           slope_.data());
    });
  }

  void use_statistics(const RunArguments& arguments, float epsilon) {
    const auto *mean = static_cast<const float*>(arguments.source_states[0]),
               *variance = static_cast<const float*>(arguments.source_states[1]);
    const auto* moments = static_cast<const double*>(arguments.source_states[2]);
    const double count = moments[0];
    for (std::size_t c = 0; c < source_.c; ++c) {
      const double m = count > 0 ? moments[1 + c] : double(mean[c]);
      const double v = count > 0 ? moments[1 + source_.c + c] / count : double(variance[c]);
      factors_.set(c, m, v, parameters_.values(Parameters::kGamma)[c], parameters_.values(Parameters::kBeta)[c], epsilon);
    }
    factors_.spread(source_.c);
  }

  void use_sums(const RunArguments& arguments, float epsilon) {
    const auto* variance = static_cast<const float*>(arguments.source_states[1]);
    const double pixels = count_of(arguments.source_states[2]);  // 0: the statistics are constants
    float* for_gamma = arguments.states.empty() ? nullptr : static_cast<float*>(arguments.states[0]);
    float* for_beta = arguments.states.empty() ? nullptr : static_cast<float*>(arguments.states[1]);
    for (std::size_t c = 0; c < source_.c; ++c) {
      const double s = inverse_deviation(variance[c], epsilon);
      double gamma = 0, beta = 0;
      if (sums_) {
        gamma = sums_->sum_with_x(c) * s;
        beta = sums_->sum(c);
      } else {
        gamma = static_cast<const float*>(arguments.source_states[kBlocks])[c];
        beta = static_cast<const float*>(arguments.source_states[kBlocks + 1])[c];
      }
      if (for_gamma) for_gamma[c] = float(gamma + (is_first_ ? 0 : for_gamma[c]));
      if (for_beta) for_beta[c] = float(beta + (is_first_ ? 0 : for_beta[c]));
      if (pixels == 0) continue;
      shift_[c] = float(-beta / pixels);
      slope_[c] = float(-gamma * s / pixels);
    }
    for (Lanes* lanes : {&shift_, &slope_}) spread(*lanes, source_.c);
  }

  TensorDescriptor gradient_, source_, result_;
  const BatchNormalizationOp& forward_;
  const Parameters& parameters_;
  bool is_first_;
  Rows rows_;
  std::size_t parts_;
  std::unique_ptr<GradientSums> sums_;
  std::unique_ptr<NeuronGradientRows> neuron_;
  Factors factors_;
  Lanes shift_, slope_;
};

std::unique_ptr<PlanKernel> make_forward(KernelRequest& request) { return std::make_unique<BatchNormalization>(request); }

std::unique_ptr<PlanKernel> make_statistics(KernelRequest& request) {
  if (request.result) {
    request.decline("there is no result image");
    return nullptr;
  }
  return std::make_unique<BatchNormalizationStatistics>(request);
}

std::unique_ptr<PlanKernel> make_gradient(KernelRequest& request) {
  const bool has_forward = request.forward && dynamic_cast<const BatchNormalizationOp*>(request.forward->op);
  if (!has_forward || request.source_states.size() < BatchNormalizationGradient::kBlocks) {
    request.decline("the forward filter leaves no statistics");
    return nullptr;
  }
  return std::make_unique<BatchNormalizationGradient>(request);
}

}  // namespace

void register_normalization(KernelTable& table) {
  table.add<BatchNormalizationOp>("loops", make_forward);
  table.add<BatchNormalizationGradientOp>("loops", make_gradient);
  table.add<BatchNormalizationStatisticsOp>("loops", make_statistics);
  table.add<BatchNormalizationStatisticsGradientOp>("loops", make_gradient);
}

}  // namespace mpsnn::cpu
