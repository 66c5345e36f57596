#include "mpsnn/error.hpp"

namespace mpsnn {

// Out of line, so that the classes have one home and can be caught across libraries.
Error::~Error() = default;
InvalidArgument::~InvalidArgument() = default;
ShapeError::~ShapeError() = default;
GraphError::~GraphError() = default;
Unsupported::~Unsupported() = default;
OutOfMemory::~OutOfMemory() = default;
BackendError::~BackendError() = default;

}  // namespace mpsnn
