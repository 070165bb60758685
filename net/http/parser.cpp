// SPDX-License-Identifier: MIT
#include "net/http/parser.hpp"

#include "net/http/text.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace gestvenv::http {

namespace beast = boost::beast;

namespace {

/// What both kinds of parser do with what they find.
struct findings {
    message_head head;
    const std::function<bool(std::string_view)>* take = nullptr;
    bool head_done = false;
    bool refused = false;

    std::size_t piece(beast::string_view bytes, beast::error_code& error) {
        if (take && !(*take)({bytes.data(), bytes.size()})) {
            refused = true;
            error = beast::http::error::body_limit;
        }
        return bytes.size();
    }
};

template <bool IsRequest>
class collecting_parser final : public beast::http::basic_parser<IsRequest> {
public:
    explicit collecting_parser(findings& into) : into_(into) {
        this->eager(true);
        // Not "none": Boost 1.74 takes that for 0 where a length is declared. The bounds are the caller's.
        this->body_limit(std::numeric_limits<std::uint64_t>::max());
        this->header_limit(std::numeric_limits<std::uint32_t>::max());
    }

private:
    using error_code = beast::error_code;
    using string_view = beast::string_view;

    void on_request_impl(beast::http::verb, string_view method, string_view target, int version,
                         error_code&) override {
        into_.head.method.assign(method.data(), method.size());
        into_.head.target.assign(target.data(), target.size());
        into_.head.version = version;
    }
    void on_response_impl(int status, string_view, int version, error_code&) override {
        into_.head.status = status;
        into_.head.version = version;
    }
    void on_field_impl(beast::http::field, string_view name, string_view value, error_code&) override {
        // Fields behind a chunked body are not the handler's: what has been decided by the header stays.
        if (!into_.head_done)
            into_.head.fields.add({name.data(), name.size()}, {value.data(), value.size()});
    }
    void on_header_impl(error_code&) override { into_.head_done = true; }
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(string_view bytes, error_code& error) override {
        return into_.piece(bytes, error);
    }
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, error_code& error) override {
        return into_.piece(bytes, error);
    }
    void on_finish_impl(error_code&) override {}

    findings& into_;
};

fault fault_of(const beast::error_code& error) {
    using known = beast::http::error;
    if (error == known::bad_version)
        return {505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
    if (error == known::bad_content_length)
        return {400, "Content-Length is no number, comes twice, or stands beside Transfer-Encoding"};
    if (error == known::bad_transfer_encoding)
        return {400, "Transfer-Encoding comes twice, or stands beside Content-Length"};
    if (error == known::bad_chunk || error == known::bad_chunk_extension)
        return {400, "a chunk of the body has no valid size"};
    if (error == known::bad_method || error == known::bad_target)
        return {400, "the request line is malformed"};
    if (error == known::header_limit)
        return {431, "the header is too large"};
    return {400, "the message is malformed: " + error.message()};
}

/// What Beast's parser lets pass.
std::optional<fault> stricter(const message_head& head, bool is_request) {
    std::size_t hosts = 0, encodings = 0;
    bool chunked = false;
    for (const auto& [name, value] : head.fields.all()) {
        if (same_word(name, "Host"))
            ++hosts;
        if (same_word(name, "Transfer-Encoding")) {
            ++encodings;
            chunked = same_word(value, "chunked");
        }
    }
    if (encodings > 0 && head.version < 11)
        return fault{400, "Transfer-Encoding is not of HTTP/1.0"};
    if (encodings > 0 && !(chunked && encodings == 1))
        return fault{501, "only the transfer encoding `chunked` is known"};
    if (is_request && hosts > 1)
        return fault{400, "Host comes twice"};
    if (is_request && hosts == 0 && head.version >= 11)
        return fault{400, "Host is missing"};
    return std::nullopt;
}

template <bool IsRequest>
struct parsing {
    findings found;
    collecting_parser<IsRequest> parser{found};

    tl::expected<std::size_t, fault> put(std::string_view bytes) {
        beast::error_code error;
        auto taken = parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
        if (error && error != beast::http::error::need_more) {
            if (found.refused)
                return tl::unexpected(fault{413, "the body is too large"});
            return tl::unexpected(fault_of(error));
        }
        return taken;
    }

    tl::expected<message_head, fault> head(std::string_view bytes, bool no_body) {
        parser.skip(no_body);
        auto taken = put(bytes);
        if (!taken)
            return tl::unexpected(std::move(taken.error()));
        if (!parser.is_header_done())
            return tl::unexpected(fault{400, "the header is incomplete"});
        auto& head = found.head;
        head.keep_alive = parser.keep_alive();
        head.chunked = parser.chunked();
        if (auto length = parser.content_length())
            head.length = *length;
        if (auto broken = stricter(head, IsRequest))
            return tl::unexpected(std::move(*broken));
        return std::move(head);
    }
};

} // namespace

struct message_parser::implementation {
    std::unique_ptr<parsing<true>> request;
    std::unique_ptr<parsing<false>> answer;

    template <class Use>
    auto with(Use use) {
        return request ? use(*request) : use(*answer);
    }
};

message_parser::message_parser(kind what) : inside_(std::make_unique<implementation>()) {
    if (what == kind::request)
        inside_->request = std::make_unique<parsing<true>>();
    else
        inside_->answer = std::make_unique<parsing<false>>();
}

message_parser::message_parser(message_parser&&) noexcept = default;
message_parser& message_parser::operator=(message_parser&&) noexcept = default;
message_parser::~message_parser() = default;

tl::expected<message_head, fault> message_parser::head(std::string_view bytes, bool no_body) {
    return inside_->with([&](auto& under_way) { return under_way.head(bytes, no_body); });
}

tl::expected<std::size_t, fault> message_parser::body(std::string_view bytes,
                                                      const std::function<bool(std::string_view)>& take) {
    return inside_->with([&](auto& under_way) {
        under_way.found.take = &take;
        auto taken = under_way.put(bytes);
        under_way.found.take = nullptr;
        return taken;
    });
}

bool message_parser::complete() const noexcept {
    return inside_->with([](auto& under_way) { return under_way.parser.is_done(); });
}

bool message_parser::end() noexcept {
    return inside_->with([](auto& under_way) {
        beast::error_code error;
        if (!under_way.parser.is_done())
            under_way.parser.put_eof(error);
        return !error;
    });
}

std::string_view reason_phrase(int status) {
    auto text = beast::http::obsolete_reason(static_cast<beast::http::status>(status));
    return {text.data(), text.size()};
}

} // namespace gestvenv::http
