// `vedette verify`: checks an audit log, without whatever wrote it.
#include <algorithm>
#include <charconv>
#include <fstream>
#include <iostream>
#include <utility>

#include "lib/cli/commands.h"
#include "lib/cli/text.h"
#include "vedette/response/audit.h"

namespace vedette::inline v0::cli {
namespace {

constexpr size_t kChunk = size_t{1} << 20;
constexpr uint64_t kMaxEvidenceBytes = uint64_t{1} << 30;

absl::Status NotRead(const std::string& path) {
  return absl::NotFoundError(("cannot read " + Clean(path)).c_str());
}

// "412:9f3c...".
absl::StatusOr<AuditHead> ParseAnchor(std::string_view text) {
  AuditHead head;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, head.records);
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (error == std::errc() && at != end && *at == ':') head.hash = std::string(at + 1, end);
  if (head.records == 0 || head.hash.size() != 64 || !std::ranges::all_of(head.hash, is_digit)) {
    return absl::InvalidArgumentError(
        "--anchor takes RECORDS:HASH as `vedette verify` prints it, with 64 hexadecimal digits");
  }
  return head;
}

absl::StatusOr<AuditReport> Read(const std::string& path, AuditVerifyOptions options) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) return NotRead(path);
  }
  std::istream& in = path == "-" ? std::cin : file;
  AuditVerifier verifier(std::move(options));
  std::string buffer(kChunk, '\0');
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    const auto got = static_cast<size_t>(in.gcount());
    if (!verifier.Add(std::string_view(buffer).substr(0, got))) break;
  }
  if (in.bad()) return NotRead(path);
  return verifier.Finish();
}

// How many records of evidence are about the file, and how many of them do not fit its bytes.
struct EvidenceCheck {
  std::string path;
  uint64_t records = 0;
  uint64_t different = 0;
};

absl::StatusOr<EvidenceCheck> CheckEvidence(const std::string& path, const AuditReport& report) {
  EvidenceCheck out;
  out.path = path;
  std::ifstream file(path, std::ios::binary);
  if (!file) return NotRead(path);
  for (const RawEvidence& evidence : report.evidence) {
    if (evidence.source != path && BaseName(evidence.source) != BaseName(path)) continue;
    ++out.records;
    std::string raw;
    if (evidence.bytes <= kMaxEvidenceBytes) {
      file.clear();
      file.seekg(0, std::ios::end);
      const auto size = static_cast<uint64_t>(std::max<std::streamoff>(file.tellg(), 0));
      if (evidence.offset <= size && evidence.bytes <= size - evidence.offset) {
        raw.resize(evidence.bytes);
        file.seekg(static_cast<std::streamoff>(evidence.offset));
        file.read(raw.data(), static_cast<std::streamsize>(raw.size()));
        if (!file) raw.clear();
      }
    }
    if (!EvidenceMatches(evidence, raw)) ++out.different;
  }
  return out;
}

void PrintText(const std::string& path, const AuditReport& report, Console* console) {
  const Paint paint(console->color_out);
  std::string out;
  if (report.ok) {
    out.append(paint.Green()).append("ok").append(paint.Off()).append(": ").append(Clean(path));
    out.append(": ").append(Count(report.records, "record")).append(", ");
    out.append(Count(report.checkpoints, "checkpoint")).append("\n");
    if (report.records > 0) {
      out.append("anchor: ").append(std::to_string(report.head.records)).append(":");
      out.append(report.head.hash).append("\n");
    }
  } else {
    out.append(paint.Red()).append("bad").append(paint.Off()).append(": ").append(Clean(path));
    out.append(": record ").append(std::to_string(report.bad_record)).append(" at byte ");
    out.append(std::to_string(report.bad_offset)).append(": ").append(report.problem);
    out.append("\n").append(Count(report.records, "record")).append(" before it");
    out.append(report.records == 1 ? " is" : " are").append(" good\n");
    if (report.torn_tail) {
      out.append("the file breaks off within a record, as after a crash: cut it to ");
      out.append(Count(report.good_bytes, "byte")).append(" to go on\n");
    }
  }
  console->out->Write(out);
}

void PrintJson(const AuditReport& report, const std::vector<EvidenceCheck>& checks,
               Console* console) {
  std::string out = report.ok ? "{\"ok\":true" : "{\"ok\":false";
  AppendJsonMember("records", report.records, &out);
  AppendJsonMember("checkpoints", report.checkpoints, &out);
  AppendJsonMember("head", report.head.hash, &out);
  if (!report.ok) {
    AppendJsonMember("bad_record", report.bad_record, &out);
    AppendJsonMember("bad_offset", report.bad_offset, &out);
    AppendJsonMember("problem", report.problem, &out);
    out.append(",\"torn_tail\":").append(report.torn_tail ? "true" : "false");
  }
  out.append(",\"evidence\":[");
  for (size_t i = 0; i < checks.size(); ++i) {
    out.append(i > 0 ? ",{" : "{");
    AppendJsonMember("file", checks[i].path, &out);
    AppendJsonMember("records", checks[i].records, &out);
    AppendJsonMember("different", checks[i].different, &out);
    out.append("}");
  }
  console->out->WriteLine(out.append("]}"));
}

int Verify(const Options& options, Console* console) {
  if (options.arguments().empty()) {
    return Fail(absl::InvalidArgumentError("which audit log? Give a FILE, or - for standard input"),
                "verify", console);
  }
  AuditVerifyOptions verify;
  verify.keep_evidence = options.Has("evidence");
  if (options.Has("anchor")) {
    absl::StatusOr<AuditHead> anchor = ParseAnchor(options.Value("anchor"));
    if (!anchor.ok()) return Fail(anchor.status(), "verify", console);
    verify.anchor = *std::move(anchor);
  }
  const std::string& path = options.arguments()[0];
  const absl::StatusOr<AuditReport> report = Read(path, std::move(verify));
  if (!report.ok()) return Fail(report.status(), "verify", console);
  std::vector<EvidenceCheck> checks;
  bool fits = true;
  for (const std::string& name : options.Values("evidence")) {
    const absl::StatusOr<EvidenceCheck> check = CheckEvidence(name, *report);
    if (!check.ok()) return Fail(check.status(), "verify", console);
    fits = fits && check->records > 0 && check->different == 0;
    checks.push_back(*check);
  }
  if (options.Value("output") == "json") {
    PrintJson(*report, checks, console);
  } else {
    PrintText(path, *report, console);
    for (const EvidenceCheck& c : checks) {
      std::string line = Clean(c.path) + ": " + Count(c.records, "record") + " of evidence";
      if (c.records > 0) line += ", " + WithCommas(c.different) + " do not fit its bytes";
      console->out->WriteLine(line);
    }
  }
  return report->ok && fits ? kExitOk : kExitFailed;
}

}  // namespace

Command VerifyCommand() {
  CommandSpec spec;
  spec.name = "verify";
  spec.arguments = "FILE";
  spec.summary = "Check that nobody changed an audit log.";
  spec.description =
      "Names the first record that is not as it was written, and exits with 1. Records that are "
      "missing at the end only show against an anchor: what an earlier run printed.";
  spec.examples =
      "vedette verify audit.log\n"
      "vedette verify audit.log --evidence sysmon.jsonl";
  spec.max_arguments = 1;
  spec.options = {
      {"anchor", 'a', OptionKind::kValue, "RECORDS:HASH", "The log must go through this record."},
      {"evidence", 'e', OptionKind::kRepeat, "FILE",
       "Compare the bytes of a source with what the log says about it."},
      {"output", 'o', OptionKind::kValue, "FORM", "text (default) or json.", "text|json"},
      kColorOption,
  };
  return {std::move(spec), Verify};
}

}  // namespace vedette::inline v0::cli
