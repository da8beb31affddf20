#include "lib/ir/pattern_text.h"

#include <utility>

namespace vedette::inline v0 {

using Kind = PatternPiece::Kind;

std::string PatternText(const std::vector<PatternPiece>& pieces) {
  std::string out;
  for (const PatternPiece& piece : pieces) {
    switch (piece.kind) {
      case Kind::kAnyRun:
        out += '*';
        break;
      case Kind::kAnyOne:
        out += '?';
        break;
      case Kind::kDash:
        out += "\\-";
        break;
      case Kind::kLiteral:
        for (const char c : piece.text) {
          if (c == '*' || c == '?' || c == '\\') out += '\\';
          out += c;
        }
        break;
    }
  }
  return out;
}

std::vector<PatternPiece> PatternOfText(std::string_view text) {
  TextPattern pattern;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    PatternPiece piece;
    if (c == '*') {
      piece.kind = Kind::kAnyRun;
    } else if (c == '?') {
      piece.kind = Kind::kAnyOne;
    } else if (c == '\\' && next == '-') {
      piece.kind = Kind::kDash;
      ++i;
    } else if (c == '\\' && (next == '*' || next == '?' || next == '\\')) {
      piece.text = next;
      ++i;
    } else {
      piece.text = c;
    }
    pattern.pieces.push_back(std::move(piece));
  }
  Canonicalize(&pattern);
  return std::move(pattern.pieces);
}

}  // namespace vedette::inline v0
