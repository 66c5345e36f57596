#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "nodes/lowered.hpp"
#include "nodes/normalization_parameters.hpp"
#include "nodes/scaled_weights.hpp"

namespace mpsnn {

/// Weights and biases of a convolution with the batch normalisation that follows it folded in: for inference, where the
/// statistics are the data source's.
class FoldedConvolutionParameters final : public ParameterSet, public HasScaledWeights {
 public:
  /// Whether the normalisation has one number for each output channel of [weights, biases].
  static bool can_fold(const ParameterSet& convolution, const BatchNormalizationParameters& normalization);
  FoldedConvolutionParameters(std::shared_ptr<ParameterSet> convolution,
                              std::shared_ptr<BatchNormalizationParameters> normalization);

  std::function<void()> read_data_source() override;
  const void* source_identity() const override { return convolution_->source_identity(); }
  void refresh() override;
  /// Folds where one of the two has changed.
  void prepare() override;
  void add_multiplier() override { ++multipliers_; }
  void remove_multiplier() override { --multipliers_; }
  ScaledWeights scaled_weights() const override;
  void drop_weights() override { parameters[0].values = nullptr; }
  void restore_weights() override;

 private:
  static constexpr std::size_t kSources = 2 + BatchNormalizationParameters::kCount;
  std::array<std::uint64_t, kSources> versions() const;
  void make_factors();
  void multiply_weights();

  std::shared_ptr<ParameterSet> convolution_;
  std::shared_ptr<BatchNormalizationParameters> normalization_;
  std::array<std::uint64_t, kSources> folded_{};
  std::vector<float> factors_;
  std::size_t multipliers_ = 0;  // kernels
};

}  // namespace mpsnn
