#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/event/function_table.h"
#include "vedette/function.h"

namespace vedette::inline v0 {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool IsIdentifier(std::string_view s) {
  const auto is_word = [](char c) {
    return (c >= '0' && c <= '9') || c == '_' || (Lower(c) >= 'a' && Lower(c) <= 'z');
  };
  return !s.empty() && !(s[0] >= '0' && s[0] <= '9') && std::all_of(s.begin(), s.end(), is_word);
}

}  // namespace

absl::Status FunctionRegistry::Add(HostFunction function) {
  if (!IsIdentifier(function.name)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", function.name, "' cannot be the name of a function"));
  }
  if (!function.call) {
    return absl::InvalidArgumentError(absl::StrCat("function ", function.name, " has no body"));
  }
  if (FindFunction(function.name) != nullptr || FindEncoding(function.name) != nullptr ||
      Find(function.name) != nullptr) {
    return absl::AlreadyExistsError(absl::StrCat("there is a function ", function.name));
  }
  functions_.push_back(std::make_shared<const HostFunction>(std::move(function)));
  return absl::OkStatus();
}

std::shared_ptr<const HostFunction> FunctionRegistry::Find(std::string_view name) const {
  for (const auto& function : functions_) {
    const bool same =
        std::equal(name.begin(), name.end(), function->name.begin(), function->name.end(),
                   [](char a, char b) { return Lower(a) == Lower(b); });
    if (same) return function;
  }
  return nullptr;
}

}  // namespace vedette::inline v0
