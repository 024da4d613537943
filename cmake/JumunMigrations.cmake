# jumun_migrations(TARGET NAMESPACE): embeds migrations/NNNN_what.sql of the folder it is called in, as
# `NAMESPACE::kMigrations` in "<last part of NAMESPACE>/migrations.h". See lib/db/migration.h.
function(jumun_migrations target namespace)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/migrations/*.sql)
  list(SORT files)
  if(NOT files)
    message(FATAL_ERROR "no migrations/*.sql in ${CMAKE_CURRENT_SOURCE_DIR}")
  endif()
  set(rows "")
  foreach(file IN LISTS files)
    get_filename_component(name ${file} NAME_WE)
    if(NOT name MATCHES "^0*([1-9][0-9]*)_")
      message(FATAL_ERROR "${file}: a migration is named NNNN_what.sql")
    endif()
    set(version ${CMAKE_MATCH_1})
    file(READ ${file} sql)
    string(APPEND rows "    {${version}, \"${name}\", R\"sql(${sql})sql\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  endforeach()
  string(REGEX REPLACE ".*::" "" folder ${namespace})
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/generated)
  file(CONFIGURE OUTPUT ${generated}/${folder}/migrations.h @ONLY CONTENT
"// Made of migrations/*.sql by jumun_migrations.
#pragma once
#include \"db/migration.h\"

namespace @namespace@ {
inline constexpr db::Migration kMigrations[] = {
@rows@};
}  // namespace @namespace@
")
  target_include_directories(${target} PRIVATE ${generated})
endfunction()
