#include "lib/correlate/record.h"

#include <vector>

#include "gtest/gtest.h"

namespace vedette {
namespace {

TEST(RecordPool, KeepsWhatARecordPointsAtAndCountsIt) {
  RecordPool pool(3);
  RecordPtr kept;
  {
    std::string text = "alpha";
    const Value items[] = {Value::String(text), Value::Int(7)};
    const Value values[] = {Value::List(items), Value(), Value::String("xy"), Value::Double(1.5)};
    std::string key = "k1";
    MatchRecord record;
    record.correlation = 2;
    record.source = 1;
    record.time = 99;
    record.tiebreak = 5;
    record.key = key;
    record.values = values;
    record.ref = {"a.json", 12};
    kept = pool.Make(record, 42, 5);
    text = "?????";
    key = "??";
  }
  EXPECT_EQ(kept->key(), "k1");
  EXPECT_EQ(kept->values()[0].ToJson(), R"(["alpha",7])");
  EXPECT_TRUE(kept->values()[1].is_null());
  EXPECT_EQ(kept->values()[2].string(), "xy");
  EXPECT_EQ(kept->values()[3].number(), 1.5);
  EXPECT_EQ(pool.StreamName(kept->stream()), "a.json");
  EXPECT_EQ(pool.bytes(), pool.bytes_of(2));
  EXPECT_GT(pool.bytes(), 0U);
  kept = RecordPtr();
  EXPECT_EQ(pool.bytes(), 0U);
}

TEST(RecordPool, LongTextsAreShortAndStayDifferent) {
  RecordPool pool(1);
  const auto kept = [&pool](const std::string& text, size_t max_bytes) {
    const Value items[] = {Value::String(text)};
    const Value values[] = {Value::String(text), Value::List(items)};
    MatchRecord record;
    record.values = values;
    const RecordPtr stored = pool.Make(record, 0, max_bytes);
    EXPECT_EQ(stored->values()[0].string(), stored->values()[1].list()[0].string());
    return std::string(stored->values()[0].string());
  };
  const std::string a = std::string(5000, 'x') + "a";
  const std::string b = std::string(5000, 'x') + "b";
  EXPECT_EQ(kept(a, 1024).size(), 1024U);
  EXPECT_EQ(kept(a, 1024), kept(a, 1024));
  EXPECT_NE(kept(a, 1024), kept(b, 1024));
  EXPECT_TRUE(kept(a, 1024).starts_with(std::string(900, 'x')));
  EXPECT_TRUE(kept(a, 1024).ends_with("#5001"));
  EXPECT_NE(kept(a, 0), kept(b, 0));
  EXPECT_EQ(kept(a, 5001), a);
}

// A text without bytes may have no address either; UBSan is what fails here.
TEST(RecordPool, EmptyTextsWithoutAnAddress) {
  RecordPool pool(1);
  const Value items[] = {Value::String({}), Value::String({})};
  const Value values[] = {Value::String({}), Value::List(items)};
  MatchRecord record;
  record.values = values;
  const RecordPtr stored = pool.Make(record, 0, 1024);
  EXPECT_EQ(stored->values()[0].string(), "");
  ASSERT_EQ(stored->values()[1].list().size(), 2U);
  EXPECT_EQ(stored->values()[1].list()[1].string(), "");
}

TEST(GroupKey, PartsAreEqualExactlyIfTheValuesAre) {
  const Value values[] = {Value::Null(),         Value::Bool(false),  Value::Bool(true),
                          Value::Int(1),         Value::Int(-1),      Value::Uint(UINT64_MAX),
                          Value::Double(1.5),    Value::String("1"),  Value::String(""),
                          Value::String("a\0b"), Value::Double(1e300)};
  for (const Value& a : values) {
    std::string ka;
    AppendKeyPart(a, &ka);
    for (const Value& b : values) {
      std::string kb;
      AppendKeyPart(b, &kb);
      EXPECT_EQ(ka == kb, &a == &b) << a.ToJson() << " " << b.ToJson();
    }
    std::string_view rest = ka;
    Value back;
    ASSERT_TRUE(TakeKeyPart(&rest, &back));
    EXPECT_EQ(back.ToJson(), a.ToJson());
    EXPECT_TRUE(rest.empty());
  }
  std::string whole;
  std::string integer;
  AppendKeyPart(Value::Double(1.0), &whole);
  AppendKeyPart(Value::Int(1), &integer);
  EXPECT_EQ(whole, integer);
}

}  // namespace
}  // namespace vedette
