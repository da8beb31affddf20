// Reads the keys of one table of a rule and says what is wrong with them.
#ifndef VEDETTE_LIB_LANG_ELASTIC_MAP_READER_H_
#define VEDETTE_LIB_LANG_ELASTIC_MAP_READER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/doc/doc_tree.h"
#include "lib/doc/source_text.h"
#include "lib/lang/elastic/rule_file.h"
#include "vedette/diagnostic.h"

namespace vedette::inline v0::elastic {

// Diagnostics of one rule. After kMaxReports it only counts.
class RuleReporter {
 public:
  RuleReporter(const SourceText* source, DiagnosticSink* sink) : source_(source), sink_(sink) {}

  void set_rule(std::string rule) { rule_ = std::move(rule); }
  const SourceText& source() const { return *source_; }
  size_t errors() const { return errors_; }
  void Error(std::string_view code, SourceSpan span, std::string message, std::string hint = "");
  void Warning(std::string_view code, SourceSpan span, std::string message, std::string hint = "");

 private:
  static constexpr size_t kMaxReports = 100;

  void Add(Severity severity, std::string_view code, SourceSpan span, std::string message,
           std::string hint);

  const SourceText* source_;
  DiagnosticSink* sink_;
  std::string rule_;
  size_t errors_ = 0;
  size_t reports_ = 0;
};

// One table. Every reading function takes a key that may be missing or null: then nothing happens.
// A value of the wrong type is an error ELA0005. Everything given must outlive the reader.
class MapReader {
 public:
  // `path` is the path of the table in the rule, with a dot behind it: "", "threshold.".
  MapReader(const DocNode& map, std::string path, StringSyntax syntax, RuleReporter* reporter,
            ElasticRule* rule)
      : map_(map), path_(std::move(path)), syntax_(syntax), reporter_(reporter), rule_(rule) {}

  void String(std::string_view key, std::string* out);
  void Located(std::string_view key, LocatedText* out);
  // A list of strings, or one string.
  void Strings(std::string_view key, std::vector<std::string>* out);
  void Int(std::string_view key, int64_t low, int64_t high, std::optional<int64_t>* out);
  void Real(std::string_view key, double low, double high, std::optional<double>* out);
  void Bool(std::string_view key, std::optional<bool>* out);
  // A string, number or boolean as text.
  void Scalar(std::string_view key, std::string* out);
  using Each = std::function<void(MapReader&)>;
  // A table.
  void Map(std::string_view key, const Each& read);
  // A list of tables, or one table.
  void Maps(std::string_view key, const Each& read);
  // Whether the key is there with a value: not null, not an empty list, table or string.
  bool Has(std::string_view key);
  void Ignore(std::string_view key) { known_.emplace(key); }
  // The place of the key; else of the table.
  SourceSpan SpanOf(std::string_view key) const;
  SourceSpan Span() const;
  RuleReporter& reporter() { return *reporter_; }
  void Missing(std::string_view key, std::string hint);
  // Notes the keys that nobody asked for.
  void Finish();

 private:
  // The entry of a key with a value; its place is noted.
  const DocEntry* Take(std::string_view key);
  const DocEntry* Entry(std::string_view key) const;
  void WrongType(std::string_view key, const DocNode& value, std::string_view expected);

  const DocNode& map_;
  std::string path_;
  StringSyntax syntax_;
  RuleReporter* reporter_;
  ElasticRule* rule_;
  std::set<std::string, std::less<>> known_;
};

// For messages: at most 60 bytes, cut at a character, in single quotes.
std::string Quoted(std::string_view text);

}  // namespace vedette::inline v0::elastic

#endif  // VEDETTE_LIB_LANG_ELASTIC_MAP_READER_H_
