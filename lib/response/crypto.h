// The few primitives of libcrypto that the response library uses. No function here reads a key from
// anywhere or keeps one.
#ifndef VEDETTE_LIB_RESPONSE_CRYPTO_H_
#define VEDETTE_LIB_RESPONSE_CRYPTO_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace vedette::inline v0 {

using Digest256 = std::array<uint8_t, 32>;

Digest256 Sha256(std::string_view bytes);
std::string HexOf(std::string_view bytes);
std::string HexOf(const Digest256& digest);
// HexOf(Sha256(bytes)).
std::string Sha256Hex(std::string_view bytes);
// Lower-case hexadecimal digits only, in pairs.
std::optional<std::string> BytesOfHex(std::string_view hex);
Digest256 HmacSha256(std::string_view key, std::string_view bytes);

// AES-256-GCM with a fresh random nonce: nonce (12) + ciphertext + tag (16). `key` has 32 bytes;
// `context` is authenticated and not stored.
absl::StatusOr<std::string> Seal(std::string_view key, std::string_view context,
                                 std::string_view plain);
// Nothing if the bytes are not what Seal made with this key and context.
std::optional<std::string> Unseal(std::string_view key, std::string_view context,
                                  std::string_view sealed);

// From libcrypto's generator.
absl::StatusOr<std::string> RandomBytes(size_t count);
// Overwrites the bytes in a way that no compiler removes, then empties the string.
void Wipe(std::string* secret);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_RESPONSE_CRYPTO_H_
