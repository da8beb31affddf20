get_property(exported GLOBAL PROPERTY VEDETTE_EXPORTED)
install(TARGETS ${exported} EXPORT vedetteTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS vedette RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY include/vedette DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h" PATTERN "*.proto")
install(FILES ${VEDETTE_PROTO_HEADERS} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vedette/proto)
install(EXPORT vedetteTargets NAMESPACE vedette:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/vedette)
write_basic_package_version_file(vedetteConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES cmake/vedetteConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/vedetteConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/vedette)
file(RELATIVE_PATH VEDETTE_PC_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/vedette.pc.in vedette.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/vedette.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
