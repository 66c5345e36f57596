// Data sources for kernels of few numbers.
#import "check.h"

@interface Weights : NSObject <MPSCNNConvolutionDataSource> {
 @public
  MPSCNNConvolutionDescriptor *_descriptor;
  NSMutableData *_weights;
  float _bias;
}
+ (instancetype)width:(NSUInteger)width stride:(NSUInteger)stride weights:(const float *)weights bias:(float)bias;
@end

@implementation Weights
+ (instancetype)width:(NSUInteger)width stride:(NSUInteger)stride weights:(const float *)weights bias:(float)bias {
  Weights *made = [[[self alloc] init] autorelease];
  made->_descriptor = [[MPSCNNConvolutionDescriptor cnnConvolutionDescriptorWithKernelWidth:width
                                                                               kernelHeight:1
                                                                       inputFeatureChannels:1
                                                                      outputFeatureChannels:1] retain];
  made->_descriptor.strideInPixelsX = stride;
  made->_weights = [[NSMutableData alloc] initWithBytes:weights length:width * sizeof(float)];
  made->_bias = bias;
  return made;
}
- (void)dealloc {
  [_descriptor release];
  [_weights release];
  [super dealloc];
}
- (id)copyWithZone:(NSZone *)zone {
  Weights *copy = [[[self class] allocWithZone:zone] init];
  copy->_descriptor = [_descriptor copy];
  copy->_weights = [_weights mutableCopy];
  copy->_bias = _bias;
  return copy;
}
- (MPSDataType)dataType {
  return MPSDataTypeFloat32;
}
- (MPSDataType)kernelWeightsDataType {
  return MPSDataTypeFloat32;
}
- (MPSCNNConvolutionDescriptor *)descriptor {
  return _descriptor;
}
- (void *)weights {
  return [_weights mutableBytes];
}
- (float *)biasTerms {
  return _bias ? &_bias : NULL;
}
- (BOOL)load {
  return YES;
}
- (void)purge {
}
- (NSString *)label {
  return @"weights";
}
@end

/// For one channel, or two: gamma 2, beta 1; mean 1, variance 4.
@interface Normalization
    : NSObject <MPSCNNBatchNormalizationDataSource, MPSCNNInstanceNormalizationDataSource, MPSCNNGroupNormalizationDataSource> {
 @public
  NSUInteger _channels, _groups;
  float _gamma[2], _beta[2], _mean[2], _variance[2];
}
- (instancetype)initWithChannels:(NSUInteger)channels;
@end

@implementation Normalization
- (instancetype)initWithChannels:(NSUInteger)channels {
  if (!(self = [super init])) return nil;
  _channels = channels;
  _groups = 1;
  for (int i = 0; i < 2; ++i) {
    _gamma[i] = 2;
    _beta[i] = 1;
    _mean[i] = 1;
    _variance[i] = 4;
  }
  return self;
}
+ (instancetype)channels:(NSUInteger)channels {
  return [[[self alloc] initWithChannels:channels] autorelease];
}
- (id)copyWithZone:(NSZone *)zone {
  Normalization *copy = [[[self class] allocWithZone:zone] initWithChannels:_channels];
  copy->_groups = _groups;
  for (int i = 0; i < 2; ++i) {
    copy->_gamma[i] = _gamma[i];
    copy->_beta[i] = _beta[i];
    copy->_mean[i] = _mean[i];
    copy->_variance[i] = _variance[i];
  }
  return copy;
}
- (NSUInteger)numberOfFeatureChannels {
  return _channels;
}
- (NSUInteger)numberOfGroups {
  return _groups;
}
- (void)setNumberOfGroups:(NSUInteger)groups {
  _groups = groups;
}
- (float *)gamma {
  return _gamma;
}
- (float *)beta {
  return _beta;
}
- (float *)mean {
  return _mean;
}
- (float *)variance {
  return _variance;
}
- (BOOL)load {
  return YES;
}
- (void)purge {
}
- (NSString *)label {
  return @"normalization";
}
@end
