#include "graph_call.hpp"

#include "arrays.hpp"
#include "command_buffer.hpp"
#include "mpsnn/error.hpp"

namespace mpsnn {

namespace {

enum class Kind { Array, ArrayBatch, Image, ImageBatch };

constexpr const char* kKinds[] = {"an array H x W x C", "an array N x H x W x C", "an image", "a list of images"};

Kind kind_of(const py::handle& source, std::size_t index) {
  if (py::isinstance<Image>(source)) return Kind::Image;
  if (py::isinstance<py::list>(source) || py::isinstance<py::tuple>(source)) return Kind::ImageBatch;
  if (is_array(source)) return py::getattr(source, "ndim", py::int_(3)).equal(py::int_(4)) ? Kind::ArrayBatch : Kind::Array;
  throw InvalidArgument("MPSNNGraph: source " + std::to_string(index) + " must be an array, an image or a list of images, got " +
                        std::string(py::str(py::type::of(source).attr("__name__"))));
}

/// The value as what it has to be; the error says what it is.
template <class T>
T converted(const py::handle& value, const std::string& what, const char* expected) {
  try {
    return value.cast<T>();
  } catch (const py::cast_error&) {
    throw InvalidArgument("MPSNNGraph: " + what + " must be " + expected + ", got " + std::string(py::repr(value)));
  }
}

template <class T>
std::vector<T> states_from(const std::optional<py::sequence>& source_states, const char* expected) {
  return source_states ? converted<std::vector<T>>(*source_states, "source_states", expected) : std::vector<T>{};
}

Kind common_kind(const NNGraph& graph, const py::args& sources) {
  const std::size_t expected = graph.source_image_handles().size();
  if (sources.size() != expected) {
    throw InvalidArgument("MPSNNGraph: expected " + std::to_string(expected) + " sources, got " + std::to_string(sources.size()));
  }
  if (sources.empty()) throw InvalidArgument("MPSNNGraph: a graph without source images cannot be called");
  const Kind kind = kind_of(sources[0], 0);
  for (std::size_t i = 1; i < sources.size(); ++i) {
    if (const Kind other = kind_of(sources[i], i); other != kind) {
      throw InvalidArgument("MPSNNGraph: all sources must be of one kind, source 0 is " + std::string(kKinds[int(kind)]) +
                            " and source " + std::to_string(i) + " is " + kKinds[int(other)]);
    }
  }
  return kind;
}

ImagePtr image_of(const py::handle& source, std::size_t index, bool copy) {
  return image_from(py::reinterpret_borrow<py::object>(source),
                    {.what = "MPSNNGraph: source " + std::to_string(index), .copy = copy, .writable = false}, nullptr);
}

/// The queue of this graph: made at the first call and kept with the Python object.
std::shared_ptr<CommandQueue> queue_of(const py::object& graph, const NNGraph& self) {
  constexpr const char* kName = "_queue";
  if (!py::hasattr(graph, kName)) graph.attr(kName) = CommandQueue::make(self.device());
  return graph.attr(kName).cast<std::shared_ptr<CommandQueue>>();
}

// One image and a batch of images differ in their types only.
ImagePtr encode(NNGraph& graph, const std::shared_ptr<CommandBuffer>& command_buffer, const std::vector<ImagePtr>& sources,
                const std::vector<StatePtr>& states, std::vector<ImagePtr>& others) {
  return graph.encode_to_command_buffer(command_buffer, sources, states, &others);
}
ImageBatch encode(NNGraph& graph, const std::shared_ptr<CommandBuffer>& command_buffer, const std::vector<ImageBatch>& sources,
                  const std::vector<StateBatch>& states, std::vector<ImageBatch>& others) {
  return graph.encode_batch_to_command_buffer(command_buffer, sources, states, &others);
}
py::object array_of(const ImagePtr& image) { return array_over(image); }
py::object array_of(const ImageBatch& batch) { return array_of_batch(batch); }

const Image& first_of(const ImagePtr& image) { return *image; }
const Image& first_of(const ImageBatch& batch) { return *batch.at(0); }

template <class Item>
py::object to_python(const Item& item, std::size_t index, bool as_array) {
  if (!as_array) return py::cast(item);
  if (first_of(item).is_temporary()) {
    throw InvalidArgument("MPSNNGraph: result image " + std::to_string(index) +
                          " is temporary, so no array can show it; set image_allocator of its node to "
                          "MPSImage.default_allocator() before the graph is made");
  }
  return array_of(item);
}

/// All results by position, None for those not needed; the one result as itself.
template <class Item>
py::object in_order(const NNGraph& graph, const Item& first, const std::vector<Item>& others, bool as_arrays) {
  const auto& needed = graph.results_are_needed();
  const auto further = std::size_t(std::count(needed.begin() + 1, needed.end(), true));
  std::size_t next = others.size() - further;  // exported images come before them
  py::list results;
  for (std::size_t i = 0; i < needed.size(); ++i) {
    results.append(needed[i] ? to_python(i == 0 ? first : others.at(next++), i, as_arrays) : py::object(py::none()));
  }
  return results.size() == 1 ? py::object(results[0]) : py::tuple(results);
}

template <class Item, class State>
py::object run(const py::object& self, const std::vector<Item>& sources, const std::vector<State>& states, bool as_arrays) {
  auto& graph = self.cast<NNGraph&>();
  const auto command_buffer = queue_of(self, graph)->command_buffer();
  std::vector<Item> others;
  const Item first = [&] {
    py::gil_scoped_release release;
    return encode(graph, command_buffer, sources, states, others);
  }();
  commit_and_wait_from_python(*command_buffer);
  return in_order(graph, first, others, as_arrays);
}

}  // namespace

py::object call_graph(const py::object& self, const py::Args<ArrayLike>& sources,
                      const std::optional<py::sequence>& source_states, bool copy) {
  const Kind kind = common_kind(self.cast<const NNGraph&>(), sources);
  const bool as_arrays = kind == Kind::Array || kind == Kind::ArrayBatch;
  if (kind == Kind::Array || kind == Kind::Image) {
    std::vector<ImagePtr> images;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      images.push_back(as_arrays ? image_of(sources[i], i, copy) : sources[i].cast<ImagePtr>());
    }
    return run(self, images, states_from<StatePtr>(source_states, "a list of states"), as_arrays);
  }
  std::vector<ImageBatch> batches;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    batches.push_back(as_arrays ? image_of(sources[i], i, copy)->batch_representation()
                                : converted<ImageBatch>(sources[i], "source " + std::to_string(i), "a list of images"));
  }
  return run(self, batches, states_from<StateBatch>(source_states, "a list of lists of states, for each image one"), as_arrays);
}

}  // namespace mpsnn
