#include "kernels/cpu/optimizer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#ifdef __SSE2__
#include <immintrin.h>
#endif

#include "core/convert.hpp"
#include "kernels/cpu/loops.hpp"

namespace mpsnn::cpu {

namespace {

// Numbers that cannot be worked on where they lie go through buffers of this size, which stay in the first-level cache.
constexpr std::size_t kChunk = 1024;
constexpr std::size_t kChunksPerThread = 16;
// Weights that all threads have read are in the caches of each. Who writes them there waits for the others to let go, line by
// line: twice as long as it takes to write so many past the caches, where threads have caches of their own.
constexpr std::size_t kStreamedBytes = std::size_t(1) << 20;

void load(float* to, const std::byte* from, DataType type, std::size_t count) {
  load_floats(to, from, type == DataType::Float16 ? ImageFeatureChannelFormat::Float16 : ImageFeatureChannelFormat::Float32,
              count);
}

void store(std::byte* to, const float* from, DataType type, std::size_t count) {
  store_floats(to, from, type == DataType::Float16 ? ImageFeatureChannelFormat::Float16 : ImageFeatureChannelFormat::Float32,
               count);
}

/// Writes past the caches. Other threads find it there after `finish_streams`.
void stream(float* to, const float* from, std::size_t count) {
  std::size_t i = 0;
#ifdef __SSE2__
  constexpr std::size_t kNumbers = 4;
  for (; i < count && reinterpret_cast<std::uintptr_t>(to + i) % (kNumbers * sizeof(float)) != 0; ++i) to[i] = from[i];
  for (; i + kNumbers <= count; i += kNumbers) _mm_stream_ps(to + i, _mm_loadu_ps(from + i));
#endif
  for (; i < count; ++i) to[i] = from[i];
}

void finish_streams() {
#ifdef __SSE2__
  _mm_sfence();
#endif
}

// Clipping, then rescaling, then regularisation. The comparisons let NaN through.
void preprocess(const NNOptimizerDescriptor& s, float* __restrict g, const float* __restrict v, std::size_t count) {
  if (s.apply_gradient_clipping) {
    const float low = s.gradient_clip_min, high = s.gradient_clip_max;
    for (std::size_t i = 0; i < count; ++i) {
      const float raised = g[i] < low ? low : g[i];
      g[i] = high < raised ? high : raised;
    }
  }
  if (s.gradient_rescale != 1) {
    for (std::size_t i = 0; i < count; ++i) g[i] *= s.gradient_rescale;
  }
  const float scale = s.regularization_scale;
  if (s.regularization_type == NNRegularizationType::L1) {
    for (std::size_t i = 0; i < count; ++i) g[i] += scale * (float(v[i] > 0) - float(v[i] < 0));
  } else if (s.regularization_type == NNRegularizationType::L2) {
    for (std::size_t i = 0; i < count; ++i) g[i] += scale * v[i];
  }
}

void descent(const OptimizerStep& s, float* __restrict v, const float* __restrict g, std::size_t count) {
  const float rate = s.learning_rate;
  for (std::size_t i = 0; i < count; ++i) v[i] -= rate * g[i];
}

void momentum(const OptimizerStep& s, float* __restrict v, const float* __restrict g, float* __restrict m, std::size_t count) {
  const float rate = s.learning_rate, keep = s.keep1;
  for (std::size_t i = 0; i < count; ++i) {
    m[i] = keep * m[i] + rate * g[i];
    v[i] -= m[i];
  }
}

void nesterov(const OptimizerStep& s, float* __restrict v, const float* __restrict g, float* __restrict m, std::size_t count) {
  const float rate = s.learning_rate, keep = s.keep1;
  for (std::size_t i = 0; i < count; ++i) {
    m[i] = keep * m[i] + g[i];
    v[i] -= rate * (g[i] + keep * m[i]);
  }
}

void rms_prop(const OptimizerStep& step, float* __restrict v, const float* __restrict g, float* __restrict s, std::size_t count) {
  const float rate = step.learning_rate, keep = step.keep1, add = step.add1, epsilon = step.epsilon;
  for (std::size_t i = 0; i < count; ++i) {
    s[i] = keep * s[i] + add * (g[i] * g[i]);
    v[i] -= rate * g[i] / (std::sqrt(s[i]) + epsilon);
  }
}

void adam(const OptimizerStep& s, float* __restrict v, const float* __restrict g, float* __restrict m, float* __restrict u,
          std::size_t count) {
  const float rate = s.learning_rate, epsilon = s.epsilon;
  const float keep1 = s.keep1, add1 = s.add1, keep2 = s.keep2, add2 = s.add2;
  for (std::size_t i = 0; i < count; ++i) {
    m[i] = keep1 * m[i] + add1 * g[i];
    u[i] = keep2 * u[i] + add2 * (g[i] * g[i]);
    v[i] -= rate * m[i] / (std::sqrt(u[i]) + epsilon);
  }
}

void ams_grad(const OptimizerStep& s, float* __restrict v, const float* __restrict g, float* __restrict m, float* __restrict u,
              float* __restrict x, std::size_t count) {
  const float rate = s.learning_rate, epsilon = s.epsilon;
  const float keep1 = s.keep1, add1 = s.add1, keep2 = s.keep2, add2 = s.add2;
  for (std::size_t i = 0; i < count; ++i) {
    m[i] = keep1 * m[i] + add1 * g[i];
    u[i] = keep2 * u[i] + add2 * (g[i] * g[i]);
    x[i] = x[i] > u[i] ? x[i] : u[i];
    v[i] -= rate * m[i] / (std::sqrt(x[i]) + epsilon);
  }
}

bool changes_gradient(const NNOptimizerDescriptor& s) {
  return s.apply_gradient_clipping || s.gradient_rescale != 1 || s.regularization_type != NNRegularizationType::None;
}

void apply(const OptimizerStep& step, float* v, const float* g, const std::array<float*, 3>& states, std::size_t count) {
  switch (step.rule) {
    case OptimizerStep::Rule::Descent:
      return descent(step, v, g, count);
    case OptimizerStep::Rule::Momentum:
      return momentum(step, v, g, states[0], count);
    case OptimizerStep::Rule::Nesterov:
      return nesterov(step, v, g, states[0], count);
    case OptimizerStep::Rule::RMSProp:
      return rms_prop(step, v, g, states[0], count);
    case OptimizerStep::Rule::Adam:
      return adam(step, v, g, states[0], states[1], count);
    case OptimizerStep::Rule::AMSGrad:
      return ams_grad(step, v, g, states[0], states[1], states[2], count);
  }
}

struct Rows {
  std::byte* data;
  const OptimizerArray* array;
  std::byte* at(std::size_t matrix, std::size_t row, std::size_t column) const {
    const std::size_t size = array->data_type == DataType::Float16 ? 2 : 4;
    return data + matrix * array->matrix_bytes + row * array->row_bytes + column * size;
  }
};

Rows rows_of(const OptimizerArray& array) { return {static_cast<std::byte*>(array.buffer->data()) + array.offset, &array}; }

bool is_one(const Rows& a, const Rows& b) {
  return a.data == b.data && a.array->data_type == b.array->data_type && a.array->row_bytes == b.array->row_bytes &&
         a.array->matrix_bytes == b.array->matrix_bytes;
}

/// Whether the arithmetic may read or write the array itself: float, and in no memory that another of its arrays has.
bool can_stay(const Rows& rows, std::span<const Rows> others) {
  Buffer& buffer = *rows.array->buffer;
  const auto* begin = static_cast<const std::byte*>(buffer.data());
  const bool is_apart = std::none_of(others.begin(), others.end(), [&](const Rows& other) {
    const std::less<const std::byte*> before;
    const auto* at = static_cast<const std::byte*>(other.array->buffer->data());
    return before(at, begin + buffer.length()) && before(begin, at + other.array->buffer->length());
  });
  return is_apart && rows.array->data_type == DataType::Float32 &&
         reinterpret_cast<std::uintptr_t>(rows.data) % alignof(float) == 0;
}

bool is_dense(const OptimizerArray& array) {
  const std::size_t row = array.extent.columns * (array.data_type == DataType::Float16 ? 2 : 4);
  return (array.extent.rows == 1 || array.row_bytes == row) &&
         (array.extent.matrices == 1 || array.matrix_bytes == row * array.extent.rows);
}

}  // namespace

void run_optimizer(const OptimizerStep& step, const OptimizerArrays& arrays) {
  OptimizerExtent extent = arrays.values.extent;
  bool dense = is_dense(arrays.gradient) && is_dense(arrays.values) && is_dense(arrays.result);
  for (const auto& state : arrays.states) dense = dense && is_dense(state);
  if (dense) extent = {1, 1, extent.count()};

  const Rows gradient = rows_of(arrays.gradient), values = rows_of(arrays.values), result = rows_of(arrays.result);
  std::vector<Rows> states;
  for (const auto& state : arrays.states) states.push_back(rows_of(state));
  std::vector<Rows> others = states;
  others.push_back(gradient);
  const bool is_in_place = is_one(values, result) && can_stay(values, others);
  const bool streams = is_in_place && thread_count() > 1 && extent.count() * sizeof(float) >= kStreamedBytes;
  const bool changes_in_place = is_in_place && !streams;
  others = states;
  others.push_back(result);
  const bool changes = changes_gradient(step.settings), reads_gradient = !changes && can_stay(gradient, others);

  const std::size_t chunks_per_row = (extent.columns + kChunk - 1) / kChunk;
  const std::size_t chunks = extent.matrices * extent.rows * chunks_per_row;
  const std::size_t grain =
      std::max<std::size_t>(1, kChunksPerThread * kChunk / std::clamp<std::size_t>(extent.columns, 1, kChunk));
  parallel_ranges(chunks, grain, [&](std::size_t begin, std::size_t end) {
    alignas(64) float gradients[kChunk];
    alignas(64) float numbers[kChunk];
    for (std::size_t chunk = begin; chunk < end; ++chunk) {
      const std::size_t row = chunk / chunks_per_row, column = chunk % chunks_per_row * kChunk;
      const std::size_t matrix = row / extent.rows, matrix_row = row % extent.rows;
      const std::size_t count = std::min(kChunk, extent.columns - column);
      std::array<float*, 3> state{};
      for (std::size_t i = 0; i < states.size(); ++i) {
        state[i] = reinterpret_cast<float*>(states[i].at(matrix, matrix_row, column));
      }
      std::byte *g = gradient.at(matrix, matrix_row, column), *v = values.at(matrix, matrix_row, column);
      if (!reads_gradient) load(gradients, g, arrays.gradient.data_type, count);
      if (!changes_in_place) load(numbers, v, arrays.values.data_type, count);
      float* to = changes_in_place ? reinterpret_cast<float*>(v) : numbers;
      if (changes) preprocess(step.settings, gradients, to, count);
      apply(step, to, reads_gradient ? reinterpret_cast<const float*>(g) : gradients, state, count);
      if (streams) {
        stream(reinterpret_cast<float*>(v), numbers, count);
      } else if (!changes_in_place) {
        store(result.at(matrix, matrix_row, column), numbers, arrays.result.data_type, count);
      }
    }
    if (streams) finish_streams();
  });
}

}  // namespace mpsnn::cpu
