#include "mpsnn/kernels/gram_matrix.hpp"

#include "bind_kernel.hpp"

namespace mpsnn {

namespace {

template <class Kernel, class Base>
void bind(py::module_& m, const char* name, const char* doc) {
  using OpType = typename Kernel::Attributes;
  py::classh<Kernel, Base> cls(m, name, doc);
  cls.def(py::init([](float alpha, const DeviceArgument& device) {
            OpType op;
            op.alpha = alpha;
            return std::make_shared<Kernel>(device_from(device), op);
          }),
          "alpha"_a = 1.f, py::kw_only(), "device"_a = py::none(), "The factor.");
  // Read-only on nodes.
  binding::def_attribute<Kernel>(cls, "alpha", &OpType::alpha, "The factor; 1 by default.", Access::ReadWrite);
}

}  // namespace

void bind_gram_matrix_kernels(py::module_& m) {
  bind<NNGramMatrixCalculation, CNNKernel>(m, "MPSNNGramMatrixCalculation",
                                           R"(The kernel of MPSNNGramMatrixCalculationNode: h x w x c to 1 x c x c.

Of the whole source: `offset` and the edge mode have no influence.)");
  bind<NNGramMatrixCalculationGradient, CNNGradientKernel>(
      m, "MPSNNGramMatrixCalculationGradient",
      "The kernel of MPSNNGramMatrixCalculationGradientNode. `alpha` is its own, whatever the forward kernel's is.");
}

}  // namespace mpsnn
