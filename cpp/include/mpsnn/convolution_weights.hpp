#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mpsnn/buffer.hpp"
#include "mpsnn/data_source.hpp"

namespace mpsnn {

class NNOptimizer;

/// What may be said about weights besides their values.
struct ConvolutionWeightsOptions {
  /// Precision inside the kernel. Nothing: Float32 for float32 weights, else Float16, the only one there is for them.
  std::optional<DataType> kernel_weights_data_type;
  std::vector<float> ranges;               ///< UInt8: (min, max) for each output channel, or ...
  std::vector<float> lookup_table;         ///< ... 256 values
  std::shared_ptr<NNOptimizer> optimizer;  ///< copied: every source has a time step of its own; null: frozen
  std::string label;
};

/// Arrays of weights and biases, and an optimizer that trains them: a data source for which nobody has to write a class.
///
/// A training graph of GPU style computes with the arrays themselves; every other graph has a copy, taken when it is made and
/// when it reloads.
class MPSNN_API ConvolutionWeights final : public CNNConvolutionDataSource {
 public:
  /// Weights that start at random: uniform in [-l, l), l = sqrt(6 / (kH * kW * I/groups)), the rule of He et al. for rectifiers.
  /// Weight i is l * (2 * (z >> 40) / 2^24 - 1), z the output i + 1 of SplitMix64 from `seed`.
  ConvolutionWeights(std::shared_ptr<CNNConvolutionDescriptor> descriptor, std::uint64_t seed, std::span<const float> biases,
                     ConvolutionWeightsOptions options = {});
  /// Weights of type Float32, Float16 or UInt8 in the order O, kH, kW, I/groups, or UInt32, the words of a binary filter. No
  /// biases: the span is empty.
  ConvolutionWeights(std::shared_ptr<CNNConvolutionDescriptor> descriptor, std::span<const std::byte> weights, DataType data_type,
                     std::span<const float> biases, ConvolutionWeightsOptions options = {});
  ~ConvolutionWeights() override;

  bool load() override { return true; }
  void purge() override {}
  std::string label() const override { return options_.label; }
  bool updates(NNTrainingStyle style) const override;
  std::shared_ptr<DataSource> copy() const override;
  std::shared_ptr<CNNConvolutionDescriptor> descriptor() override { return descriptor_; }
  DataType data_type() override { return data_type_; }
  std::span<const std::byte> weights() override;
  std::span<const std::byte> binary_weights() override;
  std::span<const float> bias_terms() override;
  DataType kernel_weights_data_type() override;
  std::optional<CNNWeightsQuantizationType> weights_quantization_type() override;
  std::span<const float> ranges_for_uint8_kernel() override { return options_.ranges; }
  std::span<const float> lookup_table_for_uint8_kernel() override { return options_.lookup_table; }
  std::shared_ptr<CNNConvolutionWeightsAndBiasesState> update_with_command_buffer(
      const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<CNNConvolutionGradientState>& gradient_state,
      const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& source_state) override;
  bool update_with_gradient_state(const std::shared_ptr<CNNConvolutionGradientState>& gradient_state,
                                  const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& source_state) override;
  std::vector<std::shared_ptr<Buffer>> shared_parameters() override;
  /// (weights, biases or null) for a graph that does not train: nobody writes them as long as it has them. Empty where that
  /// cannot be promised: with an optimizer, once somebody was given the buffers to write, or where values are not float32.
  std::vector<std::shared_ptr<Buffer>> constant_parameters();

  /// To read and to write; graphs see what is written after they reload.
  std::shared_ptr<Buffer> weights_buffer();
  /// Null where there are no biases.
  std::shared_ptr<Buffer> biases_buffer();
  const std::shared_ptr<NNOptimizer>& optimizer() const { return options_.optimizer; }
  /// The arrays the optimizer keeps beside the weights, and beside the biases where there are any.
  const std::vector<std::shared_ptr<Buffer>>& weights_moments() const { return weights_moments_; }
  const std::vector<std::shared_ptr<Buffer>>& biases_moments() const { return biases_moments_; }

 private:
  ConvolutionWeights(const ConvolutionWeights& other);
  void check_and_prepare(std::span<const float> biases);
  std::vector<struct NNOptimizerPart> parts(const CNNConvolutionGradientState& gradient_state) const;
  void make_writable();

  std::shared_ptr<CNNConvolutionDescriptor> descriptor_;
  DataType data_type_;
  ConvolutionWeightsOptions options_;
  std::mutex mutex_;  // of what follows
  bool is_writable_ = false;
  std::shared_ptr<Buffer> weights_, biases_;
  std::vector<std::shared_ptr<Buffer>> weights_moments_, biases_moments_;  // the optimizer's own arrays
};

}  // namespace mpsnn
