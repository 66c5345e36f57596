// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METAL_MTLCOMPUTEPIPELINE_H
#define METAL_MTLCOMPUTEPIPELINE_H

#import <Metal/MTLDefines.h>
#import <Metal/MTLAllocation.h>
#import <Metal/MTLTypes.h>
#import <Metal/MTLPipeline.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MTLDevice;
@protocol MTLFunction;

@protocol MTLComputePipelineState <MTLAllocation>
@property (nonatomic, readonly, nullable) NSString *label;
@property (nonatomic, readonly) id<MTLDevice> device;
@property (nonatomic, readonly) NSUInteger maxTotalThreadsPerThreadgroup;
@property (nonatomic, readonly) NSUInteger threadExecutionWidth;
@property (nonatomic, readonly) NSUInteger staticThreadgroupMemoryLength;
@property (nonatomic, readonly) BOOL supportIndirectCommandBuffers;
@property (nonatomic, readonly) MTLResourceID gpuResourceID;
@property (nonatomic, readonly) MTLShaderValidation shaderValidation;
@property (nonatomic, readonly) MTLSize requiredThreadsPerThreadgroup;
- (NSUInteger)imageblockMemoryLengthForDimensions:(MTLSize)imageblockDimensions;
- (id<MTLComputePipelineState> _Nullable)newComputePipelineStateWithAdditionalBinaryFunctions:(NSArray<id<MTLFunction>> *)functions
    error:(NSError * _Nullable * _Nullable)error;
@end

NS_ASSUME_NONNULL_END

#endif
