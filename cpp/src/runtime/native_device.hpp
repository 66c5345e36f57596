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

}  // namespace mpsnn
