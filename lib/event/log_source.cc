// Log sources and the text form of their table; lib/event/logsources.txt is the built-in one.
#include <charconv>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lib/base/casefold.h"
#include "lib/base/strings.h"
#include "lib/event/logsources.inc"
#include "vedette/logsource.h"

namespace vedette::inline v0 {
namespace {

absl::Status At(int line, std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("line ", line, ": ", ToAbsl(why)));
}

// The next word of `*rest`, with double quotes removed; blanks within quotes belong to the word.
std::string NextWord(std::string_view* rest) {
  while (!rest->empty() && (rest->front() == ' ' || rest->front() == '\t')) rest->remove_prefix(1);
  std::string word;
  bool quoted = false;
  while (!rest->empty()) {
    const char c = rest->front();
    if (!quoted && (c == ' ' || c == '\t')) break;
    rest->remove_prefix(1);
    if (c == '"') {
      quoted = !quoted;
    } else {
      word.push_back(c);
    }
  }
  return word;
}

std::string Folded(std::string_view s) {
  std::string out;
  AppendFolded(s, &out);
  return out;
}

absl::Status ParseCondition(std::string_view word, int line, LogSourceTable::Condition* out) {
  const size_t equals = word.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == word.size()) {
    return At(line, "a condition is Field=value, Field=a|b, Field=prefix*, Field=* or Field=!");
  }
  out->field = word.substr(0, equals);
  std::string_view values = word.substr(equals + 1);
  while (true) {
    const size_t bar = values.find('|');
    out->values.push_back(Folded(values.substr(0, bar)));
    if (bar == std::string_view::npos) return absl::OkStatus();
    values.remove_prefix(bar + 1);
  }
}

// `RuleName=EventName` or `Field=value`, the rest of a word on the right side.
absl::Status ParsePair(std::string_view text, int line, const char* form,
                       std::vector<std::pair<std::string, std::string>>* out) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == text.size()) {
    return At(line, form);
  }
  out->emplace_back(text.substr(0, equals), text.substr(equals + 1));
  return absl::OkStatus();
}

absl::Status ParseTarget(std::string_view word, int line, LogSourceTable::Row* row) {
  const auto value_of = [&word](std::string_view key) -> std::string_view {
    return word.starts_with(key) ? word.substr(key.size()) : std::string_view();
  };
  if (const auto v = value_of("product="); !v.empty()) {
    row->source.product = Folded(v);
  } else if (const auto c = value_of("category="); !c.empty()) {
    row->source.category = Folded(c);
  } else if (const auto s = value_of("service="); !s.empty()) {
    row->source.service = Folded(s);
  } else if (const auto k = value_of("class="); !k.empty()) {
    const auto [ptr, ec] = std::from_chars(k.data(), k.data() + k.size(), row->class_uid);
    if (ec != std::errc() || ptr != k.data() + k.size()) return At(line, "class= takes a number");
  } else if (const auto r = value_of("rename:"); !r.empty()) {
    return ParsePair(r, line, "a renaming is rename:RuleName=EventName", &row->renames);
  } else if (const auto set = value_of("set:"); !set.empty()) {
    return ParsePair(set, line, "a value is set by set:Field=value", &row->sets);
  } else if (const auto assumed = value_of("assume:"); !assumed.empty()) {
    const absl::Status status =
        ParsePair(assumed, line, "a value is assumed by assume:Field=value", &row->assumes);
    if (status.ok()) row->sets.push_back(row->assumes.back());
    return status;
  } else {
    return At(line, absl::StrCat("unknown word '", ToAbsl(word),
                                 "'; expected product=, category=, service=, class=, rename:, "
                                 "set:, assume:"));
  }
  return absl::OkStatus();
}

absl::Status ParseRow(std::string_view text, int line, LogSourceTable::Row* row) {
  row->line = line;
  bool right = false;
  while (true) {
    const std::string word = NextWord(&text);
    if (word.empty()) break;
    if (word == "=>") {
      if (right) return At(line, "more than one =>");
      right = true;
      continue;
    }
    absl::Status status;
    if (right) {
      status = ParseTarget(word, line, row);
    } else {
      status = ParseCondition(word, line, &row->when.emplace_back());
    }
    if (!status.ok()) return status;
  }
  if (!right) return At(line, "no => between conditions and log source");
  if (row->when.empty()) return At(line, "no condition before =>");
  if (row->source.empty()) return At(line, "no log source after =>");
  return absl::OkStatus();
}

}  // namespace

std::string LogSource::ToString() const {
  const auto part = [](const std::string& s) { return s.empty() ? std::string("-") : s; };
  return part(product) + "/" + part(category) + "/" + part(service);
}

absl::StatusOr<LogSource> LogSource::Parse(std::string_view text) {
  LogSourceTable::Row row;
  std::string blanks(text);
  for (char& c : blanks) {
    if (c == ',') c = ' ';
  }
  std::string_view rest = blanks;
  for (std::string word = NextWord(&rest); !word.empty(); word = NextWord(&rest)) {
    if (!ParseTarget(word, 0, &row).ok() || row.class_uid != 0 || !row.renames.empty() ||
        !row.sets.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "'", word, "': a log source is product=P,category=C,service=S (any of them)"));
    }
  }
  if (row.source.empty()) return absl::InvalidArgumentError("the log source is empty");
  return row.source;
}

absl::StatusOr<LogSourceTable> LogSourceTable::Parse(std::string_view text) {
  LogSourceTable table;
  int line = 0;
  while (!text.empty()) {
    ++line;
    const size_t end = text.find('\n');
    std::string_view row_text = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (row_text.ends_with('\r')) row_text.remove_suffix(1);
    const size_t first = row_text.find_first_not_of(" \t");
    if (first == std::string_view::npos || row_text[first] == '#') continue;
    if (table.rows_.size() >= 10000) return At(line, "more than 10,000 rows");
    const absl::Status status = ParseRow(row_text, line, &table.rows_.emplace_back());
    if (!status.ok()) return status;
  }
  return table;
}

LogSourceTable LogSourceTable::FromRows(std::vector<Row> rows) {
  LogSourceTable table;
  table.rows_ = std::move(rows);
  return table;
}

const LogSourceTable& LogSourceTable::Builtin() {
  static const LogSourceTable table = [] {
    absl::StatusOr<LogSourceTable> parsed = Parse(BuiltinText());
    // tests/unit/event/log_source_test.cc proves that the built-in text parses.
    return parsed.ok() ? *std::move(parsed) : LogSourceTable();
  }();
  return table;
}

std::string_view LogSourceTable::BuiltinText() { return kLogSources; }

void LogSourceTable::Merge(const LogSourceTable& other) {
  rows_.insert(rows_.begin(), other.rows_.begin(), other.rows_.end());
}

}  // namespace vedette::inline v0
