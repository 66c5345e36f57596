// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METAL_MTLFUNCTIONDESCRIPTOR_H
#define METAL_MTLFUNCTIONDESCRIPTOR_H

#import <Metal/MTLDefines.h>

NS_ASSUME_NONNULL_BEGIN

typedef NS_OPTIONS(NSUInteger, MTLFunctionOptions) {
  MTLFunctionOptionNone = 0,
  MTLFunctionOptionCompileToBinary = 1,
  MTLFunctionOptionStoreFunctionInMetalPipelinesScript = 2,
  MTLFunctionOptionStoreFunctionInMetalScript MTL_DEPRECATED = 2,
  MTLFunctionOptionFailOnBinaryArchiveMiss = 4,
  MTLFunctionOptionPipelineIndependent = 8,
};

NS_ASSUME_NONNULL_END

#endif
