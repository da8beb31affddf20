// An aggregate of the host in a rule over a window: one address that tries many users about equally
// often is spraying passwords, one that tries a single user is not.
#include <cmath>
#include <cstdio>
#include <map>
#include <string>

#include "vedette/compiler.h"
#include "vedette/engine.h"
#include "vedette/frontends/vedette.h"
#include "vedette/json.h"

// Shannon's entropy, in bits, of the texts that a field has.
class Entropy : public vedette::AggregateState {
 public:
  void Add(std::span<const vedette::Value> values) override {
    ++counts_[std::string(values[0].string())];
    ++total_;
  }
  // Optional: without it the state would be made anew when an event leaves the window.
  bool Remove(std::span<const vedette::Value> values) override {
    const auto it = counts_.find(std::string(values[0].string()));
    if (--it->second == 0) counts_.erase(it);
    --total_;
    return true;
  }
  vedette::Value Result(vedette::ValueArena* /*arena*/) const override {
    double bits = 0;
    for (const auto& [text, count] : counts_) {
      const double share = static_cast<double>(count) / static_cast<double>(total_);
      bits -= share * std::log2(share);
    }
    return total_ == 0 ? vedette::Value::Null() : vedette::Value::Double(bits);
  }
  size_t bytes() const override { return sizeof(*this) + counts_.size() * 96; }

 private:
  std::map<std::string, int> counts_;
  int total_ = 0;
};

constexpr char kRule[] = R"(
rule password_spraying {
  meta { severity = high attack = ["T1110.003"] }
  match window 10m by source.ip
    fails: [authentication where event.outcome == "failure"]
  having entropy(fails.user.name) >= 3
  outcome { bits = entropy(fails.user.name) }
})";

struct Printer : vedette::DetectionSink {
  absl::Status OnDetection(const vedette::Detection& d) override {
    std::puts(vedette::DetectionToJson(d).c_str());
    ++count;
    return absl::OkStatus();
  }
  int count = 0;
};

int main() {
  vedette::FunctionRegistry functions;
  vedette::HostAggregate entropy;
  entropy.name = "entropy";
  entropy.arguments = {vedette::ValueType::kString};
  entropy.result = vedette::ValueType::kNumber;
  entropy.make = [] { return std::make_unique<Entropy>(); };
  entropy.rising = true;  // the rule speaks at the event, not when the window closes
  if (!functions.AddAggregate(std::move(entropy)).ok()) return 1;

  vedette::CompilerOptions options;
  options.functions = &functions;
  vedette::Compiler compiler(options);
  compiler.AddFrontend(vedette::VedetteFrontend({.functions = &functions}));
  vedette::RuleSet rules;
  rules.Add("spraying.vdt", kRule);
  const auto built = compiler.Compile(rules);
  if (!built.ok()) return 1;
  for (const vedette::Diagnostic& d : built->diagnostics) {
    std::fputs(vedette::FormatDiagnostic(d).c_str(), stderr);
  }

  Printer sink;
  vedette::Engine engine(built->program);
  auto processor = engine.NewProcessor(&sink);
  vedette::JsonParser parser;
  vedette::Event event;
  for (int i = 0; i < 40; ++i) {
    // 10.0.0.1 tries one user, 10.0.0.2 one after the other.
    const std::string user = i % 2 == 0 ? "root" : "user" + std::to_string(i);
    const std::string json =
        R"({"@timestamp":"2026-11-25T10:00:)" + std::to_string(10 + i) +
        R"(Z","event":{"category":"authentication","outcome":"failure"},"source":{"ip":"10.0.0.)" +
        std::to_string(1 + i % 2) + R"("},"user":{"name":")" + user + R"("}})";
    if (!parser.Parse(json, &event).ok() || !processor->Process(event.view()).ok()) return 1;
  }
  if (!processor->Flush().ok()) return 1;
  return sink.count == 1 ? 0 : 1;
}
