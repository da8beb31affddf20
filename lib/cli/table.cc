#include "lib/cli/table.h"

#include <algorithm>
#include <utility>

namespace vedette::inline v0::cli {
namespace {

constexpr std::string_view kGap = "  ";

void TrimRight(std::string* line) {
  while (line->ends_with(' ')) line->pop_back();
}

}  // namespace

std::string_view LevelColor(Level level, bool color) {
  if (!color) return "";
  switch (level) {
    case Level::kCritical:
      return "\x1b[1;31m";
    case Level::kHigh:
      return "\x1b[31m";
    case Level::kMedium:
      return "\x1b[33m";
    case Level::kLow:
      return "\x1b[36m";
    case Level::kInformational:
    case Level::kUnset:
      return "\x1b[2m";
  }
  return "";
}

std::string_view ShortLevel(Level level) {
  if (level == Level::kUnset) return "-";
  return level == Level::kInformational ? "info" : LevelName(level);
}

DetectionTable::DetectionTable(size_t width, bool color) : width_(width), color_(color) {
  const size_t room = width > 31 ? width - 31 : 1;  // after time, level and their gaps
  if (width >= 90) {
    host_ = std::min<size_t>(24, room / 5);
    event_ = std::min<size_t>(32, room / 3);
  } else if (width >= 60) {
    event_ = std::min<size_t>(20, room / 3);
  }
  const size_t taken = (host_ > 0 ? host_ + 2 : 0) + (event_ > 0 ? event_ + 2 : 0);
  rule_ = std::max<size_t>(room > taken ? room - taken : 1, 1);
}

std::string DetectionTable::Head() const {
  std::string line = Pad("TIME", time_).append(kGap).append(Pad("LEVEL", level_));
  line.append(kGap).append(Pad("RULE", rule_));
  if (host_ > 0) line.append(kGap).append(Pad("HOST", host_));
  if (event_ > 0) line.append(kGap).append("EVENT");
  TrimRight(&line);
  return std::string(Paint(color_).Bold()).append(line).append(Paint(color_).Off()).append("\n");
}

namespace {

// Where the event is; of several events, the last one.
std::pair<std::string_view, uint64_t> Place(const Detection& d) {
  if (d.evidence == nullptr || d.evidence->events.empty()) return {d.event_source, d.event_line};
  return {d.evidence->events.back().event_source, d.evidence->events.back().event_line};
}

// JSON text without the quotes of a string.
std::string_view Unquoted(std::string_view json) {
  const bool quoted = json.size() >= 2 && json.front() == '"';
  return quoted ? json.substr(1, json.size() - 2) : json;
}

}  // namespace

std::string DetectionTable::Row(const Detection& detection, std::string_view host) const {
  const Paint paint(color_);
  const RuleMeta& rule = detection.meta();
  std::string time = FormatEventTime(detection.time).substr(0, time_);
  std::ranges::replace(time, 'T', ' ');
  std::string line(paint.Dim());
  line.append(Pad(time.empty() ? "-" : time, time_)).append(paint.Off()).append(kGap);
  line.append(LevelColor(rule.level, color_)).append(Pad(ShortLevel(rule.level), level_));
  line.append(paint.Off()).append(kGap).append(paint.Bold());
  line.append(Pad(rule.display_name(), rule_)).append(paint.Off());
  if (host_ > 0) line.append(kGap).append(Pad(host.empty() ? "-" : host, host_));
  if (event_ > 0) {
    const auto [source, event_line] = Place(detection);
    const std::string number = event_line == 0 ? "" : ":" + std::to_string(event_line);
    const size_t name_cells = event_ > number.size() ? event_ - number.size() : 1;
    line.append(kGap).append(Fit(BaseName(source), name_cells, Keep::kEnd));
    line.append(number);
  }
  TrimRight(&line);
  return line.append("\n").append(Matched(detection));
}

std::string DetectionTable::Matched(const Detection& detection) const {
  // The same value is often asked for several times ("contains|all"); it is shown once.
  std::vector<std::pair<std::string_view, std::string_view>> shown;
  const auto add = [&shown](std::string_view name, std::string_view value) {
    const std::pair<std::string_view, std::string_view> item(name, value);
    if (std::ranges::find(shown, item) == shown.end()) shown.push_back(item);
  };
  for (const MatchedField& m : detection.matched) add(m.field, m.value);
  std::string total;
  if (detection.evidence != nullptr) {
    total = Count(detection.evidence->total_events, "event");
    add("", total);
    for (const auto& [name, value] : detection.evidence->key) add(name, Unquoted(value));
    for (const auto& [name, value] : detection.evidence->aggregates) add(name, Unquoted(value));
    for (const auto& [name, value] : detection.outcomes) add(name, Unquoted(value));
  }
  if (shown.empty()) return "";
  constexpr size_t kIndent = 4;
  constexpr size_t kMinValue = 16;
  size_t room = width_ > kIndent ? width_ - kIndent : 1;
  const Paint paint(color_);
  std::string line(kIndent, ' ');
  for (size_t i = 0; i < shown.size() && room > 0; ++i) {
    // A name takes no more than half of what is left.
    const std::string name =
        shown[i].first.empty()
            ? ""
            : Fit(shown[i].first, std::min<size_t>(40, std::max<size_t>(room / 2, 1))).append("=");
    const size_t gap = i == 0 ? 0 : kGap.size();
    const size_t needed = gap + CellWidth(name) + kMinValue;
    if (i > 0 && needed > room) {
      // Something more held, but there is no room to say it in a way that could be read.
      if (room >= 3) line.append("  \xE2\x80\xA6");
      break;
    }
    // What is left is shared, so that one long command line does not push out the others.
    const size_t others = shown.size() - i - 1;
    size_t cells = room - std::min(room, gap + CellWidth(name));
    if (others > 0) cells = std::max(std::min(kMinValue, cells), cells / 2);
    const bool path = shown[i].second.find(' ') == std::string_view::npos &&
                      shown[i].second.find_first_of("\\/") != std::string_view::npos;
    const std::string value = Fit(shown[i].second, cells, path ? Keep::kEnd : Keep::kBegin);
    line.append(gap, ' ').append(paint.Dim()).append(name).append(paint.Off()).append(value);
    room -= std::min(room, gap + CellWidth(name) + CellWidth(value));
  }
  return line.append("\n");
}

ListTable::ListTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

void ListTable::Add(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::vector<size_t> ListTable::Widths(size_t width) const {
  std::vector<size_t> widths;
  for (const Column& c : columns_) widths.push_back(CellWidth(c.name));
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], CellWidth(row[i]));
  }
  size_t total = kGap.size() * (columns_.size() - 1);
  for (const size_t w : widths) total += w;
  while (total > width) {
    // The column that can give most gives first.
    size_t best = columns_.size();
    for (size_t i = 0; i < widths.size(); ++i) {
      if (widths[i] <= columns_[i].min_width) continue;
      if (best == columns_.size() ||
          widths[i] - columns_[i].min_width > widths[best] - columns_[best].min_width) {
        best = i;
      }
    }
    if (best == columns_.size()) break;
    --widths[best];
    --total;
  }
  return widths;
}

std::string ListTable::Format(size_t width, bool color) const {
  const std::vector<size_t> widths = Widths(width);
  std::string out;
  const auto append_row = [&](auto cell) {
    std::string line;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) line.append(kGap);
      const std::string text = Fit(cell(i), widths[i], columns_[i].keep);
      const std::string fill(widths[i] - std::min(widths[i], CellWidth(text)), ' ');
      line.append(columns_[i].right ? fill + text : text + fill);
    }
    TrimRight(&line);
    out.append(line);
  };
  const Paint paint(color);
  out.append(paint.Bold());
  append_row([this](size_t i) { return columns_[i].name; });
  out.append(paint.Off()).append("\n");
  for (const auto& row : rows_) {
    append_row([&row](size_t i) -> std::string_view { return row[i]; });
    out.append("\n");
  }
  return out;
}

}  // namespace vedette::inline v0::cli
