// Normalizations: over a batch, an image, a group of channels, and by neighbours.
#import "networks.h"

/// A client's parameters for all three kinds, from an example. Keeps the gradients of each update.
@interface Parameters
    : Counted <MPSCNNBatchNormalizationDataSource, MPSCNNInstanceNormalizationDataSource, MPSCNNGroupNormalizationDataSource> {
 @public
  NSMutableData *_gamma, *_beta, *_mean, *_variance;
  NSUInteger _groups;
  float _epsilon;
  NSMutableArray *_gradients;
}
- (instancetype)initWithExample:(NSDictionary *)example;
@end

@implementation Parameters
- (instancetype)initWithExample:(NSDictionary *)example {
  self = [super init];
  if (!self) return nil;
  _gamma = [floats_of(input_of(example, @"gamma")) retain];
  _beta = [floats_of(input_of(example, @"beta")) retain];
  if (input_of(example, @"mean")) {
    _mean = [floats_of(input_of(example, @"mean")) retain];
    _variance = [floats_of(input_of(example, @"variance")) retain];
  }
  _groups = [[[example objectForKey:@"params"] objectForKey:@"numberOfGroups"] unsignedIntegerValue];
  _epsilon = [[[example objectForKey:@"params"] objectForKey:@"epsilon"] floatValue];
  _gradients = [[NSMutableArray alloc] init];
  return self;
}
- (void)dealloc {
  [_gamma release];
  [_beta release];
  [_mean release];
  [_variance release];
  [_gradients release];
  [super dealloc];
}
- (id)copyWithZone:(NSZone *)zone {
  (void)zone;
  return [self retain];
}
- (NSUInteger)numberOfFeatureChannels {
  return [_gamma length] / sizeof(float);
}
- (NSUInteger)numberOfGroups {
  return _groups;
}
- (void)setNumberOfGroups:(NSUInteger)numberOfGroups {
  _groups = numberOfGroups;
}
- (float *)gamma {
  return [_gamma mutableBytes];
}
- (float *)beta {
  return [_beta mutableBytes];
}
- (float *)mean {
  return [_mean mutableBytes];
}
- (float *)variance {
  return [_variance mutableBytes];
}
- (float)epsilon {
  return _epsilon;
}
- (BOOL)load {
  return YES;
}
- (void)purge {
}
- (NSString *)label {
  return @"parameters";
}

- (void)keepGamma:(id<MTLBuffer>)gamma beta:(id<MTLBuffer>)beta {
  [_gradients addObject:[NSData dataWithBytes:[gamma contents] length:[_gamma length]]];
  [_gradients addObject:[NSData dataWithBytes:[beta contents] length:[_beta length]]];
}
- (BOOL)updateGammaAndBetaWithBatchNormalizationState:(MPSCNNBatchNormalizationState *)state {
  [self keepGamma:[state gradientForGamma] beta:[state gradientForBeta]];
  return NO;
}
- (BOOL)updateGammaAndBetaWithInstanceNormalizationStateBatch:(MPSCNNInstanceNormalizationGradientStateBatch *)states {
  for (MPSCNNInstanceNormalizationGradientState *state in states) {
    [self keepGamma:[state gradientForGamma] beta:[state gradientForBeta]];
  }
  return NO;
}
- (BOOL)updateGammaAndBetaWithGroupNormalizationStateBatch:(MPSCNNGroupNormalizationGradientStateBatch *)states {
  for (MPSCNNGroupNormalizationGradientState *state in states) {
    [self keepGamma:[state gradientForGamma] beta:[state gradientForBeta]];
  }
  return NO;
}
@end

static void check_floats(NSData *data, id nested) {
  NSData *expected = floats_of(nested);
  CHECK([data length] == [expected length]);
  for (NSUInteger i = 0; i < [expected length] / sizeof(float); ++i) {
    CHECK_NEAR(((const float *)[data bytes])[i], ((const float *)[expected bytes])[i], 2e-5);
  }
}

/// Whether the source has seen the gradients of an example: one pair for each image where they are not the whole batch's.
static void check_gradients(Parameters *parameters, NSDictionary *example) {
  NSArray *gamma = expected_of(example, @"gradientForGamma"), *beta = expected_of(example, @"gradientForBeta");
  if (![[gamma objectAtIndex:0] isKindOfClass:[NSArray class]]) gamma = @[ gamma ], beta = @[ beta ];
  CHECK([parameters->_gradients count] == 2 * [gamma count]);
  if ([parameters->_gradients count] != 2 * [gamma count]) return;
  for (NSUInteger i = 0; i < [gamma count]; ++i) {
    check_floats([parameters->_gradients objectAtIndex:2 * i], [gamma objectAtIndex:i]);
    check_floats([parameters->_gradients objectAtIndex:2 * i + 1], [beta objectAtIndex:i]);
  }
}

static void test_batch_normalization(void) {
  NSDictionary *example = example_of(@"normalization", @"bn_training_batch2");
  Parameters *parameters = [[[Parameters alloc] initWithExample:example] autorelease];
  check_example(example, ^(MPSNNImageNode *source) {
    MPSCNNBatchNormalizationNode *node = [MPSCNNBatchNormalizationNode nodeWithSource:source dataSource:parameters];
    CHECK([node flags] == MPSCNNBatchNormalizationFlagsDefault && [node trainingStyle] == MPSNNTrainingStyleUpdateDeviceGPU);
    [node setFlags:MPSCNNBatchNormalizationFlagsCalculateStatisticsAlways];
    [node setTrainingStyle:MPSNNTrainingStyleUpdateDeviceCPU];
    MPSCNNBatchNormalizationGradientNode *gradient =
        (MPSCNNBatchNormalizationGradientNode *)[node gradientFilterWithSource:input(@"gradient")];
    CHECK([gradient trainingStyle] == MPSNNTrainingStyleUpdateDeviceCPU);
    return (MPSNNFilterNode *)node;
  });
  check_gradients(parameters, example);

  NSDictionary *inference = example_of(@"normalization", @"bn_inference");
  Parameters *trained = [[[Parameters alloc] initWithExample:inference] autorelease];
  check_example(inference, ^(MPSNNImageNode *source) {
    return (MPSNNFilterNode *)[MPSCNNBatchNormalizationNode nodeWithSource:source dataSource:trained];
  });

  MPSNNImageNode *source = input(@"source");
  MPSCNNBatchNormalizationNode *node = [MPSCNNBatchNormalizationNode nodeWithSource:source dataSource:parameters];
  MPSCNNBatchNormalizationGradientNode *gradient =
      [MPSCNNBatchNormalizationGradientNode nodeWithSourceGradient:input(@"gradient")
                                                       sourceImage:source
                                                     gradientState:(MPSNNGradientStateNode *)[node resultState]];
  [gradient setTrainingStyle:MPSNNTrainingStyleUpdateDeviceNone];
  CHECK([gradient trainingStyle] == MPSNNTrainingStyleUpdateDeviceNone);
  CHECK_RAISES(NSInvalidArgumentException, @"dataSource is nil",
               [MPSCNNBatchNormalizationNode nodeWithSource:source dataSource:nothing]);
  CHECK_RAISES(NSInvalidArgumentException, @"feature channels", run([node resultImage], @{@"source" : IMAGE(1, 1, 2, 1, 2)}));
}

static void test_instance_normalization(void) {
  NSDictionary *example = example_of(@"normalization", @"instance_norm_batch2");
  Parameters *parameters = [[[Parameters alloc] initWithExample:example] autorelease];
  check_example(example, ^(MPSNNImageNode *source) {
    MPSCNNInstanceNormalizationNode *node = [MPSCNNInstanceNormalizationNode nodeWithSource:source dataSource:parameters];
    CHECK([node trainingStyle] == MPSNNTrainingStyleUpdateDeviceGPU);
    [node setTrainingStyle:MPSNNTrainingStyleUpdateDeviceCPU];
    return (MPSNNFilterNode *)node;
  });
  check_gradients(parameters, example);
  CHECK_RAISES(NSInvalidArgumentException, @"gradientState is nil",
               [MPSCNNInstanceNormalizationGradientNode nodeWithSourceGradient:input(@"gradient")
                                                                   sourceImage:input(@"source")
                                                                 gradientState:nothing]);
}

static void test_group_normalization(void) {
  NSDictionary *example = example_of(@"normalization", @"group_norm_c4_g2");
  Parameters *parameters = [[[Parameters alloc] initWithExample:example] autorelease];
  check_example(example, ^(MPSNNImageNode *source) {
    MPSCNNGroupNormalizationNode *node = [MPSCNNGroupNormalizationNode nodeWithSource:source dataSource:parameters];
    [node setTrainingStyle:MPSNNTrainingStyleUpdateDeviceCPU];
    return (MPSNNFilterNode *)node;
  });
  check_gradients(parameters, example);
  [parameters setNumberOfGroups:3];
  MPSCNNGroupNormalizationNode *node = [MPSCNNGroupNormalizationNode nodeWithSource:input(@"source") dataSource:parameters];
  CHECK([MPSNNGraph graphWithDevice:device resultImage:[node resultImage] resultImageIsNeeded:YES] == nil);
}

// By neighbours -----------------------------------------------------------------------------------------------------

static float param_of(NSDictionary *example, NSString *name) {
  return [[[example objectForKey:@"params"] objectForKey:name] floatValue];
}
static void set_constants(MPSCNNNormalizationNode *node, NSDictionary *example) {
  [node setAlpha:param_of(example, @"alpha")];
  [node setBeta:param_of(example, @"beta")];
  [node setDelta:param_of(example, @"delta")];
}

static void test_cross_channel_normalization(void) {
  check_example(example_of(@"normalization", @"lrn_n5_defaults"), ^(MPSNNImageNode *source) {
    MPSCNNCrossChannelNormalizationNode *node = [MPSCNNCrossChannelNormalizationNode nodeWithSource:source];
    CHECK([node kernelSizeInFeatureChannels] == 5 && [node alpha] == 1 && [node beta] == 5 && [node delta] == 1);
    return (MPSNNFilterNode *)node;
  });
  NSDictionary *example = example_of(@"normalization", @"lrn_n4_even");
  check_example(example, ^(MPSNNImageNode *source) {
    MPSCNNCrossChannelNormalizationNode *node = [MPSCNNCrossChannelNormalizationNode nodeWithSource:source kernelSize:4];
    set_constants(node, example);
    MPSCNNCrossChannelNormalizationGradientNode *gradient =
        (MPSCNNCrossChannelNormalizationGradientNode *)[node gradientFilterWithSource:input(@"gradient")];
    CHECK([gradient kernelSize] == 4);
    return (MPSNNFilterNode *)node;
  });
  CHECK_RAISES(NSInvalidArgumentException, @"kernel_size_in_feature_channels must be positive",
               [MPSCNNCrossChannelNormalizationNode nodeWithSource:input(@"source") kernelSize:0]);
  CHECK_RAISES(NSInvalidArgumentException, @"method of the subclasses",
               [MPSCNNNormalizationNode nodeWithSource:input(@"source")]);
}

static void test_spatial_normalization(void) {
  NSDictionary *example = example_of(@"normalization", @"spatial_3x3_zero");
  check_example(example, ^(MPSNNImageNode *source) {
    MPSCNNSpatialNormalizationNode *node = [MPSCNNSpatialNormalizationNode nodeWithSource:source kernelSize:3];
    CHECK([node kernelWidth] == 3 && [node kernelHeight] == 3 && [node alpha] == 1 && [node beta] == 5 && [node delta] == 1);
    set_constants(node, example);
    return (MPSNNFilterNode *)node;
  });

  // A gradient node by hand starts with the defaults.
  MPSNNImageNode *source = input(@"source");
  MPSCNNSpatialNormalizationNode *node = [MPSCNNSpatialNormalizationNode nodeWithSource:source];
  CHECK([node kernelWidth] == 5 && [node kernelHeight] == 5);
  [node setKernelWidth:3];
  [node setKernelHeight:3];
  set_constants(node, example);
  MPSCNNSpatialNormalizationGradientNode *gradient =
      [MPSCNNSpatialNormalizationGradientNode nodeWithSourceGradient:input(@"gradient")
                                                         sourceImage:source
                                                       gradientState:(MPSNNGradientStateNode *)[node resultState]
                                                          kernelSize:3];
  CHECK([gradient kernelWidth] == 3 && [gradient alpha] == 1 && [gradient beta] == 5 && [gradient delta] == 1);
  [gradient setAlpha:param_of(example, @"alpha")];
  [gradient setBeta:param_of(example, @"beta")];
  [gradient setDelta:param_of(example, @"delta")];
  NSDictionary *batches =
      @{@"source" : batch_of(input_of(example, @"source")), @"gradient" : batch_of(input_of(example, @"source_gradient"))};
  CHECK_BATCH(run_batch([gradient resultImage], batches, nil), expected_of(example, @"destination_gradient"));

  [node setKernelHeight:0];
  CHECK([MPSNNGraph graphWithDevice:device resultImage:[node resultImage] resultImageIsNeeded:YES] == nil);
  CHECK_RAISES(NSInvalidArgumentException, @"kernel_width must be positive",
               [MPSCNNSpatialNormalizationNode nodeWithSource:source kernelSize:0]);
}

static void test_local_contrast_normalization(void) {
  check_example(example_of(@"normalization", @"lcn_3x3_node_defaults"), ^(MPSNNImageNode *source) {
    MPSCNNLocalContrastNormalizationNode *node = [MPSCNNLocalContrastNormalizationNode nodeWithSource:source kernelSize:3];
    CHECK([node alpha] == 1 && [node beta] == 0.5f && [node delta] == 1.0f / 1024);
    CHECK([node p0] == 1 && [node pm] == 0 && [node ps] == 1);
    return (MPSNNFilterNode *)node;
  });
  NSDictionary *example = example_of(@"normalization", @"lcn_3x3_all_parameters");
  check_example(example, ^(MPSNNImageNode *source) {
    MPSCNNLocalContrastNormalizationNode *node = [MPSCNNLocalContrastNormalizationNode nodeWithSource:source];
    CHECK([node kernelWidth] == 5 && [node kernelHeight] == 5);
    [node setKernelWidth:3];
    [node setKernelHeight:3];
    set_constants(node, example);
    [node setP0:param_of(example, @"p0")];
    [node setPm:param_of(example, @"pm")];
    [node setPs:param_of(example, @"ps")];
    MPSCNNLocalContrastNormalizationGradientNode *gradient =
        (MPSCNNLocalContrastNormalizationGradientNode *)[node gradientFilterWithSource:input(@"gradient")];
    CHECK([gradient kernelWidth] == 3 && [gradient kernelHeight] == 3 && [gradient p0] == 0.5f && [gradient ps] == 2);
    CHECK([gradient alpha] == 0.5f && [gradient beta] == 0.75f && [gradient delta] == 0.125f && [gradient pm] == 0.25f);
    return (MPSNNFilterNode *)node;
  });
  MPSNNImageNode *source = input(@"source");
  MPSCNNLocalContrastNormalizationNode *node = [MPSCNNLocalContrastNormalizationNode nodeWithSource:source];
  MPSCNNLocalContrastNormalizationGradientNode *gradient =
      [MPSCNNLocalContrastNormalizationGradientNode nodeWithSourceGradient:input(@"gradient")
                                                               sourceImage:source
                                                             gradientState:(MPSNNGradientStateNode *)[node resultState]
                                                               kernelWidth:3
                                                              kernelHeight:5];
  CHECK([gradient kernelWidth] == 3 && [gradient kernelHeight] == 5 && [gradient alpha] == 0 && [gradient p0] == 1);
  [gradient setPs:4];
  CHECK([gradient ps] == 4);
}

int main(void) {
  static const Test kTests[] = {test_batch_normalization,         test_instance_normalization, test_group_normalization,
                                test_cross_channel_normalization, test_spatial_normalization,  test_local_contrast_normalization};
  return run_tests(kTests, sizeof kTests / sizeof *kTests);
}
