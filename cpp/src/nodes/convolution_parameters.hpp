#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "mpsnn/nodes/convolution.hpp"
#include "nodes/lowered.hpp"

namespace mpsnn {

/// What the weights are for; each kind takes other descriptors.
enum class ConvolutionKind { Convolution, FullyConnected, Transpose, BinaryConvolution, BinaryFullyConnected };
inline bool is_binary(ConvolutionKind kind) {
  return kind == ConvolutionKind::BinaryConvolution || kind == ConvolutionKind::BinaryFullyConnected;
}
inline bool is_fully_connected(ConvolutionKind kind) {
  return kind == ConvolutionKind::FullyConnected || kind == ConvolutionKind::BinaryFullyConnected;
}

/// The parameters [weights, biases] of one convolution in one graph: as the data source has them, dequantized, with an inference
/// batch normalization folded in and rounded to the kernel's precision. Bits of binary weights are -1 and 1.
class ConvolutionParameters final : public ParameterSet, public std::enable_shared_from_this<ConvolutionParameters> {
 public:
  /// Reads the source; `node` is put in front of messages.
  ConvolutionParameters(ConvolutionSourcePtr source, ConvolutionKind kind, NNConvolutionAccumulatorPrecisionOption precision,
                        std::string node, const LowerRequest& request = {});

  /// As it was when the weights were first read.
  const CNNConvolutionDescriptor& descriptor() const { return *descriptor_; }
  std::string label() const override { return label_; }
  const ConvolutionSourcePtr& source() const { return source_; }
  ConvolutionKind kind() const { return kind_; }
  DataType kernel_weights_data_type() const { return kernel_data_type_; }
  /// Throws unless a state with new values has all of them.
  void check_state(const CNNConvolutionWeightsAndBiasesState& state) const;
  /// Computes with the source's own memory from now on, where it lends it and needs no conversion.
  void share_with_source();
  void settle() override;

  std::function<void()> read_data_source() override { return read(false, {}); }
  const void* source_identity() const override { return source_.get(); }
  void refresh() override;
  bool updates(NNTrainingStyle style) const override { return source_->updates(style); }
  bool updates_at_once() const override;
  bool takes_gradient(std::size_t parameter) const override { return parameters[parameter].values != nullptr; }
  std::vector<StatePtr> update_with_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                   const StateBatch& gradient_states) override;
  void reload(State& state) override;
  bool update_on_cpu(const StateBatch& gradient_states) override;
  void prepare_update_on_cpu(const std::shared_ptr<CommandBuffer>& command_buffer, const StateBatch& gradient_states) override;

 private:
  struct Reading;
  std::function<void()> read(bool with_descriptor, const LowerRequest& request);
  void check_descriptor(const CNNConvolutionDescriptor& descriptor) const;
  Reading read_arrays(const CNNConvolutionDescriptor& descriptor);
  Reading read_words(const CNNConvolutionDescriptor& descriptor);
  void read_biases(const CNNConvolutionDescriptor& descriptor, Reading& reading);
  void convert(const Reading& reading, const CNNConvolutionDescriptor& descriptor, float* weights, float* biases) const;
  /// The source's own arrays, where they need no conversion.
  struct Loan {
    std::shared_ptr<Buffer> weights, biases;
    bool must_settle = false;  ///< somebody may write them
  };
  Loan borrow(const Reading& reading, const CNNConvolutionDescriptor& descriptor, bool settles) const;
  std::shared_ptr<CNNConvolutionWeightsAndBiasesState> source_state(const std::shared_ptr<CommandBuffer>& command_buffer);
  [[noreturn]] void refuse(const std::string& what) const;
  Parameter& weights() { return parameters[0]; }
  Parameter& biases() { return parameters[1]; }

  const ConvolutionSourcePtr source_;
  const ConvolutionKind kind_;
  const NNConvolutionAccumulatorPrecisionOption precision_;
  const std::string node_;
  std::string label_;
  std::shared_ptr<CNNConvolutionDescriptor> descriptor_;
  DataType data_type_ = DataType::Float32, kernel_data_type_ = DataType::Float32;
  bool is_shared_ = false, is_settled_ = true;
  std::uint64_t seen_writes_ = 0;                         // of the shared memory
  std::shared_ptr<Buffer> spare_weights_, spare_biases_;  // what the last reload left, for the next one
  std::mutex reload_mutex_;                               // two reloads exchange memory one after the other
  std::mutex exports_mutex_;
  std::vector<std::pair<std::weak_ptr<State>, std::shared_ptr<CNNConvolutionWeightsAndBiasesState>>> exports_;
};

}  // namespace mpsnn
