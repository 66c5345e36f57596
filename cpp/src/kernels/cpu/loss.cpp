#include "mpsnn/nodes/loss.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "kernels/cpu/loss_elements.hpp"

namespace mpsnn::cpu {

namespace {

class LossLoops final : public PlanKernel {
 public:
  LossLoops(const KernelRequest& request, const CNNLossDescriptor& d)
      : d_(d),
        source_(request.sources[0]),
        labels_(request.sources[1]),
        weights_(request.sources.size() > 2 ? request.sources[2] : TensorDescriptor()),
        result_(request.result ? *request.result : TensorDescriptor()),
        has_weights_(request.sources.size() > 2),
        is_whole_(d.reduction_type == CNNReductionType::None),
        units_(source_, request.threads),
        sums_(units_.count()) {}

  bool can_run_in_place() const override { return result_.c != 0 && source_.pixel_stride == result_.pixel_stride; }
  std::size_t scratch_bytes() const override { return units_.workers() * 3 * tile_size() * sizeof(float); }

  void run(const RunArguments& arguments) override {
    units_.run([&](const LossUnit& unit) { sums_[unit.index] = run_unit(arguments, unit); });
    auto* loss = arguments.states.empty() ? nullptr : static_cast<float*>(arguments.states[0]);
    if (loss && !is_whole_) reduce_losses(reduction_of(d_, source_.shape()), sums_, source_.n, loss);
  }

 private:
  std::size_t tile_size() const { return units_.tile_pixels() * source_.c; }

  LossSums run_unit(const RunArguments& arguments, const LossUnit& unit) const {
    float* scratch = reinterpret_cast<float*>(arguments.scratch) + unit.worker * 3 * tile_size();
    auto* whole = is_whole_ && !arguments.states.empty() ? static_cast<float*>(arguments.states[0]) : nullptr;
    LossPixels tile;
    tile.channels = source_.c;
    tile.y_stride = source_.pixel_stride;
    tile.t_stride = labels_.pixel_stride;
    tile.w_stride = weights_.pixel_stride;
    tile.gradient_stride = arguments.result ? result_.pixel_stride : source_.c;
    tile.spare = scratch + 2 * tile_size();
    LossSums sums;
    for (std::size_t p = unit.begin; p < unit.end; p += tile.count) {
      tile.count = std::min(units_.tile_pixels(), unit.end - p);
      tile.y = arguments.sources[0] + p * source_.pixel_stride;
      tile.t = arguments.sources[1] + p * labels_.pixel_stride;
      tile.w = has_weights_ ? arguments.sources[2] + p * weights_.pixel_stride : nullptr;
      tile.loss = whole ? whole + p * source_.c : scratch;
      tile.gradient = arguments.result ? arguments.result + p * result_.pixel_stride : scratch + tile_size();
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
  LossUnits units_;
  std::vector<LossSums> sums_;
};

std::unique_ptr<PlanKernel> make_loss(KernelRequest& request) {
  if (!can_take_labels(request)) return nullptr;
  return std::make_unique<LossLoops>(request, static_cast<const LossOp&>(request.op).descriptor);
}

}  // namespace

void register_loss(KernelTable& table) { table.add<LossOp>("loops", make_loss); }

}  // namespace mpsnn::cpu
