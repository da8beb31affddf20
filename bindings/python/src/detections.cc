#include "bindings/python/src/detections.h"

#include <utility>

namespace vedette::python {
namespace {

void AppendJson(std::string_view text, std::string* out) {
  out->append(Value::String(text).ToJson());
}

void AppendTextMember(std::string_view name, std::string_view value, std::string* out) {
  if (out->back() != '{') out->push_back(',');
  AppendJson(name, out);
  out->push_back(':');
  AppendJson(value, out);
}

}  // namespace

absl::Status DetectionCollector::OnDetection(const Detection& detection) {
  if (detections_ == nullptr) return absl::OkStatus();
  if (detections_->found.size() >= detections_->max_found) {
    ++detections_->dropped;
    return absl::OkStatus();
  }
  const bool of_one = detection.evidence == nullptr;
  detections_->found.push_back({detection, of_one ? event_index_ : -1});
  return absl::OkStatus();
}

std::string PairsJson(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::string out = "{";
  for (const auto& [name, value] : pairs) {
    if (out.size() > 1) out.push_back(',');
    AppendJson(name, &out);
    out.append(":").append(value);
  }
  return out.append("}");
}

std::string MatchedJson(const Detection& detection) {
  std::string out = "[";
  for (const MatchedField& m : detection.matched) {
    out.append(out.size() > 1 ? ",{" : "{");
    AppendTextMember("field", m.field, &out);
    AppendTextMember("value", m.value, &out);
    AppendTextMember("test", m.test, &out);
    AppendTextMember("selection", m.selection, &out);
    if (!m.indicator.empty()) out.append(",\"indicator\":").append(PairsJson(m.indicator));
    out.push_back('}');
  }
  return out.append("]");
}

EventTime FirstTime(const Detection& d) {
  return d.evidence != nullptr ? d.evidence->first : d.time;
}

EventTime LastTime(const Detection& d) { return d.evidence != nullptr ? d.evidence->last : d.time; }

}  // namespace vedette::python
