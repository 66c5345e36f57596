#include "mpsnn/nodes/normalization.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "kernels/cpu/neuron.hpp"
#include "kernels/cpu/normalization_loops.hpp"
#include "kernels/cpu/sign_bits.hpp"
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
  NormalizingLanes lanes() const { return {mean.data(), scale.data(), shift.data()}; }
  /// `of(channel)` has mean and variance.
  template <class Of>
  void set(std::size_t channels, const float* gamma, const float* beta, float epsilon, const Of& of) {
    float* __restrict means = mean.data(), * __restrict scales = scale.data(), * __restrict shifts = shift.data();
    for (std::size_t c = 0; c < channels; ++c) {
      const auto [m, v] = of(c);
      const double factor = double(gamma[c]) * inverse_deviation(v, epsilon);
      means[c] = float(m);
      scales[c] = float(factor);
      // What the mean loses by rounding comes back here.
      shifts[c] = float(double(beta[c]) - (m - double(means[c])) * factor);
    }
    for (Lanes* lanes : {&mean, &scale, &shift}) spread(*lanes, channels);
  }
  void set(std::size_t channels, const float* gamma, const float* beta, float epsilon, const float* means,
           const float* variances) {
    set(channels, gamma, beta, epsilon, [=](std::size_t c) { return std::pair(double(means[c]), double(variances[c])); });
  }
  void set(std::size_t channels, const float* gamma, const float* beta, float epsilon, double count, const double* means,
           const double* squares) {
    set(channels, gamma, beta, epsilon, [=](std::size_t c) { return std::pair(means[c], squares[c] / count); });
  }
};

// Forward -----------------------------------------------------------------------------------------------------------

/// Statistics are those of the source, or a state's that is given, or the data source's. An image that is computed once more is
/// the same to the bit: its factors are made of the state's moments. A second source is added before the
/// activation, which may leave the signs of what it was given.
class BatchNormalization final : public PlanKernel, public TakesPixels {
 public:
  explicit BatchNormalization(const KernelRequest& request)
      : source_(request.sources[0]),
        result_(request.result ? *request.result : request.sources[0]),
        addend_(request.sources.back()),
        op_(static_cast<const BatchNormalizationOp&>(request.op)),
        parameters_(static_cast<const Parameters&>(*request.parameters)),
        rows_(source_.pixels(), source_.c, source_.is_dense() && result_.is_dense() && addend_.is_dense()),
        factors_(rows_.lanes),
        is_rectified_(rectifier_.set(op_.neuron)) {
    const bool is_training = op_.flags == CNNBatchNormalizationFlags::CalculateStatisticsAutomatic && !request.states.empty();
    if (!op_.is_again && (is_training || op_.flags == CNNBatchNormalizationFlags::CalculateStatisticsAlways)) {
      statistics_ = std::make_unique<Statistics>(rows_, request.threads);
    }
  }
  bool can_run_in_place() const override { return true; }
  bool wants_pixels() const override { return statistics_ != nullptr; }
  void take_from(std::vector<PixelRange> parts) override { statistics_->take_from(std::move(parts)); }
  void take(const MadePixels& pixels) override { statistics_->take(pixels); }

  void run(const RunArguments& arguments) override {
    const float* x = arguments.sources[0];
    if (statistics_) statistics_->compute(x, source_.pixel_stride);
    prepare(arguments);
    if (!arguments.result) return;
    for_rows(rows_, kGrain,
             [&](std::size_t pixel, std::size_t count, std::size_t lanes) { normalize(arguments, pixel, count, lanes); });
  }

 private:
  static constexpr std::size_t kBlocks = 3;  // of the state

  void normalize(const RunArguments& arguments, std::size_t pixel, std::size_t count, std::size_t lanes) const {
    const auto row = [&](const TensorDescriptor& t) { return rows_.stride(t.pixel_stride, lanes); };
    float* y = arguments.result + pixel * result_.pixel_stride;
    const float* x = arguments.sources[0] + pixel * source_.pixel_stride;
    NormalizedRows all{count, lanes, x, row(source_), y, row(result_), factors_.lanes()};
    if (arguments.sources.size() > 1) {
      all.addend = arguments.sources[1] + pixel * addend_.pixel_stride;
      all.addend_row = row(addend_);
    }
    all.rectifier = rectifier_;
    if (arguments.states.size() > kBlocks) {
      // The planner leaves no others to this filter than those that begin with a byte in each pixel.
      all.signs = static_cast<std::uint8_t*>(arguments.states[kBlocks]) + sign_bytes(pixel * result_.c);
    }
    normalization_loops().normalize(all);
    // While the numbers are in the cache.
    if (!is_rectified_) {
      apply_neuron(op_.neuron, y, y, count * lanes / source_.c, source_.c, result_.pixel_stride, result_.pixel_stride);
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
    const auto* moments = op_.is_again ? static_cast<const double*>(arguments.source_states[2]) : nullptr;
    if (moments && moments[0] > 0) {
      factors_.set(source_.c, gamma, beta, epsilon, moments[0], moments + 1, moments + 1 + source_.c);
    } else if (statistics_) {
      const Moments& total = statistics_->total();
      factors_.set(source_.c, gamma, beta, epsilon, total.count, total.mean.data(), total.m2.data());
    } else {
      factors_.set(source_.c, gamma, beta, epsilon, mean, variance);
    }
    if (arguments.states.empty()) return;
    auto *mean_state = static_cast<float*>(arguments.states[0]), *variance_state = static_cast<float*>(arguments.states[1]);
    for (std::size_t c = 0; c < source_.c; ++c) {
      mean_state[c] = statistics_ ? float(statistics_->mean(c)) : mean[c];
      variance_state[c] = statistics_ ? float(statistics_->variance(c)) : variance[c];
    }
    store(statistics_ ? statistics_->total() : none_, arguments.states[2]);
  }

  TensorDescriptor source_, result_, addend_;
  const BatchNormalizationOp& op_;
  const Parameters& parameters_;
  Rows rows_;
  std::unique_ptr<Statistics> statistics_;
  const Moments none_{source_.c};
  Factors factors_;
  Rectifier rectifier_;
  bool is_rectified_;  // by the loops: there is no other activation
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

/// The gradient of what the activation was given: the forward filter's arithmetic again, in memory of each part's own.
class NeuronGradientRows {
 public:
  NeuronGradientRows(std::size_t parts, std::size_t lanes, const NNNeuronDescriptor& neuron)
      : neuron_(neuron), rooms_(parts, std::vector<float>(kSummedRows * lanes)) {}
  /// Puts it into the place of the gradient of the activation's result, which has pixels `g_stride` apart.
  void replace(GradientRows& all, std::size_t part, std::size_t channels, std::size_t g_stride) {
    float* y = rooms_[part].data();
    normalization_loops().normalize({all.rows, all.lanes, all.x, all.x_row, y, all.lanes, all.by});
    apply_neuron_gradient(neuron_, all.g, y, y, all.rows * all.lanes / channels, channels, g_stride, channels, channels);
    all.g = y;
    all.g_row = all.lanes;
  }

 private:
  const NNNeuronDescriptor& neuron_;
  std::vector<std::vector<float>> rooms_;
};

/// Sums over the batch are computed, and left, or a state has them.
class BatchNormalizationGradient final : public PlanKernel, public MakesPixels {
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
        slope_(rows_.lanes),
        inverse_(source_.c),
        for_gamma_(source_.c),
        for_beta_(source_.c) {
    const auto* sums = dynamic_cast<const BatchNormalizationSumsOp*>(&request.op);
    is_first_ = !sums || sums->is_first;
    const bool is_constant = forward_.flags == CNNBatchNormalizationFlags::CalculateStatisticsNever;
    const bool are_given = request.source_states.size() > kBlocks;
    if (!are_given && (!is_constant || !request.states.empty())) sums_ = std::make_unique<GradientSums>(rows_, request.threads);
    are_near_ = sums_ && source_.count() * sizeof(float) <= kHeldBytes;
    if (!rectifier_.set(forward_.neuron)) {
      neuron_ = std::make_unique<NeuronGradientRows>(parts_, rows_.lanes, forward_.neuron);
    }
  }
  static constexpr std::size_t kBlocks = 3;  ///< that the forward filter leaves
  bool can_run_in_place() const override { return true; }

  void run(const RunArguments& arguments) override {
    const float epsilon = epsilon_of(forward_, parameters_);
    use_statistics(arguments, epsilon);
    const auto read = [&](std::size_t part, std::size_t pixel, std::size_t count, std::size_t lanes) {
      return rows_at(arguments, part, pixel, count, lanes);
    };
    if (sums_) sums_->compute(read);
    if (sums_ || arguments.source_states.size() > kBlocks) use_sums(arguments, epsilon);
    if (!arguments.result) return;
    for_parts(rows_, parts_, [&](std::size_t part, std::size_t pixel, std::size_t count, std::size_t lanes) {
      normalization_loops().differentiate(read(part, pixel, count, lanes), differentiating_lanes(),
                                          arguments.result + pixel * result_.pixel_stride,
                                          rows_.stride(result_.pixel_stride, lanes));
    });
  }

  bool can_make_pixels() const override { return !neuron_; }
  void make_pixels(std::span<const float* const> sources, std::size_t first, std::size_t count, float* to,
                   std::size_t row) const override {
    const GradientRows all{count,
                           source_.c,
                           sources[0] + first * gradient_.pixel_stride,
                           gradient_.pixel_stride,
                           sources[1] + first * source_.pixel_stride,
                           source_.pixel_stride,
                           factors_.lanes(),
                           rectifier_,
                           are_near_};
    normalization_loops().differentiate(all, differentiating_lanes(), to, row);
  }

 private:
  DifferentiatingLanes differentiating_lanes() const { return {nullptr, shift_.data(), slope_.data(), factors_.scale.data()}; }
  GradientRows rows_at(const RunArguments& arguments, std::size_t part, std::size_t pixel, std::size_t count,
                       std::size_t lanes) const {
    const float *g = arguments.sources[0] + pixel * gradient_.pixel_stride,
                *x = arguments.sources[1] + pixel * source_.pixel_stride;
    const std::size_t g_row = rows_.stride(gradient_.pixel_stride, lanes), x_row = rows_.stride(source_.pixel_stride, lanes);
    GradientRows all{count, lanes, g, g_row, x, x_row, factors_.lanes(), rectifier_, are_near_};
    if (neuron_) neuron_->replace(all, part, source_.c, gradient_.pixel_stride);
    return all;
  }

  void use_statistics(const RunArguments& arguments, float epsilon) {
    const auto *mean = static_cast<const float*>(arguments.source_states[0]),
               *variance = static_cast<const float*>(arguments.source_states[1]);
    const auto* moments = static_cast<const double*>(arguments.source_states[2]);
    const float *gamma = parameters_.values(Parameters::kGamma), *beta = parameters_.values(Parameters::kBeta);
    const double count = moments[0];
    if (count > 0) {
      factors_.set(source_.c, gamma, beta, epsilon, count, moments + 1, moments + 1 + source_.c);
    } else {
      factors_.set(source_.c, gamma, beta, epsilon, mean, variance);
    }
  }

  void use_sums(const RunArguments& arguments, float epsilon) {
    const std::size_t channels = source_.c;
    const auto* variance = static_cast<const float*>(arguments.source_states[1]);
    for (std::size_t c = 0; c < channels; ++c) inverse_[c] = inverse_deviation(variance[c], epsilon);
    if (sums_) {
      for (std::size_t c = 0; c < channels; ++c) for_gamma_[c] = sums_->sum_with_x(c) * inverse_[c];
      for (std::size_t c = 0; c < channels; ++c) for_beta_[c] = sums_->sum(c);
    } else {
      std::copy_n(static_cast<const float*>(arguments.source_states[kBlocks]), channels, for_gamma_.begin());
      std::copy_n(static_cast<const float*>(arguments.source_states[kBlocks + 1]), channels, for_beta_.begin());
    }
    if (!arguments.states.empty()) {
      leave(for_gamma_, static_cast<float*>(arguments.states[0]));
      leave(for_beta_, static_cast<float*>(arguments.states[1]));
    }
    const double pixels = count_of(arguments.source_states[2]);  // 0: the statistics are constants
    if (pixels == 0) return;
    for (std::size_t c = 0; c < channels; ++c) shift_[c] = float(-for_beta_[c] / pixels);
    for (std::size_t c = 0; c < channels; ++c) slope_[c] = float(-for_gamma_[c] * inverse_[c] / pixels);
    for (Lanes* lanes : {&shift_, &slope_}) spread(*lanes, channels);
  }

  void leave(const std::vector<double>& sums, float* state) const {
    for (std::size_t c = 0; c < sums.size(); ++c) state[c] = float(sums[c] + (is_first_ ? 0 : state[c]));
  }

  TensorDescriptor gradient_, source_, result_;
  const BatchNormalizationOp& forward_;
  const Parameters& parameters_;
  bool is_first_;
  Rows rows_;
  std::size_t parts_;
  bool are_near_ = false;  // both images: the sums have read them
  std::unique_ptr<GradientSums> sums_;
  Rectifier rectifier_;                         // by the loops,
  std::unique_ptr<NeuronGradientRows> neuron_;  // or another activation
  Factors factors_;
  Lanes shift_, slope_;
  std::vector<double> inverse_, for_gamma_, for_beta_;  // of each channel
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
