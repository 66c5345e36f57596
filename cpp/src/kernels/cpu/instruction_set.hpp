#pragma once

#include <cstddef>

// Kernels are compiled for the processors the library is built for; the inner loops of some of them once more for those with
// longer vectors. The processor decides which runs.
//
// Such a loop is a template over the number of a vector's lanes, always inlined, and is called from one function for each
// instruction set:
//
//   template <std::size_t lanes> MPSNN_INLINE void add(const float* a, float* to) { ... Vector<lanes> ... }
//   void add_8(const float* a, float* to) { add<8>(a, to); }
//   MPSNN_AVX512 void add_16(const float* a, float* to) { add<16>(a, to); }

#if defined(__x86_64__) && defined(__AVX2__) && (defined(__GNUC__) || defined(__clang__))
#define MPSNN_HAS_AVX512 1
#define MPSNN_AVX512 __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq")))
#else
#define MPSNN_HAS_AVX512 0
#define MPSNN_AVX512
#endif
#define MPSNN_INLINED __attribute__((always_inline))  // of a lambda, after its parameters
#define MPSNN_INLINE MPSNN_INLINED inline

// Vectors are passed between inlined functions only: how they are passed does not matter.
#pragma GCC diagnostic ignored "-Wpsabi"

namespace mpsnn::cpu {

/// Numbers of a register's length; the compiler splits them where registers are shorter.
template <std::size_t lanes>
struct VectorOf {
  using Type [[gnu::vector_size(lanes * sizeof(float))]] = float;
};
template <std::size_t lanes>
using Vector = typename VectorOf<lanes>::Type;

template <std::size_t lanes>
MPSNN_INLINE Vector<lanes> loaded(const float* from) {
  Vector<lanes> v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}
/// The first `count` lanes, the others 0.
template <std::size_t lanes>
MPSNN_INLINE Vector<lanes> loaded(const float* from, std::size_t count) {
  Vector<lanes> v{};
  __builtin_memcpy(&v, from, count * sizeof(float));
  return v;
}
template <std::size_t lanes>
MPSNN_INLINE void store(float* to, const Vector<lanes>& v) {
  __builtin_memcpy(to, &v, sizeof v);
}
template <std::size_t lanes>
MPSNN_INLINE void store(float* to, const Vector<lanes>& v, std::size_t count) {
  __builtin_memcpy(to, &v, count * sizeof(float));
}

inline constexpr std::size_t kMostLanes = 16;
/// Lanes of the longest vectors that this processor has and a build's kernels know: 8 or 16. The environment's
/// MPSNN_VECTOR_LANES=8 keeps to the shorter ones.
std::size_t vector_lanes();

}  // namespace mpsnn::cpu
