#include "lib/lang/sigma/pipeline.h"

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/lang/sigma/condition.h"

namespace vedette::sigma {
namespace {

using Strings = std::vector<std::string>;

const std::string kRule = R"(title: T
tags: [attack.t1059]
logsource: {product: windows, category: process_creation}
detection:
  sel:
    Image|endswith: '\cmd.exe'
    User: [bob, 5, null]
  keys: [word]
  condition: sel or keys
)";

// Sources that outlive what was read of them.
struct Source {
  explicit Source(std::string yaml) : source{"p.yml", std::move(yaml)}, text(source) {}
  Source(const Source&) = delete;

  RuleSource source;
  SigmaText text;
  DiagnosticSink sink;

  std::string Said() const {
    std::string out;
    for (const Diagnostic& d : sink.diagnostics()) {
      out += (out.empty() ? "" : " ") + d.code + ":" + std::to_string(d.span.line);
    }
    return out;
  }
};

// A transformation as it stands in the list of a pipeline.
std::string Pipe(const std::string& items) { return "name: p\ntransformations:\n" + items; }

std::string Said(const std::string& pipeline) {
  Source source(pipeline);
  const auto parsed = ParsePipeline(source.text, {}, &source.sink);
  EXPECT_EQ(parsed.has_value(), source.sink.errors() == 0) << pipeline;
  return source.Said();
}

std::string Join(const Strings& items, const std::string& joint) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : joint) + item;
  return out;
}

std::string Show(const Detection& d) {
  if (d.kind != Detection::Kind::kItem) {
    Strings children;
    for (const Detection& child : d.children) children.push_back(Show(child));
    if (d.kind == Detection::Kind::kEach) return d.field + "[" + Join(children, "; ") + "]";
    const bool negated = d.kind == Detection::Kind::kBlock && HasNot(d.condition);
    return (negated ? "not " : "") +
           (children.size() == 1 ? children[0] : "{" + Join(children, "; ") + "}");
  }
  Strings values;
  for (const std::vector<ValueTest>& tests : d.item.values) {
    for (const ValueTest& test : tests) {
      const Predicate& p = test.predicate;
      values.push_back(p.op == PredicateOp::kIsNull      ? "null"
                       : p.op == PredicateOp::kNumberEq  ? p.number.Text()
                       : p.op == PredicateOp::kFieldText ? "@" + p.other_field
                       : p.op == PredicateOp::kRegex     ? "/" + test.text.LiteralText() + "/"
                                                         : test.text.ToSource());
    }
  }
  return std::string(d.item.dropped ? "dropped " : "") + Join(d.item.fields, "/") + "=" +
         Join(values, ",");
}

class Applied {
 public:
  Applied(const Strings& pipelines, const std::string& rule) : rule_(rule) {
    for (const std::string& pipeline : pipelines) {
      sources_.push_back(std::make_unique<Source>(pipeline));
      auto parsed = ParsePipeline(sources_.back()->text, {}, &sources_.back()->sink);
      EXPECT_TRUE(parsed.has_value()) << pipeline << sources_.back()->Said();
      if (parsed.has_value()) pipelines_.push_back(*std::move(parsed));
    }
    documents_ = ParseDocuments(rule_.text, {}, &rule_.sink);
    EXPECT_EQ(documents_.size(), 1U);
    EXPECT_EQ(rule_.Said(), "");
    ApplyPipelines(pipelines_, &documents_.at(0));
  }
  const Document& rule() const { return documents_.at(0); }
  std::string Tree() const { return Show(rule().detection); }
  const Source& source() const { return rule_; }

 private:
  std::vector<std::unique_ptr<Source>> sources_;
  std::vector<Pipeline> pipelines_;
  Source rule_;
  std::vector<Document> documents_;
};

std::string After(const std::string& items, const std::string& rule = kRule) {
  const Applied applied({Pipe(items)}, rule);
  return applied.source().sink.errors() > 0 ? applied.source().Said() : applied.Tree();
}

// A rule of one item.
std::string RuleOf(const std::string& item) {
  return "title: T\nlogsource: {product: windows}\ndetection:\n  s:\n    " + item +
         "\n  condition: s\n";
}

TEST(PipelineParser, HeadOfAPipeline) {
  Source source("name: n\npriority: 20\nallowed_backends: [x]\nvars:\n  a: [x, 5]\n  b: y\n");
  const auto parsed = ParsePipeline(source.text, {}, &source.sink);
  ASSERT_TRUE(parsed.has_value()) << source.Said();
  EXPECT_EQ(parsed->name, "n");
  EXPECT_EQ(parsed->priority, 20);
  EXPECT_EQ(parsed->vars, (PlaceholderValues{{"a", {"x", "5"}}, {"b", {"y"}}}));
  EXPECT_TRUE(parsed->transformations.empty());
}

TEST(PipelineParser, WhatIsWrongOrNotSupportedIsAnError) {
  const struct {
    std::string pipeline;
    const char* said;
  } kCases[] = {
      {"", "SIG0064:0"},
      {"a: 1\n---\nb: 2\n", "SIG0064:0"},
      {"[a]\n", "SIG0064:1"},
      {"priority: high\n", "SIG0064:1"},
      {"vars: [a]\n", "SIG0064:1"},
      {"vars:\n  a: {b: c}\n", "SIG0064:2"},
      {"transformations: {a: b}\n", "SIG0064:1"},
      {"postprocessing:\n  - {type: x}\n", "SIG0064:1"},
      {"postprocessing: []\n", ""},
      {"unknown: 1\n", "SIG0064:1"},
      {Pipe("  - {id: a}\n"), "SIG0064:3"},
      {Pipe("  - {type: field_name_maping, mapping: {a: b}}\n"), "SIG0064:3"},
      {Pipe("  - type: field_name_mapping\n"), "SIG0064:3"},
      {Pipe("  - type: field_name_mapping\n    mapping: [a]\n"), "SIG0064:3"},
      {Pipe("  - type: field_name_mapping\n    mapping:\n      a: {b: c}\n"), "SIG0064:5"},
      {Pipe("  - type: field_name_mapping\n    mapping: {a: b}\n    case: no\n"), "SIG0064:5"},
      {Pipe("  - type: field_name_prefix\n"), "SIG0064:3"},
      {Pipe("  - type: rule_failure\n"), "SIG0064:3"},
      {Pipe("  - type: set_custom_attribute\n    attribute: x\n"), "SIG0064:3"},
      {Pipe("  - type: add_condition\n"), "SIG0064:3"},
      {Pipe("  - type: add_condition\n    conditions: {a: b}\n    negated: maybe\n"), "SIG0064:5"},
      {Pipe("  - type: add_condition\n    conditions: {a|nosuch: b}\n"), "SIG0010:4"},
      {Pipe("  - type: replace_string\n    regex: '('\n    replacement: x\n"), "SIG0064:3"},
      {Pipe("  - type: replace_string\n    regex: 'a'\n    replacement: '\\1'\n"), "SIG0064:3"},
      {Pipe("  - type: set_state\n    rule_conditions: {type: x}\n"), "SIG0064:4"},
      {Pipe("  - type: set_state\n    rule_conditions:\n      - {type: taxonomy}\n"), "SIG0064:5"},
      {Pipe("  - type: set_state\n    rule_conditions:\n      - {field: a}\n"), "SIG0064:5"},
      {Pipe("  - type: set_state\n    rule_cond_op: xor\n"), "SIG0064:4"},
      {Pipe("  - type: set_state\n    field_name_conditions:\n      - {type: nosuch}\n"),
       "SIG0064:5"},
      {Pipe("  - type: set_state\n    detection_item_conditions:\n"
            "      - {type: match_string, cond: some, pattern: a}\n"),
       "SIG0064:5"},
      {Pipe("  - type: change_logsource\n"), "SIG0004:3"},
  };
  for (const auto& c : kCases) EXPECT_EQ(Said(c.pipeline), c.said) << c.pipeline;
}

TEST(PipelineParser, SlipsGetASuggestion) {
  Source source(Pipe("  - {type: field_name_maping, mapping: {a: b}}\n"));
  ParsePipeline(source.text, {}, &source.sink);
  ASSERT_EQ(source.sink.diagnostics().size(), 1U);
  EXPECT_NE(source.sink.diagnostics()[0].hint.find("'field_name_mapping'"), std::string::npos);
}

TEST(Pipeline, NoTransformationChangesNothing) {
  EXPECT_EQ(After("  - type: set_state\n    key: k\n    val: v\n"),
            R"({{Image=*\cmd.exe; User=bob,5,null}; =*word*})");
}

TEST(Pipeline, FieldsAreMapped) {
  EXPECT_EQ(After("  - type: field_name_mapping\n    mapping: {Image: exe, Use: x, user: y}\n"),
            R"({{exe=*\cmd.exe; User=bob,5,null}; =*word*})");  // whole names, exactly
  EXPECT_EQ(After("  - type: field_name_mapping\n    mapping: {User: [a, b.c]}\n"),
            R"({{Image=*\cmd.exe; a/b.c=bob,5,null}; =*word*})");
  // One after the other, and not in circles.
  EXPECT_EQ(After("  - type: field_name_mapping\n    mapping: {Image: User, User: Image}\n"),
            R"({{User=*\cmd.exe; Image=bob,5,null}; =*word*})");
  EXPECT_EQ(After("  - type: field_name_mapping\n    mapping: {Image: a}\n"
                  "  - type: field_name_mapping\n    mapping: {a: b}\n"),
            R"({{b=*\cmd.exe; User=bob,5,null}; =*word*})");
}

TEST(Pipeline, PrefixesAndSuffixes) {
  EXPECT_EQ(After("  - type: field_name_prefix\n    prefix: win.\n"),
            R"({{win.Image=*\cmd.exe; win.User=bob,5,null}; =*word*})");
  EXPECT_EQ(After("  - type: field_name_suffix\n    suffix: .raw\n"),
            R"({{Image.raw=*\cmd.exe; User.raw=bob,5,null}; =*word*})");
  EXPECT_EQ(After("  - type: field_name_prefix_mapping\n    mapping: {Us: [x, y], mage: z}\n"),
            R"({{Image=*\cmd.exe; xer/yer=bob,5,null}; =*word*})");
}

// pySigma takes the first prefix of the mapping as it is written.
TEST(Pipeline, TheFirstPrefixOfTheMappingCounts) {
  EXPECT_EQ(After("  - type: field_name_prefix_mapping\n    mapping: {win.event.: e., win.: w.}\n",
                  RuleOf("win.event.id: x")),
            "e.id=x");
}

TEST(Pipeline, FieldReferencesAreMappedToo) {
  EXPECT_EQ(After("  - type: field_name_mapping\n    mapping: {a: x, b: [y, z]}\n",
                  RuleOf("a|fieldref: b")),
            "x=@y,@z");
}

TEST(Pipeline, ArrayBlocksAreMappedAsAWhole) {
  const std::string rule = RuleOf("list[any]:\n      list: x\n      user: y");
  EXPECT_EQ(After("  - type: field_name_mapping\n    mapping: {list: items}\n", rule),
            "items[{list=x; user=y}]");  // names within are of the element
  EXPECT_EQ(After("  - type: field_name_mapping\n    mapping: {list: [a, b]}\n", rule).substr(0, 7),
            "SIG0064");
}

TEST(Pipeline, NamesThatAreNoPathsAreRefused) {
  EXPECT_EQ(
      After("  - type: field_name_mapping\n    mapping: {a: 'b[x'}\n", RuleOf("a: 1")).substr(0, 7),
      "SIG0064");
}

TEST(Pipeline, StringsAreReplaced) {
  const auto replaced = [](const std::string& keys, const std::string& item) {
    return After("  - type: replace_string\n" + keys, RuleOf(item));
  };
  EXPECT_EQ(replaced("    regex: 'b+'\n    replacement: x\n", "f: abbab"), "f=axax");
  EXPECT_EQ(replaced("    regex: '(\\w+)@(\\w+)'\n    replacement: '\\2.\\g<1>'\n", "f: me@host"),
            "f=host.me");
  EXPECT_EQ(replaced("    regex: '[*]'\n    replacement: x\n", "f: 'a*b'"), "f=axb");
  // Special characters are left alone if that is asked for.
  EXPECT_EQ(replaced("    regex: '[*a]'\n    replacement: x\n    skip_special: true\n", "f: 'a*b'"),
            "f=x*b");
  EXPECT_EQ(replaced("    regex: b\n    replacement: '*'\n", "f: abc"), "f=a*c");
  // Numbers and regular expressions are no strings.
  EXPECT_EQ(replaced("    regex: '5'\n    replacement: x\n", "f: 5"), "f=5");
  EXPECT_EQ(replaced("    regex: a\n    replacement: x\n", "f|re: a+"), "f=/a+/");
}

TEST(Pipeline, PlaceholdersBecomeVarsOrWildcards) {
  const std::string vars = "name: p\nvars: {u: [bob, 'al*']}\ntransformations:\n";
  const auto with = [&vars](const std::string& item, const std::string& rule) {
    return Applied({vars + item}, rule).Tree();
  };
  const std::string rule = RuleOf("f|expand: '<%u%-%v%>'");
  EXPECT_EQ(with("  - type: value_placeholders\n", rule), "f=<bob-%v%>,<al*-%v%>");
  EXPECT_EQ(with("  - type: wildcard_placeholders\n", rule), "f=<*-*>");
  EXPECT_EQ(with("  - type: wildcard_placeholders\n    include: [v]\n", rule), "f=<%u%-*>");
  EXPECT_EQ(with("  - type: wildcard_placeholders\n    exclude: [v]\n", rule), "f=<*-%v%>");
  EXPECT_EQ(with("  - type: value_placeholders\n  - type: wildcard_placeholders\n", rule),
            "f=<bob-*>,<al*-*>");
  EXPECT_EQ(with("  - type: wildcard_placeholders\n", RuleOf("f|re|expand: '^%u%$'")),
            "f=/^(?s:.*)$/");
}

TEST(Pipeline, ConditionsAreAdded) {
  EXPECT_EQ(
      After("  - type: add_condition\n    conditions: {src: win, n: [1, 2]}\n", RuleOf("f: x")),
      "{f=x; {src=win; n=1,2}}");
  EXPECT_EQ(After("  - type: add_condition\n    conditions: {src: win}\n    negated: true\n",
                  RuleOf("f: x")),
            "{f=x; not src=win}");
  // What was added is changed by what follows, like the rest.
  EXPECT_EQ(After("  - type: add_condition\n    conditions: {f: win}\n"
                  "  - type: field_name_mapping\n    mapping: {f: g}\n",
                  RuleOf("f: x")),
            "{g=x; g=win}");
}

TEST(Pipeline, ItemsAreDropped) {
  EXPECT_EQ(After("  - type: drop_detection_item\n    field_name_conditions:\n"
                  "      - {type: include_fields, fields: [User]}\n"),
            R"({{Image=*\cmd.exe; dropped User=bob,5,null}; =*word*})");
}

TEST(Pipeline, MetadataIsChanged) {
  const Applied applied({Pipe("  - {type: change_logsource, product: linux}\n"
                              "  - {type: set_custom_attribute, attribute: k, value: v1}\n"
                              "  - {type: set_custom_attribute, attribute: k, value: v2}\n")},
                        kRule);
  EXPECT_EQ(applied.rule().meta.log_source.product, "linux");
  EXPECT_EQ(applied.rule().meta.log_source.category, "");  // the whole of it
  const std::vector<std::pair<std::string, std::string>> expected = {{"k", "v2"}};
  EXPECT_EQ(applied.rule().meta.custom, expected);
}

TEST(Pipeline, ARuleIsRefusedWithTheReasonAndThePipeline) {
  const Applied applied({Pipe("  - {type: rule_failure, message: not for us}\n")}, kRule);
  ASSERT_EQ(applied.source().sink.errors(), 1U);
  const Diagnostic& d = applied.source().sink.diagnostics()[0];
  EXPECT_EQ(d.code, "SIG0064");
  EXPECT_NE(d.message.find("not for us"), std::string::npos);
  ASSERT_EQ(d.notes.size(), 1U);
  EXPECT_NE(d.notes[0].find("p"), std::string::npos);
  EXPECT_EQ(d.rule, "T");
}

// Whether a prefix is put before the fields of kRule under these conditions.
bool Applies(const std::string& conditions, const std::string& before = "") {
  const std::string tree =
      After(before + "  - type: field_name_prefix\n    prefix: x.\n" + conditions);
  return tree.find("x.") != std::string::npos;
}

TEST(Pipeline, RuleConditions) {
  const struct {
    const char* condition;
    bool holds;
  } kCases[] = {
      {"{type: logsource, product: windows}", true},
      {"{type: logsource, product: windows, category: process_creation}", true},
      {"{type: logsource, product: linux}", false},
      {"{type: logsource, product: windows, service: sysmon}", false},
      {"{type: contains_field, field: User}", true},
      {"{type: contains_field, field: user}", false},
      {"{type: contains_detection_item, field: User, value: bob}", true},
      {"{type: contains_detection_item, field: User, value: 5}", true},
      {"{type: contains_detection_item, field: User, value: alice}", false},
      {"{type: contains_detection_item, field: Image, value: bob}", false},
      {"{type: is_sigma_rule}", true},
      {"{type: is_sigma_correlation_rule}", false},
      {"{type: tag, tag: attack.t1059}", true},
      {"{type: tag, tag: attack.t1060}", false},
      {"{type: processing_item_applied, processing_item_id: one}", true},
      {"{type: processing_item_applied, processing_item_id: two}", false},
  };
  const std::string one =
      "  - {type: set_state, id: one, key: k, val: v}\n"
      "  - type: set_state\n    id: two\n    key: k\n    val: v\n"
      "    rule_conditions: [{type: is_sigma_correlation_rule}]\n";
  for (const auto& c : kCases) {
    const std::string list = "    rule_conditions: [" + std::string(c.condition) + "]\n";
    EXPECT_EQ(Applies(list, one), c.holds) << c.condition;
    EXPECT_EQ(Applies(list + "    rule_cond_not: true\n", one), !c.holds) << c.condition;
  }
}

TEST(Pipeline, SeveralRuleConditions) {
  const std::string yes = "{type: is_sigma_rule}";
  const std::string no = "{type: is_sigma_correlation_rule}";
  const auto list = [](const std::string& a, const std::string& b) {
    return "    rule_conditions: [" + a + ", " + b + "]\n";
  };
  EXPECT_TRUE(Applies(list(yes, yes)));
  EXPECT_FALSE(Applies(list(yes, no)));  // all, unless said
  EXPECT_FALSE(Applies(list(yes, no) + "    rule_cond_op: and\n"));
  EXPECT_TRUE(Applies(list(no, yes) + "    rule_cond_op: or\n"));
  EXPECT_FALSE(Applies(list(no, no) + "    rule_cond_op: or\n"));
  EXPECT_FALSE(Applies(list(no, yes) + "    rule_cond_op: or\n    rule_cond_not: true\n"));
  EXPECT_TRUE(Applies("    rule_conditions: []\n"));
}

TEST(Pipeline, FieldConditions) {
  const auto mapped = [](const std::string& condition, const std::string& more = "") {
    return After(
        "  - type: field_name_prefix\n    prefix: x.\n    field_name_conditions:\n      - " +
            condition + "\n" + more,
        "title: T\nlogsource: {product: a}\ndetection:\n  s: {abc: 1, bcd: 2}\n"
        "  condition: s\n");
  };
  EXPECT_EQ(mapped("{type: include_fields, fields: [abc]}"), "{x.abc=1; bcd=2}");
  EXPECT_EQ(mapped("{type: exclude_fields, fields: [abc]}"), "{abc=1; x.bcd=2}");
  EXPECT_EQ(mapped("{type: include_fields, fields: [ABC, ab]}"), "{abc=1; bcd=2}");
  // Expressions match from the start of a name.
  EXPECT_EQ(mapped("{type: include_fields, fields: ['b.'], mode: re}"), "{abc=1; x.bcd=2}");
  EXPECT_EQ(mapped("{type: exclude_fields, fields: ['b.'], match_type: re}"), "{x.abc=1; bcd=2}");
  EXPECT_EQ(mapped("{type: include_fields, fields: [abc]}", "    field_name_cond_not: true\n"),
            "{abc=1; x.bcd=2}");
  EXPECT_EQ(mapped("{type: include_fields, fields: [abc]}\n"
                   "      - {type: include_fields, fields: [bcd]}",
                   "    field_name_cond_op: or\n"),
            "{x.abc=1; x.bcd=2}");
}

TEST(Pipeline, ItemConditions) {
  const auto mapped = [](const std::string& condition, const std::string& item) {
    return After(
        "  - type: field_name_prefix\n    prefix: x.\n    detection_item_conditions:\n"
        "      - " +
            condition + "\n",
        RuleOf(item));
  };
  const std::string any = "{type: match_string, cond: any, pattern: 'a.'}";
  const std::string all = "{type: match_string, cond: all, pattern: 'a.'}";
  EXPECT_EQ(mapped(any, "f: [ab, cd]"), "x.f=ab,cd");
  EXPECT_EQ(mapped(all, "f: [ab, cd]"), "f=ab,cd");
  EXPECT_EQ(mapped(all, "f: [ab, ac]"), "x.f=ab,ac");
  EXPECT_EQ(mapped(any, "f: [bab]"), "f=bab");  // from the start
  EXPECT_EQ(mapped("{type: is_null}", "f: null"), "x.f=null");
  EXPECT_EQ(mapped("{type: is_null}", "f: 'null'"), "f=null");
}

TEST(Pipeline, ItemsThatWereChangedAreKnownById) {
  const std::string items =
      "  - type: field_name_mapping\n    id: first\n    mapping: {Image: exe}\n"
      "    field_name_conditions: [{type: include_fields, fields: [Image]}]\n"
      "  - type: field_name_suffix\n    suffix: .raw\n"
      "    detection_item_conditions:\n"
      "      - {type: processing_item_applied, processing_item_id: first}\n";
  EXPECT_EQ(After(items), R"({{exe.raw=*\cmd.exe; User=bob,5,null}; =*word*})");
}

TEST(Pipeline, PipelinesApplyOneAfterTheOther) {
  const std::string first = Pipe("  - type: field_name_mapping\n    mapping: {f: g}\n");
  const std::string second = Pipe("  - type: field_name_mapping\n    mapping: {g: h}\n");
  EXPECT_EQ(Applied({first, second}, RuleOf("f: x")).Tree(), "h=x");
  EXPECT_EQ(Applied({second, first}, RuleOf("f: x")).Tree(), "g=x");
}

TEST(Pipeline, AFieldMappedWithoutEndIsRefused) {
  std::string names;
  for (int i = 0; i < 20; ++i) names += "f" + std::to_string(i) + ", ";
  std::string mapping;
  for (int i = 0; i < 20; ++i) mapping += "f" + std::to_string(i) + ": [" + names + "x], ";
  const std::string item = "  - type: field_name_mapping\n    mapping: {" + mapping + "z: z}\n";
  EXPECT_EQ(After(item + item + item + item, RuleOf("f0: x")).substr(0, 7), "SIG0064");
}

}  // namespace
}  // namespace vedette::sigma
