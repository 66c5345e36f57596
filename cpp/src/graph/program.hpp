#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mpsnn/graph.hpp"
#include "nodes/lowered.hpp"

namespace mpsnn {

struct Walk;

inline constexpr int kNone = -1;

/// An image of the program.
struct ProgramValue {
  int producer = kNone;  ///< step
  ImageFeatureChannelFormat format = ImageFeatureChannelFormat::None;
  std::shared_ptr<ImageAllocator> allocator;
  std::shared_ptr<Handle> handle;
  bool is_exported = false, is_synchronized = false;
};

/// A state of the program.
struct ProgramState {
  int producer = kNone;  ///< step; none for labels, which the caller gives
  std::shared_ptr<Handle> handle;
  bool is_exported = false, is_synchronized = false;
  int gradient_step = kNone;  ///< the step that consumes it and writes parameter gradients
};

/// One filter.
struct ProgramStep {
  std::string node;  ///< class and label, for messages
  std::string class_name, label;
  Lowered lowered;
  std::shared_ptr<NNPadding> padding;
  std::vector<int> sources;  ///< values
  int result = kNone;        ///< value
  bool is_gradient = false;
  bool is_result_needed = true;                                        ///< false: only its parameter gradients are
  int state = kNone;                                                   ///< own result state, when somebody wants it
  int forward = kNone;                                                 ///< step whose state this one reads
  int labels = kNone;                                                  ///< source state with labels
  std::vector<int> source_states;                                      ///< all of them
  NNTrainingStyle training_style = NNTrainingStyle::UpdateDeviceNone;  ///< other than None: the source is asked to update
};

/// A graph lowered: a flat list of steps in execution order. Values by index, no pointers between them.
struct Program {
  std::vector<ProgramValue> values;
  std::vector<ProgramState> states;
  std::vector<ProgramStep> steps;
  std::vector<int> source_values, source_states;
  std::vector<int> results;             ///< one for each result image; none where it is not needed
  std::vector<int> result_values;       ///< the same, none only where nothing that is needed makes or reads the image
  std::vector<int> value_order;         ///< as the walk back from the results met them
  std::vector<int> intermediates;       ///< values in the order of delivery
  std::vector<int> destination_states;  ///< states in the order of delivery
  std::vector<std::string> dropped;     ///< filters that were met and are not required
};

/// What a device gets to make an executable from.
struct GraphSource {
  std::vector<ImageNodePtr> result_images;
  std::vector<bool> needed;
  const Walk* walk = nullptr;  ///< what a walk back from the results met, where that is known; loaded graphs keep their order
  bool keeps_sources_loaded = false;  ///< for an engine that reads the data sources itself
};

/// Walks, prunes, reads the data sources. Throws GraphError that names the node.
Program lower(const GraphSource& source);

/// One line for each step; stable.
std::string dump(const Program& program);
/// " name=value, ..." of each attribute.
std::string attribute_text(const Op& op);

}  // namespace mpsnn
