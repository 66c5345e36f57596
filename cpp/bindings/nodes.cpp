#include <pybind11/functional.h>

#include "bindings.hpp"
#include "classes.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/node.hpp"

namespace mpsnn {

namespace {

void bind_handle() {
  declared<HandleClass>()
      .def(py::init<>())
      .def(
          "label", [](const NativeHandle& self) { return optional_text(self.handle ? self.handle->label() : std::string()); },
          "Name for messages and dumps, or None.")
      .def(
          "__eq__",
          [](const py::object& self, const py::object& other) {
            if (self.is(other)) return true;
            if (!py::isinstance<NativeHandle>(other)) return false;
            const auto handle = self.cast<NativeHandle>().handle;
            return handle && handle == other.cast<NativeHandle>().handle;
          },
          py::is_operator())
      .def("__hash__",
           [](const NativeHandle& self) { return std::size_t(self.handle ? (const void*)self.handle.get() : &self); });
}

void bind_image_node() {
  declared<ImageNodeClass>()
      .def(py::init<std::shared_ptr<Handle>>(), "handle"_a = py::none(),
           "An input of a graph. Any object may be the handle; the same object comes back.")
      .def_static("exported_node", &NNImageNode::exported_node, "handle"_a = py::none(), "An input with `export_from_graph` set.")
      .def_readwrite("handle", &NNImageNode::handle, "The caller's object that names this image, or None.")
      .def_readwrite("format", &NNImageNode::format, "Storage format of the image; None_, the default, leaves it to the graph.")
      .def_property(
          "image_allocator", [](const NNImageNode& self) { return self.image_allocator; },
          [](NNImageNode& self, std::shared_ptr<ImageAllocator> allocator) {
            if (!allocator) throw InvalidArgument("MPSNNImageNode: image_allocator must not be None");
            self.image_allocator = std::move(allocator);
          },
          "Makes the image; MPSTemporaryImage.default_allocator() by default. Not asked for inputs and the first result of a "
          "graph.")
      .def_readwrite("export_from_graph", &NNImageNode::export_from_graph,
                     "Whether encodes deliver the image among the intermediate images; False.")
      .def_readwrite("synchronize_resource", &NNImageNode::synchronize_resource,
                     "Whether the contents are made visible to a CPU whose memory is apart; no effect here.")
      .def_readwrite("stop_gradient", &NNImageNode::stop_gradient,
                     "Whether a training graph ends here and leaves out the filter that makes this image; False.")
      .def("__repr__", [](const NNImageNode& self) {
        const std::string label = self.handle ? self.handle->label() : std::string();
        std::string text = "<MPSNNImageNode";
        if (!label.empty()) text += " \"" + label + "\"";
        return text + (self.producer() ? ", result of " + self.producer()->description() : std::string(", an input")) + ">";
      });
}

void bind_state_node() {
  declared<StateNodeClass>()
      .def_readwrite("handle", &NNStateNode::handle, "The caller's object that names this state, or None.")
      .def_readwrite("export_from_graph", &NNStateNode::export_from_graph,
                     "Whether encodes deliver the state among the destination states; False.")
      .def_readwrite("synchronize_resource", &NNStateNode::synchronize_resource,
                     "Whether the contents are made visible to a CPU whose memory is apart; no effect here.")
      .def("__repr__", [](const NNStateNode& self) {
        return std::string("<") + self.class_name() +
               (self.producer() ? ", of " + self.producer()->description() : std::string(", an input")) + ">";
      });
}

using NodeHandler = std::optional<std::function<void(FilterNodePtr, std::optional<FilterNodePtr>, ImageNodePtr, ImageNodePtr)>>;

GradientNodeBlock block_of(const NodeHandler& handler) {
  if (!handler) return {};
  return [handler](const FilterNodePtr& made, const FilterNodePtr& inference, const ImageNodePtr& source,
                   const ImageNodePtr& gradient) {
    (*handler)(made, inference ? std::optional(inference) : std::nullopt, source, gradient);
  };
}

void bind_filter_node() {
  auto filter = declared<FilterNodeClass>();
  def_label(filter);
  filter
      .def_property_readonly("result_image", &NNFilterNode::result_image,
                             "The image this filter makes; the same object every time.")
      .def_property_readonly(
          "result_state", [](NNFilterNode& self) { return or_none(self.result_state()); },
          "The first of the result states, or None.")
      .def_property_readonly("result_states", &NNFilterNode::result_states,
                             "What this filter leaves for its gradient; empty where there is nothing.")
      .def_property("padding_policy", &NNFilterNode::padding_policy, &NNFilterNode::set_padding_policy,
                    "The rule for the size of the result and the place of the windows.")
      .def("gradient_filter_with_source", &NNFilterNode::gradient_filter_with_source, "source"_a,
           "The gradient filter for the first source; `source` is the gradient of the result. Raises GraphError where there is "
           "no gradient.")
      .def("gradient_filter_with_sources", &NNFilterNode::gradient_filter_with_sources, "sources"_a,
           "As `gradient_filter_with_source`, for a list of one gradient.")
      .def("gradient_filters_with_source", &NNFilterNode::gradient_filters_with_source, "source"_a,
           "The gradient filters for all sources that have a gradient, in the order of the sources; `source` is the gradient of "
           "the result. Raises GraphError where there is no gradient.")
      .def("gradient_filters_with_sources", &NNFilterNode::gradient_filters_with_sources, "sources"_a,
           "As `gradient_filters_with_source`, for a list of one gradient.")
      .def(
          "training_graph_with_source_gradient",
          [](NNFilterNode& self, const ImageNodePtr& source_gradient, const NodeHandler& node_handler) {
            return self.training_graph_with_source_gradient(source_gradient, block_of(node_handler));
          },
          "source_gradient"_a = py::none(), "node_handler"_a = py::none(),
          "Makes the gradient part of the network that ends with this filter and returns the filters whose results end it, one "
          "for each image where it stops. `source_gradient` is the gradient of the result; None for filters whose result is a "
          "gradient already, such as a loss. `node_handler(gradient_node, inference_node, inference_source, gradient_source)` is "
          "called for each new filter; without it the result of each gets the handle of the forward source.")
      .def("__repr__", [](const NNFilterNode& self) { return "<" + self.description() + ">"; });
  declared<TrainableNodeClass>().def_readwrite(
      "training_style", &NNTrainableNode::training_style,
      "Which update methods of the data source are called; UpdateDeviceGPU by default. What counts is the gradient filter's.");
}

}  // namespace

void bind_node_classes(py::module_&) {
  bind_handle();
  bind_image_node();
  bind_state_node();
  bind_filter_node();
}

}  // namespace mpsnn
