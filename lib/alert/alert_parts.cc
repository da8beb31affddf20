#include "lib/alert/alert_parts.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/strings.h"

namespace vedette::inline v0 {
namespace {

constexpr std::array<std::string_view, 6> kSeverityNames = {"Unknown", "Informational", "Low",
                                                            "Medium",  "High",          "Critical"};
constexpr std::array<std::string_view, 4> kConfidenceNames = {"Unknown", "Low", "Medium", "High"};

// Names of ATT&CK 19, which split Defense Evasion. Those without an id are told by name only.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kTacticIds = {
    {{"reconnaissance", "TA0043"},
     {"resource-development", "TA0042"},
     {"initial-access", "TA0001"},
     {"execution", "TA0002"},
     {"persistence", "TA0003"},
     {"privilege-escalation", "TA0004"},
     {"defense-evasion", "TA0005"},
     {"credential-access", "TA0006"},
     {"discovery", "TA0007"},
     {"lateral-movement", "TA0008"},
     {"collection", "TA0009"},
     {"exfiltration", "TA0010"},
     {"command-and-control", "TA0011"},
     {"impact", "TA0040"}}};

void SetOnce(std::string_view value, std::string_view* out) {
  if (out->empty()) *out = value;
}

void AddUser(std::string_view value, std::optional<UserParts>* out) {
  if (!out->has_value()) *out = SplitUser(value);
}

}  // namespace

UserParts SplitUser(std::string_view user) {
  if (user.starts_with("s-1-") || user.starts_with("arn:")) return {{}, {}, user};
  const size_t slash = user.find('\\');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == user.size()) {
    return {user, {}, {}};
  }
  return {user.substr(slash + 1), user.substr(0, slash), {}};
}

AlertParts PartsOf(const Alert& alert) {
  AlertParts p;
  for (const AlertEntity& e : alert.entities) {
    const std::string_view value = e.entity.value;
    switch (e.entity.type) {
      case EntityType::kDevice:
        SetOnce(value, &p.device);
        break;
      case EntityType::kUser:
        AddUser(value, e.role == "target" ? &p.target : &p.actor);
        break;
      case EntityType::kProcess:
        if (e.role == "process") SetOnce(value, &p.process_uid);
        if (e.role == "parent") SetOnce(value, &p.parent_uid);
        break;
      case EntityType::kSession:
        SetOnce(value, &p.session);
        break;
      case EntityType::kInternalIp:
      case EntityType::kExternalIp:
        if (e.role == "source") SetOnce(value, &p.source_ip);
        if (e.role == "destination") SetOnce(value, &p.destination_ip);
        break;
      case EntityType::kDomain:
        SetOnce(value, e.role == "query" ? &p.query : &p.destination_name);
        break;
      case EntityType::kFileHash:
      case EntityType::kEmail:
        break;
    }
  }
  return p;
}

std::string_view FileNameOf(std::string_view path) {
  const size_t slash = path.find_last_of("\\/");
  return slash == std::string_view::npos || slash + 1 == path.size() ? path
                                                                     : path.substr(slash + 1);
}

std::string EventUidOf(const EventPlace& place) {
  if (!place.uid.empty()) return place.uid;
  if (place.source.empty() && place.line == 0) return {};
  return absl::StrCat(place.source, ":", place.line);
}

std::string EventUidOf(const EvidenceEvent& event) {
  if (event.event_source.empty() && event.event_line == 0) return {};
  return absl::StrCat(event.event_source, ":", event.event_line);
}

std::optional<RawDigest> DigestOf(const EventPlace& place) {
  if (place.raw_hash.empty()) return std::nullopt;
  const std::string_view hash = place.raw_hash;
  const size_t colon = hash.find(':');
  if (colon == std::string_view::npos) return RawDigest{0, "Unknown", hash};
  const std::string_view algorithm = hash.substr(0, colon);
  const std::string_view value = hash.substr(colon + 1);
  if (algorithm == "md5") return RawDigest{1, "MD5", value};
  if (algorithm == "sha1") return RawDigest{2, "SHA-1", value};
  if (algorithm == "sha256") return RawDigest{3, "SHA-256", value};
  if (algorithm == "sha512") return RawDigest{4, "SHA-512", value};
  return RawDigest{99, algorithm, value};
}

int64_t MillisecondsOf(EventTime t) {
  constexpr int64_t kMs = 1'000'000;
  return t / kMs - (t % kMs < 0 ? 1 : 0);
}

EventTime TimeOfAlert(const Alert& alert) {
  if (alert.alert_time != kNoEventTime) return alert.alert_time;
  return alert.event_time != kNoEventTime ? alert.event_time : 0;
}

std::string_view TacticUid(std::string_view name) {
  for (const auto& [known, uid] : kTacticIds) {
    if (known == name) return uid;
  }
  return {};
}

std::string TacticTitle(std::string_view name) {
  std::string out(name);
  for (size_t i = 0; i < out.size(); ++i) {
    if (out[i] == '-') {
      out[i] = ' ';
      continue;
    }
    const bool starts = i == 0 || out[i - 1] == ' ';
    const std::string_view rest = std::string_view(out).substr(i);
    if (starts && !rest.starts_with("and-") && out[i] >= 'a' && out[i] <= 'z') {
      out[i] = static_cast<char>(out[i] - 'a' + 'A');
    }
  }
  return out;
}

int32_t OcsfSeverity(Level level) { return static_cast<int32_t>(level); }

std::string_view OcsfSeverityName(int32_t severity_id) {
  return kSeverityNames[static_cast<size_t>(severity_id) % kSeverityNames.size()];
}

int32_t OcsfConfidence(uint8_t confidence) {
  return confidence >= 67 ? 3 : confidence >= 34 ? 2 : 1;
}

std::string_view OcsfConfidenceName(int32_t confidence_id) {
  return kConfidenceNames[static_cast<size_t>(confidence_id) % kConfidenceNames.size()];
}

}  // namespace vedette::inline v0
