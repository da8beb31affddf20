#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/io/common/decoded_source.h"
#include "lib/io/common/line_reader.h"
#include "lib/io/common/record.h"
#include "lib/io/csv/csv_format.h"
#include "vedette/io/csv.h"

namespace vedette::inline v0 {
namespace {

// How far a quoted value may go beyond the line on which it begins: one forgotten quote must not
// make the rest of the file one value.
constexpr size_t kMaxQuotedLines = size_t{64} << 10;

struct Cell {
  std::string_view text;
  bool quoted = false;
};

class CsvReader final : public EventReader {
 public:
  CsvReader(std::string name, ByteSource bytes, CsvOptions options)
      : name_(std::move(name)),
        options_(std::move(options.text)),
        delimiter_(options.delimiter),
        buffer_(DecodedSource(std::move(bytes))),
        counter_(options_.on_broken) {
    for (const std::string& column : options.names) names_.Add(column);
  }

  absl::StatusOr<bool> Next(Event* event) override {
    while (true) {
      size_t size = 0;
      uint64_t line = 0;
      const Found found = FindRecord(&size, &line);
      counter_.stats.bytes = buffer_.bytes();
      if (found == Found::kEnd) {
        if (!buffer_.status().ok()) return buffer_.status();
        return false;
      }
      ParseOutcome outcome = {ParseOutcome::Kind::kOversized, "larger than the limit"};
      if (found == Found::kUnclosed) {
        outcome = {ParseOutcome::Kind::kBroken, "a quoted value does not end"};
      }
      if (found == Found::kRecord) {
        event->Clear();
        outcome = Parse(buffer_.Rest().substr(0, size), event);
        buffer_.Consume(size);
        counter_.stats.bytes = buffer_.bytes();
      }
      if (!counter_.Count(outcome, line)) continue;
      event->set_ref(name_, line);
      return true;
    }
  }

  const ReadStats& stats() const override { return counter_.stats; }

 private:
  enum class Found : uint8_t { kRecord, kOversized, kUnclosed, kEnd };
  // How far the record at the front has been looked at.
  struct Scan {
    size_t at = 0;
    bool quoted = false;
    bool cell_start = true;
    std::optional<size_t> line_end;  // of the first line, while in quotes
  };

  // The record at the front: `*size` bytes with its line end. One that is no record is passed over.
  Found FindRecord(size_t* size, uint64_t* line) {
    if (!buffer_.Resume()) return Found::kEnd;
    if (scan_.at == 0 && !Begin(line)) return Found::kEnd;
    *line = buffer_.line();
    if (delimiter_ == 0 && !ChooseDelimiter()) {
      if (buffer_.waiting()) return Found::kEnd;
      buffer_.SkipLine();
      return Found::kOversized;
    }
    const Found found = ScanRecord(size);
    if (found != Found::kEnd) scan_ = {};
    return found;
  }

  // Passes over what stands before a record; false if there is none.
  bool Begin(uint64_t* line) {
    SkipBlankLines();
    *line = buffer_.line();
    return !buffer_.waiting() && buffer_.Has(1);
  }

  // kEnd: the stream has nothing more for now, and the scan goes on where it is.
  Found ScanRecord(size_t* size) {
    size_t& at = scan_.at;
    while (true) {
      const std::string_view rest = buffer_.Rest();
      for (; at < rest.size(); ++at) {
        const char c = rest[at];
        if (c == '"') {
          // Elsewhere than at a cell's beginning a quote opens nothing, but ends what is open.
          if (scan_.quoted || scan_.cell_start) scan_.quoted = !scan_.quoted;
          // `""` closes and opens again.
          scan_.cell_start = !scan_.quoted;
          continue;
        }
        scan_.cell_start = c == delimiter_;
        if (c != '\n') continue;
        if (!scan_.quoted) {
          *size = at + 1;
          return *size > options_.max_bytes + 2 ? PassOver(*size, Found::kOversized)
                                                : Found::kRecord;
        }
        if (!scan_.line_end.has_value()) scan_.line_end = at;
      }
      const bool too_far = scan_.line_end.has_value() && at - *scan_.line_end > kMaxQuotedLines;
      if (too_far) return PassOver(*scan_.line_end + 1, Found::kUnclosed);
      if (at > options_.max_bytes) {
        buffer_.SkipLine();
        return Found::kOversized;
      }
      if (buffer_.Fill()) continue;
      if (buffer_.waiting()) return Found::kEnd;
      if (scan_.quoted) {
        return PassOver(scan_.line_end.has_value() ? *scan_.line_end + 1 : at, Found::kUnclosed);
      }
      *size = at;
      return Found::kRecord;
    }
  }

  Found PassOver(size_t size, Found why) {
    buffer_.Consume(size);
    return why;
  }

  void SkipBlankLines() {
    while (buffer_.Has(1)) {
      const char c = buffer_.Rest().front();
      const bool ends = c == '\n' || (c == '\r' && buffer_.Has(2) && buffer_.Rest()[1] == '\n');
      if (!ends) return;
      buffer_.Consume(c == '\n' ? 1 : 2);
      ++counter_.stats.blank;
    }
  }

  bool ChooseDelimiter() {
    size_t end = std::string_view::npos;
    do {
      end = buffer_.Rest().find('\n');
    } while (end == std::string_view::npos && buffer_.Rest().size() <= options_.max_bytes &&
             buffer_.Fill());
    if (end == std::string_view::npos &&
        (buffer_.waiting() || buffer_.Rest().size() > options_.max_bytes)) {
      return false;
    }
    delimiter_ = LikelyDelimiter(buffer_.Rest().substr(0, end));
    return true;
  }

  // Cells of `record` without their quotes, which are taken out in `text`.
  void Split(std::string_view record, char* text) {
    cells_.clear();
    size_t at = 0;
    while (true) {
      Cell cell;
      const size_t begin = at;
      size_t out = begin;
      bool quoted = false;
      bool start = true;
      for (; at < record.size() && (quoted || record[at] != delimiter_); ++at) {
        const char c = record[at];
        if (c != '"' || (!quoted && !start)) {
          text[out++] = c;
          start = false;
          continue;
        }
        if (!quoted) {
          quoted = true;
          cell.quoted = true;
        } else if (at + 1 < record.size() && record[at + 1] == '"') {
          text[out++] = '"';
          ++at;
        } else {
          quoted = false;
        }
        start = false;
      }
      cell.text = {text + begin, out - begin};
      cells_.push_back(cell);
      if (at >= record.size() || cells_.size() > options_.max_fields) return;
      ++at;
    }
  }

  ParseOutcome Parse(std::string_view record, Event* event) {
    ValueArena* const arena = &event->arena();
    if (record.ends_with('\n')) record.remove_suffix(1);
    if (record.ends_with('\r')) record.remove_suffix(1);
    char* const text = MutableCopy(record, arena);
    Split(record, text);
    if (cells_.size() > options_.max_fields) return kTooManyFields;
    if (names_.size() == 0) return Header();
    const char* const names = names_.CopyTo(arena);
    fields_.Clear();
    for (size_t i = 0; i < std::min(cells_.size(), names_.size()); ++i) {
      const Cell& cell = cells_[i];
      // An empty cell is no value, unless somebody took care to write "".
      if (cell.text.empty() && !cell.quoted) continue;
      const std::string_view name = names_.Name(i, names);
      if (!name.empty()) fields_.Add(name, NumberOrText(cell.text));
    }
    ParseOutcome outcome;
    if (cells_.size() < names_.size()) {
      outcome = {ParseOutcome::Kind::kIncomplete, "fewer values than names"};
    } else if (cells_.size() > names_.size()) {
      outcome = {ParseOutcome::Kind::kIncomplete, "more values than names"};
      const std::span<Value> more = arena->NewValues(cells_.size() - names_.size());
      for (size_t i = 0; i < more.size(); ++i) {
        more[i] = NumberOrText(cells_[names_.size() + i].text);
      }
      fields_.Add("_more", Value::List(more));
    }
    FinishEvent(options_, fields_.TakeObject(0, arena), event);
    return outcome;
  }

  ParseOutcome Header() {
    for (const Cell& cell : cells_) {
      std::string_view name = cell.text;
      while (name.starts_with(' ')) name.remove_prefix(1);
      while (name.ends_with(' ')) name.remove_suffix(1);
      names_.Add(name);
    }
    return {ParseOutcome::Kind::kNone, ""};
  }

  std::string name_;
  TextOptions options_;
  char delimiter_;
  TextBuffer buffer_;
  Scan scan_;
  OutcomeCounter counter_;
  ColumnNames names_;
  std::vector<Cell> cells_;
  RecordFields fields_;
};

}  // namespace

char LikelyDelimiter(std::string_view line) {
  char best = ',';
  ptrdiff_t most = 0;
  for (const char c : {',', ';', '\t', '|'}) {
    bool quoted = false;
    const auto counts = std::ranges::count_if(line, [&quoted, c](char at) {
      if (at == '"') quoted = !quoted;
      return at == c && !quoted;
    });
    if (counts > most) {
      most = counts;
      best = c;
    }
  }
  return best;
}

std::unique_ptr<EventReader> NewCsvReader(std::string name, ByteSource bytes, CsvOptions options) {
  return std::make_unique<CsvReader>(std::move(name), std::move(bytes), std::move(options));
}

}  // namespace vedette::inline v0
