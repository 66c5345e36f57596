#import <Foundation/Foundation.h>
#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

NS_ASSUME_NONNULL_BEGIN

enum { DigitSide = 28, DigitClasses = 10 };

/// Pictures of handwritten digits, 28 x 28 bytes each, and the digits they show: one of the two parts of the MNIST database.
@interface DigitData : NSObject {
 @private
  NSData *_pixels;
  NSData *_digits;
  NSUInteger _step;
}

/// Reads `<part>-images-idx3-ubyte` and `<part>-labels-idx1-ubyte`, gzipped or not; `part` is "train" or "t10k". Takes every
/// `step`-th picture. Returns nil, and says why in `error`, where the files cannot be read.
- (nullable instancetype)initWithFolder:(NSString *)folder part:(NSString *)part step:(NSUInteger)step error:(NSError **)error;

@property(nonatomic, readonly) NSUInteger count;

- (NSUInteger)digitAtIndex:(NSUInteger)index;
/// A picture of 28 x 28 x 1 numbers between 0 and 1.
- (MPSImage *)imageAtIndex:(NSUInteger)index device:(id<MTLDevice>)device;
/// What a network should answer: 1 for the digit, 0 for the nine others.
- (MPSCNNLossLabels *)labelsAtIndex:(NSUInteger)index device:(id<MTLDevice>)device;

@end

NS_ASSUME_NONNULL_END
