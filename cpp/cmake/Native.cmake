# The native engine. On Apple systems it is part of the library; elsewhere, with MPSNN_GNUSTEP, objects of their own, which the
# Python extension and the tests link beside the framework for GNUstep.
file(GLOB native_sources CONFIGURE_DEPENDS src/metal/*.mm src/metal/families/*.mm src/metal/kernels/*.mm)
if(APPLE)
  if(NOT CMAKE_OSX_DEPLOYMENT_TARGET)
    message(STATUS "The native engine is meant for macOS 13 and newer: -DCMAKE_OSX_DEPLOYMENT_TARGET=13.0")
  endif()
  target_sources(mpsnn PRIVATE ${native_sources} objc/try.m)
  set_source_files_properties(${native_sources} objc/try.m PROPERTIES COMPILE_OPTIONS
    "-fno-objc-arc;-Werror=unguarded-availability")
  target_link_libraries(mpsnn PUBLIC "-framework Foundation" "-framework CoreGraphics" "-framework Metal"
    "-framework MetalPerformanceShaders")  # CoreGraphics: without it command-line programs find no device
elseif(MPSNN_GNUSTEP)
  add_library(mpsnn_native OBJECT ${native_sources})
  target_include_directories(mpsnn_native PRIVATE src)
  target_link_libraries(mpsnn_native PUBLIC mpsnn MetalPerformanceShaders mpsnn_objc)
  mpsnn_compile_options(mpsnn_native)
  target_compile_options(mpsnn_native PRIVATE -O1)  # runs once a call
  # Its folders and flags would make other object files of what has nothing to do with it.
  add_library(mpsnn_native_framework INTERFACE)
  target_link_libraries(mpsnn_native_framework INTERFACE $<LINK_ONLY:MetalPerformanceShaders>)
endif()

# The engine for a program or extension that links the static library.
function(mpsnn_link_native target)
  if(TARGET mpsnn_native)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:mpsnn_native> $<TARGET_OBJECTS:mpsnn_objc>)
    target_link_libraries(${target} PRIVATE mpsnn_native_framework)
  endif()
endfunction()
