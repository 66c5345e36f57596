# The target mpsnn_gnustep_base: GNUstep Base, GCC's Objective-C runtime and the blocks runtime, with the flags that Clang needs for
# them. Programs that use the installed package get the same.
find_path(GNUSTEP_INCLUDE_DIR Foundation/Foundation.h PATH_SUFFIXES GNUstep REQUIRED)
find_library(GNUSTEP_BASE_LIBRARY gnustep-base REQUIRED)
find_library(BLOCKS_LIBRARY BlocksRuntime REQUIRED)
find_path(BLOCKS_INCLUDE_DIR Block.h REQUIRED)
# Objective-C's headers and library are in GCC's own folders.
file(GLOB objc_headers /usr/lib/gcc/*/*/include/objc/objc.h)
list(SORT objc_headers COMPARE NATURAL ORDER DESCENDING)
list(GET objc_headers 0 objc_header)
get_filename_component(objc_folder ${objc_header} DIRECTORY)
get_filename_component(gcc_include ${objc_folder} DIRECTORY)
get_filename_component(gcc_folder ${gcc_include} DIRECTORY)
find_library(OBJC_LIBRARY objc PATHS ${gcc_folder} REQUIRED)

# CMake 3.25, of Debian 12, does not know how programs of these languages find their libraries on systems that are not Apple's.
foreach(language OBJC OBJCXX)
  foreach(kind EXECUTABLE SHARED_LIBRARY)
    set(CMAKE_${kind}_RUNTIME_${language}_FLAG -Wl,-rpath, CACHE INTERNAL "")
    set(CMAKE_${kind}_RUNTIME_${language}_FLAG_SEP : CACHE INTERNAL "")
  endforeach()
endforeach()

add_library(mpsnn_gnustep_base INTERFACE)
set(objc $<COMPILE_LANGUAGE:OBJC,OBJCXX>)
set(objcxx $<COMPILE_LANGUAGE:OBJCXX>)
set(objc_only $<COMPILE_LANGUAGE:OBJC>)
target_compile_options(mpsnn_gnustep_base INTERFACE
  "$<${objc}:SHELL:-fobjc-runtime=gcc -fblocks -fexceptions -fconstant-string-class=NSConstantString>"
  $<${objcxx}:-fno-objc-exceptions> $<${objc_only}:-fobjc-exceptions>
  # Last of all: GCC's folder also has vector intrinsics, which are not Clang's.
  "$<${objc}:SHELL:-idirafter ${gcc_include}>")
target_compile_definitions(mpsnn_gnustep_base INTERFACE
  $<${objc}:GNUSTEP> $<${objc}:GNUSTEP_BASE_LIBRARY=1> $<${objc}:GNUSTEP_RUNTIME=1> $<${objc}:_NATIVE_OBJC_EXCEPTIONS=1>)
target_include_directories(mpsnn_gnustep_base SYSTEM INTERFACE ${GNUSTEP_INCLUDE_DIR} ${BLOCKS_INCLUDE_DIR})
# The blocks runtime first: GNUstep Base has functions of the same names, which do not copy what Clang's blocks are.
target_link_libraries(mpsnn_gnustep_base INTERFACE ${BLOCKS_LIBRARY} ${GNUSTEP_BASE_LIBRARY} ${OBJC_LIBRARY} ${CMAKE_DL_LIBS})
