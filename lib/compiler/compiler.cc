#include "vedette/compiler.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "lib/compiler/compiled_once.h"
#include "lib/compiler/lint.h"
#include "lib/ir/ir.h"
#include "lib/ir/kept_rule.h"
#include "lib/ir/printer.h"
#include "lib/ir/state_bound.h"
#include "lib/ir/verifier.h"
#include "lib/opt/simplify.h"
#include "lib/program/program_build.h"
#include "vedette/field_path.h"

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

// Compiles the rules of one set.
class Compilation {
 public:
  Compilation(const CompilerOptions& options, const RuleSet& rules, IrModule* module,
              DiagnosticSink* diagnostics)
      : options_(options),
        table_(options.log_sources != nullptr ? *options.log_sources : LogSourceTable::Builtin()),
        builder_(table_, options.max_regex_bytes, options.functions),
        linter_(rules, diagnostics),
        module_(module),
        diagnostics_(diagnostics) {
    if (options.indicator_sets != nullptr) sets_ = options.indicator_sets->snapshot();
    result_.stats.sources = rules.sources().size();
    for (CorrelationSpec& spec : module->correlations) {
      if (options.emit_all) {
        spec.emits = true;
        spec.silences = false;
      }
      if (sets_ != nullptr) CheckSets(SetsOf(spec), *sets_, spec.meta, diagnostics);
    }
    correlations_.module = module;
    correlations_.evidence_fields = options.evidence_fields;
    correlations_.rule_places.resize(module->rules.size(), kNoRule);
  }

  // One after the other; false if it is refused.
  bool Add(size_t index) {
    IrRule& rule = module_->rules[index];
    const VerifyResult verified = VerifyRule(rule, limits_);
    ReportVerifier(verified, rule.meta, diagnostics_);
    if (!verified.ok() || IsFull(rule.meta)) return false;
    if (options_.emit_all) rule.emits = true;
    if (sets_ != nullptr) CheckSets(SetsOf(rule), *sets_, rule.meta, diagnostics_);
    if (options_.lint) linter_.Look(rule);
    const Formula meaning = Simplify(WithoutLabels(rule.condition));
    rule.condition = Simplify(std::move(rule.condition));
    const RuleMeta meta = rule.meta;
    const absl::StatusOr<uint32_t> added = builder_.AddRule(std::move(rule), meaning);
    rule.meta = meta;  // for what is said of it later
    return Added(index, added);
  }

  // The same for a rule that may have been compiled before. Sets `*is_new` if it was not.
  bool Add(size_t index, KeptRule* kept, bool* is_new) {
    const RuleMeta& meta = module_->rules[index].meta;
    *is_new = kept->compiled == nullptr;
    if (*is_new) Keep(std::move(module_->rules[index]), kept);
    const CompiledOnce& once = *kept->compiled;
    ReportVerifier(once.verified, meta, diagnostics_);
    if (!once.verified.ok() || IsFull(meta)) return false;
    if (sets_ != nullptr) CheckSets(once.sets, *sets_, meta, diagnostics_);
    if (once.to_lint != nullptr) linter_.Look(*once.to_lint);
    return Added(index, builder_.AddImage(once.image, meta));
  }

  CompileResult Finish() {
    result_.stats.correlations = AddCorrelations(limits_, options_.lint ? &linter_ : nullptr,
                                                 module_, &correlations_, &builder_, diagnostics_);
    result_.stats.predicates = builder_.predicate_count();
    result_.program = builder_.Finish();
    result_.tests = std::move(module_->tests);
    return std::move(result_);
  }

 private:
  void Keep(IrRule&& from, KeptRule* kept) {
    IrRule rule = std::move(from);
    from.meta = rule.meta;
    auto once = std::make_shared<CompiledOnce>();
    once->verified = VerifyRule(rule, limits_);
    if (once->verified.ok()) {
      once->sets = SetsOf(rule);
      if (options_.emit_all) rule.emits = true;
      if (options_.lint) once->to_lint = std::make_unique<IrRule>(rule);
      const Formula meaning = Simplify(WithoutLabels(rule.condition));
      rule.condition = Simplify(std::move(rule.condition));
      once->image = ProgramBuilder::MakeImage(std::move(rule), meaning, options_.max_regex_bytes,
                                              options_.functions);
      kept->bytes = sizeof *once + once->image.memory_bytes();
      // A test takes about so much in the IR.
      if (options_.lint) kept->bytes += once->image.of->nodes.size() * 2 * sizeof(Formula);
    }
    kept->compiled = std::move(once);
  }

  // Whether there is no room for one more.
  bool IsFull(const RuleMeta& meta) {
    if (builder_.memory_bytes() <= options_.max_program_bytes) return false;
    AddError("VED0021",
             "the program is full: the rules before this one take " +
                 std::to_string(options_.max_program_bytes) + " bytes",
             "compile fewer rules into one program, or raise the compiler's max_program_bytes",
             meta, diagnostics_);
    return true;
  }

  bool Added(size_t index, const absl::StatusOr<uint32_t>& added) {
    const RuleMeta& meta = module_->rules[index].meta;
    if (!added.ok()) {
      AddError("VED0004", std::string(added.status().message()), std::string(kTooLargeHint), meta,
               diagnostics_);
      return false;
    }
    correlations_.rule_places[index] = *added;
    ++result_.stats.rules_loaded;
    if (!IsUnroutable(meta.log_source, table_)) return true;
    ++result_.stats.rules_unroutable;
    AddDiagnostic(Severity::kWarning, "VED0006",
                  "no event is known to be of the log source " + meta.log_source.ToString(),
                  "mend its spelling, add a row to the log source table, or give the events' log "
                  "source yourself",
                  meta, diagnostics_);
    return true;
  }

  const CompilerOptions& options_;
  const LogSourceTable& table_;
  const VerifierLimits limits_{options_.max_condition_depth, options_.max_predicates_per_rule};
  ProgramBuilder builder_;
  Linter linter_;
  IrModule* module_;
  DiagnosticSink* diagnostics_;
  std::shared_ptr<const IndicatorSets::Map> sets_;
  CorrelationModule correlations_;
  CompileResult result_;
};

}  // namespace

Compiler::Compiler(CompilerOptions options)
    : options_(std::move(options)), identity_(std::make_shared<const char>('\0')) {}
Compiler::~Compiler() = default;

void Compiler::AddFrontend(std::unique_ptr<Frontend> frontend) {
  frontends_.push_back(std::move(frontend));
}

struct CompileCache::Rep {
  std::shared_ptr<const char> owner;
  std::vector<std::unique_ptr<TranslationCache>> languages;  // null where nothing is kept
  std::vector<std::shared_ptr<KeptRule>> kept;  // of each rule of the module, null if there is none
  Stats stats;
};

CompileCache::CompileCache() : rep_(std::make_unique<Rep>()) {}
CompileCache::~CompileCache() = default;
CompileCache::CompileCache(CompileCache&&) noexcept = default;
CompileCache& CompileCache::operator=(CompileCache&&) noexcept = default;

const CompileCache::Stats& CompileCache::stats() const { return rep_->stats; }
void CompileCache::Clear() { rep_ = std::make_unique<Rep>(); }

size_t CompileCache::memory_bytes() const {
  size_t bytes = sizeof(Rep);
  for (const auto& language : rep_->languages) {
    if (language != nullptr) bytes += language->memory_bytes();
  }
  for (const auto& kept : rep_->kept) bytes += kept == nullptr ? 0 : kept->bytes;
  return bytes;
}

void Compiler::Translate(const RuleSet& rules, CompileCache::Rep* cache, IrModule* module,
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
  if (cache != nullptr) {
    cache->stats = {};
    cache->kept.clear();
  }
  for (size_t i = 0; i < frontends_.size(); ++i) {
    if (cache == nullptr || cache->languages[i] == nullptr) {
      frontends_[i]->Translate(accepted[i], module, diagnostics);
      if (cache == nullptr) continue;
      cache->stats.sources_read += accepted[i].size();
      cache->kept.resize(module->rules.size());
      continue;
    }
    frontends_[i]->TranslateAgain(accepted[i], cache->languages[i].get(), &cache->kept, module,
                                  diagnostics);
    const TranslationCache::Stats stats = cache->languages[i]->stats();
    cache->stats.sources_reused += stats.reused;
    cache->stats.sources_read += stats.read;
  }
}

absl::StatusOr<CompileResult> Compiler::Compile(const RuleSet& rules) const {
  return CompileWith(rules, nullptr);
}

absl::StatusOr<CompileResult> Compiler::Compile(const RuleSet& rules, CompileCache* cache) const {
  CompileCache::Rep& rep = *cache->rep_;
  if (rep.owner == nullptr && !frontends_.empty()) {
    rep.owner = identity_;
    for (const auto& frontend : frontends_) rep.languages.push_back(frontend->NewCache());
  }
  if ((rep.owner != nullptr && rep.owner != identity_) ||
      rep.languages.size() != frontends_.size()) {
    return absl::InvalidArgumentError(
        "the cache belongs to another compiler, or to this one with other front-ends");
  }
  return CompileWith(rules, &rep);
}

absl::StatusOr<CompileResult> Compiler::CompileWith(const RuleSet& rules,
                                                    CompileCache::Rep* cache) const {
  if (frontends_.empty()) {
    return absl::FailedPreconditionError(
        "no front-end: call AddFrontend(SigmaFrontend()) before Compile");
  }
  for (const std::string& field : options_.evidence_fields) {
    const absl::StatusOr<FieldPath> path = FieldPath::Parse(field);
    if (!path.ok()) return path.status();
  }
  DiagnosticSink diagnostics;
  IrModule module;
  Translate(rules, cache, &module, &diagnostics);
  Compilation compilation(options_, rules, &module, &diagnostics);
  for (size_t i = 0; i < module.rules.size(); ++i) {
    KeptRule* const kept = cache == nullptr ? nullptr : cache->kept[i].get();
    bool is_new = true;
    if (kept == nullptr) {
      compilation.Add(i);
    } else {
      compilation.Add(i, kept, &is_new);
    }
    if (cache != nullptr) ++(is_new ? cache->stats.rules_compiled : cache->stats.rules_reused);
  }
  CompileResult result = compilation.Finish();
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
  Translate(rules, nullptr, &module, &diagnostics);
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
