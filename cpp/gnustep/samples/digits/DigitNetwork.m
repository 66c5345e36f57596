#import "DigitNetwork.h"

#import "DigitData.h"
#import "DigitWeights.h"

enum { MaximumStepsInFlight = 2 };

@interface DigitNetwork ()
- (MPSNNImageNode *)scoresOfImage:(MPSNNImageNode *)image withDropout:(BOOL)withDropout;
- (MPSNNGraph *)newInferenceGraph;
- (MPSNNGraph *)newTrainingGraphWithBatchSize:(NSUInteger)batchSize;
- (void)stepDidCompleteWithLabels:(NSArray<MPSCNNLossLabels *> *)labels error:(NSError *)error;
@end

@implementation DigitNetwork

- (instancetype)initWithCommandQueue:(id<MTLCommandQueue>)queue
                           batchSize:(NSUInteger)batchSize
                        learningRate:(float)learningRate
                                seed:(uint64_t)seed {
  self = [super init];
  if (!self) return nil;
  _queue = [queue retain];
  _condition = [[NSCondition alloc] init];
  static const struct {
    const char *label;
    NSUInteger kernelSize, inputs, outputs;
  } layers[DigitLayers] = {{"conv1", 5, 1, 32}, {"conv2", 5, 32, 64}, {"fc1", 7, 64, 1024}, {"fc2", 1, 1024, DigitClasses}};
  for (NSUInteger i = 0; i < DigitLayers; ++i) {
    _layers[i] = [[DigitWeights alloc] initWithLabel:@(layers[i].label)
                                              device:[queue device]
                                          kernelSize:layers[i].kernelSize
                                              inputs:layers[i].inputs
                                             outputs:layers[i].outputs
                                        learningRate:learningRate
                                                seed:seed + i];
  }
  _inferenceGraph = [self newInferenceGraph];
  _trainingGraph = [self newTrainingGraphWithBatchSize:batchSize];
  if (!_inferenceGraph || !_trainingGraph) {
    [self release];
    return nil;
  }
  return self;
}

- (void)dealloc {
  [_queue release];
  for (NSUInteger i = 0; i < DigitLayers; ++i) [_layers[i] release];
  [_trainingGraph release];
  [_inferenceGraph release];
  [_condition release];
  [_error release];
  [super dealloc];
}

#pragma mark Graphs

static MPSNNImageNode *Rectified(MPSNNFilterNode *node) {
  return [MPSCNNNeuronReLUNode nodeWithSource:node.resultImage a:0].resultImage;
}

static MPSNNImageNode *HalfTheSize(MPSNNImageNode *source) {
  return [MPSCNNPoolingMaxNode nodeWithSource:source filterSize:2 stride:2].resultImage;
}

- (MPSNNImageNode *)scoresOfImage:(MPSNNImageNode *)image withDropout:(BOOL)withDropout {
  MPSNNImageNode *x = image;                                                                // 28 x 28 x 1
  x = HalfTheSize(Rectified([MPSCNNConvolutionNode nodeWithSource:x weights:_layers[0]]));  // 14 x 14 x 32
  x = HalfTheSize(Rectified([MPSCNNConvolutionNode nodeWithSource:x weights:_layers[1]]));  // 7 x 7 x 64
  x = Rectified([MPSCNNFullyConnectedNode nodeWithSource:x weights:_layers[2]]);            // 1 x 1 x 1024
  if (withDropout) x = [MPSCNNDropoutNode nodeWithSource:x keepProbability:0.5f].resultImage;
  return [MPSCNNFullyConnectedNode nodeWithSource:x weights:_layers[3]].resultImage;  // 1 x 1 x 10
}

- (MPSNNGraph *)newInferenceGraph {
  MPSNNImageNode *scores = [self scoresOfImage:[MPSNNImageNode nodeWithHandle:nil] withDropout:NO];
  MPSNNGraph *graph = [[MPSNNGraph alloc] initWithDevice:[_queue device]
                                             resultImage:[MPSCNNSoftMaxNode nodeWithSource:scores].resultImage
                                     resultImageIsNeeded:YES];
  graph.format = MPSImageFeatureChannelFormatFloat32;
  return graph;
}

- (MPSNNGraph *)newTrainingGraphWithBatchSize:(NSUInteger)batchSize {
  MPSNNImageNode *scores = [self scoresOfImage:[MPSNNImageNode nodeWithHandle:nil] withDropout:YES];
  // The loss contains the softmax. Gradients are sums over the batch: the weight makes a mean of them.
  MPSCNNLossDescriptor *descriptor = [MPSCNNLossDescriptor cnnLossDescriptorWithType:MPSCNNLossTypeSoftMaxCrossEntropy
                                                                       reductionType:MPSCNNReductionTypeSum];
  descriptor.weight = 1.0f / (float)batchSize;
  MPSCNNLossNode *loss = [MPSCNNLossNode nodeWithSource:scores lossDescriptor:descriptor];
  // Walks back from the loss and adds a gradient node for every node on the way; the last one ends at the image.
  NSArray<MPSNNFilterNode *> *last = [loss trainingGraphWithSourceGradient:nil nodeHandler:nil];
  // Nobody needs the gradient of the image itself, only what its making does to the weights.
  MPSNNGraph *graph = [[MPSNNGraph alloc] initWithDevice:[_queue device]
                                             resultImage:[[last objectAtIndex:0] resultImage]
                                     resultImageIsNeeded:NO];
  graph.format = MPSImageFeatureChannelFormatFloat32;
  return graph;
}

#pragma mark Training

- (void)trainWithImages:(MPSImageBatch *)images labels:(NSArray<MPSCNNLossLabels *> *)labels {
  [_condition lock];
  while (_stepsInFlight == MaximumStepsInFlight) [_condition wait];
  ++_stepsInFlight;
  [_condition unlock];

  MPSCommandBuffer *commandBuffer = [MPSCommandBuffer commandBufferFromCommandQueue:_queue];
  [_trainingGraph encodeBatchToCommandBuffer:commandBuffer
                                sourceImages:@[ images ]
                                sourceStates:@[ labels ]
                          intermediateImages:nil
                           destinationStates:nil];
  MPSStateBatchSynchronize(labels, commandBuffer);
  [commandBuffer addCompletedHandler:^(id<MTLCommandBuffer> completed) {
    [self stepDidCompleteWithLabels:labels error:completed.error];
  }];
  [commandBuffer commit];
}

- (void)stepDidCompleteWithLabels:(NSArray<MPSCNNLossLabels *> *)labels error:(NSError *)error {
  float sum = 0;
  for (MPSCNNLossLabels *label in labels) {
    float loss = 0;
    if (!error) [[label lossImage] readBytes:&loss dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:0];
    sum += loss;
  }
  [_condition lock];
  --_stepsInFlight;
  if (error) {
    [_error release];
    _error = [error retain];
  } else {
    _lossSum += sum;
    ++_lossCount;
  }
  [_condition broadcast];
  [_condition unlock];
}

- (BOOL)finishTrainingWithError:(NSError **)error {
  [_condition lock];
  while (_stepsInFlight > 0) [_condition wait];
  NSError *failure = [[_error retain] autorelease];
  [_condition unlock];
  // The graph that classifies has values of its own: from when it was made, or last reloaded.
  [_inferenceGraph reloadFromDataSources];
  if (failure && error) *error = failure;
  return failure == nil;
}

- (double)takeMeanLoss {
  [_condition lock];
  const double mean = _lossCount ? _lossSum / (double)_lossCount : 0;
  _lossSum = 0;
  _lossCount = 0;
  [_condition unlock];
  return mean;
}

#pragma mark Classification

- (NSArray<NSNumber *> *)digitsInImages:(MPSImageBatch *)images error:(NSError **)error {
  MPSCommandBuffer *commandBuffer = [MPSCommandBuffer commandBufferFromCommandQueue:_queue];
  MPSImageBatch *probabilities = [_inferenceGraph encodeBatchToCommandBuffer:commandBuffer
                                                                sourceImages:@[ images ]
                                                                sourceStates:nil];
  MPSImageBatchSynchronize(probabilities, commandBuffer);
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  if (commandBuffer.error) {
    if (error) *error = commandBuffer.error;
    return nil;
  }
  NSMutableArray<NSNumber *> *digits = [NSMutableArray arrayWithCapacity:[images count]];
  for (MPSImage *image in probabilities) {
    float values[DigitClasses];
    [image readBytes:values dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:0];
    NSUInteger best = 0;
    for (NSUInteger digit = 1; digit < DigitClasses; ++digit) {
      if (values[digit] > values[best]) best = digit;
    }
    [digits addObject:@(best)];
  }
  return digits;
}

@end
