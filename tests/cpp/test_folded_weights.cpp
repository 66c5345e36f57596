// Kernels that multiply folded weights themselves: a plan makes kernels to choose from, and takes one that may not be of them.

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "check.hpp"
#include "graph/program.hpp"
#include "kernels/registry.hpp"
#include "mpsnn/mpsnn.hpp"
#include "nodes/normalization_parameters.hpp"
#include "plan/folded_parameters.hpp"

namespace {

using namespace mpsnn;

constexpr std::size_t kInputs = 16, kOutputs = 32, kSize = 8;

/// A convolution of single pixels and the normalisation behind it, which halves every number.
Program program() {
  const std::vector<float> weights(kOutputs * kInputs, 3.0f), ones(kOutputs, 1.0f), halves(kOutputs, 0.5f), zeros(kOutputs);
  const auto descriptor = std::make_shared<CNNConvolutionDescriptor>(1, 1, kInputs, kOutputs);
  const auto source = std::make_shared<ConvolutionWeights>(descriptor, std::as_bytes(std::span(weights)), DataType::Float32,
                                                           std::span<const float>());
  const auto convolution = std::make_shared<CNNConvolutionNode>(std::make_shared<NNImageNode>(), source);
  BatchNormalizationWeightsOptions options;
  options.gamma = halves;
  options.beta = options.mean = zeros;
  options.variance = ones;
  options.epsilon = 0;
  const auto normalization = std::make_shared<CNNBatchNormalizationNode>(
      convolution->result_image(), std::make_shared<BatchNormalizationWeights>(kOutputs, options));
  return lower({{normalization->result_image()}, {true}});
}

/// A kernel by its name that keeps what it makes of the weights.
std::unique_ptr<PlanKernel> make(const std::string& name, const ProgramStep& step, ParameterSet& parameters) {
  const std::vector<TensorDescriptor> sources{{1, kSize, kSize, kInputs, kInputs}};
  const TensorDescriptor result{1, kSize, kSize, kOutputs, kOutputs};
  KernelRequest request{*step.lowered.op, step.node, sources, &result, {}, nullptr, {}, {}, &parameters};
  request.is_asked_for = true;
  for (const auto& entry : cpu::kernel_table().find(*step.lowered.op)) {
    if (entry.name == name) return entry.make(request);
  }
  return {};
}

FoldedConvolutionParameters folded_of(const Program& made) {
  return {made.steps[0].lowered.parameters,
          std::dynamic_pointer_cast<BatchNormalizationParameters>(made.steps[1].lowered.parameters)};
}

TEST(a_kernel_that_is_not_taken_leaves_the_weights_folded) {
  const Program made = program();
  FoldedConvolutionParameters folded = folded_of(made);
  {
    const auto taken = make("pointwise", made.steps[0], folded);
    CHECK(taken != nullptr);
    const auto tried = make("pointwise", made.steps[0], folded);
  }
  folded.prepare();
  CHECK(folded.parameters[0].values != nullptr);
  for (float weight : folded.parameters[0].values->floats()) CHECK(weight == 1.5f);
}

TEST(a_kernel_that_multiplies_finds_the_weights_as_they_are) {
  const Program made = program();
  FoldedConvolutionParameters folded = folded_of(made);
  const auto taken = make("pointwise", made.steps[0], folded);
  make("pointwise", made.steps[0], folded);
  folded.prepare();
  CHECK(folded.parameters[0].values == nullptr);
  const ScaledWeights weights = folded.scaled_weights();
  CHECK(weights.values[0] == 3.0f);
  CHECK(weights.factors[kOutputs - 1] == 0.5f);
  folded.restore_weights();
  CHECK(folded.parameters[0].values->floats()[0] == 1.5f);
}

}  // namespace
