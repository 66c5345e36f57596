#pragma once

#include <memory>
#include <utility>

#include "mpsnn/kernel.hpp"
#include "mpsnn/nodes/binary_convolution.hpp"

namespace mpsnn {

struct SavedSource;

/// MPSCNNBinaryConvolution. The data source is read when the kernel is made. There is no gradient.
class MPSNN_API CNNBinaryConvolution : public CNNKernel {
 public:
  /// Of `op` only what the data source does not say is used.
  CNNBinaryConvolution(std::shared_ptr<Device> device, ConvolutionSourcePtr convolution_data, BinaryConvolutionOp op);
  /// What the data source's descriptor said.
  std::shared_ptr<const BinaryConvolutionOp> attributes() const;
  const ConvolutionSourcePtr& data_source() const;
  /// The values in use, as a graph saves those of sources that are not the library's.
  SavedSource save_parameters() const;

 protected:
  explicit CNNBinaryConvolution(std::shared_ptr<KernelCore> core) : CNNKernel(std::move(core)) {}
};

/// MPSCNNBinaryFullyConnected: a filter as large as its source.
class MPSNN_API CNNBinaryFullyConnected final : public CNNBinaryConvolution {
 public:
  CNNBinaryFullyConnected(std::shared_ptr<Device> device, ConvolutionSourcePtr convolution_data, BinaryConvolutionOp op);
};

}  // namespace mpsnn
