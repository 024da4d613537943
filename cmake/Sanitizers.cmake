# JUMUN_SANITIZE: empty, "address,undefined" or "thread"; see the presets asan and tsan.
set(JUMUN_SANITIZE "" CACHE STRING "sanitizers of our own code; third-party and generated code has none")
add_link_options(-fuse-ld=lld-19)
if(JUMUN_SANITIZE)
  add_compile_options(-fsanitize=${JUMUN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
                      -O1 -gline-tables-only)
  add_link_options(-fsanitize=${JUMUN_SANITIZE})
else()
  # Core and Temporal's protobuf bring more than a program calls: a quarter of it is left out.
  # And 60,000 relocations take 1.5 MB of a program, or packed (glibc 2.36, lld) next to nothing.
  add_link_options(-Wl,--gc-sections -Wl,-z,pack-relative-relocs)
endif()
