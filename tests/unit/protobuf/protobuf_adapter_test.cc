#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/wrappers.pb.h"
#include "gtest/gtest.h"
#include "vedette/event.h"
#include "vedette/proto/event.pb.h"
#include "vedette/protobuf.h"
#include "vedette/schema.h"

namespace vedette::inline v0 {
namespace {

namespace pb = ::google::protobuf;

// One adapter and what it reads, as JSON ("absent" if there is nothing).
class Reader {
 public:
  explicit Reader(const pb::Descriptor* descriptor) : adapter_(NewProtobufAdapter(descriptor)) {}

  const EventAdapter& adapter() const { return *adapter_; }
  Value Read(const pb::Message& message, const FieldPath& path) {
    return adapter_->Get(&message, path, adapter_->Bind(path), &arena_);
  }
  std::string Get(const pb::Message& message, std::string_view text) {
    const absl::StatusOr<FieldPath> path = FieldPath::Parse(text);
    EXPECT_TRUE(path.ok()) << text;
    return Json(Read(message, *path));
  }
  static std::string Json(const Value& v) { return v.absent() ? "absent" : v.ToJson(); }
  std::vector<std::string> Scalars(const pb::Message& message) {
    std::vector<std::string> texts;
    adapter_->VisitScalars(&message, &arena_, [&](const Value& v) {
      EXPECT_TRUE(v.is_scalar());
      texts.push_back(v.ToJson());
    });
    return texts;
  }

 private:
  std::unique_ptr<EventAdapter> adapter_;
  ValueArena arena_;
};

template <typename M>
M Parse(const std::string& text) {
  M message;
  EXPECT_TRUE(pb::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

class EnvelopeTest : public ::testing::Test {
 protected:
  std::string Get(const proto::Event& event, std::string_view path) {
    return reader_.Get(event, path);
  }
  Reader reader_{proto::Event::descriptor()};
};

TEST_F(EnvelopeTest, BodyFieldsStandAtTheTop) {
  const auto event = Parse<proto::Event>(R"(
    class_uid: 1007
    process_activity {
      process { pid: 4 cmd_line: "a b" file { path: "C:\\x.exe" }
                parent_process { file { path: "C:\\p.exe" } } }
      ext { granted_access: "0x1410" }
    })");
  EXPECT_EQ(Get(event, "process.pid"), "4");
  EXPECT_EQ(Get(event, "process.cmd_line"), R"("a b")");
  EXPECT_EQ(Get(event, "process.file.path"), R"("C:\\x.exe")");
  EXPECT_EQ(Get(event, "process.parent_process.file.path"), R"("C:\\p.exe")");
  EXPECT_EQ(Get(event, "ext.granted_access"), R"("0x1410")");
  EXPECT_EQ(Get(event, "process_activity.process.pid"), "4");
  EXPECT_EQ(Get(event, "class_uid"), "1007");
  EXPECT_EQ(Get(event, "file.path"), "absent");
  EXPECT_EQ(Get(event, "process.uid"), "absent");
  EXPECT_EQ(Get(event, "process.pid.x"), "absent");
}

TEST_F(EnvelopeTest, OneNameInManyBodies) {
  proto::Event event;
  event.mutable_dns_activity()->mutable_src_endpoint()->set_ip("10.0.0.1");
  EXPECT_EQ(Get(event, "src_endpoint.ip"), R"("10.0.0.1")");
  event.mutable_authentication()->mutable_src_endpoint()->set_ip("10.0.0.2");
  EXPECT_EQ(Get(event, "src_endpoint.ip"), R"("10.0.0.2")");
  event.mutable_process_activity();
  EXPECT_EQ(Get(event, "src_endpoint.ip"), "absent");
}

TEST_F(EnvelopeTest, AbsentIsNotEmpty) {
  proto::Event event;
  EXPECT_EQ(Get(event, "status_code"), "absent");
  EXPECT_EQ(Get(event, "observables"), "absent");
  EXPECT_EQ(Get(event, "metadata"), "absent");
  event.set_status_code("");
  EXPECT_EQ(Get(event, "status_code"), R"("")");
  event.set_severity_id(0);
  EXPECT_EQ(Get(event, "severity_id"), "0");
  event.mutable_metadata();
  EXPECT_EQ(Get(event, "metadata"), "{}");
}

TEST_F(EnvelopeTest, RepeatedFieldsAreLists) {
  const auto event = Parse<proto::Event>(R"(
    dns_activity {
      answers { rdata: "1.1.1.1" ttl: 5 }
      answers { ttl: 6 }
      answers { rdata: "2.2.2.2" }
    })");
  EXPECT_EQ(Get(event, "answers.rdata"), R"(["1.1.1.1","2.2.2.2"])");
  EXPECT_EQ(Get(event, "answers.ttl"), "[5,6]");
  EXPECT_EQ(Get(event, "answers[0].rdata"), R"("1.1.1.1")");
  EXPECT_EQ(Get(event, "answers[-1].rdata"), R"("2.2.2.2")");
  EXPECT_EQ(Get(event, "answers[1].rdata"), "absent");
  EXPECT_EQ(Get(event, "answers[3].rdata"), "absent");
  EXPECT_EQ(Get(event, "answers[-4].rdata"), "absent");
  EXPECT_EQ(Get(event, "answers.class"), "absent");
  EXPECT_EQ(Get(event, "answers[1]"), R"({"ttl":6})");
  EXPECT_EQ(Get(event, "answers.flag_ids"), "absent");
}

TEST_F(EnvelopeTest, ListsWithinListsAreOneList) {
  const auto event = Parse<proto::Event>(R"(
    detection_finding {
      malware { classifications: "a" classifications: "b" }
      malware { classifications: "c" }
    })");
  EXPECT_EQ(Get(event, "malware.classifications"), R"(["a","b","c"])");
  EXPECT_EQ(Get(event, "malware.classifications[0]"), R"(["a","c"])");
  EXPECT_EQ(Get(event, "malware[0].classifications"), R"(["a","b"])");
}

TEST_F(EnvelopeTest, UnmappedNamesAreFoundByThemselves) {
  const auto event = Parse<proto::Event>(R"(
    unmapped { key: "a0" value { string_value: "wget" } }
    unmapped { key: "objectRef.resource" value { string_value: "pods" } }
    unmapped { key: "n" value { int_value: -5 } }
    unmapped { key: "big" value { uint_value: 18446744073709551615 } }
    unmapped { key: "b" value { bool_value: false } }
    unmapped { key: "nothing" value { null_value: true } }
    unmapped { key: "unset" value { } }
    unmapped { key: "list" value { list_value {
      values { string_value: "x" } values { double_value: 1.5 } } } }
    unmapped { key: "none" value { list_value { } } }
    generic { })");
  EXPECT_EQ(Get(event, "a0"), R"("wget")");
  EXPECT_EQ(Get(event, "unmapped.a0"), R"("wget")");
  EXPECT_EQ(Get(event, "objectRef.resource"), R"("pods")");
  EXPECT_EQ(Get(event, "unmapped.objectRef.resource"), R"("pods")");
  EXPECT_EQ(Get(event, "n"), "-5");
  EXPECT_EQ(Get(event, "big"), "18446744073709551615");
  EXPECT_EQ(Get(event, "b"), "false");
  EXPECT_EQ(Get(event, "nothing"), "null");
  EXPECT_EQ(Get(event, "unset"), "null");
  EXPECT_EQ(Get(event, "list"), R"(["x",1.5])");
  EXPECT_EQ(Get(event, "list[0]"), R"("x")");
  EXPECT_EQ(Get(event, "none"), "[]");
  EXPECT_EQ(Get(event, "a1"), "absent");
  EXPECT_EQ(Get(event, "unmapped.a1"), "absent");
  EXPECT_EQ(Get(event, "a0.x"), "absent");
}

TEST_F(EnvelopeTest, FieldsWinOverUnmappedNames) {
  proto::Event event;
  (*event.mutable_unmapped())["message"].set_string_value("loose");
  EXPECT_EQ(Get(event, "message"), R"("loose")");
  event.set_message("own");
  EXPECT_EQ(Get(event, "message"), R"("own")");
}

TEST_F(EnvelopeTest, ExactNamesKeepTheirDots) {
  proto::Event event;
  (*event.mutable_unmapped())["a.b"].set_string_value("x");
  const auto get = [&](std::vector<std::string> names) {
    return Reader::Json(reader_.Read(event, FieldPath::OfNames(std::move(names))));
  };
  EXPECT_EQ(get({"a.b"}), R"("x")");
  EXPECT_EQ(get({"unmapped", "a.b"}), R"("x")");
  EXPECT_EQ(get({"a", "b"}), "absent");
  EXPECT_EQ(Get(event, "a.b"), R"("x")");
  event.mutable_metadata()->set_uid("1");
  EXPECT_EQ(get({"metadata", "uid"}), R"("1")");
  EXPECT_EQ(get({"*", "uid"}), R"("1")");
}

TEST_F(EnvelopeTest, TheWholeEventIsOcsfJson) {
  const auto event = Parse<proto::Event>(R"(
    class_uid: 4003 dns_activity { query { hostname: "a.example" } rcode_id: 0 })");
  EXPECT_EQ(Get(event, "."), R"({"class_uid":4003,"query":{"hostname":"a.example"},"rcode_id":0})");
}

TEST_F(EnvelopeTest, ShapeAndTime) {
  proto::Event event;
  EXPECT_EQ(ProtobufView(reader_.adapter(), event).shape(), EventShape::kOcsf);
  EXPECT_EQ(ProtobufView(reader_.adapter(), event).time(), kNoEventTime);
  event.set_time(1700000000123);
  EXPECT_EQ(ProtobufView(reader_.adapter(), event).time(), 1700000000123000000);
  event.set_time_ns(1700000000123456789);
  EXPECT_EQ(ProtobufView(reader_.adapter(), event).time(), 1700000000123456789);
  event.clear_time_ns();
  event.set_time(INT64_MAX);
  EXPECT_EQ(ProtobufView(reader_.adapter(), event).time(), kNoEventTime);
}

TEST_F(EnvelopeTest, VisitsEveryScalar) {
  const auto event = Parse<proto::Event>(R"(
    class_uid: 1001
    raw_data: "raw"
    unmapped { key: "k" value { list_value { values { string_value: "v" }
                                             values { null_value: true } } } }
    file_activity { file { path: "p" hashes { value: "h" algorithm_id: 3 } } })");
  EXPECT_EQ(reader_.Scalars(event),
            (std::vector<std::string>{"1001", R"("v")", R"("raw")", R"("p")", R"("h")", "3"}));
}

// Every path of the schema table must be one that the adapter can read.
TEST_F(EnvelopeTest, KnowsEveryPathOfTheTable) {
  for (const FieldSpec& spec : Schema::Builtin().fields()) {
    const absl::StatusOr<FieldPath> path = FieldPath::Parse(spec.path);
    ASSERT_TRUE(path.ok());
    EXPECT_GE(reader_.adapter().Bind(*path), 0) << spec.path;
  }
}

TEST_F(EnvelopeTest, OtherMessagesAreEmpty) {
  pb::Timestamp other;
  EXPECT_EQ(reader_.Get(other, "class_uid"), "absent");
}

TEST_F(EnvelopeTest, BindFromSeveralThreads) {
  const auto event = Parse<proto::Event>(R"(status_code: "s" class_uid: 1)");
  std::vector<std::thread> threads;
  std::vector<int> failures(4);
  for (size_t t = 0; t < failures.size(); ++t) {
    threads.emplace_back([&, t] {
      ValueArena arena;
      for (int i = 0; i < 500; ++i) {
        const std::string extra = "extra" + std::to_string(i);
        const FieldPath unknown = *FieldPath::Parse(extra);
        const FieldPath known = *FieldPath::Parse("status_code");
        const EventAdapter& adapter = reader_.adapter();
        const int unknown_number = adapter.Bind(unknown);
        if (!adapter.Get(&event, unknown, unknown_number, &arena).absent()) ++failures[t];
        const Value v = adapter.Get(&event, known, adapter.Bind(known), &arena);
        if (!v.is_string() || v.string() != "s") ++failures[t];
        if (adapter.Bind(unknown) != unknown_number) ++failures[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, std::vector<int>(4));
}

// A schema that the library has never seen, built at run time.
constexpr const char* kForeignSchema = R"pb(
  name: "foreign.proto"
  package: "foreign"
  syntax: "proto3"
  dependency: "google/protobuf/timestamp.proto"
  dependency: "google/protobuf/struct.proto"
  dependency: "google/protobuf/wrappers.proto"
  enum_type {
    name: "Color"
    value { name: "NONE" number: 0 }
    value { name: "RED" number: 1 }
  }
  message_type {
    name: "Log"
    field { name: "text" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
    field {
      name: "maybe"
      number: 2
      type: TYPE_INT32
      label: LABEL_OPTIONAL
      oneof_index: 1
      proto3_optional: true
    }
    field {
      name: "color"
      number: 3
      type: TYPE_ENUM
      type_name: ".foreign.Color"
      label: LABEL_OPTIONAL
    }
    field {
      name: "colors"
      number: 4
      type: TYPE_ENUM
      type_name: ".foreign.Color"
      label: LABEL_REPEATED
    }
    field { name: "name" number: 5 type: TYPE_STRING label: LABEL_OPTIONAL oneof_index: 0 }
    field { name: "id" number: 6 type: TYPE_UINT64 label: LABEL_OPTIONAL oneof_index: 0 }
    field {
      name: "child"
      number: 7
      type: TYPE_MESSAGE
      type_name: ".foreign.Log"
      label: LABEL_OPTIONAL
    }
    field {
      name: "children"
      number: 8
      type: TYPE_MESSAGE
      type_name: ".foreign.Log"
      label: LABEL_REPEATED
    }
    field {
      name: "labels"
      number: 9
      type: TYPE_MESSAGE
      type_name: ".foreign.Log.LabelsEntry"
      label: LABEL_REPEATED
    }
    field {
      name: "by_id"
      number: 10
      type: TYPE_MESSAGE
      type_name: ".foreign.Log.ByIdEntry"
      label: LABEL_REPEATED
    }
    field {
      name: "at"
      number: 11
      type: TYPE_MESSAGE
      type_name: ".google.protobuf.Timestamp"
      label: LABEL_OPTIONAL
    }
    field {
      name: "json"
      number: 12
      type: TYPE_MESSAGE
      type_name: ".google.protobuf.Struct"
      label: LABEL_OPTIONAL
    }
    field {
      name: "wrapped"
      number: 13
      type: TYPE_MESSAGE
      type_name: ".google.protobuf.Int64Value"
      label: LABEL_OPTIONAL
    }
    field { name: "ratio" number: 14 type: TYPE_FLOAT label: LABEL_OPTIONAL }
    field { name: "blob" number: 15 type: TYPE_BYTES label: LABEL_OPTIONAL }
    field { name: "number" number: 16 type: TYPE_SINT32 label: LABEL_OPTIONAL }
    nested_type {
      name: "LabelsEntry"
      options { map_entry: true }
      field { name: "key" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
      field { name: "value" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
    }
    nested_type {
      name: "ByIdEntry"
      options { map_entry: true }
      field { name: "key" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL }
      field {
        name: "value"
        number: 2
        type: TYPE_MESSAGE
        type_name: ".foreign.Log"
        label: LABEL_OPTIONAL
      }
    }
    oneof_decl { name: "who" }
    oneof_decl { name: "_maybe" }
  }
)pb";

class ForeignTest : public ::testing::Test {
 protected:
  ForeignTest() : pool_(pb::DescriptorPool::generated_pool()) {
    // The generated pool knows a file once its messages are used.
    pb::Timestamp::descriptor();
    pb::Struct::descriptor();
    pb::Int64Value::descriptor();
    const pb::FileDescriptor* file =
        pool_.BuildFile(Parse<pb::FileDescriptorProto>(kForeignSchema));
    log_ = file == nullptr ? nullptr : file->FindMessageTypeByName("Log");
    if (log_ != nullptr) reader_ = std::make_unique<Reader>(log_);
  }
  void SetUp() override { ASSERT_NE(log_, nullptr); }

  std::unique_ptr<pb::Message> Log(const std::string& text) {
    std::unique_ptr<pb::Message> message(factory_.GetPrototype(log_)->New());
    EXPECT_TRUE(pb::TextFormat::ParseFromString(text, message.get())) << text;
    return message;
  }
  std::string Get(const std::string& message, std::string_view path) {
    kept_.push_back(Log(message));
    return reader_->Get(*kept_.back(), path);
  }

  pb::DescriptorPool pool_;
  pb::DynamicMessageFactory factory_{&pool_};
  const pb::Descriptor* log_ = nullptr;
  std::unique_ptr<Reader> reader_;
  std::vector<std::unique_ptr<pb::Message>> kept_;
};

TEST_F(ForeignTest, FieldsWithoutPresenceAlwaysHaveTheirValue) {
  EXPECT_EQ(Get("", "text"), R"("")");
  EXPECT_EQ(Get("", "maybe"), "absent");
  EXPECT_EQ(Get("maybe: 0", "maybe"), "0");
  EXPECT_EQ(Get("", "child.text"), "absent");
  EXPECT_EQ(Get("child { }", "child.text"), R"("")");
}

TEST_F(ForeignTest, ScalarsKeepTheirKinds) {
  EXPECT_EQ(Get("ratio: 0.1", "ratio"), "0.1");
  EXPECT_EQ(Get("blob: 'ab'", "blob"), R"("ab")");
  EXPECT_EQ(Get("id: 18446744073709551615", "id"), "18446744073709551615");
  EXPECT_EQ(Get("number: -3", "number"), "-3");
}

TEST_F(ForeignTest, EnumsAreNamesAndNumbers) {
  EXPECT_EQ(Get("color: RED", "color"), R"("RED")");
  EXPECT_EQ(Get("color: RED", "color.number"), "1");
  EXPECT_EQ(Get("color: 7", "color"), "7");
  EXPECT_EQ(Get("colors: [RED, NONE]", "colors"), R"(["RED","NONE"])");
  EXPECT_EQ(Get("colors: [RED, NONE]", "colors.number"), "[1,0]");
  EXPECT_EQ(Get("colors: [RED, NONE]", "colors[0].number"), "1");
  EXPECT_EQ(Get("color: RED", "color.name"), "absent");
}

TEST_F(ForeignTest, OneofMembersAreAbsentUnlessSet) {
  EXPECT_EQ(Get("id: 0", "id"), "0");
  EXPECT_EQ(Get("id: 0", "name"), "absent");
  EXPECT_EQ(Get("name: ''", "name"), R"("")");
}

TEST_F(ForeignTest, MapsAreObjects) {
  const char* labels = R"(labels { key: "a.b" value: "1" } labels { key: "a" value: "2" })";
  EXPECT_EQ(Get(labels, "labels.a.b"), R"("1")");
  EXPECT_EQ(Get(labels, "labels.a"), R"("2")");
  EXPECT_EQ(Get(labels, "labels.c"), "absent");
  EXPECT_EQ(Get(R"(labels { key: "a" value: "2" })", "labels"), R"({"a":"2"})");
  EXPECT_EQ(Get("", "labels"), "absent");
  const char* nested = R"(by_id { key: -7 value { text: "x" children { text: "y" } } })";
  EXPECT_EQ(Get(nested, "by_id.-7.text"), R"("x")");
  EXPECT_EQ(Get(nested, "by_id.-7.children.text"), R"(["y"])");
  EXPECT_EQ(Get(nested, "by_id.7.text"), "absent");
}

TEST_F(ForeignTest, WellKnownTypesReadAsWhatTheyMean) {
  EXPECT_EQ(Get("at { seconds: 1700000000 nanos: 5000000 }", "at"),
            R"("2023-11-14T22:13:20.005Z")");
  EXPECT_EQ(Get("at { seconds: 9223372036854775807 }", "at"), "9223372036854775807");
  EXPECT_EQ(Get("wrapped { value: 0 }", "wrapped"), "0");
  EXPECT_EQ(Get("", "wrapped"), "absent");
  const char* json = R"(json {
    fields { key: "a" value { struct_value { fields { key: "b.c" value { number_value: 2 } } } } }
    fields { key: "l" value { list_value { values { bool_value: true }
      values { struct_value { fields { key: "x" value { string_value: "y" } } } } } } }
    fields { key: "n" value { null_value: NULL_VALUE } } })";
  EXPECT_EQ(Get(json, "json.a.b.c"), "2");
  EXPECT_EQ(Get(json, "json.l[0]"), "true");
  EXPECT_EQ(Get(json, "json.l.x"), R"(["y"])");
  EXPECT_EQ(Get(json, "json.n"), "null");
  EXPECT_EQ(Get(json, "json.a"), R"({"b.c":2})");
  EXPECT_EQ(Get("json { }", "json"), "{}");
}

TEST_F(ForeignTest, MessagesMayContainThemselves) {
  EXPECT_EQ(Get("child { child { maybe: 3 } }", "child.child.maybe"), "3");
  EXPECT_EQ(Get("children { children { maybe: 1 } } children { children { maybe: 2 } }",
                "children.children.maybe"),
            "[1,2]");
  std::string deep = "maybe: 9";
  for (int i = 0; i < 60; ++i) deep = "child { " + deep + " }";
  const std::unique_ptr<pb::Message> message = Log(deep);
  EXPECT_NE(reader_->Get(*message, "child"), "absent");  // ends after a bounded number of levels
  EXPECT_LE(reader_->Scalars(*message).size(), 100U);
  std::string path = "maybe";
  for (int i = 0; i < 31; ++i) path = "child." + path;
  EXPECT_EQ(reader_->Get(*message, path), "absent");  // level 31 has no `maybe`
}

TEST_F(ForeignTest, UnknownFieldsBindToNothing) {
  for (const char* name : {"nope", "text.x", "child.nope", "text[0]", "maybe.number", "body"}) {
    EXPECT_EQ(reader_->adapter().Bind(*FieldPath::Parse(name)), -1) << name;
  }
  EXPECT_EQ(Get("text: 'x'", "nope"), "absent");
}

TEST_F(ForeignTest, IsGenericAndHasNoTime) {
  const std::unique_ptr<pb::Message> message = Log("text: 'x'");
  const EventView view = ProtobufView(reader_->adapter(), *message);
  EXPECT_EQ(view.shape(), EventShape::kGeneric);
  EXPECT_EQ(view.time(), kNoEventTime);
}

TEST_F(ForeignTest, VisitsWhatIsSet) {
  EXPECT_EQ(
      reader_->Scalars(*Log(R"(text: "t" color: RED labels { key: "k" value: "v" }
                                     wrapped { value: 0 } at { seconds: 0 })")),
      (std::vector<std::string>{R"("t")", R"("RED")", R"("v")", R"("1970-01-01T00:00:00Z")", "0"}));
  EXPECT_TRUE(reader_->Scalars(*Log("")).empty());
}

// The shipped schemas read by descriptor only, as from a descriptor set.
TEST(DynamicEnvelopeTest, ReadsLikeTheGeneratedClass) {
  pb::DescriptorPool pool;
  std::vector<const pb::FileDescriptor*> files{proto::Event::descriptor()->file()};
  const auto add = [&pool](const auto& self, const pb::FileDescriptor* file) -> void {
    if (pool.FindFileByName(file->name()) != nullptr) return;
    for (int i = 0; i < file->dependency_count(); ++i) self(self, file->dependency(i));
    pb::FileDescriptorProto copy;
    file->CopyTo(&copy);
    pool.BuildFile(copy);
  };
  add(add, files.front());
  const pb::Descriptor* descriptor = pool.FindMessageTypeByName("vedette.proto.Event");
  ASSERT_NE(descriptor, nullptr);
  pb::DynamicMessageFactory factory(&pool);
  std::unique_ptr<pb::Message> event(factory.GetPrototype(descriptor)->New());
  ASSERT_TRUE(pb::TextFormat::ParseFromString(
      R"(time: 5 unmapped { key: "a.b" value { string_value: "x" } }
         dns_activity { query { hostname: "h" } })",
      event.get()));
  Reader reader(descriptor);
  EXPECT_EQ(reader.Get(*event, "a.b"), R"("x")");
  EXPECT_EQ(reader.Get(*event, "query.hostname"), R"("h")");
  const EventView view = ProtobufView(reader.adapter(), *event);
  EXPECT_EQ(view.shape(), EventShape::kOcsf);
  EXPECT_EQ(view.time(), 5000000);
}

}  // namespace
}  // namespace vedette::inline v0
