#pragma once

#include <vector>

#include "mpsnn/node.hpp"

namespace mpsnn {

/// What a walk back from some images meets: the images and states nobody produces, and the filters in post-order (sources first,
/// left before right), which is an order in which they can run.
struct Walk {
  std::vector<const NNImageNode*> images;  ///< every image, in order of first encounter: consumers before producers
  std::vector<const NNImageNode*> source_images;
  std::vector<const NNStateNode*> states;  ///< every state, in order of first encounter
  std::vector<const NNStateNode*> source_states;
  std::vector<NNFilterNode*> filters;
};
enum class Follow { images, images_and_states };
/// Throws GraphError for a cycle. Does not recurse: networks may be deep.
Walk walk_back(const std::vector<const NNImageNode*>& from, Follow follow);

}  // namespace mpsnn
