#include "lib/alert/field_catalog.h"

namespace vedette::inline v0 {
namespace {

using Kind = CatalogRow::Kind;

constexpr CatalogRow kRows[] = {
    {Kind::kEntity, EntityType::kDevice, "device",
     "Computer|ComputerName|Hostname|computer_name|host_name|WorkstationName",
     "host.name|host.hostname|host.id|agent.hostname", "device.hostname|device.name|device.uid",
     "hostname|host|node"},
    {Kind::kEntity, EntityType::kUser, "actor",
     "User|SubjectUserName+SubjectDomainName|SourceUser|AccountName",
     "user.name+user.domain|user.email",
     "actor.user.name+actor.user.domain|actor.user.email_addr|actor.user.uid",
     "userIdentity.arn|userIdentity.userName|actor.alternateId|"
     "protoPayload.authenticationInfo.principalEmail|properties.userPrincipalName|"
     "userPrincipalName|identity|UserId|username|user"},
    {Kind::kProcess, EntityType::kProcess, "process",
     "Image|NewProcessName|SourceImage|ProcessName", "process.executable|process.name",
     "process.file.path|actor.process.file.path|process.name", "exe|process_path"},
    {Kind::kCommand, EntityType::kProcess, "process", "CommandLine|ProcessCommandLine",
     "process.command_line", "process.cmd_line|actor.process.cmd_line", "cmdline|command"},
    {Kind::kUid, EntityType::kProcess, "", "", "event.id", "metadata.uid", "eventID|_id|insertId"},
    {Kind::kRecordId, EntityType::kProcess, "", "EventRecordID", "", "", "RecordNumber"},
    {Kind::kOutcome, EntityType::kProcess, "", "Action|ActionTaken", "event.action|event.type",
     "disposition_id|disposition|action_id", "action|disposition|errorCode|verdict"},
    {Kind::kUserId, EntityType::kUser, "actor", "SubjectUserSid|UserSid", "user.id",
     "actor.user.uid", "userIdentity.principalId"},
    {Kind::kEntity, EntityType::kUser, "target",
     "TargetUserName+TargetDomainName|TargetUser|MemberName", "user.target.name+user.target.domain",
     "user.name+user.domain|user.email_addr", "requestParameters.userName|target.alternateId"},
    {Kind::kUserId, EntityType::kUser, "target", "TargetUserSid|TargetSid|MemberSid",
     "user.target.id", "user.uid", ""},
    {Kind::kEntity, EntityType::kProcess, "process",
     "ProcessGuid|SourceProcessGUID|SourceProcessGuid", "process.entity_id",
     "process.uid|actor.process.uid", ""},
    {Kind::kEntity, EntityType::kProcess, "parent", "ParentProcessGuid", "process.parent.entity_id",
     "process.parent_process.uid", ""},
    {Kind::kEntity, EntityType::kProcess, "target", "TargetProcessGUID|TargetProcessGuid",
     "Target.process.entity_id", "", ""},
    {Kind::kEntity, EntityType::kSession, "session", "LogonGuid|TargetLogonGuid", "",
     "session.uid|actor.session.uid", "userIdentity.accessKeyId"},
    {Kind::kHashes, EntityType::kFileHash, "file", "Hashes|Hash|sha256",
     "process.hash.sha256|file.hash.sha256|dll.hash.sha256",
     "process.file.hashes.value|file.hashes.value|module.file.hashes.value", "sha256|sha1|md5"},
    {Kind::kAddress, EntityType::kExternalIp, "source",
     "SourceIp|IpAddress|SourceAddress|ClientAddress", "source.ip|client.ip", "src_endpoint.ip",
     "sourceIPAddress|id.orig_h|src_ip|callerIpAddress|CallerIpAddress|client.ipAddress|ClientIP|"
     "c-ip"},
    {Kind::kAddress, EntityType::kExternalIp, "destination",
     "DestinationIp|DestAddress|DestinationAddress", "destination.ip|server.ip", "dst_endpoint.ip",
     "id.resp_h|dst_ip|dest_ip"},
    {Kind::kEntity, EntityType::kDomain, "query", "QueryName",
     "dns.question.name|url.domain|tls.client.server_name",
     "query.hostname|http_request.url.hostname|tls.sni", "query|server_name|cs-host"},
    {Kind::kEntity, EntityType::kDomain, "destination", "DestinationHostname", "destination.domain",
     "dst_endpoint.hostname", ""},
    {Kind::kEntity, EntityType::kEmail, "message", "InternetMessageId|NetworkMessageId",
     "email.message_id", "email.message_uid", "NetworkMessageId|InternetMessageId"},
};

}  // namespace

std::span<const CatalogRow> Catalog() { return kRows; }

std::vector<std::string> EntityFields() {
  // Of each row what logs mostly have. Events in the form of OCSF are found by the names of Sigma.
  return {
      "Computer",          "User",      "SubjectUserName",    "TargetUserName", "Image",
      "ProcessGuid",       "SourceIp",  "IpAddress",          "DestinationIp",  "QueryName",
      "host.name",         "user.name", "process.executable", "source.ip",      "destination.ip",
      "dns.question.name", "hostname",  "id.orig_h",          "id.resp_h",      "sourceIPAddress",
      "userIdentity.arn",  "exe"};
}

}  // namespace vedette::inline v0
