#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/vector_math.hpp"
#include "kernels/kernel.hpp"
#include "mpsnn/nodes/loss.hpp"

// What the losses have in common: their elements, the loops over pixels, and the sums. Comparisons are written so that NaN takes
// the path that returns NaN.

namespace mpsnn::cpu {

// Losses of one element, without its weight -----------------------------------------------------------------------------------

struct LossElement {
  float loss, gradient;
};

struct LabelSmoothing {
  float scale = 1, shift = 0;
};
/// The two cross entropies smooth their labels.
LabelSmoothing label_smoothing_of(const CNNLossDescriptor& d);

struct AbsoluteError {
  LossElement operator()(float y, float t) const {
    const float e = y - t, other = e < 0.f ? -1.f : e;
    return {std::fabs(e), e > 0.f ? 1.f : other};
  }
};
struct SquaredError {
  LossElement operator()(float y, float t) const {
    const float e = y - t;
    return {e * e, 2.f * e};
  }
};
struct SigmoidCrossEntropy {
  LabelSmoothing smoothing;
  LossElement operator()(float y, float t) const {
    const float label = t * smoothing.scale + smoothing.shift, e = exp_of(-std::fabs(y)), s = 1.f / (1.f + e);
    return {(y < 0.f ? 0.f : y) - y * label + log1p_of_fraction(e), (y < 0.f ? e * s : s) - label};
  }
};
struct CategoricalCrossEntropy {
  LossElement operator()(float y, float t) const {
    const float loss = -t * log_of(y), gradient = -t / y;
    return {t == 0.f ? 0.f : loss, t == 0.f ? 0.f : gradient};
  }
};
struct Hinge {
  LossElement operator()(float y, float t) const {
    const float h = 2.f * t - 1.f, v = 1.f - h * y, slope = v > 0.f ? -h : 0.f;
    return {v < 0.f ? 0.f : v, v == v ? slope : v};
  }
};
struct Huber {
  float delta;
  LossElement operator()(float y, float t) const {
    const float e = y - t, magnitude = std::fabs(e), inner = 0.5f * e * e, outer = delta * (magnitude - 0.5f * delta);
    return {magnitude <= delta ? inner : outer, clamped(e, -delta, delta)};
  }
};
struct CosineDistance {  // 1 is added once for an image
  LossElement operator()(float y, float t) const { return {-y * t, -t}; }
};
struct LogLoss {
  float q, constant;  // epsilon, epsilon * (epsilon + 1)
  LossElement operator()(float y, float t) const {
    const float loss = -t * log_of(y + q) - (1.f - t) * log_of((1.f - y) + q);
    return {loss, ((y - t) + q * (1.f - 2.f * t)) / (y * (1.f - y) + constant)};
  }
};
struct KullbackLeiblerDivergence {
  LossElement operator()(float y, float t) const {
    const float loss = t * (log_of(t) - y);
    return {t == 0.f ? 0.f : loss, -t};
  }
};

/// Calls `use` with the function of one element. Not for the softmax cross entropy: its elements depend on their whole pixel.
template <class Use>
void with_element_loss(const CNNLossDescriptor& d, const Use& use) {
  switch (d.loss_type) {
    case CNNLossType::MeanAbsoluteError:
      return use(AbsoluteError());
    case CNNLossType::MeanSquaredError:
      return use(SquaredError());
    case CNNLossType::SigmoidCrossEntropy:
      return use(SigmoidCrossEntropy{label_smoothing_of(d)});
    case CNNLossType::CategoricalCrossEntropy:
      return use(CategoricalCrossEntropy());
    case CNNLossType::Hinge:
      return use(Hinge());
    case CNNLossType::Huber:
      return use(Huber{d.delta});
    case CNNLossType::CosineDistance:
      return use(CosineDistance());
    case CNNLossType::Log:
      return use(LogLoss{d.epsilon, d.epsilon * (d.epsilon + 1.f)});
    default:
      return use(KullbackLeiblerDivergence());
  }
}

// Pixels --------------------------------------------------------------------------------------------------------------------

/// A run of pixels. Strides are elements from a pixel to the next; the losses are dense.
struct LossPixels {
  std::size_t count = 0, channels = 0;
  const float *y = nullptr, *t = nullptr;
  const float* w = nullptr;  ///< null: the descriptor's weight alone
  std::size_t y_stride = 0, t_stride = 0, w_stride = 0;
  float *loss = nullptr, *gradient = nullptr;  ///< `gradient` may be `y`
  std::size_t gradient_stride = 0;
  float* spare = nullptr;  ///< room for as many numbers as there are losses
};

/// Weighted losses of all elements and their gradients with respect to `y`.
void run_losses(const CNNLossDescriptor& d, const LossPixels& pixels);

/// Elements with a weight, for the softmax cross entropy pixels.
std::size_t non_zero_weights(const CNNLossDescriptor& d, const LossPixels& pixels);

/// A part of an image, added up by one thread: pixels of the batch from `begin` to `end`.
struct LossUnit {
  std::size_t index, worker, begin, end;
};

/// How a batch is divided. Units do not depend on the number of threads, nor do the sums.
class LossUnits {
 public:
  LossUnits(const TensorDescriptor& source, int threads);
  std::size_t count() const { return image_count_ * per_image_; }
  std::size_t workers() const { return workers_; }
  /// What is computed before it is added up.
  std::size_t tile_pixels() const { return tile_pixels_; }
  /// Calls `body(unit)` for each unit; those of a worker one after another.
  template <class Body>
  void run(const Body& body) const {
    parallel_ranges(workers_, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t worker = begin; worker < end; ++worker) {
        for (std::size_t unit = count() * worker / workers_; unit < count() * (worker + 1) / workers_; ++unit) {
          const std::size_t image = unit / per_image_ * image_pixels_, first = unit % per_image_ * unit_pixels_;
          body(LossUnit{unit, worker, image + first, image + std::min(first + unit_pixels_, image_pixels_)});
        }
      }
    });
  }

 private:
  std::size_t image_count_, image_pixels_, tile_pixels_, unit_pixels_, per_image_, workers_;
};

// Sums ----------------------------------------------------------------------------------------------------------------------

/// What is added up over a part of an image.
struct LossSums {
  double loss = 0;
  double non_zero = 0;  ///< what SumByNonZeroWeights divides by
};

struct LossReduction {
  CNNReductionType type = CNNReductionType::Sum;
  bool is_across_batch = false;
  double elements = 1;    ///< of an image: what Mean divides by
  double constant = 0;    ///< added to the sum of each image
  std::size_t terms = 1;  ///< losses that are added up, each divided on its own
};
LossReduction reduction_of(const CNNLossDescriptor& d, const ImageShape& source);

/// The losses of `images` images. `sums` has the same number of parts for each, a part one sum for each term.
void reduce_losses(const LossReduction& reduction, std::span<const LossSums> sums, std::size_t images, float* losses);

/// Whether labels, weights and result fit the source of a loss that takes the labels of the request; declines where not.
bool can_take_labels(KernelRequest& request);

}  // namespace mpsnn::cpu
