#include "mpsnn/kernels/local_normalization.hpp"

#include <string_view>

#include "bind_kernel.hpp"

namespace mpsnn {

namespace {

/// The constants; the size of the window is fixed.
template <class Class>
void bind_constants(Class& cls) {
  using Kernel = typename Class::type;
  Kernel::Attributes::fields([&](const char* name, auto member, const char* sentence, Access) {
    if (std::string_view(name).starts_with("kernel")) return;
    binding::def_attribute<Kernel>(cls, name, member, sentence, Access::ReadWrite);
  });
}

template <class Kernel, class Base>
auto bind_cross_channel(py::module_& m, const char* name, const char* doc) {
  py::classh<Kernel, Base> cls(m, name, doc);
  cls.def(py::init([](std::size_t kernel_size, const DeviceArgument& device) {
            return std::make_shared<Kernel>(device_from(device), kernel_size);
          }),
          "kernel_size"_a, py::kw_only(), "device"_a = py::none(),
          "kernel_size: feature channels in a window. alpha is 1, beta 5, delta 1. InvalidArgumentError for a size of 0.")
      .def_property_readonly("kernel_size", &Kernel::kernel_size, "Feature channels in a window.");
  return cls;
}

template <class Kernel, class Base>
void bind_windows(py::module_& m, const char* name, const char* doc, const char* constructor) {
  py::classh<Kernel, Base> cls(m, name, doc);
  bind_constants(cls);
  cls.def(py::init([](std::size_t kernel_width, std::size_t kernel_height, const DeviceArgument& device) {
            return std::make_shared<Kernel>(device_from(device), kernel_width, kernel_height);
          }),
          "kernel_width"_a, py::kw_only(), "kernel_height"_a, "device"_a = py::none(), constructor);
}

constexpr const char* kSpatial =
    "Sizes of the window in pixels; Apple demands equal ones. alpha is 1, beta 5, delta 1. InvalidArgumentError for sizes of 0.";
constexpr const char* kContrast =
    "Sizes of the window in pixels; Apple demands equal ones. alpha is 0 (the node's is 1), beta 0.5, delta 1 / 1024, p0 1, pm "
    "0, "
    "ps 1. InvalidArgumentError for sizes of 0.";

}  // namespace

void bind_local_normalization_kernels(py::module_& m) {
  auto forward = bind_cross_channel<CNNCrossChannelNormalization, CNNKernel>(
      m, "MPSCNNCrossChannelNormalization",
      "The kernel of MPSCNNCrossChannelNormalizationNode. Windows do not reach beyond the channels that are read.");
  bind_constants(forward);
  using Gradient = CNNCrossChannelNormalizationGradient;
  auto gradient =
      bind_cross_channel<Gradient, CNNGradientKernel>(m, "MPSCNNCrossChannelNormalizationGradient",
                                                      "The kernel of MPSCNNCrossChannelNormalizationGradientNode. Its constants "
                                                      "must be the forward kernel's, else the result means "
                                                      "nothing.");
  LocalNormalizationOp::fields([&](const char* name, auto member, const char* sentence, Access) {
    gradient.def_property(
        name, [member](const Gradient& self) { return self.normalization().*member; },
        [member](Gradient& self, float value) { self.normalization().*member = value; }, sentence);
  });

  bind_windows<CNNSpatialNormalization, CNNKernel>(m, "MPSCNNSpatialNormalization",
                                                   "The kernel of MPSCNNSpatialNormalizationNode.", kSpatial);
  bind_windows<CNNLocalContrastNormalization, CNNKernel>(m, "MPSCNNLocalContrastNormalization",
                                                         "The kernel of MPSCNNLocalContrastNormalizationNode.", kContrast);
  bind_windows<CNNSpatialNormalizationGradient, CNNGradientKernel>(
      m, "MPSCNNSpatialNormalizationGradient",
      "The kernel of MPSCNNSpatialNormalizationGradientNode. Its constants must be the forward kernel's, else the result means "
      "nothing; where the windows lie comes from the gradient state.",
      kSpatial);
  bind_windows<CNNLocalContrastNormalizationGradient, CNNGradientKernel>(
      m, "MPSCNNLocalContrastNormalizationGradient",
      "The kernel of MPSCNNLocalContrastNormalizationGradientNode. Its constants must be the forward kernel's, else the result "
      "means nothing; where the windows lie comes from the gradient state.",
      kContrast);
}

}  // namespace mpsnn
