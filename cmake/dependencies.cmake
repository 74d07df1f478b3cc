# Everything that comes from the distribution. One imported target a library; who links what is
# written in each folder's CMakeLists.txt.

find_package(Threads REQUIRED)
find_package(absl REQUIRED)

if(DARKROOM_TESTS)
  find_package(GTest REQUIRED)
  if(DARKROOM_SERVICES)
    find_package(rapidcheck REQUIRED)
  endif()
endif()

if(DARKROOM_SERVICES)
  find_package(PkgConfig REQUIRED)
  find_package(Protobuf 3.21 REQUIRED)
  find_package(OpenSSL REQUIRED)
  find_package(Boost 1.81 REQUIRED)
  if(DARKROOM_SANITIZE MATCHES "thread")
    # ThreadSanitizer knows no memory fences (an error in g++); the mutex of Asio's queue orders the
    # same accesses.
    target_compile_definitions(Boost::headers INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
  endif()
  find_package(spdlog REQUIRED)
  pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)
  # The shared libraries: Debian's static gRPC and protobuf archives clash at start.
  pkg_check_modules(GRPCPP REQUIRED IMPORTED_TARGET grpc++)
  find_library(DARKROOM_GRPCPP_REFLECTION grpc++_reflection REQUIRED)
  find_program(DARKROOM_PROTOC protoc REQUIRED)
  find_program(DARKROOM_GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)
  pkg_check_modules(LIBDEFLATE REQUIRED IMPORTED_TARGET libdeflate)
  pkg_check_modules(LIBJPEG REQUIRED IMPORTED_TARGET libjpeg)
  pkg_check_modules(FREETYPE REQUIRED IMPORTED_TARGET freetype2)
  pkg_check_modules(LIBPNG REQUIRED IMPORTED_TARGET libpng)
  # Its core alone: the rest brings an HTTP server of its own.
  pkg_check_modules(PROMETHEUS REQUIRED IMPORTED_TARGET prometheus-cpp-core)
  pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip)
  pkg_check_modules(TOMLPLUSPLUS REQUIRED IMPORTED_TARGET tomlplusplus)
  pkg_check_modules(LIBWEBP REQUIRED IMPORTED_TARGET libwebp)
endif()
