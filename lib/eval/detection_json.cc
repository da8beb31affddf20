#include "lib/base/json_text.h"
#include "vedette/detection.h"

namespace vedette::inline v0 {
namespace {

void AppendList(std::string_view name, const std::vector<std::string>& items, std::string* out) {
  out->append(",");
  AppendJsonString(name, out);
  out->append(":[");
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out->push_back(',');
    AppendJsonString(items[i], out);
  }
  out->append("]");
}

// `values` are JSON already.
void AppendMembers(std::string_view name,
                   const std::vector<std::pair<std::string, std::string>>& values,
                   std::string* out) {
  out->append(",");
  AppendJsonString(name, out);
  out->append(":{");
  for (const auto& [key, value] : values) {
    if (out->back() != '{') out->push_back(',');
    AppendJsonString(key, out);
    out->append(":").append(value);
  }
  out->append("}");
}

void AppendLogSource(const LogSource& source, std::string* out) {
  out->append(",\"logsource\":{");
  if (!source.product.empty()) AppendJsonField("product", source.product, out);
  if (!source.category.empty()) AppendJsonField("category", source.category, out);
  if (!source.service.empty()) AppendJsonField("service", source.service, out);
  out->append("}");
}

}  // namespace

std::string DetectionToJson(const Detection& d) {
  const RuleMeta& meta = d.meta();
  std::string out = "{";
  AppendJsonField("time", FormatEventTime(d.time), &out);
  AppendJsonField("rule_id", meta.id, &out);
  AppendJsonField("title", meta.title, &out);
  AppendJsonField("level", LevelName(meta.level), &out);
  AppendJsonField("status", meta.status, &out);
  AppendJsonField("author", meta.author, &out);
  AppendList("tags", meta.tags, &out);
  AppendList("references", meta.references, &out);
  AppendList("falsepositives", meta.false_positives, &out);
  AppendLogSource(d.log_source, &out);
  out.append(",\"matched\":[");
  for (size_t i = 0; i < d.matched.size(); ++i) {
    const MatchedField& m = d.matched[i];
    out.append(i > 0 ? ",{" : "{");
    AppendJsonField("field", m.field, &out);
    AppendJsonField("value", m.value, &out);
    AppendJsonField("test", m.test, &out);
    AppendJsonField("selection", m.selection, &out);
    if (!m.indicator.empty()) AppendMembers("indicator", m.indicator, &out);
    out.append("}");
  }
  out.append("]");
  if (!d.outcomes.empty()) AppendMembers("outcome", d.outcomes, &out);
  out.append(",\"event\":{");
  AppendJsonField("source", d.event_source, &out);
  out.append(",\"line\":").append(std::to_string(d.event_line)).append("}");
  AppendJsonField("rule_file", meta.source, &out);
  out.append("}");
  return out;
}

}  // namespace vedette::inline v0
