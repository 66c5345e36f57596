#pragma once

#import <Metal/Metal.h>

#include "support/objects.hpp"

namespace mpsnn::gnustep {

/// A reference of C++'s to an object.
template <class ObjCClass>
class Kept {
 public:
  Kept() = default;
  explicit Kept(ObjCClass *object) : object_([object retain]) {}
  Kept(const Kept &other) : Kept(other.object_) {}
  Kept(Kept &&other) noexcept : object_(std::exchange(other.object_, nil)) {}
  Kept &operator=(Kept other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Kept() { [object_ release]; }
  ObjCClass *get() const { return object_; }

 private:
  ObjCClass *object_ = nil;
};

/// MTLResourceOptions from and to their parts.
constexpr MTLResourceOptions with_cache_mode(MTLResourceOptions options, MTLCPUCacheMode mode) {
  return (MTLResourceOptions)((options & ~NSUInteger(0xf)) | (NSUInteger)mode);
}
constexpr MTLResourceOptions with_storage_mode(MTLResourceOptions options, MTLStorageMode mode) {
  return (MTLResourceOptions)((options & ~NSUInteger(0xf0)) | (NSUInteger)mode << 4);
}
constexpr MTLResourceOptions with_tracking_mode(MTLResourceOptions options, MTLHazardTrackingMode mode) {
  return (MTLResourceOptions)((options & ~NSUInteger(0x300)) | (NSUInteger)mode << 8);
}
constexpr MTLCPUCacheMode cache_mode_of(MTLResourceOptions options) { return (MTLCPUCacheMode)(options & 0xf); }
constexpr MTLStorageMode storage_mode_of(MTLResourceOptions options) { return (MTLStorageMode)(options >> 4 & 0xf); }
constexpr MTLHazardTrackingMode tracking_mode_of(MTLResourceOptions options) {
  return (MTLHazardTrackingMode)(options >> 8 & 0x3);
}

struct TextureDescriptor {
  MTLTextureType type = MTLTextureType2D;
  MTLPixelFormat pixel_format = MTLPixelFormatRGBA8Unorm;
  NSUInteger width = 1, height = 1, depth = 1, mipmap_level_count = 1, sample_count = 1, array_length = 1;
  MTLResourceOptions options = MTLResourceStorageModeShared;
  MTLTextureUsage usage = MTLTextureUsageShaderRead;
  bool allow_gpu_optimized_contents = true;
  MTLTextureCompressionType compression_type = MTLTextureCompressionTypeLossless;
  MTLTextureSwizzleChannels swizzle = {MTLTextureSwizzleRed, MTLTextureSwizzleGreen, MTLTextureSwizzleBlue,
                                       MTLTextureSwizzleAlpha};
  MTLSparsePageSize placement_sparse_page_size{};
};

struct HeapDescriptor {
  NSUInteger size = 0;
  MTLResourceOptions options = (MTLResourceOptions)(MTLResourceStorageModePrivate | MTLResourceHazardTrackingModeUntracked);
  MTLSparsePageSize sparse_page_size = MTLSparsePageSize16;
  MTLSparsePageSize max_compatible_placement_sparse_page_size{};
  MTLHeapType type = MTLHeapTypeAutomatic;
};

struct CommandBufferDescriptor {
  bool retained_references = true;
  MTLCommandBufferErrorOption error_options = MTLCommandBufferErrorOptionNone;
};

struct CommandQueueDescriptor {
  NSUInteger max_command_buffer_count = 64;
};

/// Nothing compiles here: these are kept for whoever asks.
struct CompileOptions {
  bool fast_math_enabled = true;
  MTLMathMode math_mode = MTLMathModeFast;
  MTLMathFloatingPointFunctions math_functions = MTLMathFloatingPointFunctionsFast;
  MTLLanguageVersion language_version = MTLLanguageVersion4_0;
  MTLLibraryType library_type = MTLLibraryTypeExecutable;
  bool preserve_invariance = false, allow_undefined_symbols = false, enable_logging = false;
  MTLLibraryOptimizationLevel optimization_level = MTLLibraryOptimizationLevelDefault;
  MTLCompileSymbolVisibility visibility = MTLCompileSymbolVisibilityDefault;
  NSUInteger max_threads_per_threadgroup = 0;
  MTLSize required_threads_per_threadgroup{};
  Kept<NSDictionary> macros;
  Kept<NSString> install_name;
};

struct FunctionConstantValues {};

MPSNN_STANDS_FOR(MTLCompileOptions, CompileOptions)
MPSNN_STANDS_FOR(MTLFunctionConstantValues, FunctionConstantValues)
MPSNN_STANDS_FOR(MTLTextureDescriptor, TextureDescriptor)
MPSNN_STANDS_FOR(MTLHeapDescriptor, HeapDescriptor)
MPSNN_STANDS_FOR(MTLCommandBufferDescriptor, CommandBufferDescriptor)
MPSNN_STANDS_FOR(MTLCommandQueueDescriptor, CommandQueueDescriptor)

}  // namespace mpsnn::gnustep
