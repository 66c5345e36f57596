// States of an application: resources, read counts, batches, a subclass.
#import "check.h"

static id<MTLDevice> device;
static id<MTLCommandQueue> queue;

static MTLTextureDescriptor *pixels(NSUInteger width) {
  return [MTLTextureDescriptor texture2DDescriptorWithPixelFormat:MTLPixelFormatR32Float width:width height:2 mipmapped:NO];
}

/// A state that asks for twice the width.
@interface Doubling : MPSState
@end

@implementation Doubling
- (MPSImageDescriptor *)destinationImageDescriptorForSourceImages:(NSArray<MPSImage *> *)sourceImages
                                                     sourceStates:(NSArray<MPSState *> *)sourceStates
                                                        forKernel:(MPSKernel *)kernel
                                              suggestedDescriptor:(MPSImageDescriptor *)inDescriptor {
  MPSImageDescriptor *wanted = [super destinationImageDescriptorForSourceImages:sourceImages
                                                                   sourceStates:sourceStates
                                                                      forKernel:kernel
                                                            suggestedDescriptor:inDescriptor];
  [wanted setWidth:2 * [wanted width]];
  return wanted;
}
@end

static void testPermanent(void) {
  MPSState *state = [[[MPSState alloc] initWithDevice:device bufferSize:12] autorelease];
  CHECK([state resourceCount] == 1 && ![state isTemporary] && [state readCount] == 0 && [state label] == nil);
  CHECK([state bufferSizeAtIndex:0] == 12 && [state resourceTypeAtIndex:0] == MPSStateResourceTypeBuffer);
  CHECK([state resourceTypeAtIndex:1] == MPSStateResourceTypeNone && [state bufferSizeAtIndex:1] == 0);
  CHECK([state resourceAtIndex:0 allocateMemory:NO] == nil && [state resourceSize] == 12);
  id<MTLBuffer> buffer = (id<MTLBuffer>)[state resourceAtIndex:0 allocateMemory:YES];
  CHECK([buffer length] == 12 && [state resourceAtIndex:0 allocateMemory:NO] == buffer);
  CHECK_RAISES(NSInvalidArgumentException, @"outside", [state resourceAtIndex:1 allocateMemory:YES]);
  CHECK_RAISES(NSInvalidArgumentException, @"always 0", [state setReadCount:1]);
  [state synchronizeOnCommandBuffer:[queue commandBuffer]];

  id<MTLBuffer> own = [[device newBufferWithLength:8 options:0] autorelease];
  id<MTLTexture> texture = [[device newTextureWithDescriptor:pixels(3)] autorelease];
  state = [[[MPSState alloc] initWithResources:@[ own, texture ]] autorelease];
  CHECK([state resourceAtIndex:0 allocateMemory:YES] == own && [state resourceAtIndex:1 allocateMemory:YES] == texture);
  CHECK([state resourceSize] == 8 + 24 && [state resourceCount] == 2);
  CHECK([[[[MPSState alloc] initWithResource:nil] autorelease] resourceCount] == 0);
  CHECK([[[[MPSState alloc] initWithResources:nil] autorelease] resourceCount] == 0);
  CHECK_RAISES(NSInvalidArgumentException, @"not one of this library",
               [[[MPSState alloc] initWithResource:(id<MTLResource>)@"no resource"] autorelease]);
  CHECK_RAISES(NSInvalidArgumentException, @"device is nil",
               [[[MPSState alloc] initWithDevice:nothing bufferSize:4] autorelease]);
}

static void testTextures(void) {
  MPSState *state = [[[MPSState alloc] initWithDevice:device textureDescriptor:pixels(5)] autorelease];
  const MPSStateTextureInfo info = [state textureInfoAtIndex:0];
  CHECK(info.width == 5 && info.height == 2 && info.pixelFormat == MTLPixelFormatR32Float && info.arrayLength == 1);
  CHECK([state resourceTypeAtIndex:0] == MPSStateResourceTypeTexture && [state bufferSizeAtIndex:0] == 0);
  CHECK([state resourceAtIndex:0 allocateMemory:NO] == nil && [state textureInfoAtIndex:1].width == 0);
  id<MTLTexture> texture = (id<MTLTexture>)[state resourceAtIndex:0 allocateMemory:YES];
  CHECK([texture width] == 5 && [state resourceAtIndex:0 allocateMemory:NO] == texture);
}

static void testLists(void) {
  MPSStateResourceList *list = [MPSStateResourceList resourceListWithBufferSizes:(NSUInteger)4, (NSUInteger)8, nil];
  [list appendTexture:pixels(3)];
  [list appendBuffer:16];
  MPSState *state = [[[MPSState alloc] initWithDevice:device resourceList:list] autorelease];
  CHECK([state resourceCount] == 4 && [state bufferSizeAtIndex:1] == 8 && [state bufferSizeAtIndex:3] == 16);
  CHECK([state resourceTypeAtIndex:2] == MPSStateResourceTypeTexture);
  // Textures come first in temporary states.
  state = [MPSState temporaryStateWithCommandBuffer:[queue commandBuffer] resourceList:list];
  CHECK([state resourceTypeAtIndex:0] == MPSStateResourceTypeTexture && [state bufferSizeAtIndex:1] == 4);
  list = [MPSStateResourceList resourceListWithTextureDescriptors:pixels(1), pixels(2), nil];
  state = [[[MPSState alloc] initWithDevice:device resourceList:list] autorelease];
  CHECK([state resourceCount] == 2 && [state textureInfoAtIndex:1].width == 2);
  CHECK_RAISES(NSInvalidArgumentException, @"descriptor is nil", [list appendTexture:nothing]);
}

static void testTemporary(void) {
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  MPSState *state = [MPSState temporaryStateWithCommandBuffer:commandBuffer bufferSize:4];
  CHECK([state isTemporary] && [state readCount] == 1);
  [state setReadCount:2];
  CHECK(MPSStateBatchIncrementReadCount(@[ state, state ], 1) == 1 && [state readCount] == 3);
  [state setReadCount:0];
  CHECK_RAISES(NSInvalidArgumentException, @"contents are gone", [state setReadCount:1]);
  CHECK(![[MPSState temporaryStateWithCommandBuffer:commandBuffer] isTemporary]);
  CHECK([[MPSState temporaryStateWithCommandBuffer:commandBuffer textureDescriptor:pixels(2)] isTemporary]);
  CHECK_RAISES(NSInvalidArgumentException, @"cmdBuf is nil", [MPSState temporaryStateWithCommandBuffer:nothing]);

  MPSState *other = [[[MPSState alloc] initWithDevice:device bufferSize:6] autorelease];
  CHECK(MPSStateBatchResourceSize(@[ state, other, state ]) == 10 && MPSStateBatchResourceSize(nil) == 0);
  CHECK(MPSStateBatchIncrementReadCount(nil, 1) == 0);
  MPSStateBatchSynchronize(@[ other ], commandBuffer);
}

static void testSubclass(void) {
  MPSKernel *kernel = [[[MPSKernel alloc] initWithDevice:device] autorelease];
  MPSImageDescriptor *suggested = [[[MPSImageDescriptor alloc] init] autorelease];
  [suggested setWidth:3];
  MPSState *state = [[[MPSState alloc] initWithDevice:device bufferSize:4] autorelease];
  CHECK([state destinationImageDescriptorForSourceImages:@[] sourceStates:nil forKernel:kernel
                                     suggestedDescriptor:suggested] == suggested);
  Doubling *doubling = [[[Doubling alloc] initWithDevice:device bufferSize:4] autorelease];
  CHECK([[doubling destinationImageDescriptorForSourceImages:@[] sourceStates:nil forKernel:kernel
                                         suggestedDescriptor:suggested] width] == 6);
  CHECK([[Doubling temporaryStateWithCommandBuffer:[queue commandBuffer] bufferSize:4] isKindOfClass:[Doubling class]]);
}

int main(void) {
  @autoreleasepool {
    device = MTLCreateSystemDefaultDevice();
    queue = [device newCommandQueue];
    testPermanent();
    testTextures();
    testLists();
    testTemporary();
    testSubclass();
    [queue release];
    [device release];
  }
  return CHECK_RESULT;
}
