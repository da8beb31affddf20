#include "lib/io/cef/cef_parser.h"

#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "lib/base/utf8.h"
#include "lib/io/common/text_time.h"

namespace vedette::inline v0 {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsKeyChar(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
         c == '-' || c == '[' || c == ']' || c == ':' || c == '/' || c == '@';
}

// Cuts the header part up to the next `|` off `*rest`; nothing if there is none. In CEF `\|` and
// `\\` stand for themselves: they are replaced within the text.
std::optional<std::string_view> TakePart(bool escapes, std::string_view* rest, char* base,
                                         const char* start) {
  size_t at = 0;
  size_t out = 0;
  char* const text = base + (rest->data() - start);
  for (; at < rest->size() && (*rest)[at] != '|'; ++at) {
    if (escapes && (*rest)[at] == '\\' && at + 1 < rest->size() &&
        ((*rest)[at + 1] == '|' || (*rest)[at + 1] == '\\')) {
      ++at;
    }
    text[out++] = (*rest)[at];
  }
  if (at >= rest->size()) return std::nullopt;
  rest->remove_prefix(at + 1);
  return std::string_view(text, out);
}

std::string_view Trim(std::string_view s) {
  while (s.ends_with(' ')) s.remove_suffix(1);
  while (s.starts_with(' ')) s.remove_prefix(1);
  return s;
}

// A value of CEF's extension without its escapes, replaced within the text.
std::string_view Unescape(std::string_view value, char* text) {
  if (value.find('\\') == std::string_view::npos) return value;
  size_t out = 0;
  for (size_t i = 0; i < value.size(); ++i) {
    char c = value[i];
    if (c == '\\' && i + 1 < value.size()) {
      const char next = value[i + 1];
      if (next == '=' || next == '\\' || next == '|') c = next;
      if (next == 'n') c = '\n';
      if (next == 'r') c = '\r';
      if (c != '\\' || next == '\\') ++i;
    }
    text[out++] = c;
  }
  return {text, out};
}

struct Text {
  char* base;            // the changeable copy
  std::string_view all;  // the same
  char* At(std::string_view part) const { return base + (part.data() - all.data()); }
};

class ExtensionParser {
 public:
  ExtensionParser(const TextOptions& options, const Text& text, RecordFields* fields)
      : options_(options), text_(text), fields_(fields) {}

  // CEF: `key=value key=value`; values may hold blanks: a value ends where the next key begins.
  ParseOutcome Cef(std::string_view rest) {
    std::string_view key;
    size_t value_at = 0;
    for (size_t i = 0; i < rest.size(); ++i) {
      if (rest[i] == '\\') {
        ++i;
        continue;
      }
      if (rest[i] != '=') continue;
      size_t begin = i;
      while (begin > value_at && IsKeyChar(rest[begin - 1])) --begin;
      const bool is_key = begin < i && (begin == 0 || rest[begin - 1] == ' ');
      // A bare `=` within a value is text.
      if (!is_key) continue;
      if (!Add(key, rest.substr(value_at, begin - value_at))) return kTooManyFields;
      key = rest.substr(begin, i - begin);
      value_at = i + 1;
    }
    if (!Add(key, rest.substr(value_at))) return kTooManyFields;
    return outcome_;
  }

  // LEEF: `key=value` with a delimiter between, without escapes.
  ParseOutcome Leef(std::string_view rest, char delimiter) {
    while (!rest.empty()) {
      const std::string_view part = rest.substr(0, rest.find(delimiter));
      rest.remove_prefix(std::min(rest.size(), part.size() + 1));
      if (Trim(part).empty()) continue;
      const size_t equals = part.find('=');
      if (equals == std::string_view::npos || Trim(part.substr(0, equals)).empty()) {
        outcome_ = {ParseOutcome::Kind::kIncomplete, "a part without key=value"};
        continue;
      }
      if (fields_->size() >= options_.max_fields) return kTooManyFields;
      fields_->Add(Trim(part.substr(0, equals)), NumberOrText(part.substr(equals + 1)));
    }
    return outcome_;
  }

 private:
  bool Add(std::string_view key, std::string_view raw) {
    const std::string_view value = Trim(raw);
    if (key.empty()) {
      if (!value.empty()) outcome_ = {ParseOutcome::Kind::kIncomplete, "text before the first key"};
      return true;
    }
    if (fields_->size() >= options_.max_fields) return false;
    fields_->Add(key, NumberOrText(Unescape(value, text_.At(value))));
    return true;
  }

  const TextOptions& options_;
  const Text& text_;
  RecordFields* fields_;
  ParseOutcome outcome_;
};

// `cs1Label=Rule cs1=x`: the field is also called what its label says.
void AddLabelled(size_t first, const TextOptions& options, RecordFields* fields) {
  constexpr std::string_view kLabel = "Label";
  // The specification has some thirty; each is searched for among all fields.
  size_t labels_left = 100;
  const size_t end = fields->size();
  for (size_t i = first; i < end && fields->size() < options.max_fields; ++i) {
    const Member label = fields->at(i);
    if (!label.name.ends_with(kLabel) || !label.value.is_string()) continue;
    if (labels_left-- == 0) return;
    if (label.value.string().empty() || fields->Has(label.value.string())) continue;
    const std::string_view of = label.name.substr(0, label.name.size() - kLabel.size());
    const Member* value = fields->Find(of);
    if (value != nullptr) fields->Add(label.value.string(), value->value);
  }
}

EventTime TimeOf(const TextOptions& options, const RecordFields& fields,
                 std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const Member* member = fields.Find(name);
    if (member == nullptr) continue;
    EventTime t = ParseTimeIn(options, member->value);
    if (t != kNoEventTime) return t;
    if (!member->value.is_string()) continue;
    std::string_view text = member->value.string();
    if (TakeMonthTime(options, &text, &t) && t != kNoEventTime) return t;
  }
  return kNoEventTime;
}

// LEEF 2 names its delimiter: a character, or its code as x09 or 0x09.
char DelimiterOf(std::string_view text) {
  if (text.size() == 1) return text[0];
  if (text.starts_with('0')) text.remove_prefix(1);
  if (text.starts_with('x') || text.starts_with('X')) {
    text.remove_prefix(1);
    if (text.size() == 4 && text.starts_with("00")) text.remove_prefix(2);
    const auto code = HexDigits(text, 2);
    if (code.has_value() && text.size() == 2) return static_cast<char>(*code);
  }
  return '\t';
}

}  // namespace

bool StartsCef(std::string_view text) {
  for (const std::string_view mark : {"CEF:", "LEEF:"}) {
    if (text.starts_with(mark)) {
      text.remove_prefix(mark.size());
      if (text.starts_with(' ')) text.remove_prefix(1);  // some products write `CEF: 0|`
      return !text.empty() && IsDigit(text[0]);
    }
  }
  return false;
}

ParseOutcome ParseCef(std::string_view text, const TextOptions& options, ValueArena* arena,
                      RecordFields* fields, EventTime* time) {
  const bool leef = text.starts_with('L');
  char* const base = MutableCopy(text, arena);
  const Text copy{base, {base, text.size()}};
  std::string_view rest = copy.all.substr(leef ? 5 : 4);
  rest = rest.substr(std::min(rest.size(), rest.find_first_not_of(' ')));
  const auto version = TakePart(!leef, &rest, base, base);
  if (!version.has_value()) return {ParseOutcome::Kind::kBroken, "the header is cut off"};
  const size_t first = fields->size();
  fields->Add(leef ? "leefVersion" : "cefVersion", NumberOrText(*version));
  constexpr std::array<std::string_view, 6> kNames = {
      "deviceVendor", "deviceProduct", "deviceVersion", "deviceEventClassId", "name", "severity"};
  for (size_t i = 0; i < (leef ? 4U : 6U); ++i) {
    std::optional<std::string_view> part = TakePart(!leef, &rest, base, base);
    // CEF without any extension may lack the last bar.
    const bool last = !part.has_value() && i + 1 == (leef ? 4U : 6U);
    if (last) part = std::exchange(rest, {});
    if (!part.has_value()) return {ParseOutcome::Kind::kBroken, "the header is cut off"};
    const std::string_view trimmed = Trim(*part);
    if (!trimmed.empty()) fields->Add(kNames[i], NumberOrText(trimmed));
  }
  ExtensionParser parser(options, copy, fields);
  ParseOutcome outcome;
  if (leef) {
    char delimiter = '\t';
    if (version->starts_with('2')) {
      const size_t bar = rest.find('|');
      // The part may be missing altogether.
      if (bar != std::string_view::npos && bar <= 6 &&
          rest.substr(0, bar).find('=') == std::string_view::npos) {
        delimiter = DelimiterOf(rest.substr(0, bar));
        rest.remove_prefix(bar + 1);
      }
    }
    outcome = parser.Leef(rest, delimiter);
    *time = TimeOf(options, *fields, {"devTime"});
  } else {
    outcome = parser.Cef(rest);
    AddLabelled(first, options, fields);
    *time = TimeOf(options, *fields, {"rt", "start", "end"});
  }
  return outcome;
}

}  // namespace vedette::inline v0
