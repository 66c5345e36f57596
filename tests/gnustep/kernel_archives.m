// Kernels with data sources in archives: the client's data source itself, or the values in use; read on a device.
#import "kernel_check.h"
#import "kernel_sources.h"

#pragma clang diagnostic ignored "-Wdeprecated-declarations"  // which are tested as well

/// What goes into archives itself.
@interface ArchivedWeights : Weights <NSSecureCoding>
@end

@implementation ArchivedWeights
+ (BOOL)supportsSecureCoding {
  return YES;
}
- (void)encodeWithCoder:(NSCoder *)coder {
  [coder encodeObject:_descriptor forKey:@"descriptor"];
  [coder encodeObject:_weights forKey:@"weights"];
  [coder encodeFloat:_bias forKey:@"bias"];
}
- (instancetype)initWithCoder:(NSCoder *)coder {
  if ((self = [self init])) {
    _descriptor = [[coder decodeObjectForKey:@"descriptor"] retain];
    _weights = [[coder decodeObjectForKey:@"weights"] mutableCopy];
    _bias = [coder decodeFloatForKey:@"bias"];
  }
  return self;
}
@end

@interface ArchivedNormalization : Normalization <NSSecureCoding>
@end

@implementation ArchivedNormalization
+ (BOOL)supportsSecureCoding {
  return YES;
}
- (void)encodeWithCoder:(NSCoder *)coder {
  [coder encodeInteger:(NSInteger)_channels forKey:@"channels"];
  [coder encodeInteger:(NSInteger)_groups forKey:@"groups"];
  [coder encodeFloat:_gamma[0] forKey:@"gamma"];
}
- (instancetype)initWithCoder:(NSCoder *)coder {
  if ((self = [self initWithChannels:(NSUInteger)[coder decodeIntegerForKey:@"channels"]])) {
    _groups = (NSUInteger)[coder decodeIntegerForKey:@"groups"];
    for (int i = 0; i < 2; ++i) _gamma[i] = [coder decodeFloatForKey:@"gamma"];
  }
  return self;
}
@end

/// Will not be written, or will not be read.
@interface Unwilling : ArchivedWeights
@end

static BOOL is_written;

@implementation Unwilling
- (void)encodeWithCoder:(NSCoder *)coder {
  if (!is_written) [NSException raise:NSInternalInconsistencyException format:@"will not be written"];
  [super encodeWithCoder:coder];
}
- (instancetype)initWithCoder:(NSCoder *)coder {
  [self release];
  [NSException raise:NSInternalInconsistencyException format:@"will not be read"];
  return nil;
}
@end

// -------------------------------------------------------------------------------------------------------------------

static id decoded(id kernel) {
  NSError *error = nil;
  NSData *data = [NSKeyedArchiver archivedDataWithRootObject:kernel];
  id read = [MPSKeyedUnarchiver unarchivedObjectOfClass:[kernel class] fromData:data device:device error:&error];
  report(read != nil && error == nil && read != kernel, __FILE__, __LINE__, [error localizedDescription]);
  return read;
}

static id<MTLBuffer> buffer(NSUInteger count, const float *numbers) {
  return [[device newBufferWithBytes:numbers length:count * sizeof(float) options:MTLResourceStorageModeShared] autorelease];
}

static MPSCNNConvolutionWeightsAndBiasesState *values(NSUInteger count, const float *weights) {
  return [[[MPSCNNConvolutionWeightsAndBiasesState alloc] initWithWeights:buffer(count, weights)
                                                                   biases:buffer(1, NUMBERS(0))] autorelease];
}

static void testSourceItself(void) {
  ArchivedWeights *weights = [ArchivedWeights width:3 stride:1 weights:NUMBERS(1, 2, 3) bias:10];
  weights->_descriptor.fusedNeuronDescriptor = [MPSNNNeuronDescriptor cnnNeuronDescriptorWithType:MPSCNNNeuronTypeLinear
                                                                                                a:2
                                                                                                b:0];
  MPSCNNConvolution *kernel = [[[MPSCNNConvolution alloc] initWithDevice:device weights:weights] autorelease];
  kernel.label = @"layer";
  kernel.options = MPSKernelOptionsSkipAPIValidation;
  kernel.accumulatorPrecisionOption = MPSNNConvolutionAccumulatorPrecisionOptionHalf;
  kernel.padding = [MPSNNDefaultPadding paddingWithMethod:MPSNNPaddingMethodSizeValidOnly];
  kernel.destinationImageAllocator = [MPSImage defaultAllocator];
  kernel.edgeMode = MPSImageEdgeModeClamp;
  kernel.offset = (MPSOffset){1, 0, 0};
  MPSCNNConvolution *read = decoded(kernel);
  ArchivedWeights *source = (ArchivedWeights *)read.dataSource;
  CHECK([source isMemberOfClass:[ArchivedWeights class]] && source != weights && read.device == device);
  CHECK([read.label isEqualToString:@"layer"] && read.options == MPSKernelOptionsSkipAPIValidation);
  CHECK(read.accumulatorPrecisionOption == MPSNNConvolutionAccumulatorPrecisionOptionHalf && read.offset.x == 1);
  CHECK(read.padding.paddingMethod == MPSNNPaddingMethodSizeValidOnly && read.edgeMode == MPSImageEdgeModeClamp);
  CHECK(read.destinationImageAllocator == [MPSImage defaultAllocator] && read.kernelWidth == 3);
  CHECK(read.fusedNeuronDescriptor.neuronType == MPSCNNNeuronTypeLinear);
  CHECK_IMAGE(filtered(kernel, counted(1, 4, 1)), 48, 60);
  CHECK_IMAGE(filtered(read, counted(1, 4, 1)), 48, 60);
  ((float *)[source->_weights mutableBytes])[0] = 0;
  [read reloadWeightsAndBiasesFromDataSource];
  CHECK_IMAGE(filtered(read, counted(1, 4, 1)), 46, 56);

  MPSCNNConvolution *copy = [[read copyWithZone:NULL device:device] autorelease];
  CHECK([copy.dataSource isKindOfClass:[ArchivedWeights class]] && copy.dataSource != source);
  CHECK_IMAGE(filtered(copy, counted(1, 4, 1)), 46, 56);
}

static void testValues(void) {
  Weights *weights = [Weights width:3 stride:1 weights:NUMBERS(1, 2, 3) bias:10];
  MPSCNNConvolution *kernel = [[[MPSCNNConvolution alloc] initWithDevice:device weights:weights] autorelease];
  run(^(id<MTLCommandBuffer> commandBuffer) {
    [kernel reloadWeightsAndBiasesWithCommandBuffer:commandBuffer state:values(3, NUMBERS(0, 4, 0))];
  });
  MPSCNNConvolution *read = decoded(kernel);
  CHECK(read.dataSource == nil);
  CHECK_IMAGE(filtered(read, counted(1, 3, 1)), 4, 8, 12);
  [read reloadWeightsAndBiasesFromDataSource];  // those of the archive
  CHECK_IMAGE(filtered(read, counted(1, 3, 1)), 4, 8, 12);
  read = decoded(read);
  CHECK_IMAGE(filtered([[read copy] autorelease], counted(1, 3, 1)), 4, 8, 12);

  MPSCNNConvolution *ofArrays =
      [[[MPSCNNConvolution alloc] initWithDevice:device
                           convolutionDescriptor:weights->_descriptor
                                   kernelWeights:NUMBERS(1, 2, 3)
                                       biasTerms:NULL
                                           flags:MPSCNNConvolutionFlagsNone] autorelease];
  CHECK_IMAGE(filtered(decoded(ofArrays), counted(1, 3, 1)), 8, 14, 8);
}

/// What the kernel returns for these numbers, where its forward kernel is made from the same weights.
static MPSImage *returned(MPSCNNConvolutionGradient *kernel, Weights *weights) {
  MPSCNNConvolution *forward = [[[MPSCNNConvolution alloc] initWithDevice:device weights:weights] autorelease];
  return gradient(forward, kernel, counted(1, 3, 1), image(1, 3, 1, NUMBERS(1, 0, 0)));
}

static void testGradients(void) {
  ArchivedWeights *archived = [ArchivedWeights width:3 stride:1 weights:NUMBERS(1, 2, 3) bias:0];
  MPSCNNConvolutionGradient *kernel = [[[MPSCNNConvolutionGradient alloc] initWithDevice:device weights:archived] autorelease];
  kernel.gradientOption = MPSCNNConvolutionGradientOptionGradientWithData;
  kernel.kernelOffsetX = 3;
  CHECK(!kernel.serializeWeightsAndBiases);
  MPSCNNConvolutionGradient *read = decoded(kernel);
  CHECK([read.dataSource isKindOfClass:[ArchivedWeights class]] && read.kernelOffsetX == 3);
  CHECK(read.gradientOption == MPSCNNConvolutionGradientOptionGradientWithData);
  CHECK_IMAGE(returned(read, archived), 2, 3, 0);

  Weights *weights = [Weights width:3 stride:1 weights:NUMBERS(1, 2, 3) bias:0];
  kernel = [[[MPSCNNConvolutionGradient alloc] initWithDevice:device weights:weights] autorelease];
  kernel.serializeWeightsAndBiases = YES;
  read = decoded(kernel);
  CHECK(read.serializeWeightsAndBiases && read.dataSource == nil);
  CHECK_IMAGE(returned(read, weights), 2, 3, 0);

  // Without them the archive has no weights: they come from a state, since there is no data source.
  kernel.serializeWeightsAndBiases = NO;
  for (MPSCNNConvolutionGradient *bare in @[ decoded(kernel), [[decoded(kernel) copy] autorelease] ]) {
    CHECK(!bare.serializeWeightsAndBiases && bare.dataSource == nil && bare.sourceImageFeatureChannels == 1);
    CHECK_RAISES(NSInvalidArgumentException, @"neither a data source nor weights", [bare reloadWeightsAndBiasesFromDataSource]);
    run(^(id<MTLCommandBuffer> commandBuffer) {
      [bare reloadWeightsAndBiasesWithCommandBuffer:commandBuffer state:values(3, NUMBERS(1, 2, 3))];
    });
    CHECK_IMAGE(returned(bare, weights), 2, 3, 0);
  }
}

static void testOthersWithWeights(void) {
  for (Class source in @[ [Weights class], [ArchivedWeights class] ]) {
    const BOOL isArchived = source == [ArchivedWeights class];
    Weights *weights = [source width:2 stride:1 weights:NUMBERS(1, 2) bias:0];
    MPSCNNFullyConnected *connected = decoded([[[MPSCNNFullyConnected alloc] initWithDevice:device weights:weights] autorelease]);
    MPSCNNFullyConnectedGradient *back = [[[MPSCNNFullyConnectedGradient alloc] initWithDevice:device
                                                                                       weights:weights] autorelease];
    back.serializeWeightsAndBiases = YES;
    back = decoded(back);
    CHECK((connected.dataSource != nil) == isArchived && (back.dataSource != nil) == isArchived);
    MPSImage *two = image(1, 2, 1, NUMBERS(3, 4));
    CHECK_IMAGE(filtered(connected, two), 11);
    CHECK_IMAGE(gradient(connected, back, two, image(1, 1, 1, NUMBERS(5))), 5, 10);

    Weights *enlarging = [source width:2 stride:2 weights:NUMBERS(1, 2) bias:0];
    MPSCNNConvolutionTranspose *transpose = [[[MPSCNNConvolutionTranspose alloc] initWithDevice:device
                                                                                        weights:enlarging] autorelease];
    transpose.padding = [MPSNNDefaultPadding paddingWithMethod:MPSNNPaddingMethodSizeFull];
    MPSCNNConvolutionTransposeGradient *transposeBack =
        [[[MPSCNNConvolutionTransposeGradient alloc] initWithDevice:device weights:enlarging] autorelease];
    MPSImage *incoming = image(1, 4, 1, NUMBERS(1, 0, 0, 1)), *given = image(1, 2, 1, NUMBERS(1, 3));
    MPSImage *before = gradient(transpose, transposeBack, given, incoming);
    MPSImage *after = gradient(decoded(transpose), decoded(transposeBack), given, incoming);
    float expected[2];
    [before readBytes:expected dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:0];
    CHECK_IMAGE(after, expected[0], expected[1]);
    CHECK_IMAGE(filtered(decoded(transpose), given), 2, 1, 6, 3);

    Weights *bits = [source width:1 stride:1 weights:NUMBERS(0) bias:0];
    bits->_descriptor.inputFeatureChannels = 2;
    *(uint32_t *)[bits->_weights mutableBytes] = 1;
    const float bias = 7, scales[] = {1, 2};
    MPSCNNBinaryFullyConnected *binary =
        [[[MPSCNNBinaryFullyConnected alloc] initWithDevice:device
                                            convolutionData:bits
                                            outputBiasTerms:&bias
                                           outputScaleTerms:NULL
                                             inputBiasTerms:NULL
                                            inputScaleTerms:scales
                                                       type:MPSCNNBinaryConvolutionTypeBinaryWeights
                                                      flags:MPSCNNBinaryConvolutionFlagsNone] autorelease];
    CHECK_IMAGE(filtered(decoded(binary), image(1, 1, 2, NUMBERS(5, 3))), 6);
    MPSCNNBinaryConvolution *scaled =
        [[[MPSCNNBinaryConvolution alloc] initWithDevice:device
                                         convolutionData:bits
                                              scaleValue:2
                                                    type:MPSCNNBinaryConvolutionTypeXNOR
                                                   flags:MPSCNNBinaryConvolutionFlagsNone] autorelease];
    CHECK_IMAGE(filtered(scaled, image(1, 1, 2, NUMBERS(5, -3))), 4);
    CHECK_IMAGE(filtered(decoded(scaled), image(1, 1, 2, NUMBERS(5, -3))), 4);
  }
}

static void testNormalizations(void) {
  for (Class source in @[ [Normalization class], [ArchivedNormalization class] ]) {
    const BOOL isArchived = source == [ArchivedNormalization class];
    MPSNNNeuronDescriptor *linear = [MPSNNNeuronDescriptor cnnNeuronDescriptorWithType:MPSCNNNeuronTypeLinear a:10 b:0];
    MPSCNNBatchNormalization *batch = [[[MPSCNNBatchNormalization alloc] initWithDevice:device
                                                                             dataSource:[source channels:1]
                                                                  fusedNeuronDescriptor:linear] autorelease];
    batch.epsilon = 5;
    batch = decoded(batch);
    CHECK((batch.dataSource != nil) == isArchived && batch.epsilon == 5 && batch.numberOfFeatureChannels == 1);
    CHECK_IMAGE_NEAR(filtered(batch, image(1, 2, 1, NUMBERS(1, 4))), 1e-4, 10, 30);
    MPSCNNBatchNormalizationGradient *batchBack =
        [[[MPSCNNBatchNormalizationGradient alloc] initWithDevice:device fusedNeuronDescriptor:linear] autorelease];
    CHECK([decoded(batchBack) isMemberOfClass:[MPSCNNBatchNormalizationGradient class]]);

    MPSCNNInstanceNormalization *instance = [[[MPSCNNInstanceNormalization alloc] initWithDevice:device
                                                                                      dataSource:[source channels:1]] autorelease];
    instance.epsilon = 0;
    instance = decoded(instance);
    CHECK((instance.dataSource != nil) == isArchived && instance.epsilon == 0);
    CHECK_IMAGE_NEAR(filtered(instance, image(1, 2, 1, NUMBERS(1, 3))), 1e-4, -1, 3);
    CHECK(decoded([[[MPSCNNInstanceNormalizationGradient alloc] initWithDevice:device] autorelease]) != nil);

    MPSCNNGroupNormalization *group = [[[MPSCNNGroupNormalization alloc] initWithDevice:device
                                                                             dataSource:[source channels:2]] autorelease];
    group = decoded(group);
    CHECK((group.dataSource != nil) == isArchived);
    CHECK_IMAGE_NEAR(filtered(group, image(1, 1, 2, NUMBERS(1, 3))), 1e-4, -1, 3);
  }
}

static void testUnwilling(void) {
  Unwilling *weights = [Unwilling width:1 stride:1 weights:NUMBERS(1) bias:0];
  MPSCNNConvolution *kernel = [[[MPSCNNConvolution alloc] initWithDevice:device weights:weights] autorelease];
  NSError *error = nil;
  NSData *data = [NSKeyedArchiver archivedDataWithRootObject:kernel];
  CHECK([MPSKeyedUnarchiver unarchivedObjectOfClass:[MPSCNNConvolution class] fromData:data device:device error:&error] == nil);
  CHECK(error != nil);
  is_written = YES;
  data = [NSKeyedArchiver archivedDataWithRootObject:kernel];
  CHECK([MPSKeyedUnarchiver unarchivedObjectOfClass:[MPSCNNConvolution class] fromData:data device:device error:&error] == nil);
  CHECK([[error localizedDescription] rangeOfString:@"will not be read"].location != NSNotFound);
}

static void testUnarchiver(void) {
  MPSCNNPoolingMax *kernel = [[[MPSCNNPoolingMax alloc] initWithDevice:device kernelWidth:2 kernelHeight:2] autorelease];
  NSData *data = [NSKeyedArchiver archivedDataWithRootObject:kernel];
  NSError *error = nil;
  MPSKeyedUnarchiver *archive = [[[MPSKeyedUnarchiver alloc] initForReadingFromData:data device:device
                                                                              error:&error] autorelease];
  CHECK(archive.mpsMTLDevice == device);
  CHECK([archive conformsToProtocol:NSProtocolFromString(@"MPSDeviceProvider")]);
  CHECK(error == nil);
  CHECK([[archive decodeObjectForKey:@"root"] isMemberOfClass:[MPSCNNPoolingMax class]]);
  [archive finishDecoding];

  NSSet *classes = [NSSet setWithObjects:[MPSCNNNeuron class], [MPSCNNPooling class], nil];
  CHECK([MPSKeyedUnarchiver unarchivedObjectOfClasses:classes fromData:data device:device error:NULL] != nil);
  CHECK([MPSKeyedUnarchiver unarchivedObjectOfClass:[MPSCNNNeuron class] fromData:data device:device error:&error] == nil);
  CHECK([error.domain isEqualToString:NSCocoaErrorDomain] && [[error localizedDescription] hasPrefix:@"MPSKeyedUnarchiver"]);
  error = nil;
  NSData *garbage = [@"no archive" dataUsingEncoding:NSUTF8StringEncoding];
  CHECK([[MPSKeyedUnarchiver alloc] initForReadingFromData:garbage device:device error:&error] == nil && error != nil);
  CHECK([[MPSKeyedUnarchiver alloc] initForReadingFromData:nothing device:device error:NULL] == nil);
  CHECK([[MPSKeyedUnarchiver alloc] initForReadingFromData:data device:nothing error:NULL] == nil);
  CHECK([MPSKeyedUnarchiver unarchivedObjectOfClass:[MPSKernel class] fromData:garbage device:device error:NULL] == nil);
  // Foundation's own reads on the system's device.
  MPSKernel *read = [NSKeyedUnarchiver unarchiveObjectWithData:data];
  CHECK([read isMemberOfClass:[MPSCNNPoolingMax class]] && read.device == device);

  CHECK([MPSKeyedUnarchiver unarchiveTopLevelObjectWithData:data device:device error:NULL] != nil);
  CHECK([MPSKeyedUnarchiver unarchiveObjectWithData:data device:device] != nil);
  CHECK([[MPSKeyedUnarchiver alloc] initWithDevice:device] == nil);
  CHECK_RAISES(NSInvalidArgumentException, @"no archive", [MPSKeyedUnarchiver unarchiveObjectWithData:garbage device:device]);
  CHECK_RAISES(NSInvalidArgumentException, @"data is nil", [MPSKeyedUnarchiver unarchiveObjectWithFile:@"/none" device:device]);
}

int main(void) {
  @autoreleasepool {
    device = MTLCreateSystemDefaultDevice();
    queue = [device newCommandQueue];
    testSourceItself();
    testValues();
    testGradients();
    testOthersWithWeights();
    testNormalizations();
    testUnwilling();
    testUnarchiver();
    [queue release];
    [device release];
  }
  return CHECK_RESULT;
}
