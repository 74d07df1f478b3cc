# Warnings, sanitizers, compiler cache and linker, for every target of ours.

add_compile_options(-Wall -Wextra -Werror)
# g++ 12 reports false positives of these from inside the standard library at -O2 and above.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow
                      -Wno-array-bounds -Wno-dangling-pointer)
endif()

# No multiplication is fused with an addition unless the code says so: numbers are to have the same
# bits on every machine, and compilers fuse where the target has such an instruction.
add_compile_options(-ffp-contract=off)

# What hiredis.pc asks its users for; said to all, so that precompiled headers fit them.
add_compile_definitions(_FILE_OFFSET_BITS=64)

# Of a file that another includes, g++ takes what is in an unnamed namespace for a header's mistake.
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-subobject-linkage)
endif()

if(DARKROOM_SANITIZE)
  add_compile_options(-fsanitize=${DARKROOM_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${DARKROOM_SANITIZE})
endif()

find_program(DARKROOM_CCACHE ccache)
if(DARKROOM_CCACHE)
  # SLOPPINESS: what ccache asks for before it stores a file that was compiled with a precompiled
  # header. DEPEND: a file that is not in the cache is not preprocessed first, a tenth of its time.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;CCACHE_DEPEND=1"
      ${DARKROOM_CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  endif()
endif()

find_program(DARKROOM_MOLD mold)
if(DARKROOM_MOLD)
  add_link_options(-fuse-ld=mold)
  # Before 2.4, mold's read-only relocation segment can begin in a page that nothing maps, by chance
  # of section sizes; such a program does not start (github.com/rui314/mold, issue 1151).
  execute_process(COMMAND ${DARKROOM_MOLD} --version OUTPUT_VARIABLE mold_version)
  string(REGEX MATCH "[0-9]+\\.[0-9]+" mold_version "${mold_version}")
  if(mold_version VERSION_LESS 2.4)
    add_link_options(-Wl,-z,norelro)
  endif()
endif()
