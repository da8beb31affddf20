// Addresses and dates as Sigma's cidr and time part modifiers see them.
#ifndef VEDETTE_TESTS_REFERENCE_SIGMA_SCALAR_H_
#define VEDETTE_TESTS_REFERENCE_SIGMA_SCALAR_H_

#include <array>
#include <optional>
#include <string>

namespace vedette::reference {

struct Network {
  bool v6 = false;
  int prefix = 0;
  std::array<unsigned char, 16> bytes{};
};

// `address` or `address/bits`; no value when malformed or when bits after the prefix are set.
std::optional<Network> ParseNetwork(const std::string& text);
// False when `address` is no address, or one of the other family.
bool NetworkContains(const Network& network, const std::string& address);

enum class TimePart { kMinute, kHour, kDay, kWeek, kMonth, kYear };

// The part as written in an ISO 8601 date or date and time, whatever its zone. Weeks are ISO weeks.
std::optional<int> ReadTimePart(const std::string& text, TimePart part);
// The part of a number of seconds, milliseconds, microseconds or nanoseconds since 1970, told by
// its size, in UTC: our choice, the specification knows dates as text only.
std::optional<int> ReadEpochPart(long double number, TimePart part);

}  // namespace vedette::reference

#endif  // VEDETTE_TESTS_REFERENCE_SIGMA_SCALAR_H_
