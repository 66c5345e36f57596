#pragma once

#include <cstdint>
#include <functional>
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
  /// Calls `read` while nothing writes the parameters. Throws InvalidArgument where encoded work that trains is still to
  /// complete.
  virtual void read_parameters(const std::function<void()>& read) = 0;
  /// Called when a saved graph's values were put into the program's parameters: for engines that keep values of their own.
  virtual void use_restored_parameters() {}
  /// Encodes so far; dropout draws other masks in each.
  virtual std::uint64_t encode_count() const = 0;
  virtual void set_encode_count(std::uint64_t count) = 0;
};

}  // namespace mpsnn
