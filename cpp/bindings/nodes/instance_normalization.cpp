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
      R"(Instance normalisation of an H x W x C image: for each image and feature channel c

    y = gamma[c] * (x - mean) / sqrt(variance + epsilon) + beta[c]

with the mean and the variance of the channel over the H x W pixels of the image, in training and inference alike. The variance is
divided by H * W; Apple does not say which divisor it takes. Ulyanov, Vedaldi and Lempitsky, "Instance Normalization: The Missing
Ingredient for Fast Stylization", 2016. A channel without any variance gives beta. The result has the size of the source.)",
      "`data_source` gives gamma, beta and epsilon; a graph that is made from the node reads it. Making the graph raises "
      "InvalidArgumentError where its arrays do not have number_of_feature_channels elements, encoding raises ShapeError where "
      "the "
      "source image has another number of channels.");
  bind_gradient<CNNInstanceNormalizationGradientNode>(
      m, "MPSCNNInstanceNormalizationGradientNode",
      R"(The gradient of instance normalisation with respect to its source. With s = 1 / sqrt(variance + epsilon),
xh = (x - mean) * s, M = H * W and g the incoming gradient, for each image and feature channel

    gradient_for_beta = sum(g)        gradient_for_gamma = sum(g * xh)
    d = gamma * s * (g - gradient_for_beta / M - xh * gradient_for_gamma / M)

The sums go to the update methods of the data source, in a state for each image.)",
      "`gradient_state` is the result state of an MPSCNNInstanceNormalizationNode, else InvalidArgumentError.");

  bind_forward<CNNGroupNormalizationNode, CNNGroupNormalizationDataSource>(
      m, "MPSCNNGroupNormalizationNode",
      R"(Group normalisation of an H x W x C image: for each image and feature channel c

    y = gamma[c] * (x - mean) / sqrt(variance + epsilon) + beta[c]

with the mean and the variance, divided by the count, over the H x W pixels and the channels of c's group. Groups are
number_of_groups ranges of C / number_of_groups channels that follow one another, as in Wu and He, "Group Normalization", 2018;
Apple does not say how it groups them. One group normalises over the whole image, C groups are instance normalisation. A group
without any variance gives beta. The result has the size of the source.)",
      "`data_source` gives gamma, beta, epsilon and number_of_groups; a graph that is made from the node reads it. Making the "
      "graph "
      "raises InvalidArgumentError where the arrays do not have number_of_feature_channels elements and where number_of_groups "
      "is 0 "
      "or does not divide it, encoding raises ShapeError where the source image has another number of channels.");
  bind_gradient<CNNGroupNormalizationGradientNode>(
      m, "MPSCNNGroupNormalizationGradientNode",
      R"(The gradient of group normalisation with respect to its source. With s = 1 / sqrt(variance + epsilon),
xh = (x - mean) * s, M = H * W * C / number_of_groups and g the incoming gradient, for each image and feature channel

    gradient_for_beta = sum(g)        gradient_for_gamma = sum(g * xh)
    d = s * (gamma * g - sum over the group(gamma * g) / M - xh * sum over the group(gamma * g * xh) / M)

The sums of the channels go to the update methods of the data source, in a state for each image.)",
      "`gradient_state` is the result state of an MPSCNNGroupNormalizationNode, else InvalidArgumentError.");
}

}  // namespace mpsnn
