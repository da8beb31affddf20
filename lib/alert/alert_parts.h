// The entities of an alert by the part that they play, for outputs.
#ifndef VEDETTE_LIB_ALERT_ALERT_PARTS_H_
#define VEDETTE_LIB_ALERT_ALERT_PARTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vedette/alert/alert.h"

namespace vedette::inline v0 {

// A user's value in its parts: "corp\al" has a domain, a SID or ARN is an id and no name.
struct UserParts {
  std::string_view name;
  std::string_view domain;
  std::string_view uid;
};
UserParts SplitUser(std::string_view user);

// First entities of each part; empty or absent if there is none. Borrowed from the alert.
struct AlertParts {
  std::string_view device;
  std::optional<UserParts> actor;
  std::optional<UserParts> target;
  std::string_view process_uid;
  std::string_view parent_uid;
  std::string_view session;
  std::string_view source_ip;
  std::string_view destination_ip;
  std::string_view destination_name;
  std::string_view query;
};
AlertParts PartsOf(const Alert& alert);

// "cmd.exe" of "C:\Windows\cmd.exe".
std::string_view FileNameOf(std::string_view path);
// The event's own id, else "source:line"; empty if neither is known.
std::string EventUidOf(const EventPlace& place);
std::string EventUidOf(const EvidenceEvent& event);
// The host's or the library's digest without its algorithm; OCSF's number of the algorithm.
struct RawDigest {
  int32_t algorithm_id = 99;
  std::string_view algorithm;
  std::string_view value;
};
std::optional<RawDigest> DigestOf(const EventPlace& place);

// Milliseconds, rounded down.
int64_t MillisecondsOf(EventTime t);
// When the alert was made, else when its event happened; 0 if neither is known.
EventTime TimeOfAlert(const Alert& alert);

// ATT&CK: the tactic's id ("TA0002"; empty for names that have none here) and title.
std::string_view TacticUid(std::string_view name);
std::string TacticTitle(std::string_view name);

// OCSF's severity_id, and its caption.
int32_t OcsfSeverity(Level level);
std::string_view OcsfSeverityName(int32_t severity_id);
// OCSF's confidence_id of 0 to 100: Low, Medium, High by thirds.
int32_t OcsfConfidence(uint8_t confidence);
std::string_view OcsfConfidenceName(int32_t confidence_id);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_ALERT_ALERT_PARTS_H_
