#include "mpsnn/nodes/local_normalization.hpp"

#include <algorithm>
#include <memory>

#include "kernels/cpu/local_normalization_windows.hpp"
#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/power.hpp"
#include "kernels/kernel.hpp"

namespace mpsnn::cpu {

namespace {

// Cross-channel normalization --------------------------------------------------------------------------------------

constexpr std::size_t kGrain = 8192;     // values worth a thread
constexpr std::size_t kLeastRow = 2048;  // numbers of a chunk

/// Pixels in chunks, one after another with zeros between them, so that windows over channels run along a whole chunk: they are
/// fast for any number of channels.
class Chunks {
 public:
  Chunks(const TensorDescriptor& t, std::size_t kernel, int threads)
      : pixels_(t.pixels()), channels_(t.c), down_(std::min(kernel / 2, t.c - 1)), up_(std::min((kernel - 1) / 2, t.c - 1)) {
    stride_ = channels_ + std::max(down_, up_);
    chunk_ = std::max<std::size_t>(kLeastRow / stride_, 1);
    parts_ = std::clamp<std::size_t>(t.count() / kGrain, 1, std::size_t(std::max(threads, 1)));
  }
  std::size_t channels() const { return channels_; }
  std::size_t stride() const { return stride_; }
  /// Numbers of one chunk.
  std::size_t length() const { return chunk_ * stride_; }
  /// Numbers of one row of memory, with zeros on both sides of a chunk.
  std::size_t row() const { return length() + 2 * margin(); }
  std::size_t scratch_bytes(std::size_t rows) const { return parts_ * rows * row() * sizeof(float); }

  /// Calls `body(rows, first, count)` for every chunk; rows[i] is row i of the part, zeros but for what `body` left there.
  template <std::size_t kRows, class Body>
  void run(std::byte* scratch, const Body& body) const {
    parallel_ranges(parts_, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t part = begin; part < end; ++part) {
        float* memory = reinterpret_cast<float*>(scratch) + part * kRows * row();
        std::fill(memory, memory + kRows * row(), 0.0f);
        float* rows[kRows];
        for (std::size_t i = 0; i < kRows; ++i) rows[i] = memory + i * row() + margin();
        const std::size_t last = pixels_ * (part + 1) / parts_;
        for (std::size_t p = pixels_ * part / parts_; p < last; p += chunk_) body(rows, p, std::min(chunk_, last - p));
      }
    });
  }

  /// Sums over the windows of the forward filter.
  void add_windows(const float* from, float* to, std::size_t length) const { add(from, to, length, down_, up_); }
  /// Sums over all windows that a channel is in.
  void add_back(const float* from, float* to, std::size_t length) const { add(from, to, length, up_, down_); }

 private:
  std::size_t margin() const { return stride_ - channels_; }

  static void add(const float* from, float* __restrict to, std::size_t length, std::size_t down, std::size_t up) {
    const float* tap = from - down;
    for (std::size_t i = 0; i < length; ++i) to[i] = tap[i];
    std::size_t left = down + up;
    for (; left >= 2; left -= 2, tap += 2) {
      for (std::size_t i = 0; i < length; ++i) to[i] += tap[i + 1] + tap[i + 2];
    }
    if (left == 0) return;
    for (std::size_t i = 0; i < length; ++i) to[i] += tap[i + 1];
  }

  std::size_t pixels_, channels_, down_, up_, stride_ = 0, chunk_ = 1, parts_ = 1;
};

class CrossChannelNormalization final : public PlanKernel {
 public:
  explicit CrossChannelNormalization(const KernelRequest& request)
      : op_(static_cast<const CrossChannelNormalizationOp&>(request.op)),
        source_(request.sources[0]),
        result_(*request.result),
        chunks_(source_, op_.kernel_size_in_feature_channels, request.threads) {}
  bool can_run_in_place() const override { return true; }
  std::size_t scratch_bytes() const override { return chunks_.scratch_bytes(2); }

  void run(const RunArguments& arguments) override {
    const float factor = float(double(op_.alpha) / double(op_.kernel_size_in_feature_channels)), delta = op_.delta;
    const double exponent = -double(op_.beta);
    const std::size_t channels = chunks_.channels(), stride = chunks_.stride();
    chunks_.run<2>(arguments.scratch, [&](float* const* rows, std::size_t first, std::size_t count) {
      float *squares = rows[0], *scale = rows[1];
      const float* x = arguments.sources[0] + first * source_.pixel_stride;
      float* y = arguments.result + first * result_.pixel_stride;
      for (std::size_t p = 0; p < count; ++p) {
        const float* from = x + p * source_.pixel_stride;
        for (std::size_t c = 0; c < channels; ++c) squares[p * stride + c] = from[c] * from[c];
      }
      chunks_.add_windows(squares, scale, count * stride);
      for (std::size_t i = 0; i < count * stride; ++i) scale[i] = power_of(delta + factor * scale[i], exponent);
      for (std::size_t p = 0; p < count; ++p) {
        const float* from = x + p * source_.pixel_stride;
        float* to = y + p * result_.pixel_stride;
        for (std::size_t c = 0; c < channels; ++c) to[c] = from[c] * scale[p * stride + c];
      }
    });
  }

 private:
  const CrossChannelNormalizationOp& op_;
  TensorDescriptor source_, result_;
  Chunks chunks_;
};

class CrossChannelNormalizationGradient final : public PlanKernel {
 public:
  explicit CrossChannelNormalizationGradient(const KernelRequest& request)
      : forward_(static_cast<const CrossChannelNormalizationOp&>(*request.forward->op)),
        size_(static_cast<const CrossChannelNormalizationGradientOp&>(request.op).kernel_size),
        gradient_(request.sources[0]),
        source_(request.sources[1]),
        result_(*request.result),
        chunks_(source_, size_, request.threads) {}
  bool can_run_in_place() const override { return true; }
  std::size_t scratch_bytes() const override { return chunks_.scratch_bytes(4); }

  void run(const RunArguments& arguments) override {
    const float factor = float(double(forward_.alpha) / double(size_)), delta = forward_.delta;
    const float slope = float(2 * double(forward_.alpha) * double(forward_.beta) / double(size_));
    const double exponent = -double(forward_.beta);
    const std::size_t channels = chunks_.channels(), stride = chunks_.stride();
    chunks_.run<4>(arguments.scratch, [&](float* const* rows, std::size_t first, std::size_t count) {
      float *squares = rows[0], *scale = rows[1], *ratio = rows[2], *products = rows[3];
      const float* g = arguments.sources[0] + first * gradient_.pixel_stride;
      const float* x = arguments.sources[1] + first * source_.pixel_stride;
      float* d = arguments.result + first * result_.pixel_stride;
      const std::size_t length = count * stride;
      for (std::size_t p = 0; p < count; ++p) {
        const float* from = x + p * source_.pixel_stride;
        for (std::size_t c = 0; c < channels; ++c) squares[p * stride + c] = from[c] * from[c];
      }
      chunks_.add_windows(squares, scale, length);
      for (std::size_t i = 0; i < length; ++i) {
        const float base = delta + factor * scale[i];
        scale[i] = power_of(base, exponent);
        ratio[i] = scale[i] / base;
      }
      for (std::size_t p = 0; p < count; ++p) {
        const float *gradient = g + p * gradient_.pixel_stride, *from = x + p * source_.pixel_stride;
        for (std::size_t c = 0; c < channels; ++c) {
          products[p * stride + c] = gradient[c] * from[c] * ratio[p * stride + c];
        }
      }
      chunks_.add_back(products, ratio, length);
      for (std::size_t p = 0; p < count; ++p) {
        const float *gradient = g + p * gradient_.pixel_stride, *from = x + p * source_.pixel_stride;
        float* to = d + p * result_.pixel_stride;
        for (std::size_t c = 0; c < channels; ++c) {
          to[c] = gradient[c] * scale[p * stride + c] - slope * from[c] * ratio[p * stride + c];
        }
      }
    });
  }

 private:
  const CrossChannelNormalizationOp& forward_;
  std::size_t size_;
  TensorDescriptor gradient_, source_, result_;
  Chunks chunks_;
};

std::unique_ptr<PlanKernel> make_cross_channel(KernelRequest& request) {
  return std::make_unique<CrossChannelNormalization>(request);
}
std::unique_ptr<PlanKernel> make_cross_channel_gradient(KernelRequest& request) {
  return std::make_unique<CrossChannelNormalizationGradient>(request);
}

}  // namespace

void register_local_normalization(KernelTable& table) {
  table.add<CrossChannelNormalizationOp>("loops", make_cross_channel);
  table.add<CrossChannelNormalizationGradientOp>("loops", make_cross_channel_gradient);
  table.add<SpatialNormalizationOp>("loops", make_spatial_normalization);
  table.add<SpatialNormalizationGradientOp>("loops", make_spatial_normalization_gradient);
  table.add<LocalContrastNormalizationOp>("loops", make_local_contrast_normalization);
  table.add<LocalContrastNormalizationGradientOp>("loops", make_local_contrast_normalization_gradient);
}

}  // namespace mpsnn::cpu
