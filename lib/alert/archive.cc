#include "lib/alert/archive.h"

#include "absl/strings/str_cat.h"
#include "lib/alert/archive_alert.h"
#include "lib/base/xxh64.h"
#include "lib/program/saved_format.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kHeaderBytes = 26;

std::string MagicOf(char kind) { return std::string("\x89VA") + kind + "\r\n\x1a\n"; }

}  // namespace

void Saver::Uint(uint64_t n) { AppendVarint(n, out_); }
void Saver::Int(int64_t n) { AppendZigzag(n, out_); }
void Saver::Text(std::string_view text) { AppendText(text, out_); }

// 0: a new one follows; n: the n-th.
void Saver::Rule(std::shared_ptr<const AlertRule>& rule) {
  const auto known = known_.find(rule.get());
  if (known != known_.end()) return Uint(known->second);
  std::string bytes;
  Saver to_bytes(&bytes);
  AlertRule copy = *rule;
  Archive(to_bytes, copy);
  const auto [it, is_new] = rules_.try_emplace(bytes, rules_.size() + 1);
  known_.emplace(rule.get(), it->second);
  if (!is_new) return Uint(it->second);
  Uint(0);
  *out_ += bytes;
}

void Loader::Rule(std::shared_ptr<const AlertRule>& rule) {
  const uint64_t n = Uint();
  if (n == 0) {
    auto made = std::make_shared<AlertRule>();
    Archive(*this, *made);
    rules_.push_back(std::move(made));
    rule = rules_.back();
  } else if (n <= rules_.size()) {
    rule = rules_[static_cast<size_t>(n - 1)];
  } else {
    Fail("a rule is out of range");
    rule = std::make_shared<AlertRule>();
  }
}

std::string SealState(char kind, std::string_view body) {
  std::string out = MagicOf(kind);
  AppendFixed(kAlertStateForm, 2, &out);
  AppendFixed(body.size(), 8, &out);
  AppendFixed(Xxh64(body), 8, &out);
  out += body;
  return out;
}

absl::StatusOr<std::string_view> OpenState(char kind, std::string_view bytes) {
  if (bytes.size() < kHeaderBytes || !bytes.starts_with(MagicOf(kind))) {
    return absl::DataLossError("this is no snapshot of this kind");
  }
  ByteReader header(bytes.substr(8, kHeaderBytes - 8));
  const uint64_t form = header.Fixed(2);
  if (form != kAlertStateForm) {
    return absl::UnimplementedError(
        absl::StrCat("the snapshot has form ", form, "; this version reads ", kAlertStateForm));
  }
  const uint64_t size = header.Fixed(8);
  const std::string_view body = bytes.substr(kHeaderBytes);
  if (size != body.size() || header.Fixed(8) != Xxh64(body)) {
    return absl::DataLossError("the snapshot is damaged");
  }
  return body;
}

absl::Status EndOf(const Loader& in) {
  if (!in.ok()) return absl::DataLossError(absl::StrCat("the snapshot is damaged: ", in.error()));
  if (!in.at_end()) return absl::DataLossError("the snapshot goes on after its end");
  return absl::OkStatus();
}

}  // namespace vedette::inline v0
