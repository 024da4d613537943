# jumun_assets(TARGET NAMESPACE NAME=PATH…): embeds the files, as `NAMESPACE::assets()` of
# "<last part of NAMESPACE>/assets.h". A path may be what another rule makes. See lib/http/asset.h.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

function(jumun_assets target namespace)
  set(paths "")
  foreach(file IN LISTS ARGN)
    string(REGEX REPLACE "^[^=]*=" "" path ${file})
    list(APPEND paths ${path})
  endforeach()
  string(REGEX REPLACE ".*::" "" folder ${namespace})
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/generated)
  file(CONFIGURE OUTPUT ${generated}/${folder}/assets.h @ONLY CONTENT
"// Made by jumun_assets.
#pragma once
#include <span>

#include \"http/asset.h\"

namespace @namespace@ {
std::span<const http::Asset> assets();
}
")
  set(source ${generated}/${folder}/assets.cpp)
  set(embed ${PROJECT_SOURCE_DIR}/tools/embed.py)
  add_custom_command(OUTPUT ${source}
    COMMAND ${Python3_EXECUTABLE} ${embed} ${source} ${namespace} ${ARGN}
    DEPENDS ${embed} ${paths}
    VERBATIM)
  target_sources(${target} PRIVATE ${source})
  target_include_directories(${target} PUBLIC ${generated})
endfunction()
