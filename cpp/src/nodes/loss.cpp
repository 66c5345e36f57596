#include "mpsnn/nodes/loss.hpp"

#include <cmath>
#include <cstring>
#include <utility>

#include "core/checked.hpp"
#include "mpsnn/error.hpp"
#include "nodes/node_table.hpp"

namespace mpsnn {

namespace {

std::string text_of(const mtl::Size& size) {
  return "(" + std::to_string(size.width) + ", " + std::to_string(size.height) + ", " + std::to_string(size.depth) + ")";
}

ImageShape shape_of(const Image& image) { return {image.height(), image.width(), image.feature_channels()}; }

ImageDescriptor descriptor_of(const mtl::Size& size, const char* what) {
  if (size.width == 0 || size.height == 0 || size.depth == 0) {
    throw InvalidArgument(std::string("MPSCNNLossLabels: ") + what + " must be positive (width, height, depth), got " +
                          text_of(size));
  }
  ImageDescriptor descriptor;
  descriptor.width = size.width;
  descriptor.height = size.height;
  descriptor.feature_channels = size.depth;
  descriptor.channel_format = ImageFeatureChannelFormat::Float32;
  return descriptor;
}

ImagePtr image_of(const CNNLossDataDescriptor& data, const std::shared_ptr<Device>& device) {
  auto image = std::make_shared<Image>(device, descriptor_of(data.size, "size"));
  data.copy_to(static_cast<float*>(image->view().data));
  return image;
}

ImageBatch images_of(std::size_t count, const mtl::Size& size, std::span<const float> values, const char* what,
                     const std::shared_ptr<Device>& device) {
  const ImageDescriptor descriptor = descriptor_of(size, "size");
  const std::size_t wanted =
      checked_product({count, size.width, size.height, size.depth}, "MPSCNNLossLabels: the number of values");
  if (values.size() != wanted) {
    throw ShapeError(std::string("MPSCNNLossLabels: ") + what + " must be " + std::to_string(wanted) + " values, got " +
                     std::to_string(values.size()));
  }
  ImageBatch images = Image::make_batch(device, descriptor, count);
  std::memcpy(images[0]->view().data, values.data(), wanted * sizeof(float));  // the images follow one another
  return images;
}

}  // namespace

void CNNLossDescriptor::visit(AttributeVisitor& visitor) {
  visitor("loss_type", loss_type);
  visitor("reduction_type", reduction_type);
  visitor("reduce_across_batch", reduce_across_batch);
  visitor("weight", weight);
  visitor("label_smoothing", label_smoothing);
  visitor("number_of_classes", number_of_classes);
  visitor("epsilon", epsilon);
  visitor("delta", delta);
}

std::string CNNLossDescriptor::problem() const {
  if (loss_type >= CNNLossType::Count) return "loss_type " + std::to_string(std::size_t(loss_type)) + " is not a loss";
  if (int(reduction_type) < 0 || reduction_type >= CNNReductionType::Count) {
    return "reduction_type " + std::to_string(int(reduction_type)) + " is not a reduction";
  }
  if (loss_type == CNNLossType::CosineDistance && reduction_type != CNNReductionType::Sum) {
    return "the cosine distance is one number for an image: reduction_type must be Sum (1), got " +
           std::to_string(int(reduction_type));
  }
  if (loss_type == CNNLossType::SoftMaxCrossEntropy && label_smoothing > 0 && number_of_classes == 0) {
    return "number_of_classes must be positive where label_smoothing is used, got 0";
  }
  return "";
}

CNNLossDataDescriptor::CNNLossDataDescriptor(std::vector<float> values, DataLayout layout, const mtl::Size& size)
    : data(std::make_shared<const std::vector<float>>(std::move(values))), layout(layout), size(size) {
  const std::size_t count =
      checked_product({size.width, size.height, size.depth, sizeof(float)}, "MPSCNNLossDataDescriptor: size") / 4;
  if (count == 0)
    throw InvalidArgument("MPSCNNLossDataDescriptor: size must be positive (width, height, depth), got " + text_of(size));
  if (data->size() < count) {
    throw InvalidArgument("MPSCNNLossDataDescriptor: size " + text_of(size) + " takes " + std::to_string(count) +
                          " values, data has " + std::to_string(data->size()));
  }
  const bool is_planar = layout == DataLayout::FeatureChannelsxHeightxWidth;
  bytes_per_row = size.width * (is_planar ? 1 : size.depth) * sizeof(float);
  bytes_per_image = size.height * bytes_per_row;
}

void CNNLossDataDescriptor::copy_to(float* values) const {
  const bool is_planar = layout == DataLayout::FeatureChannelsxHeightxWidth;
  const std::size_t row = size.width * (is_planar ? 1 : size.depth) * sizeof(float), planes = is_planar ? size.depth : 1;
  const std::string what = "MPSCNNLossDataDescriptor: the bytes that the strides span";
  const std::size_t end =
      checked_product({planes - 1, bytes_per_image}, what) + checked_product({size.height - 1, bytes_per_row}, what) + row;
  if (end > data->size() * sizeof(float)) {
    throw InvalidArgument("MPSCNNLossDataDescriptor: bytes_per_row " + std::to_string(bytes_per_row) + " and bytes_per_image " +
                          std::to_string(bytes_per_image) + " span " + std::to_string(end) + " bytes, data has " +
                          std::to_string(data->size() * sizeof(float)));
  }
  const auto* bytes = reinterpret_cast<const std::byte*>(data->data());
  for (std::size_t y = 0; y < size.height; ++y) {
    float* to = values + y * size.width * size.depth;
    if (!is_planar) {
      std::memcpy(to, bytes + y * bytes_per_row, row);
      continue;
    }
    for (std::size_t c = 0; c < size.depth; ++c) {
      const std::byte* from = bytes + c * bytes_per_image + y * bytes_per_row;
      for (std::size_t x = 0; x < size.width; ++x) std::memcpy(to + x * size.depth + c, from + x * sizeof(float), sizeof(float));
    }
  }
}

CNNLossLabels::CNNLossLabels(const CNNLossDataDescriptor& labels, const CNNLossDataDescriptor* weights,
                             const mtl::Size& loss_image_size, std::shared_ptr<Device> device)
    : CNNLossLabels(loss_image_size, image_of(labels, device), weights ? image_of(*weights, device) : nullptr, device) {}

CNNLossLabels::CNNLossLabels(const mtl::Size& loss_image_size, ImagePtr labels_image, ImagePtr weights_image,
                             std::shared_ptr<Device> device)
    : loss_image_(std::make_shared<Image>(std::move(device), descriptor_of(loss_image_size, "loss_image_size"))),
      labels_image_(std::move(labels_image)),
      weights_image_(std::move(weights_image)) {
  check_images();
}

std::vector<std::shared_ptr<CNNLossLabels>> CNNLossLabels::batch(std::size_t count, const mtl::Size& size,
                                                                 std::span<const float> labels, std::span<const float> weights,
                                                                 const mtl::Size& loss_image_size,
                                                                 std::shared_ptr<Device> device) {
  if (count == 0) throw InvalidArgument("MPSCNNLossLabels: a batch has at least one image, got 0");
  const ImageBatch label_images = images_of(count, size, labels, "labels", device);
  const ImageBatch weight_images = weights.empty() ? ImageBatch(count) : images_of(count, size, weights, "weights", device);
  std::vector<std::shared_ptr<CNNLossLabels>> all;
  all.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back(std::make_shared<CNNLossLabels>(loss_image_size, label_images[i], weight_images[i], device));
  }
  return all;
}

void CNNLossLabels::check_images() const {
  if (!labels_image_) throw InvalidArgument("MPSCNNLossLabels: labels_image is missing");
  if (labels_image_->number_of_images() != 1) {
    throw InvalidArgument("MPSCNNLossLabels: labels are of one image, labels_image has " +
                          std::to_string(labels_image_->number_of_images()));
  }
  if (!weights_image_) return;
  if (shape_of(*weights_image_) != shape_of(*labels_image_) || weights_image_->number_of_images() != 1) {
    throw ShapeError("MPSCNNLossLabels: the weights are " + to_string(shape_of(*weights_image_)) + ", the labels " +
                     to_string(shape_of(*labels_image_)) + " (height x width x channels); they must be alike");
  }
}

Inferred LossBaseOp::infer(const InferRequest& request) const { return {request.sources[0], {}}; }

std::vector<StateDescriptor> LossBaseOp::states(const StateRequest& request) const {
  const bool is_whole = reduction() == CNNReductionType::None;
  return {{"loss", DataType::Float32, is_whole ? request.sources[0].count() : 1, true}};
}

void check_labels_fit(const ImageShape& source, const ImageShape& labels, const std::string& node) {
  if (labels.height == source.height && labels.width == source.width && labels.channels >= source.channels) return;
  throw ShapeError(node + ": the labels are " + to_string(labels) + ", the source is " + to_string(source) +
                   " (height x width x channels); labels have the source's height and width and at least its channels");
}

void LossBaseOp::check_labels(const ImageShape& source, const ImageShape& labels, const ImageShape& loss,
                              const std::string& node) const {
  check_labels_fit(source, labels, node);
  const bool is_whole = reduction() == CNNReductionType::None;
  const ImageShape wanted = is_whole ? source : ImageShape{1, 1, 1};
  if (loss != wanted) {
    throw ShapeError(node + ": the loss image of the labels is " + to_string(loss) + ", this reduction_type " +
                     (is_whole ? "(None) " : "") + "needs " + to_string(wanted) + " (height x width x channels)");
  }
}

CNNLossNode::CNNLossNode(ImageNodePtr source, const CNNLossDescriptor& d) : LossNodeOf(std::move(source), LossOp(d)) {
  if (const std::string problem = d.problem(); !problem.empty()) refuse(problem);
}

void register_loss_nodes(NodeTable& table) {
  table.add("MPSCNNLossNode", [](const NodeInputs& in) -> FilterNodePtr {
    in.expect(1, 1);
    return std::make_shared<CNNLossNode>(in.images[0], in.op<LossOp>().descriptor);
  });
}

}  // namespace mpsnn
