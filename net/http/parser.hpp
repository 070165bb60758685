// SPDX-License-Identifier: MIT
// Heads and bodies of HTTP/1.1 messages, by Boost.Beast's parser (RFC 9112).
#pragma once

#include "net/http/head_scanner.hpp"
#include "net/http/message.hpp"

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gestvenv::http {

struct message_head {
    /// Of a request.
    std::string method;
    std::string target;
    /// Of an answer.
    int status = 0;
    /// 10 or 11.
    int version = 11;
    header_fields fields;
    bool keep_alive = false;
    bool chunked = false;
    /// As declared; unset: no body, a chunked one, or (of an answer) one until the end of the connection.
    std::optional<std::uint64_t> length;
};

/// One message at a time; not thread-safe.
class message_parser {
public:
    enum class kind { request, answer };
    explicit message_parser(kind what);
    message_parser(message_parser&&) noexcept;
    message_parser& operator=(message_parser&&) noexcept;
    ~message_parser();

    /// `bytes` is a whole head, as `head_scanner` has found it. `no_body`: it is the answer to HEAD.
    tl::expected<message_head, fault> head(std::string_view bytes, bool no_body = false);
    /// Gives what of the body is in `bytes` to `take`, without the chunks' headers. How much of `bytes` is done
    /// with; 0: more is needed. False from `take` is a fault with status 413.
    tl::expected<std::size_t, fault> body(std::string_view bytes,
                                          const std::function<bool(std::string_view piece)>& take);
    /// Whether the whole message has been read.
    bool complete() const noexcept;
    /// The connection has ended: whether that completes the message.
    bool end() noexcept;

private:
    struct implementation;
    std::unique_ptr<implementation> inside_;
};

/// `Not Found`; empty for a status that has no name.
std::string_view reason_phrase(int status);

} // namespace gestvenv::http
