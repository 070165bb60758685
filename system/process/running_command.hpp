// SPDX-License-Identifier: MIT
// The runtime's side of one running command: its pipes and what has come through them.
#pragma once

#include "messages/outcome.hpp"
#include "system/process/machine.hpp"
#include "system/process/output_capture.hpp"
#include "system/process/reactor.hpp"

#include <array>
#include <memory>
#include <vector>

namespace gestvenv {

/// Lives on the reactor's thread once started. Kept alive by those who wait for the command, and after the
/// command's end by its pipes, until the last writer has closed them or `abandon` is called.
class running_command : public std::enable_shared_from_this<running_command> {
public:
    /// Makes the pipes. `child_ends` are the descriptors for the keeper: the three streams, the terminal,
    /// then what is passed.
    static outcome<std::shared_ptr<running_command>> make(reactor& events, process_request& request,
                                                          machine::callback<operation_result> done,
                                                          std::vector<descriptor>& child_ends);

    /// Begins to listen; call after the request was sent.
    void listen();
    /// The command ended: what it wrote is in the pipes by now, even if other processes still hold them.
    void ended(const protocol::exited& report);
    void failed(error reason);
    void stopped(int number);
    /// Closes the pipes.
    void abandon();

private:
    static outcome<std::shared_ptr<running_command>> make_streams(reactor& events, process_request& request,
                                                                  machine::callback<operation_result> done,
                                                                  std::vector<descriptor>& child_ends);
    running_command(reactor& events, machine::callback<operation_result> done)
        : events_(events), done_(std::move(done)) {}

    struct stream {
        std::unique_ptr<output_capture> capture;
        reactor::token watched = 0;
    };

    outcome<void> capture(process_request& request, std::vector<descriptor>& child_ends);
    void listen_to_outputs();
    void read(stream& source);
    void unwatch(stream& source);
    void write_input();
    void close(stream& source);
    void close_input();

    reactor& events_;
    machine::callback<operation_result> done_;
    std::shared_ptr<command_link> link_;
    std::array<stream, 2> outputs_;
    descriptor input_;
    reactor::token input_watched_ = 0;
    std::string input_text_;
    std::size_t input_written_ = 0;
};

} // namespace gestvenv
