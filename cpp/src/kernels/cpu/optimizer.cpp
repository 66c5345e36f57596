#include "kernels/cpu/optimizer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "core/convert.hpp"
#include "kernels/cpu/loops.hpp"

namespace mpsnn::cpu {

namespace {

// Numbers go through buffers of this size: they stay in the first-level cache, and the compiler sees that the arrays of the
// arithmetic do not overlap, also when result and values are one array.
constexpr std::size_t kChunk = 1024;
constexpr std::size_t kChunksPerThread = 16;

void load(float* to, const std::byte* from, DataType type, std::size_t count) {
  load_floats(to, from, type == DataType::Float16 ? ImageFeatureChannelFormat::Float16 : ImageFeatureChannelFormat::Float32,
              count);
}

void store(std::byte* to, const float* from, DataType type, std::size_t count) {
  store_floats(to, from, type == DataType::Float16 ? ImageFeatureChannelFormat::Float16 : ImageFeatureChannelFormat::Float32,
               count);
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

void apply(const OptimizerStep& step, float* v, float* g, const std::array<float*, 3>& states, std::size_t count) {
  preprocess(step.settings, g, v, count);
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
  std::array<Rows, 3> states{};
  for (std::size_t i = 0; i < arrays.states.size(); ++i) states[i] = rows_of(arrays.states[i]);

  const std::size_t chunks_per_row = (extent.columns + kChunk - 1) / kChunk;
  const std::size_t chunks = extent.matrices * extent.rows * chunks_per_row;
  const std::size_t grain =
      std::max<std::size_t>(1, kChunksPerThread * kChunk / std::clamp<std::size_t>(extent.columns, 1, kChunk));
  parallel_ranges(chunks, grain, [&](std::size_t begin, std::size_t end) {
    alignas(64) float g[kChunk];
    alignas(64) float v[kChunk];
    for (std::size_t chunk = begin; chunk < end; ++chunk) {
      const std::size_t row = chunk / chunks_per_row, column = chunk % chunks_per_row * kChunk;
      const std::size_t matrix = row / extent.rows, matrix_row = row % extent.rows;
      const std::size_t count = std::min(kChunk, extent.columns - column);
      std::array<float*, 3> state{};
      for (std::size_t i = 0; i < arrays.states.size(); ++i) {
        state[i] = reinterpret_cast<float*>(states[i].at(matrix, matrix_row, column));
      }
      load(g, gradient.at(matrix, matrix_row, column), arrays.gradient.data_type, count);
      load(v, values.at(matrix, matrix_row, column), arrays.values.data_type, count);
      apply(step, v, g, state, count);
      store(result.at(matrix, matrix_row, column), v, arrays.result.data_type, count);
    }
  });
}

}  // namespace mpsnn::cpu
