#include "vedette/indicator_file.h"

#include <string>
#include <thread>

#include "gtest/gtest.h"

namespace vedette {
namespace {

struct Read {
  Read(std::string name, std::string text, IndicatorFileOptions options = {}) {
    DiagnosticSink sink;
    IndicatorSet::Builder builder;
    ReadIndicators({std::move(name), std::move(text)}, options, &builder, &sink);
    for (const Diagnostic& d : sink.diagnostics()) {
      errors += std::to_string(d.span.line) + " " + d.code + "; ";
    }
    set = builder.Build();
  }
  bool Has(std::string_view text, std::string_view field = "") const {
    const IndicatorTest test = {field, text};
    std::string scratch;
    return set->Find({&test, 1}, kNoEventTime, &scratch) >= 0;
  }
  std::string errors;
  std::shared_ptr<const IndicatorSet> set;
};

TEST(IndicatorFile, Lines) {
  const Read plain("a.txt", "\xEF\xBB\xBF# feed\n\n 10.0.0.0/8 \r\nx y\n.example.com");
  EXPECT_EQ(plain.errors, "");
  EXPECT_EQ(plain.set->size(), 3u);
  EXPECT_TRUE(plain.Has("10.1.1.1"));
  EXPECT_TRUE(plain.Has("x y"));
  EXPECT_TRUE(plain.Has("a.example.com"));
  EXPECT_FALSE(plain.Has("# feed"));
  const Read typed("a.txt", "10.0.0.1\n10.0.0.1/8\nx\n", {IndicatorType::kAddress});
  EXPECT_EQ(typed.errors, "2 IND0002; 3 IND0002; ");
  EXPECT_EQ(typed.set->size(), 1u);
}

TEST(IndicatorFile, Csv) {
  const Read read("a.CSV",
                  "value,type,source,confidence,severity,valid_until\r\n"
                  "Example.com,domain-name,\"a \"\"b\"\", c\",80,High,2026-01-01T00:00:00Z\r\n"
                  "\"x\ny\",,,,,\n"
                  "z,color,,,,\n"
                  "z,,,101,,\n"
                  "z,,,,huge,\n"
                  "z,,,,,soon\n"
                  "z,,\n"
                  "last,text,s,1,low,");
  EXPECT_EQ(read.errors, "5 IND0002; 6 IND0002; 7 IND0002; 8 IND0002; 9 IND0001; ");
  ASSERT_EQ(read.set->size(), 3u);
  EXPECT_TRUE(read.Has("EXAMPLE.com."));
  EXPECT_TRUE(read.Has("x\ny"));
  EXPECT_TRUE(read.Has("last"));
  const Indicator& first = read.set->indicator(0);
  EXPECT_EQ(first.source, "a \"b\", c");
  EXPECT_EQ(first.confidence, 80);
  EXPECT_EQ(first.severity, Level::kHigh);
  EXPECT_EQ(FormatEventTime(first.valid_until), "2026-01-01T00:00:00Z");
  EXPECT_EQ(Read("a.csv", "value\n\"x").errors, "2 IND0001; ");
  EXPECT_EQ(Read("a.csv", "").set->size(), 0u);
}

TEST(IndicatorFile, Ndjson) {
  const Read read("a.ndjson",
                  "{\"value\":\"10.0.0.0/8\"}\n\n"
                  "{\"source\":{\"ip\":\"1.2.3.4\"},\"port\":[80,443]}\n"
                  "{\"a\n"
                  "{}\n"
                  "{\"value\":1,\"confidence\":\"much\"}\n");
  EXPECT_EQ(read.errors, "4 IND0001; 5 IND0002; 6 IND0002; ");
  ASSERT_EQ(read.set->size(), 2u);
  EXPECT_TRUE(read.Has("10.0.0.1"));
  EXPECT_TRUE(read.Has("1.2.3.4", "source.ip"));
  EXPECT_TRUE(read.Has("443", "port"));
}

TEST(IndicatorSet, SeveralTestsAreOfOneIndicator) {
  const Read read("a.csv", "ip,port\n1.1.1.1,80\n1.1.1.1,443\n2.2.2.2,80\n");
  const auto find = [&read](std::string_view ip, std::string_view port) {
    const IndicatorTest tests[] = {{"ip", ip}, {"port", port}};
    std::string scratch;
    return read.set->Find(tests, kNoEventTime, &scratch);
  };
  EXPECT_EQ(find("1.1.1.1", "443"), 1);
  EXPECT_EQ(find("2.2.2.2", "80"), 2);
  EXPECT_EQ(find("2.2.2.2", "443"), -1);
}

TEST(IndicatorSet, ValidityAndOrder) {
  const Read read("a.csv",
                  "value,valid_until\n10.1.0.0/16,2026-01-01T00:00:00Z\n10.0.0.0/8,\n"
                  "10.1.2.3,\n");
  const auto find = [&read](EventTime at) {
    const IndicatorTest test = {"", "10.1.2.3"};
    std::string scratch;
    return read.set->Find({&test, 1}, at, &scratch);
  };
  EXPECT_EQ(find(kNoEventTime), 0);
  EXPECT_EQ(find(0), 0);
  EXPECT_EQ(find(INT64_MAX), 1) << "the first that is still valid, block or not";
}

TEST(IndicatorSets, ChangeWhileTheyAreRead) {
  IndicatorSets sets;
  const uint64_t before = sets.version();
  std::thread writer([&sets] {
    for (int i = 0; i < 100; ++i) {
      IndicatorSet::Builder builder;
      EXPECT_TRUE(builder.Add("a" + std::to_string(i)).ok());
      sets.Set("s", builder.Build());
    }
  });
  for (int i = 0; i < 100; ++i) {
    const auto map = sets.snapshot();
    if (const auto found = map->find("s"); found != map->end()) {
      EXPECT_EQ(found->second->size(), 1u);
    }
  }
  writer.join();
  EXPECT_EQ(sets.version(), before + 100);
  sets.Set("s", nullptr);
  EXPECT_TRUE(sets.snapshot()->empty());
}

}  // namespace
}  // namespace vedette
