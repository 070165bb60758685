// SPDX-License-Identifier: MIT
// Preloaded into a program: from the GESTVENV_REFUSED_THREAD-th thread on, counted from 1, each start is
// refused, as the kernel does at a limit of processes. The limit itself cannot be set so that it strikes
// between two threads.
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <dlfcn.h>
#include <pthread.h>

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                              void* argument) {
    static const auto next =
        reinterpret_cast<decltype(&pthread_create)>(::dlsym(RTLD_NEXT, "pthread_create"));
    static const char* const first = std::getenv("GESTVENV_REFUSED_THREAD");
    static std::atomic<long> count{0};
    if (first != nullptr && ++count >= std::strtol(first, nullptr, 10))
        return EAGAIN;
    return next(thread, attributes, start, argument);
}
