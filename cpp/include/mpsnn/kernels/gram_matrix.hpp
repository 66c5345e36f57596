#pragma once

#include "mpsnn/kernel_of.hpp"
#include "mpsnn/nodes/gram_matrix.hpp"

namespace mpsnn {

/// `property_call_back` is the node's: kernels use `alpha`.
using NNGramMatrixCalculation = KernelOf<NNGramMatrixCalculationNode>;
using NNGramMatrixCalculationGradient = KernelOf<NNGramMatrixCalculationGradientNode, CNNGradientKernel>;

}  // namespace mpsnn
