// A client's subclasses of images and states: it is the client's object that comes back, as long as anybody holds it. And what
// objects say that were never initialized, or by an initializer that is not theirs.
#import "clients.h"

@interface Tagged : MPSImage {
 @public
  int _tag;
}
@end

@implementation Tagged
- (instancetype)initWithDevice:(id<MTLDevice>)its_device imageDescriptor:(MPSImageDescriptor *)descriptor {
  self = [super initWithDevice:its_device imageDescriptor:descriptor];
  if (self) ++live_objects;
  return self;
}
- (void)dealloc {
  --live_objects;
  [super dealloc];
}
@end

/// Images with the tags 1, 2, 3, ..., which it does not keep.
@interface Tagging : Stored <MPSImageAllocator> {
 @public
  int _count;
}
@end

@implementation Tagging
- (MPSImage *)imageForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                    imageDescriptor:(MPSImageDescriptor *)descriptor
                             kernel:(MPSKernel *)kernel {
  (void)commandBuffer, (void)kernel;
  Tagged *image = [[[Tagged alloc] initWithDevice:device imageDescriptor:descriptor] autorelease];
  image->_tag = ++_count;
  return image;
}
@end

@interface Parameters : MPSCNNConvolutionWeightsAndBiasesState
@end

static int live_parameters;

@implementation Parameters
- (void)dealloc {
  --live_parameters;
  [super dealloc];
}
@end

/// Its updates leave the state that they give to the engine.
@interface Trained : Layer
@end

@implementation Trained
- (MPSCNNConvolutionWeightsAndBiasesState *)updateWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                                      gradientState:(MPSCNNConvolutionGradientState *)gradientState
                                                        sourceState:(MPSCNNConvolutionWeightsAndBiasesState *)sourceState {
  (void)commandBuffer, (void)gradientState, (void)sourceState;
  Parameters *parameters = [[[Parameters alloc] initWithDevice:device cnnConvolutionDescriptor:[self descriptor]] autorelease];
  ++live_parameters;
  *(float *)[[parameters weights] contents] = 5;
  *(float *)[[parameters biases] contents] = 7;
  return parameters;
}
@end

/// Forgets to initialize what it is made from.
@interface Forgetful : MPSImage
@end

@implementation Forgetful
- (instancetype)initWithDevice:(id<MTLDevice>)its_device imageDescriptor:(MPSImageDescriptor *)descriptor {
  (void)its_device, (void)descriptor;
  return self;
}
@end

/// Gives a string where a descriptor is wanted.
@interface Mistaken : MPSState
@end

@implementation Mistaken
- (MPSImageDescriptor *)destinationImageDescriptorForSourceImages:(NSArray<MPSImage *> *)sourceImages
                                                     sourceStates:(NSArray<MPSState *> *)sourceStates
                                                        forKernel:(MPSKernel *)kernel
                                              suggestedDescriptor:(MPSImageDescriptor *)inDescriptor {
  (void)sourceImages, (void)sourceStates, (void)kernel, (void)inDescriptor;
  return (MPSImageDescriptor *)@"a descriptor";
}
@end

static MPSImageDescriptor *pixel(void) {
  return [MPSImageDescriptor imageDescriptorWithChannelFormat:MPSImageFeatureChannelFormatFloat32
                                                        width:1
                                                       height:1
                                              featureChannels:1];
}

// Objects that only the engine holds for a time ----------------------------------------------------------------------

static void test_results(void) {
  Tagging *allocator = [[[Tagging alloc] init] autorelease];
  MPSNNGraph *graph = graph_of([[MPSCNNNeuronLinearNode nodeWithSource:input(@"x") a:2 b:0] resultImage]);
  [graph setDestinationImageAllocator:allocator];
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  Tagged *result = (Tagged *)[graph encodeToCommandBuffer:commandBuffer sourceImages:@[ IMAGE(1, 1, 1, 3) ]];
  CHECK([result isKindOfClass:[Tagged class]] && result->_tag == 1);
  NSArray *results = [graph encodeBatchToCommandBuffer:commandBuffer
                                          sourceImages:@[ @[ IMAGE(1, 1, 1, 4), IMAGE(1, 1, 1, 5) ] ]
                                          sourceStates:nil];
  Tagged *last = [results objectAtIndex:1];
  CHECK([last isKindOfClass:[Tagged class]] && last->_tag == 3);
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  CHECK_IMAGE(result, 6);
  CHECK_IMAGE(last, 10);
}

static void test_intermediates(void) {
  MPSCNNNeuronLinearNode *first = [MPSCNNNeuronLinearNode nodeWithSource:input(@"x") a:2 b:0];
  [[first resultImage] setExportFromGraph:YES];
  [[first resultImage] setImageAllocator:[[[Tagging alloc] init] autorelease]];
  MPSNNGraph *graph = graph_of([[MPSCNNNeuronLinearNode nodeWithSource:[first resultImage] a:1 b:1] resultImage]);
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  NSMutableArray *intermediates = [NSMutableArray array];
  [graph encodeToCommandBuffer:commandBuffer
                  sourceImages:@[ IMAGE(1, 1, 1, 3) ]
                  sourceStates:nil
            intermediateImages:intermediates
             destinationStates:nil];
  Tagged *image = [intermediates objectAtIndex:0];
  CHECK([image isKindOfClass:[Tagged class]] && image->_tag == 1);
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  CHECK_IMAGE(image, 6);
}

static void test_parent(void) {
  MPSImage *part = nil;
  @autoreleasepool {
    Tagged *whole = [[[Tagged alloc] initWithDevice:device imageDescriptor:pixel()] autorelease];
    whole->_tag = 4;
    part = [[MPSImage alloc] initWithParentImage:whole sliceRange:NSMakeRange(0, 1) featureChannels:1];
  }
  CHECK([[part parent] isKindOfClass:[Tagged class]] && ((Tagged *)[part parent])->_tag == 4);
  [part release];
}

static void test_states(void) {
  MPSNNImageNode *source = input(@"x");
  MPSCNNLossDescriptor *descriptor = [MPSCNNLossDescriptor cnnLossDescriptorWithType:MPSCNNLossTypeMeanSquaredError
                                                                       reductionType:MPSCNNReductionTypeSum];
  Trained *layer = [[[Trained alloc] initWithKernelSize:1 inputs:1 outputs:1] autorelease];
  MPSCNNConvolutionNode *convolution = [MPSCNNConvolutionNode nodeWithSource:source weights:layer];
  MPSCNNLossNode *loss = [MPSCNNLossNode nodeWithSource:[convolution resultImage] lossDescriptor:descriptor];
  NSArray *ends = [loss trainingGraphWithSourceGradient:nil nodeHandler:nil];
  MPSNNGraph *graph = graph_of([[ends objectAtIndex:0] resultImage]);
  float zero = 0;
  MPSCNNLossDataDescriptor *data =
      [MPSCNNLossDataDescriptor cnnLossDataDescriptorWithData:[NSData dataWithBytes:&zero length:sizeof zero]
                                                       layout:MPSDataLayoutHeightxWidthxFeatureChannels
                                                         size:MTLSizeMake(1, 1, 1)];
  MPSCNNLossLabels *labels = [[[MPSCNNLossLabels alloc] initWithDevice:device labelsDescriptor:data] autorelease];
  @autoreleasepool {
    id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
    @autoreleasepool {
      [graph encodeBatchToCommandBuffer:commandBuffer sourceImages:@[ @[ IMAGE(1, 1, 1, 2) ] ] sourceStates:@[ @[ labels ] ]];
    }
    CHECK(live_parameters == 1);  // held by the engine alone
    [commandBuffer commit];
    [commandBuffer waitUntilCompleted];
  }
  CHECK(live_parameters == 0);
}

// Objects that are not what they seem --------------------------------------------------------------------------------

static void test_uninitialized(void) {
  MPSImage *image = [[MPSImage alloc] autorelease];
  CHECK_RAISES(NSInvalidArgumentException, @"MPSImage: the object has not been initialized", [image width]);
  CHECK_RAISES(NSInvalidArgumentException, @"MPSImage: the object has not been initialized", [image setLabel:@"label"]);
  Forgetful *forgetful = [[[Forgetful alloc] initWithDevice:device imageDescriptor:pixel()] autorelease];
  CHECK_RAISES(NSInvalidArgumentException, @"Forgetful: the object has not been initialized", [forgetful texture]);
  MPSNNGraph *graph = graph_of([[MPSCNNSoftMaxNode nodeWithSource:input(@"x")] resultImage]);
  CHECK_RAISES(NSInvalidArgumentException, @"sourceImages has not been initialized",
               [graph encodeToCommandBuffer:[queue commandBuffer] sourceImages:@[ forgetful ]]);
  CHECK_RAISES(NSInvalidArgumentException, @"MPSNNGraph: the object has not been initialized",
               [[[MPSNNGraph alloc] autorelease] reloadFromDataSources]);
  MPSCommandBuffer *commandBuffer = [[MPSCommandBuffer alloc] autorelease];
  CHECK_RAISES(NSInvalidArgumentException, @"MPSCommandBuffer: the object has not been initialized", [commandBuffer commit]);
  CHECK_RAISES(NSInvalidArgumentException, @"MPSCommandBuffer: the object has not been initialized",
               [graph encodeToCommandBuffer:commandBuffer sourceImages:@[ IMAGE(1, 1, 1, 1) ]]);
  CHECK([[[[MPSNNImageNode alloc] autorelease] description] length] > 0);
}

static void test_initializers(void) {
  MPSImage *image = [[[MPSImage alloc] initWithDevice:device imageDescriptor:pixel()] autorelease];
  CHECK_RAISES(NSInvalidArgumentException, @"initialized twice", [[image retain] initWithDevice:device imageDescriptor:pixel()]);
  CHECK([image width] == 1);
  CHECK_RAISES(NSInvalidArgumentException, @"-[MPSTemporaryImage initWithDevice:imageDescriptor:]: this initializer",
               [[(MPSImage *)[MPSTemporaryImage alloc] initWithDevice:device imageDescriptor:pixel()] autorelease]);
  CHECK_RAISES(NSInvalidArgumentException, @"-[MPSCNNLossLabels initWithDevice:bufferSize:]: this initializer is not available",
               [[[MPSCNNLossLabels alloc] initWithDevice:device bufferSize:4] autorelease]);
  CHECK_RAISES(NSInvalidArgumentException, @"this initializer is not available",
               [MPSCNNConvolutionWeightsAndBiasesState temporaryStateWithCommandBuffer:[queue commandBuffer]]);
}

static void test_other_classes(void) {
  MPSCNNConvolutionDescriptor *convolution = [layer(1, 1, 1) descriptor];
  CHECK_RAISES(NSInvalidArgumentException, @"neuron must be of class MPSCNNNeuron",
               [convolution setValue:@"a neuron" forKey:@"neuron"]);
  CHECK_RAISES(NSInvalidArgumentException, @"kernel must be of class MPSKernel",
               [[MPSImage defaultAllocator] imageForCommandBuffer:[queue commandBuffer]
                                                  imageDescriptor:pixel()
                                                           kernel:(MPSKernel *)@"a kernel"]);
  CHECK_RAISES(NSInvalidArgumentException, @"must be of class MTLSharedEventHandle",
               [[device newSharedEventWithHandle:(MTLSharedEventHandle *)@"a handle"] release]);
  CHECK_RAISES(NSInvalidArgumentException, @"an element is not an MPSImage",
               MPSImageBatchIncrementReadCount((MPSImageBatch *)@[ @"an image" ], 1));
  CHECK_RAISES(NSInvalidArgumentException, @"", MPSStateBatchResourceSize((MPSStateBatch *)@[ @"a state" ]));
  Mistaken *state = [[[Mistaken alloc] initWithDevice:device bufferSize:4] autorelease];
  MPSCNNSoftMax *kernel = [[[MPSCNNSoftMax alloc] initWithDevice:device] autorelease];
  CHECK_RAISES(NSInvalidArgumentException, @"MPSImageDescriptor: the object is nil or of another class",
               [kernel destinationImageDescriptorForSourceImages:@[ IMAGE(1, 1, 1, 1) ] sourceStates:@[ state ]]);
}

int main(void) {
  static const Test kTests[] = {test_results,       test_intermediates, test_parent,       test_states,
                                test_uninitialized, test_initializers,  test_other_classes};
  return run_tests(kTests, sizeof kTests / sizeof *kTests);
}
