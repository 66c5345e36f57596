#include "bindings.hpp"
#include "classes.hpp"
#include "data_source.hpp"
#include "mpsnn/nodes/instance_normalization.hpp"
#include "mpsnn/nodes/normalization.hpp"

namespace mpsnn {

namespace {

using Instance = CNNInstanceNormalizationDataSource;
using Group = CNNGroupNormalizationDataSource;

/// What differs from protocol to protocol.
template <class Protocol>
struct Traits;
template <>
struct Traits<Instance> {
  using StateType = CNNInstanceNormalizationGradientState;
  static constexpr const char* kName = "MPSCNNInstanceNormalizationDataSource or None";
  static constexpr const char* kStates = "instance_normalization_state_batch";
  static constexpr const char* kUpdateOnCPU = "update_gamma_and_beta_with_instance_normalization_state_batch";
};
template <>
struct Traits<Group> {
  using StateType = CNNGroupNormalizationGradientState;
  static constexpr const char* kName = "MPSCNNGroupNormalizationDataSource or None";
  static constexpr const char* kStates = "group_normalization_state_batch";
  static constexpr const char* kUpdateOnCPU = "update_gamma_and_beta_with_group_normalization_state_batch";
};

constexpr const char* kUpdate = "update_gamma_and_beta_with_command_buffer";

template <class Protocol>
using TypedBatch = std::vector<std::shared_ptr<typename Traits<Protocol>::StateType>>;

template <class Protocol>
TypedBatch<Protocol> typed(const ImageNormalizationGradientStateBatch& states) {
  TypedBatch<Protocol> batch;
  for (const auto& state : states) {
    batch.push_back(std::dynamic_pointer_cast<typename Traits<Protocol>::StateType>(state));
  }
  return batch;
}

template <class Protocol>
ImageNormalizationGradientStateBatch untyped(const TypedBatch<Protocol>& states) {
  return {states.begin(), states.end()};
}

/// A property that a Python class may define, as a number.
template <class Protocol>
std::size_t number_of(const Protocol* self, const char* property) {
  py::gil_scoped_acquire lock;
  const py::object value = py::cast(self, py::return_value_policy::reference).attr(property);
  try {
    return value.cast<std::size_t>();
  } catch (const py::cast_error&) {
    throw InvalidArgument(method_name(self, property) + " must be a property, a positive int, got " +
                          std::string(py::repr(value)));
  }
}

}  // namespace

template <class Protocol>
bool PythonImageNormalizationDataSource<Protocol>::load() {
  py::gil_scoped_acquire lock;
  const Protocol* self = this;
  const py::function f = py::get_override(self, "load");
  if (f && !truth(f())) return false;
  held_.load();
  return true;
}

template <class Protocol>
void PythonImageNormalizationDataSource<Protocol>::purge() {
  py::gil_scoped_acquire lock;
  held_.purge();
  call_optional(static_cast<const Protocol*>(this), "purge");
}

template <class Protocol>
std::string PythonImageNormalizationDataSource<Protocol>::label() const {
  return label_of<Protocol>(this);
}

template <class Protocol>
std::shared_ptr<DataSource> PythonImageNormalizationDataSource<Protocol>::copy() const {
  return copy_of<Protocol>(this, Traits<Protocol>::kName);
}

template <class Protocol>
std::size_t PythonImageNormalizationDataSource<Protocol>::number_of_feature_channels() {
  return number_of<Protocol>(this, "number_of_feature_channels");
}

template <class Protocol>
std::span<const float> PythonImageNormalizationDataSource<Protocol>::array(const char* method) {
  py::gil_scoped_acquire lock;
  const Protocol* self = this;
  return held_.floats(method_name(self, method), call_required(self, method));
}

template <class Protocol>
std::span<const float> PythonImageNormalizationDataSource<Protocol>::gamma() {
  return array("gamma");
}

template <class Protocol>
std::span<const float> PythonImageNormalizationDataSource<Protocol>::beta() {
  return array("beta");
}

template <class Protocol>
float PythonImageNormalizationDataSource<Protocol>::epsilon() {
  return value_or<float>(static_cast<const Protocol*>(this), "epsilon", "a number", [this] { return Protocol::epsilon(); });
}

template <class Protocol>
bool PythonImageNormalizationDataSource<Protocol>::updates(NNTrainingStyle style) const {
  if (style == NNTrainingStyle::UpdateDeviceNone) return false;
  return defines(static_cast<const Protocol*>(this),
                 style == NNTrainingStyle::UpdateDeviceCPU ? Traits<Protocol>::kUpdateOnCPU : kUpdate);
}

template <class Protocol>
std::shared_ptr<CNNNormalizationGammaAndBetaState>
PythonImageNormalizationDataSource<Protocol>::update_gamma_and_beta_with_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer, const ImageNormalizationGradientStateBatch& state_batch) {
  py::gil_scoped_acquire lock;
  const Protocol* self = this;
  return cast_result<std::shared_ptr<CNNNormalizationGammaAndBetaState>>(
      self, kUpdate, call_optional(self, kUpdate, command_buffer, typed<Protocol>(state_batch)),
      "MPSCNNNormalizationGammaAndBetaState or None");
}

template <class Protocol>
bool PythonImageNormalizationDataSource<Protocol>::update_gamma_and_beta_with_state_batch(
    const ImageNormalizationGradientStateBatch& state_batch) {
  py::gil_scoped_acquire lock;
  const Protocol* self = this;
  return truth(call_optional(self, Traits<Protocol>::kUpdateOnCPU, typed<Protocol>(state_batch)));
}

std::size_t PythonGroupNormalizationDataSource::number_of_groups() { return number_of<Group>(this, "number_of_groups"); }

template class PythonImageNormalizationDataSource<Instance>;
template class PythonImageNormalizationDataSource<Group>;

namespace {

template <class Class>
void bind_members(Class& cls) {
  using Protocol = typename Class::type;
  using T = Traits<Protocol>;
  // Called on a Python object these answer for a class that does not define the member: never a virtual call.
  cls.def(py::init<>())
      .def_property_readonly(
          "number_of_feature_channels",
          [](const Protocol& self) -> std::size_t {
            throw InvalidArgument(method_name(&self, "number_of_feature_channels") + " is missing: the protocol requires it");
          },
          "Length of the arrays, a property. Required.")
      .def(
          "gamma", [](Protocol& self) { return optional_array(self.gamma()); },
          "Factor for each channel: float32 numbers, or None for 1. Required.")
      .def(
          "beta", [](Protocol& self) { return optional_array(self.beta()); },
          "Number added to each channel: float32 numbers, or None for 0. Required.")
      .def(
          "label", [](const Protocol& self) { return optional_text(self.label()); }, kLabel)
      .def("epsilon", &Protocol::epsilon, "Added to the variances; the smallest normal float by default.")
      .def(
          kUpdate,
          [](Protocol& self, const std::shared_ptr<CommandBuffer>& command_buffer, const TypedBatch<Protocol>& states) {
            return or_none(self.update_gamma_and_beta_with_command_buffer(command_buffer, untyped<Protocol>(states)));
          },
          "command_buffer"_a, py::arg(T::kStates),
          "Style UpdateDeviceGPU: records the update and returns the new values, or None to keep the old ones. There is a state "
          "for each image of the batch; their gradients are to be added up. Called while encoding: the buffers are not filled "
          "yet. Without this method nothing is updated.")
      .def(
          T::kUpdateOnCPU,
          [](Protocol& self, const TypedBatch<Protocol>& states) {
            return self.update_gamma_and_beta_with_state_batch(untyped<Protocol>(states));
          },
          py::arg(T::kStates),
          "Style UpdateDeviceCPU: called when the gradients are there, with a state for each image of the batch, whose gradients "
          "are to be added up; returns True when the values changed and are to be read again. Without this method nothing is "
          "updated.");
  def_copy(cls);
}

}  // namespace

void bind_normalization_data_sources() {
  auto instance = declared<InstanceNormalizationDataSourceClass>();
  bind_members(instance);
  instance.def("load", &Instance::load, "Data is about to be read. Returns whether that will work; True by default.")
      .def("purge", &Instance::purge, "Balances one `load`: the data is not read before the next.");
  auto group = declared<GroupNormalizationDataSourceClass>();
  bind_members(group);
  group.def_property(
      "number_of_groups", [](Group& self) { return self.Group::number_of_groups(); },
      [](Group& self, std::size_t number_of_groups) { self.Group::set_number_of_groups(number_of_groups); },
      "Ranges of channels with statistics of their own; it divides number_of_feature_channels. To be set, or defined as a "
      "property. "
      "0 at first, which making a graph refuses.");
}

}  // namespace mpsnn
