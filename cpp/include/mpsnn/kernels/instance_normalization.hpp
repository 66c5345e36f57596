#pragma once

#include <memory>

#include "mpsnn/kernel.hpp"
#include "mpsnn/nodes/instance_normalization.hpp"
#include "mpsnn/nodes/normalization.hpp"

namespace mpsnn {

struct SavedSource;

/// Base of instance and group normalisation. The data source is read when the kernel is made.
class MPSNN_API ImageNormalizationKernel : public CNNKernel {
 public:
  ImageNormalizationKernel(const ImageNormalizationKernel&) = delete;
  /// The values in use, as a graph saves those of sources that are not the library's.
  SavedSource save_parameters() const;
  /// The data source's until it is set. Encodes and states keep the one that they were made with.
  float epsilon() const;
  void set_epsilon(float epsilon);
  void reload_gamma_and_beta_from_data_source();
  /// New values from a state, in the order of encodes.
  void reload_gamma_and_beta_with_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                 const std::shared_ptr<CNNNormalizationGammaAndBetaState>& state);

 protected:
  explicit ImageNormalizationKernel(std::shared_ptr<KernelCore> core);
  const std::shared_ptr<ImageNormalizationDataSource>& source() const;
};

/// MPSCNNInstanceNormalization.
class MPSNN_API CNNInstanceNormalization final : public ImageNormalizationKernel,
                                                 public std::enable_shared_from_this<CNNInstanceNormalization> {
 public:
  CNNInstanceNormalization(std::shared_ptr<Device> device, std::shared_ptr<CNNInstanceNormalizationDataSource> data_source);
  /// For states of graphs: shares the parameters.
  explicit CNNInstanceNormalization(std::shared_ptr<KernelCore> core);
  std::shared_ptr<CNNInstanceNormalizationDataSource> data_source() const;
};

/// MPSCNNGroupNormalization.
class MPSNN_API CNNGroupNormalization final : public ImageNormalizationKernel,
                                              public std::enable_shared_from_this<CNNGroupNormalization> {
 public:
  CNNGroupNormalization(std::shared_ptr<Device> device, std::shared_ptr<CNNGroupNormalizationDataSource> data_source);
  /// For states of graphs: shares the parameters.
  explicit CNNGroupNormalization(std::shared_ptr<KernelCore> core);
  std::shared_ptr<CNNGroupNormalizationDataSource> data_source() const;
};

/// MPSCNNInstanceNormalizationGradient. The states know the forward kernel's parameters.
class MPSNN_API CNNInstanceNormalizationGradient final : public CNNGradientKernel {
 public:
  explicit CNNInstanceNormalizationGradient(std::shared_ptr<Device> device = nullptr);
  bool is_state_modified() const override { return true; }
};

/// MPSCNNGroupNormalizationGradient. The states know the forward kernel's parameters.
class MPSNN_API CNNGroupNormalizationGradient final : public CNNGradientKernel {
 public:
  explicit CNNGroupNormalizationGradient(std::shared_ptr<Device> device = nullptr);
  bool is_state_modified() const override { return true; }
};

}  // namespace mpsnn
