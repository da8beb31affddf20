#include "lib/alert/entities.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "lib/base/casefold.h"
#include "lib/base/strings.h"
#include "lib/event/address.h"

namespace vedette::inline v0 {
namespace {

// Accounts that every machine has: sharing one says nothing.
bool IsBuiltInUser(std::string_view user) {
  static constexpr std::array<std::string_view, 11> kNames = {
      "system",   "local service", "network service", "anonymous logon", "localservice", "s-1-5-18",
      "s-1-5-19", "s-1-5-20",      "s-1-5-7",         "networkservice",  "iusr"};
  const size_t slash = user.rfind('\\');
  const std::string_view name = slash == std::string_view::npos ? user : user.substr(slash + 1);
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end() ||
         user.starts_with("window manager\\") || user.starts_with("font driver host\\");
}

// Programs that come with the system: their hashes are on every machine.
bool IsSystemProgram(std::string_view path) {
  static constexpr std::array<std::string_view, 7> kFolders = {
      "c:\\windows\\", "\\systemroot\\", "/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/", "/usr/lib/"};
  std::string folded;
  AppendFolded(path.substr(0, 16), &folded);
  return std::any_of(kFolders.begin(), kFolders.end(),
                     [&folded](std::string_view f) { return folded.starts_with(f); });
}

JoinStrength StrengthOf(const AlertEntity& e) {
  const auto tagged = [&e](std::string_view tag) {
    return std::find(e.tags.begin(), e.tags.end(), tag) != e.tags.end();
  };
  if (tagged("shared")) return JoinStrength::kNone;
  if (e.entity.type == EntityType::kUser && IsBuiltInUser(e.entity.value)) {
    return JoinStrength::kNone;
  }
  if (tagged("service") || tagged("dc") || tagged("proxy") || tagged("nat")) {
    return JoinStrength::kWeak;
  }
  switch (e.entity.type) {
    case EntityType::kProcess:
    case EntityType::kSession:
    case EntityType::kFileHash:
    case EntityType::kEmail:
      return JoinStrength::kStrong;
    case EntityType::kUser:
      return e.entity.value.ends_with('$') ? JoinStrength::kWeak : JoinStrength::kMedium;
    case EntityType::kDevice:
    case EntityType::kInternalIp:
      return JoinStrength::kMedium;
    case EntityType::kExternalIp:
    case EntityType::kDomain:
      return JoinStrength::kWeak;
  }
  return JoinStrength::kNone;
}

bool IsHexDigest(std::string_view text) {
  return (text.size() == 32 || text.size() == 40 || text.size() == 64) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// Of "MD5=..,SHA256=..,IMPHASH=.." or a plain digest, the longest digest of the file.
std::string_view BestDigest(std::string_view text) {
  std::string_view best;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const size_t equals = part.find('=');
    const bool import = part.starts_with("imphash");
    if (equals != std::string_view::npos) part.remove_prefix(equals + 1);
    if (!import && IsHexDigest(part) && part.size() > best.size()) best = part;
  }
  return best;
}

// The address as text without a mapping into IPv6; empty for what tells no machine apart.
std::string_view AddressText(std::string_view text) {
  if (text.starts_with("::ffff:") && text.find('.') != std::string_view::npos) {
    text.remove_prefix(7);
  }
  bool v6 = false;
  std::array<uint8_t, 16> bytes{};
  if (!ParseAddress(text, &v6, &bytes)) return {};
  if (text.starts_with("127.") || text == "0.0.0.0" || text == "::1" || text == "::") return {};
  return text;
}

// Ids that are unique beyond one machine: SIDs, GUIDs, ARNs, addresses.
bool LooksGlobal(std::string_view id) {
  return id.size() >= 8 && id.find_first_of("-:@") != std::string_view::npos;
}

// Replaces the value by its canonical name and takes over what the table knows.
void Resolve(const EntityTable& table, AlertEntity* e) {
  if (table.size() == 0) return;
  const EntityRow* row = table.Find(e->entity.type, e->entity.value);
  if (row == nullptr) return;
  if (!row->canonical.empty()) {
    e->original = std::exchange(e->entity.value, row->canonical);
    const EntityRow* canonical = table.Find(e->entity.type, e->entity.value);
    if (canonical != nullptr) row = canonical;
  }
  e->criticality = row->criticality;
  e->tags = row->tags;
  e->fence = row->fence;
}

// Makes the row's value an entity; false if it is none.
bool MakeEntity(const CatalogRow& row, std::string_view text, const EntityTable& table,
                std::string_view process, AlertEntity* e) {
  e->entity.type = row.type;
  e->entity.value = NormalizeEntity(text);
  std::string& value = e->entity.value;
  switch (row.kind) {
    case CatalogRow::Kind::kEntity:
      if (row.type == EntityType::kDomain) {
        while (value.ends_with('.')) value.pop_back();
        if (!AddressText(value).empty()) return false;
      }
      break;
    case CatalogRow::Kind::kUserId:
      if (!LooksGlobal(value)) return false;
      break;
    case CatalogRow::Kind::kAddress:
      value = std::string(AddressText(value));
      if (value.empty()) return false;
      e->entity.type = table.IsInternal(value) ? EntityType::kInternalIp : EntityType::kExternalIp;
      break;
    case CatalogRow::Kind::kHashes:
      value = std::string(BestDigest(value));
      break;
    default:
      return false;
  }
  if (value.empty()) return false;
  Resolve(table, e);
  e->strength = StrengthOf(*e);
  const bool of_image = e->field == "Hashes" || e->field.starts_with("process.");
  if (row.kind == CatalogRow::Kind::kHashes && of_image && IsSystemProgram(process)) {
    e->strength = JoinStrength::kNone;
  }
  return true;
}

}  // namespace

void ExtractEntities(EventFields* fields, const EntityTable& table, std::string_view process,
                     std::vector<AlertEntity>* out) {
  std::vector<FieldText> texts;
  for (size_t i = 0; i < Catalog().size(); ++i) {
    const CatalogRow& row = Catalog()[i];
    if (row.role.empty() || row.kind == CatalogRow::Kind::kProcess ||
        row.kind == CatalogRow::Kind::kCommand) {
      continue;
    }
    fields->Row(i, &texts);
    for (const FieldText& t : texts) {
      AlertEntity e;
      e.role = row.role;
      e.field = t.name;
      if (!MakeEntity(row, t.text, table, process, &e)) continue;
      const bool known = std::any_of(out->begin(), out->end(), [&e](const AlertEntity& other) {
        return other.entity == e.entity;
      });
      if (!known && out->size() < kMaxAlertEntities) out->push_back(std::move(e));
    }
  }
}

std::string KeyTextOf(size_t row, EventFields* fields, const EntityTable& table, bool* missing) {
  std::vector<FieldText> texts;
  fields->Row(row, &texts);
  *missing = texts.empty();
  if (texts.empty()) return {};
  AlertEntity e;
  e.entity.type = Catalog()[row].type;
  e.entity.value = NormalizeEntity(texts.front().text);
  if (Catalog()[row].kind == CatalogRow::Kind::kEntity) Resolve(table, &e);
  return std::move(e.entity.value);
}

Outcome OutcomeOf(EventFields* fields) {
  static constexpr std::array<std::string_view, 6> kBlocked = {"block",  "den",        "drop",
                                                               "reject", "quarantine", "prevent"};
  static constexpr std::array<std::string_view, 3> kAllowed = {"allow", "permit", "accept"};
  std::vector<FieldText> texts;
  Outcome outcome = Outcome::kUnknown;
  for (size_t i = 0; i < Catalog().size(); ++i) {
    if (Catalog()[i].kind != CatalogRow::Kind::kOutcome) continue;
    fields->Row(i, &texts);
    for (FieldText& t : texts) {
      const std::string word = NormalizeEntity(t.text);
      const auto begins = [&word](std::string_view with) { return word.starts_with(with); };
      if (t.name == "disposition_id" || t.name == "action_id") {
        if (word == "1") outcome = Outcome::kAllowed;
        if (word == "2" || word == "3" || word == "6") return Outcome::kBlocked;
      } else if (t.name == "errorCode") {
        if (word.find("denied") != std::string::npos || begins("unauthorized")) {
          return Outcome::kBlocked;
        }
      } else if (std::any_of(kBlocked.begin(), kBlocked.end(), begins)) {
        return Outcome::kBlocked;
      } else if (std::any_of(kAllowed.begin(), kAllowed.end(), begins)) {
        outcome = Outcome::kAllowed;
      }
    }
  }
  return outcome;
}

}  // namespace vedette::inline v0
