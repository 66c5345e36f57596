"""What the headers in include declare of Apple's interface, tests/data/api_surface.json, and where each name stands."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

SURFACE = json.loads((Path(__file__).resolve().parents[2] / "tests" / "data" / "api_surface.json").read_text())

Declaration = dict[str, Any]

# What is left out, and why: names, or patterns of names. A member whose types are left out is left out too.
LEFT_OUT = {
    "recurrent layers, which are not nodes of a graph": "MPSRNN* MPSGRUDescriptor MPSLSTMDescriptor",
    "kernels of matrices, which are not nodes of a graph": """
        MPSMatrix[!D]* MPSTemporaryMatrix MPSTemporaryVector MPSImageCopyToMatrix""",
    "filters of images, which are not nodes of a graph": """
        MPSUnaryImageKernel MPSBinaryImageKernel MPSCopyAllocator MPSAlphaType
        MPSImageAdd MPSImageArea* MPSImageArithmetic MPSImageBox MPSImageCanny MPSImageConversion MPSImageConvolution
        MPSImageDilate MPSImageDivide MPSImageEDLines MPSImageErode MPSImageEuclideanDistanceTransform
        MPSImageFindKeypoints MPSImageGaussian* MPSImageGuidedFilter MPSImageHistogram* MPSImageIntegral*
        MPSImageKeypoint* MPSImageLaplacian* MPSImageMedian MPSImageMultiply MPSImageNormalizedHistogram
        MPSImagePyramid MPSImageReduce* MPSImageSobel MPSImageStatistics* MPSImageSubtract MPSImageTent
        MPSImageThreshold* MPSImageTranspose""",
    "filters of images outside of a graph, which has nodes for them": "MPSImage*Scale",
    "the base of kernels that are none of these": "MPSCNNMultiaryKernel",
    "conditional execution, which no node offers": "MPSPredicate",
    "what shaders of clients read images with": """
        MPSCustomKernel* MPSGetCustomKernel* MPSIntegerDivisionParams MPSFindIntegerDivisionParams MPSFunctionConstant*
        MPSDeviceCaps* MPSImageType MPSGetImageType MPSBatchSizeIndex MPSTextureLinkingConstantIndex
        MPSUserAvailableFunctionConstantStartIndex MPSUserConstantIndex""",
    "no class of these headers takes it": """
        MPSAliasingStrategy MPSFloatDataType* MPSDimensionSlice MPSImageRegion MPSShape""",
}

# Classes that stand in signatures only, and why: known by name.
ONLY_NAMED: dict[str, str] = {}

# What each header declares: names, or patterns of names; the first header that matches has it. The last header of a
# framework imports the others.
HEADERS = {
    "Metal": {
        "MTLAllocation": "MTLAllocation",
        "MTLArgument": "MTLDataType",
        "MTLGPUAddress": "MTLGPUAddress",
        "MTLPixelFormat": "MTLPixelFormat",
        "MTLTypes": "MTLOrigin* MTLRegion* MTLResourceID MTLSamplePosition MTLSize MTLSizeMake",
        "MTLResource": """
            MTLResource MTLResourceOptions MTLCPUCacheMode MTLHazardTrackingMode MTLPurgeableState MTLSparsePageSize
            MTLStorageMode""",
        "MTLBuffer": "MTLBuffer*",
        "MTLTexture": "MTLTexture*",
        "MTLHeap": "MTLHeap*",
        "MTLEvent": "MTLEvent MTLSharedEvent*",
        "MTLFence": "MTLFence",
        "MTLDrawable": "MTLDrawable*",
        "MTLFunctionConstantValues": "MTLFunctionConstantValues",
        "MTLFunctionDescriptor": "MTLFunctionOptions",
        "MTLLibrary": "MTLLibrary* MTLCompile* MTLFunction* MTLLanguageVersion MTLMath* MTLPatchType",
        "MTLPipeline": "MTLShaderValidation",
        "MTLComputePipeline": "MTLComputePipelineState",
        "MTLCommandEncoder": "MTLCommandEncoder MTLBarrierScope MTLResourceUsage MTLStages",
        "MTLBlitCommandEncoder": "MTLBlit*",
        "MTLCommandBuffer": "MTLCommandBuffer* MTLDispatchType",
        "MTLComputeCommandEncoder": "MTLComputeCommandEncoder",
        "MTLCommandQueue": "MTLCommandQueue*",
        "MTLDevice": """
            MTLDevice* MTLArgumentBuffersTier MTLCopyAllDevices* MTLCounterSamplingPoint MTLCreateSystemDefaultDevice
            MTLFeatureSet MTLGPUFamily MTLNew*CompletionHandler MTLReadWriteTextureTier MTLRemoveDeviceObserver
            MTLSizeAndAlign MTLSparseTextureRegionAlignmentMode MTLTimestamp""",
        "Metal": "",
    },
    "MetalPerformanceShaders": {
        "MPSCoreTypes": """
            MPSData* MPSSizeofMPSDataType MPSDeviceProvider MPSImageCoordinate MPSImageEdgeMode
            MPSImageFeatureChannelFormat MPSImageReadWriteParams MPSKernelOptions MPSOffset MPSOrigin MPSPurgeableState
            MPSRegion MPSScaleTransform MPSSize""",
        "MPSKernel": "MPSKernel MPSRectNoClip",
        "MPSKeyedUnarchiver": "MPSKeyedUnarchiver",
        "MPSImage": "MPSImage MPSImageAllocator MPSImageBatch* MPSImageDescriptor MPSTemporaryImage",
        "MPSState": "MPSState*",
        "MPSMatrix": "MPSMatrix* MPSVector*",
        "MPSCommandBuffer": "MPSCommandBuffer MPSHeapProvider",
        "MPSHandle": "MPSHandle",
        "MPSNeuralNetworkTypes": """
            MPSImageSizeEncodingState MPSImageTransformProvider MPSNNConvolutionAccumulatorPrecisionOption
            MPSNNDefaultPadding MPSNNPadding* MPSNNTrainingStyle""",
        "MPSCNNNeuronType": "MPSCNNNeuronType",
        "MPSCNNTypes": """
            MPSCNNBatchNormalizationFlags MPSCNNBinaryConvolutionFlags MPSCNNBinaryConvolutionType
            MPSCNNConvolutionFlags MPSCNNConvolutionGradientOption MPSCNNConvolutionWeightsLayout MPSCNNLossType
            MPSCNNReductionType MPSCNNWeightsQuantizationType MPSNNComparisonType MPSNNRegularizationType""",
        "MPSNNGraphNodes": "MPS*Node MPSGradientNodeBlock",
        "MPSNNGraph": "MPSNNGraph*",
        "MPSNNGradientState": "MPSNNGradientState* MPSNNBinaryGradientState* MPSNNMultiaryGradientState*",
        "MPSCNNKernel": "MPSCNNKernel MPSCNNBinaryKernel MPSCNNGradientKernel",
        "MPSCNNNeuron": "MPSCNNNeuron* MPSNNNeuronDescriptor",
        "MPSCNNConvolution": """
            MPSCNNConvolution* MPSCNNBinaryConvolution* MPSCNNBinaryFullyConnected MPSCNNDepthWiseConvolutionDescriptor
            MPSCNNFullyConnected* MPSCNNSubPixelConvolutionDescriptor""",
        "MPSCNNPooling": "MPSCNNPooling* MPSCNNDilatedPooling*",
        "MPSCNNNormalization": """
            MPSCNNCrossChannelNormalization* MPSCNNLocalContrastNormalization* MPSCNNSpatialNormalization*""",
        "MPSCNNNormalizationWeights": "MPSCNNNormalizationGammaAndBetaState MPSCNNNormalizationMeanAndVarianceState",
        "MPSCNNBatchNormalization": "MPSCNNBatchNormalization*",
        "MPSCNNGroupNormalization": "MPSCNNGroupNormalization*",
        "MPSCNNInstanceNormalization": "MPSCNNInstanceNormalization*",
        "MPSCNNSoftMax": "MPSCNNSoftMax* MPSCNNLogSoftMax*",
        "MPSCNNUpsampling": "MPSCNNUpsampling*",
        "MPSCNNDropout": "MPSCNNDropout*",
        "MPSCNNMath": """
            MPSCNNAdd* MPSCNNArithmetic* MPSCNNDivide MPSCNNMultiply* MPSCNNSubtract* MPSNNCompare""",
        "MPSCNNLoss": """
            MPSCNNLoss* MPSCNNYOLOLoss* MPSNNForwardLoss MPSNNInitialGradient MPSNNLoss*""",
        "MPSNNGramMatrixCalculation": "MPSNNGramMatrix*",
        "MPSNNGridSample": "MPSNNGridSample",
        "MPSNNReduce": "MPSNNReduce*",
        "MPSNNLocalCorrelation": "MPSNNLocalCorrelation",
        "MPSNNPad": "MPSNNPad MPSNNPadGradient",
        "MPSNNReshape": "MPSNNReshape*",
        "MPSNNResize": "MPSNNResizeBilinear MPSNNCropAndResizeBilinear",
        "MPSNNSlice": "MPSNNSlice",
        "MPSNNOptimizers": "MPSNNOptimizer*",
        "MetalPerformanceShaders": """
            MPSDeviceOptions MPSGetPreferredDevice MPSHintTemporaryMemoryHighWaterMark MPSSetHeapCacheDuration
            MPSSupportsMTLDevice""",
    },
}

# Headers without declarations of Apple's.
SUPPORT = {
    "Metal/MTLDefines.h": """\
#import <Foundation/Foundation.h>

#ifdef __cplusplus
#define MTL_EXTERN extern "C" __attribute__((visibility("default")))
#else
#define MTL_EXTERN extern __attribute__((visibility("default")))
#endif
#define MTL_DEPRECATED __attribute__((deprecated))
#define MTL_UNAVAILABLE __attribute__((unavailable))

// The versions of Apple's systems say nothing about this one.
#ifndef API_AVAILABLE
#define API_AVAILABLE(...)
#define API_UNAVAILABLE(...)
#define API_DEPRECATED(...)
#define API_DEPRECATED_WITH_REPLACEMENT(...)
#endif

#if !__has_include(<CoreFoundation/CFDate.h>)
typedef double CFTimeInterval;
#endif
""",
    "MetalPerformanceShaders/MPSVectorTypes.h": """\
typedef float vector_float2 __attribute__((ext_vector_type(2)));
""",
}

# What inline functions do.
BODIES = {
    "MTLOriginMake": "return (MTLOrigin){x, y, z};",
    "MTLSizeMake": "return (MTLSize){width, height, depth};",
    "MTLRegionMake1D": "return (MTLRegion){{x, 0, 0}, {width, 1, 1}};",
    "MTLRegionMake2D": "return (MTLRegion){{x, y, 0}, {width, height, 1}};",
    "MTLRegionMake3D": "return (MTLRegion){{x, y, z}, {width, height, depth}};",
    # The low half of a type's number is its width.
    "MPSDataTypeBitsCount": "return t & 0xffff;",
    "MPSSizeofMPSDataType": "return (t & 0xffff) / 8;",
}

# --- what is declared -------------------------------------------------------------------------------------------------


def matches(name: str, patterns: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns.split())


@functools.cache
def is_only_named(name: str) -> bool:
    return any(matches(name, patterns) for patterns in ONLY_NAMED.values())


@functools.cache
def is_left_out(name: str) -> bool:
    return not is_only_named(name) and any(matches(name, patterns) for patterns in LEFT_OUT.values())


def names_in(text: str) -> list[str]:
    """The names of Apple's that a type is made of."""
    return re.findall(r"\b(?:MPS|MTL|vector_)\w+", text)


def types_of(member: Declaration) -> Iterator[str]:
    """The types in a method, a function, a property, a struct or a typedef."""
    yield member.get("type", "")
    yield member.get("returns", "")
    for part in [*member.get("args", ()), *member.get("fields", ())]:
        yield part["type"]


def is_declared(member: Declaration) -> bool:
    return not any(is_left_out(name) for t in types_of(member) for name in names_in(t))


def surface() -> dict[str, Declaration]:
    """Everything that the headers declare, by name, in the order in which a header declares it."""
    found: dict[str, Declaration] = {}
    for section in ("enums", "structs", "typedefs", "block_types"):
        for name in SURFACE[section]:
            for each in reversed(list(parts(name, SURFACE[section]))):
                found.setdefault(each, {**SURFACE[section][each], "what": section})
    for section in ("constants", "functions"):
        found |= {value["name"]: {**value, "what": section} for value in SURFACE[section]}
    classes = SURFACE["classes"]
    for kind in ("protocol", "class"):
        for name in classes:
            for each in reversed(list(ancestors(name))):
                if classes[each]["kind"] == kind:
                    found.setdefault(each, {**classes[each], "what": kind})
    found = {name: value for name, value in found.items() if not is_left_out(name) and not is_only_named(name)}
    return {name: with_declared_members(value) for name, value in found.items()}


def parts(name: str, section: Declaration) -> Iterator[str]:
    """A struct, and the structs that it consists of."""
    yield name
    for field in section[name].get("fields", ()):
        if field["type"] in section:
            yield from parts(field["type"], section)


def ancestors(name: str) -> Iterator[str]:
    """A class or protocol, and what it is made from."""
    value = SURFACE["classes"].get(name)
    if value is not None:
        yield name
        for base in [value["superclass"], *value["protocols"]]:
            yield from ancestors(base)


def with_declared_members(value: Declaration) -> Declaration:
    lists = ("initializers", "properties", "methods")
    return {k: [m for m in v if is_declared(m)] if k in lists else v for k, v in value.items()}
