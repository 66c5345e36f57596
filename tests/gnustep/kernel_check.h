// What the tests of kernels share: images of given numbers, encodes that are waited for, checks of results.
#import "check.h"

static id<MTLDevice> device;
static id<MTLCommandQueue> queue;

#define NUMBERS(...) ((const float[]){__VA_ARGS__})

__attribute__((unused)) static MPSImageDescriptor *descriptorOf(NSUInteger height, NSUInteger width, NSUInteger channels) {
  return [MPSImageDescriptor imageDescriptorWithChannelFormat:MPSImageFeatureChannelFormatFloat32
                                                        width:width
                                                       height:height
                                              featureChannels:channels];
}

/// All of it 0.
__attribute__((unused)) static MPSImage *imageOf(NSUInteger height, NSUInteger width, NSUInteger channels) {
  return [[[MPSImage alloc] initWithDevice:device imageDescriptor:descriptorOf(height, width, channels)] autorelease];
}

/// Rows, in them pixels, in them channels.
__attribute__((unused)) static MPSImage *image(NSUInteger height, NSUInteger width, NSUInteger channels, const float *numbers) {
  MPSImage *made = imageOf(height, width, channels);
  [made writeBytes:numbers dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:0];
  return made;
}

/// Element i is i + 1.
__attribute__((unused)) static MPSImage *counted(NSUInteger height, NSUInteger width, NSUInteger channels) {
  NSMutableData *numbers = [NSMutableData dataWithLength:height * width * channels * sizeof(float)];
  for (NSUInteger i = 0; i < height * width * channels; ++i) ((float *)[numbers mutableBytes])[i] = i + 1;
  return image(height, width, channels, [numbers bytes]);
}

/// Encodes, commits and waits.
static inline void run(void (^encode)(id<MTLCommandBuffer> commandBuffer)) {
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  encode(commandBuffer);
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  CHECK([commandBuffer error] == nil);
}

static inline void check_image(MPSImage *found, NSUInteger count, const float *expected, double tolerance, const char *file,
                               int line) {
  const NSUInteger there = [found width] * [found height] * [found featureChannels];
  report(there == count, file, line, [NSString stringWithFormat:@"%@ has %lu numbers, expected %lu", found, there, count]);
  if (there != count) return;
  NSMutableData *numbers = [NSMutableData dataWithLength:count * sizeof(float)];
  [found readBytes:[numbers mutableBytes] dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:0];
  const float *values = [numbers bytes];
  for (NSUInteger i = 0; i < count; ++i) {
    report(fabs(values[i] - expected[i]) <= tolerance, file, line,
           [NSString stringWithFormat:@"number %lu is %.9g, expected %.9g", i, values[i], expected[i]]);
  }
}

/// That an image consists of these numbers.
#define CHECK_IMAGE_NEAR(found, tolerance, ...)                                                                         \
  check_image((found), sizeof((const float[]){__VA_ARGS__}) / sizeof(float), (const float[]){__VA_ARGS__}, (tolerance), \
              __FILE__, __LINE__)
#define CHECK_IMAGE(found, ...) CHECK_IMAGE_NEAR(found, 0, __VA_ARGS__)

static inline void check_buffer(id<MTLBuffer> found, NSUInteger count, const float *expected, double tolerance, const char *file,
                                int line) {
  report([found length] >= count * sizeof(float), file, line, @"the buffer is too short");
  if ([found length] < count * sizeof(float)) return;
  const float *values = [found contents];
  for (NSUInteger i = 0; i < count; ++i) {
    report(fabs(values[i] - expected[i]) <= tolerance, file, line,
           [NSString stringWithFormat:@"number %lu is %.9g, expected %.9g", i, values[i], expected[i]]);
  }
}
#define CHECK_BUFFER(found, tolerance, ...)                                                                              \
  check_buffer((found), sizeof((const float[]){__VA_ARGS__}) / sizeof(float), (const float[]){__VA_ARGS__}, (tolerance), \
               __FILE__, __LINE__)

/// A filter's result, in an image that can be read.
__attribute__((unused)) static MPSImage *filtered(MPSCNNKernel *kernel, MPSImage *source) {
  kernel.destinationImageAllocator = [MPSImage defaultAllocator];
  __block MPSImage *made = nil;
  run(^(id<MTLCommandBuffer> commandBuffer) {
    made = [kernel encodeToCommandBuffer:commandBuffer sourceImage:source];
  });
  return made;
}
__attribute__((unused)) static MPSImage *combined(MPSCNNBinaryKernel *kernel, MPSImage *primary, MPSImage *secondary) {
  kernel.destinationImageAllocator = [MPSImage defaultAllocator];
  __block MPSImage *made = nil;
  run(^(id<MTLCommandBuffer> commandBuffer) {
    made = [kernel encodeToCommandBuffer:commandBuffer primaryImage:primary secondaryImage:secondary];
  });
  return made;
}

/// The gradient that comes back through a filter: its forward kernel is encoded for the state.
__attribute__((unused)) static MPSImage *gradient(MPSCNNKernel *forward, MPSCNNGradientKernel *backward, MPSImage *source,
                                                  MPSImage *sourceGradient) {
  forward.destinationImageAllocator = [MPSImage defaultAllocator];
  backward.destinationImageAllocator = [MPSImage defaultAllocator];
  __block MPSImage *made = nil;
  run(^(id<MTLCommandBuffer> commandBuffer) {
    MPSState *state = nil;
    [forward encodeToCommandBuffer:commandBuffer sourceImage:source destinationState:&state destinationStateIsTemporary:YES];
    CHECK(state != nil && state.isTemporary);
    made = [backward encodeToCommandBuffer:commandBuffer sourceGradient:sourceGradient sourceImage:source gradientState:state];
  });
  return made;
}
