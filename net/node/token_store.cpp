// SPDX-License-Identifier: MIT
#include "net/node/token_store.hpp"

#include "messages/iso_time.hpp"
#include "messages/json.hpp"
#include "net/tls/digest.hpp"
#include "system/posix/descriptor.hpp"
#include "system/posix/small_file.hpp"
#include "system/posix/system_failure.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace gestvenv {

namespace {

constexpr std::size_t most_tokens = 10'000;
constexpr std::size_t longest_name = 64;
constexpr std::size_t largest_file = std::size_t{16} << 20;
constexpr std::string_view prefix = "gvt_";

/// What the file holds of one token.
struct stored_token {
    std::string id;
    std::string name;
    std::string may;
    std::chrono::system_clock::time_point created_at;
    std::optional<std::chrono::system_clock::time_point> expires_at;
    std::string digest;
};

template <class Inspector>
bool inspect(Inspector& f, stored_token& x) {
    return f.object(x).fields(f.field("id", x.id), f.field("name", x.name), f.field("right", x.may),
                              f.field("created_at", x.created_at), f.field("expires_at", x.expires_at),
                              f.field("digest", x.digest));
}

std::string hexadecimal(const unsigned char* bytes, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += fmt::format("{:02x}", bytes[i]);
    return text;
}

outcome<std::string> random_hexadecimal(std::size_t bytes) {
    std::array<unsigned char, 32> random{};
    if (::getrandom(random.data(), bytes, 0) != static_cast<ssize_t>(bytes))
        return system_failure(errno, "cannot read random numbers");
    return hexadecimal(random.data(), bytes);
}

bool is_expired(const token_info& token) {
    return token.expires_at && std::chrono::system_clock::now() >= *token.expires_at;
}

/// Without opening it.
bool is_unchanged(const std::filesystem::path& path, const file_stamp& known) {
    struct stat now {};
    return ::lstat(path.c_str(), &now) == 0 && S_ISREG(now.st_mode) && now.st_uid == ::geteuid() &&
           (now.st_mode & 077) == 0 &&
           known == file_stamp{now.st_ino, now.st_size, now.st_mtim.tv_sec, now.st_mtim.tv_nsec};
}

/// Held while the file is changed.
outcome<descriptor> lock(const std::filesystem::path& folder) {
    std::error_code problem;
    std::filesystem::create_directories(folder.parent_path(), problem);
    ::mkdir(folder.c_str(),
            0700); // whatever the caller's umask is: a start refuses one that others may write to
    auto path = (folder / "tokens.lock").string();
    descriptor file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!file || ::flock(file.get(), LOCK_EX) != 0)
        return system_failure(errno, fmt::format("cannot lock {}", path));
    return file;
}

} // namespace

token_store::token_store(std::filesystem::path folder) : folder_(std::move(folder)) {}

outcome<void> token_store::refresh() const {
    const auto path = folder_ / "tokens.json";
    if (is_unchanged(path, read_))
        return {};
    auto file = read_own_file(path, largest_file, &read_);
    if (!file)
        return failure(std::move(file).error());
    if (!*file) {
        if (read_ == file_stamp{})
            known_.clear();
        return {};
    }
    // As long as nothing good has been read of it, it is read again.
    const auto now = std::exchange(read_, {});
    auto stored = parse_json((*file)->text).and_then([](const nlohmann::json& value) {
        return from_json_value<std::vector<stored_token>>(value);
    });
    if (!stored)
        return failure(error_code::invalid_argument,
                       fmt::format("{} is damaged: {}", path.string(), stored.error().message),
                       "remove it and make the tokens again");
    std::vector<token_info> tokens;
    for (auto& one : *stored) {
        rest::right may = rest::right::read;
        if (!from_string(one.may, may))
            return failure(error_code::invalid_argument,
                           fmt::format("{} names an unknown right", path.string()));
        tokens.push_back({std::move(one.id), std::move(one.name), may, one.created_at, one.expires_at,
                          std::move(one.digest)});
    }
    known_ = std::move(tokens);
    read_ = now;
    return {};
}

outcome<std::vector<token_info>> token_store::read() const {
    return refresh().map([this] { return known_; });
}

outcome<void> token_store::write(const std::vector<token_info>& tokens) const {
    std::vector<stored_token> stored;
    for (const auto& one : tokens)
        stored.push_back(
            {one.id, one.name, std::string{to_string(one.may)}, one.created_at, one.expires_at, one.digest});
    auto text = to_json_value(stored).dump(2) + "\n";
    return replace_file(folder_ / "tokens.json", text);
}

outcome<token_store::created> token_store::create(std::string name, rest::right may,
                                                  std::optional<std::chrono::seconds> lives) {
    if (name.empty() || name.size() > longest_name)
        return failure(error_code::invalid_argument,
                       fmt::format("a token's name has 1 to {} characters", longest_name));
    std::scoped_lock guard{mutex_};
    auto held = lock(folder_);
    if (!held)
        return failure(std::move(held).error());
    auto tokens = read();
    if (!tokens)
        return failure(std::move(tokens).error());
    std::erase_if(*tokens, is_expired);
    if (tokens->size() >= most_tokens)
        return failure(error_code::resources_exhausted,
                       fmt::format("there are {} tokens already", most_tokens),
                       "revoke some: gestvenv token list");
    for (const auto& one : *tokens)
        if (one.name == name)
            return failure(error_code::name_in_use, fmt::format("a token named '{}' exists already", name),
                           fmt::format("choose another name, or: gestvenv token revoke {}", name));
    auto id = random_hexadecimal(4);
    auto random = random_hexadecimal(32);
    if (!id || !random)
        return failure(id ? random.error() : id.error());
    created result;
    result.secret = std::string{prefix} + *random;
    auto digest = sha256_of(result.secret);
    if (!digest)
        return failure(std::move(digest).error());
    const auto now = std::chrono::system_clock::now();
    result.info = {*id, std::move(name), may, now, {}, *digest};
    if (lives)
        result.info.expires_at = now + *lives;
    tokens->push_back(result.info);
    if (auto written = write(*tokens); !written)
        return failure(std::move(written).error());
    return result;
}

outcome<std::vector<token_info>> token_store::list() const {
    std::scoped_lock guard{mutex_};
    return read();
}

outcome<token_info> token_store::revoke(std::string_view token) {
    std::scoped_lock guard{mutex_};
    auto held = lock(folder_);
    if (!held)
        return failure(std::move(held).error());
    auto tokens = read();
    if (!tokens)
        return failure(std::move(tokens).error());
    auto found = std::find_if(tokens->begin(), tokens->end(),
                              [&](const auto& one) { return one.id == token || one.name == token; });
    if (found == tokens->end())
        return failure(error_code::not_found, fmt::format("there is no token '{}'", token),
                       "gestvenv token list shows them");
    auto gone = *found;
    tokens->erase(found);
    if (auto written = write(*tokens); !written)
        return failure(std::move(written).error());
    return gone;
}

outcome<rest::principal> token_store::find(std::string_view secret) const {
    const auto refused = [] {
        return failure(error_code::not_authenticated, "this token is not known, or has expired",
                       "gestvenv token create, on the node's machine, makes another one");
    };
    if (!secret.starts_with(prefix))
        return refused();
    auto digest = sha256_of(secret);
    if (!digest)
        return failure(std::move(digest).error());
    std::scoped_lock guard{mutex_};
    if (auto fresh = refresh(); !fresh)
        return failure(std::move(fresh).error());
    for (const auto& one : known_)
        if (one.digest == *digest && !is_expired(one)) // digests: how long it takes tells nothing of a secret
            return rest::principal{one.id, one.may, false};
    return refused();
}

} // namespace gestvenv
