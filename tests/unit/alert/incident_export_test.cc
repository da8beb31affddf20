// Incidents in OCSF and as reports.
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/alert_fixture.h"
#include "tests/support/shape_table.h"
#include "vedette/alert/export.h"
#include "vedette/alert/incidents.h"

namespace vedette::testing {
namespace {

// OCSF 1.8.0, class 2005: the attributes that we write.
ShapeTable OcsfIncidentTable() {
  return {
      {"incident",
       "activity_id i(1 2 3)!, activity_name s(Create Update Close), category_uid i(2)!,"
       "category_name s, class_uid i(2005)!, class_name s, type_uid i(200501 200502 200503)!,"
       "type_name s, time i+!, start_time i+, end_time i+, severity_id i(0 1 2 3 4 5)!, severity s,"
       "status_id i(1 2 3 4 5)!, status s, priority_id i(0 1 2 3 4), priority s,"
       "verdict_id i(0 1 2 4 5 6 7 10), verdict s, desc s, metadata metadata!, assignee user,"
       "assignee_group user, attacks [attack], finding_info_list [finding_info]!, unmapped j,"
       "any(assignee assignee_group)"},
      {"metadata", "version s(1.8.0)!, product product!, uid s, tenant_uid s, correlation_uid s"},
      {"product", "name s!, vendor_name s, version s"},
      {"user", "name s!"},
      {"attack", "tactic tactic, technique tactic, sub_technique tactic"},
      {"tactic", "uid s, name s, any(uid name)"},
      {"finding_info",
       "uid s!, title s, analytic analytic, attacks [attack], created_time i+, first_seen_time i+,"
       "last_seen_time i+, related_events_count i+"},
      {"analytic", "type_id i(1)!, type s(Rule), uid s, name s, version s, category s"},
  };
}

struct NoIncidentNotices : IncidentSink {
  absl::Status OnIncident(const IncidentNotice& /*notice*/) override { return absl::OkStatus(); }
};

TEST(IncidentExport, FindingAndReportThroughItsLife) {
  AlertRunner run;
  run.Add(AlertEvent("low", "WS1", "al"), 0);
  run.Add(AlertEvent("high", "WS1", "al"), kMinute);
  NoIncidentNotices sink;
  const auto book = IncidentBook::Create({}, &sink);
  ASSERT_TRUE(book.ok()) << book.status();
  Id128 id;
  for (const Alert& a : run.out.alerts) id = *(*book)->Add(a);
  const auto check = [&](std::string_view part) {
    const std::string json = IncidentToOcsfJson(*(*book)->Find(id));
    EXPECT_EQ(ShapeProblems(OcsfIncidentTable(), "incident", json), std::vector<std::string>())
        << json;
    EXPECT_NE(json.find(part), std::string::npos) << part << "\nin\n" << json;
  };
  check(R"("activity_id":1,)");
  check(R"("assignee_group":{"name":"unassigned"})");
  IncidentChange change;
  change.actor.id = "ann";
  change.reason = "see [this](http://x)";
  change.now = kAlertEpoch + 10 * kMinute;
  ASSERT_TRUE((*book)->Assign(id, "ann", "", change).ok());
  check(R"("assignee":{"name":"ann"})");
  ASSERT_TRUE((*book)->Resolve(id, Verdict::kTruePositive, {}, change).ok());
  ASSERT_TRUE((*book)->Close(id, Verdict::kNone, {}, change).ok());
  check(R"("status_id":5,"status":"Closed")");
  check(R"("verdict_id":2,"verdict":"True Positive")");
  const std::string report = IncidentToMarkdown(*(*book)->Find(id));
  for (const char* part : {"# Incident 1: ", "## Clocks", "## Timeline", "## Scope", "## Actions",
                           "## Evidence", "xxh64&#58;", "| Closed | 2026-11-25T10:10:00Z | "}) {
    EXPECT_NE(report.find(part), std::string::npos) << part << "\nin\n" << report;
  }
  EXPECT_EQ(report.find("[this](http"), std::string::npos) << report;
}

}  // namespace
}  // namespace vedette::testing
