#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "kernels/cpu/binary_convolution.hpp"
#include "kernels/cpu/convolution_kernels.hpp"
#include "kernels/cpu/loops.hpp"

namespace mpsnn::cpu::binary {

namespace {

constexpr std::size_t kBits = 64;
constexpr std::size_t kFilters = 8;  // at once, for each word of the source that is read

/// XNOR counts the bits that differ and AND those that both have: a word for 64 channels.
class PopcountKernel final : public BinaryKernel {
 public:
  explicit PopcountKernel(const KernelRequest& request)
      : BinaryKernel(request),
        is_and_(dynamic_cast<const BinaryConvolutionOp&>(request.op).type == CNNBinaryConvolutionType::AND),
        words_((inputs() + kBits - 1) / kBits),
        blocks_((result_.c + kFilters - 1) / kFilters),
        block_size_(y_.taps * x_.taps * words_ * kFilters) {}

 private:
  // Filters in blocks; of a block the taps, of a tap the words, and of a word the filters.
  void prepare(const Parameter& weights) override {
    if (version_ == weights.version) return;
    const auto* from = static_cast<const float*>(weights.values->data());
    packed_.assign(blocks_ * block_size_, 0);
    const std::size_t taps = y_.taps * x_.taps;
    for (std::size_t o = 0; o < result_.c; ++o) {
      std::uint64_t* block = packed_.data() + o / kFilters * block_size_ + o % kFilters;
      for (std::size_t tap = 0; tap < taps; ++tap, block += words_ * kFilters, from += inputs()) {
        for (std::size_t c = 0; c < inputs(); ++c) block[c / kBits * kFilters] |= std::uint64_t(from[c] > 0) << c % kBits;
      }
    }
    version_ = weights.version;
  }

  std::size_t frame_pixel_bytes() const override { return words_ * sizeof(std::uint64_t); }

  void fill(const float* pixel, std::byte* to) const override {
    auto* words = reinterpret_cast<std::uint64_t*>(to);
    for (std::size_t w = 0; w < words_; ++w) {
      const std::size_t count = std::min(kBits, inputs() - w * kBits);
      float p[kBits];
      process(pixel, w * kBits, count, p);
      std::fill(p + count, p + kBits, -1.f);  // bits that no weight has
      std::uint64_t word = 0;
      for (std::size_t k = 0; k < kBits; ++k) word |= std::uint64_t(!(p[k] < 0)) << k;
      words[w] = word;
    }
  }

  void sum(const std::byte* frame, float* result) const override {
    const auto* words = reinterpret_cast<const std::uint64_t*>(frame);
    if (is_and_) {
      sum_windows<true>(words, result);
    } else {
      sum_windows<false>(words, result);
    }
  }

  template <bool kIsAnd>
  void sum_windows(const std::uint64_t* frame, float* result) const {
    // Blocks of one pixel after another: a fully connected filter, too, has work for all threads.
    parallel_ranges(result_.pixels() * blocks_, 65536 / block_size_ + 1, [&](std::size_t begin, std::size_t end) {
      while (begin < end) {
        const std::size_t pixel = begin / blocks_, first = begin % blocks_, last = std::min(blocks_, first + (end - begin));
        const std::size_t row = pixel / result_.w, column = pixel % result_.w;
        const std::size_t line = row / result_.h * y_.length + row % result_.h * y_.stride;
        const std::uint64_t* window = frame + (line * x_.length + column * x_.stride) * words_;
        for (std::size_t block = first; block < last; ++block) {
          sum_block<kIsAnd>(window, packed_.data() + block * block_size_,
                            result + pixel * result_.pixel_stride + block * kFilters,
                            std::min(kFilters, result_.c - block * kFilters));
        }
        begin += last - first;
      }
    });
  }

  template <bool kIsAnd>
  void sum_block(const std::uint64_t* window, const std::uint64_t* weights, float* result, std::size_t filters) const {
    std::uint64_t counts[kFilters] = {};
    // Taps side by side are one run of words.
    const bool is_run = x_.step == 1;
    const std::size_t runs = is_run ? 1 : x_.taps, length = is_run ? x_.taps * words_ : words_;
    for (std::size_t j = 0; j < y_.taps; ++j) {
      for (std::size_t i = 0; i < runs; ++i) {
        const std::uint64_t* words = window + (j * y_.step * x_.length + i * x_.step) * words_;
        for (std::size_t w = 0; w < length; ++w, weights += kFilters) {
          for (std::size_t f = 0; f < kFilters; ++f) {
            counts[f] += std::uint64_t(std::popcount(kIsAnd ? words[w] & weights[f] : words[w] ^ weights[f]));
          }
        }
      }
    }
    const auto all = std::int64_t(y_.taps * x_.taps * inputs());
    for (std::size_t f = 0; f < filters; ++f) {
      result[f] = kIsAnd ? float(counts[f]) : float(all - 2 * std::int64_t(counts[f]));
    }
  }

  const bool is_and_;
  const std::size_t words_, blocks_, block_size_;
  std::uint64_t version_ = 0;
  std::vector<std::uint64_t> packed_;
};

}  // namespace

std::unique_ptr<PlanKernel> make_popcount(KernelRequest& request) {
  if (dynamic_cast<const BinaryConvolutionOp&>(request.op).type == CNNBinaryConvolutionType::BinaryWeights) {
    request.decline("type BinaryWeights adds numbers, not bits");
    return nullptr;
  }
  if (!accepts_edge_mode(request)) return nullptr;
  return std::make_unique<PopcountKernel>(request);
}

}  // namespace mpsnn::cpu::binary
