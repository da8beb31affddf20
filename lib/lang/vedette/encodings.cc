#include "lib/lang/vedette/encodings.h"

#include <utility>

#include "lib/ir/text_encoding.h"

namespace vedette::inline v0::lang {
namespace {

using Kind = Encoding::Kind;
using PieceKind = PatternPiece::Kind;

std::vector<std::string> EncodeBytes(Kind kind, const std::string& text) {
  switch (kind) {
    case Kind::kBase64:
      return {Base64(text)};
    case Kind::kBase64Offset:
      return Base64Offsets(text);
    case Kind::kUtf16Be:
      return {ToUtf16(text, true)};
    case Kind::kUtf16:
      return {ToMarkedUtf16(text)};
    case Kind::kUtf16Le:
    case Kind::kWindash:
      break;
  }
  return {ToUtf16(text, false)};
}

std::vector<PatternPiece> Dashed(const std::vector<PatternPiece>& text) {
  std::vector<PatternPiece> out;
  for (const PatternPiece& piece : text) {
    if (piece.kind != PieceKind::kLiteral) {
      out.push_back(piece);
      continue;
    }
    for (PatternPiece& part : DashedPieces(piece.text)) out.push_back(std::move(part));
  }
  return out;
}

}  // namespace

std::string Encode(const Encoding& encoding, const std::vector<PatternPiece>& text,
                   std::vector<std::vector<PatternPiece>>* out) {
  if (encoding.kind == Kind::kWindash) {
    out->push_back(Dashed(text));
    return "";
  }
  const std::string name = "`" + std::string(encoding.name) + "`";
  for (const PatternPiece& piece : text) {
    if (piece.kind == PieceKind::kAnyRun || piece.kind == PieceKind::kAnyOne) {
      return "a pattern with wildcards cannot be encoded by " + name;
    }
  }
  const std::vector<std::string> variants = ExpandDashes(text, kMaxDashVariants);
  if (variants.empty()) return "too many dashes to encode by " + name;
  const size_t before = out->size();
  for (const std::string& variant : variants) {
    for (std::string& bytes : EncodeBytes(encoding.kind, variant)) {
      out->emplace_back();
      if (!bytes.empty()) out->back().push_back({PieceKind::kLiteral, std::move(bytes)});
    }
  }
  return out->size() == before ? "the text is too short for " + name : "";
}

}  // namespace vedette::inline v0::lang
