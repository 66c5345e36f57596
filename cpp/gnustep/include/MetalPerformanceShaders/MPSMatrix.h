// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSMATRIX_H
#define METALPERFORMANCESHADERS_MPSMATRIX_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSCoreTypes.h>

NS_ASSUME_NONNULL_BEGIN

@class MPSMatrixDescriptor;
@class MPSVectorDescriptor;

@interface MPSMatrix : NSObject {
 @public
  void *_impl;
}
@property (nonatomic, readonly) id<MTLDevice> device;
@property (nonatomic, readonly) NSUInteger rows;
@property (nonatomic, readonly) NSUInteger columns;
@property (nonatomic, readonly) NSUInteger matrices;
@property (nonatomic, readonly) MPSDataType dataType;
@property (nonatomic, readonly) NSUInteger rowBytes;
@property (nonatomic, readonly) NSUInteger matrixBytes;
@property (nonatomic, readonly) NSUInteger offset;
@property (nonatomic, readonly) id<MTLBuffer> data;
- (instancetype)initWithBuffer:(id<MTLBuffer>)buffer descriptor:(MPSMatrixDescriptor *)descriptor;
- (instancetype)initWithBuffer:(id<MTLBuffer>)buffer
                        offset:(NSUInteger)offset
                    descriptor:(MPSMatrixDescriptor *)descriptor;
- (instancetype)initWithDevice:(id<MTLDevice>)device descriptor:(MPSMatrixDescriptor *)descriptor;
- (void)synchronizeOnCommandBuffer:(id<MTLCommandBuffer>)commandBuffer;
- (NSUInteger)resourceSize;
- (instancetype)init MTL_UNAVAILABLE;
+ (instancetype)new MTL_UNAVAILABLE;
@end

@interface MPSMatrixDescriptor : NSObject {
 @public
  void *_impl;
}
@property (nonatomic) NSUInteger rows;
@property (nonatomic) NSUInteger columns;
@property (nonatomic, readonly) NSUInteger matrices;
@property (nonatomic) MPSDataType dataType;
@property (nonatomic) NSUInteger rowBytes;
@property (nonatomic, readonly) NSUInteger matrixBytes;
+ (instancetype)matrixDescriptorWithDimensions:(NSUInteger)rows
                                       columns:(NSUInteger)columns
                                      rowBytes:(NSUInteger)rowBytes
                                      dataType:(MPSDataType)dataType MTL_DEPRECATED;
+ (instancetype)matrixDescriptorWithRows:(NSUInteger)rows
                                 columns:(NSUInteger)columns
                                rowBytes:(NSUInteger)rowBytes
                                dataType:(MPSDataType)dataType;
+ (instancetype)matrixDescriptorWithRows:(NSUInteger)rows
                                 columns:(NSUInteger)columns
                                matrices:(NSUInteger)matrices
                                rowBytes:(NSUInteger)rowBytes
                             matrixBytes:(NSUInteger)matrixBytes
                                dataType:(MPSDataType)dataType;
+ (size_t)rowBytesFromColumns:(NSUInteger)columns dataType:(MPSDataType)dataType MTL_DEPRECATED;
+ (size_t)rowBytesForColumns:(NSUInteger)columns dataType:(MPSDataType)dataType;
@end

@interface MPSVector : NSObject {
 @public
  void *_impl;
}
@property (nonatomic, readonly) id<MTLDevice> device;
@property (nonatomic, readonly) NSUInteger length;
@property (nonatomic, readonly) NSUInteger vectors;
@property (nonatomic, readonly) MPSDataType dataType;
@property (nonatomic, readonly) NSUInteger vectorBytes;
@property (nonatomic, readonly) NSUInteger offset;
@property (nonatomic, readonly) id<MTLBuffer> data;
- (instancetype)initWithBuffer:(id<MTLBuffer>)buffer descriptor:(MPSVectorDescriptor *)descriptor;
- (instancetype)initWithBuffer:(id<MTLBuffer>)buffer
                        offset:(NSUInteger)offset
                    descriptor:(MPSVectorDescriptor *)descriptor;
- (instancetype)initWithDevice:(id<MTLDevice>)device descriptor:(MPSVectorDescriptor *)descriptor;
- (void)synchronizeOnCommandBuffer:(id<MTLCommandBuffer>)commandBuffer;
- (NSUInteger)resourceSize;
- (instancetype)init MTL_UNAVAILABLE;
+ (instancetype)new MTL_UNAVAILABLE;
@end

@interface MPSVectorDescriptor : NSObject {
 @public
  void *_impl;
}
@property (nonatomic) NSUInteger length;
@property (nonatomic, readonly) NSUInteger vectors;
@property (nonatomic) MPSDataType dataType;
@property (nonatomic, readonly) NSUInteger vectorBytes;
+ (instancetype)vectorDescriptorWithLength:(NSUInteger)length dataType:(MPSDataType)dataType;
+ (instancetype)vectorDescriptorWithLength:(NSUInteger)length
                                   vectors:(NSUInteger)vectors
                               vectorBytes:(NSUInteger)vectorBytes
                                  dataType:(MPSDataType)dataType;
+ (size_t)vectorBytesForLength:(NSUInteger)length dataType:(MPSDataType)dataType;
@end

NS_ASSUME_NONNULL_END

#endif
