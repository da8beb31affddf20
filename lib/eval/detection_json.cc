#include "lib/base/json_text.h"
#include "lib/event/json_writer.h"
#include "lib/program/program_layout.h"
#include "vedette/detection.h"

namespace vedette::inline v0 {
namespace {

void AppendLogSource(const LogSource& source, std::string* out) {
  out->append(",\"logsource\":{");
  if (!source.product.empty()) AppendJsonField("product", source.product, out);
  if (!source.category.empty()) AppendJsonField("category", source.category, out);
  if (!source.service.empty()) AppendJsonField("service", source.service, out);
  out->append("}");
}

// Values are JSON already.
void AppendRawMembers(std::string_view name,
                      const std::vector<std::pair<std::string, std::string>>& members,
                      std::string* out) {
  JsonWriter(out).Pairs(name, members, true);
}

void AppendMatched(const std::vector<MatchedField>& matched, std::string* out) {
  out->append(",\"matched\":[");
  for (const MatchedField& m : matched) {
    out->append(out->back() == '[' ? "{" : ",{");
    AppendJsonField("field", m.field, out);
    AppendJsonField("value", m.value, out);
    AppendJsonField("test", m.test, out);
    AppendJsonField("selection", m.selection, out);
    if (!m.indicator.empty()) AppendRawMembers("indicator", m.indicator, out);
    out->append("}");
  }
  out->append("]");
}

void AppendEvent(std::string_view source, uint64_t line, std::string* out) {
  out->append(",\"event\":{");
  AppendJsonField("source", source, out);
  out->append(",\"line\":").append(std::to_string(line)).append("}");
}

std::string_view CauseName(DetectionCause cause) {
  switch (cause) {
    case DetectionCause::kRecord:
      return "event";
    case DetectionCause::kClose:
      return "window_closed";
    case DetectionCause::kTimer:
      break;
  }
  return "timer";
}

void AppendEvidence(const Evidence& e, std::string* out) {
  out->append(",\"correlation\":{");
  AppendJsonField("cause", CauseName(e.cause), out);
  AppendRawMembers("key", e.key, out);
  AppendJsonField("window_start", FormatEventTime(e.window_start), out);
  AppendJsonField("window_end", FormatEventTime(e.window_end), out);
  AppendJsonField("first_event", FormatEventTime(e.first), out);
  AppendJsonField("last_event", FormatEventTime(e.last), out);
  if (!e.aggregates.empty()) AppendRawMembers("aggregates", e.aggregates, out);
  out->append(",\"total_events\":").append(std::to_string(e.total_events));
  if (e.degraded) out->append(",\"degraded\":true");
  out->append(",\"events\":[");
  for (const EvidenceEvent& event : e.events) {
    out->append(out->back() == '[' ? "{" : ",{");
    AppendJsonField("source", event.source, out);
    AppendJsonField("time", FormatEventTime(event.time), out);
    AppendEvent(event.event_source, event.event_line, out);
    AppendRawMembers("fields", event.fields, out);
    out->append("}");
  }
  out->append("]}");
}

// The members that are the same for all detections of a rule.
std::string RuleMembers(const RuleMeta& meta) {
  std::string out;
  AppendJsonField("rule_id", meta.id, &out);
  AppendJsonField("title", meta.title.empty() ? meta.name : meta.title, &out);
  AppendJsonField("level", LevelName(meta.level), &out);
  AppendJsonField("status", meta.status, &out);
  AppendJsonField("author", meta.author, &out);
  JsonWriter(&out).List("tags", meta.tags);
  JsonWriter(&out).List("references", meta.references);
  JsonWriter(&out).List("falsepositives", meta.false_positives);
  return out;
}

const std::string& RuleMembersOf(const Detection& d) {
  const ProgramLayout& layout = d.program->layout();
  const size_t number = d.evidence == nullptr ? d.rule : layout.rules.size() + d.rule;
  return layout.rule_json->Get(number, [&d] { return RuleMembers(d.meta()); });
}

}  // namespace

std::string DetectionToJson(const Detection& d) {
  std::string out;
  out.reserve(2048);
  out.push_back('{');
  AppendJsonField("time", FormatEventTime(d.time), &out);
  out.append(",").append(RuleMembersOf(d));
  AppendLogSource(d.log_source, &out);
  if (d.evidence == nullptr) AppendMatched(d.matched, &out);
  if (!d.outcomes.empty()) AppendRawMembers("outcome", d.outcomes, &out);
  if (d.evidence != nullptr) {
    AppendEvidence(*d.evidence, &out);
  } else {
    AppendEvent(d.event_source, d.event_line, &out);
  }
  AppendJsonField("rule_file", d.meta().source, &out);
  out.append("}");
  return out;
}

}  // namespace vedette::inline v0
