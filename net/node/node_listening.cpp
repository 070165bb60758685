// SPDX-License-Identifier: MIT
#include "net/node/node_listening.hpp"

#include "net/node/listen_addresses.hpp"
#include "net/node/node_place.hpp"
#include "net/node/service_manager.hpp"
#include "system/posix/regular_file.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace gestvenv {

namespace {

constexpr std::size_t largest_pem = std::size_t{1} << 20;

outcome<void> listen_at_handed_over(http::server& server, std::vector<descriptor> sockets,
                                    node_listening& what) {
    for (auto& socket : sockets) {
        if (what.socket.empty())
            what.socket = path_of_socket(socket.get());
        if (auto taken = server.listen(std::move(socket)); !taken)
            return taken;
    }
    return {};
}

outcome<void> listen_at_own(http::server& server, node_listening& what) {
    if (what.socket.empty()) {
        auto folder = node_socket_folder();
        if (!folder)
            return failure(std::move(folder).error());
        what.socket = (*folder / "node.sock").string();
    }
    auto socket = listen_at(what.socket);
    if (!socket)
        return failure(std::move(socket).error());
    what.made_socket = true;
    return server.listen(std::move(*socket));
}

outcome<std::optional<http::tls_identity>> identity_of(const node_options& options) {
    if (options.certificate.empty() != options.key.empty())
        return failure(error_code::invalid_argument, "a certificate and its key belong together",
                       "give both --tls-certificate and --tls-key");
    if (options.certificate.empty())
        return std::nullopt;
    auto certificates = read_regular_file(options.certificate, largest_pem);
    if (!certificates)
        return failure(std::move(certificates).error());
    auto key = read_regular_file(options.key, largest_pem);
    if (!key)
        return failure(std::move(key).error());
    return http::tls_identity{std::move(*certificates), std::move(*key)};
}

outcome<void> listen_on_tcp(http::server& server, const node_options& options, node_listening& what) {
    auto identity = identity_of(options);
    if (!identity)
        return failure(std::move(identity).error());
    for (const auto& text : options.listen) {
        auto address = parse_listen_address(text);
        if (!address)
            return failure(std::move(address).error());
        if (!address->is_loopback && !*identity)
            return failure(
                error_code::invalid_argument,
                fmt::format("{} can be reached from other machines, which would see every token and output",
                            text),
                "give --tls-certificate and --tls-key, or listen at 127.0.0.1");
        auto listened = server.listen_tcp(text, *identity ? &**identity : nullptr);
        if (!listened)
            return failure(std::move(listened).error());
        what.host_names.push_back(address->host);
        what.addresses.push_back(fmt::format("{}://{}", *identity ? "https" : "http", *listened));
    }
    return {};
}

} // namespace

outcome<node_listening> listen_for_node(http::server& server, const node_options& options,
                                        std::vector<descriptor> handed_over) {
    node_listening what;
    what.socket = options.socket.string();
    what.host_names = options.host_names;
    for (const auto* name : {"localhost", "127.0.0.1", "[::1]"})
        what.host_names.emplace_back(name);
    auto listened = handed_over.empty() ? listen_at_own(server, what)
                                        : listen_at_handed_over(server, std::move(handed_over), what);
    if (listened)
        listened = listen_on_tcp(server, options, what);
    if (!listened && what.made_socket)
        remove_socket(what.socket, options.socket.empty());
    if (!listened)
        return failure(std::move(listened).error());
    return what;
}

} // namespace gestvenv
