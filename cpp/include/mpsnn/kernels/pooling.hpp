#pragma once

#include <cstddef>
#include <memory>

#include "mpsnn/kernel_of.hpp"
#include "mpsnn/nodes/pooling.hpp"

namespace mpsnn {

/// MPSCNNPooling: base of the pooling kernels. Edge mode Zero; nodes use Clamp.
class MPSNN_API CNNPooling : public CNNKernel {
 protected:
  using CNNKernel::CNNKernel;
};
using CNNPoolingMax = KernelOf<CNNPoolingMaxNode, CNNPooling>;
using CNNPoolingAverage = KernelOf<CNNPoolingAverageNode, CNNPooling>;
using CNNPoolingL2Norm = KernelOf<CNNPoolingL2NormNode, CNNPooling>;
using CNNDilatedPoolingMax = KernelOf<CNNDilatedPoolingMaxNode, CNNPooling>;

/// MPSCNNPoolingGradient: `secondary_offset` and `secondary_edge_mode` say where the windows lie, the first of them belongs to
/// the pixel of the source gradient at `primary_offset`. Encodes that make the destination take all of these from the gradient
/// state.
class MPSNN_API CNNPoolingGradient : public CNNGradientKernel {
 public:
  /// The part of the source gradient that is used, from `primary_offset` on.
  mtl::Size source_size{kUIntegerMax, kUIntegerMax, kUIntegerMax};

 protected:
  explicit CNNPoolingGradient(std::shared_ptr<KernelCore> core);
  CNNPoolingGradient(const CNNPoolingGradient&) = delete;
  std::size_t zero_pad_size_x = 0, zero_pad_size_y = 0;

 private:
  void copy_properties(const State& gradient_state);
  void adjust(KernelCall& call) const;
};
using CNNPoolingMaxGradient = KernelOf<CNNPoolingMaxGradientNode, CNNPoolingGradient>;
using CNNPoolingL2NormGradient = KernelOf<CNNPoolingL2NormGradientNode, CNNPoolingGradient>;
using CNNDilatedPoolingMaxGradient = KernelOf<CNNDilatedPoolingMaxGradientNode, CNNPoolingGradient>;

/// MPSCNNPoolingAverageGradient.
class MPSNN_API CNNPoolingAverageGradient final : public KernelOf<CNNPoolingAverageGradientNode, CNNPoolingGradient> {
 public:
  using KernelOf::KernelOf;
  /// The forward kernel's: what counts as zeros around its source.
  using CNNPoolingGradient::zero_pad_size_x, CNNPoolingGradient::zero_pad_size_y;
};

}  // namespace mpsnn
