// Names of system calls, which raw audit records give by number.
#ifndef VEDETTE_LIB_IO_AUDITD_SYSCALLS_H_
#define VEDETTE_LIB_IO_AUDITD_SYSCALLS_H_

#include <cstdint>
#include <string_view>

namespace vedette::inline v0 {

// `arch` as records write it: `c000003e` (x86-64) or `c00000b7` (64-bit ARM). Empty if unknown.
std::string_view SyscallName(std::string_view arch, int64_t number);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IO_AUDITD_SYSCALLS_H_
