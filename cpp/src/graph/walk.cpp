#include "graph/walk.hpp"

#include <unordered_map>
#include <unordered_set>

#include "mpsnn/error.hpp"

namespace mpsnn {

namespace {

// A filter whose sources are being visited.
struct Frame {
  NNFilterNode* filter;
  std::size_t next_image = 0, next_state = 0;
};

}  // namespace

Walk walk_back(const std::vector<const NNImageNode*>& from, Follow follow) {
  Walk walk;
  std::unordered_set<const void*> seen;
  std::unordered_map<const NNFilterNode*, bool> finished;
  std::vector<Frame> stack;

  const auto enter = [&](NNFilterNode* filter) {
    auto [it, is_new] = finished.try_emplace(filter, false);
    if (is_new) {
      // The image of a filter that is met through its state only may be exported all the same.
      if (const NNImageNode* result = filter->result_image().get(); seen.insert(result).second) walk.images.push_back(result);
      stack.push_back({filter});
    } else if (!it->second) {
      std::string cycle = filter->description();
      for (auto frame = stack.rbegin(); frame != stack.rend() && frame->filter != filter; ++frame) {
        cycle += " <- " + frame->filter->description();
      }
      throw GraphError("MPSNNGraph: the network has a cycle: " + cycle + " <- " + filter->description());
    }
  };
  const auto visit_image = [&](const NNImageNode* image) {
    const bool is_new = seen.insert(image).second;
    if (is_new) walk.images.push_back(image);
    if (!image->producer()) {
      if (is_new) walk.source_images.push_back(image);
    } else {
      enter(image->producer());
    }
  };
  const auto visit_state = [&](const NNStateNode* state) {
    const bool is_new = seen.insert(state).second;
    if (is_new) walk.states.push_back(state);
    if (!state->producer()) {
      if (is_new) walk.source_states.push_back(state);
    } else {
      enter(state->producer());
    }
  };

  for (const NNImageNode* image : from) {
    visit_image(image);
    while (!stack.empty()) {
      Frame& frame = stack.back();
      NNFilterNode* filter = frame.filter;
      if (frame.next_image < filter->source_images().size()) {
        visit_image(filter->source_images()[frame.next_image++].get());
      } else if (follow == Follow::images_and_states && frame.next_state < filter->source_states().size()) {
        visit_state(filter->source_states()[frame.next_state++].get());
      } else {
        finished[filter] = true;
        walk.filters.push_back(filter);
        stack.pop_back();
      }
    }
  }
  return walk;
}

}  // namespace mpsnn
