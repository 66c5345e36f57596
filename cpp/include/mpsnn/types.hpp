#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace mpsnn {

inline constexpr std::size_t kUIntegerMax = std::numeric_limits<std::size_t>::max();

/// Pixels; z is the image index.
struct Offset {
  std::ptrdiff_t x = 0, y = 0, z = 0;
  bool operator==(const Offset&) const = default;
};
struct Origin {
  double x = 0, y = 0, z = 0;
  bool operator==(const Origin&) const = default;
};
struct Size {
  double width = 0, height = 0, depth = 0;
  bool operator==(const Size&) const = default;
};
struct Region {
  Origin origin;
  Size size;
  bool operator==(const Region&) const = default;
};
struct ImageCoordinate {
  std::size_t x = 0, y = 0, channel = 0;
  bool operator==(const ImageCoordinate&) const = default;
};
struct ImageRegion {
  ImageCoordinate offset, size;
  bool operator==(const ImageRegion&) const = default;
};
struct ImageReadWriteParams {
  std::size_t feature_channel_offset = 0, number_of_feature_channels_to_read_write = 0;
  bool operator==(const ImageReadWriteParams&) const = default;
};
struct ScaleTransform {
  double scale_x = 1, scale_y = 1, translate_x = 0, translate_y = 0;
  bool operator==(const ScaleTransform&) const = default;
};
/// NSRange.
struct Range {
  std::size_t location = 0, length = 0;
  bool operator==(const Range&) const = default;
};

namespace mtl {
struct Origin {
  std::size_t x = 0, y = 0, z = 0;
  bool operator==(const Origin&) const = default;
};
struct Size {
  std::size_t width = 0, height = 0, depth = 0;
  bool operator==(const Size&) const = default;
};
struct Region {
  Origin origin;
  Size size;
  bool operator==(const Region&) const = default;
};
enum class PixelFormat : std::size_t {
  Invalid = 0,
  R8Unorm = 10,
  R16Unorm = 20,
  R16Float = 25,
  RG8Unorm = 30,
  R32Float = 55,
  RG16Unorm = 60,
  RG16Float = 65,
  RGBA8Unorm = 70,
  RG32Float = 105,
  RGBA16Unorm = 110,
  RGBA16Float = 115,
  RGBA32Float = 125,
};
enum class TextureType : std::size_t {
  Type1D = 0,
  Type1DArray = 1,
  Type2D = 2,
  Type2DArray = 3,
  Type2DMultisample = 4,
  Cube = 5,
  CubeArray = 6,
  Type3D = 7,
  Type2DMultisampleArray = 8,
  TextureBuffer = 9,
};
enum class TextureUsage : std::size_t {
  Unknown = 0,
  ShaderRead = 1,
  ShaderWrite = 2,
  RenderTarget = 4,
  PixelFormatView = 16,
  ShaderAtomic = 32
};
enum class StorageMode : std::size_t { Shared = 0, Managed = 1, Private = 2, Memoryless = 3 };
enum class CPUCacheMode : std::size_t { DefaultCache = 0, WriteCombined = 1 };
}  // namespace mtl

/// The whole image.
inline constexpr mtl::Region kRectNoClip{{0, 0, 0}, {kUIntegerMax, kUIntegerMax, kUIntegerMax}};

enum class ImageFeatureChannelFormat : std::size_t {
  None = 0,
  Unorm8 = 1,
  Unorm16 = 2,
  Float16 = 3,
  Float32 = 4,
  _reserved0 = 5,
  Count = 6
};
enum class DataLayout : std::size_t { HeightxWidthxFeatureChannels = 0, FeatureChannelsxHeightxWidth = 1 };
enum class ImageEdgeMode : std::size_t { Zero = 0, Clamp = 1, Mirror = 2, MirrorWithEdge = 3, Constant = 4 };
enum class PurgeableState : std::size_t { AllocationDeferred = 0, KeepCurrent = 1, NonVolatile = 2, Volatile = 3, Empty = 4 };
enum class StateResourceType : std::size_t { None = 0, Buffer = 1, Texture = 2 };
enum class KernelOptions : std::size_t {
  None = 0,
  SkipAPIValidation = 1,
  AllowReducedPrecision = 2,
  DisableInternalTiling = 4,
  InsertDebugGroups = 8,
  Verbose = 16,
};
enum class DataType : std::uint32_t {
  Invalid = 0,
  FloatBit = 0x10000000,
  SignedBit = 0x20000000,
  NormalizedBit = 0x40000000,
  AlternateEncodingBit = 0x80000000,
  ComplexBit = 0x01000000,
  Float32 = 0x10000020,
  Float16 = 0x10000010,
  BFloat16 = 0x90000010,
  ComplexFloat32 = 0x11000040,
  ComplexFloat16 = 0x11000020,
  ComplexBFloat16 = 0x91000020,
  IntBit = 0x20000000,
  Int2 = 0x20000002,
  Int4 = 0x20000004,
  UInt2 = 0x2,
  UInt4 = 0x4,
  Int8 = 0x20000008,
  Int16 = 0x20000010,
  Int32 = 0x20000020,
  Int64 = 0x20000040,
  UInt8 = 0x8,
  UInt16 = 0x10,
  UInt32 = 0x20,
  UInt64 = 0x40,
  Bool = 0x80000008,
  Unorm1 = 0x40000001,
  Unorm8 = 0x40000008,
};
enum class CommandBufferStatus : std::size_t {
  NotEnqueued = 0,
  Enqueued = 1,
  Committed = 2,
  Scheduled = 3,
  Completed = 4,
  Error = 5
};

enum class CNNNeuronType : std::int32_t {
  None = 0,
  ReLU = 1,
  Linear = 2,
  Sigmoid = 3,
  HardSigmoid = 4,
  TanH = 5,
  Absolute = 6,
  SoftPlus = 7,
  SoftSign = 8,
  ELU = 9,
  PReLU = 10,
  ReLUN = 11,
  Power = 12,
  Exponential = 13,
  Logarithm = 14,
  GeLU = 15,
  Count = 16,
};
enum class CNNLossType : std::uint32_t {
  MeanAbsoluteError = 0,
  MeanSquaredError = 1,
  SoftMaxCrossEntropy = 2,
  SigmoidCrossEntropy = 3,
  CategoricalCrossEntropy = 4,
  Hinge = 5,
  Huber = 6,
  CosineDistance = 7,
  Log = 8,
  KullbackLeiblerDivergence = 9,
  Count = 10,
};
enum class CNNReductionType : std::int32_t { None = 0, Sum = 1, Mean = 2, SumByNonZeroWeights = 3, Count = 4 };
enum class NNComparisonType : std::size_t { Equal = 0, NotEqual = 1, Less = 2, LessOrEqual = 3, Greater = 4, GreaterOrEqual = 5 };
enum class CNNConvolutionFlags : std::size_t { None = 0 };
enum class CNNConvolutionWeightsLayout : std::uint32_t { OHWI = 0 };
enum class CNNWeightsQuantizationType : std::uint32_t { None = 0, Linear = 1, LookupTable = 2 };
enum class CNNConvolutionGradientOption : std::size_t { GradientWithData = 1, GradientWithWeightsAndBias = 2, All = 3 };
enum class NNConvolutionAccumulatorPrecisionOption : std::size_t { Half = 0, Float = 1 };
enum class NNTrainingStyle : std::size_t { UpdateDeviceNone = 0, UpdateDeviceCPU = 1, UpdateDeviceGPU = 2 };
enum class CNNBatchNormalizationFlags : std::size_t {
  Default = 0,
  CalculateStatisticsAutomatic = 0,
  CalculateStatisticsAlways = 1,
  CalculateStatisticsNever = 2,
  CalculateStatisticsMask = 3,
};
enum class NNRegularizationType : std::size_t { None = 0, L1 = 1, L2 = 2 };

/// Bit field: where padding goes, how large the result is, which policies are custom.
enum class NNPaddingMethod : std::size_t {
  AlignCentered = 0,
  AlignTopLeft = 1,
  AlignBottomRight = 2,
  Align_reserved = 3,
  AlignMask = 3,
  AddRemainderToTopLeft = 0,
  AddRemainderToTopRight = 4,
  AddRemainderToBottomLeft = 8,
  AddRemainderToBottomRight = 12,
  AddRemainderToMask = 12,
  SizeValidOnly = 0,
  SizeSame = 0x10,
  SizeFull = 0x20,
  Size_reserved = 0x30,
  SizeMask = 0x7F0,
  CustomAllowForNodeFusion = 0x2000,
  Custom = 0x4000,
  ExcludeEdges = 0x8000,
};

template <class E>
inline constexpr bool is_bit_field =
    std::is_same_v<E, NNPaddingMethod> || std::is_same_v<E, KernelOptions> || std::is_same_v<E, mtl::TextureUsage> ||
    std::is_same_v<E, CNNConvolutionGradientOption> || std::is_same_v<E, CNNBatchNormalizationFlags>;
template <class E>
requires is_bit_field<E>
constexpr E operator|(E a, E b) { return E(std::size_t(a) | std::size_t(b)); }
template <class E>
requires is_bit_field<E>
constexpr E operator&(E a, E b) { return E(std::size_t(a) & std::size_t(b)); }

}  // namespace mpsnn
