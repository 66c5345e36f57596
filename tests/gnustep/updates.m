// The states that data sources update their weights with, and an update by an optimizer.
#import "check.h"

static id<MTLDevice> device;
static id<MTLCommandQueue> queue;

/// A layer of one weight, 3, and one bias, 1, that descends with rate 1/8.
@interface Layer : NSObject <MPSCNNConvolutionDataSource> {
 @public
  MPSNNOptimizerStochasticGradientDescent *_optimizer;
  MPSCNNConvolutionWeightsAndBiasesState *_result;
  float _gradients[2];
}
@end

static float weight = 3, bias = 1;

@implementation Layer

- (id)init {
  self = [super init];
  _optimizer = [[MPSNNOptimizerStochasticGradientDescent alloc] initWithDevice:device learningRate:0.125f];
  return self;
}

- (void)dealloc {
  [_optimizer release];
  [_result release];
  [super dealloc];
}

- (BOOL)load {
  return YES;
}

- (void)purge {
}

- (NSString *)label {
  return @"layer";
}

- (MPSDataType)dataType {
  return MPSDataTypeFloat32;
}

- (MPSDataType)kernelWeightsDataType {
  return MPSDataTypeFloat32;
}

- (MPSCNNConvolutionDescriptor *)descriptor {
  return [MPSCNNConvolutionDescriptor cnnConvolutionDescriptorWithKernelWidth:1
                                                                 kernelHeight:1
                                                         inputFeatureChannels:1
                                                        outputFeatureChannels:1];
}

- (void *)weights {
  return &weight;
}

- (float *)biasTerms {
  return &bias;
}

- (MPSCNNConvolutionWeightsAndBiasesState *)updateWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                                      gradientState:(MPSCNNConvolutionGradientState *)gradientState
                                                        sourceState:(MPSCNNConvolutionWeightsAndBiasesState *)sourceState {
  CHECK([gradientState isKindOfClass:[MPSCNNConvolutionGradientState class]]);
  CHECK(gradientState.sourceWidth == 1 && gradientState.sourceHeight == 1);
  CHECK(gradientState.gradientForWeightsLayout == MPSCNNConvolutionWeightsLayoutOHWI);
  MPSCNNConvolution *convolution = gradientState.convolution;  // of a graph: with its parameters
  CHECK([convolution isMemberOfClass:[MPSCNNConvolution class]] && convolution.dataSource == self);
  CHECK(convolution.inputFeatureChannels == 1 && gradientState.convolution == convolution);
  [_result release];
  _result = [[MPSCNNConvolutionWeightsAndBiasesState alloc] initWithDevice:device cnnConvolutionDescriptor:[self descriptor]];
  [_optimizer encodeToCommandBuffer:commandBuffer
           convolutionGradientState:gradientState
             convolutionSourceState:sourceState
               inputMomentumVectors:nil
                        resultState:_result];
  id<MTLBuffer> weightGradient = gradientState.gradientForWeights, biasGradient = gradientState.gradientForBiases;
  [commandBuffer addCompletedHandler:^(id<MTLCommandBuffer> completed) {
    (void)completed;
    _gradients[0] = *(const float *)[weightGradient contents];
    _gradients[1] = *(const float *)[biasGradient contents];
  }];
  return _result;
}

- (id)copyWithZone:(NSZone *)zone {
  (void)zone;
  return [self retain];
}

@end

static void TestConvolutionStates(void) {
  Layer *layer = [[[Layer alloc] init] autorelease];
  MPSNNImageNode *source = [MPSNNImageNode nodeWithHandle:nil];
  MPSCNNLossDescriptor *descriptor = [MPSCNNLossDescriptor cnnLossDescriptorWithType:MPSCNNLossTypeMeanSquaredError
                                                                       reductionType:MPSCNNReductionTypeSum];
  MPSNNImageNode *result = [MPSCNNConvolutionNode nodeWithSource:source weights:layer].resultImage;
  MPSCNNLossNode *loss = [MPSCNNLossNode nodeWithSource:result lossDescriptor:descriptor];
  NSArray<MPSNNFilterNode *> *last = [loss trainingGraphWithSourceGradient:nil nodeHandler:nil];
  MPSNNGraph *graph = [MPSNNGraph graphWithDevice:device
                                      resultImage:[[last objectAtIndex:0] resultImage]
                              resultImageIsNeeded:YES];
  graph.format = MPSImageFeatureChannelFormatFloat32;

  const float pixel = 2, truth = 5;
  MPSImageDescriptor *one = [MPSImageDescriptor imageDescriptorWithChannelFormat:MPSImageFeatureChannelFormatFloat32
                                                                           width:1
                                                                          height:1
                                                                 featureChannels:1];
  MPSImage *image = [[[MPSImage alloc] initWithDevice:device imageDescriptor:one] autorelease];
  [image writeBytes:&pixel dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:0];
  MPSCNNLossDataDescriptor *data =
      [MPSCNNLossDataDescriptor cnnLossDataDescriptorWithData:[NSData dataWithBytes:&truth length:sizeof truth]
                                                       layout:MPSDataLayoutHeightxWidthxFeatureChannels
                                                         size:MTLSizeMake(1, 1, 1)];
  MPSCNNLossLabels *labels = [[[MPSCNNLossLabels alloc] initWithDevice:device labelsDescriptor:data] autorelease];
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  MPSImage *gradient = [[graph encodeBatchToCommandBuffer:commandBuffer
                                             sourceImages:@[ @[ image ] ]
                                             sourceStates:@[ @[ labels ] ]] objectAtIndex:0];
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  CHECK(commandBuffer.error == nil);
  // 3 * 2 + 1 = 7 is 2 too much, and the loss is the square: its slope is 4.
  float value = 0;
  [[labels lossImage] readBytes:&value dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:0];
  CHECK_NEAR(value, 4, 0);
  [gradient readBytes:&value dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:0];
  CHECK_NEAR(value, 12, 0);
  CHECK_NEAR(layer->_gradients[0], 8, 0);
  CHECK_NEAR(layer->_gradients[1], 4, 0);
  CHECK_NEAR(*(const float *)[layer->_result.weights contents], 2, 0);
  CHECK_NEAR(*(const float *)[layer->_result.biases contents], 0.5, 0);
  CHECK(layer->_result.weightsOffset == 0 && layer->_result.biasesOffset == 0);
}

static void TestStates(void) {
  id<MTLBuffer> first = [[device newBufferWithLength:8 options:MTLResourceStorageModeShared] autorelease];
  id<MTLBuffer> second = [[device newBufferWithLength:8 options:MTLResourceStorageModeShared] autorelease];
  MPSCNNNormalizationGammaAndBetaState *values =
      [[[MPSCNNNormalizationGammaAndBetaState alloc] initWithGamma:first beta:second] autorelease];
  CHECK(values.gamma == first && values.beta == second && values.resourceCount == 2 && !values.isTemporary);
  MPSCNNNormalizationMeanAndVarianceState *statistics =
      [[[MPSCNNNormalizationMeanAndVarianceState alloc] initWithMean:first variance:second] autorelease];
  CHECK(statistics.mean == first && statistics.variance == second);
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  MPSCNNNormalizationMeanAndVarianceState *temporary =
      [MPSCNNNormalizationMeanAndVarianceState temporaryStateWithCommandBuffer:commandBuffer numberOfFeatureChannels:3];
  CHECK(temporary.isTemporary && temporary.readCount == 1 && temporary.mean.length == 12);
  MPSCNNConvolutionWeightsAndBiasesState *weights =
      [[[MPSCNNConvolutionWeightsAndBiasesState alloc] initWithWeights:first biases:nil] autorelease];
  CHECK(weights.weights == first && weights.biases == nil);
  CHECK_RAISES(NSInvalidArgumentException, @"weights is nil",
               [[[MPSCNNConvolutionWeightsAndBiasesState alloc] initWithWeights:nothing biases:nil] autorelease]);
  CHECK_RAISES(NSInvalidArgumentException, @"beta is nil",
               [[[MPSCNNNormalizationGammaAndBetaState alloc] initWithGamma:first beta:nothing] autorelease]);
  [commandBuffer commit];
}

int main(void) {
  @autoreleasepool {
    device = [MTLCreateSystemDefaultDevice() autorelease];
    queue = [[device newCommandQueue] autorelease];
    TestStates();
    TestConvolutionStates();
  }
  return CHECK_RESULT;
}
