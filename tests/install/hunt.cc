// A host of the hunt library, against the installed package: events into a segment in memory, rules
// over it, stopped and taken up again in between.
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "vedette/compiler.h"
#include "vedette/frontends/vedette.h"
#include "vedette/hunt/job.h"
#include "vedette/hunt/log.h"
#include "vedette/io/segment.h"
#include "vedette/json.h"

struct Hits : vedette::HuntSink {
  absl::Status OnHit(const vedette::HuntHit& hit) override {
    std::printf("%s\n", vedette::HuntHitToJson(hit).c_str());
    ++count;
    return absl::OkStatus();
  }
  int count = 0;
};

int main() {
  vedette::Compiler compiler;
  compiler.AddFrontend(vedette::VedetteFrontend());
  vedette::RuleSet rules;
  rules.Add("r.vdt",
            "rule many { match window 1m by user  f: [any where a == \"no\"]\n"
            "having count(f) >= 3 }");
  const auto compiled = compiler.Compile(rules);
  if (!compiled.ok()) return 1;

  std::string bytes;
  vedette::SegmentWriterOptions small;
  small.block_bytes = 100;
  vedette::SegmentWriter writer(
      [&bytes](std::string_view more) {
        bytes += more;
        return absl::OkStatus();
      },
      small);
  vedette::JsonParser parser;
  vedette::Event event;
  for (int i = 0; i < 30; ++i) {
    const std::string json =
        i % 5 == 0 ? R"({"a":"no","user":"al"})" : R"({"a":"yes","user":"al"})";
    if (!parser.Parse(json, &event).ok()) return 1;
    event.set_time(int64_t{i} * 1'000'000'000);
    if (!writer.Add(event).ok()) return 1;
  }
  if (!writer.Finish().ok()) return 1;
  vedette::SegmentBytes source;
  source.size = bytes.size();
  source.read_at = [&bytes](uint64_t offset, char* buffer, size_t size) {
    std::memcpy(buffer, bytes.data() + offset, size);
    return absl::OkStatus();
  };
  const auto segment = vedette::OpenSegment("memory", source);
  if (!segment.ok()) return 1;

  vedette::HuntOptions options;
  options.program = compiled->program;
  Hits hits;
  auto job = vedette::HuntJob::Start(options, {segment->get()}, &hits);
  if (!job.ok() || !(*job)->Poll(1).ok()) return 1;
  const auto token = (*job)->Token();
  if (!token.ok()) return 1;
  auto again = vedette::HuntJob::Resume(options, {segment->get()}, &hits, *token);
  if (!again.ok() || !(*again)->Poll(1000).ok() || hits.count != 1) return 1;
  vedette::HuntRecord record;
  record.name = "consumer";
  record.progress = (*again)->progress();
  std::printf("%s\n", vedette::HuntRecordToJson(record).c_str());
  return vedette::OutcomeOf(record) == "found" ? 0 : 1;
}
