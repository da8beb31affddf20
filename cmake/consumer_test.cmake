# Installs into a staging folder and builds a host program against it, by find_package and by
# pkg-config.
set(prefix ${BLD}/stage)
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()
run(${CMAKE_COMMAND} --install ${BLD} --prefix ${prefix})
run(${CMAKE_COMMAND} -S ${SRC}/tests/install -B ${BLD}/consumer -DCMAKE_PREFIX_PATH=${prefix} --fresh)
run(${CMAKE_COMMAND} --build ${BLD}/consumer)
run(${BLD}/consumer/consumer)
file(GLOB_RECURSE pc ${prefix}/*/vedette.pc)
get_filename_component(pc_folder ${pc} DIRECTORY)
run(sh -c "PKG_CONFIG_PATH=${pc_folder} c++ -std=c++20 ${SRC}/tests/install/main.cc -o ${BLD}/consumer/by_pkg_config $(PKG_CONFIG_PATH=${pc_folder} pkg-config --cflags --libs vedette)")
run(${BLD}/consumer/by_pkg_config)
