#include "mpsnn/nodes/loss.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/loss_elements.hpp"

namespace mpsnn::cpu {

namespace {

constexpr std::size_t kTile = 2048;   // elements computed before they are added up
constexpr std::size_t kUnit = 16384;  // elements added up by one thread, whatever their number

class LossLoops final : public PlanKernel {
 public:
  LossLoops(const KernelRequest& request, const CNNLossDescriptor& d)
      : d_(d),
        source_(request.sources[0]),
        labels_(request.sources[1]),
        weights_(request.sources.size() > 2 ? request.sources[2] : TensorDescriptor()),
        result_(request.result ? *request.result : TensorDescriptor()),
        has_weights_(request.sources.size() > 2),
        is_whole_(d.reduction_type == CNNReductionType::None) {
    const std::size_t c = source_.c, image = source_.h * source_.w;
    tile_pixels_ = std::max<std::size_t>(kTile / c, 1);
    unit_pixels_ = std::min(image, std::max(kUnit / c / tile_pixels_, std::size_t(1)) * tile_pixels_);
    units_per_image_ = (image + unit_pixels_ - 1) / unit_pixels_;
    units_ = source_.n * units_per_image_;
    const std::size_t worth = std::max<std::size_t>(source_.count() / (kUnit / 2), 1);
    workers_ = std::min({std::size_t(std::max(request.threads, 1)), units_, worth});
    sums_.resize(units_);
  }

  bool can_run_in_place() const override { return result_.c != 0 && source_.pixel_stride == result_.pixel_stride; }
  std::size_t scratch_bytes() const override { return workers_ * 3 * tile_size() * sizeof(float); }

  void run(const RunArguments& arguments) override {
    parallel_ranges(workers_, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t worker = begin; worker < end; ++worker) {
        float* scratch = reinterpret_cast<float*>(arguments.scratch) + worker * 3 * tile_size();
        for (std::size_t unit = units_ * worker / workers_; unit < units_ * (worker + 1) / workers_; ++unit) {
          sums_[unit] = run_unit(arguments, unit, scratch);
        }
      }
    });
    auto* loss = arguments.states.empty() ? nullptr : static_cast<float*>(arguments.states[0]);
    if (loss && !is_whole_) reduce_losses(reduction_of(d_, source_.shape()), sums_, source_.n, loss);
  }

 private:
  std::size_t tile_size() const { return tile_pixels_ * source_.c; }

  LossSums run_unit(const RunArguments& arguments, std::size_t unit, float* scratch) const {
    const std::size_t image = source_.h * source_.w, n = unit / units_per_image_;
    const std::size_t first = unit % units_per_image_ * unit_pixels_, end = std::min(first + unit_pixels_, image);
    auto* whole = is_whole_ && !arguments.states.empty() ? static_cast<float*>(arguments.states[0]) : nullptr;
    LossPixels tile;
    tile.channels = source_.c;
    tile.y_stride = source_.pixel_stride;
    tile.t_stride = labels_.pixel_stride;
    tile.w_stride = weights_.pixel_stride;
    tile.gradient_stride = arguments.result ? result_.pixel_stride : source_.c;
    tile.spare = scratch + 2 * tile_size();
    LossSums sums;
    for (std::size_t p = first; p < end; p += tile_pixels_) {
      const std::size_t at = n * image + p;
      tile.count = std::min(tile_pixels_, end - p);
      tile.y = arguments.sources[0] + at * source_.pixel_stride;
      tile.t = arguments.sources[1] + at * labels_.pixel_stride;
      tile.w = has_weights_ ? arguments.sources[2] + at * weights_.pixel_stride : nullptr;
      tile.loss = whole ? whole + at * source_.c : scratch;
      tile.gradient = arguments.result ? arguments.result + at * result_.pixel_stride : scratch + tile_size();
      run_losses(d_, tile);
      if (is_whole_) continue;
      sums.loss += sum_of(tile.loss, tile.count * source_.c);
      if (d_.reduction_type == CNNReductionType::SumByNonZeroWeights) sums.non_zero += double(non_zero_weights(d_, tile));
    }
    return sums;
  }

  CNNLossDescriptor d_;
  TensorDescriptor source_, labels_, weights_, result_;
  bool has_weights_, is_whole_;
  std::size_t tile_pixels_ = 1, unit_pixels_ = 1, units_per_image_ = 1, units_ = 1, workers_ = 1;
  std::vector<LossSums> sums_;
};

std::unique_ptr<PlanKernel> make_loss(KernelRequest& request) {
  if (!can_take_labels(request)) return nullptr;
  return std::make_unique<LossLoops>(request, static_cast<const LossOp&>(request.op).descriptor);
}

}  // namespace

void register_loss(KernelTable& table) { table.add<LossOp>("loops", make_loss); }

}  // namespace mpsnn::cpu
