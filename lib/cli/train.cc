// `vedette train`: incidents with known answers, for people to judge.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <sstream>
#include <utility>

#include "lib/cli/commands.h"
#include "lib/cli/events.h"
#include "lib/cli/load.h"
#include "lib/cli/report.h"
#include "lib/cli/save_file.h"
#include "lib/cli/text.h"
#include "vedette/alert/pipeline.h"
#include "vedette/engine.h"
#include "vedette/hunt/training.h"
#include "vedette/io/jsonl.h"

namespace vedette::inline v0::cli {
namespace {

constexpr std::string_view kHelp =
    "  next               the next alert of the case (or an empty line)\n"
    "  verdict WORD       true_positive, false_positive, benign, suspicious, test, insufficient\n"
    "  entity TYPE=VALUE  somebody or something it is about; may be repeated\n"
    "  technique T1059    how; may be repeated\n"
    "  action NAME        what should be done; may be repeated\n"
    "  reason TEXT        why, in your words\n"
    "  answer             that is the answer: on to the next case\n"
    "  quit               end here\n";

class AlertKeeper : public AlertSink {
 public:
  absl::Status OnAlert(const Alert& alert) override {
    alerts.push_back(alert);
    return absl::OkStatus();
  }
  std::vector<Alert> alerts;
};

class Relay : public DetectionSink {
 public:
  Relay(const LoadedRules& rules, AlertPipeline* pipeline) : rules_(rules), pipeline_(pipeline) {}
  absl::Status OnDetection(const Detection& d) override {
    return rules_.IsSelected(d) ? pipeline_->OnDetection(d) : absl::OkStatus();
  }

 private:
  const LoadedRules& rules_;
  AlertPipeline* pipeline_;
};

// The events of a case, from the scenario or from the file beside it.
absl::StatusOr<std::unique_ptr<EventReader>> EventsOf(const TrainingCase& c,
                                                      const std::string& scenario_path) {
  if (!c.events_file.empty()) {
    const std::filesystem::path beside = std::filesystem::path(scenario_path).parent_path();
    return OpenEvents((beside / c.events_file).string(), {});
  }
  auto text = std::make_shared<std::string>();
  for (const std::string& event : c.events) *text += event + "\n";
  return NewJsonlReader(c.id, [text, at = size_t{0}](char* buffer, size_t size) mutable {
    const size_t n = text->copy(buffer, size, at);
    at += n;
    return absl::StatusOr<size_t>(n);
  });
}

absl::StatusOr<std::vector<Alert>> AlertsOf(const TrainingCase& c, const std::string& scenario_path,
                                            const LoadedRules& rules) {
  auto reader = EventsOf(c, scenario_path);
  if (!reader.ok()) return reader.status();
  AlertKeeper keeper;
  PipelineOptions pipeline_options;
  pipeline_options.policy.on_close = AlertPolicy::OnClose::kRestart;
  pipeline_options.late_after_ns = INT64_MAX;
  pipeline_options.max_future_skew_ns = INT64_MAX;
  auto pipeline = AlertPipeline::Create(pipeline_options, &keeper);
  if (!pipeline.ok()) return pipeline.status();
  Relay relay(rules, pipeline->get());
  Engine engine(rules.program);
  ProcessorOptions processing;
  processing.evaluation.indicator_sets = rules.indicator_sets.get();
  const auto processor = engine.NewProcessor(&relay, processing);
  Event event;
  while (true) {
    const absl::StatusOr<bool> more = (*reader)->Next(&event);
    if (!more.ok()) return more.status();
    if (!*more) break;
    const bool ranged = c.from != kNoEventTime || c.to != INT64_MAX;
    if (ranged && (event.time() == kNoEventTime || event.time() < c.from || event.time() >= c.to)) {
      continue;
    }
    const EventView view = event.view();
    EventContext context;
    context.event = &view;
    context.raw = event.raw();
    context.tenant = "training";
    (*pipeline)->SetEvent(context);
    if (absl::Status s = processor->Process(view); !s.ok()) return s;
  }
  if (absl::Status s = processor->Flush(); !s.ok()) return s;
  if (absl::Status s = (*pipeline)->Flush(); !s.ok()) return s;
  return std::move(keeper.alerts);
}

// Leads one trainee through a session, by lines of text.
class Trainer {
 public:
  Trainer(TrainingSession* session, bool scripted, Console* console)
      : session_(session),
        scripted_(scripted),
        console_(console),
        begun_(std::chrono::steady_clock::now()) {}

  absl::Status Run(std::istream* in) {
    ShowCase();
    std::string line;
    uint64_t number = 0;
    while (!session_->done() && !Interrupted() && std::getline(*in, line)) {
      ++number;
      if (line == "quit") break;
      const absl::Status status = Do(line);
      if (status.ok()) continue;
      // A person may try again; a script is wrong.
      if (scripted_) {
        const std::string message = "line " + std::to_string(number) + ": " + MessageOf(status);
        return absl::InvalidArgumentError(message.c_str());
      }
      console_->out->WriteLine(Clean(MessageOf(status)));
      console_->out->Flush();
    }
    return absl::OkStatus();
  }

 private:
  // By the script ("@90 next": 90 seconds since the beginning), else by the clock.
  absl::StatusOr<EventTime> Now(std::string_view* line) {
    if (!scripted_) {
      return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() -
                                                                  begun_)
          .count();
    }
    if (!line->starts_with('@')) return script_time_;
    const size_t blank = std::min(line->find(' '), line->size());
    const std::string digits(line->substr(1, blank - 1));
    constexpr size_t kMostDigits = 9;
    if (digits.empty() || digits.size() > kMostDigits ||
        digits.find_first_not_of("0123456789") != std::string::npos) {
      return absl::InvalidArgumentError("@ stands before seconds");
    }
    script_time_ = static_cast<EventTime>(std::stoll(digits)) * 1'000'000'000;
    *line = line->substr(std::min(blank + 1, line->size()));
    return script_time_;
  }

  absl::Status Do(std::string_view line) {
    if (line.starts_with('#')) return absl::OkStatus();
    const absl::StatusOr<EventTime> now = Now(&line);
    if (!now.ok()) return now.status();
    const size_t blank = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, blank);
    const std::string rest(line.substr(std::min(blank + 1, line.size())));
    if (word.empty() && scripted_) return absl::OkStatus();
    if (word == "next" || word.empty()) return Next(*now);
    if (word == "answer") return Submit(*now);
    if (word == "help") {
      console_->out->Write(kHelp);
      console_->out->Flush();
      return absl::OkStatus();
    }
    return Note(word, rest);
  }

  absl::Status Note(std::string_view word, const std::string& rest) {
    if (rest.empty()) return absl::InvalidArgumentError("what? `help` lists what can be said");
    if (word == "verdict") {
      const std::optional<Verdict> verdict = VerdictByName(rest);
      if (!verdict.has_value() || *verdict == Verdict::kNone) {
        return absl::InvalidArgumentError("that is no verdict; `help` lists them");
      }
      answer_.verdict = *verdict;
    } else if (word == "entity") {
      const size_t equals = rest.find('=');
      const std::optional<EntityType> type = EntityTypeByName(rest.substr(0, equals));
      if (equals == std::string::npos || !type.has_value()) {
        return absl::InvalidArgumentError("an entity is TYPE=VALUE, as device=ws1");
      }
      answer_.entities.push_back({*type, rest.substr(equals + 1)});
    } else if (word == "technique") {
      answer_.techniques.push_back(rest);
    } else if (word == "action") {
      answer_.actions.push_back(rest);
    } else if (word == "reason") {
      answer_.reason = rest;
    } else {
      return absl::InvalidArgumentError("unknown; `help` lists what can be said");
    }
    return absl::OkStatus();
  }

  absl::Status Next(EventTime now) {
    const absl::StatusOr<TrainingStep> step = session_->Next(now);
    if (absl::IsOutOfRange(step.status())) {
      console_->out->WriteLine("no further alert; give your verdict, then `answer`");
      console_->out->Flush();
      return absl::OkStatus();
    }
    if (!step.ok()) return step.status();
    const Alert& a = *step->alert;
    std::string out = "\nAlert " + std::to_string(step->number) + " of " +
                      std::to_string(step->total) + "  " + FormatEventTime(a.event_time) + "  " +
                      std::string(LevelName(a.severity)) + "\n  " + Clean(a.rule->title) + "\n";
    if (!a.command_line.empty()) out += "  command   " + Clean(a.command_line) + "\n";
    for (const AlertEntity& e : a.entities) {
      out += "  entity    " + std::string(EntityTypeName(e.entity.type)) + "=" +
             Clean(e.entity.value) + " (" + Clean(e.role) + ")\n";
    }
    for (const MatchedField& m : a.matched) {
      out += "  because   " + Clean(m.field) + " is " + Clean(m.value) + "\n";
    }
    console_->out->Write(out);
    console_->out->Flush();
    return absl::OkStatus();
  }

  absl::Status Submit(EventTime now) {
    const std::string id = session_->current()->id;
    if (absl::Status s = session_->Answer(answer_, now); !s.ok()) return s;
    answer_ = {};
    const TrainingReport report = session_->Report();
    const CaseScore& score = report.cases.back();
    std::string out = "\n" + std::string(score.correct ? "Right" : "Wrong") + ": it is " +
                      std::string(VerdictName(score.expected)) + ". Entities " +
                      std::to_string(score.entities.right) + " of " +
                      std::to_string(score.entities.expected) + ", techniques " +
                      std::to_string(score.techniques.right) + " of " +
                      std::to_string(score.techniques.expected) + ", actions " +
                      std::to_string(score.actions.right) + " of " +
                      std::to_string(score.actions.expected) + ".\n";
    const std::string why = session_->ExplanationOf(id);
    if (!why.empty()) AppendWrapped(Clean(why), 0, console_->width, &out);
    console_->out->Write(out);
    ShowCase();
    return absl::OkStatus();
  }

  void ShowCase() {
    const TrainingSession::CaseView* const c = session_->current();
    if (c == nullptr) return;
    std::string out = "\nCase " + std::to_string(c->number) + " of " + std::to_string(c->total) +
                      ": " + Clean(c->title) + ", " + Count(c->alerts, "alert") + "\n";
    if (!c->briefing.empty()) AppendWrapped(Clean(c->briefing), 0, console_->width, &out);
    if (!session_->actions().empty()) {
      std::string actions = "actions:";
      for (const std::string& a : session_->actions()) actions += " " + Clean(a);
      AppendWrapped(actions, 0, console_->width, &out);
    }
    if (c->number == 1 && !scripted_) out += std::string(kHelp);
    console_->out->Write(out);
    console_->out->Flush();
  }

  TrainingSession* session_;
  const bool scripted_;
  Console* const console_;
  const std::chrono::steady_clock::time_point begun_;
  EventTime script_time_ = 0;
  TrainingAnswer answer_;
};

absl::StatusOr<TrainingScenario> ScenarioOf(const std::string& path, Console* console) {
  absl::StatusOr<std::string> text = ReadTextFile(path);
  if (!text.ok()) return text.status();
  DiagnosticSink sink;
  std::optional<TrainingScenario> scenario = LoadTrainingScenario({path, *std::move(text)}, &sink);
  for (const Diagnostic& d : sink.Take()) {
    console->err->Write(ShowDiagnostic(d, console->color_err));
  }
  if (scenario.has_value()) return *std::move(scenario);
  const std::string message = Clean(path) + " is no scenario that can be used";
  return absl::FailedPreconditionError(message.c_str());
}

absl::StatusOr<std::unique_ptr<TrainingSession>> SessionOf(const Options& options,
                                                           const LoadedRules& rules,
                                                           Console* console) {
  const absl::StatusOr<uint64_t> seed = options.Number("seed", 1);
  if (!seed.ok()) return seed.status();
  const std::string path(options.Value("scenario"));
  absl::StatusOr<TrainingScenario> scenario = ScenarioOf(path, console);
  if (!scenario.ok()) return scenario.status();
  std::vector<std::vector<Alert>> alerts;
  for (const TrainingCase& c : scenario->cases) {
    absl::StatusOr<std::vector<Alert>> of_case = AlertsOf(c, path, rules);
    if (!of_case.ok()) return of_case.status();
    if (of_case->empty()) {
      console->Error("note: the rules give no alert for the case '" + Clean(c.id) + "'");
    }
    alerts.push_back(*std::move(of_case));
  }
  return TrainingSession::Start(*std::move(scenario), std::move(alerts),
                                std::string(options.Value("trainee", "trainee")), *seed);
}

int Train(const Options& options, Console* console) {
  for (const char* const name : {"scenario", "rules"}) {
    if (options.Has(name)) continue;
    const std::string message = std::string("--") + name + " is missing";
    return Fail(absl::InvalidArgumentError(message.c_str()), "train", console);
  }
  const absl::StatusOr<LoadedRules> rules = LoadRules(options, {}, {.only_selected = true});
  if (!rules.ok()) return Fail(rules.status(), "train", console);
  ReportSkipped(*rules, console);
  const auto session = SessionOf(options, *rules, console);
  if (!session.ok()) return Fail(session.status(), "train", console);
  const bool scripted = options.Has("answers");
  absl::Status led;
  Trainer trainer(session->get(), scripted, console);
  if (scripted) {
    const std::string path(options.Value("answers"));
    const absl::StatusOr<std::string> script = ReadTextFile(path);
    if (!script.ok()) return Fail(script.status(), "train", console);
    std::istringstream in(*script);
    led = trainer.Run(&in);
    if (!led.ok()) {
      console->Error(Clean(path + ": " + MessageOf(led)));
      return kExitFailed;
    }
  } else {
    led = trainer.Run(&std::cin);
  }
  const TrainingReport report = (*session)->Report();
  console->out->Write("\n" + TrainingReportToMarkdown(report));
  if (options.Has("report")) {
    const std::string path(options.Value("report"));
    const absl::Status saved =
        SaveFile(path, path.ends_with(".md") ? TrainingReportToMarkdown(report)
                                             : TrainingReportToJson(report) + "\n");
    if (!saved.ok()) return Fail(saved, "train", console);
  }
  return Interrupted() ? kExitInterrupted : kExitOk;
}

}  // namespace

Command TrainCommand() {
  CommandSpec spec;
  spec.name = "train";
  spec.summary = "Judge incidents with known answers, and be scored.";
  spec.description =
      "Runs rules over the events of a scenario and shows the alerts of each case step by step, "
      "without the answer. What the trainee says is scored: the verdict, the entities, techniques "
      "and actions named, and the time. The seed decides the order of the cases. With --answers "
      "the "
      "same is read from a file, with times that stand there: the same file gives the same score.";
  spec.examples =
      "vedette train --scenario examples/data/training/larkfield.json --rules rules\n"
      "vedette train --scenario s.json -r rules --answers ann.txt --report ann.json";
  spec.options = {
      {"scenario", 0, OptionKind::kValue, "FILE", "The scenario: cases with their answers."},
      {"answers", 0, OptionKind::kValue, "FILE",
       "What the trainee says, a line each, instead of standard input; `@90 answer` is said 90 "
       "seconds after the beginning."},
      {"seed", 0, OptionKind::kValue, "N", "Decides the order of the cases. Default: 1."},
      {"trainee", 0, OptionKind::kValue, "NAME", "Who it is, for the report."},
      {"report", 0, OptionKind::kValue, "FILE",
       "Write the score: JSON, or Markdown if the name ends in .md."},
  };
  for (OptionSpec& o : RuleOptions()) spec.options.push_back(o);
  for (OptionSpec& o : FilterOptions()) spec.options.push_back(o);
  spec.options.push_back(kColorOption);
  return {std::move(spec), Train};
}

}  // namespace vedette::inline v0::cli
