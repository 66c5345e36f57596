#include "kernels/cpu/convolution_patches.hpp"

#include <algorithm>
#include <type_traits>

#include "kernels/cpu/instruction_set.hpp"
#include "kernels/cpu/vector_block.hpp"

namespace mpsnn::cpu::patches {

namespace {

/// `count` is a constant where vectors are to be worth while.
MPSNN_INLINE void copy_numbers(const float* from, std::size_t count, float* to) {
  std::size_t i = 0;
#pragma GCC unroll 4
  for (; i + kVec <= count; i += kVec) store(to + i, load(from + i));
  for (; i < count; ++i) to[i] = from[i];
}

}  // namespace

Patches::Patches(const Axes& axes, const TensorDescriptor& source) : axes_(axes), source_(source) {}

bool Patches::are_pixels() const {
  const auto is_pixel = [](const TapAxis& a) { return a.taps == 1 && a.scale == 1 && a.shift == 0 && a.source == a.result; };
  return is_pixel(axes_.x) && is_pixel(axes_.y);
}

void Patches::find(std::size_t first, std::size_t count, Corner* corners) const {
  const TapAxis &x = axes_.x, &y = axes_.y;
  std::size_t column = first % x.result, row = first / x.result % y.result, image = first / x.result / y.result;
  for (std::size_t i = 0; i < count; ++i) {
    const std::ptrdiff_t at_row = y.scale * std::ptrdiff_t(row) + y.shift, at_column = x.scale * std::ptrdiff_t(column) + x.shift;
    const std::ptrdiff_t pixel = (std::ptrdiff_t(image * source_.h) + at_row) * std::ptrdiff_t(source_.w) + at_column;
    corners[i] = {at_row, at_column, pixel * std::ptrdiff_t(source_.pixel_stride)};
    if (++column < x.result) continue;
    column = 0;
    if (++row < y.result) continue;
    row = 0;
    ++image;
  }
}

std::size_t Patches::find_pieces(std::size_t first, std::size_t count, Piece* pieces) const {
  std::size_t found = 0;
  while (count > 0) {
    const std::size_t tap = first / source_.c, channel = first % source_.c, here = std::min(source_.c - channel, count);
    const auto row = std::ptrdiff_t(tap / axes_.x.taps) * axes_.y.step,
               column = std::ptrdiff_t(tap % axes_.x.taps) * axes_.x.step;
    const std::ptrdiff_t pixel = row * std::ptrdiff_t(source_.w) + column;
    pieces[found++] = {row, column, pixel * std::ptrdiff_t(source_.pixel_stride) + std::ptrdiff_t(channel), here};
    first += here;
    count -= here;
  }
  return found;
}

template <std::size_t width>
void Patches::pack(const float* source, const Corner* corners, std::size_t pixels, std::size_t first, float* to) const {
  Piece pieces[width];
  const std::size_t count = std::min(width, size() - first), found = find_pieces(first, count, pieces);
  const auto copy_piece = [&](const Piece& piece, auto numbers, float* at) {
    for (std::size_t pixel = 0; pixel < pixels; ++pixel, at += width) {
      const Corner& corner = corners[pixel];
      const bool is_inside =
          std::size_t(corner.row + piece.row) < source_.h && std::size_t(corner.column + piece.column) < source_.w;
      is_inside ? copy_numbers(source + (corner.at + piece.at), numbers, at) : void(std::fill_n(at, numbers, 0.0f));
    }
  };
  float* at = to;
  for (std::size_t i = 0; i < found; at += pieces[i++].count) {
    if (pieces[i].count == width) {
      copy_piece(pieces[i], std::integral_constant<std::size_t, width>(), at);
    } else {
      copy_piece(pieces[i], pieces[i].count, at);
    }
  }
  for (std::size_t pixel = 0; count < width && pixel < pixels; ++pixel)
    std::fill_n(to + pixel * width + count, width - count, 0.0f);
}

template void Patches::pack<16>(const float*, const Corner*, std::size_t, std::size_t, float*) const;
template void Patches::pack<32>(const float*, const Corner*, std::size_t, std::size_t, float*) const;

}  // namespace mpsnn::cpu::patches
