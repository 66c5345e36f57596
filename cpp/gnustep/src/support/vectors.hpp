#pragma once

#import <MetalPerformanceShaders/MPSMatrix.h>

#include "mpsnn/vector.hpp"
#import "support/objects.hpp"

namespace mpsnn::gnustep {

MPSNN_STANDS_FOR(MPSVector, Vector)
MPSNN_STANDS_FOR(MPSMatrix, Matrix)
MPSNN_STANDS_FOR(MPSVectorDescriptor, VectorDescriptor)
MPSNN_STANDS_FOR(MPSMatrixDescriptor, MatrixDescriptor)

}  // namespace mpsnn::gnustep
