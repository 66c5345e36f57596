#include "graph/saved_source.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <span>
#include <utility>

#include "mpsnn/error.hpp"
#include "mpsnn/nodes/convolution.hpp"
#include "mpsnn/nodes/instance_normalization.hpp"
#include "mpsnn/nodes/normalization.hpp"
#include "mpsnn/optimizer.hpp"
#include "mpsnn/weights.hpp"
#include "nodes/convolution_parameters.hpp"
#include "nodes/normalization_parameters.hpp"
#include "nodes/saved_attributes.hpp"

namespace mpsnn {

namespace {

constexpr const char* kConvolutionWeights = "convolution_weights";
constexpr const char* kBatchNormalizationWeights = "batch_normalization_weights";
constexpr const char* kFrozenConvolution = "frozen_convolution";
constexpr const char* kFrozenBinaryConvolution = "frozen_binary_convolution";
constexpr const char* kFrozenBatchNormalization = "frozen_batch_normalization";
constexpr const char* kInstanceNormalizationWeights = "instance_normalization_weights";
constexpr const char* kGroupNormalizationWeights = "group_normalization_weights";
constexpr const char* kFrozenInstanceNormalization = "frozen_instance_normalization";
constexpr const char* kFrozenGroupNormalization = "frozen_group_normalization";
constexpr const char* kStatistics[] = {"gamma", "beta", "mean", "variance"};

// Arrays ------------------------------------------------------------------------------------------------------------

/// Work that failed or was dropped left the old values; work that is still to come may be half done.
std::vector<float> read(Buffer& buffer) {
  const auto* values = static_cast<const float*>(buffer.is_pending() ? buffer.cpu_access() : buffer.data());
  return {values, values + buffer.length() / sizeof(float)};
}

std::string array_name(const char* name, std::size_t moment) { return std::string(name) + "." + std::to_string(moment); }

void save_moments(SavedArrays& arrays, const char* name, const std::vector<std::shared_ptr<Buffer>>& moments) {
  for (std::size_t i = 0; i < moments.size(); ++i) arrays[array_name(name, i)] = read(*moments[i]);
}

/// The arrays of one saved source, each to be taken once.
class Arrays {
 public:
  Arrays(const SavedArrays& arrays, const std::string& owner) : arrays_(arrays), owner_(owner) {}

  /// Null where it is missing.
  const std::vector<float>* find(const std::string& name) {
    const auto found = arrays_.find(name);
    if (found == arrays_.end()) return nullptr;
    ++taken_;
    return &found->second;
  }
  const std::vector<float>& at(const std::string& name, std::size_t count) {
    const auto* array = find(name);
    if (!array) throw GraphError(owner_ + ": the array \"" + name + "\" is missing");
    if (array->size() != count) {
      throw GraphError(owner_ + ": the array \"" + name + "\" has " + std::to_string(array->size()) + " values, expected " +
                       std::to_string(count));
    }
    return *array;
  }
  void restore(const char* name, const std::vector<std::shared_ptr<Buffer>>& moments) {
    for (std::size_t i = 0; i < moments.size(); ++i) {
      const auto& values = at(array_name(name, i), moments[i]->length() / sizeof(float));
      std::ranges::copy(values, moments[i]->floats().begin());
    }
  }
  void finish() const {
    if (taken_ != arrays_.size()) {
      throw GraphError(owner_ + ": has " + std::to_string(arrays_.size()) + " arrays, of which " + std::to_string(taken_) +
                       " belong to it");
    }
  }

 private:
  const SavedArrays& arrays_;
  const std::string& owner_;
  std::size_t taken_ = 0;
};

// Optimizers --------------------------------------------------------------------------------------------------------

constexpr const char* kDescent = "MPSNNOptimizerStochasticGradientDescent";
constexpr const char* kRMSProp = "MPSNNOptimizerRMSProp";
constexpr const char* kAdam = "MPSNNOptimizerAdam";

/// What the optimizers of all classes are made from; each class shows its own part.
struct OptimizerForm {
  std::string class_name, label;
  KernelOptions options = KernelOptions::None;
  NNOptimizerDescriptor descriptor;
  float momentum_scale = 0, epsilon = 0;
  bool use_nesterov_momentum = false;
  double decay = 0, beta1 = 0, beta2 = 0;
  std::size_t time_step = 0;

  void visit(AttributeVisitor& v) {
    v("label", label);
    v("options", options);
    v("learning_rate", descriptor.learning_rate);
    v("gradient_rescale", descriptor.gradient_rescale);
    v("apply_gradient_clipping", descriptor.apply_gradient_clipping);
    v("gradient_clip_max", descriptor.gradient_clip_max);
    v("gradient_clip_min", descriptor.gradient_clip_min);
    v("regularization_type", descriptor.regularization_type);
    v("regularization_scale", descriptor.regularization_scale);
    if (class_name == kDescent) {
      v("momentum_scale", momentum_scale);
      v("use_nesterov_momentum", use_nesterov_momentum);
    } else if (class_name == kRMSProp) {
      v("decay", decay);
      v("epsilon", epsilon);
    } else {
      v("beta1", beta1);
      v("beta2", beta2);
      v("epsilon", epsilon);
      v("time_step", time_step);
    }
  }
};

}  // namespace

SavedOptimizer save_optimizer(const NNOptimizer& optimizer) {
  OptimizerForm form;
  form.class_name = optimizer.class_name();
  form.label = optimizer.label;
  form.options = optimizer.options;
  form.descriptor = optimizer.descriptor();
  if (const auto* descent = dynamic_cast<const NNOptimizerStochasticGradientDescent*>(&optimizer)) {
    form.momentum_scale = descent->momentum_scale();
    form.use_nesterov_momentum = descent->use_nesterov_momentum();
  } else if (const auto* rmsprop = dynamic_cast<const NNOptimizerRMSProp*>(&optimizer)) {
    form.decay = rmsprop->decay();
    form.epsilon = rmsprop->epsilon();
  } else if (const auto* adam = dynamic_cast<const NNOptimizerAdam*>(&optimizer)) {
    form.beta1 = adam->beta1();
    form.beta2 = adam->beta2();
    form.epsilon = adam->epsilon();
    form.time_step = adam->time_step;
  } else {
    throw InvalidArgument("MPSNNGraph: an optimizer of class " + form.class_name + " cannot be saved");
  }
  return {form.class_name, collect_attributes([&](AttributeVisitor& v) { form.visit(v); })};
}

std::shared_ptr<NNOptimizer> restore_optimizer(const SavedOptimizer& saved, const std::string& owner, bool may_lack) {
  const std::string name = owner + ", optimizer " + saved.class_name;
  OptimizerForm form;
  form.class_name = saved.class_name;
  if (form.class_name != kDescent && form.class_name != kRMSProp && form.class_name != kAdam) {
    throw GraphError(owner + ": there is no optimizer class \"" + form.class_name + "\"");
  }
  restore_attributes(saved.attributes, {name, may_lack}, [&](AttributeVisitor& v) { form.visit(v); });
  if (form.descriptor.regularization_type > NNRegularizationType::L2) {
    throw GraphError(name + ": regularization_type must be None, L1 or L2, got " +
                     std::to_string(std::size_t(form.descriptor.regularization_type)));
  }
  std::shared_ptr<NNOptimizer> optimizer;
  if (form.class_name == kDescent) {
    optimizer =
        std::make_shared<NNOptimizerStochasticGradientDescent>(form.momentum_scale, form.use_nesterov_momentum, form.descriptor);
  } else if (form.class_name == kRMSProp) {
    optimizer = std::make_shared<NNOptimizerRMSProp>(form.decay, form.epsilon, form.descriptor);
  } else {
    optimizer = std::make_shared<NNOptimizerAdam>(form.beta1, form.beta2, form.epsilon, form.time_step, form.descriptor);
  }
  optimizer->label = form.label;
  optimizer->options = form.options;
  return optimizer;
}

namespace {

// Convolution -------------------------------------------------------------------------------------------------------

/// The descriptor in numbers. An inference batch normalization is part of the values in use already.
struct ConvolutionForm {
  std::string descriptor = "MPSCNNConvolutionDescriptor";
  std::size_t kernel_width = 1, kernel_height = 1, input_feature_channels = 1, output_feature_channels = 1;
  std::size_t stride_in_pixels_x = 1, stride_in_pixels_y = 1, dilation_rate_x = 1, dilation_rate_y = 1;
  std::size_t groups = 1, sub_pixel_scale_factor = 1;
  NNNeuronDescriptor neuron;
  DataType kernel_weights_data_type = DataType::Float32;

  void visit(AttributeVisitor& v) {
    v("descriptor", descriptor);
    v("kernel_width", kernel_width);
    v("kernel_height", kernel_height);
    v("input_feature_channels", input_feature_channels);
    v("output_feature_channels", output_feature_channels);
    v("stride_in_pixels_x", stride_in_pixels_x);
    v("stride_in_pixels_y", stride_in_pixels_y);
    v("dilation_rate_x", dilation_rate_x);
    v("dilation_rate_y", dilation_rate_y);
    v("groups", groups);
    v("sub_pixel_scale_factor", sub_pixel_scale_factor);
    neuron.visit(v);
    v("kernel_weights_data_type", kernel_weights_data_type);
  }

  std::shared_ptr<CNNConvolutionDescriptor> make(const std::string& owner) const {
    const auto make_of = [this]<class D>(std::type_identity<D>) {
      return std::make_shared<D>(kernel_width, kernel_height, input_feature_channels, output_feature_channels);
    };
    std::shared_ptr<CNNConvolutionDescriptor> made;
    if (descriptor == "MPSCNNConvolutionDescriptor") {
      made = make_of(std::type_identity<CNNConvolutionDescriptor>());
    } else if (descriptor == "MPSCNNDepthWiseConvolutionDescriptor") {
      made = make_of(std::type_identity<CNNDepthWiseConvolutionDescriptor>());
    } else if (descriptor == "MPSCNNSubPixelConvolutionDescriptor") {
      auto sub_pixel = make_of(std::type_identity<CNNSubPixelConvolutionDescriptor>());
      sub_pixel->set_sub_pixel_scale_factor(sub_pixel_scale_factor);
      made = std::move(sub_pixel);
    } else {
      throw GraphError(owner + ": there is no descriptor class \"" + descriptor + "\"");
    }
    made->stride_in_pixels_x = stride_in_pixels_x;
    made->stride_in_pixels_y = stride_in_pixels_y;
    made->dilation_rate_x = dilation_rate_x;
    made->dilation_rate_y = dilation_rate_y;
    made->groups = groups;
    made->set_fused_neuron_descriptor(std::make_shared<NNNeuronDescriptor>(neuron));
    return made;
  }
};

SavedSource save_convolution(const ConvolutionParameters& set) {
  const CNNConvolutionDescriptor& d = set.descriptor();
  ConvolutionForm form;
  form.descriptor = d.class_name();
  form.kernel_width = d.kernel_width;
  form.kernel_height = d.kernel_height;
  form.input_feature_channels = d.input_feature_channels;
  form.output_feature_channels = d.output_feature_channels;
  form.stride_in_pixels_x = d.stride_in_pixels_x;
  form.stride_in_pixels_y = d.stride_in_pixels_y;
  form.dilation_rate_x = d.dilation_rate_x;
  form.dilation_rate_y = d.dilation_rate_y;
  form.groups = d.groups;
  form.sub_pixel_scale_factor = d.sub_pixel_scale_factor();
  form.neuron = *d.fused_neuron_descriptor();
  form.kernel_weights_data_type = set.kernel_weights_data_type();
  SavedSource saved;
  saved.label = set.label();
  saved.attributes = collect_attributes([&](AttributeVisitor& v) { form.visit(v); });
  return saved;
}

/// Answers as the source it stands for, but never changes.
class FrozenConvolution final : public CNNConvolutionDataSource {
 public:
  FrozenConvolution(const SavedSource& saved, const ConvolutionForm& form, const std::string& owner, bool is_binary)
      : descriptor_(form.make(owner)),
        label_(saved.label),
        is_updated_(saved.is_updated),
        kernel_weights_data_type_(form.kernel_weights_data_type) {
    Arrays arrays(saved.arrays, owner);
    if (const auto* weights = arrays.find("weights")) weights_ = *weights;
    if (const auto* biases = arrays.find("biases")) biases_ = *biases;
    arrays.finish();
    if (is_binary) pack(form.input_feature_channels);
  }
  bool load() override { return true; }
  void purge() override {}
  std::string label() const override { return label_; }
  bool updates(NNTrainingStyle style) const override { return is_updated_ && style != NNTrainingStyle::UpdateDeviceNone; }
  std::shared_ptr<CNNConvolutionDescriptor> descriptor() override { return descriptor_; }
  DataType data_type() override { return DataType::Float32; }
  std::span<const std::byte> weights() override { return std::as_bytes(std::span(weights_)); }
  std::span<const std::byte> binary_weights() override { return std::as_bytes(std::span(words_)); }
  std::span<const float> bias_terms() override { return biases_; }
  DataType kernel_weights_data_type() override { return kernel_weights_data_type_; }
  std::shared_ptr<CNNConvolutionWeightsAndBiasesState> update_with_command_buffer(
      const std::shared_ptr<CommandBuffer>&, const std::shared_ptr<CNNConvolutionGradientState>& gradient_state,
      const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& source_state) override {
    gradient_state->consume_read();
    source_state->consume_read();
    return nullptr;
  }

 private:
  /// Rows of `row` weights of -1 and 1, each from a new word on.
  void pack(std::size_t row) {
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      if (i % row % 32 == 0) words_.push_back(0);
      words_.back() |= std::uint32_t(weights_[i] > 0) << i % row % 32;
    }
  }

  std::shared_ptr<CNNConvolutionDescriptor> descriptor_;
  std::string label_;
  bool is_updated_;
  DataType kernel_weights_data_type_;
  std::vector<float> weights_, biases_;
  std::vector<std::uint32_t> words_;  // of a binary filter
};

std::shared_ptr<ConvolutionWeights> restore_convolution_weights(const SavedSource& saved, const ConvolutionForm& form,
                                                                std::shared_ptr<NNOptimizer> optimizer,
                                                                const std::string& owner) {
  Arrays arrays(saved.arrays, owner);
  const auto descriptor = form.make(owner);
  const auto* weights = arrays.find("weights");
  const auto* biases = arrays.find("biases");
  if (!weights || weights->empty()) throw GraphError(owner + ": the array \"weights\" is missing");
  ConvolutionWeightsOptions options;
  options.kernel_weights_data_type = form.kernel_weights_data_type;
  options.optimizer = std::move(optimizer);
  options.label = saved.label;
  auto source = std::make_shared<ConvolutionWeights>(descriptor, std::as_bytes(std::span(*weights)), DataType::Float32,
                                                     biases ? std::span<const float>(*biases) : std::span<const float>(),
                                                     std::move(options));
  arrays.restore("weights", source->weights_moments());
  arrays.restore("biases", source->biases_moments());
  arrays.finish();
  return source;
}

// Batch normalization -----------------------------------------------------------------------------------------------

struct BatchNormalizationForm {
  std::size_t number_of_feature_channels = 0;
  float epsilon = 0;
  double momentum = 0;
  bool has_momentum = false;  ///< a ready source
  void visit(AttributeVisitor& v) {
    v("number_of_feature_channels", number_of_feature_channels);
    v("epsilon", epsilon);
    if (has_momentum) v("momentum", momentum);
  }
};

class FrozenBatchNormalization final : public CNNBatchNormalizationDataSource {
 public:
  FrozenBatchNormalization(const SavedSource& saved, const BatchNormalizationForm& form, const std::string& owner)
      : form_(form), label_(saved.label), is_updated_(saved.is_updated) {
    Arrays arrays(saved.arrays, owner);
    for (std::size_t i = 0; i < std::size(kStatistics); ++i)
      values_[i] = arrays.at(kStatistics[i], form.number_of_feature_channels);
    arrays.finish();
  }
  bool load() override { return true; }
  void purge() override {}
  std::string label() const override { return label_; }
  bool updates(NNTrainingStyle style) const override { return is_updated_ && style != NNTrainingStyle::UpdateDeviceNone; }
  std::size_t number_of_feature_channels() override { return form_.number_of_feature_channels; }
  std::span<const float> gamma() override { return values_[0]; }
  std::span<const float> beta() override { return values_[1]; }
  std::span<const float> mean() override { return values_[2]; }
  std::span<const float> variance() override { return values_[3]; }
  float epsilon() override { return form_.epsilon; }

 private:
  BatchNormalizationForm form_;
  std::string label_;
  bool is_updated_;
  std::vector<float> values_[std::size(kStatistics)];
};

std::shared_ptr<BatchNormalizationWeights> restore_batch_normalization_weights(const SavedSource& saved,
                                                                               const BatchNormalizationForm& form,
                                                                               std::shared_ptr<NNOptimizer> optimizer,
                                                                               const std::string& owner) {
  Arrays arrays(saved.arrays, owner);
  const std::size_t channels = form.number_of_feature_channels;
  BatchNormalizationWeightsOptions options;
  options.gamma = arrays.at("gamma", channels);
  options.beta = arrays.at("beta", channels);
  options.mean = arrays.at("mean", channels);
  options.variance = arrays.at("variance", channels);
  options.epsilon = form.epsilon;
  options.momentum = form.momentum;
  options.optimizer = std::move(optimizer);
  options.label = saved.label;
  auto source = std::make_shared<BatchNormalizationWeights>(channels, options);
  arrays.restore("gamma", source->arrays().gamma_moments());
  arrays.restore("beta", source->arrays().beta_moments());
  arrays.finish();
  return source;
}

// Instance and group normalization ----------------------------------------------------------------------------------

struct ImageNormalizationForm {
  std::size_t number_of_feature_channels = 0;
  std::size_t number_of_groups = 0;  ///< group normalization only
  float epsilon = 0;
  bool has_groups = false;
  void visit(AttributeVisitor& v) {
    v("number_of_feature_channels", number_of_feature_channels);
    v("epsilon", epsilon);
    if (has_groups) v("number_of_groups", number_of_groups);
  }
};

bool has_groups(const ImageNormalizationDataSource& source) {
  return dynamic_cast<const CNNGroupNormalizationDataSource*>(&source) != nullptr;
}

SavedSource save_image_normalization(const ImageNormalizationParameters& set) {
  ImageNormalizationForm form{set.channels(), set.groups(), set.epsilon(), has_groups(*set.source())};
  SavedSource saved;
  saved.label = set.source()->label();
  saved.attributes = collect_attributes([&](AttributeVisitor& v) { form.visit(v); });
  return saved;
}

/// The ready source's arrays and optimizer; null for other sources.
const TrainedGammaAndBeta* arrays_of(const DataSource& source) {
  if (const auto* instance = dynamic_cast<const InstanceNormalizationWeights*>(&source)) return &instance->arrays();
  if (const auto* group = dynamic_cast<const GroupNormalizationWeights*>(&source)) return &group->arrays();
  return nullptr;
}

template <class Protocol>
class FrozenImageNormalization final : public Protocol {
 public:
  FrozenImageNormalization(const SavedSource& saved, const ImageNormalizationForm& form, const std::string& owner)
      : form_(form), label_(saved.label), is_updated_(saved.is_updated) {
    Arrays arrays(saved.arrays, owner);
    gamma_ = arrays.at("gamma", form.number_of_feature_channels);
    beta_ = arrays.at("beta", form.number_of_feature_channels);
    arrays.finish();
    if constexpr (std::is_same_v<Protocol, CNNGroupNormalizationDataSource>) this->set_number_of_groups(form.number_of_groups);
  }
  std::string label() const override { return label_; }
  bool updates(NNTrainingStyle style) const override { return is_updated_ && style != NNTrainingStyle::UpdateDeviceNone; }
  std::size_t number_of_feature_channels() override { return form_.number_of_feature_channels; }
  std::span<const float> gamma() override { return gamma_; }
  std::span<const float> beta() override { return beta_; }
  float epsilon() override { return form_.epsilon; }
  std::shared_ptr<CNNNormalizationGammaAndBetaState> update_gamma_and_beta_with_command_buffer(
      const std::shared_ptr<CommandBuffer>&, const ImageNormalizationGradientStateBatch& state_batch) override {
    for (const auto& state : state_batch) state->consume_read();
    return nullptr;
  }

 private:
  ImageNormalizationForm form_;
  std::string label_;
  bool is_updated_;
  std::vector<float> gamma_, beta_;
};

std::shared_ptr<DataSource> restore_image_normalization_weights(const SavedSource& saved, const ImageNormalizationForm& form,
                                                                std::shared_ptr<NNOptimizer> optimizer,
                                                                const std::string& owner) {
  Arrays arrays(saved.arrays, owner);
  const std::size_t channels = form.number_of_feature_channels;
  NormalizationWeightsOptions options;
  options.gamma = arrays.at("gamma", channels);
  options.beta = arrays.at("beta", channels);
  options.epsilon = form.epsilon;
  options.optimizer = std::move(optimizer);
  options.label = saved.label;
  std::shared_ptr<DataSource> source;
  if (form.has_groups) {
    source = std::make_shared<GroupNormalizationWeights>(channels, form.number_of_groups, options);
  } else {
    source = std::make_shared<InstanceNormalizationWeights>(channels, options);
  }
  arrays.restore("gamma", arrays_of(*source)->gamma_moments());
  arrays.restore("beta", arrays_of(*source)->beta_moments());
  arrays.finish();
  return source;
}

}  // namespace

std::shared_ptr<DataSource> data_source_of(const ParameterSet& set) {
  if (const auto* convolution = dynamic_cast<const ConvolutionParameters*>(&set)) return convolution->source();
  if (const auto* image = dynamic_cast<const ImageNormalizationParameters*>(&set)) return image->source();
  return dynamic_cast<const BatchNormalizationParameters&>(set).source();
}

bool is_ready_source(const DataSource& source) {
  return dynamic_cast<const ConvolutionWeights*>(&source) || dynamic_cast<const BatchNormalizationWeights*>(&source) ||
         arrays_of(source);
}

SavedArrays values_in_use(const ParameterSet& set) {
  SavedArrays values;
  for (const Parameter& parameter : set.parameters) {
    if (parameter.values) values[parameter.name] = read(*parameter.values);
  }
  return values;
}

SavedSource save_ready_source(const ParameterSet& set) {
  if (const auto* convolution = dynamic_cast<const ConvolutionParameters*>(&set)) {
    auto& source = dynamic_cast<ConvolutionWeights&>(*convolution->source());
    SavedSource saved = save_convolution(*convolution);
    saved.kind = kConvolutionWeights;
    saved.arrays["weights"] = read(*source.weights_buffer());
    if (source.biases_buffer()) saved.arrays["biases"] = read(*source.biases_buffer());
    save_moments(saved.arrays, "weights", source.weights_moments());
    save_moments(saved.arrays, "biases", source.biases_moments());
    if (source.optimizer()) saved.optimizer = save_optimizer(*source.optimizer());
    return saved;
  }
  if (const auto* image = dynamic_cast<const ImageNormalizationParameters*>(&set)) {
    const TrainedGammaAndBeta& arrays = *arrays_of(*image->source());
    SavedSource saved = save_image_normalization(*image);
    saved.kind = has_groups(*image->source()) ? kGroupNormalizationWeights : kInstanceNormalizationWeights;
    saved.arrays["gamma"] = read(*arrays.gamma());
    saved.arrays["beta"] = read(*arrays.beta());
    save_moments(saved.arrays, "gamma", arrays.gamma_moments());
    save_moments(saved.arrays, "beta", arrays.beta_moments());
    if (arrays.optimizer()) saved.optimizer = save_optimizer(*arrays.optimizer());
    return saved;
  }
  const auto& normalization = dynamic_cast<const BatchNormalizationParameters&>(set);
  auto& source = dynamic_cast<BatchNormalizationWeights&>(*normalization.source());
  BatchNormalizationForm form{source.number_of_feature_channels(), source.epsilon(), source.momentum(), true};
  SavedSource saved;
  saved.kind = kBatchNormalizationWeights;
  saved.label = source.label();
  saved.attributes = collect_attributes([&](AttributeVisitor& v) { form.visit(v); });
  const auto buffers = source.shared_parameters();
  for (std::size_t i = 0; i < std::size(kStatistics); ++i) saved.arrays[kStatistics[i]] = read(*buffers[i]);
  save_moments(saved.arrays, "gamma", source.arrays().gamma_moments());
  save_moments(saved.arrays, "beta", source.arrays().beta_moments());
  if (source.optimizer()) saved.optimizer = save_optimizer(*source.optimizer());
  return saved;
}

SavedSource save_frozen_source(const ParameterSet& set, bool is_updated) {
  SavedSource saved;
  if (const auto* convolution = dynamic_cast<const ConvolutionParameters*>(&set)) {
    saved = save_convolution(*convolution);
    saved.kind = is_binary(convolution->kind()) ? kFrozenBinaryConvolution : kFrozenConvolution;
  } else if (const auto* image = dynamic_cast<const ImageNormalizationParameters*>(&set)) {
    saved = save_image_normalization(*image);
    saved.kind = has_groups(*image->source()) ? kFrozenGroupNormalization : kFrozenInstanceNormalization;
  } else {
    const auto& normalization = dynamic_cast<const BatchNormalizationParameters&>(set);
    BatchNormalizationForm form{normalization.channels(), normalization.epsilon()};
    saved.kind = kFrozenBatchNormalization;
    saved.label = normalization.source()->label();
    saved.attributes = collect_attributes([&](AttributeVisitor& v) { form.visit(v); });
  }
  saved.is_updated = is_updated;
  saved.arrays = values_in_use(set);
  return saved;
}

std::shared_ptr<DataSource> restore_source(const SavedSource& saved, const std::string& owner, bool may_lack) {
  const bool is_frozen = saved.kind.starts_with("frozen_");
  const bool is_binary = saved.kind == kFrozenBinaryConvolution;
  if (is_frozen && saved.optimizer) throw GraphError(owner + ": a frozen data source has no optimizer");
  const auto optimizer = saved.optimizer ? restore_optimizer(*saved.optimizer, owner, may_lack) : nullptr;
  const auto read_into = [&](auto& form) {
    restore_attributes(saved.attributes, {owner, may_lack}, [&](AttributeVisitor& v) { form.visit(v); });
  };
  if (saved.kind == kConvolutionWeights || saved.kind == kFrozenConvolution || is_binary) {
    ConvolutionForm form;
    read_into(form);
    if (is_frozen) return std::make_shared<FrozenConvolution>(saved, form, owner, is_binary);
    return restore_convolution_weights(saved, form, optimizer, owner);
  }
  if (saved.kind == kBatchNormalizationWeights || saved.kind == kFrozenBatchNormalization) {
    BatchNormalizationForm form;
    form.has_momentum = !is_frozen;
    read_into(form);
    if (is_frozen) return std::make_shared<FrozenBatchNormalization>(saved, form, owner);
    return restore_batch_normalization_weights(saved, form, optimizer, owner);
  }
  const bool is_group = saved.kind == kGroupNormalizationWeights || saved.kind == kFrozenGroupNormalization;
  if (is_group || saved.kind == kInstanceNormalizationWeights || saved.kind == kFrozenInstanceNormalization) {
    ImageNormalizationForm form;
    form.has_groups = is_group;
    read_into(form);
    if (!is_frozen) return restore_image_normalization_weights(saved, form, optimizer, owner);
    if (is_group) return std::make_shared<FrozenImageNormalization<CNNGroupNormalizationDataSource>>(saved, form, owner);
    return std::make_shared<FrozenImageNormalization<CNNInstanceNormalizationDataSource>>(saved, form, owner);
  }
  throw GraphError(owner + ": there is no kind of data source \"" + saved.kind + "\"");
}

void restore_values(const SavedArrays& values, ParameterSet& set, const std::string& owner) {
  Arrays arrays(values, owner);
  for (Parameter& parameter : set.parameters) {
    if (!values.count(parameter.name)) continue;
    const auto& from = arrays.at(parameter.name, parameter.count);
    parameter.make_writable();
    std::ranges::copy(from, parameter.values->floats().begin());
    ++parameter.version;
  }
  arrays.finish();
}

}  // namespace mpsnn
