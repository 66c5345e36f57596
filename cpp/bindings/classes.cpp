#include "classes.hpp"

#include "bindings.hpp"

namespace mpsnn {

void declare_classes(py::module_& m) {
  // Dropping one of these may end threads, plans or memory that Python code elsewhere waits for.
  const py::release_gil_before_calling_cpp_dtor release;

  DeviceClass(m, "Device", "A machine that runs graphs; `devices()` lists those there are.");
  CommandQueueClass(m, "CommandQueue", "Runs committed command buffers in order on a thread of its own.", release);
  CommandBufferClass(m, "MPSCommandBuffer",
                     "Work that is recorded now and runs in order after `commit`. As a context manager it commits and waits.",
                     release);
  BufferClass(m, "Buffer", "Memory that the CPU and a device share.");

  ImageDescriptorClass(m, "MPSImageDescriptor", "The size and storage format of an image.");
  ImageAllocatorClass(m, "MPSImageAllocator", "Makes the images that a graph hands out; derive from it to make them yourself.");
  ImageClass(m, "MPSImage", "An image: height x width x feature channels, channels fastest.");
  TemporaryImageClass(m, "MPSTemporaryImage", "An image that lives for one command buffer; the CPU never sees its contents.");

  StateResourceListClass(m, "MPSStateResourceList", "Sizes of the buffers that a state is to hold.");
  StateClass(m, "MPSState", "What one kernel leaves for another besides its image.");
  GradientStateClass(m, "MPSNNGradientState", "What a filter with one source leaves for its gradient filter.");
  BinaryGradientStateClass(m, "MPSNNBinaryGradientState", "What a filter with two sources leaves for its gradient filters.");
  MultiaryGradientStateClass(m, "MPSNNMultiaryGradientState", "What a filter with many sources leaves for its gradient filters.");

  KernelClass(m, "MPSKernel", "What runs on a device: kernels, graphs, optimizers.");
  CNNKernelClass(m, "MPSCNNKernel",
                 "A filter of one source image, encoded on its own. Padding policies see one that cannot be encoded.");
  CNNBinaryKernelClass(m, "MPSCNNBinaryKernel", "A filter of two source images, encoded on its own.");
  CNNGradientKernelClass(m, "MPSCNNGradientKernel",
                         "The gradient of a filter, encoded on its own. The primary source is the gradient with respect to the "
                         "forward result, the secondary one the forward source.");
  PaddingClass(m, "MPSNNPadding",
               "The rule for the size of a filter's result and the place of its windows; derive from it to write your own.");
  DefaultPaddingClass(m, "MPSNNDefaultPadding", "The ready-made padding policies.");

  HandleClass(
      m, "MPSHandle",
      "Names an image or a state of a graph. Any object will do; its `label`, text or a method that returns text, is used "
      "in messages.");
  ImageNodeClass(m, "MPSNNImageNode", "The place of an image in a graph; one that no filter makes is an input.");
  StateNodeClass(m, "MPSNNStateNode", "The place of a state in a graph.");
  GradientStateNodeClass(m, "MPSNNGradientStateNode", "What a filter with one source leaves for its gradient filter.");
  BinaryGradientStateNodeClass(m, "MPSNNBinaryGradientStateNode",
                               "What a filter with two sources leaves for its gradient filters.");
  MultiaryGradientStateNodeClass(m, "MPSNNMultiaryGradientStateNode",
                                 "What a filter with many sources leaves for its gradient filters.");
  FilterNodeClass(m, "MPSNNFilterNode", R"(A step of a network. It owns its sources and its result.

Each filter's documentation has the sizes of its images, rows x columns x feature channels, its formula, and under "In PyTorch:" what
it is there. That code runs as it stands, after

    import math, torch, torch.nn.functional as F
    from mpsnn import *

with images as N x C x H x W tensors and weights O x I x kH x kW. x is the source (left and right those of arithmetic, sources the
list of a concatenation), y the result, g the gradient that comes in, d the result of a gradient filter, whose code goes on where
that of its forward filter ends. f is what a convolution's descriptor makes of the sums: batch normalisation for inference,
activation, sub-pixels. Properties of the filter, of its descriptor and of its data source have their names. padding is (left,
right, top, bottom): the pixels that `padding_policy` puts around the image, negative where it leaves some out.

"Open:" names what Apple's documentation leaves open, and says what is done here.

source: image node that the filter reads.)");
  GradientFilterNodeClass(m, "MPSNNGradientFilterNode",
                          R"(The gradient of a filter with respect to one of its sources.

Gradients of gradients do not exist: the four methods that would make them raise GraphError.

source_gradient: image node of the gradient with respect to the forward filter's result. source_image: image node that the forward
filter reads. gradient_state: result state of the forward filter.)");
  TrainableNodeClass(m, "MPSNNTrainableNode", "Filters with parameters.");

  ConvolutionDataSourceClass(m, "MPSCNNConvolutionDataSource",
                             "Where a convolution's weights come from; derive from it and define its methods. Those with a "
                             "default may be left out.");
  BatchNormalizationDataSourceClass(m, "MPSCNNBatchNormalizationDataSource",
                                    "Where a batch normalisation's parameters come from; derive from it and define its methods. "
                                    "Those with a default may be left out.");
  InstanceNormalizationDataSourceClass(m, "MPSCNNInstanceNormalizationDataSource",
                                       "Where an instance normalisation's scales and biases come from; derive from it and define "
                                       "its methods. Those with a default may be left out.");
  GroupNormalizationDataSourceClass(m, "MPSCNNGroupNormalizationDataSource",
                                    "Where a group normalisation's scales and biases come from; derive from it and define its "
                                    "methods. Those with a default may be left out.");

  GraphClass(m, "MPSNNGraph", "A network made ready to run on a device.", py::dynamic_attr(), release);
}

}  // namespace mpsnn
