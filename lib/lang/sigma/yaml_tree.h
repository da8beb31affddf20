// YAML texts as trees that keep what Sigma needs: the source text and quoting of scalars, the order
// of maps, and places.
#ifndef VEDETTE_LIB_LANG_SIGMA_YAML_TREE_H_
#define VEDETTE_LIB_LANG_SIGMA_YAML_TREE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/lang/sigma/report.h"
#include "vedette/diagnostic.h"

namespace vedette::inline v0::sigma {

struct YamlEntry;

struct YamlNode {
  enum class Kind : uint8_t { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  bool quoted = false;             // a scalar that is a string however it reads
  std::string text;                // kScalar, and null as written
  std::vector<YamlNode> items;     // kList
  std::vector<YamlEntry> entries;  // kMap, as ordered in the text
  SourceSpan span;

  bool is_null() const { return kind == Kind::kNull; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_map() const { return kind == Kind::kMap; }
  // The entry of a map, or null.
  const YamlEntry* Find(std::string_view key) const;
};

struct YamlEntry {
  std::string key;
  SourceSpan span;  // of the key
  YamlNode value;
};

enum class ScalarType : uint8_t { kString, kInt, kFloat, kBool };

// What a scalar is. Plain `true` and `false` (also True, TRUE) are booleans; plain decimal numbers
// without leading zeros are numbers; everything else is a string.
ScalarType TypeOf(const YamlNode& scalar);
// For messages: "a map", "a list", "null", "a string", "a number", "a boolean".
std::string_view DescribeKind(const YamlNode& node);

// Where `length` bytes at `offset` of a scalar's text stand in the source, whatever the quoting and
// folding; the place of the whole scalar if that cannot be told.
SourceSpan PlaceIn(const SigmaText& text, const YamlNode& scalar, size_t offset, size_t length);
// The same for a key.
SourceSpan PlaceIn(const YamlEntry& entry, size_t offset, size_t length);

struct YamlLimits {
  size_t max_nodes = 500000;
  size_t max_nesting = 64;
  size_t max_scalar_bytes = size_t{1} << 20;
};

// One document of a text. `ok` is false if it was reported as wrong; `root` is null then.
struct YamlDocument {
  YamlNode root;
  uint32_t line = 1;
  bool ok = true;
};

// Reads all documents of a text. Documents without content are left out. A wrong document is
// reported (SIG0001, SIG0002, SIG0006) and the others are still read. Never throws, and nests no
// deeper than the limits say.
std::vector<YamlDocument> ParseYaml(const SigmaText& text, const YamlLimits& limits,
                                    DiagnosticSink* diagnostics);

}  // namespace vedette::inline v0::sigma

#endif  // VEDETTE_LIB_LANG_SIGMA_YAML_TREE_H_
