// The part of SaveProgram that writes correlations; correlation_load.cc reads it in the same order.
#include <bit>

#include "lib/program/program_save.h"

namespace vedette::inline v0 {
namespace {

// As in program_save.cc: a new member does not compile here until somebody has thought about it.

void SaveInput(const CorrelationInput& input, std::string* out) {
  const auto& [role, alias, runs, min_count, max_count, min_distinct, distinct_column,
               within_previous_ns, after_previous_ns, columns, has_join, join] = input;
  AppendEnum(role, out);
  AppendText(alias, out);
  SaveTexts(columns, out);
  for (const uint32_t n : {runs, min_count, max_count, min_distinct}) AppendVarint(n, out);
  if (min_distinct > 0) AppendVarint(distinct_column, out);
  AppendZigzag(within_previous_ns, out);
  AppendZigzag(after_previous_ns, out);
  AppendEnum(has_join, out);  // `join` itself comes after the slots
}

void SaveAggregate(const CorrelationAggregate& aggregate, std::string* out) {
  const auto& [function, source, columns, percent, text, host] = aggregate;
  AppendText(host != nullptr ? std::string(kSavedHostAggregate) + host->name
                             : std::string(SpecOf(function).name),
             out);
  AppendVarint(source, out);
  SaveList(
      columns, [](uint32_t column, std::string* o) { AppendVarint(column, o); }, out);
  AppendFixed(std::bit_cast<uint64_t>(percent), 8, out);
  AppendText(text, out);
}

void SaveSlot(const CorrelationSlot& slot, std::string* out) {
  const auto& [kind, source, index] = slot;
  AppendEnum(kind, out);
  AppendVarint(source, out);
  AppendVarint(index, out);
}

void SaveColumn(const CompiledColumn& column, std::string* out) {
  const auto& [kind, expr, node] = column;
  AppendEnum(kind, out);
  if (kind == CompiledColumn::Kind::kFormula) {
    AppendVarint(node, out);
  } else {
    SaveExpr(expr, out);
  }
}

}  // namespace

void SaveCorrelation(const ProgramCorrelation& correlation, std::string* out) {
  // Feeds say where they come from.
  const auto& [meta, fingerprint, dump, shape, window, select, rearm, depth, select_limit, span_ns,
               gap_ns, history_ns, rearm_ns, any_generation, at_close, emits, sources, key_names,
               aggregates, slots, tests, has_having, having, new_value_columns, outcomes,
               suppress_by, suppress_ns, feeds] = correlation;
  SaveMeta(meta, out);
  AppendFixed(fingerprint, 8, out);
  AppendText(dump, out);
  AppendEnum(shape, out);
  AppendEnum(window, out);
  AppendEnum(select, out);
  AppendEnum(rearm, out);
  for (const uint32_t n : {depth, select_limit, new_value_columns}) AppendVarint(n, out);
  for (const int64_t ns : {span_ns, gap_ns, history_ns, rearm_ns, suppress_ns}) {
    AppendZigzag(ns, out);
  }
  for (const bool flag : {any_generation, at_close, emits, has_having}) AppendEnum(flag, out);
  SaveList(sources, SaveInput, out);
  SaveTexts(key_names, out);
  SaveList(aggregates, SaveAggregate, out);
  AppendVarint(tests.size(), out);
  SaveList(slots, SaveSlot, out);
  for (const CompiledExpr& test : tests) SaveExpr(test, out);
  for (const CorrelationInput& source : sources) {
    if (source.has_join) SaveExpr(source.join, out);
  }
  if (has_having) SaveExpr(having, out);
  SaveList(outcomes, SaveOutcome, out);
  SaveList(suppress_by, SaveKey, out);
}

void SaveFeed(const CorrelationFeed& feed, std::string* out) {
  const auto& [correlation, source, from_correlation, from, keys, columns] = feed;
  AppendVarint(correlation, out);
  AppendVarint(source, out);
  AppendEnum(from_correlation, out);
  AppendVarint(from, out);
  SaveList(keys, SaveKey, out);
  SaveList(columns, SaveColumn, out);
}

}  // namespace vedette::inline v0
