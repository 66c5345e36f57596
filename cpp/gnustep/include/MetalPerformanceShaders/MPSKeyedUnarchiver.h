// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSKEYEDUNARCHIVER_H
#define METALPERFORMANCESHADERS_MPSKEYEDUNARCHIVER_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSCoreTypes.h>

NS_ASSUME_NONNULL_BEGIN

@interface MPSKeyedUnarchiver : NSKeyedUnarchiver <MPSDeviceProvider> {
 @public
  void *_impl;
}
- (instancetype)initForReadingFromData:(NSData *)data
                                device:(id<MTLDevice>)device
                                 error:(NSError * _Nullable * _Nullable)error;
- (instancetype _Nullable)initWithDevice:(id<MTLDevice>)device MTL_DEPRECATED;
- (instancetype)initForReadingWithData:(NSData *)data device:(id<MTLDevice>)device MTL_DEPRECATED;
+ (id _Nullable)unarchivedObjectOfClasses:(NSSet<Class> *)classes
                                 fromData:(NSData *)data
                                   device:(id<MTLDevice>)device
                                    error:(NSError * _Nullable * _Nullable)error;
+ (id _Nullable)unarchivedObjectOfClass:(Class)cls
                               fromData:(NSData *)data
                                 device:(id<MTLDevice>)device
                                  error:(NSError * _Nullable * _Nullable)error;
- (id<MTLDevice>)mpsMTLDevice;
+ (id _Nullable)unarchiveObjectWithData:(NSData *)data device:(id<MTLDevice>)device MTL_DEPRECATED;
+ (id _Nullable)unarchiveTopLevelObjectWithData:(NSData *)data
                                         device:(id<MTLDevice>)device
                                          error:(NSError * _Nullable * _Nullable)error MTL_DEPRECATED;
+ (id _Nullable)unarchiveObjectWithFile:(NSString *)path device:(id<MTLDevice>)device MTL_DEPRECATED;
- (instancetype)init MTL_UNAVAILABLE;
+ (instancetype)new MTL_UNAVAILABLE;
@end

NS_ASSUME_NONNULL_END

#endif
