#include "tests/support/hunt_fixture.h"

#include <gtest/gtest.h>

#include <cstring>
#include <utility>

#include "vedette/frontends/vedette.h"
#include "vedette/json.h"

namespace vedette::testing {
namespace {

void Fill(const StoredEvent& stored, JsonParser* parser, Event* event) {
  const absl::Status parsed = parser->Parse(stored.json, event);
  EXPECT_TRUE(parsed.ok()) << stored.json;
  if (stored.time != kNoEventTime) event->set_time(stored.time);
  event->set_ref(stored.source, stored.line);
}

class LiveList : public DetectionSink {
 public:
  absl::Status OnDetection(const Detection& detection) override {
    json.push_back(DetectionToJson(detection));
    return absl::OkStatus();
  }
  std::vector<std::string> json;
};

}  // namespace

std::string SegmentOf(const std::vector<StoredEvent>& events, SegmentWriterOptions options) {
  std::string bytes;
  SegmentWriter writer(
      [&bytes](std::string_view more) {
        bytes += more;
        return absl::OkStatus();
      },
      options);
  JsonParser parser;
  Event event;
  for (const StoredEvent& stored : events) {
    Fill(stored, &parser, &event);
    EXPECT_TRUE(writer.Add(event).ok());
  }
  EXPECT_TRUE(writer.Finish().ok());
  EXPECT_EQ(writer.events(), events.size());
  EXPECT_EQ(writer.bytes(), bytes.size());
  return bytes;
}

absl::StatusOr<std::unique_ptr<SegmentReader>> OpenBytes(std::string name, std::string bytes) {
  const auto kept = std::make_shared<const std::string>(std::move(bytes));
  SegmentBytes source;
  source.size = kept->size();
  source.read_at = [kept](uint64_t offset, char* buffer, size_t size) {
    if (offset > kept->size() || size > kept->size() - offset) {
      return absl::OutOfRangeError("behind the end");
    }
    if (size > 0) std::memcpy(buffer, kept->data() + offset, size);
    return absl::OkStatus();
  };
  return OpenSegment(std::move(name), std::move(source));
}

void TestSegments::Add(const std::vector<StoredEvent>& events, SegmentWriterOptions options) {
  auto segment = OpenBytes("segment" + std::to_string(owned.size()), SegmentOf(events, options));
  ASSERT_TRUE(segment.ok()) << segment.status();
  owned.push_back(*std::move(segment));
  list.push_back(owned.back().get());
}

std::shared_ptr<const Program> VedetteProgram(std::string_view rules) {
  Compiler compiler;
  compiler.AddFrontend(VedetteFrontend());
  RuleSet set;
  set.Add("rules.vdt", std::string(rules));
  auto compiled = compiler.Compile(set);
  if (!compiled.ok()) return nullptr;
  return compiled->program;
}

std::vector<std::string> LiveDetections(const std::shared_ptr<const Program>& program,
                                        const std::vector<StoredEvent>& events,
                                        const ProcessorOptions& options) {
  LiveList live;
  Engine engine(program);
  const auto processor = engine.NewProcessor(&live, options);
  JsonParser parser;
  Event event;
  for (const StoredEvent& stored : events) {
    Fill(stored, &parser, &event);
    EXPECT_TRUE(processor->Process(event.view()).ok());
  }
  EXPECT_TRUE(processor->Flush().ok());
  return live.json;
}

absl::Status HitList::OnHit(const HuntHit& hit) {
  if (!fails.ok()) return fails;
  json.push_back(hit.detection == nullptr ? "" : DetectionToJson(*hit.detection));
  if (hit.detection != nullptr) detections.push_back(*hit.detection);
  places.push_back(hit.place);
  return absl::OkStatus();
}

}  // namespace vedette::testing
