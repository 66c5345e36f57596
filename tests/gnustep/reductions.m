// Reductions, Gram matrices and initial gradients.
#import "networks.h"

// Reductions --------------------------------------------------------------------------------------------------------

static void test_reductions(void) {
  NSDictionary *example = example_of(@"resampling", @"reduce_all");
  NSDictionary *batches = @{@"source" : batch_of(input_of(example, @"source"))};
  CHECK([[example objectForKey:@"expected"] count] == 14);
  for (NSString *name in [example objectForKey:@"expected"]) {
    Class node_class = NSClassFromString([NSString stringWithFormat:@"MPSNNReduction%@Node", name]);
    MPSNNUnaryReductionNode *node = [node_class nodeWithSource:input(@"source")];
    CHECK([node isKindOfClass:node_class]);
    CHECK_BATCH(run_batch([node resultImage], batches, nil), expected_of(example, name));
  }
  check_example(example_of(@"resampling", @"reduce_spatial_mean"), ^(MPSNNImageNode *source) {
    return (MPSNNFilterNode *)[MPSNNReductionSpatialMeanNode nodeWithSource:source];
  });
  check_example(example_of(@"resampling", @"reduce_channel_sum_weighted"), ^(MPSNNImageNode *source) {
    MPSNNReductionFeatureChannelsSumNode *sum = [MPSNNReductionFeatureChannelsSumNode nodeWithSource:source];
    CHECK([sum weight] == 1);
    [sum setWeight:0.5f];
    return (MPSNNFilterNode *)sum;
  });

  MPSNNReductionRowSumNode *sum = [MPSNNReductionRowSumNode nodeWithSource:input(@"source")];
  const MTLRegion all = [sum clipRectSource];
  CHECK(memcmp(&all, &MPSRectNoClip, sizeof all) == 0);
  [sum setClipRectSource:MTLRegionMake2D(1, 0, 2, 2)];
  CHECK([sum clipRectSource].origin.x == 1 && [sum clipRectSource].size.height == 2);
  NSDictionary *images = @{@"source" : IMAGE(3, 2, 1, 1, 2, 3, 4, 5, 6)};
  CHECK_IMAGE(run([sum resultImage], images), 5, 11);
  [sum setClipRectSource:MTLRegionMake2D(3, 0, 2, 2)];
  CHECK_RAISES(NSInvalidArgumentException, @"clip_rect_source", run([sum resultImage], images));
  CHECK_RAISES(NSInvalidArgumentException, @"method of the subclasses",
               [MPSNNUnaryReductionNode nodeWithSource:input(@"source")]);
  CHECK_RAISES(NSInvalidArgumentException, @"no gradient", [sum gradientFilterWithSource:input(@"gradient")]);
}

// Gram matrices -----------------------------------------------------------------------------------------------------

/// Gives the factor, and looks at what it is asked about.
@interface Factor : Stored <MPSNNGramMatrixCallback> {
 @public
  float _alpha;
  NSUInteger _calls, _channels, _width;
}
@end

@implementation Factor
- (float)alphaForSourceImage:(MPSImage *)sourceImage destinationImage:(MPSImage *)destinationImage {
  ++_calls;
  _channels = [sourceImage featureChannels];
  _width = [destinationImage width];
  if (_alpha < 0) [NSException raise:@"FactorException" format:@"no factor"];
  return _alpha;
}
- (id)copyWithZone:(NSZone *)zone {
  (void)zone;
  return [self retain];
}
@end

static void test_gram_matrix(void) {
  // Two pixels of two channels: (1, 2) and (3, -1).
  NSMutableDictionary *images = [NSMutableDictionary dictionary];
  [images setObject:IMAGE(2, 1, 2, 1, 2, 3, -1) forKey:@"source"];
  MPSNNGramMatrixCalculationNode *node = [MPSNNGramMatrixCalculationNode nodeWithSource:input(@"source") alpha:0.5f];
  CHECK([node alpha] == 0.5f && [node propertyCallBack] == nil);
  CHECK_IMAGE(run([node resultImage], images), 5, -0.5f, -0.5f, 2.5f);

  // d[k] = alpha * sum over j of (g[k][j] + g[j][k]) * x[j]
  [images setObject:IMAGE(2, 1, 2, 1, 0, 2, 3) forKey:@"gradient"];
  MPSNNGramMatrixCalculationGradientNode *gradient =
      (MPSNNGramMatrixCalculationGradientNode *)[node gradientFilterWithSource:input(@"gradient")];
  CHECK([gradient isKindOfClass:[MPSNNGramMatrixCalculationGradientNode class]] && [gradient alpha] == 0.5f);
  CHECK_IMAGE(run([gradient resultImage], images), 3, 7, 2, 0);
  MPSNNImageNode *source = input(@"source");
  MPSNNGradientStateNode *state = (MPSNNGradientStateNode *)[[MPSNNGramMatrixCalculationNode nodeWithSource:source] resultState];
  gradient = [MPSNNGramMatrixCalculationGradientNode nodeWithSourceGradient:input(@"gradient")
                                                                sourceImage:source
                                                              gradientState:state];
  CHECK([gradient alpha] == 1);
  CHECK_IMAGE(run([gradient resultImage], images), 6, 14, 4, 0);
  gradient = [MPSNNGramMatrixCalculationGradientNode nodeWithSourceGradient:input(@"gradient")
                                                                sourceImage:source
                                                              gradientState:state
                                                                      alpha:2];
  CHECK_IMAGE(run([gradient resultImage], images), 12, 28, 8, 0);

  Factor *factor = [[[Factor alloc] init] autorelease];
  factor->_alpha = 2;
  [node setPropertyCallBack:factor];
  CHECK([node propertyCallBack] == factor);
  CHECK_IMAGE(run([node resultImage], images), 20, -2, -2, 10);
  CHECK(factor->_calls == 1 && factor->_channels == 2 && factor->_width == 2);
  gradient = (MPSNNGramMatrixCalculationGradientNode *)[node gradientFilterWithSource:input(@"gradient")];
  CHECK_IMAGE(run([gradient resultImage], images), 12, 28, 8, 0);
  MPSNNGraph *graph = [MPSNNGraph graphWithDevice:device resultImage:[node resultImage] resultImageIsNeeded:YES];
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  [[[graph copy] autorelease] encodeToCommandBuffer:commandBuffer sourceImages:@[ [images objectForKey:@"source"] ]];
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  CHECK(factor->_calls == 3);  // a copy of a graph asks it, too
  factor->_alpha = -1;
  CHECK_RAISES(@"FactorException", @"no factor", run([node resultImage], images));
  [node setPropertyCallBack:nil];
  CHECK([node propertyCallBack] == nil);
  CHECK_RAISES(NSInvalidArgumentException, @"sourceNode is nil", [MPSNNGramMatrixCalculationNode nodeWithSource:nothing alpha:1]);
}

static void test_initial_gradient(void) {
  MPSNNInitialGradientNode *node = [MPSNNInitialGradientNode nodeWithSource:input(@"source")];
  CHECK_IMAGE(run([node resultImage], @{@"source" : IMAGE(2, 1, 2, 5, 6, 7, 8)}), 1, 1, 1, 1);
  CHECK_RAISES(NSInvalidArgumentException, @"source is nil", [MPSNNInitialGradientNode nodeWithSource:nothing]);
}

int main(void) {
  static const Test kTests[] = {test_reductions, test_gram_matrix, test_initial_gradient};
  return run_tests(kTests, sizeof kTests / sizeof *kTests);
}
