#include "vedette/field_path.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/support/tree.h"

namespace vedette {
namespace {

std::string Get(std::string_view json, std::string_view path) {
  const Event event = testing::EventOf(json);
  ValueArena arena;
  const auto parsed = FieldPath::Parse(path);
  if (!parsed.ok()) return "bad path";
  const Value v = Lookup(event.root(), *parsed, &arena);
  return v.absent() ? "absent" : v.ToJson();
}

TEST(Lookup, FlatKeyWinsOverNesting) {
  EXPECT_EQ(Get(R"({"u":{"type":"Root"}})", "u.type"), "\"Root\"");
  EXPECT_EQ(Get(R"({"u":{"type":"x"},"u.type":"Root"})", "u.type"), "\"Root\"");
  EXPECT_EQ(Get(R"({"a.b":{"c":1},"a":{"b":{"c":2}}})", "a.b.c"), "1");
  EXPECT_EQ(Get(R"({"a":{"b.c":3}})", "a.b.c"), "3");
}

TEST(Lookup, AFlatKeyThatLeadsNowhereDoesNotHideNesting) {
  EXPECT_EQ(Get(R"({"a.b":{"x":1},"a":{"b":{"c":2}}})", "a.b.c"), "2");
}

TEST(Lookup, AbsentAndNullDiffer) {
  EXPECT_EQ(Get(R"({"f":null})", "f"), "null");
  EXPECT_EQ(Get(R"({"g":null})", "f"), "absent");
  EXPECT_EQ(Get(R"({"f":1})", "f.g"), "absent");
}

TEST(Lookup, PassesThroughLists) {
  EXPECT_EQ(Get(R"({"c":[{"ip":"a"},{"x":1},{"ip":"b"}]})", "c.ip"), R"(["a","b"])");
  EXPECT_EQ(Get(R"({"c":[{"ip":["a","b"]},{"ip":"c"}]})", "c.ip"), R"(["a","b","c"])");
  EXPECT_EQ(Get(R"({"c":[[{"ip":1}],{"ip":2}]})", "c.ip"), "[1,2]");
  EXPECT_EQ(Get(R"({"c":[]})", "c.ip"), "absent");
}

TEST(Lookup, Indexes) {
  EXPECT_EQ(Get(R"({"a":[10,20,30]})", "a[0]"), "10");
  EXPECT_EQ(Get(R"({"a":[10,20,30]})", "a[-1]"), "30");
  EXPECT_EQ(Get(R"({"a":[10]})", "a[1]"), "absent");
  EXPECT_EQ(Get(R"({"a":[10]})", "a[-2]"), "absent");
  EXPECT_EQ(Get(R"({"a":[{"b":5}]})", "a[0].b"), "5");
  EXPECT_EQ(Get(R"({"a[0]":"flat","a":[1]})", "a[0]"), "\"flat\"") << "the whole name wins";
  EXPECT_EQ(Get(R"({"a[0]":"flat"})", "a\\[0\\]"), "\"flat\"");
  EXPECT_EQ(Get(R"({"a":{"x":1}})", "a[0]"), "absent");
}

TEST(Lookup, WorkIsBounded) {
  // Nested single-letter objects make many ways to read a dotted path.
  std::string json = "1";
  std::string path = "a";
  for (int i = 0; i < 20; ++i) {
    json = "{\"a\":" + json + ",\"a.a\":{\"a\":1}}";
    path += ".a";
  }
  EXPECT_FALSE(Get(json, path).empty());
}

TEST(FieldPath, RefusesWhatIsNoName) {
  for (const char* bad : {"", "a[", "a[x]", "a[]", "a[1.5]"}) {
    EXPECT_FALSE(FieldPath::Parse(bad).ok()) << bad;
  }
  EXPECT_FALSE(FieldPath::Parse(std::string(2000, 'a')).ok());
  std::string deep = "a";
  for (int i = 0; i < 40; ++i) deep += ".a";
  EXPECT_FALSE(FieldPath::Parse(deep).ok());
}

TEST(FieldPath, NamesWithOddCharacters) {
  EXPECT_EQ(Get(R"({"cs-uri-query":1})", "cs-uri-query"), "1");
  EXPECT_EQ(Get(R"({"@timestamp":1})", "@timestamp"), "1");
  EXPECT_EQ(Get(R"({"a.":1})", "a."), "1");
  EXPECT_EQ(Get(R"({".a":1})", ".a"), "1");
  EXPECT_EQ(Get(R"({"x y":1})", "x y"), "1");
}

TEST(FieldPath, SelfIsTheValue) { EXPECT_EQ(Get(R"({"a":1})", "."), R"({"a":1})"); }

// An adapter looks at the event's keys first; whatever the path, it must see what Lookup sees.
TEST(FieldPath, AdaptersHideNothing) {
  for (const char* json : {"{}", R"({"a":1})", R"({"a":{"b":[1,{"c":2}]},"a.b":3})", R"({"":0})"}) {
    const Event event = testing::EventOf(json);
    ValueArena arena;
    for (const char* text : {".", "a", "a.b", "a.b.c", "a.b[0]", "*", "*.b", "b", "[0]"}) {
      const auto path = FieldPath::Parse(text);
      if (!path.ok()) continue;
      EXPECT_EQ(TreeAdapter().Get(&event, *path, 0, &arena).ToJson(),
                Lookup(event.root(), *path, &arena).ToJson())
          << text << " of " << json;
    }
  }
}

}  // namespace
}  // namespace vedette
