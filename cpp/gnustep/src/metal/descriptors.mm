#import "metal/descriptors.hpp"

#include <algorithm>
#include <bit>

using namespace mpsnn;
using namespace mpsnn::gnustep;

// A descriptor is made with the defaults, and copied member by member.
#define DESCRIPTOR(Descriptor)                                                                                     \
  MPSNN_ROOT_IMPLEMENTATION(Descriptor)                                                                            \
  -(instancetype)init {                                                                                            \
    return made(self, [] { return std::make_shared<Descriptor>(); });                                              \
  }                                                                                                                \
  -(id)copyWithZone : (NSZone *)zone {                                                                             \
    return made([[self class] allocWithZone:zone], [&] { return std::make_shared<Descriptor>(*portable(self)); }); \
  }

// The parts of `resourceOptions` are properties of their own.
#define OPTIONS_PART(Type, getter, setter, part_of, with_part)                            \
  MPSNN_READONLY(Type, getter, part_of(portable(self)->options))                          \
  -(void)setter : (Type)part {                                                            \
    guarded([&] { portable(self)->options = with_part(portable(self)->options, part); }); \
  }
#define RESOURCE_OPTIONS                                                                           \
  MPSNN_PROPERTY(MTLResourceOptions, resourceOptions, setResourceOptions, portable(self)->options) \
  OPTIONS_PART(MTLCPUCacheMode, cpuCacheMode, setCpuCacheMode, cache_mode_of, with_cache_mode)     \
  OPTIONS_PART(MTLStorageMode, storageMode, setStorageMode, storage_mode_of, with_storage_mode)    \
  OPTIONS_PART(MTLHazardTrackingMode, hazardTrackingMode, setHazardTrackingMode, tracking_mode_of, with_tracking_mode)

@implementation MTLTextureDescriptor

DESCRIPTOR(TextureDescriptor)
RESOURCE_OPTIONS
MPSNN_PROPERTY(MTLTextureType, textureType, setTextureType, portable(self)->type)
MPSNN_PROPERTY(MTLPixelFormat, pixelFormat, setPixelFormat, portable(self)->pixel_format)
MPSNN_PROPERTY(NSUInteger, width, setWidth, portable(self)->width)
MPSNN_PROPERTY(NSUInteger, height, setHeight, portable(self)->height)
MPSNN_PROPERTY(NSUInteger, depth, setDepth, portable(self)->depth)
MPSNN_PROPERTY(NSUInteger, mipmapLevelCount, setMipmapLevelCount, portable(self)->mipmap_level_count)
MPSNN_PROPERTY(NSUInteger, sampleCount, setSampleCount, portable(self)->sample_count)
MPSNN_PROPERTY(NSUInteger, arrayLength, setArrayLength, portable(self)->array_length)
MPSNN_PROPERTY(MTLTextureUsage, usage, setUsage, portable(self)->usage)
MPSNN_PROPERTY(BOOL, allowGPUOptimizedContents, setAllowGPUOptimizedContents, portable(self)->allow_gpu_optimized_contents)
MPSNN_PROPERTY(MTLTextureCompressionType, compressionType, setCompressionType, portable(self)->compression_type)
MPSNN_PROPERTY(MTLTextureSwizzleChannels, swizzle, setSwizzle, portable(self)->swizzle)
MPSNN_PROPERTY(MTLSparsePageSize, placementSparsePageSize, setPlacementSparsePageSize, portable(self)->placement_sparse_page_size)

+ (MTLTextureDescriptor *)texture2DDescriptorWithPixelFormat:(MTLPixelFormat)pixelFormat
                                                       width:(NSUInteger)width
                                                      height:(NSUInteger)height
                                                   mipmapped:(BOOL)mipmapped {
  MTLTextureDescriptor *made = [[[self alloc] init] autorelease];
  [made setPixelFormat:pixelFormat];
  [made setWidth:width];
  [made setHeight:height];
  if (mipmapped) [made setMipmapLevelCount:std::bit_width(std::max(width, height))];
  return made;
}

+ (MTLTextureDescriptor *)textureCubeDescriptorWithPixelFormat:(MTLPixelFormat)pixelFormat
                                                          size:(NSUInteger)size
                                                     mipmapped:(BOOL)mipmapped {
  MTLTextureDescriptor *made = [self texture2DDescriptorWithPixelFormat:pixelFormat width:size height:size mipmapped:mipmapped];
  [made setTextureType:MTLTextureTypeCube];
  return made;
}

+ (MTLTextureDescriptor *)textureBufferDescriptorWithPixelFormat:(MTLPixelFormat)pixelFormat
                                                           width:(NSUInteger)width
                                                 resourceOptions:(MTLResourceOptions)resourceOptions
                                                           usage:(MTLTextureUsage)usage {
  MTLTextureDescriptor *made = [self texture2DDescriptorWithPixelFormat:pixelFormat width:width height:1 mipmapped:NO];
  [made setTextureType:MTLTextureTypeTextureBuffer];
  [made setResourceOptions:resourceOptions];
  [made setUsage:usage];
  return made;
}

@end

@implementation MTLHeapDescriptor
DESCRIPTOR(HeapDescriptor)
RESOURCE_OPTIONS
MPSNN_PROPERTY(NSUInteger, size, setSize, portable(self)->size)
MPSNN_PROPERTY(MTLHeapType, type, setType, portable(self)->type)
MPSNN_PROPERTY(MTLSparsePageSize, sparsePageSize, setSparsePageSize, portable(self)->sparse_page_size)
MPSNN_PROPERTY(MTLSparsePageSize, maxCompatiblePlacementSparsePageSize, setMaxCompatiblePlacementSparsePageSize,
               portable(self)->max_compatible_placement_sparse_page_size)
@end

@implementation MTLCommandBufferDescriptor
DESCRIPTOR(CommandBufferDescriptor)
MPSNN_PROPERTY(BOOL, retainedReferences, setRetainedReferences, portable(self)->retained_references)
MPSNN_PROPERTY(MTLCommandBufferErrorOption, errorOptions, setErrorOptions, portable(self)->error_options)
@end

@implementation MTLCommandQueueDescriptor
DESCRIPTOR(CommandQueueDescriptor)
MPSNN_PROPERTY(NSUInteger, maxCommandBufferCount, setMaxCommandBufferCount, portable(self)->max_command_buffer_count)
@end

@implementation MTLCompileOptions
DESCRIPTOR(CompileOptions)
MPSNN_PROPERTY(BOOL, fastMathEnabled, setFastMathEnabled, portable(self)->fast_math_enabled)
MPSNN_PROPERTY(MTLMathMode, mathMode, setMathMode, portable(self)->math_mode)
MPSNN_PROPERTY(MTLMathFloatingPointFunctions, mathFloatingPointFunctions, setMathFloatingPointFunctions,
               portable(self)->math_functions)
MPSNN_PROPERTY(MTLLanguageVersion, languageVersion, setLanguageVersion, portable(self)->language_version)
MPSNN_PROPERTY(MTLLibraryType, libraryType, setLibraryType, portable(self)->library_type)
MPSNN_PROPERTY(BOOL, preserveInvariance, setPreserveInvariance, portable(self)->preserve_invariance)
MPSNN_PROPERTY(MTLLibraryOptimizationLevel, optimizationLevel, setOptimizationLevel, portable(self)->optimization_level)
MPSNN_PROPERTY(MTLCompileSymbolVisibility, compileSymbolVisibility, setCompileSymbolVisibility, portable(self)->visibility)
MPSNN_PROPERTY(BOOL, allowReferencingUndefinedSymbols, setAllowReferencingUndefinedSymbols,
               portable(self)->allow_undefined_symbols)
MPSNN_PROPERTY(NSUInteger, maxTotalThreadsPerThreadgroup, setMaxTotalThreadsPerThreadgroup,
               portable(self)->max_threads_per_threadgroup)
MPSNN_PROPERTY(MTLSize, requiredThreadsPerThreadgroup, setRequiredThreadsPerThreadgroup,
               portable(self)->required_threads_per_threadgroup)
MPSNN_PROPERTY(BOOL, enableLogging, setEnableLogging, portable(self)->enable_logging)

MPSNN_READONLY(NSDictionary *, preprocessorMacros, portable(self)->macros.get())
- (void)setPreprocessorMacros:(NSDictionary *)macros {
  guarded([&] { portable(self)->macros = Kept<NSDictionary>([[macros copy] autorelease]); });
}
MPSNN_READONLY(NSString *, installName, portable(self)->install_name.get())
- (void)setInstallName:(NSString *)name {
  guarded([&] { portable(self)->install_name = Kept<NSString>([[name copy] autorelease]); });
}
@end

// No function of this device takes them: nothing is kept.
@implementation MTLFunctionConstantValues
DESCRIPTOR(FunctionConstantValues)
- (void)setConstantValue:(const void *)value type:(MTLDataType)type atIndex:(NSUInteger)index {
  (void)value;
  (void)type;
  (void)index;
}
- (void)setConstantValues:(const void *)values type:(MTLDataType)type withRange:(NSRange)range {
  (void)values;
  (void)type;
  (void)range;
}
- (void)setConstantValue:(const void *)value type:(MTLDataType)type withName:(NSString *)name {
  (void)value;
  (void)type;
  (void)name;
}
- (void)reset {
}
@end
