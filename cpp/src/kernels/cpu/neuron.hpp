#pragma once

#include <cstddef>

#include "mpsnn/nodes/neuron.hpp"

namespace mpsnn::cpu {

/// y = f(x) for `pixels` x `channels` numbers; a stride counts the numbers from one pixel to the next. x may be y. Uses threads.
/// PReLU's slopes start at the first channel.
void apply_neuron(const NNNeuronDescriptor& neuron, const float* x, float* y, std::size_t pixels, std::size_t channels,
                  std::size_t x_stride, std::size_t y_stride);

/// y = gradient * f'(x); y may be `gradient` or x.
void apply_neuron_gradient(const NNNeuronDescriptor& neuron, const float* gradient, const float* x, float* y, std::size_t pixels,
                           std::size_t channels, std::size_t gradient_stride, std::size_t x_stride, std::size_t y_stride);

}  // namespace mpsnn::cpu
