// SPDX-License-Identifier: MIT
// A requirements file: as it is read before an installer reads it, and as it is checked where only wheels are
// installed.
#include "tools/fuzzing/check.hpp"

#include "messages/text_encoding.hpp"
#include "system/python/requirements_text.hpp"
#include "system/python/wheels_only.hpp"

using namespace gestvenv;
using namespace gestvenv::fuzzing;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto text = as_text(data, size);
    if (auto good = python::check_wheels_only(text, "requirements.txt"); !good)
        require_told(good.error());
    auto decoded = python::decode_requirements(text, "requirements.txt");
    if (!decoded) {
        require_told(decoded.error());
        return 0;
    }
    require(is_utf8(decoded->text) || decoded->known_to_uv, "what is decoded anew is UTF-8");
    for (const auto& line : python::requirement_lines(decoded->text))
        require(!line.empty() && line.find_first_of("\r\n") == std::string::npos, "a line is one");
    return 0;
}
