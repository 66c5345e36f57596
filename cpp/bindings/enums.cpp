#include <pybind11/native_enum.h>

#include <initializer_list>

#include "bindings.hpp"
#include "mpsnn/nodes/binary_convolution.hpp"
#include "mpsnn/types.hpp"

namespace mpsnn {

namespace {

template <class E>
struct Member {
  const char* name;
  E value;
};

/// `Member` values beyond those the C++ enum names are Apple's reserved ones.
template <class E>
void bind_enum(py::module_& m, const char* name, const char* base, const char* doc, std::initializer_list<Member<E>> members) {
  py::native_enum<E> e(m, name, base, doc);
  for (const auto& member : members) e.value(member.name, member.value);
  e.finalize();
}

constexpr const char* kEnum = "enum.IntEnum";
constexpr const char* kFlag = "enum.IntFlag";

void bind_image_enums(py::module_& m) {
  using Format = ImageFeatureChannelFormat;
  bind_enum<Format>(m, "MPSImageFeatureChannelFormat", kEnum, "Storage format of the elements of an image.",
                    {{"None_", Format::None},
                     {"Unorm8", Format::Unorm8},
                     {"Unorm16", Format::Unorm16},
                     {"Float16", Format::Float16},
                     {"Float32", Format::Float32},
                     {"_reserved0", Format(5)},
                     {"Count", Format::Count}});
  bind_enum<DataLayout>(m, "MPSDataLayout", kEnum, "Order of the elements in memory that a caller passes.",
                        {{"HeightxWidthxFeatureChannels", DataLayout::HeightxWidthxFeatureChannels},
                         {"FeatureChannelsxHeightxWidth", DataLayout::FeatureChannelsxHeightxWidth}});
  bind_enum<ImageEdgeMode>(m, "MPSImageEdgeMode", kEnum, "What a filter reads beyond the edge of an image.",
                           {{"Zero", ImageEdgeMode::Zero},
                            {"Clamp", ImageEdgeMode::Clamp},
                            {"Mirror", ImageEdgeMode::Mirror},
                            {"MirrorWithEdge", ImageEdgeMode::MirrorWithEdge},
                            {"Constant", ImageEdgeMode::Constant}});
  bind_enum<PurgeableState>(m, "MPSPurgeableState", kEnum, "Whether the memory of an image may be reclaimed.",
                            {{"AllocationDeferred", PurgeableState::AllocationDeferred},
                             {"KeepCurrent", PurgeableState::KeepCurrent},
                             {"NonVolatile", PurgeableState::NonVolatile},
                             {"Volatile", PurgeableState::Volatile},
                             {"Empty", PurgeableState::Empty}});
  bind_enum<StateResourceType>(
      m, "MPSStateResourceType", kEnum, "Kind of a resource of a state.",
      {{"None_", StateResourceType::None}, {"Buffer", StateResourceType::Buffer}, {"Texture", StateResourceType::Texture}});
  using D = DataType;
  bind_enum<D>(m, "MPSDataType", kEnum, "Type of numbers in a buffer.",
               {{"Invalid", D::Invalid},
                {"FloatBit", D::FloatBit},
                {"Float32", D::Float32},
                {"Float16", D::Float16},
                {"ComplexBit", D::ComplexBit},
                {"ComplexFloat32", D(0x11000040)},
                {"ComplexFloat16", D(0x11000020)},
                {"SignedBit", D::SignedBit},
                {"Int2", D(0x20000002)},
                {"Int4", D(0x20000004)},
                {"Int8", D::Int8},
                {"Int16", D::Int16},
                {"Int32", D::Int32},
                {"Int64", D::Int64},
                {"UInt2", D(0x2)},
                {"UInt4", D(0x4)},
                {"UInt8", D::UInt8},
                {"UInt16", D::UInt16},
                {"UInt32", D::UInt32},
                {"UInt64", D::UInt64},
                {"AlternateEncodingBit", D::AlternateEncodingBit},
                {"Bool", D::Bool},
                {"BFloat16", D::BFloat16},
                {"ComplexBFloat16", D(0x91000020)},
                {"NormalizedBit", D::NormalizedBit},
                {"Unorm1", D::Unorm1},
                {"Unorm8", D::Unorm8}});
}

void bind_metal_enums(py::module_& m) {
  using P = mtl::PixelFormat;
  bind_enum<P>(m, "MTLPixelFormat", kEnum, "Storage format of the texture that holds an image on a GPU.",
               {{"Invalid", P::Invalid},
                {"R8Unorm", P::R8Unorm},
                {"R16Unorm", P::R16Unorm},
                {"R16Float", P::R16Float},
                {"RG8Unorm", P::RG8Unorm},
                {"R32Float", P::R32Float},
                {"RG16Unorm", P::RG16Unorm},
                {"RG16Float", P::RG16Float},
                {"RGBA8Unorm", P::RGBA8Unorm},
                {"RG32Float", P::RG32Float},
                {"RGBA16Unorm", P::RGBA16Unorm},
                {"RGBA16Float", P::RGBA16Float},
                {"RGBA32Float", P::RGBA32Float}});
  bind_enum<mtl::TextureType>(m, "MTLTextureType", kEnum, "Kind of the texture that holds an image on a GPU.",
                              {{"Type2D", mtl::TextureType::Type2D}, {"Type2DArray", mtl::TextureType::Type2DArray}});
  bind_enum<mtl::TextureUsage>(m, "MTLTextureUsage", kFlag, "What a texture is used for.",
                               {{"Unknown", mtl::TextureUsage::Unknown},
                                {"ShaderRead", mtl::TextureUsage::ShaderRead},
                                {"ShaderWrite", mtl::TextureUsage::ShaderWrite}});
  bind_enum<mtl::StorageMode>(
      m, "MTLStorageMode", kEnum, "Who can reach the memory of an image.",
      {{"Shared", mtl::StorageMode::Shared}, {"Managed", mtl::StorageMode::Managed}, {"Private", mtl::StorageMode::Private}});
  bind_enum<mtl::CPUCacheMode>(
      m, "MTLCPUCacheMode", kEnum, "How the CPU caches the memory of an image.",
      {{"DefaultCache", mtl::CPUCacheMode::DefaultCache}, {"WriteCombined", mtl::CPUCacheMode::WriteCombined}});
  using S = CommandBufferStatus;
  bind_enum<S>(m, "MTLCommandBufferStatus", kEnum, "How far a command buffer is.",
               {{"NotEnqueued", S::NotEnqueued},
                {"Enqueued", S::Enqueued},
                {"Committed", S::Committed},
                {"Scheduled", S::Scheduled},
                {"Completed", S::Completed},
                {"Error", S::Error}});
}

void bind_kernel_enums(py::module_& m) {
  using O = KernelOptions;
  bind_enum<O>(m, "MPSKernelOptions", kFlag, "Options of a kernel or a graph.",
               {{"None_", O::None},
                {"SkipAPIValidation", O::SkipAPIValidation},
                {"AllowReducedPrecision", O::AllowReducedPrecision},
                {"DisableInternalTiling", O::DisableInternalTiling},
                {"InsertDebugGroups", O::InsertDebugGroups},
                {"Verbose", O::Verbose}});
  using C = NNComparisonType;
  bind_enum<C>(m, "MPSNNComparisonType", kFlag, "A comparison of two numbers.",
               {{"Equal", C::Equal},
                {"NotEqual", C::NotEqual},
                {"Less", C::Less},
                {"LessOrEqual", C::LessOrEqual},
                {"Greater", C::Greater},
                {"GreaterOrEqual", C::GreaterOrEqual}});
  using P = NNPaddingMethod;
  bind_enum<P>(m, "MPSNNPaddingMethod", kFlag,
               "Bits that choose the size of a filter's result and where its windows lie: one of Align..., one of "
               "AddRemainderTo..., one of Size..., and the flags.",
               {{"AlignCentered", P::AlignCentered},
                {"AlignTopLeft", P::AlignTopLeft},
                {"AlignBottomRight", P::AlignBottomRight},
                {"Align_reserved", P(3)},
                {"AlignMask", P::AlignMask},
                {"AddRemainderToTopLeft", P::AddRemainderToTopLeft},
                {"AddRemainderToTopRight", P::AddRemainderToTopRight},
                {"AddRemainderToBottomLeft", P::AddRemainderToBottomLeft},
                {"AddRemainderToBottomRight", P::AddRemainderToBottomRight},
                {"AddRemainderToMask", P::AddRemainderToMask},
                {"SizeValidOnly", P::SizeValidOnly},
                {"SizeSame", P::SizeSame},
                {"SizeFull", P::SizeFull},
                {"Size_reserved", P(0x30)},
                {"CustomAllowForNodeFusion", P::CustomAllowForNodeFusion},
                {"Custom", P::Custom},
                {"SizeMask", P::SizeMask},
                {"ExcludeEdges", P::ExcludeEdges}});
  using N = CNNNeuronType;
  bind_enum<N>(m, "MPSCNNNeuronType", kEnum, "The function of a neuron.",
               {{"None_", N::None},
                {"ReLU", N::ReLU},
                {"Linear", N::Linear},
                {"Sigmoid", N::Sigmoid},
                {"HardSigmoid", N::HardSigmoid},
                {"TanH", N::TanH},
                {"Absolute", N::Absolute},
                {"SoftPlus", N::SoftPlus},
                {"SoftSign", N::SoftSign},
                {"ELU", N::ELU},
                {"PReLU", N::PReLU},
                {"ReLUN", N::ReLUN},
                {"Power", N::Power},
                {"Exponential", N::Exponential},
                {"Logarithm", N::Logarithm},
                {"GeLU", N::GeLU},
                {"Count", N::Count}});
}

void bind_convolution_enums(py::module_& m) {
  bind_enum<CNNConvolutionWeightsLayout>(m, "MPSCNNConvolutionWeightsLayout", kEnum, "Order of the weights in memory.",
                                         {{"OHWI", CNNConvolutionWeightsLayout::OHWI}});
  using Q = CNNWeightsQuantizationType;
  bind_enum<Q>(m, "MPSCNNWeightsQuantizationType", kEnum, "How 8-bit weights become numbers.",
               {{"None_", Q::None}, {"Linear", Q::Linear}, {"LookupTable", Q::LookupTable}});
  using G = CNNConvolutionGradientOption;
  bind_enum<G>(m, "MPSCNNConvolutionGradientOption", kFlag, "What a convolution's gradient computes.",
               {{"GradientWithData", G::GradientWithData},
                {"GradientWithWeightsAndBias", G::GradientWithWeightsAndBias},
                {"All", G::All}});
  using B = CNNBinaryConvolutionType;
  bind_enum<B>(m, "MPSCNNBinaryConvolutionType", kEnum, "What a binary convolution adds up.",
               {{"BinaryWeights", B::BinaryWeights}, {"XNOR", B::XNOR}, {"AND", B::AND}});
  using F = CNNBinaryConvolutionFlags;
  bind_enum<F>(m, "MPSCNNBinaryConvolutionFlags", kEnum, "How a binary convolution scales its sums.",
               {{"None_", F::None}, {"UseBetaScaling", F::UseBetaScaling}});
  using A = NNConvolutionAccumulatorPrecisionOption;
  bind_enum<A>(m, "MPSNNConvolutionAccumulatorPrecisionOption", kFlag, "Precision of a convolution's sums.",
               {{"Half", A::Half}, {"Float", A::Float}});
}

void bind_training_enums(py::module_& m) {
  using L = CNNLossType;
  bind_enum<L>(m, "MPSCNNLossType", kEnum, "The function of a loss.",
               {{"MeanAbsoluteError", L::MeanAbsoluteError},
                {"MeanSquaredError", L::MeanSquaredError},
                {"SoftMaxCrossEntropy", L::SoftMaxCrossEntropy},
                {"SigmoidCrossEntropy", L::SigmoidCrossEntropy},
                {"CategoricalCrossEntropy", L::CategoricalCrossEntropy},
                {"Hinge", L::Hinge},
                {"Huber", L::Huber},
                {"CosineDistance", L::CosineDistance},
                {"Log", L::Log},
                {"KullbackLeiblerDivergence", L::KullbackLeiblerDivergence},
                {"Count", L::Count}});
  using R = CNNReductionType;
  bind_enum<R>(m, "MPSCNNReductionType", kEnum, "How the losses of the pixels become one number.",
               {{"None_", R::None},
                {"Sum", R::Sum},
                {"Mean", R::Mean},
                {"SumByNonZeroWeights", R::SumByNonZeroWeights},
                {"Count", R::Count}});
  using T = NNTrainingStyle;
  bind_enum<T>(m, "MPSNNTrainingStyle", kFlag, "Which update method of a data source a gradient filter calls.",
               {{"UpdateDeviceNone", T::UpdateDeviceNone},
                {"UpdateDeviceCPU", T::UpdateDeviceCPU},
                {"UpdateDeviceGPU", T::UpdateDeviceGPU}});
  using F = CNNBatchNormalizationFlags;
  bind_enum<F>(m, "MPSCNNBatchNormalizationFlags", kFlag, "Which statistics a batch normalisation uses.",
               {{"Default", F::Default},
                {"CalculateStatisticsAutomatic", F::CalculateStatisticsAutomatic},
                {"CalculateStatisticsAlways", F::CalculateStatisticsAlways},
                {"CalculateStatisticsNever", F::CalculateStatisticsNever},
                {"CalculateStatisticsMask", F::CalculateStatisticsMask}});
  using Z = NNRegularizationType;
  bind_enum<Z>(m, "MPSNNRegularizationType", kEnum, "What an optimizer adds to the gradient to keep values small.",
               {{"None_", Z::None}, {"L1", Z::L1}, {"L2", Z::L2}});
}

}  // namespace

void bind_enums(py::module_& m) {
  bind_image_enums(m);
  bind_metal_enums(m);
  bind_kernel_enums(m);
  bind_convolution_enums(m);
  bind_training_enums(m);
}

}  // namespace mpsnn
