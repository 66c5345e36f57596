// A client's layers and padding policies, and what they are used with.
#import "networks.h"

/// Weights that start at 1, 2, 3, ... and biases; trained by subtracting the gradients.
@interface Layer : Counted <MPSCNNConvolutionDataSource> {
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
@interface EverySecond : Stored <MPSNNPadding> {
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
@end

static inline MPSImage *run_graph(MPSNNGraph *graph, MPSImage *source) {
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  MPSImage *result = [graph encodeToCommandBuffer:commandBuffer sourceImages:[NSArray arrayWithObject:source]];
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  CHECK([commandBuffer error] == nil);
  return result;
}

static inline Layer *layer(NSUInteger size, NSUInteger inputs, NSUInteger outputs) {
  return [[[Layer alloc] initWithKernelSize:size inputs:inputs outputs:outputs] autorelease];
}
