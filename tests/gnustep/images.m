// Images: descriptors, bytes in and out, parts and batches, temporary images and their read counts, allocators.
#import "check.h"

static id<MTLDevice> device;
static id<MTLCommandQueue> queue;
static const MPSDataLayout kHWC = MPSDataLayoutHeightxWidthxFeatureChannels, kCHW = MPSDataLayoutFeatureChannelsxHeightxWidth;

static MPSImageDescriptor *described(NSUInteger width, NSUInteger height, NSUInteger channels) {
  return [MPSImageDescriptor imageDescriptorWithChannelFormat:MPSImageFeatureChannelFormatFloat32
                                                        width:width
                                                       height:height
                                              featureChannels:channels];
}

static MPSImage *image(NSUInteger width, NSUInteger height, NSUInteger channels, NSUInteger count) {
  MPSImageDescriptor *descriptor = described(width, height, channels);
  [descriptor setNumberOfImages:count];
  return [[[MPSImage alloc] initWithDevice:device imageDescriptor:descriptor] autorelease];
}

// Element i is i, images one after another.
static MPSImage *counted(NSUInteger width, NSUInteger height, NSUInteger channels, NSUInteger count) {
  MPSImage *made = image(width, height, channels, count);
  const NSUInteger length = width * height * channels;
  float *numbers = malloc(length * sizeof(float));
  for (NSUInteger n = 0; n < count; ++n) {
    for (NSUInteger i = 0; i < length; ++i) numbers[i] = n * length + i;
    [made writeBytes:numbers dataLayout:kHWC imageIndex:n];
  }
  free(numbers);
  return made;
}

static void testDescriptor(void) {
  MPSImageDescriptor *descriptor = [[[MPSImageDescriptor alloc] init] autorelease];
  CHECK([descriptor width] == 1 && [descriptor numberOfImages] == 1);
  CHECK([descriptor channelFormat] == MPSImageFeatureChannelFormatFloat16);
  CHECK([descriptor usage] == (MTLTextureUsageShaderRead | MTLTextureUsageShaderWrite));
  CHECK([descriptor storageMode] == MTLStorageModeShared && [descriptor cpuCacheMode] == MTLCPUCacheModeDefaultCache);
  [descriptor setFeatureChannels:2];
  CHECK([descriptor pixelFormat] == MTLPixelFormatRG16Float);
  MPSImageDescriptor *copy = [[descriptor copy] autorelease];
  [descriptor setFeatureChannels:3];
  CHECK([copy featureChannels] == 2 && [descriptor pixelFormat] == MTLPixelFormatRGBA16Float);
}

static void testProperties(void) {
  MPSImage *one = image(5, 4, 3, 1);
  CHECK([one device] == device && [one width] == 5 && [one height] == 4 && [one featureChannels] == 3);
  CHECK([one textureType] == MTLTextureType2D && [one pixelFormat] == MTLPixelFormatRGBA32Float && [one precision] == 24);
  CHECK([one pixelSize] == 16 && [one parent] == nil && [one label] == nil);
  CHECK([one featureChannelFormat] == MPSImageFeatureChannelFormatFloat32 && [one resourceSize] == 5 * 4 * 16);
  CHECK([one setPurgeableState:MPSPurgeableStateVolatile] == MPSPurgeableStateAllocationDeferred);
  [one setLabel:@"one"];
  CHECK([[one label] isEqualToString:@"one"]);
  [one synchronizeOnCommandBuffer:[queue commandBuffer]];
  CHECK([image(5, 4, 5, 1) textureType] == MTLTextureType2DArray);

  CHECK_RAISES(NSInvalidArgumentException, @"device is nil",
               [[[MPSImage alloc] initWithDevice:nothing imageDescriptor:described(1, 1, 1)] autorelease]);
  CHECK_RAISES(NSInvalidArgumentException, @"imageDescriptor is nil",
               [[[MPSImage alloc] initWithDevice:device imageDescriptor:nothing] autorelease]);
  CHECK_RAISES(NSInvalidArgumentException, @"must be of class MPSImageDescriptor",
               [[[MPSImage alloc] initWithDevice:device imageDescriptor:(MPSImageDescriptor *)@"none"] autorelease]);
  CHECK_RAISES(NSInvalidArgumentException, @"not available", [(id)[[MPSImage class] alloc] performSelector:@selector(init)]);
  CHECK_RAISES(NSInvalidArgumentException, @"every extent must be positive", image(0, 1, 1, 1));
}

// The worked indices of a 3 x 2 image of 5 channels.
static void testLayouts(void) {
  MPSImage *one = counted(3, 2, 5, 1);
  float hwc[30], chw[30];
  [one readBytes:hwc dataLayout:kHWC imageIndex:0];
  [one readBytes:chw dataLayout:kCHW imageIndex:0];
  CHECK(hwc[29] == 29 && hwc[7] == 7 && chw[29] == 29 && chw[6] == 1 && chw[1] == 5 && chw[3] == 15);

  float rows[40] = {0};
  const MPSImageReadWriteParams last = {4, 1};
  [one readBytes:rows
              dataLayout:kHWC
             bytesPerRow:8 * sizeof(float)
                  region:MTLRegionMake2D(1, 0, 2, 2)
      featureChannelInfo:last
              imageIndex:0];
  CHECK(rows[0] == 9 && rows[1] == 14 && rows[8] == 24 && rows[9] == 29 && rows[2] == 0);

  const float two[] = {-1, 0, -2, 0};
  [one writeBytes:two
              dataLayout:kHWC
          bytesPerColumn:2 * sizeof(float)
             bytesPerRow:4 * sizeof(float)
           bytesPerImage:4 * sizeof(float)
                  region:MTLRegionMake2D(1, 1, 2, 1)
      featureChannelInfo:last
              imageIndex:0];
  [one readBytes:hwc dataLayout:kHWC imageIndex:0];
  CHECK(hwc[24] == -1 && hwc[29] == -2 && hwc[28] == 28);

  MPSImage *many = counted(1, 1, 2, 3);
  const MPSImageReadWriteParams both = {0, 2};
  [many readBytes:rows
              dataLayout:kHWC
             bytesPerRow:2 * sizeof(float)
           bytesPerImage:4 * sizeof(float)
                  region:MTLRegionMake3D(0, 0, 0, 1, 1, 2)
      featureChannelInfo:both
              imageIndex:1];
  CHECK(rows[0] == 2 && rows[1] == 3 && rows[4] == 4 && rows[5] == 5);
  [many readBytes:rows dataLayout:kCHW bytesPerRow:sizeof(float) region:MPSRectNoClip featureChannelInfo:both imageIndex:2];
  CHECK(rows[0] == 4 && rows[1] == 5);

  const MPSImageReadWriteParams unaligned = {2, 1};
  CHECK_RAISES(NSInvalidArgumentException, @"multiple of 4",
               [one readBytes:rows
                           dataLayout:kHWC
                          bytesPerRow:4
                               region:MTLRegionMake2D(0, 0, 1, 1)
                   featureChannelInfo:unaligned
                           imageIndex:0]);
  CHECK_RAISES(NSInvalidArgumentException, @"outside", [one readBytes:hwc dataLayout:kHWC imageIndex:1]);
  CHECK_RAISES(NSInvalidArgumentException, @"dataBytes is nil", [one readBytes:nothing dataLayout:kHWC imageIndex:0]);
}

static void testParts(void) {
  MPSImage *many = counted(1, 2, 6, 3);
  MPSImageBatch *batch = [many batchRepresentation];
  CHECK([batch count] == 3 && [[batch objectAtIndex:2] numberOfImages] == 1 && [[batch objectAtIndex:2] parent] == many);
  float twelve[12];
  [[batch objectAtIndex:2] readBytes:twelve dataLayout:kHWC imageIndex:0];
  CHECK(twelve[0] == 24 && twelve[11] == 35);
  batch = [many batchRepresentationWithSubRange:NSMakeRange(1, 1)];
  for (int i = 0; i < 12; ++i) twelve[i] = -i;
  [[batch objectAtIndex:0] writeBytes:twelve dataLayout:kHWC imageIndex:0];
  [many readBytes:twelve dataLayout:kHWC imageIndex:1];
  CHECK(twelve[11] == -11);
  CHECK_RAISES(NSInvalidArgumentException, @"outside", [many batchRepresentationWithSubRange:NSMakeRange(2, 2)]);

  MPSImage *one = counted(1, 1, 10, 1);
  MPSImage *part = [one subImageWithFeatureChannelRange:NSMakeRange(4, 5)];
  CHECK([part featureChannels] == 5 && [part resourceSize] == 0 && [part parent] == one);
  [part readBytes:twelve dataLayout:kHWC imageIndex:0];
  CHECK(twelve[0] == 4 && twelve[4] == 8);
  CHECK_RAISES(NSInvalidArgumentException, @"multiple of 4", [one subImageWithFeatureChannelRange:NSMakeRange(3, 4)]);
  part = [[[MPSImage alloc] initWithParentImage:one sliceRange:NSMakeRange(1, 1) featureChannels:3] autorelease];
  [part readBytes:twelve dataLayout:kHWC imageIndex:0];
  CHECK([part featureChannels] == 3 && twelve[0] == 4 && twelve[2] == 6);
}

static void testTemporary(void) {
  MPSCommandBuffer *commandBuffer = [MPSCommandBuffer commandBufferFromCommandQueue:queue];
  MPSTemporaryImage *temporary = [MPSTemporaryImage temporaryImageWithCommandBuffer:commandBuffer
                                                                    imageDescriptor:described(2, 2, 8)];
  CHECK([temporary readCount] == 1 && [temporary isKindOfClass:[MPSImage class]]);
  float numbers[32];
  CHECK_RAISES(NSInvalidArgumentException, @"temporary", [temporary readBytes:numbers dataLayout:kHWC imageIndex:0]);
  [temporary setReadCount:3];
  MPSTemporaryImage *part = (MPSTemporaryImage *)[temporary subImageWithFeatureChannelRange:NSMakeRange(4, 4)];
  CHECK([part isKindOfClass:[MPSTemporaryImage class]] && [part readCount] == 1);
  [part setReadCount:0];
  CHECK([temporary readCount] == 2);
  CHECK(MPSImageBatchIncrementReadCount(@[ temporary, temporary ], 2) == 1 && [temporary readCount] == 4);
  [temporary setReadCount:0];
  CHECK_RAISES(NSInvalidArgumentException, @"contents are gone", [temporary setReadCount:1]);
  CHECK_RAISES(NSInvalidArgumentException, @"contents are gone", [temporary subImageWithFeatureChannelRange:NSMakeRange(0, 4)]);
  CHECK_RAISES(NSInvalidArgumentException, @"contents are gone", [temporary texture]);

  MTLTextureDescriptor *pixels = [MTLTextureDescriptor texture2DDescriptorWithPixelFormat:MTLPixelFormatRGBA16Float
                                                                                    width:3
                                                                                   height:2
                                                                                mipmapped:NO];
  temporary = [MPSTemporaryImage temporaryImageWithCommandBuffer:commandBuffer textureDescriptor:pixels];
  CHECK([temporary featureChannels] == 4 && [temporary featureChannelFormat] == MPSImageFeatureChannelFormatFloat16);
  [pixels setTextureType:MTLTextureType2DArray];
  [pixels setArrayLength:6];
  temporary = [MPSTemporaryImage temporaryImageWithCommandBuffer:commandBuffer textureDescriptor:pixels featureChannels:7];
  CHECK([temporary numberOfImages] == 3 && [temporary featureChannels] == 7 && [temporary width] == 3);
  CHECK_RAISES(NSInvalidArgumentException, @"does not hold",
               [MPSTemporaryImage temporaryImageWithCommandBuffer:commandBuffer textureDescriptor:pixels featureChannels:25]);
  CHECK_RAISES(NSInvalidArgumentException, @"nil",
               [MPSTemporaryImage temporaryImageWithCommandBuffer:nothing imageDescriptor:described(1, 1, 1)]);
  [MPSTemporaryImage prefetchStorageWithCommandBuffer:commandBuffer imageDescriptorList:@[ described(1, 1, 1) ]];
}

static void testBatches(void) {
  MPSImage *a = image(2, 2, 4, 1), *b = image(2, 2, 4, 1);
  MPSImageBatch *batch = @[ a, b, a ];
  CHECK(MPSImageBatchResourceSize(batch) == 2 * 64);
  NSMutableArray *seen = [NSMutableArray array];
  NSInteger result = MPSImageBatchIterate(batch, ^NSInteger(MPSImage *each, NSUInteger index) {
    [seen addObject:@(index)];
    CHECK(each == [batch objectAtIndex:index]);
    return NSIntegerMin;
  });
  CHECK(result == NSIntegerMin && [seen isEqual:(@[ @0, @1 ])]);
  result = MPSImageBatchIterate(batch, ^NSInteger(MPSImage *each, NSUInteger index) {
    (void)each;
    return 5 + index;
  });
  CHECK(result == 5);
  CHECK_RAISES(@"BlockException", @"enough", MPSImageBatchIterate(batch, ^NSInteger(MPSImage *each, NSUInteger index) {
                 (void)each;
                 (void)index;
                 [NSException raise:@"BlockException" format:@"enough"];
                 return 0;
               }));
  MPSImageBatchSynchronize(batch, [queue commandBuffer]);
  CHECK(MPSImageBatchIncrementReadCount(batch, 1) == 2);
  NSArray *wrong = @[ @"no image" ];
  CHECK_RAISES(NSInvalidArgumentException, @"not an MPSImage", MPSImageBatchResourceSize(wrong));
}

static void testAllocators(void) {
  MPSCommandBuffer *commandBuffer = [MPSCommandBuffer commandBufferFromCommandQueue:queue];
  MPSKernel *kernel = [[[MPSKernel alloc] initWithDevice:device] autorelease];
  id<MPSImageAllocator> permanent = [MPSImage defaultAllocator], temporary = [MPSTemporaryImage defaultAllocator];
  MPSImage *made = [permanent imageForCommandBuffer:commandBuffer imageDescriptor:described(2, 3, 4) kernel:kernel];
  CHECK([made class] == [MPSImage class] && [made height] == 3);
  NSArray *batch = [temporary imageBatchForCommandBuffer:commandBuffer imageDescriptor:described(2, 3, 4) kernel:kernel count:3];
  CHECK([batch count] == 3 && [[batch objectAtIndex:1] class] == [MPSTemporaryImage class]);
  CHECK([MPSImage defaultAllocator] == permanent && permanent != temporary);
  NSData *data = [NSKeyedArchiver archivedDataWithRootObject:temporary];
  CHECK([NSKeyedUnarchiver unarchiveObjectWithData:data] == temporary);
}

static void testKernel(void) {
  MPSKernel *kernel = [[[MPSKernel alloc] initWithDevice:device] autorelease];
  CHECK([kernel device] == device && [kernel label] == nil);
  [kernel setLabel:@"filter"];
  [kernel setOptions:MPSKernelOptionsSkipAPIValidation];
  MPSKernel *copy = [[kernel copy] autorelease];
  [kernel setLabel:nil];
  CHECK([[copy label] isEqualToString:@"filter"] && [copy options] == MPSKernelOptionsSkipAPIValidation);
  NSData *data = [NSKeyedArchiver archivedDataWithRootObject:copy];
  MPSKernel *read = [NSKeyedUnarchiver unarchiveObjectWithData:data];
  CHECK([[read label] isEqualToString:@"filter"] && [read options] == MPSKernelOptionsSkipAPIValidation);
  CHECK_RAISES(NSInvalidArgumentException, @"device is nil", [[[MPSKernel alloc] initWithDevice:nothing] autorelease]);
  CHECK(MPSSizeofMPSDataType(MPSDataTypeFloat16) == 2 && MPSDataTypeBitsCount(MPSDataTypeUInt4) == 4);
  CHECK(MPSSizeofMPSDataType(MPSDataTypeBool) == 1 && MPSSizeofMPSDataType(MPSDataTypeComplexFloat32) == 8);
}

int main(void) {
  @autoreleasepool {
    device = MTLCreateSystemDefaultDevice();
    queue = [device newCommandQueue];
    testDescriptor();
    testProperties();
    testLayouts();
    testParts();
    testTemporary();
    testBatches();
    testAllocators();
    testKernel();
    [queue release];
    [device release];
  }
  return CHECK_RESULT;
}
