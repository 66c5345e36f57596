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

/// Throws where `object`, whose initializer or factory is running, is of a class that the state is not.
void check_state_class(id object, SEL initializer, const State &state);
/// The body of an initializer: `make` gives the C++ state. An inherited initializer, which would make another class's state,
/// raises.
template <class ObjCClass, class Make>
ObjCClass *made_state(ObjCClass *object, SEL initializer, Make &&make) {
  return made(object, [&]() -> StatePtr {
    const auto state = make();
    check_state_class(object, initializer, *state);
    return state;
  });
}

MPSState *objc(const StatePtr &state);
/// Throws a MisuseError for elements that are none.
StateBatch states_of(NSArray *states);
NSArray *objc_state_batch(const StateBatch &states);

}  // namespace mpsnn::gnustep
