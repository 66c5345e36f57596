// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METAL_MTLTYPES_H
#define METAL_MTLTYPES_H

#import <Metal/MTLDefines.h>

NS_ASSUME_NONNULL_BEGIN

typedef struct MTLOrigin {
  NSUInteger x;
  NSUInteger y;
  NSUInteger z;
} MTLOrigin;

typedef struct MTLSize {
  NSUInteger width;
  NSUInteger height;
  NSUInteger depth;
} MTLSize;

typedef struct MTLRegion {
  MTLOrigin origin;
  MTLSize size;
} MTLRegion;

typedef struct MTLResourceID {
  uint64_t _impl;
} MTLResourceID;

typedef struct MTLSamplePosition {
  float x;
  float y;
} MTLSamplePosition;

static inline MTLOrigin MTLOriginMake(NSUInteger x, NSUInteger y, NSUInteger z) {
  return (MTLOrigin){x, y, z};
}

static inline MTLRegion MTLRegionMake1D(NSUInteger x, NSUInteger width) {
  return (MTLRegion){{x, 0, 0}, {width, 1, 1}};
}

static inline MTLRegion MTLRegionMake2D(NSUInteger x, NSUInteger y, NSUInteger width, NSUInteger height) {
  return (MTLRegion){{x, y, 0}, {width, height, 1}};
}

static inline MTLRegion MTLRegionMake3D(NSUInteger x,
                                        NSUInteger y,
                                        NSUInteger z,
                                        NSUInteger width,
                                        NSUInteger height,
                                        NSUInteger depth) {
  return (MTLRegion){{x, y, z}, {width, height, depth}};
}

static inline MTLSize MTLSizeMake(NSUInteger width, NSUInteger height, NSUInteger depth) {
  return (MTLSize){width, height, depth};
}

NS_ASSUME_NONNULL_END

#endif
