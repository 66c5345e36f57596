#pragma once

#import <MetalPerformanceShaders/MPSState.h>

#include <memory>
#include <typeindex>

#include "mpsnn/state.hpp"
#include "support/metal.hpp"

namespace mpsnn::gnustep {

MPSNN_STANDS_FOR(MPSState, State)

/// Objects of the C++ class are of the Objective-C class. Exactly that class: each one is registered.
bool register_state_class(std::type_index cpp_class, const char *objc_class);
#define MPSNN_STATE_CLASS(CppClass, ObjCClass) \
  [[maybe_unused]] static const bool registered_##ObjCClass = mpsnn::gnustep::register_state_class(typeid(CppClass), #ObjCClass);

MPSState *objc(const StatePtr &state);
/// Throws a MisuseError for elements that are none.
StateBatch states_of(NSArray *states);
NSArray *objc_state_batch(const StateBatch &states);

}  // namespace mpsnn::gnustep
