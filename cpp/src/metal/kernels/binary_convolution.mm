#include "mpsnn/nodes/binary_convolution.hpp"

#include "metal/kernels.hpp"
#include "metal/loaded_weights.hpp"

namespace mpsnn::metal {

namespace {

const float *array(const std::vector<float> &terms) { return terms.empty() ? nullptr : terms.data(); }

template <class OpType, class Kernel, class SetUp>
void add_kernel(KernelMakers &makers, SetUp set_up) {
  makers.add_with_source<OpType>(
      loaded_weights(),
      [](const OpType &op, id<MTLDevice> device, id source) {
        const auto type = MPSCNNBinaryConvolutionType(op.type);
        const auto flags = MPSCNNBinaryConvolutionFlags(op.flags);
        if (!op.has_terms) {
          return [[Kernel alloc] initWithDevice:device convolutionData:source scaleValue:op.scale_value type:type flags:flags];
        }
        return [[Kernel alloc] initWithDevice:device
                              convolutionData:source
                              outputBiasTerms:array(op.output_bias_terms)
                             outputScaleTerms:array(op.output_scale_terms)
                               inputBiasTerms:array(op.input_bias_terms)
                              inputScaleTerms:array(op.input_scale_terms)
                                         type:type
                                        flags:flags];
      },
      set_up);
}

}  // namespace

void add_binary_convolution_kernels(KernelMakers &makers) {
  add_kernel<BinaryConvolutionOp, MPSCNNBinaryConvolution>(makers, KernelMakers::nothing);
  add_kernel<BinaryFullyConnectedOp, MPSCNNBinaryFullyConnected>(
      makers, [](MPSCNNBinaryFullyConnected *kernel, const BinaryFullyConnectedOp &op, const KernelCall &) {
        kernel.offset = MPSOffset{NSInteger(op.kernel_width / 2), NSInteger(op.kernel_height / 2), kernel.offset.z};
      });
}

}  // namespace mpsnn::metal
