"""
The compiled part of mpsnn; `import mpsnn` instead.
"""
from __future__ import annotations
import collections.abc
import enum
import numpy
import numpy.typing
import os
import typing
import typing_extensions
__all__: list[str] = ['Error', 'InvalidArgumentError', 'ShapeError', 'GraphError', 'UnsupportedError', 'OutOfMemoryError', 'BackendError', 'MPSImageFeatureChannelFormat', 'MPSDataLayout', 'MPSImageEdgeMode', 'MPSPurgeableState', 'MPSStateResourceType', 'MPSDataType', 'MTLPixelFormat', 'MTLTextureType', 'MTLTextureUsage', 'MTLStorageMode', 'MTLCPUCacheMode', 'MTLCommandBufferStatus', 'MPSKernelOptions', 'MPSNNComparisonType', 'MPSNNPaddingMethod', 'MPSCNNNeuronType', 'MPSCNNConvolutionWeightsLayout', 'MPSCNNWeightsQuantizationType', 'MPSCNNConvolutionGradientOption', 'MPSCNNBinaryConvolutionType', 'MPSCNNBinaryConvolutionFlags', 'MPSNNConvolutionAccumulatorPrecisionOption', 'MPSCNNLossType', 'MPSCNNReductionType', 'MPSNNTrainingStyle', 'MPSCNNBatchNormalizationFlags', 'MPSNNRegularizationType', 'MPSOffset', 'MTLOrigin', 'MTLSize', 'MTLRegion', 'MPSOrigin', 'MPSSize', 'MPSRegion', 'MPSImageCoordinate', 'MPSImageReadWriteParams', 'MPSStateTextureInfo', 'MPSScaleTransform', 'MPSRectNoClip', 'Device', 'CommandQueue', 'MPSCommandBuffer', 'Buffer', 'MPSImageDescriptor', 'MPSImageAllocator', 'MPSImage', 'MPSTemporaryImage', 'MPSStateResourceList', 'MPSState', 'MPSNNGradientState', 'MPSNNBinaryGradientState', 'MPSNNMultiaryGradientState', 'MPSKernel', 'MPSCNNKernel', 'MPSCNNBinaryKernel', 'MPSCNNGradientKernel', 'MPSNNPadding', 'MPSNNDefaultPadding', 'MPSHandle', 'MPSNNImageNode', 'MPSNNStateNode', 'MPSNNGradientStateNode', 'MPSNNBinaryGradientStateNode', 'MPSNNMultiaryGradientStateNode', 'MPSNNFilterNode', 'MPSNNGradientFilterNode', 'MPSNNTrainableNode', 'MPSCNNConvolutionDataSource', 'MPSCNNBatchNormalizationDataSource', 'MPSCNNInstanceNormalizationDataSource', 'MPSCNNGroupNormalizationDataSource', 'MPSNNGraph', 'devices', 'implementations', 'mps_image_batch_increment_read_count', 'mps_image_batch_synchronize', 'mps_image_batch_resource_size', 'mps_image_batch_iterate', 'mps_state_batch_increment_read_count', 'mps_state_batch_synchronize', 'mps_state_batch_resource_size', 'plan_passes', 'mps_data_type_bits_count', 'mps_sizeof_mps_data_type', 'mps_supports_mtl_device', 'mps_hint_temporary_memory_high_water_mark', 'mps_set_heap_cache_duration', 'MPSNNNeuronDescriptor', 'MPSCNNNeuronNode', 'MPSCNNNeuronAbsoluteNode', 'MPSCNNNeuronELUNode', 'MPSCNNNeuronHardSigmoidNode', 'MPSCNNNeuronLinearNode', 'MPSCNNNeuronPReLUNode', 'MPSCNNNeuronReLUNNode', 'MPSCNNNeuronReLUNode', 'MPSCNNNeuronSigmoidNode', 'MPSCNNNeuronSoftPlusNode', 'MPSCNNNeuronSoftSignNode', 'MPSCNNNeuronTanHNode', 'MPSCNNNeuronExponentialNode', 'MPSCNNNeuronLogarithmNode', 'MPSCNNNeuronPowerNode', 'MPSCNNNeuronGeLUNode', 'MPSCNNNeuronGradientNode', 'MPSNNArithmeticGradientStateNode', 'MPSCNNArithmeticGradientState', 'MPSNNBinaryArithmeticNode', 'MPSNNAdditionNode', 'MPSNNSubtractionNode', 'MPSNNMultiplicationNode', 'MPSNNDivisionNode', 'MPSNNComparisonNode', 'MPSNNArithmeticGradientNode', 'MPSNNAdditionGradientNode', 'MPSNNSubtractionGradientNode', 'MPSNNMultiplicationGradientNode', 'MPSNNConcatenationNode', 'MPSNNConcatenationGradientNode', 'MPSCNNConvolutionDescriptor', 'MPSCNNSubPixelConvolutionDescriptor', 'MPSCNNDepthWiseConvolutionDescriptor', 'MPSCNNConvolutionGradientState', 'MPSCNNConvolutionTransposeGradientState', 'MPSCNNConvolutionWeightsAndBiasesState', 'MPSCNNConvolutionGradientStateNode', 'MPSCNNConvolutionTransposeGradientStateNode', 'MPSCNNConvolutionNode', 'MPSCNNFullyConnectedNode', 'MPSCNNConvolutionTransposeNode', 'MPSCNNConvolutionGradientNode', 'MPSCNNFullyConnectedGradientNode', 'MPSCNNConvolutionTransposeGradientNode', 'MPSCNNBinaryConvolutionNode', 'MPSCNNBinaryFullyConnectedNode', 'MPSCNNDropoutGradientState', 'MPSCNNDropoutNode', 'MPSCNNDropoutGradientNode', 'MPSNNGramMatrixCallback', 'MPSNNGramMatrixCalculationNode', 'MPSNNGramMatrixCalculationGradientNode', 'MPSNNInitialGradientNode', 'MPSCNNLossDescriptor', 'MPSCNNLossDataDescriptor', 'MPSCNNLossLabels', 'MPSNNLabelsNode', 'MPSCNNLossNode', 'MPSNNLossCallback', 'MPSNNForwardLossNode', 'MPSNNLossGradientNode', 'MPSCNNYOLOLossDescriptor', 'MPSCNNYOLOLossNode', 'MPSCNNBatchNormalizationState', 'MPSCNNNormalizationGammaAndBetaState', 'MPSCNNNormalizationMeanAndVarianceState', 'MPSCNNBatchNormalizationNode', 'MPSCNNBatchNormalizationGradientNode', 'MPSCNNInstanceNormalizationGradientState', 'MPSCNNGroupNormalizationGradientState', 'MPSCNNInstanceNormalizationNode', 'MPSCNNInstanceNormalizationGradientNode', 'MPSCNNGroupNormalizationNode', 'MPSCNNGroupNormalizationGradientNode', 'MPSCNNNormalizationNode', 'MPSCNNCrossChannelNormalizationNode', 'MPSCNNSpatialNormalizationNode', 'MPSCNNLocalContrastNormalizationNode', 'MPSCNNCrossChannelNormalizationGradientNode', 'MPSCNNSpatialNormalizationGradientNode', 'MPSCNNLocalContrastNormalizationGradientNode', 'MPSNNPadNode', 'MPSNNPadGradientNode', 'MPSCNNPoolingNode', 'MPSCNNPoolingMaxNode', 'MPSCNNPoolingAverageNode', 'MPSCNNPoolingL2NormNode', 'MPSCNNPoolingGradientNode', 'MPSCNNPoolingMaxGradientNode', 'MPSCNNPoolingAverageGradientNode', 'MPSCNNPoolingL2NormGradientNode', 'MPSCNNDilatedPoolingMaxNode', 'MPSCNNDilatedPoolingMaxGradientNode', 'MPSNNUnaryReductionNode', 'MPSNNReductionRowMinNode', 'MPSNNReductionRowMaxNode', 'MPSNNReductionRowMeanNode', 'MPSNNReductionRowSumNode', 'MPSNNReductionColumnMinNode', 'MPSNNReductionColumnMaxNode', 'MPSNNReductionColumnMeanNode', 'MPSNNReductionColumnSumNode', 'MPSNNReductionFeatureChannelsMinNode', 'MPSNNReductionFeatureChannelsMaxNode', 'MPSNNReductionFeatureChannelsMeanNode', 'MPSNNReductionFeatureChannelsSumNode', 'MPSNNReductionFeatureChannelsArgumentMinNode', 'MPSNNReductionFeatureChannelsArgumentMaxNode', 'MPSNNReductionSpatialMeanNode', 'MPSNNReductionSpatialMeanGradientNode', 'MPSCNNUpsamplingNearestNode', 'MPSCNNUpsamplingBilinearNode', 'MPSCNNUpsamplingNearestGradientNode', 'MPSCNNUpsamplingBilinearGradientNode', 'MPSImageTransformProvider', 'MPSNNScaleNode', 'MPSNNBilinearScaleNode', 'MPSNNLanczosScaleNode', 'MPSNNReshapeNode', 'MPSNNReshapeGradientNode', 'MPSCNNSoftMaxNode', 'MPSCNNLogSoftMaxNode', 'MPSCNNSoftMaxGradientNode', 'MPSCNNLogSoftMaxGradientNode', 'MPSCNNNeuron', 'MPSCNNNeuronAbsolute', 'MPSCNNNeuronELU', 'MPSCNNNeuronExponential', 'MPSCNNNeuronHardSigmoid', 'MPSCNNNeuronLinear', 'MPSCNNNeuronLogarithm', 'MPSCNNNeuronPReLU', 'MPSCNNNeuronPower', 'MPSCNNNeuronReLU', 'MPSCNNNeuronReLUN', 'MPSCNNNeuronSigmoid', 'MPSCNNNeuronSoftPlus', 'MPSCNNNeuronSoftSign', 'MPSCNNNeuronTanH', 'MPSCNNNeuronGradient', 'MPSCNNArithmetic', 'MPSCNNAdd', 'MPSCNNSubtract', 'MPSCNNMultiply', 'MPSCNNDivide', 'MPSNNCompare', 'MPSCNNArithmeticGradient', 'MPSCNNAddGradient', 'MPSCNNSubtractGradient', 'MPSCNNMultiplyGradient', 'MPSNNSlice', 'MPSCNNConvolution', 'MPSCNNFullyConnected', 'MPSCNNConvolutionTranspose', 'MPSCNNConvolutionGradient', 'MPSCNNFullyConnectedGradient', 'MPSCNNConvolutionTransposeGradient', 'MPSCNNBinaryConvolution', 'MPSCNNBinaryFullyConnected', 'MPSCNNDropout', 'MPSCNNDropoutGradient', 'MPSNNGramMatrixCalculation', 'MPSNNGramMatrixCalculationGradient', 'MPSNNInitialGradient', 'MPSCNNLoss', 'MPSNNForwardLoss', 'MPSNNLossGradient', 'MPSCNNYOLOLoss', 'MPSCNNBatchNormalization', 'MPSCNNBatchNormalizationStatistics', 'MPSCNNBatchNormalizationStatisticsGradient', 'MPSCNNBatchNormalizationGradient', 'MPSCNNInstanceNormalization', 'MPSCNNGroupNormalization', 'MPSCNNInstanceNormalizationGradient', 'MPSCNNGroupNormalizationGradient', 'MPSCNNCrossChannelNormalization', 'MPSCNNCrossChannelNormalizationGradient', 'MPSCNNSpatialNormalization', 'MPSCNNLocalContrastNormalization', 'MPSCNNSpatialNormalizationGradient', 'MPSCNNLocalContrastNormalizationGradient', 'MPSNNPad', 'MPSNNPadGradient', 'MPSCNNPooling', 'MPSCNNPoolingMax', 'MPSCNNPoolingAverage', 'MPSCNNPoolingL2Norm', 'MPSCNNDilatedPoolingMax', 'MPSCNNPoolingGradient', 'MPSCNNPoolingMaxGradient', 'MPSCNNPoolingAverageGradient', 'MPSCNNPoolingL2NormGradient', 'MPSCNNDilatedPoolingMaxGradient', 'MPSNNReduceUnary', 'MPSNNReduceRowMin', 'MPSNNReduceRowMax', 'MPSNNReduceRowMean', 'MPSNNReduceRowSum', 'MPSNNReduceColumnMin', 'MPSNNReduceColumnMax', 'MPSNNReduceColumnMean', 'MPSNNReduceColumnSum', 'MPSNNReduceFeatureChannelsMin', 'MPSNNReduceFeatureChannelsMax', 'MPSNNReduceFeatureChannelsMean', 'MPSNNReduceFeatureChannelsSum', 'MPSNNReduceFeatureChannelsArgumentMin', 'MPSNNReduceFeatureChannelsArgumentMax', 'MPSNNReduceBinary', 'MPSNNReduceFeatureChannelsAndWeightsSum', 'MPSNNReduceFeatureChannelsAndWeightsMean', 'MPSNNLocalCorrelation', 'MPSCNNUpsampling', 'MPSCNNUpsamplingNearest', 'MPSCNNUpsamplingBilinear', 'MPSCNNUpsamplingGradient', 'MPSCNNUpsamplingNearestGradient', 'MPSCNNUpsamplingBilinearGradient', 'MPSNNResizeBilinear', 'MPSNNCropAndResizeBilinear', 'MPSNNGridSample', 'MPSNNReshape', 'MPSNNReshapeGradient', 'MPSCNNSoftMax', 'MPSCNNLogSoftMax', 'MPSCNNSoftMaxGradient', 'MPSCNNLogSoftMaxGradient', 'MPSVectorDescriptor', 'MPSVector', 'MPSMatrixDescriptor', 'MPSMatrix', 'MPSNNOptimizerDescriptor', 'MPSNNOptimizer', 'MPSNNOptimizerStochasticGradientDescent', 'MPSNNOptimizerRMSProp', 'MPSNNOptimizerAdam', 'ConvolutionWeights', 'BatchNormalizationWeights', 'InstanceNormalizationWeights', 'GroupNormalizationWeights']
class Error(Exception):
    """
    The root of everything this library raises.
    """
class InvalidArgumentError(Error, ValueError):
    """
    A value the caller passed.
    """
class ShapeError(InvalidArgumentError):
    """
    Shapes that do not fit.
    """
class GraphError(Error, ValueError):
    """
    A wrong network: a cycle, a missing source, a filter without a gradient.
    """
class UnsupportedError(Error, NotImplementedError):
    """
    Valid, but there is no kernel for it here.
    """
class OutOfMemoryError(Error, MemoryError):
    """
    No memory for an image, a buffer or a plan.
    """
class BackendError(Error, RuntimeError):
    """
    A driver or a library failed; the message holds its code.
    """
class MPSImageFeatureChannelFormat(enum.IntEnum):
    """
    Storage format of the elements of an image.
    """
    Count = 6
    Float16 = 3
    Float32 = 4
    None_ = 0
    Unorm16 = 2
    Unorm8 = 1
    _reserved0 = 5
class MPSDataLayout(enum.IntEnum):
    """
    Order of the elements in memory that a caller passes.
    """
    FeatureChannelsxHeightxWidth = 1
    HeightxWidthxFeatureChannels = 0
class MPSImageEdgeMode(enum.IntEnum):
    """
    What a filter reads beyond the edge of an image.
    """
    Clamp = 1
    Constant = 4
    Mirror = 2
    MirrorWithEdge = 3
    Zero = 0
class MPSPurgeableState(enum.IntEnum):
    """
    Whether the memory of an image may be reclaimed.
    """
    AllocationDeferred = 0
    Empty = 4
    KeepCurrent = 1
    NonVolatile = 2
    Volatile = 3
class MPSStateResourceType(enum.IntEnum):
    """
    Kind of a resource of a state.
    """
    Buffer = 1
    None_ = 0
    Texture = 2
class MPSDataType(enum.IntEnum):
    """
    Type of numbers in a buffer.
    """
    AlternateEncodingBit = 2147483648
    BFloat16 = 2415919120
    Bool = 2147483656
    ComplexBFloat16 = 2432696352
    ComplexBit = 16777216
    ComplexFloat16 = 285212704
    ComplexFloat32 = 285212736
    Float16 = 268435472
    Float32 = 268435488
    FloatBit = 268435456
    Int16 = 536870928
    Int2 = 536870914
    Int32 = 536870944
    Int4 = 536870916
    Int64 = 536870976
    Int8 = 536870920
    Invalid = 0
    NormalizedBit = 1073741824
    SignedBit = 536870912
    UInt16 = 16
    UInt2 = 2
    UInt32 = 32
    UInt4 = 4
    UInt64 = 64
    UInt8 = 8
    Unorm1 = 1073741825
    Unorm8 = 1073741832
class MTLPixelFormat(enum.IntEnum):
    """
    Storage format of the texture that holds an image on a GPU.
    """
    Invalid = 0
    R16Float = 25
    R16Unorm = 20
    R32Float = 55
    R8Unorm = 10
    RG16Float = 65
    RG16Unorm = 60
    RG32Float = 105
    RG8Unorm = 30
    RGBA16Float = 115
    RGBA16Unorm = 110
    RGBA32Float = 125
    RGBA8Unorm = 70
class MTLTextureType(enum.IntEnum):
    """
    Kind of the texture that holds an image on a GPU.
    """
    Type2D = 2
    Type2DArray = 3
class MTLTextureUsage(enum.IntFlag):
    """
    What a texture is used for.
    """
    ShaderRead = 1
    ShaderWrite = 2
    Unknown = 0
class MTLStorageMode(enum.IntEnum):
    """
    Who can reach the memory of an image.
    """
    Managed = 1
    Private = 2
    Shared = 0
class MTLCPUCacheMode(enum.IntEnum):
    """
    How the CPU caches the memory of an image.
    """
    DefaultCache = 0
    WriteCombined = 1
class MTLCommandBufferStatus(enum.IntEnum):
    """
    How far a command buffer is.
    """
    Committed = 2
    Completed = 4
    Enqueued = 1
    Error = 5
    NotEnqueued = 0
    Scheduled = 3
class MPSKernelOptions(enum.IntFlag):
    """
    Options of a kernel or a graph.
    """
    AllowReducedPrecision = 2
    DisableInternalTiling = 4
    InsertDebugGroups = 8
    None_ = 0
    SkipAPIValidation = 1
    Verbose = 16
class MPSNNComparisonType(enum.IntFlag):
    """
    A comparison of two numbers.
    """
    Equal = 0
    Greater = 4
    GreaterOrEqual = 5
    Less = 2
    LessOrEqual = 3
    NotEqual = 1
class MPSNNPaddingMethod(enum.IntFlag):
    """
    Bits that choose the size of a filter's result and where its windows lie: one of Align..., one of AddRemainderTo..., one of Size..., and the flags.
    """
    AddRemainderToBottomLeft = 8
    AddRemainderToBottomRight = 12
    AddRemainderToMask = 12
    AddRemainderToTopLeft = 0
    AddRemainderToTopRight = 4
    AlignBottomRight = 2
    AlignCentered = 0
    AlignMask = 3
    AlignTopLeft = 1
    Align_reserved = 3
    Custom = 16384
    CustomAllowForNodeFusion = 8192
    ExcludeEdges = 32768
    SizeFull = 32
    SizeMask = 2032
    SizeSame = 16
    SizeValidOnly = 0
    Size_reserved = 48
class MPSCNNNeuronType(enum.IntEnum):
    """
    The function of a neuron.
    """
    Absolute = 6
    Count = 16
    ELU = 9
    Exponential = 13
    GeLU = 15
    HardSigmoid = 4
    Linear = 2
    Logarithm = 14
    None_ = 0
    PReLU = 10
    Power = 12
    ReLU = 1
    ReLUN = 11
    Sigmoid = 3
    SoftPlus = 7
    SoftSign = 8
    TanH = 5
class MPSCNNConvolutionWeightsLayout(enum.IntEnum):
    """
    Order of the weights in memory.
    """
    OHWI = 0
class MPSCNNWeightsQuantizationType(enum.IntEnum):
    """
    How 8-bit weights become numbers.
    """
    Linear = 1
    LookupTable = 2
    None_ = 0
class MPSCNNConvolutionGradientOption(enum.IntFlag):
    """
    What a convolution's gradient computes.
    """
    All = 3
    GradientWithData = 1
    GradientWithWeightsAndBias = 2
class MPSCNNBinaryConvolutionType(enum.IntEnum):
    """
    What a binary convolution adds up.
    """
    AND = 2
    BinaryWeights = 0
    XNOR = 1
class MPSCNNBinaryConvolutionFlags(enum.IntEnum):
    """
    How a binary convolution scales its sums.
    """
    None_ = 0
    UseBetaScaling = 1
class MPSNNConvolutionAccumulatorPrecisionOption(enum.IntFlag):
    """
    Precision of a convolution's sums.
    """
    Float = 1
    Half = 0
class MPSCNNLossType(enum.IntEnum):
    """
    The function of a loss.
    """
    CategoricalCrossEntropy = 4
    CosineDistance = 7
    Count = 10
    Hinge = 5
    Huber = 6
    KullbackLeiblerDivergence = 9
    Log = 8
    MeanAbsoluteError = 0
    MeanSquaredError = 1
    SigmoidCrossEntropy = 3
    SoftMaxCrossEntropy = 2
class MPSCNNReductionType(enum.IntEnum):
    """
    How the losses of the pixels become one number.
    """
    Count = 4
    Mean = 2
    None_ = 0
    Sum = 1
    SumByNonZeroWeights = 3
class MPSNNTrainingStyle(enum.IntFlag):
    """
    Which update method of a data source a gradient filter calls.
    """
    UpdateDeviceCPU = 1
    UpdateDeviceGPU = 2
    UpdateDeviceNone = 0
class MPSCNNBatchNormalizationFlags(enum.IntFlag):
    """
    Which statistics a batch normalisation uses.
    """
    CalculateStatisticsAlways = 1
    CalculateStatisticsAutomatic = 0
    CalculateStatisticsMask = 3
    CalculateStatisticsNever = 2
    Default = 0
class MPSNNRegularizationType(enum.IntEnum):
    """
    What an optimizer adds to the gradient to keep values small.
    """
    L1 = 1
    L2 = 2
    None_ = 0
class MPSOffset:
    """
    Pixels, signed; z is the index of an image.
    """
    def __eq__(self, arg0: object) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    @typing.overload
    def __init__(self, x: typing.SupportsInt | typing.SupportsIndex, y: typing.SupportsInt | typing.SupportsIndex, z: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @typing.overload
    def __init__(self, values: tuple[typing.SupportsInt | typing.SupportsIndex, typing.SupportsInt | typing.SupportsIndex, typing.SupportsInt | typing.SupportsIndex]) -> None:
        ...
    def __iter__(self) -> collections.abc.Iterator[typing.Any]:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def x(self) -> int:
        """
        Horizontal.
        """
    @property
    def y(self) -> int:
        """
        Vertical.
        """
    @property
    def z(self) -> int:
        """
        Index of the image.
        """
class MTLOrigin:
    """
    First pixel of a region; z is the index of an image.
    """
    def __eq__(self, arg0: object) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    @typing.overload
    def __init__(self, x: typing.SupportsInt | typing.SupportsIndex, y: typing.SupportsInt | typing.SupportsIndex, z: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @typing.overload
    def __init__(self, values: tuple[typing.SupportsInt | typing.SupportsIndex, typing.SupportsInt | typing.SupportsIndex, typing.SupportsInt | typing.SupportsIndex]) -> None:
        ...
    def __iter__(self) -> collections.abc.Iterator[typing.Any]:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def x(self) -> int:
        """
        Horizontal.
        """
    @property
    def y(self) -> int:
        """
        Vertical.
        """
    @property
    def z(self) -> int:
        """
        Index of the first image.
        """
class MTLSize:
    """
    Extent in pixels; depth counts images.
    """
    def __eq__(self, arg0: object) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    @typing.overload
    def __init__(self, width: typing.SupportsInt | typing.SupportsIndex, height: typing.SupportsInt | typing.SupportsIndex, depth: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @typing.overload
    def __init__(self, values: tuple[typing.SupportsInt | typing.SupportsIndex, typing.SupportsInt | typing.SupportsIndex, typing.SupportsInt | typing.SupportsIndex]) -> None:
        ...
    def __iter__(self) -> collections.abc.Iterator[typing.Any]:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def depth(self) -> int:
        """
        Number of images.
        """
    @property
    def height(self) -> int:
        """
        Vertical.
        """
    @property
    def width(self) -> int:
        """
        Horizontal.
        """
class MTLRegion:
    """
    A box of pixels.
    """
    def __eq__(self, arg0: object) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    @typing.overload
    def __init__(self, origin: MTLOrigin | tuple[int, int, int], size: MTLSize | tuple[int, int, int]) -> None:
        ...
    @typing.overload
    def __init__(self, values: tuple[MTLOrigin | tuple[int, int, int], MTLSize | tuple[int, int, int]]) -> None:
        ...
    def __iter__(self) -> collections.abc.Iterator[typing.Any]:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def origin(self) -> MTLOrigin:
        """
        First pixel.
        """
    @property
    def size(self) -> MTLSize:
        """
        Extent in pixels.
        """
class MPSOrigin:
    """
    A place, in the unit of what it belongs to.
    """
    def __eq__(self, arg0: object) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    @typing.overload
    def __init__(self, x: typing.SupportsFloat | typing.SupportsIndex, y: typing.SupportsFloat | typing.SupportsIndex, z: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @typing.overload
    def __init__(self, values: tuple[typing.SupportsFloat | typing.SupportsIndex, typing.SupportsFloat | typing.SupportsIndex, typing.SupportsFloat | typing.SupportsIndex]) -> None:
        ...
    def __iter__(self) -> collections.abc.Iterator[typing.Any]:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def x(self) -> float:
        """
        Horizontal.
        """
    @property
    def y(self) -> float:
        """
        Vertical.
        """
    @property
    def z(self) -> float:
        """
        Depth.
        """
class MPSSize:
    """
    An extent, in the unit of what it belongs to.
    """
    def __eq__(self, arg0: object) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    @typing.overload
    def __init__(self, width: typing.SupportsFloat | typing.SupportsIndex, height: typing.SupportsFloat | typing.SupportsIndex, depth: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @typing.overload
    def __init__(self, values: tuple[typing.SupportsFloat | typing.SupportsIndex, typing.SupportsFloat | typing.SupportsIndex, typing.SupportsFloat | typing.SupportsIndex]) -> None:
        ...
    def __iter__(self) -> collections.abc.Iterator[typing.Any]:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def depth(self) -> float:
        """
        Depth.
        """
    @property
    def height(self) -> float:
        """
        Vertical.
        """
    @property
    def width(self) -> float:
        """
        Horizontal.
        """
class MPSRegion:
    """
    A box.
    """
    def __eq__(self, arg0: object) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    @typing.overload
    def __init__(self, origin: MPSOrigin | tuple[float, float, float], size: MPSSize | tuple[float, float, float]) -> None:
        ...
    @typing.overload
    def __init__(self, values: tuple[MPSOrigin | tuple[float, float, float], MPSSize | tuple[float, float, float]]) -> None:
        ...
    def __iter__(self) -> collections.abc.Iterator[typing.Any]:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def origin(self) -> MPSOrigin:
        """
        Its first corner.
        """
    @property
    def size(self) -> MPSSize:
        """
        Its extent.
        """
class MPSImageCoordinate:
    """
    A place in an image, or distances from one.
    """
    def __eq__(self, arg0: object) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    @typing.overload
    def __init__(self, x: typing.SupportsInt | typing.SupportsIndex, y: typing.SupportsInt | typing.SupportsIndex, channel: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @typing.overload
    def __init__(self, values: tuple[typing.SupportsInt | typing.SupportsIndex, typing.SupportsInt | typing.SupportsIndex, typing.SupportsInt | typing.SupportsIndex]) -> None:
        ...
    def __iter__(self) -> collections.abc.Iterator[typing.Any]:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def channel(self) -> int:
        """
        Feature channel.
        """
    @property
    def x(self) -> int:
        """
        Horizontal.
        """
    @property
    def y(self) -> int:
        """
        Vertical.
        """
class MPSImageReadWriteParams:
    """
    Which feature channels a transfer moves.
    """
    def __eq__(self, arg0: object) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    @typing.overload
    def __init__(self, feature_channel_offset: typing.SupportsInt | typing.SupportsIndex, number_of_feature_channels_to_read_write: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @typing.overload
    def __init__(self, values: tuple[typing.SupportsInt | typing.SupportsIndex, typing.SupportsInt | typing.SupportsIndex]) -> None:
        ...
    def __iter__(self) -> collections.abc.Iterator[typing.Any]:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def feature_channel_offset(self) -> int:
        """
        First channel, a multiple of 4.
        """
    @property
    def number_of_feature_channels_to_read_write(self) -> int:
        """
        How many channels: a multiple of 4, or up to the last channel of the image.
        """
class MPSStateTextureInfo:
    """
    The texture of a state: all zero, states here hold buffers.
    """
    def __eq__(self, arg0: object) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    @typing.overload
    def __init__(self, width: typing.SupportsInt | typing.SupportsIndex, height: typing.SupportsInt | typing.SupportsIndex, depth: typing.SupportsInt | typing.SupportsIndex, array_length: typing.SupportsInt | typing.SupportsIndex, pixel_format: MTLPixelFormat, texture_type: MTLTextureType, usage: MTLTextureUsage) -> None:
        ...
    @typing.overload
    def __init__(self, values: tuple[typing.SupportsInt | typing.SupportsIndex, typing.SupportsInt | typing.SupportsIndex, typing.SupportsInt | typing.SupportsIndex, typing.SupportsInt | typing.SupportsIndex, MTLPixelFormat, MTLTextureType, MTLTextureUsage]) -> None:
        ...
    def __iter__(self) -> collections.abc.Iterator[typing.Any]:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def array_length(self) -> int:
        """
        Number of slices.
        """
    @property
    def depth(self) -> int:
        """
        Depth.
        """
    @property
    def height(self) -> int:
        """
        Vertical.
        """
    @property
    def pixel_format(self) -> MTLPixelFormat:
        """
        Format of the elements.
        """
    @property
    def texture_type(self) -> MTLTextureType:
        """
        Kind of the texture.
        """
    @property
    def usage(self) -> MTLTextureUsage:
        """
        What the texture is used for.
        """
    @property
    def width(self) -> int:
        """
        Horizontal.
        """
class MPSScaleTransform:
    """
    result = source * scale + translate, in pixels from the top left corner of the image.
    """
    def __eq__(self, arg0: object) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    @typing.overload
    def __init__(self, scale_x: typing.SupportsFloat | typing.SupportsIndex, scale_y: typing.SupportsFloat | typing.SupportsIndex, translate_x: typing.SupportsFloat | typing.SupportsIndex, translate_y: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @typing.overload
    def __init__(self, values: tuple[typing.SupportsFloat | typing.SupportsIndex, typing.SupportsFloat | typing.SupportsIndex, typing.SupportsFloat | typing.SupportsIndex, typing.SupportsFloat | typing.SupportsIndex]) -> None:
        ...
    def __iter__(self) -> collections.abc.Iterator[typing.Any]:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def scale_x(self) -> float:
        """
        Horizontal scale.
        """
    @property
    def scale_y(self) -> float:
        """
        Vertical scale.
        """
    @property
    def translate_x(self) -> float:
        """
        Horizontal shift, in pixels of the result.
        """
    @property
    def translate_y(self) -> float:
        """
        Vertical shift, in pixels of the result.
        """
class Device:
    """
    A machine that runs graphs; `devices()` lists those there are.
    """
    def __repr__(self) -> str:
        ...
    def implementations(self, node: MPSNNFilterNode) -> list[str]:
        """
        Names of the implementations of the node's kernel on this device, best first; empty where there is none.
        """
    @property
    def description(self) -> str:
        """
        For people: processor, threads, libraries.
        """
    @property
    def name(self) -> str:
        """
        Short name, such as 'cpu': what `device=` takes.
        """
class CommandQueue:
    """
    Runs committed command buffers in order on a thread of its own.
    """
    def __init__(self, device: Device | str | None=None) -> None:
        """
        A queue of a device, the default one for None.
        """
    def __repr__(self) -> str:
        ...
    def command_buffer(self) -> MPSCommandBuffer:
        """
        A new command buffer, to be filled and committed once.
        """
    @property
    def device(self) -> Device:
        """
        The device it runs on.
        """
    @property
    def label(self) -> str | None:
        """
        Name used in messages and dumps; None by default.
        """
    @label.setter
    def label(self, arg1: str | None) -> None:
        ...
class MPSCommandBuffer:
    """
    Work that is recorded now and runs in order after `commit`. As a context manager it commits and waits.
    """
    @staticmethod
    def with_command_queue(command_queue: CommandQueue) -> MPSCommandBuffer:
        """
        A new command buffer of the queue; the same as `command_queue.command_buffer()`.
        """
    def __enter__(self) -> MPSCommandBuffer:
        """
        The command buffer itself: the block records work.
        """
    def __exit__(self, exception_type: typing.Any, exception: typing.Any, traceback: typing.Any) -> None:
        """
        Commits and waits; where the block raised, nothing is committed and the recorded work is dropped.
        """
    def __init__(self, command_buffer: MPSCommandBuffer) -> None:
        """
        Wraps a command buffer: both record into the same work.
        """
    def __repr__(self) -> str:
        ...
    def add_completed_handler(self, block: collections.abc.Callable[[MPSCommandBuffer], None]) -> None:
        """
        `block(command_buffer)` is called on the queue's thread when the work has ended, well or not. What it raises is raised by the wait.
        """
    def add_scheduled_handler(self, block: collections.abc.Callable[[MPSCommandBuffer], None]) -> None:
        """
        `block(command_buffer)` is called on the queue's thread before the work begins.
        """
    def commit(self) -> None:
        """
        Hands the recorded work to the queue and returns at once.
        """
    def commit_and_continue(self) -> None:
        """
        Commits what was recorded so far and goes on with new work on the same queue.
        """
    def enqueue(self) -> None:
        """
        Marks it as ready for `commit`; the order of a queue is that of the commits.
        """
    def wait_until_completed(self) -> None:
        """
        Blocks until the work and its handlers have ended; raises what failed in it. Ctrl-C ends the wait, not the work.
        """
    def wait_until_scheduled(self) -> None:
        """
        Blocks until the work begins; Ctrl-C ends the wait.
        """
    @property
    def command_buffer(self) -> MPSCommandBuffer | None:
        """
        The wrapped command buffer, or None.
        """
    @property
    def command_queue(self) -> CommandQueue:
        """
        The queue it came from.
        """
    @property
    def device(self) -> Device:
        """
        The device it runs on.
        """
    @property
    def error(self) -> BaseException | None:
        """
        The exception that ended the work, or None.
        """
    @property
    def label(self) -> str | None:
        """
        Name used in messages and dumps; None by default.
        """
    @label.setter
    def label(self, arg1: str | None) -> None:
        ...
    @property
    def root_command_buffer(self) -> MPSCommandBuffer:
        """
        A command buffer that stays with the work recorded now, also after `commit_and_continue`.
        """
    @property
    def status(self) -> MTLCommandBufferStatus:
        """
        How far the work is.
        """
class Buffer:
    """
    Memory that the CPU and a device share.
    """
    def __array__(self: Buffer, dtype: typing.Any=None, copy: typing.Any=None) -> typing.Any:
        """
        NumPy's protocol.
        """
    @typing.overload
    def __init__(self: Buffer, length: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        `length` bytes of zeros, allocated at the first use.
        """
    @typing.overload
    def __init__(self: Buffer, array: numpy.typing.ArrayLike, *, copy: bool=False) -> None:
        """
        The memory of an array in C order, shared; a copy of its values with copy=True. Raises InvalidArgumentError for an array that cannot be shared.
        """
    def __len__(self: Buffer) -> int:
        ...
    def __repr__(self: Buffer) -> str:
        ...
    def contents(self: Buffer) -> memoryview:
        """
        The bytes, shared. Raises InvalidArgumentError while encoded work is to write them.
        """
    def to_numpy(self: Buffer) -> numpy.ndarray:
        """
        A flat float32 view that keeps the buffer alive; `.view(dtype)` reads it as other types. Raises InvalidArgumentError while encoded work is to write it.
        """
    @property
    def length(self) -> int:
        """
        Size in bytes.
        """
class MPSImageDescriptor:
    """
    The size and storage format of an image.
    """
    __hash__: typing.ClassVar[None]  # type: ignore[assignment]
    def __copy__(self) -> MPSImageDescriptor:
        ...
    def __eq__(self, arg0: object) -> bool:
        ...
    def __init__(self, channel_format: MPSImageFeatureChannelFormat, *, width: typing.SupportsInt | typing.SupportsIndex, height: typing.SupportsInt | typing.SupportsIndex, feature_channels: typing.SupportsInt | typing.SupportsIndex, number_of_images: typing.SupportsInt | typing.SupportsIndex=1, usage: MTLTextureUsage=...) -> None:
        """
        The size and storage format of an image, height x width x feature_channels.
        """
    def __repr__(self) -> str:
        ...
    @property
    def channel_format(self) -> MPSImageFeatureChannelFormat:
        """
        Storage format of the elements.
        """
    @channel_format.setter
    def channel_format(self, arg0: MPSImageFeatureChannelFormat) -> None:
        ...
    @property
    def cpu_cache_mode(self) -> MTLCPUCacheMode:
        """
        How the CPU caches the memory; no effect here.
        """
    @cpu_cache_mode.setter
    def cpu_cache_mode(self, arg0: MTLCPUCacheMode) -> None:
        ...
    @property
    def feature_channels(self) -> int:
        """
        Numbers in a pixel.
        """
    @feature_channels.setter
    def feature_channels(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def height(self) -> int:
        """
        Rows.
        """
    @height.setter
    def height(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def number_of_images(self) -> int:
        """
        Images one after another in one object; 1.
        """
    @number_of_images.setter
    def number_of_images(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def pixel_format(self) -> MTLPixelFormat:
        """
        Format of the texture on a GPU.
        """
    @property
    def storage_mode(self) -> MTLStorageMode:
        """
        Who can reach the memory; no effect here.
        """
    @storage_mode.setter
    def storage_mode(self, arg0: MTLStorageMode) -> None:
        ...
    @property
    def usage(self) -> MTLTextureUsage:
        """
        What a GPU uses the texture for; no effect here.
        """
    @usage.setter
    def usage(self, arg0: MTLTextureUsage) -> None:
        ...
    @property
    def width(self) -> int:
        """
        Pixels in a row.
        """
    @width.setter
    def width(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
class MPSImageAllocator:
    """
    Makes the images that a graph hands out; derive from it to make them yourself.
    """
    def __init__(self) -> None:
        ...
    def image_batch_for_command_buffer(self, command_buffer: MPSCommandBuffer, image_descriptor: MPSImageDescriptor, kernel: MPSKernel, count: typing.SupportsInt | typing.SupportsIndex) -> list[MPSImage]:
        """
        `count` images of one batch; without this method `image_for_command_buffer` is asked for each.
        """
    def image_for_command_buffer(self, command_buffer: MPSCommandBuffer, image_descriptor: MPSImageDescriptor, kernel: MPSKernel) -> MPSImage:
        """
        An image for the result of `kernel` (None where the library names none). Required.
        """
class MPSImage:
    """
    An image: height x width x feature channels, channels fastest.
    """
    @staticmethod
    def default_allocator() -> MPSImageAllocator:
        """
        Makes images that outlive their command buffer.
        """
    def __array__(self, dtype: typing.Any=None, copy: typing.Any=None) -> typing.Any:
        """
        NumPy's protocol: as `to_numpy`, then `numpy.array`.
        """
    def __dlpack__(self, **kwargs: typing.Any) -> typing.Any:
        """
        DLPack's protocol: the memory, shared, for `torch.from_dlpack` and the like.
        """
    def __dlpack_device__(self) -> tuple[int, int]:
        """
        DLPack's protocol: the CPU.
        """
    @typing.overload
    def __init__(self, image_descriptor: MPSImageDescriptor, *, device: Device | str | None=None) -> None:
        """
        An image of zeros, allocated at the first use.
        """
    @typing.overload
    def __init__(self, array: numpy.typing.ArrayLike, *, copy: bool=False, device: Device | str | None=None) -> None:
        """
        An image over the memory of an array, H x W x C or N x H x W x C, of float32, float16, uint8 (Unorm8) or uint16 (Unorm16): a NumPy array, or any with `__dlpack__` on the CPU. Raises InvalidArgumentError where the memory cannot be shared (not in C order, read-only, other types); with copy=True the image gets memory of its own, other float types become float32.
        """
    def __repr__(self) -> str:
        ...
    def batch_representation(self) -> list[MPSImage]:
        """
        The images one by one, over the same memory.
        """
    def batch_representation_with_sub_range(self, sub_range: tuple[int, int] | range) -> list[MPSImage]:
        """
        Some of the images one by one: (first, count) or a `range`.
        """
    def read_bytes(self, data_bytes: typing_extensions.Buffer, data_layout: MPSDataLayout, image_index: typing.SupportsInt | typing.SupportsIndex, bytes_per_row: typing.SupportsInt | typing.SupportsIndex | None=None, bytes_per_image: typing.SupportsInt | typing.SupportsIndex | None=None, region: MTLRegion | tuple[MTLOrigin | tuple[int, int, int], MTLSize | tuple[int, int, int]] | None=None, feature_channel_info: MPSImageReadWriteParams | tuple[int, int] | None=None) -> None:
        """
        Copies elements, unconverted, into a writable buffer. Strides are bytes, None for no gaps; `region` is MPSRectNoClip for all pixels, its origin z counts from `image_index`; `feature_channel_info` None is all channels. Raises InvalidArgumentError where the buffer is too small or a range is outside the image.
        """
    def resource_size(self) -> int:
        """
        Bytes of the storage on a GPU; 0 for parts of an image and wrapped arrays.
        """
    def set_purgeable_state(self, state: MPSPurgeableState) -> MPSPurgeableState:
        """
        Changes nothing here; returns the former state.
        """
    def sub_image_with_feature_channel_range(self, feature_channel_range: tuple[int, int] | range) -> MPSImage:
        """
        Some feature channels over the same memory: (first, count) or a `range`; the first is a multiple of 4.
        """
    def synchronize_on_command_buffer(self, command_buffer: MPSCommandBuffer) -> None:
        """
        Makes the contents visible to the CPU where its memory is apart; no effect here.
        """
    def to_numpy(self) -> numpy.ndarray:
        """
        A view of the memory, H x W x C, or N x H x W x C where `number_of_images` is N > 1; it keeps the image alive. Raises InvalidArgumentError while encoded work is to write the image, and for temporary images; BackendError where that work failed.
        """
    def write_bytes(self, data_bytes: typing_extensions.Buffer, data_layout: MPSDataLayout, image_index: typing.SupportsInt | typing.SupportsIndex, bytes_per_column: typing.SupportsInt | typing.SupportsIndex | None=None, bytes_per_row: typing.SupportsInt | typing.SupportsIndex | None=None, bytes_per_image: typing.SupportsInt | typing.SupportsIndex | None=None, region: MTLRegion | tuple[MTLOrigin | tuple[int, int, int], MTLSize | tuple[int, int, int]] | None=None, feature_channel_info: MPSImageReadWriteParams | tuple[int, int] | None=None) -> None:
        """
        Copies elements, unconverted, from a buffer; see `read_bytes`.
        """
    @property
    def device(self) -> Device:
        """
        The device it belongs to.
        """
    @property
    def feature_channel_format(self) -> MPSImageFeatureChannelFormat:
        """
        Storage format of the elements.
        """
    @property
    def feature_channels(self) -> int:
        """
        Numbers in a pixel.
        """
    @property
    def height(self) -> int:
        """
        Rows.
        """
    @property
    def label(self) -> str | None:
        """
        Name used in messages and dumps; None by default.
        """
    @label.setter
    def label(self, arg1: str | None) -> None:
        ...
    @property
    def number_of_images(self) -> int:
        """
        Images one after another in this object.
        """
    @property
    def parent(self) -> MPSImage | None:
        """
        The image that this one is a part of, or None.
        """
    @property
    def pixel_format(self) -> MTLPixelFormat:
        """
        Format of the texture on a GPU.
        """
    @property
    def pixel_size(self) -> int:
        """
        Bytes from one pixel to the next in the texture on a GPU.
        """
    @property
    def precision(self) -> int:
        """
        Significant bits of an element.
        """
    @property
    def texture_type(self) -> MTLTextureType:
        """
        Kind of the texture on a GPU.
        """
    @property
    def usage(self) -> MTLTextureUsage:
        """
        What a GPU uses the texture for.
        """
    @property
    def width(self) -> int:
        """
        Pixels in a row.
        """
class MPSTemporaryImage(MPSImage):
    """
    An image that lives for one command buffer; the CPU never sees its contents.
    """
    @staticmethod
    def default_allocator() -> MPSImageAllocator:
        """
        Makes images that belong to one command buffer.
        """
    @staticmethod
    def prefetch_storage_with_command_buffer(command_buffer: MPSCommandBuffer, image_descriptor_list: collections.abc.Sequence[MPSImageDescriptor]) -> None:
        """
        A hint; no effect here.
        """
    def __init__(self, command_buffer: MPSCommandBuffer, *, image_descriptor: MPSImageDescriptor) -> None:
        """
        An image that belongs to one command buffer.
        """
    @property
    def read_count(self) -> int:
        """
        How often encodes may still read it, 1 at first; at 0 its contents are gone.
        """
    @read_count.setter
    def read_count(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
class MPSStateResourceList:
    """
    Sizes of the buffers that a state is to hold.
    """
    @staticmethod
    def resource_list_with_buffer_sizes(buffer_sizes: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex]) -> MPSStateResourceList:
        """
        A list of buffers with these sizes in bytes.
        """
    def __init__(self) -> None:
        """
        An empty list.
        """
    def __repr__(self) -> str:
        ...
    def append_buffer(self, size: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        Adds a buffer of `size` bytes.
        """
class MPSState:
    """
    What one kernel leaves for another besides its image.
    """
    @staticmethod
    @typing.overload
    def temporary_state(command_buffer: MPSCommandBuffer, buffer_size: typing.SupportsInt | typing.SupportsIndex | None=None) -> MPSState:
        """
        A state that belongs to one command buffer, with one buffer, or with none.
        """
    @staticmethod
    @typing.overload
    def temporary_state(command_buffer: MPSCommandBuffer, resource_list: MPSStateResourceList | None=None) -> MPSState:
        """
        A state that belongs to one command buffer, with buffers of the sizes in the list.
        """
    @staticmethod
    def with_resource(resource: Buffer | None=None) -> MPSState:
        """
        A state that holds the buffer, or nothing.
        """
    @staticmethod
    def with_resource_list(resource_list: MPSStateResourceList, *, device: Device | str | None=None) -> MPSState:
        """
        A state with new buffers of the sizes in the list.
        """
    @staticmethod
    def with_resources(resources: collections.abc.Sequence[Buffer] | None=None) -> MPSState:
        """
        A state that holds the buffers.
        """
    def __init__(self, buffer_size: typing.SupportsInt | typing.SupportsIndex, *, device: Device | str | None=None) -> None:
        """
        A state with one buffer of `buffer_size` bytes of zeros.
        """
    def __repr__(self) -> str:
        ...
    def buffer_size_at_index(self, index: typing.SupportsInt | typing.SupportsIndex) -> int:
        """
        Bytes of the buffer; allocates nothing.
        """
    def destination_image_descriptor_for_source_images(self, source_images: collections.abc.Sequence[MPSImage], source_states: collections.abc.Sequence[MPSState] | None, kernel: MPSKernel, suggested_descriptor: MPSImageDescriptor) -> MPSImageDescriptor:
        """
        The descriptor of the result of a kernel that reads this state: the suggested one, unless the state knows better.
        """
    def resource_at_index(self, index: typing.SupportsInt | typing.SupportsIndex, allocate_memory: bool) -> Buffer | None:
        """
        The buffer; None where its memory is not allocated and `allocate_memory` is false.
        """
    def resource_size(self) -> int:
        """
        Bytes of all buffers.
        """
    def resource_type_at_index(self, index: typing.SupportsInt | typing.SupportsIndex) -> MPSStateResourceType:
        """
        Kind of the resource, None_ beyond the last.
        """
    def synchronize_on_command_buffer(self, command_buffer: MPSCommandBuffer) -> None:
        """
        Makes the contents visible to the CPU where its memory is apart; no effect here.
        """
    def texture_info_at_index(self, index: typing.SupportsInt | typing.SupportsIndex) -> MPSStateTextureInfo:
        """
        All zero: states here hold buffers.
        """
    @property
    def is_temporary(self) -> bool:
        """
        Whether it belongs to one command buffer.
        """
    @property
    def label(self) -> str | None:
        """
        Name used in messages and dumps; None by default.
        """
    @label.setter
    def label(self, arg1: str | None) -> None:
        ...
    @property
    def read_count(self) -> int:
        """
        How often encodes may still read a temporary state, 1 at first; 0 for permanent ones.
        """
    @read_count.setter
    def read_count(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def resource_count(self) -> int:
        """
        Number of buffers.
        """
class MPSNNGradientState(MPSState):
    """
    What a filter with one source leaves for its gradient filter.
    """
class MPSNNBinaryGradientState(MPSState):
    """
    What a filter with two sources leaves for its gradient filters.
    """
class MPSNNMultiaryGradientState(MPSState):
    """
    What a filter with many sources leaves for its gradient filters.
    """
class MPSKernel:
    """
    What runs on a device: kernels, graphs, optimizers.
    """
    def copy_with_zone(self, zone: typing.Any=None, device: Device | str | None=None) -> MPSKernel:
        """
        An independent copy, for another device or the same. `zone` is ignored. Raises UnsupportedError where a kernel cannot be copied.
        """
    @property
    def device(self) -> Device:
        """
        The device it runs on.
        """
    @property
    def label(self) -> str | None:
        """
        Name used in messages; at first that of the kernel's data source, None without one.
        """
    @label.setter
    def label(self, arg1: str | None) -> None:
        ...
    @property
    def options(self) -> MPSKernelOptions:
        """
        Hints; MPSKernelOptions.None_ by default.
        """
    @options.setter
    def options(self, arg0: MPSKernelOptions) -> None:
        ...
class MPSCNNKernel(MPSKernel):
    """
    A filter of one source image, encoded on its own. Padding policies see one that cannot be encoded.
    """
    def append_batch_barrier(self) -> bool:
        """
        Whether every image of a batch must have passed this kernel before a consumer starts.
        """
    def batch_encoding_storage_size_for_source_image(self, source_image: collections.abc.Sequence[MPSImage], source_states: typing.Any=None, destination_image: collections.abc.Sequence[MPSImage] | None=None) -> int:
        """
        Memory that an encode needs in the command buffer: 0 here.
        """
    def destination_image_descriptor_for_source_images(self, source_images: collections.abc.Sequence[MPSImage], source_states: collections.abc.Sequence[MPSState] | None=None) -> MPSImageDescriptor:
        """
        The descriptor of the result for these sources, by the padding policy, which also sets the offsets. For a batch: the first image.
        """
    @typing.overload
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_images: collections.abc.Sequence[MPSImage], destination_images: collections.abc.Sequence[MPSImage]) -> None:
        """
        As `encode_to_command_buffer`, for lists of images of one size.
        """
    @typing.overload
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_images: collections.abc.Sequence[MPSImage], destination_states: collections.abc.Sequence[MPSState] | None, destination_images: collections.abc.Sequence[MPSImage]) -> None:
        """
        As `encode_to_command_buffer`, for lists of images of one size.
        """
    @typing.overload
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_images: collections.abc.Sequence[MPSImage], destination_states: list[MPSState] | None=None, destination_state_is_temporary: bool | None=None) -> list[MPSImage]:
        """
        As `encode_to_command_buffer`, for lists of images of one size.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_image: MPSImage, destination_image: MPSImage) -> None:
        """
        Into an image of the caller's: the part `clip_rect`, its first pixel at `offset` of the source. The padding policy is not asked. `destination_state` is filled for the gradient kernel. Raises ShapeError where the result does not fit.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_image: MPSImage, destination_state: MPSState, destination_image: MPSImage) -> None:
        """
        Into an image of the caller's: the part `clip_rect`, its first pixel at `offset` of the source. The padding policy is not asked. `destination_state` is filled for the gradient kernel. Raises ShapeError where the result does not fit.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_image: MPSImage, destination_state: list[MPSState] | None=None, destination_state_is_temporary: bool | None=None) -> MPSImage:
        """
        Into an image that `destination_image_allocator` makes and that is returned; the padding policy decides its size and sets `offset`. The result state, where there is one, is appended to the list `destination_state`; it is permanent, unless destination_state_is_temporary.
        """
    def encoding_storage_size_for_source_image(self, source_image: MPSImage, source_states: collections.abc.Sequence[MPSState] | None=None, destination_image: MPSImage | None=None) -> int:
        """
        Memory that an encode needs in the command buffer: 0 here.
        """
    def is_result_state_reused_across_batch(self) -> bool:
        """
        Whether all images of a batch have one result state.
        """
    def result_state_batch_for_source_image(self, source_image: collections.abc.Sequence[MPSImage], source_states: typing.Any, destination_image: collections.abc.Sequence[MPSImage]) -> list[MPSState] | None:
        """
        The state that an encode with these images fills, for the gradient kernel; None for kernels without. `source_states` are not looked at.
        """
    def result_state_for_source_image(self, source_image: MPSImage, source_states: collections.abc.Sequence[MPSState] | None, destination_image: MPSImage) -> MPSState | None:
        """
        The state that an encode with these images fills, for the gradient kernel; None for kernels without. `source_states` are not looked at.
        """
    def temporary_result_state_batch_for_command_buffer(self, command_buffer: MPSCommandBuffer, source_image: collections.abc.Sequence[MPSImage], source_states: typing.Any, destination_image: collections.abc.Sequence[MPSImage]) -> list[MPSState] | None:
        """
        The state that an encode with these images fills, for the gradient kernel; None for kernels without. `source_states` are not looked at.
        """
    def temporary_result_state_for_command_buffer(self, command_buffer: MPSCommandBuffer, source_image: MPSImage, source_states: collections.abc.Sequence[MPSState] | None, destination_image: MPSImage) -> MPSState | None:
        """
        The state that an encode with these images fills, for the gradient kernel; None for kernels without. `source_states` are not looked at.
        """
    @property
    def clip_rect(self) -> MTLRegion:
        """
        The part of the result that is written; MPSRectNoClip by default.
        """
    @clip_rect.setter
    def clip_rect(self, arg1: MTLRegion | tuple[MTLOrigin | tuple[int, int, int], MTLSize | tuple[int, int, int]]) -> None:
        ...
    @property
    def destination_feature_channel_offset(self) -> int:
        """
        First channel of the result that is written; 0 by default.
        """
    @destination_feature_channel_offset.setter
    def destination_feature_channel_offset(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def destination_image_allocator(self) -> MPSImageAllocator:
        """
        Makes the results that the caller gives no image for; MPSTemporaryImage.default_allocator().
        """
    @destination_image_allocator.setter
    def destination_image_allocator(self, arg1: MPSImageAllocator) -> None:
        ...
    @property
    def dilation_rate_x(self) -> int:
        """
        Horizontal distance of the taps in pixels.
        """
    @property
    def dilation_rate_y(self) -> int:
        """
        Vertical distance of the taps in pixels.
        """
    @property
    def edge_mode(self) -> MPSImageEdgeMode:
        """
        What is read beyond the edge of the source; Zero by default.
        """
    @edge_mode.setter
    def edge_mode(self, arg0: MPSImageEdgeMode) -> None:
        ...
    @property
    def is_backwards(self) -> bool:
        """
        Whether the stride enlarges.
        """
    @property
    def is_state_modified(self) -> bool:
        """
        Whether an encode writes into its source state.
        """
    @property
    def kernel_height(self) -> int:
        """
        Height of the window in pixels.
        """
    @property
    def kernel_offset_x(self) -> int:
        """
        Horizontal position of the window of a filter whose stride enlarges.
        """
    @kernel_offset_x.setter
    def kernel_offset_x(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def kernel_offset_y(self) -> int:
        """
        Vertical position of the window of a filter whose stride enlarges.
        """
    @kernel_offset_y.setter
    def kernel_offset_y(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def kernel_width(self) -> int:
        """
        Width of the window in pixels.
        """
    @property
    def offset(self) -> MPSOffset:
        """
        Centre of the first window in source pixels; chosen by the padding policy before each encode.
        """
    @offset.setter
    def offset(self, arg1: MPSOffset | tuple[int, int, int]) -> None:
        ...
    @property
    def padding(self) -> MPSNNPadding:
        """
        The padding policy.
        """
    @padding.setter
    def padding(self, arg0: MPSNNPadding) -> None:
        ...
    @property
    def source_feature_channel_max_count(self) -> int:
        """
        How many channels of the source are read at most.
        """
    @source_feature_channel_max_count.setter
    def source_feature_channel_max_count(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def source_feature_channel_offset(self) -> int:
        """
        First channel of the source that is read; 0 by default.
        """
    @source_feature_channel_offset.setter
    def source_feature_channel_offset(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def stride_in_pixels_x(self) -> int:
        """
        Horizontal step in pixels.
        """
    @property
    def stride_in_pixels_y(self) -> int:
        """
        Vertical step in pixels.
        """
    @property
    def zero_pad_size_x(self) -> int:
        """
        Columns of zeros around the source that count in an average; 0 by default.
        """
    @zero_pad_size_x.setter
    def zero_pad_size_x(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def zero_pad_size_y(self) -> int:
        """
        Rows of zeros around the source that count in an average; 0 by default.
        """
    @zero_pad_size_y.setter
    def zero_pad_size_y(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
class MPSCNNBinaryKernel(MPSKernel):
    """
    A filter of two source images, encoded on its own.
    """
    def append_batch_barrier(self) -> bool:
        """
        Whether every image of a batch must have passed this kernel before a consumer starts.
        """
    def batch_encoding_storage_size_for_primary_image(self, primary_image: collections.abc.Sequence[MPSImage], secondary_image: collections.abc.Sequence[MPSImage], source_states: typing.Any=None, destination_image: collections.abc.Sequence[MPSImage] | None=None) -> int:
        """
        Memory that an encode needs in the command buffer: 0 here.
        """
    def destination_image_descriptor_for_source_images(self, source_images: collections.abc.Sequence[MPSImage], source_states: collections.abc.Sequence[MPSState] | None=None) -> MPSImageDescriptor:
        """
        The descriptor of the result for these sources, by the padding policy, which also sets the offsets. For a batch: the first image.
        """
    @typing.overload
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, primary_images: collections.abc.Sequence[MPSImage], secondary_images: collections.abc.Sequence[MPSImage], destination_images: collections.abc.Sequence[MPSImage]) -> None:
        """
        As `encode_to_command_buffer`, for lists of images of one size.
        """
    @typing.overload
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, primary_images: collections.abc.Sequence[MPSImage], secondary_images: collections.abc.Sequence[MPSImage], destination_states: collections.abc.Sequence[MPSState] | None, destination_images: collections.abc.Sequence[MPSImage]) -> None:
        """
        As `encode_to_command_buffer`, for lists of images of one size.
        """
    @typing.overload
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, primary_images: collections.abc.Sequence[MPSImage], secondary_images: collections.abc.Sequence[MPSImage], destination_states: list[MPSState] | None=None, destination_state_is_temporary: bool | None=None) -> list[MPSImage]:
        """
        As `encode_to_command_buffer`, for lists of images of one size.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, primary_image: MPSImage, secondary_image: MPSImage, destination_image: MPSImage) -> None:
        """
        Into an image of the caller's: the part `clip_rect`, its first pixel at `offset` of the source. The padding policy is not asked. `destination_state` is filled for the gradient kernel. Raises ShapeError where the result does not fit.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, primary_image: MPSImage, secondary_image: MPSImage, destination_state: MPSState, destination_image: MPSImage) -> None:
        """
        Into an image of the caller's: the part `clip_rect`, its first pixel at `offset` of the source. The padding policy is not asked. `destination_state` is filled for the gradient kernel. Raises ShapeError where the result does not fit.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, primary_image: MPSImage, secondary_image: MPSImage, destination_state: list[MPSState] | None=None, destination_state_is_temporary: bool | None=None) -> MPSImage:
        """
        Into an image that `destination_image_allocator` makes and that is returned; the padding policy decides its size and sets `offset`. The result state, where there is one, is appended to the list `destination_state`; it is permanent, unless destination_state_is_temporary.
        """
    def encoding_storage_size_for_primary_image(self, primary_image: MPSImage, secondary_image: MPSImage, source_states: collections.abc.Sequence[MPSState] | None=None, destination_image: MPSImage | None=None) -> int:
        """
        Memory that an encode needs in the command buffer: 0 here.
        """
    def is_result_state_reused_across_batch(self) -> bool:
        """
        Whether all images of a batch have one result state.
        """
    def result_state_batch_for_primary_image(self, primary_image: collections.abc.Sequence[MPSImage], secondary_image: collections.abc.Sequence[MPSImage], source_states: typing.Any, destination_image: collections.abc.Sequence[MPSImage]) -> list[MPSState] | None:
        """
        The state that an encode with these images fills, for the gradient kernel; None for kernels without. `source_states` are not looked at.
        """
    def result_state_for_primary_image(self, primary_image: MPSImage, secondary_image: MPSImage, source_states: collections.abc.Sequence[MPSState] | None, destination_image: MPSImage) -> MPSState | None:
        """
        The state that an encode with these images fills, for the gradient kernel; None for kernels without. `source_states` are not looked at.
        """
    def temporary_result_state_batch_for_command_buffer(self, command_buffer: MPSCommandBuffer, primary_image: collections.abc.Sequence[MPSImage], secondary_image: collections.abc.Sequence[MPSImage], source_states: typing.Any, destination_image: collections.abc.Sequence[MPSImage]) -> list[MPSState] | None:
        """
        The state that an encode with these images fills, for the gradient kernel; None for kernels without. `source_states` are not looked at.
        """
    def temporary_result_state_for_command_buffer(self, command_buffer: MPSCommandBuffer, primary_image: MPSImage, secondary_image: MPSImage, source_states: collections.abc.Sequence[MPSState] | None, destination_image: MPSImage) -> MPSState | None:
        """
        The state that an encode with these images fills, for the gradient kernel; None for kernels without. `source_states` are not looked at.
        """
    @property
    def clip_rect(self) -> MTLRegion:
        """
        The part of the result that is written; MPSRectNoClip by default.
        """
    @clip_rect.setter
    def clip_rect(self, arg1: MTLRegion | tuple[MTLOrigin | tuple[int, int, int], MTLSize | tuple[int, int, int]]) -> None:
        ...
    @property
    def destination_feature_channel_offset(self) -> int:
        """
        First channel of the result that is written, a multiple of 4; 0 by default.
        """
    @destination_feature_channel_offset.setter
    def destination_feature_channel_offset(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def destination_image_allocator(self) -> MPSImageAllocator:
        """
        Makes the results that the caller gives no image for; MPSTemporaryImage.default_allocator().
        """
    @destination_image_allocator.setter
    def destination_image_allocator(self, arg1: MPSImageAllocator) -> None:
        ...
    @property
    def is_backwards(self) -> bool:
        """
        Whether the stride enlarges.
        """
    @property
    def is_state_modified(self) -> bool:
        """
        Whether an encode writes into its source state.
        """
    @property
    def padding(self) -> MPSNNPadding:
        """
        The padding policy.
        """
    @padding.setter
    def padding(self, arg0: MPSNNPadding) -> None:
        ...
    @property
    def primary_dilation_rate_x(self) -> int:
        """
        Horizontal distance of the taps in pixels.
        """
    @property
    def primary_dilation_rate_y(self) -> int:
        """
        Vertical distance of the taps in pixels.
        """
    @property
    def primary_edge_mode(self) -> MPSImageEdgeMode:
        """
        What is read beyond the edge of the primary source; Zero.
        """
    @primary_edge_mode.setter
    def primary_edge_mode(self, arg0: MPSImageEdgeMode) -> None:
        ...
    @property
    def primary_kernel_height(self) -> int:
        """
        Height of the window in pixels.
        """
    @property
    def primary_kernel_width(self) -> int:
        """
        Width of the window in pixels.
        """
    @property
    def primary_offset(self) -> MPSOffset:
        """
        Centre of the first window in the primary source, in pixels.
        """
    @primary_offset.setter
    def primary_offset(self, arg0: MPSOffset | tuple[int, int, int]) -> None:
        ...
    @property
    def primary_source_feature_channel_max_count(self) -> int:
        """
        How many channels of the primary source are read at most.
        """
    @primary_source_feature_channel_max_count.setter
    def primary_source_feature_channel_max_count(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def primary_source_feature_channel_offset(self) -> int:
        """
        First channel of the primary source that is read, a multiple of 4; 0 by default.
        """
    @primary_source_feature_channel_offset.setter
    def primary_source_feature_channel_offset(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def primary_stride_in_pixels_x(self) -> int:
        """
        Horizontal step in pixels.
        """
    @property
    def primary_stride_in_pixels_y(self) -> int:
        """
        Vertical step in pixels.
        """
    @property
    def secondary_dilation_rate_x(self) -> int:
        """
        Horizontal distance of the taps in pixels.
        """
    @property
    def secondary_dilation_rate_y(self) -> int:
        """
        Vertical distance of the taps in pixels.
        """
    @property
    def secondary_edge_mode(self) -> MPSImageEdgeMode:
        """
        What is read beyond the edge of the secondary source; Zero.
        """
    @secondary_edge_mode.setter
    def secondary_edge_mode(self, arg0: MPSImageEdgeMode) -> None:
        ...
    @property
    def secondary_kernel_height(self) -> int:
        """
        Height of the window in pixels.
        """
    @property
    def secondary_kernel_width(self) -> int:
        """
        Width of the window in pixels.
        """
    @property
    def secondary_offset(self) -> MPSOffset:
        """
        Centre of the first window in the secondary source, in pixels.
        """
    @secondary_offset.setter
    def secondary_offset(self, arg0: MPSOffset | tuple[int, int, int]) -> None:
        ...
    @property
    def secondary_source_feature_channel_max_count(self) -> int:
        """
        How many channels of the secondary source are read at most.
        """
    @secondary_source_feature_channel_max_count.setter
    def secondary_source_feature_channel_max_count(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def secondary_source_feature_channel_offset(self) -> int:
        """
        First channel of the secondary source that is read, a multiple of 4; 0 by default.
        """
    @secondary_source_feature_channel_offset.setter
    def secondary_source_feature_channel_offset(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def secondary_stride_in_pixels_x(self) -> int:
        """
        Horizontal step in pixels.
        """
    @property
    def secondary_stride_in_pixels_y(self) -> int:
        """
        Vertical step in pixels.
        """
class MPSCNNGradientKernel(MPSCNNBinaryKernel):
    """
    The gradient of a filter, encoded on its own. The primary source is the gradient with respect to the forward result, the secondary one the forward source.
    """
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_gradients: collections.abc.Sequence[MPSImage], source_images: collections.abc.Sequence[MPSImage], gradient_states: collections.abc.Sequence[MPSState], destination_gradients: collections.abc.Sequence[MPSImage] | None=None) -> list[MPSImage] | None:  # type: ignore[override]
        """
        As `encode_to_command_buffer`, for lists of images of one size.
        """
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_gradient: MPSImage, source_image: MPSImage, gradient_state: MPSState, destination_gradient: MPSImage | None=None) -> MPSImage | None:  # type: ignore[override]
        """
        The gradient with respect to the forward source, an image of its size, which is returned unless destination_gradient is given. `gradient_state` is the result state of the forward kernel, which must have run before; gradients of parameters are written into it. Raises InvalidArgumentError for a state that no filter made, ShapeError where sizes differ from the forward kernel's.
        """
    @property
    def kernel_offset_x(self) -> int:
        """
        Horizontal position of the window; the gradient state's, where that has one.
        """
    @kernel_offset_x.setter
    def kernel_offset_x(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def kernel_offset_y(self) -> int:
        """
        Vertical position of the window; the gradient state's, where that has one.
        """
    @kernel_offset_y.setter
    def kernel_offset_y(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
class MPSNNPadding:
    """
    The rule for the size of a filter's result and the place of its windows; derive from it to write your own.
    """
    def __init__(self) -> None:
        ...
    def destination_image_descriptor_for_source_images(self, source_images: collections.abc.Sequence[MPSImage], source_states: collections.abc.Sequence[MPSState], kernel: MPSCNNKernel, suggested_descriptor: MPSImageDescriptor) -> MPSImageDescriptor:
        """
        Called when `padding_method` has the Custom bit, once for each encode, for a batch with the first image of each source. Returns the descriptor of the result: the suggested one, edited or not, or another. May set any property of the kernel to an absolute value; all but `offset` stay for later encodes.
        """
    def inverse(self) -> MPSNNPadding | None:
        """
        The policy of the gradient pass, or None.
        """
    def label(self) -> str | None:
        """
        Name for messages and dumps.
        """
    def padding_method(self) -> MPSNNPaddingMethod:
        """
        The bits of the policy. Required.
        """
class MPSNNDefaultPadding(MPSNNPadding):
    """
    The ready-made padding policies.
    """
    @staticmethod
    def padding_for_tensorflow_average_pooling() -> MPSNNDefaultPadding:
        """
        TensorFlow's SAME for pooling: SizeSame, the odd pixel at the bottom and right, and edge mode Clamp, so that pixels outside the image do not count.
        """
    @staticmethod
    def padding_for_tensorflow_average_pooling_valid_only() -> MPSNNDefaultPadding:
        """
        TensorFlow's VALID for pooling: SizeValidOnly with edge mode Clamp.
        """
    @staticmethod
    def padding_with_method(method: MPSNNPaddingMethod) -> MPSNNDefaultPadding:
        """
        The policy with these bits. Raises InvalidArgumentError for the Custom bit.
        """
    def __repr__(self) -> str:
        ...
    def label(self) -> str | None:
        """
        The bits by name, such as 'SizeSame, AlignCentered, AddRemainderToTopLeft'.
        """
    def padding_method(self) -> MPSNNPaddingMethod:
        """
        The bits of the policy.
        """
class MPSHandle:
    """
    Names an image or a state of a graph. Any object will do; its `label`, text or a method that returns text, is used in messages.
    """
    def __eq__(self, arg0: object) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __init__(self) -> None:
        ...
    def label(self) -> str | None:
        """
        Name for messages and dumps, or None.
        """
class MPSNNImageNode:
    """
    The place of an image in a graph; one that no filter makes is an input.
    """
    @staticmethod
    def exported_node(handle: typing.Any | None=None) -> MPSNNImageNode:
        """
        An input with `export_from_graph` set.
        """
    def __init__(self, handle: typing.Any | None=None) -> None:
        """
        An input of a graph. Any object may be the handle; the same object comes back.
        """
    def __repr__(self) -> str:
        ...
    @property
    def export_from_graph(self) -> bool:
        """
        Whether encodes deliver the image among the intermediate images; False.
        """
    @export_from_graph.setter
    def export_from_graph(self, arg0: bool) -> None:
        ...
    @property
    def format(self) -> MPSImageFeatureChannelFormat:
        """
        Storage format of the image; None_, the default, leaves it to the graph.
        """
    @format.setter
    def format(self, arg0: MPSImageFeatureChannelFormat) -> None:
        ...
    @property
    def handle(self) -> typing.Any:
        """
        The caller's object that names this image, or None.
        """
    @handle.setter
    def handle(self, arg0: typing.Any | None) -> None:
        ...
    @property
    def image_allocator(self) -> MPSImageAllocator:
        """
        Makes the image; MPSTemporaryImage.default_allocator() by default. Not asked for inputs and the first result of a graph.
        """
    @image_allocator.setter
    def image_allocator(self, arg1: MPSImageAllocator) -> None:
        ...
    @property
    def stop_gradient(self) -> bool:
        """
        Whether a training graph ends here and leaves out the filter that makes this image; False.
        """
    @stop_gradient.setter
    def stop_gradient(self, arg0: bool) -> None:
        ...
    @property
    def synchronize_resource(self) -> bool:
        """
        Whether the contents are made visible to a CPU whose memory is apart; no effect here.
        """
    @synchronize_resource.setter
    def synchronize_resource(self, arg0: bool) -> None:
        ...
class MPSNNStateNode:
    """
    The place of a state in a graph.
    """
    def __repr__(self) -> str:
        ...
    @property
    def export_from_graph(self) -> bool:
        """
        Whether encodes deliver the state among the destination states; False.
        """
    @export_from_graph.setter
    def export_from_graph(self, arg0: bool) -> None:
        ...
    @property
    def handle(self) -> typing.Any:
        """
        The caller's object that names this state, or None.
        """
    @handle.setter
    def handle(self, arg0: typing.Any | None) -> None:
        ...
    @property
    def synchronize_resource(self) -> bool:
        """
        Whether the contents are made visible to a CPU whose memory is apart; no effect here.
        """
    @synchronize_resource.setter
    def synchronize_resource(self, arg0: bool) -> None:
        ...
class MPSNNGradientStateNode(MPSNNStateNode):
    """
    What a filter with one source leaves for its gradient filter.
    """
class MPSNNBinaryGradientStateNode(MPSNNStateNode):
    """
    What a filter with two sources leaves for its gradient filters.
    """
class MPSNNMultiaryGradientStateNode(MPSNNStateNode):
    """
    What a filter with many sources leaves for its gradient filters.
    """
class MPSNNFilterNode:
    """
    A step of a network. It owns its sources and its result.
    
    Each filter's documentation has the sizes of its images, rows x columns x feature channels, its formula, and under "In PyTorch:" what
    it is there. That code runs as it stands, after
    
        import math, torch, torch.nn.functional as F
        from mpsnn import *
    
    with images as N x C x H x W tensors and weights O x I x kH x kW. x is the source (left and right those of arithmetic, sources the
    list of a concatenation), y the result, g the gradient that comes in, d the result of a gradient filter, whose code goes on where
    that of its forward filter ends. f is what a convolution's descriptor makes of the sums: batch normalisation for inference,
    activation, sub-pixels. Properties of the filter, of its descriptor and of its data source have their names. padding is (left,
    right, top, bottom): the pixels that `padding_policy` puts around the image, negative where it leaves some out.
    
    "Open:" names what Apple's documentation leaves open, and says what is done here.
    
    source: image node that the filter reads.
    """
    def __repr__(self) -> str:
        ...
    def gradient_filter_with_source(self, source: MPSNNImageNode) -> MPSNNGradientFilterNode:
        """
        The gradient filter for the first source; `source` is the gradient of the result. Raises GraphError where there is no gradient.
        """
    def gradient_filter_with_sources(self, sources: collections.abc.Sequence[MPSNNImageNode]) -> MPSNNGradientFilterNode:
        """
        As `gradient_filter_with_source`, for a list of one gradient.
        """
    def gradient_filters_with_source(self, source: MPSNNImageNode) -> list[MPSNNGradientFilterNode]:
        """
        The gradient filters for all sources that have a gradient, in the order of the sources; `source` is the gradient of the result. Raises GraphError where there is no gradient.
        """
    def gradient_filters_with_sources(self, sources: collections.abc.Sequence[MPSNNImageNode]) -> list[MPSNNGradientFilterNode]:
        """
        As `gradient_filters_with_source`, for a list of one gradient.
        """
    def training_graph_with_source_gradient(self, source_gradient: MPSNNImageNode | None=None, node_handler: collections.abc.Callable[[MPSNNFilterNode, MPSNNFilterNode | None, MPSNNImageNode, MPSNNImageNode], None] | None=None) -> list[MPSNNFilterNode]:
        """
        Makes the gradient part of the network that ends with this filter and returns the filters whose results end it, one for each image where it stops. `source_gradient` is the gradient of the result; None for filters whose result is a gradient already, such as a loss. `node_handler(gradient_node, inference_node, inference_source, gradient_source)` is called for each new filter; without it the result of each gets the handle of the forward source.
        """
    @property
    def label(self) -> str | None:
        """
        Name used in messages and dumps; None by default.
        """
    @label.setter
    def label(self, arg1: str | None) -> None:
        ...
    @property
    def padding_policy(self) -> MPSNNPadding:
        """
        The rule for the size of the result and the place of the windows.
        """
    @padding_policy.setter
    def padding_policy(self, arg1: MPSNNPadding) -> None:
        ...
    @property
    def result_image(self) -> MPSNNImageNode:
        """
        The image this filter makes; the same object every time.
        """
    @property
    def result_state(self) -> MPSNNStateNode | None:
        """
        The first of the result states, or None.
        """
    @property
    def result_states(self) -> list[MPSNNStateNode]:
        """
        What this filter leaves for its gradient; empty where there is nothing.
        """
class MPSNNGradientFilterNode(MPSNNFilterNode):
    """
    The gradient of a filter with respect to one of its sources.
    
    Gradients of gradients do not exist: the four methods that would make them raise GraphError.
    
    source_gradient: image node of the gradient with respect to the forward filter's result. source_image: image node that the forward
    filter reads. gradient_state: result state of the forward filter.
    """
class MPSNNTrainableNode:
    """
    Filters with parameters.
    """
    @property
    def training_style(self) -> MPSNNTrainingStyle:
        """
        Which update methods of the data source are called; UpdateDeviceGPU by default. What counts is the gradient filter's.
        """
    @training_style.setter
    def training_style(self, arg0: MPSNNTrainingStyle) -> None:
        ...
class MPSCNNConvolutionDataSource:
    """
    Where a convolution's weights come from; derive from it and define its methods. Those with a default may be left out.
    """
    def __init__(self) -> None:
        ...
    def bias_terms(self) -> numpy.typing.NDArray[numpy.float32] | None:
        """
        A number for each output channel, or None. Required.
        """
    def copy_with_zone(self, zone: typing.Any=None, device: Device | str | None=None) -> MPSCNNConvolutionDataSource | None:
        """
        The source for a copy of a graph; None, the default, shares this one. `zone` is ignored.
        """
    def data_type(self) -> MPSDataType:
        """
        Type of `weights`: Float32, Float16 or UInt8; binary filters take UInt32, whatever this says. Required.
        """
    def descriptor(self) -> MPSCNNConvolutionDescriptor:
        """
        Sizes, strides and the like of the convolution. Required.
        """
    def kernel_weights_data_type(self) -> MPSDataType:
        """
        Precision of the weights inside the kernel: Float16, the default, or Float32.
        """
    def label(self) -> str | None:
        """
        Name for messages and dumps, or None.
        """
    def load(self) -> bool:
        """
        Data is about to be read. Returns whether that will work: False fails what was being made. Required.
        """
    def lookup_table_for_uint8_kernel(self) -> numpy.typing.NDArray[numpy.float32] | None:
        """
        For quantization by table: 256 numbers.
        """
    def purge(self) -> None:
        """
        Balances one `load`: the data is not read before the next. Required.
        """
    def ranges_for_uint8_kernel(self) -> numpy.typing.NDArray[numpy.float32] | None:
        """
        For linear quantization: (smallest, largest) for each output channel.
        """
    def update_with_command_buffer(self, command_buffer: MPSCommandBuffer, gradient_state: MPSCNNConvolutionGradientState, source_state: MPSCNNConvolutionWeightsAndBiasesState) -> MPSCNNConvolutionWeightsAndBiasesState | None:
        """
        Style UpdateDeviceGPU: records the update of `source_state` by `gradient_state` and returns the new values, or None to keep the old ones. Called while encoding: the buffers are not filled yet. Without this method nothing is updated.
        """
    def update_with_gradient_state(self, gradient_state: MPSCNNConvolutionGradientState, source_state: MPSCNNConvolutionWeightsAndBiasesState) -> bool:
        """
        Style UpdateDeviceCPU: called when the gradients are there; returns True when the values changed and are to be read again. Without this method nothing is updated.
        """
    def weights(self) -> numpy.ndarray:
        """
        An array of output channels x kernel height x kernel width x input channels / groups, of `data_type`; for a binary filter x ceil(input channels / 32) words, channel c in bit c % 32 of word c / 32. It is kept until `purge`. Required.
        """
    def weights_layout(self) -> MPSCNNConvolutionWeightsLayout:
        """
        OHWI is the only one.
        """
    def weights_quantization_type(self) -> MPSCNNWeightsQuantizationType | None:
        """
        How UInt8 weights become numbers; by default the array that there is decides.
        """
class MPSCNNBatchNormalizationDataSource:
    """
    Where a batch normalisation's parameters come from; derive from it and define its methods. Those with a default may be left out.
    """
    def __init__(self) -> None:
        ...
    def beta(self) -> numpy.typing.NDArray[numpy.float32] | None:
        """
        Number added to each channel, or None for 0. Required.
        """
    def copy_with_zone(self, zone: typing.Any=None, device: Device | str | None=None) -> MPSCNNBatchNormalizationDataSource | None:
        """
        The source for a copy of a graph; None, the default, shares this one. `zone` is ignored.
        """
    def epsilon(self) -> float:
        """
        Added to the variance; the smallest normal float by default.
        """
    def gamma(self) -> numpy.typing.NDArray[numpy.float32] | None:
        """
        Factor for each channel, or None for 1. Required.
        """
    def label(self) -> str | None:
        """
        Name for messages and dumps, or None.
        """
    def load(self) -> bool:
        """
        Data is about to be read. Returns whether that will work: False fails what was being made. Required.
        """
    def mean(self) -> numpy.typing.NDArray[numpy.float32] | None:
        """
        Mean of each channel for inference, or None for 0. Required.
        """
    def number_of_feature_channels(self) -> int:
        """
        Length of the arrays. Required.
        """
    def purge(self) -> None:
        """
        Balances one `load`: the data is not read before the next. Required.
        """
    def update_gamma_and_beta_with_batch_normalization_state(self, batch_normalization_state: MPSCNNBatchNormalizationState) -> bool:
        """
        Style UpdateDeviceCPU: called when the gradients are there; returns True when the values changed. Without this method they are not updated.
        """
    def update_gamma_and_beta_with_command_buffer(self, command_buffer: MPSCommandBuffer, batch_normalization_state: MPSCNNBatchNormalizationState) -> MPSCNNNormalizationGammaAndBetaState | None:
        """
        Style UpdateDeviceGPU: records the update and returns the new values, or None to keep the old ones. Without this method they are not updated.
        """
    def update_mean_and_variance_with_batch_normalization_state(self, batch_normalization_state: MPSCNNBatchNormalizationState) -> bool:
        """
        Style UpdateDeviceCPU: called when the statistics are there; returns True when the values changed. Without this method they are not updated.
        """
    def update_mean_and_variance_with_command_buffer(self, command_buffer: MPSCommandBuffer, batch_normalization_state: MPSCNNBatchNormalizationState) -> MPSCNNNormalizationMeanAndVarianceState | None:
        """
        Style UpdateDeviceGPU: records the update and returns the new values, or None to keep the old ones. Without this method they are not updated.
        """
    def variance(self) -> numpy.typing.NDArray[numpy.float32] | None:
        """
        Variance of each channel for inference, or None for 1. Required.
        """
class MPSCNNInstanceNormalizationDataSource:
    """
    Where an instance normalisation's scales and biases come from; derive from it and define its methods. Those with a default may be left out.
    """
    def __init__(self) -> None:
        ...
    def beta(self) -> numpy.typing.NDArray[numpy.float32] | None:
        """
        Number added to each channel: float32 numbers, or None for 0. Required.
        """
    def copy_with_zone(self, zone: typing.Any=None, device: Device | str | None=None) -> MPSCNNInstanceNormalizationDataSource | None:
        """
        The source for a copy of a graph; None, the default, shares this one. `zone` is ignored.
        """
    def epsilon(self) -> float:
        """
        Added to the variances; the smallest normal float by default.
        """
    def gamma(self) -> numpy.typing.NDArray[numpy.float32] | None:
        """
        Factor for each channel: float32 numbers, or None for 1. Required.
        """
    def label(self) -> str | None:
        """
        Name for messages and dumps, or None.
        """
    def load(self) -> bool:
        """
        Data is about to be read. Returns whether that will work; True by default.
        """
    def purge(self) -> None:
        """
        Balances one `load`: the data is not read before the next.
        """
    def update_gamma_and_beta_with_command_buffer(self, command_buffer: MPSCommandBuffer, instance_normalization_state_batch: collections.abc.Sequence[MPSCNNInstanceNormalizationGradientState]) -> MPSCNNNormalizationGammaAndBetaState | None:
        """
        Style UpdateDeviceGPU: records the update and returns the new values, or None to keep the old ones. There is a state for each image of the batch; their gradients are to be added up. Called while encoding: the buffers are not filled yet. Without this method nothing is updated.
        """
    def update_gamma_and_beta_with_instance_normalization_state_batch(self, instance_normalization_state_batch: collections.abc.Sequence[MPSCNNInstanceNormalizationGradientState]) -> bool:
        """
        Style UpdateDeviceCPU: called when the gradients are there, with a state for each image of the batch, whose gradients are to be added up; returns True when the values changed and are to be read again. Without this method nothing is updated.
        """
    @property
    def number_of_feature_channels(self) -> int:
        """
        Length of the arrays, a property. Required.
        """
class MPSCNNGroupNormalizationDataSource:
    """
    Where a group normalisation's scales and biases come from; derive from it and define its methods. Those with a default may be left out.
    """
    def __init__(self) -> None:
        ...
    def beta(self) -> numpy.typing.NDArray[numpy.float32] | None:
        """
        Number added to each channel: float32 numbers, or None for 0. Required.
        """
    def copy_with_zone(self, zone: typing.Any=None, device: Device | str | None=None) -> MPSCNNGroupNormalizationDataSource | None:
        """
        The source for a copy of a graph; None, the default, shares this one. `zone` is ignored.
        """
    def epsilon(self) -> float:
        """
        Added to the variances; the smallest normal float by default.
        """
    def gamma(self) -> numpy.typing.NDArray[numpy.float32] | None:
        """
        Factor for each channel: float32 numbers, or None for 1. Required.
        """
    def label(self) -> str | None:
        """
        Name for messages and dumps, or None.
        """
    def update_gamma_and_beta_with_command_buffer(self, command_buffer: MPSCommandBuffer, group_normalization_state_batch: collections.abc.Sequence[MPSCNNGroupNormalizationGradientState]) -> MPSCNNNormalizationGammaAndBetaState | None:
        """
        Style UpdateDeviceGPU: records the update and returns the new values, or None to keep the old ones. There is a state for each image of the batch; their gradients are to be added up. Called while encoding: the buffers are not filled yet. Without this method nothing is updated.
        """
    def update_gamma_and_beta_with_group_normalization_state_batch(self, group_normalization_state_batch: collections.abc.Sequence[MPSCNNGroupNormalizationGradientState]) -> bool:
        """
        Style UpdateDeviceCPU: called when the gradients are there, with a state for each image of the batch, whose gradients are to be added up; returns True when the values changed and are to be read again. Without this method nothing is updated.
        """
    @property
    def number_of_feature_channels(self) -> int:
        """
        Length of the arrays, a property. Required.
        """
    @property
    def number_of_groups(self) -> int:
        """
        Ranges of channels with statistics of their own; it divides number_of_feature_channels. To be set, or defined as a property. 0 at first, which making a graph refuses.
        """
    @number_of_groups.setter
    def number_of_groups(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
class MPSNNGraph(MPSKernel):
    """
    A network made ready to run on a device.
    """
    @staticmethod
    def with_result_images(result_images: collections.abc.Sequence[MPSNNImageNode], *, results_are_needed: collections.abc.Sequence[bool] | None=None, device: Device | str | None=None) -> MPSNNGraph:
        """
        A network with several results. The first is what encodes return; the others come last among the intermediate images. `results_are_needed` has an entry for each, None is all.
        """
    @classmethod
    def load(cls: typing.Any, path: str | os.PathLike[str] | typing.BinaryIO, *, device: Device | str | None=None) -> MPSNNGraph:
        """
        A graph from a file that `save` wrote. No code of the file's runs.
        
        path: a path, or an object with a binary `read`. device: as for the constructor, None is the default one; the file does not say.
        Handles are the labels of those that were saved. Raises InvalidArgumentError or GraphError, naming the file, for what is not a saved
        graph, is damaged or was written by a newer version.
        """
    def __call__(self, *args: numpy.typing.ArrayLike, source_states: collections.abc.Sequence[typing.Any] | None=None, copy: bool=False) -> typing.Any:
        """
        Encodes, commits and waits. Arguments, in the order of `source_image_handles`: arrays H x W x C or N x H x W x C (a batch), images, or lists of images (a batch); all of one kind. Returns the result in the same kind, a tuple where the graph has several (None for those not needed). Arrays are shared or refused as by MPSImage, unless copy=True; the dtype of the result is that of `format`. `source_states` has a state for each state input, for batches a list each.
        """
    def __copy__(self) -> MPSNNGraph:
        ...
    def __deepcopy__(self, memo: dict[int, typing.Any]) -> MPSNNGraph:
        ...
    def __getstate__(self) -> dict[str, typing.Any]:
        ...
    def __init__(self, result_image: MPSNNImageNode, *, result_image_is_needed: bool=True, device: Device | str | None=None) -> None:
        """
        The network that ends with `result_image`. With result_image_is_needed=False only the side effects count, and encodes return None. Data sources are read here. Raises GraphError for a network that is wrong, UnsupportedError where the device has no kernel.
        """
    def __repr__(self) -> str:
        ...
    def __setstate__(self, arg0: dict[str, typing.Any]) -> None:
        ...
    def copy_with_zone(self, zone: typing.Any=None, device: Device | str | None=None) -> MPSNNGraph:
        """
        An independent copy with weights of its own, for another thread or another device. `zone` is ignored.
        """
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_images: collections.abc.Sequence[collections.abc.Sequence[MPSImage]], source_states: collections.abc.Sequence[collections.abc.Sequence[MPSState]] | None=None, intermediate_images: list[list[MPSImage]] | None=None, destination_states: list[list[MPSState]] | None=None) -> list[MPSImage] | None:
        """
        Records a run for a batch: as `encode_to_command_buffer`, with a list of images (states) for each input.
        """
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_images: collections.abc.Sequence[MPSImage], source_states: collections.abc.Sequence[MPSState] | None=None, intermediate_images: list[MPSImage] | None=None, destination_states: list[MPSState] | None=None) -> MPSImage | None:
        """
        Records a run for one image (or one object with several images) for each input, in the order of `source_image_handles`. Returns the result, whose contents are there when the command buffer has completed, or None where it is not needed. Exported images and further results are appended to the list `intermediate_images`, exported states to `destination_states`.
        """
    def execute_async_with_source_images(self, source_images: collections.abc.Sequence[MPSImage], completion_handler: collections.abc.Callable[[MPSImage | None, BaseException | None], None]) -> MPSImage:
        """
        Runs on a queue of the library's and returns the result at once; its contents are there when `completion_handler(result, error)` is called, on another thread. One of the two is None.
        """
    def read_count_for_source_image_at_index(self, index: typing.SupportsInt | typing.SupportsIndex) -> int:
        """
        How much an encode lowers the read count of a temporary source image.
        """
    def read_count_for_source_state_at_index(self, index: typing.SupportsInt | typing.SupportsIndex) -> int:
        """
        How much an encode lowers the read count of a temporary source state.
        """
    def reload_from_data_sources(self) -> None:
        """
        Reads the values of all data sources again. Nothing of this graph may be running.
        """
    def save(self, path: str | os.PathLike[str] | typing.BinaryIO) -> None:
        """
        Writes the graph with the values in use to a file, as a NumPy archive.
        
        path: a path, or an object with a binary `write`. A path is replaced at once when everything has been written and reached the disk:
        whatever interrupts this, the old file or the new one is there.
        
        ConvolutionWeights and BatchNormalizationWeights that the graph trains are saved with their optimizer and its arrays, so that training
        goes on bit for bit where it stopped. Every other data source is saved as the values in use, which never change after loading.
        Handles are saved as their labels. Raises InvalidArgumentError for padding policies and image allocators of your own classes, and
        while encoded work that trains the graph has not completed.
        """
    @property
    def data_sources(self) -> list[MPSCNNConvolutionDataSource | MPSCNNBatchNormalizationDataSource | MPSCNNInstanceNormalizationDataSource | MPSCNNGroupNormalizationDataSource]:
        """
        The data sources of its filters in the order of execution, each once: of a loaded graph the way to an optimizer's learning rate, and to further graphs that share the weights.
        """
    @property
    def debug_description(self) -> str:
        """
        The steps of the graph as text, one a line.
        """
    @property
    def destination_image_allocator(self) -> MPSImageAllocator:
        """
        Makes the first result; MPSImage.default_allocator().
        """
    @destination_image_allocator.setter
    def destination_image_allocator(self, arg1: MPSImageAllocator) -> None:
        ...
    @property
    def disabled_passes(self) -> frozenset[str]:
        """
        Names of the planner's passes to leave out; `plan_passes()` lists them.
        """
    @disabled_passes.setter
    def disabled_passes(self, arg1: collections.abc.Set[str]) -> None:
        ...
    @property
    def emulate_storage(self) -> bool:
        """
        Rounds every image as a device would store it, not only those that leave the graph; False.
        """
    @emulate_storage.setter
    def emulate_storage(self, arg0: bool) -> None:
        ...
    @property
    def format(self) -> MPSImageFeatureChannelFormat:
        """
        Storage format of images whose node names none; Float16.
        """
    @format.setter
    def format(self, arg0: MPSImageFeatureChannelFormat) -> None:
        ...
    @property
    def implementation(self) -> str | None:
        """
        Prefers the kernels of this name, see `implementations()`; None is the device's own order.
        """
    @implementation.setter
    def implementation(self, arg1: str | None) -> None:
        ...
    @property
    def intermediate_image_handles(self) -> list[typing.Any]:
        """
        Names the images that encodes append to `intermediate_images`, in that order.
        """
    @property
    def output_state_is_temporary(self) -> bool:
        """
        Whether exported states belong to the command buffer; False.
        """
    @output_state_is_temporary.setter
    def output_state_is_temporary(self, arg0: bool) -> None:
        ...
    @property
    def result_handle(self) -> typing.Any:
        """
        Names the first result.
        """
    @property
    def result_image_is_needed(self) -> bool:
        """
        Whether encodes return the first result.
        """
    @property
    def result_images(self) -> list[MPSNNImageNode]:
        """
        The image nodes the graph was made for.
        """
    @property
    def result_state_handles(self) -> list[typing.Any]:
        """
        Names the states that encodes append to `destination_states`, in that order.
        """
    @property
    def results_are_needed(self) -> list[bool]:
        """
        Which of the result images are delivered.
        """
    @property
    def source_image_handles(self) -> list[typing.Any]:
        """
        Names the inputs in the order of encodes.
        """
    @property
    def source_state_handles(self) -> list[typing.Any]:
        """
        Names the source states in the order of encodes.
        """
class MPSNNNeuronDescriptor:
    """
    An activation function and its constants.
    
    type: which function. a, b, c: its constants; those left out have the type's documented defaults (ReLU a=0; Linear a=1, b=0;
    HardSigmoid a=0.2, b=0.5; TanH and SoftPlus a=1, b=1; ELU a=1; ReLUN a=1, b=6; Power a=1, b=0, c=1; Exponential and Logarithm
    a=1, b=0, c=-1, where c=-1 stands for the base e). Constants that a type does not use are ignored.
    PReLU takes its slopes from `data`: see cnn_neuron_prelu_descriptor.
    """
    __hash__: typing.ClassVar[None]  # type: ignore[assignment]
    @staticmethod
    def cnn_neuron_prelu_descriptor(data: numpy.typing.ArrayLike, no_copy: bool) -> MPSNNNeuronDescriptor:
        """
        PReLU with one slope for each feature channel.
        
        data: an array, or bytes of packed float32; at least as many values as the source has channels. It is copied; `no_copy` has no
        effect.
        """
    def __eq__(self, arg0: object) -> bool:
        ...
    def __init__(self, type: MPSCNNNeuronType, *, a: typing.SupportsFloat | typing.SupportsIndex | None=None, b: typing.SupportsFloat | typing.SupportsIndex | None=None, c: typing.SupportsFloat | typing.SupportsIndex | None=None) -> None:
        """
        The function `type`; a constant that is None has the type's default.
        """
    def __repr__(self) -> str:
        ...
    @property
    def a(self) -> float:
        """
        First constant.
        """
    @a.setter
    def a(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def b(self) -> float:
        """
        Second constant.
        """
    @b.setter
    def b(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def c(self) -> float:
        """
        Third constant.
        """
    @c.setter
    def c(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def data(self) -> numpy.typing.NDArray[numpy.float32] | None:
        """
        PReLU's slopes (a copy), None without.
        """
    @data.setter
    def data(self, arg1: numpy.typing.ArrayLike | None) -> None:
        ...
    @property
    def neuron_type(self) -> MPSCNNNeuronType:
        """
        Which function.
        """
    @neuron_type.setter
    def neuron_type(self, arg0: MPSCNNNeuronType) -> None:
        ...
class MPSCNNNeuronNode(MPSNNFilterNode):
    """
    Base of the activation filters: a function of every element.
    
    h x w x c to h x w x c:
    
        y = f(x)
    
    The gradient is g * f'(x), with the one-sided derivative at a kink that the class states. No parameters are trained.
    
    Open: NaN. NaN in gives NaN out, also where f has limits.
    """
    @staticmethod
    def with_descriptor(source: MPSNNImageNode, descriptor: MPSNNNeuronDescriptor) -> MPSCNNNeuronNode:
        """
        The filter of the subclass that fits the descriptor's type.
        
        descriptor: type and constants; copied. Raises InvalidArgumentError for PReLU without data.
        Open: the type None. It makes a linear filter that changes nothing.
        """
    @property
    def a(self) -> float:
        """
        First constant of f; 0 where f has none.
        """
    @property
    def b(self) -> float:
        """
        Second constant of f; 0 where f has none.
        """
    @property
    def c(self) -> float:
        """
        Third constant of f; 0 where f has none.
        """
class MPSCNNNeuronAbsoluteNode(MPSCNNNeuronNode):
    """
    The absolute value.
    
    h x w x c to h x w x c, for every element:
    
        f(x) = abs(x)
    
    f'(0) = 0.
    
    In PyTorch:
    
        y = torch.abs(x)
    """
    def __init__(self, source: MPSNNImageNode) -> None:
        """
        f of every element of `source`.
        """
class MPSCNNNeuronELUNode(MPSCNNNeuronNode):
    """
    The exponential linear unit.
    
    h x w x c to h x w x c, for every element:
    
        f(x) = x for x >= 0, else a * (e^x - 1)
    
    In PyTorch:
    
        y = F.elu(x, a)
    """
    def __init__(self, source: MPSNNImageNode, *, a: typing.SupportsFloat | typing.SupportsIndex=1.0) -> None:
        """
        f of every element of `source`, with these constants.
        """
class MPSCNNNeuronHardSigmoidNode(MPSCNNNeuronNode):
    """
    A line kept within 0 and 1.
    
    h x w x c to h x w x c, for every element:
    
        f(x) = min(max(a * x + b, 0), 1)
    
    f' = a where 0 <= a * x + b <= 1, else 0. F.hardsigmoid has a = 1 / 6.
    
    In PyTorch:
    
        y = torch.clamp(a * x + b, 0, 1)
    """
    def __init__(self, source: MPSNNImageNode, *, a: typing.SupportsFloat | typing.SupportsIndex=0.20000000298023224, b: typing.SupportsFloat | typing.SupportsIndex=0.5) -> None:
        """
        f of every element of `source`, with these constants.
        """
class MPSCNNNeuronLinearNode(MPSCNNNeuronNode):
    """
    A line.
    
    h x w x c to h x w x c, for every element:
    
        f(x) = a * x + b
    
    In PyTorch:
    
        y = a * x + b
    """
    def __init__(self, source: MPSNNImageNode, *, a: typing.SupportsFloat | typing.SupportsIndex=1.0, b: typing.SupportsFloat | typing.SupportsIndex=0.0) -> None:
        """
        f of every element of `source`, with these constants.
        """
class MPSCNNNeuronPReLUNode(MPSCNNNeuronNode):
    """
    The rectified linear unit with a slope for each feature channel.
    
    h x w x c to h x w x c, for every element:
    
        f(x) = x for x >= 0, else a_data[channel] * x
    
    f'(0) = 1. There is no gradient for the slopes.
    
    In PyTorch:
    
        y = F.prelu(x, a_data)
    
    a_data: one slope for each feature channel, an array or bytes of packed float32; copied. Raises InvalidArgumentError when it is
    empty, ShapeError when the source has more channels.
    """
    def __init__(self, source: MPSNNImageNode, *, a_data: numpy.typing.ArrayLike) -> None:
        """
        f of every element of `source`, with these slopes.
        """
class MPSCNNNeuronReLUNNode(MPSCNNNeuronNode):
    """
    The rectified linear unit with an upper limit.
    
    h x w x c to h x w x c, for every element:
    
        f(x) = min(x for x >= 0 else a * x, b)
    
    The documented a = 1 leaves negative values alone: F.relu6 is a = 0.
    
    In PyTorch:
    
        y = torch.clamp(F.leaky_relu(x, a), max=b)
    
    Open: f' from the limit on. It is 0, the derivative; the documentation prints b.
    """
    def __init__(self, source: MPSNNImageNode, *, a: typing.SupportsFloat | typing.SupportsIndex=1.0, b: typing.SupportsFloat | typing.SupportsIndex=6.0) -> None:
        """
        f of every element of `source`, with these constants.
        """
class MPSCNNNeuronReLUNode(MPSCNNNeuronNode):
    """
    The rectified linear unit, leaky where a is not 0.
    
    h x w x c to h x w x c, for every element:
    
        f(x) = x for x >= 0, else a * x
    
    f'(0) = 1. F.relu is a = 0, but has f'(0) = 0.
    
    In PyTorch:
    
        y = F.leaky_relu(x, a)
    
    Open: x = -inf with a = 0. It gives 0.
    """
    def __init__(self, source: MPSNNImageNode, *, a: typing.SupportsFloat | typing.SupportsIndex=0.0) -> None:
        """
        f of every element of `source`, with these constants.
        """
class MPSCNNNeuronSigmoidNode(MPSCNNNeuronNode):
    """
    The logistic function.
    
    h x w x c to h x w x c, for every element:
    
        f(x) = 1 / (1 + e^-x)
    
    In PyTorch:
    
        y = torch.sigmoid(x)
    """
    def __init__(self, source: MPSNNImageNode) -> None:
        """
        f of every element of `source`.
        """
class MPSCNNNeuronSoftPlusNode(MPSCNNNeuronNode):
    """
    A smooth rectified linear unit.
    
    h x w x c to h x w x c, for every element:
    
        f(x) = a * ln(1 + e^(b * x))
    
    F.softplus(x, beta) is a = 1 / beta, b = beta.
    
    In PyTorch:
    
        y = a * F.softplus(b * x)
    """
    def __init__(self, source: MPSNNImageNode, *, a: typing.SupportsFloat | typing.SupportsIndex=1.0, b: typing.SupportsFloat | typing.SupportsIndex=1.0) -> None:
        """
        f of every element of `source`, with these constants.
        """
class MPSCNNNeuronSoftSignNode(MPSCNNNeuronNode):
    """
    A sigmoid of fractions.
    
    h x w x c to h x w x c, for every element:
    
        f(x) = x / (1 + abs(x))
    
    In PyTorch:
    
        y = F.softsign(x)
    """
    def __init__(self, source: MPSNNImageNode) -> None:
        """
        f of every element of `source`.
        """
class MPSCNNNeuronTanHNode(MPSCNNNeuronNode):
    """
    The hyperbolic tangent.
    
    h x w x c to h x w x c, for every element:
    
        f(x) = a * tanh(b * x)
    
    In PyTorch:
    
        y = a * torch.tanh(b * x)
    """
    def __init__(self, source: MPSNNImageNode, *, a: typing.SupportsFloat | typing.SupportsIndex=1.0, b: typing.SupportsFloat | typing.SupportsIndex=1.0) -> None:
        """
        f of every element of `source`, with these constants.
        """
class MPSCNNNeuronExponentialNode(MPSCNNNeuronNode):
    """
    The exponential function.
    
    h x w x c to h x w x c, for every element:
    
        f(x) = c^(a * x + b)
    
    c = -1 stands for the base e.
    
    In PyTorch:
    
        y = torch.exp(a * x + b) if c == -1 else torch.pow(c, a * x + b)
    
    Open: the constants that are left out. They are those of the signature.
    """
    def __init__(self, source: MPSNNImageNode, *, a: typing.SupportsFloat | typing.SupportsIndex=1.0, b: typing.SupportsFloat | typing.SupportsIndex=0.0, c: typing.SupportsFloat | typing.SupportsIndex=-1.0) -> None:
        """
        f of every element of `source`, with these constants.
        """
class MPSCNNNeuronLogarithmNode(MPSCNNNeuronNode):
    """
    The logarithm.
    
    h x w x c to h x w x c, for every element:
    
        f(x) = ln(a * x + b) / ln(c)
    
    c = -1 stands for the base e.
    
    In PyTorch:
    
        y = torch.log(a * x + b) / (1 if c == -1 else math.log(c))
    
    Open: the constants that are left out. They are those of the signature.
    """
    def __init__(self, source: MPSNNImageNode, *, a: typing.SupportsFloat | typing.SupportsIndex=1.0, b: typing.SupportsFloat | typing.SupportsIndex=0.0, c: typing.SupportsFloat | typing.SupportsIndex=-1.0) -> None:
        """
        f of every element of `source`, with these constants.
        """
class MPSCNNNeuronPowerNode(MPSCNNNeuronNode):
    """
    A power.
    
    h x w x c to h x w x c, for every element:
    
        f(x) = (a * x + b)^c
    
    As pow in C. f' = 0 where c = 0.
    
    In PyTorch:
    
        y = torch.pow(a * x + b, c)
    
    Open: the constants that are left out. They are those of the signature.
    """
    def __init__(self, source: MPSNNImageNode, *, a: typing.SupportsFloat | typing.SupportsIndex=1.0, b: typing.SupportsFloat | typing.SupportsIndex=0.0, c: typing.SupportsFloat | typing.SupportsIndex=1.0) -> None:
        """
        f of every element of `source`, with these constants.
        """
class MPSCNNNeuronGeLUNode(MPSCNNNeuronNode):
    """
    The Gaussian error linear unit.
    
    h x w x c to h x w x c, for every element:
    
        f(x) = 0.5 * x * (1 + erf(x / sqrt(2)))
    
    In PyTorch:
    
        y = F.gelu(x)
    
    Open: f', whose documented formula is misprinted. It is the derivative.
    """
    def __init__(self, source: MPSNNImageNode) -> None:
        """
        f of every element of `source`.
        """
class MPSCNNNeuronGradientNode(MPSNNGradientFilterNode):
    """
    The gradient of an activation filter.
    
    h x w x c to h x w x c, for every element of the incoming gradient g:
    
        d = g * f'(x)
    
    In PyTorch:
    
        d, = torch.autograd.grad(y, x, g)
    
    source_image: x, the forward filter's source. gradient_state: the forward filter's result state. descriptor: the forward filter's
    activation; copied. Raises InvalidArgumentError for PReLU without data.
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode, descriptor: MPSNNNeuronDescriptor) -> None:
        """
        The gradient filter of the forward filter that `gradient_state` is of.
        """
    @property
    def descriptor(self) -> MPSNNNeuronDescriptor:
        """
        The forward filter's activation (a copy).
        """
class MPSNNArithmeticGradientStateNode(MPSNNBinaryGradientStateNode):
    """
    The result state of an arithmetic filter: which elements of its result were clamped.
    """
class MPSCNNArithmeticGradientState(MPSNNBinaryGradientState):
    """
    The state of one image: a byte for each element of the result, 1 where it was not clamped. No bytes with default limits.
    """
class MPSNNBinaryArithmeticNode(MPSNNFilterNode):
    """
    Base of the filters that combine two images, element by element.
    
    h x w x c and h x w x c to h x w x c:
    
        r = ((primary_scale * left) op (secondary_scale * right)) + bias
        y = min(max(r, minimum_value), maximum_value)
    
    Along each axis (rows, columns, channels) the sources must be of the same size, unless a stride is 0: then that source's first
    element serves the whole axis. In PyTorch that source is cut to its first element, left[..., :1] for its columns, and broadcast.
    Gradients are two filters, for the left and the right source; a repeated source gets the sum over the axis.
    
    Open: the size of the result. Along each axis it is that of a source with stride 1, or 1 where both strides are 0. Sizes alone
    never make a source repeat.
    Open: whether gradients pass where the result was limited. They do not: such elements get 0.
    Open: the gradient of a division. There is none.
    
    left_source: image node whose image is the left operand. right_source: image node whose image is the right operand. sources: the
    two, left first. Raises InvalidArgumentError for strides other than 0 and 1 when the graph is made, ShapeError for sources that do
    not fit.
    """
    def gradient_class(self) -> typing.Any:
        """
        The class of the gradient filters; None for a division and a comparison, which have none.
        """
    def gradient_filter_with_sources(self, sources: collections.abc.Sequence[MPSNNImageNode]) -> MPSNNGradientFilterNode:
        """
        Not available: there are two gradient filters. Raises GraphError.
        """
    @property
    def bias(self) -> float:
        """
        Added to the result of the operation; 0 by default.
        """
    @bias.setter
    def bias(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def maximum_value(self) -> float:
        """
        Larger results become this; the largest float32 by default.
        """
    @maximum_value.setter
    def maximum_value(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def minimum_value(self) -> float:
        """
        Smaller results become this; the smallest float32 by default.
        """
    @minimum_value.setter
    def minimum_value(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def primary_scale(self) -> float:
        """
        Factor of the left source; 1 by default.
        """
    @primary_scale.setter
    def primary_scale(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def primary_stride_in_feature_channels(self) -> int:
        """
        1, or 0: the left source's first channel serves all.
        """
    @primary_stride_in_feature_channels.setter
    def primary_stride_in_feature_channels(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def primary_stride_in_pixels_x(self) -> int:
        """
        1, or 0: the left source's first column serves all.
        """
    @primary_stride_in_pixels_x.setter
    def primary_stride_in_pixels_x(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def primary_stride_in_pixels_y(self) -> int:
        """
        1, or 0: the left source's first row serves all.
        """
    @primary_stride_in_pixels_y.setter
    def primary_stride_in_pixels_y(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def secondary_scale(self) -> float:
        """
        Factor of the right source; 1 by default.
        """
    @secondary_scale.setter
    def secondary_scale(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def secondary_stride_in_feature_channels(self) -> int:
        """
        1, or 0: the right source's first channel serves all.
        """
    @secondary_stride_in_feature_channels.setter
    def secondary_stride_in_feature_channels(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def secondary_stride_in_pixels_x(self) -> int:
        """
        1, or 0: the right source's first column serves all.
        """
    @secondary_stride_in_pixels_x.setter
    def secondary_stride_in_pixels_x(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def secondary_stride_in_pixels_y(self) -> int:
        """
        1, or 0: the right source's first row serves all.
        """
    @secondary_stride_in_pixels_y.setter
    def secondary_stride_in_pixels_y(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
class MPSNNAdditionNode(MPSNNBinaryArithmeticNode):
    """
    The sum of two images.
    
    h x w x c and h x w x c to h x w x c, with limits of the result:
    
        y = min(max(primary_scale * left + secondary_scale * right + bias, minimum_value), maximum_value)
    
    MPSNNBinaryArithmeticNode says how a source is repeated and which sizes fit.
    
    In PyTorch:
    
        y = torch.clamp(primary_scale * left + secondary_scale * right + bias, minimum_value, maximum_value)
    """
    @staticmethod
    def with_sources(sources: collections.abc.Sequence[MPSNNImageNode]) -> MPSNNAdditionNode:
        """
        The same with the sources in a list: [left, right]. Raises InvalidArgumentError for another number of them.
        """
    def __init__(self, left_source: MPSNNImageNode, right_source: MPSNNImageNode) -> None:
        """
        With scales 1, no bias, no repetition and no limits until the properties are set.
        """
class MPSNNSubtractionNode(MPSNNBinaryArithmeticNode):
    """
    The difference of two images.
    
    h x w x c and h x w x c to h x w x c, with limits of the result:
    
        y = min(max(primary_scale * left - secondary_scale * right + bias, minimum_value), maximum_value)
    
    MPSNNBinaryArithmeticNode says how a source is repeated and which sizes fit.
    
    In PyTorch:
    
        y = torch.clamp(primary_scale * left - secondary_scale * right + bias, minimum_value, maximum_value)
    """
    @staticmethod
    def with_sources(sources: collections.abc.Sequence[MPSNNImageNode]) -> MPSNNSubtractionNode:
        """
        The same with the sources in a list: [left, right]. Raises InvalidArgumentError for another number of them.
        """
    def __init__(self, left_source: MPSNNImageNode, right_source: MPSNNImageNode) -> None:
        """
        With scales 1, no bias, no repetition and no limits until the properties are set.
        """
class MPSNNMultiplicationNode(MPSNNBinaryArithmeticNode):
    """
    The product of two images.
    
    h x w x c and h x w x c to h x w x c, with limits of the result:
    
        y = min(max((primary_scale * left) * (secondary_scale * right) + bias, minimum_value), maximum_value)
    
    MPSNNBinaryArithmeticNode says how a source is repeated and which sizes fit.
    
    In PyTorch:
    
        y = torch.clamp((primary_scale * left) * (secondary_scale * right) + bias, minimum_value, maximum_value)
    """
    @staticmethod
    def with_sources(sources: collections.abc.Sequence[MPSNNImageNode]) -> MPSNNMultiplicationNode:
        """
        The same with the sources in a list: [left, right]. Raises InvalidArgumentError for another number of them.
        """
    def __init__(self, left_source: MPSNNImageNode, right_source: MPSNNImageNode) -> None:
        """
        With scales 1, no bias, no repetition and no limits until the properties are set.
        """
class MPSNNDivisionNode(MPSNNBinaryArithmeticNode):
    """
    The quotient of two images.
    
    h x w x c and h x w x c to h x w x c, with limits of the result:
    
        y = min(max((primary_scale * left) / (secondary_scale * right) + bias, minimum_value), maximum_value)
    
    MPSNNBinaryArithmeticNode says how a source is repeated and which sizes fit.
    
    In PyTorch:
    
        y = torch.clamp((primary_scale * left) / (secondary_scale * right) + bias, minimum_value, maximum_value)
    
    Division by zero follows IEEE, then the limits hold. There is no gradient: asking for one raises GraphError.
    """
    @staticmethod
    def with_sources(sources: collections.abc.Sequence[MPSNNImageNode]) -> MPSNNDivisionNode:
        """
        The same with the sources in a list: [left, right]. Raises InvalidArgumentError for another number of them.
        """
    def __init__(self, left_source: MPSNNImageNode, right_source: MPSNNImageNode) -> None:
        """
        With scales 1, no bias, no repetition and no limits until the properties are set.
        """
class MPSNNComparisonNode(MPSNNBinaryArithmeticNode):
    """
    1 where the comparison of two images holds, else 0.
    
    h x w x c and h x w x c to h x w x c:
    
        y = 1 if left op right else 0
    
    Of the base's properties only the strides count: there are no scales, bias or limits. A NaN is different from every number and
    neither less nor greater. There is no gradient: asking for one raises GraphError.
    
    In PyTorch:
    
        Type = MPSNNComparisonType
        op = {Type.Equal: torch.eq, Type.NotEqual: torch.ne, Type.Less: torch.lt, Type.LessOrEqual: torch.le,
              Type.Greater: torch.gt, Type.GreaterOrEqual: torch.ge}[comparison_type]
        y = op(left, right).to(left.dtype)
    """
    @staticmethod
    def with_sources(sources: collections.abc.Sequence[MPSNNImageNode]) -> MPSNNComparisonNode:
        """
        The same with the sources in a list: [left, right]. Raises InvalidArgumentError for another number of them.
        """
    def __init__(self, left_source: MPSNNImageNode, right_source: MPSNNImageNode) -> None:
        """
        With scales 1, no bias, no repetition and no limits until the properties are set.
        """
    @property
    def comparison_type(self) -> MPSNNComparisonType:
        """
        Which comparison, with left on the left side; Equal by default. Making a graph raises InvalidArgumentError for combined members that are none.
        """
    @comparison_type.setter
    def comparison_type(self, arg0: MPSNNComparisonType) -> None:
        ...
class MPSNNArithmeticGradientNode(MPSNNGradientFilterNode):
    """
    Base of the gradient filters of arithmetic.
    
    The incoming gradient g, h x w x c, 0 where the forward filter limited its result, to the operand's h x w x c: the sum, over the
    axes along which that operand was repeated, of
    
        v = primary_scale * g + bias                              addition, subtraction
        v = (primary_scale * g) * (secondary_scale * q) + bias    multiplication, with q the source image
    
    Filters made by the forward filter have its scales (with the sign of a subtraction) and strides; those made by the constructor
    have 1.
    
    Open: whether gradients are multiplied by the forward filter's scales. They are, as in the derivative.
    Open: which image a multiplication wants. The other operand; the size of the result comes with the gradient state.
    
    source_image: for additions and subtractions the operand that the gradient is for (only its size matters), for multiplications
    the other one. gradient_state: the forward filter's.
    """
    @property
    def bias(self) -> float:
        """
        Added to each element before any sum; 0 by default.
        """
    @bias.setter
    def bias(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def is_secondary_source_filter(self) -> bool:
        """
        Whether this is the gradient for the right source.
        """
    @property
    def maximum_value(self) -> float:
        """
        Has no effect: gradients are not clamped.
        """
    @maximum_value.setter
    def maximum_value(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def minimum_value(self) -> float:
        """
        Has no effect: gradients are not clamped.
        """
    @minimum_value.setter
    def minimum_value(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def primary_scale(self) -> float:
        """
        Factor of the incoming gradient; 1 by default.
        """
    @primary_scale.setter
    def primary_scale(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def secondary_scale(self) -> float:
        """
        Factor of the source image; 1 by default. Only a multiplication has it.
        """
    @secondary_scale.setter
    def secondary_scale(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def secondary_stride_in_feature_channels(self) -> int:
        """
        The forward filter's stride for the source image along the channels: 1 or 0.
        """
    @secondary_stride_in_feature_channels.setter
    def secondary_stride_in_feature_channels(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def secondary_stride_in_pixels_x(self) -> int:
        """
        The forward filter's stride for the source image along x: 1 or 0.
        """
    @secondary_stride_in_pixels_x.setter
    def secondary_stride_in_pixels_x(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def secondary_stride_in_pixels_y(self) -> int:
        """
        The forward filter's stride for the source image along y: 1 or 0.
        """
    @secondary_stride_in_pixels_y.setter
    def secondary_stride_in_pixels_y(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
class MPSNNAdditionGradientNode(MPSNNArithmeticGradientNode):
    """
    The gradient of an addition.
    
    The incoming gradient g, h x w x c, to the operand's h x w x c:
    
        d = sum over the axes along which the operand is repeated of primary_scale * g + bias
    
    g counts as 0 where the forward filter limited its result.
    
    In PyTorch:
    
        d, = torch.autograd.grad(y, x, g)
    
    where x is the operand that the gradient is for.
    """
    @staticmethod
    def with_gradient_images(gradient_images: collections.abc.Sequence[MPSNNImageNode], *, forward_filter: MPSNNFilterNode, is_secondary_source_filter: bool) -> MPSNNAdditionGradientNode:
        """
        The gradient filter of `forward_filter`, with its scales and strides, as the forward filter itself makes it.
        
        gradient_images: a list of the incoming gradient and the forward source image. forward_filter: the filter whose gradient it is.
        Raises InvalidArgumentError when there are not two images or forward_filter is not of this operation.
        """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode, is_secondary_source_filter: bool) -> None:
        """
        With scales and strides 1 until the properties are set; `with_gradient_images` takes the forward filter's.
        
        is_secondary_source_filter: whether the result is the gradient for the right source. Raises InvalidArgumentError when
        gradient_state is not that of a filter of this operation.
        """
class MPSNNSubtractionGradientNode(MPSNNArithmeticGradientNode):
    """
    The gradient of a subtraction.
    
    The incoming gradient g, h x w x c, to the operand's h x w x c:
    
        d = sum over the axes along which the operand is repeated of primary_scale * g + bias
    
    g counts as 0 where the forward filter limited its result. Made by the constructor for the right source, the filter wants a negative primary_scale.
    
    In PyTorch:
    
        d, = torch.autograd.grad(y, x, g)
    
    where x is the operand that the gradient is for.
    """
    @staticmethod
    def with_gradient_images(gradient_images: collections.abc.Sequence[MPSNNImageNode], *, forward_filter: MPSNNFilterNode, is_secondary_source_filter: bool) -> MPSNNSubtractionGradientNode:
        """
        The gradient filter of `forward_filter`, with its scales and strides, as the forward filter itself makes it.
        
        gradient_images: a list of the incoming gradient and the forward source image. forward_filter: the filter whose gradient it is.
        Raises InvalidArgumentError when there are not two images or forward_filter is not of this operation.
        """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode, is_secondary_source_filter: bool) -> None:
        """
        With scales and strides 1 until the properties are set; `with_gradient_images` takes the forward filter's.
        
        is_secondary_source_filter: whether the result is the gradient for the right source. Raises InvalidArgumentError when
        gradient_state is not that of a filter of this operation.
        """
class MPSNNMultiplicationGradientNode(MPSNNArithmeticGradientNode):
    """
    The gradient of a multiplication.
    
    The incoming gradient g, h x w x c, to the operand's h x w x c:
    
        d = sum over the axes along which the operand is repeated of (primary_scale * g) * (secondary_scale * q) + bias
    
    q is the other operand, `source_image`; g counts as 0 where the forward filter limited its result.
    
    In PyTorch:
    
        d, = torch.autograd.grad(y, x, g)
    
    where x is the operand that the gradient is for.
    """
    @staticmethod
    def with_gradient_images(gradient_images: collections.abc.Sequence[MPSNNImageNode], *, forward_filter: MPSNNFilterNode, is_secondary_source_filter: bool) -> MPSNNMultiplicationGradientNode:
        """
        The gradient filter of `forward_filter`, with its scales and strides, as the forward filter itself makes it.
        
        gradient_images: a list of the incoming gradient and the forward source image. forward_filter: the filter whose gradient it is.
        Raises InvalidArgumentError when there are not two images or forward_filter is not of this operation.
        """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode, is_secondary_source_filter: bool) -> None:
        """
        With scales and strides 1 until the properties are set; `with_gradient_images` takes the forward filter's.
        
        is_secondary_source_filter: whether the result is the gradient for the right source. Raises InvalidArgumentError when
        gradient_state is not that of a filter of this operation.
        """
class MPSNNConcatenationNode(MPSNNFilterNode):
    """
    Joins images along their channels.
    
    h x w x c0, h x w x c1, ... to h x w x (p0 + p1 + ...), where p is c rounded up to a multiple of 4:
    
        y[..., offset[i] + k] = sources[i][..., k],  offset[i] = p0 + ... + p(i - 1)
    
    The channels that only pad are 0. So sources of 3, 4 and 2 channels make an image of 12, with the sources' first channels at 0, 4
    and 8: weights that read it must be laid out for that. gradient_filters_with_source makes one gradient filter for each source, in
    their order.
    
    In PyTorch:
    
        y = torch.cat([F.pad(x, (0, 0, 0, 0, 0, -x.shape[1] % 4)) for x in sources], 1)
    
    Open: whether the last source is rounded up as well. It is.
    
    sources: a list of one or more image nodes. All images must have one height and width; ShapeError, when the graph runs,
    otherwise.
    """
    def __init__(self, sources: collections.abc.Sequence[MPSNNImageNode]) -> None:
        """
        A filter that reads all of `sources`, in their order.
        """
class MPSNNConcatenationGradientNode(MPSNNGradientFilterNode):
    """
    The gradient of a concatenation with respect to one of its sources.
    
    h x w x (p0 + p1 + ...) to h x w x ci, that source's channels of the incoming gradient g:
    
        d[..., k] = g[..., offset[i] + k]
    
    In PyTorch:
    
        d, = torch.autograd.grad(y, x, g)
    
    where x is the source that the gradient is for.
    
    source_gradient: gradient with respect to the forward result. source_image: the source of the forward filter that the gradient is
    for (the first of them where one image is several sources). gradient_state: of the forward filter. Raises InvalidArgumentError for
    an image that is no source of it, and for the state of another filter.
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode) -> None:
        """
        Finds out which source of the forward filter `source_image` is.
        """
class MPSCNNConvolutionDescriptor:
    """
    The sizes of a convolution, and what follows it in the same
    kernel: inference batch normalisation, then an activation.
    
    The filters are arrays of output_feature_channels x kernel_height x kernel_width x (input_feature_channels / groups). `groups`
    divides both channel counts, or making a graph raises InvalidArgumentError; so do zeros.
    """
    def __init__(self, kernel_width: typing.SupportsInt | typing.SupportsIndex, *, kernel_height: typing.SupportsInt | typing.SupportsIndex, input_feature_channels: typing.SupportsInt | typing.SupportsIndex, output_feature_channels: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        All four are positive, or InvalidArgumentError is raised.
        """
    def set_batch_normalization_parameters_for_inference_with_mean(self, mean: numpy.typing.ArrayLike | None, variance: numpy.typing.ArrayLike | None, gamma: numpy.typing.ArrayLike | None, beta: numpy.typing.ArrayLike | None, epsilon: typing.SupportsFloat | typing.SupportsIndex) -> None:
        """
        Folds a batch normalisation into weights and biases:
        
            y = gamma * (convolution + bias - mean) / sqrt(variance + epsilon) + beta
        
        Arrays of output_feature_channels numbers, copied. None stands for mean 0, variance 1, gamma 1, beta 0; four times None removes the
        normalisation. Raises InvalidArgumentError for other lengths. For inference only.
        """
    def set_neuron_to_prelu_with_parameters_a(self, a: numpy.typing.ArrayLike) -> None:
        """
        Makes the activation PReLU: x where x >= 0, else a[i] * x, i the filter. `a` has output_feature_channels numbers, an array or bytes of packed float32, copied; raises InvalidArgumentError for another length.
        """
    @property
    def dilation_rate_x(self) -> int:
        """
        Horizontal distance between taps in pixels, 1 at first.
        """
    @dilation_rate_x.setter
    def dilation_rate_x(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def dilation_rate_y(self) -> int:
        """
        Vertical distance between taps in pixels, 1 at first.
        """
    @dilation_rate_y.setter
    def dilation_rate_y(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def fused_neuron_descriptor(self) -> MPSNNNeuronDescriptor:
        """
        Activation of the result; type None at first, and when set to None. For inference: a filter that is trained must have its activation in a node of its own.
        """
    @fused_neuron_descriptor.setter
    def fused_neuron_descriptor(self, arg1: MPSNNNeuronDescriptor) -> None:
        ...
    @property
    def groups(self) -> int:
        """
        Groups of channels that do not see one another, 1 at first.
        """
    @groups.setter
    def groups(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def input_feature_channels(self) -> int:
        """
        Channels of the source that are read.
        """
    @input_feature_channels.setter
    def input_feature_channels(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def kernel_height(self) -> int:
        """
        Height of a filter in taps.
        """
    @kernel_height.setter
    def kernel_height(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def kernel_width(self) -> int:
        """
        Width of a filter in taps.
        """
    @kernel_width.setter
    def kernel_width(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def output_feature_channels(self) -> int:
        """
        Number of filters.
        """
    @output_feature_channels.setter
    def output_feature_channels(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def stride_in_pixels_x(self) -> int:
        """
        Horizontal step in source pixels, 1 at first; a transposed convolution enlarges by it.
        """
    @stride_in_pixels_x.setter
    def stride_in_pixels_x(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def stride_in_pixels_y(self) -> int:
        """
        Vertical step in source pixels, 1 at first; a transposed convolution enlarges by it.
        """
    @stride_in_pixels_y.setter
    def stride_in_pixels_y(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
class MPSCNNSubPixelConvolutionDescriptor(MPSCNNConvolutionDescriptor):
    """
    A convolution whose result channels become blocks of pixels. With r =
    sub_pixel_scale_factor and N = output_feature_channels, an H x W x N result is rearranged to rH x rW x N / r^2:
    
        y[i, j, c] = result[i // r, j // r, N / r^2 * (r * (i % r) + j % r) + c]
    
    the order of TensorFlow's depth_to_space. Shi et al., "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel
    Convolutional Neural Network", 2016. There is no gradient.
    """
    def __init__(self, kernel_width: typing.SupportsInt | typing.SupportsIndex, *, kernel_height: typing.SupportsInt | typing.SupportsIndex, input_feature_channels: typing.SupportsInt | typing.SupportsIndex, output_feature_channels: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        All four are positive, or InvalidArgumentError is raised.
        """
    @property
    def sub_pixel_scale_factor(self) -> int:
        """
        r, 1 at first. Its square divides output_feature_channels, or making a graph raises InvalidArgumentError.
        """
    @sub_pixel_scale_factor.setter
    def sub_pixel_scale_factor(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
class MPSCNNDepthWiseConvolutionDescriptor(MPSCNNConvolutionDescriptor):
    """
    A convolution in which every source channel k has filters of its own: result channel k * channel_multiplier + q is filter q of channel k. The weights are an array of output_feature_channels x kernel_height x kernel_width; groups stays 1.
    """
    def __init__(self, kernel_width: typing.SupportsInt | typing.SupportsIndex, *, kernel_height: typing.SupportsInt | typing.SupportsIndex, input_feature_channels: typing.SupportsInt | typing.SupportsIndex, output_feature_channels: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        All four are positive, or InvalidArgumentError is raised.
        """
    @property
    def channel_multiplier(self) -> int:
        """
        output_feature_channels / input_feature_channels.
        """
class MPSCNNConvolutionGradientState(MPSNNGradientState):
    """
    The weight gradients of one batch, and the
    settings of the filter that was run forward. The buffers hold float32 sums over all images of the batch, to be read when the command
    buffer has completed.
    """
    @property
    def convolution(self) -> MPSCNNKernel:
        """
        The MPSCNNConvolution that made the state, or one that shares the parameters of the graph that did; of a device's own convolutions its window, offset and edge mode. None for a transposed convolution that mirrors none.
        """
    @property
    def gradient_for_biases(self) -> Buffer:
        """
        Buffer of a number for each output channel; also when the filter has no biases.
        """
    @property
    def gradient_for_weights(self) -> Buffer:
        """
        Buffer of output channels x kernel height x kernel width x (input channels / groups) numbers; depthwise without the last.
        """
    @property
    def gradient_for_weights_layout(self) -> MPSCNNConvolutionWeightsLayout:
        """
        OHWI, the only one.
        """
    @property
    def source_height(self) -> int:
        """
        Height of the forward filter's source in pixels.
        """
    @property
    def source_width(self) -> int:
        """
        Width of the forward filter's source in pixels.
        """
class MPSCNNConvolutionTransposeGradientState(MPSCNNConvolutionGradientState):
    """
    The weight gradients of a transposed convolution for one batch.
    """
    @property
    def convolution_transpose(self) -> MPSCNNKernel:
        """
        The MPSCNNConvolutionTranspose that made the state; see `convolution`.
        """
class MPSCNNConvolutionWeightsAndBiasesState(MPSState):
    """
    Weights and biases of a convolution, float32, in the order of its data source.
    """
    @staticmethod
    def temporary_cnn_convolution_weights_and_biases_state(command_buffer: MPSCommandBuffer, cnn_convolution_descriptor: MPSCNNConvolutionDescriptor) -> MPSCNNConvolutionWeightsAndBiasesState:
        """
        A state with new buffers that belongs to one command buffer.
        """
    def __init__(self, weights: Buffer | None=None, *, weights_offset: typing.SupportsInt | typing.SupportsIndex=0, biases: Buffer | None=None, biases_offset: typing.SupportsInt | typing.SupportsIndex=0, cnn_convolution_descriptor: MPSCNNConvolutionDescriptor | None=None, device: Device | str | None=None) -> None:
        """
        Holds the buffers, or, given a descriptor alone, new ones of the right size. Offsets are in bytes. Raises InvalidArgumentError where a buffer is too short for the descriptor or an offset is not a multiple of 4.
        """
    @property
    def biases(self) -> Buffer:
        """
        Buffer of the biases, or None.
        """
    @property
    def biases_offset(self) -> int:
        """
        Where the biases begin in their buffer, in bytes.
        """
    @property
    def weights(self) -> Buffer:
        """
        Buffer of the weights.
        """
    @property
    def weights_offset(self) -> int:
        """
        Where the weights begin in their buffer, in bytes.
        """
class MPSCNNConvolutionGradientStateNode(MPSNNGradientStateNode):
    """
    The place of a convolution's gradient state in a graph.
    """
class MPSCNNConvolutionTransposeGradientStateNode(MPSCNNConvolutionGradientStateNode):
    """
    The place of a transposed convolution's gradient state in a graph.
    """
class MPSCNNConvolutionNode(MPSNNFilterNode, MPSNNTrainableNode):
    """
    Convolution: weighted sums of the pixels in a window.
    
    H x W x I to H' x W' x O; filters are not flipped (cross-correlation):
    
        y[i, j, o] = f(b[o] + sum over ky, kx, c of w[o, ky, kx, c] * x[t + sy * i + dy * ky, l + sx * j + dx * kx, c])
    
    s is the stride, d the dilation rate; (t, l), usually negative, is where the padding policy puts the first window; pixels outside are
    0. With groups the sum goes over the channels of o's group. f is the descriptor's activation. Sums are float32.
    
    In PyTorch:
    
        stride, dilation = (stride_in_pixels_y, stride_in_pixels_x), (dilation_rate_y, dilation_rate_x)
        groups = input_feature_channels // weights.shape[1]
        y = f(F.conv2d(F.pad(x, padding), weights, biases, stride, 0, dilation, groups))
    
    Open: groups of channels that are no multiples of 4. Any number of groups that divides both channel counts works.
    Open: a channel_multiplier above 1 in a depthwise descriptor. It works, forward and backward.
    Open: the default policy. It is SizeSame, with the odd pixel at the top and left.
    Open: activations, batch normalisation and sub-pixels in the descriptor of a filter that is trained. Making a graph with the
    gradient raises GraphError.
    
    weights: where weights, biases and descriptor come from; O x kH x kW x I numbers.
    """
    def __init__(self, source: MPSNNImageNode, *, weights: MPSCNNConvolutionDataSource) -> None:
        """
        `weights` is read when a graph is made from the node; its descriptor gives the sizes. Making the graph raises InvalidArgumentError where they do not fit, encoding raises ShapeError where the source has too few feature channels.
        """
    @property
    def accumulator_precision(self) -> MPSNNConvolutionAccumulatorPrecisionOption:
        """
        Precision of the sums: Float, the default, or Half, which allows less but is computed as Float here. Weights of kernel type Float32 need Float.
        """
    @accumulator_precision.setter
    def accumulator_precision(self, arg0: MPSNNConvolutionAccumulatorPrecisionOption) -> None:
        ...
    @property
    def convolution_gradient_state(self) -> MPSCNNConvolutionGradientStateNode | None:
        """
        The state for the gradient filter; the same as `result_state`. None for binary filters, which have no gradient.
        """
class MPSCNNFullyConnectedNode(MPSCNNConvolutionNode):
    """
    Fully connected layer: weighted sums of the whole image.
    
    H x W x C to 1 x 1 x O:
    
        y[o] = f(b[o] + sum over i, j, c of w[o, i, j, c] * x[i, j, c])
    
    In PyTorch:
    
        y = f(F.linear(x.flatten(1), weights.flatten(1), biases)[:, :, None, None])
    
    kernel_height x kernel_width of the descriptor is the size of the source, else encoding raises ShapeError; strides, dilation rates and
    groups are 1.
    """
    def __init__(self, source: MPSNNImageNode, *, weights: MPSCNNConvolutionDataSource) -> None:
        """
        `weights` is read when a graph is made from the node; its descriptor gives the sizes. Making the graph raises InvalidArgumentError where they do not fit, encoding raises ShapeError where the source has too few feature channels.
        """
class MPSCNNConvolutionTransposeNode(MPSCNNConvolutionNode):
    """
    Transposed convolution: a convolution that enlarges.
    
    H x W x I to H' x W' x O: the source is enlarged by stride - 1 zeros between its pixels, then filters slide over it in steps of 1,
    
        y[i, j, o] = f(b[o] + sum over ky, kx, c of w[o, ky, kx, c] * z[t + i + dy * ky, l + j + dx * kx, c]),  z[sy * i, sx * j] = x[i, j]
    
    Under the default policy the result is (H - 1) * sy + 1 high. Filters are not turned: those of frameworks that scatter (PyTorch,
    TensorFlow) must be rotated by 180 degrees. Weights are float32.
    
    In PyTorch:
    
        stride, dilation = (stride_in_pixels_y, stride_in_pixels_x), (dilation_rate_y, dilation_rate_x)
        groups = input_feature_channels // weights.shape[1]
        turned = weights.unflatten(0, (groups, -1)).transpose(1, 2).flatten(0, 1).flip(2, 3)
        full = F.conv_transpose2d(x, turned, None, stride, groups=groups, dilation=dilation)
        wide, high = dilation_rate_x * (kernel_width - 1), dilation_rate_y * (kernel_height - 1)
        left, right, top, bottom = padding
        y = f(F.pad(full, (left - wide, right - wide, top - high, bottom - high)) + biases.view(-1, 1, 1))
    
    where padding is what the policy puts around the enlarged source.
    
    Open: dilation. Taps lie dilation rates apart in the enlarged source, as in the transpose of a dilated convolution.
    Open: activations and batch normalisation in the descriptor. They work as in a convolution.
    Open: how a convolution's gradient state places the windows. The transpose is the mirror of that convolution.
    
    weights: where weights, biases and descriptor come from; O x kH x kW x I numbers. convolution_gradient_state: result state of the
    convolution whose source's size the result gets; None leaves the size to the policy.
    """
    def __init__(self, source: MPSNNImageNode, *, convolution_gradient_state: MPSCNNConvolutionGradientStateNode | None=None, weights: MPSCNNConvolutionDataSource) -> None:
        """
        With `convolution_gradient_state` the result has the size of that convolution's source, and mirrors its windows.
        """
class MPSCNNConvolutionGradientNode(MPSNNGradientFilterNode, MPSNNTrainableNode):
    """
    The gradient of a convolution.
    
    H' x W' x O to H x W x I:
    
        d[v, u, c] = sum over o and the taps (i, j, ky, kx) that read pixel (v, u) of w[o, ky, kx, c] * g[i, j, o]
    
    The state gets the gradients of weights and biases, summed over the batch; with training_style UpdateDeviceNone they are not computed,
    and 0 in a state that is exported. `training_style` is the forward filter's at first.
    
    In PyTorch:
    
        d, gradient_for_weights, gradient_for_biases = torch.autograd.grad(y, (x, weights, biases), g)
    
    Open: edge mode Clamp. The gradient of pixels outside the image is dropped; that of the weights reads them.
    Open: whether weight gradients are computed with training_style UpdateDeviceNone. They are not: an exported state has zeros.
    Open: biases when the data source has none. Their gradient is computed all the same.
    
    convolution_gradient_state: the forward filter's result state. weights: the data source to update; None stands for the forward
    filter's.
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, convolution_gradient_state: MPSCNNConvolutionGradientStateNode, weights: MPSCNNConvolutionDataSource | None=None) -> None:
        """
        `weights` None stands for the forward filter's. Making a graph raises GraphError where the descriptor has a fused activation, batch normalisation or sub-pixels.
        """
class MPSCNNFullyConnectedGradientNode(MPSCNNConvolutionGradientNode):
    """
    The gradient of a fully connected layer.
    
    1 x 1 x O to H x W x C, and the gradients of weights and biases as in MPSCNNConvolutionGradientNode:
    
        d[i, j, c] = sum over o of w[o, i, j, c] * g[o]
    
    In PyTorch:
    
        d, gradient_for_weights, gradient_for_biases = torch.autograd.grad(y, (x, weights, biases), g)
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, convolution_gradient_state: MPSCNNConvolutionGradientStateNode, weights: MPSCNNConvolutionDataSource | None=None) -> None:
        """
        `weights` None stands for the forward filter's. Making a graph raises GraphError where the descriptor has a fused activation, batch normalisation or sub-pixels.
        """
class MPSCNNConvolutionTransposeGradientNode(MPSCNNConvolutionGradientNode):
    """
    The gradient of a transposed convolution.
    
    H' x W' x O to H x W x I, and the gradients of weights and biases as in MPSCNNConvolutionGradientNode:
    
        d[v, u, c] = sum over o and the taps (i, j, ky, kx) that read pixel (v, u) of w[o, ky, kx, c] * g[i, j, o]
    
    In PyTorch:
    
        d, gradient_for_weights, gradient_for_biases = torch.autograd.grad(y, (x, weights, biases), g)
    
    convolution_transpose_gradient_state: the forward filter's result state.
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, convolution_transpose_gradient_state: MPSCNNConvolutionTransposeGradientStateNode, weights: MPSCNNConvolutionDataSource | None=None) -> None:
        """
        `weights` None stands for the forward filter's. Making a graph raises GraphError where the descriptor has a fused activation, batch normalisation or sub-pixels.
        """
class MPSCNNBinaryConvolutionNode(MPSCNNConvolutionNode):
    """
    Convolution with weights of one bit.
    
    H x W x I to H' x W' x O:
    
        p = (x + input_bias[c]) * input_scale[c]
        y[i, j, o] = f(output_scale[o] * beta[i, j] * sum over ky, kx, c of term + output_bias[o])
    
    The term of type BinaryWeights is p for a weight bit of 1 and -p for 0; that of XNOR is 1 where the bit p >= 0 is the weight bit and -1
    where not; that of AND is 1 where both bits are 1, else 0. The bit of NaN is 1. f is the descriptor's activation. Windows, strides and
    dilation rates are those of MPSCNNConvolutionNode. A custom policy that sets edge_mode to Clamp gives pixels outside the p of the
    nearest pixel. With the flag UseBetaScaling beta is the mean over the window's kernel_height * kernel_width pixels of the mean over
    channels of |p|, pixels outside counting as 0; else it is 1 (Rastegari et al., "XNOR-Net", 2016).
    
    In PyTorch:
    
        Type, stride = MPSCNNBinaryConvolutionType, (stride_in_pixels_y, stride_in_pixels_x)
        dilation = (dilation_rate_y, dilation_rate_x)
        p = F.pad((x + input_bias_terms.view(-1, 1, 1)) * input_scale_terms.view(-1, 1, 1), padding)
        low = -1 if type == Type.XNOR else 0
        terms = p if type == Type.BinaryWeights else torch.where(p < 0, low, 1).to(p.dtype)
        factors = bits if type == Type.AND else 2 * bits - 1
        y = F.conv2d(terms, factors, None, stride, 0, dilation)
        if flags & MPSCNNBinaryConvolutionFlags.UseBetaScaling:
            window = torch.full_like(bits[:1, :1], 1 / (kernel_height * kernel_width))
            y = y * F.conv2d(p.abs().mean(1, keepdim=True), window, None, stride, 0, dilation)
        y = f(y * output_scale_terms.view(-1, 1, 1) + output_bias_terms.view(-1, 1, 1))
    
    where bits is O x I x kH x kW of 0 and 1. There is no gradient: asking for one raises GraphError.
    
    Open: pixels outside the image. They have p = 0, add nothing under BinaryWeights, and have bit 1 otherwise: avoid padding.
    Open: the data source's biases beside output_bias_terms. They are not used.
    Open: the lifetime of the terms. They are copied.
    Open: the default policy. It is SizeSame, with the odd pixel at the top and left.
    
    output_bias_terms: a number for each output channel; None is 0. output_scale_terms: a number for each output channel; None is 1.
    input_bias_terms: a number for each source channel; None is 0. input_scale_terms: a number for each source channel; None is 1.
    scale_value: scale of all output channels. type: which product. flags: UseBetaScaling or None_. weights: gives
    O x kH x kW x ceil(I/32) words of 32 bits, channel c in bit c % 32 of word c / 32 (ConvolutionWeights with uint32 arrays); its
    data_type is not asked. groups is 1, and there is no inference batch normalisation. Raises InvalidArgumentError, when a graph is made,
    where words or terms do not fit the descriptor; ShapeError, when it is encoded, where the source has too few feature channels.
    """
    @staticmethod
    def with_scale_value(source: MPSNNImageNode, weights: MPSCNNConvolutionDataSource, scale_value: typing.SupportsFloat | typing.SupportsIndex, type: MPSCNNBinaryConvolutionType, flags: MPSCNNBinaryConvolutionFlags) -> MPSCNNBinaryConvolutionNode:
        """
        Output scale scale_value for all channels, output bias from the data source, input bias 0 and scale 1.
        """
    def __init__(self, source: MPSNNImageNode, *, weights: MPSCNNConvolutionDataSource, output_bias_terms: numpy.typing.ArrayLike | None=None, output_scale_terms: numpy.typing.ArrayLike | None=None, input_bias_terms: numpy.typing.ArrayLike | None=None, input_scale_terms: numpy.typing.ArrayLike | None=None, type: MPSCNNBinaryConvolutionType, flags: MPSCNNBinaryConvolutionFlags) -> None:
        """
        Output terms have a number for each output channel, input terms for each input channel; they are copied. None stands for bias 0 and scale 1. The data source's biases are not used.
        """
class MPSCNNBinaryFullyConnectedNode(MPSCNNBinaryConvolutionNode):
    """
    Fully connected layer with weights of one bit.
    
    H x W x I to 1 x 1 x O: MPSCNNBinaryConvolutionNode with a window of the source's size, so that
    
        y[o] = f(output_scale[o] * beta * sum over ky, kx, c of term + output_bias[o])
    
    In PyTorch:
    
        Type = MPSCNNBinaryConvolutionType
        p = (x + input_bias_terms.view(-1, 1, 1)) * input_scale_terms.view(-1, 1, 1)
        low = -1 if type == Type.XNOR else 0
        terms = p if type == Type.BinaryWeights else torch.where(p < 0, low, 1).to(p.dtype)
        y = F.linear(terms.flatten(1), (bits if type == Type.AND else 2 * bits - 1).flatten(1))
        if flags & MPSCNNBinaryConvolutionFlags.UseBetaScaling:
            y = y * p.abs().mean((1, 2, 3)).view(-1, 1)
        y = f((y * output_scale_terms + output_bias_terms)[:, :, None, None])
    
    where bits is O x I x kH x kW of 0 and 1.
    
    kernel_height x kernel_width of the descriptor is the size of the source, else encoding raises ShapeError; strides, dilation rates and
    groups are 1.
    """
    @staticmethod
    def with_scale_value(source: MPSNNImageNode, weights: MPSCNNConvolutionDataSource, scale_value: typing.SupportsFloat | typing.SupportsIndex, type: MPSCNNBinaryConvolutionType, flags: MPSCNNBinaryConvolutionFlags) -> MPSCNNBinaryFullyConnectedNode:
        """
        Output scale scale_value for all channels, output bias from the data source, input bias 0 and scale 1.
        """
    def __init__(self, source: MPSNNImageNode, *, weights: MPSCNNConvolutionDataSource, output_bias_terms: numpy.typing.ArrayLike | None=None, output_scale_terms: numpy.typing.ArrayLike | None=None, input_bias_terms: numpy.typing.ArrayLike | None=None, input_scale_terms: numpy.typing.ArrayLike | None=None, type: MPSCNNBinaryConvolutionType, flags: MPSCNNBinaryConvolutionFlags) -> None:
        """
        Output terms have a number for each output channel, input terms for each input channel; they are copied. None stands for bias 0 and scale 1. The data source's biases are not used.
        """
class MPSCNNDropoutGradientState(MPSNNGradientState):
    """
    What dropout leaves for its gradient: the mask of one image.
    """
    def mask_data(self) -> bytes:
        """
        A copy of the mask: a byte for each mask element, 0 or 1, in the order y, x, channel.
        
        Raises Error while the command buffer that draws the mask has not completed.
        """
class MPSCNNDropoutNode(MPSNNFilterNode):
    """
    Sets elements to 0 at random and divides the others by the chance to be kept.
    
    h x w x c to h x w x c:
    
        y = x / keep_probability where the mask is 1, else 0
    
    also for x infinite or NaN. The mask has the image's extent along axes with stride 1 in mask_stride_in_pixels (width, height,
    depth: along x, y, channels), and extent 1 along axes with stride 0. Every image of a batch and every encode of a graph draws a
    mask of its own; the same seed, size, place in the batch and number of encodes before give the same mask on every device of the
    portable engine.
    
    In PyTorch:
    
        y = x * mask / keep_probability
    
    where mask is the one drawn. F.dropout(x, 1 - keep_probability) does the same with other random numbers; mask_stride_in_pixels
    (0, 0, 1) is F.dropout2d.
    
    Open: the random numbers. They are those of the generator Philox4x32-10.
    Open: the defaults. They are 0.5, 0 and (1, 1, 1).
    Open: whether the filter is idle without a gradient. It is not: leave it out of graphs that are not for training.
    
    keep_probability: chance of an element to be kept; between 0 and 1, both excluded. seed: seed of the random masks, any unsigned
    number. mask_stride_in_pixels: strides of the mask along x, y and channels, each 0 or 1. Raises InvalidArgumentError for other values.
    """
    def __init__(self, source: MPSNNImageNode, *, keep_probability: typing.SupportsFloat | typing.SupportsIndex=0.5, seed: typing.SupportsInt | typing.SupportsIndex=0, mask_stride_in_pixels: MTLSize | tuple[int, int, int]=...) -> None:
        """
        A filter that reads `source`. Raises InvalidArgumentError for values out of range.
        """
    @property
    def keep_probability(self) -> float:
        """
        Chance of an element to be kept; between 0 and 1, both excluded.
        """
    @property
    def mask_stride_in_pixels(self) -> MTLSize:
        """
        Whether the mask changes along x, y and channels: 1, or 0 for one element along the whole axis.
        """
    @property
    def seed(self) -> int:
        """
        Seed of the random masks.
        """
class MPSCNNDropoutGradientNode(MPSNNGradientFilterNode):
    """
    The gradient of dropout.
    
    h x w x c to h x w x c:
    
        d = g / keep_probability where the forward mask is 1, else 0
    
    In PyTorch:
    
        d, = torch.autograd.grad(y, x, g)
    
    keep_probability, mask_stride_in_pixels: the forward filter's. seed: has no influence. source_gradient: g, gradient with respect to the forward result. source_image: the forward source (only its size matters).
    gradient_state: of the forward filter; the mask is in it, none is drawn. Raises InvalidArgumentError for another
    mask_stride_in_pixels than the forward filter's, for values that MPSCNNDropoutNode refuses, and for the state of another filter.
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode, keep_probability: typing.SupportsFloat | typing.SupportsIndex, seed: typing.SupportsInt | typing.SupportsIndex, mask_stride_in_pixels: MTLSize | tuple[int, int, int]) -> None:
        """
        The values are the forward filter's; `seed` has no influence.
        """
    @property
    def keep_probability(self) -> float:
        """
        Chance of an element to be kept; between 0 and 1, both excluded.
        """
    @property
    def mask_stride_in_pixels(self) -> MTLSize:
        """
        Whether the mask changes along x, y and channels: 1, or 0 for one element along the whole axis.
        """
    @property
    def seed(self) -> int:
        """
        Seed of the random masks.
        """
class MPSNNGramMatrixCallback:
    """
    Gives a Gram matrix its factor anew with every encode; derive from it and define its method.
    """
    def __init__(self) -> None:
        ...
    def alpha_for_source_image(self, source_image: MPSImage, destination_image: MPSImage) -> float:
        """
        Returns the factor of this encode. Called once for each encode while it is recorded, on the thread that encodes, with the first image of the batch; what the graph makes has no contents yet. What it raises, the encode raises. Required.
        """
class MPSNNGramMatrixCalculationNode(MPSNNFilterNode):
    """
    The Gram matrix of the channels of an image.
    
    h x w x c to 1 x c x c, for each image of a batch:
    
        y[0, i, j] = alpha * sum over all pixels of x[i] * x[j]
    
    In PyTorch:
    
        y = alpha * torch.einsum("nchw,ndhw->ncd", x, x)[:, :, None]
    
    alpha: the factor.
    """
    def __init__(self, source: MPSNNImageNode, *, alpha: typing.SupportsFloat | typing.SupportsIndex=1.0) -> None:
        """
        A filter that reads `source`.
        """
    @property
    def alpha(self) -> float:
        """
        Factor of the matrix; 1 by default. Without influence where there is a property_call_back.
        """
    @property
    def property_call_back(self) -> MPSNNGramMatrixCallback | None:
        """
        Asked for the factor in every encode of a graph, in place of `alpha`; None, nobody is asked, by default.
        
        Its answer is the factor of the gradient filters, too. Copies of a graph share it; a graph that has one cannot be saved.
        """
    @property_call_back.setter
    def property_call_back(self, arg1: MPSNNGramMatrixCallback | None) -> None:
        ...
class MPSNNGramMatrixCalculationGradientNode(MPSNNGradientFilterNode):
    """
    The gradient of a Gram matrix.
    
    The incoming gradient g, 1 x c x c, to h x w x c, for each pixel:
    
        d[k] = alpha * sum over all channels j of (g[0, k, j] + g[0, j, k]) * x[j]
    
    In PyTorch:
    
        d, = torch.autograd.grad(y, x, g)
    
    source_gradient: g, 1 x c x c. source_image: x, the forward source, h x w x c, like the result. gradient_state: of the forward
    filter. alpha: the factor. Filters made by the forward filter have its alpha.
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode, alpha: typing.SupportsFloat | typing.SupportsIndex=1.0) -> None:
        """
        What the forward filter makes itself when asked for its gradient.
        """
    @property
    def alpha(self) -> float:
        """
        Factor; that of the forward filter, if it made this one, else 1 by default. Without influence where the forward filter has a property_call_back.
        """
class MPSNNInitialGradientNode(MPSNNFilterNode):
    """
    Ones: the gradient with which a training graph begins.
    
    h x w x c to h x w x c, the gradient of the sum of the source's elements:
    
        y = 1
    
    In PyTorch:
    
        y = torch.ones_like(x)
    
    Put it behind the number to be made
    small (losses, combined by arithmetic) and call `training_graph_with_source_gradient` on it without a gradient. The filter has no
    gradient of its own.
    """
    def __init__(self, source: MPSNNImageNode) -> None:
        """
        A filter with the size of `source`.
        """
class MPSCNNLossDescriptor:
    """
    A loss: which function of predictions y and labels t, and how its elements become one number.
    
    With w the element's weight (`weight` times the weights image, where there is one) an element of the loss is w * l and of the
    gradient w * dl/dy. Formulae of l and dl/dy, natural logarithms, p = softmax of y over the channels of a pixel:
    
    MeanAbsoluteError: abs(y - t); sign(y - t), 0 at 0.
    MeanSquaredError: (y - t)^2; 2 (y - t).
    SoftMaxCrossEntropy: -t log p, y raw scores; p - t.
    SigmoidCrossEntropy: max(y, 0) - y t + log(1 + e^-abs(y)); sigmoid(y) - t.
    CategoricalCrossEntropy: -t log y, y probabilities; -t / y. Both 0 where t = 0.
    Hinge: max(1 - h y, 0) with h = 2 t - 1, t 0 or 1; -h where the loss is positive.
    Huber: e^2 / 2 for abs(e) <= delta with e = y - t, else delta^2 / 2 + delta (abs(e) - delta); e within -delta and delta.
    CosineDistance: weight * (1 - sum of y t) for the image, reduction_type Sum only; -t.
    Log: -t log(y + q) - (1 - t) log(1 - y + q), q = epsilon; (-2 q t - t + y + q) / (y (1 - y) + q (q + 1)).
    KullbackLeiblerDivergence: t (log t - y), y log-probabilities, 0 where t = 0; -t.
    
    Label smoothing s: the softmax cross entropy takes t (1 - s) + s / number_of_classes for t, the sigmoid one t (1 - s) + s / 2.
    Reductions of an image's elements: None (all of them), Sum, Mean (over H * W * C; softmax cross entropy: over H * W),
    SumByNonZeroWeights (sum over the number of elements with a weight other than 0; softmax cross entropy: of such pixels).
    """
    __hash__: typing.ClassVar[None]  # type: ignore[assignment]
    def __copy__(self) -> MPSCNNLossDescriptor:
        ...
    def __eq__(self, arg0: object) -> bool:
        ...
    def __init__(self, type: MPSCNNLossType, *, reduction_type: MPSCNNReductionType) -> None:
        """
        The loss `type`; everything else has its default.
        """
    @property
    def delta(self) -> float:
        """
        Where Huber turns from a parabola into a line; 1 by default.
        """
    @delta.setter
    def delta(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def epsilon(self) -> float:
        """
        Keeps the logarithms of Log finite; 1e-7 by default.
        """
    @epsilon.setter
    def epsilon(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def label_smoothing(self) -> float:
        """
        How much of the labels is spread; 0 by default. Cross entropies only.
        """
    @label_smoothing.setter
    def label_smoothing(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def loss_type(self) -> MPSCNNLossType:
        """
        Which function.
        """
    @loss_type.setter
    def loss_type(self, arg0: MPSCNNLossType) -> None:
        ...
    @property
    def number_of_classes(self) -> int:
        """
        For the smoothing of the softmax cross entropy; 1 by default.
        """
    @number_of_classes.setter
    def number_of_classes(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def reduce_across_batch(self) -> bool:
        """
        Whether the first loss image gets the loss of the whole batch and the others 0; False by default. Mean then also divides by the number of images. No effect with reduction None.
        """
    @reduce_across_batch.setter
    def reduce_across_batch(self, arg0: bool) -> None:
        ...
    @property
    def reduction_type(self) -> MPSCNNReductionType:
        """
        How the elements of an image become its loss.
        """
    @reduction_type.setter
    def reduction_type(self, arg0: MPSCNNReductionType) -> None:
        ...
    @property
    def weight(self) -> float:
        """
        Factor of every element of loss and gradient; 1 by default.
        """
    @weight.setter
    def weight(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
class MPSCNNLossDataDescriptor:
    """
    Labels or weights of one image, float32.
    
    data: an array in the layout's order, or bytes of packed float32; copied. layout: H x W x C or C x H x W. size: MTLSize(width,
    height, depth), where depth is the number of feature channels. Raises InvalidArgumentError when data is shorter than that.
    """
    def __init__(self, data: numpy.typing.ArrayLike, *, layout: MPSDataLayout, size: MTLSize | tuple[int, int, int]) -> None:
        """
        A copy of dense data.
        """
    @property
    def bytes_per_image(self) -> int:
        """
        C x H x W: bytes from the plane of a channel to the next; dense by default. H x W x C: not used.
        """
    @bytes_per_image.setter
    def bytes_per_image(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def bytes_per_row(self) -> int:
        """
        Bytes from a row to the next; dense by default.
        """
    @bytes_per_row.setter
    def bytes_per_row(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def layout(self) -> MPSDataLayout:
        """
        The order of the values.
        """
    @property
    def size(self) -> MTLSize:
        """
        Width, height and, as depth, feature channels.
        """
class MPSCNNLossLabels(MPSState):
    """
    What a loss compares one image with, and where it writes the loss: a source state of the graph.
    
    loss_image_size: MTLSize(1, 1, 1), the default, or for reduction None the source's (width, height, feature channels).
    labels_descriptor, weights_descriptor: the data, copied; weights are optional and of the labels' size. Labels have the source's
    height and width and at least its channels; further channels are ignored. A batch takes one of these for each image; see `batch`.
    Raises ShapeError when weights and labels differ; an encode raises it where the sizes do not fit the source.
    """
    @staticmethod
    def batch(labels: numpy.typing.ArrayLike, weights: numpy.typing.ArrayLike | None=None, *, loss_image_size: MTLSize | tuple[int, int, int] | None=None, device: Device | str | None=None) -> list[MPSCNNLossLabels]:
        """
        Labels for a batch: one for each image, in one piece of memory, which is the fastest form.
        
        labels: an N x H x W x C array of numbers, copied as float32. weights: None or an array of the same shape. loss_image_size:
        MTLSize(1, 1, 1) when None. Raises ShapeError for arrays of another form.
        """
    @staticmethod
    def with_labels_image(loss_image_size: MTLSize | tuple[int, int, int], labels_image: MPSImage, weights_image: MPSImage | None=None, *, device: Device | str | None=None) -> MPSCNNLossLabels:
        """
        The same with images of the caller's, which are kept, not copied: they must hold the data when the graph runs.
        """
    def __init__(self, loss_image_size: MTLSize | tuple[int, int, int]=..., *, labels_descriptor: MPSCNNLossDataDescriptor, weights_descriptor: MPSCNNLossDataDescriptor | None=None, device: Device | str | None=None) -> None:
        """
        Labels, and weights if any, copied into images of their own.
        """
    def labels_image(self) -> MPSImage:
        """
        The labels.
        """
    def loss_image(self) -> MPSImage:
        """
        The loss, float32. Read it when the command buffer that ran the graph has completed.
        """
    def weights_image(self) -> MPSImage:
        """
        The weights, None without.
        """
class MPSNNLabelsNode(MPSNNStateNode):
    """
    The place of a loss filter's labels in a graph: its value, a list of MPSCNNLossLabels, is passed as a source state.
    """
class MPSCNNLossNode(MPSNNFilterNode):
    """
    A loss and, as result image, its gradient with respect to the source.
    
    H x W x C to H x W x C, with the loss l and the weight w of an element, as in MPSCNNLossDescriptor:
    
        y = w * dl/dx
    
    The labels come in through `input_labels`: when encoding, source_states holds a list with one MPSCNNLossLabels for each image. The
    loss is written into their loss images. The backward part of a network starts here: training_graph_with_source_gradient() of this
    filter.
    
    In PyTorch:
    
        def losses(descriptor, x, t):
            Type, s = MPSCNNLossType, descriptor.label_smoothing
            spread = t * (1 - s) + s / (descriptor.number_of_classes if descriptor.loss_type == Type.SoftMaxCrossEntropy else 2)
            return descriptor.weight * {
                Type.MeanAbsoluteError: lambda: F.l1_loss(x, t, reduction="none"),
                Type.MeanSquaredError: lambda: F.mse_loss(x, t, reduction="none"),
                # Has the gradient of -spread * F.log_softmax(x, 1), also for weights that differ between the channels.
                Type.SoftMaxCrossEntropy: lambda: (F.softmax(x, 1).detach() - spread) * x,
                Type.SigmoidCrossEntropy: lambda: F.binary_cross_entropy_with_logits(x, spread, reduction="none"),
                Type.CategoricalCrossEntropy: lambda: -t * torch.log(x),
                Type.Hinge: lambda: F.relu(1 - (2 * t - 1) * x),
                Type.Huber: lambda: F.huber_loss(x, t, reduction="none", delta=descriptor.delta),
                Type.CosineDistance: lambda: -x * t,
                Type.Log: lambda: -t * torch.log(x + descriptor.epsilon) - (1 - t) * torch.log(1 - x + descriptor.epsilon),
                Type.KullbackLeiblerDivergence: lambda: F.kl_div(x, t, reduction="none"),
            }[descriptor.loss_type]()
    
        y, = torch.autograd.grad((weights * losses(loss_descriptor, x, labels)).sum(), x)
    
    where labels, and weights or 1, have the size of x.
    
    Open: whether the reduction divides the result as well. It does not: pass the weight 1 / batch size to train with the mean.
    Open: the weight of the descriptor beside a weights image. Both are multiplied.
    Open: Hinge, Huber and Kullback-Leibler, whose documented formulae are misprinted. MPSCNNLossDescriptor has those that are used.
    Open: MeanAbsoluteError where x = t, CategoricalCrossEntropy and KullbackLeiblerDivergence where t = 0. They give 0.
    Open: the format of the loss image. It is Float32.
    
    loss_descriptor: the loss; copied. Raises InvalidArgumentError for a cosine distance whose reduction is not Sum.
    """
    def __init__(self, source: MPSNNImageNode, *, loss_descriptor: MPSCNNLossDescriptor) -> None:
        """
        The loss of the predictions `source`.
        """
    @property
    def input_labels(self) -> MPSNNLabelsNode:
        """
        The place of the labels in the graph.
        """
class MPSNNLossCallback:
    """
    Gives a loss its weight anew with every encode; derive from it and define its method.
    """
    def __init__(self) -> None:
        ...
    def scalar_weight_for_source_image(self, source_image: MPSImage, destination_image: MPSImage) -> float:
        """
        Returns the weight of this encode. Called once for each encode while it is recorded, on the thread that encodes, with the first image of the batch; what the graph makes has no contents yet. What it raises, the encode raises. Required.
        """
class MPSNNForwardLossNode(MPSNNFilterNode):
    """
    A loss as an image, to be combined with other losses.
    
    h x w x c to 1 x 1 x 1 for each image of a batch, with reduction None to h x w x c, with the loss l and the weight w of an
    element and the reductions of MPSCNNLossDescriptor:
    
        y = reduction of w * l
    
    With reduce_across_batch the first image of a batch gets the loss of all, the others 0. To train, combine losses by arithmetic,
    put MPSNNInitialGradientNode behind them and call its training_graph_with_source_gradient. `gradient_filter_with_source` makes
    the filter for the predictions, `gradient_filters_with_source` those for the predictions and for the labels: so labels are ends
    of a training graph as well, unless their image has stop_gradient.
    
    In PyTorch:
    
        labels, *given = (image[:, :x.shape[1]] for image in sources[1:])
        weights = given[0] if given else torch.ones_like(x)
        is_softmax = loss_type == MPSCNNLossType.SoftMaxCrossEntropy
        if is_softmax:
            spread = labels * (1 - label_smoothing) + label_smoothing / number_of_classes
            y = weights * -weight * spread * F.log_softmax(x, 1)
        else:
            y = weights * losses(loss_descriptor, x, labels)
        if reduction_type != MPSCNNReductionType.None_:
            y = y.sum((1, 2, 3), keepdim=True) + (weight if loss_type == MPSCNNLossType.CosineDistance else 0)
            counted = torch.ones_like(weights) if reduction_type == MPSCNNReductionType.Mean else weight * weights != 0
            counted = (counted.any(1, keepdim=True) if is_softmax else counted).sum((1, 2, 3), keepdim=True)
            if reduce_across_batch:
                y = torch.cat([y.sum(0, keepdim=True), torch.zeros_like(y[1:])])
                counted = counted.sum()
            y = y if reduction_type == MPSCNNReductionType.Sum else y / counted
    
    where sources are those of `with_sources`, and losses is the function of MPSCNNLossNode.
    
    Open: the weight of the descriptor beside a weights image. Both are multiplied.
    Open: what SumByNonZeroWeights counts. The elements of the predictions, of the softmax cross entropy the pixels.
    Open: Mean of the softmax cross entropy across a batch. It is divided by H * W and the number of images.
    
    source: predictions. labels: h x w x c or more channels; further channels have no influence. weights: factors of the elements,
    an image of the labels' size, or None. loss_descriptor: the loss; copied. Raises InvalidArgumentError for a cosine distance
    whose reduction is not Sum, ShapeError, when a graph runs, for images that do not fit.
    """
    @staticmethod
    def with_sources(sources: collections.abc.Sequence[MPSNNImageNode], *, loss_descriptor: MPSCNNLossDescriptor) -> MPSNNForwardLossNode:
        """
        The same with a list. sources: [predictions, labels] or [predictions, labels, weights]. Raises InvalidArgumentError for another number of them.
        """
    def __init__(self, source: MPSNNImageNode, labels: MPSNNImageNode, weights: MPSNNImageNode | None=None, *, loss_descriptor: MPSCNNLossDescriptor) -> None:
        """
        The loss of the predictions `source`.
        """
    @property
    def delta(self) -> float:
        """
        Where Huber turns from a parabola into a line.
        """
    @property
    def epsilon(self) -> float:
        """
        Keeps the logarithms of Log finite.
        """
    @property
    def label_smoothing(self) -> float:
        """
        How much of the labels is spread. Cross entropies only.
        """
    @property
    def loss_type(self) -> MPSCNNLossType:
        """
        Which function; see MPSCNNLossDescriptor.
        """
    @property
    def number_of_classes(self) -> int:
        """
        For the smoothing of the softmax cross entropy.
        """
    @property
    def property_call_back(self) -> MPSNNLossCallback | None:
        """
        Asked for the weight in every encode of a graph, in place of `weight`; None, nobody is asked, by default.
        
        Its answer is the weight of the gradient filters, too. Copies of a graph share it; a graph that has one cannot be saved.
        """
    @property_call_back.setter
    def property_call_back(self, arg1: MPSNNLossCallback | None) -> None:
        ...
    @property
    def reduce_across_batch(self) -> bool:
        """
        Whether the first image gets the loss of the whole batch, the others 0.
        """
    @property
    def reduction_type(self) -> MPSCNNReductionType:
        """
        How the elements of an image become its loss.
        """
    @property
    def weight(self) -> float:
        """
        Factor of every element.
        """
class MPSNNLossGradientNode(MPSNNGradientFilterNode):
    """
    The gradient of a forward loss with respect to its predictions or its labels.
    
    The incoming gradient g, 1 x 1 x 1, with reduction None h x w x c, to h x w x c, or to the size of the labels, with the loss l
    and the weight w of an element:
    
        d = g * w * dl/dy / divisor        predictions y
        d = g * w * dl/dt / divisor        labels t
    
    The divisor is that of the loss's reduction, 1 for Sum and None. With reduce_across_batch g is that of the first image, for all.
    dl/dy: see MPSCNNLossDescriptor. dl/dt, with q = epsilon and the label smoothing s:
    
        -dl/dy                            MeanAbsoluteError, MeanSquaredError, Huber
        -(1 - s) log p                    SoftMaxCrossEntropy
        -(1 - s) y                        SigmoidCrossEntropy
        -log y                            CategoricalCrossEntropy
        -2 y, 0 where the loss is 0       Hinge
        -y                                CosineDistance
        -log(y + q) + log(1 - y + q)      Log
        log t + 1 - y                     KullbackLeiblerDivergence
    
    In PyTorch:
    
        d, = torch.autograd.grad(y, x, g)
    
    where x are the labels if is_labels_gradient_filter.
    
    Open: whether the reduction divides the gradient, which Apple denies in one place. It does: sums of losses only train as meant with it.
    Open: gradients with respect to labels. They are the exact derivatives.
    Open: the softmax cross entropy where weights or g differ between the channels of a pixel. dl/dy stays p - t.
    
    source_gradient: g. source_image: the forward predictions. labels, weights: those of the forward filter. gradient_state: of the
    forward filter, or None; its weight, label_smoothing, epsilon and delta replace those of the descriptor. loss_descriptor: the
    loss; copied. is_labels_gradient_filter: whether the gradient is that for the labels. Raises InvalidArgumentError like the
    forward filter, ShapeError, when a graph runs, for images that do not fit.
    """
    @staticmethod
    def with_sources(sources: collections.abc.Sequence[MPSNNImageNode], *, gradient_state: MPSNNStateNode | None, loss_descriptor: MPSCNNLossDescriptor, is_labels_gradient_filter: bool) -> MPSNNLossGradientNode:
        """
        The same with a list. sources: [source gradient, predictions, labels] and, if there are any, weights. Raises InvalidArgumentError for another number of them.
        """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, labels: MPSNNImageNode, weights: MPSNNImageNode | None=None, *, gradient_state: MPSNNStateNode | None=None, loss_descriptor: MPSCNNLossDescriptor, is_labels_gradient_filter: bool) -> None:
        """
        What the forward filter makes itself when asked for its gradients.
        """
    @property
    def delta(self) -> float:
        """
        Where Huber turns from a parabola into a line.
        """
    @property
    def epsilon(self) -> float:
        """
        Keeps the logarithms of Log finite.
        """
    @property
    def is_labels_gradient_filter(self) -> bool:
        """
        Whether the result is the gradient with respect to the labels instead of the predictions.
        """
    @property
    def label_smoothing(self) -> float:
        """
        How much of the labels is spread. Cross entropies only.
        """
    @property
    def loss_type(self) -> MPSCNNLossType:
        """
        Which function; see MPSCNNLossDescriptor.
        """
    @property
    def number_of_classes(self) -> int:
        """
        For the smoothing of the softmax cross entropy.
        """
    @property
    def property_call_back(self) -> MPSNNLossCallback | None:
        """
        Asked for the weight in every encode of a graph, with the predictions; None, nobody is asked, by default.
        
        Its answer replaces `weight` and that of the gradient state. Copies of a graph share it; a graph that has one cannot be saved.
        """
    @property_call_back.setter
    def property_call_back(self, arg1: MPSNNLossCallback | None) -> None:
        ...
    @property
    def reduce_across_batch(self) -> bool:
        """
        Whether the first image gets the loss of the whole batch, the others 0.
        """
    @property
    def reduction_type(self) -> MPSCNNReductionType:
        """
        How the elements of an image become its loss.
        """
    @property
    def weight(self) -> float:
        """
        Factor of every element.
        """
class MPSCNNYOLOLossDescriptor:
    """
    The loss of a detector that predicts boxes in the cells of a grid, as YOLO version 2 does.
    
    Source and labels have A * (5 + K) feature channels for A anchor boxes and K classes: for each anchor box, one after the other,
    x, y, width, height, confidence and the classes. Labels: x, y: the object's centre in its cell, 0 to 1; width, height in cells;
    confidence 1, and one class 1, the others 0, in the cell of the centre, the same for all its anchor boxes. In cells without an
    object the first five are 0 and the classes 1 / K each. Predictions, raw: x, y and the confidence before a sigmoid, width and height
    as logarithm of size / anchor size, class scores before a softmax.
    
    With IoU the intersection over union of an anchor box and the object, both centred, an anchor box of a cell with an object stands
    for it when its IoU is the largest of the cell, ties included, or above min_iou_for_object_presence. One that does not is to find
    nothing when its IoU is below max_iou_for_object_absence; the others have no loss. For every anchor box:
    
    scale_xy * (l_xy(sigmoid(x), t_x) + l_xy(sigmoid(y), t_y)), of objects,
    scale_wh * (l_wh(width, log(t_width / anchor width + 1e-5)) + the same of the height), of objects,
    l_confidence(confidence, c) * scale_object for objects, with c = 1, or with `rescore` the IoU of predicted box and object, which
    is a constant for the gradient; * scale_no_object for those that are to find nothing, with c = 0,
    scale_class * l_classes(scores, t_classes), of objects.
    
    l_xy, ... are the losses of the four descriptors, which have weight, delta, epsilon and label smoothing of their own; their
    reductions do not count. A weights image in the labels is a factor of every element. reduction_type: None (the elements, each in the
    channel of its prediction), Sum, Mean (over H * W * C), SumByNonZeroWeights (each of the four sums over the number of its
    elements whose factors are not 0; softmax cross entropy: of such anchor boxes). The gradient is not divided.
    
    The masks, the 1e-5 and the constant c are those of the objective that Turi Create trains beside Apple's kernel, which publishes no
    formula. Nothing is divided by the number of objects: put such divisors into the scales.
    """
    __hash__: typing.ClassVar[None]  # type: ignore[assignment]
    def __copy__(self) -> MPSCNNYOLOLossDescriptor:
        ...
    def __eq__(self, arg0: object) -> bool:
        ...
    def __init__(self, xy_loss_type: MPSCNNLossType, *, wh_loss_type: MPSCNNLossType, confidence_loss_type: MPSCNNLossType, classes_loss_type: MPSCNNLossType, reduction_type: MPSCNNReductionType, anchor_boxes: numpy.typing.ArrayLike, number_of_anchor_boxes: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        The four losses; everything else has its default. anchor_boxes: width and height of each box, in cells, as an array or
        bytes of packed float32. Raises InvalidArgumentError when they are not as many, or not positive, and for a cosine distance.
        """
    @property
    def anchor_boxes(self) -> numpy.typing.NDArray[numpy.float32]:
        """
        Width and height of each anchor box, in cells: a copy.
        """
    @anchor_boxes.setter
    def anchor_boxes(self, arg1: numpy.typing.ArrayLike) -> None:
        ...
    @property
    def classes_loss_descriptor(self) -> MPSCNNLossDescriptor:
        """
        The loss of the class scores.
        """
    @classes_loss_descriptor.setter
    def classes_loss_descriptor(self, arg0: MPSCNNLossDescriptor) -> None:
        ...
    @property
    def confidence_loss_descriptor(self) -> MPSCNNLossDescriptor:
        """
        The loss of the confidences.
        """
    @confidence_loss_descriptor.setter
    def confidence_loss_descriptor(self, arg0: MPSCNNLossDescriptor) -> None:
        ...
    @property
    def max_iou_for_object_absence(self) -> float:
        """
        Below it an anchor box is to find nothing; 0.3 by default.
        """
    @max_iou_for_object_absence.setter
    def max_iou_for_object_absence(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def min_iou_for_object_presence(self) -> float:
        """
        Above it an anchor box stands for the object of its cell, even if another fits better; 0.7 by default.
        """
    @min_iou_for_object_presence.setter
    def min_iou_for_object_presence(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def number_of_anchor_boxes(self) -> int:
        """
        Anchor boxes of each cell.
        """
    @number_of_anchor_boxes.setter
    def number_of_anchor_boxes(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def reduce_across_batch(self) -> bool:
        """
        Whether the first loss image gets the loss of the whole batch and the others 0; False by default.
        """
    @reduce_across_batch.setter
    def reduce_across_batch(self, arg0: bool) -> None:
        ...
    @property
    def reduction_type(self) -> MPSCNNReductionType:
        """
        How the elements of an image become its loss, for all four losses.
        """
    @reduction_type.setter
    def reduction_type(self, arg0: MPSCNNReductionType) -> None:
        ...
    @property
    def rescore(self) -> bool:
        """
        Whether the confidence of an object is to be the IoU of its predicted box, not 1; True by default.
        """
    @rescore.setter
    def rescore(self, arg0: bool) -> None:
        ...
    @property
    def scale_class(self) -> float:
        """
        Factor of the loss of the classes; 2 by default.
        """
    @scale_class.setter
    def scale_class(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def scale_no_object(self) -> float:
        """
        Factor of the confidence's loss where nothing is to be found; 5 by default.
        """
    @scale_no_object.setter
    def scale_no_object(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def scale_object(self) -> float:
        """
        Factor of the confidence's loss of objects; 100 by default.
        """
    @scale_object.setter
    def scale_object(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def scale_wh(self) -> float:
        """
        Factor of the loss of the sizes; 10 by default.
        """
    @scale_wh.setter
    def scale_wh(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def scale_xy(self) -> float:
        """
        Factor of the loss of the centres; 10 by default.
        """
    @scale_xy.setter
    def scale_xy(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def wh_loss_descriptor(self) -> MPSCNNLossDescriptor:
        """
        The loss of the logarithms of the sizes.
        """
    @wh_loss_descriptor.setter
    def wh_loss_descriptor(self, arg0: MPSCNNLossDescriptor) -> None:
        ...
    @property
    def xy_loss_descriptor(self) -> MPSCNNLossDescriptor:
        """
        The loss of the centres.
        """
    @xy_loss_descriptor.setter
    def xy_loss_descriptor(self, arg0: MPSCNNLossDescriptor) -> None:
        ...
class MPSCNNYOLOLossNode(MPSNNFilterNode):
    """
    The YOLO loss and, as result image, its gradient with respect to the source.
    
    H x W x A * (5 + K), the predictions of A anchor boxes and K classes in the cells of a grid, to H x W x A * (5 + K), with the loss l
    of MPSCNNYOLOLossDescriptor, which has the formulae and the layout of the channels:
    
        y = dl/dx
    
    The labels come in through `input_labels`: when encoding, source_states holds a list with one MPSCNNLossLabels for each image, whose
    labels have the source's size. The loss is written into their loss images, in float32. The backward part of a network starts here:
    training_graph_with_source_gradient() of this filter.
    
    In PyTorch:
    
        def boxes(image):
            return image.unflatten(1, (number_of_anchor_boxes, -1)).transpose(1, 2)
    
        def intersection_over_union(both, one, other):
            return both / (one.prod(1) + other.prod(1) - both)
    
        anchors = torch.tensor(anchor_boxes, dtype=x.dtype).view(1, -1, 2, 1, 1).transpose(1, 2)
        p, t = boxes(x), boxes(labels)
        place, size = t[:, :2], t[:, 2:4]
        iou = intersection_over_union(torch.minimum(size, anchors).prod(1), size, anchors)
        fits = (iou == iou.amax(1, keepdim=True)) | (iou > min_iou_for_object_presence)
        is_object = (t[:, 4] == 1) & fits
        finds_nothing = (iou < max_iou_for_object_absence) & ~is_object
    
        centre, extent = torch.sigmoid(p[:, :2]), torch.exp(p[:, 2:4]) * anchors
        low = torch.maximum(centre - extent / 2, place - size / 2)
        high = torch.minimum(centre + extent / 2, place + size / 2)
        found = intersection_over_union((high - low).clamp(min=0).prod(1), extent, size) if rescore else torch.ones_like(iou)
        confidence = torch.where(is_object, found, 0).detach()[:, None]
    
        is_object, finds_nothing = is_object[:, None], finds_nothing[:, None]
        l = torch.cat([
            scale_xy * is_object * losses(xy_loss_descriptor, centre, place),
            scale_wh * is_object * losses(wh_loss_descriptor, p[:, 2:4], torch.log(size / anchors + 1e-5)),
            (scale_object * is_object + scale_no_object * finds_nothing)
            * losses(confidence_loss_descriptor, p[:, 4:5], confidence),
            scale_class * is_object * losses(classes_loss_descriptor, p[:, 5:], t[:, 5:]),
        ], 1)
        y, = torch.autograd.grad((boxes(weights) * l).sum(), x)
    
    where losses is the function of MPSCNNLossNode; labels, and weights or 1, have the size of x.
    
    Open: the formula, of which only the structure is published. It is that of the objective that Turi Create trains beside Apple's kernel.
    Open: whether the number of objects divides the loss. It does not: put such divisors into the scales.
    Open: a weights image in the labels. It is a factor of every element.
    
    loss_descriptor: the loss; copied. Raises InvalidArgumentError for a descriptor that does not fit together, and when encoding
    ShapeError for a number of channels that is not A * (5 + K) with a K of 1 or more.
    """
    def __init__(self, source: MPSNNImageNode, *, loss_descriptor: MPSCNNYOLOLossDescriptor) -> None:
        """
        The loss of the predictions `source`.
        """
    @property
    def input_labels(self) -> MPSNNLabelsNode:
        """
        The place of the labels in the graph.
        """
class MPSCNNBatchNormalizationState(MPSNNGradientState):
    """
    What batch normalisation leaves for its gradient filter and for the update methods of its data source: one for the whole batch. Buffers hold C float32 numbers, one for each feature channel.
    """
    def beta(self) -> Buffer:
        """
        Buffer of the biases in use.
        """
    def gamma(self) -> Buffer:
        """
        Buffer of the scales in use.
        """
    def gradient_for_beta(self) -> Buffer:
        """
        Buffer of dL/dbeta, summed over all pixels of the batch; None until a gradient filter has computed it.
        """
    def gradient_for_gamma(self) -> Buffer:
        """
        Buffer of dL/dgamma, summed over all pixels of the batch; None until a gradient filter has computed it.
        """
    def mean(self) -> Buffer:
        """
        Buffer of the means the result was made with: of the batch, or of the data source.
        """
    def reset(self) -> None:
        """
        Drops what kernels have added up, statistics and gradients: their next encodes start anew. A graph makes a new state for every batch.
        """
    def variance(self) -> Buffer:
        """
        Buffer of the (biased) variances the result was made with: of the batch, or of the data source.
        """
    @property
    def batch_normalization(self) -> MPSCNNBatchNormalization:
        """
        The kernel that made the state; for a graph's state one that shares its filter's parameters.
        """
class MPSCNNNormalizationGammaAndBetaState(MPSState):
    """
    New scales and biases, the result of an update: C float32 numbers each.
    """
    @staticmethod
    def temporary_state(command_buffer: MPSCommandBuffer, number_of_feature_channels: typing.SupportsInt | typing.SupportsIndex) -> MPSCNNNormalizationGammaAndBetaState:  # type: ignore[override]
        """
        A state with new buffers that belongs to one command buffer.
        """
    def __init__(self, gamma: Buffer, *, beta: Buffer) -> None:
        """
        Holds the buffers. Raises InvalidArgumentError where their lengths differ.
        """
    @property
    def beta(self) -> Buffer:
        """
        Buffer of the biases.
        """
    @property
    def gamma(self) -> Buffer:
        """
        Buffer of the scales.
        """
class MPSCNNNormalizationMeanAndVarianceState(MPSState):
    """
    New means and variances, the result of an update: C float32 numbers each.
    """
    @staticmethod
    def temporary_state(command_buffer: MPSCommandBuffer, number_of_feature_channels: typing.SupportsInt | typing.SupportsIndex) -> MPSCNNNormalizationMeanAndVarianceState:  # type: ignore[override]
        """
        A state with new buffers that belongs to one command buffer.
        """
    def __init__(self, mean: Buffer, *, variance: Buffer) -> None:
        """
        Holds the buffers. Raises InvalidArgumentError where their lengths differ.
        """
    @property
    def mean(self) -> Buffer:
        """
        Buffer of the means.
        """
    @property
    def variance(self) -> Buffer:
        """
        Buffer of the variances.
        """
class MPSCNNBatchNormalizationNode(MPSNNFilterNode, MPSNNTrainableNode):
    """
    Batch normalisation: each feature channel gets mean beta and deviation gamma.
    
    H x W x C to H x W x C, for each feature channel c
    
        y = gamma[c] * (x - mean[c]) / sqrt(variance[c] + epsilon) + beta[c]
    
    mean and variance are those of the batch, over all images, rows and columns, while training, else the data source's; see `flags`. Ioffe and Szegedy, "Batch Normalization", 2015. Running averages of the statistics
    are the data source's business. An image without any variance in a channel gives beta there.
    
    In PyTorch:
    
        Flags = MPSCNNBatchNormalizationFlags
        automatic = flags == Flags.CalculateStatisticsAutomatic
        from_batch = is_training if automatic else flags == Flags.CalculateStatisticsAlways
        y = F.batch_norm(x, mean, variance, gamma, beta, from_batch, 0, epsilon)
    
    where is_training tells whether something reads the result state.
    
    Open: what the batch's variance is divided by. The number of pixels in the batch, not one less.
    Open: arrays that are None. gamma and variance are 1, beta and mean are 0.
    
    data_source: gives gamma, beta, mean, variance and epsilon.
    """
    def __init__(self, source: MPSNNImageNode, *, data_source: MPSCNNBatchNormalizationDataSource) -> None:
        """
        `data_source` is read by a graph that is made from the node. Making the graph raises InvalidArgumentError where its arrays do not have number_of_feature_channels elements, encoding raises ShapeError where the source image has another number of channels.
        """
    @property
    def flags(self) -> MPSCNNBatchNormalizationFlags:
        """
        Where the statistics come from. Automatic: from the batch when the result state is used (training), else from the data source; Always: from the batch; Never: from the data source.
        """
    @flags.setter
    def flags(self, arg1: MPSCNNBatchNormalizationFlags) -> None:
        ...
class MPSCNNBatchNormalizationGradientNode(MPSNNGradientFilterNode, MPSNNTrainableNode):
    """
    The gradient of batch normalisation.
    
    H x W x C to H x W x C. With s = 1 / sqrt(variance + epsilon), xh = (x - mean) * s, M pixels in the batch and g the incoming gradient, for each feature channel
    
        gradient_for_beta = sum(g)        gradient_for_gamma = sum(g * xh)
        d = gamma * s * (g - gradient_for_beta / M - xh * gradient_for_gamma / M)
    
    The sums go to the update methods of the data source.
    
    In PyTorch:
    
        d, gradient_for_gamma, gradient_for_beta = torch.autograd.grad(y, (x, gamma, beta), g)
    
    Open: where the forward filter used the data source's statistics. They count as constants: d = gamma * s * g.
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode) -> None:
        """
        `gradient_state` is the result state of an MPSCNNBatchNormalizationNode, else InvalidArgumentError.
        """
class MPSCNNInstanceNormalizationGradientState(MPSNNGradientState):
    """
    What instance normalisation leaves for its gradient filter and for the update methods of its data source: one for each image. Buffers hold C float32 numbers, one for each feature channel.
    """
    @property
    def beta(self) -> Buffer:
        """
        Buffer of the biases in use.
        """
    @property
    def gamma(self) -> Buffer:
        """
        Buffer of the scales in use.
        """
    @property
    def gradient_for_beta(self) -> Buffer:
        """
        Buffer of dL/dbeta, summed over all pixels of the image; None where no gradient filter computes it.
        """
    @property
    def gradient_for_gamma(self) -> Buffer:
        """
        Buffer of dL/dgamma, summed over all pixels of the image; None where no gradient filter computes it.
        """
    @property
    def instance_normalization(self) -> MPSCNNInstanceNormalization:
        """
        The kernel that made the state; for a graph's state one that shares its filter's parameters.
        """
class MPSCNNGroupNormalizationGradientState(MPSNNGradientState):
    """
    What group normalisation leaves for its gradient filter and for the update methods of its data source: one for each image. Buffers hold C float32 numbers, one for each feature channel.
    """
    @property
    def beta(self) -> Buffer:
        """
        Buffer of the biases in use.
        """
    @property
    def gamma(self) -> Buffer:
        """
        Buffer of the scales in use.
        """
    @property
    def gradient_for_beta(self) -> Buffer:
        """
        Buffer of dL/dbeta, summed over all pixels of the image; None where no gradient filter computes it.
        """
    @property
    def gradient_for_gamma(self) -> Buffer:
        """
        Buffer of dL/dgamma, summed over all pixels of the image; None where no gradient filter computes it.
        """
    @property
    def group_normalization(self) -> MPSCNNGroupNormalization:
        """
        The kernel that made the state; for a graph's state one that shares its filter's parameters.
        """
class MPSCNNInstanceNormalizationNode(MPSNNFilterNode, MPSNNTrainableNode):
    """
    Instance normalisation: each feature channel of each image gets mean beta and deviation gamma.
    
    H x W x C to H x W x C, for each image and feature channel c
    
        y = gamma[c] * (x - mean) / sqrt(variance + epsilon) + beta[c]
    
    with the mean and the variance of the channel over the H x W pixels of the image, in training and inference alike. Ulyanov, Vedaldi and Lempitsky, "Instance Normalization: The Missing
    Ingredient for Fast Stylization", 2016. A channel without any variance gives beta.
    
    In PyTorch:
    
        y = F.instance_norm(x, weight=gamma, bias=beta, eps=epsilon)
    
    Open: what the variance is divided by. H * W, not one less.
    
    data_source: gives gamma, beta and epsilon.
    """
    def __init__(self, source: MPSNNImageNode, *, data_source: MPSCNNInstanceNormalizationDataSource) -> None:
        """
        `data_source` is read by a graph that is made from the node. Making the graph raises InvalidArgumentError where its arrays do not have number_of_feature_channels elements, encoding raises ShapeError where the source image has another number of channels.
        """
class MPSCNNInstanceNormalizationGradientNode(MPSNNGradientFilterNode, MPSNNTrainableNode):
    """
    The gradient of instance normalisation.
    
    H x W x C to H x W x C. With s = 1 / sqrt(variance + epsilon), xh = (x - mean) * s, M = H * W and g the incoming gradient, for each image and feature channel
    
        gradient_for_beta = sum(g)        gradient_for_gamma = sum(g * xh)
        d = gamma * s * (g - gradient_for_beta / M - xh * gradient_for_gamma / M)
    
    The sums go to the update methods of the data source, in a state for each image.
    
    In PyTorch:
    
        d, gradient_for_gamma, gradient_for_beta = torch.autograd.grad(y, (x, gamma, beta), g)
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode) -> None:
        """
        `gradient_state` is the result state of an MPSCNNInstanceNormalizationNode, else InvalidArgumentError.
        """
class MPSCNNGroupNormalizationNode(MPSNNFilterNode, MPSNNTrainableNode):
    """
    Group normalisation: each group of feature channels of each image gets a common mean and deviation.
    
    H x W x C to H x W x C, for each image and feature channel c
    
        y = gamma[c] * (x - mean) / sqrt(variance + epsilon) + beta[c]
    
    with the mean and the variance, divided by the count, over the H x W pixels and the channels of c's group. Groups are
    number_of_groups ranges of C / number_of_groups channels; one group normalises over the whole image, C groups are instance
    normalisation. Wu and He, "Group Normalization", 2018. A group without any variance gives beta.
    
    In PyTorch:
    
        y = F.group_norm(x, number_of_groups, gamma, beta, epsilon)
    
    Open: which channels make a group. Those that follow one another.
    Open: number_of_groups that does not divide the channels. Making a graph raises InvalidArgumentError.
    
    data_source: gives gamma, beta, epsilon and number_of_groups.
    """
    def __init__(self, source: MPSNNImageNode, *, data_source: MPSCNNGroupNormalizationDataSource) -> None:
        """
        `data_source` is read by a graph that is made from the node. Making the graph raises InvalidArgumentError where the arrays do not have number_of_feature_channels elements and where number_of_groups is 0 or does not divide it, encoding raises ShapeError where the source image has another number of channels.
        """
class MPSCNNGroupNormalizationGradientNode(MPSNNGradientFilterNode, MPSNNTrainableNode):
    """
    The gradient of group normalisation.
    
    H x W x C to H x W x C. With s = 1 / sqrt(variance + epsilon), xh = (x - mean) * s, M = H * W * C / number_of_groups and g the incoming gradient, for each image and feature channel
    
        gradient_for_beta = sum(g)        gradient_for_gamma = sum(g * xh)
        d = s * (gamma * g - sum over the group(gamma * g) / M - xh * sum over the group(gamma * g * xh) / M)
    
    The sums of the channels go to the update methods of the data source, in a state for each image.
    
    In PyTorch:
    
        d, gradient_for_gamma, gradient_for_beta = torch.autograd.grad(y, (x, gamma, beta), g)
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode) -> None:
        """
        `gradient_state` is the result state of an MPSCNNGroupNormalizationNode, else InvalidArgumentError.
        """
class MPSCNNNormalizationNode(MPSNNFilterNode):
    """
    Base of the normalisations by neighbours.
    
    H x W x C to H x W x C. Each value is divided by
    
        (delta + alpha * what its neighbours are like)^beta
    
    alpha is 0 or more, InvalidArgumentError when a graph is made otherwise. Where the base of the power is not positive the result is
    undefined.
    """
    @property
    def alpha(self) -> float:
        """
        Factor of what is found among the neighbours; not negative.
        """
    @alpha.setter
    def alpha(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def beta(self) -> float:
        """
        Exponent of the divisor.
        """
    @beta.setter
    def beta(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def delta(self) -> float:
        """
        Added to the base of the power; keeps it away from 0.
        """
    @delta.setter
    def delta(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
class MPSCNNCrossChannelNormalizationNode(MPSCNNNormalizationNode):
    """
    Local response normalisation across the feature channels.
    
    H x W x C to H x W x C. For each pixel and feature channel k
    
        y[k] = x[k] / (delta + alpha / N * sum(x[q]^2))^beta
    
    where q runs over the N = kernel_size_in_feature_channels channels from k - N // 2 to k + (N - 1) // 2 that exist. Krizhevsky,
    Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", 2012.
    
    In PyTorch:
    
        y = F.local_response_norm(x, kernel_size_in_feature_channels, alpha, beta, delta)
    
    Open: the default size. It is 5.
    
    kernel_size: feature channels in a window, from 1 on.
    """
    def __init__(self, source: MPSNNImageNode, *, kernel_size: typing.SupportsInt | typing.SupportsIndex=5) -> None:
        """
        alpha is 1, beta 5, delta 1. InvalidArgumentError for a size of 0.
        """
    @property
    def kernel_size_in_feature_channels(self) -> int:
        """
        Feature channels in a window.
        """
    @kernel_size_in_feature_channels.setter
    def kernel_size_in_feature_channels(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
class MPSCNNSpatialNormalizationNode(MPSCNNNormalizationNode):
    """
    Normalisation by the pixels around each one.
    
    H x W x C to H x W x C, in each feature channel:
    
        y = x / (delta + alpha / K * sum(t^2))^beta
    
    where t runs over the K = kernel_width * kernel_height taps of the pixel's window.
    
    padding_policy decides the size of the result and where the windows lie; by default the result has the size of the source and window
    (x, y) is centred on pixel (x, y), one pixel further to the left and the top where its width or height is even. Taps outside the image
    are 0 (edge mode Zero, the default) or the nearest pixel (Clamp, which a custom policy may set).
    
    In PyTorch:
    
        taps, size = F.pad(x, padding), (kernel_height, kernel_width)
        mean, square = F.avg_pool2d(taps, size, 1), F.avg_pool2d(taps**2, size, 1)
        middle = taps[:, :, kernel_height // 2 :, kernel_width // 2 :][:, :, : mean.shape[2], : mean.shape[3]]
        y = middle / (delta + alpha * square) ** beta
    
    Open: windows that reach beyond the image. K is kernel_width * kernel_height all the same; taps outside count as zeros (edge mode
    Zero) or as the nearest pixel (Clamp).
    Open: the default size. It is 5 x 5.
    
    kernel_size: width and height of the window in pixels, from 1 on. Raises UnsupportedError for other edge modes.
    """
    def __init__(self, source: MPSNNImageNode, *, kernel_size: typing.SupportsInt | typing.SupportsIndex=5) -> None:
        """
        alpha is 1, beta 5, delta 1. InvalidArgumentError for a size of 0.
        """
    @property
    def kernel_height(self) -> int:
        """
        Window height in pixels.
        """
    @kernel_height.setter
    def kernel_height(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def kernel_width(self) -> int:
        """
        Window width in pixels.
        """
    @kernel_width.setter
    def kernel_width(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
class MPSCNNLocalContrastNormalizationNode(MPSCNNNormalizationNode):
    """
    Local contrast normalisation: the difference from the mean of the pixels around.
    
    H x W x C to H x W x C, in each feature channel:
    
        y = pm + ps * (x - p0 * M) / (delta + alpha * V)^beta
    
    where M is the mean of the K = kernel_width * kernel_height taps of the pixel's window and V their variance, divided by K.
    
    padding_policy decides the size of the result and where the windows lie; by default the result has the size of the source and window
    (x, y) is centred on pixel (x, y), one pixel further to the left and the top where its width or height is even. Taps outside the image
    are 0 (edge mode Zero, the default) or the nearest pixel (Clamp, which a custom policy may set).
    
    In PyTorch:
    
        taps, size = F.pad(x, padding), (kernel_height, kernel_width)
        mean, square = F.avg_pool2d(taps, size, 1), F.avg_pool2d(taps**2, size, 1)
        middle = taps[:, :, kernel_height // 2 :, kernel_width // 2 :][:, :, : mean.shape[2], : mean.shape[3]]
        y = pm + ps * (middle - p0 * mean) / (delta + alpha * (square - mean**2)) ** beta
    
    Open: windows that reach beyond the image. K is kernel_width * kernel_height all the same; taps outside count as zeros (edge mode
    Zero) or as the nearest pixel (Clamp).
    Open: the default size. It is 5 x 5.
    
    kernel_size: width and height of the window in pixels, from 1 on. Raises UnsupportedError for other edge modes.
    """
    def __init__(self, source: MPSNNImageNode, *, kernel_size: typing.SupportsInt | typing.SupportsIndex=5) -> None:
        """
        alpha is 1, beta 0.5, delta 1 / 1024, p0 1, pm 0, ps 1. InvalidArgumentError for a size of 0.
        """
    @property
    def kernel_height(self) -> int:
        """
        Window height in pixels.
        """
    @kernel_height.setter
    def kernel_height(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def kernel_width(self) -> int:
        """
        Window width in pixels.
        """
    @kernel_width.setter
    def kernel_width(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def p0(self) -> float:
        """
        Share of the local mean that is taken away.
        """
    @p0.setter
    def p0(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def pm(self) -> float:
        """
        Added to the result.
        """
    @pm.setter
    def pm(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def ps(self) -> float:
        """
        Factor of the result.
        """
    @ps.setter
    def ps(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
class MPSCNNCrossChannelNormalizationGradientNode(MPSNNGradientFilterNode):
    """
    The gradient of cross-channel normalisation.
    
    H x W x C to H x W x C. With L = delta + alpha / N * sum(x[q]^2) of the forward filter and g the incoming gradient, for each pixel
    and feature channel k
    
        d[k] = g[k] * L[k]^-beta - 2 * alpha * beta / N * x[k] * sum(g[r] * x[r] * L[r]^(-beta - 1))
    
    where r runs over the channels whose windows k is in.
    
    In PyTorch:
    
        d, = torch.autograd.grad(y, x, g)
    
    Open: the formula. It is the derivative of the forward formula; the documented one lacks the 1 / N.
    Open: where alpha, beta and delta come from. From the gradient state: they are the forward filter's.
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode, kernel_size: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        `gradient_state` and `kernel_size` are the forward filter's. InvalidArgumentError for a size of 0.
        """
    @property
    def kernel_size(self) -> int:
        """
        Feature channels in a window.
        """
class MPSCNNSpatialNormalizationGradientNode(MPSNNGradientFilterNode):
    """
    The gradient of spatial normalisation.
    
    H' x W' x C to H x W x C. With T = delta + alpha / K * sum(t^2) of the forward filter and g the incoming gradient, for each pixel and
    feature channel
    
        d = g * T^-beta - 2 * alpha * beta / K * x * sum(g * x * T^(-beta - 1))
    
    summed over the pixels whose windows the pixel is in.
    
    In PyTorch:
    
        d, = torch.autograd.grad(y, x, g)
    
    Open: the formula. It is the derivative of the forward formula; the documented one takes T out of the sum and lacks the 1 / K.
    
    kernel_size: width and height of the window in pixels. All attributes must be the forward filter's, else the result means nothing;
    where the windows lie comes from the gradient state, padding_policy has no influence.
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode, kernel_size: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        alpha is 1, beta 5, delta 1. InvalidArgumentError for a size of 0.
        """
    @property
    def alpha(self) -> float:
        """
        Factor of what is found among the neighbours; not negative.
        """
    @alpha.setter
    def alpha(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def beta(self) -> float:
        """
        Exponent of the divisor.
        """
    @beta.setter
    def beta(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def delta(self) -> float:
        """
        Added to the base of the power; keeps it away from 0.
        """
    @delta.setter
    def delta(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def kernel_height(self) -> int:
        """
        Window height in pixels.
        """
    @kernel_height.setter
    def kernel_height(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def kernel_width(self) -> int:
        """
        Window width in pixels.
        """
    @kernel_width.setter
    def kernel_width(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
class MPSCNNLocalContrastNormalizationGradientNode(MPSNNGradientFilterNode):
    """
    The gradient of local contrast normalisation.
    
    H' x W' x C to H x W x C. With the window's mean M and T = delta + alpha * V of the forward filter, g the incoming gradient,
    E = g * T^-beta and F = g * (x - p0 * M) * T^(-beta - 1), for each pixel and feature channel
    
        d = ps * (E - p0 / K * sum(E) - 2 * alpha * beta / K * (x * sum(F) - sum(F * M)))
    
    summed over the pixels whose windows the pixel is in.
    
    In PyTorch:
    
        d, = torch.autograd.grad(y, x, g)
    
    Open: the formula. It is the derivative of the forward formula, which the documented one is not.
    
    All attributes must be the forward filter's, else the result means nothing; where the windows lie comes from the gradient state,
    padding_policy has no influence.
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode, kernel_width: typing.SupportsInt | typing.SupportsIndex, kernel_height: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        Sizes of the window in pixels. alpha is 0, beta 0.5, delta 1 / 1024, p0 1, pm 0, ps 1. InvalidArgumentError for sizes of 0.
        """
    @property
    def alpha(self) -> float:
        """
        Factor of what is found among the neighbours; not negative.
        """
    @alpha.setter
    def alpha(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def beta(self) -> float:
        """
        Exponent of the divisor.
        """
    @beta.setter
    def beta(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def delta(self) -> float:
        """
        Added to the base of the power; keeps it away from 0.
        """
    @delta.setter
    def delta(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def kernel_height(self) -> int:
        """
        Window height in pixels.
        """
    @property
    def kernel_width(self) -> int:
        """
        Window width in pixels.
        """
    @property
    def p0(self) -> float:
        """
        Share of the local mean that is taken away.
        """
    @p0.setter
    def p0(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def pm(self) -> float:
        """
        Added to the result.
        """
    @pm.setter
    def pm(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def ps(self) -> float:
        """
        Factor of the result.
        """
    @ps.setter
    def ps(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
class MPSNNPadNode(MPSNNFilterNode):
    """
    Puts pixels and channels around an image.
    
    h x w x c to (b.y + h + a.y) x (b.x + w + a.x) x (b.channel + c + a.channel), with b = padding_size_before and
    a = padding_size_after:
    
        y[j, i, k] = x[m(j - b.y, h), m(i - b.x, w), m(k - b.channel, c)]
    
    where m(p, n) is p inside 0...n-1. Outside, the edge mode Zero makes the element 0, and Constant makes it `fill_value`; Clamp takes
    the nearest of 0 and n-1, Mirror reflects at the first and last element, which are not repeated, and MirrorWithEdge beyond them, so
    that they are. The two mirrors go on as often as it takes.
    
        Zero, Constant   0 0 0 a b c 0 0 0         Mirror           c b a b c b a
        Clamp            a a a a b c c c c         MirrorWithEdge   c b a a b c c b a
    
    In PyTorch:
    
        before, after, Mode = padding_size_before, padding_size_after, MPSImageEdgeMode
    
        def places(before, size, after):
            k = torch.arange(-before, size + after)
            period = {Mode.Mirror: 2 * max(size - 1, 1), Mode.MirrorWithEdge: 2 * size}.get(edge_mode)
            if period is None:
                return k.clamp(0, size - 1)
            k = k % period if size > 1 or edge_mode != Mode.Mirror else k * 0
            return torch.minimum(k, period - k - int(edge_mode == Mode.MirrorWithEdge))
    
        if edge_mode in (Mode.Zero, Mode.Constant):
            sizes = (before.x, after.x, before.y, after.y, before.channel, after.channel)
            y = F.pad(x, sizes, value=fill_value if edge_mode == Mode.Constant else 0)
        else:
            y = x[:, places(before.channel, x.shape[1], after.channel)]
            y = y[:, :, places(before.y, x.shape[2], after.y)][:, :, :, places(before.x, x.shape[3], after.x)]
    
    F.pad with the modes replicate and reflect is Clamp and Mirror, without channels and for a reflection smaller than the image.
    
    Open: whether the edge mode holds for channels as well. It does.
    
    padding_size_before: pixels on the left and the top, and channels in front, (x, y, channel), from 0 on. padding_size_after: pixels on
    the right and the bottom, and channels behind, (x, y, channel), from 0 on. edge_mode: what stands there: Zero, Constant, Clamp, Mirror or
    MirrorWithEdge. Raises
    InvalidArgumentError for sizes of 2**31 and more.
    """
    def __init__(self, source: MPSNNImageNode, *, padding_size_before: MPSImageCoordinate | tuple[int, int, int], padding_size_after: MPSImageCoordinate | tuple[int, int, int], edge_mode: MPSImageEdgeMode) -> None:
        """
        Sizes are (x, y, channel), in pixels and channels, from 0 on.
        """
    @property
    def fill_value(self) -> float:
        """
        What edge mode Constant puts around the image; 0 by default.
        """
    @fill_value.setter
    def fill_value(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
class MPSNNPadGradientNode(MPSNNGradientFilterNode):
    """
    The gradient of padding.
    
    The padded image's gradient g, H x W x C, to h x w x c:
    
        d = sum of g over the element's copies
    
    With edge modes Zero and Constant it cuts the image out; `fill_value` has no influence.
    
    In PyTorch:
    
        d, = torch.autograd.grad(y, x, g)
    
    source_gradient: of the forward result's
    size. source_image: the forward source (only its size matters). gradient_state: of the forward filter.
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode) -> None:
        """
        What the forward filter makes itself when asked for its gradient.
        """
class MPSCNNPoolingNode(MPSNNFilterNode):
    """
    Base of the pooling filters: one value for each window of pixels.
    
    h x w x c to h' x w' x c; channels are pooled independently. padding_policy decides the result's size and where the windows lie.
    Under SizeSame h' = ceil(h / stride_in_pixels_y), w' = ceil(w / stride_in_pixels_x). The edge mode is Clamp, unless a custom policy
    sets Zero. Sizes and strides are in pixels, from 1 on.
    
    Open: the default policy. It is SizeSame, with the odd pixel at the top and left.
    Open: windows that do not fill the image, under SizeValidOnly or with a stride larger than the window. The first one is moved by
    half the surplus, rounded towards 0.
    Open: other edge modes than Clamp and Zero. They raise UnsupportedError.
    
    filter_size: width and height of the window in pixels. stride: both strides in pixels; None is filter_size. Raises InvalidArgumentError for 0; ShapeError, when the graph runs, for a window that
    does not fit under SizeValidOnly; UnsupportedError for other edge modes than Clamp and Zero.
    """
    @property
    def kernel_height(self) -> int:
        """
        Window height in pixels.
        """
    @property
    def kernel_width(self) -> int:
        """
        Window width in pixels.
        """
    @property
    def stride_in_pixels_x(self) -> int:
        """
        Horizontal step from window to window, in source pixels.
        """
    @property
    def stride_in_pixels_y(self) -> int:
        """
        Vertical step from window to window, in source pixels.
        """
class MPSCNNPoolingMaxNode(MPSCNNPoolingNode):
    """
    The largest value of each window.
    
    h x w x c to h' x w' x c:
    
        y = max over the window of x
    
    Taps outside the image take no part (edge mode Clamp) or are 0 (Zero); a window wholly outside has the value of the nearest edge
    pixel, or 0.
    
    In PyTorch:
    
        size, stride = (kernel_height, kernel_width), (stride_in_pixels_y, stride_in_pixels_x)
        y = F.max_pool2d(F.pad(x, padding, value=-math.inf), size, stride)
    
    Open: NaN. One in the window makes the result NaN.
    """
    @staticmethod
    def with_filter_size(source: MPSNNImageNode, filter_size: typing.SupportsInt | typing.SupportsIndex, stride: typing.SupportsInt | typing.SupportsIndex | None=None) -> MPSCNNPoolingMaxNode:
        """
        A square window of filter_size pixels; without a stride, filter_size is the stride.
        """
    def __init__(self, source: MPSNNImageNode, *, kernel_width: typing.SupportsInt | typing.SupportsIndex, kernel_height: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_x: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_y: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        Sizes and strides in pixels, from 1 on; InvalidArgumentError otherwise.
        """
class MPSCNNPoolingAverageNode(MPSCNNPoolingNode):
    """
    The mean of each window.
    
    h x w x c to h' x w' x c:
    
        y = sum over the window's taps inside the image of x / n
    
    n is the number of these taps (edge mode Clamp) or kernel_width * kernel_height (Zero). A window wholly outside gives 0.
    
    In PyTorch:
    
        size, stride = (kernel_height, kernel_width), (stride_in_pixels_y, stride_in_pixels_x)
        left, right, top, bottom = padding
        low = (left, left, top, top) if padding_method & MPSNNPaddingMethod.ExcludeEdges else (0, 0, 0, 0)
        counted = F.pad(torch.ones_like(x), [max(p, 0) for p in low], value=1)
        rest = [p - max(q, 0) for p, q in zip(padding, low)]
        n = F.avg_pool2d(F.pad(counted, rest), size, stride, divisor_override=1).clamp(min=1)
        y = F.avg_pool2d(F.pad(x, padding), size, stride, divisor_override=1) / n
    
    Where no window leaves the image this is F.avg_pool2d(x, size, stride).
    
    Open: what the bit ExcludeEdges does. With it the padding on the low side counts in n, on both sides of the image.
    """
    @staticmethod
    def with_filter_size(source: MPSNNImageNode, filter_size: typing.SupportsInt | typing.SupportsIndex, stride: typing.SupportsInt | typing.SupportsIndex | None=None) -> MPSCNNPoolingAverageNode:
        """
        A square window of filter_size pixels; without a stride, filter_size is the stride.
        """
    def __init__(self, source: MPSNNImageNode, *, kernel_width: typing.SupportsInt | typing.SupportsIndex, kernel_height: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_x: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_y: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        Sizes and strides in pixels, from 1 on; InvalidArgumentError otherwise.
        """
class MPSCNNPoolingL2NormNode(MPSCNNPoolingNode):
    """
    The Euclidean norm of each window.
    
    h x w x c to h' x w' x c:
    
        y = sqrt(sum over the window of x^2)
    
    It is not divided by the window's size. A tap outside the image has the value of the nearest edge pixel (edge mode Clamp), or is 0
    (Zero).
    
    In PyTorch:
    
        size, stride = (kernel_height, kernel_width), (stride_in_pixels_y, stride_in_pixels_x)
        y = F.lp_pool2d(F.pad(x, padding, mode="replicate"), 2, size, stride)
    
    Open: taps outside the image under Clamp. Each counts as often as it is read.
    """
    @staticmethod
    def with_filter_size(source: MPSNNImageNode, filter_size: typing.SupportsInt | typing.SupportsIndex, stride: typing.SupportsInt | typing.SupportsIndex | None=None) -> MPSCNNPoolingL2NormNode:
        """
        A square window of filter_size pixels; without a stride, filter_size is the stride.
        """
    def __init__(self, source: MPSNNImageNode, *, kernel_width: typing.SupportsInt | typing.SupportsIndex, kernel_height: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_x: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_y: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        Sizes and strides in pixels, from 1 on; InvalidArgumentError otherwise.
        """
class MPSCNNPoolingGradientNode(MPSNNGradientFilterNode):
    """
    Base of the gradients of pooling filters.
    
    h' x w' x c to h x w x c. Only taps inside the image get a gradient; windows that overlap add up.
    
    Open: pixels that no window reads. They get 0, also in front of the first window.
    
    source_gradient: gradient with respect to the forward result, of its size. source_image: the forward source; the result has its
    size. gradient_state: of the forward filter, decides where the windows lie. padding_policy: has no influence. kernel_width, kernel_height,
    stride_in_pixels_x, stride_in_pixels_y: the forward filter's.
    """
    @property
    def kernel_height(self) -> int:
        """
        Window height in pixels.
        """
    @property
    def kernel_width(self) -> int:
        """
        Window width in pixels.
        """
    @property
    def stride_in_pixels_x(self) -> int:
        """
        Horizontal step from window to window, in source pixels.
        """
    @property
    def stride_in_pixels_y(self) -> int:
        """
        Vertical step from window to window, in source pixels.
        """
class MPSCNNPoolingMaxGradientNode(MPSCNNPoolingGradientNode):
    """
    The gradient of max pooling.
    
    h' x w' x c to h x w x c:
    
        d = sum of g over the windows in which the pixel is the first largest
    
    In PyTorch:
    
        d, = torch.autograd.grad(y, x, g)
    
    Open: which of equal pixels gets the gradient. All of it goes to the first, row by row (the first NaN, if there is one), and to none
    where a zero outside the image is larger.
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode, kernel_width: typing.SupportsInt | typing.SupportsIndex, kernel_height: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_x: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_y: typing.SupportsInt | typing.SupportsIndex, padding_policy: MPSNNPadding | None=None) -> None:
        """
        Sizes and strides are the forward filter's. Without a policy the default one stays, which decides nothing here.
        """
class MPSCNNPoolingAverageGradientNode(MPSCNNPoolingGradientNode):
    """
    The gradient of average pooling.
    
    h' x w' x c to h x w x c:
    
        d = sum of g / n over the windows that the pixel is in
    
    with n, the divisor, of the forward filter.
    
    In PyTorch:
    
        d, = torch.autograd.grad(y, x, g)
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode, kernel_width: typing.SupportsInt | typing.SupportsIndex, kernel_height: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_x: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_y: typing.SupportsInt | typing.SupportsIndex, padding_policy: MPSNNPadding | None=None) -> None:
        """
        Sizes and strides are the forward filter's. Without a policy the default one stays, which decides nothing here.
        """
class MPSCNNPoolingL2NormGradientNode(MPSCNNPoolingGradientNode):
    """
    The gradient of L2-norm pooling.
    
    h' x w' x c to h x w x c:
    
        d = x * sum of g / y over the windows that the pixel is in
    
    In PyTorch:
    
        size, stride = (kernel_height, kernel_width), (stride_in_pixels_y, stride_in_pixels_x)
        taps = F.pad(x, padding, mode="replicate")
        taps = torch.where(F.pad(torch.ones_like(x), padding) == 1, taps, taps.detach())
        d, = torch.autograd.grad(F.lp_pool2d(taps, 2, size, stride), x, g)
    
    Open: windows of zeros. They give 0.
    Open: edge pixels under edge mode Clamp. They get nothing for the taps outside that they stand for, so that at a border this is not
    the derivative: train with SizeValidOnly, or with edge mode Zero.
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode, kernel_width: typing.SupportsInt | typing.SupportsIndex, kernel_height: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_x: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_y: typing.SupportsInt | typing.SupportsIndex, padding_policy: MPSNNPadding | None=None) -> None:
        """
        Sizes and strides are the forward filter's. Without a policy the default one stays, which decides nothing here.
        """
class MPSCNNDilatedPoolingMaxNode(MPSNNFilterNode):
    """
    The largest value of each window, whose taps lie apart.
    
    h x w x c to h' x w' x c; channels are pooled independently. For the window around source pixel (v, u)
    
        y = max over j, i of x[v + dilation_rate_y * j - height // 2, u + dilation_rate_x * i - width // 2]
    
    where the window spans height = (kernel_height - 1) * dilation_rate_y + 1 rows and width columns, likewise. padding_policy decides
    the result's size and where the windows lie. A tap outside the image has the value of the nearest edge pixel (edge mode Clamp), or
    0 where a custom policy sets Zero.
    
    In PyTorch:
    
        size, stride = (kernel_height, kernel_width), (stride_in_pixels_y, stride_in_pixels_x)
        dilation = (dilation_rate_y, dilation_rate_x)
        y = F.max_pool2d(F.pad(x, padding, mode="replicate"), size, stride, dilation=dilation)
    
    Open: the edge mode. It is Clamp.
    Open: taps outside the image under Clamp. They read the nearest edge pixel, even where that pixel is no tap itself.
    Open: NaN. One in the window makes the result NaN.
    Open: the default policy. It is SizeSame, with the odd pixel at the top and left.
    
    Sizes, strides and rates are in pixels, from 1 on; InvalidArgumentError otherwise.
    """
    @staticmethod
    def with_filter_size(source: MPSNNImageNode, filter_size: typing.SupportsInt | typing.SupportsIndex, stride: typing.SupportsInt | typing.SupportsIndex | None=None, dilation_rate: typing.SupportsInt | typing.SupportsIndex | None=None) -> MPSCNNDilatedPoolingMaxNode:
        """
        A square window. Raises InvalidArgumentError where only one of stride and dilation_rate is given.
        
        filter_size: taps of the window along x and along y. stride: both strides in pixels; None is filter_size. dilation_rate: both rates
        in pixels; None is filter_size.
        """
    def __init__(self, source: MPSNNImageNode, *, kernel_width: typing.SupportsInt | typing.SupportsIndex, kernel_height: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_x: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_y: typing.SupportsInt | typing.SupportsIndex, dilation_rate_x: typing.SupportsInt | typing.SupportsIndex, dilation_rate_y: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        Sizes, strides and rates in pixels, from 1 on; InvalidArgumentError otherwise.
        """
    @property
    def dilation_rate_x(self) -> int:
        """
        Horizontal step from tap to tap of a window, in source pixels.
        """
    @property
    def dilation_rate_y(self) -> int:
        """
        Vertical step from tap to tap of a window, in source pixels.
        """
    @property
    def kernel_height(self) -> int:
        """
        Window height in pixels.
        """
    @property
    def kernel_width(self) -> int:
        """
        Window width in pixels.
        """
    @property
    def stride_in_pixels_x(self) -> int:
        """
        Horizontal step from window to window, in source pixels.
        """
    @property
    def stride_in_pixels_y(self) -> int:
        """
        Vertical step from window to window, in source pixels.
        """
class MPSCNNDilatedPoolingMaxGradientNode(MPSCNNPoolingGradientNode):
    """
    The gradient of dilated max pooling.
    
    h' x w' x c to h x w x c:
    
        d = sum of g over the windows in which the pixel is the first largest tap
    
    In PyTorch:
    
        size, stride = (kernel_height, kernel_width), (stride_in_pixels_y, stride_in_pixels_x)
        dilation = (dilation_rate_y, dilation_rate_x)
        inside = F.max_pool2d(F.pad(x, padding, value=-math.inf), size, stride, dilation=dilation)
        d, = torch.autograd.grad(inside, x, g * (inside == y))
    
    Open: which of equal taps gets the gradient. All of it goes to the first in the image, row by row (the first NaN, if there is one),
    and to none where only an edge pixel that stands for a tap outside, or a zero outside, is larger.
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode, kernel_width: typing.SupportsInt | typing.SupportsIndex, kernel_height: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_x: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_y: typing.SupportsInt | typing.SupportsIndex, dilation_rate_x: typing.SupportsInt | typing.SupportsIndex, dilation_rate_y: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        Sizes, strides and rates are the forward filter's.
        """
    @property
    def dilation_rate_x(self) -> int:
        """
        Horizontal step from tap to tap of a window, in source pixels.
        """
    @property
    def dilation_rate_y(self) -> int:
        """
        Vertical step from tap to tap of a window, in source pixels.
        """
    @property
    def kernel_height(self) -> int:
        """
        Window height in pixels.
        """
    @property
    def kernel_width(self) -> int:
        """
        Window width in pixels.
        """
    @property
    def stride_in_pixels_x(self) -> int:
        """
        Horizontal step from window to window, in source pixels.
        """
    @property
    def stride_in_pixels_y(self) -> int:
        """
        Vertical step from window to window, in source pixels.
        """
class MPSNNUnaryReductionNode(MPSNNFilterNode):
    """
    Base of the reductions: filters that make one number of many.
    
    h x w x c to a size that is 1 along the axes over which the reduction runs. Only the pixels of `clip_rect_source` are read, and the
    other axes have its extent: where the PyTorch terms say x, that part is meant. Sums are accumulated in double precision. A NaN makes
    the smallest and the largest value NaN; its index is that of the first NaN. There is no gradient, except of the spatial mean: asking
    for one raises GraphError.
    
    Open: rows and columns. A reduction of rows makes each row one pixel, one of columns each column.
    Open: the gradient of the other reductions. There is none.
    
    Raises ShapeError, when the graph runs, for a
    clip_rect_source that holds nothing of the image.
    """
    @property
    def clip_rect_source(self) -> MTLRegion:
        """
        The pixels that are read, cut to the image; MPSRectNoClip, all of them, by default. z and depth have no influence.
        """
    @clip_rect_source.setter
    def clip_rect_source(self, arg1: MTLRegion | tuple[MTLOrigin | tuple[int, int, int], MTLSize | tuple[int, int, int]]) -> None:
        ...
class MPSNNReductionRowMinNode(MPSNNUnaryReductionNode):
    """
    The smallest value of each row, in each channel.
    
    h x w x c to h x 1 x c:
    
        y = min over the row of x
    
    In PyTorch:
    
        y = x.amin(3, keepdim=True)
    """
    def __init__(self, source: MPSNNImageNode) -> None:
        """
        A filter that reads `source`.
        """
class MPSNNReductionRowMaxNode(MPSNNUnaryReductionNode):
    """
    The largest value of each row, in each channel.
    
    h x w x c to h x 1 x c:
    
        y = max over the row of x
    
    In PyTorch:
    
        y = x.amax(3, keepdim=True)
    """
    def __init__(self, source: MPSNNImageNode) -> None:
        """
        A filter that reads `source`.
        """
class MPSNNReductionRowMeanNode(MPSNNUnaryReductionNode):
    """
    The mean of each row, in each channel.
    
    h x w x c to h x 1 x c:
    
        y = mean over the row of x
    
    In PyTorch:
    
        y = x.mean(3, keepdim=True)
    """
    def __init__(self, source: MPSNNImageNode) -> None:
        """
        A filter that reads `source`.
        """
class MPSNNReductionRowSumNode(MPSNNUnaryReductionNode):
    """
    The sum of each row, in each channel.
    
    h x w x c to h x 1 x c:
    
        y = sum over the row of x
    
    In PyTorch:
    
        y = x.sum(3, keepdim=True)
    """
    def __init__(self, source: MPSNNImageNode) -> None:
        """
        A filter that reads `source`.
        """
class MPSNNReductionColumnMinNode(MPSNNUnaryReductionNode):
    """
    The smallest value of each column, in each channel.
    
    h x w x c to 1 x w x c:
    
        y = min over the column of x
    
    In PyTorch:
    
        y = x.amin(2, keepdim=True)
    """
    def __init__(self, source: MPSNNImageNode) -> None:
        """
        A filter that reads `source`.
        """
class MPSNNReductionColumnMaxNode(MPSNNUnaryReductionNode):
    """
    The largest value of each column, in each channel.
    
    h x w x c to 1 x w x c:
    
        y = max over the column of x
    
    In PyTorch:
    
        y = x.amax(2, keepdim=True)
    """
    def __init__(self, source: MPSNNImageNode) -> None:
        """
        A filter that reads `source`.
        """
class MPSNNReductionColumnMeanNode(MPSNNUnaryReductionNode):
    """
    The mean of each column, in each channel.
    
    h x w x c to 1 x w x c:
    
        y = mean over the column of x
    
    In PyTorch:
    
        y = x.mean(2, keepdim=True)
    """
    def __init__(self, source: MPSNNImageNode) -> None:
        """
        A filter that reads `source`.
        """
class MPSNNReductionColumnSumNode(MPSNNUnaryReductionNode):
    """
    The sum of each column, in each channel.
    
    h x w x c to 1 x w x c:
    
        y = sum over the column of x
    
    In PyTorch:
    
        y = x.sum(2, keepdim=True)
    """
    def __init__(self, source: MPSNNImageNode) -> None:
        """
        A filter that reads `source`.
        """
class MPSNNReductionFeatureChannelsMinNode(MPSNNUnaryReductionNode):
    """
    The smallest value of each pixel's channels.
    
    h x w x c to h x w x 1:
    
        y = min over the channels of x
    
    In PyTorch:
    
        y = x.amin(1, keepdim=True)
    """
    def __init__(self, source: MPSNNImageNode) -> None:
        """
        A filter that reads `source`.
        """
class MPSNNReductionFeatureChannelsMaxNode(MPSNNUnaryReductionNode):
    """
    The largest value of each pixel's channels.
    
    h x w x c to h x w x 1:
    
        y = max over the channels of x
    
    In PyTorch:
    
        y = x.amax(1, keepdim=True)
    """
    def __init__(self, source: MPSNNImageNode) -> None:
        """
        A filter that reads `source`.
        """
class MPSNNReductionFeatureChannelsMeanNode(MPSNNUnaryReductionNode):
    """
    The mean of each pixel's channels.
    
    h x w x c to h x w x 1:
    
        y = mean over the channels of x
    
    In PyTorch:
    
        y = x.mean(1, keepdim=True)
    """
    def __init__(self, source: MPSNNImageNode) -> None:
        """
        A filter that reads `source`.
        """
class MPSNNReductionFeatureChannelsSumNode(MPSNNUnaryReductionNode):
    """
    The sum of each pixel's channels.
    
    h x w x c to h x w x 1:
    
        y = weight * sum over the channels of x
    
    In PyTorch:
    
        y = weight * x.sum(1, keepdim=True)
    """
    def __init__(self, source: MPSNNImageNode) -> None:
        """
        A filter that reads `source`.
        """
    @property
    def weight(self) -> float:
        """
        Factor of the sum; 1 by default.
        """
    @weight.setter
    def weight(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
class MPSNNReductionFeatureChannelsArgumentMinNode(MPSNNUnaryReductionNode):
    """
    The index of the smallest value of each pixel's channels.
    
    h x w x c to h x w x 1:
    
        y = argmin over the channels of x
    
    Stored as Float16, indices up to 2048 are exact.
    
    In PyTorch:
    
        y = x.argmin(1, keepdim=True)
    
    Open: equal values, and the first index. The first of equal values counts; the first channel is 0.
    """
    def __init__(self, source: MPSNNImageNode) -> None:
        """
        A filter that reads `source`.
        """
class MPSNNReductionFeatureChannelsArgumentMaxNode(MPSNNUnaryReductionNode):
    """
    The index of the largest value of each pixel's channels.
    
    h x w x c to h x w x 1:
    
        y = argmax over the channels of x
    
    Stored as Float16, indices up to 2048 are exact.
    
    In PyTorch:
    
        y = x.argmax(1, keepdim=True)
    
    Open: equal values, and the first index. The first of equal values counts; the first channel is 0.
    """
    def __init__(self, source: MPSNNImageNode) -> None:
        """
        A filter that reads `source`.
        """
class MPSNNReductionSpatialMeanNode(MPSNNUnaryReductionNode):
    """
    The mean of all pixels, in each channel.
    
    h x w x c to 1 x 1 x c:
    
        y = mean over the pixels of x
    
    The only reduction with a gradient: MPSNNReductionSpatialMeanGradientNode.
    
    In PyTorch:
    
        y = x.mean((2, 3), keepdim=True)
    """
    def __init__(self, source: MPSNNImageNode) -> None:
        """
        A filter that reads `source`.
        """
class MPSNNReductionSpatialMeanGradientNode(MPSNNGradientFilterNode):
    """
    The gradient of the spatial mean.
    
    1 x 1 x c to h x w x c:
    
        d[j, i, k] = g[k] / number of pixels
    
    In PyTorch:
    
        d, = torch.autograd.grad(y, x, g)
    
    source_gradient: g, 1 x 1 x c. source_image: the forward source; the result has its size. gradient_state: of the forward filter,
    whose clip_rect_source counts: pixels outside it get 0.
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode) -> None:
        """
        What the forward filter makes itself when asked for its gradient.
        """
class MPSCNNUpsamplingNearestNode(MPSNNFilterNode):
    """
    Enlarges an image by repeating its pixels.
    
    h x w x c to (h * scale_factor_y) x (w * scale_factor_x) x c:
    
        y[j, i] = x[floor(j / scale_factor_y), floor(i / scale_factor_x)]
    
    padding_policy has no influence.
    
    In PyTorch:
    
        y = F.interpolate(x, scale_factor=(scale_factor_y, scale_factor_x), mode="nearest")
    
    integer_scale_factor_x: result pixels for each source pixel along x, from 1 on. integer_scale_factor_y: the same along y. Raises
    InvalidArgumentError for 0.
    """
    def __init__(self, source: MPSNNImageNode, *, integer_scale_factor_x: typing.SupportsInt | typing.SupportsIndex, integer_scale_factor_y: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        Result pixels for each source pixel along x and y, from 1 on; InvalidArgumentError otherwise.
        """
    @property
    def scale_factor_x(self) -> float:
        """
        Width of the forward result divided by that of its source.
        """
    @property
    def scale_factor_y(self) -> float:
        """
        Height of the forward result divided by that of its source.
        """
class MPSCNNUpsamplingBilinearNode(MPSNNFilterNode):
    """
    Enlarges an image by interpolating between its pixels.
    
    h x w x c to (h * scale_factor_y) x (w * scale_factor_x) x c, along each axis:
    
        y[i] = (1 - f) * x[k] + f * x[k + 1],  k = floor(u), f = u - k
    
    where result pixel i lies at u = (i + 0.5) / scale_factor - 0.5 among the centres of the source pixels; with align_corners at
    u = i * (w - 1) / (w * scale_factor - 1), 0 for a result of one pixel, so that the corner pixels coincide. A pixel with factor 0 is
    not looked at. Pixels outside the image are 0, as on Apple's devices, which darkens the border; a custom padding policy that sets
    edge_mode to Clamp repeats the edge pixels. Size and offset do not come from the policy.
    
    In PyTorch:
    
        factors = (int(scale_factor_y), int(scale_factor_x))
        if align_corners:
            y = F.interpolate(x, scale_factor=factors, mode="bilinear", align_corners=True)
        else:
            y = F.interpolate(F.pad(x, (1, 1, 1, 1)), scale_factor=factors, mode="bilinear")
            y = y[:, :, factors[0] : -factors[0], factors[1] : -factors[1]]
    
    Under Clamp it is F.interpolate(x, scale_factor=factors, mode="bilinear").
    
    Open: align_corners, about which documentation and a report from macOS 10.14 differ. The four corner pixels are kept, as documented.
    
    integer_scale_factor_x: result pixels for each source pixel along x, from 1 on. integer_scale_factor_y: the same along y. Raises
    InvalidArgumentError for 0.
    """
    def __init__(self, source: MPSNNImageNode, *, integer_scale_factor_x: typing.SupportsInt | typing.SupportsIndex, integer_scale_factor_y: typing.SupportsInt | typing.SupportsIndex, align_corners: bool=False) -> None:
        """
        Result pixels for each source pixel along x and y, from 1 on; InvalidArgumentError otherwise.
        """
    @property
    def align_corners(self) -> bool:
        """
        Whether the corner pixels of source and result coincide.
        """
    @property
    def scale_factor_x(self) -> float:
        """
        Width of the forward result divided by that of its source.
        """
    @property
    def scale_factor_y(self) -> float:
        """
        Height of the forward result divided by that of its source.
        """
class MPSCNNUpsamplingNearestGradientNode(MPSNNGradientFilterNode):
    """
    The gradient of nearest upsampling.
    
    (h * scale_factor_y) x (w * scale_factor_x) x c to h x w x c:
    
        d = sum of g over the result pixels that repeat the source pixel
    
    In PyTorch:
    
        d, = torch.autograd.grad(y, x, g)
    
    source_gradient: gradient with respect to the forward result, of its size. source_image: the forward source, whose size the result
    has. gradient_state: of the forward filter. Raises InvalidArgumentError for other factors than the forward filter's.
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode, scale_factor_x: typing.SupportsFloat | typing.SupportsIndex, scale_factor_y: typing.SupportsFloat | typing.SupportsIndex) -> None:
        """
        The factors must be the forward filter's; InvalidArgumentError otherwise.
        """
    @property
    def scale_factor_x(self) -> float:
        """
        Width of the forward result divided by that of its source.
        """
    @property
    def scale_factor_y(self) -> float:
        """
        Height of the forward result divided by that of its source.
        """
class MPSCNNUpsamplingBilinearGradientNode(MPSNNGradientFilterNode):
    """
    The gradient of bilinear upsampling.
    
    (h * scale_factor_y) x (w * scale_factor_x) x c to h x w x c:
    
        d = sum of g * the forward factor over the result pixels that read the source pixel
    
    With edge mode Clamp an edge pixel also gets what was read for pixels outside, with Zero that is dropped.
    
    In PyTorch:
    
        d, = torch.autograd.grad(y, x, g)
    
    Open: where align_corners and the edge mode come from. From the gradient state: they are the forward filter's.
    
    source_gradient: gradient with respect to the forward result, of its size. source_image: the forward source, whose size the result
    has. gradient_state: of the forward filter. Raises InvalidArgumentError for other factors than the forward filter's.
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode, scale_factor_x: typing.SupportsFloat | typing.SupportsIndex, scale_factor_y: typing.SupportsFloat | typing.SupportsIndex) -> None:
        """
        The factors must be the forward filter's; InvalidArgumentError otherwise.
        """
    @property
    def scale_factor_x(self) -> float:
        """
        Width of the forward result divided by that of its source.
        """
    @property
    def scale_factor_y(self) -> float:
        """
        Height of the forward result divided by that of its source.
        """
class MPSImageTransformProvider:
    """
    Says which part of its source a scale filter shows. To be derived from.
    
    A graph that asks one can be copied, not saved.
    """
    def __init__(self) -> None:
        ...
    def transform_for_source_image(self, source_image: MPSImage, handle: typing.Any | None=None) -> MPSScaleTransform:
        """
        Returns an MPSScaleTransform, result = source * scale + translate. Required.
        
        Called with every encode for each image of the batch, before the work runs: the pixels of an image that the graph makes itself are
        not there yet, only its size is. source_image: what the filter reads. handle: that of the source's image node.
        To put source point o at the result's top left corner, translate by -o * scale. Coordinates are those of pixel edges: pixel 0
        reaches from 0 to 1. Scales must be 1/65536 or more and finite, translations finite; InvalidArgumentError otherwise.
        """
class MPSNNScaleNode(MPSNNFilterNode):
    """
    Base of the filters that give an image another size.
    
    h x w x c to output_size.height x output_size.width x c. Without a transform_provider the whole source fills the result:
    scale_x = output_size.width / w, scale_y = output_size.height / h, translations 0. With one the provider is asked in every encode
    for each image, and result = source * scale + translate. Result pixel i lies at
    
        u = (i + 0.5 - translate_x) / scale_x - 0.5
    
    among the centres of the source pixels; along y likewise. There is no gradient: asking for one raises GraphError; set
    stop_gradient on the result image.
    
    Open: the edge mode. It is Clamp, pixels outside have the value of the nearest edge pixel; a custom padding policy that sets
    edge_mode to Zero makes them 0.
    Open: the depth of output_size. It has no influence.
    
    transform_provider: an MPSImageTransformProvider; None shows the whole source. output_size: width and height of the result in
    pixels, from 1 on. Raises InvalidArgumentError for an output_size of 0 and, when a graph is encoded, for a transform that is
    refused.
    """
class MPSNNBilinearScaleNode(MPSNNScaleNode):
    """
    Gives an image another size by interpolating between two pixels.
    
    h x w x c to output_size.height x output_size.width x c, along each axis, with u of MPSNNScaleNode:
    
        y[i] = (1 - f) * x[k] + f * x[k + 1],  k = floor(u), f = u - k
    
    There is no low-pass filter: below half the size pixels are passed over.
    
    In PyTorch:
    
        y = F.interpolate(x, (output_size.height, output_size.width), mode="bilinear")
    
    without a transform_provider.
    """
    def __init__(self, source: MPSNNImageNode, *, transform_provider: MPSImageTransformProvider | None=None, output_size: MTLSize | tuple[int, int, int]) -> None:
        """
        output_size: width and height of the result, from 1 on (InvalidArgumentError otherwise); the depth has no influence.
        """
class MPSNNLanczosScaleNode(MPSNNScaleNode):
    """
    Gives an image another size with a Lanczos filter.
    
    h x w x c to output_size.height x output_size.width x c, along each axis, with u of MPSNNScaleNode:
    
        y[i] = sum of w((k - u) / r) * x[k] / sum of w((k - u) / r), both over |k - u| <= 3r
    
    with w(z) = sinc(z) * sinc(z / 3), sinc(z) = sin(pi z) / (pi z), and r = max(1, 1 / scale), which widens the filter when it reduces.
    Results may exceed the range of the source.
    
    In PyTorch:
    
        def rows(x, size):
            source = x.shape[2]
            r = max(1, source / size)
            reach = math.ceil(3 * r)
            u = (torch.arange(size, dtype=x.dtype) + 0.5) * source / size - 0.5
            z = (torch.arange(-reach, source + reach) - u[:, None]) / r
            w = torch.where(z.abs() <= 3, torch.sinc(z) * torch.sinc(z / 3), 0)
            return w / w.sum(1, keepdim=True) @ F.pad(x, (0, 0, reach, reach), mode="replicate")
    
        y = rows(rows(x, output_size.height).mT, output_size.width).mT
    
    without a transform_provider. F.interpolate has no Lanczos filter; its mode "bicubic" with antialias=True comes near.
    
    Open: the filter, of which only the name is published. It has three lobes, is widened when it reduces, and normalised.
    """
    def __init__(self, source: MPSNNImageNode, *, transform_provider: MPSImageTransformProvider | None=None, output_size: MTLSize | tuple[int, int, int]) -> None:
        """
        output_size: width and height of the result, from 1 on (InvalidArgumentError otherwise); the depth has no influence.
        """
class MPSNNReshapeNode(MPSNNFilterNode):
    """
    The numbers of an image as an image of another size.
    
    h x w x c to result_height x result_width x result_feature_channels, with as many numbers:
    
        y.flat[k] = x.flat[k]
    
    In PyTorch:
    
        pixels = x.permute(0, 2, 3, 1).reshape(-1, result_height, result_width, result_feature_channels)
        y = pixels.permute(0, 3, 1, 2)
    
    Open: the order of the numbers. It is rows, in them pixels, in them channels: that of a fully connected filter's weights.
    
    result_width: width of the result in pixels. result_height: height of the result in pixels. result_feature_channels: channels of
    the result. Raises InvalidArgumentError for an extent of 0; ShapeError, when the graph runs, for another number of numbers.
    """
    def __init__(self, source: MPSNNImageNode, *, result_width: typing.SupportsInt | typing.SupportsIndex, result_height: typing.SupportsInt | typing.SupportsIndex, result_feature_channels: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        The size of the result, in pixels and channels.
        """
class MPSNNReshapeGradientNode(MPSNNGradientFilterNode):
    """
    The gradient of a reshape.
    
    result_height x result_width x result_feature_channels to h x w x c, the forward source's size:
    
        d.flat[k] = g.flat[k]
    
    In PyTorch:
    
        d, = torch.autograd.grad(y, x, g)
    
    source_gradient: of the forward result's size. source_image: the forward source (only its size matters). gradient_state: of the
    forward filter.
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode) -> None:
        """
        What the forward filter makes itself when asked for its gradient.
        """
class MPSCNNSoftMaxNode(MPSNNFilterNode):
    """
    The normalised exponential over the channels of each pixel.
    
    h x w x c to h x w x c, for each pixel:
    
        y[k] = exp(x[k]) / sum over j of exp(x[j])
    
    A softmax cross-entropy loss has its own softmax: put none before it.
    
    In PyTorch:
    
        y = F.softmax(x, 1)
    
    Open: whether large values overflow. They do not: the largest x of the pixel is subtracted first.
    Open: values that are not finite. -inf gives 0; a pixel with a NaN, with +inf, or with nothing but -inf is all NaN.
    """
    def __init__(self, source: MPSNNImageNode) -> None:
        """
        A filter that reads `source`.
        """
class MPSCNNLogSoftMaxNode(MPSNNFilterNode):
    """
    The logarithm of the softmax over the channels of each pixel.
    
    h x w x c to h x w x c, for each pixel:
    
        y[k] = x[k] - ln(sum over j of exp(x[j]))
    
    finite also where the softmax itself would be 0 in its storage format.
    
    In PyTorch:
    
        y = F.log_softmax(x, 1)
    
    Open: values that are not finite. As in MPSCNNSoftMaxNode, with -inf for a softmax of 0.
    """
    def __init__(self, source: MPSNNImageNode) -> None:
        """
        A filter that reads `source`.
        """
class MPSCNNSoftMaxGradientNode(MPSNNGradientFilterNode):
    """
    The gradient of a softmax.
    
    h x w x c to h x w x c, for each pixel:
    
        d[k] = y[k] * (g[k] - sum over j of g[j] * y[j])
    
    In PyTorch:
    
        d, = torch.autograd.grad(y, x, g)
    
    Open: which image `source_image` is. It is the forward filter's result, in which the formula is written.
    
    source_gradient: g, gradient with respect to the forward result. source_image: y, the forward filter's result image (not its
    source). gradient_state: of the forward filter. All have one size; ShapeError otherwise.
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode) -> None:
        """
        `source_image` is the forward filter's result image, `gradient_state` its result state.
        """
class MPSCNNLogSoftMaxGradientNode(MPSNNGradientFilterNode):
    """
    The gradient of a log-softmax.
    
    h x w x c to h x w x c, for each pixel:
    
        d[k] = g[k] - exp(y[k]) * sum over j of g[j]
    
    In PyTorch:
    
        d, = torch.autograd.grad(y, x, g)
    
    Open: which image `source_image` is. It is the forward filter's result, in which the formula is written.
    
    source_gradient: g, gradient with respect to the forward result. source_image: y, the forward filter's result image (not its
    source). gradient_state: of the forward filter. All have one size; ShapeError otherwise.
    """
    def __init__(self, source_gradient: MPSNNImageNode, source_image: MPSNNImageNode, *, gradient_state: MPSNNStateNode) -> None:
        """
        `source_image` is the forward filter's result image, `gradient_state` its result state.
        """
class MPSCNNNeuron(MPSCNNKernel):
    """
    The kernel of the neuron nodes: y = f(x) for each element; see MPSNNNeuronDescriptor.
    """
    def __init__(self, neuron_descriptor: MPSNNNeuronDescriptor, *, device: Device | str | None=None) -> None:
        """
        The descriptor is copied.
        """
    @property
    def a(self) -> float:
        """
        First constant.
        """
    @property
    def b(self) -> float:
        """
        Second constant.
        """
    @property
    def c(self) -> float:
        """
        Third constant.
        """
    @property
    def data(self) -> numpy.typing.NDArray[numpy.float32] | None:
        """
        PReLU's slope of each channel (a copy), else None.
        """
    @property
    def neuron_type(self) -> MPSCNNNeuronType:
        """
        Which function.
        """
class MPSCNNNeuronAbsolute(MPSCNNNeuron):
    """
    MPSCNNNeuron for descriptors of type Absolute.
    """
    def __init__(self, neuron_descriptor: MPSNNNeuronDescriptor, *, device: Device | str | None=None) -> None:
        """
        Raises InvalidArgumentError for a descriptor of another type.
        """
class MPSCNNNeuronELU(MPSCNNNeuron):
    """
    MPSCNNNeuron for descriptors of type ELU.
    """
    def __init__(self, neuron_descriptor: MPSNNNeuronDescriptor, *, device: Device | str | None=None) -> None:
        """
        Raises InvalidArgumentError for a descriptor of another type.
        """
class MPSCNNNeuronExponential(MPSCNNNeuron):
    """
    MPSCNNNeuron for descriptors of type Exponential.
    """
    def __init__(self, neuron_descriptor: MPSNNNeuronDescriptor, *, device: Device | str | None=None) -> None:
        """
        Raises InvalidArgumentError for a descriptor of another type.
        """
class MPSCNNNeuronHardSigmoid(MPSCNNNeuron):
    """
    MPSCNNNeuron for descriptors of type HardSigmoid.
    """
    def __init__(self, neuron_descriptor: MPSNNNeuronDescriptor, *, device: Device | str | None=None) -> None:
        """
        Raises InvalidArgumentError for a descriptor of another type.
        """
class MPSCNNNeuronLinear(MPSCNNNeuron):
    """
    MPSCNNNeuron for descriptors of type Linear.
    """
    def __init__(self, neuron_descriptor: MPSNNNeuronDescriptor, *, device: Device | str | None=None) -> None:
        """
        Raises InvalidArgumentError for a descriptor of another type.
        """
class MPSCNNNeuronLogarithm(MPSCNNNeuron):
    """
    MPSCNNNeuron for descriptors of type Logarithm.
    """
    def __init__(self, neuron_descriptor: MPSNNNeuronDescriptor, *, device: Device | str | None=None) -> None:
        """
        Raises InvalidArgumentError for a descriptor of another type.
        """
class MPSCNNNeuronPReLU(MPSCNNNeuron):
    """
    MPSCNNNeuron for descriptors of type PReLU.
    """
    def __init__(self, neuron_descriptor: MPSNNNeuronDescriptor, *, device: Device | str | None=None) -> None:
        """
        Raises InvalidArgumentError for a descriptor of another type.
        """
class MPSCNNNeuronPower(MPSCNNNeuron):
    """
    MPSCNNNeuron for descriptors of type Power.
    """
    def __init__(self, neuron_descriptor: MPSNNNeuronDescriptor, *, device: Device | str | None=None) -> None:
        """
        Raises InvalidArgumentError for a descriptor of another type.
        """
class MPSCNNNeuronReLU(MPSCNNNeuron):
    """
    MPSCNNNeuron for descriptors of type ReLU.
    """
    def __init__(self, neuron_descriptor: MPSNNNeuronDescriptor, *, device: Device | str | None=None) -> None:
        """
        Raises InvalidArgumentError for a descriptor of another type.
        """
class MPSCNNNeuronReLUN(MPSCNNNeuron):
    """
    MPSCNNNeuron for descriptors of type ReLUN.
    """
    def __init__(self, neuron_descriptor: MPSNNNeuronDescriptor, *, device: Device | str | None=None) -> None:
        """
        Raises InvalidArgumentError for a descriptor of another type.
        """
class MPSCNNNeuronSigmoid(MPSCNNNeuron):
    """
    MPSCNNNeuron for descriptors of type Sigmoid.
    """
    def __init__(self, neuron_descriptor: MPSNNNeuronDescriptor, *, device: Device | str | None=None) -> None:
        """
        Raises InvalidArgumentError for a descriptor of another type.
        """
class MPSCNNNeuronSoftPlus(MPSCNNNeuron):
    """
    MPSCNNNeuron for descriptors of type SoftPlus.
    """
    def __init__(self, neuron_descriptor: MPSNNNeuronDescriptor, *, device: Device | str | None=None) -> None:
        """
        Raises InvalidArgumentError for a descriptor of another type.
        """
class MPSCNNNeuronSoftSign(MPSCNNNeuron):
    """
    MPSCNNNeuron for descriptors of type SoftSign.
    """
    def __init__(self, neuron_descriptor: MPSNNNeuronDescriptor, *, device: Device | str | None=None) -> None:
        """
        Raises InvalidArgumentError for a descriptor of another type.
        """
class MPSCNNNeuronTanH(MPSCNNNeuron):
    """
    MPSCNNNeuron for descriptors of type TanH.
    """
    def __init__(self, neuron_descriptor: MPSNNNeuronDescriptor, *, device: Device | str | None=None) -> None:
        """
        Raises InvalidArgumentError for a descriptor of another type.
        """
class MPSCNNNeuronGradient(MPSCNNGradientKernel):
    """
    The kernel of MPSCNNNeuronGradientNode: g * f'(x).
    """
    def __init__(self, neuron_descriptor: MPSNNNeuronDescriptor, *, device: Device | str | None=None) -> None:
        """
        The forward kernel's descriptor; it is copied.
        """
    @property
    def a(self) -> float:
        """
        First constant.
        """
    @property
    def b(self) -> float:
        """
        Second constant.
        """
    @property
    def c(self) -> float:
        """
        Third constant.
        """
    @property
    def data(self) -> numpy.typing.NDArray[numpy.float32] | None:
        """
        PReLU's slope of each channel (a copy), else None.
        """
    @property
    def neuron_type(self) -> MPSCNNNeuronType:
        """
        Which function.
        """
class MPSCNNArithmetic(MPSCNNBinaryKernel):
    """
    Base of the kernels that combine two images.
    
    clamp(((primary_scale * p) op (secondary_scale * s)) + bias, minimum_value, maximum_value), element by element.
    """
    @property
    def bias(self) -> float:
        """
        Added to the result of the operation; 0 by default.
        """
    @bias.setter
    def bias(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def maximum_value(self) -> float:
        """
        Larger results become this; the largest float32 by default.
        """
    @maximum_value.setter
    def maximum_value(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def minimum_value(self) -> float:
        """
        Smaller results become this; the smallest float32 by default.
        """
    @minimum_value.setter
    def minimum_value(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def primary_scale(self) -> float:
        """
        Factor of the left source; 1 by default.
        """
    @primary_scale.setter
    def primary_scale(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def primary_stride_in_feature_channels(self) -> int:
        """
        1, or 0: the left source's first channel serves all.
        """
    @primary_stride_in_feature_channels.setter
    def primary_stride_in_feature_channels(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def primary_stride_in_pixels_x(self) -> int:
        """
        1, or 0: the left source's first column serves all.
        """
    @primary_stride_in_pixels_x.setter
    def primary_stride_in_pixels_x(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def primary_stride_in_pixels_y(self) -> int:
        """
        1, or 0: the left source's first row serves all.
        """
    @primary_stride_in_pixels_y.setter
    def primary_stride_in_pixels_y(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def secondary_scale(self) -> float:
        """
        Factor of the right source; 1 by default.
        """
    @secondary_scale.setter
    def secondary_scale(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def secondary_stride_in_feature_channels(self) -> int:
        """
        1, or 0: the right source's first channel serves all.
        """
    @secondary_stride_in_feature_channels.setter
    def secondary_stride_in_feature_channels(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def secondary_stride_in_pixels_x(self) -> int:
        """
        1, or 0: the right source's first column serves all.
        """
    @secondary_stride_in_pixels_x.setter
    def secondary_stride_in_pixels_x(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def secondary_stride_in_pixels_y(self) -> int:
        """
        1, or 0: the right source's first row serves all.
        """
    @secondary_stride_in_pixels_y.setter
    def secondary_stride_in_pixels_y(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
class MPSCNNAdd(MPSCNNArithmetic):
    """
    The kernel of MPSNNAdditionNode.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSCNNSubtract(MPSCNNArithmetic):
    """
    The kernel of MPSNNSubtractionNode.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSCNNMultiply(MPSCNNArithmetic):
    """
    The kernel of MPSNNMultiplicationNode.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSCNNDivide(MPSCNNArithmetic):
    """
    The kernel of MPSNNDivisionNode.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSNNCompare(MPSCNNArithmetic):
    """
    The kernel of MPSNNComparisonNode: 1 where a comparison holds, else 0.
    
    Equal holds where the numbers are no further apart than `threshold`, NotEqual where they are; the other comparisons do not look at
    it. (Apple leaves that open.) Of the base's properties only the strides count.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
    @property
    def comparison_type(self) -> MPSNNComparisonType:
        """
        Which comparison, with the primary image on the left side; Equal by default. An encode raises InvalidArgumentError for combined members that are none.
        """
    @comparison_type.setter
    def comparison_type(self, arg1: MPSNNComparisonType) -> None:
        ...
    @property
    def threshold(self) -> float:
        """
        Numbers that are no further apart are equal; 0 by default.
        """
    @threshold.setter
    def threshold(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
class MPSCNNArithmeticGradient(MPSCNNGradientKernel):
    """
    Base of the gradients of arithmetic kernels; scales and strides are the forward kernel's.
    """
    @property
    def bias(self) -> float:
        """
        Added to each element before any sum; 0 by default.
        """
    @bias.setter
    def bias(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def is_secondary_source_filter(self) -> bool:
        """
        Whether this is the gradient for the right source.
        """
    @property
    def maximum_value(self) -> float:
        """
        Has no effect: gradients are not clamped.
        """
    @maximum_value.setter
    def maximum_value(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def minimum_value(self) -> float:
        """
        Has no effect: gradients are not clamped.
        """
    @minimum_value.setter
    def minimum_value(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def primary_scale(self) -> float:
        """
        Factor of the incoming gradient; 1 by default.
        """
    @primary_scale.setter
    def primary_scale(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def secondary_scale(self) -> float:
        """
        Factor of the source image; 1 by default. Only a multiplication has it.
        """
    @secondary_scale.setter
    def secondary_scale(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def secondary_stride_in_feature_channels(self) -> int:
        """
        The forward filter's stride for the source image along the channels: 1 or 0.
        """
    @secondary_stride_in_feature_channels.setter
    def secondary_stride_in_feature_channels(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def secondary_stride_in_pixels_x(self) -> int:
        """
        The forward filter's stride for the source image along x: 1 or 0.
        """
    @secondary_stride_in_pixels_x.setter
    def secondary_stride_in_pixels_x(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def secondary_stride_in_pixels_y(self) -> int:
        """
        The forward filter's stride for the source image along y: 1 or 0.
        """
    @secondary_stride_in_pixels_y.setter
    def secondary_stride_in_pixels_y(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
class MPSCNNAddGradient(MPSCNNArithmeticGradient):
    """
    The kernel of MPSNNAdditionGradientNode.
    """
    def __init__(self, is_secondary_source_filter: bool, *, device: Device | str | None=None) -> None:
        """
        Whether it is the gradient with respect to the secondary source of the forward kernel.
        """
class MPSCNNSubtractGradient(MPSCNNArithmeticGradient):
    """
    The kernel of MPSNNSubtractionGradientNode.
    """
    def __init__(self, is_secondary_source_filter: bool, *, device: Device | str | None=None) -> None:
        """
        Whether it is the gradient with respect to the secondary source of the forward kernel.
        """
class MPSCNNMultiplyGradient(MPSCNNArithmeticGradient):
    """
    The kernel of MPSNNMultiplicationGradientNode. source_image is the other source of the forward kernel.
    """
    def __init__(self, is_secondary_source_filter: bool, *, device: Device | str | None=None) -> None:
        """
        Whether it is the gradient with respect to the secondary source of the forward kernel.
        """
class MPSNNSlice(MPSCNNKernel):
    """
    Copies a range of channels.
    
    Channels o ... o + min(source_feature_channel_max_count, c - o) - 1 of the source, with o = source_feature_channel_offset, a
    multiple of 4; to the channels from destination_feature_channel_offset on. `offset` and `clip_rect` cut out pixels. There is no
    gradient.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSCNNConvolution(MPSCNNKernel):
    """
    The kernel of MPSCNNConvolutionNode.
    """
    def __init__(self, weights: MPSCNNConvolutionDataSource, *, device: Device | str | None=None) -> None:
        """
        Reads the data source; raises what reading a convolution node's raises.
        """
    def export_weights_and_biases_with_command_buffer(self, command_buffer: MPSCommandBuffer, result_state_can_be_temporary: bool) -> MPSCNNConvolutionWeightsAndBiasesState:
        """
        A state with a copy of the values in use, float32, there when the command buffer has completed.
        """
    def reload_weights_and_biases_from_data_source(self) -> None:
        """
        Reads weights and biases of the data source again.
        """
    def reload_weights_and_biases_with_command_buffer(self, command_buffer: MPSCommandBuffer, state: MPSCNNConvolutionWeightsAndBiasesState) -> None:
        """
        Takes weights and biases of a state when the command buffer gets there. Raises InvalidArgumentError where sizes differ.
        """
    @property
    def accumulator_precision_option(self) -> MPSNNConvolutionAccumulatorPrecisionOption:
        """
        Precision of the sums; they are float32 here whatever it says.
        """
    @accumulator_precision_option.setter
    def accumulator_precision_option(self, arg0: MPSNNConvolutionAccumulatorPrecisionOption) -> None:
        ...
    @property
    def channel_multiplier(self) -> int:
        """
        Depthwise: results for each source channel; 0 otherwise.
        """
    @property
    def data_source(self) -> MPSCNNConvolutionDataSource:
        """
        As given.
        """
    @property
    def fused_neuron_descriptor(self) -> MPSNNNeuronDescriptor:
        """
        Activation of the result (a copy).
        """
    @property
    def groups(self) -> int:
        """
        Groups of channels that do not see one another.
        """
    @property
    def input_feature_channels(self) -> int:
        """
        Channels of the source that are read.
        """
    @property
    def output_feature_channels(self) -> int:
        """
        Filters.
        """
    @property
    def sub_pixel_scale_factor(self) -> int:
        """
        Sub-pixels along each axis; 1 without.
        """
class MPSCNNFullyConnected(MPSCNNConvolution):
    """
    The kernel of MPSCNNFullyConnectedNode.
    """
    def __init__(self, weights: MPSCNNConvolutionDataSource, *, device: Device | str | None=None) -> None:
        """
        Reads the data source; raises what reading a convolution node's raises.
        """
class MPSCNNConvolutionTranspose(MPSCNNKernel):
    """
    The kernel of MPSCNNConvolutionTransposeNode.
    """
    def __init__(self, weights: MPSCNNConvolutionDataSource, *, device: Device | str | None=None) -> None:
        """
        Reads the data source; raises what reading a convolution node's raises.
        """
    @typing.overload  # type: ignore[override]
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_images: collections.abc.Sequence[MPSImage], destination_images: collections.abc.Sequence[MPSImage]) -> None:
        """
        As `encode_to_command_buffer`, for lists of images of one size.
        """
    @typing.overload
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_images: collections.abc.Sequence[MPSImage], convolution_gradient_states: collections.abc.Sequence[MPSCNNConvolutionGradientState] | None, destination_images: collections.abc.Sequence[MPSImage]) -> None:
        """
        As `encode_to_command_buffer`, for lists of images of one size.
        """
    @typing.overload
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_images: collections.abc.Sequence[MPSImage], destination_states: collections.abc.Sequence[MPSState] | None, destination_images: collections.abc.Sequence[MPSImage]) -> None:
        """
        As `encode_to_command_buffer`, for lists of images of one size.
        """
    @typing.overload
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_images: collections.abc.Sequence[MPSImage], convolution_gradient_states: collections.abc.Sequence[MPSCNNConvolutionGradientState] | None=None, destination_states: list[MPSState] | None=None, destination_state_is_temporary: bool | None=None) -> list[MPSImage]:
        """
        As `encode_to_command_buffer`, for lists of images of one size.
        """
    @typing.overload  # type: ignore[override]
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_image: MPSImage, destination_image: MPSImage) -> None:
        """
        Into an image of the caller's: the part `clip_rect`, its first pixel at `offset` of the source. The padding policy is not asked. `destination_state` is filled for the gradient kernel. Raises ShapeError where the result does not fit.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_image: MPSImage, convolution_gradient_state: MPSCNNConvolutionGradientState | None, destination_image: MPSImage) -> None:
        """
        With `convolution_gradient_state` it is the mirror image of the convolution that made the state: the result has the size of that convolution's source, the windows lie where it read. Apple gives the formula for the gradient of the convolution only.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_image: MPSImage, destination_state: MPSState, destination_image: MPSImage) -> None:
        """
        Into an image of the caller's: the part `clip_rect`, its first pixel at `offset` of the source. The padding policy is not asked. `destination_state` is filled for the gradient kernel. Raises ShapeError where the result does not fit.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_image: MPSImage, convolution_gradient_state: MPSCNNConvolutionGradientState | None=None, destination_state: list[MPSState] | None=None, destination_state_is_temporary: bool | None=None) -> MPSImage:
        """
        With `convolution_gradient_state` it is the mirror image of the convolution that made the state: the result has the size of that convolution's source, the windows lie where it read. Apple gives the formula for the gradient of the convolution only.
        """
    def export_weights_and_biases_with_command_buffer(self, command_buffer: MPSCommandBuffer, result_state_can_be_temporary: bool) -> MPSCNNConvolutionWeightsAndBiasesState:
        """
        A state with a copy of the values in use, float32, there when the command buffer has completed.
        """
    def reload_weights_and_biases_from_data_source(self) -> None:
        """
        Reads weights and biases of the data source again.
        """
    def reload_weights_and_biases_with_command_buffer(self, command_buffer: MPSCommandBuffer, state: MPSCNNConvolutionWeightsAndBiasesState) -> None:
        """
        Takes weights and biases of a state when the command buffer gets there. Raises InvalidArgumentError where sizes differ.
        """
    @property
    def accumulator_precision_option(self) -> MPSNNConvolutionAccumulatorPrecisionOption:
        """
        Precision of the sums; they are float32 here whatever it says.
        """
    @accumulator_precision_option.setter
    def accumulator_precision_option(self, arg0: MPSNNConvolutionAccumulatorPrecisionOption) -> None:
        ...
    @property
    def data_source(self) -> MPSCNNConvolutionDataSource:
        """
        As given.
        """
    @property
    def groups(self) -> int:
        """
        Groups of channels that do not see one another.
        """
    @property
    def input_feature_channels(self) -> int:
        """
        Channels of the source that are read.
        """
    @property
    def output_feature_channels(self) -> int:
        """
        Filters.
        """
class MPSCNNConvolutionGradient(MPSCNNGradientKernel):
    """
    The kernel of MPSCNNConvolutionGradientNode. The gradients of weights and biases go into the gradient state.
    """
    def __init__(self, weights: MPSCNNConvolutionDataSource, *, device: Device | str | None=None) -> None:
        """
        Reads the data source; raises what reading a convolution node's raises.
        """
    def reload_weights_and_biases_from_data_source(self) -> None:
        """
        Reads weights and biases of the data source again.
        """
    def reload_weights_and_biases_with_command_buffer(self, command_buffer: MPSCommandBuffer, state: MPSCNNConvolutionWeightsAndBiasesState) -> None:
        """
        Takes weights and biases of a state when the command buffer gets there. Raises InvalidArgumentError where sizes differ.
        """
    @property
    def channel_multiplier(self) -> int:
        """
        Depthwise: results for each source channel; 0 otherwise.
        """
    @property
    def data_source(self) -> MPSCNNConvolutionDataSource:
        """
        As given.
        """
    @property
    def gradient_option(self) -> MPSCNNConvolutionGradientOption:
        """
        Which gradients are computed; All by default. Without GradientWithData the destination is not written, without GradientWithWeightsAndBias the state is not.
        """
    @gradient_option.setter
    def gradient_option(self, arg1: MPSCNNConvolutionGradientOption) -> None:
        ...
    @property
    def groups(self) -> int:
        """
        Groups of channels that do not see one another.
        """
    @property
    def source_gradient_feature_channels(self) -> int:
        """
        Channels of the incoming gradient: filters.
        """
    @property
    def source_image_feature_channels(self) -> int:
        """
        Channels of the forward source that are read.
        """
class MPSCNNFullyConnectedGradient(MPSCNNConvolutionGradient):
    """
    The kernel of MPSCNNFullyConnectedGradientNode.
    """
    def __init__(self, weights: MPSCNNConvolutionDataSource, *, device: Device | str | None=None) -> None:
        """
        Reads the data source; raises what reading a convolution node's raises.
        """
class MPSCNNConvolutionTransposeGradient(MPSCNNGradientKernel):
    """
    The kernel of MPSCNNConvolutionTransposeGradientNode. The gradients of weights and biases go into the gradient state.
    """
    def __init__(self, weights: MPSCNNConvolutionDataSource, *, device: Device | str | None=None) -> None:
        """
        Reads the data source; raises what reading a convolution node's raises.
        """
    def reload_weights_and_biases_from_data_source(self) -> None:
        """
        Reads weights and biases of the data source again.
        """
    def reload_weights_and_biases_with_command_buffer(self, command_buffer: MPSCommandBuffer, state: MPSCNNConvolutionWeightsAndBiasesState) -> None:
        """
        Takes weights and biases of a state when the command buffer gets there. Raises InvalidArgumentError where sizes differ.
        """
    @property
    def data_source(self) -> MPSCNNConvolutionDataSource:
        """
        As given.
        """
    @property
    def gradient_option(self) -> MPSCNNConvolutionGradientOption:
        """
        Which gradients are computed; All by default. Without GradientWithData the destination is not written, without GradientWithWeightsAndBias the state is not.
        """
    @gradient_option.setter
    def gradient_option(self, arg1: MPSCNNConvolutionGradientOption) -> None:
        ...
    @property
    def groups(self) -> int:
        """
        Groups of channels that do not see one another.
        """
    @property
    def source_gradient_feature_channels(self) -> int:
        """
        Channels of the incoming gradient: filters.
        """
    @property
    def source_image_feature_channels(self) -> int:
        """
        Channels of the forward source that are read.
        """
class MPSCNNBinaryConvolution(MPSCNNKernel):
    """
    The kernel of MPSCNNBinaryConvolutionNode. There is no gradient.
    """
    @staticmethod
    def with_scale_value(convolution_data: MPSCNNConvolutionDataSource, scale_value: typing.SupportsFloat | typing.SupportsIndex, type: MPSCNNBinaryConvolutionType, flags: MPSCNNBinaryConvolutionFlags, *, device: Device | str | None=None) -> MPSCNNBinaryConvolution:
        """
        Output scale scale_value for all channels, output bias from the data source, input bias 0 and scale 1.
        """
    def __init__(self, convolution_data: MPSCNNConvolutionDataSource, *, output_bias_terms: numpy.typing.ArrayLike | None=None, output_scale_terms: numpy.typing.ArrayLike | None=None, input_bias_terms: numpy.typing.ArrayLike | None=None, input_scale_terms: numpy.typing.ArrayLike | None=None, type: MPSCNNBinaryConvolutionType, flags: MPSCNNBinaryConvolutionFlags, device: Device | str | None=None) -> None:
        """
        Output terms have a number for each output channel, input terms for each input channel; they are copied. None stands for bias 0 and scale 1. The data source's biases are not used. Reads the data source; InvalidArgumentError where words or terms do not fit its descriptor.
        """
    @property
    def input_feature_channels(self) -> int:
        """
        Channels of the source that are read.
        """
    @property
    def output_feature_channels(self) -> int:
        """
        Filters.
        """
class MPSCNNBinaryFullyConnected(MPSCNNBinaryConvolution):
    """
    The kernel of MPSCNNBinaryFullyConnectedNode. There is no gradient.
    """
    @staticmethod
    def with_scale_value(convolution_data: MPSCNNConvolutionDataSource, scale_value: typing.SupportsFloat | typing.SupportsIndex, type: MPSCNNBinaryConvolutionType, flags: MPSCNNBinaryConvolutionFlags, *, device: Device | str | None=None) -> MPSCNNBinaryFullyConnected:
        """
        Output scale scale_value for all channels, output bias from the data source, input bias 0 and scale 1.
        """
    def __init__(self, convolution_data: MPSCNNConvolutionDataSource, *, output_bias_terms: numpy.typing.ArrayLike | None=None, output_scale_terms: numpy.typing.ArrayLike | None=None, input_bias_terms: numpy.typing.ArrayLike | None=None, input_scale_terms: numpy.typing.ArrayLike | None=None, type: MPSCNNBinaryConvolutionType, flags: MPSCNNBinaryConvolutionFlags, device: Device | str | None=None) -> None:
        """
        Output terms have a number for each output channel, input terms for each input channel; they are copied. None stands for bias 0 and scale 1. The data source's biases are not used. Reads the data source; InvalidArgumentError where words or terms do not fit its descriptor.
        """
class MPSCNNDropout(MPSCNNKernel):
    """
    The kernel of MPSCNNDropoutNode. Every encode and every image draws a mask of its own.
    """
    def __init__(self, keep_probability: typing.SupportsFloat | typing.SupportsIndex, *, seed: typing.SupportsInt | typing.SupportsIndex, mask_stride_in_pixels: MTLSize | tuple[int, int, int], device: Device | str | None=None) -> None:
        """
        keep_probability lies between 0 and 1, strides are 0 or 1; InvalidArgumentError otherwise.
        """
    @property
    def keep_probability(self) -> float:
        """
        Chance of an element to be kept; between 0 and 1, both excluded.
        """
    @property
    def mask_stride_in_pixels(self) -> MTLSize:
        """
        Whether the mask changes along x, y and channels: 1, or 0 for one element along the whole axis.
        """
    @property
    def seed(self) -> int:
        """
        Seed of the random masks.
        """
class MPSCNNDropoutGradient(MPSCNNGradientKernel):
    """
    The kernel of MPSCNNDropoutGradientNode; the mask is in the gradient state.
    """
    def __init__(self, keep_probability: typing.SupportsFloat | typing.SupportsIndex, *, seed: typing.SupportsInt | typing.SupportsIndex, mask_stride_in_pixels: MTLSize | tuple[int, int, int], device: Device | str | None=None) -> None:
        """
        keep_probability lies between 0 and 1, strides are 0 or 1; InvalidArgumentError otherwise.
        """
    @property
    def keep_probability(self) -> float:
        """
        Chance of an element to be kept; between 0 and 1, both excluded.
        """
    @property
    def mask_stride_in_pixels(self) -> MTLSize:
        """
        Whether the mask changes along x, y and channels: 1, or 0 for one element along the whole axis.
        """
    @property
    def seed(self) -> int:
        """
        Seed of the random masks.
        """
class MPSNNGramMatrixCalculation(MPSCNNKernel):
    """
    The kernel of MPSNNGramMatrixCalculationNode: h x w x c to 1 x c x c.
    
    Of the whole source: `offset` and the edge mode have no influence.
    """
    def __init__(self, alpha: typing.SupportsFloat | typing.SupportsIndex=1.0, *, device: Device | str | None=None) -> None:
        """
        The factor.
        """
    @property
    def alpha(self) -> float:
        """
        The factor; 1 by default.
        """
    @alpha.setter
    def alpha(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
class MPSNNGramMatrixCalculationGradient(MPSCNNGradientKernel):
    """
    The kernel of MPSNNGramMatrixCalculationGradientNode. `alpha` is its own, whatever the forward kernel's is.
    """
    def __init__(self, alpha: typing.SupportsFloat | typing.SupportsIndex=1.0, *, device: Device | str | None=None) -> None:
        """
        The factor.
        """
    @property
    def alpha(self) -> float:
        """
        The factor; 1 by default.
        """
    @alpha.setter
    def alpha(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
class MPSNNInitialGradient(MPSCNNKernel):
    """
    The kernel of MPSNNInitialGradientNode: ones, an image of the source's size. It writes whole images: an encode with an offset or a clip_rect raises InvalidArgumentError.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSCNNLoss(MPSCNNKernel):
    """
    The kernel of MPSCNNLossNode.
    
    loss_descriptor: the loss; copied. Raises what MPSCNNLossNode raises.
    """
    def __init__(self, loss_descriptor: MPSCNNLossDescriptor, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_images: collections.abc.Sequence[MPSImage], labels: collections.abc.Sequence[MPSCNNLossLabels], destination_images: collections.abc.Sequence[MPSImage] | None=None) -> list[MPSImage] | None:  # type: ignore[override]
        """
        As `encode_to_command_buffer`, for lists of images of one size and of as many labels.
        """
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_image: MPSImage, labels: MPSCNNLossLabels, destination_image: MPSImage | None=None) -> MPSImage | None:  # type: ignore[override]
        """
        Writes the loss into the labels' loss image and the gradient, of the source's height, width and channels, into an image of
        the caller's, or into one that `destination_image_allocator` makes and that is returned. Raises ShapeError where labels, loss image
        or destination do not fit the source, InvalidArgumentError unless `offset` and `clip_rect` have their defaults.
        """
    @property
    def delta(self) -> float:
        """
        Where Huber turns from a parabola into a line.
        """
    @property
    def epsilon(self) -> float:
        """
        Keeps the logarithms of Log finite.
        """
    @property
    def label_smoothing(self) -> float:
        """
        How much of the labels is spread. Cross entropies only.
        """
    @property
    def loss_type(self) -> MPSCNNLossType:
        """
        Which function; see MPSCNNLossDescriptor.
        """
    @property
    def number_of_classes(self) -> int:
        """
        For the smoothing of the softmax cross entropy.
        """
    @property
    def reduce_across_batch(self) -> bool:
        """
        Whether the first image gets the loss of the whole batch, the others 0.
        """
    @property
    def reduction_type(self) -> MPSCNNReductionType:
        """
        How the elements of an image become its loss.
        """
    @property
    def weight(self) -> float:
        """
        Factor of every element.
        """
class MPSNNForwardLoss(MPSCNNKernel):
    """
    The kernel of MPSNNForwardLossNode. Only batches can be encoded.
    """
    def __init__(self, loss_descriptor: MPSCNNLossDescriptor, *, device: Device | str | None=None) -> None:
        """
        The loss, copied. Raises InvalidArgumentError for a cosine distance whose reduction is not Sum.
        """
    @typing.overload  # type: ignore[override]
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_images: collections.abc.Sequence[MPSImage], labels: collections.abc.Sequence[MPSImage], weights: collections.abc.Sequence[MPSImage] | None, destination_states: collections.abc.Sequence[MPSState] | None, destination_images: collections.abc.Sequence[MPSImage]) -> None:
        """
        Predictions, labels of as many channels or more, weights of the labels' size, if any; the losses are written into the destination images, or into images that `destination_image_allocator` makes and that are returned: 1 x 1 x 1, with reduction None of the predictions' size. The result states, for the gradient kernel, are filled, or appended to the list `destination_states`. Raises ShapeError for images that do not fit, InvalidArgumentError for an offset or a clip_rect.
        """
    @typing.overload
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_images: collections.abc.Sequence[MPSImage], labels: collections.abc.Sequence[MPSImage], weights: collections.abc.Sequence[MPSImage] | None, destination_states: list[MPSState] | None, destination_state_is_temporary: bool | None=None) -> list[MPSImage]:
        """
        Predictions, labels of as many channels or more, weights of the labels' size, if any; the losses are written into the destination images, or into images that `destination_image_allocator` makes and that are returned: 1 x 1 x 1, with reduction None of the predictions' size. The result states, for the gradient kernel, are filled, or appended to the list `destination_states`. Raises ShapeError for images that do not fit, InvalidArgumentError for an offset or a clip_rect.
        """
    @property
    def delta(self) -> float:
        """
        Where Huber turns from a parabola into a line.
        """
    @delta.setter
    def delta(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def epsilon(self) -> float:
        """
        Keeps the logarithms of Log finite.
        """
    @epsilon.setter
    def epsilon(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def label_smoothing(self) -> float:
        """
        How much of the labels is spread. Cross entropies only.
        """
    @label_smoothing.setter
    def label_smoothing(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def loss_type(self) -> MPSCNNLossType:
        """
        Which function; see MPSCNNLossDescriptor.
        """
    @property
    def number_of_classes(self) -> int:
        """
        For the smoothing of the softmax cross entropy.
        """
    @property
    def reduce_across_batch(self) -> bool:
        """
        Whether the first image gets the loss of the whole batch, the others 0.
        """
    @property
    def reduction_type(self) -> MPSCNNReductionType:
        """
        How the elements of an image become its loss.
        """
    @property
    def weight(self) -> float:
        """
        Factor of every element.
        """
    @weight.setter
    def weight(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
class MPSNNLossGradient(MPSCNNBinaryKernel):
    """
    The kernel of MPSNNLossGradientNode. Only batches can be encoded.
    """
    def __init__(self, loss_descriptor: MPSCNNLossDescriptor, *, device: Device | str | None=None) -> None:
        """
        The loss, copied. Raises InvalidArgumentError for a cosine distance whose reduction is not Sum.
        """
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_gradients: collections.abc.Sequence[MPSImage], source_images: collections.abc.Sequence[MPSImage], labels: collections.abc.Sequence[MPSImage], weights: collections.abc.Sequence[MPSImage] | None=None, source_states: collections.abc.Sequence[MPSState] | None=None, destination_gradients: collections.abc.Sequence[MPSImage] | None=None) -> list[MPSImage] | None:  # type: ignore[override]
        """
        The gradient with respect to the predictions, or to the labels where `compute_label_gradients`, images of their size, which are returned unless destination_gradients are given. `source_gradients`: 1 x 1 x 1, with reduction None of the predictions' size. `source_states`: the forward kernel's result states, whose weight, label_smoothing, epsilon and delta replace this kernel's. Raises ShapeError for images that do not fit, InvalidArgumentError for the state of another kernel, an offset or a clip_rect.
        """
    @property
    def compute_label_gradients(self) -> bool:
        """
        Whether the gradient is that with respect to the labels; False by default.
        """
    @compute_label_gradients.setter
    def compute_label_gradients(self, arg1: bool) -> None:
        ...
    @property
    def delta(self) -> float:
        """
        Where Huber turns from a parabola into a line.
        """
    @delta.setter
    def delta(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def epsilon(self) -> float:
        """
        Keeps the logarithms of Log finite.
        """
    @epsilon.setter
    def epsilon(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def label_smoothing(self) -> float:
        """
        How much of the labels is spread. Cross entropies only.
        """
    @label_smoothing.setter
    def label_smoothing(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def loss_type(self) -> MPSCNNLossType:
        """
        Which function; see MPSCNNLossDescriptor.
        """
    @property
    def number_of_classes(self) -> int:
        """
        For the smoothing of the softmax cross entropy.
        """
    @property
    def reduce_across_batch(self) -> bool:
        """
        Whether the first image gets the loss of the whole batch, the others 0.
        """
    @property
    def reduction_type(self) -> MPSCNNReductionType:
        """
        How the elements of an image become its loss.
        """
    @property
    def weight(self) -> float:
        """
        Factor of every element.
        """
    @weight.setter
    def weight(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
class MPSCNNYOLOLoss(MPSCNNKernel):
    """
    The kernel of MPSCNNYOLOLossNode.
    
    loss_descriptor: the loss; copied. Raises what MPSCNNYOLOLossNode raises.
    """
    def __init__(self, loss_descriptor: MPSCNNYOLOLossDescriptor, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_images: collections.abc.Sequence[MPSImage], labels: collections.abc.Sequence[MPSCNNLossLabels], destination_images: collections.abc.Sequence[MPSImage] | None=None) -> list[MPSImage] | None:  # type: ignore[override]
        """
        As `encode_to_command_buffer`, for lists of images of one size and of as many labels.
        """
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_image: MPSImage, labels: MPSCNNLossLabels, destination_image: MPSImage | None=None) -> MPSImage | None:  # type: ignore[override]
        """
        Writes the loss into the labels' loss image and the gradient, of the source's height, width and channels, into an image of
        the caller's, or into one that `destination_image_allocator` makes and that is returned. Raises ShapeError where labels, loss image
        or destination do not fit the source, InvalidArgumentError unless `offset` and `clip_rect` have their defaults.
        """
    @property
    def anchor_boxes(self) -> numpy.typing.NDArray[numpy.float32]:
        """
        Width and height of each anchor box, in cells: a copy.
        """
    @property
    def loss_classes(self) -> MPSCNNLoss:
        """
        The loss of the class scores, on its own.
        """
    @property
    def loss_confidence(self) -> MPSCNNLoss:
        """
        The loss of the confidences, on its own.
        """
    @property
    def loss_wh(self) -> MPSCNNLoss:
        """
        The loss of the logarithms of the sizes, on its own.
        """
    @property
    def loss_xy(self) -> MPSCNNLoss:
        """
        The loss of the centres, on its own.
        """
    @property
    def max_iou_for_object_absence(self) -> float:
        """
        Below it an anchor box is to find nothing.
        """
    @property
    def min_iou_for_object_presence(self) -> float:
        """
        Above it an anchor box stands for the object of its cell.
        """
    @property
    def number_of_anchor_boxes(self) -> int:
        """
        Anchor boxes of each cell.
        """
    @property
    def reduce_across_batch(self) -> bool:
        """
        Whether the first loss image gets the loss of the whole batch.
        """
    @property
    def reduction_type(self) -> MPSCNNReductionType:
        """
        How the elements of an image become its loss.
        """
    @property
    def scale_class(self) -> float:
        """
        Factor of the loss of the classes.
        """
    @property
    def scale_no_object(self) -> float:
        """
        Factor of the confidence's loss where nothing is to be found.
        """
    @property
    def scale_object(self) -> float:
        """
        Factor of the confidence's loss of objects.
        """
    @property
    def scale_wh(self) -> float:
        """
        Factor of the loss of the sizes.
        """
    @property
    def scale_xy(self) -> float:
        """
        Factor of the loss of the centres.
        """
class MPSCNNBatchNormalization(MPSCNNKernel):
    """
    The kernel of MPSCNNBatchNormalizationNode, its activation fused.
    
    It normalises with the data source's statistics, or with those of a state. A batch that is to be trained with goes through
    MPSCNNBatchNormalizationStatistics into a state of `result_state_for_source_image` first, in one encode or in several, then through
    this kernel with that state; its gradient through MPSCNNBatchNormalizationStatisticsGradient, in one encode or in several, then
    through MPSCNNBatchNormalizationGradient. A new state holds the data source's statistics.
    """
    def __init__(self, data_source: MPSCNNBatchNormalizationDataSource, *, fused_neuron_descriptor: MPSNNNeuronDescriptor | None=None, device: Device | str | None=None) -> None:
        """
        Reads the data source; InvalidArgumentError where its arrays do not have number_of_feature_channels elements. The descriptor is copied; None stands for no activation.
        """
    @typing.overload  # type: ignore[override]
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_images: collections.abc.Sequence[MPSImage], destination_images: collections.abc.Sequence[MPSImage]) -> None:
        """
        As `encode_to_command_buffer`, for lists of images of one size.
        """
    @typing.overload
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_images: collections.abc.Sequence[MPSImage], batch_normalization_state: MPSCNNBatchNormalizationState, destination_images: collections.abc.Sequence[MPSImage]) -> None:
        """
        As `encode_to_command_buffer`, for lists of images of one size.
        """
    @typing.overload
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_images: collections.abc.Sequence[MPSImage]) -> list[MPSImage]:
        """
        As `encode_to_command_buffer`, for lists of images of one size.
        """
    @typing.overload  # type: ignore[override]
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_image: MPSImage, destination_image: MPSImage) -> None:
        """
        Into an image of the caller's: the part `clip_rect`, its first pixel at `offset` of the source. The padding policy is not asked. `destination_state` is filled for the gradient kernel. Raises ShapeError where the result does not fit.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_image: MPSImage, batch_normalization_state: MPSCNNBatchNormalizationState, destination_image: MPSImage) -> None:
        """
        With the statistics of the state instead of the data source's. A temporary state loses a read count; the next encode of statistics into the state starts anew.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_image: MPSImage) -> MPSImage:
        """
        Into an image that `destination_image_allocator` makes, with the data source's statistics.
        """
    def reload_gamma_and_beta_from_data_source(self) -> None:
        """
        Reads gamma and beta of the data source again.
        """
    def reload_gamma_and_beta_with_command_buffer(self, command_buffer: MPSCommandBuffer, gamma_and_beta_state: MPSCNNNormalizationGammaAndBetaState) -> None:
        """
        Takes gamma and beta of a state when the command buffer gets there. Raises InvalidArgumentError where sizes differ.
        """
    def reload_mean_and_variance_from_data_source(self) -> None:
        """
        Reads mean and variance of the data source again.
        """
    def reload_mean_and_variance_with_command_buffer(self, command_buffer: MPSCommandBuffer, mean_and_variance_state: MPSCNNNormalizationMeanAndVarianceState) -> None:
        """
        Takes mean and variance of a state when the command buffer gets there. Raises InvalidArgumentError where sizes differ.
        """
    @property
    def data_source(self) -> MPSCNNBatchNormalizationDataSource:
        """
        As given.
        """
    @property
    def epsilon(self) -> float:
        """
        Added to variances; the data source's by default. Encodes and states keep the one that they were made with. InvalidArgumentError for negative ones.
        """
    @epsilon.setter
    def epsilon(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def number_of_feature_channels(self) -> int:
        """
        Channels of the data source.
        """
class MPSCNNBatchNormalizationStatistics(MPSCNNKernel):
    """
    Mean and variance of each feature channel over batches of images.
    
    Both go into a state of MPSCNNBatchNormalization. The encodes into one state add up, as if all their images were one batch, until
    MPSCNNBatchNormalization has read the state or `reset` was called: the next encode starts anew. The variance is divided by the
    number of pixels. Offsets and clip_rect are not looked at, and there is no result image.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_images: collections.abc.Sequence[MPSImage], batch_normalization_state: MPSCNNBatchNormalizationState) -> None:  # type: ignore[override]
        """
        The images may differ in size from those of other encodes. Raises ShapeError where the state is for another number of feature channels.
        """
class MPSCNNBatchNormalizationStatisticsGradient(MPSCNNGradientKernel):
    """
    The gradients for gamma and beta, summed over batches of images.
    
    They go into the state. The encodes with one state add up until MPSCNNBatchNormalizationGradient has read them or `reset` was called:
    the next encode starts anew. There is no result image.
    """
    def __init__(self, fused_neuron_descriptor: MPSNNNeuronDescriptor | None=None, *, device: Device | str | None=None) -> None:
        """
        The activation of the forward kernel, None for none; the result means nothing with another one.
        """
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_gradients: collections.abc.Sequence[MPSImage], source_images: collections.abc.Sequence[MPSImage], batch_normalization_state: MPSCNNBatchNormalizationState) -> None:  # type: ignore[override]
        """
        The forward kernel must have used the state. A temporary state loses a read count.
        """
class MPSCNNBatchNormalizationGradient(MPSCNNGradientKernel):
    """
    The kernel of MPSCNNBatchNormalizationGradientNode, for what MPSCNNBatchNormalizationStatisticsGradient has summed. Where the state's statistics are the data source's they count as constants.
    """
    def __init__(self, fused_neuron_descriptor: MPSNNNeuronDescriptor | None=None, *, device: Device | str | None=None) -> None:
        """
        The activation of the forward kernel, None for none; the result means nothing with another one.
        """
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_gradients: collections.abc.Sequence[MPSImage], source_images: collections.abc.Sequence[MPSImage], batch_normalization_state: MPSCNNBatchNormalizationState, destination_gradients: collections.abc.Sequence[MPSImage] | None=None) -> list[MPSImage] | None:  # type: ignore[override]
        """
        The gradient with respect to the forward source, which is returned unless destinations are given. A temporary state loses a read count. Raises InvalidArgumentError where MPSCNNBatchNormalizationStatisticsGradient was not encoded before.
        """
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_gradient: MPSImage, source_image: MPSImage, batch_normalization_state: MPSCNNBatchNormalizationState, destination_gradient: MPSImage | None=None) -> MPSImage | None:  # type: ignore[override]
        """
        The gradient with respect to the forward source, which is returned unless destinations are given. A temporary state loses a read count. Raises InvalidArgumentError where MPSCNNBatchNormalizationStatisticsGradient was not encoded before.
        """
class MPSCNNInstanceNormalization(MPSCNNKernel):
    """
    The kernel of MPSCNNInstanceNormalizationNode.
    """
    def __init__(self, data_source: MPSCNNInstanceNormalizationDataSource, *, device: Device | str | None=None) -> None:
        """
        Reads the data source; raises what making a graph with it raises.
        """
    def reload_gamma_and_beta_from_data_source(self) -> None:
        """
        Reads gamma and beta of the data source again.
        """
    def reload_gamma_and_beta_with_command_buffer(self, command_buffer: MPSCommandBuffer, gamma_and_beta_state: MPSCNNNormalizationGammaAndBetaState) -> None:
        """
        Takes gamma and beta of a state when the command buffer gets there. Raises InvalidArgumentError where sizes differ.
        """
    @property
    def data_source(self) -> MPSCNNInstanceNormalizationDataSource:
        """
        As given.
        """
    @property
    def epsilon(self) -> float:
        """
        Added to variances; the data source's by default. Encodes and states keep the one that they were made with. InvalidArgumentError for negative ones.
        """
    @epsilon.setter
    def epsilon(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
class MPSCNNGroupNormalization(MPSCNNKernel):
    """
    The kernel of MPSCNNGroupNormalizationNode.
    """
    def __init__(self, data_source: MPSCNNGroupNormalizationDataSource, *, device: Device | str | None=None) -> None:
        """
        Reads the data source; raises what making a graph with it raises.
        """
    def reload_gamma_and_beta_from_data_source(self) -> None:
        """
        Reads gamma and beta of the data source again.
        """
    def reload_gamma_and_beta_with_command_buffer(self, command_buffer: MPSCommandBuffer, gamma_and_beta_state: MPSCNNNormalizationGammaAndBetaState) -> None:
        """
        Takes gamma and beta of a state when the command buffer gets there. Raises InvalidArgumentError where sizes differ.
        """
    @property
    def data_source(self) -> MPSCNNGroupNormalizationDataSource:
        """
        As given.
        """
    @property
    def epsilon(self) -> float:
        """
        Added to variances; the data source's by default. Encodes and states keep the one that they were made with. InvalidArgumentError for negative ones.
        """
    @epsilon.setter
    def epsilon(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
class MPSCNNInstanceNormalizationGradient(MPSCNNGradientKernel):
    """
    The kernel of MPSCNNInstanceNormalizationGradientNode. The states, one for each image, know the forward kernel's parameters; the gradients of gamma and beta go into them.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSCNNGroupNormalizationGradient(MPSCNNGradientKernel):
    """
    The kernel of MPSCNNGroupNormalizationGradientNode. The states, one for each image, know the forward kernel's parameters; the gradients of gamma and beta go into them.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSCNNCrossChannelNormalization(MPSCNNKernel):
    """
    The kernel of MPSCNNCrossChannelNormalizationNode. Windows do not reach beyond the channels that are read.
    """
    def __init__(self, kernel_size: typing.SupportsInt | typing.SupportsIndex, *, device: Device | str | None=None) -> None:
        """
        kernel_size: feature channels in a window. alpha is 1, beta 5, delta 1. InvalidArgumentError for a size of 0.
        """
    @property
    def alpha(self) -> float:
        """
        Factor of what is found among the neighbours; not negative.
        """
    @alpha.setter
    def alpha(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def beta(self) -> float:
        """
        Exponent of the divisor.
        """
    @beta.setter
    def beta(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def delta(self) -> float:
        """
        Added to the base of the power; keeps it away from 0.
        """
    @delta.setter
    def delta(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def kernel_size(self) -> int:
        """
        Feature channels in a window.
        """
class MPSCNNCrossChannelNormalizationGradient(MPSCNNGradientKernel):
    """
    The kernel of MPSCNNCrossChannelNormalizationGradientNode. Its constants must be the forward kernel's, else the result means nothing.
    """
    def __init__(self, kernel_size: typing.SupportsInt | typing.SupportsIndex, *, device: Device | str | None=None) -> None:
        """
        kernel_size: feature channels in a window. alpha is 1, beta 5, delta 1. InvalidArgumentError for a size of 0.
        """
    @property
    def alpha(self) -> float:
        """
        Factor of what is found among the neighbours; not negative.
        """
    @alpha.setter
    def alpha(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def beta(self) -> float:
        """
        Exponent of the divisor.
        """
    @beta.setter
    def beta(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def delta(self) -> float:
        """
        Added to the base of the power; keeps it away from 0.
        """
    @delta.setter
    def delta(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def kernel_size(self) -> int:
        """
        Feature channels in a window.
        """
class MPSCNNSpatialNormalization(MPSCNNKernel):
    """
    The kernel of MPSCNNSpatialNormalizationNode.
    """
    def __init__(self, kernel_width: typing.SupportsInt | typing.SupportsIndex, *, kernel_height: typing.SupportsInt | typing.SupportsIndex, device: Device | str | None=None) -> None:
        """
        Sizes of the window in pixels; Apple demands equal ones. alpha is 1, beta 5, delta 1. InvalidArgumentError for sizes of 0.
        """
    @property
    def alpha(self) -> float:
        """
        Factor of what is found among the neighbours; not negative.
        """
    @alpha.setter
    def alpha(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def beta(self) -> float:
        """
        Exponent of the divisor.
        """
    @beta.setter
    def beta(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def delta(self) -> float:
        """
        Added to the base of the power; keeps it away from 0.
        """
    @delta.setter
    def delta(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
class MPSCNNLocalContrastNormalization(MPSCNNKernel):
    """
    The kernel of MPSCNNLocalContrastNormalizationNode.
    """
    def __init__(self, kernel_width: typing.SupportsInt | typing.SupportsIndex, *, kernel_height: typing.SupportsInt | typing.SupportsIndex, device: Device | str | None=None) -> None:
        """
        Sizes of the window in pixels; Apple demands equal ones. alpha is 0 (the node's is 1), beta 0.5, delta 1 / 1024, p0 1, pm 0, ps 1. InvalidArgumentError for sizes of 0.
        """
    @property
    def alpha(self) -> float:
        """
        Factor of what is found among the neighbours; not negative.
        """
    @alpha.setter
    def alpha(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def beta(self) -> float:
        """
        Exponent of the divisor.
        """
    @beta.setter
    def beta(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def delta(self) -> float:
        """
        Added to the base of the power; keeps it away from 0.
        """
    @delta.setter
    def delta(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def p0(self) -> float:
        """
        Share of the local mean that is taken away.
        """
    @p0.setter
    def p0(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def pm(self) -> float:
        """
        Added to the result.
        """
    @pm.setter
    def pm(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def ps(self) -> float:
        """
        Factor of the result.
        """
    @ps.setter
    def ps(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
class MPSCNNSpatialNormalizationGradient(MPSCNNGradientKernel):
    """
    The kernel of MPSCNNSpatialNormalizationGradientNode. Its constants must be the forward kernel's, else the result means nothing; where the windows lie comes from the gradient state.
    """
    def __init__(self, kernel_width: typing.SupportsInt | typing.SupportsIndex, *, kernel_height: typing.SupportsInt | typing.SupportsIndex, device: Device | str | None=None) -> None:
        """
        Sizes of the window in pixels; Apple demands equal ones. alpha is 1, beta 5, delta 1. InvalidArgumentError for sizes of 0.
        """
    @property
    def alpha(self) -> float:
        """
        Factor of what is found among the neighbours; not negative.
        """
    @alpha.setter
    def alpha(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def beta(self) -> float:
        """
        Exponent of the divisor.
        """
    @beta.setter
    def beta(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def delta(self) -> float:
        """
        Added to the base of the power; keeps it away from 0.
        """
    @delta.setter
    def delta(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
class MPSCNNLocalContrastNormalizationGradient(MPSCNNGradientKernel):
    """
    The kernel of MPSCNNLocalContrastNormalizationGradientNode. Its constants must be the forward kernel's, else the result means nothing; where the windows lie comes from the gradient state.
    """
    def __init__(self, kernel_width: typing.SupportsInt | typing.SupportsIndex, *, kernel_height: typing.SupportsInt | typing.SupportsIndex, device: Device | str | None=None) -> None:
        """
        Sizes of the window in pixels; Apple demands equal ones. alpha is 0 (the node's is 1), beta 0.5, delta 1 / 1024, p0 1, pm 0, ps 1. InvalidArgumentError for sizes of 0.
        """
    @property
    def alpha(self) -> float:
        """
        Factor of what is found among the neighbours; not negative.
        """
    @alpha.setter
    def alpha(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def beta(self) -> float:
        """
        Exponent of the divisor.
        """
    @beta.setter
    def beta(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def delta(self) -> float:
        """
        Added to the base of the power; keeps it away from 0.
        """
    @delta.setter
    def delta(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def p0(self) -> float:
        """
        Share of the local mean that is taken away.
        """
    @p0.setter
    def p0(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def pm(self) -> float:
        """
        Added to the result.
        """
    @pm.setter
    def pm(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def ps(self) -> float:
        """
        Factor of the result.
        """
    @ps.setter
    def ps(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
class MPSNNPad(MPSCNNKernel):
    """
    The kernel of MPSNNPadNode: pixels and channels around an image.
    
    `edge_mode` says what they are, of all five modes; Zero by default. In an encode that makes its result, padding_size_before and
    padding_size_after say how many, and `offset` becomes -padding_size_before. In an encode into an image of the caller's, `offset`
    and `clip_rect` say where the source lies, and of the sizes only `channel` counts.
    """
    def __init__(self, padding_size_before: MPSImageCoordinate | tuple[int, int, int]=..., *, padding_size_after: MPSImageCoordinate | tuple[int, int, int]=..., fill_value_array: numpy.typing.ArrayLike | None=None, device: Device | str | None=None) -> None:
        """
        fill_value_array: float32, what edge mode Constant puts into each channel of the result, in place of `fill_value`; an encode raises ShapeError where it holds fewer numbers. InvalidArgumentError for sizes of 2**31 and more.
        """
    @property
    def fill_value(self) -> float:
        """
        What edge mode Constant puts around the image; 0 by default.
        """
    @fill_value.setter
    def fill_value(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def padding_size_after(self) -> MPSImageCoordinate:
        """
        Columns, rows and channels after the image; 0 by default.
        """
    @padding_size_after.setter
    def padding_size_after(self, arg1: MPSImageCoordinate | tuple[int, int, int]) -> None:
        ...
    @property
    def padding_size_before(self) -> MPSImageCoordinate:
        """
        Columns, rows and channels before the image; 0 by default.
        """
    @padding_size_before.setter
    def padding_size_before(self, arg1: MPSImageCoordinate | tuple[int, int, int]) -> None:
        ...
class MPSNNPadGradient(MPSCNNGradientKernel):
    """
    The kernel of MPSNNPadGradientNode.
    
    Offset, edge mode and padding sizes are those that the state's forward kernel had.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSCNNPooling(MPSCNNKernel):
    """
    Base of the pooling kernels. Edge mode Zero, where nodes use Clamp.
    """
class MPSCNNPoolingMax(MPSCNNPooling):
    """
    The kernel of MPSCNNPoolingMaxNode: the largest value of each window.
    """
    def __init__(self, kernel_width: typing.SupportsInt | typing.SupportsIndex, *, kernel_height: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_x: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_y: typing.SupportsInt | typing.SupportsIndex, device: Device | str | None=None) -> None:
        """
        Sizes and strides in pixels, from 1 on; InvalidArgumentError otherwise.
        """
    @property
    def kernel_height(self) -> int:
        """
        Window height in pixels.
        """
    @property
    def kernel_width(self) -> int:
        """
        Window width in pixels.
        """
    @property
    def stride_in_pixels_x(self) -> int:
        """
        Horizontal step from window to window, in source pixels.
        """
    @property
    def stride_in_pixels_y(self) -> int:
        """
        Vertical step from window to window, in source pixels.
        """
class MPSCNNPoolingAverage(MPSCNNPooling):
    """
    The kernel of MPSCNNPoolingAverageNode: the mean of each window.
    """
    def __init__(self, kernel_width: typing.SupportsInt | typing.SupportsIndex, *, kernel_height: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_x: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_y: typing.SupportsInt | typing.SupportsIndex, device: Device | str | None=None) -> None:
        """
        Sizes and strides in pixels, from 1 on; InvalidArgumentError otherwise.
        """
    @property
    def kernel_height(self) -> int:
        """
        Window height in pixels.
        """
    @property
    def kernel_width(self) -> int:
        """
        Window width in pixels.
        """
    @property
    def stride_in_pixels_x(self) -> int:
        """
        Horizontal step from window to window, in source pixels.
        """
    @property
    def stride_in_pixels_y(self) -> int:
        """
        Vertical step from window to window, in source pixels.
        """
class MPSCNNPoolingL2Norm(MPSCNNPooling):
    """
    The kernel of MPSCNNPoolingL2NormNode: the root of the sum of the squares of each window.
    """
    def __init__(self, kernel_width: typing.SupportsInt | typing.SupportsIndex, *, kernel_height: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_x: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_y: typing.SupportsInt | typing.SupportsIndex, device: Device | str | None=None) -> None:
        """
        Sizes and strides in pixels, from 1 on; InvalidArgumentError otherwise.
        """
    @property
    def kernel_height(self) -> int:
        """
        Window height in pixels.
        """
    @property
    def kernel_width(self) -> int:
        """
        Window width in pixels.
        """
    @property
    def stride_in_pixels_x(self) -> int:
        """
        Horizontal step from window to window, in source pixels.
        """
    @property
    def stride_in_pixels_y(self) -> int:
        """
        Vertical step from window to window, in source pixels.
        """
class MPSCNNDilatedPoolingMax(MPSCNNPooling):
    """
    The kernel of MPSCNNDilatedPoolingMaxNode: the largest of the taps of each window.
    """
    def __init__(self, kernel_width: typing.SupportsInt | typing.SupportsIndex, *, kernel_height: typing.SupportsInt | typing.SupportsIndex, dilation_rate_x: typing.SupportsInt | typing.SupportsIndex, dilation_rate_y: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_x: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_y: typing.SupportsInt | typing.SupportsIndex, device: Device | str | None=None) -> None:
        """
        Sizes and strides in pixels, from 1 on; InvalidArgumentError otherwise.
        """
    @property
    def dilation_rate_x(self) -> int:
        """
        Horizontal step from tap to tap of a window, in source pixels.
        """
    @property
    def dilation_rate_y(self) -> int:
        """
        Vertical step from tap to tap of a window, in source pixels.
        """
    @property
    def kernel_height(self) -> int:
        """
        Window height in pixels.
        """
    @property
    def kernel_width(self) -> int:
        """
        Window width in pixels.
        """
    @property
    def stride_in_pixels_x(self) -> int:
        """
        Horizontal step from window to window, in source pixels.
        """
    @property
    def stride_in_pixels_y(self) -> int:
        """
        Vertical step from window to window, in source pixels.
        """
class MPSCNNPoolingGradient(MPSCNNGradientKernel):
    """
    Base of the gradients of pooling kernels.
    
    The windows are those of the forward kernel: its offset is `secondary_offset`, its edge mode `secondary_edge_mode`, and the first
    window belongs to the pixel of the source gradient at `primary_offset`, which was the origin of its clip rectangle. Encodes that make
    the destination take all of these from the gradient state, as destination_image_descriptor_for_source_images does; the result then has
    the size of the forward source. Encodes into a given image use the properties as they are, and begin with the first pixel of the first
    window that lies in the source; what lies beyond the source is 0.
    """
    @property
    def source_size(self) -> MTLSize:
        """
        How much of the source gradient is used, from `primary_offset` on; what there is by default. InvalidArgumentError for a size of 0.
        """
    @source_size.setter
    def source_size(self, arg0: MTLSize | tuple[int, int, int]) -> None:
        ...
class MPSCNNPoolingMaxGradient(MPSCNNPoolingGradient):
    """
    The kernel of MPSCNNPoolingMaxGradientNode.
    """
    def __init__(self, kernel_width: typing.SupportsInt | typing.SupportsIndex, *, kernel_height: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_x: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_y: typing.SupportsInt | typing.SupportsIndex, device: Device | str | None=None) -> None:
        """
        Sizes and strides in pixels, from 1 on; InvalidArgumentError otherwise.
        """
    @property
    def kernel_height(self) -> int:
        """
        Window height in pixels.
        """
    @property
    def kernel_width(self) -> int:
        """
        Window width in pixels.
        """
    @property
    def stride_in_pixels_x(self) -> int:
        """
        Horizontal step from window to window, in source pixels.
        """
    @property
    def stride_in_pixels_y(self) -> int:
        """
        Vertical step from window to window, in source pixels.
        """
class MPSCNNPoolingAverageGradient(MPSCNNPoolingGradient):
    """
    The kernel of MPSCNNPoolingAverageGradientNode.
    """
    def __init__(self, kernel_width: typing.SupportsInt | typing.SupportsIndex, *, kernel_height: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_x: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_y: typing.SupportsInt | typing.SupportsIndex, device: Device | str | None=None) -> None:
        """
        Sizes and strides in pixels, from 1 on; InvalidArgumentError otherwise.
        """
    @property
    def kernel_height(self) -> int:
        """
        Window height in pixels.
        """
    @property
    def kernel_width(self) -> int:
        """
        Window width in pixels.
        """
    @property
    def stride_in_pixels_x(self) -> int:
        """
        Horizontal step from window to window, in source pixels.
        """
    @property
    def stride_in_pixels_y(self) -> int:
        """
        Vertical step from window to window, in source pixels.
        """
    @property
    def zero_pad_size_x(self) -> int:
        """
        The forward kernel's: columns of zeros around the source that count in an average; 0 by default.
        """
    @zero_pad_size_x.setter
    def zero_pad_size_x(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def zero_pad_size_y(self) -> int:
        """
        The forward kernel's: rows of zeros around the source that count in an average; 0 by default.
        """
    @zero_pad_size_y.setter
    def zero_pad_size_y(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
class MPSCNNPoolingL2NormGradient(MPSCNNPoolingGradient):
    """
    The kernel of MPSCNNPoolingL2NormGradientNode.
    """
    def __init__(self, kernel_width: typing.SupportsInt | typing.SupportsIndex, *, kernel_height: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_x: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_y: typing.SupportsInt | typing.SupportsIndex, device: Device | str | None=None) -> None:
        """
        Sizes and strides in pixels, from 1 on; InvalidArgumentError otherwise.
        """
    @property
    def kernel_height(self) -> int:
        """
        Window height in pixels.
        """
    @property
    def kernel_width(self) -> int:
        """
        Window width in pixels.
        """
    @property
    def stride_in_pixels_x(self) -> int:
        """
        Horizontal step from window to window, in source pixels.
        """
    @property
    def stride_in_pixels_y(self) -> int:
        """
        Vertical step from window to window, in source pixels.
        """
class MPSCNNDilatedPoolingMaxGradient(MPSCNNPoolingGradient):
    """
    The kernel of MPSCNNDilatedPoolingMaxGradientNode.
    """
    def __init__(self, kernel_width: typing.SupportsInt | typing.SupportsIndex, *, kernel_height: typing.SupportsInt | typing.SupportsIndex, dilation_rate_x: typing.SupportsInt | typing.SupportsIndex, dilation_rate_y: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_x: typing.SupportsInt | typing.SupportsIndex, stride_in_pixels_y: typing.SupportsInt | typing.SupportsIndex, device: Device | str | None=None) -> None:
        """
        Sizes and strides in pixels, from 1 on; InvalidArgumentError otherwise.
        """
    @property
    def dilation_rate_x(self) -> int:
        """
        Horizontal step from tap to tap of a window, in source pixels.
        """
    @property
    def dilation_rate_y(self) -> int:
        """
        Vertical step from tap to tap of a window, in source pixels.
        """
    @property
    def kernel_height(self) -> int:
        """
        Window height in pixels.
        """
    @property
    def kernel_width(self) -> int:
        """
        Window width in pixels.
        """
    @property
    def stride_in_pixels_x(self) -> int:
        """
        Horizontal step from window to window, in source pixels.
        """
    @property
    def stride_in_pixels_y(self) -> int:
        """
        Vertical step from window to window, in source pixels.
        """
class MPSNNReduceUnary(MPSCNNKernel):
    """
    Base of the reductions of one image.
    
    `clip_rect_source` says which pixels are read, in place of `offset`, which has no influence. A result that does not fill the part
    of the caller's image that is written raises ShapeError.
    """
    @property
    def clip_rect_source(self) -> MTLRegion:
        """
        The pixels that are read, cut to the image; MPSRectNoClip, all of them, by default. z and depth have no influence.
        """
    @clip_rect_source.setter
    def clip_rect_source(self, arg1: MTLRegion | tuple[MTLOrigin | tuple[int, int, int], MTLSize | tuple[int, int, int]]) -> None:
        ...
class MPSNNReduceRowMin(MPSNNReduceUnary):
    """
    The kernel of MPSNNReductionRowMinNode.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSNNReduceRowMax(MPSNNReduceUnary):
    """
    The kernel of MPSNNReductionRowMaxNode.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSNNReduceRowMean(MPSNNReduceUnary):
    """
    The kernel of MPSNNReductionRowMeanNode.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSNNReduceRowSum(MPSNNReduceUnary):
    """
    The kernel of MPSNNReductionRowSumNode.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSNNReduceColumnMin(MPSNNReduceUnary):
    """
    The kernel of MPSNNReductionColumnMinNode.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSNNReduceColumnMax(MPSNNReduceUnary):
    """
    The kernel of MPSNNReductionColumnMaxNode.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSNNReduceColumnMean(MPSNNReduceUnary):
    """
    The kernel of MPSNNReductionColumnMeanNode.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSNNReduceColumnSum(MPSNNReduceUnary):
    """
    The kernel of MPSNNReductionColumnSumNode.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSNNReduceFeatureChannelsMin(MPSNNReduceUnary):
    """
    The kernel of MPSNNReductionFeatureChannelsMinNode.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSNNReduceFeatureChannelsMax(MPSNNReduceUnary):
    """
    The kernel of MPSNNReductionFeatureChannelsMaxNode.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSNNReduceFeatureChannelsMean(MPSNNReduceUnary):
    """
    The kernel of MPSNNReductionFeatureChannelsMeanNode.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSNNReduceFeatureChannelsSum(MPSNNReduceUnary):
    """
    The kernel of MPSNNReductionFeatureChannelsSumNode.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
    @property
    def weight(self) -> float:
        """
        Factor of the sum; 1 by default.
        """
    @weight.setter
    def weight(self, arg1: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
class MPSNNReduceFeatureChannelsArgumentMin(MPSNNReduceUnary):
    """
    The kernel of MPSNNReductionFeatureChannelsArgumentMinNode.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSNNReduceFeatureChannelsArgumentMax(MPSNNReduceUnary):
    """
    The kernel of MPSNNReductionFeatureChannelsArgumentMaxNode.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSNNReduceBinary(MPSCNNBinaryKernel):
    """
    Base of the reductions of two images.
    
    The clip rectangles say which pixels are read, in place of the offsets, which have no influence; they must be of one size
    (ShapeError otherwise). There are no gradients.
    """
    @property
    def primary_source_clip_rect(self) -> MTLRegion:
        """
        The pixels of the primary source that are read, cut to the image; MPSRectNoClip, all of them, by default. z and depth have no influence.
        """
    @primary_source_clip_rect.setter
    def primary_source_clip_rect(self, arg1: MTLRegion | tuple[MTLOrigin | tuple[int, int, int], MTLSize | tuple[int, int, int]]) -> None:
        ...
    @property
    def secondary_source_clip_rect(self) -> MTLRegion:
        """
        The pixels of the secondary source that are read, cut to the image; MPSRectNoClip, all of them, by default. z and depth have no influence.
        """
    @secondary_source_clip_rect.setter
    def secondary_source_clip_rect(self, arg1: MTLRegion | tuple[MTLOrigin | tuple[int, int, int], MTLSize | tuple[int, int, int]]) -> None:
        ...
class MPSNNReduceFeatureChannelsAndWeightsSum(MPSNNReduceBinary):
    """
    The sum of the channels of an image, each with a weight of its own.
    
    y(0) = the sum over all channels of x * w, with x the primary and w the secondary image, of one size; with
    do_weighted_sum_by_non_zero_weights that is divided by the number of channels with w != 0, and 0 where there are none (Apple leaves
    that open). Sums are accumulated in double precision.
    """
    def __init__(self, do_weighted_sum_by_non_zero_weights: bool=False, *, device: Device | str | None=None) -> None:
        """
        Sums are not divided by default.
        """
    @property
    def do_weighted_sum_by_non_zero_weights(self) -> bool:
        """
        Whether sums are divided by the number of weights that are not 0; False by default.
        """
class MPSNNReduceFeatureChannelsAndWeightsMean(MPSNNReduceBinary):
    """
    The mean of the channels of an image, each with a weight of its own.
    
    y(0) = (the sum over all channels of x * w) / (number of channels), with x the primary and w the secondary image, of one size. (Apple
    leaves the divisor open.) Sums are accumulated in double precision.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSNNLocalCorrelation(MPSNNReduceBinary):
    """
    The products of each pixel with those around it in another image.
    
    With a and b the primary and the secondary image, h x w x c to h x w x (2 * window_in_x + 1)(2 * window_in_y + 1):
    y(j, i, n * (2 * window_in_x + 1) + m) = the sum over the channels of a(j, i) * b(j + (n - window_in_y) * stride_in_y,
    i + (m - window_in_x) * stride_in_x). (Apple documents 2 * window_in_y + 1 in the index of the channel, with which channels would
    meet where the windows differ.) What lies outside b is 0, or its edge where secondary_edge_mode is Clamp; what lies outside
    secondary_source_clip_rect only is read.
    """
    def __init__(self, window_in_x: typing.SupportsInt | typing.SupportsIndex=0, *, window_in_y: typing.SupportsInt | typing.SupportsIndex=0, stride_in_x: typing.SupportsInt | typing.SupportsIndex=1, stride_in_y: typing.SupportsInt | typing.SupportsIndex=1, device: Device | str | None=None) -> None:
        """
        Windows from 0 on, strides from 1 on, in pixels; InvalidArgumentError otherwise.
        """
    @property
    def stride_in_x(self) -> int:
        """
        Pixels of a step along x, from 1 on; 1 by default.
        """
    @stride_in_x.setter
    def stride_in_x(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def stride_in_y(self) -> int:
        """
        Pixels of a step along y, from 1 on; 1 by default.
        """
    @stride_in_y.setter
    def stride_in_y(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def window_in_x(self) -> int:
        """
        Steps of the window to the left and to the right; 0 by default.
        """
    @window_in_x.setter
    def window_in_x(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def window_in_y(self) -> int:
        """
        Steps of the window up and down; 0 by default.
        """
    @window_in_y.setter
    def window_in_y(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
class MPSCNNUpsampling(MPSCNNKernel):
    """
    Base of the kernels that enlarge an image.
    
    Pixel x of the part of the result that is written (see `clip_rect`) lies at `offset` plus the place that pixel x has in the whole
    result. Pixels outside the source are 0, or those of its edge where edge_mode is Clamp.
    """
    @property
    def align_corners(self) -> bool:
        """
        Whether the corner pixels of source and result coincide; only bilinear kernels can.
        """
    @property
    def scale_factor_x(self) -> float:
        """
        Width of the forward result divided by that of its source.
        """
    @property
    def scale_factor_y(self) -> float:
        """
        Height of the forward result divided by that of its source.
        """
class MPSCNNUpsamplingNearest(MPSCNNUpsampling):
    """
    The kernel of MPSCNNUpsamplingNearestNode: repeats pixels.
    """
    def __init__(self, integer_scale_factor_x: typing.SupportsInt | typing.SupportsIndex, *, integer_scale_factor_y: typing.SupportsInt | typing.SupportsIndex, device: Device | str | None=None) -> None:
        """
        Result pixels for each source pixel along x and y, from 1 on; InvalidArgumentError otherwise.
        """
class MPSCNNUpsamplingBilinear(MPSCNNUpsampling):
    """
    The kernel of MPSCNNUpsamplingBilinearNode: interpolates between pixels.
    """
    def __init__(self, integer_scale_factor_x: typing.SupportsInt | typing.SupportsIndex, *, integer_scale_factor_y: typing.SupportsInt | typing.SupportsIndex, align_corners: bool=False, device: Device | str | None=None) -> None:
        """
        Result pixels for each source pixel along x and y, from 1 on; InvalidArgumentError otherwise.
        """
class MPSCNNUpsamplingGradient(MPSCNNGradientKernel):
    """
    Base of the gradients of the kernels that enlarge an image.
    
    align_corners, offset and edge mode are those that the state's forward kernel had; the factors must be its factors
    (InvalidArgumentError otherwise).
    """
    @property
    def scale_factor_x(self) -> float:
        """
        Width of the forward result divided by that of its source.
        """
    @property
    def scale_factor_y(self) -> float:
        """
        Height of the forward result divided by that of its source.
        """
class MPSCNNUpsamplingNearestGradient(MPSCNNUpsamplingGradient):
    """
    The kernel of MPSCNNUpsamplingNearestGradientNode.
    """
    def __init__(self, integer_scale_factor_x: typing.SupportsInt | typing.SupportsIndex, *, integer_scale_factor_y: typing.SupportsInt | typing.SupportsIndex, device: Device | str | None=None) -> None:
        """
        Result pixels for each source pixel along x and y, from 1 on; InvalidArgumentError otherwise.
        """
class MPSCNNUpsamplingBilinearGradient(MPSCNNUpsamplingGradient):
    """
    The kernel of MPSCNNUpsamplingBilinearGradientNode.
    """
    def __init__(self, integer_scale_factor_x: typing.SupportsInt | typing.SupportsIndex, *, integer_scale_factor_y: typing.SupportsInt | typing.SupportsIndex, device: Device | str | None=None) -> None:
        """
        Result pixels for each source pixel along x and y, from 1 on; InvalidArgumentError otherwise.
        """
class MPSNNResizeBilinear(MPSCNNKernel):
    """
    Gives an image any size by interpolating between its pixels.
    
    h x w x c to resize_height x resize_width x c. Along each axis result pixel x lies at u = x * w / resize_width among the centres of
    the source pixels (Apple does not publish this), with align_corners at u = x * (w - 1) / (resize_width - 1), 0 for a result of one
    pixel; x counts from the corner of `clip_rect`, and `offset` is added. Places outside the source are moved to its edge. The result is
    (1 - f) * source(k) + f * source(k + 1) with k = floor(u), f = u - k. There is no gradient.
    """
    def __init__(self, resize_width: typing.SupportsInt | typing.SupportsIndex, *, resize_height: typing.SupportsInt | typing.SupportsIndex, align_corners: bool, device: Device | str | None=None) -> None:
        """
        Sizes in pixels, from 1 on; InvalidArgumentError otherwise.
        """
    @property
    def align_corners(self) -> bool:
        """
        Whether the corner pixels of source and result coincide.
        """
    @property
    def resize_height(self) -> int:
        """
        Height of the result in pixels.
        """
    @property
    def resize_width(self) -> int:
        """
        Width of the result in pixels.
        """
class MPSNNCropAndResizeBilinear(MPSCNNKernel):
    """
    Resizes parts of an image, each to an image of its own.
    
    Region r of source image n becomes image n * number_of_regions + r of the destination, resize_height x resize_width x c; the
    destination holds at least as many images. In a batch each destination holds the regions of one source. (Apple does not publish the
    arrangement.)
    Regions are measured in parts of the image: 0 is the centre of the first pixel, 1 that of the last. Along each axis, with p the
    region's origin and q = p + its size, result pixel x lies at u = (p + x * (q - p) / (resize_width - 1)) * (w - 1), in the middle of
    the region for a result of one pixel. The result is interpolated as by MPSNNResizeBilinear, and 0 (Apple does not say what) where u is
    outside the source. `offset` chooses images, its x and y have no influence. There is no gradient.
    """
    def __init__(self, resize_width: typing.SupportsInt | typing.SupportsIndex, *, resize_height: typing.SupportsInt | typing.SupportsIndex, number_of_regions: typing.SupportsInt | typing.SupportsIndex, regions: collections.abc.Sequence[MPSRegion | tuple[MPSOrigin | tuple[float, float, float], MPSSize | tuple[float, float, float]]], device: Device | str | None=None) -> None:
        """
        Sizes in pixels, from 1 on, regions finite, one or more; InvalidArgumentError otherwise.
        """
    @property
    def number_of_regions(self) -> int:
        """
        Images of the result for each source image.
        """
    @property
    def regions(self) -> list[MPSRegion]:
        """
        Parts of the source; z and depth have no influence.
        """
    @property
    def resize_height(self) -> int:
        """
        Height of the results in pixels.
        """
    @property
    def resize_width(self) -> int:
        """
        Width of the results in pixels.
        """
class MPSNNGridSample(MPSCNNBinaryKernel):
    """
    Samples an image at places that another image names.
    
    The primary image is sampled, the secondary one, the grid, holds for each pixel (y, x) of the result gx in channel 0 and gy in
    channel 1, in pixels; whole numbers are the centres of pixels. (Apple leaves units and order open.) The place is (gx, gy), or
    (x + gx, y + gy) where use_grid_value_as_input_coordinate is False; primary_offset is added. The result, of the grid's size and the
    image's channels, is interpolated between two pixels along each axis; what lies outside the image is 0, or its edge where
    primary_edge_mode is Clamp. secondary_offset and secondary_edge_mode choose the part of the grid. A NaN in the grid gives NaN. There
    is no gradient.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        An encode raises ShapeError for a grid of one channel.
        """
    @property
    def use_grid_value_as_input_coordinate(self) -> bool:
        """
        Whether the grid holds places in the image, and not distances from the pixel of the result; True by default.
        """
    @use_grid_value_as_input_coordinate.setter
    def use_grid_value_as_input_coordinate(self, arg1: bool) -> None:
        ...
class MPSNNReshape(MPSCNNKernel):
    """
    The kernel of MPSNNReshapeNode.
    
    The numbers of an image, in their order (rows, in them pixels, in them channels), as an image of another size: that of the
    caller's image, or the one that the encode is told. An encode that is told none takes the last one that was.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
    @typing.overload
    def encode_batch_to_command_buffer(self: MPSCNNKernel, command_buffer: MPSCommandBuffer, source_images: collections.abc.Sequence[MPSImage], destination_images: collections.abc.Sequence[MPSImage]) -> None:
        """
        As `encode_to_command_buffer`, for lists of images of one size.
        """
    @typing.overload
    def encode_batch_to_command_buffer(self: MPSCNNKernel, command_buffer: MPSCommandBuffer, source_images: collections.abc.Sequence[MPSImage], destination_states: collections.abc.Sequence[MPSState] | None, destination_images: collections.abc.Sequence[MPSImage]) -> None:
        """
        As `encode_to_command_buffer`, for lists of images of one size.
        """
    @typing.overload
    def encode_batch_to_command_buffer(self: MPSCNNKernel, command_buffer: MPSCommandBuffer, source_images: collections.abc.Sequence[MPSImage], destination_states: list[MPSState] | None=None, destination_state_is_temporary: bool | None=None) -> list[MPSImage]:
        """
        As `encode_to_command_buffer`, for lists of images of one size.
        """
    @typing.overload
    def encode_batch_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_images: collections.abc.Sequence[MPSImage], reshaped_width: typing.SupportsInt | typing.SupportsIndex, reshaped_height: typing.SupportsInt | typing.SupportsIndex, reshaped_feature_channels: typing.SupportsInt | typing.SupportsIndex, destination_states: list[MPSState] | None=None, destination_state_is_temporary: bool | None=None) -> list[MPSImage]:
        """
        Into an image of the size that is given, which the allocator makes and which is returned; the result state is appended to the list. Raises InvalidArgumentError for an extent of 0, ShapeError where the source does not hold as many numbers.
        """
    @typing.overload
    def encode_to_command_buffer(self: MPSCNNKernel, command_buffer: MPSCommandBuffer, source_image: MPSImage, destination_image: MPSImage) -> None:
        """
        Into an image of the caller's: the part `clip_rect`, its first pixel at `offset` of the source. The padding policy is not asked. `destination_state` is filled for the gradient kernel. Raises ShapeError where the result does not fit.
        """
    @typing.overload
    def encode_to_command_buffer(self: MPSCNNKernel, command_buffer: MPSCommandBuffer, source_image: MPSImage, destination_state: MPSState, destination_image: MPSImage) -> None:
        """
        Into an image of the caller's: the part `clip_rect`, its first pixel at `offset` of the source. The padding policy is not asked. `destination_state` is filled for the gradient kernel. Raises ShapeError where the result does not fit.
        """
    @typing.overload
    def encode_to_command_buffer(self: MPSCNNKernel, command_buffer: MPSCommandBuffer, source_image: MPSImage, destination_state: list[MPSState] | None=None, destination_state_is_temporary: bool | None=None) -> MPSImage:
        """
        Into an image that `destination_image_allocator` makes and that is returned; the padding policy decides its size and sets `offset`. The result state, where there is one, is appended to the list `destination_state`; it is permanent, unless destination_state_is_temporary.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, source_image: MPSImage, reshaped_width: typing.SupportsInt | typing.SupportsIndex, reshaped_height: typing.SupportsInt | typing.SupportsIndex, reshaped_feature_channels: typing.SupportsInt | typing.SupportsIndex, destination_state: list[MPSState] | None=None, destination_state_is_temporary: bool | None=None) -> MPSImage:
        """
        Into an image of the size that is given, which the allocator makes and which is returned; the result state is appended to the list. Raises InvalidArgumentError for an extent of 0, ShapeError where the source does not hold as many numbers.
        """
class MPSNNReshapeGradient(MPSCNNGradientKernel):
    """
    The kernel of MPSNNReshapeGradientNode.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSCNNSoftMax(MPSCNNKernel):
    """
    The kernel of MPSCNNSoftMaxNode: softmax over the channels.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSCNNLogSoftMax(MPSCNNKernel):
    """
    The kernel of MPSCNNLogSoftMaxNode: the logarithm of the softmax.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSCNNSoftMaxGradient(MPSCNNGradientKernel):
    """
    The kernel of MPSCNNSoftMaxGradientNode. source_image is the result of the forward kernel, not its source.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSCNNLogSoftMaxGradient(MPSCNNGradientKernel):
    """
    The kernel of MPSCNNLogSoftMaxGradientNode. source_image is the result of the forward kernel, not its source.
    """
    def __init__(self, *, device: Device | str | None=None) -> None:
        """
        On a device, the default one by default.
        """
class MPSVectorDescriptor:
    """
    The extents of an MPSVector.
    """
    @staticmethod
    def vector_bytes_for_length(length: typing.SupportsInt | typing.SupportsIndex, data_type: MPSDataType) -> int:
        """
        The recommended vector_bytes.
        """
    def __init__(self, length: typing.SupportsInt | typing.SupportsIndex, *, vectors: typing.SupportsInt | typing.SupportsIndex=1, vector_bytes: typing.SupportsInt | typing.SupportsIndex | None=None, data_type: MPSDataType) -> None:
        """
        `vectors` vectors of `length` numbers, `vector_bytes` apart; None: one after the other.
        """
    @property
    def data_type(self) -> MPSDataType:
        """
        Type of the numbers.
        """
    @data_type.setter
    def data_type(self, arg0: MPSDataType) -> None:
        ...
    @property
    def length(self) -> int:
        """
        Numbers in a vector.
        """
    @length.setter
    def length(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def vector_bytes(self) -> int:
        """
        Bytes from one vector to the next.
        """
    @property
    def vectors(self) -> int:
        """
        How many vectors there are; 1.
        """
class MPSVector:
    """
    Numbers in a buffer.
    """
    @typing.overload
    def __init__(self, buffer: Buffer | None=None, *, offset: typing.SupportsInt | typing.SupportsIndex=0, descriptor: MPSVectorDescriptor, device: Device | str | None=None) -> None:
        """
        The numbers that start `offset` bytes into the buffer, or a new buffer of zeros. Raises InvalidArgumentError for a buffer that is too short.
        """
    @typing.overload
    def __init__(self, array: numpy.typing.ArrayLike, *, copy: bool=False) -> None:
        """
        The memory of a one-dimensional array, shared; a copy of its values with copy=True. Raises InvalidArgumentError for an array that cannot be shared.
        """
    def resource_size(self) -> int:
        """
        Bytes of the buffer.
        """
    def synchronize_on_command_buffer(self, command_buffer: MPSCommandBuffer) -> None:
        """
        Makes the contents visible to the CPU where its memory is apart; no effect here.
        """
    def to_numpy(self) -> numpy.ndarray:
        """
        A view that keeps the vector alive: (length,), or (vectors, length) where there are several. Raises InvalidArgumentError while encoded work is to write it.
        """
    @property
    def data(self) -> Buffer:
        """
        The buffer.
        """
    @property
    def data_type(self) -> MPSDataType:
        """
        Type of the numbers.
        """
    @property
    def device(self) -> Device:
        """
        The device.
        """
    @property
    def length(self) -> int:
        """
        Numbers in a vector.
        """
    @property
    def offset(self) -> int:
        """
        Bytes before the first number.
        """
    @property
    def vector_bytes(self) -> int:
        """
        Bytes from one vector to the next.
        """
    @property
    def vectors(self) -> int:
        """
        How many vectors there are.
        """
class MPSMatrixDescriptor:
    """
    The extents of an MPSMatrix.
    """
    @staticmethod
    def row_bytes_for_columns(columns: typing.SupportsInt | typing.SupportsIndex, data_type: MPSDataType) -> int:
        """
        The recommended row_bytes.
        """
    def __init__(self, rows: typing.SupportsInt | typing.SupportsIndex, *, columns: typing.SupportsInt | typing.SupportsIndex, matrices: typing.SupportsInt | typing.SupportsIndex=1, row_bytes: typing.SupportsInt | typing.SupportsIndex, matrix_bytes: typing.SupportsInt | typing.SupportsIndex | None=None, data_type: MPSDataType) -> None:
        """
        `matrices` matrices of `rows` x `columns` numbers, rows `row_bytes` and matrices `matrix_bytes` apart; None: one after the other.
        """
    @property
    def columns(self) -> int:
        """
        Numbers in a row.
        """
    @columns.setter
    def columns(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def data_type(self) -> MPSDataType:
        """
        Type of the numbers.
        """
    @data_type.setter
    def data_type(self, arg0: MPSDataType) -> None:
        ...
    @property
    def matrices(self) -> int:
        """
        How many matrices there are; 1.
        """
    @property
    def matrix_bytes(self) -> int:
        """
        Bytes from one matrix to the next.
        """
    @property
    def row_bytes(self) -> int:
        """
        Bytes from one row to the next.
        """
    @row_bytes.setter
    def row_bytes(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def rows(self) -> int:
        """
        Rows of a matrix.
        """
    @rows.setter
    def rows(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
class MPSMatrix:
    """
    Rows of numbers in a buffer.
    """
    @typing.overload
    def __init__(self, buffer: Buffer | None=None, *, offset: typing.SupportsInt | typing.SupportsIndex=0, descriptor: MPSMatrixDescriptor, device: Device | str | None=None) -> None:
        """
        The numbers that start `offset` bytes into the buffer, or a new buffer of zeros. Raises InvalidArgumentError for a buffer that is too short.
        """
    @typing.overload
    def __init__(self, array: numpy.typing.ArrayLike, *, copy: bool=False) -> None:
        """
        The memory of a two-dimensional array, whose rows may lie apart, shared; a copy of its values with copy=True. Raises InvalidArgumentError for an array that cannot be shared.
        """
    def resource_size(self) -> int:
        """
        Bytes of the buffer.
        """
    def synchronize_on_command_buffer(self, command_buffer: MPSCommandBuffer) -> None:
        """
        Makes the contents visible to the CPU where its memory is apart; no effect here.
        """
    def to_numpy(self) -> numpy.ndarray:
        """
        A view that keeps the matrix alive: (rows, columns), or (matrices, rows, columns) where there are several. Raises InvalidArgumentError while encoded work is to write it.
        """
    @property
    def columns(self) -> int:
        """
        Numbers in a row.
        """
    @property
    def data(self) -> Buffer:
        """
        The buffer.
        """
    @property
    def data_type(self) -> MPSDataType:
        """
        Type of the numbers.
        """
    @property
    def device(self) -> Device:
        """
        The device.
        """
    @property
    def matrices(self) -> int:
        """
        How many matrices there are.
        """
    @property
    def matrix_bytes(self) -> int:
        """
        Bytes from one matrix to the next.
        """
    @property
    def offset(self) -> int:
        """
        Bytes before the first number.
        """
    @property
    def row_bytes(self) -> int:
        """
        Bytes from one row to the next.
        """
    @property
    def rows(self) -> int:
        """
        Rows of a matrix.
        """
class MPSNNOptimizerDescriptor:
    """
    The settings that all optimizers share. What an update does to a gradient g of a value v, in this order:
    
        g = min(max(g, gradient_clip_min), gradient_clip_max)   if apply_gradient_clipping
        g = g * gradient_rescale
        g = g + regularization_scale * sign(v)                  for L1, with sign(0) = 0
        g = g + regularization_scale * v                        for L2
    """
    __hash__: typing.ClassVar[None]  # type: ignore[assignment]
    def __eq__(self, arg0: object) -> bool:
        ...
    def __getstate__(self) -> tuple[float, float, bool, float, float, MPSNNRegularizationType, float]:
        ...
    def __init__(self, learning_rate: typing.SupportsFloat | typing.SupportsIndex, *, gradient_rescale: typing.SupportsFloat | typing.SupportsIndex, apply_gradient_clipping: bool=False, gradient_clip_max: typing.SupportsFloat | typing.SupportsIndex=3.4028234663852886e+38, gradient_clip_min: typing.SupportsFloat | typing.SupportsIndex=-3.4028234663852886e+38, regularization_type: MPSNNRegularizationType, regularization_scale: typing.SupportsFloat | typing.SupportsIndex) -> None:
        """
        Rates and scales may be negative. The clip limits are the largest finite numbers unless given.
        """
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None:
        ...
    @property
    def apply_gradient_clipping(self) -> bool:
        """
        Whether gradients are clipped.
        """
    @apply_gradient_clipping.setter
    def apply_gradient_clipping(self, arg0: bool) -> None:
        ...
    @property
    def gradient_clip_max(self) -> float:
        """
        Largest gradient after clipping.
        """
    @gradient_clip_max.setter
    def gradient_clip_max(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def gradient_clip_min(self) -> float:
        """
        Smallest gradient after clipping.
        """
    @gradient_clip_min.setter
    def gradient_clip_min(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def gradient_rescale(self) -> float:
        """
        Factor of every gradient.
        """
    @gradient_rescale.setter
    def gradient_rescale(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def learning_rate(self) -> float:
        """
        Step size.
        """
    @learning_rate.setter
    def learning_rate(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def regularization_scale(self) -> float:
        """
        Factor of what is added.
        """
    @regularization_scale.setter
    def regularization_scale(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def regularization_type(self) -> MPSNNRegularizationType:
        """
        What is added to gradients.
        """
    @regularization_type.setter
    def regularization_type(self, arg0: MPSNNRegularizationType) -> None:
        ...
class MPSNNOptimizer(MPSKernel):
    """
    Base of the optimizers: kernels that the update methods of data sources encode.
    """
    def __copy__(self) -> MPSNNOptimizer:
        ...
    def __deepcopy__(self, memo: dict[str, typing.Any]) -> MPSNNOptimizer:
        ...
    def copy_with_zone(self, zone: typing.Any=None, device: Device | str | None=None) -> MPSNNOptimizer:
        """
        An independent copy with a time step of its own, for another device or the same. `zone` is ignored.
        """
    def set_learning_rate(self, new_learning_rate: typing.SupportsFloat | typing.SupportsIndex) -> None:
        """
        For updates encoded from now on.
        """
    @property
    def apply_gradient_clipping(self) -> bool:
        """
        Whether gradients are clipped, for updates encoded from now on.
        """
    @apply_gradient_clipping.setter
    def apply_gradient_clipping(self, arg1: bool) -> None:
        ...
    @property
    def gradient_clip_max(self) -> float:
        """
        Largest gradient after clipping.
        """
    @property
    def gradient_clip_min(self) -> float:
        """
        Smallest gradient after clipping.
        """
    @property
    def gradient_rescale(self) -> float:
        """
        Factor of every gradient.
        """
    @property
    def learning_rate(self) -> float:
        """
        Step size.
        """
    @property
    def regularization_scale(self) -> float:
        """
        Factor of what is added to gradients.
        """
    @property
    def regularization_type(self) -> MPSNNRegularizationType:
        """
        What is added to gradients.
        """
class MPSNNOptimizerStochasticGradientDescent(MPSNNOptimizer):
    """
    Stochastic gradient descent. With a vector m for the momentum and learning rate lr:
    
        no vector:    v = v - lr * g
        classic:      m = momentum_scale * m + lr * g      v = v - m
        Nesterov:     m = momentum_scale * m + g           v = v - lr * (g + momentum_scale * m)
    """
    @staticmethod
    def with_learning_rate(learning_rate: typing.SupportsFloat | typing.SupportsIndex, *, device: Device | str | None=None) -> MPSNNOptimizerStochasticGradientDescent:
        """
        No momentum, and the descriptor's defaults.
        """
    def __getstate__(self) -> tuple[float, bool, MPSNNOptimizerDescriptor, str]:
        ...
    def __init__(self, momentum_scale: typing.SupportsFloat | typing.SupportsIndex, *, use_nesterov_momentum: bool, optimizer_descriptor: MPSNNOptimizerDescriptor, device: Device | str | None=None) -> None:
        """
        The descriptor is copied.
        """
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None:
        ...
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, input_gradient_vector: MPSVector, input_values_vector: MPSVector, input_momentum_vector: MPSVector, result_values_vector: MPSVector) -> None:
        """
        Updates a vector. Gradient and values are read, the state is updated in place, the result, which may be the values, receives the new values. Float32; gradient, values and result may be Float16. Raises InvalidArgumentError where lengths differ.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, input_gradient_matrix: MPSMatrix, input_values_matrix: MPSMatrix, input_momentum_matrix: MPSMatrix, result_values_matrix: MPSMatrix) -> None:
        """
        Updates a matrix, as a vector; rows may lie apart.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, convolution_gradient_state: MPSCNNConvolutionGradientState, convolution_source_state: MPSCNNConvolutionWeightsAndBiasesState, input_momentum_vectors: collections.abc.Sequence[MPSVector] | None, result_state: MPSCNNConvolutionWeightsAndBiasesState) -> None:
        """
        Updates weights and biases. The vectors are those for [weights, biases]; with one vector the biases stay as they are. Lowers the read counts of both states by one.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, batch_normalization_state: MPSCNNBatchNormalizationState, input_momentum_vectors: collections.abc.Sequence[MPSVector] | None, result_state: MPSCNNNormalizationGammaAndBetaState) -> None:
        """
        Updates gamma and beta. The vectors are those for [gamma, beta]; with one vector beta stays as it is. Lowers the read count of the state by one.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, batch_normalization_gradient_state: MPSCNNBatchNormalizationState, batch_normalization_source_state: MPSCNNBatchNormalizationState, input_momentum_vectors: collections.abc.Sequence[MPSVector] | None, result_state: MPSCNNNormalizationGammaAndBetaState) -> None:
        """
        As with one state, which is read for the gradients only; the other has gamma and beta.
        """
    @property
    def momentum_scale(self) -> float:
        """
        Share of the momentum that an update keeps.
        """
    @property
    def use_nesterov_momentum(self) -> bool:
        """
        Whether the momentum is Nesterov's.
        """
class MPSNNOptimizerRMSProp(MPSNNOptimizer):
    """
    RMSProp (Hinton, 2012). With a vector s for the mean square and learning rate lr:
    
        s = decay * s + (1 - decay) * g * g        v = v - lr * g / (sqrt(s) + epsilon)
    """
    @staticmethod
    def with_learning_rate(learning_rate: typing.SupportsFloat | typing.SupportsIndex, *, device: Device | str | None=None) -> MPSNNOptimizerRMSProp:
        """
        decay 0.9, epsilon 1e-8, and the descriptor's defaults.
        """
    def __getstate__(self) -> tuple[float, float, MPSNNOptimizerDescriptor, str]:
        ...
    def __init__(self, decay: typing.SupportsFloat | typing.SupportsIndex, *, epsilon: typing.SupportsFloat | typing.SupportsIndex, optimizer_descriptor: MPSNNOptimizerDescriptor, device: Device | str | None=None) -> None:
        """
        The descriptor is copied.
        """
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None:
        ...
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, input_gradient_vector: MPSVector, input_values_vector: MPSVector, input_sum_of_squares_vector: MPSVector, result_values_vector: MPSVector) -> None:
        """
        Updates a vector. Gradient and values are read, the state is updated in place, the result, which may be the values, receives the new values. Float32; gradient, values and result may be Float16. Raises InvalidArgumentError where lengths differ.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, input_gradient_matrix: MPSMatrix, input_values_matrix: MPSMatrix, input_sum_of_squares_matrix: MPSMatrix, result_values_matrix: MPSMatrix) -> None:
        """
        Updates a matrix, as a vector; rows may lie apart.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, convolution_gradient_state: MPSCNNConvolutionGradientState, convolution_source_state: MPSCNNConvolutionWeightsAndBiasesState, input_sum_of_squares_vectors: collections.abc.Sequence[MPSVector] | None, result_state: MPSCNNConvolutionWeightsAndBiasesState) -> None:
        """
        Updates weights and biases. The vectors are those for [weights, biases]; with one vector the biases stay as they are. Lowers the read counts of both states by one.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, batch_normalization_state: MPSCNNBatchNormalizationState, input_sum_of_squares_vectors: collections.abc.Sequence[MPSVector] | None, result_state: MPSCNNNormalizationGammaAndBetaState) -> None:
        """
        Updates gamma and beta. The vectors are those for [gamma, beta]; with one vector beta stays as it is. Lowers the read count of the state by one.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, batch_normalization_gradient_state: MPSCNNBatchNormalizationState, batch_normalization_source_state: MPSCNNBatchNormalizationState, input_sum_of_squares_vectors: collections.abc.Sequence[MPSVector] | None, result_state: MPSCNNNormalizationGammaAndBetaState) -> None:
        """
        As with one state, which is read for the gradients only; the other has gamma and beta.
        """
    @property
    def decay(self) -> float:
        """
        Share of the mean square that an update keeps.
        """
    @property
    def epsilon(self) -> float:
        """
        Added to the root.
        """
class MPSNNOptimizerAdam(MPSNNOptimizer):
    """
    Adam (Kingma and Ba, 2014), and AMSGrad (Reddi, Kale and Kumar, 2018) where a vector x for the
    maximum velocity is given. With vectors m for the momentum and u for the velocity, learning rate lr and time step t:
    
        t = t + 1                                  rate = lr * sqrt(1 - beta2^t) / (1 - beta1^t)
        m = beta1 * m + (1 - beta1) * g            u = beta2 * u + (1 - beta2) * g * g
        v = v - rate * m / (sqrt(u) + epsilon)     AMSGrad: x = max(x, u) takes the place of u
    """
    @staticmethod
    def with_learning_rate(learning_rate: typing.SupportsFloat | typing.SupportsIndex, *, device: Device | str | None=None) -> MPSNNOptimizerAdam:
        """
        beta1 0.9, beta2 0.999, epsilon 1e-8, time_step 0, and the descriptor's defaults.
        """
    def __getstate__(self) -> tuple[float, float, float, int, MPSNNOptimizerDescriptor, str]:
        ...
    def __init__(self, beta1: typing.SupportsFloat | typing.SupportsIndex, *, beta2: typing.SupportsFloat | typing.SupportsIndex, epsilon: typing.SupportsFloat | typing.SupportsIndex, time_step: typing.SupportsInt | typing.SupportsIndex, optimizer_descriptor: MPSNNOptimizerDescriptor, device: Device | str | None=None) -> None:
        """
        The descriptor is copied.
        """
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None:
        ...
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, input_gradient_vector: MPSVector, input_values_vector: MPSVector, input_momentum_vector: MPSVector, input_velocity_vector: MPSVector, result_values_vector: MPSVector, maximum_velocity_vector: MPSVector | None=None) -> None:
        """
        Updates a vector. Gradient and values are read, the state is updated in place, the result, which may be the values, receives the new values. Float32; gradient, values and result may be Float16. Raises InvalidArgumentError where lengths differ.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, input_gradient_matrix: MPSMatrix, input_values_matrix: MPSMatrix, input_momentum_matrix: MPSMatrix, input_velocity_matrix: MPSMatrix, result_values_matrix: MPSMatrix, maximum_velocity_matrix: MPSMatrix | None=None) -> None:
        """
        Updates a matrix, as a vector; rows may lie apart.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, convolution_gradient_state: MPSCNNConvolutionGradientState, convolution_source_state: MPSCNNConvolutionWeightsAndBiasesState, input_momentum_vectors: collections.abc.Sequence[MPSVector] | None, input_velocity_vectors: collections.abc.Sequence[MPSVector] | None, result_state: MPSCNNConvolutionWeightsAndBiasesState, maximum_velocity_vectors: collections.abc.Sequence[MPSVector] | None=None) -> None:
        """
        Updates weights and biases. The vectors are those for [weights, biases]; with one vector the biases stay as they are. Lowers the read counts of both states by one.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, batch_normalization_state: MPSCNNBatchNormalizationState, input_momentum_vectors: collections.abc.Sequence[MPSVector] | None, input_velocity_vectors: collections.abc.Sequence[MPSVector] | None, result_state: MPSCNNNormalizationGammaAndBetaState, maximum_velocity_vectors: collections.abc.Sequence[MPSVector] | None=None) -> None:
        """
        Updates gamma and beta. The vectors are those for [gamma, beta]; with one vector beta stays as it is. Lowers the read count of the state by one.
        """
    @typing.overload
    def encode_to_command_buffer(self, command_buffer: MPSCommandBuffer, batch_normalization_gradient_state: MPSCNNBatchNormalizationState, batch_normalization_source_state: MPSCNNBatchNormalizationState, input_momentum_vectors: collections.abc.Sequence[MPSVector] | None, input_velocity_vectors: collections.abc.Sequence[MPSVector] | None, result_state: MPSCNNNormalizationGammaAndBetaState, maximum_velocity_vectors: collections.abc.Sequence[MPSVector] | None=None) -> None:
        """
        As with one state, which is read for the gradients only; the other has gamma and beta.
        """
    @property
    def beta1(self) -> float:
        """
        Share of the momentum that an update keeps.
        """
    @property
    def beta2(self) -> float:
        """
        Share of the velocity that an update keeps.
        """
    @property
    def epsilon(self) -> float:
        """
        Added to the root.
        """
    @property
    def time_step(self) -> int:
        """
        Updates encoded so far. Set it back to apply one step through several encodes.
        """
    @time_step.setter
    def time_step(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
class ConvolutionWeights(MPSCNNConvolutionDataSource):
    """
    A ready data source of convolutions and fully connected
    layers: arrays, and an optimizer that trains them.
    
    A training graph of style UpdateDeviceGPU computes with the arrays themselves; every other graph has a copy, taken when the graph is
    made and by `reload_from_data_sources`. A source that several filters of a graph share takes one step for each of them.
    """
    def __init__(self, descriptor: MPSCNNConvolutionDescriptor, weights: numpy.typing.ArrayLike | None=None, biases: numpy.typing.ArrayLike | None=None, *, kernel_weights_data_type: MPSDataType | None=None, ranges: numpy.typing.ArrayLike | None=None, lookup_table: numpy.typing.ArrayLike | None=None, optimizer: MPSNNOptimizer | None=None, seed: typing.SupportsInt | typing.SupportsIndex=0, label: str | None=None) -> None:
        """
        Copies everything.
        
        weights: O x kH x kW x I/groups (depthwise O x kH x kW), float32, float16 or uint8; uint32 is for binary filters, O x kH x kW x
        ceil(I/32) words, channel c in bit c % 32 of word c / 32; other numbers become float32. None draws them
        uniformly from [-l, l), l = sqrt(6 / (kH * kW * I/groups)) (He et al., 2015): number i is l * (2 * (z >> 40) / 2**24 - 1), z the output
        i + 1 of SplitMix64 from `seed`.
        biases: O numbers, or None for none; None stays none, trained ones start as np.zeros(O).
        kernel_weights_data_type: precision inside the kernel, Float32 or Float16. None is Float32 for float32 weights, else Float16.
        ranges: O x 2, (min, max): byte q is min + q / 255 * (max - min). lookup_table: 256 numbers: byte q is lookup_table[q]. For uint8 weights.
        optimizer: copied, so that every source has a time step of its own; None freezes the values. Needs float32 weights.
        Raises InvalidArgumentError where lengths do not fit the descriptor.
        """
    def bias_terms(self) -> numpy.typing.NDArray[numpy.float32] | None:
        """
        The biases, shared as `weights`, or None.
        """
    def weights(self) -> numpy.ndarray:
        """
        The weights, shared, in the shape they were given in (see the constructor): what is written here, graphs see after `reload_from_data_sources`. Raises InvalidArgumentError while encoded work is to write them.
        """
    @property
    def optimizer(self) -> MPSNNOptimizer:
        """
        This source's own copy of the optimizer, or None.
        """
class BatchNormalizationWeights(MPSCNNBatchNormalizationDataSource):
    """
    A ready data source of batch normalisation: arrays, and an optimizer that
    trains gamma and beta. Every update also sets, for the mean and the (biased) variance of the batch,
    
        running = momentum * running + (1 - momentum) * batch
    """
    def __init__(self, number_of_feature_channels: typing.SupportsInt | typing.SupportsIndex, *, gamma: numpy.typing.ArrayLike | None=None, beta: numpy.typing.ArrayLike | None=None, mean: numpy.typing.ArrayLike | None=None, variance: numpy.typing.ArrayLike | None=None, epsilon: typing.SupportsFloat | typing.SupportsIndex=9.999999747378752e-06, momentum: typing.SupportsFloat | typing.SupportsIndex=0.9, optimizer: MPSNNOptimizer | None=None, label: str | None=None) -> None:
        """
        Copies the arrays; None stands for gamma 1, beta 0, mean 0, variance 1. Copies the optimizer too: every source has a time step of its own. Without one gamma and beta are frozen. Raises InvalidArgumentError for arrays of another length than number_of_feature_channels and for a momentum outside [0, 1].
        """
    def beta(self) -> numpy.typing.NDArray[numpy.float32]:
        """
        The biases, shared as `gamma`.
        """
    def copy_with_zone(self, zone: typing.Any=None, device: Device | str | None=None) -> BatchNormalizationWeights:
        """
        An independent copy, with the state of the optimizer. Both arguments are ignored.
        """
    def epsilon(self) -> float:
        """
        Added to the variances.
        """
    def gamma(self) -> numpy.typing.NDArray[numpy.float32]:
        """
        The scales, shared: what is written here, graphs see after `reload_from_data_sources`. Raises InvalidArgumentError while encoded work is to write them.
        """
    def label(self) -> str | None:
        """
        The name, or None.
        """
    def load(self) -> bool:
        """
        True; nothing is to be done.
        """
    def mean(self) -> numpy.typing.NDArray[numpy.float32]:
        """
        The running means, shared as `gamma`.
        """
    def number_of_feature_channels(self) -> int:
        """
        Channels of the images.
        """
    def purge(self) -> None:
        """
        Nothing is to be done.
        """
    def update_gamma_and_beta_with_batch_normalization_state(self, batch_normalization_state: MPSCNNBatchNormalizationState) -> bool:
        """
        A step of the optimizer; whether there is one.
        """
    def update_gamma_and_beta_with_command_buffer(self, command_buffer: MPSCommandBuffer, batch_normalization_state: MPSCNNBatchNormalizationState) -> MPSCNNNormalizationGammaAndBetaState:
        """
        Encodes a step of the optimizer.
        """
    def update_mean_and_variance_with_batch_normalization_state(self, batch_normalization_state: MPSCNNBatchNormalizationState) -> bool:
        """
        Updates the running statistics; True.
        """
    def update_mean_and_variance_with_command_buffer(self, command_buffer: MPSCommandBuffer, batch_normalization_state: MPSCNNBatchNormalizationState) -> MPSCNNNormalizationMeanAndVarianceState:
        """
        Encodes an update of the running statistics.
        """
    def variance(self) -> numpy.typing.NDArray[numpy.float32]:
        """
        The running variances, shared as `gamma`.
        """
    @property
    def momentum(self) -> float:
        """
        Share of the running statistics that an update keeps.
        """
    @property
    def optimizer(self) -> MPSNNOptimizer:
        """
        This source's own copy of the optimizer, or None.
        """
class InstanceNormalizationWeights(MPSCNNInstanceNormalizationDataSource):
    """
    A ready data source of instance normalisation: arrays, and an optimizer that trains gamma and beta.
    """
    def __init__(self, number_of_feature_channels: typing.SupportsInt | typing.SupportsIndex, *, gamma: numpy.typing.ArrayLike | None=None, beta: numpy.typing.ArrayLike | None=None, epsilon: typing.SupportsFloat | typing.SupportsIndex=9.999999747378752e-06, optimizer: MPSNNOptimizer | None=None, label: str | None=None) -> None:
        """
        Copies the arrays; None stands for gamma 1, beta 0. Copies the optimizer too: every source has a time step of its own. Without one gamma and beta are frozen. Raises InvalidArgumentError for arrays of another length than number_of_feature_channels.
        """
    def beta(self) -> numpy.typing.NDArray[numpy.float32]:
        """
        The biases, shared as `gamma`.
        """
    def copy_with_zone(self, zone: typing.Any=None, device: Device | str | None=None) -> InstanceNormalizationWeights:
        """
        An independent copy, with the state of the optimizer. Both arguments are ignored.
        """
    def epsilon(self) -> float:
        """
        Added to the variances.
        """
    def gamma(self) -> numpy.typing.NDArray[numpy.float32]:
        """
        The scales, shared: what is written here, graphs see after `reload_from_data_sources`. Raises InvalidArgumentError while encoded work is to write them.
        """
    def label(self) -> str | None:
        """
        The name, or None.
        """
    def load(self) -> bool:
        """
        True; nothing is to be done.
        """
    def purge(self) -> None:
        """
        Nothing is to be done.
        """
    def update_gamma_and_beta_with_command_buffer(self, command_buffer: MPSCommandBuffer, instance_normalization_state_batch: collections.abc.Sequence[MPSCNNInstanceNormalizationGradientState]) -> MPSCNNNormalizationGammaAndBetaState | None:
        """
        Encodes a step of the optimizer with the sum of the gradients of all states.
        """
    def update_gamma_and_beta_with_instance_normalization_state_batch(self, instance_normalization_state_batch: collections.abc.Sequence[MPSCNNInstanceNormalizationGradientState]) -> bool:
        """
        A step of the optimizer with the sum of the gradients of all states; whether there is an optimizer.
        """
    @property
    def number_of_feature_channels(self) -> int:
        """
        Channels of the images.
        """
    @property
    def optimizer(self) -> MPSNNOptimizer | None:
        """
        This source's own copy of the optimizer, or None.
        """
class GroupNormalizationWeights(MPSCNNGroupNormalizationDataSource):
    """
    A ready data source of group normalisation: arrays, and an optimizer that trains gamma and beta.
    """
    def __init__(self, number_of_feature_channels: typing.SupportsInt | typing.SupportsIndex, *, number_of_groups: typing.SupportsInt | typing.SupportsIndex, gamma: numpy.typing.ArrayLike | None=None, beta: numpy.typing.ArrayLike | None=None, epsilon: typing.SupportsFloat | typing.SupportsIndex=9.999999747378752e-06, optimizer: MPSNNOptimizer | None=None, label: str | None=None) -> None:
        """
        Copies the arrays; None stands for gamma 1, beta 0. Copies the optimizer too: every source has a time step of its own. Without one gamma and beta are frozen. Raises InvalidArgumentError for arrays of another length than number_of_feature_channels and for groups that do not divide it.
        """
    def beta(self) -> numpy.typing.NDArray[numpy.float32]:
        """
        The biases, shared as `gamma`.
        """
    def copy_with_zone(self, zone: typing.Any=None, device: Device | str | None=None) -> GroupNormalizationWeights:
        """
        An independent copy, with the state of the optimizer. Both arguments are ignored.
        """
    def epsilon(self) -> float:
        """
        Added to the variances.
        """
    def gamma(self) -> numpy.typing.NDArray[numpy.float32]:
        """
        The scales, shared: what is written here, graphs see after `reload_from_data_sources`. Raises InvalidArgumentError while encoded work is to write them.
        """
    def label(self) -> str | None:
        """
        The name, or None.
        """
    def load(self) -> bool:
        """
        True; nothing is to be done.
        """
    def purge(self) -> None:
        """
        Nothing is to be done.
        """
    def update_gamma_and_beta_with_command_buffer(self, command_buffer: MPSCommandBuffer, group_normalization_state_batch: collections.abc.Sequence[MPSCNNGroupNormalizationGradientState]) -> MPSCNNNormalizationGammaAndBetaState | None:
        """
        Encodes a step of the optimizer with the sum of the gradients of all states.
        """
    def update_gamma_and_beta_with_group_normalization_state_batch(self, group_normalization_state_batch: collections.abc.Sequence[MPSCNNGroupNormalizationGradientState]) -> bool:
        """
        A step of the optimizer with the sum of the gradients of all states; whether there is an optimizer.
        """
    @property
    def number_of_feature_channels(self) -> int:
        """
        Channels of the images.
        """
    @property
    def number_of_groups(self) -> int:
        """
        Ranges of channels with statistics of their own. Set before a graph is made. Raises InvalidArgumentError for a number that does not divide number_of_feature_channels.
        """
    @number_of_groups.setter
    def number_of_groups(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def optimizer(self) -> MPSNNOptimizer | None:
        """
        This source's own copy of the optimizer, or None.
        """
def _stop_all_queues() -> None:
    ...
def devices() -> list[Device]:
    """
    What this machine has, fastest first.
    """
def implementations(node: MPSNNFilterNode, device: Device | str | None=None) -> list[str]:
    """
    Names of the implementations of the node's kernel on a device, the default one for None; best first.
    """
def mps_data_type_bits_count(t: MPSDataType) -> int:
    """
    Bits of a number of this type.
    """
def mps_hint_temporary_memory_high_water_mark(cmd_buf: MPSCommandBuffer, bytes: typing.SupportsInt | typing.SupportsIndex) -> None:
    """
    How much memory temporary images will take: a hint, no effect here.
    """
def mps_image_batch_increment_read_count(batch: collections.abc.Sequence[MPSImage], amount: typing.SupportsInt | typing.SupportsIndex) -> int:
    """
    Adds to the read count of each distinct temporary image; returns how many distinct images there are.
    """
def mps_image_batch_iterate(batch: collections.abc.Sequence[MPSImage], iterator_block: collections.abc.Callable[[MPSImage, int], int | None]) -> int:
    """
    Calls `iterator_block(image, index)` for each distinct image with the first index where it is; anything but None (or the smallest 64-bit integer) ends the walk. Returns the last value.
    """
def mps_image_batch_resource_size(batch: collections.abc.Sequence[MPSImage]) -> int:
    """
    Bytes of the distinct images.
    """
def mps_image_batch_synchronize(batch: collections.abc.Sequence[MPSImage], cmd_buf: MPSCommandBuffer) -> None:
    """
    `synchronize_on_command_buffer` for each distinct image.
    """
def mps_set_heap_cache_duration(cmd_buf: MPSCommandBuffer, seconds: typing.SupportsFloat | typing.SupportsIndex) -> None:
    """
    How long unused memory is kept: a hint, no effect here.
    """
def mps_sizeof_mps_data_type(t: MPSDataType) -> int:
    """
    Bytes of a number of this type.
    """
def mps_state_batch_increment_read_count(batch: collections.abc.Sequence[MPSState] | None, amount: typing.SupportsInt | typing.SupportsIndex) -> int:
    """
    Adds to the read count of each distinct temporary state; returns how many distinct states there are.
    """
def mps_state_batch_resource_size(batch: collections.abc.Sequence[MPSState] | None) -> int:
    """
    Bytes of the distinct states.
    """
def mps_state_batch_synchronize(batch: collections.abc.Sequence[MPSState], cmd_buf: MPSCommandBuffer) -> None:
    """
    `synchronize_on_command_buffer` for each distinct state.
    """
def mps_supports_mtl_device(device: Device) -> bool:
    """
    Whether the library runs on the device; False for None.
    """
def plan_passes() -> list[str]:
    """
    Names of the planner's passes, in the order they run.
    """
MPSRectNoClip: MTLRegion
