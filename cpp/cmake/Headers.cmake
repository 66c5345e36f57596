# pip puts the packages a build needs into a new folder each time. With copies of their headers in the build folder the commands
# stay the same, and a second `pip install` compiles only what changed.
function(mpsnn_keep_headers target)
  get_target_property(folders ${target} INTERFACE_INCLUDE_DIRECTORIES)
  string(MAKE_C_IDENTIFIER ${target} name)
  set(kept ${CMAKE_BINARY_DIR}/headers/${name})
  foreach(folder ${folders})
    file(GLOB_RECURSE headers RELATIVE ${folder} ${folder}/*.h ${folder}/*.hpp)
    foreach(header ${headers})
      configure_file(${folder}/${header} ${kept}/${header} COPYONLY)
    endforeach()
  endforeach()
  set_target_properties(${target} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${kept})
endfunction()
