// `vedette rules list|show|ir|coverage`: what is in a rule set.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "lib/cli/commands.h"
#include "lib/cli/filter.h"
#include "lib/cli/load.h"
#include "lib/cli/report.h"
#include "lib/cli/table.h"
#include "lib/cli/text.h"
#include "vedette/frontends/vedette.h"

namespace vedette::inline v0::cli {
namespace {

std::string Place(const RuleMeta& rule) {
  return rule.line > 1 ? rule.source + ":" + std::to_string(rule.line) : rule.source;
}

std::string RuleJson(const RuleMeta& rule, std::string_view kind) {
  std::string out = "{";
  AppendJsonMember("kind", kind, &out);
  AppendJsonMember("id", rule.id, &out);
  AppendJsonMember("level", LevelName(rule.level), &out);
  AppendJsonMember("status", rule.status, &out);
  AppendJsonMember("title", rule.title, &out);
  AppendJsonKey("logsource", &out);
  std::string source = "{";
  const LogSource& s = rule.log_source;
  if (!s.product.empty()) AppendJsonMember("product", s.product, &source);
  if (!s.category.empty()) AppendJsonMember("category", s.category, &source);
  if (!s.service.empty()) AppendJsonMember("service", s.service, &source);
  out.append(source).append("}");
  AppendJsonKey("tags", &out);
  out.append(JsonStrings(rule.tags));
  AppendJsonMember("author", rule.author, &out);
  AppendJsonMember("file", rule.source, &out);
  AppendJsonMember("line", uint64_t{rule.line}, &out);
  return out.append("}");
}

// The rules that the options choose, then the correlations.
std::vector<const RuleMeta*> Chosen(const LoadedRules& rules, const RuleFilter& filter,
                                    size_t* correlations) {
  std::vector<const RuleMeta*> out;
  for (size_t i = 0; i < rules.program->rule_count(); ++i) {
    if (rules.selected[i]) out.push_back(&rules.program->rule(i));
  }
  const size_t plain = out.size();
  for (size_t c = 0; c < rules.program->correlation_count(); ++c) {
    const RuleMeta& correlation = rules.program->correlation(c);
    if (filter.Accepts(correlation)) out.push_back(&correlation);
  }
  *correlations = out.size() - plain;
  return out;
}

int List(const Options& options, Console* console) {
  const absl::StatusOr<LoadedRules> rules =
      LoadRules(options, options.arguments(), {.correlations = true});
  if (!rules.ok()) return Fail(rules.status(), "rules list", console);
  const absl::StatusOr<RuleFilter> filter = RuleFilter::FromOptions(options);
  if (!filter.ok()) return Fail(filter.status(), "rules list", console);
  if (!options.Has("quiet")) ReportNotRead(*rules, console);
  ReportSkipped(*rules, console);
  size_t correlations = 0;
  const std::vector<const RuleMeta*> chosen = Chosen(*rules, *filter, &correlations);
  const size_t plain = chosen.size() - correlations;
  if (options.Value("output") == "json") {
    console->out->Write("[");
    for (size_t i = 0; i < chosen.size(); ++i) {
      console->out->Write(i == 0 ? "\n" : ",\n");
      console->out->Write(RuleJson(*chosen[i], i < plain ? "rule" : "correlation"));
    }
    console->out->Write(chosen.empty() ? "]\n" : "\n]\n");
    return kExitOk;
  }
  ListTable table({{"LEVEL", 8},
                   {"STATUS", 6},
                   {"TITLE", 24},
                   {"LOG SOURCE", 16},
                   {"ID", 8},
                   {"FILE", 16, Keep::kEnd}});
  for (size_t i = 0; i < chosen.size(); ++i) {
    const RuleMeta& rule = *chosen[i];
    table.Add({std::string(ShortLevel(rule.level)), rule.status.empty() ? "-" : rule.status,
               std::string(rule.display_name()),
               i >= plain                ? "(correlation)"
               : rule.log_source.empty() ? "any"
                                         : rule.log_source.ToString(),
               rule.id.empty() ? "-" : rule.id, Place(rule)});
  }
  console->out->Write(table.Format(console->width, console->color_out));
  if (options.Has("quiet")) return kExitOk;
  console->out->Flush();
  console->err->WriteLine(Count(plain, "rule") +
                          (correlations > 0 ? ", " + Count(correlations, "correlation") : ""));
  return kExitOk;
}

void PrintMeta(const RuleMeta& rule, Console* console) {
  const Paint paint(console->color_out);
  const auto row = [&](std::string_view label, std::string_view text) {
    if (text.empty()) return;
    std::string line(paint.Bold());
    line.append(Pad(label, 16)).append(paint.Off());
    std::string wrapped;
    AppendWrapped(Clean(text), 16, console->width, &wrapped);
    console->out->Write(line + wrapped);
  };
  const auto rows = [&row](std::string_view label, const std::vector<std::string>& items) {
    for (size_t i = 0; i < items.size(); ++i) row(i == 0 ? label : " ", items[i]);
  };
  row("title", rule.title);
  row("name", rule.name);
  row("id", rule.id);
  row("level", LevelName(rule.level));
  row("status", rule.status);
  row("log source", rule.log_source.empty() ? "any" : rule.log_source.ToString());
  row("description", rule.description);
  row("author", rule.author);
  row("date", rule.date);
  row("modified", rule.modified);
  row("license", rule.license);
  rows("tags", rule.tags);
  rows("references", rule.references);
  rows("false positives", rule.false_positives);
  rows("fields", rule.fields);
  for (const auto& [id, type] : rule.related) row("related", type + " " + id);
  for (const auto& [name, text] : rule.custom) row(name, text);
  row("file", Place(rule));
}

// Prints one rule or one correlation; `with_meta` not only its compiled form.
int ShowOne(const Options& options, bool with_meta, std::string_view command, Console* console) {
  if (options.arguments().size() != 1) {
    return Fail(absl::InvalidArgumentError("name one rule by its id or title"), command, console);
  }
  const absl::StatusOr<LoadedRules> rules = LoadRules(options, {});
  if (!rules.ok()) return Fail(rules.status(), command, console);
  const std::string& wanted = options.arguments()[0];
  const Program& program = *rules->program;
  const RuleMeta* meta = nullptr;
  std::string dump;
  const absl::StatusOr<size_t> found = FindRule(program, wanted);
  if (found.ok()) {
    meta = &program.rule(*found);
    dump = program.DumpRule(*found);
  } else if (const std::optional<size_t> i = FindCorrelation(program, wanted); i.has_value()) {
    meta = &program.correlation(*i);
    dump = FormatVedette(program.DumpCorrelation(*i));
  }
  if (meta == nullptr) {
    ReportSkipped(*rules, console);
    return Fail(found.status(), command, console);
  }
  if (with_meta) {
    PrintMeta(*meta, console);
    console->out->Write("\n");
  }
  WriteLines(dump, console);
  return kExitOk;
}

int Show(const Options& options, Console* console) {
  return ShowOne(options, true, "rules show", console);
}

int Ir(const Options& options, Console* console) {
  return ShowOne(options, false, "rules ir", console);
}

struct Technique {
  uint64_t rules = 0;
  Level highest = Level::kUnset;
  std::set<std::string> tactics;
  std::string example;
};

int Coverage(const Options& options, Console* console) {
  const absl::StatusOr<LoadedRules> rules = LoadRules(options, options.arguments());
  if (!rules.ok()) return Fail(rules.status(), "rules coverage", console);
  if (!options.Has("quiet")) ReportNotRead(*rules, console);
  ReportSkipped(*rules, console);
  std::map<std::string, Technique> techniques;
  uint64_t without = 0;
  for (size_t i = 0; i < rules->program->rule_count(); ++i) {
    if (!rules->selected[i]) continue;
    const RuleMeta& rule = rules->program->rule(i);
    std::set<std::string> ids;
    std::set<std::string> tactics;
    for (const std::string& tag : rule.tags) {
      if (std::string id = TechniqueOfTag(tag); !id.empty()) ids.insert(std::move(id));
      if (std::string name = TacticOfTag(tag); !name.empty()) tactics.insert(std::move(name));
    }
    if (ids.empty()) ++without;
    for (const std::string& id : ids) {
      Technique& t = techniques[id];
      if (t.rules++ == 0) t.example = rule.display_name();
      t.highest = std::max(t.highest, rule.level);
      t.tactics.insert(tactics.begin(), tactics.end());
    }
  }
  if (options.Value("output") == "json") {
    std::string out = "{";
    for (const auto& [id, t] : techniques) AppendJsonMember(id, t.rules, &out);
    console->out->WriteLine(out.append("}"));
    return kExitOk;
  }
  ListTable table({{"TECHNIQUE", 9},
                   {"RULES", 5, Keep::kBegin, true},
                   {"HIGHEST", 8},
                   {"TACTICS OF THESE RULES", 20},
                   {"FOR EXAMPLE", 20}});
  for (const auto& [id, t] : techniques) {
    std::string tactics;
    for (const std::string& name : t.tactics) {
      tactics.append(tactics.empty() ? "" : ", ").append(name);
    }
    table.Add({id, WithCommas(t.rules), std::string(ShortLevel(t.highest)), tactics, t.example});
  }
  console->out->Write(table.Format(console->width, console->color_out));
  console->out->Flush();
  console->err->WriteLine(Count(techniques.size(), "technique") + ", " +
                          Count(rules->selected_count, "rule") + ", " + WithCommas(without) +
                          " without a technique");
  return kExitOk;
}

void AddColor(CommandSpec* spec) { spec->options.push_back(kColorOption); }

CommandSpec ListLike(std::string_view name, std::string_view summary, std::string_view examples) {
  CommandSpec spec;
  spec.name = name;
  spec.arguments = "[PATH...]";
  spec.summary = summary;
  spec.examples = examples;
  spec.max_arguments = SIZE_MAX;
  spec.options = RuleOptions();
  for (const OptionSpec& o : FilterOptions()) spec.options.push_back(o);
  spec.options.push_back(
      {"output", 'o', OptionKind::kValue, "FORM", "table (default) or json.", "table|json"});
  spec.options.push_back({"quiet", 'q', OptionKind::kFlag, "", "No notes, no count at the end."});
  AddColor(&spec);
  return spec;
}

CommandSpec ShowLike(std::string_view name, std::string_view summary, std::string_view examples) {
  CommandSpec spec;
  spec.name = name;
  spec.arguments = "ID_OR_TITLE";
  spec.summary = summary;
  spec.examples = examples;
  spec.max_arguments = 1;
  spec.options = RuleOptions();
  AddColor(&spec);
  return spec;
}

}  // namespace

Command RulesListCommand() {
  return {ListLike("rules list",
                   "List rules and correlations: level, status, title, log source, id, file.",
                   "vedette rules list rules --level high\n"
                   "vedette rules list rules --tag attack.t1059 -o json"),
          List};
}

Command RulesShowCommand() {
  return {ShowLike("rules show", "Show one rule: its metadata and what it was compiled to.",
                   "vedette rules show 'Title of a rule' --rules rules"),
          Show};
}

Command RulesIrCommand() {
  return {ShowLike("rules ir", "Print only what one rule was compiled to.",
                   "vedette rules ir 'Title of a rule' --rules rules"),
          Ir};
}

Command RulesCoverageCommand() {
  return {ListLike("rules coverage", "Count the rules for each ATT&CK technique.",
                   "vedette rules coverage rules --level medium"),
          Coverage};
}

}  // namespace vedette::inline v0::cli
