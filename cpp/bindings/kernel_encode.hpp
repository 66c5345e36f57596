#pragma once

#include <optional>

#include "classes.hpp"
#include "mpsnn/error.hpp"

// What the encodes of all kernels that are made by hand have in common.

namespace mpsnn::kernel_encode {

using CommandBufferPtr = std::shared_ptr<CommandBuffer>;
template <class State>
using OutStates = std::optional<py::typing::List<State>>;
using SourceStates = std::optional<StateBatch>;

template <class Filter>
void set_allocator(Filter& self, std::shared_ptr<ImageAllocator> allocator) {
  if (!allocator) throw InvalidArgument("destination_image_allocator must not be None");
  self.destination_image_allocator = std::move(allocator);
}

template <class State>
void deliver(const OutStates<State>& list, const StateBatch& states) {
  if (!list) return;
  py::list to = *list;
  for (const StatePtr& state : states) to.append(state);
}

inline constexpr const char* kInto =
    "Into an image of the caller's: the part `clip_rect`, its first pixel at `offset` of the source. The padding policy is not "
    "asked. "
    "`destination_state` is filled for the gradient kernel. Raises ShapeError where the result does not fit.";
inline constexpr const char* kMade =
    "Into an image that `destination_image_allocator` makes and that is returned; the padding policy decides its size and sets "
    "`offset`. The result state, where there is one, is appended to the list `destination_state`; it is permanent, unless "
    "destination_state_is_temporary.";
inline constexpr const char* kBatch = "As `encode_to_command_buffer`, for lists of images of one size.";
inline constexpr const char* kState =
    "The state that an encode with these images fills, for the gradient kernel; None for kernels without. `source_states` are "
    "not "
    "looked at.";
inline constexpr const char* kDescriptor =
    "The descriptor of the result for these sources, by the padding policy, which also sets the offsets. For a batch: the first "
    "image.";
inline constexpr const char* kStorage = "Memory that an encode needs in the command buffer: 0 here.";

// An empty list is the list that receives states: the next overload takes it.
inline void require_images(const ImageBatch& destinations) {
  if (destinations.empty()) throw py::reference_cast_error();
}

// Encodes into images that the allocator makes.
template <class Filter, class... Images>
ImageBatch encode_made(Filter& self, const CommandBufferPtr& command_buffer, const OutStates<StatePtr>& states,
                       std::optional<bool> is_temporary, const Images&... images) {
  StateBatch made;
  const ImageBatch result = [&] {
    py::gil_scoped_release release;
    return self.encode_batch_to_command_buffer(command_buffer, images..., states ? &made : nullptr, is_temporary.value_or(false));
  }();
  deliver(states, made);
  return result;
}

// Kernels may wait for their work, which may wait for Python.
template <class Work>
auto without_gil(const Work& work) {
  py::gil_scoped_release release;
  return work();
}

inline std::optional<StatePtr> first_or_none(const StateBatch& states) {
  return states.empty() ? std::nullopt : std::optional(states[0]);
}
inline std::optional<StateBatch> list_or_none(const StateBatch& states) {
  return states.empty() ? std::nullopt : std::optional(states);
}

// What all filters have, whatever the number of their sources.
template <class Class>
void bind_filter(Class& cls) {
  using Filter = typename Class::type;
  cls.def("is_result_state_reused_across_batch", &Filter::is_result_state_reused_across_batch,
          "Whether all images of a batch have one result state.")
      .def("append_batch_barrier", &Filter::append_batch_barrier,
           "Whether every image of a batch must have passed this kernel before a consumer starts.")
      .def_property_readonly("is_state_modified", &Filter::is_state_modified, "Whether an encode writes into its source state.")
      .def(
          "destination_image_descriptor_for_source_images",
          [](Filter& self, const ImageBatch& source_images, const SourceStates& source_states) {
            py::gil_scoped_release release;
            return self.destination_image_descriptor_for_source_images(source_images, source_states.value_or(StateBatch{}));
          },
          "source_images"_a, "source_states"_a = py::none(), kDescriptor)
      .def_property(
          "destination_image_allocator", [](const Filter& self) { return self.destination_image_allocator; },
          &set_allocator<Filter>, "Makes the results that the caller gives no image for; MPSTemporaryImage.default_allocator().");
}

/// The encodes of a filter of one source. Classes with others of their own bind these too: Python would not look into the base.
template <class Class>
void bind_unary_encodes(Class& cls) {
  const auto none = py::none();
  cls.def(
         "encode_to_command_buffer",
         [](CNNKernel& self, const CommandBufferPtr& command_buffer, const ImagePtr& source, const ImagePtr& destination) {
           py::gil_scoped_release release;
           self.encode_to_command_buffer(command_buffer, source, StatePtr(), destination);
         },
         "command_buffer"_a.none(false), "source_image"_a.none(false), "destination_image"_a.none(false), kInto)
      .def(
          "encode_to_command_buffer",
          [](CNNKernel& self, const CommandBufferPtr& command_buffer, const ImagePtr& source, const StatePtr& state,
             const ImagePtr& destination) {
            py::gil_scoped_release release;
            self.encode_to_command_buffer(command_buffer, source, state, destination);
          },
          "command_buffer"_a.none(false), "source_image"_a.none(false), "destination_state"_a, "destination_image"_a.none(false),
          kInto)
      .def(
          "encode_to_command_buffer",
          [](CNNKernel& self, const CommandBufferPtr& command_buffer, const ImagePtr& source, const OutStates<StatePtr>& states,
             std::optional<bool> is_temporary) {
            return encode_made(self, command_buffer, states, is_temporary, ImageBatch{source})[0];
          },
          "command_buffer"_a.none(false), "source_image"_a.none(false), "destination_state"_a = none,
          "destination_state_is_temporary"_a = none, kMade)
      .def(
          "encode_batch_to_command_buffer",
          [](CNNKernel& self, const CommandBufferPtr& command_buffer, const ImageBatch& sources, const ImageBatch& destinations) {
            require_images(destinations);
            py::gil_scoped_release release;
            self.encode_batch_to_command_buffer(command_buffer, sources, StateBatch{}, destinations);
          },
          "command_buffer"_a.none(false), "source_images"_a, "destination_images"_a, kBatch)
      .def(
          "encode_batch_to_command_buffer",
          [](CNNKernel& self, const CommandBufferPtr& command_buffer, const ImageBatch& sources, const SourceStates& states,
             const ImageBatch& destinations) {
            py::gil_scoped_release release;
            self.encode_batch_to_command_buffer(command_buffer, sources, states.value_or(StateBatch{}), destinations);
          },
          "command_buffer"_a.none(false), "source_images"_a, "destination_states"_a, "destination_images"_a, kBatch)
      .def(
          "encode_batch_to_command_buffer",
          [](CNNKernel& self, const CommandBufferPtr& command_buffer, const ImageBatch& sources,
             const OutStates<StatePtr>& states,
             std::optional<bool> is_temporary) { return encode_made(self, command_buffer, states, is_temporary, sources); },
          "command_buffer"_a.none(false), "source_images"_a, "destination_states"_a = none,
          "destination_state_is_temporary"_a = none, kBatch);
}

}  // namespace mpsnn::kernel_encode
