#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/evtx_checksums.h"
#include "tests/support/evtx_writer.h"
#include "tests/support/lcg.h"
#include "tests/support/read_events.h"
#include "vedette/io/evtx.h"

namespace vedette {
namespace {

using test::EvtxChunk;
using test::EvtxFile;
using test::EvtxValue;
using test::Little;
using test::ReadOutcome;
using test::Utf16;
using test::XmlWriter;

constexpr uint8_t kText = 0x01;
constexpr uint8_t kUint16 = 0x06;
constexpr uint8_t kUint32 = 0x08;
constexpr uint8_t kFileTime = 0x11;
constexpr uint8_t kXml = 0x21;
constexpr uint64_t kTicks = 134082876632500000;  // 2025-11-22T12:21:03.25Z

ReadOutcome ReadEvtx(const std::string& file, EvtxOptions options = {}, size_t step = SIZE_MAX) {
  return test::ReadAllEvents([&](test::OnBroken on_broken) {
    options.on_broken = on_broken;
    return NewEvtxReader("log", test::BytesOf(file, step), options);
  });
}

// The template of an ordinary event, and its record with a number and an image.
void DefineEvent(XmlWriter& xml) {
  xml.Fragment().Open("Event", true).Attribute("xmlns").Text("http://example.org/event").Close();
  xml.Open("System").Close();
  xml.Open("Provider", true).Attribute("Name").Text("Test-Provider").Attribute("Guid");
  xml.Value(4, 0x0F, true).Empty();
  xml.Open("EventID").Close().Value(0, kUint16).End();
  xml.Open("TimeCreated", true).Attribute("SystemTime").Value(1, kFileTime).Empty();
  xml.Element("Channel", "Test/Operational").Element("Computer", "pc-1").End();
  xml.Open("EventData").Close();
  xml.Open("Data", true).Attribute("Name").Text("Image").Close().Value(2, kText).End();
  xml.Open("Data", true).Attribute("Name").Text("ProcessId").Close().Value(3, kUint32).End();
  xml.End().End().Eof();
}

void WriteEvent(XmlWriter& xml, uint16_t id, const std::string& image) {
  xml.Fragment().Template(7, DefineEvent,
                          {{kUint16, Little(id, 2)},
                           {kFileTime, Little(kTicks, 8)},
                           {kText, Utf16(image)},
                           {kUint32, Little(4242, 4)},
                           {0, ""}});
  xml.Eof();
}

std::string EventText(int id, const std::string& image) {
  return R"({"Event":{"System":{"Provider":{"#attributes":{"Name":"Test-Provider"}},"EventID":)" +
         std::to_string(id) +
         R"(,"TimeCreated":{"#attributes":{"SystemTime":"2025-11-22T12:21:03.25Z"}},)"
         R"("Channel":"Test/Operational","Computer":"pc-1"},"EventData":{"Image":")" +
         image + R"(","ProcessId":4242}}})";
}

std::string ChunkOf(int records, uint64_t first = 1) {
  EvtxChunk chunk(first);
  for (int i = 0; i < records; ++i) {
    chunk.Record([i](XmlWriter& xml) { WriteEvent(xml, static_cast<uint16_t>(i + 1), "a.exe"); });
  }
  return chunk.Bytes();
}

// What the only element of a record with this content is.
std::string Single(const EvtxChunk::Write& write) {
  EvtxChunk chunk;
  chunk.Record([&write](XmlWriter& xml) {
    xml.Fragment();
    write(xml);
    xml.Eof();
  });
  return ReadEvtx(EvtxFile({chunk.Bytes()})).Only();
}

// How a value of a type reads.
std::string OfType(uint8_t type, const std::string& bytes) {
  const std::string all = Single([&](XmlWriter& xml) {
    xml.Template(1, [type](XmlWriter& t) { t.Fragment().Field("e", 0, type).Eof(); },
                 {{type, bytes}});
  });
  const std::string head = "{\"e\":";
  EXPECT_TRUE(all.starts_with(head)) << all;
  return all.empty() ? "" : all.substr(head.size(), all.size() - head.size() - 1);
}

TEST(EvtxReader, EventsOfATemplate) {
  for (const size_t step : {size_t{1000}, SIZE_MAX}) {
    const ReadOutcome read = ReadEvtx(EvtxFile({ChunkOf(3), ChunkOf(2, 4)}), {}, step);
    ASSERT_EQ(read.events.size(), 5u);
    EXPECT_EQ(read.events[0], EventText(1, "a.exe"));
    EXPECT_EQ(read.events[2], EventText(3, "a.exe"));
    EXPECT_EQ(read.times[4], "2025-11-22T12:21:03.25Z");
    EXPECT_EQ(read.lines[4], 5u);
    EXPECT_TRUE(read.reasons.empty());
    EXPECT_EQ(read.stats.bytes, 4096u + 2 * 65536);
  }
}

TEST(EvtxReader, Types) {
  EXPECT_EQ(OfType(0x01, Utf16("a\"b") + Little(0, 2)), R"("a\"b")");
  EXPECT_EQ(OfType(0x01, ""), R"("")");
  EXPECT_EQ(OfType(0x01, Little(0xE9, 2) + Little(0xD83D, 2) + Little(0xDE00, 2) +
                             Little(0xD800, 2) + Little('x', 2)),
            "\"\xC3\xA9\xF0\x9F\x98\x80\xEF\xBF\xBDx\"");
  EXPECT_EQ(OfType(0x02, std::string("caf\xE9\0", 5)), "\"caf\xC3\xA9\"");
  EXPECT_EQ(OfType(0x03, "\xFE"), "-2");
  EXPECT_EQ(OfType(0x04, "\xFE"), "254");
  EXPECT_EQ(OfType(0x05, Little(0xFFFE, 2)), "-2");
  EXPECT_EQ(OfType(0x06, Little(0xFFFE, 2)), "65534");
  EXPECT_EQ(OfType(0x07, Little(0xFFFFFFFE, 4)), "-2");
  EXPECT_EQ(OfType(0x08, Little(0xFFFFFFFE, 4)), "4294967294");
  EXPECT_EQ(OfType(0x09, Little(UINT64_MAX, 8)), "-1");
  EXPECT_EQ(OfType(0x0A, Little(UINT64_MAX, 8)), "18446744073709551615");
  EXPECT_EQ(OfType(0x0B, Little(0x3FC00000, 4)), "1.5");
  EXPECT_EQ(OfType(0x0C, Little(0xBFF8000000000000, 8)), "-1.5");
  EXPECT_EQ(OfType(0x0D, Little(1, 4)), "true");
  EXPECT_EQ(OfType(0x0D, Little(0, 4)), "false");
  EXPECT_EQ(OfType(0x0E, "\x01\xAB"), R"("01AB")");
  EXPECT_EQ(OfType(0x0F, Little(0x5770385F, 4) + Little(0xC22A, 2) + Little(0x43E0, 2) +
                             "\xBF\x4C\x06\xF5\x69\x8F\xFB\xD9"),
            R"("{5770385F-C22A-43E0-BF4C-06F5698FFBD9}")");
  EXPECT_EQ(OfType(0x10, Little(9, 4)), "9");
  EXPECT_EQ(OfType(0x10, Little(9, 8)), "9");
  EXPECT_EQ(OfType(0x11, Little(kTicks + 1, 8)), R"("2025-11-22T12:21:03.2500001Z")");
  EXPECT_EQ(OfType(0x11, Little(0, 8)), R"("0x0")");
  EXPECT_EQ(OfType(0x12, Little(2026, 2) + Little(11, 2) + Little(2, 2) + Little(17, 2) +
                             Little(9, 2) + Little(30, 2) + Little(5, 2) + Little(250, 2)),
            R"("2026-11-17T09:30:05.25Z")");
  EXPECT_EQ(OfType(0x13, std::string("\x01\x02\0\0\0\0\0\x05", 8) + Little(32, 4) + Little(544, 4)),
            R"("S-1-5-32-544")");
  EXPECT_EQ(OfType(0x14, Little(0x1F0FFF, 4)), R"("0x1f0fff")");
  EXPECT_EQ(OfType(0x15, Little(0x8000000000000000, 8)), R"("0x8000000000000000")");
  EXPECT_EQ(OfType(0x15, Little(0, 8)), R"("0x0")");
  EXPECT_EQ(OfType(0x00, ""), "null");
  EXPECT_EQ(OfType(0x08, ""), "null");  // a number without bytes
}

TEST(EvtxReader, Arrays) {
  EXPECT_EQ(OfType(0x81, Utf16("one") + Little(0, 2) + Little(0, 2) + Utf16("three")),
            R"(["one","","three"])");
  EXPECT_EQ(OfType(0x82, std::string("a\0b\0", 4)), R"(["a","b"])");
  EXPECT_EQ(OfType(0x86, Little(1, 2) + Little(2, 2)), "[1,2]");
  EXPECT_EQ(OfType(0x95, Little(16, 8)), R"(["0x10"])");
  EXPECT_EQ(OfType(0x93, std::string("\x01\x00\0\0\0\0\0\x01", 8) + "\x01\x01" +
                             std::string("\0\0\0\0\0\x05", 6) + Little(18, 4)),
            R"(["S-1-1","S-1-5-18"])");
  EXPECT_EQ(OfType(0x88, ""), "[]");
}

TEST(EvtxReader, ValuesThatDoNotFit) {
  const std::vector<EvtxValue> wrong = {{0x08, Little(1, 2)}, {0x0F, "short"},
                                        {0x13, "S"},          {0x13, "\x01\x09xxxxxx"},
                                        {0x10, Little(1, 2)}, {0x86, Little(1, 2) + "x"},
                                        {0x33, "x"},          {0x80, "x"}};
  for (const EvtxValue& value : wrong) {
    EvtxChunk chunk;
    chunk.Record([&value](XmlWriter& xml) {
      xml.Fragment().Template(1, [](XmlWriter& t) { t.Fragment().Field("e", 0, 8).Eof(); },
                              {value});
    });
    chunk.Record([](XmlWriter& xml) { WriteEvent(xml, 2, "b"); });
    const ReadOutcome read = ReadEvtx(EvtxFile({chunk.Bytes()}));
    EXPECT_EQ(read.Only(), EventText(2, "b")) << int{value.type};
    EXPECT_EQ(read.reasons.at(0), "1: a value of an unknown type or size");
  }
}

TEST(EvtxReader, Texts) {
  EXPECT_EQ(Single([](XmlWriter& xml) {
              xml.Open("e").Close().Text("a").CharRef('b').Entity("lt").Entity("unknown");
              xml.Cdata("<c>").Instruction("target", "data").End();
            }),
            R"({"e":"ab<<c>"})");
  EXPECT_EQ(Single([](XmlWriter& xml) {
              xml.Open("e", true).Attribute("a").Text("x").CharRef('y').Attribute("b").Close();
              xml.Text("t").Open("f").Empty().Open("f").Close().Text("2").End().End();
            }),
            R"({"e":{"f":[null,"2"],"#text":"t","#attributes":{"a":"xy"}}})");
}

TEST(EvtxReader, DataWithAndWithoutNames) {
  EXPECT_EQ(Single([](XmlWriter& xml) {
              xml.Open("Event").Close().Open("EventData", true).Attribute("Name").Text("n");
              xml.Close().Element("Data", "one").Element("Data", "two").Element("Binary", "00");
              xml.Open("Data", true).Attribute("Name").Text("A").Close().Text("3").End();
              xml.Open("Data", true).Attribute("Name").Text("A").Close().Text("4").End();
              xml.Open("Data", true).Attribute("Name").Text("Empty").Close().End();
              xml.End().End();
            }),
            R"({"Event":{"EventData":{"Data":["one","two"],"Binary":"00","A":["3","4"],)"
            R"("Empty":null,"#attributes":{"Name":"n"}}}})");
  EXPECT_EQ(Single([](XmlWriter& xml) {
              xml.Open("Event").Close().Open("UserData").Close().Open("Cleared", true);
              xml.Attribute("xmlns").Text("u").Close().Element("Name", "x").End().End().End();
            }),
            R"({"Event":{"UserData":{"Cleared":{"Name":"x"}}}})");
}

// Values that are XML themselves, with or without dependency numbers, and templates in them.
TEST(EvtxReader, XmlAsAValue) {
  for (const bool dependencies : {false, true}) {
    EXPECT_EQ(Single([dependencies](XmlWriter& xml) {
                const auto plain = [](XmlWriter& inner) {
                  inner.Fragment().Open("Inner", true).Attribute("a").Text("1").Close();
                  inner.Element("In", "v").End().Eof();
                };
                const auto instance = [](XmlWriter& inner) {
                  inner.Fragment().Template(
                      2, [](XmlWriter& t) { t.Fragment().Field("Second", 0, kUint32).Eof(); },
                      {{kUint32, Little(5, 4)}});
                  inner.Eof();
                };
                xml.Template(
                    1,
                    [](XmlWriter& t) {
                      t.Fragment().Open("Outer").Close().Value(0, kXml).Value(1, kXml).End().Eof();
                    },
                    {{kXml, "", plain, dependencies}, {kXml, "", instance, dependencies}});
              }),
              R"({"Outer":{"Inner":{"In":"v","#attributes":{"a":"1"}},"Second":5}})");
  }
}

TEST(EvtxReader, MissingValues) {
  EvtxChunk chunk;
  chunk.Record([](XmlWriter& xml) {
    xml.Fragment().Template(1, [](XmlWriter& t) { t.Fragment().Field("e", 5, kText).Eof(); },
                            {{kText, ""}});
  });
  const ReadOutcome read = ReadEvtx(EvtxFile({chunk.Bytes()}));
  EXPECT_EQ(read.Only(), R"({"e":null})");
  EXPECT_EQ(read.reasons.at(0), "1: values that the template asks for are missing");
}

TEST(EvtxReader, DamagedChunksGiveWhatTheyHold) {
  std::string bad = ChunkOf(3, 4);
  bad[600] = static_cast<char>(bad[600] ^ 1);  // in the template: its name, or a size
  const ReadOutcome read = ReadEvtx(EvtxFile({ChunkOf(3), bad, ChunkOf(3, 7)}));
  EXPECT_GE(read.stats.events, 6u);
  EXPECT_EQ(read.stats.damaged, 1u);
  EXPECT_EQ(read.reasons.at(0), "2: the checksum of a chunk's records is wrong");

  std::string headless = ChunkOf(3, 4);
  headless[0] = 'x';
  const ReadOutcome lost = ReadEvtx(EvtxFile({ChunkOf(3), headless, ChunkOf(3, 7)}));
  EXPECT_EQ(lost.stats.events, 6u);
  EXPECT_EQ(lost.reasons.at(0), "2: a chunk without its header; its records are lost");

  std::string header = ChunkOf(3, 4);
  header[48] = static_cast<char>(header[48] ^ 8);  // where records end
  const ReadOutcome scanned = ReadEvtx(EvtxFile({header}));
  EXPECT_EQ(scanned.stats.events, 3u);
  EXPECT_EQ(scanned.stats.broken, 0u);
  EXPECT_EQ(scanned.reasons.at(0), "1: the checksum of a chunk's header is wrong");

  // A record whose size is overwritten is passed over.
  std::string gap = ChunkOf(3);
  const size_t second = gap.find(std::string("**\0\0", 4), 600);
  gap[second + 4] = static_cast<char>(gap[second + 4] ^ 4);
  const ReadOutcome passed = ReadEvtx(test::WithChecksums(EvtxFile({gap})));
  EXPECT_EQ(passed.stats.events, 2u);
  EXPECT_EQ(passed.reasons.at(0), "2: records that are cut off or overwritten");
}

TEST(EvtxReader, FilesThatWereNotClosed) {
  // The chunk's header does not know of the last records yet; those of an earlier use follow.
  std::string chunk = ChunkOf(4);
  size_t third = 512;
  for (int i = 0; i < 2; ++i) third += test::GetLittle(chunk, 4, third + 4);
  const std::string dirty = EvtxFile({chunk}, 1);
  std::string file = dirty;
  test::PutLittle(third, 4, 4096 + 48, &file);
  file = test::WithChecksums(file);
  const ReadOutcome read = ReadEvtx(file);
  EXPECT_EQ(read.stats.events, 4u);
  EXPECT_TRUE(read.reasons.empty());
  test::PutLittle(77, 8, 4096 + third + 8, &file);  // the number of an older record
  EXPECT_EQ(ReadEvtx(file).stats.events, 2u);
  // Nor are older ones taken where the header says nothing at all.
  test::PutLittle(1, 8, 4096 + third + 8, &file);
  test::PutLittle(0, 4, 4096 + 124, &file);
  const ReadOutcome headless = ReadEvtx(file);
  EXPECT_EQ(headless.stats.events, 2u);
  EXPECT_EQ(headless.stats.damaged, 1u);
  EXPECT_EQ(headless.stats.broken, 0u);
}

TEST(EvtxReader, FilesThatAreNone) {
  EXPECT_EQ(ReadEvtx("ElfFil").status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadEvtx("").status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadEvtx(std::string("ElfFile\0short", 13)).stats.damaged, 1u);
  EXPECT_EQ(ReadEvtx(EvtxFile({})).stats.events, 0u);
  EXPECT_EQ(ReadEvtx(EvtxFile({std::string(65536, '\0')})).reasons.size(), 0u);  // never used
  std::string header = EvtxFile({ChunkOf(1)});
  header[20] = 'x';
  const ReadOutcome read = ReadEvtx(header);
  EXPECT_EQ(read.stats.events, 1u);
  EXPECT_EQ(read.reasons.at(0), "1: the checksum of the file's header is wrong");
  const ReadOutcome early = ReadEvtx(EvtxFile({ChunkOf(1), ChunkOf(1, 2)}).substr(0, 69632));
  EXPECT_EQ(early.stats.events, 1u);
  EXPECT_EQ(early.reasons.at(0), "2: the file ends before its last chunk");
}

TEST(EvtxReader, TruncatedAtEveryByte) {
  const std::string file = EvtxFile({ChunkOf(2)});
  const size_t end = 4096 + test::GetLittle(file, 4, 4096 + 48);
  for (size_t n = 8; n <= end; ++n) {
    const ReadOutcome read = ReadEvtx(file.substr(0, n));
    EXPECT_TRUE(read.status.ok()) << n;
    EXPECT_LE(read.stats.events, n < end ? 1u : 2u) << n;
    EXPECT_TRUE(n < end || read.stats.events == 2u);
    EXPECT_GE(read.stats.damaged, 1u) << n;
  }
}

TEST(EvtxReader, AnyByteMayBeWrong) {
  const std::string good = EvtxFile({ChunkOf(3)});
  const size_t end = 4096 + test::GetLittle(good, 4, 4096 + 48);
  vedette::testing::Lcg random(7);
  for (size_t at = 4096 + 512; at < end; ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(random.Below(256));
    if (random.Below(2) == 0) bad = test::WithChecksums(bad);
    const ReadOutcome read = ReadEvtx(bad);
    EXPECT_TRUE(read.status.ok());
    EXPECT_LE(read.stats.events, 3u);
  }
}

// Templates that hold each other: the work is bounded, whatever they would grow to.
TEST(EvtxReader, TemplatesThatGrow) {
  EvtxChunk chunk;
  chunk.Record([](XmlWriter& xml) {
    xml.Fragment();
    std::function<void(XmlWriter&)> level = [](XmlWriter& t) { t.Element("e", "x"); };
    for (uint32_t depth = 10; depth < 20; ++depth) {
      level = [depth, level](XmlWriter& t) {
        for (int i = 0; i < 8; ++i) t.Template(depth, level, {});
        t.Eof();
      };
    }
    xml.Open("Event").Close();
    xml.Template(99, level, {}).End();
  });
  const ReadOutcome read = ReadEvtx(EvtxFile({chunk.Bytes()}));
  EXPECT_EQ(read.stats.oversized, 1u);
  EXPECT_EQ(read.reasons.at(0), "1: more values or text than the limit");

  EvtxChunk deep;
  deep.Record([](XmlWriter& xml) {
    xml.Fragment();
    for (int i = 0; i < 100; ++i) xml.Open("e").Close();
    for (int i = 0; i < 100; ++i) xml.End();
  });
  EXPECT_EQ(ReadEvtx(EvtxFile({deep.Bytes()})).reasons.at(0),
            "1: elements or templates are nested too deep");
}

TEST(EvtxReader, TheSameValueManyTimes) {
  EvtxChunk chunk;
  chunk.Record([](XmlWriter& xml) {
    xml.Fragment().Template(1,
                            [](XmlWriter& t) {
                              t.Fragment().Open("e").Close();
                              for (int i = 0; i < 100; ++i) t.Value(0, kText);
                              t.End().Eof();
                            },
                            {{kText, std::string(40000, 'a')}});
  });
  EXPECT_EQ(ReadEvtx(EvtxFile({chunk.Bytes()})).stats.oversized, 1u);
}

// A template of a thousand elements, used by as many records as there is room for: no chunk may
// cost more than its share, and the next one is read as ever.
TEST(EvtxReader, ChunksOfManyLargeEvents) {
  EvtxChunk chunk;
  for (int i = 0; i < 500; ++i) {
    chunk.Record([](XmlWriter& xml) {
      xml.Fragment().Template(1,
                              [](XmlWriter& t) {
                                t.Fragment().Open("e").Close();
                                for (int n = 0; n < 1000; ++n) t.Open("f").Empty();
                                t.End().Eof();
                              },
                              {});
    });
  }
  const ReadOutcome read = ReadEvtx(EvtxFile({chunk.Bytes(), ChunkOf(2, 501)}));
  EXPECT_GT(read.stats.events, 100u);
  EXPECT_GT(read.stats.oversized, 100u);
  EXPECT_EQ(read.stats.events + read.stats.oversized, 502u);
  EXPECT_EQ(read.events.back(), EventText(2, "a.exe"));
}

TEST(EvtxReader, Options) {
  EvtxOptions options;
  options.shape = EventShape::kGeneric;
  const auto reader = NewEvtxReader("log", test::BytesOf(EvtxFile({ChunkOf(1)})), options);
  Event event;
  ASSERT_TRUE(*reader->Next(&event));
  EXPECT_EQ(event.shape(), EventShape::kGeneric);
  EXPECT_EQ(FormatEventTime(event.time()), "2025-08-18T14:13:20Z");  // when it was written
}

}  // namespace
}  // namespace vedette
