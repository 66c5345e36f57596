"""Writes the headers in include/Metal and include/MetalPerformanceShaders from Apple's interface, tests/data/api_surface.json.

python cpp/gnustep/generate_headers.py            # writes what has changed
python cpp/gnustep/generate_headers.py --check    # says what is out of date and writes nothing

What GNUstep Base 1.28 has: NS_ENUM, NS_OPTIONS, NS_ASSUME_NONNULL_BEGIN, NSErrorDomain, instancetype, and element types
on NSArray, NSMutableArray, NSSet and NSDictionary. What it lacks stands in MTLDefines.h and MPSVectorTypes.h. With GCC's
runtime the instance variables are part of a class's layout, and no property makes one: classes declare the one they
have, which holds the C++ object, in their root. GNUstep includes objc/blocks_runtime.h when blocks are on, a file of
another runtime: include/objc has one.
"""

from __future__ import annotations

import argparse
import functools
import json
import re
import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
INCLUDE = HERE / "include"
WIDTH = 120  # of a line, where it can be broken
SURFACE = json.loads((HERE.parents[1] / "tests" / "data" / "api_surface.json").read_text())

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


# --- how it is written ------------------------------------------------------------------------------------------------


def written(kind: str, name: str = "", *, nullable: bool = False, inner_nullable: bool = False) -> str:
    """A type, with the name of what has it."""
    mark = " _Nullable" if nullable else ""
    if array := re.fullmatch(r"(.*)(\[\d+\])", kind):
        return f"{array[1]} {name}{array[2]}"
    if block := re.fullmatch(r"(.*) \(\^\)(\(.*\))", kind):
        return f"{block[1]} (^{mark}{' ' if mark and name else ''}{name}){block[2]}"
    if pointers := re.fullmatch(r"(.* \*|(?:const )?id<\w+> )\*", kind):
        # Of a pointer to a pointer, clang wants to know both.
        inner = "_Nullable" if inner_nullable else "_Null_unspecified"
        return f"{pointers[1].rstrip()} {inner} *{mark or ' _Nonnull'} {name}".rstrip()
    text = kind + mark
    return text + name if text.endswith("*") else f"{text} {name}".rstrip()


def marks(value: Declaration) -> str:
    return " MTL_DEPRECATED" if value.get("deprecated") else ""


def argument(value: Declaration, name: str = "") -> str:
    return written(value["type"], name, nullable=value["nullable"], inner_nullable=value.get("inner_nullable", False))


def call(start: str, values: list[Declaration], end: str) -> str:
    """Arguments in parentheses: in one line, or each in its own."""
    texts = [argument(a, a.get("name", "")) for a in values] or ["void"]
    line = f"{start}({', '.join(texts)}){end}"
    return line if len(line) <= WIDTH else start + "(" + f",\n{' ' * len(start)} ".join(texts) + ")" + end


def enum(name: str, value: Declaration) -> Iterator[str]:
    yield f"typedef {'NS_OPTIONS' if value['options'] else 'NS_ENUM'}({value['underlying']}, {name}) {{"
    for case, number in value["cases"].items():
        mark = " MTL_DEPRECATED" if case in value.get("deprecated_cases", ()) else ""
        yield f"  {case}{mark} = {number}{'ULL' if number >= 2**63 else ''},"
    yield "};"


def struct(name: str, value: Declaration) -> Iterator[str]:
    yield f"typedef struct {name} {{"
    for field in value["fields"]:
        yield f"  {written(field['type'], field['name'])};"
    yield f"}} {name};"


def block_type(name: str, value: Declaration) -> str:
    returns = written(value["returns"], nullable=value.get("returns_nullable", False))
    return call(f"typedef {returns} (^{name})", value["args"], ";")


def constant(name: str, value: Declaration) -> str:
    return f"MTL_EXTERN {value['type']} const {name};"


def function(name: str, value: Declaration) -> Iterator[str]:
    start = written(value["returns"], name, nullable=value.get("returns_nullable", False))
    if name in BODIES:
        yield call(f"static inline {start}", value["args"], " {")
        yield f"  {BODIES[name]}"
        yield "}"
    else:
        yield call(f"MTL_EXTERN {start}", value["args"], ";")


def prop(value: Declaration) -> str:
    is_object = re.match(r"id\b|NS\w+<.*> \*$|(NS|MPS|MTL)\w+ \*$", value["type"])
    attributes = ["class"] if value.get("class") else []
    attributes += ["nonatomic"]
    if value["readonly"]:
        attributes += ["readonly"]
    elif value.get("copy"):
        attributes += ["copy"]
    elif is_object:
        attributes += ["retain"]
    if value["nullable"]:
        attributes += ["nullable"]
    if "getter" in value:
        attributes += [f"getter={value['getter']}"]
    return f"@property ({', '.join(attributes)}) {written(value['type'], value['name'])}{marks(value)};"


def variadic(value: Declaration) -> str:
    """Lists of objects end with nil, lists of numbers with 0, for which Clang has no mark."""
    if not value.get("variadic"):
        return ""
    return ", ... NS_REQUIRES_NIL_TERMINATION" if value["args"][-1]["type"].endswith("*") else ", ..."


def method(value: Declaration, mark: str = "") -> str:
    is_nullable = bool(value.get("returns_nullable") or value.get("nullable"))
    returns = written(value.get("returns", "instancetype"), nullable=is_nullable)
    start = f"{'+' if value['class_method'] else '-'} ({returns})"
    end = f"{variadic(value)}{mark or marks(value)};"
    if not value["args"]:
        return f"{start}{value['selector']}{end}"
    names = value["selector"].split(":")
    parts = [f"{part}:({argument(a)}){a['name']}" for part, a in zip(names, value["args"], strict=False)]
    line = start + " ".join(parts) + end
    if len(line) <= WIDTH:
        return line
    # The colons stand below each other where there is room for it.
    column = len(start + names[0])
    rest = [" " * max(column - len(name), 2) + part for name, part in zip(names[1:], parts[1:], strict=False)]
    if max(map(len, rest), default=0) >= WIDTH:
        rest = ["    " + part for part in parts[1:]]
    return "\n".join([start + parts[0], *rest]) + end


def unavailable(name: str, mentioned: str) -> Declaration | None:
    """The method that a class declares in order to forbid it: as its base declares it. None for one of Foundation's."""
    is_class_method, selector = mentioned[0] == "+", mentioned[1:]
    for each in ancestors(name):
        value = SURFACE["classes"][each]
        for member in [*value["initializers"], *value["methods"]]:
            if member["selector"] == selector and member["class_method"] == is_class_method:
                return {k: v for k, v in member.items() if k != "deprecated"}
    return None if ":" in selector else {"selector": selector, "class_method": is_class_method, "args": []}


def members(name: str, value: Declaration) -> Iterator[str]:
    written_members = [(each, prop(each)) for each in value["properties"]]
    written_members += [(each, method(each)) for each in [*value["initializers"], *value["methods"]]]
    forbidden = [unavailable(name, each) for each in value.get("unavailable", ())]
    written_members += [(each, method(each, " MTL_UNAVAILABLE")) for each in forbidden if each and is_declared(each)]
    required = [text for each, text in written_members if not each.get("optional")]
    optional = [text for each, text in written_members if each.get("optional")]
    if required and optional:
        yield "@required"
    yield from required
    if optional:
        yield "@optional"
    yield from optional


def interface(name: str, value: Declaration) -> Iterator[str]:
    adopted = f" <{', '.join(value['protocols'])}>" if value["protocols"] else ""
    if value["what"] == "protocol":
        yield f"@protocol {name}{adopted}"
    elif value["superclass"] not in SURFACE["classes"]:
        yield from [f"@interface {name} : {value['superclass']}{adopted} {{", " @public", "  void *_impl;", "}"]
    else:
        yield f"@interface {name} : {value['superclass']}{adopted}"
    yield from members(name, value)
    yield "@end"


def declaration(name: str, value: Declaration) -> Iterable[str]:
    match value["what"]:
        case "enums":
            return enum(name, value)
        case "structs":
            return struct(name, value)
        case "typedefs":
            return [f"typedef {written(value['type'], name)};"]
        case "block_types":
            return [block_type(name, value)]
        case "constants":
            return [constant(name, value)]
        case "functions":
            return function(name, value)
    return interface(name, value)


# --- headers ----------------------------------------------------------------------------------------------------------


@functools.cache
def home(name: str) -> str:
    """The header that declares something."""
    if name == "vector_float2":
        return "MetalPerformanceShaders/MPSVectorTypes.h"
    for framework, titles in HEADERS.items():
        for title, patterns in titles.items():
            if matches(name, patterns):
                return f"{framework}/{title}.h"
    sys.exit(f"{name} is in no header: add it to HEADERS or to LEFT_OUT")


def mentioned(value: Declaration) -> list[str]:
    """The names in a declaration."""
    members = [m for part in ("initializers", "properties", "methods") for m in value.get(part, ())]
    return [name for each in [value, *members] for t in types_of(each) for name in names_in(t)]


def needed(value: Declaration, declared: dict[str, Declaration]) -> Iterator[str]:
    """What has to be known before a declaration, and not only its name."""
    yield from (base for base in [value.get("superclass"), *value.get("protocols", ())] if base in declared)
    yield from (name for name in mentioned(value) if not is_object(name, declared))


def is_object(name: str, declared: dict[str, Declaration]) -> bool:
    return is_only_named(name) or name in declared and declared[name]["what"] in ("class", "protocol")


def headers() -> dict[str, str]:
    """The text of every header, by its path in include."""
    declared = surface()
    found = {path: guarded(path, text) for path, text in SUPPORT.items()}
    known: dict[str, set[str]] = {path: set() for path in SUPPORT}  # what an import of the header declares
    above = "Metal/MTLDefines.h"
    for framework, titles in HEADERS.items():
        paths = [f"{framework}/{title}.h" for title in titles]
        for path in paths:
            here = {name: value for name, value in declared.items() if home(name) == path}
            wanted = {home(name) for value in here.values() for name in needed(value, declared)} - {path}
            if path == paths[-1]:
                wanted |= set(paths[:-1])
            if missing := wanted - set(known):
                sys.exit(f"{path} needs {', '.join(sorted(missing))}, which HEADERS lists after it")
            imports = [above, *(each for each in known if each in wanted and each not in known[above])]
            known[path] = set(here).union(*(known[each] | {each} for each in imports))
            found[path] = guarded(path, header(imports, here, declared, known[path] - set(here)))
        above = paths[-1]
    return found


def header(imports: list[str], here: dict[str, Declaration], declared: dict[str, Declaration], known: set[str]) -> str:
    lines = [f"#import <{each}>" for each in imports]
    if not here:
        return "\n".join(lines)
    forward: set[str] = set()
    for name, value in here.items():
        known = known | {name}
        forward |= {each for each in mentioned(value) if is_object(each, declared) and each not in known}
    lines += ["", "NS_ASSUME_NONNULL_BEGIN", ""]
    for name in sorted(forward):
        lines += [f"@{'protocol' if name in declared and declared[name]['what'] == 'protocol' else 'class'} {name};"]
    was_line = bool(forward)
    what = ""
    for name, value in here.items():
        text = list(declaration(name, value))
        is_line = len(text) == 1 and "\n" not in text[0]
        if lines[-1] and not (was_line and is_line and what == value["what"]):
            lines += [""]
        lines += text
        was_line, what = is_line, value["what"]
    return "\n".join([*lines, "", "NS_ASSUME_NONNULL_END"])


def guarded(path: str, text: str) -> str:
    guard = re.sub(r"\W", "_", path).upper()
    note = "// Written by cpp/gnustep/generate_headers.py. Do not edit.\n"
    return f"{note}#ifndef {guard}\n#define {guard}\n\n{text.strip()}\n\n#endif\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="say what is out of date and write nothing")
    is_check = parser.parse_args().check
    found = headers()
    present = {str(path.relative_to(INCLUDE)) for framework in HEADERS for path in (INCLUDE / framework).glob("*.h")}
    stale = [path for path, text in found.items() if path not in present or (INCLUDE / path).read_text() != text]
    stale += sorted(present - set(found))
    if is_check and stale:
        sys.exit(f"out of date: {', '.join(stale)}; run python cpp/gnustep/generate_headers.py")
    for path in stale:
        if path in found:
            (INCLUDE / path).parent.mkdir(parents=True, exist_ok=True)
            (INCLUDE / path).write_text(found[path])
        else:
            (INCLUDE / path).unlink()


if __name__ == "__main__":
    main()
