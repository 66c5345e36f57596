#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "mpsnn/data_source.hpp"
#include "mpsnn/node.hpp"
#include "mpsnn/saved_graph.hpp"
#include "nodes/saved_attributes.hpp"

namespace mpsnn {

/// What a filter is made from again.
struct NodeInputs {
  const SavedFilter& saved;
  AttributeOwner owner;
  std::vector<ImageNodePtr> images;
  std::vector<StateNodePtr> states;  ///< of earlier filters; null for the labels that a loss filter makes itself
  std::shared_ptr<DataSource> source;
  std::shared_ptr<const Op> original = nullptr;  ///< where a graph is copied: the caller's objects are taken from it

  [[noreturn]] void refuse(const std::string& what) const;
  /// Throws GraphError unless there are this many sources.
  void expect(std::size_t image_count, std::size_t state_count) const;
  void read(Op& op) const;
  template <class OpType>
  OpType op() const {
    OpType op;
    read(op);
    return op;
  }
  /// The first state as what its filter must have made.
  template <class StateNode>
  std::shared_ptr<StateNode> state() const {
    auto state = std::dynamic_pointer_cast<StateNode>(states.at(0));
    if (!state) refuse("the gradient state is that of another kind of filter");
    return state;
  }
  template <class Source>
  std::shared_ptr<Source> data_source() const {
    auto typed = std::dynamic_pointer_cast<Source>(source);
    if (!typed) refuse(source ? "its parameters are of another kind" : "its parameters are missing");
    return typed;
  }
};

/// How each class of filters is made again, by Apple's name.
class NodeTable {
 public:
  using Make = std::function<FilterNodePtr(const NodeInputs&)>;
  void add(const char* class_name, Make make) { makers_[class_name] = std::move(make); }
  /// Null for an unknown name.
  const Make* find(const std::string& class_name) const;
  const std::map<std::string, Make>& all() const { return makers_; }

  /// A filter with one source.
  template <class Node>
  void add_unary(const char* class_name) {
    add(class_name, [](const NodeInputs& in) -> FilterNodePtr {
      in.expect(1, 0);
      const auto op = in.op<typename Node::Attributes>();
      if constexpr (std::is_constructible_v<Node, ImageNodePtr, decltype(op)>) {
        return std::make_shared<Node>(in.images[0], op);
      } else {
        return with_attributes(std::make_shared<Node>(in.images[0]), op);
      }
    });
  }

  /// A gradient filter: its sources are a gradient, an image and a gradient state.
  template <class Node>
  void add_gradient(const char* class_name) {
    add(class_name, [](const NodeInputs& in) -> FilterNodePtr {
      in.expect(2, 1);
      const auto op = in.op<typename Node::Attributes>();
      const auto state = in.state<NNStateNode>();
      if constexpr (std::is_constructible_v<Node, ImageNodePtr, ImageNodePtr, StateNodePtr, decltype(op)>) {
        return std::make_shared<Node>(in.images[0], in.images[1], state, op);
      } else {
        return with_attributes(std::make_shared<Node>(in.images[0], in.images[1], state), op);
      }
    });
  }

  template <class Node, class OpType>
  static std::shared_ptr<Node> with_attributes(std::shared_ptr<Node> node, const OpType& op) {
    node->attributes = op;
    return node;
  }

 private:
  std::map<std::string, Make> makers_;
};

/// All families' filters, made at the first call.
const NodeTable& node_table();

}  // namespace mpsnn
