"""Writes the headers of Apple's interface, include/Metal and include/MetalPerformanceShaders, from tests/data/api_surface.json.

python cpp/gnustep/generate_headers.py            # writes what has changed
python cpp/gnustep/generate_headers.py --check    # says what is out of date and writes nothing

What GNUstep Base 1.28 has: NS_ENUM, NS_OPTIONS, NS_ASSUME_NONNULL_BEGIN, NSErrorDomain, instancetype, and element types
on NSArray, NSSet and NSDictionary. What it lacks stands in MTLDefines.h. Instance variables are part of a class's
layout in GCC's runtime and are not made from properties: the one that every class shares is declared by its root.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
INCLUDE = HERE / "include"
SURFACE = json.loads((HERE.parents[1] / "tests" / "data" / "api_surface.json").read_text())

Declaration = dict[str, Any]

# What is left out, and why: names, or patterns of names. A member whose types are left out is left out too.
LEFT_OUT = {
    "recurrent layers, which are not nodes of a graph": "MPSRNN* MPSGRUDescriptor MPSLSTMDescriptor",
    "matrices and vectors outside of a graph": """
        MPSMatrix* MPSTemporaryMatrix MPSTemporaryVector MPSVectorDescriptor MPSImageCopyToMatrix MPSShape""",
    "image filters, which are not nodes of a graph": """
        MPSUnaryImageKernel MPSBinaryImageKernel MPSCopyAllocator MPSAlphaType
        MPSImageAdd MPSImageArea* MPSImageArithmetic MPSImageBox MPSImageCanny MPSImageConversion MPSImageConvolution
        MPSImageDilate MPSImageDivide MPSImageEDLines MPSImageErode MPSImageEuclideanDistanceTransform
        MPSImageFindKeypoints MPSImageGaussian* MPSImageGuidedFilter MPSImageHistogram* MPSImageIntegral*
        MPSImageKeypoint* MPSImageLaplacian* MPSImageMedian MPSImageMultiply MPSImageNormalizedHistogram
        MPSImagePyramid MPSImageReduce* MPSImageSobel MPSImageStatistics* MPSImageSubtract MPSImageTent
        MPSImageThreshold* MPSImageTranspose""",
    "filters of images outside of a graph, which has nodes for them": "MPSImage*Scale",
    "conditional execution, which no node offers": "MPSPredicate",
    "archives that carry a device": "MPSKeyedUnarchiver",
    "kernels in Metal's shading language that take images": """
        MPSCustomKernel* MPSGetCustomKernel* MPSIntegerDivisionParams MPSFindIntegerDivisionParams MPSFunctionConstant*
        MPSDeviceCaps* MPSImageType MPSGetImageType MPSBatchSizeIndex MPSTextureLinkingConstantIndex
        MPSUserAvailableFunctionConstantStartIndex MPSUserConstantIndex""",
    "no class of these headers takes it": """
        MPSAliasingStrategy MPSFloatDataType* MPSDimensionSlice MPSImageRegion""",
}

# Classes that signatures name and clients cannot make: declared by name only.
ONLY_NAMED = {"optimizers take them, or nil": "MPSMatrix MPSVector"}

# What each header declares: names, or patterns of names. The first header that names a declaration has it. The last
# header of a framework imports the others.
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
        "MPSImage": "MPSImage MPSImageAllocator MPSImageBatch* MPSImageDescriptor MPSTemporaryImage",
        "MPSState": "MPSState*",
        "MPSCommandBuffer": "MPSCommandBuffer MPSHeapProvider",
        "MPSHandle": "MPSHandle",
        "MPSNeuralNetworkTypes": """
            MPSImageSizeEncodingState MPSImageTransformProvider MPSNNConvolutionAccumulatorPrecisionOption
            MPSNNDefaultPadding MPSNNPadding* MPSNNTrainingStyle""",
        "MPSNNGraphNodes": "MPS*Node MPSGradientNodeBlock",
        "MPSNNGraph": "MPSNNGraph*",
        "MPSNNGradientState": "MPSNNGradientState* MPSNNBinaryGradientState* MPSNNMultiaryGradientState*",
        "MPSCNNKernel": "MPSCNNKernel MPSCNNBinaryKernel MPSCNNGradientKernel MPSCNNMultiaryKernel",
        "MPSCNNNeuronType": "MPSCNNNeuronType",
        "MPSCNNNeuron": "MPSCNNNeuron* MPSNNNeuronDescriptor",
        "MPSCNNConvolution": """
            MPSCNNConvolution* MPSCNNBinaryConvolution* MPSCNNBinaryFullyConnected MPSCNNDepthWiseConvolutionDescriptor
            MPSCNNFullyConnected* MPSCNNSubPixelConvolutionDescriptor MPSCNNWeightsQuantizationType""",
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
            MPSCNNAdd* MPSCNNArithmetic* MPSCNNDivide MPSCNNMultiply* MPSCNNSubtract* MPSNNCompar*""",
        "MPSCNNLoss": """
            MPSCNNLoss* MPSCNNReductionType MPSCNNYOLOLoss* MPSNNForwardLoss MPSNNInitialGradient MPSNNLoss*""",
        "MPSNNGramMatrixCalculation": "MPSNNGramMatrix*",
        "MPSNNGridSample": "MPSNNGridSample",
        "MPSNNLocalCorrelation": "MPSNNLocalCorrelation",
        "MPSNNPad": "MPSNNPad MPSNNPadGradient",
        "MPSNNReduce": "MPSNNReduce*",
        "MPSNNReshape": "MPSNNReshape*",
        "MPSNNResize": "MPSNNResizeBilinear MPSNNCropAndResizeBilinear",
        "MPSNNSlice": "MPSNNSlice",
        "MPSNNOptimizers": "MPSNNOptimizer* MPSNNRegularizationType",
        "MetalPerformanceShaders": """
            MPSDeviceOptions MPSGetPreferredDevice MPSHintTemporaryMemoryHighWaterMark MPSSetHeapCacheDuration
            MPSSupportsMTLDevice""",
    },
}

DEFINES = """\
#import <Foundation/Foundation.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
#define MTL_EXTERN extern "C" __attribute__((visibility("default")))
#else
#define MTL_EXTERN extern __attribute__((visibility("default")))
#endif
#define MTL_DEPRECATED __attribute__((deprecated))
#define MTL_UNAVAILABLE __attribute__((unavailable))

// Availability on Apple's systems says nothing about this one.
#ifndef API_AVAILABLE
#define API_AVAILABLE(...)
#define API_UNAVAILABLE(...)
#define API_DEPRECATED(...)
#define API_DEPRECATED_WITH_REPLACEMENT(...)
#endif

#if !__has_include(<CoreFoundation/CFDate.h>)
typedef double CFTimeInterval;
#endif

typedef float vector_float2 __attribute__((ext_vector_type(2)));
"""

# What inline functions do.
BODIES = {
    "MTLOriginMake": "return (MTLOrigin){x, y, z};",
    "MTLSizeMake": "return (MTLSize){width, height, depth};",
    "MTLRegionMake1D": "return (MTLRegion){{x, 0, 0}, {width, 1, 1}};",
    "MTLRegionMake2D": "return (MTLRegion){{x, y, 0}, {width, height, 1}};",
    "MTLRegionMake3D": "return (MTLRegion){{x, y, z}, {width, height, depth}};",
}

# --- what is declared -------------------------------------------------------------------------------------------------


def matches(name: str, patterns: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns.split())


def is_left_out(name: str) -> bool:
    return any(matches(name, patterns) for patterns in LEFT_OUT.values())


def is_only_named(name: str) -> bool:
    return any(matches(name, patterns) for patterns in ONLY_NAMED.values())


def names_in(text: str) -> list[str]:
    """The names of Apple's that a type is made of."""
    return re.findall(r"\b(?:MPS|MTL|CG|vector_)\w+", text)


def types_of(member: Declaration) -> Iterator[str]:
    """The types in a method, a function, a property, a struct or a typedef."""
    yield member.get("type", "")
    yield member.get("returns", "")
    for part in [*member.get("args", ()), *member.get("fields", ())]:
        yield part["type"]


def is_declared(member: Declaration) -> bool:
    return not any(is_left_out(name) and not is_only_named(name) for t in types_of(member) for name in names_in(t))


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


def arguments(values: list[Declaration]) -> str:
    return ", ".join(argument(a, a.get("name", "")) for a in values)


def enum(name: str, value: Declaration) -> Iterator[str]:
    yield f"typedef {'NS_OPTIONS' if value['options'] else 'NS_ENUM'}({value['underlying']}, {name}) {{"
    for case, number in value["cases"].items():
        mark = " MTL_DEPRECATED" if case in value.get("deprecated_cases", ()) else ""
        suffix = "ULL" if number >= 2**63 else "LL" if number >= 2**31 and "NSU" in value["underlying"] else ""
        yield f"  {case}{mark} = {number}{suffix},"
    yield "};"


def struct(name: str, value: Declaration) -> Iterator[str]:
    yield f"typedef struct {name} {{"
    for field in value["fields"]:
        yield f"  {written(field['type'], field['name'])};"
    yield f"}} {name};"


def block_type(name: str, value: Declaration) -> str:
    returns = written(value["returns"], nullable=value.get("returns_nullable", False))
    return f"typedef {returns} (^{name})({arguments(value['args'])});"


def constant(name: str, value: Declaration) -> str:
    if "value" in value:
        return f"static const {value['type']} {name} = {value['value']};"
    return f"MTL_EXTERN {value['type']} const {name};"


def function(name: str, value: Declaration) -> str:
    returns = written(value["returns"], name, nullable=value.get("returns_nullable", False))
    text = f"{returns}({arguments(value['args']) or 'void'})"
    return f"static inline {text} {{ {BODIES[name]} }}" if name in BODIES else f"MTL_EXTERN {text};"


def prop(value: Declaration) -> str:
    is_object = re.match(r"id\b|NS\w+<.*> \*$|(NS|MPS|MTL)\w+ \*$", value["type"])
    attributes = ["class"] if value.get("class") else []
    attributes += ["nonatomic"]
    if value.get("copy"):
        attributes += ["copy"]
    elif value["readonly"]:
        attributes += ["readonly"]
    elif is_object:
        attributes += ["retain"]
    if value["nullable"]:
        attributes += ["nullable"]
    if "getter" in value:
        attributes += [f"getter={value['getter']}"]
    return f"@property ({', '.join(attributes)}) {written(value['type'], value['name'])}{marks(value)};"


def method(value: Declaration, mark: str = "") -> str:
    returns = written(
        value.get("returns", "instancetype"), nullable=bool(value.get("returns_nullable") or value.get("nullable"))
    )
    start = f"{'+' if value['class_method'] else '-'} ({returns})"
    end = (", ..." if value.get("variadic") else "") + (" NS_REQUIRES_NIL_TERMINATION" if value.get("variadic") else "")
    end += (mark or marks(value)) + ";"
    if not value["args"]:
        return start + value["selector"] + end
    parts = [
        f"{part}:({argument(a)}){a['name']}"
        for part, a in zip(value["selector"].split(":"), value["args"], strict=False)
    ]
    line = start + " ".join(parts) + end
    if len(line) <= 120:
        return line
    parts[0] = start + parts[0]
    column = max(part.index(":(") if i else part.index(":(", len(start)) for i, part in enumerate(parts))
    heads = [" " * (column - part.index(":(", len(start) if i == 0 else 0)) for i, part in enumerate(parts)]
    # The first part cannot move to the right.
    return "\n".join([parts[0], *(h + p for h, p in zip(heads[1:], parts[1:], strict=True))]) + end


def unavailable(name: str, mentioned: str) -> Declaration:
    """The method that a class declares in order to forbid it: as its base declares it."""
    is_class_method, selector = mentioned[0] == "+", mentioned[1:]
    for each in ancestors(name):
        value = SURFACE["classes"][each]
        for member in [*value["initializers"], *value["methods"]]:
            if member["selector"] == selector and member["class_method"] == is_class_method:
                return {k: v for k, v in member.items() if k != "deprecated"}
    return {"selector": selector, "class_method": is_class_method, "args": []}


def members(name: str, value: Declaration) -> Iterator[str]:
    optional: list[str] = []
    required: list[str] = []
    for each in value["properties"]:
        (optional if each.get("optional") else required).append(prop(each))
    for each in [*value["initializers"], *value["methods"]]:
        (optional if each.get("optional") else required).append(method(each))
    required += [
        method(unavailable(name, each), " MTL_UNAVAILABLE")
        for each in value.get("unavailable", ())
        if is_declared(unavailable(name, each))
    ]
    if optional:
        return iter([*(["@required", *required] if required else []), "@optional", *optional])
    return iter(required)


def interface(name: str, value: Declaration) -> Iterator[str]:
    adopted = f" <{', '.join(value['protocols'])}>" if value["protocols"] else ""
    if value["what"] == "protocol":
        yield f"@protocol {name}{adopted}"
    elif value["superclass"] == "NSObject":
        yield from [f"@interface {name} : NSObject{adopted} {{", " @public", "  void *_impl;", "}"]
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
            return [function(name, value)]
    return interface(name, value)


# --- headers ----------------------------------------------------------------------------------------------------------


def header_of(name: str) -> tuple[str, str]:
    for framework, headers in HEADERS.items():
        for header, patterns in headers.items():
            if matches(name, patterns):
                return framework, header
    sys.exit(f"{name} is in no header: add it to HEADERS or to LEFT_OUT")


def mentioned(value: Declaration) -> Iterator[str]:
    """The names that a declaration needs, each as often as it needs them."""
    yield from (name for t in types_of(value) for name in names_in(t))
    for each in [*value.get("initializers", ()), *value.get("properties", ()), *value.get("methods", ())]:
        yield from (name for t in types_of(each) for name in names_in(t))


def header(framework: str, title: str, declared: dict[str, Declaration]) -> str:
    homes = {name: header_of(name) for name in declared}
    here = {name: value for name, value in declared.items() if homes[name] == (framework, title)}
    imports: set[tuple[str, str]] = set()
    forward: set[str] = set()
    seen: set[str] = set()
    for name, value in here.items():
        bases = {base for base in [value.get("superclass"), *value.get("protocols", ())] if base in declared}
        imports |= {homes[base] for base in bases}
        for each in mentioned(value):
            if is_only_named(each) or each in declared and declared[each]["what"] in ("class", "protocol"):
                if each not in seen | {name}:
                    forward.add(each)
            elif each in declared:
                imports.add(homes[each])
        seen.add(name)
    imports.discard((framework, title))
    titles = list(HEADERS[framework])
    if title == titles[-1]:
        imports |= {(framework, each) for each in titles[:-1]}
    order = {(f, t): i for i, (f, t) in enumerate((f, t) for f, headers in HEADERS.items() for t in headers)}
    lines = [f"#import <{f}/{t}.h>" for f, t in sorted(imports, key=order.__getitem__) if f == framework]
    if framework == "Metal":
        lines.insert(0, "#import <Metal/MTLDefines.h>")
    else:
        lines.insert(0, "#import <Metal/Metal.h>")
    if here:
        lines += ["", "NS_ASSUME_NONNULL_BEGIN", ""]
        for each in sorted(forward):
            is_protocol = each in declared and declared[each]["what"] == "protocol"
            lines += [f"@{'protocol' if is_protocol else 'class'} {each};"]
        if forward:
            lines += [""]
        previous = ""
        for name, value in here.items():
            text = list(declaration(name, value))
            if previous and (len(text) > 1 or previous != value["what"]):
                lines += [""]
            lines += text
            previous = value["what"] if len(text) == 1 else "block"
        lines += ["", "NS_ASSUME_NONNULL_END"]
    return guarded(framework, title, "\n".join(lines) + "\n")


def guarded(framework: str, title: str, text: str) -> str:
    guard = re.sub(r"\W", "_", f"{framework}_{title}_H").upper()
    note = "// Written by generate_headers.py from tests/data/api_surface.json.\n"
    return f"{note}#ifndef {guard}\n#define {guard}\n\n{text}\n#endif\n"


def headers() -> dict[Path, str]:
    """The text of every header, by its path in include."""
    declared = surface()
    found = {Path("Metal") / "MTLDefines.h": guarded("Metal", "MTLDefines", DEFINES)}
    for framework, titles in HEADERS.items():
        for title in titles:
            found[Path(framework) / f"{title}.h"] = header(framework, title, declared)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="say what is out of date and write nothing")
    is_check = parser.parse_args().check
    found = headers()
    present = {path.relative_to(INCLUDE) for framework in HEADERS for path in (INCLUDE / framework).glob("*.h")}
    stale = [path for path, text in found.items() if path not in present or (INCLUDE / path).read_text() != text]
    stale += sorted(present - set(found))
    if is_check and stale:
        sys.exit("out of date: " + ", ".join(map(str, stale)) + "; run python cpp/gnustep/generate_headers.py")
    for path in stale:
        if path in found:
            (INCLUDE / path).parent.mkdir(parents=True, exist_ok=True)
            (INCLUDE / path).write_text(found[path])
        else:
            (INCLUDE / path).unlink()


if __name__ == "__main__":
    main()
