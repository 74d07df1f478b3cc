# The three kinds of target. Sources and dependencies are always written out, never globbed.
#
#   darkroom_library(NAME SOURCES a.cc a.h DEPS common_clock PRIVATE_DEPS hiredis)
#     DEPS are what the headers need; PRIVATE_DEPS are what only the .cc files need.
#   darkroom_test(NAME SOURCES a_test.cc DEPS ... [LABELS slow] [THREADS] [UNSANITIZED filter])
#     A GoogleTest program, one CTest entry a program, named as the target. THREADS: threads share
#     something in it, so ThreadSanitizer builds take it, and only those. Not what starts a gRPC
#     server: gRPC is not instrumented, and what it orders would be reported. UNSANITIZED: the tests
#     (patterns as in GTEST_FILTER, with ":" between them) that builds which sanitize leave out.
#     The target darkroom_tests builds all of them and what they need.
#   darkroom_binary(NAME SOURCES main.cc DEPS ...)

# _darkroom_precompile(NAME KIND): one of four sets of headers, each compiled once a build: parsing
# those of the standard library and of Abseil takes a seventh of the time of a unit of ours, ATen's
# two thirds of one that includes them, and GoogleTest's a third of a test's. Lint compiles without
# them, and so finds the file that does not include what it uses.
set(_darkroom_plain_headers
    <algorithm> <cstdint> <functional> <map> <memory> <optional> <set> <string> <utility> <vector>
    <absl/status/statusor.h> <absl/strings/str_cat.h> <absl/strings/string_view.h>
    <absl/synchronization/mutex.h> <absl/time/clock.h> <absl/time/time.h> <absl/types/span.h>)
set(_darkroom_torch_headers ${_darkroom_plain_headers} <ATen/core/Tensor.h>
                            <ATen/TensorOperators.h>)
set(_darkroom_test_headers ${_darkroom_plain_headers} <gmock/gmock.h> <gtest/gtest.h>)
set(_darkroom_torch_test_headers ${_darkroom_torch_headers} <gmock/gmock.h> <gtest/gtest.h>)
function(_darkroom_precompile name kind)
  set(headers darkroom_${kind}_headers)
  if(NOT TARGET ${headers})
    file(WRITE "${CMAKE_BINARY_DIR}/pch/${headers}.cc" "")
    add_library(${headers} OBJECT "${CMAKE_BINARY_DIR}/pch/${headers}.cc")
    if(kind MATCHES "torch")
      target_link_libraries(${headers} PRIVATE darkroom_torch)
    endif()
    target_link_libraries(${headers} PRIVATE absl::statusor absl::synchronization)
    if(kind MATCHES "test")
      target_link_libraries(${headers} PRIVATE GTest::gmock)
      target_compile_options(${headers} PRIVATE ${DARKROOM_TEST_OPTIONS})
    endif()
    target_precompile_headers(${headers} PRIVATE ${_darkroom_${kind}_headers})
  endif()
  target_precompile_headers(${name} REUSE_FROM ${headers})
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
      _darkroom_precompile(${name} torch)
    else()
      _darkroom_precompile(${name} plain)
    endif()
  else()
    add_library(${name} INTERFACE ${ARG_SOURCES})
    target_include_directories(${name} INTERFACE "${PROJECT_SOURCE_DIR}")
    target_link_libraries(${name} INTERFACE ${ARG_DEPS})
  endif()
endfunction()

add_custom_target(darkroom_tests)
# What is tested is optimised as it is shipped, and checked for undefined behaviour in builds that
# sanitize; the tests themselves have no time to win, and those checks are a third of theirs.
set(DARKROOM_TEST_OPTIONS $<$<CONFIG:Release>:-O0>)
if(DARKROOM_SANITIZE MATCHES "undefined")
  list(APPEND DARKROOM_TEST_OPTIONS -fno-sanitize=undefined)
endif()

function(darkroom_test name)
  cmake_parse_arguments(ARG "THREADS" "UNSANITIZED" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT DARKROOM_TESTS OR (DARKROOM_SANITIZE STREQUAL "thread" AND NOT ARG_THREADS))
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  add_dependencies(darkroom_tests ${name})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  target_compile_options(${name} PRIVATE ${DARKROOM_TEST_OPTIONS})
  if("darkroom_torch" IN_LIST ARG_DEPS)
    _darkroom_precompile(${name} torch_test)
  else()
    _darkroom_precompile(${name} test)
  endif()
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  # Tests run beside each other: each calculates with one thread, and where it asks for more, those
  # that wait do not spin for a core that another test has.
  set(environment OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive)
  if(DARKROOM_SANITIZE AND ARG_UNSANITIZED)
    list(APPEND environment "GTEST_FILTER=-${ARG_UNSANITIZED}")
  endif()
  # TIMEOUT is for what hangs: under sanitizers, on a busy machine, the longest takes a third of it.
  set_tests_properties(${name} PROPERTIES TIMEOUT 900 LABELS "${ARG_LABELS}"
                       ENVIRONMENT "${environment}")
  # First those that mostly wait for processes, so that the others have what they leave.
  if("integration" IN_LIST ARG_LABELS)
    set_tests_properties(${name} PROPERTIES COST 1000)
  endif()
endfunction()

function(darkroom_binary name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
endfunction()
