#include "lib/json/known_names.h"

#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace vedette {
namespace {

using Node = KnownNames::Node;

// The token of an object with these names; 0 if one of them is not recognised.
uint64_t TokenOfNames(KnownNames* names, const std::vector<std::string>& object) {
  names->Begin();
  Node node = KnownNames::kStart;
  for (const std::string& name : object) {
    const std::string raw = name + "\":1}";
    const KnownNames::Name* known = names->Recognise(raw.data(), raw.data() + raw.size(), &node);
    if (known == nullptr) return 0;
    EXPECT_EQ(known->text, name);
    EXPECT_EQ(known->spaced, name.find(' ') != std::string::npos);
  }
  return names->TokenOf(node);
}

TEST(KnownNames, OneTokenForTheSameSequence) {
  KnownNames names(nullptr);
  std::set<uint64_t> tokens;
  const std::vector<std::vector<std::string>> objects = {
      {}, {"a"}, {"b"}, {"a", "b"}, {"b", "a"}, {"a", "a"}, {"ab"}, {"a b", ""}, {"a", "b", "c"}};
  for (const auto& object : objects) tokens.insert(TokenOfNames(&names, object));
  EXPECT_EQ(tokens.size(), objects.size());
  for (int i = 0; i < 2; ++i) {
    for (const auto& object : objects) EXPECT_TRUE(tokens.contains(TokenOfNames(&names, object)));
  }
  KnownNames others(nullptr);
  for (const auto& object : objects) EXPECT_FALSE(tokens.contains(TokenOfNames(&others, object)));
}

// The text after the name decides where it ends, not what came last time.
TEST(KnownNames, NamesThatBeginOtherNames) {
  KnownNames names(nullptr);
  const uint64_t longer = TokenOfNames(&names, {"user", "process"});
  const uint64_t shorter = TokenOfNames(&names, {"use", "proc"});
  EXPECT_NE(longer, shorter);
  EXPECT_EQ(TokenOfNames(&names, {"user", "process"}), longer);
  EXPECT_EQ(TokenOfNames(&names, {"use", "proc"}), shorter);
}

TEST(KnownNames, LeavesEscapesAndLongNamesAlone) {
  KnownNames names(nullptr);
  EXPECT_EQ(TokenOfNames(&names, {"a\\u0041"}), 0U);
  EXPECT_EQ(TokenOfNames(&names, {std::string(200, 'x')}), 0U);
  Node node = KnownNames::kStart;
  const std::string cut = "abc";  // the text ends within the name
  EXPECT_EQ(names.Recognise(cut.data(), cut.data() + cut.size(), &node), nullptr);
  TokenOfNames(&names, {"abcdef"});
  EXPECT_EQ(names.Recognise(cut.data(), cut.data() + cut.size(), &node), nullptr);
}

TEST(KnownNames, MarksTellFormsApart) {
  using Mark = KnownNames::Mark;
  KnownNames names(nullptr);
  const auto token = [&names](const std::vector<int>& steps) {
    names.Begin();
    Node node = KnownNames::kStart;
    for (const int step : steps) {
      if (step < 3) {
        names.Pass(static_cast<Mark>(step), &node);
      } else {
        const std::string raw = std::string(1, static_cast<char>('a' + step)) + "\":";
        names.Recognise(raw.data(), raw.data() + raw.size(), &node);
      }
    }
    return names.TokenOf(node);
  };
  // {"d":{"e":1}}, {"d":{},"e":1}, {"d":1,"e":1}, {"d":[],"e":1}
  const std::vector<std::vector<int>> forms = {{3, 0, 4, 1}, {3, 0, 1, 4}, {3, 4}, {3, 2, 4}};
  std::set<uint64_t> tokens;
  for (int i = 0; i < 2; ++i) {
    for (const auto& form : forms) tokens.insert(token(form));
  }
  EXPECT_EQ(tokens.size(), forms.size());
}

TEST(KnownNames, StartsOverRatherThanGrow) {
  KnownNames names(nullptr);
  const uint64_t first = TokenOfNames(&names, {"a", "b"});
  for (int i = 0; i < 70000; ++i) TokenOfNames(&names, {"n" + std::to_string(i)});
  EXPECT_NE(TokenOfNames(&names, {"a", "b"}), first) << "the same names, counted anew";
  std::vector<std::string> wide;
  for (int i = 0; i < 140000; ++i) wide.push_back("m" + std::to_string(i));
  EXPECT_EQ(TokenOfNames(&names, wide), 0U) << "bounded within one event, too";
}

}  // namespace
}  // namespace vedette
