// Saved programs: what is loaded is what was saved, and no bytes do harm.
#include "vedette/saved_program.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "lib/program/saved_format.h"
#include "tests/support/tree.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/sigma.h"
#include "vedette/frontends/vedette.h"

namespace vedette {
namespace {

constexpr char kSigma[] = R"(
title: Everything that Sigma tests
id: 2d7a4c1e-5b7f-4d0a-8a53-0f6f3f1c9b01
name: everything
status: test
level: high
description: "two\nlines"
author: Someone
date: 2026-01-02
modified: 2026-01-03
license: MIT
tags: [attack.execution, attack.t1059.001]
references: [https://example.org/r]
falsepositives: [Admin scripts]
fields: [a, b]
related: [{id: 2d7a4c1e-5b7f-4d0a-8a53-0f6f3f1c9b02, type: derived}]
own_key: kept
logsource: {product: linux, category: test}
detection:
  texts:
    equal: word
    prefix|startswith: word
    suffix|endswith: word
    inside|contains: word
    pattern: 'w?r*d'
    any: '*'
    cased|contains|cased: Word
    dash|windash|contains: ' -x '
  regexes:
    r1|re: '^a+$'
    r2|re|i: '^a+$'
    r3|re|m: '^a+$'
    r4|re|s: 'a.b'
  numbers:
    n0: 7
    n1|lt: 1
    n2|lte: 2
    n3|gt: 3.5
    n4|gte: -4
  others:
    e|exists: true
    z: null
    net|cidr: [10.0.0.0/8, 'fe80::/10']
    f|fieldref: g
    t|hour|gt: 6
  words: [keyword, 'other*word']
  condition: 1 of texts or regexes or (numbers and not others) or words
---
title: Another
logsource: {category: test}
detection:
  s: {equal: word}
  condition: s
---
title: Many
correlation:
  type: event_count
  rules: [everything]
  group-by: [a]
  timespan: 1m
  condition: {gte: 3}
  generate: true
)";

constexpr char kVedette[] = R"(
rule computed {
  meta { severity = low }
  match any where twice(a) + 1.5 > length(b) and concat("x", lower(b)) == "xb" and
      any i in list : (i.x == "1" and not i.y > 2) and b != null
  outcome {
    double = twice(a)
    text = "${b} is ${a}"
    fixed = 40 + 2
  }
}
)";

// Every shape, with all that may stand in it.
constexpr char kSeveral[] = R"(
rule window_rule {
  match window 1m tumbling by h, ?u s: [any where f == "word"]
  having count(s) >= 2 and percentile(s.n, 50) < 3 and not seen(s)
  outcome { n = count(s) last = s.n text = "${s.k} ${twice(s.n)}" both = spread(s.n, s.k) }
  suppress by h, s.k for 1h
  rearm after 5s
}
rule event_rule { match any where f == "word" suppress by h for 1m }
rule sequence_rule {
  match sequence by h within 5m
    a: [any where f == "word"] with runs=2
    ![any where k == "no"]
    b: [any where f == "word" and (k == a.k or a.k : "w*" or n == 1)] distinct(n) >= 2
  until [any where k == "stop"]
  select first
}
rule all_rule { match all by h within 1m [rule event_rule] [rule window_rule, rule event_rule by g] }
rule sample_rule { match sample by h [any where f == "word"] [any where n == 1] }
rule absence_rule { match absence of [any where n == 1] by h for 1d after [any where n == 2] }
rule new_rule { match new value of k, lower(f) in [any where n == 1] by h history 1d }
rule line_rule { match descendant of [any where n == 1] [any where n == 2] link k to f }
)";

class SpreadState : public AggregateState {
 public:
  void Add(std::span<const Value> /*values*/) override { ++count_; }
  Value Result(ValueArena* /*arena*/) const override { return Value::Int(count_); }
  size_t bytes() const override { return sizeof(*this); }

 private:
  int64_t count_ = 0;
};

HostAggregate Spread(size_t arguments) {
  return {"spread", std::vector<ValueType>(arguments, ValueType::kAny), ValueType::kNumber,
          [] { return std::make_unique<SpreadState>(); }};
}

constexpr char kTable[] =
    "kind=a|b* => product=linux category=test class=1007 rename:equal=eq set:x=1 set:x=2\n"
    "kind=!c|!d* n=* m=! => category=test assume:kind=a\n";

const FunctionRegistry& Functions() {
  static const FunctionRegistry* const functions = [] {
    auto* f = new FunctionRegistry();
    EXPECT_TRUE(f->Add({"twice",
                        {ValueType::kNumber},
                        ValueType::kNumber,
                        [](std::span<const Value> args, ValueArena*) {
                          return Value::Double(2 * args[0].AsDouble());
                        }})
                    .ok());
    EXPECT_TRUE(f->AddAggregate(Spread(2)).ok());
    return f;
  }();
  return *functions;
}

std::shared_ptr<const Program> Compile(const std::vector<RuleSource>& sources) {
  const auto table = LogSourceTable::Parse(kTable);
  EXPECT_TRUE(table.ok()) << table.status();
  CompilerOptions options;
  options.log_sources = &*table;
  options.functions = &Functions();
  Compiler compiler(options);
  compiler.AddFrontend(SigmaFrontend());
  VedetteOptions vedette;
  vedette.functions = &Functions();
  compiler.AddFrontend(VedetteFrontend(vedette));
  RuleSet rules;
  for (const RuleSource& source : sources) rules.Add(source.name, source.text);
  auto built = compiler.Compile(rules);
  EXPECT_TRUE(built.ok());
  for (const Diagnostic& d : built->diagnostics) {
    EXPECT_NE(d.severity, Severity::kError) << FormatDiagnostic(d);
  }
  return built->program;
}

std::shared_ptr<const Program> Everything() {
  return Compile({{"a.yml", kSigma}, {"b.vdt", kVedette}});
}

std::shared_ptr<const Program> Small() {
  return Compile({{"b.vdt", kVedette},
                  {"c.yml",
                   "title: t\nlogsource: {category: test}\n"
                   "detection: {s: {f: 'w*', g|re: 'a+', h|cidr: 10.0.0.0/8}, "
                   "k: [word], condition: s or not k}\n"}});
}

std::shared_ptr<const Program> Several() { return Compile({{"s.vdt", kSeveral}}); }

constexpr const char* kEvents[] = {
    R"({"kind":"a","eq":"WORD","n0":"7","n1":0,"n2":2,"n3":4,"n4":-4})",
    R"({"kind":"bb","equal":"word","a":3,"b":"B","list":[{"x":"1","y":3},{"x":1,"y":1}]})",
    R"({"kind":"x","n":1,"r1":"aaa","r2":"AAA","r3":"b\na","r4":"a\nb","cased":"Words"})",
    R"({"kind":"a","equal":"word","prefix":"words","suffix":"sword","inside":"swords",
        "pattern":"wordd","any":1,"cased":"aWord","dash":"a /x b"})",
    R"({"kind":"a","e":1,"net":"10.1.1.1","f":"q","g":"Q","t":"2026-01-01T07:00:00Z"})",
    R"({"kind":"b","text":"a keyword"})",
    R"({"f":"word","h":["x","y"],"g":7,"u":"U","n":1,"k":["w","v"]})",
};

// Everything that the program says about some events.
std::string Story(const std::shared_ptr<const Program>& program) {
  std::string out;
  Evaluator evaluator(program);
  for (const char* json : kEvents) {
    const Event event = testing::EventOf(json);
    const std::span<const Match> found = evaluator.Evaluate(event.view());
    for (const MatchRecord& record : evaluator.Records(event.view())) {
      out += std::to_string(record.correlation) + "/" + std::to_string(record.source) + " ";
      out += std::string(record.key);
      for (const Value& value : record.values) out += " " + value.ToJson();
      out += "\n";
    }
    for (const Match& match : std::vector<Match>(found.begin(), found.end())) {
      out += DetectionToJson(evaluator.Describe(event.view(), match)) + "\n";
    }
    for (size_t rule = 0; rule < program->rule_count(); ++rule) {
      out += FormatExplanation(evaluator.Explain(event.view(), rule));
    }
  }
  for (size_t rule = 0; rule < program->rule_count(); ++rule) out += program->DumpRule(rule);
  for (size_t i = 0; i < program->correlation_count(); ++i) out += program->DumpCorrelation(i);
  for (const std::string& field : program->required_fields()) out += field + " ";
  return out + std::to_string(program->fingerprint());
}

void FixHeader(std::string* bytes) {
  std::string fixed;
  AppendFixed(bytes->size() - kSavedHeaderBytes, 8, &fixed);
  bytes->replace(kSavedChecksumAt - 8, 8, fixed);
  fixed.clear();
  AppendFixed(SavedChecksum(*bytes), 8, &fixed);
  bytes->replace(kSavedChecksumAt, 8, fixed);
}

absl::Status LoadStatus(std::string_view bytes, const FunctionRegistry* functions = &Functions()) {
  return LoadProgram(bytes, functions).status();
}

TEST(SavedProgram, RoundTrip) {
  const auto program = Everything();
  std::set<CompiledPredicate::Op> ops;
  for (const CompiledPredicate& p : program->layout().predicates) ops.insert(p.op);
  EXPECT_EQ(ops.size(), 13U) << "the rules of this test should hold every kind of predicate";
  const std::string bytes = SaveProgram(*program);
  const auto loaded = LoadProgram(bytes, &Functions());
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(SaveProgram(**loaded), bytes);
  EXPECT_EQ((*loaded)->fingerprint(), program->fingerprint());
  ASSERT_EQ((*loaded)->rule_count(), program->rule_count());
  for (size_t i = 0; i < program->rule_count(); ++i) {
    EXPECT_EQ((*loaded)->fingerprint(i), program->fingerprint(i));
  }
  EXPECT_EQ((*loaded)->searches_whole_event(), program->searches_whole_event());
  const std::string story = Story(program);
  EXPECT_EQ(Story(*loaded), story);
  // The story is worth comparing.
  EXPECT_NE(story.find("\"outcome\""), std::string::npos) << story;
  EXPECT_NE(story.find("2d7a4c1e"), std::string::npos);
  const RuleMeta& meta = (*loaded)->rule(0);
  EXPECT_EQ(meta.custom, program->rule(0).custom);
  EXPECT_EQ(meta.related, program->rule(0).related);
  EXPECT_EQ(meta.line, program->rule(0).line);
}

TEST(SavedProgram, CorrelationsRoundTrip) {
  const auto program = Several();
  ASSERT_EQ(program->correlation_count(), 7U);
  EXPECT_EQ(program->rule_count(), 1U);
  const std::string bytes = SaveProgram(*program);
  const auto loaded = LoadProgram(bytes, &Functions());
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(SaveProgram(**loaded), bytes);
  EXPECT_EQ(Story(*loaded), Story(program));
  EXPECT_NE(Story(program).find("0/0 "), std::string::npos);
  EXPECT_EQ((*loaded)->correlation_depth(), 2U);
  for (size_t i = 0; i < 7; ++i) {
    EXPECT_EQ((*loaded)->correlation_fingerprint(i), program->correlation_fingerprint(i));
    EXPECT_EQ((*loaded)->layout().correlations[i].feeds, program->layout().correlations[i].feeds);
  }
  EXPECT_EQ((*loaded)->layout().rules[0].suppress_ns, 60'000'000'000);
}

TEST(SavedProgram, Empty) {
  const auto program = Compile({});
  const auto loaded = LoadProgram(SaveProgram(*program));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ((*loaded)->rule_count(), 0U);
}

TEST(SavedProgram, HostFunctions) {
  const std::string bytes = SaveProgram(*Small());
  const absl::Status none = LoadStatus(bytes, nullptr);
  EXPECT_EQ(none.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(std::string(none.message()).find("'twice'"), std::string::npos) << none;
  FunctionRegistry other;
  ASSERT_TRUE(other
                  .Add({"twice",
                        {},
                        ValueType::kNumber,
                        [](std::span<const Value>, ValueArena*) { return Value::Int(1); }})
                  .ok());
  // Found in any case by rules, but a program has one form, and keeps the spelling.
  FunctionRegistry shouting;
  ASSERT_TRUE(shouting
                  .Add({"TWICE",
                        {ValueType::kNumber},
                        ValueType::kNumber,
                        [](std::span<const Value>, ValueArena*) { return Value::Int(1); }})
                  .ok());
  EXPECT_EQ(LoadStatus(bytes, &shouting).code(), absl::StatusCode::kFailedPrecondition);
  const absl::Status wrong = LoadStatus(bytes, &other);
  EXPECT_EQ(wrong.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(std::string(wrong.message()).find("takes 0 arguments"), std::string::npos) << wrong;
}

TEST(SavedProgram, HostAggregates) {
  const auto program = Several();
  const std::string bytes = SaveProgram(*program);
  const auto loaded = LoadProgram(bytes, &Functions());
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  const std::vector<CorrelationAggregate>& all = (*loaded)->layout().correlations[0].aggregates;
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all.back().host, Functions().FindAggregate("Spread"));
  EXPECT_EQ(all.back().function, Function::kHostAggregate);
  EXPECT_EQ(all.back().text, "spread(s.n, s.k)");
  const absl::Status none = LoadStatus(bytes, nullptr);
  EXPECT_EQ(none.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(std::string(none.message()).find("no aggregate 'spread'"), std::string::npos) << none;
  FunctionRegistry other;
  ASSERT_TRUE(other.AddAggregate(Spread(1)).ok());
  const absl::Status wrong = LoadStatus(bytes, &other);
  EXPECT_EQ(wrong.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(std::string(wrong.message()).find("takes 1 arguments"), std::string::npos) << wrong;
}

TEST(SavedProgram, Versions) {
  const std::string bytes = SaveProgram(*Small());
  std::string major = bytes;
  major[8] = 3;
  const absl::Status status = LoadStatus(major);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  for (const char* part : {"3.0", "2.x"}) {
    EXPECT_NE(std::string(status.message()).find(part), std::string::npos) << status;
  }
  // Another library wrote it.
  std::string library = bytes;
  library[12] = 9;
  FixHeader(&library);
  const auto loaded = LoadProgram(library, &Functions());
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(SaveProgram(**loaded), bytes);
  // A section that a later minor form may have.
  std::string section("NEWS");
  AppendFixed(3, 8, &section);
  section += "abc";
  for (const size_t at : {kSavedHeaderBytes, bytes.size()}) {
    std::string more = bytes;
    more.insert(at, section);
    FixHeader(&more);
    EXPECT_EQ(LoadStatus(more).code(), absl::StatusCode::kInvalidArgument);
    more[10] = static_cast<char>(kSavedProgramMinor + 1);
    FixHeader(&more);
    const auto later = LoadProgram(more, &Functions());
    ASSERT_TRUE(later.ok()) << later.status();
    EXPECT_EQ(SaveProgram(**later), bytes);
  }
}

TEST(SavedProgram, NoProgramAndDamage) {
  const std::string bytes = SaveProgram(*Small());
  EXPECT_EQ(LoadStatus("").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(LoadStatus("title: a rule\n").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(LoadStatus(bytes.substr(0, 20)).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(LoadStatus(bytes.substr(0, bytes.size() - 1)).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(LoadStatus(bytes + "x").code(), absl::StatusCode::kInvalidArgument);
  std::string damaged = bytes;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  const absl::Status status = LoadStatus(damaged);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(std::string(status.message()).find("checksum"), std::string::npos) << status;
}

TEST(SavedProgram, EveryLengthIsTooShort) {
  for (const std::string& bytes : {SaveProgram(*Small()), SaveProgram(*Several())}) {
    for (size_t n = 0; n < bytes.size(); ++n) {
      std::string cut = bytes.substr(0, n);
      EXPECT_FALSE(LoadStatus(cut).ok()) << n;
      if (n < kSavedHeaderBytes) continue;
      FixHeader(&cut);
      EXPECT_FALSE(LoadStatus(cut).ok()) << n;
    }
  }
}

void FlipBytes(const std::string& bytes) {
  size_t loaded_ones = 0;
  size_t refused = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (const int bits : {0x01, 0x04, 0x80, 0xFF}) {
      std::string flipped = bytes;
      flipped[i] = static_cast<char>(flipped[i] ^ bits);
      EXPECT_FALSE(LoadStatus(flipped).ok()) << i;
      FixHeader(&flipped);
      const auto loaded = LoadProgram(flipped, &Functions());
      if (!loaded.ok()) {
        ++refused;
        EXPECT_FALSE(loaded.status().message().empty());
        continue;
      }
      ++loaded_ones;
      // Its version apart, it is the program that it says it is, and can be run.
      if (i >= kSavedHeaderBytes) {
        EXPECT_EQ(SaveProgram(**loaded), flipped) << i;
      }
      EXPECT_FALSE(Story(*loaded).empty());
    }
  }
  std::cout << bytes.size() << " bytes; with the checksum made to fit, " << refused
            << " changes were refused and " << loaded_ones << " gave another program\n";
  EXPECT_GT(refused, loaded_ones / 4);
}

TEST(SavedProgram, EveryByteFlipped) { FlipBytes(SaveProgram(*Small())); }
TEST(SavedProgram, EveryByteOfCorrelationsFlipped) { FlipBytes(SaveProgram(*Several())); }

// A layout that is in order: `not (a and a)`.
std::unique_ptr<ProgramLayout> Sound() {
  auto layout = std::make_unique<ProgramLayout>();
  layout->labels = {"", "name"};
  layout->fields = {FieldPath::Parse("a").value(), FieldPath::Parse("b").value()};
  layout->predicates.resize(2);
  layout->predicates[0].field = 0;
  layout->predicates[1].op = CompiledPredicate::Op::kHolds;
  CompiledExpr expr;
  expr.fields = {1};
  expr.nodes.resize(2);
  expr.nodes[0].kind = CompiledExpr::Node::Kind::kField;
  expr.nodes[1].kind = CompiledExpr::Node::Kind::kCall;
  expr.nodes[1].function = Function::kNot;
  expr.nodes[1].args = 1;
  layout->predicates[1].subject = std::make_unique<const CompiledExpr>(std::move(expr));
  layout->nodes.resize(4);
  layout->nodes[0].kind = ProgramNode::Kind::kNot;
  layout->nodes[1].kind = ProgramNode::Kind::kAnd;
  layout->nodes[2].kind = layout->nodes[3].kind = ProgramNode::Kind::kPredicate;
  layout->nodes[0].first = 1;
  layout->nodes[0].count = 1;
  layout->nodes[1].first = 2;
  layout->nodes[1].count = 2;
  layout->nodes[2].rank = 1;
  layout->nodes[3].first = 1;
  layout->rules.resize(1);
  layout->visible_rules = 1;
  return layout;
}

std::string SaveLayout(std::unique_ptr<ProgramLayout> layout) {
  layout->visible_rules = layout->rules.size();
  return SaveProgram(Program(std::move(layout)));
}

void ReplaceSubject(ProgramLayout* layout, const std::function<void(CompiledExpr*)>& change) {
  CompiledExpr expr;
  expr.fields = layout->predicates[1].subject->fields;
  expr.nodes = layout->predicates[1].subject->nodes;
  change(&expr);
  layout->predicates[1].subject = std::make_unique<const CompiledExpr>(std::move(expr));
}

TEST(SavedProgram, ContradictionsAreRefused) {
  const auto status_of = [](std::unique_ptr<ProgramLayout> layout) {
    return LoadStatus(SaveLayout(std::move(layout)));
  };
  EXPECT_TRUE(status_of(Sound()).ok()) << status_of(Sound());
  using L = ProgramLayout;
  const std::vector<std::pair<const char*, std::function<void(L*)>>> cases = {
      {"condition of a rule", [](L* l) { l->rules[0].root = 4; }},
      {"belongs to no rule", [](L* l) { l->nodes.emplace_back(); }},
      {"belongs to no rule", [](L* l) { l->rules.clear(); }},
      {"share a condition", [](L* l) { l->rules.resize(2); }},
      {"before its parent", [](L* l) { l->nodes[1].first = 1; }},
      {"before its parent", [](L* l) { l->nodes[1].first = 0; }},
      {"a child is out of range", [](L* l) { l->nodes[1].first = 3; }},
      {"number of children", [](L* l) { l->nodes[1].count = 5; }},
      {"wrong number of children", [](L* l) { l->nodes[0].count = 2; }},
      {"wrong number of children", [](L* l) { l->nodes[1].kind = ProgramNode::Kind::kTrue; }},
      {"two parents",
       [](L* l) {
         l->rules.resize(2);
         l->rules[1].root = 2;
         l->nodes[2].rank = 0;
       }},
      {"ranks", [](L* l) { l->nodes[2].rank = 0; }},
      {"ranks", [](L* l) { l->nodes[2].rank = 2; }},
      {"ranks", [](L* l) { l->nodes[0].rank = 1; }},
      {"label", [](L* l) { l->nodes[3].label = 2; }},
      {"first label", [](L* l) { l->labels[0] = "x"; }},
      {"first label", [](L* l) { l->labels.clear(); }},
      {"a predicate", [](L* l) { l->nodes[3].first = 2; }},
      {"array elements", [](L* l) { l->predicates[0].relative = true; }},
      {"array elements",
       [](L* l) {
         l->nodes[0].kind = ProgramNode::Kind::kEach;
         l->nodes[0].field = 0;
       }},
      {"a field", [](L* l) { l->nodes[0].kind = ProgramNode::Kind::kEach; }},
      {"a field", [](L* l) { l->predicates[0].field = 2; }},
      {"twice", [](L* l) { l->fields[1] = l->fields[0]; }},
      {"longer than its section", [](L* l) { l->fields[1] = FieldPath::OfNames({}); }},
      {"without ']'", [](L* l) { l->fields[1] = FieldPath::OfNames({"a[0"}); }},
      {"wrong thing", [](L* l) { l->predicates[1].op = CompiledPredicate::Op::kExists; }},
      {"wrong thing", [](L* l) { l->predicates[0].op = CompiledPredicate::Op::kHolds; }},
      {"wrong thing",
       [](L* l) {
         l->predicates[1].op = CompiledPredicate::Op::kNumberLt;
         l->predicates[1].number = Value::Int(1);
         l->predicates[1].time_part = CompiledPredicate::TimePart::kDay;
       }},
      {"a number is none", [](L* l) { l->predicates[0].op = CompiledPredicate::Op::kNumberLt; }},
      {"an operator is unknown",
       [](L* l) { l->predicates[0].op = static_cast<CompiledPredicate::Op>(13); }},
      {"a level", [](L* l) { l->rules[0].meta.level = static_cast<Level>(6); }},
      {"prefix length",
       [](L* l) {
         l->predicates[0].op = CompiledPredicate::Op::kCidr;
         l->predicates[0].cidr.bits = 33;
       }},
      {"wildcard pattern is empty",
       [](L* l) {
         l->predicates[0].op = CompiledPredicate::Op::kText;
         l->predicates[0].matcher = {TextMatcher::Kind::kWildcard, false, "", {}};
       }},
      {"not supported",
       [](L* l) {
         l->predicates[0].op = CompiledPredicate::Op::kRegex;
         RE2::Options quiet;
         quiet.set_log_errors(false);
         l->predicates[0].regex =
             std::make_shared<const ProgramRegex>(std::make_unique<const RE2>("(", quiet));
       }},
      {"one value", [](L* l) { ReplaceSubject(l, [](CompiledExpr* e) { e->nodes.clear(); }); }},
      {"one value",
       [](L* l) {
         ReplaceSubject(l, [](CompiledExpr* e) {
           e->nodes.pop_back();
           e->nodes.push_back(e->nodes[0]);
         });
       }},
      {"number of arguments",
       [](L* l) { ReplaceSubject(l, [](CompiledExpr* e) { e->nodes[1].args = 2; }); }},
      {"no function",
       [](L* l) { ReplaceSubject(l, [](CompiledExpr* e) { e->nodes[1].args = 0; }); }},
      {"no function",
       [](L* l) {
         ReplaceSubject(l, [](CompiledExpr* e) { e->nodes[1].function = Function::kCount; });
       }},
      {"field of an expression",
       [](L* l) { ReplaceSubject(l, [](CompiledExpr* e) { e->nodes[0].index = 1; }); }},
      {"a field is out of range",
       [](L* l) { ReplaceSubject(l, [](CompiledExpr* e) { e->fields[0] = 2; }); }},
  };
  for (const auto& [text, change] : cases) {
    auto layout = Sound();
    change(layout.get());
    const absl::Status status = status_of(std::move(layout));
    EXPECT_FALSE(status.ok()) << text;
    EXPECT_NE(std::string(status.message()).find(text), std::string::npos)
        << "expected '" << text << "' in: " << status;
  }
}

TEST(SavedProgram, ContradictoryCorrelationsAreRefused) {
  using L = ProgramLayout;
  using Role = CorrelationInput::Role;
  using SlotKind = CorrelationSlot::Kind;
  // In the order of kSeveral.
  enum { kWindow, kSequence, kAll, kSample, kAbsence, kNew, kLine };
  const auto feed_to = [](L* l, uint32_t correlation) -> CorrelationFeed& {
    return *std::find_if(l->feeds.begin(), l->feeds.end(), [&](const CorrelationFeed& f) {
      return f.correlation == correlation && f.from_correlation == (correlation == kAll);
    });
  };
  const auto slot_of = [](L* l, uint32_t correlation, SlotKind kind) -> CorrelationSlot& {
    auto& slots = l->correlations[correlation].slots;
    return *std::find_if(slots.begin(), slots.end(),
                         [&](const CorrelationSlot& s) { return s.kind == kind; });
  };
  const std::vector<std::pair<const char*, std::function<void(L*)>>> cases = {
      {"number of rules", [](L* l) { l->visible_rules = l->rules.size() + 1; }},
      {"a hidden rule", [](L* l) { l->rules.back().silent = false; }},
      {"a duration", [](L* l) { l->rules[0].suppress_ns = -1; }},
      {"a duration", [](L* l) { l->correlations[kWindow].span_ns = -1; }},
      {"a timespan", [](L* l) { l->correlations[kWindow].span_ns = 0; }},
      {"a timespan", [](L* l) { l->correlations[kAbsence].span_ns = 0; }},
      {"a depth", [](L* l) { l->correlations[kWindow].depth = 0; }},
      {"a depth", [](L* l) { l->correlations[kAll].depth = 17; }},
      {"not deeper", [](L* l) { l->correlations[kAll].depth = 1; }},
      {"a rearm",
       [](L* l) { l->correlations[kWindow].rearm = ProgramCorrelation::Rearm::kDefault; }},
      {"judged at a close", [](L* l) { l->correlations[kSequence].at_close = true; }},
      {"no condition",
       [](L* l) {
         l->correlations[kWindow].at_close = false;
         l->correlations[kWindow].has_having = false;
       }},
      {"only a sequence has negated",
       [](L* l) { l->correlations[kAll].sources[0].role = Role::kNegated; }},
      {"an end", [](L* l) { l->correlations[kSequence].sources[0].role = Role::kUntil; }},
      {"an end", [](L* l) { l->correlations[kAll].sources[1].role = Role::kUntil; }},
      {"a tracked", [](L* l) { l->correlations[kSequence].sources.back().role = Role::kTrack; }},
      {"no source",
       [](L* l) {
         for (auto& s : l->correlations[kSequence].sources) s.role = Role::kNegated;
       }},
      {"sensible", [](L* l) { l->correlations[kSequence].sources[0].runs = 101; }},
      {"sensible", [](L* l) { l->correlations[kSequence].sources[0].runs = 0; }},
      {"sensible", [](L* l) { l->correlations[kSequence].sources[0].min_count = 0; }},
      {"a column is out", [](L* l) { l->correlations[kSequence].sources[2].distinct_column = 9; }},
      {"a column is out", [](L* l) { l->correlations[kWindow].aggregates[1].columns[0] = 9; }},
      {"wrong number of columns",
       [](L* l) { l->correlations[kWindow].aggregates[0].columns.push_back(0); }},
      {"wrong number of columns",
       [](L* l) { l->correlations[kWindow].aggregates[1].columns.clear(); }},
      {"a percentile", [](L* l) { l->correlations[kWindow].aggregates[1].percent = NAN; }},
      {"no aggregate",
       [](L* l) { l->correlations[kWindow].aggregates[0].function = Function::kNot; }},
      {"a source is out", [](L* l) { l->correlations[kWindow].aggregates[0].source = 1; }},
      {"a slot is out", [&](L* l) { slot_of(l, kWindow, SlotKind::kAggregate).index = 9; }},
      {"a slot is out", [&](L* l) { slot_of(l, kWindow, SlotKind::kColumn).index = 9; }},
      {"a slot is out", [&](L* l) { slot_of(l, kWindow, SlotKind::kKey).index = 9; }},
      {"a slot is out", [&](L* l) { slot_of(l, kSequence, SlotKind::kTest).index = 9; }},
      {"a source is out", [&](L* l) { slot_of(l, kWindow, SlotKind::kColumn).source = 9; }},
      {"uses what it cannot",
       [&](L* l) {
         slot_of(l, kSequence, SlotKind::kColumn) = {SlotKind::kKey, 0, 0};
       }},
      {"uses what it cannot",
       [&](L* l) {
         ProgramCorrelation& c = l->correlations[kSequence];
         const auto test = &slot_of(l, kSequence, SlotKind::kTest) - c.slots.data();
         c.tests[0].fields[0] = static_cast<uint32_t>(test);
       }},
      {"a new value", [](L* l) { l->correlations[kNew].new_value_columns = 3; }},
      {"a new value", [](L* l) { l->correlations[kNew].new_value_columns = 0; }},
      {"columns without use", [](L* l) { l->correlations[kAll].new_value_columns = 1; }},
      {"a lineage", [](L* l) { l->correlations[kLine].any_generation = false; }},
      {"a lineage", [](L* l) { l->correlations[kLine].sources[2].columns.pop_back(); }},
      {"does not fit", [&](L* l) { feed_to(l, kWindow).keys.pop_back(); }},
      {"does not fit", [&](L* l) { feed_to(l, kWindow).columns.pop_back(); }},
      {"a correlation is out", [&](L* l) { feed_to(l, kWindow).correlation = 7; }},
      {"a source is out", [&](L* l) { feed_to(l, kWindow).source = 1; }},
      {"what feeds", [&](L* l) { feed_to(l, kWindow).from = 99; }},
      {"what feeds", [&](L* l) { feed_to(l, kAll).from = 7; }},
      {"not deeper", [&](L* l) { feed_to(l, kAll).from = kAll; }},
      {"a field is out", [&](L* l) { feed_to(l, kWindow).keys[0].expr.fields[0] = 99; }},
      {"a field is out", [&](L* l) { feed_to(l, kAll).keys[0].expr.fields[0] = 9; }},
      {"is no field",
       [&](L* l) { feed_to(l, kNew).columns[1].kind = CompiledColumn::Kind::kField; }},
      {"share a condition",
       [&](L* l) {
         CompiledColumn& column = feed_to(l, kSequence).columns[0];
         column.kind = CompiledColumn::Kind::kFormula;
         column.node = l->rules[1].root;
       }},
  };
  for (const auto& [text, change] : cases) {
    const auto program = Several();
    change(const_cast<ProgramLayout*>(&program->layout()));
    const absl::Status status = LoadStatus(SaveProgram(*program));
    EXPECT_FALSE(status.ok()) << text;
    EXPECT_NE(std::string(status.message()).find(text), std::string::npos)
        << "expected '" << text << "' in: " << status;
  }
}

TEST(SavedProgram, DepthIsBounded) {
  for (const size_t depth : {kMaxLoadedDepth, kMaxLoadedDepth + 1}) {
    auto layout = std::make_unique<ProgramLayout>();
    layout->labels = {""};
    layout->rules.resize(1);
    layout->nodes.resize(depth);
    for (uint32_t i = 0; i + 1 < depth; ++i) {
      layout->nodes[i].kind = ProgramNode::Kind::kNot;
      layout->nodes[i].first = i + 1;
      layout->nodes[i].count = 1;
    }
    const std::string bytes = SaveLayout(std::move(layout));
    EXPECT_EQ(LoadStatus(bytes).ok(), depth == kMaxLoadedDepth);
  }
}

TEST(SavedProgram, TablesAreBounded) {
  LogSourceTable::Row row;
  row.source.category = "test";
  auto& values = row.when.emplace_back().values;
  for (int i = 0; i < 20000; ++i) values.push_back("a" + std::to_string(i) + "*");
  auto layout = Sound();
  layout->log_sources = LogSourceTable::FromRows({row});
  EXPECT_EQ(LoadStatus(SaveLayout(std::move(layout))).code(), absl::StatusCode::kResourceExhausted);
}

std::shared_ptr<const ProgramRegex> Compiled(const char* pattern) {
  return std::make_shared<const ProgramRegex>(std::make_unique<const RE2>(pattern));
}

std::unique_ptr<ProgramLayout> WithRegexes(int count, const char* pattern) {
  auto layout = Sound();
  const auto regex = Compiled(pattern);
  for (int i = 0; i < count; ++i) {
    CompiledPredicate& p = layout->predicates.emplace_back();
    p.op = CompiledPredicate::Op::kRegex;
    p.field = 0;
    p.regex = regex;
  }
  return layout;
}

size_t CompiledRegexes(const Program& program) {
  const auto& predicates = program.layout().predicates;
  return static_cast<size_t>(std::count_if(predicates.begin(), predicates.end(), [](const auto& p) {
    return p.regex != nullptr && p.regex->compiled();
  }));
}

// Those that certainly can be are compiled when they are needed; how many is bounded, and so is
// what the others take.
TEST(SavedProgram, RegexesAreBounded) {
  EXPECT_EQ(LoadStatus(SaveLayout(WithRegexes(20000, "(?:[a-c]{500}){2}"))).code(),
            absl::StatusCode::kResourceExhausted);
  auto program = LoadProgram(SaveLayout(WithRegexes(1000, "[a-c]{5}x")));
  ASSERT_TRUE(program.ok()) << program.status();
  EXPECT_LE(CompiledRegexes(**program), 1U);  // Sound() may have one of its own
  program = LoadProgram(SaveLayout(WithRegexes(1000, "(?:[a-c]{10}){10}")));
  ASSERT_TRUE(program.ok()) << program.status();
  EXPECT_GT(CompiledRegexes(**program), 500U);
  EXPECT_LT(CompiledRegexes(**program), 1000U);
  for (const CompiledPredicate& p : (*program)->layout().predicates) {
    if (p.regex == nullptr) continue;
    const RE2& regex = *p.regex;
    EXPECT_TRUE(regex.ok());
  }
  program = LoadProgram(SaveLayout(WithRegexes(1, "\\pL")));
  ASSERT_TRUE(program.ok()) << program.status();
  EXPECT_GE(CompiledRegexes(**program), 1U);
}

// Threads may need the same one first, all at once.
TEST(SavedProgram, RegexesAreCompiledOnce) {
  const auto program = LoadProgram(SaveProgram(*Everything()), &Functions());
  ASSERT_TRUE(program.ok()) << program.status();
  std::vector<std::thread> threads;
  std::vector<std::vector<const RE2*>> seen(4);
  for (auto& of_thread : seen) {
    threads.emplace_back([&of_thread, &program] {
      for (const CompiledPredicate& p : (*program)->layout().predicates) {
        if (p.regex == nullptr) continue;
        const RE2& regex = *p.regex;
        of_thread.push_back(regex.ok() ? &regex : nullptr);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(seen[0].empty());
  for (const auto& of_thread : seen) EXPECT_EQ(of_thread, seen[0]);
}

// The seeds of tests/fuzz/program_fuzzer.cc are written by
// VEDETTE_WRITE_SEEDS=tests/fuzz/seeds/program, after a change of the form.
TEST(SavedProgram, WriteSeeds) {
  const char* folder = std::getenv("VEDETTE_WRITE_SEEDS");
  if (folder == nullptr) GTEST_SKIP() << "SKIPPED: only to write the fuzzer's seeds";
  const std::vector<std::pair<std::string, std::shared_ptr<const Program>>> seeds = {
      {"everything.vpk", Everything()},
      {"small.vpk", Small()},
      {"several.vpk", Several()},
      {"empty.vpk", Compile({})},
      {"sound.vpk", std::make_shared<const Program>(Sound())},
  };
  for (const auto& [name, program] : seeds) {
    std::ofstream file(std::string(folder) + "/" + name, std::ios::binary);
    file << SaveProgram(*program);
    EXPECT_TRUE(file.good()) << name;
  }
}

}  // namespace
}  // namespace vedette
