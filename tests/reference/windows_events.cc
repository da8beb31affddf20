#include "tests/reference/windows_events.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace vedette::reference {
namespace {

using Kind = OracleNode::Kind;
using Names = std::vector<std::pair<std::string, std::string>>;

class Flattener {
 public:
  OracleEvent Flatten(const OracleValue& root) {
    const OracleValue event = ObjectAt(root, "Event");
    const OracleValue system = event ? ObjectAt(event, "System") : nullptr;
    const OracleValue winlog = ObjectAt(root, "winlog");
    if (system) {
      AddData(event, "EventData", "UserData");
      AddSystem(system);
    } else if (winlog) {
      AddData(winlog, "event_data", "user_data");
      AddNamed(winlog, kBeat);
      AddNamed(root, {{"message", "Message"}});
    } else if (ObjectAt(root, "event_data") || root->Find("log_name")) {
      AddData(root, "event_data", "user_data");
      AddNamed(root, kBeat);
    } else {
      for (const auto& [name, value] : root->members) Add(name, value);
      AddNamed(root, kCollectors);
    }
    AddAliases();
    return OracleEvent(MakeObject(std::move(members_)));
  }

 private:
  static const Names kBeat;
  static const Names kCollectors;

  static OracleValue ObjectAt(const OracleValue& parent, std::string_view name) {
    OracleValue found = parent->Find(name);
    return found && found->kind == Kind::kObject ? found : nullptr;
  }

  OracleValue Find(const std::string& name) const {
    for (const auto& member : members_) {
      if (member.first == name) return member.second;
    }
    return nullptr;
  }

  std::string Text(const std::string& name) const {
    const OracleValue found = Find(name);
    return found ? found->text : "";
  }

  // The first value of a name stays.
  void Add(const std::string& name, const OracleValue& value) {
    if (!Find(name)) members_.emplace_back(name, value);
  }

  void AddLeaves(const OracleValue& parent) {
    for (const auto& [name, value] : parent->members) {
      if (name == "#attributes") continue;
      if (value->kind != Kind::kObject) {
        Add(name, value);
      } else if (OracleValue text = value->Find("#text")) {
        Add(name, text);
      } else {
        AddLeaves(value);
      }
    }
  }

  void AddData(const OracleValue& parent, std::string_view first, std::string_view second) {
    for (std::string_view name : {first, second}) {
      if (OracleValue data = ObjectAt(parent, name)) AddLeaves(data);
    }
  }

  void AddSystem(const OracleValue& system) {
    for (const auto& [name, value] : system->members) {
      if (value->kind != Kind::kObject) {
        Add(name, value);
        continue;
      }
      if (OracleValue text = value->Find("#text")) Add(name, text);
      if (OracleValue attributes = ObjectAt(value, "#attributes")) {
        for (const auto& [attribute, part] : attributes->members) Add(name + "_" + attribute, part);
      }
    }
  }

  void AddNamed(const OracleValue& parent, const Names& names) {
    for (const auto& [from, to] : names) {
      if (OracleValue found = parent->Find(from)) Add(to, found);
    }
  }

  void AddAlias(const std::string& name, const std::string& source) {
    if (OracleValue found = Find(source)) Add(name, found);
  }

  void AddAliases() {
    const auto written = members_;
    for (const auto& [name, value] : written) {
      std::string joined = name;
      std::erase(joined, ' ');
      if (joined != name) Add(joined, value);
    }
    const std::string channel = AsciiLower(Text("Channel"));
    if (channel == "security" && Text("EventID") == "4688") {
      AddAlias("Image", "NewProcessName");
      AddAlias("ParentImage", "ParentProcessName");
    }
    if (channel == "microsoft-windows-windows defender/operational") {
      AddAlias("Signature", "ThreatName");
      AddAlias("Filename", "Path");
    }
  }

  std::vector<std::pair<std::string, OracleValue>> members_;
};

const Names Flattener::kBeat = {{"event_id", "EventID"},
                                {"channel", "Channel"},
                                {"log_name", "Channel"},
                                {"provider_name", "Provider_Name"},
                                {"source_name", "Provider_Name"},
                                {"provider_guid", "Provider_Guid"},
                                {"computer_name", "Computer"},
                                {"record_id", "EventRecordID"},
                                {"record_number", "EventRecordID"},
                                {"level", "Level"},
                                {"task", "Task"},
                                {"opcode", "Opcode"},
                                {"keywords", "Keywords"},
                                {"version", "Version"},
                                {"message", "Message"}};

const Names Flattener::kCollectors = {{"SourceName", "Provider_Name"},
                                      {"ProviderName", "Provider_Name"},
                                      {"EventSourceName", "Provider_Name"},
                                      {"ProviderGuid", "Provider_Guid"},
                                      {"Hostname", "Computer"},
                                      {"RecordNumber", "EventRecordID"},
                                      {"ExecutionProcessID", "Execution_ProcessID"},
                                      {"ThreadID", "Execution_ThreadID"}};

const std::map<std::string, std::string>& Services() {
  static const std::map<std::string, std::string> services = {
      {"application", "application"},
      {"security", "security"},
      {"system", "system"},
      {"dns server", "dns-server"},
      {"microsoft-windows-dns-server/analytical", "dns-server-analytic"},
      {"microsoft-windows-dnsserver/analytical", "dns-server-analytic"},
      {"microsoft-windows-dnsserver/audit", "dns-server-audit"},
      {"msexchange management", "msexchange-management"},
      {"openssh/operational", "openssh"},
      {"powershellcore/operational", "powershell"},
      {"windows powershell", "powershell-classic"},
      {"microsoft-iis-configuration/operational", "iis-configuration"},
      {"microsoft-servicebus-client/admin", "microsoft-servicebus-client"},
      {"microsoft-servicebus-client/operational", "microsoft-servicebus-client"},
      {"microsoft-windows-application-experience/program-compatibility-assistant",
       "application-experience"},
      {"microsoft-windows-application-experience/program-telemetry", "application-experience"},
      {"microsoft-windows-applocker/exe and dll", "applocker"},
      {"microsoft-windows-applocker/msi and script", "applocker"},
      {"microsoft-windows-applocker/packaged app-deployment", "applocker"},
      {"microsoft-windows-applocker/packaged app-execution", "applocker"},
      {"microsoft-windows-appmodel-runtime/admin", "appmodel-runtime"},
      {"microsoft-windows-appxdeploymentserver/operational", "appxdeployment-server"},
      {"microsoft-windows-appxpackaging/operational", "appxpackaging-om"},
      {"microsoft-windows-bitlocker/bitlocker management", "bitlocker"},
      {"microsoft-windows-bits-client/operational", "bits-client"},
      {"microsoft-windows-capi2/operational", "capi2"},
      {"microsoft-windows-certificateservicesclient-lifecycle-system/operational",
       "certificateservicesclient-lifecycle-system"},
      {"microsoft-windows-codeintegrity/operational", "codeintegrity-operational"},
      {"microsoft-windows-dhcp-server/operational", "dhcp"},
      {"microsoft-windows-diagnosis-scripted/operational", "diagnosis-scripted"},
      {"microsoft-windows-dns client events/operational", "dns-client"},
      {"microsoft-windows-dns-client/operational", "dns-client"},
      {"microsoft-windows-driverframeworks-usermode/operational", "driver-framework"},
      {"microsoft-windows-hyper-v-worker", "hyper-v-worker"},
      {"microsoft-windows-kernel-eventtracing", "kernel-event-tracing"},
      {"microsoft-windows-kernel-shimengine/diagnostic", "kernel-shimengine"},
      {"microsoft-windows-kernel-shimengine/operational", "kernel-shimengine"},
      {"microsoft-windows-ldap-client/debug", "ldap"},
      {"microsoft-windows-lsa/operational", "lsa-server"},
      {"microsoft-windows-ntfs/operational", "ntfs"},
      {"microsoft-windows-ntlm/operational", "ntlm"},
      {"microsoft-windows-powershell/operational", "powershell"},
      {"microsoft-windows-printservice/admin", "printservice-admin"},
      {"microsoft-windows-printservice/operational", "printservice-operational"},
      {"microsoft-windows-security-mitigations/kernel mode", "security-mitigations"},
      {"microsoft-windows-security-mitigations/user mode", "security-mitigations"},
      {"microsoft-windows-sense/operational", "sense"},
      {"microsoft-windows-shell-core/operational", "shell-core"},
      {"microsoft-windows-smbclient/connectivity", "smbclient-connectivity"},
      {"microsoft-windows-smbclient/security", "smbclient-security"},
      {"microsoft-windows-smbserver/connectivity", "smbserver-connectivity"},
      {"microsoft-windows-sysmon/operational", "sysmon"},
      {"microsoft-windows-taskscheduler/operational", "taskscheduler"},
      {"microsoft-windows-terminalservices-localsessionmanager/operational",
       "terminalservices-localsessionmanager"},
      {"microsoft-windows-vhdmp/operational", "vhdmp"},
      {"microsoft-windows-windows defender/operational", "windefend"},
      {"microsoft-windows-windows firewall with advanced security/firewall", "firewall-as"},
      {"microsoft-windows-wmi-activity/operational", "wmi"}};
  return services;
}

std::vector<std::string> SysmonCategories(const std::string& id, const std::string& event_type) {
  static const std::multimap<std::string, std::string> categories = {
      {"1", "process_creation"},
      {"2", "file_change"},
      {"3", "network_connection"},
      {"4", "sysmon_status"},
      {"5", "process_termination"},
      {"6", "driver_load"},
      {"7", "image_load"},
      {"8", "create_remote_thread"},
      {"9", "raw_access_thread"},
      {"10", "process_access"},
      {"11", "file_event"},
      {"12", "registry_event"},
      {"13", "registry_event"},
      {"13", "registry_set"},
      {"14", "registry_event"},
      {"14", "registry_rename"},
      {"15", "create_stream_hash"},
      {"16", "sysmon_status"},
      {"17", "pipe_created"},
      {"18", "pipe_created"},
      {"19", "wmi_event"},
      {"20", "wmi_event"},
      {"21", "wmi_event"},
      {"22", "dns_query"},
      {"23", "file_delete"},
      {"24", "clipboard_change"},
      {"25", "process_tampering"},
      {"26", "file_delete_detected"},
      {"27", "file_block_executable"},
      {"28", "file_block_shredding"},
      {"29", "file_executable_detected"},
      {"255", "sysmon_error"}};
  std::vector<std::string> out;
  const auto range = categories.equal_range(id);
  for (auto it = range.first; it != range.second; ++it) out.push_back(it->second);
  const std::string type = AsciiLower(event_type);
  if (id == "12" && type == "createkey") out.push_back("registry_add");
  if (id == "12" && type.starts_with("delete")) out.push_back("registry_delete");
  return out;
}

std::vector<std::string> OtherCategories(const std::string& service, const std::string& id) {
  static const std::map<std::pair<std::string, std::string>, std::string> categories = {
      {{"security", "4688"}, "process_creation"},
      {{"powershell", "4103"}, "ps_module"},
      {{"powershell", "4104"}, "ps_script"},
      {{"powershell-classic", "400"}, "ps_classic_start"},
      {{"powershell-classic", "600"}, "ps_classic_provider_start"},
      {{"powershell-classic", "800"}, "ps_classic_script"}};
  static const char* const kThreats[] = {"1006", "1007", "1008", "1009", "1010", "1011",
                                         "1012", "1017", "1018", "1019", "1115", "1116"};
  std::vector<std::string> out;
  const auto found = categories.find({service, id});
  if (found != categories.end()) out.push_back(found->second);
  if (service == "windefend" &&
      std::find(std::begin(kThreats), std::end(kThreats), id) != std::end(kThreats)) {
    out.push_back("antivirus");
  }
  return out;
}

std::string TextAt(const OracleEvent& event, std::string_view name) {
  const OracleValue found = event.root()->Find(name);
  return found ? found->text : "";
}

}  // namespace

OracleEvent FlattenWindows(const OracleEvent& event) { return Flattener().Flatten(event.root()); }

FieldLookup WindowsLookup() {
  struct Last {
    OracleValue root;
    OracleEvent flat{MakeNull()};
  };
  const auto last = std::make_shared<Last>();
  return [last](const OracleEvent& event, const std::string& name, bool* present) {
    if (last->root != event.root()) {
      last->flat = FlattenWindows(event);
      last->root = event.root();
    }
    return DirectLookup(last->flat, name, present);
  };
}

std::vector<LogSource> WindowsLogSources(const OracleEvent& event) {
  const OracleEvent flat = FlattenWindows(event);
  const std::string channel = AsciiLower(TextAt(flat, "Channel"));
  const std::string id = TextAt(flat, "EventID");
  if (channel.empty() && id.empty()) return {};
  LogSource source{"", "windows", ""};
  if (channel == "linux-sysmon/operational") {
    source = LogSource{"", "linux", "sysmon"};
  } else if (const auto found = Services().find(channel); found != Services().end()) {
    source.service = found->second;
  }
  std::vector<std::string> categories = source.service == "sysmon"
                                            ? SysmonCategories(id, TextAt(flat, "EventType"))
                                            : OtherCategories(source.service, id);
  std::vector<LogSource> out(1, source);
  for (std::string& category : categories) {
    source.category = std::move(category);
    out.push_back(source);
  }
  return out;
}

OracleEvent WithoutAnnotations(const OracleEvent& event) {
  std::vector<std::pair<std::string, OracleValue>> kept;
  for (const auto& member : event.root()->members) {
    const std::string& name = member.first;
    if (name.starts_with('_') && name != "_path" && name != "_write_ts") continue;
    kept.push_back(member);
  }
  return OracleEvent(MakeObject(std::move(kept)));
}

}  // namespace vedette::reference
