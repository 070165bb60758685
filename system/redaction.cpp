// SPDX-License-Identifier: MIT
#include "system/redaction.hpp"

#include "system/python/secrets.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>

namespace gestvenv {

namespace {

constexpr std::string_view mask = "****";
constexpr std::size_t shortest_secret = 6;
constexpr std::size_t most_secrets = 1'000;

struct known_secrets {
    std::mutex mutex;
    std::deque<std::string> values;
};

known_secrets& secrets() {
    static auto* all = new known_secrets; // threads of a host may outlive the static objects
    return *all;
}

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/// The end of a value: white space, a quote, or what separates values.
bool ends_value(char c) noexcept {
    return static_cast<unsigned char>(c) <= ' ' ||
           std::string_view{"\"'`,;&)]}>"}.find(c) != std::string_view::npos;
}

bool has_word_at(std::string_view text, std::size_t at, std::string_view word) noexcept {
    return text.size() - at >= word.size() &&
           std::equal(word.begin(), word.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
                      [](char wanted, char c) { return wanted == lower(c); });
}

/// Copies a text, and masks parts of it on the way.
class masker {
public:
    explicit masker(const std::string& text) : text_(text) { result_.reserve(text.size()); }

    std::string run() && {
        while (at_ < text_.size())
            if (!mask_scheme("bearer ") && !mask_scheme("basic ") && !mask_token() && !mask_named())
                result_ += text_[at_++];
        return std::move(result_);
    }

private:
    bool mask_scheme(std::string_view scheme) {
        if (at_ > 0 && is_word(text_[at_ - 1]))
            return false;
        if (!has_word_at(text_, at_, scheme))
            return false;
        result_.append(text_.substr(at_, scheme.size()));
        at_ += scheme.size();
        mask_value();
        return true;
    }

    bool mask_token() {
        constexpr std::string_view prefix = "gvt_";
        if (!has_word_at(text_, at_, prefix))
            return false;
        result_.append(prefix).append(mask);
        at_ += prefix.size();
        while (at_ < text_.size() && is_word(text_[at_]))
            ++at_;
        return true;
    }

    // `NAME=value`, `"name": "value"`, `name: value`.
    bool mask_named() {
        if (!is_word(text_[at_]) || (at_ > 0 && is_word(text_[at_ - 1])))
            return false;
        auto end = at_;
        while (end < text_.size() && is_word(text_[end]))
            ++end;
        if (!names_secret(text_.substr(at_, end - at_)))
            return false;
        auto value = end;
        if (value < text_.size() && (text_[value] == '"' || text_[value] == '\''))
            ++value;
        if (value >= text_.size() || (text_[value] != '=' && text_[value] != ':'))
            return false;
        ++value;
        while (value < text_.size() && (text_[value] == ' ' || text_[value] == '"' || text_[value] == '\''))
            ++value;
        result_.append(text_.substr(at_, value - at_));
        at_ = value;
        // `Authorization: Bearer secret`
        if (!mask_scheme("bearer ") && !mask_scheme("basic "))
            mask_value();
        return true;
    }

    void mask_value() {
        const auto begin = at_;
        while (at_ < text_.size() && !ends_value(text_[at_]))
            ++at_;
        if (at_ > begin)
            result_.append(mask);
    }

    std::string_view text_;
    std::string result_;
    std::size_t at_ = 0;
};

} // namespace

bool names_secret(std::string_view name) noexcept {
    constexpr std::array words{"token",       "secret",     "password",      "passwd",
                               "passphrase",  "api_key",    "apikey",        "access_key",
                               "private_key", "credential", "authorization", "auth_header"};
    return std::any_of(words.begin(), words.end(), [name](std::string_view word) {
        for (std::size_t at = 0; at + word.size() <= name.size(); ++at)
            if (std::equal(word.begin(), word.end(), name.begin() + static_cast<std::ptrdiff_t>(at),
                           [](char wanted, char c) { return wanted == (c == '-' ? '_' : lower(c)); }))
                return true;
        return false;
    });
}

void keep_secret(std::string value) {
    if (value.size() < shortest_secret)
        return;
    auto& all = secrets();
    std::scoped_lock lock{all.mutex};
    if (std::find(all.values.begin(), all.values.end(), value) != all.values.end())
        return;
    all.values.push_back(std::move(value));
    if (all.values.size() > most_secrets)
        all.values.pop_front();
}

std::string without_secrets(std::string_view text) {
    const auto plain = python::without_secrets(text);
    auto result = masker{plain}.run();
    auto& all = secrets();
    std::scoped_lock lock{all.mutex};
    for (const auto& secret : all.values)
        for (auto at = result.find(secret); at != std::string::npos;
             at = result.find(secret, at + mask.size()))
            result.replace(at, secret.size(), mask);
    return result;
}

} // namespace gestvenv
