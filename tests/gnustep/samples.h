// Good objects of every class that has any, found by its methods, which mistakes.m reads.
#import <Foundation/Foundation.h>
#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

#include <objc/runtime.h>
#include <string.h>

static id<MTLDevice> device;
static id<MTLCommandQueue> queue;
static NSMutableDictionary *methods;  // the lists of methods of classes, each an array of words
static NSUInteger number = 1;         // what integers of the calls are; others are half of it
static BOOL pointsNowhere;            // pointers of the calls are NULL
static NSUInteger calls;

// A client's objects -------------------------------------------------------------------------------------------------

/// Data source, handle and padding policy in one.
@interface Client : NSObject
@end

static float zeros[1 << 16];

@implementation Client
- (BOOL)load {
  return YES;
}
- (void)purge {
}
- (NSString *)label {
  return @"client";
}
- (MPSDataType)dataType {
  return MPSDataTypeFloat32;
}
- (MPSCNNConvolutionDescriptor *)descriptor {
  return [MPSCNNConvolutionDescriptor cnnConvolutionDescriptorWithKernelWidth:1
                                                                 kernelHeight:1
                                                         inputFeatureChannels:1
                                                        outputFeatureChannels:1];
}
- (void *)weights {
  return zeros;
}
- (float *)biasTerms {
  return zeros;
}
- (NSUInteger)numberOfFeatureChannels {
  return 1;
}
- (NSUInteger)numberOfGroups {
  return 1;
}
- (void)setNumberOfGroups:(NSUInteger)groups {
  (void)groups;
}
- (float *)gamma {
  return zeros;
}
- (float *)beta {
  return zeros;
}
- (float *)mean {
  return zeros;
}
- (float *)variance {
  return zeros;
}
- (MPSNNPaddingMethod)paddingMethod {
  return MPSNNPaddingMethodSizeSame;
}
- (id)copyWithZone:(NSZone *)zone {
  (void)zone;
  return [self retain];
}
@end

static id client(void) { return [[[Client alloc] init] autorelease]; }

// Calls --------------------------------------------------------------------------------------------------------------

/// What is no object: a number, a struct full of it, a pointer to zeros.
static void setValue(NSInvocation *invocation, NSInteger index, const char *type) {
  union {
    char bytes[256];
    NSUInteger words[32];
    float number;
    double real;
    void *pointer;
  } value;
  NSUInteger size = 0;
  NSGetSizeAndAlignment(type, &size, NULL);
  memset(&value, 0, sizeof value);
  while (strchr("rnNoORV", *type)) ++type;
  if (size > sizeof value) return;
  if (*type == 'f') {
    value.number = (float)number / 2;
  } else if (*type == 'd') {
    value.real = (double)number / 2;
  } else if (*type == '#') {
    value.pointer = [NSObject class];
  } else if (*type == '^' || *type == '*') {
    const BOOL isNull = pointsNowhere || strstr(type, "NSZone");
    value.pointer = isNull ? NULL : memset(zeros, 0, sizeof zeros);
  } else {
    for (NSUInteger i = 0; i < (size + 7) / 8; ++i) value.words[i] = number;
  }
  [invocation setArgument:&value atIndex:index];
}

/// nil where the receiver has no such method. GNUstep does not know how blocks are encoded; they are objects.
static NSMethodSignature *signatureOf(id receiver, SEL selector) {
  Class cls = object_getClass(receiver);  // a class's own class has what is sent to the class
  Method method = class_getInstanceMethod(cls, selector);
  if (!method) return nil;
  NSString *types = [NSString stringWithUTF8String:method_getTypeEncoding(method)];
  types = [types stringByReplacingOccurrencesOfString:@"@?" withString:@"@"];
  return [NSMethodSignature signatureWithObjCTypes:types.UTF8String];
}

/// What a method with these arguments returns, where that is an object. NSNull stands for nil.
static id called(id receiver, NSArray *words, NSArray *objects) {
  SEL selector = NSSelectorFromString([[words objectAtIndex:1] substringFromIndex:1]);
  NSMethodSignature *signature = signatureOf(receiver, selector);
  if (!signature) return nil;
  NSInvocation *invocation = [NSInvocation invocationWithMethodSignature:signature];
  [invocation setTarget:receiver];
  [invocation setSelector:selector];
  for (NSUInteger i = 0; i < objects.count; ++i) {
    const char *type = [signature getArgumentTypeAtIndex:i + 2];
    if (*type == '@') {
      id object = [objects objectAtIndex:i];
      if (object == [NSNull null]) object = nil;
      [invocation setArgument:&object atIndex:i + 2];
    } else {
      setValue(invocation, i + 2, type);
    }
  }
  ++calls;
  [invocation invoke];
  id result = nil;
  if (*[signature methodReturnType] == '@') [invocation getReturnValue:&result];
  const char *name = sel_getName(selector);
  BOOL isOwned = !strncmp(name, "init", 4) || !strncmp(name, "new", 3) || !strncmp(name, "copy", 4);
  return isOwned ? [result autorelease] : result;
}

// Good objects -------------------------------------------------------------------------------------------------------

static id sample(NSString *what);
static NSArray *samples(NSArray *words);

static MPSCNNConvolutionNode *convolution(void) {
  return [MPSCNNConvolutionNode nodeWithSource:[MPSNNImageNode nodeWithHandle:nil] weights:client()];
}

static MPSImageDescriptor *pixel(void) {
  return [MPSImageDescriptor imageDescriptorWithChannelFormat:MPSImageFeatureChannelFormatFloat32
                                                        width:1
                                                       height:1
                                              featureChannels:1];
}

static id metalSample(NSString *protocol) {
  if ([protocol isEqual:@"<MTLDevice>"]) return device;
  if ([protocol isEqual:@"<MTLCommandQueue>"]) return queue;
  if ([protocol isEqual:@"<MTLCommandBuffer>"]) return [queue commandBuffer];
  if ([protocol isEqual:@"<MTLBuffer>"] || [protocol isEqual:@"<MTLResource>"] || [protocol isEqual:@"<MTLAllocation>"]) {
    return [[device newBufferWithLength:64 options:0] autorelease];
  }
  if ([protocol isEqual:@"<MTLTexture>"]) {
    return [[device newTextureWithDescriptor:sample(@"MTLTextureDescriptor")] autorelease];
  }
  if ([protocol isEqual:@"<MTLHeap>"]) return [[device newHeapWithDescriptor:sample(@"MTLHeapDescriptor")] autorelease];
  if ([protocol isEqual:@"<MTLEvent>"]) return [[device newEvent] autorelease];
  if ([protocol isEqual:@"<MTLSharedEvent>"]) return [[device newSharedEvent] autorelease];
  if ([protocol isEqual:@"<MTLFence>"]) return [[device newFence] autorelease];
  if ([protocol isEqual:@"<MTLBlitCommandEncoder>"]) return [[queue commandBuffer] blitCommandEncoder];
  if ([protocol isEqual:@"<MTLComputeCommandEncoder>"] || [protocol isEqual:@"<MTLCommandEncoder>"]) {
    return [[queue commandBuffer] computeCommandEncoder];
  }
  return nil;
}

/// Those that no initializer makes, or not one that gets by with ones.
static id specialSample(NSString *class) {
  if ([class isEqual:@"MPSImageDescriptor"]) return pixel();
  if ([class isEqual:@"MPSTemporaryImage"]) {
    return [MPSTemporaryImage temporaryImageWithCommandBuffer:[queue commandBuffer] imageDescriptor:pixel()];
  }
  if ([class isEqual:@"MTLTextureDescriptor"]) {
    return [MTLTextureDescriptor texture2DDescriptorWithPixelFormat:MTLPixelFormatR32Float width:1 height:1 mipmapped:NO];
  }
  if ([class isEqual:@"MTLHeapDescriptor"]) {
    MTLHeapDescriptor *descriptor = [[[MTLHeapDescriptor alloc] init] autorelease];
    descriptor.size = 4096;
    return descriptor;
  }
  if ([class isEqual:@"MTLSharedEventHandle"]) return [[[[device newSharedEvent] autorelease] newSharedEventHandle] autorelease];
  if ([class isEqual:@"MPSVectorDescriptor"]) {
    return [MPSVectorDescriptor vectorDescriptorWithLength:4 dataType:MPSDataTypeFloat32];
  }
  if ([class isEqual:@"MPSMatrixDescriptor"]) {
    return [MPSMatrixDescriptor matrixDescriptorWithRows:1 columns:4 rowBytes:16 dataType:MPSDataTypeFloat32];
  }
  if ([class isEqual:@"MPSCNNLossDataDescriptor"]) {
    return [MPSCNNLossDataDescriptor cnnLossDataDescriptorWithData:[NSData dataWithBytes:zeros length:4]
                                                            layout:MPSDataLayoutHeightxWidthxFeatureChannels
                                                              size:MTLSizeMake(1, 1, 1)];
  }
  if ([class isEqual:@"MPSNNDefaultPadding"]) return [MPSNNDefaultPadding paddingWithMethod:MPSNNPaddingMethodSizeSame];
  if ([class isEqual:@"MPSNNFilterNode"]) return convolution();
  if ([class hasSuffix:@"GradientStateNode"] || [class isEqual:@"MPSNNStateNode"]) return [convolution() resultState];
  if ([class isEqual:@"MPSNNLabelsNode"]) return [sample(@"MPSCNNLossNode") inputLabels];
  if ([class isEqual:@"NSData"]) return [NSData dataWithBytes:(float[]){1, 1} length:8];  // one anchor box
  if ([class isEqual:@"NSString"]) return @"text";
  if ([class isEqual:@"NSKeyedArchiver"]) {
    return [[[NSKeyedArchiver alloc] initForWritingWithMutableData:[NSMutableData data]] autorelease];
  }
  if ([class isEqual:@"NSCoder"] || [class isEqual:@"MPSKeyedUnarchiver"]) {
    NSData *archive = [NSKeyedArchiver archivedDataWithRootObject:@"text"];
    return [[[MPSKeyedUnarchiver alloc] initForReadingFromData:archive device:device error:NULL] autorelease];
  }
  return nil;
}

/// By the first initializer or factory that makes one; those that do not are not tried again.
static id initialized(NSString *class) {
  static NSMutableDictionary *makers;
  if (!makers) makers = [[NSMutableDictionary alloc] init];
  Class cls = NSClassFromString(class);
  NSMutableArray *left = [makers objectForKey:class];
  if (!left) [makers setObject:left = [NSMutableArray arrayWithArray:[methods objectForKey:class]] forKey:class];
  while (left.count) {
    NSArray *words = [left objectAtIndex:0];
    NSString *selector = [words objectAtIndex:1];
    BOOL isFactory = [selector hasPrefix:@"+"] && [selector hasSuffix:@":"];
    @try {
      id object = nil;
      if (isFactory || [selector hasPrefix:@"-init"]) object = called(isFactory ? (id)cls : [cls alloc], words, samples(words));
      if ([object isKindOfClass:cls]) return object;
    } @catch (NSException *exception) {
    }
    if (left.count && [left objectAtIndex:0] == words) [left removeObjectAtIndex:0];
  }
  return nil;
}

/// What an object that the initializers do make gives of the class: a gradient node, a state of a kernel.
static id derived(NSString *class) {
  @try {
    if ([class hasSuffix:@"GradientNode"]) {
      id node = sample([class stringByReplacingOccurrencesOfString:@"GradientNode" withString:@"Node"]);
      return [node gradientFilterWithSource:sample(@"MPSNNImageNode")];
    }
    for (NSString *suffix in @[ @"GradientState", @"State" ]) {
      if (![class hasSuffix:suffix]) continue;
      id kernel = sample([class substringToIndex:class.length - suffix.length]);
      if (!kernel) continue;
      return [kernel isKindOfClass:[MPSCNNBinaryKernel class]]
                 ? [kernel resultStateForPrimaryImage:sample(@"MPSImage")
                                       secondaryImage:sample(@"MPSImage")
                                         sourceStates:nil
                                     destinationImage:sample(@"MPSImage")]
                 : [kernel resultStateForSourceImage:sample(@"MPSImage") sourceStates:nil destinationImage:sample(@"MPSImage")];
    }
  } @catch (NSException *exception) {
  }
  return nil;
}

/// Of a class that is only there to be subclassed, one of a subclass.
static id made(NSString *class) {
  static int depth;
  if (depth > 8) return nil;
  ++depth;
  Class cls = NSClassFromString(class);
  id object = initialized(class);
  if (!object) object = derived(class);
  for (NSString *other in [methods.allKeys sortedArrayUsingSelector:@selector(compare:)]) {
    if (object || depth > 2) break;
    if ([NSClassFromString(other) superclass] == cls) object = sample(other);
  }
  --depth;
  return object;
}

/// nil where there is none.
static id sample(NSString *what) {
  if ([what hasPrefix:@"["]) {
    id element = sample([what substringFromIndex:1]);
    return element ? [NSMutableArray arrayWithObject:element] : [NSMutableArray array];
  }
  if ([what hasPrefix:@"<MTL"]) return metalSample(what);
  if ([what isEqual:@"<MPSImageAllocator>"]) return [MPSImage defaultAllocator];
  if ([what hasPrefix:@"<"]) return client();
  if ([what isEqual:@"block"]) {
    return [[^(id a, id b, id c, id d) {
      (void)a, (void)b, (void)c, (void)d;
    } copy] autorelease];
  }
  if ([what isEqual:@"-"]) return nil;
  id special = specialSample(what);
  if (special) return special;
  return [what hasPrefix:@"MPS"] ? made(what) : [[[NSClassFromString(what) alloc] init] autorelease];
}

/// Good arguments for a method; NSNull is nil.
static NSArray *samples(NSArray *words) {
  NSMutableArray *objects = [NSMutableArray array];
  for (NSUInteger i = 2; i < words.count; ++i) {
    id object = sample([words objectAtIndex:i]);
    [objects addObject:object ? object : [NSNull null]];
  }
  return objects;
}
