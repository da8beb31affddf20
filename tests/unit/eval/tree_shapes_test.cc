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

// What a token stands for is looked at once, and inner members have slots.
TEST(TreeShapes, TokensStandForForms) {
  TreeShapes shapes;
  const Event a = testing::EventOf(R"({"x":{"y":2,"z":[{"w":1}]},"v":3})");
  const Event b = testing::EventOf(R"({"y":1})");
  const uint32_t flat = shapes.NumberOf(a.root(), 0);
  const uint32_t deep = shapes.NumberOf(a.root(), 7);
  EXPECT_NE(flat, deep);
  EXPECT_FALSE(shapes.IsDeep(flat));
  EXPECT_TRUE(shapes.IsDeep(deep));
  EXPECT_EQ(shapes.NumberOf(b.root(), 7), deep) << "the names themselves are not read again";
  EXPECT_NE(shapes.NumberOf(b.root(), 8), deep);
  EXPECT_EQ(shapes.SlotsOf(a.root(), flat).size(), 2U);
  std::string slots;
  for (const Value* v : shapes.SlotsOf(a.root(), deep)) slots += v->ToJson() + " ";
  EXPECT_EQ(slots, R"({"y":2,"z":[{"w":1}]} 2 [{"w":1}] 3 )");
  for (uint64_t i = 0; i < 5000; ++i) shapes.NumberOf(a.root(), 100 + i);
  EXPECT_EQ(shapes.generation(), 1U) << "starts over rather than grow";
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
    ASSERT_LT(number, 4096U);
    ASSERT_EQ(shapes.Places(1, number, 3)->places[2], kPlaceUnknown);
    ASSERT_EQ(shapes.NumberOf(e.root(), 0), number);
  }
}

// What a place says must be what the walk through the tree finds, here and in a tree of the same
// form.
TEST(TreeShapes, PlacesAgreeWithLookup) {
  std::mt19937 random(3);
  const std::vector<std::string> names = {"a", "b", "a.b", "a.b.c", "c", "b.c", "a[0]", "d", "@n"};
  size_t direct = 0;
  size_t inner = 0;
  size_t absent = 0;
  TreeShapes shapes;
  JsonParser parser;
  for (int round = 0; round < 8000; ++round) {
    const bool deep = random() % 3 != 0;
    std::string json = "{";
    std::string other = "{";
    for (const std::string& name : names) {
      if (random() % 3 != 0) continue;
      // Of one form each.
      const std::pair<const char*, const char*> values[] = {
          {"1", "null"},
          {"null", "\"t\""},
          {"[1,{\"b\":2}]", "[]"},
          {R"({"b":{"c":5,"@n":1},"c":6})", R"({"b":{"c":"x","@n":"y"},"c":null})"},
          {R"({"b":[7],"#attributes":{"n":1}})", R"({"b":[],"#attributes":{"n":"z"}})"},
          {"\"t\"", "true"}};
      const auto& value = values[random() % 6];
      const char* const second = deep ? value.second : values[random() % 6].second;
      const std::string begin = (json.size() > 1 ? ",\"" : "\"") + name + "\":";
      json += begin + value.first;
      other += begin + second;
    }
    Event event;
    Event same_form;
    ASSERT_TRUE(parser.Parse(json + "}", &event).ok());
    ASSERT_TRUE(parser.Parse(other + "}", &same_form).ok());
    std::vector<std::pair<FieldPath, int>> paths;
    for (size_t i = 0; i <= random() % 3; ++i) {
      const std::string& name = names[random() % names.size()];
      switch (random() % 3) {
        case 0:
          paths.emplace_back(FieldPath::Parse(name).value(), 0);
          break;
        case 1:
          paths.emplace_back(FieldPath::OfNames({name, "b"}, false, random() % 2 == 0), 0);
          break;
        default:
          paths.emplace_back(FieldPath::OfXmlAttribute({name, "n"}), 0);
          break;
      }
    }
    if (deep) {
      ASSERT_EQ(event.names_token(), same_form.names_token());
    }
    const uint32_t number = shapes.NumberOf(event.root(), deep ? event.names_token() : 0);
    ASSERT_NE(number, TreeShapes::kNone);
    const int16_t place = PlaceOf(paths, event.root(), deep, shapes.SlotsOf(event.root(), number));
    for (const Event* e : {&event, &same_form}) {
      ValueArena arena;
      Value want;
      for (const auto& [path, unused] : paths) {
        want = Lookup(e->root(), path, &arena);
        if (!want.absent()) break;
      }
      if (place == kPlaceAbsent) {
        ++absent;
        EXPECT_TRUE(want.absent()) << json << " " << paths[0].first.text();
      } else if (place >= 0) {
        const auto slots = shapes.SlotsOf(e->root(), number);
        ++direct;
        if (static_cast<size_t>(place) >= e->root().members().size()) ++inner;
        EXPECT_EQ(want.ToJson(), slots[static_cast<size_t>(place)]->ToJson())
            << json << " " << paths[0].first.text();
      }
    }
  }
  EXPECT_GT(direct, 2000U);
  EXPECT_GT(inner, 200U);
  EXPECT_GT(absent, 2000U);
}

}  // namespace
}  // namespace vedette
