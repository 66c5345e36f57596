#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "metal/images.hpp"
#include "metal/native_device.hpp"
#include "metal/objc.hpp"
#include "mpsnn/device.hpp"
#include "mpsnn/image.hpp"
#include "runtime/forward_steps.hpp"

namespace mpsnn::metal {

/// One encode on its way to Apple's framework: a command buffer of Metal's, and what is copied into its images and buffers before
/// it runs and out of them after. Copies happen in the order of the library's queue, so an image may be the result of an encode
/// that has not run yet. Memory that Metal can use where it is has no copies: see `linear_image` and `buffer`.
class Recording : public std::enable_shared_from_this<Recording> {
 public:
  using Work = std::function<void()>;
  Recording(std::shared_ptr<NativeDevice> device, std::shared_ptr<CommandBuffer> command_buffer);
  ~Recording();

  /// The one whose encode is running on this thread; null outside. Apple's framework calls the caller's objects back from it.
  static Recording *current();
  class Scope {
   public:
    explicit Scope(Recording &recording);
    ~Scope();
    Scope(const Scope &) = delete;
    Scope &operator=(const Scope &) = delete;

   private:
    Recording *before_;
  };

  NativeDevice &device() const { return *device_; }
  const std::shared_ptr<NativeDevice> &shared_device() const { return device_; }
  id<MTLCommandBuffer> metal() const { return metal_; }
  const std::shared_ptr<CommandBuffer> &command_buffer() const { return command_buffer_; }
  /// Whether what is recorded there now belongs to this encode.
  bool records_for(const CommandBuffer &command_buffer) const;
  /// Of the caller's objects.
  Failures failures;
  /// What image allocators are told about who asks; may be null.
  Kernel *kernel = nullptr;

  /// An image of Apple's with the contents that `image` has when the encode runs.
  MPSImage *source(const ImagePtr &image);
  /// One that the encode writes; its contents, or the part that is written, come to `image` when it has run.
  MPSImage *destination(const ImagePtr &image, const std::optional<ImagePart> &part = std::nullopt);
  /// The library's image for one of Apple's that came from here; null for others.
  ImagePtr image_for(MPSImage *image) const;
  /// Contents of an image of Apple's own come to `to` when the encode has run.
  void download(MPSImage *from, const ImagePtr &to, const std::optional<ImagePart> &part = std::nullopt);
  /// The buffer for the library's memory.
  id<MTLBuffer> buffer(const std::shared_ptr<Buffer> &memory, bool is_written);
  /// Memory of the library's that has what `buffer` has when the encode has run.
  std::shared_ptr<Buffer> memory_of(id<MTLBuffer> buffer);
  /// The encode writes the buffer: `memory`, its own or any other, has what it has when the encode has run.
  void written(id<MTLBuffer> buffer, const std::shared_ptr<Buffer> &memory);

  /// Work that the caller's objects have recorded on the library's command buffer, since the last time, runs at this place of the
  /// encode: Metal waits for it.
  void splice_recorded_work();

  /// What a padding policy of the caller's answered in this encode, in the order of the questions; null where it was not asked.
  using PolicyAnswers = std::vector<PlacedByPolicy>;
  const PolicyAnswers *answers_of(const NNPadding &policy) const {
    const auto found = policy_answers_.find(&policy);
    return found == policy_answers_.end() ? nullptr : &found->second;
  }
  void remember_answer(const NNPadding &policy, const ImageDescriptor &descriptor, const Geometry &geometry) {
    policy_answers_[&policy].push_back({descriptor, geometry});
  }

  /// Runs before the encode.
  void before(Work work) { before_.push_back(std::move(work)); }
  /// Runs when the encode has run and all copies are made.
  void after(Work work) { after_.push_back(std::move(work)); }
  /// Says whether something failed that Metal reports as the encode's failure, although the encode's own work was done before.
  void excuse(std::function<bool()> has_failed_later) { has_failed_later_ = std::move(has_failed_later); }
  /// Hands everything to the library's command buffer. `kept` lives until the work is done.
  void record(std::shared_ptr<void> kept);

 private:
  MPSImage *known(const ImagePtr &image) const;
  void copy(id<MTLBuffer> from, id<MTLBuffer> to);
  std::shared_ptr<Buffer> announced(std::shared_ptr<Buffer> memory);
  void remember(const ImagePtr &image, MPSImage *native);
  void run();
  void run_interludes();
  // Metal's buffer for memory of the library's that it cannot use where it is.
  struct Copy {
    std::shared_ptr<Buffer> memory;
    Ref<id<MTLBuffer>> buffer;
    bool is_written;
    void upload() const;
    void download() const;
  };

  const std::shared_ptr<NativeDevice> device_;
  std::shared_ptr<CommandBuffer> command_buffer_;  // until it holds this
  Ref<id<MTLCommandQueue>> own_queue_;             // of one inside another
  Ref<id<MTLCommandBuffer>> metal_;
  std::vector<Work> before_, after_;
  const CommandBuffer::Mark start_;
  // Work in between: at 2 n + 1 Metal has come to interlude n, at 2 n + 2 it may go on.
  std::vector<std::vector<Work>> interludes_;
  Ref<id<MTLSharedEvent>> event_;
  std::vector<Ref<MPSImage *>> read_back_;
  std::vector<std::shared_ptr<Buffer>> writes_;
  std::vector<std::shared_ptr<Buffer>> announced_;  // pending although nothing is recorded yet
  std::function<bool()> has_failed_later_ = [] { return false; };
  std::unordered_map<const NNPadding *, PolicyAnswers> policy_answers_;
  std::unordered_map<const Image *, Ref<MPSImage *>> natives_;
  std::unordered_map<const void *, ImagePtr> images_;  // by Apple's image
  std::unordered_map<const Buffer *, Copy> copies_;
};

/// Apple's descriptor for the library's, and back.
MPSImageDescriptor *descriptor_of(const ImageDescriptor &descriptor);
ImageDescriptor descriptor_of(MPSImageDescriptor *descriptor);
ImageDescriptor descriptor_of(MPSImage *image);
/// The library's memory over a buffer of Metal's that the CPU can see.
std::shared_ptr<Buffer> memory_over(id<MTLBuffer> buffer);
/// The buffer of Metal's that the memory is, or nil.
id<MTLBuffer> buffer_under(const Buffer &memory);

}  // namespace mpsnn::metal
