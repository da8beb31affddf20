#include <algorithm>
#include <array>
#include <charconv>

#include "lib/base/json_text.h"
#include "lib/base/strings.h"
#include "lib/doc/doc_tree.h"
#include "lib/event/address.h"
#include "vedette/response/playbook.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxValueBytes = size_t{64} << 10;

bool IsHex(std::string_view s) {
  return std::ranges::all_of(s, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

bool IsUuid(std::string_view s) {
  if (s.size() != 36) return false;
  std::string digits;
  for (size_t i = 0; i < s.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (s[i] == '-')) return false;
    if (!dash) digits.push_back(s[i]);
  }
  return IsHex(digits);
}

bool IsMac(std::string_view s) {
  if (s.size() != 17) return false;
  for (size_t i = 0; i < s.size(); ++i) {
    if (i % 3 == 2 ? s[i] != ':' && s[i] != '-' : !IsHex(s.substr(i, 1))) return false;
  }
  return true;
}

bool IsUri(std::string_view s) {
  const size_t colon = s.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == s.size()) return false;
  const bool scheme = std::ranges::all_of(s.substr(0, colon), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '-' || c == '.';
  });
  return scheme &&
         std::ranges::all_of(s, [](char c) { return static_cast<signed char>(c) > 0x20; });
}

bool IsInteger(std::string_view s) {
  int64_t value = 0;
  const auto [at, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  return error == std::errc() && at == s.data() + s.size() && std::to_string(value) == s;
}

bool IsObject(std::string_view s) {
  const RuleSource source = {"value", std::string(s)};
  const SourceText text(source);
  DocError error;
  const std::optional<DocNode> doc = ParseJsonTree(text, 0, s.size(), &error);
  return doc.has_value() && doc->kind == DocNode::Kind::kMap;
}

bool IsOfType(VariableType type, std::string_view s) {
  switch (type) {
    case VariableType::kString:
    case VariableType::kSecret:
      return true;
    case VariableType::kInteger:
      return IsInteger(s);
    case VariableType::kBool:
      return s == "true" || s == "false";
    case VariableType::kUuid:
      return IsUuid(s);
    case VariableType::kMacAddress:
      return IsMac(s);
    case VariableType::kIpv4:
    case VariableType::kIpv6: {
      const std::optional<Cidr> block = ParseCidr(s, nullptr);
      return block.has_value() && block->v6 == (type == VariableType::kIpv6);
    }
    case VariableType::kUri:
      return IsUri(s);
    case VariableType::kSha256:
      return s.size() == 64 && IsHex(s);
    case VariableType::kHex:
      return s.size() % 2 == 0 && IsHex(s);
    case VariableType::kDictionary:
      return IsObject(s);
  }
  return false;
}

}  // namespace

std::string_view VariableTypeName(VariableType type) {
  static constexpr std::array<std::string_view, 12> kNames = {
      "string",    "integer", "bool",        "uuid",      "mac-addr",   "ipv4-addr",
      "ipv6-addr", "uri",     "sha256-hash", "hexstring", "dictionary", "x-secret"};
  return kNames[static_cast<size_t>(type)];
}

absl::StatusOr<TypedValue> MakeValue(VariableType type, std::string_view text) {
  if (text.size() > kMaxValueBytes) return absl::InvalidArgumentError("the value is too long");
  if (!IsOfType(type, text)) {
    return absl::InvalidArgumentError(
        ToAbsl("no value of type " + std::string(VariableTypeName(type))));
  }
  return TypedValue{type, std::string(text)};
}

std::string ValueToJson(const TypedValue& value) {
  if (value.type == VariableType::kInteger || value.type == VariableType::kBool ||
      value.type == VariableType::kDictionary) {
    return value.text;
  }
  std::string out;
  AppendJsonString(value.text, &out);
  return out;
}

}  // namespace vedette::inline v0
