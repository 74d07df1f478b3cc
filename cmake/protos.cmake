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
  # Generated code is not ours to warn about or to lint.
  target_compile_options(${name} PRIVATE -w)
  # Each generated file has its own objects of the same names.
  set_target_properties(${name} PROPERTIES CXX_CLANG_TIDY "" UNITY_BUILD OFF)
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf ${ARG_DEPS})
  if(ARG_GRPC)
    target_link_libraries(${name} PUBLIC PkgConfig::GRPCPP)
  endif()
endfunction()
