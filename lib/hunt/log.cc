#include "vedette/hunt/log.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "lib/alert/markdown.h"
#include "lib/base/json_text.h"
#include "lib/base/strings.h"

namespace vedette::inline v0 {
namespace {

using Interval = std::pair<EventTime, EventTime>;

bool Longer(EventTime from, EventTime to, int64_t than) {
  return to > from && static_cast<uint64_t>(to) - static_cast<uint64_t>(from) >
                          static_cast<uint64_t>(std::max<int64_t>(than, 0));
}

// Holes between the intervals, and towards the ends of the range where it has some.
std::vector<DataGap> GapsOf(std::vector<Interval> intervals, EventTime from, EventTime to,
                            int64_t min_gap_ns) {
  std::vector<DataGap> gaps;
  std::sort(intervals.begin(), intervals.end());
  EventTime covered = from;
  bool known = from != kNoEventTime;
  for (const auto& [low, high] : intervals) {
    if (high < from || low >= to) continue;
    if (known && Longer(covered, low, min_gap_ns)) gaps.push_back({covered, low});
    covered = known ? std::max(covered, high) : high;
    known = true;
  }
  if (to != kEndOfTime && known && Longer(covered, to, min_gap_ns)) gaps.push_back({covered, to});
  return gaps;
}

// Nothing for a time that is not known.
void Time(std::string_view name, EventTime t, std::string* out) {
  if (t != kNoEventTime && t != kEndOfTime) AppendJsonField(name, FormatEventTime(t), out);
}

std::string Or(EventTime t, const char* otherwise) {
  return t == kNoEventTime || t == kEndOfTime ? otherwise : FormatEventTime(t);
}

void AppendSource(const SourceData& s, std::string* out) {
  *out += "{";
  AppendJsonField("source", s.source, out);
  AppendJsonField("events", s.events, out);
  Time("first", s.first, out);
  Time("last", s.last, out);
  *out += ",\"gaps\":[";
  for (size_t i = 0; i < s.gaps.size(); ++i) {
    *out += i > 0 ? ",{" : "{";
    AppendJsonField("from", FormatEventTime(s.gaps[i].from), out);
    AppendJsonField("to", FormatEventTime(s.gaps[i].to), out);
    *out += "}";
  }
  *out += "]}";
}

void AppendProgress(const HuntProgress& p, std::string* out) {
  *out += ",\"progress\":{";
  AppendJsonField("state", HuntStateName(p.state), out);
  const std::pair<const char*, uint64_t> numbers[] = {{"blocks", p.blocks_total},
                                                      {"blocks_read", p.blocks_read},
                                                      {"blocks_skipped", p.blocks_skipped},
                                                      {"blocks_lost", p.blocks_lost},
                                                      {"events", p.events_total},
                                                      {"events_scanned", p.events_scanned},
                                                      {"events_left_out", p.events_left_out},
                                                      {"events_lost", p.events_lost},
                                                      {"bytes_read", p.bytes_read},
                                                      {"hits", p.hits},
                                                      {"cost", p.cost}};
  for (const auto& [name, n] : numbers) AppendJsonField(name, n, out);
  absl::StrAppend(out, ",\"exact\":", p.exact ? "true" : "false", "}");
}

}  // namespace

std::vector<SourceData> DataSpans(std::span<const SegmentReader* const> segments, EventTime from,
                                  EventTime to, int64_t min_gap_ns) {
  std::map<std::string, std::pair<SourceData, std::vector<Interval>>> by_name;
  for (const SegmentReader* segment : segments) {
    const SegmentInfo& info = segment->info();
    for (const BlockInfo& block : info.blocks) {
      for (const BlockSource& s : block.sources) {
        auto& [span, intervals] = by_name[info.sources[s.source]];
        span.source = info.sources[s.source];
        span.events += s.events;
        if (s.min_time == kNoEventTime) continue;
        if (span.first == kNoEventTime || s.min_time < span.first) span.first = s.min_time;
        span.last = std::max(span.last, s.max_time);
        intervals.emplace_back(s.min_time, s.max_time);
      }
    }
  }
  std::vector<SourceData> out;
  for (auto& [name, one] : by_name) {
    one.first.gaps = GapsOf(std::move(one.second), from, to, min_gap_ns);
    out.push_back(std::move(one.first));
  }
  return out;
}

std::string_view OutcomeOf(const HuntRecord& record) {
  if (record.progress.hits > 0) return "found";
  const bool whole = record.progress.state == HuntState::kDone && record.progress.exact;
  return whole ? "nothing" : "incomplete";
}

std::string HuntRecordToJson(const HuntRecord& r) {
  std::string out = "{";
  AppendJsonField("name", r.name, &out);
  AppendJsonField("outcome", OutcomeOf(r), &out);
  AppendJsonField("hypothesis", r.hypothesis, &out);
  AppendJsonField("query", r.query, &out);
  if (!r.hunter.empty()) AppendJsonField("hunter", r.hunter, &out);
  Time("started", r.started, &out);
  Time("ended", r.ended, &out);
  Time("from", r.from, &out);
  Time("to", r.to, &out);
  out += ",\"data\":[";
  for (size_t i = 0; i < r.data.size(); ++i) {
    if (i > 0) out.push_back(',');
    AppendSource(r.data[i], &out);
  }
  out += "]";
  AppendProgress(r.progress, &out);
  out += ",\"losses\":[";
  for (size_t i = 0; i < r.progress.losses.size(); ++i) {
    const HuntLoss& loss = r.progress.losses[i];
    out += i > 0 ? ",{" : "{";
    AppendJsonField("segment", loss.segment, &out);
    AppendJsonField("block", loss.block, &out);
    AppendJsonField("reason", loss.reason, &out);
    out += "}";
  }
  out += "],\"hits_by_rule\":[";
  for (size_t i = 0; i < r.hits_by_rule.size(); ++i) {
    out += i > 0 ? ",{" : "{";
    AppendJsonField("rule", r.hits_by_rule[i].first, &out);
    AppendJsonField("hits", r.hits_by_rule[i].second, &out);
    out += "}";
  }
  out += "]";
  if (!r.notes.empty()) AppendJsonField("notes", r.notes, &out);
  return out + "}";
}

std::string HuntRecordToMarkdown(const HuntRecord& r) {
  const HuntProgress& p = r.progress;
  std::string out =
      absl::StrCat("# Hunt: ", MarkdownText(r.name.empty() ? "unnamed" : r.name), "\n\n");
  absl::StrAppend(&out, "| | |\n|---|---|\n| Outcome | ", ToAbsl(OutcomeOf(r)), " |\n");
  const auto row = [&out](const char* name, const std::string& text) {
    if (!text.empty()) absl::StrAppend(&out, "| ", name, " | ", text, " |\n");
  };
  row("Hypothesis", MarkdownText(r.hypothesis, 2000));
  row("Query", MarkdownText(r.query, 2000));
  row("Hunter", MarkdownText(r.hunter));
  row("Range", absl::StrCat(Or(r.from, "the beginning"), " to ", Or(r.to, "the end")));
  if (r.started != kNoEventTime) row("Started", FormatEventTime(r.started));
  if (r.ended != kNoEventTime) row("Ended", FormatEventTime(r.ended));
  row("Hits", absl::StrCat(p.hits));
  row("Events looked at", absl::StrCat(p.events_scanned, " of ", p.events_total));
  row("Blocks", absl::StrCat(p.blocks_read, " read, ", p.blocks_skipped, " skipped, ",
                             p.blocks_lost, " lost, of ", p.blocks_total));
  row("State", absl::StrCat(ToAbsl(HuntStateName(p.state)),
                            p.exact ? "" : ", hits may be missing or too many"));
  out += "\n## Data\n\n| Source | Events | First | Last | Gaps |\n|---|---|---|---|---|\n";
  for (const SourceData& s : r.data) {
    std::string gaps;
    for (const DataGap& gap : s.gaps) {
      absl::StrAppend(&gaps, gaps.empty() ? "" : "; ", FormatEventTime(gap.from), " to ",
                      FormatEventTime(gap.to));
    }
    absl::StrAppend(&out, "| ", MarkdownText(s.source), " | ", s.events, " | ", Or(s.first, "-"),
                    " | ", Or(s.last, "-"), " | ", gaps.empty() ? "none" : gaps, " |\n");
  }
  if (!r.hits_by_rule.empty()) {
    out += "\n## Hits\n\n| Rule | Hits |\n|---|---|\n";
    for (const auto& [rule, hits] : r.hits_by_rule) {
      absl::StrAppend(&out, "| ", MarkdownText(rule), " | ", hits, " |\n");
    }
  }
  if (!p.losses.empty()) {
    out += "\n## Lost\n\n";
    for (const HuntLoss& loss : p.losses) {
      absl::StrAppend(&out, "- segment ", loss.segment, ": ", MarkdownText(loss.reason), "\n");
    }
  }
  if (!r.notes.empty())
    absl::StrAppend(&out, "\n## Notes\n\n", MarkdownText(r.notes, 10'000), "\n");
  return out;
}

}  // namespace vedette::inline v0
