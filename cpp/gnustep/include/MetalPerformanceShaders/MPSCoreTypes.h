// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSCORETYPES_H
#define METALPERFORMANCESHADERS_MPSCORETYPES_H

#import <Metal/Metal.h>

NS_ASSUME_NONNULL_BEGIN

typedef NS_ENUM(NSUInteger, MPSDataLayout) {
  MPSDataLayoutHeightxWidthxFeatureChannels = 0,
  MPSDataLayoutFeatureChannelsxHeightxWidth = 1,
};

typedef NS_ENUM(uint32_t, MPSDataType) {
  MPSDataTypeInvalid = 0,
  MPSDataTypeFloatBit = 268435456,
  MPSDataTypeFloat32 = 268435488,
  MPSDataTypeFloat16 = 268435472,
  MPSDataTypeComplexBit = 16777216,
  MPSDataTypeComplexFloat32 = 285212736,
  MPSDataTypeComplexFloat16 = 285212704,
  MPSDataTypeSignedBit = 536870912,
  MPSDataTypeIntBit MTL_DEPRECATED = 536870912,
  MPSDataTypeInt2 = 536870914,
  MPSDataTypeInt4 = 536870916,
  MPSDataTypeInt8 = 536870920,
  MPSDataTypeInt16 = 536870928,
  MPSDataTypeInt32 = 536870944,
  MPSDataTypeInt64 = 536870976,
  MPSDataTypeUInt2 = 2,
  MPSDataTypeUInt4 = 4,
  MPSDataTypeUInt8 = 8,
  MPSDataTypeUInt16 = 16,
  MPSDataTypeUInt32 = 32,
  MPSDataTypeUInt64 = 64,
  MPSDataTypeAlternateEncodingBit = 2147483648,
  MPSDataTypeBool = 2147483656,
  MPSDataTypeBFloat16 = 2415919120,
  MPSDataTypeComplexBFloat16 = 2432696352,
  MPSDataTypeNormalizedBit = 1073741824,
  MPSDataTypeUnorm1 = 1073741825,
  MPSDataTypeUnorm8 = 1073741832,
};

typedef NS_ENUM(NSUInteger, MPSImageEdgeMode) {
  MPSImageEdgeModeZero = 0,
  MPSImageEdgeModeClamp = 1,
  MPSImageEdgeModeMirror = 2,
  MPSImageEdgeModeMirrorWithEdge = 3,
  MPSImageEdgeModeConstant = 4,
};

typedef NS_ENUM(NSUInteger, MPSImageFeatureChannelFormat) {
  MPSImageFeatureChannelFormatNone = 0,
  MPSImageFeatureChannelFormatUnorm8 = 1,
  MPSImageFeatureChannelFormatUnorm16 = 2,
  MPSImageFeatureChannelFormatFloat16 = 3,
  MPSImageFeatureChannelFormatFloat32 = 4,
  MPSImageFeatureChannelFormat_reserved0 = 5,
  MPSImageFeatureChannelFormatCount = 6,
};

typedef NS_OPTIONS(NSUInteger, MPSKernelOptions) {
  MPSKernelOptionsNone = 0,
  MPSKernelOptionsSkipAPIValidation = 1,
  MPSKernelOptionsAllowReducedPrecision = 2,
  MPSKernelOptionsDisableInternalTiling = 4,
  MPSKernelOptionsInsertDebugGroups = 8,
  MPSKernelOptionsVerbose = 16,
};

typedef NS_ENUM(NSUInteger, MPSPurgeableState) {
  MPSPurgeableStateAllocationDeferred = 0,
  MPSPurgeableStateKeepCurrent = 1,
  MPSPurgeableStateNonVolatile = 2,
  MPSPurgeableStateVolatile = 3,
  MPSPurgeableStateEmpty = 4,
};

typedef struct MPSImageCoordinate {
  NSUInteger x;
  NSUInteger y;
  NSUInteger channel;
} MPSImageCoordinate;

typedef struct MPSImageReadWriteParams {
  NSUInteger featureChannelOffset;
  NSUInteger numberOfFeatureChannelsToReadWrite;
} MPSImageReadWriteParams;

typedef struct MPSOffset {
  NSInteger x;
  NSInteger y;
  NSInteger z;
} MPSOffset;

typedef struct MPSOrigin {
  double x;
  double y;
  double z;
} MPSOrigin;

typedef struct MPSSize {
  double width;
  double height;
  double depth;
} MPSSize;

typedef struct MPSRegion {
  MPSOrigin origin;
  MPSSize size;
} MPSRegion;

typedef struct MPSScaleTransform {
  double scaleX;
  double scaleY;
  double translateX;
  double translateY;
} MPSScaleTransform;

static inline size_t MPSDataTypeBitsCount(MPSDataType t) {
  return t & 0xffff;
}

static inline size_t MPSSizeofMPSDataType(MPSDataType t) {
  return (t & 0xffff) / 8;
}

@protocol MPSDeviceProvider
- (id<MTLDevice> _Nullable)mpsMTLDevice;
@end

NS_ASSUME_NONNULL_END

#endif
