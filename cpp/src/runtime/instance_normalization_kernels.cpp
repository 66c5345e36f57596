#include <utility>

#include "mpsnn/error.hpp"
#include "mpsnn/kernels/instance_normalization.hpp"
#include "mpsnn/saved_graph.hpp"
#include "runtime/kernel_call.hpp"
#include "runtime/kernel_node.hpp"
#include "runtime/normalization_kernels.hpp"
#include "runtime/state_origin.hpp"

namespace mpsnn {

namespace {

using Parameters = ImageNormalizationParameters;

template <class Node, class Source>
std::shared_ptr<KernelCore> make_forward(std::shared_ptr<Device> device, std::shared_ptr<Source> data_source) {
  const char* name = Node::Attributes::kKernelName;
  if (!data_source) throw InvalidArgument(std::string(name) + ": data_source is missing");
  return make_kernel_core(std::move(device), name,
                          [&] { return std::make_shared<Node>(std::make_shared<NNImageNode>(), std::move(data_source)); });
}

// A copy of the kernel's op with another epsilon.
std::shared_ptr<const Op> with_epsilon(const Op& op, float epsilon) {
  const auto copy = [&](const auto& like) {
    auto made = std::make_shared<std::decay_t<decltype(like)>>(like);
    made->epsilon = epsilon;
    return made;
  };
  if (const auto* instance = dynamic_cast<const InstanceNormalizationOp*>(&op)) return copy(*instance);
  return copy(static_cast<const GroupNormalizationOp&>(op));
}

// A gradient kernel that only takes the states of its forward kernel.
template <class GradientOp, class StateType>
std::shared_ptr<KernelCore> make_gradient(std::shared_ptr<Device> device, const char* state_name) {
  auto core = make_kernel_core(std::move(device), GradientOp::kKernelName,
                               [] { return std::make_shared<GradientKernelNode<GradientOp>>(); });
  core->adjust = [state_name](KernelCall& call) {
    for (const StatePtr& state : call.source_states) {
      if (std::dynamic_pointer_cast<StateType>(state) && state->origin) continue;
      throw InvalidArgument(call.name + ": the gradient state must be an " + state_name + " that a filter made");
    }
  };
  return core;
}

// What a graph's state has no kernel for yet.
template <class Kernel, class Node, class Source>
std::shared_ptr<Kernel> kernel_of_graph(const StateOrigin& origin) {
  const auto parameters = std::static_pointer_cast<Parameters>(origin.parameters);
  const auto node =
      std::make_shared<Node>(std::make_shared<NNImageNode>(), std::static_pointer_cast<Source>(parameters->source()));
  return std::make_shared<Kernel>(std::make_shared<KernelCore>(origin, node, Node::Attributes::kKernelName));
}

const Parameters& parameters_of(const KernelCore& core) { return static_cast<const Parameters&>(*core.parameters); }

}  // namespace

ImageNormalizationKernel::ImageNormalizationKernel(std::shared_ptr<KernelCore> core) : CNNKernel(std::move(core)) {
  const KernelCore& made = *this->core();
  if (!static_cast<const ImageNormalizationOp&>(*made.lowered_op).epsilon) set_epsilon(parameters_of(made).epsilon());
}

float ImageNormalizationKernel::epsilon() const { return *static_cast<const ImageNormalizationOp&>(*core()->lowered_op).epsilon; }

void ImageNormalizationKernel::set_epsilon(float epsilon) {
  core()->lowered_op = with_epsilon(*core()->lowered_op, checked_epsilon(epsilon, core()->named(label)));
}

const std::shared_ptr<ImageNormalizationDataSource>& ImageNormalizationKernel::source() const {
  return parameters_of(*core()).source();
}

SavedSource ImageNormalizationKernel::save_parameters() const { return core()->save_parameters(); }

void ImageNormalizationKernel::reload_gamma_and_beta_from_data_source() {
  core()->reload([](ParameterSet& p) { return static_cast<Parameters&>(p).read_gamma_and_beta(); });
}

void ImageNormalizationKernel::reload_gamma_and_beta_with_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<CNNNormalizationGammaAndBetaState>& state) {
  record_normalization_reload(*core(), core()->named(label), command_buffer, state);
}

CNNInstanceNormalization::CNNInstanceNormalization(std::shared_ptr<Device> device,
                                                   std::shared_ptr<CNNInstanceNormalizationDataSource> data_source)
    : CNNInstanceNormalization(make_forward<CNNInstanceNormalizationNode>(std::move(device), std::move(data_source))) {}

CNNInstanceNormalization::CNNInstanceNormalization(std::shared_ptr<KernelCore> core) : ImageNormalizationKernel(std::move(core)) {
  this->core()->claim = [this](State& state) {
    static_cast<CNNInstanceNormalizationGradientState&>(state).instance_normalization_ = weak_from_this().lock();
  };
}

std::shared_ptr<CNNInstanceNormalizationDataSource> CNNInstanceNormalization::data_source() const {
  return std::static_pointer_cast<CNNInstanceNormalizationDataSource>(source());
}

std::shared_ptr<CNNInstanceNormalization> CNNInstanceNormalizationGradientState::instance_normalization() {
  if (!instance_normalization_ && origin) {
    instance_normalization_ =
        kernel_of_graph<CNNInstanceNormalization, CNNInstanceNormalizationNode, CNNInstanceNormalizationDataSource>(*origin);
  }
  return instance_normalization_;
}

CNNGroupNormalization::CNNGroupNormalization(std::shared_ptr<Device> device,
                                             std::shared_ptr<CNNGroupNormalizationDataSource> data_source)
    : CNNGroupNormalization(make_forward<CNNGroupNormalizationNode>(std::move(device), std::move(data_source))) {}

CNNGroupNormalization::CNNGroupNormalization(std::shared_ptr<KernelCore> core) : ImageNormalizationKernel(std::move(core)) {
  this->core()->claim = [this](State& state) {
    static_cast<CNNGroupNormalizationGradientState&>(state).group_normalization_ = weak_from_this().lock();
  };
}

std::shared_ptr<CNNGroupNormalizationDataSource> CNNGroupNormalization::data_source() const {
  return std::static_pointer_cast<CNNGroupNormalizationDataSource>(source());
}

std::shared_ptr<CNNGroupNormalization> CNNGroupNormalizationGradientState::group_normalization() {
  if (!group_normalization_ && origin) {
    group_normalization_ =
        kernel_of_graph<CNNGroupNormalization, CNNGroupNormalizationNode, CNNGroupNormalizationDataSource>(*origin);
  }
  return group_normalization_;
}

CNNInstanceNormalizationGradient::CNNInstanceNormalizationGradient(std::shared_ptr<Device> device)
    : CNNGradientKernel(make_gradient<InstanceNormalizationGradientOp, CNNInstanceNormalizationGradientState>(
          std::move(device), "MPSCNNInstanceNormalizationGradientState")) {}

CNNGroupNormalizationGradient::CNNGroupNormalizationGradient(std::shared_ptr<Device> device)
    : CNNGradientKernel(make_gradient<GroupNormalizationGradientOp, CNNGroupNormalizationGradientState>(
          std::move(device), "MPSCNNGroupNormalizationGradientState")) {}

}  // namespace mpsnn
