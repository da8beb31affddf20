#include "lib/lang/sigma/sigma_string.h"

#include <algorithm>
#include <utility>

#include "lib/ir/text_encoding.h"

namespace vedette::inline v0::sigma {
namespace {

using Piece = SigmaString::Piece;

bool IsNameByte(char c) {
  const unsigned char u = static_cast<unsigned char>(c);
  return u >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         c == '_' || c == '-' || c == '.';
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
    for (const PatternPiece& part : DashedPieces(piece.text)) {
      const bool dash = part.kind == PatternPiece::Kind::kDash;
      out.Append(dash ? Piece::Kind::kDash : Piece::Kind::kLiteral, part.text);
    }
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

}  // namespace vedette::inline v0::sigma
