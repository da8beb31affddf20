// What compiling one rule by itself comes to, whatever set it is in.
#ifndef VEDETTE_LIB_COMPILER_COMPILED_ONCE_H_
#define VEDETTE_LIB_COMPILER_COMPILED_ONCE_H_

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "lib/ir/ir.h"
#include "lib/ir/verifier.h"
#include "lib/program/program_build.h"

namespace vedette::inline v0 {

struct CompiledOnce {
  VerifyResult verified;
  // Of verified rules:
  std::set<std::string> sets;       // indicator sets that it asks for
  std::unique_ptr<IrRule> to_lint;  // if there is linting
  RuleImage image;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_COMPILER_COMPILED_ONCE_H_
