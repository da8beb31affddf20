// What a detection says.
#include "vedette/c/detection.h"

#include "lib/capi/handles.h"

using vedette::Detection;
using vedette::Evidence;
using vedette::EvidenceEvent;
using vedette::capi::FillStruct;
using vedette::capi::Guard;
using vedette::capi::NullPointer;
using vedette::capi::Out;
using vedette::capi::Outcome;
using vedette::capi::PairAt;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

vedette_pair Pair(const Pairs* pairs, size_t index) {
  return pairs != nullptr ? PairAt(*pairs, index) : vedette_pair{Out(""), Out("")};
}

const Evidence* EvidenceOf(const vedette_detection* d) {
  return d != nullptr ? d->detection->evidence.get() : nullptr;
}

const EvidenceEvent* EventOf(const vedette_detection* d, size_t index) {
  const Evidence* const e = EvidenceOf(d);
  return e != nullptr && index < e->events.size() ? &e->events[index] : nullptr;
}

const vedette::MatchedField* MatchedOf(const vedette_detection* d, size_t index) {
  if (d == nullptr || index >= d->detection->matched.size()) return nullptr;
  return &d->detection->matched[index];
}

}  // namespace

vedette_status vedette_detection_copy(const vedette_detection* detection, vedette_detection** copy,
                                      vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (copy != nullptr) *copy = nullptr;
    if (detection == nullptr || copy == nullptr) return NullPointer("detection or copy");
    auto made = std::make_unique<vedette_detection>();
    made->owned = std::make_unique<const Detection>(*detection->detection);
    made->detection = made->owned.get();
    *copy = made.release();
    return {};
  });
}

void vedette_detection_free(vedette_detection* detection) {
  if (detection != nullptr && detection->owned != nullptr) delete detection;
}

const vedette_rule* vedette_detection_rule(const vedette_detection* detection) {
  return detection != nullptr ? Out(detection->detection->meta()) : nullptr;
}
vedette_string vedette_detection_rule_id(const vedette_detection* detection) {
  return vedette_rule_text(vedette_detection_rule(detection), VEDETTE_RULE_ID);
}
vedette_string vedette_detection_title(const vedette_detection* detection) {
  return vedette_rule_text(vedette_detection_rule(detection), VEDETTE_RULE_DISPLAY_NAME);
}
int32_t vedette_detection_level(const vedette_detection* detection) {
  return vedette_rule_level(vedette_detection_rule(detection));
}
vedette_time vedette_detection_time(const vedette_detection* detection) {
  return detection != nullptr ? detection->detection->time : VEDETTE_NO_TIME;
}
vedette_string vedette_detection_stream(const vedette_detection* detection) {
  return Out(detection != nullptr ? std::string_view(detection->detection->event_source) : "");
}
uint64_t vedette_detection_line(const vedette_detection* detection) {
  return detection != nullptr ? detection->detection->event_line : 0;
}
vedette_string vedette_detection_log_source(const vedette_detection* detection, int32_t property) {
  if (detection == nullptr) return Out("");
  const vedette::LogSource& source = detection->detection->log_source;
  switch (property) {
    case VEDETTE_RULE_PRODUCT:
      return Out(source.product);
    case VEDETTE_RULE_CATEGORY:
      return Out(source.category);
    case VEDETTE_RULE_SERVICE:
      return Out(source.service);
    default:
      return Out("");
  }
}

vedette_status vedette_detection_json(const vedette_detection* detection, vedette_bytes** json,
                                      vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (json != nullptr) *json = nullptr;
    if (detection == nullptr || json == nullptr) return NullPointer("detection or json");
    vedette::capi::SetBytes(vedette::DetectionToJson(*detection->detection), json);
    return {};
  });
}

size_t vedette_detection_matched_count(const vedette_detection* detection) {
  return detection != nullptr ? detection->detection->matched.size() : 0;
}

vedette_status vedette_detection_matched(const vedette_detection* detection, size_t index,
                                         vedette_matched_field* matched, vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    const vedette::MatchedField* const m = MatchedOf(detection, index);
    if (m == nullptr) return {VEDETTE_INVALID_ARGUMENT, "the detection has no such matched field"};
    vedette_matched_field out = {};
    out.indicator_count = static_cast<uint32_t>(m->indicator.size());
    out.field = Out(m->field);
    out.value = Out(m->value);
    out.test = Out(m->test);
    out.selection = Out(m->selection);
    return FillStruct(out, matched);
  });
}

vedette_pair vedette_detection_indicator(const vedette_detection* detection, size_t matched,
                                         size_t index) {
  const vedette::MatchedField* const m = MatchedOf(detection, matched);
  return Pair(m != nullptr ? &m->indicator : nullptr, index);
}

size_t vedette_detection_outcome_count(const vedette_detection* detection) {
  return detection != nullptr ? detection->detection->outcomes.size() : 0;
}
vedette_pair vedette_detection_outcome(const vedette_detection* detection, size_t index) {
  return Pair(detection != nullptr ? &detection->detection->outcomes : nullptr, index);
}

int32_t vedette_detection_has_evidence(const vedette_detection* detection) {
  return EvidenceOf(detection) != nullptr ? 1 : 0;
}

vedette_status vedette_detection_evidence(const vedette_detection* detection,
                                          vedette_evidence* evidence, vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (detection == nullptr) return NullPointer("detection");
    const Evidence* const e = EvidenceOf(detection);
    if (e == nullptr) return {VEDETTE_NOT_FOUND, "the rule is over single events"};
    vedette_evidence out = {};
    out.cause = static_cast<int32_t>(e->cause);
    out.window_start = e->window_start;
    out.window_end = e->window_end;
    out.first = e->first;
    out.last = e->last;
    out.total_events = e->total_events;
    out.event_count = e->events.size();
    out.key_count = e->key.size();
    out.aggregate_count = e->aggregates.size();
    out.degraded = e->degraded ? 1 : 0;
    return FillStruct(out, evidence);
  });
}

vedette_pair vedette_detection_key(const vedette_detection* detection, size_t index) {
  const Evidence* const e = EvidenceOf(detection);
  return Pair(e != nullptr ? &e->key : nullptr, index);
}
vedette_pair vedette_detection_aggregate(const vedette_detection* detection, size_t index) {
  const Evidence* const e = EvidenceOf(detection);
  return Pair(e != nullptr ? &e->aggregates : nullptr, index);
}

vedette_status vedette_detection_event(const vedette_detection* detection, size_t index,
                                       vedette_evidence_event* event, vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    const EvidenceEvent* const e = EventOf(detection, index);
    if (e == nullptr) return {VEDETTE_INVALID_ARGUMENT, "the detection has no such event"};
    vedette_evidence_event out = {};
    out.field_count = static_cast<uint32_t>(e->fields.size());
    out.time = e->time;
    out.line = e->event_line;
    out.source = Out(e->source);
    out.stream = Out(e->event_source);
    return FillStruct(out, event);
  });
}

vedette_pair vedette_detection_event_field(const vedette_detection* detection, size_t event,
                                           size_t index) {
  const EvidenceEvent* const e = EventOf(detection, event);
  return Pair(e != nullptr ? &e->fields : nullptr, index);
}
