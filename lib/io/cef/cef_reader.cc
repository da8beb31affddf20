#include <utility>

#include "lib/io/cef/cef_parser.h"
#include "vedette/io/cef.h"

namespace vedette::inline v0 {
namespace {

class CefLineParser final : public LineParser {
 public:
  explicit CefLineParser(TextOptions options) : options_(std::move(options)) {}

  ParseOutcome Parse(std::string_view line, Event* event) override {
    if (!StartsCef(line)) return {ParseOutcome::Kind::kBroken, "no CEF or LEEF record"};
    fields_.Clear();
    EventTime time = kNoEventTime;
    const ParseOutcome outcome = ParseCef(line, options_, &event->arena(), &fields_, &time);
    if (outcome.kind == ParseOutcome::Kind::kEvent ||
        outcome.kind == ParseOutcome::Kind::kIncomplete) {
      FinishEvent(options_, fields_.TakeObject(0, &event->arena()), event);
      if (time != kNoEventTime) event->set_time(time);
    }
    return outcome;
  }

 private:
  TextOptions options_;
  RecordFields fields_;
};

}  // namespace

std::unique_ptr<EventReader> NewCefReader(std::string name, ByteSource bytes, TextOptions options) {
  auto parser = std::make_unique<CefLineParser>(options);
  return NewLineReader(std::move(name), std::move(bytes), options, std::move(parser));
}

}  // namespace vedette::inline v0
