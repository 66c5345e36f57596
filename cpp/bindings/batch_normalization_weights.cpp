#include "mpsnn/batch_normalization_weights.hpp"

#include "bindings.hpp"
#include "mpsnn/nodes/normalization.hpp"
#include "mpsnn/optimizer.hpp"

namespace mpsnn {

namespace {

using Weights = BatchNormalizationWeights;
using OptionalArray = std::optional<ArrayLike>;

std::vector<float> values_of(const OptionalArray& array, const char* name, std::size_t count) {
  return array ? floats_from(*array, std::string("BatchNormalizationWeights: ") + name, count) : std::vector<float>{};
}

py::array_t<float> view(const std::shared_ptr<Weights>& self, std::span<const float> values) {
  return py::array_t<float>(py::ssize_t(values.size()), values.data(), py::cast(self));
}

}  // namespace

void bind_batch_normalization_weights(py::module_& m) {
  py::classh<Weights, CNNBatchNormalizationDataSource>(
      m, "BatchNormalizationWeights",
      R"(A ready data source of batch normalisation: arrays, and an optimizer that
trains gamma and beta. Every update also sets, for the mean and the (biased) variance of the batch,

    running = momentum * running + (1 - momentum) * batch)")
      .def(
          py::init([](std::size_t number_of_feature_channels, const OptionalArray& gamma, const OptionalArray& beta,
                      const OptionalArray& mean, const OptionalArray& variance, float epsilon, double momentum,
                      const std::shared_ptr<NNOptimizer>& optimizer, const std::optional<std::string>& label) {
            const auto g = values_of(gamma, "gamma", number_of_feature_channels);
            const auto b = values_of(beta, "beta", number_of_feature_channels);
            const auto n = values_of(mean, "mean", number_of_feature_channels);
            const auto v = values_of(variance, "variance", number_of_feature_channels);
            BatchNormalizationWeightsOptions options;
            options.gamma = g;
            options.beta = b;
            options.mean = n;
            options.variance = v;
            options.epsilon = epsilon;
            options.momentum = momentum;
            options.optimizer = optimizer;
            options.label = label.value_or("");
            return std::make_shared<Weights>(number_of_feature_channels, options);
          }),
          "number_of_feature_channels"_a, py::kw_only(), "gamma"_a = py::none(), "beta"_a = py::none(), "mean"_a = py::none(),
          "variance"_a = py::none(), "epsilon"_a = 1e-5f, "momentum"_a = 0.9, "optimizer"_a = py::none(), "label"_a = py::none(),
          "Copies the arrays; None stands for gamma 1, beta 0, mean 0, variance 1. Copies the optimizer too: every source has a "
          "time step of its own. Without one gamma and beta are frozen. Raises InvalidArgumentError for arrays of another length "
          "than number_of_feature_channels and for a momentum outside [0, 1].")
      .def("load", &Weights::load, "True; nothing is to be done.")
      .def("purge", &Weights::purge, "Nothing is to be done.")
      .def(
          "label", [](const Weights& self) { return optional_text(self.label()); }, "The name, or None.")
      .def("number_of_feature_channels", &Weights::number_of_feature_channels, "Channels of the images.")
      .def(
          "gamma", [](const std::shared_ptr<Weights>& self) { return view(self, self->gamma()); },
          "The scales, shared: what is written here, graphs see after `reload_from_data_sources`. Raises InvalidArgumentError "
          "while encoded work is to write them.")
      .def(
          "beta", [](const std::shared_ptr<Weights>& self) { return view(self, self->beta()); }, "The biases, shared as `gamma`.")
      .def(
          "mean", [](const std::shared_ptr<Weights>& self) { return view(self, self->mean()); },
          "The running means, shared as `gamma`.")
      .def(
          "variance", [](const std::shared_ptr<Weights>& self) { return view(self, self->variance()); },
          "The running variances, shared as `gamma`.")
      .def("epsilon", &Weights::epsilon, "Added to the variances.")
      .def_property_readonly("momentum", &Weights::momentum, "Share of the running statistics that an update keeps.")
      .def_property_readonly("optimizer", &Weights::optimizer, "This source's own copy of the optimizer, or None.")
      .def("update_gamma_and_beta_with_command_buffer", &Weights::update_gamma_and_beta_with_command_buffer,
           "command_buffer"_a.none(false), "batch_normalization_state"_a.none(false), "Encodes a step of the optimizer.")
      .def("update_mean_and_variance_with_command_buffer", &Weights::update_mean_and_variance_with_command_buffer,
           "command_buffer"_a.none(false), "batch_normalization_state"_a.none(false),
           "Encodes an update of the running statistics.")
      .def("update_gamma_and_beta_with_batch_normalization_state", &Weights::update_gamma_and_beta_with_batch_normalization_state,
           "batch_normalization_state"_a.none(false), "A step of the optimizer; whether there is one.")
      .def("update_mean_and_variance_with_batch_normalization_state",
           &Weights::update_mean_and_variance_with_batch_normalization_state, "batch_normalization_state"_a.none(false),
           "Updates the running statistics; True.")
      .def(
          "copy_with_zone",
          [](const Weights& self, const py::object&, const DeviceArgument&) {
            return std::static_pointer_cast<Weights>(self.copy());
          },
          "zone"_a = py::none(), "device"_a = py::none(),
          "An independent copy, with the state of the optimizer. Both arguments are ignored.");
}

}  // namespace mpsnn
