// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSCNNTYPES_H
#define METALPERFORMANCESHADERS_MPSCNNTYPES_H

#import <Metal/Metal.h>

NS_ASSUME_NONNULL_BEGIN

typedef NS_OPTIONS(NSUInteger, MPSCNNBatchNormalizationFlags) {
  MPSCNNBatchNormalizationFlagsDefault = 0,
  MPSCNNBatchNormalizationFlagsCalculateStatisticsAutomatic = 0,
  MPSCNNBatchNormalizationFlagsCalculateStatisticsAlways = 1,
  MPSCNNBatchNormalizationFlagsCalculateStatisticsNever = 2,
  MPSCNNBatchNormalizationFlagsCalculateStatisticsMask = 3,
};

typedef NS_ENUM(NSUInteger, MPSCNNBinaryConvolutionFlags) {
  MPSCNNBinaryConvolutionFlagsNone = 0,
  MPSCNNBinaryConvolutionFlagsUseBetaScaling = 1,
};

typedef NS_ENUM(NSUInteger, MPSCNNBinaryConvolutionType) {
  MPSCNNBinaryConvolutionTypeBinaryWeights = 0,
  MPSCNNBinaryConvolutionTypeXNOR = 1,
  MPSCNNBinaryConvolutionTypeAND = 2,
};

typedef NS_ENUM(NSUInteger, MPSCNNConvolutionFlags) {
  MPSCNNConvolutionFlagsNone MTL_DEPRECATED = 0,
};

typedef NS_OPTIONS(NSUInteger, MPSCNNConvolutionGradientOption) {
  MPSCNNConvolutionGradientOptionGradientWithData = 1,
  MPSCNNConvolutionGradientOptionGradientWithWeightsAndBias = 2,
  MPSCNNConvolutionGradientOptionAll = 3,
};

typedef NS_ENUM(uint32_t, MPSCNNConvolutionWeightsLayout) {
  MPSCNNConvolutionWeightsLayoutOHWI = 0,
};

typedef NS_ENUM(uint32_t, MPSCNNLossType) {
  MPSCNNLossTypeMeanAbsoluteError = 0,
  MPSCNNLossTypeMeanSquaredError = 1,
  MPSCNNLossTypeSoftMaxCrossEntropy = 2,
  MPSCNNLossTypeSigmoidCrossEntropy = 3,
  MPSCNNLossTypeCategoricalCrossEntropy = 4,
  MPSCNNLossTypeHinge = 5,
  MPSCNNLossTypeHuber = 6,
  MPSCNNLossTypeCosineDistance = 7,
  MPSCNNLossTypeLog = 8,
  MPSCNNLossTypeKullbackLeiblerDivergence = 9,
  MPSCNNLossTypeCount = 10,
};

typedef NS_ENUM(int32_t, MPSCNNReductionType) {
  MPSCNNReductionTypeNone = 0,
  MPSCNNReductionTypeSum = 1,
  MPSCNNReductionTypeMean = 2,
  MPSCNNReductionTypeSumByNonZeroWeights = 3,
  MPSCNNReductionTypeCount = 4,
};

typedef NS_ENUM(uint32_t, MPSCNNWeightsQuantizationType) {
  MPSCNNWeightsQuantizationTypeNone = 0,
  MPSCNNWeightsQuantizationTypeLinear = 1,
  MPSCNNWeightsQuantizationTypeLookupTable = 2,
};

typedef NS_OPTIONS(NSUInteger, MPSNNComparisonType) {
  MPSNNComparisonTypeEqual = 0,
  MPSNNComparisonTypeNotEqual = 1,
  MPSNNComparisonTypeLess = 2,
  MPSNNComparisonTypeLessOrEqual = 3,
  MPSNNComparisonTypeGreater = 4,
  MPSNNComparisonTypeGreaterOrEqual = 5,
};

typedef NS_ENUM(NSUInteger, MPSNNRegularizationType) {
  MPSNNRegularizationTypeNone = 0,
  MPSNNRegularizationTypeL1 = 1,
  MPSNNRegularizationTypeL2 = 2,
};

NS_ASSUME_NONNULL_END

#endif
