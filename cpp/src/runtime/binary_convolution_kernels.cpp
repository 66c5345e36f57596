#include <utility>

#include "mpsnn/error.hpp"
#include "mpsnn/kernels/binary_convolution.hpp"
#include "mpsnn/saved_graph.hpp"
#include "nodes/convolution_parameters.hpp"
#include "runtime/kernel_core.hpp"

namespace mpsnn {

namespace {

template <class Node>
std::shared_ptr<KernelCore> make(std::shared_ptr<Device> device, const char* name, ConvolutionSourcePtr data,
                                 BinaryConvolutionOp op) {
  if (!data) throw InvalidArgument(std::string(name) + ": convolution_data is missing");
  return make_kernel_core(std::move(device), name, [&] {
    return std::make_shared<Node>(std::make_shared<NNImageNode>(), std::move(data), std::move(op));
  });
}

}  // namespace

CNNBinaryConvolution::CNNBinaryConvolution(std::shared_ptr<Device> device, ConvolutionSourcePtr convolution_data,
                                           BinaryConvolutionOp op)
    : CNNBinaryConvolution(make<CNNBinaryConvolutionNode>(std::move(device), "MPSCNNBinaryConvolution",
                                                          std::move(convolution_data), std::move(op))) {}

std::shared_ptr<const BinaryConvolutionOp> CNNBinaryConvolution::attributes() const {
  return std::static_pointer_cast<const BinaryConvolutionOp>(core()->op());
}

const ConvolutionSourcePtr& CNNBinaryConvolution::data_source() const {
  return static_cast<const ConvolutionParameters&>(*core()->parameters).source();
}

SavedSource CNNBinaryConvolution::save_parameters() const { return core()->save_parameters(); }

CNNBinaryFullyConnected::CNNBinaryFullyConnected(std::shared_ptr<Device> device, ConvolutionSourcePtr convolution_data,
                                                 BinaryConvolutionOp op)
    : CNNBinaryConvolution(make<CNNBinaryFullyConnectedNode>(std::move(device), "MPSCNNBinaryFullyConnected",
                                                             std::move(convolution_data), std::move(op))) {}

}  // namespace mpsnn
