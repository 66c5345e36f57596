#include "metal/nodes.hpp"

namespace mpsnn::metal {

const NodeMakers &NodeMakers::all() {
  static const NodeMakers makers = [] {
    NodeMakers made;
#define MPSNN_METAL_ADD(family) add_##family##_nodes(made);
    MPSNN_METAL_FAMILIES(MPSNN_METAL_ADD)
#undef MPSNN_METAL_ADD
    return made;
  }();
  return makers;
}

const NodeMakers::Make *NodeMakers::find(const Op &op) const {
  const auto found = makers_.find(typeid(op));
  return found == makers_.end() ? nullptr : &found->second;
}

}  // namespace mpsnn::metal
