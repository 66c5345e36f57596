// Networks, their training parts, handles, padding policies, states and the errors of all of them, as a client sees them.
#import "networks.h"

#include <malloc.h>

// The client's classes ----------------------------------------------------------------------------------------------

static int live_layers;

/// Weights that start at 1, 2, 3, ... and biases; trained by subtracting the gradients.
@interface Layer : NSObject <MPSCNNConvolutionDataSource> {
 @public
  MPSCNNConvolutionDescriptor *_descriptor;
  NSMutableData *_weights, *_biases;
  int _loads, _purges, _updates;
  BOOL _failsToLoad, _hasNoDescriptor, _hasNoWeights, _raises;
}
- (instancetype)initWithKernelSize:(NSUInteger)size inputs:(NSUInteger)inputs outputs:(NSUInteger)outputs;
@end

@implementation Layer
- (instancetype)initWithKernelSize:(NSUInteger)size inputs:(NSUInteger)inputs outputs:(NSUInteger)outputs {
  self = [super init];
  if (!self) return nil;
  ++live_layers;
  _descriptor = [[MPSCNNConvolutionDescriptor cnnConvolutionDescriptorWithKernelWidth:size
                                                                         kernelHeight:size
                                                                 inputFeatureChannels:inputs
                                                                outputFeatureChannels:outputs] retain];
  const NSUInteger count = size * size * inputs * outputs;
  _weights = [[NSMutableData alloc] initWithLength:count * sizeof(float)];
  _biases = [[NSMutableData alloc] initWithLength:outputs * sizeof(float)];
  for (NSUInteger i = 0; i < count; ++i) ((float *)[_weights mutableBytes])[i] = (float)(i + 1);
  return self;
}
- (void)dealloc {
  --live_layers;
  [_descriptor release];
  [_weights release];
  [_biases release];
  [super dealloc];
}
- (id)copyWithZone:(NSZone *)zone {
  Layer *copy = [[Layer allocWithZone:zone] initWithKernelSize:[_descriptor kernelWidth]
                                                        inputs:[_descriptor inputFeatureChannels]
                                                       outputs:[_descriptor outputFeatureChannels]];
  [copy->_weights setData:_weights];
  [copy->_biases setData:_biases];
  return copy;
}
- (MPSDataType)dataType {
  return MPSDataTypeFloat32;
}
- (MPSDataType)kernelWeightsDataType {
  return MPSDataTypeFloat32;
}
- (MPSCNNConvolutionDescriptor *)descriptor {
  return _hasNoDescriptor ? (MPSCNNConvolutionDescriptor *)nothing : _descriptor;
}
- (void *)weights {
  return _hasNoWeights ? (void *)nothing : [_weights mutableBytes];
}
- (float *)biasTerms {
  return [_biases mutableBytes];
}
- (BOOL)load {
  ++_loads;
  if (_raises) [NSException raise:@"LayerException" format:@"there is no such file"];
  return !_failsToLoad;
}
- (void)purge {
  ++_purges;
}
- (NSString *)label {
  return @"layer";
}
- (BOOL)updateWithGradientState:(MPSCNNConvolutionGradientState *)gradientState
                    sourceState:(MPSCNNConvolutionWeightsAndBiasesState *)sourceState {
  ++_updates;
  if (_raises) [NSException raise:@"LayerException" format:@"no more training"];
  const float *values = [[sourceState weights] contents];
  const float *gradients = [[gradientState gradientForWeights] contents];
  float *weights = [_weights mutableBytes];
  for (NSUInteger i = 0; i < [_weights length] / sizeof(float); ++i) weights[i] = values[i] - gradients[i];
  return YES;
}
@end

/// Halves the size and moves the windows by what it is told to.
@interface EverySecond : NSObject <MPSNNPadding> {
 @public
  NSInteger _offset;
  MPSImageEdgeMode _edgeMode;
  NSUInteger _calls;
  BOOL _raises, _hasNoAnswer, _keepsKernel;
  MPSKernel *_kernel;
}
@end

@implementation EverySecond
- (void)dealloc {
  [_kernel release];
  [super dealloc];
}
- (MPSNNPaddingMethod)paddingMethod {
  return MPSNNPaddingMethodCustom;
}
- (NSString *)label {
  return @"every second";
}
- (MPSImageDescriptor *)destinationImageDescriptorForSourceImages:(NSArray<MPSImage *> *)sourceImages
                                                     sourceStates:(NSArray<MPSState *> *)sourceStates
                                                        forKernel:(MPSKernel *)kernel
                                              suggestedDescriptor:(MPSImageDescriptor *)inDescriptor {
  ++_calls;
  if (_raises) [NSException raise:@"PaddingException" format:@"there is no room"];
  if (_hasNoAnswer) return nothing;
  CHECK([sourceImages count] == 1 && sourceStates == nil);
  CHECK([kernel isKindOfClass:[MPSCNNKernel class]]);
  MPSCNNKernel *filter = (MPSCNNKernel *)kernel;
  CHECK([filter kernelWidth] == 1 && [filter strideInPixelsX] == 2);
  if (_keepsKernel) {
    [_kernel release];
    _kernel = [kernel retain];
  }
  [filter setOffset:(MPSOffset){_offset, _offset, 0}];
  [filter setEdgeMode:_edgeMode];
  [inDescriptor setWidth:[[sourceImages objectAtIndex:0] width] / 2];
  [inDescriptor setHeight:[[sourceImages objectAtIndex:0] height] / 2];
  return inDescriptor;
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

// Help --------------------------------------------------------------------------------------------------------------

static void check_values(MPSImage *image, NSUInteger count, const float *expected, int line) {
  CHECK(image != nil);
  if (!image) return;
  report([image width] * [image height] * [image featureChannels] == count, __FILE__, line,
         [NSString stringWithFormat:@"the image is %lu x %lu x %lu", (unsigned long)[image height], (unsigned long)[image width],
                                    (unsigned long)[image featureChannels]]);
  if ([image width] * [image height] * [image featureChannels] != count) return;
  float values[64];
  [image readBytes:values dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:0];
  for (NSUInteger i = 0; i < count; ++i) check_near(values[i], expected[i], 1e-5, __FILE__, line, "an element");
}
#define CHECK_VALUES(image, ...)                                                   \
  do {                                                                             \
    const float expected[] = {__VA_ARGS__};                                        \
    check_values((image), sizeof expected / sizeof *expected, expected, __LINE__); \
  } while (0)

static MPSImage *run_graph(MPSNNGraph *graph, MPSImage *source) {
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  MPSImage *result = [graph encodeToCommandBuffer:commandBuffer sourceImages:[NSArray arrayWithObject:source]];
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  CHECK([commandBuffer error] == nil);
  return result;
}

static Layer *layer(NSUInteger size, NSUInteger inputs, NSUInteger outputs) {
  return [[[Layer alloc] initWithKernelSize:size inputs:inputs outputs:outputs] autorelease];
}

// Tests -------------------------------------------------------------------------------------------------------------

static void test_forward(void) {
  Layer *weights = layer(2, 1, 1);
  ((float *)[weights->_biases mutableBytes])[0] = -50;
  MPSNNImageNode *input = [MPSNNImageNode nodeWithHandle:nil];
  MPSCNNConvolutionNode *convolution = [MPSCNNConvolutionNode nodeWithSource:input weights:weights];
  [convolution setPaddingPolicy:[MPSNNDefaultPadding paddingWithMethod:MPSNNPaddingMethodSizeValidOnly]];
  MPSCNNNeuronReLUNode *neuron = [MPSCNNNeuronReLUNode nodeWithSource:[convolution resultImage] a:0];
  CHECK([convolution resultImage] == [convolution resultImage]);
  CHECK([[convolution resultState] isKindOfClass:[MPSCNNConvolutionGradientStateNode class]]);
  CHECK([convolution convolutionGradientState] == [convolution resultState]);
  CHECK([[convolution resultStates] count] == 1);
  CHECK([convolution label] == nil);
  [convolution setLabel:@"first"];
  CHECK([[convolution label] isEqualToString:@"first"]);
  CHECK([convolution trainingStyle] == MPSNNTrainingStyleUpdateDeviceGPU);
  CHECK_NEAR([neuron a], 0, 0);

  MPSNNGraph *graph = graph_of([neuron resultImage]);
  CHECK(weights->_loads == 1 && weights->_purges == 1);
  const float values[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  // 1 * x[0, 0] + 2 * x[0, 1] + 3 * x[1, 0] + 4 * x[1, 1] - 50, and what is left above 0
  CHECK_VALUES(run_graph(graph, image_of(3, 3, 1, values)), 0, 0, 17, 27);

  ((float *)[weights->_biases mutableBytes])[0] = 0;
  CHECK_VALUES(run_graph(graph, image_of(3, 3, 1, values)), 0, 0, 17, 27);
  [graph reloadFromDataSources];
  CHECK(weights->_loads == 2 && weights->_purges == 2);
  CHECK_VALUES(run_graph(graph, image_of(3, 3, 1, values)), 37, 47, 67, 77);
}

static void test_layers(void) {
  const float values[] = {1, 4, 2, 3};
  MPSNNImageNode *input = [MPSNNImageNode nodeWithHandle:nil];
  CHECK_VALUES(
      run_graph(graph_of([[MPSCNNPoolingMaxNode nodeWithSource:input filterSize:2] resultImage]), image_of(2, 2, 1, values)), 4);
  CHECK_VALUES(run_graph(graph_of([[MPSCNNPoolingAverageNode nodeWithSource:input filterSize:2 stride:2] resultImage]),
                         image_of(2, 2, 1, values)),
               2.5f);
  MPSCNNPoolingMaxNode *pooling = [[[MPSCNNPoolingMaxNode alloc] initWithSource:input
                                                                    kernelWidth:3
                                                                   kernelHeight:2
                                                                strideInPixelsX:4
                                                                strideInPixelsY:5] autorelease];
  CHECK([pooling kernelWidth] == 3 && [pooling kernelHeight] == 2);
  CHECK([pooling strideInPixelsX] == 4 && [pooling strideInPixelsY] == 5);

  const float scores[] = {0, logf(3)};
  CHECK_VALUES(run_graph(graph_of([[MPSCNNSoftMaxNode nodeWithSource:input] resultImage]), image_of(1, 1, 2, scores)), 0.25f,
               0.75f);
  CHECK_VALUES(run_graph(graph_of([[MPSCNNLogSoftMaxNode nodeWithSource:input] resultImage]), image_of(1, 1, 2, scores)),
               logf(0.25f), logf(0.75f));

  MPSCNNFullyConnectedNode *connected = [MPSCNNFullyConnectedNode nodeWithSource:input weights:layer(2, 1, 2)];
  CHECK_VALUES(run_graph(graph_of([connected resultImage]), image_of(2, 2, 1, values)), 27, 67);

  // Each pixel becomes a 2 x 2 block of itself times the weights.
  Layer *enlarging = layer(2, 1, 1);
  [enlarging->_descriptor setStrideInPixelsX:2];
  [enlarging->_descriptor setStrideInPixelsY:2];
  MPSCNNConvolutionTransposeNode *transpose = [MPSCNNConvolutionTransposeNode nodeWithSource:input weights:enlarging];
  CHECK([transpose isKindOfClass:[MPSCNNConvolutionTransposeNode class]]);
  CHECK(graph_of([transpose resultImage]) != nil);

  MPSNNNeuronDescriptor *descriptor = [MPSNNNeuronDescriptor cnnNeuronDescriptorWithType:MPSCNNNeuronTypeLinear a:2 b:1];
  MPSCNNNeuronNode *linear = [MPSCNNNeuronNode nodeWithSource:input descriptor:descriptor];
  CHECK([linear isKindOfClass:[MPSCNNNeuronLinearNode class]]);
  CHECK_NEAR([linear a], 2, 0);
  CHECK_NEAR([linear b], 1, 0);
  CHECK_VALUES(run_graph(graph_of([linear resultImage]), image_of(2, 2, 1, values)), 3, 9, 5, 7);

  MPSCNNDropoutNode *dropout = [MPSCNNDropoutNode nodeWithSource:input];
  CHECK_NEAR([dropout keepProbability], 0.5, 0);
  CHECK([dropout maskStrideInPixels].depth == 1);
  dropout = [MPSCNNDropoutNode nodeWithSource:input keepProbability:0.25f seed:7 maskStrideInPixels:MTLSizeMake(1, 0, 1)];
  CHECK([dropout seed] == 7 && [dropout maskStrideInPixels].height == 0);
}

static void test_descriptors(void) {
  MPSCNNConvolutionDescriptor *descriptor = [MPSCNNDepthWiseConvolutionDescriptor cnnConvolutionDescriptorWithKernelWidth:3
                                                                                                             kernelHeight:2
                                                                                                     inputFeatureChannels:4
                                                                                                    outputFeatureChannels:8];
  CHECK([(MPSCNNDepthWiseConvolutionDescriptor *)descriptor channelMultiplier] == 2);
  CHECK([descriptor strideInPixelsX] == 1 && [descriptor groups] == 1);
  CHECK([[descriptor fusedNeuronDescriptor] neuronType] == MPSCNNNeuronTypeNone);
  [descriptor setDilationRateX:5];
  [descriptor setFusedNeuronDescriptor:[MPSNNNeuronDescriptor cnnNeuronDescriptorWithType:MPSCNNNeuronTypeReLU a:0.5f]];
  MPSCNNConvolutionDescriptor *copy = [[descriptor copy] autorelease];
  [descriptor setDilationRateX:1];
  CHECK([copy isKindOfClass:[MPSCNNDepthWiseConvolutionDescriptor class]]);
  CHECK([copy dilationRateX] == 5 && [copy kernelHeight] == 2);
  CHECK_NEAR([[copy fusedNeuronDescriptor] a], 0.5, 0);

  NSData *data = [NSKeyedArchiver archivedDataWithRootObject:copy];
  MPSCNNConvolutionDescriptor *decoded = [NSKeyedUnarchiver unarchiveObjectWithData:data];
  CHECK([decoded isKindOfClass:[MPSCNNDepthWiseConvolutionDescriptor class]]);
  CHECK([decoded dilationRateX] == 5 && [decoded outputFeatureChannels] == 8);
  CHECK([[decoded fusedNeuronDescriptor] neuronType] == MPSCNNNeuronTypeReLU);

  CHECK_RAISES(NSInvalidArgumentException, @"kernel_width",
               [MPSCNNConvolutionDescriptor cnnConvolutionDescriptorWithKernelWidth:0
                                                                       kernelHeight:1
                                                               inputFeatureChannels:1
                                                              outputFeatureChannels:1]);
}

static void test_handles_and_exports(void) {
  Named *left = [Named named:@"left"], *right = [Named named:@"right"], *kept = [Named named:@"kept"],
        *gradient = [Named named:@"state"];
  MPSNNImageNode *a = [MPSNNImageNode nodeWithHandle:left], *b = [MPSNNImageNode nodeWithHandle:nil];
  CHECK([a handle] == left && [b handle] == nil);
  [a setHandle:right];
  CHECK([a handle] == right);
  MPSCNNNeuronLinearNode *doubled = [MPSCNNNeuronLinearNode nodeWithSource:a a:2 b:0];
  [[doubled resultImage] setHandle:kept];
  [[doubled resultImage] setExportFromGraph:YES];
  [[doubled resultImage] setImageAllocator:[MPSImage defaultAllocator]];
  MPSCNNPoolingMaxNode *pooling = [MPSCNNPoolingMaxNode nodeWithSource:[doubled resultImage] filterSize:2];
  [[pooling resultState] setHandle:gradient];
  [[pooling resultState] setExportFromGraph:YES];
  MPSNNGraph *graph = graph_of([pooling resultImage]);
  CHECK([[graph sourceImageHandles] count] == 1 && [[graph sourceImageHandles] objectAtIndex:0] == right);
  CHECK([graph sourceStateHandles] == nil);
  CHECK([[graph intermediateImageHandles] count] == 1 && [[graph intermediateImageHandles] objectAtIndex:0] == kept);
  CHECK([[graph resultStateHandles] count] == 1 && [[graph resultStateHandles] objectAtIndex:0] == gradient);
  CHECK([graph resultHandle] == nil && [graph resultImageIsNeeded]);
  CHECK([graph readCountForSourceImageAtIndex:0] == 1);
  CHECK_RAISES(NSInvalidArgumentException, @"index 1", [graph readCountForSourceImageAtIndex:1]);

  const float values[] = {1, 4, 2, 3};
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  NSMutableArray *images = [NSMutableArray array], *states = [NSMutableArray array];
  MPSImage *result = [graph encodeToCommandBuffer:commandBuffer
                                     sourceImages:[NSArray arrayWithObject:image_of(2, 2, 1, values)]
                                     sourceStates:nil
                               intermediateImages:images
                                destinationStates:states];
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  CHECK_VALUES(result, 8);
  CHECK([images count] == 1 && [states count] == 1);
  CHECK_VALUES([images objectAtIndex:0], 2, 8, 4, 6);
  CHECK([[states objectAtIndex:0] isKindOfClass:[MPSNNGradientState class]]);

  // An input without a handle has one that nobody named.
  graph = graph_of([[MPSCNNSoftMaxNode nodeWithSource:b] resultImage]);
  CHECK([[graph sourceImageHandles] count] == 1);
  CHECK([[[graph sourceImageHandles] objectAtIndex:0] label] == nil);

  // Two results, of which the second is not needed.
  BOOL needed[] = {YES, NO};
  graph = [MPSNNGraph graphWithDevice:device
                         resultImages:[NSArray arrayWithObjects:[doubled resultImage], [pooling resultImage], nil]
                     resultsAreNeeded:needed];
  [graph setFormat:MPSImageFeatureChannelFormatFloat32];
  CHECK_VALUES(run_graph(graph, image_of(2, 2, 1, values)), 2, 8, 4, 6);
}

static void test_batch(void) {
  MPSNNGraph *graph = graph_of([[MPSCNNNeuronLinearNode nodeWithSource:[MPSNNImageNode nodeWithHandle:nil] a:3 b:0] resultImage]);
  const float first[] = {1}, second[] = {2};
  NSArray *batch = [NSArray arrayWithObjects:image_of(1, 1, 1, first), image_of(1, 1, 1, second), nil];
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  MPSImageBatch *results = [graph encodeBatchToCommandBuffer:commandBuffer
                                                sourceImages:[NSArray arrayWithObject:batch]
                                                sourceStates:nil];
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  CHECK([results count] == 2);
  CHECK_VALUES([results objectAtIndex:0], 3);
  CHECK_VALUES([results objectAtIndex:1], 6);

  // Without a second level, and with too many inputs.
  CHECK_RAISES(NSInvalidArgumentException, @"sourceImages must be of class NSArray",
               [graph encodeBatchToCommandBuffer:[queue commandBuffer] sourceImages:batch sourceStates:nil]);
  CHECK_RAISES(NSInvalidArgumentException, @"source image",
               [graph encodeToCommandBuffer:[queue commandBuffer] sourceImages:batch]);
  CHECK_RAISES(NSInvalidArgumentException, @"sourceImages is nil",
               [graph encodeToCommandBuffer:[queue commandBuffer] sourceImages:nothing]);
}

static void test_execute_async(void) {
  MPSNNGraph *graph = graph_of([[MPSCNNNeuronLinearNode nodeWithSource:[MPSNNImageNode nodeWithHandle:nil] a:3 b:0] resultImage]);
  const float values[] = {1};
  NSCondition *condition = [[[NSCondition alloc] init] autorelease];
  __block BOOL is_done = NO;
  __block MPSImage *delivered = nil;
  MPSImage *returned = [graph executeAsyncWithSourceImages:[NSArray arrayWithObject:image_of(1, 1, 1, values)]
                                         completionHandler:^(MPSImage *result, NSError *error) {
                                           [condition lock];
                                           CHECK(error == nil);
                                           delivered = [result retain];
                                           is_done = YES;
                                           [condition signal];
                                           [condition unlock];
                                         }];
  [condition lock];
  while (!is_done) [condition wait];
  [condition unlock];
  CHECK_VALUES(delivered, 3);
  CHECK(delivered == returned);
  [delivered release];
}

static void test_training(void) {
  // y = w x, the loss is (w x - label)^2 / 1, so that the gradient of w is 2 x (w x - label).
  Layer *weights = layer(1, 1, 1);
  Named *source = [Named named:@"source"];
  MPSNNImageNode *input = [MPSNNImageNode nodeWithHandle:source];
  MPSCNNConvolutionNode *convolution = [MPSCNNConvolutionNode nodeWithSource:input weights:weights];
  [convolution setTrainingStyle:MPSNNTrainingStyleUpdateDeviceCPU];
  MPSCNNLossDescriptor *descriptor = [MPSCNNLossDescriptor cnnLossDescriptorWithType:MPSCNNLossTypeMeanSquaredError
                                                                       reductionType:MPSCNNReductionTypeSum];
  CHECK_NEAR([descriptor weight], 1, 0);
  MPSCNNLossNode *loss = [MPSCNNLossNode nodeWithSource:[convolution resultImage] lossDescriptor:descriptor];
  CHECK([[loss inputLabels] isKindOfClass:[MPSNNLabelsNode class]]);
  Named *answers = [Named named:@"labels"];
  [[loss inputLabels] setHandle:answers];

  NSMutableArray *seen = [NSMutableArray array];
  NSArray *ends = [loss trainingGraphWithSourceGradient:nil
                                            nodeHandler:^(MPSNNFilterNode *gradientNode, MPSNNFilterNode *inferenceNode,
                                                          MPSNNImageNode *inferenceSource, MPSNNImageNode *gradientSource) {
                                              CHECK(inferenceNode == convolution && inferenceSource == input);
                                              CHECK(gradientSource == [loss resultImage]);
                                              [[gradientNode resultImage] setFormat:MPSImageFeatureChannelFormatFloat32];
                                              [seen addObject:gradientNode];
                                            }];
  CHECK([ends count] == 1 && [seen count] == 1);
  CHECK([ends objectAtIndex:0] == [seen objectAtIndex:0]);
  MPSCNNConvolutionGradientNode *gradient = [seen objectAtIndex:0];
  CHECK([gradient isKindOfClass:[MPSCNNConvolutionGradientNode class]]);
  CHECK([gradient trainingStyle] == MPSNNTrainingStyleUpdateDeviceCPU);
  CHECK([[gradient resultImage] format] == MPSImageFeatureChannelFormatFloat32);
  CHECK([[gradient resultImage] handle] == nil);

  MPSNNGraph *graph = [MPSNNGraph graphWithDevice:device resultImage:[gradient resultImage] resultImageIsNeeded:NO];
  [graph setFormat:MPSImageFeatureChannelFormatFloat32];
  CHECK([[graph sourceStateHandles] count] == 1 && [[graph sourceStateHandles] objectAtIndex:0] == answers);
  CHECK(![graph resultImageIsNeeded]);

  const float value[] = {3}, label[] = {5};
  MPSCNNLossDataDescriptor *data =
      [MPSCNNLossDataDescriptor cnnLossDataDescriptorWithData:[NSData dataWithBytes:label length:sizeof label]
                                                       layout:MPSDataLayoutHeightxWidthxFeatureChannels
                                                         size:MTLSizeMake(1, 1, 1)];
  CHECK([data bytesPerRow] == sizeof(float) && [data size].depth == 1);
  MPSCNNLossLabels *labels = [[[MPSCNNLossLabels alloc] initWithDevice:device labelsDescriptor:data] autorelease];
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  MPSImage *result = [graph encodeToCommandBuffer:commandBuffer
                                     sourceImages:[NSArray arrayWithObject:image_of(1, 1, 1, value)]
                                     sourceStates:[NSArray arrayWithObject:labels]
                               intermediateImages:nil
                                destinationStates:nil];
  CHECK(result == nil);
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  CHECK([commandBuffer error] == nil);
  CHECK_VALUES([labels lossImage], 4);  // (1 * 3 - 5)^2
  CHECK(weights->_updates == 1);
  CHECK_NEAR(((float *)[weights->_weights bytes])[0], 1 + 12, 1e-5);

  // What an update raises on a thread of the engine is the command buffer's error.
  weights->_raises = YES;
  commandBuffer = [queue commandBuffer];
  [graph encodeToCommandBuffer:commandBuffer
                  sourceImages:[NSArray arrayWithObject:image_of(1, 1, 1, value)]
                  sourceStates:[NSArray arrayWithObject:labels]
            intermediateImages:nil
             destinationStates:nil];
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  CHECK([commandBuffer status] == MTLCommandBufferStatusError);
  CHECK([[[commandBuffer error] localizedDescription] isEqualToString:@"no more training"]);

  // By hand, and to all sources at once.
  MPSNNGradientFilterNode *again = [convolution gradientFilterWithSource:[loss resultImage]];
  CHECK([again isKindOfClass:[MPSCNNConvolutionGradientNode class]] && again != gradient);
  CHECK([[convolution gradientFiltersWithSources:[NSArray arrayWithObject:[loss resultImage]]] count] == 1);
  CHECK_RAISES(NSInvalidArgumentException, @"no gradient of a gradient",
               [(MPSNNFilterNode *)again gradientFilterWithSource:input]);

  // An exception of the handler arrives here as it was raised.
  CHECK_RAISES(@"HandlerException", @"enough",
               [loss trainingGraphWithSourceGradient:nil
                                         nodeHandler:^(MPSNNFilterNode *made, MPSNNFilterNode *inference, MPSNNImageNode *from,
                                                       MPSNNImageNode *to) {
                                           (void)made, (void)inference, (void)from, (void)to;
                                           [NSException raise:@"HandlerException" format:@"that is enough"];
                                         }]);
}

static void test_gradient_nodes(void) {
  MPSNNImageNode *input = [MPSNNImageNode nodeWithHandle:nil], *incoming = [MPSNNImageNode nodeWithHandle:nil];
  MPSCNNPoolingAverageNode *pooling = [MPSCNNPoolingAverageNode nodeWithSource:input filterSize:2];
  MPSCNNPoolingAverageGradientNode *gradient =
      [MPSCNNPoolingAverageGradientNode nodeWithSourceGradient:incoming
                                                   sourceImage:input
                                                 gradientState:(MPSNNGradientStateNode *)[pooling resultState]
                                                   kernelWidth:2
                                                  kernelHeight:2
                                               strideInPixelsX:2
                                               strideInPixelsY:2
                                                 paddingPolicy:nil];
  CHECK([gradient kernelWidth] == 2 && [gradient strideInPixelsY] == 2);
  MPSNNGraph *graph = graph_of([gradient resultImage]);
  CHECK([[graph sourceImageHandles] count] == 2);
  const float value[] = {1, 2, 3, 4}, g[] = {8};
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  MPSImage *result = [graph encodeToCommandBuffer:commandBuffer
                                     sourceImages:[NSArray arrayWithObjects:image_of(1, 1, 1, g), image_of(2, 2, 1, value), nil]];
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  CHECK_VALUES(result, 2, 2, 2, 2);

  MPSCNNNeuronTanHNode *neuron = [MPSCNNNeuronTanHNode nodeWithSource:input a:2 b:3];
  MPSNNNeuronDescriptor *descriptor = [(MPSCNNNeuronGradientNode *)[neuron gradientFilterWithSource:incoming] descriptor];
  CHECK([descriptor neuronType] == MPSCNNNeuronTypeTanH);
  CHECK_NEAR([descriptor b], 3, 0);

  CHECK_RAISES(NSInvalidArgumentException, @"gradientState is nil",
               [MPSCNNSoftMaxGradientNode nodeWithSourceGradient:incoming sourceImage:input gradientState:nothing]);
  CHECK_RAISES(NSInvalidArgumentException, @"sourceGradient must be of class MPSNNImageNode",
               [MPSCNNSoftMaxGradientNode nodeWithSourceGradient:(MPSNNImageNode *)pooling
                                                     sourceImage:input
                                                   gradientState:(MPSNNGradientStateNode *)[neuron resultState]]);
}

static void test_padding(void) {
  MPSNNDefaultPadding *same = [MPSNNDefaultPadding paddingWithMethod:MPSNNPaddingMethodSizeSame];
  CHECK(same == [MPSNNDefaultPadding paddingWithMethod:MPSNNPaddingMethodSizeSame]);
  CHECK([same paddingMethod] == MPSNNPaddingMethodSizeSame);
  CHECK([[same label] rangeOfString:@"SizeSame"].location != NSNotFound);
  CHECK_RAISES(NSInvalidArgumentException, @"Custom", [MPSNNDefaultPadding paddingWithMethod:MPSNNPaddingMethodCustom]);

  EverySecond *policy = [[[EverySecond alloc] init] autorelease];
  MPSCNNPoolingMaxNode *pooling = [MPSCNNPoolingMaxNode nodeWithSource:[MPSNNImageNode nodeWithHandle:nil] filterSize:1 stride:2];
  [pooling setPaddingPolicy:policy];
  CHECK([pooling paddingPolicy] == policy);
  MPSNNGraph *graph = graph_of([pooling resultImage]);
  const float values[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  CHECK_VALUES(run_graph(graph, image_of(4, 4, 1, values)), 1, 3, 9, 11);
  CHECK(policy->_calls == 1);
  policy->_offset = 1;
  policy->_keepsKernel = YES;
  CHECK_VALUES(run_graph(graph, image_of(4, 4, 1, values)), 6, 8, 14, 16);
  CHECK([(MPSCNNKernel *)policy->_kernel offset].x == 1);
  policy->_offset = -1;
  policy->_edgeMode = MPSImageEdgeModeClamp;
  CHECK_VALUES(run_graph(graph, image_of(4, 4, 1, values)), 1, 2, 5, 6);
  policy->_edgeMode = MPSImageEdgeModeZero;
  CHECK_VALUES(run_graph(graph, image_of(4, 4, 1, values)), 0, 0, 0, 6);

  policy->_hasNoAnswer = YES;
  CHECK_RAISES(NSInvalidArgumentException, @"destinationImageDescriptorForSourceImages",
               run_graph(graph, image_of(4, 4, 1, values)));
  [policy->_kernel release];  // it has the policy, which has it
  policy->_kernel = nil;
  policy->_raises = YES;
  CHECK_RAISES(@"PaddingException", @"there is no room", run_graph(graph, image_of(4, 4, 1, values)));
  CHECK_RAISES(NSInvalidArgumentException, @"paddingPolicy is nil", [pooling setPaddingPolicy:nothing]);
}

static void test_copy(void) {
  Layer *weights = layer(1, 1, 1);
  MPSNNImageNode *input = [MPSNNImageNode nodeWithHandle:[Named named:@"input"]];
  MPSNNGraph *graph = graph_of([[MPSCNNConvolutionNode nodeWithSource:input weights:weights] resultImage]);
  MPSNNGraph *copy = [[graph copy] autorelease];
  CHECK([copy isKindOfClass:[MPSNNGraph class]] && copy != graph);
  CHECK([copy format] == MPSImageFeatureChannelFormatFloat32);
  CHECK([[[[copy sourceImageHandles] objectAtIndex:0] label] isEqualToString:@"input"]);
  const float value[] = {3};
  ((float *)[weights->_weights mutableBytes])[0] = 5;
  [graph reloadFromDataSources];
  CHECK_VALUES(run_graph(graph, image_of(1, 1, 1, value)), 15);
  CHECK_VALUES(run_graph(copy, image_of(1, 1, 1, value)), 3);
  [copy reloadFromDataSources];  // from a copy of the layer, made before its weights changed
  CHECK_VALUES(run_graph(copy, image_of(1, 1, 1, value)), 3);
}

static void test_archive(void) {
  Layer *weights = layer(1, 1, 1);
  MPSNNImageNode *input = [MPSNNImageNode nodeWithHandle:[Named named:@"input"]];
  MPSCNNConvolutionNode *convolution = [MPSCNNConvolutionNode nodeWithSource:input weights:weights];
  MPSNNGraph *graph = graph_of([[MPSCNNNeuronLinearNode nodeWithSource:[convolution resultImage] a:10 b:2] resultImage]);
  ((float *)[weights->_weights mutableBytes])[0] = 5;
  [graph reloadFromDataSources];
  MPSNNGraph *decoded = [NSKeyedUnarchiver unarchiveObjectWithData:[NSKeyedArchiver archivedDataWithRootObject:graph]];
  CHECK([decoded isKindOfClass:[MPSNNGraph class]] && decoded != graph);
  CHECK([decoded format] == MPSImageFeatureChannelFormatFloat32);
  CHECK([[[[decoded sourceImageHandles] objectAtIndex:0] label] isEqualToString:@"input"]);
  const float value[] = {3};
  CHECK_VALUES(run_graph(decoded, image_of(1, 1, 1, value)), 152);

  NSMutableData *data = [NSMutableData data];
  NSKeyedArchiver *archiver = [[[NSKeyedArchiver alloc] initForWritingWithMutableData:data] autorelease];
  [archiver encodeObject:[NSDictionary dictionaryWithObject:@"no list" forKey:@"images"] forKey:@"MPSNNGraph"];
  [archiver finishEncoding];
  NSKeyedUnarchiver *damaged = [[[NSKeyedUnarchiver alloc] initForReadingWithData:data] autorelease];
  CHECK([[MPSNNGraph alloc] initWithCoder:damaged device:device] == nil);

  EverySecond *policy = [[[EverySecond alloc] init] autorelease];
  [convolution setPaddingPolicy:policy];
  graph = graph_of([convolution resultImage]);
  data = [NSMutableData data];
  archiver = [[[NSKeyedArchiver alloc] initForWritingWithMutableData:(NSMutableData *)data] autorelease];
  [graph encodeWithCoder:archiver];
  [archiver finishEncoding];
  NSKeyedUnarchiver *empty = [[[NSKeyedUnarchiver alloc] initForReadingWithData:data] autorelease];
  CHECK([[MPSNNGraph alloc] initWithCoder:empty device:device] == nil);
}

/// What is allocated after so many graphs, each encoded ten times.
static size_t bytes_after(int graphs) {
  for (int i = 0; i < graphs; ++i) {
    NSAutoreleasePool *pool = [[NSAutoreleasePool alloc] init];
    MPSNNImageNode *input = [MPSNNImageNode nodeWithHandle:[Named named:@"input"]];
    MPSCNNConvolutionNode *convolution = [MPSCNNConvolutionNode nodeWithSource:input weights:layer(1, 1, 1)];
    [convolution setTrainingStyle:MPSNNTrainingStyleUpdateDeviceCPU];
    MPSCNNPoolingMaxNode *pooling = [MPSCNNPoolingMaxNode nodeWithSource:[convolution resultImage] filterSize:1 stride:2];
    [pooling setPaddingPolicy:[[[EverySecond alloc] init] autorelease]];
    NSArray *ends = [pooling trainingGraphWithSourceGradient:nil
                                                 nodeHandler:^(MPSNNFilterNode *made, MPSNNFilterNode *inference,
                                                               MPSNNImageNode *from, MPSNNImageNode *to) {
                                                   (void)inference, (void)from, (void)to;
                                                   [[made resultImage] setHandle:[Named named:@"gradient"]];
                                                 }];
    MPSNNGraph *graph = graph_of([[ends objectAtIndex:0] resultImage]);
    const float values[] = {1, 2, 3, 4};
    for (int j = 0; j < 10; ++j) CHECK(run_graph(graph, image_of(2, 2, 1, values)) != nil);
    [pool drain];
  }
  return mallinfo2().uordblks;
}

static void test_memory(void) {
  const size_t before = bytes_after(20), after = bytes_after(100);
  report(after < before + 32768, __FILE__, __LINE__,
         [NSString stringWithFormat:@"100 graphs and 1000 encodes leave %ld bytes", (long)(after - before)]);
}

/// What a graph of this layer does: nil, with a reason in the log, or an exception.
static MPSNNGraph *graph_of_layer(Layer *weights) {
  return graph_of([[MPSCNNConvolutionNode nodeWithSource:[MPSNNImageNode nodeWithHandle:nil] weights:weights] resultImage]);
}

static void test_errors(void) {
  Layer *weights = layer(1, 1, 1);
  weights->_failsToLoad = YES;
  CHECK(graph_of_layer(weights) == nil);
  weights = layer(1, 1, 1);
  weights->_hasNoWeights = YES;
  CHECK(graph_of_layer(weights) == nil);
  CHECK(weights->_loads == 1 && weights->_purges == 1);
  weights = layer(1, 1, 1);
  weights->_raises = YES;
  CHECK_RAISES(@"LayerException", @"there is no such file", graph_of_layer(weights));
  weights = layer(1, 1, 1);
  weights->_hasNoDescriptor = YES;
  CHECK_RAISES(NSInvalidArgumentException, @"-[Layer descriptor]: the result is nil", graph_of_layer(weights));
  weights = layer(1, 2, 2);
  [weights->_descriptor setGroups:3];
  CHECK(graph_of_layer(weights) == nil);

  MPSNNImageNode *input = [MPSNNImageNode nodeWithHandle:nil];
  CHECK_RAISES(NSInvalidArgumentException, @"-[MPSCNNSoftMaxNode initWithSource:]: source is nil",
               [MPSCNNSoftMaxNode nodeWithSource:nothing]);
  CHECK_RAISES(NSInvalidArgumentException, @"weights is nil", [MPSCNNConvolutionNode nodeWithSource:input weights:nothing]);
  CHECK_RAISES(NSInvalidArgumentException, @"must be of class MPSNNImageNode", [MPSCNNSoftMaxNode nodeWithSource:(id) @"input"]);
  CHECK_RAISES(NSInvalidArgumentException, @"method of the subclasses", [MPSCNNPoolingNode nodeWithSource:input filterSize:2]);
  CHECK_RAISES(NSInvalidArgumentException, @"stride", [MPSCNNPoolingMaxNode nodeWithSource:input filterSize:2 stride:0]);
  CHECK_RAISES(NSInvalidArgumentException, @"not available", [[[NSClassFromString(@"MPSNNImageNode") alloc] init] autorelease]);
  CHECK_RAISES(NSInvalidArgumentException, @"resultImage is nil", graph_of(nothing));
  CHECK([MPSNNGraph graphWithDevice:device resultImages:[NSArray array] resultsAreNeeded:NULL] == nil);
  CHECK_RAISES(NSInvalidArgumentException, @"imageAllocator is nil", [input setImageAllocator:nothing]);

  // The class of an object and of its node are the same, also where an initializer is inherited.
  CHECK_RAISES(NSInvalidArgumentException, @"MPSCNNConvolutionTransposeGradientNode",
               [MPSCNNConvolutionTransposeGradientNode
                     nodeWithSourceGradient:input
                                sourceImage:input
                   convolutionGradientState:[[MPSCNNConvolutionNode nodeWithSource:input
                                                                           weights:layer(1, 1, 1)] convolutionGradientState]
                                    weights:nil]);

  MPSNNGraph *graph = graph_of([[MPSCNNSoftMaxNode nodeWithSource:input] resultImage]);
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  [commandBuffer commit];
  const float value[] = {1};
  NSArray *sources = [NSArray arrayWithObject:image_of(1, 1, 1, value)];
  CHECK_RAISES(NSInvalidArgumentException, @"commit", [graph encodeToCommandBuffer:commandBuffer sourceImages:sources]);
  CHECK_RAISES(NSInvalidArgumentException, @"", [graph encodeToCommandBuffer:nothing sourceImages:sources]);
}

static void (*const kTests[])(void) = {
    test_forward, test_layers,        test_descriptors, test_handles_and_exports,
    test_batch,   test_execute_async, test_training,    test_gradient_nodes,
    test_padding, test_copy,          test_archive,     test_errors,
    test_memory,
};

int main(void) {
  NSAutoreleasePool *pool = [[NSAutoreleasePool alloc] init];
  device = MTLCreateSystemDefaultDevice();
  queue = [device newCommandQueue];
  for (size_t i = 0; i < sizeof kTests / sizeof *kTests; ++i) {
    NSAutoreleasePool *inner = [[NSAutoreleasePool alloc] init];
    kTests[i]();
    [inner drain];
    CHECK(live_layers == 0);  // graphs, nodes and whatever was on its way hold nothing any more
  }
  [queue release];
  [device release];
  [pool drain];
  return CHECK_RESULT;
}
