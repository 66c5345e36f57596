#include "mpsnn/nodes/pad.hpp"

#include "metal/kernels.hpp"

namespace mpsnn::metal {

namespace {

MPSImageCoordinate native(const ImageCoordinate &c) { return MPSImageCoordinate{c.x, c.y, c.channel}; }

}  // namespace

void add_pad_kernels(KernelMakers &makers) {
  makers.add<PadOp>([](const PadOp &op, id<MTLDevice> device) {
    const auto &values = op.fill_value_array;
    NSData *data = values.empty() ? nil : [NSData dataWithBytes:values.data() length:values.size() * sizeof(float)];
    MPSNNPad *kernel = [[MPSNNPad alloc] initWithDevice:device
                                      paddingSizeBefore:native(op.padding_size_before)
                                       paddingSizeAfter:native(op.padding_size_after)
                                         fillValueArray:data];
    kernel.fillValue = op.fill_value;
    return kernel;
  });
  makers.add_plain<PadGradientOp, MPSNNPadGradient>();
}

}  // namespace mpsnn::metal
