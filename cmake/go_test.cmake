# Builds and runs the example in Go against the installed package, where there is a Go toolchain.
find_program(GO go)
find_program(PKG_CONFIG pkg-config)
if(NOT GO OR NOT PKG_CONFIG)
  message(STATUS "SKIPPED: no Go toolchain here; install golang to run this test")
  return()
endif()
file(GLOB_RECURSE pc ${BLD}/stage/*/vedette-c.pc)
get_filename_component(pc_folder ${pc} DIRECTORY)
get_filename_component(libraries ${pc_folder} DIRECTORY)
# Nothing is downloaded: the example needs Go's own packages only.
set(env ${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${pc_folder} LD_LIBRARY_PATH=${libraries} GOPROXY=off
  GOFLAGS=-mod=mod GOTOOLCHAIN=local CGO_ENABLED=1)
foreach(command "vet;." "build;-o;${BLD}/go_example;.")
  execute_process(COMMAND ${env} ${GO} ${command} WORKING_DIRECTORY ${SRC}/examples/go
    COMMAND_ERROR_IS_FATAL ANY)
endforeach()
execute_process(COMMAND ${env} ${BLD}/go_example COMMAND_ERROR_IS_FATAL ANY)
