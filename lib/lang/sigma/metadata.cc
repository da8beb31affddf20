#include "lib/lang/sigma/metadata.h"

#include <algorithm>
#include <array>
#include <utility>

namespace vedette::inline v0::sigma {
namespace {

constexpr size_t kMaxCustomBytes = 4096;

bool IsHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool IsUuid(std::string_view s) {
  if (s.size() != 36) return false;
  for (size_t i = 0; i < s.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? s[i] != '-' : !IsHex(s[i])) return false;
  }
  return true;
}

// 2026-11-25, or the older 2026/11/25.
bool IsDate(std::string_view s) {
  if (s.size() < 8 || s.size() > 10) return false;
  size_t separators = 0;
  for (const char c : s) {
    if (c == '-' || c == '/') {
      ++separators;
    } else if (c < '0' || c > '9') {
      return false;
    }
  }
  return separators == 2 && (s[4] == '-' || s[4] == '/');
}

template <size_t kSize>
bool IsOneOf(std::string_view value, const std::array<std::string_view, kSize>& known) {
  return std::find(known.begin(), known.end(), value) != known.end();
}

constexpr std::array<std::string_view, 5> kStatuses = {"stable", "test", "experimental",
                                                       "deprecated", "unsupported"};
constexpr std::array<std::string_view, 5> kRelations = {"derived", "obsolete", "merged", "renamed",
                                                        "similar"};
const std::vector<std::string_view>& Levels() {
  static const auto* const levels =
      new std::vector<std::string_view>{"informational", "low", "medium", "high", "critical"};
  return *levels;
}

// A short text of any value, for keys that have no meaning here.
void AppendFlat(const YamlNode& node, std::string* out) {
  if (out->size() > kMaxCustomBytes) return;
  if (node.is_scalar() || node.is_null()) *out += node.text;
  for (size_t i = 0; i < node.items.size() && out->size() <= kMaxCustomBytes; ++i) {
    if (i > 0) *out += ", ";
    AppendFlat(node.items[i], out);
  }
  for (size_t i = 0; i < node.entries.size() && out->size() <= kMaxCustomBytes; ++i) {
    if (i > 0) *out += ", ";
    out->append(node.entries[i].key).append(": ");
    AppendFlat(node.entries[i].value, out);
  }
}

class MetadataParser {
 public:
  MetadataParser(const YamlNode& root, Document* document)
      : root_(root), document_(document), meta_(&document->meta), reporter_(&document->reporter) {}

  void Parse() {
    // The title first: it names the rule in every report.
    if (const YamlEntry* title = root_.Find("title"); title != nullptr) {
      Scalar(*title, &meta_->title);
    }
    if (meta_->title.empty()) Missing("title", "the rule has no title");
    for (const YamlEntry& entry : root_.entries) Entry(entry);
    if (document_->kind != Document::Kind::kCorrelation && root_.Find("logsource") == nullptr) {
      Missing("logsource", "the rule has no log source");
    }
  }

 private:
  void Missing(std::string_view key, std::string message) {
    if (const YamlEntry* entry = root_.Find(key); entry != nullptr) {
      if (!entry->value.is_list() && !entry->value.is_map()) {
        reporter_->Error("SIG0004", entry->span, std::move(message));
      }
      return;  // else its type is wrong and was reported
    }
    DiagnosticExtras extras;
    extras.hint = "add `" + std::string(key) + ":`";
    reporter_->Error("SIG0004", document_->span, std::move(message), std::move(extras));
  }

  void Scalar(const YamlEntry& entry, std::string* out) {
    if (entry.value.is_list() || entry.value.is_map()) {
      reporter_->Error(
          "SIG0005", entry.span,
          "'" + entry.key + "' must be a string, not " + std::string(DescribeKind(entry.value)));
      return;
    }
    if (entry.value.is_scalar()) *out = entry.value.text;
  }

  void List(const YamlEntry& entry, std::vector<std::string>* out) {
    const bool plain = ScalarList(entry.value, out);
    if (!plain || entry.value.is_scalar()) {
      Lint(entry, "'" + entry.key + "' should be a list of strings");
    }
  }

  void Lint(const YamlEntry& entry, std::string message, std::string hint = "") {
    DiagnosticExtras extras;
    extras.hint = std::move(hint);
    const SourceSpan span = entry.value.span.line != 0 ? entry.value.span : entry.span;
    reporter_->Lint("SIG0065", span, std::move(message), std::move(extras));
  }

  void Entry(const YamlEntry& entry) {
    const std::string& key = entry.key;
    if (key == "title" || key == "detection" || key == "correlation" || key == "filter" ||
        key == "action" || key == "generate") {
      return;
    }
    if (key == "id") return Id(entry);
    if (key == "name") {
      document_->name_span = entry.value.span;
      return Scalar(entry, &meta_->name);
    }
    if (key == "logsource") {
      if (document_->kind == Document::Kind::kCorrelation) return Custom(entry);
      ParseLogSource(entry.value, entry.span, &meta_->log_source, reporter_);
      return;
    }
    if (key == "description") return Scalar(entry, &meta_->description);
    if (key == "author") return Author(entry);
    if (key == "license") return Scalar(entry, &meta_->license);
    if (key == "status") return Status(entry);
    if (key == "level") return Level(entry);
    if (key == "date") return Date(entry, &meta_->date);
    if (key == "modified") return Date(entry, &meta_->modified);
    if (key == "tags") return Tags(entry);
    if (key == "references") return List(entry, &meta_->references);
    if (key == "falsepositives") return List(entry, &meta_->false_positives);
    if (key == "fields") return List(entry, &meta_->fields);
    if (key == "related") return Related(entry);
    Custom(entry);
  }

  void Id(const YamlEntry& entry) {
    document_->id_span = entry.value.span;
    Scalar(entry, &meta_->id);
    if (!meta_->id.empty() && !IsUuid(meta_->id)) {
      Lint(entry, "the id " + Quoted(meta_->id) + " is not a UUID");
    }
  }

  void Author(const YamlEntry& entry) {
    std::vector<std::string> authors;
    if (!ScalarList(entry.value, &authors)) {
      Lint(entry, "'author' should be a string");
      return;
    }
    for (const std::string& author : authors) {
      if (!meta_->author.empty()) meta_->author += ", ";
      meta_->author += author;
    }
  }

  void Status(const YamlEntry& entry) {
    Scalar(entry, &meta_->status);
    if (meta_->status.empty() || IsOneOf(meta_->status, kStatuses)) return;
    const std::vector<std::string_view> known(kStatuses.begin(), kStatuses.end());
    Lint(entry, "unknown status " + Quoted(meta_->status),
         reporter_->Suggest(meta_->status, known));
    meta_->status.clear();
  }

  void Level(const YamlEntry& entry) {
    std::string name;
    Scalar(entry, &name);
    if (name.empty()) return;
    const std::optional<vedette::Level> level = LevelByName(name);
    if (level.has_value()) {
      meta_->level = *level;
    } else {
      Lint(entry, "unknown level " + Quoted(name), reporter_->Suggest(name, Levels()));
    }
  }

  void Date(const YamlEntry& entry, std::string* out) {
    Scalar(entry, out);
    if (!out->empty() && !IsDate(*out)) {
      Lint(entry, "the date " + Quoted(*out) + " should be written as YYYY-MM-DD");
    }
  }

  void Tags(const YamlEntry& entry) {
    List(entry, &meta_->tags);
    for (const std::string& tag : meta_->tags) {
      if (tag.find('.') != std::string::npos) continue;
      Lint(entry, "the tag " + Quoted(tag) + " has no namespace, like `attack.t1059`");
    }
  }

  void Related(const YamlEntry& entry) {
    if (!entry.value.is_list()) {
      if (!entry.value.is_null()) Lint(entry, "'related' should be a list of id and type");
      return;
    }
    for (const YamlNode& item : entry.value.items) {
      const YamlEntry* const id = item.Find("id");
      const YamlEntry* const type = item.Find("type");
      if (id == nullptr || type == nullptr || !id->value.is_scalar() || !type->value.is_scalar()) {
        reporter_->Lint("SIG0065", item.span, "a related rule needs 'id' and 'type'");
        continue;
      }
      if (!IsOneOf(type->value.text, kRelations)) {
        Lint(*type, "unknown relation " + Quoted(type->value.text));
      }
      meta_->related.emplace_back(id->value.text, type->value.text);
    }
  }

  void Custom(const YamlEntry& entry) {
    std::string text;
    AppendFlat(entry.value, &text);
    if (entry.key == "taxonomy" && text != "sigma") {
      reporter_->Warning("SIG0065", entry.value.span,
                         "the fields are of the taxonomy " + Quoted(text) +
                             "; they are looked up as they stand unless a pipeline maps them");
    }
    meta_->custom.emplace_back(entry.key, std::move(text));
  }

  const YamlNode& root_;
  Document* document_;
  RuleMeta* meta_;
  Reporter* reporter_;
};

}  // namespace

void ParseMetadata(const YamlNode& root, Document* document) {
  MetadataParser(root, document).Parse();
}

bool ParseLogSource(const YamlNode& node, SourceSpan at, LogSource* out, Reporter* reporter) {
  if (!node.is_map()) {
    reporter->Error("SIG0005", at,
                    "'logsource' must be a map, not " + std::string(DescribeKind(node)));
    return false;
  }
  bool ok = true;
  const auto part = [&](std::string_view key, std::string* into) {
    const YamlEntry* const entry = node.Find(key);
    if (entry == nullptr || entry->value.is_null()) return;
    if (!entry->value.is_scalar()) {
      reporter->Error(
          "SIG0005", entry->span,
          "'" + entry->key + "' must be a string, not " + std::string(DescribeKind(entry->value)));
      ok = false;
      return;
    }
    *into = entry->value.text;
    bool changed = false;
    for (char& c : *into) {
      if (c < 'A' || c > 'Z') continue;
      c = static_cast<char>(c + 32);
      changed = true;
    }
    if (changed) {
      reporter->Lint("SIG0065", entry->value.span,
                     "log sources are written in lower case: " + Quoted(*into));
    }
  };
  part("category", &out->category);
  part("product", &out->product);
  part("service", &out->service);
  if (ok && out->empty()) {
    DiagnosticExtras extras;
    extras.hint = "give at least one of category, product and service";
    reporter->Error("SIG0004", at, "the log source is empty", std::move(extras));
    ok = false;
  }
  return ok;
}

bool ScalarList(const YamlNode& node, std::vector<std::string>* out) {
  if (node.is_scalar()) out->push_back(node.text);
  bool ok = !node.is_map();
  for (const YamlNode& item : node.items) {
    if (item.is_scalar()) {
      out->push_back(item.text);
    } else {
      ok = ok && item.is_null();
    }
  }
  return ok;
}

}  // namespace vedette::inline v0::sigma
