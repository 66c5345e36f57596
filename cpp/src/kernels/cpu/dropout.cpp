#include "mpsnn/nodes/dropout.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/same_pixels.hpp"
#include "kernels/kernel.hpp"

namespace mpsnn::cpu {

namespace {

constexpr std::size_t kGrain = 32768;  // values worth a thread

// Philox4x32 with 10 rounds, several counters side by side -------------------------------------------------------------

constexpr std::size_t kLanes = 32;

struct Key {
  std::uint32_t low, high;
};

/// The four words of `kLanes` counters; afterwards those of their random numbers.
struct Words {
  std::uint32_t w0[kLanes], w1[kLanes], w2[kLanes], w3[kLanes];
};

void philox(Words& words, Key key) {
  for (int round = 0; round < 10; ++round) {
    for (std::size_t l = 0; l < kLanes; ++l) {
      const std::uint64_t p = std::uint64_t(words.w2[l]) * 0xCD9E8D57u, q = std::uint64_t(words.w0[l]) * 0xD2511F53u;
      words.w0[l] = std::uint32_t(p >> 32) ^ words.w1[l] ^ key.low;
      words.w1[l] = std::uint32_t(p);
      words.w2[l] = std::uint32_t(q >> 32) ^ words.w3[l] ^ key.high;
      words.w3[l] = std::uint32_t(q);
    }
    key.low += 0x9E3779B9u;
    key.high += 0xBB67AE85u;
  }
}

/// Draws the masks of a batch, a byte for each element. An element is kept when its 24 random bits are below `threshold_`.
class MaskGenerator {
 public:
  MaskGenerator(const DropoutBaseOp& op, std::size_t count)
      : key_{std::uint32_t(op.seed), std::uint32_t(std::uint64_t(op.seed) >> 32)},
        threshold_(std::uint32_t(std::ceil(double(op.keep_probability) * 16777216.0))),
        count_(count) {}

  void draw(std::uint8_t* masks, std::size_t images, std::uint64_t encode_count) const {
    const std::size_t tiles = (count_ + kTile - 1) / kTile;
    parallel_ranges(images * tiles, kGrain / 4 / kTile, [&](std::size_t begin, std::size_t end) {
      for (std::size_t unit = begin; unit < end; ++unit) {
        const std::size_t image = unit / tiles, tile = unit % tiles;
        draw_tile(masks + image * count_ + tile * kTile, std::min(kTile, count_ - tile * kTile), tile * kLanes, image,
                  encode_count);
      }
    });
  }

 private:
  static constexpr std::size_t kTile = 4 * kLanes;  // mask elements

  void draw_tile(std::uint8_t* mask, std::size_t length, std::size_t first_counter, std::size_t image,
                 std::uint64_t encode_count) const {
    Words words;
    for (std::size_t l = 0; l < kLanes; ++l) {
      words.w0[l] = std::uint32_t(first_counter + l);
      words.w1[l] = std::uint32_t(image);
      words.w2[l] = std::uint32_t(encode_count);
      words.w3[l] = std::uint32_t(encode_count >> 32);
    }
    philox(words, key_);
    std::uint8_t tile[kTile];
    for (std::size_t l = 0; l < kLanes; ++l) {
      tile[4 * l] = (words.w0[l] >> 8) < threshold_;
      tile[4 * l + 1] = (words.w1[l] >> 8) < threshold_;
      tile[4 * l + 2] = (words.w2[l] >> 8) < threshold_;
      tile[4 * l + 3] = (words.w3[l] >> 8) < threshold_;
    }
    std::memcpy(mask, tile, length);
  }

  Key key_;
  std::uint32_t threshold_;
  std::size_t count_;
};

// Applying a mask ---------------------------------------------------------------------------------------------------------

/// to = from / keep_probability where the mask is 1; 0 where it is 0, whatever `from` holds.
class MaskedScale {
 public:
  MaskedScale(const ImageShape& mask, float keep_probability, const TensorDescriptor& source, const TensorDescriptor& result)
      : mask_(mask), keep_probability_(keep_probability), source_(source), result_(result) {
    is_by_rows_ = source.is_dense() && result.is_dense() && mask.width == result.w && mask.channels == result.c;
  }

  bool can_run_in_place() const { return source_.pixel_stride == result_.pixel_stride; }

  void run(const float* from, float* to, const std::uint8_t* masks) const {
    parallel_ranges(result_.n * result_.h, kGrain / (result_.w * result_.c) + 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row) {
        const std::size_t image = row / result_.h, y = mask_.height > 1 ? row % result_.h : 0;
        const std::uint8_t* mask = masks + image * mask_.count() + y * mask_.width * mask_.channels;
        run_row(from + row * source_.w * source_.pixel_stride, to + row * result_.w * result_.pixel_stride, mask);
      }
    });
  }

 private:
  void run_row(const float* from, float* to, const std::uint8_t* mask) const {
    if (is_by_rows_) {
      select(from, to, mask, result_.w * result_.c);
      return;
    }
    const std::size_t step = mask_.width > 1 ? mask_.channels : 0;
    for (std::size_t x = 0; x < result_.w; ++x, from += source_.pixel_stride, to += result_.pixel_stride, mask += step) {
      if (mask_.channels == result_.c) {
        select(from, to, mask, result_.c);
      } else if (*mask) {
        for (std::size_t k = 0; k < result_.c; ++k) to[k] = from[k] / keep_probability_;
      } else {
        std::memset(to, 0, result_.c * sizeof(float));
      }
    }
  }

  void select(const float* from, float* to, const std::uint8_t* mask, std::size_t length) const {
    for (std::size_t k = 0; k < length; ++k) {
      const float scaled = from[k] / keep_probability_;
      to[k] = mask[k] ? scaled : 0.f;
    }
  }

  ImageShape mask_;
  float keep_probability_;
  TensorDescriptor source_, result_;
  bool is_by_rows_;
};

class DropoutLoops final : public PlanKernel {
 public:
  DropoutLoops(const KernelRequest& request, const DropoutOp& op)
      : images_(request.result->n),
        count_(op.mask_shape(request.result->shape()).count()),
        is_mask_wanted_(!request.states.empty()),
        generator_(op, count_),
        scale_(op.mask_shape(request.result->shape()), op.keep_probability, request.sources[0], *request.result) {}

  std::size_t scratch_bytes() const override { return is_mask_wanted_ ? 0 : images_ * count_; }
  bool can_run_in_place() const override { return scale_.can_run_in_place(); }

  void run(const RunArguments& arguments) override {
    void* masks = is_mask_wanted_ ? arguments.states[0] : arguments.scratch;
    generator_.draw(static_cast<std::uint8_t*>(masks), images_, arguments.encode_count);
    scale_.run(arguments.sources[0], arguments.result, static_cast<const std::uint8_t*>(masks));
  }

 private:
  std::size_t images_, count_;
  bool is_mask_wanted_;
  MaskGenerator generator_;
  MaskedScale scale_;
};

std::unique_ptr<PlanKernel> make_dropout(KernelRequest& request) {
  if (!has_same_pixels(request)) return nullptr;
  return std::make_unique<DropoutLoops>(request, static_cast<const DropoutOp&>(request.op));
}

class DropoutGradientLoops final : public PlanKernel {
 public:
  DropoutGradientLoops(const KernelRequest& request, const DropoutGradientOp& op)
      : scale_(op.mask_shape(request.result->shape()), op.keep_probability, request.sources[0], *request.result) {}

  bool can_run_in_place() const override { return scale_.can_run_in_place(); }

  void run(const RunArguments& arguments) override {
    scale_.run(arguments.sources[0], arguments.result, static_cast<const std::uint8_t*>(arguments.source_states[0]));
  }

 private:
  MaskedScale scale_;
};

std::unique_ptr<PlanKernel> make_dropout_gradient(KernelRequest& request) {
  if (!has_same_pixels(request)) return nullptr;
  if (request.source_states.empty()) {
    request.decline("the forward filter leaves no mask");
    return nullptr;
  }
  return std::make_unique<DropoutGradientLoops>(request, static_cast<const DropoutGradientOp&>(request.op));
}

}  // namespace

void register_dropout(KernelTable& table) {
  table.add<DropoutOp>("loops", make_dropout);
  table.add<DropoutGradientOp>("loops", make_dropout_gradient);
}

}  // namespace mpsnn::cpu
