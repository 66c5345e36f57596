#pragma once

#import <MetalPerformanceShaders/MPSCNNKernel.h>

#include "mpsnn/kernel.hpp"
#import "support/kernel_classes.hpp"

// What the encodes of all kernels have in common: the arguments of methods as those of C++.

namespace mpsnn::gnustep {

/// An image that must be given, as a batch of one.
inline ImageBatch batch_of_one(const ImagePtr &image) { return {image}; }
inline StateBatch batch_of_one(const StatePtr &state) { return state ? StateBatch{state} : StateBatch(); }

/// States out of a kernel: the first one, all of them; nil where the kernel has none.
inline MPSState *objc_first(const StateBatch &states) { return states.empty() ? nil : objc(states[0]); }
inline NSArray *objc_all(const StateBatch &states) { return states.empty() ? nil : objc_state_batch(states); }

/// Encodes with `encode(StateBatch *)`, which gets a place for the result states where the caller wants them.
template <class Encode>
ImageBatch encode_with_states(MPSState **out, Encode &&encode) {
  StateBatch states;
  ImageBatch made = encode(out ? &states : nullptr);
  if (out) *out = objc_first(states);
  return made;
}
template <class Encode>
ImageBatch encode_with_states(NSArray **out, Encode &&encode) {
  StateBatch states;
  ImageBatch made = encode(out ? &states : nullptr);
  if (out) *out = objc_all(states);
  return made;
}

}  // namespace mpsnn::gnustep

// In a method, or a lambda of it: one image that must be given, images that must be, states that need not be.
#define MPSNN_IMAGE(argument) mpsnn::gnustep::batch_of_one(MPSNN_BEHIND(argument))
#define MPSNN_IMAGES(argument) MPSNN_BEHIND_ALL(MPSImage, argument)
#define MPSNN_IMAGES_OR_NONE(argument) ((argument) ? MPSNN_IMAGES(argument) : mpsnn::ImageBatch())
#define MPSNN_STATES_OR_NONE(argument) ((argument) ? MPSNN_BEHIND_ALL(MPSState, argument) : mpsnn::StateBatch())
#define MPSNN_COMMAND_BUFFER(argument) mpsnn::gnustep::command_buffer_of(MPSNN_REQUIRE(argument))
