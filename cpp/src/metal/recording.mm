#include "metal/recording.hpp"

#include <cstring>

#include "metal/images.hpp"
#include "runtime/recorded_work.hpp"

namespace mpsnn::metal {

namespace {

thread_local Recording *current_recording = nullptr;

}  // namespace

Recording *Recording::current() { return current_recording; }
Recording::Scope::Scope(Recording &recording) : before_(std::exchange(current_recording, &recording)) {}
Recording::Scope::~Scope() { current_recording = before_; }

Recording::Recording(std::shared_ptr<NativeDevice> device, std::shared_ptr<CommandBuffer> command_buffer)
    : device_(std::move(device)), command_buffer_(std::move(command_buffer)), start_(command_buffer_->mark()) {
  id<MTLCommandQueue> queue = device_->queue();
  if (const Recording *outer = current(); outer && outer->records_for(*command_buffer_)) {
    // A data source's, asked for an update: it runs while the outer one waits in its middle, and holds up its queue.
    own_queue_ = apple([&] { return Ref<id<MTLCommandQueue>>::owned([device_->metal() newCommandQueue]); });
    queue = own_queue_;
  }
  // Not an MPSCommandBuffer: the framework may commit one in the middle of an encode, before the images have their contents.
  metal_ = apple([&] { return [queue commandBuffer]; });
  if (!metal_) throw BackendError("native device: no command buffer could be made");
}

bool Recording::records_for(const CommandBuffer &command_buffer) const {
  return command_buffer_ && command_buffer_->mark().submission == command_buffer.mark().submission;
}

Recording::~Recording() {
  const Pool pool;  // on the worker, often
  const std::string failure = "the encode that was to write it failed";
  for (const auto &memory : announced_) memory->end_write(&failure);
  before_.clear();
  after_.clear();
  interludes_.clear();
  natives_.clear();
  copies_.clear();
  metal_ = {};
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
    native = image_like(*device_, image);
    before_.push_back([image, native = Ref<MPSImage *>(native)] { upload(image, native); });
  }
  remember(image, native);
  return native;
}

MPSImage *Recording::destination(const ImagePtr &image, const std::optional<ImagePart> &part) {
  MPSImage *native = linear_image(*device_, image);
  if (!native) {
    native = image_like(*device_, image);
    download(native, image, part);
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

void Recording::download(MPSImage *from, const ImagePtr &to, const std::optional<ImagePart> &part) {
  writes_.push_back(to->storage());
  read_back_.emplace_back(from);
  after_.push_back([from = Ref<MPSImage *>(from), to, part] { metal::download(from, to, part); });
}

void Recording::Copy::upload() const { std::memcpy([buffer contents], memory -> data(), memory -> length()); }
void Recording::Copy::download() const { std::memcpy(memory->data(), [buffer contents], memory -> length()); }

id<MTLBuffer> Recording::buffer(const std::shared_ptr<Buffer> &memory, bool is_written) {
  if (is_written) writes_.push_back(memory);
  if (id<MTLBuffer> native = buffer_under(*memory)) return native;
  const auto [found, is_new] = copies_.try_emplace(memory.get());
  Copy &copy = found->second;
  if (is_new) {
    copy.memory = memory;
    copy.buffer = device_->shared_buffer(memory->length());
    // What recorded work writes is there after it.
    (interludes_.empty() ? before_ : interludes_.back()).push_back([copy] { copy.upload(); });
  }
  if (is_written && !copy.is_written) {
    copy.is_written = true;
    after_.push_back([copy] { copy.download(); });
  }
  return copy.buffer;
}

std::shared_ptr<Buffer> Recording::memory_of(id<MTLBuffer> buffer) {
  if ([buffer contents]) return announced(memory_over(buffer));
  // Memory that only the GPU sees is copied where the CPU sees it too.
  const auto copy = device_->shared_buffer([buffer length]);
  this->copy(buffer, copy);
  return announced(memory_over(copy));
}

void Recording::written(id<MTLBuffer> buffer, const std::shared_ptr<Buffer> &memory) {
  id<MTLBuffer> seen = this->buffer(memory, true);
  if (seen != buffer) copy(buffer, seen);
}

void Recording::copy(id<MTLBuffer> from, id<MTLBuffer> to) {
  apple([&] {
    id<MTLBlitCommandEncoder> encoder = [metal_ blitCommandEncoder];
    [encoder copyFromBuffer:from sourceOffset:0 toBuffer:to destinationOffset:0 size:[from length]];
    [encoder endEncoding];
  });
}

// A caller's object that sees the memory now must not read it yet.
std::shared_ptr<Buffer> Recording::announced(std::shared_ptr<Buffer> memory) {
  memory->begin_write();
  announced_.push_back(memory);
  writes_.push_back(memory);
  return memory;
}

void Recording::splice_recorded_work() {
  Work work = take_recorded_since(start_, *command_buffer_);
  if (!work) return;
  if (!event_) event_ = apple([&] { return Ref<id<MTLSharedEvent>>::owned([device_->metal() newSharedEvent]); });
  if (!event_) throw BackendError("native device: no event could be made");
  const std::uint64_t reached = 2 * interludes_.size() + 1;
  apple([&] {
    [metal_ encodeSignalEvent:event_ value:reached];
    [metal_ encodeWaitForEvent:event_ value:reached + 1];
  });
  // The work sees what Metal has written so far, and Metal what the work writes.
  auto &interlude = interludes_.emplace_back();
  for (const auto &[memory, copy] : copies_) {
    if (copy.is_written) interlude.push_back([copy = copy] { copy.download(); });
  }
  interlude.push_back(std::move(work));
  for (const auto &[memory, copy] : copies_) interlude.push_back([copy = copy] { copy.upload(); });
}

void Recording::record(std::shared_ptr<void> kept) {
  apple([&] {
    for (MPSImage *image : read_back_) [image synchronizeOnCommandBuffer:metal_];  // after all that writes them
  });
  const auto command_buffer = std::exchange(command_buffer_, nullptr);
  command_buffer->record([self = shared_from_this(), kept = std::move(kept)] { self->run(); }, writes_);
  for (const auto &memory : std::exchange(announced_, {})) memory->end_write(nullptr);
}

// On the worker of the library's queue.
void Recording::run() {
  const Pool pool;
  for (const auto &work : before_) work();
  apple([&] { [metal_ commit]; });
  run_interludes();
  apple([&] { [metal_ waitUntilCompleted]; });
  failures.rethrow();
  if (NSError *error = [metal_ error]; error && !has_failed_later_()) throw_error(error, "native device");
  for (const auto &work : after_) work();
  failures.rethrow();
}

void Recording::run_interludes() {
  constexpr std::uint64_t kMilliseconds = 50;  // until the next look at whether Metal has given up
  for (std::size_t n = 0; n < interludes_.size(); ++n) {
    const std::uint64_t reached = 2 * n + 1;
    while (![event_ waitUntilSignaledValue:reached timeoutMS:kMilliseconds]) {
      if ([metal_ status] >= MTLCommandBufferStatusCompleted) return;
    }
    failures.guard([&] {
      for (const Work &work : interludes_[n]) work();
    });
    [event_ setSignaledValue:reached + 1];
  }
}

std::shared_ptr<Buffer> memory_over(id<MTLBuffer> buffer) {
  if (![buffer contents]) throw BackendError("native device: the CPU does not see the memory of a state");
  const auto owner = std::shared_ptr<void>([buffer contents], ReleaseObject { [buffer retain] });
  return std::make_shared<Buffer>([buffer contents], [buffer length], owner);
}

id<MTLBuffer> buffer_under(const Buffer &memory) {
  const auto *release = std::get_deleter<ReleaseObject>(memory.owner());
  return release ? (id<MTLBuffer>)release->object : nil;
}

}  // namespace mpsnn::metal
