// SPDX-License-Identifier: MIT
#include "system/launcher/system_v_segments.hpp"

#include "system/posix/descriptor.hpp"

#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

namespace gestvenv {

namespace {

// As semctl(2) has its caller declare it.
union semctl_argument {
    int value;
    semid_ds* status;
    seminfo* info;
};

constexpr const char* shared_memory_folder = "/dev/shm";
constexpr const char* queue_folder = "/dev/mqueue";

int highest_memory_index() {
    shm_info info{};
    return ::shmctl(0, SHM_INFO, reinterpret_cast<shmid_ds*>(&info));
}

int highest_semaphore_index() {
    seminfo info{};
    semctl_argument argument{};
    argument.info = &info;
    return ::semctl(0, 0, SEM_INFO, argument);
}

int highest_queue_index() {
    msginfo info{};
    return ::msgctl(0, MSG_INFO, reinterpret_cast<msqid_ds*>(&info));
}

bool is_ours(const ipc_perm& owner) {
    return owner.cuid == ::geteuid();
}

bool is_running(pid_t pid) {
    return ::kill(pid, 0) == 0 || errno != ESRCH;
}

} // namespace

std::int64_t segments_in_this_namespace() {
    shm_info memory{};
    ::shmctl(0, SHM_INFO, reinterpret_cast<shmid_ds*>(&memory));
    seminfo semaphores{};
    semctl_argument argument{};
    argument.info = &semaphores;
    ::semctl(0, 0, SEM_INFO, argument);
    msginfo queues{};
    ::msgctl(0, MSG_INFO, reinterpret_cast<msqid_ds*>(&queues));
    std::int64_t count = memory.used_ids + semaphores.semusz + queues.msgpool;
    std::unique_ptr<DIR, int (*)(DIR*)> posix{::opendir(queue_folder), ::closedir};
    while (auto* entry = posix ? ::readdir(posix.get()) : nullptr) // NOLINT(concurrency-mt-unsafe): our own
        count += entry->d_name[0] != '.' ? 1 : 0;
    return count;
}

segment_ledger::segment_ledger() {
    for (const auto& item : find_all())
        before_.emplace(item.what, item.id);
    for (const auto* folder : {shared_memory_folder, queue_folder})
        for (auto& file : find_files(folder))
            files_before_.insert(std::move(file));
}

// Of this user.
std::vector<segment_ledger::segment> segment_ledger::find_all() {
    std::vector<segment> all;
    for (int index = 0, last = highest_memory_index(); index <= last; ++index) {
        shmid_ds status{};
        if (int id = ::shmctl(index, SHM_STAT, &status); id >= 0 && is_ours(status.shm_perm))
            all.push_back({kind::memory, id, {status.shm_cpid}});
    }
    for (int index = 0, last = highest_semaphore_index(); index <= last; ++index) {
        semid_ds status{};
        semctl_argument argument{};
        argument.status = &status;
        int id = ::semctl(index, 0, SEM_STAT, argument);
        if (id < 0 || !is_ours(status.sem_perm))
            continue;
        // The kernel does not note who made it, but who used each of them last.
        segment found{kind::semaphores, id, {}};
        for (int number = 0; number < static_cast<int>(std::min<unsigned long>(status.sem_nsems, 64));
             ++number)
            if (int user = ::semctl(id, number, GETPID); user > 0)
                found.users.push_back(user);
        all.push_back(std::move(found));
    }
    for (int index = 0, last = highest_queue_index(); index <= last; ++index) {
        msqid_ds status{};
        if (int id = ::msgctl(index, MSG_STAT, &status); id >= 0 && is_ours(status.msg_perm))
            all.push_back({kind::queue, id, {status.msg_lspid, status.msg_lrpid}});
    }
    return all;
}

std::vector<std::string> segment_ledger::find_files(const char* folder) {
    std::vector<std::string> files;
    std::unique_ptr<DIR, int (*)(DIR*)> entries{::opendir(folder), ::closedir};
    while (auto* entry =
               entries ? ::readdir(entries.get()) : nullptr) { // NOLINT(concurrency-mt-unsafe): our own
        struct stat status {};
        if (entry->d_type == DT_REG &&
            ::fstatat(::dirfd(entries.get()), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            status.st_uid == ::geteuid())
            files.push_back(std::string{folder} + "/" + entry->d_name);
    }
    return files;
}

bool segment_ledger::remove(const segment& item) {
    switch (item.what) {
    case kind::memory:
        return ::shmctl(item.id, IPC_RMID, nullptr) == 0;
    case kind::semaphores:
        return ::semctl(item.id, 0, IPC_RMID) == 0;
    case kind::queue:
        return ::msgctl(item.id, IPC_RMID, nullptr) == 0;
    }
    return false;
}

void segment_ledger::settle(const std::vector<pid_t>& processes, protocol::ended& report) const {
    constexpr std::array names{"shared memory", "semaphores", "message queue"};
    for (const auto& item : find_all()) {
        if (before_.contains({item.what, item.id}))
            continue;
        // A number that has been given out anew by now belongs to a running process.
        auto ours = std::any_of(item.users.begin(), item.users.end(), [&processes](pid_t pid) {
            return pid > 0 && std::find(processes.begin(), processes.end(), pid) != processes.end() &&
                   !is_running(pid);
        });
        auto others = std::any_of(item.users.begin(), item.users.end(),
                                  [](pid_t pid) { return pid > 0 && is_running(pid); });
        const std::string name = names.at(static_cast<std::size_t>(item.what));
        if (ours && !others) {
            if (remove(item))
                ++report.segments_removed;
            else if (errno != EINVAL && errno != EIDRM) // gone meanwhile
                report.residue.push_back({name, std::to_string(item.id), "it cannot be removed"});
        } else if (!others) {
            report.unattributed.push_back(
                {name, std::to_string(item.id), "the process that made it is not known"});
        }
    }
    for (const auto* folder : {shared_memory_folder, queue_folder})
        for (auto& file : find_files(folder))
            if (!files_before_.contains(file))
                report.unattributed.push_back(
                    {folder == queue_folder ? "message queue" : "shared memory file", std::move(file),
                     "the process that made it is not known"});
}

} // namespace gestvenv
