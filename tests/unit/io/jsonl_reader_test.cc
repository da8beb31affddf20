#include <zlib.h>
#include <zstd.h>

#include <cstring>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/lcg.h"
#include "vedette/io/jsonl.h"

namespace vedette {
namespace {

// A source that hands out at most `step` bytes at a time.
ByteSource SourceOf(std::string text, size_t step) {
  return [text = std::move(text), step, at = size_t{0}](
             char* buffer, size_t size) mutable -> absl::StatusOr<size_t> {
    const size_t n = std::min({size, step, text.size() - at});
    std::memcpy(buffer, text.data() + at, n);
    at += n;
    return n;
  };
}

struct Outcome {
  std::string events;  // "line:json" joined by blanks
  std::string broken;  // lines of skipped records
  ReadStats stats;
  absl::Status status;
};

Outcome Read(const std::string& text, size_t step = 7, size_t max_bytes = 1 << 20) {
  Outcome out;
  JsonlOptions options;
  options.json.max_bytes = max_bytes;
  options.on_broken = [&out](uint64_t line, std::string_view) {
    out.broken += (out.broken.empty() ? "" : " ") + std::to_string(line);
  };
  auto reader = NewJsonlReader("test", SourceOf(text, step), options);
  Event event;
  while (true) {
    const auto more = reader->Next(&event);
    if (!more.ok()) out.status = more.status();
    if (!more.ok() || !*more) break;
    EXPECT_EQ(event.ref().source, "test");
    out.events += (out.events.empty() ? "" : " ") + std::to_string(event.ref().line) + ":" +
                  event.root().ToJson();
  }
  out.stats = reader->stats();
  return out;
}

std::string Gzip(const std::string& text) {
  std::string out(compressBound(text.size()) + 64, '\0');
  z_stream s{};
  EXPECT_EQ(deflateInit2(&s, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  s.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  s.avail_in = static_cast<uInt>(text.size());
  s.next_out = reinterpret_cast<Bytef*>(out.data());
  s.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&s, Z_FINISH), Z_STREAM_END);
  out.resize(s.total_out);
  deflateEnd(&s);
  return out;
}

std::string Zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

TEST(JsonlReader, FormsOfStreams) {
  for (const size_t step : {size_t{1}, size_t{3}, size_t{1000}}) {
    EXPECT_EQ(Read("{\"a\":1}\n{\"a\":2}", step).events, "1:{\"a\":1} 2:{\"a\":2}");
    EXPECT_EQ(Read("{\"a\":1}\r\n\r\n {\"a\":2}\r\n", step).events, "1:{\"a\":1} 3:{\"a\":2}");
    EXPECT_EQ(Read("{\n  \"a\": 1\n}\n{\n  \"a\": {\n \"b\": 2 }\n}\n", step).events,
              "1:{\"a\":1} 4:{\"a\":{\"b\":2}}");
    EXPECT_EQ(Read("[{\"a\":1},\n {\"a\":2}\n,{\"a\":[3]}]\n", step).events,
              "1:{\"a\":1} 2:{\"a\":2} 3:{\"a\":[3]}");
    EXPECT_EQ(Read("{\"Records\":[{\"a\":1},{\"a\":2}]}", step).events, "1:{\"a\":1} 1:{\"a\":2}");
    EXPECT_EQ(Read("{ \"Records\" : [\n{\"a\":1},\n{\"a\":2}\n]\n}\n", step).events,
              "2:{\"a\":1} 3:{\"a\":2}");
    EXPECT_EQ(Read("{\"Recorded\":[1]}\n", step).events, "1:{\"Recorded\":[1]}");
    EXPECT_EQ(Read("{\"a\":1}{\"a\":2} {\"a\":3}\n{\"a\":4}", step).events,
              "1:{\"a\":1} 1:{\"a\":2} 1:{\"a\":3} 2:{\"a\":4}");
    EXPECT_EQ(Read("", step).events, "");
    EXPECT_EQ(Read("\n\n", step).events, "");
    EXPECT_EQ(Read("[]", step).events, "");
  }
}

TEST(JsonlReader, BracesInStringsDoNotCount) {
  EXPECT_EQ(Read("[{\"a\":\"}{][\\\"}\"},{\"b\":\"\\\\\"}]").events,
            "1:{\"a\":\"}{][\\\"}\"} 1:{\"b\":\"\\\\\"}");
}

TEST(JsonlReader, BrokenRecordsAreSkippedAndCounted) {
  Outcome o = Read("{\"a\":1}\nnot json\n{\"a\":\n{\"a\":2}\n{\"a\":\"x\n{\"a\":3}\n{\"a\":4");
  EXPECT_EQ(o.events, "1:{\"a\":1} 4:{\"a\":2} 6:{\"a\":3}");
  EXPECT_EQ(o.broken, "2 3 5 7");
  EXPECT_EQ(o.stats.broken, 4U);
  EXPECT_EQ(o.stats.events, 3U);
  o = Read("[1,{\"a\":1},\"x\",{\"a\":2},null]");
  EXPECT_EQ(o.events, "1:{\"a\":1} 1:{\"a\":2}");
  EXPECT_EQ(o.stats.broken, 3U);
  o = Read("<34>Oct 11 22:14:15 host su: failed\n{\"a\":1}\n");
  EXPECT_EQ(o.events, "2:{\"a\":1}");
  EXPECT_EQ(o.broken, "1");
}

// Each element that is no object counts once, whatever it holds, and costs none of the others.
TEST(JsonlReader, ElementsOfArraysThatAreNoObjects) {
  const struct {
    const char* text;
    uint64_t broken;
    const char* events;
  } cases[] = {
      {"[[]]", 1, ""},
      {"[[],[]]", 2, ""},
      {"[5,null,\"x\",[{\"a\":1}]]", 4, ""},
      {"[{\"a\":1},5,null,\"x\",[{\"b\":1}],{\"a\":2}]", 4, "1:{\"a\":1} 1:{\"a\":2}"},
      {"[\"a,b]{\",{\"a\":1}]", 1, "1:{\"a\":1}"},
      {"[\"\\\"]\",{\"a\":1}]", 1, "1:{\"a\":1}"},
      {"[[1,[2,{\"b\":[3]}],\"]\"],{\"a\":1}]", 1, "1:{\"a\":1}"},
      {"[[\n1,\n[2]\n],\n{\"a\":1}\n]", 1, "5:{\"a\":1}"},
      {"[\"cut\n,{\"a\":1}]", 1, "2:{\"a\":1}"},
      {"[[\"cut\n],{\"a\":1}]", 1, "2:{\"a\":1}"},
      {"[5 {\"a\":1}]", 1, "1:{\"a\":1}"},
      {"[[1] {\"a\":1}]", 1, "1:{\"a\":1}"},
      {"[true\nfalse\n]", 2, ""},
      {"[[[[", 1, ""},
      {"[-1.5e3", 1, ""},
      {"{\"Records\":[[{\"a\":1}],7,{\"a\":2}]}", 2, "1:{\"a\":2}"},
      {"[[1]]\n{\"a\":1}\n", 1, "2:{\"a\":1}"},
  };
  for (const auto& c : cases) {
    for (const size_t step : {size_t{1}, size_t{2}, size_t{1000}}) {
      const Outcome o = Read(c.text, step);
      EXPECT_EQ(o.stats.broken, c.broken) << c.text;
      EXPECT_EQ(o.events, c.events) << c.text;
    }
  }
}

TEST(JsonlReader, OversizedRecordsAreSkippedAndCounted) {
  const std::string big = "{\"a\":\"" + std::string(300000, 'x') + "\"}";
  for (const size_t step : {size_t{1000}, size_t{1} << 20}) {
    Outcome o = Read("{\"a\":1}\n" + big + "\n{\"a\":2}\n", step, 1000);
    EXPECT_EQ(o.events, "1:{\"a\":1} 3:{\"a\":2}");
    EXPECT_EQ(o.broken, "2");
    EXPECT_EQ(o.stats.oversized, 1U);
    o = Read("[" + big + ",\n{\"a\":2}]", step, 1000);
    EXPECT_EQ(o.events, "2:{\"a\":2}");
    o = Read(std::string(300000, 'y') + "\n{\"a\":2}\n", step, 1000);
    EXPECT_EQ(o.events, "2:{\"a\":2}");
    EXPECT_EQ(o.stats.oversized, 1U);
    o = Read("{\"a\":\n\"" + std::string(300000, 'x') + "\"\n}\n{\"a\":2}\n", step, 1000);
    EXPECT_EQ(o.events, "4:{\"a\":2}");
  }
}

TEST(JsonlReader, Compressed) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "{\"n\":" + std::to_string(i * 7919) + "}\n";
  const std::string plain = Read(text, 1000).events;
  for (const size_t step : {size_t{5}, size_t{100000}}) {
    EXPECT_EQ(Read(Gzip(text), step).events, plain);
    EXPECT_EQ(Read(Zstd(text), step).events, plain);
  }
  EXPECT_EQ(Read(Gzip("{\"a\":1}\n") + Gzip("{\"a\":2}\n")).events, "1:{\"a\":1} 2:{\"a\":2}");
  EXPECT_EQ(Read(Zstd("{\"a\":1}\n") + Zstd("{\"a\":2}\n")).events, "1:{\"a\":1} 2:{\"a\":2}");
}

// Hands out one part for each read, as a pipe does into which they are written one after another.
ByteSource LiveSource(const std::vector<std::string>& parts, size_t* reads) {
  return
      [parts, reads, at = size_t{0}](char* buffer, size_t size) mutable -> absl::StatusOr<size_t> {
        if (*reads == parts.size()) return 0;
        const std::string& part = parts[*reads];
        const size_t n = std::min(size, part.size() - at);
        std::memcpy(buffer, part.data() + at, n);
        at += n;
        if (at == part.size()) {
          ++*reads;
          at = 0;
        }
        return n;
      };
}

// Each part compressed for itself, within one stream.
std::vector<std::string> FlushedGzip(const std::vector<std::string>& parts) {
  std::vector<std::string> out;
  z_stream s{};
  EXPECT_EQ(deflateInit2(&s, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  for (const std::string& part : parts) {
    std::string packed(part.size() + 1000, '\0');
    s.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data()));
    s.avail_in = static_cast<uInt>(part.size());
    s.next_out = reinterpret_cast<Bytef*>(packed.data());
    s.avail_out = static_cast<uInt>(packed.size());
    const bool last = out.size() + 1 == parts.size();
    EXPECT_EQ(deflate(&s, last ? Z_FINISH : Z_SYNC_FLUSH), last ? Z_STREAM_END : Z_OK);
    packed.resize(packed.size() - s.avail_out);
    out.push_back(packed);
  }
  deflateEnd(&s);
  return out;
}

// An event is there as soon as its last byte is: no reader waits for what may come much later.
TEST(JsonlReader, LiveStreamsAreNotHeldBack) {
  const std::vector<std::vector<std::string>> forms = {
      {"{\"a\":1}\n", "{\"a\":2}\n", "{\"a\":3}\n"},
      {"{}\n", "{}\n", "{}\n"},
      {"{\"Rec\":1}\n", "{\"Records\":1}\n", "{\"Records\":[1]}\n"},
      {"{\"Records\":1}\n", "{\"a\":2}\n", "{\"a\":3}\n"},
      {"{\n\"a\":1\n}", "\n{\n\"a\":2}", "\n{\"a\":\n3}"},
      {"[{\"a\":1}", ",{\"a\":2}", "\n,{\"a\":3}"},
      {"{\"Records\":[{\"a\":1}", ",{\"a\":2}", "\n,{\"a\":3}"},
  };
  for (const std::vector<std::string>& form : forms) {
    std::vector<std::vector<std::string>> packings = {form, FlushedGzip(form)};
    packings.push_back({Gzip(form[0]), Gzip(form[1]), Gzip(form[2])});
    packings.push_back({Zstd(form[0]), Zstd(form[1]), Zstd(form[2])});
    packings.push_back(form);
    packings.back()[0].insert(0, "\xEF\xBB\xBF");
    packings.push_back({});
    for (const std::string& part : form) {
      std::string wide = packings.back().empty() ? "\xFF\xFE" : "";
      for (const char c : part) wide.append(1, c).append(1, '\0');
      packings.back().push_back(wide);
    }
    for (size_t packing = 0; packing < packings.size(); ++packing) {
      size_t reads = 0;
      const auto reader = NewJsonlReader("test", LiveSource(packings[packing], &reads));
      Event event;
      for (size_t i = 1; i <= form.size(); ++i) {
        const auto more = reader->Next(&event);
        EXPECT_TRUE(more.ok() && *more) << form[0];
        EXPECT_EQ(reads, i) << form[0] << " packing " << packing;
      }
    }
  }
}

TEST(JsonlReader, DamagedStreamsYieldWhatTheyHoldAndSaySo) {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += "{\"n\":" + std::to_string(i * 7919) + "}\n";
  for (const std::string& packed : {Gzip(text), Zstd(text)}) {
    const Outcome cut = Read(packed.substr(0, packed.size() / 2), 1000);
    EXPECT_EQ(cut.status.code(), absl::StatusCode::kDataLoss);
    EXPECT_GT(cut.stats.events, 1000U);
    EXPECT_LT(cut.stats.events, 20000U);
  }
}

TEST(JsonlReader, ByteOrderMarks) {
  EXPECT_EQ(Read("\xEF\xBB\xBF{\"a\":1}\n").events, "1:{\"a\":1}");
  std::string little = "\xFF\xFE";
  std::string big = "\xFE\xFF";
  const std::u16string wide = u"{\"a\":\"ä😀\"}\n{\"b\":2}";
  for (const char16_t c : wide) {
    little += static_cast<char>(c & 0xFF);
    little += static_cast<char>(c >> 8);
    big += static_cast<char>(c >> 8);
    big += static_cast<char>(c & 0xFF);
  }
  EXPECT_EQ(Read(little).events, "1:{\"a\":\"ä😀\"} 2:{\"b\":2}");
  EXPECT_EQ(Read(big).events, Read(little).events);
}

TEST(JsonlReader, EveryTruncationIsReported) {
  const std::string text = "[\n {\"a\": [1, {\"b\": \"x}\"}]},\n {\"c\": null}\n]\n";
  for (size_t n = 0; n < text.size(); ++n) {
    const Outcome o = Read(text.substr(0, n), 3);
    EXPECT_TRUE(o.status.ok());
    EXPECT_LE(o.stats.events, 2U);
  }
  for (const std::string& packed : {Gzip(text), Zstd(text)}) {
    for (size_t n = 5; n < packed.size(); ++n) {
      EXPECT_EQ(Read(packed.substr(0, n), 3).status.code(), absl::StatusCode::kDataLoss) << n;
    }
  }
}

TEST(OpenJsonlFile, SaysWhatIsWrong) {
  EXPECT_EQ(OpenJsonlFile("no/such/file").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(OpenJsonlFile("tests").status().code(), absl::StatusCode::kInvalidArgument);
}

// A line that is split into objects and still broken ends: each byte belongs to one record at most.
TEST(JsonlReaderTest, EveryLineOfBracesAndQuotesEnds) {
  const std::string alphabet = "{}\"\\:1a, ";
  testing::Lcg random;
  for (int round = 0; round < 20000; ++round) {
    std::string line = "{";
    for (int i = 0; i < 24; ++i) line += random.Of(alphabet);
    const Outcome out = Read(line + "\n{\"a\":1}\n");
    ASSERT_LE(out.stats.events + out.stats.broken, line.size() + 1) << line;
    ASSERT_GE(out.stats.events + out.stats.broken, 1u) << line;
  }
}

}  // namespace
}  // namespace vedette
