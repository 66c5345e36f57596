#pragma once

#include <string>

#include "mpsnn/error.hpp"
#include "mpsnn/op.hpp"

namespace mpsnn {

/// The attributes of the filter whose gradient is inferred. Throws InvalidArgument for the state of another kind of filter, which
/// a kernel can be given, and GraphError without a state.
template <class OpType>
const OpType& forward_op(const InferRequest& request) {
  if (!request.forward) throw GraphError(request.node + ": the gradient state has no forward filter");
  if (const auto* op = dynamic_cast<const OpType*>(request.forward->op)) return *op;
  throw InvalidArgument(request.node + ": the gradient state is that of " + request.forward->op->kernel_name());
}

}  // namespace mpsnn
