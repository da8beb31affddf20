#include <algorithm>
#include <map>
#include <utility>

#include "lib/lang/vedette/parser.h"
#include "lib/lang/vedette/rule_lowering.h"
#include "vedette/frontends/vedette.h"

namespace vedette::inline v0 {
namespace {

using lang::LoweredRule;
using lang::Quoted;
using lang::Reporter;

std::string Folded(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

// What a reference may mean: a rule of the module.
struct Target {
  bool is_correlation = false;
  uint32_t index = 0;
};

// Puts lowered rules into a module and ties their references.
class Linker {
 public:
  explicit Linker(const IrModule* module) {
    for (size_t i = 0; i < module->rules.size(); ++i) {
      Add(module->rules[i].meta, {false, static_cast<uint32_t>(i)});
    }
    for (size_t i = 0; i < module->correlations.size(); ++i) {
      Add(module->correlations[i].meta, {true, static_cast<uint32_t>(i)});
    }
  }

  // False if the name or the id is taken.
  bool Add(const RuleMeta& meta, Target target) {
    bool is_new = true;
    for (const std::string* key : {&meta.id, &meta.name}) {
      if (key->empty()) continue;
      const auto [it, fresh] = targets_.emplace(Folded(*key), target);
      is_new = is_new && (fresh || (it->second.index == target.index &&
                                    it->second.is_correlation == target.is_correlation));
    }
    return is_new;
  }

  const Target* Find(const std::string& text) const {
    const auto it = targets_.find(Folded(text));
    return it == targets_.end() ? nullptr : &it->second;
  }

  void Remove(const RuleMeta& meta, const Target& target) {
    std::erase_if(targets_, [&](const auto& entry) {
      const bool named = entry.first == Folded(meta.id) || entry.first == Folded(meta.name);
      return named && entry.second.is_correlation == target.is_correlation &&
             entry.second.index == target.index;
    });
  }

 private:
  std::map<std::string, Target> targets_;
};

// A correlation that waits for its references.
struct Waiting {
  LoweredRule rule;
  const RuleSource* source;
  bool dropped = false;
};

class VedetteFrontendImpl final : public Frontend {
 public:
  explicit VedetteFrontendImpl(VedetteOptions options) : options_(options) {}

  std::string_view name() const override { return "vedette"; }

  bool Accepts(const RuleSource& source) const override {
    return source.name.ends_with(".vdt") || source.name.ends_with(".eql");
  }

  void Translate(std::span<const RuleSource* const> sources, IrModule* module,
                 DiagnosticSink* diagnostics) const override {
    Linker linker(module);
    std::vector<Waiting> waiting;
    for (const RuleSource* source : sources) {
      File(*source, module, &linker, &waiting, diagnostics);
    }
    Resolve(module, &linker, &waiting, diagnostics);
  }

 private:
  void File(const RuleSource& source, IrModule* module, Linker* linker,
            std::vector<Waiting>* waiting, DiagnosticSink* diagnostics) const {
    Reporter reporter(source.name, source.text, diagnostics);
    const lang::FileAst file = lang::ParseFile(source.text, Stem(source.name), &reporter);
    lang::RuleLowering lowering(options_.functions, &reporter);
    lowering.Declare(file);
    for (const lang::RuleAst& rule : file.rules) {
      std::optional<LoweredRule> lowered = lowering.Lower(rule, source.name);
      if (!lowered.has_value()) continue;
      if (!lowered->is_event) {
        waiting->push_back({*std::move(lowered), &source});
        continue;
      }
      const Target target{false, static_cast<uint32_t>(module->rules.size())};
      if (!linker->Add(lowered->meta, target)) {
        ReportTaken(*lowered, &reporter);
        continue;
      }
      IrRule out = std::move(lowered->event);
      out.meta = std::move(lowered->meta);
      out.emits = lowered->emits;
      module->rules.push_back(std::move(out));
      for (RuleTest& test : lowered->tests) module->tests.push_back(std::move(test));
    }
    if (reporter.errors() == 0) lowering.ReportUnused(file);
  }

  // "dir/x.eql" is rule x.
  static std::string Stem(std::string_view name) {
    name.remove_prefix(name.rfind('/') == std::string_view::npos ? 0 : name.rfind('/') + 1);
    std::string stem;
    for (const char c : name.substr(0, name.rfind('.'))) {
      const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      stem += word ? c : '_';
    }
    return stem.empty() ? "query" : stem;
  }

  static void ReportTaken(const LoweredRule& rule, Reporter* reporter) {
    reporter->set_rule(rule.meta.name);
    reporter->Error("VDT0005", rule.span,
                    "another rule has the name " + Quoted(rule.meta.name) + " or the same id");
    reporter->set_rule("");
  }

  // Correlations may refer to each other in any order; those that refer to nothing, to one that was
  // refused, or in a circle are refused.
  static void Resolve(IrModule* module, Linker* linker, std::vector<Waiting>* waiting,
                      DiagnosticSink* diagnostics) {
    const auto base = static_cast<uint32_t>(module->correlations.size());
    for (size_t i = 0; i < waiting->size(); ++i) {
      Waiting& w = (*waiting)[i];
      if (linker->Add(w.rule.meta, {true, base + static_cast<uint32_t>(i)})) continue;
      Reporter reporter(w.source->name, w.source->text, diagnostics);
      ReportTaken(w.rule, &reporter);
      w.dropped = true;
    }
    for (bool again = true; again;) {
      again = false;
      for (Waiting& w : *waiting) {
        if (w.dropped || ReferencesResolve(w, base, *waiting, *linker, diagnostics)) continue;
        w.dropped = true;
        again = true;
      }
    }
    DropCycles(base, waiting, *linker, diagnostics);
    // Places move up over the dropped ones.
    std::vector<uint32_t> place(waiting->size());
    uint32_t next = base;
    for (size_t i = 0; i < waiting->size(); ++i) {
      place[i] = next;
      if (!(*waiting)[i].dropped) ++next;
    }
    for (Waiting& w : *waiting) {
      if (w.dropped) continue;
      CorrelationSpec spec = std::move(w.rule.correlation);
      spec.meta = std::move(w.rule.meta);
      spec.emits = w.rule.emits;
      ForEachReference(&spec, [&](RuleReference* reference, size_t) {
        const Target& target = *linker->Find(reference->text);
        reference->is_correlation = target.is_correlation;
        reference->index = target.index;
        if (target.is_correlation && target.index >= base) {
          reference->index = place[target.index - base];
        }
      });
      module->correlations.push_back(std::move(spec));
      for (RuleTest& test : w.rule.tests) module->tests.push_back(std::move(test));
    }
  }

  template <typename F>
  static void ForEachReference(CorrelationSpec* spec, F f) {
    size_t number = 0;
    for (CorrelationSource& source : spec->sources) {
      for (RuleReference& reference : source.rules) f(&reference, number++);
    }
    if (!spec->until.has_value()) return;
    for (RuleReference& reference : spec->until->rules) f(&reference, number++);
  }

  static bool ReferencesResolve(Waiting& w, uint32_t base, const std::vector<Waiting>& waiting,
                                const Linker& linker, DiagnosticSink* diagnostics) {
    bool ok = true;
    ForEachReference(&w.rule.correlation, [&](RuleReference* reference, size_t number) {
      const Target* target = linker.Find(reference->text);
      const bool refused = target != nullptr && target->is_correlation && target->index >= base &&
                           waiting[target->index - base].dropped;
      if (target != nullptr && !refused) return;
      Reporter reporter(w.source->name, w.source->text, diagnostics);
      reporter.set_rule(w.rule.meta.name);
      reporter.Error("VDT0030", w.rule.reference_spans[number],
                     refused ? "the rule " + Quoted(reference->text) + " was refused"
                             : "there is no rule or let " + Quoted(reference->text),
                     refused ? "" : "rules are found by name or id among all that are loaded");
      ok = false;
    });
    return ok;
  }

  // Takes away, again and again, what refers to no other waiting rule; the rest is on a circle or
  // depends on one.
  static void DropCycles(uint32_t base, std::vector<Waiting>* waiting, const Linker& linker,
                         DiagnosticSink* diagnostics) {
    std::vector<bool> settled(waiting->size());
    for (bool again = true; again;) {
      again = false;
      for (size_t i = 0; i < waiting->size(); ++i) {
        Waiting& w = (*waiting)[i];
        if (settled[i] || w.dropped) continue;
        bool free = true;
        ForEachReference(&w.rule.correlation, [&](RuleReference* reference, size_t) {
          const Target& target = *linker.Find(reference->text);
          free = free &&
                 !(target.is_correlation && target.index >= base && !settled[target.index - base]);
        });
        if (!free) continue;
        settled[i] = true;
        again = true;
      }
    }
    for (size_t i = 0; i < waiting->size(); ++i) {
      Waiting& w = (*waiting)[i];
      if (settled[i] || w.dropped) continue;
      Reporter reporter(w.source->name, w.source->text, diagnostics);
      reporter.set_rule(w.rule.meta.name);
      reporter.Error("VDT0031", w.rule.span,
                     "the rule depends on itself, through others or directly");
      w.dropped = true;
    }
  }

  VedetteOptions options_;
};

}  // namespace

std::unique_ptr<Frontend> VedetteFrontend(VedetteOptions options) {
  return std::make_unique<VedetteFrontendImpl>(options);
}

}  // namespace vedette::inline v0
