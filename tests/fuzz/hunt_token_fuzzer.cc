// Hostile tokens of hunts: refused, or a hunt that comes to its end. The input is what stands
// behind the token's header; its first byte says whether it goes behind the right identity of the
// hunt.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/xxh64.h"
#include "lib/program/saved_format.h"
#include "vedette/compiler.h"
#include "vedette/frontends/vedette.h"
#include "vedette/hunt/job.h"
#include "vedette/io/segment.h"
#include "vedette/json.h"

namespace {

using namespace vedette;

class Nobody : public HuntSink {
 public:
  absl::Status OnHit(const HuntHit& hit) override {
    return HuntHitToJson(hit).empty() ? absl::InternalError("a hit says nothing")
                                      : absl::OkStatus();
  }
};

struct World {
  std::shared_ptr<const Program> program;
  std::string bytes;
  std::unique_ptr<SegmentReader> segment;
  std::string identity;  // the first bytes of a token of this hunt

  HuntOptions Options() const {
    HuntOptions options;
    options.program = program;
    return options;
  }

  World() {
    Compiler compiler;
    compiler.AddFrontend(VedetteFrontend());
    RuleSet rules;
    rules.Add("r.vdt",
              "rule r { match window 5s by u  f: [any where a == 1]  having count(f) >= 3 }");
    program = compiler.Compile(rules)->program;
    SegmentWriterOptions small;
    small.block_bytes = 64;
    SegmentWriter writer(
        [this](std::string_view more) {
          bytes += more;
          return absl::OkStatus();
        },
        small);
    JsonParser parser;
    Event event;
    for (int i = 0; i < 60; ++i) {
      const std::string json = "{\"a\":" + std::to_string(i % 3) + ",\"u\":\"x\"}";
      parser.Parse(json, &event).IgnoreError();
      event.set_time(int64_t{i} * 1'000'000'000);
      writer.Add(event).IgnoreError();
    }
    writer.Finish().IgnoreError();
    SegmentBytes source;
    source.size = bytes.size();
    source.read_at = [this](uint64_t offset, char* buffer, size_t size) {
      std::memcpy(buffer, bytes.data() + offset, size);
      return absl::OkStatus();
    };
    segment = *OpenSegment("s", std::move(source));
    Nobody nobody;
    auto job = HuntJob::Start(Options(), {segment.get()}, &nobody);
    // Fingerprint, options, number of segments, identity of the one.
    identity = (*job)->Token()->substr(18, 8 + 8 + 1 + 8);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const World* const world = new World;
  if (size == 0) return 0;
  std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 1) body = world->identity + body;
  std::string token("\x89VHT\r\n\x1a\n", 8);
  AppendFixed(1, 2, &token);
  AppendFixed(Xxh64(body), 8, &token);
  token += body;
  Nobody nobody;
  auto job = HuntJob::Resume(world->Options(), {world->segment.get()}, &nobody, token);
  if (!job.ok()) return 0;
  for (int i = 0; i < 1000; ++i) {
    const auto p = (*job)->Poll(1);
    if (!p.ok() || p->state != HuntState::kRunning) return 0;
  }
  __builtin_trap();  // it does not end
}
