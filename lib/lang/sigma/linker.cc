#include "lib/lang/sigma/linker.h"

#include <algorithm>
#include <utility>

namespace vedette::inline v0::sigma {
namespace {

// UUIDs are the same in upper and lower case; names of rules rarely differ by that alone.
std::string Key(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

bool IsCorrelation(const Document& document) {
  return document.kind == Document::Kind::kCorrelation;
}

// What a filter or a correlation names but is not there.
void ReportUnknown(const NamedReference& reference, std::string_view who, Reporter* reporter) {
  DiagnosticExtras extras;
  extras.hint = "rules are found by id or name, not by title, in all sources loaded together";
  reporter->Error("SIG0041", reference.span,
                  "the " + std::string(who) + " refers to unknown rule " + Quoted(reference.text),
                  std::move(extras));
}

void ReportRefused(size_t place, Document* correlation) {
  const CorrelationBody& body = correlation->correlation;
  correlation->reporter.Error(
      "SIG0041", body.rule_spans[place],
      "the correlation refers to " + Quoted(body.ast.rules[place].text) + ", which was refused");
  correlation->refused = true;
}

}  // namespace

size_t Linker::Find(std::string_view reference) const {
  const auto found = index_.find(Key(reference));
  return found == index_.end() ? kNone : found->second;
}

void Linker::Claim(const std::string& text, SourceSpan span, size_t document,
                   std::string_view what) {
  if (text.empty()) return;
  const auto [entry, fresh] = index_.emplace(Key(text), document);
  if (fresh || entry->second == document) return;
  const Document& first = (*documents_)[entry->second];
  Document& later = (*documents_)[document];
  // Documents made by `action: global` share what the global one says.
  const bool shared = first.meta.source == later.meta.source &&
                      (first.id_span.line == span.line || first.name_span.line == span.line);
  if (shared) return;
  DiagnosticExtras extras;
  extras.notes.push_back("it belongs to " + Quoted(first.meta.display_name()) + " in " +
                         first.meta.source + ", line " + std::to_string(first.meta.line));
  later.reporter.Error("SIG0042", span,
                       "the " + std::string(what) + " " + Quoted(text) + " is taken already",
                       std::move(extras));
  later.refused = true;
}

void Linker::IndexNames() {
  for (size_t i = 0; i < documents_->size(); ++i) {
    const Document& document = (*documents_)[i];
    Claim(document.meta.id, document.id_span, i, "id");
    if (document.meta.name != document.meta.id) {
      Claim(document.meta.name, document.name_span, i, "name");
    }
  }
}

void Linker::AssignFilters() {
  for (const Document& document : *documents_) {
    if (document.kind == Document::Kind::kFilter && !document.refused) AssignFilter(document);
  }
}

void Linker::AssignFilter(const Document& filter) {
  const auto fits = [&filter](const Document& rule) {
    return rule.kind == Document::Kind::kRule && !rule.refused &&
           rule.meta.log_source.Satisfies(filter.meta.log_source);
  };
  if (filter.filter.any) {
    for (Document& rule : *documents_) {
      if (fits(rule)) rule.filters.push_back(&filter);
    }
    return;
  }
  Reporter reporter = filter.reporter;
  std::vector<size_t> done;
  for (const NamedReference& reference : filter.filter.rules) {
    const size_t target = Find(reference.text);
    if (target == kNone) {
      ReportUnknown(reference, "filter", &reporter);
      continue;
    }
    Document& rule = (*documents_)[target];
    if (std::find(done.begin(), done.end(), target) != done.end()) continue;
    done.push_back(target);
    if (fits(rule)) {
      rule.filters.push_back(&filter);
    } else if (!rule.refused) {
      reporter.Warning(
          "SIG0040", reference.span,
          rule.kind == Document::Kind::kRule
              ? "the filter is not applied to " + Quoted(reference.text) +
                    ": the rule's log source is not within the filter's"
              : "filters are only for rules, and " + Quoted(reference.text) + " is none");
    }
  }
}

void Linker::Refuse(size_t correlation) {
  // Whatever refers to it goes too, and so on.
  std::vector<size_t> ready = {correlation};
  (*documents_)[correlation].refused = true;
  while (!ready.empty()) {
    const size_t target = ready.back();
    ready.pop_back();
    for (const auto& [user, place] : users_[target]) {
      Document& document = (*documents_)[user];
      if (document.refused) continue;
      ReportRefused(place, &document);
      ready.push_back(user);
    }
  }
}

void Linker::RefuseUnresolved(const std::vector<size_t>& rule_index) {
  users_.resize(documents_->size());
  std::vector<size_t> refused;
  for (size_t i = 0; i < documents_->size(); ++i) {
    Document& document = (*documents_)[i];
    if (!IsCorrelation(document) || document.refused) continue;
    const CorrelationBody& body = document.correlation;
    for (size_t place = 0; place < body.ast.rules.size(); ++place) {
      const NamedReference reference{body.ast.rules[place].text, body.rule_spans[place]};
      const size_t target = Find(reference.text);
      if (target == kNone || (*documents_)[target].kind == Document::Kind::kFilter) {
        ReportUnknown(reference, "correlation", &document.reporter);
        document.refused = true;
        continue;
      }
      users_[target].emplace_back(i, place);
      const Document& found = (*documents_)[target];
      if (found.refused || (!IsCorrelation(found) && rule_index[target] == kNone)) {
        ReportRefused(place, &document);
      }
    }
    if (document.refused) refused.push_back(i);
  }
  for (const size_t i : refused) Refuse(i);
}

// Takes away, again and again, correlations that refer to none that is left, then those that none
// refers to; what is left is on a cycle, or between two.
void Linker::RefuseCycles() {
  const size_t n = documents_->size();
  std::vector<std::vector<size_t>> edges[2];  // to what it refers to; from what refers to it
  edges[0].resize(n);
  edges[1].resize(n);
  for (size_t i = 0; i < n; ++i) {
    const Document& document = (*documents_)[i];
    if (!IsCorrelation(document) || document.refused) continue;
    for (const CorrelationAst::Reference& reference : document.correlation.ast.rules) {
      const size_t target = Find(reference.text);
      if (!IsCorrelation((*documents_)[target])) continue;
      edges[0][i].push_back(target);
      edges[1][target].push_back(i);
    }
  }
  std::vector<bool> gone(n);
  for (const int direction : {0, 1}) {
    std::vector<size_t> degree(n);
    std::vector<size_t> ready;
    for (size_t i = 0; i < n; ++i) {
      const auto& out = edges[direction][i];
      degree[i] = static_cast<size_t>(
          std::count_if(out.begin(), out.end(), [&gone](size_t j) { return !gone[j]; }));
      if (!gone[i] && degree[i] == 0) ready.push_back(i);
    }
    while (!ready.empty()) {
      const size_t i = ready.back();
      ready.pop_back();
      gone[i] = true;
      for (const size_t j : edges[1 - direction][i]) {
        if (!gone[j] && --degree[j] == 0) ready.push_back(j);
      }
    }
  }
  std::vector<size_t> cyclic;
  for (size_t i = 0; i < n; ++i) {
    if (gone[i]) continue;
    Document& document = (*documents_)[i];
    document.reporter.Error("SIG0052", document.correlation.span,
                            "the correlation refers to itself, through others or directly");
    document.refused = true;
    cyclic.push_back(i);
  }
  for (const size_t i : cyclic) Refuse(i);
}

void Linker::ResolveCorrelations(const std::vector<size_t>& rule_index, IrModule* module) {
  const bool any = std::any_of(documents_->begin(), documents_->end(), IsCorrelation);
  if (!any) return;
  RefuseUnresolved(rule_index);
  RefuseCycles();
  std::vector<size_t> index(documents_->size(), kNone);
  size_t next = module->correlations.size();
  for (size_t i = 0; i < documents_->size(); ++i) {
    const Document& document = (*documents_)[i];
    if (IsCorrelation(document) && !document.refused) index[i] = next++;
  }
  for (size_t i = 0; i < documents_->size(); ++i) {
    if (index[i] == kNone) continue;
    Document& document = (*documents_)[i];
    CorrelationAst ast = std::move(document.correlation.ast);
    for (CorrelationAst::Reference& reference : ast.rules) {
      const size_t target = Find(reference.text);
      reference.is_correlation = IsCorrelation((*documents_)[target]);
      reference.index =
          static_cast<uint32_t>(reference.is_correlation ? index[target] : rule_index[target]);
    }
    module->correlations.push_back(LowerCorrelation(ast, document.meta));
    // The rules that a correlation of their own file names are there for it alone.
    module->correlations.back().silences = true;
  }
}

}  // namespace vedette::inline v0::sigma
