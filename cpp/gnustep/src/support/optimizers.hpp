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

/// What MPSNNOptimizer's `encodeWithCoder:` has written.
NNOptimizerDescriptor decoded_descriptor(NSCoder *coder);

/// The body of an optimizer's `initWithCoder:device:`: `make` gives the C++ object from a descriptor and a device.
template <class Optimizer, class Make>
Optimizer *decoded(Optimizer *optimizer, NSCoder *coder, id<MTLDevice> device, Make &&make) {
  Optimizer *made = made_or_nil(optimizer, [&] { return make(decoded_descriptor(coder), device_of(device)); });
  if (made) decode(made, coder);
  return made;
}

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
