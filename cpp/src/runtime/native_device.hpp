#pragma once

#include <memory>

#include "mpsnn/device.hpp"

namespace mpsnn {

/// Apple's framework as a device; null where this machine has none. Absent from programs that do not link the native engine.
#ifdef __GNUC__
__attribute__((weak))
#endif
std::shared_ptr<Device>
make_native_device();

/// Only in the copy of this library inside the framework for GNUstep: its devices are not the caller's to choose.
#ifdef __GNUC__
__attribute__((weak))
#endif
void
is_inside_a_framework();

}  // namespace mpsnn
