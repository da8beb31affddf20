// TOML and JSON documents as one kind of tree that knows where everything stands.
#ifndef VEDETTE_LIB_DOC_DOC_TREE_H_
#define VEDETTE_LIB_DOC_DOC_TREE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/doc/source_text.h"

namespace vedette::inline v0 {

constexpr size_t kMaxDocDepth = 64;
constexpr size_t kMaxDocNodes = 200000;  // a node is far larger than its text

struct DocEntry;

struct DocNode {
  enum class Kind : uint8_t { kNull, kBool, kInt, kReal, kString, kTime, kList, kMap };
  Kind kind = Kind::kNull;
  bool boolean = false;
  int64_t integer = 0;
  double real = 0;                // kInt, too
  std::string text;               // kString; kTime: as written
  std::vector<DocNode> items;     // kList
  std::vector<DocEntry> entries;  // kMap; names are unique
  size_t offset = 0;              // of the value's first byte in the file
  size_t length = 0;              // 0 if the value has several lines

  // The value of `key`; null if there is none, or if this is no map.
  const DocNode* Find(std::string_view key) const;
};

struct DocEntry {
  std::string key;
  size_t offset = 0;
  size_t length = 0;
  DocNode value;
};

// "a string", "a list", ...
std::string_view KindName(DocNode::Kind kind);

struct DocError {
  size_t offset = 0;
  size_t length = 0;
  std::string message;
  bool too_deep = false;  // or too many values
};

// `length` bytes at `offset` of the file as one JSON document.
std::optional<DocNode> ParseJsonTree(const SourceText& source, size_t offset, size_t length,
                                     DocError* error);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_DOC_DOC_TREE_H_
