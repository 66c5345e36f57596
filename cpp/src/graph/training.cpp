#include <algorithm>
#include <unordered_map>

#include "graph/walk.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/node.hpp"
#include "mpsnn/nodes/arithmetic.hpp"

namespace mpsnn {

namespace {

FilterNodePtr producer_of(const ImageNodePtr& image) { return image->producer()->shared_from_this(); }

// Walks the inference filters from last to first and hands each the sum of the gradients of its result.
class TrainingGraph {
 public:
  explicit TrainingGraph(const GradientNodeBlock& handler) : handler_(handler) {}

  std::vector<FilterNodePtr> build(const ImageNodePtr& start, const ImageNodePtr& gradient) {
    const Walk walk = walk_back({start.get()}, Follow::images);
    contribute(start, gradient);
    for (auto it = walk.filters.rbegin(); it != walk.filters.rend(); ++it) visit((*it)->shared_from_this());
    for (const ImageNodePtr& image : contributed_) {
      if (!image->producer()) termini_.push_back(sum(image));
    }
    if (!made_any_) return {};
    std::vector<FilterNodePtr> filters;
    for (const ImageNodePtr& terminus : termini_) {
      if (terminus->producer()) filters.push_back(producer_of(terminus));
    }
    return filters;
  }

 private:
  void contribute(const ImageNodePtr& image, const ImageNodePtr& gradient) {
    auto& gradients = gradients_[image.get()];
    if (gradients.empty()) contributed_.push_back(image);
    gradients.push_back(gradient);
  }

  void visit(const FilterNodePtr& filter) {
    const ImageNodePtr result = filter->result_image();
    if (gradients_.find(result.get()) == gradients_.end()) return;
    const ImageNodePtr gradient = sum(result);
    if (result->stop_gradient) {
      termini_.push_back(gradient);
      return;
    }
    const auto made = filter->gradient_filters_with_source(gradient);
    for (std::size_t k = 0; k < made.size(); ++k) {
      const ImageNodePtr& source = filter->source_images()[k];
      made_any_ = true;
      handle(made[k], filter, source, gradient);
      contribute(source, made[k]->result_image());
    }
  }

  // An image that several filters read gets the sum of their gradients.
  ImageNodePtr sum(const ImageNodePtr& image) {
    const auto& gradients = gradients_.at(image.get());
    ImageNodePtr total = gradients[0];
    for (std::size_t i = 1; i < gradients.size(); ++i) {
      auto addition = std::make_shared<NNAdditionNode>(total, gradients[i]);
      made_any_ = true;
      handle(addition, nullptr, image, gradients[i]);
      total = addition->result_image();
    }
    return total;
  }

  void handle(const FilterNodePtr& made, const FilterNodePtr& inference, const ImageNodePtr& source,
              const ImageNodePtr& gradient) {
    if (handler_) {
      handler_(made, inference, source, gradient);
    } else {
      made->result_image()->handle = source->handle;
    }
  }

  const GradientNodeBlock& handler_;
  std::unordered_map<const NNImageNode*, std::vector<ImageNodePtr>> gradients_;
  std::vector<ImageNodePtr> contributed_, termini_;
  bool made_any_ = false;
};

}  // namespace

std::vector<FilterNodePtr> NNFilterNode::training_graph_with_source_gradient(const ImageNodePtr& source_gradient,
                                                                             const GradientNodeBlock& node_handler) {
  const ImageNodePtr gradient = source_gradient ? source_gradient : result_image();
  return TrainingGraph(node_handler).build(starts_gradient() ? source_images()[0] : result_image(), gradient);
}

}  // namespace mpsnn
