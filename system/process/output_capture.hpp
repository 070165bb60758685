// SPDX-License-Identifier: MIT
// One output stream of a command, kept within bounds: first in memory, then in a file of the environment's
// storage, then counted and dropped.
#pragma once

#include "system/posix/descriptor.hpp"
#include "system/process/output_sink.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace gestvenv {

/// Not thread-safe.
class output_capture {
public:
    struct bounds {
        std::int64_t memory = 0;
        std::int64_t total = 0;
        /// The environment's folder as the host sees it.
        std::string host_path;
        /// Name of the spill file below `output`, made exclusively and never through a symbolic link.
        std::string file_name;
    };
    enum class state : std::uint8_t {
        open,  ///< nothing more for now
        full,  ///< the sink takes no more for now
        ended, ///< the last writer has closed it
    };

    /// Most that one `read` takes, in bytes, so that one command does not keep the others waiting. No less
    /// than a pipe holds.
    static constexpr std::size_t most_at_once = 1 << 20;

    /// `sink` may be null.
    output_capture(descriptor reader, bounds limits, output_stream which, std::shared_ptr<output_sink> sink)
        : reader_(std::move(reader)), limits_(std::move(limits)), which_(which), sink_(std::move(sink)) {}

    int reader() const noexcept { return reader_.get(); }

    /// Takes what is there without waiting; `to_the_end`: also when the sink has enough.
    state read(bool to_the_end = false);
    /// From now on everything is taken and dropped: the command has ended, what it left behind may go on
    /// writing.
    void discard() noexcept { discarding_ = true; }
    void close() noexcept { reader_.reset(); }

    std::string take_text() noexcept { return std::move(text_); }
    std::int64_t bytes() const noexcept { return bytes_; }
    bool cut() const noexcept { return cut_; }
    /// Set once something was spilled.
    const std::string& file() const noexcept { return file_path_; }

private:
    void keep(const char* data, std::size_t size);
    bool open_spill_file();
    bool spill(const char* data, std::size_t size);

    descriptor reader_;
    bounds limits_;
    output_stream which_;
    std::shared_ptr<output_sink> sink_;
    std::string text_;
    descriptor file_;
    std::string file_path_;
    std::int64_t bytes_ = 0;
    bool discarding_ = false;
    bool cut_ = false;
};

} // namespace gestvenv
