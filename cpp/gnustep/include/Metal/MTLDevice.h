// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METAL_MTLDEVICE_H
#define METAL_MTLDEVICE_H

#import <Metal/MTLDefines.h>
#import <Metal/MTLPixelFormat.h>
#import <Metal/MTLTypes.h>
#import <Metal/MTLResource.h>
#import <Metal/MTLTexture.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MTLBuffer;
@protocol MTLCommandQueue;
@class MTLCommandQueueDescriptor;
@class MTLCompileOptions;
@protocol MTLComputePipelineState;
@protocol MTLDevice;
@protocol MTLEvent;
@protocol MTLFence;
@protocol MTLFunction;
@protocol MTLHeap;
@class MTLHeapDescriptor;
@protocol MTLLibrary;
@protocol MTLSharedEvent;
@class MTLSharedEventHandle;

typedef NS_ENUM(NSUInteger, MTLArgumentBuffersTier) {
  MTLArgumentBuffersTier1 = 0,
  MTLArgumentBuffersTier2 = 1,
};

typedef NS_ENUM(NSUInteger, MTLCounterSamplingPoint) {
  MTLCounterSamplingPointAtStageBoundary = 0,
  MTLCounterSamplingPointAtDrawBoundary = 1,
  MTLCounterSamplingPointAtDispatchBoundary = 2,
  MTLCounterSamplingPointAtTileDispatchBoundary = 3,
  MTLCounterSamplingPointAtBlitBoundary = 4,
};

typedef NS_ENUM(NSUInteger, MTLDeviceLocation) {
  MTLDeviceLocationBuiltIn = 0,
  MTLDeviceLocationSlot = 1,
  MTLDeviceLocationExternal = 2,
  MTLDeviceLocationUnspecified = 18446744073709551615ULL,
};

typedef NS_ENUM(NSUInteger, MTLFeatureSet) {
  MTLFeatureSet_iOS_GPUFamily1_v1 = 0,
  MTLFeatureSet_iOS_GPUFamily2_v1 = 1,
  MTLFeatureSet_iOS_GPUFamily1_v2 = 2,
  MTLFeatureSet_iOS_GPUFamily2_v2 = 3,
  MTLFeatureSet_iOS_GPUFamily3_v1 = 4,
  MTLFeatureSet_iOS_GPUFamily1_v3 = 5,
  MTLFeatureSet_iOS_GPUFamily2_v3 = 6,
  MTLFeatureSet_iOS_GPUFamily3_v2 = 7,
  MTLFeatureSet_iOS_GPUFamily1_v4 = 8,
  MTLFeatureSet_iOS_GPUFamily2_v4 = 9,
  MTLFeatureSet_iOS_GPUFamily3_v3 = 10,
  MTLFeatureSet_iOS_GPUFamily4_v1 = 11,
  MTLFeatureSet_iOS_GPUFamily1_v5 = 12,
  MTLFeatureSet_iOS_GPUFamily2_v5 = 13,
  MTLFeatureSet_iOS_GPUFamily3_v4 = 14,
  MTLFeatureSet_iOS_GPUFamily4_v2 = 15,
  MTLFeatureSet_iOS_GPUFamily5_v1 = 16,
  MTLFeatureSet_macOS_GPUFamily1_v1 = 10000,
  MTLFeatureSet_OSX_GPUFamily1_v1 = 10000,
  MTLFeatureSet_macOS_GPUFamily1_v2 = 10001,
  MTLFeatureSet_OSX_GPUFamily1_v2 = 10001,
  MTLFeatureSet_macOS_ReadWriteTextureTier2 = 10002,
  MTLFeatureSet_OSX_ReadWriteTextureTier2 = 10002,
  MTLFeatureSet_macOS_GPUFamily1_v3 = 10003,
  MTLFeatureSet_macOS_GPUFamily1_v4 = 10004,
  MTLFeatureSet_macOS_GPUFamily2_v1 = 10005,
  MTLFeatureSet_tvOS_GPUFamily1_v1 = 30000,
  MTLFeatureSet_TVOS_GPUFamily1_v1 = 30000,
  MTLFeatureSet_tvOS_GPUFamily1_v2 = 30001,
  MTLFeatureSet_tvOS_GPUFamily1_v3 = 30002,
  MTLFeatureSet_tvOS_GPUFamily2_v1 = 30003,
  MTLFeatureSet_tvOS_GPUFamily1_v4 = 30004,
  MTLFeatureSet_tvOS_GPUFamily2_v2 = 30005,
};

typedef NS_ENUM(NSInteger, MTLGPUFamily) {
  MTLGPUFamilyApple1 = 1001,
  MTLGPUFamilyApple2 = 1002,
  MTLGPUFamilyApple3 = 1003,
  MTLGPUFamilyApple4 = 1004,
  MTLGPUFamilyApple5 = 1005,
  MTLGPUFamilyApple6 = 1006,
  MTLGPUFamilyApple7 = 1007,
  MTLGPUFamilyApple8 = 1008,
  MTLGPUFamilyApple9 = 1009,
  MTLGPUFamilyApple10 = 1010,
  MTLGPUFamilyMac1 MTL_DEPRECATED = 2001,
  MTLGPUFamilyMac2 = 2002,
  MTLGPUFamilyCommon1 = 3001,
  MTLGPUFamilyCommon2 = 3002,
  MTLGPUFamilyCommon3 = 3003,
  MTLGPUFamilyMacCatalyst1 MTL_DEPRECATED = 4001,
  MTLGPUFamilyMacCatalyst2 MTL_DEPRECATED = 4002,
  MTLGPUFamilyMetal3 = 5001,
  MTLGPUFamilyMetal4 = 5002,
};

typedef NS_ENUM(NSUInteger, MTLReadWriteTextureTier) {
  MTLReadWriteTextureTierNone = 0,
  MTLReadWriteTextureTier1 = 1,
  MTLReadWriteTextureTier2 = 2,
};

typedef NS_ENUM(NSUInteger, MTLSparseTextureRegionAlignmentMode) {
  MTLSparseTextureRegionAlignmentModeOutward = 0,
  MTLSparseTextureRegionAlignmentModeInward = 1,
};

typedef struct MTLSizeAndAlign {
  NSUInteger size;
  NSUInteger align;
} MTLSizeAndAlign;

typedef NSString *MTLDeviceNotificationName;
typedef uint64_t MTLTimestamp;

typedef void (^MTLDeviceNotificationHandler)(id<MTLDevice>, MTLDeviceNotificationName);
typedef void (^MTLNewComputePipelineStateCompletionHandler)(id<MTLComputePipelineState> _Nullable, NSError * _Nullable);
typedef void (^MTLNewLibraryCompletionHandler)(id<MTLLibrary> _Nullable, NSError * _Nullable);

MTL_EXTERN MTLDeviceNotificationName const MTLDeviceRemovalRequestedNotification;
MTL_EXTERN MTLDeviceNotificationName const MTLDeviceWasAddedNotification;
MTL_EXTERN MTLDeviceNotificationName const MTLDeviceWasRemovedNotification;

MTL_EXTERN NSArray<id<MTLDevice>> *MTLCopyAllDevices(void);

MTL_EXTERN NSArray<id<MTLDevice>> *MTLCopyAllDevicesWithObserver(id<NSObject> _Nullable * _Nonnull observer,
                                                                 MTLDeviceNotificationHandler handler);

MTL_EXTERN id<MTLDevice> _Nullable MTLCreateSystemDefaultDevice(void);
MTL_EXTERN void MTLRemoveDeviceObserver(id<NSObject> observer);

@protocol MTLDevice <NSObject>
@required
@property (nonatomic, readonly) NSString *name;
@property (nonatomic, readonly) uint64_t registryID;
@property (nonatomic, readonly) MTLSize maxThreadsPerThreadgroup;
@property (nonatomic, readonly, getter=isLowPower) BOOL lowPower;
@property (nonatomic, readonly, getter=isHeadless) BOOL headless;
@property (nonatomic, readonly, getter=isRemovable) BOOL removable;
@property (nonatomic, readonly) BOOL hasUnifiedMemory;
@property (nonatomic, readonly) uint64_t recommendedMaxWorkingSetSize;
@property (nonatomic, readonly) MTLDeviceLocation location;
@property (nonatomic, readonly) NSUInteger locationNumber;
@property (nonatomic, readonly) uint64_t maxTransferRate;
@property (nonatomic, readonly, getter=isDepth24Stencil8PixelFormatSupported) BOOL depth24Stencil8PixelFormatSupported;
@property (nonatomic, readonly) MTLReadWriteTextureTier readWriteTextureSupport;
@property (nonatomic, readonly) MTLArgumentBuffersTier argumentBuffersSupport;
@property (nonatomic, readonly, getter=areRasterOrderGroupsSupported) BOOL rasterOrderGroupsSupported;
@property (nonatomic, readonly) BOOL supports32BitFloatFiltering;
@property (nonatomic, readonly) BOOL supports32BitMSAA;
@property (nonatomic, readonly) BOOL supportsQueryTextureLOD;
@property (nonatomic, readonly) BOOL supportsBCTextureCompression;
@property (nonatomic, readonly) BOOL supportsPullModelInterpolation;
@property (nonatomic, readonly, getter=areBarycentricCoordsSupported) BOOL barycentricCoordsSupported MTL_DEPRECATED;
@property (nonatomic, readonly) BOOL supportsShaderBarycentricCoordinates;
@property (nonatomic, readonly) NSUInteger currentAllocatedSize;
@property (nonatomic, readonly) NSUInteger maxThreadgroupMemoryLength;
@property (nonatomic, readonly) NSUInteger maxArgumentBufferSamplerCount;
@property (nonatomic, readonly, getter=areProgrammableSamplePositionsSupported) BOOL programmableSamplePositionsSupported;
@property (nonatomic, readonly) uint64_t peerGroupID;
@property (nonatomic, readonly) uint32_t peerIndex;
@property (nonatomic, readonly) uint32_t peerCount;
@property (nonatomic, readonly) NSUInteger sparseTileSizeInBytes;
@property (nonatomic, readonly) NSUInteger maxBufferLength;
@property (nonatomic, readonly) BOOL supportsDynamicLibraries;
@property (nonatomic, readonly) BOOL supportsRenderDynamicLibraries;
@property (nonatomic, readonly) BOOL supportsRaytracing;
@property (nonatomic, readonly) BOOL supportsFunctionPointers;
@property (nonatomic, readonly) BOOL supportsFunctionPointersFromRender;
@property (nonatomic, readonly) BOOL supportsRaytracingFromRender;
@property (nonatomic, readonly) BOOL supportsPrimitiveMotionBlur;
@property (nonatomic) BOOL shouldMaximizeConcurrentCompilation;
@property (nonatomic, readonly) NSUInteger maximumConcurrentCompilationTaskCount;
- (id<MTLCommandQueue> _Nullable)newCommandQueue;
- (id<MTLCommandQueue> _Nullable)newCommandQueueWithMaxCommandBufferCount:(NSUInteger)maxCommandBufferCount;
- (id<MTLCommandQueue> _Nullable)newCommandQueueWithDescriptor:(MTLCommandQueueDescriptor *)descriptor;
- (MTLSizeAndAlign)heapTextureSizeAndAlignWithDescriptor:(MTLTextureDescriptor *)desc;
- (MTLSizeAndAlign)heapBufferSizeAndAlignWithLength:(NSUInteger)length options:(MTLResourceOptions)options;
- (id<MTLHeap> _Nullable)newHeapWithDescriptor:(MTLHeapDescriptor *)descriptor;
- (id<MTLBuffer> _Nullable)newBufferWithLength:(NSUInteger)length options:(MTLResourceOptions)options;
- (id<MTLBuffer> _Nullable)newBufferWithBytes:(const void *)pointer
                                       length:(NSUInteger)length
                                      options:(MTLResourceOptions)options;
- (id<MTLBuffer> _Nullable)newBufferWithBytesNoCopy:(void *)pointer
                                             length:(NSUInteger)length
                                            options:(MTLResourceOptions)options
                                        deallocator:(void (^ _Nullable)(void *, NSUInteger))deallocator;
- (id<MTLTexture> _Nullable)newTextureWithDescriptor:(MTLTextureDescriptor *)descriptor;
- (id<MTLTexture> _Nullable)newSharedTextureWithDescriptor:(MTLTextureDescriptor *)descriptor;
- (id<MTLLibrary> _Nullable)newDefaultLibrary;
- (id<MTLLibrary> _Nullable)newDefaultLibraryWithBundle:(NSBundle *)bundle error:(NSError * _Nullable * _Nullable)error;
- (id<MTLLibrary> _Nullable)newLibraryWithFile:(NSString *)filepath
                                         error:(NSError * _Nullable * _Nullable)error MTL_DEPRECATED;
- (id<MTLLibrary> _Nullable)newLibraryWithURL:(NSURL *)url error:(NSError * _Nullable * _Nullable)error;
- (id<MTLLibrary> _Nullable)newLibraryWithSource:(NSString *)source
                                         options:(MTLCompileOptions * _Nullable)options
                                           error:(NSError * _Nullable * _Nullable)error;
- (void)newLibraryWithSource:(NSString *)source
                     options:(MTLCompileOptions * _Nullable)options
           completionHandler:(MTLNewLibraryCompletionHandler)completionHandler;
- (id<MTLComputePipelineState> _Nullable)newComputePipelineStateWithFunction:(id<MTLFunction>)computeFunction
                                                                       error:(NSError * _Nullable * _Nullable)error;
- (void)newComputePipelineStateWithFunction:(id<MTLFunction>)computeFunction
                          completionHandler:(MTLNewComputePipelineStateCompletionHandler)completionHandler;
- (id<MTLFence> _Nullable)newFence;
- (BOOL)supportsFeatureSet:(MTLFeatureSet)featureSet MTL_DEPRECATED;
- (BOOL)supportsFamily:(MTLGPUFamily)gpuFamily;
- (BOOL)supportsTextureSampleCount:(NSUInteger)sampleCount;
- (NSUInteger)minimumLinearTextureAlignmentForPixelFormat:(MTLPixelFormat)format;
- (NSUInteger)minimumTextureBufferAlignmentForPixelFormat:(MTLPixelFormat)format;
- (void)getDefaultSamplePositions:(MTLSamplePosition *)positions count:(NSUInteger)count;
- (BOOL)supportsRasterizationRateMapWithLayerCount:(NSUInteger)layerCount;
- (id<MTLEvent> _Nullable)newEvent;
- (id<MTLSharedEvent> _Nullable)newSharedEvent;
- (id<MTLSharedEvent> _Nullable)newSharedEventWithHandle:(MTLSharedEventHandle *)sharedEventHandle;
- (MTLSize)sparseTileSizeWithTextureType:(MTLTextureType)textureType
                             pixelFormat:(MTLPixelFormat)pixelFormat
                             sampleCount:(NSUInteger)sampleCount;
- (NSUInteger)sparseTileSizeInBytesForSparsePageSize:(MTLSparsePageSize)sparsePageSize;
- (MTLSize)sparseTileSizeWithTextureType:(MTLTextureType)textureType
                             pixelFormat:(MTLPixelFormat)pixelFormat
                             sampleCount:(NSUInteger)sampleCount
                          sparsePageSize:(MTLSparsePageSize)sparsePageSize;
- (void)sampleTimestamps:(MTLTimestamp *)cpuTimestamp gpuTimestamp:(MTLTimestamp *)gpuTimestamp;
- (BOOL)supportsCounterSampling:(MTLCounterSamplingPoint)samplingPoint;
- (BOOL)supportsVertexAmplificationCount:(NSUInteger)count;
- (BOOL)supportsPlacementSparse;
- (MTLSizeAndAlign)heapAccelerationStructureSizeAndAlignWithSize:(NSUInteger)size;
- (id<MTLBuffer> _Nullable)newBufferWithLength:(NSUInteger)length
                                       options:(MTLResourceOptions)options
                       placementSparsePageSize:(MTLSparsePageSize)placementSparsePageSize;
- (uint64_t)queryTimestampFrequency;
@optional
- (void)convertSparsePixelRegions:(const MTLRegion *)pixelRegions
                    toTileRegions:(const MTLRegion *)tileRegions
                     withTileSize:(MTLSize)tileSize
                    alignmentMode:(MTLSparseTextureRegionAlignmentMode)mode
                       numRegions:(NSUInteger)numRegions;
- (void)convertSparseTileRegions:(const MTLRegion *)tileRegions
                  toPixelRegions:(const MTLRegion *)pixelRegions
                    withTileSize:(MTLSize)tileSize
                      numRegions:(NSUInteger)numRegions;
@end

NS_ASSUME_NONNULL_END

#endif
