#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <typeindex>
#include <vector>

#include "metal/native_device.hpp"
#include "metal/objc.hpp"
#include "metal/recording.hpp"
#include "metal/states.hpp"
#include "mpsnn/op.hpp"
#include "mpsnn/saved_graph.hpp"
#include "nodes/lowered.hpp"
#include "runtime/kernel_core.hpp"
#include "runtime/kernel_engine.hpp"
#include "runtime/state_origin.hpp"

namespace mpsnn::metal {

/// What one encode gives Apple's kernel.
struct KernelArguments {
  id<MTLCommandBuffer> command_buffer;
  std::vector<NSArray *> sources;  ///< a batch each
  NSArray *states;                 ///< of a gradient kernel its sources, of others those they fill, or labels; nil for none
  NSArray *destinations;
  const KernelCall &call;

  NSArray *source(std::size_t index) const { return index < sources.size() ? sources[index] : nil; }
};

/// What Apple's kernel is made of, besides its op.
struct KernelRequest {
  id<MTLDevice> device;
  id source;               ///< the data source; nil for kernels without
  const KernelCall *call;  ///< it is made for; null for a reload
};

/// Parameters that are exchanged now.
struct KernelReload {
  NativeDevice &device;
  const ParameterSet &parameters;
  const std::vector<std::size_t> &changed;

  bool has(std::size_t index) const { return std::count(changed.begin(), changed.end(), index) > 0; }
};

/// How each kind of filter that is encoded by hand becomes Apple's kernel: by the type of its op. A family adds its own.
class KernelMakers {
 public:
  static const KernelMakers &all();
  /// How a kernel with parameters learns them.
  struct Source {
    /// The data source that Apple's kernel is made of. It says what the library has read, checked and computes with, so that
    /// the caller's is asked as often as anywhere; it is asked under the lock of the parameters.
    std::function<id(const std::shared_ptr<ParameterSet> &)> make;
    /// Null where they never change.
    std::function<void(MPSKernel *, const KernelReload &)> reload = nullptr;
    std::function<void(MPSKernel *, Recording &, const State &, const ParameterSet &)> reload_state = nullptr;
    /// The kernel of a state, which shares the parameters of the graph that made it; null where states know none.
    std::function<MPSKernel *(MPSState *)> kernel_of = nullptr;
  };
  struct Maker {
    std::function<MPSKernel *(const Op &, const KernelRequest &)> make;  ///< a reference of the caller's
    /// Properties that the family's kernels have besides those of MPSCNNKernel and MPSCNNBinaryKernel, for one encode.
    std::function<void(MPSKernel *, const Op &, const KernelCall &)> set_up;
    std::function<bool(const Op &)> takes;  ///< whether Apple's kernel can be what the op is
    /// Null: the encodes of MPSCNNKernel, MPSCNNBinaryKernel and MPSCNNGradientKernel.
    std::function<void(MPSKernel *, const KernelArguments &)> encode = nullptr;
    std::size_t least_sources = 1;
    Source source = {};                                        ///< of kernels with parameters
    bool takes_parts = false;                                  ///< whether an encode may leave out the image, or the states
    std::function<bool(const KernelCall &)> serves = nullptr;  ///< null: all that write destinations
  };
  static constexpr auto nothing = [](auto &&...) {};
  static constexpr auto everything = [](const Op &) { return true; };

  /// `make_kernel` returns what `alloc` and an initializer give.
  template <class OpType, class MakeKernel, class SetUp = decltype(nothing), class Takes = decltype(everything)>
  void add(MakeKernel make_kernel, SetUp set_up = nothing, Takes takes = everything) {
    add_for<OpType>([make_kernel](const OpType &op, const KernelRequest &in) { return make_kernel(op, in.device); }, set_up,
                    takes);
  }
  /// One that is made of a data source too.
  template <class OpType, class MakeKernel, class SetUp = decltype(nothing), class Takes = decltype(everything)>
  void add_with_source(Source source, MakeKernel make_kernel, SetUp set_up = nothing, Takes takes = everything) {
    add_for<OpType>([make_kernel](const OpType &op, const KernelRequest &in) { return make_kernel(op, in.device, in.source); },
                    set_up, takes);
    makers_[typeid(OpType)].source = std::move(source);
  }
  /// The same for any request.
  template <class OpType, class MakeKernel, class SetUp = decltype(nothing), class Takes = decltype(everything)>
  void add_for(MakeKernel make_kernel, SetUp set_up = nothing, Takes takes = everything) {
    using Kernel = decltype(make_kernel(std::declval<const OpType &>(), std::declval<const KernelRequest &>()));
    makers_[typeid(OpType)] = {[make_kernel](const Op &op, const KernelRequest &request) -> MPSKernel * {
                                 return make_kernel(static_cast<const OpType &>(op), request);
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
  /// For kernels that can leave out the image, or the states; after `add`.
  template <class OpType>
  void take_parts() {
    makers_.at(typeid(OpType)).takes_parts = true;
  }
  /// For kernels that are only for certain encodes; after `add`.
  template <class OpType>
  void serve_where(std::function<bool(const KernelCall &)> serves) {
    makers_.at(typeid(OpType)).serves = std::move(serves);
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

/// Of a state that has one.
inline NativeState &native_of(const StatePtr &state) { return *static_cast<NativeState *>(state->origin->native.get()); }

/// A kernel of Apple's for one that was made by hand.
class NativeKernel final : public KernelEngine {
 public:
  NativeKernel(std::shared_ptr<NativeDevice> device, std::shared_ptr<ParameterSet> parameters,
               std::shared_ptr<std::mutex> run_mutex, std::shared_ptr<NativeState> state)
      : device_(std::move(device)),
        parameters_(std::move(parameters)),
        run_mutex_(std::move(run_mutex)),
        state_(std::move(state)) {}
  ~NativeKernel() override;
  bool has_kernel(const KernelCall &call, const Op &op, std::size_t source_count) const override;
  std::vector<MadeState> make_states(const KernelCall &call, const Op &op) override;
  void encode(const KernelCall &call, const Op &op, const StateBatch &source_states, const Written &written) override;
  void bring_parameters_up_to_date() override;
  void reload(const Op &op, const std::vector<std::size_t> &changed) override;
  void record_reload(const std::shared_ptr<CommandBuffer> &command_buffer, const Op &op, const StatePtr &state) override;

 private:
  MPSKernel *kernel_for(const Op &op, const KernelCall *call);
  MPSKernel *kernel_set_up_for(const KernelCall &call, const Op &op);
  void record(Recording &recording, const StateBatch &states);

  const std::shared_ptr<NativeDevice> device_;
  const std::shared_ptr<ParameterSet> parameters_;  // null: none
  const std::shared_ptr<std::mutex> run_mutex_;     // of the parameters; locked after the kernel's
  std::mutex mutex_;                                // of the kernel, whose properties are those of the encode that is running
  const std::shared_ptr<NativeState> state_;        // whose kernel it is; null: its own
  Ref<id> source_;                                  // of the kernel, which may not own it
  Ref<MPSKernel *> kernel_;
  const KernelMakers::Maker *maker_ = nullptr;  // it was made by
  SavedAttributes attributes_;                  // it was made with
};

// The families that have kernels, each beside its nodes.
// clang-format off
#define MPSNN_METAL_KERNEL_FAMILIES(X)                                                                                \
  X(arithmetic) X(binary_convolution) X(concatenation) X(convolution) X(dropout) X(forward_loss) X(gram_matrix)       \
  X(initial_gradient) X(instance_normalization) X(local_normalization) X(loss) X(neuron) X(normalization) X(pad)      \
  X(pooling) X(reduction) X(resampling) X(reshape) X(softmax)
// clang-format on
#define MPSNN_METAL_DECLARE(family) void add_##family##_kernels(KernelMakers &makers);
MPSNN_METAL_KERNEL_FAMILIES(MPSNN_METAL_DECLARE)
#undef MPSNN_METAL_DECLARE

}  // namespace mpsnn::metal
