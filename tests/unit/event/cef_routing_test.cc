// What the built-in table makes of CEF and LEEF records: log sources, and the names of rules.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/read_events.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/sigma.h"
#include "vedette/io/cef.h"
#include "vedette/io/syslog.h"

namespace vedette {
namespace {

// Sorted, blanks between.
std::string SourcesOf(const Event& event) {
  Compiler compiler;
  compiler.AddFrontend(SigmaFrontend());
  const auto built = compiler.Compile(RuleSet());
  EXPECT_TRUE(built.ok());
  Evaluator evaluator(built->program);
  std::vector<std::string> all;
  for (const LogSource& s : evaluator.LogSourcesOf(event.view())) all.push_back(s.ToString());
  std::sort(all.begin(), all.end());
  std::string out;
  for (const std::string& s : all) out += (out.empty() ? "" : " ") + s;
  return out;
}

// One record and what a program makes of it.
class CefEvent {
 public:
  explicit CefEvent(const std::string& record) {
    const auto reader = NewCefReader("log", test::BytesOf(record + "\n", 4096), {});
    const absl::StatusOr<bool> more = reader->Next(&event_);
    EXPECT_TRUE(more.ok() && *more) << record;
  }

  std::string Sources() const { return SourcesOf(event_); }

  // Whether a Sigma rule of one selection matches.
  bool Matches(const std::string& source, const std::string& selection) const {
    Compiler compiler;
    compiler.AddFrontend(SigmaFrontend());
    RuleSet rules;
    rules.Add("r.yml", "title: t\nlogsource: {" + source + "}\ndetection:\n  s: {" + selection +
                           "}\n  condition: s\n");
    const auto built = compiler.Compile(rules);
    EXPECT_TRUE(built.ok() && built->program->rule_count() == 1) << selection;
    Evaluator evaluator(built->program);
    return !evaluator.Evaluate(event_.view()).empty();
  }

 private:
  Event event_;
};

std::string SourcesOf(const std::string& record) { return CefEvent(record).Sources(); }

TEST(CefRouting, VendorProductAndEventTell) {
  const struct {
    const char* header;
    const char* sources;
  } kCases[] = {
      {"CEF:0|Palo Alto Networks|PAN-OS|10.1|end|TRAFFIC|1|",
       "-/-/cef paloalto/-/- paloalto/firewall/-"},
      {"CEF:0|Palo Alto Networks|PAN-OS|10.1|url|THREAT|1|",
       "-/-/cef paloalto/-/- paloalto/proxy/-"},
      {"CEF:0|Palo Alto Networks|LF|2.0|wildfire-virus|THREAT|8|",
       "-/-/cef paloalto/-/- paloalto/antivirus/-"},
      {"CEF:0|Palo Alto Networks|PAN-OS|10.1|globalprotect|GLOBALPROTECT|3|",
       "-/-/cef paloalto/-/- paloalto/appliance/globalprotect"},
      {"CEF: 0|Fortinet|Fortigate|v6.0|00013|traffic:forward close|3|",
       "-/-/cef fortigate/-/- fortigate/firewall/traffic"},
      {"CEF:0|Fortinet|FortiGate-60F|v7.0|13056|utm:webfilter ftgd_blk blocked|4|",
       "-/-/cef fortigate/-/- fortigate/proxy/webfilter"},
      {"CEF:0|Fortinet|Fortigate|v7.0|08192|utm:virus infected blocked|4|",
       "-/-/cef fortigate/-/- fortigate/antivirus/virus"},
      {"CEF:0|Fortinet|Fortigate|v7.0|32002|event:system login failed|7|",
       "-/-/cef fortigate/-/- fortigate/-/event"},
      {"CEF:0|Fortinet|FortiMail|v7.0|1|event:mail|7|", "-/-/cef"},
      {"CEF:0|Check Point|VPN-1 & FireWall-1|Check Point|Accept|https|Unknown|",
       "-/-/cef checkpoint/-/- checkpoint/firewall/-"},
      {"CEF:0|Check Point|URL Filtering|Check Point|Block|Site|Unknown|",
       "-/-/cef checkpoint/-/- checkpoint/proxy/-"},
      {"CEF:0|Check Point|Anti Malware|Check Point|Prevent|x|High|",
       "-/-/cef checkpoint/-/- checkpoint/antivirus/-"},
      {"CEF:0|CISCO|ASA||106023|Deny|3|", "-/-/cef cisco/firewall/asa"},
      {"CEF:0|Cisco|Firepower|6.0|RNA:1003:1|CONNECTION|3|", "-/-/cef cisco/-/firepower"},
      {"CEF:0|Zscaler|NSSWeblog|5.7|Allowed|Allowed|3|", "-/-/cef zscaler/-/- zscaler/proxy/-"},
      {"CEF:0|Zscaler|NSSFWlog|5.7|Drop|Drop|3|", "-/-/cef zscaler/-/- zscaler/firewall/-"},
      {"CEF:0|Zscaler|NSSDNSlog|5.7|Allow|Allow|3|", "-/-/cef zscaler/-/- zscaler/dns/-"},
      {"CEF:0|Microsoft|Microsoft Windows||Microsoft-Windows-Security-Auditing:4624|Logon|3|",
       "-/-/cef windows/-/- windows/-/security"},
      {"CEF:0|MCAS|SIEM_Agent|0.1|ALERT_CABINET_EVENT_MATCH_AUDIT|x|3|",
       "-/-/cef m365/-/threat_detection"},
      {"CEF:0|Blue Coat|Proxy SG|6|TCP_DENIED|x|3|", "-/-/cef bluecoat/proxy/-"},
      {"CEF:0|McAfee|Web Gateway|9|403|x|3|", "-/-/cef mcafee/-/- mcafee/proxy/-"},
      {"CEF:0|Forcepoint|Security|8.5|transaction:blocked|x|3|",
       "-/-/cef forcepoint/-/- forcepoint/proxy/-"},
      {"CEF:0|SonicWALL|NSA 2600|6.5|98|Connection Opened|4|", "-/-/cef sonicwall/firewall/-"},
      {"CEF:0|Trend Micro|Deep Security Agent|20|4000000|Eicar_test_file|6|",
       "-/-/cef trendmicro/-/- trendmicro/antivirus/-"},
      {"CEF:0|Trend Micro|Deep Security Agent|20|2000440|IPS|6|", "-/-/cef trendmicro/-/-"},
      {"CEF:0|CrowdStrike|FalconHost|1.0|DetectionSummaryEvent|x|4|",
       "-/-/cef crowdstrike/-/falcon"},
      {"CEF:0|Larkfield|Gatehouse|4.2|100|Connection allowed|2|", "-/-/cef"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(SourcesOf(std::string(c.header) + "src=10.0.0.1"), c.sources) << c.header;
  }
}

TEST(CefRouting, LeefHasTheSameVendors) {
  EXPECT_EQ(SourcesOf("LEEF:2.0|Check Point|VPN-1 & FireWall-1|1.0|Accept|^|src=10.0.0.1"),
            "-/-/leef checkpoint/-/- checkpoint/firewall/-");
  EXPECT_EQ(SourcesOf("LEEF:1.0|Zscaler|NSS|4.1|Allowed|src=10.0.0.1"),
            "-/-/leef zscaler/-/- zscaler/proxy/-");
  EXPECT_EQ(SourcesOf("LEEF:1.0|Larkfield|Postroom|1.9|attachment|src=10.0.0.1"), "-/-/leef");
}

// Messages that are JSON or CEF within syslog, whose header is under `syslog`.
TEST(SyslogRouting, MessagesOfPrograms) {
  const auto sources = [](const std::string& message) {
    const auto reader = NewSyslogReader(
        "log", test::BytesOf("<13>1 2026-11-17T01:02:03Z h p 1 - - " + message + "\n", 4096), {});
    Event event;
    EXPECT_TRUE(*reader->Next(&event)) << message;
    return SourcesOf(event);
  };
  EXPECT_EQ(sources("text"), "linux/-/syslog");
  EXPECT_EQ(sources(R"({"a":1})"), "linux/-/syslog");
  EXPECT_EQ(sources(R"({"Channel":"Security","EventID":4624})"), "windows/-/- windows/-/security");
  EXPECT_EQ(sources("CEF:0|SonicWALL|NSA|6|98|x|4|"), "-/-/cef sonicwall/firewall/-");
}

TEST(CefRouting, RulesFindTheFieldsUnderTheirNames) {
  const CefEvent firewall(
      "CEF:0|Palo Alto Networks|PAN-OS|10.1|drop|TRAFFIC|1|src=10.0.0.7 spt=50210 dst=203.0.113.9 "
      "dpt=4444 proto=tcp act=drop");
  EXPECT_TRUE(firewall.Matches("category: firewall",
                               "src_ip: 10.0.0.7, src_port: 50210, dst_ip|cidr: 203.0.113.0/24, "
                               "dst_port: 4444, action: drop"));
  EXPECT_TRUE(firewall.Matches("product: paloalto",
                               "source.ip: 10.0.0.7, destination.port: 4444, "
                               "network.transport: tcp, event.category: network"));
  EXPECT_FALSE(firewall.Matches("category: proxy", "src_ip: 10.0.0.7"));
  const CefEvent proxy(
      "CEF:0|Zscaler|NSSWeblog|5.7|Allowed|Allowed|3|request=http://x.example/a.php "
      "requestMethod=POST requestClientApplication=Mozilla dhost=x.example suser=ann");
  EXPECT_TRUE(proxy.Matches("category: proxy",
                            "c-uri|endswith: .php, cs-method: POST, c-useragent: Mozilla, "
                            "cs-host: x.example, cs-username: ann"));
  const CefEvent virus(
      "CEF:0|Fortinet|Fortigate|v7.0|08192|utm:virus infected|4|FTNTFGTvirus=EICAR fname=a.com");
  EXPECT_TRUE(virus.Matches("category: antivirus", "Signature: EICAR, Filename: a.com"));
  const CefEvent leef(
      "LEEF:2.0|Check Point|VPN-1 & FireWall-1|1.0|Accept|^|src=10.0.0.7^srcPort=9^dst=10.0.0.8^"
      "dstPort=443^usrName=ann^url=http://y.example");
  EXPECT_TRUE(leef.Matches("category: firewall",
                           "src_ip: 10.0.0.7, src_port: 9, dst_port: 443, user.name: ann, "
                           "url.original|contains: y.example"));
  // A field of that very name wins.
  const CefEvent own("CEF:0|SonicWALL|NSA|6|98|x|4|src_ip=192.0.2.1 src=10.0.0.7");
  EXPECT_TRUE(own.Matches("category: firewall", "src_ip: 192.0.2.1"));
  EXPECT_FALSE(own.Matches("category: firewall", "src_ip: 10.0.0.7"));
  // What has no row is reached by service, or by any log source that the host gives.
  const CefEvent unknown("CEF:0|Larkfield|Gatehouse|4.2|100|x|2|src=10.0.0.7");
  EXPECT_TRUE(unknown.Matches("service: cef", "src_ip: 10.0.0.7"));
  EXPECT_FALSE(unknown.Matches("category: firewall", "src_ip: 10.0.0.7"));
}

TEST(CefRouting, RowsOfTheHostGoFirst) {
  const auto table = LogSourceTable::Parse(
      "deviceVendor=Larkfield => product=larkfield category=firewall rename:action=verdict\n");
  ASSERT_TRUE(table.ok());
  LogSourceTable merged = LogSourceTable::Builtin();
  merged.Merge(*table);
  CompilerOptions options;
  options.log_sources = &merged;
  Compiler compiler(options);
  compiler.AddFrontend(SigmaFrontend());
  RuleSet rules;
  rules.Add("r.yml",
            "title: t\nlogsource: {category: firewall}\ndetection:\n  s: {action: no, src_ip: "
            "10.0.0.7}\n  condition: s\n");
  const auto built = compiler.Compile(rules);
  ASSERT_TRUE(built.ok());
  Evaluator evaluator(built->program);
  Event event;
  const auto reader = NewCefReader(
      "log", test::BytesOf("CEF:0|Larkfield|G|4|1|x|2|src=10.0.0.7 act=yes verdict=no\n", 64), {});
  ASSERT_TRUE(*reader->Next(&event));
  EXPECT_EQ(evaluator.Evaluate(event.view()).size(), 1U);
}

}  // namespace
}  // namespace vedette
