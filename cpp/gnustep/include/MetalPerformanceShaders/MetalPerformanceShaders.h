// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_METALPERFORMANCESHADERS_H
#define METALPERFORMANCESHADERS_METALPERFORMANCESHADERS_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSCoreTypes.h>
#import <MetalPerformanceShaders/MPSKernel.h>
#import <MetalPerformanceShaders/MPSKeyedUnarchiver.h>
#import <MetalPerformanceShaders/MPSImage.h>
#import <MetalPerformanceShaders/MPSState.h>
#import <MetalPerformanceShaders/MPSMatrix.h>
#import <MetalPerformanceShaders/MPSCommandBuffer.h>
#import <MetalPerformanceShaders/MPSHandle.h>
#import <MetalPerformanceShaders/MPSNeuralNetworkTypes.h>
#import <MetalPerformanceShaders/MPSCNNNeuronType.h>
#import <MetalPerformanceShaders/MPSCNNTypes.h>
#import <MetalPerformanceShaders/MPSNNGraphNodes.h>
#import <MetalPerformanceShaders/MPSNNGraph.h>
#import <MetalPerformanceShaders/MPSNNGradientState.h>
#import <MetalPerformanceShaders/MPSCNNKernel.h>
#import <MetalPerformanceShaders/MPSCNNNeuron.h>
#import <MetalPerformanceShaders/MPSCNNConvolution.h>
#import <MetalPerformanceShaders/MPSCNNPooling.h>
#import <MetalPerformanceShaders/MPSCNNNormalization.h>
#import <MetalPerformanceShaders/MPSCNNNormalizationWeights.h>
#import <MetalPerformanceShaders/MPSCNNBatchNormalization.h>
#import <MetalPerformanceShaders/MPSCNNGroupNormalization.h>
#import <MetalPerformanceShaders/MPSCNNInstanceNormalization.h>
#import <MetalPerformanceShaders/MPSCNNSoftMax.h>
#import <MetalPerformanceShaders/MPSCNNUpsampling.h>
#import <MetalPerformanceShaders/MPSCNNDropout.h>
#import <MetalPerformanceShaders/MPSCNNMath.h>
#import <MetalPerformanceShaders/MPSCNNLoss.h>
#import <MetalPerformanceShaders/MPSNNGramMatrixCalculation.h>
#import <MetalPerformanceShaders/MPSNNGridSample.h>
#import <MetalPerformanceShaders/MPSNNReduce.h>
#import <MetalPerformanceShaders/MPSNNLocalCorrelation.h>
#import <MetalPerformanceShaders/MPSNNPad.h>
#import <MetalPerformanceShaders/MPSNNReshape.h>
#import <MetalPerformanceShaders/MPSNNResize.h>
#import <MetalPerformanceShaders/MPSNNSlice.h>
#import <MetalPerformanceShaders/MPSNNOptimizers.h>

NS_ASSUME_NONNULL_BEGIN

typedef NS_OPTIONS(NSUInteger, MPSDeviceOptions) {
  MPSDeviceOptionsDefault = 0,
  MPSDeviceOptionsLowPower = 1,
  MPSDeviceOptionsSkipRemovable = 2,
};

MTL_EXTERN id<MTLDevice> _Nullable MPSGetPreferredDevice(MPSDeviceOptions options);
MTL_EXTERN void MPSHintTemporaryMemoryHighWaterMark(id<MTLCommandBuffer> cmdBuf, NSUInteger bytes);
MTL_EXTERN void MPSSetHeapCacheDuration(id<MTLCommandBuffer> cmdBuf, double seconds);
MTL_EXTERN BOOL MPSSupportsMTLDevice(id<MTLDevice> _Nullable device);

NS_ASSUME_NONNULL_END

#endif
