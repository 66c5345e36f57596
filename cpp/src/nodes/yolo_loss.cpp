#include "mpsnn/nodes/yolo_loss.hpp"

#include <array>
#include <cmath>
#include <iterator>
#include <utility>

#include "mpsnn/error.hpp"
#include "nodes/node_table.hpp"

namespace mpsnn {

namespace {

constexpr const char* kLosses[] = {"xy", "wh", "confidence", "classes"};

template <class Descriptor>
auto losses_of(Descriptor& d) {
  return std::array{&d.xy_loss_descriptor, &d.wh_loss_descriptor, &d.confidence_loss_descriptor, &d.classes_loss_descriptor};
}

/// Hands on the attributes of one of several alike, under names that begin with its own.
class Prefixed final : public AttributeVisitor {
 public:
  Prefixed(AttributeVisitor& to, std::string prefix) : to_(to), prefix_(std::move(prefix)) {}
  void boolean(const char* name, bool& value) override { to_.boolean(full(name).c_str(), value); }
  void integer(const char* name, std::int64_t& value) override { to_.integer(full(name).c_str(), value); }
  void number(const char* name, double& value) override { to_.number(full(name).c_str(), value); }
  void numbers(const char* name, std::vector<float>& value) override { to_.numbers(full(name).c_str(), value); }
  void text(const char* name, std::string& value) override { to_.text(full(name).c_str(), value); }

 private:
  std::string full(const char* name) const { return prefix_ + name; }
  AttributeVisitor& to_;
  std::string prefix_;
};

}  // namespace

CNNYOLOLossDescriptor::CNNYOLOLossDescriptor(const Types& types, std::vector<float> anchor_boxes,
                                             std::size_t number_of_anchor_boxes)
    : reduction_type(types.reduction), number_of_anchor_boxes(number_of_anchor_boxes), anchor_boxes(std::move(anchor_boxes)) {
  xy_loss_descriptor.loss_type = types.xy;
  wh_loss_descriptor.loss_type = types.wh;
  confidence_loss_descriptor.loss_type = types.confidence;
  classes_loss_descriptor.loss_type = types.classes;
  for (CNNLossDescriptor* loss : losses_of(*this)) loss->reduction_type = types.reduction;
  if (const std::string found = problem(); !found.empty()) throw InvalidArgument("MPSCNNYOLOLossDescriptor: " + found);
}

void CNNYOLOLossDescriptor::visit(AttributeVisitor& visitor) {
  for (std::size_t i = 0; i < std::size(kLosses); ++i) {
    Prefixed prefixed(visitor, std::string(kLosses[i]) + "_");
    losses_of(*this)[i]->visit(prefixed);
  }
  visitor("reduction_type", reduction_type);
  visitor("reduce_across_batch", reduce_across_batch);
  visitor("rescore", rescore);
  visitor("scale_xy", scale_xy);
  visitor("scale_wh", scale_wh);
  visitor("scale_no_object", scale_no_object);
  visitor("scale_object", scale_object);
  visitor("scale_class", scale_class);
  visitor("min_iou_for_object_presence", min_iou_for_object_presence);
  visitor("max_iou_for_object_absence", max_iou_for_object_absence);
  visitor("number_of_anchor_boxes", number_of_anchor_boxes);
  visitor("anchor_boxes", anchor_boxes);
}

std::string CNNYOLOLossDescriptor::problem() const {
  CNNLossDescriptor shared;
  shared.reduction_type = reduction_type;
  if (std::string found = shared.problem(); !found.empty()) return found;
  for (std::size_t i = 0; i < std::size(kLosses); ++i) {
    CNNLossDescriptor loss = *losses_of(*this)[i];
    loss.reduction_type = reduction_type;
    const bool is_cosine = loss.loss_type == CNNLossType::CosineDistance;
    const std::string found = is_cosine ? "the cosine distance is no loss of single elements" : loss.problem();
    if (!found.empty()) return std::string(kLosses[i]) + "_loss_descriptor: " + found;
  }
  if (number_of_anchor_boxes == 0) return "number_of_anchor_boxes must be positive, got 0";
  if (anchor_boxes.size() % 2 != 0 || anchor_boxes.size() / 2 != number_of_anchor_boxes) {
    return "anchor_boxes must be a width and a height for each of the " + std::to_string(number_of_anchor_boxes) +
           " boxes, got " + std::to_string(anchor_boxes.size()) + " values";
  }
  for (float extent : anchor_boxes) {
    if (!(extent > 0 && std::isfinite(extent))) return "anchor_boxes must be positive, got " + std::to_string(extent);
  }
  return "";
}

Inferred YOLOLossOp::infer(const InferRequest& request) const {
  const std::size_t channels = request.sources[0].channels, boxes = descriptor.number_of_anchor_boxes;
  if (channels % boxes != 0 || channels / boxes <= kEntries) {
    throw ShapeError(request.node + ": the source has " + std::to_string(channels) + " feature channels; " +
                     std::to_string(boxes) + " anchor boxes take " + std::to_string(boxes) +
                     " * (5 + classes) of them, with one class at least");
  }
  return LossBaseOp::infer(request);
}

CNNYOLOLossNode::CNNYOLOLossNode(ImageNodePtr source, const CNNYOLOLossDescriptor& d)
    : LossNodeOf(std::move(source), YOLOLossOp(d)) {
  if (const std::string problem = d.problem(); !problem.empty()) refuse(problem);
}

void register_yolo_loss_nodes(NodeTable& table) {
  table.add("MPSCNNYOLOLossNode", [](const NodeInputs& in) -> FilterNodePtr {
    in.expect(1, 1);
    return std::make_shared<CNNYOLOLossNode>(in.images[0], in.op<YOLOLossOp>().descriptor);
  });
}

}  // namespace mpsnn
