// Kernels made by hand: states from forward to gradient, losses, clip rectangles, channel ranges, and work that outlives the
// kernel.

#include <cmath>
#include <memory>
#include <numeric>
#include <vector>

#include "check.hpp"
#include "mpsnn/batch_normalization_weights.hpp"
#include "mpsnn/device.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/graph.hpp"
#include "mpsnn/kernels/convolution.hpp"
#include "mpsnn/kernels/dropout.hpp"
#include "mpsnn/kernels/forward_loss.hpp"
#include "mpsnn/kernels/initial_gradient.hpp"
#include "mpsnn/kernels/local_normalization.hpp"
#include "mpsnn/kernels/normalization.hpp"
#include "mpsnn/kernels/pad.hpp"
#include "mpsnn/kernels/pooling.hpp"
#include "mpsnn/kernels/reduction.hpp"
#include "mpsnn/kernels/resampling.hpp"
#include "mpsnn/kernels/reshape.hpp"
#include "mpsnn/kernels/softmax.hpp"
#include "mpsnn/kernels/yolo_loss.hpp"
#include "mpsnn/weights.hpp"

namespace {

using namespace mpsnn;
using Format = ImageFeatureChannelFormat;

ImagePtr image(std::size_t height, std::size_t width, std::size_t channels, float first, float step) {
  ImageDescriptor d;
  d.height = height;
  d.width = width;
  d.feature_channels = channels;
  d.channel_format = Format::Float32;
  auto values = std::make_shared<std::vector<float>>(height * width * channels);
  for (std::size_t i = 0; i < values->size(); ++i) (*values)[i] = first + step * float(i);
  return Image::wrap(default_device(), d, values->data(), values);
}

std::vector<float> values_of(Image& image) {
  std::vector<float> values(image.height() * image.width() * image.feature_channels());
  image.read_bytes(values.data(), values.size() * sizeof(float), {});
  return values;
}

std::shared_ptr<ConvolutionWeights> weights(std::size_t inputs = 5, std::size_t outputs = 7) {
  auto descriptor = std::make_shared<CNNConvolutionDescriptor>(3, 3, inputs, outputs);
  return std::make_shared<ConvolutionWeights>(descriptor, 1, std::vector<float>(outputs, 1.0f));
}

TEST(gradients_flow_through_states) {
  const auto queue = CommandQueue::make();
  const auto command_buffer = queue->command_buffer();
  ImagePtr gradient;
  StatePtr state;
  {
    // Everything that was recorded lives on without the kernels.
    const auto source = weights();
    CNNConvolution convolution(nullptr, source);
    CNNConvolutionGradient convolution_gradient(nullptr, source);
    CNNPoolingMax pooling(nullptr, pooling_op<PoolingMaxOp>(2));
    CNNPoolingMaxGradient pooling_gradient(nullptr, pooling_op<PoolingMaxGradientOp>(2));
    CNNDropout dropout;
    CNNDropoutGradient dropout_gradient;
    convolution_gradient.destination_image_allocator = Image::default_allocator();
    pooling.edge_mode = ImageEdgeMode::Clamp;
    const auto x = image(6, 4, 5, 0, 0.25f);
    StatePtr pooling_state, dropout_state;
    const auto y = convolution.encode_to_command_buffer(command_buffer, x, &state, false);
    std::static_pointer_cast<TemporaryImage>(y)->set_read_count(2);
    const auto z = pooling.encode_to_command_buffer(command_buffer, y, &pooling_state);
    std::static_pointer_cast<TemporaryImage>(z)->set_read_count(2);
    dropout.encode_to_command_buffer(command_buffer, z, &dropout_state);
    const auto g = image(3, 2, 7, 1, 0);
    const auto gz = dropout_gradient.encode_batch_to_command_buffer(command_buffer, {g}, {z}, {dropout_state});
    const auto gy = pooling_gradient.encode_batch_to_command_buffer(command_buffer, gz, {y}, {pooling_state});
    gradient = convolution_gradient.encode_batch_to_command_buffer(command_buffer, gy, {x}, {state})[0];
  }
  command_buffer->commit();
  command_buffer->wait_until_completed();
  const auto biases = std::static_pointer_cast<CNNConvolutionGradientState>(state)->gradient_for_biases()->floats();
  const float sum = std::accumulate(biases.begin(), biases.end(), 0.0f);
  CHECK(sum > 0 && sum <= 2 * 3 * 2 * 7);  // dropout doubles what it keeps
  CHECK_EQUAL(values_of(*gradient).size(), std::size_t(6 * 4 * 5));
}

TEST(losses_take_labels) {
  const auto queue = CommandQueue::make();
  const auto command_buffer = queue->command_buffer();
  CNNLossDescriptor descriptor;
  descriptor.loss_type = CNNLossType::MeanSquaredError;
  descriptor.reduction_type = CNNReductionType::Mean;
  NNForwardLoss forward(nullptr, descriptor);
  NNInitialGradient ones;
  NNLossGradient gradient(nullptr, descriptor);
  forward.destination_image_allocator = ones.destination_image_allocator = gradient.destination_image_allocator =
      Image::default_allocator();
  forward.attributes.descriptor.weight = 3;
  const ImageBatch predictions{image(2, 3, 4, 0, 1)}, labels{image(2, 3, 4, 2, 1)};
  StateBatch states;
  const ImageBatch loss = forward.encode_batch_to_command_buffer(command_buffer, predictions, labels, {}, &states, false);
  const ImageBatch one = ones.encode_batch_to_command_buffer(command_buffer, loss);
  const ImageBatch result = gradient.encode_batch_to_command_buffer(command_buffer, one, predictions, labels, {}, states);
  command_buffer->commit();
  command_buffer->wait_until_completed();
  CHECK_EQUAL(values_of(*loss[0])[0], 12.0f);
  for (float d : values_of(*result[0])) CHECK_EQUAL(d, -0.5f);
}

TEST(clip_rectangle_and_channels) {
  CNNSoftMax softmax;
  softmax.clip_rect = {{1, 2, 0}, {3, 2, 1}};
  softmax.offset = {-1, 4, 0};
  softmax.source_feature_channel_offset = 4;
  softmax.destination_feature_channel_offset = 8;
  const auto destination = image(6, 5, 13, 7, 0);
  const auto command_buffer = CommandQueue::make()->command_buffer();
  softmax.encode_to_command_buffer(command_buffer, image(5, 4, 9, 0, 0), StatePtr(), destination);
  command_buffer->commit();
  command_buffer->wait_until_completed();
  const std::vector<float> values = values_of(*destination);
  for (std::size_t y = 0; y < 6; ++y) {
    for (std::size_t x = 0; x < 5; ++x) {
      for (std::size_t c = 0; c < 13; ++c) {
        const bool is_written = y >= 2 && y < 4 && x >= 1 && x < 4 && c >= 8;
        CHECK_EQUAL(values[(y * 5 + x) * 13 + c], is_written ? 0.2f : 7.0f);
      }
    }
  }
}

TEST(results_of_other_sizes) {
  CropAndResizeBilinearOp halves;
  halves.resize_width = 2;
  halves.resize_height = 3;
  halves.regions = {{{0, 0, 0}, {1, 1, 0}}, {{1, 1, 0}, {-1, -1, 0}}};
  NNCropAndResizeBilinear crop(nullptr, halves);
  NNReshape reshape;
  NNReduceRowMax reduce;
  NNPad pad;
  for (CNNKernel* kernel :
       {static_cast<CNNKernel*>(&crop), static_cast<CNNKernel*>(&reshape), static_cast<CNNKernel*>(&reduce)}) {
    kernel->destination_image_allocator = Image::default_allocator();
  }
  pad.edge_mode = ImageEdgeMode::Mirror;
  pad.attributes.padding_size_before = {1, 0, 0};
  reduce.attributes.clip_rect_source = {{0, 1, 0}, {2, 1, 1}};
  ReshapeOp size;
  size.result_height = 2;
  size.result_width = 3;
  const auto x = image(3, 2, 1, 0, 1);
  const auto command_buffer = CommandQueue::make()->command_buffer();
  const auto crops = crop.encode_to_command_buffer(command_buffer, x);
  const auto reshaped = reshape.encode_to_command_buffer(command_buffer, x, size);
  const auto padded = pad.encode_to_command_buffer(command_buffer, x);
  const auto largest = reduce.encode_to_command_buffer(command_buffer, padded);
  command_buffer->commit();
  command_buffer->wait_until_completed();
  CHECK_EQUAL(crops->number_of_images(), std::size_t(2));
  const ImageView view = crops->view();
  const auto* second = static_cast<const float*>(view.data) + view.image_stride;
  for (std::size_t i = 0; i < 6; ++i) CHECK_EQUAL(second[i], float(5 - i));
  CHECK_EQUAL(reshaped->width(), std::size_t(3));
  CHECK_EQUAL(values_of(*reshaped)[4], 4.0f);
  CHECK_EQUAL(values_of(*largest)[0], 3.0f);  // of 3, 2, 3, which the region cuts to two
}

TEST(graphs_hold_no_filter_without_a_node) {
  const auto node = std::make_shared<KernelOnlyNode<ResizeBilinearOp>>(std::make_shared<NNImageNode>(), ResizeBilinearOp());
  CHECK_THROWS(Unsupported, "MPSNNResizeBilinear: a graph cannot hold this filter", NNGraph(node->result_image()));
}

TEST(losses_go_into_the_labels) {
  CNNLossDescriptor squares;
  squares.loss_type = CNNLossType::MeanSquaredError;
  squares.reduction_type = CNNReductionType::Mean;
  const auto command_buffer = CommandQueue::make()->command_buffer();
  const mtl::Size one{1, 1, 1};
  const auto labels = std::make_shared<CNNLossLabels>(one, image(2, 3, 4, 1, 1)),
             objects = std::make_shared<CNNLossLabels>(one, image(1, 1, 6, 1, 0));
  const auto gradient = image(2, 3, 4, 0, 0), box_gradient = image(1, 1, 6, 0, 0);
  {
    // Everything that was recorded lives on without the kernels.
    CNNLoss loss(nullptr, squares);
    loss.encode_to_command_buffer(command_buffer, image(2, 3, 4, 4, 1), labels, gradient);
    CNNYOLOLossDescriptor boxes({CNNLossType::MeanSquaredError, CNNLossType::MeanSquaredError, CNNLossType::MeanSquaredError,
                                 CNNLossType::MeanSquaredError, CNNReductionType::Sum},
                                {1, 1}, 1);
    boxes.rescore = false;
    CNNYOLOLoss box_loss(nullptr, boxes);
    CHECK(box_loss.loss_wh()->descriptor().loss_type == CNNLossType::MeanSquaredError);
    box_loss.encode_to_command_buffer(command_buffer, image(1, 1, 6, 0, 0), objects, box_gradient);
    CHECK_THROWS(ShapeError, "MPSCNNLoss", loss.encode_to_command_buffer(command_buffer, image(2, 2, 4, 4, 1), labels));
  }
  command_buffer->commit();
  command_buffer->wait_until_completed();
  CHECK_EQUAL(values_of(*labels->loss_image())[0], 9.0f);
  CHECK_EQUAL(values_of(*gradient)[5], 6.0f);
  // sigmoid(0) is 1/2 off in x and y, the size right but for 1e-5, confidence and class 1 off.
  CHECK(std::fabs(values_of(*objects->loss_image())[0] - (10 * 2 * 0.25f + 100 + 2)) < 1e-4f);
  CHECK_EQUAL(values_of(*box_gradient)[0], 10 * 2 * -0.5f * 0.25f);
  CHECK_EQUAL(values_of(*box_gradient)[4], -200.0f);
}

TEST(statistics_in_a_state) {
  const auto source = std::make_shared<BatchNormalizationWeights>(5);
  StatePtr made;
  const auto queue = CommandQueue::make();
  const auto command_buffer = queue->command_buffer();
  const auto x = image(3, 4, 5, 0, 1), y = image(2, 6, 5, 60, 1), g = image(3, 4, 5, 1, 0), result = image(3, 4, 5, 7, 0);
  ImageBatch gradient;
  {
    CNNBatchNormalization kernel(nullptr, source);
    CNNBatchNormalizationStatistics statistics;
    CNNBatchNormalizationStatisticsGradient sums;
    CNNBatchNormalizationGradient gradient_kernel;
    gradient_kernel.destination_image_allocator = Image::default_allocator();
    made = kernel.result_state_for_source_image(x, result);
    const auto state = std::static_pointer_cast<CNNBatchNormalizationState>(made);
    statistics.encode_batch_to_command_buffer(command_buffer, {x}, state);
    statistics.encode_batch_to_command_buffer(command_buffer, {y}, state);
    kernel.encode_to_command_buffer(command_buffer, x, state, result);
    sums.encode_batch_to_command_buffer(command_buffer, {g}, {x}, state);
    gradient = gradient_kernel.encode_batch_to_command_buffer(command_buffer, {g}, {x}, state);
  }
  command_buffer->commit();
  command_buffer->wait_until_completed();
  const auto state = std::static_pointer_cast<CNNBatchNormalizationState>(made);
  // Channel c counts c, c + 5, ... c + 115.
  for (std::size_t c = 0; c < 5; ++c) {
    CHECK_EQUAL(state->mean()->floats()[c], 57.5f + float(c));
    CHECK_EQUAL(state->variance()->floats()[c], 25 * (24.0f * 24 - 1) / 12);
    CHECK_EQUAL(state->gradient_for_beta()->floats()[c], 12.0f);
  }
  CHECK_EQUAL(values_of(*gradient.at(0)).size(), std::size_t(3 * 4 * 5));
  // The kernel was no shared object: the state makes another one of the same parameters.
  CHECK(state->batch_normalization()->data_source() == source);
}

TEST(constants_of_a_gradient_kernel) {
  CNNCrossChannelNormalization kernel(nullptr, 3);
  CNNCrossChannelNormalizationGradient gradient(nullptr, 3);
  kernel.attributes.beta = gradient.normalization().beta = 0;
  gradient.destination_image_allocator = kernel.destination_image_allocator = Image::default_allocator();
  const auto x = image(2, 3, 4, 0, 1), g = image(2, 3, 4, 5, 0.5f);
  const auto command_buffer = CommandQueue::make()->command_buffer();
  StatePtr state;
  kernel.encode_to_command_buffer(command_buffer, x, &state, false);
  const auto made = gradient.encode_batch_to_command_buffer(command_buffer, {g}, {x}, {state});
  command_buffer->commit();
  command_buffer->wait_until_completed();
  CHECK(values_of(*made.at(0)) == values_of(*g));
}

TEST(a_transposed_convolution_mirrors) {
  const auto source = weights();
  CNNConvolution convolution(nullptr, source);
  CNNConvolutionTranspose transpose(nullptr, weights(7, 5));
  transpose.destination_image_allocator = Image::default_allocator();
  const auto command_buffer = CommandQueue::make()->command_buffer();
  StatePtr state;
  const auto y = convolution.encode_to_command_buffer(command_buffer, image(6, 4, 5, 0, 0.25f), &state, false);
  const auto mirrored = std::static_pointer_cast<CNNConvolutionGradientState>(state);
  const auto made = transpose.encode_batch_to_command_buffer(command_buffer, {y}, {mirrored}, nullptr, false);
  command_buffer->commit();
  command_buffer->wait_until_completed();
  CHECK_EQUAL(made.at(0)->height(), std::size_t(6));
  CHECK_EQUAL(made.at(0)->width(), std::size_t(4));
}

TEST(refusals_leave_nothing_recorded) {
  CNNSoftMax softmax;
  const auto x = image(2, 3, 4, 0, 1), narrow = image(2, 3, 3, 0, 0);
  const auto command_buffer = CommandQueue::make()->command_buffer();
  CHECK_THROWS(InvalidArgument, "memory of a source", softmax.encode_to_command_buffer(command_buffer, x, StatePtr(), x));
  CHECK_THROWS(ShapeError, "MPSCNNSoftMax", softmax.encode_to_command_buffer(command_buffer, x, StatePtr(), narrow));
  CHECK_THROWS(InvalidArgument, "MPSCNNPoolingMax: kernel_width", CNNPoolingMax(nullptr, pooling_op<PoolingMaxOp>(0)));
  command_buffer->commit();
  command_buffer->wait_until_completed();
}

}  // namespace
