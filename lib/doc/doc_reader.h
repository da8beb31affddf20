// Reads the members of JSON objects and says what is wrong with them, with the place.
#ifndef VEDETTE_LIB_DOC_DOC_READER_H_
#define VEDETTE_LIB_DOC_DOC_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/doc/doc_tree.h"
#include "lib/doc/source_text.h"
#include "vedette/diagnostic.h"

namespace vedette::inline v0 {

// Diagnostics of one file. After kMaxReports it only counts.
class DocReporter {
 public:
  // `family` goes before the numbers of common faults: "POL".
  DocReporter(std::string family, const SourceText* source, DiagnosticSink* sink)
      : family_(std::move(family)), source_(source), sink_(sink) {}

  void Report(Severity severity, std::string_view number, size_t offset, size_t length,
              std::string message, std::string hint = "");
  void Error(std::string_view number, const DocNode& at, std::string message,
             std::string hint = "") {
    Report(Severity::kError, number, at.offset, at.length, std::move(message), std::move(hint));
  }
  void Warning(std::string_view number, const DocNode& at, std::string message,
               std::string hint = "") {
    Report(Severity::kWarning, number, at.offset, at.length, std::move(message), std::move(hint));
  }
  size_t errors() const { return errors_; }

 private:
  static constexpr size_t kMaxReports = 200;
  std::string family_;
  const SourceText* source_;
  DiagnosticSink* sink_;
  size_t errors_ = 0;
  size_t reports_ = 0;
};

// Numbers of the common faults, in every family.
inline constexpr std::string_view kBadJson = "0001";
inline constexpr std::string_view kMissing = "0003";
inline constexpr std::string_view kWrongType = "0004";
inline constexpr std::string_view kUnknownKey = "0005";
inline constexpr std::string_view kBadValue = "0006";

// The members of one object. Each member is taken by name; what is left at the end is unknown.
class MapReader {
 public:
  // `node` may be of any kind: if it is no object that is said, and every member is absent.
  MapReader(const DocNode& node, std::string what, DocReporter* reporter);

  bool ok() const { return ok_; }
  const DocNode& node() const { return *node_; }
  // The member, of any kind; null if there is none.
  const DocNode* Any(std::string_view name);
  // As above; a member of another kind is reported, and null.
  const DocNode* Of(std::string_view name, DocNode::Kind kind);
  // Says that it is missing if it is.
  const DocNode* Required(std::string_view name, DocNode::Kind kind);

  std::string Text(std::string_view name, bool required = false);
  bool Bool(std::string_view name, bool fallback);
  std::optional<int64_t> Int(std::string_view name, int64_t low, int64_t high);
  // A list of strings, or one string.
  std::vector<std::string> Texts(std::string_view name);
  // "15m": a whole number and ms, s, m, h or d; at least 1 ms and at most 366 d.
  int64_t Duration(std::string_view name, int64_t fallback);
  // Names the members that nobody took.
  void Done();

 private:
  const DocNode* node_;
  std::string what_;
  DocReporter* reporter_;
  bool ok_;
  std::set<std::string, std::less<>> taken_;
};

// The tree as JSON, members in their order.
std::string DocToJson(const DocNode& node);
// ASCII lower case.
std::string LowerAscii(std::string_view s);
// Whether `pattern`, in which `*` stands for any text, is the whole of `text`; ASCII case does not
// matter. Time is at most the product of the lengths.
bool MatchesGlob(std::string_view pattern, std::string_view text);
// The name nearest to `word`, if it may be a slip: " (did you mean 'x'?)", or nothing.
std::string DidYouMean(std::string_view word, std::span<const std::string_view> names);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_DOC_DOC_READER_H_
