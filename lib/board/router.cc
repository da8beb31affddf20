#include "lib/board/router.h"

#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/strings.h"
#include "lib/board/page_files.h"
#include "lib/event/json_writer.h"

namespace vedette::inline v0 {
namespace {

struct StatusText {
  int status;
  std::string_view code;
};

StatusText StatusOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
      return {400, "invalid"};
    case absl::StatusCode::kNotFound:
      return {404, "not_found"};
    case absl::StatusCode::kPermissionDenied:
      return {403, "not_allowed"};
    case absl::StatusCode::kAborted:
      return {409, "stale_version"};
    case absl::StatusCode::kAlreadyExists:
      return {409, "already_done"};
    case absl::StatusCode::kFailedPrecondition:
      return {422, "not_possible"};
    case absl::StatusCode::kResourceExhausted:
      return {429, "too_many"};
    default:
      return {503, "unavailable"};  // the audit log could not be written, and nothing was changed
  }
}

HttpResponse Answer(const absl::StatusOr<std::string>& json) {
  if (json.ok()) return JsonResponse(*json);
  const auto [status, code] = StatusOf(json.status().code());
  return ErrorResponse(status, code, ToStd(json.status().message()));
}

HttpResponse NotFound() { return ErrorResponse(404, "not_found", "there is nothing here"); }

// "/api/incidents/7" is {"api", "incidents", "7"}.
std::vector<std::string_view> PartsOf(std::string_view path) {
  std::vector<std::string_view> parts;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const size_t end = path.find('/');
    parts.push_back(path.substr(0, end));
    path = end == std::string_view::npos ? std::string_view() : path.substr(end);
  }
  return parts;
}

std::optional<uint64_t> NumberOf(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

absl::StatusOr<Id128> IdOf(std::string_view text) {
  const std::optional<Id128> id = Id128::Parse(text);
  if (!id.has_value()) return absl::NotFoundError("that is no id");
  return *id;
}

// A command's key is hexadecimal, a run's id letters, digits and dashes: whatever else comes is
// none.
bool IsKey(std::string_view text) {
  return !text.empty() && text.size() <= 200 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

}  // namespace

HttpResponse Router::Handle(const HttpRequest& request) {
  HttpResponse response = Route(request);
  if (request.method == "HEAD") response.body.clear();
  return response;
}

HttpResponse Router::Route(const HttpRequest& request) {
  if (request.target.size() > kMaxTarget) return ErrorResponse(414, "too_long", "too long a path");
  if (request.headers.size() > kMaxHeaders) {
    return ErrorResponse(431, "too_many_headers", "too many headers");
  }
  if (request.body.size() > kMaxBody) return ErrorResponse(413, "too_large", "too large a body");
  const bool is_get = request.method == "GET" || request.method == "HEAD";
  if (!is_get && request.method != "POST") {
    HttpResponse response = ErrorResponse(405, "wrong_method", "GET, HEAD and POST are understood");
    response.headers.emplace_back("Allow", "GET, HEAD, POST");
    return response;
  }
  if (auto refused = gate_.CheckSource(request)) return *std::move(refused);
  const std::string_view target = request.target;
  const std::string_view path = target.substr(0, target.find('?'));
  const std::string_view query = target.substr(std::min(path.size() + 1, target.size()));
  if (is_get) {
    // The page itself says nothing of anybody: it has the form to log in with.
    if (const PageFile* const file = FindPageFile(path)) {
      HttpResponse response = JsonResponse(std::string(file->text));
      response.type = file->type;
      return response;
    }
  }
  const std::vector<std::string_view> parts = PartsOf(path);
  if (parts.size() < 2 || parts[0] != "api") return NotFound();
  if (!is_get && parts.size() == 2 && parts[1] == "login") return Login(request);
  Asker asker;
  asker.now = request.now;
  if (auto refused = gate_.CheckPerson(request, &asker.actor)) return *std::move(refused);
  const std::span<const std::string_view> rest = std::span(parts).subspan(1);
  if (is_get) return Get(rest, query, asker);
  if (rest.size() == 1 && rest[0] == "logout") return gate_.Logout(request);
  return Answer(Post(rest, request, asker));
}

HttpResponse Router::Login(const HttpRequest& request) {
  absl::StatusOr<RequestBody> body = RequestBody::Parse(request.body);
  if (!body.ok()) return Answer(body.status());
  const std::string name = body->Text("name");
  const std::string token = body->Text("token");
  if (!body->status().ok()) return Answer(body->status());
  return gate_.Login(name, token, request.now);
}

HttpResponse Router::Get(std::span<const std::string_view> path, std::string_view query,
                         const Asker& asker) const {
  if (path.size() == 1) {
    const std::string_view what = path[0];
    if (what == "session") return JsonResponse(board_->SessionJson(asker));
    if (what == "queue") return JsonResponse(board_->QueueJson());
    if (what == "scorecard") return JsonResponse(board_->ScorecardJson(asker.now));
    if (what == "matrix") return JsonResponse(board_->MatrixJson());
    if (what == "response") return JsonResponse(board_->ResponseJson());
    if (what == "health") return JsonResponse(board_->HealthJson(asker.now));
    if (what == "audit") return JsonResponse(board_->AuditJson());
    if (what == "changes") return Changes(query);
  }
  if (path.size() == 2 && (path[0] == "incidents" || path[0] == "alerts")) {
    const absl::StatusOr<Id128> id = IdOf(path[1]);
    if (!id.ok()) return Answer(id.status());
    return Answer(path[0] == "alerts" ? board_->AlertJson(*id) : board_->IncidentJson(*id));
  }
  return NotFound();
}

HttpResponse Router::Changes(std::string_view query) const {
  const std::optional<uint64_t> since =
      query.starts_with("since=") ? NumberOf(query.substr(6)) : std::nullopt;
  if (!since.has_value()) return ErrorResponse(400, "invalid", "say since=VERSION");
  HttpResponse response = JsonResponse("{\"version\":" + std::to_string(board_->version()) + "}");
  if (*since == board_->version()) response.unchanged_since = *since;
  return response;
}

absl::StatusOr<std::string> Router::Post(std::span<const std::string_view> path,
                                         const HttpRequest& request, const Asker& asker) {
  const absl::Status unknown = absl::NotFoundError("there is nothing here");
  const std::string_view what = path[0];
  const std::string_view body = request.body;
  if (path.size() == 1) {
    if (what == "runs") return board_->StartRun(body, asker);
    if (what == "kill-switch") return board_->SetKillSwitch(body, asker);
    return unknown;
  }
  if (path.size() != 3) return unknown;
  const std::string_view verb = path[2];
  if (what == "incidents" || what == "alerts") {
    const absl::StatusOr<Id128> id = IdOf(path[1]);
    if (!id.ok()) return id.status();
    if (what == "incidents") return board_->ChangeIncident(*id, verb, body, asker);
    return verb == "verdict" ? board_->JudgeAlert(*id, body, asker) : unknown;
  }
  if (what == "proposals") {
    const std::optional<uint64_t> number = NumberOf(path[1]);
    if (!number.has_value()) return unknown;
    if (verb == "confirm") return board_->ConfirmProposal(*number, asker);
    return verb == "drop" ? board_->DropProposal(*number, asker) : unknown;
  }
  if (!IsKey(path[1])) return unknown;
  if (what == "runs" && verb == "cancel") return board_->CancelRun(path[1], body, asker);
  if (what == "approvals" && (verb == "approve" || verb == "reject")) {
    return board_->DecideApproval(path[1], verb == "approve", body, asker);
  }
  if (what == "commands" && verb == "answer") return board_->AnswerCommand(path[1], body, asker);
  return unknown;
}

}  // namespace vedette::inline v0
