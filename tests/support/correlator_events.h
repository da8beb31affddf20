// Events for the rules of correlator_rules.h.
#ifndef VEDETTE_TESTS_SUPPORT_CORRELATOR_EVENTS_H_
#define VEDETTE_TESTS_SUPPORT_CORRELATOR_EVENTS_H_

#include <array>
#include <string>
#include <vector>

#include "tests/support/lcg.h"
#include "tests/support/tree.h"
#include "vedette/event.h"

namespace vedette::testing {

// In order of time, a few of each time; of streams that alternate, numbered as lines. Some have
// lists for keys.
inline std::vector<Event> CorrelatorEvents(size_t count) {
  static constexpr std::array kHosts = {R"("x")", R"("y")", R"("z")", R"(["x","y"])"};
  Lcg random;
  std::vector<Event> events;
  EventTime time = 0;
  for (size_t i = 0; i < count; ++i) {
    const std::string kind(1, "aaabbbccd"[random.Below(9)]);
    std::string json = R"({"k":")" + kind + R"(","h":)" + random.Of(kHosts);
    json += R"(,"u":")" + std::to_string(random.Below(3)) + R"(","n":)";
    json += std::to_string(random.Below(5)) + ",\"id\":" + std::to_string(random.Below(6));
    json += ",\"pid\":" + std::to_string(random.Below(6)) + "}";
    Event& event = events.emplace_back(EventOf(json));
    time += random.Below(4) * 1'000'000'000;
    event.set_time(time);
    event.set_ref(i % 2 == 0 ? "even" : "odd", i + 1);
  }
  return events;
}

}  // namespace vedette::testing

#endif  // VEDETTE_TESTS_SUPPORT_CORRELATOR_EVENTS_H_
