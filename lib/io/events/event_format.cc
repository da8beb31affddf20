// Telling formats apart by how they begin.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "lib/io/auditd/audit_record.h"
#include "lib/io/cef/cef_parser.h"
#include "lib/io/csv/csv_format.h"
#include "lib/io/syslog/syslog_parser.h"
#include "vedette/io/events.h"

namespace vedette::inline v0 {
namespace {

constexpr std::array<std::string_view, 8> kNames = {"json",   "syslog", "cef", "logfmt",
                                                    "auditd", "zeek",   "csv", "evtx"};
constexpr std::string_view kEvtxMagic{"ElfFile\0", 8};
constexpr size_t kMaxHead = size_t{64} << 10;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// `74 <34>` or `<34>`: syslog that may have no lines at all.
bool StartsFrame(std::string_view head) {
  size_t at = 0;
  while (at < head.size() && at < 9 && IsDigit(head[at])) ++at;
  if (at > 0) {
    if (at >= head.size() || head[at] != ' ') return false;
    ++at;
  }
  if (at >= head.size() || head[at] != '<') return false;
  size_t end = at + 1;
  while (end < head.size() && end < at + 4 && IsDigit(head[end])) ++end;
  return end > at + 1 && end < head.size() && head[end] == '>';
}

// At least two `key=`, first of all, and no fewer than other words.
bool LooksLikeLogfmt(std::string_view line) {
  size_t pairs = 0;
  size_t others = 0;
  for (size_t at = 0; at < line.size();) {
    if (IsBlank(line[at])) {
      ++at;
      continue;
    }
    const size_t key = at;
    while (at < line.size() && (IsLetter(line[at]) || IsDigit(line[at]) || line[at] == '.' ||
                                line[at] == '-' || line[at] == '@' || line[at] == '/')) {
      ++at;
    }
    const bool is_pair = at > key && at < line.size() && line[at] == '=' && !IsDigit(line[key]);
    if (!is_pair && pairs == 0) return false;
    (is_pair ? pairs : others) += 1;
    bool quoted = false;
    for (; at < line.size() && (quoted || !IsBlank(line[at])); ++at) {
      if (line[at] == '\\') {
        ++at;
      } else if (line[at] == '"') {
        quoted = !quoted;
      }
    }
  }
  return pairs >= 2 && pairs >= others;
}

bool IsColumnName(std::string_view name) {
  constexpr size_t kLongest = 128;
  if (name.size() >= 2 && name.starts_with('"') && name.ends_with('"')) {
    name = name.substr(1, name.size() - 2);
  }
  if (name.empty() || name.size() > kLongest || (!IsLetter(name[0]) && name[0] != '@')) {
    return false;
  }
  const auto fits = [](char c) {
    return IsLetter(c) || IsDigit(c) || static_cast<unsigned char>(c) >= 0x80 ||
           std::string_view(" .-@:/()#%").find(c) != std::string_view::npos;
  };
  return std::ranges::all_of(name, fits) && !name.ends_with(' ');
}

// A line of names, all different.
bool LooksLikeCsv(std::string_view line, size_t least) {
  const char delimiter = LikelyDelimiter(line);
  std::vector<std::string_view> names;
  while (true) {
    const size_t end = line.find(delimiter);
    names.push_back(line.substr(0, end));
    if (!IsColumnName(names.back())) return false;
    if (end == std::string_view::npos) break;
    line.remove_prefix(end + 1);
  }
  std::ranges::sort(names);
  return names.size() >= least && std::ranges::adjacent_find(names) == names.end();
}

bool EndsInTable(std::string_view name) {
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) name.remove_suffix(packed.size());
  }
  for (const std::string_view ending : {".csv", ".tsv", ".CSV", ".TSV"}) {
    if (name.ends_with(ending)) return true;
  }
  return false;
}

EventFormat FormatOfLine(std::string_view line, std::string_view name) {
  for (const std::string_view mark : {"#separator", "#set_separator", "#fields", "#path"}) {
    if (line.starts_with(mark)) return EventFormat::kZeek;
  }
  AuditHead head;
  if (StartsCef(line)) return EventFormat::kCef;
  if (ParseAuditHead(line, &head)) return EventFormat::kAuditd;
  if (LooksLikeSyslog(line)) return EventFormat::kSyslog;
  if (LooksLikeLogfmt(line)) return EventFormat::kLogfmt;
  if (LooksLikeCsv(line, EndsInTable(name) ? 1 : 3)) return EventFormat::kCsv;
  return EventFormat::kJson;
}

}  // namespace

std::string_view EventFormatName(EventFormat format) { return kNames[static_cast<size_t>(format)]; }

std::optional<EventFormat> EventFormatByName(std::string_view name) {
  if (name == "leef") return EventFormat::kCef;
  const auto it = std::ranges::find(kNames, name);
  if (it == kNames.end()) return std::nullopt;
  return static_cast<EventFormat>(it - kNames.begin());
}

std::optional<EventFormat> DetectEventFormat(std::string_view head, bool at_end,
                                             std::string_view name) {
  if (head.starts_with(kEvtxMagic)) return EventFormat::kEvtx;
  at_end = at_end || head.size() >= kMaxHead;
  if (!at_end && kEvtxMagic.starts_with(head)) return std::nullopt;
  while (!head.empty() && IsBlank(head.front())) head.remove_prefix(1);
  if (head.starts_with('{') || head.starts_with('[')) return EventFormat::kJson;
  if (StartsFrame(head)) return EventFormat::kSyslog;
  const size_t end = head.find('\n');
  if (end == std::string_view::npos && !at_end) return std::nullopt;
  std::string_view line = head.substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return FormatOfLine(line, name);
}

}  // namespace vedette::inline v0
