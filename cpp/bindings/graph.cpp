#include "mpsnn/graph.hpp"

#include "bindings.hpp"
#include "classes.hpp"
#include "errors.hpp"
#include "graph_call.hpp"
#include "mpsnn/error.hpp"

namespace mpsnn {

class FrozenTexts : public py::frozenset {
  PYBIND11_OBJECT_CVT(FrozenTexts, frozenset, PyFrozenSet_Check, PyFrozenSet_New)
};

}  // namespace mpsnn

namespace pybind11::detail {

template <>
struct handle_type_name<mpsnn::FrozenTexts> {
  static constexpr auto name = const_name("frozenset[str]");
};

}  // namespace pybind11::detail

namespace mpsnn {

namespace {

using CommandBufferPtr = std::shared_ptr<CommandBuffer>;
using Completion = py::typing::Callable<void(std::optional<ImagePtr>, py::typing::Optional<PythonException>)>;

template <class Item>
struct ListOf {
  using type = py::typing::List<Item>;
};
template <class Item>
struct ListOf<std::vector<Item>> {
  using type = py::typing::List<py::typing::List<Item>>;
};

/// A Python list that an encode adds to, only when it has succeeded.
template <class Item>
class OutList {
 public:
  using List = typename ListOf<Item>::type;
  using Argument = std::optional<List>;
  explicit OutList(const Argument& argument) : list_(argument) {}
  std::vector<Item>* items() { return list_ ? &items_ : nullptr; }
  void deliver() {
    py::list list = list_.value_or(List());
    for (const Item& item : items_) list.append(item);
  }

 private:
  const Argument& list_;
  std::vector<Item> items_;
};

template <class Image, class State>
auto encode(NNGraph& graph, const CommandBufferPtr& command_buffer, const std::vector<Image>& source_images,
            const std::optional<std::vector<State>>& source_states, const typename OutList<Image>::Argument& intermediate_images,
            const typename OutList<State>::Argument& destination_states) {
  OutList<Image> images(intermediate_images);
  OutList<State> states(destination_states);
  const auto result = [&] {
    py::gil_scoped_release release;
    const auto given = source_states.value_or(std::vector<State>{});
    if constexpr (std::is_same_v<Image, ImagePtr>) {
      return graph.encode_to_command_buffer(command_buffer, source_images, given, images.items(), states.items());
    } else {
      return graph.encode_batch_to_command_buffer(command_buffer, source_images, given, images.items(), states.items());
    }
  }();
  images.deliver();
  states.deliver();
  if constexpr (std::is_same_v<Image, ImagePtr>) {
    return or_none(result);
  } else {
    return result.empty() ? std::nullopt : std::optional(result);
  }
}

ImagePtr execute_async(NNGraph& graph, const std::vector<ImagePtr>& source_images, const Completion& completion_handler) {
  auto handler = [kept = keep(completion_handler)](const ImagePtr& result, const std::exception_ptr& error) {
    py::gil_scoped_acquire lock;
    try {
      py::reinterpret_borrow<py::function>(static_cast<PyObject*>(kept.get()))(result, exception_object(error));
    } catch (py::error_already_set& e) {
      e.discard_as_unraisable("completion_handler of MPSNNGraph.execute_async_with_source_images");
    }
  };
  py::gil_scoped_release release;
  return graph.execute_async_with_source_images(source_images, std::move(handler));
}

std::string repr(const NNGraph& graph) {
  const auto count = [](std::size_t n, const char* what) { return std::to_string(n) + " " + what + (n == 1 ? "" : "s"); };
  return "<MPSNNGraph" + (graph.label.empty() ? "" : " \"" + graph.label + "\"") + ": " +
         count(graph.source_image_handles().size(), "source image") + ", " + count(graph.result_images().size(), "result image") +
         ", on '" + graph.device()->name() + "'>";
}

void bind_constructors(GraphClass& graph) {
  graph
      .def(
          py::init([](const ImageNodePtr& result_image, bool result_image_is_needed, const DeviceArgument& device) {
            auto target = device_from(device);
            py::gil_scoped_release release;
            return std::make_shared<NNGraph>(result_image, result_image_is_needed, std::move(target));
          }),
          "result_image"_a.none(false), py::kw_only(), "result_image_is_needed"_a = true, "device"_a = py::none(),
          "The network that ends with `result_image`. With result_image_is_needed=False only the side effects count, and encodes "
          "return None. Data sources are read here. Raises GraphError for a network that is wrong, UnsupportedError where the "
          "device has no kernel.")
      .def_static(
          "with_result_images",
          [](const std::vector<ImageNodePtr>& result_images, const std::optional<std::vector<bool>>& results_are_needed,
             const DeviceArgument& device) {
            auto target = device_from(device);
            py::gil_scoped_release release;
            return std::make_shared<NNGraph>(result_images, results_are_needed.value_or(std::vector<bool>{}), std::move(target));
          },
          "result_images"_a, py::kw_only(), "results_are_needed"_a = py::none(), "device"_a = py::none(),
          "A network with several results. The first is what encodes return; the others come last among the intermediate images. "
          "`results_are_needed` has an entry for each, None is all.")
      .def(
          "copy_with_zone",
          [](const NNGraph& self, const py::object&, const DeviceArgument& device) {
            auto target = device_from(device);
            py::gil_scoped_release release;
            return self.copy(std::move(target));
          },
          "zone"_a = py::none(), "device"_a = py::none(),
          "An independent copy with weights of its own, for another thread or another device. `zone` is ignored.")
      .def(
          "__copy__", [](const NNGraph& self) { return self.copy(); }, py::call_guard<py::gil_scoped_release>());
}

void bind_encoding(GraphClass& graph) {
  graph
      .def("encode_to_command_buffer", &encode<ImagePtr, StatePtr>, "command_buffer"_a.none(false), "source_images"_a,
           "source_states"_a = py::none(), "intermediate_images"_a = py::none(), "destination_states"_a = py::none(),
           "Records a run for one image (or one object with several images) for each input, in the order of "
           "`source_image_handles`. Returns the result, whose contents are there when the command buffer has completed, or None "
           "where it is not needed. Exported images and further results are appended to the list `intermediate_images`, exported "
           "states to `destination_states`.")
      .def("encode_batch_to_command_buffer", &encode<ImageBatch, StateBatch>, "command_buffer"_a.none(false), "source_images"_a,
           "source_states"_a = py::none(), "intermediate_images"_a = py::none(), "destination_states"_a = py::none(),
           "Records a run for a batch: as `encode_to_command_buffer`, with a list of images (states) for each input.")
      .def("execute_async_with_source_images", &execute_async, "source_images"_a, "completion_handler"_a,
           "Runs on a queue of the library's and returns the result at once; its contents are there when "
           "`completion_handler(result, error)` is called, on another thread. One of the two is None.")
      .def(
          "__call__", &call_graph, py::kw_only(), "source_states"_a = py::none(), "copy"_a = false,
          "Encodes, commits and waits. Arguments, in the order of `source_image_handles`: arrays H x W x C or N x H x W x C (a "
          "batch), images, or lists of images (a batch); all of one kind. Returns the result in the same kind, a tuple where the "
          "graph has several (None for those not needed). Arrays are shared or refused as by MPSImage, unless copy=True; the "
          "dtype of the result is that of `format`. `source_states` has a state for each state input, for batches a list each.")
      .def("reload_from_data_sources", &NNGraph::reload_from_data_sources, py::call_guard<py::gil_scoped_release>(),
           "Reads the values of all data sources again. Nothing of this graph may be running.")
      .def("read_count_for_source_image_at_index", &NNGraph::read_count_for_source_image_at_index, "index"_a,
           "How much an encode lowers the read count of a temporary source image.")
      .def("read_count_for_source_state_at_index", &NNGraph::read_count_for_source_state_at_index, "index"_a,
           "How much an encode lowers the read count of a temporary source state.");
}

void bind_properties(GraphClass& graph) {
  const auto release = py::call_guard<py::gil_scoped_release>();
  graph.def_property_readonly("source_image_handles", &NNGraph::source_image_handles, "Names the inputs in the order of encodes.")
      .def_property_readonly("source_state_handles", &NNGraph::source_state_handles,
                             "Names the source states in the order of encodes.")
      .def_property_readonly("intermediate_image_handles", &NNGraph::intermediate_image_handles,
                             "Names the images that encodes append to `intermediate_images`, in that order.")
      .def_property_readonly("result_state_handles", &NNGraph::result_state_handles,
                             "Names the states that encodes append to `destination_states`, in that order.")
      .def_property_readonly("result_handle", &NNGraph::result_handle, "Names the first result.")
      .def_property_readonly("result_image_is_needed", &NNGraph::result_image_is_needed,
                             "Whether encodes return the first result.")
      .def_readwrite("output_state_is_temporary", &NNGraph::output_state_is_temporary,
                     "Whether exported states belong to the command buffer; False.")
      .def_readwrite("format", &NNGraph::format, "Storage format of images whose node names none; Float16.")
      .def_property(
          "destination_image_allocator", [](const NNGraph& self) { return self.destination_image_allocator; },
          [](NNGraph& self, std::shared_ptr<ImageAllocator> allocator) {
            if (!allocator) throw InvalidArgument("MPSNNGraph: destination_image_allocator must not be None");
            self.destination_image_allocator = std::move(allocator);
          },
          "Makes the first result; MPSImage.default_allocator().")
      .def_readwrite("emulate_storage", &NNGraph::emulate_storage,
                     "Rounds every image as a device would store it, not only those that leave the graph; False.")
      .def_property(
          "disabled_passes", [](const NNGraph& self) { return FrozenTexts(py::cast(self.disabled_passes)); },
          [](NNGraph& self, const std::set<std::string>& passes) { self.disabled_passes = passes; },
          "Names of the planner's passes to leave out; `plan_passes()` lists them.")
      .def_property(
          "implementation", [](const NNGraph& self) { return optional_text(self.implementation); },
          [](NNGraph& self, const std::optional<std::string>& name) { self.implementation = name.value_or(""); },
          "Prefers the kernels of this name, see `implementations()`; None is the device's own order.")
      .def_property_readonly("result_images", &NNGraph::result_images, "The image nodes the graph was made for.")
      .def_property_readonly("results_are_needed", &NNGraph::results_are_needed, "Which of the result images are delivered.")
      .def_property_readonly("debug_description", py::cpp_function(&NNGraph::debug_description, release),
                             "The steps of the graph as text, one a line.")
      .def("__repr__", &repr);
}

}  // namespace

void bind_graph(py::module_& m) {
  auto graph = declared<GraphClass>();
  bind_constructors(graph);
  bind_encoding(graph);
  bind_properties(graph);
  m.def("plan_passes", &plan_passes, "Names of the planner's passes, in the order they run.");
}

}  // namespace mpsnn
