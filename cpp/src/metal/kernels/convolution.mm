#include "mpsnn/nodes/convolution.hpp"

#include "metal/kernels.hpp"
#include "metal/loaded_weights.hpp"
#include "metal/states.hpp"
#include "runtime/state_origin.hpp"

namespace mpsnn::metal {

namespace {

// The kernels' classes have these methods, but no base that has.
template <class Kernel>
KernelMakers::Source weights_of(std::function<MPSKernel *(MPSState *)> kernel_of = nullptr) {
  KernelMakers::Source source = loaded_weights();
  source.kernel_of = std::move(kernel_of);
  source.reload = [](MPSKernel *kernel, const KernelReload &) { [(Kernel *)kernel reloadWeightsAndBiasesFromDataSource]; };
  source.reload_state = [](MPSKernel *kernel, Recording &recording, const State &state, const ParameterSet &parameters) {
    const auto &values = dynamic_cast<const CNNConvolutionWeightsAndBiasesState &>(state);
    const auto &mine = static_cast<const ConvolutionParameters &>(parameters);
    MPSCNNConvolutionWeightsAndBiasesState *native = native_state(recording, values, descriptor_of(mine));
    apple([&] { [(Kernel *)kernel reloadWeightsAndBiasesWithCommandBuffer:recording.metal() state:native]; });
  };
  return source;
}

template <class OpType, class Kernel, class SetUp>
void add_kernel(KernelMakers &makers, SetUp set_up, std::function<MPSKernel *(MPSState *)> kernel_of = nullptr) {
  makers.add_with_source<OpType>(
      weights_of<Kernel>(std::move(kernel_of)),
      [](const OpType &, id<MTLDevice> device, id source) { return [[Kernel alloc] initWithDevice:device weights:source]; },
      set_up);
}

template <class Kernel>
void set_up_forward(Kernel *kernel, const KernelCall &call) {
  kernel.accumulatorPrecisionOption = MPSNNConvolutionAccumulatorPrecisionOption(call.accumulator_precision);
}

// Where the windows lie is the state's business, which Apple's kernel looks at only where it makes the image itself.
void set_up_gradient(MPSCNNConvolutionGradient *kernel, const ConvolutionGradientOp &op, const KernelCall &call) {
  const Geometry &forward = call.source_states[0]->origin->forward.geometry;
  const Window window = op.window();
  const auto offset = [](std::ptrdiff_t centre, std::size_t extent) { return -centre + (extent % 2 == 0 ? 1 : 0); };
  const auto first = [](std::ptrdiff_t centre, std::size_t extent) { return centre - std::ptrdiff_t(extent >> 1); };
  kernel.primaryOffset = MPSOffset{0, 0, call.sources[0].offset.z};
  kernel.kernelOffsetX = offset(forward.offset_x, window.extent_x());
  kernel.kernelOffsetY = offset(forward.offset_y, window.extent_y());
  kernel.secondaryOffset =
      MPSOffset{first(forward.offset_x, window.extent_x()), first(forward.offset_y, window.extent_y()), call.sources[1].offset.z};
  kernel.secondaryEdgeMode = MPSImageEdgeMode(forward.edge_mode);
}

template <class Kernel>
void set_option(Kernel *kernel, const KernelCall &call) {
  kernel.gradientOption = !call.writes_image    ? MPSCNNConvolutionGradientOptionGradientWithWeightsAndBias
                          : !call.writes_states ? MPSCNNConvolutionGradientOptionGradientWithData
                                                : MPSCNNConvolutionGradientOptionAll;
}

template <class OpType, class Kernel, class SetUp>
void add_gradient(KernelMakers &makers, SetUp set_up) {
  add_kernel<OpType, Kernel>(makers, [set_up](Kernel *kernel, const OpType &op, const KernelCall &call) {
    set_option(kernel, call);
    set_up(kernel, op, call);
  });
  makers.take_parts<OpType>();
}

}  // namespace

void add_convolution_kernels(KernelMakers &makers) {
  const auto convolution = [](MPSState *state) -> MPSKernel * { return [(MPSCNNConvolutionGradientState *)state convolution]; };
  add_kernel<ConvolutionOp, MPSCNNConvolution>(
      makers, [](MPSCNNConvolution *kernel, const ConvolutionOp &, const KernelCall &call) { set_up_forward(kernel, call); },
      convolution);
  add_kernel<FullyConnectedOp, MPSCNNFullyConnected>(
      makers,
      [](MPSCNNFullyConnected *kernel, const FullyConnectedOp &op, const KernelCall &call) {
        set_up_forward(kernel, call);
        // Its one window is the source, wherever the caller puts it.
        kernel.offset = MPSOffset{NSInteger(op.kernel_width / 2), NSInteger(op.kernel_height / 2), kernel.offset.z};
      },
      convolution);
  add_kernel<ConvolutionTransposeOp, MPSCNNConvolutionTranspose>(
      makers,
      [](MPSCNNConvolutionTranspose *kernel, const ConvolutionTransposeOp &, const KernelCall &call) {
        set_up_forward(kernel, call);
        // Of a convolution that it mirrors, too.
        const Geometry &geometry = call.geometry;
        kernel.offset = MPSOffset{geometry.offset_x, geometry.offset_y, kernel.offset.z};
        kernel.kernelOffsetX = geometry.kernel_offset_x;
        kernel.kernelOffsetY = geometry.kernel_offset_y;
      },
      [](MPSState *state) -> MPSKernel * { return [(MPSCNNConvolutionTransposeGradientState *)state convolutionTranspose]; });
  add_gradient<ConvolutionGradientOp, MPSCNNConvolutionGradient>(makers, set_up_gradient);
  add_gradient<FullyConnectedGradientOp, MPSCNNFullyConnectedGradient>(makers, set_up_gradient);
  add_gradient<ConvolutionTransposeGradientOp, MPSCNNConvolutionTransposeGradient>(makers, KernelMakers::nothing);
}

}  // namespace mpsnn::metal
