#include "tests/support/read_events.h"

#include "gtest/gtest.h"

namespace vedette::test {

std::string ReadOutcome::Only() const {
  EXPECT_EQ(events.size(), 1u);
  return events.size() == 1 ? events[0] : "";
}

namespace {

using Open = std::function<std::unique_ptr<EventReader>(OnBroken)>;

ReadOutcome ReadOnce(const Open& open) {
  ReadOutcome out;
  const auto reader = open([&out](uint64_t line, std::string_view reason) {
    out.reasons.push_back(std::to_string(line) + ": " + std::string(reason));
  });
  Event event;
  while (true) {
    const auto more = reader->Next(&event);
    if (absl::IsUnavailable(more.status())) continue;
    if (!more.ok()) out.status = more.status();
    if (!more.ok() || !*more) break;
    out.events.push_back(event.root().ToJson());
    out.times.push_back(FormatEventTime(event.time()));
    out.lines.push_back(event.ref().line);
  }
  out.stats = reader->stats();
  EXPECT_EQ(out.stats.events, out.events.size());
  EXPECT_EQ(out.reasons.size(),
            out.stats.broken + out.stats.oversized + out.stats.incomplete + out.stats.damaged);
  return out;
}

}  // namespace

ReadOutcome ReadAllEvents(const Open& open) {
  ReadOutcome out = ReadOnce(open);
  // A stream that comes in pieces with nothing between is the same stream.
  interrupt_sources = true;
  const ReadOutcome pieces = ReadOnce(open);
  interrupt_sources = false;
  EXPECT_EQ(pieces.events, out.events);
  EXPECT_EQ(pieces.times, out.times);
  EXPECT_EQ(pieces.lines, out.lines);
  EXPECT_EQ(pieces.reasons, out.reasons);
  EXPECT_EQ(pieces.status, out.status);
  const auto numbers = [](const ReadStats& s) {
    return std::vector<uint64_t>{s.events, s.bytes,      s.broken, s.oversized,
                                 s.blank,  s.incomplete, s.damaged};
  };
  EXPECT_EQ(numbers(pieces.stats), numbers(out.stats));
  return out;
}

}  // namespace vedette::test
