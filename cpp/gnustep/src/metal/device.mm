#import <time.h>
#import <unistd.h>

#include <cstring>
#include <fstream>

#import "metal/descriptors.hpp"
#import "metal/events.hpp"
#import "metal/heap.hpp"
#import "metal/texture.hpp"

namespace mpsnn::gnustep {

namespace {

std::size_t memory_of_machine() { return std::size_t(sysconf(_SC_PHYS_PAGES)) * std::size_t(sysconf(_SC_PAGE_SIZE)); }

std::size_t memory_of_process() {
  std::ifstream file("/proc/self/statm");
  std::size_t size = 0, resident = 0;
  file >> size >> resident;
  return resident * std::size_t(sysconf(_SC_PAGE_SIZE));
}

std::shared_ptr<Buffer> make_buffer(std::size_t length) {
  if (length == 0) throw InvalidArgument("MTLDevice: a buffer of 0 bytes");
  auto buffer = std::make_shared<Buffer>(length);
  buffer->data();
  return buffer;
}

MPSPortableBuffer *with_options(MPSPortableBuffer *buffer, MTLResourceOptions options) {
  buffer->_options = options;
  return buffer;
}

MTLSizeAndAlign in_heap(std::size_t length) { return {aligned(length, Heap::kAlignment), Heap::kAlignment}; }

NSError *no_compiler() {
  NSString *text = @"this device has no shader compiler: there are no libraries, functions and compute pipelines";
  return [NSError errorWithDomain:@"MTLLibraryErrorDomain"
                             code:1  // MTLLibraryErrorUnsupported
                         userInfo:[NSDictionary dictionaryWithObject:text forKey:NSLocalizedDescriptionKey]];
}

id no_library(NSError **error) {
  if (error) *error = no_compiler();
  return nil;
}

std::uint64_t nanoseconds_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::uint64_t(now.tv_sec) * 1000000000 + std::uint64_t(now.tv_nsec);
}

}  // namespace

}  // namespace mpsnn::gnustep

using namespace mpsnn;
using namespace mpsnn::gnustep;

MTLDeviceNotificationName const MTLDeviceWasAddedNotification = @"MTLDeviceWasAddedNotification";
MTLDeviceNotificationName const MTLDeviceRemovalRequestedNotification = @"MTLDeviceRemovalRequestedNotification";
MTLDeviceNotificationName const MTLDeviceWasRemovedNotification = @"MTLDeviceWasRemovedNotification";

id<MTLDevice> MTLCreateSystemDefaultDevice(void) {
  return new_or_nil([] { return objc(the_device()); });
}

NSArray<id<MTLDevice>> *MTLCopyAllDevices(void) {
  id<MTLDevice> device = MTLCreateSystemDefaultDevice();
  NSArray<id<MTLDevice>> *devices = device ? [[NSArray alloc] initWithObjects:device, nil] : [[NSArray alloc] init];
  [device release];
  return devices;
}

// The device comes and goes with the process: an observer is never told anything.
NSArray<id<MTLDevice>> *MTLCopyAllDevicesWithObserver(id<NSObject> *observer, MTLDeviceNotificationHandler handler) {
  (void)handler;
  if (observer) *observer = [[[NSObject alloc] init] autorelease];
  return MTLCopyAllDevices();
}

void MTLRemoveDeviceObserver(id<NSObject> observer) { (void)observer; }

@implementation MPSPortableDevice

MPSNN_ROOT_IMPLEMENTATION(Device)

MPSNN_READONLY(NSString *, name, ns_string(portable(self)->description()))
MPSNN_READONLY(uint64_t, registryID, 1)
MPSNN_READONLY(BOOL, hasUnifiedMemory, YES)
MPSNN_READONLY(uint64_t, recommendedMaxWorkingSetSize, memory_of_machine())
MPSNN_READONLY(NSUInteger, maxBufferLength, memory_of_machine())
MPSNN_READONLY(NSUInteger, currentAllocatedSize, memory_of_process())
MPSNN_READONLY(MTLDeviceLocation, location, MTLDeviceLocationBuiltIn)
MPSNN_READONLY(NSUInteger, locationNumber, 0)
MPSNN_READONLY(uint64_t, maxTransferRate, 0)
MPSNN_READONLY(BOOL, isLowPower, NO)
MPSNN_READONLY(BOOL, isHeadless, YES)
MPSNN_READONLY(BOOL, isRemovable, NO)
MPSNN_READONLY(uint64_t, peerGroupID, 0)
MPSNN_READONLY(uint32_t, peerIndex, 0)
MPSNN_READONLY(uint32_t, peerCount, 0)
// Nothing draws and nothing compiles here.
MPSNN_READONLY(BOOL, isDepth24Stencil8PixelFormatSupported, NO)
MPSNN_READONLY(MTLReadWriteTextureTier, readWriteTextureSupport, MTLReadWriteTextureTierNone)
MPSNN_READONLY(MTLArgumentBuffersTier, argumentBuffersSupport, MTLArgumentBuffersTier1)
MPSNN_READONLY(BOOL, areRasterOrderGroupsSupported, NO)
MPSNN_READONLY(BOOL, supports32BitFloatFiltering, NO)
MPSNN_READONLY(BOOL, supports32BitMSAA, NO)
MPSNN_READONLY(BOOL, supportsQueryTextureLOD, NO)
MPSNN_READONLY(BOOL, supportsBCTextureCompression, NO)
MPSNN_READONLY(BOOL, supportsPullModelInterpolation, NO)
MPSNN_READONLY(BOOL, areBarycentricCoordsSupported, NO)
MPSNN_READONLY(BOOL, supportsShaderBarycentricCoordinates, NO)
MPSNN_READONLY(NSUInteger, maxThreadgroupMemoryLength, 0)
MPSNN_READONLY(NSUInteger, maxArgumentBufferSamplerCount, 0)
MPSNN_READONLY(BOOL, areProgrammableSamplePositionsSupported, NO)
MPSNN_READONLY(NSUInteger, sparseTileSizeInBytes, 0)
MPSNN_READONLY(BOOL, supportsDynamicLibraries, NO)
MPSNN_READONLY(BOOL, supportsRenderDynamicLibraries, NO)
MPSNN_READONLY(BOOL, supportsRaytracing, NO)
MPSNN_READONLY(BOOL, supportsFunctionPointers, NO)
MPSNN_READONLY(BOOL, supportsFunctionPointersFromRender, NO)
MPSNN_READONLY(BOOL, supportsRaytracingFromRender, NO)
MPSNN_READONLY(BOOL, supportsPrimitiveMotionBlur, NO)
MPSNN_READONLY(BOOL, shouldMaximizeConcurrentCompilation, NO)
MPSNN_READONLY(NSUInteger, maximumConcurrentCompilationTaskCount, 0)
MPSNN_READONLY(BOOL, supportsPlacementSparse, NO)
MPSNN_READONLY(uint64_t, queryTimestampFrequency, 1000000000)

- (MTLSize)maxThreadsPerThreadgroup {
  return MTLSizeMake(1, 1, 1);
}

- (void)setShouldMaximizeConcurrentCompilation:(BOOL)value {
  (void)value;
}

// Queues, memory ----------------------------------------------------------------------------------------------------

- (id<MTLCommandQueue>)newCommandQueue {
  return new_or_nil([&] { return objc(CommandQueue::make(portable(self))); });
}

// A queue has as many command buffers as there is memory for.
- (id<MTLCommandQueue>)newCommandQueueWithMaxCommandBufferCount:(NSUInteger)maxCommandBufferCount {
  if (maxCommandBufferCount == 0) {
    NSLog(@"MTLDevice: a command queue of 0 command buffers");
    return nil;
  }
  return [self newCommandQueue];
}

- (id<MTLCommandQueue>)newCommandQueueWithDescriptor:(MTLCommandQueueDescriptor *)descriptor {
  return [self newCommandQueueWithMaxCommandBufferCount:[descriptor maxCommandBufferCount]];
}

- (id<MTLBuffer>)newBufferWithLength:(NSUInteger)length options:(MTLResourceOptions)options {
  return new_or_nil([&] { return with_options(objc(make_buffer(length)), options); });
}

- (id<MTLBuffer>)newBufferWithBytes:(const void *)pointer length:(NSUInteger)length options:(MTLResourceOptions)options {
  return new_or_nil([&] {
    MPSNN_REQUIRE(pointer);
    const auto buffer = make_buffer(length);
    std::memcpy(buffer->data(), pointer, length);
    return with_options(objc(buffer), options);
  });
}

- (id<MTLBuffer>)newBufferWithBytesNoCopy:(void *)pointer
                                   length:(NSUInteger)length
                                  options:(MTLResourceOptions)options
                              deallocator:(void (^)(void *, NSUInteger))deallocator {
  return new_or_nil([&] {
    MPSNN_REQUIRE(pointer);
    if (length == 0) throw InvalidArgument("MTLDevice: a buffer of 0 bytes");
    std::shared_ptr<void> owner;
    if (deallocator) {
      owner = std::shared_ptr<void>(pointer, [length, copy = copied((const void *)deallocator)](void *memory) {
        void (^client)(void *, NSUInteger) = (void (^)(void *, NSUInteger))copy.get();
        try {
          call_client([&] { client(memory, length); });
        } catch (...) {
          log_nil(current_as_ns_exception());
        }
      });
    }
    return with_options(objc(std::make_shared<Buffer>(pointer, length, owner)), options);
  });
}

- (id<MTLBuffer>)newBufferWithLength:(NSUInteger)length
                             options:(MTLResourceOptions)options
             placementSparsePageSize:(MTLSparsePageSize)placementSparsePageSize {
  (void)length;
  (void)options;
  (void)placementSparsePageSize;
  NSLog(@"MTLDevice: there are no sparse buffers here");
  return nil;
}

- (id<MTLTexture>)newTextureWithDescriptor:(MTLTextureDescriptor *)descriptor {
  return new_or_nil([&] { return objc(Texture::make(*MPSNN_BEHIND(descriptor))); });
}

- (id<MTLTexture>)newSharedTextureWithDescriptor:(MTLTextureDescriptor *)descriptor {
  (void)descriptor;
  NSLog(@"MTLDevice: textures cannot leave their process here");
  return nil;
}

- (NSUInteger)minimumLinearTextureAlignmentForPixelFormat:(MTLPixelFormat)format {
  return guarded([&] { return (NSUInteger)pixel_layout(format).bytes(); });
}

- (NSUInteger)minimumTextureBufferAlignmentForPixelFormat:(MTLPixelFormat)format {
  return [self minimumLinearTextureAlignmentForPixelFormat:format];
}

- (id<MTLHeap>)newHeapWithDescriptor:(MTLHeapDescriptor *)descriptor {
  return new_or_nil([&] { return objc(std::make_shared<Heap>(*MPSNN_BEHIND(descriptor))); });
}

- (MTLSizeAndAlign)heapTextureSizeAndAlignWithDescriptor:(MTLTextureDescriptor *)descriptor {
  return guarded([&] { return in_heap(Texture::length_of(*MPSNN_BEHIND(descriptor))); });
}

- (MTLSizeAndAlign)heapBufferSizeAndAlignWithLength:(NSUInteger)length options:(MTLResourceOptions)options {
  (void)options;
  return in_heap(length);
}

- (MTLSizeAndAlign)heapAccelerationStructureSizeAndAlignWithSize:(NSUInteger)size {
  (void)size;
  return {0, 0};
}

- (id<MTLFence>)newFence {
  return made([MPSPortableFence alloc], [] { return std::make_shared<Fence>(); });
}

- (id<MTLEvent>)newEvent {
  return new_or_nil([] { return objc(std::make_shared<Event>(false)); });
}

- (id<MTLSharedEvent>)newSharedEvent {
  return new_or_nil([] { return (id<MTLSharedEvent>)objc(std::make_shared<Event>(true)); });
}

- (id<MTLSharedEvent>)newSharedEventWithHandle:(MTLSharedEventHandle *)sharedEventHandle {
  return new_or_nil([&] { return (id<MTLSharedEvent>)objc(*MPSNN_BEHIND(sharedEventHandle)); });
}

// Libraries ---------------------------------------------------------------------------------------------------------

- (id<MTLLibrary>)newDefaultLibrary {
  return nil;
}

- (id<MTLLibrary>)newDefaultLibraryWithBundle:(NSBundle *)bundle error:(NSError **)error {
  (void)bundle;
  return no_library(error);
}

- (id<MTLLibrary>)newLibraryWithFile:(NSString *)filepath error:(NSError **)error {
  (void)filepath;
  return no_library(error);
}

- (id<MTLLibrary>)newLibraryWithURL:(NSURL *)url error:(NSError **)error {
  (void)url;
  return no_library(error);
}

- (id<MTLLibrary>)newLibraryWithSource:(NSString *)source options:(MTLCompileOptions *)options error:(NSError **)error {
  (void)source;
  (void)options;
  return no_library(error);
}

- (void)newLibraryWithSource:(NSString *)source
                     options:(MTLCompileOptions *)options
           completionHandler:(MTLNewLibraryCompletionHandler)completionHandler {
  (void)source;
  (void)options;
  if (completionHandler) completionHandler(nil, no_compiler());
}

- (id<MTLComputePipelineState>)newComputePipelineStateWithFunction:(id<MTLFunction>)computeFunction error:(NSError **)error {
  (void)computeFunction;
  return no_library(error);
}

- (void)newComputePipelineStateWithFunction:(id<MTLFunction>)computeFunction
                          completionHandler:(MTLNewComputePipelineStateCompletionHandler)completionHandler {
  (void)computeFunction;
  if (completionHandler) completionHandler(nil, no_compiler());
}

// What a GPU may have -----------------------------------------------------------------------------------------------

- (BOOL)supportsFeatureSet:(MTLFeatureSet)featureSet {
  (void)featureSet;
  return NO;
}

// Each family promises shaders.
- (BOOL)supportsFamily:(MTLGPUFamily)gpuFamily {
  (void)gpuFamily;
  return NO;
}

- (BOOL)supportsTextureSampleCount:(NSUInteger)sampleCount {
  return sampleCount == 1;
}

- (void)getDefaultSamplePositions:(MTLSamplePosition *)positions count:(NSUInteger)count {
  guarded([&] {
    MPSNN_REQUIRE(positions);
    if (count != 1) throw InvalidArgument("MTLDevice getDefaultSamplePositions: pixels have one sample here");
    positions[0] = {0.5f, 0.5f};
  });
}

- (BOOL)supportsRasterizationRateMapWithLayerCount:(NSUInteger)layerCount {
  (void)layerCount;
  return NO;
}

- (MTLSize)sparseTileSizeWithTextureType:(MTLTextureType)textureType
                             pixelFormat:(MTLPixelFormat)pixelFormat
                             sampleCount:(NSUInteger)sampleCount {
  (void)textureType;
  (void)pixelFormat;
  (void)sampleCount;
  return MTLSizeMake(0, 0, 0);
}

- (NSUInteger)sparseTileSizeInBytesForSparsePageSize:(MTLSparsePageSize)sparsePageSize {
  (void)sparsePageSize;
  return 0;
}

- (MTLSize)sparseTileSizeWithTextureType:(MTLTextureType)textureType
                             pixelFormat:(MTLPixelFormat)pixelFormat
                             sampleCount:(NSUInteger)sampleCount
                          sparsePageSize:(MTLSparsePageSize)sparsePageSize {
  (void)sparsePageSize;
  return [self sparseTileSizeWithTextureType:textureType pixelFormat:pixelFormat sampleCount:sampleCount];
}

- (void)sampleTimestamps:(MTLTimestamp *)cpuTimestamp gpuTimestamp:(MTLTimestamp *)gpuTimestamp {
  const MTLTimestamp now = nanoseconds_now();
  if (cpuTimestamp) *cpuTimestamp = now;
  if (gpuTimestamp) *gpuTimestamp = now;
}

- (BOOL)supportsCounterSampling:(MTLCounterSamplingPoint)samplingPoint {
  (void)samplingPoint;
  return NO;
}

- (BOOL)supportsVertexAmplificationCount:(NSUInteger)count {
  return count == 1;
}

@end
