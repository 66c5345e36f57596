#include "mpsnn/optimizer.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "kernels/cpu/optimizer.hpp"
#include "mpsnn/device.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/nodes/convolution.hpp"
#include "mpsnn/nodes/normalization.hpp"

namespace mpsnn {

namespace {

OptimizerArray array_of(const VectorPtr& vector, const char* name) {
  return {vector->data(),
          vector->offset(),
          vector->vector_bytes(),
          0,
          vector->data_type(),
          {1, vector->vectors(), vector->length()},
          name};
}

OptimizerArray array_of(const MatrixPtr& matrix, const char* name) {
  return {matrix->data(),
          matrix->offset(),
          matrix->row_bytes(),
          matrix->matrix_bytes(),
          matrix->data_type(),
          {matrix->matrices(), matrix->rows(), matrix->columns()},
          name};
}

OptimizerArray array_of(const std::shared_ptr<Buffer>& buffer, std::size_t offset, std::size_t count, const char* name) {
  return {buffer, offset, count * sizeof(float), 0, DataType::Float32, {1, 1, count}, name};
}

std::string to_string(const OptimizerExtent& extent) {
  std::string text = extent.matrices == 1 ? "" : std::to_string(extent.matrices) + " x ";
  if (extent.rows != 1) text += std::to_string(extent.rows) + " x ";
  return text + std::to_string(extent.columns) + " numbers";
}

}  // namespace

/// Weights or biases, gamma or beta: what a state form updates with one entry of each vector array.
struct NNOptimizer::Pair {
  const char* gradient_name;
  std::shared_ptr<Buffer> gradient;
  const char* values_name;
  std::shared_ptr<Buffer> values;
  std::size_t values_offset;
  std::shared_ptr<Buffer> result;
  std::size_t result_offset;
};

NNOptimizer::NNOptimizer(std::shared_ptr<Device> device, const NNOptimizerDescriptor& descriptor)
    : Kernel(device ? std::move(device) : default_device()), descriptor_(descriptor) {}

NNOptimizer::~NNOptimizer() = default;

std::string NNOptimizer::description() const { return class_name() + (label.empty() ? std::string() : " \"" + label + "\""); }

void NNOptimizer::refuse(const std::string& what) const { throw InvalidArgument(description() + ": " + what); }

void NNOptimizer::check(const OptimizerArrays& arrays) const {
  if (!accepts(arrays.states.size())) {
    refuse("needs " + std::to_string(state_vector_count()) + " state arrays, got " + std::to_string(arrays.states.size()));
  }
  const auto check_array = [&](const OptimizerArray& array, bool half) {
    if (array.data_type != DataType::Float32 && !(half && array.data_type == DataType::Float16)) {
      refuse(std::string(array.name) + " must hold " + (half ? "Float32 or Float16" : "Float32") + " numbers");
    }
    if (array.extent != arrays.values.extent) {
      refuse(std::string(array.name) + " has " + to_string(array.extent) + ", " + arrays.values.name + " has " +
             to_string(arrays.values.extent));
    }
    const std::size_t element = array.data_type == DataType::Float16 ? 2 : 4;
    const std::size_t end = array.offset + (array.extent.matrices - 1) * array.matrix_bytes +
                            (array.extent.rows - 1) * array.row_bytes + array.extent.columns * element;
    if (end > array.buffer->length()) {
      refuse(std::string(array.name) + " needs " + std::to_string(end) + " bytes, its buffer has " +
             std::to_string(array.buffer->length()));
    }
  };
  check_array(arrays.gradient, true);
  check_array(arrays.values, true);
  check_array(arrays.result, true);
  for (const auto& state : arrays.states) check_array(state, false);
}

void NNOptimizer::encode(const std::shared_ptr<CommandBuffer>& command_buffer, std::vector<OptimizerArrays> arrays) {
  if (!command_buffer) refuse("command_buffer is missing");
  command_buffer->check_recordable(description());
  std::vector<OptimizerStep> steps;
  std::vector<std::shared_ptr<Buffer>> writes;
  for (const auto& a : arrays) {
    check(a);
    steps.push_back(step(a.states.size()));
    writes.push_back(a.result.buffer);
    for (const auto& state : a.states) writes.push_back(state.buffer);
  }
  if (!command_buffer->device()->encode_optimizer(command_buffer, *this, arrays)) {
    command_buffer->record(
        [steps = std::move(steps), arrays = std::move(arrays)] {
          for (std::size_t i = 0; i < arrays.size(); ++i) cpu::run_optimizer(steps[i], arrays[i]);
        },
        std::move(writes));
  }
  advance();
}

void NNOptimizer::encode_vectors(const std::shared_ptr<CommandBuffer>& command_buffer, const VectorPtr& gradient,
                                 const VectorPtr& values, std::span<const NamedVector> states, const VectorPtr& result) {
  if (!gradient) refuse("input_gradient_vector is missing");
  if (!values) refuse("input_values_vector is missing");
  if (!result) refuse("result_values_vector is missing");
  OptimizerArrays arrays{array_of(gradient, "input_gradient_vector"),
                         array_of(values, "input_values_vector"),
                         array_of(result, "result_values_vector"),
                         {}};
  for (const auto& [name, vector] : states) {
    if (!vector) refuse(std::string(name) + " is missing");
    arrays.states.push_back(array_of(vector, name));
  }
  encode(command_buffer, {std::move(arrays)});
}

void NNOptimizer::encode_matrices(const std::shared_ptr<CommandBuffer>& command_buffer, const MatrixPtr& gradient,
                                  const MatrixPtr& values, std::span<const NamedMatrix> states, const MatrixPtr& result) {
  if (!gradient) refuse("input_gradient_matrix is missing");
  if (!values) refuse("input_values_matrix is missing");
  if (!result) refuse("result_values_matrix is missing");
  OptimizerArrays arrays{array_of(gradient, "input_gradient_matrix"),
                         array_of(values, "input_values_matrix"),
                         array_of(result, "result_values_matrix"),
                         {}};
  for (const auto& [name, matrix] : states) {
    if (!matrix) refuse(std::string(name) + " is missing");
    arrays.states.push_back(array_of(matrix, name));
  }
  encode(command_buffer, {std::move(arrays)});
}

void NNOptimizer::encode_pairs(const std::shared_ptr<CommandBuffer>& command_buffer, std::span<const Pair> pairs,
                               std::span<const NamedVectors> states, std::vector<std::shared_ptr<State>> reads,
                               const std::shared_ptr<State>& result) {
  // As many pairs are updated as there are vectors; a rule without state updates both.
  std::size_t count = 2;
  for (const auto& [name, vectors] : states) {
    if (vectors.empty() || vectors.size() > 2) {
      refuse(std::string(name) + " must hold one or two vectors, got " + std::to_string(vectors.size()));
    }
    if (vectors.size() != states[0].value.size()) {
      refuse(std::string(name) + " holds " + std::to_string(vectors.size()) + " vectors, " + states[0].name + " holds " +
             std::to_string(states[0].value.size()));
    }
    count = vectors.size();
  }
  std::sort(reads.begin(), reads.end());
  reads.erase(std::unique(reads.begin(), reads.end()), reads.end());
  for (const auto& state : reads) state->check_readable(description());
  result->check_readable(description());

  std::vector<OptimizerArrays> all;
  for (std::size_t i = 0; i < count; ++i) {
    const Pair& pair = pairs[i];
    if (i == 1 && !pair.values) continue;
    if (!pair.values) refuse(std::string("the source state has no ") + pair.values_name);
    if (!pair.gradient) refuse(std::string("the gradient state has no ") + pair.gradient_name);
    if (!pair.result) refuse(std::string("the result state has no ") + pair.values_name);
    const std::size_t length = pair.gradient->length() / sizeof(float);
    OptimizerArrays arrays{array_of(pair.gradient, 0, length, pair.gradient_name),
                           array_of(pair.values, pair.values_offset, length, pair.values_name),
                           array_of(pair.result, pair.result_offset, length, pair.values_name),
                           {}};
    for (const auto& [name, vectors] : states) {
      if (!vectors[i]) refuse(std::string(name) + "[" + std::to_string(i) + "] is missing");
      arrays.states.push_back(array_of(vectors[i], name));
    }
    all.push_back(std::move(arrays));
  }
  encode(command_buffer, std::move(all));
  for (const auto& state : reads) state->consume_read();
}

void NNOptimizer::encode_convolution(const std::shared_ptr<CommandBuffer>& command_buffer,
                                     const std::shared_ptr<CNNConvolutionGradientState>& gradient,
                                     const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& source,
                                     std::span<const NamedVectors> states,
                                     const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& result) {
  if (!gradient) refuse("convolution_gradient_state is missing");
  if (!source) refuse("convolution_source_state is missing");
  if (!result) refuse("result_state is missing");
  const Pair pairs[] = {
      {"gradient_for_weights", gradient->gradient_for_weights(), "weights", source->weights(), source->weights_offset(),
       result->weights(), result->weights_offset()},
      {"gradient_for_biases", gradient->gradient_for_biases(), "biases", source->biases(), source->biases_offset(),
       result->biases(), result->biases_offset()},
  };
  encode_pairs(command_buffer, pairs, states, {gradient, source}, result);
}

void NNOptimizer::encode_batch_normalization(const std::shared_ptr<CommandBuffer>& command_buffer,
                                             const std::shared_ptr<CNNBatchNormalizationState>& gradient,
                                             const std::shared_ptr<CNNBatchNormalizationState>& source,
                                             std::span<const NamedVectors> states,
                                             const std::shared_ptr<CNNNormalizationGammaAndBetaState>& result) {
  if (!gradient || !source) refuse("batch_normalization_state is missing");
  if (!result) refuse("result_state is missing");
  const Pair pairs[] = {
      {"gradient_for_gamma", gradient->gradient_for_gamma(), "gamma", source->gamma(), 0, result->gamma(), 0},
      {"gradient_for_beta", gradient->gradient_for_beta(), "beta", source->beta(), 0, result->beta(), 0},
  };
  encode_pairs(command_buffer, pairs, states, {gradient, source}, result);
}

namespace {

std::vector<OptimizerArrays> arrays_of(std::span<const NNOptimizerPart> parts) {
  std::vector<OptimizerArrays> all;
  for (const auto& part : parts) {
    const std::size_t count = part.values->length() / sizeof(float);
    const auto array = [](const std::shared_ptr<Buffer>& buffer, const char* name) {
      return array_of(buffer, 0, buffer->length() / sizeof(float), name);
    };
    OptimizerArrays arrays{array(part.gradient, "gradient"),
                           array_of(part.values, 0, count, "values"),
                           array_of(part.values, 0, count, "values"),
                           {}};
    for (const auto& state : part.states) arrays.states.push_back(array(state, "state"));
    all.push_back(std::move(arrays));
  }
  return all;
}

}  // namespace

void NNOptimizer::check_part(const NNOptimizerPart& part) const {
  if (!part.gradient) refuse("gradient is missing");
  if (!part.values) refuse("values are missing");
  for (const auto& state : part.states) {
    if (!state) refuse("a state array is missing");
  }
}

void NNOptimizer::encode_update(const std::shared_ptr<CommandBuffer>& command_buffer, std::span<const NNOptimizerPart> parts) {
  for (const auto& part : parts) check_part(part);
  encode(command_buffer, arrays_of(parts));
}

void NNOptimizer::update(std::span<const NNOptimizerPart> parts) {
  for (const auto& part : parts) check_part(part);
  const auto all = arrays_of(parts);
  for (const auto& arrays : all) {
    check(arrays);
    arrays.gradient.buffer->cpu_access();
    arrays.values.buffer->cpu_access();
    for (const auto& state : arrays.states) state.buffer->cpu_access();
  }
  for (const auto& arrays : all) cpu::run_optimizer(step(arrays.states.size()), arrays);
  advance();
}

// Stochastic gradient descent ---------------------------------------------------------------------------------------

NNOptimizerStochasticGradientDescent::NNOptimizerStochasticGradientDescent(float momentum_scale, bool use_nesterov_momentum,
                                                                           const NNOptimizerDescriptor& descriptor,
                                                                           std::shared_ptr<Device> device)
    : NNOptimizer(std::move(device), descriptor),
      momentum_scale_(momentum_scale),
      use_nesterov_momentum_(use_nesterov_momentum) {}

std::shared_ptr<NNOptimizerStochasticGradientDescent> NNOptimizerStochasticGradientDescent::with_learning_rate(
    float learning_rate, std::shared_ptr<Device> device) {
  return std::make_shared<NNOptimizerStochasticGradientDescent>(
      0.0f, false, NNOptimizerDescriptor{.learning_rate = learning_rate}, std::move(device));
}

std::shared_ptr<NNOptimizer> NNOptimizerStochasticGradientDescent::copy(const std::shared_ptr<Device>& device) const {
  auto copy = std::make_shared<NNOptimizerStochasticGradientDescent>(*this);
  if (device) copy->device_ = device;
  return copy;
}

OptimizerStep NNOptimizerStochasticGradientDescent::step(std::size_t state_count) const {
  using Rule = OptimizerStep::Rule;
  OptimizerStep step;
  step.rule = state_count == 0 ? Rule::Descent : use_nesterov_momentum_ ? Rule::Nesterov : Rule::Momentum;
  step.settings = descriptor();
  step.learning_rate = learning_rate();
  step.keep1 = momentum_scale_;
  return step;
}

void NNOptimizerStochasticGradientDescent::encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                                    const VectorPtr& input_gradient_vector,
                                                                    const VectorPtr& input_values_vector,
                                                                    const VectorPtr& input_momentum_vector,
                                                                    const VectorPtr& result_values_vector) {
  const NamedVector states[] = {{"input_momentum_vector", input_momentum_vector}};
  encode_vectors(command_buffer, input_gradient_vector, input_values_vector,
                 std::span(states).first(input_momentum_vector ? 1 : 0), result_values_vector);
}

void NNOptimizerStochasticGradientDescent::encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                                    const MatrixPtr& input_gradient_matrix,
                                                                    const MatrixPtr& input_values_matrix,
                                                                    const MatrixPtr& input_momentum_matrix,
                                                                    const MatrixPtr& result_values_matrix) {
  const NamedMatrix states[] = {{"input_momentum_matrix", input_momentum_matrix}};
  encode_matrices(command_buffer, input_gradient_matrix, input_values_matrix,
                  std::span(states).first(input_momentum_matrix ? 1 : 0), result_values_matrix);
}

void NNOptimizerStochasticGradientDescent::encode_to_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer,
    const std::shared_ptr<CNNConvolutionGradientState>& convolution_gradient_state,
    const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& convolution_source_state,
    const std::vector<VectorPtr>& input_momentum_vectors,
    const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& result_state) {
  const NamedVectors states[] = {{"input_momentum_vectors", input_momentum_vectors}};
  encode_convolution(command_buffer, convolution_gradient_state, convolution_source_state,
                     std::span(states).first(input_momentum_vectors.empty() ? 0 : 1), result_state);
}

void NNOptimizerStochasticGradientDescent::encode_to_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer,
    const std::shared_ptr<CNNBatchNormalizationState>& batch_normalization_gradient_state,
    const std::shared_ptr<CNNBatchNormalizationState>& batch_normalization_source_state,
    const std::vector<VectorPtr>& input_momentum_vectors,
    const std::shared_ptr<CNNNormalizationGammaAndBetaState>& result_state) {
  const NamedVectors states[] = {{"input_momentum_vectors", input_momentum_vectors}};
  encode_batch_normalization(command_buffer, batch_normalization_gradient_state, batch_normalization_source_state,
                             std::span(states).first(input_momentum_vectors.empty() ? 0 : 1), result_state);
}

// RMSProp -----------------------------------------------------------------------------------------------------------

NNOptimizerRMSProp::NNOptimizerRMSProp(double decay, float epsilon, const NNOptimizerDescriptor& descriptor,
                                       std::shared_ptr<Device> device)
    : NNOptimizer(std::move(device), descriptor), decay_(decay), epsilon_(epsilon) {}

std::shared_ptr<NNOptimizerRMSProp> NNOptimizerRMSProp::with_learning_rate(float learning_rate, std::shared_ptr<Device> device) {
  return std::make_shared<NNOptimizerRMSProp>(0.9, 1e-8f, NNOptimizerDescriptor{.learning_rate = learning_rate},
                                              std::move(device));
}

std::shared_ptr<NNOptimizer> NNOptimizerRMSProp::copy(const std::shared_ptr<Device>& device) const {
  auto copy = std::make_shared<NNOptimizerRMSProp>(*this);
  if (device) copy->device_ = device;
  return copy;
}

OptimizerStep NNOptimizerRMSProp::step(std::size_t) const {
  OptimizerStep step;
  step.rule = OptimizerStep::Rule::RMSProp;
  step.settings = descriptor();
  step.learning_rate = learning_rate();
  step.epsilon = epsilon_;
  step.keep1 = float(decay_);
  step.add1 = float(1 - decay_);
  return step;
}

void NNOptimizerRMSProp::encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                  const VectorPtr& input_gradient_vector, const VectorPtr& input_values_vector,
                                                  const VectorPtr& input_sum_of_squares_vector,
                                                  const VectorPtr& result_values_vector) {
  const NamedVector states[] = {{"input_sum_of_squares_vector", input_sum_of_squares_vector}};
  encode_vectors(command_buffer, input_gradient_vector, input_values_vector, states, result_values_vector);
}

void NNOptimizerRMSProp::encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                  const MatrixPtr& input_gradient_matrix, const MatrixPtr& input_values_matrix,
                                                  const MatrixPtr& input_sum_of_squares_matrix,
                                                  const MatrixPtr& result_values_matrix) {
  const NamedMatrix states[] = {{"input_sum_of_squares_matrix", input_sum_of_squares_matrix}};
  encode_matrices(command_buffer, input_gradient_matrix, input_values_matrix, states, result_values_matrix);
}

void NNOptimizerRMSProp::encode_to_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer,
    const std::shared_ptr<CNNConvolutionGradientState>& convolution_gradient_state,
    const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& convolution_source_state,
    const std::vector<VectorPtr>& input_sum_of_squares_vectors,
    const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& result_state) {
  const NamedVectors states[] = {{"input_sum_of_squares_vectors", input_sum_of_squares_vectors}};
  encode_convolution(command_buffer, convolution_gradient_state, convolution_source_state, states, result_state);
}

void NNOptimizerRMSProp::encode_to_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer,
    const std::shared_ptr<CNNBatchNormalizationState>& batch_normalization_gradient_state,
    const std::shared_ptr<CNNBatchNormalizationState>& batch_normalization_source_state,
    const std::vector<VectorPtr>& input_sum_of_squares_vectors,
    const std::shared_ptr<CNNNormalizationGammaAndBetaState>& result_state) {
  const NamedVectors states[] = {{"input_sum_of_squares_vectors", input_sum_of_squares_vectors}};
  encode_batch_normalization(command_buffer, batch_normalization_gradient_state, batch_normalization_source_state, states,
                             result_state);
}

// Adam --------------------------------------------------------------------------------------------------------------

NNOptimizerAdam::NNOptimizerAdam(double beta1, double beta2, float epsilon, std::size_t time_step,
                                 const NNOptimizerDescriptor& descriptor, std::shared_ptr<Device> device)
    : NNOptimizer(std::move(device), descriptor), time_step(time_step), beta1_(beta1), beta2_(beta2), epsilon_(epsilon) {}

std::shared_ptr<NNOptimizerAdam> NNOptimizerAdam::with_learning_rate(float learning_rate, std::shared_ptr<Device> device) {
  return std::make_shared<NNOptimizerAdam>(0.9, 0.999, 1e-8f, 0, NNOptimizerDescriptor{.learning_rate = learning_rate},
                                           std::move(device));
}

std::shared_ptr<NNOptimizer> NNOptimizerAdam::copy(const std::shared_ptr<Device>& device) const {
  auto copy = std::make_shared<NNOptimizerAdam>(*this);
  if (device) copy->device_ = device;
  return copy;
}

OptimizerStep NNOptimizerAdam::step(std::size_t state_count) const {
  const double t = double(time_step) + 1;
  OptimizerStep step;
  step.rule = state_count == 3 ? OptimizerStep::Rule::AMSGrad : OptimizerStep::Rule::Adam;
  step.settings = descriptor();
  step.learning_rate = float(double(learning_rate()) * std::sqrt(1 - std::pow(beta2_, t)) / (1 - std::pow(beta1_, t)));
  step.epsilon = epsilon_;
  step.keep1 = float(beta1_);
  step.add1 = float(1 - beta1_);
  step.keep2 = float(beta2_);
  step.add2 = float(1 - beta2_);
  return step;
}

void NNOptimizerAdam::encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                               const VectorPtr& input_gradient_vector, const VectorPtr& input_values_vector,
                                               const VectorPtr& input_momentum_vector, const VectorPtr& input_velocity_vector,
                                               const VectorPtr& maximum_velocity_vector, const VectorPtr& result_values_vector) {
  const NamedVector states[] = {{"input_momentum_vector", input_momentum_vector},
                                {"input_velocity_vector", input_velocity_vector},
                                {"maximum_velocity_vector", maximum_velocity_vector}};
  encode_vectors(command_buffer, input_gradient_vector, input_values_vector,
                 std::span(states).first(maximum_velocity_vector ? 3 : 2), result_values_vector);
}

void NNOptimizerAdam::encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                               const MatrixPtr& input_gradient_matrix, const MatrixPtr& input_values_matrix,
                                               const MatrixPtr& input_momentum_matrix, const MatrixPtr& input_velocity_matrix,
                                               const MatrixPtr& maximum_velocity_matrix, const MatrixPtr& result_values_matrix) {
  const NamedMatrix states[] = {{"input_momentum_matrix", input_momentum_matrix},
                                {"input_velocity_matrix", input_velocity_matrix},
                                {"maximum_velocity_matrix", maximum_velocity_matrix}};
  encode_matrices(command_buffer, input_gradient_matrix, input_values_matrix,
                  std::span(states).first(maximum_velocity_matrix ? 3 : 2), result_values_matrix);
}

void NNOptimizerAdam::encode_to_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer,
    const std::shared_ptr<CNNConvolutionGradientState>& convolution_gradient_state,
    const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& convolution_source_state,
    const std::vector<VectorPtr>& input_momentum_vectors, const std::vector<VectorPtr>& input_velocity_vectors,
    const std::vector<VectorPtr>& maximum_velocity_vectors,
    const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& result_state) {
  const NamedVectors states[] = {{"input_momentum_vectors", input_momentum_vectors},
                                 {"input_velocity_vectors", input_velocity_vectors},
                                 {"maximum_velocity_vectors", maximum_velocity_vectors}};
  encode_convolution(command_buffer, convolution_gradient_state, convolution_source_state,
                     std::span(states).first(maximum_velocity_vectors.empty() ? 2 : 3), result_state);
}

void NNOptimizerAdam::encode_to_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer,
    const std::shared_ptr<CNNBatchNormalizationState>& batch_normalization_gradient_state,
    const std::shared_ptr<CNNBatchNormalizationState>& batch_normalization_source_state,
    const std::vector<VectorPtr>& input_momentum_vectors, const std::vector<VectorPtr>& input_velocity_vectors,
    const std::vector<VectorPtr>& maximum_velocity_vectors,
    const std::shared_ptr<CNNNormalizationGammaAndBetaState>& result_state) {
  const NamedVectors states[] = {{"input_momentum_vectors", input_momentum_vectors},
                                 {"input_velocity_vectors", input_velocity_vectors},
                                 {"maximum_velocity_vectors", maximum_velocity_vectors}};
  encode_batch_normalization(command_buffer, batch_normalization_gradient_state, batch_normalization_source_state,
                             std::span(states).first(maximum_velocity_vectors.empty() ? 2 : 3), result_state);
}

}  // namespace mpsnn
