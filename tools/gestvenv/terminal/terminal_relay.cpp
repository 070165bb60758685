// SPDX-License-Identifier: MIT
#include "tools/gestvenv/terminal/terminal_relay.hpp"

#include "system/posix/system_failure.hpp"

#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <iterator>
#include <optional>
#include <pty.h>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

constexpr std::size_t most_keys = std::size_t{4} << 10;
constexpr std::size_t most_output = std::size_t{64} << 10;
constexpr std::size_t piece = std::size_t{16} << 10;

/// Which terminal it is, whatever the name it was opened by.
std::optional<unsigned> terminal_number(int number) {
    unsigned device = 0;
    if (::isatty(number) != 1 || ::ioctl(number, TIOCGDEV, &device) != 0)
        return std::nullopt;
    return device;
}

// With a file description of our own, so that no other one becomes non-blocking. By the one name that is
// everybody's first: the terminal may belong to another user (su).
outcome<descriptor> open_again(int stream) {
    constexpr int flags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
    const auto wanted = terminal_number(stream);
    descriptor terminal{::open("/dev/tty", flags)};
    if (terminal && terminal_number(terminal.get()) == wanted)
        return terminal;
    terminal = descriptor{::open(("/proc/self/fd/" + std::to_string(stream)).c_str(), flags)};
    if (!terminal)
        return system_failure(errno, "cannot open the terminal");
    return terminal;
}

// `/dev/tty` is one file for all terminals, and no lock on it is about ours. Without a name there is no turn to wait for.
descriptor open_by_name(unsigned device) {
    auto number = ::makedev((device >> 8) & 0xfff,
                            (device & 0xff) | ((device >> 12) & 0xfff00)); // as the kernel packs it
    std::vector<std::string> names;
    constexpr unsigned first_slave_major = 136; // Documentation/admin-guide/devices.txt
    if (auto major = gnu_dev_major(number); major >= first_slave_major && major < first_slave_major + 8)
        names.push_back("/dev/pts/" +
                        std::to_string((major - first_slave_major) * 256 + gnu_dev_minor(number)));
    for (const char* stream : {"/proc/self/fd/0", "/proc/self/fd/1", "/proc/self/fd/2"}) {
        std::error_code ignored; // what has no name is no terminal of ours
        auto name = std::filesystem::read_symlink(stream, ignored).string();
        if (name != "/dev/tty")
            names.push_back(std::move(name));
    }
    for (const auto& name : names) {
        struct stat found {};
        if (name.empty() || ::stat(name.c_str(), &found) != 0 || !S_ISCHR(found.st_mode) ||
            found.st_rdev != number)
            continue;
        if (descriptor open{::open(name.c_str(), O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)})
            return open;
    }
    return {};
}

// Two runs would each take the other's modes for the caller's, and share the keys out at random. The lock ends with the
// process.
bool is_locked_by(const descriptor& turn) {
    return ::flock(turn.get(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

// For a program whose streams all lead elsewhere: a password is still asked for on the terminal.
descriptor controlling_terminal() {
    return descriptor{::open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)};
}

bool same_modes(const termios& one, const termios& other) {
    return one.c_iflag == other.c_iflag && one.c_oflag == other.c_oflag && one.c_lflag == other.c_lflag &&
           std::equal(std::begin(one.c_cc), std::end(one.c_cc), std::begin(other.c_cc));
}

bool is_for_later() {
    return errno == EAGAIN || errno == EINTR;
}

} // namespace

outcome<std::unique_ptr<terminal_relay>> terminal_relay::open() {
    std::array<bool, 3> is_terminal{};
    std::optional<unsigned> shared;
    int stream = -1;
    for (int number = 0; number < 3; ++number) {
        auto device = terminal_number(number);
        if (device && !shared) {
            shared = device;
            stream = number;
        }
        is_terminal.at(static_cast<std::size_t>(number)) = device && device == shared;
    }
    auto terminal = shared ? open_again(stream) : outcome<descriptor>{controlling_terminal()};
    // Another user's, and not this session's (su -c): with it nothing is lost, since its keys signal others.
    if (!terminal && controlling_terminal())
        return failure(terminal.error());
    if (!terminal || !*terminal)
        return nullptr;
    auto turn = open_by_name(terminal_number(terminal->get()).value_or(0));
    // Those that are there while another run has the terminal are that one's: a new terminal's own are nearer.
    const bool is_shared = turn && !is_locked_by(turn);
    termios modes{};
    winsize size{};
    if (::tcgetattr(terminal->get(), &modes) != 0 || ::ioctl(terminal->get(), TIOCGWINSZ, &size) != 0)
        return system_failure(errno, "cannot read the modes of the terminal");
    if (turn && !is_shared)
        ::flock(turn.get(), LOCK_UN);
    int master = -1;
    int device = -1;
    if (::openpty(&master, &device, nullptr, is_shared ? nullptr : &modes, &size) != 0)
        return system_failure(errno, "cannot make a pseudo-terminal");
    if (is_shared)
        ::tcgetattr(device, &modes);
    for (int number : {master, device})
        ::fcntl(number, F_SETFD, FD_CLOEXEC);
    ::fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);
    return std::unique_ptr<terminal_relay>{new terminal_relay{
        std::move(*terminal), std::move(turn), descriptor{master}, descriptor{device}, is_terminal, modes}};
}

terminal_relay::terminal_relay(descriptor terminal, descriptor turn, descriptor master, descriptor device,
                               std::array<bool, 3> is_terminal, const termios& given)
    : terminal_(std::move(terminal)), turn_(std::move(turn)), master_(std::move(master)),
      device_(std::move(device)), is_terminal_(is_terminal),
      whole_(std::all_of(is_terminal.begin(), is_terminal.end(), [](bool item) { return item; })),
      modes_(terminal_.get()), given_(given) {}

command_terminal terminal_relay::for_command() const {
    return {device_.get(), is_terminal_[0], is_terminal_[1], is_terminal_[2], has_terminal_};
}

bool terminal_relay::take_terminal() {
    waits_for_turn_ = false;
    if (gone_ || !modes_.in_foreground())
        return false;
    waits_for_turn_ = turn_ && !is_locked_by(turn_);
    if (waits_for_turn_)
        return false;
    copy_size();
    if (!has_terminal_)
        copy_modes();
    modes_.make_raw(whole_ ? terminal_sharing::alone : terminal_sharing::with_pipeline);
    has_terminal_ = true;
    return true;
}

void terminal_relay::leave_terminal() {
    write_output();
    modes_.restore();
    if (turn_)
        ::flock(turn_.get(), LOCK_UN);
    has_terminal_ = false;
}

// A job that was started in the background was given the modes of its shell's line editor: what counts are
// those with which the shell hands the terminal over. What the program has changed stays its own.
void terminal_relay::copy_modes() {
    termios callers{};
    termios programs{};
    if (::tcgetattr(terminal_.get(), &callers) == 0 && ::tcgetattr(master_.get(), &programs) == 0 &&
        same_modes(programs, given_) && ::tcsetattr(master_.get(), TCSANOW, &callers) == 0)
        ::tcgetattr(master_.get(), &given_); // as the kernel has taken them
}

bool terminal_relay::copy_size() {
    winsize callers{};
    winsize programs{};
    if (::ioctl(terminal_.get(), TIOCGWINSZ, &callers) != 0 ||
        ::ioctl(master_.get(), TIOCGWINSZ, &programs) != 0)
        return false;
    if (callers.ws_row == programs.ws_row && callers.ws_col == programs.ws_col &&
        callers.ws_xpixel == programs.ws_xpixel && callers.ws_ypixel == programs.ws_ypixel)
        return false;
    return ::ioctl(master_.get(), TIOCSWINSZ, &callers) == 0;
}

std::array<pollfd, 2> terminal_relay::waits() const noexcept {
    std::array<pollfd, 2> items{pollfd{gone_ ? -1 : terminal_.get(), 0, 0},
                                pollfd{program_gone_ ? -1 : master_.get(), 0, 0}};
    if (has_terminal_ && keys_.size() < most_keys)
        items[0].events |= POLLIN;
    if (!output_.empty())
        items[0].events |= POLLOUT;
    if (output_.size() < most_output)
        items[1].events |= POLLIN;
    if (!keys_.empty())
        items[1].events |= POLLOUT;
    return items;
}

void terminal_relay::pass_on(const std::array<pollfd, 2>& ready) {
    if ((ready[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
        gone_ = true;
    if (!gone_ && has_terminal_ && (ready[0].revents & POLLIN) != 0)
        read_keys();
    write_keys();
    if (ready[1].revents != 0)
        read_output();
    write_output();
}

void terminal_relay::read_keys() {
    std::array<char, most_keys> buffer{};
    auto got = ::read(terminal_.get(), buffer.data(), most_keys - keys_.size());
    if (got > 0) {
        note_signal_keys(buffer.data(), static_cast<std::size_t>(got));
        keys_.append(buffer.data(), static_cast<std::size_t>(got));
        return;
    }
    if (got < 0 && is_for_later())
        return;
    // EIO is also what the background reads while SIGTTIN is blocked: a shell has moved us there.
    if (got < 0 && !modes_.in_foreground())
        leave_terminal();
    else
        gone_ = true;
}

// Had the program been started by hand, the key would have signalled the caller's whole group.
void terminal_relay::note_signal_keys(const char* data, std::size_t size) {
    termios programs{};
    if (::tcgetattr(master_.get(), &programs) != 0 || (programs.c_lflag & ISIG) == 0)
        return;
    const std::string_view keys{data, size};
    for (auto [key, signal] : {std::pair{VINTR, SIGINT}, std::pair{VQUIT, SIGQUIT}})
        if (programs.c_cc[key] != _POSIX_VDISABLE &&
            keys.find(static_cast<char>(programs.c_cc[key])) != std::string_view::npos) {
            typed_signal_ = signal;
            untold_signals_.push_back(signal);
        }
}

void terminal_relay::write_keys() {
    while (!keys_.empty()) {
        auto written = ::write(master_.get(), keys_.data(), keys_.size());
        if (written > 0)
            keys_.erase(0, static_cast<std::size_t>(written));
        else if (written == 0 || is_for_later())
            return;
        else
            keys_.clear(); // nothing reads any more
    }
}

// False when nothing more can be read without waiting.
bool terminal_relay::read_output() {
    if (output_.size() >= most_output)
        return true;
    std::array<char, piece> buffer{};
    auto got = ::read(master_.get(), buffer.data(), buffer.size());
    if (got < 0 && is_for_later())
        return false;
    if (got <= 0) { // EIO: the last one has closed it
        program_gone_ = true;
        if (std::exchange(held_return_, false))
            output_ += '\r';
        return false;
    }
    std::string_view text{buffer.data(), static_cast<std::size_t>(got)};
    if (!whole_ && has_terminal_) {
        termios programs{};
        if (::tcgetattr(master_.get(), &programs) == 0)
            modes_.follow(programs);
    }
    if (!held_return_ && !modes_.completes_lines()) {
        output_ += text;
        return true;
    }
    // The program's terminal has put a return before each line's end, and the caller's is about to do so too.
    for (char byte : text) {
        if (std::exchange(held_return_, false) && byte != '\n')
            output_ += '\r';
        if (byte == '\r')
            held_return_ = true;
        else
            output_ += byte;
    }
    return true;
}

void terminal_relay::write_output() {
    while (!output_.empty() && !gone_) {
        auto written = ::write(terminal_.get(), output_.data(), output_.size());
        if (written > 0)
            output_.erase(0, static_cast<std::size_t>(written));
        else if (written < 0 && errno != EINTR) {
            if (errno != EAGAIN)
                gone_ = true;
            break;
        }
    }
    if (gone_)
        output_.clear(); // there is no reader
}

bool terminal_relay::drained() {
    device_.reset();
    // Linux hands over what is on its way when it is asked whether there is something (n_tty).
    pollfd item{master_.get(), POLLIN, 0};
    while (!program_gone_ && output_.size() < most_output && ::poll(&item, 1, 0) > 0 && read_output())
        write_output();
    const bool all_read = program_gone_ || output_.size() < most_output;
    if (all_read && std::exchange(held_return_, false))
        output_ += '\r';
    write_output();
    return all_read && output_.empty();
}

} // namespace gestvenv::cli
