# Imported targets for the pinned libtorch wheel: torch_cpu, c10 and, with DARKROOM_CUDA,
# torch_cuda, c10_cuda and, of a wheel beside it, nvrtc. The wheel's own TorchConfig.cmake asks for a
# CUDA toolkit even where only its CPU half is used, so it is not read. scripts/setup.sh unpacks the
# wheel; darkroom_torch is what targets link.

set(DARKROOM_LIBTORCH_VERSION 2.11.0)
if(DEFINED ENV{XDG_CACHE_HOME})
  set(_cache "$ENV{XDG_CACHE_HOME}")
else()
  set(_cache "$ENV{HOME}/.cache")
endif()
set(DARKROOM_LIBTORCH_DIR "${_cache}/darkroom/libtorch-${DARKROOM_LIBTORCH_VERSION}"
    CACHE PATH "Folder that holds torch/include, torch/lib and nvidia/ of the wheel")

set(DARKROOM_CLIP_VOCABULARY "${_cache}/darkroom/clip/bpe_simple_vocab_16e6.txt"
    CACHE FILEPATH "CLIP's vocabulary, which is installed for models that are single files")

if(NOT EXISTS "${DARKROOM_LIBTORCH_DIR}/torch/lib/libtorch_cpu.so")
  message(FATAL_ERROR "No libtorch in ${DARKROOM_LIBTORCH_DIR}: run scripts/setup.sh, or set "
                      "DARKROOM_LIBTORCH_DIR to the folder that contains torch/lib, or configure "
                      "with -DDARKROOM_TORCH=OFF.")
endif()

function(_darkroom_import_torch name file)
  add_library(${name} SHARED IMPORTED)
  set_target_properties(${name} PROPERTIES IMPORTED_LOCATION "${DARKROOM_LIBTORCH_DIR}/${file}")
endfunction()

_darkroom_import_torch(c10 torch/lib/libc10.so)
_darkroom_import_torch(torch_cpu torch/lib/libtorch_cpu.so)

add_library(darkroom_torch INTERFACE)
target_include_directories(darkroom_torch SYSTEM INTERFACE
  "${DARKROOM_LIBTORCH_DIR}/torch/include")
target_link_libraries(darkroom_torch INTERFACE torch_cpu c10)
# DT_RPATH, not DT_RUNPATH: libtorch_cpu.so finds libcudart and libcupti through it too. Their folder
# is said to all programs, because CMake replaces at the installation what it has set itself alone.
list(APPEND CMAKE_BUILD_RPATH "${DARKROOM_LIBTORCH_DIR}/torch/lib"
                              "${DARKROOM_LIBTORCH_DIR}/nvidia/cu13/lib")
target_link_options(darkroom_torch INTERFACE
  "-Wl,--disable-new-dtags"
  "-Wl,-rpath-link,${DARKROOM_LIBTORCH_DIR}/nvidia/cu13/lib")

if(DARKROOM_CUDA)
  _darkroom_import_torch(c10_cuda torch/lib/libc10_cuda.so)
  _darkroom_import_torch(torch_cuda torch/lib/libtorch_cuda.so)
  _darkroom_import_torch(nvrtc nvidia/cu13/lib/libnvrtc.so.13)
  target_include_directories(darkroom_torch SYSTEM INTERFACE
    "${DARKROOM_LIBTORCH_DIR}/nvidia/cu13/include")
  target_compile_definitions(darkroom_torch INTERFACE DARKROOM_CUDA=1)
  # Kernels register themselves when the library is loaded; nothing refers to it by symbol.
  # What the CUDA libraries need in turn they find at run time, beside them in the wheels.
  target_link_options(darkroom_torch INTERFACE "-Wl,--no-as-needed" "-Wl,--allow-shlib-undefined")
  target_link_libraries(darkroom_torch INTERFACE torch_cuda c10_cuda nvrtc)
endif()
