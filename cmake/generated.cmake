# Sources that are made while building; never committed.
set(VEDETTE_GEN ${CMAKE_CURRENT_BINARY_DIR}/gen)
file(GLOB VEDETTE_PROTOS CONFIGURE_DEPENDS include/vedette/proto/*.proto)

# The distribution's Python has the protobuf package, whatever else stands first in PATH.
set(VEDETTE_PYTHON ${Python3_EXECUTABLE})
if(EXISTS /usr/bin/python3)
  set(VEDETTE_PYTHON /usr/bin/python3)
endif()

set(VEDETTE_PROTO_SOURCES)
set(VEDETTE_PROTO_HEADERS)
foreach(proto ${VEDETTE_PROTOS})
  get_filename_component(name ${proto} NAME_WE)
  list(APPEND VEDETTE_PROTO_SOURCES ${VEDETTE_GEN}/vedette/proto/${name}.pb.cc)
  list(APPEND VEDETTE_PROTO_HEADERS ${VEDETTE_GEN}/vedette/proto/${name}.pb.h)
endforeach()
set_source_files_properties(${VEDETTE_PROTO_SOURCES} PROPERTIES COMPILE_OPTIONS "-w")

set(tools ${CMAKE_CURRENT_SOURCE_DIR}/tools)
set(lib ${CMAKE_CURRENT_SOURCE_DIR}/lib)
file(MAKE_DIRECTORY ${VEDETTE_GEN}/lib/base ${VEDETTE_GEN}/lib/board ${VEDETTE_GEN}/lib/event)
add_custom_command(
  OUTPUT ${VEDETTE_PROTO_SOURCES} ${VEDETTE_PROTO_HEADERS} ${VEDETTE_GEN}/schema.pb
  COMMAND protobuf::protoc -I${CMAKE_CURRENT_SOURCE_DIR}/include --cpp_out=${VEDETTE_GEN}
    --include_imports --descriptor_set_out=${VEDETTE_GEN}/schema.pb ${VEDETTE_PROTOS}
  DEPENDS ${VEDETTE_PROTOS})
add_custom_command(
  OUTPUT ${VEDETTE_GEN}/lib/base/casefold_table.inc
  COMMAND ${VEDETTE_PYTHON} ${tools}/gen_casefold.py > ${VEDETTE_GEN}/lib/base/casefold_table.inc
  DEPENDS ${tools}/gen_casefold.py)
add_custom_command(
  OUTPUT ${VEDETTE_GEN}/lib/event/schema_table.inc
  COMMAND ${VEDETTE_PYTHON} ${tools}/gen_schema.py ${VEDETTE_GEN}/schema.pb
    > ${VEDETTE_GEN}/lib/event/schema_table.inc
  DEPENDS ${tools}/gen_schema.py ${VEDETTE_GEN}/schema.pb)
add_custom_command(
  OUTPUT ${VEDETTE_GEN}/lib/event/logsources.inc
  COMMAND ${VEDETTE_PYTHON} ${tools}/embed_text.py kLogSources ${lib}/event/logsources.txt
    > ${VEDETTE_GEN}/lib/event/logsources.inc
  DEPENDS ${tools}/embed_text.py ${lib}/event/logsources.txt)
file(GLOB page CONFIGURE_DEPENDS ${lib}/board/page/*)
add_custom_command(
  OUTPUT ${VEDETTE_GEN}/lib/board/page_files.inc
  COMMAND ${VEDETTE_PYTHON} ${tools}/embed_page.py ${page} > ${VEDETTE_GEN}/lib/board/page_files.inc
  DEPENDS ${tools}/embed_page.py ${page})
set(VEDETTE_GENERATED ${VEDETTE_GEN}/lib/base/casefold_table.inc ${VEDETTE_GEN}/lib/board/page_files.inc
  ${VEDETTE_GEN}/lib/event/schema_table.inc ${VEDETTE_GEN}/lib/event/logsources.inc)
# One target makes them all, so that no two targets race for one file.
add_custom_target(vedette_generated DEPENDS ${VEDETTE_GENERATED} ${VEDETTE_PROTO_SOURCES})
