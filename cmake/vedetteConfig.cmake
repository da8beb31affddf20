# Components, all built: c (libvedette.so, for hosts in C; depends on nothing), and of C++ runtime
# core sigma elastic json io_common io_jsonl io_text io_evtx io_events protobuf c_static. Without
# components: all of them.
include(CMakeFindDependencyMacro)
include("${CMAKE_CURRENT_LIST_DIR}/vedetteCTargets.cmake")
if(NOT vedette_FIND_COMPONENTS STREQUAL "c")
  foreach(p Threads absl Protobuf yaml-cpp simdjson ZLIB PkgConfig)
    find_dependency(${p})
  endforeach()
  pkg_check_modules(RE2 REQUIRED QUIET IMPORTED_TARGET re2)
  pkg_check_modules(ZSTD REQUIRED QUIET IMPORTED_TARGET libzstd)
  include("${CMAKE_CURRENT_LIST_DIR}/vedetteTargets.cmake")
endif()
foreach(component ${vedette_FIND_COMPONENTS})
  if(NOT TARGET vedette::${component})
    set(vedette_FOUND FALSE)
    set(vedette_NOT_FOUND_MESSAGE "vedette has no component ${component}")
  endif()
endforeach()
