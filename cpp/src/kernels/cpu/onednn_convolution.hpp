#pragma once

#ifdef MPSNN_ONEDNN

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kernels/cpu/convolution_kernels.hpp"
#include "kernels/cpu/neuron.hpp"
#include "kernels/cpu/onednn.hpp"
#include "kernels/cpu/onednn_neuron.hpp"
#include "kernels/cpu/weights_form.hpp"

// What oneDNN's kernels of the convolution family share.
namespace mpsnn::cpu::onednn {

/// Window of a convolution, or of the convolution whose adjoint a transposed one is, in oneDNN's words.
struct ConvolutionWindow {
  Dims strides, dilations, low, high;
  bool is_padded = false;

  /// `large` is the source of a convolution, the result of a transposed one; `start` is where its first window begins.
  bool set(KernelRequest& request, const ConvolutionAttributes& op, std::ptrdiff_t start_x, std::ptrdiff_t start_y,
           const TensorDescriptor& large, const TensorDescriptor& small) {
    const Window w = op.ConvolutionAttributes::window();
    Padding x, y;
    if (!place(request, start_y, large.h, w.extent_y(), w.stride_y, small.h, y)) return false;
    if (!place(request, start_x, large.w, w.extent_x(), w.stride_x, small.w, x)) return false;
    strides = {std::int64_t(w.stride_y), std::int64_t(w.stride_x)};
    dilations = {std::int64_t(w.dilation_y) - 1, std::int64_t(w.dilation_x) - 1};
    low = {y.low, x.low};
    high = {y.high, x.high};
    is_padded = y.low > 0 || x.low > 0 || y.high > 0 || x.high > 0;
    return true;
  }
};

inline Dims weights_dims(const ConvolutionAttributes& op) {
  const auto groups = std::int64_t(op.group_count()), o = std::int64_t(op.outputs_per_group()),
             i = std::int64_t(op.inputs_per_group());
  const auto h = std::int64_t(op.kernel_height), w = std::int64_t(op.kernel_width);
  return groups == 1 ? Dims{o, i, h, w} : Dims{groups, o, i, h, w};
}
/// Weights as the data source has them.
inline Desc user_weights(const ConvolutionAttributes& op) {
  return dense(weights_dims(op), op.group_count() == 1 ? Tag::ohwi : Tag::gohwi);
}
inline Desc biases_desc(const ConvolutionAttributes& op) { return dense({std::int64_t(op.output_feature_channels)}, Tag::x); }

/// False, with a reason, for implementations that are not worth it or not right: those that gather windows into a matrix multiply
/// what lies outside the image by 0, so that infinite weights make NaN.
template <class PrimitiveDesc>
bool is_good(KernelRequest& request, const PrimitiveDesc& desc, const ConvolutionWindow& window,
             const ConvolutionAttributes& op) {
  const std::string name = desc.impl_info_str();
  if (is_reference(name)) return request.decline("only the reference implementation (" + name + ")");
  const bool gathers = name.find("gemm") != std::string::npos;
  if (gathers && window.is_padded) return request.decline("only " + name + ", which multiplies by the padding");
  // oneDNN 3.2 first gathers the pixels that a stride picks, in whole vectors; what was in memory beyond the last channel shows
  // in some weight gradients.
  const bool is_strided = op.stride_in_pixels_x > 1 || op.stride_in_pixels_y > 1;
  const bool has_tail = op.input_feature_channels % 8 != 0 || op.output_feature_channels % 8 != 0;
  if (is_strided && has_tail && name.find("1x1") != std::string::npos) {
    return request.decline(name + " with a stride and channel counts off the multiples of 8");
  }
  const bool is_depthwise_kernel = name.find("dw") != std::string::npos || name.find("depthwise") != std::string::npos;
  if (is_depthwise(forward_view(op)) && !is_depthwise_kernel) return request.decline(name + ", which fills blocks of channels");
  if (gathers && op.group_count() > 1) return request.decline("only " + name + ", which is slow for groups");
  return true;
}

/// False, with the reason, for a forward filter with so little to do that the plain loops are done before oneDNN has started.
inline bool is_worth_starting(KernelRequest& request, const ConvolutionAttributes& op) {
  constexpr std::size_t kLeast = 16384;
  const std::size_t work = request.result->pixels() * op.weight_count();
  return request.is_asked_for || work >= kLeast || request.decline("only " + std::to_string(work) + " multiply-adds");
}

/// Biases that are there for the primitive even when the source has none: they may come with an update.
class Biases {
 public:
  explicit Biases(std::size_t count = 0) : zeros_(count, 0.0f) {}
  const float* get(const ParameterSet& parameters) const {
    const float* values = biases_of(parameters);
    return values ? values : zeros_.data();
  }

 private:
  std::vector<float> zeros_;
};

/// Turns every filter by 180 degrees: a transposed convolution here slides a window over the enlarged source, oneDNN's spreads
/// every source pixel over a window.
inline void rotate(const ConvolutionAttributes& op, const float* from, float* to) {
  const std::size_t taps = op.kernel_height * op.kernel_width, inputs = op.inputs_per_group();
  for (std::size_t o = 0; o < op.output_feature_channels; ++o) {
    for (std::size_t tap = 0; tap < taps; ++tap) {
      std::copy_n(from + (o * taps + tap) * inputs, inputs, to + (o * taps + taps - 1 - tap) * inputs);
    }
  }
}

inline std::size_t aligned(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

/// Puts weights into the order that a primitive wants, turned first where it takes them so.
class WeightsOrder {
 public:
  WeightsOrder() = default;
  /// `is_scaled`: weights come with factors, if a form is made of them at all.
  WeightsOrder(const ConvolutionAttributes& op, const Desc& user, const Desc& wanted, bool is_rotated, bool is_scaled)
      : op_(&op),
        reorder_(user, wanted, is_scaled ? std::int64_t(op.output_feature_channels) : 0),
        is_rotated_(is_rotated && op.kernel_height * op.kernel_width > 1),
        bytes_(is_rotated_ || reorder_.is_needed() ? aligned(wanted.get_size()) : 0) {}
  /// Of the form; none where the primitive reads the weights as they are.
  std::size_t bytes() const { return bytes_; }
  std::size_t scratch_bytes() const { return turned_bytes() + reorder_.scratch_bytes(); }
  void make(const ScaledWeights& weights, void* to, std::byte* scratch) {
    if (!is_rotated_) return reorder_.run(weights.values, to, scratch, weights.factors);
    void* turned = turned_bytes() > 0 ? scratch : to;
    rotate(*op_, weights.values, static_cast<float*>(turned));
    if (reorder_.is_needed()) reorder_.run(turned, to, scratch + turned_bytes());
  }

 private:
  std::size_t turned_bytes() const {
    return is_rotated_ && reorder_.is_needed() ? aligned(op_->weight_count() * sizeof(float)) : 0;
  }
  const ConvolutionAttributes* op_ = nullptr;
  Reorder reorder_;
  bool is_rotated_ = false;
  std::size_t bytes_ = 0;
};

/// Whether weights in the user's order are the products of a folded normalisation. Those that are turned never are.
inline bool are_scaled(const ParameterSet& parameters, bool is_rotated) {
  return !is_rotated && dynamic_cast<const HasScaledWeights*>(&parameters);
}

/// A forward kernel: convolution, fully connected or transposed.
class Forward final : public PlanKernel {
 public:
  /// `user` describes the weights as the data source has them; `make_plain` makes the primitive without the neuron, for weights
  /// in the same order.
  template <class PrimitiveDesc>
  Forward(const KernelRequest& request, const ConvolutionOp& op, const PrimitiveDesc& desc, const Desc& user, bool is_rotated,
          NeuronFusion fusion, std::function<PrimitiveDesc()> make_plain)
      : parameters_(*request.parameters),
        result_tensor_(*request.result),
        source_(request.sources[0], op.input_feature_channels),
        result_(*request.result, op.output_feature_channels),
        biases_(op.output_feature_channels),
        neuron_(op.neuron),
        fusion_(fusion),
        order_(op, user, desc.weights_desc(), is_rotated, are_scaled(parameters_, is_rotated)),
        form_(parameters_, order_.bytes(), !request.parameters_change, order_.bytes() > 0) {
    if (op.adds_source) addend_ = std::make_unique<DenseImage>(request.sources[1], op.output_feature_channels);
    primitive_ = bound(desc);
    make_plain_ = [this, make_plain = std::move(make_plain)] { return bound(make_plain()); };
  }

  auto maker(std::byte*& scratch) {
    return [this, &scratch](const ScaledWeights& from, void* to) { order_.make(from, to, scratch); };
  }

  std::size_t scratch_bytes() const override {
    return source_.scratch_bytes() + result_.scratch_bytes() + (addend_ ? addend_->scratch_bytes() : 0) + form_.scratch_bytes() +
           std::max(primitive_.scratch_bytes(), order_.scratch_bytes());
  }
  std::size_t passing_bytes() const override { return form_.passing_bytes(); }
  void prepare_next(std::byte* scratch) override { form_.keep(maker(scratch)); }

  void run(const RunArguments& arguments) override {
    std::byte* scratch = arguments.scratch;
    const float* source = source_.read(arguments.sources[0], scratch);
    const float* addend = addend_ ? addend_->read(arguments.sources[1], scratch) : nullptr;
    float* to = result_.write(arguments.result, scratch);
    const void* weights = form_.get(arguments, scratch, maker(scratch));
    const auto run_primitive = [&](Primitive& primitive) {
      primitive.set(DNNL_ARG_SRC, source);
      if (addend) primitive.set(kAddend, addend);
      primitive.set(DNNL_ARG_DST, to);
      primitive.set(DNNL_ARG_WEIGHTS, weights);
      primitive.set(DNNL_ARG_BIAS, biases_.get(parameters_));
      primitive.run(scratch);
    };
    const bool is_done = run_fused(run_primitive);
    if (!is_done) run_primitive(plain());
    result_.finish(to, arguments.result);
    if (!is_done && neuron_.neuron_type != CNNNeuronType::None) {
      const TensorDescriptor& r = result_tensor_;
      apply_neuron(neuron_, arguments.result, arguments.result, r.pixels(), r.c, r.pixel_stride, r.pixel_stride);
    }
  }

  static constexpr int kAddend = DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1;

 private:
  template <class PrimitiveDesc>
  Primitive bound(const PrimitiveDesc& desc) const {
    Primitive primitive(desc);
    primitive.bind(DNNL_ARG_SRC, desc.src_desc());
    primitive.bind(DNNL_ARG_WEIGHTS, desc.weights_desc());
    primitive.bind(DNNL_ARG_BIAS, desc.bias_desc());
    primitive.bind(DNNL_ARG_DST, desc.dst_desc());
    if (addend_) primitive.bind(kAddend, addend_->desc());
    return primitive;
  }

  /// True when the result is complete.
  template <class RunPrimitive>
  bool run_fused(const RunPrimitive& run_primitive) {
    if (fusion_ == NeuronFusion::None) return false;
    if (fusion_ == NeuronFusion::Exact) {
      run_primitive(primitive_);
      return true;
    }
    if (!has_invalid_flags()) return false;
    std::feclearexcept(FE_INVALID);
    // A flag may be older than this run: then the second time finds none.
    for (int time = 0; time < 2; ++time) {
      run_primitive(primitive_);
      if (take_invalid_flags() == 0) return true;
    }
    return false;
  }

  Primitive& plain() {
    if (fusion_ == NeuronFusion::None) return primitive_;
    if (!plain_) plain_ = make_plain_();
    return plain_;
  }

  ParameterSet& parameters_;
  const TensorDescriptor result_tensor_;
  const DenseImage source_, result_;
  std::unique_ptr<DenseImage> addend_;
  const Biases biases_;
  const NNNeuronDescriptor neuron_;
  const NeuronFusion fusion_;
  Primitive primitive_;
  std::function<Primitive()> make_plain_;
  Primitive plain_;  // without the neuron; made when there is NaN
  WeightsOrder order_;
  WeightsForm form_;
};

/// A forward kernel of the primitive that `describe(order of the weights, attributes)` describes, or null with the reason.
template <class Describe>
std::unique_ptr<PlanKernel> make_forward(KernelRequest& request, const ConvolutionOp& op, const ConvolutionWindow& window,
                                         const Desc& user, const Desc& weights, const Desc& result, bool is_rotated,
                                         const Describe& describe) {
  dnnl::primitive_attr fused = attributes(), plain;
  dnnl::post_ops operations;
  if (op.adds_source) operations.append_binary(dnnl::algorithm::binary_add, result);
  plain.set_post_ops(operations);
  const NeuronFusion fusion = append_neuron(op.neuron, operations);
  fused.set_post_ops(operations);
  const auto desc = describe(weights, fused);
  using PrimitiveDesc = std::remove_cv_t<decltype(desc)>;
  if (!is_good(request, desc, window, op)) return nullptr;
  return std::make_unique<Forward>(
      request, op, desc, user, is_rotated, fusion,
      std::function<PrimitiveDesc()>([=, order = desc.weights_desc()] { return describe(order, plain); }));
}

/// A gradient kernel: each of its two halves is oneDNN's, or the plain one where oneDNN has none that is good.
class Gradient final : public PlanKernel {
 public:
  Gradient(const KernelRequest& request, const ConvolutionAttributes& op, bool is_rotated)
      : parameters_(*request.parameters),
        op_(op),
        is_rotated_(is_rotated && op.kernel_height * op.kernel_width > 1),
        gradient_(request.sources[0], op.output_feature_channels),
        source_(request.sources[1], op.input_feature_channels) {
    if (request.result) result_ = DenseImage(*request.result, op.input_feature_channels);
  }
  Desc gradient_desc() const { return gradient_.desc(); }
  Desc source_desc() const { return source_.desc(); }

  template <class PrimitiveDesc>
  void set_data(const PrimitiveDesc& desc) {
    data_ = Primitive(desc);
    data_.bind(DNNL_ARG_DIFF_DST, desc.diff_dst_desc());
    data_.bind(DNNL_ARG_WEIGHTS, desc.weights_desc());
    data_.bind(DNNL_ARG_DIFF_SRC, desc.diff_src_desc());
    order_ = WeightsOrder(op_, user_weights(op_), desc.weights_desc(), is_rotated_, false);
    form_ = std::make_unique<WeightsForm>(parameters_, order_.bytes(), false, false);
  }
  void set_data(std::unique_ptr<PlanKernel> plain) { plain_data_ = std::move(plain); }

  template <class PrimitiveDesc>
  void set_weights(const PrimitiveDesc& desc) {
    weights_ = Primitive(desc);
    weights_.bind(DNNL_ARG_DIFF_DST, desc.diff_dst_desc());
    weights_.bind(DNNL_ARG_SRC, desc.src_desc());
    weights_.bind(DNNL_ARG_DIFF_WEIGHTS, desc.diff_weights_desc());
    weights_.bind(DNNL_ARG_DIFF_BIAS, desc.diff_bias_desc());
    to_user_ = Reorder(desc.diff_weights_desc(), user_weights(op_));
    if (to_user_.is_needed()) unordered_bytes_ = aligned(desc.diff_weights_desc().get_size());
    if (is_rotated_) rotated_bytes_ = aligned(op_.weight_count() * sizeof(float));
  }
  void set_weights(std::unique_ptr<PlanKernel> plain) { plain_weights_ = std::move(plain); }

  std::size_t scratch_bytes() const override {
    std::size_t most = std::max((form_ ? form_->scratch_bytes() : 0) + std::max(order_.scratch_bytes(), data_.scratch_bytes()),
                                unordered_bytes_ + rotated_bytes_ + std::max(weights_.scratch_bytes(), to_user_.scratch_bytes()));
    for (const auto* plain : {plain_data_.get(), plain_weights_.get()}) {
      if (plain) most = std::max(most, plain->scratch_bytes());
    }
    return gradient_.scratch_bytes() + source_.scratch_bytes() + result_.scratch_bytes() + most;
  }
  std::size_t part_scratch_bytes() const override {
    std::size_t most = 0;
    for (const auto* plain : {plain_data_.get(), plain_weights_.get()}) {
      if (plain) most = std::max(most, plain->part_scratch_bytes());
    }
    return most;
  }

  void run(const RunArguments& arguments) override {
    std::byte* scratch = arguments.scratch;
    const float *gradient = nullptr, *source = nullptr;
    if (data_ || weights_) gradient = gradient_.read(arguments.sources[0], scratch);
    if (weights_) source = source_.read(arguments.sources[1], scratch);
    if (data_) {
      data_.set(DNNL_ARG_DIFF_DST, gradient);
      float* to = result_.write(arguments.result, scratch);
      data_.set(DNNL_ARG_DIFF_SRC, to);
      std::byte* rest = scratch;
      data_.set(DNNL_ARG_WEIGHTS,
                form_->get(arguments, rest, [&](const ScaledWeights& from, void* made) { order_.make(from, made, rest); }));
      data_.run(rest);
      result_.finish(to, arguments.result);
    }
    if (weights_) run_weights(gradient, source, arguments, scratch);
    RunArguments rest = arguments;
    rest.scratch = scratch;
    if (plain_data_) {
      rest.states = {};
      plain_data_->run(rest);
    }
    if (plain_weights_) {
      rest.states = arguments.states;
      plain_weights_->run(rest);
    }
  }

 private:
  void run_weights(const float* gradient, const float* source, const RunArguments& arguments, std::byte* scratch) {
    auto* to = static_cast<float*>(arguments.states[0]);
    float* in_order = to;
    if (is_rotated_) {
      in_order = reinterpret_cast<float*>(scratch);
      scratch += rotated_bytes_;
    }
    float* made = in_order;
    if (to_user_.is_needed()) {
      made = reinterpret_cast<float*>(scratch);
      scratch += unordered_bytes_;
    }
    weights_.set(DNNL_ARG_DIFF_DST, gradient);
    weights_.set(DNNL_ARG_SRC, source);
    weights_.set(DNNL_ARG_DIFF_WEIGHTS, made);
    weights_.set(DNNL_ARG_DIFF_BIAS, arguments.states[1]);
    weights_.run(scratch);
    if (to_user_.is_needed()) to_user_.run(made, in_order, scratch);
    if (is_rotated_) rotate(op_, in_order, to);
  }

  ParameterSet& parameters_;
  const ConvolutionAttributes& op_;
  const bool is_rotated_;
  const DenseImage gradient_, source_;
  DenseImage result_;
  Primitive data_, weights_;
  WeightsOrder order_;
  std::unique_ptr<WeightsForm> form_;
  Reorder to_user_;
  std::size_t unordered_bytes_ = 0, rotated_bytes_ = 0;
  std::unique_ptr<PlanKernel> plain_data_, plain_weights_;
};

}  // namespace mpsnn::cpu::onednn

#endif  // MPSNN_ONEDNN
