#include "tests/support/read_events.h"

#include "gtest/gtest.h"

namespace vedette::test {

std::string ReadOutcome::Only() const {
  EXPECT_EQ(events.size(), 1u);
  return events.size() == 1 ? events[0] : "";
}

ReadOutcome ReadAllEvents(const std::function<std::unique_ptr<EventReader>(OnBroken)>& open) {
  ReadOutcome out;
  const auto reader = open([&out](uint64_t line, std::string_view reason) {
    out.reasons.push_back(std::to_string(line) + ": " + std::string(reason));
  });
  Event event;
  while (true) {
    const auto more = reader->Next(&event);
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

}  // namespace vedette::test
