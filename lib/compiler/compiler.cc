#include "vedette/compiler.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "lib/compiler/lint.h"
#include "lib/ir/ir.h"
#include "lib/ir/printer.h"
#include "lib/ir/state_bound.h"
#include "lib/ir/verifier.h"
#include "lib/opt/simplify.h"
#include "lib/program/program_build.h"

namespace vedette::inline v0 {
namespace {

void AddDiagnostic(Severity severity, std::string code, std::string message, std::string hint,
                   const RuleMeta& meta, DiagnosticSink* diagnostics) {
  Diagnostic d;
  d.severity = severity;
  d.code = std::move(code);
  d.message = std::move(message);
  d.hint = std::move(hint);
  d.source = meta.source;
  d.span.line = meta.line;
  d.rule = std::string(meta.display_name());
  diagnostics->Add(std::move(d));
}

void AddError(std::string code, std::string message, std::string hint, const RuleMeta& meta,
              DiagnosticSink* diagnostics) {
  AddDiagnostic(Severity::kError, std::move(code), std::move(message), std::move(hint), meta,
                diagnostics);
}

// A rule that no event can reach unless the host says of which log source its events are.
bool IsUnroutable(const LogSource& wanted, const LogSourceTable& table) {
  return !wanted.empty() &&
         std::none_of(table.rows().begin(), table.rows().end(),
                      [&wanted](const auto& row) { return row.source.Satisfies(wanted); });
}

void CollectSets(const Expr& e, std::set<std::string>* names) {
  if (e.kind == Expr::Kind::kCall && e.function == Function::kInSet && e.args.size() > 1 &&
      e.args[1].kind == Expr::Kind::kString) {
    names->insert(e.args[1].text);
  }
  for (const Expr& arg : e.args) CollectSets(arg, names);
}

void CollectSets(const Formula& f, std::set<std::string>* names) {
  if (f.kind == NodeKind::kPredicate && f.predicate.subject != nullptr) {
    CollectSets(*f.predicate.subject, names);
  }
  for (const Formula& child : f.children) CollectSets(child, names);
}

std::set<std::string> SetsOf(const IrRule& rule) {
  std::set<std::string> names;
  CollectSets(rule.condition, &names);
  for (const auto& [name, value] : rule.actions.outcomes) CollectSets(value, &names);
  return names;
}

std::set<std::string> SetsOf(const CorrelationSpec& spec) {
  std::set<std::string> names;
  for (const CorrelationSource& source : spec.sources) CollectSets(source.condition, &names);
  if (spec.until.has_value()) CollectSets(spec.until->condition, &names);
  CollectSets(spec.having, &names);
  for (const auto& [name, value] : spec.actions.outcomes) CollectSets(value, &names);
  return names;
}

// Warns about sets that a verified rule asks for and `sets` has not.
void CheckSets(const std::set<std::string>& names, const IndicatorSets::Map& sets,
               const RuleMeta& meta, DiagnosticSink* diagnostics) {
  for (const std::string& name : names) {
    if (sets.find(name) != sets.end()) continue;
    AddDiagnostic(Severity::kWarning, "VED0012",
                  "there is no indicator set '" + name + "': no value is in it",
                  "mend the name, or give a set of that name", meta, diagnostics);
  }
}

// Why the verifier refused a rule, said to its author.
void ReportVerifier(const VerifyResult& result, const RuleMeta& meta, DiagnosticSink* diagnostics) {
  switch (result.kind) {
    case VerifyResult::Kind::kOk:
      return;
    case VerifyResult::Kind::kTooDeep:
      AddError("VED0002", result.message, "split the condition into named parts", meta,
               diagnostics);
      return;
    case VerifyResult::Kind::kTooLarge:
      AddError("VED0003", result.message, "split the rule, or use a field map or a list", meta,
               diagnostics);
      return;
    case VerifyResult::Kind::kMalformed:
      AddError("VED0005", result.message, "", meta, diagnostics);
      return;
  }
}

// One refused rule may have several errors; errors of other texts (pipelines) refuse no rule.
size_t CountSkipped(const RuleSet& rules, const std::vector<Diagnostic>& diagnostics) {
  std::set<std::string_view> names;
  for (const RuleSource& source : rules.sources()) names.insert(source.name);
  std::set<std::pair<std::string_view, std::string_view>> skipped;
  for (const Diagnostic& d : diagnostics) {
    if (d.severity == Severity::kError && names.contains(d.source)) {
      skipped.emplace(d.source, d.rule);
    }
  }
  return skipped.size();
}

constexpr std::string_view kTooLargeHint =
    "make counted repetitions smaller, or raise the compiler's max_regex_bytes";

void Simplify(CorrelationSource* source) {
  if (source->rules.empty()) source->condition = Simplify(std::move(source->condition));
}

// For the text of rules, which has no word for it: a rule says itself that it is silent.
void Silence(const CorrelationSpec& spec, IrModule* module) {
  for (const CorrelationSource& source : spec.sources) {
    for (const RuleReference& reference : source.rules) {
      if (!Silences(spec, reference, *module)) continue;
      (reference.is_correlation ? module->correlations[reference.index].emits
                                : module->rules[reference.index].emits) = false;
    }
  }
}

// How many were added. `linter` may be null.
size_t AddCorrelations(const VerifierLimits& limits, Linter* linter, IrModule* module,
                       CorrelationModule* input, ProgramBuilder* builder,
                       DiagnosticSink* diagnostics) {
  size_t added = 0;
  for (CorrelationSpec& spec : module->correlations) {
    const VerifyResult verified = VerifyCorrelation(spec, *module, limits);
    ReportVerifier(verified, spec.meta, diagnostics);
    input->refused.push_back(!verified.ok());
    input->dumps.emplace_back();
    if (!verified.ok()) continue;
    if (linter != nullptr) linter->Look(spec);
    ++added;
    input->dumps.back() = PrintCorrelation(spec, RuleIdentifier(spec.meta)) +
                          "// state per key: " + StatePerKey(spec) + "\n";
    for (CorrelationSource& source : spec.sources) Simplify(&source);
    if (spec.until.has_value()) Simplify(&*spec.until);
  }
  for (CorrelationProblem& problem : builder->AddCorrelations(*input)) {
    const RuleMeta& meta = problem.of_rule ? module->rules[problem.index].meta
                                           : module->correlations[problem.index].meta;
    if (problem.is_error) --added;
    if (problem.code == "VED0004") problem.hint = kTooLargeHint;
    AddDiagnostic(problem.is_error ? Severity::kError : Severity::kWarning, std::move(problem.code),
                  std::move(problem.message), std::move(problem.hint), meta, diagnostics);
  }
  return added;
}

}  // namespace

Compiler::Compiler(CompilerOptions options) : options_(options) {}
Compiler::~Compiler() = default;

void Compiler::AddFrontend(std::unique_ptr<Frontend> frontend) {
  frontends_.push_back(std::move(frontend));
}

void Compiler::Translate(const RuleSet& rules, IrModule* module,
                         DiagnosticSink* diagnostics) const {
  std::vector<std::vector<const RuleSource*>> accepted(frontends_.size());
  for (const RuleSource& source : rules.sources()) {
    size_t i = 0;
    while (i < frontends_.size() && !frontends_[i]->Accepts(source)) ++i;
    if (i < frontends_.size()) {
      accepted[i].push_back(&source);
      continue;
    }
    RuleMeta meta;
    meta.source = source.name;
    AddError("VED0001", "no rule language accepts this source",
             "Sigma rules are *.yml or *.yaml files with a detection, correlation or filter, "
             "Vedette rules *.vdt or *.eql, Elastic rules *.toml with a [rule] or exports *.ndjson",
             meta, diagnostics);
  }
  for (size_t i = 0; i < frontends_.size(); ++i) {
    frontends_[i]->Translate(accepted[i], module, diagnostics);
  }
}

absl::StatusOr<CompileResult> Compiler::Compile(const RuleSet& rules) const {
  if (frontends_.empty()) {
    return absl::FailedPreconditionError(
        "no front-end: call AddFrontend(SigmaFrontend()) before Compile");
  }
  DiagnosticSink diagnostics;
  IrModule module;
  Translate(rules, &module, &diagnostics);

  CompileResult result;
  result.stats.sources = rules.sources().size();
  const LogSourceTable& table =
      options_.log_sources != nullptr ? *options_.log_sources : LogSourceTable::Builtin();
  ProgramBuilder builder(table, options_.max_regex_bytes, options_.functions);
  const auto sets =
      options_.indicator_sets == nullptr ? nullptr : options_.indicator_sets->snapshot();
  Linter linter(rules, &diagnostics);
  for (CorrelationSpec& spec : module.correlations) {
    if (options_.emit_all) {
      spec.emits = true;
      spec.silences = false;
    }
    if (sets != nullptr) CheckSets(SetsOf(spec), *sets, spec.meta, &diagnostics);
  }
  const VerifierLimits limits{options_.max_condition_depth, options_.max_predicates_per_rule};
  CorrelationModule correlations;
  correlations.module = &module;
  correlations.rule_places.resize(module.rules.size(), kNoRule);
  for (size_t i = 0; i < module.rules.size(); ++i) {
    IrRule& rule = module.rules[i];
    const VerifyResult verified = VerifyRule(rule, limits);
    ReportVerifier(verified, rule.meta, &diagnostics);
    if (!verified.ok()) continue;
    if (options_.emit_all) rule.emits = true;
    if (sets != nullptr) CheckSets(SetsOf(rule), *sets, rule.meta, &diagnostics);
    if (options_.lint) linter.Look(rule);
    const Formula meaning = Simplify(WithoutLabels(rule.condition));
    rule.condition = Simplify(std::move(rule.condition));
    const RuleMeta meta = rule.meta;
    const absl::StatusOr<uint32_t> added = builder.AddRule(std::move(rule), meaning);
    rule.meta = meta;  // for what is said of it later
    if (!added.ok()) {
      AddError("VED0004", std::string(added.status().message()), std::string(kTooLargeHint), meta,
               &diagnostics);
      continue;
    }
    correlations.rule_places[i] = *added;
    ++result.stats.rules_loaded;
    if (!IsUnroutable(meta.log_source, table)) continue;
    ++result.stats.rules_unroutable;
    AddDiagnostic(Severity::kWarning, "VED0006",
                  "no event is known to be of the log source " + meta.log_source.ToString(),
                  "mend its spelling, add a row to the log source table, or give the events' log "
                  "source yourself",
                  meta, &diagnostics);
  }
  result.stats.correlations = AddCorrelations(limits, options_.lint ? &linter : nullptr, &module,
                                              &correlations, &builder, &diagnostics);
  result.stats.predicates = builder.predicate_count();
  result.program = builder.Finish();
  result.tests = std::move(module.tests);
  result.diagnostics = diagnostics.Take();
  result.stats.rules_skipped = CountSkipped(rules, result.diagnostics);
  return result;
}

absl::StatusOr<ConvertResult> Compiler::Convert(const RuleSet& rules) const {
  if (frontends_.empty()) {
    return absl::FailedPreconditionError("no front-end: call AddFrontend before Convert");
  }
  DiagnosticSink diagnostics;
  IrModule module;
  Translate(rules, &module, &diagnostics);
  ConvertResult result;
  std::set<std::string> taken;
  const auto name_for = [&taken](const RuleMeta& meta) {
    const std::string base = RuleIdentifier(meta);
    std::string name = base;
    for (int i = 2; !taken.insert(name).second; ++i) name = base + "_" + std::to_string(i);
    return name;
  };
  std::vector<VerifyResult> correlations;
  for (const CorrelationSpec& spec : module.correlations) {
    correlations.push_back(VerifyCorrelation(spec, module));
    if (correlations.back().ok()) Silence(spec, &module);
  }
  for (IrRule& rule : module.rules) {
    const VerifyResult verified = VerifyRule(rule);
    ReportVerifier(verified, rule.meta, &diagnostics);
    if (!verified.ok()) continue;
    const std::string name = name_for(rule.meta);
    result.rules.push_back({rule.meta.source, name, PrintRule(rule, name)});
  }
  for (size_t i = 0; i < correlations.size(); ++i) {
    const CorrelationSpec& spec = module.correlations[i];
    ReportVerifier(correlations[i], spec.meta, &diagnostics);
    if (!correlations[i].ok()) continue;
    const std::string name = name_for(spec.meta);
    result.rules.push_back({spec.meta.source, name, PrintCorrelation(spec, name)});
  }
  result.diagnostics = diagnostics.Take();
  return result;
}

}  // namespace vedette::inline v0
