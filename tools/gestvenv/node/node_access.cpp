// SPDX-License-Identifier: MIT
#include "tools/gestvenv/node/node_access.hpp"

#include "messages/json.hpp"
#include "messages/shown_text.hpp"
#include "net/http/client.hpp"
#include "net/node/node_place.hpp"
#include "net/node/node_start.hpp"
#include "net/rest/node_info.hpp"
#include "system/journal/state_folder.hpp"
#include "system/posix/process_handle.hpp"
#include "system/posix/regular_file.hpp"
#include "system/python/search_context.hpp"
#include "system/version.hpp"
#include "tools/gestvenv/full_program.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

/// A node that is about to end is waited for, and followed by a new one.
constexpr std::chrono::seconds patience_with_ending{60};
/// One that was killed keeps its record for as long as the kernel takes it apart.
constexpr std::chrono::seconds patience_with_death{1};
constexpr std::size_t largest_token_file = 4096;

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

std::string given_or(const std::string& given, const char* name) {
    return given.empty() ? variable(name) : given;
}

node_place own_place() {
    return node_place{default_state_root(python::search_context_from_process().writable_home)};
}

bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

tl::unexpected<error> bad_address(std::string_view text, std::string_view why) {
    return bad_value(fmt::format("--node {}: {}", shown(text), why),
                     "a node is at the path of a socket, or at https://HOST:PORT");
}

outcome<std::string> token_in(const std::string& file) {
    struct stat found {};
    if (::stat(file.c_str(), &found) == 0 && S_ISREG(found.st_mode) && (found.st_mode & 077) != 0)
        return bad_value(fmt::format("others can read the token in {}", shown(file)), "chmod 600 the file");
    auto text = read_regular_file(file, largest_token_file);
    if (!text)
        return failure(error_code::invalid_argument, text.error().message,
                       "--token-file names a file with the token alone");
    text->erase(text->find_last_not_of(" \t\r\n") + 1);
    if (text->empty() || text->find_first_of(" \t\r\n") != std::string::npos)
        return bad_value(fmt::format("{} does not hold a token alone", shown(file)),
                         "gestvenv token create NAME >FILE");
    return std::move(*text);
}

/// The node that was named, with what it wants to know.
outcome<client_options> named_node(const node_choice& choice, std::string_view address) {
    auto options = parse_node_address(address);
    if (!options || !options->socket.empty())
        return options;
    if (options->encrypted)
        if (auto gone_on = go_on_in_full_program(words_of_this_process()); !gone_on)
            return failure(std::move(gone_on).error());
    options->authorities = given_or(choice.authorities, "GESTVENV_NODE_AUTHORITIES");
    options->token = choice.token_file.empty() ? variable("GESTVENV_TOKEN") : std::string{};
    if (!options->token.empty())
        return options;
    const auto file = given_or(choice.token_file, "GESTVENV_TOKEN_FILE");
    if (file.empty())
        return bad_value(
            fmt::format("the node at {} wants a token", address),
            "set GESTVENV_TOKEN, or --token-file; gestvenv token create, on its machine, makes one");
    return token_in(file).map([&options](std::string token) {
        options->token = std::move(token);
        return *options;
    });
}

outcome<void> check_version(const node_record& record) {
    if (record.version == program_version)
        return {};
    return failure(error_code::node_unreachable,
                   fmt::format("the node (process {}) is of version {}, and this program of {}", record.pid,
                               record.version, program_version),
                   "gestvenv node stop ends it with its environments; the next command starts another");
}

/// Whether it takes requests, and is not about to end.
bool is_well(const node_record& record) {
    constexpr std::chrono::seconds limit{10};
    auto client = http::client::connect({.socket = record.socket}, {.connect = limit, .answer = limit});
    if (!client)
        return false;
    http::request request;
    request.method = "GET";
    request.target = "/api/v1/health";
    auto answer = client->ask(request);
    if (!answer || answer->status != 200)
        return false;
    auto health = parse_json(answer->body).and_then([](const nlohmann::json& value) {
        return from_json_value<rest::health>(value);
    });
    return health && health->status == "ok";
}

outcome<void> wait_for_end(const node_record& record) {
    auto process = open_process(record.pid);
    if (!process || has_ended(*process, patience_with_ending))
        return {};
    return failure(error_code::node_unreachable,
                   fmt::format("the node (process {}) does not answer, and does not end", record.pid),
                   "gestvenv node logs shows what it does; gestvenv node stop ends it");
}

client_options at_socket_of(const node_record& record) {
    client_options options;
    options.socket = record.socket;
    return options;
}

/// Of a node that is started by the first client that connects.
std::optional<client_options> at_socket_of_service_manager() {
    auto path = socket_of_service_manager();
    if (!path)
        return std::nullopt;
    client_options options;
    options.socket = path->string();
    return options;
}

} // namespace

void add_node_options(option_table& table, node_choice& choice) {
    constexpr std::string_view group = "node";
    table.add({"--node", "ADDRESS",
               "speak to this node: the path of its socket, or https://HOST:PORT (default: $GESTVENV_NODE, "
               "else your "
               "own)",
               group},
              into(choice.address, any_text));
    table.add({"--token-file", "FILE", "the token for a node at https:// (default: $GESTVENV_TOKEN)", group},
              into(choice.token_file, any_text));
    table.add({"--node-authorities", "FILE",
               "the authorities to trust for a node at https://, as PEM (default: the system's)", group},
              into(choice.authorities, any_text));
}

bool is_named(const node_choice& choice) {
    return !given_or(choice.address, "GESTVENV_NODE").empty();
}

bool is_local(const node_choice& choice) {
    const auto address = given_or(choice.address, "GESTVENV_NODE");
    if (address.empty())
        return true;
    const auto options = parse_node_address(address);
    return options && !options->socket.empty();
}

outcome<client_options> parse_node_address(std::string_view text) {
    client_options options;
    constexpr std::string_view unix_scheme = "unix:";
    constexpr std::string_view separator = "://";
    const auto scheme = text.substr(0, text.find(separator));
    if (scheme.size() == text.size()) {
        auto path = text.starts_with(unix_scheme) ? text.substr(unix_scheme.size()) : text;
        if (path.find('/') == std::string_view::npos)
            return bad_address(text, "this is neither a path nor an address");
        options.socket = std::filesystem::absolute(path).lexically_normal().string();
        return options;
    }
    if (scheme != "https" && scheme != "http")
        return bad_address(text, "the scheme is not https");
    auto rest = text.substr(scheme.size() + separator.size());
    if (rest.ends_with('/'))
        rest.remove_suffix(1);
    const auto colon = rest.rfind(':');
    if (colon == std::string_view::npos)
        return bad_address(text, "the port is missing");
    auto host = rest.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    const auto port = rest.substr(colon + 1);
    const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), options.port);
    if (problem != std::errc{} || end != port.data() + port.size() || options.port == 0)
        return bad_address(text, "the port is not a number from 1 to 65535");
    if (host.empty() || host.find_first_of("/@?#") != std::string_view::npos)
        return bad_address(text, "the host is not a name or an address");
    options.encrypted = scheme == "https";
    if (!options.encrypted && !is_loopback(host))
        return bad_address(text, "without TLS others could read the token");
    options.host = host;
    return options;
}

outcome<std::optional<client_options>> find_node(const node_choice& choice) {
    if (const auto address = given_or(choice.address, "GESTVENV_NODE"); !address.empty())
        return named_node(choice, address).map([](client_options options) {
            return std::optional{std::move(options)};
        });
    auto record = own_place().living();
    if (!record)
        return failure(std::move(record).error());
    if (!*record)
        return at_socket_of_service_manager();
    if (auto same = check_version(**record); !same)
        return failure(std::move(same).error());
    return at_socket_of(**record);
}

bool has_ended(const node_choice& choice) {
    if (is_named(choice))
        return false;
    const auto record = own_place().living();
    if (!record || !*record)
        return record.has_value();
    const auto process = open_process((*record)->pid);
    return !process || has_ended(*process, patience_with_death);
}

outcome<client_options> reach_node(const node_choice& choice, const global_options& global) {
    if (const auto address = given_or(choice.address, "GESTVENV_NODE"); !address.empty())
        return named_node(choice, address);
    node_start_options options;
    auto program = full_program();
    if (!program)
        return failure(std::move(program).error());
    options.program = std::move(*program);
    if (!global.configuration_file.empty())
        options.arguments = {"--config", std::filesystem::absolute(global.configuration_file).string()};
    const auto place = own_place();
    if (const auto record = place.living(); record && !*record)
        if (auto waiting = at_socket_of_service_manager())
            return std::move(*waiting);
    for (;;) {
        auto started = start_node(place, options);
        if (!started)
            return failure(std::move(started).error());
        const auto& record = started->record;
        if (!started->was_there) {
            print_log(fmt::format("started a node (process {}), which ends 30 s after its last environment",
                                  record.pid));
            return at_socket_of(record);
        }
        if (auto same = check_version(record); !same)
            return failure(std::move(same).error());
        if (is_well(record))
            return at_socket_of(record);
        if (auto gone = wait_for_end(record); !gone)
            return failure(std::move(gone).error());
    }
}

} // namespace gestvenv::cli
