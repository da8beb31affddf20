// The record of a hunt: what was asked, of which data, and what came of it, also if that is
// nothing.
#ifndef VEDETTE_HUNT_LOG_H_
#define VEDETTE_HUNT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "vedette/event.h"
#include "vedette/hunt/job.h"
#include "vedette/hunt/segment.h"

namespace vedette::inline v0 {

// [from, to]: times of the first and the last event before and after a hole. Value type.
struct DataGap {
  EventTime from = kNoEventTime;
  EventTime to = kNoEventTime;
};

// What the segments have of one source. Value type.
struct SourceData {
  std::string source;
  uint64_t events = 0;
  EventTime first = kNoEventTime;
  EventTime last = kNoEventTime;
  std::vector<DataGap> gaps;
};

// By name. A gap is a time longer than `min_gap_ns` within [from, to) in which no block has events
// of the source, or before its first and after its last event if the range has that end. Blocks are
// known by their first and last time only: a hole within a block is not seen (segment files end
// blocks of 64 events or more after an hour).
std::vector<SourceData> DataSpans(std::span<const SegmentReader* const> segments, EventTime from,
                                  EventTime to, int64_t min_gap_ns);

// Value type. The host gives the times and names.
struct HuntRecord {
  std::string name;
  std::string hypothesis;
  std::string query;  // the rules, or what was looked for
  std::string hunter;
  EventTime started = kNoEventTime;
  EventTime ended = kNoEventTime;
  EventTime from = kNoEventTime;
  EventTime to = kEndOfTime;
  std::vector<SourceData> data;
  HuntProgress progress;
  std::vector<std::pair<std::string, uint64_t>> hits_by_rule;  // most first
  std::string notes;
};

// "found", "nothing", or "incomplete" if nothing was found, but the hunt did not see all the data:
// it was stopped, or blocks were lost.
std::string_view OutcomeOf(const HuntRecord& record);

// One JSON object on one line, and a page for people; the same bytes for the same record.
std::string HuntRecordToJson(const HuntRecord& record);
std::string HuntRecordToMarkdown(const HuntRecord& record);

}  // namespace vedette::inline v0

#endif  // VEDETTE_HUNT_LOG_H_
