# The component `gnustep`: library, headers, and the package mpsnn_gnustep, which finds GNUstep as the build did.
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/mpsnn_gnustep)
set(generated ${CMAKE_CURRENT_BINARY_DIR}/package)
set_target_properties(MetalPerformanceShaders PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)  # oneDNN's, where there is one
install(TARGETS MetalPerformanceShaders EXPORT mpsnn_gnustepTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT gnustep
  INCLUDES DESTINATION ${MPSNN_GNUSTEP_HEADERS})
install(DIRECTORY include/ DESTINATION ${MPSNN_GNUSTEP_HEADERS} COMPONENT gnustep FILES_MATCHING PATTERN "*.h")
install(EXPORT mpsnn_gnustepTargets NAMESPACE mpsnn:: DESTINATION ${package_dir} COMPONENT gnustep)
configure_package_config_file(cmake/mpsnn_gnustepConfig.cmake.in ${generated}/mpsnn_gnustepConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${generated}/mpsnn_gnustepConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${generated}/mpsnn_gnustepConfig.cmake ${generated}/mpsnn_gnustepConfigVersion.cmake cmake/GNUstep.cmake
  DESTINATION ${package_dir} COMPONENT gnustep)
