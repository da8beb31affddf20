#include "lib/cli/story.h"

#include <memory>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "lib/cli/text.h"

namespace vedette::cli {
namespace {

constexpr EventTime kTen = 1'795'600'800 * kNsPerSecond;  // 2026-11-25 10:00:00

std::shared_ptr<const AlertRule> Rule(std::string title, std::vector<std::string> steps,
                                      std::vector<std::string> false_positives) {
  AlertRule rule;
  rule.title = std::move(title);
  rule.triage_steps = std::move(steps);
  rule.false_positives = std::move(false_positives);
  return std::make_shared<const AlertRule>(std::move(rule));
}

IncidentAlert AlertAt(int64_t second, Level severity, std::shared_ptr<const AlertRule> rule,
                      std::string why) {
  IncidentAlert alert;
  alert.event_time = kTen + second * kNsPerSecond;
  alert.severity = severity;
  alert.rule = std::move(rule);
  alert.joined_by = std::move(why);
  return alert;
}

Incident Sample() {
  Incident incident;
  incident.number = 7;
  incident.priority = 1;
  incident.severity = Level::kCritical;
  incident.title = "Dump of LSASS on ws7";
  incident.tactics = {"credential-access", "execution"};
  const auto shell = Rule("Shell from Office", {"Which document?", "Ask the user."}, {"Add-ins"});
  const auto dump = Rule("Dump of LSASS", {"Take the host off.", "Ask the user."}, {"None known"});
  // Not in the order of time, as they may come.
  incident.alerts.push_back(AlertAt(4000, Level::kCritical, dump, "strong: process {1}"));
  incident.alerts.push_back(AlertAt(0, Level::kHigh, shell, "first"));
  auto body = std::make_shared<Alert>();
  body->process = "C:\\Windows\\System32\\cmd.exe";
  incident.alerts.back().alert = body;
  incident.alerts.back().folded = 3;
  IncidentEntity device;
  device.entity = {EntityType::kDevice, "ws7"};
  device.strength = JoinStrength::kMedium;
  incident.entities.push_back(device);
  return incident;
}

TEST(Story, TellsWhatHappenedInOrder) {
  const std::string story = StoryOf(Sample(), 10, 100, false);
  EXPECT_EQ(
      story,
      "Incident #7  P1  critical  Dump of LSASS on ws7\n"
      "  when     2026-11-25 10:00:00 to 2026-11-25 11:06:40 (1 h 6 min)\n"
      "  what     2 alerts, 3 more folded into them; credential-access, execution\n"
      "  devices  ws7\n"
      "  2026-11-25 10:00:00  high      Shell from Office (and 3 more like it) - cmd.exe  [first]\n"
      "  2026-11-25 11:06:40  critical  Dump of LSASS  [strong: process {1}]\n"
      "  next     Take the host off.\n"
      "  next     Ask the user.\n"
      "  next     Which document?\n"
      "  beware   Add-ins\n");
}

TEST(Story, LeavesOutWhatIsTooMuch) {
  const std::string story = StoryOf(Sample(), 1, 100, false);
  EXPECT_NE(story.find("  ... and 1 more alert\n"), std::string::npos) << story;
  EXPECT_EQ(story.find("{1}"), std::string::npos) << story;
}

// Titles, users and reasons are of events and rules: any bytes, any length.
TEST(Story, IsForTerminals) {
  Incident incident = Sample();
  incident.title = "\x1b[31mred\n" + std::string(500, 'x');
  incident.alerts[0].rule = Rule("\x1b]0;title\a\xff", {"step\r\n\x1b[2J"}, {"\x1b[0m"});
  incident.alerts[0].joined_by = "\x1b[1m";
  incident.entities[0].entity.value = "ws\x1b[7m";
  for (const size_t width : {40U, 80U, 100U}) {
    const std::string story = StoryOf(incident, 10, width, false) + LineOf(incident, width, false);
    EXPECT_EQ(story.find('\x1b'), std::string::npos);
    EXPECT_EQ(story.find('\a'), std::string::npos);
  }
}

TEST(Story, LineSaysTheSameShortly) {
  const std::string line = LineOf(Sample(), 90, false);
  EXPECT_TRUE(line.starts_with("#7  P1    critical  2026-11-25 10:00:00  Dump of LSASS on ws7"))
      << line;
  EXPECT_TRUE(line.ends_with("  2 alerts\n")) << line;
}

}  // namespace
}  // namespace vedette::cli
