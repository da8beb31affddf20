#include "vedette/alert/metrics.h"

#include <algorithm>

#include "lib/alert/permille.h"
#include "lib/event/json_writer.h"
#include "vedette/alert/alert.h"

namespace vedette::inline v0 {
namespace {

uint64_t PermilleOf(uint64_t part, uint64_t whole) {
  if (whole == 0) return 0;
  return part > UINT64_MAX / 1000 ? part / (whole / 1000 + 1) : part * 1000 / whole;
}

void Write(std::string_view name, const DurationStats& d, JsonWriter* w) {
  w->Begin(name);
  w->Number("count", d.count);
  if (d.count > 0) {
    w->Signed("p50_ns", d.p50);
    w->Signed("p90_ns", d.p90);
    w->Signed("max_ns", d.max);
  }
  w->End();
}

void Write(std::string_view name, const ResponseTimes& t, JsonWriter* w) {
  w->Begin(name);
  Write("mttd", t.detect, w);
  Write("mtta", t.ack, w);
  Write("mttc", t.contain, w);
  Write("mttr", t.resolve, w);
  w->End();
}

}  // namespace

DurationStats DurationsOf(std::vector<int64_t> d) {
  DurationStats out;
  out.count = d.size();
  if (d.empty()) return out;
  std::sort(d.begin(), d.end());
  // The smallest value that so many per cent do not exceed.
  out.p50 = d[(d.size() * 50 + 99) / 100 - 1];
  out.p90 = d[(d.size() * 90 + 99) / 100 - 1];
  out.max = d.back();
  return out;
}

TriageRatios RatiosOf(const PipelineStats& pipeline, const IncidentMetrics& incidents,
                      uint64_t analyst_hours) {
  TriageRatios out;
  out.folded_permille = static_cast<uint32_t>(PermilleOf(pipeline.folded, pipeline.raw));
  out.suppressed_permille = static_cast<uint32_t>(PermilleOf(pipeline.suppressed, pipeline.raw));
  out.inhibited_permille = static_cast<uint32_t>(PermilleOf(pipeline.inhibited, pipeline.raw));
  out.alerts_per_incident_permille = PermilleOf(incidents.alerts, incidents.incidents);
  if (analyst_hours > 0) {
    out.alerts_per_analyst_hour_permille = PermilleOf(pipeline.emitted, analyst_hours);
  }
  return out;
}

std::string MetricsToJson(const IncidentMetrics& m) {
  std::string out;
  JsonWriter w(&out);
  w.Begin();
  w.Number("incidents", m.incidents);
  w.Number("open", m.open);
  w.Number("closed", m.closed);
  w.Number("reopened", m.reopened);
  w.Number("alerts", m.alerts);
  w.Number("folded", m.folded);
  w.Number("alerts_with_attack", m.explained);
  Write("all", m.all, &w);
  w.Begin("by_severity");
  for (size_t i = 1; i < m.by_severity.size(); ++i) {
    Write(LevelName(static_cast<Level>(i)), m.by_severity[i], &w);
  }
  w.End();
  w.Begin("verdicts");
  for (size_t i = 1; i < m.verdicts.size(); ++i) {
    const std::string_view name = VerdictName(static_cast<Verdict>(i));
    if (!name.empty()) w.Number(name, m.verdicts[i]);
  }
  w.End();
  if (m.false_positive_permille) {
    w.Raw("false_positive_ratio", PermilleText(*m.false_positive_permille));
  }
  if (m.benign_permille) w.Raw("benign_ratio", PermilleText(*m.benign_permille));
  Write("open_age", m.open_age, &w);
  w.End();
  return out;
}

}  // namespace vedette::inline v0
