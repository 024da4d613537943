# temporal_check_workflow(TARGET [ALLOW name…]): after each build of TARGET, a library or a program that
# holds workflow code, its objects are scanned for calls that a replay cannot repeat, and the build fails
# with a sentence for each: "order.cpp.o: Order::run() uses getenv: give it to the workflow as input …".
# ALLOW takes symbols, or names of rules, as the sentences have them; FILE:NAME is for one source alone.
# What it can and cannot see is in check_workflow.py beside this file.
find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)
set(TEMPORAL_CHECK_WORKFLOW ${CMAKE_CURRENT_LIST_DIR}/check_workflow.py)

function(temporal_check_workflow target)
  cmake_parse_arguments(arg "" "" "ALLOW" ${ARGN})
  list(TRANSFORM arg_ALLOW PREPEND --allow=)
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND ${Python3_EXECUTABLE} ${TEMPORAL_CHECK_WORKFLOW}
      --readelf=${CMAKE_READELF} --objdump=${CMAKE_OBJDUMP} ${arg_ALLOW} $<TARGET_OBJECTS:${target}>
    COMMAND_EXPAND_LISTS VERBATIM)
endfunction()
