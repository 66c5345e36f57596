// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSCNNNEURON_H
#define METALPERFORMANCESHADERS_MPSCNNNEURON_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSCNNNeuronType.h>
#import <MetalPerformanceShaders/MPSCNNKernel.h>

NS_ASSUME_NONNULL_BEGIN

@class MPSNNNeuronDescriptor;

@interface MPSCNNNeuron : MPSCNNKernel
@property (nonatomic, readonly) MPSCNNNeuronType neuronType;
@property (nonatomic, readonly) float a;
@property (nonatomic, readonly) float b;
@property (nonatomic, readonly) float c;
@property (nonatomic, readonly, nullable) NSData *data;
- (instancetype)initWithDevice:(id<MTLDevice>)device neuronDescriptor:(MPSNNNeuronDescriptor *)neuronDescriptor;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_UNAVAILABLE;
@end

@interface MPSCNNNeuronAbsolute : MPSCNNNeuron
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_DEPRECATED;
@end

@interface MPSCNNNeuronELU : MPSCNNNeuron
- (instancetype)initWithDevice:(id<MTLDevice>)device a:(float)a MTL_DEPRECATED;
@end

@interface MPSCNNNeuronExponential : MPSCNNNeuron
- (instancetype)initWithDevice:(id<MTLDevice>)device a:(float)a b:(float)b c:(float)c MTL_DEPRECATED;
@end

@interface MPSCNNNeuronGradient : MPSCNNGradientKernel
@property (nonatomic, readonly) MPSCNNNeuronType neuronType;
@property (nonatomic, readonly) float a;
@property (nonatomic, readonly) float b;
@property (nonatomic, readonly) float c;
@property (nonatomic, readonly, nullable) NSData *data;
- (instancetype)initWithDevice:(id<MTLDevice>)device neuronDescriptor:(MPSNNNeuronDescriptor *)neuronDescriptor;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_UNAVAILABLE;
@end

@interface MPSCNNNeuronHardSigmoid : MPSCNNNeuron
- (instancetype)initWithDevice:(id<MTLDevice>)device a:(float)a b:(float)b MTL_DEPRECATED;
@end

@interface MPSCNNNeuronLinear : MPSCNNNeuron
- (instancetype)initWithDevice:(id<MTLDevice>)device a:(float)a b:(float)b MTL_DEPRECATED;
@end

@interface MPSCNNNeuronLogarithm : MPSCNNNeuron
- (instancetype)initWithDevice:(id<MTLDevice>)device a:(float)a b:(float)b c:(float)c MTL_DEPRECATED;
@end

@interface MPSCNNNeuronPReLU : MPSCNNNeuron
- (instancetype)initWithDevice:(id<MTLDevice>)device a:(const float *)a count:(NSUInteger)count MTL_DEPRECATED;
@end

@interface MPSCNNNeuronPower : MPSCNNNeuron
- (instancetype)initWithDevice:(id<MTLDevice>)device a:(float)a b:(float)b c:(float)c MTL_DEPRECATED;
@end

@interface MPSCNNNeuronReLU : MPSCNNNeuron
- (instancetype)initWithDevice:(id<MTLDevice>)device a:(float)a MTL_DEPRECATED;
@end

@interface MPSCNNNeuronReLUN : MPSCNNNeuron
- (instancetype)initWithDevice:(id<MTLDevice>)device a:(float)a b:(float)b MTL_DEPRECATED;
@end

@interface MPSCNNNeuronSigmoid : MPSCNNNeuron
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_DEPRECATED;
@end

@interface MPSCNNNeuronSoftPlus : MPSCNNNeuron
- (instancetype)initWithDevice:(id<MTLDevice>)device a:(float)a b:(float)b MTL_DEPRECATED;
@end

@interface MPSCNNNeuronSoftSign : MPSCNNNeuron
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_DEPRECATED;
@end

@interface MPSCNNNeuronTanH : MPSCNNNeuron
- (instancetype)initWithDevice:(id<MTLDevice>)device a:(float)a b:(float)b MTL_DEPRECATED;
@end

@interface MPSNNNeuronDescriptor : NSObject <NSCopying, NSSecureCoding> {
 @public
  void *_impl;
}
@property (nonatomic) MPSCNNNeuronType neuronType;
@property (nonatomic) float a;
@property (nonatomic) float b;
@property (nonatomic) float c;
@property (nonatomic, retain, nullable) NSData *data;
+ (MPSNNNeuronDescriptor *)cnnNeuronDescriptorWithType:(MPSCNNNeuronType)neuronType;
+ (MPSNNNeuronDescriptor *)cnnNeuronDescriptorWithType:(MPSCNNNeuronType)neuronType a:(float)a;
+ (MPSNNNeuronDescriptor *)cnnNeuronDescriptorWithType:(MPSCNNNeuronType)neuronType a:(float)a b:(float)b;
+ (MPSNNNeuronDescriptor *)cnnNeuronDescriptorWithType:(MPSCNNNeuronType)neuronType a:(float)a b:(float)b c:(float)c;
+ (MPSNNNeuronDescriptor *)cnnNeuronPReLUDescriptorWithData:(NSData *)data noCopy:(BOOL)noCopy;
- (instancetype)init MTL_UNAVAILABLE;
+ (instancetype)new MTL_UNAVAILABLE;
@end

NS_ASSUME_NONNULL_END

#endif
