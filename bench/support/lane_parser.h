// Parses the texts of a lane.
#ifndef VEDETTE_BENCH_SUPPORT_LANE_PARSER_H_
#define VEDETTE_BENCH_SUPPORT_LANE_PARSER_H_

#include <cstdlib>
#include <string_view>

#include "vedette/event.h"
#include "vedette/json.h"
#include "vedette/program.h"

namespace vedette::bench {

// A parser as a host would have it that runs only this program. Texts of a lane were parsed before,
// so failing is a bug here.
class LaneParser {
 public:
  explicit LaneParser(const Program* program) : parser_(OptionsFor(program)) {}
  const Event& Parse(std::string_view text) {
    if (!parser_.Parse(text, &event_).ok()) std::abort();
    return event_;
  }

 private:
  static JsonOptions OptionsFor(const Program* program) {
    JsonOptions options;
    options.only_fields_of = program;
    return options;
  }
  JsonParser parser_;
  Event event_;
};

}  // namespace vedette::bench

#endif  // VEDETTE_BENCH_SUPPORT_LANE_PARSER_H_
