#include "data_source.hpp"

#include "bindings.hpp"
#include "classes.hpp"
#include "mpsnn/nodes/convolution.hpp"
#include "mpsnn/nodes/normalization.hpp"

namespace mpsnn {

namespace {

using Convolution = CNNConvolutionDataSource;
using BatchNormalization = CNNBatchNormalizationDataSource;

/// NumPy's name of a type that weights have.
const char* name_of(DataType type) {
  switch (type) {
    case DataType::Float32:
      return "float32";
    case DataType::Float16:
      return "float16";
    case DataType::UInt32:
      return "uint32";
    default:
      return "uint8";
  }
}

py::array array_from_bytes(std::span<const std::byte> bytes, DataType type) {
  const py::dtype dtype(name_of(type));
  return py::array(dtype, py::ssize_t(bytes.size()) / dtype.itemsize(), bytes.data());
}

}  // namespace

// Arrays ------------------------------------------------------------------------------------------------------------

void HeldArrays::purge() {
  if (--loads_ > 0) return;
  loads_ = 0;
  held_.clear();
}

std::span<const float> HeldArrays::floats(const std::string& method, const py::object& array) {
  const auto values = bytes(method, array, DataType::Float32);
  return {reinterpret_cast<const float*>(values.data()), values.size() / sizeof(float)};
}

std::span<const std::byte> HeldArrays::bytes(const std::string& method, const py::object& array, DataType type) {
  if (array.is_none()) return {};
  const char* name = name_of(type);
  const bool is_exact = type == DataType::UInt8 || type == DataType::UInt32;
  py::array values;
  try {
    values = py::module_::import("numpy").attr("asarray")(array);
    const bool is_numbers = std::string("fiu").find(values.dtype().kind()) != std::string::npos;
    if (!is_numbers || (is_exact && !values.dtype().equal(py::dtype(name)))) {
      throw py::type_error("its dtype is " + std::string(py::str(values.dtype())));
    }
    values = py::module_::import("numpy").attr("ascontiguousarray")(values, py::dtype(name));
  } catch (const std::exception& e) {
    throw InvalidArgument(method + " must return an array of " + name + " or None: " + e.what());
  }
  held_.push_back(keep(values));
  return {static_cast<const std::byte*>(values.data()), std::size_t(values.nbytes())};
}

// MPSCNNConvolutionDataSource ---------------------------------------------------------------------------------------

bool PythonConvolutionDataSource::load() {
  py::gil_scoped_acquire lock;
  const Convolution* self = this;
  if (!truth(call_required(self, "load"))) return false;
  held_.load();
  return true;
}

void PythonConvolutionDataSource::purge() {
  py::gil_scoped_acquire lock;
  const Convolution* self = this;
  held_.purge();
  call_required(self, "purge");
}

std::string PythonConvolutionDataSource::label() const { return label_of<Convolution>(this); }

std::shared_ptr<DataSource> PythonConvolutionDataSource::copy() const {
  return copy_of<Convolution>(this, "MPSCNNConvolutionDataSource or None");
}

std::shared_ptr<CNNConvolutionDescriptor> PythonConvolutionDataSource::descriptor() {
  py::gil_scoped_acquire lock;
  const Convolution* self = this;
  return cast_result<std::shared_ptr<CNNConvolutionDescriptor>>(self, "descriptor", call_required(self, "descriptor"),
                                                                "MPSCNNConvolutionDescriptor");
}

DataType PythonConvolutionDataSource::data_type() {
  py::gil_scoped_acquire lock;
  const Convolution* self = this;
  return cast_result<DataType>(self, "data_type", call_required(self, "data_type"), "MPSDataType");
}

std::span<const std::byte> PythonConvolutionDataSource::weights() {
  py::gil_scoped_acquire lock;
  const Convolution* self = this;
  return held_.bytes(method_name(self, "weights"), call_required(self, "weights"), data_type());
}

std::span<const std::byte> PythonConvolutionDataSource::binary_weights() {
  py::gil_scoped_acquire lock;
  const Convolution* self = this;
  return held_.bytes(method_name(self, "weights"), call_required(self, "weights"), DataType::UInt32);
}

std::span<const float> PythonConvolutionDataSource::bias_terms() {
  py::gil_scoped_acquire lock;
  const Convolution* self = this;
  return held_.floats(method_name(self, "bias_terms"), call_required(self, "bias_terms"));
}

DataType PythonConvolutionDataSource::kernel_weights_data_type() {
  return value_or<DataType>(static_cast<const Convolution*>(this), "kernel_weights_data_type", "MPSDataType",
                            [this] { return Convolution::kernel_weights_data_type(); });
}

std::optional<CNNWeightsQuantizationType> PythonConvolutionDataSource::weights_quantization_type() {
  using Type = std::optional<CNNWeightsQuantizationType>;
  return value_or<Type>(static_cast<const Convolution*>(this), "weights_quantization_type", "MPSCNNWeightsQuantizationType",
                        [] { return Type(); });
}

std::span<const float> PythonConvolutionDataSource::ranges_for_uint8_kernel() {
  py::gil_scoped_acquire lock;
  const Convolution* self = this;
  return held_.floats(method_name(self, "ranges_for_uint8_kernel"), call_optional(self, "ranges_for_uint8_kernel"));
}

std::span<const float> PythonConvolutionDataSource::lookup_table_for_uint8_kernel() {
  py::gil_scoped_acquire lock;
  const Convolution* self = this;
  return held_.floats(method_name(self, "lookup_table_for_uint8_kernel"), call_optional(self, "lookup_table_for_uint8_kernel"));
}

bool PythonConvolutionDataSource::updates(NNTrainingStyle style) const {
  if (style == NNTrainingStyle::UpdateDeviceNone) return false;
  return defines(static_cast<const Convolution*>(this),
                 style == NNTrainingStyle::UpdateDeviceCPU ? "update_with_gradient_state" : "update_with_command_buffer");
}

std::shared_ptr<CNNConvolutionWeightsAndBiasesState> PythonConvolutionDataSource::update_with_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<CNNConvolutionGradientState>& gradient_state,
    const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& source_state) {
  py::gil_scoped_acquire lock;
  const Convolution* self = this;
  return cast_result<std::shared_ptr<CNNConvolutionWeightsAndBiasesState>>(
      self, "update_with_command_buffer",
      call_optional(self, "update_with_command_buffer", command_buffer, gradient_state, source_state),
      "MPSCNNConvolutionWeightsAndBiasesState or None");
}

bool PythonConvolutionDataSource::update_with_gradient_state(
    const std::shared_ptr<CNNConvolutionGradientState>& gradient_state,
    const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& source_state) {
  py::gil_scoped_acquire lock;
  return truth(call_optional(static_cast<const Convolution*>(this), "update_with_gradient_state", gradient_state, source_state));
}

// MPSCNNBatchNormalizationDataSource --------------------------------------------------------------------------------

bool PythonBatchNormalizationDataSource::load() {
  py::gil_scoped_acquire lock;
  const BatchNormalization* self = this;
  if (!truth(call_required(self, "load"))) return false;
  held_.load();
  return true;
}

void PythonBatchNormalizationDataSource::purge() {
  py::gil_scoped_acquire lock;
  const BatchNormalization* self = this;
  held_.purge();
  call_required(self, "purge");
}

std::string PythonBatchNormalizationDataSource::label() const { return label_of<BatchNormalization>(this); }

std::shared_ptr<DataSource> PythonBatchNormalizationDataSource::copy() const {
  return copy_of<BatchNormalization>(this, "MPSCNNBatchNormalizationDataSource or None");
}

std::size_t PythonBatchNormalizationDataSource::number_of_feature_channels() {
  py::gil_scoped_acquire lock;
  const BatchNormalization* self = this;
  return cast_result<std::size_t>(self, "number_of_feature_channels", call_required(self, "number_of_feature_channels"),
                                  "a positive int");
}

std::span<const float> PythonBatchNormalizationDataSource::array(const char* method) {
  py::gil_scoped_acquire lock;
  const BatchNormalization* self = this;
  return held_.floats(method_name(self, method), call_required(self, method));
}

std::span<const float> PythonBatchNormalizationDataSource::gamma() { return array("gamma"); }
std::span<const float> PythonBatchNormalizationDataSource::beta() { return array("beta"); }
std::span<const float> PythonBatchNormalizationDataSource::mean() { return array("mean"); }
std::span<const float> PythonBatchNormalizationDataSource::variance() { return array("variance"); }

float PythonBatchNormalizationDataSource::epsilon() {
  return value_or<float>(static_cast<const BatchNormalization*>(this), "epsilon", "a number",
                         [this] { return BatchNormalization::epsilon(); });
}

bool PythonBatchNormalizationDataSource::updates_gamma_and_beta(NNTrainingStyle style) const {
  if (style == NNTrainingStyle::UpdateDeviceNone) return false;
  return defines(static_cast<const BatchNormalization*>(this), style == NNTrainingStyle::UpdateDeviceCPU
                                                                   ? "update_gamma_and_beta_with_batch_normalization_state"
                                                                   : "update_gamma_and_beta_with_command_buffer");
}

bool PythonBatchNormalizationDataSource::updates_mean_and_variance(NNTrainingStyle style) const {
  if (style == NNTrainingStyle::UpdateDeviceNone) return false;
  return defines(static_cast<const BatchNormalization*>(this), style == NNTrainingStyle::UpdateDeviceCPU
                                                                   ? "update_mean_and_variance_with_batch_normalization_state"
                                                                   : "update_mean_and_variance_with_command_buffer");
}

std::shared_ptr<CNNNormalizationGammaAndBetaState> PythonBatchNormalizationDataSource::update_gamma_and_beta_with_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<CNNBatchNormalizationState>& state) {
  static constexpr const char* kMethod = "update_gamma_and_beta_with_command_buffer";
  py::gil_scoped_acquire lock;
  const BatchNormalization* self = this;
  return cast_result<std::shared_ptr<CNNNormalizationGammaAndBetaState>>(
      self, kMethod, call_optional(self, kMethod, command_buffer, state), "MPSCNNNormalizationGammaAndBetaState or None");
}

std::shared_ptr<CNNNormalizationMeanAndVarianceState>
PythonBatchNormalizationDataSource::update_mean_and_variance_with_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<CNNBatchNormalizationState>& state) {
  static constexpr const char* kMethod = "update_mean_and_variance_with_command_buffer";
  py::gil_scoped_acquire lock;
  const BatchNormalization* self = this;
  return cast_result<std::shared_ptr<CNNNormalizationMeanAndVarianceState>>(
      self, kMethod, call_optional(self, kMethod, command_buffer, state), "MPSCNNNormalizationMeanAndVarianceState or None");
}

bool PythonBatchNormalizationDataSource::update_gamma_and_beta_with_batch_normalization_state(
    const std::shared_ptr<CNNBatchNormalizationState>& state) {
  py::gil_scoped_acquire lock;
  return truth(
      call_optional(static_cast<const BatchNormalization*>(this), "update_gamma_and_beta_with_batch_normalization_state", state));
}

bool PythonBatchNormalizationDataSource::update_mean_and_variance_with_batch_normalization_state(
    const std::shared_ptr<CNNBatchNormalizationState>& state) {
  py::gil_scoped_acquire lock;
  return truth(call_optional(static_cast<const BatchNormalization*>(this),
                             "update_mean_and_variance_with_batch_normalization_state", state));
}

// Members -----------------------------------------------------------------------------------------------------------

namespace {

void bind_convolution() {
  auto cls = declared<ConvolutionDataSourceClass>();
  cls.def(py::init<>())
      .def("load", &Convolution::load, kLoad)
      .def("purge", &Convolution::purge, kPurge)
      .def(
          "label", [](const Convolution& self) { return optional_text(self.label()); }, kLabel)
      .def("descriptor", &Convolution::descriptor, "Sizes, strides and the like of the convolution. Required.")
      .def("data_type", &Convolution::data_type,
           "Type of `weights`: Float32, Float16 or UInt8; binary filters take UInt32, whatever this says. Required.")
      .def(
          "weights", [](Convolution& self) { return array_from_bytes(self.weights(), self.data_type()); },
          "An array of output channels x kernel height x kernel width x input channels / groups, of `data_type`; for a binary "
          "filter x ceil(input channels / 32) words, channel c in bit c % 32 of word c / 32. It is kept until `purge`. Required.")
      .def(
          "bias_terms", [](Convolution& self) { return optional_array(self.bias_terms()); },
          "A number for each output channel, or None. Required.")
      .def("kernel_weights_data_type", &Convolution::kernel_weights_data_type,
           "Precision of the weights inside the kernel: Float16, the default, or Float32.")
      .def("weights_quantization_type", &Convolution::weights_quantization_type,
           "How UInt8 weights become numbers; by default the array that there is decides.")
      .def(
          "ranges_for_uint8_kernel", [](Convolution& self) { return optional_array(self.ranges_for_uint8_kernel()); },
          "For linear quantization: (smallest, largest) for each output channel.")
      .def(
          "lookup_table_for_uint8_kernel", [](Convolution& self) { return optional_array(self.lookup_table_for_uint8_kernel()); },
          "For quantization by table: 256 numbers.")
      .def(
          "weights_layout", [](const Convolution&) { return CNNConvolutionWeightsLayout::OHWI; }, "OHWI is the only one.")
      .def(
          "update_with_command_buffer",
          [](Convolution& self, const std::shared_ptr<CommandBuffer>& command_buffer,
             const std::shared_ptr<CNNConvolutionGradientState>& gradient_state,
             const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& source_state) {
            return or_none(self.update_with_command_buffer(command_buffer, gradient_state, source_state));
          },
          "command_buffer"_a, "gradient_state"_a, "source_state"_a,
          "Style UpdateDeviceGPU: records the update of `source_state` by `gradient_state` and returns the new values, or None "
          "to "
          "keep the old ones. Called while encoding: the buffers are not filled yet. Without this method nothing is updated.")
      .def("update_with_gradient_state", &Convolution::update_with_gradient_state, "gradient_state"_a, "source_state"_a,
           "Style UpdateDeviceCPU: called when the gradients are there; returns True when the values changed and are to be read "
           "again. Without this method nothing is updated.");
  def_copy(cls);
}

void bind_batch_normalization() {
  auto cls = declared<BatchNormalizationDataSourceClass>();
  cls.def(py::init<>())
      .def("load", &BatchNormalization::load, kLoad)
      .def("purge", &BatchNormalization::purge, kPurge)
      .def(
          "label", [](const BatchNormalization& self) { return optional_text(self.label()); }, kLabel)
      .def("number_of_feature_channels", &BatchNormalization::number_of_feature_channels, "Length of the arrays. Required.")
      .def(
          "gamma", [](BatchNormalization& self) { return optional_array(self.gamma()); },
          "Factor for each channel, or None for 1. Required.")
      .def(
          "beta", [](BatchNormalization& self) { return optional_array(self.beta()); },
          "Number added to each channel, or None for 0. Required.")
      .def(
          "mean", [](BatchNormalization& self) { return optional_array(self.mean()); },
          "Mean of each channel for inference, or None for 0. Required.")
      .def(
          "variance", [](BatchNormalization& self) { return optional_array(self.variance()); },
          "Variance of each channel for inference, or None for 1. Required.")
      .def("epsilon", &BatchNormalization::epsilon, "Added to the variance; the smallest normal float by default.")
      .def(
          "update_gamma_and_beta_with_command_buffer",
          [](BatchNormalization& self, const std::shared_ptr<CommandBuffer>& command_buffer,
             const std::shared_ptr<CNNBatchNormalizationState>& state) {
            return or_none(self.update_gamma_and_beta_with_command_buffer(command_buffer, state));
          },
          "command_buffer"_a, "batch_normalization_state"_a,
          "Style UpdateDeviceGPU: records the update and returns the new values, or None to keep the old ones. Without this "
          "method they are not updated.")
      .def(
          "update_mean_and_variance_with_command_buffer",
          [](BatchNormalization& self, const std::shared_ptr<CommandBuffer>& command_buffer,
             const std::shared_ptr<CNNBatchNormalizationState>& state) {
            return or_none(self.update_mean_and_variance_with_command_buffer(command_buffer, state));
          },
          "command_buffer"_a, "batch_normalization_state"_a,
          "Style UpdateDeviceGPU: records the update and returns the new values, or None to keep the old ones. Without this "
          "method they are not updated.")
      .def(
          "update_gamma_and_beta_with_batch_normalization_state",
          &BatchNormalization::update_gamma_and_beta_with_batch_normalization_state, "batch_normalization_state"_a,
          "Style UpdateDeviceCPU: called when the gradients are there; returns True when the values changed. Without this method "
          "they are not updated.")
      .def("update_mean_and_variance_with_batch_normalization_state",
           &BatchNormalization::update_mean_and_variance_with_batch_normalization_state, "batch_normalization_state"_a,
           "Style UpdateDeviceCPU: called when the statistics are there; returns True when the values changed. Without this "
           "method "
           "they are not updated.");
  def_copy(cls);
}

}  // namespace

void bind_data_source(py::module_&) {
  bind_convolution();
  bind_batch_normalization();
  bind_normalization_data_sources();
}

}  // namespace mpsnn
