// Kernels with data sources, and their states from forward to gradient.
#import "kernel_check.h"
#import "kernel_sources.h"

static const double kTolerance = 2e-6;

static id<MTLBuffer> buffer(NSUInteger count, const float *numbers) {
  return [[device newBufferWithBytes:numbers length:count * sizeof(float) options:MTLResourceStorageModeShared] autorelease];
}

static void testConvolution(void) {
  Weights *weights = [Weights width:3 stride:1 weights:NUMBERS(1, 2, 3) bias:10];
  MPSCNNConvolution *kernel = [[[MPSCNNConvolution alloc] initWithDevice:device weights:weights] autorelease];
  CHECK(kernel.dataSource == weights && kernel.inputFeatureChannels == 1 && kernel.outputFeatureChannels == 1);
  CHECK(kernel.groups == 1 && kernel.subPixelScaleFactor == 1 && kernel.channelMultiplier == 0 && kernel.kernelWidth == 3);
  CHECK(kernel.fusedNeuronDescriptor.neuronType == MPSCNNNeuronTypeNone && [kernel isResultStateReusedAcrossBatch]);
  CHECK(kernel.accumulatorPrecisionOption == MPSNNConvolutionAccumulatorPrecisionOptionFloat);
  MPSCNNConvolutionGradient *back = [[[MPSCNNConvolutionGradient alloc] initWithDevice:device weights:weights] autorelease];
  CHECK(back.dataSource == weights && back.sourceGradientFeatureChannels == 1 && back.sourceImageFeatureChannels == 1);
  CHECK(back.gradientOption == MPSCNNConvolutionGradientOptionAll && back.isStateModified && back.groups == 1);

  MPSImage *source = counted(1, 3, 1), *result = imageOf(1, 3, 1), *returned = imageOf(1, 3, 1);
  MPSCNNConvolutionGradientState *state = [kernel resultStateForSourceImage:source sourceStates:nil destinationImage:result];
  CHECK([state isMemberOfClass:[MPSCNNConvolutionGradientState class]] && state.convolution == kernel);
  CHECK(state.sourceWidth == 3 && state.sourceHeight == 1);
  run(^(id<MTLCommandBuffer> commandBuffer) {
    [kernel encodeToCommandBuffer:commandBuffer sourceImage:source destinationState:state destinationImage:result];
    [back encodeToCommandBuffer:commandBuffer
                 sourceGradient:image(1, 3, 1, NUMBERS(1, 0, 0))
                    sourceImage:source
                  gradientState:state
            destinationGradient:returned];
  });
  CHECK_IMAGE(result, 18, 24, 18);
  CHECK_IMAGE(returned, 2, 3, 0);
  CHECK_BUFFER(state.gradientForWeights, 0, 0, 1, 2);
  CHECK_BUFFER(state.gradientForBiases, 0, 1);

  // New weights from a state, from the data source, and into a state.
  MPSCNNConvolutionWeightsAndBiasesState *newer =
      [[[MPSCNNConvolutionWeightsAndBiasesState alloc] initWithWeights:buffer(3, NUMBERS(0, 1, 0))
                                                                biases:buffer(1, NUMBERS(1))] autorelease];
  __block MPSCNNConvolutionWeightsAndBiasesState *exported = nil;
  run(^(id<MTLCommandBuffer> commandBuffer) {
    [kernel reloadWeightsAndBiasesWithCommandBuffer:commandBuffer state:newer];
    exported = [kernel exportWeightsAndBiasesWithCommandBuffer:commandBuffer resultStateCanBeTemporary:NO];
  });
  CHECK_BUFFER(exported.weights, 0, 0, 1, 0);
  CHECK_IMAGE(filtered(kernel, source), 2, 3, 4);
  [kernel reloadWeightsAndBiasesFromDataSource];
  CHECK_IMAGE(filtered(kernel, source), 18, 24, 18);

  // A copy has a copy of the data source.
  MPSCNNConvolution *copy = [[kernel copyWithZone:NULL device:device] autorelease];
  ((float *)[weights->_weights mutableBytes])[1] = 100;
  [copy reloadWeightsAndBiasesFromDataSource];
  CHECK(copy.dataSource != weights);
  CHECK_IMAGE(filtered(copy, source), 18, 24, 18);
  CHECK_RAISES(NSInvalidArgumentException, @"weights is nil", [[MPSCNNConvolution alloc] initWithDevice:device weights:nothing]);
}

static void testOthersWithWeights(void) {
  Weights *weights = [Weights width:2 stride:1 weights:NUMBERS(1, 2) bias:0];
  MPSCNNFullyConnected *connected = [[[MPSCNNFullyConnected alloc] initWithDevice:device weights:weights] autorelease];
  MPSCNNFullyConnectedGradient *connectedBack = [[[MPSCNNFullyConnectedGradient alloc] initWithDevice:device
                                                                                              weights:weights] autorelease];
  MPSImage *source = image(1, 2, 1, NUMBERS(3, 4));
  CHECK_IMAGE(filtered(connected, source), 11);
  CHECK_IMAGE(gradient(connected, connectedBack, source, image(1, 1, 1, NUMBERS(5))), 5, 10);

  Weights *enlarging = [Weights width:2 stride:2 weights:NUMBERS(1, 2) bias:0];
  MPSCNNConvolutionTranspose *transpose = [[[MPSCNNConvolutionTranspose alloc] initWithDevice:device
                                                                                      weights:enlarging] autorelease];
  CHECK(transpose.isBackwards && transpose.dataSource == enlarging && transpose.kernelOffsetX == 0 && transpose.groups == 1);
  transpose.padding = [MPSNNDefaultPadding paddingWithMethod:MPSNNPaddingMethodSizeFull];
  MPSImage *two = image(1, 2, 1, NUMBERS(1, 3));
  CHECK_IMAGE(filtered(transpose, two), 2, 1, 6, 3);
  MPSCNNConvolutionTransposeGradient *back = [[[MPSCNNConvolutionTransposeGradient alloc] initWithDevice:device
                                                                                                 weights:enlarging] autorelease];
  CHECK_IMAGE(gradient(transpose, back, two, image(1, 4, 1, NUMBERS(1, 1, 1, 1))), 3, 3);

  // As large as the source of the convolution that it is the mirror image of.
  MPSCNNConvolution *halving =
      [[[MPSCNNConvolution alloc] initWithDevice:device weights:[Weights width:3 stride:2 weights:NUMBERS(0, 1, 0)
                                                                          bias:0]] autorelease];
  __block MPSImage *first = nil, *second = nil, *given = imageOf(1, 4, 1);
  __block MPSImageBatch *third = nil, *fourth = nil;
  run(^(id<MTLCommandBuffer> commandBuffer) {
    MPSState *state = nil;
    MPSImage *half = [halving encodeToCommandBuffer:commandBuffer
                                        sourceImage:counted(1, 4, 1)
                                   destinationState:&state
                        destinationStateIsTemporary:NO];
    CHECK(half.width == 2);
    MPSCNNConvolutionGradientState *mirrored = (MPSCNNConvolutionGradientState *)state;
    MPSCNNConvolutionTransposeGradientState *out = nil;
    MPSCNNConvolutionTransposeGradientStateBatch *outs = nil;
    first = [transpose encodeToCommandBuffer:commandBuffer sourceImage:two convolutionGradientState:mirrored];
    second = [transpose encodeToCommandBuffer:commandBuffer
                                  sourceImage:two
                     convolutionGradientState:mirrored
                             destinationState:&out
                  destinationStateIsTemporary:NO];
    CHECK(out.convolutionTranspose.kernelWidth == 2);
    third = [transpose encodeBatchToCommandBuffer:commandBuffer sourceImages:@[ two ] convolutionGradientStates:@[ mirrored ]];
    fourth = [transpose encodeBatchToCommandBuffer:commandBuffer
                                      sourceImages:@[ two ]
                         convolutionGradientStates:nil
                                 destinationStates:&outs
                       destinationStateIsTemporary:NO];
    CHECK([outs count] == 1);
    [transpose encodeToCommandBuffer:commandBuffer sourceImage:two convolutionGradientState:mirrored destinationImage:given];
    [transpose encodeBatchToCommandBuffer:commandBuffer
                             sourceImages:@[ two ]
                convolutionGradientStates:@[ mirrored ]
                        destinationImages:@[ given ]];
  });
  CHECK(first.width == 4 && second.width == 4 && [[third objectAtIndex:0] width] == 4 && [[fourth objectAtIndex:0] width] == 4);
  float mirrored[4];
  [first readBytes:mirrored dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:0];
  check_image(second, 4, mirrored, 0, __FILE__, __LINE__);
  check_image(given, 4, mirrored, 0, __FILE__, __LINE__);

  // The bits of a word: + 1 for channel 0, - 1 for channel 1.
  Weights *bits = [Weights width:1 stride:1 weights:NUMBERS(0) bias:0];
  bits->_descriptor.inputFeatureChannels = 2;
  *(uint32_t *)[bits->_weights mutableBytes] = 1;
  MPSCNNBinaryConvolution *binary =
      [[[MPSCNNBinaryConvolution alloc] initWithDevice:device
                                       convolutionData:bits
                                            scaleValue:2
                                                  type:MPSCNNBinaryConvolutionTypeBinaryWeights
                                                 flags:MPSCNNBinaryConvolutionFlagsNone] autorelease];
  CHECK(binary.inputFeatureChannels == 2 && binary.outputFeatureChannels == 1);
  CHECK_IMAGE(filtered(binary, image(1, 1, 2, NUMBERS(5, 3))), 4);
  const float bias = 7, scales[] = {1, 2};
  binary = [[[MPSCNNBinaryFullyConnected alloc] initWithDevice:device
                                               convolutionData:bits
                                               outputBiasTerms:&bias
                                              outputScaleTerms:NULL
                                                inputBiasTerms:NULL
                                               inputScaleTerms:scales
                                                          type:MPSCNNBinaryConvolutionTypeBinaryWeights
                                                         flags:MPSCNNBinaryConvolutionFlagsNone] autorelease];
  CHECK_IMAGE(filtered(binary, image(1, 1, 2, NUMBERS(5, 3))), 6);
  CHECK_IMAGE(filtered([[binary copyWithZone:NULL device:device] autorelease], image(1, 1, 2, NUMBERS(5, 3))), 6);
}

static void testBatchNormalization(void) {
  Normalization *numbers = [Normalization channels:1];
  MPSCNNBatchNormalization *kernel = [[[MPSCNNBatchNormalization alloc] initWithDevice:device dataSource:numbers] autorelease];
  MPSCNNBatchNormalizationStatistics *statistics =
      [[[MPSCNNBatchNormalizationStatistics alloc] initWithDevice:device] autorelease];
  MPSCNNBatchNormalizationStatisticsGradient *sums =
      [[[MPSCNNBatchNormalizationStatisticsGradient alloc] initWithDevice:device fusedNeuronDescriptor:nil] autorelease];
  MPSCNNBatchNormalizationGradient *back = [[[MPSCNNBatchNormalizationGradient alloc] initWithDevice:device
                                                                               fusedNeuronDescriptor:nil] autorelease];
  CHECK(kernel.numberOfFeatureChannels == 1 && kernel.dataSource == numbers && kernel.epsilon < 1e-30f);
  CHECK([statistics appendBatchBarrier] && statistics.isStateModified && [sums appendBatchBarrier]);

  // Without a state: the data source's statistics.
  MPSImage *source = image(1, 4, 1, NUMBERS(1, 1, 3, 3)), *result = imageOf(1, 4, 1), *returned = imageOf(1, 4, 1);
  CHECK_IMAGE_NEAR(filtered(kernel, source), kTolerance, 1, 1, 3, 3);
  MPSCNNBatchNormalization *copy = [[kernel copy] autorelease];
  CHECK_IMAGE_NEAR(filtered(copy, source), kTolerance, 1, 1, 3, 3);

  MPSCNNBatchNormalizationState *state = [kernel resultStateForSourceImage:source sourceStates:nil destinationImage:result];
  CHECK(state.batchNormalization == kernel);
  __block MPSImage *made = nil;
  back.destinationImageAllocator = [MPSImage defaultAllocator];
  MPSImage *incoming = image(1, 4, 1, NUMBERS(1, 0, 0, 0));
  run(^(id<MTLCommandBuffer> commandBuffer) {
    [statistics encodeBatchToCommandBuffer:commandBuffer sourceImages:@[ source ] batchNormalizationState:state];
    [kernel encodeToCommandBuffer:commandBuffer sourceImage:source batchNormalizationState:state destinationImage:result];
    [kernel encodeBatchToCommandBuffer:commandBuffer
                          sourceImages:@[ source ]
               batchNormalizationState:state
                     destinationImages:@[ result ]];
    [sums encodeBatchToCommandBuffer:commandBuffer
                     sourceGradients:@[ incoming ]
                        sourceImages:@[ source ]
             batchNormalizationState:state];
    [back encodeToCommandBuffer:commandBuffer
                 sourceGradient:incoming
                    sourceImage:source
        batchNormalizationState:state
            destinationGradient:returned];
    made = [[back encodeBatchToCommandBuffer:commandBuffer
                             sourceGradients:@[ incoming ]
                                sourceImages:@[ source ]
                     batchNormalizationState:state] objectAtIndex:0];
  });
  CHECK_BUFFER([state mean], kTolerance, 2);
  CHECK_BUFFER([state variance], kTolerance, 1);
  CHECK_IMAGE_NEAR(result, kTolerance, -1, -1, 3, 3);
  CHECK_BUFFER([state gradientForGamma], kTolerance, -1);
  CHECK_BUFFER([state gradientForBeta], kTolerance, 1);
  CHECK_IMAGE_NEAR(returned, kTolerance, 1, -1, 0, 0);
  CHECK_IMAGE_NEAR(made, kTolerance, 1, -1, 0, 0);

  MPSCNNNormalizationGammaAndBetaState *other =
      [[[MPSCNNNormalizationGammaAndBetaState alloc] initWithGamma:buffer(1, NUMBERS(4)) beta:buffer(1, NUMBERS(0))] autorelease];
  MPSCNNNormalizationMeanAndVarianceState *shifted =
      [[[MPSCNNNormalizationMeanAndVarianceState alloc] initWithMean:buffer(1, NUMBERS(3))
                                                            variance:buffer(1, NUMBERS(4))] autorelease];
  run(^(id<MTLCommandBuffer> commandBuffer) {
    [kernel reloadGammaAndBetaWithCommandBuffer:commandBuffer gammaAndBetaState:other];
    [kernel reloadMeanAndVarianceWithCommandBuffer:commandBuffer meanAndVarianceState:shifted];
  });
  CHECK_IMAGE_NEAR(filtered(kernel, source), kTolerance, -4, -4, 0, 0);
  [kernel reloadGammaAndBetaFromDataSource];
  [kernel reloadMeanAndVarianceFromDataSource];
  kernel.epsilon = 12;
  CHECK_IMAGE_NEAR(filtered(kernel, source), kTolerance, 1, 1, 2, 2);
  CHECK_RAISES(NSInvalidArgumentException, @"epsilon", [kernel setEpsilon:-1]);
  CHECK_RAISES(NSInvalidArgumentException, @"batchNormalizationState is nil",
               [kernel encodeToCommandBuffer:[queue commandBuffer]
                                 sourceImage:source
                     batchNormalizationState:nothing
                            destinationImage:result]);
}

static void testOtherNormalizations(void) {
  MPSCNNInstanceNormalization *instance =
      [[[MPSCNNInstanceNormalization alloc] initWithDevice:device dataSource:[Normalization channels:1]] autorelease];
  MPSCNNInstanceNormalizationGradient *back = [[[MPSCNNInstanceNormalizationGradient alloc] initWithDevice:device] autorelease];
  MPSImage *source = image(1, 4, 1, NUMBERS(1, 1, 3, 3)), *result = imageOf(1, 4, 1), *returned = imageOf(1, 4, 1);
  MPSCNNInstanceNormalizationGradientState *state = [instance resultStateForSourceImage:source
                                                                           sourceStates:nil
                                                                       destinationImage:result];
  CHECK(state.instanceNormalization == instance);
  run(^(id<MTLCommandBuffer> commandBuffer) {
    [instance encodeToCommandBuffer:commandBuffer sourceImage:source destinationState:state destinationImage:result];
    [back encodeToCommandBuffer:commandBuffer
                 sourceGradient:image(1, 4, 1, NUMBERS(1, 0, 0, 0))
                    sourceImage:source
                  gradientState:state
            destinationGradient:returned];
  });
  CHECK_IMAGE_NEAR(result, kTolerance, -1, -1, 3, 3);
  CHECK_IMAGE_NEAR(returned, kTolerance, 1, -1, 0, 0);
  CHECK_BUFFER(state.gradientForGamma, kTolerance, -1);
  CHECK_BUFFER(state.gradientForBeta, kTolerance, 1);
  CHECK_RAISES(NSGenericException, @"data source", [(id)instance reloadDataSource:[Normalization channels:1]]);

  MPSCNNGroupNormalization *group = [[[MPSCNNGroupNormalization alloc] initWithDevice:device
                                                                           dataSource:[Normalization channels:2]] autorelease];
  group = [[group copy] autorelease];
  CHECK_IMAGE_NEAR(filtered(group, image(1, 2, 2, NUMBERS(1, 1, 3, 3))), kTolerance, -1, -1, 3, 3);
  CHECK_IMAGE_NEAR(gradient(group, [[[MPSCNNGroupNormalizationGradient alloc] initWithDevice:device] autorelease],
                            image(1, 2, 2, NUMBERS(1, 1, 3, 3)), image(1, 2, 2, NUMBERS(1, 0, 0, 0))),
                   kTolerance, 1, -1, 0, 0);
}

int main(void) {
  @autoreleasepool {
    device = [MTLCreateSystemDefaultDevice() autorelease];
    queue = [[device newCommandQueue] autorelease];
    testConvolution();
    testOthersWithWeights();
    testBatchNormalization();
    testOtherNormalizations();
  }
  return CHECK_RESULT;
}
