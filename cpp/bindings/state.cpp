#include "mpsnn/state.hpp"

#include "bindings.hpp"
#include "classes.hpp"
#include "mpsnn/error.hpp"

namespace mpsnn {

namespace {

using BufferPtr = std::shared_ptr<Buffer>;

StatePtr temporary_state_of(const std::shared_ptr<CommandBuffer>& command_buffer, const std::vector<std::size_t>& sizes) {
  StateResourceList list;
  list.sizes = sizes;
  return State::temporary_state(command_buffer, list);
}

void bind_resource_list() {
  declared<StateResourceListClass>()
      .def(py::init<>(), "An empty list.")
      .def_static(
          "resource_list_with_buffer_sizes",
          [](const std::vector<std::size_t>& buffer_sizes) {
            StateResourceList list;
            list.sizes = buffer_sizes;
            return list;
          },
          "buffer_sizes"_a, "A list of buffers with these sizes in bytes.")
      .def("append_buffer", &StateResourceList::append_buffer, "size"_a, "Adds a buffer of `size` bytes.")
      .def("__repr__", [](const StateResourceList& self) {
        return "<MPSStateResourceList: " + std::string(py::repr(py::cast(self.sizes))) + ">";
      });
}

void bind_constructors(StateClass& state) {
  state
      .def(py::init([](std::size_t buffer_size, const DeviceArgument& device) {
             return std::make_shared<State>(device_from(device), buffer_size);
           }),
           "buffer_size"_a, py::kw_only(), "device"_a = py::none(), "A state with one buffer of `buffer_size` bytes of zeros.")
      .def_static(
          "with_resource",
          [](const BufferPtr& resource) {
            return std::make_shared<State>(resource ? std::vector<BufferPtr>{resource} : std::vector<BufferPtr>{});
          },
          "resource"_a = py::none(), "A state that holds the buffer, or nothing.")
      .def_static(
          "with_resources",
          [](const std::optional<std::vector<BufferPtr>>& resources) {
            return std::make_shared<State>(resources.value_or(std::vector<BufferPtr>{}));
          },
          "resources"_a = py::none(), "A state that holds the buffers.")
      .def_static(
          "with_resource_list",
          [](const StateResourceList& resource_list, const DeviceArgument& device) {
            return std::make_shared<State>(device_from(device), resource_list);
          },
          "resource_list"_a, py::kw_only(), "device"_a = py::none(), "A state with new buffers of the sizes in the list.")
      .def_static(
          "temporary_state",
          [](const std::shared_ptr<CommandBuffer>& command_buffer, std::optional<std::size_t> buffer_size) {
            return temporary_state_of(command_buffer, buffer_size ? std::vector{*buffer_size} : std::vector<std::size_t>{});
          },
          "command_buffer"_a.none(false), "buffer_size"_a = py::none(),
          "A state that belongs to one command buffer, with one buffer, or with none.")
      .def_static(
          "temporary_state",
          [](const std::shared_ptr<CommandBuffer>& command_buffer, const std::optional<StateResourceList>& resource_list) {
            return temporary_state_of(command_buffer, resource_list ? resource_list->sizes : std::vector<std::size_t>{});
          },
          "command_buffer"_a.none(false), "resource_list"_a = py::none(),
          "A state that belongs to one command buffer, with buffers of the sizes in the list.");
}

void bind_members(StateClass& state) {
  def_label(state);
  state.def_property_readonly("resource_count", &State::resource_count, "Number of buffers.")
      .def_property("read_count", &State::read_count, &State::set_read_count,
                    "How often encodes may still read a temporary state, 1 at first; 0 for permanent ones.")
      .def_property_readonly("is_temporary", &State::is_temporary, "Whether it belongs to one command buffer.")
      .def(
          "resource_at_index",
          [](State& self, std::size_t index, bool allocate_memory) {
            return or_none(self.resource_at_index(index, allocate_memory));
          },
          "index"_a, "allocate_memory"_a, "The buffer; None where its memory is not allocated and `allocate_memory` is false.")
      .def("buffer_size_at_index", &State::buffer_size_at_index, "index"_a, "Bytes of the buffer; allocates nothing.")
      .def("texture_info_at_index", &State::texture_info_at_index, "index"_a, "All zero: states here hold buffers.")
      .def("resource_type_at_index", &State::resource_type_at_index, "index"_a, "Kind of the resource, None_ beyond the last.")
      .def("resource_size", &State::resource_size, "Bytes of all buffers.")
      .def("synchronize_on_command_buffer", &State::synchronize_on_command_buffer, "command_buffer"_a.none(false),
           "Makes the contents visible to the CPU where its memory is apart; no effect here.")
      .def(
          "destination_image_descriptor_for_source_images",
          [](State& self, const ImageBatch& source_images, const std::optional<StateBatch>& source_states, Kernel& kernel,
             const ImageDescriptor& suggested_descriptor) {
            return self.destination_image_descriptor_for_source_images(source_images, source_states.value_or(StateBatch{}),
                                                                       kernel, suggested_descriptor);
          },
          "source_images"_a, "source_states"_a, "kernel"_a, "suggested_descriptor"_a,
          "The descriptor of the result of a kernel that reads this state: the suggested one, unless the state knows better.")
      .def("__repr__", [](const py::object& self) {
        const auto& state = self.cast<const State&>();
        std::string text = "<" + std::string(py::str(py::type::of(self).attr("__name__")));
        if (!state.label.empty()) text += " \"" + state.label + "\"";
        if (state.is_temporary()) text += ", temporary, read_count " + std::to_string(state.read_count());
        return text + ", " + std::to_string(state.resource_count()) + " buffers>";
      });
}

}  // namespace

void bind_state(py::module_& m) {
  bind_resource_list();
  auto state = declared<StateClass>();
  bind_constructors(state);
  bind_members(state);
  m.def(
      "mps_state_batch_increment_read_count",
      [](const std::optional<StateBatch>& batch, std::ptrdiff_t amount) {
        return state_batch_increment_read_count(batch.value_or(StateBatch{}), amount);
      },
      "batch"_a, "amount"_a,
      "Adds to the read count of each distinct temporary state; returns how many distinct states there are.");
  m.def("mps_state_batch_synchronize", &state_batch_synchronize, "batch"_a, "cmd_buf"_a.none(false),
        "`synchronize_on_command_buffer` for each distinct state.");
  m.def(
      "mps_state_batch_resource_size",
      [](const std::optional<StateBatch>& batch) { return state_batch_resource_size(batch.value_or(StateBatch{})); }, "batch"_a,
      "Bytes of the distinct states.");
}

}  // namespace mpsnn
