// Networks of named inputs, what comes out of them, and the worked examples of tests/data/examples.
#import "check.h"

static id<MTLDevice> device;
static id<MTLCommandQueue> queue;

static int live_objects;

/// What a client's classes are of, so that a program sees whether the library lets go of them.
@interface Counted : NSObject
@end

@implementation Counted
- (instancetype)init {
  self = [super init];
  if (self) ++live_objects;
  return self;
}
- (void)dealloc {
  --live_objects;
  [super dealloc];
}
@end

/// Can be archived, although there is nothing in it.
@interface Stored : Counted <NSSecureCoding>
@end

@implementation Stored
+ (BOOL)supportsSecureCoding {
  return YES;
}
- (void)encodeWithCoder:(NSCoder *)coder {
  (void)coder;
}
- (instancetype)initWithCoder:(NSCoder *)coder {
  (void)coder;
  return [self init];
}
@end

@interface Named : Counted <MPSHandle> {
  NSString *_label;
}
+ (instancetype)named:(NSString *)label;
@end

@implementation Named
+ (instancetype)named:(NSString *)label {
  Named *named = [[[self alloc] init] autorelease];
  named->_label = [label copy];
  return named;
}
- (void)dealloc {
  [_label release];
  [super dealloc];
}
- (NSString *)label {
  return _label;
}
+ (BOOL)supportsSecureCoding {
  return YES;
}
- (void)encodeWithCoder:(NSCoder *)coder {
  [coder encodeObject:_label forKey:@"label"];
}
- (instancetype)initWithCoder:(NSCoder *)coder {
  self = [super init];
  if (self) _label = [[coder decodeObjectForKey:@"label"] copy];
  return self;
}
@end

static inline MPSNNImageNode *input(NSString *label) { return [MPSNNImageNode nodeWithHandle:[Named named:label]]; }

static inline MPSImage *image_of(NSUInteger width, NSUInteger height, NSUInteger channels, const float *values) {
  MPSImageDescriptor *descriptor = [MPSImageDescriptor imageDescriptorWithChannelFormat:MPSImageFeatureChannelFormatFloat32
                                                                                  width:width
                                                                                 height:height
                                                                        featureChannels:channels];
  MPSImage *image = [[[MPSImage alloc] initWithDevice:device imageDescriptor:descriptor] autorelease];
  [image writeBytes:values dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:0];
  return image;
}
/// IMAGE(width, height, channels, values...).
#define IMAGE(width, height, channels, ...) image_of(width, height, channels, (const float[]){__VA_ARGS__})

static inline MPSNNGraph *graph_of(MPSNNImageNode *result) {
  MPSNNGraph *graph = [MPSNNGraph graphWithDevice:device resultImage:result resultImageIsNeeded:YES];
  [graph setFormat:MPSImageFeatureChannelFormatFloat32];
  return graph;
}

/// Runs the network that ends in `result`; `batches` are its inputs by name.
static inline NSArray *run_batch(MPSNNImageNode *result, NSDictionary *batches, NSArray *states) {
  MPSNNGraph *graph = graph_of(result);
  NSMutableArray *sources = [NSMutableArray array];
  for (Named *handle in [graph sourceImageHandles]) [sources addObject:[batches objectForKey:[handle label]]];
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  NSArray *results = [graph encodeBatchToCommandBuffer:commandBuffer sourceImages:sources sourceStates:states];
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  CHECK([commandBuffer error] == nil);
  return results;
}

/// The same for single images.
static inline MPSImage *run(MPSNNImageNode *result, NSDictionary *images) {
  NSMutableDictionary *batches = [NSMutableDictionary dictionary];
  for (NSString *name in images) [batches setObject:@[ [images objectForKey:name] ] forKey:name];
  return [run_batch(result, batches, nil) objectAtIndex:0];
}

static inline void check_image(MPSImage *image, NSUInteger count, const float *expected, const char *file, int line) {
  const NSUInteger size = [image width] * [image height] * [image featureChannels];
  report(size == count, file, line,
         [NSString stringWithFormat:@"the image is %lu x %lu x %lu", (unsigned long)[image height], (unsigned long)[image width],
                                    (unsigned long)[image featureChannels]]);
  if (size != count) return;
  float *values = malloc(count * sizeof(float));
  [image readBytes:values dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:0];
  for (NSUInteger i = 0; i < count; ++i)
    check_near(values[i], expected[i], 1e-5 + 1e-5 * fabs(expected[i]), file, line, "an element");
  free(values);
}
#define CHECK_IMAGE(image, ...)                                                             \
  do {                                                                                      \
    const float expected[] = {__VA_ARGS__};                                                 \
    check_image((image), sizeof expected / sizeof *expected, expected, __FILE__, __LINE__); \
  } while (0)

// Worked examples ---------------------------------------------------------------------------------------------------

static inline NSDictionary *example_of(NSString *page, NSString *name) {
  NSString *path = [NSString stringWithFormat:@"%s/%@.json", MPSNN_EXAMPLES, page];
  NSDictionary *contents = [NSJSONSerialization JSONObjectWithData:[NSData dataWithContentsOfFile:path] options:0 error:NULL];
  for (NSDictionary *example in [contents objectForKey:@"examples"]) {
    if ([[example objectForKey:@"id"] isEqual:name]) return example;
  }
  report(NO, __FILE__, __LINE__, [NSString stringWithFormat:@"there is no example %@", name]);
  return nil;
}
static inline id input_of(NSDictionary *example, NSString *name) { return [[example objectForKey:@"inputs"] objectForKey:name]; }
static inline id expected_of(NSDictionary *example, NSString *name) {
  return [[example objectForKey:@"expected"] objectForKey:name];
}

static inline void append_floats(NSMutableData *data, id nested) {
  if (![nested isKindOfClass:[NSArray class]]) {
    const float value = [nested floatValue];
    [data appendBytes:&value length:sizeof value];
    return;
  }
  for (id inner in nested) append_floats(data, inner);
}
static inline NSMutableData *floats_of(id nested) {
  NSMutableData *data = [NSMutableData data];
  append_floats(data, nested);
  return data;
}

/// Images of numbers in the order image, y, x, channel.
static inline NSArray *batch_of(NSArray *nested) {
  NSMutableArray *batch = [NSMutableArray array];
  for (NSArray *rows in nested) {
    NSArray *pixels = [rows objectAtIndex:0];
    [batch addObject:image_of([pixels count], [rows count], [[pixels objectAtIndex:0] count], [floats_of(rows) bytes])];
  }
  return batch;
}
static inline void check_batch(NSArray *batch, NSArray *nested, const char *file, int line) {
  report([batch count] == [nested count], file, line, @"the results are of another number");
  for (NSUInteger i = 0; i < [batch count]; ++i) {
    NSData *expected = floats_of([nested objectAtIndex:i]);
    check_image([batch objectAtIndex:i], [expected length] / sizeof(float), [expected bytes], file, line);
  }
}
#define CHECK_BATCH(batch, nested) check_batch((batch), (nested), __FILE__, __LINE__)

/// Runs an example of a filter with one source, forward and, where there is one, its gradient; `filter` makes the node.
static inline void check_example(NSDictionary *example, MPSNNFilterNode * (^filter)(MPSNNImageNode *source)) {
  NSMutableDictionary *batches = [NSMutableDictionary dictionary];
  [batches setObject:batch_of(input_of(example, @"source")) forKey:@"source"];
  MPSNNFilterNode *node = filter(input(@"source"));
  CHECK_BATCH(run_batch([node resultImage], batches, nil), expected_of(example, @"destination"));
  if (!expected_of(example, @"destination_gradient")) return;
  [batches setObject:batch_of(input_of(example, @"source_gradient")) forKey:@"gradient"];
  MPSNNFilterNode *gradient = [node gradientFilterWithSource:input(@"gradient")];
  CHECK_BATCH(run_batch([gradient resultImage], batches, nil), expected_of(example, @"destination_gradient"));
}

// Programs ----------------------------------------------------------------------------------------------------------

typedef void (*Test)(void);

/// The main of a program that consists of these tests.
static inline int run_tests(const Test *tests, size_t count) {
  @autoreleasepool {
    device = MTLCreateSystemDefaultDevice();
    queue = [device newCommandQueue];
    for (size_t i = 0; i < count; ++i) {
      @autoreleasepool {
        tests[i]();
      }
      CHECK(live_objects == 0);
    }
    [queue release];
    [device release];
  }
  return CHECK_RESULT;
}
