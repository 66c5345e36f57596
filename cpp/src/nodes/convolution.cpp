#include "mpsnn/nodes/convolution.hpp"

#include <utility>

#include "mpsnn/device.hpp"
#include "mpsnn/error.hpp"
#include "nodes/convolution_parameters.hpp"
#include "nodes/convolution_shapes.hpp"
#include "nodes/node_table.hpp"

namespace mpsnn {

void copy_descriptor(const CNNConvolutionDescriptor& from, ConvolutionAttributes& to) {
  to.kernel_width = from.kernel_width;
  to.kernel_height = from.kernel_height;
  to.input_feature_channels = from.input_feature_channels;
  to.output_feature_channels = from.output_feature_channels;
  to.stride_in_pixels_x = from.stride_in_pixels_x;
  to.stride_in_pixels_y = from.stride_in_pixels_y;
  to.dilation_rate_x = from.dilation_rate_x;
  to.dilation_rate_y = from.dilation_rate_y;
  to.groups = from.groups;
  to.channel_multiplier = from.channel_multiplier();
}

void check_channels(const InferRequest& request, const ConvolutionAttributes& op) {
  if (request.sources[0].channels < op.input_feature_channels) {
    throw ShapeError(request.node + ": the source has " + std::to_string(request.sources[0].channels) +
                     " feature channels, input_feature_channels is " + std::to_string(op.input_feature_channels));
  }
}

Inferred infer_fully_connected(const InferRequest& request, const ConvolutionAttributes& op) {
  check_channels(request, op);
  const ImageShape& source = request.sources[0];
  if (source.width != op.kernel_width || source.height != op.kernel_height) {
    throw ShapeError(request.node + ": the source is " + std::to_string(source.height) + " x " + std::to_string(source.width) +
                     " (height x width), kernel_height x kernel_width of a fully connected filter must be the same, got " +
                     std::to_string(op.kernel_height) + " x " + std::to_string(op.kernel_width));
  }
  Inferred inferred;
  inferred.result = {1, 1, op.output_feature_channels};
  inferred.geometry.offset_x = std::ptrdiff_t(op.kernel_width / 2);
  inferred.geometry.offset_y = std::ptrdiff_t(op.kernel_height / 2);
  return inferred;
}

namespace {

ConvolutionKind kind_of(const ConvolutionAttributes& op) {
  if (dynamic_cast<const FullyConnectedOp*>(&op) || dynamic_cast<const FullyConnectedGradientOp*>(&op)) {
    return ConvolutionKind::FullyConnected;
  }
  const bool is_transpose =
      dynamic_cast<const ConvolutionTransposeOp*>(&op) || dynamic_cast<const ConvolutionTransposeGradientOp*>(&op);
  return is_transpose ? ConvolutionKind::Transpose : ConvolutionKind::Convolution;
}

std::shared_ptr<CNNKernel> kernel_of(const StateObjectRequest& request) {
  auto kernel = std::make_shared<CNNKernel>(default_device(), request.forward.op->window());
  const Geometry& g = request.forward.geometry;
  kernel->offset = {g.offset_x, g.offset_y, 0};
  kernel->kernel_offset_x = g.kernel_offset_x;
  kernel->kernel_offset_y = g.kernel_offset_y;
  kernel->edge_mode = g.edge_mode;
  if (const auto* own = dynamic_cast<const ConvolutionParameters*>(request.parameters.get())) kernel->label = own->label();
  return kernel;
}

template <class StateType>
std::shared_ptr<State> make_gradient_state(const StateObjectRequest& request, const ConvolutionAttributes& op) {
  // Without a gradient filter the buffers are never written: they are allocated, as zeros, only if somebody looks.
  std::vector<std::shared_ptr<Buffer>> blocks = request.gradient_states;
  if (blocks.empty()) {
    blocks = {std::make_shared<Buffer>(op.weight_count() * sizeof(float)),
              std::make_shared<Buffer>(op.output_feature_channels * sizeof(float))};
  }
  const ImageShape& source = request.forward.sources[0];
  return std::make_shared<StateType>(blocks[0], blocks[1], source.width, source.height, kernel_of(request));
}

template <class GradientNode, class StateNode>
std::vector<GradientFilterNodePtr> make_gradient_node(CNNConvolutionNode& node, const ImageNodePtr& gradient_image) {
  auto made = std::make_shared<GradientNode>(gradient_image, node.source_images()[0],
                                             std::static_pointer_cast<StateNode>(node.result_state()), node.weights());
  made->training_style = node.training_style;
  made->set_padding_policy(node.padding_policy());
  return {made};
}

}  // namespace

// Ops ---------------------------------------------------------------------------------------------------------------

void ConvolutionAttributes::visit(AttributeVisitor& visitor) {
  fields([&](const char* name, auto member, const char*) { visitor(name, this->*member); });
}

Window ConvolutionAttributes::window() const {
  return {kernel_width, kernel_height, stride_in_pixels_x, stride_in_pixels_y, dilation_rate_x, dilation_rate_y, false};
}

std::size_t ConvolutionAttributes::result_channels(std::span<const ImageShape>) const { return output_feature_channels; }

void ConvolutionOp::visit(AttributeVisitor& visitor) {
  ConvolutionAttributes::visit(visitor);
  visitor("sub_pixel_scale_factor", sub_pixel_scale_factor);
  neuron.visit(visitor);
}

std::size_t ConvolutionOp::result_channels(std::span<const ImageShape>) const {
  return output_feature_channels / (sub_pixel_scale_factor * sub_pixel_scale_factor);
}

Inferred ConvolutionOp::infer(const InferRequest& request) const {
  check_channels(request, *this);
  Inferred inferred = Op::infer(request);
  inferred.result.width *= sub_pixel_scale_factor;
  inferred.result.height *= sub_pixel_scale_factor;
  return inferred;
}

std::shared_ptr<State> ConvolutionOp::make_state(const StateObjectRequest& request) const {
  return make_gradient_state<CNNConvolutionGradientState>(request, *this);
}

Inferred FullyConnectedOp::infer(const InferRequest& request) const { return infer_fully_connected(request, *this); }

Window ConvolutionTransposeOp::window() const {
  Window w = ConvolutionOp::window();
  w.is_backwards = true;
  return w;
}

Inferred ConvolutionTransposeOp::infer(const InferRequest& request) const {
  check_channels(request, *this);
  if (!request.forward) return Op::infer(request);
  // The mirror image of the convolution that made the state.
  const Window mirrored = request.forward->op->window();
  const Geometry& g = request.forward->geometry;
  Inferred inferred;
  inferred.result = {request.forward->sources[0].height, request.forward->sources[0].width, output_feature_channels};
  inferred.geometry.kernel_offset_x = -g.offset_x + (mirrored.extent_x() % 2 == 0 ? 1 : 0);
  inferred.geometry.kernel_offset_y = -g.offset_y + (mirrored.extent_y() % 2 == 0 ? 1 : 0);
  return inferred;
}

std::shared_ptr<State> ConvolutionTransposeOp::make_state(const StateObjectRequest& request) const {
  return make_gradient_state<CNNConvolutionTransposeGradientState>(request, *this);
}

Window ConvolutionGradientOp::window() const {
  Window w = ConvolutionAttributes::window();
  w.is_backwards = true;
  return w;
}

std::size_t ConvolutionGradientOp::result_channels(std::span<const ImageShape>) const { return input_feature_channels; }

Inferred ConvolutionGradientOp::infer(const InferRequest& request) const {
  const Inferred inferred = infer_gradient(request);
  if (request.sources[1] != inferred.result) {
    throw ShapeError(request.node + ": the source image is " + to_string(request.sources[1]) +
                     ", the source of the forward filter " + to_string(inferred.result));
  }
  return inferred;
}

std::vector<StateDescriptor> ConvolutionGradientOp::states(const StateRequest&) const {
  return {{"gradientForWeights", DataType::Float32, weight_count(), false},
          {"gradientForBiases", DataType::Float32, output_feature_channels, false}};
}

// Forward nodes -----------------------------------------------------------------------------------------------------

CNNConvolutionNode::CNNConvolutionNode(ImageNodePtr source, std::vector<StateNodePtr> source_states, ConvolutionSourcePtr weights,
                                       std::unique_ptr<CNNConvolutionGradientStateNode> state)
    : NNFilterNode({std::move(source)}, std::move(source_states)), weights_(std::move(weights)) {
  if (!weights_) throw InvalidArgument("MPSCNNConvolutionNode: weights is missing");
  if (state) own_result_state(std::move(state));
}

CNNConvolutionNode::CNNConvolutionNode(ImageNodePtr source, ConvolutionSourcePtr weights)
    : CNNConvolutionNode(std::move(source), {}, std::move(weights), std::make_unique<CNNConvolutionGradientStateNode>()) {}

std::shared_ptr<const Op> CNNConvolutionNode::op() const { return std::make_shared<ConvolutionOp>(); }

Lowered CNNConvolutionNode::lower(const LowerRequest& request) const {
  auto made = std::static_pointer_cast<const ConvolutionOp>(op())->copy();
  auto parameters =
      std::make_shared<ConvolutionParameters>(weights_, kind_of(*made), accumulator_precision, description(), request);
  const CNNConvolutionDescriptor& descriptor = parameters->descriptor();
  copy_descriptor(descriptor, *made);
  made->accumulator_precision = accumulator_precision;
  made->sub_pixel_scale_factor = descriptor.sub_pixel_scale_factor();
  made->neuron = *descriptor.fused_neuron_descriptor();
  return {std::move(made), std::move(parameters)};
}

std::shared_ptr<CNNConvolutionGradientStateNode> CNNConvolutionNode::convolution_gradient_state() {
  return std::static_pointer_cast<CNNConvolutionGradientStateNode>(result_state());
}

std::vector<GradientFilterNodePtr> CNNConvolutionNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  return make_gradient_node<CNNConvolutionGradientNode, CNNConvolutionGradientStateNode>(*this, gradient_image);
}

CNNFullyConnectedNode::CNNFullyConnectedNode(ImageNodePtr source, ConvolutionSourcePtr weights)
    : CNNConvolutionNode(std::move(source), std::move(weights)) {
  set_padding_policy(NNDefaultPadding::padding_with_method(NNPaddingMethod::SizeValidOnly));
}

std::shared_ptr<const Op> CNNFullyConnectedNode::op() const { return std::make_shared<FullyConnectedOp>(); }

std::vector<GradientFilterNodePtr> CNNFullyConnectedNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  return make_gradient_node<CNNFullyConnectedGradientNode, CNNConvolutionGradientStateNode>(*this, gradient_image);
}

CNNConvolutionTransposeNode::CNNConvolutionTransposeNode(
    ImageNodePtr source, std::shared_ptr<CNNConvolutionGradientStateNode> convolution_gradient_state,
    ConvolutionSourcePtr weights)
    : CNNConvolutionNode(std::move(source),
                         convolution_gradient_state ? std::vector<StateNodePtr>{std::move(convolution_gradient_state)}
                                                    : std::vector<StateNodePtr>{},
                         std::move(weights), std::make_unique<CNNConvolutionTransposeGradientStateNode>()) {}

std::shared_ptr<const Op> CNNConvolutionTransposeNode::op() const { return std::make_shared<ConvolutionTransposeOp>(); }

std::vector<GradientFilterNodePtr> CNNConvolutionTransposeNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  return make_gradient_node<CNNConvolutionTransposeGradientNode, CNNConvolutionTransposeGradientStateNode>(*this, gradient_image);
}

// Gradient nodes ----------------------------------------------------------------------------------------------------

CNNConvolutionGradientNode::CNNConvolutionGradientNode(
    ImageNodePtr source_gradient, ImageNodePtr source_image,
    std::shared_ptr<CNNConvolutionGradientStateNode> convolution_gradient_state, ConvolutionSourcePtr weights)
    : NNGradientFilterNode({std::move(source_gradient), std::move(source_image)}, convolution_gradient_state),
      weights_(std::move(weights)) {
  if (!convolution_gradient_state) throw InvalidArgument("MPSCNNConvolutionGradientNode: the gradient state is missing");
  if (const auto* forward = dynamic_cast<const CNNConvolutionNode*>(convolution_gradient_state->producer())) {
    training_style = forward->training_style;
    if (!weights_) weights_ = forward->weights();
  }
}

std::shared_ptr<ConvolutionGradientOp> CNNConvolutionGradientNode::make_op() const {
  return std::make_shared<ConvolutionGradientOp>();
}

std::shared_ptr<const Op> CNNConvolutionGradientNode::op() const { return make_op(); }

bool CNNConvolutionGradientNode::updates_parameters() const {
  return training_style != NNTrainingStyle::UpdateDeviceNone && weights_->updates(training_style);
}

Lowered CNNConvolutionGradientNode::lower(const LowerRequest& request) const {
  const auto* forward = request.forward ? dynamic_cast<const ConvolutionOp*>(request.forward->op.get()) : nullptr;
  const auto made = make_op();
  if (!forward || kind_of(*forward) != kind_of(*made)) {
    throw GraphError(description() + ": the gradient state is that of another kind of filter");
  }
  auto parameters = std::dynamic_pointer_cast<ConvolutionParameters>(request.forward->parameters);
  if (!parameters || parameters->source_identity() != weights_.get()) {
    parameters =
        std::make_shared<ConvolutionParameters>(weights_, kind_of(*made), forward->accumulator_precision, description(), request);
  }
  const CNNConvolutionDescriptor& descriptor = parameters->descriptor();
  const auto refuse_training = [&](const std::string& what) {
    throw GraphError(description() + ": the data source's descriptor has " + what);
  };
  if (descriptor.fused_neuron_descriptor()->neuron_type != CNNNeuronType::None) {
    refuse_training(std::string("a fused neuron (") + name_of(descriptor.fused_neuron_descriptor()->neuron_type) +
                    "); a filter that is trained must have its neuron in a node of its own");
  }
  if (descriptor.batch_normalization()) {
    refuse_training("batch normalization parameters; a filter that is trained must have its normalization in a node of its own");
  }
  if (descriptor.sub_pixel_scale_factor() != 1) {
    refuse_training("sub_pixel_scale_factor " + std::to_string(descriptor.sub_pixel_scale_factor()) +
                    "; a sub-pixel convolution has no gradient");
  }
  copy_descriptor(descriptor, *made);
  made->accumulator_precision = forward->accumulator_precision;
  const bool is_same_window = made->ConvolutionAttributes::window() == forward->ConvolutionAttributes::window();
  if (!is_same_window || made->groups != forward->groups || made->channel_multiplier != forward->channel_multiplier ||
      made->input_feature_channels != forward->input_feature_channels ||
      made->output_feature_channels != forward->output_feature_channels) {
    throw GraphError(description() + ": the descriptor of its weights differs from the forward filter's");
  }
  if (training_style == NNTrainingStyle::UpdateDeviceGPU && updates_parameters()) parameters->share_with_source();
  return {made, std::move(parameters)};
}

std::shared_ptr<ConvolutionGradientOp> CNNFullyConnectedGradientNode::make_op() const {
  return std::make_shared<FullyConnectedGradientOp>();
}

CNNConvolutionTransposeGradientNode::CNNConvolutionTransposeGradientNode(
    ImageNodePtr source_gradient, ImageNodePtr source_image,
    std::shared_ptr<CNNConvolutionTransposeGradientStateNode> convolution_transpose_gradient_state, ConvolutionSourcePtr weights)
    : CNNConvolutionGradientNode(std::move(source_gradient), std::move(source_image),
                                 std::move(convolution_transpose_gradient_state), std::move(weights)) {}

std::shared_ptr<ConvolutionGradientOp> CNNConvolutionTransposeGradientNode::make_op() const {
  return std::make_shared<ConvolutionTransposeGradientOp>();
}

// Saved nodes -------------------------------------------------------------------------------------------------------

namespace {

/// All other attributes come from the data source.
FilterNodePtr with_precision(const NodeInputs& in, std::shared_ptr<CNNConvolutionNode> node) {
  const auto precision = in.op<ConvolutionOp>().accumulator_precision;
  if (precision > NNConvolutionAccumulatorPrecisionOption::Float) {
    in.refuse("accumulator_precision must be Half or Float, got " + std::to_string(std::size_t(precision)));
  }
  node->accumulator_precision = precision;
  return node;
}

template <class Node>
void add_convolution(NodeTable& table, const char* class_name) {
  table.add(class_name, [](const NodeInputs& in) -> FilterNodePtr {
    in.expect(1, 0);
    return with_precision(in, std::make_shared<Node>(in.images[0], in.data_source<CNNConvolutionDataSource>()));
  });
}

template <class Node, class StateNode>
void add_convolution_gradient(NodeTable& table, const char* class_name) {
  table.add(class_name, [](const NodeInputs& in) -> FilterNodePtr {
    in.expect(2, 1);
    in.op<ConvolutionGradientOp>();
    return std::make_shared<Node>(in.images[0], in.images[1], in.state<StateNode>(), in.data_source<CNNConvolutionDataSource>());
  });
}

}  // namespace

void register_convolution_nodes(NodeTable& table) {
  add_convolution<CNNConvolutionNode>(table, "MPSCNNConvolutionNode");
  add_convolution<CNNFullyConnectedNode>(table, "MPSCNNFullyConnectedNode");
  table.add("MPSCNNConvolutionTransposeNode", [](const NodeInputs& in) -> FilterNodePtr {
    in.expect(1, in.states.empty() ? 0 : 1);
    const auto state = in.states.empty() ? nullptr : in.state<CNNConvolutionGradientStateNode>();
    return with_precision(
        in, std::make_shared<CNNConvolutionTransposeNode>(in.images[0], state, in.data_source<CNNConvolutionDataSource>()));
  });
  add_convolution_gradient<CNNConvolutionGradientNode, CNNConvolutionGradientStateNode>(table, "MPSCNNConvolutionGradientNode");
  add_convolution_gradient<CNNFullyConnectedGradientNode, CNNConvolutionGradientStateNode>(table,
                                                                                           "MPSCNNFullyConnectedGradientNode");
  add_convolution_gradient<CNNConvolutionTransposeGradientNode, CNNConvolutionTransposeGradientStateNode>(
      table, "MPSCNNConvolutionTransposeGradientNode");
}

}  // namespace mpsnn
