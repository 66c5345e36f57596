#import <Foundation/Foundation.h>
#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

NS_ASSUME_NONNULL_BEGIN

/// The weights and biases of one layer, and the Adam optimizer that trains them.
///
/// Updates write two states in turn, so that the values of the last step are whole while the next step is computed.
@interface DigitWeights : NSObject <MPSCNNConvolutionDataSource> {
 @private
  NSString *_label;
  id<MTLDevice> _device;
  MPSCNNConvolutionDescriptor *_descriptor;
  MPSNNOptimizerAdam *_optimizer;
  MPSCNNConvolutionWeightsAndBiasesState *_states[2];
  NSUInteger _current;
  NSArray<MPSVector *> *_momentum;
  NSArray<MPSVector *> *_velocity;
}

/// Weights start at random, uniform in [-l, l) with l = sqrt(6 / (kernel * kernel * inputs)), the rule of He et al. for
/// rectifiers; biases start at 0.
- (instancetype)initWithLabel:(NSString *)label
                       device:(id<MTLDevice>)device
                   kernelSize:(NSUInteger)kernelSize
                       inputs:(NSUInteger)inputs
                      outputs:(NSUInteger)outputs
                 learningRate:(float)learningRate
                         seed:(uint64_t)seed;

@end

NS_ASSUME_NONNULL_END
