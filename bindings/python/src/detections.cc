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
  detections_->found.push_back({detection, of_one ? event_index_ : -1, {}});
  if (detections_->number_events) NumberEvents(&detections_->found.back());
  return absl::OkStatus();
}

void DetectionCollector::NumberEvents(Found* found) const {
  const auto index_of = [this](uint64_t tag) {
    return detections_->portions[tag >> 32] + (tag & UINT32_MAX);
  };
  Detection& d = found->detection;
  if (d.evidence == nullptr) {
    found->events.push_back(index_of(d.event_line));
    d.event_line = detections_->lines[found->events.back()];
    return;
  }
  Evidence evidence = *d.evidence;
  for (EvidenceEvent& event : evidence.events) {
    found->events.push_back(index_of(event.event_line));
    event.event_line = detections_->lines[found->events.back()];
  }
  d.evidence = std::make_shared<const Evidence>(std::move(evidence));
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
