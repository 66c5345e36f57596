#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "kernels/cpu/convolution_blocks.hpp"
#include "kernels/cpu/convolution_kernels.hpp"
#include "kernels/cpu/convolution_pointwise.hpp"
#include "kernels/cpu/panel_product.hpp"
#include "kernels/kernel.hpp"

// Convolutions whose sums over taps and inputs stay in registers, for pixels that have their taps in common (E. Georganas et al.,
// "Anatomy of High-Performance Deep Learning Convolutions on SIMD Architectures", 2018). The weights are others in every run:
// each part makes the panels it needs where it multiplies them.
namespace mpsnn::cpu::direct {

class Filter {
 public:
  Filter(const Axes& axes, const WeightsView& view, const TensorDescriptor& source, const TensorDescriptor& result, int threads);
  std::size_t scratch_bytes() const { return 0; }
  std::size_t part_scratch_bytes() const { return group_ * panel_size() * sizeof(float); }
  /// True: taps outside the image are left out.
  bool run(const float* source, float* result, const float* weights, const FilterEnding& ending, std::byte* scratch,
           const PartScratch& parts) const;

 private:
  /// Pixels that have their taps in common.
  struct Area {
    Rectangle pixels;
    std::vector<PanelTap> taps;
  };
  std::size_t panel_size() const { return plane_->taps * view_.inputs * loops_.width(); }
  void make_panels(const float* weights, std::size_t first, std::size_t count, float* panels) const;
  void multiply(const Block& block, const Area& area, std::size_t rows, std::size_t first, std::size_t count, const float* panels,
                const FilterEnding& ending) const;
  void run_part(std::size_t part, const float* source, float* result, const float* weights, const FilterEnding& ending,
                float* panels) const;

  const PanelLoops& loops_;
  const std::shared_ptr<const Plane> plane_;
  const WeightsView view_;
  const pointwise::Panels panels_of_tap_;
  const pointwise::Parts parts_;
  const std::size_t panels_;
  const bool are_far_;  // results go to memory that no cache holds
  std::size_t group_;   // panels that are there at a time
  std::vector<Area> areas_;
};

}  // namespace mpsnn::cpu::direct
