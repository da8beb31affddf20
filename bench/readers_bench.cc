// Readers of event formats: the same 4,000 events in each, from memory, without any rules. Compare
// items_per_second with that of JSON lines in the same run.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "tests/support/bytes_of.h"
#include "tests/support/evtx_writer.h"
#include "vedette/io/events.h"

namespace {

using namespace vedette;

constexpr int kEvents = 4000;

// What one event says; different enough that nothing can be remembered.
struct Fields {
  std::string time;  // 2026-11-17T10:00:00.250Z
  std::string image;
  std::string command;
  std::string user;
  std::string address;
  int pid = 0;
  int port = 0;
};

Fields FieldsOf(int i) {
  const auto two = [](int n) { return std::string(n < 10 ? "0" : "") + std::to_string(n); };
  Fields f;
  f.time =
      "2026-11-17T" + two(i / 3600 % 24) + ":" + two(i / 60 % 60) + ":" + two(i % 60) + ".250Z";
  f.image = "/usr/lib/tools/program" + std::to_string(i % 97);
  f.command = f.image + " --input /srv/data/set" + std::to_string(i) + " --level " +
              std::to_string(i % 7) + " --quiet";
  f.user = "user" + std::to_string(i % 211);
  f.address = "198.51.100." + std::to_string(i % 250);
  f.pid = 1000 + i;
  f.port = 1024 + i % 30000;
  return f;
}

std::string Json(const Fields& f, int /*i*/) {
  return R"({"time":")" + f.time + R"(","host":"web-01","exe":")" + f.image + R"(","command":")" +
         f.command + R"(","user":")" + f.user + R"(","src":")" + f.address + R"(","spt":)" +
         std::to_string(f.port) + R"(,"pid":)" + std::to_string(f.pid) +
         R"(,"action":"start","result":"success"})"
         "\n";
}

std::string Pairs(const Fields& f, const char* between, const char* quote) {
  const std::string b = between;
  const std::string q = quote;
  return "host=web-01" + b + "exe=" + q + f.image + q + b + "command=" + q + f.command + q + b +
         "user=" + q + f.user + q + b + "src=" + f.address + b + "spt=" + std::to_string(f.port) +
         b + "pid=" + std::to_string(f.pid) + b + "action=start" + b + "result=success";
}

std::string Logfmt(const Fields& f, int /*i*/) {
  return "time=" + f.time + " " + Pairs(f, " ", "\"") + "\n";
}

std::string Cef(const Fields& f, int i) {
  return "CEF:0|Vendor|Product|1.0|" + std::to_string(i % 50) +
         "|Program started|5|rt=" + std::to_string(1794909000000 + i) + " " + Pairs(f, " ", "") +
         "\n";
}

std::string Syslog5424(const Fields& f, int /*i*/) {
  return "<86>1 " + f.time + " web-01 runner " + std::to_string(f.pid) + " - [run@32473 user=\"" +
         f.user + "\" src=\"" + f.address + "\" spt=\"" + std::to_string(f.port) + "\"] " +
         f.command + " action=start result=success\n";
}

std::string Syslog3164(const Fields& f, int i) {
  const std::string clock = f.time.substr(11, 8);
  return "<86>Nov " + std::to_string(10 + i % 18) + " " + clock + " web-01 runner[" +
         std::to_string(f.pid) + "]: " + f.command + " user=" + f.user + " src=" + f.address +
         " port=" + std::to_string(f.port) + " action=start result=success\n";
}

std::string Csv(const Fields& f, int i) {
  return std::string(i == 0 ? "time,host,exe,command,user,src,spt,pid,action,result\n" : "") +
         f.time + ",web-01," + f.image + ",\"" + f.command + "\"," + f.user + "," + f.address +
         "," + std::to_string(f.port) + "," + std::to_string(f.pid) + ",start,success\n";
}

std::string Zeek(const Fields& f, int i) {
  constexpr const char* kHead =
      "#separator \\x09\n#path\trun\n#fields\tts\thost\texe\tcommand\tuser\tsrc\tspt\tpid\taction"
      "\tresult\n#types\ttime\tstring\tstring\tstring\tstring\taddr\tport\tcount\tenum\tenum\n";
  return std::string(i == 0 ? kHead : "") + std::to_string(1794909000 + i) + ".250000\tweb-01\t" +
         f.image + "\t" + f.command + "\t" + f.user + "\t" + f.address + "\t" +
         std::to_string(f.port) + "\t" + std::to_string(f.pid) + "\tstart\tsuccess\n";
}

// Four records: an event of auditd takes several.
std::string Auditd(const Fields& f, int i) {
  const std::string head =
      " msg=audit(" + std::to_string(1794909000 + i) + ".250:" + std::to_string(i) + "): ";
  return "type=SYSCALL" + head +
         "arch=c000003e syscall=59 success=yes exit=0 a0=55d0 a1=55d1 ppid=1 " +
         "pid=" + std::to_string(f.pid) +
         " auid=1004 uid=0 gid=0 tty=pts0 ses=3 comm=\"program\" exe=\"" + f.image +
         "\" key=\"exec\"\ntype=EXECVE" + head + "argc=6 a0=\"" + f.image +
         "\" a1=\"--input\" a2=\"/srv/data/set" + std::to_string(i) +
         "\" a3=\"--level\" a4=\"1\" a5=\"--quiet\"\ntype=CWD" + head +
         "cwd=\"/root\"\ntype=PROCTITLE" + head + "proctitle=\"program\"\n";
}

std::string Text(std::string (*line)(const Fields&, int)) {
  std::string out;
  for (int i = 0; i < kEvents; ++i) out += line(FieldsOf(i), i);
  return out;
}

void Define(test::XmlWriter& xml) {
  xml.Fragment().Open("Event").Close().Open("System").Close();
  xml.Open("Provider", true).Attribute("Name").Text("Runner").Empty();
  xml.Open("EventID").Close().Value(0, 6).End();
  xml.Open("TimeCreated", true).Attribute("SystemTime").Value(1, 0x11).Empty();
  xml.Element("Channel", "Runner/Operational").Element("Computer", "web-01").End();
  xml.Open("EventData").Close();
  int i = 2;
  for (const char* name : {"exe", "command", "user", "src", "spt", "pid"}) {
    xml.Open("Data", true).Attribute("Name").Text(name).Close();
    xml.Value(i, i < 6 ? 0x01 : 0x08).End();
    ++i;
  }
  xml.End().End().Eof();
}

std::string Evtx() {
  constexpr int kInChunk = 60;
  std::vector<std::string> chunks;
  for (int i = 0; i < kEvents;) {
    test::EvtxChunk chunk(static_cast<uint64_t>(i) + 1);
    for (int n = 0; n < kInChunk && i < kEvents; ++n, ++i) {
      const Fields f = FieldsOf(i);
      chunk.Record([&f, i](test::XmlWriter& xml) {
        const auto number = [](int v, size_t size) {
          return test::Little(static_cast<uint64_t>(v), size);
        };
        xml.Fragment().Template(
            1, Define,
            {{6, number(i % 50, 2)},
             {0x11, test::Little(134082876632500000ULL + static_cast<uint64_t>(i), 8)},
             {1, test::Utf16(f.image)},
             {1, test::Utf16(f.command)},
             {1, test::Utf16(f.user)},
             {1, test::Utf16(f.address)},
             {8, number(f.port, 4)},
             {8, number(f.pid, 4)}});
        xml.Eof();
      });
    }
    chunks.push_back(chunk.Bytes());
  }
  return test::EvtxFile(chunks);
}

void Read(benchmark::State& state, const std::string& text) {
  uint64_t events = 0;
  for (auto _ : state) {
    EventReaderOptions options;
    options.text.reference_time = [] { return EventTime{1795909000} * 1000000000; };
    const auto reader = NewEventReader("bench", test::BytesOf(text), options);
    Event event;
    while (true) {
      const auto more = reader->Next(&event);
      if (!more.ok() || !*more) break;
      benchmark::DoNotOptimize(event.time());
    }
    if (reader->stats().events != kEvents || reader->stats().incomplete > 0) {
      state.SkipWithError("not all events were read");
      return;
    }
    events += reader->stats().events;
  }
  state.SetItemsProcessed(static_cast<int64_t>(events));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(text.size()));
}

void BM_JsonLines(benchmark::State& state) { Read(state, Text(Json)); }
void BM_Logfmt(benchmark::State& state) { Read(state, Text(Logfmt)); }
void BM_Cef(benchmark::State& state) { Read(state, Text(Cef)); }
void BM_Syslog5424(benchmark::State& state) { Read(state, Text(Syslog5424)); }
void BM_Syslog3164(benchmark::State& state) { Read(state, Text(Syslog3164)); }
void BM_Csv(benchmark::State& state) { Read(state, Text(Csv)); }
void BM_Zeek(benchmark::State& state) { Read(state, Text(Zeek)); }
void BM_Auditd(benchmark::State& state) { Read(state, Text(Auditd)); }
void BM_Evtx(benchmark::State& state) { Read(state, Evtx()); }

BENCHMARK(BM_JsonLines);
BENCHMARK(BM_Logfmt);
BENCHMARK(BM_Cef);
BENCHMARK(BM_Syslog5424);
BENCHMARK(BM_Syslog3164);
BENCHMARK(BM_Csv);
BENCHMARK(BM_Zeek);
BENCHMARK(BM_Auditd);
BENCHMARK(BM_Evtx);

}  // namespace
