#include "lib/lang/elastic/kql.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::inline v0::elastic {
namespace {

using Kind = KqlNode::Kind;

// Quoted literals as "x", wildcards as %.
std::string Show(const KqlLiteral& literal) {
  std::string out = literal.quoted ? "\"" : "";
  for (size_t i = 0; i < literal.parts.size(); ++i) {
    if (i > 0) out += '%';
    out += literal.parts[i];
  }
  return out + (literal.quoted ? "\"" : "");
}

// (& a b), (| a b), !a, f:v, f:(| v w), f<5, f{...}; the empty query is ALL.
std::string Show(const KqlNode& node) {
  std::string children;
  for (const KqlNode& child : node.children) children += " " + Show(child);
  switch (node.kind) {
    case Kind::kMatchAll:
      return "ALL";
    case Kind::kAnd:
      return "(&" + children + ")";
    case Kind::kOr:
      return "(|" + children + ")";
    case Kind::kNot:
      return "!" + children.substr(1);
    case Kind::kValue:
      return Show(node.value);
    case Kind::kField:
      return Show(node.field) + ":" + children.substr(1);
    case Kind::kRange: {
      constexpr std::string_view kMarks[] = {"<", "<=", ">", ">="};
      return Show(node.field) + std::string(kMarks[static_cast<size_t>(node.range)]) +
             Show(node.value);
    }
    case Kind::kNested:
      return Show(node.field) + "{" + children.substr(1) + "}";
  }
  return "?";
}

struct Good {
  std::string_view query;
  std::string_view tree;
};

constexpr Good kGood[] = {
    // Nothing, everything.
    {"", "ALL"},
    {"  \t\n ", "ALL"},
    {"*", "%"},
    {"*:*", "%:%"},
    // Fields and values.
    {"a:b", "a:b"},
    {"a : b", "a:b"},
    {"  a:b  ", "a:b"},
    {"a:\nb", "a:b"},
    {"process.name: cmd.exe", "process.name:cmd.exe"},
    {"a: \"b\"", "a:\"b\""},
    {"a: \"\"", "a:\"\""},
    {"\"a b\": c", "\"a b\":c"},
    {"a b: c", "a b:c"},
    {"a: 10", "a:10"},
    {"a: -1.5", "a:-1.5"},
    {"a: true", "a:true"},
    {"a: b-c_d/e@f,g;h=i", "a:b-c_d/e@f,g;h=i"},
    {"a: C:\\\\Windows", "ERROR"},
    {"a: C\\:\\\\Windows", "a:C:\\Windows"},
    {"a: [x]", "a:[x]"},
    {"a: ?", "a:?"},
    {"a: \xC3\xA9t\xC3\xA9", "a:\xC3\xA9t\xC3\xA9"},
    // Several words are one value.
    {"a: b c", "a:b c"},
    {"a:   b  c   ", "a:b  c"},
    {"a: b c and d: e", "(& a:b c d:e)"},
    {"quick brown fox", "quick brown fox"},
    {"quick and brown", "(& quick brown)"},
    {"\"quick brown\"", "\"quick brown\""},
    // Escapes in unquoted text.
    {"a: \\(b\\)", "a:(b)"},
    {"a: \\\"b\\\"", "a:\"b\""},
    {"a: \\{b\\}\\<\\>", "a:{b}<>"},
    {"a: b\\*c", "a:b*c"},
    {"a: b\\tc\\rd\\ne", "a:b\tc\rd\ne"},
    {"a: \\u0041\\u00e9", "a:A\xC3\xA9"},
    {"a: \\uD83D\\uDE00", "a:\xF0\x9F\x98\x80"},
    {"a: \\uD83D", "a:\xEF\xBF\xBD"},
    {"a: \\and", "a:and"},
    {"a: \\OR b", "a:OR b"},
    {"a: \\not", "a:not"},
    {"a: \\not b", "a:not b"},
    {"a: \\nothing", "a:\nothing"},
    {"a: x \\and y", "a:x and y"},
    {"a: (\\or)", "a:or"},
    // Escapes in quotes: what is none stays as it is.
    {R"(a: "b\"c")", "a:\"b\"c\""},
    {R"(a: "b\\c")", "a:\"b\\c\""},
    {R"(a: "C:\Windows\system32")", "a:\"C:\\Windows\\system32\""},
    {R"(a: "x\ty")", "a:\"x\ty\""},
    {R"(a: "x\u00e9\u12")", "a:\"x\xC3\xA9\\u12\""},
    {R"(a: "b*c")", "a:\"b*c\""},
    {R"(a: "x and y")", "a:\"x and y\""},
    {"a: \"x\ny\"", "a:\"x\ny\""},
    // Wildcards.
    {"a: *", "a:%"},
    {"a: **", "a:%%"},
    {"a: *b", "a:%b"},
    {"a: b*", "a:b%"},
    {"a: b*c*d", "a:b%c%d"},
    {"a: b *c", "a:b %c"},
    {"a: b* c", "a:b% c"},
    {"a: \\**", "a:*%"},
    {"a.*: b", "a.%:b"},
    {"*: b", "%:b"},
    {"*or x", "%or x"},
    // Words that look like keywords and are none.
    {"a: android", "a:android"},
    {"a: order", "a:order"},
    {"a: nothing", "a:nothing"},
    {"a: cannot do", "a:cannot do"},
    {"a: not*", "a:not%"},
    {"and: b", "and:b"},
    {"a: x-and-y", "a:x-and-y"},
    {"or > 1", "ERROR"},
    {"or>1", "or>1"},
    // Combinations.
    {"a:1 and b:2", "(& a:1 b:2)"},
    {"a:1 AND b:2", "(& a:1 b:2)"},
    {"a:1 aNd b:2", "(& a:1 b:2)"},
    {"a:1 or b:2 or c:3", "(| a:1 b:2 c:3)"},
    {"a:1 or b:2 and c:3", "(| a:1 (& b:2 c:3))"},
    {"a:1 and b:2 or c:3", "(| (& a:1 b:2) c:3)"},
    {"(a:1 or b:2) and c:3", "(& (| a:1 b:2) c:3)"},
    {"a:1 and (b:2 and c:3)", "(& a:1 (& b:2 c:3))"},
    {"not a:1", "!a:1"},
    {"NOT a:1 and b:2", "(& !a:1 b:2)"},
    {"not (a:1 and b:2)", "!(& a:1 b:2)"},
    {"not(a:1)", "!a:1"},
    {"not not a:1", "!!a:1"},
    {"((a:1))", "a:1"},
    {"( a:1 )", "a:1"},
    {"(a:1)or(b:2)", "(| a:1 b:2)"},
    {"\"a\"or\"b\"", "(| \"a\" \"b\")"},
    {"a:1\nand\nb:2", "(& a:1 b:2)"},
    // Lists of values.
    {"a: (b)", "a:b"},
    {"a: (b or c)", "a:(| b c)"},
    {"a: (b and c)", "a:(& b c)"},
    {"a: (not b)", "a:!b"},
    {"a: (b or c and not d)", "a:(| b (& c !d))"},
    {"a: ((b or c) and not (d or e))", "a:(& (| b c) !(| d e))"},
    {"a: (b c or \"d e\" or f*)", "a:(| b c \"d e\" f%)"},
    {"a:(b or c) and d:e", "(& a:(| b c) d:e)"},
    // Ranges.
    {"a < 1", "a<1"},
    {"a<=1", "a<=1"},
    {"a > 1 and a >= 2", "(& a>1 a>=2)"},
    {"a >= \"2020-01-01\"", "a>=\"2020-01-01\""},
    {"@timestamp > now-5m", "@timestamp>now-5m"},
    {"not a < 5", "!a<5"},
    // Elements of lists.
    {"a: { b: c }", "a{b:c}"},
    {"a:{b:c and d > 1}", "a{(& b:c d>1)}"},
    {"a: { b: { c: d } or not e: * }", "a{(| b{c:d} !e:%)}"},
    {"a: { b: (c or d) } and e: f", "(& a{b:(| c d)} e:f)"},
};

TEST(Kql, Trees) {
  for (const Good& row : kGood) {
    SCOPED_TRACE(row.query);
    KqlErrors errors;
    const auto node = ParseKql(row.query, &errors);
    if (row.tree == "ERROR") {
      EXPECT_FALSE(node.has_value());
      EXPECT_FALSE(errors.empty());
      continue;
    }
    ASSERT_TRUE(node.has_value()) << (errors.empty() ? "" : errors[0].message);
    EXPECT_TRUE(errors.empty());
    EXPECT_EQ(Show(*node), row.tree);
    const auto again = ParseKql(PrintKql(*node), &errors);
    ASSERT_TRUE(again.has_value()) << PrintKql(*node);
    EXPECT_EQ(*again, *node) << PrintKql(*node);
  }
}

struct Bad {
  std::string_view query;
  size_t offset;
  size_t length;
  std::string_view message;
};

constexpr Bad kBad[] = {
    {"a:", 2, 0, "expected a value, '(' or '{' after ':', found the end of the query"},
    {"a: and b: c", 3, 3, "expected a value, '(' or '{' after ':', found 'and'"},
    {"a: not b", 3, 3, "expected a value, '(' or '{' after ':', found 'not'"},
    {"a: or", 3, 2, "expected a value, '(' or '{' after ':', found 'or'"},
    {":b", 0, 1, "expected a field, a value, 'not' or '(', found ':'"},
    {"and a:b", 0, 3, "expected a field, a value, 'not' or '(', found 'and'"},
    {"a:b and", 7, 0, "expected a field, a value, 'not' or '(', found the end of the query"},
    {"a:b or or c:d", 7, 2, "expected a field, a value, 'not' or '(', found 'or'"},
    {"a:b and and", 8, 3, "expected a field, a value, 'not' or '(', found 'and'"},
    {"not", 3, 0, "expected a field, a value, 'not' or '(', found the end of the query"},
    {"()", 1, 1, "expected a field, a value, 'not' or '(', found ')'"},
    {"(a:b", 0, 1, "'(' is not closed"},
    {"a:b)", 3, 1, "')' without '('"},
    {"a:b}", 3, 1, "'}' without '{'"},
    {"a:(b", 2, 1, "'(' is not closed"},
    {"a:()", 3, 1, "expected a value or '(', found ')'"},
    {"a:(b or)", 7, 1, "expected a value or '(', found ')'"},
    {"a:(b: c)", 4, 1, "expected 'and' or 'or', found ':'"},
    {"a:{}", 3, 1, "expected a field, a value, 'not' or '(', found '}'"},
    {"a:{b:c", 2, 1, "'{' is not closed"},
    {"a {b:c}", 2, 1, "expected 'and' or 'or', found '{'"},
    {"a:b (c or d)", 4, 1, "expected 'and' or 'or', found '('"},
    {"a:b \"c\"", 4, 3, "expected 'and' or 'or', found '\"c\"'"},
    {"\"a\" b", 4, 1, "expected 'and' or 'or', found 'b'"},
    {"a:b not c:d", 4, 3, "expected 'and' or 'or', found 'not'"},
    {"a:b:c", 3, 1, "expected 'and' or 'or', found ':'"},
    {"url: http://x", 9, 1, "expected 'and' or 'or', found ':'"},
    {"a < ", 4, 0, "expected a value to compare with, found the end of the query"},
    {"a < (1)", 4, 1, "expected a value to compare with, found '('"},
    {"a > 1*", 4, 2, "a comparison takes no wildcard"},
    {"a < b > c", 6, 1, "expected 'and' or 'or', found '>'"},
    {"a: \"b", 3, 1, "the quoted text is not closed"},
    {"a: C\\Windows", 4, 2, "an unquoted value has no such escape"},
    {"a: b\\", 4, 1, "an unquoted value has no such escape"},
    {"a: \\u12", 3, 2, "an unquoted value has no such escape"},
    {"a: {b: c)", 3, 1, "'{' is not closed"},
};

TEST(Kql, Errors) {
  for (const Bad& row : kBad) {
    SCOPED_TRACE(row.query);
    KqlErrors errors;
    EXPECT_FALSE(ParseKql(row.query, &errors).has_value());
    ASSERT_FALSE(errors.empty());
    EXPECT_EQ(errors[0].message, row.message);
    EXPECT_EQ(errors[0].offset, row.offset);
    EXPECT_EQ(errors[0].length, row.length);
    EXPECT_FALSE(errors[0].unsupported);
    for (const KqlError& error : errors) {
      EXPECT_LE(error.offset + error.length, row.query.size());
    }
  }
}

TEST(Kql, OneErrorEachForIndependentSlips) {
  KqlErrors errors;
  EXPECT_FALSE(ParseKql("a: and (b c: ) or d: {e f:} and g:h i:j", &errors).has_value());
  ASSERT_EQ(errors.size(), 4U);
  EXPECT_EQ(errors[0].offset, 3U);
  EXPECT_EQ(errors[1].offset, 13U);
  EXPECT_EQ(errors[2].offset, 26U);
  EXPECT_EQ(errors[3].offset, 37U);
}

TEST(Kql, HintsAtQuotes) {
  KqlErrors errors;
  EXPECT_FALSE(ParseKql("url: http://x", &errors).has_value());
  EXPECT_NE(errors[0].hint.find("quotes"), std::string::npos);
}

TEST(Kql, Places) {
  KqlErrors errors;
  const auto node = ParseKql("a: (b or c) and not d < 5", &errors);
  ASSERT_TRUE(node.has_value());
  EXPECT_EQ(node->offset, 0U);
  EXPECT_EQ(node->length, 25U);
  const KqlNode& field = node->children[0];
  EXPECT_EQ(field.offset, 0U);
  EXPECT_EQ(field.length, 11U);
  EXPECT_EQ(field.children[0].children[1].offset, 9U);
  EXPECT_EQ(field.children[0].children[1].length, 1U);
  const KqlNode& inverted = node->children[1];
  EXPECT_EQ(inverted.offset, 16U);
  EXPECT_EQ(inverted.children[0].offset, 20U);
  EXPECT_EQ(inverted.children[0].length, 5U);
}

std::string Repeat(std::string_view text, size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) out += text;
  return out;
}

TEST(Kql, NestingIsLimited) {
  KqlErrors errors;
  for (const std::string_view open : {"(", "not ", "a:{"}) {
    const std::string_view close = open == "(" ? ")" : open == "a:{" ? "}" : "";
    EXPECT_TRUE(ParseKql(Repeat(open, 128) + "a:b" + Repeat(close, 128), &errors).has_value());
    EXPECT_TRUE(errors.empty());
    EXPECT_FALSE(ParseKql(Repeat(open, 129) + "a:b" + Repeat(close, 129), &errors).has_value());
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(errors[0].message, "nested deeper than 128 levels");
    EXPECT_EQ(errors[0].offset, 128 * open.size() + (open == "a:{" ? 2 : 0));
    errors.clear();
    EXPECT_FALSE(ParseKql(Repeat(open, 100000), &errors).has_value());
    EXPECT_EQ(errors.size(), 1U);
    errors.clear();
  }
  // One beside the other is no nesting.
  EXPECT_TRUE(ParseKql(Repeat("(a:b) and not ", 1000) + "c", &errors).has_value());
}

TEST(Kql, SizeIsLimited) {
  KqlErrors errors;
  EXPECT_TRUE(ParseKql(std::string(kMaxKqlBytes, 'a'), &errors).has_value());
  EXPECT_FALSE(ParseKql(std::string(kMaxKqlBytes + 1, 'a'), &errors).has_value());
  ASSERT_EQ(errors.size(), 1U);
}

TEST(Kql, ErrorsAreLimited) {
  for (const std::string_view text : {"a: and ", ") ", "\\q", "a b:c ", "\" \"", "(] : "}) {
    KqlErrors errors;
    EXPECT_FALSE(ParseKql(Repeat(text, 50000), &errors).has_value());
    EXPECT_GE(errors.size(), 1U);
    EXPECT_LE(errors.size(), 20U);
  }
}

// ---- Printing ------------------------------------------------------------------------------

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  KqlNode Query() { return Below(50) == 0 ? KqlNode() : Node(4, false); }

 private:
  size_t Below(size_t n) { return random_() % n; }

  KqlNode Node(size_t depth, bool in_list) {
    KqlNode node;
    const size_t choice = Below(depth == 0 ? 4 : 9);
    if (choice >= 5 && choice <= 7) {
      node.kind = choice == 5 ? Kind::kAnd : choice == 6 ? Kind::kOr : Kind::kNot;
      const size_t children = node.kind == Kind::kNot ? 1 : 2 + Below(3);
      for (size_t i = 0; i < children; ++i) node.children.push_back(Node(depth - 1, in_list));
    } else if (in_list || choice == 0) {
      node.kind = Kind::kValue;
      node.value = Literal(true);
    } else if (choice == 1) {
      node.kind = Kind::kRange;
      node.range = static_cast<KqlRange>(Below(4));
      node.field = Literal(true);
      node.value = Literal(false);
    } else {
      node.kind = choice == 8 ? Kind::kNested : Kind::kField;
      node.field = Literal(true);
      node.children.push_back(Node(depth == 0 ? 0 : depth - 1, node.kind == Kind::kField));
    }
    return node;
  }

  std::string Text() {
    static constexpr std::string_view kPieces[] = {
        "a",  "host.name", "and", "or",   "not", "AND", " ", "  ",    "\\", "(",
        ")",  ":",         "<",   ">",    "\"",  "{",   "}", "*",     "\t", "\n",
        "\r", "\xC3\xA9",  "ot",  "4624", "?",   "u",   "t", "\\not", "[0]"};
    std::string out;
    for (size_t i = Below(6); i > 0; --i) out += kPieces[Below(std::size(kPieces))];
    return out;
  }

  KqlLiteral Literal(bool wildcards) {
    KqlLiteral literal;
    literal.quoted = Below(3) == 0;
    literal.parts = {Text()};
    if (literal.quoted) return literal;
    for (size_t i = wildcards ? Below(3) : 0; i > 0; --i) literal.parts.push_back(Text());
    if (literal.parts.size() == 1 && literal.parts[0].empty()) literal.parts[0] = "x";
    return literal;
  }

  std::mt19937 random_;
};

TEST(Kql, PrintedTreesReadBack) {
  Generator generator(20240607);
  for (int i = 0; i < 5000; ++i) {
    const KqlNode node = generator.Query();
    const std::string text = PrintKql(node);
    KqlErrors errors;
    const auto again = ParseKql(text, &errors);
    ASSERT_TRUE(again.has_value()) << text << "\n" << errors[0].message;
    ASSERT_EQ(*again, node) << text << "\n" << Show(node) << "\n" << Show(*again);
    ASSERT_EQ(PrintKql(*again), text);
  }
}

}  // namespace
}  // namespace vedette::inline v0::elastic
