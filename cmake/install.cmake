get_property(exported GLOBAL PROPERTY VEDETTE_EXPORTED)
install(TARGETS ${exported} EXPORT vedetteTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
# Apart from the others: a host in C needs none of what they depend on.
install(TARGETS vedette_c EXPORT vedetteCTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS vedette RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY include/vedette DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h" PATTERN "*.proto")
install(FILES ${VEDETTE_PROTO_HEADERS} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vedette/proto)
foreach(set vedetteTargets vedetteCTargets)
  install(EXPORT ${set} NAMESPACE vedette:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/vedette)
endforeach()
write_basic_package_version_file(vedetteConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES cmake/vedetteConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/vedetteConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/vedette)
file(RELATIVE_PATH VEDETTE_PC_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
foreach(package vedette vedette-runtime vedette-alert vedette-hunt vedette-response vedette-c vedette-c-static)
  configure_file(cmake/${package}.pc.in ${package}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${package}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
