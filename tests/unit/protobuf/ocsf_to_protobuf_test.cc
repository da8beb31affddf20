// OCSF events as messages: what stands where, and that nothing is lost.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/support/lcg.h"
#include "tests/support/tree.h"
#include "vedette/proto/event.pb.h"
#include "vedette/protobuf.h"
#include "vedette/schema.h"

namespace vedette {
namespace {

proto::Event MessageOf(std::string_view json) {
  const Event event = testing::EventOf(json);
  proto::Event out;
  out.set_message("of before");
  const absl::Status status = OcsfToProtobuf(event.root(), &out);
  EXPECT_TRUE(status.ok()) << status;
  return out;
}

void ExpectMessage(std::string_view json, const std::string& text) {
  proto::Event expected;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &expected)) << text;
  const proto::Event out = MessageOf(json);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(out, expected))
      << out.DebugString() << "\ninstead of\n"
      << text;
}

TEST(OcsfToProtobufTest, ClassesHaveTheirBodies) {
  ExpectMessage(
      R"({"class_uid":1007,"time":1795600800000,"activity_id":1,"severity":"High",
          "device":{"hostname":"h","ip_addresses":["10.0.0.1","10.0.0.2"]},
          "process":{"pid":4,"cmd_line":"a b","file":{"path":"/bin/sh","size":12},
                     "parent_process":{"pid":1}}})",
      R"(class_uid: 1007 time: 1795600800000 activity_id: 1 severity: "High"
         device { hostname: "h" ip_addresses: ["10.0.0.1", "10.0.0.2"] }
         process_activity { process { pid: 4 cmd_line: "a b" file { path: "/bin/sh" size: 12 }
                                      parent_process { pid: 1 } } })");
  ExpectMessage(R"({"class_uid":2004,"finding_info":{"title":"t","attacks":[
                     {"technique":{"uid":"T1"}},{"technique":{"uid":"T2"}}]},"is_alert":true,
                    "evidences":[{"data":{"b":[1,"x"]}}]})",
                R"(class_uid: 2004 detection_finding { is_alert: true
                     finding_info { title: "t" attacks { technique { uid: "T1" } }
                                               attacks { technique { uid: "T2" } } }
                     evidences { data: "{\"b\":[1,\"x\"]}" } })");
}

TEST(OcsfToProtobufTest, WhatHasNoFieldIsUnmapped) {
  ExpectMessage(
      R"({"class_uid":1007,"process":{"pid":4,"colour":"red","file":{"shape":{"x":1,"y":null}}},
          "unmapped":{"a":{"b":true}},"observables":[{"name":"n","odd":1},{"odd":2.5},7],
          "process_activity":{"actor":1},"strange.name":[[1],[2,3]]})",
      R"(class_uid: 1007 process_activity { process { pid: 4 file {} } }
         observables { name: "n" } observables {}
         unmapped { key: "process.colour" value { string_value: "red" } }
         unmapped { key: "process.file.shape.x" value { int_value: 1 } }
         unmapped { key: "process.file.shape.y" value { null_value: true } }
         unmapped { key: "a.b" value { bool_value: true } }
         unmapped { key: "observables.odd"
                    value { list_value { values { int_value: 1 } values { double_value: 2.5 } } } }
         unmapped { key: "observables" value { int_value: 7 } }
         unmapped { key: "process_activity.actor" value { int_value: 1 } }
         unmapped { key: "strange.name" value { list_value {
           values { int_value: 1 } values { int_value: 2 } values { int_value: 3 } } } })");
}

TEST(OcsfToProtobufTest, ValuesThatDoNotFitAreUnmapped) {
  ExpectMessage(
      R"({"class_uid":1007,"time":"noon","severity_id":3000000000,"count":2.5,"status_id":7.0,
          "type_uid":18446744073709551615,"status":5,"message":["m"],"device":"d",
          "process":{"pid":-1,"tid":4294967295,"file":{"is_system":1}}})",
      R"(class_uid: 1007 status_id: 7 status: "5" message: "[\"m\"]"
         process_activity { process { tid: 4294967295 file {} } }
         unmapped { key: "time" value { string_value: "noon" } }
         unmapped { key: "severity_id" value { int_value: 3000000000 } }
         unmapped { key: "count" value { double_value: 2.5 } }
         unmapped { key: "type_uid" value { uint_value: 18446744073709551615 } }
         unmapped { key: "device" value { string_value: "d" } }
         unmapped { key: "process.pid" value { int_value: -1 } }
         unmapped { key: "process.file.is_system" value { int_value: 1 } })");
}

TEST(OcsfToProtobufTest, EventsWithoutAKnownClassKeepTheEnvelope) {
  for (const char* uid : {"", R"("class_uid":424242,)", R"("class_uid":"x",)"}) {
    const proto::Event out =
        MessageOf("{" + std::string(uid) + R"("message":"m","process":{"pid":4}})");
    EXPECT_EQ(out.message(), "m");
    EXPECT_EQ(out.body_case(), proto::Event::BODY_NOT_SET);
    EXPECT_EQ(out.unmapped().at("process.pid").int_value(), 4);
  }
}

TEST(OcsfToProtobufTest, BytesThatAreNoTextStayBytes) {
  const Member members[] = {{"message", Value::String("\xFF")}, {"odd\xFE", Value::Int(1)}};
  proto::Event out;
  ASSERT_TRUE(OcsfToProtobuf(Value::Object(members), &out).ok());
  EXPECT_EQ(out.unmapped().at("message").bytes_value(), "\xFF");
  EXPECT_EQ(out.unmapped().size(), 2u);
  std::string wire;
  EXPECT_TRUE(out.SerializeToString(&wire));
  EXPECT_TRUE(proto::Event().ParseFromString(wire));
}

TEST(OcsfToProtobufTest, OnlyForEvents) {
  proto::Process other;
  proto::Event event;
  EXPECT_EQ(OcsfToProtobuf(Value::Int(1), &event).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(OcsfToProtobuf(Value::Object({}), &other).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(OcsfToProtobuf(Value::Object({}), nullptr).code(), absl::StatusCode::kInvalidArgument);
}

// An object with random values at paths of the schema, of the class or not, and elsewhere.
std::string RandomEvent(testing::Lcg* random, int depth, std::vector<std::string>* scalars) {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all = {"odd", "unmapped", "process_activity", "class"};
    for (const FieldSpec& spec : Schema::Builtin().fields()) {
      for (std::string_view path = spec.path; !path.empty();) {
        const size_t dot = path.find('.');
        all.emplace_back(path.substr(0, dot));
        path = dot == std::string_view::npos ? "" : path.substr(dot + 1);
      }
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }();
  std::string out = "{";
  std::vector<std::string> used;
  for (uint32_t i = 0; i < 1 + random->Below(5); ++i) {
    const std::string& name = names[random->Below(static_cast<uint32_t>(names.size()))];
    if (std::find(used.begin(), used.end(), name) != used.end()) continue;
    used.push_back(name);
    out += (used.size() > 1 ? ",\"" : "\"") + name + "\":";
    // Texts of numbers that are the same whatever field takes them.
    const auto scalar = [&] {
      scalars->push_back(std::to_string(1'000 + scalars->size()));
      return random->Below(2) == 0 ? scalars->back() : '"' + scalars->back() + '"';
    };
    const uint32_t kind = random->Below(4);
    if (kind == 0 && depth < 5) {
      out += RandomEvent(random, depth + 1, scalars);
    } else if (kind == 1) {
      out += "[" + scalar() + "," + scalar() + "]";
    } else {
      out += scalar();
    }
  }
  return out + "}";
}

TEST(OcsfToProtobufTest, NothingIsLost) {
  testing::Lcg random(7);
  const std::unique_ptr<EventAdapter> adapter = NewProtobufAdapter(proto::Event::descriptor());
  const int classes[] = {1001, 1007, 2004, 2005, 3002, 4003, 6003};
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::string> scalars;
    std::string json = RandomEvent(&random, 0, &scalars);
    json.insert(1, "\"class_uid\":" + std::to_string(classes[random.Below(7)]) + ",");
    const proto::Event message = MessageOf(json);
    std::string all;
    ValueArena arena;
    adapter->VisitScalars(&message, &arena, [&all](const Value& v) {
      all += ' ';
      v.AppendText(&all);
    });
    for (const std::string& scalar : scalars) {
      EXPECT_NE(all.find(scalar), std::string::npos) << scalar << " of " << json << "\n"
                                                     << message.DebugString();
    }
  }
}

}  // namespace
}  // namespace vedette
