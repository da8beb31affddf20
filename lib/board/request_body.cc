#include "lib/board/request_body.h"

#include <utility>

#include "lib/base/strings.h"

namespace vedette::inline v0 {

absl::StatusOr<RequestBody> RequestBody::Parse(std::string_view text) {
  RequestBody body;
  body.root_.kind = DocNode::Kind::kMap;
  if (text.empty()) return body;
  RuleSource source;
  source.name = "body";
  source.text = text;
  const SourceText located(source);
  DocError error;
  std::optional<DocNode> root = ParseJsonTree(located, 0, text.size(), &error);
  if (!root.has_value()) {
    return absl::InvalidArgumentError(ToAbsl("the body is no JSON: " + error.message));
  }
  if (root->kind != DocNode::Kind::kMap) {
    return absl::InvalidArgumentError("the body is no JSON object");
  }
  body.root_ = *std::move(root);
  return body;
}

void RequestBody::Wrong(std::string_view name, std::string_view what) {
  if (!status_.ok()) return;
  const std::string message = "'" + std::string(name) + "' is no " + std::string(what);
  status_ = absl::InvalidArgumentError(ToAbsl(message));
}

const DocNode* RequestBody::Member(std::string_view name, DocNode::Kind kind) {
  const DocNode* const node = root_.Find(name);
  if (node == nullptr || node->kind == DocNode::Kind::kNull) return nullptr;
  if (node->kind == kind) return node;
  const std::string_view what = KindName(kind);  // "a string"
  Wrong(name, what.substr(what.find(' ') + 1));
  return nullptr;
}

std::string RequestBody::Text(std::string_view name) {
  const DocNode* const node = Member(name, DocNode::Kind::kString);
  return node == nullptr ? std::string() : node->text;
}

bool RequestBody::Bool(std::string_view name) {
  const DocNode* const node = Member(name, DocNode::Kind::kBool);
  return node != nullptr && node->boolean;
}

uint64_t RequestBody::Number(std::string_view name, uint64_t fallback) {
  const DocNode* const node = Member(name, DocNode::Kind::kInt);
  if (node == nullptr) return fallback;
  if (node->integer < 0) {
    Wrong(name, "number from 0 on");
    return fallback;
  }
  return static_cast<uint64_t>(node->integer);
}

std::vector<std::string> RequestBody::Texts(std::string_view name) {
  std::vector<std::string> out;
  const DocNode* const node = Member(name, DocNode::Kind::kList);
  if (node == nullptr) return out;
  for (const DocNode& item : node->items) {
    if (item.kind != DocNode::Kind::kString) Wrong(name, "list of strings");
    out.push_back(item.text);
  }
  return out;
}

std::map<std::string, std::string> RequestBody::TextMap(std::string_view name) {
  std::map<std::string, std::string> out;
  const DocNode* const node = Member(name, DocNode::Kind::kMap);
  if (node == nullptr) return out;
  for (const DocEntry& entry : node->entries) {
    if (entry.value.kind != DocNode::Kind::kString) Wrong(name, "object of strings");
    out[entry.key] = entry.value.text;
  }
  return out;
}

}  // namespace vedette::inline v0
