// Which fields of events name entities, by vocabulary.
#ifndef VEDETTE_LIB_ALERT_FIELD_CATALOG_H_
#define VEDETTE_LIB_ALERT_FIELD_CATALOG_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "vedette/alert/entity.h"

namespace vedette::inline v0 {

// Fields that stand for one thing, in the order in which they are tried; '|' between them. Of
// `name+domain` the value is "domain\name" if the event has both.
struct CatalogRow {
  enum class Kind : uint8_t {
    kEntity,    // of `type`
    kUserId,    // a user, if it looks like an id that is unique beyond one machine
    kAddress,   // an internal or external address
    kHashes,    // "MD5=..,SHA256=.." or plain digests
    kProcess,   // no entity: the path of the acting program
    kCommand,   // no entity: its command line
    kUid,       // no entity: the event's own id
    kOutcome,   // no entity: what a control did
    kRecordId,  // no entity: unique within a log of a machine
  };
  Kind kind;
  EntityType type;
  std::string_view role;
  std::string_view windows;  // Sigma's names: Sysmon, Security
  std::string_view ecs;
  std::string_view ocsf;
  std::string_view other;  // CloudTrail, Azure, Okta, Microsoft 365, Zeek, auditd, plain logs
};

std::span<const CatalogRow> Catalog();

inline constexpr size_t kDeviceRow = 0;
inline constexpr size_t kActorRow = 1;
inline constexpr size_t kProcessRow = 2;

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_ALERT_FIELD_CATALOG_H_
