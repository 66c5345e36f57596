#include "mpsnn/data_source.hpp"

#include "mpsnn/nodes/convolution.hpp"
#include "mpsnn/nodes/instance_normalization.hpp"
#include "mpsnn/nodes/normalization.hpp"

namespace mpsnn {

DataSource::~DataSource() = default;
CNNConvolutionDataSource::~CNNConvolutionDataSource() = default;
NormalizationDataSource::~NormalizationDataSource() = default;
CNNBatchNormalizationDataSource::~CNNBatchNormalizationDataSource() = default;
ImageNormalizationDataSource::~ImageNormalizationDataSource() = default;
CNNInstanceNormalizationDataSource::~CNNInstanceNormalizationDataSource() = default;
CNNGroupNormalizationDataSource::~CNNGroupNormalizationDataSource() = default;

// A source that implements no update keeps its values.

std::shared_ptr<CNNConvolutionWeightsAndBiasesState> CNNConvolutionDataSource::update_with_command_buffer(
    const std::shared_ptr<CommandBuffer>&, const std::shared_ptr<CNNConvolutionGradientState>&,
    const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>&) {
  return nullptr;
}

bool CNNConvolutionDataSource::update_with_gradient_state(const std::shared_ptr<CNNConvolutionGradientState>&,
                                                          const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>&) {
  return false;
}

std::shared_ptr<CNNNormalizationGammaAndBetaState> CNNBatchNormalizationDataSource::update_gamma_and_beta_with_command_buffer(
    const std::shared_ptr<CommandBuffer>&, const std::shared_ptr<CNNBatchNormalizationState>&) {
  return nullptr;
}

std::shared_ptr<CNNNormalizationMeanAndVarianceState>
CNNBatchNormalizationDataSource::update_mean_and_variance_with_command_buffer(
    const std::shared_ptr<CommandBuffer>&, const std::shared_ptr<CNNBatchNormalizationState>&) {
  return nullptr;
}

bool CNNBatchNormalizationDataSource::update_gamma_and_beta_with_batch_normalization_state(
    const std::shared_ptr<CNNBatchNormalizationState>&) {
  return false;
}

bool CNNBatchNormalizationDataSource::update_mean_and_variance_with_batch_normalization_state(
    const std::shared_ptr<CNNBatchNormalizationState>&) {
  return false;
}

std::shared_ptr<CNNNormalizationGammaAndBetaState> ImageNormalizationDataSource::update_gamma_and_beta_with_command_buffer(
    const std::shared_ptr<CommandBuffer>&, const ImageNormalizationGradientStateBatch&) {
  return nullptr;
}

bool ImageNormalizationDataSource::update_gamma_and_beta_with_state_batch(const ImageNormalizationGradientStateBatch&) {
  return false;
}

}  // namespace mpsnn
