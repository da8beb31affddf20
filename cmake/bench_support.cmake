# What the macro benchmark is made of; tested like the library.
include_guard()
file(GLOB bench_support CONFIGURE_DEPENDS bench/support/*.cc)
add_library(vedette_bench_support STATIC ${bench_support})
target_include_directories(vedette_bench_support PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(vedette_bench_support
  PUBLIC vedette_core vedette_sigma vedette_io_events vedette_json
  PRIVATE simdjson::simdjson)
vedette_warnings(vedette_bench_support)
