#include <algorithm>
#include <utility>

#include "lib/lang/vedette/rule_lowering.h"

namespace vedette::inline v0::lang {
namespace {

constexpr std::string_view kKeys[] = {
    "id",     "name",     "title",     "description", "status", "severity",   "author",
    "date",   "modified", "license",   "tags",        "attack", "references", "false_positives",
    "fields", "related",  "logsource", "emit"};

std::string TextOf(const Ast& value) {
  switch (value.kind) {
    case Ast::Kind::kString:
      return value.text;
    case Ast::Kind::kNumber:
      return value.number.Text();
    case Ast::Kind::kBoolean:
      return value.boolean ? "true" : "false";
    default:
      return "";
  }
}

std::string AttackTag(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if (c == ' ' || c == '_') c = '-';
  }
  return "attack." + text;
}

class MetaLowering {
 public:
  MetaLowering(RuleMeta* meta, bool* emits, Reporter* reporter)
      : meta_(meta), emits_(emits), reporter_(reporter) {}

  bool Entry(const MetaAst& e) {
    const bool known =
        !e.quoted && std::find(std::begin(kKeys), std::end(kKeys), e.key) != std::end(kKeys);
    if (!known) {
      Custom(e);
      return true;
    }
    if (e.key == "logsource") return LogSourcePart(e);
    if (e.key == "severity") return Severity(e);
    if (e.key == "emit") return Emit(e);
    if (e.key == "tags") return List(e, &meta_->tags);
    if (e.key == "references") return List(e, &meta_->references);
    if (e.key == "false_positives") return List(e, &meta_->false_positives);
    if (e.key == "fields") return List(e, &meta_->fields);
    if (e.key == "attack") {
      std::vector<std::string> ids;
      if (!List(e, &ids)) return false;
      for (std::string& id : ids) meta_->tags.push_back(AttackTag(std::move(id)));
      return true;
    }
    if (e.key == "related") return Related(e);
    std::string* const texts[] = {&meta_->id,          &meta_->name,     &meta_->title,
                                  &meta_->description, &meta_->status,   &meta_->author,
                                  &meta_->date,        &meta_->modified, &meta_->license};
    constexpr std::string_view kTexts[] = {"id",     "name", "title",    "description", "status",
                                           "author", "date", "modified", "license"};
    for (size_t i = 0; i < std::size(kTexts); ++i) {
      if (e.key == kTexts[i]) return Text(e, texts[i]);
    }
    return true;
  }

 private:
  bool Wrong(const MetaAst& e, std::string_view wanted) {
    reporter_->Error("VDT0008", e.span, Quoted(e.key) + " is " + std::string(wanted));
    return false;
  }

  bool Text(const MetaAst& e, std::string* out) {
    if (e.is_list || e.is_map || e.values.size() != 1) return Wrong(e, "one text");
    *out = TextOf(e.values[0]);
    return true;
  }

  // One text will do for a list of one.
  bool List(const MetaAst& e, std::vector<std::string>* out) {
    if (e.is_map) return Wrong(e, "a list of texts");
    for (const Ast& value : e.values) out->push_back(TextOf(value));
    return true;
  }

  bool Emit(const MetaAst& e) {
    const bool fits =
        !e.is_list && !e.is_map && e.values.size() == 1 && e.values[0].kind == Ast::Kind::kBoolean;
    if (!fits) return Wrong(e, "`true` or `false`");
    *emits_ = e.values[0].boolean;
    return true;
  }

  bool Severity(const MetaAst& e) {
    std::string name;
    if (!Text(e, &name)) return false;
    const std::optional<Level> level = LevelByName(name);
    if (level.has_value()) {
      meta_->level = *level;
      return true;
    }
    reporter_->Error("VDT0008", e.span, "unknown severity " + Quoted(name),
                     Suggest(name, {"informational", "low", "medium", "high", "critical"}));
    return false;
  }

  bool LogSourcePart(const MetaAst& e) {
    if (!e.is_map)
      return Wrong(e, "like `{ product: \"windows\", category: \"process_creation\" }`");
    for (const auto& [key, value] : e.members) {
      if (key == "product") {
        meta_->log_source.product = TextOf(value);
      } else if (key == "category") {
        meta_->log_source.category = TextOf(value);
      } else if (key == "service") {
        meta_->log_source.service = TextOf(value);
      } else {
        reporter_->Error("VDT0008", e.span, "a log source has no " + Quoted(key),
                         Suggest(key, {"product", "category", "service"}));
        return false;
      }
    }
    return true;
  }

  // "derived:uuid".
  bool Related(const MetaAst& e) {
    std::vector<std::string> texts;
    if (!List(e, &texts)) return false;
    for (const std::string& text : texts) {
      const size_t colon = text.find(':');
      if (colon == std::string::npos) return Wrong(e, "a list of texts like \"derived:id\"");
      meta_->related.emplace_back(text.substr(colon + 1), text.substr(0, colon));
    }
    return true;
  }

  void Custom(const MetaAst& e) {
    std::string text;
    for (const Ast& value : e.values) text += (text.empty() ? "" : ", ") + TextOf(value);
    for (const auto& [key, value] : e.members) {
      text += (text.empty() ? "" : ", ") + key + ": " + TextOf(value);
    }
    const std::string hint = e.quoted ? "" : Suggest(e.key, {std::begin(kKeys), std::end(kKeys)});
    if (!hint.empty()) {
      reporter_->Warning("VDT0021", e.span, "rules have no key " + Quoted(e.key) + " of their own",
                         hint);
    }
    meta_->custom.emplace_back(e.key, std::move(text));
  }

  RuleMeta* meta_;
  bool* emits_;
  Reporter* reporter_;
};

}  // namespace

bool LowerMeta(const std::vector<MetaAst>& entries, RuleMeta* meta, bool* emits,
               Reporter* reporter) {
  MetaLowering lowering(meta, emits, reporter);
  std::set<std::string> seen;
  bool ok = true;
  for (const MetaAst& entry : entries) {
    if (!seen.insert(entry.key).second && !entry.quoted) {
      reporter->Error("VDT0008", entry.span, Quoted(entry.key) + " is given twice");
      ok = false;
      continue;
    }
    ok = lowering.Entry(entry) && ok;
  }
  return ok;
}

}  // namespace vedette::inline v0::lang
