#include "mpsnn/nodes/yolo_loss.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <vector>

#include "kernels/cpu/loss_elements.hpp"

namespace mpsnn::cpu {

namespace {

enum Part : std::size_t { kXY, kWH, kConfidence, kClasses, kParts };

constexpr float kSmallest = 1e-5f;  // keeps the logarithm of an object without extent finite

/// Centre and size in cells, as the labels have them.
struct Box {
  float x, y, width, height;
};

float overlap(float a, float a_size, float b, float b_size) {
  const float low = std::max(a - 0.5f * a_size, b - 0.5f * b_size), high = std::min(a + 0.5f * a_size, b + 0.5f * b_size);
  return std::max(high - low, 0.f);
}

float intersection_over_union(const Box& a, const Box& b) {
  const float both = overlap(a.x, a.width, b.x, b.width) * overlap(a.y, a.height, b.y, b.height);
  return both / (a.width * a.height + b.width * b.height - both);
}

struct Sigmoid {
  float value, slope;
};
Sigmoid sigmoid(float x) {
  const float e = exp_of(-std::fabs(x)), s = 1.f / (1.f + e);
  return {x < 0.f ? e * s : s, e * s * s};
}

/// An anchor box of a cell that takes part in the loss.
struct Candidate {
  std::size_t cell, anchor;  ///< the cell from the tile's first
  bool is_object;            ///< otherwise it is to find none
};

/// Where the numbers of candidates stand side by side, so that the loops of the losses run over them.
struct Gathered {
  static constexpr std::size_t kArrays = 6;
  Gathered(float* memory, std::size_t size)
      : y(memory), t(y + size), w(t + size), loss(w + size), gradient(loss + size), spare(gradient + size) {}
  float *y, *t, *w, *loss, *gradient, *spare;
};

class YOLOLossLoops final : public PlanKernel {
 public:
  YOLOLossLoops(const KernelRequest& request, const CNNYOLOLossDescriptor& d)
      : d_(d),
        losses_{d.xy_loss_descriptor, d.wh_loss_descriptor, d.confidence_loss_descriptor, d.classes_loss_descriptor},
        source_(request.sources[0]),
        labels_(request.sources[1]),
        weights_(request.sources.size() > 2 ? request.sources[2] : TensorDescriptor()),
        result_(request.result ? *request.result : TensorDescriptor()),
        is_whole_(d.reduction_type == CNNReductionType::None),
        entries_(source_.c / d.number_of_anchor_boxes),
        units_(source_, request.threads),
        candidates_(units_.workers()),
        sums_(units_.count() * kParts) {
    for (auto& candidates : candidates_) candidates.reserve(units_.tile_pixels() * d.number_of_anchor_boxes);
  }

  std::size_t scratch_bytes() const override { return units_.workers() * Gathered::kArrays * tile_size() * sizeof(float); }

  void run(const RunArguments& arguments) override {
    auto* loss = arguments.states.empty() ? nullptr : static_cast<float*>(arguments.states[0]);
    std::fill(sums_.begin(), sums_.end(), LossSums());
    units_.run([&](const LossUnit& unit) {
      for (std::size_t p = unit.begin; p < unit.end; p += units_.tile_pixels()) {
        Tile tile;
        tile.cells = std::min(units_.tile_pixels(), unit.end - p);
        tile.y = arguments.sources[0] + p * source_.pixel_stride;
        tile.t = arguments.sources[1] + p * labels_.pixel_stride;
        tile.w = weights_.c != 0 ? arguments.sources[2] + p * weights_.pixel_stride : nullptr;
        tile.gradient = arguments.result ? arguments.result + p * result_.pixel_stride : nullptr;
        tile.loss = loss && is_whole_ ? loss + p * source_.c : nullptr;
        const Gathered numbers(reinterpret_cast<float*>(arguments.scratch) + unit.worker * Gathered::kArrays * tile_size(),
                               tile_size());
        run_tile(tile, numbers, candidates_[unit.worker], &sums_[unit.index * kParts]);
      }
    });
    if (!loss || is_whole_) return;
    const double elements = double(source_.h * source_.w * source_.c);
    reduce_losses({d_.reduction_type, d_.reduce_across_batch, elements, 0, kParts}, sums_, source_.n, loss);
  }

 private:
  std::size_t tile_size() const { return units_.tile_pixels() * source_.c; }

  /// Pointers to the first cell; null what is not there, or not wanted.
  struct Tile {
    const float *y, *t, *w;
    float *gradient, *loss;
    std::size_t cells;
  };

  void run_tile(const Tile& tile, const Gathered& numbers, std::vector<Candidate>& candidates, LossSums* sums) const {
    candidates.clear();
    for (std::size_t cell = 0; cell < tile.cells; ++cell) find_candidates(tile, cell, numbers.spare, candidates);
    for (std::size_t cell = 0; cell < tile.cells; ++cell) {
      if (tile.gradient) std::fill_n(tile.gradient + cell * result_.pixel_stride, source_.c, 0.f);
      if (tile.loss) std::fill_n(tile.loss + cell * source_.c, source_.c, 0.f);
    }
    for (Part part : {kXY, kWH, kConfidence, kClasses}) {
      LossPixels pixels;
      pixels.channels = channels(part);
      pixels.count = gather(tile, part, candidates, numbers);
      pixels.y_stride = pixels.t_stride = pixels.w_stride = pixels.gradient_stride = pixels.channels;
      pixels.y = numbers.y;
      pixels.t = numbers.t;
      pixels.w = numbers.w;
      pixels.loss = numbers.loss;
      pixels.gradient = numbers.gradient;
      pixels.spare = numbers.spare;
      run_losses(losses_[part], pixels);
      scatter(tile, part, candidates, numbers);
      if (is_whole_) continue;
      sums[part].loss += sum_of(numbers.loss, pixels.count * pixels.channels);
      if (d_.reduction_type == CNNReductionType::SumByNonZeroWeights) {
        sums[part].non_zero += double(non_zero_weights(losses_[part], pixels));
      }
    }
  }

  void find_candidates(const Tile& tile, std::size_t cell, float* overlaps, std::vector<Candidate>& candidates) const {
    const std::size_t anchors = d_.number_of_anchor_boxes;
    const float* t = tile.t + cell * labels_.pixel_stride;
    for (std::size_t a = 0; a < anchors; ++a) {
      const Box anchor{0, 0, d_.anchor_boxes[2 * a], d_.anchor_boxes[2 * a + 1]},
          object{0, 0, t[a * entries_ + 2], t[a * entries_ + 3]};
      overlaps[a] = intersection_over_union(anchor, object);
    }
    const float best = *std::max_element(overlaps, overlaps + anchors);
    for (std::size_t a = 0; a < anchors; ++a) {
      const bool fits = overlaps[a] == best || overlaps[a] > d_.min_iou_for_object_presence;
      const bool is_object = t[a * entries_ + 4] == 1.f && fits;
      if (is_object || overlaps[a] < d_.max_iou_for_object_absence) candidates.push_back({cell, a, is_object});
    }
  }

  std::size_t first_entry(Part part) const { return std::array<std::size_t, kParts>{0, 2, 4, 5}[part]; }
  std::size_t channels(Part part) const {
    return std::array<std::size_t, kParts>{2, 2, 1, entries_ - YOLOLossOp::kEntries}[part];
  }
  float scale(Part part, bool is_object) const {
    if (!is_object) return part == kConfidence ? d_.scale_no_object : 0.f;
    return std::array{d_.scale_xy, d_.scale_wh, d_.scale_object, d_.scale_class}[part];
  }
  static bool takes_part(const Candidate& candidate, Part part) { return candidate.is_object || part == kConfidence; }

  /// Predictions, targets and weights that one of the losses sees; returns how many candidates it has.
  std::size_t gather(const Tile& tile, Part part, const std::vector<Candidate>& candidates, const Gathered& to) const {
    const std::size_t first = first_entry(part), count = channels(part);
    std::size_t taken = 0;
    for (const Candidate& candidate : candidates) {
      if (!takes_part(candidate, part)) continue;
      const std::size_t box = candidate.anchor * entries_, at = taken * count;
      const float* y = tile.y + candidate.cell * source_.pixel_stride + box;
      const float* t = tile.t + candidate.cell * labels_.pixel_stride + box;
      const float* anchor = &d_.anchor_boxes[2 * candidate.anchor];
      for (std::size_t j = 0; j < count; ++j) {
        to.y[at + j] = part == kXY ? sigmoid(y[j]).value : y[first + j];
        to.t[at + j] = part == kWH ? log_of(t[first + j] / anchor[j] + kSmallest) : t[first + j];
        const float w = tile.w ? tile.w[candidate.cell * weights_.pixel_stride + box + first + j] : 1.f;
        to.w[at + j] = scale(part, candidate.is_object) * w;
      }
      if (part == kConfidence) to.t[at] = confidence(candidate, y, t, anchor);
      ++taken;
    }
    return taken;
  }

  float confidence(const Candidate& candidate, const float* y, const float* t, const float* anchor) const {
    if (!candidate.is_object || !d_.rescore) return candidate.is_object ? 1.f : 0.f;
    const Box predicted{sigmoid(y[0]).value, sigmoid(y[1]).value, exp_of(y[2]) * anchor[0], exp_of(y[3]) * anchor[1]};
    return intersection_over_union(predicted, {t[0], t[1], t[2], t[3]});
  }

  void scatter(const Tile& tile, Part part, const std::vector<Candidate>& candidates, const Gathered& from) const {
    const std::size_t first = first_entry(part), count = channels(part);
    std::size_t at = 0;
    for (const Candidate& candidate : candidates) {
      if (!takes_part(candidate, part)) continue;
      const std::size_t entry = candidate.anchor * entries_ + first;
      const float* y = tile.y + candidate.cell * source_.pixel_stride + entry;
      for (std::size_t j = 0; j < count; ++j, ++at) {
        const float slope = part == kXY ? sigmoid(y[j]).slope : 1.f;
        if (tile.gradient) tile.gradient[candidate.cell * result_.pixel_stride + entry + j] = slope * from.gradient[at];
        if (tile.loss) tile.loss[candidate.cell * source_.c + entry + j] = from.loss[at];
      }
    }
  }

  CNNYOLOLossDescriptor d_;
  std::array<CNNLossDescriptor, kParts> losses_;
  TensorDescriptor source_, labels_, weights_, result_;
  bool is_whole_;
  std::size_t entries_;  ///< of an anchor box
  LossUnits units_;
  std::vector<std::vector<Candidate>> candidates_;  ///< of a tile, for each worker
  std::vector<LossSums> sums_;                      ///< of each unit, one for each part
};

std::unique_ptr<PlanKernel> make_yolo_loss(KernelRequest& request) {
  if (!can_take_labels(request)) return nullptr;
  return std::make_unique<YOLOLossLoops>(request, static_cast<const YOLOLossOp&>(request.op).descriptor);
}

}  // namespace

void register_yolo_loss(KernelTable& table) { table.add<YOLOLossOp>("loops", make_yolo_loss); }

}  // namespace mpsnn::cpu
