// SPDX-License-Identifier: MIT
// A WebSocket client (RFC 6455) of few words, which reads only when it is told to.
#pragma once

#include "tests/net/http_fixture.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace gestvenv::test {

class web_socket_client {
public:
    enum class kind : std::uint8_t { more = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };
    struct message {
        kind what = kind::text;
        std::string bytes;
    };

    web_socket_client(const http::server_address& where, const std::string& target) : raw_(where) {
        raw_.send("GET " + target +
                  " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==\r\n\r\n");
        head_ = raw_.read_until("\r\n\r\n");
    }

    const std::string& head() const noexcept { return head_; }

    bool send(kind what, std::string_view bytes) {
        constexpr char mask_bit = '\x80';
        std::string frame(1, static_cast<char>(mask_bit | static_cast<char>(what)));
        auto number = [&](int count) {
            for (int i = count - 1; i >= 0; --i)
                frame += static_cast<char>((bytes.size() >> (8 * i)) & 0xFF);
        };
        if (bytes.size() < 126) {
            frame += static_cast<char>(mask_bit | static_cast<char>(bytes.size()));
        } else if (bytes.size() < 65536) {
            frame += static_cast<char>(mask_bit | 126);
            number(2);
        } else {
            frame += static_cast<char>(mask_bit | 127);
            number(8);
        }
        frame.append(4, '\0'); // a mask that changes nothing
        frame += bytes;
        return raw_.try_send(frame);
    }

    bool type(std::string_view keys) { return send(kind::binary, keys); }
    bool control(const nlohmann::json& value) { return send(kind::text, value.dump()); }

    message read() {
        while (true) {
            auto head = raw_.read_bytes(2);
            if (head.size() < 2)
                return {kind::close, {}};
            const auto what = static_cast<kind>(head[0] & 0x0F);
            std::uint64_t size = static_cast<unsigned char>(head[1]) & 0x7FU;
            if (size >= 126) {
                std::uint64_t longer = 0;
                for (unsigned char byte : raw_.read_bytes(size == 126 ? 2 : 8))
                    longer = longer << 8 | byte;
                size = longer;
            }
            auto bytes = raw_.read_bytes(size);
            if (what == kind::ping)
                send(kind::pong, bytes);
            else
                return {what, std::move(bytes)};
        }
    }

    /// Output until `wanted` is in it; text messages are kept. Ends with the connection.
    std::string read_until(std::string_view wanted) {
        std::string output;
        while (output.find(wanted) == std::string::npos) {
            auto next = read();
            if (next.what == kind::close) {
                close_code_ = code_of(next);
                break;
            }
            if (next.what == kind::text)
                told_.update(nlohmann::json::parse(next.bytes));
            else
                output += next.bytes;
        }
        return output;
    }

    /// All output that is left, until the socket is closed.
    std::string read_all() { return read_until(std::string_view{"\0never\0", 7}); }

    /// The members of all text messages so far.
    const nlohmann::json& told() const noexcept { return told_; }
    int close_code() const noexcept { return close_code_; }
    void vanish() { raw_.close(); }
    int number() const noexcept { return raw_.number(); }

private:
    static int code_of(const message& end) {
        return end.bytes.size() < 2 ? 0
                                    : static_cast<unsigned char>(end.bytes[0]) * 256 +
                                          static_cast<unsigned char>(end.bytes[1]);
    }

    raw_client raw_;
    std::string head_;
    nlohmann::json told_ = nlohmann::json::object();
    int close_code_ = 0;
};

} // namespace gestvenv::test
