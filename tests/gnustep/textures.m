// Textures: pixels in and out, slices, views, rows of buffers, copies by encoders; and images made with them.
#import "check.h"

static id<MTLDevice> device;
static id<MTLCommandQueue> queue;

static MTLTextureDescriptor *described(MTLPixelFormat format, NSUInteger width, NSUInteger height, NSUInteger slices) {
  MTLTextureDescriptor *descriptor = [MTLTextureDescriptor texture2DDescriptorWithPixelFormat:format
                                                                                        width:width
                                                                                       height:height
                                                                                    mipmapped:NO];
  if (slices > 1) {
    [descriptor setTextureType:MTLTextureType2DArray];
    [descriptor setArrayLength:slices];
  }
  return descriptor;
}

static id<MTLTexture> texture(MTLPixelFormat format, NSUInteger width, NSUInteger height, NSUInteger slices) {
  return [[device newTextureWithDescriptor:described(format, width, height, slices)] autorelease];
}

static void put(id<MTLTexture> texture, NSUInteger slice, const void *bytes, NSUInteger bytesPerRow) {
  [texture replaceRegion:MTLRegionMake2D(0, 0, [texture width], [texture height])
             mipmapLevel:0
                   slice:slice
               withBytes:bytes
             bytesPerRow:bytesPerRow
           bytesPerImage:0];
}

static void get(id<MTLTexture> texture, NSUInteger slice, void *bytes, NSUInteger bytesPerRow) {
  [texture getBytes:bytes
        bytesPerRow:bytesPerRow
      bytesPerImage:0
         fromRegion:MTLRegionMake2D(0, 0, [texture width], [texture height])
        mipmapLevel:0
              slice:slice];
}

static void testFormats(void) {
  const struct {
    MTLPixelFormat format;
    NSUInteger bytes, channels;
    MPSImageFeatureChannelFormat imageFormat;
  } formats[] = {
      {MTLPixelFormatR8Unorm, 1, 1, MPSImageFeatureChannelFormatUnorm8},
      {MTLPixelFormatRG8Unorm, 2, 2, MPSImageFeatureChannelFormatUnorm8},
      {MTLPixelFormatRGBA8Unorm, 4, 4, MPSImageFeatureChannelFormatUnorm8},
      {MTLPixelFormatBGRA8Unorm, 4, 4, MPSImageFeatureChannelFormatUnorm8},
      {MTLPixelFormatR16Unorm, 2, 1, MPSImageFeatureChannelFormatUnorm16},
      {MTLPixelFormatRG16Unorm, 4, 2, MPSImageFeatureChannelFormatUnorm16},
      {MTLPixelFormatRGBA16Unorm, 8, 4, MPSImageFeatureChannelFormatUnorm16},
      {MTLPixelFormatR16Float, 2, 1, MPSImageFeatureChannelFormatFloat16},
      {MTLPixelFormatRG16Float, 4, 2, MPSImageFeatureChannelFormatFloat16},
      {MTLPixelFormatRGBA16Float, 8, 4, MPSImageFeatureChannelFormatFloat16},
      {MTLPixelFormatR32Float, 4, 1, MPSImageFeatureChannelFormatFloat32},
      {MTLPixelFormatRG32Float, 8, 2, MPSImageFeatureChannelFormatFloat32},
      {MTLPixelFormatRGBA32Float, 16, 4, MPSImageFeatureChannelFormatFloat32},
  };
  for (NSUInteger f = 0; f < sizeof(formats) / sizeof(*formats); ++f) {
    for (NSUInteger slices = 1; slices <= 3; slices += 2) {
      const NSUInteger row = 3 * formats[f].bytes;
      id<MTLTexture> pixels = texture(formats[f].format, 3, 2, slices);
      unsigned char in[100], out[100];
      for (NSUInteger s = 0; s < slices; ++s) {
        for (NSUInteger i = 0; i < 2 * row; ++i) in[i] = i + 10 * s;
        put(pixels, s, in, row);
      }
      for (NSUInteger s = 0; s < slices; ++s) {
        for (NSUInteger i = 0; i < 2 * row; ++i) in[i] = i + 10 * s;
        get(pixels, s, out, row);
        CHECK(memcmp(in, out, 2 * row) == 0);
      }
      MPSImage *image = [[[MPSImage alloc] initWithTexture:pixels featureChannels:formats[f].channels] autorelease];
      CHECK([image numberOfImages] == slices && [image featureChannelFormat] == formats[f].imageFormat);
      CHECK([image texture] == pixels && [image parent] == nil && [image resourceSize] == 0);
      [image readBytes:out dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:slices - 1];
      if (formats[f].format == MTLPixelFormatBGRA8Unorm) {
        CHECK(out[0] == in[2] && out[1] == in[1] && out[2] == in[0] && out[3] == in[3]);
      } else {
        CHECK(memcmp(in, out, 2 * row) == 0);
      }
    }
  }
}

static void testRegions(void) {
  id<MTLTexture> pixels = texture(MTLPixelFormatR8Unorm, 4, 3, 1);
  const unsigned char four[] = {1, 2, 99, 3, 4};
  [pixels replaceRegion:MTLRegionMake2D(2, 1, 2, 2) mipmapLevel:0 withBytes:four bytesPerRow:3];
  unsigned char all[12];
  get(pixels, 0, all, 4);
  const unsigned char expected[] = {0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4};
  CHECK(memcmp(all, expected, 12) == 0);
  unsigned char one = 9;
  [pixels getBytes:&one bytesPerRow:1 fromRegion:MTLRegionMake2D(3, 2, 1, 1) mipmapLevel:0];
  CHECK(one == 4);
  CHECK_RAISES(NSInvalidArgumentException, @"outside",
               [pixels getBytes:all bytesPerRow:4 fromRegion:MTLRegionMake2D(3, 2, 2, 1) mipmapLevel:0]);
  CHECK_RAISES(NSInvalidArgumentException, @"level 1",
               [pixels getBytes:all bytesPerRow:4 fromRegion:MTLRegionMake2D(0, 0, 1, 1) mipmapLevel:1]);
  CHECK_RAISES(NSInvalidArgumentException, @"bytesPerRow 3 is less", get(pixels, 0, all, 3));
  CHECK_RAISES(NSInvalidArgumentException, @"slice 1", get(pixels, 1, all, 4));
  CHECK_RAISES(NSInvalidArgumentException, @"pixelBytes is nil", get(pixels, 0, NULL, 4));
}

static void testRefused(void) {
  CHECK_RAISES(NSInvalidArgumentException, @"descriptor is nil", [device newTextureWithDescriptor:nothing]);
  CHECK_RAISES(NSInvalidArgumentException, @"must be of class MTLTextureDescriptor",
               [device newTextureWithDescriptor:(MTLTextureDescriptor *)@"none"]);
  CHECK(texture(MTLPixelFormatDepth32Float, 4, 4, 1) == nil && texture(MTLPixelFormatRGBA8Unorm, 0, 4, 1) == nil);
  CHECK(texture(MTLPixelFormatRGBA8Unorm, NSUIntegerMax / 2, 4, 1) == nil);
  MTLTextureDescriptor *descriptor = described(MTLPixelFormatRGBA8Unorm, 4, 4, 1);
  [descriptor setMipmapLevelCount:2];
  CHECK([device newTextureWithDescriptor:descriptor] == nil);
  [descriptor setMipmapLevelCount:1];
  [descriptor setTextureType:MTLTextureType3D];
  CHECK([device newTextureWithDescriptor:descriptor] == nil);
}

// Slices are groups of four channels; what an image has not got reads 0.
static void testImageTexture(void) {
  MPSImageDescriptor *descriptor =
      [MPSImageDescriptor imageDescriptorWithChannelFormat:MPSImageFeatureChannelFormatFloat32
                                                     width:2
                                                    height:1
                                           featureChannels:6
                                            numberOfImages:2
                                                     usage:MTLTextureUsageShaderRead | MTLTextureUsageShaderWrite];
  MPSImage *image = [[[MPSImage alloc] initWithDevice:device imageDescriptor:descriptor] autorelease];
  float in[2][12], out[12];
  for (int n = 0; n < 2; ++n) {
    for (int i = 0; i < 12; ++i) in[n][i] = 100 * n + i;
    [image writeBytes:in[n] dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:n];
  }
  id<MTLTexture> pixels = [image texture];
  CHECK(pixels == [image texture] && [pixels textureType] == MTLTextureType2DArray && [pixels arrayLength] == 4);
  CHECK([pixels pixelFormat] == MTLPixelFormatRGBA32Float && [pixels device] == device);
  float slice[8];
  get(pixels, 2, slice, 32);
  CHECK(slice[0] == 100 && slice[3] == 103 && slice[4] == 106 && slice[7] == 109);
  get(pixels, 3, slice, 32);
  CHECK(slice[0] == 104 && slice[1] == 105 && slice[2] == 0 && slice[3] == 0 && slice[4] == 110 && slice[6] == 0);
  for (int i = 0; i < 8; ++i) slice[i] = -i;
  put(pixels, 1, slice, 32);
  [image readBytes:out dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:0];
  CHECK(out[3] == 3 && out[4] == 0 && out[5] == -1 && out[6] == 6 && out[10] == -4 && out[11] == -5);
  MPSImage *again = [[[MPSImage alloc] initWithTexture:pixels featureChannels:6] autorelease];
  CHECK([again numberOfImages] == 2);
  [again readBytes:out dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:1];
  CHECK(memcmp(out, in[1], sizeof(out)) == 0);
}

// The same texture as images of different numbers of channels.
static void testArrayAsImages(void) {
  id<MTLTexture> pixels = texture(MTLPixelFormatRGBA32Float, 1, 1, 4);
  for (int s = 0; s < 4; ++s) put(pixels, s, (float[]){10 * s, 10 * s + 1, 10 * s + 2, 10 * s + 3}, 16);
  float out[16];
  @autoreleasepool {
    MPSImage *two = [[[MPSImage alloc] initWithTexture:pixels featureChannels:7] autorelease];
    CHECK([two numberOfImages] == 2);
    [two readBytes:out dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:1];
    CHECK(out[0] == 20 && out[3] == 23 && out[4] == 30 && out[6] == 32);
    CHECK_RAISES(NSInvalidArgumentException, @"in use",
                 [[[MPSImage alloc] initWithTexture:pixels featureChannels:3] autorelease]);
  }
  MPSImage *four = [[[MPSImage alloc] initWithTexture:pixels featureChannels:3] autorelease];
  CHECK([four numberOfImages] == 4);
  [four readBytes:out dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:3];
  CHECK(out[0] == 30 && out[2] == 32);
  MPSImage *whole = [[[MPSImage alloc] initWithTexture:texture(MTLPixelFormatRGBA32Float, 1, 1, 4)
                                       featureChannels:14] autorelease];
  CHECK([whole numberOfImages] == 1 && [whole featureChannels] == 14);
  CHECK_RAISES(NSInvalidArgumentException, @"does not hold",
               [[[MPSImage alloc] initWithTexture:pixels featureChannels:17] autorelease]);
  CHECK_RAISES(NSInvalidArgumentException, @"does not hold",
               [[[MPSImage alloc] initWithTexture:pixels featureChannels:NSUIntegerMax] autorelease]);
  CHECK_RAISES(NSInvalidArgumentException, @"does not hold",
               [[[MPSImage alloc] initWithTexture:texture(MTLPixelFormatR8Unorm, 1, 1, 1) featureChannels:2] autorelease]);
  CHECK_RAISES(NSInvalidArgumentException, @"texture is nil",
               [[[MPSImage alloc] initWithTexture:nothing featureChannels:2] autorelease]);
}

static void testViews(void) {
  id<MTLTexture> pixels = texture(MTLPixelFormatRGBA8Unorm, 1, 1, 4);
  for (int s = 0; s < 4; ++s) put(pixels, s, (unsigned char[]){s, 10 + s, 20 + s, 30 + s}, 4);
  id<MTLTexture> view = [[pixels newTextureViewWithPixelFormat:MTLPixelFormatR32Float
                                                   textureType:MTLTextureType2D
                                                        levels:NSMakeRange(0, 1)
                                                        slices:NSMakeRange(2, 1)] autorelease];
  CHECK([view parentTexture] == pixels && [view parentRelativeSlice] == 2 && [view pixelFormat] == MTLPixelFormatR32Float);
  unsigned char four[4];
  get(view, 0, four, 4);
  CHECK(four[0] == 2 && four[3] == 32);
  put(view, 0, "abcd", 4);
  get(pixels, 2, four, 4);
  CHECK(memcmp(four, "abcd", 4) == 0);
  CHECK_RAISES(NSInvalidArgumentException, @"another pixel format",
               [[[MPSImage alloc] initWithTexture:view featureChannels:1] autorelease]);
  view = [[pixels newTextureViewWithPixelFormat:MTLPixelFormatRGBA8Unorm
                                    textureType:MTLTextureType2DArray
                                         levels:NSMakeRange(0, 1)
                                         slices:NSMakeRange(1, 2)] autorelease];
  MPSImage *image = [[[MPSImage alloc] initWithTexture:view featureChannels:8] autorelease];
  unsigned char eight[8];
  [image readBytes:eight dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:0];
  CHECK(eight[0] == 1 && eight[3] == 31 && eight[4] == 'a' && [image texture] == view);
  CHECK([pixels newTextureViewWithPixelFormat:MTLPixelFormatR8Unorm] == nil);
  CHECK([pixels newTextureViewWithPixelFormat:MTLPixelFormatRGBA8Unorm
                                  textureType:MTLTextureType2DArray
                                       levels:NSMakeRange(0, 1)
                                       slices:NSMakeRange(3, 2)] == nil);
}

static void testRowsOfBuffers(void) {
  id<MTLBuffer> buffer = [[device newBufferWithLength:64 options:0] autorelease];
  float *numbers = [buffer contents];
  for (int i = 0; i < 16; ++i) numbers[i] = i;
  MTLTextureDescriptor *descriptor = described(MTLPixelFormatR32Float, 3, 2, 1);
  id<MTLTexture> padded = [[buffer newTextureWithDescriptor:descriptor offset:8 bytesPerRow:16] autorelease];
  CHECK([padded buffer] == buffer && [padded bufferOffset] == 8 && [padded bufferBytesPerRow] == 16);
  float six[6];
  get(padded, 0, six, 12);
  CHECK(six[0] == 2 && six[2] == 4 && six[3] == 6 && six[5] == 8);
  put(padded, 0, (float[]){-1, -2, -3, -4, -5, -6}, 12);
  CHECK(numbers[2] == -1 && numbers[4] == -3 && numbers[5] == 5 && numbers[6] == -4 && numbers[8] == -6);
  CHECK_RAISES(NSInvalidArgumentException, @"gaps", [[[MPSImage alloc] initWithTexture:padded featureChannels:1] autorelease]);

  id<MTLTexture> dense = [[buffer newTextureWithDescriptor:descriptor offset:16 bytesPerRow:12] autorelease];
  MPSImage *image = [[[MPSImage alloc] initWithTexture:dense featureChannels:1] autorelease];
  numbers[4] = 77;
  [image readBytes:six dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:0];
  CHECK(six[0] == 77 && six[5] == numbers[9] && [image texture] == dense);
  CHECK([buffer newTextureWithDescriptor:descriptor offset:48 bytesPerRow:12] == nil);
  CHECK([buffer newTextureWithDescriptor:descriptor offset:0 bytesPerRow:8] == nil);
  CHECK([buffer newTextureWithDescriptor:descriptor offset:2 bytesPerRow:12] == nil);
  CHECK([device minimumLinearTextureAlignmentForPixelFormat:MTLPixelFormatR32Float] == 4);
}

static void testCopies(void) {
  id<MTLBuffer> buffer = [[device newBufferWithLength:32 options:0] autorelease];
  unsigned char *bytes = [buffer contents];
  for (int i = 0; i < 32; ++i) bytes[i] = i;
  id<MTLTexture> a = texture(MTLPixelFormatRG8Unorm, 3, 2, 2), b = texture(MTLPixelFormatRG8Unorm, 3, 2, 2);
  id<MTLBuffer> out = [[device newBufferWithLength:32 options:0] autorelease];
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  id<MTLBlitCommandEncoder> blit = [commandBuffer blitCommandEncoder];
  [blit copyFromBuffer:buffer
             sourceOffset:2
        sourceBytesPerRow:8
      sourceBytesPerImage:0
               sourceSize:MTLSizeMake(3, 2, 1)
                toTexture:a
         destinationSlice:1
         destinationLevel:0
        destinationOrigin:MTLOriginMake(0, 0, 0)];
  [blit copyFromTexture:a
            sourceSlice:1
            sourceLevel:0
           sourceOrigin:MTLOriginMake(1, 0, 0)
             sourceSize:MTLSizeMake(2, 1, 1)
              toTexture:a
       destinationSlice:0
       destinationLevel:0
      destinationOrigin:MTLOriginMake(1, 1, 0)];
  [blit copyFromTexture:a toTexture:b];
  [blit copyFromTexture:b
                   sourceSlice:0
                   sourceLevel:0
                  sourceOrigin:MTLOriginMake(0, 0, 0)
                    sourceSize:MTLSizeMake(3, 2, 1)
                      toBuffer:out
             destinationOffset:1
        destinationBytesPerRow:10
      destinationBytesPerImage:0];
  CHECK_RAISES(NSInvalidArgumentException, @"outside",
               [blit copyFromTexture:a
                         sourceSlice:0
                         sourceLevel:0
                        sourceOrigin:MTLOriginMake(0, 0, 0)
                          sourceSize:MTLSizeMake(4, 1, 1)
                           toTexture:b
                    destinationSlice:0
                    destinationLevel:0
                   destinationOrigin:MTLOriginMake(0, 0, 0)]);
  CHECK_RAISES(NSInvalidArgumentException, @"differ in size",
               [blit copyFromTexture:a toTexture:texture(MTLPixelFormatR8Unorm, 3, 2, 1)]);
  CHECK_RAISES(NSInvalidArgumentException, @"sourceTexture is nil", [blit copyFromTexture:nothing toTexture:b]);
  [blit synchronizeResource:out];
  [blit endEncoding];
  unsigned char slice[12];
  CHECK_RAISES(NSInvalidArgumentException, @"has not completed", get(b, 1, slice, 6));
  [commandBuffer commit];
  [commandBuffer waitUntilCompleted];
  get(b, 1, slice, 6);
  const unsigned char expected[] = {2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15};
  CHECK(memcmp(slice, expected, 12) == 0);
  const unsigned char rows[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 5, 6, 7, 0};
  CHECK(memcmp([out contents], rows, sizeof(rows)) == 0);
}

// A texture is where it was after the application has let go of it, as long as an image uses it.
static void testLifetimes(void) {
  MPSImage *image = nil;
  @autoreleasepool {
    id<MTLTexture> pixels = texture(MTLPixelFormatBGRA8Unorm, 1, 1, 1);
    put(pixels, 0, "bgra", 4);
    image = [[MPSImage alloc] initWithTexture:pixels featureChannels:4];
  }
  unsigned char four[4];
  [image readBytes:four dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:0];
  CHECK(memcmp(four, "rgba", 4) == 0);
  id<MTLTexture> pixels = [image texture];
  CHECK([pixels pixelFormat] == MTLPixelFormatBGRA8Unorm);
  get(pixels, 0, four, 4);
  CHECK(memcmp(four, "bgra", 4) == 0);
  [image release];
  get(pixels, 0, four, 4);
  CHECK(memcmp(four, "bgra", 4) == 0);
}

int main(void) {
  @autoreleasepool {
    device = MTLCreateSystemDefaultDevice();
    queue = [device newCommandQueue];
    testFormats();
    testRegions();
    testRefused();
    testImageTexture();
    testArrayAsImages();
    testViews();
    testRowsOfBuffers();
    testCopies();
    testLifetimes();
    [queue release];
    [device release];
  }
  return CHECK_RESULT;
}
