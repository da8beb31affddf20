#include "lib/response/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "absl/status/status.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
constexpr size_t kKeyBytes = 32;
// EVP takes lengths as int.
constexpr size_t kMaxBytes = size_t{1} << 30;

struct CipherFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, CipherFree>;

const uint8_t* Bytes(std::string_view s) { return reinterpret_cast<const uint8_t*>(s.data()); }
uint8_t* Bytes(std::string* s) { return reinterpret_cast<uint8_t*>(s->data()); }

}  // namespace

Digest256 Sha256(std::string_view bytes) {
  Digest256 out;
  SHA256(Bytes(bytes), bytes.size(), out.data());
  return out;
}

std::string HexOf(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto b = static_cast<unsigned char>(c);
    out.push_back(kDigits[b >> 4]);
    out.push_back(kDigits[b & 15]);
  }
  return out;
}

std::string HexOf(const Digest256& digest) {
  return HexOf(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

std::string Sha256Hex(std::string_view bytes) { return HexOf(Sha256(bytes)); }

std::optional<std::string> BytesOfHex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string out;
  int high = -1;
  for (const char c : hex) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) return std::nullopt;
    if (high < 0) {
      high = digit;
    } else {
      out.push_back(static_cast<char>(high * 16 + digit));
      high = -1;
    }
  }
  return out;
}

Digest256 HmacSha256(std::string_view key, std::string_view bytes) {
  Digest256 out;
  unsigned int size = 0;
  // An empty key has no address that HMAC would take.
  const char none = 0;
  HMAC(EVP_sha256(), key.empty() ? &none : key.data(), static_cast<int>(key.size()), Bytes(bytes),
       bytes.size(), out.data(), &size);
  return out;
}

absl::StatusOr<std::string> Seal(std::string_view key, std::string_view context,
                                 std::string_view plain) {
  if (key.size() != kKeyBytes) return absl::InvalidArgumentError("a key has 32 bytes");
  if (plain.size() > kMaxBytes || context.size() > kMaxBytes) {
    return absl::InvalidArgumentError("too large to encrypt");
  }
  absl::StatusOr<std::string> nonce = RandomBytes(kNonceBytes);
  if (!nonce.ok()) return nonce.status();
  std::string out = *nonce + std::string(plain.size() + kTagBytes, '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int done = 0;
  uint8_t* body = Bytes(&out) + kNonceBytes;
  const bool ok = cipher != nullptr &&
                  EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(key),
                                     Bytes(*nonce)) == 1 &&
                  EVP_EncryptUpdate(cipher.get(), nullptr, &done, Bytes(context),
                                    static_cast<int>(context.size())) == 1 &&
                  EVP_EncryptUpdate(cipher.get(), body, &done, Bytes(plain),
                                    static_cast<int>(plain.size())) == 1 &&
                  EVP_EncryptFinal_ex(cipher.get(), body + plain.size(), &done) == 1 &&
                  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG,
                                      static_cast<int>(kTagBytes), body + plain.size()) == 1;
  if (!ok) return absl::InternalError("libcrypto does not encrypt");
  return out;
}

std::optional<std::string> Unseal(std::string_view key, std::string_view context,
                                  std::string_view sealed) {
  if (key.size() != kKeyBytes || sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
  if (sealed.size() > kMaxBytes || context.size() > kMaxBytes) return std::nullopt;
  const std::string_view nonce = sealed.substr(0, kNonceBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  const std::string_view body = sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  std::string out(body.size(), '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int done = 0;
  const bool ok =
      cipher != nullptr &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(nonce)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &done, Bytes(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), Bytes(&out), &done, Bytes(body),
                        static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(kTagBytes),
                          tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), Bytes(&out) + out.size(), &done) == 1;
  if (!ok) {
    Wipe(&out);
    return std::nullopt;
  }
  return out;
}

absl::StatusOr<std::string> RandomBytes(size_t count) {
  std::string out(count, '\0');
  if (count > kMaxBytes || RAND_bytes(Bytes(&out), static_cast<int>(count)) != 1) {
    return absl::UnavailableError("libcrypto has no random bytes");
  }
  return out;
}

void Wipe(std::string* secret) {
  OPENSSL_cleanse(secret->data(), secret->size());
  secret->clear();
}

}  // namespace vedette::inline v0
