# Installs into a staging folder and builds hosts in C and C++ against it, by find_package and by
# pkg-config and a compiler alone.
set(prefix ${BLD}/stage)
set(out ${BLD}/consumer)
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()
file(REMOVE_RECURSE ${prefix} ${out})
run(${CMAKE_COMMAND} --install ${BLD} --prefix ${prefix})
foreach(folder . c)
  run(${CMAKE_COMMAND} -S ${SRC}/tests/install/${folder} -B ${out}/${folder} -DCMAKE_PREFIX_PATH=${prefix})
  run(${CMAKE_COMMAND} --build ${out}/${folder})
endforeach()
foreach(program consumer consumer_runtime consumer_response consumer_c_static c/consumer_c)
  run(${out}/${program})
endforeach()

file(GLOB_RECURSE pc ${prefix}/*/vedette.pc)
get_filename_component(pc_folder ${pc} DIRECTORY)
get_filename_component(libraries ${pc_folder} DIRECTORY)
# by_pkg_config(PACKAGE SOURCE COMPILER...): builds and runs one host.
function(by_pkg_config package source)
  string(REPLACE ";" " " compiler "${ARGN}")
  set(program ${out}/by_pkg_config_${package})
  run(sh -c "export PKG_CONFIG_PATH=${pc_folder} && flags=$(pkg-config --cflags --libs ${package}) && ${compiler} ${SRC}/tests/install/${source} -o ${program} $flags")
  run(${CMAKE_COMMAND} -E env LD_LIBRARY_PATH=${libraries} ${program})
endfunction()
by_pkg_config(vedette main.cc c++ -std=c++20)
by_pkg_config(vedette-runtime runtime.cc c++ -std=c++20)
by_pkg_config(vedette-c main.c cc -std=c11 -Wall -Wextra -Wpedantic -Werror)
by_pkg_config(vedette-c-static main.c cc -std=c11)

# Who needs libvedette.so finds it by the number of its interface, and needs nothing else of ours.
execute_process(COMMAND objdump -p ${out}/by_pkg_config_vedette-c OUTPUT_VARIABLE needed
  COMMAND_ERROR_IS_FATAL ANY)
if(NOT needed MATCHES "NEEDED +libvedette\\.so\\.0\n" OR needed MATCHES "libstdc\\+\\+|absl|re2")
  message(FATAL_ERROR "a host in C should need libvedette.so.0 and the C library only:\n${needed}")
endif()
