// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METAL_MTLFUNCTIONCONSTANTVALUES_H
#define METAL_MTLFUNCTIONCONSTANTVALUES_H

#import <Metal/MTLDefines.h>
#import <Metal/MTLArgument.h>

NS_ASSUME_NONNULL_BEGIN

@interface MTLFunctionConstantValues : NSObject <NSCopying> {
 @public
  void *_impl;
}
- (void)setConstantValue:(const void *)value type:(MTLDataType)type atIndex:(NSUInteger)index;
- (void)setConstantValues:(const void *)values type:(MTLDataType)type withRange:(NSRange)range;
- (void)setConstantValue:(const void *)value type:(MTLDataType)type withName:(NSString *)name;
- (void)reset;
@end

NS_ASSUME_NONNULL_END

#endif
