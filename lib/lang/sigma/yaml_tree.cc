#include "lib/lang/sigma/yaml_tree.h"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <istream>
#include <optional>
#include <streambuf>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "lib/base/casefold.h"

namespace vedette::inline v0::sigma {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Reads a text in place; std::istringstream would copy it.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // only ever read
    setg(begin, begin, begin + text.size());
  }
};

// One document within the text. `lines` lines come before it.
struct Chunk {
  std::string_view text;
  uint32_t lines = 0;
};

bool IsMarker(std::string_view line, std::string_view marker) {
  if (!line.starts_with(marker)) return false;
  return line.size() == marker.size() || line[3] == ' ' || line[3] == '\t' || line[3] == '\r';
}

bool HasContent(std::string_view line) {
  const size_t begin = line.find_first_not_of(" \t\r");
  return begin != std::string_view::npos && line[begin] != '#';
}

// Cuts the text at its document markers, so that one broken document leaves the others whole. A
// marker at the start of a line ends a document wherever it stands, in block scalars too.
std::vector<Chunk> SplitDocuments(const SigmaText& text) {
  std::vector<Chunk> chunks;
  size_t begin = 0;
  uint32_t begin_line = 0;
  bool content = false;     // the chunk holds something
  bool directives = false;  // ... and so far only directives
  const auto finish = [&](size_t end) {
    if (content) chunks.push_back({text.text().substr(begin, end - begin), begin_line});
    content = directives = false;
  };
  for (uint32_t i = 1; i <= text.lines(); ++i) {
    const std::string_view line = text.Line(i);
    const size_t offset = text.Offset(i, 1);
    if (IsMarker(line, "---")) {
      if (!directives) {
        finish(offset);
        begin = offset;
        begin_line = i - 1;
      }
      directives = false;
      content = HasContent(line.substr(3));
    } else if (IsMarker(line, "...")) {
      finish(offset);
      begin = std::min(offset + line.size() + 1, text.text().size());
      begin_line = i;
    } else if (HasContent(line)) {
      directives = line[0] == '%' && (!content || directives);
      content = true;
    }
  }
  finish(text.text().size());
  return chunks;
}

// Whether the quoted scalar at the start of `text` has its closing quote: yaml-cpp takes one that
// the end of the text cuts off.
bool IsClosed(std::string_view text) {
  const char quote = text.empty() ? '\0' : text[0];
  if (quote != '"' && quote != '\'') return true;
  for (size_t i = 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || i + 1 >= text.size() || text[i + 1] != quote) return true;
      ++i;
    }
  }
  return false;
}

// Builds trees from the events of yaml-cpp. Failures are thrown as Refusal within this file only.
class TreeBuilder : public YAML::EventHandler {
 public:
  struct Refusal {
    std::string_view code;
    SourceSpan span;
    std::string message;
  };

  TreeBuilder(const SigmaText& text, uint32_t lines, const YamlLimits& limits, size_t* nodes,
              Reporter* reporter)
      : text_(text), lines_(lines), limits_(limits), nodes_(nodes), reporter_(reporter) {}

  YamlNode TakeRoot() { return std::move(root_); }
  SourceSpan SpanOf(const YAML::Mark& mark) const {
    SourceSpan span;
    span.line = mark.is_null() ? 0 : static_cast<uint32_t>(mark.line) + 1 + lines_;
    span.column = mark.is_null() ? 0 : static_cast<uint32_t>(mark.column) + 1;
    span.length = 1;
    return span;
  }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode node;
    node.span = SpanOf(mark);
    node.text = PlainText(node.span);
    node.span.length = static_cast<uint32_t>(node.text.size());
    Place(std::move(node), anchor, 0, 1);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node;
    node.kind = YamlNode::Kind::kScalar;
    node.span = SpanOf(mark);
    if (value.size() > limits_.max_scalar_bytes) {
      throw Refusal{"SIG0006", node.span,
                    "a value of " + std::to_string(value.size()) + " bytes is too large"};
    }
    node.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    if (tag == "!" && node.span.line != 0 &&
        !IsClosed(text_.text().substr(text_.Offset(node.span.line, node.span.column)))) {
      throw Refusal{"SIG0001", node.span, "the quote that begins here is never closed"};
    }
    if (!node.quoted && tag != "?") CheckTag(tag, node.span);
    node.span.length = static_cast<uint32_t>(value.size() + (tag == "!" ? 2 : 0));
    node.text = value;
    Place(std::move(node), anchor, 0, 1);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kList, mark, tag, anchor);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override { Close(); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      throw Refusal{"SIG0001", SpanOf(mark), "an alias within the value it stands for"};
    }
    const Anchor& target = found->second;
    Count(target.nodes, SpanOf(mark));
    if (stack_.size() + target.depth > limits_.max_nesting) RefuseDepth(SpanOf(mark));
    // `depth` and `nodes` of the copy count for anchors around it, too.
    *nodes_ -= 1;
    Place(target.node, 0, target.depth, target.nodes);
  }

 private:
  struct Frame {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
    bool is_merge = false;  // the key is a plain `<<`
    YamlEntry key;
    size_t depth = 1;  // of the subtree
    size_t nodes = 1;
    std::unordered_set<std::string> keys;
    std::vector<YamlNode> merges;
  };
  struct Anchor {
    YamlNode node;
    size_t depth = 0;
    size_t nodes = 1;
  };

  [[noreturn]] void RefuseDepth(SourceSpan span) const {
    throw Refusal{"SIG0006", span,
                  "values nest deeper than " + std::to_string(limits_.max_nesting) + " levels"};
  }

  void Count(size_t n, SourceSpan span) {
    *nodes_ += n;
    if (*nodes_ > limits_.max_nodes) {
      throw Refusal{"SIG0006", span,
                    "more than " + std::to_string(limits_.max_nodes) + " values in one source"};
    }
  }

  static void CheckTag(const std::string& tag, SourceSpan span) {
    static const std::unordered_set<std::string> kKnown = {"",
                                                           "?",
                                                           "!",
                                                           "tag:yaml.org,2002:int",
                                                           "tag:yaml.org,2002:float",
                                                           "tag:yaml.org,2002:bool",
                                                           "tag:yaml.org,2002:null",
                                                           "tag:yaml.org,2002:seq",
                                                           "tag:yaml.org,2002:map"};
    if (!kKnown.contains(tag)) {
      throw Refusal{"SIG0001", span, "the YAML tag " + Quoted(tag) + " is not supported"};
    }
  }

  // yaml-cpp does not say how a null was written; a key may be called `null`.
  std::string PlainText(SourceSpan span) const {
    const std::string_view rest = text_.text().substr(text_.Offset(span.line, span.column));
    for (const std::string_view word : {"~", "null", "Null", "NULL"}) {
      if (rest.starts_with(word)) return std::string(word);
    }
    return "";
  }

  void Open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    Frame frame;
    frame.node.kind = kind;
    frame.node.span = SpanOf(mark);
    frame.anchor = anchor;
    CheckTag(tag, frame.node.span);
    if (stack_.size() >= limits_.max_nesting) RefuseDepth(frame.node.span);
    if (!stack_.empty() && stack_.back().node.is_map() && !stack_.back().has_key) {
      throw Refusal{"SIG0001", frame.node.span, "the key of a map must be a single value"};
    }
    stack_.push_back(std::move(frame));
  }

  void Close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    for (YamlNode& merge : frame.merges) Merge(std::move(merge), &frame);
    Place(std::move(frame.node), frame.anchor, frame.depth, frame.nodes);
  }

  // `<<: *base`: entries that the map does not have itself.
  void Merge(YamlNode base, Frame* frame) {
    if (base.is_list()) {
      for (YamlNode& item : base.items) {
        if (item.is_list()) throw Refusal{"SIG0001", item.span, "only maps can be merged"};
        Merge(std::move(item), frame);
      }
      return;
    }
    if (!base.is_map()) throw Refusal{"SIG0001", base.span, "only maps can be merged"};
    for (YamlEntry& entry : base.entries) {
      if (frame->keys.insert(entry.key).second) frame->node.entries.push_back(std::move(entry));
    }
  }

  void Place(YamlNode node, YAML::anchor_t anchor, size_t depth, size_t nodes) {
    Count(1, node.span);
    if (anchor != 0) {
      // The copy an anchor keeps is bounded like every other value.
      Count(nodes, node.span);
      anchors_[anchor] = {node, depth, nodes};
    }
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& top = stack_.back();
    top.depth = std::max(top.depth, depth + 1);
    top.nodes += nodes;
    if (top.node.is_list()) {
      top.node.items.push_back(std::move(node));
    } else if (!top.has_key) {
      SetKey(node, &top);
    } else {
      top.has_key = false;
      if (top.is_merge) {
        top.merges.push_back(std::move(node));
      } else {
        top.key.value = std::move(node);
        top.node.entries.push_back(std::move(top.key));
      }
      top.key = {};
    }
  }

  void SetKey(const YamlNode& node, Frame* top) {
    if (node.is_list() || node.is_map()) {
      throw Refusal{"SIG0001", node.span, "the key of a map must be a single value"};
    }
    top->has_key = true;
    top->key.key = node.text;
    top->is_merge = node.text == "<<" && !node.quoted;
    top->key.span = node.span;
    if (top->is_merge) return;
    if (top->keys.insert(node.text).second) return;
    DiagnosticExtras extras;
    for (const YamlEntry& entry : top->node.entries) {
      if (entry.key != node.text) continue;
      extras.notes.push_back("the first one is at line " + std::to_string(entry.span.line));
      break;
    }
    extras.hint = "put the values into one list, or use two maps in a list";
    reporter_->Error("SIG0002", node.span, "the key " + Quoted(node.text) + " is there twice",
                     std::move(extras));
    // One report of many is enough; finding the first one takes time.
    if (reporter_->errors() >= 20) throw Refusal{"SIG0002", node.span, "too many keys are doubled"};
  }

  const SigmaText& text_;
  const uint32_t lines_;
  const YamlLimits& limits_;
  size_t* nodes_;
  Reporter* reporter_;
  YamlNode root_;
  std::vector<Frame> stack_;
  std::unordered_map<YAML::anchor_t, Anchor> anchors_;
};

// The first byte that YAML does not allow: a control character, or no UTF-8.
std::optional<std::pair<size_t, std::string>> FindBadByte(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c < 0x7F) {
      ++i;
    } else if (c < 0x80) {
      if (c != '\t' && c != '\n' && c != '\r') {
        return std::pair(i, std::string("a control character is not allowed in YAML"));
      }
      ++i;
    } else {
      char32_t cp = 0;
      const size_t n = NextCodePoint(text, i, &cp);
      if (cp >= 0xDC00 && cp <= 0xDFFF) {
        return std::pair(i, std::string("the text is not valid UTF-8"));
      }
      i += n;
    }
  }
  return std::nullopt;
}

std::string Lower(std::string s) {
  if (!s.empty() && s[0] >= 'A' && s[0] <= 'Z') s[0] = static_cast<char>(s[0] + 32);
  return s;
}

YamlDocument ParseChunk(const SigmaText& text, const Chunk& chunk, const YamlLimits& limits,
                        size_t* nodes, DiagnosticSink* diagnostics) {
  YamlDocument document;
  Reporter reporter(&text, diagnostics, true);
  TreeBuilder builder(text, chunk.lines, limits, nodes, &reporter);
  try {
    ViewBuffer buffer(chunk.text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(builder)) document.root = builder.TakeRoot();
    if (reporter.errors() == 0) {
      TreeBuilder rest(text, chunk.lines, limits, nodes, &reporter);
      if (parser.HandleNextDocument(rest)) {
        const SourceSpan span = rest.TakeRoot().span;
        reporter.Error("SIG0001", span, "text after the end of the document");
      }
    }
  } catch (const TreeBuilder::Refusal& refusal) {
    reporter.Error(refusal.code, refusal.span, refusal.message);
  } catch (const YAML::DeepRecursion& e) {
    reporter.Error("SIG0006", builder.SpanOf(e.mark), "values nest too deeply");
  } catch (const YAML::Exception& e) {
    DiagnosticExtras extras;
    extras.hint = "quote values that hold any of : # [ ] { } , & * ! | > ' \" % @ `";
    reporter.Error("SIG0001", builder.SpanOf(e.mark), "YAML: " + Lower(e.msg), std::move(extras));
  } catch (const std::exception& e) {
    reporter.Error("SIG0001", {}, std::string("YAML: ") + e.what());
  }
  document.ok = reporter.errors() == 0;
  if (!document.ok) document.root = {};
  document.line = document.root.span.line != 0 ? document.root.span.line : chunk.lines + 1;
  return document;
}

}  // namespace

const YamlEntry* YamlNode::Find(std::string_view key) const {
  for (const YamlEntry& entry : entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

ScalarType TypeOf(const YamlNode& scalar) {
  const std::string& s = scalar.text;
  if (scalar.quoted || s.empty()) return ScalarType::kString;
  for (const std::string_view word : {"true", "True", "TRUE", "false", "False", "FALSE"}) {
    if (s == word) return ScalarType::kBool;
  }
  size_t i = s[0] == '-' || s[0] == '+' ? 1 : 0;
  const size_t whole = i;
  while (i < s.size() && IsDigit(s[i])) ++i;
  const size_t digits = i - whole;
  if (digits > 1 && s[whole] == '0') return ScalarType::kString;
  if (i == s.size()) return digits > 0 ? ScalarType::kInt : ScalarType::kString;
  if (s[i] != '.') return ScalarType::kString;
  const size_t fraction = ++i;
  while (i < s.size() && IsDigit(s[i])) ++i;
  if (digits + (i - fraction) == 0) return ScalarType::kString;
  if (i < s.size() && (s[i] == 'e' || s[i] == 'E')) {
    ++i;
    if (i < s.size() && (s[i] == '-' || s[i] == '+')) ++i;
    if (i == s.size()) return ScalarType::kString;
    while (i < s.size() && IsDigit(s[i])) ++i;
  }
  return i == s.size() ? ScalarType::kFloat : ScalarType::kString;
}

std::string_view DescribeKind(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "null";
    case YamlNode::Kind::kList:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a map";
    case YamlNode::Kind::kScalar:
      break;
  }
  switch (TypeOf(node)) {
    case ScalarType::kBool:
      return "a boolean";
    case ScalarType::kInt:
    case ScalarType::kFloat:
      return "a number";
    case ScalarType::kString:
      break;
  }
  return "a string";
}

SourceSpan PlaceIn(const SigmaText& text, const YamlNode& scalar, size_t offset, size_t length) {
  const std::string_view source = text.text();
  size_t at = text.Offset(scalar.span.line, scalar.span.column);
  if (scalar.quoted && at < source.size()) {
    const bool block = source[at] == '|' || source[at] == '>';
    at = block ? std::min(source.find('\n', at), source.size() - 1) + 1 : at + 1;
  }
  // Blanks may be folded and indented; everything else follows in the same order.
  for (size_t i = 0; i <= offset && i < scalar.text.size(); ++i) {
    const char c = scalar.text[i];
    if (c == ' ' || c == '\n' || c == '\t') continue;
    at = source.find(c, at);
    if (at == std::string_view::npos) return scalar.span;
    if (i == offset) return text.SpanAt(at, std::max<size_t>(length, 1));
    ++at;
  }
  return text.SpanAt(std::min(at, source.size()), std::max<size_t>(length, 1));
}

SourceSpan PlaceIn(const YamlEntry& entry, size_t offset, size_t length) {
  SourceSpan span = entry.span;
  const bool quoted = span.length == entry.key.size() + 2;
  span.column += static_cast<uint32_t>(offset + (quoted ? 1 : 0));
  span.length = static_cast<uint32_t>(std::max<size_t>(length, 1));
  return span;
}

std::vector<YamlDocument> ParseYaml(const SigmaText& text, const YamlLimits& limits,
                                    DiagnosticSink* diagnostics) {
  std::vector<YamlDocument> documents;
  if (const auto bad = FindBadByte(text.text()); bad.has_value()) {
    Reporter reporter(&text, diagnostics, true);
    reporter.Error("SIG0001", text.SpanAt(bad->first, 1), bad->second);
    return documents;
  }
  size_t nodes = 0;
  for (const Chunk& chunk : SplitDocuments(text)) {
    if (nodes > limits.max_nodes) {
      Reporter reporter(&text, diagnostics, true);
      SourceSpan span;
      span.line = chunk.lines + 1;
      reporter.Error("SIG0006", span,
                     "this and all that follows is beyond the limit of the source");
      break;
    }
    documents.push_back(ParseChunk(text, chunk, limits, &nodes, diagnostics));
  }
  return documents;
}

}  // namespace vedette::inline v0::sigma
