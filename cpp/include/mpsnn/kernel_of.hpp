#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "mpsnn/kernel.hpp"
#include "mpsnn/node.hpp"

namespace mpsnn {

/// The kernel class of the filter that `Node` stands for. `Named` has Apple's name of the kernel class, `kKernelName`.
template <class Node, class Base = CNNKernel, class Named = typename Node::Attributes>
class KernelOf : public Base {
 public:
  using Attributes = typename Node::Attributes;
  /// A null device is the default one. Throws what the node's constructor throws.
  explicit KernelOf(std::shared_ptr<Device> device = nullptr, const Attributes& op = {})
      : Base(make_kernel_core(std::move(device), Named::kKernelName, [&] { return make_node(op); })),
        attributes(static_cast<Node&>(this->node()).attributes) {}
  /// What an encode uses.
  Attributes& attributes;

 private:
  static std::shared_ptr<NNFilterNode> make_node(const Attributes& op) {
    // Nobody reads the images' nodes: only an encode says which images there are.
    const auto image = [] { return std::make_shared<NNImageNode>(); };
    std::shared_ptr<Node> node;
    if constexpr (std::is_base_of_v<CNNGradientKernel, Base>) {
      const auto state = std::make_shared<NNGradientStateNode>();
      if constexpr (std::is_constructible_v<Node, ImageNodePtr, ImageNodePtr, StateNodePtr, const Attributes&>) {
        node = std::make_shared<Node>(image(), image(), state, op);
      } else {
        node = std::make_shared<Node>(image(), image(), state);
      }
    } else if constexpr (std::is_constructible_v<Node, ImageNodePtr, const Attributes&>) {
      node = std::make_shared<Node>(image(), op);
    } else {
      node = std::make_shared<Node>(image());
    }
    node->attributes = op;
    return node;
  }
};

}  // namespace mpsnn
