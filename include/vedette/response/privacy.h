// What of a field may be shown: classes of fields, secrets out of texts, pseudonyms that keep
// joins.
#ifndef VEDETTE_RESPONSE_PRIVACY_H_
#define VEDETTE_RESPONSE_PRIVACY_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace vedette::inline v0 {

enum class FieldClass : uint8_t {
  kPlain,       // shown as it is
  kIdentifier,  // names a person: user names, mail addresses, addresses of single machines
  kContent,     // text that somebody wrote: command lines, URLs, messages; may hold secrets
  kSecret,      // never shown
};
std::string_view FieldClassName(FieldClass field_class);

// Which class a field is of, by its name in any vocabulary. Value type, thread-compatible.
class FieldClasses {
 public:
  // The common names of Sigma, ECS and OCSF.
  static const FieldClasses& Default();

  // Names are compared without regard to ASCII case.
  void Set(std::string_view name, FieldClass field_class);
  // Of the whole name, else of its last part ("actor.user.name": "user.name", then "name"); plain
  // if none is known.
  FieldClass Of(std::string_view name) const;

 private:
  std::map<std::string, FieldClass, std::less<>> classes_;
};

inline constexpr std::string_view kMasked = "[masked]";

// `text` with `[masked]` in place of passwords, tokens and keys: values of `--password x`,
// `token=x`, `Authorization:` headers, user info of URLs, `net user NAME x`, keys of well-known
// form. Finds what has such a form and no more. Time is linear in the text.
std::string MaskSecrets(std::string_view text);

// The same name for the same value under one key and tenant, and no way back without the key. Who
// has the key can test guesses, so that pseudonyms are personal data all the same. Immutable,
// thread-safe.
class Pseudonymizer {
 public:
  // `key` has at least 16 secret bytes; InvalidArgument otherwise. The object keeps a copy, and
  // wipes it in the end.
  static absl::StatusOr<Pseudonymizer> Create(std::string_view tenant, std::string_view key);
  Pseudonymizer(const Pseudonymizer&) = default;
  Pseudonymizer& operator=(const Pseudonymizer&) = default;
  ~Pseudonymizer();

  // "p-" and 32 hexadecimal digits; ASCII case of the value does not matter.
  std::string Of(std::string_view value) const;

 private:
  Pseudonymizer() = default;
  std::string tenant_;
  std::string key_;
};

// How values leave the program. Value type; what it points at must outlive its use.
struct RedactionOptions {
  const FieldClasses* classes = &FieldClasses::Default();
  const Pseudonymizer* pseudonymizer = nullptr;  // null: identifiers are shown
  bool show_content = true;                      // false: `[masked]` in place of whole texts
};

// `value` as it may be shown: secrets as `[masked]`, secrets within contents masked, identifiers as
// pseudonyms if there is a pseudonymizer.
std::string RedactValue(std::string_view name, std::string_view value,
                        const RedactionOptions& options = {});

}  // namespace vedette::inline v0

#endif  // VEDETTE_RESPONSE_PRIVACY_H_
