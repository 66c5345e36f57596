#pragma once

#include <memory>
#include <vector>

#include "graph/program.hpp"
#include "mpsnn/device.hpp"
#include "mpsnn/graph.hpp"

namespace mpsnn {

/// One call of an encode method. Batches hold one image that may hold several, or several single images.
struct EncodeRequest {
  std::shared_ptr<CommandBuffer> command_buffer;
  std::vector<ImageBatch> source_images;
  std::vector<StateBatch> source_states;
  NNGraph& graph;
};
struct EncodeResult {
  ImageBatch result;
  std::vector<ImageBatch> intermediates;
  std::vector<StateBatch> states;
};

/// The seam: what a device makes of a graph.
class Executable {
 public:
  virtual ~Executable();
  virtual const Program& program() const = 0;
  virtual EncodeResult encode(const EncodeRequest& request) = 0;
  virtual void reload_from_data_sources() = 0;
};

}  // namespace mpsnn
