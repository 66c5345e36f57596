#include "mpsnn/nodes/convolution.hpp"

#include "bind_node.hpp"
#include "data.hpp"
#include "mpsnn/error.hpp"

namespace mpsnn {

namespace {

using Descriptor = CNNConvolutionDescriptor;
using WeightsState = CNNConvolutionWeightsAndBiasesState;
using BufferPtr = std::shared_ptr<Buffer>;

constexpr const char* kDescriptorInit = "All four are positive, or InvalidArgumentError is raised.";

template <class T>
auto def_descriptor_init(T& cls) {
  return cls.def(py::init<std::size_t, std::size_t, std::size_t, std::size_t>(), "kernel_width"_a, py::kw_only(),
                 "kernel_height"_a, "input_feature_channels"_a, "output_feature_channels"_a, kDescriptorInit);
}

std::vector<float> values_of(const std::optional<ArrayLike>& array, const char* name) {
  return array ? floats_from(*array, std::string("MPSCNNConvolutionDescriptor: ") + name) : std::vector<float>{};
}

void bind_descriptors(py::module_& m) {
  py::classh<Descriptor> descriptor(m, "MPSCNNConvolutionDescriptor",
                                    R"(The sizes of a convolution, and what follows it in the same
kernel: inference batch normalisation, then an activation.

The filters are arrays of output_feature_channels x kernel_height x kernel_width x (input_feature_channels / groups). `groups`
divides both channel counts, or making a graph raises InvalidArgumentError; so do zeros.)");
  def_descriptor_init(descriptor)
      .def_readwrite("kernel_width", &Descriptor::kernel_width, "Width of a filter in taps.")
      .def_readwrite("kernel_height", &Descriptor::kernel_height, "Height of a filter in taps.")
      .def_readwrite("input_feature_channels", &Descriptor::input_feature_channels, "Channels of the source that are read.")
      .def_readwrite("output_feature_channels", &Descriptor::output_feature_channels, "Number of filters.")
      .def_readwrite("stride_in_pixels_x", &Descriptor::stride_in_pixels_x,
                     "Horizontal step in source pixels, 1 at first; a transposed convolution enlarges by it.")
      .def_readwrite("stride_in_pixels_y", &Descriptor::stride_in_pixels_y,
                     "Vertical step in source pixels, 1 at first; a transposed convolution enlarges by it.")
      .def_readwrite("groups", &Descriptor::groups, "Groups of channels that do not see one another, 1 at first.")
      .def_readwrite("dilation_rate_x", &Descriptor::dilation_rate_x, "Horizontal distance between taps in pixels, 1 at first.")
      .def_readwrite("dilation_rate_y", &Descriptor::dilation_rate_y, "Vertical distance between taps in pixels, 1 at first.")
      .def_property(
          "fused_neuron_descriptor", &Descriptor::fused_neuron_descriptor, &Descriptor::set_fused_neuron_descriptor,
          "Activation of the result; type None at first, and when set to None. For inference: a filter that is trained must "
          "have its activation in a node of its own.")
      .def(
          "set_neuron_to_prelu_with_parameters_a",
          [](Descriptor& self, const ArrayLike& a) {
            auto values = floats_from_data(a, "a");
            if (values.size() != self.output_feature_channels) {
              throw InvalidArgument("a: expected " + std::to_string(self.output_feature_channels) + " values, got " +
                                    std::to_string(values.size()));
            }
            self.set_neuron_to_prelu_with_parameters_a(std::move(values));
          },
          "a"_a,
          "Makes the activation PReLU: x where x >= 0, else a[i] * x, i the filter. `a` has output_feature_channels numbers, an "
          "array or bytes of packed float32, copied; raises InvalidArgumentError for another length.")
      .def(
          "set_batch_normalization_parameters_for_inference_with_mean",
          [](Descriptor& self, const std::optional<ArrayLike>& mean, const std::optional<ArrayLike>& variance,
             const std::optional<ArrayLike>& gamma, const std::optional<ArrayLike>& beta, float epsilon) {
            self.set_batch_normalization_parameters_for_inference_with_mean(
                values_of(mean, "mean"), values_of(variance, "variance"), values_of(gamma, "gamma"), values_of(beta, "beta"),
                epsilon);
          },
          "mean"_a, "variance"_a, "gamma"_a, "beta"_a, "epsilon"_a, R"(Folds a batch normalisation into weights and biases:

    y = gamma * (convolution + bias - mean) / sqrt(variance + epsilon) + beta

Arrays of output_feature_channels numbers, copied. None stands for mean 0, variance 1, gamma 1, beta 0; four times None removes the
normalisation. Raises InvalidArgumentError for other lengths. For inference only.)");

  py::classh<CNNSubPixelConvolutionDescriptor, Descriptor> sub_pixel(
      m, "MPSCNNSubPixelConvolutionDescriptor", R"(A convolution whose result channels become blocks of pixels. With r =
sub_pixel_scale_factor and N = output_feature_channels, an H x W x N result is rearranged to rH x rW x N / r^2:

    y[i, j, c] = result[i // r, j // r, N / r^2 * (r * (i % r) + j % r) + c]

the order of TensorFlow's depth_to_space. Shi et al., "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel
Convolutional Neural Network", 2016. There is no gradient.)");
  def_descriptor_init(sub_pixel).def_property(
      "sub_pixel_scale_factor", &CNNSubPixelConvolutionDescriptor::sub_pixel_scale_factor,
      &CNNSubPixelConvolutionDescriptor::set_sub_pixel_scale_factor,
      "r, 1 at first. Its square divides output_feature_channels, or making a graph raises InvalidArgumentError.");

  py::classh<CNNDepthWiseConvolutionDescriptor, Descriptor> depthwise(
      m, "MPSCNNDepthWiseConvolutionDescriptor",
      "A convolution in which every source channel k has filters of its own: result channel k * channel_multiplier + q is filter "
      "q of "
      "channel k. The weights are an array of output_feature_channels x kernel_height x kernel_width; groups stays 1.");
  def_descriptor_init(depthwise).def_property_readonly("channel_multiplier",
                                                       &CNNDepthWiseConvolutionDescriptor::channel_multiplier,
                                                       "output_feature_channels / input_feature_channels.");
}

std::shared_ptr<WeightsState> make_weights_state(const BufferPtr& weights, std::size_t weights_offset, const BufferPtr& biases,
                                                 std::size_t biases_offset, const Descriptor* descriptor) {
  if (!descriptor) {
    if (!weights)
      throw InvalidArgument("MPSCNNConvolutionWeightsAndBiasesState: weights or cnn_convolution_descriptor is needed");
    if (weights_offset != 0 || biases_offset != 0) {
      throw InvalidArgument("MPSCNNConvolutionWeightsAndBiasesState: offsets need cnn_convolution_descriptor");
    }
    return std::make_shared<WeightsState>(weights, biases);
  }
  if (weights) return std::make_shared<WeightsState>(weights, weights_offset, biases, biases_offset, *descriptor);
  if (biases || weights_offset != 0 || biases_offset != 0) {
    throw InvalidArgument("MPSCNNConvolutionWeightsAndBiasesState: weights is missing");
  }
  return std::make_shared<WeightsState>(*descriptor);
}

void bind_states(py::module_& m) {
  using GradientState = CNNConvolutionGradientState;
  py::classh<GradientState, NNGradientState>(m, "MPSCNNConvolutionGradientState", R"(The weight gradients of one batch, and the
settings of the filter that was run forward. The buffers hold float32 sums over all images of the batch, to be read when the command
buffer has completed.)")
      .def_property_readonly(
          "gradient_for_weights", [](const GradientState& self) { return self.gradient_for_weights(); },
          "Buffer of output channels x kernel height x kernel width x (input channels / groups) numbers; depthwise without the "
          "last.")
      .def_property_readonly(
          "gradient_for_biases", [](const GradientState& self) { return self.gradient_for_biases(); },
          "Buffer of a number for each output channel; also when the filter has no biases.")
      .def_property_readonly("gradient_for_weights_layout", &GradientState::gradient_for_weights_layout, "OHWI, the only one.")
      .def_property_readonly("source_width", &GradientState::source_width, "Width of the forward filter's source in pixels.")
      .def_property_readonly("source_height", &GradientState::source_height, "Height of the forward filter's source in pixels.")
      .def_property_readonly(
          "convolution", &GradientState::convolution,
          "The MPSCNNConvolution that made the state, or one that shares the parameters of the graph that did; of "
          "a device's own convolutions its window, offset and edge mode. None for a transposed convolution that "
          "mirrors none.");

  using TransposeState = CNNConvolutionTransposeGradientState;
  py::classh<TransposeState, GradientState>(m, "MPSCNNConvolutionTransposeGradientState",
                                            "The weight gradients of a transposed convolution for one batch.")
      .def_property_readonly("convolution_transpose", &TransposeState::convolution_transpose,
                             "The MPSCNNConvolutionTranspose that made the state; see `convolution`.");

  py::classh<WeightsState, State>(m, "MPSCNNConvolutionWeightsAndBiasesState",
                                  "Weights and biases of a convolution, float32, in the order of its data source.")
      .def(py::init([](const BufferPtr& weights, std::size_t weights_offset, const BufferPtr& biases, std::size_t biases_offset,
                       const std::shared_ptr<Descriptor>& descriptor, const DeviceArgument&) {
             return make_weights_state(weights, weights_offset, biases, biases_offset, descriptor.get());
           }),
           "weights"_a = py::none(), py::kw_only(), "weights_offset"_a = 0, "biases"_a = py::none(), "biases_offset"_a = 0,
           "cnn_convolution_descriptor"_a = py::none(), "device"_a = py::none(),
           "Holds the buffers, or, given a descriptor alone, new ones of the right size. Offsets are in bytes. Raises "
           "InvalidArgumentError where a buffer is too short for the descriptor or an offset is not a multiple of 4.")
      .def_static(
          "temporary_cnn_convolution_weights_and_biases_state",
          [](const std::shared_ptr<CommandBuffer>& command_buffer, const Descriptor& descriptor) {
            return WeightsState::temporary_cnn_convolution_weights_and_biases_state(command_buffer, descriptor);
          },
          "command_buffer"_a.none(false), "cnn_convolution_descriptor"_a.none(false),
          "A state with new buffers that belongs to one command buffer.")
      .def_property_readonly(
          "weights", [](const WeightsState& self) { return self.weights(); }, "Buffer of the weights.")
      .def_property_readonly("biases", &WeightsState::biases, "Buffer of the biases, or None.")
      .def_property_readonly("weights_offset", &WeightsState::weights_offset,
                             "Where the weights begin in their buffer, in bytes.")
      .def_property_readonly("biases_offset", &WeightsState::biases_offset, "Where the biases begin in their buffer, in bytes.");
}

constexpr const char* kWeights =
    "`weights` is read when a graph is made from the node; its descriptor gives the sizes. Making the graph raises "
    "InvalidArgumentError where they do not fit, encoding raises ShapeError where the source has too few feature channels.";
constexpr const char* kGradientWeights =
    "`weights` None stands for the forward filter's. Making a graph raises GraphError where the descriptor has a fused "
    "activation, "
    "batch normalisation or sub-pixels.";

void bind_nodes(py::module_& m) {
  py::classh<CNNConvolutionGradientStateNode, NNGradientStateNode>(m, "MPSCNNConvolutionGradientStateNode",
                                                                   "The place of a convolution's gradient state in a graph.");
  py::classh<CNNConvolutionTransposeGradientStateNode, CNNConvolutionGradientStateNode>(
      m, "MPSCNNConvolutionTransposeGradientStateNode", "The place of a transposed convolution's gradient state in a graph.");

  bind_node<CNNConvolutionNode, NNFilterNode, NNTrainableNode>(m, "MPSCNNConvolutionNode",
                                                               R"(Convolution: weighted sums of the pixels in a window.

H x W x I to H' x W' x O; filters are not flipped (cross-correlation):

    y[i, j, o] = f(b[o] + sum over ky, kx, c of w[o, ky, kx, c] * x[t + sy * i + dy * ky, l + sx * j + dx * kx, c])

s is the stride, d the dilation rate; (t, l), usually negative, is where the padding policy puts the first window; pixels outside are
0. With groups the sum goes over the channels of o's group. f is the descriptor's activation. Sums are float32.

In PyTorch:

    stride, dilation = (stride_in_pixels_y, stride_in_pixels_x), (dilation_rate_y, dilation_rate_x)
    groups = input_feature_channels // weights.shape[1]
    y = f(F.conv2d(F.pad(x, padding), weights, biases, stride, 0, dilation, groups))

Open: groups of channels that are no multiples of 4. Any number of groups that divides both channel counts works.
Open: a channel_multiplier above 1 in a depthwise descriptor. It works, forward and backward.
Open: the default policy. It is SizeSame, with the odd pixel at the top and left.
Open: activations, batch normalisation and sub-pixels in the descriptor of a filter that is trained. Making a graph with the
gradient raises GraphError.

weights: where weights, biases and descriptor come from; O x kH x kW x I numbers.)")
      .def(py::init<ImageNodePtr, ConvolutionSourcePtr>(), "source"_a.none(false), py::kw_only(), "weights"_a.none(false),
           kWeights)
      .def_readwrite(
          "accumulator_precision", &CNNConvolutionNode::accumulator_precision,
          "Precision of the sums: Float, the default, or Half, which allows less but is computed as Float here. Weights of "
          "kernel type Float32 need Float.")
      .def_property_readonly(
          "convolution_gradient_state", [](CNNConvolutionNode& self) { return or_none(self.convolution_gradient_state()); },
          "The state for the gradient filter; the same as `result_state`. None for binary filters, which have no gradient.");

  bind_node<CNNFullyConnectedNode, CNNConvolutionNode>(m, "MPSCNNFullyConnectedNode",
                                                       R"(Fully connected layer: weighted sums of the whole image.

H x W x C to 1 x 1 x O:

    y[o] = f(b[o] + sum over i, j, c of w[o, i, j, c] * x[i, j, c])

In PyTorch:

    y = f(F.linear(x.flatten(1), weights.flatten(1), biases)[:, :, None, None])

kernel_height x kernel_width of the descriptor is the size of the source, else encoding raises ShapeError; strides, dilation rates and
groups are 1.)")
      .def(py::init<ImageNodePtr, ConvolutionSourcePtr>(), "source"_a.none(false), py::kw_only(), "weights"_a.none(false),
           kWeights);

  bind_node<CNNConvolutionTransposeNode, CNNConvolutionNode>(m, "MPSCNNConvolutionTransposeNode",
                                                             R"(Transposed convolution: a convolution that enlarges.

H x W x I to H' x W' x O: the source is enlarged by stride - 1 zeros between its pixels, then filters slide over it in steps of 1,

    y[i, j, o] = f(b[o] + sum over ky, kx, c of w[o, ky, kx, c] * z[t + i + dy * ky, l + j + dx * kx, c]),  z[sy * i, sx * j] = x[i, j]

Under the default policy the result is (H - 1) * sy + 1 high. Filters are not turned: those of frameworks that scatter (PyTorch,
TensorFlow) must be rotated by 180 degrees. Weights are float32.

In PyTorch:

    stride, dilation = (stride_in_pixels_y, stride_in_pixels_x), (dilation_rate_y, dilation_rate_x)
    groups = input_feature_channels // weights.shape[1]
    turned = weights.unflatten(0, (groups, -1)).transpose(1, 2).flatten(0, 1).flip(2, 3)
    full = F.conv_transpose2d(x, turned, None, stride, groups=groups, dilation=dilation)
    wide, high = dilation_rate_x * (kernel_width - 1), dilation_rate_y * (kernel_height - 1)
    left, right, top, bottom = padding
    y = f(F.pad(full, (left - wide, right - wide, top - high, bottom - high)) + biases.view(-1, 1, 1))

where padding is what the policy puts around the enlarged source.

Open: dilation. Taps lie dilation rates apart in the enlarged source, as in the transpose of a dilated convolution.
Open: activations and batch normalisation in the descriptor. They work as in a convolution.
Open: how a convolution's gradient state places the windows. The transpose is the mirror of that convolution.

weights: where weights, biases and descriptor come from; O x kH x kW x I numbers. convolution_gradient_state: result state of the
convolution whose source's size the result gets; None leaves the size to the policy.)")
      .def(py::init<ImageNodePtr, std::shared_ptr<CNNConvolutionGradientStateNode>, ConvolutionSourcePtr>(),
           "source"_a.none(false), py::kw_only(), "convolution_gradient_state"_a = py::none(), "weights"_a.none(false),
           "With `convolution_gradient_state` the result has the size of that convolution's source, and mirrors its windows.");

  bind_node<CNNConvolutionGradientNode, NNGradientFilterNode, NNTrainableNode>(m, "MPSCNNConvolutionGradientNode",
                                                                               R"(The gradient of a convolution.

H' x W' x O to H x W x I:

    d[v, u, c] = sum over o and the taps (i, j, ky, kx) that read pixel (v, u) of w[o, ky, kx, c] * g[i, j, o]

The state gets the gradients of weights and biases, summed over the batch; with training_style UpdateDeviceNone they are not computed,
and 0 in a state that is exported. `training_style` is the forward filter's at first.

In PyTorch:

    d, gradient_for_weights, gradient_for_biases = torch.autograd.grad(y, (x, weights, biases), g)

Open: edge mode Clamp. The gradient of pixels outside the image is dropped; that of the weights reads them.
Open: whether weight gradients are computed with training_style UpdateDeviceNone. They are not: an exported state has zeros.
Open: biases when the data source has none. Their gradient is computed all the same.

convolution_gradient_state: the forward filter's result state. weights: the data source to update; None stands for the forward
filter's.)")
      .def(py::init<ImageNodePtr, ImageNodePtr, std::shared_ptr<CNNConvolutionGradientStateNode>, ConvolutionSourcePtr>(),
           "source_gradient"_a.none(false), "source_image"_a.none(false), py::kw_only(),
           "convolution_gradient_state"_a.none(false), "weights"_a = py::none(), kGradientWeights);

  bind_node<CNNFullyConnectedGradientNode, CNNConvolutionGradientNode>(m, "MPSCNNFullyConnectedGradientNode",
                                                                       R"(The gradient of a fully connected layer.

1 x 1 x O to H x W x C, and the gradients of weights and biases as in MPSCNNConvolutionGradientNode:

    d[i, j, c] = sum over o of w[o, i, j, c] * g[o]

In PyTorch:

    d, gradient_for_weights, gradient_for_biases = torch.autograd.grad(y, (x, weights, biases), g))")
      .def(py::init<ImageNodePtr, ImageNodePtr, std::shared_ptr<CNNConvolutionGradientStateNode>, ConvolutionSourcePtr>(),
           "source_gradient"_a.none(false), "source_image"_a.none(false), py::kw_only(),
           "convolution_gradient_state"_a.none(false), "weights"_a = py::none(), kGradientWeights);

  bind_node<CNNConvolutionTransposeGradientNode, CNNConvolutionGradientNode>(m, "MPSCNNConvolutionTransposeGradientNode",
                                                                             R"(The gradient of a transposed convolution.

H' x W' x O to H x W x I, and the gradients of weights and biases as in MPSCNNConvolutionGradientNode:

    d[v, u, c] = sum over o and the taps (i, j, ky, kx) that read pixel (v, u) of w[o, ky, kx, c] * g[i, j, o]

In PyTorch:

    d, gradient_for_weights, gradient_for_biases = torch.autograd.grad(y, (x, weights, biases), g)

convolution_transpose_gradient_state: the forward filter's result state.)")
      .def(
          py::init<ImageNodePtr, ImageNodePtr, std::shared_ptr<CNNConvolutionTransposeGradientStateNode>, ConvolutionSourcePtr>(),
          "source_gradient"_a.none(false), "source_image"_a.none(false), py::kw_only(),
          "convolution_transpose_gradient_state"_a.none(false), "weights"_a = py::none(), kGradientWeights);
}

}  // namespace

void bind_convolution(py::module_& m) {
  bind_descriptors(m);
  bind_states(m);
  bind_nodes(m);
}

}  // namespace mpsnn
