#pragma once

#include "metal/nodes.hpp"
#include "metal/objc.hpp"

namespace mpsnn::metal {

/// What Apple's nodes ask for numbers with every encode.
using Asker = id<MPSNNLossCallback, MPSNNGramMatrixCallback, MPSImageTransformProvider>;
/// One that asks the caller's object, by way of the step's op; nil where the op has none.
Asker asker_of(const NodeRequest &request);

}  // namespace mpsnn::metal
