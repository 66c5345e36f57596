#import <Foundation/Foundation.h>
#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

@class DigitWeights;

NS_ASSUME_NONNULL_BEGIN

enum { DigitLayers = 4 };

/// The network of Apple's sample "Training a Neural Network with Metal Performance Shaders": from a picture of 28 x 28 x 1 to the
/// scores of ten digits. Two graphs share its weights: one trains them, one classifies.
@interface DigitNetwork : NSObject {
 @private
  id<MTLCommandQueue> _queue;
  DigitWeights *_layers[DigitLayers];
  MPSNNGraph *_trainingGraph;
  MPSNNGraph *_inferenceGraph;
  NSCondition *_condition;  // guards the members below, which completion handlers change
  NSUInteger _stepsInFlight;
  double _lossSum;
  NSUInteger _lossCount;
  NSError *_error;
}

/// Returns nil where the graph cannot be made; the framework logs why.
- (nullable instancetype)initWithCommandQueue:(id<MTLCommandQueue>)queue
                                    batchSize:(NSUInteger)batchSize
                                 learningRate:(float)learningRate
                                         seed:(uint64_t)seed;

/// One step of training. Returns when it is encoded: while the device computes a step the next one is prepared, no more.
- (void)trainWithImages:(MPSImageBatch *)images labels:(NSArray<MPSCNNLossLabels *> *)labels;
/// Waits for all steps. Returns NO, and says why in `error`, where one has failed.
- (BOOL)finishTrainingWithError:(NSError **)error;
/// The mean loss of the steps that have completed since the last call.
- (double)takeMeanLoss;

/// The digits that the pictures show, as far as the network can tell: one number for each, or nil with an error.
- (nullable NSArray<NSNumber *> *)digitsInImages:(MPSImageBatch *)images error:(NSError **)error;

@end

NS_ASSUME_NONNULL_END
