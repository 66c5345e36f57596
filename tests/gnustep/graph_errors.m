// What graphs and nodes say about mistakes.
#import "clients.h"

/// What a graph of this layer does: nil, with a reason in the log, or an exception.
static MPSNNGraph *graph_of_layer(Layer *weights) {
  return graph_of([[MPSCNNConvolutionNode nodeWithSource:[MPSNNImageNode nodeWithHandle:nil] weights:weights] resultImage]);
}

static void test_errors(void) {
  Layer *weights = layer(1, 1, 1);
  weights->_failsToLoad = YES;
  CHECK(graph_of_layer(weights) == nil);
  weights = layer(1, 1, 1);
  weights->_hasNoWeights = YES;
  CHECK(graph_of_layer(weights) == nil);
  CHECK(weights->_loads == 1 && weights->_purges == 1);
  weights = layer(1, 1, 1);
  weights->_raises = YES;
  CHECK_RAISES(@"LayerException", @"there is no such file", graph_of_layer(weights));
  weights = layer(1, 1, 1);
  weights->_hasNoDescriptor = YES;
  CHECK_RAISES(NSInvalidArgumentException, @"-[Layer descriptor]: the result is nil", graph_of_layer(weights));
  weights = layer(1, 2, 2);
  [weights->_descriptor setGroups:3];
  CHECK(graph_of_layer(weights) == nil);

  MPSNNImageNode *input = [MPSNNImageNode nodeWithHandle:nil];
  CHECK_RAISES(NSInvalidArgumentException, @"-[MPSCNNSoftMaxNode initWithSource:]: source is nil",
               [MPSCNNSoftMaxNode nodeWithSource:nothing]);
  CHECK_RAISES(NSInvalidArgumentException, @"weights is nil", [MPSCNNConvolutionNode nodeWithSource:input weights:nothing]);
  CHECK_RAISES(NSInvalidArgumentException, @"must be of class MPSNNImageNode", [MPSCNNSoftMaxNode nodeWithSource:(id) @"input"]);
  CHECK_RAISES(NSInvalidArgumentException, @"method of the subclasses", [MPSCNNPoolingNode nodeWithSource:input filterSize:2]);
  CHECK_RAISES(NSInvalidArgumentException, @"stride", [MPSCNNPoolingMaxNode nodeWithSource:input filterSize:2 stride:0]);
  CHECK_RAISES(NSInvalidArgumentException, @"not available", [[[NSClassFromString(@"MPSNNImageNode") alloc] init] autorelease]);
  CHECK_RAISES(NSInvalidArgumentException, @"resultImage is nil", graph_of(nothing));
  CHECK([MPSNNGraph graphWithDevice:device resultImages:[NSArray array] resultsAreNeeded:NULL] == nil);
  CHECK_RAISES(NSInvalidArgumentException, @"imageAllocator is nil", [input setImageAllocator:nothing]);

  // The class of an object and of its node are the same, also where an initializer is inherited.
  CHECK_RAISES(NSInvalidArgumentException, @"MPSCNNConvolutionTransposeGradientNode",
               [MPSCNNConvolutionTransposeGradientNode
                     nodeWithSourceGradient:input
                                sourceImage:input
                   convolutionGradientState:[[MPSCNNConvolutionNode nodeWithSource:input
                                                                           weights:layer(1, 1, 1)] convolutionGradientState]
                                    weights:nil]);

  MPSNNGraph *graph = graph_of([[MPSCNNSoftMaxNode nodeWithSource:input] resultImage]);
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  [commandBuffer commit];
  const float value[] = {1};
  NSArray *sources = [NSArray arrayWithObject:image_of(1, 1, 1, value)];
  CHECK_RAISES(NSInvalidArgumentException, @"commit", [graph encodeToCommandBuffer:commandBuffer sourceImages:sources]);
  CHECK_RAISES(NSInvalidArgumentException, @"", [graph encodeToCommandBuffer:nothing sourceImages:sources]);
}

int main(void) {
  static const Test kTests[] = {test_errors};
  return run_tests(kTests, sizeof kTests / sizeof *kTests);
}
