#include "mpsnn/convolution_weights.hpp"

#include <cmath>
#include <cstring>

#include "core/checked.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/nodes/convolution.hpp"
#include "mpsnn/optimizer.hpp"

namespace mpsnn {

namespace {

std::size_t element_size(DataType type) {
  switch (type) {
    case DataType::Float32:
    case DataType::UInt32:
      return 4;
    case DataType::Float16:
      return 2;
    case DataType::UInt8:
      return 1;
    default:
      throw InvalidArgument("ConvolutionWeights: weights must be float32, float16, uint8 or uint32, got data type " +
                            std::to_string(std::uint32_t(type)));
  }
}

std::size_t weight_count(const std::vector<std::size_t>& shape) {
  std::size_t count = 1;
  for (std::size_t extent : shape) count = checked_product({count, extent}, "ConvolutionWeights");
  return count;
}

/// SplitMix64 (Steele, Lea, Flood, 2014).
std::uint64_t next_random(std::uint64_t& state) {
  std::uint64_t z = state += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

/// Reading while encoded work writes would see half of an update. A write that failed or was dropped leaves the old values.
void* readable(Buffer& buffer) { return buffer.is_pending() ? buffer.cpu_access() : buffer.data(); }

std::shared_ptr<Buffer> duplicate(const std::shared_ptr<Buffer>& buffer) {
  if (!buffer) return nullptr;
  auto copy = std::make_shared<Buffer>(buffer->length());
  std::memcpy(copy->data(), readable(*buffer), buffer->length());
  return copy;
}

std::vector<std::shared_ptr<Buffer>> duplicate(const std::vector<std::shared_ptr<Buffer>>& buffers) {
  std::vector<std::shared_ptr<Buffer>> copies;
  for (const auto& buffer : buffers) copies.push_back(duplicate(buffer));
  return copies;
}

}  // namespace

ConvolutionWeights::ConvolutionWeights(std::shared_ptr<CNNConvolutionDescriptor> descriptor, std::uint64_t seed,
                                       std::span<const float> biases, ConvolutionWeightsOptions options)
    : descriptor_(std::move(descriptor)), data_type_(DataType::Float32), options_(std::move(options)) {
  if (!descriptor_) throw InvalidArgument("ConvolutionWeights: descriptor is missing");
  const std::size_t count = weight_count(descriptor_->weights_shape());
  weights_ = std::make_shared<Buffer>(count * sizeof(float));
  const std::size_t inputs = count / std::max<std::size_t>(descriptor_->output_feature_channels, 1);
  const float limit = float(std::sqrt(6.0 / double(std::max<std::size_t>(inputs, 1))));
  for (float& w : weights_->floats()) w = limit * (2 * (float(next_random(seed) >> 40) * 0x1p-24f) - 1);
  check_and_prepare(biases);
}

ConvolutionWeights::ConvolutionWeights(std::shared_ptr<CNNConvolutionDescriptor> descriptor, std::span<const std::byte> weights,
                                       DataType data_type, std::span<const float> biases, ConvolutionWeightsOptions options)
    : descriptor_(std::move(descriptor)), data_type_(data_type), options_(std::move(options)) {
  if (!descriptor_) throw InvalidArgument("ConvolutionWeights: descriptor is missing");
  const bool is_binary = data_type == DataType::UInt32;
  const auto extents = is_binary ? descriptor_->binary_weights_shape() : descriptor_->weights_shape();
  const std::size_t element = element_size(data_type), count = weight_count(extents);
  if (weights.size() != count * element) {
    std::string shape;
    const char* formula = is_binary                           ? "O*kH*kW*ceil(I/32) = "
                          : descriptor_->channel_multiplier() ? "O*kH*kW = "
                                                              : "O*kH*kW*I/groups = ";
    for (std::size_t extent : extents) shape += (shape.empty() ? "" : "*") + std::to_string(extent);
    throw InvalidArgument("ConvolutionWeights: weights has " + std::to_string(weights.size() / element) + " elements, expected " +
                          formula + shape + " = " + std::to_string(count));
  }
  weights_ = std::make_shared<Buffer>(weights.size());
  std::memcpy(weights_->data(), weights.data(), weights.size());
  check_and_prepare(biases);
}

void ConvolutionWeights::check_and_prepare(std::span<const float> biases) {
  const std::size_t outputs = descriptor_->output_feature_channels;
  if (!biases.empty()) {
    if (biases.size() != outputs) {
      throw InvalidArgument("ConvolutionWeights: biases has " + std::to_string(biases.size()) +
                            " elements, output_feature_channels is " + std::to_string(outputs));
    }
    biases_ = std::make_shared<Buffer>(biases.size_bytes());
    std::memcpy(biases_->data(), biases.data(), biases.size_bytes());
  }
  if (!options_.optimizer) return;
  if (data_type_ != DataType::Float32) throw InvalidArgument("ConvolutionWeights: an optimizer needs float32 weights");
  options_.optimizer = options_.optimizer->copy();
  for (std::size_t i = 0; i < options_.optimizer->state_vector_count(); ++i) {
    weights_moments_.push_back(std::make_shared<Buffer>(weights_->length()));
    if (biases_) biases_moments_.push_back(std::make_shared<Buffer>(biases_->length()));
  }
}

ConvolutionWeights::ConvolutionWeights(const ConvolutionWeights& other)
    : CNNConvolutionDataSource(other),
      descriptor_(other.descriptor_->copy()),
      data_type_(other.data_type_),
      options_(other.options_),
      weights_(duplicate(other.weights_)),
      biases_(duplicate(other.biases_)),
      weights_moments_(duplicate(other.weights_moments_)),
      biases_moments_(duplicate(other.biases_moments_)) {
  if (options_.optimizer) options_.optimizer = options_.optimizer->copy();
}

ConvolutionWeights::~ConvolutionWeights() = default;

std::shared_ptr<DataSource> ConvolutionWeights::copy() const {
  return std::shared_ptr<DataSource>(new ConvolutionWeights(*this));
}

bool ConvolutionWeights::updates(NNTrainingStyle style) const {
  return options_.optimizer && style != NNTrainingStyle::UpdateDeviceNone;
}

// Graphs that compute with the arrays keep them as they are.
void ConvolutionWeights::make_writable() {
  std::lock_guard lock(mutex_);
  if (is_writable_) return;
  is_writable_ = true;
  for (auto* array : {&weights_, &biases_}) {
    if (array->use_count() > 1) *array = duplicate(*array);
  }
}

std::shared_ptr<Buffer> ConvolutionWeights::weights_buffer() {
  make_writable();
  return weights_;
}

std::shared_ptr<Buffer> ConvolutionWeights::biases_buffer() {
  make_writable();
  return biases_;
}

std::span<const std::byte> ConvolutionWeights::weights() {
  std::lock_guard lock(mutex_);
  return {static_cast<const std::byte*>(readable(*weights_)), weights_->length()};
}

std::span<const std::byte> ConvolutionWeights::binary_weights() {
  if (data_type_ != DataType::UInt32) throw InvalidArgument("ConvolutionWeights: a binary filter needs weights of type uint32");
  return weights();
}

std::span<const float> ConvolutionWeights::bias_terms() {
  std::lock_guard lock(mutex_);
  if (!biases_) return {};
  return {static_cast<const float*>(readable(*biases_)), biases_->length() / sizeof(float)};
}

DataType ConvolutionWeights::kernel_weights_data_type() {
  return options_.kernel_weights_data_type.value_or(data_type_ == DataType::Float32 ? DataType::Float32 : DataType::Float16);
}

std::optional<CNNWeightsQuantizationType> ConvolutionWeights::weights_quantization_type() {
  if (data_type_ != DataType::UInt8) return CNNWeightsQuantizationType::None;
  if (!options_.ranges.empty()) return CNNWeightsQuantizationType::Linear;
  if (!options_.lookup_table.empty()) return CNNWeightsQuantizationType::LookupTable;
  return std::nullopt;
}

std::vector<NNOptimizerPart> ConvolutionWeights::parts(const CNNConvolutionGradientState& gradient_state) const {
  std::vector<NNOptimizerPart> parts{{gradient_state.gradient_for_weights(), weights_, weights_moments_}};
  if (biases_) parts.push_back({gradient_state.gradient_for_biases(), biases_, biases_moments_});
  return parts;
}

std::shared_ptr<CNNConvolutionWeightsAndBiasesState> ConvolutionWeights::update_with_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<CNNConvolutionGradientState>& gradient_state,
    const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& source_state) {
  if (!options_.optimizer) return nullptr;
  // The arrays are updated, not the source state: where the kernel rounds them, these are the precise ones.
  options_.optimizer->encode_update(command_buffer, parts(*gradient_state));
  gradient_state->consume_read();
  source_state->consume_read();
  return std::make_shared<CNNConvolutionWeightsAndBiasesState>(weights_, biases_);
}

bool ConvolutionWeights::update_with_gradient_state(const std::shared_ptr<CNNConvolutionGradientState>& gradient_state,
                                                    const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>&) {
  if (!options_.optimizer) return false;
  options_.optimizer->update(parts(*gradient_state));
  return true;
}

std::vector<std::shared_ptr<Buffer>> ConvolutionWeights::shared_parameters() {
  if (data_type_ != DataType::Float32) return {};
  make_writable();
  return {weights_, biases_};
}

std::vector<std::shared_ptr<Buffer>> ConvolutionWeights::constant_parameters() {
  if (data_type_ != DataType::Float32 || options_.optimizer) return {};
  std::lock_guard lock(mutex_);
  if (is_writable_) return {};
  return {weights_, biases_};
}

}  // namespace mpsnn
