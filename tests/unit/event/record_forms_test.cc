// Windows records in the forms that converters and shippers give them: the fields are found in all.
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/event/field_resolution.h"
#include "tests/support/tree.h"
#include "vedette/event.h"

namespace vedette {
namespace {

// The field of a rule as JSON, resolved as the evaluator does.
std::string Field(const std::string& name, const std::string& json) {
  const Event event = testing::EventOf(json);
  ValueArena arena;
  for (const FieldPath& path : ResolveField(name, event.shape(), 0, {})) {
    const Value v = TreeAdapter().Get(&event, path, 0, &arena);
    if (!v.absent()) return v.ToJson();
  }
  return "absent";
}

std::string Header(const std::string& name, const std::string& json) {
  const Event event = testing::EventOf(json);
  ValueArena arena;
  for (const FieldPath& path : ResolveRoutingField(name, event.shape())) {
    const Value v = TreeAdapter().Get(&event, path, 0, &arena);
    if (!v.absent()) return v.ToJson();
  }
  return "absent";
}

std::string Evtx(const std::string& data) {
  return R"({"Event":{"System":{"EventID":1},"EventData":{"Data":)" + data + "}}}";
}

// `<Data Name="N">T</Data>` in every form; %N and %T stand for name and text.
std::string Element(std::string form, const std::string& name, const std::string& text) {
  form.replace(form.find("%N"), 2, name);
  if (const size_t at = form.find("%T"); at != std::string::npos) form.replace(at, 2, text);
  return form;
}

const std::vector<std::string>& Forms() {
  static const std::vector<std::string> forms = {
      R"({"@Name":"%N","#text":"%T"})",
      R"({"#attributes":{"Name":"%N"},"#text":"%T"})",
      R"({"@attributes":{"Name":"%N"},"#text":"%T"})",
      R"({"Name":"%N","content":"%T"})",
      R"({"Name":"%N","text":"%T"})",
      R"({"Name":"%N","#text":"%T"})",
      R"({"Name":"%N","Value":"%T"})",
      R"({"name":"%N","value":"%T"})",
      R"({"@Name":"%N","$":"%T"})",
      R"({"$":{"Name":"%N"},"_":"%T"})",
      R"({"-Name":"%N","#text":"%T"})",
      R"({"_Name":"%N","__text":"%T"})",
      R"({"_attributes":{"Name":"%N"},"_text":"%T"})",
      R"({"#text":"%T","@Name":"%N"})",
  };
  return forms;
}

TEST(NamedData, IsFoundInEveryForm) {
  for (const std::string& form : Forms()) {
    const std::string image = Element(form, "Image", "a.exe");
    const std::string command = Element(form, "CommandLine", "a -b");
    const std::string list = Evtx("[" + image + "," + command + "]");
    EXPECT_EQ(Field("Image", list), "\"a.exe\"") << list;
    EXPECT_EQ(Field("CommandLine", list), "\"a -b\"") << list;
    EXPECT_EQ(Field("ParentImage", list), "absent") << list;
    EXPECT_EQ(Field("Image", Evtx(image)), "\"a.exe\"") << "one object instead of a list";
    EXPECT_EQ(Field("CommandLine", Evtx(image)), "absent");
    EXPECT_EQ(Field("process.executable", list), "\"a.exe\"") << "by its ECS name";
  }
}

TEST(NamedData, WithoutTextIsNull) {
  EXPECT_EQ(Field("Image", Evtx(R"([{"@Name":"Image"},{"@Name":"User","#text":"u"}])")), "null");
  EXPECT_EQ(Field("Image", Evtx(R"([{"@Name":"Image","#text":null}])")), "null");
  EXPECT_EQ(Field("Image", Evtx(R"([{"@Name":"Image","#text":""}])")), "\"\"");
  EXPECT_EQ(Field("Image", Evtx(R"({"#attributes":{"Name":"Image"}})")), "null");
}

TEST(NamedData, NumbersRepeatedNamesAndBlanks) {
  EXPECT_EQ(Field("ProcessId", Evtx(R"([{"@Name":"ProcessId","#text":42}])")), "42");
  EXPECT_EQ(Field("F", Evtx(R"([{"@Name":"F","#text":"a"},{"@Name":"G","#text":"x"},
      {"@Name":"F","#text":"b"},{"@Name":"F"}])")),
            R"(["a","b",null])");
  EXPECT_EQ(Field("ThreatName", Evtx(R"([{"@Name":"Threat Name","#text":"a"}])")), "\"a\"");
  EXPECT_EQ(Field("ThreatName", Evtx(R"([{"@Name":"Threat Name","#text":"a"},
      {"@Name":"ThreatName","#text":"b"}])")),
            "\"b\"");
  EXPECT_EQ(Field("Threat Name", Evtx(R"([{"@Name":"ThreatName","#text":"a"}])")), "absent");
}

TEST(NamedData, OfNoUse) {
  EXPECT_EQ(Field("Image", Evtx("null")), "absent");
  EXPECT_EQ(Field("Image", Evtx(R"(["Image",1,null,[{"@Name":"Image","#text":"x"}],{},
      {"@Name":5,"#text":"x"},{"#text":"x"}])")),
            "absent");
  std::string many = R"([{"@Name":"Image","#text":"a"})";
  for (int i = 0; i < 100000; ++i) many += R"(,{"@Name":"x"})";
  EXPECT_EQ(Field("Image", Evtx(many + "]")), "\"a\"") << "work is bounded";
}

TEST(UnnamedData, IsData) {
  EXPECT_EQ(Field("Data", Evtx(R"("one")")), "\"one\"");
  EXPECT_EQ(Field("Data", Evtx(R"(["one","two"])")), R"(["one","two"])");
  EXPECT_EQ(Field("Data", Evtx(R"({"#text":["one","two"]})")), R"(["one","two"])");
  EXPECT_EQ(Field("Data", Evtx(R"([{"#text":"one"},{"#text":"two"}])")), R"(["one","two"])");
  EXPECT_EQ(Field("Data", Evtx(R"([{"@Name":"Image","#text":"x"},"one"])")), "\"one\"");
  EXPECT_EQ(Field("Data", Evtx(R"([{"@Name":"Data","#text":"x"}])")).find("one"),
            std::string::npos);
  EXPECT_EQ(Field("Data", Evtx("null")), "null");
  EXPECT_EQ(Field("Data", Evtx("[]")), "[]");
}

TEST(EvtxHeader, IsFoundInEveryForm) {
  for (const char* provider :
       {R"({"#attributes":{"Name":"P","Guid":"G"}})", R"({"@attributes":{"Name":"P","Guid":"G"}})",
        R"({"@Name":"P","@Guid":"G"})", R"({"Name":"P","Guid":"G"})",
        R"({"$":{"Name":"P","Guid":"G"}})", R"({"-Name":"P","-Guid":"G"})"}) {
    const std::string json = R"({"Event":{"System":{"Provider":)" + std::string(provider) + "}}}";
    for (const auto& field : {Field("Provider_Name", json), Header("Provider_Name", json)}) {
      EXPECT_EQ(field, "\"P\"") << json;
    }
    EXPECT_EQ(Field("Provider_Guid", json), "\"G\"") << json;
  }
  EXPECT_EQ(Header("Provider_Name", R"({"Event":{"System":{"Provider_attributes":{"Name":"P"}}}})"),
            "\"P\"");
  for (const char* id :
       {"1", R"({"#text":1,"#attributes":{"Qualifiers":0}})", R"({"@Qualifiers":"0","#text":1})",
        R"({"Qualifiers":0,"Value":1})", R"({"$":{"Qualifiers":0},"_":1})",
        R"({"@Qualifiers":"0","$":1})", R"({"Qualifiers":"","content":1})"}) {
    const std::string json =
        R"({"Event":{"System":{"Channel":{"#text":"C"},"EventID":)" + std::string(id) + "}}}";
    EXPECT_EQ(Header("EventID", json), "1") << json;
    EXPECT_EQ(Field("EventID", json), "1") << json;
    EXPECT_EQ(Header("Channel", json), "\"C\"") << json;
  }
  for (const char* created :
       {R"({"#attributes":{"SystemTime":"2026-01-02T03:04:05Z"}})",
        R"({"@SystemTime":"2026-01-02T03:04:05Z"})", R"({"SystemTime":"2026-01-02 03:04:05"})"}) {
    const Event event =
        testing::EventOf(R"({"Event":{"System":{"TimeCreated":)" + std::string(created) + "}}}");
    EXPECT_EQ(FormatEventTime(event.time()), "2026-01-02T03:04:05Z") << created;
  }
}

TEST(FlatWinlogbeat, IsRecognised) {
  for (const char* json :
       {R"({"winlog.channel":"C"})", R"({"winlog.event_id":1})", R"({"winlog.provider_name":"P"})",
        R"({"winlog.event_data":{"Image":"x"},"@timestamp":"2026-01-02T03:04:05Z"})"}) {
    EXPECT_EQ(testing::EventOf(json).shape(), EventShape::kWinlogbeat) << json;
  }
}

TEST(FlatWinlogbeat, FieldsAreFoundHoweverFlat) {
  for (const char* json :
       {R"({"winlog.channel":"C","winlog.event_id":1,"winlog.process.pid":4,
            "winlog.event_data.Image":"x","winlog.event_data.Threat Name":"t",
            "winlog.user_data.Reason":"r"})",
        R"({"winlog.channel":"C","winlog":{"event_id":1,"process":{"pid":4}},
            "winlog.event_data":{"Image":"x","Threat Name":"t"},
            "winlog.user_data":{"Reason":"r"}})",
        R"({"winlog":{"channel":"C","event_id":1,"process.pid":4,"event_data.Image":"x",
            "event_data.Threat Name":"t","user_data.Reason":"r"}})",
        R"({"winlog":{"channel":"C","event_id":1,"process":{"pid":4},
            "event_data":{"Image":"x","Threat Name":"t"},"user_data":{"Reason":"r"}}})"}) {
    EXPECT_EQ(Header("Channel", json), "\"C\"") << json;
    EXPECT_EQ(Header("EventID", json), "1") << json;
    EXPECT_EQ(Field("Execution_ProcessID", json), "4") << json;
    EXPECT_EQ(Field("Image", json), "\"x\"") << json;
    EXPECT_EQ(Field("ThreatName", json), "\"t\"") << json;
    EXPECT_EQ(Field("Reason", json), "\"r\"") << json;
    EXPECT_EQ(Field("CommandLine", json), "absent") << json;
  }
  EXPECT_EQ(Field("Image", R"({"log_name":"S","event_id":1,"event_data.Image":"x"})"), "\"x\"");
}

}  // namespace
}  // namespace vedette
