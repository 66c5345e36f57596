#include "mpsnn/nodes/instance_normalization.hpp"

#include "bind_node.hpp"

namespace mpsnn {

namespace {

template <class StateType>
void bind_state(py::module_& m, const char* name, const char* doc) {
  py::classh<StateType, NNGradientState>(m, name, doc)
      .def_property_readonly(
          "gamma", [](const StateType& self) { return self.gamma(); }, "Buffer of the scales in use.")
      .def_property_readonly(
          "beta", [](const StateType& self) { return self.beta(); }, "Buffer of the biases in use.")
      .def_property_readonly(
          "gradient_for_gamma", [](const StateType& self) { return self.gradient_for_gamma(); },
          "Buffer of dL/dgamma, summed over all pixels of the image; None where no gradient filter computes it.")
      .def_property_readonly(
          "gradient_for_beta", [](const StateType& self) { return self.gradient_for_beta(); },
          "Buffer of dL/dbeta, summed over all pixels of the image; None where no gradient filter computes it.");
}

template <class Node, class Source>
void bind_forward(py::module_& m, const char* name, const char* doc, const char* constructor) {
  bind_node<Node, NNFilterNode, NNTrainableNode>(m, name, doc)
      .def(py::init([](ImageNodePtr source, std::shared_ptr<Source> data_source) {
             return std::make_shared<Node>(std::move(source), std::move(data_source));
           }),
           "source"_a.none(false), py::kw_only(), "data_source"_a.none(false), constructor);
}

template <class Node>
void bind_gradient(py::module_& m, const char* name, const char* doc, const char* constructor) {
  bind_node<Node, NNGradientFilterNode, NNTrainableNode>(m, name, doc)
      .def(py::init([](ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state) {
             return std::make_shared<Node>(std::move(source_gradient), std::move(source_image), std::move(gradient_state));
           }),
           "source_gradient"_a.none(false), "source_image"_a.none(false), py::kw_only(), "gradient_state"_a.none(false),
           constructor);
}

}  // namespace

void bind_instance_normalization(py::module_& m) {
  bind_state<CNNInstanceNormalizationGradientState>(
      m, "MPSCNNInstanceNormalizationGradientState",
      "What instance normalisation leaves for its gradient filter and for the update methods of its data source: one for each "
      "image. Buffers hold C float32 numbers, one for each feature channel.");
  bind_state<CNNGroupNormalizationGradientState>(
      m, "MPSCNNGroupNormalizationGradientState",
      "What group normalisation leaves for its gradient filter and for the update methods of its data source: one for each "
      "image. Buffers hold C float32 numbers, one for each feature channel.");

  bind_forward<CNNInstanceNormalizationNode, CNNInstanceNormalizationDataSource>(
      m, "MPSCNNInstanceNormalizationNode",
      R"(Instance normalisation: each feature channel of each image gets mean beta and deviation gamma.

H x W x C to H x W x C, for each image and feature channel c

    y = gamma[c] * (x - mean) / sqrt(variance + epsilon) + beta[c]

with the mean and the variance of the channel over the H x W pixels of the image, in training and inference alike. Ulyanov, Vedaldi and Lempitsky, "Instance Normalization: The Missing
Ingredient for Fast Stylization", 2016. A channel without any variance gives beta.

In PyTorch:

    y = F.instance_norm(x, weight=gamma, bias=beta, eps=epsilon)

Open: what the variance is divided by. H * W, not one less.

data_source: gives gamma, beta and epsilon.)",
      "`data_source` is read by a graph that is made from the node. Making the graph raises "
      "InvalidArgumentError where its arrays do not have number_of_feature_channels elements, encoding raises ShapeError where "
      "the "
      "source image has another number of channels.");
  bind_gradient<CNNInstanceNormalizationGradientNode>(
      m, "MPSCNNInstanceNormalizationGradientNode",
      R"(The gradient of instance normalisation.

H x W x C to H x W x C. With s = 1 / sqrt(variance + epsilon), xh = (x - mean) * s, M = H * W and g the incoming gradient, for each image and feature channel

    gradient_for_beta = sum(g)        gradient_for_gamma = sum(g * xh)
    d = gamma * s * (g - gradient_for_beta / M - xh * gradient_for_gamma / M)

The sums go to the update methods of the data source, in a state for each image.

In PyTorch:

    d, gradient_for_gamma, gradient_for_beta = torch.autograd.grad(y, (x, gamma, beta), g))",
      "`gradient_state` is the result state of an MPSCNNInstanceNormalizationNode, else InvalidArgumentError.");

  bind_forward<CNNGroupNormalizationNode, CNNGroupNormalizationDataSource>(
      m, "MPSCNNGroupNormalizationNode",
      R"(Group normalisation: each group of feature channels of each image gets a common mean and deviation.

H x W x C to H x W x C, for each image and feature channel c

    y = gamma[c] * (x - mean) / sqrt(variance + epsilon) + beta[c]

with the mean and the variance, divided by the count, over the H x W pixels and the channels of c's group. Groups are
number_of_groups ranges of C / number_of_groups channels; one group normalises over the whole image, C groups are instance
normalisation. Wu and He, "Group Normalization", 2018. A group without any variance gives beta.

In PyTorch:

    y = F.group_norm(x, number_of_groups, gamma, beta, epsilon)

Open: which channels make a group. Those that follow one another.
Open: number_of_groups that does not divide the channels. Making a graph raises InvalidArgumentError.

data_source: gives gamma, beta, epsilon and number_of_groups.)",
      "`data_source` is read by a graph that is made from the node. Making the graph raises InvalidArgumentError where the "
      "arrays do not have number_of_feature_channels elements and where number_of_groups "
      "is 0 "
      "or does not divide it, encoding raises ShapeError where the source image has another number of channels.");
  bind_gradient<CNNGroupNormalizationGradientNode>(
      m, "MPSCNNGroupNormalizationGradientNode",
      R"(The gradient of group normalisation.

H x W x C to H x W x C. With s = 1 / sqrt(variance + epsilon), xh = (x - mean) * s, M = H * W * C / number_of_groups and g the incoming gradient, for each image and feature channel

    gradient_for_beta = sum(g)        gradient_for_gamma = sum(g * xh)
    d = s * (gamma * g - sum over the group(gamma * g) / M - xh * sum over the group(gamma * g * xh) / M)

The sums of the channels go to the update methods of the data source, in a state for each image.

In PyTorch:

    d, gradient_for_gamma, gradient_for_beta = torch.autograd.grad(y, (x, gamma, beta), g))",
      "`gradient_state` is the result state of an MPSCNNGroupNormalizationNode, else InvalidArgumentError.");
}

}  // namespace mpsnn
