// SPDX-License-Identifier: MIT
// From bytes to a request.
#include "net/http/connection.hpp"

#include "net/http/live_exchange.hpp"
#include "net/http/target.hpp"
#include "net/http/text.hpp"
#include "net/http/unnamed_file.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace gestvenv::http {

void connection::expect_request() {
    to(phase::head);
    scanner_ = {};
    head_begun_ = false;
    parser_.reset();
    request_ = {};
    is_head_ = false;
    keep_alive_ = false;
    chunks_allowed_ = true;
    body_fault_.reset();
    body_end_.reset();
    body_size_ = 0;
    if (input_.empty())
        input_.shrink_to_fit();
    read_deadline_ = loop_clock::now() + core_.bounds.idle;
}

/// True: the phase has changed.
bool connection::take_head() {
    if (!head_begun_) {
        // Empty lines before a request line are ignored (RFC 9112, section 2.2).
        auto begin = std::min(input_.find_first_not_of("\r\n"), input_.size());
        input_.erase(0, begin);
    }
    if (!input_.empty() && !head_begun_) {
        head_begun_ = true;
        read_deadline_ = loop_clock::now() + core_.bounds.header;
    }
    std::string_view looked_at{input_};
    looked_at = looked_at.substr(0, core_.bounds.header_bytes);
    auto end = scanner_.scan(looked_at);
    if (!end) {
        refuse(end.error().status, end.error().what);
        return true;
    }
    if (!*end) {
        if (input_.size() >= core_.bounds.header_bytes)
            refuse(431, "the request line and the header fields together are too large");
        else if (input_ended_)
            close();
        else
            return false;
        return true;
    }
    auto broken = accept_head(looked_at.substr(0, **end));
    input_.erase(0, **end);
    if (broken)
        refuse(broken->status, broken->what);
    else if (phase_ == phase::head)
        dispatch();
    return true;
}

/// Afterwards the phase is `head` where there is no body, `body`, or that of a refusal.
std::optional<fault> connection::accept_head(std::string_view bytes) {
    parser_.emplace(message_parser::kind::request);
    auto head = parser_->head(bytes);
    if (!head)
        return head.error();
    is_head_ = head->method == "HEAD";
    chunks_allowed_ = head->version >= 11;
    auto target = decode_target(head->target);
    if (!target)
        return fault{400, target.error()};
    request_.method = std::move(head->method);
    request_.target = std::move(head->target);
    request_.path = std::move(target->path);
    request_.query = std::move(target->query);
    request_.headers = std::move(head->fields);
    request_.from = from_;
    bool has_body = head->chunked || head->length.value_or(0) > 0;
    // A body that is not read leaves no place where the next request begins.
    keep_alive_ = head->keep_alive && !has_body;
    const auto* expected = request_.headers.find("Expect");
    if (expected && !same_word(*expected, "100-continue"))
        return fault{417, "only Expect: 100-continue is known"};
    if (core_.in_flight.load() >= core_.bounds.requests_in_flight) {
        refuse(503, "too many requests are in flight");
        return std::nullopt;
    }
    auto rule = core_.handles.begins(request_);
    if (auto* refused = std::get_if<response>(&rule)) {
        respond(std::move(*refused), keep_alive_);
        return std::nullopt;
    }
    body_rule_ = std::get<body_rule>(rule);
    if (head->length.value_or(0) > body_rule_.most_bytes)
        return fault{413, "the body is too large"};
    in_flight_ = true;
    ++core_.in_flight;
    if (!has_body)
        return std::nullopt;
    if (body_rule_.in_file) {
        auto file = unnamed_file();
        if (!file)
            return fault{500, "the body cannot be stored: " + file.error().message};
        request_.body_file = std::make_shared<descriptor>(std::move(*file));
    } else {
        body_end_ = loop_clock::now() + core_.bounds.body;
    }
    keep_alive_ = head->keep_alive;
    if (expected && chunks_allowed_ && input_.size() == bytes.size())
        output_.emplace_back("HTTP/1.1 100 Continue\r\n\r\n");
    body_deadline();
    to(phase::body);
    return std::nullopt;
}

void connection::body_deadline() {
    read_deadline_ = loop_clock::now() + core_.bounds.body_piece;
    if (body_end_ && *body_end_ < *read_deadline_)
        read_deadline_ = body_end_;
}

bool connection::body_piece(std::string_view piece) {
    body_size_ += piece.size();
    if (body_size_ > body_rule_.most_bytes)
        return false;
    if (!request_.body_file) {
        request_.body.append(piece);
        return true;
    }
    if (auto written = write_to(*request_.body_file, piece); !written) {
        bool full = written.error().code == error_code::storage_full;
        body_fault_ = fault{full ? 507 : 500, "the body cannot be stored: " + written.error().message};
        return false;
    }
    return true;
}

/// How much of `bytes` is done with. The request may be refused by it.
std::size_t connection::body_bytes(std::string_view bytes) {
    std::size_t done = 0;
    while (phase_ == phase::body && done < bytes.size() && !parser_->complete()) {
        auto taken =
            parser_->body(bytes.substr(done), [this](std::string_view piece) { return body_piece(piece); });
        if (!taken) {
            auto broken = body_fault_.value_or(taken.error());
            keep_alive_ = false;
            refuse(broken.status, broken.what);
            return bytes.size();
        }
        if (*taken == 0)
            break;
        done += *taken;
    }
    body_deadline();
    return done;
}

/// True: the phase has changed.
bool connection::take_body() {
    if (!input_.empty())
        input_.erase(0, body_bytes(input_));
    if (phase_ != phase::body)
        return true;
    if (parser_->complete()) {
        if (request_.body_file)
            rewind(*request_.body_file);
        dispatch();
        return true;
    }
    keep_alive_ = keep_alive_ && !input_ended_;
    if (input_ended_)
        refuse(400, "the body ends too early");
    else if (input_.size() > core_.bounds.header_bytes)
        refuse(400, "the header of a chunk is too large");
    return phase_ != phase::body;
}

void connection::dispatch() {
    to(phase::handling);
    read_deadline_.reset();
    parser_.reset();
    gone_ = hung_up_ || (input_ended_ && !from_.local);
    ++turn_;
    if (hung_up_)
        return lost();
    core_.handles.handle(make_exchange(shared_from_this(), turn_, std::move(request_)));
    request_ = {};
}

void connection::refuse(int status, std::string_view what) {
    leave_flight();
    auto refusal = core_.handles.refusal(status, what);
    if (status == 503 && !refusal.headers.find("Retry-After"))
        refusal.headers.add("Retry-After", "1");
    // Where a request is wrong, the place where the next one begins is not known.
    respond(std::move(refusal), status == 503 && keep_alive_);
}

} // namespace gestvenv::http
