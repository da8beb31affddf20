#include "lib/lang/elastic/map_reader.h"

#include <algorithm>
#include <utility>

#include "vedette/value.h"

namespace vedette::inline v0::elastic {
namespace {

constexpr size_t kMaxUnknownKeys = 100;
constexpr size_t kMaxPlaces = 1000;

}  // namespace

void RuleReporter::Error(std::string_view code, SourceSpan span, std::string message,
                         std::string hint) {
  ++errors_;
  Add(Severity::kError, code, span, std::move(message), std::move(hint));
}

void RuleReporter::Warning(std::string_view code, SourceSpan span, std::string message,
                           std::string hint) {
  Add(Severity::kWarning, code, span, std::move(message), std::move(hint));
}

void RuleReporter::Add(Severity severity, std::string_view code, SourceSpan span,
                       std::string message, std::string hint) {
  // The first error is always said, however many warnings came before it.
  const bool first_error = severity == Severity::kError && errors_ == 1;
  if (++reports_ > kMaxReports && !first_error) return;
  Diagnostic d;
  d.severity = severity;
  d.code = code;
  d.message = std::move(message);
  d.hint = std::move(hint);
  d.source = source_->name();
  d.span = span;
  d.line_text = source_->Line(span.line);
  d.rule = rule_;
  sink_->Add(std::move(d));
}

const DocEntry* MapReader::Entry(std::string_view key) const {
  for (const DocEntry& entry : map_.entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

const DocEntry* MapReader::Take(std::string_view key) {
  Ignore(key);
  const DocEntry* entry = Entry(key);
  if (entry == nullptr || entry->value.kind == DocNode::Kind::kNull) return nullptr;
  if (rule_->places.size() < kMaxPlaces) {
    rule_->places.emplace(path_ + std::string(key), SpanOf(key));
  }
  return entry;
}

SourceSpan MapReader::Span() const {
  return reporter_->source().SpanAt(map_.offset, std::max<size_t>(map_.length, 1));
}

SourceSpan MapReader::SpanOf(std::string_view key) const {
  const DocEntry* entry = Entry(key);
  return entry == nullptr ? Span() : reporter_->source().SpanAt(entry->offset, entry->length);
}

void MapReader::WrongType(std::string_view key, const DocNode& value, std::string_view expected) {
  const SourceSpan span =
      reporter_->source().SpanAt(value.offset, std::max<size_t>(value.length, 1));
  reporter_->Error("ELA0005", span,
                   Quoted(path_ + std::string(key)) + " must be " + std::string(expected) +
                       ", not " + std::string(KindName(value.kind)));
}

void MapReader::Missing(std::string_view key, std::string hint) {
  reporter_->Error("ELA0006", Span(), Quoted(path_ + std::string(key)) + " is missing",
                   std::move(hint));
}

void MapReader::String(std::string_view key, std::string* out) {
  const DocEntry* entry = Take(key);
  if (entry == nullptr) return;
  if (entry->value.kind == DocNode::Kind::kString) {
    *out = entry->value.text;
  } else {
    WrongType(key, entry->value, "a string");
  }
}

void MapReader::Located(std::string_view key, LocatedText* out) {
  const DocEntry* entry = Take(key);
  if (entry == nullptr) return;
  if (entry->value.kind == DocNode::Kind::kString) {
    *out =
        LocateString(reporter_->source().text(), entry->value.offset, syntax_, entry->value.text);
  } else {
    WrongType(key, entry->value, "a string");
  }
}

void MapReader::Strings(std::string_view key, std::vector<std::string>* out) {
  const DocEntry* entry = Take(key);
  if (entry == nullptr) return;
  const DocNode& value = entry->value;
  if (value.kind == DocNode::Kind::kString) {
    if (!value.text.empty()) out->push_back(value.text);
    return;
  }
  if (value.kind != DocNode::Kind::kList) {
    WrongType(key, value, "a list of strings");
    return;
  }
  for (const DocNode& item : value.items) {
    if (item.kind == DocNode::Kind::kString) {
      out->push_back(item.text);
    } else {
      WrongType(key, item, "a list of strings");
    }
  }
}

void MapReader::Int(std::string_view key, int64_t low, int64_t high, std::optional<int64_t>* out) {
  const DocEntry* entry = Take(key);
  if (entry == nullptr) return;
  if (entry->value.kind != DocNode::Kind::kInt) {
    WrongType(key, entry->value, "a whole number");
  } else if (entry->value.integer < low || entry->value.integer > high) {
    reporter_->Error("ELA0009",
                     reporter_->source().SpanAt(entry->value.offset, entry->value.length),
                     Quoted(path_ + std::string(key)) + " must be at least " + std::to_string(low) +
                         " and at most " + std::to_string(high));
  } else {
    *out = entry->value.integer;
  }
}

void MapReader::Real(std::string_view key, double low, double high, std::optional<double>* out) {
  const DocEntry* entry = Take(key);
  if (entry == nullptr) return;
  const DocNode& value = entry->value;
  if (value.kind != DocNode::Kind::kInt && value.kind != DocNode::Kind::kReal) {
    WrongType(key, value, "a number");
  } else if (!(value.real >= low && value.real <= high)) {
    std::string range;
    Value::Double(low).AppendText(&range);
    range += " to ";
    Value::Double(high).AppendText(&range);
    reporter_->Error("ELA0009", reporter_->source().SpanAt(value.offset, value.length),
                     Quoted(path_ + std::string(key)) + " must be in the range " + range);
  } else {
    *out = value.real;
  }
}

void MapReader::Bool(std::string_view key, std::optional<bool>* out) {
  const DocEntry* entry = Take(key);
  if (entry == nullptr) return;
  if (entry->value.kind == DocNode::Kind::kBool) {
    *out = entry->value.boolean;
  } else {
    WrongType(key, entry->value, "true or false");
  }
}

void MapReader::Scalar(std::string_view key, std::string* out) {
  const DocEntry* entry = Take(key);
  if (entry == nullptr) return;
  const DocNode& value = entry->value;
  switch (value.kind) {
    case DocNode::Kind::kString:
    case DocNode::Kind::kTime:
      *out = value.text;
      return;
    case DocNode::Kind::kBool:
      *out = value.boolean ? "true" : "false";
      return;
    case DocNode::Kind::kInt:
      *out = std::to_string(value.integer);
      return;
    case DocNode::Kind::kReal:
      out->clear();
      Value::Double(value.real).AppendText(out);
      return;
    default:
      WrongType(key, value, "a string or a number");
  }
}

void MapReader::Map(std::string_view key, const Each& read) {
  const DocEntry* entry = Take(key);
  if (entry == nullptr) return;
  if (entry->value.kind != DocNode::Kind::kMap) {
    WrongType(key, entry->value, "a table");
    return;
  }
  MapReader reader(entry->value, path_ + std::string(key) + ".", syntax_, reporter_, rule_);
  read(reader);
  reader.Finish();
}

void MapReader::Maps(std::string_view key, const Each& read) {
  const DocEntry* entry = Take(key);
  if (entry == nullptr) return;
  const DocNode& value = entry->value;
  if (value.kind == DocNode::Kind::kMap) return Map(key, read);
  if (value.kind != DocNode::Kind::kList) {
    WrongType(key, value, "a list of tables");
    return;
  }
  for (size_t i = 0; i < value.items.size(); ++i) {
    if (value.items[i].kind != DocNode::Kind::kMap) {
      WrongType(key, value.items[i], "a list of tables");
      continue;
    }
    const std::string path = path_ + std::string(key) + "[" + std::to_string(i) + "].";
    MapReader reader(value.items[i], path, syntax_, reporter_, rule_);
    read(reader);
    reader.Finish();
  }
}

bool MapReader::Has(std::string_view key) {
  Ignore(key);
  const DocEntry* entry = Entry(key);
  if (entry == nullptr) return false;
  const DocNode& value = entry->value;
  switch (value.kind) {
    case DocNode::Kind::kNull:
      return false;
    case DocNode::Kind::kString:
      return !value.text.empty();
    case DocNode::Kind::kList:
      return !value.items.empty();
    case DocNode::Kind::kMap:
      return !value.entries.empty();
    default:
      return true;
  }
}

void MapReader::Finish() {
  for (const DocEntry& entry : map_.entries) {
    if (known_.find(entry.key) != known_.end()) continue;
    if (rule_->unknown_keys.size() >= kMaxUnknownKeys) return;
    rule_->unknown_keys.push_back(
        {path_ + entry.key, reporter_->source().SpanAt(entry.offset, entry.length)});
  }
}

std::string Quoted(std::string_view text) {
  constexpr size_t kMax = 60;
  size_t n = std::min(text.size(), kMax);
  while (n < text.size() && n > 0 && (static_cast<unsigned char>(text[n]) & 0xC0) == 0x80) --n;
  std::string out = "'" + std::string(text.substr(0, n));
  return out + (n < text.size() ? "...'" : "'");
}

}  // namespace vedette::inline v0::elastic
