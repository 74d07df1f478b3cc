# What `cmake --install` puts where, and the Debian packages of it, one a component:
#
#   common   user, folders, settings of all processes, documents
#   server   gateway, scheduler and command line, with their units and settings
#   worker   worker and its decoder, libtorch beside them, the demo model, unit and settings
#
# Units and settings name the prefix that was configured: `--prefix` at the installation moves
# files, not what is written in them.

include(GNUInstallDirs)
set(DARKROOM_UNIT_DIR lib/systemd/system)
set(_share "${CMAKE_INSTALL_DATADIR}/darkroom")
set(_made "${CMAKE_BINARY_DIR}/install")

# _darkroom_fill(DIRECTORY FILE...): FILE.in of deploy/DIRECTORY, with the prefix in it.
function(_darkroom_fill directory)
  foreach(file ${ARGN})
    configure_file("${PROJECT_SOURCE_DIR}/deploy/${directory}/${file}.in" "${_made}/${file}" @ONLY)
  endforeach()
endfunction()

_darkroom_fill(systemd darkroom.sysusers darkroom.tmpfiles darkroom-gateway.service
               darkroom-scheduler.service darkroom-worker@.service)

install(FILES "${_made}/darkroom.sysusers" DESTINATION lib/sysusers.d RENAME darkroom.conf
        COMPONENT common)
install(FILES "${_made}/darkroom.tmpfiles" DESTINATION lib/tmpfiles.d RENAME darkroom.conf
        COMPONENT common)
install(FILES README.md CHANGELOG.md docs/operations.md docs/models.md
              docs/redis_format.md
        DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT common)
install(FILES deploy/darkroom.toml DESTINATION "${CMAKE_INSTALL_FULL_SYSCONFDIR}/darkroom"
        COMPONENT common)

install(TARGETS darkroom darkroom-gateway darkroom-scheduler
        RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT server)
# The command line is the load generator, too, by this name.
set(_load "\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/darkroom-load")
install(CODE "file(CREATE_LINK darkroom \"${_load}\" SYMBOLIC)" COMPONENT server)
install(FILES "${_made}/darkroom-gateway.service" "${_made}/darkroom-scheduler.service"
        DESTINATION ${DARKROOM_UNIT_DIR} COMPONENT server)
install(DIRECTORY deploy/grafana deploy/prometheus deploy/redis DESTINATION "${_share}"
        COMPONENT server USE_SOURCE_PERMISSIONS)

set(_components common server)
if(DARKROOM_TORCH)
  list(APPEND _components worker)
  # The wheel's folders as they are: its libraries find each other by them.
  set(_libtorch lib/darkroom)
  set_target_properties(darkroom-worker PROPERTIES INSTALL_RPATH
    "$ORIGIN/../${_libtorch}/torch/lib;$ORIGIN/../${_libtorch}/nvidia/cu13/lib")
  install(TARGETS darkroom-worker darkroom-decode
          RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT worker)
  if(DARKROOM_CUDA)
    install(DIRECTORY "${DARKROOM_LIBTORCH_DIR}/torch/lib" DESTINATION ${_libtorch}/torch
            COMPONENT worker FILES_MATCHING PATTERN "*.so*" PATTERN "*python*" EXCLUDE)
    install(DIRECTORY "${DARKROOM_LIBTORCH_DIR}/nvidia" DESTINATION ${_libtorch}
            COMPONENT worker FILES_MATCHING PATTERN "*.so*")
  else()
    install(FILES "${DARKROOM_LIBTORCH_DIR}/torch/lib/libtorch_cpu.so"
                  "${DARKROOM_LIBTORCH_DIR}/torch/lib/libc10.so"
                  "${DARKROOM_LIBTORCH_DIR}/torch/lib/libgomp.so.1"
            DESTINATION ${_libtorch}/torch/lib COMPONENT worker)
    install(FILES "${DARKROOM_LIBTORCH_DIR}/nvidia/cu13/lib/libcudart.so.13"
                  "${DARKROOM_LIBTORCH_DIR}/nvidia/cu13/lib/libcupti.so.13"
            DESTINATION ${_libtorch}/nvidia/cu13/lib COMPONENT worker)
  endif()
  install(DIRECTORY models/demo DESTINATION "${_share}/models" COMPONENT worker)
  # scripts/setup.sh fetches it.
  install(FILES "${DARKROOM_CLIP_VOCABULARY}" DESTINATION "${_share}/clip" COMPONENT worker)
  install(FILES "${_made}/darkroom-worker@.service" DESTINATION ${DARKROOM_UNIT_DIR}
          COMPONENT worker)
endif()

# All of these, and nothing else: what a package needs.
add_custom_target(darkroom_programs DEPENDS darkroom darkroom-gateway darkroom-scheduler)
if(DARKROOM_TORCH)
  add_dependencies(darkroom_programs darkroom-worker darkroom-decode)
endif()
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)

# The packages: `cpack --preset package` after `cmake --preset package` and a build.
set(DARKROOM_PACKAGE_MAINTAINER "Darkroom <maintainer@darkroom.invalid>"
    CACHE STRING "Maintainer of the Debian packages, NAME <ADDRESS>")
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME darkroom)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_DIRECTORY "${CMAKE_BINARY_DIR}/packages")
set(CPACK_COMPONENTS_ALL ${_components})
set(CPACK_SET_DESTDIR ON)  # /etc is not below the prefix
set(CPACK_INSTALL_PREFIX "${CMAKE_INSTALL_PREFIX}")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE zstd)  # xz takes minutes over libtorch
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${DARKROOM_PACKAGE_MAINTAINER}")
set(CPACK_DEBIAN_PACKAGE_SECTION graphics)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_COMMON_PACKAGE_SHLIBDEPS OFF)
if(DARKROOM_TORCH)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${DARKROOM_LIBTORCH_DIR}/torch/lib"
                                                  "${DARKROOM_LIBTORCH_DIR}/nvidia/cu13/lib")
endif()

set(CPACK_COMPONENT_COMMON_DESCRIPTION
    "Darkroom: what its processes share\n The user, the folders and the settings of all of them.")
set(CPACK_COMPONENT_SERVER_DESCRIPTION
    "Darkroom: gateway, scheduler and command line\n Shares GPUs for Stable Diffusion over gRPC.")
set(CPACK_COMPONENT_WORKER_DESCRIPTION
    "Darkroom: worker\n Makes the pictures of a pool on one device, with libtorch, which is in it.")
set(CPACK_DEBIAN_COMMON_PACKAGE_DEPENDS
    "systemd | systemd-standalone-sysusers, systemd | systemd-standalone-tmpfiles")
set(CPACK_DEBIAN_SERVER_PACKAGE_DEPENDS "darkroom-common (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_WORKER_PACKAGE_DEPENDS "darkroom-common (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_SERVER_PACKAGE_SUGGESTS "redis-server (>= 5:7.0)")

# _darkroom_maintain(COMPONENT TEMPLATE SCRIPTS): what dpkg runs, and with common the settings, which
# it does not replace where they were changed.
function(_darkroom_maintain component template scripts)
  string(TOUPPER ${component} upper)
  set(extra)
  foreach(script ${scripts})
    configure_file("${PROJECT_SOURCE_DIR}/deploy/debian/${template}.${script}.in"
                   "${_made}/${component}/${script}" @ONLY)
    list(APPEND extra "${_made}/${component}/${script}")
  endforeach()
  if(component STREQUAL "common")
    file(WRITE "${_made}/${component}/conffiles"
         "${CMAKE_INSTALL_FULL_SYSCONFDIR}/darkroom/darkroom.toml\n")
    list(APPEND extra "${_made}/${component}/conffiles")
  endif()
  set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA "${extra}" PARENT_SCOPE)
  install(FILES "${PROJECT_SOURCE_DIR}/deploy/debian/copyright"
          DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/darkroom-${component}" COMPONENT ${component})
endfunction()

_darkroom_maintain(common common "postinst;postrm")
set(DARKROOM_UNITS "darkroom-gateway.service darkroom-scheduler.service")
set(DARKROOM_RUNNING_UNITS "${DARKROOM_UNITS}")
_darkroom_maintain(server units "postinst;prerm;postrm")
if(DARKROOM_TORCH)
  set(DARKROOM_UNITS "darkroom-worker@.service")
  set(DARKROOM_RUNNING_UNITS "'darkroom-worker@*.service'")
  _darkroom_maintain(worker units "postinst;prerm;postrm")
endif()

include(CPack)
