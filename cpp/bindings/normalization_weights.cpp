#include "mpsnn/normalization_weights.hpp"

#include "bindings.hpp"
#include "mpsnn/nodes/instance_normalization.hpp"
#include "mpsnn/nodes/normalization.hpp"
#include "mpsnn/optimizer.hpp"

namespace mpsnn {

namespace {

using OptionalArray = std::optional<ArrayLike>;

/// Makes a source from the arguments of a constructor.
template <class Weights, class... Groups>
std::shared_ptr<Weights> make(const char* owner, std::size_t number_of_feature_channels, Groups... number_of_groups,
                              const OptionalArray& gamma, const OptionalArray& beta, float epsilon,
                              const std::shared_ptr<NNOptimizer>& optimizer, const std::optional<std::string>& label) {
  const auto values_of = [&](const OptionalArray& array, const char* name) {
    return array ? floats_from(*array, std::string(owner) + ": " + name, number_of_feature_channels) : std::vector<float>{};
  };
  const auto g = values_of(gamma, "gamma"), b = values_of(beta, "beta");
  NormalizationWeightsOptions options;
  options.gamma = g;
  options.beta = b;
  options.epsilon = epsilon;
  options.optimizer = optimizer;
  options.label = label.value_or("");
  return std::make_shared<Weights>(number_of_feature_channels, number_of_groups..., options);
}

template <class Weights>
py::array_t<float> view(const std::shared_ptr<Weights>& self, std::span<const float> values) {
  return py::array_t<float>(py::ssize_t(values.size()), values.data(), py::cast(self));
}

template <class Weights, class State, class Class>
void bind_members(Class& cls, const char* states, const char* update_on_cpu) {
  cls.def("load", &Weights::load, "True; nothing is to be done.")
      .def("purge", &Weights::purge, "Nothing is to be done.")
      .def(
          "label", [](const Weights& self) { return optional_text(self.label()); }, "The name, or None.")
      .def_property_readonly("number_of_feature_channels", &Weights::number_of_feature_channels, "Channels of the images.")
      .def(
          "gamma", [](const std::shared_ptr<Weights>& self) { return view(self, self->gamma()); },
          "The scales, shared: what is written here, graphs see after `reload_from_data_sources`. Raises InvalidArgumentError "
          "while encoded work is to write them.")
      .def(
          "beta", [](const std::shared_ptr<Weights>& self) { return view(self, self->beta()); }, "The biases, shared as `gamma`.")
      .def("epsilon", &Weights::epsilon, "Added to the variances.")
      .def_property_readonly(
          "optimizer", [](const Weights& self) { return or_none(self.arrays().optimizer()); },
          "This source's own copy of the optimizer, or None.")
      .def(
          "update_gamma_and_beta_with_command_buffer",
          [](Weights& self, const std::shared_ptr<CommandBuffer>& command_buffer,
             const std::vector<std::shared_ptr<State>>& batch) {
            return or_none(self.update_gamma_and_beta_with_command_buffer(command_buffer, {batch.begin(), batch.end()}));
          },
          "command_buffer"_a.none(false), py::arg(states),
          "Encodes a step of the optimizer with the sum of the gradients of all states.")
      .def(
          update_on_cpu,
          [](Weights& self, const std::vector<std::shared_ptr<State>>& batch) {
            return self.update_gamma_and_beta_with_state_batch({batch.begin(), batch.end()});
          },
          py::arg(states), "A step of the optimizer with the sum of the gradients of all states; whether there is an optimizer.")
      .def(
          "copy_with_zone",
          [](const Weights& self, const py::object&, const DeviceArgument&) {
            return std::static_pointer_cast<Weights>(self.copy());
          },
          "zone"_a = py::none(), "device"_a = py::none(),
          "An independent copy, with the state of the optimizer. Both arguments are ignored.");
}

constexpr const char* kConstructor =
    "Copies the arrays; None stands for gamma 1, beta 0. Copies the optimizer too: every source has a time step of its own. "
    "Without one gamma and beta are frozen. Raises InvalidArgumentError for arrays of another length than "
    "number_of_feature_channels";

}  // namespace

void bind_normalization_weights(py::module_& m) {
  py::classh<InstanceNormalizationWeights, CNNInstanceNormalizationDataSource> instance(
      m, "InstanceNormalizationWeights",
      "A ready data source of instance normalisation: arrays, and an optimizer that trains gamma and beta.");
  instance.def(
      py::init([](std::size_t number_of_feature_channels, const OptionalArray& gamma, const OptionalArray& beta, float epsilon,
                  const std::shared_ptr<NNOptimizer>& optimizer, const std::optional<std::string>& label) {
        return make<InstanceNormalizationWeights>("InstanceNormalizationWeights", number_of_feature_channels, gamma, beta,
                                                  epsilon, optimizer, label);
      }),
      "number_of_feature_channels"_a, py::kw_only(), "gamma"_a = py::none(), "beta"_a = py::none(), "epsilon"_a = 1e-5f,
      "optimizer"_a = py::none(), "label"_a = py::none(), (std::string(kConstructor) + ".").c_str());
  bind_members<InstanceNormalizationWeights, CNNInstanceNormalizationGradientState>(
      instance, "instance_normalization_state_batch", "update_gamma_and_beta_with_instance_normalization_state_batch");

  py::classh<GroupNormalizationWeights, CNNGroupNormalizationDataSource> group(
      m, "GroupNormalizationWeights",
      "A ready data source of group normalisation: arrays, and an optimizer that trains gamma and beta.");
  group.def(py::init([](std::size_t number_of_feature_channels, std::size_t number_of_groups, const OptionalArray& gamma,
                        const OptionalArray& beta, float epsilon, const std::shared_ptr<NNOptimizer>& optimizer,
                        const std::optional<std::string>& label) {
              return make<GroupNormalizationWeights, std::size_t>("GroupNormalizationWeights", number_of_feature_channels,
                                                                  number_of_groups, gamma, beta, epsilon, optimizer, label);
            }),
            "number_of_feature_channels"_a, py::kw_only(), "number_of_groups"_a, "gamma"_a = py::none(), "beta"_a = py::none(),
            "epsilon"_a = 1e-5f, "optimizer"_a = py::none(), "label"_a = py::none(),
            (std::string(kConstructor) + " and for groups that do not divide it.").c_str());
  bind_members<GroupNormalizationWeights, CNNGroupNormalizationGradientState>(
      group, "group_normalization_state_batch", "update_gamma_and_beta_with_group_normalization_state_batch");
  group.def_property(
      "number_of_groups", &GroupNormalizationWeights::number_of_groups, &GroupNormalizationWeights::set_number_of_groups,
      "Ranges of channels with statistics of their own. Set before a graph is made. Raises InvalidArgumentError for "
      "a number that does not divide number_of_feature_channels.");
}

}  // namespace mpsnn
