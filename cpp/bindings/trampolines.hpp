#pragma once

#include <pybind11/trampoline_self_life_support.h>

#include "mpsnn/data_source.hpp"
#include "mpsnn/image.hpp"
#include "mpsnn/padding.hpp"
#include "types.hpp"

// Protocols that Python classes implement. Every method takes the interpreter lock itself: the engine calls from any thread.

namespace mpsnn {

class PythonImageAllocator final : public ImageAllocator, public py::trampoline_self_life_support {
 public:
  ImagePtr image_for_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageDescriptor& descriptor,
                                    Kernel* kernel) override;
  ImageBatch image_batch_for_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                            const ImageDescriptor& descriptor, Kernel* kernel, std::size_t count) override;
};

class PythonPadding final : public NNPadding, public py::trampoline_self_life_support {
 public:
  NNPaddingMethod padding_method() const override;
  std::string label() const override;
  ImageDescriptor destination_image_descriptor_for_source_images(const ImageBatch& source_images, const StateBatch& source_states,
                                                                 CNNKernel& kernel,
                                                                 const ImageDescriptor& suggested_descriptor) override;
  std::shared_ptr<NNPadding> inverse() const override;
};

/// The arrays that a data source handed out: the engine reads them between `load` and `purge`. Used with the interpreter
/// lock held.
class HeldArrays {
 public:
  void load() { ++loads_; }
  /// Lets go with the last of the balanced calls: several filters may read one source.
  void purge();
  /// None is an empty span; other types of numbers are converted. `method` names the caller in messages.
  std::span<const float> floats(const std::string& method, const py::object& array);
  /// As float32, float16, uint8 or uint32; nothing is converted to the last two.
  std::span<const std::byte> bytes(const std::string& method, const py::object& array, DataType type);

 private:
  int loads_ = 0;
  std::vector<std::shared_ptr<void>> held_;
};

class PythonConvolutionDataSource final : public CNNConvolutionDataSource, public py::trampoline_self_life_support {
 public:
  bool load() override;
  void purge() override;
  std::string label() const override;
  bool updates(NNTrainingStyle style) const override;
  std::shared_ptr<DataSource> copy() const override;
  std::shared_ptr<CNNConvolutionDescriptor> descriptor() override;
  DataType data_type() override;
  std::span<const std::byte> weights() override;
  std::span<const std::byte> binary_weights() override;
  std::span<const float> bias_terms() override;
  DataType kernel_weights_data_type() override;
  std::optional<CNNWeightsQuantizationType> weights_quantization_type() override;
  std::span<const float> ranges_for_uint8_kernel() override;
  std::span<const float> lookup_table_for_uint8_kernel() override;
  std::shared_ptr<CNNConvolutionWeightsAndBiasesState> update_with_command_buffer(
      const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<CNNConvolutionGradientState>& gradient_state,
      const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& source_state) override;
  bool update_with_gradient_state(const std::shared_ptr<CNNConvolutionGradientState>& gradient_state,
                                  const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& source_state) override;

 private:
  HeldArrays held_;
};

class PythonBatchNormalizationDataSource final : public CNNBatchNormalizationDataSource, public py::trampoline_self_life_support {
 public:
  bool load() override;
  void purge() override;
  std::string label() const override;
  std::shared_ptr<DataSource> copy() const override;
  std::size_t number_of_feature_channels() override;
  std::span<const float> gamma() override;
  std::span<const float> beta() override;
  std::span<const float> mean() override;
  std::span<const float> variance() override;
  float epsilon() override;
  bool updates_gamma_and_beta(NNTrainingStyle style) const override;
  bool updates_mean_and_variance(NNTrainingStyle style) const override;
  std::shared_ptr<CNNNormalizationGammaAndBetaState> update_gamma_and_beta_with_command_buffer(
      const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<CNNBatchNormalizationState>& state) override;
  std::shared_ptr<CNNNormalizationMeanAndVarianceState> update_mean_and_variance_with_command_buffer(
      const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<CNNBatchNormalizationState>& state) override;
  bool update_gamma_and_beta_with_batch_normalization_state(const std::shared_ptr<CNNBatchNormalizationState>& state) override;
  bool update_mean_and_variance_with_batch_normalization_state(const std::shared_ptr<CNNBatchNormalizationState>& state) override;

 private:
  std::span<const float> array(const char* method);

  HeldArrays held_;
};

/// The methods that the protocols of instance and group normalisation share.
template <class Protocol>
class PythonImageNormalizationDataSource : public Protocol, public py::trampoline_self_life_support {
 public:
  bool load() override;
  void purge() override;
  std::string label() const override;
  std::shared_ptr<DataSource> copy() const override;
  std::size_t number_of_feature_channels() override;
  std::span<const float> gamma() override;
  std::span<const float> beta() override;
  float epsilon() override;
  bool updates(NNTrainingStyle style) const override;
  std::shared_ptr<CNNNormalizationGammaAndBetaState> update_gamma_and_beta_with_command_buffer(
      const std::shared_ptr<CommandBuffer>& command_buffer, const ImageNormalizationGradientStateBatch& state_batch) override;
  bool update_gamma_and_beta_with_state_batch(const ImageNormalizationGradientStateBatch& state_batch) override;

 private:
  std::span<const float> array(const char* method);

  HeldArrays held_;
};

class PythonInstanceNormalizationDataSource final
    : public PythonImageNormalizationDataSource<CNNInstanceNormalizationDataSource> {};

class PythonGroupNormalizationDataSource final : public PythonImageNormalizationDataSource<CNNGroupNormalizationDataSource> {
 public:
  std::size_t number_of_groups() override;
};

}  // namespace mpsnn
