#include "vedette/response/privacy.h"

#include <re2/re2.h>

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "lib/response/crypto.h"

namespace vedette::inline v0 {
namespace {

std::string LowerAscii(std::string_view s) {
  std::string out(s);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

FieldClasses MakeDefault() {
  FieldClasses out;
  for (const char* const name : {"user",
                                 "username",
                                 "user_name",
                                 "user.name",
                                 "user.full_name",
                                 "user.email",
                                 "user.email_addr",
                                 "user.uid",
                                 "user.domain_user",
                                 "account",
                                 "account_name",
                                 "targetusername",
                                 "subjectusername",
                                 "targetuser",
                                 "email",
                                 "email_addr",
                                 "mail",
                                 "sender",
                                 "recipient",
                                 "from",
                                 "to",
                                 "upn",
                                 "userprincipalname",
                                 "useridentity.arn",
                                 "useridentity.username",
                                 "src_ip",
                                 "source.ip",
                                 "sourceip",
                                 "sourceipaddress",
                                 "ipaddress",
                                 "client.ip",
                                 "src_endpoint.ip",
                                 "source_ip",
                                 "client_ip",
                                 "device.owner",
                                 "owner",
                                 "subject",
                                 "phone"}) {
    out.Set(name, FieldClass::kIdentifier);
  }
  for (const char* const name : {"cmd_line",
                                 "command_line",
                                 "commandline",
                                 "parentcommandline",
                                 "process.args",
                                 "process.command_line",
                                 "script_content",
                                 "scriptblocktext",
                                 "script_block_text",
                                 "message",
                                 "raw",
                                 "raw_data",
                                 "body",
                                 "url",
                                 "url.original",
                                 "uri",
                                 "query",
                                 "http.request.body",
                                 "payload",
                                 "comment",
                                 "file.content"}) {
    out.Set(name, FieldClass::kContent);
  }
  for (const char* const name :
       {"password", "passwd", "pwd", "passphrase", "secret", "client_secret", "token",
        "access_token", "refresh_token", "id_token", "api_key", "apikey", "authorization", "cookie",
        "set-cookie", "private_key", "credential", "credentials", "session_token"}) {
    out.Set(name, FieldClass::kSecret);
  }
  return out;
}

struct Mask {
  std::unique_ptr<RE2> pattern;
  const char* replacement;
};

// Words that a secret stands behind, and what a value looks like.
#define VEDETTE_SECRET_WORD                                                                 \
  "(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|access[-_]?key|account[-_]?key|" \
  "client[-_]?secret|private[-_]?key|credentials?)"
#define VEDETTE_SECRET_VALUE R"re((?:"[^"]*"|'[^']*'|[^\s"'&;,]+))re"

const std::vector<Mask>& Masks() {
  static const auto* const masks = [] {
    // Bytes, not characters: a text that is no UTF-8 must not hide a secret.
    RE2::Options options(RE2::Latin1);
    options.set_case_sensitive(false);
    options.set_log_errors(false);
    static constexpr std::array<std::pair<const char*, const char*>, 13> kTexts = {{
        {R"(-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?)",
         "[masked]"},
        {R"(\b(authorization["']?\s*[:=]\s*["']?(?:(?:bearer|basic|negotiate|ntlm|digest|token)\s+)?)[^\s"']+)",
         R"(\1[masked])"},
        {R"(\b((?:bearer|basic)\s+)[a-z0-9+/=._~-]{8,})", R"(\1[masked])"},
        {R"(([a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s/@]+@)", R"(\1[masked]@)"},
        {"(" VEDETTE_SECRET_WORD R"re(["']?\s*[=:]\s*)re"
         ")" VEDETTE_SECRET_VALUE,
         R"(\1[masked])"},
        {R"(((?:^|\s)["']?(?:--?|/)(?:[a-z]+[-_])*)" VEDETTE_SECRET_WORD R"(["']?\s+))"  //
         VEDETTE_SECRET_VALUE,
         R"(\1[masked])"},
        {R"(((?:^|\s)(?:-u|--user|--proxy-user)[\s=]+["']?[^\s:"']+:)[^\s"']+)", R"(\1[masked])"},
        {R"((\bnet1?(?:\.exe)?["']?\s+user\s+(?:"[^"]*"|\S+)\s+)(?:"[^"]*"|[^\s/]\S*))",
         R"(\1[masked])"},
        {R"((\bnet1?(?:\.exe)?["']?\s+use\s+(?:(?:\S:|\*)\s+)?\\\\\S+\s+)(?:"[^"]*"|[^\s/]\S*))",
         R"(\1[masked])"},
        {R"((\b(?:psexec(?:64)?|sshpass|plink|pscp|winexe|wmic|smbclient)(?:\.exe)?\b[^|;&]*?\s-(?:p|pw)\s*)(?:"[^"]*"|'[^']*'|[^\s"']+))",
         R"(\1[masked])"},
        {R"((\bmysql\w*\b[^|;&]*?\s-p)[^\s]+)", R"(\1[masked])"},
        {R"((ConvertTo-SecureString\s+(?:-String\s+)?)(?:"[^"]*"|'[^']*'|[^\s-]\S*))",
         R"(\1[masked])"},
        {R"(\b(?:(?:AKIA|ASIA)[0-9A-Z]{16}\b|gh[pousr]_[a-z0-9]{20,}|xox[abprs]-[a-z0-9-]{10,}|eyJ[a-z0-9_-]{5,}\.[a-z0-9_-]{5,}\.[a-z0-9_-]*))",
         "[masked]"},
    }};
    auto* out = new std::vector<Mask>;
    for (const auto& [pattern, replacement] : kTexts) {
      out->push_back({std::make_unique<RE2>(pattern, options), replacement});
    }
    return out;
  }();
  return *masks;
}

#undef VEDETTE_SECRET_WORD
#undef VEDETTE_SECRET_VALUE

}  // namespace

std::string_view FieldClassName(FieldClass field_class) {
  static constexpr std::array<std::string_view, 4> kNames = {"plain", "identifier", "content",
                                                             "secret"};
  return kNames[static_cast<size_t>(field_class)];
}

const FieldClasses& FieldClasses::Default() {
  static const auto* const classes = new FieldClasses(MakeDefault());
  return *classes;
}

void FieldClasses::Set(std::string_view name, FieldClass field_class) {
  classes_[LowerAscii(name)] = field_class;
}

FieldClass FieldClasses::Of(std::string_view name) const {
  const std::string folded = LowerAscii(name);
  std::string_view rest = folded;
  while (true) {
    const auto found = classes_.find(rest);
    if (found != classes_.end()) return found->second;
    const size_t dot = rest.find('.');
    if (dot == std::string_view::npos) return FieldClass::kPlain;
    rest.remove_prefix(dot + 1);
  }
}

std::string MaskSecrets(std::string_view text) {
  std::string out(text);
  for (const Mask& mask : Masks()) RE2::GlobalReplace(&out, *mask.pattern, mask.replacement);
  return out;
}

absl::StatusOr<Pseudonymizer> Pseudonymizer::Create(std::string_view tenant, std::string_view key) {
  if (key.size() < 16)
    return absl::InvalidArgumentError("a key of pseudonyms has 16 bytes or more");
  Pseudonymizer out;
  out.tenant_ = std::string(tenant);
  out.key_ = std::string(key);
  return out;
}

Pseudonymizer::~Pseudonymizer() { Wipe(&key_); }

std::string Pseudonymizer::Of(std::string_view value) const {
  std::string bytes = "vedette-pseudonym";
  bytes.push_back('\0');
  bytes.append(tenant_).push_back('\0');
  bytes.append(LowerAscii(value));
  return "p-" + HexOf(HmacSha256(key_, bytes)).substr(0, 32);
}

std::string RedactValue(std::string_view name, std::string_view value,
                        const RedactionOptions& options) {
  switch (options.classes->Of(name)) {
    case FieldClass::kPlain:
      return std::string(value);
    case FieldClass::kIdentifier:
      return options.pseudonymizer == nullptr ? std::string(value)
                                              : options.pseudonymizer->Of(value);
    case FieldClass::kContent:
      return options.show_content ? MaskSecrets(value) : std::string(kMasked);
    case FieldClass::kSecret:
      break;
  }
  return std::string(kMasked);
}

}  // namespace vedette::inline v0
