#pragma once

#include <type_traits>
#include <utility>

#include "bindings.hpp"
#include "mpsnn/nodes/loss.hpp"

namespace mpsnn {

/// The values of the descriptor that `descriptor_of(self)` gives; four of them can be set where it may be written to.
template <class Class, class DescriptorOf>
void def_loss_properties(Class& cls, const DescriptorOf& descriptor_of) {
  using T = typename Class::type;
  using D = CNNLossDescriptor;
  constexpr bool is_writable = !std::is_const_v<std::remove_reference_t<decltype(descriptor_of(std::declval<T&>()))>>;
  const auto get = [=](auto member) { return [=](T& self) { return descriptor_of(self).*member; }; };
  const auto number = [&](const char* name, float D::*member, const char* doc) {
    if constexpr (is_writable) {
      cls.def_property(
          name, get(member), [=](T& self, float value) { descriptor_of(self).*member = value; }, doc);
    } else {
      cls.def_property_readonly(name, get(member), doc);
    }
  };
  cls.def_property_readonly("loss_type", get(&D::loss_type), "Which function; see MPSCNNLossDescriptor.");
  cls.def_property_readonly("reduction_type", get(&D::reduction_type), "How the elements of an image become its loss.");
  cls.def_property_readonly("reduce_across_batch", get(&D::reduce_across_batch),
                            "Whether the first image gets the loss of the whole batch, the others 0.");
  cls.def_property_readonly("number_of_classes", get(&D::number_of_classes), "For the smoothing of the softmax cross entropy.");
  number("weight", &D::weight, "Factor of every element.");
  number("label_smoothing", &D::label_smoothing, "How much of the labels is spread. Cross entropies only.");
  number("epsilon", &D::epsilon, "Keeps the logarithms of Log finite.");
  number("delta", &D::delta, "Where Huber turns from a parabola into a line.");
}

}  // namespace mpsnn
