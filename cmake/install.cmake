# SPDX-License-Identifier: MIT
# What `cmake --install` puts where, and the package that find_package(gestvenv) finds.
include(CMakePackageConfigHelpers)
set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/gestvenv")

install(TARGETS gestvenv EXPORT gestvenv ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(DIRECTORY messages/include/gestvenv runtime/include/gestvenv DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    FILES_MATCHING PATTERN "*.hpp")
if(TARGET gestvenv_client)
    install(TARGETS gestvenv_client EXPORT gestvenv_client ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
    install(DIRECTORY net/include/gestvenv DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.hpp")
    # Apart from the rest: only hosts that want the client need OpenSSL.
    install(EXPORT gestvenv_client NAMESPACE gestvenv:: DESTINATION "${package_folder}"
        FILE gestvenvClientTargets.cmake)
endif()
install(TARGETS gestvenv_launcher EXPORT gestvenv RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
if(TARGET gestvenv_cli)
    install(TARGETS gestvenv_cli gestvenv_node RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
    install(FILES "${texts}/completion/gestvenv" DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
    install(FILES "${texts}/completion/_gestvenv" DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions")
    install(FILES "${texts}/completion/gestvenv.fish" DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
    install(DIRECTORY "${texts}/man/" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
    install(FILES docs/command-line.md docs/node.md docs/observability.md docs/page.md docs/rest.md docs/top.md
        DESTINATION "${CMAKE_INSTALL_DOCDIR}" OPTIONAL)
    install(FILES packaging/grafana/gestvenv.json DESTINATION "${CMAKE_INSTALL_DATADIR}/gestvenv/grafana")
    set(unit_folder "${CMAKE_INSTALL_PREFIX}/lib/systemd")
    foreach(unit user/gestvenv-node.service system/gestvenv-node@.service)
        configure_file("packaging/systemd/${unit}.in" "${PROJECT_BINARY_DIR}/systemd/${unit}" @ONLY)
    endforeach()
    install(FILES "${PROJECT_BINARY_DIR}/systemd/user/gestvenv-node.service" packaging/systemd/user/gestvenv-node.socket
        DESTINATION "${unit_folder}/user")
    install(FILES "${PROJECT_BINARY_DIR}/systemd/system/gestvenv-node@.service" DESTINATION "${unit_folder}/system")
endif()
install(EXPORT gestvenv NAMESPACE gestvenv:: DESTINATION "${package_folder}" FILE gestvenvTargets.cmake)

configure_package_config_file(cmake/gestvenvConfig.cmake.in "${PROJECT_BINARY_DIR}/gestvenvConfig.cmake"
    INSTALL_DESTINATION "${package_folder}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/gestvenvConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/gestvenvConfig.cmake" "${PROJECT_BINARY_DIR}/gestvenvConfigVersion.cmake"
    DESTINATION "${package_folder}")
