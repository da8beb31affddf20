#include "lib/correlate/key_text.h"

#include "lib/correlate/event_time.h"
#include "vedette/match_record.h"

namespace vedette::inline v0 {

std::vector<std::pair<std::string, std::string>> KeyParts(const ProgramCorrelation& spec,
                                                          std::string_view key) {
  std::vector<std::pair<std::string, std::string>> parts;
  Value value;
  for (const std::string& name : spec.key_names) {
    if (!TakeKeyPart(&key, &value)) break;
    parts.emplace_back(name, value.ToJson());
  }
  return parts;
}

std::string KeyText(const ProgramCorrelation& spec, std::string_view key) {
  std::string text;
  for (const auto& [name, value] : KeyParts(spec, key)) {
    text += (text.empty() ? "" : ", ") + name + "=" + value;
  }
  return text.empty() ? "all events" : text;
}

std::string SinceText(EventTime t) { return ", since " + FormatEventTime(t); }

std::string LeftText(EventTime now, EventTime deadline, std::string_view words) {
  if (now == kNoEventTime) return "";
  const uint64_t left = now >= deadline ? 0 : TimeBetween(now, deadline);
  return ", " + DurationText(left) + " " + std::string(words);
}

std::string SourceText(const ProgramCorrelation& spec, uint32_t source) {
  const std::string& alias = spec.sources[source].alias;
  return alias.empty() ? "source " + std::to_string(source + 1) : alias;
}

std::string DurationText(uint64_t ns) {
  struct Unit {
    uint64_t ns;
    const char* name;
  };
  constexpr uint64_t kSecond = 1'000'000'000;
  constexpr Unit kUnits[] = {{86400 * kSecond, "d"},
                             {3600 * kSecond, "h"},
                             {60 * kSecond, "m"},
                             {kSecond, "s"},
                             {1'000'000, "ms"},
                             {1'000, "us"},
                             {1, "ns"}};
  std::string text;
  int parts = 0;
  for (const Unit& unit : kUnits) {
    // Fractions of seconds say nothing beside minutes.
    if (parts == 2 || (parts == 1 && unit.ns < kSecond)) break;
    if (ns < unit.ns && parts == 0) continue;
    if (ns >= unit.ns) text += std::to_string(ns / unit.ns) + unit.name;
    ns %= unit.ns;
    ++parts;
  }
  return text.empty() ? "0s" : text;
}

}  // namespace vedette::inline v0
