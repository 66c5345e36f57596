#include <dlfcn.h>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "check.hpp"
#include "core/convert.hpp"
#include "digit_network.hpp"
#include "graph/program.hpp"
#include "kernels/registry.hpp"
#include "runtime/runner.hpp"
#include "runtime/training.hpp"

// The second run of a plan allocates nothing and prepares nothing. This program counts what goes through `new`, and through
// posix_memalign, from where oneDNN has its scratch memory and its copies of weights.
namespace counting {

struct Counts {
  std::atomic<int> news{0}, aligned{0};
  std::atomic<std::size_t> largest{0};
  void reset() { news = aligned = 0, largest = 0; }
};
Counts counts;

void* allocate(std::size_t size, std::size_t alignment) {
  ++counts.news;
  if (size > counts.largest) counts.largest = size;
  return alignment ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment) : std::malloc(size ? size : 1);
}
void* allocate_or_throw(std::size_t size, std::size_t alignment) {
  if (void* memory = allocate(size, alignment)) return memory;
  throw std::bad_alloc();
}

// Inlined, GCC takes free() for the wrong partner of an operator new that it does not look into.
[[gnu::noinline]] void release(void* memory) { std::free(memory); }

}  // namespace counting

void* operator new(std::size_t n) { return counting::allocate_or_throw(n, 0); }
void* operator new[](std::size_t n) { return counting::allocate_or_throw(n, 0); }
void* operator new(std::size_t n, std::align_val_t a) { return counting::allocate_or_throw(n, std::size_t(a)); }
void* operator new[](std::size_t n, std::align_val_t a) { return counting::allocate_or_throw(n, std::size_t(a)); }
void* operator new(std::size_t n, const std::nothrow_t&) noexcept { return counting::allocate(n, 0); }
void* operator new[](std::size_t n, const std::nothrow_t&) noexcept { return counting::allocate(n, 0); }
void* operator new(std::size_t n, std::align_val_t a, const std::nothrow_t&) noexcept {
  return counting::allocate(n, std::size_t(a));
}
void* operator new[](std::size_t n, std::align_val_t a, const std::nothrow_t&) noexcept {
  return counting::allocate(n, std::size_t(a));
}
void operator delete(void* p) noexcept { counting::release(p); }
void operator delete[](void* p) noexcept { counting::release(p); }
void operator delete(void* p, std::size_t) noexcept { counting::release(p); }
void operator delete[](void* p, std::size_t) noexcept { counting::release(p); }
void operator delete(void* p, std::align_val_t) noexcept { counting::release(p); }
void operator delete[](void* p, std::align_val_t) noexcept { counting::release(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { counting::release(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { counting::release(p); }

extern "C" int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  static const auto real = reinterpret_cast<int (*)(void**, std::size_t, std::size_t)>(dlsym(RTLD_NEXT, "posix_memalign"));
  ++counting::counts.aligned;
  return real(memory, alignment, size);
}

namespace {

using namespace mpsnn;
using Format = ImageFeatureChannelFormat;

constexpr std::size_t kBatch = 4;

/// A plan with memory for everything it is given from outside.
class Run {
 public:
  Run(const ImageNodePtr& result, bool is_needed, const PlanRequest& request)
      : program_(lower({{result}, {is_needed}})),
        plan_(make_plan({program_, cpu::kernel_table(), default_device(), 2}, request)),
        runner_(plan_) {
    for (const Slot& slot : plan_->slots) {
      switch (slot.kind) {
        case SlotKind::source:
          add(request.sources[slot.index]);
          break;
        case SlotKind::labels:
          add(request.labels[slot.index].labels, true);
          break;
        case SlotKind::weights:
          break;
        case SlotKind::output: {
          const ImageDescriptor& d = plan_->outputs[slot.index].descriptor;
          add({{d.height, d.width, d.feature_channels}, d.channel_format});
          break;
        }
        case SlotKind::loss:
          slots_.emplace_back();
          for (std::size_t n = 0; n < kBatch; ++n) slots_.back().images.push_back(memory(sizeof(float)));
          loss_ = reinterpret_cast<float*>(slots_.back().images[0]);
          break;
        case SlotKind::state:
          slots_.emplace_back();
          slots_.back().images.push_back(memory(plan_->blocks[slot.index].byte_count));
          break;
        case SlotKind::answers:  // the networks here ask nobody
          break;
      }
    }
  }

  void operator()() { runner_.run(slots_, count_++); }
  void prepare() {
    while (runner_.prepare_some()) {
    }
  }
  void change_parameters() {
    for (ParameterSet* set : parameter_sets(program_)) {
      for (Parameter& parameter : set->parameters) ++parameter.version;
    }
  }
  float loss() const { return *loss_; }
  const Plan& plan() const { return *plan_; }

 private:
  std::byte* memory(std::size_t bytes) {
    buffers_.push_back(std::make_shared<Buffer>(bytes));
    return static_cast<std::byte*>(buffers_.back()->data());
  }

  void add(const PlanRequest::Source& source, bool is_labels = false) {
    const std::size_t count = source.shape.count(), bytes = count * bytes_per_channel(source.format);
    const auto values = is_labels ? digits::one_hot(kBatch) : digits::noise(kBatch * count);
    SlotBinding slot;
    std::byte* all = memory(kBatch * bytes);
    store_floats(all, values.data(), source.format, values.size());
    for (std::size_t n = 0; n < kBatch; ++n) slot.images.push_back(all + n * bytes);
    slot.pixel_stride = source.shape.channels;
    slots_.push_back(std::move(slot));
  }

  Program program_;
  std::shared_ptr<Plan> plan_;
  PlanRunner runner_;
  std::vector<SlotBinding> slots_;
  std::vector<std::shared_ptr<Buffer>> buffers_;
  float* loss_ = nullptr;
  std::uint64_t count_ = 0;
};

PlanRequest request(Format format, bool with_labels, const char* implementation) {
  PlanRequest r;
  r.batch = kBatch;
  const bool is_direct = format == Format::Float32;
  r.sources.push_back({{digits::kSize, digits::kSize, 1}, format, is_direct});
  if (with_labels) r.labels.push_back({{{1, 1, digits::kClasses}, Format::Float32, true}, std::nullopt, {1, 1, 1}});
  r.format = format;
  r.implementation = implementation;
  return r;
}

struct Counted {
  int news, aligned;
  std::size_t largest;
};

Counted count(Run& run) {
  counting::counts.reset();
  run();
  return {counting::counts.news, counting::counts.aligned, counting::counts.largest};
}

void check_plain(const ImageNodePtr& result, bool is_training, PlanRequest r) {
  Run run(result, !is_training, r);
  for (const PlanStep& step : run.plan().steps) CHECK(step.kind != StepKind::compute || step.implementation == "loops");
  run();
  for (int i = 0; i < 3; ++i) {
    const Counted second = count(run);
    CHECK_EQUAL(second.news, 0);
    CHECK_EQUAL(second.aligned, 0);
  }
  run.change_parameters();
  CHECK_EQUAL(count(run).news, 0);
  if (is_training) CHECK(run.loss() > 0.1f && run.loss() < 100);
}

TEST(counters_count) {
  counting::counts.reset();
  auto memory = std::make_unique<std::vector<int>>(1000);
  CHECK_EQUAL(counting::counts.news, 2);
  CHECK_EQUAL(counting::counts.largest, 4000u);
}

TEST(plain_kernels_allocate_nothing_in_training) {
  check_plain(digits::Network().training(kBatch), true, request(Format::Float32, true, "loops"));
}

TEST(plain_kernels_allocate_nothing_with_halves) {
  check_plain(digits::Network().training(kBatch), true, request(Format::Float16, true, "loops"));
  check_plain(digits::Network().inference(), false, request(Format::Float16, false, "loops"));
}

TEST(plain_kernels_allocate_nothing_when_storage_is_emulated) {
  PlanRequest r = request(Format::Float16, true, "loops");
  r.emulate_storage = true;
  check_plain(digits::Network().training(kBatch), true, r);
}

// oneDNN builds a small map of arguments in each call of a primitive; that is its own, and bounded. What it must not do again is
// what takes time: scratch memory, copies of weights, code. Those are large or come from posix_memalign.
void check_best(const ImageNodePtr& result, bool is_training, const PlanRequest& r) {
  constexpr int kNewsPerStep = 16;
  constexpr std::size_t kLargest = 1024;
  Run run(result, !is_training, r);
  int primitives = 0;
  for (const PlanStep& step : run.plan().steps) primitives += step.implementation == "onednn";
  run();
  run.prepare();
  const Counted second = count(run), third = count(run);
  CHECK(second.news <= kNewsPerStep * primitives);
  CHECK(second.largest <= kLargest);
  CHECK_EQUAL(second.aligned, 0);
  CHECK_EQUAL(third.news, second.news);
  run.change_parameters();
  const Counted changed = count(run);
  CHECK(changed.news <= 2 * kNewsPerStep * primitives);
  CHECK(changed.largest <= kLargest);
  CHECK_EQUAL(changed.aligned, 0);
  std::printf("%zu steps, %d of them oneDNN's: %d allocations in the second run, the largest %zu bytes\n",
              run.plan().steps.size(), primitives, second.news, second.largest);
}

TEST(best_kernels_prepare_nothing) {
  check_best(digits::Network().training(kBatch), true, request(Format::Float32, true, ""));
  check_best(digits::Network().training(kBatch), true, request(Format::Float16, true, ""));
  check_best(digits::Network().inference(), false, request(Format::Float32, false, ""));
}

}  // namespace
