#include "mpsnn/nodes/forward_loss.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "mpsnn/error.hpp"
#include "nodes/node_table.hpp"

namespace mpsnn {

namespace {

// Images that a kernel made by hand is asked about may come without labels.
void check_sources(std::span<const ImageShape> sources, const std::string& node) {
  if (sources.size() > 1) check_labels_fit(sources[0], sources[1], node);
  if (sources.size() > 2 && sources[2] != sources[1]) {
    throw ShapeError(node + ": the weights are " + to_string(sources[2]) + ", the labels " + to_string(sources[1]) +
                     " (height x width x channels); they must be alike");
  }
}

ImageShape loss_shape(const CNNLossDescriptor& d, const ImageShape& source) {
  return d.reduction_type == CNNReductionType::None ? source : ImageShape{1, 1, 1};
}

// The number of sources nearest to what there is.
std::size_t source_count(const NodeInputs& in, std::size_t least) { return std::clamp(in.images.size(), least, least + 1); }

template <class OpType>
OpType read(const NodeInputs& in) {
  auto op = in.op<OpType>();
  if (const auto* original = dynamic_cast<const OpType*>(in.original.get())) op.property_call_back = original->property_call_back;
  return op;
}

}  // namespace

NNLossCallback::~NNLossCallback() = default;

void ForwardLossBaseOp::ask(const Question& question, std::span<double> answer) const {
  answer[0] = property_call_back->scalar_weight_for_source_image(question.source, question.destination);
}

std::size_t ForwardLossOp::result_channels(std::span<const ImageShape> sources) const {
  return loss_shape(descriptor, sources[0]).channels;
}

Inferred ForwardLossOp::infer(const InferRequest& request) const {
  check_sources(request.sources, request.node);
  return {loss_shape(descriptor, request.sources[0]), {}};
}

std::vector<StateDescriptor> ForwardLossOp::states(const StateRequest&) const {
  return {{"settings", DataType::Float32, 4, true}};
}

void LossGradientOp::visit(AttributeVisitor& visitor) {
  ForwardLossBaseOp::visit(visitor);
  visitor("is_labels_gradient_filter", is_labels_gradient_filter);
}

std::size_t LossGradientOp::result_channels(std::span<const ImageShape> sources) const {
  return sources[is_labels_gradient_filter && sources.size() > 2 ? 2 : 1].channels;
}

Inferred LossGradientOp::infer(const InferRequest& request) const {
  const ImageShape &gradient = request.sources[0], &source = request.sources[1];
  check_sources(request.sources.subspan(1), request.node);
  if (const ForwardStep* forward = request.forward) {
    if (!dynamic_cast<const ForwardLossOp*>(forward->op)) {
      throw InvalidArgument(request.node + ": gradient_state is that of an " + forward->op->kernel_name() +
                            ", not of an MPSNNForwardLoss");
    }
    if (source != forward->sources[0]) {
      throw ShapeError(request.node + ": the source image is " + to_string(source) + ", the source of the forward filter " +
                       to_string(forward->sources[0]));
    }
  }
  if (const ImageShape wanted = loss_shape(descriptor, source); gradient != wanted) {
    const bool is_whole = descriptor.reduction_type == CNNReductionType::None;
    throw ShapeError(request.node + ": the source gradient is " + to_string(gradient) + ", this reduction_type " +
                     (is_whole ? "(None) " : "") + "needs " + to_string(wanted) + " (height x width x channels)");
  }
  return {{source.height, source.width, result_channels(request.sources)}, {}};
}

NNForwardLossNode::NNForwardLossNode(std::vector<ImageNodePtr> sources, const CNNLossDescriptor& d)
    : NodeOf(ForwardLossOp(), std::move(sources), std::vector<StateNodePtr>{}) {
  const std::size_t count = source_images().size();
  if (count != 2 && count != 3) {
    refuse("sources are predictions, labels and, if there are any, weights, got " + std::to_string(count) + " images");
  }
  if (const std::string problem = d.problem(); !problem.empty()) refuse(problem);
  attributes.descriptor = d;
  own_result_state(std::make_unique<NNGradientStateNode>());
}

std::vector<GradientFilterNodePtr> NNForwardLossNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  std::vector<ImageNodePtr> sources{gradient_image};
  sources.insert(sources.end(), source_images().begin(), source_images().end());
  const auto make = [&](bool is_labels_gradient_filter) {
    return std::make_shared<NNLossGradientNode>(sources, result_state(), attributes.descriptor, is_labels_gradient_filter);
  };
  return {make(false), make(true)};
}

NNLossGradientNode::NNLossGradientNode(std::vector<ImageNodePtr> sources, StateNodePtr gradient_state, const CNNLossDescriptor& d,
                                       bool is_labels_gradient_filter)
    : NodeOf(LossGradientOp(), std::move(sources), std::move(gradient_state)) {
  const std::size_t count = source_images().size();
  if (count != 3 && count != 4) {
    refuse("sources are source gradient, predictions, labels and, if there are any, weights, got " + std::to_string(count) +
           " images");
  }
  if (const std::string problem = d.problem(); !problem.empty()) refuse(problem);
  attributes.descriptor = d;
  attributes.is_labels_gradient_filter = is_labels_gradient_filter;
}

void register_forward_loss_nodes(NodeTable& table) {
  table.add("MPSNNForwardLossNode", [](const NodeInputs& in) -> FilterNodePtr {
    in.expect(source_count(in, 2), 0);
    const auto op = read<ForwardLossOp>(in);
    return NodeTable::with_attributes(std::make_shared<NNForwardLossNode>(in.images, op.descriptor), op);
  });
  table.add("MPSNNLossGradientNode", [](const NodeInputs& in) -> FilterNodePtr {
    in.expect(source_count(in, 3), std::min<std::size_t>(in.states.size(), 1));
    const auto op = read<LossGradientOp>(in);
    const auto state = in.states.empty() ? nullptr : in.state<NNStateNode>();
    return NodeTable::with_attributes(
        std::make_shared<NNLossGradientNode>(in.images, state, op.descriptor, op.is_labels_gradient_filter), op);
  });
}

}  // namespace mpsnn
