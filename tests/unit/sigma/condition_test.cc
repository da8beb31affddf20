#include "lib/lang/sigma/condition.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/lcg.h"

namespace vedette::sigma {
namespace {

using Kind = ConditionNode::Kind;

class Condition {
 public:
  // `prefix` is what stands before the condition in its source: its column is known by it.
  Condition(const std::string& condition, std::vector<std::string> names, size_t nesting = 64,
            const std::string& prefix = "condition: ")
      : source_{"t.yml", prefix + condition + "\n"}, text_(source_) {
    for (std::string& name : names) parts_.Add(std::move(name));
    YamlNode node;
    node.kind = YamlNode::Kind::kScalar;
    node.text = condition;
    node.span = {1, static_cast<uint32_t>(prefix.size() + 1),
                 static_cast<uint32_t>(condition.size())};
    node_ = ParseCondition(node, &parts_, nesting, &reporter_);
  }
  Condition(const Condition&) = delete;

  const std::optional<ConditionNode>& node() const { return node_; }
  const PartNames& parts() const { return parts_; }
  const std::vector<Diagnostic>& diagnostics() const { return sink_.diagnostics(); }
  // Fully bracketed.
  std::string Tree() const { return node_.has_value() ? Show(*node_) : Said(); }
  std::string Said() const {
    std::string out;
    for (const Diagnostic& d : sink_.diagnostics()) {
      out += (out.empty() ? "" : " ") + d.code + "@" + std::to_string(d.span.column - 11) + "+" +
             std::to_string(d.span.length);
    }
    return out;
  }

 private:
  std::string Show(const ConditionNode& n) const {
    std::string out;
    const auto add = [&out](const std::string& item, const std::string& joint) {
      out += out.empty() ? item : joint + item;
    };
    switch (n.kind) {
      case Kind::kNot:
        return "not " + Show(n.children.at(0));
      case Kind::kAnd:
        for (const ConditionNode& child : n.children) add(Show(child), " and ");
        return "(" + out + ")";
      case Kind::kOr:
        for (const ConditionNode& child : n.children) add(Show(child), " or ");
        return "(" + out + ")";
      case Kind::kAnyOf:
      case Kind::kAllOf:
        for (const uint32_t part : n.parts) add(parts_.names()[part], ",");
        if (n.parts.size() == 1 && n.label.empty()) return out;
        return (n.kind == Kind::kAnyOf ? "any[" : "all[") + out + "]";
    }
    return "?";
  }

  RuleSource source_;
  SigmaText text_;
  DiagnosticSink sink_;
  Reporter reporter_{&text_, &sink_, true};
  PartNames parts_;
  std::optional<ConditionNode> node_;
};

TEST(SigmaCondition, Precedence) {
  const struct {
    const char* condition;
    const char* tree;
  } kCases[] = {
      {"a", "a"},
      {"not a", "not a"},
      {"not not a", "a"},
      {"not not not a", "not a"},
      {"a or b and c", "(a or (b and c))"},
      {"a and b or c", "((a and b) or c)"},
      {"a or b and not c", "(a or (b and not c))"},
      {"not a and b", "(not a and b)"},
      {"not (a and b)", "not (a and b)"},
      {"not a or b", "(not a or b)"},
      {"(a or b) and c", "((a or b) and c)"},
      {"a and (b or c)", "(a and (b or c))"},
      {"a and b and c", "(a and b and c)"},
      {"a or b or c", "(a or b or c)"},
      {"((a))", "a"},
      {"(a)and(b)", "(a and b)"},
      {"not(a)", "not a"},
      {"a  and\tb\nor\r\nc", "((a and b) or c)"},
      {"a AND NOT b OR c", "((a and not b) or c)"},
      {"a and not 1 of b*", "(a and not b)"},
      {"not 1 of b* and c", "(not b and c)"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Condition(c.condition, {"a", "b", "c"}).Tree(), c.tree) << c.condition;
  }
}

TEST(SigmaCondition, WordsAreWholeWords) {
  // pySigma reads `notepad` as `not epad`.
  EXPECT_EQ(Condition("notepad", {"notepad", "epad"}).Tree(), "notepad");
  EXPECT_EQ(Condition("nota and orb or anda", {"nota", "orb", "anda"}).Tree(),
            "((nota and orb) or anda)");
  EXPECT_EQ(Condition("a-b and c_1", {"a-b", "c_1"}).Tree(), "(a-b and c_1)");
  EXPECT_EQ(Condition("1", {"1"}).Tree(), "1");
  EXPECT_EQ(Condition("all and any", {"all", "any"}).Tree(), "(all and any)");
  EXPECT_EQ(Condition("them", {"them"}).Tree(), "them");
  EXPECT_EQ(Condition("Not and a", {"Not", "a"}).Tree(), "(Not and a)");  // neither not nor NOT
}

TEST(SigmaCondition, Selectors) {
  const std::vector<std::string> names = {"sel",     "select", "sel_a_x", "sel_b_x",
                                          "sel_b_y", "filter", "_x",      "_y"};
  const struct {
    const char* condition;
    const char* tree;
  } kCases[] = {
      {"1 of sel_b_*", "any[sel_b_x,sel_b_y]"},
      {"any of sel_b_*", "any[sel_b_x,sel_b_y]"},
      {"all of sel_b_*", "all[sel_b_x,sel_b_y]"},
      {"ALL OF sel_b_*", "all[sel_b_x,sel_b_y]"},
      {"1 OF sel_b_*", "any[sel_b_x,sel_b_y]"},
      // The wildcard stands anywhere, and more than once.
      {"all of sel_*_x", "all[sel_a_x,sel_b_x]"},
      {"1 of *_x", "any[sel_a_x,sel_b_x]"},
      {"1 of *_b_*", "any[sel_b_x,sel_b_y]"},
      {"1 of s*_*y", "sel_b_y"},
      {"1 of sel**x", "any[sel_a_x,sel_b_x]"},
      // Without one it is the name and no prefix.
      {"1 of sel", "sel"},
      {"all of sel", "sel"},
      // Names with an underscore are left out, unless they are asked for.
      {"1 of them", "any[sel,select,sel_a_x,sel_b_x,sel_b_y,filter]"},
      {"all of THEM", "all[sel,select,sel_a_x,sel_b_x,sel_b_y,filter]"},
      {"all of *", "all[sel,select,sel_a_x,sel_b_x,sel_b_y,filter]"},
      {"1 of _*", "any[_x,_y]"},
      {"1 of _x", "_x"},
      {"_x", "_x"},
      {"not all of sel_b_*", "not all[sel_b_x,sel_b_y]"},
      {"sel and not 1 of filter*", "(sel and not filter)"},
  };
  for (const auto& c : kCases)
    EXPECT_EQ(Condition(c.condition, names).Tree(), c.tree) << c.condition;
  // Patterns are as exact as names.
  EXPECT_EQ(Condition("1 of SEL*", names).Said().substr(0, 7), "SIG0032");
}

TEST(SigmaCondition, SelectorsSayWhatTheyAre) {
  const Condition c("1 of s*", {"s1", "s2"});
  ASSERT_TRUE(c.node().has_value());
  EXPECT_EQ(c.node()->label, "1 of s*");
}

TEST(SigmaCondition, ErrorsAndTheirPlaces) {
  const struct {
    const char* condition;
    const char* said;  // code@column+length, columns from 1 within the condition
  } kCases[] = {
      {"", "SIG0030@1+0"},
      {"a and", "SIG0030@6+0"},
      {"a and not", "SIG0030@10+0"},
      {"and a", "SIG0030@1+3"},
      {"a and or b", "SIG0030@7+2"},
      {"a b", "SIG0030@3+1"},
      {"a (b)", "SIG0030@3+1"},
      {"(a", "SIG0030@1+1"},
      {"a and (b or (c)", "SIG0030@7+1"},
      {"a)", "SIG0030@2+1"},
      {"()", "SIG0030@2+1"},
      {"a & b", "SIG0030@3+1"},
      {"a, b", "SIG0030@2+1"},
      {"sel* and a", "SIG0030@1+4"},  // a pattern needs a count
      {"a and nosuch", "SIG0031@7+6"},
      {"x and a or y", "SIG0031@1+1 SIG0031@12+1"},  // every one of them
      {"A", "SIG0031@1+1"},                          // names are exact
      {"a and 1 of x*", "SIG0032@12+2"},
      {"1 of nosuch", "SIG0032@6+6"},
      {"2 of a*", "SIG0030@1+1"},
      {"some of a*", "SIG0030@1+4"},
      {"1 of", "SIG0030@5+0"},
      {"1 of (a)", "SIG0030@6+1"},
      {"1 of )", "SIG0030@6+1"},
      {"a and of", "SIG0030@7+2"},
      {"a and them", "SIG0030@7+4"},
      {"a | count() > 5", "SIG0033@3+1"},
      {"(a | near b)", "SIG0033@4+1"},
      {"1 of a* | count() > 5", "SIG0033@9+1"},
      {"1 of | count()", "SIG0033@6+1"},
  };
  for (const auto& c : kCases) {
    const Condition condition(c.condition, {"a", "b", "c"});
    EXPECT_FALSE(condition.node().has_value()) << c.condition;
    // The place after the last character has no length of its own in the line.
    std::string said = condition.Said();
    EXPECT_EQ(said, c.said) << c.condition;
  }
}

TEST(SigmaCondition, SlipsGetASuggestion) {
  const Condition name("selecton", {"selection", "filter"});
  ASSERT_EQ(name.diagnostics().size(), 1U);
  EXPECT_NE(name.diagnostics()[0].hint.find("'selection'"), std::string::npos);
  const Condition pattern("1 of fliter", {"selection", "filter"});
  ASSERT_EQ(pattern.diagnostics().size(), 1U);
  EXPECT_NE(pattern.diagnostics()[0].hint.find("'filter'"), std::string::npos);
}

TEST(SigmaCondition, ManyUnknownNamesAreToldBriefly) {
  std::string text = "x0";
  for (int i = 1; i < 5000; ++i) text += " or x" + std::to_string(i);
  const Condition c(text, {"a"});
  EXPECT_FALSE(c.node().has_value());
  EXPECT_GE(c.diagnostics().size(), 5U);
  EXPECT_LE(c.diagnostics().size(), 30U);
}

TEST(SigmaCondition, NestingLimit) {
  EXPECT_EQ(Condition("(((a)))", {"a"}, 3).Tree(), "a");
  EXPECT_EQ(Condition("((((a))))", {"a"}, 3).Said(), "SIG0035@4+1");
  // Brackets side by side do not nest.
  EXPECT_EQ(Condition("(a) or (a) or (a) or (a)", {"a"}, 1).Tree(), "(a or a or a or a)");
}

TEST(SigmaCondition, DeepNestingIsNoCrash) {
  const std::string open(300000, '(');
  EXPECT_EQ(Condition(open, {"a"}).Said().substr(0, 7), "SIG0035");
  EXPECT_EQ(Condition(open + "a" + std::string(300000, ')'), {"a"}).Said().substr(0, 7), "SIG0035");
  std::string not_open;
  std::string nots;
  for (int i = 0; i < 100000; ++i) {
    not_open += "not (";
    nots += "not ";
  }
  EXPECT_EQ(Condition(not_open, {"a"}).Said().substr(0, 7), "SIG0035");
  EXPECT_EQ(Condition(nots + "a", {"a"}).Tree(), "a");  // an even number of them
  std::string chain = "a";
  for (int i = 0; i < 50000; ++i) chain += i % 2 == 0 ? " and a" : " or a";
  EXPECT_TRUE(Condition(chain, {"a"}).node().has_value());
}

TEST(SigmaCondition, HugePatternsAreRefused) {
  EXPECT_EQ(Condition("1 of " + std::string(100000, '*') + "b", {"aaaa"}).Said().substr(0, 7),
            "SIG0006");
}

TEST(SigmaCondition, PartsThatAreUsedAreMarked) {
  const Condition c("a and not 1 of f*", {"a", "b", "f1", "f2", "g"});
  std::string used;
  for (uint32_t i = 0; i < c.parts().names().size(); ++i) {
    if (c.parts().used(i)) used += c.parts().names()[i] + " ";
  }
  EXPECT_EQ(used, "a f1 f2 ");
}

TEST(SigmaCondition, HasNot) {
  const std::vector<std::string> names = {"a", "b", "c"};
  EXPECT_FALSE(HasNot(*Condition("a or (b and 1 of c*)", names).node()));
  EXPECT_TRUE(HasNot(*Condition("not a", names).node()));
  EXPECT_TRUE(HasNot(*Condition("a or (b and (c or not a))", names).node()));
  EXPECT_FALSE(HasNot(*Condition("not not a", names).node()));
}

// A glob against a definition that tries every way.
bool SlowGlob(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] != '*') {
    return !text.empty() && text[0] == pattern[0] && SlowGlob(pattern.substr(1), text.substr(1));
  }
  for (size_t n = 0; n <= text.size(); ++n) {
    if (SlowGlob(pattern.substr(1), text.substr(n))) return true;
  }
  return false;
}

TEST(SigmaPartNames, PatternsMatchWhatTheySay) {
  testing::Lcg random(5);
  const auto word = [&random](const std::string& alphabet) {
    std::string out;
    for (uint32_t n = 1 + (random.Next() >> 4) % 7; n > 0; --n) out += random.Of(alphabet);
    return out;
  };
  size_t hits = 0;
  for (int round = 0; round < 3000; ++round) {
    const std::string pattern = word("ab**_");
    PartNames parts;
    std::vector<uint32_t> expected;
    for (uint32_t i = 0; i < 8; ++i) {
      const std::string name = word("ab_");
      parts.Add(name);
      const bool hidden = name[0] == '_' && pattern[0] != '_';
      if (!hidden && SlowGlob(pattern, name)) expected.push_back(i);
    }
    const auto found = parts.Match(pattern);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(*found, expected) << pattern;
    hits += expected.size();
  }
  EXPECT_GT(hits, 1000U);  // else the loop tested nothing
}

TEST(SigmaPartNames, TooMuchWorkIsRefused) {
  PartNames parts;
  for (int i = 0; i < 2000; ++i) parts.Add(std::string(500, 'a') + std::to_string(i));
  const std::string pattern = "*" + std::string(200, 'a') + "*b";
  bool refused = false;
  for (int i = 0; i < 1000 && !refused; ++i) refused = !parts.Match(pattern).has_value();
  EXPECT_TRUE(refused);
}

TEST(SigmaPartNames, FindIsExact) {
  PartNames parts;
  EXPECT_EQ(parts.Add("sel"), 0U);
  EXPECT_EQ(parts.Add("filter"), 1U);
  ASSERT_NE(parts.Find("filter"), nullptr);
  EXPECT_EQ(*parts.Find("filter"), 1U);
  EXPECT_EQ(parts.Find("fil"), nullptr);
  EXPECT_EQ(parts.Find("Sel"), nullptr);
  EXPECT_EQ(parts.Find(""), nullptr);
}

}  // namespace
}  // namespace vedette::sigma
