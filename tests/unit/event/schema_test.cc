#include "vedette/schema.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"

namespace vedette::inline v0 {
namespace {

using Strings = std::vector<std::string>;

// The paths that `name` means, in the order in which they are tried.
Strings Paths(std::string_view name, int32_t class_uid) {
  Strings paths;
  Schema::Builtin().ForEachMeaning(name, class_uid,
                                   [&](const FieldSpec& spec) { paths.emplace_back(spec.path); });
  return paths;
}

std::string First(std::string_view name, int32_t class_uid) {
  const Strings paths = Paths(name, class_uid);
  return paths.empty() ? "" : paths.front();
}

bool HasName(std::string_view joined, std::string_view name) {
  bool found = false;
  ForEachName(joined, [&](std::string_view n) { found |= n == name; });
  return found;
}

TEST(SchemaTest, KnowsTheClasses) {
  const Schema& schema = Schema::Builtin();
  for (const int32_t uid : {0,    1001, 1002, 1005, 1006, 1007, 1009, 2004,   2005,   3001,
                            3002, 3006, 4001, 4002, 4003, 4009, 6003, 201001, 201002, 201004}) {
    const EventClass* by_uid = schema.FindClass(uid);
    ASSERT_NE(by_uid, nullptr) << uid;
    EXPECT_EQ(by_uid->class_uid, uid);
    EXPECT_EQ(schema.FindClass(by_uid->name), by_uid);
  }
  EXPECT_EQ(schema.FindClass("process_activity")->message, "ProcessActivity");
  EXPECT_EQ(schema.FindClass(201001)->message, schema.FindClass(201002)->message);
  EXPECT_EQ(schema.FindClass(9999), nullptr);
  EXPECT_EQ(schema.FindClass("ProcessActivity"), nullptr);
}

TEST(SchemaTest, FieldsAreSortedAndOfKnownClasses) {
  const auto fields = Schema::Builtin().fields();
  EXPECT_TRUE(std::is_sorted(fields.begin(), fields.end(), [](const auto& a, const auto& b) {
    return std::tie(a.class_uid, a.path) < std::tie(b.class_uid, b.path);
  }));
  for (const FieldSpec& spec : fields) {
    EXPECT_NE(Schema::Builtin().FindClass(spec.class_uid), nullptr) << spec.path;
  }
}

TEST(SchemaTest, EveryNameIsFound) {
  for (const FieldSpec& spec : Schema::Builtin().fields()) {
    const auto finds = [&spec](std::string_view name) {
      bool found = false;
      Schema::Builtin().ForEachMeaning(name, spec.class_uid,
                                       [&](const FieldSpec& s) { found |= &s == &spec; });
      return found;
    };
    EXPECT_TRUE(finds(spec.path)) << spec.path;
    ForEachName(spec.sigma_names, [&](std::string_view n) { EXPECT_TRUE(finds(n)) << n; });
    ForEachName(spec.ecs_names, [&](std::string_view n) { EXPECT_TRUE(finds(n)) << n; });
  }
}

using NamesOf = std::string_view FieldSpec::*;

// The names that stand for several paths of one class.
std::set<std::string> NamesOfSeveralPaths(NamesOf vocabulary) {
  std::map<std::pair<int32_t, std::string>, std::set<std::string_view>> paths;
  for (const FieldSpec& spec : Schema::Builtin().fields()) {
    ForEachName(spec.*vocabulary, [&](std::string_view n) {
      paths[{spec.class_uid, std::string(n)}].insert(spec.path);
    });
  }
  std::set<std::string> names;
  for (const auto& [key, of_name] : paths) {
    if (of_name.size() > 1) names.insert(key.second);
  }
  return names;
}

// Beyond these, a name has one path in a class: the second is where fewer producers put it.
TEST(SchemaTest, NamesHaveFallbacksOnlyOnPurpose) {
  EXPECT_EQ(
      NamesOfSeveralPaths(&FieldSpec::sigma_names),
      (std::set<std::string>{"LogonId", "ParentCommandLine", "ParentImage", "ParentProcessGuid",
                             "ParentProcessId", "ParentUser", "TargetFilename", "TargetObject",
                             "User", "c-uri-query", "cs-uri-query"}));
  EXPECT_EQ(
      NamesOfSeveralPaths(&FieldSpec::ecs_names),
      (std::set<std::string>{"file.name", "message", "process.entity_id", "process.executable",
                             "process.parent.command_line", "process.parent.entity_id",
                             "process.parent.executable", "process.parent.name",
                             "process.parent.pid", "process.pid", "registry.path", "user.domain",
                             "user.email", "user.id", "user.name", "winlog.logon.id"}));
}

TEST(SchemaTest, OneSigmaNameMeansWhatItsClassSays) {
  EXPECT_EQ(First("Image", 1007), "process.file.path");
  for (const int32_t uid : {1001, 1002, 1005, 1006, 1009, 3001, 3002, 4001, 4003, 201001, 201004}) {
    EXPECT_EQ(First("Image", uid), "actor.process.file.path") << uid;
    EXPECT_EQ(First("CommandLine", uid), "actor.process.cmd_line") << uid;
  }
  EXPECT_EQ(First("CommandLine", 1007), "process.cmd_line");
  EXPECT_EQ(First("SourceImage", 1007), "actor.process.file.path");
  EXPECT_EQ(First("TargetImage", 1007), "process.file.path");
  EXPECT_EQ(First("OriginalFileName", 1007), "process.file.internal_name");
  EXPECT_EQ(First("OriginalFileName", 1005), "module.file.internal_name");
  EXPECT_EQ(First("ImageLoaded", 1005), "module.file.path");
  EXPECT_EQ(First("ImageLoaded", 1002), "driver.file.path");
  EXPECT_EQ(First("TargetUserName", 3001), "user.name");
  EXPECT_EQ(First("TargetUserName", 3002), "user.name");
  EXPECT_EQ(First("TargetUserName", 3006), "group.name");
  EXPECT_EQ(First("ObjectName", 201003), "win_resource.name");
}

TEST(SchemaTest, FallbacksComeSecond) {
  EXPECT_EQ(Paths("ParentImage", 1007),
            (Strings{"process.parent_process.file.path", "actor.process.file.path"}));
  EXPECT_EQ(Paths("TargetFilename", 1001), (Strings{"file_result.path", "file.path"}));
  EXPECT_EQ(Paths("cs-uri-query", 4002),
            (Strings{"ext.path_and_query", "http_request.url.query_string"}));
  EXPECT_EQ(First("User", 1007), "ext.user");
}

TEST(SchemaTest, NamesOfTheOtherVocabularies) {
  EXPECT_EQ(First("process.executable", 1007), "process.file.path");
  EXPECT_EQ(First("process.executable", 1001), "actor.process.file.path");
  EXPECT_EQ(First("process.parent.command_line", 1007), "process.parent_process.cmd_line");
  EXPECT_EQ(First("process.pe.original_file_name", 1007), "process.file.internal_name");
  EXPECT_EQ(First("registry.data.strings", 201002), "reg_value.data");
  EXPECT_EQ(First("dns.question.name", 4003), "query.hostname");
  EXPECT_EQ(First("answer", 4003), "answers.rdata");
  EXPECT_EQ(First("destination.ip", 4001), "dst_endpoint.ip");
  EXPECT_EQ(First("url.original", 4002), "http_request.url.url_string");
  EXPECT_EQ(First("aws.cloudtrail.error_code", 6003), "api.response.error");
  EXPECT_EQ(First("eventName", 6003), "api.operation");
  EXPECT_EQ(First("ScriptBlockText", 1009), "script.script_content");
  EXPECT_EQ(First("ServiceFileName", 201004), "win_service.service_file.path");
}

TEST(SchemaTest, FieldsOfEveryClassAreFoundInEveryClass) {
  for (const int32_t uid : {0, 1007, 4001, 6003, 9999}) {
    EXPECT_EQ(First("EventID", uid), "metadata.event_code") << uid;
    EXPECT_EQ(First("event.code", uid), "metadata.event_code") << uid;
    EXPECT_EQ(First("host.id", uid), "device.uid") << uid;
    EXPECT_EQ(First("Computer", uid), "device.hostname") << uid;
    EXPECT_EQ(First("a1", uid), "unmapped.a1") << uid;
  }
}

TEST(SchemaTest, WithoutAClassAllMeaningsCount) {
  const Strings paths = Paths("Image", 0);
  // A process event may also have an actor, so its own process goes first.
  ASSERT_FALSE(paths.empty());
  EXPECT_EQ(paths.front(), "process.file.path");
  EXPECT_NE(std::find(paths.begin(), paths.end(), "actor.process.file.path"), paths.end());
  EXPECT_TRUE(Paths("no such field", 0).empty());
  EXPECT_TRUE(Paths("", 0).empty());
}

TEST(SchemaTest, TypesComeFromTheSchemas) {
  const auto type_of = [](std::string_view path, int32_t uid) {
    FieldType type = FieldType::kObject;
    Schema::Builtin().ForEachMeaning(path, uid, [&](const FieldSpec& s) {
      if (s.path == path) type = s.type;
    });
    return type;
  };
  EXPECT_EQ(type_of("process.pid", 1007), FieldType::kInteger);
  EXPECT_EQ(type_of("process.cmd_line", 1007), FieldType::kString);
  EXPECT_EQ(type_of("src_endpoint.ip", 4001), FieldType::kIp);
  EXPECT_EQ(type_of("time", 4001), FieldType::kTime);
  EXPECT_EQ(type_of("raw_data", 0), FieldType::kBytes);
  EXPECT_EQ(type_of("ext.initiated", 4001), FieldType::kBoolean);
  EXPECT_EQ(type_of("ext.entropy", 4003), FieldType::kNumber);
}

TEST(SchemaTest, RepeatedMessagesMakeRepeatedFields) {
  int seen = 0;
  Schema::Builtin().ForEachMeaning("answers.rdata", 4003, [&](const FieldSpec& spec) {
    EXPECT_TRUE(spec.repeated);
    EXPECT_TRUE(HasName(spec.ecs_names, "dns.answers.data"));
    ++seen;
  });
  EXPECT_EQ(seen, 1);
}

TEST(SchemaTest, ForEachNameSplits) {
  Strings names;
  ForEachName("a|b.c|", [&](std::string_view n) { names.emplace_back(n); });
  EXPECT_EQ(names, (Strings{"a", "b.c"}));
  ForEachName("", [](std::string_view n) { ADD_FAILURE() << n; });
}

}  // namespace
}  // namespace vedette::inline v0
