// Playbooks: a subset of CACAO 2.0, checked when they are loaded. docs/response.md says which.
#ifndef VEDETTE_RESPONSE_PLAYBOOK_H_
#define VEDETTE_RESPONSE_PLAYBOOK_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vedette/diagnostic.h"
#include "vedette/event.h"

namespace vedette::inline v0 {

enum class VariableType : uint8_t {
  kString,
  kInteger,
  kBool,
  kUuid,
  kMacAddress,
  kIpv4,  // an address or a block
  kIpv6,
  kUri,
  kSha256,
  kHex,
  kDictionary,  // a JSON object
  kSecret,      // a text that no record and no report ever shows
};
std::string_view VariableTypeName(VariableType type);  // as CACAO spells it: "ipv4-addr"

// A value that is data for ever: it is compared and handed on, never put into another text.
struct TypedValue {
  VariableType type = VariableType::kString;
  std::string text;  // integers in decimal, booleans true or false, dictionaries as JSON
};
// InvalidArgument unless `text` is a value of the type; at most 64 KiB.
absl::StatusOr<TypedValue> MakeValue(VariableType type, std::string_view text);
// As a JSON value.
std::string ValueToJson(const TypedValue& value);

struct VariableInfo {
  std::string name;  // "__host__"
  VariableType type = VariableType::kString;
  bool has_value = false;
  bool constant = false;
  bool external = false;  // given at the start of a run
  std::string description;
};

// Where a step stands, for those who show a playbook.
struct StepInfo {
  std::string id;
  std::string type;  // "action", "if-condition", ..
  std::string name;
  std::vector<std::string> next;      // ids of all steps that may follow or be run within
  std::vector<std::string> commands;  // "contain device", "manual x-human", ..
};

struct PlaybookOptions {
  // Types of commands beyond openc2-http, manual and x-host-action that the host has a handler for
  // ("bash", "ssh", ..). Others are load errors (PBK0015).
  std::vector<std::string> host_command_types = {};
  // Verifies the `signatures` of the playbook, given as JSON, over the file's bytes. A playbook
  // that has none is asked about with "". Null: signatures are kept and not looked at, and
  // Playbook::is_verified is false.
  std::function<absl::Status(std::string_view text, std::string_view signatures)> verifier = {};
};

struct PlaybookLayout;

// A playbook that passed all checks. Immutable, thread-safe.
class Playbook {
 public:
  struct Loaded {
    std::shared_ptr<const Playbook> playbook;  // null if there is an error
    std::vector<Diagnostic> diagnostics;       // codes PBK00xx, see docs/diagnostics.md
  };
  // `text` is one CACAO playbook in JSON; `name` is for diagnostics. What is not supported is an
  // error and never passed over.
  static Loaded Load(std::string name, std::string text, const PlaybookOptions& options = {});
  explicit Playbook(std::unique_ptr<PlaybookLayout> layout);
  ~Playbook();

  const std::string& id() const;  // "playbook--..."
  const std::string& name() const;
  const std::string& version() const;  // `modified`, as it stands in the file
  const std::string& hash() const;     // SHA-256 of the file, hexadecimal
  bool is_verified() const;            // its signatures were, by PlaybookOptions::verifier
  EventTime valid_from() const;        // kNoEventTime if it does not say
  EventTime valid_until() const;
  const std::vector<VariableInfo>& variables() const;
  std::vector<StepInfo> steps() const;
  // Ids of the playbooks that its playbook-action steps run.
  std::vector<std::string> playbooks_used() const;

  const PlaybookLayout& layout() const { return *layout_; }

 private:
  std::unique_ptr<const PlaybookLayout> layout_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_RESPONSE_PLAYBOOK_H_
