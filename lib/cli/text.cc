#include "lib/cli/text.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "vedette/value.h"

namespace vedette::inline v0::cli {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Characters that could hide or reorder what stands beside them.
constexpr std::array<Range, 8> kUnsafe = {{{0x00AD, 0x00AD},
                                           {0x061C, 0x061C},
                                           {0x180E, 0x180E},
                                           {0x200B, 0x200F},
                                           {0x2028, 0x202E},
                                           {0x2060, 0x206F},
                                           {0xFEFF, 0xFEFF},
                                           {0xE0000, 0xE0FFF}}};
constexpr std::array<Range, 8> kCombining = {{{0x0300, 0x036F},
                                              {0x0483, 0x0489},
                                              {0x0591, 0x05BD},
                                              {0x064B, 0x065F},
                                              {0x1AB0, 0x1AFF},
                                              {0x20D0, 0x20FF},
                                              {0xFE00, 0xFE0F},
                                              {0xFE20, 0xFE2F}}};
constexpr std::array<Range, 9> kWide = {{{0x1100, 0x115F},
                                         {0x2E80, 0xA4CF},
                                         {0xAC00, 0xD7A3},
                                         {0xF900, 0xFAFF},
                                         {0xFE30, 0xFE6F},
                                         {0xFF00, 0xFF60},
                                         {0xFFE0, 0xFFE6},
                                         {0x1F300, 0x1FAFF},
                                         {0x20000, 0x3FFFD}}};

template <size_t N>
bool In(const std::array<Range, N>& ranges, char32_t c) {
  return std::ranges::any_of(ranges, [c](const Range& r) { return r.first <= c && c <= r.last; });
}

// One character: its bytes as they may be shown, and its cells.
struct Glyph {
  std::string_view text;
  size_t cells;
};

// Length of the UTF-8 sequence at the beginning of `s` and its code point; 0 if it is broken.
size_t Decode(std::string_view s, char32_t* c) {
  const unsigned char lead = static_cast<unsigned char>(s[0]);
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || s.size() < length) return 0;
  char32_t code = lead & (0xFFU >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    const unsigned char b = static_cast<unsigned char>(s[i]);
    if ((b & 0xC0) != 0x80) return 0;
    code = (code << 6) | (b & 0x3F);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return 0;
  *c = code;
  return length;
}

Glyph NextGlyph(std::string_view* s) {
  const unsigned char lead = static_cast<unsigned char>(s->front());
  if (lead < 0x80) {
    Glyph g = {s->substr(0, 1), 1};
    if (lead == '\t' || lead == '\n' || lead == '\r') {
      g.text = " ";
    } else if (lead < 0x20 || lead == 0x7F) {
      g.text = "?";
    }
    s->remove_prefix(1);
    return g;
  }
  char32_t c = 0;
  const size_t length = Decode(*s, &c);
  if (length == 0) {
    s->remove_prefix(1);
    return {"\xEF\xBF\xBD", 1};
  }
  Glyph g = {s->substr(0, length), 1};
  if (c < 0xA0 || In(kUnsafe, c)) {
    g.text = "?";
  } else if (In(kCombining, c)) {
    g.cells = 0;
  } else if (In(kWide, c)) {
    g.cells = 2;
  }
  s->remove_prefix(length);
  return g;
}

constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

}  // namespace

std::string Clean(std::string_view s) {
  std::string out;
  out.reserve(s.size());
  while (!s.empty()) out.append(NextGlyph(&s).text);
  return out;
}

size_t CellWidth(std::string_view s) {
  size_t cells = 0;
  while (!s.empty()) cells += NextGlyph(&s).cells;
  return cells;
}

std::string Fit(std::string_view s, size_t cells, Keep keep) {
  std::vector<Glyph> glyphs;
  size_t total = 0;
  if (keep == Keep::kBegin) {
    // Stops early, for values may be huge.
    while (!s.empty() && total <= cells) {
      glyphs.push_back(NextGlyph(&s));
      total += glyphs.back().cells;
    }
  } else {
    while (!s.empty()) {
      glyphs.push_back(NextGlyph(&s));
      total += glyphs.back().cells;
    }
  }
  std::string out;
  if (total <= cells) {
    for (const Glyph& g : glyphs) out.append(g.text);
    return out;
  }
  if (cells == 0) return out;
  size_t begin = 0;
  size_t end = glyphs.size();
  while (begin < end && total > cells - 1) {
    total -= keep == Keep::kBegin ? glyphs[--end].cells : glyphs[begin++].cells;
  }
  // A combining mark needs the character that it was written on.
  while (keep == Keep::kEnd && begin < end && glyphs[begin].cells == 0) ++begin;
  if (keep == Keep::kEnd) out.append(kEllipsis);
  for (size_t i = begin; i < end; ++i) out.append(glyphs[i].text);
  if (keep == Keep::kBegin) out.append(kEllipsis);
  return out;
}

std::string Pad(std::string_view s, size_t cells, Keep keep) {
  std::string out = Fit(s, cells, keep);
  const size_t used = CellWidth(out);
  if (used < cells) out.append(cells - used, ' ');
  return out;
}

std::string WithCommas(uint64_t n) {
  std::string out = std::to_string(n);
  for (size_t i = out.size(); i > 3;) {
    i -= 3;
    out.insert(i, 1, ',');
  }
  return out;
}

std::string Count(uint64_t n, std::string_view noun, std::string_view plural) {
  std::string out = WithCommas(n) + " ";
  if (n != 1 && !plural.empty()) return out.append(plural);
  out.append(noun);
  if (n != 1) out.push_back('s');
  return out;
}

std::string FormatSeconds(double seconds) {
  std::array<char, 48> text;
  // The unit is that of the rounded number: never "1000 ms".
  if (seconds < 0.9995) {
    std::snprintf(text.data(), text.size(), "%.0f ms", seconds * 1000);
  } else if (seconds < 119.95) {
    std::snprintf(text.data(), text.size(), "%.1f s", seconds);
  } else {
    const auto whole = static_cast<uint64_t>(seconds + 0.05);
    std::snprintf(text.data(), text.size(), "%llu min %02u s",
                  static_cast<unsigned long long>(whole / 60), static_cast<unsigned>(whole % 60));
  }
  return text.data();
}

std::string Lower(std::string_view s) {
  std::string out(s);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && Lower(a) == Lower(b);
}

void SplitCommas(std::string_view s, std::vector<std::string>* out) {
  while (!s.empty()) {
    const size_t comma = s.find(',');
    std::string_view part = s.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) out->emplace_back(part);
    s.remove_prefix(comma == std::string_view::npos ? s.size() : comma + 1);
  }
}

void AppendWrapped(std::string_view text, size_t indent, size_t width, std::string* out) {
  size_t column = indent;
  bool line_empty = true;
  while (!text.empty()) {
    if (text.front() == '\n') {
      out->append("\n");
      text.remove_prefix(1);
      if (!text.empty() && text.front() != '\n') out->append(indent, ' ');
      column = indent;
      line_empty = true;
      continue;
    }
    if (text.front() == ' ' && !line_empty) {
      text.remove_prefix(1);
      continue;
    }
    // Blanks at the beginning of a line belong to its first word: an indented list stays one.
    const size_t end = text.find_first_of(" \n", text.find_first_not_of(' '));
    const std::string_view word = text.substr(0, end);
    const size_t cells = CellWidth(word);
    if (!line_empty && column + 1 + cells > width) {
      out->append("\n").append(indent, ' ');
      column = indent;
      line_empty = true;
    }
    if (!line_empty) {
      out->push_back(' ');
      ++column;
    }
    out->append(word);
    column += cells;
    line_empty = false;
    text.remove_prefix(word.size());
  }
  out->append("\n");
}

std::string JsonString(std::string_view s) { return Value::String(s).ToJson(); }

void AppendJsonKey(std::string_view name, std::string* out) {
  if (!out->empty() && out->back() != '{') out->push_back(',');
  out->append(JsonString(name)).push_back(':');
}

void AppendJsonMember(std::string_view name, std::string_view value, std::string* out) {
  AppendJsonKey(name, out);
  out->append(JsonString(value));
}

void AppendJsonMember(std::string_view name, uint64_t value, std::string* out) {
  AppendJsonKey(name, out);
  out->append(std::to_string(value));
}

std::string JsonStrings(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) {
    if (out.size() > 1) out.push_back(',');
    out.append(JsonString(item));
  }
  return out.append("]");
}

std::string_view BaseName(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace vedette::inline v0::cli
