// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSNNGRADIENTSTATE_H
#define METALPERFORMANCESHADERS_MPSNNGRADIENTSTATE_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSState.h>

NS_ASSUME_NONNULL_BEGIN

@class MPSNNBinaryGradientState;
@class MPSNNGradientState;
@class MPSNNMultiaryGradientState;

typedef NSArray<MPSNNBinaryGradientState *> MPSNNBinaryGradientStateBatch;
typedef NSArray<MPSNNGradientState *> MPSNNGradientStateBatch;
typedef NSArray<MPSNNMultiaryGradientState *> MPSNNMultiaryGradientStateBatch;

@interface MPSNNBinaryGradientState : MPSState
@end

@interface MPSNNGradientState : MPSState
@end

@interface MPSNNMultiaryGradientState : MPSState
@end

NS_ASSUME_NONNULL_END

#endif
