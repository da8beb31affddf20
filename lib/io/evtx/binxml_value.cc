#include "lib/io/evtx/binxml_value.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <span>
#include <string>

#include "lib/base/utf8.h"
#include "lib/event/civil_time.h"

namespace vedette::inline v0 {
namespace {

constexpr std::string_view kUpper = "0123456789ABCDEF";
constexpr std::string_view kLower = "0123456789abcdef";

void AppendHex(uint64_t value, int digits, std::string* out) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
    out->push_back(kUpper[value >> shift & 0xF]);
  }
}

Value HexNumber(uint64_t value, ValueArena* arena) {
  std::string& text = arena->Scratch();
  text = "0x";
  int shift = 60;
  while (shift > 0 && value >> shift == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) text.push_back(kLower[value >> shift & 0xF]);
  return Value::String(arena->CopyString(text));
}

// {5770385F-C22A-43E0-BF4C-06F5698FFBD9}
Value Guid(std::string_view bytes, ValueArena* arena) {
  std::string& text = arena->Scratch();
  text = "{";
  AppendHex(ReadLittle<uint32_t>(bytes), 8, &text);
  text += '-';
  AppendHex(ReadLittle<uint16_t>(bytes.substr(4)), 4, &text);
  text += '-';
  AppendHex(ReadLittle<uint16_t>(bytes.substr(6)), 4, &text);
  for (size_t i = 8; i < 16; ++i) {
    if (i == 8 || i == 10) text += '-';
    AppendHex(static_cast<uint8_t>(bytes[i]), 2, &text);
  }
  text += '}';
  return Value::String(arena->CopyString(text));
}

// S-1-5-21-..: revision, count, authority of six bytes (big endian), parts.
bool Sid(std::string_view bytes, ValueArena* arena, Value* out) {
  if (bytes.size() < 8) return false;
  const size_t count = static_cast<uint8_t>(bytes[1]);
  if (bytes.size() < 8 + 4 * count) return false;
  uint64_t authority = 0;
  for (size_t i = 2; i < 8; ++i) authority = authority << 8 | static_cast<uint8_t>(bytes[i]);
  std::string& text = arena->Scratch();
  text = "S-" + std::to_string(static_cast<uint8_t>(bytes[0])) + "-" + std::to_string(authority);
  for (size_t i = 0; i < count; ++i) {
    text += "-" + std::to_string(ReadLittle<uint32_t>(bytes.substr(8 + 4 * i)));
  }
  *out = Value::String(arena->CopyString(text));
  return true;
}

Value FileTime(std::string_view bytes, ValueArena* arena) {
  const uint64_t ticks = ReadLittle<uint64_t>(bytes);
  const EventTime t = FromFileTime(ticks);
  if (t == kNoEventTime) return HexNumber(ticks, arena);
  return Value::String(arena->CopyString(FormatEventTime(t)));
}

Value SystemTime(std::string_view bytes, ValueArena* arena) {
  const auto part = [bytes](size_t i) { return int{ReadLittle<uint16_t>(bytes.substr(2 * i))}; };
  WallClock w;
  w.year = part(0);
  w.month = part(1);
  w.day = part(3);  // behind the day of the week
  w.hour = part(4);
  w.minute = part(5);
  w.second = part(6);
  w.nanos = int64_t{part(7)} * 1000000;
  const bool fits = w.year >= 1678 && w.year <= 2261 && w.month >= 1 && w.month <= 12 &&
                    w.day >= 1 && w.day <= 31 && w.hour < 24 && w.minute < 60 && w.second < 60 &&
                    part(7) < 1000;
  if (!fits) return Value::Null();
  return Value::String(arena->CopyString(FormatEventTime(ToNanos(w))));
}

std::string_view FromAnsi(std::string_view bytes, ValueArena* arena) {
  std::string& text = arena->Scratch();
  for (const char c : bytes) AppendUtf8(static_cast<uint8_t>(c), &text);
  return arena->CopyString(text);
}

// Bytes of one value; 0: it takes all.
size_t SizeOf(BinXmlType type) {
  switch (type) {
    case BinXmlType::kInt8:
    case BinXmlType::kUint8:
      return 1;
    case BinXmlType::kInt16:
    case BinXmlType::kUint16:
      return 2;
    case BinXmlType::kInt32:
    case BinXmlType::kUint32:
    case BinXmlType::kReal32:
    case BinXmlType::kBool:
    case BinXmlType::kHex32:
      return 4;
    case BinXmlType::kInt64:
    case BinXmlType::kUint64:
    case BinXmlType::kReal64:
    case BinXmlType::kFileTime:
    case BinXmlType::kHex64:
      return 8;
    case BinXmlType::kGuid:
    case BinXmlType::kSystemTime:
      return 16;
    default:
      return 0;
  }
}

// Numbers by their types; false for other types.
bool Number(BinXmlType type, std::string_view bytes, Value* out) {
  switch (type) {
    case BinXmlType::kInt8:
      *out = Value::Int(ReadLittle<int8_t>(bytes));
      return true;
    case BinXmlType::kUint8:
      *out = Value::Int(ReadLittle<uint8_t>(bytes));
      return true;
    case BinXmlType::kInt16:
      *out = Value::Int(ReadLittle<int16_t>(bytes));
      return true;
    case BinXmlType::kUint16:
      *out = Value::Int(ReadLittle<uint16_t>(bytes));
      return true;
    case BinXmlType::kInt32:
      *out = Value::Int(ReadLittle<int32_t>(bytes));
      return true;
    case BinXmlType::kUint32:
      *out = Value::Int(ReadLittle<uint32_t>(bytes));
      return true;
    case BinXmlType::kInt64:
      *out = Value::Int(ReadLittle<int64_t>(bytes));
      return true;
    case BinXmlType::kUint64:
      *out = Value::Uint(ReadLittle<uint64_t>(bytes));
      return true;
    case BinXmlType::kReal32:
      *out = Value::Double(std::bit_cast<float>(ReadLittle<uint32_t>(bytes)));
      return true;
    case BinXmlType::kReal64:
      *out = Value::Double(std::bit_cast<double>(ReadLittle<uint64_t>(bytes)));
      return true;
    case BinXmlType::kBool:
      *out = Value::Bool(ReadLittle<uint32_t>(bytes) != 0);
      return true;
    case BinXmlType::kSize:
      if (bytes.size() != 4 && bytes.size() != 8) return false;
      *out = bytes.size() == 4 ? Value::Int(ReadLittle<uint32_t>(bytes))
                               : Value::Uint(ReadLittle<uint64_t>(bytes));
      return true;
    default:
      return false;
  }
}

Value Binary(std::string_view bytes, ValueArena* arena) {
  std::string& text = arena->Scratch();
  for (const char c : bytes) AppendHex(static_cast<uint8_t>(c), 2, &text);
  return Value::String(arena->CopyString(text));
}

bool Single(BinXmlType type, std::string_view bytes, ValueArena* arena, Value* out) {
  if (bytes.size() < SizeOf(type)) return false;
  switch (type) {
    case BinXmlType::kNull:
      *out = Value::Null();
      return true;
    case BinXmlType::kString:
      while (bytes.size() >= 2 && bytes.ends_with(std::string_view("\0\0", 2))) {
        bytes.remove_suffix(2);
      }
      *out = Value::String(FromUtf16(bytes, arena));
      return true;
    case BinXmlType::kAnsiString:
      while (bytes.ends_with('\0')) bytes.remove_suffix(1);
      *out = Value::String(FromAnsi(bytes, arena));
      return true;
    case BinXmlType::kBinary:
      *out = Binary(bytes, arena);
      return true;
    case BinXmlType::kGuid:
      *out = Guid(bytes, arena);
      return true;
    case BinXmlType::kFileTime:
      *out = FileTime(bytes, arena);
      return true;
    case BinXmlType::kSystemTime:
      *out = SystemTime(bytes, arena);
      return true;
    case BinXmlType::kSid:
      return Sid(bytes, arena, out);
    case BinXmlType::kHex32:
      *out = HexNumber(ReadLittle<uint32_t>(bytes), arena);
      return true;
    case BinXmlType::kHex64:
      *out = HexNumber(ReadLittle<uint64_t>(bytes), arena);
      return true;
    default:
      return Number(type, bytes, out);
  }
}

// Where the first string of an array ends: at a NUL on a whole unit.
size_t StringEnd(std::string_view bytes, size_t unit) {
  for (size_t i = 0; i + unit <= bytes.size(); i += unit) {
    if (bytes[i] == '\0' && (unit == 1 || bytes[i + 1] == '\0')) return i;
  }
  return bytes.size();
}

bool Array(BinXmlType type, std::string_view bytes, ValueArena* arena, Value* out) {
  std::vector<Value> items;
  while (!bytes.empty()) {
    size_t size = SizeOf(type);
    size_t gap = 0;
    if (type == BinXmlType::kString || type == BinXmlType::kAnsiString) {
      gap = type == BinXmlType::kString ? 2 : 1;
      size = StringEnd(bytes, gap);
    } else if (type == BinXmlType::kSid && bytes.size() >= 8) {
      size = 8 + 4 * size_t{static_cast<uint8_t>(bytes[1])};
    }
    if (size + gap == 0 || size > bytes.size()) return false;
    Value item;
    if (!Single(type, bytes.substr(0, size), arena, &item)) return false;
    items.push_back(item);
    bytes.remove_prefix(std::min(bytes.size(), size + gap));
  }
  const std::span<Value> values = arena->NewValues(items.size());
  std::ranges::copy(items, values.begin());
  *out = Value::List(values);
  return true;
}

}  // namespace

std::string_view FromUtf16(std::string_view bytes, ValueArena* arena) {
  const size_t units = bytes.size() / 2;
  bool ascii = true;
  for (size_t i = 0; i < units && ascii; ++i) {
    ascii = bytes[2 * i + 1] == '\0' && static_cast<uint8_t>(bytes[2 * i]) < 0x80;
  }
  if (ascii) {
    char* const text = static_cast<char*>(arena->Allocate(units + 1, 1));
    for (size_t i = 0; i < units; ++i) text[i] = bytes[2 * i];
    return {text, units};
  }
  std::string& text = arena->Scratch();
  for (size_t i = 0; i < units; ++i) {
    char32_t code = ReadLittle<uint16_t>(bytes.substr(2 * i));
    if (code >= 0xD800 && code < 0xDC00 && i + 1 < units) {
      const char32_t low = ReadLittle<uint16_t>(bytes.substr(2 * i + 2));
      if (low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        ++i;
      }
    }
    AppendUtf8(code, &text);  // U+FFFD for a half that is left
  }
  return arena->CopyString(text);
}

EventTime FromFileTime(uint64_t ticks) {
  constexpr uint64_t kUnixEpoch = 116444736000000000;
  constexpr uint64_t kMost = static_cast<uint64_t>(INT64_MAX) / 100;
  if (ticks >= kUnixEpoch) {
    return ticks - kUnixEpoch > kMost ? kNoEventTime
                                      : static_cast<EventTime>((ticks - kUnixEpoch) * 100);
  }
  return kUnixEpoch - ticks > kMost ? kNoEventTime
                                    : -static_cast<EventTime>((kUnixEpoch - ticks) * 100);
}

bool ReadBinXmlValue(uint8_t type, std::string_view bytes, ValueArena* arena, Value* out) {
  const auto base = static_cast<BinXmlType>(type & ~kBinXmlArray);
  if ((type & kBinXmlArray) != 0) return Array(base, bytes, arena, out);
  // Some writers give numbers no bytes where they have none.
  if (bytes.empty() && SizeOf(base) > 0) {
    *out = Value::Null();
    return true;
  }
  return Single(base, bytes, arena, out);
}

}  // namespace vedette::inline v0
