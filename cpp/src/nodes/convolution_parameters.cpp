#include "nodes/convolution_parameters.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <typeinfo>

#include "core/checked.hpp"
#include "core/convert.hpp"
#include "mpsnn/convolution_weights.hpp"
#include "mpsnn/device.hpp"
#include "mpsnn/error.hpp"

namespace mpsnn {

namespace {

using Descriptor = CNNConvolutionDescriptor;

std::string name_of(DataType type) {
  switch (type) {
    case DataType::Float32:
      return "Float32";
    case DataType::Float16:
      return "Float16";
    case DataType::UInt8:
      return "UInt8";
    case DataType::UInt32:
      return "UInt32";
    default:
      return "data type " + std::to_string(std::uint32_t(type));
  }
}

/// "O*kH*kW*I/groups = 2*3*3*4 = 72", to show what was expected.
std::string count_formula(const Descriptor& d) {
  std::string product;
  std::size_t count = 1;
  for (std::size_t extent : d.weights_shape()) {
    product += (product.empty() ? "" : "*") + std::to_string(extent);
    count *= extent;
  }
  return std::string(d.channel_multiplier() ? "O*kH*kW = " : "O*kH*kW*I/groups = ") + product + " = " + std::to_string(count);
}

std::size_t weight_count(const Descriptor& d) {
  std::size_t count = 1;
  for (std::size_t extent : d.weights_shape()) count *= extent;
  return count;
}

void round_to_halves(float* values, std::size_t count) {
  std::uint16_t halves[512];
  for (std::size_t i = 0; i < count; i += std::size(halves)) {
    const std::size_t part = std::min(std::size(halves), count - i);
    store_floats(halves, values + i, ImageFeatureChannelFormat::Float16, part);
    load_floats(values + i, halves, ImageFeatureChannelFormat::Float16, part);
  }
}

/// Rows of bits, each from a new word on, to -1 and 1.
void unpack(const std::byte* words, std::size_t row, std::size_t rows, float* to) {
  for (std::size_t r = 0; r < rows; ++r) {
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < row; ++i) {
      if (i % 32 == 0) {
        std::memcpy(&word, words, sizeof word);
        words += sizeof word;
      }
      *to++ = (word >> i % 32 & 1) ? 1.0f : -1.0f;
    }
  }
}

}  // namespace

/// The arrays of a loaded source.
struct ConvolutionParameters::Reading {
  std::span<const std::byte> weights;
  std::span<const float> biases, ranges, table;
  DataType data_type = DataType::Float32, kernel_data_type = DataType::Float32;
};

ConvolutionParameters::ConvolutionParameters(ConvolutionSourcePtr source, ConvolutionKind kind,
                                             NNConvolutionAccumulatorPrecisionOption precision, std::string node,
                                             const LowerRequest& request)
    : source_(std::move(source)), kind_(kind), precision_(precision), node_(std::move(node)) {
  parameters.resize(2);
  weights().name = "weights";
  biases().name = "biases";
  read(true, request)();
}

void ConvolutionParameters::refuse(const std::string& what) const { throw InvalidArgument(node_ + ": " + what); }

void ConvolutionParameters::check_descriptor(const Descriptor& d) const {
  // Larger numbers would overflow the arithmetic of windows.
  constexpr std::size_t kLimit = std::numeric_limits<std::int32_t>::max();
  const auto check = [&](const char* name, std::size_t value) {
    if (value == 0) refuse(std::string(name) + " must be positive, got 0");
    if (value > kLimit) refuse(std::string(name) + " is too large, got " + std::to_string(value));
  };
  check("kernel_width", d.kernel_width);
  check("kernel_height", d.kernel_height);
  check("input_feature_channels", d.input_feature_channels);
  check("output_feature_channels", d.output_feature_channels);
  check("stride_in_pixels_x", d.stride_in_pixels_x);
  check("stride_in_pixels_y", d.stride_in_pixels_y);
  check("groups", d.groups);
  check("dilation_rate_x", d.dilation_rate_x);
  check("dilation_rate_y", d.dilation_rate_y);
  check("sub_pixel_scale_factor", d.sub_pixel_scale_factor());
  const auto must_divide = [&](const char* name, std::size_t value, const std::string& other_name, std::size_t other) {
    if (other % value != 0) {
      refuse(std::string(name) + " " + std::to_string(value) + " does not divide " + other_name + " " + std::to_string(other));
    }
  };
  if (const auto* depthwise = dynamic_cast<const CNNDepthWiseConvolutionDescriptor*>(&d)) {
    if (depthwise->groups != 1) refuse("groups must be 1 for a depthwise convolution, got " + std::to_string(d.groups));
    must_divide("input_feature_channels", d.input_feature_channels, "output_feature_channels", d.output_feature_channels);
    if (kind_ != ConvolutionKind::Convolution) refuse("a depthwise descriptor is for convolution nodes only");
  }
  must_divide("groups", d.groups, "input_feature_channels", d.input_feature_channels);
  must_divide("groups", d.groups, "output_feature_channels", d.output_feature_channels);
  if (const std::size_t r = d.sub_pixel_scale_factor(); r != 1) {
    if (kind_ != ConvolutionKind::Convolution) refuse("a sub-pixel descriptor is for convolution nodes only");
    if (r > kLimit / r || d.output_feature_channels % (r * r) != 0) {
      refuse("output_feature_channels " + std::to_string(d.output_feature_channels) +
             " is not divisible by the square of sub_pixel_scale_factor " + std::to_string(r));
    }
  }
  if (is_binary(kind_)) {
    if (d.groups != 1) refuse("groups must be 1 for a binary filter, got " + std::to_string(d.groups));
    if (d.batch_normalization()) {
      refuse("a binary filter takes no batch normalization parameters; its scale and bias terms can do the same");
    }
  }
  if (is_fully_connected(kind_)) {
    const auto must_be_1 = [&](const char* name, std::size_t value) {
      if (value != 1) refuse(std::string(name) + " must be 1 for a fully connected filter, got " + std::to_string(value));
    };
    must_be_1("stride_in_pixels_x", d.stride_in_pixels_x);
    must_be_1("stride_in_pixels_y", d.stride_in_pixels_y);
    must_be_1("dilation_rate_x", d.dilation_rate_x);
    must_be_1("dilation_rate_y", d.dilation_rate_y);
    must_be_1("groups", d.groups);
  }
  checked_product({d.output_feature_channels, d.kernel_height, d.kernel_width, d.input_feature_channels, sizeof(float)},
                  node_ + ": the size of the weights in bytes");
  check_neuron(*d.fused_neuron_descriptor(), d.output_feature_channels, node_);
  if (const auto& normalization = d.batch_normalization()) {
    const auto check_length = [&](const char* name, const std::vector<float>& values) {
      if (!values.empty() && values.size() != d.output_feature_channels) {
        refuse(std::string("the batch normalization's ") + name + " has " + std::to_string(values.size()) +
               " elements, output_feature_channels is " + std::to_string(d.output_feature_channels));
      }
    };
    check_length("mean", normalization->mean);
    check_length("variance", normalization->variance);
    check_length("gamma", normalization->gamma);
    check_length("beta", normalization->beta);
  }
}

ConvolutionParameters::Reading ConvolutionParameters::read_arrays(const Descriptor& d) {
  // The order of the calls is a promise to data sources.
  Reading reading;
  reading.data_type = source_->data_type();
  reading.kernel_data_type = source_->kernel_weights_data_type();
  const bool is_float32 = reading.data_type == DataType::Float32;
  if (!is_float32 &&
      (kind_ == ConvolutionKind::Transpose || (reading.data_type != DataType::Float16 && reading.data_type != DataType::UInt8))) {
    refuse("data_type must be " + std::string(kind_ == ConvolutionKind::Transpose ? "Float32" : "Float32, Float16 or UInt8") +
           ", got " + name_of(reading.data_type));
  }
  if (reading.kernel_data_type != DataType::Float16 && !(is_float32 && reading.kernel_data_type == DataType::Float32)) {
    refuse("kernel_weights_data_type must be " + std::string(is_float32 ? "Float16 or Float32" : "Float16") + " for data_type " +
           name_of(reading.data_type) + ", got " + name_of(reading.kernel_data_type));
  }
  if (reading.kernel_data_type == DataType::Float32 && precision_ != NNConvolutionAccumulatorPrecisionOption::Float) {
    refuse("accumulator_precision must be Float when kernel_weights_data_type is Float32");
  }
  if (reading.data_type == DataType::UInt8) {
    const auto quantization = source_->weights_quantization_type();
    if (quantization == CNNWeightsQuantizationType::None) {
      refuse("weights_quantization_type must be Linear or LookupTable for data_type UInt8, got None");
    }
    if (!quantization || *quantization == CNNWeightsQuantizationType::Linear) reading.ranges = source_->ranges_for_uint8_kernel();
    if (!quantization ? reading.ranges.empty() : *quantization == CNNWeightsQuantizationType::LookupTable) {
      reading.table = source_->lookup_table_for_uint8_kernel();
    }
    if (reading.ranges.empty() && reading.table.empty()) {
      refuse(!quantization ? "data_type UInt8 needs ranges_for_uint8_kernel or lookup_table_for_uint8_kernel"
             : *quantization == CNNWeightsQuantizationType::Linear ? "ranges_for_uint8_kernel is missing"
                                                                   : "lookup_table_for_uint8_kernel is missing");
    }
    if (!reading.ranges.empty() && reading.ranges.size() != 2 * d.output_feature_channels) {
      refuse("ranges_for_uint8_kernel has " + std::to_string(reading.ranges.size()) + " elements, expected 2 for each of the " +
             std::to_string(d.output_feature_channels) + " output feature channels");
    }
    if (!reading.table.empty() && reading.table.size() != 256) {
      refuse("lookup_table_for_uint8_kernel has " + std::to_string(reading.table.size()) + " elements, expected 256");
    }
  }
  reading.weights = source_->weights();
  const std::size_t element = is_float32 ? 4 : reading.data_type == DataType::Float16 ? 2 : 1;
  if (!reading.weights.data()) refuse("weights is missing");
  if (reading.weights.size() != weight_count(d) * element) {
    const std::size_t bytes = reading.weights.size();
    refuse("weights has " +
           (bytes % element == 0 ? std::to_string(bytes / element) + " elements"
                                 : std::to_string(bytes) + " bytes of " + name_of(reading.data_type)) +
           ", expected " + count_formula(d));
  }
  read_biases(d, reading);
  return reading;
}

ConvolutionParameters::Reading ConvolutionParameters::read_words(const Descriptor& d) {
  Reading reading;
  reading.data_type = DataType::UInt32;
  reading.kernel_data_type = DataType::Float32;
  reading.weights = source_->binary_weights();
  if (!reading.weights.data()) refuse("weights is missing");
  const std::size_t words = d.output_feature_channels * d.kernel_height * d.kernel_width * ((d.input_feature_channels + 31) / 32);
  if (reading.weights.size() != words * sizeof(std::uint32_t)) {
    refuse("weights has " + std::to_string(reading.weights.size()) +
           " bytes, expected O*kH*kW*ceil(I/32) = " + std::to_string(words) + " words of 4 bytes");
  }
  read_biases(d, reading);
  return reading;
}

void ConvolutionParameters::read_biases(const Descriptor& d, Reading& reading) {
  reading.biases = source_->bias_terms();
  if (!reading.biases.empty() && reading.biases.size() != d.output_feature_channels) {
    refuse("bias_terms has " + std::to_string(reading.biases.size()) + " elements, output_feature_channels is " +
           std::to_string(d.output_feature_channels));
  }
}

void ConvolutionParameters::convert(const Reading& reading, const Descriptor& d, float* weights, float* biases) const {
  const std::size_t outputs = d.output_feature_channels, each = weight_count(d) / outputs;
  const std::byte* from = reading.weights.data();
  switch (reading.data_type) {
    case DataType::Float16:
      load_floats(weights, from, ImageFeatureChannelFormat::Float16, outputs * each);
      break;
    case DataType::UInt8: {
      float table[256];
      if (!reading.table.empty()) std::copy(reading.table.begin(), reading.table.end(), table);
      for (std::size_t o = 0; o < outputs; ++o) {
        if (reading.table.empty()) {
          const float low = reading.ranges[2 * o], high = reading.ranges[2 * o + 1];
          for (int q = 0; q < 256; ++q) table[q] = low + (float(q) / 255.0f) * (high - low);
        }
        for (std::size_t i = o * each; i < (o + 1) * each; ++i) weights[i] = table[std::to_integer<std::size_t>(from[i])];
      }
      break;
    }
    case DataType::UInt32:
      unpack(from, d.input_feature_channels, outputs * each / d.input_feature_channels, weights);
      break;
    default:
      std::memcpy(weights, from, outputs * each * sizeof(float));
  }
  if (biases) {
    if (reading.biases.empty()) {
      std::fill_n(biases, outputs, 0.0f);
    } else {
      std::copy(reading.biases.begin(), reading.biases.end(), biases);
    }
  }
  if (const auto& n = d.batch_normalization()) {
    for (std::size_t o = 0; o < outputs; ++o) {
      const auto value = [o](const std::vector<float>& values, float neutral) { return values.empty() ? neutral : values[o]; };
      const float scale = value(n->gamma, 1) / std::sqrt(value(n->variance, 1) + n->epsilon);
      const float shift = value(n->beta, 0) - scale * value(n->mean, 0);
      for (std::size_t i = o * each; i < (o + 1) * each; ++i) weights[i] *= scale;
      biases[o] = biases[o] * scale + shift;
    }
  }
  if (reading.kernel_data_type == DataType::Float16 && (reading.data_type != DataType::Float16 || d.batch_normalization())) {
    round_to_halves(weights, outputs * each);
  }
}

std::function<void()> ConvolutionParameters::read(bool with_descriptor, const LowerRequest& request) {
  auto loaded = std::make_unique<LoadedSource>(source_, node_);
  std::shared_ptr<Descriptor> descriptor = descriptor_;
  if (with_descriptor) {
    const auto given = source_->descriptor();
    if (!given) refuse("the data source's descriptor is missing");
    descriptor = given->copy();
    check_descriptor(*descriptor);
  }
  const Reading reading = is_binary(kind_) ? read_words(*descriptor) : read_arrays(*descriptor);
  const std::size_t outputs = descriptor->output_feature_channels, count = weight_count(*descriptor);
  const bool has_biases = !reading.biases.empty() || descriptor->batch_normalization();
  const auto room = [](std::shared_ptr<Buffer>& spare, std::size_t n) {
    if (spare && spare.use_count() == 1 && spare->length() == n * sizeof(float)) return std::move(spare);
    return std::make_shared<Buffer>(n * sizeof(float));
  };
  bool is_own_memory = false;
  const Loan loan = borrow(reading, *descriptor, request.settles);
  std::shared_ptr<Buffer> new_weights = loan.weights, new_biases = loan.biases;
  const bool is_borrowed = new_weights != nullptr;
  {
    std::lock_guard lock(reload_mutex_);
    is_own_memory = is_shared_ && reinterpret_cast<const std::byte*>(weights().values->data()) == reading.weights.data();
    if (!is_own_memory && !is_borrowed) {
      new_weights = room(spare_weights_, count);
      if (has_biases) new_biases = room(spare_biases_, outputs);
    }
  }
  if (!is_own_memory && !is_borrowed) {
    convert(reading, *descriptor, new_weights->floats().data(), has_biases ? new_biases->floats().data() : nullptr);
  }
  std::string label = source_->label();
  if (request.keeps_sources_loaded) {
    loaded_source = std::move(loaded);
  } else {
    loaded->purge();
  }
  return [=, this, data_type = reading.data_type, kernel_data_type = reading.kernel_data_type] {
    std::lock_guard lock(reload_mutex_);
    if (!is_own_memory) {
      const bool is_own = !is_shared_ && !weights().is_borrowed;
      spare_weights_ = is_own ? std::move(weights().values) : nullptr;
      spare_biases_ = is_own ? std::move(biases().values) : nullptr;
      weights().values = new_weights;
      biases().values = new_biases;
      weights().is_borrowed = biases().is_borrowed = is_borrowed;
      is_shared_ = false;
      is_settled_ = !loan.must_settle;
    }
    data_type_ = data_type;
    kernel_data_type_ = kernel_data_type;
    if (with_descriptor) descriptor_ = descriptor;
    label_ = label;
    weights().count = count;
    biases().count = outputs;
    ++weights().version;
    ++biases().version;
  };
}

ConvolutionParameters::Loan ConvolutionParameters::borrow(const Reading& reading, const Descriptor& d, bool settles) const {
  if (reading.data_type != DataType::Float32 || reading.kernel_data_type != DataType::Float32) return {};
  if (d.batch_normalization()) return {};
  auto* source = dynamic_cast<ConvolutionWeights*>(source_.get());
  if (!source) return {};
  auto lent = source->constant_parameters();
  const bool is_constant = !lent.empty();
  if (!is_constant && settles) lent = source->shared_parameters();
  const auto is_read = [](const std::shared_ptr<Buffer>& buffer, const auto& array) {
    return array.empty() ? !buffer : buffer && buffer->data() == static_cast<const void*>(array.data());
  };
  if (lent.size() != 2 || !is_read(lent[0], reading.weights) || !is_read(lent[1], reading.biases)) return {};
  return {lent[0], lent[1], !is_constant};
}

void ConvolutionParameters::settle() {
  if (is_settled_) return;
  is_settled_ = true;
  if (is_shared_) return;
  for (Parameter& parameter : parameters) {
    if (!parameter.values) continue;
    const auto source = parameter.values;
    // Somebody may have begun to train it while other filters were lowered: half of an update is refused.
    const void* values = source->is_pending() ? source->cpu_access() : source->data();
    parameter.make_writable();
    std::memcpy(parameter.values->data(), values, source->length());
  }
}

void ConvolutionParameters::share_with_source() {
  if (is_shared_ || data_type_ != DataType::Float32 || kernel_data_type_ != DataType::Float32) return;
  if (descriptor_->batch_normalization()) return;
  const auto lent = source_->shared_parameters();
  if (lent.empty() || !lent[0] || lent[0]->length() != weights().count * sizeof(float)) return;
  const auto lent_biases = lent.size() > 1 ? lent[1] : nullptr;
  if (bool(lent_biases) != bool(biases().values)) return;
  weights().values = lent[0];
  biases().values = lent_biases;
  weights().is_borrowed = biases().is_borrowed = false;
  spare_weights_ = spare_biases_ = nullptr;
  seen_writes_ = lent[0]->write_count();
  is_shared_ = true;
}

void ConvolutionParameters::refresh() {
  if (!is_shared_) return;
  // Another graph that trains the same source has written it.
  const std::uint64_t writes = weights().values->write_count();
  if (writes == seen_writes_) return;
  seen_writes_ = writes;
  ++weights().version;
  ++biases().version;
}

std::shared_ptr<CNNConvolutionWeightsAndBiasesState> ConvolutionParameters::source_state(
    const std::shared_ptr<CommandBuffer>& command_buffer) {
  if (is_shared_) return std::make_shared<CNNConvolutionWeightsAndBiasesState>(weights().values, biases().values);
  auto to_weights = std::make_shared<Buffer>(weights().count * sizeof(float));
  auto to_biases = biases().values ? std::make_shared<Buffer>(biases().count * sizeof(float)) : nullptr;
  auto state = std::make_shared<CNNConvolutionWeightsAndBiasesState>(to_weights, to_biases);
  std::vector<std::shared_ptr<Buffer>> writes{to_weights};
  if (to_biases) writes.push_back(to_biases);
  command_buffer->record(
      [self = shared_from_this(), to_weights, to_biases] {
        std::memcpy(to_weights->data(), self->weights().values->data(), to_weights->length());
        if (to_biases) std::memcpy(to_biases->data(), self->biases().values->data(), to_biases->length());
      },
      std::move(writes));
  return state;
}

void ConvolutionParameters::check_state(const CNNConvolutionWeightsAndBiasesState& state) const {
  const auto check = [&](const char* name, const Buffer& buffer, std::size_t offset, std::size_t count) {
    if (offset > buffer.length() || buffer.length() - offset < count * sizeof(float)) {
      refuse(std::string("the state with new values has ") +
             std::to_string((buffer.length() - std::min(offset, buffer.length())) / sizeof(float)) + " " + name + ", expected " +
             std::to_string(count));
    }
  };
  check("weights", *state.weights(), state.weights_offset(), parameters[0].count);
  if (const auto buffer = state.biases()) check("biases", *buffer, state.biases_offset(), parameters[1].count);
}

bool ConvolutionParameters::updates_at_once() const {
  const DataSource& source = *source_;
  return typeid(source) == typeid(ConvolutionWeights);  // classes derived from it may keep what they like
}

std::vector<StatePtr> ConvolutionParameters::update_with_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                                        const StateBatch& gradient_states) {
  auto gradient = std::dynamic_pointer_cast<CNNConvolutionGradientState>(gradient_states.front());
  if (!gradient) refuse("the gradient state is not a convolution's");
  // The callback reads the state once; whoever else was promised it still finds its own count.
  if (gradient->is_temporary()) gradient->set_read_count(gradient->read_count() + 1);
  auto state = source_->update_with_command_buffer(command_buffer, gradient, source_state(command_buffer));
  if (!state) return {};
  check_state(*state);
  state->check_readable(node_);
  state->consume_read();
  return {std::move(state)};
}

void ConvolutionParameters::reload(State& given) {
  auto& state = dynamic_cast<CNNConvolutionWeightsAndBiasesState&>(given);
  const auto take = [](Parameter& to, const std::shared_ptr<Buffer>& from, std::size_t offset) {
    to.make_writable();
    const void* source = static_cast<const std::byte*>(from->data()) + offset;
    if (source != to.values->data()) std::memcpy(to.values->data(), source, to.count * sizeof(float));
  };
  take(weights(), state.weights(), state.weights_offset());
  if (const auto from = state.biases()) take(biases(), from, state.biases_offset());
  if (kernel_data_type_ == DataType::Float16) round_to_halves(weights().values->floats().data(), weights().count);
  ++weights().version;
  ++biases().version;
}

void ConvolutionParameters::prepare_update_on_cpu(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                  const StateBatch& gradient_states) {
  auto state = source_state(command_buffer);
  std::lock_guard lock(exports_mutex_);
  std::erase_if(exports_, [](const auto& entry) { return entry.first.expired(); });
  exports_.emplace_back(gradient_states.front(), std::move(state));
}

bool ConvolutionParameters::update_on_cpu(const StateBatch& gradient_states) {
  std::shared_ptr<CNNConvolutionWeightsAndBiasesState> source_state;
  {
    std::lock_guard lock(exports_mutex_);
    const auto found = std::find_if(exports_.begin(), exports_.end(),
                                    [&](const auto& entry) { return entry.first.lock() == gradient_states.front(); });
    if (found == exports_.end()) return false;
    source_state = std::move(found->second);
    exports_.erase(found);
  }
  auto gradient = std::dynamic_pointer_cast<CNNConvolutionGradientState>(gradient_states.front());
  if (!gradient) return false;
  if (gradient->is_temporary() && gradient->read_count() > 0) gradient->set_read_count(gradient->read_count() + 1);
  return source_->update_with_gradient_state(gradient, source_state);
}

}  // namespace mpsnn
