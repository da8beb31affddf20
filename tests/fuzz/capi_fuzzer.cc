// Events through the C interface: any bytes as NDJSON cut anywhere, then as the answers of a host's
// callbacks, then as a stream of any format, then as snapshots; all detections go through a triage.
// The first byte is where the buffer is cut, and bits that choose.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "vedette/c/vedette.h"

namespace {

constexpr char kRules[] = R"(title: a
name: a
logsource: {category: c}
detection:
  s: {f|contains: x, g|gt: 3}
  condition: s
---
title: b
logsource: {category: c}
detection:
  s: [needle]
  t:
    list.name|endswith: z
  condition: 1 of them
---
title: c
correlation:
  type: event_count
  rules: [a]
  group-by: [user]
  timespan: 1m
  condition: {gte: 2}
)";

void Require(bool condition) {
  if (!condition) __builtin_trap();
}

// The bytes, as values that a careless host might give.
struct Answers {
  const uint8_t* data;
  size_t size;
  size_t at = 0;

  uint8_t Byte() { return at < size ? data[at++] : 0; }
  vedette_value Value(vedette_arena* arena, int depth) {
    vedette_value out = {};
    out.kind = Byte() % 10;  // 9 is none
    out.size = Byte() % 8;
    if (out.kind == VEDETTE_VALUE_STRING) {
      out.size = std::min(out.size, size - at);
      out.as.string = reinterpret_cast<const char*>(data) + at;
      at += out.size;
    } else if (out.kind == VEDETTE_VALUE_LIST && depth < 80) {
      auto* items = static_cast<vedette_value*>(
          vedette_arena_allocate(arena, out.size * sizeof(vedette_value)));
      for (size_t i = 0; i < out.size; ++i) items[i] = Value(arena, depth + 1);
      out.as.list = items;
    } else if (out.kind == VEDETTE_VALUE_OBJECT && depth < 80) {
      auto* members = static_cast<vedette_member*>(
          vedette_arena_allocate(arena, out.size * sizeof(vedette_member)));
      for (size_t i = 0; i < out.size; ++i) {
        members[i].name = {"name", Byte() % size_t{5}};
        members[i].value = Value(arena, depth + 1);
      }
      out.as.members = members;
    } else {
      uint8_t number[8] = {Byte(), Byte(), Byte(), Byte(), Byte(), Byte(), Byte(), Byte()};
      // Pointers are the host's: only NULL is a wrong one that can be told.
      if (out.kind < VEDETTE_VALUE_STRING) std::memcpy(&out.as, number, sizeof number);
    }
    return out;
  }
};

struct Host {
  Answers answers;
  int stop_at = 0;
  int detections = 0;
};

void Get(const void* event, const char*, size_t, int32_t, vedette_arena* arena,
         vedette_value* value, void*) {
  *value = const_cast<Answers*>(static_cast<const Answers*>(event))->Value(arena, 0);
}

void Visit(const void* event, vedette_arena* arena, vedette_visitor* visitor, void*) {
  const vedette_value value =
      const_cast<Answers*>(static_cast<const Answers*>(event))->Value(arena, 0);
  vedette_visit(visitor, &value);
}

int32_t OnDetection(const vedette_detection* detection, void* user) {
  vedette_bytes* json = nullptr;
  Require(vedette_detection_json(detection, &json, nullptr) == VEDETTE_OK);
  Require(std::strlen(vedette_bytes_data(json)) == vedette_bytes_size(json));
  vedette_bytes_free(json);
  auto* const host = static_cast<Host*>(user);
  return ++host->detections == host->stop_at ? 1 : 0;
}

vedette_engine* MakeEngine() {
  vedette_rules* rules = nullptr;
  vedette_program* program = nullptr;
  vedette_engine* engine = nullptr;
  vedette_compile_options options;
  vedette_compile_options_init(&options, sizeof options);
  options.flags = VEDETTE_COMPILE_STRICT | VEDETTE_COMPILE_EMIT_ALL;
  Require(vedette_rules_new(&rules, nullptr) == VEDETTE_OK);
  Require(vedette_rules_add(rules, VEDETTE_SOURCE_RULES, "r.yml", 5, kRules, sizeof kRules - 1,
                            nullptr) == VEDETTE_OK);
  Require(vedette_compile(rules, &options, &program, nullptr, nullptr) == VEDETTE_OK);
  Require(vedette_engine_new(program, &engine, nullptr) == VEDETTE_OK);
  vedette_program_free(program);
  vedette_rules_free(rules);
  return engine;
}

// All of the bytes, in parts of `step`; a call that is stopped goes on behind the event.
void FeedLines(vedette_processor* processor, const vedette_event_info& info, const char* data,
               size_t size, size_t step) {
  size_t at = 0;
  size_t end = 0;
  while (at < size) {
    end = std::min(std::max(end, at) + step, size);
    vedette_ndjson_result result = {};
    result.struct_size = sizeof result;
    const vedette_status status = vedette_processor_process_ndjson(
        processor, data + at, end - at, end < size ? VEDETTE_NDJSON_MORE : 0, &info, &result,
        nullptr);
    Require(status == VEDETTE_OK || status == VEDETTE_STOPPED);
    Require(result.consumed <= end - at);
    Require(result.lines == result.events + result.broken + result.oversized + result.blank);
    at += result.consumed;
    Require(status == VEDETTE_STOPPED || end < size || at == size);
  }
}

// All of the bytes as a stream in parts of `step`; a call that is stopped goes on with the next.
void FeedStream(vedette_processor* processor, const vedette_event_info& info, const char* data,
                size_t size, size_t step) {
  static constexpr const char* kFormats[] = {"",       "json",   "syslog", "cef",
                                             "logfmt", "auditd", "zeek",   "csv"};
  vedette_reader* reader = nullptr;
  vedette_reader_options options;
  vedette_reader_options_init(&options, sizeof options);
  options.format = vedette_string_of(kFormats[size % std::size(kFormats)]);
  options.max_record_bytes = 2048;
  Require(vedette_reader_new(&options, &reader, nullptr) == VEDETTE_OK);
  vedette_status status = VEDETTE_OK;
  for (size_t at = 0; at < size && status != VEDETTE_DATA_LOSS; at += step) {
    status = vedette_processor_process_stream(processor, reader, data + at,
                                              std::min(step, size - at), 0, &info, nullptr);
    Require(status == VEDETTE_OK || status == VEDETTE_STOPPED || status == VEDETTE_DATA_LOSS);
  }
  vedette_reader_stats stats = {};
  stats.struct_size = sizeof stats;
  for (int i = 0; i < 3 && stats.ended == 0; ++i) {
    vedette_processor_process_stream(processor, reader, nullptr, 0, VEDETTE_STREAM_END, &info,
                                     nullptr);
    Require(vedette_reader_get_stats(reader, &stats, nullptr) == VEDETTE_OK);
  }
  Require(stats.ended == 1);
  vedette_reader_free(reader);
}

vedette_triage* MakeTriage() {
  vedette_triage* triage = nullptr;
  vedette_alert_policy policy;
  vedette_alert_policy_init(&policy, sizeof policy);
  policy.on_close = VEDETTE_ON_CLOSE_RESTART;
  vedette_triage_options options;
  vedette_triage_options_init(&options, sizeof options);
  options.policy = &policy;
  Require(vedette_triage_new(&options, &triage, nullptr) == VEDETTE_OK);
  return triage;
}

// Everything is counted, and the state can be put back.
void CheckTriage(vedette_triage* triage, const char* data, size_t size) {
  vedette_triage_stats stats = {};
  stats.struct_size = sizeof stats;
  Require(vedette_triage_get_stats(triage, &stats, nullptr) == VEDETTE_OK);
  Require(stats.raw == stats.emitted + stats.folded);
  vedette_bytes* state = nullptr;
  Require(vedette_triage_snapshot(triage, &state, nullptr) == VEDETTE_OK);
  vedette_triage_restore(triage, data, size, nullptr);
  Require(vedette_triage_restore(triage, vedette_bytes_data(state), vedette_bytes_size(state),
                                 nullptr) == VEDETTE_OK);
  vedette_bytes_free(state);
  vedette_triage_free(triage);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static vedette_engine* const engine = MakeEngine();
  if (size < 2) return 0;
  Host host{{data + 1, size - 1}};
  host.stop_at = data[0] % 4;
  const char* const text = reinterpret_cast<const char*>(data) + 1;
  vedette_processor* processor = nullptr;
  vedette_processor_options options;
  vedette_processor_options_init(&options, sizeof options);
  options.max_event_bytes = 2048;
  if ((data[0] & 4) != 0) options.flags = VEDETTE_PROCESSOR_EAGER;
  Require(vedette_processor_new(engine, &options, OnDetection, &host, &processor, nullptr) ==
          VEDETTE_OK);
  vedette_triage* const triage = MakeTriage();
  Require(vedette_processor_set_triage(processor, triage, nullptr) == VEDETTE_OK);
  vedette_event_info info;
  vedette_event_info_init(&info, sizeof info);
  info.category = {"c", 1};
  FeedLines(processor, info, text, size - 1, data[0] / size_t{8} + 1);

  FeedStream(processor, info, text, size - 1, data[0] / size_t{4} + 1);

  vedette_adapter_options callbacks;
  vedette_adapter_options_init(&callbacks, sizeof callbacks);
  callbacks.get = Get;
  callbacks.visit = Visit;
  vedette_adapter* adapter = nullptr;
  Require(vedette_adapter_new(&callbacks, &adapter, nullptr) == VEDETTE_OK);
  for (int i = 0; i < 4; ++i) {
    info.time = i;
    const vedette_status status =
        vedette_processor_process_event(processor, adapter, &host.answers, &info, nullptr);
    Require(status == VEDETTE_OK || status == VEDETTE_STOPPED);
  }
  vedette_adapter_free(adapter);

  vedette_bytes* snapshot = nullptr;
  Require(vedette_processor_snapshot(processor, &snapshot, nullptr) == VEDETTE_OK);
  Require(vedette_processor_restore(processor, vedette_bytes_data(snapshot),
                                    vedette_bytes_size(snapshot), nullptr, nullptr) == VEDETTE_OK);
  vedette_bytes_free(snapshot);
  vedette_processor_restore(processor, text, size - 1, nullptr, nullptr);
  const vedette_status flushed = vedette_processor_flush(processor, nullptr);
  Require(flushed == VEDETTE_OK || flushed == VEDETTE_STOPPED);
  vedette_processor_free(processor);
  CheckTriage(triage, text, size - 1);
  return 0;
}
