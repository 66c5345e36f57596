#pragma once

#include "mpsnn/export.hpp"

namespace mpsnn {

/// Ops whose kernels, made by hand, have neither an offset nor a clip rectangle: they read and write whole images.
struct MPSNN_API TakesWholeImages {
  virtual ~TakesWholeImages();
};

}  // namespace mpsnn
