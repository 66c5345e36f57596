#include "metal/native_device.hpp"

#include "metal/executable.hpp"
#include "metal/nodes.hpp"
#include "metal/recording.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/node.hpp"
#include "runtime/native_device.hpp"

namespace mpsnn {

std::shared_ptr<Device> make_native_device() {
  using namespace metal;
  const Pool pool;
  const auto device = Ref<id<MTLDevice>>::owned(MTLCreateSystemDefaultDevice());
  if (!device || !MPSSupportsMTLDevice(device)) return nullptr;
  const auto queue = Ref<id<MTLCommandQueue>>::owned([device newCommandQueue]);
  return queue ? std::make_shared<NativeDevice>(device, queue) : nullptr;
}

namespace metal {

NativeDevice::NativeDevice(Ref<id<MTLDevice>> metal, Ref<id<MTLCommandQueue>> queue)
    : metal_(std::move(metal)), queue_(std::move(queue)) {}

std::string NativeDevice::description() const {
  const Pool pool;
  return "Metal Performance Shaders on " + string_of([metal_ name]);
}

std::vector<std::string> NativeDevice::implementations(const NNFilterNode &node) const {
  if (!NodeMakers::all().find(*node.op())) return {};
  return {"mps"};
}

Ref<id<MTLBuffer>> NativeDevice::shared_buffer(std::size_t length) const {
  auto buffer = apple([&] {
    return Ref<id<MTLBuffer>>::owned([metal_ newBufferWithLength:std::max<NSUInteger>(length, 1)
                                                         options:MTLResourceStorageModeShared]);
  });
  if (!buffer) throw OutOfMemory("Buffer: no memory for " + std::to_string(length) + " bytes");
  return buffer;
}

std::shared_ptr<Buffer> NativeDevice::new_buffer(std::size_t length) {
  const Pool pool;
  const auto buffer = shared_buffer(length);
  return std::make_shared<Buffer>([buffer contents], length,
                                  std::shared_ptr<void>([buffer contents], ReleaseObject { [buffer.get() retain] }));
}

std::unique_ptr<Executable> NativeDevice::make_executable(const GraphSource &source) {
  return std::make_unique<NativeExecutable>(std::static_pointer_cast<NativeDevice>(shared_from_this()), source);
}

}  // namespace metal
}  // namespace mpsnn
