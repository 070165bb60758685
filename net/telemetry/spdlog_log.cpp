// SPDX-License-Identifier: MIT
#include "net/observability/node_log.hpp"

#include "system/posix/system_failure.hpp"

#include <fmt/format.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>

#include <atomic>
#include <cerrno>
#include <exception>
#include <fcntl.h>
#include <mutex>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace gestvenv {

namespace {

// Its time and level are in the line already.
std::unique_ptr<spdlog::formatter> plain_line() {
    return std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc, "\n");
}

/// Whole lines with one write(2) each: others may write to standard error, too.
class standard_error_sink final : public spdlog::sinks::base_sink<std::mutex> {
protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        const char* at = line.data();
        for (auto left = line.size(); left > 0;) {
            auto written = ::write(STDERR_FILENO, at, left);
            if (written < 0 && errno == EINTR)
                continue;
            if (written <= 0)
                return; // without a reader there is no log
            at += written;
            left -= static_cast<std::size_t>(written);
        }
    }
    void flush_() override {}
};

spdlog::level::level_enum level_of(log_level level) {
    switch (level) {
    case log_level::debug:
        return spdlog::level::debug;
    case log_level::info:
        return spdlog::level::info;
    case log_level::warning:
        return spdlog::level::warn;
    case log_level::error:
        return spdlog::level::err;
    }
    return spdlog::level::info;
}

class spdlog_log final : public node_log {
public:
    spdlog_log(const log_settings& settings, std::shared_ptr<spdlog::sinks::sink> sink)
        : settings_(settings), pool_(std::make_shared<spdlog::details::thread_pool>(settings.queue, 1)),
          logger_(std::make_shared<spdlog::async_logger>("node", std::move(sink), pool_,
                                                         spdlog::async_overflow_policy::overrun_oldest)) {
        logger_->set_level(level_of(settings.level));
        logger_->flush_on(spdlog::level::debug);
        logger_->set_formatter(plain_line());
        logger_->set_error_handler(
            [](const std::string&) {}); // a log that cannot be written has no place to say so
    }

    bool takes(log_level level) const noexcept override { return level >= settings_.level; }

    void write(const log_line& line) noexcept override {
        if (!takes(line.level))
            return;
        try {
            if (auto lost = dropped(); lost > told_.load(std::memory_order_relaxed))
                tell_lost(lost - told_.exchange(lost));
            logger_->log(level_of(line.level), write_line(line, settings_.format));
        } catch (
            const std::exception&) { // NOLINT(bugprone-empty-catch): out of memory, for one line of a log
        }
    }

    std::uint64_t dropped() const noexcept override { return pool_->overrun_counter(); }

private:
    void tell_lost(std::uint64_t count) {
        log_line line;
        line.level = log_level::warning;
        line.at = std::chrono::system_clock::now();
        line.message =
            fmt::format("{} lines of this log were dropped: they came faster than they are written", count);
        logger_->log(spdlog::level::warn, write_line(line, settings_.format));
    }

    log_settings settings_;
    std::shared_ptr<spdlog::details::thread_pool> pool_;
    std::shared_ptr<spdlog::async_logger> logger_;
    std::atomic<std::uint64_t> told_{0};
};

} // namespace

outcome<std::unique_ptr<node_log>> open_node_log(const log_settings& settings) {
    try {
        if (settings.file.empty())
            return std::make_unique<spdlog_log>(settings, std::make_shared<standard_error_sink>());
        spdlog::file_event_handlers handlers;
        handlers.after_open = [](const spdlog::filename_t&, std::FILE* file) {
            ::fchmod(::fileno(file), S_IRUSR | S_IWUSR);
            ::fcntl(::fileno(file), F_SETFD, FD_CLOEXEC);
        };
        return std::make_unique<spdlog_log>(settings, std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
                                                          settings.file.string(), settings.largest_file,
                                                          settings.files - 1, false, handlers));
    } catch (const std::exception& problem) {
        return failure(error_code::system_failure,
                       fmt::format("the log {} cannot be opened: {}", settings.file.string(), problem.what()),
                       "name a file that this user can write: --log-file, or file in the table [log]");
    }
}

} // namespace gestvenv
