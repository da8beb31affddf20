// Who and what alerts are about: typed entities, and what the host knows of them.
#ifndef VEDETTE_ALERT_ENTITY_H_
#define VEDETTE_ALERT_ENTITY_H_

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace vedette::inline v0 {

enum class EntityType : uint8_t {
  kDevice,      // a host name or id
  kUser,        // `domain\name`, name, SID, UPN or ARN
  kProcess,     // a globally unique process id (Sysmon's GUID, ECS entity_id), not a PID
  kSession,     // a logon GUID, an access key of a cloud session
  kFileHash,    // SHA-256, else SHA-1, else MD5
  kInternalIp,  // within the private ranges of EntityTable
  kExternalIp,
  kDomain,
  kEmail,  // the id of one message
};
inline constexpr int kEntityTypeCount = 9;
std::string_view EntityTypeName(EntityType type);  // "device", "file_hash", "internal_ip", ...
std::optional<EntityType> EntityTypeByName(std::string_view name);

// How much an asset matters. Each is a class: an alert about a higher one breaks a fold.
enum class Criticality : uint8_t { kLow, kNormal, kHigh, kCritical };
std::string_view CriticalityName(Criticality c);
std::optional<Criticality> CriticalityByName(std::string_view name);

// How much it says that two alerts share an entity (docs/alerts.md, "Grouping").
enum class JoinStrength : uint8_t { kNone, kWeak, kMedium, kStrong };
std::string_view JoinStrengthName(JoinStrength strength);

// A normalised entity: values are case folded, blanks around them are cut off. Value type.
struct Entity {
  EntityType type = EntityType::kDevice;
  std::string value;

  friend auto operator<=>(const Entity&, const Entity&) = default;
};

// An entity as it takes part in an alert. Value type.
struct AlertEntity {
  Entity entity;
  std::string role;      // "device", "actor", "target", "parent", "source", "destination", ...
  std::string field;     // the event's or rule's field it was read from
  std::string original;  // the value as the event has it, where the table knew another name for it
  Criticality criticality = Criticality::kNormal;
  JoinStrength strength = JoinStrength::kNone;
  std::vector<std::string> tags;  // of the table
  std::string fence;              // of the table
};

// What the host knows of an entity. Value type.
struct EntityRow {
  Entity entity;
  // The entity's one name: alerts about a SID, a UPN and an ARN with one canonical name are about
  // one user. Empty: its own. The canonical name's row, if any, has what follows.
  std::string canonical;
  Criticality criticality = Criticality::kNormal;
  // "shared" (joins nothing: NAT, proxy), "service", "dc" (join weakly); "data:NAME" says what data
  // the entity holds, for blast radius. Others are carried along.
  std::vector<std::string> tags;
  // Incidents do not grow across different fences (device groups, customers); empty: no fence.
  std::string fence;
};

// The host's table of entities. Immutable and thread-safe; replaced as a whole.
class EntityTable {
 public:
  // InvalidArgument for a row without value, two rows of one entity, a canonical name that has
  // another canonical name, or a block that is no CIDR. `internal` replaces the private ranges of
  // RFC 1918, RFC 4193, loopback and link-local addresses unless it is empty.
  static absl::StatusOr<std::shared_ptr<const EntityTable>> Build(
      std::vector<EntityRow> rows, const std::vector<std::string>& internal = {});
  ~EntityTable();

  // The row of an entity by its normalised value, or null. Lives as long as the table.
  const EntityRow* Find(EntityType type, std::string_view value) const;
  bool IsInternal(std::string_view address) const;
  size_t size() const;

 private:
  EntityTable();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Names of fields, by several vocabularies, in which events have their device, users, process,
// addresses and the like: for CompilerOptions::evidence_fields, so that alerts of rules over
// several events know them, too. Not all that alerts of single events look at: each costs memory.
std::vector<std::string> EntityFields();

// The value as entities are compared: case folded, without blanks around it.
std::string NormalizeEntity(std::string_view value);

}  // namespace vedette::inline v0

#endif  // VEDETTE_ALERT_ENTITY_H_
