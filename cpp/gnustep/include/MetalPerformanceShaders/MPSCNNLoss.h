// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSCNNLOSS_H
#define METALPERFORMANCESHADERS_MPSCNNLOSS_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSCoreTypes.h>
#import <MetalPerformanceShaders/MPSImage.h>
#import <MetalPerformanceShaders/MPSState.h>
#import <MetalPerformanceShaders/MPSCNNTypes.h>
#import <MetalPerformanceShaders/MPSCNNKernel.h>

NS_ASSUME_NONNULL_BEGIN

@class MPSCNNLossDescriptor;
@class MPSCNNLossLabels;
@class MPSCNNYOLOLossDescriptor;

typedef NSArray<MPSCNNLossLabels *> MPSCNNLossLabelsBatch;

@protocol MPSNNLossCallback <NSObject, NSSecureCoding, NSCopying>
- (float)scalarWeightForSourceImage:(MPSImage *)sourceImage destinationImage:(MPSImage *)destinationImage;
@end

@interface MPSCNNLoss : MPSCNNKernel
@property (nonatomic, readonly) MPSCNNLossType lossType;
@property (nonatomic, readonly) MPSCNNReductionType reductionType;
@property (nonatomic, readonly) float weight;
@property (nonatomic, readonly) float labelSmoothing;
@property (nonatomic, readonly) NSUInteger numberOfClasses;
@property (nonatomic, readonly) float epsilon;
@property (nonatomic, readonly) float delta;
@property (nonatomic, readonly) BOOL reduceAcrossBatch;
- (instancetype)initWithDevice:(id<MTLDevice>)device lossDescriptor:(MPSCNNLossDescriptor *)lossDescriptor;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                  sourceImage:(MPSImage *)sourceImage
                       labels:(MPSCNNLossLabels *)labels
             destinationImage:(MPSImage *)destinationImage;
- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                        sourceImage:(MPSImage *)sourceImage
                             labels:(MPSCNNLossLabels *)labels;
- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                      sourceImages:(MPSImageBatch *)sourceImage
                            labels:(MPSCNNLossLabelsBatch *)labels
                 destinationImages:(MPSImageBatch *)destinationImage;
- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                 sourceImages:(MPSImageBatch *)sourceImage
                                       labels:(MPSCNNLossLabelsBatch *)labels;
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_UNAVAILABLE;
@end

@interface MPSCNNLossDataDescriptor : NSObject <NSCopying> {
 @public
  void *_impl;
}
@property (nonatomic, readonly) MPSDataLayout layout;
@property (nonatomic, readonly) MTLSize size;
@property (nonatomic) NSUInteger bytesPerRow;
@property (nonatomic) NSUInteger bytesPerImage;
+ (MPSCNNLossDataDescriptor * _Nullable)cnnLossDataDescriptorWithData:(NSData *)data
                                                               layout:(MPSDataLayout)layout
                                                                 size:(MTLSize)size;
- (instancetype)init MTL_UNAVAILABLE;
+ (instancetype)new MTL_UNAVAILABLE;
@end

@interface MPSCNNLossDescriptor : NSObject <NSCopying> {
 @public
  void *_impl;
}
@property (nonatomic) MPSCNNLossType lossType;
@property (nonatomic) MPSCNNReductionType reductionType;
@property (nonatomic) BOOL reduceAcrossBatch;
@property (nonatomic) float weight;
@property (nonatomic) float labelSmoothing;
@property (nonatomic) NSUInteger numberOfClasses;
@property (nonatomic) float epsilon;
@property (nonatomic) float delta;
+ (MPSCNNLossDescriptor *)cnnLossDescriptorWithType:(MPSCNNLossType)lossType
                                      reductionType:(MPSCNNReductionType)reductionType;
- (instancetype)init MTL_UNAVAILABLE;
+ (instancetype)new MTL_UNAVAILABLE;
@end

@interface MPSCNNLossLabels : MPSState
- (instancetype)initWithDevice:(id<MTLDevice>)device labelsDescriptor:(MPSCNNLossDataDescriptor *)labelsDescriptor;
- (instancetype)initWithDevice:(id<MTLDevice>)device
                 lossImageSize:(MTLSize)lossImageSize
              labelsDescriptor:(MPSCNNLossDataDescriptor *)labelsDescriptor
             weightsDescriptor:(MPSCNNLossDataDescriptor * _Nullable)weightsDescriptor;
- (instancetype)initWithDevice:(id<MTLDevice>)device
                 lossImageSize:(MTLSize)lossImageSize
                   labelsImage:(MPSImage *)labelsImage
                  weightsImage:(MPSImage * _Nullable)weightsImage;
- (MPSImage *)lossImage;
- (MPSImage *)labelsImage;
- (MPSImage *)weightsImage;
@end

@interface MPSCNNYOLOLoss : MPSCNNKernel
@property (nonatomic, readonly) MPSCNNLoss *lossXY;
@property (nonatomic, readonly) MPSCNNLoss *lossWH;
@property (nonatomic, readonly) MPSCNNLoss *lossConfidence;
@property (nonatomic, readonly) MPSCNNLoss *lossClasses;
@property (nonatomic, readonly) float scaleXY;
@property (nonatomic, readonly) float scaleWH;
@property (nonatomic, readonly) float scaleNoObject;
@property (nonatomic, readonly) float scaleObject;
@property (nonatomic, readonly) float scaleClass;
@property (nonatomic, readonly) float minIOUForObjectPresence;
@property (nonatomic, readonly) float maxIOUForObjectAbsence;
@property (nonatomic, readonly) MPSCNNReductionType reductionType;
@property (nonatomic, readonly) NSUInteger numberOfAnchorBoxes;
@property (nonatomic, readonly) NSData *anchorBoxes;
@property (nonatomic, readonly) BOOL reduceAcrossBatch;
- (instancetype)initWithDevice:(id<MTLDevice>)device lossDescriptor:(MPSCNNYOLOLossDescriptor *)lossDescriptor;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                  sourceImage:(MPSImage *)sourceImage
                       labels:(MPSCNNLossLabels *)labels
             destinationImage:(MPSImage *)destinationImage;
- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                        sourceImage:(MPSImage *)sourceImage
                             labels:(MPSCNNLossLabels *)labels;
- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                      sourceImages:(MPSImageBatch *)sourceImage
                            labels:(MPSCNNLossLabelsBatch *)labels
                 destinationImages:(MPSImageBatch *)destinationImage;
- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                 sourceImages:(MPSImageBatch *)sourceImage
                                       labels:(MPSCNNLossLabelsBatch *)labels;
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_UNAVAILABLE;
@end

@interface MPSCNNYOLOLossDescriptor : NSObject <NSCopying> {
 @public
  void *_impl;
}
@property (nonatomic, retain) MPSCNNLossDescriptor *XYLossDescriptor;
@property (nonatomic, retain) MPSCNNLossDescriptor *WHLossDescriptor;
@property (nonatomic, retain) MPSCNNLossDescriptor *confidenceLossDescriptor;
@property (nonatomic, retain) MPSCNNLossDescriptor *classesLossDescriptor;
@property (nonatomic) MPSCNNReductionType reductionType;
@property (nonatomic) BOOL reduceAcrossBatch;
@property (nonatomic) BOOL rescore;
@property (nonatomic) float scaleXY;
@property (nonatomic) float scaleWH;
@property (nonatomic) float scaleNoObject;
@property (nonatomic) float scaleObject;
@property (nonatomic) float scaleClass;
@property (nonatomic) float minIOUForObjectPresence;
@property (nonatomic) float maxIOUForObjectAbsence;
@property (nonatomic) NSUInteger numberOfAnchorBoxes;
@property (nonatomic, retain) NSData *anchorBoxes;
+ (MPSCNNYOLOLossDescriptor *)cnnLossDescriptorWithXYLossType:(MPSCNNLossType)XYLossType
                                                   WHLossType:(MPSCNNLossType)WHLossType
                                           confidenceLossType:(MPSCNNLossType)confidenceLossType
                                              classesLossType:(MPSCNNLossType)classesLossType
                                                reductionType:(MPSCNNReductionType)reductionType
                                                  anchorBoxes:(NSData *)anchorBoxes
                                          numberOfAnchorBoxes:(NSUInteger)numberOfAnchorBoxes;
- (instancetype)init MTL_UNAVAILABLE;
+ (instancetype)new MTL_UNAVAILABLE;
@end

@interface MPSNNForwardLoss : MPSCNNKernel
@property (nonatomic, readonly) MPSCNNLossType lossType;
@property (nonatomic, readonly) MPSCNNReductionType reductionType;
@property (nonatomic, readonly) BOOL reduceAcrossBatch;
@property (nonatomic, readonly) NSUInteger numberOfClasses;
@property (nonatomic) float weight;
@property (nonatomic) float labelSmoothing;
@property (nonatomic) float epsilon;
@property (nonatomic) float delta;
- (instancetype)initWithDevice:(id<MTLDevice>)device lossDescriptor:(MPSCNNLossDescriptor *)lossDescriptor;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                      sourceImages:(MPSImageBatch *)sourceImages
                            labels:(MPSImageBatch *)labels
                           weights:(MPSImageBatch * _Nullable)weights
                 destinationStates:(MPSStateBatch * _Nullable)destinationStates
                 destinationImages:(MPSImageBatch *)destinationImages;
- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                 sourceImages:(MPSImageBatch *)sourceImages
                                       labels:(MPSImageBatch *)labels
                                      weights:(MPSImageBatch * _Nullable)weights
                            destinationStates:(MPSStateBatch * _Nullable * _Nullable)outStates
                  destinationStateIsTemporary:(BOOL)isTemporary;
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_UNAVAILABLE;
@end

@interface MPSNNInitialGradient : MPSCNNKernel
- (instancetype)initWithDevice:(id<MTLDevice>)device;
@end

@interface MPSNNLossGradient : MPSCNNBinaryKernel
@property (nonatomic, readonly) MPSCNNLossType lossType;
@property (nonatomic, readonly) MPSCNNReductionType reductionType;
@property (nonatomic, readonly) BOOL reduceAcrossBatch;
@property (nonatomic, readonly) NSUInteger numberOfClasses;
@property (nonatomic) float weight;
@property (nonatomic) float labelSmoothing;
@property (nonatomic) float epsilon;
@property (nonatomic) float delta;
@property (nonatomic) BOOL computeLabelGradients;
- (instancetype)initWithDevice:(id<MTLDevice>)device lossDescriptor:(MPSCNNLossDescriptor *)lossDescriptor;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                              sourceGradients:(MPSImageBatch *)sourceGradients
                                 sourceImages:(MPSImageBatch *)sourceImages
                                       labels:(MPSImageBatch *)labels
                                      weights:(MPSImageBatch * _Nullable)weights
                                 sourceStates:(MPSStateBatch * _Nullable)sourceStates;
- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                   sourceGradients:(MPSImageBatch *)sourceGradients
                      sourceImages:(MPSImageBatch *)sourceImages
                            labels:(MPSImageBatch *)labels
                           weights:(MPSImageBatch * _Nullable)weights
                      sourceStates:(MPSStateBatch * _Nullable)sourceStates
              destinationGradients:(MPSImageBatch *)destinationGradients;
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_UNAVAILABLE;
@end

NS_ASSUME_NONNULL_END

#endif
