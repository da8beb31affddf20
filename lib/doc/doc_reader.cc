#include "lib/doc/doc_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "lib/base/json_text.h"

namespace vedette::inline v0 {

void DocReporter::Report(Severity severity, std::string_view number, size_t offset, size_t length,
                         std::string message, std::string hint) {
  if (severity == Severity::kError) ++errors_;
  if (++reports_ > kMaxReports) return;
  Diagnostic d;
  d.severity = severity;
  d.code = family_ + std::string(number);
  d.message = std::move(message);
  d.hint = std::move(hint);
  d.source = source_->name();
  d.span = source_->SpanAt(offset, length);
  d.line_text = source_->Line(d.span.line);
  sink_->Add(std::move(d));
}

MapReader::MapReader(const DocNode& node, std::string what, DocReporter* reporter)
    : node_(&node),
      what_(std::move(what)),
      reporter_(reporter),
      ok_(node.kind == DocNode::Kind::kMap) {
  if (!ok_) {
    reporter_->Error(kWrongType, node,
                     what_ + " is " + std::string(KindName(node.kind)) + ", not an object");
  }
}

const DocNode* MapReader::Any(std::string_view name) {
  taken_.emplace(name);
  return ok_ ? node_->Find(name) : nullptr;
}

const DocNode* MapReader::Of(std::string_view name, DocNode::Kind kind) {
  const DocNode* const found = Any(name);
  if (found == nullptr || found->kind == kind) return found;
  reporter_->Error(kWrongType, *found,
                   "'" + std::string(name) + "' of " + what_ + " is " +
                       std::string(KindName(found->kind)) + ", not " +
                       (kind == DocNode::Kind::kMap ? "an object" : std::string(KindName(kind))));
  return nullptr;
}

const DocNode* MapReader::Required(std::string_view name, DocNode::Kind kind) {
  if (ok_ && Any(name) == nullptr) {
    reporter_->Report(Severity::kError, kMissing, node_->offset, 1,
                      what_ + " has no '" + std::string(name) + "'");
  }
  return Of(name, kind);
}

std::string MapReader::Text(std::string_view name, bool required) {
  const DocNode* const found =
      required ? Required(name, DocNode::Kind::kString) : Of(name, DocNode::Kind::kString);
  if (found != nullptr && found->text.empty() && required) {
    reporter_->Error(kBadValue, *found, "'" + std::string(name) + "' of " + what_ + " is empty");
  }
  return found == nullptr ? "" : found->text;
}

bool MapReader::Bool(std::string_view name, bool fallback) {
  const DocNode* const found = Of(name, DocNode::Kind::kBool);
  return found == nullptr ? fallback : found->boolean;
}

std::optional<int64_t> MapReader::Int(std::string_view name, int64_t low, int64_t high) {
  const DocNode* const found = Of(name, DocNode::Kind::kInt);
  if (found == nullptr) return std::nullopt;
  if (found->integer >= low && found->integer <= high) return found->integer;
  reporter_->Error(kBadValue, *found,
                   "'" + std::string(name) + "' must be between " + std::to_string(low) + " and " +
                       std::to_string(high));
  return std::nullopt;
}

std::vector<std::string> MapReader::Texts(std::string_view name) {
  const DocNode* const found = Any(name);
  if (found == nullptr) return {};
  if (found->kind == DocNode::Kind::kString) return {found->text};
  std::vector<std::string> out;
  if (found->kind != DocNode::Kind::kList) {
    reporter_->Error(kWrongType, *found, "'" + std::string(name) + "' is no list of strings");
    return out;
  }
  for (const DocNode& item : found->items) {
    if (item.kind == DocNode::Kind::kString && !item.text.empty()) {
      out.push_back(item.text);
    } else {
      reporter_->Error(kWrongType, item, "'" + std::string(name) + "' holds what is no text");
    }
  }
  return out;
}

int64_t MapReader::Duration(std::string_view name, int64_t fallback) {
  static constexpr std::pair<std::string_view, int64_t> kUnits[] = {{"ms", 1'000'000},
                                                                    {"s", 1'000'000'000},
                                                                    {"m", 60'000'000'000},
                                                                    {"h", 3'600'000'000'000},
                                                                    {"d", 86'400'000'000'000}};
  const DocNode* const found = Of(name, DocNode::Kind::kString);
  if (found == nullptr) return fallback;
  int64_t count = 0;
  const char* const end = found->text.data() + found->text.size();
  const auto [at, error] = std::from_chars(found->text.data(), end, count);
  for (const auto& [unit, ns] : kUnits) {
    if (error != std::errc() || unit != std::string_view(at, static_cast<size_t>(end - at))) {
      continue;
    }
    if (count >= 1 && count <= 366 * kUnits[4].second / ns) return count * ns;
  }
  reporter_->Error(kBadValue, *found, "'" + found->text + "' is no duration",
                   "a whole number and ms, s, m, h or d, up to 366d");
  return fallback;
}

void MapReader::Done() {
  if (!ok_) return;
  std::vector<std::string_view> names(taken_.begin(), taken_.end());
  for (const DocEntry& entry : node_->entries) {
    if (taken_.contains(entry.key)) continue;
    reporter_->Report(Severity::kError, kUnknownKey, entry.offset, entry.length,
                      what_ + " has no member '" + entry.key + "'" + DidYouMean(entry.key, names));
  }
}

std::string DocToJson(const DocNode& node) {
  std::string out;
  switch (node.kind) {
    case DocNode::Kind::kMap:
      for (const DocEntry& entry : node.entries) {
        out.append(out.empty() ? "{" : ",");
        AppendJsonString(entry.key, &out);
        out.append(":").append(DocToJson(entry.value));
      }
      return out.empty() ? "{}" : out + "}";
    case DocNode::Kind::kList:
      for (const DocNode& item : node.items) {
        out.append(out.empty() ? "[" : ",").append(DocToJson(item));
      }
      return out.empty() ? "[]" : out + "]";
    case DocNode::Kind::kString:
      AppendJsonString(node.text, &out);
      return out;
    case DocNode::Kind::kBool:
      return node.boolean ? "true" : "false";
    case DocNode::Kind::kInt:
      return std::to_string(node.integer);
    case DocNode::Kind::kReal: {
      std::array<char, 32> buffer;
      const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), node.real).ptr;
      return std::string(buffer.data(), end);
    }
    default:
      return "null";
  }
}

std::string LowerAscii(std::string_view s) {
  std::string out(s);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool MatchesGlob(std::string_view pattern, std::string_view text) {
  const std::string p = LowerAscii(pattern);
  const std::string t = LowerAscii(text);
  size_t i = 0;
  size_t j = 0;
  size_t star = std::string::npos;
  size_t from = 0;
  while (j < t.size()) {
    if (i < p.size() && p[i] == '*') {
      star = i++;
      from = j;
    } else if (i < p.size() && p[i] == t[j]) {
      ++i;
      ++j;
    } else if (star != std::string::npos) {
      i = star + 1;
      j = ++from;
    } else {
      return false;
    }
  }
  while (i < p.size() && p[i] == '*') ++i;
  return i == p.size();
}

std::string DidYouMean(std::string_view word, std::span<const std::string_view> names) {
  if (word.size() > 40) return "";
  size_t best = std::max<size_t>(1, word.size() / 3) + 1;
  std::string_view nearest;
  for (const std::string_view name : names) {
    if (name.size() > 60) continue;
    std::vector<size_t> row(name.size() + 1);
    for (size_t j = 0; j <= name.size(); ++j) row[j] = j;
    for (size_t i = 0; i < word.size(); ++i) {
      size_t diagonal = row[0];
      row[0] = i + 1;
      for (size_t j = 0; j < name.size(); ++j) {
        const size_t change = diagonal + (word[i] == name[j] ? 0 : 1);
        diagonal = row[j + 1];
        row[j + 1] = std::min({row[j] + 1, diagonal + 1, change});
      }
    }
    if (row.back() < best) {
      best = row.back();
      nearest = name;
    }
  }
  return nearest.empty() ? "" : " (did you mean '" + std::string(nearest) + "'?)";
}

}  // namespace vedette::inline v0
