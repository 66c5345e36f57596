// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METAL_MTLCOMMANDENCODER_H
#define METAL_MTLCOMMANDENCODER_H

#import <Metal/MTLDefines.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MTLDevice;

typedef NS_OPTIONS(NSUInteger, MTLBarrierScope) {
  MTLBarrierScopeBuffers = 1,
  MTLBarrierScopeTextures = 2,
  MTLBarrierScopeRenderTargets = 4,
};

typedef NS_OPTIONS(NSUInteger, MTLResourceUsage) {
  MTLResourceUsageRead = 1,
  MTLResourceUsageWrite = 2,
  MTLResourceUsageSample MTL_DEPRECATED = 4,
};

typedef NS_OPTIONS(NSUInteger, MTLStages) {
  MTLStageVertex = 1,
  MTLStageFragment = 2,
  MTLStageTile = 4,
  MTLStageObject = 8,
  MTLStageMesh = 16,
  MTLStageResourceState = 67108864,
  MTLStageDispatch = 134217728,
  MTLStageBlit = 268435456,
  MTLStageAccelerationStructure = 536870912,
  MTLStageMachineLearning = 1073741824,
  MTLStageAll = 9223372036854775807,
};

@protocol MTLCommandEncoder <NSObject>
@property (nonatomic, readonly) id<MTLDevice> device;
@property (nonatomic, copy, nullable) NSString *label;
- (void)endEncoding;
- (void)barrierAfterQueueStages:(MTLStages)afterQueueStages beforeStages:(MTLStages)beforeStages;
- (void)insertDebugSignpost:(NSString *)string;
- (void)pushDebugGroup:(NSString *)string;
- (void)popDebugGroup;
@end

NS_ASSUME_NONNULL_END

#endif
