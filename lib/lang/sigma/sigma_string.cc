#include "lib/lang/sigma/sigma_string.h"

#include <algorithm>
#include <array>
#include <utility>

#include "lib/base/casefold.h"

namespace vedette::inline v0::sigma {
namespace {

using Piece = SigmaString::Piece;

constexpr std::array<std::string_view, 5> kDashes = {"-", "/", "\xE2\x80\x93", "\xE2\x80\x94",
                                                     "\xE2\x80\x95"};

bool IsDash(char32_t c) { return c == '-' || c == '/' || (c >= 0x2013 && c <= 0x2015); }

// Letters, digits and underscore. Beyond ASCII all but the blocks of punctuation and symbols.
bool IsWord(char32_t c) {
  if (c < 0x80) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }
  if (c < 0xC0) return c == 0xAA || c == 0xB5 || c == 0xBA;
  if (c == 0xD7 || c == 0xF7) return false;
  if (c >= 0xDC00 && c <= 0xDFFF) return false;
  const bool symbol = (c >= 0x2000 && c <= 0x206F) || (c >= 0x20A0 && c <= 0x20CF) ||
                      (c >= 0x2190 && c <= 0x2BFF) || (c >= 0x3000 && c <= 0x3004) ||
                      (c >= 0x3008 && c <= 0x3020) || (c >= 0xFE10 && c <= 0xFE6F) ||
                      (c >= 0xFF01 && c <= 0xFF0F) || (c >= 0x1F000 && c <= 0x1FAFF);
  return !symbol;
}

bool IsNameByte(char c) {
  const unsigned char u = static_cast<unsigned char>(c);
  return u >= 0x80 || IsWord(u) || c == '-' || c == '.';
}

// Where the `%name%` that begins at `i` ends (one after it); 0 if there is none.
size_t PlaceholderEnd(std::string_view text, size_t i) {
  size_t end = i + 1;
  while (end < text.size() && IsNameByte(text[end])) ++end;
  return end > i + 1 && end < text.size() && text[end] == '%' ? end + 1 : 0;
}

void FindPlaceholders(std::string_view text, bool unescape, SigmaString* out) {
  std::string literal;
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '%') {
      literal += unescape ? "%" : "\\%";
      i += 2;
      continue;
    }
    const size_t end = text[i] == '%' ? PlaceholderEnd(text, i) : 0;
    if (end == 0) {
      literal += text[i++];
      continue;
    }
    out->Append(Piece::Kind::kLiteral, literal);
    literal.clear();
    out->Append(Piece::Kind::kPlaceholder, text.substr(i + 1, end - i - 2));
    i = end;
  }
  out->Append(Piece::Kind::kLiteral, literal);
}

}  // namespace

SigmaString SigmaString::Parse(std::string_view text) {
  SigmaString out;
  std::string literal;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (c == '\\' && (next == '\\' || next == '*' || next == '?')) {
      literal += next;
      ++i;
    } else if (c == '*' || c == '?') {
      out.Append(Piece::Kind::kLiteral, literal);
      literal.clear();
      out.Append(c == '*' ? Piece::Kind::kAnyRun : Piece::Kind::kAnyOne);
    } else {
      literal += c;
    }
  }
  out.Append(Piece::Kind::kLiteral, literal);
  return out;
}

SigmaString SigmaString::Literal(std::string_view text) {
  SigmaString out;
  out.Append(Piece::Kind::kLiteral, text);
  return out;
}

void SigmaString::Append(Piece::Kind kind, std::string_view text) {
  if (kind == Piece::Kind::kLiteral) {
    if (text.empty()) return;
    if (!pieces.empty() && pieces.back().kind == Piece::Kind::kLiteral) {
      pieces.back().text += text;
      return;
    }
  }
  pieces.push_back({kind, std::string(text)});
}

void SigmaString::Append(const SigmaString& other) {
  for (const Piece& piece : other.pieces) Append(piece.kind, piece.text);
}

bool SigmaString::Has(Piece::Kind kind) const {
  return std::any_of(pieces.begin(), pieces.end(),
                     [kind](const Piece& piece) { return piece.kind == kind; });
}

std::string SigmaString::LiteralText() const {
  return pieces.size() == 1 && pieces[0].kind == Piece::Kind::kLiteral ? pieces[0].text : "";
}

std::string SigmaString::ToSource() const {
  std::string out;
  for (size_t p = 0; p < pieces.size(); ++p) {
    const Piece& piece = pieces[p];
    switch (piece.kind) {
      case Piece::Kind::kAnyRun:
        out += '*';
        break;
      case Piece::Kind::kAnyOne:
        out += '?';
        break;
      case Piece::Kind::kDash:
        out += '-';
        break;
      case Piece::Kind::kPlaceholder:
        out.append("%").append(piece.text).append("%");
        break;
      case Piece::Kind::kLiteral:
        for (size_t i = 0; i < piece.text.size(); ++i) {
          const char c = piece.text[i];
          const bool last = i + 1 == piece.text.size();
          // A backslash needs an escape only where the next character would read it as one.
          const bool ambiguous =
              c == '\\' && (last ? p + 1 < pieces.size()
                                 : piece.text[i + 1] == '\\' || piece.text[i + 1] == '*' ||
                                       piece.text[i + 1] == '?');
          if (c == '*' || c == '?' || ambiguous) out += '\\';
          out += c;
        }
        break;
    }
  }
  return out;
}

void AddLeadingWildcard(SigmaString* s) {
  if (!s->pieces.empty() && s->pieces.front().kind == Piece::Kind::kAnyRun) return;
  s->pieces.insert(s->pieces.begin(), {Piece::Kind::kAnyRun, ""});
}

void AddTrailingWildcard(SigmaString* s) {
  if (!s->pieces.empty() && s->pieces.back().kind == Piece::Kind::kAnyRun) return;
  s->pieces.push_back({Piece::Kind::kAnyRun, ""});
}

SigmaString WithPlaceholders(const SigmaString& s) {
  SigmaString out;
  for (const Piece& piece : s.pieces) {
    if (piece.kind == Piece::Kind::kLiteral) {
      FindPlaceholders(piece.text, true, &out);
    } else {
      out.Append(piece.kind, piece.text);
    }
  }
  return out;
}

SigmaString RegexWithPlaceholders(std::string_view regex) {
  SigmaString out;
  FindPlaceholders(regex, false, &out);
  return out;
}

SigmaString WithDashes(const SigmaString& s) {
  SigmaString out;
  for (const Piece& piece : s.pieces) {
    if (piece.kind != Piece::Kind::kLiteral) {
      out.Append(piece.kind, piece.text);
      continue;
    }
    const std::string_view text = piece.text;
    size_t begin = 0;
    bool word_before = false;
    for (size_t i = 0; i < text.size();) {
      char32_t c = 0;
      const size_t n = NextCodePoint(text, i, &c);
      if (IsDash(c) && !word_before && i + n < text.size()) {
        char32_t after = 0;
        NextCodePoint(text, i + n, &after);
        if (IsWord(after)) {
          out.Append(Piece::Kind::kLiteral, text.substr(begin, i - begin));
          out.Append(Piece::Kind::kDash);
          begin = i + n;
        }
      }
      word_before = IsWord(c);
      i += n;
    }
    out.Append(Piece::Kind::kLiteral, text.substr(begin));
  }
  return out;
}

std::vector<SigmaString> ExpandDashes(const SigmaString& s, size_t max) {
  constexpr size_t kMaxBytes = size_t{16} << 20;
  size_t length = 0;
  for (const Piece& piece : s.pieces) length += piece.text.size() + 1;
  std::vector<SigmaString> out(1);
  for (const Piece& piece : s.pieces) {
    if (piece.kind != Piece::Kind::kDash) {
      for (SigmaString& variant : out) variant.Append(piece.kind, piece.text);
      continue;
    }
    const size_t count = out.size() * kDashes.size();
    if (count > max || count * length > kMaxBytes) return {};
    std::vector<SigmaString> wider;
    for (const SigmaString& variant : out) {
      for (const std::string_view dash : kDashes) {
        wider.push_back(variant);
        wider.back().Append(Piece::Kind::kLiteral, dash);
      }
    }
    out = std::move(wider);
  }
  return out;
}

TextPattern ToPattern(const SigmaString& s, bool cased) {
  TextPattern out;
  out.cased = cased;
  size_t ones = 0;
  bool run = false;
  // Wildcards side by side are put in order here, in one pass, so that Canonicalize has little to
  // move however many there are.
  const auto flush = [&] {
    for (; ones > 0; --ones) out.pieces.push_back({PatternPiece::Kind::kAnyOne, ""});
    if (run) out.pieces.push_back({PatternPiece::Kind::kAnyRun, ""});
    run = false;
  };
  for (const Piece& piece : s.pieces) {
    switch (piece.kind) {
      case Piece::Kind::kAnyRun:
        run = true;
        break;
      case Piece::Kind::kAnyOne:
        ++ones;
        break;
      case Piece::Kind::kDash:
        flush();
        out.pieces.push_back({PatternPiece::Kind::kDash, ""});
        break;
      case Piece::Kind::kLiteral:
      case Piece::Kind::kPlaceholder:
        flush();
        out.pieces.push_back({PatternPiece::Kind::kLiteral, piece.text});
        break;
    }
  }
  flush();
  Canonicalize(&out);
  return out;
}

std::string ToUtf16(std::string_view utf8, bool big_endian) {
  std::string out;
  const auto unit = [&out, big_endian](char32_t u) {
    const char high = static_cast<char>((u >> 8) & 0xFF);
    const char low = static_cast<char>(u & 0xFF);
    out += big_endian ? high : low;
    out += big_endian ? low : high;
  };
  for (size_t i = 0; i < utf8.size();) {
    char32_t c = 0;
    i += NextCodePoint(utf8, i, &c);
    if (c >= 0xD800 && c <= 0xDFFF) c = 0xFFFD;
    if (c >= 0x10000) {
      unit(0xD800 + ((c - 0x10000) >> 10));
      unit(0xDC00 + ((c - 0x10000) & 0x3FF));
    } else {
      unit(c);
    }
  }
  return out;
}

std::string Base64(std::string_view bytes) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    const size_t n = std::min<size_t>(3, bytes.size() - i);
    for (size_t j = 0; j < 3; ++j) {
      group = group << 8 | (j < n ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    }
    for (size_t j = 0; j < 4; ++j) {
      out += j <= n ? kAlphabet[(group >> (18 - 6 * j)) & 0x3F] : '=';
    }
  }
  return out;
}

std::vector<std::string> Base64Offsets(std::string_view bytes) {
  // With `offset` unknown bytes before, the first characters depend on them; the last group is
  // known up to the last whole six bits.
  constexpr std::array<size_t, 3> kStart = {0, 2, 3};
  std::vector<std::string> out;
  for (size_t offset = 0; offset < 3; ++offset) {
    const std::string padded = std::string(offset, '\0') + std::string(bytes);
    const size_t end = padded.size() * 8 / 6;
    if (end <= kStart[offset]) continue;
    out.push_back(Base64(padded).substr(kStart[offset], end - kStart[offset]));
  }
  return out;
}

}  // namespace vedette::inline v0::sigma
