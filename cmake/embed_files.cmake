# Included: darkroom_embed(OUT table.cc FUNCTION darkroom::server::web::PageFiles [GZIP] FOLDER folder
# FILES a b/c) writes a source that defines `absl::Span<const EmbeddedFile> FUNCTION()`, the table of
# these files of the folder, in their order. GZIP: each with its bytes compressed, too.
#
# As a script it does so: it is how the build calls itself.

if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(_darkroom_embed_script "${CMAKE_CURRENT_LIST_FILE}")
  function(darkroom_embed)
    cmake_parse_arguments(ARG "GZIP" "OUT;FUNCTION;FOLDER" "FILES" ${ARGN})
    set(gzip "")
    if(ARG_GZIP)
      find_program(DARKROOM_GZIP gzip REQUIRED)
      set(gzip "${DARKROOM_GZIP}")
    endif()
    set(paths ${ARG_FILES})
    list(TRANSFORM paths PREPEND "${ARG_FOLDER}/")
    add_custom_command(
      OUTPUT "${ARG_OUT}"
      COMMAND "${CMAKE_COMMAND}" "-DFOLDER=${ARG_FOLDER}" "-DFILES=${ARG_FILES}"
              "-DOUT=${ARG_OUT}" "-DFUNCTION=${ARG_FUNCTION}" "-DGZIP=${gzip}" -P "${_darkroom_embed_script}"
      DEPENDS ${paths} "${_darkroom_embed_script}"
      VERBATIM)
  endfunction()
  return()
endif()

# array(NAME FILE): appends the bytes of FILE to `arrays`, as a constant.
function(array name file)
  file(READ "${file}" hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "((0x..,){16})" "\\1\n    " bytes "${bytes}")
  string(APPEND arrays "constexpr unsigned char ${name}[] = {\n    ${bytes}\n};\n")
  set(arrays "${arrays}" PARENT_SCOPE)
endfunction()

string(REGEX MATCH "^(.+)::([^:]+)$" whole "${FUNCTION}")
set(namespace "${CMAKE_MATCH_1}")
set(function "${CMAKE_MATCH_2}")
set(arrays "")
set(rows "")
set(number 0)
foreach(name IN LISTS FILES)
  set(file "${FOLDER}/${name}")
  array("kBytes${number}" "${file}")
  set(row "{\"${name}\", Text(kBytes${number})")
  if(GZIP)
    # Without the file's name and time in it: the same page is the same bytes.
    execute_process(COMMAND "${GZIP}" -9nc "${file}" OUTPUT_FILE "${OUT}.gz" RESULT_VARIABLE status)
    if(NOT status EQUAL 0)
      message(FATAL_ERROR "${GZIP} could not compress ${file}")
    endif()
    array("kGzip${number}" "${OUT}.gz")
    file(REMOVE "${OUT}.gz")
    string(APPEND row ", Text(kGzip${number})")
  endif()
  string(APPEND rows "      ${row}},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE "${OUT}" "// Made by embed_files.cmake.

#include <cstddef>

#include \"absl/types/span.h\"
#include \"common/embedded_file.h\"

namespace ${namespace} {

absl::Span<const EmbeddedFile> ${function}();

namespace {

template <std::size_t kSize>
absl::string_view Text(const unsigned char (&bytes)[kSize]) {
  return {reinterpret_cast<const char*>(bytes), kSize};
}

${arrays}
}  // namespace

absl::Span<const EmbeddedFile> ${function}() {
  static const EmbeddedFile kFiles[] = {
${rows}  };
  return kFiles;
}

}  // namespace ${namespace}
")
