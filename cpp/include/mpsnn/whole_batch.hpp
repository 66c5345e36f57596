#pragma once

#include "mpsnn/export.hpp"

namespace mpsnn {

/// Ops whose result for one image may depend on the other images of the batch, or on its place among them.
struct MPSNN_API SeesWholeBatch {
  virtual ~SeesWholeBatch();
  virtual bool sees_whole_batch() const { return true; }
};

}  // namespace mpsnn
