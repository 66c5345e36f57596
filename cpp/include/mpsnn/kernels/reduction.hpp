#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "mpsnn/kernel_of.hpp"
#include "mpsnn/kernel_only_node.hpp"
#include "mpsnn/nodes/reduction.hpp"

namespace mpsnn {

/// MPSNNReduceUnary: base of the reductions of one image. `clip_rect_source` takes the place of `offset`, which is not looked at.
class MPSNN_API NNReduceUnary : public CNNKernel {
 public:
  using Attributes = ReductionOp;
  Attributes& attributes;

 protected:
  explicit NNReduceUnary(std::shared_ptr<KernelCore> core)
      : CNNKernel(std::move(core)), attributes(static_cast<NNUnaryReductionNode&>(node()).attributes) {}
};

template <class Node>
class NNReduceOf final : public NNReduceUnary {
 public:
  explicit NNReduceOf(std::shared_ptr<Device> device = nullptr)
      : NNReduceUnary(make_kernel_core(std::move(device), reduction_kernel_name(Node::kAxis, Node::kOperation),
                                       [] { return std::make_shared<Node>(std::make_shared<NNImageNode>()); })) {}
};

using NNReduceRowMin = NNReduceOf<NNReductionRowMinNode>;
using NNReduceRowMax = NNReduceOf<NNReductionRowMaxNode>;
using NNReduceRowMean = NNReduceOf<NNReductionRowMeanNode>;
using NNReduceRowSum = NNReduceOf<NNReductionRowSumNode>;
using NNReduceColumnMin = NNReduceOf<NNReductionColumnMinNode>;
using NNReduceColumnMax = NNReduceOf<NNReductionColumnMaxNode>;
using NNReduceColumnMean = NNReduceOf<NNReductionColumnMeanNode>;
using NNReduceColumnSum = NNReduceOf<NNReductionColumnSumNode>;
using NNReduceFeatureChannelsMin = NNReduceOf<NNReductionFeatureChannelsMinNode>;
using NNReduceFeatureChannelsMax = NNReduceOf<NNReductionFeatureChannelsMaxNode>;
using NNReduceFeatureChannelsMean = NNReduceOf<NNReductionFeatureChannelsMeanNode>;
using NNReduceFeatureChannelsSum = NNReduceOf<NNReductionFeatureChannelsSumNode>;
using NNReduceFeatureChannelsArgumentMin = NNReduceOf<NNReductionFeatureChannelsArgumentMinNode>;
using NNReduceFeatureChannelsArgumentMax = NNReduceOf<NNReductionFeatureChannelsArgumentMaxNode>;

/// MPSNNReduceBinary: base of the reductions of two images. The clip rectangles take the place of the offsets, which are not
/// looked at.
class MPSNN_API NNReduceBinary : public CNNBinaryKernel {
 public:
  using Attributes = BinaryReductionOp;
  Attributes& attributes;

 protected:
  explicit NNReduceBinary(std::shared_ptr<KernelCore> core)
      : CNNBinaryKernel(std::move(core)),
        attributes(dynamic_cast<BinaryReductionOp&>(static_cast<NNKernelOnlyNode&>(node()).own_op())) {}
};

using NNReduceFeatureChannelsAndWeightsSum = KernelOf<KernelOnlyNode<WeightedSumOp>, NNReduceBinary>;
using NNReduceFeatureChannelsAndWeightsMean = KernelOf<KernelOnlyNode<WeightedMeanOp>, NNReduceBinary>;
/// Of the secondary image, `secondary_edge_mode` says what is around it.
using NNLocalCorrelation = KernelOf<KernelOnlyNode<LocalCorrelationOp>, NNReduceBinary>;

}  // namespace mpsnn
