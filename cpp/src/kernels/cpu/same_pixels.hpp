#pragma once

#include "kernels/kernel.hpp"

namespace mpsnn::cpu {

/// For filters that make each pixel from the same pixel of their sources: declines where a padding policy of the caller's asks
/// for another size or a crop.
inline bool has_same_pixels(KernelRequest& request) {
  const TensorDescriptor &source = request.sources[0], &result = *request.result;
  if (source.h != result.h || source.w != result.w) return request.decline("the padding policy changes the result's size");
  const Geometry& g = request.geometry;
  return (g.offset_x == 0 && g.offset_y == 0) ||
         request.decline("the padding policy sets an offset, and the filter has no window");
}

}  // namespace mpsnn::cpu
