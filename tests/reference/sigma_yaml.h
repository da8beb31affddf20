// YAML as Sigma needs it: every scalar keeps its source text, types follow from how it is written.
#ifndef VEDETTE_TESTS_REFERENCE_SIGMA_YAML_H_
#define VEDETTE_TESTS_REFERENCE_SIGMA_YAML_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::reference {

struct YamlMember;

struct Yaml {
  enum class Kind { kNull, kBool, kNumber, kString, kList, kMap };
  Kind kind = Kind::kNull;
  std::string text;                 // source text of a scalar
  std::vector<Yaml> items;          // list
  std::vector<YamlMember> members;  // map, in written order

  bool IsScalar() const { return kind != Kind::kList && kind != Kind::kMap; }
  const Yaml* Find(std::string_view key) const;  // null pointer when absent
};

struct YamlMember {
  std::string key;
  Yaml value;
};

// Kind of a scalar written without quotes. Numbers with leading zeros and hexadecimal ones are
// text: their spelling matters.
Yaml::Kind PlainKind(const std::string& text);
// The text a number stands for: no plus sign, no needless fraction.
std::string CanonicalNumber(const std::string& text);

struct YamlDocument {
  Yaml root;
  std::string error;  // empty when the document is good
};
// All documents of a text. One document with an error when the text is not YAML.
std::vector<YamlDocument> ReadYaml(const std::string& text);

// Lays `over` on `base`: maps are merged deeply, anything else is replaced.
void MergeYaml(const Yaml& over, Yaml* base);
void RemoveMember(std::string_view key, Yaml* map);

}  // namespace vedette::reference

#endif  // VEDETTE_TESTS_REFERENCE_SIGMA_YAML_H_
