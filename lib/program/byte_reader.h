// Reads the numbers and texts of saved_format.h from bytes that may say anything.
#ifndef VEDETTE_LIB_PROGRAM_BYTE_READER_H_
#define VEDETTE_LIB_PROGRAM_BYTE_READER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace vedette::inline v0 {

// The first thing that is wrong sticks: from then on every call gives zero or nothing at once, so
// that callers need to look only before they use what they read as an index. Never reads past the
// end. Thread-compatible.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return error_.empty(); }
  const std::string& error() const { return error_; }
  size_t left() const { return rest_.size(); }
  void Fail(std::string_view why) {
    if (ok()) error_ = why;
    rest_ = {};
  }

  uint8_t Byte() {
    if (rest_.empty()) return Fail("it ends too early"), uint8_t{0};
    const auto b = static_cast<uint8_t>(rest_[0]);
    rest_.remove_prefix(1);
    return b;
  }
  bool Flag() {
    const uint8_t b = Byte();
    if (b > 1) Fail("a flag is neither 0 nor 1");
    return b == 1;
  }
  uint64_t Fixed(size_t bytes) {
    uint64_t x = 0;
    const std::string_view b = Take(bytes);
    for (size_t i = b.size(); i-- > 0;) x = x << 8 | static_cast<unsigned char>(b[i]);
    return x;
  }
  // Only the shortest spelling of a number counts: a program has one form.
  uint64_t Varint() {
    if (!rest_.empty() && static_cast<unsigned char>(rest_[0]) < 0x80) {  // most are so short
      const auto b = static_cast<unsigned char>(rest_[0]);
      rest_.remove_prefix(1);
      return b;
    }
    uint64_t x = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint8_t b = Byte();
      const uint64_t bits = b & 0x7FU;
      if (shift == 63 && bits > 1) break;
      x |= bits << shift;
      if (b < 0x80) {
        if (b == 0 && shift > 0) break;
        return x;
      }
    }
    Fail("a number is malformed");
    return 0;
  }
  int64_t Zigzag() {
    const uint64_t x = Varint();
    return static_cast<int64_t>(x >> 1 ^ (~(x & 1) + 1));
  }
  // A number below `limit`; 0 and an error if it is none, also if `limit` is 0.
  uint32_t Index(size_t limit, std::string_view what) {
    const uint64_t x = Varint();
    if (x < limit && x <= UINT32_MAX) return static_cast<uint32_t>(x);
    Fail(std::string(what) + " is out of range");
    return 0;
  }
  // How many things follow that take at least `bytes_each`: never more than there is room for.
  size_t Count(size_t bytes_each) {
    const uint64_t n = Varint();
    if (n <= rest_.size() / bytes_each) return static_cast<size_t>(n);
    Fail("a list is longer than its section");
    return 0;
  }
  std::string_view Text() { return Take(Count(1)); }
  template <typename E>
  E Enum(E last, std::string_view what) {
    const uint8_t b = Byte();
    if (b <= static_cast<uint8_t>(last)) return static_cast<E>(b);
    Fail(std::string(what) + " is unknown");
    return E{};
  }
  // The next `bytes`; nothing and an error if there are fewer.
  std::string_view Take(size_t bytes) {
    if (bytes > rest_.size()) {
      Fail("it ends too early");
      return {};
    }
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }

 private:
  std::string_view rest_;
  std::string error_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROGRAM_BYTE_READER_H_
