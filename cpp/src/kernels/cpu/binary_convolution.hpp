#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "kernels/kernel.hpp"
#include "mpsnn/nodes/binary_convolution.hpp"

// What the kernels of binary convolutions share: they process the source into a frame, in which every window lies wholly, add up
// the windows, and scale the sums.
namespace mpsnn::cpu::binary {

/// One axis of the frame, from the first tap of the first window to the last one of the last.
struct FrameAxis {
  std::ptrdiff_t start = 0;  ///< source pixel of the frame's first
  std::size_t source = 1, length = 1, taps = 1, stride = 1, step = 1;
  bool is_inside(std::size_t i) const {
    return start + std::ptrdiff_t(i) >= 0 && start + std::ptrdiff_t(i) < std::ptrdiff_t(source);
  }
  /// The source pixel, or the nearest one.
  std::size_t position(std::size_t i) const;
};

class BinaryKernel : public PlanKernel {
 public:
  std::size_t scratch_bytes() const final;
  void run(const RunArguments& arguments) final;

 protected:
  explicit BinaryKernel(const KernelRequest& request);
  std::size_t inputs() const { return input_bias_.size(); }
  /// p = (source + bias) * scale for channels [first, first + count) of a pixel; 0 for null, a pixel outside.
  void process(const float* pixel, std::size_t first, std::size_t count, float* to) const;

  /// Brings the weights into the form the kernel reads; called in every run.
  virtual void prepare(const Parameter& weights) = 0;
  virtual std::size_t frame_pixel_bytes() const = 0;
  /// Writes one pixel of the frame.
  virtual void fill(const float* pixel, std::byte* to) const = 0;
  /// Writes the sums of all windows.
  virtual void sum(const std::byte* frame, float* result) const = 0;

  FrameAxis x_, y_;
  TensorDescriptor source_, result_;

 private:
  std::size_t frame_bytes() const;
  void fill_frame(const float* source, std::byte* frame) const;
  void measure(const float* source, float* magnitudes) const;
  float beta(const float* magnitudes, std::size_t row, std::size_t column) const;
  void scale_sums(const float* magnitudes, float* result) const;

  const ParameterSet& parameters_;
  bool is_clamped_, has_beta_, has_terms_;
  std::vector<float> input_bias_, input_scale_, output_bias_, output_scale_;
  NNNeuronDescriptor neuron_;
};

/// XNOR and AND with a bit for each channel.
std::unique_ptr<PlanKernel> make_popcount(KernelRequest& request);

}  // namespace mpsnn::cpu::binary
