#include "mpsnn/convolution_weights.hpp"

#include <algorithm>
#include <iterator>

#include "bindings.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/nodes/convolution.hpp"
#include "mpsnn/optimizer.hpp"

namespace mpsnn {

namespace {

using Weights = ConvolutionWeights;
using OptionalArray = std::optional<ArrayLike>;

constexpr const char* kDtypes[] = {"float32", "float16", "uint8", "uint32"};
constexpr DataType kTypes[] = {DataType::Float32, DataType::Float16, DataType::UInt8, DataType::UInt32};

/// The array in C order, of one of the types weights have; other numbers become float32.
py::array weights_array(const ArrayLike& weights, const CNNConvolutionDescriptor& descriptor, DataType& type) {
  const py::module_ numpy = py::module_::import("numpy");
  const py::array array = numpy.attr("asarray")(weights);
  const char kind = array.dtype().kind();
  if (kind != 'f' && kind != 'i' && kind != 'u' && kind != 'b') {
    throw InvalidArgument("ConvolutionWeights: weights must be numbers, got dtype " + std::string(py::str(array.dtype())));
  }
  std::size_t index = std::size(kTypes) - 1;
  while (index > 0 && !array.dtype().equal(py::dtype(kDtypes[index]))) --index;
  type = kTypes[index];
  const bool is_binary = type == DataType::UInt32;
  const std::vector<std::size_t> shape = is_binary ? descriptor.binary_weights_shape() : descriptor.weights_shape();
  // A flat array is taken as it is; any other must have the shape of the filters.
  std::vector<std::size_t> given(array.shape(), array.shape() + array.ndim());
  // A depthwise filter sees one channel, which may be written out.
  if (given.size() == shape.size() + 1 && given.back() == 1) given.pop_back();
  if (given.size() > 1 && given != shape) {
    const auto text = [](const std::vector<std::size_t>& extents) {
      std::string joined;
      for (std::size_t extent : extents) joined += (joined.empty() ? "" : " x ") + std::to_string(extent);
      return joined;
    };
    throw ShapeError("ConvolutionWeights: weights is " + text(given) + ", the descriptor's filters are " + text(shape) +
                     (is_binary ? " (O x kH x kW x ceil(I/32) words)" : " (O x kH x kW x I/groups)"));
  }
  return numpy.attr("ascontiguousarray")(array, py::dtype(kDtypes[index]));
}

std::shared_ptr<Weights> make(std::shared_ptr<CNNConvolutionDescriptor> descriptor, const OptionalArray& weights,
                              const OptionalArray& biases, std::optional<DataType> kernel_weights_data_type,
                              const OptionalArray& ranges, const OptionalArray& lookup_table,
                              std::shared_ptr<NNOptimizer> optimizer, std::uint64_t seed,
                              const std::optional<std::string>& label) {
  const auto values = [](const OptionalArray& array, const char* name) {
    return array ? floats_from(*array, std::string("ConvolutionWeights: ") + name) : std::vector<float>{};
  };
  ConvolutionWeightsOptions options;
  options.kernel_weights_data_type = kernel_weights_data_type;
  options.ranges = values(ranges, "ranges");
  options.lookup_table = values(lookup_table, "lookup_table");
  options.optimizer = std::move(optimizer);
  options.label = label.value_or("");
  const std::vector<float> bias_values = values(biases, "biases");
  if (!weights) return std::make_shared<Weights>(std::move(descriptor), seed, bias_values, std::move(options));
  DataType type;
  const py::array array = weights_array(*weights, *descriptor, type);
  const std::span bytes(static_cast<const std::byte*>(array.data()), std::size_t(array.nbytes()));
  return std::make_shared<Weights>(std::move(descriptor), bytes, type, bias_values, std::move(options));
}

// The views can be written: these are not the arrays that a graph computes with.
py::array weights_view(const std::shared_ptr<Weights>& self) {
  self->weights_buffer();
  const auto index = std::size_t(std::find(std::begin(kTypes), std::end(kTypes), self->data_type()) - std::begin(kTypes));
  const auto& descriptor = *self->descriptor();
  const bool is_binary = self->data_type() == DataType::UInt32;
  return py::array(py::dtype(kDtypes[index]), is_binary ? descriptor.binary_weights_shape() : descriptor.weights_shape(),
                   self->weights().data(), py::cast(self));
}

std::optional<py::array_t<float>> biases_view(const std::shared_ptr<Weights>& self) {
  self->biases_buffer();
  const auto biases = self->bias_terms();
  if (biases.empty()) return std::nullopt;
  return py::array_t<float>(py::ssize_t(biases.size()), biases.data(), py::cast(self));
}

}  // namespace

void bind_convolution_weights(py::module_& m) {
  py::classh<Weights, CNNConvolutionDataSource>(m, "ConvolutionWeights",
                                                R"(A ready data source of convolutions and fully connected
layers: arrays, and an optimizer that trains them.

A training graph of style UpdateDeviceGPU computes with the arrays themselves; every other graph has a copy, taken when the graph is
made and by `reload_from_data_sources`. A source that several filters of a graph share takes one step for each of them.)")
      .def(py::init(&make), "descriptor"_a.none(false), "weights"_a = py::none(), "biases"_a = py::none(), py::kw_only(),
           "kernel_weights_data_type"_a = py::none(), "ranges"_a = py::none(), "lookup_table"_a = py::none(),
           "optimizer"_a = py::none(), "seed"_a = 0, "label"_a = py::none(), R"(Copies everything.

weights: O x kH x kW x I/groups (depthwise O x kH x kW), float32, float16 or uint8; uint32 is for binary filters, O x kH x kW x
ceil(I/32) words, channel c in bit c % 32 of word c / 32; other numbers become float32. None draws them
uniformly from [-l, l), l = sqrt(6 / (kH * kW * I/groups)) (He et al., 2015): number i is l * (2 * (z >> 40) / 2**24 - 1), z the output
i + 1 of SplitMix64 from `seed`.
biases: O numbers, or None for none; None stays none, trained ones start as np.zeros(O).
kernel_weights_data_type: precision inside the kernel, Float32 or Float16. None is Float32 for float32 weights, else Float16.
ranges: O x 2, (min, max): byte q is min + q / 255 * (max - min). lookup_table: 256 numbers: byte q is lookup_table[q]. For uint8 weights.
optimizer: copied, so that every source has a time step of its own; None freezes the values. Needs float32 weights.
Raises InvalidArgumentError where lengths do not fit the descriptor.)")
      .def("weights", &weights_view,
           "The weights, shared, in the shape they were given in (see the constructor): what is written here, graphs see after "
           "`reload_from_data_sources`. Raises InvalidArgumentError while encoded work is to write them.")
      .def("bias_terms", &biases_view, "The biases, shared as `weights`, or None.")
      .def_property_readonly("optimizer", &Weights::optimizer, "This source's own copy of the optimizer, or None.");
}

}  // namespace mpsnn
