#include "vedette/value.h"

#include <cmath>
#include <string>

#include "gtest/gtest.h"

namespace vedette {
namespace {

std::string Text(const Value& v) {
  std::string out;
  v.AppendText(&out);
  return out;
}

TEST(Value, TextOfScalars) {
  EXPECT_EQ(Text(Value::Int(-42)), "-42");
  EXPECT_EQ(Text(Value::Uint(UINT64_MAX)), "18446744073709551615");
  EXPECT_EQ(Text(Value::Double(1.0)), "1");
  EXPECT_EQ(Text(Value::Double(-0.0)), "0");
  EXPECT_EQ(Text(Value::Double(100000.0)), "100000");
  EXPECT_EQ(Text(Value::Double(1.5)), "1.5");
  EXPECT_EQ(Text(Value::Double(0.1)), "0.1");
  EXPECT_EQ(Text(Value::Bool(true)), "true");
  EXPECT_EQ(Text(Value::String("a\0b")), "a");
  EXPECT_EQ(Text(Value::String(std::string_view("a\0b", 3))), std::string("a\0b", 3));
  EXPECT_EQ(Text(Value::Null()), "");
}

TEST(Value, SmallUnsignedNumbersAreIntegers) {
  EXPECT_EQ(Value::Uint(7).kind(), ValueKind::kInt);
  EXPECT_EQ(Value::Uint(UINT64_MAX).kind(), ValueKind::kUint);
}

TEST(Value, IsSmall) { EXPECT_EQ(sizeof(Value), 16U); }

TEST(Value, JsonIsValidWhateverTheBytes) {
  EXPECT_EQ(Value::String("a\"\\\n\x01\xff").ToJson(), "\"a\\\"\\\\\\n\\u0001\xEF\xBF\xBD\"");
  EXPECT_EQ(Value::Double(NAN).ToJson(), "null");
  const Value items[] = {Value::Int(1), Value::Null(), Value::Bool(false)};
  const Member members[] = {{"a b", Value::List(items)}, {"c", Value::Object({})}};
  EXPECT_EQ(Value::Object(members).ToJson(), "{\"a b\":[1,null,false],\"c\":{}}");
}

TEST(Value, DeepNestingIsCut) {
  ValueArena arena;
  Value v = Value::Int(1);
  for (int i = 0; i < 5000; ++i) {
    const std::span<Value> one = arena.NewValues(1);
    one[0] = v;
    v = Value::List(one);
  }
  EXPECT_LT(v.ToJson().size(), 200U);
  EXPECT_LT(arena.DeepCopy(v).ToJson().size(), 200U);
}

TEST(Value, FindIgnoresBlanksOnlyWhenAsked) {
  const Member members[] = {{"Threat Name", Value::Int(1)}};
  const Value v = Value::Object(members, true);
  EXPECT_TRUE(v.Find("ThreatName").absent());
  EXPECT_EQ(v.FindIgnoringBlanks("ThreatName").integer(), 1);
  EXPECT_TRUE(v.FindIgnoringBlanks("ThreatNames").absent());
  EXPECT_TRUE(v.FindIgnoringBlanks("Threat").absent());
}

TEST(ValueArena, KeepsMemoryUpToALimit) {
  ValueArena arena;
  for (int i = 0; i < 10; ++i) {
    arena.Allocate(100, 8);
    arena.Reset();
  }
  const size_t small = arena.bytes_reserved();
  arena.Allocate(50 << 20, 1);
  EXPECT_GE(arena.bytes_reserved(), size_t{50} << 20);
  arena.Reset();
  EXPECT_LE(arena.bytes_reserved(), size_t{1} << 20);
  EXPECT_GE(arena.bytes_reserved(), small);
}

}  // namespace
}  // namespace vedette
