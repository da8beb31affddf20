#include "tests/reference/oracle_value.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "lib/base/casefold.h"
#include "simdjson.h"

namespace vedette::reference {
namespace {

// Length of the valid UTF-8 sequence at the front of `s`, 0 when there is none.
size_t SequenceLength(std::string_view s, char32_t* cp) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(s[i]); };
  const unsigned char lead = byte(0);
  size_t length = 0;
  char32_t least = 0;
  if (lead < 0x80) {
    *cp = lead;
    return 1;
  } else if (lead >= 0xC2 && lead < 0xE0) {
    length = 2;
    least = 0x80;
    *cp = lead & 0x1Fu;
  } else if (lead >= 0xE0 && lead < 0xF0) {
    length = 3;
    least = 0x800;
    *cp = lead & 0x0Fu;
  } else if (lead >= 0xF0 && lead < 0xF5) {
    length = 4;
    least = 0x10000;
    *cp = lead & 0x07u;
  } else {
    return 0;
  }
  if (s.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0u) != 0x80u) return 0;
    *cp = (*cp << 6) | (byte(i) & 0x3Fu);
  }
  const bool surrogate = *cp >= 0xD800 && *cp <= 0xDFFF;
  if (*cp < least || *cp > 0x10FFFF || surrogate) return 0;
  return length;
}

void AppendUtf8(char32_t unit, std::string* out) {
  const auto put = [&](char32_t b) { out->push_back(static_cast<char>(b)); };
  if (unit >= kInvalidByte) {
    put(unit - kInvalidByte);
  } else if (unit < 0x80) {
    put(unit);
  } else if (unit < 0x800) {
    put(0xC0 | (unit >> 6));
    put(0x80 | (unit & 0x3F));
  } else if (unit < 0x10000) {
    put(0xE0 | (unit >> 12));
    put(0x80 | ((unit >> 6) & 0x3F));
    put(0x80 | (unit & 0x3F));
  } else {
    put(0xF0 | (unit >> 18));
    put(0x80 | ((unit >> 12) & 0x3F));
    put(0x80 | ((unit >> 6) & 0x3F));
    put(0x80 | (unit & 0x3F));
  }
}

OracleValue Convert(const simdjson::dom::element& element) {
  using simdjson::dom::element_type;
  using Kind = OracleNode::Kind;
  switch (element.type()) {
    case element_type::ARRAY: {
      auto node = std::make_shared<OracleNode>();
      node->kind = Kind::kArray;
      for (const auto child : simdjson::dom::array(element)) node->items.push_back(Convert(child));
      return node;
    }
    case element_type::OBJECT: {
      std::vector<std::pair<std::string, OracleValue>> members;
      for (const auto field : simdjson::dom::object(element)) {
        members.emplace_back(std::string(field.key), Convert(field.value));
      }
      return MakeObject(std::move(members));
    }
    case element_type::INT64:
      return MakeText(Kind::kNumber, std::to_string(int64_t(element)));
    case element_type::UINT64:
      return MakeText(Kind::kNumber, std::to_string(uint64_t(element)));
    case element_type::DOUBLE: {
      auto node =
          std::make_shared<OracleNode>(*MakeText(Kind::kNumber, DoubleText(double(element))));
      node->floating = true;
      return node;
    }
    case element_type::STRING:
      return MakeText(Kind::kString, std::string(std::string_view(element)));
    case element_type::BOOL:
      return MakeText(Kind::kBool, bool(element) ? "true" : "false");
    case element_type::NULL_VALUE:
      break;
  }
  return MakeNull();
}

}  // namespace

CodePoints Decode(std::string_view utf8) {
  CodePoints out;
  while (!utf8.empty()) {
    char32_t cp = 0;
    size_t length = SequenceLength(utf8, &cp);
    if (length == 0) {
      cp = kInvalidByte + static_cast<unsigned char>(utf8[0]);
      length = 1;
    }
    out.push_back(cp);
    utf8.remove_prefix(length);
  }
  return out;
}

std::string Encode(const CodePoints& text) {
  std::string out;
  for (char32_t unit : text) AppendUtf8(unit, &out);
  return out;
}

char32_t FoldUnit(char32_t unit) {
  if (unit >= kInvalidByte) return unit;
  std::string folded;
  AppendFolded(Encode(CodePoints(1, unit)), &folded);
  const CodePoints back = Decode(folded);
  return back.size() == 1 ? back[0] : unit;
}

CodePoints Fold(const CodePoints& text) {
  CodePoints out;
  for (char32_t unit : text) out.push_back(FoldUnit(unit));
  return out;
}

std::string AsciiLower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool IsDecimal(std::string_view text) {
  size_t i = 0;
  const auto digits = [&] {
    const size_t from = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    return i > from;
  };
  const auto sign = [&] {
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  };
  sign();
  if (!digits()) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (!digits()) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    sign();
    if (!digits()) return false;
  }
  return i == text.size();
}

long double DecimalValue(const std::string& text) {
  const bool whole = text.find_first_of(".eE") == std::string::npos;
  // Up to 19 digits an integer is exact here; anything else is read as the double it stands for.
  if (whole && text.size() <= 20) return std::strtold(text.c_str(), nullptr);
  return static_cast<long double>(std::strtod(text.c_str(), nullptr));
}

std::string DoubleText(double value) {
  if (std::trunc(value) == value && std::fabs(value) <= 9007199254740992.0) {
    return std::to_string(static_cast<int64_t>(value));
  }
  char buffer[64];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return std::string(buffer, result.ptr);
}

OracleValue OracleNode::Find(std::string_view name) const {
  for (const auto& [key, value] : members) {
    if (key == name) return value;
  }
  return nullptr;
}

OracleValue MakeNull() { return std::make_shared<OracleNode>(); }

OracleValue MakeText(OracleNode::Kind kind, std::string text) {
  auto node = std::make_shared<OracleNode>();
  node->kind = kind;
  node->exact = Decode(text);
  node->folded = Fold(node->exact);
  if (kind != OracleNode::Kind::kBool && IsDecimal(text)) node->number = DecimalValue(text);
  node->text = std::move(text);
  return node;
}

OracleValue MakeObject(std::vector<std::pair<std::string, OracleValue>> members) {
  auto node = std::make_shared<OracleNode>();
  node->kind = OracleNode::Kind::kObject;
  node->members = std::move(members);
  return node;
}

std::optional<OracleEvent> OracleEvent::FromJson(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const simdjson::padded_string padded(json.data(), json.size());
  if (parser.parse(padded).get(root) != simdjson::SUCCESS) return std::nullopt;
  return OracleEvent(Convert(root));
}

void AppendLeaves(const OracleValue& value, std::vector<OracleValue>* leaves) {
  if (value->kind != OracleNode::Kind::kArray) {
    leaves->push_back(value);
    return;
  }
  for (const OracleValue& item : value->items) AppendLeaves(item, leaves);
}

void AppendScalars(const OracleValue& value, std::vector<OracleValue>* scalars) {
  if (value->IsScalar()) scalars->push_back(value);
  for (const OracleValue& item : value->items) AppendScalars(item, scalars);
  for (const auto& member : value->members) AppendScalars(member.second, scalars);
}

}  // namespace vedette::reference
