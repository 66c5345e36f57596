#include "mpsnn/nodes/gram_matrix.hpp"

#include "metal/kernels.hpp"

namespace mpsnn::metal {

namespace {

template <class OpType, class Kernel>
void add_kernel(KernelMakers &makers) {
  makers.add<OpType>(
      [](const OpType &op, id<MTLDevice> device) { return [[Kernel alloc] initWithDevice:device alpha:op.alpha]; });
}

}  // namespace

void add_gram_matrix_kernels(KernelMakers &makers) {
  add_kernel<GramMatrixOp, MPSNNGramMatrixCalculation>(makers);
  add_kernel<GramMatrixGradientOp, MPSNNGramMatrixCalculationGradient>(makers);
}

}  // namespace mpsnn::metal
