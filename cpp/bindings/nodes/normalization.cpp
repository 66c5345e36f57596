#include "mpsnn/nodes/normalization.hpp"

#include "bind_node.hpp"

namespace mpsnn {

namespace {

template <class T>
std::shared_ptr<T> temporary_state(const std::shared_ptr<CommandBuffer>& command_buffer, std::size_t number_of_feature_channels) {
  return T::temporary_state(command_buffer, number_of_feature_channels);
}

void bind_states(py::module_& m) {
  py::classh<CNNBatchNormalizationState, NNGradientState>(
      m, "MPSCNNBatchNormalizationState",
      "What batch normalisation leaves for its gradient filter and for the update methods of its data source: one for the whole "
      "batch. Buffers hold C float32 numbers, one for each feature channel.")
      .def("gamma", &CNNBatchNormalizationState::gamma, "Buffer of the scales in use.")
      .def("beta", &CNNBatchNormalizationState::beta, "Buffer of the biases in use.")
      .def("mean", &CNNBatchNormalizationState::mean,
           "Buffer of the means the result was made with: of the batch, or of the data source.")
      .def("variance", &CNNBatchNormalizationState::variance,
           "Buffer of the (biased) variances the result was made with: of the batch, or of the data source.")
      .def("gradient_for_gamma", &CNNBatchNormalizationState::gradient_for_gamma,
           "Buffer of dL/dgamma, summed over all pixels of the batch; None until a gradient filter has computed it.")
      .def("gradient_for_beta", &CNNBatchNormalizationState::gradient_for_beta,
           "Buffer of dL/dbeta, summed over all pixels of the batch; None until a gradient filter has computed it.")
      .def("reset", &CNNBatchNormalizationState::reset,
           "Drops what kernels have added up, statistics and gradients: their next encodes start anew. A graph makes a new state "
           "for "
           "every batch.");

  py::classh<CNNNormalizationGammaAndBetaState, State>(m, "MPSCNNNormalizationGammaAndBetaState",
                                                       "New scales and biases, the result of an update: C float32 numbers each.")
      .def(py::init<std::shared_ptr<Buffer>, std::shared_ptr<Buffer>>(), "gamma"_a.none(false), py::kw_only(),
           "beta"_a.none(false), "Holds the buffers. Raises InvalidArgumentError where their lengths differ.")
      .def_static("temporary_state", &temporary_state<CNNNormalizationGammaAndBetaState>, "command_buffer"_a.none(false),
                  "number_of_feature_channels"_a, "A state with new buffers that belongs to one command buffer.")
      .def_property_readonly(
          "gamma", [](const CNNNormalizationGammaAndBetaState& self) { return self.gamma(); }, "Buffer of the scales.")
      .def_property_readonly(
          "beta", [](const CNNNormalizationGammaAndBetaState& self) { return self.beta(); }, "Buffer of the biases.");

  py::classh<CNNNormalizationMeanAndVarianceState, State>(
      m, "MPSCNNNormalizationMeanAndVarianceState", "New means and variances, the result of an update: C float32 numbers each.")
      .def(py::init<std::shared_ptr<Buffer>, std::shared_ptr<Buffer>>(), "mean"_a.none(false), py::kw_only(),
           "variance"_a.none(false), "Holds the buffers. Raises InvalidArgumentError where their lengths differ.")
      .def_static("temporary_state", &temporary_state<CNNNormalizationMeanAndVarianceState>, "command_buffer"_a.none(false),
                  "number_of_feature_channels"_a, "A state with new buffers that belongs to one command buffer.")
      .def_property_readonly(
          "mean", [](const CNNNormalizationMeanAndVarianceState& self) { return self.mean(); }, "Buffer of the means.")
      .def_property_readonly(
          "variance", [](const CNNNormalizationMeanAndVarianceState& self) { return self.variance(); },
          "Buffer of the variances.");
}

}  // namespace

void bind_normalization(py::module_& m) {
  bind_states(m);

  bind_node<CNNBatchNormalizationNode, NNFilterNode, NNTrainableNode>(
      m, "MPSCNNBatchNormalizationNode",
      R"(Batch normalisation: each feature channel gets mean beta and deviation gamma.

H x W x C to H x W x C, for each feature channel c

    y = gamma[c] * (x - mean[c]) / sqrt(variance[c] + epsilon) + beta[c]

mean and variance are those of the batch, over all images, rows and columns, while training, else the data source's; see `flags`. Ioffe and Szegedy, "Batch Normalization", 2015. Running averages of the statistics
are the data source's business. An image without any variance in a channel gives beta there.

In PyTorch:

    Flags = MPSCNNBatchNormalizationFlags
    automatic = flags == Flags.CalculateStatisticsAutomatic
    from_batch = is_training if automatic else flags == Flags.CalculateStatisticsAlways
    y = F.batch_norm(x, mean, variance, gamma, beta, from_batch, 0, epsilon)

where is_training tells whether something reads the result state.

Open: what the batch's variance is divided by. The number of pixels in the batch, not one less.
Open: arrays that are None. gamma and variance are 1, beta and mean are 0.

data_source: gives gamma, beta, mean, variance and epsilon.)")
      .def(py::init([](ImageNodePtr source, std::shared_ptr<CNNBatchNormalizationDataSource> data_source) {
             return std::make_shared<CNNBatchNormalizationNode>(std::move(source), std::move(data_source));
           }),
           "source"_a.none(false), py::kw_only(), "data_source"_a.none(false),
           "`data_source` is read by a graph that is made from the node. Making the graph raises InvalidArgumentError where its "
           "arrays do not have number_of_feature_channels elements, encoding raises "
           "ShapeError where the source image has another number of channels.");

  bind_node<CNNBatchNormalizationGradientNode, NNGradientFilterNode, NNTrainableNode>(m, "MPSCNNBatchNormalizationGradientNode",
                                                                                      R"(The gradient of batch normalisation.

H x W x C to H x W x C. With s = 1 / sqrt(variance + epsilon), xh = (x - mean) * s, M pixels in the batch and g the incoming gradient, for each feature channel

    gradient_for_beta = sum(g)        gradient_for_gamma = sum(g * xh)
    d = gamma * s * (g - gradient_for_beta / M - xh * gradient_for_gamma / M)

The sums go to the update methods of the data source.

In PyTorch:

    d, gradient_for_gamma, gradient_for_beta = torch.autograd.grad(y, (x, gamma, beta), g)

Open: where the forward filter used the data source's statistics. They count as constants: d = gamma * s * g.)")
      .def(py::init([](ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state) {
             return std::make_shared<CNNBatchNormalizationGradientNode>(std::move(source_gradient), std::move(source_image),
                                                                        std::move(gradient_state));
           }),
           "source_gradient"_a.none(false), "source_image"_a.none(false), py::kw_only(), "gradient_state"_a.none(false),
           "`gradient_state` is the result state of an MPSCNNBatchNormalizationNode, else InvalidArgumentError.");
}

}  // namespace mpsnn
