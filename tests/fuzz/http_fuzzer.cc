// Hostile requests to the board, in a row, by persons of every role and by nobody. Each is answered
// strictly; nobody learns or changes anything without a token; commands come out only as the policy
// allows; the audit log stays whole.
//
// Form of the input: requests, with a line "%%" between them. A request is a line
// "METHOD TARGET [PERSON]", lines of headers, an empty line, the body. With a PERSON the headers of
// an honest client go before. {incident}, {alert}, {playbook}, {run}, {key}, {approval}, {hash} and
// {version} stand for what there is.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/support/board_host.h"

namespace {

using namespace vedette;
using testing::BoardHost;
using testing::TokenOf;

constexpr char kPolicy[] = R"({"format": "vedette-policy-1", "version": "1",
  "roles": {"tier1": {"allow": ["incident.*", "alert.*", "playbook.start"]},
            "responder": {"allow": ["incident.*", "playbook.*"], "deny": ["playbook.kill"]},
            "lead": {"allow": ["*"]}},
  "four_eyes": [{"action": "incident.close", "when": {"severity": ["critical"]}}],
  "commands": [{"action": "query", "target": "device", "scope": ["*"], "approvals": 0},
               {"action": "contain", "target": "device", "scope": ["ws-*"], "approvals": 1}]})";

constexpr char kPlaybook[] = R"({"type": "playbook", "spec_version": "cacao-2.0",
  "id": "playbook--5f2b4c1e-7a3d-4e0b-9c55-0d9a6b1f2e31", "name": "p",
  "created": "2026-11-02T09:00:00Z", "modified": "2026-11-02T09:00:00Z",
  "playbook_variables": {"__host__": {"type": "string", "external": true}},
  "workflow_start": "start--1",
  "workflow": {
    "start--1": {"type": "start", "on_completion": "action--1"},
    "action--1": {"type": "action", "on_completion": "action--2", "commands": [
      {"type": "openc2-http", "content": {"action": "query",
       "target": {"device": {"hostname": "__host__:value"}}}}]},
    "action--2": {"type": "action", "on_completion": "end--1", "commands": [
      {"type": "openc2-http", "content": {"action": "contain",
       "target": {"device": {"hostname": "__host__:value"}}}}]},
    "end--1": {"type": "end"}}})";

std::string MemberOf(const std::string& json, std::string_view name, size_t from = 0) {
  const std::string key = "\"" + std::string(name) + "\":";
  size_t at = json.find(key, from);
  if (at == std::string::npos) return "";
  at += key.size() + (json[at + key.size()] == '"' ? 1 : 0);
  return json.substr(at, json.find_first_of("\",]}", at) - at);
}

std::string Filled(std::string text, BoardHost* host) {
  if (text.find('{') == std::string::npos) return text;
  const Asker nobody;
  const std::string response = host->board->ResponseJson();
  const std::string queue = host->board->QueueJson();
  const std::string incident = MemberOf(queue, "incident_id");
  const auto id = Id128::Parse(incident);
  const size_t approvals = response.find("\"approvals\"");
  const size_t commands = response.find("\"commands\"");
  const std::pair<std::string_view, std::string> names[] = {
      {"{incident}", incident},
      {"{alert}", id ? MemberOf(*host->board->IncidentJson(*id), "alert_id") : ""},
      {"{playbook}", MemberOf(response, "id")},
      {"{run}", MemberOf(response, "run_id")},
      {"{approval}", MemberOf(response, "key", approvals)},
      {"{hash}", MemberOf(response, "hash", approvals)},
      {"{key}", MemberOf(response, "key", commands)},
      {"{version}", MemberOf(queue, "version", queue.find("incident_id"))},
  };
  for (const auto& [name, value] : names) {
    for (size_t at = 0; (at = text.find(name, at)) != std::string::npos; at += value.size()) {
      text.replace(at, name.size(), value);
    }
  }
  return text;
}

std::string_view TakeLine(std::string_view* text) {
  const size_t end = text->find('\n');
  const std::string_view line = text->substr(0, end);
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + 1);
  return line;
}

std::string_view TakeWord(std::string_view* line) {
  const size_t end = line->find(' ');
  const std::string_view word = line->substr(0, end);
  line->remove_prefix(end == std::string_view::npos ? line->size() : end + 1);
  return word;
}

HttpRequest RequestOf(std::string_view text, BoardHost* host) {
  HttpRequest request;
  request.now = host->now;
  std::string_view line = TakeLine(&text);
  request.method = TakeWord(&line);
  request.target = Filled(std::string(TakeWord(&line)), host);
  if (!line.empty()) {
    request.headers = {{"Host", BoardHost::kHost},
                       {"Content-Type", "application/json"},
                       {"X-Vedette", "1"},
                       {"Authorization", "Bearer " + TokenOf(std::string(line))}};
  }
  while (!text.empty()) {
    std::string_view header = TakeLine(&text);
    if (header.empty()) break;
    const size_t colon = header.find(": ");
    if (colon == std::string_view::npos) continue;
    request.headers.emplace_back(header.substr(0, colon), header.substr(colon + 2));
  }
  request.body = Filled(std::string(text), host);
  return request;
}

void Check(const HttpRequest& request, const HttpResponse& response) {
  bool strict = false;
  for (const auto& [name, value] : response.headers) {
    if (name == "Content-Security-Policy") strict = value.starts_with("default-src 'none'");
    // Nothing of a request may begin a header of its own.
    if (value.find_first_of("\r\n") != std::string::npos) __builtin_trap();
  }
  if (!strict || response.status < 200 || response.status > 599) __builtin_trap();
  const bool api = request.target.starts_with("/api/");
  const bool known = !request.Header("authorization").empty() || !request.Header("cookie").empty();
  if (api && !known && response.status == 200 && !request.target.starts_with("/api/login")) {
    __builtin_trap();
  }
  if (request.method == "HEAD") {
    if (!response.body.empty()) __builtin_trap();
  } else if (response.type == "application/json") {
    JsonParser parser;
    Event event;
    if (!parser.Parse(response.body, &event).ok()) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  BoardHost host(kPolicy, kPlaybook);
  host.Add("shell", "ws-1", R"(,"User":"CORP\\al")");
  host.Add("dump", "ws-1");
  host.Add("logon", "srv-2");
  for (int i = 0; i < 64 && !text.empty(); ++i) {
    const size_t end = text.find("\n%%\n");
    const HttpRequest request = RequestOf(text.substr(0, end), &host);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 4);
    Check(request, host.router->Handle(request));
    host.now += 1'000'000'000;
    if (!host.board->Tick(host.now).ok()) __builtin_trap();
  }
  for (const std::string& line : host.handed_out) {
    const std::string action = MemberOf(line, "action");
    if (action != "query" && action != "contain") __builtin_trap();
    // The policy wants one who is not the initiator.
    const bool approved = line.find("\"approved_by\":[\"") != std::string::npos;
    if (action == "contain" && !approved) __builtin_trap();
  }
  if (!VerifyAuditLog(host.audit).ok) __builtin_trap();
  return 0;
}
