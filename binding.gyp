{
  # CMakeLists.txt is the only description of the build; this lets node-gyp, and tools that call it, drive it.
  "variables": { "cmake_js": "<!(node -p \"require.resolve('cmake-js/bin/cmake-js')\")" },
  "targets": [
    {
      "target_name": "vswitch_cmake",
      "type": "none",
      "actions": [
        {
          "action_name": "cmake_js",
          "inputs": [ "CMakeLists.txt", "native/CMakeLists.txt", "native/addon.cmake", "<!@(find native -name '*.cc' -o -name '*.h')" ],
          "outputs": [ "<(PRODUCT_DIR)/vswitch.node" ],
          "action": [ "node", "<(cmake_js)", "compile", "-d", "<(module_root_dir)",
                      "-O", "<(module_root_dir)/build/cmake", "-B", "$(BUILDTYPE)" ],
          "message": "Building vswitch.node with CMake"
        }
      ]
    }
  ]
}
