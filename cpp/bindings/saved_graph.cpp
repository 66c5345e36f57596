#include "mpsnn/saved_graph.hpp"

#include <cstring>
#include <map>
#include <type_traits>
#include <utility>

#include "bindings.hpp"
#include "classes.hpp"
#include "mpsnn/error.hpp"

// A SavedGraph in Python is dicts, lists, numbers, text and NumPy arrays; mpsnn/_saved.py puts those into files.

namespace mpsnn {

/// `str | os.PathLike[str] | typing.BinaryIO`
class PathOrFile : public py::object {
  PYBIND11_OBJECT_DEFAULT(PathOrFile, object, PyObject_Type)
};

/// A graph as the Python object that it is, of a subclass maybe.
class PythonGraph : public py::object {
  PYBIND11_OBJECT_DEFAULT(PythonGraph, object, PyObject_Type)
};

}  // namespace mpsnn

namespace pybind11::detail {

template <>
struct handle_type_name<mpsnn::PathOrFile> {
  static constexpr auto name = const_name("str | os.PathLike[str] | typing.BinaryIO");
};

template <>
struct handle_type_name<mpsnn::PythonGraph> {
  static constexpr auto name = const_name("mpsnn._core.MPSNNGraph");
};

}  // namespace pybind11::detail

namespace mpsnn {

namespace {

template <class T>
concept HasFields = requires {
  T::fields([](auto...) {});
};

// To Python ---------------------------------------------------------------------------------------------------------

py::object to_python(bool value) { return py::bool_(value); }
py::object to_python(std::int64_t value) { return py::int_(value); }
py::object to_python(double value) { return py::float_(value); }
py::object to_python(const std::string& value) { return py::str(value); }

/// The array takes the numbers over.
py::object to_python(std::vector<float>& values) {
  auto* kept = new std::vector<float>(std::move(values));
  const py::capsule owner(kept, [](void* p) { delete static_cast<std::vector<float>*>(p); });
  return py::array_t<float>(py::ssize_t(kept->size()), kept->data(), owner);
}

template <class E>
requires std::is_enum_v<E> py::object to_python(E value) { return py::int_(std::int64_t(value)); }

template <class T>
py::object to_python(std::vector<T>& items);
template <class T>
py::object to_python(std::map<std::string, T>& items);
template <class T>
py::object to_python(std::optional<T>& item);
template <class T>
requires HasFields<T> py::object to_python(T& item);

py::object to_python(SavedAttribute& attribute) {
  return std::visit([](auto& value) { return to_python(value); }, attribute);
}

template <class T>
py::object to_python(std::vector<T>& items) {
  py::list list;
  for (T& item : items) list.append(to_python(item));
  return list;
}

template <class T>
py::object to_python(std::map<std::string, T>& items) {
  py::dict dict;
  for (auto& [name, item] : items) dict[py::str(name)] = to_python(item);
  return dict;
}

template <class T>
py::object to_python(std::optional<T>& item) {
  return item ? to_python(*item) : py::none();
}

template <class T>
requires HasFields<T> py::object to_python(T& item) {
  py::dict dict;
  T::fields([&](const char* name, auto member) { dict[name] = to_python(item.*member); });
  return dict;
}

// From Python -------------------------------------------------------------------------------------------------------

/// Where a value is, for messages: a name or an index in the place of what it is in.
struct Place {
  const Place* outer = nullptr;
  std::string name;
  std::string text() const { return outer ? outer->text() + (name[0] == '[' ? "" : ".") + name : name; }
  [[noreturn]] void refuse(const std::string& what) const { throw InvalidArgument(text() + " " + what); }
  [[noreturn]] void must_be(const char* what, const py::handle& got) const {
    refuse(std::string("must be ") + what + ", got " + Py_TYPE(got.ptr())->tp_name);
  }
};

template <class Type>
Type checked(const py::handle& object, const char* what, const Place& place) {
  if (!py::isinstance<Type>(object)) place.must_be(what, object);
  return py::reinterpret_borrow<Type>(object);
}

void from_python(const py::handle& object, bool& value, const Place& place) {
  if (!PyBool_Check(object.ptr())) place.must_be("True or False", object);
  value = object.ptr() == Py_True;
}

void from_python(const py::handle& object, std::int64_t& value, const Place& place) {
  if (!PyLong_Check(object.ptr()) || PyBool_Check(object.ptr())) place.must_be("an int", object);
  int overflow = 0;
  value = PyLong_AsLongLongAndOverflow(object.ptr(), &overflow);
  if (overflow) place.refuse("does not fit into 64 bits");
}

void from_python(const py::handle& object, double& value, const Place& place) {
  if (!PyFloat_Check(object.ptr())) place.must_be("a float", object);
  value = PyFloat_AS_DOUBLE(object.ptr());
}

void from_python(const py::handle& object, std::string& value, const Place& place) {
  if (!PyUnicode_Check(object.ptr())) place.must_be("text", object);
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(object.ptr(), &size);
  if (!text) {
    PyErr_Clear();
    place.refuse("is not valid text");
  }
  value.assign(text, std::size_t(size));
}

void from_python(const py::handle& object, std::vector<float>& values, const Place& place) {
  if (!py::isinstance<py::array_t<float>>(object)) place.must_be("a float32 array", object);
  const auto array = py::array_t<float, py::array::c_style>::ensure(object);
  if (!array) throw py::error_already_set();
  if (array.ndim() != 1) place.refuse("must have one dimension, got " + std::to_string(array.ndim()));
  values.resize(std::size_t(array.size()));
  if (!values.empty()) std::memcpy(values.data(), array.data(), values.size() * sizeof(float));
}

template <class E>
requires std::is_enum_v<E>
void from_python(const py::handle& object, E& value, const Place& place) {
  std::int64_t number = 0;
  from_python(object, number, place);
  value = E(number);
  if (std::int64_t(value) != number) place.refuse("is out of range, got " + std::to_string(number));
}

template <class T>
void from_python(const py::handle& object, std::vector<T>& items, const Place& place);
template <class T>
void from_python(const py::handle& object, std::map<std::string, T>& items, const Place& place);
template <class T>
void from_python(const py::handle& object, std::optional<T>& item, const Place& place);
template <class T>
requires HasFields<T>
void from_python(const py::handle& object, T& item, const Place& place);

template <class T>
void read_attribute(const py::handle& object, SavedAttribute& attribute, const Place& place) {
  T value;
  from_python(object, value, place);
  attribute = std::move(value);
}

void from_python(const py::handle& object, SavedAttribute& attribute, const Place& place) {
  if (PyBool_Check(object.ptr())) {
    read_attribute<bool>(object, attribute, place);
  } else if (PyLong_Check(object.ptr())) {
    read_attribute<std::int64_t>(object, attribute, place);
  } else if (PyFloat_Check(object.ptr())) {
    read_attribute<double>(object, attribute, place);
  } else if (PyUnicode_Check(object.ptr())) {
    read_attribute<std::string>(object, attribute, place);
  } else {
    read_attribute<std::vector<float>>(object, attribute, place);
  }
}

template <class T>
void from_python(const py::handle& object, std::vector<T>& items, const Place& place) {
  const auto list = checked<py::list>(object, "a list", place);
  items.resize(list.size());
  for (std::size_t i = 0; i < items.size(); ++i) from_python(list[i], items[i], {&place, "[" + std::to_string(i) + "]"});
}

template <class T>
void from_python(const py::handle& object, std::map<std::string, T>& items, const Place& place) {
  for (const auto& [key, value] : checked<py::dict>(object, "a dict", place)) {
    std::string name;
    from_python(key, name, {&place, "key"});
    from_python(value, items[name], {&place, name});
  }
}

template <class T>
void from_python(const py::handle& object, std::optional<T>& item, const Place& place) {
  if (object.is_none()) return;
  from_python(object, item.emplace(), place);
}

template <class T>
requires HasFields<T>
void from_python(const py::handle& object, T& item, const Place& place) {
  const auto dict = checked<py::dict>(object, "a dict", place);
  std::size_t count = 0;
  T::fields([&](const char* name, auto member) {
    if (!dict.contains(name)) place.refuse(std::string("lacks \"") + name + "\"");
    from_python(dict[name], item.*member, {&place, name});
    ++count;
  });
  if (dict.size() != count) {
    place.refuse("has " + std::to_string(dict.size()) + " entries, this version knows " + std::to_string(count) + " of them");
  }
}

// MPSNNGraph --------------------------------------------------------------------------------------------------------

constexpr const char* kMadeOn = "made_on";
constexpr const char* kDevice = "device";

using State = py::typing::Dict<py::str, py::object>;

State state_of(const NNGraph& graph) {
  SavedGraph saved = [&] {
    py::gil_scoped_release release;
    return graph.save();
  }();
  State state = to_python(saved);
  state[kMadeOn] = graph.device()->name();
  return state;
}

/// "device", where it is there, is the device to use; "made_on" names the first choice among those this machine has.
std::shared_ptr<Device> take_device(py::dict& state) {
  std::shared_ptr<Device> device;
  if (state.contains(kMadeOn)) {
    std::string name;
    from_python(state[kMadeOn], name, {nullptr, "made_on"});
    for (const auto& candidate : devices()) {
      if (!device && candidate->name() == name) device = candidate;
    }
    PyDict_DelItemString(state.ptr(), kMadeOn);
  }
  if (state.contains(kDevice)) {
    device = device_from(state[kDevice].cast<DeviceArgument>());
    PyDict_DelItemString(state.ptr(), kDevice);
  }
  return device;
}

std::shared_ptr<NNGraph> graph_from(const State& given) {
  const Place place{nullptr, "saved graph"};
  auto state = py::reinterpret_steal<py::dict>(PyDict_Copy(given.ptr()));
  const auto device = take_device(state);
  SavedGraph saved;
  // What else there is depends on it.
  if (!state.contains("version")) place.refuse("lacks \"version\"");
  from_python(state["version"], saved.version, {&place, "version"});
  if (saved.version >= 1 && saved.version <= SavedGraph::kVersion) from_python(state, saved, place);
  py::gil_scoped_release release;
  return std::make_shared<NNGraph>(saved, device);
}

py::object saved_module() { return py::module_::import("mpsnn._saved"); }

template <class... Protocol>
auto typed_sources(const NNGraph& graph) {
  std::vector<std::variant<std::shared_ptr<Protocol>...>> sources;
  for (const auto& source : graph.data_sources()) {
    const auto add = [&](auto typed) {
      if (typed) sources.emplace_back(std::move(typed));
    };
    (add(std::dynamic_pointer_cast<Protocol>(source)), ...);
  }
  return sources;
}

constexpr auto data_sources = typed_sources<CNNConvolutionDataSource, CNNBatchNormalizationDataSource,
                                            CNNInstanceNormalizationDataSource, CNNGroupNormalizationDataSource>;

}  // namespace

void bind_saved_graph(py::module_&) {
  auto graph = declared<GraphClass>();
  graph
      .def(
          "save", [](const NNGraph& self, const PathOrFile& path) { saved_module().attr("write")(state_of(self), path); },
          "path"_a,
          R"(Writes the graph with the values in use to a file, as a NumPy archive.

path: a path, or an object with a binary `write`. A path is replaced at once when everything has been written and reached the disk:
whatever interrupts this, the old file or the new one is there.

ConvolutionWeights and BatchNormalizationWeights that the graph trains are saved with their optimizer and its arrays, so that training
goes on bit for bit where it stopped. Every other data source is saved as the values in use, which never change after loading.
Handles are saved as their labels. Raises InvalidArgumentError for padding policies and image allocators of your own classes, and
while encoded work that trains the graph has not completed.)")
      .def(py::pickle(&state_of, &graph_from))
      .def(
          "__deepcopy__", [](const NNGraph& self, const py::typing::Dict<py::int_, py::object>&) { return self.copy(); },
          "memo"_a, py::call_guard<py::gil_scoped_release>())
      .def_property_readonly("data_sources", data_sources,
                             "The data sources of its filters in the order of execution, each once: of a loaded graph the way to "
                             "an optimizer's learning "
                             "rate, and to further graphs that share the weights.");
  const auto load =
      py::cpp_function([](const py::object& cls, const PathOrFile& path,
                          const DeviceArgument& device) { return PythonGraph(saved_module().attr("load")(cls, path, device)); },
                       py::name("load"), py::scope(graph), "cls"_a, "path"_a, py::kw_only(), "device"_a = py::none(),
                       R"(A graph from a file that `save` wrote. No code of the file's runs.

path: a path, or an object with a binary `read`. device: as for the constructor, None is the default one; the file does not say.
Handles are the labels of those that were saved. Raises InvalidArgumentError or GraphError, naming the file, for what is not a saved
graph, is damaged or was written by a newer version.)");
  graph.attr("load") = py::reinterpret_steal<py::object>(PyClassMethod_New(load.ptr()));
}

}  // namespace mpsnn
