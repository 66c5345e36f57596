// Binary convolutions.
#import "networks.h"

@interface Bits : Counted <MPSCNNConvolutionDataSource> {
  MPSCNNConvolutionDescriptor *_descriptor;
  NSMutableData *_words;
}
@end

@implementation Bits
- (instancetype)initWithExample:(NSDictionary *)example {
  self = [super init];
  if (!self) return nil;
  NSDictionary *params = [example objectForKey:@"params"];
  const NSUInteger inputs = [[params objectForKey:@"inputFeatureChannels"] unsignedIntegerValue];
  const NSUInteger outputs = [[params objectForKey:@"outputFeatureChannels"] unsignedIntegerValue];
  _descriptor = [[MPSCNNConvolutionDescriptor
      cnnConvolutionDescriptorWithKernelWidth:[[params objectForKey:@"kernelWidth"] unsignedIntegerValue]
                                 kernelHeight:[[params objectForKey:@"kernelHeight"] unsignedIntegerValue]
                         inputFeatureChannels:inputs
                        outputFeatureChannels:outputs] retain];
  _words = [[NSMutableData alloc] init];
  for (NSNumber *number in [input_of(example, @"weights") objectForKey:@"data"]) {
    const uint32_t word = [number unsignedIntValue];
    [_words appendBytes:&word length:sizeof word];
  }
  return self;
}
- (void)dealloc {
  [_descriptor release];
  [_words release];
  [super dealloc];
}
- (id)copyWithZone:(NSZone *)zone {
  (void)zone;
  return [self retain];
}
- (MPSDataType)dataType {
  return MPSDataTypeUInt32;
}
- (MPSCNNConvolutionDescriptor *)descriptor {
  return _descriptor;
}
- (void *)weights {
  return [_words mutableBytes];
}
- (float *)biasTerms {
  return NULL;
}
- (BOOL)load {
  return YES;
}
- (void)purge {
}
- (NSString *)label {
  return @"bits";
}
@end

static void test_binary_convolution(void) {
  NSDictionary *example = example_of(@"convolution", @"binary_xnor_beta");
  Bits *bits = [[[Bits alloc] initWithExample:example] autorelease];
  float output_scale[] = {0.5f, 2}, output_bias[] = {1, -0.25f}, input_bias[] = {0.5f, 0, -0.5f}, input_scale[] = {1, 2, -1};
  MPSCNNBinaryConvolutionNode *node = [MPSCNNBinaryConvolutionNode nodeWithSource:input(@"source")
                                                                          weights:bits
                                                                  outputBiasTerms:output_bias
                                                                 outputScaleTerms:output_scale
                                                                   inputBiasTerms:input_bias
                                                                  inputScaleTerms:input_scale
                                                                             type:MPSCNNBinaryConvolutionTypeXNOR
                                                                            flags:MPSCNNBinaryConvolutionFlagsUseBetaScaling];
  output_scale[0] = input_scale[0] = 7;  // they are copied
  [node setPaddingPolicy:[MPSNNDefaultPadding paddingWithMethod:MPSNNPaddingMethodSizeValidOnly]];
  NSDictionary *batches = @{@"source" : batch_of(input_of(example, @"source"))};
  CHECK_BATCH(run_batch([node resultImage], batches, nil), expected_of(example, @"destination"));

  check_example(example_of(@"convolution", @"binary_fully_connected_xnor_40"), ^(MPSNNImageNode *source) {
    NSDictionary *connected = example_of(@"convolution", @"binary_fully_connected_xnor_40");
    return (MPSNNFilterNode *)[MPSCNNBinaryFullyConnectedNode
        nodeWithSource:source
               weights:[[[Bits alloc] initWithExample:connected] autorelease]
            scaleValue:1
                  type:MPSCNNBinaryConvolutionTypeXNOR
                 flags:MPSCNNBinaryConvolutionFlagsNone];
  });

  CHECK_RAISES(NSInvalidArgumentException, @"type must be 0 to 2",
               [MPSCNNBinaryConvolutionNode nodeWithSource:input(@"source")
                                                   weights:bits
                                                scaleValue:1
                                                      type:(MPSCNNBinaryConvolutionType)3
                                                     flags:MPSCNNBinaryConvolutionFlagsNone]);
  CHECK_RAISES(NSInvalidArgumentException, @"initializer is that of MPSCNNConvolutionNode",
               [MPSCNNBinaryConvolutionNode nodeWithSource:input(@"source") weights:bits]);
  CHECK_RAISES(NSInvalidArgumentException, @"no gradient", [node gradientFilterWithSource:input(@"gradient")]);
}

int main(void) {
  static const Test kTests[] = {test_binary_convolution};
  return run_tests(kTests, sizeof kTests / sizeof *kTests);
}
