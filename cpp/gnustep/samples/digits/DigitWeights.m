#import "DigitWeights.h"

#include <math.h>
#include <string.h>

/// SplitMix64 (Steele, Lea, Flood, 2014): the same numbers on every system.
static uint64_t NextRandom(uint64_t *state) {
  uint64_t z = *state += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

/// Zeros in memory that the processor sees too.
static id<MTLBuffer> ZeroedBuffer(id<MTLDevice> device, NSUInteger count) {
  id<MTLBuffer> buffer = [device newBufferWithLength:count * sizeof(float) options:MTLResourceStorageModeShared];
  memset([buffer contents], 0, count * sizeof(float));
  return [buffer autorelease];
}

static MPSVector *ZeroedVector(id<MTLDevice> device, NSUInteger count) {
  MPSVectorDescriptor *descriptor = [MPSVectorDescriptor vectorDescriptorWithLength:count dataType:MPSDataTypeFloat32];
  return [[[MPSVector alloc] initWithBuffer:ZeroedBuffer(device, count) descriptor:descriptor] autorelease];
}

static void CopyContents(id<MTLBuffer> from, id<MTLBuffer> to) { memcpy([to contents], [from contents], [to length]); }

static void CopyVectors(NSArray<MPSVector *> *from, NSArray<MPSVector *> *to) {
  for (NSUInteger i = 0; i < [from count]; ++i) CopyContents([from objectAtIndex:i].data, [to objectAtIndex:i].data);
}

@interface DigitWeights ()
- (instancetype)initWithLabel:(NSString *)label
                       device:(id<MTLDevice>)device
                   descriptor:(MPSCNNConvolutionDescriptor *)descriptor
                    optimizer:(MPSNNOptimizerAdam *)optimizer;
@end

@implementation DigitWeights

- (instancetype)initWithLabel:(NSString *)label
                       device:(id<MTLDevice>)device
                   descriptor:(MPSCNNConvolutionDescriptor *)descriptor
                    optimizer:(MPSNNOptimizerAdam *)optimizer {
  self = [super init];
  if (!self) return nil;
  _label = [label copy];
  _device = [device retain];
  _descriptor = [descriptor retain];
  _optimizer = [optimizer retain];
  const NSUInteger biasCount = descriptor.outputFeatureChannels;
  const NSUInteger weightCount = biasCount * descriptor.kernelHeight * descriptor.kernelWidth * descriptor.inputFeatureChannels;
  for (NSUInteger i = 0; i < 2; ++i) {
    _states[i] = [[MPSCNNConvolutionWeightsAndBiasesState alloc] initWithWeights:ZeroedBuffer(device, weightCount)
                                                                          biases:ZeroedBuffer(device, biasCount)];
  }
  _momentum = [@[ ZeroedVector(device, weightCount), ZeroedVector(device, biasCount) ] retain];
  _velocity = [@[ ZeroedVector(device, weightCount), ZeroedVector(device, biasCount) ] retain];
  return self;
}

- (instancetype)initWithLabel:(NSString *)label
                       device:(id<MTLDevice>)device
                   kernelSize:(NSUInteger)kernelSize
                       inputs:(NSUInteger)inputs
                      outputs:(NSUInteger)outputs
                 learningRate:(float)learningRate
                         seed:(uint64_t)seed {
  MPSNNOptimizerAdam *optimizer = [[MPSNNOptimizerAdam alloc] initWithDevice:device learningRate:learningRate];
  self = [self initWithLabel:label
                      device:device
                  descriptor:[MPSCNNConvolutionDescriptor cnnConvolutionDescriptorWithKernelWidth:kernelSize
                                                                                     kernelHeight:kernelSize
                                                                             inputFeatureChannels:inputs
                                                                            outputFeatureChannels:outputs]
                   optimizer:optimizer];
  [optimizer release];
  if (!self) return nil;
  const float limit = (float)sqrt(6.0 / (double)(kernelSize * kernelSize * inputs));
  float *weights = [self weights];
  for (NSUInteger i = 0; i < kernelSize * kernelSize * inputs * outputs; ++i) {
    weights[i] = limit * (2 * ((float)(NextRandom(&seed) >> 40) * 0x1p-24f) - 1);
  }
  return self;
}

- (void)dealloc {
  [_label release];
  [_device release];
  [_descriptor release];
  [_optimizer release];
  for (NSUInteger i = 0; i < 2; ++i) [_states[i] release];
  [_momentum release];
  [_velocity release];
  [super dealloc];
}

#pragma mark MPSCNNConvolutionDataSource

// The values stay in memory: there is nothing to read from a disk, or to forget.
- (BOOL)load {
  return YES;
}

- (void)purge {
}

- (NSString *)label {
  return _label;
}

- (MPSCNNConvolutionDescriptor *)descriptor {
  return _descriptor;
}

- (MPSDataType)dataType {
  return MPSDataTypeFloat32;
}

- (MPSDataType)kernelWeightsDataType {
  return MPSDataTypeFloat32;
}

- (void *)weights {
  return [_states[_current].weights contents];
}

- (float *)biasTerms {
  return [_states[_current].biases contents];
}

- (MPSCNNConvolutionWeightsAndBiasesState *)updateWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                                      gradientState:(MPSCNNConvolutionGradientState *)gradientState
                                                        sourceState:(MPSCNNConvolutionWeightsAndBiasesState *)sourceState {
  _current = 1 - _current;
  [_optimizer encodeToCommandBuffer:commandBuffer
           convolutionGradientState:gradientState
             convolutionSourceState:sourceState
               inputMomentumVectors:_momentum
               inputVelocityVectors:_velocity
                        resultState:_states[_current]];
  return _states[_current];
}

#pragma mark NSCopying

/// A copy trains on its own, from the values of now.
- (instancetype)copyWithZone:(NSZone *)zone device:(id<MTLDevice>)device {
  id<MTLDevice> target = device ? device : _device;
  MPSNNOptimizerAdam *optimizer = [_optimizer copyWithZone:zone device:target];
  DigitWeights *copy = [[[self class] allocWithZone:zone] initWithLabel:_label
                                                                 device:target
                                                             descriptor:_descriptor
                                                              optimizer:optimizer];
  [optimizer release];
  CopyContents(_states[_current].weights, copy->_states[0].weights);
  CopyContents(_states[_current].biases, copy->_states[0].biases);
  CopyVectors(_momentum, copy->_momentum);
  CopyVectors(_velocity, copy->_velocity);
  return copy;
}

- (id)copyWithZone:(NSZone *)zone {
  return [self copyWithZone:zone device:nil];
}

@end
