#include "mpsnn/node.hpp"

#include "mpsnn/error.hpp"
#include "nodes/kernel_name.hpp"
#include "nodes/lowered.hpp"

namespace mpsnn {

Handle::~Handle() = default;
NNStateNode::~NNStateNode() = default;
NNTrainableNode::~NNTrainableNode() = default;

ImageNodePtr NNImageNode::exported_node(std::shared_ptr<Handle> handle) {
  auto node = std::make_shared<NNImageNode>(std::move(handle));
  node->export_from_graph = true;
  return node;
}

NNFilterNode::NNFilterNode(std::vector<ImageNodePtr> sources, std::vector<StateNodePtr> source_states)
    : sources_(std::move(sources)),
      source_states_(std::move(source_states)),
      padding_policy_(NNDefaultPadding::padding_with_method(NNPaddingMethod::SizeSame)) {
  if (sources_.empty()) throw InvalidArgument("MPSNNFilterNode: there must be a source image");
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (!sources_[i]) throw InvalidArgument("MPSNNFilterNode: source image " + std::to_string(i) + " is missing");
  }
  for (std::size_t i = 0; i < source_states_.size(); ++i) {
    if (!source_states_[i]) throw InvalidArgument("MPSNNFilterNode: source state " + std::to_string(i) + " is missing");
  }
  result_.producer_ = this;
  result_.format = sources_[0]->format;
}

NNFilterNode::~NNFilterNode() {
  // A chain is released in a loop: each destructor only hands its sources to the outermost one. Recursion would run out of stack.
  thread_local std::vector<std::shared_ptr<void>>* pending = nullptr;
  std::vector<std::shared_ptr<void>> mine;
  auto* list = pending ? pending : &mine;
  for (auto& source : sources_) list->push_back(std::move(source));
  for (auto& state : source_states_) list->push_back(std::move(state));
  if (pending) return;
  pending = &mine;
  while (!mine.empty()) {
    auto last = std::move(mine.back());
    mine.pop_back();
    last.reset();
  }
  pending = nullptr;
}

std::string NNFilterNode::description() const {
  const char* name = NamedAsKernel::current() ? NamedAsKernel::current() : class_name();
  return label.empty() ? std::string(name) : std::string(name) + " \"" + label + "\"";
}

void NNFilterNode::refuse(const std::string& what) const { throw InvalidArgument(description() + ": " + what); }

ImageNodePtr NNFilterNode::result_image() { return {shared_from_this(), &result_}; }

StateNodePtr NNFilterNode::result_state() {
  return result_state_ ? StateNodePtr(shared_from_this(), result_state_.get()) : nullptr;
}

std::vector<StateNodePtr> NNFilterNode::result_states() {
  if (auto state = result_state()) return {state};
  return {};
}

void NNFilterNode::set_padding_policy(std::shared_ptr<NNPadding> policy) {
  if (!policy) refuse("padding_policy must not be missing");
  padding_policy_ = std::move(policy);
}

void NNFilterNode::own_result_state(std::unique_ptr<NNStateNode> state) {
  state->producer_ = this;
  result_state_ = std::move(state);
}

Lowered NNFilterNode::lower(const LowerRequest&) const { return {op(), nullptr}; }

std::vector<GradientFilterNodePtr> NNFilterNode::make_gradient_filters(const ImageNodePtr&) {
  throw GraphError(description() +
                   ": this filter has no gradient; set stop_gradient on its result image if nothing before it is trained");
}

std::vector<GradientFilterNodePtr> NNFilterNode::gradient_filters_with_source(const ImageNodePtr& gradient_image) {
  if (!gradient_image) refuse("the gradient image is missing");
  auto filters = make_gradient_filters(gradient_image);
  for (auto& filter : filters) {
    filter->result_image()->format = gradient_image->format;
    filter->label = label;
  }
  return filters;
}

std::vector<GradientFilterNodePtr> NNFilterNode::gradient_filters_with_sources(const std::vector<ImageNodePtr>& gradient_images) {
  if (gradient_images.size() != 1) {
    refuse("a filter has one result image, so there must be one gradient image, got " + std::to_string(gradient_images.size()));
  }
  return gradient_filters_with_source(gradient_images[0]);
}

GradientFilterNodePtr NNFilterNode::gradient_filter_with_source(const ImageNodePtr& gradient_image) {
  return gradient_filters_with_source(gradient_image).at(0);
}

GradientFilterNodePtr NNFilterNode::gradient_filter_with_sources(const std::vector<ImageNodePtr>& gradient_images) {
  return gradient_filters_with_sources(gradient_images).at(0);
}

NNGradientFilterNode::NNGradientFilterNode(std::vector<ImageNodePtr> sources, StateNodePtr gradient_state)
    : NNFilterNode(std::move(sources),
                   gradient_state ? std::vector<StateNodePtr>{std::move(gradient_state)} : std::vector<StateNodePtr>{}) {}

std::vector<GradientFilterNodePtr> NNGradientFilterNode::make_gradient_filters(const ImageNodePtr&) {
  throw GraphError(description() + ": there is no gradient of a gradient filter");
}

}  // namespace mpsnn
