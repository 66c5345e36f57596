#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mpsnn/buffer.hpp"
#include "mpsnn/export.hpp"
#include "mpsnn/types.hpp"

namespace mpsnn {

class CommandBuffer;
class Executable;
class NNFilterNode;
class NNOptimizer;
struct GraphSource;
struct OptimizerArrays;

/// A machine that runs graphs: the CPU, later a CUDA device, on Apple systems the system's own.
class MPSNN_API Device : public std::enable_shared_from_this<Device> {
 public:
  virtual ~Device();
  /// "cpu", "native", ...
  virtual std::string name() const = 0;
  /// For people: processor, threads, libraries.
  virtual std::string description() const = 0;
  /// Names of the implementations this device has for the node's kernel, best first; empty when it has none.
  virtual std::vector<std::string> implementations(const NNFilterNode& node) const = 0;
  /// Whether it works with memory of the host: then images serve every device of which that is true.
  virtual bool shares_host_memory() const { return false; }
  virtual std::shared_ptr<Buffer> new_buffer(std::size_t length) { return std::make_shared<Buffer>(length); }

  /// The seam: a graph becomes something this device can encode.
  virtual std::unique_ptr<Executable> make_executable(const GraphSource& source) = 0;
  /// Records one step of an optimizer with a kernel of the device's own; false where it has none.
  virtual bool encode_optimizer(const std::shared_ptr<CommandBuffer>& command_buffer, const NNOptimizer& optimizer,
                                const std::vector<OptimizerArrays>& arrays);
};

/// What this machine has, fastest first.
MPSNN_API std::vector<std::shared_ptr<Device>> devices();
MPSNN_API std::shared_ptr<Device> default_device();
/// By name; throws InvalidArgument that lists the names there are.
MPSNN_API std::shared_ptr<Device> device_named(const std::string& name);
/// Implementations of a node's kernel on a device (the default one when null), best first.
MPSNN_API std::vector<std::string> implementations(const NNFilterNode& node, const std::shared_ptr<Device>& device = nullptr);

/// Waits for, and ends, the workers of all queues; called before a language runtime that they may call goes away.
MPSNN_API void stop_all_queues();

/// MTLCommandQueue: runs committed command buffers in order on a worker of its own.
class MPSNN_API CommandQueue : public std::enable_shared_from_this<CommandQueue> {
 public:
  static std::shared_ptr<CommandQueue> make(std::shared_ptr<Device> device = nullptr);
  ~CommandQueue();
  const std::shared_ptr<Device>& device() const { return device_; }
  std::shared_ptr<CommandBuffer> command_buffer();
  std::string label;

 private:
  friend class CommandBuffer;
  friend MPSNN_API void stop_all_queues();
  struct Worker;
  explicit CommandQueue(std::shared_ptr<Device> device);
  std::shared_ptr<Device> device_;
  std::shared_ptr<Worker> worker_;
};

/// MPSCommandBuffer (and the MTLCommandBuffer under it): work recorded now, run in order after `commit`.
class MPSNN_API CommandBuffer : public std::enable_shared_from_this<CommandBuffer> {
 public:
  struct Submission;
  using Handler = std::function<void(const std::shared_ptr<CommandBuffer>&)>;

  static std::shared_ptr<CommandBuffer> from_command_queue(const std::shared_ptr<CommandQueue>& queue);
  /// Wraps `command_buffer`: both record into the same work.
  static std::shared_ptr<CommandBuffer> with_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer);
  ~CommandBuffer();

  std::shared_ptr<CommandBuffer> command_buffer() { return wrapped_; }
  /// A command buffer that stays with the work recorded now, also after `commit_and_continue`.
  std::shared_ptr<CommandBuffer> root_command_buffer();
  std::shared_ptr<Device> device() const;
  const std::shared_ptr<CommandQueue>& command_queue() const { return queue_; }
  std::string label;

  void enqueue();
  void commit();
  void commit_and_continue();
  void add_completed_handler(Handler handler);
  void add_scheduled_handler(Handler handler);
  /// Blocks until the work and its handlers are done; throws what failed in it.
  void wait_until_completed();
  /// As above, but gives up after the time; true when done. For callers that must look at signals in between.
  bool wait_for(double seconds);
  void wait_until_scheduled();
  CommandBufferStatus status() const;
  /// What failed, or empty.
  std::string error() const;
  std::exception_ptr exception() const;

  // For encoders --------------------------------------------------------------------------------------------------
  /// Throws unless more work may be recorded; `encoder` names the caller in the message.
  void check_recordable(const std::string& encoder) const;
  /// Records work. `writes` become readable on the CPU when the command buffer has completed.
  void record(std::function<void()> work, std::vector<std::shared_ptr<Buffer>> writes = {});
  /// Keeps an object alive until the work has completed.
  void retain(std::shared_ptr<void> object);
  /// A place in the recording, and the way back to it: an encode that fails half way takes back what it recorded.
  struct Mark {
    const Submission* submission = nullptr;
    std::size_t operations = 0, writes = 0, completions = 0, retained = 0, preparations = 0;
  };
  Mark mark() const;
  void roll_back(const Mark& mark);
  /// Runs on the worker when all recorded work has succeeded, before the completed handlers.
  void record_completion(std::function<void()> work);
  /// Runs on the queue's thread after those who wait have been let go, before later work of the queue: again and again while it
  /// says true. Nobody hears of what fails in it, and the library's end does not wait for it.
  void record_preparation(std::function<bool()> work);

 private:
  struct Core;
  CommandBuffer(std::shared_ptr<CommandQueue> queue, std::shared_ptr<Core> core);
  std::shared_ptr<CommandQueue> queue_;
  std::shared_ptr<Core> core_;
  std::shared_ptr<CommandBuffer> wrapped_;
};

}  // namespace mpsnn
