// Networks with their training parts, and gradient nodes by hand.
#import "clients.h"

static void test_training(void) {
  // y = w x, the loss is (w x - label)^2 / 1, so that the gradient of w is 2 x (w x - label).
  Layer *weights = layer(1, 1, 1);
  Named *source = [Named named:@"source"];
  MPSNNImageNode *input = [MPSNNImageNode nodeWithHandle:source];
  MPSCNNConvolutionNode *convolution = [MPSCNNConvolutionNode nodeWithSource:input weights:weights];
  [convolution setTrainingStyle:MPSNNTrainingStyleUpdateDeviceCPU];
  MPSCNNLossDescriptor *descriptor = [MPSCNNLossDescriptor cnnLossDescriptorWithType:MPSCNNLossTypeMeanSquaredError
                                                                       reductionType:MPSCNNReductionTypeSum];
  CHECK_NEAR([descriptor weight], 1, 0);
  MPSCNNLossNode *loss = [MPSCNNLossNode nodeWithSource:[convolution resultImage] lossDescriptor:descriptor];
  CHECK([[loss inputLabels] isKindOfClass:[MPSNNLabelsNode class]]);
  Named *answers = [Named named:@"labels"];
  [[loss inputLabels] setHandle:answers];

  NSMutableArray *seen = [NSMutableArray array];
  NSArray *ends = [loss trainingGraphWithSourceGradient:nil
                                            nodeHandler:^(MPSNNFilterNode *gradientNode, MPSNNFilterNode *inferenceNode,
                                                          MPSNNImageNode *inferenceSource, MPSNNImageNode *gradientSource) {
                                              CHECK(inferenceNode == convolution && inferenceSource == input);
                                              CHECK(gradientSource == [loss resultImage]);
                                              [[gradientNode resultImage] setFormat:MPSImageFeatureChannelFormatFloat32];
                                              [seen addObject:gradientNode];
                                            }];
  CHECK([ends count] == 1 && [seen count] == 1);
  CHECK([ends objectAtIndex:0] == [seen objectAtIndex:0]);
  MPSCNNConvolutionGradientNode *gradient = [seen objectAtIndex:0];
  CHECK([gradient isKindOfClass:[MPSCNNConvolutionGradientNode class]]);
  CHECK([gradient trainingStyle] == MPSNNTrainingStyleUpdateDeviceCPU);
  CHECK([[gradient resultImage] format] == MPSImageFeatureChannelFormatFloat32);
  CHECK([[gradient resultImage] handle] == nil);

  MPSNNGraph *graph = [MPSNNGraph graphWithDevice:device resultImage:[gradient resultImage] resultImageIsNeeded:NO];
  [graph setFormat:MPSImageFeatureChannelFormatFloat32];
  CHECK([[graph sourceStateHandles] count] == 1 && [[graph sourceStateHandles] objectAtIndex:0] == answers);
  CHECK(![graph resultImageIsNeeded]);

  const float value[] = {3}, label[] = {5};
  MPSCNNLossDataDescriptor *data =
      [MPSCNNLossDataDescriptor cnnLossDataDescriptorWithData:[NSData dataWithBytes:label length:sizeof label]
                                                       layout:MPSDataLayoutHeightxWidthxFeatureChannels
                                                         size:MTLSizeMake(1, 1, 1)];
  CHECK([data bytesPerRow] == sizeof(float) && [data size].depth == 1);
  MPSCNNLossLabels *labels = [[[MPSCNNLossLabels alloc] initWithDevice:device labelsDescriptor:data] autorelease];
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  MPSImage *result = [graph encodeToCommandBuffer:commandBuffer
                                     sourceImages:[NSArray arrayWithObject:image_of(1, 1, 1, value)]
                                     sourceStates:[NSArray arrayWithObject:labels]
                               intermediateImages:nil
                                destinationStates:nil];
  CHECK(result == nil);
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  CHECK([commandBuffer error] == nil);
  CHECK_IMAGE([labels lossImage], 4);  // (1 * 3 - 5)^2
  CHECK(weights->_updates == 1);
  CHECK_NEAR(((float *)[weights->_weights bytes])[0], 1 + 12, 1e-5);

  // What an update raises on a thread of the engine is the command buffer's error.
  weights->_raises = YES;
  commandBuffer = [queue commandBuffer];
  [graph encodeToCommandBuffer:commandBuffer
                  sourceImages:[NSArray arrayWithObject:image_of(1, 1, 1, value)]
                  sourceStates:[NSArray arrayWithObject:labels]
            intermediateImages:nil
             destinationStates:nil];
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  CHECK([commandBuffer status] == MTLCommandBufferStatusError);
  CHECK([[[commandBuffer error] localizedDescription] isEqualToString:@"no more training"]);

  // By hand, and to all sources at once.
  MPSNNGradientFilterNode *again = [convolution gradientFilterWithSource:[loss resultImage]];
  CHECK([again isKindOfClass:[MPSCNNConvolutionGradientNode class]] && again != gradient);
  CHECK([[convolution gradientFiltersWithSources:[NSArray arrayWithObject:[loss resultImage]]] count] == 1);
  CHECK_RAISES(NSInvalidArgumentException, @"no gradient of a gradient",
               [(MPSNNFilterNode *)again gradientFilterWithSource:input]);

  // An exception of the handler arrives here as it was raised.
  CHECK_RAISES(@"HandlerException", @"enough",
               [loss trainingGraphWithSourceGradient:nil
                                         nodeHandler:^(MPSNNFilterNode *made, MPSNNFilterNode *inference, MPSNNImageNode *from,
                                                       MPSNNImageNode *to) {
                                           (void)made, (void)inference, (void)from, (void)to;
                                           [NSException raise:@"HandlerException" format:@"that is enough"];
                                         }]);
}

static void test_gradient_nodes(void) {
  MPSNNImageNode *input = [MPSNNImageNode nodeWithHandle:nil], *incoming = [MPSNNImageNode nodeWithHandle:nil];
  MPSCNNPoolingAverageNode *pooling = [MPSCNNPoolingAverageNode nodeWithSource:input filterSize:2];
  MPSCNNPoolingAverageGradientNode *gradient =
      [MPSCNNPoolingAverageGradientNode nodeWithSourceGradient:incoming
                                                   sourceImage:input
                                                 gradientState:(MPSNNGradientStateNode *)[pooling resultState]
                                                   kernelWidth:2
                                                  kernelHeight:2
                                               strideInPixelsX:2
                                               strideInPixelsY:2
                                                 paddingPolicy:nil];
  CHECK([gradient kernelWidth] == 2 && [gradient strideInPixelsY] == 2);
  MPSNNGraph *graph = graph_of([gradient resultImage]);
  CHECK([[graph sourceImageHandles] count] == 2);
  const float value[] = {1, 2, 3, 4}, g[] = {8};
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  MPSImage *result = [graph encodeToCommandBuffer:commandBuffer
                                     sourceImages:[NSArray arrayWithObjects:image_of(1, 1, 1, g), image_of(2, 2, 1, value), nil]];
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  CHECK_IMAGE(result, 2, 2, 2, 2);

  MPSCNNNeuronTanHNode *neuron = [MPSCNNNeuronTanHNode nodeWithSource:input a:2 b:3];
  MPSNNNeuronDescriptor *descriptor = [(MPSCNNNeuronGradientNode *)[neuron gradientFilterWithSource:incoming] descriptor];
  CHECK([descriptor neuronType] == MPSCNNNeuronTypeTanH);
  CHECK_NEAR([descriptor b], 3, 0);

  CHECK_RAISES(NSInvalidArgumentException, @"gradientState is nil",
               [MPSCNNSoftMaxGradientNode nodeWithSourceGradient:incoming sourceImage:input gradientState:nothing]);
  CHECK_RAISES(NSInvalidArgumentException, @"sourceGradient must be of class MPSNNImageNode",
               [MPSCNNSoftMaxGradientNode nodeWithSourceGradient:(MPSNNImageNode *)pooling
                                                     sourceImage:input
                                                   gradientState:(MPSNNGradientStateNode *)[neuron resultState]]);
}

int main(void) {
  static const Test kTests[] = {test_training, test_gradient_nodes};
  return run_tests(kTests, sizeof kTests / sizeof *kTests);
}
