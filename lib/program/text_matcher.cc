#include "lib/program/text_matcher.h"

#include <cstring>
#include <span>

#include "lib/base/casefold.h"

namespace vedette::inline v0 {
namespace {

using Piece = TextMatcher::Piece;
constexpr size_t kNoMatch = std::string_view::npos;
constexpr size_t kMaxCharBytes = 4;

bool IsDash(char32_t c) { return c == '-' || c == '/' || (c >= 0x2013 && c <= 0x2015); }

// The end of `pieces` (no runs among them) matched at `start`, or kNoMatch.
size_t MatchAt(std::span<const Piece> pieces, std::string_view text, size_t start) {
  for (const Piece& piece : pieces) {
    if (piece.kind == Piece::Kind::kLiteral) {
      if (!text.substr(start).starts_with(piece.text)) return kNoMatch;
      start += piece.text.size();
      continue;
    }
    if (start >= text.size()) return kNoMatch;
    char32_t c = 0;
    const size_t length = NextCodePoint(text, start, &c);
    if (piece.kind == Piece::Kind::kDash && !IsDash(c)) return kNoMatch;
    start += length;
  }
  return start;
}

// The end of the leftmost match of `pieces` at or after `start`, or kNoMatch.
size_t FindFrom(std::span<const Piece> pieces, std::string_view text, size_t start) {
  const bool literal_first = pieces[0].kind == Piece::Kind::kLiteral;
  for (; start <= text.size(); ++start) {
    if (literal_first) {
      start = text.find(pieces[0].text, start);
      if (start == std::string_view::npos) return kNoMatch;
    }
    const size_t end = MatchAt(pieces, text, start);
    if (end != kNoMatch) return end;
  }
  return kNoMatch;
}

// Whether `pieces` match up to the very end of `text`, from some place at or after `start`.
bool MatchesEnd(std::span<const Piece> pieces, std::string_view text, size_t start) {
  size_t least = 0;
  size_t most = 0;
  for (const Piece& piece : pieces) {
    const bool literal = piece.kind == Piece::Kind::kLiteral;
    least += literal ? piece.text.size() : 1;
    most += literal ? piece.text.size() : kMaxCharBytes;
  }
  if (text.size() < start + least) return false;
  size_t from = text.size() > most ? text.size() - most : 0;
  from = from < start ? start : from;
  for (; from + least <= text.size(); ++from) {
    if (MatchAt(pieces, text, from) == text.size()) return true;
  }
  return false;
}

}  // namespace

bool TextMatcher::Matches(std::string_view text) const {
  switch (kind_) {
    case Kind::kAlways:
      return true;
    case Kind::kEqual:
      return text == literal_;
    case Kind::kPrefix:
      return text.starts_with(literal_);
    case Kind::kSuffix:
      return text.ends_with(literal_);
    case Kind::kContains:
      // memmem, not find: it does not stumble over a frequent first byte.
      return text.size() >= literal_.size() &&
             memmem(text.data(), text.size(), literal_.data(), literal_.size()) != nullptr;
    case Kind::kWildcard:
      return MatchesWildcard(text);
  }
  return false;
}

bool TextMatcher::MatchesWildcard(std::string_view text) const {
  const std::span<const Piece> pieces(pieces_);
  size_t at = 0;     // how much of `text` is used
  size_t first = 0;  // first piece of the segment between two runs
  bool anchored = true;
  while (first <= pieces.size()) {
    size_t last = first;
    while (last < pieces.size() && pieces[last].kind != Piece::Kind::kAnyRun) ++last;
    const std::span<const Piece> segment = pieces.subspan(first, last - first);
    const bool final_segment = last == pieces.size();
    if (final_segment && !anchored) return segment.empty() || MatchesEnd(segment, text, at);
    if (!segment.empty()) {
      at = anchored ? MatchAt(segment, text, at) : FindFrom(segment, text, at);
      if (at == kNoMatch) return false;
    }
    if (final_segment) return at == text.size();
    anchored = false;
    first = last + 1;
  }
  return true;
}

size_t TextMatcher::memory_bytes() const {
  size_t bytes = literal_.capacity() + pieces_.capacity() * sizeof(Piece);
  for (const Piece& piece : pieces_) bytes += piece.text.capacity();
  return bytes;
}

}  // namespace vedette::inline v0
