#pragma once

#include <cstddef>
#include <span>

#include "mpsnn/op.hpp"

namespace mpsnn {

/// What one encode of a kernel that was made by hand says of the places of its images.
struct PlaceRequest {
  const InferRequest& filter;
  ImageShape destination;             ///< the part of the image that is written, and the channels there are
  std::span<const Geometry> sources;  ///< offset and edge mode of each source
};

/// Ops whose result is placed neither by a window nor pixel by pixel implement this beside `Op`: kernels that are made by hand
/// ask for what a graph infers.
struct MPSNN_API PlacedByKernel {
  virtual ~PlacedByKernel();
  /// The result, of which the upper left part is written, and the geometry that its kernel in the plan gets.
  virtual Inferred place(const PlaceRequest& request) const = 0;
  /// Whether each pixel of the result reads that of the source which `offset` and edge mode put there.
  virtual bool is_read_by_pixel(std::size_t) const { return false; }
  /// Images of the result for each image of the sources.
  virtual std::size_t images_per_source() const { return 1; }
  virtual bool supports(ImageEdgeMode mode) const { return mode == ImageEdgeMode::Zero || mode == ImageEdgeMode::Clamp; }
};

}  // namespace mpsnn
