# Two components: `cpp` for programs that link the library, `python` for the wheel, which carries both.
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/mpsnn)

install(TARGETS mpsnn EXPORT mpsnnTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT cpp
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT cpp)
install(DIRECTORY include/mpsnn DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT cpp)
