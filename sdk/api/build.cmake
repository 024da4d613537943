# cmake -P: configures and builds classes/ in API_DIR, one process at a time, when it is out of
# date.
file(MAKE_DIRECTORY ${API_DIR}/source)
file(LOCK ${API_DIR}/source DIRECTORY GUARD PROCESS TIMEOUT 1800)
file(COPY_FILE ${CLASSES} ${API_DIR}/source/CMakeLists.txt ONLY_IF_DIFFERENT)
execute_process(
  COMMAND ${CMAKE_COMMAND} -G Ninja -S ${API_DIR}/source -B ${API_DIR} --log-level=WARNING
          -D CMAKE_CXX_COMPILER=${COMPILER} -D PROTOS=${PROTOS}
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${API_DIR} COMMAND_ERROR_IS_FATAL ANY)
