#pragma once

#include <memory>
#include <vector>

#include "mpsnn/node.hpp"

namespace mpsnn {

/// What a gradient kernel is made of that learns from its state what the forward filter was; Apple's node needs that filter's.
template <class OpType>
class GradientKernelNode final : public NodeOf<OpType, NNGradientFilterNode> {
 public:
  GradientKernelNode()
      : NodeOf<OpType, NNGradientFilterNode>(
            OpType{}, std::vector{std::make_shared<NNImageNode>(), std::make_shared<NNImageNode>()}, nullptr) {}
  const char* class_name() const override { return OpType::kKernelName; }
};

/// The node's attributes, of a kernel made of it.
template <class Node>
typename Node::Attributes& attributes_of_node(NNFilterNode& node) {
  return static_cast<Node&>(node).attributes;
}

}  // namespace mpsnn
