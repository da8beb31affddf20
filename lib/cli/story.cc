#include "lib/cli/story.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/cli/table.h"
#include "lib/cli/terminal.h"
#include "lib/cli/text.h"
#include "vedette/alert/alert.h"

namespace vedette::inline v0::cli {
namespace {

constexpr size_t kMostNames = 6;
constexpr size_t kMostSteps = 6;

// "a, b, c and 4 more".
std::string Names(const std::vector<std::string>& names) {
  std::string out;
  for (size_t i = 0; i < names.size() && i < kMostNames; ++i) {
    out.append(i > 0 ? ", " : "").append(Clean(names[i]));
  }
  if (names.size() > kMostNames) {
    out.append(" and ").append(std::to_string(names.size() - kMostNames)).append(" more");
  }
  return out;
}

// To the second: "2026-11-25 10:00:11".
std::string Second(EventTime time) {
  if (time == kNoEventTime) return "-";
  std::string text = FormatEventTime(time).substr(0, 19);
  std::replace(text.begin(), text.end(), 'T', ' ');
  return text;
}

std::pair<EventTime, EventTime> SpanOf(const Incident& incident) {
  EventTime first = kNoEventTime;
  EventTime last = kNoEventTime;
  for (const IncidentAlert& alert : incident.alerts) {
    if (alert.event_time == kNoEventTime) continue;
    if (first == kNoEventTime || alert.event_time < first) first = alert.event_time;
    last = std::max({last, alert.event_time, alert.last_event_time});
  }
  return {first, last};
}

uint64_t FoldedOf(const Incident& incident) {
  uint64_t folded = 0;
  for (const IncidentAlert& alert : incident.alerts) folded += alert.folded;
  return folded;
}

void AppendFact(std::string_view name, const std::string& text, size_t width, std::string* out) {
  if (text.empty()) return;
  out->append("  ").append(Pad(name, 9));
  AppendWrapped(text, 11, width, out);
  if (!out->ends_with('\n')) out->append("\n");
}

// The last part of a path of Windows or Unix.
std::string_view ProgramName(std::string_view path) {
  const size_t slash = path.find_last_of("/\\");
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// "3 h 18 min", "12 min 5 s".
std::string Duration(int64_t nanoseconds) {
  const int64_t seconds = nanoseconds / kNsPerSecond;
  const auto two = [](int64_t a, const char* unit, int64_t b, const char* smaller) {
    return std::to_string(a) + unit + (b > 0 ? " " + std::to_string(b) + smaller : "");
  };
  if (seconds < 60) return std::to_string(seconds) + " s";
  if (seconds < 3600) return two(seconds / 60, " min", seconds % 60, " s");
  if (seconds < 86'400) return two(seconds / 3600, " h", seconds % 3600 / 60, " min");
  return two(seconds / 86'400, " d", seconds % 86'400 / 3600, " h");
}

// Where in the incident's time, how bad, which rule, and why it belongs here.
void AppendAlert(const IncidentAlert& alert, size_t width, bool color, std::string* out) {
  const Paint paint(color);
  std::string line = alert.rule->title;
  if (alert.folded > 0)
    line += " (and " + Count(alert.folded, "more like it", "more like it") + ")";
  if (alert.alert != nullptr && !alert.alert->process.empty()) {
    line += " - " + std::string(ProgramName(alert.alert->process));
  }
  if (alert.outcome == Outcome::kBlocked) line += " - blocked";
  const std::string why = alert.joined_by.empty() ? "" : "[" + Clean(alert.joined_by) + "]";
  constexpr size_t kBefore = 2 + 19 + 2 + 8 + 2;
  const size_t room = width > kBefore + 20 ? width - kBefore : 20;
  out->append("  ").append(Second(alert.event_time)).append("  ");
  out->append(LevelColor(alert.severity, color)).append(Pad(ShortLevel(alert.severity), 8));
  out->append(paint.Off()).append("  ");
  const std::string shown = Fit(line, room);
  out->append(shown);
  const size_t used = CellWidth(shown);
  if (used + 2 + CellWidth(why) <= room) {
    out->append("  ").append(paint.Dim()).append(why).append(paint.Off());
  }
  out->append("\n");
}

// What the rules of the incident say about triage, each once, those of the worst alerts first.
std::vector<std::string> NextSteps(const Incident& incident) {
  std::vector<const IncidentAlert*> alerts;
  for (const IncidentAlert& alert : incident.alerts) alerts.push_back(&alert);
  std::stable_sort(alerts.begin(), alerts.end(),
                   [](const auto* a, const auto* b) { return a->severity > b->severity; });
  std::vector<std::string> steps;
  std::set<std::string_view> seen;
  for (const IncidentAlert* alert : alerts) {
    for (const std::string& step : alert->rule->triage_steps) {
      if (steps.size() < kMostSteps && seen.insert(step).second) steps.push_back(step);
    }
  }
  return steps;
}

// Rules have to say something.
bool IsNothing(std::string_view note) {
  for (const std::string_view word : {"none", "none known", "unknown", "unlikely"}) {
    if (EqualsIgnoringCase(note, word)) return true;
  }
  return false;
}

std::vector<std::string> FalsePositives(const Incident& incident) {
  std::vector<std::string> notes;
  std::set<std::string_view> seen;
  for (const IncidentAlert& alert : incident.alerts) {
    for (const std::string& note : alert.rule->false_positives) {
      if (IsNothing(note)) continue;
      if (seen.insert(note).second) notes.push_back(note);
    }
  }
  return notes;
}

std::string Head(const Incident& incident) {
  return "#" + std::to_string(incident.number) + "  P" + std::to_string(incident.priority);
}

}  // namespace

std::string StoryOf(const Incident& incident, size_t most, size_t width, bool color) {
  const Paint paint(color);
  std::string out;
  out.append(paint.Bold()).append("Incident ").append(Head(incident)).append("  ");
  out.append(paint.Off()).append(LevelColor(incident.severity, color));
  out.append(ShortLevel(incident.severity)).append(paint.Off()).append("  ");
  out.append(paint.Bold()).append(Fit(incident.title, width > 40 ? width - 30 : 20));
  out.append(paint.Off()).append("\n");
  const auto [first, last] = SpanOf(incident);
  std::string when = Second(first);
  if (last > first) {
    when += " to " + Second(last) + " (" + Duration(last - first) + ")";
  }
  AppendFact("when", when, width, &out);
  std::string what = Count(incident.alerts.size(), "alert");
  if (const uint64_t folded = FoldedOf(incident); folded > 0) {
    what += ", " + WithCommas(folded) + " more folded into them";
  }
  AppendFact("what", what + (incident.tactics.empty() ? "" : "; " + Names(incident.tactics)), width,
             &out);
  const BlastRadius radius = BlastRadiusOf(incident);
  AppendFact("devices", Names(radius.devices), width, &out);
  AppendFact("users", Names(radius.users), width, &out);
  AppendFact("data", Names(radius.data), width, &out);
  std::vector<const IncidentAlert*> alerts;
  for (const IncidentAlert& alert : incident.alerts) alerts.push_back(&alert);
  std::stable_sort(alerts.begin(), alerts.end(),
                   [](const auto* a, const auto* b) { return a->event_time < b->event_time; });
  for (size_t i = 0; i < alerts.size() && i < most; ++i)
    AppendAlert(*alerts[i], width, color, &out);
  if (alerts.size() > most) {
    out.append("  ... and ").append(Count(alerts.size() - most, "more alert")).append("\n");
  }
  for (const IncidentLink& link : incident.links) {
    AppendFact("see also", std::string(IncidentLinkKindName(link.kind)) + ": " + Clean(link.reason),
               width, &out);
  }
  if (incident.suspected_hub) {
    AppendFact("note", "something here touches so much that it joins nothing any more", width,
               &out);
  }
  for (const std::string& step : NextSteps(incident)) AppendFact("next", Clean(step), width, &out);
  AppendFact("beware", Names(FalsePositives(incident)), width, &out);
  return out;
}

std::string LineOf(const Incident& incident, size_t width, bool color) {
  std::string out = Pad(Head(incident), 10);
  out.append(LevelColor(incident.severity, color)).append(Pad(ShortLevel(incident.severity), 8));
  out.append(Paint(color).Off()).append("  ").append(Second(SpanOf(incident).first)).append("  ");
  const std::string alerts = Count(incident.alerts.size(), "alert");
  const size_t room = width > 75 ? width - 55 : 20;
  return out.append(Pad(incident.title, room)).append("  ").append(alerts).append("\n");
}

}  // namespace vedette::inline v0::cli
