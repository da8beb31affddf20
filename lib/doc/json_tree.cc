#include <simdjson.h>

#include <algorithm>
#include <set>
#include <utility>

#include "lib/doc/doc_tree.h"

namespace vedette::inline v0 {
namespace {

namespace ondemand = simdjson::ondemand;

class JsonTree {
 public:
  // The document's first byte is at `data`, which is `offset` of the file.
  JsonTree(const char* data, size_t offset, size_t length, DocError* error)
      : data_(data), offset_(offset), length_(length), error_(error) {}

  bool Document(ondemand::document* document, DocNode* out) {
    ondemand::value value;
    if (const auto error = document->get_value().get(value)) return Fail(error, document);
    if (!Any(value, 1, out)) return failed_ != simdjson::SUCCESS && Fail(failed_, document);
    const char* rest = nullptr;
    if (document->current_location().get(rest) == simdjson::SUCCESS) {
      return Fail(simdjson::TRAILING_CONTENT, document);
    }
    return true;
  }

 private:
  bool Fail(simdjson::error_code error, ondemand::document* document) {
    const char* at = nullptr;
    if (document->current_location().get(at) != simdjson::SUCCESS) at = data_ + length_;
    error_->offset = FileOffset(at);
    error_->length = 1;
    error_->message = simdjson::error_message(error);
    return false;
  }

  bool Failed(simdjson::error_code error) {
    failed_ = error;
    return false;
  }

  size_t FileOffset(const char* at) const {
    const ptrdiff_t distance = at - data_;
    return offset_ + std::min(length_, static_cast<size_t>(std::max<ptrdiff_t>(distance, 0)));
  }

  bool Any(ondemand::value value, size_t depth, DocNode* out) {
    std::string_view token = value.raw_json_token();
    token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
    out->offset = FileOffset(token.data());
    if (++nodes_ > kMaxDocNodes) {
      *error_ = {out->offset, 1, "the document has too many values", true};
      return false;
    }
    ondemand::json_type type;
    if (const auto error = value.type().get(type)) return Failed(error);
    if (type != ondemand::json_type::object && type != ondemand::json_type::array) {
      out->length = token.size();
      return Scalar(value, type, out);
    }
    if (depth > kMaxDocDepth) {
      *error_ = {out->offset, 1, "the document is nested too deep", true};
      return false;
    }
    return type == ondemand::json_type::object ? Object(value, depth, out)
                                               : Array(value, depth, out);
  }

  bool Object(ondemand::value value, size_t depth, DocNode* out) {
    out->kind = DocNode::Kind::kMap;
    ondemand::object object;
    if (const auto error = value.get_object().get(object)) return Failed(error);
    std::set<std::string> seen;
    for (auto field : object) {
      DocEntry entry;
      ondemand::raw_json_string raw;
      if (const auto error = field.key().get(raw)) return Failed(error);
      std::string_view name;
      if (const auto error = field.unescaped_key().get(name)) return Failed(error);
      entry.offset = FileOffset(raw.raw() - 1);
      entry.length = name.size() + 2;
      entry.key = std::string(name);
      ondemand::value child;
      if (const auto error = field.value().get(child)) return Failed(error);
      if (!seen.insert(entry.key).second) {
        *error_ = {entry.offset, entry.length, "the key is given twice", false};
        return false;
      }
      if (!Any(child, depth + 1, &entry.value)) return false;
      out->entries.push_back(std::move(entry));
    }
    return true;
  }

  bool Array(ondemand::value value, size_t depth, DocNode* out) {
    out->kind = DocNode::Kind::kList;
    ondemand::array array;
    if (const auto error = value.get_array().get(array)) return Failed(error);
    for (auto element : array) {
      ondemand::value child;
      if (const auto error = element.get(child)) return Failed(error);
      out->items.emplace_back();
      if (!Any(child, depth + 1, &out->items.back())) return false;
    }
    return true;
  }

  bool Scalar(ondemand::value value, ondemand::json_type type, DocNode* out) {
    if (type == ondemand::json_type::string) {
      std::string_view text;
      if (const auto error = value.get_string().get(text)) return Failed(error);
      out->kind = DocNode::Kind::kString;
      out->text = std::string(text);
      return true;
    }
    if (type == ondemand::json_type::boolean) {
      out->kind = DocNode::Kind::kBool;
      if (const auto error = value.get_bool().get(out->boolean)) return Failed(error);
      return true;
    }
    if (type == ondemand::json_type::number) {
      if (value.get_int64().get(out->integer) == simdjson::SUCCESS) {
        out->kind = DocNode::Kind::kInt;
        out->real = static_cast<double>(out->integer);
        return true;
      }
      out->kind = DocNode::Kind::kReal;
      if (const auto error = value.get_double().get(out->real)) return Failed(error);
      return true;
    }
    bool is_null = false;
    if (const auto error = value.is_null().get(is_null)) return Failed(error);
    return is_null || Failed(simdjson::N_ATOM_ERROR);
  }

  const char* data_;
  size_t offset_;
  size_t length_;
  DocError* error_;
  size_t nodes_ = 0;
  simdjson::error_code failed_ = simdjson::SUCCESS;
};

}  // namespace

std::optional<DocNode> ParseJsonTree(const SourceText& source, size_t offset, size_t length,
                                     DocError* error) {
  const std::string_view text = source.text().substr(offset, length);
  const simdjson::padded_string padded(text);
  ondemand::parser parser;
  ondemand::document document;
  *error = {offset, 1, "", false};
  if (const auto failed = parser.iterate(padded).get(document)) {
    error->message = simdjson::error_message(failed);
    return std::nullopt;
  }
  // A document that is one scalar is no rule, and simdjson reads it otherwise.
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || (text[first] != '{' && text[first] != '[')) {
    error->message = "expected an object or a list";
    return std::nullopt;
  }
  DocNode root;
  if (!JsonTree(padded.data(), offset, text.size(), error).Document(&document, &root)) {
    return std::nullopt;
  }
  return root;
}

}  // namespace vedette::inline v0
