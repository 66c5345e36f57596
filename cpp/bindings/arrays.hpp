#pragma once

#include "mpsnn/image.hpp"
#include "types.hpp"

// Images and NumPy arrays over the same memory. Arrays are H x W x C or N x H x W x C.

namespace mpsnn {

/// Whether a caller means an array: a NumPy array, or anything that exports DLPack, NumPy's protocols or a buffer.
bool is_array(const py::handle& object);

/// What an image over a caller's array asks of it.
struct ArrayUse {
  std::string what;      ///< the caller, for messages
  bool copy = false;     ///< the image gets memory of its own; otherwise the memory is shared or refused
  bool writable = true;  ///< false where the image is read only by the library
};

/// An image over the array's memory, which it keeps alive, or a copy. N images of one image object. Throws InvalidArgument or
/// ShapeError, naming what does not fit.
ImagePtr image_from(const py::object& array, const ArrayUse& use, std::shared_ptr<Device> device);

/// A view of the image's memory, which it keeps alive: H x W x C, or N x H x W x C where it holds several. Throws
/// InvalidArgument while encoded work is to write it, and for temporary images.
py::array array_over(const ImagePtr& image);

/// N x H x W x C: a view where the images lie one after another, else a copy.
py::array array_of_batch(const ImageBatch& batch);

}  // namespace mpsnn
