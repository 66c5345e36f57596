#pragma once

#include <memory>

#include "mpsnn/device.hpp"

namespace mpsnn {

/// Apple's framework as a device; null where this machine has none. But on Apple systems, absent from programs that do not link
/// the native engine.
#if defined(__GNUC__) && !defined(__APPLE__)
__attribute__((weak))
#endif
std::shared_ptr<Device>
make_native_device();

#if defined(__GNUC__) && !defined(__APPLE__)
/// Only in the copy of this library inside the framework for GNUstep: its devices are not the caller's to choose.
__attribute__((weak)) void is_inside_a_framework();
#endif

}  // namespace mpsnn
