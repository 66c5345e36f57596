#pragma once

#include <memory>
#include <vector>

#include "mpsnn/node.hpp"

namespace mpsnn {

/// Stands for a filter that Apple has no node of, so that a kernel can be made from it; no graph takes it.
class MPSNN_API NNKernelOnlyNode : public NNFilterNode {
 public:
  /// The attributes of any such node.
  virtual Op& own_op() = 0;

 protected:
  using NNFilterNode::NNFilterNode;
};

/// `OpType` has Apple's name of the kernel class, `kKernelName`, the number of its sources, `kSourceCount`, and a `check` of its
/// attributes.
template <class OpType>
class KernelOnlyNode final : public NodeOf<OpType, NNKernelOnlyNode> {
 public:
  KernelOnlyNode(const ImageNodePtr& source, const OpType& op)
      : NodeOf<OpType, NNKernelOnlyNode>(op, std::vector<ImageNodePtr>(OpType::kSourceCount, source),
                                         std::vector<StateNodePtr>()) {
    op.check(this->description());
  }
  const char* class_name() const override { return OpType::kKernelName; }
  Op& own_op() override { return this->attributes; }
};

}  // namespace mpsnn
