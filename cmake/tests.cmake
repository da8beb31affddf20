find_package(GTest REQUIRED)
find_package(yaml-cpp REQUIRED)  # the reader of the oracle
include(cmake/bench_support.cmake)

add_library(vedette_test_support STATIC)
file(GLOB support CONFIGURE_DEPENDS tests/support/*.cc)
file(GLOB reference CONFIGURE_DEPENDS tests/reference/*.cc)
list(FILTER reference EXCLUDE REGEX "_test\\.cc$")
target_sources(vedette_test_support PRIVATE ${support} ${reference})
target_link_libraries(vedette_test_support
  PUBLIC vedette_core vedette_elastic vedette_sigma vedette_io_events vedette_json vedette_protobuf
    vedette_alert vedette_board vedette_response vedette_response_sqlite vedette_hunt vedette_io_segment
    GTest::gtest
  PRIVATE PkgConfig::RE2 PkgConfig::ZSTD yaml-cpp simdjson::simdjson)
target_include_directories(vedette_test_support PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
vedette_warnings(vedette_test_support)

# Tests run from the top of the tree, as under Bazel.
function(vedette_test name main)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE vedette_test_support vedette_cli vedette_bench_support absl::flat_hash_map
    ZLIB::ZLIB PkgConfig::ZSTD PkgConfig::RE2 $<IF:$<BOOL:${main}>,GTest::gtest_main,GTest::gtest>)
  vedette_warnings(${name})
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT 900)
endfunction()

file(GLOB_RECURSE unit CONFIGURE_DEPENDS tests/unit/*_test.cc)
vedette_test(unit_tests TRUE ${unit})
file(GLOB single CONFIGURE_DEPENDS tests/api/*_test.cc tests/differential/*_test.cc
  tests/reference/*_test.cc)
foreach(test ${single})
  get_filename_component(name ${test} NAME_WE)
  if(VEDETTE_SANITIZE AND name MATCHES "^(allocation|c_exception)_test$")
    continue()  # they replace operator new, and so do the sanitizers
  endif()
  vedette_test(${name} TRUE ${test})
  if(name STREQUAL "json_test")
    target_link_libraries(${name} PRIVATE simdjson::simdjson)
  endif()
  if(name MATCHES "^c_")
    target_link_libraries(${name} PRIVATE vedette_c_static)
  endif()
endforeach()
vedette_test(rule_cases FALSE tests/rules/rule_case.cc tests/rules/rule_case_test.cc)
vedette_test(vedette_cases FALSE tests/rules/vedette_case.cc tests/rules/vedette_case_test.cc)
vedette_test(correlation_cases FALSE tests/rules/correlation_case.cc
  tests/rules/correlation_case_test.cc)
vedette_test(starter_rules TRUE tests/rules/starter_rules_test.cc)

# The C interface, by programs in C against libvedette.so.
function(vedette_c_program name source)
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE vedette_c Threads::Threads)
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  vedette_warnings(${name})
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
endfunction()
file(GLOB c_tests CONFIGURE_DEPENDS tests/api/c_*_test.c)
foreach(test ${c_tests})
  get_filename_component(name ${test} NAME_WE)
  vedette_c_program(${name} ${test})
endforeach()
file(GLOB c_headers CONFIGURE_DEPENDS include/vedette/c/*.h)
if(NOT VEDETTE_SANITIZE)  # their libraries show symbols of the sanitizer
  add_test(NAME c_symbols_test COMMAND bash tests/api/c_symbols_test.sh $<TARGET_FILE:vedette_c>
    ${c_headers} WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
endif()

if(NOT VEDETTE_SANITIZE)
  add_test(NAME response_symbols_test COMMAND bash tests/api/response_symbols_test.sh
    $<TARGET_FILE:vedette_response> WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
endif()

file(GLOB fuzzers CONFIGURE_DEPENDS tests/fuzz/*_fuzzer.cc)
foreach(fuzzer ${fuzzers})
  get_filename_component(name ${fuzzer} NAME_WE)
  string(REGEX REPLACE "_fuzzer$" "" target ${name})
  file(GLOB seeds CONFIGURE_DEPENDS tests/fuzz/seeds/${target}/*)
  add_executable(${name}_seeds ${fuzzer} tests/fuzz/standalone_main.cc)
  target_link_libraries(${name}_seeds PRIVATE vedette_c_static vedette_test_support absl::flat_hash_map)
  vedette_warnings(${name}_seeds)
  add_test(NAME ${name}_seeds COMMAND ${name}_seeds ${seeds})
endforeach()

file(GLOB examples CONFIGURE_DEPENDS examples/*.cc)
foreach(example ${examples})
  get_filename_component(name ${example} NAME_WE)
  add_executable(example_${name} ${example})
  target_link_libraries(example_${name} PRIVATE vedette_core vedette_sigma vedette_io_events vedette_json
    vedette_alert vedette_response)
  vedette_warnings(example_${name})
  add_test(NAME example_${name} COMMAND example_${name} WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
endforeach()
# Whole hosts. The agent gets the program that is compiled for it, and links the runtime alone.
set(agent_program ${CMAKE_CURRENT_BINARY_DIR}/edr_agent.vpk)
add_custom_command(OUTPUT ${agent_program}
  COMMAND vedette compile --quiet --strict --output ${agent_program}
    --rules ${CMAKE_CURRENT_SOURCE_DIR}/examples/hosts/edr_agent.yml
  DEPENDS vedette examples/hosts/edr_agent.yml)
add_custom_target(edr_agent_program ALL DEPENDS ${agent_program})
# vedette_host(NAME libraries...): the test example_NAME.
function(vedette_host name)
  add_executable(example_${name} examples/hosts/${name}.cc)
  target_link_libraries(example_${name} PRIVATE ${ARGN})
  vedette_warnings(example_${name})
  add_test(NAME example_${name} COMMAND example_${name} ${${name}_arguments}
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
endfunction()
set(edr_agent_arguments ${agent_program})
vedette_host(edr_agent vedette_runtime)
add_dependencies(example_edr_agent edr_agent_program)
vedette_host(protobuf_stage vedette_protobuf vedette_sigma)
vedette_host(collector vedette_core vedette_json Threads::Threads)
add_test(NAME runtime_only_test COMMAND bash tests/install/runtime_only_test.sh
  $<TARGET_FILE:example_edr_agent> WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})

# What tools/footprint.py measures.
add_executable(footprint_host tools/footprint_host.cc)
target_link_libraries(footprint_host PRIVATE vedette_core vedette_sigma vedette_json)
vedette_warnings(footprint_host)
add_test(NAME footprint_test COMMAND ${VEDETTE_PYTHON} tools/footprint.py
  --build ${CMAKE_CURRENT_BINARY_DIR} --rules rules WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
set_tests_properties(footprint_test PROPERTIES PASS_REGULAR_EXPRESSION "\\| [1-9][0-9]* \\| [1-9]")

file(GLOB c_examples CONFIGURE_DEPENDS examples/c/*.c)
foreach(example ${c_examples})
  get_filename_component(name ${example} NAME_WE)
  vedette_c_program(example_c_${name} ${example})
endforeach()

# The scripts of tools/, by the distribution's Python.
file(GLOB tools CONFIGURE_DEPENDS tests/tools/*_test.py)
foreach(test ${tools})
  get_filename_component(name ${test} NAME_WE)
  add_test(NAME ${name} COMMAND ${VEDETTE_PYTHON} ${test}
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
endforeach()

add_test(NAME board_http_test COMMAND ${VEDETTE_PYTHON} tests/board/http_test.py
  $<TARGET_FILE:vedette> WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
add_test(NAME cli_test COMMAND bash tests/cli/cli_test.sh $<TARGET_FILE:vedette>
  WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
if(NOT VEDETTE_SANITIZE)
  add_test(NAME installed_package COMMAND ${CMAKE_COMMAND} -DSRC=${CMAKE_CURRENT_SOURCE_DIR}
    -DBLD=${CMAKE_CURRENT_BINARY_DIR} -P ${CMAKE_CURRENT_SOURCE_DIR}/cmake/consumer_test.cmake)
  set_tests_properties(installed_package PROPERTIES FIXTURES_SETUP stage)
  # Says "SKIPPED: no Go" where there is none.
  add_test(NAME example_go COMMAND ${CMAKE_COMMAND} -DSRC=${CMAKE_CURRENT_SOURCE_DIR}
    -DBLD=${CMAKE_CURRENT_BINARY_DIR} -P ${CMAKE_CURRENT_SOURCE_DIR}/cmake/go_test.cmake)
  set_tests_properties(example_go PROPERTIES FIXTURES_REQUIRED stage
    SKIP_REGULAR_EXPRESSION "SKIPPED: no Go")
endif()
