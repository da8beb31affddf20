#include "lib/lang/sigma/yaml_tree.h"

#include <yaml.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "lib/base/casefold.h"

namespace vedette::inline v0::sigma {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

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

// What libyaml gives for a text, place by place. Thread-compatible.
class EventReader {
 public:
  explicit EventReader(std::string_view text) : text_(text) {
    ok_ = yaml_parser_initialize(&parser_) != 0;
    if (!ok_) return;
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const yaml_char_t*>(text.data()),
                                 text.size());
  }
  ~EventReader() {
    Release();
    yaml_parser_delete(&parser_);
  }
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;

  // The next event, until the next call; null if the text is wrong, or memory is short.
  const yaml_event_t* Next() {
    Release();
    if (!ok_ || yaml_parser_parse(&parser_, &event_) == 0) return nullptr;
    has_event_ = true;
    return &event_;
  }
  const yaml_parser_t& parser() const { return parser_; }

  // libyaml counts characters, and takes more for ends of lines than we do.
  size_t OffsetOf(const yaml_mark_t& mark) {
    if (mark.index < characters_) characters_ = bytes_ = 0;
    while (characters_ < mark.index && bytes_ < text_.size()) {
      ++bytes_;
      while (bytes_ < text_.size() && (static_cast<unsigned char>(text_[bytes_]) & 0xC0) == 0x80) {
        ++bytes_;
      }
      ++characters_;
    }
    return bytes_;
  }

 private:
  void Release() {
    if (has_event_) yaml_event_delete(&event_);
    has_event_ = false;
  }

  std::string_view text_;
  yaml_parser_t parser_;
  yaml_event_t event_;
  bool ok_ = false;
  bool has_event_ = false;
  size_t characters_ = 0;  // before bytes_
  size_t bytes_ = 0;
};

std::string_view ViewOf(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

bool IsNullWord(std::string_view s) {
  return s.empty() || s == "~" || s == "null" || s == "Null" || s == "NULL";
}

// Builds trees from the events of libyaml. Failures are thrown as Refusal within this file only.
class TreeBuilder {
 public:
  struct Refusal {
    std::string_view code;
    SourceSpan span;
    std::string message;
  };

  TreeBuilder(const YamlLimits& limits, size_t* nodes, Reporter* reporter)
      : limits_(limits), nodes_(nodes), reporter_(reporter) {}

  YamlNode TakeRoot() { return std::move(root_); }

  void Add(const yaml_event_t& event, SourceSpan span) {
    switch (event.type) {
      case YAML_SCALAR_EVENT:
        Scalar(event.data.scalar, span);
        break;
      case YAML_SEQUENCE_START_EVENT: {
        const auto& start = event.data.sequence_start;
        Open(YamlNode::Kind::kList, span, ViewOf(start.tag), ViewOf(start.anchor));
        break;
      }
      case YAML_MAPPING_START_EVENT: {
        const auto& start = event.data.mapping_start;
        Open(YamlNode::Kind::kMap, span, ViewOf(start.tag), ViewOf(start.anchor));
        break;
      }
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        Close();
        break;
      case YAML_ALIAS_EVENT:
        Alias(ViewOf(event.data.alias.anchor), span);
        break;
      default:
        break;
    }
  }

 private:
  struct Frame {
    YamlNode node;
    std::string anchor;
    bool has_key = false;
    bool is_merge = false;  // the key is a plain `<<`
    YamlEntry key;
    size_t depth = 1;  // of the subtree
    size_t nodes = 1;
    std::unordered_set<std::string> keys;  // of the entries, once there are many
    std::vector<YamlNode> merges;

    bool Has(const std::string& wanted) {
      constexpr size_t kFew = 16;
      if (node.entries.size() < kFew) return node.Find(wanted) != nullptr;
      for (size_t i = indexed; i < node.entries.size(); ++i) keys.insert(node.entries[i].key);
      indexed = node.entries.size();
      return keys.contains(wanted);
    }
    size_t indexed = 0;  // entries that are in `keys`
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

  static void CheckTag(std::string_view tag, SourceSpan span) {
    constexpr std::string_view kPrefix = "tag:yaml.org,2002:";
    if (tag.empty() || tag == "!") return;
    if (tag.starts_with(kPrefix)) {
      const std::string_view name = tag.substr(kPrefix.size());
      for (const std::string_view known : {"int", "float", "bool", "null", "seq", "map"}) {
        if (name == known) return;
      }
    }
    throw Refusal{"SIG0001", span, "the YAML tag " + Quoted(tag) + " is not supported"};
  }

  template <typename ScalarEvent>
  void Scalar(const ScalarEvent& scalar, SourceSpan span) {
    const std::string_view value(reinterpret_cast<const char*>(scalar.value), scalar.length);
    const std::string_view tag = ViewOf(scalar.tag);
    YamlNode node;
    node.span = span;
    node.text = value;
    node.span.length = static_cast<uint32_t>(value.size());
    if (tag.empty() && scalar.plain_implicit != 0 && IsNullWord(value)) {
      return Place(std::move(node), ViewOf(scalar.anchor), 0, 1);
    }
    node.kind = YamlNode::Kind::kScalar;
    if (value.size() > limits_.max_scalar_bytes) {
      throw Refusal{"SIG0006", span,
                    "a value of " + std::to_string(value.size()) + " bytes is too large"};
    }
    const bool marked = tag.empty() && scalar.plain_implicit == 0;  // quotes, | or >
    node.quoted = marked || tag == "tag:yaml.org,2002:str";
    if (!node.quoted) CheckTag(tag, span);
    if (marked) node.span.length += 2;
    Place(std::move(node), ViewOf(scalar.anchor), 0, 1);
  }

  void Alias(std::string_view name, SourceSpan span) {
    for (const Frame& frame : stack_) {
      if (frame.anchor == name) {
        throw Refusal{"SIG0001", span, "an alias within the value it stands for"};
      }
    }
    const auto found = anchors_.find(std::string(name));
    if (found == anchors_.end()) {
      throw Refusal{"SIG0001", span, "there is no anchor &" + std::string(name.substr(0, 60))};
    }
    const Anchor& target = found->second;
    Count(target.nodes, span);
    if (stack_.size() + target.depth > limits_.max_nesting) RefuseDepth(span);
    // `depth` and `nodes` of the copy count for anchors around it, too.
    *nodes_ -= 1;
    Place(target.node, {}, target.depth, target.nodes);
  }

  void Open(YamlNode::Kind kind, SourceSpan span, std::string_view tag, std::string_view anchor) {
    Frame frame;
    frame.node.kind = kind;
    frame.node.span = span;
    frame.anchor = anchor;
    CheckTag(tag, span);
    if (stack_.size() >= limits_.max_nesting) RefuseDepth(span);
    if (!stack_.empty() && stack_.back().node.is_map() && !stack_.back().has_key) {
      throw Refusal{"SIG0001", span, "the key of a map must be a single value"};
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
      if (!frame->Has(entry.key)) frame->node.entries.push_back(std::move(entry));
    }
  }

  void Place(YamlNode node, std::string_view anchor, size_t depth, size_t nodes) {
    Count(1, node.span);
    if (!anchor.empty()) {
      // The copy an anchor keeps is bounded like every other value.
      Count(nodes, node.span);
      anchors_[std::string(anchor)] = {node, depth, nodes};
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
    if (!top->Has(node.text)) return;
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

  const YamlLimits& limits_;
  size_t* nodes_;
  Reporter* reporter_;
  YamlNode root_;
  std::vector<Frame> stack_;
  std::unordered_map<std::string, Anchor> anchors_;
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

// Why libyaml gave up.
void ReportParser(const yaml_parser_t& parser, const SigmaText& text, const Chunk& chunk,
                  EventReader* reader, Reporter* reporter) {
  const size_t begin = text.Offset(chunk.lines + 1, 1);
  const std::string_view problem = parser.problem == nullptr ? "" : parser.problem;
  const std::string_view context = parser.context == nullptr ? "" : parser.context;
  if (parser.error == YAML_READER_ERROR) {
    const SourceSpan span = text.SpanAt(begin + parser.problem_offset, 1);
    return reporter->Error("SIG0001", span, "YAML: " + std::string(problem));
  }
  if (parser.error == YAML_NO_ERROR || parser.error == YAML_MEMORY_ERROR) {
    return reporter->Error("SIG0001", {}, "YAML: there is not enough memory");
  }
  if (context == "while scanning a quoted scalar" && problem == "found unexpected end of stream") {
    const SourceSpan span = text.SpanAt(begin + reader->OffsetOf(parser.context_mark), 1);
    return reporter->Error("SIG0001", span, "the quote that begins here is never closed");
  }
  std::string message = "YAML: ";
  message.append(problem);
  if (!context.empty()) message.append(" ").append(context);
  DiagnosticExtras extras;
  extras.hint = "quote values that hold any of : # [ ] { } , & * ! | > ' \" % @ `";
  reporter->Error("SIG0001", text.SpanAt(begin + reader->OffsetOf(parser.problem_mark), 1),
                  std::move(message), std::move(extras));
}

YamlDocument ParseChunk(const SigmaText& text, const Chunk& chunk, const YamlLimits& limits,
                        size_t* nodes, DiagnosticSink* diagnostics) {
  YamlDocument document;
  Reporter reporter(&text, diagnostics, true);
  TreeBuilder builder(limits, nodes, &reporter);
  EventReader reader(chunk.text);
  const size_t begin = text.Offset(chunk.lines + 1, 1);
  size_t starts = 0;
  try {
    const yaml_event_t* event = reader.Next();
    for (; event != nullptr && event->type != YAML_STREAM_END_EVENT; event = reader.Next()) {
      const SourceSpan span = text.SpanAt(begin + reader.OffsetOf(event->start_mark), 1);
      if (event->type == YAML_DOCUMENT_START_EVENT && ++starts > 1) {
        reporter.Error("SIG0001", span, "text after the end of the document");
        break;
      }
      builder.Add(*event, span);
    }
    if (event == nullptr) ReportParser(reader.parser(), text, chunk, &reader, &reporter);
    document.root = builder.TakeRoot();
  } catch (const TreeBuilder::Refusal& refusal) {
    reporter.Error(refusal.code, refusal.span, refusal.message);
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
