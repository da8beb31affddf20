#include "lib/program/text_matcher_build.h"

#include <utility>

#include "lib/base/casefold.h"

namespace vedette::inline v0 {

TextMatcher BuildTextMatcher(const TextPattern& pattern) {
  using Kind = TextMatcher::Kind;
  using Piece = TextMatcher::Piece;
  std::vector<Piece> pieces;
  size_t literals = 0;
  bool only_runs_and_literals = true;
  for (const PatternPiece& piece : pattern.pieces) {
    Piece out;
    switch (piece.kind) {
      case PatternPiece::Kind::kLiteral:
        out.kind = Piece::Kind::kLiteral;
        ++literals;
        if (pattern.cased) {
          out.text = piece.text;
        } else {
          AppendFolded(piece.text, &out.text);
        }
        break;
      case PatternPiece::Kind::kAnyRun:
        out.kind = Piece::Kind::kAnyRun;
        break;
      case PatternPiece::Kind::kAnyOne:
        out.kind = Piece::Kind::kAnyOne;
        only_runs_and_literals = false;
        break;
      case PatternPiece::Kind::kDash:
        out.kind = Piece::Kind::kDash;
        only_runs_and_literals = false;
        break;
    }
    pieces.push_back(std::move(out));
  }
  if (pieces.empty()) return {Kind::kEqual, pattern.cased, "", {}};
  if (!only_runs_and_literals || literals > 1) {
    return {Kind::kWildcard, pattern.cased, "", std::move(pieces)};
  }
  if (literals == 0) return {Kind::kAlways, pattern.cased, "", {}};
  const bool open_start = pieces.front().kind == Piece::Kind::kAnyRun;
  const bool open_end = pieces.back().kind == Piece::Kind::kAnyRun;
  std::string literal = std::move(pieces[open_start ? 1 : 0].text);
  const Kind kind = open_start && open_end ? Kind::kContains
                    : open_start           ? Kind::kSuffix
                    : open_end             ? Kind::kPrefix
                                           : Kind::kEqual;
  return {kind, pattern.cased, std::move(literal), {}};
}

}  // namespace vedette::inline v0
