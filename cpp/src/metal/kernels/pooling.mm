#include <algorithm>

#include "metal/kernels.hpp"
#include "mpsnn/nodes/pooling.hpp"

namespace mpsnn::metal {

namespace {

// Zeros around the source: only averages have them.
template <class Kernel>
void set_zero_pad(Kernel *kernel, const Geometry &geometry) {
  if (![kernel respondsToSelector:@selector(setZeroPadSizeX:)]) return;
  [(MPSCNNPoolingAverage *)kernel setZeroPadSizeX:geometry.zero_pad_x];
  [(MPSCNNPoolingAverage *)kernel setZeroPadSizeY:geometry.zero_pad_y];
}

template <class Kernel>
void set_up_forward(Kernel *kernel, const PoolingOp &, const KernelCall &call) {
  set_zero_pad(kernel, call.geometry);
}

void move(NSUInteger &origin, NSUInteger &size, std::size_t by) {
  origin += by;
  if (size != kUIntegerMax) size -= std::min<NSUInteger>(size, by);
}

template <class Kernel>
void set_up_gradient(Kernel *kernel, const PoolingGradientOp &op, const KernelCall &call) {
  // What the state says came after the call was made: it is in the forward step.
  const auto &[origin, size] = *call.sources[0].part;
  const Geometry &geometry = call.forward->geometry;
  kernel.primaryOffset = MPSOffset{NSInteger(origin.x), NSInteger(origin.y), call.sources[0].offset.z};
  kernel.sourceSize = MTLSizeMake(size.width, size.height, size.depth);
  kernel.secondaryOffset = MPSOffset{geometry.offset_x, geometry.offset_y, call.sources[1].offset.z};
  kernel.secondaryEdgeMode = MPSImageEdgeMode(geometry.edge_mode);
  set_zero_pad(kernel, geometry);
  // Apple's kernel brings the first pixel of the first window to the origin of the rectangle.
  const Window window = op.window();
  const auto moved_by = [](std::ptrdiff_t centre, std::size_t extent, std::size_t wanted) {
    const auto first = std::size_t(std::max<std::ptrdiff_t>(0, centre - std::ptrdiff_t(extent >> 1)));
    return first - std::min(first, wanted);
  };
  MTLRegion clip = kernel.clipRect;
  move(clip.origin.x, clip.size.width, moved_by(geometry.offset_x, window.extent_x(), call.result_x));
  move(clip.origin.y, clip.size.height, moved_by(geometry.offset_y, window.extent_y(), call.result_y));
  kernel.clipRect = clip;
}

template <class OpType, class Kernel, class SetUp>
void add_kernel(KernelMakers &makers, SetUp set_up) {
  makers.add<OpType>(
      [](const OpType &op, id<MTLDevice> device) {
        return [[Kernel alloc] initWithDevice:device
                                  kernelWidth:op.kernel_width
                                 kernelHeight:op.kernel_height
                              strideInPixelsX:op.stride_in_pixels_x
                              strideInPixelsY:op.stride_in_pixels_y];
      },
      set_up);
}

template <class OpType, class Kernel, class SetUp>
void add_dilated_kernel(KernelMakers &makers, SetUp set_up) {
  makers.add<OpType>(
      [](const OpType &op, id<MTLDevice> device) {
        return [[Kernel alloc] initWithDevice:device
                                  kernelWidth:op.kernel_width
                                 kernelHeight:op.kernel_height
                                dilationRateX:op.dilation_rate_x
                                dilationRateY:op.dilation_rate_y
                              strideInPixelsX:op.stride_in_pixels_x
                              strideInPixelsY:op.stride_in_pixels_y];
      },
      set_up);
}

}  // namespace

void add_pooling_kernels(KernelMakers &makers) {
  const auto forward = [](auto *kernel, const PoolingOp &op, const KernelCall &call) { set_up_forward(kernel, op, call); };
  const auto gradient = [](auto *kernel, const PoolingGradientOp &op, const KernelCall &call) {
    set_up_gradient(kernel, op, call);
  };
  add_kernel<PoolingMaxOp, MPSCNNPoolingMax>(makers, forward);
  add_kernel<PoolingAverageOp, MPSCNNPoolingAverage>(makers, forward);
  add_kernel<PoolingL2NormOp, MPSCNNPoolingL2Norm>(makers, forward);
  add_dilated_kernel<DilatedPoolingMaxOp, MPSCNNDilatedPoolingMax>(makers, forward);
  add_kernel<PoolingMaxGradientOp, MPSCNNPoolingMaxGradient>(makers, gradient);
  add_kernel<PoolingAverageGradientOp, MPSCNNPoolingAverageGradient>(makers, gradient);
  add_kernel<PoolingL2NormGradientOp, MPSCNNPoolingL2NormGradient>(makers, gradient);
  add_dilated_kernel<DilatedPoolingMaxGradientOp, MPSCNNDilatedPoolingMaxGradient>(makers, gradient);
}

}  // namespace mpsnn::metal
