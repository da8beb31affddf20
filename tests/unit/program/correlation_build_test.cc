// What the compiler makes of rules over several events, and that it survives being saved.
#include "lib/program/correlation_build.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/ir/ir.h"
#include "lib/program/program_build.h"
#include "lib/program/program_layout.h"
#include "vedette/compiler.h"
#include "vedette/frontends/sigma.h"
#include "vedette/frontends/vedette.h"
#include "vedette/saved_program.h"

namespace vedette {
namespace {

using Shape = ProgramCorrelation::Shape;
using Rearm = ProgramCorrelation::Rearm;
using Role = CorrelationInput::Role;
using ColumnKind = CompiledColumn::Kind;
using SlotKind = CorrelationSlot::Kind;

struct Compiled {
  std::shared_ptr<const Program> program;
  std::vector<Diagnostic> diagnostics;
  size_t correlations = 0;

  const ProgramLayout& layout() const { return program->layout(); }
  const ProgramCorrelation& at(size_t i) const { return layout().correlations.at(i); }
  std::vector<const CorrelationFeed*> FeedsOf(uint32_t correlation) const {
    std::vector<const CorrelationFeed*> out;
    for (const CorrelationFeed& feed : layout().feeds) {
      if (feed.correlation == correlation) out.push_back(&feed);
    }
    return out;
  }
  std::string Said(const std::string& code) const {
    std::string out;
    for (const Diagnostic& d : diagnostics) {
      if (d.code == code) out += d.rule + ": " + d.message + "\n";
    }
    return out;
  }
};

Compiled CompileText(const std::string& name, const std::string& text,
                     CompilerOptions options = {}) {
  Compiler compiler(options);
  compiler.AddFrontend(SigmaFrontend());
  compiler.AddFrontend(VedetteFrontend());
  RuleSet rules;
  rules.Add(name, text);
  auto built = compiler.Compile(rules);
  EXPECT_TRUE(built.ok()) << built.status();
  // Whatever it is, it can be saved and loaded, and is the same then.
  const std::string saved = SaveProgram(*built->program);
  const auto loaded = LoadProgram(saved);
  EXPECT_TRUE(loaded.ok()) << loaded.status();
  if (loaded.ok()) {
    EXPECT_EQ(SaveProgram(**loaded), saved);
    EXPECT_EQ((*loaded)->fingerprint(), built->program->fingerprint());
    for (size_t i = 0; i < (*loaded)->correlation_count(); ++i) {
      const ProgramCorrelation& a = (*loaded)->layout().correlations[i];
      const ProgramCorrelation& b = built->program->layout().correlations[i];
      EXPECT_EQ(a.feeds, b.feeds);
      EXPECT_EQ(a.fingerprint, b.fingerprint);
    }
  }
  return {built->program, built->diagnostics, built->stats.correlations};
}

Compiled Vdt(const std::string& text) {
  Compiled c = CompileText("r.vdt", text);
  for (const Diagnostic& d : c.diagnostics) {
    EXPECT_NE(d.severity, Severity::kError) << FormatDiagnostic(d) << "\n" << text;
  }
  return c;
}

TEST(CorrelationBuild, WindowHasFeedsAggregatesAndOutcomes) {
  const Compiled c = Vdt(R"(
rule scan {
  meta { logsource = { product: "zeek" } }
  match window 1m by source.ip, ?host.id
    conn: [network where network.direction == "inbound"]
  having distinct(conn.destination.port) > 100 and count(conn) > 200
  outcome {
    n = count(conn)
    ports = distinct(conn.destination.port)
    last = lower(conn.user.name)
    p = percentile(conn.bytes, 95)
  }
  suppress by source.ip for 1h
})");
  ASSERT_EQ(c.correlations, 1u);
  EXPECT_EQ(c.program->rule_count(), 0u);
  EXPECT_EQ(c.layout().rules.size(), 1u);
  EXPECT_EQ(c.program->FindRule("scan"), -1);
  EXPECT_EQ(c.layout().rules[0].meta.log_source.product, "zeek");
  EXPECT_TRUE(c.layout().rules[0].silent);
  const ProgramCorrelation& w = c.at(0);
  EXPECT_EQ(w.shape, Shape::kWindow);
  EXPECT_EQ(w.rearm, Rearm::kWhenFalse);
  EXPECT_EQ(w.span_ns, 60'000'000'000);
  EXPECT_FALSE(w.at_close);
  EXPECT_TRUE(w.has_having);
  EXPECT_TRUE(w.emits);
  EXPECT_EQ(w.depth, 1u);
  EXPECT_EQ(w.key_names, (std::vector<std::string>{"source.ip", "host.id"}));
  ASSERT_EQ(w.sources.size(), 1u);
  EXPECT_EQ(w.sources[0].alias, "conn");
  EXPECT_EQ(w.sources[0].columns,
            (std::vector<std::string>{"destination.port", "user.name", "bytes"}));
  ASSERT_EQ(w.aggregates.size(), 3u);
  EXPECT_EQ(w.aggregates[0].text, "distinct(conn.destination.port)");
  EXPECT_EQ(w.aggregates[0].columns, (std::vector<uint32_t>{0}));
  EXPECT_EQ(w.aggregates[1].function, Function::kCount);
  EXPECT_EQ(w.aggregates[2].percent, 95);
  EXPECT_EQ(w.outcomes.size(), 4u);
  EXPECT_EQ(w.suppress_ns, 3600'000'000'000);
  ASSERT_EQ(w.suppress_by.size(), 1u);
  const CorrelationSlot& key = w.slots[w.suppress_by[0].expr.fields.at(0)];
  EXPECT_EQ(key.kind, SlotKind::kKey);
  EXPECT_EQ(key.index, 0u);
  const auto feeds = c.FeedsOf(0);
  ASSERT_EQ(feeds.size(), 1u);
  ASSERT_EQ(feeds[0]->keys.size(), 2u);
  EXPECT_FALSE(feeds[0]->keys[0].optional);
  EXPECT_TRUE(feeds[0]->keys[1].optional);
  EXPECT_EQ(feeds[0]->columns.size(), 3u);
  EXPECT_EQ(c.layout().rules[0].feeds, (std::vector<uint32_t>{0}));
  const auto required = c.program->required_fields();
  for (const char* field : {"source.ip", "host.id", "destination.port", "user.name", "bytes"}) {
    EXPECT_NE(std::find(required.begin(), required.end(), field), required.end()) << field;
  }
}

TEST(CorrelationBuild, RisingConditionsAreJudgedAtRecords) {
  const auto at_close = [](const std::string& having) {
    return Vdt("rule r { match window 1m by h a: [x where true] b: [y where true] having " +
               having + " }")
        .at(0)
        .at_close;
  };
  for (const char* rising :
       {"count(a) >= 5", "5 < count(a)", "a", "seen(a) and seen(b)", "sum(a.x) > 2 or max(a.x) > 3",
        "min(a.x) < 3", "3 >= min(a.x)", "percentile(a.x, 50) >= 1", "rate(a) > 0.5",
        "stddev(a.x) > 1 and avg(a.x) > 2 and distinct(a.x, a.y) >= 2"}) {
    EXPECT_FALSE(at_close(rising)) << rising;
  }
  for (const char* other : {"count(a) < 5", "count(a) == 5", "not seen(a)", "count(a) > count(b)",
                            "min(a.x) > 3", "seen(a) and not seen(b)", "first(a.x) > 3",
                            "count(a) != 3", "max(a.x) < 3", "count(a) * 2 > 3"}) {
    EXPECT_TRUE(at_close(other)) << other;
  }
  EXPECT_FALSE(
      Vdt("rule r { match all by h within 1m [x where true] [y where true] }").at(0).at_close);
}

TEST(CorrelationBuild, EachShapeRearmsInItsWay) {
  const auto rearm = [](const std::string& match) {
    return Vdt("rule r { match " + match + " }").at(0).rearm;
  };
  EXPECT_EQ(rearm("all by h within 1m [x where true] [y where true]"), Rearm::kWhenFalse);
  EXPECT_EQ(rearm("sequence by h within 1m [x where true] [y where true]"), Rearm::kImmediately);
  EXPECT_EQ(rearm("sample by h [x where true] [y where true]"), Rearm::kNever);
  EXPECT_EQ(rearm("absence of [x where true] by h for 1m"), Rearm::kImmediately);
  EXPECT_EQ(rearm("new value of f in [x where true] by h"), Rearm::kImmediately);
  EXPECT_EQ(rearm("child of [x where true] [y where true]"), Rearm::kImmediately);
  EXPECT_EQ(rearm("sequence by h within 1m [x where true] [y where true] rearm reset"),
            Rearm::kReset);
}

TEST(CorrelationBuild, EqualConditionsShareAHiddenRule) {
  const Compiled c = Vdt(R"(
rule a { match window 1m by h s: [x where f == 1] having count(s) > 2 }
rule b { match window 2m by g s: [x where f == 1] having count(s) > 2 }
rule c { match window 2m by g s: [x where f == 2] having count(s) > 2 }
rule plain { match x where f == 1 }
)");
  EXPECT_EQ(c.program->rule_count(), 1u);
  EXPECT_EQ(c.layout().rules.size(), 3u);
  EXPECT_EQ(c.layout().rules[1].feeds.size(), 2u);
  EXPECT_EQ(c.program->FindRule("plain"), 0);
  EXPECT_EQ(c.program->correlation_depth(), 1u);
}

TEST(CorrelationBuild, ALaterStageIsSplitFromEarlierOnes) {
  const Compiled c = Vdt(R"(
rule s {
  match sequence by host.id within 5m
    a: [process where process.name == "x"]
    b: [process where process.name == "y" and process.pid == a.process.pid
         and (user.name == "root" or a.user.name : "adm*") and not (process.name == a.process.name)
         and process.exit_code - a.process.exit_code > 5]
  outcome { who = a.user.name }
})");
  const ProgramCorrelation& s = c.at(0);
  EXPECT_FALSE(s.sources[0].has_join);
  ASSERT_TRUE(s.sources[1].has_join);
  EXPECT_EQ(s.tests.size(), 3u);
  // The columns that the tests compare, and what each event decides alone.
  EXPECT_EQ(s.sources[0].columns, (std::vector<std::string>{"user.name", "process.pid", "",
                                                            "process.name", "process.exit_code"}));
  EXPECT_EQ(s.sources[1].columns,
            (std::vector<std::string>{"process.pid", "", "process.name", "process.exit_code"}));
  const auto feeds = c.FeedsOf(0);
  ASSERT_EQ(feeds.size(), 2u);
  EXPECT_EQ(feeds[0]->columns[2].kind, ColumnKind::kFormula);
  EXPECT_EQ(feeds[1]->columns[1].kind, ColumnKind::kFormula);
  for (const uint32_t field : s.sources[1].join.fields) {
    EXPECT_TRUE(s.slots[field].kind == SlotKind::kTest || s.slots[field].kind == SlotKind::kColumn);
  }
  const CorrelationSlot& who = s.slots[s.outcomes[0].second.fields.at(0)];
  EXPECT_EQ(who.kind, SlotKind::kColumn);
  EXPECT_EQ(who.source, 0u);
  EXPECT_EQ(who.index, 0u);
  EXPECT_NE(c.program->layout().rules[feeds[1]->from].root, 0u);
}

TEST(CorrelationBuild, WhatCannotBeComparedIsAnError) {
  const Compiled c = CompileText("r.vdt", R"(
rule s {
  match sequence by host.id within 5m
    a: [process where true]
    b: [process where concat(a.user.name, user.name) : "adm*"]
})");
  EXPECT_EQ(c.correlations, 0u);
  EXPECT_EQ(c.program->correlation_count(), 0u);
  EXPECT_NE(c.Said("VED0009").find("several stages"), std::string::npos) << c.Said("VED0009");
  EXPECT_EQ(c.layout().rules.size(), 0u);
  EXPECT_EQ(c.layout().nodes.size(), 0u);
}

TEST(CorrelationBuild, StagesKeepTheirNumbers) {
  const Compiled c = Vdt(R"(
rule s {
  match sequence by host.id within 5m
    [x where true] with runs=3
    ![z where true]
    [y where true] distinct(f) >= 4 within 30s of previous at least 5s after previous
    [w where true] {2,5}
  until [q where true]
})");
  const ProgramCorrelation& s = c.at(0);
  ASSERT_EQ(s.sources.size(), 5u);
  EXPECT_EQ(s.sources[0].runs, 3u);
  EXPECT_EQ(s.sources[1].role, Role::kNegated);
  EXPECT_EQ(s.sources[2].min_distinct, 4u);
  EXPECT_EQ(s.sources[2].distinct_column, 0u);
  EXPECT_EQ(s.sources[2].columns, (std::vector<std::string>{"f"}));
  EXPECT_EQ(s.sources[2].within_previous_ns, 30'000'000'000);
  EXPECT_EQ(s.sources[2].after_previous_ns, 5'000'000'000);
  EXPECT_EQ(s.sources[3].min_count, 2u);
  EXPECT_EQ(s.sources[3].max_count, 5u);
  EXPECT_EQ(s.sources[4].role, Role::kUntil);
  EXPECT_EQ(c.FeedsOf(0).size(), 5u);
}

TEST(CorrelationBuild, NewValuesAndLineageHaveTheirColumnsInPlace) {
  const Compiled n =
      Vdt("rule n { match new value of f, lower(g), f in s: [x where true] by h history 1d\n"
          "  outcome { g = s.g f = s.f } }");
  EXPECT_EQ(n.at(0).new_value_columns, 3u);
  EXPECT_EQ(n.at(0).sources[0].columns, (std::vector<std::string>{"f", "lower(g)", "f", "g"}));
  EXPECT_EQ(n.FeedsOf(0)[0]->columns[1].kind, ColumnKind::kExpr);
  const Compiled child = Vdt("rule l { match child of [x where true] [y where true] }");
  EXPECT_EQ(child.at(0).sources.size(), 2u);
  EXPECT_EQ(child.at(0).sources[0].columns, (std::vector<std::string>{"process.entity_id"}));
  EXPECT_EQ(child.at(0).sources[1].columns, (std::vector<std::string>{"process.parent.entity_id"}));
  const Compiled all =
      Vdt("rule l { match descendant of [x where true] by h [y where true] by h\n"
          "  link a to b }");
  ASSERT_EQ(all.at(0).sources.size(), 3u);
  EXPECT_EQ(all.at(0).sources[2].role, Role::kTrack);
  EXPECT_EQ(all.at(0).sources[2].columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(all.FeedsOf(0)[2]->keys.size(), 1u);
}

TEST(CorrelationBuild, RulesOnRulesAreFedByNames) {
  const Compiled c = Vdt(R"(
rule top { match window 1h by user.name, n hits: [rule base] having count(hits) >= 2
  outcome { last = hits.user.name missing = hits.other } }
rule base { match window 1m by user.name s: [x where true] having count(s) > 2
  outcome { n = count(s) } }
rule event { match y where true }
rule both { match window 1h by f hits: [rule event, rule base by n] having count(hits) >= 2 }
)");
  ASSERT_EQ(c.correlations, 3u);
  EXPECT_EQ(c.at(0).meta.name, "top");
  EXPECT_EQ(c.at(0).depth, 2u);
  EXPECT_EQ(c.at(1).depth, 1u);
  EXPECT_EQ(c.program->correlation_depth(), 2u);
  EXPECT_EQ(c.at(1).feeds, (std::vector<uint32_t>{0, 3}));
  const auto top = c.FeedsOf(0);
  ASSERT_EQ(top.size(), 1u);
  EXPECT_TRUE(top[0]->from_correlation);
  EXPECT_EQ(top[0]->from, 1u);
  EXPECT_EQ(top[0]->keys[0].expr.fields, (std::vector<uint32_t>{0}));
  EXPECT_EQ(top[0]->keys[1].expr.fields, (std::vector<uint32_t>{1}));
  EXPECT_EQ(top[0]->columns[0].kind, ColumnKind::kField);
  EXPECT_EQ(top[0]->columns[1].kind, ColumnKind::kExpr);  // null
  EXPECT_NE(c.Said("VED0010").find("'other'"), std::string::npos);
  const auto both = c.FeedsOf(2);
  ASSERT_EQ(both.size(), 2u);
  EXPECT_FALSE(both[0]->from_correlation);
  EXPECT_EQ(both[0]->from, 0u);
  EXPECT_EQ(both[1]->keys[0].expr.fields, (std::vector<uint32_t>{1}));
}

TEST(CorrelationBuild, WhatNeedsARefusedRuleIsRefused) {
  CompilerOptions options;
  options.max_predicates_per_rule = 2;
  const Compiled c = CompileText("r.vdt", R"(
rule bad { match x where f == 1 or g == 2 }
rule on_bad { match window 1h by f hits: [rule bad] having count(hits) >= 2 }
rule on_on { match window 1h by f hits: [rule on_bad] having count(hits) >= 2 }
rule fine { match window 1h by f hits: [x where true] having count(hits) >= 2 }
)",
                                 options);
  EXPECT_EQ(c.correlations, 1u);
  EXPECT_EQ(c.at(0).meta.name, "fine");
  EXPECT_EQ(c.Said("VED0007"),
            "on_bad: the rule 'bad', which this one looks at, was left out\n"
            "on_on: the rule 'on_bad', which this one looks at, was left out\n");
}

CorrelationSpec On(const std::string& name, std::vector<uint32_t> parents) {
  CorrelationSpec spec;
  spec.meta.name = name;
  spec.span_ns = 1;
  spec.having = Expr::Call(Function::kSeen, {Expr::Field("", 0)});
  CorrelationSource source;
  source.alias = "s";
  source.condition = Formula::True();
  for (const uint32_t parent : parents) {
    source.rules.push_back({"c" + std::to_string(parent), true, parent, {}});
  }
  spec.sources.push_back(source);
  return spec;
}

std::vector<CorrelationProblem> Problems(const IrModule& module) {
  ProgramBuilder builder(LogSourceTable::Builtin(), 1 << 20, nullptr);
  CorrelationModule input;
  input.module = &module;
  input.dumps.resize(module.correlations.size());
  input.refused.resize(module.correlations.size());
  return builder.AddCorrelations(input);
}

TEST(CorrelationBuild, CirclesAndTowersAreRefused) {
  IrModule circle;
  circle.correlations = {On("c0", {1}), On("c1", {2}), On("c2", {0}), On("c3", {})};
  const auto problems = Problems(circle);
  ASSERT_EQ(problems.size(), 3u);
  EXPECT_EQ(problems[0].code, "VED0008");
  EXPECT_NE(problems[0].message.find("c0, which needs c1, which needs c2, which needs c0"),
            std::string::npos)
      << problems[0].message;
  IrModule tower;
  tower.correlations.push_back(On("c0", {}));
  for (uint32_t i = 1; i < 18; ++i)
    tower.correlations.push_back(On("c" + std::to_string(i), {i - 1}));
  const auto high = Problems(tower);
  ASSERT_EQ(high.size(), 2u);
  EXPECT_EQ(high[0].index, 16u);
  EXPECT_EQ(high[0].code, "VED0008");
  EXPECT_NE(high[0].message.find("c16, which needs c15"), std::string::npos);
  EXPECT_EQ(high[1].code, "VED0007");
}

TEST(CorrelationBuild, FingerprintsTellWhatChanged) {
  const auto fingerprint = [](const std::string& text) {
    const Compiled c = Vdt(text);
    return c.program->correlation_fingerprint(c.correlations - 1);
  };
  const std::string base =
      "rule a { match window 1m by h s: [x where f == 1] having count(s) > 2 }";
  EXPECT_EQ(fingerprint(base),
            fingerprint("rule b { meta { title = \"t\" } match window 60s by h t: [x where f == 1]"
                        " having count(t) > 2 }"));
  for (const char* other :
       {"rule a { match window 2m by h s: [x where f == 1] having count(s) > 2 }",
        "rule a { match window 1m by g s: [x where f == 1] having count(s) > 2 }",
        "rule a { match window 1m by ?h s: [x where f == 1] having count(s) > 2 }",
        "rule a { match window 1m by h s: [x where f == 2] having count(s) > 2 }",
        "rule a { match window 1m tumbling by h s: [x where f == 1] having count(s) > 2 }",
        "rule a { match window 1m by h s: [x where f == 1] having count(s) > 2 rearm reset }",
        "rule a { match window 1m by h s: [x where f == 1] having count(s) > 2 "
        "outcome { n = s.g } }",
        "rule a { match window 1m by h s: [x where f == 1] having count(s) > 3 }"}) {
    EXPECT_NE(fingerprint(base), fingerprint(other)) << other;
  }
  const auto chained = [&](const std::string& n) {
    return fingerprint("rule top { match window 1h h: [rule a] having count(h) > 2 }\n" +
                       std::string("rule a { match window 1m by h s: [x where f == ") + n +
                       "] having count(s) > 2 }\nrule top2 { match window 1h h: [rule a] having "
                       "count(h) > 2 }");
  };
  EXPECT_NE(chained("1"), chained("2"));
}

TEST(CorrelationBuild, EvidenceFieldsAreColumnsOfEvents) {
  const std::string text = R"(
rule pair { match sequence by h within 1h a: [any where x == 1 and user.name == "u"]
    ![any where x == 2] b: [any where x == 3] outcome { u = a.user.name } }
rule top { match window 1d by h s: [rule pair] having count(s) > 1 })";
  CompilerOptions options;
  options.evidence_fields = {"user.name", "host.name"};
  const Compiled c = CompileText("r.vdt", text, options);
  ASSERT_EQ(c.correlations, 2u);
  using Names = std::vector<std::string>;
  EXPECT_EQ(c.at(0).sources[0].columns, (Names{"user.name", "host.name"}));
  EXPECT_EQ(c.at(0).sources[1].columns, Names());
  EXPECT_EQ(c.at(0).sources[2].columns, (Names{"user.name", "host.name"}));
  EXPECT_EQ(c.at(1).sources[0].columns, Names());
  // State with other columns does not fit.
  const Compiled plain = CompileText("r.vdt", text);
  EXPECT_EQ(plain.at(0).sources[0].columns, (Names{"user.name"}));
  EXPECT_NE(plain.program->correlation_fingerprint(0), c.program->correlation_fingerprint(0));
}

TEST(CorrelationBuild, EvidenceFieldsMustBePaths) {
  CompilerOptions options;
  options.evidence_fields = {"a", ""};
  Compiler compiler(options);
  compiler.AddFrontend(VedetteFrontend());
  EXPECT_EQ(compiler.Compile(RuleSet()).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace vedette
