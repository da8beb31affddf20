#include "lib/lang/elastic/kql_lower.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/ir/verifier.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontend.h"
#include "vedette/json.h"

namespace vedette::inline v0::elastic {
namespace {

std::optional<Formula> Lower(std::string_view query, KqlErrors* errors,
                             const KqlLowerOptions& options = {}) {
  const auto node = ParseKql(query, errors);
  return node.has_value() ? LowerKql(*node, options, errors) : std::nullopt;
}

// Wildcards as %, an "i" behind a pattern that ignores case.
std::string Show(const TextPattern& pattern) {
  std::string out = "'";
  for (const PatternPiece& piece : pattern.pieces) {
    out += piece.kind == PatternPiece::Kind::kAnyRun ? "%" : piece.text;
  }
  return out + (pattern.cased ? "'" : "'i");
}

std::string Show(const Predicate& p) {
  switch (p.op) {
    case PredicateOp::kExists:
      return p.field + " exists";
    case PredicateOp::kIsNull:
      return p.field + " null";
    case PredicateOp::kText:
      return p.field + "=" + Show(p.pattern);
    case PredicateOp::kNumberEq:
      return p.field + "==" + p.number.Text();
    case PredicateOp::kNumberLt:
      return p.field + "<" + p.number.Text();
    case PredicateOp::kNumberLe:
      return p.field + "<=" + p.number.Text();
    case PredicateOp::kNumberGt:
      return p.field + ">" + p.number.Text();
    case PredicateOp::kNumberGe:
      return p.field + ">=" + p.number.Text();
    case PredicateOp::kCidr:
      return p.field + " in " + FormatCidr(p.cidr);
    case PredicateOp::kKeyword:
      return Show(p.pattern);
    default:
      return "?";
  }
}

std::string Show(const Formula& f) {
  std::string children;
  for (const Formula& child : f.children) children += " " + Show(child);
  switch (f.kind) {
    case NodeKind::kTrue:
      return "TRUE";
    case NodeKind::kFalse:
      return "FALSE";
    case NodeKind::kPredicate:
      return "[" + Show(f.predicate) + "]";
    case NodeKind::kAnd:
      return "(&" + children + ")";
    case NodeKind::kOr:
      return "(|" + children + ")";
    case NodeKind::kNot:
      return "!" + children.substr(1);
    case NodeKind::kEach:
      return f.field + "{" + children.substr(1) + "}";
  }
  return "?";
}

struct Row {
  std::string_view query;
  std::string_view formula;
};

constexpr Row kFormulas[] = {
    {"", "TRUE"},
    {"*", "TRUE"},
    {"*:*", "TRUE"},
    {"not *", "!TRUE"},
    {"a: b", "[a='b']"},
    {"a: \"b\"", "[a='b']"},
    {"a: \"\"", "[a='']"},
    {"a: b*c", "[a='b%c']"},
    {"a: **b", "[a='%b']"},
    {"a: \"b*\"", "[a='b*']"},
    {"a: b c", "[a='b c']"},
    {"a: true", "[a='true']"},
    {"a: \"null\"", "[a='null']"},
    {"a: nullable", "[a='nullable']"},
    {"a: *", "[a='%']"},
    {"not a: *", "![a='%']"},
    {"a: (* and not b)", "(& [a='%'] ![a='b'])"},
    // Numbers.
    {"a: 4624", "[a==4624]"},
    {"a: -5", "[a==-5]"},
    {"a: 1.5", "[a==1.5]"},
    {"a: 1.0", "(| [a==1] [a='1.0'])"},
    {"a: 007", "(| [a==7] [a='007'])"},
    {"a: 1e3", "(| [a==1000] [a='1e3'])"},
    {"a: \"4624\"", "[a='4624']"},
    {"a: 46*", "[a='46%']"},
    {"a: 1.2.3", "[a='1.2.3']"},
    {"a: 0x10", "[a='0x10']"},
    {"a: nan", "[a='nan']"},
    {"a: 5.", "[a='5.']"},
    {"a: 12345678901234567890", "[a='12345678901234567890']"},
    // Addresses.
    {"ip: 10.0.0.0/8", "(| [ip in 10.0.0.0/8] [ip='10.0.0.0/8'])"},
    {"ip: \"10.0.0.0/8\"", "(| [ip in 10.0.0.0/8] [ip='10.0.0.0/8'])"},
    {"ip: 10.1.2.3/8", "(| [ip in 10.0.0.0/8] [ip='10.1.2.3/8'])"},
    {"ip: \"fe80::1/10\"", "(| [ip in fe80::/10] [ip='fe80::1/10'])"},
    {"ip: \"::1\"", "[ip in ::1/128]"},
    {"ip: 10.0.0.1", "[ip='10.0.0.1']"},
    {"ip: 10.0.0.0/33", "[ip='10.0.0.0/33']"},
    {"ip: 10.0.0.*", "[ip='10.0.0.%']"},
    {"a: a/b", "[a='a/b']"},
    // Ranges.
    {"a < 1", "[a<1]"},
    {"a <= 1.5", "[a<=1.5]"},
    {"a > -1", "[a>-1]"},
    {"a >= \"7\"", "[a>=7]"},
    // Combinations.
    {"a:b and c:d or e:f", "(| (& [a='b'] [c='d']) [e='f'])"},
    {"a: (b or c and not d)", "(| [a='b'] (& [a='c'] ![a='d']))"},
    {"not (a:b or c:d)", "!(| [a='b'] [c='d'])"},
    // Elements.
    {"a: { b: c and d > 1 }", "a{(& [b='c'] [d>1])}"},
    {"a: { b: { c: d } }", "a{b{[c='d']}}"},
    {"a: { * }", "a{TRUE}"},
    // Any field.
    {"mimikatz", "['mimikatz'i]"},
    {"\"two words\"", "['two words'i]"},
    {"mimi*", "['mimi%'i]"},
    {"4624", "['4624'i]"},
    {"*: x", "['x'i]"},
    {"*: (x or not y)", "(| ['x'i] !['y'i])"},
    // Names of fields.
    {"\"a b\": c", "[a b='c']"},
    {"a[0]: c", "[a\\[0\\]='c']"},
    {"@timestamp: x", "[@timestamp='x']"},
};

TEST(KqlLower, Formulas) {
  for (const Row& row : kFormulas) {
    SCOPED_TRACE(row.query);
    KqlErrors errors;
    const auto formula = Lower(row.query, &errors);
    ASSERT_TRUE(formula.has_value()) << errors[0].message;
    EXPECT_EQ(Show(*formula), row.formula);
    IrRule rule;
    rule.condition = *formula;
    EXPECT_EQ(VerifyRule(rule).message, "");
  }
}

struct Bad {
  std::string_view query;
  size_t offset;
  size_t length;
  std::string_view message;
  bool unsupported;
};

constexpr Bad kUnsupported[] = {
    {"a:b and c: null", 11, 4, "the value null is not supported", true},
    {"null", 0, 4, "the value null is not supported", true},
    {"@timestamp > now-5m", 0, 19, "only numbers can be compared with <, <=, > and >=", true},
    {"a >= \"2020-01-01\"", 0, 17, "only numbers can be compared with <, <=, > and >=", true},
    {"ip < 10.0.0.1", 0, 13, "only numbers can be compared with <, <=, > and >=", true},
    {"x and a*.c: d", 6, 7, "wildcards in names of fields are not supported", true},
    {"a* > 5", 0, 6, "wildcards in names of fields are not supported", true},
    {"* > 5", 0, 5, "wildcards in names of fields are not supported", true},
    {"a*: {b: c}", 0, 10, "wildcards in names of fields are not supported", true},
    {"a: { b }", 5, 1, "a value of any field of a nested element is not supported", true},
    {"a: { *: b }", 8, 1, "a value of any field of a nested element is not supported", true},
    {"\".\": b", 0, 6, "this is no name of a field", false},
    {"\"\": b", 0, 5, "this is no name of a field", false},
};

TEST(KqlLower, Unsupported) {
  for (const Bad& row : kUnsupported) {
    SCOPED_TRACE(row.query);
    KqlErrors errors;
    EXPECT_FALSE(Lower(row.query, &errors).has_value());
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(errors[0].message, row.message);
    EXPECT_EQ(errors[0].offset, row.offset);
    EXPECT_EQ(errors[0].length, row.length);
    EXPECT_EQ(errors[0].unsupported, row.unsupported);
  }
}

TEST(KqlLower, EveryUnsupportedPartIsNamed) {
  KqlErrors errors;
  EXPECT_FALSE(Lower("a: null or b > x or c*: d", &errors).has_value());
  EXPECT_EQ(errors.size(), 3U);
}

TEST(KqlLower, SizeIsLimited) {
  std::string query = "a: (x";
  for (int i = 0; i < 2000; ++i) query += " or x" + std::to_string(i);
  query += ")";
  KqlErrors errors;
  EXPECT_TRUE(Lower(query, &errors).has_value());
  KqlLowerOptions options;
  options.max_nodes = 1000;
  EXPECT_FALSE(Lower(query, &errors, options).has_value());
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].message, "the query has too many parts");
  EXPECT_FALSE(errors[0].unsupported);
}

TEST(KqlLower, Spans) {
  KqlErrors errors;
  KqlLowerOptions options;
  options.span_at = [](size_t offset, size_t length) {
    return SourceSpan{7, static_cast<uint32_t>(offset), static_cast<uint32_t>(length)};
  };
  const auto formula = Lower("a: b and c: (d or e)", &errors, options);
  ASSERT_TRUE(formula.has_value());
  const Formula& leaf = formula->children[1].children[1];
  EXPECT_EQ(leaf.span.line, 7U);
  EXPECT_EQ(leaf.span.column, 18U);
  EXPECT_EQ(leaf.span.length, 1U);
}

TEST(KqlNumber, Texts) {
  for (const std::string_view text : {"1", "-1", "0", "1.5", "1e3", "1.5E-3", "007"}) {
    EXPECT_TRUE(KqlNumber(text).has_value()) << text;
  }
  for (const std::string_view text :
       {"", "-", "+1", "1.", ".5", "1 ", " 1", "inf", "nan", "0x1", "1e999", "1e", "1a"}) {
    EXPECT_FALSE(KqlNumber(text).has_value()) << text;
  }
}

// ---- What the formulas find ----------------------------------------------------------------

class KqlFrontend : public Frontend {
 public:
  std::string_view name() const override { return "kql"; }
  bool Accepts(const RuleSource&) const override { return true; }
  void Translate(std::span<const RuleSource* const> sources, IrModule* module,
                 DiagnosticSink* diagnostics) const override {
    for (const RuleSource* source : sources) {
      KqlErrors errors;
      auto formula = Lower(source->text, &errors);
      if (!formula.has_value()) {
        Diagnostic d;
        d.message = errors[0].message;
        diagnostics->Add(d);
        continue;
      }
      IrRule rule;
      rule.meta.title = source->text.empty() ? "empty" : source->text;
      rule.condition = *std::move(formula);
      module->rules.push_back(std::move(rule));
    }
  }
};

bool Matches(std::string_view query, std::string_view json) {
  Compiler compiler;
  compiler.AddFrontend(std::make_unique<KqlFrontend>());
  RuleSet rules;
  rules.Add("q.kql", std::string(query));
  const auto built = compiler.Compile(rules);
  if (!built.ok() || built->program->rule_count() != 1) {
    ADD_FAILURE() << "no rule from " << query;
    return false;
  }
  Event event;
  EXPECT_TRUE(JsonParser().Parse(json, &event).ok()) << json;
  Evaluator evaluator(built->program);
  return !evaluator.Evaluate(event.view()).empty();
}

struct Hit {
  std::string_view query;
  std::string_view event;
  bool matches;
};

constexpr Hit kHits[] = {
    {"a: b", R"({"a":"b"})", true},
    {"a: b", R"({"a":"B"})", false},
    {"a: b*", R"({"a":"Bc"})", false},
    {"a: b", R"({"a":["x","b"]})", true},
    {"a: b", R"({"a":"b c"})", false},
    {"a.b: c", R"({"a":{"b":"c"}})", true},
    {"a.b: c", R"({"a.b":"c"})", true},
    {"not a: b", R"({"c":1})", true},
    {"not a: b", R"({"a":["b","c"]})", false},
    {"a: (b and c)", R"({"a":["b","c"]})", true},
    {"a: (b and c)", R"({"a":"b"})", false},
    {"a: 5", R"({"a":5})", true},
    {"a: 5", R"({"a":"5"})", true},
    {"a: 5.0", R"({"a":5})", true},
    {"a: 5.0", R"({"a":"5.0"})", true},
    {"a: \"5\"", R"({"a":5})", true},
    {"a: 007", R"({"a":"007"})", true},
    {"a: true", R"({"a":true})", true},
    {"a: true", R"({"a":"true"})", true},
    {"a: true", R"({"a":false})", false},
    {"a: *", R"({"a":""})", true},
    {"a: *", R"({"a":0})", true},
    {"a: *", R"({"a":null})", false},
    {"a: *", R"({"a":[]})", false},
    {"a: *", R"({"b":1})", false},
    {"a: *", R"({"a":{"b":1}})", false},
    {"a.b: *", R"({"a":{"b":1}})", true},
    {"a: *", R"({"a":["x",null]})", true},
    {"a: *", R"({"a":[null]})", false},
    {"a > 5", R"({"a":6})", true},
    {"a > 5", R"({"a":"6"})", true},
    {"a > 5", R"({"a":5})", false},
    {"a <= 5", R"({"b":5})", false},
    {"ip: 10.0.0.0/8", R"({"ip":"10.9.8.7"})", true},
    {"ip: 10.0.0.0/8", R"({"ip":"11.0.0.1"})", false},
    {"arg: \"10.0.0.0/8\"", R"({"arg":"10.0.0.0/8"})", true},
    {"ip: \"::1\"", R"({"ip":"0:0:0:0:0:0:0:1"})", true},
    {"l: { a: 1 and b: 2 }", R"({"l":[{"a":1,"b":2}]})", true},
    {"l: { a: 1 and b: 2 }", R"({"l":[{"a":1},{"b":2}]})", false},
    {"l.a: 1 and l.b: 2", R"({"l":[{"a":1},{"b":2}]})", true},
    {"l: { not a: 1 }", R"({"l":[{"a":1},{"a":2}]})", true},
    {"l: { not a: 1 }", R"({"l":[]})", false},
    {"mimikatz", R"({"x":{"y":["Mimikatz"]}})", true},
    {"mimikatz", R"({"x":"run mimikatz now"})", false},
    {"*mimikatz*", R"({"x":"run mimikatz now"})", true},
    {"*", R"({})", true},
    {"", R"({"a":1})", true},
    {R"(p: "C:\Windows\*")", R"({"p":"C:\\Windows\\*"})", true},
    {R"(p: C\:\\Windows\\*)", R"({"p":"C:\\Windows\\cmd.exe"})", true},
    {R"(p: "C:\Windows\*")", R"({"p":"C:\\Windows\\cmd.exe"})", false},
};

TEST(KqlLower, Matching) {
  for (const Hit& row : kHits) {
    EXPECT_EQ(Matches(row.query, row.event), row.matches) << row.query << " on " << row.event;
  }
}

}  // namespace
}  // namespace vedette::inline v0::elastic
