// A requirements file, as mode `restricted` reads it.
#include "tools/fuzzing/check.hpp"

#include "system/python/wheels_only.hpp"

using namespace gestvenv;
using namespace gestvenv::fuzzing;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto text = as_text(data, size);
    if (auto good = python::check_wheels_only(text, "requirements.txt"); !good)
        require_told(good.error());
    return 0;
}
