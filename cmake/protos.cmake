# darkroom_proto_library(NAME PROTOS a/b.proto ... DEPS ... [GRPC] [ROOT folder])
#   Messages, and with GRPC the service stubs, of proto files below this folder, or below ROOT; they
#   may import those of proto/.

function(darkroom_proto_library name)
  cmake_parse_arguments(ARG "GRPC" "ROOT" "PROTOS;DEPS" ${ARGN})
  set(root "${CMAKE_CURRENT_SOURCE_DIR}")
  if(ARG_ROOT)
    set(root "${ARG_ROOT}")
  endif()
  set(out "${CMAKE_BINARY_DIR}/generated")
  file(MAKE_DIRECTORY "${out}")
  set(generated)
  foreach(proto IN LISTS ARG_PROTOS)
    string(REGEX REPLACE "\\.proto$" "" stem "${proto}")
    set(files "${out}/${stem}.pb.cc" "${out}/${stem}.pb.h")
    set(options "--cpp_out=${out}")
    if(ARG_GRPC)
      list(APPEND files "${out}/${stem}.grpc.pb.cc" "${out}/${stem}.grpc.pb.h")
      list(APPEND options "--grpc_out=${out}"
           "--plugin=protoc-gen-grpc=${DARKROOM_GRPC_CPP_PLUGIN}")
    endif()
    add_custom_command(
      OUTPUT ${files}
      COMMAND "${DARKROOM_PROTOC}" -I "${root}" -I "${PROJECT_SOURCE_DIR}/proto" ${options} "${proto}"
      DEPENDS "${root}/${proto}"
      WORKING_DIRECTORY "${root}"
      VERBATIM)
    list(APPEND generated ${files})
  endforeach()
  add_library(${name} STATIC ${generated})
  target_include_directories(${name} SYSTEM PUBLIC "${out}")
  # Generated code is not ours to warn about, to lint, to sanitize or to wait for: as one unit, its
  # headers are read once. Each generated file has its own objects of these two names.
  target_compile_options(${name} PRIVATE -w -O1)
  # Not so where threads are watched: protobuf's classes have a member more then (map_field.h).
  if(DARKROOM_SANITIZE AND NOT DARKROOM_SANITIZE MATCHES "thread")
    target_compile_options(${name} PRIVATE -fno-sanitize=all)
  endif()
  set_target_properties(${name} PROPERTIES
    CXX_CLANG_TIDY "" UNITY_BUILD_BATCH_SIZE 0 UNITY_BUILD_UNIQUE_ID DARKROOM_PROTO_FILE
    UNITY_BUILD_CODE_BEFORE_INCLUDE "\
#define DARKROOM_JOIN_AGAIN(a, b) a##b
#define DARKROOM_JOIN(a, b) DARKROOM_JOIN_AGAIN(a, b)
#define schemas DARKROOM_JOIN(schemas_, DARKROOM_PROTO_FILE)
#define file_default_instances DARKROOM_JOIN(file_default_instances_, DARKROOM_PROTO_FILE)")
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf ${ARG_DEPS})
  if(ARG_GRPC)
    target_link_libraries(${name} PUBLIC PkgConfig::GRPCPP)
  endif()
endfunction()
