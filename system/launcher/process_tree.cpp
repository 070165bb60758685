#include "system/launcher/process_tree.hpp"

#include "messages/fault_point.hpp"
#include "system/process/descriptor.hpp"
#include "system/process/pidfd.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <thread>
#include <unordered_map>
#include <unordered_set>

namespace gestvenv {

namespace {

struct process_facts {
    pid_t parent = 0;
    char state = 'X';
    unsigned long long start_time = 0;
};

// proc(5), /proc/pid/stat: the name in parentheses may hold anything, so fields are counted from the last
// ')'.
std::optional<process_facts> facts_of(pid_t pid) {
    std::array<char, 48> path{};
    std::snprintf(path.data(), path.size(), "/proc/%d/stat", pid);
    descriptor file{::open(path.data(), O_RDONLY | O_CLOEXEC)};
    std::array<char, 1024> text{};
    if (!file || ::read(file.get(), text.data(), text.size() - 1) <= 0)
        return std::nullopt;
    const char* rest = std::strrchr(text.data(), ')');
    process_facts facts;
    // NOLINTNEXTLINE(cert-err34-c): the count of converted fields is checked
    if (rest == nullptr ||
        std::sscanf(rest + 1,
                    " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
                    "%*d %llu",
                    &facts.state, &facts.parent, &facts.start_time) != 3)
        return std::nullopt;
    return facts;
}

struct found_process {
    pid_t pid;
    unsigned long long start_time;
};

std::vector<found_process> find_descendants(pid_t root, const std::vector<pid_t>& except = {}) {
    std::unordered_map<pid_t, std::vector<found_process>> children;
    std::unique_ptr<DIR, int (*)(DIR*)> entries{::opendir("/proc"), ::closedir};
    while (auto* entry = entries ? ::readdir(entries.get()) : nullptr) { // NOLINT(concurrency-mt-unsafe)
        char* end = nullptr;
        auto pid = static_cast<pid_t>(std::strtol(entry->d_name, &end, 10));
        if (pid <= 0 || *end != '\0')
            continue;
        auto facts = facts_of(pid);
        // A zombie's children have been given to another parent already: it leads nowhere.
        if (facts && facts->state != 'Z' && facts->state != 'X')
            children[facts->parent].push_back({pid, facts->start_time});
    }
    std::vector<found_process> result;
    std::vector<pid_t> open{root};
    while (!open.empty()) {
        auto parent = open.back();
        open.pop_back();
        for (const auto& child : children[parent]) {
            if (std::find(except.begin(), except.end(), child.pid) != except.end())
                continue;
            result.push_back(child);
            open.push_back(child.pid);
        }
    }
    return result;
}

// A look at the tree, and who of it is still who it was: a number may be somebody else's by now. The time of
// its start comes in ticks of 10 ms, so that its parent has to be one of the tree as well.
class tree_picture {
public:
    explicit tree_picture(pid_t root, const std::vector<pid_t>& except = {})
        : found_(find_descendants(root, except)) {
        numbers_.insert(root);
        for (const auto& process : found_)
            numbers_.insert(process.pid);
    }

    const std::vector<found_process>& processes() const noexcept { return found_; }

    void signal(const found_process& process, int signal_number) const {
        auto pidfd = open_pidfd(process.pid);
        if (pidfd && is_still(process))
            (void)send_signal(*pidfd, signal_number); // a process that is gone already is what we want
    }

    // prlimit(2) knows numbers alone. A stopped process does not end by itself, so that its number stays its
    // own.
    void freeze(const found_process& process) const {
        signal(process, SIGSTOP);
        rlimit none{0, 0};
        if (is_still(process))
            ::prlimit(process.pid, RLIMIT_NPROC, &none, nullptr);
    }

private:
    bool is_still(const found_process& process) const {
        auto facts = facts_of(process.pid);
        return facts && facts->start_time == process.start_time && numbers_.contains(facts->parent);
    }

    std::vector<found_process> found_;
    std::unordered_set<pid_t> numbers_;
};

} // namespace

std::optional<std::uint64_t> start_time_of(pid_t pid) {
    auto facts = facts_of(pid);
    return facts ? std::optional<std::uint64_t>{facts->start_time} : std::nullopt;
}

std::vector<pid_t> living_descendants(pid_t root) {
    std::vector<pid_t> result;
    for (const auto& process : find_descendants(root))
        result.push_back(process.pid);
    return result;
}

void signal_descendants(pid_t root, int signal_number) {
    const tree_picture tree{root};
    for (const auto& process : tree.processes())
        tree.signal(process, signal_number);
}

std::vector<pid_t> kill_descendants(pid_t root, std::chrono::milliseconds limit,
                                    const std::vector<pid_t>& except) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    for (;;) {
        std::unordered_set<pid_t> frozen;
        tree_picture tree{root, except};
        for (;;) {
            fault_point("tree: has found its processes");
            bool grown = false;
            for (const auto& process : tree.processes())
                if (frozen.insert(process.pid).second) {
                    tree.freeze(process);
                    grown = true;
                }
            if (!grown || std::chrono::steady_clock::now() >= deadline)
                break;
            tree = tree_picture{root, except};
        }
        if (tree.processes().empty())
            return {};
        for (const auto& process : tree.processes())
            tree.signal(process, SIGKILL);
        if (std::chrono::steady_clock::now() >= deadline) {
            std::vector<pid_t> left;
            for (const auto& process : tree.processes())
                left.push_back(process.pid);
            return left;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
}

} // namespace gestvenv
