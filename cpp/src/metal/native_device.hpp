#pragma once

#include <memory>
#include <string>
#include <vector>

#include "metal/objc.hpp"
#include "mpsnn/device.hpp"

namespace mpsnn::metal {

/// A GPU of Apple's framework.
class NativeDevice final : public Device {
 public:
  NativeDevice(Ref<id<MTLDevice>> metal, Ref<id<MTLCommandQueue>> queue);
  id<MTLDevice> metal() const { return metal_; }
  /// All encodes go through one queue, in the order in which the library's own queues hand them over.
  id<MTLCommandQueue> queue() const { return queue_; }
  /// A new buffer that CPU and GPU see. Throws OutOfMemory.
  Ref<id<MTLBuffer>> shared_buffer(std::size_t length) const;

  std::string name() const override { return "native"; }
  /// An image is memory of the host; the encodes take it to Metal and back.
  bool shares_host_memory() const override { return true; }
  std::string description() const override;
  std::vector<std::string> implementations(const NNFilterNode& node) const override;
  std::shared_ptr<Buffer> new_buffer(std::size_t length) override;
  std::unique_ptr<Executable> make_executable(const GraphSource& source) override;
  bool encode_optimizer(const std::shared_ptr<CommandBuffer>& command_buffer, const NNOptimizer& optimizer,
                        const std::vector<OptimizerArrays>& arrays) override;

 private:
  const Ref<id<MTLDevice>> metal_;
  const Ref<id<MTLCommandQueue>> queue_;
};

}  // namespace mpsnn::metal
