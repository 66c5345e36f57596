#import "DigitData.h"

#include <zlib.h>

static NSError *DataError(NSString *path, NSString *reason) {
  NSString *text = [NSString stringWithFormat:@"%@: %@", path, reason];
  return [NSError errorWithDomain:@"DigitData" code:1 userInfo:@{NSLocalizedDescriptionKey : text}];
}

/// The whole file, unpacked where it is packed.
static NSData *Unpacked(NSString *path) {
  gzFile file = gzopen([path fileSystemRepresentation], "rb");
  if (!file) return nil;
  NSMutableData *content = [NSMutableData data];
  char block[1 << 16];
  int length;
  while ((length = gzread(file, block, sizeof block)) > 0) [content appendBytes:block length:(NSUInteger)length];
  return gzclose(file) == Z_OK && length == 0 ? content : nil;
}

static uint32_t BigEndian(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | (uint32_t)bytes[3];
}

/// The bytes of an IDX file whose elements have the extents that are given, at most two of them: zeros, type 8 (bytes), rank, the
/// extents, of which the first says how many elements there are, and the elements.
static NSData *Elements(NSString *path, NSUInteger rank, NSUInteger elementSize, NSError **error) {
  NSFileManager *files = [NSFileManager defaultManager];
  NSString *packed = [path stringByAppendingString:@".gz"];
  NSString *found = [files fileExistsAtPath:packed] ? packed : path;
  if (![files fileExistsAtPath:found]) {
    if (error) *error = DataError(found, @"there is no such file");
    return nil;
  }
  NSData *content = Unpacked(found);
  const uint8_t *bytes = [content bytes];
  const NSUInteger header = 4 + 4 * rank;
  BOOL isValid = [content length] > header && bytes[2] == 8 && bytes[3] == rank;
  NSUInteger size = 1;
  for (NSUInteger i = 1; isValid && i < rank; ++i) size *= BigEndian(bytes + 4 + 4 * i);
  isValid = isValid && size == elementSize && [content length] == header + BigEndian(bytes + 4) * size;
  if (!isValid) {
    if (error) *error = DataError(found, @"this is not a file of the MNIST database");
    return nil;
  }
  return [content subdataWithRange:NSMakeRange(header, [content length] - header)];
}

@implementation DigitData

- (instancetype)initWithFolder:(NSString *)folder part:(NSString *)part step:(NSUInteger)step error:(NSError **)error {
  self = [super init];
  if (!self) return nil;
  NSString *prefix = [folder stringByAppendingPathComponent:part];
  _step = step;
  _pixels = [Elements([prefix stringByAppendingString:@"-images-idx3-ubyte"], 3, DigitSide * DigitSide, error) retain];
  if (_pixels) _digits = [Elements([prefix stringByAppendingString:@"-labels-idx1-ubyte"], 1, 1, error) retain];
  if (!_pixels || !_digits || [_pixels length] != [_digits length] * DigitSide * DigitSide) {
    if (_digits && error) *error = DataError(prefix, @"the two files are not of the same pictures");
    [self release];
    return nil;
  }
  return self;
}

- (void)dealloc {
  [_pixels release];
  [_digits release];
  [super dealloc];
}

- (NSUInteger)count {
  return [_digits length] / _step;
}

- (NSUInteger)digitAtIndex:(NSUInteger)index {
  return ((const uint8_t *)[_digits bytes])[index * _step];
}

- (MPSImage *)imageAtIndex:(NSUInteger)index device:(id<MTLDevice>)device {
  // Bytes that stand for 0 to 1: what the file holds.
  MPSImageDescriptor *descriptor = [MPSImageDescriptor imageDescriptorWithChannelFormat:MPSImageFeatureChannelFormatUnorm8
                                                                                  width:DigitSide
                                                                                 height:DigitSide
                                                                        featureChannels:1];
  MPSImage *image = [[MPSImage alloc] initWithDevice:device imageDescriptor:descriptor];
  [image writeBytes:(const uint8_t *)[_pixels bytes] + index * _step * DigitSide * DigitSide
         dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels
         imageIndex:0];
  return [image autorelease];
}

- (MPSCNNLossLabels *)labelsAtIndex:(NSUInteger)index device:(id<MTLDevice>)device {
  float expected[DigitClasses] = {0};
  expected[[self digitAtIndex:index]] = 1;
  MPSCNNLossDataDescriptor *descriptor =
      [MPSCNNLossDataDescriptor cnnLossDataDescriptorWithData:[NSData dataWithBytes:expected length:sizeof expected]
                                                       layout:MPSDataLayoutHeightxWidthxFeatureChannels
                                                         size:MTLSizeMake(1, 1, DigitClasses)];
  return [[[MPSCNNLossLabels alloc] initWithDevice:device labelsDescriptor:descriptor] autorelease];
}

@end
