#pragma once

#include <stdexcept>
#include <string>

#include "mpsnn/export.hpp"

namespace mpsnn {

/// The root of everything this library throws.
class MPSNN_API Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  ~Error() override;
};

/// A value the caller passed.
class MPSNN_API InvalidArgument : public Error {
 public:
  using Error::Error;
  ~InvalidArgument() override;
};

/// Shapes that do not fit.
class MPSNN_API ShapeError : public InvalidArgument {
 public:
  using InvalidArgument::InvalidArgument;
  ~ShapeError() override;
};

/// A wrong network: a cycle, a missing source, a filter without a gradient.
class MPSNN_API GraphError : public Error {
 public:
  using Error::Error;
  ~GraphError() override;
};

/// Valid, but there is no kernel for it here.
class MPSNN_API Unsupported : public Error {
 public:
  using Error::Error;
  ~Unsupported() override;
};

class MPSNN_API OutOfMemory : public Error {
 public:
  using Error::Error;
  ~OutOfMemory() override;
};

/// A driver or a library failed; the message holds its code.
class MPSNN_API BackendError : public Error {
 public:
  using Error::Error;
  ~BackendError() override;
};

}  // namespace mpsnn
