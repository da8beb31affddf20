// Rule texts, indicator sets, compiling, and what a compiler reports.
#include "vedette/c/rules.h"

#include <map>

#include "lib/capi/handles.h"
#include "vedette/alert/entity.h"
#include "vedette/frontends/elastic.h"
#include "vedette/frontends/sigma.h"
#include "vedette/frontends/vedette.h"
#include "vedette/indicator_file.h"
#include "vedette/logsource.h"
#include "vedette/saved_program.h"

using vedette::Diagnostic;
using vedette::capi::FillStruct;
using vedette::capi::Guard;
using vedette::capi::IsText;
using vedette::capi::NullPointer;
using vedette::capi::Out;
using vedette::capi::Outcome;
using vedette::capi::SetBytes;
using vedette::capi::Text;

struct vedette_rules {
  vedette::RuleSet rules;
  std::vector<vedette::RuleSource> pipelines;
  std::map<std::string, std::vector<std::string>> placeholders;
  std::unique_ptr<vedette::LogSourceTable> log_sources;  // null: the built-in ones
};

namespace vedette::inline v0::capi {
namespace {

constexpr uint32_t kCompileFlags = VEDETTE_COMPILE_LINT | VEDETTE_COMPILE_STRICT |
                                   VEDETTE_COMPILE_EMIT_ALL | VEDETTE_COMPILE_ENTITY_FIELDS;

// The first error, if there is one.
Outcome FirstError(const std::vector<Diagnostic>& diagnostics, vedette_status code) {
  for (const Diagnostic& d : diagnostics) {
    if (d.severity != Severity::kError) continue;
    Outcome outcome(code, d.message + " [" + d.code + "]");
    outcome.file = d.source;
    outcome.line = d.span.line;
    return outcome;
  }
  return {};
}

Outcome AddPlaceholders(RuleSource source, vedette_rules* rules) {
  DiagnosticSink sink;
  auto values = ParseSigmaPlaceholders(source, &sink);
  Outcome outcome = FirstError(sink.diagnostics(), VEDETTE_INVALID_ARGUMENT);
  if (!outcome.ok()) return outcome;
  for (auto& [name, list] : values) rules->placeholders[name] = std::move(list);
  return {};
}

Outcome AddLogSources(const RuleSource& source, vedette_rules* rules) {
  const absl::StatusOr<LogSourceTable> table = LogSourceTable::Parse(source.text);
  if (!table.ok()) {
    Outcome outcome(table.status());
    outcome.file = source.name;
    return outcome;
  }
  if (rules->log_sources == nullptr) {
    rules->log_sources = std::make_unique<LogSourceTable>(LogSourceTable::Builtin());
  }
  rules->log_sources->Merge(*table);
  return {};
}

Outcome Add(int32_t kind, RuleSource source, vedette_rules* rules) {
  switch (kind) {
    case VEDETTE_SOURCE_RULES:
      rules->rules.Add(std::move(source.name), std::move(source.text));
      return {};
    case VEDETTE_SOURCE_SIGMA_PIPELINE:
      rules->pipelines.push_back(std::move(source));
      return {};
    case VEDETTE_SOURCE_SIGMA_PLACEHOLDERS:
      return AddPlaceholders(std::move(source), rules);
    case VEDETTE_SOURCE_LOG_SOURCES:
      return AddLogSources(source, rules);
    default:
      return {VEDETTE_INVALID_ARGUMENT, "no such kind of source: " + std::to_string(kind)};
  }
}

Outcome ReadCompileOptions(const vedette_compile_options* given, vedette_compile_options* options) {
  vedette_compile_options_init(options, sizeof *options);
  Outcome outcome = ReadStruct(given, options);
  if (outcome.ok() && (options->flags & ~kCompileFlags) != 0) {
    outcome = {VEDETTE_UNSUPPORTED, "flags has bits that this version does not know"};
  }
  if (outcome.ok() && options->max_regex_bytes > INT64_MAX) {
    outcome = {VEDETTE_INVALID_ARGUMENT, "max_regex_bytes is too large"};
  }
  return outcome;
}

// Fills the report whatever comes of it.
Outcome Compile(const vedette_rules& rules, const vedette_compile_options& options,
                vedette_report* report, std::shared_ptr<const Program>* program) {
  const bool lint = (options.flags & VEDETTE_COMPILE_LINT) != 0;
  CompilerOptions compiler_options;
  compiler_options.log_sources = rules.log_sources.get();
  compiler_options.max_regex_bytes = static_cast<int64_t>(options.max_regex_bytes);
  compiler_options.lint = lint;
  compiler_options.emit_all = (options.flags & VEDETTE_COMPILE_EMIT_ALL) != 0;
  if ((options.flags & VEDETTE_COMPILE_ENTITY_FIELDS) != 0) {
    compiler_options.evidence_fields = EntityFields();
  }
  if (options.indicators != nullptr) {
    compiler_options.indicator_sets = options.indicators->sets.get();
  }
  Compiler compiler(compiler_options);
  SigmaOptions sigma;
  sigma.placeholders = rules.placeholders;
  sigma.pipelines = rules.pipelines;
  sigma.lint = lint;
  compiler.AddFrontend(SigmaFrontend(std::move(sigma)));
  compiler.AddFrontend(VedetteFrontend());
  ElasticOptions elastic;
  elastic.lint = lint;
  compiler.AddFrontend(ElasticFrontend(std::move(elastic)));
  if (!rules.pipelines.empty()) {
    // Without rules the diagnostics are those of the pipelines. They change what rules mean, so
    // nothing may run without them.
    absl::StatusOr<CompileResult> empty = compiler.Compile(RuleSet());
    if (!empty.ok()) return empty.status();
    Outcome outcome = FirstError(empty->diagnostics, VEDETTE_FAILED_PRECONDITION);
    if (!outcome.ok()) {
      report->diagnostics = std::move(empty->diagnostics);
      return outcome;
    }
  }
  absl::StatusOr<CompileResult> built = compiler.Compile(rules.rules);
  if (!built.ok()) return built.status();
  report->diagnostics = std::move(built->diagnostics);
  report->stats = built->stats;
  if ((options.flags & VEDETTE_COMPILE_STRICT) != 0) {
    Outcome outcome = FirstError(report->diagnostics, VEDETTE_FAILED_PRECONDITION);
    if (!outcome.ok()) return outcome;
  }
  *program = std::move(built->program);
  return {};
}

// The diagnostic, or null beyond the end.
const Diagnostic* At(const vedette_report* report, size_t index) {
  if (report == nullptr || index >= report->diagnostics.size()) return nullptr;
  return &report->diagnostics[index];
}

Outcome NoDiagnostic() { return {VEDETTE_INVALID_ARGUMENT, "the report has no such diagnostic"}; }

}  // namespace
}  // namespace vedette::inline v0::capi

vedette_status vedette_rules_new(vedette_rules** rules, vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (rules == nullptr) return NullPointer("rules");
    *rules = nullptr;
    *rules = new vedette_rules;
    return {};
  });
}

vedette_status vedette_rules_add(vedette_rules* rules, int32_t source_kind, const char* name,
                                 size_t name_size, const char* text, size_t text_size,
                                 vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (rules == nullptr) return NullPointer("rules");
    if (!IsText(name, name_size) || !IsText(text, text_size)) return NullPointer("name or text");
    return vedette::capi::Add(
        source_kind, {std::string(Text(name, name_size)), std::string(Text(text, text_size))},
        rules);
  });
}

void vedette_rules_free(vedette_rules* rules) { delete rules; }

vedette_status vedette_indicators_new(vedette_indicators** indicators, vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (indicators == nullptr) return NullPointer("indicators");
    *indicators = nullptr;
    *indicators = new vedette_indicators{std::make_shared<vedette::IndicatorSets>()};
    return {};
  });
}

vedette_status vedette_indicators_set(vedette_indicators* indicators, const char* name,
                                      size_t name_size, const char* file, size_t file_size,
                                      const char* text, size_t text_size, vedette_report** report,
                                      vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (report != nullptr) *report = nullptr;
    if (indicators == nullptr) return NullPointer("indicators");
    if (!IsText(name, name_size) || !IsText(file, file_size) || !IsText(text, text_size)) {
      return NullPointer("name, file or text");
    }
    vedette::DiagnosticSink sink;
    vedette::IndicatorSet::Builder builder;
    vedette::ReadIndicators(
        {std::string(Text(file, file_size)), std::string(Text(text, text_size))}, {}, &builder,
        &sink);
    auto found = std::make_unique<vedette_report>();
    found->diagnostics = sink.Take();
    indicators->sets->Set(std::string(Text(name, name_size)), builder.Build());
    if (report != nullptr) *report = found.release();
    return {};
  });
}

vedette_status vedette_indicators_remove(vedette_indicators* indicators, const char* name,
                                         size_t name_size, vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (indicators == nullptr || !IsText(name, name_size)) return NullPointer("indicators or name");
    indicators->sets->Set(std::string(Text(name, name_size)), nullptr);
    return {};
  });
}

void vedette_indicators_free(vedette_indicators* indicators) { delete indicators; }

void vedette_compile_options_init(vedette_compile_options* options, size_t size) {
  vedette_compile_options defaults = {};
  defaults.max_regex_bytes = static_cast<uint64_t>(vedette::CompilerOptions().max_regex_bytes);
  vedette::capi::InitStruct(defaults, options, size);
}

vedette_status vedette_compile(const vedette_rules* rules, const vedette_compile_options* options,
                               vedette_program** program, vedette_report** report,
                               vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (program != nullptr) *program = nullptr;
    if (report != nullptr) *report = nullptr;
    if (rules == nullptr || program == nullptr) return NullPointer("rules or program");
    vedette_compile_options ours;
    Outcome outcome = vedette::capi::ReadCompileOptions(options, &ours);
    if (!outcome.ok()) return outcome;
    auto found = std::make_unique<vedette_report>();
    auto result = std::make_unique<vedette_program>();
    outcome = vedette::capi::Compile(*rules, ours, found.get(), &result->program);
    if (report != nullptr) *report = found.release();
    if (outcome.ok()) *program = result.release();
    return outcome;
  });
}

size_t vedette_report_count(const vedette_report* report) {
  return report != nullptr ? report->diagnostics.size() : 0;
}

vedette_status vedette_report_get(const vedette_report* report, size_t index,
                                  vedette_diagnostic* diagnostic, vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    const Diagnostic* const d = vedette::capi::At(report, index);
    if (d == nullptr) return vedette::capi::NoDiagnostic();
    vedette_diagnostic out = {};
    out.severity = static_cast<int32_t>(d->severity);
    out.code = Out(d->code);
    out.message = Out(d->message);
    out.file = Out(d->source);
    out.rule = Out(d->rule);
    out.hint = Out(d->hint);
    out.line_text = Out(d->line_text);
    out.line = d->span.line;
    out.column = d->span.column;
    out.length = d->span.length;
    out.note_count = static_cast<uint32_t>(d->notes.size());
    return FillStruct(out, diagnostic);
  });
}

vedette_string vedette_report_note(const vedette_report* report, size_t index, size_t note) {
  const Diagnostic* const d = vedette::capi::At(report, index);
  return Out(d != nullptr && note < d->notes.size() ? std::string_view(d->notes[note]) : "");
}

vedette_status vedette_report_stats(const vedette_report* report, vedette_compile_stats* stats,
                                    vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (report == nullptr) return NullPointer("report");
    vedette_compile_stats out = {};
    out.sources = report->stats.sources;
    out.rules_loaded = report->stats.rules_loaded;
    out.rules_skipped = report->stats.rules_skipped;
    out.rules_unroutable = report->stats.rules_unroutable;
    out.correlations = report->stats.correlations;
    out.predicates = report->stats.predicates;
    return FillStruct(out, stats);
  });
}

vedette_status vedette_report_text(const vedette_report* report, size_t index, int32_t color,
                                   vedette_bytes** text, vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (text == nullptr) return NullPointer("text");
    *text = nullptr;
    const Diagnostic* const d = vedette::capi::At(report, index);
    if (d == nullptr) return vedette::capi::NoDiagnostic();
    SetBytes(vedette::FormatDiagnostic(*d, color != 0), text);
    return {};
  });
}

vedette_status vedette_report_json(const vedette_report* report, vedette_bytes** json,
                                   vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (json != nullptr) *json = nullptr;
    if (report == nullptr || json == nullptr) return NullPointer("report or json");
    std::string lines;
    for (const Diagnostic& d : report->diagnostics) {
      lines.append(vedette::DiagnosticToJson(d)).append("\n");
    }
    SetBytes(std::move(lines), json);
    return {};
  });
}

void vedette_report_free(vedette_report* report) { delete report; }
