// Kernels of losses.
#import "kernel_check.h"

static MPSCNNLossLabels *labels(NSUInteger height, NSUInteger width, NSUInteger channels, const float *numbers) {
  NSData *data = [NSData dataWithBytes:numbers length:height * width * channels * sizeof(float)];
  MPSCNNLossDataDescriptor *described =
      [MPSCNNLossDataDescriptor cnnLossDataDescriptorWithData:data
                                                       layout:MPSDataLayoutHeightxWidthxFeatureChannels
                                                         size:MTLSizeMake(width, height, channels)];
  return [[[MPSCNNLossLabels alloc] initWithDevice:device labelsDescriptor:described] autorelease];
}

static void testLoss(void) {
  MPSCNNLossDescriptor *descriptor = [MPSCNNLossDescriptor cnnLossDescriptorWithType:MPSCNNLossTypeMeanAbsoluteError
                                                                       reductionType:MPSCNNReductionTypeSum];
  descriptor.weight = 2;
  MPSCNNLoss *loss = [[[MPSCNNLoss alloc] initWithDevice:device lossDescriptor:descriptor] autorelease];
  CHECK(loss.lossType == MPSCNNLossTypeMeanAbsoluteError && loss.reductionType == MPSCNNReductionTypeSum && loss.weight == 2);
  CHECK(loss.labelSmoothing == 0 && !loss.reduceAcrossBatch);
  loss.destinationImageAllocator = [MPSImage defaultAllocator];
  MPSImage *source = image(1, 1, 2, NUMBERS(3, -1)), *into = imageOf(1, 1, 2), *batched = imageOf(1, 1, 2);
  MPSCNNLossLabels *wanted = labels(1, 1, 2, NUMBERS(1, 2));
  __block MPSImage *made = nil;
  __block MPSImageBatch *madeBatch = nil;
  run(^(id<MTLCommandBuffer> commandBuffer) {
    [loss encodeToCommandBuffer:commandBuffer sourceImage:source labels:wanted destinationImage:into];
    made = [loss encodeToCommandBuffer:commandBuffer sourceImage:source labels:wanted];
    [loss encodeBatchToCommandBuffer:commandBuffer sourceImages:@[ source ] labels:@[ wanted ] destinationImages:@[ batched ]];
    madeBatch = [loss encodeBatchToCommandBuffer:commandBuffer sourceImages:@[ source ] labels:@[ wanted ]];
  });
  for (MPSImage *each in @[ into, made, batched, [madeBatch objectAtIndex:0] ]) CHECK_IMAGE(each, 2, -2);
  CHECK_IMAGE([wanted lossImage], 10);
  CHECK_RAISES(NSInvalidArgumentException, @"labels is nil",
               [loss encodeToCommandBuffer:[queue commandBuffer] sourceImage:source labels:nothing]);
  CHECK_RAISES(NSInvalidArgumentException, @"lossDescriptor is nil",
               [[MPSCNNLoss alloc] initWithDevice:device lossDescriptor:nothing]);

  // The same as an image.
  MPSNNForwardLoss *forward = [[[MPSNNForwardLoss alloc] initWithDevice:device lossDescriptor:descriptor] autorelease];
  MPSNNLossGradient *back = [[[MPSNNLossGradient alloc] initWithDevice:device lossDescriptor:descriptor] autorelease];
  CHECK(forward.weight == 2 && forward.lossType == MPSCNNLossTypeMeanAbsoluteError && !back.computeLabelGradients);
  back.weight = 3;
  CHECK(back.weight == 3 && [(MPSNNLossGradient *)[[back copy] autorelease] weight] == 3);
  forward.destinationImageAllocator = [MPSImage defaultAllocator];
  back.destinationImageAllocator = [MPSImage defaultAllocator];
  MPSImage *target = image(1, 1, 2, NUMBERS(1, 2)), *one = imageOf(1, 1, 1), *returned = imageOf(1, 1, 2);
  __block MPSImageBatch *results = nil, *gradients = nil;
  run(^(id<MTLCommandBuffer> commandBuffer) {
    MPSStateBatch *states = nil;
    [forward encodeBatchToCommandBuffer:commandBuffer
                           sourceImages:@[ source ]
                                 labels:@[ target ]
                                weights:nil
                      destinationStates:nil
                      destinationImages:@[ one ]];
    results = [forward encodeBatchToCommandBuffer:commandBuffer
                                     sourceImages:@[ source ]
                                           labels:@[ target ]
                                          weights:nil
                                destinationStates:&states
                      destinationStateIsTemporary:NO];
    CHECK([states count] == 1);
    MPSImageBatch *incoming = @[ image(1, 1, 1, NUMBERS(5)) ];
    // The state's weight counts where there is one.
    gradients = [back encodeBatchToCommandBuffer:commandBuffer
                                 sourceGradients:incoming
                                    sourceImages:@[ source ]
                                          labels:@[ target ]
                                         weights:nil
                                    sourceStates:states];
    [back encodeBatchToCommandBuffer:commandBuffer
                     sourceGradients:incoming
                        sourceImages:@[ source ]
                              labels:@[ target ]
                             weights:nil
                        sourceStates:nil
                destinationGradients:@[ returned ]];
  });
  CHECK_IMAGE(one, 10);
  CHECK_IMAGE([results objectAtIndex:0], 10);
  CHECK_IMAGE([gradients objectAtIndex:0], 10, -10);
  CHECK_IMAGE(returned, 15, -15);
}

// The worked example "yolo_2x2_grid".
static void testYOLOLoss(void) {
  const float anchors[] = {1, 2, 2, 1};
  MPSCNNYOLOLossDescriptor *descriptor =
      [MPSCNNYOLOLossDescriptor cnnLossDescriptorWithXYLossType:MPSCNNLossTypeMeanSquaredError
                                                     WHLossType:MPSCNNLossTypeHuber
                                             confidenceLossType:MPSCNNLossTypeSigmoidCrossEntropy
                                                classesLossType:MPSCNNLossTypeSoftMaxCrossEntropy
                                                  reductionType:MPSCNNReductionTypeSum
                                                    anchorBoxes:[NSData dataWithBytes:anchors length:sizeof anchors]
                                            numberOfAnchorBoxes:2];
  MPSCNNYOLOLoss *loss = [[[MPSCNNYOLOLoss alloc] initWithDevice:device lossDescriptor:descriptor] autorelease];
  CHECK(loss.scaleXY == 10 && loss.scaleWH == 10 && loss.scaleNoObject == 5 && loss.scaleObject == 100 && loss.scaleClass == 2);
  CHECK(loss.minIOUForObjectPresence == 0.7f && loss.maxIOUForObjectAbsence == 0.3f && loss.numberOfAnchorBoxes == 2);
  CHECK([loss.anchorBoxes length] == sizeof anchors && loss.reductionType == MPSCNNReductionTypeSum && !loss.reduceAcrossBatch);
  CHECK(loss.lossWH.lossType == MPSCNNLossTypeHuber && loss.lossXY == loss.lossXY);
  CHECK(loss.lossConfidence.reductionType == MPSCNNReductionTypeSum);
  CHECK(loss.lossClasses.lossType == MPSCNNLossTypeSoftMaxCrossEntropy);
  const float source[] = {
      -0.125, 0.75,  -0.25, 0.75,   0,     -0.25,  0.75,  -0.125, 0.5,    -0.25, 0.75,   0.375,  0.625,  -0.75,   //
      -0.625, -0.75, 0,     -0.125, 0.75,  -0.375, -0.5,  0.5,    -0.375, 0.375, -0.375, 0.125,  -0.625, 0.25,    //
      0.625,  0.25,  0.625, 0.5,    0.125, 0.75,   0,     -0.625, 0.125,  0.25,  -0.5,   -0.625, 0.25,   -0.125,  //
      0,      0.5,   0.25,  0.625,  -0.5,  0.375,  0.125, -0.75,  -0.75,  -0.25, 0.25,   -0.5,   0.125,  0.75};
  const float wanted[] = {0,    0,     0,    0,    0, 0.5, 0.5, 0,    0,     0,    0,    0, 0.5, 0.5,  //
                          0.25, 0.5,   1.25, 1.75, 1, 0,   1,   0.25, 0.5,   1.25, 1.75, 1, 0,   1,    //
                          0.75, 0.375, 1.5,  1.5,  1, 1,   0,   0.75, 0.375, 1.5,  1.5,  1, 1,   0,    //
                          0,    0,     0,    0,    0, 0.5, 0.5, 0,    0,     0,    0,    0, 0.5, 0.5};
  MPSImage *predicted = image(2, 2, 14, source), *into = imageOf(2, 2, 14);
  MPSCNNLossLabels *grid = labels(2, 2, 14, wanted);
  run(^(id<MTLCommandBuffer> commandBuffer) {
    [loss encodeToCommandBuffer:commandBuffer sourceImage:predicted labels:grid destinationImage:into];
  });
  CHECK_IMAGE_NEAR([grid lossImage], 2e-4, 225.405683752f);
  float found[56];
  [into readBytes:found dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:0];
  CHECK_NEAR(found[4], 2.5, 1e-5);
  CHECK_NEAR(found[14], 0.448029839344, 1e-5);
  CHECK_NEAR(found[32], 16.5975347596, 2e-4);
}

int main(void) {
  @autoreleasepool {
    device = [MTLCreateSystemDefaultDevice() autorelease];
    queue = [[device newCommandQueue] autorelease];
    testLoss();
    testYOLOLoss();
  }
  return CHECK_RESULT;
}
