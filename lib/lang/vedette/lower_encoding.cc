// Calls of encodings: texts that are known before any event is.
#include <utility>

#include "lib/lang/vedette/lower.h"

namespace vedette::inline v0::lang {
namespace {

constexpr size_t kMaxEncodedBytes = size_t{16} << 20;

std::vector<PatternPiece> LiteralPieces(std::string text) {
  std::vector<PatternPiece> pieces;
  if (!text.empty()) pieces.push_back({PatternPiece::Kind::kLiteral, std::move(text)});
  return pieces;
}

// As text functions see a constant; nothing for null.
std::optional<std::string> TextOf(const Expr& e) {
  if (e.kind == Expr::Kind::kString) return e.text;
  if (e.kind == Expr::Kind::kNumber) return e.number.Text();
  if (e.kind == Expr::Kind::kBoolean) return e.boolean ? "true" : "false";
  return std::nullopt;
}

}  // namespace

bool ExpressionLowering::EncodingArgument(const Ast& arg, const Encoding& around, bool pattern,
                                          const Scope& scope,
                                          std::vector<std::vector<PatternPiece>>* out) {
  if (!Charge(arg)) return false;
  if (arg.kind == Ast::Kind::kString) {
    out->push_back(pattern ? arg.pattern : LiteralPieces(arg.text));
    return true;
  }
  if (arg.kind == Ast::Kind::kCall) {
    if (const Encoding* inner = FindEncoding(arg.text); inner != nullptr) {
      if (around.kind == Encoding::Kind::kWindash && inner->kind != Encoding::Kind::kWindash) {
        Fail("VDT0013", arg.span, "an encoded text has no dashes that begin options",
             "write " + std::string(inner->name) + "(windash(..))");
        return false;
      }
      return Encoded(arg, *inner, pattern, scope, out);
    }
  }
  if (arg.kind == Ast::Kind::kName && !arg.quoted) {
    if (const auto list = scope.lists.find(arg.text); list != scope.lists.end()) {
      for (const Ast& constant : list->second->items) {
        if (!EncodingArgument(constant, around, pattern, Scope(), out)) return false;
      }
      return true;
    }
  }
  const std::optional<Typed> value = Value(arg, scope);
  if (!value.has_value()) return false;
  if (!value->expr.is_constant()) {
    Fail("VDT0013", arg.span,
         "`" + std::string(around.name) +
             "` takes constant texts and lists of them: it is done before any event is there");
    return false;
  }
  std::optional<std::string> text = TextOf(value->expr);
  if (!text.has_value()) {
    Fail("VDT0013", arg.span, "null has no text to encode");
    return false;
  }
  out->push_back(LiteralPieces(*std::move(text)));
  return true;
}

bool ExpressionLowering::Encoded(const Ast& call, const Encoding& encoding, bool pattern,
                                 const Scope& scope, std::vector<std::vector<PatternPiece>>* out) {
  if (call.ignore_case) {
    Fail("VDT0013", call.span,
         Quoted(call.text) + " has no form that ignores case; leave out the `~`");
    return false;
  }
  if (call.children.empty()) {
    Fail("VDT0013", call.span, Quoted(call.text) + " takes 1 or more arguments, not 0");
    return false;
  }
  for (const Ast& arg : call.children) {
    std::vector<std::vector<PatternPiece>> texts;
    if (!EncodingArgument(arg, encoding, pattern, scope, &texts)) return false;
    for (const std::vector<PatternPiece>& text : texts) {
      const size_t before = out->size();
      if (const std::string problem = Encode(encoding, text, out); !problem.empty()) {
        Fail("VDT0013", arg.span, problem,
             problem.find("wildcards") == std::string::npos
                 ? ""
                 : "write \\* or \\? for the character itself");
        return false;
      }
      for (size_t i = before; i < out->size(); ++i) {
        if (!Charge(arg)) return false;
        for (const PatternPiece& piece : (*out)[i]) encoded_bytes_ += piece.text.size();
      }
      if (encoded_bytes_ > kMaxEncodedBytes) {
        Fail("VDT0004", arg.span, "the encoded texts of this file are larger than 16 MiB");
        return false;
      }
    }
  }
  return true;
}

std::optional<Typed> ExpressionLowering::EncodedValue(const Ast& call, const Encoding& encoding,
                                                      const Scope& scope) {
  std::vector<std::vector<PatternPiece>> texts;
  if (!encoding.several && !Encoded(call, encoding, false, scope, &texts)) return std::nullopt;
  if (encoding.several || texts.size() != 1) {
    return Fail("VDT0010", call.span,
                Quoted(call.text) + " stands for several texts and is no value",
                "test for them by `contains`, `in`, `:` and the like");
  }
  return Typed{Expr::Text(texts[0].empty() ? std::string() : texts[0][0].text), ExprType::kString};
}

const Encoding* EncodingOf(const Ast& item) {
  return item.kind == Ast::Kind::kCall ? FindEncoding(item.text) : nullptr;
}

bool ExpressionLowering::EncodedItems(const Ast& ast, const Ast& call, const Encoding& encoding,
                                      const Scope& scope, std::vector<Ast>* out) {
  if (ast.op == TextOp::kRegex || ast.op == TextOp::kSearch) {
    Fail("VDT0010", call.span, "a regular expression cannot be encoded",
         "use `contains`, `startswith`, `endswith`, `in` or `:`");
    return false;
  }
  const bool pattern = ast.op == TextOp::kMatches || ast.op == TextOp::kLike;
  std::vector<std::vector<PatternPiece>> texts;
  if (!Encoded(call, encoding, pattern, scope, &texts)) return false;
  for (std::vector<PatternPiece>& text : texts) {
    Ast item;
    item.kind = Ast::Kind::kString;
    item.span = call.span;
    item.encoded = true;
    item.pattern = std::move(text);
    out->push_back(std::move(item));
  }
  return true;
}

bool ExpressionLowering::TestEncoded(const Ast& ast, const Subject& subject, const Ast& call,
                                     const Encoding& encoding, const Scope& scope,
                                     std::vector<Formula>* any) {
  std::vector<Ast> items;
  if (!EncodedItems(ast, call, encoding, scope, &items)) return false;
  for (const Ast& item : items) {
    std::optional<Formula> one = TestText(ast, subject, item);
    if (!one.has_value()) return false;
    any->push_back(*std::move(one));
  }
  return true;
}

}  // namespace vedette::inline v0::lang
