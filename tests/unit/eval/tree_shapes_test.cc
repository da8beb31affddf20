#include "lib/eval/tree_shapes.h"

#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/tree.h"

namespace vedette {
namespace {

TEST(TreeShapes, OneNumberForTheSameNames) {
  TreeShapes shapes;
  const Event a = testing::EventOf(R"({"x":1,"longer_name":"v"})");
  const Event b = testing::EventOf(R"({"x":"other","longer_name":[1]})");
  const Event c = testing::EventOf(R"({"longer_name":"v","x":1})");
  const Event d = testing::EventOf(R"({"x":1})");
  const uint32_t number = shapes.NumberOf(a.root(), 0);
  EXPECT_EQ(shapes.NumberOf(b.root(), 0), number);
  EXPECT_NE(shapes.NumberOf(c.root(), 0), number);
  EXPECT_NE(shapes.NumberOf(d.root(), 0), number);
  EXPECT_EQ(shapes.NumberOf(a.root(), 0), number);
}

TEST(TreeShapes, NamesWithBlanksAndValuesThatAreNoObjectsHaveNone) {
  TreeShapes shapes;
  EXPECT_EQ(shapes.NumberOf(testing::EventOf(R"({"Threat Name":1})").root(), 0), TreeShapes::kNone);
  EXPECT_EQ(shapes.NumberOf(Value::Int(1), 0), TreeShapes::kNone);
}

// What a token stands for is looked at once.
TEST(TreeShapes, TokensStandForNames) {
  TreeShapes shapes;
  const Event a = testing::EventOf(R"({"x":1,"y":2})");
  const Event b = testing::EventOf(R"({"y":1})");
  const uint32_t number = shapes.NumberOf(a.root(), 0);
  EXPECT_EQ(shapes.NumberOf(a.root(), 7), number);
  EXPECT_EQ(shapes.NumberOf(b.root(), 7), number) << "the names themselves are not read again";
  EXPECT_NE(shapes.NumberOf(b.root(), 8), number);
  for (int i = 0; i < 1100; ++i) {
    shapes.NumberOf(testing::EventOf("{\"n" + std::to_string(i) + "\":1}").root(), 0);
  }
  EXPECT_EQ(shapes.generation(), 1U);
  EXPECT_EQ(shapes.NumberOf(b.root(), 7), shapes.NumberOf(b.root(), 0)) << "tokens start over, too";
}

// A name without bytes may have no address either; UBSan is what fails here.
TEST(TreeShapes, EmptyNamesWithoutAnAddress) {
  TreeShapes shapes;
  const Member members[] = {{{}, Value::Int(1)}, {"x", Value::Int(2)}};
  const uint32_t number = shapes.NumberOf(Value::Object(members), 0);
  EXPECT_NE(number, TreeShapes::kNone);
  EXPECT_EQ(shapes.NumberOf(testing::EventOf(R"({"":5,"x":6})").root(), 0), number);
}

TEST(TreeShapes, StartsOverRatherThanGrow) {
  TreeShapes shapes;
  for (int i = 0; i < 5000; ++i) {
    const Event e = testing::EventOf("{\"n" + std::to_string(i) + "\":1}");
    const uint32_t number = shapes.NumberOf(e.root(), 0);
    ASSERT_LT(number, 1024U);
    ASSERT_EQ(shapes.Places(1, number, 3)->places[2], kPlaceUnknown);
    ASSERT_EQ(shapes.NumberOf(e.root(), 0), number);
  }
}

// What a place says must be what the walk through the tree finds.
TEST(TreeShapes, PlacesAgreeWithLookup) {
  std::mt19937 random(3);
  const std::vector<std::string> names = {"a", "b", "a.b", "a.b.c", "c", "b.c", "a[0]", "d"};
  size_t direct = 0;
  size_t absent = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string json = "{";
    for (const std::string& name : names) {
      if (random() % 3 != 0) continue;
      const char* const values[] = {"1", "null", "[1,{\"b\":2}]", R"({"b":{"c":5},"c":6})",
                                    "\"t\""};
      json += (json.size() > 1 ? ",\"" : "\"") + name + "\":" + values[random() % 5];
    }
    const Event event = testing::EventOf(json + "}");
    std::vector<std::pair<FieldPath, int>> paths;
    for (size_t i = 0; i <= random() % 3; ++i) {
      const std::string& name = names[random() % names.size()];
      paths.emplace_back(random() % 2 == 0
                             ? FieldPath::Parse(name).value()
                             : FieldPath::OfNames({name, "b"}, false, random() % 2 == 0),
                         0);
    }
    ValueArena arena;
    Value want;
    for (const auto& [path, number] : paths) {
      want = Lookup(event.root(), path, &arena);
      if (!want.absent()) break;
    }
    const int16_t place = PlaceOf(paths, event.root());
    if (place == kPlaceAbsent) {
      ++absent;
      EXPECT_TRUE(want.absent()) << json << " " << paths[0].first.text();
    } else if (place >= 0) {
      ++direct;
      EXPECT_EQ(want.ToJson(), event.root().members()[static_cast<size_t>(place)].value.ToJson())
          << json << " " << paths[0].first.text();
    }
  }
  EXPECT_GT(direct, 200U);
  EXPECT_GT(absent, 200U);
}

}  // namespace
}  // namespace vedette
