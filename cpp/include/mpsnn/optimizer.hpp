#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mpsnn/kernel.hpp"
#include "mpsnn/vector.hpp"

namespace mpsnn {

class CommandBuffer;
class CNNBatchNormalizationState;
class CNNConvolutionGradientState;
class CNNConvolutionWeightsAndBiasesState;
class CNNNormalizationGammaAndBetaState;
class State;
struct OptimizerArrays;
struct OptimizerStep;

using VectorPtr = std::shared_ptr<Vector>;
using MatrixPtr = std::shared_ptr<Matrix>;

/// MPSNNOptimizerDescriptor: the learning rate and what happens to gradients before the rule.
struct NNOptimizerDescriptor {
  float learning_rate = 0.001f;
  float gradient_rescale = 1;
  bool apply_gradient_clipping = false;
  float gradient_clip_max = std::numeric_limits<float>::max();
  float gradient_clip_min = std::numeric_limits<float>::lowest();
  NNRegularizationType regularization_type = NNRegularizationType::None;
  float regularization_scale = 0;
  bool operator==(const NNOptimizerDescriptor&) const = default;
};

/// An array to update in place, with its gradient and the rule's state: float32, all of the same length.
struct NNOptimizerPart {
  std::shared_ptr<Buffer> gradient, values;
  /// As many as `state_vector_count`; Adam takes a third, the maximum velocity of AMSGrad; SGD may do without.
  std::vector<std::shared_ptr<Buffer>> states;
};

/// MPSNNOptimizer: new values from values, gradients and the rule's own state.
class MPSNN_API NNOptimizer : public Kernel {
 public:
  ~NNOptimizer() override;
  virtual const char* class_name() const = 0;
  float learning_rate() const { return descriptor_.learning_rate; }
  void set_learning_rate(float new_learning_rate) { descriptor_.learning_rate = new_learning_rate; }
  bool apply_gradient_clipping() const { return descriptor_.apply_gradient_clipping; }
  void set_apply_gradient_clipping(bool apply) { descriptor_.apply_gradient_clipping = apply; }
  float gradient_rescale() const { return descriptor_.gradient_rescale; }
  float gradient_clip_max() const { return descriptor_.gradient_clip_max; }
  float gradient_clip_min() const { return descriptor_.gradient_clip_min; }
  float regularization_scale() const { return descriptor_.regularization_scale; }
  NNRegularizationType regularization_type() const { return descriptor_.regularization_type; }
  const NNOptimizerDescriptor& descriptor() const { return descriptor_; }

  /// State arrays, zero at first, that the rule keeps beside each array of values.
  virtual std::size_t state_vector_count() const = 0;
  /// Independent, with a time step of its own.
  virtual std::shared_ptr<NNOptimizer> copy(const std::shared_ptr<Device>& device = nullptr) const = 0;
  /// Encodes one step (one time step) for all parts.
  void encode_update(const std::shared_ptr<CommandBuffer>& command_buffer, std::span<const NNOptimizerPart> parts);
  /// The same at once, on the caller's thread.
  void update(std::span<const NNOptimizerPart> parts);

 protected:
  NNOptimizer(std::shared_ptr<Device> device, const NNOptimizerDescriptor& descriptor);
  NNOptimizer(const NNOptimizer&) = default;
  /// The numbers of the next step with this many state arrays; `advance` counts it.
  virtual OptimizerStep step(std::size_t state_count) const = 0;
  virtual void advance() {}
  /// Whether the rule can do with this many state arrays.
  virtual bool accepts(std::size_t state_count) const { return state_count == state_vector_count(); }

  /// A state argument of an encode method by Apple's name; null where nil was passed.
  template <class T>
  struct Named {
    const char* name;
    T value;
  };
  using NamedVector = Named<VectorPtr>;
  using NamedMatrix = Named<MatrixPtr>;
  using NamedVectors = Named<std::vector<VectorPtr>>;

  void encode_vectors(const std::shared_ptr<CommandBuffer>& command_buffer, const VectorPtr& gradient, const VectorPtr& values,
                      std::span<const NamedVector> states, const VectorPtr& result);
  void encode_matrices(const std::shared_ptr<CommandBuffer>& command_buffer, const MatrixPtr& gradient, const MatrixPtr& values,
                       std::span<const NamedMatrix> states, const MatrixPtr& result);
  void encode_convolution(const std::shared_ptr<CommandBuffer>& command_buffer,
                          const std::shared_ptr<CNNConvolutionGradientState>& gradient,
                          const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& source,
                          std::span<const NamedVectors> states,
                          const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& result);
  void encode_batch_normalization(const std::shared_ptr<CommandBuffer>& command_buffer,
                                  const std::shared_ptr<CNNBatchNormalizationState>& gradient,
                                  const std::shared_ptr<CNNBatchNormalizationState>& source, std::span<const NamedVectors> states,
                                  const std::shared_ptr<CNNNormalizationGammaAndBetaState>& result);
  [[noreturn]] void refuse(const std::string& what) const;

 private:
  struct Pair;
  std::string description() const;
  void encode_pairs(const std::shared_ptr<CommandBuffer>& command_buffer, std::span<const Pair> pairs,
                    std::span<const NamedVectors> states, std::vector<std::shared_ptr<State>> reads,
                    const std::shared_ptr<State>& result);
  void check_part(const NNOptimizerPart& part) const;
  void check(const OptimizerArrays& arrays) const;
  void encode(const std::shared_ptr<CommandBuffer>& command_buffer, std::vector<OptimizerArrays> arrays);

  NNOptimizerDescriptor descriptor_;
};

/// MPSNNOptimizerStochasticGradientDescent: values - learning_rate * gradient, with momentum where a momentum array is given.
class MPSNN_API NNOptimizerStochasticGradientDescent final : public NNOptimizer {
 public:
  explicit NNOptimizerStochasticGradientDescent(float momentum_scale, bool use_nesterov_momentum,
                                                const NNOptimizerDescriptor& descriptor,
                                                std::shared_ptr<Device> device = nullptr);
  static std::shared_ptr<NNOptimizerStochasticGradientDescent> with_learning_rate(float learning_rate,
                                                                                  std::shared_ptr<Device> device = nullptr);
  const char* class_name() const override { return "MPSNNOptimizerStochasticGradientDescent"; }
  float momentum_scale() const { return momentum_scale_; }
  bool use_nesterov_momentum() const { return use_nesterov_momentum_; }
  std::size_t state_vector_count() const override { return momentum_scale_ == 0 ? 0 : 1; }
  std::shared_ptr<NNOptimizer> copy(const std::shared_ptr<Device>& device = nullptr) const override;

  void encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const VectorPtr& input_gradient_vector,
                                const VectorPtr& input_values_vector, const VectorPtr& input_momentum_vector,
                                const VectorPtr& result_values_vector);
  void encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const MatrixPtr& input_gradient_matrix,
                                const MatrixPtr& input_values_matrix, const MatrixPtr& input_momentum_matrix,
                                const MatrixPtr& result_values_matrix);
  /// The arrays hold the vectors for (weights, biases); with one vector the biases stay, with none there is no momentum.
  void encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                const std::shared_ptr<CNNConvolutionGradientState>& convolution_gradient_state,
                                const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& convolution_source_state,
                                const std::vector<VectorPtr>& input_momentum_vectors,
                                const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& result_state);
  /// The arrays hold the vectors for (gamma, beta). With one state, it is both the gradient and the source state.
  void encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                const std::shared_ptr<CNNBatchNormalizationState>& batch_normalization_gradient_state,
                                const std::shared_ptr<CNNBatchNormalizationState>& batch_normalization_source_state,
                                const std::vector<VectorPtr>& input_momentum_vectors,
                                const std::shared_ptr<CNNNormalizationGammaAndBetaState>& result_state);

 protected:
  OptimizerStep step(std::size_t state_count) const override;
  bool accepts(std::size_t state_count) const override { return state_count <= 1; }

 private:
  float momentum_scale_;
  bool use_nesterov_momentum_;
};

/// MPSNNOptimizerRMSProp: gradients divided by the root of their running mean square.
class MPSNN_API NNOptimizerRMSProp final : public NNOptimizer {
 public:
  NNOptimizerRMSProp(double decay, float epsilon, const NNOptimizerDescriptor& descriptor,
                     std::shared_ptr<Device> device = nullptr);
  static std::shared_ptr<NNOptimizerRMSProp> with_learning_rate(float learning_rate, std::shared_ptr<Device> device = nullptr);
  const char* class_name() const override { return "MPSNNOptimizerRMSProp"; }
  double decay() const { return decay_; }
  float epsilon() const { return epsilon_; }
  std::size_t state_vector_count() const override { return 1; }
  std::shared_ptr<NNOptimizer> copy(const std::shared_ptr<Device>& device = nullptr) const override;

  void encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const VectorPtr& input_gradient_vector,
                                const VectorPtr& input_values_vector, const VectorPtr& input_sum_of_squares_vector,
                                const VectorPtr& result_values_vector);
  void encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const MatrixPtr& input_gradient_matrix,
                                const MatrixPtr& input_values_matrix, const MatrixPtr& input_sum_of_squares_matrix,
                                const MatrixPtr& result_values_matrix);
  void encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                const std::shared_ptr<CNNConvolutionGradientState>& convolution_gradient_state,
                                const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& convolution_source_state,
                                const std::vector<VectorPtr>& input_sum_of_squares_vectors,
                                const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& result_state);
  void encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                const std::shared_ptr<CNNBatchNormalizationState>& batch_normalization_gradient_state,
                                const std::shared_ptr<CNNBatchNormalizationState>& batch_normalization_source_state,
                                const std::vector<VectorPtr>& input_sum_of_squares_vectors,
                                const std::shared_ptr<CNNNormalizationGammaAndBetaState>& result_state);

 protected:
  OptimizerStep step(std::size_t state_count) const override;

 private:
  double decay_;
  float epsilon_;
};

/// MPSNNOptimizerAdam, and AMSGrad where an array for the maximum velocity is given.
class MPSNN_API NNOptimizerAdam final : public NNOptimizer {
 public:
  NNOptimizerAdam(double beta1, double beta2, float epsilon, std::size_t time_step, const NNOptimizerDescriptor& descriptor,
                  std::shared_ptr<Device> device = nullptr);
  static std::shared_ptr<NNOptimizerAdam> with_learning_rate(float learning_rate, std::shared_ptr<Device> device = nullptr);
  const char* class_name() const override { return "MPSNNOptimizerAdam"; }
  double beta1() const { return beta1_; }
  double beta2() const { return beta2_; }
  float epsilon() const { return epsilon_; }
  std::size_t state_vector_count() const override { return 2; }
  std::shared_ptr<NNOptimizer> copy(const std::shared_ptr<Device>& device = nullptr) const override;
  /// Updates encoded so far.
  std::size_t time_step = 0;

  void encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const VectorPtr& input_gradient_vector,
                                const VectorPtr& input_values_vector, const VectorPtr& input_momentum_vector,
                                const VectorPtr& input_velocity_vector, const VectorPtr& maximum_velocity_vector,
                                const VectorPtr& result_values_vector);
  void encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const MatrixPtr& input_gradient_matrix,
                                const MatrixPtr& input_values_matrix, const MatrixPtr& input_momentum_matrix,
                                const MatrixPtr& input_velocity_matrix, const MatrixPtr& maximum_velocity_matrix,
                                const MatrixPtr& result_values_matrix);
  void encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                const std::shared_ptr<CNNConvolutionGradientState>& convolution_gradient_state,
                                const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& convolution_source_state,
                                const std::vector<VectorPtr>& input_momentum_vectors,
                                const std::vector<VectorPtr>& input_velocity_vectors,
                                const std::vector<VectorPtr>& maximum_velocity_vectors,
                                const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& result_state);
  void encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                const std::shared_ptr<CNNBatchNormalizationState>& batch_normalization_gradient_state,
                                const std::shared_ptr<CNNBatchNormalizationState>& batch_normalization_source_state,
                                const std::vector<VectorPtr>& input_momentum_vectors,
                                const std::vector<VectorPtr>& input_velocity_vectors,
                                const std::vector<VectorPtr>& maximum_velocity_vectors,
                                const std::shared_ptr<CNNNormalizationGammaAndBetaState>& result_state);

 protected:
  OptimizerStep step(std::size_t state_count) const override;
  void advance() override { ++time_step; }
  bool accepts(std::size_t state_count) const override { return state_count == 2 || state_count == 3; }

 private:
  double beta1_, beta2_;
  float epsilon_;
};

}  // namespace mpsnn
