#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/strings.h"
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

template <typename T>
std::shared_ptr<const T> FindByName(const std::vector<std::shared_ptr<const T>>& all,
                                    std::string_view name) {
  for (const auto& one : all) {
    const bool same = std::equal(name.begin(), name.end(), one->name.begin(), one->name.end(),
                                 [](char a, char b) { return Lower(a) == Lower(b); });
    if (same) return one;
  }
  return nullptr;
}

}  // namespace

absl::Status FunctionRegistry::CheckName(std::string_view name) const {
  if (!IsIdentifier(name)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", ToAbsl(name), "' cannot be the name of a function"));
  }
  if (FindFunction(name) != nullptr || FindEncoding(name) != nullptr || Find(name) != nullptr ||
      FindAggregate(name) != nullptr) {
    return absl::AlreadyExistsError(absl::StrCat("there is a function ", ToAbsl(name)));
  }
  return absl::OkStatus();
}

absl::Status FunctionRegistry::Add(HostFunction function) {
  absl::Status status = CheckName(function.name);
  if (status.ok() && !function.call) {
    status = absl::InvalidArgumentError(absl::StrCat("function ", function.name, " has no body"));
  }
  if (!status.ok()) return status;
  functions_.push_back(std::make_shared<const HostFunction>(std::move(function)));
  return absl::OkStatus();
}

absl::Status FunctionRegistry::AddAggregate(HostAggregate aggregate) {
  absl::Status status = CheckName(aggregate.name);
  if (status.ok() && !aggregate.make) {
    status = absl::InvalidArgumentError(absl::StrCat("aggregate ", aggregate.name, " has no body"));
  }
  if (status.ok() && aggregate.arguments.empty()) {
    status = absl::InvalidArgumentError(
        absl::StrCat("aggregate ", aggregate.name, " is of no values: it takes no arguments"));
  }
  if (!status.ok()) return status;
  aggregates_.push_back(std::make_shared<const HostAggregate>(std::move(aggregate)));
  return absl::OkStatus();
}

std::shared_ptr<const HostFunction> FunctionRegistry::Find(std::string_view name) const {
  return FindByName(functions_, name);
}

std::shared_ptr<const HostAggregate> FunctionRegistry::FindAggregate(std::string_view name) const {
  return FindByName(aggregates_, name);
}

}  // namespace vedette::inline v0
