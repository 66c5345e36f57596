// Each family of kernels without a data source, encoded once.
#import "kernel_check.h"

static const double kTolerance = 2e-6;

static void testNeurons(void) {
  MPSNNNeuronDescriptor *power = [MPSNNNeuronDescriptor cnnNeuronDescriptorWithType:MPSCNNNeuronTypePower a:2 b:1 c:2];
  MPSCNNNeuron *neuron = [[[MPSCNNNeuron alloc] initWithDevice:device neuronDescriptor:power] autorelease];
  CHECK(neuron.neuronType == MPSCNNNeuronTypePower && neuron.a == 2 && neuron.b == 1 && neuron.c == 2 && neuron.data == nil);
  CHECK_IMAGE_NEAR(filtered(neuron, image(1, 3, 1, NUMBERS(0, 1, 2))), 1e-5, 1, 9, 25);
  MPSCNNNeuronGradient *back = [[[MPSCNNNeuronGradient alloc] initWithDevice:device neuronDescriptor:power] autorelease];
  CHECK(back.neuronType == MPSCNNNeuronTypePower && back.c == 2);
  CHECK_IMAGE_NEAR(gradient(neuron, back, image(1, 3, 1, NUMBERS(0, 1, 2)), image(1, 3, 1, NUMBERS(1, 1, 2))), 1e-4, 4, 12, 40);

  const float slopes[] = {0.5f, 0.25f};
  MPSNNNeuronDescriptor *prelu =
      [MPSNNNeuronDescriptor cnnNeuronPReLUDescriptorWithData:[NSData dataWithBytes:slopes length:sizeof slopes] noCopy:NO];
  MPSCNNNeuronPReLU *sloped = [[[MPSCNNNeuronPReLU alloc] initWithDevice:device neuronDescriptor:prelu] autorelease];
  CHECK([sloped.data length] == sizeof slopes);
  CHECK_IMAGE(filtered(sloped, image(1, 2, 2, NUMBERS(-4, -4, 4, 4))), -2, -1, 4, 4);
  CHECK_IMAGE(filtered([[sloped copy] autorelease], image(1, 1, 2, NUMBERS(-8, -8))), -4, -2);
  CHECK_RAISES(NSInvalidArgumentException, @"MPSCNNNeuronReLU",
               [[MPSCNNNeuronReLU alloc] initWithDevice:device neuronDescriptor:prelu]);
}

static void testPooling(void) {
  MPSImage *source = image(2, 2, 1, NUMBERS(3, 4, 0, 12));
  MPSCNNPoolingAverage *average = [[[MPSCNNPoolingAverage alloc] initWithDevice:device kernelWidth:2 kernelHeight:2] autorelease];
  CHECK(average.strideInPixelsX == 1 && average.zeroPadSizeX == 0);
  average.edgeMode = MPSImageEdgeModeClamp;
  CHECK_IMAGE(filtered(average, source), 3, 3.5f, 1.5f, 4.75f);
  MPSCNNPoolingAverageGradient *back = [[[MPSCNNPoolingAverageGradient alloc] initWithDevice:device kernelWidth:2
                                                                                kernelHeight:2] autorelease];
  CHECK(back.sourceSize.width == NSUIntegerMax && back.zeroPadSizeY == 0);
  CHECK_IMAGE(gradient(average, back, source, image(2, 2, 1, NUMBERS(1, 2, 4, 8))), 6, 3, 4, 2);

  MPSCNNPoolingL2Norm *norm = [[[MPSCNNPoolingL2Norm alloc] initWithDevice:device
                                                               kernelWidth:2
                                                              kernelHeight:2
                                                           strideInPixelsX:2
                                                           strideInPixelsY:2] autorelease];
  norm.padding = [MPSNNDefaultPadding paddingWithMethod:MPSNNPaddingMethodSizeValidOnly];
  CHECK_IMAGE_NEAR(filtered(norm, source), kTolerance, 13);
  MPSCNNDilatedPoolingMax *dilated = [[[MPSCNNDilatedPoolingMax alloc] initWithDevice:device
                                                                          kernelWidth:2
                                                                         kernelHeight:1
                                                                        dilationRateX:3
                                                                        dilationRateY:1
                                                                      strideInPixelsX:1
                                                                      strideInPixelsY:1] autorelease];
  CHECK(dilated.dilationRateX == 3 && dilated.dilationRateY == 1);
  dilated.padding = [MPSNNDefaultPadding paddingWithMethod:MPSNNPaddingMethodSizeValidOnly];
  CHECK_IMAGE(filtered(dilated, image(1, 5, 1, NUMBERS(7, 1, 9, 2, 3))), 7, 3);
}

static void testSoftMax(void) {
  const float total = expf(1) + expf(2);
  MPSImage *source = image(1, 1, 2, NUMBERS(1, 2));
  MPSCNNSoftMax *softMax = [[[MPSCNNSoftMax alloc] initWithDevice:device] autorelease];
  MPSCNNLogSoftMax *logSoftMax = [[[MPSCNNLogSoftMax alloc] initWithDevice:device] autorelease];
  MPSImage *result = filtered(softMax, source);
  CHECK_IMAGE_NEAR(result, kTolerance, expf(1) / total, expf(2) / total);
  CHECK_IMAGE_NEAR(filtered(logSoftMax, source), kTolerance, 1 - logf(total), 2 - logf(total));

  // The gradient kernel takes the forward result: y * (g - sum(g * y)).
  MPSCNNSoftMaxGradient *back = [[[MPSCNNSoftMaxGradient alloc] initWithDevice:device] autorelease];
  back.destinationImageAllocator = [MPSImage defaultAllocator];
  MPSState *state = [softMax resultStateForSourceImage:source sourceStates:nil destinationImage:result];
  __block MPSImage *made = nil;
  run(^(id<MTLCommandBuffer> commandBuffer) {
    [softMax encodeToCommandBuffer:commandBuffer sourceImage:source destinationState:state destinationImage:result];
    made = [back encodeToCommandBuffer:commandBuffer
                        sourceGradient:image(1, 1, 2, NUMBERS(1, 0))
                           sourceImage:result
                         gradientState:state];
  });
  const float y = expf(1) / total;
  CHECK_IMAGE_NEAR(made, kTolerance, y * (1 - y), -y * (1 - y));
}

static void testDropout(void) {
  MPSCNNDropout *dropout = [[[MPSCNNDropout alloc] initWithDevice:device
                                                  keepProbability:0.5f
                                                             seed:3
                                               maskStrideInPixels:MTLSizeMake(1, 1, 1)] autorelease];
  CHECK(dropout.keepProbability == 0.5f && dropout.seed == 3 && dropout.maskStrideInPixels.depth == 1);
  MPSCNNDropoutGradient *back = [[[MPSCNNDropoutGradient alloc] initWithDevice:device
                                                               keepProbability:0.5f
                                                                          seed:3
                                                            maskStrideInPixels:MTLSizeMake(1, 1, 1)] autorelease];
  CHECK(back.keepProbability == 0.5f && back.seed == 3 && back.maskStrideInPixels.width == 1);
  MPSImage *source = counted(1, 8, 1), *result = imageOf(1, 8, 1), *returned = imageOf(1, 8, 1);
  MPSCNNDropoutGradientState *state = [dropout resultStateForSourceImage:source sourceStates:nil destinationImage:result];
  run(^(id<MTLCommandBuffer> commandBuffer) {
    [dropout encodeToCommandBuffer:commandBuffer sourceImage:source destinationState:state destinationImage:result];
    [back encodeToCommandBuffer:commandBuffer
                 sourceGradient:source
                    sourceImage:source
                  gradientState:state
            destinationGradient:returned];
  });
  NSData *mask = [state maskData];
  CHECK([mask length] == 8);
  float expected[8];
  for (int i = 0; i < 8; ++i) expected[i] = ((const unsigned char *)[mask bytes])[i] ? 2 * (i + 1) : 0;
  check_image(result, 8, expected, 0, __FILE__, __LINE__);
  check_image(returned, 8, expected, 0, __FILE__, __LINE__);
  CHECK_RAISES(NSInvalidArgumentException, @"keep_probability",
               [[MPSCNNDropout alloc] initWithDevice:device keepProbability:2 seed:0 maskStrideInPixels:MTLSizeMake(1, 1, 1)]);
}

static void testArithmetic(void) {
  MPSImage *a = image(1, 2, 1, NUMBERS(6, 8)), *b = image(1, 2, 1, NUMBERS(2, 4));
  MPSCNNMultiply *multiply = [[[MPSCNNMultiply alloc] initWithDevice:device] autorelease];
  multiply.primaryScale = 2;
  multiply.bias = 1;
  CHECK_IMAGE(combined(multiply, a, b), 25, 65);
  multiply.secondaryStrideInPixelsX = 0;
  CHECK(multiply.secondaryStrideInPixelsX == 0);
  CHECK_IMAGE(combined(multiply, a, b), 25, 33);
  CHECK_IMAGE(combined([[[MPSCNNSubtract alloc] initWithDevice:device] autorelease], a, b), 4, 4);
  CHECK_IMAGE(combined([[[MPSCNNDivide alloc] initWithDevice:device] autorelease], a, b), 3, 2);
  MPSNNCompare *compare = [[[MPSNNCompare alloc] initWithDevice:device] autorelease];
  CHECK(compare.comparisonType == MPSNNComparisonTypeEqual && compare.threshold == 0);
  compare.threshold = 4;
  CHECK_IMAGE(combined(compare, a, b), 1, 1);
  compare.comparisonType = MPSNNComparisonTypeLess;
  MPSNNCompare *copy = [[compare copy] autorelease];
  CHECK(copy.comparisonType == MPSNNComparisonTypeLess && copy.threshold == 4);
  CHECK_IMAGE(combined(copy, b, a), 1, 1);
}

static void testReductions(void) {
  MPSImage *source = image(2, 2, 2, NUMBERS(1, 5, 2, 4, 3, 3, 4, 9));
  struct {
    Class reduction;
    float expected[4];
    int count;
  } rows[] = {
      {[MPSNNReduceRowMin class], { 1, 4, 3, 3 }, 4},
      {[MPSNNReduceRowMax class], { 2, 5, 4, 9 }, 4},
      {[MPSNNReduceRowMean class], { 1.5f, 4.5f, 3.5f, 6 }, 4},
      {[MPSNNReduceRowSum class], { 3, 9, 7, 12 }, 4},
      {[MPSNNReduceColumnMin class], { 1, 3, 2, 4 }, 4},
      {[MPSNNReduceColumnMax class], { 3, 5, 4, 9 }, 4},
      {[MPSNNReduceColumnMean class], { 2, 4, 3, 6.5f }, 4},
      {[MPSNNReduceColumnSum class], { 4, 8, 6, 13 }, 4},
      {[MPSNNReduceFeatureChannelsMin class], { 1, 2, 3, 4 }, 4},
      {[MPSNNReduceFeatureChannelsMax class], { 5, 4, 3, 9 }, 4},
      {[MPSNNReduceFeatureChannelsMean class], { 3, 3, 3, 6.5f }, 4},
      {[MPSNNReduceFeatureChannelsSum class], { 6, 6, 6, 13 }, 4},
      {[MPSNNReduceFeatureChannelsArgumentMin class], { 0, 0, 0, 0 }, 4},
      {[MPSNNReduceFeatureChannelsArgumentMax class], { 1, 1, 0, 1 }, 4},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    MPSNNReduceUnary *kernel = [[[rows[i].reduction alloc] initWithDevice:device] autorelease];
    CHECK([kernel isMemberOfClass:rows[i].reduction]);
    check_image(filtered(kernel, source), rows[i].count, rows[i].expected, 0, __FILE__, __LINE__);
  }
  MPSNNReduceFeatureChannelsSum *sum = [[[MPSNNReduceFeatureChannelsSum alloc] initWithDevice:device] autorelease];
  sum.weight = 2;
  sum.clipRectSource = MTLRegionMake2D(1, 0, 1, 2);
  sum = [[sum copy] autorelease];
  CHECK_IMAGE(filtered(sum, source), 12, 26);

  MPSImage *weights = image(2, 2, 2, NUMBERS(1, 0, 1, 1, 0, 0, 2, 2));
  MPSNNReduceFeatureChannelsAndWeightsSum *weighted =
      [[[MPSNNReduceFeatureChannelsAndWeightsSum alloc] initWithDevice:device doWeightedSumByNonZeroWeights:YES] autorelease];
  CHECK(weighted.doWeightedSumByNonZeroWeights);
  CHECK_IMAGE(combined(weighted, source, weights), 1, 3, 0, 13);
  CHECK_IMAGE(combined([[[MPSNNReduceFeatureChannelsAndWeightsMean alloc] initWithDevice:device] autorelease], source, weights),
              0.5f, 3, 0, 13);
  MPSNNLocalCorrelation *correlation = [[[MPSNNLocalCorrelation alloc] initWithDevice:device
                                                                            windowInX:1
                                                                            windowInY:0
                                                                            strideInX:1
                                                                            strideInY:1] autorelease];
  CHECK(correlation.windowInX == 1 && correlation.windowInY == 0 && correlation.strideInX == 1);
  MPSImage *line = image(1, 2, 1, NUMBERS(2, 3));
  CHECK_IMAGE(combined(correlation, line, line), 0, 4, 6, 6, 9, 0);
}

static void testResampling(void) {
  MPSCNNUpsamplingNearest *nearest = [[[MPSCNNUpsamplingNearest alloc] initWithDevice:device
                                                                  integerScaleFactorX:2
                                                                  integerScaleFactorY:1] autorelease];
  CHECK(nearest.scaleFactorX == 2 && nearest.scaleFactorY == 1 && !nearest.alignCorners);
  MPSImage *line = image(1, 2, 1, NUMBERS(1, 4));
  CHECK_IMAGE(filtered(nearest, line), 1, 1, 4, 4);
  MPSCNNUpsamplingNearestGradient *back = [[[MPSCNNUpsamplingNearestGradient alloc] initWithDevice:device
                                                                               integerScaleFactorX:2
                                                                               integerScaleFactorY:1] autorelease];
  CHECK(back.scaleFactorX == 2 && back.scaleFactorY == 1);
  CHECK_IMAGE(gradient(nearest, back, line, counted(1, 4, 1)), 3, 7);
  MPSCNNUpsamplingBilinear *bilinear = [[[MPSCNNUpsamplingBilinear alloc] initWithDevice:device
                                                                     integerScaleFactorX:2
                                                                     integerScaleFactorY:1
                                                                            alignCorners:YES] autorelease];
  CHECK(bilinear.alignCorners);
  CHECK_IMAGE_NEAR(filtered(bilinear, line), kTolerance, 1, 2, 3, 4);
  CHECK_RAISES(NSInvalidArgumentException, @"not available", [(id)[MPSCNNUpsampling alloc] initWithDevice:device]);

  MPSNNResizeBilinear *resize = [[[MPSNNResizeBilinear alloc] initWithDevice:device resizeWidth:4 resizeHeight:1
                                                                alignCorners:YES] autorelease];
  CHECK(resize.resizeWidth == 4 && resize.resizeHeight == 1 && resize.alignCorners);
  CHECK_IMAGE_NEAR(filtered(resize, line), kTolerance, 1, 2, 3, 4);
  const MPSRegion regions[] = {{{0, 0, 0}, {1, 1, 0}}, {{0.5, 0, 0}, {0.5, 1, 0}}};
  MPSNNCropAndResizeBilinear *crop = [[[MPSNNCropAndResizeBilinear alloc] initWithDevice:device
                                                                             resizeWidth:2
                                                                            resizeHeight:1
                                                                         numberOfRegions:2
                                                                                 regions:regions] autorelease];
  CHECK(crop.resizeWidth == 2 && crop.numberOfRegions == 2 && crop.regions[1].origin.x == 0.5);
  MPSImage *cropped = filtered(crop, line);
  CHECK(cropped.numberOfImages == 2);
  CHECK_IMAGE_NEAR(cropped, kTolerance, 1, 4);
  float second[2] = {0};
  [cropped readBytes:second dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:1];
  CHECK_NEAR(second[0], 2.5, kTolerance);
  CHECK_NEAR(second[1], 4, kTolerance);

  MPSNNGridSample *grid = [[[MPSNNGridSample alloc] initWithDevice:device] autorelease];
  CHECK(grid.useGridValueAsInputCoordinate);
  CHECK_IMAGE_NEAR(combined(grid, line, image(1, 2, 2, NUMBERS(1, 0, 0.5f, 0))), kTolerance, 4, 2.5f);
  grid.useGridValueAsInputCoordinate = NO;
  CHECK_IMAGE_NEAR(combined(grid, line, image(1, 2, 2, NUMBERS(1, 0, -1, 0))), kTolerance, 4, 1);
}

static void testShapes(void) {
  MPSNNPad *pad = [[[MPSNNPad alloc] initWithDevice:device
                                  paddingSizeBefore:(MPSImageCoordinate){1, 0, 0}
                                   paddingSizeAfter:(MPSImageCoordinate){2, 0, 0}] autorelease];
  CHECK(pad.paddingSizeBefore.x == 1 && pad.paddingSizeAfter.x == 2 && pad.fillValue == 0);
  pad.edgeMode = MPSImageEdgeModeConstant;
  pad.fillValue = 7;
  CHECK_IMAGE(filtered(pad, counted(1, 2, 1)), 7, 1, 2, 7, 7);
  pad.edgeMode = MPSImageEdgeModeClamp;
  CHECK_IMAGE(gradient(pad, [[[MPSNNPadGradient alloc] initWithDevice:device] autorelease], counted(1, 2, 1), counted(1, 5, 1)),
              3, 12);
  const float fill[] = {8, 9};
  MPSNNPad *filled = [[[MPSNNPad alloc] initWithDevice:device
                                     paddingSizeBefore:(MPSImageCoordinate){0, 0, 0}
                                      paddingSizeAfter:(MPSImageCoordinate){1, 0, 0}
                                        fillValueArray:[NSData dataWithBytes:fill length:sizeof fill]] autorelease];
  filled.edgeMode = MPSImageEdgeModeConstant;
  CHECK_IMAGE(filtered(filled, counted(1, 1, 2)), 1, 2, 8, 9);

  MPSNNReshape *reshape = [[[MPSNNReshape alloc] initWithDevice:device] autorelease];
  MPSNNReshapeGradient *back = [[[MPSNNReshapeGradient alloc] initWithDevice:device] autorelease];
  reshape.destinationImageAllocator = [MPSImage defaultAllocator];
  back.destinationImageAllocator = [MPSImage defaultAllocator];
  MPSImage *source = counted(2, 3, 1);
  __block MPSImage *one = nil, *two = nil, *returned = nil;
  __block MPSImageBatch *batch = nil, *withStates = nil;
  run(^(id<MTLCommandBuffer> commandBuffer) {
    MPSState *state = nil;
    MPSStateBatch *states = nil;
    one = [reshape encodeToCommandBuffer:commandBuffer
                             sourceImage:source
                           reshapedWidth:1
                          reshapedHeight:3
                 reshapedFeatureChannels:2];
    two = [reshape encodeToCommandBuffer:commandBuffer
                             sourceImage:source
                        destinationState:&state
             destinationStateIsTemporary:YES
                           reshapedWidth:2
                          reshapedHeight:3
                 reshapedFeatureChannels:1];
    batch = [reshape encodeBatchToCommandBuffer:commandBuffer
                                   sourceImages:@[ source ]
                                  reshapedWidth:6
                                 reshapedHeight:1
                        reshapedFeatureChannels:1];
    withStates = [reshape encodeBatchToCommandBuffer:commandBuffer
                                        sourceImages:@[ source ]
                                   destinationStates:&states
                         destinationStateIsTemporary:NO
                                       reshapedWidth:3
                                      reshapedHeight:1
                             reshapedFeatureChannels:2];
    CHECK([states count] == 1);
    CHECK(state.isTemporary);
    returned = [back encodeToCommandBuffer:commandBuffer sourceGradient:two sourceImage:source gradientState:state];
  });
  for (MPSImage *each in @[ one, two, [batch objectAtIndex:0], [withStates objectAtIndex:0] ])
    CHECK_IMAGE(each, 1, 2, 3, 4, 5, 6);
  CHECK(one.height == 3 && one.featureChannels == 2 && two.width == 2 && [[batch objectAtIndex:0] width] == 6);
  CHECK_IMAGE(returned, 1, 2, 3, 4, 5, 6);
  CHECK(returned.height == 2 && returned.width == 3);

  MPSNNSlice *slice = [[[MPSNNSlice alloc] initWithDevice:device] autorelease];
  slice.sourceFeatureChannelOffset = 4;
  CHECK_IMAGE(filtered(slice, counted(1, 1, 6)), 5, 6);
}

static void testLocalNormalizations(void) {
  MPSCNNCrossChannelNormalization *cross = [[[MPSCNNCrossChannelNormalization alloc] initWithDevice:device
                                                                                         kernelSize:3] autorelease];
  CHECK(cross.kernelSize == 3 && cross.alpha == 1 && cross.beta == 5 && cross.delta == 1);
  cross.beta = 1;
  cross.alpha = 3;
  MPSImage *source = image(1, 1, 3, NUMBERS(1, 2, 3));
  CHECK_IMAGE_NEAR(filtered([[cross copy] autorelease], source), kTolerance, 1 / 6.f, 2 / 15.f, 3 / 14.f);
  MPSCNNCrossChannelNormalizationGradient *back =
      [[[MPSCNNCrossChannelNormalizationGradient alloc] initWithDevice:device kernelSize:3] autorelease];
  back.beta = 1;
  back.alpha = 3;
  back = [[back copy] autorelease];
  CHECK(back.kernelSize == 3 && back.alpha == 3 && back.beta == 1 && back.delta == 1);
  // Of y = (1 / 6, 2 / 15, 3 / 14): d(sum y) / dx = 1 / N - 2 x * sum of y(k) / N(k) over the windows that x is in.
  const float q0 = 1 / 36.f, q1 = 2 / 225.f, q2 = 3 / 196.f;
  CHECK_IMAGE_NEAR(gradient(cross, back, source, image(1, 1, 3, NUMBERS(1, 1, 1))), kTolerance, 1 / 6.f - 2 * (q0 + q1),
                   1 / 15.f - 4 * (q0 + q1 + q2), 1 / 14.f - 6 * (q1 + q2));

  MPSCNNSpatialNormalization *spatial = [[[MPSCNNSpatialNormalization alloc] initWithDevice:device kernelWidth:3
                                                                               kernelHeight:3] autorelease];
  CHECK(spatial.kernelWidth == 3 && spatial.alpha == 1 && spatial.beta == 5 && spatial.delta == 1);
  spatial.beta = 1;
  spatial.alpha = 9;
  CHECK_IMAGE_NEAR(filtered(spatial, image(1, 2, 1, NUMBERS(1, 2))), kTolerance, 1 / 6.f, 2 / 6.f);
  MPSCNNLocalContrastNormalization *contrast = [[[MPSCNNLocalContrastNormalization alloc] initWithDevice:device
                                                                                             kernelWidth:1
                                                                                            kernelHeight:1] autorelease];
  CHECK(contrast.alpha == 0 && contrast.beta == 0.5f && contrast.delta == 1 / 1024.f && contrast.p0 == 1 && contrast.ps == 1);
  contrast.p0 = 0;
  contrast.pm = 3;
  contrast.delta = 0.25f;
  CHECK_IMAGE_NEAR(filtered([[contrast copy] autorelease], image(1, 1, 1, NUMBERS(2))), kTolerance, 3 + 2 / sqrtf(0.25f));
  CHECK_RAISES(NSInvalidArgumentException, @"MPSCNNSpatialNormalization",
               [[MPSCNNSpatialNormalization alloc] initWithDevice:device kernelWidth:0 kernelHeight:1]);
}

static void testGramMatrix(void) {
  MPSNNGramMatrixCalculation *gram = [[[MPSNNGramMatrixCalculation alloc] initWithDevice:device alpha:2] autorelease];
  CHECK(gram.alpha == 2);
  MPSImage *source = image(1, 2, 2, NUMBERS(1, 2, 3, 4));
  CHECK_IMAGE(filtered(gram, source), 20, 28, 28, 40);
  MPSNNGramMatrixCalculationGradient *back = [[[MPSNNGramMatrixCalculationGradient alloc] initWithDevice:device] autorelease];
  CHECK(back.alpha == 1);
  back.alpha = 2;
  // Only the first element counts: 2 * d(x(0) * x(0)).
  CHECK_IMAGE(gradient(gram, back, source, image(1, 2, 2, NUMBERS(1, 0, 0, 0))), 4, 0, 12, 0);
  CHECK_IMAGE(filtered([[[MPSNNInitialGradient alloc] initWithDevice:device] autorelease], source), 1, 1, 1, 1);
}

int main(void) {
  @autoreleasepool {
    device = [MTLCreateSystemDefaultDevice() autorelease];
    queue = [[device newCommandQueue] autorelease];
    testNeurons();
    testPooling();
    testSoftMax();
    testDropout();
    testArithmetic();
    testReductions();
    testResampling();
    testShapes();
    testLocalNormalizations();
    testGramMatrix();
  }
  return CHECK_RESULT;
}
