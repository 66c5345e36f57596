#include "mpsnn/nodes/resampling.hpp"

#include "metal/kernels.hpp"

namespace mpsnn::metal {

namespace {

bool is_whole(double factor) { return double(NSUInteger(factor)) == factor; }

// Apple's kernels take whole factors.
bool has_whole_factors(const UpsamplingOp &op) { return is_whole(op.scale_factor_x) && is_whole(op.scale_factor_y); }

template <class OpType, class Kernel>
void add_kernel(KernelMakers &makers) {
  makers.add<OpType>(
      [](const OpType &op, id<MTLDevice> device) {
        return [[Kernel alloc] initWithDevice:device
                          integerScaleFactorX:NSUInteger(op.scale_factor_x)
                          integerScaleFactorY:NSUInteger(op.scale_factor_y)];
      },
      KernelMakers::nothing, has_whole_factors);
}

}  // namespace

void add_resampling_kernels(KernelMakers &makers) {
  add_kernel<UpsamplingNearestOp, MPSCNNUpsamplingNearest>(makers);
  add_kernel<UpsamplingNearestGradientOp, MPSCNNUpsamplingNearestGradient>(makers);
  add_kernel<UpsamplingBilinearGradientOp, MPSCNNUpsamplingBilinearGradient>(makers);
  makers.add<UpsamplingBilinearOp>(
      [](const UpsamplingBilinearOp &op, id<MTLDevice> device) {
        return [[MPSCNNUpsamplingBilinear alloc] initWithDevice:device
                                            integerScaleFactorX:NSUInteger(op.scale_factor_x)
                                            integerScaleFactorY:NSUInteger(op.scale_factor_y)
                                                   alignCorners:op.align_corners];
      },
      KernelMakers::nothing, has_whole_factors);
  makers.add<ResizeBilinearOp>([](const ResizeBilinearOp &op, id<MTLDevice> device) {
    return [[MPSNNResizeBilinear alloc] initWithDevice:device
                                           resizeWidth:op.resize_width
                                          resizeHeight:op.resize_height
                                          alignCorners:op.align_corners];
  });
  makers.add<CropAndResizeBilinearOp>([](const CropAndResizeBilinearOp &op, id<MTLDevice> device) {
    std::vector<MPSRegion> regions;
    for (const auto &[origin, size] : op.regions) {
      regions.push_back({{origin.x, origin.y, origin.z}, {size.width, size.height, size.depth}});
    }
    return [[MPSNNCropAndResizeBilinear alloc] initWithDevice:device
                                                  resizeWidth:op.resize_width
                                                 resizeHeight:op.resize_height
                                              numberOfRegions:regions.size()
                                                      regions:regions.data()];
  });
  makers.add<GridSampleOp>([](const GridSampleOp &op, id<MTLDevice> device) {
    MPSNNGridSample *kernel = [[MPSNNGridSample alloc] initWithDevice:device];
    kernel.useGridValueAsInputCoordinate = op.use_grid_value_as_input_coordinate;
    return kernel;
  });
}

}  // namespace mpsnn::metal
