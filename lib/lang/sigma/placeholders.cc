#include "lib/lang/sigma/placeholders.h"

#include <re2/re2.h>

#include <algorithm>
#include <utility>

namespace vedette::inline v0::sigma {
namespace {

using Kind = SigmaString::Piece::Kind;

constexpr size_t kMaxBytes = size_t{16} << 20;

SigmaString AsRegex(const SigmaString& value) {
  SigmaString out;
  for (const SigmaString::Piece& piece : value.pieces) {
    if (piece.kind == Kind::kAnyRun) {
      out.Append(Kind::kLiteral, "(?s:.*)");
    } else if (piece.kind == Kind::kAnyOne) {
      out.Append(Kind::kLiteral, "(?s:.)");
    } else {
      out.Append(Kind::kLiteral, re2::RE2::QuoteMeta(piece.text));
    }
  }
  return out;
}

}  // namespace

std::vector<SigmaString> ExpandPlaceholders(const SigmaString& s, bool regex,
                                            const PlaceholderLookup& lookup) {
  std::vector<SigmaString> out(1);
  size_t length = 0;  // of the longest variant
  for (const SigmaString::Piece& piece : s.pieces) {
    const std::vector<std::string>* values =
        piece.kind == Kind::kPlaceholder ? lookup(piece.text) : nullptr;
    size_t longest = piece.text.size();
    if (values != nullptr) {
      for (const std::string& value : *values) longest = std::max(longest, value.size());
    }
    length += longest;
    if (values == nullptr || values->empty()) {
      for (SigmaString& variant : out) variant.Append(piece.kind, piece.text);
      continue;
    }
    const size_t count = out.size() * values->size();
    if (count > kMaxExpansions || count * length > kMaxBytes) return {};
    std::vector<SigmaString> wider;
    wider.reserve(count);
    for (const SigmaString& variant : out) {
      for (const std::string& value : *values) {
        const SigmaString parsed = SigmaString::Parse(value);
        wider.push_back(variant);
        wider.back().Append(regex ? AsRegex(parsed) : parsed);
      }
    }
    out = std::move(wider);
  }
  return out;
}

}  // namespace vedette::inline v0::sigma
