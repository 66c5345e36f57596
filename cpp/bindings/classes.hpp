#pragma once

#include "mpsnn/data_source.hpp"
#include "mpsnn/device.hpp"
#include "mpsnn/graph.hpp"
#include "mpsnn/kernel.hpp"
#include "mpsnn/padding.hpp"
#include "mpsnn/state.hpp"
#include "trampolines.hpp"
#include "types.hpp"

// The Python classes of the core; see `declare_classes`.

namespace mpsnn {

using DeviceClass = py::classh<Device>;
using CommandQueueClass = py::classh<CommandQueue>;
using CommandBufferClass = py::classh<CommandBuffer>;
using BufferClass = py::classh<Buffer>;

using ImageDescriptorClass = py::classh<ImageDescriptor>;
using ImageAllocatorClass = py::classh<ImageAllocator, PythonImageAllocator>;
using ImageClass = py::classh<Image>;
using TemporaryImageClass = py::classh<TemporaryImage, Image>;

using StateResourceListClass = py::classh<StateResourceList>;
using StateClass = py::classh<State>;
using GradientStateClass = py::classh<NNGradientState, State>;
using BinaryGradientStateClass = py::classh<NNBinaryGradientState, State>;
using MultiaryGradientStateClass = py::classh<NNMultiaryGradientState, State>;

using KernelClass = py::classh<Kernel>;
using CNNKernelClass = py::classh<CNNKernel, Kernel>;
using CNNBinaryKernelClass = py::classh<CNNBinaryKernel, Kernel>;
using CNNGradientKernelClass = py::classh<CNNGradientKernel, CNNBinaryKernel>;
using PaddingClass = py::classh<NNPadding, PythonPadding>;
using DefaultPaddingClass = py::classh<NNDefaultPadding, NNPadding>;

using HandleClass = py::classh<NativeHandle>;
using ImageNodeClass = py::classh<NNImageNode>;
using StateNodeClass = py::classh<NNStateNode>;
using GradientStateNodeClass = py::classh<NNGradientStateNode, NNStateNode>;
using BinaryGradientStateNodeClass = py::classh<NNBinaryGradientStateNode, NNStateNode>;
using MultiaryGradientStateNodeClass = py::classh<NNMultiaryGradientStateNode, NNStateNode>;
using FilterNodeClass = py::classh<NNFilterNode>;
using GradientFilterNodeClass = py::classh<NNGradientFilterNode, NNFilterNode>;
using TrainableNodeClass = py::classh<NNTrainableNode>;

using ConvolutionDataSourceClass = py::classh<CNNConvolutionDataSource, PythonConvolutionDataSource>;
using BatchNormalizationDataSourceClass = py::classh<CNNBatchNormalizationDataSource, PythonBatchNormalizationDataSource>;
using InstanceNormalizationDataSourceClass =
    py::classh<CNNInstanceNormalizationDataSource, PythonInstanceNormalizationDataSource>;
using GroupNormalizationDataSourceClass = py::classh<CNNGroupNormalizationDataSource, PythonGroupNormalizationDataSource>;

using GraphClass = py::classh<NNGraph, Kernel>;

}  // namespace mpsnn
