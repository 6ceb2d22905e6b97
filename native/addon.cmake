# vswitch.node. cmake-js gives CMAKE_JS_INC; a bare cmake or an editor gets the same from the packages themselves.
if(NOT CMAKE_JS_INC)
  foreach(package IN ITEMS node-api-headers:include_dir node-addon-api:include_dir)
    string(REPLACE ":" ";" package "${package}")
    list(GET package 0 name)
    list(GET package 1 key)
    execute_process(
      COMMAND node -p "require('${name}').${key}"
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
      OUTPUT_VARIABLE directory OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    string(REPLACE "\"" "" directory "${directory}") # node-addon-api quotes its path
    get_filename_component(directory "${directory}" ABSOLUTE BASE_DIR ${PROJECT_SOURCE_DIR})
    list(APPEND CMAKE_JS_INC ${directory})
  endforeach()
endif()

add_library(vswitch MODULE
  binding/addon.cc
  binding/arguments.cc
  binding/conntrack_object.cc
  binding/describe.cc
  binding/errors.cc
  binding/port_object.cc
  binding/probe_object.cc
  binding/punt_object.cc
  binding/start_options.cc
  binding/switch_object.cc
  binding/transactions.cc
  ${CMAKE_JS_SRC})
target_compile_definitions(vswitch PRIVATE NAPI_VERSION=9 NAPI_CPP_EXCEPTIONS NODE_ADDON_API_DISABLE_DEPRECATED
                                           VSWITCH_VERSION="${VSWITCH_VERSION}")
target_include_directories(vswitch SYSTEM PRIVATE ${CMAKE_JS_INC})
target_link_libraries(vswitch PRIVATE dataplane ${CMAKE_JS_LIB})
# nodelete: Node unloads an addon whose last thread ends, and would unmap DPDK under its own threads.
target_link_options(vswitch PRIVATE -Wl,-z,nodelete -Wl,-z,now)
set_target_properties(vswitch PROPERTIES PREFIX "" SUFFIX ".node")
# One without accounting is for a benchmark, and nobody shall run it by mistake.
if(VSWITCH_ACCOUNTING)
  set_target_properties(vswitch PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${PROJECT_SOURCE_DIR}/build/${CMAKE_BUILD_TYPE})
endif()
