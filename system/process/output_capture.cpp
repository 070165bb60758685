// SPDX-License-Identifier: MIT
#include "system/process/output_capture.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace gestvenv {

output_capture::state output_capture::read(bool to_the_end) {
    std::array<char, 64u << 10> buffer; // NOLINT: filled by the kernel
    for (std::size_t taken = 0; taken < most_at_once;) {
        auto got = ::read(reader_.get(), buffer.data(), buffer.size());
        if (got > 0) {
            auto size = static_cast<std::size_t>(got);
            taken += size;
            if (discarding_)
                continue;
            keep(buffer.data(), size);
            if (sink_ && !sink_->take(which_, {buffer.data(), size}) && !to_the_end)
                return state::full;
            continue;
        }
        if (got < 0 && errno == EINTR)
            continue;
        return got == 0 || errno != EAGAIN ? state::ended : state::open;
    }
    return state::open;
}

void output_capture::keep(const char* data, std::size_t size) {
    bytes_ += static_cast<std::int64_t>(size);
    if (cut_)
        return;
    const auto memory = std::min(limits_.memory, limits_.total);
    if (!file_ && static_cast<std::int64_t>(text_.size() + size) <= memory) {
        text_.append(data, size);
        return;
    }
    auto kept_before = bytes_ - static_cast<std::int64_t>(size);
    auto room = std::max<std::int64_t>(0, limits_.total - kept_before);
    auto taken = static_cast<std::size_t>(std::min<std::int64_t>(room, static_cast<std::int64_t>(size)));
    cut_ = taken < size;
    bool spilled = (file_ || (open_spill_file() && spill(text_.data(), text_.size()))) && spill(data, taken);
    // The memory holds the beginning whatever becomes of the file.
    auto in_memory = std::max<std::int64_t>(0, memory - static_cast<std::int64_t>(text_.size()));
    text_.append(data, std::min(taken, static_cast<std::size_t>(in_memory)));
    if (!spilled)
        cut_ = true;
}

bool output_capture::open_spill_file() {
    descriptor storage{::open(limits_.host_path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!storage)
        return false;
    // The command can write there too: name by name, so that nothing it plants leads us outside.
    descriptor folder{::openat(storage.get(), "output", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    file_ = descriptor{::openat(folder.get(), limits_.file_name.c_str(),
                                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (file_)
        file_path_ = limits_.host_path + "/output/" + limits_.file_name;
    return static_cast<bool>(file_);
}

bool output_capture::spill(const char* data, std::size_t size) {
    while (size > 0) {
        auto written = ::write(file_.get(), data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        data += written;
        size -= static_cast<std::size_t>(written);
    }
    return true;
}

} // namespace gestvenv
