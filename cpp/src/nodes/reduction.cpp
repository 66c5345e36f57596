#include "mpsnn/nodes/reduction.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>

#include "mpsnn/error.hpp"
#include "nodes/forward_op.hpp"
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

mtl::Region clipped(mtl::Region r, const ImageShape& source) {
  clip(source.width, r.origin.x, r.size.width);
  clip(source.height, r.origin.y, r.size.height);
  return r;
}

void visit_region(AttributeVisitor& visitor, const std::string& name, mtl::Region& region) {
  visitor((name + ".origin.x").c_str(), region.origin.x);
  visitor((name + ".origin.y").c_str(), region.origin.y);
  visitor((name + ".origin.z").c_str(), region.origin.z);
  visitor((name + ".size").c_str(), region.size);
}

// Throws unless `region`, which is `asked` cut to the source, has pixels.
void check_region(const mtl::Region& region, const mtl::Region& asked, const char* property, const ImageShape& source,
                  const std::string& name) {
  if (region.size.width != 0 && region.size.height != 0) return;
  throw ShapeError(name + ": " + property + ", " + std::to_string(asked.size.width) + " x " + std::to_string(asked.size.height) +
                   " pixels (width x height) from (" + std::to_string(asked.origin.x) + ", " + std::to_string(asked.origin.y) +
                   ") on, holds nothing of a source of " + to_string(source) + " (height x width x channels)");
}

}  // namespace

const char* reduction_class_name(ReductionAxis axis, ReductionOperation operation) {
  return names_of(axis, operation).node.c_str();
}

const char* reduction_kernel_name(ReductionAxis axis, ReductionOperation operation) {
  return names_of(axis, operation).kernel.c_str();
}

void ReductionOp::visit(AttributeVisitor& visitor) {
  visit_region(visitor, "clip_rect_source", clip_rect_source);
  if (is_sum_of_channels()) visitor("weight", weight);
}

mtl::Region ReductionOp::region(const ImageShape& source) const { return clipped(clip_rect_source, source); }

Inferred ReductionOp::infer(const InferRequest& request) const {
  const ImageShape& source = request.sources[0];
  check_region(region(source), clip_rect_source, "clip_rect_source", source, request.node);
  const mtl::Size size = region(source).size;
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

void BinaryReductionOp::visit(AttributeVisitor& visitor) {
  visit_region(visitor, "primary_source_clip_rect", primary_source_clip_rect);
  visit_region(visitor, "secondary_source_clip_rect", secondary_source_clip_rect);
}

mtl::Region BinaryReductionOp::region(std::size_t source, const ImageShape& shape) const {
  return clipped(source == 0 ? primary_source_clip_rect : secondary_source_clip_rect, shape);
}

Inferred BinaryReductionOp::infer(const InferRequest& request) const {
  const ImageShape &p = request.sources[0], &s = request.sources[1];
  const mtl::Region primary = region(0, p), secondary = region(1, s);
  check_region(primary, primary_source_clip_rect, "primary_source_clip_rect", p, request.node);
  check_region(secondary, secondary_source_clip_rect, "secondary_source_clip_rect", s, request.node);
  const ImageShape read[] = {{primary.size.height, primary.size.width, p.channels},
                             {secondary.size.height, secondary.size.width, s.channels}};
  if (read[0] != read[1]) {
    throw ShapeError(request.node + ": " + to_string(read[0]) + " (height x width x channels) are read of the primary source, " +
                     to_string(read[1]) + " of the secondary one; there must be as many");
  }
  return {{read[0].height, read[0].width, result_channels(request.sources)}, {}};
}

void WeightedSumOp::visit(AttributeVisitor& visitor) {
  BinaryReductionOp::visit(visitor);
  fields([&](const char* name, auto member, const char*) { visitor(name, this->*member); });
}

void LocalCorrelationOp::visit(AttributeVisitor& visitor) {
  BinaryReductionOp::visit(visitor);
  fields([&](const char* name, auto member, const char*, Access) { visitor(name, this->*member); });
}

Inferred LocalCorrelationOp::infer(const InferRequest& request) const {
  check(request.node);
  return BinaryReductionOp::infer(request);
}

Inferred LocalCorrelationOp::place(const PlaceRequest& request) const {
  Inferred inferred = infer(request.filter);
  inferred.geometry.edge_mode = request.sources[1].edge_mode;
  return inferred;
}

void LocalCorrelationOp::check(const std::string& name) const {
  // Products of these stay far from overflow.
  constexpr std::size_t kLimit = std::numeric_limits<std::int16_t>::max();
  fields([&](const char* property, auto member, const char*, Access) {
    const std::size_t value = this->*member;
    const bool is_stride = member == &LocalCorrelationOp::stride_in_x || member == &LocalCorrelationOp::stride_in_y;
    if (value <= kLimit && (value > 0 || !is_stride)) return;
    throw InvalidArgument(name + ": " + property + (value == 0 ? " must be positive" : " is too large") + ", got " +
                          std::to_string(value));
  });
}

Inferred ReductionSpatialMeanGradientOp::infer(const InferRequest& request) const {
  forward_op<ReductionOp>(request);
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
