#pragma once

#ifdef MPSNN_ONEDNN

#include <atomic>
#include <cfenv>
#include <limits>
#include <vector>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/onednn.hpp"
#include "mpsnn/nodes/neuron.hpp"

// Neurons as post operations of oneDNN's primitives. Its rectifiers are maxima, which make the limit of NaN; but the processor
// notes for each thread, in a flag for invalid operations, that a maximum met NaN. So the fast formula is right where no flag is
// set after it, and reading the flags costs nothing against a second pass over the result.
namespace mpsnn::cpu::onednn {

/// Forgets the flags for invalid operations of all threads; on how many they were set.
inline std::size_t take_invalid_flags() {
  std::atomic<std::size_t> count = 0;
  parallel_ranges(std::size_t(thread_count()), 1, [&](std::size_t, std::size_t) {
    if (std::fetestexcept(FE_INVALID) == 0) return;
    std::feclearexcept(FE_INVALID);
    ++count;
  });
  return count;
}

/// Whether the flags of the threads here show what oneDNN's met: processors without such flags and threads of another pool's do
/// not.
inline bool find_invalid_flags() {
  const auto threads = std::size_t(thread_count());
  std::vector<float> numbers(threads << 14, std::numeric_limits<float>::quiet_NaN());
  const Desc desc = dense({std::int64_t(numbers.size())}, Tag::x);
  Primitive rectifier(dnnl::eltwise_forward::primitive_desc(engine(), dnnl::prop_kind::forward_inference,
                                                            dnnl::algorithm::eltwise_relu, desc, desc, 0.0f, 0.0f, attributes()));
  rectifier.bind(DNNL_ARG_SRC, desc);
  rectifier.bind(DNNL_ARG_DST, desc);
  rectifier.set(DNNL_ARG_SRC, numbers.data());
  rectifier.set(DNNL_ARG_DST, numbers.data());
  std::vector<std::byte> scratch(rectifier.scratch_bytes());
  take_invalid_flags();
  rectifier.run(scratch.data());
  return take_invalid_flags() == threads;
}

/// Whether `take_invalid_flags` finds NaN that primitives run on this thread meet.
inline bool has_invalid_flags() {
  static const bool has = find_invalid_flags();
#ifdef _OPENMP
  if (omp_in_parallel()) return false;  // each team may be of new threads
#endif
  return has;
}

enum class NeuronFusion {
  None,      ///< the neuron is not among the post operations
  Exact,     ///< oneDNN's formula is ours for every number
  ExceptNaN  ///< it is for all but NaN, and NaN sets the flag for invalid operations
};

/// The neuron as a post operation where oneDNN's formula allows it.
inline NeuronFusion append_neuron(const NNNeuronDescriptor& neuron, dnnl::post_ops& operations) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const bool is_limited = neuron.neuron_type == CNNNeuronType::ReLUN;
  if (!is_limited && neuron.neuron_type != CNNNeuronType::ReLU) return NeuronFusion::None;
  if (!is_limited && neuron.a != 0) {
    operations.append_eltwise(dnnl::algorithm::eltwise_relu, neuron.a, 0.0f);
    return NeuronFusion::Exact;
  }
  if ((is_limited && !(neuron.b >= 0)) || !has_invalid_flags()) return NeuronFusion::None;
  if (neuron.a != 0) operations.append_eltwise(dnnl::algorithm::eltwise_relu, neuron.a, 0.0f);
  operations.append_eltwise(dnnl::algorithm::eltwise_clip, neuron.a == 0 ? 0.0f : -kInfinity, is_limited ? neuron.b : kInfinity);
  return NeuronFusion::ExceptNaN;
}

}  // namespace mpsnn::cpu::onednn

#endif  // MPSNN_ONEDNN
