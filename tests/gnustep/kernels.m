// Kernels that are encoded by hand: every form of encode, what may be set, copies, archives and wrong uses.
#import "kernel_check.h"

static MPSCNNPoolingMax *pooling(void) {
  return [[[MPSCNNPoolingMax alloc] initWithDevice:device kernelWidth:2 kernelHeight:2 strideInPixelsX:2
                                   strideInPixelsY:2] autorelease];
}

static MPSCNNNeuron *doubling(void) {
  MPSNNNeuronDescriptor *linear = [MPSNNNeuronDescriptor cnnNeuronDescriptorWithType:MPSCNNNeuronTypeLinear a:2 b:0];
  return [[[MPSCNNNeuron alloc] initWithDevice:device neuronDescriptor:linear] autorelease];
}

static void testDefaults(void) {
  MPSCNNPoolingMax *kernel = pooling();
  CHECK(kernel.device == device && kernel.label == nil && kernel.options == MPSKernelOptionsNone);
  CHECK(kernel.offset.x == 0 && kernel.offset.y == 0 && kernel.offset.z == 0);
  CHECK(memcmp(&(MTLRegion){kernel.clipRect.origin, kernel.clipRect.size}, &MPSRectNoClip, sizeof(MTLRegion)) == 0);
  CHECK(kernel.destinationFeatureChannelOffset == 0 && kernel.sourceFeatureChannelOffset == 0);
  CHECK(kernel.sourceFeatureChannelMaxCount == NSUIntegerMax && kernel.edgeMode == MPSImageEdgeModeZero);
  CHECK(kernel.kernelWidth == 2 && kernel.kernelHeight == 2 && kernel.strideInPixelsX == 2 && kernel.strideInPixelsY == 2);
  CHECK(kernel.dilationRateX == 1 && kernel.dilationRateY == 1 && !kernel.isBackwards && !kernel.isStateModified);
  CHECK(![kernel isResultStateReusedAcrossBatch] && ![kernel appendBatchBarrier]);
  CHECK(kernel.padding.paddingMethod == MPSNNPaddingMethodSizeSame);
  CHECK(kernel.destinationImageAllocator == [MPSTemporaryImage defaultAllocator]);
  MPSImage *source = counted(2, 2, 1);
  CHECK([kernel encodingStorageSizeForSourceImage:source sourceStates:nil destinationImage:nil] == 0);
  CHECK([kernel batchEncodingStorageSizeForSourceImage:@[ source ] sourceStates:nil destinationImage:nil] == 0);
  kernel.label = @"pool";
  CHECK([kernel.label isEqualToString:@"pool"]);

  MPSCNNAdd *add = [[[MPSCNNAdd alloc] initWithDevice:device] autorelease];
  CHECK(add.primaryOffset.x == 0 && add.secondaryOffset.y == 0 && add.destinationFeatureChannelOffset == 0);
  CHECK(add.primarySourceFeatureChannelOffset == 0 && add.secondarySourceFeatureChannelMaxCount == NSUIntegerMax);
  CHECK(add.primaryEdgeMode == MPSImageEdgeModeZero && add.secondaryEdgeMode == MPSImageEdgeModeZero);
  CHECK(add.primaryKernelWidth == 1 && add.secondaryKernelHeight == 1 && add.secondaryDilationRateX == 1);
  CHECK(add.primaryStrideInPixelsX == 1 && add.secondaryStrideInPixelsY == 1 && !add.isBackwards && !add.isStateModified);
  CHECK(add.primaryScale == 1 && add.secondaryScale == 1 && add.bias == 0 && add.primaryStrideInFeatureChannels == 1);
  CHECK([add encodingStorageSizeForPrimaryImage:source secondaryImage:source sourceStates:nil destinationImage:nil] == 0);
}

static void testIntoImagesOfTheClient(void) {
  MPSCNNPoolingMax *kernel = pooling();
  kernel.offset = (MPSOffset){1, 1, 0};
  MPSImage *source = counted(4, 4, 1), *one = imageOf(2, 2, 1), *two = imageOf(2, 2, 1), *three = imageOf(2, 2, 1);
  run(^(id<MTLCommandBuffer> commandBuffer) {
    [kernel encodeToCommandBuffer:commandBuffer sourceImage:source destinationImage:one];
    [kernel encodeBatchToCommandBuffer:commandBuffer sourceImages:@[ source, source ] destinationImages:@[ two, three ]];
  });
  CHECK_IMAGE(one, 6, 8, 14, 16);
  CHECK_IMAGE(two, 6, 8, 14, 16);
  CHECK_IMAGE(three, 6, 8, 14, 16);

  // With a state for the gradient.
  MPSCNNPoolingMaxGradient *backward = [[[MPSCNNPoolingMaxGradient alloc] initWithDevice:device
                                                                             kernelWidth:2
                                                                            kernelHeight:2
                                                                         strideInPixelsX:2
                                                                         strideInPixelsY:2] autorelease];
  MPSState *state = [kernel resultStateForSourceImage:source sourceStates:nil destinationImage:one];
  CHECK([state isKindOfClass:[MPSNNGradientState class]] && !state.isTemporary);
  MPSStateBatch *states = [kernel resultStateBatchForSourceImage:@[ source ] sourceStates:nil destinationImage:@[ one ]];
  CHECK([states count] == 1);
  MPSImageDescriptor *spreadDescriptor = [backward destinationImageDescriptorForSourceImages:@[ one, source ]
                                                                                sourceStates:@[ state ]];
  CHECK(spreadDescriptor.width == 4 && spreadDescriptor.height == 4);
  CHECK(backward.secondaryOffset.x == 1 && backward.secondaryOffset.y == 1 && backward.isBackwards);
  MPSImage *spread = imageOf(4, 4, 1), *spreadBatch = imageOf(4, 4, 1), *incoming = image(2, 2, 1, NUMBERS(1, 2, 3, 4));
  run(^(id<MTLCommandBuffer> commandBuffer) {
    [kernel encodeToCommandBuffer:commandBuffer sourceImage:source destinationState:state destinationImage:one];
    [kernel encodeBatchToCommandBuffer:commandBuffer
                          sourceImages:@[ source ]
                     destinationStates:states
                     destinationImages:@[ two ]];
    [backward encodeToCommandBuffer:commandBuffer
                     sourceGradient:incoming
                        sourceImage:source
                      gradientState:state
                destinationGradient:spread];
    [backward encodeBatchToCommandBuffer:commandBuffer
                         sourceGradients:@[ incoming ]
                            sourceImages:@[ source ]
                          gradientStates:states
                    destinationGradients:@[ spreadBatch ]];
  });
  CHECK_IMAGE(spread, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4);
  CHECK_IMAGE(spreadBatch, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4);
}

static void testIntoImagesOfTheAllocator(void) {
  MPSCNNPoolingMax *kernel = pooling();
  kernel.padding = [MPSNNDefaultPadding paddingWithMethod:MPSNNPaddingMethodSizeValidOnly];
  kernel.destinationImageAllocator = [MPSImage defaultAllocator];
  MPSImage *source = counted(4, 4, 1), *incoming = image(2, 2, 1, NUMBERS(1, 2, 3, 4));
  MPSCNNPoolingMaxGradient *backward = [[[MPSCNNPoolingMaxGradient alloc] initWithDevice:device
                                                                             kernelWidth:2
                                                                            kernelHeight:2
                                                                         strideInPixelsX:2
                                                                         strideInPixelsY:2] autorelease];
  backward.destinationImageAllocator = [MPSImage defaultAllocator];
  CHECK([kernel destinationImageDescriptorForSourceImages:@[ source ] sourceStates:nil].width == 2);
  CHECK(kernel.offset.x == 1 && kernel.offset.y == 1);

  __block MPSImage *one = nil, *two = nil, *spread = nil;
  __block MPSImageBatch *batch = nil, *withStates = nil, *spreadBatch = nil;
  run(^(id<MTLCommandBuffer> commandBuffer) {
    one = [kernel encodeToCommandBuffer:commandBuffer sourceImage:source];
    batch = [kernel encodeBatchToCommandBuffer:commandBuffer sourceImages:@[ source, source ]];
    MPSState *state = nil;
    MPSStateBatch *states = nil;
    two = [kernel encodeToCommandBuffer:commandBuffer sourceImage:source destinationState:&state destinationStateIsTemporary:YES];
    withStates = [kernel encodeBatchToCommandBuffer:commandBuffer
                                       sourceImages:@[ source, source ]
                                  destinationStates:&states
                        destinationStateIsTemporary:NO];
    CHECK(state.isTemporary && [states count] == 2 && ![[states objectAtIndex:0] isTemporary]);
    spread = [backward encodeToCommandBuffer:commandBuffer sourceGradient:incoming sourceImage:source gradientState:state];
    spreadBatch = [backward encodeBatchToCommandBuffer:commandBuffer
                                       sourceGradients:@[ incoming, incoming ]
                                          sourceImages:@[ source, source ]
                                        gradientStates:states];
  });
  for (MPSImage *each in [@[ one, two ] arrayByAddingObjectsFromArray:[batch arrayByAddingObjectsFromArray:withStates]]) {
    CHECK_IMAGE(each, 6, 8, 14, 16);
  }
  CHECK([batch count] == 2 && [withStates count] == 2 && [spreadBatch count] == 2);
  CHECK_IMAGE(spread, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4);
  CHECK_IMAGE([spreadBatch objectAtIndex:1], 0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4);

  // By default the allocator's images are temporary.
  run(^(id<MTLCommandBuffer> commandBuffer) {
    MPSImage *between = [doubling() encodeToCommandBuffer:commandBuffer sourceImage:source];
    CHECK([between isKindOfClass:[MPSTemporaryImage class]] && [(MPSTemporaryImage *)between readCount] == 1);
    [doubling() encodeToCommandBuffer:commandBuffer sourceImage:between destinationImage:source];
    CHECK([(MPSTemporaryImage *)between readCount] == 0);
  });
  CHECK_IMAGE(source, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60, 64);
}

static void testTwoSources(void) {
  MPSCNNAdd *add = [[[MPSCNNAdd alloc] initWithDevice:device] autorelease];
  MPSImage *a = counted(1, 2, 1), *b = image(1, 2, 1, NUMBERS(10, 20)), *into = imageOf(1, 2, 1), *batched = imageOf(1, 2, 1);
  add.maximumValue = 15;
  add.destinationImageAllocator = [MPSImage defaultAllocator];
  __block MPSImage *made = nil, *withState = nil;
  __block MPSImageBatch *madeBatch = nil, *withStates = nil;
  __block MPSState *state = nil;
  __block MPSStateBatch *states = nil;
  run(^(id<MTLCommandBuffer> commandBuffer) {
    [add encodeToCommandBuffer:commandBuffer primaryImage:a secondaryImage:b destinationImage:into];
    [add encodeBatchToCommandBuffer:commandBuffer primaryImages:@[ a ] secondaryImages:@[ b ] destinationImages:@[ batched ]];
    made = [add encodeToCommandBuffer:commandBuffer primaryImage:a secondaryImage:b];
    madeBatch = [add encodeBatchToCommandBuffer:commandBuffer primaryImages:@[ a, a ] secondaryImages:@[ b, b ]];
    withState = [add encodeToCommandBuffer:commandBuffer
                              primaryImage:a
                            secondaryImage:b
                          destinationState:&state
               destinationStateIsTemporary:NO];
    withStates = [add encodeBatchToCommandBuffer:commandBuffer
                                   primaryImages:@[ a ]
                                 secondaryImages:@[ b ]
                               destinationStates:&states
                     destinationStateIsTemporary:NO];
  });
  for (MPSImage *each in @[ into, batched, made, [madeBatch objectAtIndex:1], withState, [withStates objectAtIndex:0] ]) {
    CHECK_IMAGE(each, 11, 15);
  }
  CHECK([state isKindOfClass:[MPSCNNArithmeticGradientState class]] && [states count] == 1);

  // What was clamped gets no gradient.
  MPSCNNAddGradient *backward = [[[MPSCNNAddGradient alloc] initWithDevice:device isSecondarySourceFilter:NO] autorelease];
  CHECK(!backward.isSecondarySourceFilter);
  backward.primaryScale = 3;
  backward.destinationImageAllocator = [MPSImage defaultAllocator];
  MPSCNNArithmeticGradientState *filled = (MPSCNNArithmeticGradientState *)[add resultStateForPrimaryImage:a
                                                                                            secondaryImage:b
                                                                                              sourceStates:nil
                                                                                          destinationImage:into];
  CHECK([[add resultStateBatchForPrimaryImage:@[ a ] secondaryImage:@[ b ] sourceStates:nil
                             destinationImage:@[ into ]] count] == 1);
  __block MPSImage *first = nil, *second = nil;
  run(^(id<MTLCommandBuffer> commandBuffer) {
    CHECK([add temporaryResultStateForCommandBuffer:commandBuffer
                                       primaryImage:a
                                     secondaryImage:b
                                       sourceStates:nil
                                   destinationImage:into]
              .isTemporary);
    CHECK([[add temporaryResultStateBatchForCommandBuffer:commandBuffer
                                             primaryImage:@[ a ]
                                           secondaryImage:@[ b ]
                                             sourceStates:nil
                                         destinationImage:@[ into ]] count] == 1);
    [add encodeToCommandBuffer:commandBuffer primaryImage:a secondaryImage:b destinationState:filled destinationImage:into];
    [add encodeBatchToCommandBuffer:commandBuffer
                      primaryImages:@[ a ]
                    secondaryImages:@[ b ]
                  destinationStates:@[ filled ]
                  destinationImages:@[ into ]];
    first = [backward encodeToCommandBuffer:commandBuffer sourceGradient:a sourceImage:b gradientState:state];
    second = [backward encodeToCommandBuffer:commandBuffer sourceGradient:a sourceImage:b gradientState:filled];
  });
  CHECK_IMAGE(first, 3, 0);
  CHECK_IMAGE(second, 3, 0);
}

static void testParts(void) {
  // 3 x 3 pixels of 8 channels: channels 4 and 5 of the pixels from (1, 1) on, into channels 4 and 5 of a corner.
  MPSImage *source = counted(3, 3, 8), *into = imageOf(2, 2, 8);
  MPSCNNNeuron *kernel = doubling();
  kernel.offset = (MPSOffset){1, 1, 0};
  kernel.clipRect = MTLRegionMake2D(1, 0, 1, 2);
  kernel.sourceFeatureChannelOffset = 4;
  kernel.sourceFeatureChannelMaxCount = 2;
  kernel.destinationFeatureChannelOffset = 4;
  run(^(id<MTLCommandBuffer> commandBuffer) {
    [kernel encodeToCommandBuffer:commandBuffer sourceImage:source destinationImage:into];
  });
  CHECK_IMAGE(into, 0, 0, 0, 0, 0, 0, 0, 0, /**/ 0, 0, 0, 0, 74, 76, 0, 0,  //
              0, 0, 0, 0, 0, 0, 0, 0, /**/ 0, 0, 0, 0, 122, 124, 0, 0);

  // The same of two sources.
  MPSCNNSubtract *subtract = [[[MPSCNNSubtract alloc] initWithDevice:device] autorelease];
  subtract.primaryOffset = (MPSOffset){1, 0, 0};
  subtract.secondaryOffset = (MPSOffset){0, 1, 0};
  subtract.clipRect = MTLRegionMake2D(0, 0, 1, 1);
  subtract.primarySourceFeatureChannelOffset = 4;
  subtract.secondarySourceFeatureChannelMaxCount = 4;
  MPSImage *difference = imageOf(2, 2, 4);
  run(^(id<MTLCommandBuffer> commandBuffer) {
    [subtract encodeToCommandBuffer:commandBuffer primaryImage:source secondaryImage:source destinationImage:difference];
  });
  CHECK_IMAGE(difference, -12, -12, -12, -12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

static void testCopies(void) {
  MPSCNNPoolingAverage *kernel = [[[MPSCNNPoolingAverage alloc] initWithDevice:device
                                                                   kernelWidth:2
                                                                  kernelHeight:1
                                                               strideInPixelsX:2
                                                               strideInPixelsY:1] autorelease];
  kernel.label = @"average";
  kernel.zeroPadSizeX = 1;
  kernel.edgeMode = MPSImageEdgeModeClamp;
  kernel.clipRect = MTLRegionMake2D(0, 0, 1, 1);
  kernel.padding = [MPSNNDefaultPadding paddingWithMethod:MPSNNPaddingMethodSizeValidOnly];
  MPSCNNPoolingAverage *copy = [[kernel copyWithZone:NULL device:device] autorelease];
  NSData *archive = [NSKeyedArchiver archivedDataWithRootObject:kernel];
  MPSCNNPoolingAverage *decoded = [NSKeyedUnarchiver unarchiveObjectWithData:archive];
  for (MPSCNNPoolingAverage *each in @[ copy, decoded ]) {
    CHECK(each != kernel && [each isKindOfClass:[MPSCNNPoolingAverage class]] && [each.label isEqualToString:@"average"]);
    CHECK(each.kernelWidth == 2 && each.kernelHeight == 1 && each.zeroPadSizeX == 1 && each.edgeMode == MPSImageEdgeModeClamp);
    CHECK(each.clipRect.size.width == 1 && each.padding.paddingMethod == MPSNNPaddingMethodSizeValidOnly);
    each.zeroPadSizeX = 0;
    each.clipRect = MPSRectNoClip;
    CHECK_IMAGE(filtered(each, image(1, 4, 1, NUMBERS(1, 3, 5, 9))), 2, 7);
  }
  CHECK(kernel.zeroPadSizeX == 1);

  MPSCNNArithmeticGradient *backward = [[[MPSCNNMultiplyGradient alloc] initWithDevice:device
                                                               isSecondarySourceFilter:YES] autorelease];
  backward.secondaryScale = 3;
  backward.kernelOffsetX = 2;
  backward = [NSKeyedUnarchiver unarchiveObjectWithData:[NSKeyedArchiver archivedDataWithRootObject:backward]];
  CHECK(backward.isSecondarySourceFilter && backward.secondaryScale == 3 && backward.kernelOffsetX == 2);
  backward = [[backward copy] autorelease];
  CHECK(backward.isSecondarySourceFilter && backward.secondaryScale == 3 && backward.kernelOffsetX == 2);
}

static void testWrongUses(void) {
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  MPSImage *source = counted(2, 2, 1);
  MPSCNNPoolingMax *kernel = pooling();
  CHECK_RAISES(NSInvalidArgumentException, @"sourceImage is nil",
               [kernel encodeToCommandBuffer:commandBuffer sourceImage:nothing]);
  CHECK_RAISES(NSInvalidArgumentException, @"commandBuffer is nil", [kernel encodeToCommandBuffer:nothing sourceImage:source]);
  CHECK_RAISES(NSInvalidArgumentException, @"destinationImage is nil",
               [kernel encodeToCommandBuffer:commandBuffer sourceImage:source destinationImage:nothing]);
  CHECK_RAISES(NSInvalidArgumentException, @"must be of class MPSImage",
               [kernel encodeToCommandBuffer:commandBuffer sourceImage:(MPSImage *)@"none"]);
  CHECK_RAISES(NSInvalidArgumentException, @"MPSCNNPoolingMax",
               [kernel encodeToCommandBuffer:commandBuffer sourceImage:source destinationImage:source]);
  CHECK_RAISES(NSInvalidArgumentException, @"padding is nil", [kernel setPadding:nothing]);
  CHECK_RAISES(NSInvalidArgumentException, @"not available", [(id)[MPSCNNPoolingMax alloc] initWithDevice:device]);
  CHECK_RAISES(NSInvalidArgumentException, @"not available",
               [[MPSCNNPooling alloc] initWithDevice:device kernelWidth:2 kernelHeight:2]);
  CHECK_RAISES(NSInvalidArgumentException, @"not available",
               [(id)[MPSCNNDilatedPoolingMax alloc] initWithDevice:device kernelWidth:2 kernelHeight:2]);
  CHECK_RAISES(NSInvalidArgumentException, @"device is nil", [[MPSCNNSoftMax alloc] initWithDevice:nothing]);

  CHECK_RAISES(NSInvalidArgumentException, @"not available", [[MPSCNNBinaryKernel alloc] initWithDevice:device]);
  MPSCNNAdd *add = [[[MPSCNNAdd alloc] initWithDevice:device] autorelease];
  CHECK_RAISES(NSInvalidArgumentException, @"secondaryImage is nil",
               [add encodeToCommandBuffer:commandBuffer primaryImage:source secondaryImage:nothing]);
  CHECK_RAISES(NSInvalidArgumentException, @"MPSCNNAdd",
               [add encodeToCommandBuffer:commandBuffer primaryImage:source secondaryImage:source destinationImage:source]);

  MPSCNNPoolingMaxGradient *backward = [[[MPSCNNPoolingMaxGradient alloc] initWithDevice:device
                                                                             kernelWidth:2
                                                                            kernelHeight:2
                                                                         strideInPixelsX:2
                                                                         strideInPixelsY:2] autorelease];
  CHECK_RAISES(NSInvalidArgumentException, @"gradientState is nil",
               [backward encodeToCommandBuffer:commandBuffer sourceGradient:source sourceImage:source gradientState:nothing]);
  MPSState *strange = [[[MPSState alloc] initWithDevice:device bufferSize:4] autorelease];
  CHECK_RAISES(NSInvalidArgumentException, @"MPSCNNPoolingMaxGradient",
               [backward encodeToCommandBuffer:commandBuffer sourceGradient:source sourceImage:source gradientState:strange]);
  CHECK_RAISES(NSGenericException, @"stride", [backward setPrimaryStrideInPixelsX:3]);
  backward.primaryStrideInPixelsX = backward.primaryStrideInPixelsX;

  // What padding policies see cannot be encoded.
  MPSCNNKernel *plain = [[[MPSCNNKernel alloc] initWithDevice:device] autorelease];
  CHECK(plain.kernelWidth == 1 && plain.strideInPixelsX == 1);
  CHECK_RAISES(NSGenericException, @"cannot be encoded", [plain encodeToCommandBuffer:commandBuffer sourceImage:source]);
}

int main(void) {
  @autoreleasepool {
    device = [MTLCreateSystemDefaultDevice() autorelease];
    queue = [[device newCommandQueue] autorelease];
    testDefaults();
    testIntoImagesOfTheClient();
    testIntoImagesOfTheAllocator();
    testTwoSources();
    testParts();
    testCopies();
    testWrongUses();
  }
  return CHECK_RESULT;
}
