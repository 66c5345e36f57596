// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSNNGRAPH_H
#define METALPERFORMANCESHADERS_MPSNNGRAPH_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSCoreTypes.h>
#import <MetalPerformanceShaders/MPSKernel.h>
#import <MetalPerformanceShaders/MPSImage.h>
#import <MetalPerformanceShaders/MPSState.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MPSHandle;
@class MPSNNImageNode;

typedef void (^MPSNNGraphCompletionHandler)(MPSImage * _Nullable result, NSError * _Nullable error);

@interface MPSNNGraph : MPSKernel
@property (nonatomic, readonly) NSArray<id<MPSHandle>> *sourceImageHandles;
@property (nonatomic, readonly, nullable) NSArray<id<MPSHandle>> *sourceStateHandles;
@property (nonatomic, readonly, nullable) NSArray<id<MPSHandle>> *intermediateImageHandles;
@property (nonatomic, readonly, nullable) NSArray<id<MPSHandle>> *resultStateHandles;
@property (nonatomic, readonly, nullable) id<MPSHandle> resultHandle;
@property (nonatomic) BOOL outputStateIsTemporary;
@property (nonatomic, retain) id<MPSImageAllocator> destinationImageAllocator;
@property (nonatomic) MPSImageFeatureChannelFormat format;
@property (nonatomic, readonly) BOOL resultImageIsNeeded;
- (instancetype _Nullable)initWithDevice:(id<MTLDevice>)device
                             resultImage:(MPSNNImageNode *)resultImage
                     resultImageIsNeeded:(BOOL)resultIsNeeded;
+ (instancetype _Nullable)graphWithDevice:(id<MTLDevice>)device
                              resultImage:(MPSNNImageNode *)resultImage
                      resultImageIsNeeded:(BOOL)resultIsNeeded;
- (instancetype _Nullable)initWithDevice:(id<MTLDevice>)device
                            resultImages:(NSArray<MPSNNImageNode *> *)resultImages
                        resultsAreNeeded:(BOOL * _Nullable)areResultsNeeded;
+ (instancetype _Nullable)graphWithDevice:(id<MTLDevice>)device
                             resultImages:(NSArray<MPSNNImageNode *> *)resultImages
                         resultsAreNeeded:(BOOL * _Nullable)areResultsNeeded;
- (instancetype _Nullable)initWithDevice:(id<MTLDevice>)device resultImage:(MPSNNImageNode *)resultImage MTL_DEPRECATED;
+ (instancetype _Nullable)graphWithDevice:(id<MTLDevice>)device
                              resultImage:(MPSNNImageNode *)resultImage MTL_DEPRECATED;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (void)reloadFromDataSources;
- (MPSImage * _Nullable)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                 sourceImages:(NSArray<MPSImage *> *)sourceImages
                                 sourceStates:(NSArray<MPSState *> * _Nullable)sourceStates
                           intermediateImages:(NSMutableArray<MPSImage *> * _Nullable)intermediateImages
                            destinationStates:(NSMutableArray<MPSState *> * _Nullable)destinationStates;
- (MPSImageBatch * _Nullable)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                           sourceImages:(NSArray<MPSImageBatch *> *)sourceImages
                                           sourceStates:(NSArray<MPSStateBatch *> * _Nullable)sourceStates
                                     intermediateImages:(NSMutableArray<MPSImageBatch *> * _Nullable)intermediateImages
                                      destinationStates:(NSMutableArray<MPSStateBatch *> * _Nullable)destinationStates;
- (MPSImage * _Nullable)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                 sourceImages:(NSArray<MPSImage *> *)sourceImages;
- (MPSImageBatch * _Nullable)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                           sourceImages:(NSArray<MPSImageBatch *> *)sourceImages
                                           sourceStates:(NSArray<MPSStateBatch *> * _Nullable)sourceStates;
- (MPSImage *)executeAsyncWithSourceImages:(NSArray<MPSImage *> *)sourceImages
                         completionHandler:(MPSNNGraphCompletionHandler)handler;
- (NSUInteger)readCountForSourceImageAtIndex:(NSUInteger)index;
- (NSUInteger)readCountForSourceStateAtIndex:(NSUInteger)index;
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_UNAVAILABLE;
@end

NS_ASSUME_NONNULL_END

#endif
