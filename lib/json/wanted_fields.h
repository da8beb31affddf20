// Which top-level members of an event a program can ask for.
#ifndef VEDETTE_LIB_JSON_WANTED_FIELDS_H_
#define VEDETTE_LIB_JSON_WANTED_FIELDS_H_

#include <string>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "lib/base/strings.h"
#include "vedette/program.h"

namespace vedette::inline v0 {

// Immutable once built; thread-safe.
class WantedFields {
 public:
  explicit WantedFields(const Program& program);

  // Names with blanks may stand for names without ("Threat Name"): always wanted.
  bool Contains(std::string_view name) const {
    return names_.contains(name) || name.find(' ') != std::string_view::npos;
  }

 private:
  void AddPath(std::string_view path);
  void AddField(std::string_view name);

  absl::flat_hash_set<std::string, StringHash, StringEq> names_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_JSON_WANTED_FIELDS_H_
