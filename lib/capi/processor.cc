// Engines and processors.
#include "lib/capi/processor.h"

#include <optional>

using vedette::capi::Guard;
using vedette::capi::IsText;
using vedette::capi::NullPointer;
using vedette::capi::Outcome;
using vedette::capi::Text;
using vedette::capi::TriageState;

namespace vedette::inline v0::capi {
namespace {

constexpr size_t kMaxAdapters = 64;
constexpr uint32_t kProcessorFlags =
    VEDETTE_PROCESSOR_HOST_WATERMARKS | VEDETTE_PROCESSOR_EAGER | VEDETTE_PROCESSOR_REJECT_NEW_KEYS;

Outcome ReadProcessorOptions(const vedette_processor_options* given,
                             vedette_processor_options* options) {
  vedette_processor_options_init(options, sizeof *options);
  Outcome outcome = ReadStruct(given, options);
  if (!outcome.ok()) return outcome;
  if ((options->flags & ~kProcessorFlags) != 0) {
    return {VEDETTE_UNSUPPORTED, "flags has bits that this version does not know"};
  }
  if (options->allowed_lateness < 0 || options->idle_timeout < 0 || options->max_future_skew < 0) {
    return {VEDETTE_INVALID_ARGUMENT, "times of the options must not be negative"};
  }
  if (options->max_event_bytes > kMaxEventBytes) {
    return {VEDETTE_INVALID_ARGUMENT, "max_event_bytes is at most 1 GiB"};
  }
  return {};
}

ProcessorOptions OptionsOf(const vedette_processor_options& o, const IndicatorSets* indicators) {
  ProcessorOptions out;
  out.evaluation.max_value_bytes = o.max_value_bytes;
  out.evaluation.max_matched_fields = o.max_matched_fields;
  out.evaluation.max_scan_bytes = o.max_scan_bytes;
  out.evaluation.memo_bytes = o.memo_bytes;
  out.evaluation.indicator_sets = indicators;
  out.correlation.max_state_bytes = o.max_state_bytes;
  out.correlation.max_evidence_events = o.max_evidence_events;
  out.correlation.eager = (o.flags & VEDETTE_PROCESSOR_EAGER) != 0;
  if ((o.flags & VEDETTE_PROCESSOR_REJECT_NEW_KEYS) != 0) {
    out.correlation.overflow = CorrelatorOptions::Overflow::kReject;
  }
  out.host_watermarks = (o.flags & VEDETTE_PROCESSOR_HOST_WATERMARKS) != 0;
  out.allowed_lateness_ns = o.allowed_lateness;
  out.idle_timeout_ns = o.idle_timeout;
  out.max_future_skew_ns = o.max_future_skew;
  return out;
}

JsonOptions JsonOptionsOf(const vedette_processor_options& o) {
  JsonOptions out;
  out.max_bytes = o.max_event_bytes;
  out.max_depth = o.max_event_depth;
  return out;
}

}  // namespace

absl::Status CallbackSink::OnDetection(const Detection& detection) {
  if (callback_ != nullptr) {
    vedette_detection handle;
    handle.detection = &detection;
    if (callback_(&handle, user_) != 0) {
      return absl::CancelledError("on_detection stopped the call");
    }
  }
  if (triage_ == nullptr) return absl::OkStatus();
  return triage_->UnlessStopped(triage_->triage->OnDetection(detection));
}

}  // namespace vedette::inline v0::capi

vedette_processor::vedette_processor(const vedette_engine& e, const vedette_processor_options& o,
                                     vedette_on_detection on_detection, void* u)
    : engine(e.engine),
      indicators(o.indicators != nullptr ? o.indicators->sets : nullptr),
      on_broken(o.on_broken),
      user(u),
      sink(on_detection, u),
      json_options(vedette::capi::JsonOptionsOf(o)),
      parser(json_options),
      processor(engine->NewProcessor(&sink, vedette::capi::OptionsOf(o, indicators.get()))) {}

struct vedette_restored {
  vedette::RestoreReport report;
};

namespace vedette::inline v0::capi {

Outcome Process(vedette_processor* p, EventView view, const vedette_event_info& info,
                std::string_view raw) {
  Apply(info, &p->log_source, &view);
  const EventOfCall event(p->sink.triage(), &view, &info, raw);
  return At(info, p->processor->Process(view));
}

namespace {

Outcome Parse(vedette_processor* p, std::string_view json) {
  const absl::Status parsed = p->parser.Parse(json, &p->event);
  if (parsed.ok()) return {};
  Outcome outcome(parsed);
  if (outcome.code == VEDETTE_LIMIT) {
    ++p->oversized;
  } else {
    outcome.code = VEDETTE_BROKEN_EVENT;
    ++p->broken;
  }
  return outcome;
}

// One buffer of lines.
class Lines {
 public:
  // `result` may be null.
  Lines(vedette_processor* p, const vedette_event_info& info, vedette_ndjson_result* result)
      : p_(*p), info_(info), out_(result) {
    if (info_.line == 0) info_.line = 1;
  }
  // Says what was done even if an exception ends it.
  ~Lines() {
    if (out_ != nullptr) FillStruct(result_, out_);
  }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  Outcome Process(std::string_view data, bool more) {
    Outcome outcome;
    while (!data.empty() && outcome.ok()) {
      const size_t end = data.find('\n');
      if (end == std::string_view::npos && more) break;
      const size_t taken = end == std::string_view::npos ? data.size() : end + 1;
      outcome = Line(data.substr(0, end));
      data.remove_prefix(taken);
      result_.consumed += taken;
      ++result_.lines;
      ++info_.line;
    }
    return outcome;
  }

 private:
  Outcome Line(std::string_view line) {
    if (info_.line == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    const size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) {
      ++result_.blank;
      ++p_.blank;
      return {};
    }
    line = line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
    const Outcome parsed = Parse(&p_, line);
    if (parsed.ok()) {
      ++result_.events;
      return capi::Process(&p_, p_.event.view(), info_, line);
    }
    ++(parsed.code == VEDETTE_LIMIT ? result_.oversized : result_.broken);
    if (p_.on_broken != nullptr) {
      p_.on_broken(info_.line, parsed.message.c_str(), parsed.message.size(), p_.user);
    }
    return {};
  }

  vedette_processor& p_;
  vedette_event_info info_;
  vedette_ndjson_result result_ = {};
  vedette_ndjson_result* out_;
};

Outcome KeepAdapter(vedette_processor* p, const vedette_adapter& adapter) {
  if (std::ranges::find(p->adapters, adapter.adapter) != p->adapters.end()) return {};
  if (p->adapters.size() >= kMaxAdapters) {
    return {VEDETTE_LIMIT, "the processor has seen 64 adapters; make one for each kind of event"};
  }
  p->adapters.push_back(adapter.adapter);
  if (p->sink.triage() != nullptr) p->sink.triage()->KeepAdapter(adapter.adapter);
  return {};
}

std::optional<size_t> FindCorrelation(const Program& program, std::string_view wanted) {
  for (size_t i = 0; i < program.correlation_count(); ++i) {
    const RuleMeta& meta = program.correlation(i);
    if (meta.id == wanted || meta.name == wanted || meta.title == wanted) return i;
  }
  return std::nullopt;
}

const std::vector<std::string>* Names(const vedette_restored* restored, int32_t outcome) {
  if (restored == nullptr) return nullptr;
  switch (outcome) {
    case VEDETTE_RESTORED_KEPT:
      return &restored->report.kept;
    case VEDETTE_RESTORED_DROPPED:
      return &restored->report.dropped;
    case VEDETTE_RESTORED_FRESH:
      return &restored->report.fresh;
    default:
      return nullptr;
  }
}

vedette_processor_stats StatsOf(const vedette_processor& p) {
  const ProcessorStats s = p.processor->stats();
  vedette_processor_stats out = {};
  out.events = s.evaluation.events;
  out.broken = p.broken;
  out.oversized = p.oversized;
  out.blank = p.blank;
  out.detections = s.detections;
  out.suppressed = s.suppressed;
  out.correlation_detections = s.correlation.detections;
  out.correlation_suppressed = s.correlation.suppressed;
  out.events_without_log_source = s.evaluation.events_without_log_source;
  out.events_without_rules = s.evaluation.events_without_rules;
  out.events_undecided = s.evaluation.events_undecided;
  out.rules_undecided = s.evaluation.rules_undecided;
  out.events_without_time = s.events_without_time;
  out.future_events = s.future_events;
  out.records = s.evaluation.records;
  out.records_without_key = s.evaluation.records_without_key;
  out.late_records = s.correlation.late_records;
  out.forced_records = s.correlation.forced_records;
  out.pending_records = s.correlation.pending_records;
  out.evicted_keys = s.correlation.evicted_keys;
  out.state_bytes = s.correlation.bytes;
  out.missing_indicator_sets = s.evaluation.missing_indicator_sets;
  out.program_swaps = s.program_swaps;
  out.watermark = s.correlation.watermark;
  return out;
}

}  // namespace
}  // namespace vedette::inline v0::capi

using vedette::capi::With;
using vedette::capi::WithTriage;

vedette_status vedette_engine_new(const vedette_program* program, vedette_engine** engine,
                                  vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (engine != nullptr) *engine = nullptr;
    if (program == nullptr || engine == nullptr) return NullPointer("program or engine");
    *engine = new vedette_engine{std::make_shared<vedette::Engine>(program->program)};
    return {};
  });
}

vedette_status vedette_engine_set_program(vedette_engine* engine, const vedette_program* program,
                                          vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (engine == nullptr || program == nullptr) return NullPointer("engine or program");
    engine->engine->SetProgram(program->program);
    return {};
  });
}

vedette_status vedette_engine_program(const vedette_engine* engine, vedette_program** program,
                                      vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (program != nullptr) *program = nullptr;
    if (engine == nullptr || program == nullptr) return NullPointer("engine or program");
    *program = new vedette_program{engine->engine->program()};
    return {};
  });
}

void vedette_engine_free(vedette_engine* engine) { delete engine; }

void vedette_processor_options_init(vedette_processor_options* options, size_t size) {
  const vedette::ProcessorOptions ours;
  const vedette::JsonOptions json;
  vedette_processor_options defaults = {};
  defaults.allowed_lateness = ours.allowed_lateness_ns;
  defaults.idle_timeout = ours.idle_timeout_ns;
  defaults.max_future_skew = ours.max_future_skew_ns;
  defaults.max_state_bytes = ours.correlation.max_state_bytes;
  defaults.max_scan_bytes = ours.evaluation.max_scan_bytes;
  defaults.memo_bytes = ours.evaluation.memo_bytes;
  defaults.max_event_bytes = json.max_bytes;
  defaults.max_event_depth = static_cast<uint32_t>(json.max_depth);
  defaults.max_value_bytes = static_cast<uint32_t>(ours.evaluation.max_value_bytes);
  defaults.max_matched_fields = static_cast<uint32_t>(ours.evaluation.max_matched_fields);
  defaults.max_evidence_events = static_cast<uint32_t>(ours.correlation.max_evidence_events);
  vedette::capi::InitStruct(defaults, options, size);
}

vedette_status vedette_processor_new(vedette_engine* engine,
                                     const vedette_processor_options* options,
                                     vedette_on_detection on_detection, void* user,
                                     vedette_processor** processor, vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (processor != nullptr) *processor = nullptr;
    if (engine == nullptr || processor == nullptr) return NullPointer("engine or processor");
    vedette_processor_options ours;
    Outcome outcome = vedette::capi::ReadProcessorOptions(options, &ours);
    if (outcome.ok()) *processor = new vedette_processor(*engine, ours, on_detection, user);
    return outcome;
  });
}

void vedette_processor_free(vedette_processor* processor) {
  if (processor == nullptr || processor->busy.load(std::memory_order_acquire)) return;
  delete processor;
}

vedette_status vedette_processor_set_triage(vedette_processor* processor, vedette_triage* triage,
                                            vedette_error** error) {
  return With(processor, error, [&]() -> Outcome {
    if (triage == nullptr) {
      processor->sink.set_triage(nullptr);
      return {};
    }
    const std::shared_ptr<TriageState> state = triage->state;
    return vedette::capi::Claimed(state.get(), [&]() -> Outcome {
      for (const auto& adapter : processor->adapters) state->KeepAdapter(adapter);
      processor->sink.set_triage(state);
      return {};
    });
  });
}

vedette_status vedette_processor_process_json(vedette_processor* processor, const char* json,
                                              size_t json_size, const vedette_event_info* info,
                                              vedette_error** error) {
  return WithTriage(processor, error, [&]() -> Outcome {
    if (!IsText(json, json_size)) return NullPointer("json");
    vedette_event_info ours;
    Outcome outcome = vedette::capi::ReadInfo(info, &ours);
    if (!outcome.ok()) return outcome;
    outcome = vedette::capi::Parse(processor, Text(json, json_size));
    if (!outcome.ok()) return vedette::capi::At(ours, outcome);
    return vedette::capi::Process(processor, processor->event.view(), ours, Text(json, json_size));
  });
}

vedette_status vedette_processor_process_ndjson(vedette_processor* processor, const char* data,
                                                size_t size, uint32_t flags,
                                                const vedette_event_info* info,
                                                vedette_ndjson_result* result,
                                                vedette_error** error) {
  return WithTriage(processor, error, [&]() -> Outcome {
    if (result != nullptr) {  // also a check of its size, before anything is taken
      Outcome outcome = vedette::capi::FillStruct(vedette_ndjson_result{}, result);
      if (!outcome.ok()) return outcome;
    }
    if (!IsText(data, size)) return NullPointer("data");
    if ((flags & ~uint32_t{VEDETTE_NDJSON_MORE}) != 0) {
      return {VEDETTE_UNSUPPORTED, "flags has bits that this version does not know"};
    }
    vedette_event_info ours;
    Outcome outcome = vedette::capi::ReadInfo(info, &ours);
    if (!outcome.ok()) return outcome;
    return vedette::capi::Lines(processor, ours, result)
        .Process(Text(data, size), (flags & VEDETTE_NDJSON_MORE) != 0);
  });
}

vedette_status vedette_processor_process_event(vedette_processor* processor,
                                               const vedette_adapter* adapter, const void* event,
                                               const vedette_event_info* info,
                                               vedette_error** error) {
  return WithTriage(processor, error, [&]() -> Outcome {
    if (adapter == nullptr) return NullPointer("adapter");
    vedette_event_info ours;
    Outcome outcome = vedette::capi::ReadInfo(info, &ours);
    if (outcome.ok()) outcome = vedette::capi::KeepAdapter(processor, *adapter);
    if (!outcome.ok()) return outcome;
    return vedette::capi::Process(processor, vedette::EventView(*adapter->adapter, event), ours,
                                  {});
  });
}

vedette_status vedette_processor_advance_watermark(vedette_processor* processor,
                                                   vedette_time watermark, vedette_error** error) {
  return WithTriage(processor, error, [&]() -> Outcome {
    const absl::Status status = processor->processor->AdvanceWatermark(watermark);
    TriageState* const triage = processor->sink.triage();
    if (!status.ok() || triage == nullptr) return status;
    return triage->UnlessStopped(triage->AdvanceWatermark(watermark));
  });
}

vedette_status vedette_processor_flush(vedette_processor* processor, vedette_error** error) {
  return WithTriage(processor, error, [&]() -> Outcome {
    const absl::Status status = processor->processor->Flush();
    TriageState* const triage = processor->sink.triage();
    if (!status.ok() || triage == nullptr) return status;
    return triage->UnlessStopped(triage->triage->Flush());
  });
}

vedette_status vedette_processor_snapshot(vedette_processor* processor, vedette_bytes** snapshot,
                                          vedette_error** error) {
  if (snapshot != nullptr) *snapshot = nullptr;
  return With(processor, error, [&]() -> Outcome {
    if (snapshot == nullptr) return NullPointer("snapshot");
    vedette::capi::SetBytes(processor->processor->Snapshot(), snapshot);
    return {};
  });
}

vedette_status vedette_processor_restore(vedette_processor* processor, const char* snapshot,
                                         size_t size, vedette_restored** restored,
                                         vedette_error** error) {
  if (restored != nullptr) *restored = nullptr;
  return With(processor, error, [&]() -> Outcome {
    if (!IsText(snapshot, size)) return NullPointer("snapshot");
    auto made = std::make_unique<vedette_restored>();
    auto report = processor->processor->Restore(Text(snapshot, size));
    if (!report.ok()) return report.status();
    made->report = *std::move(report);
    if (restored != nullptr) *restored = made.release();
    return {};
  });
}

uint64_t vedette_restored_keys(const vedette_restored* restored) {
  return restored != nullptr ? restored->report.keys : 0;
}
size_t vedette_restored_count(const vedette_restored* restored, int32_t outcome) {
  const std::vector<std::string>* const names = vedette::capi::Names(restored, outcome);
  return names != nullptr ? names->size() : 0;
}
vedette_string vedette_restored_name(const vedette_restored* restored, int32_t outcome,
                                     size_t index) {
  const std::vector<std::string>* const names = vedette::capi::Names(restored, outcome);
  if (names == nullptr || index >= names->size()) return vedette::capi::Out("");
  return vedette::capi::Out((*names)[index]);
}
void vedette_restored_free(vedette_restored* restored) { delete restored; }

vedette_status vedette_processor_describe_state(vedette_processor* processor, const char* rule,
                                                size_t rule_size, const char* key, size_t key_size,
                                                size_t max_keys, vedette_bytes** text,
                                                vedette_error** error) {
  if (text != nullptr) *text = nullptr;
  return With(processor, error, [&]() -> Outcome {
    if (text == nullptr) return NullPointer("text");
    if (!IsText(rule, rule_size) || !IsText(key, key_size)) return NullPointer("rule or key");
    vedette::Correlator& correlator = processor->processor->correlator();
    const auto index = vedette::capi::FindCorrelation(correlator.program(), Text(rule, rule_size));
    if (!index.has_value()) return {VEDETTE_NOT_FOUND, "no rule over several events has that name"};
    std::string lines;
    for (const std::string& line :
         correlator.DescribeState(*index, max_keys, Text(key, key_size))) {
      lines.append(line).append("\n");
    }
    vedette::capi::SetBytes(std::move(lines), text);
    return {};
  });
}

vedette_status vedette_processor_get_stats(vedette_processor* processor,
                                           vedette_processor_stats* stats, vedette_error** error) {
  return With(processor, error, [&]() -> Outcome {
    return vedette::capi::FillStruct(vedette::capi::StatsOf(*processor), stats);
  });
}
