// SPDX-License-Identifier: MIT
#include "net/http/target.hpp"

#include "messages/text_encoding.hpp"
#include "net/http/text.hpp"

#include <algorithm>
#include <utility>

namespace gestvenv::http {

namespace {

template <class T>
using result = tl::expected<T, std::string>;

tl::unexpected<std::string> broken(std::string what) {
    return tl::unexpected<std::string>{std::move(what)};
}

int hexadecimal(char letter) noexcept {
    if (letter >= '0' && letter <= '9')
        return letter - '0';
    letter = lower(letter);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

result<std::string> decode(std::string_view text, bool plus_is_space) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '+' && plus_is_space) {
            decoded += ' ';
        } else if (text[at] != '%') {
            decoded += text[at];
        } else {
            auto high = at + 1 < text.size() ? hexadecimal(text[at + 1]) : -1;
            auto low = at + 2 < text.size() ? hexadecimal(text[at + 2]) : -1;
            if (high < 0 || low < 0)
                return broken("a % in the target is not followed by two hexadecimal digits");
            decoded += static_cast<char>(high * 16 + low);
            at += 2;
        }
    }
    if (!is_utf8(decoded))
        return broken("the target is not UTF-8 when decoded");
    return decoded;
}

result<std::vector<std::string>> decode_path(std::string_view path) {
    std::vector<std::string> parts;
    if (path.empty() || path == "/")
        return parts;
    path.remove_prefix(1);
    for (;;) {
        auto slash = std::min(path.find('/'), path.size());
        auto part = decode(path.substr(0, slash), false);
        if (!part)
            return tl::unexpected(std::move(part.error()));
        if (part->empty())
            return broken("the path has an empty part");
        if (*part == "." || *part == "..")
            return broken("the path has a part that is . or ..");
        if (part->find('/') != std::string::npos)
            return broken("the path has an encoded slash");
        if (std::any_of(part->begin(), part->end(), is_control))
            return broken("the path has an encoded control character");
        parts.push_back(std::move(*part));
        if (slash == path.size())
            return parts;
        path.remove_prefix(slash + 1);
    }
}

result<std::map<std::string, std::string>> decode_query(std::string_view query) {
    std::map<std::string, std::string> values;
    while (!query.empty()) {
        auto end = std::min(query.find('&'), query.size());
        auto pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (pair.empty())
            continue;
        auto equals = std::min(pair.find('='), pair.size());
        auto key = decode(pair.substr(0, equals), true);
        auto value = decode(pair.substr(std::min(equals + 1, pair.size())), true);
        if (!key || !value)
            return tl::unexpected(std::move(key ? value.error() : key.error()));
        if (key->empty())
            return broken("the query has an empty key");
        if (key->find('\0') != std::string::npos || value->find('\0') != std::string::npos)
            return broken("the query has a NUL");
        if (!values.emplace(std::move(*key), std::move(*value)).second)
            return broken("the query has a key twice");
    }
    return values;
}

/// `http://host/path` without what is before the path.
std::string_view without_authority(std::string_view target) {
    for (std::string_view scheme : {"http://", "https://"}) {
        if (!same_word(target.substr(0, scheme.size()), scheme))
            continue;
        target.remove_prefix(scheme.size());
        target.remove_prefix(std::min(target.find_first_of("/?#"), target.size()));
        return target;
    }
    return target;
}

} // namespace

tl::expected<decoded_target, std::string> decode_target(std::string_view target) {
    decoded_target decoded;
    if (target == "*")
        return decoded;
    for (char letter : target)
        if (is_control(letter) || letter == ' ' || static_cast<unsigned char>(letter) > 0x7f)
            return broken("the target has a character that must be encoded");
    if (target.find('#') != std::string_view::npos)
        return broken("the target has a fragment");
    auto local = without_authority(target);
    bool absolute = local.size() != target.size();
    auto mark = std::min(local.find('?'), local.size());
    auto path = local.substr(0, mark);
    if (path.empty() ? !absolute : path.front() != '/')
        return broken("the target is neither a path nor a whole address");
    auto parts = decode_path(path);
    if (!parts)
        return tl::unexpected(std::move(parts.error()));
    auto query = decode_query(local.substr(std::min(mark + 1, local.size())));
    if (!query)
        return tl::unexpected(std::move(query.error()));
    decoded.path = std::move(*parts);
    decoded.query = std::move(*query);
    return decoded;
}

std::string encode_part(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view plain = "-._~";
    std::string encoded;
    for (char letter : text) {
        bool kept = (letter >= '0' && letter <= '9') || (lower(letter) >= 'a' && lower(letter) <= 'z') ||
                    plain.find(letter) != std::string_view::npos;
        if (kept) {
            encoded += letter;
        } else {
            auto byte = static_cast<unsigned char>(letter);
            encoded += '%';
            encoded += digits[byte >> 4U];
            encoded += digits[byte & 0xfU];
        }
    }
    return encoded;
}

} // namespace gestvenv::http
