#pragma once

#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

#include "mpsnn/nodes/convolution.hpp"
#include "mpsnn/nodes/normalization.hpp"
#include "mpsnn/optimizer.hpp"
#import "support/behind.hpp"
#import "support/kernels.hpp"
#import "support/metal.hpp"
#import "support/states.hpp"
#import "support/vectors.hpp"

namespace mpsnn::gnustep {

MPSNN_STANDS_FOR(MPSNNOptimizerDescriptor, NNOptimizerDescriptor)

}  // namespace mpsnn::gnustep

// In the methods of an optimizer ------------------------------------------------------------------------------------

/// The vectors of an array; none for nil.
#define MPSNN_VECTORS(argument) (argument ? MPSNN_BEHIND_ALL(MPSVector, argument) : std::vector<std::shared_ptr<mpsnn::Vector>>())

/// The body of a method that encodes, with the arguments of the C++ method of `Optimizer` after the command buffer.
#define MPSNN_ENCODE(Optimizer, ...)                                                   \
  mpsnn::gnustep::guarded([&] {                                                        \
    mpsnn::gnustep::as<mpsnn::Optimizer>(self).encode_to_command_buffer(               \
        mpsnn::gnustep::command_buffer_of(MPSNN_REQUIRE(commandBuffer)), __VA_ARGS__); \
  });
