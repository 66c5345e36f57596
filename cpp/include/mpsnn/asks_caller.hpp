#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "mpsnn/export.hpp"
#include "mpsnn/image.hpp"

namespace mpsnn {

class Handle;

/// Ops that ask an object of the caller's with every encode implement this beside `Op`. Their kernel, and that of their gradient
/// filter, finds the answers in the last of its source states: doubles, image after image.
struct MPSNN_API AsksCaller {
  virtual ~AsksCaller();
  /// The property that holds the object; null where there is none to ask.
  virtual const char* asked_property() const = 0;
  /// Numbers for one image.
  virtual std::size_t answer_count() const = 0;
  /// Whether one answer, about the first image, serves a batch.
  virtual bool is_asked_once() const { return false; }
  /// Which of the filter's sources the question is about.
  virtual std::size_t asked_source() const { return 0; }
  struct Question {
    const ImagePtr& source;                 ///< of `asked_source`; one that the graph makes has no contents yet
    const ImagePtr& destination;            ///< without contents
    const std::shared_ptr<Handle>& handle;  ///< of the source's image node
    const std::string& node;                ///< for messages
  };
  /// Called while encoding, on the thread that encodes.
  virtual void ask(const Question& question, std::span<double> answer) const = 0;
};

}  // namespace mpsnn
