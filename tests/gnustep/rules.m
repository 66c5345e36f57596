// A client that breaks the rules sees an NSException, or nil and a reason in the log: never a crash.
#import "check.h"

static id<MTLDevice> device;
static id<MTLCommandQueue> queue;

/// That what breaks a rule raises, or gives nil.
#define CHECK_REFUSED(expression)             \
  do {                                        \
    id refused = nil;                         \
    @try {                                    \
      refused = (expression);                 \
    } @catch (NSException * exception) {      \
      CHECK([[exception reason] length] > 0); \
    }                                         \
    CHECK(refused == nil);                    \
  } while (0)

/// A layer of one weight, 3, and one bias, 1, with the mistakes that are asked for.
@interface Layer : NSObject <MPSCNNConvolutionDataSource> {
 @public
  BOOL _doesNotLoad, _hasNoWeights, _hasNoDescriptor, _raisesInLoad, _raisesInUpdate;
  NSUInteger _loads, _purges;
}
@end

static float weight = 3, bias = 1;

@implementation Layer

- (BOOL)load {
  ++_loads;
  if (_raisesInLoad) [NSException raise:@"LayerException" format:@"no such file"];
  return !_doesNotLoad;
}

- (void)purge {
  ++_purges;
}

- (NSString *)label {
  return nil;
}

- (MPSDataType)dataType {
  return MPSDataTypeFloat32;
}

- (MPSCNNConvolutionDescriptor *)descriptor {
  if (_hasNoDescriptor) return nothing;
  return [MPSCNNConvolutionDescriptor cnnConvolutionDescriptorWithKernelWidth:1
                                                                 kernelHeight:1
                                                         inputFeatureChannels:1
                                                        outputFeatureChannels:1];
}

- (void *)weights {
  return _hasNoWeights ? NULL : &weight;
}

- (float *)biasTerms {
  return &bias;
}

- (MPSCNNConvolutionWeightsAndBiasesState *)updateWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                                      gradientState:(MPSCNNConvolutionGradientState *)gradientState
                                                        sourceState:(MPSCNNConvolutionWeightsAndBiasesState *)sourceState {
  CHECK(commandBuffer != nil && gradientState.gradientForWeights.length == sizeof(float) && sourceState.weights != nil);
  if (_raisesInUpdate) [NSException raise:@"LayerException" format:@"out of patience"];
  return nil;
}

- (id)copyWithZone:(NSZone *)zone {
  (void)zone;
  return [self retain];
}

@end

/// Has none of the methods that the protocol requires.
@interface EmptyLayer : NSObject
@end

@implementation EmptyLayer
@end

static MPSImageDescriptor *PixelDescriptor(NSUInteger channels) {
  return [MPSImageDescriptor imageDescriptorWithChannelFormat:MPSImageFeatureChannelFormatFloat32
                                                        width:1
                                                       height:1
                                              featureChannels:channels];
}

static MPSImage *Pixel(float value) {
  MPSImage *image = [[[MPSImage alloc] initWithDevice:device imageDescriptor:PixelDescriptor(1)] autorelease];
  [image writeBytes:&value dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:0];
  return image;
}

static MPSCNNLossLabels *Labels(float value) {
  MPSCNNLossDataDescriptor *descriptor =
      [MPSCNNLossDataDescriptor cnnLossDataDescriptorWithData:[NSData dataWithBytes:&value length:sizeof value]
                                                       layout:MPSDataLayoutHeightxWidthxFeatureChannels
                                                         size:MTLSizeMake(1, 1, 1)];
  return [[[MPSCNNLossLabels alloc] initWithDevice:device labelsDescriptor:descriptor] autorelease];
}

static MPSNNGraph *Graph(id layer) {
  MPSNNImageNode *source = [MPSNNImageNode nodeWithHandle:nil];
  MPSNNGraph *graph = [MPSNNGraph graphWithDevice:device
                                      resultImage:[MPSCNNConvolutionNode nodeWithSource:source weights:layer].resultImage
                              resultImageIsNeeded:YES];
  graph.format = MPSImageFeatureChannelFormatFloat32;
  return graph;
}

static MPSNNGraph *TrainingGraph(Layer *layer) {
  MPSNNImageNode *source = [MPSNNImageNode nodeWithHandle:nil];
  MPSCNNLossDescriptor *descriptor = [MPSCNNLossDescriptor cnnLossDescriptorWithType:MPSCNNLossTypeMeanSquaredError
                                                                       reductionType:MPSCNNReductionTypeSum];
  MPSNNImageNode *result = [MPSCNNConvolutionNode nodeWithSource:source weights:layer].resultImage;
  MPSCNNLossNode *loss = [MPSCNNLossNode nodeWithSource:result lossDescriptor:descriptor];
  NSArray<MPSNNFilterNode *> *last = [loss trainingGraphWithSourceGradient:nil nodeHandler:nil];
  return [MPSNNGraph graphWithDevice:device resultImage:[[last objectAtIndex:0] resultImage] resultImageIsNeeded:YES];
}

static void TestLayers(void) {
  Layer *layer = [[[Layer alloc] init] autorelease];
  MPSNNGraph *graph = Graph(layer);
  CHECK(graph != nil);
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  MPSImage *result = [graph encodeToCommandBuffer:commandBuffer sourceImages:@[ Pixel(2) ]];
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  float value = 0;
  [result readBytes:&value dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:0];
  CHECK_NEAR(value, 7, 0);
  CHECK(layer->_loads == layer->_purges && layer->_loads > 0);

  Layer *broken = [[[Layer alloc] init] autorelease];
  broken->_doesNotLoad = YES;
  CHECK_REFUSED(Graph(broken));
  broken = [[[Layer alloc] init] autorelease];
  broken->_hasNoWeights = YES;
  CHECK_REFUSED(Graph(broken));
  broken = [[[Layer alloc] init] autorelease];
  broken->_hasNoDescriptor = YES;
  CHECK_REFUSED(Graph(broken));
  broken = [[[Layer alloc] init] autorelease];
  broken->_raisesInLoad = YES;
  CHECK_RAISES(@"LayerException", @"no such file", Graph(broken));
  CHECK_REFUSED(Graph([[[EmptyLayer alloc] init] autorelease]));
  CHECK_REFUSED(Graph(nil));
}

static void TestNodes(void) {
  MPSNNImageNode *source = [MPSNNImageNode nodeWithHandle:nil];
  CHECK_RAISES(NSInvalidArgumentException, @"source", [MPSCNNNeuronReLUNode nodeWithSource:nothing]);
  CHECK_RAISES(NSInvalidArgumentException, @"source",
               [MPSCNNConvolutionNode nodeWithSource:nothing weights:[[[Layer alloc] init] autorelease]]);
  CHECK_RAISES(NSInvalidArgumentException, @"weights", [MPSCNNConvolutionNode nodeWithSource:source weights:nothing]);
  CHECK_REFUSED([MPSCNNPoolingMaxNode nodeWithSource:source filterSize:0]);
  CHECK_REFUSED([MPSCNNNeuronReLUNode nodeWithSource:(MPSNNImageNode *)@"a string"]);
  CHECK_REFUSED([MPSCNNLossNode nodeWithSource:source lossDescriptor:nothing]);

  CHECK_REFUSED([MPSNNGraph graphWithDevice:device resultImage:nothing resultImageIsNeeded:YES]);
  CHECK_REFUSED([MPSNNGraph graphWithDevice:device resultImage:[[MPSNNImageNode alloc] autorelease] resultImageIsNeeded:YES]);
  CHECK_REFUSED([MPSNNGraph graphWithDevice:device resultImages:@[] resultsAreNeeded:NULL]);
  CHECK_REFUSED([MPSNNGraph graphWithDevice:device resultImages:@[ (id)[NSNull null] ] resultsAreNeeded:NULL]);
  CHECK_REFUSED([MPSNNGraph graphWithDevice:nothing
                                resultImage:[MPSCNNNeuronReLUNode nodeWithSource:source].resultImage
                        resultImageIsNeeded:YES]);
}

static void TestImages(void) {
  MPSNNGraph *graph = Graph([[[Layer alloc] init] autorelease]);
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  MPSTemporaryImage *temporary = [MPSTemporaryImage temporaryImageWithCommandBuffer:commandBuffer
                                                                    imageDescriptor:PixelDescriptor(1)];
  CHECK(temporary.readCount == 1);
  CHECK([graph encodeToCommandBuffer:commandBuffer sourceImages:@[ temporary ]] != nil);
  CHECK(temporary.readCount == 0);
  CHECK_RAISES(NSInvalidArgumentException, @"read_count 0",
               [graph encodeToCommandBuffer:commandBuffer sourceImages:@[ temporary ]]);

  CHECK_RAISES(NSInvalidArgumentException, @"1 source images are needed, got 0",
               [graph encodeToCommandBuffer:commandBuffer sourceImages:@[]]);
  CHECK_RAISES(NSInvalidArgumentException, @"sourceImages is nil",
               [graph encodeToCommandBuffer:commandBuffer sourceImages:nothing]);
  CHECK_RAISES(NSInvalidArgumentException, @"must be of class MPSImage",
               [graph encodeToCommandBuffer:commandBuffer sourceImages:@[ (id)[NSNull null] ]]);
  CHECK_RAISES(NSInvalidArgumentException, @"must be of class MPSImage",
               [graph encodeToCommandBuffer:commandBuffer sourceImages:@[ (id) @"a string" ]]);
  CHECK_RAISES(NSInvalidArgumentException, @"MTLCommandBuffer", [graph encodeToCommandBuffer:nothing sourceImages:@[ Pixel(1) ]]);
  MPSImage *unfinished = [[MPSImage alloc] autorelease];
  CHECK_RAISES(NSInvalidArgumentException, @"sourceImages",
               [graph encodeToCommandBuffer:commandBuffer sourceImages:@[ unfinished ]]);
  CHECK_REFUSED([[[MPSImage alloc] initWithDevice:device imageDescriptor:nothing] autorelease]);
  CHECK_REFUSED([[[MPSImage alloc] initWithDevice:device imageDescriptor:PixelDescriptor(0)] autorelease]);

  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  CHECK(commandBuffer.error == nil);
  CHECK_RAISES(NSInvalidArgumentException, @"already committed",
               [graph encodeToCommandBuffer:commandBuffer sourceImages:@[ Pixel(1) ]]);
}

static void TestBatches(void) {
  Layer *layer = [[[Layer alloc] init] autorelease];
  MPSNNGraph *graph = TrainingGraph(layer);
  CHECK(graph != nil);
  MPSCommandBuffer *commandBuffer = [MPSCommandBuffer commandBufferFromCommandQueue:queue];
  MPSImageBatch *images = @[ Pixel(1), Pixel(2) ];
  MPSStateBatch *one = @[ Labels(1) ], *two = @[ Labels(1), Labels(2) ];
  CHECK_RAISES(NSInvalidArgumentException, @"has 1 labels for 2 images",
               [graph encodeBatchToCommandBuffer:commandBuffer sourceImages:@[ images ] sourceStates:@[ one ]]);
  CHECK_RAISES(NSInvalidArgumentException, @"1 source states are needed, got 0",
               [graph encodeBatchToCommandBuffer:commandBuffer sourceImages:@[ images ] sourceStates:nil]);
  CHECK_RAISES(NSInvalidArgumentException, @"is an empty batch",
               [graph encodeBatchToCommandBuffer:commandBuffer sourceImages:@[ @[] ] sourceStates:@[ @[] ]]);
  CHECK_RAISES(NSInvalidArgumentException, @"1 source images are needed, got 2",
               [graph encodeBatchToCommandBuffer:commandBuffer sourceImages:@[ images, images ] sourceStates:@[ two ]]);
  // An exception of the client's comes back as it is, and the graph serves on.
  layer->_raisesInUpdate = YES;
  CHECK_RAISES(@"LayerException", @"out of patience",
               [graph encodeBatchToCommandBuffer:commandBuffer sourceImages:@[ images ] sourceStates:@[ two ]]);
  layer->_raisesInUpdate = NO;
  CHECK([[graph encodeBatchToCommandBuffer:commandBuffer sourceImages:@[ images ] sourceStates:@[ two ]] count] == 2);
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  CHECK(commandBuffer.error == nil);
}

int main(void) {
  @autoreleasepool {
    device = [MTLCreateSystemDefaultDevice() autorelease];
    queue = [[device newCommandQueue] autorelease];
    TestLayers();
    TestNodes();
    TestImages();
    TestBatches();
  }
  return CHECK_RESULT;
}
