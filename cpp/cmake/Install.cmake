# Two components: `cpp` for programs that link the library, `python` for the wheel, which carries the same beside the extension.
# A consumer of a static library links its private dependencies: the package looks for them again.
set(MPSNN_WITH_OPENMP ${OpenMP_CXX_FOUND})
set(MPSNN_WITH_ONEDNN ${dnnl_FOUND})

function(mpsnn_install component root libraries headers)
  set(export mpsnnTargets-${component})
  install(TARGETS mpsnn EXPORT ${export}
    ARCHIVE DESTINATION ${root}${libraries} COMPONENT ${component} ${ARGN}
    LIBRARY DESTINATION ${root}${libraries} COMPONENT ${component} ${ARGN}
    RUNTIME DESTINATION ${root}bin COMPONENT ${component} ${ARGN}
    INCLUDES DESTINATION ${root}${headers})
  install(DIRECTORY include/mpsnn DESTINATION ${root}${headers} COMPONENT ${component} ${ARGN})
  set(package_dir ${root}${libraries}/cmake/mpsnn)
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/package-${component})
  configure_package_config_file(cmake/mpsnnConfig.cmake.in ${generated}/mpsnnConfig.cmake INSTALL_DESTINATION ${package_dir})
  write_basic_package_version_file(${generated}/mpsnnConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${generated}/mpsnnConfig.cmake ${generated}/mpsnnConfigVersion.cmake
    DESTINATION ${package_dir} COMPONENT ${component} ${ARGN})
  install(EXPORT ${export} FILE mpsnnTargets.cmake NAMESPACE mpsnn:: DESTINATION ${package_dir} COMPONENT ${component} ${ARGN})
endfunction()

# Where the build found oneDNN; a wheel moves to other machines and must not know.
set(MPSNN_ONEDNN_HINT ${dnnl_DIR})
mpsnn_install(cpp "" ${CMAKE_INSTALL_LIBDIR} ${CMAKE_INSTALL_INCLUDEDIR})
if(MPSNN_BUILD_PYTHON)
  set(MPSNN_ONEDNN_HINT "")
  mpsnn_install(python mpsnn/ lib include EXCLUDE_FROM_ALL)
  if(dnnl_FOUND AND UNIX AND NOT APPLE)
    # oneDNN's wheel puts its library into <environment>/lib; the extension is in <environment>/lib*/python3.x/site-packages/mpsnn.
    set_target_properties(_core PROPERTIES INSTALL_RPATH "$ORIGIN/../../..;$ORIGIN/../../../../lib")
  endif()
  install(TARGETS _core LIBRARY DESTINATION mpsnn COMPONENT python EXCLUDE_FROM_ALL)
endif()
