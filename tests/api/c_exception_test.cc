// What is thrown while the C interface runs: by callbacks of a host in C++, and for want of memory
// at every allocation there is. Nothing passes, and handles stay usable.
#include <atomic>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string>

#include "gtest/gtest.h"
#include "vedette/c/vedette.h"

namespace {

// Larger allocations are refused.
std::atomic<size_t> largest{SIZE_MAX};

void* Allocate(size_t size) {
  if (size > largest.load()) throw std::bad_alloc();
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(size_t size) { return Allocate(size); }
void* operator new[](size_t size) { return Allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }

namespace {

constexpr char kRules[] = R"(title: A
name: a
logsource: {category: c}
detection:
  s: {f|contains: some, g|re: 'a.*b'}
  condition: s
---
title: B
correlation:
  type: event_count
  rules: [a]
  group-by: [user]
  timespan: 1m
  condition: {gte: 2}
---
title: C
logsource: {category: c}
detection:
  s: {f: 1, g: 2, h|startswith: x}
  t: [keyword]
  condition: s or t
)";
constexpr char kLines[] =
    "{\"@timestamp\":\"2026-11-25T10:00:00Z\",\"f\":\"a long text with some words\",\"g\":\"a b\","
    "\"user\":\"ann\"}\nbroken\n"
    "{\"@timestamp\":\"2026-11-25T10:00:01Z\",\"f\":\"some other text\",\"g\":\"axxb\","
    "\"user\":\"ann\",\"list\":[1,2,{\"h\":\"keyword\"}]}\n";

struct Host {
  bool throws = false;
  int detections = 0;
  vedette_detection* kept = nullptr;
};

int32_t OnDetection(const vedette_detection* detection, void* user) {
  auto* const host = static_cast<Host*>(user);
  if (host->throws) throw std::runtime_error("the host's");
  ++host->detections;
  vedette_detection_free(host->kept);
  host->kept = nullptr;
  vedette_bytes* json = nullptr;
  vedette_detection_json(detection, &json, nullptr);
  vedette_bytes_free(json);
  vedette_detection_copy(detection, &host->kept, nullptr);
  return 0;
}

void OnBroken(uint64_t, const char*, size_t, void* user) {
  if (static_cast<Host*>(user)->throws) throw 42;
}

void Get(const void*, const char*, size_t, int32_t, vedette_arena*, vedette_value* value,
         void* user) {
  if (static_cast<Host*>(user)->throws) throw std::runtime_error("the host's");
  vedette_value_set_string(value, "some", 4);
}

vedette_status Compile(vedette_program** program) {
  vedette_rules* rules = nullptr;
  vedette_compile_options options;
  vedette_compile_options_init(&options, sizeof options);
  options.flags = VEDETTE_COMPILE_EMIT_ALL;
  vedette_status status = vedette_rules_new(&rules, nullptr);
  if (status == VEDETTE_OK) {
    status = vedette_rules_add(rules, VEDETTE_SOURCE_RULES, "r.yml", 5, kRules, sizeof kRules - 1,
                               nullptr);
  }
  if (status == VEDETTE_OK) status = vedette_compile(rules, &options, program, nullptr, nullptr);
  vedette_rules_free(rules);
  return status;
}

vedette_event_info Info() {
  vedette_event_info info;
  vedette_event_info_init(&info, sizeof info);
  info.category = vedette_string_of("c");
  return info;
}

TEST(CInterfaceExceptions, OfCallbacksStayInside) {
  Host host;
  vedette_program* program = nullptr;
  vedette_engine* engine = nullptr;
  vedette_processor* processor = nullptr;
  vedette_processor_options options;
  vedette_processor_options_init(&options, sizeof options);
  options.on_broken = OnBroken;
  ASSERT_EQ(Compile(&program), VEDETTE_OK);
  ASSERT_EQ(vedette_engine_new(program, &engine, nullptr), VEDETTE_OK);
  ASSERT_EQ(vedette_processor_new(engine, &options, OnDetection, &host, &processor, nullptr),
            VEDETTE_OK);
  const vedette_event_info info = Info();
  host.throws = true;
  const std::string lines = kLines;
  const std::string event = lines.substr(0, lines.find('\n'));
  vedette_error* error = nullptr;
  EXPECT_EQ(vedette_processor_process_json(processor, event.data(), event.size(), &info, &error),
            VEDETTE_INTERNAL);
  EXPECT_EQ(vedette_error_code(error), VEDETTE_INTERNAL);
  EXPECT_GT(vedette_error_message(error).size, 0U);
  vedette_error_free(error);
  vedette_ndjson_result result = {};
  result.struct_size = sizeof result;
  EXPECT_EQ(vedette_processor_process_ndjson(processor, "{}\nbroken\n{}\n", 13, 0, &info, &result,
                                             nullptr),
            VEDETTE_INTERNAL);
  EXPECT_EQ(result.consumed, 3U);  // what was done before is told
  EXPECT_EQ(result.events, 1U);

  vedette_adapter_options callbacks;
  vedette_adapter_options_init(&callbacks, sizeof callbacks);
  callbacks.get = Get;
  callbacks.user = &host;
  vedette_adapter* adapter = nullptr;
  ASSERT_EQ(vedette_adapter_new(&callbacks, &adapter, nullptr), VEDETTE_OK);
  EXPECT_EQ(vedette_processor_process_event(processor, adapter, nullptr, &info, nullptr),
            VEDETTE_INTERNAL);

  host.throws = false;
  EXPECT_EQ(vedette_processor_process_event(processor, adapter, nullptr, &info, nullptr),
            VEDETTE_OK);
  EXPECT_EQ(vedette_processor_process_ndjson(processor, lines.data(), lines.size(), 0, &info,
                                             &result, nullptr),
            VEDETTE_OK);
  EXPECT_EQ(result.events, 2U);
  EXPECT_GT(host.detections, 1);
  vedette_adapter_free(adapter);
  vedette_detection_free(host.kept);
  vedette_processor_free(processor);
  vedette_engine_free(engine);
  vedette_program_free(program);
}

int32_t OnAlert(const vedette_alert*, void* user) {
  if (static_cast<Host*>(user)->throws) throw std::runtime_error("the host's");
  return 1;
}

TEST(CInterfaceExceptions, OfCallbacksOfATriageStayInside) {
  Host host;
  vedette_program* program = nullptr;
  vedette_engine* engine = nullptr;
  vedette_processor* processor = nullptr;
  vedette_triage* triage = nullptr;
  vedette_alert_policy policy;
  vedette_alert_policy_init(&policy, sizeof policy);
  policy.on_close = VEDETTE_ON_CLOSE_RESTART;
  vedette_triage_options options;
  vedette_triage_options_init(&options, sizeof options);
  options.policy = &policy;
  options.on_alert = OnAlert;
  options.user = &host;
  ASSERT_EQ(Compile(&program), VEDETTE_OK);
  ASSERT_EQ(vedette_engine_new(program, &engine, nullptr), VEDETTE_OK);
  ASSERT_EQ(vedette_processor_new(engine, nullptr, nullptr, nullptr, &processor, nullptr),
            VEDETTE_OK);
  ASSERT_EQ(vedette_triage_new(&options, &triage, nullptr), VEDETTE_OK);
  ASSERT_EQ(vedette_processor_set_triage(processor, triage, nullptr), VEDETTE_OK);
  const vedette_event_info info = Info();
  const std::string event = R"({"f":1,"g":2,"h":"x","user":"ann"})";
  host.throws = true;
  EXPECT_EQ(vedette_processor_process_json(processor, event.data(), event.size(), &info, nullptr),
            VEDETTE_INTERNAL);
  vedette_triage_stats stats = {};
  stats.struct_size = sizeof stats;
  EXPECT_EQ(vedette_triage_get_stats(triage, &stats, nullptr), VEDETTE_OK);  // not busy for good
  EXPECT_EQ(stats.detections, 1U);
  host.throws = false;
  const std::string other = R"({"f":1,"g":2,"h":"x","user":"bob"})";
  EXPECT_EQ(vedette_processor_process_json(processor, other.data(), other.size(), &info, nullptr),
            VEDETTE_STOPPED);
  EXPECT_EQ(vedette_triage_get_stats(triage, &stats, nullptr), VEDETTE_OK);
  EXPECT_EQ(stats.emitted, 2U);
  vedette_triage_free(triage);
  vedette_processor_free(processor);
  vedette_engine_free(engine);
  vedette_program_free(program);
}

TEST(CInterfaceExceptions, OfMemoryForSomethingLargeAreAStatus) {
  Host host;
  vedette_program* program = nullptr;
  vedette_engine* engine = nullptr;
  vedette_processor* processor = nullptr;
  vedette_rules* rules = nullptr;
  ASSERT_EQ(Compile(&program), VEDETTE_OK);
  ASSERT_EQ(vedette_engine_new(program, &engine, nullptr), VEDETTE_OK);
  ASSERT_EQ(vedette_processor_new(engine, nullptr, OnDetection, &host, &processor, nullptr),
            VEDETTE_OK);
  ASSERT_EQ(vedette_rules_new(&rules, nullptr), VEDETTE_OK);
  const vedette_event_info info = Info();
  const std::string large = "{\"g\":\"ab\",\"f\":\"some " + std::string(4 << 20, 'x') + "\"}";
  vedette_error* error = nullptr;
  largest = 1 << 20;
  const vedette_status processed =
      vedette_processor_process_json(processor, large.data(), large.size(), &info, &error);
  const vedette_status added = vedette_rules_add(rules, VEDETTE_SOURCE_RULES, "a.yml", 5,
                                                 large.data(), large.size(), nullptr);
  largest = SIZE_MAX;
  EXPECT_EQ(processed, VEDETTE_NO_MEMORY);
  EXPECT_EQ(vedette_error_code(error), VEDETTE_NO_MEMORY);
  EXPECT_GT(vedette_error_message(error).size, 0U);
  EXPECT_EQ(added, VEDETTE_NO_MEMORY);
  EXPECT_EQ(host.detections, 0);
  vedette_error_free(error);
  EXPECT_EQ(vedette_processor_process_json(processor, large.data(), large.size(), &info, nullptr),
            VEDETTE_OK);
  EXPECT_EQ(host.detections, 1);
  vedette_detection_free(host.kept);
  vedette_rules_free(rules);
  vedette_processor_free(processor);
  vedette_engine_free(engine);
  vedette_program_free(program);
}

}  // namespace
