#pragma once

#include <limits>

#include "mpsnn/nodes/neuron.hpp"

namespace mpsnn::cpu {

/// The neurons that cost next to nothing where a kernel stores its results: y = slope * x for negative x, at most `limit`. A
/// slope of 0 makes 0 of minus infinity; NaN stays.
struct Rectifier {
  bool is_needed = false;
  float slope = 1, limit = std::numeric_limits<float>::infinity();

  /// False for neurons that are more than that.
  bool set(const NNNeuronDescriptor& neuron) {
    switch (neuron.neuron_type) {
      case CNNNeuronType::None:
        *this = {};
        return true;
      case CNNNeuronType::ReLU:
        *this = {true, neuron.a};
        return true;
      case CNNNeuronType::ReLUN:
        *this = {true, neuron.a, neuron.b};
        return true;
      default:
        return false;
    }
  }

  float operator()(float x) const {
    if (!is_needed) return x;
    const float negative = slope == 0 ? 0 : slope * x, y = x < 0 ? negative : x;
    return y > limit ? limit : y;
  }
};

}  // namespace mpsnn::cpu
