#pragma once

#include <memory>

#include "mpsnn/export.hpp"
#include "mpsnn/image.hpp"

namespace mpsnn {

/// An object of the caller's that gives a number anew with every encode. It is shared with copies of a graph.
class MPSNN_API Callback {
 public:
  virtual ~Callback();
};

/// Ops with such a number implement this beside `Op`. Their kernel, and that of their gradient filter, find the answer of an
/// encode as their last source state: one float, described as `kAnswer`.
struct MPSNN_API AsksCaller {
  static constexpr const char* kAnswer = "answer";
  virtual ~AsksCaller();
  /// Null: nobody is asked.
  virtual std::shared_ptr<Callback> callback() const = 0;
  /// Asks it, while an encode is recorded. The images have the size and format of one of the batch, and no contents.
  virtual float ask(const ImagePtr& source, const ImagePtr& destination) const = 0;
};

}  // namespace mpsnn
