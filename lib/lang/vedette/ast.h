// A source text of the Vedette language as written: names unresolved, types unchecked.
#ifndef VEDETTE_LIB_LANG_VEDETTE_AST_H_
#define VEDETTE_LIB_LANG_VEDETTE_AST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/ir/ir.h"

namespace vedette::inline v0::lang {

enum class TextOp : uint8_t { kIn, kMatches, kLike, kRegex, kSearch, kContains, kStarts, kEnds };

// An expression. Plain data; depth is bounded by the parser.
struct Ast {
  enum class Kind : uint8_t {
    kNull,
    kBoolean,
    kNumber,
    kString,
    kName,        // a field, or the name of a let, an alias, a quantified variable
    kStar,        // any value of the event
    kCall,        // text: the function; ignore_case
    kNegate,      // one child
    kArithmetic,  // two; sign
    kCompare,     // two; sign
    kTest,        // the first child tested against the others, or the list named `text`
    kNot,
    kAnd,
    kOr,
    kEach,  // quantifier, text: the variable; the field and the condition
  };
  Kind kind = Kind::kNull;
  SourceSpan span;
  std::string text;
  std::vector<Ast> children;
  Number number;
  std::vector<PatternPiece> pattern;  // kString
  bool wild = false;                  // kString
  bool encoded = false;               // kString: it is `pattern` for every operator
  bool boolean = false;               // kBoolean
  bool is_duration = false;           // kNumber
  bool optional = false;              // kName: `?field`
  bool quoted = false;                // kName: begins in backticks, so it is a field
  bool ignore_case = false;           // kCall, kTest
  bool negated = false;               // kTest: `not in`
  bool is_list = false;               // kTest: written with parentheses
  std::string sign;                   // kArithmetic, kCompare
  TextOp op = TextOp::kIn;            // kTest
  Quantifier quantifier = Quantifier::kAny;
};

// `category where condition`.
struct QueryAst {
  std::string category;  // empty for `any`
  bool quoted_category = false;
  SourceSpan category_span;
  Ast condition;
};

struct LetAst {
  std::string name;
  SourceSpan span;
  bool has_category = false;  // a query, else an expression
  QueryAst query;
};

struct ListAst {
  std::string name;
  SourceSpan span;
  std::vector<Ast> items;
};

struct MapAst {
  std::string name;
  SourceSpan span;
  std::vector<std::pair<Ast, Ast>> items;
};

struct RuleRefAst {
  std::string name;
  SourceSpan span;
  bool is_rule = false;  // `rule name`, else a let may have the name
  std::vector<Ast> keys;
};

// A stage, slot or input: `alias: [..] by ..`.
struct SourceAst {
  std::string alias;
  SourceSpan span;
  std::vector<RuleRefAst> rules;  // `[rule a, rule b]`, or `[name]` before it is resolved
  std::optional<QueryAst> query;
  std::vector<Ast> keys;
  bool negated = false;
  int64_t runs = 1;
  int64_t min_count = 1;
  int64_t max_count = 0;
  std::string distinct_field;
  int64_t min_distinct = 0;
  int64_t within_previous_ns = 0;
  int64_t after_previous_ns = 0;
};

struct PipeAst {
  std::string name;
  SourceSpan span;
};

struct MatchAst {
  bool is_event = true;           // one event at a time
  std::optional<QueryAst> event;  // is_event
  std::string event_name;         // is_event: a let instead
  SourceSpan span;
  Shape shape = Shape::kWindow;
  std::vector<Ast> keys;  // of all sources
  std::vector<SourceAst> sources;
  std::optional<SourceAst> until;
  int64_t span_ns = 0;
  WindowKind window = WindowKind::kSliding;
  int64_t gap_ns = 0;
  std::vector<Ast> new_values;
  int64_t history_ns = 0;
  bool any_generation = false;
  std::string lineage_id;
  std::string lineage_parent;
  std::vector<PipeAst> pipes;
};

struct MetaAst {
  std::string key;
  bool quoted = false;  // never one of the known keys
  SourceSpan span;
  std::vector<Ast> values;  // one, or the items of a list
  bool is_list = false;
  std::vector<std::pair<std::string, Ast>> members;  // of `{..}`
  bool is_map = false;
};

struct TestAst {
  std::string name;
  SourceSpan span;
  std::vector<std::string> events;  // JSON
  std::vector<int64_t> times_ns;
  int64_t expected = 0;
};

struct RuleAst {
  std::string name;
  SourceSpan span;
  std::vector<MetaAst> meta;
  std::vector<LetAst> lets;
  std::optional<MatchAst> match;
  std::optional<Ast> having;
  std::vector<std::pair<std::string, Ast>> outcomes;
  std::vector<SourceSpan> outcome_spans;
  std::vector<Ast> suppress_by;
  int64_t suppress_ns = 0;
  Select select = Select::kLatest;
  int64_t select_limit = 0;
  Rearm rearm = Rearm::kDefault;
  int64_t rearm_ns = 0;
  bool generate = false;
  std::vector<TestAst> tests;
};

struct FileAst {
  std::vector<ListAst> lists;
  std::vector<MapAst> maps;
  std::vector<LetAst> lets;
  std::vector<RuleAst> rules;
};

}  // namespace vedette::inline v0::lang

#endif  // VEDETTE_LIB_LANG_VEDETTE_AST_H_
