#pragma once

// The only place that translates to oneDNN's conventions: dimensions n, c, h, w; dilation 0 for neighbours; padding on both
// sides.
#ifdef MPSNN_ONEDNN

#include <dnnl.h>

#include <cstddef>
#include <cstdint>
#include <dnnl.hpp>
#include <memory>
#include <string>
#include <vector>

#include "kernels/cpu/convolution_loops.hpp"
#include "kernels/kernel.hpp"
#include "mpsnn/error.hpp"

namespace mpsnn::cpu::onednn {

using Dims = dnnl::memory::dims;
using Desc = dnnl::memory::desc;
using Tag = dnnl::memory::format_tag;
inline constexpr auto kFloat = dnnl::memory::data_type::f32;

/// The processor; one for the whole program.
inline const dnnl::engine& engine() {
  static const dnnl::engine made(dnnl::engine::kind::cpu, 0);
  return made;
}

/// A stream of this thread's own: streams are not for several threads at once.
inline const dnnl::stream& stream() {
  thread_local const dnnl::stream made(engine());
  return made;
}

/// A dense array.
inline Desc dense(const Dims& dims, Tag tag) { return {dims, kFloat, tag}; }
/// An array in the order that suits the primitive best.
inline Desc any(const Dims& dims) { return {dims, kFloat, Tag::any}; }

/// A batch of images, or its first channels. Few primitives are fast unless it is dense (`is_dense`, all channels).
inline Desc image(const TensorDescriptor& t, std::size_t channels) {
  const auto pixel = std::int64_t(t.pixel_stride), w = std::int64_t(t.w), h = std::int64_t(t.h);
  return {{std::int64_t(t.n), std::int64_t(channels), h, w}, kFloat, {h * w * pixel, 1, w * pixel, pixel}};
}
inline Desc image(const TensorDescriptor& t) { return image(t, t.c); }

/// Pixels of zeros before and after an image along one axis.
struct Padding {
  std::int64_t low = 0, high = 0;
};

/// The padding that places `count` windows of `extent` pixels, `stride` apart, over `size` pixels, the first of them at pixel
/// `start`. Declines what oneDNN has no word for. `extent` is (taps - 1) * dilation + 1; oneDNN's dilation is ours less 1.
inline bool place(KernelRequest& request, std::ptrdiff_t start, std::size_t size, std::size_t extent, std::size_t stride,
                  std::size_t count, Padding& padding) {
  padding.low = -start;
  padding.high = std::int64_t((count - 1) * stride + extent) - std::int64_t(size) - padding.low;
  if (padding.low < 0) return request.decline("negative padding: the first window starts at pixel " + std::to_string(start));
  if (padding.high <= -std::int64_t(stride)) return request.decline("windows leave out the end of the image");
  // Pixels that no window reaches: oneDNN rounds the number of windows down by itself.
  if (padding.high < 0) padding.high = 0;
  return true;
}

/// What every primitive here is made with: scratch memory is the plan's.
inline dnnl::primitive_attr attributes() {
  dnnl::primitive_attr made;
  made.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return made;
}

/// True for implementations that are slower than plain loops.
inline bool is_reference(const std::string& implementation) { return implementation.find("ref") != std::string::npos; }

/// A primitive with its arguments. Nothing is allocated by `set` and `run`.
class Primitive {
 public:
  Primitive() = default;
  /// The descriptor must have been made with `attributes()`.
  template <class PrimitiveDesc>
  explicit Primitive(const PrimitiveDesc& desc) : primitive_(desc.get()), scratch_bytes_(desc.scratchpad_desc().get_size()) {
    if (scratch_bytes_ > 0) bind(DNNL_ARG_SCRATCHPAD, desc.scratchpad_desc());
  }
  explicit operator bool() const { return bool(primitive_); }
  void bind(int argument, const Desc& desc) {
    memories_.emplace_back(desc, engine(), nullptr);
    arguments_.push_back({argument, memories_.back().get()});
  }
  void set(int argument, const void* data) {
    for (const dnnl_exec_arg_t& bound : arguments_) {
      if (bound.arg == argument) dnnl_memory_set_data_handle(bound.memory, const_cast<void*>(data));
    }
  }
  std::size_t scratch_bytes() const { return scratch_bytes_; }
  void run(std::byte* scratch) {
    if (scratch_bytes_ > 0) set(DNNL_ARG_SCRATCHPAD, scratch);
    const auto status = dnnl_primitive_execute(primitive_.get(), stream().get(), int(arguments_.size()), arguments_.data());
    if (status != dnnl_success) throw BackendError("oneDNN failed with status " + std::to_string(int(status)));
    dnnl_stream_wait(stream().get());
  }

 private:
  dnnl::primitive primitive_;
  std::vector<dnnl::memory> memories_;
  std::vector<dnnl_exec_arg_t> arguments_;
  std::size_t scratch_bytes_ = 0;
};

/// Copies between two orders of one array. Does nothing where they are the same.
class Reorder {
 public:
  Reorder() = default;
  /// With `outputs` these are weights, every number of which is multiplied by the factor of its output, of which there are so
  /// many.
  Reorder(const Desc& from, const Desc& to, std::int64_t outputs = 0) {
    if (from == to) return;
    dnnl::primitive_attr made = attributes();
    const bool has_groups = from.get_ndims() > 4;  // then the first dimension is theirs, the second the outputs of each
    if (outputs > 0) made.set_scales_mask(DNNL_ARG_FROM, has_groups ? 3 : 1);
    reorder_ = Primitive(dnnl::reorder::primitive_desc(engine(), from, engine(), to, made));
    reorder_.bind(DNNL_ARG_FROM, from);
    reorder_.bind(DNNL_ARG_TO, to);
    if (outputs > 0) reorder_.bind(kFactors, dense({outputs}, Tag::x));
  }
  bool is_needed() const { return bool(reorder_); }
  std::size_t scratch_bytes() const { return reorder_ ? reorder_.scratch_bytes() : 0; }
  void run(const void* from, void* to, std::byte* scratch, const float* factors = nullptr) {
    reorder_.set(DNNL_ARG_FROM, from);
    reorder_.set(DNNL_ARG_TO, to);
    reorder_.set(kFactors, factors);
    reorder_.run(scratch);
  }

 private:
  static constexpr int kFactors = DNNL_ARG_ATTR_SCALES | DNNL_ARG_FROM;
  Primitive reorder_;
};

/// An image as a primitive sees it: dense. Where it is not, a copy in scratch memory stands for it.
class DenseImage {
 public:
  DenseImage() = default;
  DenseImage(const TensorDescriptor& t, std::size_t channels)
      : t_(t), channels_(channels), is_copied_(!(t.is_dense() && t.c == channels)) {}
  Desc desc() const { return image({t_.n, t_.h, t_.w, channels_, channels_}); }
  std::size_t scratch_bytes() const { return is_copied_ ? (t_.pixels() * channels_ * sizeof(float) + 63) / 64 * 64 : 0; }
  /// The dense image; advances `scratch`.
  const float* read(const float* image, std::byte*& scratch) const {
    if (!is_copied_) return image;
    float* copy = take(scratch);
    copy_channels(image, t_.pixel_stride, copy, channels_, t_.pixels(), channels_);
    return copy;
  }
  /// Where to write the dense image, before `finish`; advances `scratch`.
  float* write(float* image, std::byte*& scratch) const { return is_copied_ ? take(scratch) : image; }
  /// Channels beyond `channels` become 0.
  void finish(const float* written, float* image) const {
    if (!is_copied_) return;
    copy_channels(written, channels_, image, t_.pixel_stride, t_.pixels(), channels_);
    clear_channels(image, t_, channels_);
  }

 private:
  float* take(std::byte*& scratch) const {
    auto* memory = reinterpret_cast<float*>(scratch);
    scratch += scratch_bytes();
    return memory;
  }
  TensorDescriptor t_;
  std::size_t channels_ = 0;
  bool is_copied_ = false;
};

/// Runs a factory; what oneDNN does not take is a reason to decline.
template <class Make>
std::unique_ptr<PlanKernel> make_or_decline(KernelRequest& request, const Make& make) {
  try {
    return make();
  } catch (const dnnl::error& error) {
    request.decline(std::string("oneDNN: ") + error.what());
    return nullptr;
  }
}

}  // namespace mpsnn::cpu::onednn

#endif  // MPSNN_ONEDNN
