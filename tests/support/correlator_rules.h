// Rules of every shape in one program, for tests that feed a correlator bytes.
#ifndef VEDETTE_TESTS_SUPPORT_CORRELATOR_RULES_H_
#define VEDETTE_TESTS_SUPPORT_CORRELATOR_RULES_H_

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "vedette/compiler.h"
#include "vedette/frontends/vedette.h"
#include "vedette/program.h"

namespace vedette::testing {

inline constexpr char kCorrelatorRules[] = R"(
rule sliding {
  match window 10s by h s: [any where k == "a"]
  having count(s) >= 2 and distinct(s.u, s.n) >= 1
  outcome { sum = sum(s.n) first = first(s.u) all = values(s.u) p = percentile(s.n, 75) }
}
rule counting { match window 10s tumbling by h s: [any where k == "a"] having count(s) > 2 rearm reset }
rule closing {
  match window 10s session gap 2s by h, ?u a: [any where k == "a"] b: [any where k == "b"]
  having stddev(a.n) < 3 or not seen(b) or min(a.n) == max(b.n)
  suppress by h for 1m
}
rule together { match all by h within 10s a: [any where k == "a"] b: [any where k == "b"] c: [any where true] }
rule sampled { match sample by h a: [any where k == "a"] b: [any where k == "b"] }
rule chain {
  match sequence by h within 30s ![any where k == "c"] a: [any where k == "a"]
    b: [any where k == "b" and u == a.u] with runs=2 ![any where k == "c" and n > a.n]
  until [any where k == "d"]
  rearm when false
}
rule groups {
  match sequence by h within 30s a: [any where k == "a"] count >= 2 b: [any where k == "b"] distinct(u) >= 2
  select all up to 3
  rearm after 5s
}
rule gone { match absence of a: [any where k == "a"] by h for 10s after b: [any where k == "b"] rearm after 5s }
rule fresh { match new value of u, n in a: [any where k == "a"] by h history 30s rearm reset }
rule family {
  match descendant of a: [any where k == "a"] by h b: [any where k == "b"] by h link id to pid
}
rule silent { meta { emit = false } match any where k == "d" suppress by h for 5s }
rule above { match sequence by h within 1m a: [rule sliding, rule silent] b: [rule chain] rearm never }
rule top { match window 1m x: [rule above, rule family] having count(x) >= 2 suppress for 10s }
)";

// With the rules of `more`, too.
inline std::shared_ptr<const Program> CorrelatorProgram(std::string_view more = {}) {
  Compiler compiler;
  compiler.AddFrontend(VedetteFrontend());
  RuleSet rules;
  rules.Add("rules.vdt", std::string(kCorrelatorRules).append(more));
  const absl::StatusOr<CompileResult> built = compiler.Compile(rules);
  if (!built.ok()) std::abort();
  for (const Diagnostic& d : built->diagnostics) {
    if (d.severity != Severity::kError) continue;
    std::fputs(FormatDiagnostic(d).c_str(), stderr);
    std::abort();
  }
  return built->program;
}

}  // namespace vedette::testing

#endif  // VEDETTE_TESTS_SUPPORT_CORRELATOR_RULES_H_
