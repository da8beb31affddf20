#include "lib/event/address.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

namespace vedette::inline v0 {
namespace {
constexpr size_t kMaxText = INET6_ADDRSTRLEN;  // with the ending NUL
}  // namespace

bool ParseAddress(std::string_view text, bool* v6, std::array<uint8_t, 16>* bytes) {
  text = text.substr(0, text.find('%'));
  if (text.empty() || text.size() >= kMaxText || text.find('\0') != std::string_view::npos) {
    return false;
  }
  char buffer[kMaxText];
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  bytes->fill(0);
  *v6 = text.find(':') != std::string_view::npos;
  return inet_pton(*v6 ? AF_INET6 : AF_INET, buffer, bytes->data()) == 1;
}

std::optional<Cidr> ParseCidr(std::string_view text, std::string* error) {
  const auto fail = [error](const char* why) -> std::optional<Cidr> {
    if (error != nullptr) *error = why;
    return std::nullopt;
  };
  Cidr block;
  const size_t slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  if (address.find('%') != std::string_view::npos ||
      !ParseAddress(address, &block.v6, &block.bytes)) {
    return fail("not an IPv4 or IPv6 address");
  }
  unsigned bits = block.v6 ? 128 : 32;
  if (slash != std::string_view::npos) {
    const std::string_view length = text.substr(slash + 1);
    unsigned parsed = 0;
    const auto [ptr, ec] = std::from_chars(length.data(), length.data() + length.size(), parsed);
    if (ec != std::errc() || ptr != length.data() + length.size() || parsed > bits) {
      return fail(block.v6 ? "the prefix length must be 0 to 128"
                           : "the prefix length must be 0 to 32");
    }
    bits = parsed;
  }
  block.bits = static_cast<uint8_t>(bits);
  for (unsigned bit = bits; bit < (block.v6 ? 128U : 32U); ++bit) {
    if ((block.bytes[bit / 8] >> (7 - bit % 8)) & 1) {
      return fail("host bits are set beyond the prefix length");
    }
  }
  return block;
}

bool Contains(const Cidr& block, bool v6, const std::array<uint8_t, 16>& address) {
  if (block.v6 != v6) return false;
  const size_t whole = block.bits / 8;
  if (std::memcmp(block.bytes.data(), address.data(), whole) != 0) return false;
  const unsigned rest = block.bits % 8;
  if (rest == 0) return true;
  return (block.bytes[whole] >> (8 - rest)) == (address[whole] >> (8 - rest));
}

std::string FormatCidr(const Cidr& block) {
  char buffer[kMaxText] = "";
  inet_ntop(block.v6 ? AF_INET6 : AF_INET, block.bytes.data(), buffer, sizeof buffer);
  return std::string(buffer) + "/" + std::to_string(block.bits);
}

}  // namespace vedette::inline v0
