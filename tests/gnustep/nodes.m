// Filters without parameters: arithmetic, what moves pixels, reductions, Gram matrices; binary convolutions.
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
@interface Cropping : Counted <MPSImageTransformProvider> {
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
+ (BOOL)supportsSecureCoding {
  return YES;
}
- (void)encodeWithCoder:(NSCoder *)coder {
  (void)coder;
}
- (instancetype)initWithCoder:(NSCoder *)coder {
  (void)coder;
  return [super init];
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
@interface Factor : Counted <MPSNNGramMatrixCallback> {
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
+ (BOOL)supportsSecureCoding {
  return YES;
}
- (void)encodeWithCoder:(NSCoder *)coder {
  (void)coder;
}
- (instancetype)initWithCoder:(NSCoder *)coder {
  (void)coder;
  return [super init];
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

// Binary convolutions -----------------------------------------------------------------------------------------------

@interface Bits : Counted <MPSCNNConvolutionDataSource> {
  MPSCNNConvolutionDescriptor *_descriptor;
  NSMutableData *_words;
}
@end

@implementation Bits
- (instancetype)initWithExample:(NSDictionary *)example {
  self = [super init];
  if (!self) return nil;
  NSDictionary *params = [example objectForKey:@"params"];
  const NSUInteger inputs = [[params objectForKey:@"inputFeatureChannels"] unsignedIntegerValue];
  const NSUInteger outputs = [[params objectForKey:@"outputFeatureChannels"] unsignedIntegerValue];
  _descriptor = [[MPSCNNConvolutionDescriptor
      cnnConvolutionDescriptorWithKernelWidth:[[params objectForKey:@"kernelWidth"] unsignedIntegerValue]
                                 kernelHeight:[[params objectForKey:@"kernelHeight"] unsignedIntegerValue]
                         inputFeatureChannels:inputs
                        outputFeatureChannels:outputs] retain];
  _words = [[NSMutableData alloc] init];
  for (NSNumber *number in [input_of(example, @"weights") objectForKey:@"data"]) {
    const uint32_t word = [number unsignedIntValue];
    [_words appendBytes:&word length:sizeof word];
  }
  return self;
}
- (void)dealloc {
  [_descriptor release];
  [_words release];
  [super dealloc];
}
- (id)copyWithZone:(NSZone *)zone {
  (void)zone;
  return [self retain];
}
- (MPSDataType)dataType {
  return MPSDataTypeUInt32;
}
- (MPSCNNConvolutionDescriptor *)descriptor {
  return _descriptor;
}
- (void *)weights {
  return [_words mutableBytes];
}
- (float *)biasTerms {
  return NULL;
}
- (BOOL)load {
  return YES;
}
- (void)purge {
}
- (NSString *)label {
  return @"bits";
}
@end

static void test_binary_convolution(void) {
  NSDictionary *example = example_of(@"convolution", @"binary_xnor_beta");
  Bits *bits = [[[Bits alloc] initWithExample:example] autorelease];
  float output_scale[] = {0.5f, 2}, output_bias[] = {1, -0.25f}, input_bias[] = {0.5f, 0, -0.5f}, input_scale[] = {1, 2, -1};
  MPSCNNBinaryConvolutionNode *node = [MPSCNNBinaryConvolutionNode nodeWithSource:input(@"source")
                                                                          weights:bits
                                                                  outputBiasTerms:output_bias
                                                                 outputScaleTerms:output_scale
                                                                   inputBiasTerms:input_bias
                                                                  inputScaleTerms:input_scale
                                                                             type:MPSCNNBinaryConvolutionTypeXNOR
                                                                            flags:MPSCNNBinaryConvolutionFlagsUseBetaScaling];
  output_scale[0] = input_scale[0] = 7;  // they are copied
  [node setPaddingPolicy:[MPSNNDefaultPadding paddingWithMethod:MPSNNPaddingMethodSizeValidOnly]];
  NSDictionary *batches = @{@"source" : batch_of(input_of(example, @"source"))};
  CHECK_BATCH(run_batch([node resultImage], batches, nil), expected_of(example, @"destination"));

  check_example(example_of(@"convolution", @"binary_fully_connected_xnor_40"), ^(MPSNNImageNode *source) {
    NSDictionary *connected = example_of(@"convolution", @"binary_fully_connected_xnor_40");
    return (MPSNNFilterNode *)[MPSCNNBinaryFullyConnectedNode
        nodeWithSource:source
               weights:[[[Bits alloc] initWithExample:connected] autorelease]
            scaleValue:1
                  type:MPSCNNBinaryConvolutionTypeXNOR
                 flags:MPSCNNBinaryConvolutionFlagsNone];
  });

  CHECK_RAISES(NSInvalidArgumentException, @"type must be 0 to 2",
               [MPSCNNBinaryConvolutionNode nodeWithSource:input(@"source")
                                                   weights:bits
                                                scaleValue:1
                                                      type:(MPSCNNBinaryConvolutionType)3
                                                     flags:MPSCNNBinaryConvolutionFlagsNone]);
  CHECK_RAISES(NSInvalidArgumentException, @"initializer is that of MPSCNNConvolutionNode",
               [MPSCNNBinaryConvolutionNode nodeWithSource:input(@"source") weights:bits]);
  CHECK_RAISES(NSInvalidArgumentException, @"no gradient", [node gradientFilterWithSource:input(@"gradient")]);
}

int main(void) {
  static const Test kTests[] = {
      test_arithmetic,        test_comparison, test_concatenation, test_pad,         test_reshape,
      test_upsampling,        test_scale,      test_reductions,    test_gram_matrix, test_initial_gradient,
      test_binary_convolution};
  return run_tests(kTests, sizeof kTests / sizeof *kTests);
}
