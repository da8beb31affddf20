#include "tests/support/correlation_engine.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <tuple>
#include <utility>

#include "vedette/correlator.h"
#include "vedette/engine.h"
#include "vedette/json.h"
#include "vedette/match_record.h"

namespace vedette::testing {
namespace {

using reference::CanonicalJson;
using reference::CorrelationDetection;
using reference::CorrelationEvent;

CorrelationDetection::Cause CauseOf(DetectionCause cause) {
  using Cause = CorrelationDetection::Cause;
  return cause == DetectionCause::kClose   ? Cause::kClose
         : cause == DetectionCause::kTimer ? Cause::kTimer
                                           : Cause::kRecord;
}

std::string EventLabel(const EvidenceEvent& event) {
  if (event.event_line == 0) return event.source + "@" + event.event_source;
  return event.source + "#" + std::to_string(event.event_line);
}

CorrelationDetection AsOracleSays(const Detection& d) {
  CorrelationDetection out;
  out.rule = d.meta().name.empty() ? d.meta().title : d.meta().name;
  out.time = d.time;
  for (const auto& [name, value] : d.outcomes)
    out.outcomes.emplace_back(name, CanonicalJson(value));
  if (d.evidence == nullptr) {
    out.cause = CorrelationDetection::Cause::kEvent;
    out.events = {"#" + std::to_string(d.event_line)};
    if (d.time == kNoEventTime) out.time = 0;
    return out;
  }
  const Evidence& e = *d.evidence;
  out.cause = CauseOf(e.cause);
  for (const auto& [name, value] : e.key) out.key.push_back(CanonicalJson(value));
  out.key_bytes = KeyBytes(out.key);
  out.start = e.window_start;
  out.end = e.window_end;
  out.first = e.first;
  out.last = e.last;
  out.total = e.total_events;
  for (const auto& [text, value] : e.aggregates) {
    out.aggregates.emplace_back(text, CanonicalJson(value));
  }
  std::sort(out.aggregates.begin(), out.aggregates.end());
  for (const EvidenceEvent& event : e.events) out.events.push_back(EventLabel(event));
  return out;
}

class Collector : public DetectionSink {
 public:
  absl::Status OnDetection(const Detection& detection) override {
    detections.push_back(AsOracleSays(detection));
    return absl::OkStatus();
  }
  Detections detections;
};

// Fractions may differ in the last digits, as they are computed in another order.
std::string WithFewDigits(const std::string& json) {
  const bool number =
      !json.empty() && json.find_first_not_of("+-.0123456789e") == std::string::npos;
  if (!number || json.find_first_of(".e") == std::string::npos) return json;
  char text[40];
  std::snprintf(text, sizeof(text), "%.10g", std::strtod(json.c_str(), nullptr));
  return text;
}

// Several correlators, each with its part of the keys, fed by one evaluator.
class Partitions : public MatchRecordSink, public RecordSink {
 public:
  Partitions(std::shared_ptr<const Program> program, uint32_t count, DetectionSink* sink)
      : program_(std::move(program)) {
    for (uint32_t i = 0; i < count; ++i) {
      CorrelatorOptions options;
      options.partition = i;
      options.partitions = count;
      options.records = this;
      parts_.push_back(std::make_unique<Correlator>(program_, sink, options));
    }
  }

  absl::Status OnRecord(const MatchRecord& record) override { return Route(record); }
  absl::Status OnForeignRecord(const MatchRecord& record) override { return Route(record); }

  absl::Status Advance(EventTime watermark) {
    absl::Status status;
    for (uint32_t depth = 1; depth <= program_->correlation_depth() && status.ok(); ++depth) {
      for (const auto& part : parts_) {
        if (status.ok()) status = part->AdvanceDepth(depth, watermark);
      }
    }
    return status;
  }

 private:
  absl::Status Route(const MatchRecord& record) {
    const auto count = static_cast<uint32_t>(parts_.size());
    return parts_[PartitionOf(*program_, record, count)]->Add(record);
  }

  std::shared_ptr<const Program> program_;
  std::vector<std::unique_ptr<Correlator>> parts_;
};

class Run {
 public:
  Run(std::shared_ptr<const Program> program, const std::vector<CorrelationEvent>& events,
      const EngineRun& how)
      : program_(std::move(program)), engine_(program_), events_(events), how_(how) {
    if (how.partitions > 0) {
      partitions_ = std::make_unique<Partitions>(program_, how.partitions, &sink_);
    }
    options_.allowed_lateness_ns = how.allowed_lateness_ns;
    options_.max_future_skew_ns = 0;
    options_.records = partitions_.get();
    processor_ = engine_.NewProcessor(&sink_, options_);
  }

  absl::StatusOr<Detections> Finish() {
    for (size_t i = 0; i < events_.size(); ++i) {
      absl::Status status = Step(i);
      if (status.ok() && how_.restart) status = Restart();
      if (status.ok() && how_.push_watermarks) status = processor_->AdvanceWatermark(Ahead(i));
      if (status.ok() && partitions_ != nullptr) status = partitions_->Advance(Ahead(i));
      if (!status.ok()) return status;
    }
    absl::Status status = processor_->Flush();
    if (status.ok() && partitions_ != nullptr) status = partitions_->Advance(kEndOfTime);
    if (!status.ok()) return status;
    SortDetections(&sink_.detections);
    return std::move(sink_.detections);
  }

 private:
  absl::Status Step(size_t i) {
    const absl::Status parsed = parser_.Parse(events_[i].json, &event_);
    if (!parsed.ok()) return parsed;
    EventView view = event_.view();
    view.set_time(events_[i].time.value_or(kNoEventTime));
    view.set_tiebreak(events_[i].tiebreak);
    view.set_ref({"events", i + 1});
    view.set_log_source(&how_.log_source);
    return processor_->Process(view);
  }

  absl::Status Restart() {
    const std::string snapshot = processor_->Snapshot();
    processor_ = engine_.NewProcessor(&sink_, options_);
    return processor_->Restore(snapshot).status();
  }

  // As far as time may go after event i: no later event is before it.
  EventTime Ahead(size_t i) const {
    EventTime out = kEndOfTime;
    for (size_t j = i + 1; j < events_.size(); ++j) {
      out = std::min(out, events_[j].time.value_or(kEndOfTime));
    }
    return out;
  }

  std::shared_ptr<const Program> program_;
  Engine engine_;
  const std::vector<CorrelationEvent>& events_;
  const EngineRun& how_;
  Collector sink_;
  std::unique_ptr<Partitions> partitions_;
  ProcessorOptions options_;
  std::unique_ptr<Processor> processor_;
  JsonParser parser_;
  Event event_;
};

}  // namespace

void SortDetections(Detections* detections) {
  for (CorrelationDetection& d : *detections) {
    for (auto& [text, value] : d.aggregates) value = WithFewDigits(value);
    for (auto& [name, value] : d.outcomes) value = WithFewDigits(value);
  }
  const auto order = [](const CorrelationDetection& d) {
    return std::make_tuple(d.time, d.rule, d.cause, d.key_bytes, d.Line());
  };
  std::sort(detections->begin(), detections->end(),
            [&](const auto& a, const auto& b) { return order(a) < order(b); });
}

std::string KeyBytes(const std::vector<std::string>& parts) {
  std::string out;
  JsonParser parser;
  Event event;
  for (const std::string& part : parts) {
    if (!parser.Parse("{\"v\":" + part + "}", &event).ok()) continue;
    AppendKeyPart(event.root().Find("v"), &out);
  }
  return out;
}

absl::StatusOr<Detections> RunEngine(const std::shared_ptr<const Program>& program,
                                     const std::vector<CorrelationEvent>& events,
                                     const EngineRun& run) {
  return Run(program, events, run).Finish();
}

}  // namespace vedette::testing
