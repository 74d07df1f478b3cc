# The three kinds of target. Sources and dependencies are always written out, never globbed.
#
#   darkroom_library(NAME SOURCES a.cc a.h DEPS common_clock PRIVATE_DEPS hiredis)
#     DEPS are what the headers need; PRIVATE_DEPS are what only the .cc files need.
#   darkroom_test(NAME SOURCES a_test.cc DEPS ... [LABELS slow] [ENVIRONMENT X=1] [NO_TSAN]
#                 [SEPARATE])
#     A GoogleTest program, one CTest entry a program, named as the target. NO_TSAN leaves it out of
#     ThreadSanitizer builds: gRPC is not instrumented, and what it orders would be reported; what
#     has no threads but limits of time and memory has nothing to prove there.
#     SEPARATE: its files use the same names for their own helpers, so no build takes them as one.
#     The target darkroom_tests builds all of them and what they need.
#   darkroom_binary(NAME SOURCES main.cc DEPS ...)

# Parsing ATen's headers is two thirds of the time of a file that includes them, and GoogleTest's a
# third of a test's: both are precompiled once a build.
function(_darkroom_precompile name headers_target)
  if(NOT TARGET ${headers_target})
    file(WRITE "${CMAKE_BINARY_DIR}/pch/${headers_target}.cc" "")
    add_library(${headers_target} OBJECT "${CMAKE_BINARY_DIR}/pch/${headers_target}.cc")
    if(headers_target STREQUAL "darkroom_torch_headers")
      target_link_libraries(${headers_target} PRIVATE darkroom_torch)
      target_precompile_headers(${headers_target} PRIVATE
        <ATen/core/Tensor.h> <ATen/TensorOperators.h>)
    else()
      target_link_libraries(${headers_target} PRIVATE GTest::gmock)
      target_compile_options(${headers_target} PRIVATE ${DARKROOM_TEST_OPTIONS})
      target_precompile_headers(${headers_target} PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
    endif()
  endif()
  target_precompile_headers(${name} REUSE_FROM ${headers_target})
endfunction()

function(darkroom_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  set(compiled ${ARG_SOURCES})
  list(FILTER compiled INCLUDE REGEX "\\.cc$")
  if(compiled)
    add_library(${name} STATIC ${ARG_SOURCES})
    target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}")
    target_link_libraries(${name} PUBLIC ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
    if("darkroom_torch" IN_LIST ARG_DEPS OR "darkroom_torch" IN_LIST ARG_PRIVATE_DEPS)
      _darkroom_precompile(${name} darkroom_torch_headers)
    endif()
  else()
    add_library(${name} INTERFACE ${ARG_SOURCES})
    target_include_directories(${name} INTERFACE "${PROJECT_SOURCE_DIR}")
    target_link_libraries(${name} INTERFACE ${ARG_DEPS})
  endif()
endfunction()

add_custom_target(darkroom_tests)
# What is tested is optimised as it is shipped; the tests themselves have no time to win.
set(DARKROOM_TEST_OPTIONS $<$<CONFIG:Release>:-O1>)

function(darkroom_test name)
  cmake_parse_arguments(ARG "NO_TSAN;SEPARATE" "TIMEOUT" "SOURCES;DEPS;LABELS;ENVIRONMENT" ${ARGN})
  if(NOT DARKROOM_TESTS OR (ARG_NO_TSAN AND DARKROOM_SANITIZE STREQUAL "thread"))
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  add_dependencies(darkroom_tests ${name})
  if(ARG_SEPARATE)
    set_target_properties(${name} PROPERTIES UNITY_BUILD OFF)
  endif()
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  if("darkroom_torch" IN_LIST ARG_DEPS)
    _darkroom_precompile(${name} darkroom_torch_headers)
  else()
    target_compile_options(${name} PRIVATE ${DARKROOM_TEST_OPTIONS})
    _darkroom_precompile(${name} darkroom_test_headers)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}"
                       ENVIRONMENT "${ARG_ENVIRONMENT}")
  # Tests that wait share the machine. Those that calculate have it to themselves: threads of
  # OpenMP that find no core spin for each other.
  if(CMAKE_CURRENT_SOURCE_DIR MATCHES "/worker/diffusion|/tests/golden")
    set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
  endif()
endfunction()

function(darkroom_binary name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
endfunction()
