#include "lib/lang/sigma/correlation.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace vedette::sigma {
namespace {

using Strings = std::vector<std::string>;

class Correlation {
 public:
  // `section` is the lines of the correlation, `top` lines before it.
  explicit Correlation(const std::string& section, const std::string& top = "title: T\n")
      : source_{"t.yml", top + "correlation:\n" + Indented(section)},
        text_(source_),
        document_(Reporter(&text_, &sink_, true)) {
    documents_ = ParseYaml(text_, {}, &sink_);
    document_.kind = Document::Kind::kCorrelation;
    if (!documents_.at(0).ok) return;
    const YamlNode& root = documents_[0].root;
    const YamlEntry& entry = *root.Find("correlation");
    ok_ = ParseCorrelation(entry.value, entry.span, root, 64, &document_);
  }
  Correlation(const Correlation&) = delete;

  bool ok() const { return ok_; }
  const CorrelationAst& ast() const { return document_.correlation.ast; }
  Strings Rules() const {
    Strings out;
    for (const auto& rule : ast().rules) out.push_back(rule.text);
    return out;
  }
  std::string Expression() const {
    return ast().expression.has_value() ? Show(*ast().expression) : "none";
  }
  // Codes and lines, those of the section counted from 1.
  std::string Said() const {
    std::string out;
    for (const Diagnostic& d : sink_.diagnostics()) {
      out += (out.empty() ? "" : " ") + d.code + ":" + std::to_string(d.span.line - 2);
    }
    return out;
  }
  const std::vector<Diagnostic>& diagnostics() const { return sink_.diagnostics(); }

 private:
  static std::string Indented(const std::string& text) {
    std::string out = "  ";
    for (const char c : text) out += c == '\n' ? std::string("\n  ") : std::string(1, c);
    return out + "\n";
  }
  std::string Show(const RuleExpression& e) const {
    using Kind = RuleExpression::Kind;
    if (e.kind == Kind::kRule) return ast().rules.at(e.rule).text;
    if (e.kind == Kind::kNot) return "not " + Show(e.children.at(0));
    std::string out;
    for (const RuleExpression& child : e.children) {
      out += (out.empty() ? "" : e.kind == Kind::kAnd ? " and " : " or ") + Show(child);
    }
    return "(" + out + ")";
  }

  RuleSource source_;
  SigmaText text_;
  DiagnosticSink sink_;
  Document document_;
  std::vector<YamlDocument> documents_;
  bool ok_ = false;
};

const std::string kCount = "type: event_count\nrules: [a]\ntimespan: 5m\ncondition: {gte: 3}";

TEST(ParseTimespan, UnitsAndLimits) {
  constexpr int64_t kSecond = 1000000000;
  const struct {
    const char* text;
    int64_t seconds;  // 0: wrong
  } kCases[] = {
      {"1s", 1},
      {"15m", 900},
      {"2h", 7200},
      {"1d", 86400},
      {"1w", 604800},
      {"1M", 2592000},
      {"1y", 31536000},
      {"0090s", 90},
      {"292y", 9208512000},
      {"293y", 0},
      {"9223372036s", 9223372036},
      {"9223372037s", 0},
      {"", 0},
      {"s", 0},
      {"5", 0},
      {"0s", 0},
      {"-5m", 0},
      {"+5m", 0},
      {"1.5h", 0},
      {" 5m", 0},
      {"5 m", 0},
      {"5m ", 0},
      {"5min", 0},
      {"5S", 0},
      {"5H", 0},
      {"5ms", 0},
      {"1h30m", 0},
      {"99999999999999999999s", 0},
      {"0x5s", 0},
  };
  for (const auto& c : kCases) {
    const std::optional<int64_t> span = ParseTimespan(c.text);
    EXPECT_EQ(span.value_or(0), c.seconds * kSecond) << c.text;
    EXPECT_EQ(span.has_value(), c.seconds != 0) << c.text;
  }
}

TEST(SigmaCorrelation, EveryPartIsRead) {
  const Correlation c(R"(type: value_count
rules:
  - a
  - 01234567-89ab-cdef-0123-456789abcdef
group-by: [User, Host]
timespan: 15m
condition:
  field: [Ip, Port]
  gt: 3
  lte: 10
aliases:
  who: {a: User, 01234567-89ab-cdef-0123-456789abcdef: Account}
generate: true)");
  ASSERT_TRUE(c.ok()) << c.Said();
  EXPECT_EQ(c.ast().type, CorrelationType::kValueCount);
  EXPECT_EQ(c.Rules(), (Strings{"a", "01234567-89ab-cdef-0123-456789abcdef"}));
  EXPECT_EQ(c.ast().group_by, (Strings{"User", "Host"}));
  EXPECT_EQ(c.ast().timespan_ns, int64_t{15} * 60 * 1000000000);
  EXPECT_EQ(c.ast().value_fields, (Strings{"Ip", "Port"}));
  ASSERT_EQ(c.ast().bounds.size(), 2U);
  EXPECT_EQ(c.ast().bounds[0].op, CompareOp::kGt);
  EXPECT_EQ(c.ast().bounds[0].value.i, 3);
  EXPECT_EQ(c.ast().bounds[1].op, CompareOp::kLte);
  EXPECT_EQ(c.ast().bounds[1].value.i, 10);
  EXPECT_TRUE(c.ast().generate);
  ASSERT_EQ(c.ast().aliases.size(), 1U);
  EXPECT_EQ(c.ast().aliases[0].name, "who");
  const std::vector<std::pair<uint32_t, std::string>> fields = {{0, "User"}, {1, "Account"}};
  EXPECT_EQ(c.ast().aliases[0].fields, fields);
}

TEST(SigmaCorrelation, EveryType) {
  const struct {
    const char* name;
    CorrelationType type;
    const char* condition;
  } kCases[] = {
      {"event_count", CorrelationType::kEventCount, "{gte: 2}"},
      {"value_count", CorrelationType::kValueCount, "{field: f, gte: 2}"},
      {"temporal", CorrelationType::kTemporal, "{gte: 2}"},
      {"temporal", CorrelationType::kTemporal, "null"},
      {"temporal", CorrelationType::kTemporal, "a and b"},
      {"temporal_ordered", CorrelationType::kTemporalOrdered, "null"},
      {"value_sum", CorrelationType::kValueSum, "{field: f, gt: 1.5}"},
      {"value_avg", CorrelationType::kValueAvg, "{field: f, lt: 2}"},
      {"value_percentile", CorrelationType::kValuePercentile, "{field: f, eq: 2}"},
      {"value_median", CorrelationType::kValueMedian, "{field: f, neq: 2}"},
  };
  for (const auto& c : kCases) {
    const Correlation correlation("type: " + std::string(c.name) +
                                  "\nrules: [a, b]\ntimespan: 1h\ncondition: " + c.condition);
    ASSERT_TRUE(correlation.ok()) << c.name << ": " << correlation.Said();
    EXPECT_EQ(correlation.ast().type, c.type) << c.name;
    EXPECT_FALSE(correlation.ast().generate);
    EXPECT_TRUE(correlation.ast().group_by.empty());
  }
}

TEST(SigmaCorrelation, PartsThatMustBeThere) {
  EXPECT_TRUE(Correlation(kCount).ok());
  const struct {
    const char* section;
    const char* said;
  } kCases[] = {
      {"rules: [a]\ntimespan: 5m\ncondition: {gte: 3}", "SIG0050:0"},
      {"type: event_count\ntimespan: 5m\ncondition: {gte: 3}", "SIG0050:0"},
      {"type: event_count\nrules: []\ntimespan: 5m\ncondition: {gte: 3}", "SIG0050:0"},
      {"type: event_count\nrules: [a]\ncondition: {gte: 3}", "SIG0050:0"},
      {"type: event_count\nrules: [a]\ntimespan: 5m", "SIG0050:0"},
      {"type: temporal\ntimespan: 5m", "SIG0050:0"},
      {"type: event_count", "SIG0050:0 SIG0050:0 SIG0050:0"},
  };
  for (const auto& c : kCases) {
    const Correlation correlation(c.section);
    EXPECT_FALSE(correlation.ok()) << c.section;
    EXPECT_EQ(correlation.Said(), c.said) << c.section;
  }
}

TEST(SigmaCorrelation, WrongParts) {
  const std::string rest = "\ntimespan: 5m\ncondition: {gte: 3}";
  const struct {
    std::string section;
    const char* said;
  } kCases[] = {
      {"type: event_cuont\nrules: [a]" + rest, "SIG0050:1"},
      {"type: [event_count]\nrules: [a]" + rest, "SIG0050:1"},
      {"type: event_count\nrules: {a: b}" + rest, "SIG0050:2"},
      {"type: event_count\nrules: [[a]]" + rest, "SIG0050:2"},
      {"type: event_count\nrules: [a, '']" + rest, "SIG0050:2"},
      {"type: event_count\nrules: [a, b, a]" + rest, "SIG0050:2"},
      {"type: event_count\nrules: [a]\ngroup-by: {a: b}" + rest, "SIG0050:3"},
      {"type: event_count\nrules: [a]\ntimespan: 5\ncondition: {gte: 3}", "SIG0050:3"},
      {"type: event_count\nrules: [a]\ntimespan: [5m]\ncondition: {gte: 3}", "SIG0050:3"},
      {"type: event_count\nrules: [a]\ntimespan:\ncondition: {gte: 3}", "SIG0050:3"},
      {kCount + "\ngenerate: yes", "SIG0050:5"},
      {kCount + "\ngenerate: 'true'", "SIG0050:5"},
      {kCount + "\nwindow: sliding", "SIG0050:5"},
      {kCount + "\naliases: [a]", "SIG0050:5"},
      {kCount + "\naliases:\n  x: y", "SIG0050:6"},
      {kCount + "\naliases:\n  x: {b: f}", "SIG0050:6"},  // not one of its rules
      {kCount + "\naliases:\n  x: {a: [f]}", "SIG0050:6"},
  };
  for (const auto& c : kCases) {
    const Correlation correlation(c.section);
    EXPECT_FALSE(correlation.ok()) << c.section;
    EXPECT_EQ(correlation.Said(), c.said) << c.section;
  }
}

TEST(SigmaCorrelation, WrongConditions) {
  const struct {
    const char* type;
    const char* condition;
  } kCases[] = {
      {"event_count", "5"},
      {"event_count", "a and b"},  // only temporal types have expressions
      {"event_count", "[gte]"},
      {"event_count", "{}"},
      {"event_count", "{gte: '3'}"},
      {"event_count", "{gte: many}"},
      {"event_count", "{gte: null}"},
      {"event_count", "{gte: [3]}"},
      {"event_count", "{ge: 3}"},
      {"event_count", "{gte: 3, percentile: 5}"},
      {"event_count", "{field: f, gte: 3}"},
      {"event_count", "{gt: 1, lt: 5, neq: 3}"},
      {"temporal", "{field: f, gte: 3}"},
      {"value_count", "{gte: 3}"},
      {"value_count", "{field: [], gte: 3}"},
      {"value_count", "{field: {a: b}, gte: 3}"},
      {"value_count", "{field: f}"},
      {"value_sum", "{gte: 3}"},
      {"value_sum", "{field: [f, g], gte: 3}"},
      {"value_percentile", "{field: f, gte: 3, percentile: 101}"},
      {"value_percentile", "{field: f, gte: 3, percentile: -1}"},
      {"value_percentile", "{field: f, gte: 3, percentile: x}"},
  };
  for (const auto& c : kCases) {
    const Correlation correlation("type: " + std::string(c.type) +
                                  "\nrules: [a, b]\ntimespan: 5m\ncondition: " + c.condition);
    EXPECT_FALSE(correlation.ok()) << c.type << " " << c.condition;
    EXPECT_EQ(correlation.Said(), "SIG0051:4") << c.type << " " << c.condition;
  }
}

TEST(SigmaCorrelation, Percentiles) {
  const std::string head = "type: value_percentile\nrules: [a]\ntimespan: 5m\ncondition: ";
  EXPECT_EQ(Correlation(head + "{field: f, gte: 3}").ast().percentile, 50);
  EXPECT_EQ(Correlation(head + "{field: f, gte: 3, percentile: 99.5}").ast().percentile, 99.5);
  EXPECT_EQ(Correlation(head + "{field: f, gte: 3, percentile: 0}").ast().percentile, 0);
  EXPECT_EQ(Correlation(head + "{field: f, gte: 3, percentile: 100}").ast().percentile, 100);
}

TEST(SigmaCorrelation, ExtendedConditions) {
  const std::string head = "type: temporal\nrules: [a, b, c]\ntimespan: 5m\ncondition: ";
  const struct {
    const char* condition;
    const char* expression;
  } kCases[] = {
      {"a and b and not c", "(a and b and not c)"},
      {"a or b and c", "(a or (b and c))"},
      {"A OR b", ""},
      {"a AND b OR NOT c", "((a and b) or not c)"},
      {"not (a or b) and c", "(not (a or b) and c)"},
      {"1 of them", "(a or b or c)"},
      {"all of them", "(a and b and c)"},
      {"a and b", ""},  // c is not used
      {"a and b and c and d", ""},
      {"a and b and (c", ""},
      {"''", ""},
  };
  for (const auto& c : kCases) {
    const Correlation correlation(head + c.condition);
    const bool ok = *c.expression != '\0';
    EXPECT_EQ(correlation.ok(), ok) << c.condition << ": " << correlation.Said();
    if (ok) {
      EXPECT_EQ(correlation.Expression(), c.expression) << c.condition;
    }
  }
  EXPECT_EQ(Correlation(head + "a and b").Said(), "SIG0051:2");  // at the rule
}

TEST(SigmaCorrelation, AnExtendedConditionNamesItsRulesItself) {
  const Correlation c(
      "type: temporal_ordered\ntimespan: 5m\ncondition: rule-a and (rule_b OR not rule-c) and "
      "rule-a");
  ASSERT_TRUE(c.ok()) << c.Said();
  EXPECT_EQ(c.Rules(), (Strings{"rule-a", "rule_b", "rule-c"}));
  EXPECT_EQ(c.Expression(), "(rule-a and (rule_b or not rule-c) and rule-a)");
}

TEST(SigmaCorrelation, GenerateMayStandAtTheTop) {
  EXPECT_TRUE(Correlation(kCount, "title: T\ngenerate: true\n").ast().generate);
  EXPECT_FALSE(Correlation(kCount, "title: T\ngenerate: false\n").ast().generate);
  EXPECT_FALSE(Correlation(kCount, "title: T\ngenerate: maybe\n").ok());
}

TEST(SigmaCorrelation, OneRuleNeedsNoList) {
  const Correlation c("type: event_count\nrules: a\ntimespan: 5m\ncondition: {gte: 3}");
  ASSERT_TRUE(c.ok());
  EXPECT_EQ(c.Rules(), Strings{"a"});
  EXPECT_EQ(Correlation("type: event_count\nrules: [a]\ngroup-by: User\ntimespan: 5m\n"
                        "condition: {gte: 3}")
                .ast()
                .group_by,
            Strings{"User"});
}

TEST(SigmaCorrelation, SlipsGetASuggestion) {
  const Correlation type("type: event_cuont\nrules: [a]\ntimespan: 5m\ncondition: {gte: 3}");
  ASSERT_EQ(type.diagnostics().size(), 1U);
  EXPECT_NE(type.diagnostics()[0].hint.find("'event_count'"), std::string::npos);
  const Correlation key(kCount + "\ngroupby: [a]");
  ASSERT_EQ(key.diagnostics().size(), 1U);
  EXPECT_NE(key.diagnostics()[0].hint.find("'group-by'"), std::string::npos);
}

TEST(SigmaCorrelation, TheSectionMustBeAMap) {
  for (const char* section : {"[a]", "text", "null", "5"}) {
    const Correlation c(section);
    EXPECT_FALSE(c.ok()) << section;
    EXPECT_EQ(c.Said().substr(0, 7), "SIG0050") << section;
  }
}

TEST(SigmaCorrelation, HugeListsOfRulesAreRefused) {
  std::string rules;
  for (int i = 0; i < 3000; ++i) rules += "r" + std::to_string(i) + ", ";
  EXPECT_FALSE(Correlation("type: temporal\nrules: [" + rules + "x]\ntimespan: 5m").ok());
}

}  // namespace
}  // namespace vedette::sigma
