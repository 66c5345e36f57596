#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "mpsnn/export.hpp"
#include "mpsnn/image.hpp"

namespace mpsnn {

class Handle;

/// Ops that ask an object of the caller's with every encode implement this beside `Op`. The kernel finds the answers in the last
/// of its source states: doubles, image after image.
struct MPSNN_API AsksCaller {
  virtual ~AsksCaller();
  /// The property that holds the object; null where there is none to ask.
  virtual const char* asked_property() const = 0;
  /// Numbers for one image.
  virtual std::size_t answer_count() const = 0;
  /// Called while encoding, for each image object of source 0; one that the graph makes has no contents yet. `handle` is that of
  /// the source's image node, `node` names the filter in messages.
  virtual void ask(const ImagePtr& source, const std::shared_ptr<Handle>& handle, const std::string& node,
                   std::span<double> answer) const = 0;
};

}  // namespace mpsnn
