#include "vedette/indicator_file.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "vedette/event.h"
#include "vedette/json.h"

namespace vedette::inline v0 {
namespace {

constexpr int kMaxNesting = 64;

std::string Lower(std::string_view s) {
  std::string out(s);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

std::string_view Trimmed(std::string_view s) {
  const size_t first = s.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(" \t\r\n") - first + 1);
}

// What feeds call types.
std::optional<IndicatorType> TypeNamed(std::string_view name) {
  static constexpr std::pair<std::string_view, IndicatorType> kAliases[] = {
      {"ipv4", IndicatorType::kAddress},       {"ipv6", IndicatorType::kAddress},
      {"ipv4-addr", IndicatorType::kAddress},  {"ipv6-addr", IndicatorType::kAddress},
      {"cidr", IndicatorType::kAddress},       {"address", IndicatorType::kAddress},
      {"domain-name", IndicatorType::kDomain}, {"hostname", IndicatorType::kDomain},
      {"fqdn", IndicatorType::kDomain},        {"md5", IndicatorType::kHash},
      {"sha1", IndicatorType::kHash},          {"sha256", IndicatorType::kHash},
      {"sha512", IndicatorType::kHash},        {"url", IndicatorType::kText},
  };
  const std::string lower = Lower(name);
  for (const auto& [alias, type] : kAliases) {
    if (alias == lower) return type;
  }
  return IndicatorTypeByName(lower);
}

class Reader {
 public:
  Reader(const RuleSource& file, const IndicatorFileOptions& options, IndicatorSet::Builder* set,
         DiagnosticSink* diagnostics)
      : file_(file), options_(options), set_(set), diagnostics_(diagnostics) {}

  void Run() {
    const std::string name = Lower(file_.name);
    std::string_view text = file_.text;
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (name.ends_with(".csv")) return Csv(text);
    const bool json =
        name.ends_with(".json") || name.ends_with(".jsonl") || name.ends_with(".ndjson");
    while (!text.empty()) {
      ++line_;
      const size_t end = text.find('\n');
      const std::string_view line = Trimmed(text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      if (line.empty()) continue;
      if (json) {
        JsonLine(line);
      } else if (!line.starts_with('#')) {
        Indicator indicator;
        AddValue("", std::string(line), &indicator);
        Add(std::move(indicator));
      }
    }
  }

 private:
  void Error(std::string code, std::string message) {
    Diagnostic d;
    d.code = std::move(code);
    d.message = std::move(message);
    d.source = file_.name;
    d.span.line = line_;
    diagnostics_->Add(std::move(d));
  }

  void AddValue(std::string field, std::string text, Indicator* out) const {
    const IndicatorType type = options_.type.value_or(GuessIndicatorType(text));
    out->values.push_back({std::move(field), std::move(text), type});
  }

  // Whether `name` is about the indicator; what it says is noted.
  bool Attribute(std::string_view name, const Value& value, Indicator* out) {
    std::string text;
    if (value.is_scalar()) value.AppendText(&text);
    if (name == "source") {
      out->source = std::move(text);
    } else if (name == "type") {
      type_ = TypeNamed(text);
      if (!type_.has_value()) Wrong("no type of indicators: '" + text + "'");
    } else if (name == "severity") {
      const std::optional<Level> level = LevelByName(Lower(text));
      if (!level.has_value()) Wrong("no severity: '" + text + "'");
      out->severity = level.value_or(Level::kUnset);
    } else if (name == "confidence") {
      const auto [end, failed] =
          std::from_chars(text.data(), text.data() + text.size(), out->confidence);
      const bool fits = failed == std::errc() && end == text.data() + text.size() &&
                        out->confidence >= 0 && out->confidence <= 100;
      if (!fits) Wrong("the confidence is from 0 to 100, not '" + text + "'");
    } else if (name == "valid_until") {
      out->valid_until = ParseEventTime(value);
      if (out->valid_until == kNoEventTime) Wrong("no time: '" + text + "'");
    } else {
      return false;
    }
    return true;
  }

  void Wrong(std::string message) {
    if (wrong_.empty()) wrong_ = std::move(message);
  }

  void Add(Indicator indicator) {
    for (IndicatorValue& v : indicator.values) {
      if (type_.has_value() && v.field.empty()) v.type = *type_;
    }
    std::string wrong = std::move(wrong_);
    wrong_.clear();
    type_.reset();
    if (wrong.empty()) {
      const absl::Status status = set_->Add(std::move(indicator));
      if (!status.ok()) wrong = std::string(status.message());
    }
    if (!wrong.empty()) Error("IND0002", std::move(wrong));
  }

  void Flatten(const Value& value, const std::string& path, int depth, Indicator* out) {
    if (value.is_list()) {
      if (depth >= kMaxNesting) return;
      for (const Value& item : value.list()) Flatten(item, path, depth + 1, out);
    } else if (value.is_object()) {
      if (depth >= kMaxNesting) return;
      for (const Member& member : value.members()) {
        const std::string name(member.name);
        Flatten(member.value, path.empty() ? name : path + "." + name, depth + 1, out);
      }
    } else if (value.is_scalar()) {
      std::string text;
      value.AppendText(&text);
      if (!text.empty()) AddValue(path == "value" ? "" : path, std::move(text), out);
    }
  }

  void JsonLine(std::string_view line) {
    const absl::Status status = parser_.Parse(line, &event_);
    if (!status.ok()) {
      return Error("IND0001", "no JSON object: " + std::string(status.message()));
    }
    Indicator indicator;
    for (const Member& member : event_.root().members()) {
      // An event's own `source` is an object, and so a field.
      if (member.value.is_scalar() && Attribute(member.name, member.value, &indicator)) continue;
      Flatten(member.value, std::string(member.name), 1, &indicator);
    }
    Add(std::move(indicator));
  }

  // The fields of one record, which may be over several lines; false at the end or after an error.
  bool Record(std::string_view* text, std::vector<std::string>* fields) {
    fields->clear();
    if (text->empty()) return false;
    line_ = next_line_;
    std::string field;
    bool quoted = false;
    bool was_quoted = false;
    size_t i = 0;
    for (; i < text->size(); ++i) {
      const char c = (*text)[i];
      if (c == '\n') ++next_line_;
      if (quoted) {
        if (c != '"') {
          field.push_back(c);
        } else if (i + 1 < text->size() && (*text)[i + 1] == '"') {
          field.push_back('"');
          ++i;
        } else {
          quoted = false;
        }
      } else if (c == '"' && Trimmed(field).empty() && !was_quoted) {
        field.clear();
        quoted = was_quoted = true;
      } else if (c == ',' || c == '\n') {
        fields->push_back(was_quoted ? field : std::string(Trimmed(field)));
        field.clear();
        was_quoted = false;
        if (c == '\n') break;
      } else if (!was_quoted || (c != '\r' && c != ' ' && c != '\t')) {
        field.push_back(c);
      }
    }
    if (quoted) {
      Error("IND0001", "a quoted field does not end");
      return false;
    }
    if (i == text->size()) fields->push_back(was_quoted ? field : std::string(Trimmed(field)));
    text->remove_prefix(std::min(i + 1, text->size()));
    return true;
  }

  void Csv(std::string_view text) {
    std::vector<std::string> header;
    std::vector<std::string> fields;
    const auto next = [this, &text](std::vector<std::string>* out) {
      do {
        if (!Record(&text, out)) return false;
      } while (out->size() == 1 && ((*out)[0].empty() || (*out)[0].starts_with('#')));
      return true;
    };
    if (!next(&header)) return;
    while (next(&fields)) {
      if (fields.size() != header.size()) {
        Error("IND0001", "the header has " + std::to_string(header.size()) +
                             " columns, this line " + std::to_string(fields.size()));
        continue;
      }
      Indicator indicator;
      for (size_t i = 0; i < header.size(); ++i) {
        if (fields[i].empty() || Attribute(header[i], Value::String(fields[i]), &indicator)) {
          continue;
        }
        AddValue(header[i] == "value" ? "" : header[i], std::move(fields[i]), &indicator);
      }
      Add(std::move(indicator));
    }
  }

  const RuleSource& file_;
  const IndicatorFileOptions& options_;
  IndicatorSet::Builder* set_;
  DiagnosticSink* diagnostics_;
  JsonParser parser_;
  Event event_;
  uint32_t line_ = 0;
  uint32_t next_line_ = 1;
  std::optional<IndicatorType> type_;  // of the indicator that is read
  std::string wrong_;                  // with it
};

}  // namespace

void ReadIndicators(const RuleSource& file, const IndicatorFileOptions& options,
                    IndicatorSet::Builder* set, DiagnosticSink* diagnostics) {
  Reader(file, options, set, diagnostics).Run();
}

}  // namespace vedette::inline v0
