// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METAL_MTLPIPELINE_H
#define METAL_MTLPIPELINE_H

#import <Metal/MTLDefines.h>

NS_ASSUME_NONNULL_BEGIN

typedef NS_ENUM(NSInteger, MTLShaderValidation) {
  MTLShaderValidationDefault = 0,
  MTLShaderValidationEnabled = 1,
  MTLShaderValidationDisabled = 2,
};

NS_ASSUME_NONNULL_END

#endif
