// Metal over the portable engine: devices, memory, command buffers, events, encoders.
#import "check.h"

static id<MTLDevice> device;
static id<MTLCommandQueue> queue;

static void run(id<MTLCommandBuffer> commandBuffer) {
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
}

static void testDevice(void) {
  id<MTLDevice> again = MTLCreateSystemDefaultDevice();
  CHECK(again == device);
  [again release];
  NSArray *all = MTLCopyAllDevices();
  CHECK([all count] == 1 && [all objectAtIndex:0] == device);
  [all release];
  id<NSObject> observer = nil;
  all = MTLCopyAllDevicesWithObserver(&observer, ^(id<MTLDevice> added, MTLDeviceNotificationName name) {
    (void)added;
    (void)name;
  });
  CHECK([all count] == 1 && observer);
  MTLRemoveDeviceObserver(observer);
  [all release];

  CHECK([[device name] length] > 0 && [device hasUnifiedMemory] && ![device isLowPower]);
  CHECK([device maxBufferLength] > 1 << 20 && [device currentAllocatedSize] > 0);
  CHECK(MPSSupportsMTLDevice(device) && !MPSSupportsMTLDevice(nil));
  CHECK(MPSGetPreferredDevice(MPSDeviceOptionsDefault) == device);

  NSError *error = nil;
  CHECK([device newLibraryWithSource:@"kernel void f() {}" options:nil error:&error] == nil);
  CHECK([[error localizedDescription] rangeOfString:@"no shader compiler"].location != NSNotFound);
  CHECK([device newDefaultLibrary] == nil);
  __block BOOL called = NO;
  [device newLibraryWithSource:@""
                       options:nil
             completionHandler:^(id<MTLLibrary> library, NSError *reason) {
               called = library == nil && reason;
             }];
  CHECK(called);
}

static void testDescriptors(void) {
  MTLTextureDescriptor *texture = [[[MTLTextureDescriptor alloc] init] autorelease];
  CHECK([texture textureType] == MTLTextureType2D && [texture pixelFormat] == MTLPixelFormatRGBA8Unorm);
  CHECK([texture width] == 1 && [texture arrayLength] == 1 && [texture usage] == MTLTextureUsageShaderRead);
  [texture setStorageMode:MTLStorageModePrivate];
  [texture setCpuCacheMode:MTLCPUCacheModeWriteCombined];
  CHECK([texture resourceOptions] == (MTLResourceStorageModePrivate | MTLResourceCPUCacheModeWriteCombined));
  MTLTextureDescriptor *copy = [[texture copy] autorelease];
  [texture setWidth:7];
  [texture setResourceOptions:MTLResourceHazardTrackingModeUntracked];
  CHECK([copy width] == 1 && [copy storageMode] == MTLStorageModePrivate);
  CHECK([texture hazardTrackingMode] == MTLHazardTrackingModeUntracked && [texture storageMode] == MTLStorageModeShared);
  texture = [MTLTextureDescriptor texture2DDescriptorWithPixelFormat:MTLPixelFormatR32Float width:20 height:9 mipmapped:YES];
  CHECK([texture mipmapLevelCount] == 5 && [texture height] == 9);

  MTLCompileOptions *options = [[[MTLCompileOptions alloc] init] autorelease];
  [options setPreprocessorMacros:@{@"A" : @1}];
  CHECK([[[[options copy] autorelease] preprocessorMacros] isEqual:@{@"A" : @1}]);
  MTLHeapDescriptor *heap = [[[MTLHeapDescriptor alloc] init] autorelease];
  CHECK([heap size] == 0 && [heap type] == MTLHeapTypeAutomatic);
  MTLCommandBufferDescriptor *buffer = [[[MTLCommandBufferDescriptor alloc] init] autorelease];
  [buffer setRetainedReferences:NO];
  CHECK(![[queue commandBufferWithDescriptor:buffer] retainedReferences]);
  CHECK([[queue commandBuffer] retainedReferences] && ![[queue commandBufferWithUnretainedReferences] retainedReferences]);
}

static void testBuffer(void) {
  const float numbers[] = {1, 2, 3};
  id<MTLBuffer> buffer = [device newBufferWithBytes:numbers length:sizeof(numbers) options:MTLResourceStorageModeShared];
  CHECK([buffer length] == 12 && memcmp([buffer contents], numbers, 12) == 0);
  CHECK([buffer device] == device && [buffer storageMode] == MTLStorageModeShared && [buffer label] == nil);
  [buffer setLabel:@"three"];
  CHECK([[buffer label] isEqualToString:@"three"] && [buffer heap] == nil);
  CHECK([buffer gpuAddress] == (MTLGPUAddress)[buffer contents]);
  [buffer didModifyRange:NSMakeRange(4, 8)];
  CHECK_RAISES(NSInvalidArgumentException, @"didModifyRange", [buffer didModifyRange:NSMakeRange(8, 8)]);
  [buffer release];

  CHECK([device newBufferWithLength:0 options:0] == nil);
  CHECK([device newBufferWithLength:NSUIntegerMax - 100 options:0] == nil);
  CHECK_RAISES(NSInvalidArgumentException, @"pointer is nil", [device newBufferWithBytes:nothing length:4 options:0]);

  static float own[4] = {4, 5, 6, 7};
  __block void *freed = NULL;
  __block NSUInteger freedLength = 0;
  buffer = [device newBufferWithBytesNoCopy:own
                                     length:sizeof(own)
                                    options:0
                                deallocator:^(void *memory, NSUInteger length) {
                                  freed = memory;
                                  freedLength = length;
                                }];
  CHECK([buffer contents] == own && !freed);
  [buffer release];
  CHECK(freed == own && freedLength == sizeof(own));
}

static void testCommandBuffer(void) {
  id<MTLBuffer> buffer = [[device newBufferWithLength:16 options:0] autorelease];
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  CHECK([commandBuffer commandQueue] == queue && [commandBuffer device] == device);
  CHECK([commandBuffer status] == MTLCommandBufferStatusNotEnqueued && [commandBuffer error] == nil);
  [commandBuffer setLabel:@"work"];
  CHECK([[commandBuffer label] isEqualToString:@"work"]);
  CHECK_RAISES(NSInvalidArgumentException, @"before commit", [commandBuffer waitUntilCompleted]);
  CHECK_RAISES(NSInvalidArgumentException, @"block is nil", [commandBuffer addCompletedHandler:nothing]);

  NSMutableArray *seen = [NSMutableArray array];
  [commandBuffer addScheduledHandler:^(id<MTLCommandBuffer> scheduled) {
    [seen addObject:@([scheduled status])];
  }];
  [commandBuffer addCompletedHandler:^(id<MTLCommandBuffer> completed) {
    [seen addObject:@([completed status])];
    [seen addObject:@(completed == commandBuffer && [completed GPUEndTime] >= [completed GPUStartTime])];
  }];
  id<MTLBlitCommandEncoder> blit = [commandBuffer blitCommandEncoder];
  [blit fillBuffer:buffer range:NSMakeRange(4, 8) value:7];
  CHECK_RAISES(NSInvalidArgumentException, @"endEncoding", [commandBuffer commit]);
  CHECK_RAISES(NSInvalidArgumentException, @"endEncoding", [commandBuffer computeCommandEncoder]);
  CHECK_RAISES(NSInvalidArgumentException, @"outside", [blit fillBuffer:buffer range:NSMakeRange(9, 8) value:7]);
  [blit endEncoding];
  CHECK_RAISES(NSInvalidArgumentException, @"has ended", [blit fillBuffer:buffer range:NSMakeRange(0, 1) value:7]);
  [commandBuffer enqueue];
  CHECK([commandBuffer status] == MTLCommandBufferStatusEnqueued);
  [commandBuffer commit];
  [commandBuffer waitUntilScheduled];
  [commandBuffer waitUntilCompleted];
  CHECK([commandBuffer status] == MTLCommandBufferStatusCompleted && [commandBuffer GPUStartTime] > 0);
  CHECK([commandBuffer GPUEndTime] >= [commandBuffer GPUStartTime]);
  CHECK([seen isEqual:(@[ @(MTLCommandBufferStatusScheduled), @(MTLCommandBufferStatusCompleted), @(YES) ])]);
  const unsigned char *bytes = [buffer contents];
  CHECK(bytes[3] == 0 && bytes[4] == 7 && bytes[11] == 7 && bytes[12] == 0);
  CHECK_RAISES(NSInvalidArgumentException, @"already committed", [commandBuffer commit]);
  CHECK_RAISES(NSInvalidArgumentException, @"already committed", [commandBuffer addCompletedHandler:^(id<MTLCommandBuffer> c) {
                 (void)c;
               }]);
}

// A handler sees the command buffer, with its times, when nobody else has it any more.
static void testCommandBufferIsKept(void) {
  id<MTLSharedEvent> go = [[device newSharedEvent] autorelease], done = [[device newSharedEvent] autorelease];
  @autoreleasepool {
    id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
    [commandBuffer setLabel:@"alone"];
    [commandBuffer encodeWaitForEvent:go value:1];
    [commandBuffer addCompletedHandler:^(id<MTLCommandBuffer> completed) {
      if ([[completed label] isEqualToString:@"alone"] && [completed GPUEndTime] > 0) [done setSignaledValue:1];
    }];
    [commandBuffer commit];
  }
  [go setSignaledValue:1];
  CHECK([done waitUntilSignaledValue:1 timeoutMS:20000]);
}

static void testFailure(void) {
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  [commandBuffer addCompletedHandler:^(id<MTLCommandBuffer> completed) {
    (void)completed;
    [NSException raise:@"HandlerException" format:@"a handler failed"];
  }];
  run(commandBuffer);
  CHECK([commandBuffer status] == MTLCommandBufferStatusCompleted);  // it is logged: the work is done
  CHECK([commandBuffer error] == nil);
}

static void testSplit(void) {
  id<MTLBuffer> buffer = [[device newBufferWithLength:4 options:0] autorelease];
  id<MTLCommandBuffer> first = [queue commandBuffer];
  MPSCommandBuffer *split = [MPSCommandBuffer commandBufferWithCommandBuffer:first];
  CHECK([split commandBuffer] == first && [split rootCommandBuffer] == first && [split commandQueue] == queue);
  id<MTLBlitCommandEncoder> blit = [split blitCommandEncoder];
  [blit fillBuffer:buffer range:NSMakeRange(0, 4) value:1];
  CHECK_RAISES(NSInvalidArgumentException, @"endEncoding", [split commitAndContinue]);
  [blit endEncoding];
  __block id handled = nil;
  [split addCompletedHandler:^(id<MTLCommandBuffer> completed) {
    handled = completed;
  }];
  [split commitAndContinue];
  [first waitUntilCompleted];
  CHECK(handled == first && [first status] == MTLCommandBufferStatusCompleted && [first GPUEndTime] > 0);
  CHECK([split status] == MTLCommandBufferStatusNotEnqueued && [split commandBuffer] == first);
  id<MTLCommandBuffer> second = [split rootCommandBuffer];
  CHECK(second != first && [split rootCommandBuffer] == second);

  MPSCommandBuffer *outer = [[[MPSCommandBuffer alloc] initWithCommandBuffer:split] autorelease];
  CHECK([outer commandBuffer] == split && [outer rootCommandBuffer] == second);
  blit = [outer blitCommandEncoder];
  [blit fillBuffer:buffer range:NSMakeRange(0, 2) value:2];
  [blit endEncoding];
  [outer commitAndContinue];
  CHECK([split rootCommandBuffer] != second && [split rootCommandBuffer] == [outer rootCommandBuffer]);
  [outer prefetchHeapForWorkloadSize:1024];
  run(outer);
  [second waitUntilCompleted];
  CHECK([outer status] == MTLCommandBufferStatusCompleted && [split status] == MTLCommandBufferStatusCompleted);
  CHECK(((unsigned char *)[buffer contents])[1] == 2 && ((unsigned char *)[buffer contents])[2] == 1);
  CHECK_RAISES(NSInvalidArgumentException, @"already committed", [split commitAndContinue]);
  CHECK_RAISES(NSInvalidArgumentException, @"commandBuffer is nil", [MPSCommandBuffer commandBufferWithCommandBuffer:nothing]);
  CHECK_RAISES(NSInvalidArgumentException, @"commandQueue is nil", [MPSCommandBuffer commandBufferFromCommandQueue:nothing]);
  MPSHintTemporaryMemoryHighWaterMark(split, 1024);
  MPSSetHeapCacheDuration(split, 1);
}

static void testEvents(void) {
  id<MTLCommandQueue> other = [[device newCommandQueue] autorelease];
  id<MTLBuffer> buffer = [[device newBufferWithLength:1 options:0] autorelease];
  id<MTLBuffer> copy = [[device newBufferWithLength:1 options:0] autorelease];
  id<MTLEvent> event = [[device newEvent] autorelease];
  id<MTLCommandBuffer> reader = [queue commandBuffer], writer = [other commandBuffer];
  [reader encodeWaitForEvent:event value:2];
  id<MTLBlitCommandEncoder> blit = [reader blitCommandEncoder];
  [blit copyFromBuffer:buffer sourceOffset:0 toBuffer:copy destinationOffset:0 size:1];
  [blit endEncoding];
  [reader commit];
  blit = [writer blitCommandEncoder];
  [blit fillBuffer:buffer range:NSMakeRange(0, 1) value:9];
  [blit endEncoding];
  [writer encodeSignalEvent:event value:2];
  run(writer);
  [reader waitUntilCompleted];
  CHECK(((unsigned char *)[copy contents])[0] == 9);

  id<MTLSharedEvent> shared = [[device newSharedEvent] autorelease];
  [shared setLabel:@"meeting"];
  CHECK([shared signaledValue] == 0 && ![shared waitUntilSignaledValue:1 timeoutMS:1]);
  MTLSharedEventHandle *handle = [[shared newSharedEventHandle] autorelease];
  CHECK([[handle label] isEqualToString:@"meeting"]);
  CHECK([[device newSharedEventWithHandle:handle] autorelease] == shared);
  id<MTLCommandBuffer> waiter = [queue commandBuffer];
  [waiter encodeWaitForEvent:shared value:5];
  [waiter commit];
  [NSThread sleepForTimeInterval:0.02];
  CHECK([waiter status] == MTLCommandBufferStatusScheduled);
  [shared setSignaledValue:5];
  [waiter waitUntilCompleted];
  CHECK([shared waitUntilSignaledValue:3 timeoutMS:0]);
  CHECK_RAISES(NSInvalidArgumentException, @"event is nil", [[queue commandBuffer] encodeSignalEvent:nothing value:1]);
}

static void testFenceAndComputeEncoder(void) {
  id<MTLFence> fence = [[device newFence] autorelease];
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  id<MTLBlitCommandEncoder> blit = [commandBuffer blitCommandEncoder];
  [blit updateFence:fence];
  CHECK_RAISES(NSInvalidArgumentException, @"fence is nil", [blit waitForFence:nothing]);
  [blit endEncoding];
  id<MTLComputeCommandEncoder> compute = [commandBuffer computeCommandEncoderWithDispatchType:MTLDispatchTypeConcurrent];
  CHECK([compute dispatchType] == MTLDispatchTypeConcurrent && [compute device] == device);
  [compute setBuffer:nil offset:0 atIndex:0];
  [compute waitForFence:fence];
  CHECK_RAISES(NSGenericException, @"no shader compiler",
               [compute dispatchThreadgroups:MTLSizeMake(1, 1, 1) threadsPerThreadgroup:MTLSizeMake(1, 1, 1)]);
  [compute endEncoding];
  run(commandBuffer);
  CHECK([commandBuffer status] == MTLCommandBufferStatusCompleted);
}

static void testHeap(void) {
  MTLHeapDescriptor *descriptor = [[[MTLHeapDescriptor alloc] init] autorelease];
  CHECK([device newHeapWithDescriptor:descriptor] == nil);
  [descriptor setSize:1024];
  id<MTLHeap> heap = [[device newHeapWithDescriptor:descriptor] autorelease];
  CHECK([heap size] == 1024 && [heap usedSize] == 0 && [heap maxAvailableSizeWithAlignment:256] == 1024);
  id<MTLBuffer> a = [heap newBufferWithLength:300 options:0];
  id<MTLBuffer> b = [heap newBufferWithLength:256 options:0];
  CHECK([a heap] == heap && [a heapOffset] == 0 && [b heapOffset] == 512 && [heap usedSize] == 768);
  CHECK((char *)[b contents] - (char *)[a contents] == 512);
  CHECK([heap newBufferWithLength:300 options:0] == nil);
  [a release];
  CHECK([heap usedSize] == 256 && [heap maxAvailableSizeWithAlignment:0] == 512);
  CHECK(![b isAliasable]);
  [b makeAliasable];
  CHECK([b isAliasable] && [heap maxAvailableSizeWithAlignment:0] == 1024);
  MTLTextureDescriptor *pixels = [MTLTextureDescriptor texture2DDescriptorWithPixelFormat:MTLPixelFormatRGBA32Float
                                                                                    width:4
                                                                                   height:4
                                                                                mipmapped:NO];
  CHECK([device heapTextureSizeAndAlignWithDescriptor:pixels].size == 256);
  id<MTLTexture> texture = [[heap newTextureWithDescriptor:pixels] autorelease];
  CHECK([texture heap] == heap && [texture allocatedSize] == 256);
  [b release];

  [descriptor setType:MTLHeapTypePlacement];
  heap = [[device newHeapWithDescriptor:descriptor] autorelease];
  CHECK([heap newBufferWithLength:16 options:0] == nil && [heap newBufferWithLength:16 options:0 offset:1024] == nil);
  CHECK([[[heap newBufferWithLength:16 options:0 offset:512] autorelease] heapOffset] == 512);
}

int main(void) {
  @autoreleasepool {
    device = MTLCreateSystemDefaultDevice();
    queue = [device newCommandQueue];
    testDevice();
    testDescriptors();
    testBuffer();
    testCommandBuffer();
    testCommandBufferIsKept();
    testFailure();
    testSplit();
    testEvents();
    testFenceAndComputeEncoder();
    testHeap();
    [queue release];
    [device release];
  }
  return CHECK_RESULT;
}
