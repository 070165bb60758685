// SPDX-License-Identifier: MIT
// What this program itself reads of a request: its target, and where its head ends (the rest is Boost.Beast's).
#include "tools/fuzzing/check.hpp"

#include "net/http/head_scanner.hpp"
#include "net/http/target.hpp"

#include <algorithm>
#include <string>

using namespace gestvenv;
using namespace gestvenv::fuzzing;

namespace {

void check_target(std::string_view text) {
    auto decoded = http::decode_target(text);
    if (!decoded)
        return require(!decoded.error().empty(), "a refusal says which rule is broken");
    std::string again;
    for (const auto& part : decoded->path) {
        require(!part.empty() && part != "." && part != "..", "a part is a name");
        require(std::none_of(part.begin(), part.end(),
                             [](unsigned char byte) { return byte < 0x20 || byte == 0x7f || byte == '/'; }),
                "a part has neither a slash nor a control character");
        require(is_utf8(part), "a part is UTF-8");
        again += "/" + http::encode_part(part);
    }
    if (again.empty())
        again = "/";
    char before = '?';
    for (const auto& [key, value] : decoded->query) {
        require(!key.empty() && key.find('\0') == std::string::npos, "a key is a name");
        require(is_utf8(key) && is_utf8(value), "a query is UTF-8");
        again += before + http::encode_part(key) + "=" + http::encode_part(value);
        before = '&';
    }
    auto back = http::decode_target(again);
    require(back.has_value(), "what is encoded can be decoded");
    require(back->path == decoded->path && back->query == decoded->query, "a target stays as it is");
}

void check_head(std::string_view text) {
    http::head_scanner at_once;
    auto whole = at_once.scan(text);
    // Byte by byte it comes to the same.
    http::head_scanner dripping;
    for (std::size_t size = 0; size <= text.size(); ++size) {
        auto part = dripping.scan(text.substr(0, size));
        bool decided = !part || *part;
        if (decided) {
            require(part.has_value() == whole.has_value(), "a head is refused, or not, however it arrives");
            if (part)
                require(*whole == *part, "a head has the same end however it arrives");
            break;
        }
        require(size < text.size() || (whole && !*whole), "a head has no end that its bytes do not show");
    }
    if (!whole || !*whole)
        return;
    auto head = text.substr(0, **whole);
    require(head == "\r\n" || head.substr(head.size() - std::min<std::size_t>(head.size(), 4)) == "\r\n\r\n",
            "a head ends with an empty line");
    require(head.find('\0') == std::string_view::npos, "a head has no NUL");
    require(head.find("\r\n ") == std::string_view::npos && head.find("\r\n\t") == std::string_view::npos,
            "a head has no folded field");
    require(std::count(head.begin(), head.end(), '\r') == std::count(head.begin(), head.end(), '\n'),
            "a head has no bare CR or LF");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto text = as_text(data, size);
    check_target(text);
    check_head(text.substr(0, 2000));
    return 0;
}
