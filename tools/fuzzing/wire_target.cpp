// SPDX-License-Identifier: MIT
// What runtime, launcher and keepers send each other: a letter that names the body, then its bytes; and the
// whole as a message with its header.
#include "tools/fuzzing/check.hpp"

#include "system/process/protocol.hpp"

#include <array>
#include <string>
#include <string_view>

namespace {

using namespace gestvenv;
using namespace gestvenv::fuzzing;

template <class Body>
void there_and_back(std::string_view bytes) {
    auto body = wire::from_bytes<Body>(bytes);
    if (!body)
        return;
    auto written = wire::to_bytes(*body);
    auto back = wire::from_bytes<Body>(written);
    require(back.has_value(), "what is written can be read");
    require(wire::to_bytes(*back) == written, "a body stays as it is");
}

constexpr std::array bodies{
    &there_and_back<protocol::greeting>,     &there_and_back<protocol::set_layout>,
    &there_and_back<protocol::create>,       &there_and_back<protocol::created>,
    &there_and_back<protocol::start_keeper>, &there_and_back<protocol::keeper_started>,
    &there_and_back<protocol::end>,          &there_and_back<protocol::ended>,
    &there_and_back<protocol::undo>,         &there_and_back<protocol::sample>,
    &there_and_back<protocol::sampled>,      &there_and_back<protocol::folder_sizes>,
    &there_and_back<protocol::refused>,      &there_and_back<protocol::run>,
    &there_and_back<protocol::not_started>,  &there_and_back<protocol::exited>,
    &there_and_back<protocol::kill>,         &there_and_back<protocol::list_processes>,
    &there_and_back<protocol::listed>,
};

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto bytes = as_text(data, size);
    auto message = bytes;
    if (auto header = protocol::take_header(message)) {
        require(protocol::encode(header->what, header->request) ==
                    bytes.substr(0, bytes.size() - message.size()),
                "a header stays as it is");
    }
    auto body = take_choice(bytes, bodies.size());
    bodies[body](bytes);
    return 0;
}
