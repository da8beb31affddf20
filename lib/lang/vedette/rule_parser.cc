#include <algorithm>
#include <utility>

#include "lib/base/json_text.h"
#include "lib/ir/printer.h"
#include "lib/lang/vedette/parser.h"

namespace vedette::inline v0::lang {
namespace {

constexpr std::string_view kSections[] = {"meta",     "let",   "match",  "having",   "outcome",
                                          "suppress", "rearm", "select", "generate", "test"};

bool IsSection(std::string_view word) {
  return std::find(std::begin(kSections), std::end(kSections), word) != std::end(kSections);
}

bool IsFileWord(const Token& token) {
  return token.IsWord("rule") || token.IsWord("let") || token.IsWord("list") || token.IsWord("map");
}

class FileParser {
 public:
  FileParser(std::string_view text, Reporter* reporter)
      : c_(Tokenize(text, false, reporter), reporter), e_(&c_), reporter_(reporter) {}

  FileAst Run(const std::string& query_name) {
    FileAst file;
    if (LooksLikeQuery()) {
      RuleAst rule;
      rule.name = query_name;
      rule.span = c_.Peek().span;
      MatchAst match;
      if (Match(&match) && AtQueryEnd()) {
        rule.match = std::move(match);
        file.rules.push_back(std::move(rule));
      }
      return file;
    }
    while (!c_.AtEnd()) {
      const size_t errors = reporter_->errors();
      Item(&file);
      if (reporter_->errors() > errors) SkipToItem();
    }
    return file;
  }

  bool Match(MatchAst* out);
  bool AtQueryEnd() {
    return c_.AtEnd() || c_.Fail("the end of the query", "one query is all that the text may hold");
  }

 private:
  bool LooksLikeQuery() const {
    if (c_.Peek().IsWord("sequence") || c_.Peek().IsWord("sample")) return true;
    const bool name = c_.Peek().kind == TokenKind::kWord || c_.Peek().kind == TokenKind::kString;
    return name && c_.Peek(1).IsWord("where");
  }

  void SkipToItem() {
    while (!c_.AtEnd() && !(IsFileWord(c_.Peek()) && c_.Peek().span.column <= 2)) c_.Take();
  }

  void Item(FileAst* file) {
    if (c_.TakeWord("list")) {
      List(file);
    } else if (c_.TakeWord("map")) {
      Map(file);
    } else if (c_.Peek().IsWord("let")) {
      LetAst let;
      if (Let(&let)) file->lets.push_back(std::move(let));
    } else if (c_.TakeWord("rule")) {
      RuleAst rule;
      if (Rule(&rule)) file->rules.push_back(std::move(rule));
    } else {
      c_.Fail("`rule`, `let`, `list` or `map`");
    }
  }

  bool DeclaredName(std::string* name, SourceSpan* span, std::string_view what) {
    const Token& token = c_.Peek();
    if (token.kind != TokenKind::kWord) return c_.Fail("the name of the " + std::string(what));
    if (IsReservedName(token.text)) {
      return c_.FailAt(
          token, "VDT0005",
          Quoted(token.text) + " is a word of the language and cannot name a " + std::string(what));
    }
    *name = token.text;
    *span = token.span;
    c_.Take();
    return true;
  }

  bool List(FileAst* file) {
    ListAst list;
    if (!DeclaredName(&list.name, &list.span, "list") || !c_.ExpectSign("=", "after the name") ||
        !c_.ExpectSign("[", "before the items")) {
      return false;
    }
    while (!c_.Peek().Is("]")) {
      Ast item;
      if (!e_.Constant(&item)) return false;
      list.items.push_back(std::move(item));
      if (!c_.TakeSign(",")) break;
    }
    if (!c_.ExpectSign("]", "after the items")) return false;
    file->lists.push_back(std::move(list));
    return true;
  }

  bool Map(FileAst* file) {
    MapAst map;
    if (!DeclaredName(&map.name, &map.span, "map") || !c_.ExpectSign("=", "after the name") ||
        !c_.ExpectSign("{", "before the entries")) {
      return false;
    }
    while (!c_.Peek().Is("}")) {
      Ast key;
      Ast value;
      if (!e_.Constant(&key) || !c_.ExpectSign(":", "after the key") || !e_.Constant(&value)) {
        return false;
      }
      map.items.emplace_back(std::move(key), std::move(value));
      if (!c_.TakeSign(",")) break;
    }
    if (!c_.ExpectSign("}", "after the entries")) return false;
    file->maps.push_back(std::move(map));
    return true;
  }

  bool Let(LetAst* out) {
    c_.Take();
    if (!DeclaredName(&out->name, &out->span, "let") || !c_.ExpectSign("=", "after the name")) {
      return false;
    }
    const bool name = c_.Peek().kind == TokenKind::kWord || c_.Peek().kind == TokenKind::kString;
    out->has_category = name && c_.Peek(1).IsWord("where");
    return out->has_category ? e_.Query(&out->query) : e_.Expression(&out->query.condition);
  }

  // ---- Rules ---------------------------------------------------------------------------------

  bool Rule(RuleAst* out) {
    const SourceSpan at = c_.Peek().span;
    if (!DeclaredName(&out->name, &out->span, "rule")) return false;
    reporter_->set_rule(out->name);
    const size_t errors = reporter_->errors();
    if (c_.ExpectSign("{", "after the name of the rule")) {
      while (!c_.Peek().Is("}") && !c_.AtEnd() && !AtNextRule()) {
        const size_t before = reporter_->errors();
        const size_t begin = c_.position();
        Section(out);
        if (reporter_->errors() > before) SkipToSection(c_.BracesSince(begin));
      }
      if (reporter_->errors() == errors || c_.Peek().Is("}")) {
        c_.ExpectSign("}", "at the end of rule " + Quoted(out->name));
      }
    }
    if (reporter_->errors() == errors && !out->match.has_value()) {
      reporter_->Error("VDT0006", at, "the rule has no `match`");
    }
    const bool ok = reporter_->errors() == errors;
    reporter_->set_rule("");
    return ok;
  }

  // A rule that is not closed must not swallow the next.
  bool AtNextRule() const {
    return c_.Peek().IsWord("rule") && c_.Peek().span.column == 1 &&
           c_.Peek(1).kind == TokenKind::kWord && c_.Peek(2).Is("{");
  }

  // To the next part of the rule or its end; `depth` braces of the part are open.
  void SkipToSection(int depth) {
    const bool within = depth > 0;
    while (!c_.AtEnd() && !AtNextRule()) {
      const Token& token = c_.Peek();
      if (token.Is("{")) ++depth;
      if (token.Is("}") && --depth < 0) return;
      if (token.kind == TokenKind::kWord && token.newlines_before > 0 && IsSection(token.text) &&
          token.span.column <= 3) {
        return;
      }
      c_.Take();
      if (within && depth == 0) return;
    }
  }

  bool Section(RuleAst* out) {
    const Token word = c_.Peek();
    if (word.IsWord("let")) {
      LetAst let;
      if (!Let(&let)) return false;
      out->lets.push_back(std::move(let));
      return true;
    }
    if (word.kind != TokenKind::kWord || !IsSection(word.text)) {
      std::vector<std::string_view> names(std::begin(kSections), std::end(kSections));
      std::string hint = Suggest(word.text, names);
      if (word.IsWord("AND") || word.IsWord("OR") || word.IsWord("NOT")) {
        hint = "`and`, `or` and `not` are written in small letters";
      }
      return c_.Fail(
          "a part of the rule: meta, let, match, having, outcome, suppress, rearm, "
          "select, generate or test",
          std::move(hint));
    }
    c_.Take();
    if (word.text == "meta") return Meta(out);
    if (word.text == "match") {
      if (out->match.has_value()) {
        return c_.FailAt(word, "VDT0006", "the rule has two `match` parts",
                         "write a rule for each, or `all` of them");
      }
      MatchAst match;
      if (!Match(&match)) return false;
      out->match = std::move(match);
      return true;
    }
    if (word.text == "having") {
      Ast having;
      if (!e_.Expression(&having)) return false;
      out->having = std::move(having);
      return true;
    }
    if (word.text == "outcome") return Outcome(out);
    if (word.text == "suppress") {
      if (c_.TakeWord("by") && !e_.Keys(&out->suppress_by)) return false;
      return c_.ExpectWord("for", "and how long") && e_.Duration(&out->suppress_ns, "after `for`");
    }
    if (word.text == "rearm") return RearmPart(out);
    if (word.text == "select") return SelectPart(out);
    if (word.text == "generate") {
      out->generate = c_.Peek().IsWord("true");
      return c_.TakeWord("true") || c_.ExpectWord("false", "or `true` after `generate`");
    }
    return Test(out);
  }

  bool RearmPart(RuleAst* out) {
    if (c_.TakeWord("immediately")) {
      out->rearm = Rearm::kImmediately;
    } else if (c_.TakeWord("when")) {
      out->rearm = Rearm::kWhenFalse;
      return c_.ExpectWord("false", "after `rearm when`");
    } else if (c_.TakeWord("after")) {
      out->rearm = Rearm::kAfter;
      return e_.Duration(&out->rearm_ns, "after `rearm after`");
    } else if (c_.TakeWord("reset")) {
      out->rearm = Rearm::kReset;
    } else if (c_.TakeWord("never")) {
      out->rearm = Rearm::kNever;
    } else {
      return c_.Fail("`immediately`, `when false`, `after ..`, `reset` or `never`");
    }
    return true;
  }

  bool SelectPart(RuleAst* out) {
    if (c_.TakeWord("latest")) {
      out->select = Select::kLatest;
    } else if (c_.TakeWord("first")) {
      out->select = Select::kFirst;
    } else if (c_.TakeWord("all")) {
      out->select = Select::kAll;
      return c_.ExpectWord("up", "to bound the number of matches") &&
             c_.ExpectWord("to", "after `up`") && e_.Integer(&out->select_limit, "of matches");
    } else {
      return c_.Fail("`latest`, `first` or `all up to ..`");
    }
    return true;
  }

  bool Outcome(RuleAst* out) {
    if (!c_.ExpectSign("{", "after `outcome`")) return false;
    while (!c_.Peek().Is("}")) {
      const Token name = c_.Peek();
      const bool quoted = name.kind == TokenKind::kString;
      if (name.kind != TokenKind::kWord && !quoted) return c_.Fail("the name of an outcome");
      c_.Take();
      Ast value;
      if (!c_.ExpectSign("=", "after the name of the outcome") || !e_.Expression(&value)) {
        return false;
      }
      out->outcomes.emplace_back(quoted ? name.value : std::string(name.text), std::move(value));
      out->outcome_spans.push_back(name.span);
      c_.TakeSign(",");
    }
    return c_.ExpectSign("}", "after the outcomes");
  }

  bool Meta(RuleAst* out) {
    if (!c_.ExpectSign("{", "after `meta`")) return false;
    while (!c_.Peek().Is("}")) {
      MetaAst entry;
      const Token key = c_.Peek();
      if (key.kind != TokenKind::kWord && key.kind != TokenKind::kString) {
        return c_.Fail("a key of meta");
      }
      c_.Take();
      entry.quoted = key.kind == TokenKind::kString;
      entry.key = entry.quoted ? key.value : std::string(key.text);
      entry.span = key.span;
      if (!c_.ExpectSign("=", "after " + Quoted(entry.key)) || !MetaValue(&entry)) return false;
      out->meta.push_back(std::move(entry));
      c_.TakeSign(",");
    }
    return c_.ExpectSign("}", "after the meta data");
  }

  bool MetaValue(MetaAst* entry) {
    if (c_.TakeSign("[")) {
      entry->is_list = true;
      while (!c_.Peek().Is("]")) {
        Ast item;
        if (!e_.Constant(&item)) return false;
        entry->values.push_back(std::move(item));
        if (!c_.TakeSign(",")) break;
      }
      return c_.ExpectSign("]", "after the list");
    }
    if (c_.TakeSign("{")) {
      entry->is_map = true;
      while (!c_.Peek().Is("}")) {
        const Token key = c_.Peek();
        if (key.kind != TokenKind::kWord) return c_.Fail("a key");
        c_.Take();
        Ast value;
        if (!c_.ExpectSign(":", "after the key") || !e_.Constant(&value)) return false;
        entry->members.emplace_back(key.text, std::move(value));
        if (!c_.TakeSign(",")) break;
      }
      return c_.ExpectSign("}", "after the entries");
    }
    Ast value;
    // Words without quotes: `severity = high`.
    const Token& word = c_.Peek();
    if (word.kind == TokenKind::kWord && word.text != "true" && word.text != "false" &&
        word.text != "null") {
      value.kind = Ast::Kind::kString;
      value.text = word.text;
      value.span = word.span;
      c_.Take();
    } else if (!e_.Constant(&value)) {
      return false;
    }
    entry->values.push_back(std::move(value));
    return true;
  }

  // ---- Tests ---------------------------------------------------------------------------------

  bool Test(RuleAst* out) {
    TestAst test;
    const Token name = c_.Peek();
    test.span = name.span;
    if (name.kind == TokenKind::kString) {
      test.name = name.value;
      c_.Take();
    }
    if (!c_.ExpectSign("{", "after `test`")) return false;
    bool expects = false;
    int64_t now = 0;
    while (!c_.Peek().Is("}")) {
      if (c_.TakeWord("event")) {
        if (c_.TakeWord("at") && !c_.Peek().IsWord("0") && !EventTime(&now)) return false;
        std::string json;
        if (!JsonObject(&json, 0)) return false;
        test.events.push_back(std::move(json));
        test.times_ns.push_back(now);
      } else if (c_.TakeWord("expect")) {
        expects = true;
        if (c_.TakeWord("no")) {
          test.expected = 0;
        } else if (!e_.Integer(&test.expected, "of detections, or `no`")) {
          return false;
        }
      } else {
        return c_.Fail("`event` or `expect`");
      }
    }
    if (!c_.ExpectSign("}", "after the test")) return false;
    if (!expects) {
      return c_.FailAt(name, "VDT0006", "the test expects nothing",
                       "end it with `expect 1` or `expect no`");
    }
    out->tests.push_back(std::move(test));
    return true;
  }

  bool EventTime(int64_t* now) {
    const bool is_number =
        c_.Peek().kind == TokenKind::kNumber || c_.Peek().kind == TokenKind::kDuration;
    if (is_number && c_.Peek().number.i == 0) {
      c_.Take();
      *now = 0;
      return true;
    }
    return e_.Duration(now, "after the beginning of the test");
  }

  // `{ process.name: "x", args: ["a"], nested: { .. } }` as JSON; dotted names stay dotted.
  bool JsonObject(std::string* out, int depth) {
    if (depth > 32) return c_.Fail("fewer than 32 levels of an event");
    if (!c_.ExpectSign("{", "before the fields of the event")) return false;
    *out += '{';
    bool first = true;
    while (!c_.Peek().Is("}")) {
      if (!first) *out += ',';
      first = false;
      std::string key;
      if (c_.Peek().kind == TokenKind::kString) {
        key = c_.Take().value;
      } else {
        Ast name;
        if (!e_.Name(&name)) return false;
        key = name.text;
      }
      AppendJsonString(key, out);
      *out += ':';
      if (!c_.ExpectSign(":", "after the name of the field") || !JsonValue(out, depth)) {
        return false;
      }
      if (!c_.TakeSign(",")) break;
    }
    *out += '}';
    return c_.ExpectSign("}", "after the fields of the event");
  }

  bool JsonValue(std::string* out, int depth) {
    if (c_.Peek().Is("{")) return JsonObject(out, depth + 1);
    if (c_.TakeSign("[")) {
      if (depth > 32) return c_.Fail("fewer than 32 levels of an event");
      *out += '[';
      bool first = true;
      while (!c_.Peek().Is("]")) {
        if (!first) *out += ',';
        first = false;
        if (!JsonValue(out, depth + 1)) return false;
        if (!c_.TakeSign(",")) break;
      }
      *out += ']';
      return c_.ExpectSign("]", "after the list");
    }
    Ast value;
    if (!e_.Constant(&value)) return false;
    switch (value.kind) {
      case Ast::Kind::kString:
        AppendJsonString(value.text, out);
        break;
      case Ast::Kind::kNumber:
        *out += value.number.Text();
        break;
      case Ast::Kind::kBoolean:
        *out += value.boolean ? "true" : "false";
        break;
      default:
        *out += "null";
        break;
    }
    return true;
  }

  // ---- Match ---------------------------------------------------------------------------------

  bool By(std::vector<Ast>* keys) { return !c_.TakeWord("by") || e_.Keys(keys); }

  // `within 5m` or EQL's `with maxspan=5m`.
  bool Span(MatchAst* out) {
    if (c_.TakeWord("within")) return e_.Duration(&out->span_ns, "after `within`");
    if (c_.Peek().IsWord("with") && c_.Peek(1).IsWord("maxspan")) {
      c_.Take();
      c_.Take();
      return c_.ExpectSign("=", "after `maxspan`") && e_.Duration(&out->span_ns, "of `maxspan`");
    }
    return true;
  }

  bool AtSource() const {
    if (c_.Peek().Is("[") || c_.Peek().Is("![")) return true;
    return c_.Peek().kind == TokenKind::kWord && c_.Peek(1).Is(":") &&
           (c_.Peek(2).Is("[") || c_.Peek(2).Is("!["));
  }

  bool Sources(MatchAst* out, std::string_view what) {
    if (!AtSource()) return c_.Fail("a " + std::string(what) + " like `[process where ..]`");
    while (AtSource()) {
      SourceAst source;
      if (!Source(&source)) return false;
      out->sources.push_back(std::move(source));
    }
    return true;
  }

  bool Source(SourceAst* out) {
    out->span = c_.Peek().span;
    if (c_.Peek().kind == TokenKind::kWord) {
      if (!DeclaredName(&out->alias, &out->span, "alias")) return false;
      c_.Take();  // :
    }
    out->negated = c_.Peek().Is("![");
    if (!c_.TakeSign("![") && !c_.ExpectSign("[", "before the query")) return false;
    if (!SourceBody(out) || !c_.ExpectSign("]", "after the query") || !By(&out->keys)) return false;
    while (true) {
      const size_t errors = reporter_->errors();
      if (!Quantifier(out)) return reporter_->errors() == errors;
    }
  }

  // Queries, names of lets, and rules.
  bool SourceBody(SourceAst* out) {
    const bool query = c_.Peek(1).IsWord("where");
    if (query) {
      QueryAst q;
      if (!e_.Query(&q)) return false;
      out->query = std::move(q);
      return true;
    }
    do {
      RuleRefAst ref;
      ref.is_rule = c_.TakeWord("rule");
      const Token name = c_.Peek();
      ref.span = name.span;
      if (name.kind == TokenKind::kString && ref.is_rule) {
        ref.name = name.value;
      } else if (name.kind == TokenKind::kWord && !IsKeyword(name.text)) {
        ref.name = name.text;
      } else {
        return c_.Fail("a query like `process where ..`, or the name of a let or a rule");
      }
      c_.Take();
      if (c_.TakeWord("by") && !e_.Keys(&ref.keys, true)) return false;
      out->rules.push_back(std::move(ref));
    } while (c_.TakeSign(","));
    return true;
  }

  // One of the conditions behind a source; false if there is none, or after a report.
  bool Quantifier(SourceAst* out) {
    if (c_.Peek().IsWord("with") && c_.Peek(1).IsWord("runs")) {
      c_.Take();
      c_.Take();
      return c_.ExpectSign("=", "after `runs`") && e_.Integer(&out->runs, "of runs");
    }
    if (c_.Peek().IsWord("count") && c_.Peek(1).Is(">=")) {
      c_.Take();
      c_.Take();
      return e_.Integer(&out->min_count, "of events");
    }
    if (c_.Peek().IsWord("distinct") && c_.Peek(1).Is("(")) {
      c_.Take();
      c_.Take();
      Ast field;
      if (!e_.Name(&field) || !c_.ExpectSign(")", "after the field") ||
          !c_.ExpectSign(">=", "after `distinct(..)`")) {
        return false;
      }
      out->distinct_field = field.text;
      return e_.Integer(&out->min_distinct, "of values");
    }
    if (c_.Peek().Is("{") && c_.Peek(1).kind == TokenKind::kNumber) {
      c_.Take();
      return e_.Integer(&out->min_count, "of events") && c_.ExpectSign(",", "between the limits") &&
             e_.Integer(&out->max_count, "of events") && c_.ExpectSign("}", "after the limits");
    }
    if (c_.Peek().IsWord("within") && c_.Peek(2).IsWord("of")) {
      c_.Take();
      return e_.Duration(&out->within_previous_ns, "after `within`") &&
             c_.ExpectWord("of", "after the duration") && c_.ExpectWord("previous", "after `of`");
    }
    if (c_.Peek().IsWord("at") && c_.Peek(1).IsWord("least")) {
      c_.Take();
      c_.Take();
      return e_.Duration(&out->after_previous_ns, "after `at least`") &&
             c_.ExpectWord("after", "after the duration") &&
             c_.ExpectWord("previous", "after `after`");
    }
    return false;
  }

  bool Sequence(MatchAst* out) {
    out->shape = Shape::kSequence;
    if (!Span(out) || !By(&out->keys) || !Span(out) || !Sources(out, "stage")) return false;
    if (!c_.TakeWord("until")) return Pipes(out);
    SourceAst until;
    if (!Source(&until)) return false;
    out->until = std::move(until);
    return Pipes(out);
  }

  bool Pipes(MatchAst* out) {
    while (c_.TakeSign("|")) {
      const Token name = c_.Peek();
      if (name.Is("|")) return c_.Fail("the name of a pipe", "write `or`");
      if (name.kind != TokenKind::kWord) return c_.Fail("the name of a pipe");
      c_.Take();
      int64_t n = 0;
      if (!e_.Integer(&n, "after the pipe")) return false;
      out->pipes.push_back({std::string(name.text), name.span});
    }
    return true;
  }

  bool Window(MatchAst* out) {
    out->shape = Shape::kWindow;
    if (!e_.Duration(&out->span_ns, "after `window`")) return false;
    if (c_.TakeWord("tumbling")) {
      out->window = WindowKind::kTumbling;
    } else if (c_.TakeWord("session")) {
      out->window = WindowKind::kSession;
      if (!c_.ExpectWord("gap", "after `session`") ||
          !e_.Duration(&out->gap_ns, "after `session gap`")) {
        return false;
      }
    } else {
      c_.TakeWord("sliding");
    }
    return By(&out->keys) && Sources(out, "source");
  }

  bool Absence(MatchAst* out) {
    out->shape = Shape::kAbsence;
    SourceAst source;
    if (!c_.ExpectWord("of", "after `absence`") || !Source(&source)) return false;
    out->keys = std::move(source.keys);
    source.keys.clear();
    out->sources.push_back(std::move(source));
    if (!By(&out->keys) || !c_.ExpectWord("for", "and how long") ||
        !e_.Duration(&out->span_ns, "after `for`")) {
      return false;
    }
    if (!c_.TakeWord("after")) return true;
    SourceAst after;
    if (!Source(&after)) return false;
    out->sources.push_back(std::move(after));
    return true;
  }

  bool NewValue(MatchAst* out) {
    out->shape = Shape::kNewValue;
    if (!c_.ExpectWord("value", "after `new`") || !c_.ExpectWord("of", "after `new value`") ||
        !e_.Keys(&out->new_values)) {
      return false;
    }
    SourceAst source;
    if (!c_.ExpectWord("in", "and the events that have it") || !Source(&source)) return false;
    out->keys = std::move(source.keys);
    source.keys.clear();
    out->sources.push_back(std::move(source));
    if (!By(&out->keys)) return false;
    return !c_.TakeWord("history") || e_.Duration(&out->history_ns, "after `history`");
  }

  bool Lineage(MatchAst* out) {
    out->shape = Shape::kLineage;
    if (!c_.ExpectWord("of", "and the events whose processes are meant") ||
        !Sources(out, "query")) {
      return false;
    }
    if (out->sources.size() != 2) {
      return c_.Fail("two queries: the ancestors' and the descendants'");
    }
    if (!Span(out)) return false;
    if (!c_.TakeWord("link")) return true;
    Ast id;
    Ast parent;
    if (!e_.Name(&id) || !c_.ExpectWord("to", "and the parent's field") || !e_.Name(&parent)) {
      return false;
    }
    out->lineage_id = id.text;
    out->lineage_parent = parent.text;
    return true;
  }

  TokenCursor c_;
  ExpressionParser e_;
  Reporter* reporter_;
};

bool FileParser::Match(MatchAst* out) {
  const Token word = c_.Peek();
  out->span = word.span;
  const bool shaped = !c_.Peek(1).IsWord("where");
  if (shaped) {
    out->is_event = false;
    if (c_.TakeWord("sequence")) return Sequence(out);
    if (c_.TakeWord("window")) return Window(out);
    if (c_.TakeWord("absence")) return Absence(out);
    if (c_.TakeWord("new")) return NewValue(out);
    if (c_.TakeWord("sample")) {
      out->shape = Shape::kSample;
      return By(&out->keys) && Sources(out, "query") && Pipes(out);
    }
    if (word.IsWord("all")) {
      c_.Take();
      out->shape = Shape::kAll;
      return By(&out->keys) && Span(out) && By(&out->keys) && Sources(out, "slot");
    }
    if (word.IsWord("descendant") || word.IsWord("child")) {
      c_.Take();
      out->any_generation = word.IsWord("descendant");
      return Lineage(out);
    }
    out->is_event = true;
    if (word.kind == TokenKind::kWord && !IsReservedName(word.text)) {
      out->event_name = word.text;
      c_.Take();
      return true;
    }
    return c_.Fail(
        "a query like `process where ..`, `sequence`, `all`, `window`, `absence`, "
        "`new value`, `sample`, `child`, `descendant`, or the name of a let");
  }
  QueryAst query;
  if (!e_.Query(&query)) return false;
  out->event = std::move(query);
  return Pipes(out);
}

}  // namespace

FileAst ParseFile(std::string_view text, const std::string& query_name, Reporter* reporter) {
  return FileParser(text, reporter).Run(query_name);
}

std::optional<MatchAst> ParseQuery(std::string_view text, Reporter* reporter) {
  FileParser parser(text, reporter);
  MatchAst match;
  if (!parser.Match(&match) || !parser.AtQueryEnd()) return std::nullopt;
  return match;
}

}  // namespace vedette::inline v0::lang
