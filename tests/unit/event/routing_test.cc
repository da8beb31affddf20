// What the built-in table makes of real forms of events, seen through the evaluator.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/lcg.h"
#include "tests/support/tree.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/sigma.h"
#include "vedette/schema.h"

namespace vedette {
namespace {

std::shared_ptr<const Program> Compile(const std::string& yaml,
                                       const LogSourceTable* table = nullptr) {
  CompilerOptions options;
  options.log_sources = table;
  Compiler compiler(options);
  compiler.AddFrontend(SigmaFrontend());
  RuleSet rules;
  if (!yaml.empty()) rules.Add("rules.yml", yaml);
  auto built = compiler.Compile(rules);
  EXPECT_TRUE(built.ok()) << built.status();
  for (const Diagnostic& d : built->diagnostics) {
    EXPECT_NE(d.severity, Severity::kError) << FormatDiagnostic(d);
  }
  return built->program;
}

// The log sources of an event, sorted, blanks between.
std::string Sources(const std::string& json) {
  static const std::shared_ptr<const Program> program = Compile("");
  Evaluator evaluator(program);
  const Event event = testing::EventOf(json);
  std::vector<std::string> all;
  for (const LogSource& s : evaluator.LogSourcesOf(event.view())) all.push_back(s.ToString());
  std::sort(all.begin(), all.end());
  std::string out;
  for (const std::string& s : all) out += (out.empty() ? "" : " ") + s;
  return out;
}

// Whether a rule of one selection, without log source conditions beyond `source`, matches.
bool Matches(const std::string& source, const std::string& selection, const std::string& json,
             const LogSourceTable* table = nullptr) {
  const auto program = Compile("title: t\nlogsource: {" + source + "}\ndetection:\n  s: {" +
                                   selection + "}\n  condition: s\n",
                               table);
  const Event event = testing::EventOf(json);
  Evaluator evaluator(program);
  return !evaluator.Evaluate(event.view()).empty();
}

bool WindowsMatches(const std::string& selection, const std::string& json) {
  return Matches("product: windows", selection, json);
}

std::string Sysmon(int id, const std::string& more = "") {
  return R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":)" + std::to_string(id) +
         more + "}";
}

std::string Security(int id) {
  return R"({"Channel":"Security","EventID":)" + std::to_string(id) + "}";
}

TEST(ProviderAlone, RoutesLikeItsChannelInEveryForm) {
  const std::string want = "windows/-/- windows/-/sysmon windows/process_creation/sysmon";
  EXPECT_EQ(Sources(R"({"Provider_Name":"Microsoft-Windows-Sysmon","EventID":1})"), want);
  EXPECT_EQ(Sources(R"({"SourceName":"Microsoft-Windows-Sysmon","EventID":"1"})"), want);
  EXPECT_EQ(Sources(R"({"Event":{"System":{"EventID":1,
      "Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon"}}},"EventData":{}}})"),
            want);
  EXPECT_EQ(Sources(R"({"winlog":{"provider_name":"Microsoft-Windows-Sysmon","event_id":1}})"),
            want);
  EXPECT_EQ(Sources(R"({"event_data":{},"source_name":"Microsoft-Windows-Sysmon","event_id":1})"),
            want);
  EXPECT_EQ(Sources(R"({"Channel":"ForwardedEvents","Provider_Name":"Microsoft-Windows-Sysmon",
      "EventID":1})"),
            want);
  EXPECT_EQ(Sources(R"({"Channel":"Elsewhere","Provider_Name":"Microsoft-Windows-Sysmon",
      "EventID":1})"),
            "windows/-/-");
  EXPECT_EQ(Sources(R"({"Provider_Name":"Microsoft-Windows-Sysmon"})"), "windows/-/-");
}

TEST(ProviderAlone, OfTheOtherLogs) {
  const auto of = [](const char* provider, int id) {
    return Sources(R"({"Provider_Name":")" + std::string(provider) + R"(","EventID":)" +
                   std::to_string(id) + "}");
  };
  EXPECT_EQ(of("Microsoft-Windows-Security-Auditing", 4688),
            "windows/-/- windows/-/security windows/process_creation/security");
  EXPECT_EQ(of("Microsoft-Windows-PowerShell", 4104),
            "windows/-/- windows/-/powershell windows/ps_script/powershell");
  EXPECT_EQ(of("PowerShellCore", 4103),
            "windows/-/- windows/-/powershell windows/ps_module/powershell");
  EXPECT_EQ(of("PowerShell", 400),
            "windows/-/- windows/-/powershell-classic "
            "windows/ps_classic_start/powershell-classic");
  EXPECT_EQ(of("Service Control Manager", 7045), "windows/-/- windows/-/system");
  EXPECT_EQ(of("Microsoft-Windows-Eventlog", 1102), "windows/-/-") << "writes to several logs";
}

TEST(ProviderAlone, RenamesAndTheChannelWork) {
  const std::string json = R"({"Provider_Name":"Microsoft-Windows-Security-Auditing",
      "EventID":4688,"NewProcessName":"C:\\a.exe"})";
  EXPECT_TRUE(Matches("product: windows, category: process_creation", "Image: 'C:\\a.exe'", json));
  EXPECT_TRUE(WindowsMatches("Channel: Security", json));
}

TEST(RecordForms, AreRoutedAndMatched) {
  const std::string source = "product: windows, category: process_creation";
  const std::string selection = "Image|endswith: 'cmd.exe', CommandLine|contains: whoami";
  for (const char* json :
       {R"({"Event":{"@xmlns":"x","System":{"Provider":{"@Name":"Microsoft-Windows-Sysmon"},
            "EventID":"1"},"EventData":{"Data":[{"@Name":"Image","#text":"C:\\cmd.exe"},
            {"@Name":"CommandLine","#text":"cmd /c whoami"}]}}})",
        R"({"Event":{"System":{"EventID":{"#text":1},
            "Channel":"Microsoft-Windows-Sysmon/Operational"},
            "EventData":{"Data":[{"#attributes":{"Name":"Image"},"#text":"C:\\cmd.exe"},
            {"#attributes":{"Name":"CommandLine"},"#text":"cmd /c whoami"}]}}})",
        R"({"@timestamp":"2026-01-02T03:04:05Z","winlog.event_id":1,
            "winlog.channel":"Microsoft-Windows-Sysmon/Operational",
            "winlog.event_data.Image":"C:\\cmd.exe",
            "winlog.event_data.CommandLine":"cmd /c whoami"})",
        R"({"@timestamp":"2026-01-02T03:04:05Z","winlog.event_id":"1",
            "winlog.provider_name":"Microsoft-Windows-Sysmon",
            "process.executable":"C:\\cmd.exe","process.command_line":"cmd /c whoami"})"}) {
    EXPECT_TRUE(Matches(source, selection, json)) << json;
    EXPECT_FALSE(Matches(source, "Image: other", json)) << json;
  }
}

std::string Ecs(const std::string& os, const std::string& event, const std::string& more = "") {
  return R"({"@timestamp":"2026-01-02T03:04:05Z","ecs":{"version":"8.11"},"host":{"os":{)" + os +
         R"(}},"event":{)" + event + "}" + more + "}";
}

TEST(EcsRouting, CategoryAndTypeTellTheCategory) {
  const struct {
    const char* event;
    const char* categories;  // joined by "|": of a Windows host, besides the product alone
  } kCases[] = {
      {R"("category":["process"],"type":["start"])", "process_creation"},
      {R"("category":"process","type":"start")", "process_creation"},
      {R"("category":["host","process"],"type":["info","start"])", "process_creation"},
      {R"("category":["process"],"type":["end"])", "process_termination"},
      {R"("category":["process"],"type":["info"])", ""},
      {R"("category":["file"],"type":["creation"])", "file_event"},
      {R"("category":["file"],"type":["change"],"action":"modification")",
       "file_change|file_event"},
      {R"("category":["file"],"type":["change"],"action":"rename")", "file_rename"},
      {R"("category":["file"],"type":["deletion"])", "file_delete"},
      {R"("category":["file"],"type":["access"])", "file_access"},
      {R"("category":["network"],"type":["start","connection"])", "network_connection"},
      {R"("category":["library"],"type":["start"])", "image_load"},
      {R"("category":["driver"],"type":["start"])", "driver_load"},
      {R"("category":["registry"],"type":["creation"])", "registry_add|registry_event"},
      {R"("category":["registry"],"type":["change"])", "registry_event|registry_set"},
      {R"("category":["registry"],"type":["change"],"action":"rename")",
       "registry_event|registry_rename"},
      {R"("category":["registry"],"type":["deletion"])", "registry_delete|registry_event"},
      {R"("category":["registry"])", "registry_event"},
      {R"("category":["registry"],"type":["access"])", ""},
  };
  for (const auto& c : kCases) {
    std::string want = "windows/-/-";
    ForEachName(c.categories,
                [&want](std::string_view name) { want += " windows/" + std::string(name) + "/-"; });
    EXPECT_EQ(Sources(Ecs(R"("type":"windows")", c.event)), want) << c.event;
  }
}

TEST(EcsRouting, NamesLookupsAndSignInsWithAndWithoutAHost) {
  const std::string dns = R"(,"network":{"protocol":"dns"},"dns":{"question":{"name":"x"}})";
  EXPECT_EQ(Sources(Ecs(R"("type":"windows")",
                        R"("category":["network"],"type":["protocol","start"])", dns)),
            "-/dns/- windows/-/- windows/dns_query/-");
  EXPECT_EQ(Sources(Ecs("", R"("category":["network"],"type":["connection","protocol"])", dns)),
            "-/dns/-");
  EXPECT_EQ(Sources(Ecs(R"("type":"linux")", R"("category":["authentication"],"type":["start"])")),
            "-/authentication/- linux/-/- linux/authentication/-");
  EXPECT_EQ(Sources(Ecs("", R"("category":["authentication"],"type":["end"])")),
            "-/authentication/-");
  EXPECT_EQ(Sources(Ecs(R"("type":"macos")", R"("category":["iam"],"type":["group","change"])")),
            "-/iam/- macos/-/- macos/iam/-");
  EXPECT_EQ(Sources(Ecs("", R"("category":["web"])")), "-/proxy/- -/webserver/-");
  EXPECT_EQ(Sources(Ecs("", R"("category":["email"])")), "-/email/-");
  EXPECT_EQ(Sources(Ecs("", R"("category":["malware"])")), "-/antivirus/-");
}

TEST(EcsRouting, TheSystemByTypeFamilyOrPlatform) {
  const std::string start = R"("category":["process"],"type":["start"])";
  const auto product = [&](const char* os, const char* want) {
    const std::string w(want);
    EXPECT_EQ(Sources(Ecs(os, start)), w + "/-/- " + w + "/process_creation/-") << os;
  };
  product(R"("type":"windows")", "windows");
  product(R"("family":"windows")", "windows");
  product(R"("family":"windows","platform":"windows")", "windows");
  product(R"("platform":"windows")", "windows");
  product(R"("type":"macos","family":"darwin")", "macos");
  product(R"("family":"darwin")", "macos");
  product(R"("platform":"darwin")", "macos");
  product(R"("type":"linux","platform":"ubuntu")", "linux");
  product(R"("family":"debian")", "linux");
  product(R"("family":"redhat","platform":"rocky")", "linux");
  product(R"("platform":"opensuse-leap")", "linux");
  EXPECT_EQ(Sources(R"({"@timestamp":"2026-01-02T03:04:05Z","event.category":"process",
      "event.type":"start","host.os.family":"debian"})"),
            "linux/-/- linux/process_creation/-");
  EXPECT_EQ(Sources(Ecs(R"("family":"plan9")", start)), "");
}

TEST(EcsRouting, RulesInSigmaNamesFindTheFields) {
  const std::string windows = R"("type":"windows")";
  EXPECT_TRUE(Matches("product: windows, category: registry_set", "TargetObject|contains: 'Run'",
                      Ecs(windows, R"("category":["registry"],"type":["change"])",
                          R"(,"registry":{"path":"HKLM\\Run\\a"})")));
  EXPECT_TRUE(
      Matches("product: windows, category: dns_query", "QueryName: x.example",
              Ecs(windows, R"("category":["network"],"type":["protocol"])",
                  R"(,"network":{"protocol":"dns"},"dns":{"question":{"name":"x.example"}})")));
  EXPECT_TRUE(Matches("product: windows, category: image_load", "ImageLoaded|endswith: 'a.dll'",
                      Ecs(windows, R"("category":["library"],"type":["start"])",
                          R"(,"dll":{"path":"C:\\a.dll"})")));
}

TEST(EcsVocabulary, OfWindowsEvents) {
  const struct {
    std::string event;
    const char* category;
    std::vector<std::string> types;
  } kCases[] = {
      {Sysmon(1), "process", {"start"}},
      {Sysmon(3), "network", {"start", "connection"}},
      {Sysmon(5), "process", {"end"}},
      {Sysmon(6), "driver", {"start"}},
      {Sysmon(7), "library", {"start"}},
      {Sysmon(11), "file", {"creation"}},
      {Sysmon(12, R"(,"EventType":"CreateKey")"), "registry", {"creation"}},
      {Sysmon(12, R"(,"EventType":"DeleteValue")"), "registry", {"deletion"}},
      {Sysmon(13), "registry", {"change"}},
      {Sysmon(22), "network", {"protocol"}},
      {Sysmon(23), "file", {"deletion"}},
      {Security(4688), "process", {"start"}},
      {Security(4624), "authentication", {"start"}},
      {Security(4634), "authentication", {"end"}},
      {Security(4720), "iam", {"user", "creation"}},
      {Security(4732), "iam", {"group", "change"}},
      {R"({"Channel":"Microsoft-Windows-PowerShell/Operational","EventID":4104})",
       "process",
       {"info"}},
  };
  for (const auto& c : kCases) {
    const std::string category = "event.category: " + std::string(c.category);
    for (const std::string& type : c.types) {
      EXPECT_TRUE(WindowsMatches(category + ", event.type: " + type, c.event)) << c.event << type;
    }
    EXPECT_FALSE(WindowsMatches("event.category: other", c.event));
    EXPECT_FALSE(WindowsMatches("event.type: other", c.event));
    EXPECT_TRUE(WindowsMatches("host.os.type: windows", c.event)) << c.event;
  }
  EXPECT_TRUE(WindowsMatches("event.outcome: failure", Security(4625)));
  EXPECT_TRUE(WindowsMatches("event.outcome: success", Security(4624)));
  EXPECT_FALSE(WindowsMatches("event.category|exists: true", Sysmon(255)));
  EXPECT_TRUE(WindowsMatches(
      "event.category: process, event.type: start",
      R"({"class_uid":1007,"activity_id":1,"device":{"os":{"type_id":100}},"time":1})"));
  EXPECT_TRUE(Matches("product: linux", "event.category: file, host.os.type: linux",
                      R"({"Provider_Name":"Linux-Sysmon","EventID":11})"));
}

TEST(SetValues, TheEventsOwnWins) {
  const std::string own = R"({"@timestamp":"2026-01-02T03:04:05Z","event":{"category":"mine"},
      "winlog":{"channel":"Microsoft-Windows-Sysmon/Operational","event_id":1}})";
  EXPECT_TRUE(WindowsMatches("event.category: mine", own));
  EXPECT_FALSE(WindowsMatches("event.category: process", own));
  EXPECT_TRUE(WindowsMatches("event.type: start", own));
}

TEST(SetValues, TheEarlierRowWinsAndListsStayWithinARow) {
  auto table = LogSourceTable::Parse(
      "A=1 => product=p set:x=one set:x=two set:y=three\n"
      "A=* => product=p set:x=four set:z=five\n");
  ASSERT_TRUE(table.ok()) << table.status();
  const std::string json = R"({"A":1})";
  const auto holds = [&](const char* selection) {
    return Matches("product: p", selection, json, &*table);
  };
  EXPECT_TRUE(holds("x: one"));
  EXPECT_TRUE(holds("x: two"));
  EXPECT_FALSE(holds("x: four"));
  EXPECT_TRUE(holds("y: three"));
  EXPECT_TRUE(holds("z: five"));
  EXPECT_TRUE(Matches("product: p", "x: four", R"({"A":2})", &*table));
  EXPECT_FALSE(Matches("product: p", "y|exists: true", R"({"A":2})", &*table));
}

TEST(SetValues, AreEvidenceAndExplained) {
  const auto program = Compile(
      "title: t\nlogsource: {product: windows}\ndetection:\n  s: {event.type: connection}\n"
      "  condition: s\n");
  Evaluator evaluator(program);
  const Event event = testing::EventOf(Sysmon(3));
  const auto matches = evaluator.Evaluate(event.view());
  ASSERT_EQ(matches.size(), 1U);
  const Detection d = evaluator.Describe(event.view(), matches[0]);
  ASSERT_EQ(d.matched.size(), 1U);
  EXPECT_EQ(d.matched[0].value, "connection");
  const std::string text = FormatExplanation(evaluator.Explain(event.view(), 0));
  EXPECT_NE(text.find("connection"), std::string::npos) << text;
}

TEST(SetValues, HoldForALogSourceThatTheHostGives) {
  const auto program = Compile(
      "title: t\nlogsource: {category: process_creation}\ndetection:\n"
      "  s: {event.type: start}\n  condition: s\n");
  Evaluator evaluator(program);
  Event event = testing::EventOf(Sysmon(1));
  event.set_log_source({"windows", "process_creation", ""});
  EXPECT_EQ(evaluator.Evaluate(event.view()).size(), 1U);
}

// An evaluator remembers plans by what the routing fields say; one that is new remembers nothing.
TEST(Routing, WhatIsRememberedIsWhatIsRead) {
  const auto program = Compile("");
  const std::vector<std::string> fields = {
      "Channel",  "EventID",      "Provider_Name", "event.category", "event.type",
      "category", "product",      "class_uid",     "event_type",     "eventSource",
      "_path",    "host.os.type", "program",       "event.dataset",  "x",
      "EventType"};
  const std::vector<std::string> values = {"\"Microsoft-Windows-Sysmon/Operational\"",
                                           "\"microsoft-windows-sysmon/operational\"",
                                           "\"Security\"",
                                           "1",
                                           "\"1\"",
                                           "1.0",
                                           "4688",
                                           "\"process\"",
                                           "[\"process\",\"network\"]",
                                           "[\"network\",\"process\"]",
                                           "null",
                                           "true",
                                           "\"windows\"",
                                           "\"linux\"",
                                           "\"s3.amazonaws.com\"",
                                           "\"dns\"",
                                           "\"sshd\"",
                                           "1001",
                                           "\"" + std::string(80, 'y') + "\"",
                                           "{\"a\":1}",
                                           "[]",
                                           "\"\""};
  testing::Lcg random(11);
  std::vector<std::string> events;
  for (int i = 0; i < 400; ++i) {
    std::string json = "{";
    for (const std::string& field : fields) {
      if (random.Below(3) != 0) continue;
      json += (json.size() > 1 ? ",\"" : "\"") + field + "\":" + random.Of(values);
    }
    events.push_back(json + "}");
  }
  const auto names_of = [](const std::vector<LogSource>& sources) {
    std::string out;
    for (const LogSource& s : sources) out += s.ToString() + " ";
    return out;
  };
  Evaluator remembers(program);
  JsonParser parser;
  size_t with_source = 0;
  for (int i = 0; i < 4000; ++i) {
    // Few shapes with many values each, and back again.
    const std::string& json = events[random.Below(i % 2 == 0 ? 400 : 8)];
    Event event;
    ASSERT_TRUE(parser.Parse(json, &event).ok()) << json;
    if (random.Below(8) == 0)
      event.set_log_source({.product = "windows", .category = "", .service = ""});
    const std::string found = names_of(remembers.LogSourcesOf(event.view()));
    ASSERT_EQ(found, names_of(Evaluator(program).LogSourcesOf(event.view()))) << json;
    if (!found.empty()) ++with_source;
  }
  EXPECT_GT(with_source, 1000U);
}

}  // namespace
}  // namespace vedette
