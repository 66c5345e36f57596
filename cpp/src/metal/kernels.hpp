#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <typeindex>
#include <vector>

#include "metal/native_device.hpp"
#include "metal/objc.hpp"
#include "metal/states.hpp"
#include "mpsnn/op.hpp"
#include "mpsnn/saved_graph.hpp"
#include "runtime/kernel_core.hpp"
#include "runtime/kernel_engine.hpp"

namespace mpsnn::metal {

inline MTLRegion native_region(const mtl::Region &r) {
  return MTLRegionMake3D(r.origin.x, r.origin.y, r.origin.z, r.size.width, r.size.height, r.size.depth);
}

/// What one encode gives Apple's kernel.
struct KernelArguments {
  id<MTLCommandBuffer> command_buffer;
  std::vector<NSArray *> sources;  ///< a batch each
  NSArray *states;                 ///< of a gradient kernel its sources, of others those they fill, or labels; nil for none
  NSArray *destinations;

  NSArray *source(std::size_t index) const { return index < sources.size() ? sources[index] : nil; }
};

/// How each kind of filter that is encoded by hand becomes Apple's kernel: by the type of its op. A family adds its own.
class KernelMakers {
 public:
  static const KernelMakers &all();
  struct Maker {
    std::function<MPSKernel *(const Op &, id<MTLDevice>)> make;  ///< a reference of the caller's
    /// Properties that the family's kernels have besides those of MPSCNNKernel and MPSCNNBinaryKernel, for one encode.
    std::function<void(MPSKernel *, const Op &, const KernelCall &)> set_up;
    std::function<bool(const Op &)> takes;  ///< whether Apple's kernel can be what the op is
    /// Null: the encodes of MPSCNNKernel, MPSCNNBinaryKernel and MPSCNNGradientKernel.
    std::function<void(MPSKernel *, const KernelArguments &)> encode = nullptr;
    std::size_t least_sources = 1;
  };
  static constexpr auto nothing = [](auto &&...) {};
  static constexpr auto everything = [](const Op &) { return true; };

  /// `make_kernel` returns what `alloc` and an initializer give.
  template <class OpType, class MakeKernel, class SetUp = decltype(nothing), class Takes = decltype(everything)>
  void add(MakeKernel make_kernel, SetUp set_up = nothing, Takes takes = everything) {
    using Kernel = decltype(make_kernel(std::declval<const OpType &>(), id<MTLDevice>()));
    makers_[typeid(OpType)] = {[make_kernel](const Op &op, id<MTLDevice> device) -> MPSKernel * {
                                 return make_kernel(static_cast<const OpType &>(op), device);
                               },
                               [set_up](MPSKernel *kernel, const Op &op, const KernelCall &call) {
                                 set_up((Kernel)kernel, static_cast<const OpType &>(op), call);
                               },
                               [takes](const Op &op) { return takes(static_cast<const OpType &>(op)); }};
  }
  /// For kernels with encodes of their own, which take so many sources or more; after `add`.
  template <class OpType>
  void encode_with(std::size_t least_sources, std::function<void(MPSKernel *, const KernelArguments &)> encode) {
    Maker &maker = makers_.at(typeid(OpType));
    maker.encode = std::move(encode);
    maker.least_sources = least_sources;
  }
  /// A kernel without attributes.
  template <class OpType, class Kernel>
  void add_plain() {
    add<OpType>([](const OpType &, id<MTLDevice> device) { return [[Kernel alloc] initWithDevice:device]; });
  }
  /// Null where a family has none for it.
  const Maker *find(const Op &op) const;

 private:
  std::map<std::type_index, Maker> makers_;
};

/// A kernel of Apple's for one that was made by hand.
class NativeKernel final : public KernelEngine {
 public:
  explicit NativeKernel(std::shared_ptr<NativeDevice> device) : device_(std::move(device)) {}
  ~NativeKernel() override;
  bool has_kernel(const Op &op, std::size_t source_count) const override;
  std::vector<MadeState> make_states(const KernelCall &call, const Op &op) override;
  void encode(const KernelCall &call, const Op &op, const StateBatch &source_states, const Written &written) override;

 private:
  MPSKernel *kernel_for(const KernelCall &call, const Op &op);

  const std::shared_ptr<NativeDevice> device_;
  std::mutex mutex_;  // of the kernel, whose properties are those of the encode that is running
  Ref<MPSKernel *> kernel_;
  SavedAttributes attributes_;  // it was made with
};

// The families that have kernels, each beside its nodes.
// clang-format off
#define MPSNN_METAL_KERNEL_FAMILIES(X) \
  X(arithmetic) X(concatenation) X(dropout) X(forward_loss) X(gram_matrix) X(initial_gradient) X(local_normalization) X(loss) X(neuron) X(pad) X(pooling) X(reduction) X(resampling) X(reshape) X(softmax)
// clang-format on
#define MPSNN_METAL_DECLARE(family) void add_##family##_kernels(KernelMakers &makers);
MPSNN_METAL_KERNEL_FAMILIES(MPSNN_METAL_DECLARE)
#undef MPSNN_METAL_DECLARE

}  // namespace mpsnn::metal
