// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METAL_MTLLIBRARY_H
#define METAL_MTLLIBRARY_H

#import <Metal/MTLDefines.h>
#import <Metal/MTLTypes.h>
#import <Metal/MTLFunctionDescriptor.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MTLDevice;
@class MTLFunctionConstantValues;

typedef NS_ENUM(NSInteger, MTLCompileSymbolVisibility) {
  MTLCompileSymbolVisibilityDefault = 0,
  MTLCompileSymbolVisibilityHidden = 1,
};

typedef NS_ENUM(NSUInteger, MTLFunctionType) {
  MTLFunctionTypeVertex = 1,
  MTLFunctionTypeFragment = 2,
  MTLFunctionTypeKernel = 3,
  MTLFunctionTypeVisible = 5,
  MTLFunctionTypeIntersection = 6,
  MTLFunctionTypeMesh = 7,
  MTLFunctionTypeObject = 8,
};

typedef NS_ENUM(NSUInteger, MTLLanguageVersion) {
  MTLLanguageVersion1_0 MTL_DEPRECATED = 65536,
  MTLLanguageVersion1_1 = 65537,
  MTLLanguageVersion1_2 = 65538,
  MTLLanguageVersion2_0 = 131072,
  MTLLanguageVersion2_1 = 131073,
  MTLLanguageVersion2_2 = 131074,
  MTLLanguageVersion2_3 = 131075,
  MTLLanguageVersion2_4 = 131076,
  MTLLanguageVersion3_0 = 196608,
  MTLLanguageVersion3_1 = 196609,
  MTLLanguageVersion3_2 = 196610,
  MTLLanguageVersion4_0 = 262144,
};

typedef NS_ENUM(NSInteger, MTLLibraryOptimizationLevel) {
  MTLLibraryOptimizationLevelDefault = 0,
  MTLLibraryOptimizationLevelSize = 1,
};

typedef NS_ENUM(NSInteger, MTLLibraryType) {
  MTLLibraryTypeExecutable = 0,
  MTLLibraryTypeDynamic = 1,
};

typedef NS_ENUM(NSInteger, MTLMathFloatingPointFunctions) {
  MTLMathFloatingPointFunctionsFast = 0,
  MTLMathFloatingPointFunctionsPrecise = 1,
};

typedef NS_ENUM(NSInteger, MTLMathMode) {
  MTLMathModeSafe = 0,
  MTLMathModeRelaxed = 1,
  MTLMathModeFast = 2,
};

typedef NS_ENUM(NSUInteger, MTLPatchType) {
  MTLPatchTypeNone = 0,
  MTLPatchTypeTriangle = 1,
  MTLPatchTypeQuad = 2,
};

@protocol MTLFunction <NSObject>
@property (nonatomic, copy, nullable) NSString *label;
@property (nonatomic, readonly) id<MTLDevice> device;
@property (nonatomic, readonly) MTLFunctionType functionType;
@property (nonatomic, readonly) MTLPatchType patchType;
@property (nonatomic, readonly) NSInteger patchControlPointCount;
@property (nonatomic, readonly) NSString *name;
@property (nonatomic, readonly) MTLFunctionOptions options;
@end

@protocol MTLLibrary <NSObject>
@property (nonatomic, copy, nullable) NSString *label;
@property (nonatomic, readonly) id<MTLDevice> device;
@property (nonatomic, readonly) NSArray<NSString *> *functionNames;
@property (nonatomic, readonly) MTLLibraryType type;
@property (nonatomic, readonly, nullable) NSString *installName;
- (id<MTLFunction> _Nullable)newFunctionWithName:(NSString *)functionName;
- (id<MTLFunction> _Nullable)newFunctionWithName:(NSString *)name
                                  constantValues:(MTLFunctionConstantValues *)constantValues
                                           error:(NSError * _Nullable * _Nullable)error;
- (void)newFunctionWithName:(NSString *)name
             constantValues:(MTLFunctionConstantValues *)constantValues
          completionHandler:(void (^)(id<MTLFunction>, NSError *))completionHandler;
@end

@interface MTLCompileOptions : NSObject <NSCopying> {
 @public
  void *_impl;
}
@property (nonatomic, copy, nullable) NSDictionary<NSString *, NSObject *> *preprocessorMacros;
@property (nonatomic) BOOL fastMathEnabled MTL_DEPRECATED;
@property (nonatomic) MTLMathMode mathMode;
@property (nonatomic) MTLMathFloatingPointFunctions mathFloatingPointFunctions;
@property (nonatomic) MTLLanguageVersion languageVersion;
@property (nonatomic) MTLLibraryType libraryType;
@property (nonatomic, copy, nullable) NSString *installName;
@property (nonatomic) BOOL preserveInvariance;
@property (nonatomic) MTLLibraryOptimizationLevel optimizationLevel;
@property (nonatomic) MTLCompileSymbolVisibility compileSymbolVisibility;
@property (nonatomic) BOOL allowReferencingUndefinedSymbols;
@property (nonatomic) NSUInteger maxTotalThreadsPerThreadgroup;
@property (nonatomic) MTLSize requiredThreadsPerThreadgroup;
@property (nonatomic) BOOL enableLogging;
@end

NS_ASSUME_NONNULL_END

#endif
