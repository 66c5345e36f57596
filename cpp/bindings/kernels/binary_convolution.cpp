#include "mpsnn/kernels/binary_convolution.hpp"

#include "binary_convolution_op.hpp"
#include "bind_kernel.hpp"

namespace mpsnn {

namespace {

using binding::Terms;

template <class Kernel, class Base>
auto bind(py::module_& m, const char* name, const char* doc) {
  static const std::string constructor =
      std::string(binding::kTerms) +
      " Reads the data source; InvalidArgumentError where words or terms do not fit its descriptor.";
  py::classh<Kernel, Base> cls(m, name, doc);
  cls.def(py::init([name](const ConvolutionSourcePtr& convolution_data, const Terms& output_bias_terms,
                          const Terms& output_scale_terms, const Terms& input_bias_terms, const Terms& input_scale_terms,
                          CNNBinaryConvolutionType type, CNNBinaryConvolutionFlags flags, const DeviceArgument& device) {
            return std::make_shared<Kernel>(device_from(device), convolution_data,
                                            binding::binary_op(name, output_bias_terms, output_scale_terms, input_bias_terms,
                                                               input_scale_terms, type, flags));
          }),
          "convolution_data"_a.none(false), py::kw_only(), "output_bias_terms"_a = py::none(),
          "output_scale_terms"_a = py::none(), "input_bias_terms"_a = py::none(), "input_scale_terms"_a = py::none(), "type"_a,
          "flags"_a, "device"_a = py::none(), constructor.c_str())
      .def_static(
          "with_scale_value",
          [](const ConvolutionSourcePtr& convolution_data, float scale_value, CNNBinaryConvolutionType type,
             CNNBinaryConvolutionFlags flags, const DeviceArgument& device) {
            return std::make_shared<Kernel>(device_from(device), convolution_data, binding::binary_op(scale_value, type, flags));
          },
          "convolution_data"_a.none(false), "scale_value"_a, "type"_a, "flags"_a, py::kw_only(), "device"_a = py::none(),
          binding::kScaleValue);
  return cls;
}

}  // namespace

void bind_binary_convolution_kernels(py::module_& m) {
  using K = CNNBinaryConvolution;
  bind<K, CNNKernel>(m, "MPSCNNBinaryConvolution", "The kernel of MPSCNNBinaryConvolutionNode. There is no gradient.")
      .def_property_readonly(
          "input_feature_channels", [](const K& self) { return self.attributes()->input_feature_channels; },
          "Channels of the source that are read.")
      .def_property_readonly(
          "output_feature_channels", [](const K& self) { return self.attributes()->output_feature_channels; }, "Filters.");
  bind<CNNBinaryFullyConnected, CNNBinaryConvolution>(m, "MPSCNNBinaryFullyConnected",
                                                      "The kernel of MPSCNNBinaryFullyConnectedNode. There is no gradient.");
}

}  // namespace mpsnn
