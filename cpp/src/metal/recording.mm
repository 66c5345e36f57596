#include "metal/recording.hpp"

#include <cstring>

#include "metal/images.hpp"

namespace mpsnn::metal {

namespace {

thread_local Recording *current_recording = nullptr;

}  // namespace

Recording *Recording::current() { return current_recording; }
Recording::Scope::Scope(Recording &recording) : before_(std::exchange(current_recording, &recording)) {}
Recording::Scope::~Scope() { current_recording = before_; }

Recording::Recording(std::shared_ptr<NativeDevice> device, std::shared_ptr<CommandBuffer> command_buffer)
    : device_(std::move(device)), command_buffer_(std::move(command_buffer)) {
  metal_ = apple([&]() -> id<MTLCommandBuffer> { return [MPSCommandBuffer commandBufferFromCommandQueue:device_->queue()]; });
  if (!metal_) throw BackendError("native device: no command buffer could be made");
}

MPSImage *Recording::known(const ImagePtr &image) const {
  const auto found = natives_.find(image.get());
  return found == natives_.end() ? nil : found->second.get();
}

void Recording::remember(const ImagePtr &image, MPSImage *native) {
  natives_[image.get()] = native;
  images_[(const void *)native] = image;
}

MPSImage *Recording::source(const ImagePtr &image) {
  if (MPSImage *native = known(image)) return native;
  MPSImage *native = linear_image(*device_, image);
  if (!native) {
    native = apple([&] {
      return [[[MPSImage alloc] initWithDevice:device_->metal() imageDescriptor:descriptor_of(image->descriptor())] autorelease];
    });
    before_.push_back([image, native = Ref<MPSImage *>(native)] { upload(image, native); });
  }
  remember(image, native);
  return native;
}

MPSImage *Recording::destination(const ImagePtr &image) {
  MPSImage *native = linear_image(*device_, image);
  if (!native) {
    native = apple([&] {
      return [[[MPSImage alloc] initWithDevice:device_->metal() imageDescriptor:descriptor_of(image->descriptor())] autorelease];
    });
    download(native, image);
  } else {
    writes_.push_back(image->storage());
  }
  remember(image, native);
  return native;
}

ImagePtr Recording::image_for(MPSImage *image) const {
  const auto found = images_.find((const void *)image);
  return found == images_.end() ? nullptr : found->second;
}

void Recording::download(MPSImage *from, const ImagePtr &to) {
  writes_.push_back(to->storage());
  apple([&] { [from synchronizeOnCommandBuffer:metal_]; });
  after_.push_back([from = Ref<MPSImage *>(from), to] { metal::download(from, to); });
}

id<MTLBuffer> Recording::buffer(const std::shared_ptr<Buffer> &memory, bool is_written) {
  if (is_written) writes_.push_back(memory);
  if (id<MTLBuffer> native = buffer_under(*memory)) return native;
  if (const auto found = buffers_.find(memory.get()); found != buffers_.end()) {
    if (is_written) {
      after_.push_back([memory, copy = found->second] { std::memcpy(memory->data(), [copy contents], memory -> length()); });
    }
    return found->second;
  }
  auto copy = apple([&] {
    return Ref<id<MTLBuffer>>::owned([device_->metal() newBufferWithLength:std::max<NSUInteger>(memory->length(), 1)
                                                                   options:MTLResourceStorageModeShared]);
  });
  if (!copy) throw OutOfMemory("native device: no buffer of " + std::to_string(memory->length()) + " bytes could be made");
  before_.push_back([memory, copy] { std::memcpy([copy contents], memory -> data(), memory -> length()); });
  if (is_written) {
    after_.push_back([memory, copy] { std::memcpy(memory->data(), [copy contents], memory -> length()); });
  }
  buffers_[memory.get()] = copy;
  return copy;
}

std::shared_ptr<Buffer> Recording::memory_of(id<MTLBuffer> buffer) {
  if ([buffer contents]) {
    auto memory = memory_over(buffer);
    writes_.push_back(memory);
    return memory;
  }
  // Memory that only the GPU sees is copied where the CPU sees it too.
  auto copy = apple([&] {
    return Ref<id<MTLBuffer>>::owned([device_->metal() newBufferWithLength:[buffer length] options:MTLResourceStorageModeShared]);
  });
  apple([&] {
    id<MTLBlitCommandEncoder> encoder = [metal_ blitCommandEncoder];
    [encoder copyFromBuffer:buffer sourceOffset:0 toBuffer:copy destinationOffset:0 size:[buffer length]];
    [encoder endEncoding];
  });
  auto memory = memory_over(copy);
  writes_.push_back(memory);
  return memory;
}

void Recording::record(std::shared_ptr<void> kept) {
  command_buffer_->record([self = shared_from_this(), kept = std::move(kept)] { self->run(); }, writes_);
}

// On the worker of the library's queue.
void Recording::run() {
  const Pool pool;
  for (const auto &work : before_) work();
  apple([&] {
    [metal_ commit];
    [metal_ waitUntilCompleted];
  });
  failures.rethrow();
  if (NSError *error = [metal_ error]) throw_error(error, "native device");
  for (const auto &work : after_) work();
  failures.rethrow();
}

std::shared_ptr<Buffer> memory_over(id<MTLBuffer> buffer) {
  const auto owner = std::shared_ptr<void>([buffer contents], ReleaseObject { [buffer retain] });
  return std::make_shared<Buffer>([buffer contents], [buffer length], owner);
}

id<MTLBuffer> buffer_under(const Buffer &memory) {
  const auto *release = std::get_deleter<ReleaseObject>(memory.owner());
  return release ? (id<MTLBuffer>)release->object : nil;
}

}  // namespace mpsnn::metal
