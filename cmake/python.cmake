# The extension module of the Python package, with the static libraries of this project inside.
find_package(Python3 REQUIRED COMPONENTS Interpreter Development.Module)
# pybind11 looks for the interpreter by the other module's name.
set(Python_EXECUTABLE ${Python3_EXECUTABLE})
set(PYBIND11_FINDPYTHON ON)
find_package(pybind11 2.10 CONFIG REQUIRED)

file(GLOB python_sources CONFIGURE_DEPENDS bindings/python/src/*.cc)
pybind11_add_module(_vedette MODULE NO_EXTRAS ${python_sources})
target_include_directories(_vedette PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(_vedette PRIVATE vedette_core vedette_sigma vedette_elastic
  vedette_io_events vedette_json Threads::Threads)
target_link_options(_vedette PRIVATE LINKER:--exclude-libs,ALL)
vedette_warnings(_vedette)
# Only the package goes into a wheel.
install(TARGETS _vedette LIBRARY DESTINATION vedette COMPONENT python)
