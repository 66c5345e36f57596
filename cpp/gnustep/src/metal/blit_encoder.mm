#include <algorithm>
#include <cstring>
#include <vector>

#import "metal/encoders.hpp"
#import "metal/texture.hpp"

namespace mpsnn::gnustep {

namespace {

std::byte *bytes_of(const std::shared_ptr<Buffer> &buffer) { return static_cast<std::byte *>(buffer->data()); }

void check_range(const std::string &method, const Buffer &buffer, std::size_t offset, std::size_t size) {
  if (offset > buffer.length() || size > buffer.length() - offset) {
    throw InvalidArgument(method + ": offset " + std::to_string(offset) + " and size " + std::to_string(size) +
                          " are outside the buffer of " + std::to_string(buffer.length()) + " bytes");
  }
}

// Checks the part of a buffer that holds a region's pixels.
void check_rows(const std::string &method, const Buffer &buffer, std::size_t offset, std::size_t bytes_per_row,
                const Texture &texture, const MTLSize &size) {
  const std::size_t row = size.width * texture.pixel_bytes();
  texture.check_rows(method, bytes_per_row, size);
  if (size.height > 1 && bytes_per_row > (kUIntegerMax - row) / (size.height - 1)) {
    throw InvalidArgument(method + ": bytesPerRow " + std::to_string(bytes_per_row) + " is too large");
  }
  check_range(method, buffer, offset, (size.height - 1) * bytes_per_row + row);
}

struct Corner {
  std::shared_ptr<Texture> texture;
  std::size_t slice = 0, level = 0;
  MTLOrigin origin{};
};

void copy_pixels(CommandBuffer &recording, const Corner &from, const Corner &to, const MTLSize &size, const char *method) {
  from.texture->check_region(method, from.origin, size, from.slice, from.level);
  to.texture->check_region(method, to.origin, size, to.slice, to.level);
  const std::size_t row = from.texture->pixel_bytes() * size.width;
  if (from.texture->pixel_bytes() != to.texture->pixel_bytes()) {
    throw InvalidArgument(std::string(method) + ": the pixels of the two textures differ in size");
  }
  recording.record(
      [from, to, size, row] {
        std::vector<std::byte> pixels(row * size.height);
        from.texture->read(pixels.data(), row, from.origin, size, from.slice);
        to.texture->write(pixels.data(), row, to.origin, size, to.slice);
      },
      to.texture->memories());
}

MTLSize size_of(const Texture &texture) { return {texture.descriptor().width, texture.descriptor().height, 1}; }

}  // namespace

}  // namespace mpsnn::gnustep

using namespace mpsnn;
using namespace mpsnn::gnustep;

@implementation MPSPortableBlitEncoder

- (void)fillBuffer:(id<MTLBuffer>)buffer range:(NSRange)range value:(uint8_t)value {
  guarded([&] {
    CommandBuffer &recording = [self recording:_cmd];
    const auto filled = buffer_of(MPSNN_REQUIRE(buffer));
    check_range("MTLBlitCommandEncoder fillBuffer", *filled, range.location, range.length);
    recording.record([filled, range, value] { std::memset(bytes_of(filled) + range.location, value, range.length); }, {filled});
  });
}

- (void)copyFromBuffer:(id<MTLBuffer>)sourceBuffer
          sourceOffset:(NSUInteger)sourceOffset
              toBuffer:(id<MTLBuffer>)destinationBuffer
     destinationOffset:(NSUInteger)destinationOffset
                  size:(NSUInteger)size {
  guarded([&] {
    CommandBuffer &recording = [self recording:_cmd];
    const auto from = buffer_of(MPSNN_REQUIRE(sourceBuffer)), to = buffer_of(MPSNN_REQUIRE(destinationBuffer));
    check_range("MTLBlitCommandEncoder copyFromBuffer", *from, sourceOffset, size);
    check_range("MTLBlitCommandEncoder copyFromBuffer", *to, destinationOffset, size);
    recording.record([=] { std::memmove(bytes_of(to) + destinationOffset, bytes_of(from) + sourceOffset, size); }, {to});
  });
}

- (void)copyFromBuffer:(id<MTLBuffer>)sourceBuffer
           sourceOffset:(NSUInteger)sourceOffset
      sourceBytesPerRow:(NSUInteger)sourceBytesPerRow
    sourceBytesPerImage:(NSUInteger)sourceBytesPerImage
             sourceSize:(MTLSize)sourceSize
              toTexture:(id<MTLTexture>)destinationTexture
       destinationSlice:(NSUInteger)destinationSlice
       destinationLevel:(NSUInteger)destinationLevel
      destinationOrigin:(MTLOrigin)destinationOrigin {
  [self copyFromBuffer:sourceBuffer
             sourceOffset:sourceOffset
        sourceBytesPerRow:sourceBytesPerRow
      sourceBytesPerImage:sourceBytesPerImage
               sourceSize:sourceSize
                toTexture:destinationTexture
         destinationSlice:destinationSlice
         destinationLevel:destinationLevel
        destinationOrigin:destinationOrigin
                  options:MTLBlitOptionNone];
}

- (void)copyFromBuffer:(id<MTLBuffer>)sourceBuffer
           sourceOffset:(NSUInteger)sourceOffset
      sourceBytesPerRow:(NSUInteger)sourceBytesPerRow
    sourceBytesPerImage:(NSUInteger)sourceBytesPerImage
             sourceSize:(MTLSize)sourceSize
              toTexture:(id<MTLTexture>)destinationTexture
       destinationSlice:(NSUInteger)destinationSlice
       destinationLevel:(NSUInteger)destinationLevel
      destinationOrigin:(MTLOrigin)destinationOrigin
                options:(MTLBlitOption)options {
  (void)sourceBytesPerImage;  // of 3D textures
  (void)options;              // of depth and PVRTC formats
  guarded([&] {
    CommandBuffer &recording = [self recording:_cmd];
    const auto from = buffer_of(MPSNN_REQUIRE(sourceBuffer));
    const auto to = texture_of(MPSNN_REQUIRE(destinationTexture));
    to->check_region("MTLBlitCommandEncoder copyFromBuffer", destinationOrigin, sourceSize, destinationSlice, destinationLevel);
    check_rows("MTLBlitCommandEncoder copyFromBuffer", *from, sourceOffset, sourceBytesPerRow, *to, sourceSize);
    recording.record(
        [=] { to->write(bytes_of(from) + sourceOffset, sourceBytesPerRow, destinationOrigin, sourceSize, destinationSlice); },
        to->memories());
  });
}

- (void)copyFromTexture:(id<MTLTexture>)sourceTexture
                 sourceSlice:(NSUInteger)sourceSlice
                 sourceLevel:(NSUInteger)sourceLevel
                sourceOrigin:(MTLOrigin)sourceOrigin
                  sourceSize:(MTLSize)sourceSize
                    toBuffer:(id<MTLBuffer>)destinationBuffer
           destinationOffset:(NSUInteger)destinationOffset
      destinationBytesPerRow:(NSUInteger)destinationBytesPerRow
    destinationBytesPerImage:(NSUInteger)destinationBytesPerImage {
  [self copyFromTexture:sourceTexture
                   sourceSlice:sourceSlice
                   sourceLevel:sourceLevel
                  sourceOrigin:sourceOrigin
                    sourceSize:sourceSize
                      toBuffer:destinationBuffer
             destinationOffset:destinationOffset
        destinationBytesPerRow:destinationBytesPerRow
      destinationBytesPerImage:destinationBytesPerImage
                       options:MTLBlitOptionNone];
}

- (void)copyFromTexture:(id<MTLTexture>)sourceTexture
                 sourceSlice:(NSUInteger)sourceSlice
                 sourceLevel:(NSUInteger)sourceLevel
                sourceOrigin:(MTLOrigin)sourceOrigin
                  sourceSize:(MTLSize)sourceSize
                    toBuffer:(id<MTLBuffer>)destinationBuffer
           destinationOffset:(NSUInteger)destinationOffset
      destinationBytesPerRow:(NSUInteger)destinationBytesPerRow
    destinationBytesPerImage:(NSUInteger)destinationBytesPerImage
                     options:(MTLBlitOption)options {
  (void)destinationBytesPerImage;
  (void)options;
  guarded([&] {
    CommandBuffer &recording = [self recording:_cmd];
    const auto from = texture_of(MPSNN_REQUIRE(sourceTexture));
    const auto to = buffer_of(MPSNN_REQUIRE(destinationBuffer));
    from->check_region("MTLBlitCommandEncoder copyFromTexture", sourceOrigin, sourceSize, sourceSlice, sourceLevel);
    check_rows("MTLBlitCommandEncoder copyFromTexture", *to, destinationOffset, destinationBytesPerRow, *from, sourceSize);
    recording.record(
        [=] { from->read(bytes_of(to) + destinationOffset, destinationBytesPerRow, sourceOrigin, sourceSize, sourceSlice); },
        {to});
  });
}

- (void)copyFromTexture:(id<MTLTexture>)sourceTexture
            sourceSlice:(NSUInteger)sourceSlice
            sourceLevel:(NSUInteger)sourceLevel
           sourceOrigin:(MTLOrigin)sourceOrigin
             sourceSize:(MTLSize)sourceSize
              toTexture:(id<MTLTexture>)destinationTexture
       destinationSlice:(NSUInteger)destinationSlice
       destinationLevel:(NSUInteger)destinationLevel
      destinationOrigin:(MTLOrigin)destinationOrigin {
  guarded([&] {
    copy_pixels([self recording : _cmd], { texture_of(MPSNN_REQUIRE(sourceTexture)), sourceSlice, sourceLevel, sourceOrigin },
                {texture_of(MPSNN_REQUIRE(destinationTexture)), destinationSlice, destinationLevel, destinationOrigin},
                sourceSize, "MTLBlitCommandEncoder copyFromTexture");
  });
}

- (void)copyFromTexture:(id<MTLTexture>)sourceTexture
            sourceSlice:(NSUInteger)sourceSlice
            sourceLevel:(NSUInteger)sourceLevel
              toTexture:(id<MTLTexture>)destinationTexture
       destinationSlice:(NSUInteger)destinationSlice
       destinationLevel:(NSUInteger)destinationLevel
             sliceCount:(NSUInteger)sliceCount
             levelCount:(NSUInteger)levelCount {
  guarded([&] {
    CommandBuffer &recording = [self recording:_cmd];
    const auto from = texture_of(MPSNN_REQUIRE(sourceTexture)), to = texture_of(MPSNN_REQUIRE(destinationTexture));
    if (levelCount != 1) throw InvalidArgument("MTLBlitCommandEncoder copyFromTexture: textures have one level");
    const MTLSize size = size_of(*from), other = size_of(*to);
    if (size.width != other.width || size.height != other.height) {
      throw InvalidArgument("MTLBlitCommandEncoder copyFromTexture: whole slices must have the same size");
    }
    for (NSUInteger i = 0; i < sliceCount; ++i) {
      copy_pixels(recording, {from, sourceSlice + i, sourceLevel, {}}, {to, destinationSlice + i, destinationLevel, {}}, size,
                  "MTLBlitCommandEncoder copyFromTexture");
    }
  });
}

- (void)copyFromTexture:(id<MTLTexture>)sourceTexture toTexture:(id<MTLTexture>)destinationTexture {
  [self copyFromTexture:sourceTexture
            sourceSlice:0
            sourceLevel:0
              toTexture:destinationTexture
       destinationSlice:0
       destinationLevel:0
             sliceCount:std::min([sourceTexture arrayLength], [destinationTexture arrayLength])
             levelCount:1];
}

// The CPU sees all memory as it is, textures have one level and one form.
- (void)synchronizeResource:(id<MTLResource>)resource {
  guarded([&] {
    [self recording:_cmd];
    MPSNN_REQUIRE(resource);
  });
}
- (void)synchronizeTexture:(id<MTLTexture>)texture slice:(NSUInteger)slice level:(NSUInteger)level {
  guarded([&] {
    [self recording:_cmd];
    const auto whole = texture_of(MPSNN_REQUIRE(texture));
    whole->check_region("MTLBlitCommandEncoder synchronizeTexture", {}, size_of(*whole), slice, level);
  });
}
- (void)generateMipmapsForTexture:(id<MTLTexture>)texture {
  [self synchronizeResource:texture];
}
- (void)optimizeContentsForGPUAccess:(id<MTLTexture>)texture {
  [self synchronizeResource:texture];
}
- (void)optimizeContentsForGPUAccess:(id<MTLTexture>)texture slice:(NSUInteger)slice level:(NSUInteger)level {
  [self synchronizeTexture:texture slice:slice level:level];
}
- (void)optimizeContentsForCPUAccess:(id<MTLTexture>)texture {
  [self synchronizeResource:texture];
}
- (void)optimizeContentsForCPUAccess:(id<MTLTexture>)texture slice:(NSUInteger)slice level:(NSUInteger)level {
  [self synchronizeTexture:texture slice:slice level:level];
}

@end
