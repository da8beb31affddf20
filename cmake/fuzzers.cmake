file(GLOB fuzzers CONFIGURE_DEPENDS tests/fuzz/*_fuzzer.cc)
foreach(fuzzer ${fuzzers})
  get_filename_component(name ${fuzzer} NAME_WE)
  add_executable(${name} ${fuzzer})
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE vedette_c_static vedette_core vedette_elastic vedette_sigma
    vedette_io_events vedette_json vedette_protobuf vedette_alert vedette_response
    vedette_board vedette_hunt vedette_io_segment absl::flat_hash_map)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  vedette_warnings(${name})
endforeach()
