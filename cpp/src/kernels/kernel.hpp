#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <typeindex>
#include <vector>

#include "mpsnn/op.hpp"
#include "nodes/lowered.hpp"

namespace mpsnn {

/// A batch of images in memory: float32, n x h x w x c, channels fastest. Only the pixel stride may be wider than `c`
/// (a channel range of a larger image); rows and images follow one another.
struct TensorDescriptor {
  std::size_t n = 0, h = 0, w = 0, c = 0;
  std::size_t pixel_stride = 0;  ///< elements from one pixel to the next, >= c
  bool is_dense() const { return pixel_stride == c; }
  std::size_t pixels() const { return n * h * w; }
  std::size_t count() const { return n * h * w * c; }
  ImageShape shape() const { return {h, w, c}; }
};

class MakesPixels;

/// What a factory looks at to make a kernel, or to decline.
struct KernelRequest {
  const Op& op;
  std::string node;                                ///< class and label, for messages
  std::span<const TensorDescriptor> sources;       ///< gradient filters: incoming gradient, forward source
  const TensorDescriptor* result = nullptr;        ///< null when nobody needs the image (weight gradients only)
  Geometry geometry;                               ///< gradient filters: the forward step's
  const ForwardStep* forward = nullptr;            ///< gradient filters with a gradient state
  std::span<const StateDescriptor> source_states;  ///< what the forward step leaves, empty when it leaves nothing
  std::span<const StateDescriptor> states;         ///< what this step is to leave, empty when nobody wants it
  ParameterSet* parameters = nullptr;              ///< outlives the kernel
  int threads = 1;
  bool parameters_change = false;      ///< other steps of the graph find their gradient
  const MakesPixels* maker = nullptr;  ///< of the first source, where that need not be in memory
  bool is_asked_for = false;           ///< by name: then a factory declines only what it cannot do, not what another does faster
  std::string why_not = {};            ///< a factory that declines says why here
  bool decline(std::string why) {
    why_not = std::move(why);
    return false;
  }
};

/// Memory for what kernels make of weights that may never be used again. One kernel after the other has it; after the run it is
/// gone.
class PassingMemory {
 public:
  /// `bytes` are what the kernel with the most asks for.
  explicit PassingMemory(std::size_t bytes) : bytes_(bytes) {}
  /// 64-byte aligned, contents undefined. Throws OutOfMemory.
  void* get(std::size_t bytes);
  bool is_in_use() const { return memory_ != nullptr; }
  void release() { memory_ = nullptr; }

 private:
  std::size_t bytes_;
  std::shared_ptr<void> memory_;
};

/// Scratch memory of the parts into which threads divide a kernel's work. Each part has the same memory in all kernels of a plan,
/// so that it stays in the caches of the thread that has it: to write to what another has written last takes far longer.
struct PartScratch {
  std::byte* first = nullptr;  ///< 64-byte aligned, contents undefined
  std::size_t step = 0;        ///< bytes from part to part
  float* of(std::size_t part) const { return reinterpret_cast<float*>(first + part * step); }
};

/// The pointers of one run, in the order of the request. Unused ones are null.
struct RunArguments {
  std::span<const float* const> sources;
  float* result = nullptr;
  std::span<const void* const> source_states;
  std::span<void* const> states;
  std::byte* scratch = nullptr;      ///< `scratch_bytes()` of them, 64-byte aligned, contents undefined
  PartScratch parts = {};            ///< `part_scratch_bytes()` for each of the request's threads
  std::uint64_t encode_count = 0;    ///< encodes of this filter before this one
  PassingMemory* passing = nullptr;  ///< null where the same weights are used again before the run is over
};

/// An op made ready for one backend and fixed shapes. Made once by the planner, run many times, one run at a time.
class PlanKernel {
 public:
  virtual ~PlanKernel();
  /// Allocates nothing after its first call and `prepare_next`, with unchanged parameters.
  virtual void run(const RunArguments& arguments) = 0;
  virtual std::size_t scratch_bytes() const { return 0; }
  /// That each part has besides; there are at most as many as threads.
  virtual std::size_t part_scratch_bytes() const { return 0; }
  /// Of the passing memory; a kernel that asks for it has something to prepare.
  virtual std::size_t passing_bytes() const { return 0; }
  /// Between the first run and the second: makes what the second is to find.
  virtual void prepare_next(std::byte* /*scratch*/) {}
  /// True when the result may be the memory of source 0 (element by element, same shape).
  virtual bool can_run_in_place() const { return false; }
};

/// A kernel that can make pixels of its result where another reads them once, so that the image need not be in memory.
class MakesPixels {
 public:
  virtual ~MakesPixels();
  virtual bool can_make_pixels() const = 0;
  /// Ranges begin and end at multiples of so many.
  virtual std::size_t pixels_at_once() const { return 1; }
  /// After a run without a result; the first of the sources is as it was, and so are the others. Pixels go to where they are
  /// `row` numbers apart.
  virtual void make_pixels(std::span<const float* const> sources, std::size_t first, std::size_t count, float* to,
                           std::size_t row) const = 0;
};

/// A kernel that reads each pixel of its first source once, some at a time.
class ReadsPixels {
 public:
  virtual ~ReadsPixels();
  /// Whether it asks for as many at a time as the maker wants.
  virtual bool can_read_from(const MakesPixels& maker) const = 0;
  /// From now on `maker` makes them. Its first source takes the place of this kernel's, its others come after this kernel's.
  virtual void read_from(const MakesPixels& maker) = 0;
};

/// Pixels and channels of an image.
struct PixelRange {
  std::size_t first_pixel = 0, pixels = 0, first_channel = 0, channels = 0;
};

/// Pixels that have just been made and that a cache holds.
struct MadePixels {
  std::size_t part;      ///< of those that the image is made in
  PixelRange range;      ///< counted from where the part's begins
  const float* numbers;  ///< of the first pixel and channel
  std::size_t row;       ///< numbers from pixel to pixel
};

/// A kernel that works on pixels of its first source as soon as they are made, and does the rest in its own run.
class TakesPixels {
 public:
  virtual ~TakesPixels();
  virtual bool wants_pixels() const = 0;
  /// From now on the source's pixels come before each run, in these parts: none is empty, together they have all, and those of
  /// the same channels are in the order of their pixels.
  virtual void take_from(std::vector<PixelRange> parts) = 0;
  /// Of one channel in order. Parts come at the same time, each from one thread.
  virtual void take(const MadePixels& pixels) = 0;
};

/// A kernel that shows pixels of its result to another when it has made them.
class GivesPixels {
 public:
  virtual ~GivesPixels();
  /// None where it cannot.
  virtual std::vector<PixelRange> given_parts() const = 0;
  /// From now on `taker`, which outlives this kernel's last run, takes them.
  virtual void give_to(TakesPixels& taker) = 0;
};

/// Makes a kernel, or returns null and says why in the request.
using MakeKernel = std::unique_ptr<PlanKernel> (*)(KernelRequest&);

/// Implementations by op type, best first.
class KernelTable {
 public:
  struct Entry {
    std::string name;
    MakeKernel make;
  };
  template <class OpType>
  void add(std::string name, MakeKernel make) {
    entries_[std::type_index(typeid(OpType))].push_back({std::move(name), make});
  }
  std::span<const Entry> find(const Op& op) const;

 private:
  std::map<std::type_index, std::vector<Entry>> entries_;
};

struct ChosenKernel {
  std::unique_ptr<PlanKernel> kernel;
  std::string implementation;
  std::string declined;  ///< "onednn: reason; ..." of the better ones
};
/// The first factory that accepts; those named `preferred` are asked first. Throws Unsupported with every reason.
ChosenKernel choose_kernel(const KernelTable& table, KernelRequest& request, const std::string& preferred);

}  // namespace mpsnn
