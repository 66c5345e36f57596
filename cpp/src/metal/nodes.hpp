#pragma once

#include <functional>
#include <map>
#include <memory>
#include <typeindex>
#include <vector>

#include "graph/program.hpp"
#include "metal/native_device.hpp"
#include "metal/objc.hpp"

namespace mpsnn::metal {

class NativeGraph;

/// One filter of ours on its way to Apple's: what its node is made from.
struct NodeRequest {
  NativeGraph &graph;
  const ProgramStep &step;
  std::vector<MPSNNImageNode *> images;
  std::vector<MPSNNStateNode *> states;  ///< of other filters; nil for labels, whose node the filter makes

  MPSNNImageNode *image(std::size_t index = 0) const { return images.at(index); }
  NSArray *all_images() const { return [NSArray arrayWithObjects:images.data() count:images.size()]; }
  /// The first state as what the filter that made it leaves.
  template <class StateNode>
  StateNode *state() const {
    return (StateNode *)states.at(0);
  }
  MPSNNGradientStateNode *gradient_state() const { return state<MPSNNGradientStateNode>(); }
  template <class Parameters>
  std::shared_ptr<Parameters> parameters() const {
    return std::static_pointer_cast<Parameters>(step.lowered.parameters);
  }
};

/// How each kind of filter becomes Apple's node: by the type of its op. A family adds its own.
class NodeMakers {
 public:
  using Make = std::function<MPSNNFilterNode *(const Op &, const NodeRequest &)>;
  static const NodeMakers &all();

  template <class OpType, class MakeNode>
  void add(MakeNode make) {
    makers_[typeid(OpType)] = [make](const Op &op, const NodeRequest &request) -> MPSNNFilterNode * {
      return make(static_cast<const OpType &>(op), request);
    };
  }
  /// Null where a family has none for it.
  const Make *find(const Op &op) const;

 private:
  std::map<std::type_index, Make> makers_;
};

// The families, each in a file of its own.
// clang-format off
#define MPSNN_METAL_FAMILIES(X)                                                                                  \
  X(arithmetic) X(binary_convolution) X(concatenation) X(convolution) X(dropout) X(forward_loss) X(gram_matrix)  \
  X(initial_gradient) X(instance_normalization) X(local_normalization) X(loss) X(neuron) X(normalization) X(pad) \
  X(pooling) X(reduction) X(resampling) X(reshape) X(softmax) X(yolo_loss)
// clang-format on
#define MPSNN_METAL_DECLARE(family) void add_##family##_nodes(NodeMakers &makers);
MPSNN_METAL_FAMILIES(MPSNN_METAL_DECLARE)
#undef MPSNN_METAL_DECLARE

}  // namespace mpsnn::metal
