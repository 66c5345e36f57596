#include "runtime/runner.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <unordered_set>

#include "core/convert.hpp"
#include "core/memory.hpp"
#include "kernels/cpu/loops.hpp"
#include "mpsnn/error.hpp"
#include "plan/planner.hpp"
#include "runtime/trace.hpp"

namespace mpsnn {

namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kGrain = 16384;  // elements a thread converts at least

}  // namespace

PlanRunner::PlanRunner(std::shared_ptr<const Plan> plan)
    : plan_(std::move(plan)),
      state_memory_(*plan_),
      passing_(plan_->passing_bytes),
      unprepared_(plan_->steps.size()),
      values_(plan_->values.size()),
      blocks_(plan_->blocks.size()),
      arguments_(plan_->steps.size()) {
  const std::size_t bytes = plan_->memory_bytes() + kAlignment;
  memory_ = std::static_pointer_cast<std::byte>(allocate_zeros(bytes, kAlignment));
  if (!memory_) {
    throw OutOfMemory("MPSNNGraph: no memory for the " + std::to_string(bytes) + " bytes its images take while it runs");
  }
  std::unordered_set<const ParameterSet*> seen;
  for (std::size_t i = 0; i < plan_->steps.size(); ++i) {
    const PlanStep& step = plan_->steps[i];
    arguments_[i].sources.resize(step.sources.size());
    arguments_[i].source_blocks.resize(step.source_blocks.size());
    arguments_[i].blocks.resize(step.blocks.size());
    auto* set = step.parameters.get();
    if (set && seen.insert(set).second) parameters_.push_back(set);
  }
}

void PlanRunner::bind(const std::vector<SlotBinding>& slots, std::size_t first_image) {
  std::byte* arena = memory_.get();
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const PlanValue& value = plan_->values[i];
    const PlanValue& root = plan_->values[value.root];
    std::byte* base = root.slot == kNone ? arena + root.arena_offset
                                         : slots[root.slot].images[0] + first_image * root.shape.count() * sizeof(float);
    values_[i] = reinterpret_cast<float*>(base) + value.channel_offset;
  }
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const PlanBlock& block = plan_->blocks[i];
    blocks_[i] = block.slot != kNone ? slots[block.slot].images[0] : arena + block.arena_offset;
  }
  for (std::size_t i = 0; i < arguments_.size(); ++i) {
    const PlanStep& step = plan_->steps[i];
    Arguments& a = arguments_[i];
    for (std::size_t k = 0; k < a.sources.size(); ++k) a.sources[k] = values_[step.sources[k]];
    for (std::size_t k = 0; k < a.source_blocks.size(); ++k) a.source_blocks[k] = blocks_[step.source_blocks[k]];
    for (std::size_t k = 0; k < a.blocks.size(); ++k) a.blocks[k] = blocks_[step.blocks[k]];
    a.result = step.result != kNone ? values_[step.result] : nullptr;
  }
}

std::shared_ptr<Buffer> PlanRunner::block_in_arena(int block) const {
  return std::make_shared<Buffer>(memory_.get() + plan_->blocks[block].arena_offset, plan_->blocks[block].byte_count, memory_);
}

void PlanRunner::run(const std::vector<SlotBinding>& slots, std::uint64_t encode_count, const BetweenSteps& between) {
  struct PassingEnds {
    ~PassingEnds() {
      if (runner.passing_.is_in_use()) runner.unprepared_ = 0;
      runner.passing_.release();
    }
    PlanRunner& runner;
  } passing_ends{*this};
  for (ParameterSet* set : parameters_) set->refresh();
  const std::size_t batch = plan_->request.batch, at_a_time = plan_->batch;
  for (std::size_t image = 0; image < batch; image += at_a_time) {
    // The last run takes its place from the end: images of the one before pass again, and come out as they did.
    run_steps(slots, std::min(image, batch - at_a_time), encode_count, between);
  }
  has_run_ = true;
}

bool PlanRunner::prepare_some() {
  while (unprepared_ < plan_->steps.size()) {
    const PlanStep& step = plan_->steps[unprepared_++];
    if (!step.kernel || step.kernel->passing_bytes() == 0) continue;
    step.kernel->prepare_next(memory_.get() + plan_->arena_bytes);
    return true;
  }
  is_prepared_ = has_run_;
  return false;
}

void PlanRunner::run_steps(const std::vector<SlotBinding>& slots, std::size_t first_image, std::uint64_t encode_count,
                           const BetweenSteps& between) {
  bind(slots, first_image);
  const bool is_timed = traces_runs() || traces_steps();
  auto next = between.begin();
  for (std::size_t i = 0; i < plan_->steps.size(); ++i) {
    const PlanStep& step = plan_->steps[i];
    const auto start = is_timed ? std::chrono::steady_clock::now() : std::chrono::steady_clock::time_point();
    run_step(step, arguments_[i], slots, first_image, encode_count);
    if (is_timed) {
      const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
      trace(step, time.count());
    }
    for (; next != between.end() && next->first == int(i); ++next) next->second();
  }
}

void PlanRunner::run_step(const PlanStep& step, Arguments& arguments, const std::vector<SlotBinding>& slots,
                          std::size_t first_image, std::uint64_t encode_count) {
  switch (step.kind) {
    case StepKind::compute:
      return compute(step, arguments, encode_count);
    case StepKind::import_images:
      return import_images(step, slots[step.slot], first_image);
    case StepKind::export_images:
      return export_images(step, slots[step.slot], first_image);
    case StepKind::export_loss:
      return export_loss(step, slots[step.slot]);
    case StepKind::round:
      return round(step);
  }
}

void PlanRunner::trace(const PlanStep& step, double microseconds) const {
  const char *node = step.node.c_str(), *kernel = step.implementation.c_str();
  if (traces_runs()) std::fprintf(stderr, "mpsnn run: %10.1f us  %s (%s)\n", microseconds, node, kernel);
  if (!traces_steps() || step.kind != StepKind::compute) return;
  const auto shape = [&](int value) {
    const TensorDescriptor t = tensor_of(*plan_, value);
    return std::to_string(t.n) + "x" + std::to_string(t.h) + "x" + std::to_string(t.w) + "x" + std::to_string(t.c);
  };
  std::string sources;
  for (int id : step.sources) sources += (sources.empty() ? "" : ",") + shape(id);
  const std::string result = step.result == kNone ? std::string() : shape(step.result);
  std::size_t weights = 0, states = 0;
  if (step.parameters) weights = step.parameters->parameters[0].count;
  for (int id : step.blocks) states += plan_->blocks[id].byte_count;
  std::fprintf(stderr, "mpsnn step\t%.3f\t%s\t%s\t%s\t%s\t%zu\t%zu\n", microseconds, node, kernel, sources.c_str(),
               result.c_str(), weights, states);
}

void PlanRunner::compute(const PlanStep& step, Arguments& a, std::uint64_t encode_count) {
  if (step.parameters) step.parameters->prepare();
  RunArguments arguments;
  arguments.sources = a.sources;
  arguments.result = a.result;
  arguments.source_states = a.source_blocks;
  arguments.states = a.blocks;
  arguments.scratch = memory_.get() + plan_->arena_bytes;
  arguments.parts = {arguments.scratch + plan_->scratch_bytes, plan_->part_scratch_bytes};
  arguments.encode_count = encode_count;
  if (plan_->batch == plan_->request.batch) arguments.passing = &passing_;
  step.kernel->run(arguments);
}

void PlanRunner::import_images(const PlanStep& step, const SlotBinding& slot, std::size_t first_image) {
  const TensorDescriptor t = tensor_of(*plan_, step.result);
  const std::size_t pixels = t.h * t.w, element = bytes_per_channel(step.format);
  float* to = values_[step.result];
  cpu::parallel_ranges(t.n * pixels, kGrain / t.c + 1, [&](std::size_t begin, std::size_t end) {
    while (begin < end) {
      const std::size_t image = begin / pixels, first = begin % pixels, count = std::min(end - begin, pixels - first);
      const std::byte* from = slot.images[first_image + image] + first * slot.pixel_stride * element;
      float* at = to + begin * t.pixel_stride;
      if (slot.pixel_stride == t.c && t.is_dense()) {
        load_floats(at, from, step.format, count * t.c);
      } else {
        for (std::size_t p = 0; p < count; ++p) {
          load_floats(at + p * t.pixel_stride, from + p * slot.pixel_stride * element, step.format, t.c);
        }
      }
      begin += count;
    }
  });
}

void PlanRunner::export_images(const PlanStep& step, const SlotBinding& slot, std::size_t first_image) {
  const TensorDescriptor t = tensor_of(*plan_, step.sources[0]);
  const std::size_t pixels = t.h * t.w, element = bytes_per_channel(step.format);
  const float* from = values_[step.sources[0]];
  cpu::parallel_ranges(t.n * pixels, kGrain / t.c + 1, [&](std::size_t begin, std::size_t end) {
    while (begin < end) {
      const std::size_t image = begin / pixels, first = begin % pixels, count = std::min(end - begin, pixels - first);
      std::byte* to = slot.images[first_image + image] + first * slot.pixel_stride * element;
      const float* at = from + begin * t.pixel_stride;
      if (slot.pixel_stride == t.c && t.is_dense()) {
        store_floats(to, at, step.format, count * t.c);
      } else {
        for (std::size_t p = 0; p < count; ++p) {
          store_floats(to + p * slot.pixel_stride * element, at + p * t.pixel_stride, step.format, t.c);
        }
      }
      begin += count;
    }
  });
}

void PlanRunner::export_loss(const PlanStep& step, const SlotBinding& slot) {
  const std::size_t bytes = plan_->blocks[step.source_blocks[0]].descriptor.count * sizeof(float);
  for (std::size_t i = 0; i < slot.images.size(); ++i) {
    std::memcpy(slot.images[i], blocks_[step.source_blocks[0]] + i * bytes, bytes);
  }
}

void PlanRunner::round(const PlanStep& step) {
  const TensorDescriptor t = tensor_of(*plan_, step.result);
  float* data = values_[step.result];
  const std::size_t element = bytes_per_channel(step.format);
  cpu::parallel_ranges(t.pixels(), kGrain / t.c + 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t p = begin; p < end; ++p) {
      float* pixel = data + p * t.pixel_stride;
      std::byte stored[256];
      const std::size_t step_channels = sizeof(stored) / element;
      for (std::size_t c = 0; c < t.c; c += step_channels) {
        const std::size_t count = std::min(step_channels, t.c - c);
        store_floats(stored, pixel + c, step.format, count);
        load_floats(pixel + c, stored, step.format, count);
      }
    }
  });
  if (!traces_runs()) return;
  for (std::size_t p = 0; p < t.pixels(); ++p) {
    for (std::size_t c = 0; c < t.c; ++c) {
      const float v = data[p * t.pixel_stride + c];
      if (std::isfinite(v)) continue;
      std::fprintf(stderr, "mpsnn run: %s stores %g as %s\n", step.node.c_str(), double(v), name_of(step.format));
      return;
    }
  }
}

}  // namespace mpsnn
