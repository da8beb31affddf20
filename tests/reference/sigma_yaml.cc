#include "tests/reference/sigma_yaml.h"

#include <re2/re2.h>
#include <yaml-cpp/yaml.h>

#include <cmath>
#include <cstdlib>
#include <exception>
#include <utility>

#include "tests/reference/oracle_value.h"

namespace vedette::reference {
namespace {

constexpr int kMaxDepth = 50;
constexpr size_t kMaxNodes = 1000000;  // aliases can make a small text huge

class Reader {
 public:
  bool Read(const YAML::Node& node, int depth, Yaml* out) {
    if (depth > kMaxDepth) return Fail("YAML nested too deeply");
    if (++nodes_ > kMaxNodes) return Fail("YAML too large");
    if (node.IsMap()) {
      out->kind = Yaml::Kind::kMap;
      for (const auto& entry : node) {
        if (!entry.first.IsScalar()) return Fail("YAML key is not a scalar");
        const std::string& key = entry.first.Scalar();
        if (out->Find(key) != nullptr) return Fail("duplicate YAML key '" + key + "'");
        Yaml value;
        if (!Read(entry.second, depth + 1, &value)) return false;
        out->members.push_back(YamlMember{key, std::move(value)});
      }
    } else if (node.IsSequence()) {
      out->kind = Yaml::Kind::kList;
      for (const auto& item : node) {
        out->items.emplace_back();
        if (!Read(item, depth + 1, &out->items.back())) return false;
      }
    } else if (node.IsScalar()) {
      out->text = node.Scalar();
      // Plain scalars carry the tag "?"; quoted, block and tagged ones are strings.
      out->kind = node.Tag() == "?" ? PlainKind(out->text) : Yaml::Kind::kString;
    }
    return true;
  }

  const std::string& error() const { return error_; }

 private:
  bool Fail(std::string why) {
    error_ = std::move(why);
    return false;
  }

  size_t nodes_ = 0;
  std::string error_;
};

}  // namespace

const Yaml* Yaml::Find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name == key) return &value;
  }
  return nullptr;
}

Yaml::Kind PlainKind(const std::string& text) {
  static const RE2 null("|~|null|Null|NULL");
  static const RE2 boolean("true|True|TRUE|false|False|FALSE");
  static const RE2 number(
      "[-+]?(0|[1-9][0-9]*)(\\.[0-9]*)?([eE][-+]?[0-9]+)?|[-+]?\\.[0-9]+([eE][-+]?[0-9]+)?");
  if (RE2::FullMatch(text, null)) return Yaml::Kind::kNull;
  if (RE2::FullMatch(text, boolean)) return Yaml::Kind::kBool;
  if (RE2::FullMatch(text, number) && std::isfinite(std::strtod(text.c_str(), nullptr))) {
    return Yaml::Kind::kNumber;
  }
  return Yaml::Kind::kString;
}

std::string CanonicalNumber(const std::string& text) {
  if (text.find_first_of(".eE") != std::string::npos) {
    return DoubleText(std::strtod(text.c_str(), nullptr));
  }
  if (text == "-0") return "0";
  return text.starts_with('+') ? text.substr(1) : text;
}

std::vector<YamlDocument> ReadYaml(const std::string& text) {
  std::vector<YamlDocument> out;
  try {
    for (const YAML::Node& node : YAML::LoadAll(text)) {
      Reader reader;
      YamlDocument document;
      if (!reader.Read(node, 0, &document.root)) document.error = reader.error();
      out.push_back(std::move(document));
    }
  } catch (const std::exception& error) {
    out.assign(1, YamlDocument{Yaml(), error.what()});
  }
  return out;
}

void MergeYaml(const Yaml& over, Yaml* base) {
  if (over.kind != Yaml::Kind::kMap || base->kind != Yaml::Kind::kMap) {
    *base = over;
    return;
  }
  for (const auto& [key, value] : over.members) {
    bool merged = false;
    for (auto& [name, old] : base->members) {
      if (name != key) continue;
      MergeYaml(value, &old);
      merged = true;
    }
    if (!merged) base->members.push_back(YamlMember{key, value});
  }
}

void RemoveMember(std::string_view key, Yaml* map) {
  std::erase_if(map->members, [&](const auto& member) { return member.key == key; });
}

}  // namespace vedette::reference
