// The typed values of binary XML.
#ifndef VEDETTE_LIB_IO_EVTX_BINXML_VALUE_H_
#define VEDETTE_LIB_IO_EVTX_BINXML_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "vedette/event.h"

namespace vedette::inline v0 {

// Types of values; kArray is added for several of one type.
enum class BinXmlType : uint8_t {
  kNull = 0x00,
  kString = 0x01,
  kAnsiString = 0x02,
  kInt8 = 0x03,
  kUint8 = 0x04,
  kInt16 = 0x05,
  kUint16 = 0x06,
  kInt32 = 0x07,
  kUint32 = 0x08,
  kInt64 = 0x09,
  kUint64 = 0x0A,
  kReal32 = 0x0B,
  kReal64 = 0x0C,
  kBool = 0x0D,
  kBinary = 0x0E,
  kGuid = 0x0F,
  kSize = 0x10,
  kFileTime = 0x11,
  kSystemTime = 0x12,
  kSid = 0x13,
  kHex32 = 0x14,
  kHex64 = 0x15,
  kBinXml = 0x21,
};
inline constexpr uint8_t kBinXmlArray = 0x80;

// A little-endian number of the first sizeof(T) bytes of `bytes`, which has them.
template <typename T>
T ReadLittle(std::string_view bytes) {
  T value = 0;
  for (size_t i = sizeof(T); i-- > 0;) {
    value = static_cast<T>((static_cast<uint64_t>(value) << 8) | static_cast<uint8_t>(bytes[i]));
  }
  return value;
}

// UTF-16 (little endian, up to the last whole unit) as UTF-8; halves of surrogate pairs become
// U+FFFD.
std::string_view FromUtf16(std::string_view bytes, ValueArena* arena);

// 100 nanoseconds since 1601; kNoEventTime beyond what int64 nanoseconds hold.
EventTime FromFileTime(uint64_t ticks);

// The value of `bytes`, which have the type: texts as Windows writes them in XML, numbers as
// numbers. False if there are too few bytes or the type is unknown. Strings end before their
// closing NUL.
bool ReadBinXmlValue(uint8_t type, std::string_view bytes, ValueArena* arena, Value* out);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IO_EVTX_BINXML_VALUE_H_
