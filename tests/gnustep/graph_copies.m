// Copies and archives of graphs, and what graphs leave behind.
#import "clients.h"

#include <malloc.h>

static void test_copy(void) {
  Layer *weights = layer(1, 1, 1);
  MPSNNImageNode *input = [MPSNNImageNode nodeWithHandle:[Named named:@"input"]];
  MPSNNGraph *graph = graph_of([[MPSCNNConvolutionNode nodeWithSource:input weights:weights] resultImage]);
  MPSNNGraph *copy = [[graph copy] autorelease];
  CHECK([copy isKindOfClass:[MPSNNGraph class]] && copy != graph);
  CHECK([copy format] == MPSImageFeatureChannelFormatFloat32);
  CHECK([[[[copy sourceImageHandles] objectAtIndex:0] label] isEqualToString:@"input"]);
  const float value[] = {3};
  ((float *)[weights->_weights mutableBytes])[0] = 5;
  [graph reloadFromDataSources];
  CHECK_IMAGE(run_graph(graph, image_of(1, 1, 1, value)), 15);
  CHECK_IMAGE(run_graph(copy, image_of(1, 1, 1, value)), 3);
  [copy reloadFromDataSources];  // from a copy of the layer, made before its weights changed
  CHECK_IMAGE(run_graph(copy, image_of(1, 1, 1, value)), 3);
}

static void test_archive(void) {
  Layer *weights = layer(1, 1, 1);
  MPSNNImageNode *input = [MPSNNImageNode nodeWithHandle:[Named named:@"input"]];
  MPSCNNConvolutionNode *convolution = [MPSCNNConvolutionNode nodeWithSource:input weights:weights];
  MPSNNGraph *graph = graph_of([[MPSCNNNeuronLinearNode nodeWithSource:[convolution resultImage] a:10 b:2] resultImage]);
  ((float *)[weights->_weights mutableBytes])[0] = 5;
  [graph reloadFromDataSources];
  MPSNNGraph *decoded = [NSKeyedUnarchiver unarchiveObjectWithData:[NSKeyedArchiver archivedDataWithRootObject:graph]];
  CHECK([decoded isKindOfClass:[MPSNNGraph class]] && decoded != graph);
  CHECK([decoded format] == MPSImageFeatureChannelFormatFloat32);
  CHECK([[[[decoded sourceImageHandles] objectAtIndex:0] label] isEqualToString:@"input"]);
  const float value[] = {3};
  CHECK_IMAGE(run_graph(decoded, image_of(1, 1, 1, value)), 152);

  NSMutableData *data = [NSMutableData data];
  NSKeyedArchiver *archiver = [[[NSKeyedArchiver alloc] initForWritingWithMutableData:data] autorelease];
  [archiver encodeObject:[NSDictionary dictionaryWithObject:@"no list" forKey:@"images"] forKey:@"MPSNNGraph"];
  [archiver finishEncoding];
  NSKeyedUnarchiver *damaged = [[[NSKeyedUnarchiver alloc] initForReadingWithData:data] autorelease];
  CHECK([[MPSNNGraph alloc] initWithCoder:damaged device:device] == nil);

  EverySecond *policy = [[[EverySecond alloc] init] autorelease];
  [convolution setPaddingPolicy:policy];
  graph = graph_of([convolution resultImage]);
  data = [NSMutableData data];
  archiver = [[[NSKeyedArchiver alloc] initForWritingWithMutableData:(NSMutableData *)data] autorelease];
  [graph encodeWithCoder:archiver];
  [archiver finishEncoding];
  NSKeyedUnarchiver *empty = [[[NSKeyedUnarchiver alloc] initForReadingWithData:data] autorelease];
  CHECK([[MPSNNGraph alloc] initWithCoder:empty device:device] == nil);
}

/// What is allocated after so many graphs, each encoded ten times.
static size_t bytes_after(int graphs) {
  for (int i = 0; i < graphs; ++i) {
    NSAutoreleasePool *pool = [[NSAutoreleasePool alloc] init];
    MPSNNImageNode *input = [MPSNNImageNode nodeWithHandle:[Named named:@"input"]];
    MPSCNNConvolutionNode *convolution = [MPSCNNConvolutionNode nodeWithSource:input weights:layer(1, 1, 1)];
    [convolution setTrainingStyle:MPSNNTrainingStyleUpdateDeviceCPU];
    MPSCNNPoolingMaxNode *pooling = [MPSCNNPoolingMaxNode nodeWithSource:[convolution resultImage] filterSize:1 stride:2];
    [pooling setPaddingPolicy:[[[EverySecond alloc] init] autorelease]];
    NSArray *ends = [pooling trainingGraphWithSourceGradient:nil
                                                 nodeHandler:^(MPSNNFilterNode *made, MPSNNFilterNode *inference,
                                                               MPSNNImageNode *from, MPSNNImageNode *to) {
                                                   (void)inference, (void)from, (void)to;
                                                   [[made resultImage] setHandle:[Named named:@"gradient"]];
                                                 }];
    MPSNNGraph *graph = graph_of([[ends objectAtIndex:0] resultImage]);
    const float values[] = {1, 2, 3, 4};
    for (int j = 0; j < 10; ++j) CHECK(run_graph(graph, image_of(2, 2, 1, values)) != nil);
    [pool drain];
  }
  return mallinfo2().uordblks;
}

static void test_memory(void) {
  const size_t before = bytes_after(20), after = bytes_after(100);
  report(after < before + 32768, __FILE__, __LINE__,
         [NSString stringWithFormat:@"100 graphs and 1000 encodes leave %ld bytes", (long)(after - before)]);
}

int main(void) {
  static const Test kTests[] = {test_copy, test_archive, test_memory};
  return run_tests(kTests, sizeof kTests / sizeof *kTests);
}
