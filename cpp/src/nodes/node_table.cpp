#include "nodes/node_table.hpp"

#include "mpsnn/error.hpp"

namespace mpsnn {

namespace {

std::string count_of(std::size_t count, const char* what) { return std::to_string(count) + " " + what + (count == 1 ? "" : "s"); }

}  // namespace

void NodeInputs::refuse(const std::string& what) const { throw GraphError(owner.name + ": " + what); }

void NodeInputs::expect(std::size_t image_count, std::size_t state_count) const {
  if (images.size() != image_count) {
    refuse("needs " + count_of(image_count, "source image") + ", got " + std::to_string(images.size()));
  }
  if (states.size() != state_count) {
    refuse("needs " + count_of(state_count, "source state") + ", got " + std::to_string(states.size()));
  }
}

void NodeInputs::read(Op& op) const {
  restore_attributes(saved.attributes, owner, [&](AttributeVisitor& visitor) { op.visit(visitor); });
}

const NodeTable::Make* NodeTable::find(const std::string& class_name) const {
  const auto found = makers_.find(class_name);
  return found == makers_.end() ? nullptr : &found->second;
}

}  // namespace mpsnn
