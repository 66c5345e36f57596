#include "kernels/cpu/loss_elements.hpp"

#include <algorithm>
#include <cmath>

namespace mpsnn::cpu {

namespace {

constexpr std::size_t kTile = 2048;   // elements computed before they are added up
constexpr std::size_t kUnit = 16384;  // elements added up by one thread, whatever their number

// Runs of elements. Not inlined: only a loop that stands alone becomes vector code reliably ----------------------------------

/// Weighted losses and gradients; `gradient` may be `y`. `w` null: the weight alone.
template <class F>
[[gnu::noinline]] void compute(const float* y, const float* t, const float* w, float weight, float* loss, float* gradient,
                               std::size_t count, F f) {
  if (w) {
#pragma GCC ivdep
    for (std::size_t i = 0; i < count; ++i) {
      const LossElement e = f(y[i], t[i]);
      const float factor = weight * w[i];
      loss[i] = factor * e.loss;
      gradient[i] = factor * e.gradient;
    }
    return;
  }
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) {
    const LossElement e = f(y[i], t[i]);
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

[[gnu::noinline]] void subtract(const float* from, float value, float* to, std::size_t count) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) to[i] = from[i] - value;
}

[[gnu::noinline]] void exponentials(const float* from, float* to, std::size_t count) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) to[i] = exp_of(from[i]);
}

/// One class of the softmax cross entropy from d = y - max and e = e^d. A label of 0 asks nothing of its class, even where the
/// class is impossible.
MPSNN_INLINE LossElement cross_entropy_element(float d, float e, float label, float log_sum, float inverse_sum) {
  const float l = label * (log_sum - d);
  return {label == 0.f && d == d ? 0.f : l, e * inverse_sum - label};
}

/// One pixel; `loss` may be d.
template <bool kHasWeights>
[[gnu::noinline]] void cross_entropy(const float* d, const float* e, const float* t, const float* w, float weight, float log_sum,
                                     float inverse_sum, LabelSmoothing s, float* loss, float* gradient, std::size_t count) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) {
    const LossElement element = cross_entropy_element(d[i], e[i], t[i] * s.scale + s.shift, log_sum, inverse_sum);
    const float factor = kHasWeights ? weight * w[i] : weight;
    loss[i] = factor * element.loss;
    gradient[i] = factor * element.gradient;
  }
}

std::size_t count_non_zero(const float* w, float weight, std::size_t count) {
  std::size_t total = 0;
  for (std::size_t i = 0; i < count; ++i) total += weight * w[i] != 0.f;
  return total;
}

// Pixels --------------------------------------------------------------------------------------------------------------------

template <class F>
void run_elements(float weight, const LossPixels& pixels, const F& f) {
  const std::size_t c = pixels.channels;
  const bool is_flat =
      pixels.y_stride == c && pixels.t_stride == c && pixels.gradient_stride == c && (!pixels.w || pixels.w_stride == c);
  if (is_flat) return compute(pixels.y, pixels.t, pixels.w, weight, pixels.loss, pixels.gradient, pixels.count * c, f);
  for (std::size_t p = 0; p < pixels.count; ++p) {
    const float* w = pixels.w ? pixels.w + p * pixels.w_stride : nullptr;
    compute(pixels.y + p * pixels.y_stride, pixels.t + p * pixels.t_stride, w, weight, pixels.loss + p * c,
            pixels.gradient + p * pixels.gradient_stride, c, f);
  }
}

constexpr std::size_t kFewChannels = 16;  // too few for the loops over a pixel to be vector code

// One pixel from d = y - max and e = e^d.
template <bool kHasWeights>
void cross_entropy_of_few(const LossPixels& pixels, std::size_t p, float weight, LabelSmoothing s) {
  const std::size_t c = pixels.channels;
  float *d = pixels.loss + p * c, *gradient = pixels.gradient + p * pixels.gradient_stride;
  const float *e = pixels.spare + p * c, *t = pixels.t + p * pixels.t_stride;
  const float* w = pixels.w + (kHasWeights ? p * pixels.w_stride : 0);
  double sum = 0;
  for (std::size_t i = 0; i < c; ++i) sum += double(e[i]);
  const float log_sum = float(std::log1p(sum - 1.0)), inverse = float(1.0 / sum);
  for (std::size_t i = 0; i < c; ++i) {
    const LossElement element = cross_entropy_element(d[i], e[i], t[i] * s.scale + s.shift, log_sum, inverse);
    const float factor = kHasWeights ? weight * w[i] : weight;
    d[i] = factor * element.loss;
    gradient[i] = factor * element.gradient;
  }
}

void subtract_largest_of_few(const float* y, float* d, std::size_t c) {
  float most = y[0];
  for (std::size_t i = 1; i < c; ++i) most = y[i] > most ? y[i] : most;
  for (std::size_t i = 0; i < c; ++i) d[i] = y[i] - most;
}

// The exponentials of all pixels at once: a pixel alone has too few for vector code to pay.
void run_softmax(const CNNLossDescriptor& descriptor, const LossPixels& pixels) {
  const std::size_t c = pixels.channels;
  const LabelSmoothing smoothing = label_smoothing_of(descriptor);
  const bool are_few = c < kFewChannels;
  for (std::size_t p = 0; p < pixels.count; ++p) {
    const float* y = pixels.y + p * pixels.y_stride;
    if (are_few) {
      subtract_largest_of_few(y, pixels.loss + p * c, c);
    } else {
      subtract(y, largest(y, c), pixels.loss + p * c, c);
    }
  }
  exponentials(pixels.loss, pixels.spare, pixels.count * c);
  for (std::size_t p = 0; p < pixels.count; ++p) {
    if (are_few) {
      const auto run = pixels.w ? cross_entropy_of_few<true> : cross_entropy_of_few<false>;
      run(pixels, p, descriptor.weight, smoothing);
      continue;
    }
    float *d = pixels.loss + p * c, *e = pixels.spare + p * c;
    const float* t = pixels.t + p * pixels.t_stride;
    float* gradient = pixels.gradient + p * pixels.gradient_stride;
    const double sum = sum_of(e, c);
    const float log_sum = float(std::log1p(sum - 1.0)), inverse = float(1.0 / sum), weight = descriptor.weight;
    if (pixels.w) {
      cross_entropy<true>(d, e, t, pixels.w + p * pixels.w_stride, weight, log_sum, inverse, smoothing, d, gradient, c);
    } else {
      cross_entropy<false>(d, e, t, nullptr, weight, log_sum, inverse, smoothing, d, gradient, c);
    }
  }
}

double divided(CNNReductionType type, const LossSums& sums, double elements) {
  switch (type) {
    case CNNReductionType::Mean:
      return sums.loss / elements;
    case CNNReductionType::SumByNonZeroWeights:
      return sums.non_zero == 0 ? 0 : sums.loss / sums.non_zero;
    default:
      return sums.loss;
  }
}

// The loss of images that these are the sums of.
double loss_of(const LossReduction& reduction, std::span<const LossSums> sums, std::size_t images) {
  double loss = 0;
  for (std::size_t term = 0; term < reduction.terms; ++term) {
    LossSums all{reduction.constant * double(images), 0};
    for (std::size_t i = term; i < sums.size(); i += reduction.terms) {
      all.loss += sums[i].loss;
      all.non_zero += sums[i].non_zero;
    }
    loss += divided(reduction.type, all, reduction.elements * double(images));
  }
  return loss;
}

}  // namespace

LabelSmoothing label_smoothing_of(const CNNLossDescriptor& d) {
  if (!(d.label_smoothing > 0)) return {};
  switch (d.loss_type) {
    case CNNLossType::SoftMaxCrossEntropy:
      return {1.f - d.label_smoothing, d.label_smoothing / float(d.number_of_classes)};
    case CNNLossType::SigmoidCrossEntropy:
      return {1.f - d.label_smoothing, 0.5f * d.label_smoothing};
    default:
      return {};
  }
}

void run_losses(const CNNLossDescriptor& d, const LossPixels& pixels) {
  if (d.loss_type == CNNLossType::SoftMaxCrossEntropy) return run_softmax(d, pixels);
  with_element_loss(d, [&](const auto& f) { run_elements(d.weight, pixels, f); });
}

std::size_t non_zero_weights(const CNNLossDescriptor& d, const LossPixels& pixels) {
  const bool is_softmax = d.loss_type == CNNLossType::SoftMaxCrossEntropy;
  if (!pixels.w) return d.weight == 0.f ? 0 : pixels.count * (is_softmax ? 1 : pixels.channels);
  std::size_t total = 0;
  for (std::size_t p = 0; p < pixels.count; ++p) {
    const std::size_t count = count_non_zero(pixels.w + p * pixels.w_stride, d.weight, pixels.channels);
    total += is_softmax ? std::size_t(count != 0) : count;
  }
  return total;
}

LossUnits::LossUnits(const TensorDescriptor& source, int threads) : image_count_(source.n), image_pixels_(source.h * source.w) {
  tile_pixels_ = std::max<std::size_t>(kTile / source.c, 1);
  unit_pixels_ = std::min(image_pixels_, std::max(kUnit / source.c / tile_pixels_, std::size_t(1)) * tile_pixels_);
  per_image_ = (image_pixels_ + unit_pixels_ - 1) / unit_pixels_;
  const std::size_t worth = std::max<std::size_t>(source.count() / (kUnit / 2), 1);
  workers_ = std::min({std::size_t(std::max(threads, 1)), count(), worth});
}

LossReduction reduction_of(const CNNLossDescriptor& d, const ImageShape& source) {
  LossReduction reduction;
  reduction.type = d.reduction_type;
  reduction.is_across_batch = d.reduce_across_batch;
  const std::size_t pixels = source.height * source.width;
  reduction.elements = double(d.loss_type == CNNLossType::SoftMaxCrossEntropy ? pixels : pixels * source.channels);
  if (d.loss_type == CNNLossType::CosineDistance) reduction.constant = double(d.weight);
  return reduction;
}

void reduce_losses(const LossReduction& reduction, std::span<const LossSums> sums, std::size_t images, float* losses) {
  if (reduction.is_across_batch) {
    std::fill_n(losses, images, 0.f);
    losses[0] = float(loss_of(reduction, sums, images));
    return;
  }
  const std::size_t parts = sums.size() / images;
  for (std::size_t n = 0; n < images; ++n) losses[n] = float(loss_of(reduction, sums.subspan(n * parts, parts), 1));
}

bool can_take_labels(KernelRequest& request) {
  if (request.sources.size() < 2) return request.decline("there are no labels");
  const TensorDescriptor& y = request.sources[0];
  for (const TensorDescriptor& t : request.sources.subspan(1)) {
    if (t.n == y.n && t.h == y.h && t.w == y.w && t.c >= y.c) continue;
    return request.decline("labels of " + to_string(t.shape()) + " do not fit a source of " + to_string(y.shape()));
  }
  if (request.result && request.result->shape() != y.shape()) {
    return request.decline("the padding policy changes the result's size");
  }
  return true;
}

}  // namespace mpsnn::cpu
