#pragma once

#include <memory>

#include "mpsnn/kernel_of.hpp"
#include "mpsnn/kernel_only_node.hpp"
#include "mpsnn/nodes/resampling.hpp"

namespace mpsnn {

/// MPSCNNUpsampling: base of the kernels that enlarge an image. Encoded into an image of the caller's, pixel x of the part that
/// is written lies at `offset` plus the place that x has in the whole result.
class MPSNN_API CNNUpsampling : public CNNKernel {
 public:
  double scale_factor_x() const { return op<UpsamplingOp>()->scale_factor_x; }
  double scale_factor_y() const { return op<UpsamplingOp>()->scale_factor_y; }
  bool align_corners() const {
    const auto bilinear = op<UpsamplingBilinearOp>();
    return bilinear && bilinear->align_corners;
  }

 protected:
  using CNNKernel::CNNKernel;

 private:
  template <class OpType>
  std::shared_ptr<const OpType> op() const {
    return std::dynamic_pointer_cast<const OpType>(node().op());
  }
};
using CNNUpsamplingNearest = KernelOf<CNNUpsamplingNearestNode, CNNUpsampling>;
using CNNUpsamplingBilinear = KernelOf<CNNUpsamplingBilinearNode, CNNUpsampling>;

/// MPSCNNUpsamplingGradient: `align_corners`, offset and edge mode are those that the state's forward kernel had.
class MPSNN_API CNNUpsamplingGradient : public CNNGradientKernel {
 public:
  double scale_factor_x() const { return op()->scale_factor_x; }
  double scale_factor_y() const { return op()->scale_factor_y; }

 protected:
  using CNNGradientKernel::CNNGradientKernel;

 private:
  std::shared_ptr<const UpsamplingOp> op() const { return std::dynamic_pointer_cast<const UpsamplingOp>(node().op()); }
};
using CNNUpsamplingNearestGradient = KernelOf<CNNUpsamplingNearestGradientNode, CNNUpsamplingGradient>;
using CNNUpsamplingBilinearGradient = KernelOf<CNNUpsamplingBilinearGradientNode, CNNUpsamplingGradient>;

using NNResizeBilinear = KernelOf<KernelOnlyNode<ResizeBilinearOp>>;
/// Region r of source image n is image n * (number of regions) + r of the destination.
using NNCropAndResizeBilinear = KernelOf<KernelOnlyNode<CropAndResizeBilinearOp>>;
using NNGridSample = KernelOf<KernelOnlyNode<GridSampleOp>, CNNBinaryKernel>;

}  // namespace mpsnn
