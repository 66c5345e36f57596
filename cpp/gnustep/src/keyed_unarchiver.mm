#import <MetalPerformanceShaders/MPSKeyedUnarchiver.h>

#import "support/arguments.hpp"
#import "support/objects.hpp"

using namespace mpsnn::gnustep;

namespace {

// Of Apple's Foundation: NSCoderReadCorruptError.
constexpr NSInteger kCorrupt = 4864;

NSError *corrupt(NSDictionary *info) { return [NSError errorWithDomain:NSCocoaErrorDomain code:kCorrupt userInfo:info]; }

/// What `read` returns; nil and an error where it throws.
template <class Read>
id read_or_error(NSError **error, Read &&read) {
  NSError *reason = nil;
  try {
    return translated(read);
  } catch (...) {
    reason = as_ns_error(std::current_exception());
  }
  if (error) *error = corrupt([reason userInfo]);
  return nil;
}

MPSKeyedUnarchiver *opened(MPSKeyedUnarchiver *archive, NSData *data, id<MTLDevice> device) {
  NSError *error = nil;
  archive = [archive initForReadingFromData:data device:device error:&error];
  if (!archive) throw mpsnn::InvalidArgument(string_of([error localizedDescription]));
  return archive;
}

id root_of(Class its_class, NSData *data, id<MTLDevice> device) {
  MPSKeyedUnarchiver *archive = [opened([its_class alloc], data, device) autorelease];
  id root = [archive decodeObjectForKey:@"root"];
  [archive finishDecoding];
  if (!root) throw mpsnn::InvalidArgument("MPSKeyedUnarchiver: the archive has no object that can be read");
  return root;
}

}  // namespace

@implementation MPSKeyedUnarchiver

- (instancetype)initWithDevice:(id<MTLDevice>)device {
  (void)device;
  [self release];
  NSLog(@"MPSKeyedUnarchiver: there is nothing to read; use initForReadingFromData:device:error:");
  return nil;
}

- (instancetype)initForReadingFromData:(NSData *)data device:(id<MTLDevice>)device error:(NSError **)error {
  if (device && [data isKindOfClass:[NSData class]]) {
    self = [super initForReadingWithData:data];
  } else {
    [self release];
    self = nil;
  }
  if (self) {
    _impl = [device retain];
  } else if (error) {
    NSString *why = !data ? @"data is nil" : !device ? @"device is nil" : @"the data is no archive";
    NSString *text = [@"MPSKeyedUnarchiver: " stringByAppendingString:why];
    *error = corrupt([NSDictionary dictionaryWithObject:text forKey:NSLocalizedDescriptionKey]);
  }
  return self;
}

- (instancetype)initForReadingWithData:(NSData *)data device:(id<MTLDevice>)device {
  return guarded([&] { return opened(self, data, device); });
}

- (void)dealloc {
  [(id)_impl release];
  [super dealloc];
}

- (id<MTLDevice>)mpsMTLDevice {
  return (id<MTLDevice>)_impl;
}

+ (id)unarchivedObjectOfClasses:(NSSet *)classes fromData:(NSData *)data device:(id<MTLDevice>)device error:(NSError **)error {
  return read_or_error(error, [&] {
    id root = root_of(self, data, device);
    for (Class each in MPSNN_REQUIRE(classes)) {
      if ([root isKindOfClass:each]) return root;
    }
    throw mpsnn::InvalidArgument("MPSKeyedUnarchiver: the archive has an object of class " +
                                 string_of(NSStringFromClass([root class])) + ", which was not expected");
  });
}

+ (id)unarchivedObjectOfClass:(Class)cls fromData:(NSData *)data device:(id<MTLDevice>)device error:(NSError **)error {
  return [self unarchivedObjectOfClasses:[NSSet setWithObject:cls] fromData:data device:device error:error];
}

+ (id)unarchiveTopLevelObjectWithData:(NSData *)data device:(id<MTLDevice>)device error:(NSError **)error {
  return read_or_error(error, [&] { return root_of(self, data, device); });
}

+ (id)unarchiveObjectWithData:(NSData *)data device:(id<MTLDevice>)device {
  return guarded([&] { return root_of(self, data, device); });
}

+ (id)unarchiveObjectWithFile:(NSString *)path device:(id<MTLDevice>)device {
  return guarded([&] { return root_of(self, [NSData dataWithContentsOfFile:path], device); });
}

@end
