# Warnings are errors. -Werror=dangling is what catches a temporary bound to a coroutine's parameter.
add_compile_options(-Wall -Wextra -Wpedantic -Werror -Wno-missing-designated-field-initializers)
