#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include "kernels/cpu/convolution_blocks.hpp"
#include "kernels/cpu/convolution_kernels.hpp"
#include "kernels/cpu/convolution_pointwise.hpp"
#include "kernels/cpu/panel_product.hpp"
#include "kernels/kernel.hpp"

// Convolutions whose sums over taps and inputs stay in registers, for pixels that have their taps in common (E. Georganas et al.,
// "Anatomy of High-Performance Deep Learning Convolutions on SIMD Architectures", 2018).
namespace mpsnn::cpu::direct {

/// The weights in panels: [panel][tap][input][output].
class Panels {
 public:
  Panels(const WeightsView& view, std::size_t taps);
  std::size_t size() const { return taps_ * view_.inputs * loops_.width(); }  ///< of one
  std::size_t panels() const { return panels_; }
  std::size_t count() const { return panels_ * size(); }
  void make(const ScaledWeights& weights, float* panels) const;
  /// Some, by the thread that asks.
  void make(const ScaledWeights& weights, std::size_t first, std::size_t panels, float* to) const;

 private:
  const PanelLoops& loops_;
  const WeightsView view_;
  const std::size_t taps_, panels_;
  const pointwise::Panels of_tap_;
};

class Filter {
 public:
  Filter(const Axes& axes, const Panels& panels, const WeightsView& view, const TensorDescriptor& source,
         const TensorDescriptor& result, double cost_of_weight, int threads);
  std::size_t scratch_bytes() const { return 0; }
  std::size_t part_scratch_bytes() const { return 0; }
  /// True: what is not finite reaches only results that it belongs to, as taps outside the image are left out.
  bool run(const float* source, float* result, const float* panels, const FilterEnding& ending, std::byte* scratch,
           const PartScratch& parts) const;

 protected:
  /// Of the panels that are there at a time.
  std::size_t group_count() const { return group_ * panels_.size(); }
  /// Calls `body(first panel, panels, part of the blocks)` for what a part multiplies at a time.
  template <class Body>
  void for_groups(std::size_t part, const Body& body) const;
  /// A part of the blocks, channels of some panels; `panels` is the first of these.
  void multiply(std::size_t block_part, std::size_t first, std::size_t count, const float* source, float* result,
                const float* panels, const FilterEnding& ending) const;

  const Panels panels_;
  const pointwise::Parts parts_;

 private:
  /// Pixels that have their taps in common.
  struct Area {
    Rectangle pixels;
    std::vector<PanelTap> taps;
    std::size_t blocks, before;  ///< before: work of the areas before this one, a block's is its taps
    std::size_t work_of_block() const { return std::max(taps.size(), std::size_t(1)); }
  };
  /// Calls `body(area, first block, last block)` for a part of the blocks of all areas.
  template <class Body>
  void for_areas(std::size_t block_part, const Body& body) const;
  void multiply(const Block& block, const Area& area, std::size_t rows, std::size_t first, std::size_t count, const float* panels,
                const FilterEnding& ending) const;

  const PanelLoops& loops_;
  const std::shared_ptr<const Plane> plane_;
  const std::size_t inputs_, outputs_;
  std::size_t group_;
  std::vector<Area> areas_;
  std::size_t work_ = 0;
};

/// The same for weights that are read as they are, being others in every run or very many: each part makes the panels it needs
/// where it multiplies them.
class UnpackedFilter : Filter {
 public:
  UnpackedFilter(const Axes& axes, const Panels& panels, const WeightsView& view, const TensorDescriptor& source,
                 const TensorDescriptor& result, int threads)
      : Filter(axes, panels, view, source, result, pointwise::kCostOfUnpackedWeight, threads) {}
  std::size_t scratch_bytes() const { return 0; }
  std::size_t part_scratch_bytes() const { return group_count() * sizeof(float); }
  bool run(const float* source, float* result, const ScaledWeights& weights, const FilterEnding& ending, std::byte* scratch,
           const PartScratch& parts) const;
};

}  // namespace mpsnn::cpu::direct
