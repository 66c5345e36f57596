#include "mpsnn/nodes/reduction.hpp"

#include <algorithm>
#include <array>

#include "mpsnn/error.hpp"
#include "nodes/node_table.hpp"

namespace mpsnn {

namespace {

constexpr const char* kAxes[] = {"Row", "Column", "FeatureChannels", "Spatial"};
constexpr const char* kOperations[] = {"Min", "Max", "Mean", "Sum", "ArgumentMin", "ArgumentMax"};

struct Names {
  std::string node, kernel;
};

const Names& names_of(ReductionAxis axis, ReductionOperation operation) {
  static const auto all = [] {
    std::array<std::array<Names, std::size(kOperations)>, std::size(kAxes)> made;
    for (std::size_t a = 0; a < std::size(kAxes); ++a) {
      for (std::size_t o = 0; o < std::size(kOperations); ++o) {
        const std::string name = std::string(kAxes[a]) + kOperations[o];
        made[a][o] = {"MPSNNReduction" + name + "Node", "MPSNNReduce" + name};
      }
    }
    return made;
  }();
  return all[std::size_t(axis)][std::size_t(operation)];
}

void clip(std::size_t extent, std::size_t& origin, std::size_t& size) {
  origin = std::min(origin, extent);
  size = std::min(size, extent - origin);
}

}  // namespace

const char* reduction_class_name(ReductionAxis axis, ReductionOperation operation) {
  return names_of(axis, operation).node.c_str();
}

const char* ReductionOp::kernel_name() const { return names_of(axis, operation).kernel.c_str(); }

void ReductionOp::visit(AttributeVisitor& visitor) {
  visitor("clip_rect_source.origin.x", clip_rect_source.origin.x);
  visitor("clip_rect_source.origin.y", clip_rect_source.origin.y);
  visitor("clip_rect_source.origin.z", clip_rect_source.origin.z);
  visitor("clip_rect_source.size", clip_rect_source.size);
  if (is_sum_of_channels()) visitor("weight", weight);
}

mtl::Region ReductionOp::region(const ImageShape& source) const {
  mtl::Region r = clip_rect_source;
  clip(source.width, r.origin.x, r.size.width);
  clip(source.height, r.origin.y, r.size.height);
  return r;
}

Inferred ReductionOp::infer(const InferRequest& request) const {
  const ImageShape& source = request.sources[0];
  const mtl::Size size = region(source).size;
  if (size.width == 0 || size.height == 0) {
    const mtl::Region& r = clip_rect_source;
    throw ShapeError(request.node + ": clip_rect_source, " + std::to_string(r.size.width) + " x " +
                     std::to_string(r.size.height) + " pixels (width x height) from (" + std::to_string(r.origin.x) + ", " +
                     std::to_string(r.origin.y) + ") on, holds nothing of a source of " + to_string(source) +
                     " (height x width x channels)");
  }
  switch (axis) {
    case ReductionAxis::Row:
      return {{size.height, 1, source.channels}, {}};
    case ReductionAxis::Column:
      return {{1, size.width, source.channels}, {}};
    case ReductionAxis::FeatureChannels:
      return {{size.height, size.width, 1}, {}};
    default:
      return {{1, 1, source.channels}, {}};
  }
}

Inferred ReductionSpatialMeanGradientOp::infer(const InferRequest& request) const {
  const Inferred inferred = infer_gradient(request);
  if (request.sources[1] != inferred.result) {
    throw ShapeError(request.node + ": the source image is " + to_string(request.sources[1]) +
                     ", the source of the forward filter " + to_string(inferred.result));
  }
  return inferred;
}

NNUnaryReductionNode::NNUnaryReductionNode(ImageNodePtr source, ReductionAxis axis, ReductionOperation operation)
    : NodeOf(ReductionOp(), std::vector<ImageNodePtr>{std::move(source)}, std::vector<StateNodePtr>{}) {
  attributes.axis = axis;
  attributes.operation = operation;
  if (axis == ReductionAxis::Spatial) own_result_state(std::make_unique<NNGradientStateNode>());
}

std::vector<GradientFilterNodePtr> NNUnaryReductionNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  if (attributes.axis != ReductionAxis::Spatial) return NodeOf::make_gradient_filters(gradient_image);
  return {std::make_shared<NNReductionSpatialMeanGradientNode>(gradient_image, source_images()[0], result_state())};
}

NNReductionSpatialMeanGradientNode::NNReductionSpatialMeanGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image,
                                                                       StateNodePtr gradient_state)
    : NodeOf(ReductionSpatialMeanGradientOp(), std::vector<ImageNodePtr>{std::move(source_gradient), std::move(source_image)},
             std::move(gradient_state)) {
  if (source_states().empty()) refuse("gradient_state is missing");
}

void register_reduction_nodes(NodeTable& table) {
  for_each_reduction_node([&]<class Node>(std::type_identity<Node>) {
    table.add(reduction_class_name(Node::kAxis, Node::kOperation), [](const NodeInputs& in) -> FilterNodePtr {
      in.expect(1, 0);
      auto node = std::make_shared<Node>(in.images[0]);
      in.read(node->attributes);
      return node;
    });
  });
  table.add_gradient<NNReductionSpatialMeanGradientNode>("MPSNNReductionSpatialMeanGradientNode");
}

}  // namespace mpsnn
