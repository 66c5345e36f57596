// An application's allocators in a graph: what they are asked, what they give, and how they fail.
#import "networks.h"

/// Makes permanent images, and remembers what it was asked.
@interface Counting : Stored <MPSImageAllocator> {
 @public
  NSUInteger _calls;
  MPSKernel *_kernel;
  id _commandBuffer;
  MPSImage *_made;
  BOOL _raises, _makesNothing;
}
@end

@implementation Counting

- (void)dealloc {
  [_kernel release];
  [_made release];
  [super dealloc];
}

- (MPSImage *)imageForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                    imageDescriptor:(MPSImageDescriptor *)descriptor
                             kernel:(MPSKernel *)kernel {
  ++_calls;
  if (_raises) [NSException raise:@"AllocatorException" format:@"no image today"];
  if (_makesNothing) return nothing;
  [kernel retain];
  [_kernel release];
  _kernel = kernel;
  _commandBuffer = commandBuffer;
  [_made release];
  _made = [[MPSImage alloc] initWithDevice:device imageDescriptor:descriptor];
  return _made;
}

@end

/// Makes batches too.
@interface Batching : Counting {
 @public
  NSUInteger _count;
}
@end

@implementation Batching

- (MPSImageBatch *)imageBatchForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                              imageDescriptor:(MPSImageDescriptor *)descriptor
                                       kernel:(MPSKernel *)kernel
                                        count:(NSUInteger)count {
  _count = count;
  NSMutableArray *images = [NSMutableArray array];
  while ([images count] < count) {
    [images addObject:[self imageForCommandBuffer:commandBuffer imageDescriptor:descriptor kernel:kernel]];
  }
  return images;
}

@end

// Twice the input, in an image of the allocator's.
static MPSNNGraph *graphWith(id<MPSImageAllocator> allocator) {
  MPSNNImageNode *input = [MPSNNImageNode nodeWithHandle:nil];
  MPSNNFilterNode *doubled = [MPSCNNNeuronLinearNode nodeWithSource:input a:2 b:0];
  MPSNNGraph *graph = [MPSNNGraph graphWithDevice:device resultImage:[doubled resultImage] resultImageIsNeeded:YES];
  [graph setDestinationImageAllocator:allocator];
  [graph setFormat:MPSImageFeatureChannelFormatFloat32];
  return graph;
}

static MPSImage *image(float value) {
  MPSImageDescriptor *descriptor = [MPSImageDescriptor imageDescriptorWithChannelFormat:MPSImageFeatureChannelFormatFloat32
                                                                                  width:1
                                                                                 height:1
                                                                        featureChannels:1];
  MPSImage *made = [[[MPSImage alloc] initWithDevice:device imageDescriptor:descriptor] autorelease];
  [made writeBytes:&value dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:0];
  return made;
}

static float number(MPSImage *image) {
  float value = 0;
  [image readBytes:&value dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:0];
  return value;
}

static void testImages(void) {
  Counting *allocator = [[[Counting alloc] init] autorelease];
  MPSNNGraph *graph = graphWith(allocator);
  CHECK([graph destinationImageAllocator] == allocator);
  MPSCommandBuffer *commandBuffer = [MPSCommandBuffer commandBufferFromCommandQueue:queue];
  MPSImage *result = [graph encodeToCommandBuffer:commandBuffer sourceImages:@[ image(3) ]];
  CHECK(allocator->_calls == 1 && result == allocator->_made && allocator->_commandBuffer == commandBuffer);
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  CHECK_NEAR(number(result), 6, 0);
  // The kernel that the allocator kept outlives the call.
  if (allocator->_kernel) {
    CHECK([allocator->_kernel isKindOfClass:[MPSKernel class]] && [allocator->_kernel device] == device);
    [allocator->_kernel setLabel:@"kept"];
    CHECK([[allocator->_kernel label] isEqualToString:@"kept"]);
  }
}

static void testBatches(void) {
  for (int i = 0; i < 2; ++i) {
    Counting *allocator = i ? [[[Batching alloc] init] autorelease] : [[[Counting alloc] init] autorelease];
    id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
    MPSImageBatch *results = [graphWith(allocator) encodeBatchToCommandBuffer:commandBuffer
                                                                 sourceImages:@[ @[ image(1), image(2), image(3) ] ]
                                                                 sourceStates:nil];
    CHECK(allocator->_calls == 3 && [results count] == 3 && [results objectAtIndex:2] == allocator->_made);
    if (i) CHECK(((Batching *)allocator)->_count == 3);
    [commandBuffer commit];
    [commandBuffer waitUntilCompleted];
    CHECK_NEAR(number([results objectAtIndex:1]), 4, 0);
  }
}

static void testFailures(void) {
  Counting *allocator = [[[Counting alloc] init] autorelease];
  MPSNNGraph *graph = graphWith(allocator);
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  allocator->_raises = YES;
  CHECK_RAISES(@"AllocatorException", @"no image today", [graph encodeToCommandBuffer:commandBuffer sourceImages:@[ image(3) ]]);
  allocator->_raises = NO;
  allocator->_makesNothing = YES;
  CHECK_RAISES(NSInvalidArgumentException, @"Counting made no MPSImage",
               [graph encodeToCommandBuffer:commandBuffer sourceImages:@[ image(3) ]]);
  allocator->_makesNothing = NO;
  MPSImage *result = [graph encodeToCommandBuffer:commandBuffer sourceImages:@[ image(4) ]];
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  CHECK_NEAR(number(result), 8, 0);
}

int main(void) {
  @autoreleasepool {
    device = MTLCreateSystemDefaultDevice();
    queue = [device newCommandQueue];
    testImages();
    testBatches();
    testFailures();
    [queue release];
    [device release];
  }
  return CHECK_RESULT;
}
