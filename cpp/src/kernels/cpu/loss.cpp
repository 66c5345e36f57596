#include "mpsnn/nodes/loss.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/vector_math.hpp"
#include "kernels/kernel.hpp"

// Comparisons are written so that NaN takes the path that returns NaN.
namespace mpsnn::cpu {

namespace {

constexpr std::size_t kTile = 2048;   // elements computed before they are added up
constexpr std::size_t kUnit = 16384;  // elements added up by one thread, whatever their number

// Losses of one element ---------------------------------------------------------------------------------------------------

struct Element {
  float loss, gradient;
};

struct AbsoluteError {
  Element operator()(float y, float t) const {
    const float e = y - t, other = e < 0.f ? -1.f : e;
    return {std::fabs(e), e > 0.f ? 1.f : other};
  }
};
struct SquaredError {
  Element operator()(float y, float t) const {
    const float e = y - t;
    return {e * e, 2.f * e};
  }
};
struct SigmoidCrossEntropy {
  float scale, shift;  // label smoothing
  Element operator()(float y, float t) const {
    const float label = t * scale + shift, e = exp_of(-std::fabs(y)), s = 1.f / (1.f + e);
    return {(y < 0.f ? 0.f : y) - y * label + log1p_of_fraction(e), (y < 0.f ? e * s : s) - label};
  }
};
struct CategoricalCrossEntropy {
  Element operator()(float y, float t) const {
    const float loss = -t * log_of(y), gradient = -t / y;
    return {t == 0.f ? 0.f : loss, t == 0.f ? 0.f : gradient};
  }
};
struct Hinge {
  Element operator()(float y, float t) const {
    const float h = 2.f * t - 1.f, v = 1.f - h * y, slope = v > 0.f ? -h : 0.f;
    return {v < 0.f ? 0.f : v, v == v ? slope : v};
  }
};
struct Huber {
  float delta;
  Element operator()(float y, float t) const {
    const float e = y - t, magnitude = std::fabs(e), inner = 0.5f * e * e, outer = delta * (magnitude - 0.5f * delta);
    return {magnitude <= delta ? inner : outer, clamped(e, -delta, delta)};
  }
};
struct CosineDistance {  // 1 is added once for an image
  Element operator()(float y, float t) const { return {-y * t, -t}; }
};
struct LogLoss {
  float q, constant;  // epsilon, epsilon * (epsilon + 1)
  Element operator()(float y, float t) const {
    const float loss = -t * log_of(y + q) - (1.f - t) * log_of((1.f - y) + q);
    return {loss, ((y - t) + q * (1.f - 2.f * t)) / (y * (1.f - y) + constant)};
  }
};
struct KullbackLeiblerDivergence {
  Element operator()(float y, float t) const {
    const float loss = t * (log_of(t) - y);
    return {t == 0.f ? 0.f : loss, -t};
  }
};

// Runs of elements. Not inlined: only a loop that stands alone becomes vector code reliably ----------------------------------

/// Weighted losses and gradients; `gradient` may be `y`. `w` null: the weight alone.
template <class F>
[[gnu::noinline]] void compute(const float* y, const float* t, const float* w, float weight, float* loss, float* gradient,
                               std::size_t count, F f) {
  if (w) {
#pragma GCC ivdep
    for (std::size_t i = 0; i < count; ++i) {
      const Element e = f(y[i], t[i]);
      const float factor = weight * w[i];
      loss[i] = factor * e.loss;
      gradient[i] = factor * e.gradient;
    }
    return;
  }
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) {
    const Element e = f(y[i], t[i]);
    loss[i] = weight * e.loss;
    gradient[i] = weight * e.gradient;
  }
}

/// The largest number; one lane each, so that it becomes vector code. NaN may be missed.
float largest(const float* values, std::size_t count) {
  constexpr std::size_t kLanes = 8;
  float lanes[kLanes];
  for (float& lane : lanes) lane = values[0];
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t l = 0; l < kLanes; ++l) lanes[l] = values[i + l] > lanes[l] ? values[i + l] : lanes[l];
  }
  for (; i < count; ++i) lanes[0] = values[i] > lanes[0] ? values[i] : lanes[0];
  return *std::max_element(lanes, lanes + kLanes);
}

double sum_of(const float* values, std::size_t count) {
  constexpr std::size_t kLanes = 8;
  double lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t l = 0; l < kLanes; ++l) lanes[l] += double(values[i + l]);
  }
  for (; i < count; ++i) lanes[0] += double(values[i]);
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

[[gnu::noinline]] void subtract(const float* from, float value, float* to, std::size_t count) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) to[i] = from[i] - value;
}

[[gnu::noinline]] void exponentials(const float* from, float* to, std::size_t count) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) to[i] = exp_of(from[i]);
}

struct Smoothing {
  float scale = 1, shift = 0;
};

/// One pixel of the softmax cross entropy from d = y - max and e = e^d: `loss` may be d. A label of 0 asks nothing of its class,
/// even where the class is impossible.
template <bool kHasWeights>
[[gnu::noinline]] void cross_entropy(const float* d, const float* e, const float* t, const float* w, float weight, float log_sum,
                                     float inverse_sum, Smoothing s, float* loss, float* gradient, std::size_t count) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) {
    const float label = t[i] * s.scale + s.shift, factor = kHasWeights ? weight * w[i] : weight, l = label * (log_sum - d[i]);
    loss[i] = factor * (label == 0.f && d[i] == d[i] ? 0.f : l);
    gradient[i] = factor * (e[i] * inverse_sum - label);
  }
}

std::size_t count_non_zero(const float* w, float weight, std::size_t count) {
  std::size_t total = 0;
  for (std::size_t i = 0; i < count; ++i) total += weight * w[i] != 0.f;
  return total;
}

// The kernel ----------------------------------------------------------------------------------------------------------------

/// What is added up over a part of an image.
struct Sums {
  double loss = 0;
  double non_zero = 0;
};

class LossLoops final : public PlanKernel {
 public:
  LossLoops(const KernelRequest& request, const CNNLossDescriptor& d)
      : d_(d),
        source_(request.sources[0]),
        labels_(request.sources[1]),
        weights_(request.sources.size() > 2 ? request.sources[2] : TensorDescriptor()),
        result_(request.result ? *request.result : TensorDescriptor()),
        has_weights_(request.sources.size() > 2),
        is_softmax_(d.loss_type == CNNLossType::SoftMaxCrossEntropy),
        is_whole_(d.reduction_type == CNNReductionType::None) {
    const std::size_t c = source_.c, image = source_.h * source_.w;
    const auto is_flat = [&](const TensorDescriptor& t) { return t.c == 0 || t.pixel_stride == c; };
    is_flat_ = is_flat(source_) && is_flat(labels_) && is_flat(weights_) && is_flat(result_);
    tile_pixels_ = std::max<std::size_t>(kTile / c, 1);
    unit_pixels_ = std::min(image, std::max(kUnit / c / tile_pixels_, std::size_t(1)) * tile_pixels_);
    units_per_image_ = (image + unit_pixels_ - 1) / unit_pixels_;
    units_ = source_.n * units_per_image_;
    const std::size_t worth = std::max<std::size_t>(source_.count() / (kUnit / 2), 1);
    workers_ = std::min({std::size_t(std::max(request.threads, 1)), units_, worth});
    sums_.resize(units_);
    if (d.label_smoothing > 0 && is_softmax_) {
      smoothing_ = {1.f - d.label_smoothing, d.label_smoothing / float(d.number_of_classes)};
    } else if (d.label_smoothing > 0 && d.loss_type == CNNLossType::SigmoidCrossEntropy) {
      smoothing_ = {1.f - d.label_smoothing, 0.5f * d.label_smoothing};
    }
  }

  bool can_run_in_place() const override { return result_.c != 0 && source_.pixel_stride == result_.pixel_stride; }
  std::size_t scratch_bytes() const override { return workers_ * 3 * tile_size() * sizeof(float); }

  void run(const RunArguments& arguments) override {
    parallel_ranges(workers_, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t worker = begin; worker < end; ++worker) {
        float* scratch = reinterpret_cast<float*>(arguments.scratch) + worker * 3 * tile_size();
        for (std::size_t unit = units_ * worker / workers_; unit < units_ * (worker + 1) / workers_; ++unit) {
          sums_[unit] = run_unit(arguments, unit, scratch);
        }
      }
    });
    auto* loss = arguments.states.empty() ? nullptr : static_cast<float*>(arguments.states[0]);
    if (loss && !is_whole_) reduce(loss);
  }

 private:
  std::size_t tile_size() const { return tile_pixels_ * source_.c; }

  /// Pointers to the first pixel of a tile.
  struct Tile {
    const float *y, *t, *w;
    float *loss, *gradient, *spare;
    bool has_result;
    std::size_t pixels;
  };

  Sums run_unit(const RunArguments& arguments, std::size_t unit, float* scratch) const {
    const std::size_t image = source_.h * source_.w, n = unit / units_per_image_;
    const std::size_t first = unit % units_per_image_ * unit_pixels_, end = std::min(first + unit_pixels_, image);
    auto* whole = is_whole_ && !arguments.states.empty() ? static_cast<float*>(arguments.states[0]) : nullptr;
    Sums sums;
    for (std::size_t p = first; p < end; p += tile_pixels_) {
      const std::size_t at = n * image + p;
      Tile tile;
      tile.pixels = std::min(tile_pixels_, end - p);
      tile.y = arguments.sources[0] + at * source_.pixel_stride;
      tile.t = arguments.sources[1] + at * labels_.pixel_stride;
      tile.w = has_weights_ ? arguments.sources[2] + at * weights_.pixel_stride : nullptr;
      tile.loss = whole ? whole + at * source_.c : scratch;
      tile.has_result = arguments.result != nullptr;
      tile.gradient = tile.has_result ? arguments.result + at * result_.pixel_stride : scratch + tile_size();
      tile.spare = scratch + 2 * tile_size();
      is_softmax_ ? run_softmax(tile) : run_elements(tile);
      if (is_whole_) continue;
      sums.loss += sum_of(tile.loss, tile.pixels * source_.c);
      if (d_.reduction_type == CNNReductionType::SumByNonZeroWeights) sums.non_zero += double(non_zero(tile));
    }
    return sums;
  }

  // Pixels that the tile's arrays are apart; the losses are dense.
  std::size_t result_stride(const Tile& tile) const { return tile.has_result ? result_.pixel_stride : source_.c; }

  void run_elements(const Tile& tile) const {
    switch (d_.loss_type) {
      case CNNLossType::MeanAbsoluteError:
        return run_elements(tile, AbsoluteError());
      case CNNLossType::MeanSquaredError:
        return run_elements(tile, SquaredError());
      case CNNLossType::SigmoidCrossEntropy:
        return run_elements(tile, SigmoidCrossEntropy{smoothing_.scale, smoothing_.shift});
      case CNNLossType::CategoricalCrossEntropy:
        return run_elements(tile, CategoricalCrossEntropy());
      case CNNLossType::Hinge:
        return run_elements(tile, Hinge());
      case CNNLossType::Huber:
        return run_elements(tile, Huber{d_.delta});
      case CNNLossType::CosineDistance:
        return run_elements(tile, CosineDistance());
      case CNNLossType::Log:
        return run_elements(tile, LogLoss{d_.epsilon, d_.epsilon * (d_.epsilon + 1.f)});
      default:
        return run_elements(tile, KullbackLeiblerDivergence());
    }
  }

  template <class F>
  void run_elements(const Tile& tile, const F& f) const {
    const std::size_t c = source_.c;
    if (is_flat_) return compute(tile.y, tile.t, tile.w, d_.weight, tile.loss, tile.gradient, tile.pixels * c, f);
    for (std::size_t p = 0; p < tile.pixels; ++p) {
      const float* w = tile.w ? tile.w + p * weights_.pixel_stride : nullptr;
      compute(tile.y + p * source_.pixel_stride, tile.t + p * labels_.pixel_stride, w, d_.weight, tile.loss + p * c,
              tile.gradient + p * result_stride(tile), c, f);
    }
  }

  // The exponentials of all pixels at once: a pixel alone has too few for vector code to pay.
  void run_softmax(const Tile& tile) const {
    const std::size_t c = source_.c;
    for (std::size_t p = 0; p < tile.pixels; ++p) {
      const float* y = tile.y + p * source_.pixel_stride;
      subtract(y, largest(y, c), tile.loss + p * c, c);
    }
    exponentials(tile.loss, tile.spare, tile.pixels * c);
    for (std::size_t p = 0; p < tile.pixels; ++p) {
      float *d = tile.loss + p * c, *e = tile.spare + p * c;
      const float* t = tile.t + p * labels_.pixel_stride;
      float* gradient = tile.gradient + p * result_stride(tile);
      const double sum = sum_of(e, c);
      const float log_sum = float(std::log1p(sum - 1.0)), inverse = float(1.0 / sum);
      if (tile.w) {
        cross_entropy<true>(d, e, t, tile.w + p * weights_.pixel_stride, d_.weight, log_sum, inverse, smoothing_, d, gradient, c);
      } else {
        cross_entropy<false>(d, e, t, nullptr, d_.weight, log_sum, inverse, smoothing_, d, gradient, c);
      }
    }
  }

  // Elements with a weight, for the softmax cross entropy pixels.
  std::size_t non_zero(const Tile& tile) const {
    const std::size_t c = source_.c;
    if (!tile.w) return d_.weight == 0.f ? 0 : tile.pixels * (is_softmax_ ? 1 : c);
    std::size_t total = 0;
    for (std::size_t p = 0; p < tile.pixels; ++p) {
      const std::size_t count = count_non_zero(tile.w + p * weights_.pixel_stride, d_.weight, c);
      total += is_softmax_ ? std::size_t(count != 0) : count;
    }
    return total;
  }

  void reduce(float* loss) const {
    const double elements = double(source_.h * source_.w) * (is_softmax_ ? 1.0 : double(source_.c));
    Sums batch;
    double batch_elements = 0;
    for (std::size_t n = 0; n < source_.n; ++n) {
      Sums sums;
      for (std::size_t u = n * units_per_image_; u < (n + 1) * units_per_image_; ++u) {
        sums.loss += sums_[u].loss;
        sums.non_zero += sums_[u].non_zero;
      }
      if (d_.loss_type == CNNLossType::CosineDistance) sums.loss += double(d_.weight);
      loss[n] = float(divided(sums, elements));
      batch.loss += sums.loss;
      batch.non_zero += sums.non_zero;
      batch_elements += elements;
    }
    if (!d_.reduce_across_batch) return;
    std::fill_n(loss, source_.n, 0.f);
    loss[0] = float(divided(batch, batch_elements));
  }

  double divided(const Sums& sums, double elements) const {
    switch (d_.reduction_type) {
      case CNNReductionType::Mean:
        return sums.loss / elements;
      case CNNReductionType::SumByNonZeroWeights:
        return sums.non_zero == 0 ? 0 : sums.loss / sums.non_zero;
      default:
        return sums.loss;
    }
  }

  CNNLossDescriptor d_;
  TensorDescriptor source_, labels_, weights_, result_;
  bool has_weights_, is_softmax_, is_whole_, is_flat_ = false;
  Smoothing smoothing_;
  std::size_t tile_pixels_ = 1, unit_pixels_ = 1, units_per_image_ = 1, units_ = 1, workers_ = 1;
  std::vector<Sums> sums_;
};

std::unique_ptr<PlanKernel> make_loss(KernelRequest& request) {
  if (request.sources.size() < 2) {
    request.decline("there are no labels");
    return nullptr;
  }
  const TensorDescriptor& y = request.sources[0];
  for (const TensorDescriptor& t : request.sources.subspan(1)) {
    if (t.n == y.n && t.h == y.h && t.w == y.w && t.c >= y.c) continue;
    request.decline("labels of " + to_string(t.shape()) + " do not fit a source of " + to_string(y.shape()));
    return nullptr;
  }
  if (request.result && request.result->shape() != y.shape()) {
    request.decline("the padding policy changes the result's size");
    return nullptr;
  }
  return std::make_unique<LossLoops>(request, static_cast<const LossOp&>(request.op).descriptor);
}

}  // namespace

void register_loss(KernelTable& table) { table.add<LossOp>("loops", make_loss); }

}  // namespace mpsnn::cpu
