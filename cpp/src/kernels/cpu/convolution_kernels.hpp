#pragma once

#include <memory>

#include "kernels/cpu/convolution_loops.hpp"
#include "kernels/cpu/rectifier.hpp"
#include "kernels/kernel.hpp"
#include "mpsnn/nodes/convolution.hpp"

// What the kernels of the convolution family share: where windows lie, and the plain kernels themselves.
namespace mpsnn::cpu {

struct Axes {
  TapAxis x, y;
};
/// A convolution from a source to its result.
Axes convolution_axes(const ConvolutionAttributes& op, const Geometry& geometry, const TensorDescriptor& source,
                      const TensorDescriptor& result);
/// From the gradient of its result back to the gradient of its source.
Axes convolution_gradient_axes(const ConvolutionAttributes& op, const Geometry& geometry, const TensorDescriptor& gradient,
                               const TensorDescriptor& source);
/// A transposed convolution from a source to its result.
Axes transpose_axes(const ConvolutionAttributes& op, const Geometry& geometry, const TensorDescriptor& source,
                    const TensorDescriptor& result);
/// From the gradient of its result back to the gradient of its source.
Axes transpose_gradient_axes(const ConvolutionAttributes& op, const Geometry& geometry, const TensorDescriptor& gradient,
                             const TensorDescriptor& source);

/// The first `channels` channels of an image.
inline TensorDescriptor first_channels(TensorDescriptor t, std::size_t channels) {
  t.c = channels;
  return t;
}
inline TensorDescriptor dense_tensor(std::size_t n, std::size_t h, std::size_t w, std::size_t c) { return {n, h, w, c, c}; }

/// Biases in use; null where there are none.
inline const float* biases_of(const ParameterSet& parameters) {
  const auto& values = parameters.parameters[1].values;
  return values ? static_cast<const float*>(values->data()) : nullptr;
}

/// Of a gradient: whether anybody reads what it has for the biases.
inline bool wants_biases(const KernelRequest& request) { return request.states.size() > 1 && request.states[1].is_read; }

/// What becomes of a sum before it is written as a result.
struct FilterEnding {
  const float* biases = nullptr;
  const float* addend = nullptr;
  std::size_t addend_stride = 0;  ///< numbers from pixel to pixel
  Rectifier rectifier;
  TakesPixels* taker = nullptr;  ///< of the results, from a filter that has `given_parts`; may be null
};

/// False, with the reason, for edge modes that no kernel of the family has.
bool accepts_edge_mode(KernelRequest& request);
/// False, with the reason, for edge modes other than Zero and for groups. The axes say the rest.
bool is_dense_with_zeros(KernelRequest& request, const ConvolutionAttributes& op);

/// The plain forward kernel; `filters` is the number of channels before a sub-pixel convolution spreads them.
std::unique_ptr<PlanKernel> make_forward_loops(const KernelRequest& request, const Axes& axes);
/// The plain gradient kernel. The weight gradient loops over the pixels of the result of `weight_axes`.
std::unique_ptr<PlanKernel> make_gradient_loops(const KernelRequest& request, const Axes& data_axes, const Axes& weight_axes,
                                                bool looped_is_output);

/// Without products in tiles; null, with the reason, where the image's gradient is not asked for or others are faster.
std::unique_ptr<PlanKernel> make_direct_gradient(KernelRequest& request);
/// Both halves of a depthwise one; null, with the reason, where only one is asked for or windows are others than most have.
std::unique_ptr<PlanKernel> make_depthwise_gradient(KernelRequest& request);
/// The half of a gradient that is asked for, by whatever takes every shape.
std::unique_ptr<PlanKernel> make_half_gradient(KernelRequest& request);
/// Of kernels for the image and for the weights; where one is null, `make_half_gradient` makes it if it is wanted.
std::unique_ptr<PlanKernel> make_both_gradients(KernelRequest& request, std::unique_ptr<PlanKernel> data,
                                                std::unique_ptr<PlanKernel> weights);

void register_winograd(KernelTable& table);
void register_pointwise(KernelTable& table);
void register_patches(KernelTable& table);
void register_direct(KernelTable& table);
void register_convolution_gradient(KernelTable& table);
void register_fully_connected(KernelTable& table);
void register_convolution_transpose(KernelTable& table);

}  // namespace mpsnn::cpu
