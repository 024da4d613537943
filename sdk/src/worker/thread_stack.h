// The stack of another thread, asked for by a signal.
#pragma once
#include <pthread.h>

#include <chrono>
#include <string>
#include <vector>

namespace temporal::detail {

// Takes a real-time signal for this process, once for all workers that name the same one. Throws
// std::invalid_argument if it is none, or somebody handles it already.
void take_stack_signal(int signal);

// The functions that the thread is in, the innermost first: demangled names, with their place in the
// program's file for addr2line. The thread must be alive, and `signal` taken. It goes on at once; a
// system call that it waits in is begun again. Empty where it does not answer in time. One stack is
// taken at a time.
std::vector<std::string> stack_of(
    pthread_t thread, int signal,
    std::chrono::milliseconds patience = std::chrono::milliseconds(500));

}  // namespace temporal::detail
