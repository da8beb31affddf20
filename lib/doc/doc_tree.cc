#include "lib/doc/doc_tree.h"

namespace vedette::inline v0 {

const DocNode* DocNode::Find(std::string_view key) const {
  for (const DocEntry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

std::string_view KindName(DocNode::Kind kind) {
  switch (kind) {
    case DocNode::Kind::kNull:
      return "null";
    case DocNode::Kind::kBool:
      return "true or false";
    case DocNode::Kind::kInt:
      return "a whole number";
    case DocNode::Kind::kReal:
      return "a number";
    case DocNode::Kind::kString:
      return "a string";
    case DocNode::Kind::kTime:
      return "a date or time";
    case DocNode::Kind::kList:
      return "a list";
    case DocNode::Kind::kMap:
      return "a table";
  }
  return "";
}

}  // namespace vedette::inline v0
