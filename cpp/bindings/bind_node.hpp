#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "mpsnn/node.hpp"
#include "mpsnn/op.hpp"
#include "types.hpp"

// How a family is bound, bindings/nodes/<family>.cpp in full:
//
//   #include "bind_node.hpp"
//   #include "mpsnn/nodes/pooling.hpp"
//
//   namespace mpsnn {
//   void bind_pooling(py::module_& m) {
//     bind_node<CNNPoolingNode>(m, "MPSCNNPoolingNode", "Base of the pooling filters.");  // abstract: no constructor
//     bind_node<CNNPoolingMaxNode, CNNPoolingNode>(m, "MPSCNNPoolingMaxNode", "Maximum over each window.")
//         .def(py::init([](ImageNodePtr source, std::size_t kernel_width, std::size_t kernel_height,
//                          std::size_t stride_in_pixels_x, std::size_t stride_in_pixels_y) {
//                return std::make_shared<CNNPoolingMaxNode>(std::move(source), kernel_width, kernel_height,
//                                                           stride_in_pixels_x, stride_in_pixels_y);
//              }),
//              "source"_a.none(false), py::kw_only(), "kernel_width"_a, "kernel_height"_a, "stride_in_pixels_x"_a,
//              "stride_in_pixels_y"_a)
//         .def_static("with_filter_size", ..., "source"_a.none(false), "filter_size"_a, "stride"_a = py::none(),
//                     "A square window; the stride is the window's size when it is None.");
//   }
//   }  // namespace mpsnn
//
// - Bases: those of the C++ class that are bound, the node class first; none named means NNFilterNode. Gradient nodes
//   name NNGradientFilterNode, trainable ones add NNTrainableNode.
// - Attributes that a base already has are not bound again, so an abstract class with `Attributes` serves its children.
// - Nodes live in std::shared_ptr: constructors use std::make_shared. `.none(false)` makes None a TypeError.
// - mtl::Size, Offset and the other structs, enums and ImageNodePtr, StateNodePtr need nothing more: structs also take
//   tuples. Arrays: take `const ArrayLike&` and call `floats_from(argument, "a_data", count)`.
// - Constructors of descriptors and the like are py::classh<T>(m, "MPS...", "Sentence.").

namespace mpsnn {

namespace binding {

template <class T, class = void>
struct AttributesOf {
  using type = void;
};
template <class T>
struct AttributesOf<T, std::void_t<typename T::Attributes>> {
  using type = typename T::Attributes;
};

/// Python's value of an attribute: a copy, arrays for lists of numbers.
template <class T>
auto value_to_python(const T& value) {
  if constexpr (std::is_same_v<T, std::vector<float>>) {
    return array_from(value);
  } else {
    return value;
  }
}

template <class Node, class Class, class Member>
void def_attribute(Class& cls, const char* name, Member member, const char* doc, Access access = Access::ReadOnly) {
  if (access == Access::Internal) return;
  using Value = std::remove_cvref_t<decltype(std::declval<Node&>().attributes.*member)>;
  auto get = [member](const Node& node) { return value_to_python(node.attributes.*member); };
  if (access == Access::ReadOnly) {
    cls.def_property_readonly(name, get, doc);
  } else if constexpr (std::is_same_v<Value, std::vector<float>>) {
    cls.def_property(
        name, get, [member, name](Node& node, const ArrayLike& values) { node.attributes.*member = floats_from(values, name); },
        doc);
  } else {
    cls.def_property(
        name, get, [member](Node& node, const Value& value) { node.attributes.*member = value; }, doc);
  }
}

template <class Bases>
struct OrFilterNode;
template <class... Base>
struct OrFilterNode<std::tuple<Base...>> {
  template <class Node>
  using Class = py::classh<Node, Base...>;
};
template <>
struct OrFilterNode<std::tuple<>> {
  template <class Node>
  using Class = py::classh<Node, NNFilterNode>;
};

}  // namespace binding

/// The Python class of a node: its `Attributes::fields` become documented properties. Constructors are the caller's.
template <class Node, class... Base>
auto bind_node(py::module_& m, const char* name, const char* doc) {
  using Attributes = typename binding::AttributesOf<Node>::type;
  typename binding::OrFilterNode<std::tuple<Base...>>::template Class<Node> cls(m, name, doc);
  if constexpr (!std::is_void_v<Attributes> && !(std::is_same_v<Attributes, typename binding::AttributesOf<Base>::type> || ...)) {
    Attributes::fields([&](const char* field, auto member, const char* sentence, auto... access) {
      binding::def_attribute<Node>(cls, field, member, sentence, access...);
    });
  }
  return cls;
}

}  // namespace mpsnn
