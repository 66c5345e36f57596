// Networks: layers and their descriptors, handles, exports, batches and padding policies, as a client sees them.
#import "clients.h"

static void test_forward(void) {
  Layer *weights = layer(2, 1, 1);
  ((float *)[weights->_biases mutableBytes])[0] = -50;
  MPSNNImageNode *input = [MPSNNImageNode nodeWithHandle:nil];
  MPSCNNConvolutionNode *convolution = [MPSCNNConvolutionNode nodeWithSource:input weights:weights];
  [convolution setPaddingPolicy:[MPSNNDefaultPadding paddingWithMethod:MPSNNPaddingMethodSizeValidOnly]];
  MPSCNNNeuronReLUNode *neuron = [MPSCNNNeuronReLUNode nodeWithSource:[convolution resultImage] a:0];
  CHECK([convolution resultImage] == [convolution resultImage]);
  CHECK([[convolution resultState] isKindOfClass:[MPSCNNConvolutionGradientStateNode class]]);
  CHECK([convolution convolutionGradientState] == [convolution resultState]);
  CHECK([[convolution resultStates] count] == 1);
  CHECK([convolution label] == nil);
  [convolution setLabel:@"first"];
  CHECK([[convolution label] isEqualToString:@"first"]);
  CHECK([convolution trainingStyle] == MPSNNTrainingStyleUpdateDeviceGPU);
  CHECK_NEAR([neuron a], 0, 0);

  MPSNNGraph *graph = graph_of([neuron resultImage]);
  CHECK(weights->_loads == 1 && weights->_purges == 1);
  const float values[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  // 1 * x[0, 0] + 2 * x[0, 1] + 3 * x[1, 0] + 4 * x[1, 1] - 50, and what is left above 0
  CHECK_IMAGE(run_graph(graph, image_of(3, 3, 1, values)), 0, 0, 17, 27);

  ((float *)[weights->_biases mutableBytes])[0] = 0;
  CHECK_IMAGE(run_graph(graph, image_of(3, 3, 1, values)), 0, 0, 17, 27);
  [graph reloadFromDataSources];
  CHECK(weights->_loads == 2 && weights->_purges == 2);
  CHECK_IMAGE(run_graph(graph, image_of(3, 3, 1, values)), 37, 47, 67, 77);
}

static void test_layers(void) {
  const float values[] = {1, 4, 2, 3};
  MPSNNImageNode *input = [MPSNNImageNode nodeWithHandle:nil];
  CHECK_IMAGE(
      run_graph(graph_of([[MPSCNNPoolingMaxNode nodeWithSource:input filterSize:2] resultImage]), image_of(2, 2, 1, values)), 4);
  CHECK_IMAGE(run_graph(graph_of([[MPSCNNPoolingAverageNode nodeWithSource:input filterSize:2 stride:2] resultImage]),
                        image_of(2, 2, 1, values)),
              2.5f);
  MPSCNNPoolingMaxNode *pooling = [[[MPSCNNPoolingMaxNode alloc] initWithSource:input
                                                                    kernelWidth:3
                                                                   kernelHeight:2
                                                                strideInPixelsX:4
                                                                strideInPixelsY:5] autorelease];
  CHECK([pooling kernelWidth] == 3 && [pooling kernelHeight] == 2);
  CHECK([pooling strideInPixelsX] == 4 && [pooling strideInPixelsY] == 5);

  const float scores[] = {0, logf(3)};
  CHECK_IMAGE(run_graph(graph_of([[MPSCNNSoftMaxNode nodeWithSource:input] resultImage]), image_of(1, 1, 2, scores)), 0.25f,
              0.75f);
  CHECK_IMAGE(run_graph(graph_of([[MPSCNNLogSoftMaxNode nodeWithSource:input] resultImage]), image_of(1, 1, 2, scores)),
              logf(0.25f), logf(0.75f));

  MPSCNNFullyConnectedNode *connected = [MPSCNNFullyConnectedNode nodeWithSource:input weights:layer(2, 1, 2)];
  CHECK_IMAGE(run_graph(graph_of([connected resultImage]), image_of(2, 2, 1, values)), 27, 67);

  // Each pixel becomes a 2 x 2 block of itself times the weights.
  Layer *enlarging = layer(2, 1, 1);
  [enlarging->_descriptor setStrideInPixelsX:2];
  [enlarging->_descriptor setStrideInPixelsY:2];
  MPSCNNConvolutionTransposeNode *transpose = [MPSCNNConvolutionTransposeNode nodeWithSource:input weights:enlarging];
  CHECK([transpose isKindOfClass:[MPSCNNConvolutionTransposeNode class]]);
  CHECK(graph_of([transpose resultImage]) != nil);

  MPSNNNeuronDescriptor *descriptor = [MPSNNNeuronDescriptor cnnNeuronDescriptorWithType:MPSCNNNeuronTypeLinear a:2 b:1];
  MPSCNNNeuronNode *linear = [MPSCNNNeuronNode nodeWithSource:input descriptor:descriptor];
  CHECK([linear isKindOfClass:[MPSCNNNeuronLinearNode class]]);
  CHECK_NEAR([linear a], 2, 0);
  CHECK_NEAR([linear b], 1, 0);
  CHECK_IMAGE(run_graph(graph_of([linear resultImage]), image_of(2, 2, 1, values)), 3, 9, 5, 7);

  MPSCNNDropoutNode *dropout = [MPSCNNDropoutNode nodeWithSource:input];
  CHECK_NEAR([dropout keepProbability], 0.5, 0);
  CHECK([dropout maskStrideInPixels].depth == 1);
  dropout = [MPSCNNDropoutNode nodeWithSource:input keepProbability:0.25f seed:7 maskStrideInPixels:MTLSizeMake(1, 0, 1)];
  CHECK([dropout seed] == 7 && [dropout maskStrideInPixels].height == 0);
}

static void test_descriptors(void) {
  MPSCNNConvolutionDescriptor *descriptor = [MPSCNNDepthWiseConvolutionDescriptor cnnConvolutionDescriptorWithKernelWidth:3
                                                                                                             kernelHeight:2
                                                                                                     inputFeatureChannels:4
                                                                                                    outputFeatureChannels:8];
  CHECK([(MPSCNNDepthWiseConvolutionDescriptor *)descriptor channelMultiplier] == 2);
  CHECK([descriptor strideInPixelsX] == 1 && [descriptor groups] == 1);
  CHECK([[descriptor fusedNeuronDescriptor] neuronType] == MPSCNNNeuronTypeNone);
  [descriptor setDilationRateX:5];
  [descriptor setFusedNeuronDescriptor:[MPSNNNeuronDescriptor cnnNeuronDescriptorWithType:MPSCNNNeuronTypeReLU a:0.5f]];
  MPSCNNConvolutionDescriptor *copy = [[descriptor copy] autorelease];
  [descriptor setDilationRateX:1];
  CHECK([copy isKindOfClass:[MPSCNNDepthWiseConvolutionDescriptor class]]);
  CHECK([copy dilationRateX] == 5 && [copy kernelHeight] == 2);
  CHECK_NEAR([[copy fusedNeuronDescriptor] a], 0.5, 0);

  NSData *data = [NSKeyedArchiver archivedDataWithRootObject:copy];
  MPSCNNConvolutionDescriptor *decoded = [NSKeyedUnarchiver unarchiveObjectWithData:data];
  CHECK([decoded isKindOfClass:[MPSCNNDepthWiseConvolutionDescriptor class]]);
  CHECK([decoded dilationRateX] == 5 && [decoded outputFeatureChannels] == 8);
  CHECK([[decoded fusedNeuronDescriptor] neuronType] == MPSCNNNeuronTypeReLU);

  CHECK_RAISES(NSInvalidArgumentException, @"kernel_width",
               [MPSCNNConvolutionDescriptor cnnConvolutionDescriptorWithKernelWidth:0
                                                                       kernelHeight:1
                                                               inputFeatureChannels:1
                                                              outputFeatureChannels:1]);
}

static void test_handles_and_exports(void) {
  Named *left = [Named named:@"left"], *right = [Named named:@"right"], *kept = [Named named:@"kept"],
        *gradient = [Named named:@"state"];
  MPSNNImageNode *a = [MPSNNImageNode nodeWithHandle:left], *b = [MPSNNImageNode nodeWithHandle:nil];
  CHECK([a handle] == left && [b handle] == nil);
  [a setHandle:right];
  CHECK([a handle] == right);
  MPSCNNNeuronLinearNode *doubled = [MPSCNNNeuronLinearNode nodeWithSource:a a:2 b:0];
  [[doubled resultImage] setHandle:kept];
  [[doubled resultImage] setExportFromGraph:YES];
  [[doubled resultImage] setImageAllocator:[MPSImage defaultAllocator]];
  MPSCNNPoolingMaxNode *pooling = [MPSCNNPoolingMaxNode nodeWithSource:[doubled resultImage] filterSize:2];
  [[pooling resultState] setHandle:gradient];
  [[pooling resultState] setExportFromGraph:YES];
  MPSNNGraph *graph = graph_of([pooling resultImage]);
  CHECK([[graph sourceImageHandles] count] == 1 && [[graph sourceImageHandles] objectAtIndex:0] == right);
  CHECK([graph sourceStateHandles] == nil);
  CHECK([[graph intermediateImageHandles] count] == 1 && [[graph intermediateImageHandles] objectAtIndex:0] == kept);
  CHECK([[graph resultStateHandles] count] == 1 && [[graph resultStateHandles] objectAtIndex:0] == gradient);
  CHECK([graph resultHandle] == nil && [graph resultImageIsNeeded]);
  CHECK([graph readCountForSourceImageAtIndex:0] == 1);
  CHECK_RAISES(NSInvalidArgumentException, @"index 1", [graph readCountForSourceImageAtIndex:1]);

  const float values[] = {1, 4, 2, 3};
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  NSMutableArray *images = [NSMutableArray array], *states = [NSMutableArray array];
  MPSImage *result = [graph encodeToCommandBuffer:commandBuffer
                                     sourceImages:[NSArray arrayWithObject:image_of(2, 2, 1, values)]
                                     sourceStates:nil
                               intermediateImages:images
                                destinationStates:states];
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  CHECK_IMAGE(result, 8);
  CHECK([images count] == 1 && [states count] == 1);
  CHECK_IMAGE([images objectAtIndex:0], 2, 8, 4, 6);
  CHECK([[states objectAtIndex:0] isKindOfClass:[MPSNNGradientState class]]);

  // An input without a handle has one that nobody named.
  graph = graph_of([[MPSCNNSoftMaxNode nodeWithSource:b] resultImage]);
  CHECK([[graph sourceImageHandles] count] == 1);
  CHECK([[[graph sourceImageHandles] objectAtIndex:0] label] == nil);

  // Two results, of which the second is not needed.
  BOOL needed[] = {YES, NO};
  graph = [MPSNNGraph graphWithDevice:device
                         resultImages:[NSArray arrayWithObjects:[doubled resultImage], [pooling resultImage], nil]
                     resultsAreNeeded:needed];
  [graph setFormat:MPSImageFeatureChannelFormatFloat32];
  CHECK_IMAGE(run_graph(graph, image_of(2, 2, 1, values)), 2, 8, 4, 6);
}

static void test_batch(void) {
  MPSNNGraph *graph = graph_of([[MPSCNNNeuronLinearNode nodeWithSource:[MPSNNImageNode nodeWithHandle:nil] a:3 b:0] resultImage]);
  const float first[] = {1}, second[] = {2};
  NSArray *batch = [NSArray arrayWithObjects:image_of(1, 1, 1, first), image_of(1, 1, 1, second), nil];
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  MPSImageBatch *results = [graph encodeBatchToCommandBuffer:commandBuffer
                                                sourceImages:[NSArray arrayWithObject:batch]
                                                sourceStates:nil];
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  CHECK([results count] == 2);
  CHECK_IMAGE([results objectAtIndex:0], 3);
  CHECK_IMAGE([results objectAtIndex:1], 6);

  // Without a second level, and with too many inputs.
  CHECK_RAISES(NSInvalidArgumentException, @"sourceImages must be of class NSArray",
               [graph encodeBatchToCommandBuffer:[queue commandBuffer] sourceImages:batch sourceStates:nil]);
  CHECK_RAISES(NSInvalidArgumentException, @"source image",
               [graph encodeToCommandBuffer:[queue commandBuffer] sourceImages:batch]);
  CHECK_RAISES(NSInvalidArgumentException, @"sourceImages is nil",
               [graph encodeToCommandBuffer:[queue commandBuffer] sourceImages:nothing]);
}

static void test_execute_async(void) {
  MPSNNGraph *graph = graph_of([[MPSCNNNeuronLinearNode nodeWithSource:[MPSNNImageNode nodeWithHandle:nil] a:3 b:0] resultImage]);
  const float values[] = {1};
  NSCondition *condition = [[[NSCondition alloc] init] autorelease];
  __block BOOL is_done = NO;
  __block MPSImage *delivered = nil;
  MPSImage *returned = [graph executeAsyncWithSourceImages:[NSArray arrayWithObject:image_of(1, 1, 1, values)]
                                         completionHandler:^(MPSImage *result, NSError *error) {
                                           [condition lock];
                                           CHECK(error == nil);
                                           delivered = [result retain];
                                           is_done = YES;
                                           [condition signal];
                                           [condition unlock];
                                         }];
  [condition lock];
  while (!is_done) [condition wait];
  [condition unlock];
  CHECK_IMAGE(delivered, 3);
  CHECK(delivered == returned);
  [delivered release];
}

static void test_padding(void) {
  MPSNNDefaultPadding *same = [MPSNNDefaultPadding paddingWithMethod:MPSNNPaddingMethodSizeSame];
  CHECK(same == [MPSNNDefaultPadding paddingWithMethod:MPSNNPaddingMethodSizeSame]);
  CHECK([same paddingMethod] == MPSNNPaddingMethodSizeSame);
  CHECK([[same label] rangeOfString:@"SizeSame"].location != NSNotFound);
  CHECK_RAISES(NSInvalidArgumentException, @"Custom", [MPSNNDefaultPadding paddingWithMethod:MPSNNPaddingMethodCustom]);

  EverySecond *policy = [[[EverySecond alloc] init] autorelease];
  MPSCNNPoolingMaxNode *pooling = [MPSCNNPoolingMaxNode nodeWithSource:[MPSNNImageNode nodeWithHandle:nil] filterSize:1 stride:2];
  [pooling setPaddingPolicy:policy];
  CHECK([pooling paddingPolicy] == policy);
  MPSNNGraph *graph = graph_of([pooling resultImage]);
  const float values[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  CHECK_IMAGE(run_graph(graph, image_of(4, 4, 1, values)), 1, 3, 9, 11);
  CHECK(policy->_calls == 1);
  policy->_offset = 1;
  policy->_keepsKernel = YES;
  CHECK_IMAGE(run_graph(graph, image_of(4, 4, 1, values)), 6, 8, 14, 16);
  CHECK([(MPSCNNKernel *)policy->_kernel offset].x == 1);
  policy->_offset = -1;
  policy->_edgeMode = MPSImageEdgeModeClamp;
  CHECK_IMAGE(run_graph(graph, image_of(4, 4, 1, values)), 1, 2, 5, 6);
  policy->_edgeMode = MPSImageEdgeModeZero;
  CHECK_IMAGE(run_graph(graph, image_of(4, 4, 1, values)), 0, 0, 0, 6);

  policy->_hasNoAnswer = YES;
  CHECK_RAISES(NSInvalidArgumentException, @"destinationImageDescriptorForSourceImages",
               run_graph(graph, image_of(4, 4, 1, values)));
  [policy->_kernel release];  // it has the policy, which has it
  policy->_kernel = nil;
  policy->_raises = YES;
  CHECK_RAISES(@"PaddingException", @"there is no room", run_graph(graph, image_of(4, 4, 1, values)));
  CHECK_RAISES(NSInvalidArgumentException, @"paddingPolicy is nil", [pooling setPaddingPolicy:nothing]);
}

int main(void) {
  static const Test kTests[] = {test_forward, test_layers,        test_descriptors, test_handles_and_exports,
                                test_batch,   test_execute_async, test_padding};
  return run_tests(kTests, sizeof kTests / sizeof *kTests);
}
