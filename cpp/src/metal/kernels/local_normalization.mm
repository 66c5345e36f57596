#include "mpsnn/nodes/local_normalization.hpp"

#include "metal/kernels.hpp"

namespace mpsnn::metal {

namespace {

template <class Kernel>
void set_powers(Kernel *kernel, const LocalNormalizationOp &op) {
  kernel.alpha = op.alpha;
  kernel.beta = op.beta;
  kernel.delta = op.delta;
}

template <class OpType, class Kernel>
Kernel *make_with_window(const OpType &op, id<MTLDevice> device) {
  Kernel *kernel = [[Kernel alloc] initWithDevice:device kernelWidth:op.kernel_width kernelHeight:op.kernel_height];
  set_powers(kernel, op);
  return kernel;
}

template <class OpType, class Kernel>
Kernel *make_with_contrast(const OpType &op, id<MTLDevice> device) {
  Kernel *kernel = make_with_window<OpType, Kernel>(op, device);
  kernel.p0 = op.p0;
  kernel.pm = op.pm;
  kernel.ps = op.ps;
  return kernel;
}

}  // namespace

void add_local_normalization_kernels(KernelMakers &makers) {
  makers.add<SpatialNormalizationOp>(make_with_window<SpatialNormalizationOp, MPSCNNSpatialNormalization>);
  makers.add<SpatialNormalizationGradientOp>(
      make_with_window<SpatialNormalizationGradientOp, MPSCNNSpatialNormalizationGradient>);
  makers.add<LocalContrastNormalizationOp>(make_with_contrast<LocalContrastNormalizationOp, MPSCNNLocalContrastNormalization>);
  makers.add<LocalContrastNormalizationGradientOp>(
      make_with_contrast<LocalContrastNormalizationGradientOp, MPSCNNLocalContrastNormalizationGradient>);
  makers.add<CrossChannelNormalizationOp>([](const CrossChannelNormalizationOp &op, id<MTLDevice> device) {
    auto *kernel = [[MPSCNNCrossChannelNormalization alloc] initWithDevice:device kernelSize:op.kernel_size_in_feature_channels];
    set_powers(kernel, op);
    return kernel;
  });
  makers.add<CrossChannelNormalizationGradientOp>(
      [](const CrossChannelNormalizationGradientOp &op, id<MTLDevice> device) {
        return [[MPSCNNCrossChannelNormalizationGradient alloc] initWithDevice:device kernelSize:op.kernel_size];
      },
      [](MPSCNNCrossChannelNormalizationGradient *kernel, const CrossChannelNormalizationGradientOp &, const KernelCall &call) {
        set_powers(kernel, static_cast<const CrossChannelNormalizationOp &>(*call.forward->op));
      });
}

}  // namespace mpsnn::metal
