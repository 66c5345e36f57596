#include "plan/folded_parameters.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/cpu/loops.hpp"

namespace mpsnn {

namespace {

constexpr std::size_t kWeights = 0, kBiases = 1;
constexpr std::size_t kGrain = 16384;  // weights a thread folds at least

}  // namespace

bool FoldedConvolutionParameters::can_fold(const ParameterSet& convolution, const BatchNormalizationParameters& normalization) {
  const auto& p = convolution.parameters;
  const std::size_t outputs = normalization.channels();
  return p.size() == 2 && p[kBiases].count == outputs && p[kWeights].count % outputs == 0;
}

FoldedConvolutionParameters::FoldedConvolutionParameters(std::shared_ptr<ParameterSet> convolution,
                                                         std::shared_ptr<BatchNormalizationParameters> normalization)
    : convolution_(std::move(convolution)), normalization_(std::move(normalization)) {
  const auto &weights = convolution_->parameters[kWeights], &biases = convolution_->parameters[kBiases];
  parameters.push_back({weights.name, nullptr, weights.count, 0});
  parameters.push_back({biases.name, std::make_shared<Buffer>(biases.count * sizeof(float)), biases.count, 0});
  factors_.resize(biases.count);
}

std::function<void()> FoldedConvolutionParameters::read_data_source() {
  return [convolution = convolution_->read_data_source(), normalization = normalization_->read_data_source()] {
    convolution();
    normalization();
  };
}

std::array<std::uint64_t, FoldedConvolutionParameters::kSources> FoldedConvolutionParameters::versions() const {
  std::array<std::uint64_t, kSources> versions;
  auto at = versions.begin();
  for (const Parameter& p : convolution_->parameters) *at++ = p.version;
  for (const Parameter& p : normalization_->parameters) *at++ = p.version;
  return versions;
}

void FoldedConvolutionParameters::refresh() {
  convolution_->refresh();
  normalization_->refresh();
}

void FoldedConvolutionParameters::prepare() {
  convolution_->prepare();  // another normalization may be folded into it
  const auto now = versions();
  if (now == folded_) return;
  make_factors();
  if (multipliers_ == 0) multiply_weights();
  folded_ = now;
  for (Parameter& p : parameters) ++p.version;
}

ScaledWeights FoldedConvolutionParameters::scaled_weights() const {
  return {convolution_->parameters[kWeights].values->floats().data(), factors_.data()};
}

void FoldedConvolutionParameters::restore_weights() {
  if (!parameters[kWeights].values) multiply_weights();
}

void FoldedConvolutionParameters::make_factors() {
  using N = BatchNormalizationParameters;
  const auto& bias_values = convolution_->parameters[kBiases].values;
  const float* biases = bias_values ? bias_values->floats().data() : nullptr;
  const float *gamma = normalization_->values(N::kGamma), *beta = normalization_->values(N::kBeta);
  const float *mean = normalization_->values(N::kMean), *variance = normalization_->values(N::kVariance);
  float* to_biases = parameters[kBiases].values->floats().data();
  for (std::size_t o = 0; o < factors_.size(); ++o) {
    const double scale = gamma[o] / std::sqrt(double(variance[o]) + double(normalization_->epsilon()));
    factors_[o] = float(scale);
    to_biases[o] = float(((biases ? double(biases[o]) : 0.0) - double(mean[o])) * scale + double(beta[o]));
  }
}

void FoldedConvolutionParameters::multiply_weights() {
  const float* weights = convolution_->parameters[kWeights].values->floats().data();
  Parameter& to = parameters[kWeights];
  if (!to.values) to.values = std::make_shared<Buffer>(to.count * sizeof(float));
  float* to_weights = to.values->floats().data();
  const std::size_t outputs = factors_.size(), each = to.count / outputs;
  cpu::parallel_ranges(outputs, kGrain / each + 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t o = begin; o < end; ++o) {
      const float s = factors_[o];
      std::transform(weights + o * each, weights + (o + 1) * each, to_weights + o * each, [s](float w) { return w * s; });
    }
  });
}

}  // namespace mpsnn
