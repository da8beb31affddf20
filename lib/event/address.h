// IP addresses in text form.
#ifndef VEDETTE_LIB_EVENT_ADDRESS_H_
#define VEDETTE_LIB_EVENT_ADDRESS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vedette::inline v0 {

// An address block. IPv4 is kept in the first four bytes; an IPv4-mapped IPv6 address is IPv6.
struct Cidr {
  bool v6 = false;
  uint8_t bits = 0;  // prefix length
  std::array<uint8_t, 16> bytes{};

  friend bool operator==(const Cidr&, const Cidr&) = default;
};

// "10.0.0.0/8", "fe80::/10", a bare address (/32, /128). Nothing if malformed or host bits are set;
// `error` (may be null) then says why.
std::optional<Cidr> ParseCidr(std::string_view text, std::string* error);

// An IP address into 16 bytes (IPv4 into the first four). IPv4: four decimal parts without leading
// zeros; IPv6: RFC 4291 text forms; a zone ("%eth0") is ignored. False if it is none.
bool ParseAddress(std::string_view text, bool* v6, std::array<uint8_t, 16>* bytes);

bool Contains(const Cidr& block, bool v6, const std::array<uint8_t, 16>& address);

// "10.0.0.0/8".
std::string FormatCidr(const Cidr& block);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVENT_ADDRESS_H_
