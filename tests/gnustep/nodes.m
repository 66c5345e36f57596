// Filters without parameters: arithmetic, what moves pixels.
#import "networks.h"

// Arithmetic --------------------------------------------------------------------------------------------------------

static void set_constants(MPSNNBinaryArithmeticNode *node, NSDictionary *params) {
  [node setPrimaryScale:[[params objectForKey:@"primaryScale"] floatValue]];
  [node setSecondaryScale:[[params objectForKey:@"secondaryScale"] floatValue]];
  [node setBias:[[params objectForKey:@"bias"] floatValue]];
  NSDictionary *stride = [params objectForKey:@"secondaryStride"];
  [node setSecondaryStrideInPixelsX:[[stride objectForKey:@"x"] unsignedIntegerValue]];
  [node setSecondaryStrideInPixelsY:[[stride objectForKey:@"y"] unsignedIntegerValue]];
  [node setSecondaryStrideInFeatureChannels:[[stride objectForKey:@"channel"] unsignedIntegerValue]];
  id minimum = [params objectForKey:@"minimumValue"], maximum = [params objectForKey:@"maximumValue"];
  if ([minimum isKindOfClass:[NSNumber class]]) [node setMinimumValue:[minimum floatValue]];
  if ([maximum isKindOfClass:[NSNumber class]]) [node setMaximumValue:[maximum floatValue]];
}

static void check_arithmetic(NSString *name, Class node_class, Class gradient_class) {
  NSDictionary *example = example_of(@"resampling", name);
  NSMutableDictionary *batches = [NSMutableDictionary dictionary];
  [batches setObject:batch_of(input_of(example, @"primary")) forKey:@"primary"];
  [batches setObject:batch_of(input_of(example, @"secondary")) forKey:@"secondary"];
  MPSNNBinaryArithmeticNode *node = [node_class nodeWithLeftSource:input(@"primary") rightSource:input(@"secondary")];
  CHECK([node gradientClass] == gradient_class);
  set_constants(node, [example objectForKey:@"params"]);
  CHECK_BATCH(run_batch([node resultImage], batches, nil), expected_of(example, @"destination"));
  if (!gradient_class) return;
  CHECK([[node resultState] isKindOfClass:[MPSNNArithmeticGradientStateNode class]]);
  [batches setObject:batch_of(input_of(example, @"source_gradient")) forKey:@"gradient"];
  NSArray *gradients = [node gradientFiltersWithSources:@[ input(@"gradient") ]];
  CHECK([gradients count] == 2);
  for (NSUInteger i = 0; i < 2; ++i) {
    MPSNNArithmeticGradientNode *gradient = [gradients objectAtIndex:i];
    CHECK([gradient isKindOfClass:gradient_class]);
    CHECK([gradient isSecondarySourceFilter] == (i == 1));
    CHECK_BATCH(run_batch([gradient resultImage], batches, nil),
                expected_of(example, i == 0 ? @"primary_gradient" : @"secondary_gradient"));
  }
}

static void test_arithmetic(void) {
  check_arithmetic(@"add_scales_bias_clamp", [MPSNNAdditionNode class], [MPSNNAdditionGradientNode class]);
  check_arithmetic(@"subtract_broadcast_channel_vector", [MPSNNSubtractionNode class], [MPSNNSubtractionGradientNode class]);
  check_arithmetic(@"multiply_broadcast_plane", [MPSNNMultiplicationNode class], [MPSNNMultiplicationGradientNode class]);
  check_arithmetic(@"divide", [MPSNNDivisionNode class], Nil);

  MPSNNImageNode *left = input(@"left"), *right = input(@"right");
  MPSNNMultiplicationNode *product = [MPSNNMultiplicationNode nodeWithSources:@[ left, right ]];
  CHECK([product primaryScale] == 1 && [product secondaryScale] == 1 && [product bias] == 0);
  CHECK([product primaryStrideInPixelsX] == 1 && [product primaryStrideInPixelsY] == 1);
  CHECK([product primaryStrideInFeatureChannels] == 1 && [product secondaryStrideInFeatureChannels] == 1);
  CHECK([product minimumValue] == -FLT_MAX && [product maximumValue] == FLT_MAX);
  [product setPrimaryStrideInPixelsX:0];
  [product setSecondaryScale:3];

  // The constants of the forward filter, or the defaults.
  NSArray *images = @[ input(@"gradient"), right ];
  MPSNNArithmeticGradientNode *gradient = [[[MPSNNMultiplicationGradientNode alloc] initWithGradientImages:images
                                                                                             forwardFilter:product
                                                                                   isSecondarySourceFilter:NO] autorelease];
  CHECK([gradient secondaryScale] == 3 && ![gradient isSecondarySourceFilter]);
  MPSNNBinaryGradientStateNode *state = (MPSNNBinaryGradientStateNode *)[product resultState];
  gradient = [MPSNNMultiplicationGradientNode nodeWithSourceGradient:input(@"gradient")
                                                         sourceImage:right
                                                       gradientState:state
                                             isSecondarySourceFilter:YES];
  CHECK([gradient secondaryScale] == 1 && [gradient isSecondarySourceFilter]);
  [gradient setBias:2];
  [gradient setSecondaryStrideInPixelsY:0];
  CHECK([gradient bias] == 2 && [gradient secondaryStrideInPixelsY] == 0 && [gradient secondaryStrideInPixelsX] == 1);
  CHECK([gradient minimumValue] == -FLT_MAX && [gradient maximumValue] == FLT_MAX);

  CHECK_RAISES(NSInvalidArgumentException, @"there are two gradients",
               [(MPSNNFilterNode *)product gradientFilterWithSources:@[ input(@"gradient") ]]);
  CHECK_RAISES(NSInvalidArgumentException, @"got 1 images", [MPSNNAdditionNode nodeWithSources:@[ left ]]);
  CHECK_RAISES(NSInvalidArgumentException, @"sourceNodes is nil", [MPSNNAdditionNode nodeWithSources:nothing]);
  CHECK_RAISES(NSInvalidArgumentException, @"rightSource", [MPSNNAdditionNode nodeWithLeftSource:left rightSource:nothing]);
  CHECK_RAISES(NSInvalidArgumentException, @"method of the subclasses",
               [MPSNNBinaryArithmeticNode nodeWithLeftSource:left rightSource:right]);
  CHECK_RAISES(NSInvalidArgumentException, @"method of the subclasses",
               [MPSNNArithmeticGradientNode nodeWithSourceGradient:left
                                                       sourceImage:right
                                                     gradientState:state
                                           isSecondarySourceFilter:NO]);
  CHECK_RAISES(NSInvalidArgumentException, @"another operation",
               [MPSNNAdditionGradientNode nodeWithSourceGradient:left
                                                     sourceImage:right
                                                   gradientState:state
                                         isSecondarySourceFilter:NO]);
  CHECK_RAISES(NSInvalidArgumentException, @"gradient_images",
               [[[MPSNNAdditionGradientNode alloc] initWithGradientImages:@[ left ]
                                                            forwardFilter:product
                                                  isSecondarySourceFilter:NO] autorelease]);
  CHECK_RAISES(NSInvalidArgumentException, @"no gradient",
               [[MPSNNDivisionNode nodeWithLeftSource:left rightSource:right] gradientFiltersWithSources:@[ left ]]);
}

static void test_comparison(void) {
  MPSNNComparisonNode *comparison = [MPSNNComparisonNode nodeWithLeftSource:input(@"left") rightSource:input(@"right")];
  CHECK([comparison comparisonType] == MPSNNComparisonTypeEqual && [comparison gradientClass] == Nil);
  NSDictionary *images = @{@"left" : IMAGE(3, 1, 1, 1, 2, 3), @"right" : IMAGE(3, 1, 1, 2, 2, 2)};
  CHECK_IMAGE(run([comparison resultImage], images), 0, 1, 0);
  [comparison setComparisonType:MPSNNComparisonTypeGreaterOrEqual];
  CHECK_IMAGE(run([comparison resultImage], images), 0, 1, 1);
  [comparison setComparisonType:(MPSNNComparisonType)6];
  CHECK([MPSNNGraph graphWithDevice:device resultImage:[comparison resultImage] resultImageIsNeeded:YES] == nil);
}

// What moves pixels and channels ------------------------------------------------------------------------------------

static void test_concatenation(void) {
  NSDictionary *example = example_of(@"resampling", @"concatenation_3_4_2");
  NSMutableDictionary *batches = [NSMutableDictionary dictionary];
  NSMutableArray *sources = [NSMutableArray array];
  for (int i = 0; i < 3; ++i) {
    NSString *name = [NSString stringWithFormat:@"source%d", i];
    [sources addObject:input(name)];
    [batches setObject:batch_of(input_of(example, name)) forKey:name];
  }
  MPSNNConcatenationNode *node = [MPSNNConcatenationNode nodeWithSources:sources];
  CHECK_BATCH(run_batch([node resultImage], batches, nil), expected_of(example, @"destination"));

  [batches setObject:batch_of(input_of(example, @"source_gradient")) forKey:@"gradient"];
  NSArray *gradients = [node gradientFiltersWithSource:input(@"gradient")];
  CHECK([gradients count] == 3);
  for (NSUInteger i = 0; i < 3; ++i) {
    CHECK_BATCH(run_batch([[gradients objectAtIndex:i] resultImage], batches, nil),
                expected_of(example, [NSString stringWithFormat:@"destination_gradient%lu", (unsigned long)i]));
  }
  MPSNNGradientStateNode *state = (MPSNNGradientStateNode *)[node resultState];
  MPSNNConcatenationGradientNode *second = [MPSNNConcatenationGradientNode nodeWithSourceGradient:input(@"gradient")
                                                                                      sourceImage:[sources objectAtIndex:1]
                                                                                    gradientState:state];
  CHECK_BATCH(run_batch([second resultImage], batches, nil), expected_of(example, @"destination_gradient1"));

  CHECK_RAISES(NSInvalidArgumentException, @"sourceNodes must be of class MPSNNImageNode",
               [MPSNNConcatenationNode nodeWithSources:(NSArray *)@[ @"source" ]]);
  CHECK_RAISES(NSInvalidArgumentException, @"is not among the sources",
               [MPSNNConcatenationGradientNode nodeWithSourceGradient:input(@"gradient")
                                                          sourceImage:input(@"other")
                                                        gradientState:state]);
}

static void test_pad(void) {
  check_example(example_of(@"resampling", @"pad_clamp_row"), ^(MPSNNImageNode *source) {
    return (MPSNNFilterNode *)[MPSNNPadNode nodeWithSource:source
                                         paddingSizeBefore:(MPSImageCoordinate){2, 0, 0}
                                          paddingSizeAfter:(MPSImageCoordinate){3, 0, 0}
                                                  edgeMode:MPSImageEdgeModeClamp];
  });
  check_example(example_of(@"resampling", @"pad_constant_2d"), ^(MPSNNImageNode *source) {
    MPSNNPadNode *pad = [MPSNNPadNode nodeWithSource:source
                                   paddingSizeBefore:(MPSImageCoordinate){1, 0, 0}
                                    paddingSizeAfter:(MPSImageCoordinate){0, 1, 0}
                                            edgeMode:MPSImageEdgeModeConstant];
    CHECK([pad fillValue] == 0);
    [pad setFillValue:-1.5f];
    return (MPSNNFilterNode *)pad;
  });
  CHECK_RAISES(NSInvalidArgumentException, @"edge_mode 17",
               [MPSNNPadNode nodeWithSource:input(@"source")
                          paddingSizeBefore:(MPSImageCoordinate){1, 0, 0}
                           paddingSizeAfter:(MPSImageCoordinate){0, 1, 0}
                                   edgeMode:(MPSImageEdgeMode)17]);
}

static void test_reshape(void) {
  MPSNNReshapeNode *reshape = [MPSNNReshapeNode nodeWithSource:input(@"source")
                                                   resultWidth:2
                                                  resultHeight:1
                                         resultFeatureChannels:6];
  NSDictionary *example = example_of(@"resampling", @"reshape_3x2x2_to_2x1x6");
  NSArray *source = batch_of(input_of(example, @"source"));
  NSArray *result = run_batch([reshape resultImage], @{@"source" : source}, nil);
  CHECK_BATCH(result, expected_of(example, @"destination"));
  CHECK([[result objectAtIndex:0] width] == 2 && [[result objectAtIndex:0] featureChannels] == 6);

  // The gradient goes the way back.
  MPSNNGradientFilterNode *gradient = [reshape gradientFilterWithSource:input(@"gradient")];
  CHECK([gradient isKindOfClass:[MPSNNReshapeGradientNode class]]);
  NSDictionary *batches = @{@"source" : source, @"gradient" : result};
  CHECK_BATCH(run_batch([gradient resultImage], batches, nil), input_of(example, @"source"));
  CHECK_RAISES(NSInvalidArgumentException, @"result_width must be positive",
               [MPSNNReshapeNode nodeWithSource:input(@"source") resultWidth:0 resultHeight:1 resultFeatureChannels:6]);
  CHECK_RAISES(NSInvalidArgumentException, @"gradientState is nil",
               [MPSNNReshapeGradientNode nodeWithSourceGradient:input(@"gradient")
                                                    sourceImage:input(@"source")
                                                  gradientState:nothing]);
}

static void test_upsampling(void) {
  check_example(example_of(@"resampling", @"upsampling_nearest_2x3"), ^(MPSNNImageNode *source) {
    MPSCNNUpsamplingNearestNode *node = [MPSCNNUpsamplingNearestNode nodeWithSource:source
                                                                integerScaleFactorX:2
                                                                integerScaleFactorY:3];
    CHECK([node scaleFactorX] == 2 && [node scaleFactorY] == 3);
    return (MPSNNFilterNode *)node;
  });
  check_example(example_of(@"resampling", @"upsampling_bilinear_2x2_half_pixel_zero"), ^(MPSNNImageNode *source) {
    MPSCNNUpsamplingBilinearNode *node = [MPSCNNUpsamplingBilinearNode nodeWithSource:source
                                                                  integerScaleFactorX:2
                                                                  integerScaleFactorY:2];
    CHECK(![node alignCorners]);
    return (MPSNNFilterNode *)node;
  });
  check_example(example_of(@"resampling", @"upsampling_bilinear_2x2_align_corners"), ^(MPSNNImageNode *source) {
    MPSCNNUpsamplingBilinearNode *node = [MPSCNNUpsamplingBilinearNode nodeWithSource:source
                                                                  integerScaleFactorX:2
                                                                  integerScaleFactorY:2
                                                                         alignCorners:YES];
    CHECK([node alignCorners] && [node scaleFactorX] == 2 && [node scaleFactorY] == 2);
    return (MPSNNFilterNode *)node;
  });
  MPSNNImageNode *source = input(@"source");
  MPSCNNUpsamplingNearestNode *node = [MPSCNNUpsamplingNearestNode nodeWithSource:source
                                                              integerScaleFactorX:2
                                                              integerScaleFactorY:3];
  MPSCNNUpsamplingNearestGradientNode *gradient =
      [MPSCNNUpsamplingNearestGradientNode nodeWithSourceGradient:input(@"gradient")
                                                      sourceImage:source
                                                    gradientState:(MPSNNGradientStateNode *)[node resultState]
                                                     scaleFactorX:2
                                                     scaleFactorY:3];
  CHECK([gradient scaleFactorX] == 2 && [gradient scaleFactorY] == 3);
  CHECK_RAISES(NSInvalidArgumentException, @"scale_factor_y",
               [MPSCNNUpsamplingBilinearNode nodeWithSource:source integerScaleFactorX:2 integerScaleFactorY:0]);
}

/// Shows what a scale filter's provider is asked, and answers with the transform of an example.
@interface Cropping : Stored <MPSImageTransformProvider> {
 @public
  MPSScaleTransform _transform;
  NSUInteger _calls, _width;
  id _handle;
  BOOL _raises;
}
@end

@implementation Cropping
- (MPSScaleTransform)transformForSourceImage:(MPSImage *)image handle:(id<MPSHandle>)handle {
  ++_calls;
  _width = [image width];
  _handle = handle;
  if (_raises) [NSException raise:@"TransformException" format:@"nothing to show"];
  return _transform;
}
@end

static void test_scale(void) {
  check_example(example_of(@"resampling", @"bilinear_scale_4x4_to_2x2"), ^(MPSNNImageNode *source) {
    return (MPSNNFilterNode *)[MPSNNBilinearScaleNode nodeWithSource:source outputSize:MTLSizeMake(2, 2, 1)];
  });
  check_example(example_of(@"resampling", @"lanczos_scale_4x4_to_8x8"), ^(MPSNNImageNode *source) {
    return (MPSNNFilterNode *)[MPSNNLanczosScaleNode nodeWithSource:source outputSize:MTLSizeMake(8, 8, 1)];
  });
  NSDictionary *example = example_of(@"resampling", @"bilinear_scale_transform_crop");
  Cropping *provider = [[[Cropping alloc] init] autorelease];
  provider->_transform = (MPSScaleTransform){2, 2, -2, -2};
  MPSNNImageNode *source = input(@"source");
  MPSNNBilinearScaleNode *node = [MPSNNBilinearScaleNode nodeWithSource:source
                                                      transformProvider:provider
                                                             outputSize:MTLSizeMake(4, 4, 1)];
  NSDictionary *batches = @{@"source" : batch_of(input_of(example, @"source"))};
  CHECK_BATCH(run_batch([node resultImage], batches, nil), expected_of(example, @"destination"));
  CHECK(provider->_calls == 1 && provider->_width == 4 && provider->_handle == (id)[source handle]);
  provider->_transform.scaleX = 0;
  CHECK_RAISES(NSInvalidArgumentException, @"scale_x", run_batch([node resultImage], batches, nil));
  provider->_raises = YES;
  CHECK_RAISES(@"TransformException", @"nothing to show", run_batch([node resultImage], batches, nil));
  CHECK_RAISES(NSInvalidArgumentException, @"output_size",
               [MPSNNLanczosScaleNode nodeWithSource:source outputSize:MTLSizeMake(0, 8, 1)]);
  CHECK_RAISES(NSInvalidArgumentException, @"method of the subclasses",
               [MPSNNScaleNode nodeWithSource:source outputSize:MTLSizeMake(8, 8, 1)]);
}

int main(void) {
  static const Test kTests[] = {test_arithmetic, test_comparison, test_concatenation, test_pad,
                                test_reshape,    test_upsampling, test_scale};
  return run_tests(kTests, sizeof kTests / sizeof *kTests);
}
