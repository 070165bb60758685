// One output stream of a command, kept within bounds: first in memory, then in a file of the environment's
// storage, then counted and dropped.
#pragma once

#include "system/process/descriptor.hpp"

#include <cstdint>
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

    output_capture(descriptor reader, bounds limits)
        : reader_(std::move(reader)), limits_(std::move(limits)) {}

    int reader() const noexcept { return reader_.get(); }

    /// Takes what is there without waiting. True at the end of the stream.
    bool read();
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
    std::string text_;
    descriptor file_;
    std::string file_path_;
    std::int64_t bytes_ = 0;
    bool discarding_ = false;
    bool cut_ = false;
};

} // namespace gestvenv
